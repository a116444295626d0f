//! A stretch of shared memory in which a run leaves what it found, out of reach of the program that runs in the same process.
//!
//! The file behind it is anonymous and closed once it is mapped, so no descriptor leads to it: the program may close, write to, or
//! truncate what it likes. Its address is the kernel's choice, far from where the program's own mappings go, and the pages can be
//! neither read nor written but for the moment in which something is written: a stray write faults instead of hitting it.
#![allow(unsafe_code, reason = "maps memory")]

use std::io;
use std::os::fd::AsFd;
use std::os::fd::AsRawFd;

/// A mapped file.
#[derive(Debug)]
pub struct Shared {
    base: *mut libc::c_void,
    len: usize,
}

impl Shared {
    /// Maps the first `len` bytes of a file, which must have them.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn map(file: impl AsFd, len: usize) -> io::Result<Shared> {
        let fd = file.as_fd().as_raw_fd();
        // SAFETY: a fresh mapping at an address of the kernel's choice.
        let base = unsafe { libc::mmap(std::ptr::null_mut(), len, libc::PROT_NONE, libc::MAP_SHARED, fd, 0) };
        if base == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(Shared { base, len }) }
    }

    /// Writes bytes at an offset; false when they have no room there, or the memory cannot be had.
    pub fn write(&self, at: usize, bytes: &[u8]) -> bool {
        let end = at.checked_add(bytes.len());
        if bytes.is_empty() || end.is_none_or(|end| end > self.len) {
            return bytes.is_empty();
        }
        const PAGE: usize = 4096;
        let first = at / PAGE * PAGE;
        let len = at + bytes.len() - first;
        // SAFETY: the range lies in the mapping, by the check above; `first` is the start of a page.
        let start = unsafe { self.base.byte_add(first) };
        // SAFETY: as above. Whoever has unmapped it gets an error here, not a fault.
        if unsafe { libc::mprotect(start, len, libc::PROT_READ | libc::PROT_WRITE) } != 0 {
            return false;
        }
        // SAFETY: the range is mapped and can be written now; `bytes` is elsewhere.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.base.byte_add(at).cast::<u8>(), bytes.len());
            libc::mprotect(start, len, libc::PROT_NONE);
        }
        true
    }
}
