//! The runtime at its limits, beside Go's: very many goroutines, very deep stacks, a large heap under pressure, short schedules.
//!
//! Each row runs a program of benches/limits and measures from outside (the peak of resident memory, as `/proc` has it) or prints
//! what the program measured itself (pauses and the collector's share of processor time, from runtime/debug and runtime.MemStats).
//! A process that holds more than the limit of `--memory` is ended, and its row says so.

use clap::Parser;
use gorace_harness::tool;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// Prints a table of what gorace's runtime does at its limits, beside Go's.
#[derive(Parser)]
struct Arguments {
    /// Only the rows whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Megabytes that a program may hold.
    #[arg(long, default_value_t = 10_000)]
    memory: u64,
    /// Seconds that a program may take.
    #[arg(long, default_value_t = 900)]
    timeout: u64,
}

/// How a program ended.
struct Ran {
    status: Option<i32>,
    stdout: String,
    stderr: String,
    /// Peak of resident memory, in megabytes.
    peak: u64,
    seconds: f64,
    /// Why it was ended.
    stopped: Option<&'static str>,
}

struct Bench {
    gorace: PathBuf,
    go: PathBuf,
    folder: PathBuf,
    binaries: tempfile::TempDir,
    memory: u64,
    timeout: Duration,
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

/// A number of a `/proc/PID/status` line, in megabytes.
fn status_megabytes(pid: u32, key: &str) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix(':'))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}

fn reader(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).to_string()
    })
}

impl Bench {
    fn watch(&self, mut command: Command) -> Result<Ran, String> {
        let start = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| format!("{command:?}: {e}"))?;
        let out = child.stdout.take().map(reader);
        let err = child.stderr.take().map(reader);
        let mut peak = 0;
        let mut stopped = None;
        let status = loop {
            if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
                break status.code();
            }
            peak = peak.max(status_megabytes(child.id(), "VmHWM").unwrap_or(0));
            let held = status_megabytes(child.id(), "VmRSS").unwrap_or(0);
            if held > self.memory || start.elapsed() > self.timeout {
                stopped = Some(if held > self.memory { "too much memory" } else { "too long" });
                child.kill().map_err(|e| e.to_string())?;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let text =
            |handle: Option<std::thread::JoinHandle<String>>| handle.and_then(|h| h.join().ok()).unwrap_or_default();
        let seconds = start.elapsed().as_secs_f64();
        Ok(Ran { status, stdout: text(out), stderr: text(err), peak, seconds, stopped })
    }

    fn gorace(&self, flags: &[&str], program: &str, arguments: &[&str]) -> Result<Ran, String> {
        let mut command = Command::new(&self.gorace);
        command.arg("run").args(flags).arg(self.folder.join(program)).args(arguments);
        self.watch(command)
    }

    fn go(&self, program: &str, arguments: &[&str]) -> Result<Ran, String> {
        let binary = self.binaries.path().join(program.trim_end_matches(".go"));
        if !binary.is_file() {
            let output = Command::new(&self.go)
                .args(["build", "-o"])
                .arg(&binary)
                .arg(self.folder.join(program))
                .output()
                .map_err(|e| format!("{}: {e}", self.go.display()))?;
            if !output.status.success() {
                return Err(format!("go build {program}: {}", String::from_utf8_lossy(&output.stderr)));
            }
        }
        let mut command = Command::new(binary);
        command.args(arguments);
        self.watch(command)
    }
}

impl Ran {
    /// What went wrong, if the program did not end as it should have.
    fn failure(&self) -> Option<String> {
        match (self.stopped, self.status) {
            (Some(why), _) => Some(format!("ended: {why} ({} MB, {:.0} s)", self.peak, self.seconds)),
            (None, Some(0)) => None,
            (None, Some(status)) => Some(format!("exit {status}: {}", self.stderr.lines().next().unwrap_or(""))),
            (None, None) => Some(format!("a signal ended it: {}", self.stderr.lines().next().unwrap_or(""))),
        }
    }

    fn memory(&self) -> String {
        self.failure().unwrap_or_else(|| format!("{} MB, {:.1} s", self.peak, self.seconds))
    }

    /// The output's numbers.
    fn numbers(&self) -> Vec<f64> {
        self.stdout.split_whitespace().filter_map(|w| w.parse().ok()).collect()
    }
}

/// `start full after` of deep.go.
fn given_back(ran: &Ran) -> String {
    match (ran.failure(), ran.numbers().as_slice()) {
        (Some(failure), _) => failure,
        (None, [_, full, after]) => format!("{full:.0} MB, then {after:.0} MB"),
        _ => format!("unexpected output {:?}", ran.stdout),
    }
}

/// The first lines of a stack overflow.
fn overflow(ran: &Ran) -> String {
    let limit = ran.stderr.lines().any(|l| l == "runtime: goroutine stack exceeds 1000000000-byte limit");
    let fatal = ran.stderr.lines().any(|l| l == "fatal error: stack overflow");
    match (limit && fatal, ran.status) {
        (true, Some(2)) => "Go's words, exit 2".to_string(),
        _ => format!("status {:?}, {:?}", ran.status, ran.stderr.lines().next().unwrap_or("")),
    }
}

/// `pause share collections longest operations` of linked.go.
fn collector(ran: &Ran) -> String {
    match (ran.failure(), ran.numbers().as_slice()) {
        (Some(failure), _) => failure,
        (None, [pause, share, count, longest, operations]) => format!(
            "pause {:.2} ms, CPU {:.1} %, {count} collections, longest operation {:.1} ms, {:.0} operations/s",
            pause / 1e6,
            share * 100.0,
            longest / 1e6,
            operations / 8.0
        ),
        _ => format!("unexpected output {:?}", ran.stdout),
    }
}

/// Schedules a second, from the summary's number and the whole wait of an unchanged program.
fn schedules(b: &Bench) -> Result<String, String> {
    const COUNT: u32 = 1000;
    let make = |count: u32| {
        let mut command = Command::new(&b.gorace);
        command.args(["check", "--schedules", &count.to_string()]).arg(b.folder.join("kernel.go"));
        command
    };
    b.watch(make(1))?;
    let ran = b.watch(make(COUNT))?;
    Ok(ran.failure().unwrap_or_else(|| format!("{:.0} a second", f64::from(COUNT) / ran.seconds)))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    let folder = Path::new("benches/limits").to_path_buf();
    if !folder.is_dir() {
        return Err("benches/limits is not here: run this from the project's folder".to_string());
    }
    let b = Bench {
        gorace: tool::gorace()?,
        go: tool::sdk_root()?.join("bin/go"),
        folder,
        binaries: tempfile::tempdir().map_err(|e| e.to_string())?,
        memory: a.memory,
        timeout: Duration::from_secs(a.timeout),
    };
    type Cell<'c> = Box<dyn Fn() -> Result<String, String> + 'c>;
    let fast: &[&str] = &["--no-race"];
    let parked = |flags: &'static [&'static str], n: &'static str| -> Cell<'_> {
        Box::new(|| Ok(b.gorace(flags, "parked.go", &[n])?.memory()))
    };
    let none = || -> Cell<'_> { Box::new(|| Ok("–".to_string())) };
    let rows: Vec<(&str, Cell<'_>, Cell<'_>, &str)> = vec![
        (
            "1,000,000 goroutines parked",
            parked(&["--no-race"], "1000000"),
            Box::new(|| Ok(b.go("parked.go", &["1000000"])?.memory())),
            "6000 MB",
        ),
        ("200,000 goroutines parked, race checks", parked(&[], "200000"), none(), "2000 MB"),
        ("1,000,000 goroutines parked, race checks", parked(&[], "1000000"), none(), "it runs"),
        (
            "100,000 goroutines 1,000 deep, then back",
            Box::new(|| Ok(given_back(&b.gorace(fast, "deep.go", &["100000"])?))),
            Box::new(|| Ok(given_back(&b.go("deep.go", &["100000"])?))),
            "given back",
        ),
        (
            "recursion to 900 MB",
            Box::new(|| Ok(b.gorace(fast, "stack.go", &["900"])?.memory())),
            Box::new(|| Ok(b.go("stack.go", &["900"])?.memory())),
            "it runs",
        ),
        (
            "recursion beyond 1 GB",
            Box::new(|| Ok(overflow(&b.gorace(fast, "stack.go", &["1100"])?))),
            Box::new(|| Ok(overflow(&b.go("stack.go", &["1100"])?))),
            "Go's words",
        ),
        (
            "1 GB of small linked objects",
            Box::new(|| Ok(collector(&b.gorace(fast, "linked.go", &["1024"])?))),
            Box::new(|| Ok(collector(&b.go("linked.go", &["1024"])?))),
            "pause 1 ms, CPU 1.5 times Go's",
        ),
        ("schedules of a small program", Box::new(|| schedules(&b)), none(), "300 a second"),
    ];
    println!("| what | gorace | Go | asked |\n|---|---|---|---|");
    for (name, ours, theirs, asked) in rows.iter().filter(|row| row.0.contains(&a.only)) {
        println!("| {name} | {} | {} | {asked} |", ours()?, theirs()?);
    }
    Ok(ExitCode::SUCCESS)
}
