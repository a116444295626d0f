//! The last reader of a word with a record reads on without it: bytes that it adds in its epoch, from the same place, stand in the cell alone.
//!
//! Several goroutines read a buffer byte by byte, and each byte would be a way to the record: its bytes are added to the read that stands there
//! already. Where that is all (`Word::opens`), the places of the cell, which a word with a record has no use for, say so: the word is *open*
//! to its last reader, whose epoch and bytes the cell has. A check then adds to the cell's bytes (`Leaf::access`, the first step in assembly), and the
//! record hears of them when it is next looked at (`Word::absorb`): whatever replaces the cell comes by there, with the cell and its places.
//!
//! Why it is the same: the word has not raced, the read that stands in the record is of this epoch and place, so adding bytes to it leaves what
//! `Words::widens_read` leaves; and all writes that the record has, of whatever bytes, are of this epoch or behind the reader, so no byte of them can
//! race with it. Both stay so as long as nobody else comes: a write closes the word, another's read opens it to that one.

use crate::word::{FRESH, Present, Word, is_atomic};
use gorace_abi::shadow::{MASK_BITS, OPEN};

/// Reads of a record that is looked through each time that it is open.
const FEW: usize = 8;

impl Word {
    /// Takes over what stands in its cell alone.
    #[inline]
    pub(crate) fn absorb(&mut self, cell: u64, places: u64) {
        if places as u32 == OPEN {
            let (epoch, mask) = ((cell >> 32) as u32 >> MASK_BITS, (cell >> 32) as u8);
            let own = self.reads.iter_mut().find(|past| past.epoch == epoch && !is_atomic(**past));
            if let Some(own) = own {
                own.mask |= mask;
            }
        }
    }

    /// The places of its cell behind a plain read in an epoch: whether the word is open to it. `is_behind` says of an epoch that the
    /// reader has it behind it.
    #[inline]
    pub(crate) fn opens(&self, epoch: u32, now: Present, is_behind: impl Fn(u32) -> bool) -> u64 {
        // Of a whole word there are no bytes left.
        if now.mask == 0xff {
            return 0;
        }
        let place = now.place;
        let is_own = self.reads.iter().any(|past| past.epoch == epoch && past.place == place);
        let is_past = |epoch_of: u32, place: u32| epoch_of == epoch || place == FRESH || is_behind(epoch_of);
        let is_open = !self.raced
            && place != FRESH
            && self.reads.len() <= FEW
            && is_own
            && self.writes.iter().all(|past| is_past(past.epoch, past.place));
        if is_open { open_to(place) } else { 0 }
    }
}

/// The places of a cell whose word is open to reads at a place.
#[inline]
pub(crate) fn open_to(place: u32) -> u64 {
    u64::from(OPEN) | u64::from(place) << 32
}
