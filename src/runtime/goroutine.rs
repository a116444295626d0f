//! A goroutine's state behind the header that compiled code knows, what it waits for, and its table.
//!
//! Invariants: a goroutine is in the run queue exactly when it is `Runnable`; it has a `Wait` other than `None` exactly when
//! it is `Waiting`; its waiters (see `natives::channel`) are linked in queues only while it waits on channels. An index is
//! reused after its goroutine has ended, a number (`header.id`) never is.

use crate::policy::Operation;
use crate::threads::InGo;
use gorace_abi::goroutine::GoroutineHeader;

gorace_base::define_id!(
    /// Index into the table of goroutines.
    Gi
);

/// Where a goroutine is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// In the run queue.
    Runnable,
    /// The one that runs.
    Running,
    /// Parked; see `Goroutine::wait`.
    Waiting,
    /// Ended; its memory goes back when the scheduler next runs.
    Dead,
}

/// What a parked goroutine waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    None,
    ChanSend {
        chan: u64,
    },
    ChanRecv {
        chan: u64,
    },
    /// Send to or receive from a nil channel: for ever.
    ChanNil {
        send: bool,
    },
    /// The channels are those of the goroutine's waiters.
    Select,
    SelectEmpty,
    Forever,
    /// It has ended the program; the others go on a while.
    Exited,
    Semaphore {
        addr: u64,
        kind: u32,
    },
    Mutex {
        addr: u64,
    },
    ReadLock {
        addr: u64,
    },
    WriteLock {
        addr: u64,
    },
    Condition {
        addr: u64,
    },
    Sleep,
    /// The root of a bubble, until all of it is durably blocked; `synctest.Wait`.
    SynctestRun,
    SynctestWait,
    Io {
        fd: i32,
        events: i16,
    },
    /// A child process.
    Process,
    Signal,
    /// System goroutines only.
    Timer,
    Finalizer,
}

impl Wait {
    /// Whether only another goroutine can end it.
    pub fn is_internal(self) -> bool {
        !matches!(
            self,
            Wait::None
                | Wait::Exited
                | Wait::Sleep
                | Wait::SynctestRun
                | Wait::SynctestWait
                | Wait::Io { .. }
                | Wait::Process
                | Wait::Signal
                | Wait::Timer
                | Wait::Finalizer
        )
    }

    /// The lock that it is for.
    pub fn lock(self) -> Option<u64> {
        match self {
            Wait::Mutex { addr } | Wait::ReadLock { addr } | Wait::WriteLock { addr } => Some(addr),
            _ => None,
        }
    }

    /// Go's words, as in the brackets of a stack trace.
    pub fn words(self) -> &'static str {
        match self {
            Wait::None => "waiting",
            Wait::ChanSend { .. } => "chan send",
            Wait::ChanRecv { .. } => "chan receive",
            Wait::ChanNil { send: true } => "chan send (nil chan)",
            Wait::ChanNil { send: false } => "chan receive (nil chan)",
            Wait::Select => "select",
            Wait::SelectEmpty => "select (no cases)",
            Wait::Forever | Wait::Exited => "waiting",
            Wait::Semaphore { kind, .. } => match kind {
                1 => "sync.Mutex.Lock",
                2 => "sync.RWMutex.RLock",
                3 => "sync.RWMutex.Lock",
                4 | 7 => "sync.WaitGroup.Wait",
                6 => "coroutine",
                _ => "semacquire",
            },
            Wait::Mutex { .. } => "sync.Mutex.Lock",
            Wait::ReadLock { .. } => "sync.RWMutex.RLock",
            Wait::WriteLock { .. } => "sync.RWMutex.Lock",
            Wait::Condition { .. } => "sync.Cond.Wait",
            Wait::Sleep => "sleep",
            Wait::SynctestRun => "synctest.Run",
            Wait::SynctestWait => "synctest.Wait",
            Wait::Io { .. } => "IO wait",
            Wait::Process => "syscall",
            Wait::Signal => "syscall",
            Wait::Timer => "timer goroutine (idle)",
            Wait::Finalizer => "finalizer wait",
        }
    }
}

/// How a goroutine holds a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    Mutex,
    Read,
    Write,
}

/// A lock that a goroutine holds.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    pub addr: u64,
    pub hold: Hold,
    /// Return address of the call that took it.
    pub pc: u64,
}

/// A goroutine.
#[repr(C)]
#[derive(Debug)]
pub struct Goroutine {
    pub header: GoroutineHeader,
    // Read by assembly.
    scratch: u64,
    /// Frame of the leaf native that runs.
    pub leaf_frame: u64,
    /// On the large segment: the stack pointer before the hop (at the return address), the guard before it, and the
    /// bytes of stack arguments above the return address.
    pub hop_sp: u64,
    pub hop_guard: u64,
    pub hop_arguments: u64,
    /// The func value that it runs.
    pub entry: u64,
    /// Where the native would have returned to that ends the program.
    pub returns_to: u64,

    pub index: Gi,
    pub state: State,
    pub wait: Wait,
    /// What it waits for, or has waited for last.
    pub waited: Wait,
    /// Clock when it parked.
    pub wait_since: i64,
    /// Number of the stack slot, and of the large segment once it needed one.
    pub slot: u32,
    pub large: Option<u32>,
    /// The last collection (by number, from 1) that has marked from its stack.
    pub marked_in: u64,
    /// The collection that its `runtime.GC` waits for.
    pub awaited: u64,
    /// It has run since a collection last looked at its stack's memory.
    pub ran: bool,
    /// Waiters linked in channels' queues while parked there.
    pub waiters: Vec<u32>,
    /// It is durably blocked in its bubble.
    pub idle: bool,
    /// A collection has found it stuck for ever.
    pub leaked: bool,
    /// Not counted in deadlock and leak analysis.
    pub system: bool,
    /// The scheduling point in front of the native it is about to run has been passed.
    pub passed: bool,
    /// What the atomic update that it stands in front of adds to its word; for one that is no addition 0.
    pub adds: u64,
    /// How often it was woken for the lock it waits for and found it taken; it queues in front then.
    pub tries: u32,
    /// The lock it waits for was handed to it.
    pub handed: bool,
    /// The test that it belongs to (`natives::testing`); 0 for none.
    pub test: u32,
    /// Number and return address of the `go` statement that made it.
    pub parent: u64,
    pub created_at: u64,
    pub held: Vec<Held>,
    /// Depth of `race.Disable`.
    pub race_disabled: u32,
    /// Depth of `raceignore`.
    pub race_ignored: u32,
    /// `Sink::check_tables`.
    pub check_tables: [u64; 2],
    /// What it does when it goes on.
    pub next: Operation,
    /// The last return address that a native was given, for reports.
    pub pc: u64,
    /// Its last fault, unless a panic over it was recovered: signal, code, address, pc.
    pub fault: [u64; 4],
    /// The function in whose place the native stands that faulted, or that ends the program with these words.
    pub native: Option<&'static str>,
    pub last_words: &'static str,
    /// Not zero while a thread runs its compiled code without the world's lock (see `threads`).
    pub in_go: InGo,
}

/// Which of golib's words of a goroutine are those that it inherits: the profiler's labels, the number of the bubble.
pub const LABELS_WORD: usize = 0;
pub const BUBBLE_WORD: usize = 1;
/// The word with the depth of `LockOSThread`.
pub const LOCKED_WORD: usize = 5;
/// The word with the depth of `procPin`.
pub const PINNED_WORD: usize = 7;

/// Offsets that assembly uses.
pub mod asm_offset {
    use super::Goroutine;
    use std::mem::offset_of;
    pub const SCRATCH: usize = offset_of!(Goroutine, scratch);
    pub const LEAF_FRAME: usize = offset_of!(Goroutine, leaf_frame);
    pub const HOP_SP: usize = offset_of!(Goroutine, hop_sp);
    pub const HOP_GUARD: usize = offset_of!(Goroutine, hop_guard);
    pub const HOP_ARGUMENTS: usize = offset_of!(Goroutine, hop_arguments);
    pub const ENTRY: usize = offset_of!(Goroutine, entry);
    pub const RETURNS_TO: usize = offset_of!(Goroutine, returns_to);
}

impl Goroutine {
    /// A goroutine with nothing set but its places.
    pub fn new(index: Gi, id: u64, slot: u32, entry: u64) -> Box<Goroutine> {
        Box::new(Goroutine {
            header: GoroutineHeader {
                stack_guard: 0,
                closure_context: 0,
                epoch_word: 0,
                budget: 0,
                saved_sp: 0,
                saved_fp: 0,
                park: 0,
                wake_values: [0; 2],
                system_sp: 0,
                id,
                defers: 0,
                panics: 0,
                go_words: [0; 8],
                barrier: 0,
            },
            scratch: 0,
            leaf_frame: 0,
            hop_sp: 0,
            hop_guard: 0,
            hop_arguments: 0,
            entry,
            returns_to: 0,
            index,
            state: State::Runnable,
            wait: Wait::None,
            waited: Wait::None,
            wait_since: 0,
            slot,
            large: None,
            marked_in: 0,
            awaited: 0,
            ran: false,
            waiters: Vec::new(),
            idle: false,
            leaked: false,
            system: false,
            passed: false,
            adds: 0,
            tries: 0,
            handed: false,
            test: 0,
            parent: 0,
            created_at: 0,
            held: Vec::new(),
            race_disabled: 0,
            race_ignored: 0,
            check_tables: [0; 2],
            next: Operation::Start,
            pc: 0,
            fault: [0; 4],
            native: None,
            last_words: "",
            in_go: InGo::new(0),
        })
    }

    /// The number of its bubble (testing/synctest); 0 for none.
    pub fn bubble(&self) -> u64 {
        self.header.go_words[BUBBLE_WORD]
    }

    /// Whether it is between `procPin` and `procUnpin`: it runs on until it has come out.
    pub fn is_pinned(&self) -> bool {
        self.header.go_words[PINNED_WORD] != 0
    }

    /// Whether it is wired to its thread, as far as the program sees.
    pub fn is_locked(&self) -> bool {
        self.header.go_words[LOCKED_WORD] != 0
    }

    pub fn set_bubble(&mut self, number: u64) {
        self.header.go_words[BUBBLE_WORD] = number;
    }

    /// Words of its state that may point into the heap.
    pub fn roots(&self) -> [u64; 13] {
        let h = &self.header;
        let w = h.go_words;
        [
            h.closure_context,
            h.defers,
            h.panics,
            h.wake_values[0],
            self.entry,
            w[0],
            w[1],
            w[2],
            w[3],
            w[4],
            w[5],
            w[6],
            w[7],
        ]
    }
}

/// All goroutines, by index.
#[derive(Default)]
pub struct Table {
    entries: Vec<Option<Box<Goroutine>>>,
    free: Vec<u32>,
    live: usize,
}

impl Table {
    /// The index that the next `insert` takes.
    pub fn next_index(&self) -> Gi {
        Gi(self.free.last().copied().unwrap_or(self.entries.len() as u32))
    }

    pub fn insert(&mut self, goroutine: Box<Goroutine>) {
        self.live += 1;
        let at = goroutine.index.index();
        if self.free.pop().is_some() {
            self.entries[at] = Some(goroutine);
        } else {
            self.entries.push(Some(goroutine));
        }
    }

    pub fn remove(&mut self, index: Gi) -> Option<Box<Goroutine>> {
        let gone = self.entries.get_mut(index.index())?.take()?;
        self.free.push(index.0);
        self.live -= 1;
        Some(gone)
    }

    /// The goroutine of an index in use.
    ///
    /// # Panics
    /// When the index is not in use: a fault of the runtime.
    #[inline]
    pub fn get(&mut self, index: Gi) -> &mut Goroutine {
        self.entries[index.0 as usize].as_mut().expect("a goroutine that lives")
    }

    /// The same, to read.
    ///
    /// # Panics
    /// As `get`.
    #[inline]
    pub fn peek(&self, index: Gi) -> &Goroutine {
        self.entries[index.0 as usize].as_ref().expect("a goroutine that lives")
    }

    /// The goroutine of an index, if it is in use.
    pub fn find(&self, index: Gi) -> Option<&Goroutine> {
        self.entries.get(index.index())?.as_deref()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Goroutine> {
        self.entries.iter().flatten().map(|g| &**g)
    }

    /// The first goroutine whose index is at least `at`.
    pub fn from(&self, at: usize) -> Option<Gi> {
        self.entries.get(at..)?.iter().flatten().next().map(|g| g.index)
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Goroutine> {
        self.entries.iter_mut().flatten().map(|g| &mut **g)
    }

    pub fn len(&self) -> usize {
        self.live
    }

    pub fn is_empty(&self) -> bool {
        self.live == 0
    }
}
