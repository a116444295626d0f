//! The standard library's own tests, run by `gorace test -short` in place, package by package.
//!
//! `std_tests.txt` lists the tests that are known not to pass, with the reason. A package agrees when exactly those fail.

use clap::Parser;
use gorace_harness::tool;
use std::collections::BTreeMap;
use std::process::{Command, ExitCode, Stdio};

/// Packages whose tests are to pass.
const PACKAGES: &str = "errors sort slices maps strings bytes strconv unicode/utf8 container/list container/heap \
    container/ring bufio io sync sync/atomic context time fmt reflect encoding/json encoding/binary encoding/gob regexp math \
    math/big math/rand text/template text/tabwriter html/template path/filepath os log/slog net/http net/http/httptest \
    go/parser go/types compress/gzip crypto/sha256 testing/synctest iter runtime/debug";

/// See the file.
const KNOWN: &str = include_str!("../std_tests.txt");

/// A test that is known not to pass.
struct Known {
    package: &'static str,
    test: &'static str,
    /// It would end its package's run.
    left_out: bool,
    /// It passes in some runs.
    sometimes: bool,
    reason: &'static str,
}

/// Runs tests of the standard library and prints which fail.
#[derive(Parser)]
struct Arguments {
    /// Other packages than those that the project asks for.
    packages: Vec<String>,
    /// Seconds that a package's tests may take.
    #[arg(long, default_value_t = 300)]
    seconds: u64,
    /// Without race checks.
    #[arg(long)]
    no_race: bool,
    /// What failing tests print.
    #[arg(long)]
    verbose: bool,
}

/// What became of one package's tests.
#[derive(Default)]
struct Package {
    passed: usize,
    skipped: usize,
    failed: Vec<String>,
    output: BTreeMap<String, String>,
    /// The package as a whole.
    ok: bool,
    /// A panic or a fatal error ended the run, so that tests were not run.
    cut_off: bool,
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    let gorace = tool::gorace()?;
    let sources = tool::sdk_sources()?;
    let packages: Vec<&str> = match &a.packages[..] {
        [] => PACKAGES.split_whitespace().collect(),
        named => named.iter().map(String::as_str).collect(),
    };
    let known = known();
    let (mut whole, mut agree, mut passed, mut failed, mut listed) = (0, 0, 0, 0, 0);
    for name in &packages {
        let here: Vec<&Known> = known.iter().filter(|k| k.package == *name).collect();
        let mut command = Command::new(&gorace);
        command.args(["test", "-short", "-json", "-timeout", &format!("{}s", a.seconds)]);
        if a.no_race {
            command.arg("--no-race");
        }
        let left_out: Vec<&str> = here.iter().filter(|k| k.left_out).map(|k| k.test).collect();
        if !left_out.is_empty() {
            command.arg(format!("-skip=^({})$", left_out.join("|")));
        }
        command.arg(name).current_dir(&sources).stdin(Stdio::null()).stderr(Stdio::inherit());
        let output = command.output().map_err(|e| format!("{}: {e}", gorace.display()))?;
        let package = read(&String::from_utf8_lossy(&output.stdout));
        let new: Vec<&str> =
            package.failed.iter().map(String::as_str).filter(|f| here.iter().all(|k| k.test != *f)).collect();
        // A test that was not run says nothing.
        let mended: Vec<&str> = here
            .iter()
            .filter(|k| !k.left_out && !k.sometimes && !package.cut_off && !package.failed.iter().any(|f| f == k.test))
            .map(|k| k.test)
            .collect();
        passed += package.passed;
        failed += new.len();
        listed += here.len();
        let summary = format!("{} passed, {} skipped", package.passed, package.skipped);
        if package.ok && here.is_empty() {
            whole += 1;
            println!("ok       {name}: {summary}");
            continue;
        }
        if new.is_empty() && mended.is_empty() && !package.cut_off && (package.ok || !package.failed.is_empty()) {
            agree += 1;
            println!("ok       {name}: {summary}, {} known not to pass", here.len());
            continue;
        }
        println!("differs  {name}: {summary}, failed: {}", new.join(" "));
        if !mended.is_empty() {
            println!("         {name}: listed in std_tests.txt, but passed: {}", mended.join(" "));
        }
        if package.failed.is_empty() || package.cut_off || a.verbose {
            for (test, text) in &package.output {
                if test.is_empty() || package.failed.contains(test) {
                    println!("{}", text.lines().take(40).collect::<Vec<_>>().join("\n"));
                }
            }
        }
    }
    for k in known.iter().filter(|k| packages.contains(&k.package)) {
        println!("known    {} {}: {}", k.package, k.test, k.reason);
    }
    println!(
        "{} packages of the standard library: {whole} pass wholly, {agree} but for tests that are listed; {passed} tests pass, \
         {listed} are listed, {failed} fail",
        packages.len()
    );
    Ok(ExitCode::from(u8::from(whole + agree < packages.len())))
}

/// The table.
fn known() -> Vec<Known> {
    let line = |line: &'static str| {
        let (package, rest) = line.split_once(' ')?;
        let (test, reason) = rest.split_once(' ')?;
        let (left_out, sometimes) = (test.starts_with('!'), test.starts_with('?'));
        Some(Known { package, test: test.trim_start_matches(['!', '?']), left_out, sometimes, reason })
    };
    KNOWN.lines().filter(|l| !l.starts_with('#')).filter_map(line).collect()
}

/// Reads a package's events; subtests count with their parents.
fn read(events: &str) -> Package {
    let mut package = Package::default();
    for event in events.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()) {
        let text = |key: &str| event[key].as_str().unwrap_or("");
        let test = text("Test").split('/').next().unwrap_or("");
        let whole = !text("Test").contains('/');
        match text("Action") {
            "pass" if test.is_empty() => package.ok = true,
            "pass" if whole => package.passed += 1,
            "skip" if whole && !test.is_empty() => package.skipped += 1,
            "fail" if whole && !test.is_empty() => package.failed.push(test.to_string()),
            "output" if is_end(text("Output")) => {
                package.cut_off = true;
                package.output.entry(test.to_string()).or_default().push_str(text("Output"));
            }
            "output" => package.output.entry(test.to_string()).or_default().push_str(text("Output")),
            _ => {}
        }
    }
    package
}

/// A line that ends a program.
fn is_end(line: &str) -> bool {
    line.starts_with("panic: ") || line.starts_with("fatal error: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = KNOWN.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).count();
        let known = known();
        assert_eq!(known.len(), lines);
        let packages: Vec<&str> = PACKAGES.split_whitespace().collect();
        for k in &known {
            assert!(packages.contains(&k.package) && k.test.starts_with("Test") && !k.reason.is_empty(), "{}", k.test);
        }
    }
}
