//! The natives: what compiled code calls by symbol, and the stubs that lead there.
//!
//! One table names each native, how it is entered, and its function. Three ways in (see `asm`): *leaf* natives run on the
//! goroutine's stack, *ordinary* ones on the system stack with a possible wait, *preserving* ones keep every register. A few are
//! assembly that slots point at directly.
//!
//! Arguments come as 64-bit registers whose upper bits are undefined for smaller Go types: a native narrows them itself.
#![allow(unsafe_code, reason = "makes executable stubs")]

pub mod atomic;
pub mod bubble;
pub mod channel;
pub mod dump;
mod fifo;
pub mod goroutine;
pub mod lock;
pub mod memory;
pub mod network;
pub mod os;
pub mod poller;
pub mod race;
pub mod reflect;
pub mod semaphore;
pub mod table;
pub mod testing;
pub mod timer;
pub mod tracing;
pub mod vector;

use crate::world::Options;
use crate::{asm, asm_threads};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use table::{Entry, Kind};

/// The program has looked at what no operation orders: how full a channel is, how many goroutines there are. (Leaf natives have no world.)
static PEEKED: AtomicBool = AtomicBool::new(false);

fn peeks() {
    PEEKED.store(true, Ordering::Relaxed);
}

/// Whether the program has done so.
pub fn has_peeked() -> bool {
    PEEKED.load(Ordering::Relaxed)
}

/// A quick hash for tables keyed by addresses; only looked up, never iterated.
#[derive(Default, Clone, Copy)]
pub struct Fast(u64);

impl Hasher for Fast {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        let product = u128::from(self.0 ^ value) * 0x9e37_79b9_7f4a_7c15;
        self.0 = product as u64 ^ (product >> 64) as u64;
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }
}

/// See `Fast`.
pub type FastHash = BuildHasherDefault<Fast>;

/// State of the natives.
pub struct Tables {
    pub channels: channel::Channels,
    pub semaphores: semaphore::Semaphores,
    pub locks: lock::Locks,
    pub timers: timer::Timers,
    pub os: os::Os,
    /// Where the run is to have a network of its own.
    pub network: Option<network::Network>,
    pub poller: poller::Poller,
    pub bubbles: bubble::Bubbles,
    pub tests: testing::Tests,
    pub finalizer_goroutine: Option<(crate::goroutine::Gi, u64)>,
}

impl Tables {
    pub fn new(options: &mut Options) -> Tables {
        Tables {
            channels: channel::Channels::default(),
            semaphores: semaphore::Semaphores::default(),
            locks: lock::Locks::default(),
            timers: timer::Timers::default(),
            os: os::Os::new(options),
            network: options.network.take().map(network::Network::new),
            poller: poller::Poller::default(),
            bubbles: bubble::Bubbles::default(),
            tests: testing::Tests::default(),
            finalizer_goroutine: None,
        }
    }

    /// Words that may point into the heap; with `all` also to what only a goroutine that waits for it keeps.
    pub fn roots(&self, all: bool) -> Vec<u64> {
        // Waiters on channels belong to their goroutines.
        let Tables {
            channels: _,
            semaphores: _,
            locks: _,
            timers,
            os: _,
            network: _,
            poller: _,
            bubbles,
            tests: _,
            finalizer_goroutine: _,
        } = self;
        let mut roots: Vec<u64> = timers.roots(all).collect();
        roots.extend(bubbles.roots());
        // SAFETY: a plain copy of words; one thread runs Go code.
        roots.extend(unsafe { asm::GORACE_HOOKS });
        roots
    }
}

fn names() -> &'static HashMap<&'static str, Entry> {
    static NAMES: OnceLock<HashMap<&'static str, Entry>> = OnceLock::new();
    NAMES.get_or_init(|| table::entries().into_iter().map(|entry| (entry.name, entry)).collect())
}

/// Whether the runtime has a native of this name.
pub fn is_native(symbol: &str) -> bool {
    names().contains_key(symbol)
}

/// Whether the native of this name replaces a Go body.
pub fn is_override(symbol: &str) -> bool {
    names().get(symbol).is_some_and(|entry| entry.overrides)
}

/// Stubs for all natives, in executable memory.
pub struct Stubs {
    by_name: HashMap<&'static str, u64>,
    missing: u64,
}

impl Stubs {
    /// Makes them.
    ///
    /// # Errors
    /// When memory can't be mapped.
    pub fn new(threads: bool) -> std::io::Result<Stubs> {
        let mut code = Vec::new();
        let mut offsets = Vec::new();
        for entry in names().values() {
            let mut function = entry.function;
            let trampoline = match entry.kind {
                // Reads what others write.
                Kind::Leaf if threads && entry.name.starts_with("runtime.chan") => {
                    asm_threads::gorace_native_threads as *const () as u64
                }
                Kind::Leaf if threads => asm_threads::gorace_leaf_threads as *const () as u64,
                Kind::Leaf => asm::gorace_leaf as *const () as u64,
                Kind::Ordinary if threads => asm_threads::gorace_native_threads as *const () as u64,
                Kind::Ordinary => asm::gorace_native as *const () as u64,
                Kind::Preserving if threads => asm_threads::gorace_preserving_threads as *const () as u64,
                Kind::Preserving => asm::gorace_preserving as *const () as u64,
                // The first step is one thread's.
                Kind::Check if threads => {
                    // SAFETY: the function of this kind is such a record, which lives for ever.
                    function = unsafe { &*(entry.function as *const race::Check) }.judges as *const () as u64;
                    asm_threads::gorace_preserving_threads as *const () as u64
                }
                Kind::Check => crate::first_step::gorace_first_step as *const () as u64,
                Kind::Direct if threads && entry.name == "runtime.morestack" => {
                    offsets.push((entry.name, None, asm_threads::gorace_morestack_threads as *const () as u64));
                    continue;
                }
                Kind::Direct => {
                    offsets.push((entry.name, None, entry.function));
                    continue;
                }
            };
            offsets.push((entry.name, Some(code.len() as u64), entry.function));
            let preserves = matches!(entry.kind, Kind::Preserving | Kind::Check);
            asm::stub(&mut code, trampoline, function, preserves);
        }
        let len = code.len().next_multiple_of(4096);
        // SAFETY: a fresh anonymous mapping.
        let at = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                len,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if at == libc::MAP_FAILED {
            return Err(std::io::Error::last_os_error());
        }
        // SAFETY: the mapping has room for the code; it becomes executable before anyone jumps to it.
        let result = unsafe {
            std::ptr::copy_nonoverlapping(code.as_ptr(), at.cast::<u8>(), code.len());
            libc::mprotect(at, len, libc::PROT_READ | libc::PROT_EXEC)
        };
        if result != 0 {
            return Err(std::io::Error::last_os_error());
        }
        let by_name: HashMap<_, _> = offsets
            .into_iter()
            .map(|(name, offset, function)| (name, offset.map_or(function, |o| at as u64 + o)))
            .collect();
        let missing = by_name["runtime.missingSymbol"];
        Ok(Stubs { by_name, missing })
    }

    /// Where a slot of this name points.
    pub fn address(&self, name: &str) -> u64 {
        self.by_name.get(name).copied().unwrap_or(self.missing)
    }
}
