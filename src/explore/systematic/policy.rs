//! One run of the search as the runtime's policy: it follows a prefix of choices, then goes on plainly past those who sleep, and
//! keeps the path.
//!
//! A step is an operation in front of which the scheduler asked, with what it does up to the next. The program's end is one of its own:
//! others may come between an operation and the panic behind it. (Faults of the runtime itself are not: nobody comes in front of `throw`.)
//! Who runs goes on, else the one that has waited longest. Goroutines of the runtime itself run as soon as they can and are no choice,
//! unless they stand in front of an operation of the program's (a finalizer's, say).
//!
//! A lock's goroutine is *gated* while the mutex is held, and so is one in front of a wait group that counts: they wait there
//! instead of in the lock's queue, which nobody can tell apart, but that would be another schedule each. So is a writer while another
//! one has the reader-writer lock or is the next to have it: what readers see is that other one. (So `Add` beside a `Wait` that has
//! begun is left to the other strategies, as is a condition variable's `Signal` without its lock.) When all are gated they go on one
//! after the other.

use super::act::{Act, Kind};
use super::search::{Choice, Path, Ready, Sleeper, Step, Work, done_at, sleep_on};
use crate::partial::draws_itself;
use crate::strategy::explorer::Chance;
use gorace_runtime::goroutine::{Gi, State, Wait};
use gorace_runtime::world::{World, world};
use gorace_runtime::{Candidate, Operation, Policy, counter, is_locked, traceback};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// Longer paths are cut.
const MAX_STEPS: usize = 20_000;

/// See the module's text.
pub struct Systematic {
    work: Work,
    path: Rc<RefCell<Path>>,
    chance: Chance,
    sleep: Vec<Sleeper>,
    /// What goroutines stand in front of, as far as it is known.
    acts: FxHashMap<u64, (Operation, Act)>,
    /// What each did last: who wakes in front of a lock tries it again.
    last_acts: FxHashMap<u64, (Operation, Act)>,
    /// Who goes on at the next choice, because the running one was stopped for it.
    decided: Option<u64>,
    /// The path is complete as far as it is kept.
    over: bool,
    /// Who ran last.
    running: Option<Gi>,
    /// Numbers drawn by the program, as far as they are looked at.
    draws: u32,
    /// The run is over as soon as something counts besides the order.
    closed: bool,
}

/// So many of them are.
const DRAWS: u32 = 1000;

impl Systematic {
    /// The path is whole when the run is over.
    pub fn new(work: Work, seed: u64, path: Rc<RefCell<Path>>) -> Systematic {
        Systematic {
            work,
            path,
            chance: Chance::new(seed),
            sleep: Vec::new(),
            acts: FxHashMap::default(),
            last_acts: FxHashMap::default(),
            decided: None,
            over: false,
            running: None,
            draws: 0,
            closed: false,
        }
    }

    /// Where such a run is of no use.
    pub fn closed(self, closed: bool) -> Systematic {
        Systematic { closed, ..self }
    }

    /// Ends the run where it is of no more use.
    fn end_if_open(&mut self) {
        let mut path = self.path.borrow_mut();
        if !self.closed || self.over {
            return;
        }
        path.open |= counts_otherwise();
        if path.open || path.outside {
            path.cut = true;
            self.over = true;
            world().exit_status = Some(0);
        }
    }

    fn ready(&mut self, candidate: Candidate) -> Ready {
        let act = match self.acts.get(&candidate.number) {
            Some(&(operation, act)) if operation == candidate.next => counted(act, candidate),
            _ => {
                let last = self.last_acts.get(&candidate.number).copied();
                let act = act(candidate, last);
                self.acts.insert(candidate.number, (candidate.next, act));
                act
            }
        };
        let gated = match act.kind {
            Kind::Lock => is_locked(act.object),
            Kind::Join => counter(act.object) != 0,
            _ => false,
        };
        if candidate.next == Operation::Timer {
            self.path.borrow_mut().outside = true;
        }
        // Who signals without the lock may come while another is on its way into the queue.
        let is_free = || world().goroutines.find(candidate.index).is_some_and(|g| g.held.is_empty());
        if matches!(candidate.next, Operation::Notify(_)) && is_free() {
            self.path.borrow_mut().open = true;
        }
        let yields = candidate.next == Operation::Continue;
        let pins = candidate.next == Operation::Pin;
        Ready { goroutine: candidate.number, act, yields, gated, pins }
    }

    /// Who goes on.
    fn decide(&mut self, ready: Vec<Ready>, last: u64, pinned: bool) -> u64 {
        let at = self.path.borrow().steps.len();
        if at == self.work.prefix.len() && !self.over {
            self.sleep.clone_from(&self.work.sleep);
        }
        let asleep = |r: &Ready| self.sleep.iter().any(|(goroutine, _)| *goroutine == r.goroutine);
        let wanted = self.work.prefix.get(at).filter(|_| !self.over);
        let plain = |awake: &dyn Fn(&Ready) -> bool| {
            let can = || ready.iter().filter(|r| !r.gated && awake(r));
            let goes_on = can().find(|r| r.goroutine == last && !r.yields);
            goes_on.or_else(|| can().find(|r| r.goroutine != last)).or_else(|| can().next()).map(|r| r.goroutine)
        };
        let first = ready.first().map_or(last, |r| r.goroutine);
        let chosen = match wanted {
            Some(Choice::Goroutine(g)) if ready.iter().any(|r| r.goroutine == *g) => *g,
            Some(_) => {
                self.path.borrow_mut().strayed = Some(at as u32);
                self.over = true;
                first
            }
            // Nobody but who waits for a lock: they begin to.
            None if ready.iter().all(|r| r.gated) => first,
            None => match plain(&|r| !asleep(r)) {
                Some(chosen) => chosen,
                None => {
                    self.path.borrow_mut().asleep = true;
                    self.over = true;
                    // What would follow is another run's.
                    world().exit_status = Some(0);
                    first
                }
            },
        };
        let done = done_at(&ready, chosen);
        // A wait group that is used again while somebody has yet to come out of it: who waits there is gated, and does not notice.
        let joins = |r: &Ready| r.act.object == done.object && r.act.kind == Kind::Join;
        if done.kind == Kind::FirstAdd && ready.iter().any(joins) {
            self.path.borrow_mut().open = true;
        }
        sleep_on(&mut self.sleep, chosen, done);
        if let Some((operation, act)) = self.acts.remove(&chosen)
            && operation != Operation::Wake
        {
            self.last_acts.insert(chosen, (operation, act));
        }
        self.keep(Step::Run { ready, chosen, pinned });
        chosen
    }

    fn keep(&mut self, step: Step) {
        if self.over {
            return;
        }
        let mut path = self.path.borrow_mut();
        if path.steps.len() < MAX_STEPS {
            path.steps.push(step);
        } else {
            path.cut = true;
            self.over = true;
        }
    }
}

/// Whether only the program itself can end a wait.
pub(crate) fn is_inside(wait: Wait) -> bool {
    wait.is_internal() || wait == Wait::Exited
}

/// A goroutine of the runtime's own that does nothing of the program's.
fn is_service(candidate: &Candidate) -> bool {
    let own = matches!(candidate.next, Operation::Start | Operation::Continue | Operation::Wake);
    own && world().goroutines.find(candidate.index).is_some_and(|g| g.system)
}

/// What a candidate is about to do; `last` is what it did before.
fn act(candidate: Candidate, last: Option<(Operation, Act)>) -> Act {
    let on = |object, kind| Act { object, kind };
    match candidate.next {
        // What an end takes from the others is looked at by `Search::go_first`.
        Operation::Start | Operation::Continue | Operation::Spawn | Operation::Timer | Operation::End => Act::LOCAL,
        // What the goroutine does with its processor's part of a pool is seen by whoever comes there next.
        Operation::Pin if is_in(candidate, "sync.(*Pool).") => on(POOLS, Kind::Write),
        Operation::Pin => Act::LOCAL,
        Operation::Wake => match last {
            Some((Operation::Lock(_), act)) => act,
            // It may have the lock by now, and have waited for readers.
            Some((Operation::WriteLock(at), _)) => on(at, Kind::Write),
            _ => Act::LOCAL,
        },
        Operation::Send(at) | Operation::Receive(at) | Operation::Close(at) => on(at, Kind::Channel),
        Operation::Select => on(0, Kind::Select),
        Operation::Lock(at) | Operation::WriteLock(at) => on(at, Kind::Lock),
        Operation::Unlock(at) => on(at, Kind::Unlock),
        Operation::ReadLock(at) | Operation::ReadUnlock(at) => on(at, Kind::Read),
        Operation::TryLock(at)
        | Operation::Acquire(at)
        | Operation::Release(at)
        | Operation::Wait(at)
        | Operation::Notify(at)
        | Operation::AtomicStore(at) => on(at, Kind::Write),
        Operation::AtomicLoad(at) => match wait_group(candidate) {
            Some("Wait") => on(at, Kind::Join),
            _ => on(at, Kind::Read),
        },
        Operation::AtomicUpdate(at) => match wait_group(candidate) {
            Some("Add" | "Done") => counted(on(at, Kind::Add), candidate),
            _ => on(at, Kind::Write),
        },
    }
}

/// Stands for the parts of all pools. Not an address of a program.
const POOLS: u64 = 2;

/// An addition to a wait group, or what takes from it, by what its counter is now. `Add` may take, too.
fn counted(act: Act, candidate: Candidate) -> Act {
    if !matches!(act.kind, Kind::Add | Kind::FirstAdd | Kind::Done | Kind::LastDone | Kind::OverDone) {
        return act;
    }
    // The counter is the word's upper half.
    let adds = world().goroutines.find(candidate.index).map_or(0, |g| (g.adds >> 32) as i32);
    let kind = match (adds, counter(act.object)) {
        (1.., 0) => Kind::FirstAdd,
        (1.., _) => Kind::Add,
        // With several at once it is not the counter alone that says whether two of them commute.
        (..=-2, _) | (_, ..=0) => Kind::OverDone,
        (_, 1) => Kind::LastDone,
        (_, 2..) => Kind::Done,
    };
    Act { kind, ..act }
}

/// Frames looked at for a method of the standard library, behind the operation's own.
const DEPTH: usize = 4;

/// The innermost frames of a candidate, by their functions' names.
fn frames(candidate: Candidate, mut each: impl FnMut(&str)) {
    let world: &World = world();
    let Some(g) = world.goroutines.find(candidate.index) else { return };
    let mut seen = 0;
    traceback::walk(world, g, g.header.saved_fp, |pc| {
        traceback::frames(&world.image, pc - 1).into_iter().for_each(|frame| each(frame.name));
        seen += 1;
        seen < DEPTH
    });
}

/// Whether an operation is done by a method whose name begins so.
fn is_in(candidate: Candidate, start: &str) -> bool {
    let mut found = false;
    frames(candidate, |name| found |= name.starts_with(start));
    found
}

/// Whether a number is drawn for a pool of the program's own: whoever gets something from it sees what was drawn.
fn draws_for_pool(index: Gi) -> bool {
    let world: &World = world();
    let Some(g) = world.goroutines.find(index) else { return true };
    let (mut in_pool, mut is_own, mut depth) = (false, false, 0);
    traceback::walk(world, g, g.header.saved_fp, |pc| {
        let flags = world.image.function(pc - 1).map_or(0, |f| f.flags);
        let is_pool = |name: &str| name.starts_with("sync.(*Pool).");
        let here = traceback::frames(&world.image, pc - 1).iter().any(|frame| is_pool(frame.name));
        is_own = in_pool && !here && flags & gorace_abi::image::function_flag::STD == 0;
        let over = in_pool && !here;
        in_pool |= here;
        depth += 1;
        !over && depth < 2 * DEPTH
    });
    is_own
}

/// The outermost of the methods of a wait group that an atomic operation is done by.
fn wait_group(candidate: Candidate) -> Option<&'static str> {
    let mut method = None;
    frames(candidate, |name| {
        let known = ["Add", "Done", "Wait"].into_iter().find(|m| name.strip_prefix("sync.(*WaitGroup).") == Some(m));
        method = known.or(method);
    });
    method
}

/// Whether the program's course may have depended on what is no operation.
fn counts_otherwise() -> bool {
    let world: &World = world();
    world.clock.was_read() || world.knows_callbacks || gorace_runtime::has_peeked()
}

/// Notes the step of a path, whose run is over, that ended the program while others could have gone on.
pub fn note_end(path: &mut Path, timed_out: bool) {
    let world: &World = world();
    path.open |= counts_otherwise();
    if path.asleep || path.cut || path.strayed.is_some() || timed_out {
        return;
    }
    let last_of = |wanted: Option<u64>| {
        path.steps.iter().rposition(|step| match step {
            Step::Run { chosen, .. } => wanted.is_none_or(|g| g == *chosen),
            Step::Pick { .. } => false,
        })
    };
    let goroutines = || world.goroutines.iter();
    // Who has ended the program is still running; main's end lets the others go on to be looked at.
    let main = goroutines().find(|g| g.wait == Wait::Exited).map(|g| g.header.id);
    let step = last_of(main).filter(|&at| match &path.steps[at] {
        _ if main.is_some() => true,
        Step::Run { chosen, .. } => goroutines().any(|g| g.header.id == *chosen && g.state == State::Running),
        Step::Pick { .. } => false,
    });
    path.ended = step.and_then(|step| u32::try_from(step).ok());
}

impl Systematic {
    /// A number was drawn: whether the program's course may depend on it.
    fn drew(&mut self) {
        if self.path.borrow().open {
            return;
        }
        self.draws += 1;
        if self.draws > DRAWS || self.running.is_none_or(|index| draws_itself(index) || draws_for_pool(index)) {
            self.path.borrow_mut().open = true;
        }
    }

    fn chosen(&mut self, candidates: &VecDeque<Candidate>, last: u64) -> usize {
        if let Some(decided) = self.decided.take()
            && let Some(at) = candidates.iter().position(|c| c.number == decided)
        {
            return at;
        }
        if let Some(at) = candidates.iter().position(is_service) {
            return at;
        }
        let ready = candidates.iter().map(|c| self.ready(*c)).collect();
        let chosen = self.decide(ready, last, false);
        candidates.iter().position(|c| c.number == chosen).unwrap_or(0)
    }
}

impl Policy for Systematic {
    fn choose(&mut self, candidates: &VecDeque<Candidate>, last: u64) -> usize {
        // What the one that ran waits for now.
        let waits = self.running.and_then(|index| world().goroutines.find(index));
        if waits.is_some_and(|g| !g.system && g.state == State::Waiting && !is_inside(g.wait)) {
            self.path.borrow_mut().outside = true;
        }
        self.end_if_open();
        let at = self.chosen(candidates, last);
        self.running = candidates.get(at).map(|c| c.index);
        at
    }

    fn switch_here(&mut self, running: Candidate, others: &VecDeque<Candidate>) -> bool {
        let mut ready = vec![self.ready(running)];
        ready.extend(others.iter().filter(|c| !is_service(c)).map(|c| self.ready(*c)));
        let chosen = self.decide(ready, running.number, false);
        self.decided = (chosen != running.number).then_some(chosen);
        self.decided.is_some()
    }

    fn passes(&mut self, running: Candidate) {
        let ready = vec![self.ready(running)];
        let pinned = world().goroutines.find(running.index).is_some_and(|g| g.is_pinned());
        self.decide(ready, running.number, pinned);
    }

    fn pick(&mut self, n: usize) -> usize {
        let drawn = ((u128::from(self.chance.number()) * n as u128) >> 64) as usize;
        let at = self.path.borrow().steps.len();
        let wanted = self.work.prefix.get(at).filter(|_| !self.over);
        let chosen = match wanted {
            Some(Choice::Case(case)) if (*case as usize) < n => *case as usize,
            Some(_) => {
                self.path.borrow_mut().strayed = Some(at as u32);
                self.over = true;
                drawn
            }
            None => drawn,
        };
        if at == self.work.prefix.len() && !self.over {
            self.sleep.clone_from(&self.work.sleep);
        }
        self.keep(Step::Pick { cases: n as u32, chosen: chosen as u32 });
        chosen
    }

    fn explores(&self) -> bool {
        true
    }

    fn random(&mut self) -> u64 {
        if world().main_running {
            self.path.borrow_mut().chance = true;
            self.drew();
        }
        self.chance.number()
    }

    fn budget(&mut self) -> i32 {
        self.chance.budget()
    }
}
