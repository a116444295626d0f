//! The state of a run and its start: `execute` reserves memory, maps the image, makes the main goroutine, and runs.
#![allow(unsafe_code, reason = "the one global, and entering compiled code")]

use crate::address_space;
use crate::asm;
use crate::clock::Clock;
use crate::events::{Access, Does, Event, Means, Sink, Site};
use crate::goroutine::{BUBBLE_WORD, Gi, Goroutine, LABELS_WORD, State, Table, Wait};
use crate::heap::{Heap, Stress};
use crate::image::{Image, Location};
use crate::natives;
use crate::policy::{Candidate, Live, Operation, Policy, Random, Uniform};
use crate::shadow;
use crate::stack::{self, Stacks};
use crate::threads::Threads;
use crate::trace_text::Detail;
use gorace_abi::memory::IMAGE_BASE;
use gorace_abi::shadow::HELD;
use std::collections::VecDeque;
use std::ffi::CString;
use std::path::Path;
use std::sync::atomic::{AtomicPtr, Ordering};

/// What sets the timer that ends tests which take too long.
pub(crate) const ALARM: &str = "testing.(*M).startAlarm";

/// How time passes and who decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `gorace run`: real time.
    Run,
    /// Virtual time, everything from the seed.
    Explore { seed: u64 },
}

/// How to run an image.
#[derive(Debug, Clone)]
pub struct Options {
    pub mode: Mode,
    /// `os.Args`.
    pub args: Vec<CString>,
    /// `KEY=value` texts.
    pub env: Vec<CString>,
    /// Race detection is on: shadow memory is kept in order.
    pub race: bool,
    pub gomaxprocs: i64,
    /// As many threads as processors run Go code. Not where a seed decides.
    pub threads: bool,
    /// Ends the run with status `TIMED_OUT` after this much real time.
    pub timeout: Option<std::time::Duration>,
    /// The same after this much real time in which nobody could go on and nothing came from outside.
    pub quiet: Option<std::time::Duration>,
    /// How far the clock may jump after the end of a live run under race checks, in which the other goroutines go on: Go's
    /// detector sleeps for so long, and finds what they do meanwhile. Zero: the end is the end.
    pub linger: std::time::Duration,
    /// Tests are looked after: what they leave, and whether they can end.
    pub leaks: Option<natives::testing::Leaks>,
    /// The run is to have a network of its own, and this one is told of it.
    pub network: Option<natives::network::Told>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            mode: Mode::Run,
            args: vec![CString::from(c"main")],
            env: Vec::new(),
            race: true,
            gomaxprocs: std::thread::available_parallelism().map_or(1, |n| n.get() as i64),
            threads: false,
            timeout: None,
            quiet: None,
            linger: std::time::Duration::ZERO,
            leaks: None,
            network: None,
        }
    }
}

/// The status of a run that took longer than `Options::timeout`.
pub const TIMED_OUT: i32 = 124;

/// Why a run could not start.
#[derive(Debug)]
pub enum RunError {
    /// The image can't be mapped.
    Image(std::io::Error),
    /// Address space can't be reserved.
    Memory(std::io::Error),
}

impl std::fmt::Display for RunError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RunError::Image(e) => write!(f, "can't load the program: {e}"),
            RunError::Memory(e) => write!(f, "can't reserve address space for the program: {e}"),
        }
    }
}

impl std::error::Error for RunError {}

/// The time after a run's end, in which the other goroutines go on until all is quiet. Under exploration most goroutines that leak get
/// stuck only then. In a live run it is the second that Go's detector sleeps at the end: what is late races in it.
#[derive(Debug, Clone, Copy)]
pub struct Epilogue {
    /// The program's own status.
    pub status: i32,
    /// It is over at this step, or this time.
    pub last_step: u64,
    pub until: i64,
    /// In a live run: when it is over in real time, whoever still runs.
    pub deadline: Option<std::time::Instant>,
}

/// Switches in an epilogue: this many, and some for each goroutine.
const EPILOGUE_STEPS: u64 = 2_000;
const EPILOGUE_STEPS_EACH: u64 = 20;
/// Virtual nanoseconds of an epilogue.
const EPILOGUE_TIME: i64 = 10_000_000_000;
/// Real time of a live one, at most: goroutines that only go round find nothing new for longer.
pub(crate) const EPILOGUE_LIVE: std::time::Duration = std::time::Duration::from_millis(100);

/// Everything about the running program that is not its own memory.
pub struct World {
    pub options: Options,
    pub image: Image,
    pub heap: Heap,
    pub stacks: Stacks,
    pub goroutines: Table,
    /// The goroutines that can run.
    pub runnable: VecDeque<Candidate>,
    pub running: Option<Gi>,
    /// The same, for signal handlers.
    pub on_processor: AtomicPtr<Goroutine>,
    pub threads: Threads,
    /// Number of the one that ran last.
    pub last: u64,
    /// An ended goroutine whose memory goes back when its stack is no longer used.
    pub dead: Option<Gi>,
    pub policy: Box<dyn Policy>,
    /// Schedules are explored.
    pub explores: bool,
    /// Whether scheduling points ask who goes on: where schedules are explored, or `always` switches.
    pub asks: bool,
    /// `GORACE_SWITCH=always`: a live run switches in front of each operation, and each turn of a loop yields.
    pub always: bool,
    /// `GORACE_VERIFY=1`, and builds with debug assertions: the invariants are looked at in front of each switch.
    pub verifies: bool,
    pub clock: Clock,
    /// The detector knows that the program gives the runtime functions to call.
    pub knows_callbacks: bool,
    /// When the run began.
    pub started: std::time::Instant,
    pub sink: Option<Box<dyn Sink>>,
    /// The sink wants to know of allocations.
    pub tells_allocations: bool,
    pub natives: natives::Tables,
    /// How much fatal messages tell, and whether crashes end by SIGABRT.
    pub detail: Detail,
    pub crashes: bool,
    pub next_number: u64,
    /// When the run must be over.
    pub deadline: Option<std::time::Instant>,
    pub quiet: Option<std::time::Duration>,
    /// Switches so far.
    pub steps: u64,
    /// Operations in a row that only looked at something, in virtual time: who turns in a loop waits for time to pass, or for another.
    pub(crate) polls: u32,
    /// Loops' budgets used up so far.
    pub stretches: u64,
    /// System goroutines among the goroutines.
    pub system_goroutines: usize,
    pub main_running: bool,
    pub main_done: bool,
    pub exit_status: Option<i32>,
    /// Set when the program has ended well and the other goroutines go on a while.
    pub epilogue: Option<Epilogue>,
    /// Stack pointers of the system stack: natives start there; leaving the run.
    pub system_stack: [u64; 2],
}

static WORLD: AtomicPtr<World> = AtomicPtr::new(std::ptr::null_mut());

/// The run of this process.
///
/// Natives call this once and pass the reference on; one thread runs Go code, and a native runs to its end before the
/// next starts, so there is one reference at a time (the fault handler, which may interrupt a native, never returns to it).
#[inline]
pub fn world() -> &'static mut World {
    let world = WORLD.load(Ordering::Relaxed);
    debug_assert!(!world.is_null());
    // SAFETY: `execute` set it to a leaked box before any native can run; see above for uniqueness.
    unsafe { &mut *world }
}

/// The run of this process, if there is one.
pub fn world_if_any() -> Option<&'static mut World> {
    if WORLD.load(Ordering::Relaxed).is_null() { None } else { Some(world()) }
}

/// Runs an image to its end and gives the exit status.
///
/// # Errors
/// When it can't be started.
pub fn execute(image: &Path, options: Options) -> Result<i32, RunError> {
    let policy: Box<dyn Policy> = match options.mode {
        Mode::Run => Box::new(Live::new(system_random())),
        Mode::Explore { seed } => Box::new(Uniform::new(seed)),
    };
    execute_with(image, options, policy, None)
}

/// `execute` with a policy and a detector.
///
/// # Errors
/// When it can't be started.
pub fn execute_with<'p>(
    image: impl Into<Location<'p>>,
    options: Options,
    policy: Box<dyn Policy>,
    sink: Option<Box<dyn Sink>>,
) -> Result<i32, RunError> {
    address_space::reserve().map_err(RunError::Memory)?;
    let image = Image::map(image.into()).map_err(RunError::Image)?;
    if !policy.explores() {
        crate::start_pages::release(&image);
    }
    let threads = options.threads && options.gomaxprocs > 1 && !policy.explores();
    let stubs = natives::Stubs::new(threads).map_err(RunError::Memory)?;
    if threads {
        // SAFETY: no thread runs Go code yet.
        unsafe { asm::GORACE_NATIVE_ENTRY = crate::asm_threads::gorace_native_threads };
    }
    image.fill_slots(|name| stubs.address(name));
    let entry = IMAGE_BASE + image.header.main_entry;
    let world = make(options, image, policy, sink);
    crate::signals::install();
    let main = world.start(leaked_func_value(entry), 0, false);
    debug_assert_eq!(main, Gi(0));
    if !world.explores {
        crate::start_pages::release(&world.image);
    }
    Ok(world.enter())
}

pub(crate) fn make(
    mut options: Options,
    image: Image,
    policy: Box<dyn Policy>,
    sink: Option<Box<dyn Sink>>,
) -> &'static mut World {
    let explores = policy.explores();
    if explores {
        options.gomaxprocs = EXPLORED_PROCESSORS;
    }
    let threads = options.threads && !explores;
    let always = options.env.iter().any(|e| e.as_bytes() == b"GORACE_SWITCH=always");
    let verifies = cfg!(debug_assertions) || options.env.iter().any(|e| e.as_bytes() == b"GORACE_VERIFY=1");
    let mut heap = Heap::new(crate::heap::Settings::from_environment(&options.env));
    heap.incremental = match heap.settings.stress {
        Stress::EachAllocation => false,
        Stress::Incremental => true,
        Stress::Off => !explores,
    };
    heap.set_goal();
    let mut clock = Clock::new(matches!(options.mode, Mode::Explore { .. }));
    if let Mode::Explore { seed } = options.mode {
        let mut random = Random(seed ^ 0x7469_6d65);
        clock.set_step(crate::clock::STEPS[random.below(crate::clock::STEPS.len())]);
    }
    let threads = Threads::new(if threads { options.gomaxprocs } else { 1 });
    let world = Box::leak(Box::new(World {
        natives: natives::Tables::new(&mut options),
        deadline: options.timeout.map(|timeout| std::time::Instant::now() + timeout),
        quiet: options.quiet,
        options,
        image,
        heap,
        stacks: Stacks::default(),
        goroutines: Table::default(),
        runnable: VecDeque::new(),
        running: None,
        on_processor: AtomicPtr::new(std::ptr::null_mut()),
        threads,
        last: 0,
        dead: None,
        policy,
        explores,
        asks: explores || always,
        always,
        verifies,
        clock,
        started: std::time::Instant::now(),
        tells_allocations: sink.as_ref().is_some_and(|sink| sink.wants_allocations()),
        sink,
        detail: Detail::default(),
        crashes: false,
        next_number: 1,
        steps: 0,
        polls: 0,
        stretches: 0,
        system_goroutines: 0,
        main_running: false,
        knows_callbacks: false,
        main_done: false,
        exit_status: None,
        epilogue: None,
        system_stack: [0; 2],
    }));
    WORLD.store(world, Ordering::Relaxed);
    world
}

/// The processors that a program sees while it is explored, on every machine: it may branch on their number, as sync.Pool and
/// worker pools do, and a schedule's seed has to mean the same everywhere.
pub const EXPLORED_PROCESSORS: i64 = 4;

/// A func value without captures, for code that starts a goroutine.
fn leaked_func_value(code: u64) -> u64 {
    std::ptr::from_ref(Box::leak(Box::new(code))) as u64
}

/// A number from the system.
pub fn system_random() -> u64 {
    let mut bytes = [0u8; 8];
    // SAFETY: the buffer has the length that is passed.
    let got = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), 8, 0) };
    if got == 8 { u64::from_le_bytes(bytes) } else { u64::from(std::process::id()) ^ 0x9e37_79b9_7f4a_7c15 }
}

impl World {
    /// Runs goroutines until the program ends.
    pub(crate) fn enter(&mut self) -> i32 {
        if self.threads.on {
            crate::threads::run_until_end(self);
        } else {
            crate::preemption::start(self);
            let stacks = &raw mut self.system_stack;
            // SAFETY: the world is complete, at least one goroutine is runnable, and its stack is prepared.
            unsafe { asm::gorace_enter(stacks) };
        }
        let mut status = self.exit_status.unwrap_or(0);
        if status == 0 && self.tell_late() {
            status = 1;
        }
        if self.explores && (status == 0 || status == TIMED_OUT) {
            self.report_stuck();
        }
        if self.explores && status == TIMED_OUT && self.runnable.is_empty() && self.running.is_none() {
            self.report_hang();
        }
        match &mut self.sink {
            Some(sink) => sink.finish(status),
            None => status,
        }
    }

    /// Tells the detector which goroutines are stuck for ever.
    pub fn report_stuck(&mut self) {
        if self.sink.is_none() {
            return;
        }
        self.find_stuck();
        let mut blocked = crate::fatal::blocked(self);
        if self.is_quiescent() {
            mark_hopeless(&mut blocked);
        }
        if let Some(sink) = &mut self.sink {
            sink.stuck(&blocked);
        }
    }

    /// Whether the program has ended well, and of what was left nobody will ever do anything.
    fn is_quiescent(&self) -> bool {
        let nothing_comes = self.natives.timers.next().is_none() && !self.natives.os.anyone_waits();
        self.main_done && self.runnable.is_empty() && nothing_comes
    }

    /// Tells the detector who waits in a run that nothing ends.
    fn report_hang(&mut self) {
        let blocked = crate::fatal::blocked(self);
        if let Some(sink) = &mut self.sink {
            sink.hangs(&blocked);
        }
    }

    /// The goroutine that runs (or whose native runs).
    #[inline]
    pub fn current(&mut self) -> &mut Goroutine {
        let index = self.running.expect("a goroutine runs");
        self.goroutines.get(index)
    }

    /// Its number.
    pub fn current_number(&mut self) -> u64 {
        self.current().header.id
    }

    /// Makes a goroutine that will run a func value.
    pub fn start(&mut self, entry: u64, pc: u64, system: bool) -> Gi {
        let Some(slot) = self.stacks.take_slot() else {
            crate::fatal::fatal(self, "too many goroutines");
        };
        let index = self.goroutines.next_index();
        let number = self.next_number;
        self.next_number += 1;
        let parent = if self.running.is_some() { self.current_number() } else { 0 };
        // Goroutines of the runtime are nobody's.
        let is_own = self.running.is_some_and(|running| self.goroutines.peek(running).system);
        let mut g = Goroutine::new(index, number, slot, entry);
        stack::prepare(&self.stacks, &mut g);
        g.header.budget = self.budget();
        g.system = system;
        g.parent = if is_own { 0 } else { parent };
        g.created_at = pc;
        g.check_tables = self.sink.as_ref().map_or([0; 2], |sink| sink.check_tables());
        if let Some(running) = self.running
            && !system
        {
            let starter = self.goroutines.peek(running);
            g.test = starter.test;
            let words = starter.header.go_words;
            for word in [LABELS_WORD, BUBBLE_WORD] {
                g.header.go_words[word] = words[word];
            }
        }
        // What it begins with, its parent has handed to it.
        g.marked_in = self.heap.stats.cycles + u64::from(self.heap.marking);
        self.system_goroutines += usize::from(system);
        let bubbled = g.bubble() != 0;
        self.goroutines.insert(g);
        if bubbled {
            self.bubble_started(index);
        }
        self.runnable.push_back(Candidate { index, number, next: Operation::Start });
        if self.sink.is_some() {
            self.emit(&Event::Start { parent, child: number, pc });
            self.refresh_epoch(index);
            if let Some(running) = self.running {
                self.refresh_epoch(running);
            }
        }
        index
    }

    /// Tells the detector.
    pub fn emit(&mut self, event: &Event) {
        if let Some(sink) = &mut self.sink {
            sink.event(event);
        }
    }

    /// Asks the detector for a goroutine's epoch word.
    pub fn refresh_epoch(&mut self, index: Gi) {
        if let Some(sink) = &mut self.sink {
            let g = self.goroutines.get(index);
            g.header.epoch_word = sink.epoch_word(g.header.id);
            self.heap.shadowed |= g.header.epoch_word != 0;
        }
    }

    /// A goroutine's epoch word, after the detector has done what it has put off.
    #[inline]
    pub fn told_epoch(&mut self, index: Gi) -> u32 {
        if self.goroutines.peek(index).header.epoch_word == HELD {
            self.refresh_epoch(index);
        }
        self.goroutines.peek(index).header.epoch_word
    }

    /// Tells the detector of a synchronisation of a goroutine, unless it is told not to look.
    #[inline]
    pub fn synchronise(&mut self, index: Gi, event: impl FnOnce(u64) -> Event) {
        if let Some(sink) = &mut self.sink {
            let g = self.goroutines.get(index);
            if g.race_disabled == 0 {
                sink.event(&event(g.header.id));
                g.header.epoch_word = sink.epoch_word(g.header.id);
                self.heap.shadowed |= g.header.epoch_word != 0;
            }
        }
    }

    pub fn acquire(&mut self, index: Gi, addr: u64) {
        self.acquire_by(Means::Other, index, addr);
    }

    pub fn acquire_by(&mut self, means: Means, index: Gi, addr: u64) {
        if let Some(sink) = &mut self.sink {
            let g = self.goroutines.get(index);
            if g.race_disabled == 0 {
                sink.event(&Event::Acquire { goroutine: g.header.id, addr, means });
            }
        }
    }

    pub fn release(&mut self, index: Gi, addr: u64) {
        self.release_by(Means::Other, index, addr);
    }

    pub fn release_by(&mut self, means: Means, index: Gi, addr: u64) {
        self.synchronise(index, |goroutine| Event::Release { goroutine, addr, means });
    }

    pub fn release_merge(&mut self, index: Gi, addr: u64) {
        self.release_merge_by(Means::Other, index, addr);
    }

    pub fn release_merge_by(&mut self, means: Means, index: Gi, addr: u64) {
        self.synchronise(index, |goroutine| Event::ReleaseMerge { goroutine, addr, means });
    }

    pub fn release_acquire(&mut self, index: Gi, addr: u64) {
        self.synchronise(index, |goroutine| Event::ReleaseAcquire { goroutine, addr, means: Means::Other });
    }

    /// The runtime is given a function to call later. What std does while it starts counts for nothing: it closes files. Nor does the
    /// alarm of package testing, which ends the program.
    pub fn callback(&mut self) {
        if self.sink.is_none() || self.knows_callbacks {
            return;
        }
        let Some(index) = self.running else { return };
        let g = self.goroutines.peek(index);
        let (mut by_program, mut is_alarm) = (self.main_running, false);
        crate::traceback::walk(self, g, g.header.saved_fp, |pc| {
            let flags = self.image.function(pc - 1).map_or(0, |f| f.flags);
            by_program |= flags & gorace_abi::image::function_flag::STD == 0;
            is_alarm |= crate::traceback::frames(&self.image, pc - 1).iter().any(|f| f.name == ALARM);
            !is_alarm
        });
        if by_program && !is_alarm {
            self.knows_callbacks = true;
            self.emit(&Event::Callback);
            self.refresh_epochs();
        }
    }

    /// Everybody's epoch may have changed.
    pub fn refresh_epochs(&mut self) {
        if let Some(sink) = &mut self.sink {
            for g in self.goroutines.iter_mut() {
                g.header.epoch_word = sink.epoch_word(g.header.id);
                self.heap.shadowed |= g.header.epoch_word != 0;
            }
        }
    }

    pub fn update(&mut self, index: Gi, addr: u64) {
        self.synchronise(index, |goroutine| Event::Update { goroutine, addr });
    }

    /// Two goroutines meet at an address.
    pub fn rendezvous(&mut self, one: Gi, other: Gi, addr: u64) {
        if self.sink.is_none() {
            return;
        }
        if self.goroutines.peek(one).race_disabled != 0 || self.goroutines.peek(other).race_disabled != 0 {
            self.release(one, addr);
            self.acquire(other, addr);
            self.release(other, addr);
            self.acquire(one, addr);
            return;
        }
        let number = self.goroutines.peek(other).header.id;
        self.synchronise(one, |goroutine| Event::Rendezvous { goroutine, other: number });
        self.refresh_epoch(other);
    }

    /// The memory whose shadow can name epochs, as ranges: the program's variables, and the heap's spans. The shadow of what is free
    /// is cleared before anybody has it again; that of stacks is compared by nobody but their owners.
    pub fn shadowed(&self) -> impl Iterator<Item = (u64, u64)> {
        let header = &self.image.header;
        let variables = [header.data, header.zeroed].map(|range| (IMAGE_BASE + range.start, range.len));
        let spans = self.heap.spans.iter().map(|span| (span.start, span.pages * gorace_abi::memory::PAGE));
        variables.into_iter().chain(spans).filter(|&(_, len)| len != 0)
    }

    /// An access of the current goroutine that the detector must judge.
    #[inline]
    pub fn access(&mut self, write: bool, addr: u64, size: u64, pc: u64, frame: u64) {
        self.access_at(write, addr, size, Site { pc, frame, activation: 0 });
    }

    #[inline]
    fn access_at(&mut self, write: bool, addr: u64, size: u64, site: Site) {
        let Some((goroutine, epoch_word)) = self.judged(addr, size) else { return };
        // Explicit checks and ranges come here without an inline one.
        if shadow::passes(write, addr, size, epoch_word) {
            return;
        }
        if let Some(sink) = &mut self.sink {
            let access = Access { goroutine, write, addr, size, site };
            // Compiled code has asked already.
            if site.activation != 0 || !sink.decides(if write { Does::Write } else { Does::Read }, &access, epoch_word)
            {
                sink.access(&access);
                self.look_at_epoch(epoch_word);
            }
        }
    }

    /// The detector has judged an access of the running goroutine. Who was alone may have had enough of it by then, and who was not may be alone
    /// since the others ended: its epoch is another one, or none, as that of the words that were forgotten. With the old one no inline check
    /// would pass any more.
    #[inline]
    fn look_at_epoch(&mut self, epoch_word: u32) {
        let Some(running) = self.running else { return };
        if epoch_word == 0 || self.sink.as_mut().is_some_and(|sink| sink.has_moved()) {
            self.refresh_epoch(running);
        }
    }

    /// The first step of a check, on the goroutine's own stack: whether the access needs no more.
    #[inline]
    pub fn decides(&mut self, does: Does, g: &Goroutine, addr: u64, size: u64, site: Site) -> bool {
        if g.race_ignored != 0 {
            return false;
        }
        let epoch_word = g.header.epoch_word;
        if !is_shadowed(addr) {
            let own = crate::stack::owns(g, addr);
            if own {
                shadow::note_own(addr, size, epoch_word);
            }
            return own;
        }
        let access = Access { goroutine: g.header.id, write: does != Does::Read, addr, size, site };
        self.sink.as_mut().is_some_and(|sink| sink.decides(does, &access, epoch_word))
    }

    /// A read.
    pub fn read(&mut self, addr: u64, size: u64, site: Site) {
        self.access_at(false, addr, size, site);
    }

    /// A write.
    pub fn write(&mut self, addr: u64, size: u64, site: Site) {
        self.access_at(true, addr, size, site);
    }

    /// A read that a write of the same memory follows (the pass `update` of the intermediate form).
    pub fn read_and_write(&mut self, addr: u64, size: u64, site: Site) {
        let Some((goroutine, epoch_word)) = self.judged(addr, size) else { return };
        let passes = |write| shadow::passes(write, addr, size, epoch_word);
        if passes(true) {
            return;
        }
        let is_read = passes(false);
        if let Some(sink) = &mut self.sink {
            let access = Access { goroutine, write: true, addr, size, site };
            if is_read {
                sink.access(&access);
            } else {
                sink.update(&access);
            }
            self.look_at_epoch(epoch_word);
        }
    }

    /// The running goroutine's number and its epoch word, if an access of its is to be judged.
    #[inline]
    fn judged(&mut self, addr: u64, size: u64) -> Option<(u64, u32)> {
        if size == 0 || self.sink.is_none() {
            return None;
        }
        let g = self.current();
        if g.race_ignored != 0 {
            return None;
        }
        let (index, goroutine, epoch_word) = (g.index, g.header.id, g.header.epoch_word);
        if !is_shadowed(addr) {
            if crate::stack::owns(g, addr) {
                shadow::note_own(addr, size, epoch_word);
            }
            return None;
        }
        Some((goroutine, self.told_epoch(index)))
    }

    /// In front of a synchronisation operation: whether the native must return at once because another goroutine is to go
    /// first. The native is then called again, with the same arguments, when this one is chosen.
    #[inline]
    pub fn point(&mut self, operation: Operation) -> bool {
        if !self.asks {
            return false;
        }
        self.point_slow(operation)
    }

    fn point_slow(&mut self, operation: Operation) -> bool {
        let g = self.current();
        let running = Candidate { index: g.index, number: g.header.id, next: operation };
        let pinned = g.is_pinned();
        if std::mem::take(&mut g.passed) {
            return false;
        }
        self.takes_time(operation);
        if self.explores && !pinned && self.is_stalled(running) {
            return true;
        }
        if pinned || self.runnable.is_empty() {
            let rests = !pinned && self.next_timer().is_some() && self.policy.rests(running);
            if !rests {
                self.policy.passes(running);
                return false;
            }
        } else if self.explores && !self.policy.switch_here(running, &self.runnable) {
            return false;
        }
        self.stop_in_front();
        self.runnable.push_back(running);
        true
    }

    /// The current goroutine, which could go on, does so later: its native is called again then, and not asked again.
    pub(crate) fn stop_in_front(&mut self) {
        let g = self.current();
        g.passed = true;
        g.header.park = 2;
        g.state = State::Runnable;
    }

    /// Loop back-edges until the next preemption.
    pub(crate) fn budget(&mut self) -> i32 {
        let budget = self.policy.budget();
        if self.always { 0 } else { budget }
    }

    /// Parks the current goroutine; the native returns at once and gives `wake_values` later.
    pub fn park(&mut self, wait: Wait) {
        self.park_as(wait, 1);
    }

    /// Parks the current goroutine; the native is called again when it goes on.
    pub fn park_and_retry(&mut self, wait: Wait) {
        self.current().passed = self.asks;
        self.park_as(wait, 2);
    }

    fn park_as(&mut self, wait: Wait, how: u64) {
        let now = self.clock.coarse();
        let g = self.current();
        g.header.park = how;
        g.state = State::Waiting;
        g.wait = wait;
        g.waited = wait;
        g.wait_since = now;
        let (index, bubbled) = (g.index, g.bubble() != 0);
        if self.sink.is_some() {
            let g = self.current();
            let (goroutine, pc) = (g.header.id, g.pc);
            self.emit(&Event::Blocked { goroutine, wait, pc });
        }
        if bubbled {
            self.bubble_parked(index, wait);
        }
    }

    /// Lets a parked goroutine go on; what its native returns is `values`.
    pub fn ready_with(&mut self, index: Gi, values: [u64; 2]) {
        self.goroutines.get(index).header.wake_values = values;
        self.ready(index);
    }

    /// Lets a parked goroutine go on.
    pub fn ready(&mut self, index: Gi) {
        let g = self.goroutines.get(index);
        debug_assert_eq!(g.state, State::Waiting);
        g.state = State::Runnable;
        g.wait = Wait::None;
        let was_idle = std::mem::take(&mut g.idle);
        self.polls = 0;
        let number = g.header.id;
        self.runnable.push_back(Candidate { index, number, next: Operation::Wake });
        if self.sink.is_some() {
            self.emit(&Event::Unblocked { goroutine: number });
            self.refresh_epoch(index);
            // Who was alone is no longer.
            if let Some(running) = self.running
                && self.goroutines.peek(running).header.epoch_word == 0
            {
                self.refresh_epoch(running);
            }
        }
        if was_idle {
            self.bubble_resumed(index);
        }
    }

    /// Puts the current goroutine back into the run queue; its native gives `values` later.
    pub fn yield_now(&mut self, values: [u64; 2]) {
        let g = self.current();
        g.header.park = 1;
        g.header.wake_values = values;
        g.state = State::Runnable;
        let (index, number) = (g.index, g.header.id);
        self.runnable.push_back(Candidate { index, number, next: Operation::Continue });
    }

    /// Lets the others go first; the native is called again then.
    pub fn yield_and_retry(&mut self) {
        self.yield_now([0; 2]);
        let asks = self.asks;
        let g = self.current();
        g.header.park = 2;
        g.passed = asks;
    }

    /// Ends the program with a status when the native returns.
    pub fn end(&mut self, status: i32) {
        if let Some(epilogue) = self.epilogue {
            self.exit_status = Some(epilogue.status);
            self.current().header.park = 1;
        } else if status == 0 && self.sink.is_some() && (self.explores || self.lingers()) {
            let linger = self.options.linger;
            let live = !self.explores;
            let steps = EPILOGUE_STEPS + EPILOGUE_STEPS_EACH * self.goroutines.len() as u64;
            self.epilogue = Some(Epilogue {
                status,
                last_step: if live { u64::MAX } else { self.steps + steps },
                until: self.clock.now() + if live { linger.as_nanos() as i64 } else { EPILOGUE_TIME },
                deadline: live.then(|| std::time::Instant::now() + linger.min(EPILOGUE_LIVE)),
            });
            self.park(Wait::Exited);
        } else {
            self.exit_status = Some(status);
            self.current().header.park = 1;
        }
    }

    /// Whether there is anybody who could go on after the end of a live run.
    fn lingers(&self) -> bool {
        !self.options.linger.is_zero() && self.goroutines.len() - self.system_goroutines > 1
    }

    /// Whether what happens now is after the end that counts: under exploration.
    pub fn is_over(&self) -> bool {
        self.epilogue.is_some_and(|epilogue| epilogue.deadline.is_none())
    }

    /// Ends the program at once, from anywhere on the system stack.
    pub fn leave(&mut self, status: i32) -> ! {
        self.exit_status = Some(self.epilogue.map_or(status, |epilogue| epilogue.status));
        if self.threads.on {
            crate::threads::end();
        }
        // SAFETY: `gorace_enter` stored it; its frame is still on the system stack below us.
        unsafe { asm::gorace_leave(self.system_stack[1]) }
    }
}

/// Marks who waits for a lock that is held by somebody who waits for a receiver: it is not there, whatever refers to the channel.
/// (Who holds a lock and waits for a value may be a server's worker, whose work is over with the program.)
fn mark_hopeless(blocked: &mut [crate::events::Blocked]) {
    let sends = |b: &crate::events::Blocked| matches!(b.wait, Wait::ChanSend { .. } | Wait::ChanNil { send: true });
    let senders: Vec<u64> = blocked.iter().filter(|b| sends(b)).map(|b| b.goroutine).collect();
    for b in blocked {
        b.hopeless = b.wait.lock().is_some() && !b.leaked && b.holders.iter().any(|holder| senders.contains(holder));
    }
}

/// Whether an address is one whose accesses are judged: image or heap.
#[inline]
pub fn is_shadowed(addr: u64) -> bool {
    use gorace_abi::memory::{HEAP_BASE, HEAP_SIZE};
    (IMAGE_BASE..HEAP_BASE + HEAP_SIZE).contains(&addr)
}
