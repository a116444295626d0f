//! Gives back the pages that only the start needed: of gorace's own code, of the image's, and of its tables.
//!
//! A fault on a file's page maps up to 16 of its neighbours, so that a few dozen functions that run once at start stay resident as
//! megabytes, in a program whose own memory may be less. All of it is clean memory of files: what is needed again comes
//! back from the page cache, with a small fault each.
#![allow(unsafe_code, reason = "advises the kernel about the process's own code")]

use crate::address_space::TABLES_BASE;
use crate::image::Image;
use gorace_abi::memory::IMAGE_BASE;

const PAGE: u64 = 4096;

unsafe extern "C" {
    /// Where the executable begins, and where its code ends: symbols of the linker.
    static __executable_start: u8;
    static etext: u8;
}

/// Gives the pages of all code, and of the image's tables, back to the page cache.
///
/// Not for processes that fork: their children would fault them in again, each for itself.
pub(crate) fn release(image: &Image) {
    let (start, end) = (&raw const __executable_start as u64, &raw const etext as u64);
    drop_pages(start, end);
    let code = image.header.code;
    drop_pages(IMAGE_BASE + code.start, IMAGE_BASE + code.start + code.len);
    drop_pages(TABLES_BASE, TABLES_BASE + image.file_len());
}

/// Only whole pages of the range, which may share its last one with data that was written.
fn drop_pages(start: u64, end: u64) {
    let (start, end) = (start.next_multiple_of(PAGE), end & !(PAGE - 1));
    if start < end {
        // SAFETY: the range is mapped from a file, privately, and nobody writes to it: what is dropped is read again. A failure
        // only costs memory.
        unsafe { libc::madvise(start as *mut libc::c_void, (end - start) as usize, libc::MADV_DONTNEED) };
    }
}
