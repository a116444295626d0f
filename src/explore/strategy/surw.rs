//! Selectively uniform random walks (Zhao, Wolff, Mathur and Roychoudhury, ASPLOS 2025): the interleavings of a chosen set of
//! operations, here those on one object, are drawn with equal chances; everything else is scheduled at random around them.
//!
//! The walk needs to know how many of the chosen operations each goroutine has still to do. A `Census` counts them in another
//! schedule of the same program; where the two differ, the walk is a little less uniform, nothing else. At each choice the
//! goroutine that does the next chosen operation is drawn with the chance of its share of what is left; others stop in
//! front of theirs until it has.

use super::{Strategy, object};
use gorace_runtime::policy::Random;
use gorace_runtime::{Candidate, Operation};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// How often each goroutine operated on each object, by the object's address and the goroutine's number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts(pub BTreeMap<u64, BTreeMap<u64, u32>>);

/// Counts operations while another strategy decides.
pub struct Census {
    counts: Rc<RefCell<Counts>>,
    inner: Box<dyn Strategy>,
}

impl Census {
    /// The counts are there when the run is over.
    pub fn new(inner: Box<dyn Strategy>, counts: Rc<RefCell<Counts>>) -> Census {
        Census { counts, inner }
    }
}

impl Strategy for Census {
    fn stops(&mut self, running: Candidate, others: &VecDeque<Candidate>) -> bool {
        self.inner.stops(running, others)
    }

    fn picks(&mut self, candidates: &VecDeque<Candidate>, last: u64) -> usize {
        self.inner.picks(candidates, last)
    }

    fn runs(&mut self, candidate: Candidate) {
        if let Some(at) = object(candidate.next) {
            *self.counts.borrow_mut().0.entry(at).or_default().entry(candidate.number).or_default() += 1;
        }
        self.inner.runs(candidate);
    }
}

pub struct Surw {
    random: Random,
    /// The chosen object; none: every operation counts.
    chosen: Option<u64>,
    /// Chosen operations left, by goroutine.
    left: FxHashMap<u64, u32>,
    /// Who does the next chosen operation.
    intended: Option<u64>,
}

impl Surw {
    pub fn new(mut random: Random, counts: Counts) -> Surw {
        // What only one goroutine uses has one order.
        let shared: Vec<u64> = counts.0.iter().filter(|(_, by)| by.len() > 1).map(|(&at, _)| at).collect();
        // One time in four every operation on shared objects counts, as in the paper's plain walk.
        let chosen =
            if shared.is_empty() || random.below(4) == 0 { None } else { Some(shared[random.below(shared.len())]) };
        let mut left = FxHashMap::default();
        for (_, by) in counts.0.iter().filter(|(at, by)| chosen.map_or(by.len() > 1, |chosen| chosen == **at)) {
            for (&number, &count) in by {
                *left.entry(number).or_default() += count;
            }
        }
        Surw { random, chosen, left, intended: None }
    }

    fn counts(&self, operation: Operation) -> bool {
        match self.chosen {
            Some(chosen) => object(operation) == Some(chosen),
            None => object(operation).is_some(),
        }
    }

    /// What a goroutine has still to do. One that was not counted has something, or it would never be drawn.
    fn weight(&self, number: u64) -> u64 {
        self.left.get(&number).map_or(1, |&left| u64::from(left.max(1)))
    }

    fn intend(&mut self, candidates: &[Candidate]) -> Option<u64> {
        if let Some(intended) = self.intended
            && candidates.iter().any(|c| c.number == intended)
        {
            return Some(intended);
        }
        let total: u64 = candidates.iter().map(|c| self.weight(c.number)).sum();
        let mut at = self.random.below(usize::try_from(total).unwrap_or(usize::MAX)) as u64;
        for c in candidates {
            let weight = self.weight(c.number);
            if at < weight {
                self.intended = Some(c.number);
                return self.intended;
            }
            at -= weight;
        }
        None
    }

    fn draw(&mut self, candidates: &[Candidate]) -> usize {
        let intended = self.intend(candidates);
        let may: Vec<usize> = (0..candidates.len())
            .filter(|&at| Some(candidates[at].number) == intended || !self.counts(candidates[at].next))
            .collect();
        if may.is_empty() { self.random.below(candidates.len()) } else { may[self.random.below(may.len())] }
    }
}

/// Among more than so many candidates nobody is drawn in front of each operation, only now and then: it takes time in
/// proportion to their number.
const CROWD: usize = 64;

impl Strategy for Surw {
    fn stops(&mut self, running: Candidate, others: &VecDeque<Candidate>) -> bool {
        if others.len() > CROWD && self.random.below(others.len()) >= CROWD {
            return self.counts(running.next) && self.intended.is_some_and(|number| number != running.number);
        }
        let mut all: Vec<Candidate> = others.iter().copied().collect();
        all.push(running);
        let last = all.len() - 1;
        self.draw(&all) != last
    }

    fn picks(&mut self, candidates: &VecDeque<Candidate>, last: u64) -> usize {
        // Who was preempted in a loop or yielded may wait for the others: not again at once.
        let waits = |c: &Candidate| c.number == last && c.next == Operation::Continue;
        if candidates.len() > 1 && candidates.iter().any(waits) {
            self.intended = self.intended.filter(|&number| number != last);
            let others: Vec<usize> = (0..candidates.len()).filter(|&at| !waits(&candidates[at])).collect();
            let all: Vec<Candidate> = others.iter().map(|&at| candidates[at]).collect();
            return others[self.draw(&all)];
        }
        let all: Vec<Candidate> = candidates.iter().copied().collect();
        self.draw(&all)
    }

    fn runs(&mut self, candidate: Candidate) {
        if self.counts(candidate.next) {
            if let Some(left) = self.left.get_mut(&candidate.number) {
                *left = left.saturating_sub(1);
            }
            if self.intended == Some(candidate.number) {
                self.intended = None;
            }
        }
    }
}
