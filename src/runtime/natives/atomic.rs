//! `sync/atomic` as natives: each operation is a scheduling point, an atomic access, and a synchronisation.
//!
//! By the Go memory model atomics are sequentially consistent: a load acquires what a store it observes released; an update does
//! both, in that order: who observes it knows what the updates before it released, as the last user of a counted object must.
//! One thread is in natives, and with race checks only they touch these words, so plain accesses suffice then; they are volatile
//! because the memory is the program's. Without race checks compiled code has the operations itself (the pass `silence`), and what
//! still comes here, by func values, is atomic too.
#![allow(unsafe_code, reason = "the program's memory")]

use crate::events::{Effect, Event, Heard, Means, Operation as Atomic};
use crate::natives::goroutine::caller_pc;
use crate::natives::table::{Entry, ordinary};
use crate::policy::Operation;
use crate::shadow;
use crate::world::{World, is_shadowed, world};
use gorace_abi::shadow::HELD;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Tells the detector of the current goroutine's operation on a word.
#[inline]
fn tell(world: &mut World, addr: u64, size: u32, effect: Effect) {
    let Some(sink) = &mut world.sink else { return };
    let g = world.goroutines.get(world.running.expect("a goroutine calls natives"));
    let (me, goroutine) = (g.index, g.header.id);
    if g.header.epoch_word == 0
        && (!is_shadowed(addr) || shadow::passes(true, addr, u64::from(size), 0))
        && sink.is_quiet(addr)
    {
        return;
    }
    if g.race_disabled == 0 {
        match sink.hears(&Atomic { goroutine, addr, size, effect }) {
            Heard::Nothing => {}
            Heard::Repeated => {
                g.header.epoch_word = HELD;
                world.heap.shadowed = true;
                return;
            }
            Heard::All => return,
        }
    }
    let pc = caller_pc(world);
    world.emit(&Event::Atomic { goroutine, addr, size, write: effect.writes(), pc });
    match effect {
        Effect::Acquires => world.acquire_by(Means::Atomic, me, addr),
        Effect::Stores => world.release_by(Means::Atomic, me, addr),
        Effect::Updates => world.update(me, addr),
    }
}

macro_rules! atomics {
    ($module:ident, $t:ty, $atomic:ty, $names:expr) => {
        mod $module {
            use super::*;

            /// Reads the word, so that a nil address faults before anything else happens.
            fn probe(addr: *mut $t) -> $t {
                // SAFETY: the program's variable; a fault becomes a panic.
                unsafe { addr.read_volatile() }
            }

            fn put(world: &mut World, addr: *mut $t, value: $t) {
                world.heap.before_overwrite(addr as u64, u64::from(SIZE));
                // SAFETY: `probe` came first.
                unsafe { addr.write_volatile(value) }
            }

            /// Puts a value there if the old one is still there.
            fn exchange(world: &mut World, addr: *mut $t, old: $t, new: $t) -> bool {
                if world.sink.is_some() {
                    put(world, addr, new);
                    return true;
                }
                // Code without race checks may be at the word from another thread.
                world.heap.before_overwrite(addr as u64, u64::from(SIZE));
                // SAFETY: `probe` came first; Go's atomics are aligned.
                let word = unsafe { <$atomic>::from_ptr(addr) };
                word.compare_exchange(old, new, Ordering::SeqCst, Ordering::SeqCst).is_ok()
            }

            const SIZE: u32 = size_of::<$t>() as u32;

            pub extern "C" fn load(addr: *mut $t) -> u64 {
                let world: &mut World = world();
                let value = probe(addr);
                if world.point(Operation::AtomicLoad(addr as u64)) {
                    return 0;
                }
                tell(world, addr as u64, SIZE, Effect::Acquires);
                value as u64
            }

            pub extern "C" fn store(addr: *mut $t, value: u64) {
                let world: &mut World = world();
                probe(addr);
                if world.point(Operation::AtomicStore(addr as u64)) {
                    return;
                }
                tell(world, addr as u64, SIZE, Effect::Stores);
                put(world, addr, value as $t);
            }

            /// The old value, and what `update` made of it, which adds so much to it, or 0 where it does something else.
            fn update(addr: *mut $t, adds: u64, update: impl Fn($t) -> $t) -> Option<($t, $t)> {
                let world: &mut World = world();
                let mut old = probe(addr);
                if world.asks {
                    world.current().adds = adds;
                }
                if world.point(Operation::AtomicUpdate(addr as u64)) {
                    return None;
                }
                tell(world, addr as u64, SIZE, Effect::Updates);
                loop {
                    let new = update(old);
                    if exchange(world, addr, old, new) {
                        return Some((old, new));
                    }
                    old = probe(addr);
                }
            }

            pub extern "C" fn add(addr: *mut $t, delta: u64) -> u64 {
                update(addr, delta, |old| old.wrapping_add(delta as $t)).map_or(0, |(_, new)| new as u64)
            }

            pub extern "C" fn and(addr: *mut $t, mask: u64) -> u64 {
                update(addr, 0, |old| old & mask as $t).map_or(0, |(old, _)| old as u64)
            }

            pub extern "C" fn or(addr: *mut $t, mask: u64) -> u64 {
                update(addr, 0, |old| old | mask as $t).map_or(0, |(old, _)| old as u64)
            }

            pub extern "C" fn swap(addr: *mut $t, new: u64) -> u64 {
                update(addr, 0, |_| new as $t).map_or(0, |(old, _)| old as u64)
            }

            pub extern "C" fn compare_and_swap(addr: *mut $t, old: u64, new: u64) -> u64 {
                let world: &mut World = world();
                let value = probe(addr);
                if world.point(Operation::AtomicUpdate(addr as u64)) {
                    return 0;
                }
                let equal = value == old as $t;
                tell(world, addr as u64, SIZE, if equal { Effect::Updates } else { Effect::Acquires });
                u64::from(equal && exchange(world, addr, value, new as $t))
            }

            /// The natives for Go's types of this width.
            pub fn entries() -> Vec<Entry> {
                let mut entries = Vec::new();
                let functions = [
                    load as *const () as u64,
                    store as *const () as u64,
                    add as *const () as u64,
                    and as *const () as u64,
                    or as *const () as u64,
                    swap as *const () as u64,
                    compare_and_swap as *const () as u64,
                ];
                for names in $names {
                    let names: [&'static str; 7] = names;
                    for (name, function) in names.into_iter().zip(functions) {
                        if !name.is_empty() {
                            entries.push(ordinary(name, function));
                        }
                    }
                }
                entries
            }
        }
    };
}

macro_rules! names {
    ($t:literal) => {
        [
            concat!("sync/atomic.Load", $t),
            concat!("sync/atomic.Store", $t),
            concat!("sync/atomic.Add", $t),
            concat!("sync/atomic.And", $t),
            concat!("sync/atomic.Or", $t),
            concat!("sync/atomic.Swap", $t),
            concat!("sync/atomic.CompareAndSwap", $t),
        ]
    };
}

atomics!(word, u64, AtomicU64, [names!("Int64"), names!("Uint64"), names!("Uintptr"), names!("Pointer")]);
atomics!(half, u32, AtomicU32, [names!("Int32"), names!("Uint32")]);

/// All atomics.
pub fn entries() -> Vec<Entry> {
    let mut entries = word::entries();
    entries.extend(half::entries());
    // There is no arithmetic on pointers.
    entries
        .retain(|e| !matches!(e.name, "sync/atomic.AddPointer" | "sync/atomic.AndPointer" | "sync/atomic.OrPointer"));
    entries
}
