//! Two writes in one cell: who goes through a word byte by byte, in an epoch after another's, leaves the bytes that it has not come to as
//! an earlier write (`SPLIT`), which stands as the cell's last read.
//!
//! Invariant: the two are plain, of different epochs and bytes, and no read of the word tells anything beside them. The decisions here are
//! those of `Words::access` (the property test of `leaf` holds them against it).

use crate::word::{FRESH, Past, SPLIT, Word, is_atomic, is_redundant, is_split};
use gorace_abi::shadow::{self, FIRST_COMPLEX, MASK_BITS, NOBODY};

/// Two plain writes of different bytes, and no read that tells anything: the cell and places that say so.
pub(crate) fn in_two(word: &Word) -> Option<(u64, u64)> {
    let [earlier, later] = word.writes.as_slice() else { return None };
    let tells = |read: &Past| read.place != FRESH && !is_redundant(*read, *earlier) && !is_redundant(*read, *later);
    if is_atomic(*earlier) || is_atomic(*later) || word.raced || word.reads.iter().any(tells) {
        return None;
    }
    Some(two(*later, *earlier))
}

/// A cell of two writes, and its places.
fn two(later: Past, earlier: Past) -> (u64, u64) {
    let ((earlier, earlier_place), (later, later_place)) = (earlier.in_cell(), later.in_cell());
    (shadow::cell(later, earlier), later_place | (earlier_place | u64::from(SPLIT)) << 32)
}

/// A plain access to a word in whose cell two writes stand, or whose last write has bytes that this one has not: the new cell and places, as
/// `Words::access` gives them. None if it is not of this kind, or if an epoch is met that `knows` does not say to be behind the goroutine.
#[inline]
pub(crate) fn split(
    cell: u64,
    places: u64,
    present: Past,
    write: bool,
    knows: impl Fn(u32) -> bool,
) -> Option<(u64, u64)> {
    let written = Past::of_cell(cell as u32, places as u32);
    let read = Past::of_cell((cell >> 32) as u32, (places >> 32) as u32);
    let (epoch, mask) = (present.epoch, present.mask);
    let rest = |past: Past| Past { mask: past.mask & !mask, ..past };
    let is_behind = |past: Past| past.epoch == epoch || knows(past.epoch);
    if !is_split(cell, places) {
        let tells = read.epoch > NOBODY
            && (read.epoch == epoch || read.place != FRESH && !is_redundant(read, written))
            && (read.mask & !mask != 0 || !is_behind(read));
        let begins = write && written.epoch > NOBODY && written.epoch < FIRST_COMPLEX && written.epoch != epoch;
        if !begins || tells || rest(written).mask == 0 || !knows(written.epoch) {
            return None;
        }
        return Some(two(present, rest(written)));
    }
    if !write {
        // What was written in this epoch may be read in it.
        return (written.epoch == epoch && mask & !written.mask == 0).then_some((cell, places));
    }
    if read.epoch == epoch || !is_behind(written) || !knows(read.epoch) {
        return None;
    }
    let (later, earlier) = (rest(written), rest(read));
    let (present, later) = match later.epoch == epoch {
        true if later.mask != 0 && later.place != present.place => return None,
        true => (Past { mask: later.mask | mask, ..present }, Past { mask: 0, ..later }),
        false => (present, later),
    };
    match (later.mask, earlier.mask) {
        (0, 0) => {
            let (half, place) = present.in_cell();
            Some((shadow::cell(half, epoch << MASK_BITS | u32::from(mask)), place | place << 32))
        }
        (0, _) => Some(two(present, earlier)),
        (_, 0) => Some(two(present, later)),
        _ => None,
    }
}
