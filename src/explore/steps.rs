//! What a schedule does, in words: a step for each stretch in which one goroutine runs.
//!
//! Stretches are noted as they end, with their stack as addresses; only those of a finding are turned into words. Of a long
//! schedule the last ones are kept. Goroutines of the runtime itself are left out.

use crate::listen::Listener;
use crate::symbols::symbolise;
use gorace_base::finding::{Stall, Step, user_frame};
use gorace_runtime::goroutine::{Gi, State, Wait};
use gorace_runtime::world::{World, world};
use gorace_runtime::{Candidate, Operation, traceback};
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::rc::Rc;

/// Steps kept.
const KEPT: usize = 16;
/// Frames looked at for the program's own source.
const DEPTH: usize = 16;

/// The last stretches of a run.
#[derive(Debug, Default)]
pub struct Steps {
    ended: VecDeque<Stretch>,
    running: Option<(Gi, u64)>,
    /// In front of what the running goroutine stops, and for how long if it is held up.
    stops: Option<(Operation, Option<Stall>)>,
    /// Stretches that have ended.
    total: u64,
    /// The first stretch of each goroutine.
    firsts: BTreeMap<u64, u64>,
    stalls: Vec<Stall>,
}

#[derive(Debug)]
struct Stretch {
    goroutine: u64,
    what: String,
    stack: Vec<u64>,
}

/// Notes the steps that a policy's answers make.
pub struct Noted {
    steps: Rc<RefCell<Steps>>,
}

impl Noted {
    pub fn new(steps: Rc<RefCell<Steps>>) -> Noted {
        Noted { steps }
    }
}

impl Steps {
    /// The running goroutine's stretch is over.
    fn end(&mut self) {
        let Some((index, number)) = self.running.take() else { return };
        let stops = self.stops.take();
        let world: &World = world();
        let g = world.goroutines.find(index).filter(|g| g.header.id == number);
        if g.is_some_and(|g| g.system) {
            return;
        }
        // Who is woken in the same moment has waited all the same.
        let woken = world.runnable.iter().any(|c| c.number == number && c.next == Operation::Wake);
        let what = match (g.map(|g| g.state), stops) {
            (None | Some(State::Dead), _) => "runs to its end".to_string(),
            (Some(State::Waiting), _) => match g.map_or(Wait::None, |g| g.wait) {
                Wait::Exited => "ends the program; the others go on".to_string(),
                wait => format!("runs until it waits: {}", wait.words()),
            },
            (_, None) if woken => format!("runs until it waits: {}", g.map_or(Wait::None, |g| g.waited).words()),
            (_, Some((operation, Some(stall)))) => {
                format!("is held up for {} before {}", stall.time(), words(operation))
            }
            (_, Some((operation, None))) => format!("stops before {}", words(operation)),
            _ => "is preempted".to_string(),
        };
        let mut stack = Vec::new();
        if let Some(g) = g {
            traceback::walk(world, g, g.header.saved_fp, |pc| {
                stack.push(pc);
                stack.len() < DEPTH
            });
        }
        if self.ended.len() == KEPT {
            self.ended.pop_front();
        }
        self.total += 1;
        self.ended.push_back(Stretch { goroutine: number, what, stack });
    }

    /// How many stretches were before those that are told.
    pub fn left_out(&self) -> u64 {
        self.total - self.ended.len() as u64
    }

    /// Who was held up so far.
    pub fn stalls(&self) -> Vec<Stall> {
        self.stalls.clone()
    }

    /// The number of the stretch that runs, from 0 on.
    pub fn number(&self) -> u64 {
        self.total
    }

    /// The number of a goroutine's first stretch.
    pub fn first(&self, goroutine: u64) -> Option<u64> {
        self.firsts.get(&goroutine).copied()
    }

    /// A goroutine's last step that had begun in a stretch or earlier, among those told.
    pub fn before(&self, stretch: u64, goroutine: u64) -> Option<usize> {
        self.told_numbers()
            .filter(|&(number, whose, _)| number <= stretch && whose == goroutine)
            .last()
            .map(|(.., at)| at)
    }

    /// A goroutine's step in a stretch, if it is told.
    pub fn of(&self, stretch: u64, goroutine: u64) -> Option<usize> {
        self.told_numbers().find(|&(number, whose, _)| number == stretch && whose == goroutine).map(|(.., at)| at)
    }

    /// The goroutine of each step told.
    pub fn goroutines(&self) -> Vec<u64> {
        self.told_numbers().map(|(_, whose, _)| whose).collect()
    }

    /// A goroutine's first step from a stretch on, among those told.
    pub fn after(&self, stretch: u64, goroutine: u64) -> Option<usize> {
        self.told_numbers().find(|&(number, whose, _)| number >= stretch && whose == goroutine).map(|(.., at)| at)
    }

    /// The steps told: number of the stretch, goroutine, place among the steps.
    fn told_numbers(&self) -> impl Iterator<Item = (u64, u64, usize)> {
        let first = self.total - self.ended.len() as u64;
        let running = self.running.map(|(_, goroutine)| goroutine);
        let all = self.ended.iter().map(|s| s.goroutine).chain(running);
        all.enumerate().map(move |(at, goroutine)| (first + at as u64, goroutine, at))
    }

    /// The steps up to now, in words; the last is that of the goroutine that runs.
    pub fn told(&self, folder: &Path) -> Vec<Step> {
        // Of a goroutine of the library the function that its package offers, or the innermost.
        let place = |stack: &[u64]| {
            let frames = symbolise(folder, stack);
            let library =
                || frames.iter().find(|f| !f.function.starts_with("runtime.") && !f.function.starts_with("internal/"));
            let own = user_frame(&frames).filter(|f| !f.is_std());
            own.or_else(library).filter(|f| f.line > 0).cloned()
        };
        let ended = self.ended.iter();
        let step = |s: &Stretch| Step { goroutine: s.goroutine, what: s.what.clone(), place: place(&s.stack) };
        let mut steps: Vec<Step> = ended.map(step).collect();
        if let Some((_, goroutine)) = self.running {
            steps.push(Step { goroutine, what: "runs into it".to_string(), place: None });
        }
        steps
    }
}

/// What a goroutine is about to do.
pub fn words(operation: Operation) -> &'static str {
    match operation {
        Operation::Start | Operation::Continue | Operation::Wake => "it goes on",
        Operation::Spawn => "it starts a goroutine",
        Operation::Send(_) => "it sends",
        Operation::Receive(_) => "it receives",
        Operation::Close(_) => "it closes a channel",
        Operation::Select => "a select",
        Operation::Lock(_) | Operation::WriteLock(_) => "it locks",
        Operation::TryLock(_) => "it tries to lock",
        Operation::Unlock(_) => "it unlocks",
        Operation::ReadLock(_) => "it locks for reading",
        Operation::ReadUnlock(_) => "it unlocks for reading",
        Operation::Acquire(_) => "it acquires a semaphore",
        Operation::Release(_) => "it releases a semaphore",
        Operation::Wait(_) => "it waits for a condition",
        Operation::Notify(_) => "it signals a condition",
        Operation::AtomicLoad(_) => "an atomic load",
        Operation::AtomicStore(_) => "an atomic store",
        Operation::AtomicUpdate(_) => "an atomic update",
        Operation::Timer => "it sets a timer",
        Operation::End => "it ends the program",
        Operation::Pin => "it takes its processor's part of a pool",
    }
}

impl Listener for Noted {
    fn chosen(&mut self, candidates: &VecDeque<Candidate>, _last: u64, chosen: usize) {
        let mut steps = self.steps.borrow_mut();
        steps.end();
        steps.running = candidates.get(chosen).map(|c| (c.index, c.number));
        let number = steps.number();
        if let Some((_, goroutine)) = steps.running {
            steps.firsts.entry(goroutine).or_insert(number);
        }
    }

    fn asked(&mut self, running: Candidate, stops: bool) {
        if stops {
            self.steps.borrow_mut().stops = Some((running.next, None));
        }
    }

    fn stalled(&mut self, running: Candidate, nanoseconds: i64) {
        if nanoseconds == 0 {
            return;
        }
        let mut steps = self.steps.borrow_mut();
        let stall = Stall { goroutine: running.number, microseconds: nanoseconds as u64 / 1000 };
        steps.stops = Some((running.next, Some(stall)));
        steps.stalls.push(stall);
    }

    fn outside_asked(&mut self, is_late: bool, nanoseconds: i64) {
        if is_late {
            let stall = Stall { goroutine: 0, microseconds: nanoseconds as u64 / 1000 };
            self.steps.borrow_mut().stalls.push(stall);
        }
    }

    fn rested(&mut self, running: Candidate) {
        self.steps.borrow_mut().stops = Some((running.next, None));
    }
}
