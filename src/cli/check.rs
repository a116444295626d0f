//! `gorace check`: explore schedules, report every bug.

use crate::compile::{Request, compile};
use crate::{fail, read_source, split_program};
use gorace_base::exit;
use gorace_base::finding::Severity;
use gorace_explore::{Exploration, Outcome, explore};
use gorace_report::Format;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FormatName {
    Text,
    Go,
    Short,
    Json,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Format {
        match name {
            FormatName::Text => Format::Text,
            FormatName::Go => Format::Go,
            FormatName::Short => Format::Short,
            FormatName::Json => Format::Json,
        }
    }
}

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How many schedules to run.
    #[arg(long, default_value_t = 100)]
    schedules: u64,
    /// The first schedule's seed; the others follow it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Start no more schedules after this many seconds.
    #[arg(long)]
    time: Option<f64>,
    /// Seconds that one schedule may take.
    #[arg(long, default_value_t = 10.0)]
    timeout: f64,
    /// The report's format.
    #[arg(long, value_enum, default_value = "text")]
    format: FormatName,
    /// Where to write traces of the findings, for `gorace replay`.
    #[arg(long)]
    trace_dir: Option<PathBuf>,
    /// Print what each step took.
    #[arg(long)]
    timings: bool,
    /// Go files, a folder or an import path, then the program's arguments.
    #[arg(trailing_var_arg = true, required = true)]
    program: Vec<String>,
}

pub fn run(a: &Arguments) -> ExitCode {
    let (program, rest) = split_program(&a.program);
    let request = Request { program: program.clone(), race: true, timings: a.timings, ..Request::default() };
    let image = match compile(&request) {
        Ok(Some(image)) => image,
        Ok(None) => return ExitCode::from(exit::CLEAN),
        Err(e) => return fail(&e),
    };
    let mut args = vec![program.first().map_or("main", String::as_str).trim_end_matches(".go").to_string()];
    args.extend(rest);
    let exploration = Exploration {
        image,
        args,
        schedules: a.schedules,
        seed: a.seed,
        time: a.time.map(Duration::from_secs_f64),
        timeout: Duration::from_secs_f64(a.timeout),
    };
    let outcome = match explore(&exploration) {
        Ok(outcome) => outcome,
        Err(e) => return fail(&format!("cannot start a schedule's process: {e}")),
    };
    print!("{}", gorace_report::render(a.format.into(), &outcome.findings, &read_source));
    if let Some(folder) = &a.trace_dir
        && let Err(e) = crate::replay::write_traces(folder, &program, &exploration, &outcome.findings)
    {
        return fail(&e);
    }
    summary(&outcome);
    let errors = outcome.findings.iter().any(|f| f.severity == Severity::Error);
    ExitCode::from(if errors { exit::FINDINGS } else { exit::CLEAN })
}

fn summary(outcome: &Outcome) {
    let n = outcome.findings.len();
    let what = match n {
        0 => "no findings".to_string(),
        1 => "1 finding".to_string(),
        n => format!("{n} findings"),
    };
    eprintln!("{what} in {} schedules, {:.1} s", outcome.schedules, outcome.elapsed.as_secs_f64());
    if outcome.crashed > 0 {
        eprintln!("{} schedules were ended by a signal: a fault of gorace. {}", outcome.crashed, outcome.crash);
    }
    if outcome.timed_out > 0 {
        eprintln!("{} schedules did not end within their time (--timeout)", outcome.timed_out);
    }
}
