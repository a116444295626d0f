//! The garbage-collected heap: an arena of pages, spans of equal objects, a pointer bitmap, mark and sweep.
//!
//! - `size_class`: the sizes that objects are rounded up to. `arena`: runs of pages. `span`: the objects of a run, found by address.
//! - `bitmap`: which words hold pointers, from type descriptors. `alloc`: from a request to zeroed memory.
//! - `collect`: the cycle. `special`: finalizers, cleanups, weak handles.
//!
//! Objects never move. A pointer anywhere into an object keeps it. Allocation itself never collects: natives ask for a
//! collection at their start (`World::collect_if_due`), when nothing is held in Rust alone.

pub mod alloc;
pub mod arena;
pub mod bitmap;
pub mod collect;
pub mod size_class;
pub mod span;
pub mod special;

use span::{Span, SpanId};
use std::ffi::CString;

/// How the collector behaves.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// GOGC; negative is off.
    pub percent: i64,
    /// `GORACE_GC=stress`: collect at every allocation, poison what is freed.
    pub stress: bool,
    /// `GODEBUG=gctrace=1`.
    pub trace: bool,
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
        Settings {
            percent,
            stress: get("GORACE_GC") == Some("stress"),
            trace: get("GODEBUG").is_some_and(|g| g.split(',').any(|s| s == "gctrace=1")),
        }
    }
}

/// Counters for `runtime.MemStats`.
#[derive(Debug, Default, Clone, Copy)]
pub struct Stats {
    pub live_bytes: u64,
    pub total_bytes: u64,
    pub mallocs: u64,
    pub frees: u64,
    pub released: u64,
    pub cycles: u64,
    pub forced: u64,
    pub last: i64,
    pub pauses: u64,
}

/// The last pauses and when they ended, by the number of the collection.
#[derive(Debug, Clone, Copy)]
pub struct PauseLog {
    pub pauses: [u64; PAUSES],
    pub ends: [u64; PAUSES],
}

/// As many as `runtime.MemStats` tells.
pub const PAUSES: usize = 256;

/// Smallest heap at which a collection starts (at GOGC=100), as in Go.
const LEAST_GOAL: u64 = 4 << 20;

/// The heap.
pub struct Heap {
    pub settings: Settings,
    pub stats: Stats,
    /// Live bytes at which the next collection is due.
    pub goal: u64,
    pages: arena::Pages,
    pub(crate) spans: Vec<Span>,
    unused_spans: Vec<SpanId>,
    /// For each size class, for objects without and with pointers: the span that is allocated from.
    current: [[Option<SpanId>; 2]; size_class::COUNT],
    /// And those that have room.
    partial: [[Vec<SpanId>; 2]; size_class::COUNT],
    pub(crate) masks: bitmap::Masks,
    pub(crate) specials: special::Specials,
    /// Shadow of reused memory must be cleared.
    race: bool,
    persistent: u64,
    pub pause_log: Box<PauseLog>,
}

impl Heap {
    pub fn new(race: bool, settings: Settings) -> Heap {
        let mut heap = Heap {
            settings,
            stats: Stats::default(),
            goal: 0,
            pages: arena::Pages::default(),
            spans: Vec::new(),
            unused_spans: Vec::new(),
            current: [[None; 2]; size_class::COUNT],
            partial: std::array::from_fn(|_| [Vec::new(), Vec::new()]),
            masks: bitmap::Masks::default(),
            specials: special::Specials::default(),
            race,
            pause_log: Box::new(PauseLog { pauses: [0; PAUSES], ends: [0; PAUSES] }),
            persistent: crate::address_space::PERSISTENT_BASE + 64,
        };
        // Span 0 is "none" in the page table.
        heap.spans.push(Span::none());
        heap.set_goal();
        heap
    }

    /// Next collection's threshold, from what is live now.
    pub fn set_goal(&mut self) {
        self.goal = if self.settings.percent < 0 {
            u64::MAX
        } else {
            let percent = self.settings.percent as u64;
            let least = LEAST_GOAL * percent / 100;
            (self.stats.live_bytes + self.stats.live_bytes / 100 * percent).max(least)
        };
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

    /// Bytes of pages that hold no span.
    pub fn idle_bytes(&self) -> u64 {
        self.pages.free() * gorace_abi::memory::PAGE
    }
}
