//! The SDK's race tests (`src/runtime/race/testdata`), each in a process of its own, against the verdict in its name.
//!
//! The tests are compiled in place, as `go test` would. A
//! `TestRace…` is right when a race (or the map's own "concurrent map" error) is reported in one of the schedules, a
//! `TestNoRace…` when none is in all of them and the test passed. What is reported when no test is selected (races of package
//! initialisation) counts for none.

use clap::Parser;
use gorace_harness::tool::{self, Schedule};
use rayon::prelude::*;
use std::collections::HashSet;
use std::path::Path;
use std::process::ExitCode;

/// Runs the SDK's race tests and prints right, wrong and not yet run.
#[derive(Parser)]
struct Arguments {
    /// Schedules for each test.
    #[arg(long, default_value_t = 3)]
    schedules: u64,
    /// Only tests whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Milliseconds for one schedule.
    #[arg(long, default_value_t = 20_000)]
    timeout_ms: u64,
}

#[derive(PartialEq, Eq)]
enum Verdict {
    Right,
    Wrong(String),
    /// The test itself did not run to its end.
    NotYet(String),
    /// The test skips itself.
    Skipped,
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    let gorace = tool::gorace()?;
    let tests = tool::sdk_sources()?.join("runtime/race/testdata");
    let names = names(&tests)?;
    let image = tool::compile_tests(&gorace, &tests)?;
    let baseline: HashSet<String> = (1..=a.schedules)
        .filter_map(|seed| {
            tool::schedule(&gorace, &image, &tests, seed, a.timeout_ms, &["race", "-test.run", "^$"]).ok()
        })
        .flat_map(|s| s.findings.iter().map(gorace_base::finding::Finding::key).collect::<Vec<_>>())
        .collect();
    let chosen: Vec<&String> = names.iter().filter(|n| n.contains(&a.only)).collect();
    let verdicts: Vec<(&String, Verdict)> =
        chosen.par_iter().map(|name| (*name, judge(&gorace, &image, &tests, a, name, &baseline))).collect();
    let (mut right, mut wrong, mut not_yet, mut alarms) = (0, 0, 0, 0);
    for (name, verdict) in &verdicts {
        match verdict {
            Verdict::Right => right += 1,
            Verdict::Wrong(why) => {
                wrong += 1;
                alarms += usize::from(name.starts_with("TestNoRace"));
                println!("wrong    {name}: {why}");
            }
            Verdict::Skipped => println!("skipped  {name}: it skips itself"),
            Verdict::NotYet(why) => {
                not_yet += 1;
                println!("not yet  {name}: {why}");
            }
        }
    }
    println!(
        "{} race tests of the SDK: {right} right, {wrong} wrong ({alarms} false alarms), {not_yet} not yet",
        verdicts.len()
    );
    Ok(ExitCode::from(u8::from(wrong + not_yet > 0)))
}

/// The names of the tests; those that need cgo are left out.
fn names(tests: &Path) -> Result<Vec<String>, String> {
    let io = |path: &Path, e: std::io::Error| format!("{}: {e}", path.display());
    let pattern =
        regex::Regex::new(r"(?m)^func (Test(?:No)?Race\w*)\(\w+ \*testing\.T\)").map_err(|e| e.to_string())?;
    let mut names = Vec::new();
    for file in std::fs::read_dir(tests).map_err(|e| io(tests, e))?.filter_map(|f| Some(f.ok()?.path())) {
        let name = file.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if name.ends_with("_test.go") && !name.starts_with("cgo") {
            let text = std::fs::read_to_string(&file).map_err(|e| io(&file, e))?;
            names.extend(pattern.captures_iter(&text).map(|c| c[1].to_string()));
        }
    }
    names.sort();
    Ok(names)
}

fn judge(gorace: &Path, image: &Path, tests: &Path, a: &Arguments, name: &str, baseline: &HashSet<String>) -> Verdict {
    let racy = name.starts_with("TestRace");
    for seed in 1..=a.schedules {
        let only = format!("^{name}$");
        let last =
            match tool::schedule(gorace, image, tests, seed, a.timeout_ms, &["race", "-test.v", "-test.run", &only]) {
                Ok(schedule) => schedule,
                Err(e) => return Verdict::NotYet(e.to_string()),
            };
        let race = last.findings.iter().find(|f| f.rule == "data-race" && !baseline.contains(&f.key()));
        let map = last.stderr.contains("fatal error: concurrent map");
        match (race, racy) {
            (Some(_), true) => return Verdict::Right,
            (Some(finding), false) => return Verdict::Wrong(finding.headline.clone()),
            (None, true) if map => return Verdict::Right,
            (None, false) if map => return Verdict::Wrong("concurrent map access".to_string()),
            _ if last.stdout.contains(&format!("--- SKIP: {name} ")) => return Verdict::Skipped,
            _ => {}
        }
        if !finished(&last) {
            let words = last.stderr.lines().find(|l| !l.is_empty()).unwrap_or("");
            return Verdict::NotYet(format!("status {:?} {words}", last.status));
        }
    }
    if racy { Verdict::Wrong("no race found".to_string()) } else { Verdict::Right }
}

/// Whether package testing came to its end.
fn finished(schedule: &Schedule) -> bool {
    schedule.stdout.lines().any(|l| l == "PASS" || l == "FAIL" || l.starts_with("--- FAIL"))
}
