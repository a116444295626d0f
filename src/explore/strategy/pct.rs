//! Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi and Nagarakatte, ASPLOS 2010): goroutines have random
//! priorities and the highest runs; at `depth - 1` random steps the running one's priority drops below all others.
//!
//! A bug of depth `d` in a program of `n` goroutines and `k` steps is found with a chance of at least 1/(n k^(d-1)). The
//! number of steps is not known; it is drawn, logarithmically uniform, so that some schedules have their changes early in a
//! long program and some late. A goroutine that is preempted in loops or yields again and again falls below all others some
//! time: it may wait for them, and would keep them from running for ever. Not at once: it may also just have much to do.

use super::Strategy;
use gorace_runtime::policy::Random;
use gorace_runtime::{Candidate, Operation};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// The greatest depth that is tried.
const DEPTH: usize = 4;
/// Steps of a program: two to the power of some number in this range.
const STEPS_LOG: (f64, f64) = (3.0, 14.0);

/// One in so many preemptions and yields makes a goroutine fall.
const PATIENCE: usize = 32;

pub struct Pct {
    random: Random,
    priorities: FxHashMap<u64, i64>,
    /// The steps at which a priority drops, last first.
    changes: Vec<u64>,
    step: u64,
    /// The lowest priority given so far.
    lowest: i64,
    /// The first so many of the others were there at the last pick, and this is the highest priority among them: while one
    /// goroutine runs, others are only added, at the back.
    known: usize,
    best: i64,
}

impl Pct {
    pub fn new(mut random: Random) -> Pct {
        let depth = 1 + random.below(DEPTH);
        let part = random.draw() as f64 / u64::MAX as f64;
        let steps = (STEPS_LOG.0 + part * (STEPS_LOG.1 - STEPS_LOG.0)).exp2() as usize;
        let mut changes: Vec<u64> = (1..depth).map(|_| 1 + random.below(steps) as u64).collect();
        changes.sort_unstable_by(|a, b| b.cmp(a));
        Pct { random, priorities: FxHashMap::default(), changes, step: 0, lowest: 0, known: 0, best: i64::MIN }
    }

    fn priority(&mut self, number: u64) -> i64 {
        let random = &mut self.random;
        *self.priorities.entry(number).or_insert_with(|| (random.draw() >> 2) as i64)
    }

    fn drop_priority(&mut self, number: u64) {
        self.lowest -= 1;
        self.priorities.insert(number, self.lowest);
    }
}

impl Strategy for Pct {
    fn stops(&mut self, running: Candidate, others: &VecDeque<Candidate>) -> bool {
        self.step += 1;
        while self.changes.last().is_some_and(|&at| at <= self.step) {
            self.changes.pop();
            self.drop_priority(running.number);
        }
        let own = self.priority(running.number);
        for c in others.range(self.known.min(others.len())..) {
            self.best = self.best.max(self.priority(c.number));
        }
        self.known = others.len();
        self.best > own
    }

    fn picks(&mut self, candidates: &VecDeque<Candidate>, last: u64) -> usize {
        if candidates.back().is_some_and(|c| c.number == last && c.next == Operation::Continue)
            && self.random.below(PATIENCE) == 0
        {
            self.drop_priority(last);
        }
        let (mut chosen, mut highest) = (0, i64::MIN);
        self.best = i64::MIN;
        for (at, c) in candidates.iter().enumerate() {
            let priority = self.priority(c.number);
            if priority > highest {
                self.best = highest;
                (chosen, highest) = (at, priority);
            } else {
                self.best = self.best.max(priority);
            }
        }
        self.known = candidates.len() - 1;
        chosen
    }

    fn runs(&mut self, candidate: Candidate) {
        // Someone else may have been chosen than was picked.
        if self.priority(candidate.number) < self.best {
            self.known = 0;
        }
    }
}
