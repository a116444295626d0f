//! `gorace check`: explore schedules, report every bug.

use crate::compile::{Request, compile};
use crate::coverage::covered;
use crate::dump::{RunDump, run_schedule};
use crate::progress::Progress;
use crate::search::{Flags, Printer, Report, count, seconds};
use crate::subject::Subject;
use crate::{fail, note};
use gorace_base::exit;
use gorace_explore::{Outcome, explore};
use std::process::ExitCode;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    search: Flags,
    /// The first schedule's seed; the others follow it; 1 by default.
    #[arg(long)]
    seed: Option<u64>,
    /// Seconds that one schedule may take; 10 by default.
    #[arg(long, value_parser = seconds)]
    timeout: Option<Duration>,
    /// Build tags, separated by commas.
    #[arg(long, value_delimiter = ',')]
    tags: Vec<String>,
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

/// What one schedule may take.
const TIMEOUT: Duration = Duration::from_secs(10);

pub fn run(a: &Arguments) -> ExitCode {
    if let Err(e) = a.search.output.prepare() {
        return fail(&e);
    }
    let subject = Subject::of_program(&a.tags, &a.program);
    let request = Request {
        program: subject.program.clone(),
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
    let mut report = match Report::new(&a.search, a.seed, a.timeout, TIMEOUT, &request) {
        Ok(report) => report,
        Err(e) => return fail(&e),
    };
    let exploration = report.exploration(image, &subject);
    if let Some(dump) = a.dump {
        return run_schedule(dump, &exploration);
    }
    let progress = Progress::new("schedules", exploration.schedules);
    let outcome = match explore(&exploration, &mut Printer { report: &mut report, subject: &subject, progress }) {
        Ok(outcome) => outcome,
        Err(e) => return fail(&format!("cannot run a schedule: {e}")),
    };
    if let Err(e) = report.finish().and_then(|()| report.write_traces(0, &subject)) {
        return fail(&e);
    }
    summary(&outcome, &report, a.search.preemptions, a.timings);
    if report.fails(0) {
        return ExitCode::from(exit::FINDINGS);
    }
    ExitCode::from(if outcome.interrupted && !report.is_full() { exit::INTERRUPTED } else { exit::CLEAN })
}

fn summary(outcome: &Outcome, report: &Report<'_>, preemptions: u32, timings: bool) {
    let settings = &report.settings;
    let interrupted = if outcome.interrupted && !report.is_full() { "interrupted: " } else { "" };
    let all = outcome.coverage.as_ref().is_some_and(|coverage| coverage.all);
    let is_whole = all || outcome.saturated.is_some() || outcome.schedules as u64 >= settings.schedules;
    let enough = if report.is_full() && !is_whole { " (stopped by --max-findings)" } else { "" };
    let seconds = outcome.elapsed.as_secs_f64();
    let (found, schedules) = (report.counted(), count(outcome.schedules, "schedule"));
    note(&format!("{interrupted}{found} in {schedules}, {seconds:.1} s{enough}"));
    if let Some((quiet, orders)) = outcome.saturated {
        note(&format!(
            "ended before its {} schedules: the last {quiet} brought no new order of its synchronisation ({} seen)",
            settings.schedules,
            count(orders, "order")
        ));
    }
    if let Some(coverage) = &outcome.coverage {
        let races = report.shown.iter().any(|f| f.rule == "data-race");
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
        report.filter.unused().iter().for_each(|line| note(line));
    }
}
