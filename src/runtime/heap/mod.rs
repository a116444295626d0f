//! The garbage-collected heap: an arena of pages, spans of equal objects, a pointer bitmap, mark and sweep.
//!
//! - `size_class`: the sizes that objects are rounded up to. `arena`: runs of pages. `span`: the objects of a run, found by address.
//! - `bitmap`: which words hold pointers, from type descriptors. `alloc`: from a request to zeroed memory.
//! - `collect`: the cycle; `mark`, `sweep`: its parts; `pools`: those of package sync. `special`: finalizers, cleanups, weak handles.
//!
//! GOGC and GOMEMLIMIT set the *goal*: live bytes at which a cycle should be complete. `attention` is where allocation calls the
//! collector: to begin a cycle, for a slice of marking, or for a slice of sweeping.
//!
//! Objects never move. A pointer anywhere into an object keeps it. Allocation itself never collects: natives ask for a
//! collection at their start (`World::collect_if_due`), when nothing is held in Rust alone.

pub mod alloc;
pub mod arena;
pub mod bitmap;
pub mod collect;
mod mark;
mod pools;
pub mod size_class;
pub mod span;
pub mod special;
mod sweep;

use span::{Span, SpanId};
use std::ffi::CString;

/// How the collector is stressed, for finding its own mistakes. Freed memory is poisoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stress {
    Off,
    /// `GORACE_GC=stress`: a whole collection at each allocation.
    EachAllocation,
    /// `GORACE_GC=incremental`: a cycle after the other, a small slice at each allocation, all marks compared with those of
    /// a collection in one stop.
    Incremental,
}

/// How the collector behaves.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// GOGC; negative is off.
    pub percent: i64,
    /// GOMEMLIMIT: bytes.
    pub limit: u64,
    pub stress: Stress,
    /// `GODEBUG=gctrace=1`.
    pub trace: bool,
}

/// No limit.
pub const NO_LIMIT: u64 = i64::MAX as u64;

/// GOMEMLIMIT's value.
fn memory_limit(text: &str) -> Option<u64> {
    const UNITS: [(&str, u32); 5] = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0)];
    if text == "off" {
        return Some(NO_LIMIT);
    }
    let (number, shift) =
        UNITS.iter().find_map(|&(unit, shift)| Some((text.strip_suffix(unit)?, shift))).unwrap_or((text, 0));
    let number: u64 = number.parse().ok()?;
    number.checked_mul(1 << shift).filter(|&bytes| bytes <= NO_LIMIT)
}

impl Settings {
    /// From the program's environment.
    pub fn from_environment(env: &[CString]) -> Settings {
        let get = |key: &str| {
            env.iter().rev().filter_map(|e| e.to_str().ok()).find_map(|e| e.strip_prefix(key)?.strip_prefix('='))
        };
        let percent = match get("GOGC") {
            Some("off") => -1,
            Some(text) => text.parse().unwrap_or(100),
            None => 100,
        };
        let stress = match get("GORACE_GC") {
            Some("stress") => Stress::EachAllocation,
            Some("incremental") => Stress::Incremental,
            _ => Stress::Off,
        };
        Settings {
            percent,
            limit: get("GOMEMLIMIT").and_then(memory_limit).unwrap_or(NO_LIMIT),
            stress,
            trace: get("GODEBUG").is_some_and(|g| g.split(',').any(|s| s == "gctrace=1")),
        }
    }

    /// Whether freed memory is filled with what is no pointer.
    pub fn poisons(&self) -> bool {
        self.stress != Stress::Off
    }
}

/// Counters for `runtime.MemStats`.
#[derive(Debug, Default, Clone, Copy)]
pub struct Stats {
    pub live_bytes: u64,
    pub total_bytes: u64,
    pub mallocs: u64,
    pub frees: u64,
    pub cycles: u64,
    pub forced: u64,
    /// When the last cycle ended: nanoseconds of the calendar.
    pub last: i64,
    /// Nanoseconds in which the program stood still for the collector: each slice counts.
    pub stopped: u64,
}

/// The longest stop of each of the last collections and when they ended, by the number of the collection.
#[derive(Debug, Clone, Copy)]
pub struct PauseLog {
    pub pauses: [u64; PAUSES],
    pub ends: [u64; PAUSES],
}

/// As many as `runtime.MemStats` tells.
pub const PAUSES: usize = 256;

/// Smallest heap at which a collection starts (at GOGC=100), as in Go.
const LEAST_GOAL: u64 = 4 << 20;
/// What a memory limit leaves between two collections at least.
const LEAST_ROOM: u64 = 64 << 10;
/// Bytes allocated between two slices of sweeping.
const TIDY_STEP: u64 = 64 << 10;

/// The heap.
pub struct Heap {
    pub settings: Settings,
    pub stats: Stats,
    /// Live bytes at which the next cycle is to be complete.
    pub goal: u64,
    /// Live bytes at which allocation calls the collector.
    pub attention: u64,
    /// Cycles go beside the program.
    pub incremental: bool,
    /// The collector marks, and the write barrier is on.
    pub marking: bool,
    /// Bytes of goroutines' stacks.
    pub stacks: u64,
    cycle: collect::Cycle,
    /// Live bytes after the last cycle.
    base: u64,
    /// Bytes of marked objects in this cycle.
    marked_bytes: u64,
    /// Marked objects (or what is left of them) that are to be looked into: address and size.
    work: Vec<(u64, u64)>,
    /// The ones that come next.
    ahead: std::collections::VecDeque<(u64, u64)>,
    /// Data whose every word is to be looked at.
    ranges: Vec<(u64, u64)>,
    swept: sweep::Lists,
    unswept: sweep::Lists,
    unswept_count: usize,
    /// The list that slices sweep.
    sweeping_list: usize,
    /// There may be memory to give back.
    scavenging: bool,
    pages: arena::Pages,
    pub(crate) spans: Vec<Span>,
    unused_spans: Vec<SpanId>,
    /// For each size class, for objects without and with pointers: the span that is allocated from.
    current: [[Option<SpanId>; 2]; size_class::COUNT],
    /// And those that have room.
    partial: [[Vec<SpanId>; 2]; size_class::COUNT],
    pub(crate) masks: bitmap::Masks,
    pub(crate) specials: special::Specials,
    /// The epoch word of the goroutine that allocates; 0 without a detector.
    pub fresh: u32,
    /// Accesses are on record: the shadow of reused memory must be cleared.
    pub shadowed: bool,
    persistent: u64,
    pub pause_log: Box<PauseLog>,
}

impl Heap {
    pub fn new(settings: Settings) -> Heap {
        let mut heap = Heap {
            settings,
            stats: Stats::default(),
            goal: 0,
            attention: 0,
            incremental: false,
            marking: false,
            stacks: 0,
            cycle: collect::Cycle::default(),
            base: 0,
            marked_bytes: 0,
            work: Vec::new(),
            ahead: std::collections::VecDeque::new(),
            ranges: Vec::new(),
            swept: std::array::from_fn(|_| Vec::new()),
            unswept: std::array::from_fn(|_| Vec::new()),
            unswept_count: 0,
            sweeping_list: 0,
            scavenging: false,
            pages: arena::Pages::default(),
            spans: Vec::new(),
            unused_spans: Vec::new(),
            current: [[None; 2]; size_class::COUNT],
            partial: std::array::from_fn(|_| [Vec::new(), Vec::new()]),
            masks: bitmap::Masks::default(),
            specials: special::Specials::default(),
            fresh: 0,
            shadowed: false,
            pause_log: Box::new(PauseLog { pauses: [0; PAUSES], ends: [0; PAUSES] }),
            persistent: crate::address_space::PERSISTENT_BASE + 64,
        };
        // Span 0 is "none" in the page table.
        heap.spans.push(Span::none());
        heap.set_goal();
        heap
    }

    /// The next cycle's goal, from what is live now.
    pub fn set_goal(&mut self) {
        let live = self.stats.live_bytes;
        self.base = live;
        let mut goal = if self.settings.percent < 0 {
            u64::MAX
        } else {
            let percent = self.settings.percent as u64;
            (live + live / 100 * percent).max(LEAST_GOAL * percent / 100)
        };
        if self.settings.limit < NO_LIMIT {
            // What the limit leaves for objects; but a heap without any room would be collected all the time.
            let room = self.settings.limit.saturating_sub(self.stacks);
            goal = goal.min(room.max(live + live / 16 + LEAST_ROOM));
        }
        self.goal = goal;
        self.scavenging = true;
        self.set_attention();
    }

    /// Live bytes at which a cycle begins: early enough for it to be complete at the goal.
    fn trigger(&self) -> u64 {
        if self.settings.poisons() {
            0
        } else if self.incremental {
            self.base + self.goal.saturating_sub(self.base) / 2
        } else {
            self.goal
        }
    }

    fn set_attention(&mut self) {
        let live = self.stats.live_bytes;
        self.attention = if self.settings.poisons() {
            0
        } else if self.marking {
            live + self.cycle.step(self.base.saturating_sub(self.marked_bytes), self.goal.saturating_sub(live))
        } else if self.incremental && self.has_tidying() {
            self.trigger().min(live + TIDY_STEP)
        } else {
            self.trigger()
        };
    }

    fn is_sweeping(&self) -> bool {
        self.unswept_count > 0
    }

    fn has_tidying(&self) -> bool {
        self.is_sweeping() || self.scavenging
    }

    /// Bytes of free pages that stay: what the heap needs to reach a tenth more than its goal.
    fn keep(&self) -> u64 {
        let allowed = (self.goal / 10).saturating_mul(11).min(self.settings.limit.saturating_sub(self.stacks));
        allowed.saturating_sub(self.arena_bytes() - self.idle_bytes())
    }

    /// Zeroed memory that is never freed nor traced.
    pub fn persistent(&mut self, size: u64) -> Option<u64> {
        use crate::address_space::{PERSISTENT_BASE, PERSISTENT_SIZE};
        let at = self.persistent;
        let end = at.checked_add(size)?.checked_next_multiple_of(16)?;
        if end > PERSISTENT_BASE + PERSISTENT_SIZE {
            return None;
        }
        self.persistent = end;
        Some(at)
    }

    /// Bytes of the arena that were ever used.
    pub fn arena_bytes(&self) -> u64 {
        self.pages.used() * gorace_abi::memory::PAGE
    }

    /// Bytes of free pages that were given back to the system.
    pub fn released_bytes(&self) -> u64 {
        self.pages.clean() * gorace_abi::memory::PAGE
    }

    /// Bytes of pages that hold no span.
    pub fn idle_bytes(&self) -> u64 {
        self.pages.free() * gorace_abi::memory::PAGE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_limits_have_units() {
        assert_eq!(memory_limit("10MiB"), Some(10 << 20));
        assert_eq!(memory_limit("512"), Some(512));
        assert_eq!(memory_limit("3B"), Some(3));
        assert_eq!(memory_limit("off"), Some(NO_LIMIT));
        assert_eq!(memory_limit("8388608TiB"), None);
        assert_eq!(memory_limit("1.5GiB"), None);
    }
}
