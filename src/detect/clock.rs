//! Vector clocks and epochs (Lamport 1978, Mattern 1988; epochs after FastTrack, Flanagan and Freund, PLDI 2009).
//!
//! Each goroutine has a slot and a vector (see `vector`) of what it knows of every slot. An *epoch* is a number that stands for (slot,
//! clock); a goroutine gets a new one whenever it releases, so two accesses of one epoch are not separated by a release.
//! Invariant: `known[own slot]` is the goroutine's own clock, at least 1. Direction of error: when the numbers run out, goroutines keep
//! their last epoch: later accesses are then taken for earlier ones, so races can be missed, never invented.

use crate::vector::Vector;
use gorace_abi::shadow::FIRST_COMPLEX;
use rustc_hash::FxHashMap;
use std::cell::Cell;

#[derive(Debug)]
struct Goroutine {
    slot: usize,
    known: Vector,
    epoch: u32,
}

/// All clocks of a run.
#[derive(Debug, Default)]
pub struct Clocks {
    goroutines: FxHashMap<u64, Goroutine>,
    /// The goroutine whose epoch was asked for last, and that epoch; 0 for none.
    recent: Cell<(u64, u32)>,
    slots: usize,
    /// By epoch: slot and clock. Epoch 0 is never given out.
    epochs: Vec<(u32, u32)>,
    /// By slot: the goroutine's number.
    owners: Vec<u64>,
    released: FxHashMap<u64, Vector>,
    /// What all goroutines that have ended knew.
    ended: Vector,
    /// How many goroutines are the runtime's own, which run nothing but what `callbacks` says.
    services: usize,
    /// The program has given the runtime functions to call: finalizers, timers.
    callbacks: bool,
}

impl Clocks {
    /// A goroutine starts, knowing what its parent knows (parent 0: nothing).
    pub fn start(&mut self, parent: u64, child: u64) {
        let mut known = self.goroutines.get(&parent).map(|p| p.known.clone()).unwrap_or_default();
        let slot = self.slots;
        self.slots += 1;
        self.owners.push(child);
        known.set(slot, 1);
        let epoch = self.new_epoch(slot, 1).unwrap_or(0);
        self.goroutines.insert(child, Goroutine { slot, known, epoch });
        self.recent.set((0, 0));
        self.tick(parent);
    }

    /// One goroutine more is the runtime's own.
    pub fn service(&mut self) {
        self.services += 1;
    }

    /// From now on the runtime's own goroutines may call the program's functions: they count like others.
    pub fn callback(&mut self) {
        if !std::mem::replace(&mut self.callbacks, true) {
            self.tick_all();
        }
    }

    fn tick_all(&mut self) {
        let mut everyone: Vec<u64> = self.goroutines.keys().copied().collect();
        everyone.sort_unstable();
        everyone.into_iter().for_each(|g| self.tick(g));
    }

    /// A goroutine ends: nobody asks for its clock any more.
    pub fn end(&mut self, goroutine: u64) {
        if let Some(gone) = self.goroutines.remove(&goroutine) {
            self.recent.set((0, 0));
            self.ended.join(&gone.known);
        }
    }

    fn new_epoch(&mut self, slot: usize, clock: u32) -> Option<u32> {
        if self.epochs.is_empty() {
            self.epochs.push((0, 0));
        }
        let epoch = self.epochs.len() as u32;
        if epoch >= FIRST_COMPLEX {
            return None;
        }
        self.epochs.push((slot as u32, clock));
        Some(epoch)
    }

    /// The goroutine's next accesses are not covered by what it has released. Where it is alone, nobody is there to acquire that,
    /// and whom it starts later knows all of it anyway: it keeps its epoch, and its accesses pass the inline checks.
    fn tick(&mut self, goroutine: u64) {
        if !self.callbacks && self.goroutines.len() <= 1 + self.services {
            return;
        }
        let Some(g) = self.goroutines.get(&goroutine) else { return };
        let (slot, clock) = (g.slot, g.known.get(g.slot) + 1);
        let Some(epoch) = self.new_epoch(slot, clock) else { return };
        if let Some(g) = self.goroutines.get_mut(&goroutine) {
            g.known.set(slot, clock);
            g.epoch = epoch;
            self.recent.set((goroutine, epoch));
        }
    }

    /// What was released at an address happened before what follows.
    pub fn acquire(&mut self, goroutine: u64, addr: u64) {
        if let (Some(g), Some(released)) = (self.goroutines.get_mut(&goroutine), self.released.get(&addr)) {
            g.known.join(released);
        }
    }

    /// Everything that any goroutine has done happens before later acquires of an address: a collection has proved that
    /// what it found unreachable is not in use any more. Every goroutine's epoch changes.
    pub fn release_all(&mut self, addr: u64) {
        let mut all = self.ended.clone();
        self.goroutines.values().for_each(|g| all.join(&g.known));
        self.released.insert(addr, all);
        self.tick_all();
    }

    /// What came before happens before later acquires; earlier releases are forgotten.
    pub fn release(&mut self, goroutine: u64, addr: u64) {
        if let Some(g) = self.goroutines.get(&goroutine) {
            self.released.entry(addr).or_default().clone_from(&g.known);
        }
        self.tick(goroutine);
    }

    /// As `release`, keeping earlier releases.
    pub fn release_merge(&mut self, goroutine: u64, addr: u64) {
        if let Some(g) = self.goroutines.get(&goroutine) {
            self.released.entry(addr).or_default().join(&g.known);
        }
        self.tick(goroutine);
    }

    /// Acquires what is there, then replaces it by the knowledge from before.
    pub fn release_acquire(&mut self, goroutine: u64, addr: u64) {
        if let Some(g) = self.goroutines.get_mut(&goroutine) {
            let own = g.known.clone();
            if let Some(released) = self.released.get(&addr) {
                g.known.join(released);
            }
            self.released.insert(addr, own);
        }
        self.tick(goroutine);
    }

    /// Forgets the synchronisation state of addresses.
    pub fn retain(&mut self, mut live: impl FnMut(u64) -> bool) {
        self.released.retain(|&addr, _| live(addr));
    }

    /// The epoch of a goroutine's accesses now.
    pub fn epoch(&self, goroutine: u64) -> u32 {
        if let (known, epoch) = self.recent.get()
            && known == goroutine
        {
            return epoch;
        }
        let epoch = self.goroutines.get(&goroutine).map_or(0, |g| g.epoch);
        if epoch != 0 {
            self.recent.set((goroutine, epoch));
        }
        epoch
    }

    /// Whether an epoch's accesses happened before what the goroutine does now.
    pub fn ordered(&self, epoch: u32, goroutine: u64) -> bool {
        let (slot, clock) = self.epochs[epoch as usize];
        self.goroutines.get(&goroutine).is_some_and(|g| g.known.get(slot as usize) >= clock)
    }

    /// Whose epoch it is.
    pub fn owner(&self, epoch: u32) -> u64 {
        if epoch == 0 {
            return 0;
        }
        let slot = self.epochs.get(epoch as usize).map(|(slot, _)| *slot as usize);
        slot.and_then(|slot| self.owners.get(slot)).copied().unwrap_or(0)
    }

    /// Whether a goroutine has not ended.
    pub fn alive(&self, goroutine: u64) -> bool {
        self.goroutines.contains_key(&goroutine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn release_and_acquire_order_epochs() {
        let mut clocks = Clocks::default();
        clocks.start(0, 1);
        clocks.start(1, 2);
        let before = clocks.epoch(1);
        assert!(!clocks.ordered(before, 2));
        clocks.release(1, 0x10);
        let after = clocks.epoch(1);
        clocks.acquire(2, 0x10);
        assert!(clocks.ordered(before, 2) && !clocks.ordered(after, 2));
    }

    #[test]
    fn who_is_alone_keeps_its_epoch_until_another_comes() {
        let mut clocks = Clocks::default();
        clocks.start(0, 1);
        clocks.start(1, 2);
        clocks.service();
        let first = clocks.epoch(1);
        clocks.release(1, 0x10);
        assert_eq!(clocks.epoch(1), first);
        clocks.start(1, 3);
        let second = clocks.epoch(1);
        assert!(second != first && clocks.ordered(first, 3) && !clocks.ordered(second, 3));
        clocks.release(1, 0x10);
        let third = clocks.epoch(1);
        clocks.acquire(3, 0x10);
        assert!(clocks.ordered(second, 3) && !clocks.ordered(third, 3));
    }

    #[test]
    fn a_callback_of_the_program_is_nobody_to_be_alone_with() {
        let mut clocks = Clocks::default();
        clocks.start(0, 1);
        clocks.start(1, 2);
        clocks.service();
        clocks.release(1, 0x10);
        let before = clocks.epoch(1);
        clocks.callback();
        assert_ne!(clocks.epoch(1), before);
        let before = clocks.epoch(1);
        clocks.release(1, 0x10);
        clocks.acquire(2, 0x10);
        assert!(clocks.ordered(before, 2) && !clocks.ordered(clocks.epoch(1), 2));
    }

    #[test]
    fn a_child_knows_what_its_parent_did_before() {
        let mut clocks = Clocks::default();
        clocks.start(0, 1);
        let first = clocks.epoch(1);
        clocks.start(1, 2);
        assert!(clocks.ordered(first, 2) && !clocks.ordered(clocks.epoch(1), 2) && !clocks.ordered(clocks.epoch(2), 1));
    }
}
