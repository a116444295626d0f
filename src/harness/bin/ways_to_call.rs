//! Ways to call: `go run`, `go test` and `go build` in the ways of src/harness/ways_to_call.txt, and gorace in the same; exit codes,
//! standard output and the files that are made are compared.
//!
//! Each way is run twice in a copy of the same small module (`ways_to_call.go.txt`), once by Go, which is the judge, once by gorace, whose
//! race checks change nothing there. Left out of the comparison: times and `(cached)`, the folder's own path, folders of test programs, speeds
//! of benchmarks. gorace's exit code 2 (wrong use, or what cannot be compiled) is as good as Go's 1.
//! Standard error is compared by whether there is any where Go fails: a refusal must say something.
//!
//! A line of the list is the command line behind `go` or `gorace`, as a shell takes it; words with `=` in front of it are set in the
//! environment. A line `differs: REASON` behind it lists it as one that is not equal by design.

use clap::Parser;
use gorace_harness::tool;
use rayon::prelude::*;
use regex::Regex;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// Calls go and gorace in many ways and prints which differ.
#[derive(Parser)]
struct Arguments {
    /// Only lines that contain this.
    #[arg(long, default_value = "")]
    only: String,
    /// What both print, of those that differ.
    #[arg(long)]
    show: bool,
}

const LIST: &str = include_str!("../ways_to_call.txt");
const MODULE: &str = include_str!("../ways_to_call.go.txt");

/// A line of the list.
struct Way {
    line: String,
    env: Vec<(String, String)>,
    words: Vec<String>,
    differs: Option<String>,
}

/// What came of a call.
#[derive(PartialEq, Eq)]
struct Called {
    status: Option<i32>,
    out: String,
    errors: String,
    files: BTreeSet<String>,
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    let gorace = tool::gorace()?;
    let root = tool::sdk_root()?;
    let go = root.join("bin/go");
    let filter = Filter::new()?;
    let ways: Vec<Way> = ways(LIST)?.into_iter().filter(|way| way.line.contains(&a.only)).collect();
    let judged: Vec<Result<(Called, Called), String>> =
        ways.par_iter().map(|way| Ok((call(&go, &root, way, &filter)?, call(&gorace, &root, way, &filter)?))).collect();
    let (mut equal, mut listed, mut differ) = (0, 0, 0);
    println!("{:<58} {:>4} {:>6}  differences", "way", "go", "gorace");
    for (way, called) in ways.iter().zip(judged) {
        let (theirs, ours) = called.map_err(|e| format!("{}: {e}", way.line))?;
        let differences = differences(&theirs, &ours);
        let code = |called: &Called| called.status.map_or("-".to_string(), |code| code.to_string());
        let told = match (&way.differs, differences.is_empty()) {
            (None, true) => String::new(),
            (Some(_), true) => "none, although listed".to_string(),
            (Some(reason), false) => format!("listed ({}): {reason}", differences.join(", ")),
            (None, false) => differences.join(", "),
        };
        match (&way.differs, differences.is_empty()) {
            (_, true) => equal += 1,
            (Some(_), false) => listed += 1,
            (None, false) => differ += 1,
        }
        println!("{:<58} {:>4} {:>6}  {told}", way.line, code(&theirs), code(&ours));
        if a.show && !differences.is_empty() {
            for (who, called) in [("go", &theirs), ("gorace", &ours)] {
                println!("--- {who}: files {:?}\n{}--- its errors\n{}", called.files, called.out, called.errors);
            }
        }
    }
    println!(
        "{} ways to call: {equal} as Go, {:.1} %; {listed} listed with a reason, {differ} differ",
        ways.len(),
        100.0 * f64::from(equal) / ways.len().max(1) as f64
    );
    Ok(ExitCode::from(u8::from(differ > 0)))
}

fn differences(theirs: &Called, ours: &Called) -> Vec<&'static str> {
    let mut found = Vec::new();
    if theirs.status != ours.status && (theirs.status, ours.status) != (Some(1), Some(2)) {
        found.push("exit code");
    }
    if theirs.out != ours.out {
        found.push("output");
    }
    if theirs.files != ours.files {
        found.push("files");
    }
    let is_silent = |called: &Called| called.status != Some(0) && called.out.is_empty() && called.errors.is_empty();
    if is_silent(ours) && !is_silent(theirs) {
        found.push("nothing said");
    }
    found
}

/// The list's lines.
fn ways(list: &str) -> Result<Vec<Way>, String> {
    let mut out: Vec<Way> = Vec::new();
    for line in list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(reason) = line.trim_start().strip_prefix("differs: ") {
            out.last_mut().ok_or("a reason without a way")?.differs = Some(reason.to_string());
            continue;
        }
        let mut words = split(line);
        let is_setting =
            |word: &String| word.split_once('=').is_some_and(|(name, _)| name.bytes().all(|b| b.is_ascii_uppercase()));
        let settings: Vec<String> = words.extract_if(.., |word| is_setting(word)).collect();
        let env = settings.iter().filter_map(|s| s.split_once('=')).map(|(k, v)| (k.to_string(), v.to_string()));
        out.push(Way { line: line.to_string(), env: env.collect(), words, differs: None });
    }
    Ok(out)
}

/// Words as a shell has them, with single quotes alone.
fn split(line: &str) -> Vec<String> {
    let mut out = Vec::new();
    let (mut word, mut quoted, mut begun) = (String::new(), false, false);
    for c in line.chars() {
        match c {
            '\'' => (quoted, begun) = (!quoted, true),
            ' ' if !quoted => {
                if begun {
                    out.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            _ => {
                word.push(c);
                begun = true;
            }
        }
    }
    if begun {
        out.push(word);
    }
    out
}

/// Writes the module's files: each begins with a line `-- NAME --`.
fn lay_out(folder: &Path) -> Result<(), String> {
    let mut file: Option<(PathBuf, String)> = None;
    let write = |file: &Option<(PathBuf, String)>| -> Result<(), String> {
        let Some((path, text)) = file else { return Ok(()) };
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        made.and_then(|()| std::fs::write(path, text)).map_err(|e| format!("{}: {e}", path.display()))
    };
    for line in MODULE.lines() {
        match line.strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --")) {
            Some(name) => {
                write(&file)?;
                file = Some((folder.join(name), String::new()));
            }
            None => {
                if let Some((_, text)) = &mut file {
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
    }
    write(&file)
}

/// All files below a folder.
fn files(folder: &Path, root: &Path, out: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, root, out);
        } else if let Ok(name) = path.strip_prefix(root) {
            out.insert(name.display().to_string());
        }
    }
}

/// Calls one of both in a fresh copy of the module.
fn call(program: &Path, root: &Path, way: &Way, filter: &Filter) -> Result<Called, String> {
    let place = tempfile::tempdir().map_err(|e| e.to_string())?;
    let folder = place.path().canonicalize().map_err(|e| e.to_string())?.join("m");
    lay_out(&folder)?;
    let mut before = BTreeSet::new();
    files(&folder, &folder, &mut before);
    let mut command = Command::new(program);
    command.args(&way.words).current_dir(&folder).stdin(Stdio::null());
    command.env_remove("GOFLAGS").env_remove("GORACE").env_remove("GODEBUG").env("GOTOOLCHAIN", "local");
    command.env("GOROOT", root).env("GOENV", "off").envs(way.env.iter().map(|(k, v)| (k, v)));
    let output = command.output().map_err(|e| e.to_string())?;
    let mut after = BTreeSet::new();
    files(&folder, &folder, &mut after);
    let text = |bytes: &[u8]| filter.plain(&String::from_utf8_lossy(bytes), &folder);
    Ok(Called {
        status: output.status.code(),
        out: text(&output.stdout),
        errors: text(&output.stderr),
        files: after.difference(&before).cloned().collect(),
    })
}

/// What is not compared.
struct Filter {
    rules: Vec<(Regex, &'static str)>,
}

impl Filter {
    fn new() -> Result<Filter, String> {
        let rules = [
            (r"\(cached\)|\d+\.\d+s\b", "TIME"),
            (r#""Time":"[^"]*",?"#, ""),
            (r#","Elapsed":[0-9.]+"#, ""),
            (r"\S*/(?:go-build|test-|\.tmp)\S*?/(?:b\d+/|exe/)?(\S+)", "TMP/$1"),
            (r"-test\.testlogfile=\S+ ", ""),
            (r"\s+\d+(?:\.\d+)? ns/op", " N ns/op"),
            (r"(Benchmark\w+(?:-\d+)?)\s+\d+\s", "$1 N "),
        ];
        let rules = rules.into_iter().map(|(pattern, with)| Ok((Regex::new(pattern)?, with)));
        Ok(Filter { rules: rules.collect::<Result<_, regex::Error>>().map_err(|e| e.to_string())? })
    }

    fn plain(&self, text: &str, folder: &Path) -> String {
        let text = text.replace(&folder.display().to_string(), "FOLDER");
        self.rules.iter().fold(text, |text, (rule, with)| rule.replace_all(&text, *with).into_owned())
    }
}
