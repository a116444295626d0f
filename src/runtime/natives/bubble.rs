//! Bubbles of testing/synctest: groups of goroutines with a clock of their own.
//!
//! Source: Go's runtime/synctest.go. A bubble begins with the goroutine that calls `synctest.Run` (its *root*) and takes in
//! whoever is started from within. A goroutine is *durably blocked* when only another of its bubble can wake it: on a
//! channel made in the bubble, in `time.Sleep`, on a condition variable, a wait group of the bubble. When all are, the
//! bubble's own `synctest.Wait` goes on; when there is none, the root does: it moves the clock to the next timer, or, when
//! there is no timer either, ends the bubble.
//!
//! Invariants: `running` counts the members that are not durably blocked; a goroutine that is has `idle` set. `held` keeps a
//! bubble from moving although all of it is blocked.
//!
//! Happens-before: what a goroutine did before it blocked, ended, or ran a timer's function comes before a later `Wait` and
//! before the end of `Run`.

use crate::goroutine::{Gi, Wait};
use crate::natives::FastHash;
use crate::natives::timer::{Entry, Timers};
use crate::world::{World, world};
use std::collections::HashMap;

/// Start of a bubble's time: midnight UTC, 2000-01-01.
const START: i64 = 946_684_800_000_000_000;

/// A bubble.
#[derive(Debug)]
pub struct Bubble {
    pub now: i64,
    pub timers: Timers,
    /// Who called `Run`, until it returns.
    root: Option<Gi>,
    /// Number of the goroutine that `Run` started.
    main: u64,
    /// That one has ended.
    done: bool,
    /// Who is in `Wait`.
    waiter: Option<Gi>,
    total: usize,
    running: usize,
    held: usize,
}

/// All bubbles, by number.
#[derive(Debug, Default)]
pub struct Bubbles {
    all: HashMap<u64, Bubble, FastHash>,
    last: u64,
}

impl Bubbles {
    pub fn get(&mut self, number: u64) -> Option<&mut Bubble> {
        self.all.get_mut(&number)
    }

    /// Words that may point into the heap.
    pub fn roots(&self) -> Vec<u64> {
        // All of a bubble's timers: its clock goes by them.
        self.all.values().flat_map(|b| b.timers.roots(true)).collect()
    }
}

/// The address that stands for a bubble's edges; no memory lies there.
fn edges(number: u64) -> u64 {
    (1 << 62) | (number << 3)
}

impl World {
    /// The bubble of the current goroutine; 0 for none.
    pub fn current_bubble(&mut self) -> u64 {
        self.current().bubble()
    }

    /// The timers of the current goroutine: its bubble's or those of all.
    pub fn current_timers(&mut self) -> &mut Timers {
        let number = self.current_bubble();
        let tables = &mut self.natives;
        match tables.bubbles.all.get_mut(&number) {
            Some(bubble) => &mut bubble.timers,
            None => &mut tables.timers,
        }
    }

    /// Ends the program when something of a bubble is used outside of it.
    pub fn check_bubble(&mut self, number: u64, message: &str) {
        if number != 0 && self.running.is_some() && self.current_bubble() != number {
            crate::fatal::fatal(self, message);
        }
    }

    fn is_durable(&self, index: Gi, wait: Wait) -> bool {
        let g = self.goroutines.peek(index);
        let of_bubble = |chan: u64| super::channel::bubble_of(chan) == g.bubble();
        match wait {
            Wait::ChanSend { chan } | Wait::ChanRecv { chan } => of_bubble(chan),
            Wait::Select => g.waiters.iter().all(|&id| of_bubble(self.natives.channels.waiter_channel(id))),
            Wait::ChanNil { .. }
            | Wait::SelectEmpty
            | Wait::Sleep
            | Wait::Condition { .. }
            | Wait::Semaphore { kind: super::semaphore::COROUTINE | super::semaphore::BUBBLED_WAIT_GROUP, .. }
            | Wait::SynctestRun
            | Wait::SynctestWait => true,
            _ => false,
        }
    }

    /// A goroutine of a bubble has been started.
    pub fn bubble_started(&mut self, index: Gi) {
        let number = self.goroutines.get(index).bubble();
        if let Some(bubble) = self.natives.bubbles.get(number) {
            bubble.total += 1;
            bubble.running += 1;
        }
    }

    /// A goroutine of a bubble has been parked.
    pub fn bubble_parked(&mut self, index: Gi, wait: Wait) {
        if !self.is_durable(index, wait) {
            return;
        }
        let g = self.goroutines.get(index);
        g.idle = true;
        let number = g.bubble();
        if let Some(bubble) = self.natives.bubbles.get(number) {
            bubble.running = bubble.running.saturating_sub(1);
        }
        self.release_merge(index, edges(number));
        self.move_bubble(number);
    }

    /// A goroutine of a bubble goes on that was durably blocked.
    pub fn bubble_resumed(&mut self, index: Gi) {
        let number = self.goroutines.get(index).bubble();
        if let Some(bubble) = self.natives.bubbles.get(number) {
            bubble.running += 1;
        }
    }

    /// A goroutine of a bubble has ended.
    pub fn bubble_ended(&mut self, index: Gi) {
        let g = self.goroutines.get(index);
        let (number, id) = (g.bubble(), g.header.id);
        self.release_merge(index, edges(number));
        if let Some(bubble) = self.natives.bubbles.get(number) {
            bubble.total = bubble.total.saturating_sub(1);
            bubble.running = bubble.running.saturating_sub(1);
            bubble.done |= id == bubble.main;
        }
        self.move_bubble(number);
    }

    /// When all of a bubble is durably blocked, wakes who is to go on.
    fn move_bubble(&mut self, number: u64) {
        let Some(bubble) = self.natives.bubbles.get(number) else { return };
        if bubble.running > 0 || bubble.held > 0 {
            return;
        }
        let due = bubble.timers.next().is_some_and(|when| when <= bubble.now);
        let waiter = if due { None } else { bubble.waiter.take() };
        let Some(index) = waiter.or(bubble.root) else { return };
        if !matches!(self.goroutines.get(index).wait, Wait::SynctestRun | Wait::SynctestWait) {
            return;
        }
        if waiter.is_some() {
            self.acquire(index, edges(number));
        }
        self.ready_with(index, [0; 2]);
    }
}

/// Makes a bubble around the current goroutine and starts `function` in it.
pub extern "C" fn start(function: u64, pc: u64) {
    let world: &mut World = world();
    let root = world.current().index;
    let bubbles = &mut world.natives.bubbles;
    bubbles.last += 1;
    let number = bubbles.last;
    let bubble = Bubble {
        now: START,
        timers: Timers::default(),
        root: Some(root),
        main: 0,
        done: false,
        waiter: None,
        total: 1,
        running: 1,
        held: 0,
    };
    bubbles.all.insert(number, bubble);
    world.current().set_bubble(number);
    let main = world.start(function, pc, false);
    let main = world.goroutines.get(main).header.id;
    if let Some(bubble) = world.natives.bubbles.get(number) {
        bubble.main = main;
    }
}

/// Parks the root until all of its bubble is durably blocked.
pub extern "C" fn idle() {
    world().park(Wait::SynctestRun);
}

/// Moves the bubble's clock to its next timer; gives 0 when there is none, or when time has stopped.
pub extern "C" fn advance() -> u64 {
    let world: &mut World = world();
    let number = world.current_bubble();
    let Some(bubble) = world.natives.bubbles.get(number) else { return 0 };
    match bubble.timers.next() {
        // Time stops once the bubble's main goroutine has ended.
        Some(when) if !bubble.done => {
            bubble.now = bubble.now.max(when);
            1
        }
        _ => 0,
    }
}

/// Takes the next timer of the bubble that is due, waking sleepers on the way; 0 when there is none.
pub extern "C" fn due() -> u64 {
    let world: &mut World = world();
    let number = world.current_bubble();
    loop {
        let Some(bubble) = world.natives.bubbles.get(number) else { return 0 };
        let now = bubble.now;
        match bubble.timers.pop_due(now) {
            None => return 0,
            Some(Entry::Sleeper(index)) => world.ready(index),
            Some(Entry::Stalled(candidate)) => world.runnable.push_back(candidate),
            Some(Entry::Deadline { handle, direction }) => {
                super::poller::expire(world, handle, direction);
            }
            Some(entry @ Entry::Timer { timer, .. }) => {
                bubble.timers.add_next_period(entry, now);
                return timer;
            }
        }
    }
}

/// Ends the bubble of the current goroutine, its root: 0 when nothing is left of it, 1 when others are that are blocked
/// though its main goroutine has ended, 2 when that one is among them.
pub extern "C" fn end() -> u64 {
    let world: &mut World = world();
    let number = world.current_bubble();
    let index = world.current().index;
    world.acquire(index, edges(number));
    world.current().set_bubble(0);
    let Some(bubble) = world.natives.bubbles.get(number) else { return 0 };
    bubble.root = None;
    bubble.total -= 1;
    bubble.running -= 1;
    if bubble.total > 0 {
        return if bubble.done { 1 } else { 2 };
    }
    world.natives.bubbles.all.remove(&number);
    0
}

/// Waits until all others of the bubble are durably blocked: 1 when there is no bubble, 2 when somebody waits already.
pub extern "C" fn wait() -> u64 {
    let world: &mut World = world();
    let (number, index) = (world.current_bubble(), world.current().index);
    match world.natives.bubbles.get(number) {
        None => 1,
        Some(bubble) if bubble.waiter.is_some() => 2,
        Some(bubble) => {
            bubble.waiter = Some(index);
            world.park(Wait::SynctestWait);
            0
        }
    }
}

/// Keeps the bubble from moving, or lets it.
pub extern "C" fn hold(number: u64, on: u64) {
    let world: &mut World = world();
    if let Some(bubble) = world.natives.bubbles.get(number) {
        bubble.held = if on as u8 != 0 { bubble.held + 1 } else { bubble.held.saturating_sub(1) };
    }
    world.move_bubble(number);
}

/// The clock of the current goroutine's bubble.
pub extern "C" fn now() -> i64 {
    let world: &mut World = world();
    let number = world.current_bubble();
    world.natives.bubbles.get(number).map_or(0, |b| b.now)
}

/// Whether an address lies in an object of the heap.
pub extern "C" fn is_heap_object(address: u64) -> u64 {
    u64::from(world().heap.object(address).is_some())
}
