//! Ways to die: the programs of corpus/deaths, each run by Go and by gorace, without race checks and with them; what they
//! print and how they end is compared.
//!
//! Go is the judge: `go build` makes the executable that is run. Both streams are one. What differs from run to run, or is the
//! implementation's own, is taken out of both texts before they are compared (`plain`):
//!
//! - addresses, offsets in functions, arguments' values (`f(0x1, {0x2, 0x3})` is `f(...)`; that `f()` has none is kept), numbers of
//!   goroutines other than 1, process ids, how long somebody has waited;
//! - of GOTRACEBACK's level *system*, at which the runtime's own faults and signals are told: registers, the scheduler's words, the runtime's
//!   stack and its goroutines, and frames of functions of package runtime that are not exported, but for its `main` and `goexit`; how many
//!   frames were left out of a deep stack; blank lines at the end;
//! - the lines of the SDK's files in packages that gorace replaces, wholly or in part (runtime, sync, internal/sync).
//!
//! Lines of a program's first comment: `env: NAME=VALUE` is set for it; `races` says that it has a race, which Go without race checks does not
//! tell: it is run without them only; `differs: REASON` lists it as one that is not equal, and why.

use clap::Parser;
use gorace_harness::tool::{self, Ran};
use rayon::prelude::*;
use regex::Regex;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// Runs programs that die under Go and under gorace and prints which deaths differ.
#[derive(Parser)]
struct Arguments {
    /// The folder of the programs.
    #[arg(long, default_value = "corpus/deaths")]
    folder: PathBuf,
    /// Only programs whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Seconds that a program may take.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Whole texts of those that differ.
    #[arg(long)]
    show: bool,
    /// What is not compared is shown, too.
    #[arg(long)]
    raw: bool,
    /// Do not run them with race checks.
    #[arg(long)]
    no_race: bool,
}

/// A program of the folder, with what its first comment says.
struct Program {
    path: PathBuf,
    name: String,
    env: Vec<(String, String)>,
    races: bool,
    differs: Option<String>,
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    let gorace = tool::gorace()?;
    let root = tool::sdk_root()?;
    let folder = a.folder.canonicalize().map_err(|e| format!("{}: {e}", a.folder.display()))?;
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut programs: Vec<Program> = entries.flatten().filter_map(|e| program(&e.path())).collect();
    programs.retain(|p| p.name.contains(&a.only));
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    let filter = Filter::new(&root)?;
    let judged: Vec<Result<Vec<String>, String>> =
        programs.par_iter().map(|program| judge(a, &gorace, &root, &filter, program)).collect();
    let (mut equal, mut listed, mut differ) = (0, 0, 0);
    for (program, differences) in programs.iter().zip(judged) {
        let differences = differences.map_err(|e| format!("{}: {e}", program.name))?;
        match &program.differs {
            _ if differences.is_empty() => {
                equal += 1;
                if program.differs.is_some() {
                    println!("equal although listed  {}", program.name);
                }
            }
            Some(reason) => {
                listed += 1;
                println!("listed   {}: {reason}", program.name);
            }
            None => differ += 1,
        }
        for difference in differences.iter().filter(|_| program.differs.is_none() || a.show) {
            println!("differs  {}: {difference}", program.name);
        }
    }
    println!(
        "{} ways to die: {equal} as in Go, {:.1} %; {listed} listed with a reason, {differ} differ",
        programs.len(),
        100.0 * f64::from(equal) / programs.len().max(1) as f64
    );
    Ok(ExitCode::from(u8::from(differ > 0)))
}

fn program(path: &Path) -> Option<Program> {
    let name = path.file_name()?.to_str()?.strip_suffix(".go")?.to_string();
    let text = std::fs::read_to_string(path).ok()?;
    let mut program = Program { path: path.to_path_buf(), name, env: Vec::new(), races: false, differs: None };
    for line in text.lines().map_while(|line| line.strip_prefix("//")).map(str::trim) {
        if let Some((name, value)) = line.strip_prefix("env: ").and_then(|rest| rest.split_once('=')) {
            program.env.push((name.to_string(), value.to_string()));
        } else if let Some(reason) = line.strip_prefix("differs: ") {
            program.differs = Some(reason.to_string());
        } else if line == "races" {
            program.races = true;
        }
    }
    Some(program)
}

/// How one of our runs differs from Go's, for each that does.
fn judge(a: &Arguments, gorace: &Path, root: &Path, filter: &Filter, program: &Program) -> Result<Vec<String>, String> {
    let limit = Duration::from_secs(a.seconds);
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let executable = folder.path().join("program");
    let built = Command::new(root.join("bin/go"))
        .args(["build", "-o"])
        .arg(&executable)
        .arg(&program.path)
        .current_dir(folder.path())
        .envs([("GOTOOLCHAIN", "local"), ("GOFLAGS", "")])
        .env("GOROOT", root)
        .output()
        .map_err(|e| e.to_string())?;
    if !built.status.success() {
        return Err(String::from_utf8_lossy(&built.stderr).into_owned());
    }
    let text = |command: &mut Command| {
        command.current_dir(folder.path()).env_remove("GODEBUG").env_remove("GOTRACEBACK").env("GOROOT", root);
        command.envs(program.env.iter().map(|(k, v)| (k, v)));
        let ran = tool::run_within(command, limit).map_err(|e| e.to_string())?;
        // As `go run` does, `gorace run` says how the program ended.
        let end = match ran {
            Ran { status: Some(status), .. } => format!("[status {status}]\n"),
            Ran { status: None, .. } => "[ended by a signal, or its time]\n".to_string(),
        };
        let output = String::from_utf8_lossy(&ran.output);
        let text = filter.last.replace(&output, "") + end.as_str();
        Ok::<_, String>(if a.raw { text.into_owned() } else { filter.plain(&text) })
    };
    let wanted = text(&mut Command::new(&executable))?;
    let mut differences = Vec::new();
    for (how, flags) in [("without checks", &["--no-race"][..]), ("with checks", &[])] {
        if flags.is_empty() && (program.races || a.no_race) {
            continue;
        }
        let said = text(Command::new(gorace).arg("run").args(flags).arg(&program.path))?;
        if said == wanted {
            continue;
        }
        if a.show {
            differences.push(format!("{how}\n--- Go\n{wanted}--- gorace\n{said}"));
        } else {
            let (mut ours, mut theirs) = (said.lines(), wanted.lines());
            let line = loop {
                match (ours.next(), theirs.next()) {
                    (one, other) if one == other => {}
                    (one, other) => break format!("{:?}, Go says {:?}", one.unwrap_or(""), other.unwrap_or("")),
                }
            };
            differences.push(format!("{how}: {line}"));
        }
    }
    Ok(differences)
}

/// What is not compared.
struct Filter {
    rules: Vec<(Regex, &'static str)>,
    frame: Regex,
    goroutine: Regex,
    last: Regex,
}

impl Filter {
    fn new(root: &Path) -> Result<Filter, String> {
        let sdk = regex::escape(&root.display().to_string());
        let rules = [
            // Packages that gorace replaces.
            (format!(r"(?m)^\t{sdk}/src/(runtime|sync|internal/sync)/\S+:\d+"), "\tSDK/$1"),
            (format!(r"{sdk}/"), "SDK/"),
            (r"(?m)^(\t\S.*:\d+|\tSDK/\S+) \+0x[0-9a-f]+.*$".to_string(), "$1"),
            (r"(?m)^(\t\S.*:\d+|\tSDK/\S+) fp=0x.*$".to_string(), "$1"),
            (r"(?m)^(goroutine \d+) gp=\S+ m=\S+(?: mp=\S+)? ".to_string(), "$1 "),
            (r"(?m)^(goroutine \d+ \[[^\]\n]*?), \d+ minutes".to_string(), "$1"),
            (r"(?m)^(goroutine |created by .* in goroutine )(?:[2-9]|[1-9]\d+)\b".to_string(), "${1}N"),
            (r"(?m)^\.\.\.\d+ frames elided\.\.\.$".to_string(), "...frames elided..."),
            // Registers.
            (r"(?m)^(?:r[a-z0-9]{1,2}|rflags|[cfg]s)\s+0x[0-9a-f]+\n".to_string(), ""),
            (r"0x[0-9a-f]+\??".to_string(), "0x?"),
            (r"(?m)^(\S.*)\([^()\n]+\)\n\t".to_string(), "$1(...)\n\t"),
            (r"(?m)^PC=\S+ m=\d+ sigcode=-?\d+".to_string(), "PC= m= sigcode="),
        ];
        let rules = rules.into_iter().map(|(pattern, with)| Ok((Regex::new(&pattern)?, with)));
        let rules = rules.collect::<Result<_, regex::Error>>().map_err(|e| e.to_string())?;
        let regex = |pattern| Regex::new(pattern).map_err(|e| e.to_string());
        Ok(Filter {
            rules,
            frame: regex(r"^(?:runtime\.(?:[a-z(]|[A-Za-z]+\.)|internal/runtime/)")?,
            last: regex(r"(?:exit status \d+|signal: [^\n]+)\n$")?,
            goroutine: regex(r"^(?:goroutine (\w+) \[|runtime stack:)")?,
        })
    }

    fn plain(&self, text: &str) -> String {
        let text = self.rules.iter().fold(text.to_string(), |text, (rule, with)| rule.replace_all(&text, *with).into());
        // Paragraphs of goroutines: those of the runtime's own go.
        let mut kept = Vec::new();
        for paragraph in text.split("\n\n") {
            if !self.goroutine.is_match(paragraph) {
                kept.push(paragraph.to_string());
                continue;
            }
            let mut lines = Vec::new();
            let mut skipped = false;
            for line in paragraph.lines() {
                if line.starts_with('\t') {
                    if !skipped {
                        lines.push(line);
                    }
                    continue;
                }
                let own = !line.starts_with("runtime.main(") && !line.starts_with("runtime.goexit(");
                skipped = own && self.frame.is_match(line) || line.starts_with("created by runtime.");
                if !skipped {
                    lines.push(line);
                }
            }
            let frames = lines.iter().filter(|l| l.starts_with('\t')).count();
            let only_exit = frames == 1 && lines.iter().any(|l| l.starts_with("runtime.goexit("));
            let rest = lines.iter().find(|l| l.starts_with("[status ") || l.starts_with("[ended "));
            if paragraph.starts_with("runtime stack:") || (only_exit || frames == 0) && paragraph.contains("\n\t") {
                kept.extend(rest.map(|line| line.to_string()));
            } else {
                kept.push(lines.join("\n"));
            }
        }
        kept.retain(|paragraph| !paragraph.trim().is_empty());
        kept.join("\n\n").replace("\n\n[", "\n[").trim_end().to_string() + "\n"
    }
}
