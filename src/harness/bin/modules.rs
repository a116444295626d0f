//! The tests of public Go modules under `go test -race` and `gorace test`: the same ones pass and fail, and how long both take.
//!
//! The modules are Debian's (`modules.txt`); what is not installed is left out, or installed first with `--install`.

use clap::Parser;
use gorace_harness::modules::{self, Module, Results};
use gorace_harness::tool;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// See the file.
const KNOWN: &str = include_str!("../modules_known.txt");

/// The two commands.
const THEIRS: [&str; 4] = ["test", "-race", "-vet=off", "-count=1"];
const OURS: [&str; 2] = ["test", "-count=1"];

/// Runs the tests of public modules under Go and under gorace.
#[derive(Parser)]
struct Arguments {
    /// Only modules whose import path contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Seconds that the tests of a module's package may take; a module may take five times as long.
    #[arg(long, default_value_t = 120)]
    seconds: u64,
    /// Install the Debian packages that are missing.
    #[arg(long)]
    install: bool,
    /// What differing tests print.
    #[arg(long)]
    verbose: bool,
    /// Lay the modules out in this folder, and leave them there.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Packages whose import path contains one of these are not run.
    #[arg(long)]
    skip: Vec<String>,
    /// With Go's `-short`.
    #[arg(long)]
    short: bool,
}

/// One side's run of a module's tests.
struct Run {
    results: Results,
    output: std::collections::BTreeMap<(String, String), String>,
    seconds: f64,
    ended: bool,
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    let gorace = tool::gorace()?;
    let go = tool::sdk_root()?.join("bin/go");
    let wanted: Vec<Module> = modules::list().into_iter().filter(|m| m.path.contains(&a.only)).collect();
    if a.install {
        install(&wanted)?;
    }
    let known: Vec<(&str, &str)> = KNOWN.lines().filter(|l| !l.starts_with('#')).filter_map(known).collect();
    let (mut ran, mut same, mut tests, mut differ, mut listed, mut again) = (0, 0, 0, 0, 0, 0);
    let (mut ratios, mut missing) = (Vec::new(), Vec::new());
    for module in &wanted {
        if !Path::new(modules::SOURCES).join(module.path).is_dir() {
            missing.push(module.package);
            continue;
        }
        let temporary = tempfile::tempdir().map_err(|e| e.to_string())?;
        let folder = a.folder.as_deref().unwrap_or(temporary.path()).join(module.path);
        modules::lay_out(module, &folder)?;
        let theirs = test(a, Command::new(&go).args(THEIRS), "./...", &folder)?;
        let ours = test(a, Command::new(&gorace).args(OURS), "./...", &folder)?;
        let mut lines = Vec::new();
        let mut counted = 0;
        let keys: std::collections::BTreeSet<_> = theirs.results.keys().chain(ours.results.keys()).collect();
        for key in keys.into_iter().filter(|(package, _)| !a.skip.iter().any(|s| package.contains(s))) {
            let of = |run: &Run| run.results.get(key).map_or("not run", String::as_str).to_string();
            let (theirs_said, ours_said) = (of(&theirs), of(&ours));
            let (package, name) = key;
            if name.is_empty() || name.contains('/') {
                // Packages and parents fail where a test does; a package that could not be built has nothing else.
                let tells = name.is_empty() && theirs.results.keys().all(|(p, n)| p != package || n.is_empty());
                if !tells || theirs_said == ours_said || ours_said == "not run" {
                    continue;
                }
            } else {
                counted += 1;
            }
            if theirs_said == ours_said {
                continue;
            }
            let failed = match (theirs_said.as_str(), ours_said.as_str()) {
                ("pass", _) => Some((gorace.as_path(), &OURS[..])),
                (_, "pass") => Some((go.as_path(), &THEIRS[..])),
                _ => None,
            };
            if let Some(failed) = failed.filter(|_| !name.is_empty())
                && passes_again(a, failed, &folder, package, name)?
            {
                again += 1;
                continue;
            }
            let is_known = |&(p, t): &(&str, &str)| p == package && (t == "*" || t.trim_start_matches('?') == name);
            if known.iter().any(is_known) {
                listed += 1;
                continue;
            }
            lines.push(format!("  differs  {package} {name}: go {theirs_said}, gorace {ours_said}"));
            if a.verbose {
                let told = ours.output.get(key).or_else(|| ours.output.get(&(package.clone(), String::new())));
                lines.extend(told.map_or("", String::as_str).lines().take(60).map(|l| format!("    | {l}")));
            }
        }
        let ratio = ours.seconds / theirs.seconds.max(0.01);
        let cut = |run: &Run| if run.ended { "" } else { ", cut off" };
        println!(
            "{:<8} {}: {counted} tests, {} differ; go {:.1} s{}, gorace {:.1} s{}, ratio {ratio:.2}",
            if lines.is_empty() { "same" } else { "differs" },
            module.path,
            lines.len() - lines.iter().filter(|l| l.starts_with("    |")).count(),
            theirs.seconds,
            cut(&theirs),
            ours.seconds,
            cut(&ours),
        );
        lines.iter().for_each(|line| println!("{line}"));
        ran += 1;
        tests += counted;
        same += u32::from(lines.is_empty());
        differ += lines.iter().filter(|l| !l.starts_with("    |")).count();
        ratios.push(ratio);
    }
    if !missing.is_empty() {
        println!("not installed (--install does): {}", missing.join(" "));
    }
    let mean = (ratios.iter().map(|r| r.ln()).sum::<f64>() / ratios.len().max(1) as f64).exp();
    let worst = ratios.iter().copied().fold(0.0, f64::max);
    println!(
        "{ran} modules: {same} the same, {tests} tests, {differ} differ, {listed} are listed, {again} passed when they \
         were run again; wall time beside go test -race: mean {mean:.2}, worst {worst:.2}"
    );
    Ok(ExitCode::from(u8::from(differ > 0)))
}

fn known(line: &'static str) -> Option<(&'static str, &'static str)> {
    let mut words = line.splitn(3, ' ');
    let pair = (words.next()?, words.next()?);
    words.next().map(|_| pair)
}

/// Whether a test that failed beside others passes by itself, in one of three runs: what is timed by the clock does.
fn passes_again(
    a: &Arguments,
    (program, words): (&Path, &[&str]),
    folder: &Path,
    package: &str,
    name: &str,
) -> Result<bool, String> {
    for _ in 0..3 {
        let mut command = Command::new(program);
        command.args(words).args(["-run", &format!("^{name}$")]);
        let run = test(a, &mut command, package, folder)?;
        if run.results.get(&(package.to_string(), name.to_string())).is_some_and(|said| said == "pass") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Installs Debian's packages.
fn install(wanted: &[Module]) -> Result<(), String> {
    let mut command = Command::new("apt-get");
    command.args(["install", "-y", "-q", "--no-install-recommends"]).args(wanted.iter().map(|m| m.package));
    let status = command.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("apt-get install ended with {status}")),
        Err(e) => Err(format!("apt-get: {e}")),
    }
}

fn test(a: &Arguments, command: &mut Command, packages: &str, folder: &Path) -> Result<Run, String> {
    command.args(["-json", "-timeout", &format!("{}s", a.seconds)]);
    if a.short {
        command.arg("-short");
    }
    command.arg(packages).current_dir(folder);
    let set = [
        ("GOFLAGS", "-mod=vendor"),
        ("GOWORK", "off"),
        ("GOPROXY", "off"),
        ("GOTOOLCHAIN", "local"),
        ("GO111MODULE", "on"),
    ];
    command.envs(set);
    let start = Instant::now();
    let ran = tool::run_within(command, Duration::from_secs(a.seconds * 5)).map_err(|e| e.to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    let (results, output) = modules::read(&String::from_utf8_lossy(&ran.output));
    Ok(Run { results, output, seconds, ended: ran.status.is_some() })
}
