//! What is remembered of a word of memory: its accesses, in a shadow cell's half or in a list.
//!
//! An access is an epoch, bytes and a place. Of one epoch and kind (plain or atomic) there is one in a list, with a place for each byte
//! where these differ (`joint`). From `MANY` reads on an index finds the last one of a goroutine.

use crate::clock::Clocks;
use crate::joint::Joints;
use gorace_abi::shadow::{FIRST_COMPLEX, MASK_BITS, NOBODY};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Set in the place of an atomic access: atomic accesses never race with each other.
pub const ATOMIC: u32 = 1 << 31;

/// In the place of an atomic access that stands in a cell: it was of the word's first four bytes, of its last four. Other numbers of
/// places are smaller, those of joint ones (`joint`) too.
const FIRST_HALF: u32 = 1 << 29;
const LAST_HALF: u32 = 1 << 30;

/// In the place of a plain access that stands in a cell as its last read: it is an earlier write, of bytes that the last write is not of. Who goes
/// through a buffer byte by byte, in each epoch anew, would make a record of each word otherwise.
pub const SPLIT: u32 = LAST_HALF;

/// The place of a read that nobody made: the allocation of a word counts as one by its goroutine, so that the goroutine's own reads
/// of it in that epoch pass the inline check. Such a read never races: who reaches the word without having been
/// handed it races on what it was reached through.
pub const FRESH: u32 = 0;

/// An access that stays remembered: epoch, bytes, and where it was (a number of the caller's).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    pub epoch: u32,
    pub mask: u8,
    pub place: u32,
}

impl Past {
    /// What half a cell and its place say.
    #[inline]
    pub(crate) fn of_cell(half: u32, place: u32) -> Past {
        let bytes = |bit: u32, mask: u8| if place & bit != 0 { mask } else { 0 };
        let mask = if place & ATOMIC != 0 { bytes(FIRST_HALF, 0x0f) | bytes(LAST_HALF, 0xf0) } else { half as u8 };
        Past { epoch: half >> MASK_BITS, mask, place: place & !(FIRST_HALF | LAST_HALF) }
    }

    /// Whether a cell can say it.
    #[inline]
    pub(crate) fn fits(self) -> bool {
        self.place & ATOMIC == 0 || matches!(self.mask, 0 | 0x0f | 0xf0 | 0xff)
    }

    /// Half a cell, and its place.
    #[inline]
    pub(crate) fn in_cell(self) -> (u32, u64) {
        if self.place & ATOMIC == 0 {
            return (self.epoch << MASK_BITS | u32::from(self.mask), u64::from(self.place));
        }
        let bit = |bit: u32, mask: u8| if self.mask & mask != 0 { bit } else { 0 };
        let place = self.place | bit(FIRST_HALF, 0x0f) | bit(LAST_HALF, 0xf0);
        (self.epoch << MASK_BITS, u64::from(place))
    }
}

/// Whether a cell's last read is an earlier write (`SPLIT`).
#[inline]
pub(crate) fn is_split(cell: u64, places: u64) -> bool {
    // What was there before memory was cleared may stand in the places still.
    let (read, place) = ((cell >> 32) as u32 >> MASK_BITS, (places >> 32) as u32);
    place & (ATOMIC | SPLIT) == SPLIT && read > NOBODY && (cell as u32 >> MASK_BITS) < FIRST_COMPLEX
}

/// Whether a read tells nothing that a write of the same epoch does not tell: what conflicts with it conflicts with the write, which is looked
/// at first.
#[inline]
pub(crate) fn is_redundant(read: Past, write: Past) -> bool {
    read.epoch == write.epoch && read.mask & !write.mask == 0 && !is_atomic(read) && !is_atomic(write)
}

/// Accesses; nearly always one or two.
pub type List = SmallVec<[Past; 2]>;

/// The present access.
#[derive(Debug, Clone, Copy)]
pub struct Present {
    pub write: bool,
    pub mask: u8,
    pub goroutine: u64,
    pub place: u32,
}

/// The history of a word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    pub writes: List,
    pub reads: List,
    /// From `MANY` on: where a goroutine's last read stands, by goroutine and kind. None where it has to be made anew.
    pub(crate) index: Option<Box<FxHashMap<(u64, bool), u32>>>,
    /// At this length of `reads` those are taken out that later ones supersede; these bytes have been looked at since it came to it.
    pub(crate) prune_at: usize,
    pub(crate) pruned: u8,
    /// An access to it raced: nobody's reads pass by what stands in the cell, so that each place that races is told.
    pub(crate) raced: bool,
}

impl Word {
    /// The end of a write: what is superseded goes. A plain write also counts as a read, where that has room.
    #[inline]
    pub(crate) fn settle(&mut self, present: Past) {
        self.writes.retain(|p| p.mask != 0);
        self.reads.retain(|p| p.mask != 0);
        if !is_atomic(present) {
            match self.reads.as_mut_slice() {
                [] => self.reads.push(present),
                [only] if only.epoch == present.epoch => only.mask |= present.mask,
                _ => {}
            }
        }
    }
}

/// A word with this many reads is looked at by an index, not by going through all: thousands of goroutines may read one variable.
pub(crate) const MANY: usize = 16;

/// A read of a word with many: those that it supersedes are taken out only when the list has doubled since that was last done.
pub(crate) fn many(clocks: &Clocks, joints: &mut Joints, word: &mut Word, present: Past, now: Present) {
    let reads = &mut word.reads;
    let index = word.index.get_or_insert_with(|| {
        // Of several of one goroutine the last one stays.
        Box::new(reads.iter().zip(0..).map(|(past, at)| ((clocks.owner(past.epoch), is_atomic(*past)), at)).collect())
    });
    let at = |kind: bool| index.get(&(now.goroutine, kind)).map(|&at| at as usize);
    let is_covered = at(false).is_some_and(|at| covers(reads[at], present));
    match at(is_atomic(present)) {
        _ if is_covered => {}
        Some(at) if reads[at].epoch == present.epoch => join(joints, &mut reads[at], present),
        // Whatever races with an earlier read of a goroutine races with its later one, if that is of the same bytes.
        Some(at) if reads[at].mask & !present.mask == 0 => reads[at] = present,
        _ => {
            index.insert((now.goroutine, is_atomic(present)), reads.len() as u32);
            reads.push(present);
        }
    }
    let is_full = word.reads.len() >= word.prune_at.max(2 * MANY);
    if is_full || word.pruned != 0 && present.mask & !word.pruned != 0 {
        prune(clocks, word, present, now);
    }
}

/// Takes out of a long list what later reads supersede: each goroutine's own, and of the present bytes those that are ordered before the present
/// one. What one read leaves of others for its bytes alone, the next of other bytes may take; when it was all bytes' turn, the list may
/// double before it is gone through again. So a goroutine has as many reads in it as a word has bytes, at most.
fn prune(clocks: &Clocks, word: &mut Word, present: Past, now: Present) {
    if present.mask & !word.pruned != 0 {
        let mut covered: FxHashMap<(u64, bool), u8> = FxHashMap::default();
        for past in word.reads.iter_mut().rev() {
            let owner = clocks.owner(past.epoch);
            if owner != 0 {
                let later = covered.entry((owner, is_atomic(*past))).or_default();
                past.mask &= !*later;
                *later |= past.mask;
            }
            if past.epoch != present.epoch && clocks.ordered(past.epoch, now.goroutine) {
                past.mask &= !now.mask;
            }
        }
        word.reads.retain(|p| p.mask != 0);
        word.index = None;
        word.pruned |= present.mask;
    } else {
        word.pruned = 0xff;
    }
    if word.pruned == 0xff || 2 * word.reads.len() <= word.prune_at {
        (word.prune_at, word.pruned) = (2 * word.reads.len(), 0);
    }
}

/// Whether an atomic write of these bytes in an epoch is all that a cell tells of them: another one would leave it as it is.
#[inline]
pub fn is_last_atomic_write(cell: u64, places: u64, epoch: u32, mask: u8) -> bool {
    let written = Past::of_cell(cell as u32, places as u32);
    written.epoch == epoch
        && is_atomic(written)
        && written.mask & mask == mask
        && (cell >> 32) as u32 >> MASK_BITS <= NOBODY
}

/// Whether an atomic read of these bytes in an epoch stands in a cell.
#[inline]
pub(crate) fn has_atomic_read(cell: u64, places: u64, epoch: u32, mask: u8) -> bool {
    let read = Past::of_cell((cell >> 32) as u32, (places >> 32) as u32);
    read.epoch == epoch && is_atomic(read) && read.mask & mask == mask
}

#[inline]
pub(crate) fn is_atomic(past: Past) -> bool {
    past.place & ATOMIC != 0
}

/// A plain access is not hidden behind an atomic one of its epoch.
#[inline]
pub(crate) fn outlives(past: Past, present: Past) -> bool {
    past.epoch == present.epoch && is_atomic(present) && !is_atomic(past)
}

/// Whatever races with an atomic access races with a plain one of its bytes and epoch.
#[inline]
pub(crate) fn covers(past: Past, present: Past) -> bool {
    outlives(past, present) && present.mask & !past.mask == 0
}

/// Accesses of one epoch are one, but plain and atomic ones stand apart: each has bytes of its own.
pub(crate) fn add(joints: &mut Joints, list: &mut List, present: Past) {
    if list.iter().any(|p| covers(*p, present)) {
        return;
    }
    match list.iter_mut().find(|p| p.epoch == present.epoch && is_atomic(**p) == is_atomic(present)) {
        Some(same) => join(joints, same, present),
        None => list.push(present),
    }
}

/// Two accesses of one epoch and kind.
pub(crate) fn join(joints: &mut Joints, same: &mut Past, present: Past) {
    same.place = joints.join(same.place, same.mask & !present.mask, present.place, present.mask);
    same.mask |= present.mask;
}
