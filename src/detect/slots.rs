//! Slots of vectors that goroutines have left at their ends, for others to take (`clock` says when that is right).

use crate::vector::Vector;

/// So many slots of a list that were left last, and as many others, are looked at for a new goroutine.
const CANDIDATES: usize = 8;

/// A slot whose goroutine has ended, and the last clock that this released.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Left {
    pub slot: u32,
    pub released: u32,
}

/// Slots of goroutines that have ended.
#[derive(Debug, Default)]
pub(crate) struct LeftSlots {
    pub list: Vec<Left>,
    /// Where the next search looks besides the end.
    next: usize,
}

impl LeftSlots {
    /// Takes one out of which all that was released is known.
    pub fn take(&mut self, known: &Vector) -> Option<u32> {
        let count = self.list.len();
        let is_free = |at: usize| known.get(self.list[at].slot as usize) >= self.list[at].released;
        let last = (0..count.min(CANDIDATES)).map(|i| count - 1 - i);
        let others = (0..count.min(CANDIDATES)).map(|i| (self.next + i) % count);
        if let Some(at) = last.chain(others).find(|&at| is_free(at)) {
            return Some(self.list.swap_remove(at).slot);
        }
        self.next = (self.next + CANDIDATES) % count.max(1);
        None
    }
}
