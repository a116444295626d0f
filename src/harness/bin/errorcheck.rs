//! Go's own `// errorcheck` programs (`test/` of Debian's golang-1.19-src): which lines are reported, beside `go tool
//! compile` of the SDK.
//!
//! The files are of Go 1.19 and the judge is the SDK's compiler, so the expectation is what it reports today and not the
//! comments. Only places are compared: type-fixtures compares words. Files whose flags ask for the back end's notes
//! (escape analysis, liveness, SSA passes) or for another mode of the compiler are left out and counted.

use clap::Parser;
use gorace_harness::tool;
use gorace_harness::typecheck::{Unit, Universe, imports_of, read};
use gorace_types::Config;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Checks Go's errorcheck programs and prints the share of lines and files that agree with Go.
#[derive(Parser)]
struct Arguments {
    /// The folder of Go's test programs.
    #[arg(long, default_value = "/usr/share/go-1.19/test")]
    folder: PathBuf,
    /// Only files whose path contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Print the lines that differ in each file.
    #[arg(long)]
    verbose: bool,
}

/// The least share of lines that must agree, in percent.
const BAR: f64 = 95.0;

struct Program {
    path: PathBuf,
    /// What the first line asks of the compiler.
    flags: Vec<String>,
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    if !a.folder.is_dir() {
        let place = a.folder.display();
        return Err(format!(
            "{place}: no such folder: install Debian's golang-1.19-src, or name Go's test folder with --folder"
        ));
    }
    let mut programs = Vec::new();
    let mut left_out = 0;
    collect(&a.folder, &mut programs, &mut left_out)?;
    programs.retain(|p| p.path.display().to_string().contains(&a.only));
    programs.sort_by(|x, y| x.path.cmp(&y.path));
    if programs.is_empty() {
        return Err(format!("{}: no errorcheck file has {:?} in its path", a.folder.display(), a.only));
    }
    let mut imports = BTreeSet::new();
    for program in &programs {
        imports.extend(imports_of(&read(&program.path)?));
    }
    let mut universe = Universe::load(&imports)?;
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let go = tool::sdk_root()?.join("bin/go");
    let config = folder.path().join("importcfg");
    std::fs::write(&config, import_config(&go, &imports)?).map_err(|e| format!("{}: {e}", config.display()))?;
    let expected: Vec<Result<BTreeSet<u32>, String>> =
        programs.par_iter().map(|p| lines_of_go(&go, &config, p)).collect();
    let (mut both, mut either, mut right) = (0, 0, 0);
    for (program, expected) in programs.iter().zip(expected) {
        let expected = expected?;
        let lang = program.flags.iter().find_map(|f| f.strip_prefix("-lang=go1.")).and_then(|m| m.parse().ok());
        let unit = Unit {
            path: "p".to_string(),
            files: vec![(program.path.clone(), read(&program.path)?)],
            config: Config { go_minor: lang.unwrap_or(27), ..Config::default() },
            after_syntax_errors: false,
        };
        let reported: BTreeSet<u32> = universe.check(&unit).iter().map(|m| m.line).collect();
        both += expected.intersection(&reported).count();
        either += expected.union(&reported).count();
        if expected == reported {
            right += 1;
            continue;
        }
        let name = program.path.strip_prefix(&a.folder).unwrap_or(&program.path).display();
        println!("differs  {name} ({})", expected.symmetric_difference(&reported).count());
        if a.verbose {
            expected.difference(&reported).for_each(|line| println!("    {name}:{line}: not reported"));
            reported.difference(&expected).for_each(|line| println!("    {name}:{line}: no error expected"));
        }
    }
    let share = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
    println!(
        "{} errorcheck files ({left_out} left out: notes of the back end): {right} agree wholly, {:.1} %; {both} of {either} lines agree, {:.1} %",
        programs.len(),
        share(right, programs.len()),
        share(both, either)
    );
    Ok(ExitCode::from(u8::from(share(both, either) < BAR)))
}

/// Finds the programs below a folder; counts those whose flags ask for something else than errors.
fn collect(folder: &Path, programs: &mut Vec<Program>, left_out: &mut usize) -> Result<(), String> {
    for entry in std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))? {
        let path = entry.map_err(|e| format!("{}: {e}", folder.display()))?.path();
        if path.is_dir() {
            collect(&path, programs, left_out)?;
        } else if path.extension().is_some_and(|e| e == "go") {
            let text = read(&path)?;
            let text = String::from_utf8_lossy(&text);
            // A build constraint may stand in front of the test's own line.
            let mut lines =
                text.lines().filter(|l| !l.is_empty() && !l.starts_with("//go:build") && !l.starts_with("// +build"));
            let Some(rest) = lines.next().and_then(|l| l.strip_prefix("// errorcheck")) else { continue };
            if !rest.is_empty() && !rest.starts_with(' ') {
                continue;
            }
            let flags: Vec<String> = rest.split_whitespace().map(str::to_string).collect();
            if flags.iter().all(|f| f.starts_with("-lang=") || f == "-d=panic" || f == "-e") {
                programs.push(Program { path, flags });
            } else {
                *left_out += 1;
            }
        }
    }
    Ok(())
}

/// The import configuration of `go tool compile` for the packages of the standard library among the imports.
fn import_config(go: &Path, imports: &BTreeSet<String>) -> Result<String, String> {
    let sources = tool::sdk_sources()?;
    let plain = |i: &&String| {
        i.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'/') && i.split('/').all(|part| !part.is_empty())
    };
    let known = imports.iter().filter(plain).filter(|i| *i != "unsafe" && sources.join(i).is_dir());
    let output = Command::new(go)
        .args(["list", "-e", "-export", "-deps", "-f", "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}"])
        .args(known)
        .output()
        .map_err(|e| format!("{}: {e}", go.display()))?;
    if !output.status.success() {
        return Err(format!("go list: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).to_string())
}

/// The lines that Go's compiler reports, all of them (`-e`), without columns (`-C`).
///
/// The object goes to a file of the call's own: the compiler removes its output when it fails, whatever that is, so a
/// device as the output would be deleted.
fn lines_of_go(go: &Path, config: &Path, program: &Program) -> Result<BTreeSet<u32>, String> {
    let object = tempfile::NamedTempFile::new().map_err(|e| e.to_string())?;
    let output = Command::new(go)
        .args(["tool", "compile", "-p=p", "-C", "-e", "-importcfg"])
        .arg(config)
        .arg("-o")
        .arg(object.path())
        .args(&program.flags)
        .arg(&program.path)
        .output()
        .map_err(|e| format!("{}: {e}", go.display()))?;
    let text = String::from_utf8_lossy(&output.stdout).to_string() + &String::from_utf8_lossy(&output.stderr);
    // A line directive may have given the file another name. Lines that go on begin with a tab.
    let line = |l: &str| l.split_once(".go:")?.1.split(':').next()?.parse().ok();
    let lines: BTreeSet<u32> = text.lines().filter(|l| !l.starts_with('\t')).filter_map(line).collect();
    if !output.status.success() && lines.is_empty() {
        return Err(format!("{}: go tool compile fails without naming a line: {text}", program.path.display()));
    }
    Ok(lines)
}
