//! Many schedules of one program: a fresh process for each, as many at a time as there are cores.
//!
//! The processes' findings are gathered in the order of their seeds and merged by `Finding::key`, the first seed's
//! kept: the result depends on the seeds alone, not on which process was faster.

use crate::detector::UNNAMED;
use gorace_base::finding::Finding;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What to explore.
#[derive(Debug, Clone)]
pub struct Exploration {
    pub image: PathBuf,
    /// The program's name and arguments.
    pub args: Vec<String>,
    pub schedules: u64,
    pub seed: u64,
    /// Stop starting schedules after this time.
    pub time: Option<Duration>,
    /// One schedule may take this long.
    pub timeout: Duration,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    pub findings: Vec<Finding>,
    pub schedules: usize,
    pub timed_out: usize,
    /// Schedules whose process a signal ended: a fault of gorace, or of memory. The last words of the first one.
    pub crashed: usize,
    pub crash: String,
    pub elapsed: Duration,
}

struct Run {
    findings: Vec<Finding>,
    /// None when a signal ended it.
    status: Option<i32>,
    stderr: String,
}

/// The status of a run that its time limit ended.
const TIMED_OUT: i32 = 124;

/// Runs the schedules.
///
/// # Errors
/// When this very binary cannot be started again.
pub fn explore(exploration: &Exploration) -> std::io::Result<Outcome> {
    let start = Instant::now();
    let binary = std::env::current_exe()?;
    let done = AtomicUsize::new(0);
    let runs: Vec<(u64, Option<Run>)> = (0..exploration.schedules)
        .into_par_iter()
        .map(|i| {
            if exploration.time.is_some_and(|limit| start.elapsed() > limit) {
                return (i, None);
            }
            let seed = exploration.seed.wrapping_add(i);
            let run = one(&binary, exploration, seed);
            done.fetch_add(1, Ordering::Relaxed);
            (seed, run.ok())
        })
        .collect();
    let mut merged: BTreeMap<String, Finding> = BTreeMap::new();
    let mut outcome = Outcome { schedules: done.into_inner(), ..Outcome::default() };
    for (_, run) in &runs {
        let Some(run) = run else { continue };
        outcome.timed_out += usize::from(run.status == Some(TIMED_OUT));
        if run.status.is_none() {
            outcome.crashed += 1;
            if outcome.crash.is_empty() {
                outcome.crash = run.stderr.lines().last().unwrap_or("").to_string();
            }
        }
        for finding in &run.findings {
            let mut finding = finding.clone();
            name_death(&mut finding, &run.stderr);
            merged.entry(finding.key()).or_insert(finding);
        }
    }
    outcome.findings = merged.into_values().collect();
    drop_wider_deadlocks(&mut outcome.findings);
    outcome.elapsed = start.elapsed();
    Ok(outcome)
}

fn one(binary: &Path, exploration: &Exploration, seed: u64) -> std::io::Result<Run> {
    let file = tempfile::NamedTempFile::new()?;
    let output = Command::new(binary)
        .arg("__worker")
        .arg("--image")
        .arg(&exploration.image)
        .arg("--seed")
        .arg(seed.to_string())
        .arg("--findings")
        .arg(file.path())
        .arg("--timeout-ms")
        .arg(exploration.timeout.as_millis().to_string())
        .arg("--")
        .args(&exploration.args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()?;
    let text = std::fs::read_to_string(file.path())?;
    let findings = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    Ok(Run { findings, status: output.status.code(), stderr: String::from_utf8_lossy(&output.stderr).to_string() })
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
