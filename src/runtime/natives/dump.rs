//! `debug.WriteHeapDump`, in the format that golang.org/s/go15heapdump describes ("go1.7 heap dump"), and counts of
//! goroutines.
//!
//! Written are the parameters, the objects with their pointer fields, the goroutines and the memory statistics. Types,
//! frames and finalizers are left out: readers find objects by address.
#![allow(unsafe_code, reason = "reads the heap and writes to a descriptor")]

use crate::goroutine::State;
use crate::world::{World, world};
use gorace_abi::memory::{HEAP_BASE, HEAP_SIZE};

/// Tags of the records.
const END: u64 = 0;
const OBJECT: u64 = 1;
const GOROUTINE: u64 = 4;
const PARAMETERS: u64 = 6;
const STATISTICS: u64 = 10;
/// A field that holds a pointer.
const POINTER_FIELD: u64 = 1;
/// Pauses in the record of statistics.
const PAUSES: usize = 256;

struct Writer {
    fd: i32,
    bytes: Vec<u8>,
}

impl Writer {
    fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.bytes.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.bytes.push(n as u8);
    }

    fn text(&mut self, text: &[u8]) {
        self.number(text.len() as u64);
        self.bytes.extend(text);
        if self.bytes.len() > 1 << 20 {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let mut rest = &self.bytes[..];
        while !rest.is_empty() {
            // SAFETY: a whole buffer.
            let n = unsafe { libc::write(self.fd, rest.as_ptr().cast(), rest.len()) };
            match usize::try_from(n) {
                Ok(n) if n > 0 => rest = &rest[n..],
                _ if std::io::Error::last_os_error().kind() == std::io::ErrorKind::Interrupted => {}
                // As in Go, a dump that cannot be written is cut off.
                _ => break,
            }
        }
        self.bytes.clear();
    }
}

pub extern "C" fn write_heap_dump(fd: u64, statistics: *const u64, n: u64, cycles: u64) {
    let world: &mut World = world();
    world.stop_others();
    // SAFETY: golib passes an array of `n` words.
    let statistics = unsafe { std::slice::from_raw_parts(statistics, n as usize) };
    let mut w = Writer { fd: fd as i32, bytes: b"go1.7 heap dump\n".to_vec() };
    w.number(PARAMETERS);
    // Little endian, 8 bytes a pointer.
    w.number(0);
    w.number(8);
    w.number(HEAP_BASE);
    w.number(HEAP_BASE + HEAP_SIZE);
    w.text(b"amd64");
    w.text(b"");
    w.number(world.options.gomaxprocs as u64);
    for span in world.heap.spans.iter().filter(|span| span.size > 0) {
        for object in (0..span.count).filter(|&object| span.is_used(object)) {
            let address = span.address(object);
            w.number(OBJECT);
            w.number(address);
            // SAFETY: an object of the heap; nothing else runs.
            let contents = unsafe { std::slice::from_raw_parts(address as *const u8, span.size as usize) };
            w.text(contents);
            if !span.noscan {
                for (at, word) in contents.chunks_exact(8).enumerate() {
                    let value = word.try_into().map_or(0, u64::from_le_bytes);
                    if crate::heap::span::span_of(value) != 0 {
                        w.number(POINTER_FIELD);
                        w.number(at as u64 * 8);
                    }
                }
            }
            w.number(END);
        }
    }
    for g in world.goroutines.iter().filter(|g| g.state != State::Dead) {
        w.number(GOROUTINE);
        let (status, reason) = match g.state {
            State::Runnable => (1, ""),
            State::Running => (2, ""),
            _ => (4, g.wait.words()),
        };
        let descriptor = std::ptr::from_ref(g) as u64;
        for n in [descriptor, g.header.saved_sp, g.header.id, g.created_at, status] {
            w.number(n);
        }
        w.number(u64::from(g.system));
        w.number(0);
        w.number(g.wait_since.max(0) as u64);
        w.text(reason.as_bytes());
        // Context of the top frame, thread, deferred calls, panics.
        for n in [0, 0, g.header.defers, g.header.panics] {
            w.number(n);
        }
    }
    w.number(STATISTICS);
    statistics.iter().for_each(|&n| w.number(n));
    (0..PAUSES).for_each(|_| w.number(0));
    w.number(cycles & 0xffff_ffff);
    w.number(END);
    w.flush();
}

/// Fills: runnable, waiting and all goroutines of the program, and how many were made so far.
pub extern "C" fn goroutine_counts(out: *mut u64) {
    let world: &World = world();
    let user = || world.goroutines.iter().filter(|g| !g.system && g.state != State::Dead);
    let count = |state| user().filter(|g| g.state == state).count() as u64;
    let counts = [count(State::Runnable), count(State::Waiting), user().count() as u64, world.next_number - 1];
    // SAFETY: golib passes an array of four words.
    unsafe { std::ptr::copy_nonoverlapping(counts.as_ptr(), out, counts.len()) };
}
