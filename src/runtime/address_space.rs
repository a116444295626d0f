//! The running program's address map beyond `gorace_abi::memory`, and its reservation.
//!
//! Everything is reserved at start without commitment (`MAP_NORESERVE`): pages cost memory when they are first touched.
//! Compiled code reads the shadow of any address it accesses, so every region that Go code may access has readable
//! shadow: image and heap, stacks, large stacks, and the region for all else (tables, persistent memory, the program's own mappings).
#![allow(unsafe_code, reason = "maps memory")]

use gorace_abi::memory::{
    HEAP_BASE, HEAP_SIZE, IMAGE_BASE, IMAGE_LIMIT, PLACE_DISTANCE, SHADOW_DISTANCE, STACK_BASE, STACK_SLOT, STACK_SLOTS,
};
use std::io;

/// One bit for each word of the heap: does the word hold a pointer.
pub const BITMAP_BASE: u64 = 0xa00_0000_0000;
/// One `u32` for each page of the heap: its span.
pub const PAGE_TABLE_BASE: u64 = 0xb00_0000_0000;
/// Memory that is never freed (`persistentalloc`).
pub const PERSISTENT_BASE: u64 = 0x6c0_0000_0000;
/// Bytes reserved for it.
pub const PERSISTENT_SIZE: u64 = 0x10_0000_0000;
/// The image file's tables, mapped read-only.
pub const TABLES_BASE: u64 = 0x6d0_0000_0000;
/// Where the program's own mappings are placed.
pub const MAPPINGS_BASE: u64 = 0x6e0_0000_0000;
/// End of the region of tables, persistent memory and mappings.
pub const OTHER_END: u64 = 0x700_0000_0000;
/// Large stack segments: in regions of `LARGE_REGION` of them, each followed by its shadow. Mapped when first used.
const LARGE_STACK_BASE: u64 = 0x1000_0000_0000;
/// Bytes of one: more than Go's limit of 1,000,000,000.
pub const LARGE_STACK: u64 = 1 << 30;
const LARGE_REGION: u64 = SHADOW_DISTANCE / LARGE_STACK;
/// How many there can be at a time.
pub const LARGE_STACKS: u64 = 16 * LARGE_REGION;

/// Where a large segment starts.
pub fn large_stack(number: u32) -> u64 {
    let (region, place) = (u64::from(number) / LARGE_REGION, u64::from(number) % LARGE_REGION);
    LARGE_STACK_BASE + region * 2 * SHADOW_DISTANCE + place * LARGE_STACK
}

/// Maps a large segment and its shadow.
///
/// # Errors
/// When the kernel refuses.
pub fn map_large_stack(number: u32) -> io::Result<()> {
    let start = large_stack(number);
    map(start, LARGE_STACK, false)?;
    map(start + SHADOW_DISTANCE, LARGE_STACK, false)
}

/// Reserves the regions. With `race` those of the detector too.
///
/// # Errors
/// When the kernel refuses a mapping.
pub fn reserve() -> io::Result<()> {
    let stacks = STACK_SLOT * STACK_SLOTS;
    map(HEAP_BASE, HEAP_SIZE, true)?;
    map(IMAGE_BASE + SHADOW_DISTANCE, IMAGE_LIMIT + HEAP_SIZE, true)?;
    map(IMAGE_BASE + PLACE_DISTANCE, IMAGE_LIMIT + HEAP_SIZE, true)?;
    map(BITMAP_BASE, HEAP_SIZE / 64, true)?;
    map(PAGE_TABLE_BASE, HEAP_SIZE / gorace_abi::memory::PAGE * 4, true)?;
    map(STACK_BASE, stacks, false)?;
    map(STACK_BASE + SHADOW_DISTANCE, OTHER_END - STACK_BASE, false)?;
    map(PERSISTENT_BASE, PERSISTENT_SIZE, false)?;
    Ok(())
}

fn map(start: u64, len: u64, huge: bool) -> io::Result<()> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED_NOREPLACE;
    // SAFETY: `MAP_FIXED_NOREPLACE` never touches an existing mapping; the memory is fresh.
    let got = unsafe {
        libc::mmap(start as *mut libc::c_void, len as usize, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0)
    };
    if got == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    if !huge {
        // SAFETY: the range was just mapped. Sparse regions must not grow by huge pages; failure only costs memory.
        unsafe { libc::madvise(got, len as usize, libc::MADV_NOHUGEPAGE) };
    }
    Ok(())
}

/// Gives the memory of a page-aligned range back; it reads as zero afterwards.
///
/// # Safety
/// Nothing in the range may be in use, and the range must be one of this module's regions.
pub unsafe fn release(start: u64, len: u64) {
    // SAFETY: by the caller's promise nothing there is in use; anonymous private memory reads as zero after it.
    unsafe { libc::madvise(start as *mut libc::c_void, len as usize, libc::MADV_DONTNEED) };
}
