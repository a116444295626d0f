//! Stacks: frame pointers walked across segments and trampolines, named from the image's tables. `trace_text` prints them.
//!
//! Each frame is `[fp] = caller's fp, [fp+8] = return address`; the first frame of a goroutine has a caller's fp of 0. The
//! return address of a large segment's first frame is `gorace_lessstack`; the real one stands where the hop noted it.
#![allow(unsafe_code, reason = "reads goroutine stacks")]

use crate::asm::{HOOK_GOEXIT, gorace_lessstack, hook, is_asm};
use crate::goroutine::{Goroutine, State};
use crate::image::Image;
use crate::stack;
use crate::world::World;
use gorace_abi::image::function_flag::{NO_PARAMETERS, RUNTIME, WRAPPER};
use gorace_abi::memory::IMAGE_BASE;

/// One logical frame: several can share a pc by inlining.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    pub name: &'static str,
    pub file: &'static str,
    pub line: u32,
    pub column: u32,
    pub start_line: u32,
    pub entry: u64,
    pub wrapper: bool,
    pub inlined: bool,
    /// It takes no parameters. Of inlined calls this is not known.
    pub no_parameters: bool,
    /// It belongs to package runtime, also if others link to it by a name of theirs.
    pub runtime: bool,
}

/// The frames at an address, innermost first; empty outside of compiled code.
pub fn frames(image: &Image, pc: u64) -> Vec<Frame> {
    let Some(function) = image.function(pc) else { return Vec::new() };
    let entry = IMAGE_BASE + u64::from(function.start);
    let (mut file, mut line, mut column, mut inline) = (function.file, function.line, 0, 0);
    if let Some(place) = image.place(function, pc) {
        (file, line, column, inline) = (place.file, place.line, place.column, place.inline);
    }
    let mut found = Vec::new();
    while let Some(site) = image.inline(inline) {
        found.push(Frame {
            name: image.text(site.function),
            file: image.path(file),
            line,
            column,
            start_line: 0,
            entry,
            wrapper: false,
            inlined: true,
            no_parameters: false,
            runtime: site_is_of_runtime(image.text(site.function)),
        });
        (file, line, column, inline) = (site.file, site.line, site.column, site.parent);
    }
    found.push(Frame {
        name: image.text(function.name),
        file: image.path(file),
        line,
        column,
        start_line: function.line,
        entry,
        wrapper: function.flags & WRAPPER != 0,
        inlined: false,
        no_parameters: function.flags & NO_PARAMETERS != 0,
        runtime: function.flags & RUNTIME != 0,
    });
    found
}

fn site_is_of_runtime(name: &str) -> bool {
    name.starts_with("runtime.")
}

/// Whether a wrapper's code has the place of the `go` or `defer` that it was made for. Others have none.
pub fn stands_at_its_call(name: &str) -> bool {
    name.rsplit('.').next().is_some_and(|n| n.starts_with("gowrap") || n.starts_with("deferwrap"))
}

/// So many frames of a stack are told, at most: one that has overflowed has tens of millions.
const MOST_TOLD: usize = 4096;

/// Return addresses of compiled code from the frame `fp` outwards, as many as are told.
pub fn return_addresses(world: &World, g: &Goroutine, fp: u64) -> Vec<u64> {
    let mut found = Vec::new();
    walk(world, g, fp, |pc| {
        found.push(pc);
        found.len() < MOST_TOLD
    });
    found
}

/// Whether it has not run yet: it has no frames.
pub fn is_newborn(g: &Goroutine) -> bool {
    g.header.saved_fp == 0 && g.state == State::Runnable
}

/// Calls `visit` with each return address into compiled code until it says no.
pub fn walk(world: &World, g: &Goroutine, fp: u64, mut visit: impl FnMut(u64) -> bool) {
    walk_to(world, g, fp, 0, |pc, _| visit(pc));
}

/// Calls `visit` with each return address into compiled code, and the frame of the function that it lies in, until it says no.
pub fn walk_frames(world: &World, g: &Goroutine, fp: u64, visit: impl FnMut(u64, u64) -> bool) {
    walk_to(world, g, fp, 0, visit);
}

/// As `walk`, to the end that programs see: `runtime.goexit`, to which a goroutine's first function returns. One that has not run yet stands
/// at the entry of that function: its address is one beyond, as return addresses are.
pub fn walk_whole(world: &World, g: &Goroutine, fp: u64, mut visit: impl FnMut(u64) -> bool) {
    if fp == 0 && is_newborn(g) {
        // SAFETY: the func value that it will run, which it keeps alive; its first word is the code.
        let code = unsafe { *(g.entry as *const u64) };
        let _ = visit(code + 1) && visit(hook(HOOK_GOEXIT) + 1);
        return;
    }
    walk_to(world, g, fp, hook(HOOK_GOEXIT), |pc, _| visit(pc));
}

/// `end` is the code behind the first function's return address; 0 for none.
fn walk_to(world: &World, g: &Goroutine, mut fp: u64, end: u64, mut visit: impl FnMut(u64, u64) -> bool) {
    while fp != 0 && fp & 7 == 0 && stack::owns(g, fp) && stack::owns(g, fp + 8) {
        // SAFETY: both words lie in the goroutine's stack memory.
        let (next, mut pc) = unsafe { (*(fp as *const u64), *((fp + 8) as *const u64)) };
        if pc == gorace_lessstack as *const () as u64 {
            // SAFETY: the hop noted where the return address stands, on the slot.
            pc = unsafe { *(g.hop_sp as *const u64) };
        }
        if next == 0 && end != 0 && is_asm(pc) {
            visit(end + 1, next);
            return;
        }
        if world.image.is_code(pc - u64::from(pc != 0)) && !visit(pc, next) {
            return;
        }
        if next <= fp && !crosses(g, fp, next) {
            return;
        }
        fp = next;
    }
}

/// Whether a step from `fp` to `next` leaves the large segment for the slot, which lies at lower addresses.
fn crosses(g: &Goroutine, fp: u64, next: u64) -> bool {
    let (low, high) = stack::slot_range(g.slot);
    !(low..high).contains(&fp) && (low..high).contains(&next)
}
