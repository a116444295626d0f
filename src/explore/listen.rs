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
    /// For how many nanoseconds a goroutine is held up in front of its next operation; mostly 0.
    fn stalled(&mut self, _running: Candidate, _nanoseconds: i64) {}
    /// Whether the next timer, which is so many nanoseconds ahead, fires before anything comes from outside.
    fn outside_asked(&mut self, _is_late: bool, _nanoseconds: i64) {}
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

    fn stalls(&mut self, running: Candidate, ahead: &[i64], by_clock: bool) -> i64 {
        let nanoseconds = self.inner.stalls(running, ahead, by_clock);
        self.listener.stalled(running, nanoseconds);
        nanoseconds
    }

    fn is_outside_late(&mut self, ahead: i64) -> bool {
        let is_late = self.inner.is_outside_late(ahead);
        self.listener.outside_asked(is_late, ahead);
        is_late
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
