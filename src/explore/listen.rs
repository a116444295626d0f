//! Listening to a policy: what it was asked and what it answered, told to somebody who changes nothing about it.

use gorace_runtime::{Candidate, Policy};
use std::collections::VecDeque;

/// Hears a policy's answers. What it does not care for it leaves out.
pub trait Listener {
    /// Of the candidates, the one at `chosen` runs; `last` is the number of the one that ran until now.
    fn chosen(&mut self, _candidates: &VecDeque<Candidate>, _last: u64, _chosen: usize) {}
    /// Whether a goroutine stops in front of its next operation.
    fn asked(&mut self, _running: Candidate, _stops: bool) {}
    /// A goroutine does its next operation, and nobody else could run.
    fn passed(&mut self, _running: Candidate) {}
    /// A goroutine stops in front of its next operation though nobody else could run: a timer is to fire first.
    fn rested(&mut self, _running: Candidate) {}
    /// The next timer fires before anybody goes on; `last` is the number of the goroutine that ran until now.
    fn time_passed(&mut self, _last: u64) {}
    /// Which of a select's ready cases is taken.
    fn picked(&mut self, _chosen: usize) {}
    /// A random number.
    fn drew(&mut self, _number: u64) {}
    /// Loop back-edges until the next preemption.
    fn granted(&mut self, _budget: i32) {}
}

/// A policy with somebody who listens to it.
pub struct Heard<L> {
    inner: Box<dyn Policy>,
    listener: L,
}

impl<L: Listener> Heard<L> {
    pub fn new(inner: Box<dyn Policy>, listener: L) -> Heard<L> {
        Heard { inner, listener }
    }
}

impl<L: Listener> Policy for Heard<L> {
    fn choose(&mut self, candidates: &VecDeque<Candidate>, last: u64) -> usize {
        let chosen = self.inner.choose(candidates, last);
        self.listener.chosen(candidates, last, chosen);
        chosen
    }

    fn switch_here(&mut self, running: Candidate, others: &VecDeque<Candidate>) -> bool {
        let stops = self.inner.switch_here(running, others);
        self.listener.asked(running, stops);
        stops
    }

    fn passes(&mut self, running: Candidate) {
        self.inner.passes(running);
        self.listener.passed(running);
    }

    fn rests(&mut self, running: Candidate) -> bool {
        let rests = self.inner.rests(running);
        if rests {
            self.listener.rested(running);
        }
        rests
    }

    fn lets_time_pass(&mut self, candidates: &VecDeque<Candidate>, last: u64) -> bool {
        let passes = self.inner.lets_time_pass(candidates, last);
        if passes {
            self.listener.time_passed(last);
        }
        passes
    }

    fn pick(&mut self, n: usize) -> usize {
        let chosen = self.inner.pick(n);
        self.listener.picked(chosen);
        chosen
    }

    fn explores(&self) -> bool {
        self.inner.explores()
    }

    fn random(&mut self) -> u64 {
        let number = self.inner.random();
        self.listener.drew(number);
        number
    }

    fn budget(&mut self) -> i32 {
        let budget = self.inner.budget();
        self.listener.granted(budget);
        budget
    }
}
