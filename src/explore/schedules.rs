//! Many schedules of one program: a fresh process for each, as many at a time as there are cores.
//!
//! The processes' findings are taken in the order of their seeds and merged by `Finding::key`, the first seed's kept: what
//! is found, and in which order, depends on the seeds alone, not on which process was faster. A finding is handed on as
//! soon as all schedules before its own are complete; deadlocks come at the end, without those that hold a smaller one.

use crate::detector::UNNAMED;
use crate::process::{End, Run, Running};
use crate::strategy::Name;
use gorace_base::finding::Finding;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// What to explore.
#[derive(Debug, Clone)]
pub struct Exploration {
    pub image: PathBuf,
    /// The program's name and arguments.
    pub args: Vec<String>,
    pub schedules: u64,
    pub seed: u64,
    pub strategy: Name,
    /// Stop starting schedules after this time.
    pub time: Option<Duration>,
    /// One schedule may take this long.
    pub timeout: Duration,
    /// Bytes that one schedule's process may hold.
    pub memory: u64,
    /// Set from outside to end the exploration early.
    pub interrupted: Arc<AtomicBool>,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// In the order in which they were handed on.
    pub findings: Vec<Finding>,
    pub schedules: usize,
    pub timed_out: usize,
    /// Schedules ended because they held too much memory.
    pub out_of_memory: usize,
    /// Schedules whose process died of a signal, with the last words of the first.
    pub crashed: usize,
    pub last_words: String,
    pub interrupted: bool,
    pub elapsed: Duration,
}

/// Who is told what happens while it happens.
pub trait Observer {
    /// A new finding; findings come in the order of their seeds.
    fn finding(&mut self, _finding: &Finding) {}
    /// Another schedule has ended.
    fn progress(&mut self, _schedules: usize, _findings: usize) {}
}

impl Observer for () {}

/// How often the running processes are looked at.
const TICK: Duration = Duration::from_millis(50);

/// Processes at a time.
pub fn width() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Runs the schedules.
///
/// # Errors
/// When this very binary cannot be started again, or cannot start the program.
pub fn explore(exploration: &Exploration, observer: &mut dyn Observer) -> std::io::Result<Outcome> {
    let start = Instant::now();
    let binary = std::env::current_exe()?;
    let (next, stop, running) = (AtomicU64::new(0), AtomicBool::new(false), Running::default());
    let mut gathered =
        Gathered { observer, seen: HashSet::new(), deadlocks: Vec::new(), outcome: Outcome::default(), failure: None };
    std::thread::scope(|scope| {
        let (sender, receiver) = channel();
        let width = width().min(usize::try_from(exploration.schedules).unwrap_or(usize::MAX));
        for _ in 0..width {
            let sender = sender.clone();
            let (binary, next, stop, running) = (&binary, &next, &stop, &running);
            scope.spawn(move || work(binary, exploration, next, stop, running, &sender));
        }
        drop(sender);
        // Runs that wait for one of an earlier seed, and the seed whose turn it is.
        let mut early: BTreeMap<u64, Run> = BTreeMap::new();
        let mut turn = 0;
        let mut looked = start;
        loop {
            match receiver.recv_timeout(TICK) {
                Ok((at, Ok(run))) => {
                    gathered.outcome.schedules += 1;
                    early.insert(at, run);
                }
                Ok((at, Err(error))) => {
                    stop.store(true, Ordering::Relaxed);
                    gathered.failure.get_or_insert(error);
                    early.remove(&at);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if looked.elapsed() >= TICK {
                running.watch(exploration.memory, exploration.timeout);
                looked = Instant::now();
            }
            while let Some(run) = early.remove(&turn) {
                gathered.take(exploration.seed.wrapping_add(turn), run);
                turn += 1;
            }
            let (schedules, findings) = (gathered.outcome.schedules, gathered.outcome.findings.len());
            gathered.observer.progress(schedules, findings);
            let over = exploration.time.is_some_and(|limit| start.elapsed() > limit);
            if exploration.interrupted.load(Ordering::Relaxed) {
                gathered.outcome.interrupted = true;
                stop.store(true, Ordering::Relaxed);
                running.interrupt();
            } else if over {
                stop.store(true, Ordering::Relaxed);
            }
        }
        for (at, run) in early {
            gathered.take(exploration.seed.wrapping_add(at), run);
        }
    });
    if let Some(error) = gathered.failure {
        return Err(error);
    }
    let mut deadlocks = std::mem::take(&mut gathered.deadlocks);
    drop_wider_deadlocks(&mut deadlocks);
    deadlocks.into_iter().for_each(|finding| gathered.hand_on(finding));
    let mut outcome = gathered.outcome;
    outcome.elapsed = start.elapsed();
    Ok(outcome)
}

/// Takes schedules until there are no more.
fn work(
    binary: &Path,
    exploration: &Exploration,
    next: &AtomicU64,
    stop: &AtomicBool,
    running: &Running,
    sender: &Sender<(u64, std::io::Result<Run>)>,
) {
    while !stop.load(Ordering::Relaxed) {
        let at = next.fetch_add(1, Ordering::Relaxed);
        if at >= exploration.schedules {
            break;
        }
        let run = one(binary, exploration, exploration.seed.wrapping_add(at), running);
        // The receiver lives until all senders are gone.
        let _ = sender.send((at, run));
    }
}

struct Gathered<'o> {
    observer: &'o mut dyn Observer,
    seen: HashSet<String>,
    /// Kept back to the end: only then is it known which are part of others.
    deadlocks: Vec<Finding>,
    outcome: Outcome,
    failure: Option<std::io::Error>,
}

impl Gathered<'_> {
    /// Takes a schedule's results into account.
    fn take(&mut self, seed: u64, run: Run) {
        match run.end {
            End::Exited(_) | End::Interrupted => {}
            End::TimedOut => self.outcome.timed_out += 1,
            End::OutOfMemory => self.outcome.out_of_memory += 1,
            End::Signal(signal) => {
                if self.outcome.crashed == 0 {
                    let words = run.stderr.lines().last().unwrap_or("");
                    self.outcome.last_words = format!("seed {seed}, signal {signal} {words}").trim_end().to_string();
                }
                self.outcome.crashed += 1;
            }
        }
        for mut finding in run.findings {
            name_death(&mut finding, &run.stderr);
            if !self.seen.insert(finding.key()) {
                continue;
            }
            if finding.rule == "deadlock" {
                self.deadlocks.push(finding);
            } else {
                self.hand_on(finding);
            }
        }
    }

    fn hand_on(&mut self, finding: Finding) {
        self.observer.finding(&finding);
        self.outcome.findings.push(finding);
    }
}

fn one(binary: &Path, exploration: &Exploration, seed: u64, running: &Running) -> std::io::Result<Run> {
    let file = tempfile::NamedTempFile::new()?;
    let mut command = Command::new(binary);
    command
        .arg("__worker")
        .arg("--image")
        .arg(&exploration.image)
        .arg("--seed")
        .arg(seed.to_string())
        .args(["--strategy", exploration.strategy.text()])
        .arg("--findings")
        .arg(file.path())
        .arg("--timeout-ms")
        .arg(exploration.timeout.as_millis().to_string())
        .arg("--")
        .args(&exploration.args);
    running.run(command, file.path())
}

/// Gives the finding of a run's violent end its words and its rule: the message in front of the last trace.
fn name_death(finding: &mut Finding, stderr: &str) {
    if finding.rule != UNNAMED || !finding.headline.is_empty() {
        return;
    }
    let lines: Vec<&str> = stderr.lines().collect();
    let trace = lines.iter().rposition(|l| l.ends_with(" [running]:")).unwrap_or(lines.len());
    let message = lines[..trace].iter().rfind(|l| l.starts_with("panic: ") || l.starts_with("fatal error: "));
    let message = message.map_or("the program was ended by a panic", |m| m.trim_end());
    finding.headline = message.split(" [recovered").next().unwrap_or(message).to_string();
    finding.rule = rule_of(message).to_string();
}

/// Takes out deadlocks that another one is part of: what else waits there, waits behind it.
fn drop_wider_deadlocks(findings: &mut Vec<Finding>) {
    let deadlocks: Vec<_> = findings.iter().filter(|f| f.rule == "deadlock").map(Finding::places).collect();
    findings.retain(|f| {
        let places = f.places();
        f.rule != "deadlock" || !deadlocks.iter().any(|d| d.len() < places.len() && d.is_subset(&places))
    });
}

fn rule_of(message: &str) -> &'static str {
    let known = [
        ("sync: unlock of unlocked", "unlock-of-unlocked"),
        ("sync: Unlock of unlocked", "unlock-of-unlocked"),
        ("sync: RUnlock of unlocked", "unlock-of-unlocked"),
        ("negative WaitGroup counter", "negative-waitgroup"),
        ("WaitGroup is reused", "negative-waitgroup"),
        ("WaitGroup misuse", "negative-waitgroup"),
        ("close of closed channel", "close-of-closed"),
        ("send on closed channel", "send-on-closed"),
        ("concurrent map", "concurrent-map-access"),
        ("all goroutines are asleep", "deadlock"),
        ("no goroutines (main called runtime.Goexit)", "deadlock"),
    ];
    known.iter().find(|(text, _)| message.contains(text)).map_or("panic", |(_, rule)| rule)
}
