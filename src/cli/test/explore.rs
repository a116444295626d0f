//! `gorace test --explore`: each test function by itself, under many schedules, as `gorace check` runs a program.
//!
//! The test binary says which functions there are (`-test.list`); each is explored with `-test.run=^NAME$`, in the package's
//! folder. A test that fails in some schedule without a finding is reported with what it printed in the first such schedule.

use super::executable::{Launch, Output};
use super::flags::Arguments;
use crate::check::interruption;
use crate::compile::{Request, TestPlan, TestProgram, compile_tests};
use crate::progress::Progress;
use crate::{fail, note, read_source, say};
use gorace_base::exit;
use gorace_base::finding::{Finding, Severity};
use gorace_explore::schedules::printed;
use gorace_explore::{Exploration, Observer, Outcome, explore};
use gorace_report::Format;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// What one schedule of a test may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes that one schedule's process may hold.
const MEMORY: u64 = 2 << 30;
/// Lines shown of what a failing test printed.
const LINES: usize = 40;

struct Explorer<'a> {
    arguments: &'a Arguments,
    interrupted: Arc<AtomicBool>,
    goroot: PathBuf,
    failed: bool,
    tests: usize,
    schedules: usize,
    findings: usize,
}

/// Runs the command.
pub fn run(a: &Arguments, request: &Request) -> ExitCode {
    if a.json() {
        return fail(&"--explore prints no test events: leave --json out");
    }
    let start = Instant::now();
    let mut explorer = Explorer {
        arguments: a,
        interrupted: interruption(),
        goroot: PathBuf::new(),
        failed: false,
        tests: 0,
        schedules: 0,
        findings: 0,
    };
    let goroot = OnceLock::new();
    let mut planned = |plan: TestPlan| {
        let _ = goroot.set(plan.goroot);
    };
    let mut each = |program: TestProgram| {
        explorer.goroot = goroot.get().cloned().unwrap_or_default();
        explorer.package(&program);
    };
    if let Err(error) = compile_tests(request, &mut planned, &mut each) {
        return fail(&error);
    }
    let (tests, schedules, findings) = (explorer.tests, explorer.schedules, explorer.findings);
    let seconds = start.elapsed().as_secs_f64();
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let (findings, tests, all) = (count(findings, "finding"), count(tests, "test"), count(schedules, "schedule"));
    note(&format!("{findings} in {tests}, {all}, {seconds:.1} s"));
    if a.timings {
        note(&format!("{:>24}: {:.1} a second", "schedules", schedules as f64 / seconds.max(1e-9)));
    }
    ExitCode::from(if explorer.failed { super::FAILED } else { exit::CLEAN })
}

impl Explorer<'_> {
    fn package(&mut self, program: &TestProgram) {
        if self.interrupted.load(Ordering::Relaxed) {
            return;
        }
        let package = &program.package;
        let image = match &program.image {
            Ok(Some(image)) => image,
            Ok(None) => return say(&format!("?   \t{package}\t[no test files]\n")),
            Err(error) => {
                note(&error.to_string());
                self.failed = true;
                return say(&format!("FAIL\t{package} [build failed]\n"));
            }
        };
        let start = Instant::now();
        let tests = match self.list(image, program) {
            Ok(tests) => tests,
            Err(error) => {
                note(&format!("gorace: {package}: the test program cannot be run: {error}"));
                self.failed = true;
                return say(&format!("FAIL\t{package}\n"));
            }
        };
        let mut failed = false;
        for test in &tests {
            failed |= self.test(image, program, test);
            if self.interrupted.load(Ordering::Relaxed) || (failed && self.arguments.fail_fast()) {
                break;
            }
        }
        self.failed |= failed;
        let word = if failed { "FAIL" } else { "ok  " };
        let nothing = if tests.is_empty() { " [no tests to run]" } else { "" };
        say(&format!("{word}\t{package}\t{:.3}s{nothing}\n", start.elapsed().as_secs_f64()));
    }

    /// The test functions that the program has and the flags want.
    fn list(&self, image: &Path, program: &TestProgram) -> std::io::Result<Vec<String>> {
        let arguments = vec![format!("-test.list={}", self.arguments.wanted_tests())];
        let launch = Launch { arguments, race: true, seed: None, threads: None, kill_after: Some(TIMEOUT) };
        let mut listed = Vec::new();
        launch.run(image, &program.package, &program.dir, &self.goroot, Output::To(&mut listed))?;
        let listed = String::from_utf8_lossy(&listed).to_string();
        let is_test = |line: &&str| ["Test", "Example", "Fuzz"].iter().any(|start| line.starts_with(start));
        Ok(listed.lines().filter(is_test).map(str::to_string).collect())
    }

    /// Explores one test; whether it failed.
    fn test(&mut self, image: &Path, program: &TestProgram, test: &str) -> bool {
        let a = self.arguments;
        let name = program.package.rsplit('/').next().unwrap_or(&program.package);
        let mut args = vec![format!("{name}.test")];
        args.extend(a.passed_on_for(test));
        let exploration = Exploration {
            image: image.to_path_buf(),
            args,
            folder: Some(program.dir.clone()),
            schedules: a.schedules,
            seed: a.seed.unwrap_or(1),
            strategy: a.strategy,
            preemptions: 2,
            only: None,
            shorten: true,
            time: a.time,
            timeout: TIMEOUT,
            memory: MEMORY,
            interrupted: self.interrupted.clone(),
        };
        let mut printer = Printer {
            again: format!("gorace test --explore --run '^{test}$' {}", program.package),
            progress: Progress::new(test, a.schedules),
        };
        let outcome = match explore(&exploration, &mut printer) {
            Ok(outcome) => outcome,
            Err(error) => {
                drop(printer);
                note(&format!("gorace: {}: cannot run a schedule: {error}", program.package));
                return true;
            }
        };
        drop(printer);
        self.tests += 1;
        self.schedules += outcome.schedules;
        self.findings += outcome.findings.len();
        let failed = has_failed(&outcome);
        if failed || a.verbose() {
            say(&verdict(test, &outcome));
        }
        // What a finding ended has been told.
        if !outcome.findings.iter().any(is_error)
            && let Some(&(seed, status)) = outcome.failed.first()
        {
            say(&told(&exploration, seed, status));
        }
        failed
    }
}

fn is_error(finding: &Finding) -> bool {
    finding.severity == Severity::Error
}

/// Whether a test is to fail: what is only predicted is told.
fn has_failed(outcome: &Outcome) -> bool {
    outcome.findings.iter().any(is_error) || !outcome.failed.is_empty()
}

/// `--- FAIL: TestX (1 finding, failed in 3 of 100 schedules, 0.52s)`
fn verdict(test: &str, outcome: &Outcome) -> String {
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let failed = has_failed(outcome);
    let mut parts = Vec::new();
    if !outcome.findings.is_empty() {
        parts.push(count(outcome.findings.len(), "finding"));
    }
    match outcome.failed.len() {
        0 => parts.push(count(outcome.schedules, "schedule")),
        n => parts.push(format!("ends badly in {n} of {}", count(outcome.schedules, "schedule"))),
    }
    if outcome.timed_out > 0 {
        parts.push(format!("{} not ended in time", outcome.timed_out));
    }
    let word = if failed { "FAIL" } else { "PASS" };
    format!("--- {word}: {test} ({}, {:.2}s)\n", parts.join(", "), outcome.elapsed.as_secs_f64())
}

/// What a failing schedule printed.
fn told(exploration: &Exploration, seed: u64, status: i32) -> String {
    let mut out = format!("    the first has seed {seed} and ends with status {status}; it prints:\n");
    let text = printed(exploration, seed).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    for line in &lines[lines.len().saturating_sub(LINES)..] {
        let _ = writeln!(out, "        {line}");
    }
    out
}

/// Prints findings when they come.
struct Printer {
    /// The command that explores the test again.
    again: String,
    progress: Progress,
}

impl Observer for Printer {
    fn finding(&mut self, finding: &Finding) {
        let mut finding = finding.clone();
        finding.replay = format!("{} --schedules 1 --seed {}", self.again, finding.seed);
        let text = gorace_report::render(Format::Text, std::slice::from_ref(&finding), &read_source);
        self.progress.aside(|| say(&text));
    }

    fn progress(&mut self, schedules: usize, findings: usize) {
        self.progress.at(schedules as u64, &format!("{findings} found"));
    }
}
