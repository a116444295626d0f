//! Stack traces in Go's words.
//!
//! Of a goroutine's frames those of package runtime are left out unless they are its interface, a panic that another one
//! interrupts, or who runs finalizers; wrappers are left out unless they panic themselves. GOTRACEBACK's level *system* shows all. Of more than
//! a hundred frames the first fifty and the last fifty are printed, which takes two walks and no list of them: a stack that has
//! overflowed has tens of millions.
//!
//! Arguments' values are not kept: `f(...)` says that there are some, `f()` that there are none. Natives that stand in the place of std's
//! functions (`overridden`) have no frames; those that Go would have are printed for them.

use crate::goroutine::{Goroutine, State, Wait};
use crate::image::Image;
use crate::overridden::{self, Call};
use crate::traceback::{self, Frame, stands_at_its_call};
use crate::world::World;
use std::collections::HashMap;
use std::fmt::Write;
use std::rc::Rc;

/// So many of a trace's innermost frames are printed, and as many of its outermost.
const INNERMOST: usize = 50;
const OUTERMOST: usize = 50;

/// How much fatal messages tell: GOTRACEBACK's, or debug.SetTraceback's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    /// 0 nothing, 1 the program's frames, 2 all.
    pub level: u32,
    /// The other goroutines, too.
    pub all: bool,
}

impl Default for Detail {
    fn default() -> Detail {
        Detail { level: 1, all: false }
    }
}

/// Functions that make a panic; a wrapper that calls one is shown.
fn panics(name: &str) -> bool {
    matches!(name, "runtime.gopanic" | "runtime.sigpanic" | "runtime.panicwrap")
}

/// Functions between a function that reflect has made and what it stands for; Go counts them as wrappers.
fn of_reflect(name: &str) -> bool {
    matches!(name, "reflect.callReflect" | "reflect.callMethod" | "reflect.makeFuncStub" | "reflect.methodValueCall")
}

/// Whether a function of package runtime is part of its interface, as Go's own traces have it.
fn is_exported_of_runtime(name: &str) -> bool {
    let upper = |text: &str| text.starts_with(|c: char| c.is_ascii_uppercase());
    let Some(rest) = name.strip_prefix("runtime.") else { return false };
    match rest.rsplit_once('.') {
        Some((receiver, method)) => {
            let inner = receiver.strip_prefix("(*").and_then(|r| r.strip_suffix(')')).unwrap_or(receiver);
            upper(method) && upper(inner)
        }
        None => upper(rest),
    }
}

/// Says of one frame after the other, innermost first, whether it is shown.
pub struct Filter {
    level: u32,
    first: bool,
    above_panic: bool,
    /// The last one was a package's `init` function: Go calls these itself, we from the function that sets the package's variables.
    above_init: bool,
}

impl Filter {
    /// `level` is GOTRACEBACK's; `first` says that no frame was shown before.
    pub fn new(level: u32, first: bool) -> Filter {
        Filter { level, first, above_panic: false, above_init: false }
    }

    /// Whether nobody sees the frame, as it is none of the source's.
    pub fn elides(&mut self, frame: &Frame) -> bool {
        let above_panic = std::mem::replace(&mut self.above_panic, panics(frame.name));
        let is_init = frame.name.rsplit_once(".init.").is_some_and(|(_, rest)| rest.parse::<u32>().is_ok());
        let above_init = std::mem::replace(&mut self.above_init, is_init);
        above_init && frame.name.ends_with(".init") || (frame.wrapper || of_reflect(frame.name)) && !above_panic
    }

    /// Whether a trace shows it.
    fn shows(&mut self, frame: &Frame) -> bool {
        let shown = !self.elides(frame)
            && match frame.name {
                "runtime.runFinalizers" | "runtime.runCleanups" => true,
                "runtime.gopanic" => !self.first,
                // Linked into package runtime.
                name if name.starts_with("internal/runtime/maps.runtime_") => false,
                name => name.contains('.') && (!name.starts_with("runtime.") || is_exported_of_runtime(name)),
            }
            || self.level > 1;
        self.first &= !shown;
        shown
    }
}

/// Where the SDK's sources are, from the place of one of its functions.
fn sources(image: &Image) -> &'static str {
    let end = "/runtime/proc.go";
    let found = crate::asm::hook(crate::asm::HOOK_SIGPANIC);
    let file = traceback::frames(image, found + 1).last().map_or("", |frame| frame.file);
    let folder = file.rsplit_once('/').and_then(|(folder, _)| folder.strip_suffix("/runtime"));
    folder.unwrap_or_else(|| file.strip_suffix(end).unwrap_or(""))
}

fn write_calls(image: &Image, out: &mut String, calls: &[Call]) {
    let sources = sources(image);
    for call in calls {
        let _ = writeln!(out, "{}(...)\n\t{sources}/{}:{}", call.function, call.file, call.line);
    }
}

fn write_frame(out: &mut String, frame: &Frame, pc: u64) {
    let name = if frame.name == "runtime.gopanic" { "panic" } else { frame.name };
    let arguments = match frame.name {
        "runtime.goexit" => "{}",
        _ if frame.no_parameters => "",
        _ => "...",
    };
    let _ = write!(out, "{name}({arguments})\n\t");
    if frame.wrapper && !stands_at_its_call(frame.name) {
        out.push_str("<autogenerated>:1");
    } else {
        let _ = write!(out, "{}:{}", frame.file, frame.line);
    }
    // Of a goroutine that has not run yet the address is the function's own.
    if frame.inlined || pc == frame.entry + 1 && frame.name != "runtime.goexit" {
        out.push('\n');
    } else {
        let _ = writeln!(out, " +{:#x}", pc.saturating_sub(frame.entry));
    }
}

/// Frames of return addresses, kept: a deep stack has few different ones.
struct Known<'i> {
    image: &'i Image,
    last: (u64, Rc<[Frame]>),
    by_pc: HashMap<u64, Rc<[Frame]>>,
}

impl Known<'_> {
    fn at(&mut self, pc: u64) -> Rc<[Frame]> {
        if self.last.0 != pc {
            let frames = self.by_pc.entry(pc).or_insert_with(|| traceback::frames(self.image, pc - 1).into());
            self.last = (pc, frames.clone());
        }
        self.last.1.clone()
    }
}

fn write_frames(world: &World, out: &mut String, g: &Goroutine, fp: u64, level: u32) {
    let image = &world.image;
    let mut known = Known { image, last: (0, Rc::from([])), by_pc: HashMap::new() };
    let mut filter = Filter::new(level, true);
    let mut count = 0;
    // The outermost of those that are not printed at once, as a ring.
    let mut rest: Vec<(u64, u32)> = Vec::new();
    let mut native = g.native;
    let newborn = fp == 0 && traceback::is_newborn(g);
    if g.state == State::Waiting {
        write_calls(image, out, overridden::waiting(g.wait));
    }
    // Of a recursion nearly all frames are as the one before.
    let mut same = 0;
    traceback::walk_whole(world, g, fp, |pc| {
        if pc == same && count >= INNERMOST + OUTERMOST {
            rest[(count - INNERMOST) % OUTERMOST] = (pc, 0);
            count += 1;
            return true;
        }
        let before = count;
        let frames = known.at(pc);
        let first = if newborn { frames.len().saturating_sub(1) } else { 0 };
        for (i, frame) in frames.iter().enumerate().skip(first) {
            let is_entry = matches!(frame.name, "runtime.sigpanic" | "runtime.nativeFatal");
            if filter.shows(frame) {
                if count < INNERMOST {
                    write_frame(out, frame, pc);
                } else if rest.len() < OUTERMOST {
                    rest.push((pc, i as u32));
                } else {
                    rest[(count - INNERMOST) % OUTERMOST] = (pc, i as u32);
                }
                count += 1;
            }
            if is_entry && let Some(name) = native.take() {
                filter.first = false;
                filter.above_panic = false;
                write_calls(image, out, overridden::inside(name, frame.name == "runtime.nativeFatal"));
            }
        }
        let is_plain = count == before + 1 && known.last.1.len() == 1 && !panics(known.last.1[0].name);
        same = if is_plain { pc } else { 0 };
        true
    });
    if count == 0 && level <= 1 {
        // As Go has it: better the runtime's frames, or a wrapper's, than none.
        return write_frames(world, out, g, fp, 2);
    }
    let elided = count.saturating_sub(INNERMOST + OUTERMOST);
    if elided > 0 {
        let _ = writeln!(out, "...{elided} frames elided...");
        let oldest = (count - INNERMOST) % OUTERMOST;
        rest.rotate_left(oldest);
    }
    for (pc, i) in rest {
        write_frame(out, &known.at(pc)[i as usize], pc);
    }
}

fn write_created(image: &Image, out: &mut String, g: &Goroutine, level: u32) {
    if g.created_at == 0 {
        return;
    }
    // The function with the statement, which Go never inlines.
    let mut filter = Filter::new(level, false);
    let Some(creator) = traceback::frames(image, g.created_at - 1).into_iter().find(|f| filter.shows(f)) else {
        return;
    };
    let _ = write!(out, "created by {}", creator.name);
    if g.parent != 0 {
        let _ = write!(out, " in goroutine {}", g.parent);
    }
    let offset = g.created_at.saturating_sub(creator.entry);
    let _ = writeln!(out, "\n\t{}:{} +{offset:#x}", creator.file, creator.line);
}

fn write_head(world: &World, out: &mut String, g: &Goroutine, level: u32, runs: bool) {
    let _ = write!(out, "\ngoroutine {}", g.header.id);
    if level > 1 {
        let address = std::ptr::from_ref(g);
        let _ = write!(out, " gp={address:p} m={}", if runs { "0 mp=0x0" } else { "nil" });
    }
    let words = match g.state {
        _ if runs => "running",
        State::Waiting => g.wait.words(),
        _ => "runnable",
    };
    let _ = write!(out, " [{words}");
    out.push_str(if g.leaked { " (leaked)" } else { "" });
    let idles = g.idle && g.state == State::Waiting && !matches!(g.wait, Wait::SynctestRun | Wait::SynctestWait);
    out.push_str(if idles { " (durable)" } else { "" });
    let minutes = (world.clock.coarse() - g.wait_since) / 60_000_000_000;
    if !runs && g.state == State::Waiting && minutes >= 1 {
        let _ = write!(out, ", {minutes} minutes");
    }
    // As Go's, the main goroutine is wired to its thread until main begins, or it panics.
    let starts = g.header.id == 1 && !world.main_running && !world.main_done && g.header.panics == 0;
    if g.is_locked() || starts {
        out.push_str(", locked to thread");
    }
    if g.bubble() != 0 {
        let _ = write!(out, ", synctest bubble {}", g.bubble());
    }
    out.push_str("]:\n");
}

/// The current goroutine's trace, from frame `fp` (its native's frame if none) outwards.
pub fn write_current(world: &World, out: &mut String, fp: Option<u64>, level: u32) {
    let Some(g) = world.running.and_then(|index| world.goroutines.find(index)) else { return };
    write_head(world, out, g, level, true);
    write_frames(world, out, g, fp.unwrap_or(g.header.saved_fp), level);
    write_created(&world.image, out, g, level);
}

/// The traces of all other goroutines of the program, in the order of their numbers.
pub fn write_others(world: &World, out: &mut String, level: u32) {
    let mut others: Vec<&Goroutine> = world
        .goroutines
        .iter()
        .filter(|g| Some(g.index) != world.running && !g.system && g.state != State::Dead)
        .collect();
    others.sort_by_key(|g| g.header.id);
    for g in others {
        write_head(world, out, g, level, false);
        write_frames(world, out, g, g.header.saved_fp, level);
        write_created(&world.image, out, g, level);
    }
}
