//! A million random traces against a naive oracle, which keeps every event and, for each goroutine, the set of events that
//! happened before what it does next. It shares nothing with the clocks.
//!
//! Up to the first race of a trace the detector must find what the oracle finds, no more and no less; but that an atomic access
//! supersedes an earlier plain one, so a race of that with another goroutine's atomic access may be lost.

use crate::clock::Clocks;
use crate::race::{ATOMIC, Present, Words};
use crate::recycle::Named;
use gorace_abi::shadow::MASK_BITS;

const TRACES: u64 = 1_000_000;
const EVENTS: usize = 40;
const WORDS: usize = 2;
const ADDRESSES: usize = 3;
const MOST: usize = 5;
/// Where a collection releases.
const COLLECTED: u64 = 0x200;

/// Xorshift (Marsaglia 2003).
pub struct Random(pub u64);

impl Random {
    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

#[derive(Debug)]
struct Access {
    event: usize,
    goroutine: u64,
    word: usize,
    mask: u8,
    write: bool,
    atomic: bool,
}

/// Sets of events as bits.
#[derive(Default)]
struct Oracle {
    /// By goroutine: what happened before what it does next.
    knows: Vec<u64>,
    released: [u64; ADDRESSES],
    /// The same of the words' atomic operations.
    synchronised: [u64; WORDS],
    /// What came before the last collection.
    collected: u64,
    history: Vec<Access>,
}

impl Oracle {
    /// Earlier accesses that race with one.
    fn races(&self, now: &Access) -> Vec<&Access> {
        let known = self.knows[now.goroutine as usize];
        let conflict = |past: &&Access| {
            past.word == now.word
                && past.mask & now.mask != 0
                && (past.write || now.write)
                && !(past.atomic && now.atomic)
                && past.goroutine != now.goroutine
                && known & 1 << past.event == 0
        };
        self.history.iter().filter(conflict).collect()
    }
}

/// Runs one trace; whether it came to a race.
fn trace(random: &mut Random) -> bool {
    let (mut clocks, mut words) = (Clocks::default(), Words::default());
    // Nobody has so much patience here that it would end.
    clocks.impatient(1 + random.below(4) as u32);
    let mut cells = [(0u64, 0u64); WORDS];
    let mut oracle = Oracle::default();
    clocks.start(0, 1);
    oracle.knows.resize(2, 0);
    let mut alive = vec![1u64];
    let mut parked = Vec::new();
    for event in 0..EVENTS {
        let g = alive[random.below(alive.len())];
        let own = g as usize;
        let at = random.below(ADDRESSES);
        let addr = 0x10 + at as u64;
        match random.below(24) {
            0 | 1 if alive.len() + parked.len() < MOST => {
                let child = oracle.knows.len() as u64;
                clocks.start(g, child);
                oracle.knows.push(oracle.knows[own]);
                alive.push(child);
            }
            2 if alive.len() > 1 => {
                clocks.end(g);
                alive.retain(|&other| other != g);
            }
            3 => {
                clocks.release(g, addr);
                oracle.released[at] = oracle.knows[own];
            }
            4 => {
                clocks.release_merge(g, addr);
                oracle.released[at] |= oracle.knows[own];
            }
            5 => {
                clocks.release_acquire(g, addr);
                let before = oracle.knows[own];
                oracle.knows[own] |= oracle.released[at];
                oracle.released[at] = before;
            }
            6 | 7 => {
                clocks.acquire(g, addr);
                oracle.knows[own] |= oracle.released[at];
            }
            8 => {
                clocks.update(g, addr);
                oracle.knows[own] |= oracle.released[at];
                oracle.released[at] = oracle.knows[own];
            }
            9 => {
                let other = alive[random.below(alive.len())];
                clocks.rendezvous(g, other);
                let both = oracle.knows[own] | oracle.knows[other as usize];
                (oracle.knows[own], oracle.knows[other as usize]) = (both, both);
            }
            11 if alive.len() > 1 => {
                clocks.park(g);
                alive.retain(|&other| other != g);
                parked.push(g);
            }
            12 if !parked.is_empty() => {
                let woken = parked.swap_remove(random.below(parked.len()));
                if random.below(2) == 0 {
                    clocks.rendezvous(g, woken);
                    clocks.unpark(woken, Some(g));
                    let both = oracle.knows[own] | oracle.knows[woken as usize];
                    (oracle.knows[own], oracle.knows[woken as usize]) = (both, both);
                } else {
                    clocks.release(g, addr);
                    clocks.unpark(woken, Some(g));
                    clocks.acquire(woken, addr);
                    oracle.released[at] = oracle.knows[own];
                    oracle.knows[woken as usize] |= oracle.released[at];
                }
                alive.push(woken);
            }
            13 => {
                clocks.release_all(COLLECTED);
                oracle.collected = oracle.history.iter().fold(0, |all, access| all | 1 << access.event);
            }
            14 => {
                clocks.acquire(g, COLLECTED);
                oracle.knows[own] |= oracle.collected;
            }
            10 => {
                let mut named = Named::none(&clocks, &words);
                cells.iter().for_each(|cell| named.cells(&[cell.0]));
                named.keep(&mut clocks, &mut words);
            }
            _ => {
                let mask = [1, 2, 0x0c, 0x0f, 0xf0, 0xff][random.below(6)];
                let (word, write, atomic) = (random.below(WORDS), random.below(2) == 0, random.below(6) == 0);
                let now = Access { event, goroutine: g, word, mask, write, atomic };
                let place = (event as u32 + 1) | if atomic { ATOMIC } else { 0 };
                let present = Present { write, mask, goroutine: g, place };
                let (cell, places) = cells[word];
                let is_quiet = atomic && clocks.is_alone() && cell == 0 && !clocks.holds(0x100 + word as u64);
                let epoch_word = if clocks.is_alone() { 0 } else { clocks.epoch(g) << MASK_BITS | 0xff };
                let half = if write { cell as u32 } else { (cell >> 32) as u32 };
                let passes = !atomic && (half ^ epoch_word) & (u32::MAX << MASK_BITS | u32::from(mask)) == 0;
                let forgets = !passes && !is_quiet && clocks.is_alone() && words.forget(&clocks, g, cell, places);
                if !passes && !is_quiet && !forgets && clocks.is_alone() {
                    clocks.meets_others(g);
                }
                let conflict = if passes || is_quiet {
                    None
                } else if forgets {
                    cells[word] = (0, 0);
                    None
                } else {
                    let (cell, places, conflict) = words.access(&clocks, cell, places, present);
                    cells[word] = (cell, places);
                    conflict
                };
                let races = oracle.races(&now);
                let hidden = |past: &&&Access| {
                    let mut later = oracle.history.iter().filter(|l| l.event > past.event);
                    later.any(|l| l.atomic && l.word == past.word && l.mask & past.mask != 0)
                };
                let hidden = conflict.is_none() && races.iter().filter(hidden).count() == races.len();
                assert!(
                    conflict.is_some() != races.is_empty() || hidden,
                    "{now:?}: {conflict:?}, {races:?} after {:?}",
                    oracle.history
                );
                if let Some(conflict) = conflict {
                    let owner = clocks.owner(conflict.past.epoch);
                    assert!(races.iter().any(|r| r.goroutine == owner && r.write == conflict.write), "{conflict:?}");
                    return true;
                }
                oracle.knows[own] |= 1 << event;
                oracle.history.push(now);
                // Atomic operations on one word synchronise, as the runtime has it: who comes later knows of the earlier.
                if atomic {
                    if !is_quiet {
                        clocks.acquire(g, 0x100 + word as u64);
                        clocks.release_merge(g, 0x100 + word as u64);
                    }
                    oracle.knows[own] |= oracle.synchronised[word];
                    oracle.synchronised[word] |= oracle.knows[own];
                }
            }
        }
    }
    false
}

#[test]
fn a_million_traces_agree_with_a_naive_oracle() {
    let mut random = Random(0x1234_5678_9abc_def1);
    let racing = (0..TRACES).filter(|_| trace(&mut random)).count();
    // Both kinds are there.
    assert!((TRACES as usize / 20..TRACES as usize * 19 / 20).contains(&racing), "{racing}");
}
