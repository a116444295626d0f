//! The shadow cell and the place cell of a word, at their fixed distances (`gorace_abi::memory`).
#![allow(unsafe_code, reason = "shadow memory lies at a constant distance from the program's")]

use gorace_abi::memory::{PLACE_DISTANCE, SHADOW_DISTANCE};

/// The shadow cells of a range.
pub fn cells(start: u64, len: u64) -> &'static [u64] {
    // SAFETY: as for `read`; the caller is done with them before any is written.
    unsafe { std::slice::from_raw_parts(((start & !7) + SHADOW_DISTANCE) as *const u64, (len / 8) as usize) }
}

/// Reads the shadow cell and the places of the aligned word at `word`.
#[inline]
pub fn read(word: u64) -> (u64, u64) {
    // SAFETY: the runtime reports only accesses to shadowed memory (`is_shadowed`), whose cells are mapped; one thread.
    unsafe { (*((word + SHADOW_DISTANCE) as *const u64), *((word + PLACE_DISTANCE) as *const u64)) }
}

/// Reads the shadow cell alone.
#[inline]
pub fn read_cell(word: u64) -> u64 {
    // SAFETY: as for `read`.
    unsafe { *((word + SHADOW_DISTANCE) as *const u64) }
}

/// Reads the places alone.
#[inline]
pub fn read_places(word: u64) -> u64 {
    // SAFETY: as for `read`.
    unsafe { *((word + PLACE_DISTANCE) as *const u64) }
}

/// Writes them.
#[inline]
pub fn write(word: u64, cell: u64, places: u64) {
    // SAFETY: as for `read`.
    unsafe {
        *((word + SHADOW_DISTANCE) as *mut u64) = cell;
        *((word + PLACE_DISTANCE) as *mut u64) = places;
    }
}
