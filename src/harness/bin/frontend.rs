//! The front end beside go/parser and go/types, in the same run and on the same two processors: the whole standard library
//! read and checked from source, each side with what it keeps for later (gorace: export data written to an empty cache;
//! Go: nothing, with and without the types of expressions recorded). Then net/http and all that it needs: read from export
//! data against checked from source, by gorace alone.
//!
//! Wall and processor seconds, the least of several rounds; the sides take turns within a round, so that other load falls
//! on both. Exit code 1 when a goal is missed.

use clap::Parser;
use gorace_harness::tool;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// Prints a table of gorace's front end beside go/parser and go/types.
#[derive(Parser)]
struct Arguments {
    /// How often each side runs; the least time counts.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Folder of the SDK, if not the one that gorace would take.
    #[arg(long)]
    sdk: Option<PathBuf>,
}

/// How much of the other's time gorace may take for all of std, and reading export data of that of checking source.
const GOALS: [f64; 2] = [1.0, 0.2];

/// The Go side, compiled before anything is measured.
const GO_SIDE: &str = include_str!("../../../benches/frontend/main.go");

/// Wall and processor seconds.
#[derive(Clone, Copy)]
struct Time {
    wall: f64,
    processor: f64,
}

impl Time {
    const NONE: Time = Time { wall: f64::INFINITY, processor: f64::INFINITY };

    fn least(&mut self, other: Time) {
        self.wall = self.wall.min(other.wall);
        self.processor = self.processor.min(other.processor);
    }
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    let gorace = tool::gorace()?;
    let sdk = match &a.sdk {
        Some(sdk) => std::fs::canonicalize(sdk).map_err(|e| format!("{}: {e}", sdk.display()))?,
        None => tool::sdk_root()?,
    };
    let processors = two_processors()?;
    let folder = tempfile::tempdir().map_err(text_error)?;
    let go_side = compile_go_side(&sdk, folder.path())?;
    let cache = folder.path().join("cache");
    let on_two = |program: &Path| {
        let mut command = Command::new("taskset");
        command.args(["-c", &processors]).arg(program).current_dir(folder.path());
        command.env("GOROOT", &sdk).env("XDG_CACHE_HOME", &cache);
        command
    };
    let types = |what: &str| {
        let mut command = on_two(&gorace);
        command.args(["build", "--stop-after", "types", what]);
        command
    };
    let go = |record: bool| {
        let mut command = on_two(&go_side);
        command.arg(format!("-record={record}"));
        command
    };
    let mut std = [Time::NONE; 3];
    let mut http = [Time::NONE; 2];
    let empty = |what: &Path| match std::fs::remove_dir_all(what) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(format!("{}: {e}", what.display())),
        _ => Ok(()),
    };
    for round in 0..a.rounds {
        empty(&cache)?;
        std[0].least(time(&mut types("std"))?);
        std[1].least(time(&mut go(true))?);
        std[2].least(time(&mut go(false))?);
        // What is known of std's files stays: both sides would read it.
        empty(&cache.join("gorace/objects"))?;
        program(folder.path(), round * 2)?;
        http[0].least(time(&mut types("main.go"))?);
        program(folder.path(), round * 2 + 1)?;
        http[1].least(time(&mut types("main.go"))?);
    }
    let [ours, recording, bare] = std;
    let [source, export] = http;
    println!("| what | gorace | beside | ratio | goal | processor time |");
    println!("|---|---|---|---|---|---|");
    let row = |what: &str, ours: Time, theirs: Time, goal: Option<f64>| {
        let ratio = ours.wall / theirs.wall;
        let goal = goal.map_or("–".to_string(), |g| format!("≤ {g:.1}"));
        println!(
            "| {what} | {:.3} s | {:.3} s | {ratio:.2} | {goal} | {:.2} s / {:.2} s |",
            ours.wall, theirs.wall, ours.processor, theirs.processor
        );
        ratio
    };
    let whole = row("std from source / go/types, types recorded", ours, recording, Some(GOALS[0]));
    row("std from source / go/types, nothing recorded", ours, bare, None);
    let read = row("net/http: export data / source", export, source, Some(GOALS[1]));
    let missed = usize::from(whole > GOALS[0]) + usize::from(read > GOALS[1]);
    println!("\nleast of {} rounds on processors {processors}; {missed} goals missed", a.rounds);
    Ok(ExitCode::from(u8::from(missed > 0)))
}

fn text_error(e: std::io::Error) -> String {
    e.to_string()
}

/// The first two processors that this process may use, as taskset takes them.
fn two_processors() -> Result<String, String> {
    let status = std::fs::read_to_string("/proc/self/status").map_err(text_error)?;
    let list = status.lines().find_map(|l| l.strip_prefix("Cpus_allowed_list:")).unwrap_or("0").trim();
    let mut allowed = Vec::new();
    for range in list.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        if let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>()) {
            allowed.extend(first..=last);
        }
    }
    allowed.truncate(2);
    Ok(allowed.iter().map(u32::to_string).collect::<Vec<_>>().join(","))
}

/// Compiles the Go side in a folder.
fn compile_go_side(sdk: &Path, folder: &Path) -> Result<PathBuf, String> {
    let (source, program) = (folder.join("frontend.go"), folder.join("go-side"));
    std::fs::write(&source, GO_SIDE).map_err(text_error)?;
    let mut command = Command::new(sdk.join("bin/go"));
    command.args(["build", "-o"]).args([&program, &source]).env("GOFLAGS", "").current_dir(folder);
    time(&mut command)?;
    Ok(program)
}

/// Writes a program that needs net/http; another one each time, so that the program itself is checked anew.
fn program(folder: &Path, number: u32) -> Result<(), String> {
    let text = format!(
        "package main\n\nimport \"net/http\"\n\nconst number = {number}\n\nfunc main() {{\n\t\
         server := http.Server{{Addr: \":0\", Handler: http.NotFoundHandler()}}\n\tprintln(server.ListenAndServe(), number)\n}}\n"
    );
    std::fs::write(folder.join("main.go"), text).map_err(text_error)
}

/// Runs a command that must succeed.
fn time(command: &mut Command) -> Result<Time, String> {
    let (start, before) = (Instant::now(), tool::children_seconds()?);
    let output = command.stdin(Stdio::null()).output().map_err(|e| format!("{command:?}: {e}"))?;
    let time = Time { wall: start.elapsed().as_secs_f64(), processor: tool::children_seconds()? - before };
    if !output.status.success() {
        return Err(format!("{command:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)));
    }
    Ok(time)
}
