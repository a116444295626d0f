//! Stalls: a goroutine that could run is held up in front of an operation, for as long as a busy machine may leave it without a processor.
//!
//! In virtual time nobody is ever late: whoever can run does so before the next timer, and what sleeps for a while sleeps through all that
//! others do. Programs take that for an order ("ten milliseconds are enough"). So in half of the schedules a goroutine in front of an
//! operation is now and then put among the sleepers: the others go on, their timers fire, and it comes when its time is over, or when
//! nobody else is left; and who looks at the clock finds it later. All stalls of a schedule together take no more virtual time than the budget. For the same reason what comes from
//! outside may be later than a timer.
//!
//! What a finding needs is among its decisions (`decisions::STALL`), as short as it can be (`shorten`). Where no timer is set, and
//! nobody looks at the clock, nothing is drawn: such a program's schedules are the same with and without a budget.

use gorace_runtime::policy::Random;
use gorace_runtime::{Candidate, Policy};
use std::collections::VecDeque;
use std::time::Duration;

/// One in so many operations that are in front of a timer: few in the first moments of a small program, or one somewhere in a long one.
const ONE_IN: [usize; 8] = [2, 2, 3, 4, 8, 8, 32, 128];

/// So many stalls in a schedule, at most.
const MOST: [u32; 4] = [1, 1, 2, 8];

/// Nanoseconds after a timer at which a stall that is to outlast it ends: who is woken has taken a few steps by then, or many.
const AFTER: [i64; 2] = [20_000, 1_000_000];

/// In one of so many schedules with stalls there are some where no timer is near, too.
const BY_CLOCK: usize = 4;

/// Stalls are of whole microseconds, as decisions have them.
const MICROSECOND: i64 = 1000;

/// See the module's text.
pub struct Stalling {
    inner: Box<dyn Policy>,
    random: Random,
    /// Nanoseconds that are left of the budget.
    left: i64,
    most: u32,
    one_in: usize,
    by_clock: bool,
}

impl Stalling {
    /// `budget`: of all stalls of the schedule.
    pub fn new(inner: Box<dyn Policy>, seed: u64, budget: Duration) -> Stalling {
        let mut random = Random(Random(seed ^ 0x7374_616c_6c00).draw());
        let budget = i64::try_from(budget.as_nanos()).unwrap_or(i64::MAX);
        let left = if random.below(2) == 0 { 0 } else { budget };
        let (most, one_in) = (MOST[random.below(MOST.len())], ONE_IN[random.below(ONE_IN.len())]);
        let by_clock = random.below(BY_CLOCK) == 0;
        Stalling { inner, random, left, most, one_in, by_clock }
    }

    fn takes(&mut self, nanoseconds: i64) {
        self.left -= nanoseconds;
        self.most -= 1;
    }
}

impl Policy for Stalling {
    fn choose(&mut self, candidates: &VecDeque<Candidate>, last: u64) -> usize {
        self.inner.choose(candidates, last)
    }

    fn switch_here(&mut self, running: Candidate, others: &VecDeque<Candidate>) -> bool {
        self.inner.switch_here(running, others)
    }

    fn passes(&mut self, running: Candidate) {
        self.inner.passes(running);
    }

    fn rests(&mut self, running: Candidate) -> bool {
        self.inner.rests(running)
    }

    fn lets_time_pass(&mut self, candidates: &VecDeque<Candidate>, last: u64) -> bool {
        self.inner.lets_time_pass(candidates, last)
    }

    fn stalls(&mut self, running: Candidate, ahead: &[i64], by_clock: bool) -> i64 {
        let within = ahead.iter().filter(|&&nanoseconds| nanoseconds < self.left).count();
        // Where no timer is near there is the clock alone to be late by.
        let may = self.most > 0 && self.left > 0 && (within > 0 || by_clock && self.by_clock);
        if !may || self.random.below(self.one_in) != 0 {
            return self.inner.stalls(running, ahead, by_clock);
        }
        let timer = if within == 0 { self.left } else { ahead[self.random.below(within)] };
        let stall = match AFTER.get(self.random.below(AFTER.len() + 1)) {
            Some(after) => self.left.min(timer + after),
            None => self.left,
        };
        let stall = stall / MICROSECOND * MICROSECOND;
        self.takes(stall);
        stall
    }

    fn is_outside_late(&mut self, ahead: i64) -> bool {
        if self.most == 0 || ahead >= self.left || self.random.below(2) != 0 {
            return self.inner.is_outside_late(ahead);
        }
        self.takes(ahead);
        true
    }

    fn pick(&mut self, n: usize) -> usize {
        self.inner.pick(n)
    }

    fn explores(&self) -> bool {
        self.inner.explores()
    }

    fn random(&mut self) -> u64 {
        self.inner.random()
    }

    fn budget(&mut self) -> i32 {
        self.inner.budget()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::explorer::Explorer;
    use crate::strategy::{Name, strategy};
    use gorace_runtime::Operation;
    use gorace_runtime::goroutine::Gi;

    const BUDGET: Duration = Duration::from_millis(100);

    fn stalls(seed: u64, budget: Duration, ahead: &[i64], by_clock: bool) -> Vec<i64> {
        let running = Candidate { index: Gi::default(), number: 4, next: Operation::AtomicUpdate(8) };
        let mut policy = Stalling::new(Box::new(Explorer::new(strategy(Name::Random, seed, None), seed)), seed, budget);
        (0..1000).map(|_| policy.stalls(running, ahead, by_clock)).filter(|&n| n > 0).collect()
    }

    #[test]
    fn all_stalls_together_stay_within_the_budget_and_outlast_a_timer() {
        let mut stalled = 0;
        for seed in 0..1000 {
            let all = stalls(seed, BUDGET, &[10_000_000, 30_000_000, 2_000_000_000], false);
            assert!(all.iter().sum::<i64>() <= 100_000_000 && all.len() <= 8, "{all:?}");
            assert!(all.iter().all(|&n| n > 10_000_000 && n % MICROSECOND == 0), "{all:?}");
            stalled += usize::from(!all.is_empty());
        }
        assert!((400..600).contains(&stalled), "{stalled}");
    }

    #[test]
    fn what_is_beyond_the_budget_is_waited_for() {
        assert!((0..100).all(|seed| stalls(seed, BUDGET, &[100_000_000], false).is_empty()));
        assert!((0..100).all(|seed| stalls(seed, Duration::ZERO, &[0, 5], true).is_empty()));
        assert!((0..100).any(|seed| stalls(seed, BUDGET, &[], true) == [100_000_000]));
    }
}
