//! Where accesses of one epoch to different bytes of a word were made, under one number.
//!
//! A cell has room for one place. Fields of one word that a goroutine writes one after the other would all seem to have been written
//! where the last was. So a place may be *joint*: the number of a list, a place for each byte. Lists are interned: there
//! are as many as ways in which the program's code goes through a word.
//!
//! Invariant: what `resolve` gives is never joint.

use crate::race::{ATOMIC, FRESH};
use rustc_hash::FxHashMap;

/// Set in joint places.
pub const JOINT: u32 = 1 << 28;

/// At so many lists, accesses that would need another get the place of the last.
const MOST: usize = 1 << 13;

/// Joins made lately, a power of two.
const RECENT: usize = 1024;

/// What was joined: place and bytes of the earlier access, of the later.
type Key = (u32, u8, u32, u8);

/// The lists.
#[derive(Debug, Default, Clone)]
pub struct Joints {
    lists: Vec<[u32; 8]>,
    numbers: FxHashMap<[u32; 8], u32>,
    recent: Vec<(Key, u32)>,
}

impl Joints {
    /// The place of earlier accesses of an epoch, of which the bytes `rest` are still told, and of one to the bytes `mask` at `place`.
    /// Both are atomic or neither is.
    #[inline]
    pub fn join(&mut self, past: u32, rest: u8, place: u32, mask: u8) -> u32 {
        if rest == 0 || past == place || past == FRESH {
            return place;
        }
        self.join_places((past & !ATOMIC, rest, place & !ATOMIC, mask)) | place & ATOMIC
    }

    fn join_places(&mut self, key: Key) -> u32 {
        let (past, rest, place, mask) = key;
        let at = (past ^ place.rotate_left(3) ^ u32::from(rest) << 1 ^ u32::from(mask) << 4) as usize % RECENT;
        match self.recent.get(at) {
            Some(&(known, number)) if known == key => return number,
            Some(_) => {}
            None => self.recent.resize(RECENT, ((0, 0, 0, 0), 0)),
        }
        if self.lists.len() >= MOST {
            return place;
        }
        let list = std::array::from_fn(|byte| match 1 << byte {
            bit if mask & bit != 0 => place,
            bit if rest & bit != 0 => self.of_byte(past, byte),
            _ => 0,
        });
        let number = if list.iter().all(|&p| p == 0 || p == place) {
            place
        } else if let Some(&known) = self.numbers.get(&list) {
            known
        } else {
            let number = JOINT | self.lists.len() as u32;
            self.lists.push(list);
            self.numbers.insert(list, number);
            number
        };
        self.recent[at] = (key, number);
        number
    }

    fn of_byte(&self, place: u32, byte: usize) -> u32 {
        if place & JOINT == 0 {
            return place;
        }
        self.lists[(place & !JOINT) as usize][byte]
    }

    /// Where the access to the first of some bytes was made.
    #[inline]
    pub fn resolve(&self, place: u32, bytes: u8) -> u32 {
        if place & JOINT == 0 {
            return place;
        }
        self.of_byte(place & !ATOMIC, bytes.trailing_zeros() as usize % 8) | place & ATOMIC
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::Random;

    /// Random joins against a list of places by byte.
    #[test]
    fn each_byte_keeps_its_place() {
        let mut random = Random(0x5151_7a7a_1234_9876);
        let mut joints = Joints::default();
        for _ in 0..600 {
            let atomic = if random.below(4) == 0 { ATOMIC } else { 0 };
            let (mut told, mut place, mut bytes) = (0, FRESH, [0; 8]);
            for _ in 0..12 {
                let mask = random.below(255) as u8 + 1;
                let now = (1 + random.below(5) as u32) | atomic;
                place = joints.join(place, told & !mask, now, mask);
                told |= mask;
                (0..8).filter(|byte| mask >> byte & 1 != 0).for_each(|byte| bytes[byte] = now);
                for byte in (0..8).filter(|byte| told >> byte & 1 != 0) {
                    assert_eq!(joints.resolve(place, 1 << byte), bytes[byte]);
                }
                // What is told of some bytes may end.
                told &= random.below(256) as u8 | mask;
            }
        }
        assert!(joints.lists.len() > 1000);
    }

    #[test]
    fn there_is_an_end_to_lists() {
        let mut joints = Joints::default();
        for past in 1..2 * MOST as u32 {
            let place = joints.join(past, 1, 7, 2);
            assert!(past as usize > MOST || joints.resolve(place, 1) == past);
            assert_eq!(joints.resolve(place, 2), 7);
        }
        assert_eq!(joints.lists.len(), MOST);
    }
}
