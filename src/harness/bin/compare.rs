//! gorace beside `go run -race` on the same programs, in the same run: the user's whole wait (cold, after an edit, unchanged)
//! and the processor time of the program itself with checks on.
//!
//! Cold: empty caches of both. Edited: a line added to the program. Unchanged: the same command again. Processor time: the
//! user and system time of the compiled program, best of three; for gorace that of a whole unchanged `gorace run`, so its
//! start-up counts. Programs run as they are given; benches/compare has those of the README's table.

use clap::Parser;
use gorace_harness::tool;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// Prints a table of gorace beside `go run -race`.
#[derive(Parser)]
struct Arguments {
    /// Go files, each a program.
    #[arg(required = true)]
    programs: Vec<PathBuf>,
    /// Leave out the cold waits, which build the standard library anew.
    #[arg(long)]
    warm: bool,
}

/// What the system counts processor time in: below it there is no ratio.
const TICK: f64 = 0.01;

struct Row {
    name: String,
    /// Seconds: cold, edited, unchanged; then processor seconds.
    gorace: [f64; 4],
    go: [f64; 4],
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()).map(|()| ExitCode::SUCCESS))
}

fn run(a: &Arguments) -> Result<(), String> {
    let gorace = tool::gorace()?;
    let go = tool::sdk_root()?.join("bin/go");
    let mut rows = Vec::new();
    for program in &a.programs {
        let text = std::fs::read_to_string(program).map_err(|e| format!("{}: {e}", program.display()))?;
        let name = program.file_stem().map_or(String::new(), |n| n.to_string_lossy().to_string());
        eprintln!("{name}…");
        rows.push(Row { gorace: gorace_side(&gorace, &text, a.warm)?, go: go_side(&go, &text, a.warm)?, name });
    }
    println!("| program | cold wait | edited | unchanged | CPU with checks |");
    println!("|---|---|---|---|---|");
    for row in &rows {
        let cell = |i: usize| {
            let (ours, theirs) = (row.gorace[i], row.go[i]);
            if ours.is_nan() || theirs.is_nan() {
                "–".to_string()
            } else if theirs < TICK {
                format!("{ours:.2} s / less than {TICK} s")
            } else {
                format!("{ours:.2} s / {theirs:.2} s = {:.2}", ours / theirs)
            }
        };
        println!("| {} | {} | {} | {} | {} |", row.name, cell(0), cell(1), cell(2), cell(3));
    }
    println!("\nEach cell: gorace run / go run -race = ratio; below 1 gorace is faster.");
    Ok(())
}

fn text_error(e: std::io::Error) -> String {
    e.to_string()
}

/// Wall seconds of a command, which may fail only with the status of found races.
fn wait(command: &mut Command) -> Result<f64, String> {
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output().map_err(text_error)?;
    match output.status.code() {
        Some(0 | 66) => Ok(start.elapsed().as_secs_f64()),
        _ => Err(format!("{command:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr))),
    }
}

/// Processor seconds of a command: what `/proc` says of this process's ended children, before and after.
fn processor(mut make: impl FnMut() -> Command) -> Result<f64, String> {
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let before = tool::children_seconds()?;
        wait(&mut make())?;
        best = best.min(tool::children_seconds()? - before);
    }
    Ok(best)
}

fn edited(text: &str) -> String {
    format!("{text}\nvar edited int\n")
}

fn gorace_side(gorace: &Path, text: &str, warm: bool) -> Result<[f64; 4], String> {
    let folder = tempfile::tempdir().map_err(text_error)?;
    let cache = tempfile::tempdir().map_err(text_error)?;
    let file = folder.path().join("main.go");
    let sdk = tool::sdk_root()?;
    let make = || {
        let mut command = Command::new(gorace);
        command
            .args(["run", "main.go"])
            .current_dir(folder.path())
            .env("XDG_CACHE_HOME", cache.path())
            .env("GOROOT", &sdk);
        command
    };
    std::fs::write(&file, text).map_err(text_error)?;
    let cold = wait(&mut make())?;
    std::fs::write(&file, edited(text)).map_err(text_error)?;
    let after = wait(&mut make())?;
    let unchanged = wait(&mut make())?;
    Ok([if warm { f64::NAN } else { cold }, after, unchanged, processor(make)?])
}

fn go_side(go: &Path, text: &str, warm: bool) -> Result<[f64; 4], String> {
    let folder = tempfile::tempdir().map_err(text_error)?;
    let cache = tempfile::tempdir().map_err(text_error)?;
    let file = folder.path().join("main.go");
    let make = |arguments: &[&str]| {
        let mut command = Command::new(go);
        command.args(arguments).current_dir(folder.path()).env("GOFLAGS", "").env("GORACE", "atexit_sleep_ms=0");
        if !warm {
            command.env("GOCACHE", cache.path());
        }
        command
    };
    std::fs::write(&file, text).map_err(text_error)?;
    let cold = wait(&mut make(&["run", "-race", "main.go"]))?;
    std::fs::write(&file, edited(text)).map_err(text_error)?;
    let after = wait(&mut make(&["run", "-race", "main.go"]))?;
    let unchanged = wait(&mut make(&["run", "-race", "main.go"]))?;
    wait(&mut make(&["build", "-race", "-o", "program", "main.go"]))?;
    let binary = folder.path().join("program");
    let cpu = processor(|| {
        let mut command = Command::new(&binary);
        command.env("GORACE", "atexit_sleep_ms=0");
        command
    })?;
    Ok([if warm { f64::NAN } else { cold }, after, unchanged, cpu])
}
