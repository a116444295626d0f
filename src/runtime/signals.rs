//! Faults become Go panics, other signals become values for os/signal.
//!
//! A SIGSEGV, SIGBUS or SIGFPE in compiled code makes the goroutine call golib's sigpanic as if from the faulting instruction.
//! In a leaf native (which notes its frame) or in an ordinary native given a nil pointer, the fault is laid to the native's
//! caller. Any other fault is one of ours. The handler runs on a stack of its own.
#![allow(unsafe_code, reason = "signal handlers edit machine contexts")]

use crate::asm::{GORACE_HOOKS, HOOK_SIGPANIC, gorace_sigpanic, is_asm};
use crate::deadly;
use crate::goroutine::Goroutine;
use crate::overridden;
use crate::preemption;
use crate::shadow_pages;
use crate::stack;
use crate::threads;
use crate::world::world_if_any;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

const ALTERNATE: usize = 64 << 10;

/// Signals that came since the last look, a bit each.
pub static PENDING: AtomicU64 = AtomicU64::new(0);

/// A descriptor whose being written to ends the scheduler's wait; negative for none.
pub static POKE: AtomicI32 = AtomicI32::new(-1);

/// Gives this thread a stack of its own for handlers.
pub fn install_alternate() {
    let memory = vec![0u8; ALTERNATE].leak();
    let alternate = libc::stack_t { ss_sp: memory.as_mut_ptr().cast(), ss_flags: 0, ss_size: ALTERNATE };
    // SAFETY: the memory is leaked, so it outlives the thread.
    unsafe { libc::sigaltstack(&alternate, std::ptr::null_mut()) };
}

/// Installs the handlers for faults.
pub fn install() {
    install_alternate();
    for signal in [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL] {
        set(signal, fault as *const () as usize, libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER);
    }
    deadly::install();
    preemption::install();
    // Go turns a broken pipe on standard output into its default action, and ignores it elsewhere (EPIPE).
    set(libc::SIGPIPE, libc::SIG_IGN, 0);
}

/// Sets a signal's action.
pub fn set(signal: i32, handler: usize, flags: i32) {
    // SAFETY: a zeroed sigaction with the handler filled in is valid.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler;
        action.sa_flags = flags;
        libc::sigemptyset(&mut action.sa_mask);
        libc::sigaction(signal, &action, std::ptr::null_mut());
    }
}

/// Records a signal from now on.
pub fn enable(signal: i32) {
    if signal == preemption::SIGNAL {
        return preemption::ask(true);
    }
    set(signal, record as *const () as usize, libc::SA_ONSTACK | libc::SA_RESTART);
}

/// Back to what it does when nobody has asked for it.
pub fn disable(signal: i32) {
    if signal == preemption::SIGNAL {
        return preemption::ask(false);
    }
    if signal == libc::SIGPIPE {
        set(signal, libc::SIG_IGN, 0);
    } else {
        deadly::set_default(signal);
    }
}

/// Ignores a signal.
pub fn ignore(signal: i32) {
    if signal == preemption::SIGNAL {
        return preemption::ask(false);
    }
    set(signal, libc::SIG_IGN, 0);
}

/// A handler that does no more.
pub extern "C" fn record(signal: i32) {
    PENDING.fetch_or(1 << (signal as u64 & 63), Ordering::Relaxed);
    poke();
}

/// Ends the scheduler's wait. For handlers.
pub fn poke() {
    let (poke, one) = (POKE.load(Ordering::Relaxed), 1u64);
    if poke >= 0 {
        // SAFETY: writes eight bytes to the runtime's own descriptor; `write` may be called from a handler.
        unsafe { libc::write(poke, (&raw const one).cast(), 8) };
    }
}

extern "C" fn fault(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel passes both to an SA_SIGINFO handler.
    let (info, context) = unsafe { (&*info, &mut *context.cast::<libc::ucontext_t>()) };
    if info.si_code <= 0 {
        // Somebody has sent it.
        return deadly::note(signal, info, context);
    }
    let registers = &mut context.uc_mcontext.gregs;
    let pc = registers[libc::REG_RIP as usize] as u64;
    let sp = registers[libc::REG_RSP as usize] as u64;
    // SAFETY: valid for the fault signals.
    let address = unsafe { info.si_addr() } as u64;
    let Some(address) = shadow_pages::accessed(pc, address, info.si_code) else { return };
    let redirected = redirect(signal, pc, sp, address);
    let at = redirected.map_or(pc, |(pc, ..)| pc);
    let Some((pc, sp, fp)) = redirected else {
        let what = match signal {
            libc::SIGILL => "an illegal instruction (code that must not be reached)",
            _ => "a memory fault outside of compiled code",
        };
        crate::fatal::bug(&format!("{what}: signal {signal}, pc {pc:#x}, address {address:#x}"));
    };
    let sp = sp - 8;
    // SAFETY: `redirect` gave a stack pointer inside the goroutine's stack with reserve below it.
    unsafe { std::ptr::write(sp as *mut u64, pc + 1) };
    registers[libc::REG_RSP as usize] = sp as i64;
    registers[libc::REG_RIP as usize] = gorace_sigpanic as *const () as i64;
    if let Some(fp) = fp {
        registers[libc::REG_RBP as usize] = fp as i64;
    }
    if let Some(g) = current() {
        // SAFETY: the goroutine that this thread runs; sigpanic looks at it next.
        unsafe { (*g).fault = [signal as u64, info.si_code as u64, address, at] };
        registers[libc::REG_R15 as usize] = g as i64;
    }
}

/// The goroutine that this thread runs.
fn current() -> Option<*mut Goroutine> {
    let world = world_if_any()?;
    if world.threads.on {
        return Some(threads::current_goroutine()).filter(|g| !g.is_null());
    }
    world.running?;
    Some(world.current())
}

/// Where the panic is to be laid: pc, stack pointer, frame pointer if it changes.
fn redirect(signal: i32, pc: u64, sp: u64, address: u64) -> Option<(u64, u64, Option<u64>)> {
    let world = world_if_any()?;
    let current = current()?;
    // SAFETY: a plain read; golib set it before user code runs.
    if unsafe { GORACE_HOOKS[HOOK_SIGPANIC] } == 0 || signal == libc::SIGILL {
        return None;
    }
    if world.image.is_code(pc) {
        return Some((pc, sp, None));
    }
    let frame = |fp: u64| {
        // SAFETY: `fp` is a frame that one of our trampolines made on the goroutine's stack.
        let (caller_fp, ret) = unsafe { (*(fp as *const u64), *((fp + 8) as *const u64)) };
        (ret - 1, fp + 16, Some(caller_fp))
    };
    // SAFETY: this thread runs it.
    let g = unsafe { &mut *current };
    if stack::owns(g, sp) {
        if pc == address && !is_asm(pc) {
            // A jump to nowhere: the return address is on top.
            // SAFETY: the stack pointer is inside the goroutine's stack.
            let ret = unsafe { *(sp as *const u64) };
            return Some((ret - 1, sp + 8, None));
        }
        if !is_asm(pc) && g.leaf_frame >= sp && stack::owns(g, g.leaf_frame) {
            return Some(frame(g.leaf_frame));
        }
        return None;
    }
    if address < 4096 && signal == libc::SIGSEGV && stack::owns(g, g.header.saved_fp) {
        g.header.park = 0;
        // SAFETY: where the trampoline has put the native's address; its frame is whole while the native runs.
        g.native = overridden::replaced(unsafe { *((g.header.saved_sp + 48) as *const u64) });
        let at = frame(g.header.saved_fp);
        if world.threads.on {
            // SAFETY: natives look at what they were given before they do anything else.
            unsafe { threads::leave_native(current) };
        }
        return Some(at);
    }
    None
}
