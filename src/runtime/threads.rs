//! Several threads run Go code side by side: goroutines multiplexed onto as many *processors* as GOMAXPROCS says, each held by
//! a thread while it runs Go code. Only live runs do so; a run from a seed has one thread, and nothing of this file.
//!
//! - **The world's lock.** Compiled code runs without it. A native takes it when it is entered and gives it back when it returns
//!   to compiled code (`asm_threads`), so that the world (scheduler, heap, detector, channels, locks) is used by one thread
//!   at a time, as if there were only one. What goes beside each other is compiled code, its inline race checks
//!   that find the current epoch, and system calls.
//! - **Processors.** Their numbers are what `procPin` gives. A thread without anything to run puts its processor back, and waits: one
//!   of the waiting threads polls descriptors and timers, the others sleep until they are woken.
//! - **Waking.** A goroutine that becomes runnable is mostly taken up by the thread that made it so, when its own parks (as in the
//!   hand-over of a channel). Another thread is woken when one has been runnable for `PATIENCE` (natives look when they return), or is left when a thread chooses another.
//! - **Stopping.** The collector takes snapshots of stacks. `stop_others` asks the goroutines of the other threads to call the
//!   runtime: their stack guard makes the next function entry do so, their budget the next turn of a loop. They come as far as the
//!   world's lock, which the asking thread holds.
//! - **Backing off.** Threads that mostly wait for the world's lock are slower than one. When many found it taken within a short
//!   time, the others rest for a while.
//!
//! Invariants: `World::running` is the goroutine of the native that holds the lock. A goroutine is in `Threads::running` from when
//! it is chosen to when the scheduler is entered again on its thread; `in_go` is set only for those, and only while the
//! thread does not hold the lock, want it, or make a system call.
#![allow(unsafe_code, reason = "shares the world among threads under its lock")]

use crate::goroutine::{Gi, Goroutine, PINNED_WORD};
use crate::policy::Candidate;
use crate::world::{World, world};
use parking_lot::lock_api::{RawMutex as _, RawMutexFair as _};
use parking_lot::{Condvar, Mutex, RawMutex};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// The world's lock.
static LOCK: RawMutex = RawMutex::INIT;

/// Set in a child process, in which the thread that forked is alone. It holds the lock from then on: giving it back would hand it
/// to a thread that waited for it in the parent.
static ALONE: AtomicBool = AtomicBool::new(false);

/// Set when the program is over, with a word to the thread that waits for it.
static ENDED: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());

/// Cycles of the processor's counter for which a goroutine may be runnable before another thread is woken for it: some
/// ten microseconds.
const PATIENCE: u64 = 40_000;

/// Cycles of the window in which contention is counted, how often the lock may be found taken in it, and for how long the
/// others rest if it was more often.
const WINDOW: u64 = 3_000_000;
const MOST_CONTENTION: u32 = 300;
const REST: u64 = 60_000_000;

/// Threads at most, as in Go.
const MOST_THREADS: usize = 10_000;

/// The stack of a thread that runs natives.
const THREAD_STACK: usize = 8 << 20;

/// No processor.
const NONE: u32 = u32::MAX;

thread_local! {
    /// The processor that this thread holds.
    static PROCESSOR: Cell<u32> = const { Cell::new(NONE) };
    /// The goroutine that it runs.
    static CURRENT: Cell<*mut Goroutine> = const { Cell::new(std::ptr::null_mut()) };
    /// Where natives' frames begin, written by `gorace_enter_threads`.
    static SYSTEM_STACK: Cell<[u64; 2]> = const { Cell::new([0; 2]) };
}

/// The goroutine that this thread runs; null for none. For the fault handler.
pub fn current_goroutine() -> *mut Goroutine {
    CURRENT.get()
}

/// A thread that sleeps.
struct Sleeper {
    thread: std::thread::Thread,
    woken: Arc<AtomicBool>,
}

/// What is awaited outside, to notice that it has changed while a thread polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Awaited {
    pub due: Option<i64>,
    pub outside: u64,
}

/// The threads of a run.
pub struct Threads {
    /// There may be more than one.
    pub on: bool,
    /// Numbers of processors that nobody holds, the smallest last.
    free: Vec<u32>,
    /// GOMAXPROCS.
    processors: u32,
    sleepers: Vec<Sleeper>,
    spawned: usize,
    /// One has been started that has not come to the scheduler yet.
    starting: bool,
    /// Goroutines that threads run, or are in system calls with.
    pub running: Vec<Gi>,
    /// What the polling thread waits for, if one does.
    polling: Option<Awaited>,
    /// Ends its waiting.
    poke: i32,
    poked: bool,
    /// The processor's counter when a goroutine was first seen waiting for a thread; 0 for none.
    waits_since: u64,
    window: u64,
    contention: u32,
    rest_until: u64,
}

fn cycles() -> u64 {
    // SAFETY: every x86-64 has the instruction.
    unsafe { std::arch::x86_64::_rdtsc() }
}

impl Threads {
    pub fn new(processors: i64) -> Threads {
        let on = processors > 1;
        // SAFETY: makes a descriptor.
        let poke = if on { unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) } } else { -1 };
        crate::signals::POKE.store(poke, Ordering::Relaxed);
        let mut threads = Threads {
            on,
            free: Vec::new(),
            processors: 0,
            sleepers: Vec::new(),
            spawned: 0,
            starting: false,
            running: Vec::new(),
            polling: None,
            poke,
            poked: false,
            waits_since: 0,
            window: 0,
            contention: 0,
            rest_until: 0,
        };
        threads.set_processors(processors);
        threads
    }

    /// GOMAXPROCS is set. Processors beyond a smaller number go when their threads put them back.
    pub fn set_processors(&mut self, n: i64) {
        let n = u32::try_from(n).unwrap_or(1).clamp(1, 1 << 16);
        self.free.extend(self.processors..n);
        self.processors = n;
        self.free.retain(|&p| p < n);
        self.free.sort_unstable_by(|a, b| b.cmp(a));
        self.free.dedup();
    }

    /// In a child process there is this thread alone, until another program takes its place. It must not allocate either: another
    /// thread of the parent may have been about to.
    pub fn leave_behind(&mut self) {
        self.on = false;
        ALONE.store(true, Ordering::Relaxed);
        self.free.clear();
        self.polling = None;
    }

    fn put_back(&mut self) {
        let processor = PROCESSOR.replace(NONE);
        if processor < self.processors && !self.free.contains(&processor) {
            self.free.push(processor);
            self.free.sort_unstable_by(|a, b| b.cmp(a));
        }
    }

    /// Takes a processor for this thread, unless it has one; whether it has one then.
    fn take(&mut self) -> bool {
        if PROCESSOR.get() >= self.processors {
            PROCESSOR.set(self.free.pop().unwrap_or(NONE));
        }
        PROCESSOR.get() != NONE
    }

    fn rests(&self) -> bool {
        self.rest_until != 0 && cycles() < self.rest_until
    }

    /// Whether a goroutine should leave its thread, so that those that wait for the lock become fewer.
    pub fn should_rest(&self, running: Option<Gi>) -> bool {
        self.on && self.rests() && self.running.first().copied() != running
    }

    /// The lock was found taken.
    fn contended(&mut self) {
        self.contention += 1;
        let now = cycles();
        if now.wrapping_sub(self.window) > WINDOW {
            (self.window, self.contention) = (now, 0);
        } else if self.contention > MOST_CONTENTION {
            self.rest_until = now + REST;
        }
    }

    /// Wakes a thread, or starts one.
    fn wake(&mut self) {
        if let Some(sleeper) = self.sleepers.pop() {
            sleeper.woken.store(true, Ordering::Release);
            sleeper.thread.unpark();
        } else if self.polling.is_some() {
            self.poke();
        } else if !self.starting && self.spawned < MOST_THREADS {
            self.spawn();
        }
    }

    fn poke(&mut self) {
        if !self.poked {
            self.poked = true;
            let one = 1u64;
            // SAFETY: writes eight bytes to our own descriptor.
            unsafe { libc::write(self.poke, (&raw const one).cast(), 8) };
        }
    }

    fn spawn(&mut self) {
        let thread = std::thread::Builder::new().name("go".to_string()).stack_size(THREAD_STACK);
        // Without it the others go on.
        if thread.spawn(run).is_ok() {
            self.spawned += 1;
            self.starting = true;
        }
    }
}

/// A thread's life.
fn run() {
    crate::signals::install_alternate();
    LOCK.lock();
    world().threads.starting = false;
    // SAFETY: the word lives as long as the thread, which never leaves.
    unsafe { crate::asm_threads::gorace_enter_threads(SYSTEM_STACK.with(Cell::as_ptr).cast()) };
}

/// Runs the world on threads of their own until the program ends. This thread only waits.
pub fn run_until_end(world: &mut World) {
    world.threads.spawn();
    let (ended, word) = &ENDED;
    let mut ended = ended.lock();
    while !*ended {
        word.wait(&mut ended);
    }
}

/// A fault in a native is laid to its caller, which goes on: what the native held is given back. Called by the fault handler.
///
/// # Safety
/// The goroutine's native holds the lock on this thread, and has not changed anything.
pub unsafe fn leave_native(g: *mut Goroutine) {
    world().running = None;
    // SAFETY: the caller's.
    unsafe {
        (*g).in_go.store(1, Ordering::Release);
        give_back();
    }
}

/// Ends the program: this thread keeps the world's lock, so that no native runs any more.
pub fn end() -> ! {
    *ENDED.0.lock() = true;
    ENDED.1.notify_all();
    loop {
        std::thread::park();
    }
}

/// A native is entered.
///
/// # Safety
/// `g` is the goroutine that this thread runs.
pub unsafe extern "C" fn gorace_acquire(g: *mut Goroutine) {
    // SAFETY: the goroutine of this thread, whose box stays where it is.
    let g = unsafe { &*g };
    g.in_go.store(0, Ordering::Release);
    let index = g.index;
    let alone = ALONE.load(Ordering::Relaxed);
    let taken = !alone && !LOCK.try_lock();
    if taken {
        LOCK.lock();
    }
    let world = world();
    world.running = Some(index);
    if taken {
        world.threads.contended();
    }
}

/// A native returns to compiled code.
///
/// # Safety
/// As `gorace_acquire`, which this thread has called before.
pub unsafe extern "C" fn gorace_release(g: *mut Goroutine) {
    let world = world();
    world.look_after_threads();
    world.running = None;
    // SAFETY: as in `gorace_acquire`. No reference to it outlives the lock.
    unsafe { (*g).in_go.store(1, Ordering::Release) };
    // SAFETY: taken by `gorace_acquire` on this thread.
    unsafe { give_back() };
}

/// Gives the lock back, unless there is nobody to take it.
///
/// # Safety
/// This thread holds it.
unsafe fn give_back() {
    if !ALONE.load(Ordering::Relaxed) {
        // SAFETY: the caller's.
        unsafe { LOCK.unlock() };
    }
}

/// The scheduler, entered with the lock; gives the goroutine to switch to, without it.
pub extern "C" fn gorace_schedule_threads() -> *mut Goroutine {
    if let Some(previous) = world().running.take() {
        world().threads.running.retain(|&g| g != previous);
        CURRENT.set(std::ptr::null_mut());
    }
    loop {
        let world: &mut World = world();
        world.bury();
        if world.exit_status.is_some() {
            end();
        }
        world.steps += 1;
        if world.steps.is_multiple_of(crate::scheduler::LOOK_EVERY) {
            world.look_outside();
        }
        if world.epilogue.is_some() && world.runnable.is_empty() {
            // Others may make somebody runnable, or be at it for ever.
            let others = !world.threads.running.is_empty() && !world.epilogue_is_late();
            if !others && !world.goes_on() {
                end();
            }
            if others {
                nap();
                continue;
            }
        }
        // The first of them goes on while the others rest.
        let rest = world.threads.rests() && !world.threads.running.is_empty();
        if !world.runnable.is_empty()
            && !rest
            && world.threads.take()
            && let Some(candidate) = world.take_runnable()
        {
            return world.begin_on_thread(candidate);
        }
        world.threads.put_back();
        if world.exit_status.is_some() {
            end();
        }
        if world.runnable.is_empty() && world.threads.running.is_empty() {
            if world.is_asleep_but_for_alarm() {
                world.all_asleep();
                continue;
            }
            // It may have woken somebody.
            if !world.runnable.is_empty() {
                continue;
            }
        }
        if !world.runnable.is_empty() {
            // No processor, or a time of rest: whoever puts one back goes on with it.
            sleep();
        } else if world.collect_idle() {
            yield_lock();
        } else if world.threads.polling.is_some() {
            sleep();
        } else if let Some(awaited) = world.awaited() {
            poll(awaited);
        } else if world.threads.running.is_empty() {
            world.all_asleep();
        } else {
            sleep();
        }
    }
}

/// Lets others have the lock.
fn yield_lock() {
    // SAFETY: this thread holds it.
    unsafe { LOCK.bump() };
}

/// Lets others have the lock for a while.
fn nap() {
    // SAFETY: this thread holds the lock.
    unsafe { LOCK.unlock() };
    std::thread::sleep(std::time::Duration::from_micros(200));
    LOCK.lock();
}

/// Sleeps until another thread wakes this one.
fn sleep() {
    let woken = Arc::new(AtomicBool::new(false));
    // What this thread's goroutine has parked for may be news to the one that polls.
    world().look_after_threads();
    world().threads.sleepers.push(Sleeper { thread: std::thread::current(), woken: woken.clone() });
    // SAFETY: this thread holds the lock.
    unsafe { LOCK.unlock() };
    while !woken.load(Ordering::Acquire) {
        std::thread::park();
    }
    LOCK.lock();
}

/// Waits for a descriptor, a timer or a child process, without the lock.
fn poll(awaited: Awaited) {
    let world: &mut World = world();
    world.threads.polling = Some(awaited);
    world.clock.refresh();
    let timeout = awaited.due.map_or(-1, |when| (when - world.clock.now()).max(0));
    let wait = crate::natives::os::Poll::new(&world.natives.os, timeout, world.threads.poke);
    // SAFETY: this thread holds the lock.
    unsafe { LOCK.unlock() };
    let ready = wait.wait();
    LOCK.lock();
    let world: &mut World = crate::world::world();
    world.threads.polling = None;
    world.threads.poked = false;
    let mut count = 0u64;
    // SAFETY: reads eight bytes from our own descriptor, which does not block.
    unsafe { libc::read(world.threads.poke, (&raw mut count).cast(), 8) };
    crate::natives::os::wake_ready(world, &ready);
    world.clock.refresh();
    world.fire_timers();
}

/// Does something that may take long, or block, without the world's lock and without a processor.
pub fn outside<T>(f: impl FnOnce() -> T) -> T {
    let world: &mut World = world();
    let Some(index) = world.running.filter(|_| world.threads.on) else { return f() };
    world.threads.put_back();
    // Nobody looks while this thread is away.
    let unpolled = world.threads.polling.is_none() && world.awaited().is_some();
    if !world.runnable.is_empty() || unpolled {
        world.threads.wake();
    }
    world.running = None;
    // SAFETY: this thread holds the lock.
    unsafe { LOCK.unlock() };
    let result = f();
    LOCK.lock();
    let world: &mut World = crate::world::world();
    world.running = Some(index);
    if !world.threads.take() {
        // Others have all processors; the native's result stands in the program's memory.
        world.yield_now([0; 2]);
    }
    result
}

impl World {
    /// Switches to a goroutine on this thread.
    fn begin_on_thread(&mut self, candidate: Candidate) -> *mut Goroutine {
        self.dispatch(candidate, SYSTEM_STACK.get()[0]);
        self.threads.running.push(candidate.index);
        let g = std::ptr::from_mut(self.goroutines.get(candidate.index));
        CURRENT.set(g);
        if !self.runnable.is_empty() && !self.threads.free.is_empty() && !self.threads.rests() {
            // There is more to do than this thread will get to.
            self.threads.waits_since = cycles();
            self.threads.wake();
        }
        self.look_after_threads();
        // SAFETY: the goroutine that was just chosen; this thread holds the lock.
        unsafe {
            (*g).in_go.store(1, Ordering::Release);
            LOCK.unlock();
        }
        g
    }

    /// What goroutines await outside.
    fn awaited(&self) -> Option<Awaited> {
        let due = self.next_due();
        let outside = self.natives.os.changes();
        (due.is_some() || self.natives.os.anyone_waits()).then_some(Awaited { due, outside })
    }

    /// Whenever the lock is given back: does a goroutine wait for a thread, or has what is polled for changed?
    #[inline]
    fn look_after_threads(&mut self) {
        if self.runnable.is_empty() {
            self.threads.waits_since = 0;
        } else if !self.threads.free.is_empty() {
            let now = cycles();
            let since = self.threads.waits_since;
            if since == 0 {
                self.threads.waits_since = now;
            } else if now.wrapping_sub(since) > PATIENCE && !self.threads.rests() {
                self.threads.waits_since = now;
                self.threads.wake();
            }
        }
        if let Some(polled) = self.threads.polling
            && self.awaited() != Some(polled)
        {
            self.threads.poke();
        }
    }

    /// Stops the goroutines that other threads run, until the lock is given back.
    pub fn stop_others(&mut self) {
        if !self.threads.on {
            return;
        }
        for at in 0..self.threads.running.len() {
            let index = self.threads.running[at];
            if Some(index) == self.running {
                continue;
            }
            let g = std::ptr::from_mut(self.goroutines.get(index));
            let mut spins = 0u32;
            // SAFETY: the goroutine lives while it is among the running ones. Its thread uses the two words as well: each is
            // written whole, and again until it has been seen.
            unsafe {
                while (*g).in_go.load(Ordering::Acquire) != 0 {
                    (&raw mut (*g).header.stack_guard).write_volatile(u64::MAX);
                    (&raw mut (*g).header.budget).write_volatile(0);
                    spins += 1;
                    if spins.is_multiple_of(64) {
                        std::thread::yield_now();
                    } else {
                        std::hint::spin_loop();
                    }
                }
            }
            let sp = self.goroutines.get(index).header.saved_sp;
            self.stacks.right_guard(self.goroutines.get(index), sp);
        }
    }

    /// The processor of the native's thread; its goroutine stays on it until `unpin`.
    pub fn pin(&mut self) -> u32 {
        if self.threads.on && !self.threads.take() {
            // GOMAXPROCS is less than it was: this one waits for a number below it.
            self.yield_and_retry();
            return 0;
        }
        self.current().header.go_words[PINNED_WORD] += 1;
        if self.threads.on { PROCESSOR.get() } else { 0 }
    }
}

/// Whether a goroutine runs compiled code on some thread, without the world's lock.
pub type InGo = AtomicU32;
