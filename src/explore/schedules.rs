//! Many schedules of one program: a fresh process for each, as many at a time as there are cores.
//!
//! The processes' findings are gathered in the order of their seeds and merged by `Finding::key`, the first seed's
//! kept: the result depends on the seeds alone, not on which process was faster.

use gorace_base::finding::{Event, Finding, Frame, Severity};
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
    pub elapsed: Duration,
}

struct Run {
    findings: Vec<Finding>,
    status: i32,
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
    for (seed, run) in &runs {
        let Some(run) = run else { continue };
        outcome.timed_out += usize::from(run.status == TIMED_OUT);
        for finding in &run.findings {
            merged.entry(finding.key()).or_insert_with(|| finding.clone());
        }
        let explained = run.findings.iter().any(|f| f.rule == "deadlock" || f.rule == "lock-cycle");
        if run.status != 0
            && run.status != TIMED_OUT
            && !explained
            && let Some(finding) = death(*seed, run)
        {
            merged.entry(finding.key()).or_insert(finding);
        }
    }
    outcome.findings = merged.into_values().collect();
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
    let status = output.status.code().unwrap_or(TIMED_OUT);
    Ok(Run { findings, status, stderr: String::from_utf8_lossy(&output.stderr).to_string() })
}

/// The panic or fatal error that ended a run, read from its last words.
fn death(seed: u64, run: &Run) -> Option<Finding> {
    let mut lines = run.stderr.lines();
    let message = lines.by_ref().find(|l| l.starts_with("panic: ") || l.starts_with("fatal error: "))?.to_string();
    let mut stack = Vec::new();
    let mut function = String::new();
    for line in lines {
        if let Some(place) = line.strip_prefix('\t') {
            let place = place.split(" +0x").next().unwrap_or(place);
            let mut parts = place.rsplitn(2, ':');
            let number = parts.next().and_then(|n| n.parse().ok()).unwrap_or(0);
            let file = parts.next().unwrap_or("").to_string();
            stack.push(Frame { function: std::mem::take(&mut function), file, line: number, column: 1, offset: 0 });
        } else if line.starts_with("goroutine ") && !stack.is_empty() || line.starts_with("created by") {
            break;
        } else {
            function = line.split('(').next().unwrap_or(line).to_string();
        }
    }
    let rule = rule_of(&message);
    let user =
        stack.iter().position(|f| !f.file.contains("/src/runtime/") && !f.file.contains("/src/sync/")).unwrap_or(0);
    let stack = stack.split_off(user.min(stack.len()));
    Some(Finding {
        rule: rule.to_string(),
        severity: Severity::Error,
        headline: message.clone(),
        events: vec![Event {
            what: "ends the program".to_string(),
            goroutine: 0,
            stack,
            created: Vec::new(),
            finished: false,
        }],
        address: 0,
        variable: None,
        seed,
    })
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
    ];
    known.iter().find(|(text, _)| message.contains(text)).map_or("panic", |(_, rule)| rule)
}
