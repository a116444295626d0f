//! Every candidate alike, at every scheduling point. Finds most bugs of few goroutines (Thomson, Donaldson and Betts,
//! PPoPP 2014: at least as good as more careful strategies on their benchmarks).

use super::Strategy;
use gorace_runtime::Candidate;
use gorace_runtime::policy::Random;
use std::collections::VecDeque;

pub struct Uniform {
    random: Random,
}

impl Uniform {
    pub fn new(random: Random) -> Uniform {
        Uniform { random }
    }
}

impl Strategy for Uniform {
    fn stops(&mut self, _running: Candidate, others: &VecDeque<Candidate>) -> bool {
        self.random.below(others.len() + 1) != 0
    }

    fn picks(&mut self, candidates: &VecDeque<Candidate>, _last: u64) -> usize {
        self.random.below(candidates.len())
    }

    fn runs(&mut self, _candidate: Candidate) {}
}
