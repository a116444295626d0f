//! Opening a named pipe, which waits until somebody opens its other end: perhaps another goroutine of the same thread.
//!
//! A thread of its own makes such a call. Its goroutine parks on an eventfd that the thread writes to when the call has returned,
//! and collects the result when the system call's native is entered again.
#![allow(unsafe_code, reason = "system calls on the program's memory")]

use super::os::raw;
use crate::goroutine::Gi;
use std::ffi::{CStr, CString};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The result of a call that has not returned. No system call gives it.
const PENDING: u64 = 1 << 63;

/// A call on its way.
#[derive(Debug)]
pub struct Opening {
    pub goroutine: Gi,
    done: OwnedFd,
    result: Arc<AtomicU64>,
}

impl Opening {
    /// Begins the call if it opens a named pipe and would wait; None for all others, which the caller makes itself.
    pub fn begin(goroutine: Gi, number: u64, a: [u64; 6]) -> Option<Opening> {
        let (folder, path, flags) = match number as i64 {
            libc::SYS_open => (libc::AT_FDCWD, a[0], a[1]),
            libc::SYS_openat => (a[0] as i32, a[1], a[2]),
            _ => return None,
        };
        // Opened for both directions it does not wait.
        let flags = flags as i32;
        if flags & (libc::O_NONBLOCK | libc::O_PATH) != 0 || flags & libc::O_ACCMODE == libc::O_RDWR || path == 0 {
            return None;
        }
        // SAFETY: a zeroed record is valid; the kernel checks the program's address.
        let is_fifo = unsafe {
            let mut stat: libc::stat = std::mem::zeroed();
            libc::fstatat(folder, path as *const libc::c_char, &mut stat, 0) == 0
                && stat.st_mode & libc::S_IFMT == libc::S_IFIFO
        };
        if !is_fifo {
            return None;
        }
        // SAFETY: the kernel has just read the name there.
        let name: CString = unsafe { CStr::from_ptr(path as *const libc::c_char) }.into();
        // SAFETY: no memory is passed; a descriptor that was given is this one's.
        let done = unsafe {
            let fd = libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK);
            (fd >= 0).then(|| OwnedFd::from_raw_fd(fd))?
        };
        let result = Arc::new(AtomicU64::new(PENDING));
        let (wake, told) = (done.try_clone().ok()?, result.clone());
        let call = move || {
            let mut args = a;
            args[if number as i64 == libc::SYS_open { 0 } else { 1 }] = name.as_ptr() as u64;
            told.store(raw(number, args).0, Ordering::Release);
            let one = 1u64;
            // SAFETY: eight bytes, as an eventfd takes them.
            unsafe { libc::write(wake.as_raw_fd(), (&raw const one).cast(), 8) };
        };
        std::thread::Builder::new().name("open".into()).spawn(call).ok()?;
        Some(Opening { goroutine, done, result })
    }

    /// The descriptor that is readable when the call has returned.
    pub fn descriptor(&self) -> i32 {
        self.done.as_raw_fd()
    }

    /// What it returned.
    pub fn result(&self) -> Option<u64> {
        Some(self.result.load(Ordering::Acquire)).filter(|&result| result != PENDING)
    }
}
