//! `gorace replay`: one recorded schedule again, with the same report.
//!
//! A trace is a small JSON file: version, program, arguments, seed. The schedule is a function of the program and the seed.

use crate::compile::{Request, compile};
use crate::{fail, read_source};
use gorace_base::exit;
use gorace_base::finding::Finding;
use gorace_explore::{Exploration, explore};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The trace that `gorace check --trace-dir` wrote.
    trace: PathBuf,
    /// The report's format.
    #[arg(long, value_enum, default_value = "text")]
    format: crate::check::FormatName,
}

const VERSION: u64 = 1;

/// Writes a trace for each finding: `RULE-SEED-N.trace`.
///
/// # Errors
/// When the folder or a file cannot be written.
pub fn write_traces(
    folder: &Path,
    program: &[String],
    exploration: &Exploration,
    findings: &[Finding],
) -> Result<(), String> {
    let say = |e: std::io::Error| format!("{}: {e}", folder.display());
    std::fs::create_dir_all(folder).map_err(say)?;
    let program: Vec<String> = program
        .iter()
        .map(|p| std::fs::canonicalize(p).map_or_else(|_| p.clone(), |full| full.display().to_string()))
        .collect();
    for (i, finding) in findings.iter().enumerate() {
        let path = folder.join(format!("{}-{}-{i}.trace", finding.rule, finding.seed));
        let trace = serde_json::json!({
            "gorace-trace": VERSION,
            "program": program,
            "args": exploration.args,
            "seed": finding.seed,
            "rule": finding.rule,
        });
        std::fs::write(&path, format!("{trace}\n")).map_err(say)?;
        eprintln!("trace: gorace replay {}", path.display());
    }
    Ok(())
}

pub fn run(a: &Arguments) -> ExitCode {
    let text = match std::fs::read_to_string(&a.trace) {
        Ok(text) => text,
        Err(e) => return fail(&format!("{}: {e}", a.trace.display())),
    };
    let not_a_trace = || fail(&format!("{}: not a trace of this version of gorace", a.trace.display()));
    let Ok(trace) = serde_json::from_str::<serde_json::Value>(&text) else { return not_a_trace() };
    let texts = |key: &str| -> Vec<String> {
        trace[key].as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_string)).collect()
    };
    let (Some(VERSION), Some(seed)) = (trace["gorace-trace"].as_u64(), trace["seed"].as_u64()) else {
        return not_a_trace();
    };
    let request = Request { program: texts("program"), race: true, ..Request::default() };
    let image = match compile(&request) {
        Ok(Some(image)) => image,
        Ok(None) => return ExitCode::from(exit::CLEAN),
        Err(e) => return fail(&e),
    };
    let exploration =
        Exploration { image, args: texts("args"), schedules: 1, seed, time: None, timeout: Duration::from_secs(60) };
    match explore(&exploration) {
        Ok(outcome) => {
            print!("{}", gorace_report::render(a.format.into(), &outcome.findings, &read_source));
            ExitCode::from(if outcome.findings.is_empty() { exit::CLEAN } else { exit::FINDINGS })
        }
        Err(e) => fail(&format!("cannot start the schedule's process: {e}")),
    }
}
