//! In a live run whoever runs for long lets others go, also where there is no loop, which would count its turns.
//!
//! A timer of the thread's processor time sends it a signal every `PERIOD`. The handler uses up the budget of turns of the goroutine that
//! runs: the next turn of a loop lets others go, however much time its natives take. When it finds the thread in compiled code, on its
//! goroutine's stack, it also sets the goroutine's stack guard to `STOP`, which no stack pointer is above: the check at the entry of the next
//! function that has one comes to `gorace_grow`, which sets the guard right and lets others go, if the function may be switched out. A
//! program that waits takes no processor time and gets no signals; calls cost nothing more than before. A turn that is being counted when
//! the signal comes can undo the first; the next signal does it again.
//!
//! Where a seed decides there is no timer: schedules are functions of the seed. With several threads the goroutines that have none wait for
//! a loop or a native.
#![allow(unsafe_code, reason = "a signal handler, and the timer that it is for")]

use crate::goroutine::Goroutine;
use crate::signals;
use crate::stack;
use crate::world::{World, world_if_any};
use std::sync::atomic::{AtomicBool, Ordering};

/// The signal, which is Go's own for this.
pub const SIGNAL: i32 = libc::SIGURG;
/// Nanoseconds of processor time between two signals, as in Go.
const PERIOD: i64 = 10_000_000;

/// The program has asked for the signal.
static ASKED: AtomicBool = AtomicBool::new(false);

/// Sets the handler.
pub fn install() {
    signals::set(SIGNAL, handler as *const () as usize, libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART);
}

/// Whether the program is to be told of the signal when somebody sends it.
pub fn ask(on: bool) {
    ASKED.store(on, Ordering::Relaxed);
}

/// Starts the timer of this thread, in a live run. Without it (the system has no more) only loops are preempted.
pub fn start(world: &World) {
    if world.explores || world.threads.on || world.clock.is_virtual() {
        return;
    }
    // SAFETY: a zeroed sigevent is valid; the records live until the calls return; the thread's number is its own.
    unsafe {
        let mut event: libc::sigevent = std::mem::zeroed();
        event.sigev_notify = libc::SIGEV_THREAD_ID;
        event.sigev_signo = SIGNAL;
        event.sigev_notify_thread_id = libc::gettid();
        let mut timer: libc::timer_t = std::ptr::null_mut();
        if libc::timer_create(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut event, &raw mut timer) != 0 {
            return;
        }
        let period = libc::timespec { tv_sec: 0, tv_nsec: PERIOD };
        let times = libc::itimerspec { it_interval: period, it_value: period };
        libc::timer_settime(timer, 0, &raw const times, std::ptr::null_mut());
    }
}

extern "C" fn handler(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel passes both to an SA_SIGINFO handler.
    let (info, context) = unsafe { (&*info, &*context.cast::<libc::ucontext_t>()) };
    if info.si_code != libc::SI_TIMER {
        if ASKED.load(Ordering::Relaxed) {
            signals::record(signal);
        }
        return;
    }
    let Some(world) = world_if_any() else { return };
    let runs = world.on_processor.load(Ordering::Relaxed);
    if !runs.is_null() {
        // SAFETY: the goroutine that this thread runs; it is taken off the processor before its memory goes.
        unsafe { (&raw mut (*runs).header.budget).write_volatile(0) };
    }
    let registers = &context.uc_mcontext.gregs;
    let at = |register: i32| registers[register as usize] as u64;
    if !world.image.is_code(at(libc::REG_RIP)) {
        return;
    }
    let g = at(libc::REG_R15) as *mut Goroutine;
    // SAFETY: compiled code keeps its goroutine in this register, and this thread, which runs it, does nothing else meanwhile.
    unsafe {
        // Not on the system stack, where the collector calls Go code.
        if stack::owns(&*g, at(libc::REG_RSP)) {
            (&raw mut (*g).header.stack_guard).write_volatile(stack::STOP);
        }
    }
}
