//! `gorace check`: explore schedules, report every bug.
//!
//! Findings are printed when they come, in the order of their seeds, so nothing that was found is lost when the exploration
//! is interrupted or a later schedule goes wrong; formats that are one document, and files, are written at the end.

use crate::baseline::Baseline;
use crate::compile::{Request, compile, packages};
use crate::config::{Config, FailOn};
use crate::coverage::covered;
use crate::dump::{RunDump, run_schedule};
use crate::filter::Filter;
use crate::ignore::Ignores;
use crate::output::Output;
use crate::progress::Progress;
use crate::{fail, note, say, split_program};
use gorace_base::exit;
use gorace_base::finding::{Finding, Severity};
use gorace_explore::strategy::Name;
use gorace_explore::{Exploration, Observer, Outcome, explore};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How many schedules to run; 100 if neither this nor gorace.toml says it.
    #[arg(long)]
    schedules: Option<NonZeroU64>,
    /// The first schedule's seed; the others follow it; 1 by default.
    #[arg(long)]
    seed: Option<u64>,
    /// Who goes next in a schedule; `mix`, the default, goes round the others.
    #[arg(long, value_enum)]
    strategy: Option<Name>,
    /// Of the systematic strategy: when not every schedule can be run, those with at most this many preemptions.
    #[arg(long, default_value_t = 2)]
    preemptions: u32,
    /// Do not look for the shortest schedule of each finding.
    #[arg(long)]
    no_shorten: bool,
    /// Start no more schedules after this many seconds.
    #[arg(long, value_parser = seconds)]
    time: Option<Duration>,
    /// Seconds that one schedule may take; 10 by default.
    #[arg(long, value_parser = seconds)]
    timeout: Option<Duration>,
    /// Megabytes that one schedule's process may hold; 2048 by default.
    #[arg(long, value_parser = clap::value_parser!(u64).range(64..))]
    memory: Option<u64>,
    /// Fail on errors (the default), on warnings too, or never.
    #[arg(long, value_enum)]
    fail_on: Option<FailOn>,
    /// Stop after this many findings.
    #[arg(long)]
    max_findings: Option<NonZeroUsize>,
    /// Report only findings that this file does not know.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the findings into a file for `--baseline`.
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
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

/// What flags and gorace.toml say together.
struct Settings {
    schedules: u64,
    seed: u64,
    strategy: Name,
    time: Option<Duration>,
    timeout: Duration,
    memory: u64,
    fail_on: FailOn,
    max_findings: usize,
    baseline: Option<PathBuf>,
}

impl Settings {
    fn new(a: &Arguments, config: &Config) -> Settings {
        let file = &config.check;
        Settings {
            schedules: a.schedules.or(file.schedules).map_or(100, NonZeroU64::get),
            seed: a.seed.or(file.seed).unwrap_or(1),
            strategy: a.strategy.or(file.strategy).unwrap_or(Name::Mix),
            time: a.time.or(file.time),
            timeout: a.timeout.or(file.timeout).unwrap_or(Duration::from_secs(10)),
            memory: a.memory.or(file.memory).unwrap_or(2048),
            fail_on: a.fail_on.or(file.fail_on).unwrap_or(FailOn::Error),
            max_findings: a.max_findings.or(file.max_findings).map_or(usize::MAX, NonZeroUsize::get),
            baseline: a.baseline.clone().or_else(|| file.baseline.as_deref().map(|path| config.beside(path))),
        }
    }

    /// Whether a finding of a severity makes the check fail.
    fn fails(&self, severity: Severity) -> bool {
        match self.fail_on {
            FailOn::Error => severity == Severity::Error,
            FailOn::Warning => true,
            FailOn::Never => false,
        }
    }
}

/// Prints findings when they come.
struct Printer<'a> {
    output: &'a Output,
    filter: Filter,
    max_findings: usize,
    /// Ends the exploration when there are enough.
    enough: Arc<AtomicBool>,
    /// The words that name the program and its arguments.
    program: String,
    progress: Progress,
    shown: Vec<Finding>,
}

impl Observer for Printer<'_> {
    fn finding(&mut self, finding: &Finding) {
        if self.shown.len() >= self.max_findings {
            return;
        }
        let Some(mut finding) = self.filter.take(finding) else { return };
        finding.replay = replay_command(&finding, &self.program);
        if let Some(text) = self.output.stream(&finding) {
            self.progress.aside(|| say(&text));
        }
        self.shown.push(finding);
        if self.shown.len() >= self.max_findings {
            self.enough.store(true, Ordering::Relaxed);
        }
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
const LONG_TOKEN: usize = 1000;

/// The command that runs a finding's schedule again.
pub fn replay_command(finding: &Finding, program: &str) -> String {
    match finding.schedule.len() {
        1..=LONG_TOKEN => format!("gorace replay {} {program}", finding.schedule),
        _ => String::new(),
    }
}

/// Set at the first Ctrl-C or SIGTERM; the second Ctrl-C ends gorace at once.
pub fn interruption() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    // Registering fails only for signals that cannot be caught.
    let _ = signal_hook::flag::register_conditional_shutdown(SIGINT, i32::from(exit::INTERRUPTED), flag.clone());
    for signal in [SIGINT, SIGTERM] {
        let _ = signal_hook::flag::register(signal, flag.clone());
    }
    flag
}

/// The configuration of a program, the comments in its source, and what its baseline knows.
fn filter(a: &Arguments, request: &Request) -> Result<(Settings, Filter), String> {
    let config = Config::of(&request.program)?;
    let settings = Settings::new(a, &config);
    let graph = packages(request).map_err(|e| e.to_string())?;
    let ignores = Ignores::of(&graph)?;
    let known = settings.baseline.as_deref().filter(|_| a.write_baseline.is_none());
    let baseline = known.map(Baseline::read).transpose()?;
    Ok((settings, Filter::new(config, ignores, baseline)))
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
    let (settings, filter) = match filter(a, &request) {
        Ok(both) => both,
        Err(e) => return fail(&e),
    };
    let mut args = vec![program.first().map_or("main", String::as_str).trim_end_matches(".go").to_string()];
    args.extend(rest);
    let exploration = Exploration {
        image,
        args,
        folder: None,
        schedules: settings.schedules,
        seed: settings.seed,
        strategy: settings.strategy,
        preemptions: a.preemptions,
        only: None,
        shorten: !a.no_shorten,
        time: settings.time,
        timeout: settings.timeout,
        memory: settings.memory << 20,
        interrupted: interruption(),
    };
    if let Some(dump) = a.dump {
        return run_schedule(dump, &exploration);
    }
    let words = program_words(&a.tags, &a.program);
    let mut printer = Printer {
        output: &a.output,
        filter,
        max_findings: settings.max_findings,
        enough: exploration.interrupted.clone(),
        program: words.clone(),
        progress: Progress::new("schedules", settings.schedules),
        shown: Vec::new(),
    };
    let mut outcome = match explore(&exploration, &mut printer) {
        Ok(outcome) => outcome,
        Err(e) => return fail(&format!("cannot run a schedule: {e}")),
    };
    let Printer { progress, shown, filter, .. } = printer;
    drop(progress);
    outcome.findings = shown;
    if let Err(e) = write(a, &request, &words, &exploration, &outcome) {
        return fail(&e);
    }
    summary(&outcome, &settings, &filter, a.preemptions, a.timings);
    if a.write_baseline.is_none() && outcome.findings.iter().any(|f| settings.fails(f.severity)) {
        return ExitCode::from(exit::FINDINGS);
    }
    let is_full = outcome.findings.len() >= settings.max_findings;
    ExitCode::from(if outcome.interrupted && !is_full { exit::INTERRUPTED } else { exit::CLEAN })
}

/// Writes all that goes into files, and documents to standard output.
fn write(
    a: &Arguments,
    request: &Request,
    words: &str,
    exploration: &Exploration,
    outcome: &Outcome,
) -> Result<(), String> {
    a.output.finish(&outcome.findings)?;
    if let Some(path) = &a.write_baseline {
        crate::baseline::write(path, &outcome.findings)?;
    }
    match &a.trace_dir {
        Some(folder) => crate::replay::write_traces(folder, request, words, exploration, &outcome.findings),
        None => Ok(()),
    }
}

fn summary(outcome: &Outcome, settings: &Settings, filter: &Filter, preemptions: u32, timings: bool) {
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let mut found = match outcome.findings.len() {
        0 => "no findings".to_string(),
        n => count(n, "finding"),
    };
    if filter.suppressed > 0 {
        found.push_str(&format!(", {} suppressed", filter.suppressed));
    }
    if filter.known > 0 {
        found.push_str(&format!(", {} known", filter.known));
    }
    let is_full = outcome.findings.len() >= settings.max_findings;
    let interrupted = if outcome.interrupted && !is_full { "interrupted: " } else { "" };
    let all = outcome.coverage.as_ref().is_some_and(|coverage| coverage.all);
    let is_whole = all || outcome.saturated.is_some() || outcome.schedules as u64 >= settings.schedules;
    let enough = if is_full && !is_whole { " (stopped by --max-findings)" } else { "" };
    let seconds = outcome.elapsed.as_secs_f64();
    note(&format!("{interrupted}{found} in {}, {seconds:.1} s{enough}", count(outcome.schedules, "schedule")));
    if let Some((quiet, orders)) = outcome.saturated {
        note(&format!(
            "ended before its {} schedules: the last {quiet} brought no new order of its synchronisation ({} seen)",
            settings.schedules,
            count(orders, "order")
        ));
    }
    if let Some(coverage) = &outcome.coverage {
        let races = outcome.findings.iter().any(|f| f.rule == "data-race");
        note(&covered(coverage, races, preemptions, settings.time.is_some()));
    }
    if timings {
        let rate = outcome.schedules as f64 / seconds.max(1e-9);
        note(&format!("{:>24}: {rate:.1} a second", "schedules"));
    }
    if !outcome.interrupted && !is_whole && outcome.coverage.is_none() {
        let time = settings.time.unwrap_or_default().as_secs_f64();
        note(&format!("{} of {} schedules were run in {time} s (--time)", outcome.schedules, settings.schedules));
    }
    if let Some(parted) = &outcome.parted {
        note(&format!(
            "the first schedule, run twice more, was not the same {parted}; something besides the schedule decides (the network, \
             the real clock, the system's random numbers), and findings may not show again"
        ));
    }
    if outcome.timed_out > 0 {
        let limit = settings.timeout.as_secs_f64();
        note(&format!(
            "{} did not end within {limit} s (--timeout); what they found until then is reported",
            count(outcome.timed_out, "schedule")
        ));
    }
    if outcome.out_of_memory > 0 {
        note(&format!(
            "{} held more than {} MB and had to be ended (--memory); what they found until then is reported",
            count(outcome.out_of_memory, "schedule"),
            settings.memory
        ));
    }
    if outcome.crashed > 0 {
        note(&format!(
            "the process of {} was killed; if nobody did that, it is a fault of gorace: {}",
            count(outcome.crashed, "schedule"),
            outcome.last_words
        ));
    }
    // A search that was cut may just not have come to it.
    if is_whole {
        filter.unused().iter().for_each(|line| note(line));
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
