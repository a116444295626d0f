//! Memory natives: allocation, blocks, hashing, the collector's controls, finalizers.
#![allow(unsafe_code, reason = "works on the program's memory")]

use crate::address_space::PERSISTENT_BASE;
use crate::goroutine::Wait;
use crate::heap::alloc::Kind;
use crate::heap::special::Special;
use crate::heap::{bitmap, size_class};
use crate::world::{World, world};

/// Where objects of size zero are.
const NOTHING: u64 = PERSISTENT_BASE;

/// Allocates or ends the program.
pub fn allocate(world: &mut World, size: u64, kind: Kind) -> u64 {
    if size == 0 {
        return NOTHING;
    }
    world.heap.fresh = world.running.map_or(0, |index| world.told_epoch(index));
    match world.heap.allocate(size, kind) {
        Some(address) => {
            if world.tells_allocations
                && let Some(sink) = &mut world.sink
            {
                let descriptor = if let Kind::Type(descriptor) = kind { descriptor } else { 0 };
                sink.allocated(address, size, descriptor);
            }
            address
        }
        None => crate::fatal::throw(world, "runtime: out of memory"),
    }
}

pub extern "C" fn mallocgc(size: u64, descriptor: u64, _zero: u64) -> u64 {
    let world: &mut World = world();
    world.collect_if_due();
    let kind = if descriptor == 0 { Kind::NoPointers } else { Kind::Type(descriptor) };
    allocate(world, size, kind)
}

pub extern "C" fn newobject(descriptor: u64) -> u64 {
    let world: &mut World = world();
    world.collect_if_due();
    allocate(world, bitmap::head(descriptor).size, Kind::Type(descriptor))
}

pub extern "C" fn persistentalloc(size: u64) -> u64 {
    let world: &mut World = world();
    match world.heap.persistent(size) {
        Some(at) => at,
        None => crate::fatal::throw(world, "runtime: out of memory"),
    }
}

pub extern "C" fn roundupsize(size: u64, noscan: u64) -> u64 {
    size_class::round_up(size, noscan as u8 != 0)
}

pub extern "C" fn memmove(dst: *mut u8, src: *const u8, n: usize) {
    world().heap.before_overwrite(dst as u64, n as u64);
    // SAFETY: compiled code passes ranges that it may access; faults become panics.
    unsafe { std::ptr::copy(src, dst, n) }
}

pub extern "C" fn memclr(dst: *mut u8, n: usize) {
    world().heap.before_overwrite(dst as u64, n as u64);
    // SAFETY: as in `memmove`.
    unsafe { std::ptr::write_bytes(dst, 0, n) }
}

pub extern "C" fn memequal(a: *const u8, b: *const u8, n: usize) -> u64 {
    if a == b || n == 0 {
        return 1;
    }
    // SAFETY: as in `memmove`.
    u64::from(unsafe { libc::memcmp(a.cast(), b.cast(), n) == 0 })
}

#[inline]
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// A multiply-and-fold hash in the manner of wyhash (Wang Yi), eight or sixteen bytes a step.
pub extern "C" fn memhash(p: *const u8, seed: u64, n: u64) -> u64 {
    const A: u64 = 0xa076_1d64_78bd_642f;
    const B: u64 = 0xe703_7ed1_a0b4_28db;
    // SAFETY: compiled code passes a range that it may read; the reads below stay in it.
    let word = |at: u64| unsafe { std::ptr::read_unaligned(p.add(at as usize).cast::<u64>()) };
    // SAFETY: as above.
    let half = |at: u64| u64::from(unsafe { std::ptr::read_unaligned(p.add(at as usize).cast::<u32>()) });
    // SAFETY: as above.
    let byte = |at: u64| u64::from(unsafe { *p.add(at as usize) });
    let mut h = seed ^ A;
    let (a, b) = match n {
        0 => (0, 0),
        1..=3 => (byte(0) << 16 | byte(n / 2) << 8 | byte(n - 1), 0),
        4..=8 => (half(0), half(n - 4)),
        9..=16 => (word(0), word(n - 8)),
        _ => {
            let mut at = 0;
            while at + 16 < n {
                h = mix(word(at) ^ B, word(at + 8) ^ h);
                at += 16;
            }
            (word(n - 16), word(n - 8))
        }
    };
    mix(B ^ n, mix(a ^ B, b ^ h))
}

/// `runtime.GC`: the others go on meanwhile.
pub extern "C" fn gc_now() {
    let world: &mut World = world();
    let mut target = world.current().awaited;
    loop {
        let complete = world.collect_asked(&mut target);
        world.current().awaited = if complete { 0 } else { target };
        if complete {
            return;
        }
        if !world.runnable.is_empty() || world.looks_outside() {
            return world.yield_and_retry();
        }
    }
}

/// Before a word of the program's memory is overwritten while the collector marks.
pub extern "C" fn shade(address: u64) {
    let heap = &mut world().heap;
    if heap.marking {
        heap.shade(address);
    }
}

/// The same for a range.
pub extern "C" fn shade_range(address: u64, size: u64) {
    let heap = &mut world().heap;
    if heap.marking {
        heap.shade_range(address, size);
    }
}

/// Gives all free memory back to the system.
pub extern "C" fn free_os_memory() {
    world().free_os_memory();
}

pub extern "C" fn set_memory_limit(bytes: i64) -> u64 {
    let world: &mut World = world();
    let old = world.heap.settings.limit;
    if bytes >= 0 {
        world.heap.settings.limit = bytes as u64;
        world.heap.set_goal();
    }
    old
}

/// For pprof's goroutineleak profile: a collection that finds the goroutines that are stuck.
pub extern "C" fn leak_gc() {
    let world: &mut World = world();
    world.report_stuck();
    if world.sink.is_none() {
        world.find_stuck();
    }
}

pub extern "C" fn leak_count() -> u64 {
    world().goroutines.iter().filter(|g| g.leaked).count() as u64
}

pub extern "C" fn read_raw_mem_stats(raw: *mut u64) {
    let world: &mut World = world();
    let s = world.heap.stats;
    let (arena, idle) = (world.heap.arena_bytes(), world.heap.idle_bytes());
    let stacks = world.stacks.bytes();
    let elapsed = world.started.elapsed().as_nanos().max(1) as f64 * world.options.gomaxprocs.max(1) as f64;
    let values = [
        s.live_bytes,
        s.total_bytes,
        arena + stacks,
        s.mallocs,
        s.frees,
        arena,
        idle,
        arena - idle,
        world.heap.released_bytes(),
        stacks,
        world.heap.goal,
        s.last as u64,
        s.stopped,
        s.cycles,
        s.forced,
        (s.stopped as f64 / elapsed).to_bits(),
    ];
    // SAFETY: golib passes an array of 16 words.
    unsafe { std::ptr::copy_nonoverlapping(values.as_ptr(), raw, 16) };
}

pub extern "C" fn pause_log(pauses: *mut u64, ends: *mut u64) {
    let log = &world().heap.pause_log;
    // SAFETY: golib passes arrays of 256 words.
    unsafe {
        std::ptr::copy_nonoverlapping(log.pauses.as_ptr(), pauses, log.pauses.len());
        std::ptr::copy_nonoverlapping(log.ends.as_ptr(), ends, log.ends.len());
    }
}

/// Whether no finalizer or cleanup is queued.
pub extern "C" fn finalizers_idle() -> u64 {
    let world: &mut World = world();
    u64::from(world.heap.specials.due.is_empty() && world.natives.finalizer_goroutine.is_some())
}

pub extern "C" fn set_gc_percent(percent: u64) -> u64 {
    let world: &mut World = world();
    let old = world.heap.settings.percent;
    world.heap.settings.percent = i64::from(percent as i32).max(-1);
    world.heap.set_goal();
    old as u64
}

/// Sets how many bytes a goroutine's stack may have; gives what it was.
pub extern "C" fn set_max_stack(limit: u64) -> u64 {
    let world: &mut World = world();
    world.stop_others();
    let old = std::mem::replace(&mut world.stacks.limit, (limit as i64).max(0) as u64);
    let World { stacks, goroutines, .. } = world;
    goroutines.iter_mut().for_each(|g| stacks.set_guard(g));
    old
}

/// Answers: 0 done, 1 it is no object of the heap, 2 it is inside of one, 3 there is a finalizer already.
pub extern "C" fn set_finalizer(object: u64, record: u64, change: u64) -> u64 {
    let world: &mut World = world();
    let Some((start, _)) = world.heap.object(object) else { return 1 };
    if change as u8 == 0 {
        return if start == object { 0 } else { 2 };
    }
    if record == 0 {
        world.heap.specials.remove(start, |s| matches!(s, Special::Finalizer { .. }));
    } else if world.heap.specials.has_finalizer(start) {
        return 3;
    } else {
        world.callback();
        world.heap.attach(start, Special::Finalizer { record });
    }
    0
}

pub extern "C" fn add_cleanup(object: u64, record: u64) {
    let world: &mut World = world();
    let Some((start, _)) = world.heap.object(object) else { return };
    // `finalizerRecord`: fn, typ, in, ft, cleanup, id.
    // SAFETY: golib passes its record.
    let id = unsafe { *((record + 40) as *const u64) };
    world.callback();
    world.heap.attach(start, Special::Cleanup { record, id });
}

pub extern "C" fn stop_cleanup(object: u64, id: u64) {
    let world: &mut World = world();
    if let Some((start, _)) = world.heap.object(object) {
        world.heap.specials.remove(start, |s| matches!(s, Special::Cleanup { id: other, .. } if *other == id));
    }
}

/// Gives the next record that is due, or parks the finalizer goroutine.
pub extern "C" fn finalizer_wait(object: *mut u64) -> u64 {
    let world: &mut World = world();
    if let Some((record, of)) = world.heap.specials.due.pop_front() {
        // SAFETY: golib passes a variable's address.
        unsafe { *object = of };
        let index = world.current().index;
        world.acquire(index, crate::events::COLLECTED);
        return record;
    }
    let index = world.current().index;
    world.natives.finalizer_goroutine = Some((index, object as u64));
    world.park_and_retry(Wait::Finalizer);
    0
}

/// After a collection that found something.
pub fn wake_finalizers(world: &mut World) {
    if world.sink.is_some() {
        world.emit(&crate::events::Event::Collected);
        world.refresh_epochs();
    }
    if let Some((index, _)) = world.natives.finalizer_goroutine.take() {
        world.ready(index);
    }
}

pub extern "C" fn weak_handle(object: u64) -> u64 {
    let world: &mut World = world();
    world.collect_if_due();
    let start = world.heap.object(object).map_or(object, |(start, _)| start);
    if let Some(handle) = world.heap.specials.weak(object) {
        return handle;
    }
    let handle = allocate(world, 8, Kind::NoPointers);
    // SAFETY: the handle was just allocated, 8 bytes.
    unsafe { *(handle as *mut u64) = object };
    if world.heap.object(start).is_some() {
        world.heap.attach(start, Special::Weak { handle });
    }
    handle
}

pub extern "C" fn weak_strong(handle: u64) -> u64 {
    let world: &mut World = world();
    if world.heap.marking {
        // From now on the program has it.
        world.heap.shade(handle);
    }
    // SAFETY: a handle is an object of 8 bytes.
    unsafe { *(handle as *const u64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_depend_on_every_byte_and_on_length() {
        let mut data = [7u8; 100];
        for n in 1..100u64 {
            let base = memhash(data.as_ptr(), 1, n);
            assert_ne!(base, memhash(data.as_ptr(), 2, n));
            assert_ne!(base, memhash(data.as_ptr(), 1, n - 1));
            for at in 0..n as usize {
                data[at] ^= 1;
                assert_ne!(base, memhash(data.as_ptr(), 1, n), "byte {at} of {n}");
                data[at] ^= 1;
            }
        }
    }
}
