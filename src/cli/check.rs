//! `gorace check`: explore schedules, report every bug.

use crate::build_flags::SourceFlags;
use crate::compile::{Request, compile_program, programs};
use crate::coverage::covered;
use crate::dump::{RunDump, run_schedule};
use crate::duration::limit;
use crate::progress::Progress;
use crate::search::{Flags, Printer, Report, beside, count, unseen};
use crate::subject::Subject;
use crate::{fail, note};
use gorace_base::exit;
use gorace_base::finding::Severity;
use gorace_explore::decisions::Schedule;
use gorace_explore::{Outcome, explore};
use gorace_report::place::shown_path;
use std::process::ExitCode;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    search: Flags,
    /// The first schedule's seed; the others follow it; 1 by default.
    #[arg(long)]
    seed: Option<u64>,
    /// How long one schedule may take: seconds, or as in 500ms, 2m; 10 seconds by default.
    #[arg(long, value_name = "DURATION", value_parser = limit)]
    timeout: Option<Duration>,
    #[command(flatten)]
    sources: SourceFlags,
    /// Print what each step took.
    #[arg(long)]
    timings: bool,
    /// Run only the first schedule, and print its decisions or its wait-for graph; or all, and print how they end.
    #[arg(long, value_name = "WHAT", value_enum)]
    dump: Option<RunDump>,
    /// Go files, a folder or an import path, then the program's arguments; the current folder if none is given.
    #[arg(trailing_var_arg = true, default_value = ".")]
    program: Vec<String>,
}

/// What one schedule may take.
const TIMEOUT: Duration = Duration::from_secs(10);

pub fn run(a: &Arguments) -> ExitCode {
    if let Err(e) = a.search.output.prepare() {
        return fail(&e);
    }
    let (named, rest) = crate::split_program(&a.program);
    if let [word] = named.as_slice()
        && Schedule::parse(word).is_ok()
        && !std::path::Path::new(word).exists()
    {
        return fail(&format!(
            "{word} is a schedule's token, not a program: `gorace replay {word} PROGRAM` runs it again"
        ));
    }
    let several = match request(a, named).and_then(|request| programs(&request).map_err(|e| e.to_string())) {
        Ok(several) => several,
        Err(e) => return fail(&e),
    };
    // Of a pattern each program is checked as if it had been named itself.
    let words: Vec<Vec<String>> = match several {
        None => vec![a.program.clone()],
        Some(paths) => paths.into_iter().map(|path| [&[path][..], &rest].concat()).collect(),
    };
    let mut status = None;
    let mut report: Option<Report<'_>> = None;
    let many = words.len() > 1;
    if many && a.dump.is_some() {
        return fail(&format!("--dump is of one program; there are {}", words.len()));
    }
    for words in &words {
        if report.as_ref().is_some_and(Report::is_over) {
            break;
        }
        if many {
            note(&format!("# {}", words[0]));
        }
        match one(a, words, many, &mut report) {
            Ok(None) => {}
            Ok(Some(shown)) => return shown,
            // The others are checked all the same.
            Err(e) => {
                note(&e);
                status = Some(exit::UNUSABLE);
            }
        }
    }
    let Some(report) = report else { return ExitCode::from(exit::UNUSABLE) };
    if let Err(e) = report.finish() {
        return fail(&e);
    }
    let code = if report.fails(0) { exit::FINDINGS } else { report.exit_code(report.is_over()) };
    ExitCode::from(match status {
        Some(unusable) if code != exit::FINDINGS => unusable,
        _ => code,
    })
}

fn request(a: &Arguments, program: Vec<String>) -> Result<Request, String> {
    Ok(Request { race: true, timings: a.timings, ..a.sources.request(program)? })
}

/// Checks one program, which `words` name with its arguments; gives an exit code at once where something was to be printed alone.
fn one<'a>(
    a: &'a Arguments,
    words: &[String],
    many: bool,
    report: &mut Option<Report<'a>>,
) -> Result<Option<ExitCode>, String> {
    let subject = Subject::of_program(&a.sources, words);
    let request = request(a, subject.program.clone())?;
    let image = compile_program(&request).map_err(|e| e.to_string())?;
    let report = match report {
        Some(report) => report,
        // What is said of one program's module is said of all that a pattern names.
        None => {
            let (named, _) = crate::split_program(&a.program);
            let all = Request { program: named, ..request };
            report.insert(Report::new(&a.search, a.seed, a.timeout, TIMEOUT, &all)?)
        }
    };
    let exploration = report.exploration(image, &subject);
    if let Some(dump) = a.dump {
        return Ok(Some(run_schedule(dump, &exploration)));
    }
    let progress = Progress::new("schedules", exploration.schedules);
    let before = report.shown.len();
    let outcome = explore(&exploration, &mut Printer { report: &mut *report, subject: &subject, progress })
        .map_err(|e| format!("cannot run a schedule: {e}"))?;
    report.misses(&outcome, if many { &words[0] } else { "" });
    report.write_traces(before, &subject)?;
    summary(&outcome, report, before, a.search.preemptions, a.timings);
    Ok(None)
}

/// Tells what came of one program.
fn summary(outcome: &Outcome, report: &Report<'_>, before: usize, preemptions: u32, timings: bool) {
    let settings = &report.settings;
    let interrupted = if outcome.interrupted && !report.is_full() { "interrupted: " } else { "" };
    let all = outcome.coverage.as_ref().is_some_and(|coverage| coverage.all);
    let is_whole = all || outcome.saturated.is_some() || outcome.schedules as u64 >= settings.schedules;
    let enough = if report.is_full() && !is_whole { " (stopped by --max-findings)" } else { "" };
    let seconds = outcome.elapsed.as_secs_f64();
    let (found, schedules) = (report.counted(before), count(outcome.schedules, "schedule"));
    note(&format!("{interrupted}{found} in {schedules}, {seconds:.1} s{enough}"));
    for finding in &report.shown[before..] {
        // Of what was not seen, but predicted, nobody can say how often it happens.
        let times = outcome.times.get(&finding.key()).filter(|_| finding.severity == Severity::Error);
        if let Some(times) = times {
            let place = finding.events.first().and_then(|event| event.user_frame());
            let place = place.map_or_else(String::new, |f| format!(" at {}:{}", shown_path(&f.file), f.line));
            let line = format!("{times:>6} of {schedules}: {}{place}", finding.rule);
            note(&gorace_base::visible::part(&line));
        }
    }
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
    beside(outcome).for_each(|line| note(&line));
    let unseen = unseen(outcome, settings.timeout, settings.memory);
    unseen.iter().for_each(|line| note(line));
    if !unseen.is_empty() {
        note(&format!("{} of {schedules} were not seen through: what happens in them is not known", outcome.unseen()));
    }
    // A search that was cut may just not have come to it.
    if is_whole {
        report.filter.unused(&report.programs).iter().for_each(|line| note(line));
    }
}
