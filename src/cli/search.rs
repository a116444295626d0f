//! What `gorace check` and `gorace test --explore` have in common: the flags of a search for findings, what gorace.toml says
//! besides, and the report, which takes findings as they come.
//!
//! Findings are printed when they come, in the order of their seeds, so nothing that was found is lost when the exploration
//! is interrupted or a later schedule goes wrong; formats that are one document, and files, are written at the end.

use crate::baseline::Baseline;
use crate::compile::{Request, packages};
use crate::config::{Config, FailOn, Networks};
use crate::duration::{limit, stall};
use crate::filter::Filter;
use crate::ignore::Ignores;
use crate::output::Output;
use crate::progress::Progress;
use crate::replay::write_traces;
use crate::say;
use crate::subject::Subject;
use gorace_base::exit;
use gorace_base::finding::{Finding, Severity};
use gorace_explore::strategy::Name;
use gorace_explore::{Exploration, Network, Observer, Outcome};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::collections::BTreeSet;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// See the module's text.
#[derive(Debug, clap::Args)]
pub struct Flags {
    /// How many schedules to run, of tests for each; 100 if neither this nor gorace.toml says it.
    #[arg(long)]
    schedules: Option<NonZeroU64>,
    /// Who goes next in a schedule; `mix` goes round the others. Without this, every order of the synchronisation is tried first, and `mix` where
    /// there are too many, or other things count.
    #[arg(long, value_enum)]
    strategy: Option<Name>,
    /// Of the systematic strategy: when not every schedule can be run, those with at most this many preemptions.
    #[arg(long, default_value_t = 2)]
    pub preemptions: u32,
    /// Goroutines may be held up for so long, of the program's time in a schedule, as on a machine that is busy; 100ms by default, 0 for
    /// not at all.
    #[arg(long, value_name = "DURATION", value_parser = stall)]
    stall: Option<Duration>,
    /// Do not look for the shortest schedule of each finding.
    #[arg(long)]
    no_shorten: bool,
    /// Start no more schedules, of tests for each, after this time: seconds, or as in 90s, 10m.
    #[arg(long, value_name = "DURATION", value_parser = limit)]
    time: Option<Duration>,
    /// Megabytes that one schedule's process may hold; 2048 by default.
    #[arg(long, value_parser = clap::value_parser!(u64).range(64..))]
    memory: Option<u64>,
    /// Which network a schedule has; `own`, the default, is the machine's all the same where the program wants that.
    #[arg(long, value_enum)]
    network: Option<Networks>,
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
    pub output: Output,
    /// Where to write traces of the findings, for `gorace replay`.
    #[arg(long)]
    trace_dir: Option<PathBuf>,
}

/// The budget of stalls where nothing is said.
const STALL: Duration = Duration::from_millis(100);

/// What flags and gorace.toml say together.
pub struct Settings {
    pub schedules: u64,
    pub seed: u64,
    pub strategy: Name,
    /// Nobody said which strategy: every order is run first, where there are few.
    proves: bool,
    pub stall: Duration,
    pub time: Option<Duration>,
    /// Of one schedule.
    pub timeout: Duration,
    pub memory: u64,
    network: Networks,
    fail_on: FailOn,
    max_findings: usize,
    baseline: Option<PathBuf>,
}

impl Settings {
    /// `seed` and `timeout` are flags that each command has of its own; `usual` is the timeout where nothing is said.
    fn new(flags: &Flags, seed: Option<u64>, timeout: Option<Duration>, usual: Duration, config: &Config) -> Settings {
        let file = &config.check;
        Settings {
            schedules: flags.schedules.or(file.schedules).map_or(100, NonZeroU64::get),
            seed: seed.or(file.seed).unwrap_or(1),
            strategy: flags.strategy.or(file.strategy).unwrap_or(Name::Mix),
            proves: flags.strategy.or(file.strategy).is_none(),
            stall: flags.stall.or(file.stall).unwrap_or(STALL),
            time: flags.time.or(file.time),
            timeout: timeout.or(file.timeout).unwrap_or(usual),
            memory: flags.memory.or(file.memory).unwrap_or(2048),
            network: flags.network.or(file.network).unwrap_or(Networks::Own),
            fail_on: flags.fail_on.or(file.fail_on).unwrap_or(FailOn::Error),
            max_findings: flags.max_findings.or(file.max_findings).map_or(usize::MAX, NonZeroUsize::get),
            baseline: flags.baseline.clone().or_else(|| file.baseline.as_deref().map(|path| config.beside(path))),
        }
    }

    /// Whether a finding of a severity makes the command fail.
    pub fn fails(&self, severity: Severity) -> bool {
        match self.fail_on {
            FailOn::Error => severity == Severity::Error,
            FailOn::Warning => true,
            FailOn::Never => false,
        }
    }
}

/// What of an exploration was not seen, in words, a line each; none where all its schedules were seen through. `memory` is in megabytes.
pub fn unseen(outcome: &Outcome, timeout: Duration, memory: u64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut tell = |n: usize, what: String| {
        if n > 0 {
            lines.push(format!("{} {what}", count(n, "schedule")));
        }
    };
    let limit = timeout.as_secs_f64();
    let until = "what they found until then is reported";
    tell(outcome.timed_out, format!("did not end within {limit} s (--timeout); {until}"));
    tell(outcome.out_of_memory, format!("held more than {memory} MB and had to be ended (--memory); {until}"));
    let words = gorace_base::visible::part(&outcome.last_words);
    tell(outcome.crashed, format!("died of a signal; if nobody sent it, it is a fault of gorace: {words}"));
    tell(
        outcome.lost,
        "ended without leaving all that was found: the program replaced itself, or wrote over gorace".to_string(),
    );
    lines
}

/// What showed only while other schedules ran, and what they had to share, in words, a line each.
pub fn beside(outcome: &Outcome) -> impl Iterator<Item = String> {
    let shared = outcome.shared.iter().map(|why| {
        let why = gorace_base::visible::part(why);
        format!("schedules share the machine's network, as the program wants it: {why}")
    });
    let line = |(_, words): &(String, String)| {
        format!(
            "not reported, as it did not show again when its schedule was run alone: {words} (schedules beside each other share ports and files)"
        )
    };
    shared.chain(outcome.beside.iter().map(line))
}

/// The findings that are reported, and what is known of the others.
pub struct Report<'a> {
    flags: &'a Flags,
    pub settings: Settings,
    pub filter: Filter,
    /// Of the exploration that is under way.
    network: Arc<Network>,
    /// Set at Ctrl-C, and when there are enough findings: ends the exploration.
    pub interrupted: Arc<AtomicBool>,
    /// Set when it is interrupted after a finding that makes the command fail: the second Ctrl-C ends it as such.
    failed: Arc<AtomicBool>,
    pub shown: Vec<Finding>,
    /// What was not seen, in words.
    unseen: Vec<String>,
    /// The program of each of these.
    of: Vec<String>,
    /// What was looked at: programs by their files in their module, packages by their import path.
    pub programs: BTreeSet<String>,
    /// Traces written so far.
    traces: usize,
}

impl<'a> Report<'a> {
    /// A report for what a request names, by its configuration, the comments in its source, and its baseline.
    ///
    /// # Errors
    /// What is wrong with one of these.
    pub fn new(
        flags: &'a Flags,
        seed: Option<u64>,
        timeout: Option<Duration>,
        usual: Duration,
        request: &Request,
    ) -> Result<Report<'a>, String> {
        let config = Config::of(&request.program)?;
        let settings = Settings::new(flags, seed, timeout, usual, &config);
        let graph = packages(request).map_err(|e| e.to_string())?;
        let ignores = Ignores::of(&graph)?;
        let known = settings.baseline.as_deref().filter(|_| flags.write_baseline.is_none());
        let baseline = known.map(Baseline::read).transpose()?;
        let filter = Filter::new(config, ignores, baseline);
        let failed = Arc::default();
        Ok(Report {
            flags,
            settings,
            filter,
            network: Arc::new(Network::new(true)),
            interrupted: interruption(&failed),
            failed,
            shown: Vec::new(),
            unseen: Vec::new(),
            of: Vec::new(),
            programs: BTreeSet::new(),
            traces: 0,
        })
    }

    /// The exploration of an image.
    pub fn exploration(&mut self, image: PathBuf, subject: &Subject) -> Exploration {
        self.programs.insert(subject.lasting());
        self.network = Arc::new(Network::new(self.settings.network == Networks::Own));
        let settings = &self.settings;
        Exploration {
            image,
            args: subject.args.clone(),
            folder: subject.folder.clone(),
            schedules: settings.schedules,
            seed: settings.seed,
            strategy: settings.strategy,
            stall: settings.stall,
            preemptions: self.flags.preemptions,
            proves: settings.proves,
            only: None,
            shorten: !self.flags.no_shorten,
            endings: false,
            hung: Arc::default(),
            time: settings.time,
            timeout: settings.timeout,
            memory: settings.memory << 20,
            network: self.network.clone(),
            interrupted: self.interrupted.clone(),
        }
    }

    /// Whether nothing more is to be looked for: it was interrupted, or there are enough findings.
    pub fn is_over(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Whether there are as many findings as were asked for.
    pub fn is_full(&self) -> bool {
        self.shown.len() >= self.settings.max_findings
    }

    /// Prints a finding, if it is to be reported.
    fn take(&mut self, finding: &Finding, subject: &Subject, progress: &Progress) {
        if self.is_full() {
            return;
        }
        let mut finding = finding.clone();
        subject.name(&mut finding);
        let Some(mut finding) = self.filter.take(&finding) else { return };
        finding.replay = subject.replay_command(&finding, self.network.is_own());
        if let Some(text) = self.flags.output.stream(&finding) {
            progress.aside(|| say(&text));
        }
        self.shown.push(finding);
        self.of.push(subject.lasting());
        if self.fails(self.shown.len() - 1) {
            let _ = signal_hook::flag::register(SIGINT, self.failed.clone());
            self.failed.fetch_or(self.interrupted.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        if self.is_full() {
            self.interrupted.store(true, Ordering::Relaxed);
        }
    }

    /// Writes traces of the findings from a place in the list on, if that is wanted.
    ///
    /// # Errors
    /// When one cannot be written.
    pub fn write_traces(&mut self, from: usize, subject: &Subject) -> Result<(), String> {
        let Some(folder) = &self.flags.trace_dir else { return Ok(()) };
        let findings = &self.shown[from..];
        let made = (self.settings.strategy, self.settings.stall);
        write_traces(folder, self.traces, subject, made, self.network.is_own(), findings)?;
        self.traces += findings.len();
        Ok(())
    }

    /// Keeps what an exploration has not seen; `of` is its subject where there are several.
    pub fn misses(&mut self, outcome: &Outcome, of: &str) {
        let lines = unseen(outcome, self.settings.timeout, self.settings.memory);
        let of = if of.is_empty() { String::new() } else { format!("{of}: ") };
        self.unseen.extend(lines.into_iter().map(|line| format!("{of}{line}")));
    }

    /// The exit code of a search that no finding made fail: `interrupted` says whether it was ended early.
    pub fn exit_code(&self, interrupted: bool) -> u8 {
        match interrupted {
            true if !self.is_full() => exit::INTERRUPTED,
            _ if !self.unseen.is_empty() && self.flags.write_baseline.is_none() => exit::UNSEEN,
            _ => exit::CLEAN,
        }
    }

    /// Writes documents to standard output, and all that goes into files.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn finish(&self) -> Result<(), String> {
        self.flags.output.finish(&self.shown, &self.unseen)?;
        match &self.flags.write_baseline {
            Some(path) => {
                let findings: Vec<_> = self.of.iter().cloned().zip(&self.shown).collect();
                crate::baseline::write(path, &findings, &self.programs)
            }
            None => Ok(()),
        }
    }

    /// Whether findings from a place in the list on make the command fail; none do when a baseline is written.
    pub fn fails(&self, from: usize) -> bool {
        self.flags.write_baseline.is_none() && self.shown[from..].iter().any(|f| self.settings.fails(f.severity))
    }

    /// `2 findings, 1 suppressed, 3 known`; findings from a place in the list on.
    pub fn counted(&self, from: usize) -> String {
        let mut found = match self.shown.len() - from {
            // Nobody can say that there are none.
            0 if !self.unseen.is_empty() => "nothing found".to_string(),
            0 => "no findings".to_string(),
            n => count(n, "finding"),
        };
        let filter = &self.filter;
        for (n, word) in [(filter.suppressed, "suppressed"), (filter.known, "known")] {
            if n > 0 {
                found.push_str(&format!(", {n} {word}"));
            }
        }
        found
    }
}

/// `1 test`, `2 tests`
pub fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Hands findings to the report, and tells how far the exploration is.
pub struct Printer<'p, 'a> {
    pub report: &'p mut Report<'a>,
    pub subject: &'p Subject,
    pub progress: Progress,
}

impl Observer for Printer<'_, '_> {
    fn finding(&mut self, finding: &Finding) {
        self.report.take(finding, self.subject, &self.progress);
    }

    fn progress(&mut self, schedules: usize, findings: usize) {
        self.progress.at(schedules as u64, &format!("{findings} found"));
    }
}

/// Set at the first Ctrl-C, SIGTERM, or SIGHUP where nobody (nohup) has it ignored; the second Ctrl-C ends gorace at once, by
/// the status of findings where `failed` is set by then.
fn interruption(failed: &Arc<AtomicBool>) -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    // Registering fails only for signals that cannot be caught. What is registered first is done first.
    let _ = signal_hook::flag::register_conditional_shutdown(SIGINT, i32::from(exit::FINDINGS), failed.clone());
    let _ = signal_hook::flag::register_conditional_shutdown(SIGINT, i32::from(exit::INTERRUPTED), flag.clone());
    let ignored = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = ignored.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    let is_heard = |signal: &i32| *signal != SIGHUP || ignored.unwrap_or(0) >> (SIGHUP - 1) & 1 == 0;
    for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(is_heard) {
        let _ = signal_hook::flag::register(signal, flag.clone());
    }
    flag
}
