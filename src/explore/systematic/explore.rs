//! The schedules of the systematic strategy, a process each, and the statement of what they covered.
//!
//! First without a bound: where that comes to an end, every order of the program's synchronisation was run. Half of the
//! schedules go into the attempt; when they are used up, the rest goes into schedules with few preemptions, fewest first.
//! Schedules are started by the batch, of a size that does not depend on the machine, and taken in their order.

use super::search::{Path, Search, Work};
use crate::process::{End, Run};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// What a systematic exploration covered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Schedules that differ in more than the order of independent operations.
    pub orders: usize,
    /// Every order was run.
    pub all: bool,
    /// All schedules with at most so many preemptions were run.
    pub preemptions: Option<u32>,
    /// A schedule was too long to be kept whole, or there were too many points.
    pub too_long: bool,
    /// The step at which a schedule did not do what it did before: something else than the schedule decides.
    pub strayed: Option<u32>,
    /// The program waited for time or for something outside: that came when it came.
    pub outside: bool,
    /// The program drew random numbers: they were the seed's.
    pub chance: bool,
}

impl Coverage {
    fn take(&mut self, search: &Search) {
        self.orders = self.orders.max(search.complete);
        self.too_long |= search.cut;
        self.strayed = self.strayed.or(search.strayed);
        self.outside |= search.outside;
        self.chance |= search.chance;
    }
}

/// Schedules started together.
const BATCH: usize = 8;

/// What a schedule left behind, and its path.
type Shown = std::io::Result<(Run, Path)>;

/// What the search needs of the explorer.
pub trait Runner: Sync {
    /// Runs a schedule; its path, as far as it is known.
    ///
    /// # Errors
    /// When the process cannot be started.
    fn run(&self, work: &Work) -> Shown;
}

/// Runs schedules until none is left, at most `schedules` of them; `taken` is given each run, and says whether to go on.
///
/// # Errors
/// As `Runner::run`.
pub fn explore(
    runner: &dyn Runner,
    schedules: usize,
    preemptions: u32,
    width: usize,
    taken: &mut dyn FnMut(&Work, Run) -> bool,
) -> std::io::Result<Coverage> {
    let mut left = schedules;
    let mut search = Search::new(false);
    let mut goes_on = phase(runner, &mut search, schedules.div_ceil(2), u32::MAX, width, &mut left, taken)?;
    let mut coverage = Coverage::default();
    coverage.take(&search);
    coverage.all = goes_on && search.level().is_none() && !search.cut && search.strayed.is_none();
    if coverage.all || coverage.strayed.is_some() {
        return Ok(coverage);
    }
    let mut search = Search::new(true);
    for most in 0..=preemptions {
        if !goes_on || left == 0 {
            break;
        }
        goes_on = phase(runner, &mut search, left, most, width, &mut left, taken)?;
        coverage.take(&search);
        if !goes_on || search.cut || search.strayed.is_some() || search.level().is_some_and(|level| level <= most) {
            break;
        }
        coverage.preemptions = Some(most);
        // Where nothing needs more, these are all.
        if search.level().is_none() {
            coverage.all = true;
            break;
        }
    }
    Ok(coverage)
}

/// Runs every order of a program that has few of them, at most `schedules`; what was covered, if that was all, and nothing else counts that
/// other schedules could show. Given up as soon as it is clear that it will not be.
///
/// # Errors
/// As `Runner::run`.
pub fn prove(
    runner: &dyn Runner,
    schedules: usize,
    width: usize,
    taken: &mut dyn FnMut(&Work, Run) -> bool,
) -> std::io::Result<Option<Coverage>> {
    let mut search = Search::new(false);
    let mut left = schedules;
    loop {
        let waiting = search.waiting();
        let is_open = search.outside || search.open || search.cut || search.strayed.is_some();
        if is_open || waiting > left {
            return Ok(None);
        }
        if waiting == 0 {
            // What was drawn is seen by nobody.
            return Ok(Some(Coverage { orders: search.complete, all: true, ..Coverage::default() }));
        }
        let before = left;
        if !phase(runner, &mut search, BATCH, u32::MAX, width, &mut left, taken)? || left == before {
            return Ok(None);
        }
    }
}

/// Runs what the search has, at most `most_runs`; whether to go on.
fn phase(
    runner: &dyn Runner,
    search: &mut Search,
    most_runs: usize,
    most: u32,
    width: usize,
    left: &mut usize,
    taken: &mut dyn FnMut(&Work, Run) -> bool,
) -> std::io::Result<bool> {
    let mut runs = 0;
    loop {
        let room = BATCH.min(most_runs - runs).min(*left);
        let batch: Vec<Work> = std::iter::from_fn(|| search.next(most)).take(room).collect();
        if batch.is_empty() {
            return Ok(true);
        }
        runs += batch.len();
        *left -= batch.len();
        for (work, result) in batch.iter().zip(side_by_side(runner, &batch, width)) {
            let (mut run, path) = result?;
            // Who was asleep, or of no more use, has not ended by itself.
            if (path.asleep || path.cut) && run.end == End::Exited(0) {
                run.end = End::Interrupted;
            }
            search.take(work, &path);
            if !taken(work, run) {
                return Ok(false);
            }
        }
    }
}

/// Runs a batch, so many at a time; the results in its order.
fn side_by_side(runner: &dyn Runner, batch: &[Work], width: usize) -> Vec<Shown> {
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Option<Shown>>> = batch.iter().map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        let task = || {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(work) = batch.get(at) else { break };
                *results[at].lock().unwrap_or_else(PoisonError::into_inner) = Some(runner.run(work));
            }
        };
        // This thread is one of them; where the system has no other, it is alone.
        for _ in 1..width.min(batch.len()) {
            if std::thread::Builder::new().spawn_scoped(scope, task).is_err() {
                break;
            }
        }
        task();
    });
    let lost = || Err(std::io::Error::other("a schedule has no result"));
    results.into_iter().map(|r| r.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(lost)).collect()
}
