//! Goroutine natives.
#![allow(unsafe_code, reason = "reads the caller's return address; writes the hooks that assembly reads")]

use crate::asm::GORACE_HOOKS;
use crate::goroutine::Wait;
use crate::passing_time::LONG_LOOK;
use crate::policy::Operation;
use crate::world::{World, world};

/// Return address of the native call that runs.
pub fn caller_pc(world: &mut World) -> u64 {
    let fp = world.current().header.saved_fp;
    // SAFETY: the trampoline stored the frame that it made on the goroutine's stack.
    unsafe { *((fp + 8) as *const u64) }
}

pub extern "C" fn newproc(function: u64) {
    let world: &mut World = world();
    if world.point(Operation::Spawn) {
        return;
    }
    if function == 0 {
        crate::fatal::fatal(world, "go of nil func value");
    }
    let pc = caller_pc(world);
    world.start(function, pc, false);
}

pub extern "C" fn newsystemproc(function: u64) {
    let world: &mut World = world();
    world.start(function, 0, true);
}

/// The end of a goroutine; also where `gorace_start` ends.
pub extern "C" fn goexit1() {
    world().finish_current();
}

pub extern "C" fn gosched() {
    let world: &mut World = world();
    world.polled(LONG_LOOK);
    if !world.runnable.is_empty() {
        world.clock.tick(1_000);
        world.yield_now([0; 2]);
    }
}

pub extern "C" fn gopark_forever(reason: u64) {
    world().park(if reason == 1 { Wait::SelectEmpty } else { Wait::Forever });
}

pub extern "C" fn numgoroutine() -> u64 {
    let world: &mut World = world();
    super::peeks();
    (world.goroutines.len() - world.system_goroutines) as u64
}

pub extern "C" fn gomaxprocs(n: i64) -> i64 {
    let world: &mut World = world();
    let old = world.options.gomaxprocs;
    if n > 0 {
        world.options.gomaxprocs = n;
        world.threads.set_processors(n);
    }
    old
}

/// Whether several threads may run Go code.
pub extern "C" fn threads_on() -> u64 {
    u64::from(world().threads.on)
}

/// The goroutine stays on its processor, whose number this is, and nobody takes its turn, until golib's `unpin`. In front of that
/// another may go: what follows counts as one operation.
pub extern "C" fn pin() -> u64 {
    let world: &mut World = world();
    if world.point(Operation::Pin) {
        return 0;
    }
    u64::from(world.pin())
}

/// Whether `pin` has to be told of: where several threads run, or schedules are explored.
pub extern "C" fn pins_told() -> u64 {
    let world: &mut World = world();
    u64::from(world.threads.on || world.asks)
}

pub extern "C" fn numcpu() -> u64 {
    if world().explores {
        return crate::world::EXPLORED_PROCESSORS as u64;
    }
    std::thread::available_parallelism().map_or(1, |n| n.get() as u64)
}

pub extern "C" fn set_hook(kind: u64, function: u64) {
    // SAFETY: one thread runs Go code; assembly only reads the words.
    unsafe {
        if let Some(hook) = (&raw mut GORACE_HOOKS).as_mut().and_then(|hooks| hooks.get_mut(kind as usize)) {
            *hook = function;
        }
    }
}

/// In front of the program's end: another may go first.
pub extern "C" fn before_end() {
    world().point(Operation::End);
}

pub extern "C" fn main_started(running: u64) {
    let world: &mut World = world();
    world.main_running = running as u8 != 0;
    if world.main_running && !world.explores {
        crate::start_pages::release(&world.image);
    }
    world.main_done |= !world.main_running;
}

/// Entered by a register-preserving call from loops.
pub extern "C" fn preempt() {
    world().preempt();
}

/// A call of a function whose body is assembly that we don't have.
pub extern "C" fn missing_symbol(name: *const u8, len: u64) {
    // SAFETY: the linker's stub passes a text of the image.
    let name = unsafe { std::slice::from_raw_parts(name, len as u32 as usize) };
    let world: &mut World = world();
    let text = format!("{}: the function has no Go body, and gorace has none for it", String::from_utf8_lossy(name));
    crate::fatal::fatal(world, &text);
}
