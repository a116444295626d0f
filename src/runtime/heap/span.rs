//! A span: a run of pages cut into objects of one size, with a bit for each that is allocated and one that is marked.
//!
//! Invariants: `page_table[p]` is the span's number for each of its pages and 0 for pages of no span; bits beyond `count` are
//! never set; every slot before `next` is allocated.
#![allow(unsafe_code, reason = "the page table is a mapped array")]

use crate::address_space::PAGE_TABLE_BASE;
use gorace_abi::memory::{HEAP_BASE, HEAP_SIZE, PAGE};

/// Index into the heap's spans; 0 is none.
pub type SpanId = u32;

/// See the module.
#[derive(Debug)]
pub struct Span {
    /// Address of the first object.
    pub start: u64,
    pub pages: u64,
    /// Bytes of an object.
    pub size: u64,
    pub count: u32,
    /// Multiplier that divides offsets by `size` (small objects).
    divide: u64,
    /// Class, or `LARGE`.
    pub class: u8,
    pub noscan: bool,
    /// Memory of free objects may be dirty.
    pub dirty: bool,
    /// Where the search for a free object starts.
    pub next: u32,
    pub allocated: u32,
    pub used: Box<[u64]>,
    pub marks: Box<[u64]>,
}

/// The class of a span with one large object.
pub const LARGE: u8 = u8::MAX;

impl Span {
    /// The span that stands for no span.
    pub fn none() -> Span {
        Span {
            start: 0,
            pages: 0,
            size: 0,
            count: 0,
            divide: 0,
            class: LARGE,
            noscan: true,
            dirty: false,
            next: 0,
            allocated: 0,
            used: Box::new([]),
            marks: Box::new([]),
        }
    }

    pub fn new(start: u64, pages: u64, size: u64, class: u8, noscan: bool, dirty: bool) -> Span {
        let count = if class == LARGE { 1 } else { (pages * PAGE / size) as u32 };
        let words = (count as usize).div_ceil(64);
        Span {
            start,
            pages,
            size,
            count,
            divide: if class == LARGE { 0 } else { (1u64 << 32).div_ceil(size) },
            class,
            noscan,
            dirty,
            next: 0,
            allocated: 0,
            used: vec![0; words].into_boxed_slice(),
            marks: vec![0; words].into_boxed_slice(),
        }
    }

    /// The object that an address inside the span belongs to.
    #[inline]
    pub fn object_at(&self, address: u64) -> u32 {
        (((address - self.start) * self.divide) >> 32) as u32
    }

    #[inline]
    pub fn address(&self, object: u32) -> u64 {
        self.start + u64::from(object) * self.size
    }

    #[inline]
    pub fn is_used(&self, object: u32) -> bool {
        self.used.get(object as usize / 64).is_some_and(|w| w >> (object % 64) & 1 != 0)
    }

    #[inline]
    pub fn is_marked(&self, object: u32) -> bool {
        self.marks[object as usize / 64] >> (object % 64) & 1 != 0
    }

    /// Marks an object; false if it was.
    #[inline]
    pub fn mark(&mut self, object: u32) -> bool {
        let word = &mut self.marks[object as usize / 64];
        let bit = 1 << (object % 64);
        let fresh = *word & bit == 0;
        *word |= bit;
        fresh
    }

    /// Takes the first free object.
    #[inline]
    pub fn take(&mut self) -> Option<u32> {
        let mut word = self.next as usize / 64;
        while word < self.used.len() {
            let free = !self.used[word];
            if free != 0 {
                let object = word as u32 * 64 + free.trailing_zeros();
                if object >= self.count {
                    return None;
                }
                self.used[word] |= 1 << (object % 64);
                self.next = object + 1;
                self.allocated += 1;
                return Some(object);
            }
            word += 1;
            self.next = word as u32 * 64;
        }
        None
    }
}

/// The span of an address, 0 for none.
#[inline]
pub fn span_of(address: u64) -> SpanId {
    let offset = address.wrapping_sub(HEAP_BASE);
    if offset >= HEAP_SIZE {
        return 0;
    }
    // SAFETY: the table, reserved at start, has an entry for each page of the heap; untouched ones read as 0.
    unsafe { *((PAGE_TABLE_BASE + offset / PAGE * 4) as *const SpanId) }
}

/// Enters a run of pages for a span.
pub fn set_span(start: u64, pages: u64, span: SpanId) {
    let first = (start - HEAP_BASE) / PAGE;
    for page in first..first + pages {
        // SAFETY: as in `span_of`.
        unsafe { *((PAGE_TABLE_BASE + page * 4) as *mut SpanId) = span };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::size_class::{SIZES, span_pages};

    #[test]
    fn division_by_multiplication_is_exact() {
        for (class, &size) in SIZES.iter().enumerate() {
            let span = Span::new(HEAP_BASE, span_pages(class), u64::from(size), class as u8, true, false);
            for offset in 0..u64::from(span.count) * span.size {
                assert_eq!(u64::from(span.object_at(HEAP_BASE + offset)), offset / span.size);
            }
        }
    }

    #[test]
    fn objects_are_taken_once_each() {
        let mut span = Span::new(HEAP_BASE, 1, 80, 6, true, false);
        let taken: Vec<u32> = std::iter::from_fn(|| span.take()).collect();
        assert_eq!(taken, (0..102).collect::<Vec<u32>>());
        span.used[1] &= !(1 << 3);
        span.next = 0;
        assert_eq!(span.take(), Some(67));
    }
}
