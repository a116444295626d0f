//! `gorace test --explore`: each test function by itself, under many schedules, as `gorace check` runs a program.
//!
//! The test binary says which functions there are (`-test.list`); each is explored with `-test.run=^NAME$`, in the package's
//! folder. Tests that call `t.Parallel` are then explored together, too: what shows between them alone is told once more, of all of
//! them. Of a test that fails is told what it printed in the first such schedule. What
//! is told of tests and packages stands between the findings where the format is for people, else on standard error.

use super::executable::{Launch, Output};
use super::flags::{Arguments, Leaks};
use crate::compile::{Request, TestPlan, TestProgram, compile_tests};
use crate::progress::Progress;
use crate::search::{Printer, Report, count};
use crate::subject::Subject;
use crate::{fail, note, say};
use gorace_base::exit;
use gorace_base::finding::{Finding, Severity};
use gorace_explore::{Exploration, Made, Observer, Outcome, explore, printed, tells_of_end};
use gorace_report::Format;
use std::collections::HashSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// What one schedule of a test may take, and the listing of tests.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Lines shown of what a failing test printed.
const LINES: usize = 40;

struct Explorer<'a> {
    arguments: &'a Arguments,
    report: Report<'a>,
    goroot: PathBuf,
    failed: bool,
    /// Whether all schedules of all tests were run.
    whole: bool,
    tests: usize,
    schedules: usize,
    /// What could not be written.
    error: Option<String>,
}

/// Runs the command.
pub fn run(a: &Arguments, request: &Request) -> ExitCode {
    if a.json() {
        return fail(&"--explore prints no test events: --format json prints the findings");
    }
    if let Err(e) = a.search.output.prepare() {
        return fail(&e);
    }
    let start = Instant::now();
    let report = match Report::new(&a.search, a.seed, a.schedule_timeout(), TIMEOUT, request) {
        Ok(report) => report,
        Err(e) => return fail(&e),
    };
    let mut explorer = Explorer {
        arguments: a,
        report,
        goroot: PathBuf::new(),
        failed: false,
        whole: !a.leaves_out(),
        tests: 0,
        schedules: 0,
        error: None,
    };
    let goroot = OnceLock::new();
    let mut planned = |plan: TestPlan| {
        let _ = goroot.set(plan.goroot);
        Ok(())
    };
    let mut each = |program: TestProgram| {
        explorer.goroot = goroot.get().cloned().unwrap_or_default();
        explorer.package(&program);
    };
    if let Err(error) = compile_tests(request, &mut planned, &mut each) {
        return fail(&error);
    }
    let Explorer { report, failed, whole, tests, schedules, error, .. } = explorer;
    if let Err(e) = report.finish().and(error.map_or(Ok(()), Err)) {
        return fail(&e);
    }
    let seconds = start.elapsed().as_secs_f64();
    let interrupted = report.interrupted.load(Ordering::Relaxed) && !report.is_full();
    let (first, last) = (
        if interrupted { "interrupted: " } else { "" },
        if report.is_full() { " (stopped by --max-findings)" } else { "" },
    );
    let (tests, all) = (count(tests, "test"), count(schedules, "schedule"));
    note(&format!("{first}{} in {tests}, {all}, {seconds:.1} s{last}", report.counted(0)));
    if a.timings {
        note(&format!("{:>24}: {:.1} a second", "schedules", schedules as f64 / seconds.max(1e-9)));
    }
    // Tests that were not run may just not have come to it.
    if whole {
        report.filter.unused(&report.programs).iter().for_each(|line| note(line));
    }
    ExitCode::from(match (failed, interrupted) {
        (true, _) => super::FAILED,
        (false, true) => exit::INTERRUPTED,
        (false, false) => exit::CLEAN,
    })
}

impl Explorer<'_> {
    /// Prints what is no finding.
    fn tell(&self, text: &str) {
        match self.arguments.search.output.format {
            Format::Text | Format::Go => say(text),
            _ => note(text.trim_end()),
        }
    }

    fn is_over(&self) -> bool {
        self.report.interrupted.load(Ordering::Relaxed)
    }

    fn package(&mut self, program: &TestProgram) {
        if self.is_over() {
            self.whole = false;
            return;
        }
        let package = &program.package;
        let image = match &program.image {
            Ok(Some(image)) => image,
            Ok(None) => return self.tell(&format!("?   \t{package}\t[no test files]\n")),
            Err(error) => {
                note(&error.to_string());
                (self.failed, self.whole) = (true, false);
                return self.tell(&format!("FAIL\t{package} [{}]\n", super::failed_step(error)));
            }
        };
        let start = Instant::now();
        let tests = match functions(image, program, &self.goroot, self.arguments.wanted_tests()) {
            Ok(tests) => tests,
            Err(error) => {
                note(&format!("gorace: {package}: the test program cannot be run: {error}"));
                (self.failed, self.whole) = (true, false);
                return self.tell(&format!("FAIL\t{package}\n"));
            }
        };
        let mut failed = false;
        let first = self.report.shown.len();
        for (at, test) in tests.iter().enumerate() {
            failed |= self.test(image, program, test);
            if self.is_over() || (failed && self.arguments.fail_fast()) {
                self.whole &= at + 1 == tests.len() && !self.is_over();
                break;
            }
        }
        let together =
            if failed && self.arguments.fail_fast() || self.is_over() { Vec::new() } else { parallel(program, &tests) };
        if together.len() > 1 {
            let known = Known { keys: self.report.shown[first..].iter().map(Finding::key).collect(), failed };
            failed |= self.unit(image, program, &together.join("|"), &known);
        }
        self.failed |= failed;
        let word = if failed { "FAIL" } else { "ok  " };
        let nothing = if tests.is_empty() { " [no tests to run]" } else { "" };
        self.tell(&format!("{word}\t{package}\t{:.3}s{nothing}\n", start.elapsed().as_secs_f64()));
    }

    /// Explores one test; whether it failed.
    fn test(&mut self, image: &Path, program: &TestProgram, test: &str) -> bool {
        self.tests += 1;
        self.unit(image, program, test, &Known::default())
    }

    /// Explores a test, or several together; whether something failed that was not known.
    fn unit(&mut self, image: &Path, program: &TestProgram, test: &str, known: &Known) -> bool {
        let a = self.arguments;
        let is_files = a.packages.first().is_some_and(|word| word.ends_with(".go"));
        let mut words = if is_files { a.packages.clone() } else { vec![program.package.clone()] };
        let rest = a.passed_on_with_name();
        words.extend(rest.iter().cloned());
        let subject = Subject::of_test(&a.sources, &words, program, &a.with_parts(test), rest);
        let exploration = self.report.exploration(image.to_path_buf(), &subject);
        let before = self.report.shown.len();
        let progress = Progress::new(test, exploration.schedules);
        let printer = Printer { report: &mut self.report, subject: &subject, progress };
        let explored = explore(&exploration, &mut Unknown { known, leaks: a.leaks, subject: &subject, printer });
        let outcome = match explored {
            Ok(outcome) => outcome,
            Err(error) => {
                note(&format!("gorace: {}: cannot run a schedule: {error}", program.package));
                self.whole = false;
                return true;
            }
        };
        if let Err(error) = self.report.write_traces(before, &subject) {
            self.error.get_or_insert(error);
        }
        self.schedules += outcome.schedules;
        let all = outcome.coverage.as_ref().is_some_and(|coverage| coverage.all);
        self.whole &= all || outcome.saturated.is_some() || outcome.schedules as u64 >= exploration.schedules;
        let findings = self.report.shown.len() - before;
        // A test that fails in some schedules only is a finding, which may be suppressed.
        let always =
            !known.failed && !outcome.failed.is_empty() && outcome.findings.iter().all(|f| !tells_of_end(&f.rule));
        let failed = self.report.fails(before) || always || outcome.unseen() > 0;
        self.report.misses(&outcome, test);
        crate::search::beside(&outcome).for_each(|line| note(&format!("{test}: {line}")));
        if failed || findings > 0 || a.verbose() {
            self.tell(&verdict(test, failed, findings, &outcome));
        }
        if let Some(&(seed, status)) = outcome.failed.first().filter(|_| failed && !known.failed) {
            self.tell(&told(&exploration, seed, status, outcome.failed_by.as_ref()));
        }
        failed
    }
}

/// What the tests of a package have shown by themselves.
#[derive(Default)]
struct Known {
    keys: HashSet<String>,
    /// One of them failed: that all of them together do says no more.
    failed: bool,
}

/// Hands on what is not known.
struct Unknown<'u, 'p, 'a> {
    known: &'u Known,
    leaks: Option<Leaks>,
    subject: &'u Subject,
    printer: Printer<'p, 'a>,
}

impl Observer for Unknown<'_, '_, '_> {
    fn finding(&mut self, finding: &Finding) {
        let mut named = finding.clone();
        self.subject.name(&mut named);
        let mut finding = finding.clone();
        match self.leaks.filter(|_| finding.rule == "goroutine-leak") {
            Some(Leaks::Off) => return,
            Some(Leaks::Warn) => finding.severity = Severity::Warning,
            _ => {}
        }
        let says_no_more = self.known.failed && tells_of_end(&finding.rule);
        if !self.known.keys.contains(&named.key()) && !says_no_more {
            self.printer.finding(&finding);
        }
    }

    fn progress(&mut self, schedules: usize, findings: usize) {
        self.printer.progress(schedules, findings);
    }
}

/// Those of the tests that run side by side, as far as the source says it: all, where a function that is no test calls `Parallel`.
fn parallel(program: &TestProgram, tests: &[String]) -> Vec<String> {
    const CALL: &str = ".Parallel()";
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&program.dir).into_iter().flatten().flatten().map(|e| e.path()).collect();
    files.sort();
    let mut found = HashSet::new();
    for path in files.iter().filter(|path| path.to_string_lossy().ends_with("_test.go")) {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        // Functions begin at the margin, and end there.
        let mut function = "";
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("func ") {
                function = rest.split('(').next().unwrap_or("");
            }
            if line.contains(CALL) && !line.trim_start().starts_with("//") {
                found.insert(function.to_string());
            }
        }
    }
    let is_test = |name: &String| tests.contains(name) || ["Test", "Fuzz"].iter().any(|start| name.starts_with(start));
    if !found.iter().all(is_test) {
        return tests.to_vec();
    }
    tests.iter().filter(|test| found.contains(*test)).cloned().collect()
}

/// The test functions of a package that a regular expression names, as the test program lists them.
///
/// # Errors
/// When the program cannot be run.
pub fn functions(image: &Path, program: &TestProgram, goroot: &Path, wanted: &str) -> std::io::Result<Vec<String>> {
    let arguments = vec![format!("-test.list={wanted}")];
    let (race, exec, kill_after) = (true, Vec::new(), Some(TIMEOUT));
    let launch = Launch { arguments, race, seed: None, threads: None, kill_after, leaks: Leaks::Off, exec };
    let mut listed = Vec::new();
    launch.run(image, &program.package, &program.dir, goroot, Output::To(&mut listed))?;
    let listed = String::from_utf8_lossy(&listed).to_string();
    let is_test = |line: &&str| ["Test", "Example", "Fuzz"].iter().any(|start| line.starts_with(start));
    Ok(listed.lines().filter(is_test).map(str::to_string).collect())
}

/// `--- FAIL: TestX (1 finding, ends badly in 3 of 100 schedules, 0.52s)`
fn verdict(test: &str, failed: bool, findings: usize, outcome: &Outcome) -> String {
    let mut parts = Vec::new();
    if findings > 0 {
        parts.push(count(findings, "finding"));
    }
    match outcome.failed.len() {
        0 => parts.push(count(outcome.schedules, "schedule")),
        n => parts.push(format!("ends badly in {n} of {}", count(outcome.schedules, "schedule"))),
    }
    for (n, what) in [
        (outcome.timed_out, "not ended in time"),
        (outcome.out_of_memory, "out of memory"),
        (outcome.crashed, "killed"),
        (outcome.lost, "not seen to their end"),
    ] {
        if n > 0 {
            parts.push(format!("{n} {what}"));
        }
    }
    if outcome.coverage.as_ref().is_some_and(|coverage| coverage.all) {
        parts.push("every order of its synchronisation".to_string());
    }
    let word = if failed { "FAIL" } else { "PASS" };
    format!("--- {word}: {test} ({}, {:.2}s)\n", parts.join(", "), outcome.elapsed.as_secs_f64())
}

/// What a failing schedule printed.
fn told(exploration: &Exploration, seed: u64, status: i32, made: Option<&Made>) -> String {
    let mut out = format!("    the first has seed {seed} and ends with status {status}; it prints:\n");
    let text = printed(exploration, seed, made).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    for line in &lines[lines.len().saturating_sub(LINES)..] {
        // Behind a bar no line is anybody's command.
        let _ = writeln!(out, "        | {}", gorace_base::visible::part(line));
    }
    out
}
