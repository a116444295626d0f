//! Many schedules of one program: a fresh process for each, as many at a time as there are cores.
//!
//! The processes' findings are taken in the order of their seeds and merged by `Finding::key`, the first seed's kept: what
//! is found, and in which order, depends on the seeds alone, not on which process was faster. A finding is handed on as
//! soon as all schedules before its own are complete; deadlocks come at the end, without those that hold a smaller one, and then
//! the statuses that not all schedules end with.

mod orderly;

use self::orderly::{Orderly, proven, systematically};
use crate::decisions::{Decision, MAX_DECISIONS, STALL, Schedule, Source};
use crate::detector::{HANG, UNNAMED, tells_of_end};
use crate::enrich::enrich;
use crate::handover::Part;
use crate::hash::{Log, parting};
use crate::network::Network;
use crate::partial::{Saturation, Shape};
use crate::predict::{self, Predictions, Verdict, is_predicted};
use crate::process::{End, Run, Running};
use crate::shorten::{fewest, least};
use crate::source::Sources;
use crate::start::{Place, start, worker};
use crate::strategy::Name;
use crate::strategy::steered::Aim;
use crate::systematic::explore::Coverage;
use crate::systematic::search::Work;
use gorace_base::finding::Finding;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// What to explore.
#[derive(Debug, Clone)]
pub struct Exploration {
    pub image: PathBuf,
    /// The program's name and arguments.
    pub args: Vec<String>,
    /// The folder that it runs in; the current one if none.
    pub folder: Option<PathBuf>,
    pub schedules: u64,
    pub seed: u64,
    pub strategy: Name,
    /// The budget of each schedule's stalls (`strategy::stalling`); the systematic strategy has none.
    pub stall: Duration,
    /// Of the systematic strategy: how many preemptions schedules may have, when not all can be run.
    pub preemptions: u32,
    /// Begin with every order of the program's synchronisation, where there are few.
    pub proves: bool,
    /// Run this schedule instead, once.
    pub only: Option<Schedule>,
    /// Look for the shortest schedule of each finding.
    pub shorten: bool,
    /// Count the ways in which schedules end.
    pub endings: bool,
    /// Stop starting schedules after this time.
    pub time: Option<Duration>,
    /// One schedule may take this long.
    pub timeout: Duration,
    /// Bytes that one schedule's process may hold.
    pub memory: u64,
    /// Schedules in which nobody could go on and nothing came: what follows waits for less long.
    pub hung: Arc<AtomicUsize>,
    /// Whether schedules have networks of their own.
    pub network: Arc<Network>,
    /// Set from outside to end the exploration early.
    pub interrupted: Arc<AtomicBool>,
}

/// What makes a schedule, besides its seed.
#[derive(Debug, Clone)]
pub enum Made {
    /// The exploration's strategy.
    Strategy,
    /// The systematic search.
    Ordered(Work),
    /// The strategy, holding back who could deadlock.
    Steered(Vec<Aim>),
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// In the order in which they were handed on.
    pub findings: Vec<Finding>,
    pub schedules: usize,
    pub timed_out: usize,
    /// Schedules ended because they held too much memory.
    pub out_of_memory: usize,
    /// Schedules whose process died of a signal, with the last words of the first.
    pub crashed: usize,
    pub last_words: String,
    /// Schedules that ended without what they found being all there: damaged, or ended by no doing of gorace.
    pub lost: usize,
    /// Seeds of schedules in which the program ended with another status than 0 that no finding explains, and the status.
    pub failed: Vec<(u64, i32)>,
    /// What the first of them is made of.
    pub failed_by: Option<Made>,
    pub interrupted: bool,
    /// What showed while other schedules ran beside, and not when its schedule was run alone: its key, its seed and words.
    pub beside: Vec<(String, String)>,
    /// Why schedules were run in the machine's network.
    pub shared: Option<String>,
    /// Why the exploration ended before its budget: so many schedules without a new partial order, and how many orders there are.
    pub saturated: Option<(usize, usize)>,
    /// Where the first schedule, run again, was another one: something besides the schedule decides.
    pub parted: Option<String>,
    /// What the systematic strategy covered.
    pub coverage: Option<Coverage>,
    /// How many schedules showed a finding, by its key.
    pub times: HashMap<String, usize>,
    /// How many schedules ended in which way, where that is counted.
    pub endings: BTreeMap<String, usize>,
    pub elapsed: Duration,
}

/// Who is told what happens while it happens.
pub trait Observer {
    /// A new finding; findings come in the order of their seeds.
    fn finding(&mut self, _finding: &Finding) {}
    /// Another schedule has ended.
    fn progress(&mut self, _schedules: usize, _findings: usize) {}
}

impl Outcome {
    /// Schedules that were not seen through: they were ended, or what they found is not all there.
    pub fn unseen(&self) -> usize {
        self.timed_out + self.out_of_memory + self.crashed + self.lost
    }
}

impl Observer for () {}

/// How often the running processes are looked at.
const TICK: Duration = Duration::from_millis(50);

/// Processes at a time.
pub fn width() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Runs the schedules.
///
/// # Errors
/// When this very binary cannot be started again, or cannot start the program.
pub fn explore(exploration: &Exploration, observer: &mut dyn Observer) -> std::io::Result<Outcome> {
    let start = Instant::now();
    let binary = std::env::current_exe()?;
    let (next, stop, running) = (AtomicU64::new(0), AtomicBool::new(false), Running::alone());
    let mut gathered = Gathered {
        observer,
        shortening: Shortening { binary: &binary, exploration, running: &running, until: None },
        sources: Sources::default(),
        seen: HashSet::new(),
        deadlocks: Vec::new(),
        predictions: Predictions::default(),
        circles: Vec::new(),
        exits: Vec::new(),
        hangs: Vec::new(),
        hung: 0,
        doubts: 0,
        statuses: BTreeSet::new(),
        beside: HashMap::new(),
        outcome: Outcome::default(),
        failure: None,
    };
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // On a thread of its own: looking for a finding's shortest schedule takes the gatherer some time. Without one, supervisors look
        // after time and memory all the same.
        let _ = std::thread::Builder::new().spawn_scoped(scope, || {
            while !done.load(Ordering::Relaxed) {
                running.watch(exploration.timeout);
                if exploration.interrupted.load(Ordering::Relaxed) {
                    running.interrupt();
                }
                std::thread::sleep(TICK);
            }
        });
        match exploration.strategy {
            Name::Systematic if exploration.only.is_none() => systematically(&binary, &running, &mut gathered, start),
            _ if proven(&binary, &running, &mut gathered, start) || gathered.failure.is_some() => {}
            _ => {
                let (sender, receiver) = channel();
                let schedules = exploration.schedules - gathered.outcome.schedules as u64;
                let width = width().min(usize::try_from(schedules).unwrap_or(usize::MAX));
                for at in 0..width {
                    let sender = sender.clone();
                    let (binary, next, stop, running) = (&binary, &next, &stop, &running);
                    let task = move || work(binary, exploration, (next, schedules), stop, running, &sender);
                    match std::thread::Builder::new().spawn_scoped(scope, task) {
                        Ok(_) => {}
                        // One is enough.
                        Err(_) if at > 0 => break,
                        Err(e) => gathered.failure = Some(e),
                    }
                }
                drop(sender);
                sampled(&receiver, &stop, &mut gathered, start);
            }
        }
        if gathered.failure.is_none() && exploration.only.is_none() && gathered.outcome.coverage.is_none() {
            gathered.outcome.parted = parted(&binary, &running, &gathered.outcome, exploration, start);
        }
        let mut deadlocks = std::mem::take(&mut gathered.deadlocks);
        drop_wider_deadlocks(&mut deadlocks);
        if gathered.statuses.len() > 1 || exploration.only.is_some() {
            deadlocks.append(&mut gathered.own_exits());
        }
        gathered.outcome.beside.retain(|(key, _)| !gathered.seen.contains(key));
        // Deadlocks and panics are ends, too.
        let outcome = &mut gathered.outcome;
        let endless = gathered.hung + outcome.timed_out + outcome.crashed + outcome.out_of_memory;
        if endless < outcome.schedules || exploration.only.is_some() {
            deadlocks.append(&mut gathered.hangs);
        } else {
            outcome.timed_out += gathered.hung;
        }
        if gathered.failure.is_none() {
            deadlocks.into_iter().for_each(|(finding, made)| gathered.hand_on(finding, &made));
            gathered.judge_predictions();
        }
        done.store(true, Ordering::Relaxed);
    });
    if let Some(error) = gathered.failure {
        return Err(error);
    }
    let mut outcome = gathered.outcome;
    outcome.elapsed = start.elapsed();
    outcome.shared = exploration.network.why();
    Ok(outcome)
}

/// A sampled schedule: what it left behind, and its shape if that is known.
type Sampled = (Run, Option<Shape>);

/// Takes the results of sampled schedules in the order of their seeds.
fn sampled(
    receiver: &Receiver<(u64, std::io::Result<Sampled>)>,
    stop: &AtomicBool,
    gathered: &mut Gathered<'_>,
    start: Instant,
) {
    let exploration = gathered.shortening.exploration;
    let before = gathered.outcome.schedules;
    let schedules = exploration.schedules - before as u64;
    // Runs that wait for one of an earlier seed, and the seed whose turn it is.
    let mut early: BTreeMap<u64, Sampled> = BTreeMap::new();
    let mut turn = 0;
    let mut saturation = Saturation::default();
    loop {
        match receiver.recv_timeout(TICK) {
            Ok((at, Ok(run))) => {
                gathered.outcome.schedules += 1;
                early.insert(at, run);
            }
            Ok((at, Err(error))) => {
                stop.store(true, Ordering::Relaxed);
                gathered.failure.get_or_insert(error);
                early.remove(&at);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        while gathered.outcome.saturated.is_none()
            && let Some((run, shape)) = early.remove(&turn)
        {
            saturation.take(shape);
            // What the accesses find may depend on more than the order.
            if run.findings.iter().any(|f| f.rule == "data-race") {
                saturation.opens();
            }
            gathered.take(exploration.seed.wrapping_add(turn), &Made::Strategy, run);
            turn += 1;
            if saturation.is_reached() && turn < schedules {
                gathered.outcome.saturated = Some(saturation.quiet());
                stop.store(true, Ordering::Relaxed);
            }
        }
        let (schedules, findings) = (gathered.outcome.schedules, gathered.outcome.findings.len());
        gathered.observer.progress(schedules, findings);
        let over = exploration.time.is_some_and(|limit| start.elapsed() > limit);
        if exploration.interrupted.load(Ordering::Relaxed) {
            gathered.outcome.interrupted = true;
            stop.store(true, Ordering::Relaxed);
        } else if over {
            stop.store(true, Ordering::Relaxed);
        }
    }
    if gathered.outcome.saturated.is_some() {
        // Which others were under way depends on the machine.
        gathered.outcome.schedules = before + usize::try_from(turn).unwrap_or(usize::MAX);
        return;
    }
    for (at, (run, _)) in early {
        gathered.take(exploration.seed.wrapping_add(at), &Made::Strategy, run);
    }
}

/// Longer schedules are not run again to see whether they are the same.
const QUICK: Duration = Duration::from_millis(300);

/// Runs the first seed's schedule twice more and compares the two.
fn parted(
    binary: &Path,
    running: &Running,
    outcome: &Outcome,
    exploration: &Exploration,
    since: Instant,
) -> Option<String> {
    let one = since.elapsed() * u32::try_from(width()).ok()? / u32::try_from(outcome.schedules.max(1)).ok()?;
    if outcome.interrupted || outcome.schedules < 2 || one > QUICK {
        return None;
    }
    let log = || -> Option<Log> {
        let mut command = worker(binary, exploration, exploration.seed);
        command.args(["--strategy", exploration.strategy.text(), "--hash"]);
        start(running, &command, exploration, &[], Place::Beside).ok()?.part(Part::Hash)
    };
    parting(&log()?, &log()?)
}

/// Takes schedules until there are no more.
fn work(
    binary: &Path,
    exploration: &Exploration,
    (next, schedules): (&AtomicU64, u64),
    stop: &AtomicBool,
    running: &Running,
    sender: &Sender<(u64, std::io::Result<Sampled>)>,
) {
    while !stop.load(Ordering::Relaxed) {
        let at = next.fetch_add(1, Ordering::Relaxed);
        if at >= schedules {
            break;
        }
        let seed = exploration.seed.wrapping_add(at);
        let source = Source::Strategy { name: exploration.strategy, stall: exploration.stall };
        let own = Schedule { seed, source, predicts: None };
        let run = one(binary, exploration, exploration.only.as_ref().unwrap_or(&own), running);
        // The receiver lives until all senders are gone.
        let _ = sender.send((at, run));
    }
}

struct Gathered<'o> {
    observer: &'o mut dyn Observer,
    shortening: Shortening<'o>,
    sources: Sources,
    seen: HashSet<String>,
    /// Kept back to the end: only then is it known which are part of others.
    deadlocks: Vec<(Finding, Made)>,
    predictions: Predictions,
    /// Where goroutines have waited for each other's locks.
    circles: Vec<BTreeSet<String>>,
    /// Kept back, too: they count only if not all schedules end with the same status.
    exits: Vec<(Finding, Made)>,
    /// The same of schedules that nothing ended; they count only if others ended.
    hangs: Vec<(Finding, Made)>,
    /// Schedules that such findings are of.
    hung: usize,
    /// Schedules with a network of their own that were run in the machine's, as they ended badly.
    doubts: usize,
    /// Of schedules in which nothing else was found that explains it.
    statuses: BTreeSet<i32>,
    /// How many schedules of a finding were run alone, in vain so far.
    beside: HashMap<String, usize>,
    outcome: Outcome,
    failure: Option<std::io::Error>,
}

impl Gathered<'_> {
    /// A schedule that ends badly in a network of its own and well in the machine's wanted the machine's, though it missed nobody: children
    /// of the program may have. What it did there is its result, and that of all others that ended so.
    fn doubt(&mut self, seed: u64, made: &Made, run: Run) -> Run {
        let exploration = self.shortening.exploration;
        let was_own = exploration.network.is_own();
        let is_known = was_own && self.doubts >= DOUBTS || exploration.interrupted.load(Ordering::Relaxed);
        if exploration.only.is_some() || is_known || !ends_badly(&run) || !run.network().own {
            return run;
        }
        self.doubts += 1;
        match self.shortening.run(seed, made, Place::AloneInTheMachines, |_| ()) {
            Some(again) if !was_own || !ends_badly(&again) => {
                exploration.network.share(&format!("seed {seed} ends well there, and badly in a network of its own"));
                again
            }
            _ => run,
        }
    }

    /// Takes a schedule's results into account.
    fn take(&mut self, seed: u64, made: &Made, run: Run) {
        let run = self.doubt(seed, made, run);
        // A race makes a test fail, a panic ends the program.
        let explains = |f: &Finding| !is_compared(f) && f.rule != "goroutine-leak" && !is_predicted(f);
        let explained = run.findings.iter().any(explains);
        if self.shortening.exploration.endings {
            *self.outcome.endings.entry(ending(&run)).or_default() += 1;
        }
        if let End::Exited(status) = run.end
            && !explained
        {
            self.statuses.insert(status);
        }
        if run.lost && matches!(run.end, End::Exited(_)) {
            self.outcome.lost += 1;
        }
        match run.end {
            End::Exited(0) | End::Interrupted => {}
            End::Exited(_) if explained => {}
            End::Exited(status) => {
                self.outcome.failed_by.get_or_insert_with(|| made.clone());
                self.outcome.failed.push((seed, status));
            }
            End::TimedOut if run.findings.iter().any(|f| f.rule == HANG) => self.hung += 1,
            End::TimedOut => self.outcome.timed_out += 1,
            End::OutOfMemory => self.outcome.out_of_memory += 1,
            End::Signal(signal) => {
                if self.outcome.crashed == 0 {
                    let words = run.stderr.lines().last().unwrap_or("");
                    self.outcome.last_words = format!("seed {seed}, signal {signal} {words}").trim_end().to_string();
                }
                self.outcome.crashed += 1;
            }
        }
        let only = self.shortening.exploration.only.as_ref();
        let mut counted = HashSet::new();
        for mut finding in run.findings {
            name_death(&mut finding, &run.stderr);
            if counted.insert(finding.key()) {
                *self.outcome.times.entry(finding.key()).or_default() += 1;
            }
            if is_predicted(&finding) && only.is_none() {
                self.predictions.keep(finding, made.clone());
                continue;
            }
            // A prediction's schedule is run for it alone; and one schedule cannot say whether others end otherwise.
            let mark = predicts(&finding);
            if finding.rule == HANG && only.is_none() {
                self.shortening.exploration.hung.fetch_add(1, Ordering::Relaxed);
            }
            let is_other = only.is_some_and(|only| only.predicts != mark) || tells_of_end(&finding.rule) && explained;
            if is_other {
                continue;
            }
            if tells_of_end(&finding.rule) {
                self.exits.push((finding, made.clone()));
                continue;
            }
            if self.seen.contains(&finding.key()) {
                continue;
            }
            if finding.rule == "panic" && only.is_none() && !self.is_own(&finding, made) {
                continue;
            }
            self.seen.insert(finding.key());
            match finding.rule.as_str() {
                "deadlock" => self.deadlocks.push((finding, made.clone())),
                HANG => self.hangs.push((finding, made.clone())),
                _ => self.hand_on(finding, made),
            }
        }
    }

    /// Whether a panic, or a bad end, is the schedule's own doing: it shows again when the schedule is run alone. Each of a few schedules
    /// that show it has its chance; then it is told as what it is.
    fn is_own(&mut self, finding: &Finding, made: &Made) -> bool {
        let tried = self.beside.entry(finding.key()).or_default();
        if *tried >= CANDIDATES {
            return false;
        }
        *tried += 1;
        let is_first = *tried == 1;
        if self.shortening.exploration.interrupted.load(Ordering::Relaxed) || self.shortening.shows_alone(finding, made)
        {
            return true;
        }
        if is_first {
            self.outcome.beside.push((finding.key(), format!("seed {}: {}", finding.seed, finding.headline)));
        }
        false
    }

    /// The schedules' bad ends that are findings: one for each place, which shows when its schedule is run alone.
    fn own_exits(&mut self) -> Vec<(Finding, Made)> {
        let mut out: Vec<(Finding, Made)> = Vec::new();
        let is_replay = self.shortening.exploration.only.is_some();
        for (finding, made) in std::mem::take(&mut self.exits) {
            let key = finding.key();
            if !self.seen.contains(&key) && (is_replay || self.is_own(&finding, &made)) {
                self.seen.insert(key.clone());
                out.push((finding, made));
            } else if !self.seen.contains(&key) {
                // Its schedule does not end badly by itself.
                self.outcome.failed.retain(|(seed, _)| *seed != finding.seed);
            }
        }
        out
    }

    /// Steers towards the circles that no schedule has shown.
    fn judge_predictions(&mut self) {
        let (predictions, circles) = (std::mem::take(&mut self.predictions), std::mem::take(&mut self.circles));
        // Where every order was run, what has not happened cannot.
        if self.outcome.coverage.as_ref().is_some_and(|c| c.all && !c.outside && !c.chance) {
            return;
        }
        let mut told = Vec::new();
        predictions.judge(circles, &self.shortening, &mut |verdict| told.push(verdict));
        for verdict in told {
            match verdict {
                Verdict::Happened(finding, made) if self.seen.insert(finding.key()) => self.hand_on(finding, &made),
                Verdict::Happened(..) => {}
                Verdict::Predicted(finding, made) => self.hand_on(finding, &made),
            }
        }
    }

    /// `made`: of the schedule that showed it.
    fn hand_on(&mut self, mut finding: Finding, made: &Made) {
        if finding.rule == "lock-cycle" && finding.events.len() > 1 {
            self.circles.push(finding.places());
        }
        if self.shortening.exploration.shorten {
            self.shortening.shorten(&mut finding, made);
        } else if self.shortening.exploration.only.is_none() {
            self.shortening.name(&mut finding, made);
        }
        enrich(&mut finding, &mut self.sources);
        self.observer.finding(&finding);
        self.outcome.findings.push(finding);
    }
}

/// Runs one schedule.
fn one(binary: &Path, exploration: &Exploration, schedule: &Schedule, running: &Running) -> std::io::Result<Sampled> {
    match &schedule.source {
        Source::Strategy { name, .. } => {
            let mut command = worker(binary, exploration, schedule.seed);
            command.args(["--strategy", name.text()]);
            if exploration.only.is_some() {
                command.arg("--facts");
            }
            // An exploring schedule predicts; one that is run again does so if it is to.
            if exploration.only.is_none() || schedule.predicts.is_some() {
                command.arg("--orders");
            }
            command.arg("--shape");
            let run = start(running, &command, exploration, &[], Place::Beside)?;
            // A process that was ended from outside leaves none.
            let shape = run.part(Part::Shape);
            Ok((run, shape))
        }
        Source::Decisions(decisions) => {
            let run = follow(binary, exploration, schedule.seed, decisions, schedule.predicts.is_some(), running)?;
            Ok((run, None))
        }
    }
}

/// Runs the schedule that follows decisions.
fn follow(
    binary: &Path,
    exploration: &Exploration,
    seed: u64,
    decisions: &[Decision],
    predicts: bool,
    running: &Running,
) -> std::io::Result<Run> {
    let mut command = worker(binary, exploration, seed);
    command.arg("--follow");
    if predicts {
        command.arg("--orders");
    }
    start(running, &command, exploration, &serde_json::to_vec(decisions)?, Place::Beside)
}

/// Runs of the program for each finding, at most, and the time after which no more are begun.
const TRIES: u32 = 48;
const TRIES_TIME: Duration = Duration::from_secs(15);

/// The same to make a stall as short as it can be.
const STALL_TRIES: u32 = 16;

/// Runs of a schedule alone, to see whether what was found was its own doing; and schedules tried for each finding.
const ATTEMPTS: u32 = 2;
const CANDIDATES: usize = 4;

/// How many schedules that end badly in a network of their own are tried in the machine's, where they end badly, too.
const DOUBTS: usize = 2;

fn ends_badly(run: &Run) -> bool {
    !matches!(run.end, End::Exited(0) | End::Interrupted)
}

/// Looks for the shortest schedule of a finding.
struct Shortening<'e> {
    binary: &'e Path,
    exploration: &'e Exploration,
    running: &'e Running,
    until: Option<Instant>,
}

impl Shortening<'_> {
    /// Gives the finding the report, the steps and the token of the shortest schedule that shows it; where none can be made,
    /// its own schedule's token.
    fn shorten(&mut self, finding: &mut Finding, made: &Made) {
        let seed = finding.seed;
        if let Some(own) = self.own(finding, made) {
            finding.schedule = own;
        }
        self.until = Some(Instant::now() + TRIES_TIME);
        // Most races need no decision at all: what is compared is who waited for whom, not who was first.
        let mut shown = self.shown(finding, &[]);
        let mut shortest = Vec::new();
        if shown.is_none() {
            let Some(all) = self.recorded(seed, made) else { return };
            if !matches!(made, Made::Strategy) {
                finding.schedule = token(finding, all.clone());
            }
            shortest = fewest(&all, TRIES, |part| {
                let found = self.shown(finding, part);
                let is_found = found.is_some();
                shown = found.or(shown.take());
                is_found
            });
            // The last that passed is the shortest; without one the whole list is tried.
            if shown.is_none() {
                shown = self.shown(finding, &all);
                shortest = all;
            }
        }
        self.spare_stalls(finding, &mut shortest, &mut shown);
        if let Some(mut found) = shown {
            found.schedule = token(finding, shortest);
            *finding = found;
        }
    }

    /// Makes the stalls of a finding's schedule as short as they can be.
    fn spare_stalls(&self, finding: &Finding, decisions: &mut [Decision], shown: &mut Option<Finding>) {
        for at in 0..decisions.len() {
            let Some(all) = decisions[at].stall() else { continue };
            let least = least(all, STALL_TRIES, |microseconds| {
                let mut part = decisions.to_vec();
                part[at].goes = STALL + microseconds;
                let found = self.shown(finding, &part);
                let is_found = found.is_some();
                *shown = found.or(shown.take());
                is_found
            });
            decisions[at].goes = STALL + least;
            // The last that passed need not be the shortest.
            *shown = self.shown(finding, decisions).or(shown.take());
        }
    }

    /// Gives a finding that is not to be shortened a token, where the seed alone does not say it.
    fn name(&self, finding: &mut Finding, made: &Made) {
        finding.schedule = match made {
            Made::Strategy => self.own(finding, made).unwrap_or_default(),
            _ => self.recorded(finding.seed, made).map_or_else(String::new, |all| token(finding, all)),
        };
    }

    /// The token of the finding's own schedule, if seed and strategy say what it is.
    fn own(&self, finding: &Finding, made: &Made) -> Option<String> {
        let name = self.exploration.strategy.of_seed(finding.seed);
        let source = Source::Strategy { name, stall: self.exploration.stall };
        let schedule = Schedule { seed: finding.seed, source, predicts: predicts(finding) };
        matches!(made, Made::Strategy).then(|| schedule.token())
    }

    fn is_over(&self) -> bool {
        self.exploration.interrupted.load(Ordering::Relaxed) || self.until.is_some_and(|until| Instant::now() > until)
    }

    /// The same finding in the schedule that follows decisions.
    fn shown(&self, finding: &Finding, decisions: &[Decision]) -> Option<Finding> {
        if self.is_over() {
            return None;
        }
        let predicts = is_predicted(finding);
        let run = follow(self.binary, self.exploration, finding.seed, decisions, predicts, self.running).ok()?;
        same(run, &finding.key())
    }

    /// The decisions of a finding's own schedule.
    fn recorded(&self, seed: u64, made: &Made) -> Option<Vec<Decision>> {
        let run = self.run(seed, made, Place::Beside, |command| _ = command.arg("--record"))?;
        let decisions: Vec<Decision> = run.part(Part::Record)?;
        (decisions.len() <= MAX_DECISIONS).then_some(decisions)
    }

    /// Whether a finding shows again in its own schedule while no other runs. What the program does outside, with a port or a file that
    /// all schedules share, may have been the doing of one beside it.
    fn shows_alone(&self, finding: &Finding, made: &Made) -> bool {
        let again = || self.run(finding.seed, made, Place::Alone, |_| ());
        // What the outside decides may need more than one attempt.
        (0..ATTEMPTS).any(|_| again().and_then(|run| same(run, &finding.key())).is_some())
    }

    /// Runs a schedule once more, with what `more` adds to the command.
    fn run(&self, seed: u64, made: &Made, place: Place, more: impl FnOnce(&mut Command)) -> Option<Run> {
        let (mut command, input) = match made {
            Made::Ordered(work) => {
                let (binary, exploration, running) = (self.binary, self.exploration, self.running);
                let orderly = Orderly { binary, exploration, running, closed: false };
                (orderly.command(), serde_json::to_vec(work).ok()?)
            }
            Made::Strategy | Made::Steered(_) => {
                let mut command = worker(self.binary, self.exploration, seed);
                command.args(["--strategy", self.exploration.strategy.text()]);
                (command, Vec::new())
            }
        };
        let input = match made {
            Made::Steered(aims) => {
                command.arg("--steer");
                serde_json::to_vec(aims).ok()?
            }
            _ => input,
        };
        more(&mut command);
        start(self.running, &command, self.exploration, &input, place).ok()
    }
}

impl predict::Runner for Shortening<'_> {
    fn again(&self, candidate: &predict::Candidate) -> Option<Finding> {
        let run = self.run(candidate.finding.seed, &candidate.made, Place::Beside, |command| {
            let already = matches!(candidate.made, Made::Ordered(_));
            command.arg("--facts").args((!already).then_some("--orders"));
        })?;
        same(run, &candidate.finding.key())
    }

    fn steered(&self, seed: u64, aims: &[Aim]) -> Option<Run> {
        let is_over = || self.exploration.interrupted.load(Ordering::Relaxed);
        let run = if is_over() { None } else { self.run(seed, &Made::Steered(aims.to_vec()), Place::Beside, |_| ()) };
        run.filter(|_| !is_over())
    }
}

/// The finding of a key among those of a run.
fn same(run: Run, key: &str) -> Option<Finding> {
    run.findings.into_iter().find_map(|mut finding| {
        name_death(&mut finding, &run.stderr);
        (finding.key() == key).then_some(finding)
    })
}

/// The mark that the token of a finding has which is told of one schedule only where it is asked for: a prediction, and what says that
/// other schedules end otherwise.
fn predicts(finding: &Finding) -> Option<u16> {
    (is_predicted(finding) || is_compared(finding)).then(|| finding.mark())
}

/// Whether a finding says that other schedules end otherwise.
fn is_compared(finding: &Finding) -> bool {
    tells_of_end(&finding.rule) || finding.rule == HANG
}

/// The token of the schedule that shows a finding by following decisions.
fn token(finding: &Finding, decisions: Vec<Decision>) -> String {
    Schedule { seed: finding.seed, source: Source::Decisions(decisions), predicts: predicts(finding) }.token()
}

/// Gives the finding of a run's violent end its words and its rule: the message in front of the last trace.
fn name_death(finding: &mut Finding, stderr: &str) {
    if finding.rule != UNNAMED || !finding.headline.is_empty() {
        return;
    }
    let lines: Vec<&str> = stderr.lines().collect();
    let trace =
        lines.iter().rposition(|l| l.starts_with("goroutine ") && l.contains(" [running")).unwrap_or(lines.len());
    let told = &lines[..trace];
    // What the program panicked with at the time stands in front of a fatal error, which then is indented; a signal's name in front of where it came.
    let begins = |at: usize| {
        let line = lines[at];
        let is_signal = line.starts_with("SIG") && lines.get(at + 1).is_some_and(|next| next.starts_with("PC="));
        let is_fatal = line.trim_start().starts_with("fatal error: ");
        (is_signal || is_fatal || line.starts_with("panic: ")).then(|| line.trim_start())
    };
    // The program may have left a line of its own without an end.
    let words = |line: &str| ["panic: ", "fatal error: "].iter().filter_map(|word| line.find(word)).min();
    let within = || told.iter().rev().find_map(|line| Some(&line[words(line)?..]));
    let message = (0..told.len()).rev().find_map(begins).or_else(within);
    let message = message.map_or("the program was ended by a panic", str::trim_end);
    finding.headline = message.split(" [recovered").next().unwrap_or(message).to_string();
    finding.rule = rule_of(message).to_string();
}

/// The way in which a run ended: its status, its last words, and the program's line at which it died.
fn ending(run: &Run) -> String {
    let end = match run.end {
        End::Exited(status) => format!("status {status}"),
        other => format!("{other:?}"),
    };
    let mut lines = run.stderr.lines();
    let is_death = |l: &&str| l.starts_with("panic: ") || l.starts_with("fatal error: ");
    let words = lines.clone().rfind(is_death).or_else(|| lines.rfind(|l| !l.trim().is_empty())).unwrap_or("");
    let death = run.findings.iter().find(|f| f.rule == UNNAMED).and_then(|f| f.events.first());
    let line = death.and_then(|e| e.user_frame()).map_or_else(String::new, |frame| format!(" at line {}", frame.line));
    format!("{end}: {words}{line}")
}

/// Takes out deadlocks that another one is part of: what else waits there, waits behind it.
fn drop_wider_deadlocks(findings: &mut Vec<(Finding, Made)>) {
    let deadlocks: Vec<_> = findings.iter().filter(|(f, _)| f.rule == "deadlock").map(|(f, _)| f.places()).collect();
    findings.retain(|(f, _)| {
        let places = f.places();
        f.rule != "deadlock" || !deadlocks.iter().any(|d| d.len() < places.len() && d.is_subset(&places))
    });
}

fn rule_of(message: &str) -> &'static str {
    let known = [
        ("sync: unlock of unlocked", "unlock-of-unlocked"),
        ("sync: Unlock of unlocked", "unlock-of-unlocked"),
        ("sync: RUnlock of unlocked", "unlock-of-unlocked"),
        ("negative WaitGroup counter", "negative-waitgroup"),
        ("WaitGroup is reused", "negative-waitgroup"),
        ("WaitGroup misuse", "negative-waitgroup"),
        ("close of closed channel", "close-of-closed"),
        ("send on closed channel", "send-on-closed"),
        ("concurrent map", "concurrent-map-access"),
        ("all goroutines are asleep", "deadlock"),
        ("no goroutines (main called runtime.Goexit)", "deadlock"),
    ];
    known.iter().find(|(text, _)| message.contains(text)).map_or("panic", |(_, rule)| rule)
}
