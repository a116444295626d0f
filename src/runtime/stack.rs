//! Goroutine stacks: a small slot for each, one large segment for those that outgrow it.
//!
//! ```text
//! slot n:  STACK_BASE + n*STACK_SLOT
//!   low  ... reserve ... | guard | frames ... | top
//! ```
//! Below the guard lie `RESERVE` bytes: small frames without a check of their own (`STACK_RED`), natives' saved
//! registers, leaf natives. The entry check that fails jumps to `gorace_morestack`, which comes here: the function's body then runs
//! on a large segment (512 MB of address space, committed by touch). A goroutine keeps its segment until it ends, so
//! a call at the boundary in a loop costs two short jumps. A second overflow is Go's fatal "stack overflow".
#![allow(unsafe_code, reason = "lays out stack memory")]

use crate::address_space::{LARGE_STACK, LARGE_STACK_BASE, LARGE_STACKS, release};
use crate::asm::{gorace_lessstack, gorace_start};
use crate::goroutine::Goroutine;
use crate::world::{World, world};
use gorace_abi::memory::{STACK_BASE, STACK_RED, STACK_SLOT, STACK_SLOTS};

/// Bytes below the guard.
const RESERVE: u64 = STACK_RED + 12 * 1024;
/// Bytes of a slot's top that stay committed when it is reused.
const KEEP: u64 = 8192;
/// Bytes at the top of a segment that hold nothing, so that walking past the first frame stays inside.
const MARGIN: u64 = 64;

/// Which slots and segments are free.
#[derive(Default)]
pub struct Stacks {
    used_slots: u32,
    free_slots: Vec<u32>,
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
    let low = LARGE_STACK_BASE + u64::from(large) * LARGE_STACK;
    (low, low + LARGE_STACK)
}

impl Stacks {
    /// A slot, or none when all are taken.
    pub fn take_slot(&mut self) -> Option<u32> {
        if let Some(slot) = self.free_slots.pop() {
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
            let (low, _) = large_range(large);
            // SAFETY: as above.
            unsafe { release(low, LARGE_STACK) };
            self.free_large.push(large);
        }
    }

    fn take_large(&mut self) -> Option<u32> {
        if let Some(large) = self.free_large.pop() {
            return Some(large);
        }
        if u64::from(self.used_large) == LARGE_STACKS {
            return None;
        }
        self.used_large += 1;
        Some(self.used_large - 1)
    }

    /// Bytes of stacks in use, roughly.
    pub fn bytes(&self) -> u64 {
        (u64::from(self.used_slots) - self.free_slots.len() as u64) * KEEP
    }
}

fn touched(page: u64) -> bool {
    let mut resident = 0u8;
    // SAFETY: `page` is a page of the stack region; one byte is written for one page.
    let result = unsafe { libc::mincore(page as *mut libc::c_void, 4096, &mut resident) };
    result != 0 || resident & 1 != 0
}

/// Lays out a new goroutine's stack so that switching to it enters `gorace_start`.
pub fn prepare(g: &mut Goroutine) {
    let (low, high) = slot_range(g.slot);
    g.header.stack_guard = low + RESERVE;
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

/// Called by `gorace_morestack`: `entry` is where the return address stands. Gives the stack pointer to run the body with.
pub extern "C" fn gorace_grow(entry: u64, frame: u64, arguments: u64) -> u64 {
    let world: &mut World = world();
    let g = world.current();
    if let Some((low, high)) = g.large.map(large_range)
        && (low..high).contains(&entry)
    {
        crate::fatal::stack_overflow(world, entry, low, high);
    }
    if frame + 2 * RESERVE + arguments > LARGE_STACK {
        let (low, high) = slot_range(g.slot);
        crate::fatal::stack_overflow(world, entry, low, high);
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
    let g = world.current();
    g.large = Some(large);
    let (low, high) = large_range(large);
    g.hop_sp = entry;
    g.hop_guard = g.header.stack_guard;
    g.hop_arguments = arguments;
    g.header.stack_guard = low + RESERVE;
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
