//! What `go run -race` and `gorace check` find of the corpus's bugs, and how long one waits for each: the README's table.
//!
//! A program counts as found by Go when a run reports a race, ends with a fatal error or a panic, or, where the bug is a status,
//! with one that is not 0; within the first run, and within so many (fewer when one finds it); so does one `gorace run`. It counts as found by gorace
//! when one check gives all findings that its comments want, and no others. The wait is that of one `go run -race` and of one
//! `gorace check` from Enter to the end, one after the other on the same copy of the program with a line added, so that both
//! compile it; the standard library is in the caches of both. A run of Go that does not end is ended after ten seconds.

use clap::Parser;
use gorace_harness::corpus::{self, KINDS, Program};
use gorace_harness::tool::{self, Ran, run_within};
use rayon::prelude::*;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// Prints a table of `gorace check` beside `go run -race` over the programs with bugs of corpus/.
#[derive(Parser)]
struct Arguments {
    /// Schedules of each check (more where a program's header asks for more).
    #[arg(long, default_value_t = 100)]
    schedules: u64,
    /// How often a program is run under Go until it shows its bug.
    #[arg(long, default_value_t = 20)]
    go_runs: u32,
    /// Only programs whose name, such as race/counter, contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Print a line for each program, too.
    #[arg(long)]
    each: bool,
}

/// A run of Go that takes longer is ended.
const LIMIT: Duration = Duration::from_secs(10);

/// What one program gave.
struct Row {
    kind: &'static str,
    name: String,
    /// The first run of Go that showed the bug.
    go_run: Option<u32>,
    /// One `gorace run` showed it.
    run: bool,
    found: bool,
    /// Seconds.
    go_wait: f64,
    wait: f64,
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()).map(|()| ExitCode::SUCCESS))
}

fn run(a: &Arguments) -> Result<(), String> {
    let (gorace, go) = (tool::gorace()?, tool::sdk_root()?.join("bin/go"));
    let folder = corpus::folder();
    let mut programs = corpus::load(&folder)?;
    programs.retain(|p| p.buggy && p.name.contains(&a.only));
    if programs.is_empty() {
        return Err(format!("no program with a bug is called {}", a.only));
    }
    // Verdicts side by side, waits by themselves.
    let verdicts: Vec<(Option<u32>, bool, bool)> = programs
        .par_iter()
        .map(|p| {
            let schedules = a.schedules.max(p.schedules);
            let checked = corpus::check(&gorace, &folder, &p.file, schedules)?;
            let run = shown_by_run(&gorace, &folder, p)?;
            Ok((shown_by_go(&go, &folder, p, a.go_runs)?, run, corpus::differences(p, &checked).is_empty()))
        })
        .collect::<Result<_, String>>()?;
    let mut rows = Vec::new();
    for (program, (go_run, run, found)) in programs.iter().zip(verdicts) {
        let (go_wait, wait) = waits(&gorace, &go, &folder, program, a.schedules.max(program.schedules))?;
        rows.push(Row { kind: program.kind, name: program.name.clone(), go_run, run, found, go_wait, wait });
    }
    if a.each {
        for r in &rows {
            let go = r.go_run.map_or_else(|| "not shown".to_string(), |n| format!("in run {n}"));
            let found = if r.found { "found" } else { "not wholly found" };
            let run = if r.run { "shown" } else { "not shown" };
            println!(
                "{:<34} go: {go:<10} {:>6.2} s  gorace run: {run:<9}  check: {found} {:>6.2} s",
                r.name, r.go_wait, r.wait
            );
        }
        println!();
    }
    table(&rows, a);
    Ok(())
}

fn table(rows: &[Row], a: &Arguments) {
    println!(
        "| corpus | programs | one `go run -race` | {} runs of it | one `gorace run` | one `gorace check` | wait `go run -race` | wait `gorace check` |",
        a.go_runs
    );
    println!("|---|---|---|---|---|---|---|---|");
    let line = |name: &str, rows: &[&Row]| {
        let shown = |within: u32| rows.iter().filter(|r| r.go_run.is_some_and(|n| n <= within)).count();
        println!(
            "| {name} | {} | {} | {} | {} | {} | {} | {} |",
            rows.len(),
            shown(1),
            shown(a.go_runs),
            rows.iter().filter(|r| r.run).count(),
            rows.iter().filter(|r| r.found).count(),
            wait(rows.iter().map(|r| r.go_wait).collect()),
            wait(rows.iter().map(|r| r.wait).collect()),
        );
    };
    for (kind, _) in KINDS {
        let of_kind: Vec<&Row> = rows.iter().filter(|r| r.kind == *kind).collect();
        if !of_kind.is_empty() {
            line(kind, &of_kind);
        }
    }
    line("all", &rows.iter().collect::<Vec<_>>());
}

/// `12 s, median 0.61 s`
fn wait(mut seconds: Vec<f64>) -> String {
    seconds.sort_by(f64::total_cmp);
    let sum: f64 = seconds.iter().sum();
    let half = seconds.len() / 2;
    let median = if seconds.len() % 2 == 1 { seconds[half] } else { f64::midpoint(seconds[half - 1], seconds[half]) };
    format!("{sum:.0} s, median {median:.2} s")
}

/// The first of so many runs of a program, compiled by Go with its detector, that shows a bug.
fn shown_by_go(go: &Path, folder: &Path, program: &Program, runs: u32) -> Result<Option<u32>, String> {
    let text = |e: std::io::Error| format!("{}: {e}", program.file);
    let scratch = tempfile::tempdir().map_err(text)?;
    let binary = scratch.path().join("program");
    let mut build = of_go(go);
    let built = build.args(["build", "-race", "-o"]).arg(&binary).arg(&program.file).current_dir(folder).output();
    let built = built.map_err(text)?;
    if !built.status.success() {
        return Err(format!("{}: go build -race: {}", program.file, String::from_utf8_lossy(&built.stderr)));
    }
    for run in 1..=runs {
        if shows(program, &run_within(&mut Command::new(&binary), LIMIT).map_err(text)?) {
            return Ok(Some(run));
        }
    }
    Ok(None)
}

/// Whether one `gorace run` of a program shows a bug.
fn shown_by_run(gorace: &Path, folder: &Path, program: &Program) -> Result<bool, String> {
    let mut command = Command::new(gorace);
    let ran = run_within(command.arg("run").arg(&program.file).current_dir(folder), LIMIT);
    Ok(shows(program, &ran.map_err(|e| format!("{}: {e}", program.file))?))
}

/// Whether a run says that there is a bug, or ends otherwise than it should.
fn shows(program: &Program, ran: &Ran) -> bool {
    let is_status = program.wants.iter().any(|want| want.rule == "exit-status");
    let said = String::from_utf8_lossy(&ran.output);
    let words = ["WARNING: DATA RACE", "fatal error: ", "panic: "];
    words.iter().any(|w| said.contains(w)) || is_status && ran.status.is_some_and(|status| status != 0)
}

/// The go command with a cache that stays.
fn of_go(go: &Path) -> Command {
    let mut command = Command::new(go);
    command.env("GOFLAGS", "").env("GOCACHE", gorace_load::sdk::cache_folder().join("go-build"));
    command
}

/// Seconds of one `go run -race` and of one `gorace check` of an edited copy.
fn waits(gorace: &Path, go: &Path, folder: &Path, program: &Program, schedules: u64) -> Result<(f64, f64), String> {
    let text = |e: std::io::Error| format!("{}: {e}", program.file);
    let scratch = tempfile::tempdir().map_err(text)?;
    let source = std::fs::read_to_string(folder.join(&program.file)).map_err(text)?;
    std::fs::write(scratch.path().join("main.go"), format!("{source}\nvar edited int\n")).map_err(text)?;
    let timed = |command: &mut Command, limit: Duration| {
        let start = Instant::now();
        run_within(command.current_dir(scratch.path()), limit).map_err(text)?;
        Ok::<f64, String>(start.elapsed().as_secs_f64())
    };
    let theirs = timed(of_go(go).args(["run", "-race", "main.go"]), LIMIT)?;
    let mut check = Command::new(gorace);
    check.args(["check", "--schedules", &schedules.to_string(), "main.go"]);
    Ok((theirs, timed(&mut check, Duration::from_secs(300))?))
}
