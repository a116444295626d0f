//! Random programs that pass pointers about (`pointer_programs`), with objects in frames, with frames that are written over when they
//! end, and with everything on the heap: what they print has to be the same.
//!
//! Race checks are on in the second of these, so that what checks are left out for is part of it. With `--against-go` the installed Go
//! says what is right.

use clap::Parser;
use gorace_harness::pointer_programs;
use gorace_harness::tool;
use rayon::prelude::*;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

/// Compares random programs among the modes of the escape analysis.
#[derive(Parser)]
struct Arguments {
    /// How many programs.
    #[arg(long, default_value_t = 2000)]
    count: usize,
    /// The number of the first.
    #[arg(long, default_value_t = 0)]
    first: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Programs in a file.
    #[arg(long, default_value_t = 200)]
    together: usize,
    /// Beside Go, too.
    #[arg(long)]
    against_go: bool,
    /// Print the programs and run nothing.
    #[arg(long)]
    print: bool,
    /// Seconds that a file's compiling and running may take.
    #[arg(long, default_value_t = 300)]
    seconds: u64,
}

/// `GORACE_FRAMES`, and the flags of `gorace run`.
const MODES: [(&str, &[&str]); 3] = [("use", &["--no-race"]), ("poison", &[]), ("heap", &["--no-race"])];

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    if a.print {
        print!("{}", pointer_programs::file(a.seed, a.first, a.count));
        return Ok(ExitCode::SUCCESS);
    }
    let gorace = tool::gorace()?;
    let root = tool::sdk_root()?;
    let starts: Vec<usize> = (a.first..a.first + a.count).step_by(a.together.max(1)).collect();
    let wrong: Vec<String> = starts
        .par_iter()
        .map(|&start| {
            let count = a.together.min(a.first + a.count - start);
            let wrong = judge(a, &gorace, &root, start, count).unwrap_or_else(|e| vec![e]);
            wrong.iter().for_each(|line| println!("{line}"));
            wrong
        })
        .flatten()
        .collect();
    println!(
        "{} random programs, objects in frames, poisoned frames and all on the heap{}: {} differ",
        a.count,
        if a.against_go { ", beside Go" } else { "" },
        wrong.len()
    );
    Ok(ExitCode::from(u8::from(!wrong.is_empty())))
}

/// A line for each program of a file that differs.
fn judge(a: &Arguments, gorace: &Path, root: &Path, start: usize, count: usize) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let file = folder.path().join("pointers.go");
    std::fs::write(&file, pointer_programs::file(a.seed, start, count)).map_err(|e| e.to_string())?;
    let limit = Duration::from_secs(a.seconds);
    let mut said = Vec::new();
    for (mode, flags) in MODES {
        let mut command = Command::new(gorace);
        command.arg("run").args(flags).arg(&file).env("GORACE_FRAMES", mode).env("GOROOT", root);
        said.push((mode, tool::run_within(&mut command, limit).map_err(|e| e.to_string())?));
    }
    if a.against_go {
        let mut command = Command::new(root.join("bin/go"));
        command.arg("run").arg(&file).env("GOROOT", root).env("GOTOOLCHAIN", "local");
        said.push(("go", tool::run_within(&mut command, limit).map_err(|e| e.to_string())?));
    }
    let texts: Vec<(&str, Vec<String>)> = said
        .iter()
        .map(|(mode, ran)| (*mode, String::from_utf8_lossy(&ran.output).lines().map(String::from).collect()))
        .collect();
    let wanted = &texts[MODES.len() - 1].1;
    let at = |text: &[String], i: usize| text.get(i).cloned().unwrap_or_default();
    let mut wrong = Vec::new();
    for (mode, text) in texts.iter().filter(|(_, text)| text != wanted) {
        let longest = wanted.len().max(text.len());
        // What follows a program that died where others did not stands on other lines; the first difference says enough.
        if let Some(i) = (0..longest).find(|&i| at(wanted, i) != at(text, i)) {
            wrong.push(format!(
                "seed {}, programs {start} to {}: on the heap `{}`, {mode} `{}`",
                a.seed,
                start + count - 1,
                at(wanted, i),
                at(text, i)
            ));
        }
    }
    if let Some((mode, ran)) = said.iter().find(|(_, ran)| ran.status != Some(0)) {
        wrong.push(format!("seed {}, programs from {start} on: {mode} ended with {:?}", a.seed, ran.status));
    }
    Ok(wrong)
}
