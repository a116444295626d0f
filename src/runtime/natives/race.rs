//! The race detector's natives: slow paths of the inline checks, explicit checks, and edges from std's annotations.
#![allow(unsafe_code, reason = "reads frames")]

use crate::events::{Does, Site};
use crate::first_step::{READS, UPDATES, WRITES};
use crate::goroutine::Goroutine;
use crate::natives::goroutine::caller_pc;
use crate::world::{World, world};

/// A check of an access, in two steps.
#[repr(C)]
#[derive(Debug)]
pub struct Check {
    /// On the goroutine's own stack: address, the activation's word, return address, goroutine, frame pointer. Whether the access is decided.
    pub decides: unsafe extern "C" fn(u64, u64, u64, *const Goroutine, u64) -> bool,
    /// On the system stack, if it was not: address, the activation's word, return address, frame pointer.
    pub judges: extern "C" fn(u64, u64, u64, u64),
    /// A bit for each byte of the access, and what it does (`first_step`).
    pub bytes: u32,
    pub does: u32,
}

macro_rules! checks {
    ($($name:ident, $does:ident, $access:expr, $size:literal;)*) => {
        $(
            /// Entered with every register preserved.
            #[allow(non_upper_case_globals, reason = "named as the native")]
            pub static $name: Check = {
                unsafe extern "C" fn decides(
                    addr: u64,
                    activation: u64,
                    pc: u64,
                    g: *const Goroutine,
                    frame: u64,
                ) -> bool {
                    // SAFETY: compiled code passes the goroutine that it runs as.
                    let g = unsafe { &*g };
                    world().decides(Does::$does, g, addr, $size, Site { pc, frame, activation })
                }
                extern "C" fn judges(addr: u64, activation: u64, pc: u64, frame: u64) {
                    $access(world(), addr, $size, Site { pc, frame, activation });
                }
                let does = match Does::$does {
                    Does::Read => READS,
                    Does::Write => WRITES,
                    Does::Update => UPDATES,
                };
                Check { decides, judges, bytes: (1 << $size) - 1, does }
            };
        )*
    };
}

checks! {
    read1, Read, World::read, 1;
    read2, Read, World::read, 2;
    read4, Read, World::read, 4;
    read8, Read, World::read, 8;
    write1, Write, World::write, 1;
    write2, Write, World::write, 2;
    write4, Write, World::write, 4;
    write8, Write, World::write, 8;
    update1, Update, World::read_and_write, 1;
    update2, Update, World::read_and_write, 2;
    update4, Update, World::read_and_write, 4;
    update8, Update, World::read_and_write, 8;
}

pub extern "C" fn read_range(addr: u64, size: u64, pc: u64, frame: u64) {
    world().read(addr, size, Site { pc, frame, activation: 0 });
}

pub extern "C" fn write_range(addr: u64, size: u64, pc: u64, frame: u64) {
    world().write(addr, size, Site { pc, frame, activation: 0 });
}

fn explicit(write: bool, addr: u64, size: u64, pc: u64) {
    let world: &mut World = world();
    if world.sink.is_some() {
        // From the native's own frame on: it shows which function made the check.
        let frame = world.current().header.saved_fp;
        world.access(write, addr, size, pc, frame);
    }
}

pub extern "C" fn read_from(addr: u64, pc: u64) {
    explicit(false, addr, 1, pc);
}

pub extern "C" fn write_from(addr: u64, pc: u64) {
    explicit(true, addr, 1, pc);
}

pub extern "C" fn read_range_from(addr: u64, size: u64, pc: u64) {
    explicit(false, addr, size, pc);
}

pub extern "C" fn write_range_from(addr: u64, size: u64, pc: u64) {
    explicit(true, addr, size, pc);
}

/// Called by compiled code itself.
pub extern "C" fn read_range_here(addr: u64, size: u64) {
    let pc = caller_pc(world());
    explicit(false, addr, size, pc);
}

pub extern "C" fn write_range_here(addr: u64, size: u64) {
    let pc = caller_pc(world());
    explicit(true, addr, size, pc);
}

pub extern "C" fn acquire(addr: u64) {
    let world: &mut World = world();
    let me = world.current().index;
    world.acquire(me, addr);
}

pub extern "C" fn release(addr: u64) {
    let world: &mut World = world();
    let me = world.current().index;
    world.release(me, addr);
}

pub extern "C" fn release_merge(addr: u64) {
    let world: &mut World = world();
    let me = world.current().index;
    world.release_merge(me, addr);
}

/// Synchronisation of this goroutine is not looked at until `enable`, accesses are.
pub extern "C" fn disable() {
    world().current().race_disabled += 1;
}

pub extern "C" fn enable() {
    let g = world().current();
    g.race_disabled = g.race_disabled.saturating_sub(1);
}

/// The runtime's own bookkeeping in Go is not the program's.
pub extern "C" fn ignore(on: u64) {
    let g = world().current();
    if on as u8 != 0 {
        g.race_ignored += 1;
    } else {
        g.race_ignored = g.race_ignored.saturating_sub(1);
    }
}

pub extern "C" fn errors() -> u64 {
    world().sink.as_ref().map_or(0, |sink| sink.races())
}
