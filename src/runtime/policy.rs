//! Who goes next, and every other decision that a run leaves open: one small trait, and the default, a seeded random one.
//!
//! The scheduler asks `switch_here` in front of each synchronisation operation (only policies that explore say yes) and
//! `choose` whenever the running goroutine cannot go on or has yielded. A run is a function of the answers: a policy that gives
//! the same answers gives the same run.

use crate::goroutine::Gi;
use std::collections::VecDeque;

/// What a goroutine is about to do: the operation of the native in front of which it was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// It has not run yet.
    Start,
    /// It was preempted in a loop, or yielded.
    Continue,
    /// It goes on after a wait that has ended.
    Wake,
    Spawn,
    Send(u64),
    Receive(u64),
    Close(u64),
    Select,
    /// Of a mutex.
    Lock(u64),
    /// Of a read-write mutex.
    WriteLock(u64),
    /// Of either, also for reading: it never waits.
    TryLock(u64),
    Unlock(u64),
    ReadLock(u64),
    ReadUnlock(u64),
    Acquire(u64),
    Release(u64),
    Wait(u64),
    Notify(u64),
    AtomicLoad(u64),
    AtomicStore(u64),
    AtomicUpdate(u64),
    Timer,
    /// The first of several that nobody comes between.
    Pin,
    /// It ends the program: main has returned, `os.Exit`, a panic that nobody recovers, a fatal error.
    End,
}

/// A goroutine that can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    pub index: Gi,
    /// Go's number, never reused.
    pub number: u64,
    pub next: Operation,
}

/// The decisions of a run.
pub trait Policy {
    /// Which of the candidates (never empty) runs; `last` is the number of the one that ran until now.
    fn choose(&mut self, candidates: &VecDeque<Candidate>, last: u64) -> usize;
    /// Whether the running goroutine stops in front of its next operation; `others` (never empty) can run besides.
    fn switch_here(&mut self, running: Candidate, others: &VecDeque<Candidate>) -> bool;
    /// The running goroutine does its next operation, and nobody else could run.
    fn passes(&mut self, _running: Candidate) {}
    /// Nobody else could run, but a timer is set: whether the running goroutine stops in front of its next operation all the same.
    fn rests(&mut self, _running: Candidate) -> bool {
        false
    }
    /// A timer is set: whether it fires now, though the candidates (never empty) could run first. Asked in virtual time only.
    fn lets_time_pass(&mut self, _candidates: &VecDeque<Candidate>, _last: u64) -> bool {
        false
    }
    /// In front of the running goroutine's next operation: for how many nanoseconds of virtual time it is held up, as who gets no processor
    /// is; 0: not at all. `ahead`: until the next timers fire, in ascending order;
    /// `by_clock`: the program has looked at the clock.
    fn stalls(&mut self, _running: Candidate, _ahead: &[i64], _by_clock: bool) -> i64 {
        0
    }
    /// Nobody can run, something is awaited from outside, and a timer fires in `ahead` nanoseconds: whether it does so before anything
    /// comes from there. In virtual time only.
    fn is_outside_late(&mut self, _ahead: i64) -> bool {
        false
    }
    /// Which of a select's `n` ready cases is taken.
    fn pick(&mut self, n: usize) -> usize {
        ((u128::from(self.random()) * n as u128) >> 64) as usize
    }
    /// Whether `switch_here` is ever to be asked.
    fn explores(&self) -> bool;
    /// A random number, for select's choice, seeds of maps and of math/rand, and the like.
    fn random(&mut self) -> u64;
    /// Loop back-edges until the next preemption.
    fn budget(&mut self) -> i32;
}

/// A small, fast generator (Steele, Lea, Flood: splitmix64).
#[derive(Debug, Clone)]
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`, which is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.draw()) * n as u128) >> 64) as usize
    }
}

/// For `gorace run`: the queue in order with some disorder, and no extra switches. Under race checks it is as much as in Go's own
/// scheduler: who was made runnable last goes on next half of the time.
pub struct Live {
    random: Random,
    budget: i32,
    mixes: bool,
}

/// For exploring without a strategy: uniform choices.
pub struct Uniform {
    random: Random,
}

impl Live {
    pub fn new(seed: u64) -> Live {
        Live { random: Random(seed), budget: 200_000, mixes: false }
    }

    /// With the disorder of a run under race checks.
    pub fn mixing(self, mixes: bool) -> Live {
        Live { mixes, ..self }
    }
}

impl Policy for Live {
    fn choose(&mut self, candidates: &VecDeque<Candidate>, _last: u64) -> usize {
        if candidates.len() <= 1 {
            return 0;
        }
        match self.random.draw() & 7 {
            0 => self.random.below(candidates.len()),
            1..=4 if self.mixes => candidates.len() - 1,
            _ => 0,
        }
    }

    fn switch_here(&mut self, _running: Candidate, _others: &VecDeque<Candidate>) -> bool {
        false
    }

    fn explores(&self) -> bool {
        false
    }

    fn random(&mut self) -> u64 {
        self.random.draw()
    }

    fn budget(&mut self) -> i32 {
        self.budget
    }
}

impl Uniform {
    pub fn new(seed: u64) -> Uniform {
        Uniform { random: Random(seed) }
    }
}

impl Policy for Uniform {
    fn choose(&mut self, candidates: &VecDeque<Candidate>, _last: u64) -> usize {
        self.random.below(candidates.len())
    }

    fn switch_here(&mut self, _running: Candidate, others: &VecDeque<Candidate>) -> bool {
        self.random.below(others.len() + 1) != 0
    }

    fn explores(&self) -> bool {
        true
    }

    fn random(&mut self) -> u64 {
        self.random.draw()
    }

    fn budget(&mut self) -> i32 {
        1_000 + self.random.below(20_000) as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_stays_below_and_reaches_all() {
        let mut random = Random(7);
        let mut seen = [0; 5];
        for _ in 0..1000 {
            seen[random.below(5)] += 1;
        }
        assert!(seen.iter().all(|&n| n > 120), "{seen:?}");
    }
}
