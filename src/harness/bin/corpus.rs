//! Runs the corpus: each program is compiled and explored, its findings compared exactly with its wants; beside
//! `go run -race`, if asked.

use clap::Parser;
use gorace_harness::corpus::{self, GoVerdict, Program};
use gorace_harness::tool;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// Explores the programs of corpus/ and compares what is found with what their comments want.
#[derive(Parser)]
struct Arguments {
    /// Schedules for each program (more where its header asks for more).
    #[arg(long, default_value_t = 100)]
    schedules: u64,
    /// Only programs whose name, such as race/counter, contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Only programs without bugs.
    #[arg(long)]
    clean: bool,
    /// Run the schedule of each finding again this many times, by its token, and compare the reports byte for byte.
    #[arg(long, default_value_t = 0)]
    replay: u32,
    /// Run race/, norace/ and clean/ under `go build -race`, too, and compare the verdicts.
    #[arg(long)]
    against_go: bool,
    /// Run them also as executables of gorace, live and on so many threads, and compare the verdicts.
    #[arg(long)]
    threads: Option<u16>,
    /// How often a program in race/ is run before Go, or a live run, is said to miss its race.
    #[arg(long, default_value_t = 20)]
    go_runs: u32,
}

struct Row {
    findings: usize,
    schedules: u64,
    seconds: f64,
    go: String,
    differences: Vec<String>,
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    let gorace = tool::gorace()?;
    let folder = corpus::folder();
    let rows = corpus::judged(&a.only, |p| !(a.clean && p.buggy), |p| one(&gorace, &folder, p, a))?;
    println!("{:<32} {:>5} {:>8} {:>9} {:>7}  go", "program", "wants", "findings", "schedules", "seconds");
    let (mut differences, mut wants, mut slowest) = (0, 0, 0.0f64);
    for (program, row) in &rows {
        let verdict = if row.differences.is_empty() { "" } else { "  DIFFERS" };
        println!(
            "{:<32} {:>5} {:>8} {:>9} {:>7.2}  {}{verdict}",
            program.name,
            program.wants.len(),
            row.findings,
            row.schedules,
            row.seconds,
            row.go
        );
        row.differences.iter().for_each(|d| println!("    {d}"));
        differences += usize::from(!row.differences.is_empty());
        wants += program.wants.len();
        slowest = slowest.max(row.seconds);
    }
    let buggy = rows.iter().filter(|(program, _)| program.buggy).count();
    println!(
        "{} programs, {buggy} with bugs ({wants} wants), {} clean; slowest {slowest:.2} s; {differences} differ",
        rows.len(),
        rows.len() - buggy
    );
    if a.replay > 0 {
        let findings: usize = rows.iter().map(|(_, row)| row.findings).sum();
        println!("{findings} findings, each replayed {} times by its token and compared byte for byte", a.replay);
    }
    Ok(ExitCode::from(u8::from(differences > 0)))
}

fn one(gorace: &Path, folder: &Path, program: &Program, a: &Arguments) -> Result<Row, String> {
    let schedules = a.schedules.max(program.schedules);
    let checked = corpus::check(gorace, folder, &program.file, schedules)?;
    let mut differences = corpus::differences(program, &checked);
    let replays = replays(gorace, folder, program, &checked, a.replay)?;
    differences.extend(replays);
    let mut go = String::new();
    if let Some(threads) = a.threads
        && matches!(program.kind, "race" | "norace" | "clean")
    {
        let runs = if program.buggy { a.go_runs } else { 2 };
        let reported = live_reports(gorace, folder, program, threads, runs)?;
        go = match reported {
            Some(n) => format!("live: race in run {n}"),
            None => format!("live: nothing in {runs}"),
        };
        let expected = program.kind == "race";
        let schedule_decides = matches!(program.go, GoVerdict::MayReport | GoVerdict::Misses);
        if reported.is_some() != expected && !(expected && schedule_decides) {
            differences.push(format!("on {threads} threads: {go}"));
        }
    }
    if a.against_go && matches!(program.kind, "race" | "norace" | "clean") {
        let runs = if program.buggy { a.go_runs } else { 1 };
        let reported = go_reports(folder, program, runs)?;
        go = match reported {
            Some(n) => format!("race in run {n}"),
            None => format!("nothing in {runs}"),
        };
        let (is_race, expected) = (reported.is_some(), program.kind == "race");
        match program.go {
            GoVerdict::MayReport if expected => {}
            GoVerdict::Misses if is_race => {
                differences.push("Go reports it, though its header says that Go misses it".to_string())
            }
            GoVerdict::Misses => {}
            _ if is_race != expected => differences.push(format!("go run -race: {go}")),
            _ => {}
        }
    }
    Ok(Row { findings: checked.findings.len(), schedules, seconds: checked.elapsed.as_secs_f64(), go, differences })
}

/// Where the schedule of a finding, run again, does not give the same line.
fn replays(
    gorace: &Path,
    folder: &Path,
    program: &Program,
    checked: &corpus::Checked,
    times: u32,
) -> Result<Vec<String>, String> {
    let mut differences = Vec::new();
    // When another process ends is in no schedule.
    let times = if program.runs_commands { 0 } else { times };
    for (finding, line) in checked.findings.iter().zip(checked.json.lines()) {
        for time in 1..=times {
            let mut command = Command::new(gorace);
            command.args(["replay", "--format", "json", &finding.schedule, &program.file]).current_dir(folder);
            let output = command.output().map_err(|e| format!("{}: {e}", program.file))?;
            if !String::from_utf8_lossy(&output.stdout).lines().any(|again| again == line) {
                differences.push(format!("replay {time} of {} differs: {}", finding.schedule, finding.headline));
                break;
            }
        }
    }
    Ok(differences)
}

/// The first of at most `runs` runs of the program under Go's race detector that reports a race.
fn go_reports(folder: &Path, program: &Program, runs: u32) -> Result<Option<u32>, String> {
    let text = |e: std::io::Error| format!("{}: {e}", program.file);
    let scratch = tempfile::tempdir().map_err(text)?;
    let binary = scratch.path().join("program");
    let built = Command::new(tool::sdk_root()?.join("bin/go"))
        .args(["build", "-race", "-o"])
        .arg(&binary)
        .arg(&program.file)
        .current_dir(folder)
        .env("GOFLAGS", "")
        .env("GOCACHE", gorace_load::sdk::cache_folder().join("go-build"))
        .output()
        .map_err(text)?;
    if !built.status.success() {
        return Err(format!("{}: go build -race: {}", program.file, String::from_utf8_lossy(&built.stderr)));
    }
    first_report(program, &binary, scratch.path(), "", runs)
}

/// The same for gorace's own executable on several threads.
fn live_reports(
    gorace: &Path,
    folder: &Path,
    program: &Program,
    threads: u16,
    runs: u32,
) -> Result<Option<u32>, String> {
    let text = |e: std::io::Error| format!("{}: {e}", program.file);
    let scratch = tempfile::tempdir().map_err(text)?;
    let binary = scratch.path().join("program");
    let built = Command::new(gorace).args(["build", "-o"]).arg(&binary).arg(&program.file).current_dir(folder).output();
    let built = built.map_err(text)?;
    if !built.status.success() {
        return Err(format!("{}: gorace build: {}", program.file, String::from_utf8_lossy(&built.stderr)));
    }
    first_report(program, &binary, scratch.path(), &format!("threads={threads}"), runs)
}

/// The first of at most `runs` runs of an executable that reports a race.
fn first_report(
    program: &Program,
    binary: &Path,
    scratch: &Path,
    options: &str,
    runs: u32,
) -> Result<Option<u32>, String> {
    let text = |e: std::io::Error| format!("{}: {e}", program.file);
    for run in 1..=runs {
        let log = scratch.join(format!("stderr-{run}"));
        let mut child = Command::new(binary)
            .env("GORACE", options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).map_err(text)?)
            .spawn()
            .map_err(text)?;
        let start = Instant::now();
        while child.try_wait().map_err(text)?.is_none() {
            if start.elapsed() > Duration::from_secs(20) {
                child.kill().map_err(text)?;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        if std::fs::read_to_string(&log).map_err(text)?.contains("WARNING: DATA RACE") {
            return Ok(Some(run));
        }
    }
    Ok(None)
}
