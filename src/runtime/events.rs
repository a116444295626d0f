//! What the detector is told: one enum of events and one trait that takes them. Without a detector nothing is called.
//!
//! Events come in the order of execution. After each event that synchronises, the goroutine's epoch word is asked for anew:
//! compiled code compares shadow cells with it (`gorace_abi::shadow`). Without a detector it stays 0, which is also what
//! untouched shadow holds, so inline checks pass.

use crate::goroutine::Wait;

/// A goroutine's number.
pub type Number = u64;

/// What the finalizer goroutine acquires; not an address of a program.
pub const COLLECTED: u64 = 1;

/// What makes an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// A lock's: its order is the schedule's choice.
    Lock,
    /// An atomic operation's, told just before.
    Atomic,
    Other,
}

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// `parent` is 0 for the main goroutine; `pc` is the go statement's.
    Start {
        parent: Number,
        child: Number,
        pc: u64,
    },
    End {
        goroutine: Number,
    },
    /// A collection found objects that only finalizers and cleanups see from now on: all that was done so far happens before
    /// acquires of `COLLECTED`.
    Collected,
    /// The program gives the runtime a function to call later: a finalizer, a timer's.
    Callback,
    /// Happens-before edges through an address: what was released there is before what acquires it later.
    Acquire {
        goroutine: Number,
        addr: u64,
        means: Means,
    },
    Release {
        goroutine: Number,
        addr: u64,
        means: Means,
    },
    ReleaseMerge {
        goroutine: Number,
        addr: u64,
        means: Means,
    },
    /// Acquires what is there, then replaces it by what it knew before.
    ReleaseAcquire {
        goroutine: Number,
        addr: u64,
        means: Means,
    },
    /// Acquires what is there, then releases all that it knows.
    Update {
        goroutine: Number,
        addr: u64,
    },
    /// Two goroutines meet: what each has done is before what the other does next.
    Rendezvous {
        goroutine: Number,
        other: Number,
    },
    /// A lock was taken or given (besides its edges, which come as events of their own).
    Locked {
        goroutine: Number,
        addr: u64,
        exclusive: bool,
        /// It would not have waited for it.
        tried: bool,
        /// It holds others besides.
        nested: bool,
        pc: u64,
    },
    Unlocked {
        goroutine: Number,
        addr: u64,
        exclusive: bool,
        pc: u64,
    },
    /// It parked, and it goes on.
    Blocked {
        goroutine: Number,
        wait: Wait,
        pc: u64,
    },
    Unblocked {
        goroutine: Number,
    },
    /// An atomic access (its edges follow).
    Atomic {
        goroutine: Number,
        addr: u64,
        size: u32,
        write: bool,
        pc: u64,
    },
}

/// What an atomic operation does besides its access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A load, or a compare-and-swap that failed.
    Acquires,
    Stores,
    /// Acquires, then releases.
    Updates,
}

impl Effect {
    /// Whether the word is written.
    pub fn writes(self) -> bool {
        self != Effect::Acquires
    }
}

/// What a sink that is asked of an atomic operation knows of it already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It is to be told as events.
    Nothing,
    /// The goroutine has just done it and nothing has come between: it is put off until something does, and the goroutine's epoch word is
    /// to be `HELD`.
    Repeated,
    /// There is no more to tell.
    All,
}

/// An atomic operation on a word of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    pub goroutine: Number,
    pub addr: u64,
    pub size: u32,
    pub effect: Effect,
}

/// A memory access that the inline check did not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    pub goroutine: Number,
    pub write: bool,
    pub addr: u64,
    pub size: u64,
    pub site: Site,
}

/// What an access does with its memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    Read,
    Write,
    /// Reads it, and then writes it.
    Update,
}

/// Where an access is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site {
    /// Return address of the check, and the frame pointer of the function that made it.
    pub pc: u64,
    pub frame: u64,
    /// The address of the word in that frame for the number of its chain of calls (`contexts`), 0 until it is known. 0 itself where the
    /// frame has none.
    pub activation: u64,
}

/// A goroutine that is parked when the program has come to a stop.
#[derive(Debug, Clone)]
pub struct Blocked {
    pub goroutine: Number,
    pub wait: Wait,
    /// The object's holders (locks), by number; of a lock for reading also who waits to write.
    pub holders: Vec<Number>,
    /// Of these, who does not hold it, but waits to write: new readers wait behind it.
    pub behind: Vec<Number>,
    /// For select: all channels it waits on.
    pub channels: Vec<u64>,
    /// Return addresses of its frames, innermost first.
    pub stack: Vec<u64>,
    /// The name of the test that it belongs to; empty for none.
    pub test: String,
    /// Nothing that can ever run refers to what it waits for.
    pub leaked: bool,
    /// The program has ended, nobody does anything any more, and it waits for a lock whose holder waits for a receiver.
    pub hopeless: bool,
}

/// The detector's side.
pub trait Sink {
    fn event(&mut self, event: &Event);
    fn access(&mut self, access: &Access);
    /// Decides an access of the running goroutine, whose epoch word this is; whether it could. Called on the goroutine's own stack, which has some
    /// kilobytes for it: what tells of a race has no room there. If it could not, `access` or `update` of the same access comes next.
    fn decides(&mut self, _does: Does, _access: &Access, _epoch_word: u32) -> bool {
        false
    }
    /// The addresses of the tables by which `first_step` decides some of that before; 0 where it is not to.
    fn check_tables(&self) -> [u64; 2] {
        [0; 2]
    }
    /// A read that is followed by this write.
    fn update(&mut self, access: &Access) {
        self.access(&Access { write: false, ..*access });
        self.access(access);
    }
    /// What is to be done of an atomic operation of the running goroutine.
    fn hears(&mut self, _operation: &Operation) -> Heard {
        Heard::Nothing
    }
    /// Whether an atomic operation of the running goroutine, whose epoch word is 0, on a word whose cell is empty has nothing to tell.
    fn is_quiet(&self, _addr: u64) -> bool {
        false
    }
    /// What compiled code compares with, for this goroutine, from now on. 0 where its accesses need no record, because it is alone:
    /// those to memory whose cells are empty pass the inline checks.
    ///
    /// Acquires alone leave it as it is.
    fn epoch_word(&mut self, goroutine: Number) -> u32;
    /// Whether that may have changed for the running goroutine though it has not synchronised.
    fn has_moved(&mut self) -> bool {
        true
    }
    /// Races found so far.
    fn races(&self) -> u64;
    /// Whether it wants to be told of allocations.
    fn wants_allocations(&self) -> bool {
        false
    }
    /// The running goroutine has allocated memory for values of a type; 0 where that is not known.
    fn allocated(&mut self, _address: u64, _size: u64, _descriptor: u64) {}
    /// All goroutines are asleep.
    fn deadlock(&mut self, blocked: &[Blocked]);
    /// The running goroutine ends the program with a panic or a fatal error; return addresses, innermost first.
    fn death(&mut self, goroutine: Number, stack: &[u64]);
    /// The running goroutine ends the program with a status of its own that is not 0; return addresses, innermost first.
    fn exits(&mut self, _goroutine: Number, _status: i32, _stack: &[u64]) {}
    /// Nobody can go on, and what they wait for does not come from outside either, in the time that the run has: who is parked.
    fn hangs(&mut self, _blocked: &[Blocked]) {}
    /// Who is parked when the run ends, or when the program asks for its leaked goroutines.
    fn stuck(&mut self, blocked: &[Blocked]);
    /// Who can never go on of those whom a test of a live run has started and left.
    fn left(&mut self, _blocked: &[Blocked]) {}
    /// After a collection: forget the synchronisation state of addresses that are not live any more.
    fn retain(&mut self, live: &mut dyn FnMut(u64) -> bool);
    /// The program ends with this status; gives the one to end with.
    fn finish(&mut self, status: i32) -> i32;
}
