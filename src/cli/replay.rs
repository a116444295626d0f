//! `gorace replay`: one recorded schedule again, with the same report.
//!
//! A trace is a small JSON file: version, program, arguments, seed, and which finding of that schedule it is for. The
//! schedule is a function of the program and the seed. Other findings of the schedule are counted, not printed.

use crate::compile::{Request, compile};
use crate::{fail, note, read_source, say};
use clap::ValueEnum;
use gorace_base::exit;
use gorace_base::finding::Finding;
use gorace_explore::strategy::Name;
use gorace_explore::{Exploration, explore};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The trace that `gorace check --trace-dir` wrote.
    trace: PathBuf,
    /// The report's format.
    #[arg(long, value_enum, default_value = "text")]
    format: crate::check::FormatName,
}

const VERSION: u64 = 2;

/// Writes a trace for each finding: `RULE-SEED-N.trace`.
///
/// # Errors
/// When the folder or a file cannot be written.
pub fn write_traces(
    folder: &Path,
    request: &Request,
    exploration: &Exploration,
    findings: &[Finding],
) -> Result<(), String> {
    let say = |e: std::io::Error| format!("{}: {e}", folder.display());
    std::fs::create_dir_all(folder).map_err(say)?;
    let program: Vec<String> = request
        .program
        .iter()
        .map(|p| std::fs::canonicalize(p).map_or_else(|_| p.clone(), |full| full.display().to_string()))
        .collect();
    for (i, finding) in findings.iter().enumerate() {
        let path = folder.join(format!("{}-{}-{i}.trace", finding.rule, finding.seed));
        let trace = serde_json::json!({
            "gorace-trace": VERSION,
            "program": program,
            "tags": request.tags,
            "args": exploration.args,
            "seed": finding.seed,
            "strategy": exploration.strategy.text(),
            "rule": finding.rule,
            "finding": finding.key(),
        });
        std::fs::write(&path, format!("{trace}\n")).map_err(say)?;
        note(&format!("trace: gorace replay {}", path.display()));
    }
    Ok(())
}

/// What a trace file says.
struct Trace {
    program: Vec<String>,
    tags: Vec<String>,
    args: Vec<String>,
    seed: u64,
    strategy: Name,
    /// The key of the finding that it was written for.
    finding: Option<String>,
}

/// Reads a trace.
fn parse(text: &str) -> Result<Trace, &'static str> {
    let no_trace = "not a trace; give a file that `gorace check --trace-dir FOLDER` wrote";
    let trace = serde_json::from_str::<serde_json::Value>(text).map_err(|_| no_trace)?;
    match trace["gorace-trace"].as_u64() {
        None => return Err(no_trace),
        Some(VERSION) => {}
        Some(_) => return Err("a trace of another version of gorace; record it again with `gorace check --trace-dir`"),
    }
    let texts = |key: &str| -> Option<Vec<String>> {
        trace[key].as_array()?.iter().map(|v| v.as_str().map(str::to_string)).collect()
    };
    match (texts("program"), texts("args"), trace["seed"].as_u64()) {
        (Some(program), Some(args), Some(seed)) if !program.is_empty() => {
            let finding = trace["finding"].as_str().map(str::to_string);
            // Traces had no tags at first.
            let tags = texts("tags").unwrap_or_default();
            let Some(strategy) = trace["strategy"].as_str().and_then(|name| Name::from_str(name, false).ok()) else {
                return Err("a trace of another version of gorace; record it again with `gorace check --trace-dir`");
            };
            Ok(Trace { program, tags, args, seed, strategy, finding })
        }
        _ => Err("a damaged trace; record it again with `gorace check --trace-dir`"),
    }
}

pub fn run(a: &Arguments) -> ExitCode {
    let wrong = |e: &dyn std::fmt::Display| fail(&format!("{}: {e}", a.trace.display()));
    let trace = match std::fs::read(&a.trace) {
        Ok(bytes) => match parse(&String::from_utf8_lossy(&bytes)) {
            Ok(trace) => trace,
            Err(e) => return wrong(&e),
        },
        Err(e) => return wrong(&e),
    };
    let request = Request { program: trace.program, tags: trace.tags, race: true, ..Request::default() };
    let image = match compile(&request) {
        Ok(Some(image)) => image,
        Ok(None) => return ExitCode::from(exit::CLEAN),
        Err(e) => return fail(&e),
    };
    let exploration = Exploration {
        image,
        args: trace.args,
        schedules: 1,
        seed: trace.seed,
        strategy: trace.strategy,
        time: None,
        timeout: Duration::from_secs(60),
        memory: u64::MAX,
        interrupted: Arc::default(),
    };
    match explore(&exploration, &mut ()) {
        Ok(outcome) => {
            let (shown, others): (Vec<Finding>, Vec<Finding>) =
                outcome.findings.into_iter().partition(|f| trace.finding.as_ref().is_none_or(|key| f.key() == *key));
            say(&gorace_report::render(a.format.into(), &shown, &read_source));
            if shown.is_empty() {
                note("the schedule does not show the trace's finding any more: the program was changed");
            }
            if !others.is_empty() {
                note(&format!("{} other findings in this schedule", others.len()));
            }
            ExitCode::from(if shown.is_empty() { exit::CLEAN } else { exit::FINDINGS })
        }
        Err(e) => fail(&format!("cannot run the schedule: {e}")),
    }
}
