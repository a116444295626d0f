//! Channels and select.
//!
//! A channel is an object of the heap with its buffer as a second one; who waits on it is linked through waiters of ours.
//!
//! Invariants: at most one of the two queues holds waiters, except that one select may wait on both sides; waiting senders mean a full
//! buffer, waiting receivers an empty one. A channel with waiters is reachable from their stacks, so a channel that is
//! collected has none.
//!
//! A rendezvous is completed by the one who comes second: it copies the element, takes all of the other's waiters off
//! their queues, and lets it go on with its native's result.
//!
//! Happens-before (the Go memory model's channel rules, as Go's race runtime draws them): the k-th receive and the (k+C)-th send
//! through slot k mod C; both directions for an unbuffered channel; close before a receive that sees it.
#![allow(unsafe_code, reason = "channels and elements are the program's memory")]

use crate::goroutine::{Gi, Wait};
use crate::heap::alloc::Kind;
use crate::heap::bitmap;
use crate::natives::FastHash;
use crate::natives::memory::allocate;
use crate::policy::Operation;
use crate::world::{World, world};
use gorace_abi::calling::Pair;
use std::collections::HashMap;

/// A channel (64 bytes; `hchan` of golib).
#[repr(C)]
pub struct Channel {
    buffer: u64,
    /// Bytes of an element: less than 64 kB, as the language has it.
    element: u16,
    closed: bool,
    /// Number of the bubble it was made in, modulo 2^32; 0 for none.
    bubble: u32,
    capacity: u64,
    count: u64,
    send_at: u32,
    receive_at: u32,
    senders: Queue,
    receivers: Queue,
    /// The timer that sends on it: who waits for the channel keeps it.
    timer: u64,
}

/// The words of a channel that point into the heap.
const POINTERS: Kind = Kind::Words(1 | 1 << (std::mem::offset_of!(Channel, timer) / 8));

/// Waiters, by index + 1.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Queue {
    head: u32,
    tail: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Role {
    Send,
    Receive,
    SelectSend(u32),
    SelectReceive(u32),
}

#[derive(Clone, Copy, Debug)]
struct Waiter {
    goroutine: Gi,
    channel: u64,
    element: u64,
    role: Role,
    next: u32,
    previous: u32,
}

/// All waiters.
#[derive(Default)]
pub struct Channels {
    waiters: Vec<Waiter>,
    free: Vec<u32>,
    /// Ready cases of the select that runs.
    ready: Vec<u32>,
    /// Under a detector: who closed a channel, and the address behind that call. Those of channels that are gone are overwritten.
    closes: HashMap<u64, (u64, u64), FastHash>,
    /// The closed channel on which an operation failed last.
    failed_on: u64,
}

impl Channels {
    /// Who closed the channel on which an operation failed last, and the address behind that call.
    pub fn last_failure(&self) -> Option<(u64, u64)> {
        self.closes.get(&self.failed_on).copied()
    }
}

/// Closes that are kept for reports.
const MOST_CLOSES: usize = 1 << 16;

const DONE: u64 = 0;
const WOULD_BLOCK: u64 = 1;
const CLOSED: u64 = 2;
/// Select's flags.
const RECEIVED: u64 = 2;
const SEND_ON_CLOSED: u64 = 4;

fn channel(address: u64) -> &'static mut Channel {
    // SAFETY: a `*hchan` of the program is an object that `chanmake` made; it is reachable while the native runs, and
    // natives don't overlap.
    unsafe { &mut *(address as *mut Channel) }
}

impl Channel {
    fn slot(&self, at: u32) -> u64 {
        self.buffer + u64::from(at) * self.bytes()
    }

    /// Bytes of an element.
    fn bytes(&self) -> u64 {
        u64::from(self.element)
    }

    fn advance(&self, at: u32) -> u32 {
        if u64::from(at) + 1 == self.capacity { 0 } else { at + 1 }
    }
}

/// A timer sends on this channel.
pub fn set_timer(address: u64, timer: u64) {
    channel(address).timer = timer;
}

/// The bubble that a channel was made in.
pub fn bubble_of(address: u64) -> u64 {
    u64::from(channel(address).bubble)
}

/// The address that close and unbuffered operations synchronise through.
fn meeting(address: u64) -> u64 {
    address + 8
}

fn copy(world: &mut World, to: u64, from: u64, size: u64) {
    if to == 0 || size == 0 {
        return;
    }
    world.heap.before_overwrite(to, size);
    // SAFETY: both are elements of the channel's type: in its buffer, on a stack or in the heap; they don't overlap.
    unsafe {
        if size == 8 {
            *(to as *mut u64) = *(from as *const u64);
        } else {
            std::ptr::copy(from as *const u8, to as *mut u8, size as usize);
        }
    }
}

fn clear(world: &mut World, at: u64, size: u64) {
    if at != 0 {
        world.heap.before_overwrite(at, size);
        // SAFETY: as in `copy`.
        unsafe { std::ptr::write_bytes(at as *mut u8, 0, size as usize) };
    }
}

impl Channels {
    fn enqueue(&mut self, queue: &mut Queue, waiter: Waiter) -> u32 {
        let waiter = Waiter { next: 0, previous: queue.tail, ..waiter };
        let id = match self.free.pop() {
            Some(at) => {
                self.waiters[at as usize] = waiter;
                at + 1
            }
            None => {
                self.waiters.push(waiter);
                self.waiters.len() as u32
            }
        };
        if queue.tail == 0 {
            queue.head = id;
        } else {
            self.waiters[queue.tail as usize - 1].next = id;
        }
        queue.tail = id;
        id
    }

    /// Takes a waiter off its queue and frees it.
    fn unlink(&mut self, id: u32) {
        let waiter = self.waiters[id as usize - 1];
        let channel = channel(waiter.channel);
        let queue = match waiter.role {
            Role::Send | Role::SelectSend(_) => &mut channel.senders,
            Role::Receive | Role::SelectReceive(_) => &mut channel.receivers,
        };
        match waiter.previous {
            0 => queue.head = waiter.next,
            before => self.waiters[before as usize - 1].next = waiter.next,
        }
        match waiter.next {
            0 => queue.tail = waiter.previous,
            after => self.waiters[after as usize - 1].previous = waiter.previous,
        }
        // Nothing here is a root any more.
        self.waiters[id as usize - 1].channel = 0;
        self.waiters[id as usize - 1].element = 0;
        self.free.push(id - 1);
    }

    fn first(&self, queue: Queue) -> Option<Waiter> {
        (queue.head != 0).then(|| self.waiters[queue.head as usize - 1])
    }

    /// Whether anyone waits for a channel to give something.
    pub fn has_receiver(&self, address: u64) -> bool {
        channel(address).receivers.head != 0
    }

    /// Lists what is wrong with the queues; see the module's invariants.
    pub(crate) fn verify(&self, goroutines: &crate::goroutine::Table, wrong: &mut Vec<String>) {
        for g in goroutines.iter() {
            for &id in &g.waiters {
                let waiter = self.waiters[id as usize - 1];
                if waiter.goroutine != g.index || waiter.channel == 0 {
                    wrong.push(format!("goroutine {} has waiter {id}, which is {waiter:?}", g.header.id));
                    continue;
                }
                let c = channel(waiter.channel);
                let sends = matches!(waiter.role, Role::Send | Role::SelectSend(_));
                let queue = if sends { c.senders } else { c.receivers };
                let before = waiter.previous.checked_sub(1).map_or(queue.head, |at| self.waiters[at as usize].next);
                let after = waiter.next.checked_sub(1).map_or(queue.tail, |at| self.waiters[at as usize].previous);
                if before != id || after != id {
                    wrong.push(format!("waiter {id} of goroutine {} is not linked in its queue", g.header.id));
                }
                if sends && c.count != c.capacity || !sends && c.count != 0 || c.closed {
                    let what = if sends { "sends to" } else { "receives from" };
                    wrong.push(format!(
                        "goroutine {} {what} a channel with {} of {} elements, closed: {}",
                        g.header.id, c.count, c.capacity, c.closed
                    ));
                }
            }
        }
    }

    /// The channel that a waiter waits on.
    pub fn waiter_channel(&self, id: u32) -> u64 {
        self.waiters[id as usize - 1].channel
    }

    /// The channel and the element's address of a waiter.
    pub fn waiter_words(&self, id: u32) -> [u64; 2] {
        let waiter = &self.waiters[id as usize - 1];
        [waiter.channel, waiter.element]
    }
}

/// Ends a waiter's wait: `ok` is false when the channel was closed.
fn complete(world: &mut World, waiter: Waiter, ok: bool) {
    let all = std::mem::take(&mut world.goroutines.get(waiter.goroutine).waiters);
    for id in all {
        world.natives.channels.unlink(id);
    }
    let values = match waiter.role {
        Role::Send => [if ok { DONE } else { CLOSED }, 0],
        Role::Receive => [1 | if ok { 2 } else { 0 }, 0],
        Role::SelectSend(case) => [u64::from(case), if ok { 0 } else { SEND_ON_CLOSED }],
        Role::SelectReceive(case) => [u64::from(case), if ok { RECEIVED } else { 0 }],
    };
    world.ready_with(waiter.goroutine, values);
}

/// The edges of passing through a slot, for `first` and then, in a rendezvous through a full or empty buffer, for `second`.
fn through_slot(world: &mut World, address: u64, slot: u64, first: Gi, second: Option<Gi>) {
    if world.sink.is_none() {
        return;
    }
    for g in [Some(first), second].into_iter().flatten() {
        if channel(address).element == 0 {
            world.acquire(g, slot);
            world.release_merge(g, slot);
        } else {
            world.release_acquire(g, slot);
        }
    }
}

/// A send that need not wait: `None` when it would.
fn try_send(world: &mut World, address: u64, element: u64, pc: u64) -> Option<u64> {
    let c = channel(address);
    if world.sink.is_some() {
        world.access(false, meeting(address), 1, pc, 0);
    }
    if c.closed {
        world.natives.channels.failed_on = address;
        return Some(CLOSED);
    }
    let me = world.current().index;
    if let Some(waiter) = world.natives.channels.first(c.receivers) {
        if c.capacity == 0 {
            world.rendezvous(me, waiter.goroutine, meeting(address));
        } else {
            // As if through the buffer.
            through_slot(world, address, c.slot(c.receive_at), me, Some(waiter.goroutine));
            c.receive_at = c.advance(c.receive_at);
            c.send_at = c.receive_at;
        }
        copy(world, waiter.element, element, c.bytes());
        complete(world, waiter, true);
        return Some(DONE);
    }
    if c.count < c.capacity {
        let slot = c.slot(c.send_at);
        through_slot(world, address, slot, me, None);
        copy(world, slot, element, c.bytes());
        c.send_at = c.advance(c.send_at);
        c.count += 1;
        return Some(DONE);
    }
    None
}

/// A receive that need not wait: bit 0 always, bit 1 when there was a value.
fn try_receive(world: &mut World, address: u64, element: u64) -> Option<u64> {
    let c = channel(address);
    let me = world.current().index;
    if let Some(waiter) = world.natives.channels.first(c.senders) {
        if c.capacity == 0 {
            world.rendezvous(me, waiter.goroutine, meeting(address));
            copy(world, element, waiter.element, c.bytes());
        } else {
            // The buffer is full: the oldest comes out, the sender's goes in at the same slot.
            let slot = c.slot(c.receive_at);
            through_slot(world, address, slot, me, Some(waiter.goroutine));
            copy(world, element, slot, c.bytes());
            copy(world, slot, waiter.element, c.bytes());
            c.receive_at = c.advance(c.receive_at);
            c.send_at = c.receive_at;
        }
        complete(world, waiter, true);
        return Some(3);
    }
    if c.count > 0 {
        let slot = c.slot(c.receive_at);
        through_slot(world, address, slot, me, None);
        copy(world, element, slot, c.bytes());
        clear(world, slot, c.bytes());
        c.receive_at = c.advance(c.receive_at);
        c.count -= 1;
        return Some(3);
    }
    if c.closed {
        world.acquire(me, meeting(address));
        clear(world, element, c.bytes());
        return Some(1);
    }
    None
}

fn wait_on(world: &mut World, address: u64, element: u64, role: Role) {
    let goroutine = world.current().index;
    let c = channel(address);
    let queue = match role {
        Role::Send | Role::SelectSend(_) => &mut c.senders,
        Role::Receive | Role::SelectReceive(_) => &mut c.receivers,
    };
    let waiter = Waiter { goroutine, channel: address, element, role, next: 0, previous: 0 };
    let id = world.natives.channels.enqueue(queue, waiter);
    world.current().waiters.push(id);
}

pub extern "C" fn chanmake(element: u64, size: u64) -> u64 {
    let world: &mut World = world();
    world.collect_if_due();
    let bytes = bitmap::head(element).size;
    let address = allocate(world, size_of::<Channel>() as u64, POINTERS);
    let c = channel(address);
    c.element = bytes as u16;
    c.capacity = size;
    c.bubble = world.current_bubble() as u32;
    // Without a buffer of bytes, all slots are one address.
    c.buffer =
        if bytes == 0 || size == 0 { meeting(address) } else { allocate(world, bytes * size, Kind::Type(element)) };
    address
}

pub extern "C" fn chansend(address: u64, element: u64, block: u64, pc: u64) -> u64 {
    let world: &mut World = world();
    let block = block as u8 != 0;
    world.current().pc = pc;
    if address == 0 {
        if block {
            world.park(Wait::ChanNil { send: true });
        }
        return WOULD_BLOCK;
    }
    world.check_bubble(bubble_of(address), "send on synctest channel from outside bubble");
    if world.point(Operation::Send(address)) {
        return 0;
    }
    if let Some(result) = try_send(world, address, element, pc) {
        return result;
    }
    if block {
        wait_on(world, address, element, Role::Send);
        world.park(Wait::ChanSend { chan: address });
    }
    WOULD_BLOCK
}

pub extern "C" fn chanrecv(address: u64, element: u64, block: u64, pc: u64) -> u64 {
    let world: &mut World = world();
    let block = block as u8 != 0;
    world.current().pc = pc;
    if address == 0 {
        if block {
            world.park(Wait::ChanNil { send: false });
        }
        return 0;
    }
    world.check_bubble(bubble_of(address), "receive on synctest channel from outside bubble");
    if world.point(Operation::Receive(address)) {
        return 0;
    }
    if let Some(result) = try_receive(world, address, element) {
        return result;
    }
    if block {
        wait_on(world, address, element, Role::Receive);
        world.park(Wait::ChanRecv { chan: address });
    }
    0
}

pub extern "C" fn chanclose(address: u64, pc: u64) -> u64 {
    let world: &mut World = world();
    world.current().pc = pc;
    if address == 0 {
        return 1;
    }
    world.check_bubble(bubble_of(address), "close of synctest channel from outside bubble");
    if world.point(Operation::Close(address)) {
        return 0;
    }
    let c = channel(address);
    if c.closed {
        world.natives.channels.failed_on = address;
        return 2;
    }
    let me = world.current().index;
    if world.sink.is_some() {
        let goroutine = world.current().header.id;
        if world.explores && world.natives.channels.closes.len() < MOST_CLOSES {
            world.natives.channels.closes.insert(address, (goroutine, pc));
        }
        world.access(true, meeting(address), 1, pc, 0);
        world.release(me, meeting(address));
    }
    c.closed = true;
    while let Some(waiter) = world.natives.channels.first(c.receivers) {
        clear(world, waiter.element, c.bytes());
        world.acquire(waiter.goroutine, meeting(address));
        complete(world, waiter, false);
    }
    while let Some(waiter) = world.natives.channels.first(c.senders) {
        world.natives.channels.failed_on = address;
        world.acquire(waiter.goroutine, meeting(address));
        complete(world, waiter, false);
    }
    0
}

/// A timer's channel has a place for its tick, which the program does not see: the tick may still be taken back.
pub extern "C" fn chanlen(address: u64) -> u64 {
    super::peeks();
    let c = channel(address);
    if c.timer == 0 { c.count } else { 0 }
}

pub extern "C" fn chancap(address: u64) -> u64 {
    let c = channel(address);
    if c.timer == 0 { c.capacity } else { 0 }
}

/// Empties a timer's channel.
pub extern "C" fn chandrain(address: u64) -> u64 {
    let world: &mut World = world();
    let c = channel(address);
    let count = c.count;
    while c.count > 0 {
        clear(world, c.slot(c.receive_at), c.bytes());
        c.receive_at = c.advance(c.receive_at);
        c.count -= 1;
    }
    count
}

fn is_ready(world: &World, address: u64, send: bool) -> bool {
    if address == 0 {
        return false;
    }
    let c = channel(address);
    if send {
        c.closed || world.natives.channels.first(c.receivers).is_some() || c.count < c.capacity
    } else {
        c.closed || world.natives.channels.first(c.senders).is_some() || c.count > 0
    }
}

/// `cases`: an array of {channel, element}, sends first.
pub extern "C" fn select(cases: *const [u64; 2], nsends: u64, nrecvs: u64, block: u64, pc: u64) -> Pair {
    let world: &mut World = world();
    world.current().pc = pc;
    if world.point(Operation::Select) {
        return Pair(0, 0);
    }
    // SAFETY: lowering passes an array of that many cases on the goroutine's stack, or reflect one in the heap.
    let cases = unsafe { std::slice::from_raw_parts(cases, (nsends + nrecvs) as usize) };
    for case in cases.iter().filter(|case| case[0] != 0) {
        world.check_bubble(bubble_of(case[0]), "select on synctest channel from outside bubble");
    }
    let mut ready = std::mem::take(&mut world.natives.channels.ready);
    ready.clear();
    for (i, case) in cases.iter().enumerate() {
        if is_ready(world, case[0], (i as u64) < nsends) {
            ready.push(i as u32);
        }
    }
    let chosen = match ready.len() {
        0 => None,
        1 => Some(ready[0]),
        n => Some(ready[world.policy.pick(n).min(n - 1)]),
    };
    world.natives.channels.ready = ready;
    if let Some(case) = chosen {
        world.got();
        let [address, element] = cases[case as usize];
        let flags = if u64::from(case) < nsends {
            match try_send(world, address, element, pc) {
                Some(CLOSED) => SEND_ON_CLOSED,
                _ => 0,
            }
        } else {
            try_receive(world, address, element).unwrap_or(0) & RECEIVED
        };
        return Pair(u64::from(case), flags);
    }
    if block as u8 == 0 {
        return Pair(u64::MAX, 0);
    }
    for (i, &[address, element]) in cases.iter().enumerate() {
        if address != 0 {
            let role = if (i as u64) < nsends { Role::SelectSend(i as u32) } else { Role::SelectReceive(i as u32) };
            wait_on(world, address, element, role);
        }
    }
    world.park(Wait::Select);
    Pair(0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queues_stay_linked_when_waiters_leave_anywhere() {
        let mut c = Box::new(Channel {
            buffer: 0,
            element: 8,
            capacity: 0,
            count: 0,
            send_at: 0,
            receive_at: 0,
            closed: false,
            bubble: 0,
            senders: Queue::default(),
            receivers: Queue::default(),
            timer: 0,
        });
        let address = std::ptr::from_mut(&mut *c) as u64;
        for gone in 0..4usize {
            let mut channels = Channels::default();
            let ids: Vec<u32> = (0..4)
                .map(|i| {
                    let role = Role::Send;
                    let w = Waiter { goroutine: Gi(i), channel: address, element: 0, role, next: 0, previous: 0 };
                    channels.enqueue(&mut channel(address).senders, w)
                })
                .collect();
            channels.unlink(ids[gone]);
            let mut order = Vec::new();
            while let Some(w) = channels.first(channel(address).senders) {
                order.push(w.goroutine.0);
                let head = channel(address).senders.head;
                channels.unlink(head);
            }
            let expected: Vec<u32> = (0..4).filter(|&i| i != gone as u32).collect();
            assert_eq!(order, expected);
            assert_eq!(channel(address).senders.tail, 0);
        }
    }
}
