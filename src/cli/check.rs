//! `gorace check`: explore schedules, report every bug.
//!
//! Findings are printed when they come, in the order of their seeds, so nothing that was found is lost when the exploration
//! is interrupted or a later schedule goes wrong; formats that are one document, and files, are written at the end.

use crate::compile::{Request, compile};
use crate::dump::{RunDump, run_schedule};
use crate::output::Output;
use crate::progress::Progress;
use crate::{fail, note, say, split_program};
use gorace_base::exit;
use gorace_base::finding::{Finding, Severity};
use gorace_explore::strategy::Name;
use gorace_explore::{Exploration, Observer, Outcome, explore};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How many schedules to run.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    schedules: u64,
    /// The first schedule's seed; the others follow it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Who goes next in a schedule; `mix` goes round the others.
    #[arg(long, value_enum, default_value = "mix")]
    strategy: Name,
    /// Do not look for the shortest schedule of each finding.
    #[arg(long)]
    no_shorten: bool,
    /// Start no more schedules after this many seconds.
    #[arg(long, value_parser = seconds)]
    time: Option<Duration>,
    /// Seconds that one schedule may take.
    #[arg(long, default_value = "10", value_parser = seconds)]
    timeout: Duration,
    /// Megabytes that one schedule's process may hold.
    #[arg(long, default_value_t = 2048, value_parser = clap::value_parser!(u64).range(64..))]
    memory: u64,
    #[command(flatten)]
    output: Output,
    /// Build tags, separated by commas.
    #[arg(long, value_delimiter = ',')]
    tags: Vec<String>,
    /// Where to write traces of the findings, for `gorace replay`.
    #[arg(long)]
    trace_dir: Option<PathBuf>,
    /// Print what each step took.
    #[arg(long)]
    timings: bool,
    /// Run only the first schedule, and print its decisions or its wait-for graph.
    #[arg(long, value_name = "WHAT", value_enum)]
    dump: Option<RunDump>,
    /// Go files, a folder or an import path, then the program's arguments.
    #[arg(trailing_var_arg = true, required = true)]
    program: Vec<String>,
}

/// A number of seconds between a millisecond and a year.
pub fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(n) if (0.001..=31_536_000.0).contains(&n) => Ok(Duration::from_secs_f64(n)),
        _ => Err("not a number of seconds, such as 0.5 or 10".to_string()),
    }
}

/// Prints findings when they come.
struct Printer<'a> {
    output: &'a Output,
    /// The words that name the program and its arguments.
    program: String,
    progress: Progress,
    shown: Vec<Finding>,
}

impl Observer for Printer<'_> {
    fn finding(&mut self, finding: &Finding) {
        let mut finding = finding.clone();
        finding.replay = replay_command(&finding, &self.program);
        if let Some(text) = self.output.stream(&finding) {
            self.progress.aside(|| say(&text));
        }
        self.shown.push(finding);
    }

    fn progress(&mut self, schedules: usize, findings: usize) {
        self.progress.at(schedules as u64, &format!("{findings} found"));
    }
}

/// The words behind a token that name the program, as a shell takes them.
pub fn program_words(tags: &[String], program: &[String]) -> String {
    let mut words = Vec::new();
    if !tags.is_empty() {
        words.push(format!("--tags {}", tags.join(",")));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%".contains(c);
    words.extend(program.iter().map(|word| match !word.is_empty() && word.chars().all(plain) {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }));
    words.join(" ")
}

/// A longer token is not for a terminal; `--trace-dir` writes it into a file.
const LONG_TOKEN: usize = 200;

/// The command that runs a finding's schedule again.
pub fn replay_command(finding: &Finding, program: &str) -> String {
    match finding.schedule.len() {
        1..=LONG_TOKEN => format!("gorace replay {} {program}", finding.schedule),
        _ => String::new(),
    }
}

/// Set at the first Ctrl-C or SIGTERM; the second Ctrl-C ends gorace at once.
fn interruption() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    // Registering fails only for signals that cannot be caught.
    let _ = signal_hook::flag::register_conditional_shutdown(SIGINT, i32::from(exit::INTERRUPTED), flag.clone());
    for signal in [SIGINT, SIGTERM] {
        let _ = signal_hook::flag::register(signal, flag.clone());
    }
    flag
}

pub fn run(a: &Arguments) -> ExitCode {
    if let Err(e) = a.output.prepare() {
        return fail(&e);
    }
    let (program, rest) = split_program(&a.program);
    let request = Request {
        program: program.clone(),
        tags: a.tags.clone(),
        race: true,
        timings: a.timings,
        ..Request::default()
    };
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
        strategy: a.strategy,
        only: None,
        shorten: !a.no_shorten,
        time: a.time,
        timeout: a.timeout,
        memory: a.memory << 20,
        interrupted: interruption(),
    };
    if let Some(dump) = a.dump {
        return run_schedule(dump, &exploration);
    }
    let mut printer = Printer {
        output: &a.output,
        program: program_words(&a.tags, &a.program),
        progress: Progress::new("schedules", a.schedules),
        shown: Vec::new(),
    };
    let outcome = match explore(&exploration, &mut printer) {
        Ok(outcome) => outcome,
        Err(e) => return fail(&format!("cannot run a schedule: {e}")),
    };
    let Printer { progress, shown, .. } = printer;
    drop(progress);
    if let Err(e) = a.output.finish(&shown) {
        return fail(&e);
    }
    if let Some(folder) = &a.trace_dir
        && let Err(e) = crate::replay::write_traces(
            folder,
            &request,
            &program_words(&a.tags, &a.program),
            &exploration,
            &outcome.findings,
        )
    {
        return fail(&e);
    }
    summary(&outcome, a);
    if outcome.findings.iter().any(|f| f.severity == Severity::Error) {
        return ExitCode::from(exit::FINDINGS);
    }
    ExitCode::from(if outcome.interrupted { exit::INTERRUPTED } else { exit::CLEAN })
}

fn summary(outcome: &Outcome, a: &Arguments) {
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let found = match outcome.findings.len() {
        0 => "no findings".to_string(),
        n => count(n, "finding"),
    };
    let interrupted = if outcome.interrupted { "interrupted: " } else { "" };
    let seconds = outcome.elapsed.as_secs_f64();
    note(&format!("{interrupted}{found} in {}, {seconds:.1} s", count(outcome.schedules, "schedule")));
    if a.timings {
        let rate = outcome.schedules as f64 / seconds.max(1e-9);
        note(&format!("{:>24}: {rate:.1} a second", "schedules"));
    }
    if outcome.timed_out > 0 {
        let limit = a.timeout.as_secs_f64();
        note(&format!(
            "{} did not end within {limit} s (--timeout); what they found until then is reported",
            count(outcome.timed_out, "schedule")
        ));
    }
    if outcome.out_of_memory > 0 {
        note(&format!(
            "{} held more than {} MB and had to be ended (--memory); what they found until then is reported",
            count(outcome.out_of_memory, "schedule"),
            a.memory
        ));
    }
    if outcome.crashed > 0 {
        note(&format!(
            "the process of {} was killed; if nobody did that, it is a fault of gorace: {}",
            count(outcome.crashed, "schedule"),
            outcome.last_words
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_positive_and_finite() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for wrong in ["0", "-1", "NaN", "inf", "1e99", "ten", ""] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
