//! A strategy as the runtime's policy, with the chances that no strategy decides: select's choice, the numbers that the program
//! asks for, how long a loop runs before it is preempted.
//!
//! Each kind of chance has a stream of its own: a schedule that is shortened, or repeated from its decisions, draws the same
//! numbers as long as it asks in the same order.

use super::Strategy;
use gorace_runtime::policy::Random;
use gorace_runtime::{Candidate, Policy};
use std::collections::VecDeque;

/// Every so many choices the one that has waited longest goes on, whatever the strategy says: a goroutine that is always
/// ready and always preferred (a ticker's, one that polls) would keep the others from running for ever, and schedules that
/// are unfair for ever show nothing (Musuvathi and Qadeer, PLDI 2008). Bugs need far fewer choices in a row.
const FAIR_EVERY: u32 = 100;

/// The chances that no strategy decides.
pub struct Chance {
    numbers: Random,
    budgets: Random,
}

impl Chance {
    pub fn new(seed: u64) -> Chance {
        let numbers = Random(Random(seed ^ 0x6e75_6d62).draw());
        let budgets = Random(Random(seed ^ 0x6275_6467).draw());
        Chance { numbers, budgets }
    }

    /// For select's choice, and for the program.
    pub fn number(&mut self) -> u64 {
        self.numbers.draw()
    }

    /// Loop back-edges until the next preemption.
    pub fn budget(&mut self) -> i32 {
        1_000 + self.budgets.below(20_000) as i32
    }
}

/// See the module's text.
pub struct Explorer {
    strategy: Box<dyn Strategy>,
    chance: Chance,
    /// Choices since the last fair one.
    choices: u32,
}

impl Explorer {
    pub fn new(strategy: Box<dyn Strategy>, seed: u64) -> Explorer {
        Explorer { strategy, chance: Chance::new(seed), choices: 0 }
    }
}

impl Policy for Explorer {
    fn choose(&mut self, candidates: &VecDeque<Candidate>, last: u64) -> usize {
        self.choices += 1;
        let chosen = if self.choices == FAIR_EVERY {
            self.choices = 0;
            // The scheduler puts new candidates at the back.
            0
        } else {
            self.strategy.picks(candidates, last)
        };
        if let Some(&candidate) = candidates.get(chosen) {
            self.strategy.runs(candidate);
        }
        chosen
    }

    fn switch_here(&mut self, running: Candidate, others: &VecDeque<Candidate>) -> bool {
        let stops = self.strategy.stops(running, others);
        if !stops {
            self.strategy.runs(running);
        }
        stops
    }

    fn explores(&self) -> bool {
        true
    }

    fn random(&mut self) -> u64 {
        self.chance.number()
    }

    fn budget(&mut self) -> i32 {
        self.chance.budget()
    }
}
