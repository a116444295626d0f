//! What a check can decide by itself, between the inline comparison and the detector: accesses that change nothing but a cell, or nothing
//! at all.
//!
//! `Words::access` judges any access. Most of those that come to it are of a few kinds, which need neither a look at vector clocks nor
//! at a stack; this table knows enough to do them:
//!
//! 1. *More bytes in the same epoch*: a `[]byte` written one by one.
//! 2. *All that is known of the word came before*: the cell's epochs are among those that this goroutine is known to have behind it. Once
//!    ordered is ordered for ever, as long as the number of the epoch stands for the same.
//! 3. *Read again*: a word with a record, that several goroutines read, passes only the inline checks of the one that read it last
//!    (`shadow::read_by`). Whose read of these bytes and this epoch stands in the record is the last one again (`Words::reads_again`).
//! 4. *Bytes of a word, one after the other, in an epoch after another's*: two writes stand in a cell (`split`).
//! 5. *More bytes of what stands in a word's record*: `Words::widens_read` and `widens_write` decide with what is known here; where the word is
//!    open to its last reader, the cell alone (`open`).
//!
//! All but the third leave a cell or a record, so the place of the access must be known: the caller's number for a context and an address,
//! noted when the detector made it. A caller whose places depend on more than these two notes none, and has the third kind alone.
//!
//! `access` gives what `Words::access` gives, or nothing (a property test below). All tables are caches: what is missing costs time.
//! Numbers of epochs that are used again, and memory that is, make them lie: `clear` then.

use crate::open::open_to;
use crate::race::{ATOMIC, FRESH, Past};
use crate::split::split;
use crate::word::is_split;
use gorace_abi::shadow::{
    FIRST_COMPLEX, HELD, MASK_BITS, NOBODY, OPEN, ORDER_FACTOR, ORDERS, SITE_FACTOR, SITE_SHIFT, SITES,
};

/// Size of a table, a power of two.
const ASKED: usize = 1 << 4;

/// An access, as the check has it.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Address of the aligned word, and the bytes of it.
    pub word: u64,
    pub mask: u8,
    pub write: bool,
    pub goroutine: u64,
    /// The goroutine's epoch word (`gorace_abi::shadow`).
    pub epoch_word: u32,
    /// The context of the check's frame, 0 if it is not known, and the check's address.
    pub context: u32,
    pub pc: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Site {
    pc: u64,
    context: u32,
    place: u32,
}

impl Site {
    #[inline]
    fn of([pc, rest]: [u64; 2]) -> Site {
        Site { pc, context: rest as u32, place: (rest >> 32) as u32 }
    }

    #[inline]
    fn entry(self) -> [u64; 2] {
        [self.pc, u64::from(self.context) | u64::from(self.place) << 32]
    }
}

/// See the module.
#[derive(Debug)]
pub struct Leaf {
    /// An epoch and a goroutine that has it behind it, in one number.
    orders: Vec<u64>,
    sites: Vec<[u64; 2]>,
    /// Those that were asked for lately.
    asked: [u64; ASKED],
    /// Something was noted since `clear`.
    is_used: bool,
}

impl Default for Leaf {
    fn default() -> Leaf {
        Leaf {
            // Plain zeros come from the system untouched: who needs no table has none in memory.
            orders: vec![0; ORDERS],
            sites: vec![[0; 2]; SITES],
            asked: [0; ASKED],
            is_used: false,
        }
    }
}

/// Where an order stands, and as what; None if it has no number.
#[inline]
fn order(epoch: u32, goroutine: u64) -> Option<(usize, u64)> {
    let at = (u64::from(epoch) ^ goroutine.wrapping_mul(ORDER_FACTOR)) as usize % ORDERS;
    (goroutine < 1 << 40).then_some((at, goroutine << (32 - MASK_BITS) | u64::from(epoch)))
}

#[inline]
fn site(context: u32, pc: u64) -> usize {
    (u64::from(context).wrapping_mul(SITE_FACTOR) ^ pc ^ pc >> SITE_SHIFT) as usize % SITES
}

/// Half a cell with its place.
#[derive(Clone, Copy)]
struct Half {
    epoch: u32,
    mask: u8,
    place: u32,
}

impl Half {
    #[inline]
    fn of(half: u32, place: u32) -> Half {
        Half { epoch: half >> MASK_BITS, mask: half as u8, place }
    }

    #[inline]
    fn bits(self) -> u64 {
        u64::from(self.epoch << MASK_BITS | u32::from(self.mask))
    }
}

impl Leaf {
    /// The addresses of the tables of orders and of sites, for who looks into them by itself (the runtime's `first_step`). They stay the same.
    pub fn tables(&self) -> [u64; 2] {
        [self.orders.as_ptr() as u64, self.sites.as_ptr() as u64]
    }

    /// Decides an access to a word without a record, or one that is open to the reader: the new cell and places. The word's places are asked for only where they count.
    /// `knows` says of an epoch that it is behind the goroutine.
    #[inline(always)]
    pub fn access(
        &self,
        cell: u64,
        places: impl FnOnce() -> u64,
        check: &Check,
        knows: impl Fn(u32) -> bool,
    ) -> Option<(u64, u64)> {
        let epoch = check.epoch_word >> MASK_BITS;
        if epoch <= NOBODY || check.epoch_word == HELD {
            return None;
        }
        if cell as u32 >> MASK_BITS >= FIRST_COMPLEX {
            // The last reader of a word that is open to it.
            let is_open = !check.write && (cell >> 32) as u32 >> MASK_BITS == epoch;
            let places = is_open.then(places).filter(|&places| places as u32 == OPEN)?;
            let is_there = places == open_to(self.place(check)?);
            return is_there.then_some((cell | u64::from(check.mask) << 32, places));
        }
        const BOTH_ATOMIC: u64 = ATOMIC as u64 | (ATOMIC as u64) << 32;
        let places = places();
        if places & BOTH_ATOMIC != 0 {
            return None;
        }
        let place = self.place(check)?;
        let present = Past { epoch, mask: check.mask, place };
        if is_split(cell, places) {
            return split(cell, places, present, check.write, knows);
        }
        let written = Half::of(cell as u32, places as u32);
        let mut read = Half::of((cell >> 32) as u32, (places >> 32) as u32);
        let is_redundant = read.epoch == written.epoch && read.mask & !written.mask == 0;
        if (read.place == FRESH || is_redundant) && read.epoch != epoch {
            read = Half { epoch: 0, mask: 0, place: 0 };
        }
        let precedes = |past: Half| past.epoch <= NOBODY || past.epoch == epoch || knows(past.epoch);
        if !precedes(written) || !precedes(read) {
            return None;
        }
        if check.write && written.epoch > NOBODY && written.epoch != epoch && written.mask & !check.mask != 0 {
            return split(cell, places, present, true, knows);
        }
        let present = Half { epoch, mask: check.mask, place };
        // What stays of an earlier access beside the present one: bytes of the same epoch, at the same place.
        let beside = |past: Half| {
            let rest = past.mask & !check.mask;
            match past.epoch == epoch {
                _ if rest == 0 => Some(present),
                true if past.place == place || past.place == FRESH => Some(Half { mask: rest | check.mask, ..present }),
                _ => None,
            }
        };
        let (new_written, new_read) = if check.write {
            let rest = read.mask & !check.mask;
            let new_read = match rest {
                0 => present,
                _ if read.epoch == epoch => Half { mask: rest | check.mask, ..read },
                _ => return None,
            };
            (beside(written)?, new_read)
        } else {
            let written = if written.epoch <= NOBODY { Half { epoch: NOBODY, mask: 0, place: 0 } } else { written };
            (written, beside(read)?)
        };
        let places = u64::from(new_written.place) | u64::from(new_read.place) << 32;
        Some((new_written.bits() | new_read.bits() << 32, places))
    }

    /// The place of an access, if it was noted.
    #[inline]
    pub fn place(&self, check: &Check) -> Option<u32> {
        self.place_at(check.context, check.pc)
    }

    /// The place of accesses at an address in a context, if it was noted.
    #[inline]
    pub fn place_at(&self, context: u32, pc: u64) -> Option<u32> {
        let known = Site::of(self.sites[site(context, pc)]);
        (known.pc == pc && known.context == context && known.context != 0).then_some(known.place)
    }

    /// Whether an epoch is known to be behind a goroutine.
    #[inline]
    pub fn knows(&self, epoch: u32, goroutine: u64) -> bool {
        order(epoch, goroutine).is_some_and(|(at, number)| self.orders[at] == number)
    }

    /// Whether it is worth a look at the clocks that an epoch is behind a goroutine: it is not known, and was asked for before. Where each
    /// access of a word is of another epoch, as behind a lock, it never is.
    #[inline]
    pub fn wants_order(&mut self, epoch: u32, goroutine: u64) -> bool {
        let Some((at, number)) = order(epoch, goroutine) else { return false };
        let asked = &mut self.asked[at % ASKED];
        self.orders[at] != number && std::mem::replace(asked, number) == number
    }

    /// An epoch is behind a goroutine.
    #[inline]
    pub fn note_order(&mut self, epoch: u32, goroutine: u64) {
        if let Some((at, number)) = order(epoch, goroutine) {
            self.orders[at] = number;
            self.is_used = true;
        }
    }

    /// The place of accesses at an address in a context that is not 0. It is plain and not joint.
    #[inline]
    pub fn note_site(&mut self, context: u32, pc: u64, place: u32) {
        self.sites[site(context, pc)] = Site { pc, context, place }.entry();
    }

    /// Numbers or memory get another meaning. What places mean stays.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.is_used) {
            self.orders.fill(0);
            self.asked.fill(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clocks;
    use crate::oracle::Random;
    use crate::race::{Present, Words};
    use gorace_abi::shadow;

    /// Random traces over a few words, with the table and without: whenever it decides, it decides as `Words::access` does; and with what
    /// it keeps from the detector, that finds a race at the same access.
    #[test]
    fn what_is_decided_is_what_the_detector_decides() {
        let mut random = Random(0x51ed_2701_9f3b_acd5);
        let (mut decided, mut widened) = ([0usize; 3], 0);
        let (mut written, mut on) = (0, 0);
        for _ in 0..4000 {
            let (mut clocks, mut words, mut leaf) = (Clocks::default(), Words::default(), Leaf::default());
            let goroutines = 2 + random.below(4) as u64;
            clocks.start(0, 1);
            (2..=goroutines).for_each(|g| clocks.start(1, g));
            let mut state = [(0u64, 0u64); 3];
            let (mut others, mut other) = (Words::default(), state);
            for _ in 0..200 {
                let (goroutine, lock) = (1 + random.below(goroutines as usize) as u64, random.below(2) as u64);
                match random.below(12) {
                    0 => clocks.release(goroutine, lock),
                    1 => clocks.acquire(goroutine, lock),
                    2 => clocks.update(goroutine, lock),
                    _ => {}
                }
                let at = random.below(state.len());
                let word = 0x1000 + 8 * at as u64;
                if random.below(40) == 0 {
                    // The memory is another object's now.
                    let fresh = clocks.epoch(goroutine) << MASK_BITS | 0xff;
                    state[at] = (gorace_abi::shadow::cell(0, fresh), 0);
                    other[at] = state[at];
                    leaf.clear();
                    continue;
                }
                let mask = [1, 2, 4, 8, 3, 0x0f, 0xf0, 0xff, 0xff][random.below(9)];
                let site = 1 + random.below(2) as u32;
                let atomic = if random.below(8) == 0 { ATOMIC } else { 0 };
                let write = random.below(3) == 0;
                let epoch = clocks.epoch(goroutine);
                let half = epoch << MASK_BITS | 0xff;
                let check = Check { word, mask, write, goroutine, epoch_word: half, context: site, pc: 0x400 };
                let now = Present { write, mask, goroutine, place: site | atomic };
                let passes = |cell: u64| {
                    let seen = if write { cell as u32 } else { (cell >> 32) as u32 };
                    atomic == 0 && (seen ^ half) & (u32::MAX << MASK_BITS | u32::from(mask)) == 0
                };
                let mut races = false;
                if !passes(other[at].0) {
                    let (cell, places, conflict) = others.access(&clocks, other[at].0, other[at].1, now);
                    (other[at], races) = ((cell, places), conflict.is_some());
                }
                let (cell, places) = state[at];
                if passes(cell) {
                    assert!(!races, "{check:?}");
                    continue;
                }
                let place = leaf.place(&check).filter(|_| atomic == 0 && random.below(2) == 0);
                let widens = |words: &mut Words, place| {
                    let now = Present { place, ..now };
                    words.widens_read(&clocks, cell, places, now, |past| leaf.knows(past, goroutine))
                };
                let reads = !write && atomic == 0;
                // What the last reader of an open word adds stands in the cell alone, until the record is next looked at.
                let opened = || leaf.access(cell, || places, &check, |_| false);
                if shadow::record_of(cell).is_some()
                    && reads
                    && random.below(4) != 0
                    && let Some(new) = opened()
                {
                    on += 1;
                    assert!(!races, "{check:?}");
                    state[at] = new;
                    continue;
                }
                let again = if reads { words.reads_again(cell, places, epoch, mask, goroutine) } else { None };
                if let Some(cell) = again {
                    decided[2] += 1;
                    assert!(!races, "{check:?}");
                    state[at] = (cell, 0);
                    continue;
                }
                if let Some(place) = place.filter(|_| write) {
                    let knows = |past| leaf.knows(past, goroutine);
                    let wanted = words.clone().access(&clocks, cell, places, now);
                    if let Some((new_cell, new_places)) = words.widens_write(state[at], epoch, mask, place, knows) {
                        written += 1;
                        assert_eq!(((new_cell, new_places), None), ((wanted.0, wanted.1), wanted.2), "{check:?}");
                        assert!(!races, "{check:?}");
                        state[at] = (new_cell, new_places);
                        continue;
                    }
                } else if let Some(new) = place.and_then(|place| widens(&mut words, place)) {
                    widened += 1;
                    assert!(!races, "{check:?}");
                    state[at] = new;
                    continue;
                }
                let done = if atomic == 0 {
                    leaf.access(cell, || places, &check, |epoch| leaf.knows(epoch, goroutine))
                } else {
                    None
                };
                let (new_cell, new_places, conflict) = words.access(&clocks, cell, places, now);
                assert_eq!(conflict.is_some(), races, "{check:?} {:x?}", state[at]);
                if shadow::record_of(cell).is_some() {
                    assert!(done.is_none() || !races, "{check:?}");
                } else if let Some((cell, places)) = done {
                    decided[usize::from(write)] += 1;
                    assert_eq!((new_cell, new_places, conflict), (cell, places, None), "{check:?} {:x?}", state[at]);
                }
                if races {
                    (state[at], other[at]) = ((0, 0), (0, 0));
                    continue;
                }
                state[at] = (new_cell, new_places);
                leaf.note_site(site, 0x400, site);
                for past in [cell as u32 >> MASK_BITS, (cell >> 32) as u32 >> MASK_BITS] {
                    if past > NOBODY && past < FIRST_COMPLEX && clocks.ordered(past, goroutine) {
                        leaf.note_order(past, goroutine);
                    }
                }
            }
        }
        assert!(decided.iter().all(|&n| n > 5_000) && widened > 5_000, "{decided:?} {widened}");
        assert!(written > 400 && on > 5_000, "{written} {on}");
    }
}
