//! The shadow cell: 8 bytes for each aligned 8 bytes of the heap and the globals.
//!
//! Low half: last write, high half: last read, each `epoch << 8 | mask`. Bit i of the mask says that byte i of the word
//! was accessed in that epoch. An epoch is a 24-bit number given to a goroutine anew each time it synchronises; 0 is
//! "never". Numbers from `FIRST_COMPLEX` up are not epochs but indices into the detector's table of words whose
//! history does not fit (several readers, bytes of different epochs); their mask is 0, so no inline check passes them. The write half has
//! the index then; the read half too, or the epoch and bytes of the last of the readers, all of which stand in the record: whoever
//! reads on passes.
//!
//! Inline check of an aligned 8-byte access: the half equals `epoch_word` of the goroutine. Of a part of a word with byte mask m:
//! `(half ^ epoch_word) & (0xffffff00 | m) == 0`. A plain write sets both halves, so
//! that reading what was written in the same epoch passes. Of a goroutine that is alone, `epoch_word` is 0: accesses to words of which
//! nothing is known pass. That is why a half that says nothing, beside one that says something, is `NOTHING` and not 0. Otherwise the slow path is called, `race.read8` etc.

/// Bits of mask.
pub const MASK_BITS: u32 = 8;
/// The epoch of nobody.
pub const NOBODY: u32 = 1;
/// A half of a cell that says nothing, beside one that says something: no inline check passes it.
pub const NOTHING: u32 = NOBODY << MASK_BITS;

/// A cell of both halves; 0 only if neither says anything.
#[inline]
pub const fn cell(written: u32, read: u32) -> u64 {
    match (written, read) {
        (0 | NOTHING, 0 | NOTHING) => 0,
        (written, 0) => written as u64 | (NOTHING as u64) << 32,
        (0, read) => NOTHING as u64 | (read as u64) << 32,
        (written, read) => written as u64 | (read as u64) << 32,
    }
}

/// The cell of a word with a record.
#[inline]
pub const fn record(index: u32) -> u64 {
    let half = ((FIRST_COMPLEX + index) << MASK_BITS) as u64;
    half | half << 32
}

/// The index of a cell's record, if it has one.
#[inline]
pub const fn record_of(cell: u64) -> Option<u32> {
    (cell as u32 >> MASK_BITS).checked_sub(FIRST_COMPLEX)
}

/// The cell of a word with a record, in which these bytes stand as read in this epoch.
#[inline]
pub const fn read_by(cell: u64, epoch: u32, mask: u8) -> u64 {
    let half = (cell >> 32) as u32;
    let mask = if half >> MASK_BITS == epoch { half as u8 | mask } else { mask };
    cell & u32::MAX as u64 | ((epoch << MASK_BITS | mask as u32) as u64) << 32
}

/// The place of the write of a cell with a record, if the word is open to its last reader, at the other place (`gorace_detect::open`).
pub const OPEN: u32 = 1;

/// Epochs from here on are indices of complex words.
pub const FIRST_COMPLEX: u32 = 0x80_0000;
/// The epoch word of a goroutine whose next plain access must be told, whatever the cell holds: no inline check passes it.
pub const HELD: u32 = u32::MAX;
/// Byte offset of the write half in a cell.
pub const WRITE_HALF: u32 = 0;
/// Byte offset of the read half in a cell.
pub const READ_HALF: u32 = 4;

/// Entries of the table of epochs that are known to be behind goroutines, and where they stand in it: an entry is `goroutine << 24 | epoch`, at
/// `(epoch ^ goroutine * ORDER_FACTOR) % ORDERS`.
pub const ORDERS: usize = 1 << 12;
pub const ORDER_FACTOR: u64 = 0x9e5;
/// Entries of the table of the places of checks, and where they stand in it: an entry is the check's address, then `place << 32 | context`, at
/// `(context * SITE_FACTOR ^ address ^ address >> SITE_SHIFT) % SITES`.
pub const SITES: usize = 1 << 14;
pub const SITE_FACTOR: u64 = 31;
pub const SITE_SHIFT: u32 = 11;
