//! Stack traces and the image's tables, for golib.
#![allow(unsafe_code, reason = "fills golib's records")]

use crate::goroutine::Goroutine;
use crate::trace_text::{self, Detail, Filter};
use crate::traceback::{self, Frame};
use crate::world::{World, world};
use gorace_abi::memory::IMAGE_BASE;

/// `rawFrame` of golib.
#[repr(C)]
pub struct RawFrame {
    name: *const u8,
    name_len: usize,
    file: *const u8,
    file_len: usize,
    line: u64,
    start_line: u64,
    entry: u64,
    wrapper: u8,
    more: u8,
}

/// From this bit on, a pc given to the program says which of the inlined frames at it is meant, innermost first: each frame has a pc of its
/// own, as in Go.
const INLINED: u32 = 56;

fn running(world: &World) -> Option<&Goroutine> {
    let index = world.running?;
    world.goroutines.iter().find(|g| g.index == index)
}

/// Gives `visit` a pc for each frame that the program may see, until it says no.
fn visit_frames(world: &World, g: &Goroutine, fp: u64, mut visit: impl FnMut(u64) -> bool) {
    let mut filter = Filter::new(1, true);
    traceback::walk_whole(world, g, fp, |pc| {
        let frames = traceback::frames(&world.image, pc - 1);
        let mut seen = frames.iter().enumerate().filter(|(_, frame)| !filter.elides(frame));
        seen.all(|(i, _)| visit(pc | (i as u64) << INLINED))
    });
}

pub extern "C" fn callers(fp: u64, skip: u64, out: *mut u64, n: u64) -> u64 {
    let world: &World = world();
    let Some(g) = running(world) else { return 0 };
    let (mut skip, mut count) = (skip as i64, 0);
    visit_frames(world, g, fp, |pc| {
        if skip > 0 {
            skip -= 1;
        } else if count < n {
            // SAFETY: golib passes room for `n` words.
            unsafe { *out.add(count as usize) = pc };
            count += 1;
        }
        count < n
    });
    count
}

/// Whether just one frame that is no wrapper's stands between that of a function of the runtime, `fp`, and the frame `caller` further out.
/// Inlined functions have frames, too.
pub extern "C" fn called_once(fp: u64, caller: u64) -> u64 {
    let world: &World = world();
    let Some(g) = running(world) else { return 0 };
    let (mut between, mut arrived) = (0, false);
    traceback::walk_frames(world, g, fp, |pc, frame| {
        arrived = frame == caller;
        if !arrived {
            between += traceback::frames(&world.image, pc - 1).iter().filter(|f| !f.wrapper).count();
        }
        !arrived && between <= 1
    });
    u64::from(arrived && between == 1)
}

/// How far inwards an address of the running goroutine's stack lies.
pub extern "C" fn stack_depth(address: u64) -> u64 {
    running(world()).map_or(0, |g| crate::stack::depth(g, address))
}

/// Return addresses of the `i`th goroutine of the program (of the leaked ones, if asked); -1 when there are fewer.
pub extern "C" fn goroutine_stack(i: u64, leaked: u64, fp: u64, out: *mut u64, n: u64) -> i64 {
    world().stop_others();
    let world: &World = world();
    let wanted = |g: &&Goroutine| !g.system && g.state != crate::goroutine::State::Dead && (leaked == 0 || g.leaked);
    let Some(g) = world.goroutines.iter().filter(wanted).nth(i as usize) else { return -1 };
    let start = if Some(g.index) == world.running { fp } else { g.header.saved_fp };
    let mut count = 0;
    visit_frames(world, g, start, |pc| {
        if count < n {
            // SAFETY: golib passes room for `n` words.
            unsafe { *out.add(count as usize) = pc };
            count += 1;
        }
        count < n
    });
    count as i64
}

pub extern "C" fn pc_info(pc: u64, inline: u64, out: *mut RawFrame) -> u64 {
    let world: &World = world();
    let (pc, inline) = (pc & ((1 << INLINED) - 1), inline + (pc >> INLINED));
    let frames: Vec<Frame> = traceback::frames(&world.image, pc);
    let Some(frame) = frames.get(inline as usize) else { return 0 };
    let record = RawFrame {
        name: frame.name.as_ptr(),
        name_len: frame.name.len(),
        file: frame.file.as_ptr(),
        file_len: frame.file.len(),
        line: u64::from(frame.line),
        start_line: u64::from(frame.start_line),
        entry: frame.entry,
        wrapper: u8::from(frame.wrapper),
        more: u8::from(frames.len() > inline as usize + 1),
    };
    // SAFETY: golib passes a record of this shape.
    unsafe { out.write(record) };
    1
}

/// `beside` is a descriptor that is written to as well, -1 for none. Whether the program is to end by SIGABRT.
pub extern "C" fn dump_goroutines(fp: u64, is_throw: u64, beside: i64) -> u64 {
    let world: &mut World = world();
    crate::fatal::tell_death(world, Some(fp));
    let out = crate::fatal::traces(world, Some(fp), is_throw as u8 != 0);
    if world.epilogue.is_none_or(|epilogue| epilogue.deadline.is_some()) {
        for fd in [2, beside as i32].into_iter().filter(|&fd| fd >= 0) {
            // SAFETY: a whole buffer; nothing can be done about a failure.
            unsafe { libc::write(fd, out.as_ptr().cast(), out.len()) };
        }
    }
    u64::from(world.crashes)
}

pub extern "C" fn set_traceback(level: u64, all: u64, crash: u64) {
    let world: &mut World = world();
    world.detail = Detail { level: level as u32, all: all as u8 != 0 };
    world.crashes = crash as u8 != 0;
}

/// What the program ends with; see `fatal::end_in_go`.
pub extern "C" fn last_words(out: *mut (u64, u64)) {
    let words = world().current().last_words;
    // SAFETY: golib passes a string variable.
    unsafe { *out = (words.as_ptr() as u64, words.len() as u64) };
}

pub extern "C" fn format_stack(fp: u64, all: u64, out: *mut u8, n: u64) -> u64 {
    world().stop_others();
    let world: &World = world();
    let level = world.detail.level.max(1);
    let mut text = String::new();
    trace_text::write_current(world, &mut text, Some(fp), level);
    if all as u8 != 0 {
        trace_text::write_others(world, &mut text, level);
    }
    let text = text.trim_start_matches('\n').as_bytes();
    let count = text.len().min(n as usize);
    // SAFETY: golib passes a buffer of `n` bytes.
    unsafe { std::ptr::copy_nonoverlapping(text.as_ptr(), out, count) };
    count as u64
}

fn addresses(offsets: &[u32], out: *mut u64, n: u64) -> u64 {
    for (i, &offset) in offsets.iter().take(n as usize).enumerate() {
        // SAFETY: golib passes room for `n` words.
        unsafe { *out.add(i) = IMAGE_BASE + u64::from(offset) };
    }
    offsets.len() as u64
}

pub extern "C" fn image_itabs(out: *mut u64, n: u64) -> u64 {
    addresses(world().image.itabs(), out, n)
}

pub extern "C" fn image_type_links(out: *mut u64, n: u64) -> u64 {
    addresses(world().image.type_links(), out, n)
}
