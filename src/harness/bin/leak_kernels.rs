//! The SDK's leak kernels (`src/runtime/testdata/testgoroutineleakprofile/goker`): real bugs cut down to their core, each of
//! which leaves goroutines blocked for ever, some in few schedules of a hundred.
//!
//! A kernel counts as reported when one of its schedules gives a finding of a rule that says so (a leak, a cycle of
//! locks, a deadlock). The folder is compiled as it stands; a schedule runs one kernel in a process of its own.

use clap::Parser;
use gorace_harness::tool;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Runs the SDK's leak kernels and prints which are reported, and after how many schedules.
#[derive(Parser)]
struct Arguments {
    /// Schedules for each kernel, at most.
    #[arg(long, default_value_t = 100)]
    schedules: u64,
    /// Seconds for each kernel, at most.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Only kernels whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Another folder of kernels, such as the SDK's `testgoroutineleakprofile` itself.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Print all.
    #[arg(long)]
    verbose: bool,
}

struct Outcome {
    name: String,
    /// Schedules until it was reported, and by which rule.
    reported: Option<(u64, String)>,
    ran: u64,
    elapsed: Duration,
    /// What else went wrong.
    noise: String,
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    let gorace = tool::gorace()?;
    let folder = match &a.folder {
        Some(folder) => folder.clone(),
        None => tool::sdk_sources()?.join("runtime/testdata/testgoroutineleakprofile/goker"),
    };
    let names: Vec<String> = kernels(&folder)?.into_iter().filter(|n| n.contains(&a.only)).collect();
    let image = tool::compile(&gorace, &folder)?;
    let outcomes: Vec<Outcome> = names.par_iter().map(|name| explore(&gorace, &image, &folder, a, name)).collect();
    let mut reported = 0;
    for o in &outcomes {
        match &o.reported {
            Some((schedules, rule)) => {
                reported += 1;
                if a.verbose {
                    println!(
                        "reported  {} after {schedules} schedules, {:.1} s: {rule}",
                        o.name,
                        o.elapsed.as_secs_f64()
                    );
                }
            }
            None => {
                println!("missed    {} in {} schedules, {:.1} s {}", o.name, o.ran, o.elapsed.as_secs_f64(), o.noise);
            }
        }
    }
    println!("{} leak kernels of the SDK: {reported} reported, {} not", outcomes.len(), outcomes.len() - reported);
    Ok(ExitCode::from(u8::from(reported < outcomes.len())))
}

/// The names that the folder's files register.
fn kernels(folder: &Path) -> Result<Vec<String>, String> {
    let io = |path: &Path, e: std::io::Error| format!("{}: {e}", path.display());
    let pattern = regex::Regex::new(r#"register\("(\w+)""#).map_err(|e| e.to_string())?;
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|e| io(folder, e))?.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|e| e == "go") {
            let text = std::fs::read_to_string(&path).map_err(|e| io(&path, e))?;
            names.extend(pattern.captures_iter(&text).map(|c| c[1].to_string()));
        }
    }
    names.sort();
    Ok(names)
}

fn explore(gorace: &Path, image: &Path, folder: &Path, a: &Arguments, name: &str) -> Outcome {
    let start = Instant::now();
    let mut outcome =
        Outcome { name: name.to_string(), reported: None, ran: 0, elapsed: Duration::ZERO, noise: String::new() };
    for seed in 1..=a.schedules {
        if start.elapsed().as_secs_f64() > a.seconds {
            break;
        }
        let Ok(schedule) = tool::schedule(gorace, image, folder, seed, 5_000, &["goker", name]) else { continue };
        outcome.ran += 1;
        let stuck = ["goroutine-leak", "lock-cycle", "deadlock"];
        if let Some(finding) = schedule.findings.iter().find(|f| stuck.contains(&f.rule.as_str())) {
            outcome.reported = Some((outcome.ran, finding.rule.clone()));
            break;
        }
        if schedule.status != Some(0) {
            let words = schedule.stderr.lines().find(|l| !l.is_empty()).unwrap_or("");
            outcome.noise = format!("(status {:?} {words})", schedule.status);
        }
    }
    outcome.elapsed = start.elapsed();
    outcome
}
