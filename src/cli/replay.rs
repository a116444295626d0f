//! `gorace replay`: one schedule again, with the same report.
//!
//! The schedule is given by its token and the program, or by a trace: a small JSON file with version, program, arguments,
//! token, and which finding of that schedule it is for. Other findings of a trace's schedule are counted, not printed.

use crate::check::{program_words, replay_command};
use crate::compile::{Request, compile};
use crate::output::Output;
use crate::{fail, note, say, split_program};
use gorace_base::exit;
use gorace_base::finding::{Finding, Severity};
use gorace_explore::decisions::{Schedule, Source, TokenError};
use gorace_explore::strategy::Name;
use gorace_explore::{Exploration, explore};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    output: Output,
    /// Build tags, separated by commas; a trace has its own.
    #[arg(long, value_delimiter = ',')]
    tags: Vec<String>,
    /// The trace that `gorace check --trace-dir` wrote, or a schedule's token.
    #[arg(value_name = "TRACE|TOKEN")]
    trace: PathBuf,
    /// Behind a token: Go files, a folder or an import path, then the program's arguments.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    program: Vec<String>,
}

const VERSION: u64 = 2;

/// Writes a trace for each finding: `RULE-SEED-N.trace`.
///
/// # Errors
/// When the folder or a file cannot be written.
pub fn write_traces(
    folder: &Path,
    request: &Request,
    words: &str,
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
        let own = Schedule { seed: finding.seed, source: Source::Strategy(exploration.strategy), predicts: None };
        let schedule = if finding.schedule.is_empty() { own.token() } else { finding.schedule.clone() };
        let trace = serde_json::json!({
            "gorace-trace": VERSION,
            "program": program,
            "tags": request.tags,
            "words": words,
            "args": exploration.args,
            "schedule": schedule,
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
    /// The program and its arguments as they stood behind the command.
    words: String,
    schedule: Schedule,
    /// The key of the finding that it was written for.
    finding: Option<String>,
}

/// Reads a trace.
fn parse(text: &str) -> Result<Trace, &'static str> {
    let no_trace = "not a trace; give a file that `gorace check --trace-dir FOLDER` wrote";
    let other = "a trace of another version of gorace; record it again with `gorace check --trace-dir`";
    let trace = serde_json::from_str::<serde_json::Value>(text).map_err(|_| no_trace)?;
    match trace["gorace-trace"].as_u64() {
        None => return Err(no_trace),
        Some(VERSION) => {}
        Some(_) => return Err(other),
    }
    let texts = |key: &str| -> Option<Vec<String>> {
        trace[key].as_array()?.iter().map(|v| v.as_str().map(str::to_string)).collect()
    };
    let damaged = "a damaged trace; record it again with `gorace check --trace-dir`";
    let schedule = match trace["schedule"].as_str().map(Schedule::parse) {
        Some(Ok(schedule)) => schedule,
        Some(Err(TokenError::OtherVersion)) => return Err(other),
        Some(Err(TokenError::NoToken)) | None => return Err(damaged),
    };
    let words = trace["words"].as_str().unwrap_or("").to_string();
    match (texts("program"), texts("tags"), texts("args")) {
        (Some(program), Some(tags), Some(args)) if !program.is_empty() => {
            let finding = trace["finding"].as_str().map(str::to_string);
            Ok(Trace { program, tags, args, words, schedule, finding })
        }
        _ => Err(damaged),
    }
}

/// The schedule that the command line means.
fn wanted(a: &Arguments) -> Result<Trace, String> {
    let name = a.trace.display();
    if a.program.is_empty() {
        let bytes = match std::fs::read(&a.trace) {
            Ok(bytes) => bytes,
            Err(_) if a.trace.to_str().is_some_and(|word| Schedule::parse(word).is_ok()) => {
                return Err(format!("{name}: behind a token the program must stand, as in `gorace check`"));
            }
            Err(e) => return Err(format!("{name}: {e}")),
        };
        return parse(&String::from_utf8_lossy(&bytes)).map_err(|e| format!("{name}: {e}"));
    }
    let schedule = Schedule::parse(&a.trace.to_string_lossy()).map_err(|e| match e {
        TokenError::NoToken => format!("{name}: not a token; `gorace check` prints one with each finding"),
        TokenError::OtherVersion => format!("{name}: a token of another version of gorace; run `gorace check` again"),
    })?;
    let (program, rest) = split_program(&a.program);
    let mut args = vec![program.first().map_or("main", String::as_str).trim_end_matches(".go").to_string()];
    args.extend(rest);
    let words = program_words(&a.tags, &a.program);
    Ok(Trace { program, tags: a.tags.clone(), args, words, schedule, finding: None })
}

pub fn run(a: &Arguments) -> ExitCode {
    if let Err(e) = a.output.prepare() {
        return fail(&e);
    }
    let trace = match wanted(a) {
        Ok(trace) => trace,
        Err(e) => return fail(&e),
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
        folder: None,
        schedules: 1,
        seed: trace.schedule.seed,
        strategy: Name::Mix,
        preemptions: 0,
        only: Some(trace.schedule.clone()),
        shorten: false,
        time: None,
        timeout: Duration::from_secs(60),
        memory: u64::MAX,
        interrupted: Arc::default(),
    };
    match explore(&exploration, &mut ()) {
        Ok(outcome) => {
            let (mut shown, others): (Vec<Finding>, Vec<Finding>) =
                outcome.findings.into_iter().partition(|f| trace.finding.as_ref().is_none_or(|key| f.key() == *key));
            for finding in &mut shown {
                finding.schedule = trace.schedule.token();
                finding.replay = replay_command(finding, &trace.words);
            }
            shown.iter().filter_map(|f| a.output.stream(f)).for_each(|text| say(&text));
            if let Err(e) = a.output.finish(&shown) {
                return fail(&e);
            }
            if shown.is_empty() {
                note("the schedule does not show the trace's finding any more: the program was changed");
            }
            if !others.is_empty() {
                note(&format!("{} other findings in this schedule", others.len()));
            }
            let failed = shown.iter().any(|f| f.severity == Severity::Error);
            ExitCode::from(if failed { exit::FINDINGS } else { exit::CLEAN })
        }
        Err(e) => fail(&format!("cannot run the schedule: {e}")),
    }
}
