//! The partial order of a schedule as a number, and when no new one is to be expected.
//!
//! Two schedules in which dependent operations come in the same order are the same as far as synchronisation goes (Mazurkiewicz's
//! traces, as in partial-order reduction). The number is a sum over the operations, each a hash of itself, of what its goroutine did
//! before, and of the operations on its object that it depends on: the order of independent ones makes no difference.
//! Dependent are operations on one object unless both only look; a select depends on every operation of channels. Goroutines are
//! known by who started them, and when. What is not sure to be the same gets another number: a waiter that comes earlier, say.
//!
//! What time, the outside, chance in the program or racing accesses decide is in no operation: after a schedule with these nothing is
//! said of what is to come.

use crate::listen::Listener;
use crate::strategy::object;
use crate::systematic::policy::is_inside;
use gorace_runtime::events::Number;
use gorace_runtime::goroutine::{Gi, Wait};
use gorace_runtime::world::{World, world};
use gorace_runtime::{Candidate, Operation, traceback};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::{HashSet, VecDeque};
use std::rc::Rc;

/// What a schedule leaves behind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// The number of its partial order.
    pub order: u64,
    /// Something besides the order of operations decided: time, the outside, chance.
    pub open: bool,
}

/// What was done to an object: the last operation that changed it, and those that looked at it since, summed up.
#[derive(Debug, Clone, Copy, Default)]
struct Past {
    change: u64,
    looks: u64,
}

/// A goroutine's last operation.
#[derive(Debug, Clone, Copy, Default)]
struct Line {
    hash: u64,
    last: Option<Operation>,
}

/// Computes the number; see the module's text.
#[derive(Debug, Default)]
pub struct Partial {
    shape: Shape,
    lines: FxHashMap<Number, Line>,
    objects: FxHashMap<u64, Past>,
    /// All channels, on which a select is.
    channels: Past,
    pools: Past,
}

fn mix(a: u64, b: u64) -> u64 {
    let mixed = (a.rotate_left(23) ^ b).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 29
}

fn looks(operation: Operation) -> bool {
    matches!(operation, Operation::AtomicLoad(_) | Operation::ReadLock(_) | Operation::ReadUnlock(_))
}

fn on_channel(operation: Operation) -> bool {
    matches!(operation, Operation::Send(_) | Operation::Receive(_) | Operation::Close(_))
}

/// What kind of operation it is, without its object.
fn kind(operation: Operation) -> u64 {
    match operation {
        Operation::Start => 1,
        Operation::Continue => 2,
        Operation::Wake => 3,
        Operation::Spawn => 4,
        Operation::Send(_) => 5,
        Operation::Receive(_) => 6,
        Operation::Close(_) => 7,
        Operation::Select => 8,
        Operation::Lock(_) => 9,
        Operation::WriteLock(_) => 10,
        Operation::TryLock(_) => 11,
        Operation::Unlock(_) => 12,
        Operation::ReadLock(_) => 13,
        Operation::ReadUnlock(_) => 14,
        Operation::Acquire(_) => 15,
        Operation::Release(_) => 16,
        Operation::Wait(_) => 17,
        Operation::Notify(_) => 18,
        Operation::AtomicLoad(_) => 19,
        Operation::AtomicStore(_) => 20,
        Operation::AtomicUpdate(_) => 21,
        Operation::Timer => 22,
        Operation::Pin => 23,
        Operation::End => 24,
    }
}

impl Past {
    /// Another operation; what it depends on.
    fn take(&mut self, hash: u64, changes: bool) {
        if changes {
            *self = Past { change: hash, looks: 0 };
        } else {
            self.looks = self.looks.wrapping_add(hash);
        }
    }

    fn before(&self, changes: bool) -> u64 {
        if changes { mix(self.change, self.looks) } else { self.change }
    }
}

impl Partial {
    /// A goroutine starts another one.
    pub fn started(&mut self, parent: Number, child: Number) {
        let own = self.lines.entry(parent).or_default();
        own.hash = mix(own.hash, 0x5ea5);
        let hash = mix(own.hash, 0x0c11d);
        self.lines.insert(child, Line { hash, last: None });
    }

    /// A goroutine of the program's begins to wait: only what the program itself ends counts as its own.
    pub fn waits(&mut self, wait: Wait) {
        self.shape.open |= !is_inside(wait);
    }

    /// A goroutine does an operation.
    pub fn did(&mut self, goroutine: Number, operation: Operation) {
        let line = self.lines.get(&goroutine).copied().unwrap_or_default();
        // Who wakes does again what it waited in.
        let (done, again) = match (operation, line.last) {
            (Operation::Wake, Some(last)) => (last, true),
            (operation, _) => (operation, false),
        };
        let changes = again || !looks(done);
        let mut hash = mix(mix(line.hash, kind(operation)), kind(done));
        if done == Operation::Select {
            hash = mix(hash, self.channels.before(true));
        } else if on_channel(done) {
            hash = mix(hash, self.channels.before(false));
        }
        if done == Operation::Pin {
            // Which pool it is nobody knows here.
            hash = mix(hash, self.pools.before(true));
            self.pools.take(hash, true);
        }
        if let Some(object) = object(done) {
            let past = self.objects.entry(object).or_default();
            hash = mix(hash, past.before(changes));
            past.take(hash, changes);
        }
        if done == Operation::Select || on_channel(done) {
            self.channels.take(hash, done == Operation::Select);
        }
        self.shape.order = self.shape.order.wrapping_add(mix(hash, 1));
        self.lines.insert(goroutine, Line { hash, last: Some(done) });
        self.shape.open |= done == Operation::Timer;
    }

    /// A select has taken one of its ready cases.
    pub fn picked(&mut self, goroutine: Number, chosen: usize) {
        let line = self.lines.entry(goroutine).or_default();
        line.hash = mix(line.hash, 0x9_1c4 + chosen as u64);
        self.shape.order = self.shape.order.wrapping_add(line.hash);
    }

    /// What is known so far.
    pub fn shape(&self) -> Shape {
        self.shape
    }
}

/// Tells a `Partial` what a policy's answers lead to.
pub struct Shaped {
    partial: Rc<RefCell<Partial>>,
    running: Option<(Gi, Number)>,
    draws: u32,
}

/// Numbers drawn of which it is asked who drew them, and the frames looked at.
const DRAWS: u32 = 10_000;
const DEPTH: usize = 12;

impl Shaped {
    pub fn new(partial: Rc<RefCell<Partial>>) -> Shaped {
        Shaped { partial, running: None, draws: 0 }
    }

    fn runs(&mut self, candidate: Candidate) {
        self.partial.borrow_mut().did(candidate.number, candidate.next);
    }
}

/// Whether the program itself draws: random numbers, or the order in which a map is gone through.
pub(crate) fn draws_itself(index: Gi) -> bool {
    let world: &World = world();
    let Some(g) = world.goroutines.find(index) else { return true };
    let (mut itself, mut depth) = (false, 0);
    traceback::walk(world, g, g.header.saved_fp, |pc| {
        let drawn = |name: &str| {
            name.starts_with("math/rand")
                || name.starts_with("crypto/")
                || name.starts_with("internal/runtime/maps.(*Iter)")
        };
        itself = traceback::frames(&world.image, pc - 1).iter().any(|frame| drawn(frame.name));
        depth += 1;
        !itself && depth < DEPTH
    });
    itself
}

impl Listener for Shaped {
    fn chosen(&mut self, candidates: &VecDeque<Candidate>, _last: u64, chosen: usize) {
        if let Some(&candidate) = candidates.get(chosen) {
            self.running = Some((candidate.index, candidate.number));
            self.runs(candidate);
        }
    }

    fn asked(&mut self, running: Candidate, stops: bool) {
        if !stops {
            self.runs(running);
        }
    }

    fn passed(&mut self, running: Candidate) {
        self.runs(running);
    }

    fn stalled(&mut self, _running: Candidate, nanoseconds: i64) {
        self.partial.borrow_mut().shape.open |= nanoseconds > 0;
    }

    fn picked(&mut self, chosen: usize) {
        if let Some((_, number)) = self.running {
            self.partial.borrow_mut().picked(number, chosen);
        }
    }

    fn drew(&mut self, _number: u64) {
        if !world().main_running || self.partial.borrow().shape.open {
            return;
        }
        self.draws += 1;
        if self.draws > DRAWS || self.running.is_none_or(|(index, _)| draws_itself(index)) {
            self.partial.borrow_mut().shape.open = true;
        }
    }
}

/// Schedules without a new partial order after which no more are run: as many as had been run before, at least these.
pub const QUIET: usize = 50;

/// The shapes of an exploration, in the order of their seeds.
#[derive(Debug, Default)]
pub struct Saturation {
    seen: HashSet<u64>,
    /// Schedules so far, and those up to the last new partial order.
    schedules: usize,
    newest: usize,
    open: bool,
}

impl Saturation {
    /// Takes a schedule; none: nothing is known of its shape.
    pub fn take(&mut self, shape: Option<Shape>) {
        self.schedules += 1;
        match shape {
            Some(shape) if !shape.open => {
                if self.seen.insert(shape.order) {
                    self.newest = self.schedules;
                }
            }
            _ => self.open = true,
        }
    }

    /// Whether something besides the order of operations has shown itself: then this says nothing.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Something besides the order decides from now on, such as racing accesses.
    pub fn opens(&mut self) {
        self.open = true;
    }

    /// Whether nothing new was seen for long.
    pub fn is_reached(&self) -> bool {
        !self.open && self.schedules - self.newest >= QUIET.max(self.newest)
    }

    /// Schedules since the last new partial order, and how many there are.
    pub fn quiet(&self) -> (usize, usize) {
        (self.schedules - self.newest, self.seen.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::conflict;
    use gorace_runtime::policy::Random;

    fn number(acts: &[(Number, Operation)]) -> u64 {
        let mut partial = Partial::default();
        for child in [2, 3, 4] {
            partial.started(1, child);
        }
        acts.iter().for_each(|&(goroutine, operation)| partial.did(goroutine, operation));
        partial.shape().order
    }

    fn any(random: &mut Random) -> Operation {
        let at = 8 * (1 + random.below(3) as u64);
        match random.below(10) {
            0 => Operation::Lock(at),
            1 => Operation::Unlock(at),
            2 => Operation::ReadLock(at),
            3 => Operation::ReadUnlock(at),
            4 => Operation::AtomicLoad(at),
            5 => Operation::AtomicUpdate(at),
            6 => Operation::Send(at + 100),
            7 => Operation::Receive(at + 100),
            8 => Operation::Select,
            _ => Operation::Continue,
        }
    }

    #[test]
    fn only_the_order_of_dependent_operations_counts() {
        let mut random = Random(11);
        let (mut same, mut others) = (0, 0);
        for round in 0..5000 {
            let length = 2 + random.below(12);
            let mut acts: Vec<(Number, Operation)> =
                (0..length).map(|_| (2 + random.below(3) as u64, any(&mut random))).collect();
            let before = number(&acts);
            for _ in 0..10 {
                let at = random.below(length - 1);
                let ((g, a), (h, b)) = (acts[at], acts[at + 1]);
                let mut swapped = acts.clone();
                swapped.swap(at, at + 1);
                if g != h && !conflict(a, b) {
                    same += 1;
                    acts = swapped;
                    assert_eq!(number(&acts), before, "{round}: {acts:?}");
                } else if g != h {
                    others += 1;
                    assert_ne!(number(&swapped), before, "{round}: {acts:?}");
                }
            }
        }
        assert!(same > 5000 && others > 2000, "{same} {others}");
    }

    #[test]
    fn goroutines_are_known_by_who_started_them() {
        let run = |numbers: [Number; 2]| {
            let mut partial = Partial::default();
            numbers.iter().for_each(|&child| partial.started(1, child));
            partial.did(numbers[0], Operation::Lock(8));
            partial.did(numbers[1], Operation::Lock(8));
            partial.shape().order
        };
        assert_eq!(run([4, 5]), run([7, 9]));
        assert_ne!(run([4, 5]), {
            let mut partial = Partial::default();
            [4, 5].iter().for_each(|&child| partial.started(1, child));
            partial.did(5, Operation::Lock(8));
            partial.did(4, Operation::Lock(8));
            partial.shape().order
        });
    }

    #[test]
    fn who_wakes_does_its_operation_again() {
        let run = |woken_first: bool| {
            let mut partial = Partial::default();
            [2, 3].iter().for_each(|&child| partial.started(1, child));
            partial.did(2, Operation::Lock(8));
            let (wakes, other) = ((2, Operation::Wake), (3, Operation::Lock(8)));
            for (goroutine, operation) in if woken_first { [wakes, other] } else { [other, wakes] } {
                partial.did(goroutine, operation);
            }
            partial.shape().order
        };
        assert_ne!(run(true), run(false));
    }

    #[test]
    fn it_is_enough_when_nothing_new_came_for_as_long_as_it_took() {
        let quiet_after = |orders: &dyn Fn(usize) -> Option<Shape>| {
            let mut saturation = Saturation::default();
            (1..=1000).find(|&at| {
                saturation.take(orders(at));
                saturation.is_reached()
            })
        };
        let shape = |order: usize, open| Some(Shape { order: order as u64, open });
        assert_eq!(quiet_after(&|_| shape(7, false)), Some(1 + QUIET));
        assert_eq!(quiet_after(&|at| shape(at.min(200), false)), Some(400));
        assert_eq!(quiet_after(&|at| shape(at, false)), None);
        // What time or chance decides may come at any time; so it is where nothing is known.
        assert_eq!(quiet_after(&|at| shape(7, at == 3)), None);
        assert_eq!(quiet_after(&|at| if at == 3 { None } else { shape(7, false) }), None);
    }
}
