//! The state of an aligned word of memory, and whether an access races with it (FastTrack with byte masks).
//!
//! A word remembers, for each byte, its last write and all reads since that are not ordered among themselves. Where at most one write
//! and one read epoch are enough, they stand in the shadow cell itself (`gorace_abi::shadow`); else the cell holds an index into a
//! table here. Nothing is evicted: every race on the last write or the reads of a byte is found.
//!
//! The half of an atomic access has no mask, so that no inline check passes behind it: a plain access that follows is one of its own.
//! The bytes stand with its place instead.
//!
//! Accesses of one epoch are one, with a place for each byte where these differ (`joint`).
//!
//! A plain write also counts as a read of its bytes, so that a goroutine that reads what it wrote in the same epoch passes the
//! inline check. Such a read is never the one reported: what conflicts with it conflicts with the write, which is looked at first.
//!
//! A read of an earlier epoch that tells nothing beside the write of the same epoch is dropped, and two writes without reads stand in a cell, the
//! earlier as its last read (`SPLIT`): bytes that are written or read one after the other need no record.
//!
//! Two accesses conflict when they share a byte, one is a write, their epochs differ, and the earlier is not ordered before
//! the later goroutine's present.

use crate::clock::Clocks;
use crate::joint::Joints;
use crate::recycle::Set;
use crate::split::in_two;
use crate::word::{MANY, Word, add, covers, has_atomic_read, is_atomic, is_redundant, is_split, join, many, outlives};
use gorace_abi::shadow::{self, FIRST_COMPLEX, MASK_BITS, NOBODY};

pub use crate::word::{ATOMIC, FRESH, Past, Present, SPLIT, is_last_atomic_write};

/// An earlier access that races with the present one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conflict {
    pub past: Past,
    pub write: bool,
}

/// Words whose history does not fit a cell.
#[derive(Debug, Default, Clone)]
pub struct Words {
    table: Vec<Word>,
    free: Vec<u32>,
    joints: Joints,
    /// So many records are worth a look for those that no cell names; 0 before the first look.
    crowded_at: usize,
}

/// The least of `Words::crowded_at`, and the records that a cell can name.
const LEAST_CROWD: usize = 1 << 14;
const MOST_RECORDS: usize = ((1 << 24) - FIRST_COMPLEX) as usize;

impl Words {
    /// Records so far, in use or not.
    pub fn records(&self) -> usize {
        self.table.len()
    }

    /// Whether there are so many that it is worth a look for those that no cell names: the memory of ended histories is given to
    /// others without a word.
    #[inline]
    pub fn is_crowded(&self) -> bool {
        self.free.is_empty() && self.table.len() >= self.crowded_at.max(LEAST_CROWD)
    }

    /// Gives the records free that no cell names; the epochs of the others are named. `looked_at`: how many cells were looked at.
    pub(crate) fn reuse(&mut self, named: &Set, epochs: &mut Set, looked_at: usize) {
        self.free.clear();
        for (index, word) in self.table.iter_mut().enumerate().rev() {
            if named.has(index as u32) {
                word.writes.iter().chain(&word.reads).for_each(|past| epochs.add(past.epoch));
            } else {
                *word = Word::default();
                self.free.push(index as u32);
            }
        }
        let used = self.table.len() - self.free.len();
        self.crowded_at = (2 * used).max(looked_at / 8).min(MOST_RECORDS);
    }

    /// The history that a cell (and its places: write low, read high) holds.
    fn decode(&mut self, cell: u64, places: u64) -> (Word, Option<u32>) {
        let half = |half: u32, place: u32| {
            let past = Past::of_cell(half, place);
            (past.epoch > NOBODY).then_some(past)
        };
        let write = cell as u32;
        if write >> MASK_BITS >= FIRST_COMPLEX {
            let index = (write >> MASK_BITS) - FIRST_COMPLEX;
            return (std::mem::take(&mut self.table[index as usize]), Some(index));
        }
        let (write, read) = (half(write, places as u32), half((cell >> 32) as u32, (places >> 32) as u32));
        let word = if is_split(cell, places) {
            Word { writes: read.into_iter().chain(write).collect(), ..Word::default() }
        } else {
            Word { writes: write.into_iter().collect(), reads: read.into_iter().collect(), ..Word::default() }
        };
        (word, None)
    }

    fn encode(&mut self, mut word: Word, index: Option<u32>) -> (u64, u64) {
        if index.is_none() && self.free.is_empty() && self.table.len() >= MOST_RECORDS {
            // No number is left: the latest of each kind stays, and races with the others are missed.
            for list in [&mut word.writes, &mut word.reads] {
                list.drain(..list.len().saturating_sub(1));
                list.retain(|past| past.fits());
            }
        }
        // Looked at last: there may be many.
        let fits = |word: &Word| word.writes.iter().chain(&word.reads).all(|past| past.fits());
        if word.writes.len() <= 1 && word.reads.len() <= 1 && fits(&word) {
            self.free.extend(index);
            let half = |past: Option<&Past>| past.map_or((0, 0), |past| past.in_cell());
            let (write, write_place) = half(word.writes.first());
            let (read, read_place) = half(word.reads.first());
            return (shadow::cell(write, read), write_place | read_place << 32);
        }
        if let Some(split) = in_two(&word) {
            self.free.extend(index);
            return split;
        }
        let index = match index.or_else(|| self.free.pop()) {
            Some(index) => index,
            None => {
                self.table.push(Word::default());
                self.table.len() as u32 - 1
            }
        };
        self.table[index as usize] = word;
        (shadow::record(index), 0)
    }

    /// Takes an access into account: gives the new cell and places, and the first conflict.
    #[inline]
    pub fn access(&mut self, clocks: &Clocks, cell: u64, places: u64, now: Present) -> (u64, u64, Option<Conflict>) {
        let epoch = clocks.epoch(now.goroutine);
        if let Some((cell, places)) = whole(clocks, epoch, cell, places, now) {
            return (cell, places, None);
        }
        self.absorb(cell, places);
        let (cell, places, conflict) = match simple(clocks, &mut self.joints, epoch, cell, places, now) {
            Some(done) => done,
            None => match self.read_of_record(clocks, epoch, cell, now) {
                Some(done) => done,
                None => self.general(clocks, epoch, cell, places, now),
            },
        };
        let (cell, places) = match shadow::record_of(cell) {
            Some(at) => {
                let word = &mut self.table[at as usize];
                word.raced |= conflict.is_some();
                let reads = !now.write && now.place & ATOMIC == 0 && !word.raced;
                if reads {
                    let places = word.opens(epoch, now, |past| clocks.ordered(past, now.goroutine));
                    (shadow::read_by(cell, epoch, now.mask), places)
                } else {
                    (shadow::record(at), 0)
                }
            }
            None => (cell, places),
        };
        (cell, places, conflict.map(|conflict| self.resolved(conflict, now)))
    }

    /// Whether all that is known of a word happened before what the goroutine does now. Its record is given free then, and the cell is
    /// to be empty: for a goroutine that is alone (`Clocks::is_alone`), whose own accesses need no record, nothing is left to tell.
    pub fn forget(&mut self, clocks: &Clocks, goroutine: u64, cell: u64, places: u64) -> bool {
        let is_behind = clocks.behind(goroutine);
        let precedes = |past: &Past| past.place == FRESH || is_behind(past.epoch);
        let number = cell as u32 >> MASK_BITS;
        if number < FIRST_COMPLEX {
            let past =
                [Past::of_cell(cell as u32, places as u32), Past::of_cell((cell >> 32) as u32, (places >> 32) as u32)];
            return past.iter().all(precedes);
        }
        let word = &mut self.table[(number - FIRST_COMPLEX) as usize];
        let all = word.writes.iter().chain(&word.reads).all(precedes);
        if all {
            *word = Word::default();
            self.free.push(number - FIRST_COMPLEX);
        }
        all
    }

    /// The record of a cell takes over what stands in the cell alone.
    #[inline]
    fn absorb(&mut self, cell: u64, places: u64) {
        if let Some(at) = shadow::record_of(cell) {
            self.table[at as usize].absorb(cell, places);
        }
    }

    /// A plain read of bytes whose read in the same epoch stands in the word's record: the cell in which it is the last, and which is open to
    /// nobody.
    #[inline]
    pub fn reads_again(&mut self, cell: u64, places: u64, epoch: u32, mask: u8, goroutine: u64) -> Option<u64> {
        self.absorb(cell, places);
        let word = &self.table[shadow::record_of(cell)? as usize];
        if word.raced {
            return None;
        }
        let own = match &word.index {
            Some(index) => word.reads.get(*index.get(&(goroutine, false))? as usize),
            None => word.reads.iter().find(|past| past.epoch == epoch && !is_atomic(**past)),
        };
        // What the allocation counts as is not a read of anybody's.
        own.filter(|past| past.epoch == epoch && mask & !past.mask == 0 && past.place != FRESH)
            .map(|past| shadow::read_by(cell, epoch, past.mask))
    }

    /// Whether an atomic read of these bytes in an epoch is known of a word: another one would change nothing but its place.
    #[inline]
    pub fn has_atomic_read(&self, cell: u64, places: u64, epoch: u32, mask: u8, goroutine: u64) -> bool {
        let Some(at) = shadow::record_of(cell) else { return has_atomic_read(cell, places, epoch, mask) };
        let word = &self.table[at as usize];
        let own = match &word.index {
            Some(index) => index.get(&(goroutine, true)).and_then(|&at| word.reads.get(at as usize)),
            None if word.reads.len() < MANY => word.reads.iter().find(|past| past.epoch == epoch && is_atomic(**past)),
            None => None,
        };
        !word.raced && own.is_some_and(|past| past.epoch == epoch && past.mask & mask == mask)
    }

    /// A plain read of a word with a record, in which a read of the same goroutine stands: one of the same epoch and place, to which bytes are
    /// added, or an earlier one of no other bytes, instead of which the present one stands from now on. `knows` says of an epoch that it is
    /// behind the reader. Gives the new cell and places where that was all: then it is done. Others' reads that this one supersedes stay beside it: whatever races with
    /// one of them races with this one, too.
    #[inline]
    pub fn widens_read(
        &mut self,
        clocks: &Clocks,
        cell: u64,
        places: u64,
        now: Present,
        knows: impl Fn(u32) -> bool,
    ) -> Option<(u64, u64)> {
        let at = shadow::record_of(cell)?;
        let epoch = clocks.epoch(now.goroutine);
        let word = &mut self.table[at as usize];
        word.absorb(cell, places);
        let may_race = |past: &Past| past.mask & now.mask != 0 && past.epoch != epoch && !knows(past.epoch);
        if word.raced || word.writes.iter().any(may_race) {
            return None;
        }
        let is_own = |past: &Past| !is_atomic(*past) && clocks.owner(past.epoch) == now.goroutine;
        let own = match &word.index {
            Some(index) => index.get(&(now.goroutine, false)).and_then(|&at| word.reads.get_mut(at as usize)),
            None if word.reads.len() < MANY => word.reads.iter_mut().rev().find(|past| is_own(past)),
            None => None,
        };
        match own {
            Some(past) if past.epoch == epoch && past.place == now.place => past.mask |= now.mask,
            Some(past) if past.epoch != epoch && past.mask & !now.mask == 0 => {
                *past = Past { epoch, mask: now.mask, place: now.place };
            }
            _ => return None,
        }
        Some((shadow::read_by(cell, epoch, now.mask), word.opens(epoch, now, knows)))
    }

    /// A plain write of more bytes of a word with a record, in which a write of the same epoch and place stands, as `general` does it. Gives the new
    /// cell and places; None, and nothing is done, if it is not of this kind.
    pub fn widens_write(
        &mut self,
        (cell, places): (u64, u64),
        epoch: u32,
        mask: u8,
        place: u32,
        knows: impl Fn(u32) -> bool,
    ) -> Option<(u64, u64)> {
        let number = cell as u32 >> MASK_BITS;
        let at = number.checked_sub(FIRST_COMPLEX)?;
        let word = &mut self.table[at as usize];
        word.absorb(cell, places);
        let hinders = |past: &Past| match past.epoch == epoch {
            true => is_atomic(*past),
            false => past.mask & mask != 0 && past.place != FRESH && !knows(past.epoch),
        };
        if word.reads.len() >= MANY || word.writes.iter().chain(&word.reads).any(hinders) {
            return None;
        }
        let own = word.writes.iter().position(|past| past.epoch == epoch && past.place == place)?;
        for past in word.writes.iter_mut().chain(&mut word.reads) {
            past.mask &= !mask;
        }
        word.writes[own].mask |= mask;
        word.reads.retain(|past| past.place != FRESH || past.epoch == epoch);
        word.index = None;
        word.settle(Past { epoch, mask, place });
        if (word.reads.len() > 1 || word.writes.len() > 1) && in_two(word).is_none() {
            // Nobody's reads pass any more.
            return Some((shadow::record(at), 0));
        }
        let word = std::mem::take(word);
        Some(self.encode(word, Some(at)))
    }

    /// A conflict with the place of the bytes that it is about.
    #[cold]
    fn resolved(&self, Conflict { past, write }: Conflict, now: Present) -> Conflict {
        Conflict { past: Past { place: self.joints.resolve(past.place, past.mask & now.mask), ..past }, write }
    }

    /// A read and then a write of the same bytes: gives the new cell and places, and the first conflict of each. `now` is the write.
    #[inline]
    pub fn update(
        &mut self,
        clocks: &Clocks,
        cell: u64,
        places: u64,
        now: Present,
    ) -> (u64, u64, [Option<Conflict>; 2]) {
        let epoch = clocks.epoch(now.goroutine);
        if let Some((cell, places)) = whole(clocks, epoch, cell, places, now) {
            // It supersedes all that the read would leave.
            return (cell, places, [None; 2]);
        }
        let (cell, places, read) = self.access(clocks, cell, places, Present { write: false, ..now });
        let (cell, places, written) = self.access(clocks, cell, places, now);
        (cell, places, [read, written])
    }

    /// A plain read of a word with a record, where that stands: the bytes of a word are read one after the other, in epoch after epoch.
    /// None if it is not of this kind.
    fn read_of_record(
        &mut self,
        clocks: &Clocks,
        epoch: u32,
        cell: u64,
        now: Present,
    ) -> Option<(u64, u64, Option<Conflict>)> {
        let number = cell as u32 >> MASK_BITS;
        if now.write || now.place & ATOMIC != 0 || number < FIRST_COMPLEX {
            return None;
        }
        let at = number - FIRST_COMPLEX;
        let Words { table, joints, .. } = self;
        let word = &mut table[at as usize];
        if word.reads.len() >= MANY {
            return None;
        }
        let past = word.writes.iter().find(|past| conflicts(clocks, epoch, **past, now));
        let conflict = past.map(|&past| Conflict { past, write: true });
        let present = Past { epoch, mask: now.mask, place: now.place };
        let mut is_joined = false;
        word.reads.retain(|p| {
            if p.epoch == epoch && !is_atomic(*p) {
                join(joints, p, present);
                is_joined = true;
            } else if p.place == FRESH {
                return false;
            } else if p.mask & now.mask != 0 && (p.epoch == epoch || clocks.ordered(p.epoch, now.goroutine)) {
                p.mask &= !now.mask;
            }
            p.mask != 0
        });
        if !is_joined {
            word.reads.push(present);
        }
        word.index = None;
        if (word.reads.len() > 1 || word.writes.len() > 1) && in_two(word).is_none() {
            return Some((cell, 0, conflict));
        }
        let word = std::mem::take(word);
        let (cell, places) = self.encode(word, Some(at));
        Some((cell, places, conflict))
    }

    /// Any access to any word.
    #[cold]
    #[inline(never)]
    fn general(
        &mut self,
        clocks: &Clocks,
        epoch: u32,
        cell: u64,
        places: u64,
        now: Present,
    ) -> (u64, u64, Option<Conflict>) {
        let (mut word, index) = self.decode(cell, places);
        // A list of many holds none, and is not gone through for each read.
        if word.reads.len() < MANY {
            word.reads.retain(|p| p.place != FRESH || p.epoch == epoch);
        }
        if let ([write], [read]) = (word.writes.as_slice(), word.reads.as_slice())
            && read.epoch != epoch
            && is_redundant(*read, *write)
            && clocks.ordered(read.epoch, now.goroutine)
        {
            word.reads.clear();
        }
        let mut conflict = None;
        for (list, write) in [(&word.writes, true), (&word.reads, false)] {
            if !write && !now.write {
                continue;
            }
            for past in list {
                if conflict.is_none() && conflicts(clocks, epoch, *past, now) {
                    conflict = Some(Conflict { past: *past, write });
                }
            }
        }
        let present = Past { epoch, mask: now.mask, place: now.place };
        if !now.write && word.reads.len() >= MANY {
            many(clocks, &mut self.joints, &mut word, present, now);
            let (cell, places) = self.encode(word, index);
            return (cell, places, conflict);
        }
        word.index = None;
        if now.write {
            // A write supersedes everything known of its bytes.
            for past in word.writes.iter_mut().chain(word.reads.iter_mut()).filter(|past| !outlives(**past, present)) {
                past.mask &= !now.mask;
            }
            add(&mut self.joints, &mut word.writes, present);
        } else {
            // A read supersedes reads of its bytes that are ordered before it.
            for past in word.reads.iter_mut().filter(|past| !outlives(**past, present)) {
                if past.mask & now.mask != 0 && (past.epoch == epoch || clocks.ordered(past.epoch, now.goroutine)) {
                    past.mask &= !now.mask;
                }
            }
            add(&mut self.joints, &mut word.reads, present);
        }
        if now.write {
            word.settle(present);
        } else {
            word.reads.retain(|p| p.mask != 0);
        }
        let (cell, places) = self.encode(word, index);
        (cell, places, conflict)
    }
}

/// Whether an earlier access races with the present one.
#[inline]
fn conflicts(clocks: &Clocks, epoch: u32, past: Past, now: Present) -> bool {
    let both_atomic = past.place & now.place & ATOMIC != 0;
    past.mask & now.mask != 0
        && past.epoch != epoch
        && past.place != FRESH
        && !both_atomic
        && !clocks.ordered(past.epoch, now.goroutine)
}

/// The commonest of all: a plain access to a whole word, to which there were plain ones only, all ordered before it. Gives the new cell
/// and places.
#[inline]
fn whole(clocks: &Clocks, epoch: u32, cell: u64, places: u64, now: Present) -> Option<(u64, u64)> {
    const BOTH_ATOMIC: u64 = ATOMIC as u64 | (ATOMIC as u64) << 32;
    if now.mask != 0xff || (places | u64::from(now.place)) & BOTH_ATOMIC != 0 || !now.write && is_split(cell, places) {
        return None;
    }
    let (written, read) = (cell as u32 >> MASK_BITS, (cell >> 32) as u32 >> MASK_BITS);
    let precedes = |past: u32| past == 0 || past == epoch || clocks.ordered(past, now.goroutine);
    if written >= FIRST_COMPLEX || !precedes(written) || (read != written && !precedes(read)) {
        return None;
    }
    let (half, place) = (epoch << MASK_BITS | 0xff, u64::from(now.place));
    Some(if now.write {
        (shadow::cell(half, half), place | place << 32)
    } else {
        (shadow::cell(cell as u32, half), places & u64::from(u32::MAX) | place << 32)
    })
}

/// An access to a word whose history is in the cell, and stays there: the same as `general` gives, without lists.
#[inline]
fn simple(
    clocks: &Clocks,
    joints: &mut Joints,
    epoch: u32,
    cell: u64,
    places: u64,
    now: Present,
) -> Option<(u64, u64, Option<Conflict>)> {
    let mut written = Past::of_cell(cell as u32, places as u32);
    let mut read = Past::of_cell((cell >> 32) as u32, (places >> 32) as u32);
    if written.epoch >= FIRST_COMPLEX || is_split(cell, places) {
        return None;
    }
    // Behind a race it stays: the word gets a record, and each place that races is told.
    let tells_nothing = |read| is_redundant(read, written) && clocks.ordered(read.epoch, now.goroutine);
    if read.epoch != epoch && (read.place == FRESH || tells_nothing(read)) {
        read = Past { epoch: 0, mask: 0, place: 0 };
    }
    let present = Past { epoch, mask: now.mask, place: now.place };
    let mut conflict = None;
    // Plain and atomic accesses of one epoch stand beside each other, but where the new one leaves nothing to tell of the other.
    let mixes = |past: Past| {
        let mixed = past.epoch == epoch && is_atomic(past) != is_atomic(present);
        mixed && !covers(past, present) && (is_atomic(present) || past.mask & !now.mask != 0)
    };
    if mixes(if now.write { written } else { read }) {
        return None;
    }
    if now.write && outlives(read, present) && read.mask & now.mask != 0 {
        return None;
    }
    if written.epoch > NOBODY && conflicts(clocks, epoch, written, now) {
        conflict = Some(Conflict { past: written, write: true });
    }
    // The part of a half that stays beside the present access: nothing, or of the same epoch.
    let merges = |past: Past, rest: u8| past.epoch == epoch || rest == 0;
    if now.write {
        if read.epoch > NOBODY && conflict.is_none() && conflicts(clocks, epoch, read, now) {
            conflict = Some(Conflict { past: read, write: false });
        }
        let rest = read.mask & !now.mask;
        if !merges(written, written.mask & !now.mask) || (rest != 0 && read.epoch != epoch) {
            return None;
        }
        written = joined(joints, written, written.mask & !now.mask, present);
        read.mask = rest;
        if now.place & ATOMIC == 0 {
            read = if rest == 0 { present } else { Past { mask: rest | now.mask, ..read } };
        } else if rest == 0 {
            read = Past { epoch: 0, mask: 0, place: 0 };
        }
    } else {
        let superseded = read.epoch == epoch || read.epoch <= NOBODY || clocks.ordered(read.epoch, now.goroutine);
        let rest = if superseded { read.mask & !now.mask } else { read.mask };
        if !merges(read, rest) {
            return None;
        }
        read = joined(joints, read, rest, present);
    }
    if !written.fits() || !read.fits() {
        return None;
    }
    let ((written, write_place), (read, read_place)) = (written.in_cell(), read.in_cell());
    Some((shadow::cell(written, read), write_place | read_place << 32, conflict))
}

/// The present access and what stays of an earlier one, which is of the same epoch unless nothing stays.
#[inline]
fn joined(joints: &mut Joints, past: Past, rest: u8, present: Past) -> Past {
    if past.epoch != present.epoch {
        return present;
    }
    if covers(past, present) {
        return past;
    }
    let place = joints.join(past.place, rest, present.place, present.mask);
    Past { mask: rest | present.mask, place, ..present }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::Random;

    fn access(words: &mut Words, clocks: &Clocks, state: &mut (u64, u64), g: u64, write: bool, mask: u8) -> bool {
        let now = Present { write, mask, goroutine: g, place: g as u32 };
        let (cell, places, conflict) = words.access(clocks, state.0, state.1, now);
        *state = (cell, places);
        conflict.is_some()
    }

    fn three() -> Clocks {
        let mut clocks = Clocks::default();
        clocks.start(0, 1);
        clocks.start(1, 2);
        clocks.start(1, 3);
        clocks
    }

    #[test]
    fn bytes_of_one_word_do_not_race_with_each_other() {
        let (mut words, clocks, mut state) = (Words::default(), three(), (0, 0));
        assert!(!access(&mut words, &clocks, &mut state, 2, true, 1));
        assert!(!access(&mut words, &clocks, &mut state, 3, true, 2));
        assert!(access(&mut words, &clocks, &mut state, 3, false, 1));
    }

    #[test]
    fn what_its_allocation_marked_races_with_nobody_but_what_is_done_to_it_does() {
        let (mut words, clocks) = (Words::default(), three());
        let fresh = (u64::from(clocks.epoch(2) << 8 | 0xff) << 32, 0);
        let mut state = fresh;
        assert!(!access(&mut words, &clocks, &mut state, 3, true, 0xff));
        assert!(access(&mut words, &clocks, &mut state, 2, false, 1));
        let mut state = fresh;
        assert!(!access(&mut words, &clocks, &mut state, 2, true, 0xff));
        assert!(access(&mut words, &clocks, &mut state, 3, false, 1));
        let mut state = fresh;
        assert!(!access(&mut words, &clocks, &mut state, 3, false, 0xff));
        assert!(access(&mut words, &clocks, &mut state, 2, true, 1));
    }

    #[test]
    fn no_reader_is_forgotten() {
        let (mut words, mut clocks, mut state) = (Words::default(), three(), (0, 0));
        for g in 4..20 {
            clocks.start(1, g);
        }
        for g in 2..20 {
            assert!(!access(&mut words, &clocks, &mut state, g, false, 0xff));
        }
        for g in 3..20 {
            clocks.release_merge(g, 0x10);
        }
        // All but goroutine 2 are ordered before 1.
        clocks.acquire(1, 0x10);
        assert!(access(&mut words, &clocks, &mut state, 1, true, 0xff));
    }

    /// A word that many read is read by one of them part by part, and by others that come and go.
    #[test]
    fn a_list_of_many_reads_does_not_grow_with_epochs() {
        let (mut words, mut clocks, mut state) = (Words::default(), three(), (0, 0));
        for g in 4..30 {
            clocks.start(1, g);
            assert!(!access(&mut words, &clocks, &mut state, g, false, 0xff));
        }
        let mut most = 0;
        for next in 30..20_000 {
            clocks.start(1, next);
            for g in [1, next] {
                assert!(!access(&mut words, &clocks, &mut state, g, false, 1));
                assert!(!access(&mut words, &clocks, &mut state, g, false, 0x3e));
            }
            clocks.release(next, 0x10);
            clocks.end(next);
            clocks.acquire(1, 0x10);
            most = most.max(words.table.iter().map(|word| word.reads.len()).max().unwrap_or(0));
        }
        assert!(most < 300, "{most}");
    }

    #[test]
    fn of_many_readers_each_is_remembered_once() {
        let (mut words, mut clocks, mut state) = (Words::default(), three(), (0, 0));
        for g in 4..1000 {
            clocks.start(1, g);
        }
        for _ in 0..3 {
            for g in 2..1000 {
                assert!(!access(&mut words, &clocks, &mut state, g, false, 0xff));
            }
        }
        assert_eq!(words.table[0].reads.len(), 998);
        // All but one are ordered before the writer.
        for g in (2..1000).filter(|&g| g != 500) {
            clocks.release_merge(g, 0x10);
        }
        clocks.acquire(1, 0x10);
        let now = Present { write: true, mask: 1, goroutine: 1, place: 1 };
        let (_, _, conflict) = words.access(&clocks, state.0, state.1, now);
        assert_eq!(conflict.map(|c| c.past.place), Some(500));
    }

    #[test]
    fn reads_that_others_supersede_go() {
        let (mut words, mut clocks, mut state) = (Words::default(), three(), (0, 0));
        for _ in 0..10_000 {
            for g in 2..4 {
                assert!(!access(&mut words, &clocks, &mut state, g, false, 0xff));
                clocks.release_acquire(g, 0x10);
            }
        }
        assert!(words.table.iter().all(|word| word.reads.len() <= 2 * MANY));
    }

    #[test]
    fn a_write_lets_its_own_reads_pass() {
        let (mut words, clocks, mut state) = (Words::default(), three(), (0, 0));
        assert!(!access(&mut words, &clocks, &mut state, 2, true, 0xff));
        let word = clocks.epoch(2) << MASK_BITS | 0xff;
        assert_eq!(state.0, u64::from(word) | u64::from(word) << 32);
        // The write is the one that is reported.
        let now = Present { write: true, mask: 1, goroutine: 3, place: 3 };
        let (_, _, conflict) = words.access(&clocks, state.0, state.1, now);
        assert!(conflict.is_some_and(|c| c.write));
    }

    #[test]
    fn a_write_beside_a_read_keeps_the_read_and_its_place() {
        let (mut words, clocks, mut state) = (Words::default(), three(), (0, 0));
        assert!(!access(&mut words, &clocks, &mut state, 2, false, 0x0f));
        let now = Present { write: true, mask: 0xf0, goroutine: 2, place: 77 };
        let (cell, places, _) = words.access(&clocks, state.0, state.1, now);
        let now = Present { write: true, mask: 1, goroutine: 3, place: 3 };
        let (_, _, conflict) = words.access(&clocks, cell, places, now);
        assert!(conflict.is_some_and(|c| !c.write && c.past.place == 2));
    }

    /// Random traces of three goroutines, which release and acquire between accesses. `each` gets what `start` made for the trace, and
    /// an access.
    fn traces<S>(
        seed: u64,
        masks: &[u8],
        start: impl Fn() -> S,
        mut each: impl FnMut(&mut S, &Clocks, Present, &mut Random),
    ) {
        let mut random = Random(seed);
        for _ in 0..3000 {
            let (mut state, mut clocks) = (start(), three());
            for place in 1..40u32 {
                let (goroutine, lock) = (1 + random.below(3) as u64, random.below(2) as u64);
                match random.below(6) {
                    0 => clocks.release(goroutine, lock),
                    1 => clocks.acquire(goroutine, lock),
                    _ => {
                        let (write, mask) = (random.below(2) == 0, masks[random.below(masks.len())]);
                        each(&mut state, &clocks, Present { write, mask, goroutine, place }, &mut random);
                    }
                }
            }
        }
    }

    /// A word and its cell.
    type Kept = (Words, (u64, u64));

    fn kept() -> Kept {
        (Words::default(), (0, 0))
    }

    fn keep((words, state): &mut Kept, clocks: &Clocks, now: Present) -> Option<Conflict> {
        let (cell, places, conflict) = words.access(clocks, state.0, state.1, now);
        *state = (cell, places);
        conflict
    }

    /// The ways without lists give the same cells, places and conflicts.
    #[test]
    fn the_simple_way_is_the_general_one() {
        let (mut simples, mut wholes, mut stands, mut records) = (0, 0, 0, 0);
        traces(0x9e37_79b9_7f4a_7c15, &[1, 2, 0xf, 0xf0, 0xff], kept, |(words, state), clocks, now, random| {
            let atomic = random.below(4) == 0;
            let now = Present { place: now.place | if atomic { ATOMIC } else { 0 }, ..now };
            let epoch = clocks.epoch(now.goroutine);
            let quick = simple(clocks, &mut words.joints, epoch, state.0, state.1, now);
            let shortest = whole(clocks, epoch, state.0, state.1, now);
            let mut others = words.clone();
            let of_record = others.read_of_record(clocks, epoch, state.0, now);
            let slow = words.general(clocks, epoch, state.0, state.1, now);
            if atomic && now.write && is_last_atomic_write(state.0, state.1, epoch, now.mask) {
                stands += 1;
                assert_eq!((slow.0, slow.2), (state.0, None), "{now:?} {state:x?}");
            }
            if let Some(shortest) = shortest {
                wholes += 1;
                assert_eq!((shortest.0, shortest.1, None), slow, "{now:?} {state:x?}");
            }
            if let Some(of_record) = of_record {
                records += 1;
                assert_eq!(of_record, slow, "{now:?} {state:x?}");
                assert_eq!(others.decode(slow.0, slow.1).0, words.clone().decode(slow.0, slow.1).0);
            }
            if let Some(quick) = quick {
                simples += 1;
                assert_eq!(quick, slow, "{now:?} {state:x?}");
            }
            *state = (slow.0, slow.1);
        });
        assert!(simples > 5_000 && records > 500, "{simples} {records}");
        assert!(wholes > 500 && stands > 20, "{wholes} {stands}");
    }

    /// An atomic load that is known already changes nothing but its place, and what it takes away is told by it.
    #[test]
    fn an_atomic_load_that_is_known_tells_nothing_new() {
        let (mut loads, mut of_records) = (0, 0);
        traces(0x3c6e_f372_fe94_f82b, &[0xf, 0xf0, 0xff], kept, |kept, clocks, now, random| {
            let atomic = random.below(4) != 0;
            let now = Present { place: now.place | if atomic { ATOMIC } else { 0 }, ..now };
            let (words, (cell, places)) = kept.clone();
            let epoch = clocks.epoch(now.goroutine);
            let conflict = keep(kept, clocks, now);
            if !atomic || now.write || !words.has_atomic_read(cell, places, epoch, now.mask, now.goroutine) {
                return;
            }
            loads += 1;
            of_records += usize::from(shadow::record_of(cell).is_some());
            let word = |(words, (cell, places)): &Kept| words.clone().decode(*cell, *places).0;
            let (before, after) = (word(&(words, (cell, places))), word(kept));
            // What raced already stands in a cell as if it had not.
            assert!(conflict.is_none() || shadow::record_of(cell).is_none(), "{now:?} {before:?}");
            assert_eq!(before.writes, after.writes, "{now:?}");
            // Reads that it supersedes may stay beside what it repeats.
            let told = |word: &Word, past: &Past| {
                let same = |other: &&Past| other.epoch == past.epoch && is_atomic(**other) == is_atomic(*past);
                word.reads.iter().find(same).map_or(0, |past| past.mask)
            };
            for past in before.reads.iter().filter(|past| past.place != FRESH) {
                let lost = past.mask & !told(&after, past);
                assert!(lost == 0 || lost & !now.mask == 0 && clocks.ordered(past.epoch, now.goroutine), "{past:?}");
            }
            assert!(after.reads.iter().all(|past| past.mask & !told(&before, past) == 0), "{before:?} {after:?}");
        });
        assert!(loads > 1_000 && of_records > 500, "{loads} {of_records}");
    }

    /// Against the last write of each byte: the one that is named was to a byte of the present access.
    #[test]
    fn a_conflict_names_the_place_of_its_bytes() {
        let mut conflicts = 0;
        let start = || (kept(), [0; 8]);
        traces(0x0bad_cafe_1357_9bdf, &[1, 2, 4, 0xf, 0xf0, 0xff], start, |(kept, written), clocks, now, _| {
            let bytes = (0..8).filter(|byte| now.mask >> byte & 1 != 0);
            if let Some(Conflict { past, write: true }) = keep(kept, clocks, now) {
                conflicts += 1;
                assert!(bytes.clone().any(|byte| written[byte] == past.place), "{now:?} {past:?}");
            }
            if now.write {
                bytes.for_each(|byte| written[byte] = now.place);
            }
        });
        assert!(conflicts > 5_000, "{conflicts}");
    }

    /// An update leaves and finds what a read and a write do.
    #[test]
    fn an_update_is_a_read_and_a_write() {
        let mut conflicts = 0;
        let start = || (kept(), kept());
        traces(0x1234_5678_9abc_def1, &[1, 0xf0, 0xff, 0xff], start, |(joint, apart), clocks, now, random| {
            if random.below(4) == 0 {
                let atomic = if random.below(2) == 0 { ATOMIC } else { 0 };
                let now = Present { place: now.place | atomic, ..now };
                assert_eq!(keep(joint, clocks, now), keep(apart, clocks, now));
            } else {
                let both = [false, true].map(|write| keep(apart, clocks, Present { write, ..now }));
                let (words, state) = &mut *joint;
                let (cell, places, found) = words.update(clocks, state.0, state.1, Present { write: true, ..now });
                *state = (cell, places);
                assert_eq!(found, both, "{now:?}");
                conflicts += found.iter().flatten().count();
            }
            assert_eq!(joint.1, apart.1);
            // The way in two steps may have had a record between them.
            let word = |(words, state): &Kept| shadow::record_of(state.0).map(|at| words.table[at as usize].clone());
            assert_eq!(word(joint), word(apart));
        });
        assert!(conflicts > 5_000, "{conflicts}");
    }

    /// Traces of many readers against a list of all accesses, up to the first conflict, and the index against the list of reads.
    #[test]
    fn many_readers_are_those_of_a_plain_list() {
        let mut random = Random(0x00c0_ffee_2468_ace1);
        let (mut conflicts, mut indexed, mut widened) = (0, 0, 0);
        for _ in 0..1000 {
            let (mut clocks, mut kept, mut all) = (Clocks::default(), kept(), Vec::<(Past, bool)>::new());
            clocks.start(0, 1);
            (2..50).for_each(|g| clocks.start(1, g));
            for place in 1..300u32 {
                let (goroutine, lock) = (1 + random.below(49) as u64, random.below(2) as u64);
                match random.below(8) {
                    0 => clocks.release_merge(goroutine, lock),
                    1 => clocks.acquire(goroutine, lock),
                    _ => {
                        let place = place | if random.below(5) == 0 { ATOMIC } else { 0 };
                        let mask = [1, 0xf0, 0xff][random.below(3)];
                        let now = Present { write: random.below(60) == 0, mask, goroutine, place };
                        let epoch = clocks.epoch(goroutine);
                        let races = |(past, write): &(Past, bool)| {
                            (*write || now.write) && super::conflicts(&clocks, epoch, *past, now)
                        };
                        let wanted = all.iter().any(races);
                        let ((words, state), is_plain) = (&mut kept, place & ATOMIC == 0);
                        let knows = |past| clocks.ordered(past, goroutine);
                        let widens = |(cell, places)| words.widens_read(&clocks, cell, places, now, knows);
                        if let Some(new) = Some(*state).filter(|_| is_plain && !now.write).and_then(widens) {
                            *state = new;
                            widened += 1;
                            assert!(!wanted);
                        } else {
                            assert_eq!(keep(&mut kept, &clocks, now).is_some(), wanted, "{now:?}");
                        }
                        for word in &kept.0.table {
                            let Some(index) = &word.index else { continue };
                            indexed += 1;
                            let key = |past: &Past| (clocks.owner(past.epoch), is_atomic(*past));
                            let last = |past: &Past| word.reads.iter().rposition(|other| key(other) == key(past));
                            assert!(word.reads.iter().all(|past| last(past) == Some(index[&key(past)] as usize)));
                        }
                        if wanted {
                            conflicts += 1;
                            break;
                        }
                        all.push((Past { epoch, mask, place }, now.write));
                    }
                }
            }
        }
        assert!(conflicts > 500 && indexed > 5_000 && widened > 500, "{conflicts} {indexed} {widened}");
    }
}
