//! Stack traces: frame pointers walked across segments and trampolines, named from the image's tables, in Go's format.
//!
//! Each frame is `[fp] = caller's fp, [fp+8] = return address`; the first frame of a goroutine has a caller's fp of 0. The
//! return address of a large segment's first frame is `gorace_lessstack`; the real one stands where the hop noted it.
#![allow(unsafe_code, reason = "reads goroutine stacks")]

use crate::asm::gorace_lessstack;
use crate::goroutine::{Goroutine, State};
use crate::image::Image;
use crate::stack;
use crate::world::World;
use gorace_abi::image::function_flag::WRAPPER;
use gorace_abi::memory::IMAGE_BASE;
use std::fmt::Write;

/// At most this many frames of a trace are printed; Go's own limit.
const MOST: usize = 100;

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
    });
    found
}

/// Return addresses of compiled code from the frame `fp` outwards (at most a million).
pub fn return_addresses(world: &World, g: &Goroutine, fp: u64) -> Vec<u64> {
    let mut found = Vec::new();
    walk(world, g, fp, |pc| {
        found.push(pc);
        found.len() < 1_000_000
    });
    found
}

/// Calls `visit` with each return address into compiled code until it says no.
pub fn walk(world: &World, g: &Goroutine, fp: u64, mut visit: impl FnMut(u64) -> bool) {
    walk_frames(world, g, fp, |pc, _| visit(pc));
}

/// Calls `visit` with each return address into compiled code, and the frame of the function that it lies in, until it says no.
pub fn walk_frames(world: &World, g: &Goroutine, mut fp: u64, mut visit: impl FnMut(u64, u64) -> bool) {
    while fp != 0 && fp & 7 == 0 && stack::owns(g, fp) && stack::owns(g, fp + 8) {
        // SAFETY: both words lie in the goroutine's stack memory.
        let (next, mut pc) = unsafe { (*(fp as *const u64), *((fp + 8) as *const u64)) };
        if pc == gorace_lessstack as *const () as u64 {
            // SAFETY: the hop noted where the return address stands, on the slot.
            pc = unsafe { *(g.hop_sp as *const u64) };
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

fn shown(name: &str) -> bool {
    match name.strip_prefix("runtime.") {
        Some("gopanic") => true,
        Some(rest) => rest.starts_with(|c: char| c.is_ascii_uppercase()),
        None => name.contains('.'),
    }
}

fn write_frames(image: &Image, out: &mut String, pcs: &[u64], panicking: bool) {
    let mut written = 0;
    for &pc in pcs {
        for frame in frames(image, pc - 1) {
            // The panic that the program dies of is the message; those inside of which it happened are shown.
            let message = panicking && written == 0 && frame.name == "runtime.gopanic";
            if frame.wrapper || message || !shown(frame.name) {
                continue;
            }
            written += 1;
            if written > MOST {
                continue;
            }
            let name = if frame.name == "runtime.gopanic" { "panic" } else { frame.name };
            let arguments = if name == "main.main" && !frame.inlined { "" } else { "..." };
            let _ = write!(out, "{name}({arguments})\n\t{}:{}", frame.file, frame.line);
            if frame.inlined {
                out.push('\n');
            } else {
                let _ = writeln!(out, " +{:#x}", pc.saturating_sub(frame.entry));
            }
        }
    }
    if written > MOST {
        let _ = writeln!(out, "...{} frames elided...", written - MOST);
    }
}

fn write_created(image: &Image, out: &mut String, g: &Goroutine) {
    if g.parent == 0 || g.created_at == 0 {
        return;
    }
    if let Some(frame) = frames(image, g.created_at - 1).into_iter().find(|f| shown(f.name)) {
        let _ = writeln!(
            out,
            "created by {} in goroutine {}\n\t{}:{} +{:#x}",
            frame.name,
            g.parent,
            frame.file,
            frame.line,
            g.created_at.saturating_sub(frame.entry)
        );
    }
}

/// The current goroutine's trace, from frame `fp` (its native's frame if none) outwards.
/// `panicking` leaves out the frame of the panic itself.
pub fn write_current(world: &World, out: &mut String, fp: Option<u64>, panicking: bool) {
    let Some(index) = world.running else { return };
    let Some(g) = world.goroutines.iter().find(|g| g.index == index) else { return };
    let _ = write!(out, "\ngoroutine {} [running]:\n", g.header.id);
    let pcs = return_addresses(world, g, fp.unwrap_or(g.header.saved_fp));
    write_frames(&world.image, out, &pcs, panicking);
    write_created(&world.image, out, g);
}

/// The traces of all other goroutines of the program, in the order of their numbers.
pub fn write_others(world: &World, out: &mut String) {
    let mut others: Vec<&Goroutine> = world
        .goroutines
        .iter()
        .filter(|g| Some(g.index) != world.running && !g.system && g.state != State::Dead)
        .collect();
    others.sort_by_key(|g| g.header.id);
    for g in others {
        let words = if g.state == State::Runnable { "runnable" } else { g.wait.words() };
        let leaked = if g.leaked { " (leaked)" } else { "" };
        let _ = write!(out, "\ngoroutine {} [{words}{leaked}", g.header.id);
        let minutes = (world.clock.coarse() - g.wait_since) / 60_000_000_000;
        if g.state == State::Waiting && minutes >= 1 {
            let _ = write!(out, ", {minutes} minutes");
        }
        out.push_str("]:\n");
        let pcs = return_addresses(world, g, g.header.saved_fp);
        write_frames(&world.image, out, &pcs, false);
        write_created(&world.image, out, g);
    }
}
