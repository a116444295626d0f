//! The operating system: system calls that do not stop the other goroutines, arguments, exit, signals.
//!
//! One thread runs everything, so a call that would block parks its goroutine instead: before a read or write on a blocking
//! descriptor the native polls it; named pipes are opened by a thread (`fifo`); waits for child processes are made without hanging and repeated. The scheduler
//! polls all awaited descriptors when nobody can run, and now and then otherwise.
#![allow(unsafe_code, reason = "system calls on the program's memory")]

use super::fifo::Opening;
use crate::address_space::{MAPPINGS_BASE, OTHER_END};
use crate::goroutine::{Gi, Wait};
use crate::signals::{self, PENDING};
use crate::world::{Mode, Options, World, world};
use gorace_abi::calling::Pair;
use std::ffi::CString;
use std::sync::atomic::Ordering;

/// State for the natives of this file.
pub struct Os {
    texts: [Vec<CString>; 2],
    descriptors: Vec<(Gi, i32, i16)>,
    /// Counts what has come to be awaited, or not to be any longer.
    changes: u64,
    processes: Vec<Gi>,
    openings: Vec<Opening>,
    signal_waiter: Option<Gi>,
    enabled: u64,
    ignored: u64,
    next_mapping: u64,
    /// This process was forked to become another program.
    is_child: bool,
}

/// Whether a descriptor is a socket of an IP network.
fn is_internet(fd: i32) -> bool {
    let (mut domain, mut size) = (0, size_of::<i32>() as libc::socklen_t);
    // SAFETY: both places are ours, and as large as they are said to be.
    let got =
        unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_DOMAIN, (&raw mut domain).cast(), &raw mut size) };
    got == 0 && matches!(domain, libc::AF_INET | libc::AF_INET6)
}

/// Whether this process has children, ended or not.
fn has_children() -> bool {
    // SAFETY: a zeroed record is valid; nothing is reaped.
    let got = unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        libc::waitid(libc::P_ALL, 0, &raw mut info, libc::WEXITED | libc::WNOHANG | libc::WNOWAIT)
    };
    got == 0
}

impl Os {
    pub fn new(options: &Options) -> Os {
        Os {
            texts: [options.args.clone(), options.env.clone()],
            descriptors: Vec::new(),
            changes: 0,
            processes: Vec::new(),
            openings: Vec::new(),
            signal_waiter: None,
            enabled: 0,
            ignored: 0,
            next_mapping: MAPPINGS_BASE,
            is_child: false,
        }
    }

    /// Changes with what is awaited outside of the program.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// Whether a goroutine waits for something outside of the program.
    pub fn anyone_waits(&self) -> bool {
        !self.descriptors.is_empty()
            || !self.processes.is_empty()
            || (self.signal_waiter.is_some() && self.enabled != 0)
    }
}

impl Os {
    /// Where a mapping of so many bytes that the program asks for goes: where the race checks of compiled code find readable shadow. 0 when
    /// there is no room.
    fn place(&mut self, len: u64) -> u64 {
        let (at, len) = (self.next_mapping, len.next_multiple_of(4096));
        if at.saturating_add(len) >= OTHER_END {
            return 0;
        }
        self.next_mapping += len + 4096;
        at
    }

    /// Whether all that is awaited is the run's own doing: sockets, in a network that nobody else is in, and no child processes. What was sent
    /// there has come as soon as it was sent.
    pub fn is_by_itself(&self, has_own_network: bool) -> bool {
        has_own_network
            && self.processes.is_empty()
            && self.openings.is_empty()
            && (self.signal_waiter.is_none() || self.enabled == 0)
            && self.descriptors.iter().all(|&(_, fd, _)| is_internet(fd))
            && !has_children()
    }

    /// A goroutine parks until a descriptor is ready.
    pub fn await_descriptor(&mut self, index: Gi, fd: i32, events: i16) {
        self.changes += 1;
        self.descriptors.push((index, fd, events));
    }

    /// A goroutine awaits its descriptor no longer; whether it did.
    pub fn forget_descriptor(&mut self, index: Gi) -> bool {
        self.changes += 1;
        let before = self.descriptors.len();
        self.descriptors.retain(|&(waiter, ..)| waiter != index);
        self.descriptors.len() != before
    }
}

/// How often child processes are looked at, in nanoseconds.
const PROCESS_LOOK: i64 = 1_000_000;

/// Waits up to `timeout` nanoseconds (negative: for ever) for what goroutines await, and lets those go on.
pub fn poll(world: &mut World, timeout: i64) {
    let ready = Poll::new(&world.natives.os, timeout, -1).wait();
    wake_ready(world, &ready);
}

/// A wait for what goroutines await, which needs nothing of the world.
pub struct Poll {
    waiters: Vec<(Gi, i32)>,
    polled: Vec<libc::pollfd>,
    /// Nanoseconds; negative: for ever.
    timeout: i64,
}

impl Poll {
    /// `poke` is a descriptor that ends the wait as well; negative for none.
    pub fn new(os: &Os, timeout: i64, poke: i32) -> Poll {
        let timeout = match (os.processes.is_empty(), timeout) {
            (true, t) => t,
            (false, t) if t < 0 => PROCESS_LOOK,
            (false, t) => t.min(PROCESS_LOOK),
        };
        let waiters = os.descriptors.iter().map(|&(index, fd, _)| (index, fd)).collect();
        let mut polled: Vec<libc::pollfd> =
            os.descriptors.iter().map(|&(_, fd, events)| libc::pollfd { fd, events, revents: 0 }).collect();
        // The kernel leaves negative descriptors out.
        polled.push(libc::pollfd { fd: poke, events: libc::POLLIN, revents: 0 });
        Poll { waiters, polled, timeout }
    }

    /// Waits; gives the goroutines whose descriptors are ready, and these.
    pub fn wait(mut self) -> Vec<(Gi, i32)> {
        let timeout = self.timeout;
        let time = libc::timespec { tv_sec: timeout.max(0) / 1_000_000_000, tv_nsec: timeout.max(0) % 1_000_000_000 };
        let time = if timeout < 0 { std::ptr::null() } else { &raw const time };
        // SAFETY: the array has the length passed; the time outlives the call. An interruption counts as a wake-up.
        unsafe { libc::ppoll(self.polled.as_mut_ptr(), self.polled.len() as libc::nfds_t, time, std::ptr::null()) };
        let hits = self.waiters.into_iter().zip(&self.polled);
        hits.filter(|(_, polled)| polled.revents != 0).map(|(waiter, _)| waiter).collect()
    }
}

/// Lets those go on whose descriptors are ready, if they still wait for them, and those that look for child processes.
pub fn wake_ready(world: &mut World, ready: &[(Gi, i32)]) {
    let os = &mut world.natives.os;
    let mut woken: Vec<Gi> = std::mem::take(&mut os.processes);
    let mut hits = ready.iter().peekable();
    os.descriptors.retain(|&(index, fd, _)| {
        // Both are in the order of waiting; some may have gone since, and some come.
        let hit = hits.peek() == Some(&&(index, fd)) || ready.contains(&(index, fd));
        if hit {
            hits.next();
            woken.push(index);
        }
        !hit
    });
    for index in woken {
        world.ready(index);
    }
    deliver_signals(world);
}

/// Wakes the goroutine that waits for signals when one has come.
pub fn deliver_signals(world: &mut World) {
    crate::deadly::look(world);
    if PENDING.load(Ordering::Relaxed) != 0
        && let Some(index) = world.natives.os.signal_waiter.take()
    {
        world.ready(index);
    }
}

pub extern "C" fn exit(status: u64) {
    crate::fatal::tell_exit(world(), status as i32);
    world().end(status as i32);
}

pub extern "C" fn write(fd: u64, text: *const u8, n: u64) -> u64 {
    // SAFETY: golib passes its buffer; the kernel checks it besides.
    unsafe { libc::write(fd as i32, text.cast(), n as u32 as usize) as u64 }
}

/// The descriptor and direction that a system call may block on.
fn may_block(number: u64, first: u64) -> Option<(i32, i16)> {
    let events = match number as i64 {
        libc::SYS_read
        | libc::SYS_readv
        | libc::SYS_recvfrom
        | libc::SYS_recvmsg
        | libc::SYS_accept
        | libc::SYS_accept4 => libc::POLLIN,
        libc::SYS_write | libc::SYS_writev | libc::SYS_sendto | libc::SYS_sendmsg => libc::POLLOUT,
        _ => return None,
    };
    Some((first as i32, events))
}

fn is_ready_or_nonblocking(fd: i32, events: i16) -> bool {
    let mut polled = libc::pollfd { fd, events, revents: 0 };
    // SAFETY: one record.
    let ready = unsafe { libc::poll(&mut polled, 1, 0) };
    if ready != 0 {
        return true;
    }
    // SAFETY: no memory is passed.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFL) };
    flags < 0 || flags & libc::O_NONBLOCK != 0
}

pub(super) fn raw(number: u64, a: [u64; 6]) -> (u64, u64) {
    let result: u64;
    let second: u64;
    // The kernel's convention itself: libc's wrapper loses the second result register.
    // SAFETY: the program's own system call, with its own arguments.
    unsafe {
        std::arch::asm!(
            "syscall",
            inlateout("rax") number => result,
            in("rdi") a[0], in("rsi") a[1], inlateout("rdx") a[2] => second,
            in("r10") a[3], in("r8") a[4], in("r9") a[5],
            lateout("rcx") _, lateout("r11") _,
        );
    }
    (result, second)
}

pub extern "C" fn syscall(args: *mut [u64; 10]) {
    let world: &mut World = world();
    // SAFETY: golib passes an array of ten words.
    let args = unsafe { &mut *args };
    let number = args[0];
    let mut a = [args[1], args[2], args[3], args[4], args[5], args[6]];
    // A child process has nobody else to run.
    if !world.natives.os.is_child
        && let Some((fd, events)) = may_block(number, a[0])
        && !is_ready_or_nonblocking(fd, events)
    {
        let index = world.current().index;
        world.natives.os.await_descriptor(index, fd, events);
        return world.park_and_retry(Wait::Io { fd, events });
    }
    if !world.natives.os.is_child
        && matches!(number as i64, libc::SYS_open | libc::SYS_openat)
        && let Some(outcome) = open(world, number, a)
    {
        if let Some(result) = outcome {
            finish(args, (result, 0));
        }
        return;
    }
    if !world.natives.os.is_child
        && let Some(network) = &mut world.natives.network
    {
        network.before(number, a);
    }
    match number as i64 {
        libc::SYS_exit | libc::SYS_exit_group if !world.natives.os.is_child => return world.end(a[0] as i32),
        libc::SYS_mmap if a[0] == 0 => a[0] = world.natives.os.place(a[1]),
        libc::SYS_shmat if a[1] == 0 => {
            // SAFETY: a zeroed record is valid, and is filled in.
            let len = unsafe {
                let mut segment: libc::shmid_ds = std::mem::zeroed();
                libc::shmctl(a[0] as i32, libc::IPC_STAT, &raw mut segment);
                segment.shm_segsz as u64
            };
            a[1] = world.natives.os.place(len);
        }
        libc::SYS_mremap if a[3] & 3 == libc::MREMAP_MAYMOVE as u64 => {
            let (result, _) = raw(number, [a[0], a[1], a[2], 0, 0, 0]);
            if result as i64 != -i64::from(libc::ENOMEM) {
                return finish(args, (result, 0));
            }
            a[4] = world.natives.os.place(a[2]);
            a[3] |= if a[4] == 0 { 0 } else { libc::MREMAP_FIXED as u64 };
        }
        libc::SYS_wait4 if a[2] & libc::WNOHANG as u64 == 0 => {
            let (result, _) = raw(number, [a[0], a[1], a[2] | libc::WNOHANG as u64, a[3], 0, 0]);
            if result == 0 {
                return wait_for_process(world);
            }
            return finish(args, (result, 0));
        }
        libc::SYS_waitid if a[3] & libc::WNOHANG as u64 == 0 => {
            // SAFETY: a zeroed siginfo is valid.
            let mut own: libc::siginfo_t = unsafe { std::mem::zeroed() };
            let info = if a[2] == 0 { &raw mut own } else { a[2] as *mut libc::siginfo_t };
            // SAFETY: the program's record, or ours; `si_pid` of a record that stays zero says that nothing was found.
            unsafe { (info as *mut u64).add(2).write(0) };
            let (result, _) = raw(number, [a[0], a[1], info as u64, a[3] | libc::WNOHANG as u64, a[4], 0]);
            // SAFETY: as above.
            if result == 0 && unsafe { (info as *const i32).add(4).read() } == 0 {
                return wait_for_process(world);
            }
            return finish(args, (result, 0));
        }
        _ => {}
    }
    let result = crate::threads::outside(|| raw(number, a));
    finish(args, result);
    if !world.natives.os.is_child {
        if let Some(network) = &mut world.natives.network {
            network.after(number, a, result.0);
        }
        crate::deadly::look(world);
    }
}

/// A call that opens a named pipe: its result when it has returned, nothing inside when the goroutine has to wait for that. None for
/// other calls.
fn open(world: &mut World, number: u64, a: [u64; 6]) -> Option<Option<u64>> {
    let index = world.current().index;
    let os = &mut world.natives.os;
    let opening = match os.openings.iter().position(|opening| opening.goroutine == index) {
        Some(at) => os.openings.swap_remove(at),
        None => Opening::begin(index, number, a)?,
    };
    if let Some(result) = opening.result() {
        return Some(Some(result));
    }
    let (fd, events) = (opening.descriptor(), libc::POLLIN);
    os.openings.push(opening);
    os.await_descriptor(index, fd, events);
    world.park_and_retry(Wait::Io { fd, events });
    Some(None)
}

fn wait_for_process(world: &mut World) {
    let index = world.current().index;
    world.natives.os.changes += 1;
    world.natives.os.processes.push(index);
    world.park_and_retry(Wait::Process);
}

fn finish(args: &mut [u64; 10], (result, second): (u64, u64)) {
    if result > u64::MAX - 4095 {
        (args[7], args[8], args[9]) = (u64::MAX, 0, result.wrapping_neg());
    } else {
        (args[7], args[8], args[9]) = (result, second, 0);
    }
}

/// `syscall.rawVforkSyscall`: the child gets its own copy of memory instead of borrowing the parent's, so that it may return.
pub extern "C" fn vfork(number: u64, flags: u64, a2: u64, a3: u64) -> Pair {
    let flags = flags & !((libc::CLONE_VM | libc::CLONE_VFORK) as u64);
    let (result, _) = raw(number, [flags, a2, a3, 0, 0, 0]);
    if result == 0 {
        world().natives.os.is_child = true;
        world().threads.leave_behind();
    }
    if result > u64::MAX - 4095 { Pair(u64::MAX, result.wrapping_neg()) } else { Pair(result, 0) }
}

pub extern "C" fn arg_count(kind: u64) -> u64 {
    world().natives.os.texts[usize::from(kind != 0)].len() as u64
}

pub extern "C" fn arg_at(kind: u64, i: u64) -> u64 {
    world().natives.os.texts[usize::from(kind != 0)].get(i as usize).map_or(0, |text| text.as_ptr() as u64)
}

pub extern "C" fn walltime(out: *mut i64) {
    let (seconds, nanoseconds) = world().clock.wall();
    // SAFETY: golib passes two words.
    unsafe {
        *out = seconds;
        *out.add(1) = nanoseconds;
    }
}

pub extern "C" fn rand64() -> u64 {
    world().policy.random()
}

pub extern "C" fn seeded_run() -> u64 {
    u64::from(matches!(world().options.mode, Mode::Explore { .. }))
}

pub extern "C" fn signal_info(out: *mut [u64; 4]) {
    // SAFETY: golib passes four words; the handler wrote the fault before it sent the goroutine here.
    unsafe { *out = world().current().fault };
}

pub extern "C" fn fault_forgotten() {
    let g = world().current();
    g.fault[0] = 0;
    g.native = None;
}

/// For `signal`, which os/signal enables for all it can at `Notify` of everything.
fn catchable(signal: u64) -> bool {
    !matches!(
        signal as i32,
        0 | libc::SIGKILL | libc::SIGSTOP | libc::SIGSEGV | libc::SIGBUS | libc::SIGFPE | libc::SIGILL | libc::SIGPROF
    ) && signal < 64
}

pub extern "C" fn signal_enable(signal: u64) {
    let signal = u64::from(signal as u32);
    if catchable(signal) {
        let os = &mut world().natives.os;
        os.changes += 1;
        os.enabled |= 1 << signal;
        os.ignored &= !(1 << signal);
        signals::enable(signal as i32);
    }
}

pub extern "C" fn signal_disable(signal: u64) {
    let signal = u64::from(signal as u32);
    if catchable(signal) {
        let os = &mut world().natives.os;
        os.enabled &= !(1 << signal);
        os.ignored &= !(1 << signal);
        signals::disable(signal as i32);
    }
}

pub extern "C" fn signal_ignore(signal: u64) {
    let signal = u64::from(signal as u32);
    if catchable(signal) {
        let os = &mut world().natives.os;
        os.enabled &= !(1 << signal);
        os.ignored |= 1 << signal;
        signals::ignore(signal as i32);
    }
}

pub extern "C" fn signal_ignored(signal: u64) -> u64 {
    world().natives.os.ignored >> (signal & 63) & 1
}

/// Ends the process as a signal does by default.
pub extern "C" fn die_from_signal(signal: u64) {
    // SAFETY: plain calls.
    unsafe {
        libc::signal(signal as i32, libc::SIG_DFL);
        libc::raise(signal as i32);
    }
}

/// A write to standard output or error has failed because nobody reads it.
pub extern "C" fn sigpipe() {
    let bit = 1u64 << libc::SIGPIPE;
    let os = &world().natives.os;
    if os.ignored & bit != 0 {
        return;
    }
    if os.enabled & bit != 0 {
        PENDING.fetch_or(bit, Ordering::Relaxed);
        return deliver_signals(world());
    }
    die_from_signal(libc::SIGPIPE as u64);
}

pub extern "C" fn signal_wait() -> u64 {
    let world: &mut World = world();
    let pending = PENDING.load(Ordering::Relaxed) & world.natives.os.enabled;
    if pending != 0 {
        let signal = u64::from(pending.trailing_zeros());
        PENDING.fetch_and(!(1 << signal), Ordering::Relaxed);
        return signal;
    }
    PENDING.fetch_and(world.natives.os.enabled, Ordering::Relaxed);
    let g = world.current();
    if !g.system {
        g.system = true;
        world.system_goroutines += 1;
    }
    let index = world.current().index;
    world.natives.os.changes += 1;
    world.natives.os.signal_waiter = Some(index);
    world.park_and_retry(Wait::Signal);
    0
}
