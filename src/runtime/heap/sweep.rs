//! Sweeping: marks become the allocation bits, empty spans give their pages back, the others are filled again.
//!
//! After marking every span is *unswept*: nothing is allocated from it before it is swept. Who needs a span of a class sweeps those
//! of its class first; the rest goes in slices beside allocation, and is done before the next cycle begins.
//!
//! `scavenge` gives pages back to the system: free ones beyond what the next cycle will need again.
#![allow(unsafe_code, reason = "releases and poisons free memory")]

use super::span::{LARGE, SpanId, set_span};
use super::{Heap, size_class};
use crate::address_space::release;
use gorace_abi::memory::{HEAP_BASE, PAGE, PLACE_DISTANCE, SHADOW_DISTANCE};

/// Freed runs of at least this many pages go back to the system at once.
const RELEASE_PAGES: u64 = 16;
/// Runs of fewer pages are not given back: the call costs more than they hold.
const LEAST_SCAVENGED: u64 = 4;
/// What freed memory is filled with under stress.
const POISON: u8 = 0xdb;

/// Spans by class and column (without and with pointers); those of large objects come last.
pub(super) type Lists = [Vec<SpanId>; 2 * size_class::COUNT + 1];

/// The list of a class and column.
pub(super) fn list(class: u8, noscan: bool) -> usize {
    if class == LARGE { 2 * size_class::COUNT } else { usize::from(class) * 2 + usize::from(!noscan) }
}

impl Heap {
    /// Marking is over: all spans become unswept.
    pub(super) fn begin_sweep(&mut self) {
        for class in 0..size_class::COUNT {
            for column in 0..2 {
                self.current[class][column] = None;
                self.partial[class][column].clear();
            }
        }
        self.unswept_count = self.swept.iter().map(Vec::len).sum();
        std::mem::swap(&mut self.swept, &mut self.unswept);
        self.sweeping_list = 0;
        self.stats.live_bytes = self.marked_bytes;
    }

    /// Sweeps a span of a list; gives whether it can be allocated from now. None when all are swept.
    pub(super) fn sweep_one(&mut self, list: usize) -> Option<bool> {
        let id = self.unswept[list].pop()?;
        self.unswept_count -= 1;
        Some(self.sweep_span(id))
    }

    /// Sweeps up to `count` spans; gives whether any are left.
    pub(super) fn sweep_some(&mut self, mut count: usize) -> bool {
        while self.unswept_count > 0 && count > 0 {
            match self.sweep_one(self.sweeping_list) {
                Some(_) => count -= 1,
                None => self.sweeping_list += 1,
            }
        }
        self.unswept_count > 0
    }

    pub(super) fn sweep_all(&mut self) {
        self.sweep_some(usize::MAX);
    }

    fn sweep_span(&mut self, id: SpanId) -> bool {
        let (stress, shadowed) = (self.settings.poisons(), self.shadowed);
        let span = &mut self.spans[id as usize];
        let marked: u32 = span.marks.iter().map(|w| w.count_ones()).sum();
        self.stats.frees += u64::from(span.allocated - marked);
        if stress {
            poison(span);
        }
        if marked == 0 {
            let (start, pages) = (span.start, span.pages);
            let give_back = pages >= RELEASE_PAGES;
            if give_back {
                // SAFETY: no object of the span is live.
                unsafe { release_pages(start, pages, shadowed) };
            }
            let clean = give_back || (!span.dirty && span.allocated == 0);
            set_span(start, pages, 0);
            *span = super::span::Span::none();
            self.unused_spans.push(id);
            self.pages.give((start - HEAP_BASE) / PAGE, pages, clean);
            return false;
        }
        span.dirty |= marked != span.allocated;
        std::mem::swap(&mut span.used, &mut span.marks);
        span.marks.fill(0);
        span.allocated = marked;
        span.next = 0;
        let room = span.class != LARGE && marked < span.count;
        let (class, noscan) = (span.class, span.noscan);
        self.swept[list(class, noscan)].push(id);
        if room {
            self.partial[class as usize][usize::from(!noscan)].push(id);
        }
        room
    }

    /// Lists what is wrong with the spans; see `span`'s invariants.
    pub(crate) fn verify_spans(&self, wrong: &mut Vec<String>) {
        for (id, span) in self.spans.iter().enumerate().filter(|(_, span)| span.pages != 0) {
            let used: u32 = span.used.iter().map(|w| w.count_ones()).sum();
            if used != span.allocated || span.allocated > span.count {
                wrong.push(format!("span {id}: {used} of {} objects are used, {} counted", span.count, span.allocated));
            }
            if (0..span.next.min(span.count)).any(|object| !span.is_used(object)) {
                wrong.push(format!("span {id}: a free object before {}", span.next));
            }
            let ends = [span.start, span.start + (span.pages - 1) * gorace_abi::memory::PAGE];
            if ends.iter().any(|&at| super::span::span_of(at) as usize != id) {
                wrong.push(format!("span {id}: its pages are entered for another"));
            }
        }
    }

    /// Gives up to `most` bytes of free pages back to the system while more than `keep` bytes of them are held; gives
    /// whether there is more to do.
    pub fn scavenge(&mut self, keep: u64, most: u64) -> bool {
        let held = |heap: &Heap| (heap.pages.free() - heap.pages.clean()) * PAGE;
        if held(self) <= keep {
            return false;
        }
        let wanted = (held(self) - keep).min(most) / PAGE;
        let Some((start, pages)) = self.pages.take_dirty(LEAST_SCAVENGED, wanted.max(LEAST_SCAVENGED)) else {
            return false;
        };
        // SAFETY: the pages are free.
        unsafe { release_pages(HEAP_BASE + start * PAGE, pages, self.shadowed) };
        self.pages.give(start, pages, true);
        held(self) > keep
    }
}

/// # Safety
/// The pages must not be in use.
unsafe fn release_pages(start: u64, pages: u64, race: bool) {
    // SAFETY: by the caller's promise.
    unsafe {
        release(start, pages * PAGE);
        if race {
            release(start + SHADOW_DISTANCE, pages * PAGE);
            // The next object's cells are written anew, its places are not: clean memory has none.
            release(start + PLACE_DISTANCE, pages * PAGE);
        }
    }
}

fn poison(span: &mut super::span::Span) {
    for object in 0..span.count {
        if span.is_used(object) && !span.is_marked(object) {
            span.dirty = true;
            // SAFETY: the object is allocated memory that nothing reaches.
            unsafe { std::ptr::write_bytes(span.address(object) as *mut u8, POISON, span.size as usize) };
        }
    }
}
