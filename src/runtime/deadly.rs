//! Signals that end the program, and those that do nothing, as Go's runtime has it: what the program has not asked for (`os/signal`).
//!
//! The handler only notes the signal: it may have interrupted anything. The program ends where the runtime looks next: at the end of a
//! system call, when a loop's budget is used up, when nobody can run. Faults of compiled code are not meant here (`signals`), but a
//! SIGSEGV that somebody sent is.
#![allow(unsafe_code, reason = "installs handlers and reads what the kernel passes to them")]

use crate::signals;
use crate::world::World;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

/// The first signal that is to end the program; 0 for none. Behind it: where, its code, its address.
static SIGNAL: AtomicI32 = AtomicI32::new(0);
static DETAILS: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];

/// Go's table: those that end the program with the traces of all goroutines.
const NAMES: [(i32, &str); 9] = [
    (libc::SIGQUIT, "SIGQUIT: quit"),
    (libc::SIGILL, "SIGILL: illegal instruction"),
    (libc::SIGTRAP, "SIGTRAP: trace trap"),
    (libc::SIGABRT, "SIGABRT: abort"),
    (libc::SIGBUS, "SIGBUS: bus error"),
    (libc::SIGFPE, "SIGFPE: floating-point exception"),
    (libc::SIGSEGV, "SIGSEGV: segmentation violation"),
    (libc::SIGSTKFLT, "SIGSTKFLT: stack fault"),
    (libc::SIGSYS, "SIGSYS: bad system call"),
];

/// Go's words for a signal.
pub fn name(signal: i32) -> &'static str {
    NAMES.iter().find(|(number, _)| *number == signal).map_or("", |(_, name)| name)
}

/// What happens to a signal that nobody has asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// The kernel's own action.
    Default,
    Nothing,
    Death,
    /// `signals` handles it.
    Fault,
}

fn fate(signal: i32) -> Fate {
    match signal {
        libc::SIGSEGV | libc::SIGBUS | libc::SIGFPE | libc::SIGILL => Fate::Fault,
        libc::SIGQUIT | libc::SIGTRAP | libc::SIGABRT | libc::SIGSTKFLT | libc::SIGSYS => Fate::Death,
        libc::SIGUSR1
        | libc::SIGUSR2
        | libc::SIGALRM
        | libc::SIGXCPU
        | libc::SIGXFSZ
        | libc::SIGVTALRM
        | libc::SIGPROF
        | libc::SIGIO
        | libc::SIGPWR
        | 35..=64 => Fate::Nothing,
        _ => Fate::Default,
    }
}

/// Sets the action of a signal that the program has not asked for.
pub fn set_default(signal: i32) {
    match fate(signal) {
        Fate::Fault => {}
        Fate::Default => signals::set(signal, libc::SIG_DFL, 0),
        Fate::Nothing => signals::set(signal, nothing as *const () as usize, libc::SA_ONSTACK | libc::SA_RESTART),
        Fate::Death => {
            signals::set(signal, death as *const () as usize, libc::SA_ONSTACK | libc::SA_SIGINFO);
        }
    }
}

/// Sets the actions of all signals.
pub fn install() {
    (1..=64).filter(|&signal| matches!(fate(signal), Fate::Nothing | Fate::Death)).for_each(set_default);
}

extern "C" fn nothing(_: i32) {}

extern "C" fn death(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel passes both to an SA_SIGINFO handler.
    let (info, context) = unsafe { (&*info, &*context.cast::<libc::ucontext_t>()) };
    note(signal, info, context);
}

/// A signal has come that ends the program.
pub fn note(signal: i32, info: &libc::siginfo_t, context: &libc::ucontext_t) {
    if SIGNAL.load(Ordering::Relaxed) == 0 {
        let pc = context.uc_mcontext.gregs[libc::REG_RIP as usize] as u64;
        // SAFETY: of a signal that was sent, these bytes are the sender's number, which Go prints as its address.
        let address = unsafe { info.si_addr() } as u64;
        for (word, value) in DETAILS.iter().zip([pc, info.si_code as i64 as u64, address]) {
            word.store(value, Ordering::Relaxed);
        }
        SIGNAL.store(signal, Ordering::Relaxed);
    }
    signals::poke();
}

/// Ends the program if a signal has come that does.
#[inline]
pub fn look(world: &mut World) {
    if SIGNAL.load(Ordering::Relaxed) != 0 {
        die(world);
    }
}

#[cold]
fn die(world: &mut World) -> ! {
    let signal = SIGNAL.load(Ordering::Relaxed);
    let [pc, code, address] = [0, 1, 2].map(|i| DETAILS[i].load(Ordering::Relaxed));
    let mut head = format!("{}\nPC={pc:#x} m=0 sigcode={}", name(signal), code as i64);
    if matches!(signal, libc::SIGSEGV | libc::SIGBUS) {
        head += &format!(" addr={address:#x}");
    }
    head.push('\n');
    if matches!(signal, libc::SIGILL | libc::SIGFPE) {
        head += "instruction bytes:";
        let len = (4096 - pc % 4096).min(16);
        for at in pc..pc + len {
            // SAFETY: the instructions that were run when the signal came; not beyond their page.
            head += &format!(" {:#x}", unsafe { (at as *const u8).read() });
        }
        head.push('\n');
    }
    if world.running.is_none() {
        head += "\ngoroutine 0 [idle]:\n";
    }
    crate::fatal::end_by_signal(world, head)
}
