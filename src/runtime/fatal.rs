//! The ends of a program that are not its own: Go's fatal errors, with Go's words and status 2, and faults of ours.
#![allow(
    unsafe_code,
    reason = "writes to descriptor 2 as Go does, without a lock that another thread may hold at a fork"
)]

use crate::events::Blocked;
use crate::goroutine::{Hold, Wait};
use crate::trace_text::{self, Detail};
use crate::world::World;
use crate::{asm, traceback};

fn say(text: &str) {
    // What happens after the program's end has not happened to its user.
    if crate::world::world_if_any().is_some_and(|world| world.epilogue.is_some()) {
        return;
    }
    // SAFETY: a whole buffer. Nothing can be done when standard error is closed.
    unsafe { libc::write(2, text.as_ptr().cast(), text.len()) };
}

/// Tells the detector that the running goroutine ends the program here, from frame `fp` (its native's frame if none) outwards.
pub fn tell_death(world: &mut World, fp: Option<u64>) {
    let Some(index) = world.running else { return };
    if world.epilogue.is_some() {
        return;
    }
    if let Some(mut sink) = world.sink.take() {
        let g = world.goroutines.peek(index);
        let stack = traceback::return_addresses(world, g, fp.unwrap_or(g.header.saved_fp));
        sink.death(g.header.id, &stack);
        world.sink = Some(sink);
    }
}

/// Tells the detector that the running goroutine ends the program with a status.
pub fn tell_exit(world: &mut World, status: i32) {
    let Some(index) = world.running.filter(|_| status != 0 && world.epilogue.is_none()) else { return };
    if let Some(mut sink) = world.sink.take() {
        let g = world.goroutines.peek(index);
        let stack = traceback::return_addresses(world, g, g.header.saved_fp);
        sink.exits(g.header.id, status, &stack);
        world.sink = Some(sink);
    }
}

/// The traces that end a fatal message, as far as GOTRACEBACK asks for them: of the running goroutine from frame `fp` (its native's frame
/// if none) outwards, and of the others. `is_throw`: with the runtime's frames, and all.
pub fn traces(world: &mut World, fp: Option<u64>, is_throw: bool) -> String {
    world.stop_others();
    let Detail { level, all } = world.detail;
    let level = if is_throw { 2 } else { level };
    let mut out = String::new();
    let fault = world.running.map_or([0; 4], |index| world.goroutines.peek(index).fault);
    if fault[0] != 0 {
        let name = crate::deadly::name(fault[0] as i32);
        out = format!("[signal {name} code={:#x} addr={:#x} pc={:#x}]\n", fault[1], fault[2], fault[3]);
    }
    if level > 0 {
        trace_text::write_current(world, &mut out, fp, level);
        if all || is_throw {
            trace_text::write_others(world, &mut out, level);
        }
    }
    out
}

/// Go's `fatal error: …`; ends the run. For what golib cannot say because it runs no longer, or not yet.
pub fn fatal(world: &mut World, text: &str) -> ! {
    end_with(world, format!("fatal error: {text}\n"), false)
}

/// The same for a fault that Go lays to its runtime.
pub fn throw(world: &mut World, text: &str) -> ! {
    end_with(world, format!("fatal error: {text}\n"), true)
}

fn end_with(world: &mut World, mut out: String, is_throw: bool) -> ! {
    out += &traces(world, None, is_throw);
    say(&out);
    tell_death(world, None);
    if world.crashes {
        crate::natives::os::die_from_signal(libc::SIGABRT as u64);
    }
    world.leave(2)
}

/// A signal ends the program; `head` says which.
pub fn end_by_signal(world: &mut World, head: String) -> ! {
    end_with(world, head, true)
}

/// The program ends in Go, when the running native returns: golib's `fatal` tells what it panics with at the moment, too. `native` is the
/// function in whose place the native stands.
pub fn end_in_go(world: &mut World, native: &'static str, words: &'static str) {
    if asm::hook(asm::HOOK_FATAL) == 0 {
        fatal(world, words);
    }
    let g = world.current();
    (g.native, g.last_words) = (Some(native), words);
    // SAFETY: the frame that the trampoline made, whose second word is the return address; `gorace_fatal` uses the one that is noted.
    unsafe {
        let at = (g.header.saved_fp + 8) as *mut u64;
        g.returns_to = *at;
        *at = asm::gorace_fatal as *const () as u64;
    }
}

/// A goroutine has used up the stack it may have.
pub fn stack_overflow(world: &mut World, sp: u64, low: u64, high: u64) -> ! {
    let limit = world.stacks.limit;
    let head = format!(
        "runtime: goroutine stack exceeds {limit}-byte limit\nruntime: sp={sp:#x} stack=[{low:#x}, {high:#x}]\nfatal error: stack overflow\n"
    );
    end_with(world, head, true)
}

/// All goroutines are asleep. Called by the scheduler, which then leaves.
pub fn deadlock(world: &mut World, main_exited: bool) {
    let others_go_on = world.natives.tests.others_go_on;
    if let Some(mut sink) = world.sink.take() {
        let mut blocked = blocked(world);
        // Whoever may go on has no part in it.
        blocked.retain(|b| !others_go_on || b.leaked);
        // Nor has the goroutine that runs the tests.
        let in_tests = world.options.leaks.is_some() && blocked.iter().any(|b| !b.test.is_empty());
        blocked.retain(|b| !in_tests || !b.test.is_empty());
        sink.deadlock(&blocked);
        world.sink = Some(sink);
    }
    let mut out = String::from(match (main_exited, others_go_on) {
        (true, _) => "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n",
        (_, true) => "fatal error: all goroutines of the running tests are asleep - deadlock!\n",
        _ => "fatal error: all goroutines are asleep - deadlock!\n",
    });
    if world.options.leaks.is_some() {
        out += &world.running_tests();
    }
    let level = world.detail.level;
    if level > 0 {
        trace_text::write_others(world, &mut out, level);
    }
    say(&out);
    if world.crashes {
        crate::natives::os::die_from_signal(libc::SIGABRT as u64);
    }
    world.exit_status = Some(2);
}

/// The parked goroutines, what they wait for and who holds it.
pub fn blocked(world: &World) -> Vec<Blocked> {
    let mut all: Vec<Blocked> = world
        .goroutines
        .iter()
        .filter(|g| !g.system && !matches!(g.wait, Wait::None | Wait::Exited))
        .map(|g| {
            let holders = match g.wait {
                Wait::Mutex { addr } => holders(world, addr, |_| true),
                // A reader also waits behind a writer that waits.
                Wait::ReadLock { addr } => {
                    let mut all = holders(world, addr, |hold| hold == Hold::Write);
                    let writers = world.goroutines.iter().filter(|w| w.wait == Wait::WriteLock { addr });
                    all.extend(writers.map(|w| w.header.id));
                    all
                }
                Wait::WriteLock { addr } => holders(world, addr, |_| true),
                _ => Vec::new(),
            };
            let behind = match g.wait {
                Wait::ReadLock { addr } => {
                    let held = self::holders(world, addr, |hold| hold == Hold::Write);
                    holders.iter().copied().filter(|holder| !held.contains(holder)).collect()
                }
                _ => Vec::new(),
            };
            let channels = g.waiters.iter().map(|&w| world.natives.channels.waiter_channel(w)).collect();
            Blocked {
                goroutine: g.header.id,
                wait: g.wait,
                holders,
                behind,
                channels,
                stack: traceback::return_addresses(world, g, g.header.saved_fp),
                test: world.natives.tests.name(g.test).to_string(),
                leaked: g.leaked,
                hopeless: false,
            }
        })
        .collect();
    all.sort_by_key(|b| b.goroutine);
    all
}

fn holders(world: &World, addr: u64, wanted: impl Fn(Hold) -> bool) -> Vec<u64> {
    let mut found: Vec<u64> = world
        .goroutines
        .iter()
        .filter(|g| g.held.iter().any(|h| h.addr == addr && wanted(h.hold)))
        .map(|g| g.header.id)
        .collect();
    found.sort_unstable();
    found
}

/// A fault of gorace itself.
pub fn bug(text: &str) -> ! {
    say(&format!("gorace: a fault of the runtime itself, not of the program: {text}\n"));
    std::process::abort()
}
