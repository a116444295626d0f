//! Steering towards a deadlock: who is about to take the inner lock of a predicted circle is held back until the others stand
//! in front of theirs; then they go on, each into a lock that the next one holds (DeadlockFuzzer: Joshi, Park, Sen, Naik, PLDI 2009).
//!
//! A goroutine is known by where it takes the lock and where it took one that it holds, as in another schedule its number and its
//! locks' addresses may be others. Whoever is not held back runs as the inner policy says. Where nobody is left, time passes,
//! so that sleepers come; where nobody comes, one of those held back is let go by chance. Holding back has an end: others may wait for
//! the held one in a loop.

use crate::symbols::innermost;
use gorace_base::finding::{Finding, Frame};
use gorace_detect::waits::{self, Waiting};
use gorace_runtime::goroutine::{Goroutine, Hold};
use gorace_runtime::policy::Random;
use gorace_runtime::world::{World, world};
use gorace_runtime::{Candidate, Operation, Policy, traceback};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::path::PathBuf;

/// One goroutine of a circle: where it takes a lock, and where it took the one that another goroutine wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aim {
    wants: Frame,
    has: Frame,
}

/// The goroutines of a predicted circle.
pub fn aims(finding: &Finding) -> Vec<Aim> {
    let aim = |at: usize| {
        let wants = finding.events[at].stack.first()?;
        let has = finding.events[at].held.as_ref()?.first()?.stack.first()?;
        Some(Aim { wants: wants.clone(), has: has.clone() })
    };
    (0..finding.events.len()).filter_map(aim).collect()
}

/// Questions for which goroutines are held back while others run; what a timer that fires counts for; how often that may end in
/// vain.
const PATIENCE: u32 = 1000;
const TIMER: u32 = 10;
const STALLS: u32 = 4;

/// See the module's text.
pub struct Steered {
    inner: Box<dyn Policy>,
    aims: Vec<Aim>,
    random: Random,
    folder: PathBuf,
    /// Places by return address, as far as they were asked for.
    places: FxHashMap<u64, Option<Frame>>,
    /// Held back no more in front of the lock at which they stand.
    let_go: FxHashSet<u64>,
    patience: u32,
    stalls: u32,
}

impl Steered {
    pub fn new(inner: Box<dyn Policy>, aims: Vec<Aim>, seed: u64) -> Steered {
        Steered {
            inner,
            aims,
            random: Random(Random(seed ^ 0x7374_6565).draw()),
            folder: std::env::current_dir().unwrap_or_default(),
            places: FxHashMap::default(),
            let_go: FxHashSet::default(),
            patience: PATIENCE,
            stalls: 0,
        }
    }

    fn place(&mut self, pc: u64) -> Option<Frame> {
        let folder = &self.folder;
        self.places.entry(pc).or_insert_with(|| innermost(folder, pc)).clone()
    }

    /// Whether a goroutine stands where it is to be held back.
    fn holds_back(&mut self, candidate: &Candidate) -> bool {
        let Some((address, _)) = wanted(candidate) else { return false };
        if self.stalls == STALLS || self.let_go.contains(&candidate.number) {
            return false;
        }
        let world: &World = world();
        let Some(g) = world.goroutines.find(candidate.index).filter(|g| !g.held.is_empty()) else { return false };
        let mut here = None;
        traceback::walk(world, g, g.header.saved_fp, |pc| {
            here = Some(pc);
            false
        });
        let here = here.and_then(|pc| self.place(pc));
        let aims: Vec<Aim> = self.aims.iter().filter(|aim| Some(&aim.wants) == here.as_ref()).cloned().collect();
        g.held.iter().filter(|held| held.addr != address).any(|held| {
            let has = self.place(held.pc);
            aims.iter().any(|aim| Some(&aim.has) == has.as_ref())
        })
    }

    /// Lets those go who have come to a circle.
    fn meet(&mut self, held_back: &[Candidate]) {
        let waiting: Vec<Waiting> =
            held_back.iter().map(|c| Waiting { goroutine: c.number, holders: holders(c, held_back) }).collect();
        let circles = waits::cycles(&waiting);
        self.let_go.extend(circles.into_iter().flatten());
    }

    /// One of those held back is let go: waiting has been in vain.
    fn give_up(&mut self, held_back: &[Candidate]) {
        self.patience = PATIENCE;
        let at = self.random.below(held_back.len());
        self.let_go.insert(held_back[at].number);
    }

    /// Another question is answered while goroutines are held back.
    fn wait(&mut self, held_back: &[Candidate], cost: u32) {
        self.patience = self.patience.saturating_sub(cost);
        if self.patience == 0 {
            self.stalls += 1;
            self.give_up(held_back);
        }
    }

    fn apart(&mut self, all: impl Iterator<Item = Candidate>) -> (Vec<Candidate>, VecDeque<Candidate>) {
        let (mut held_back, mut free) = (Vec::new(), VecDeque::new());
        for candidate in all {
            if self.holds_back(&candidate) { held_back.push(candidate) } else { free.push_back(candidate) }
        }
        (held_back, free)
    }
}

/// The lock in front of which a goroutine stands, and whether it takes it for reading.
fn wanted(candidate: &Candidate) -> Option<(u64, bool)> {
    match candidate.next {
        Operation::Lock(address) | Operation::WriteLock(address) => Some((address, false)),
        Operation::ReadLock(address) => Some((address, true)),
        _ => None,
    }
}

/// Who of `all` holds what a goroutine is about to take.
fn holders(candidate: &Candidate, all: &[Candidate]) -> Vec<u64> {
    let Some((address, reads)) = wanted(candidate) else { return Vec::new() };
    let holds = |g: &Goroutine| g.held.iter().any(|h| h.addr == address && !(reads && h.hold == Hold::Read));
    let held = |other: &&Candidate| world().goroutines.find(other.index).is_some_and(holds);
    all.iter().filter(held).map(|other| other.number).collect()
}

impl Policy for Steered {
    fn choose(&mut self, candidates: &VecDeque<Candidate>, last: u64) -> usize {
        let (held_back, mut free) = self.apart(candidates.iter().copied());
        if !held_back.is_empty() {
            self.wait(&held_back, 1);
            if free.is_empty() {
                self.give_up(&held_back);
            }
            free = candidates.iter().copied().filter(|c| !self.holds_back(c)).collect();
        }
        let chosen = free.get(self.inner.choose(&free, last)).or(free.front()).map_or(0, |c| c.number);
        self.let_go.remove(&chosen);
        candidates.iter().position(|c| c.number == chosen).unwrap_or(0)
    }

    fn switch_here(&mut self, running: Candidate, others: &VecDeque<Candidate>) -> bool {
        let (mut held_back, free) = self.apart(others.iter().copied());
        let stops = self.holds_back(&running);
        if stops {
            held_back.push(running);
            self.meet(&held_back);
            return true;
        }
        if !held_back.is_empty() {
            self.wait(&held_back, 1);
        }
        self.let_go.remove(&running.number);
        !free.is_empty() && self.inner.switch_here(running, &free)
    }

    fn passes(&mut self, running: Candidate) {
        self.inner.passes(running);
    }

    fn rests(&mut self, running: Candidate) -> bool {
        self.holds_back(&running)
    }

    fn lets_time_pass(&mut self, candidates: &VecDeque<Candidate>, _last: u64) -> bool {
        let (held_back, free) = self.apart(candidates.iter().copied());
        if held_back.is_empty() || !free.is_empty() {
            return false;
        }
        self.wait(&held_back, TIMER);
        candidates.iter().all(|c| self.holds_back(c))
    }

    fn pick(&mut self, n: usize) -> usize {
        self.inner.pick(n)
    }

    fn explores(&self) -> bool {
        true
    }

    fn random(&mut self) -> u64 {
        self.inner.random()
    }

    fn budget(&mut self) -> i32 {
        self.inner.budget()
    }
}
