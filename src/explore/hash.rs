//! Whether a schedule is a function of its seed: a running hash over the scheduler's questions and answers, compared between two
//! runs of one schedule.
//!
//! Each question adds who could run, in front of which operation, and what was answered. Where the hashes part, something besides
//! the schedule has decided: the network, a real clock, the system's random numbers. Addresses are left out.

use crate::listen::Listener;
use crate::steps::words;
use gorace_runtime::Candidate;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// Questions kept; what comes later is not compared.
const MOST: usize = 50_000;

/// A question: the hash with it, and what was about to happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    hash: u64,
    goroutine: u64,
    what: String,
}

/// The questions of a run.
pub type Log = Vec<Asked>;

/// Keeps the hash of a policy's answers.
pub struct Hashed {
    hash: u64,
    log: Rc<RefCell<Log>>,
}

impl Hashed {
    pub fn new(log: Rc<RefCell<Log>>) -> Hashed {
        Hashed { hash: 0, log }
    }

    fn mix(&mut self, value: u64) {
        self.hash = (self.hash.rotate_left(5) ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn candidate(&mut self, candidate: &Candidate) {
        self.mix(candidate.number);
        words(candidate.next).bytes().for_each(|byte| self.mix(u64::from(byte)));
    }

    fn keep(&mut self, candidate: &Candidate) {
        let mut log = self.log.borrow_mut();
        if log.len() < MOST {
            let what = words(candidate.next).to_string();
            log.push(Asked { hash: self.hash, goroutine: candidate.number, what });
        }
    }
}

impl Listener for Hashed {
    fn chosen(&mut self, candidates: &VecDeque<Candidate>, _last: u64, chosen: usize) {
        candidates.iter().for_each(|candidate| self.candidate(candidate));
        self.mix(chosen as u64);
        if let Some(candidate) = candidates.get(chosen) {
            self.keep(candidate);
        }
    }

    fn asked(&mut self, running: Candidate, stops: bool) {
        self.candidate(&running);
        self.mix(u64::from(stops));
        self.keep(&running);
    }

    fn passed(&mut self, running: Candidate) {
        self.candidate(&running);
        self.keep(&running);
    }

    fn rested(&mut self, running: Candidate) {
        self.candidate(&running);
        self.keep(&running);
    }

    fn time_passed(&mut self, last: u64) {
        self.mix(last);
    }

    fn stalled(&mut self, running: Candidate, nanoseconds: i64) {
        if nanoseconds > 0 {
            self.candidate(&running);
            self.mix(nanoseconds as u64);
            self.keep(&running);
        }
    }

    fn picked(&mut self, chosen: usize) {
        self.mix(chosen as u64);
    }
}

/// Where two runs of one schedule part, in words.
pub fn parting(first: &Log, second: &Log) -> Option<String> {
    let at = (0..first.len().max(second.len())).find(|&at| first.get(at) != second.get(at))?;
    let side = |log: &Log| match log.get(at) {
        Some(asked) => format!("goroutine {} in front of this: {}", asked.goroutine, asked.what),
        None => "its end".to_string(),
    };
    Some(format!("at step {}: once {}; once {}", at + 1, side(first), side(second)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_told() {
        let asked = |hash, goroutine| Asked { hash, goroutine, what: "it locks".to_string() };
        let log = vec![asked(1, 4), asked(2, 5), asked(3, 4)];
        assert_eq!(parting(&log, &log.clone()), None);
        let other = vec![asked(1, 4), asked(9, 6), asked(3, 4)];
        let text = parting(&log, &other).unwrap_or_default();
        assert_eq!(
            text,
            "at step 2: once goroutine 5 in front of this: it locks; once goroutine 6 in front of this: it locks"
        );
        assert!(parting(&log, &log[..2].to_vec()).is_some_and(|text| text.ends_with("once its end")));
    }
}
