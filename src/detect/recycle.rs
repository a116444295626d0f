//! Numbers of epochs, and records of words, that no shadow cell names any more are used again.
//!
//! Who keeps the cells looks through all of them now and then, when `is_crowded` of clocks or words says that it pays, and shows
//! each to `Named`. What is named by no cell, by no record that a cell names, and by no goroutine as its present epoch can't
//! be met again: an access is compared with what its cell names. So a run never comes to the end of the numbers, as long as
//! its memory does not name all of them at once.

use crate::clock::Clocks;
use crate::race::Words;
use gorace_abi::shadow::{FIRST_COMPLEX, MASK_BITS};

/// A set of small numbers.
#[derive(Debug)]
pub(crate) struct Set(Vec<u64>);

impl Set {
    pub(crate) fn below(end: usize) -> Set {
        Set(vec![0; end.div_ceil(64)])
    }

    #[inline]
    pub(crate) fn add(&mut self, number: u32) {
        if let Some(word) = self.0.get_mut(number as usize / 64) {
            *word |= 1 << (number % 64);
        }
    }

    #[inline]
    pub(crate) fn has(&self, number: u32) -> bool {
        self.0.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 != 0)
    }
}

/// What the cells name.
#[derive(Debug)]
pub struct Named {
    epochs: Set,
    words: Set,
    cells: usize,
}

impl Named {
    /// Nothing yet.
    pub fn none(clocks: &Clocks, words: &Words) -> Named {
        Named { epochs: Set::below(clocks.epochs()), words: Set::below(words.records()), cells: 0 }
    }

    /// Takes cells into account.
    pub fn cells(&mut self, cells: &[u64]) {
        self.cells += cells.len();
        for &cell in cells.iter().filter(|&&cell| cell != 0) {
            for half in [cell as u32, (cell >> 32) as u32] {
                match half >> MASK_BITS {
                    number if number < FIRST_COMPLEX => self.epochs.add(number),
                    number => self.words.add(number - FIRST_COMPLEX),
                }
            }
        }
    }

    /// Gives the rest free.
    pub fn keep(mut self, clocks: &mut Clocks, words: &mut Words) {
        words.reuse(&self.words, &mut self.epochs, self.cells);
        clocks.reuse(&mut self.epochs, self.cells);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::race::Present;

    #[test]
    fn what_a_cell_names_stays_and_the_rest_is_given_out_again() {
        let (mut clocks, mut words) = (Clocks::default(), Words::default());
        (1..5).for_each(|g| clocks.start(g - 1, g));
        let read = |words: &mut Words, clocks: &Clocks, cell: (u64, u64), goroutine| {
            let now = Present { write: false, mask: 0xff, goroutine, place: 1 };
            let (cell, places, _) = words.access(clocks, cell.0, cell.1, now);
            (cell, places)
        };
        let lone = read(&mut words, &clocks, (0, 0), 1);
        let lost = [2, 3].iter().fold((0, 0), |cell, &g| read(&mut words, &clocks, cell, g));
        let many = [2, 3, 4].iter().fold((0, 0), |cell, &g| read(&mut words, &clocks, cell, g));
        assert!(lost.0 as u32 >> MASK_BITS >= FIRST_COMPLEX && words.records() == 2);
        let readers: Vec<u32> = (1..5).map(|g| clocks.epoch(g)).collect();
        for round in 0..1000 {
            (1..5).for_each(|g| clocks.update(g, 0x10));
            if round % 10 == 0 {
                let mut named = Named::none(&clocks, &words);
                named.cells(&[lone.0, 0, many.0]);
                named.keep(&mut clocks, &mut words);
            }
            assert!((1..5).all(|g| !readers.contains(&clocks.epoch(g))));
        }
        assert!(clocks.epochs() < 100, "{}", clocks.epochs());
        (1..5).for_each(|g| assert_eq!(clocks.owner(readers[g - 1]), g as u64));
        // The record that no cell names any more is the next one's.
        let again = [2, 3].iter().fold((0, 0), |cell, &g| read(&mut words, &clocks, cell, g));
        assert!(words.records() == 2 && again.0 != many.0);
    }
}
