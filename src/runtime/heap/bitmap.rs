//! The pointer bitmap: one bit for each word of the heap, written at allocation from the type's pointer mask.
//!
//! A descriptor (`internal/abi.Type`) either carries a mask, one bit for each word up to `PtrBytes`, or says
//! `TFlagGCMaskOnDemand` (types that reflect makes, large arrays): then the mask is found by walking the type, and kept.
//! Only words of spans with pointers are ever read, and allocation writes all bits of an object, so stale bits don't matter.
#![allow(unsafe_code, reason = "reads type descriptors and the mapped bitmap")]

use crate::address_space::BITMAP_BASE;
use gorace_abi::memory::HEAP_BASE;
use std::collections::HashMap;
use std::rc::Rc;

/// The head of a type descriptor, `internal/abi.Type` of Go 1.26 and 1.27.
#[repr(C)]
pub struct TypeHead {
    pub size: u64,
    pub pointer_bytes: u64,
    pub hash: u32,
    pub flags: u8,
    pub align: u8,
    pub field_align: u8,
    pub kind: u8,
    pub equal: u64,
    pub mask: u64,
    pub name: i32,
    pub pointer_to: i32,
}

/// `TFlagGCMaskOnDemand`.
const ON_DEMAND: u8 = 16;

/// `abi.Kind` numbers.
pub mod kind {
    pub const BOOL: u8 = 1;
    pub const INT: u8 = 2;
    pub const INT8: u8 = 3;
    pub const INT16: u8 = 4;
    pub const INT32: u8 = 5;
    pub const INT64: u8 = 6;
    pub const UINT: u8 = 7;
    pub const UINT8: u8 = 8;
    pub const UINT16: u8 = 9;
    pub const UINT32: u8 = 10;
    pub const UINT64: u8 = 11;
    pub const UINTPTR: u8 = 12;
    pub const FLOAT32: u8 = 13;
    pub const FLOAT64: u8 = 14;
    pub const COMPLEX64: u8 = 15;
    pub const COMPLEX128: u8 = 16;
    pub const ARRAY: u8 = 17;
    pub const CHAN: u8 = 18;
    pub const FUNC: u8 = 19;
    pub const INTERFACE: u8 = 20;
    pub const MAP: u8 = 21;
    pub const POINTER: u8 = 22;
    pub const SLICE: u8 = 23;
    pub const STRING: u8 = 24;
    pub const STRUCT: u8 = 25;
    pub const UNSAFE_POINTER: u8 = 26;
}

/// The head of a descriptor.
pub fn head(descriptor: u64) -> &'static TypeHead {
    // SAFETY: compiled code and reflect pass addresses of descriptors, which are immutable and outlive their uses.
    unsafe { &*(descriptor as *const TypeHead) }
}

/// A word behind the head: kind-specific fields.
pub fn field(descriptor: u64, word: u64) -> u64 {
    // SAFETY: as in `head`; the caller knows the kind.
    unsafe { *((descriptor + 48 + word * 8) as *const u64) }
}

/// Whether values of the type hold pointers.
#[inline]
pub fn has_pointers(descriptor: u64) -> bool {
    descriptor != 0 && head(descriptor).pointer_bytes != 0
}

/// A type's mask: bit i of the whole says that word i holds a pointer.
#[derive(Debug)]
pub struct Mask {
    /// Bytes of a value: where the mask repeats.
    pub element: u64,
    pub bits: Vec<u64>,
}

/// Masks by descriptor. Types that reflect makes stay alive as long as reflect's caches, which are for ever.
#[derive(Default)]
pub struct Masks {
    known: HashMap<u64, Rc<Mask>, crate::natives::FastHash>,
}

impl Masks {
    /// The mask of a descriptor.
    pub fn of(&mut self, descriptor: u64) -> Rc<Mask> {
        if let Some(mask) = self.known.get(&descriptor) {
            return Rc::clone(mask);
        }
        let t = head(descriptor);
        let words = (t.pointer_bytes / 8) as usize;
        let mut bits = vec![0; words.div_ceil(64)];
        set(descriptor, 0, &mut bits);
        let mask = Rc::new(Mask { element: t.size.max(8), bits });
        self.known.insert(descriptor, Rc::clone(&mask));
        mask
    }
}

/// Sets the bits of a value of the type at word `at`.
fn set(descriptor: u64, at: u64, bits: &mut [u64]) {
    let t = head(descriptor);
    if t.pointer_bytes == 0 {
        return;
    }
    let mut one = |word: u64| bits[word as usize / 64] |= 1 << (word % 64);
    if t.flags & ON_DEMAND == 0 && t.mask != 0 {
        for word in 0..t.pointer_bytes / 8 {
            // SAFETY: the mask has a bit for each word up to `pointer_bytes`.
            let byte = unsafe { *((t.mask + word / 8) as *const u8) };
            if byte >> (word % 8) & 1 != 0 {
                one(at + word);
            }
        }
        return;
    }
    match t.kind & 31 {
        kind::ARRAY => {
            let (element, len) = (field(descriptor, 0), field(descriptor, 2));
            let step = head(element).size / 8;
            for i in 0..len {
                set(element, at + i * step, bits);
            }
        }
        kind::STRUCT => {
            let (fields, count) = (field(descriptor, 1), field(descriptor, 2));
            for i in 0..count {
                // SAFETY: `Fields` is a slice of {Name, Typ, Offset}, three words each.
                let (ty, offset) = unsafe {
                    let f = (fields + i * 24) as *const u64;
                    (*f.add(1), *f.add(2))
                };
                set(ty, at + offset / 8, bits);
            }
        }
        kind::INTERFACE => {
            one(at);
            one(at + 1);
        }
        _ => one(at),
    }
}

/// Writes the bits of an object: `mask` repeats every `element` bytes up to `size`; the rest up to `room` has none.
pub fn write(address: u64, room: u64, size: u64, element: u64, mask: &[u64]) {
    let first = (address - HEAP_BASE) / 8;
    if room <= 512 && element <= 512 {
        // All fits in one or two words of the bitmap.
        let words = room / 8;
        let step = element / 8;
        let one = mask.first().copied().unwrap_or(0);
        let mut bits = 0u64;
        let mut at = 0;
        while at * 8 < size && at < 64 {
            bits |= one << at;
            at += step;
        }
        let keep = if words >= 64 { u64::MAX } else { (1 << words) - 1 };
        put(first, words, bits & keep);
        return;
    }
    let mut at = 0;
    let step = element / 8;
    let words = room / 8;
    // Clear, then set the words that hold pointers.
    let mut clear = 0;
    while clear < words {
        let n = (64 - (first + clear) % 64).min(words - clear);
        put(first + clear, n, 0);
        clear += n;
    }
    if step == 1 {
        let used = size / 8;
        let mut done = 0;
        while done < used {
            let n = (64 - (first + done) % 64).min(used - done);
            put(first + done, n, if n == 64 { u64::MAX } else { (1 << n) - 1 });
            done += n;
        }
        return;
    }
    while at * 8 < size {
        for (i, &word) in mask.iter().enumerate() {
            let mut rest = word;
            while rest != 0 {
                let bit = u64::from(rest.trailing_zeros());
                rest &= rest - 1;
                let index = first + at + i as u64 * 64 + bit;
                if (at + i as u64 * 64 + bit) < words {
                    // SAFETY: the bitmap has a bit for each word of the heap.
                    unsafe { *((BITMAP_BASE + index / 64 * 8) as *mut u64) |= 1 << (index % 64) };
                }
            }
        }
        at += step;
    }
}

/// Stores `count` (at most 64) bits at a bit index.
fn put(index: u64, count: u64, bits: u64) {
    let shift = index % 64;
    let mask = if count >= 64 { u64::MAX } else { (1 << count) - 1 };
    let at = (BITMAP_BASE + index / 64 * 8) as *mut u64;
    // SAFETY: the bitmap has a bit for each word of the heap; the second word is touched only when bits reach into it.
    unsafe {
        *at = *at & !(mask << shift) | bits << shift;
        if shift + count > 64 {
            let over = 64 - shift;
            let second = at.add(1);
            *second = *second & !(mask >> over) | bits >> over;
        }
    }
}

/// Where the bits of an object's first words lie.
#[inline]
pub fn place(address: u64) -> u64 {
    BITMAP_BASE + (address - HEAP_BASE) / 512 * 8
}

/// Calls `visit` with each word of an object that holds a pointer.
#[inline]
pub fn pointers(address: u64, size: u64, mut visit: impl FnMut(u64)) {
    let first = (address - HEAP_BASE) / 8;
    let words = size / 8;
    let mut at = 0;
    while at < words {
        let index = first + at;
        let shift = index % 64;
        let n = (64 - shift).min(words - at);
        // SAFETY: as in `put`.
        let mut bits = unsafe { *((BITMAP_BASE + index / 64 * 8) as *const u64) } >> shift;
        if n < 64 {
            bits &= (1 << n) - 1;
        }
        while bits != 0 {
            let bit = u64::from(bits.trailing_zeros());
            bits &= bits - 1;
            // SAFETY: a word of the object.
            visit(unsafe { *((address + (at + bit) * 8) as *const u64) });
        }
        at += n;
    }
}
