//! Partial order sampling (Yuan, Yang and Gu, CAV 2018): each pending operation has a random priority and the highest is done;
//! then the operations that conflict with it get new ones. It samples orders of conflicting operations, not of all: what is
//! independent of the rest takes no part in the choice.

use super::{Strategy, conflict, object};
use gorace_runtime::policy::Random;
use gorace_runtime::{Candidate, Operation};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

pub struct Pos {
    random: Random,
    /// Of each goroutine that is not waiting: its pending operation and that one's priority.
    pending: FxHashMap<u64, (Operation, u64)>,
    /// The goroutines with a pending operation, by its object; `SELECTS` for those in front of a select.
    waiting: FxHashMap<u64, Vec<u64>>,
    /// The first so many of the others were looked at since the last pick or change, and this is the highest priority among them.
    known: usize,
    best: u64,
}

/// No object has this address.
const SELECTS: u64 = 1;

fn key(operation: Operation) -> Option<u64> {
    if operation == Operation::Select { Some(SELECTS) } else { object(operation) }
}

impl Pos {
    pub fn new(random: Random) -> Pos {
        Pos { random, pending: FxHashMap::default(), waiting: FxHashMap::default(), known: 0, best: 0 }
    }

    fn priority(&mut self, candidate: Candidate) -> u64 {
        match self.pending.get(&candidate.number) {
            Some(&(operation, priority)) if operation == candidate.next => priority,
            _ => {
                self.forget(candidate.number);
                let priority = self.random.draw();
                self.pending.insert(candidate.number, (candidate.next, priority));
                if let Some(key) = key(candidate.next) {
                    self.waiting.entry(key).or_default().push(candidate.number);
                }
                priority
            }
        }
    }

    fn forget(&mut self, number: u64) {
        if let Some(key) = self.pending.remove(&number).and_then(|(operation, _)| key(operation))
            && let Some(numbers) = self.waiting.get_mut(&key)
        {
            numbers.retain(|&n| n != number);
            if numbers.is_empty() {
                self.waiting.remove(&key);
            }
        }
    }

    /// New priorities for what stands at `key` and conflicts with an operation that is done.
    fn redraw(&mut self, key: u64, done: Operation) {
        for number in self.waiting.get(&key).into_iter().flatten() {
            if let Some((operation, priority)) = self.pending.get_mut(number)
                && conflict(*operation, done)
            {
                *priority = self.random.draw();
                self.known = 0;
            }
        }
    }
}

impl Strategy for Pos {
    fn stops(&mut self, running: Candidate, others: &VecDeque<Candidate>) -> bool {
        let own = self.priority(running);
        if self.known == 0 || self.known > others.len() {
            (self.known, self.best) = (0, 0);
        }
        for &c in others.range(self.known..) {
            self.best = self.best.max(self.priority(c));
        }
        self.known = others.len();
        self.best > own
    }

    fn picks(&mut self, candidates: &VecDeque<Candidate>, last: u64) -> usize {
        self.known = 0;
        // Who was preempted in a loop or yielded may wait for the others: not again at once.
        let priorities: Vec<(bool, u64)> =
            candidates.iter().map(|&c| (c.number != last || c.next != Operation::Continue, self.priority(c))).collect();
        (0..priorities.len()).max_by_key(|&at| priorities[at]).unwrap_or(0)
    }

    fn runs(&mut self, candidate: Candidate) {
        self.forget(candidate.number);
        let done = candidate.next;
        match key(done) {
            None => {}
            Some(SELECTS) => {
                let mut keys: Vec<u64> = self.waiting.keys().copied().collect();
                keys.sort_unstable();
                keys.into_iter().for_each(|key| self.redraw(key, done));
            }
            Some(key) => {
                self.redraw(key, done);
                self.redraw(SELECTS, done);
            }
        }
    }
}
