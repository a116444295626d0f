//! The orders in which locks are taken: what the detector hears, made into the steps of `gorace_detect::lockorder`.
//!
//! An exploring run keeps steps alone: a circle in it is a candidate. Where a schedule is followed for its report, a second set of
//! clocks hears all that orders goroutines besides locks, and what it orders is no circle. Of atomic operations those of `sync.Once`
//! count: the program's own are flags and counters, of which nobody can say whether they keep goroutines apart.

use crate::symbols::named;
use gorace_detect::Clocks;
use gorace_detect::lockorder::{Lock, LockOrder, Member, Step};
use gorace_runtime::events::{COLLECTED, Event, Means, Number};
use rustc_hash::FxHashMap;

/// The rule of what is predicted from the orders.
pub const RULE: &str = "lock-order-inversion";

/// One goroutine of a circle: the lock that it takes, and the one of its own that the goroutine before it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taker {
    pub goroutine: Number,
    pub wants: Lock,
    pub has: Lock,
}

/// See the module's text.
#[derive(Default)]
pub struct Orders {
    order: LockOrder,
    clocks: Option<Clocks>,
    /// The stack of the last atomic operation.
    atomic: u32,
    /// By stack: whether the operation is one of `sync.Once`.
    once: FxHashMap<u32, bool>,
}

impl Orders {
    /// With clocks that know what is ordered anyway.
    pub fn exact() -> Orders {
        let mut clocks = Clocks::default();
        clocks.keep_slots();
        Orders { clocks: Some(clocks), ..Orders::default() }
    }

    /// A goroutine has done an atomic operation, whose edges follow.
    pub fn atomic(&mut self, stack: u32) {
        self.atomic = stack;
    }

    /// Takes an event into account; `stacks` has the stacks by their numbers.
    pub fn hear(&mut self, event: &Event, stacks: &[Box<[u64]>]) {
        let Some(clocks) = &mut self.clocks else { return };
        let means = match *event {
            Event::Acquire { means, .. }
            | Event::Release { means, .. }
            | Event::ReleaseMerge { means, .. }
            | Event::ReleaseAcquire { means, .. } => means,
            Event::Update { .. } => Means::Atomic,
            _ => Means::Other,
        };
        let counts = match means {
            Means::Lock => false,
            Means::Atomic => {
                let stack = self.atomic;
                *self.once.entry(stack).or_insert_with(|| is_once(&stacks[stack as usize]))
            }
            Means::Other => true,
        };
        match *event {
            _ if !counts => {}
            Event::Start { parent, child, .. } => clocks.start(parent, child),
            Event::End { goroutine } => clocks.end(goroutine),
            Event::Callback => clocks.callback(),
            Event::Collected => clocks.release_all(COLLECTED),
            Event::Update { goroutine, addr } => clocks.update(goroutine, addr),
            Event::Rendezvous { goroutine, other } => clocks.rendezvous(goroutine, other),
            Event::Acquire { goroutine, addr, .. } => clocks.acquire(goroutine, addr),
            Event::Release { goroutine, addr, .. } => clocks.release(goroutine, addr),
            Event::ReleaseMerge { goroutine, addr, .. } => clocks.release_merge(goroutine, addr),
            Event::ReleaseAcquire { goroutine, addr, .. } => clocks.release_acquire(goroutine, addr),
            _ => {}
        }
    }

    /// A goroutine has taken a lock while it held others; the circles that this completes.
    pub fn took(&mut self, goroutine: Number, wanted: Lock, held: &[Lock]) -> Vec<Vec<Taker>> {
        let moment = self.clocks.as_ref().and_then(|clocks| clocks.moment(goroutine));
        let mut circles = Vec::new();
        let taker = |(step, has): &Member<'_>| Taker { goroutine: step.goroutine, wants: step.wanted, has: *has };
        self.order.note(Step { goroutine, wanted, held: held.into(), moment }, |circle| {
            circles.push(circle.iter().map(taker).collect());
        });
        circles
    }

    /// Forgets locks that are not live any more.
    pub fn retain(&mut self, live: &mut dyn FnMut(u64) -> bool) {
        self.clocks.iter_mut().for_each(|clocks| clocks.retain(&mut *live));
        self.order.retain(live);
    }
}

/// Whether the innermost function of a stack, besides the operation itself, is one of `sync.Once`.
fn is_once(stack: &[u64]) -> bool {
    stack
        .iter()
        .find_map(|&pc| named(pc, |name| !name.starts_with("sync/atomic."), |name| name.starts_with("sync.(*Once)")))
        == Some(true)
}
