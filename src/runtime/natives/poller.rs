//! The network poller behind `internal/poll`: descriptors, who waits for them, deadlines, closing.
//!
//! A goroutine that waits for a descriptor parks with the others that await something outside (`os::poll`), and asks again
//! when it is woken: by the descriptor, its deadline, or the descriptor's closing. Answers are internal/poll's:
//! 0 go on, 1 closing, 2 deadline exceeded, 3 not pollable.
//!
//! Invariant: a direction has at most one entry in the timers' queue, and a closed descriptor none: handles are used again, and
//! what was meant for the one before must not come to the next.
#![allow(unsafe_code, reason = "system calls")]

use crate::goroutine::{Gi, Wait};
use crate::natives::timer::Key;
use crate::world::{World, world};
use gorace_abi::calling::Pair;

const GO_ON: u64 = 0;
const CLOSING: u64 = 1;
const TIMEOUT: u64 = 2;
/// internal/poll's name of the reading direction.
const READ: u64 = b'r' as u64;

/// One direction of a descriptor.
#[derive(Debug, Default, Clone, Copy)]
struct Direction {
    waiter: Option<Gi>,
    expired: bool,
    /// The deadline's entry among the timers.
    deadline: Option<Key>,
}

#[derive(Debug, Clone, Copy)]
struct Descriptor {
    fd: i32,
    closing: bool,
    /// Reading, writing.
    directions: [Direction; 2],
}

/// All open descriptors. Their handles are places in the list, from 1 on.
#[derive(Debug, Default)]
pub struct Poller {
    descriptors: Vec<Option<Descriptor>>,
    free: Vec<usize>,
    open: std::collections::HashSet<i32>,
    /// Tells which descriptors can be polled at all; none before the first is opened.
    probe: Option<i32>,
}

impl Poller {
    fn get(&mut self, handle: u64) -> Option<&mut Descriptor> {
        self.descriptors.get_mut((handle as usize).checked_sub(1)?)?.as_mut()
    }

    fn state(&mut self, handle: u64, mode: u64) -> u64 {
        let Some(d) = self.get(handle) else { return CLOSING };
        match (d.closing, d.directions[direction(mode)].expired) {
            (true, _) => CLOSING,
            (_, true) => TIMEOUT,
            _ => GO_ON,
        }
    }

    /// 0 where the kernel can poll a descriptor, else its error.
    fn pollable(&mut self, fd: i32) -> u64 {
        // SAFETY: no memory is passed but one record that outlives the calls.
        unsafe {
            let probe = *self.probe.get_or_insert_with(|| libc::epoll_create1(libc::EPOLL_CLOEXEC));
            let mut event = libc::epoll_event { events: 0, u64: 0 };
            if libc::epoll_ctl(probe, libc::EPOLL_CTL_ADD, fd, &mut event) != 0 {
                return u64::from(std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EPERM) as u32);
            }
            libc::epoll_ctl(probe, libc::EPOLL_CTL_DEL, fd, &mut event);
        }
        0
    }
}

fn direction(mode: u64) -> usize {
    usize::from(mode as u32 as u64 != READ)
}

/// The handle of a descriptor, and an error number where it cannot be polled.
pub extern "C" fn open(fd: u64) -> Pair {
    let poller = &mut world().natives.poller;
    let fd = fd as i32;
    if poller.open.contains(&fd) {
        // As the kernel says of a descriptor that is added again.
        return Pair(0, libc::EEXIST as u64);
    }
    let error = poller.pollable(fd);
    if error != 0 {
        return Pair(0, error);
    }
    poller.open.insert(fd);
    let descriptor = Some(Descriptor { fd, closing: false, directions: [Direction::default(); 2] });
    let at = match poller.free.pop() {
        Some(at) => {
            poller.descriptors[at] = descriptor;
            at
        }
        None => {
            poller.descriptors.push(descriptor);
            poller.descriptors.len() - 1
        }
    };
    Pair(at as u64 + 1, 0)
}

pub extern "C" fn close(handle: u64) {
    let world: &mut World = world();
    (0..2).for_each(|at| cancel(world, handle, at));
    let poller = &mut world.natives.poller;
    if let Some(fd) = poller.get(handle).map(|d| d.fd) {
        poller.open.remove(&fd);
        poller.descriptors[handle as usize - 1] = None;
        poller.free.push(handle as usize - 1);
    }
}

/// In front of an operation: whether it may be tried.
pub extern "C" fn reset(handle: u64, mode: u64) -> u64 {
    world().natives.poller.state(handle, mode)
}

/// Parks until the descriptor is ready.
pub extern "C" fn wait(handle: u64, mode: u64) -> u64 {
    let world: &mut World = world();
    let state = world.natives.poller.state(handle, mode);
    let index = world.current().index;
    let Some(d) = world.natives.poller.get(handle) else { return state };
    let own = &mut d.directions[direction(mode)];
    own.waiter = None;
    if state != GO_ON {
        return state;
    }
    let events = if direction(mode) == 0 { libc::POLLIN | libc::POLLRDHUP } else { libc::POLLOUT };
    let mut polled = libc::pollfd { fd: d.fd, events, revents: 0 };
    // SAFETY: one record.
    if unsafe { libc::poll(&mut polled, 1, 0) } != 0 {
        return GO_ON;
    }
    own.waiter = Some(index);
    let fd = d.fd;
    world.natives.os.await_descriptor(index, fd, events);
    world.park_and_retry(Wait::Io { fd, events });
    0
}

/// Sets deadlines: `d` nanoseconds from now, 0 for none, negative for one in the past. `mode` is `r`, `w` or their sum.
pub extern "C" fn set_deadline(handle: u64, d: i64, mode: u64) {
    let world: &mut World = world();
    let mode = mode as u32 as u64;
    let both = mode == READ + u64::from(b'w');
    let now = world.clock.look();
    for at in 0..2 {
        if !both && at != direction(mode) {
            continue;
        }
        cancel(world, handle, at);
        let World { natives, .. } = &mut *world;
        let Some(descriptor) = natives.poller.get(handle) else { return };
        let own = &mut descriptor.directions[at];
        own.expired = d < 0;
        if d > 0 {
            own.deadline = Some(natives.timers.add_deadline(now.saturating_add(d), handle, at));
        } else if d < 0 {
            wake(world, handle, at);
        }
    }
}

/// A deadline has come.
pub fn expire(world: &mut World, handle: u64, at: usize) {
    let Some(descriptor) = world.natives.poller.get(handle) else { return };
    let own = &mut descriptor.directions[at];
    own.deadline = None;
    own.expired = true;
    wake(world, handle, at);
}

/// A deadline that was set no longer counts.
fn cancel(world: &mut World, handle: u64, at: usize) {
    if let Some(key) = world.natives.poller.get(handle).and_then(|d| d.directions[at].deadline.take()) {
        world.natives.timers.remove_deadline(key);
    }
}

/// The descriptor is being closed: who waits for it goes on.
pub extern "C" fn unblock(handle: u64) {
    let world: &mut World = world();
    let Some(descriptor) = world.natives.poller.get(handle) else { return };
    descriptor.closing = true;
    for at in 0..2 {
        cancel(world, handle, at);
        wake(world, handle, at);
    }
}

/// Wakes who waits, unless the descriptor has done so already.
fn wake(world: &mut World, handle: u64, at: usize) {
    let waiter = world.natives.poller.get(handle).and_then(|d| d.directions[at].waiter.take());
    if let Some(index) = waiter
        && world.natives.os.forget_descriptor(index)
    {
        world.ready(index);
    }
}
