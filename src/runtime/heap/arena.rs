//! Runs of free pages: best fit over freed runs, then fresh pages from the end of the used arena.
//!
//! Invariants: free runs are disjoint and never adjacent (neighbours are merged when freed); `by_size` mirrors `by_start`. A run
//! is *clean* when its memory (and shadow) reads as zero, and then holds none.

use gorace_abi::memory::{HEAP_SIZE, PAGE};
use std::collections::{BTreeMap, BTreeSet};

/// The arena's pages, numbered from 0.
#[derive(Debug, Default)]
pub struct Pages {
    /// Pages below this were handed out at least once.
    used: u64,
    by_start: BTreeMap<u64, (u64, bool)>,
    by_size: BTreeSet<(u64, u64)>,
    /// By length, those that are not clean.
    dirty: BTreeSet<(u64, u64)>,
    free: u64,
    clean: u64,
}

impl Pages {
    /// A run of `count` pages: its first, and whether it is clean.
    pub fn take(&mut self, count: u64) -> Option<(u64, bool)> {
        if let Some(&(len, start)) = self.by_size.range((count, 0)..).next() {
            let clean = self.remove(start, len);
            if len > count {
                self.insert(start + count, len - count, clean);
            }
            return Some((start, clean));
        }
        if self.used + count > HEAP_SIZE / PAGE {
            return None;
        }
        let start = self.used;
        self.used += count;
        Some((start, true))
    }

    /// Gives a run back.
    pub fn give(&mut self, mut start: u64, mut count: u64, mut clean: bool) {
        if let Some((&before, &(len, was_clean))) = self.by_start.range(..start).next_back()
            && before + len == start
        {
            self.remove(before, len);
            (start, count, clean) = (before, count + len, clean && was_clean);
        }
        if let Some(&(len, was_clean)) = self.by_start.get(&(start + count)) {
            self.remove(start + count, len);
            (count, clean) = (count + len, clean && was_clean);
        }
        self.insert(start, count, clean);
    }

    fn insert(&mut self, start: u64, len: u64, clean: bool) {
        self.by_start.insert(start, (len, clean));
        self.by_size.insert((len, start));
        self.free += len;
        if clean {
            self.clean += len;
        } else {
            self.dirty.insert((len, start));
        }
    }

    fn remove(&mut self, start: u64, len: u64) -> bool {
        self.by_size.remove(&(len, start));
        self.free -= len;
        let clean = self.by_start.remove(&start).is_some_and(|(_, clean)| clean);
        if clean {
            self.clean -= len;
        } else {
            self.dirty.remove(&(len, start));
        }
        clean
    }

    /// Takes up to `most` pages of the longest run that is not clean and has at least `least`.
    pub fn take_dirty(&mut self, least: u64, most: u64) -> Option<(u64, u64)> {
        let &(len, start) = self.dirty.last().filter(|run| run.0 >= least)?;
        self.remove(start, len);
        let count = len.min(most);
        if len > count {
            self.insert(start + count, len - count, false);
        }
        Some((start, count))
    }

    pub fn used(&self) -> u64 {
        self.used
    }

    pub fn free(&self) -> u64 {
        self.free
    }

    /// Free pages that hold no memory.
    pub fn clean(&self) -> u64 {
        self.clean
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Random;

    #[test]
    fn runs_stay_disjoint_and_merged() {
        let mut pages = Pages::default();
        let mut random = Random(3);
        let mut held: Vec<(u64, u64)> = Vec::new();
        for _ in 0..2000 {
            if random.below(2) == 0 || held.is_empty() {
                let count = 1 + random.below(9) as u64;
                let (start, _) = pages.take(count).unwrap();
                assert!(held.iter().all(|&(s, c)| start + count <= s || s + c <= start));
                held.push((start, count));
            } else {
                let (start, count) = held.swap_remove(random.below(held.len()));
                pages.give(start, count, false);
            }
            let total: u64 = held.iter().map(|h| h.1).sum();
            assert_eq!(total + pages.free(), pages.used());
            let runs: Vec<_> = pages.by_start.iter().map(|(&s, &(l, _))| (s, l)).collect();
            assert!(runs.windows(2).all(|w| w[0].0 + w[0].1 < w[1].0), "merged: {runs:?}");
        }
    }
}
