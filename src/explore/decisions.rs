//! A schedule as the list of its decisions: where it differs from the plain one, in which whoever runs goes on until it must
//! wait, and then the one goes on that has waited longest. Few decisions are left of most bugs when a schedule is shortened.
//!
//! A decision is tied to a goroutine and the number of the question within it ("in front of its twelfth operation"), not
//! to a time: when others are left out it mostly still means the same. Following the whole list of a recorded schedule gives
//! that schedule again, because everything else comes from streams of the seed (`strategy::explorer::Chance`).
//!
//! A goroutine that is held up in front of an operation (`strategy::stalling`) is a decision, too, with the time.
//!
//! A token is a schedule as one word: version, seed, and a strategy's name (behind it `.h` and the budget of stalls in microseconds, if there
//! is one) or the decisions, as in `2-7-pct.h100000` and `2-7-d4.12.0-4.13.5-5.1.h9000`. That of a prediction has its mark in front of these, as in `2-7-o3f2a-pct`: the schedule is run to predict.

use crate::listen::Listener;
use crate::strategy::Name;
use crate::strategy::explorer::Chance;
use clap::ValueEnum;
use gorace_runtime::{Candidate, Policy};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt::Write;
use std::rc::Rc;
use std::time::Duration;

/// One difference from the plain schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Decision {
    /// The goroutine that runs.
    pub goroutine: u64,
    /// The number of the question, from 1, among those asked while it ran; whether it is held up is asked apart from the others.
    pub question: u32,
    /// Who goes on; 0: the goroutine stops in front of its operation; `TIME`: the next timer fires first; from `STALL` on: it is held up
    /// in front of its operation, for as many microseconds as stand beside `STALL`.
    pub goes: u64,
}

/// In place of a goroutine: the question which of its ready cases a select takes. Who goes is the number of the case, from 1.
pub const PICKS: u64 = u64::MAX;

/// In place of a goroutine: the question whether what comes from outside is later than a timer, which is answered by `TIME`.
pub const OUTSIDE: u64 = u64::MAX - 1;

/// In place of who goes on: nobody yet, the next timer fires.
pub const TIME: u64 = u64::MAX;

/// Nanoseconds in one.
const MICROSECOND: u64 = 1000;

/// See `Decision::goes`.
pub const STALL: u64 = 1 << 62;

impl Decision {
    /// For how many microseconds the goroutine is held up, if it is.
    pub fn stall(self) -> Option<u64> {
        if self.goes == TIME { None } else { self.goes.checked_sub(STALL) }
    }
}

/// More decisions than these are not kept: the schedule is then known by its seed and strategy alone.
pub const MAX_DECISIONS: usize = 1 << 20;

/// Numbers the questions of each goroutine.
#[derive(Debug, Default)]
struct Questions(FxHashMap<u64, u32>);

impl Questions {
    fn next(&mut self, goroutine: u64) -> u32 {
        let count = self.0.entry(goroutine).or_default();
        *count += 1;
        *count
    }

    /// What `next` will give.
    fn coming(&self, goroutine: u64) -> u32 {
        self.0.get(&goroutine).map_or(1, |count| count + 1)
    }
}

/// Keeps a policy's decisions.
pub struct Recorder {
    questions: Questions,
    /// Whether a goroutine is held up is asked far more often than anything is decided: these questions have numbers of their own.
    stalls: Questions,
    decisions: Rc<RefCell<Vec<Decision>>>,
    /// Selects' choices too, which are else drawn from the seed.
    picks: bool,
}

impl Recorder {
    pub fn new(decisions: Rc<RefCell<Vec<Decision>>>) -> Recorder {
        Recorder { questions: Questions::default(), stalls: Questions::default(), decisions, picks: false }
    }

    /// Keeps selects' choices too.
    pub fn with_picks(mut self) -> Recorder {
        self.picks = true;
        self
    }

    fn keep(&mut self, decision: Decision) {
        let mut decisions = self.decisions.borrow_mut();
        if decisions.len() <= MAX_DECISIONS {
            decisions.push(decision);
        }
    }
}

impl Listener for Recorder {
    fn chosen(&mut self, candidates: &VecDeque<Candidate>, last: u64, chosen: usize) {
        let question = self.questions.next(last);
        if chosen != 0
            && let Some(candidate) = candidates.get(chosen)
        {
            self.keep(Decision { goroutine: last, question, goes: candidate.number });
        }
    }

    fn asked(&mut self, running: Candidate, stops: bool) {
        let question = self.questions.next(running.number);
        if stops {
            self.keep(Decision { goroutine: running.number, question, goes: 0 });
        }
    }

    fn rested(&mut self, running: Candidate) {
        self.time_passed(running.number);
    }

    fn time_passed(&mut self, last: u64) {
        let question = self.questions.next(last);
        self.keep(Decision { goroutine: last, question, goes: TIME });
    }

    fn stalled(&mut self, running: Candidate, nanoseconds: i64) {
        let question = self.stalls.next(running.number);
        if nanoseconds > 0 {
            let goes = STALL + nanoseconds as u64 / MICROSECOND;
            self.keep(Decision { goroutine: running.number, question, goes });
        }
    }

    fn outside_asked(&mut self, is_late: bool, _nanoseconds: i64) {
        let question = self.questions.next(OUTSIDE);
        if is_late {
            self.keep(Decision { goroutine: OUTSIDE, question, goes: TIME });
        }
    }

    fn picked(&mut self, chosen: usize) {
        if self.picks {
            let question = self.questions.next(PICKS);
            self.keep(Decision { goroutine: PICKS, question, goes: chosen as u64 + 1 });
        }
    }
}

/// The policy that follows decisions. One whose goroutine cannot run is left out.
pub struct Guided {
    decisions: FxHashMap<(u64, u32), u64>,
    questions: Questions,
    /// Microseconds for which goroutines are held up.
    stalls: FxHashMap<(u64, u32), u64>,
    stall_questions: Questions,
    chance: Chance,
}

impl Guided {
    pub fn new(decisions: &[Decision], seed: u64) -> Guided {
        let stalls = decisions.iter().filter_map(|d| Some(((d.goroutine, d.question), d.stall()?))).collect();
        let others = decisions.iter().filter(|d| d.stall().is_none());
        Guided {
            decisions: others.map(|d| ((d.goroutine, d.question), d.goes)).collect(),
            questions: Questions::default(),
            stalls,
            stall_questions: Questions::default(),
            chance: Chance::new(seed),
        }
    }
}

impl Guided {
    /// Whether the next question's answer is that time passes; only then it is one.
    fn waits_for_timer(&mut self, goroutine: u64) -> bool {
        let waits = self.decisions.get(&(goroutine, self.questions.coming(goroutine))) == Some(&TIME);
        if waits {
            self.questions.next(goroutine);
        }
        waits
    }
}

impl Policy for Guided {
    fn choose(&mut self, candidates: &VecDeque<Candidate>, last: u64) -> usize {
        let question = self.questions.next(last);
        let goes = self.decisions.get(&(last, question));
        goes.and_then(|goes| candidates.iter().position(|c| c.number == *goes)).unwrap_or(0)
    }

    fn switch_here(&mut self, running: Candidate, _others: &VecDeque<Candidate>) -> bool {
        let question = self.questions.next(running.number);
        self.decisions.get(&(running.number, question)) == Some(&0)
    }

    fn rests(&mut self, running: Candidate) -> bool {
        self.waits_for_timer(running.number)
    }

    fn lets_time_pass(&mut self, _candidates: &VecDeque<Candidate>, last: u64) -> bool {
        self.waits_for_timer(last)
    }

    fn stalls(&mut self, running: Candidate, _ahead: &[i64], _by_clock: bool) -> i64 {
        let question = self.stall_questions.next(running.number);
        let stall = self.stalls.get(&(running.number, question));
        stall.map_or(0, |microseconds| microseconds.saturating_mul(MICROSECOND) as i64)
    }

    fn is_outside_late(&mut self, _ahead: i64) -> bool {
        let question = self.questions.next(OUTSIDE);
        self.decisions.contains_key(&(OUTSIDE, question))
    }

    fn pick(&mut self, n: usize) -> usize {
        let drawn = ((u128::from(self.chance.number()) * n as u128) >> 64) as usize;
        let question = self.questions.next(PICKS);
        let wanted = self.decisions.get(&(PICKS, question)).and_then(|goes| usize::try_from(goes - 1).ok());
        wanted.filter(|case| *case < n).unwrap_or(drawn)
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

/// What a schedule is made of, besides the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    pub seed: u64,
    pub source: Source,
    /// Of a prediction: its mark (`Finding::mark`).
    pub predicts: Option<u16>,
}

/// Who decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A strategy, with the budget of its stalls in whole microseconds.
    Strategy {
        name: Name,
        stall: Duration,
    },
    Decisions(Vec<Decision>),
}

/// The version of tokens; another is refused.
const VERSION: &str = "2";

/// Why a word is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenError {
    /// It does not look like one.
    NoToken,
    /// It is one of another version of gorace.
    OtherVersion,
}

impl Schedule {
    /// The token.
    pub fn token(&self) -> String {
        let mut out = format!("{VERSION}-{}-", self.seed);
        if let Some(mark) = self.predicts {
            let _ = write!(out, "o{mark:04x}-");
        }
        match &self.source {
            Source::Strategy { name, stall } => {
                out.push_str(name.text());
                if !stall.is_zero() {
                    let _ = write!(out, ".h{}", stall.as_micros());
                }
            }
            Source::Decisions(decisions) => {
                out.push('d');
                let whose = |d: &Decision| match d.goroutine {
                    PICKS => "s".to_string(),
                    OUTSIDE => "w".to_string(),
                    goroutine => goroutine.to_string(),
                };
                let goes = |d: &Decision| match d.stall() {
                    Some(microseconds) => format!("h{microseconds}"),
                    None if d.goes == TIME => "t".to_string(),
                    None => d.goes.to_string(),
                };
                let list: Vec<String> =
                    decisions.iter().map(|d| format!("{}.{}.{}", whose(d), d.question, goes(d))).collect();
                out.push_str(&list.join("-"));
            }
        }
        out
    }

    /// Reads a token.
    ///
    /// # Errors
    /// When the word is none, or of another version.
    pub fn parse(token: &str) -> Result<Schedule, TokenError> {
        let mut parts = token.splitn(3, '-');
        let (Some(version), Some(seed), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(TokenError::NoToken);
        };
        let seed = seed.parse().map_err(|_| TokenError::NoToken)?;
        if version != VERSION {
            let is_number = version.parse::<u32>().is_ok();
            return Err(if is_number { TokenError::OtherVersion } else { TokenError::NoToken });
        }
        let (predicts, rest) = match rest.strip_prefix('o').and_then(|rest| rest.split_once('-')) {
            Some((mark, rest)) if mark.len() == 4 => {
                (Some(u16::from_str_radix(mark, 16).map_err(|_| TokenError::NoToken)?), rest)
            }
            _ => (None, rest),
        };
        let (name, stall) = match rest.split_once(".h") {
            Some((name, held)) if !name.starts_with('d') => (name, held.parse().map_err(|_| TokenError::NoToken)?),
            _ => (rest, 0),
        };
        if let Ok(name) = Name::from_str(name, false)
            && name != Name::Systematic
        {
            let stall = Duration::from_micros(stall);
            return Ok(Schedule { seed, source: Source::Strategy { name, stall }, predicts });
        }
        let list = rest.strip_prefix('d').ok_or(TokenError::NoToken)?;
        let mut decisions = Vec::new();
        for word in list.split('-').filter(|_| !list.is_empty()) {
            let of = |name: &str, who: u64| word.strip_prefix(name).map(|rest| format!("{who}.{rest}"));
            let nobody = of("s.", PICKS).or_else(|| of("w.", OUTSIDE));
            let word = nobody.as_deref().unwrap_or(word);
            let time = word.strip_suffix(".t").map(|start| format!("{start}.{TIME}"));
            let word = time.as_deref().unwrap_or(word);
            let number = |n: &str| match n.strip_prefix('h') {
                Some(held) => held.parse().ok().and_then(|n: u64| n.checked_add(STALL)),
                None => n.parse().ok(),
            };
            let numbers: Vec<u64> = word.split('.').filter_map(number).collect();
            let &[goroutine, question, goes] = numbers.as_slice() else { return Err(TokenError::NoToken) };
            let question = u32::try_from(question).map_err(|_| TokenError::NoToken)?;
            if goroutine == PICKS && goes == 0 {
                return Err(TokenError::NoToken);
            }
            decisions.push(Decision { goroutine, question, goes });
        }
        Ok(Schedule { seed, source: Source::Decisions(decisions), predicts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listen::Heard;
    use crate::strategy::explorer::Explorer;
    use crate::strategy::strategy;
    use gorace_runtime::Operation;
    use gorace_runtime::goroutine::Gi;

    #[test]
    fn tokens_are_read_back() {
        let d = |goroutine, question, goes| Decision { goroutine, question, goes };
        let schedules = [
            Source::Strategy { name: Name::Pct, stall: Duration::ZERO },
            Source::Strategy { name: Name::Pos, stall: Duration::from_millis(100) },
            Source::Decisions(Vec::new()),
            Source::Decisions(vec![
                d(4, 12, 0),
                d(4, 13, 5),
                d(4, 14, TIME),
                d(PICKS, 1, 2),
                d(5, 1, STALL + 9000),
                d(OUTSIDE, 2, TIME),
            ]),
        ];
        for (source, predicts) in schedules.into_iter().flat_map(|s| [(s.clone(), None), (s, Some(0x2a))]) {
            let schedule = Schedule { seed: 7, source, predicts };
            assert_eq!(Schedule::parse(&schedule.token()), Ok(schedule));
        }
        assert_eq!(Schedule::parse("2-7-o002a-d4.14.t").map(|s| s.token()).as_deref(), Ok("2-7-o002a-d4.14.t"));
        for wrong in [
            "",
            "2",
            "2-7",
            "2-x-d",
            "2-7-e",
            "2-7-oxyzv-d",
            "2-7-pct.h",
            "2-7-pct.hx",
            "2-7-d4.5.h",
            "2-7-o12-d",
            "2-7-d4.t",
            "2-7-d4",
            "2-7-d4.5",
            "2-7-d4.5.6.7",
            "2-7-d4.5000000000.6",
            "a-7-d",
        ] {
            assert_eq!(Schedule::parse(wrong), Err(TokenError::NoToken), "{wrong}");
        }
        assert_eq!(Schedule::parse("3-7-d"), Err(TokenError::OtherVersion));
    }

    /// A model of the scheduler: each goroutine does so many operations.
    fn run(policy: &mut dyn Policy, counts: &[u32]) -> Vec<u64> {
        let candidate =
            |number: usize| Candidate { index: Gi::default(), number: number as u64, next: Operation::AtomicUpdate(8) };
        let mut left = counts.to_vec();
        let mut runnable: VecDeque<Candidate> = (1..=counts.len()).map(candidate).collect();
        let mut order = Vec::new();
        let mut last = 0;
        while !runnable.is_empty() {
            let chosen = policy.choose(&runnable, last);
            let picked = runnable.swap_remove_back(chosen).expect("one of the candidates");
            last = picked.number;
            let g = picked.number as usize - 1;
            order.push(policy.random() ^ last);
            left[g] -= 1;
            while left[g] > 0 {
                if !runnable.is_empty() && policy.switch_here(picked, &runnable) {
                    runnable.push_back(picked);
                    break;
                }
                order.push(last);
                left[g] -= 1;
            }
            order.push(policy.budget() as u64);
        }
        order
    }

    #[test]
    fn following_the_decisions_of_a_schedule_gives_it_again() {
        for name in [Name::Random, Name::Pct, Name::Pos, Name::Surw] {
            for seed in 0..100 {
                let decisions = Rc::new(RefCell::new(Vec::new()));
                let explorer = Box::new(Explorer::new(strategy(name, seed, None), seed));
                let recorded = run(&mut Heard::new(explorer, Recorder::new(decisions.clone())), &[5, 9, 3, 7]);
                let followed = run(&mut Guided::new(&decisions.borrow(), seed), &[5, 9, 3, 7]);
                assert_eq!(recorded, followed, "{name:?} {seed}");
            }
        }
    }

    #[test]
    fn without_decisions_nobody_is_stopped() {
        let order = run(&mut Guided::new(&[], 1), &[3, 3]);
        let plain: Vec<u64> = order.into_iter().filter(|n| *n < 3).collect();
        assert_eq!(plain, [1, 1, 2, 2]);
    }
}
