//! Semaphores addressed by their word, and condition variables' lists of tickets.
//!
//! A release with waiters hands its unit to the first of them directly. Condition variables follow the ticket scheme of
//! `sync.notifyList`: a waiter's ticket is taken before it unlocks, so a notification in between is not lost.
#![allow(unsafe_code, reason = "semaphore words are the program's memory")]

use crate::goroutine::{Gi, Wait};
use crate::natives::FastHash;
use crate::policy::Operation;
use crate::world::{World, world};
use std::collections::{HashMap, VecDeque};

/// Kinds of waits that are durable in a bubble (golib's `semaCoroutine` and `semaBubbledWaitGroup`).
pub const COROUTINE: u32 = 6;
pub const BUBBLED_WAIT_GROUP: u32 = 7;

/// Who waits, by address.
#[derive(Default)]
pub struct Semaphores {
    waiting: HashMap<u64, VecDeque<Gi>, FastHash>,
    tickets: HashMap<u64, VecDeque<(u32, Gi)>, FastHash>,
}

pub extern "C" fn semacquire(addr: *mut u32, kind: u64, pc: u64) {
    let world: &mut World = world();
    world.current().pc = pc;
    // SAFETY: the program's semaphore word; a nil one faults and becomes a panic.
    let word = unsafe { addr.read_volatile() };
    if world.point(Operation::Acquire(addr as u64)) {
        return;
    }
    if word > 0 {
        // SAFETY: as above.
        unsafe { addr.write(word - 1) };
        return;
    }
    let index = world.current().index;
    world.natives.semaphores.waiting.entry(addr as u64).or_default().push_back(index);
    world.park(Wait::Semaphore { addr: addr as u64, kind: kind as u32 });
}

pub extern "C" fn semrelease(addr: *mut u32, _handoff: u64) {
    let world: &mut World = world();
    // SAFETY: as in `semacquire`.
    let word = unsafe { addr.read_volatile() };
    if world.point(Operation::Release(addr as u64)) {
        return;
    }
    let waiting = &mut world.natives.semaphores.waiting;
    if let Some(queue) = waiting.get_mut(&(addr as u64)) {
        let first = queue.pop_front();
        if queue.is_empty() {
            waiting.remove(&(addr as u64));
        }
        if let Some(index) = first {
            world.ready(index);
            return;
        }
    }
    // SAFETY: as above.
    unsafe { addr.write(word + 1) };
}

/// The head of `sync.notifyList`.
#[repr(C)]
pub struct NotifyList {
    wait: u32,
    notify: u32,
}

/// Whether ticket `a` was drawn before `b`, counting around.
fn before(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) < 0
}

/// Draws a ticket: from here on a notification counts for this goroutine.
pub extern "C" fn notify_add(list: *mut NotifyList) -> u64 {
    let world: &mut World = world();
    // SAFETY: the program's list.
    let ticket = unsafe { (*list).wait };
    if world.point(Operation::Wait(list as u64)) {
        return 0;
    }
    // SAFETY: as above.
    unsafe { (*list).wait = ticket.wrapping_add(1) };
    u64::from(ticket)
}

pub extern "C" fn notify_wait(list: *mut NotifyList, ticket: u64, pc: u64) {
    let world: &mut World = world();
    world.current().pc = pc;
    let ticket = ticket as u32;
    // SAFETY: the program's list.
    if before(ticket, unsafe { (*list).notify }) {
        return;
    }
    let index = world.current().index;
    world.natives.semaphores.tickets.entry(list as u64).or_default().push_back((ticket, index));
    world.park(Wait::Condition { addr: list as u64 });
}

/// Only goroutines of its bubble may wake one that waits on a condition variable.
fn check_waiter(world: &mut World, index: Gi) {
    let number = world.goroutines.get(index).bubble();
    world.check_bubble(number, "semaphore wake of synctest goroutine from outside bubble");
}

pub extern "C" fn notify_all(list: *mut NotifyList) {
    let world: &mut World = world();
    // SAFETY: as in `notify_wait`.
    let wait = unsafe { (*list).wait };
    if world.point(Operation::Notify(list as u64)) {
        return;
    }
    // SAFETY: as above.
    unsafe { (*list).notify = wait };
    for (_, index) in world.natives.semaphores.tickets.remove(&(list as u64)).unwrap_or_default() {
        check_waiter(world, index);
        world.ready(index);
    }
}

pub extern "C" fn notify_one(list: *mut NotifyList) {
    let world: &mut World = world();
    // SAFETY: as in `notify_wait`.
    let (wait, ticket) = unsafe { ((*list).wait, (*list).notify) };
    if world.point(Operation::Notify(list as u64)) || ticket == wait {
        return;
    }
    // SAFETY: as above.
    unsafe { (*list).notify = ticket.wrapping_add(1) };
    let tickets = &mut world.natives.semaphores.tickets;
    let Some(queue) = tickets.get_mut(&(list as u64)) else { return };
    // Absent when the ticket's owner has not begun to wait: it will see that its turn is over.
    let Some(at) = queue.iter().position(|w| w.0 == ticket) else { return };
    let Some((_, index)) = queue.remove(at) else { return };
    if queue.is_empty() {
        tickets.remove(&(list as u64));
    }
    check_waiter(world, index);
    world.ready(index);
}

#[cfg(test)]
mod tests {
    use super::before;

    #[test]
    fn tickets_count_around() {
        assert!(before(1, 2) && !before(2, 2) && !before(3, 2));
        assert!(before(u32::MAX, 0) && !before(0, u32::MAX));
    }
}
