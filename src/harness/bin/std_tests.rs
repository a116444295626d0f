//! The standard library's own tests, run by `gorace test -short` in place, package by package.

use clap::Parser;
use gorace_harness::tool;
use std::collections::BTreeMap;
use std::process::{Command, ExitCode, Stdio};

/// Packages whose tests are to pass.
const PACKAGES: &str = "errors sort slices maps strings bytes strconv unicode/utf8 container/list container/heap \
    container/ring bufio io sync sync/atomic context time fmt reflect encoding/json encoding/binary encoding/gob regexp math \
    math/big math/rand text/template text/tabwriter html/template path/filepath os log/slog net/http net/http/httptest \
    go/parser go/types compress/gzip crypto/sha256 testing/synctest iter runtime/debug";

/// Runs tests of the standard library and prints which fail.
#[derive(Parser)]
struct Arguments {
    /// Other packages than those that the project asks for.
    packages: Vec<String>,
    /// Seconds that a package's tests may take.
    #[arg(long, default_value_t = 120)]
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
    let (mut whole, mut passed, mut failed) = (0, 0, 0);
    for name in &packages {
        let mut command = Command::new(&gorace);
        command.args(["test", "-short", "-json", "-timeout", &format!("{}s", a.seconds)]);
        if a.no_race {
            command.arg("--no-race");
        }
        command.arg(name).current_dir(&sources).stdin(Stdio::null()).stderr(Stdio::inherit());
        let output = command.output().map_err(|e| format!("{}: {e}", gorace.display()))?;
        let package = read(&String::from_utf8_lossy(&output.stdout));
        passed += package.passed;
        failed += package.failed.len();
        let summary = format!("{} passed, {} skipped", package.passed, package.skipped);
        if package.ok {
            whole += 1;
            println!("ok       {name}: {summary}");
            continue;
        }
        println!("differs  {name}: {summary}, failed: {}", package.failed.join(" "));
        if package.failed.is_empty() || a.verbose {
            for (test, text) in &package.output {
                if test.is_empty() || package.failed.contains(test) {
                    println!("{}", text.lines().take(40).collect::<Vec<_>>().join("\n"));
                }
            }
        }
    }
    println!(
        "{} packages of the standard library: {whole} pass wholly; {passed} tests pass, {failed} fail",
        packages.len()
    );
    Ok(ExitCode::from(u8::from(whole < packages.len())))
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
            "output" => package.output.entry(test.to_string()).or_default().push_str(text("Output")),
            _ => {}
        }
    }
    package
}
