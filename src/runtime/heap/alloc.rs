//! From a request to zeroed memory.
//!
//! Fresh spans are clean; objects of dirty spans are zeroed when they are handed out, with their shadow when races are
//! looked for (a reused address has no history). The shadow of small objects says that who allocates them has read them, at no
//! place (`gorace_detect::race::FRESH`): its own reads then pass the inline checks until it synchronises.
#![allow(unsafe_code, reason = "clears memory")]

use super::size_class::{self, MAX_SMALL};
use super::span::{LARGE, Span, SpanId, set_span};
use super::sweep::list;
use super::{Heap, bitmap};
use gorace_abi::memory::{HEAP_BASE, PAGE, PLACE_DISTANCE, SHADOW_DISTANCE};

/// Objects up to this many bytes are marked as their goroutine's own. Larger ones may never be touched as a whole.
const MOST_MARKED: u64 = 1024;

/// What an allocation holds.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    NoPointers,
    /// A type descriptor whose pointer mask repeats.
    Type(u64),
    /// The first words, by bits.
    Words(u64),
}

impl Heap {
    /// Allocates zeroed memory; none when the heap's address space is used up.
    pub fn allocate(&mut self, size: u64, kind: Kind) -> Option<u64> {
        let noscan = match kind {
            Kind::NoPointers => true,
            Kind::Type(descriptor) => !bitmap::has_pointers(descriptor),
            Kind::Words(bits) => bits == 0,
        };
        let (address, room) = if size <= MAX_SMALL { self.small(size, noscan)? } else { self.large(size, noscan)? };
        if !noscan {
            match kind {
                Kind::Type(descriptor) => {
                    let mask = self.masks.of(descriptor);
                    bitmap::write(address, room, size, mask.element, &mask.bits);
                }
                Kind::Words(bits) => bitmap::write(address, room, size, room, &[bits]),
                Kind::NoPointers => {}
            }
        }
        self.stats.live_bytes += room;
        self.stats.total_bytes += room;
        self.stats.mallocs += 1;
        Some(address)
    }

    fn small(&mut self, size: u64, noscan: bool) -> Option<(u64, u64)> {
        let class = size_class::class_of(size);
        let column = usize::from(!noscan);
        loop {
            if let Some(id) = self.current[class][column] {
                let span = &mut self.spans[id as usize];
                if let Some(object) = span.take() {
                    let (address, room, dirty) = (span.address(object), span.size, span.dirty);
                    if self.marking {
                        span.mark(object);
                        self.marked_bytes += room;
                    }
                    if dirty {
                        self.clear(address, room);
                    }
                    if self.fresh != 0 && room <= MOST_MARKED {
                        self.mark_fresh(address, room, dirty);
                    }
                    return Some((address, room));
                }
            }
            self.current[class][column] = match self.partial[class][column].pop() {
                Some(id) => Some(id),
                None if self.unswept_count > 0 && self.sweep_one(list(class as u8, noscan)).is_some() => None,
                None => {
                    let pages = size_class::span_pages(class);
                    Some(self.new_span(pages, u64::from(size_class::SIZES[class]), class as u8, noscan)?)
                }
            };
        }
    }

    fn large(&mut self, size: u64, noscan: bool) -> Option<(u64, u64)> {
        // What was freed is looked for before the heap grows.
        while self.sweep_one(list(LARGE, noscan)).is_some() {}
        let pages = size.div_ceil(PAGE);
        let id = self.new_span(pages, pages * PAGE, LARGE, noscan)?;
        let marking = self.marking;
        let span = &mut self.spans[id as usize];
        span.take();
        if marking {
            span.mark(0);
            self.marked_bytes += span.size;
        }
        let (address, room, dirty) = (span.start, span.size, span.dirty);
        if dirty {
            self.clear(address, room);
        }
        Some((address, room))
    }

    fn new_span(&mut self, pages: u64, size: u64, class: u8, noscan: bool) -> Option<SpanId> {
        let (page, clean) = self.pages.take(pages)?;
        let start = HEAP_BASE + page * PAGE;
        let span = Span::new(start, pages, size, class, noscan, !clean);
        let id = match self.unused_spans.pop() {
            Some(id) => {
                self.spans[id as usize] = span;
                id
            }
            None => {
                self.spans.push(span);
                self.spans.len() as SpanId - 1
            }
        };
        set_span(start, pages, id);
        self.swept[list(class, noscan)].push(id);
        Some(id)
    }

    fn clear(&self, address: u64, size: u64) {
        // SAFETY: the object is free and ours; its shadow was reserved with it.
        unsafe {
            std::ptr::write_bytes(address as *mut u8, 0, size as usize);
            if self.shadowed {
                std::ptr::write_bytes((address + SHADOW_DISTANCE) as *mut u8, 0, size as usize);
            }
        }
    }

    fn mark_fresh(&self, address: u64, size: u64, dirty: bool) {
        let cell = gorace_abi::shadow::cell(0, self.fresh);
        // SAFETY: as in `clear`; sizes are multiples of eight.
        unsafe {
            let shadow = std::slice::from_raw_parts_mut((address + SHADOW_DISTANCE) as *mut u64, size as usize / 8);
            shadow.fill(cell);
            if dirty {
                std::ptr::write_bytes((address + PLACE_DISTANCE) as *mut u8, 0, size as usize);
            }
        }
    }
}
