//! Schedules of the systematic search, which says itself what each is to do: all that there are, or, in front of sampled ones, as long as a program
//! may be small enough for every order to be run.

use super::{Exploration, Gathered, Made, width};
use crate::handover::Part;
use crate::process::{End, Run, Running};
use crate::start::{Place, start, worker};
use crate::systematic;
use crate::systematic::search::Work;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Runs a systematic exploration.
pub(super) fn systematically(binary: &Path, running: &Running, gathered: &mut Gathered<'_>, start: Instant) {
    let exploration = gathered.shortening.exploration;
    let runner = Orderly { binary, exploration, running, closed: false };
    let schedules = usize::try_from(exploration.schedules).unwrap_or(usize::MAX);
    let mut taken = |work: &Work, run: Run| {
        gathered.outcome.schedules += 1;
        gathered.take(exploration.seed, &Made::Ordered(work.clone()), run);
        let (schedules, findings) = (gathered.outcome.schedules, gathered.outcome.findings.len());
        gathered.observer.progress(schedules, findings);
        let over = exploration.time.is_some_and(|limit| start.elapsed() > limit);
        gathered.outcome.interrupted = exploration.interrupted.load(Ordering::Relaxed);
        !over && !gathered.outcome.interrupted
    };
    match systematic::explore::explore(&runner, schedules, exploration.preemptions, width(), &mut taken) {
        Ok(coverage) => gathered.outcome.coverage = Some(coverage),
        Err(error) => gathered.failure = Some(error),
    }
}

/// The part of the schedules, and of the time, in which every order is to be run.
const SHARE: u32 = 4;

/// Tries to run every order of the program's synchronisation, and nothing else counts; whether that was done, or nothing more is to be.
pub(super) fn proven(binary: &Path, running: &Running, gathered: &mut Gathered<'_>, start: Instant) -> bool {
    let exploration = gathered.shortening.exploration;
    if !exploration.proves || exploration.only.is_some() || exploration.endings {
        return false;
    }
    let runner = Orderly { binary, exploration, running, closed: true };
    let share = usize::try_from(exploration.schedules / u64::from(SHARE)).unwrap_or(usize::MAX);
    let mut taken = |work: &Work, run: Run| {
        // What the accesses find may depend on more than the order.
        let races = run.findings.iter().any(|f| f.rule == "data-race");
        // What was cut short and shows nothing was not seen through: it counts for nothing.
        if run.end != End::Interrupted || !run.findings.is_empty() {
            gathered.outcome.schedules += 1;
            gathered.take(exploration.seed, &Made::Ordered(work.clone()), run);
        }
        let (schedules, findings) = (gathered.outcome.schedules, gathered.outcome.findings.len());
        gathered.observer.progress(schedules, findings);
        gathered.outcome.interrupted = exploration.interrupted.load(Ordering::Relaxed);
        let over = exploration.time.is_some_and(|limit| start.elapsed() > limit / SHARE);
        !races && !over && !gathered.outcome.interrupted && gathered.outcome.unseen() == 0
    };
    match systematic::explore::prove(&runner, share, width(), &mut taken) {
        Ok(coverage) => gathered.outcome.coverage = coverage,
        Err(error) => gathered.failure = Some(error),
    }
    gathered.outcome.coverage.is_some() || gathered.outcome.interrupted
}

/// Runs the schedules of the systematic strategy.
pub(super) struct Orderly<'e> {
    pub(super) binary: &'e Path,
    pub(super) exploration: &'e Exploration,
    pub(super) running: &'e Running,
    /// Schedules in which something else counts than the order need not be seen through.
    pub(super) closed: bool,
}

impl Orderly<'_> {
    pub(super) fn command(&self) -> Command {
        let mut command = worker(self.binary, self.exploration, self.exploration.seed);
        command.args(["--systematic", "--orders"]).args(self.closed.then_some("--closed"));
        command
    }
}

impl systematic::explore::Runner for Orderly<'_> {
    fn run(&self, work: &Work) -> std::io::Result<(Run, systematic::search::Path)> {
        let input = serde_json::to_vec(work)?;
        let place = if self.closed { Place::Closed } else { Place::Beside };
        let run = start(self.running, &self.command(), self.exploration, &input, place)?;
        // What comes from outside may come otherwise, and whoever was cut short may not have had all that it wanted of its network.
        if self.closed && run.network().wanted.is_some() {
            let path = systematic::search::Path { cut: true, open: true, ..Default::default() };
            return Ok((Run::new(Vec::new(), End::Interrupted), path));
        }
        // A process that was ended from outside leaves none.
        let cut = || systematic::search::Path { cut: true, ..Default::default() };
        let path = run.part(Part::Path).unwrap_or_else(cut);
        Ok((run, path))
    }
}
