//! `sync.Mutex` and `sync.RWMutex`: each operation is one scheduling point with a known owner.
//!
//! These natives replace the methods' Go bodies. The words of the structs are kept as Go keeps them (bit 0 of a mutex's
//! state; the readers' count, less `MANY` while a writer holds or waits), so a copy of a locked lock is locked. Who waits stands
//! in tables by address; who holds, in the goroutines.
//!
//! A mutex that is unlocked is free for whoever comes first; a waiter is woken and tries again. After `HAND_OVER` failures
//! it is given the lock directly (Go's starvation mode, counted instead of timed). Readers that come while a writer waits, wait
//! behind it.
//!
//! Happens-before: as in sync's own annotations. Mutex: unlock before a later lock, through the mutex's address. RWMutex: write
//! unlock before later locks of both kinds, through readerSem; read unlocks before a later write lock, through writerSem.
#![allow(unsafe_code, reason = "locks are the program's memory")]

use crate::events::{Event, Means};
use crate::goroutine::{Gi, Held, Hold, Wait};
use crate::natives::FastHash;
use crate::natives::goroutine::caller_pc;
use crate::policy::Operation;
use crate::world::{World, world};
use std::collections::{HashMap, VecDeque};

const LOCKED: i32 = 1;
/// A waiter in a mutex's state.
const WAITER: i32 = 8;
/// What a writer takes off the readers' count.
const MANY: i32 = 1 << 30;
/// Failures after which a lock is handed over.
const HAND_OVER: u32 = 3;

/// Who waits, by the lock's address.
#[derive(Default)]
pub struct Locks {
    queues: HashMap<u64, VecDeque<Gi>, FastHash>,
    readers: HashMap<u64, VecDeque<Gi>, FastHash>,
    /// The writer that waits for readers to leave.
    writer: HashMap<u64, Gi, FastHash>,
}

/// `sync.Mutex`.
#[repr(C)]
pub struct Mutex {
    state: i32,
    sema: u32,
}

/// `sync.RWMutex`.
#[repr(C)]
pub struct RwMutex {
    writers: Mutex,
    writer_sema: u32,
    reader_sema: u32,
    reader_count: i32,
    reader_wait: i32,
}

/// Offsets of the addresses that edges go through.
const WRITER_SEMA: u64 = 8;
const READER_SEMA: u64 = 12;

fn mutex(addr: u64) -> &'static mut Mutex {
    // A nil lock must fault here, before anything has changed.
    // SAFETY: the receiver of a lock's method: memory of the program; a fault becomes a panic.
    unsafe {
        (addr as *const u32).read_volatile();
        &mut *(addr as *mut Mutex)
    }
}

fn rw(addr: u64) -> &'static mut RwMutex {
    mutex(addr);
    // SAFETY: as in `mutex`.
    unsafe { &mut *(addr as *mut RwMutex) }
}

/// Whether a `sync.Mutex` in front of whose lock a goroutine stands is locked.
pub fn is_locked(addr: u64) -> bool {
    mutex(addr).state & LOCKED != 0
}

/// The counter of a `sync.WaitGroup`, by the address of its state, in front of an operation on which a goroutine stands.
pub fn counter(state: u64) -> i32 {
    // SAFETY: the operation is an atomic one on this word of the program's memory; a fault becomes a panic, as its own would.
    (unsafe { (state as *const u64).read_volatile() } >> 32) as i32
}

fn took(world: &mut World, index: Gi, addr: u64, hold: Hold) {
    takes(world, index, addr, hold, false);
}

/// `tried`: it would not have waited.
fn takes(world: &mut World, index: Gi, addr: u64, hold: Hold, tried: bool) {
    let has_sink = world.sink.is_some();
    let g = world.goroutines.get(index);
    let (pc, goroutine) = (g.pc, g.header.id);
    let nested = !g.held.is_empty();
    g.held.push(Held { addr, hold, pc });
    if has_sink {
        match hold {
            Hold::Mutex => world.acquire_by(Means::Lock, index, addr),
            Hold::Read => world.acquire_by(Means::Lock, index, addr + READER_SEMA),
            Hold::Write => {
                world.acquire_by(Means::Lock, index, addr + READER_SEMA);
                world.acquire_by(Means::Lock, index, addr + WRITER_SEMA);
            }
        }
        world.emit(&Event::Locked { goroutine, addr, exclusive: hold != Hold::Read, tried, nested, pc });
    }
}

fn gave(world: &mut World, addr: u64, hold: Hold) {
    let pc = caller_pc(world);
    let g = world.current();
    let (index, goroutine) = (g.index, g.header.id);
    let find = |held: &[Held]| held.iter().rposition(|h| h.addr == addr && h.hold == hold);
    if let Some(at) = find(&g.held) {
        g.held.remove(at);
    } else {
        // Another goroutine's lock: allowed, and rare.
        let owner = world.goroutines.iter().find(|g| find(&g.held).is_some()).map(|g| g.index);
        if let Some(owner) = owner {
            let held = &mut world.goroutines.get(owner).held;
            if let Some(at) = find(held) {
                held.remove(at);
            }
        }
    }
    if world.sink.is_some() {
        world.emit(&Event::Unlocked { goroutine, addr, exclusive: hold != Hold::Read, pc });
        match hold {
            Hold::Mutex => world.release_by(Means::Lock, index, addr),
            Hold::Read => world.release_merge_by(Means::Lock, index, addr + WRITER_SEMA),
            Hold::Write => world.release_by(Means::Lock, index, addr + READER_SEMA),
        }
    }
}

/// Takes the exclusive bit, or queues and parks; the native is then called again.
fn enter(world: &mut World, addr: u64, wait: Wait) -> bool {
    let m = mutex(addr);
    let g = world.current();
    if std::mem::take(&mut g.handed) || m.state & LOCKED == 0 {
        m.state |= LOCKED;
        g.tries = 0;
        return true;
    }
    let (index, again) = (g.index, g.tries > 0);
    m.state += WAITER;
    let queue = world.natives.locks.queues.entry(addr).or_default();
    if again {
        queue.push_front(index);
    } else {
        queue.push_back(index);
    }
    world.park_and_retry(wait);
    false
}

/// Gives the exclusive bit up and wakes one who waits for it.
fn leave(world: &mut World, addr: u64) {
    let m = mutex(addr);
    m.state &= !LOCKED;
    let queues = &mut world.natives.locks.queues;
    let Some(queue) = queues.get_mut(&addr) else { return };
    let first = queue.pop_front();
    if queue.is_empty() {
        queues.remove(&addr);
    }
    if let Some(index) = first {
        m.state -= WAITER;
        let g = world.goroutines.get(index);
        g.tries += 1;
        if g.tries > HAND_OVER {
            g.handed = true;
            m.state |= LOCKED;
        }
        world.ready(index);
    }
}

pub extern "C" fn mutex_lock(addr: u64) {
    let world: &mut World = world();
    mutex(addr);
    if world.point(Operation::Lock(addr)) {
        return;
    }
    world.current().pc = caller_pc(world);
    if enter(world, addr, Wait::Mutex { addr }) {
        let index = world.current().index;
        took(world, index, addr, Hold::Mutex);
    }
}

pub extern "C" fn mutex_try_lock(addr: u64) -> u64 {
    let world: &mut World = world();
    let m = mutex(addr);
    if world.point(Operation::TryLock(addr)) {
        return 0;
    }
    if m.state & LOCKED != 0 {
        return 0;
    }
    m.state |= LOCKED;
    world.current().pc = caller_pc(world);
    let index = world.current().index;
    takes(world, index, addr, Hold::Mutex, true);
    1
}

pub extern "C" fn mutex_unlock(addr: u64) {
    let world: &mut World = world();
    let m = mutex(addr);
    if world.point(Operation::Unlock(addr)) {
        return;
    }
    if m.state & LOCKED == 0 {
        return crate::fatal::end_in_go(world, "sync.(*Mutex).Unlock", "sync: unlock of unlocked mutex");
    }
    gave(world, addr, Hold::Mutex);
    leave(world, addr);
}

pub extern "C" fn rw_lock(addr: u64) {
    let world: &mut World = world();
    let l = rw(addr);
    if world.point(Operation::WriteLock(addr)) {
        return;
    }
    world.current().pc = caller_pc(world);
    if !enter(world, addr, Wait::WriteLock { addr }) {
        return;
    }
    let index = world.current().index;
    let readers = l.reader_count;
    l.reader_count -= MANY;
    if readers == 0 {
        took(world, index, addr, Hold::Write);
        return;
    }
    l.reader_wait = readers;
    world.natives.locks.writer.insert(addr, index);
    world.park(Wait::WriteLock { addr });
}

pub extern "C" fn rw_try_lock(addr: u64) -> u64 {
    let world: &mut World = world();
    let l = rw(addr);
    if world.point(Operation::TryLock(addr)) {
        return 0;
    }
    if l.writers.state & LOCKED != 0 || l.reader_count != 0 {
        return 0;
    }
    l.writers.state |= LOCKED;
    l.reader_count -= MANY;
    world.current().pc = caller_pc(world);
    let index = world.current().index;
    takes(world, index, addr, Hold::Write, true);
    1
}

pub extern "C" fn rw_unlock(addr: u64) {
    let world: &mut World = world();
    let l = rw(addr);
    if world.point(Operation::Unlock(addr)) {
        return;
    }
    if l.reader_count >= 0 {
        return crate::fatal::end_in_go(world, "sync.(*RWMutex).Unlock", "sync: Unlock of unlocked RWMutex");
    }
    gave(world, addr, Hold::Write);
    l.reader_count += MANY;
    for index in world.natives.locks.readers.remove(&addr).unwrap_or_default() {
        took(world, index, addr, Hold::Read);
        world.ready(index);
    }
    leave(world, addr);
}

pub extern "C" fn rw_read_lock(addr: u64) {
    let world: &mut World = world();
    let l = rw(addr);
    if world.point(Operation::ReadLock(addr)) {
        return;
    }
    world.current().pc = caller_pc(world);
    let index = world.current().index;
    l.reader_count += 1;
    if l.reader_count > 0 {
        took(world, index, addr, Hold::Read);
        return;
    }
    world.natives.locks.readers.entry(addr).or_default().push_back(index);
    world.park(Wait::ReadLock { addr });
}

pub extern "C" fn rw_try_read_lock(addr: u64) -> u64 {
    let world: &mut World = world();
    let l = rw(addr);
    if world.point(Operation::TryLock(addr)) {
        return 0;
    }
    if l.reader_count < 0 {
        return 0;
    }
    l.reader_count += 1;
    world.current().pc = caller_pc(world);
    let index = world.current().index;
    takes(world, index, addr, Hold::Read, true);
    1
}

pub extern "C" fn rw_read_unlock(addr: u64) {
    let world: &mut World = world();
    let l = rw(addr);
    if world.point(Operation::ReadUnlock(addr)) {
        return;
    }
    if l.reader_count == 0 || l.reader_count == -MANY {
        return crate::fatal::end_in_go(world, "sync.(*RWMutex).RUnlock", "sync: RUnlock of unlocked RWMutex");
    }
    gave(world, addr, Hold::Read);
    l.reader_count -= 1;
    if l.reader_count < 0 {
        l.reader_wait -= 1;
        if l.reader_wait == 0
            && let Some(index) = world.natives.locks.writer.remove(&addr)
        {
            took(world, index, addr, Hold::Write);
            world.ready(index);
        }
    }
}
