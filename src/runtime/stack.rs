//! Goroutine stacks: a small slot for each, one large segment for those that outgrow it.
//!
//! ```text
//! slot n:  STACK_BASE + n*STACK_SLOT
//!   low  ... reserve ... | guard | frames ... | top
//! ```
//! Below the guard lie `RESERVE` bytes: small frames without a check of their own (`STACK_RED`), natives' saved
//! registers, leaf natives. The entry check that fails jumps to `gorace_morestack`, which comes here: the function's body then runs
//! on a large segment (1 GiB of address space, committed by touch). A goroutine keeps its segment until it ends or a collection
//! finds it back on its slot, so a call at the boundary in a loop costs two short jumps. The guard on a segment lies where
//! Go's limit (`debug.SetMaxStack`) does; reaching it is Go's fatal "stack overflow".
//!
//! Memory goes back to the system when a collection looks at a goroutine that has run since the last one (`shrink`): all below
//! the page of its stack pointer; and when slots of ended goroutines stay unused until a collection (`trim`).
#![allow(unsafe_code, reason = "lays out stack memory")]

use crate::address_space::{LARGE_STACK, LARGE_STACKS, large_stack, map_large_stack, release};
use crate::asm::{gorace_lessstack, gorace_start};
use crate::goroutine::Goroutine;
use crate::world::{World, world};
use gorace_abi::image::function_flag::RUNTIME;
use gorace_abi::memory::{STACK_BASE, STACK_RED, STACK_SLOT, STACK_SLOTS};

/// Bytes below the guard.
const RESERVE: u64 = STACK_RED + 12 * 1024;
/// Bytes of a slot's top that stay committed when it is reused.
const KEEP: u64 = 8192;
/// Go's limit of a stack.
const LIMIT: u64 = 1_000_000_000;
/// Bytes at the top of a segment that hold nothing, so that walking past the first frame stays inside.
const MARGIN: u64 = 64;

const PAGE: u64 = 4096;
/// Free slots that keep their memory through a collection.
const WARM_SLOTS: usize = 256;

/// Which slots and segments are free.
pub struct Stacks {
    /// Bytes that a goroutine's stack may have.
    pub limit: u64,
    used_slots: u32,
    free_slots: Vec<u32>,
    /// The first so many of the free slots have no memory.
    trimmed: usize,
    used_large: u32,
    free_large: Vec<u32>,
}

/// `[low, high)` of a slot.
pub fn slot_range(slot: u32) -> (u64, u64) {
    let low = STACK_BASE + u64::from(slot) * STACK_SLOT;
    (low, low + STACK_SLOT)
}

/// `[low, high)` of a large segment.
pub fn large_range(large: u32) -> (u64, u64) {
    let low = large_stack(large);
    (low, low + LARGE_STACK)
}

impl Default for Stacks {
    fn default() -> Stacks {
        Stacks {
            limit: LIMIT,
            used_slots: 0,
            free_slots: Vec::new(),
            trimmed: 0,
            used_large: 0,
            free_large: Vec::new(),
        }
    }
}

impl Stacks {
    /// A slot, or none when all are taken.
    pub fn take_slot(&mut self) -> Option<u32> {
        if let Some(slot) = self.free_slots.pop() {
            self.trimmed = self.trimmed.min(self.free_slots.len());
            return Some(slot);
        }
        if u64::from(self.used_slots) == STACK_SLOTS {
            return None;
        }
        self.used_slots += 1;
        Some(self.used_slots - 1)
    }

    /// Gives an ended goroutine's stacks back. Memory beyond the top of the slot is released when `deep` says that it was used.
    pub fn give_back(&mut self, slot: u32, large: Option<u32>) {
        let (low, high) = slot_range(slot);
        // A page that was touched further down is found by asking the kernel for the page below the kept ones.
        if touched(high - KEEP - 4096) {
            // SAFETY: the goroutine has ended; nothing refers to its stack.
            unsafe { release(low, STACK_SLOT - KEEP) };
        }
        self.free_slots.push(slot);
        if let Some(large) = large {
            self.free_segment(large);
        }
    }

    fn take_large(&mut self) -> Option<u32> {
        if let Some(large) = self.free_large.pop() {
            return Some(large);
        }
        if u64::from(self.used_large) == LARGE_STACKS {
            return None;
        }
        map_large_stack(self.used_large).ok()?;
        self.used_large += 1;
        Some(self.used_large - 1)
    }

    /// Gives the memory of free slots back that nobody took since the last collection.
    pub fn trim(&mut self) {
        let keep = self.free_slots.len().saturating_sub(WARM_SLOTS);
        if keep <= self.trimmed {
            return;
        }
        let mut slots = self.free_slots[self.trimmed..keep].to_vec();
        slots.sort_unstable();
        // Neighbours go in one call.
        for run in slots.chunk_by(|a, b| a + 1 == *b) {
            let low = slot_range(run[0]).0;
            // SAFETY: the slots are free.
            unsafe { release(low, run.len() as u64 * STACK_SLOT) };
        }
        self.trimmed = keep;
    }

    /// Gives the memory back that a parked goroutine's stack no longer uses.
    pub fn shrink(&mut self, g: &mut Goroutine) {
        let sp = g.header.saved_sp;
        let (low, high) = slot_range(g.slot);
        if (low..high).contains(&sp) {
            release_below(low, sp);
            if let Some(large) = g.large.take() {
                self.free_segment(large);
            }
        } else if let Some((low, high)) = g.large.map(large_range)
            && (low..high).contains(&sp)
        {
            release_below(low, sp);
        }
    }

    fn free_segment(&mut self, large: u32) {
        // SAFETY: no frame is on the segment.
        unsafe { release(large_range(large).0, LARGE_STACK) };
        self.free_large.push(large);
    }

    /// Where the guard of a stack memory lies: at its low end, or where the limit does. Go's stacks double, so the last that is within
    /// the limit is a power of two.
    fn guard(&self, (low, high): (u64, u64)) -> u64 {
        let largest = 1 << self.limit.max(1).ilog2();
        (low + RESERVE).max(high.saturating_sub(largest))
    }

    /// A goroutine's guards after the limit has changed; it is inside of a native.
    pub fn set_guard(&self, g: &mut Goroutine) {
        let sp = g.header.saved_sp;
        g.hop_guard = self.guard(slot_range(g.slot));
        self.right_guard(g, sp);
    }

    /// Sets the guard of a goroutine whose stack pointer is known: it was asked to stop.
    pub fn right_guard(&self, g: &mut Goroutine, sp: u64) {
        let slot = slot_range(g.slot);
        let segment = g.large.map(large_range).filter(|(low, high)| (*low..*high).contains(&sp));
        g.header.stack_guard = self.guard(segment.unwrap_or(slot));
    }

    /// Bytes of stacks in use, roughly.
    pub fn bytes(&self) -> u64 {
        (u64::from(self.used_slots) - self.free_slots.len() as u64) * KEEP
    }
}

/// Releases what lies below the page of a stack pointer, if it was used.
fn release_below(low: u64, sp: u64) {
    let end = sp & !(PAGE - 1);
    if end > low && touched(end - PAGE) {
        // SAFETY: no frame of the parked goroutine reaches below its stack pointer.
        unsafe { release(low, end - low) };
    }
}

fn touched(page: u64) -> bool {
    let mut resident = 0u8;
    // SAFETY: `page` is a page of the stack region; one byte is written for one page.
    let result = unsafe { libc::mincore(page as *mut libc::c_void, 4096, &mut resident) };
    result != 0 || resident & 1 != 0
}

/// Lays out a new goroutine's stack so that switching to it enters `gorace_start`.
pub fn prepare(stacks: &Stacks, g: &mut Goroutine) {
    let (low, high) = slot_range(g.slot);
    g.header.stack_guard = stacks.guard((low, high));
    let sp = high - MARGIN - 8;
    // SAFETY: the slot is the goroutine's own, and the word lies in it.
    unsafe { std::ptr::write(sp as *mut u64, gorace_start as *const () as u64) };
    g.header.saved_sp = sp;
    g.header.saved_fp = 0;
}

/// The ranges of a goroutine's stack that hold frames, given its stack pointer; outer segment last.
pub fn live_ranges(g: &Goroutine, sp: u64) -> [(u64, u64); 2] {
    let (low, high) = slot_range(g.slot);
    if (low..high).contains(&sp) {
        return [(sp, high), (0, 0)];
    }
    match g.large.map(large_range) {
        Some((low, top)) if (low..top).contains(&sp) => [(sp, top), (g.hop_sp, high)],
        _ => [(low, high), (0, 0)],
    }
}

/// Whether an address lies in the goroutine's stack memory.
pub fn owns(g: &Goroutine, address: u64) -> bool {
    let (low, high) = slot_range(g.slot);
    (low..high).contains(&address)
        || g.large.is_some_and(|large| {
            let (low, high) = large_range(large);
            (low..high).contains(&address)
        })
}

/// How far inwards an address of the goroutine's stack lies: frames of callees have greater depths than those of their callers, although
/// the segment lies above the slot.
pub fn depth(g: &Goroutine, address: u64) -> u64 {
    let (low, high) = slot_range(g.slot);
    if (low..high).contains(&address) {
        return high - address;
    }
    g.large.map_or(0, |large| STACK_SLOT + large_range(large).1.saturating_sub(address))
}

/// What `gorace_grow` gives instead of a stack pointer: the frame has room; it has, and others go first.
pub const ROOM: u64 = 0;
pub const PREEMPTED: u64 = 1;
/// The guard of a goroutine that is asked to let others go: no stack pointer is above it.
pub const STOP: u64 = u64::MAX;

/// Called by `gorace_morestack`: `entry` is where the return address stands. Gives the stack pointer to run the body with.
pub extern "C" fn gorace_grow(entry: u64, frame: u64, arguments: u64, body: u64) -> u64 {
    let world: &mut World = world();
    let World { stacks, goroutines, running, image, .. } = &mut *world;
    if let Some(index) = *running
        && goroutines.peek(index).header.stack_guard == STOP
    {
        let g = goroutines.get(index);
        stacks.right_guard(g, entry);
        if has_room(g, entry, frame) {
            // SAFETY: the return address of the function that is entered.
            let caller = unsafe { *(entry as *const u64) };
            // Golib relies on it that nobody comes in between.
            let is_own = |pc: u64| image.function(pc).is_some_and(|f| f.flags & RUNTIME != 0);
            return if is_own(body) || is_own(caller - 1) { ROOM } else { PREEMPTED };
        }
    }
    let limit = world.stacks.limit;
    let g = world.current();
    if let Some((low, high)) = g.large.map(large_range)
        && (low..high).contains(&entry)
    {
        crate::fatal::stack_overflow(world, entry, low, high);
    }
    let slot = slot_range(g.slot);
    if frame + 2 * RESERVE + arguments > limit || limit < STACK_SLOT {
        crate::fatal::stack_overflow(world, entry, slot.0, slot.1);
    }
    let large = match g.large {
        Some(large) => large,
        None => {
            let Some(large) = world.stacks.take_large() else {
                crate::fatal::fatal(world, "too many goroutines with deep stacks");
            };
            large
        }
    };
    let (low, high) = large_range(large);
    let guard = world.stacks.guard((low, high));
    let g = world.current();
    g.large = Some(large);
    g.hop_sp = entry;
    g.hop_guard = g.header.stack_guard;
    g.hop_arguments = arguments;
    g.header.stack_guard = guard;
    let arguments_at = high - MARGIN - arguments;
    let sp = arguments_at - 8;
    // SAFETY: the segment is the goroutine's own and unused; the arguments lie right above the return address of the
    // frame that is being made; both are multiples of 8 and don't overlap.
    unsafe {
        std::ptr::copy_nonoverlapping((entry + 8) as *const u8, arguments_at as *mut u8, arguments as usize);
        std::ptr::write(sp as *mut u64, gorace_lessstack as *const () as u64);
    }
    sp
}

/// `gorace_grow` where threads may be asked to stop by their guard: gives zero when the frame has room.
pub extern "C" fn gorace_grow_threads(entry: u64, frame: u64, arguments: u64) -> u64 {
    let world: &mut World = world();
    let World { stacks, goroutines, running, .. } = &mut *world;
    if let Some(index) = *running {
        let g = goroutines.get(index);
        stacks.right_guard(g, entry);
        if has_room(g, entry, frame) {
            return 0;
        }
    }
    gorace_grow(entry, frame, arguments, 0)
}

/// As the entry check has it.
fn has_room(g: &Goroutine, entry: u64, frame: u64) -> bool {
    let lowest = if frame + 256 <= STACK_RED { entry } else { entry.saturating_sub(frame) };
    lowest >= g.header.stack_guard
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_reused_last_first() {
        let mut stacks = Stacks::default();
        assert_eq!((stacks.take_slot(), stacks.take_slot()), (Some(0), Some(1)));
        stacks.free_slots.push(0);
        assert_eq!((stacks.take_slot(), stacks.take_slot()), (Some(0), Some(2)));
    }
}
