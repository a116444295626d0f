//! Marking: from roots to all that they reach, in slices between which the program runs.
//!
//! The collector marks what was reachable when the cycle began (a snapshot at the beginning, Yuasa 1990):
//! - An object allocated while marking is marked at once.
//! - What a store overwrites while marking is marked first (`shade`): compiled code does so for every word that may be a pointer,
//!   natives for what they overwrite in the program's memory.
//! - A stack is marked from before its goroutine runs again after the beginning, so stores to the own frame need no barrier.
//! - An object got from a weak pointer is marked then.
//!
//! So an object that was reachable at the beginning is either reached along its path as it was, or the path's first edge to go was
//! shaded when it went. When no work is left, all of them are marked: nothing has to be looked at again at the end.
#![allow(unsafe_code, reason = "reads stacks and data word by word")]

use super::span::{Span, span_of};
use super::{Heap, bitmap};
use gorace_abi::memory::HEAP_BASE;

/// Bytes of an object or of data that are looked at in one go.
const CHUNK: u64 = 8 << 10;
/// Objects that are fetched into the cache before they are looked into.
const AHEAD: usize = 8;

/// Marks the object that a word points into, if it does; one with pointers that was not marked becomes work.
#[inline]
fn mark(spans: &mut [Span], work: &mut Vec<(u64, u64)>, marked_bytes: &mut u64, word: u64) {
    let id = span_of(word);
    if id == 0 {
        return;
    }
    let span = &mut spans[id as usize];
    let object = span.object_at(word);
    if span.is_used(object) && span.mark(object) {
        *marked_bytes += span.size;
        if !span.noscan {
            work.push((span.address(object), span.size));
        }
    }
}

/// An object's first words and their bits of the bitmap.
#[inline]
fn prefetch(address: u64) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: a hint, for any address.
    unsafe {
        _mm_prefetch::<_MM_HINT_T0>(address as *const i8);
        _mm_prefetch::<_MM_HINT_T0>(bitmap::place(address) as *const i8);
    }
}

impl Heap {
    /// Marks from every word of a range.
    pub(super) fn mark_range(&mut self, start: u64, end: u64) {
        let mut at = start.next_multiple_of(8);
        while at + 8 <= end {
            // SAFETY: the ranges are mapped data or stack memory.
            let word = unsafe { std::ptr::read_volatile(at as *const u64) };
            self.mark_word(word);
            at += 8;
        }
    }

    /// Marks the object that a word points into, if it does.
    #[inline]
    pub(crate) fn mark_word(&mut self, word: u64) {
        let Heap { spans, work, marked_bytes, .. } = self;
        mark(spans, work, marked_bytes, word);
    }

    /// The next object to be looked into. Those that come after it are on their way into the cache.
    #[inline]
    fn next_object(&mut self) -> Option<(u64, u64)> {
        while let Some(object) = self.work.pop() {
            prefetch(object.0);
            self.ahead.push_back(object);
            if self.ahead.len() > AHEAD {
                break;
            }
        }
        self.ahead.pop_front()
    }

    /// Does one piece of work; gives how many words it looked at, 0 when there is none.
    #[inline]
    pub(super) fn mark_piece(&mut self) -> u64 {
        if let Some((address, size)) = self.next_object() {
            let now = size.min(CHUNK);
            if now < size {
                self.work.push((address + now, size - now));
            }
            let Heap { spans, work, marked_bytes, .. } = self;
            bitmap::pointers(address, now, |word| mark(spans, work, marked_bytes, word));
            return now / 8;
        }
        if let Some((start, end)) = self.ranges.pop() {
            let middle = end.min(start + CHUNK);
            if middle < end {
                self.ranges.push((middle, end));
            }
            self.mark_range(start, middle);
            return (middle - start) / 8 + 1;
        }
        0
    }

    /// Marks all that the work reaches.
    pub(super) fn drain(&mut self) {
        while self.mark_piece() != 0 {}
    }

    /// Before the word at an address is overwritten while marking.
    #[inline]
    pub fn shade(&mut self, address: u64) {
        // SAFETY: the caller is about to write there.
        let old = unsafe { std::ptr::read_unaligned(address as *const u64) };
        self.mark_word(old);
    }

    /// Before a range is overwritten while marking.
    pub fn shade_range(&mut self, address: u64, size: u64) {
        let end = address + size;
        let mut at = address.next_multiple_of(8);
        let id = span_of(address);
        if id != 0 && self.spans[id as usize].noscan {
            return;
        }
        while at + 8 <= end {
            self.shade(at);
            at += 8;
        }
    }

    /// The same for natives, which know neither whether the collector marks nor what memory it is.
    #[inline]
    pub fn before_overwrite(&mut self, address: u64, size: u64) {
        if self.marking && size >= 8 {
            self.shade_range(address, size);
        }
    }

    /// The start and size of the object that an address lies in, if it is allocated.
    pub fn object(&self, address: u64) -> Option<(u64, u64)> {
        let span = &self.spans[span_of(address) as usize];
        let object = span.object_at(address);
        span.is_used(object).then(|| (span.address(object), span.size))
    }

    /// Between marking and sweeping: whether the memory at an address stays (all that is not heap does).
    pub(super) fn survives(&self, address: u64) -> bool {
        let id = span_of(address);
        if id == 0 {
            return !(HEAP_BASE..HEAP_BASE + self.arena_bytes()).contains(&address);
        }
        let span = &self.spans[id as usize];
        let object = span.object_at(address);
        span.is_used(object) && span.is_marked(object)
    }
}
