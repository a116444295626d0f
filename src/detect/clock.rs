//! Vector clocks and epochs (Lamport 1978, Mattern 1988; epochs after FastTrack, Flanagan and Freund, PLDI 2009).
//!
//! Each goroutine has a slot, a clock of its own that moves whenever it releases, and a vector (see `vector`) of what it knows of
//! every slot. An *epoch* is a number that stands for (slot, clock); a goroutine gets a new one whenever it releases, so two accesses
//! of one epoch are not separated by a release. Numbers that nothing names any more are given out again (see `recycle`).
//!
//! Most synchronisation is of a goroutine with itself (a lock that it had last, a counter that it alone uses for a while) and must cost
//! nothing but a new epoch. Two facts make it so:
//!
//! 1. What a goroutine has released itself, it knows.
//! 2. A clock is released once: the clock moves with each release. So whoever knows a goroutine's clock knows all that was released
//!    with it, and needs no look at the vector, if that was released whole and nothing was merged into it.
//!
//! The same two facts make joins rare where many goroutines talk to a few, and all clocks have moved whenever two of them meet:
//!
//! 3. Who has learned nothing since it released all that it knew, and meets somebody who knows that clock, knows no more than that one
//!    (`Goroutine::told`), and takes over the other's vector.
//! 4. Who took over a vector knows what was released with one clock and no more (`Base`): whoever knows that clock knows all of it.
//! 5. Who acquired all that a goroutine knew at one version of its vector (`Goroutine::heard`) learns nothing but its clock from what it
//!    releases at the same version later: many values sent one after the other, many unlocks between two meetings. And where the vector
//!    has changed in the entry of a single slot since (`Goroutine::steady`), nothing but that entry, which is his own if the two
//!    talk to each other alone.
//!
//! Slots are used again, or vectors would grow with each goroutine that there ever was. A goroutine that ends at clock C has
//! released nothing at C (a release would have moved the clock), so nobody knows C, and nobody ever will: accesses of that last clock are
//! ordered before nothing. Its last epoch is given the next clock of a slot of the dead, of which only a collection knows. A new
//! goroutine then gets the slot, with clock C + 1, if its parent knows C - 1, all that was released: whoever will know of the new one knows
//! of its start, and so of what the old one released. No order is invented, and none is lost. The same holds, whoever the parent is, for
//! a slot of which no epoch is named any more (see `recycle`), once what it released names nobody.
//!
//! Invariants: the own clock is at least 1, and stands beside the vector: the vector's entry of the own slot may be an older one, and every
//! other vector's is. A slot whose clock can't grow is left for a new one, for good. Direction of error: when the numbers run out, goroutines keep
//! their last epoch: later accesses are then taken for earlier ones, so races can be missed, never invented.

use crate::lockorder::Moment;
use crate::recycle::Set;
use crate::slots::{Left, LeftSlots};
use crate::vector::Vector;
use gorace_abi::shadow::FIRST_COMPLEX;
use rustc_hash::FxHashMap;
use std::cell::Cell;

/// The greatest clock of a slot: what vectors can compare. Small in tests, so that slots are changed.
const LAST_CLOCK: u32 = if cfg!(test) { 9 } else { i32::MAX as u32 };

/// The slot of the dead: its clock says how many had accesses in a last epoch.
const DEAD: u32 = 0;

/// No slot, and no goroutine.
const NOBODY: u32 = u32::MAX;
const NONE: u64 = u64::MAX;

/// Goroutines and addresses that are found without a map.
const RECENT_GOROUTINES: usize = 1024;
const RECENT_ADDRESSES: usize = 2048;

/// So many new numbers of epochs are worth a look for unused ones, at least and at most.
const LEAST_NEW: usize = 1 << 18;
const MOST_NEW: usize = 1 << 22;

/// The same for an address: nothing was released there.
const NOTHING: u32 = u32::MAX;

/// A clock of which whoever knows it knows all of a vector, but perhaps the entry of whose vector it is.
#[derive(Debug, Clone, Copy)]
struct Base {
    number: u64,
    slot: u32,
    clock: u32,
}

/// There is none.
const NO_BASE: Base = Base { number: NONE, slot: NOBODY, clock: u32::MAX };

/// Of so many goroutines it is known which version of their vectors was acquired.
const HEARD: usize = 4;

#[derive(Debug)]
struct Goroutine {
    number: u64,
    slot: u32,
    clock: u32,
    known: Vector,
    /// Changes whenever `known` does, together with `number`.
    version: u64,
    /// At this version and since, all of `known` was what it is now, but perhaps the entry that was set last (`Vector::last`) and that of the
    /// own slot.
    steady: u64,
    /// The version at which it last released all of `known`, and with which clock.
    told: (u64, u32),
    base: Base,
    /// By goroutine, modulo the length: the version of its vector that was acquired whole, last.
    heard: [(u64, u64); HEARD],
    epoch: u32,
    /// See `park`.
    is_parked: bool,
    /// Who started it, 0 for nobody, and what those whom it started have left: it is who knows of them most likely.
    parent: u64,
    left: LeftSlots,
}

/// What was released at an address: all of `known`, and `clock` for `slot`.
#[derive(Debug)]
struct Released {
    known: Vector,
    /// Who released last. It stood at `version` then, and all that it knew is in `known`.
    number: u64,
    slot: u32,
    clock: u32,
    version: u64,
    steady: u64,
    base: Base,
    /// `known` is what that goroutine knew, no more.
    whole: bool,
    /// The number of a goroutine that knows all of `known`.
    seen: u64,
}

/// What the number of an epoch stands for.
#[derive(Debug, Clone, Copy, Default)]
struct Epoch {
    slot: u32,
    clock: u32,
    /// The goroutine's number, as far as it has room.
    owner: u32,
}

/// All clocks of a run.
#[derive(Debug)]
pub struct Clocks {
    table: Vec<Goroutine>,
    unused: Vec<u32>,
    /// By goroutine: its place in the table.
    places: FxHashMap<u64, u32>,
    recent_goroutines: Vec<Cell<(u64, u32)>>,
    /// Slots of goroutines whose parents have ended, too.
    left: LeftSlots,
    /// Slots of which nothing is to be known any more.
    forgotten: Vec<u32>,
    /// See `keep_slots`.
    keeps_slots: bool,
    /// By epoch. Epochs 0 and `shadow::NOBODY` are never given out; they happened before everything.
    epochs: Vec<Epoch>,
    /// Epochs that may be given out again.
    free: Vec<u32>,
    /// Given out since unused ones were last looked for, and after how many they are again.
    new_epochs: usize,
    most_new: usize,
    /// By address: the place of what was released.
    addresses: FxHashMap<u64, u32>,
    recent_addresses: Vec<Cell<(u64, u32)>>,
    released: Vec<Released>,
    unused_released: Vec<u32>,
    /// By slot: its own clock, also when its goroutine has ended or has another slot.
    own: Vec<u32>,
    /// How many goroutines are the runtime's own, which run nothing but what `callbacks` says.
    services: usize,
    /// How many goroutines are parked.
    parked: usize,
    /// The program has given the runtime functions to call: finalizers, timers.
    callbacks: bool,
    /// How often who is alone has met what others did and cannot be forgotten, and how often it may before it has epochs as if it
    /// were not alone: who goes on reading what all have read would ask of each access in vain.
    met: u32,
    /// The running goroutine may have another epoch than it was last told, though it has not synchronised.
    moved: bool,
    patience: u32,
}

/// The most of `Clocks::patience`, and the least.
const PATIENCE: std::ops::RangeInclusive<u32> = 4..=256;

impl Default for Clocks {
    fn default() -> Clocks {
        Clocks {
            table: Vec::new(),
            unused: Vec::new(),
            places: FxHashMap::default(),
            recent_goroutines: vec![Cell::new((u64::MAX, 0)); RECENT_GOROUTINES],
            left: LeftSlots::default(),
            forgotten: Vec::new(),
            keeps_slots: false,
            epochs: vec![Epoch::default(); gorace_abi::shadow::NOBODY as usize + 1],
            free: Vec::new(),
            new_epochs: 0,
            most_new: LEAST_NEW,
            addresses: FxHashMap::default(),
            recent_addresses: vec![Cell::new((0, NOTHING)); RECENT_ADDRESSES],
            released: Vec::new(),
            unused_released: Vec::new(),
            own: vec![0],
            services: 0,
            parked: 0,
            callbacks: false,
            met: 0,
            moved: false,
            patience: *PATIENCE.end(),
        }
    }
}

/// A goroutine's number, for an epoch.
fn owner(goroutine: u64) -> u32 {
    u32::try_from(goroutine).unwrap_or(0)
}

impl Goroutine {
    /// Whether it knows all that was released, but perhaps not the clock of who did it.
    #[inline]
    fn knows_all_but_the_clock(&self, r: &Released) -> bool {
        r.seen == self.number || (r.whole && self.knows_the_clock(r)) || self.knows_base(&r.base)
    }

    /// Whether it knows all that was released, but perhaps the clock of who did it and the entry that was set last.
    #[inline]
    fn has_heard(&self, r: &Released) -> bool {
        let (number, version) = self.heard[r.number as usize % HEARD];
        r.whole && number == r.number && version >= r.steady
    }

    /// All of `known` may have changed.
    #[inline]
    fn changed(&mut self) {
        self.version += 1;
        self.steady = self.version;
    }

    /// Hears of another's clock.
    #[inline]
    fn hear_of(&mut self, slot: u32, clock: u32) {
        if self.known.last().is_none_or(|(last, _)| last != slot) {
            self.steady = self.version;
        }
        self.known.set_beside(self.slot as usize, slot as usize, clock);
        self.version += 1;
    }

    #[inline]
    fn knows_base(&self, base: &Base) -> bool {
        base.number == self.number || self.known.get(base.slot as usize) >= base.clock
    }

    #[inline]
    fn knows_the_clock(&self, r: &Released) -> bool {
        r.slot == self.slot || self.known.get(r.slot as usize) >= r.clock
    }

    /// Whether acquiring would tell it nothing.
    #[inline]
    fn knows(&self, r: &Released) -> bool {
        self.knows_the_clock(r) && (r.whole || r.seen == self.number)
    }

    /// Whether a vector has all that it knows.
    #[inline]
    fn is_within(&self, other: &Vector) -> bool {
        self.told.0 == self.version && other.get(self.slot as usize) >= self.told.1
    }

    /// Acquires.
    #[inline]
    fn learn(&mut self, r: &mut Released) {
        if self.knows_all_but_the_clock(r) {
        } else if self.has_heard(r) {
            if let Some((slot, clock)) = r.known.last()
                && slot != self.slot
                && clock > self.known.get(slot as usize)
            {
                self.hear_of(slot, clock);
                self.base = NO_BASE;
            }
        } else {
            if self.is_within(&r.known) {
                self.known.share(&r.known);
                self.base = if r.whole { Base { number: r.number, slot: r.slot, clock: r.clock } } else { NO_BASE };
            } else {
                self.known.join_beside(self.slot as usize, &r.known);
                self.base = NO_BASE;
            }
            self.changed();
            if r.whole {
                self.heard[r.number as usize % HEARD] = (r.number, r.version);
            }
        }
        if !self.knows_the_clock(r) {
            self.hear_of(r.slot, r.clock);
            if (self.base.slot, self.base.clock) != (r.slot, r.clock) {
                self.base = NO_BASE;
            }
        }
        r.seen = self.number;
    }

    /// Releases: what was there before is forgotten.
    #[inline]
    fn put(&mut self, r: &mut Released) {
        r.known.share(&self.known);
        self.sign(r);
        r.base = self.base;
        (r.whole, r.seen) = (true, self.number);
    }

    /// Says who released, all that it knew at least.
    #[inline]
    fn sign(&mut self, r: &mut Released) {
        (r.number, r.slot, r.clock) = (self.number, self.slot, self.clock);
        (r.version, r.steady) = (self.version, self.steady);
        self.told = (self.version, self.clock);
    }

    /// The clock of another, or of the own slot for others to see.
    fn raise(&mut self, slot: u32, clock: u32) {
        self.steady = self.version;
        self.known.raise_to(slot as usize, clock);
    }
}

impl Clocks {
    /// A goroutine starts, knowing what its parent knows (parent 0: nothing).
    pub fn start(&mut self, parent: u64, child: u64) {
        let (mut known, mut base) = (Vector::default(), NO_BASE);
        let mother = self.find(parent);
        if let Some(mother) = mother {
            let mother = &mut self.table[mother];
            mother.raise(mother.slot, mother.clock);
            known.share(&mother.known);
            mother.told = (mother.version, mother.clock);
            base = Base { number: mother.number, slot: mother.slot, clock: mother.clock };
        }
        let (slot, clock) = self.slot_for(&known, mother);
        let epoch = self.new_epoch(slot, clock, owner(child)).unwrap_or(0);
        let goroutine = Goroutine {
            number: child,
            slot,
            clock,
            known,
            version: 0,
            steady: 0,
            told: (u64::MAX, 0),
            base,
            heard: [(NONE, 0); HEARD],
            epoch,
            is_parked: false,
            parent,
            left: LeftSlots::default(),
        };
        let place = match self.unused.pop() {
            Some(place) => {
                self.table[place as usize] = goroutine;
                place
            }
            None => {
                self.table.push(goroutine);
                self.table.len() as u32 - 1
            }
        };
        self.places.insert(child, place);
        if let Some(mother) = mother {
            self.tick(mother);
        }
    }

    /// A slot, and its clock, for a goroutine that knows this at first, and its parent's place.
    fn slot_for(&mut self, known: &Vector, parent: Option<usize>) -> (u32, u32) {
        let of_parent = parent.and_then(|parent| self.table[parent].left.take(known));
        let Some(slot) = of_parent.or_else(|| self.forgotten.pop()).or_else(|| self.left.take(known)) else {
            self.own.push(1);
            return (self.own.len() as u32 - 1, 1);
        };
        let clock = &mut self.own[slot as usize];
        *clock += 1;
        (slot, *clock)
    }

    /// No slot is used again: who keeps moments of goroutines that may have ended compares them later.
    pub fn keep_slots(&mut self) {
        self.keeps_slots = true;
    }

    /// The place of a goroutine that has not ended.
    #[inline]
    fn find(&self, goroutine: u64) -> Option<usize> {
        let recent = &self.recent_goroutines[goroutine as usize % RECENT_GOROUTINES];
        let (known, place) = recent.get();
        if known == goroutine {
            return Some(place as usize);
        }
        self.find_by_map(goroutine)
    }

    #[cold]
    fn find_by_map(&self, goroutine: u64) -> Option<usize> {
        let place = *self.places.get(&goroutine)?;
        self.recent_goroutines[goroutine as usize % RECENT_GOROUTINES].set((goroutine, place));
        Some(place as usize)
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
        let mut everyone: Vec<(u64, u32)> = self.places.iter().map(|(&number, &place)| (number, place)).collect();
        everyone.sort_unstable();
        everyone.into_iter().for_each(|(_, place)| self.tick(place as usize));
    }

    /// A goroutine ends: nobody asks for its clock any more.
    pub fn end(&mut self, goroutine: u64) {
        let Some(place) = self.places.remove(&goroutine) else { return };
        self.recent_goroutines[goroutine as usize % RECENT_GOROUTINES].set((u64::MAX, 0));
        let gone = &mut self.table[place as usize];
        gone.known = Vector::default();
        self.parked -= usize::from(gone.is_parked);
        let (slot, clock, last, parent) = (gone.slot, gone.clock, gone.epoch, gone.parent);
        self.left.list.append(&mut gone.left.list);
        if !self.keeps_slots {
            let last = &mut self.epochs[last as usize];
            if (last.slot, last.clock) == (slot, clock) {
                let dead = &mut self.own[DEAD as usize];
                *dead = (*dead + 1).min(i32::MAX as u32);
                (last.slot, last.clock) = (DEAD, *dead);
            }
            if clock < LAST_CLOCK {
                let left = match self.find(parent) {
                    Some(parent) => &mut self.table[parent].left,
                    None => &mut self.left,
                };
                left.list.push(Left { slot, released: clock - 1 });
            }
        }
        self.forgive();
        self.unused.push(place);
    }

    #[inline]
    fn new_epoch(&mut self, slot: u32, clock: u32, owner: u32) -> Option<u32> {
        self.new_epochs += 1;
        if let Some(epoch) = self.free.pop() {
            self.epochs[epoch as usize] = Epoch { slot, clock, owner };
            return Some(epoch);
        }
        let epoch = self.epochs.len() as u32;
        if epoch >= FIRST_COMPLEX {
            return None;
        }
        self.epochs.push(Epoch { slot, clock, owner });
        Some(epoch)
    }

    /// Whether one goroutine of the program can go on, and no other will but those that it starts or wakes by what orders the two.
    /// Whoever comes will know all that it has done, so what it does now races with nothing later.
    #[inline]
    pub fn is_alone(&self) -> bool {
        self.met < self.patience && self.is_only_one()
    }

    /// `is_alone`, whether the goroutine makes use of it or not.
    #[inline]
    fn is_only_one(&self) -> bool {
        !self.callbacks && self.places.len() - self.parked <= 1 + self.services
    }

    /// Who is alone has met something that others did and that it may not know of. (Its epoch word may be asked for later: what it does
    /// until then nobody needs to be told of, as long as it is the only one.)
    pub fn meets_others(&mut self, goroutine: u64) {
        if !self.is_alone() {
            return;
        }
        self.met += 1;
        if self.met == self.patience
            && let Some(place) = self.find(goroutine)
        {
            self.tick(place);
            self.moved = true;
        }
    }

    /// Whether somebody who has not synchronised may have another epoch since this was last asked: he was alone and has had enough of it, or
    /// is alone since others have parked or ended.
    #[inline]
    pub fn have_moved(&mut self) -> bool {
        std::mem::take(&mut self.moved)
    }

    /// Clocks of which who is alone takes epochs at once, for tests.
    #[cfg(test)]
    pub fn impatient(&mut self, patience: u32) {
        self.patience = patience;
    }

    /// Somebody has parked or ended: who is alone from now on may meet less.
    #[inline]
    fn forgive(&mut self) {
        self.moved |= self.is_only_one();
        if self.met > 0 {
            let had_enough = self.met >= self.patience;
            let patience = if had_enough { self.patience / 2 } else { self.patience * 2 };
            self.patience = patience.clamp(*PATIENCE.start(), *PATIENCE.end());
            self.met = 0;
        }
    }

    /// A goroutine waits for what another one does, and will know all that this one has done before: for a channel, a lock.
    pub fn park(&mut self, goroutine: u64) {
        let Some(place) = self.find(goroutine) else { return };
        self.parked += usize::from(!std::mem::replace(&mut self.table[place].is_parked, true));
        self.forgive();
    }

    /// A goroutine that may have been parked goes on, woken by another if that is known. Who was alone is no longer: its epoch changes.
    pub fn unpark(&mut self, goroutine: u64, waker: Option<u64>) {
        let Some(place) = self.find(goroutine) else { return };
        if !std::mem::take(&mut self.table[place].is_parked) {
            return;
        }
        let was_alone = self.is_only_one();
        self.parked -= 1;
        if was_alone && !self.is_only_one() {
            // What the other has released on its behalf already is known, too.
            self.tick(place);
            match waker.and_then(|waker| self.find(waker)) {
                Some(waker) => self.tick(waker),
                None => self.tick_all(),
            }
        }
    }

    /// Whether something was released at an address.
    #[inline]
    pub fn holds(&self, addr: u64) -> bool {
        self.at(addr).is_some()
    }

    /// The goroutine's next accesses are not covered by what it has released. Where it is alone, nobody is there to acquire that,
    /// and whom it starts later knows all of it anyway: it keeps its epoch, and its accesses pass the inline checks.
    #[inline]
    fn tick(&mut self, place: usize) {
        let g = &mut self.table[place];
        if g.clock == LAST_CLOCK {
            g.known.set(g.slot as usize, g.clock);
            g.changed();
            g.base = NO_BASE;
            self.own.push(0);
            (g.slot, g.clock) = (self.own.len() as u32 - 1, 0);
        }
        g.clock += 1;
        self.own[g.slot as usize] = g.clock;
        let (slot, clock, owner, is_parked) = (g.slot, g.clock, owner(g.number), g.is_parked);
        // Who is parked is not the one who is alone: its clock moves because a collection has released it.
        if self.is_alone() && !is_parked {
            return;
        }
        if let Some(epoch) = self.new_epoch(slot, clock, owner) {
            self.table[place].epoch = epoch;
        }
    }

    /// The place of what was released at an address.
    #[inline]
    fn at(&self, addr: u64) -> Option<usize> {
        let recent = &self.recent_addresses[Self::recent_address(addr)];
        let (known, place) = recent.get();
        if known == addr {
            return (place != NOTHING).then_some(place as usize);
        }
        self.at_by_map(addr)
    }

    #[cold]
    fn at_by_map(&self, addr: u64) -> Option<usize> {
        let place = self.addresses.get(&addr).copied().unwrap_or(NOTHING);
        self.recent_addresses[Self::recent_address(addr)].set((addr, place));
        (place != NOTHING).then_some(place as usize)
    }

    #[inline]
    fn recent_address(addr: u64) -> usize {
        (addr >> 2 ^ addr >> 10) as usize % RECENT_ADDRESSES
    }

    fn put_first(&mut self, addr: u64, released: Released) {
        let place = match self.unused_released.pop() {
            Some(place) => {
                self.released[place as usize] = released;
                place
            }
            None => {
                self.released.push(released);
                self.released.len() as u32 - 1
            }
        };
        self.addresses.insert(addr, place);
        self.recent_addresses[Self::recent_address(addr)].set((addr, place));
    }

    /// The first release at an address, by the goroutine at a place.
    fn release_first(&mut self, place: usize, addr: u64) {
        let g = &mut self.table[place];
        let mut released = Released {
            known: Vector::default(),
            number: 0,
            slot: 0,
            clock: 0,
            version: 0,
            steady: 0,
            base: NO_BASE,
            whole: true,
            seen: NONE,
        };
        g.put(&mut released);
        self.put_first(addr, released);
        self.tick(place);
    }

    /// What was released at an address happened before what follows.
    #[inline]
    pub fn acquire(&mut self, goroutine: u64, addr: u64) {
        if let (Some(at), Some(place)) = (self.at(addr), self.find(goroutine)) {
            self.table[place].learn(&mut self.released[at]);
        }
    }

    /// Everything that any goroutine has done happens before later acquires of an address: a collection has proved that
    /// what it found unreachable is not in use any more. Every goroutine's epoch changes.
    pub fn release_all(&mut self, addr: u64) {
        // Nobody knows more of a goroutine than itself.
        let mut known = Vector::default();
        self.own.iter().enumerate().for_each(|(slot, &clock)| known.set(slot, clock));
        let all = Released {
            known,
            number: NONE,
            slot: NOBODY,
            clock: 0,
            version: 0,
            steady: 0,
            base: NO_BASE,
            whole: false,
            seen: NONE,
        };
        match self.at(addr) {
            Some(at) => self.released[at] = all,
            None => self.put_first(addr, all),
        }
        self.tick_all();
    }

    /// What came before happens before later acquires; earlier releases are forgotten.
    #[inline]
    pub fn release(&mut self, goroutine: u64, addr: u64) {
        let Some(place) = self.find(goroutine) else { return };
        let Some(at) = self.at(addr) else { return self.release_first(place, addr) };
        self.table[place].put(&mut self.released[at]);
        self.tick(place);
    }

    /// As `release`, keeping earlier releases.
    #[inline]
    pub fn release_merge(&mut self, goroutine: u64, addr: u64) {
        let Some(place) = self.find(goroutine) else { return };
        let Some(at) = self.at(addr) else { return self.release_first(place, addr) };
        let (g, r) = (&mut self.table[place], &mut self.released[at]);
        if r.number == g.number && r.version == g.version {
            g.sign(r);
        } else if g.knows(r) {
            g.put(r);
        } else {
            r.known.raise_to(r.slot as usize, r.clock);
            r.known.join(&g.known);
            g.sign(r);
            (r.whole, r.seen, r.base) = (false, NONE, NO_BASE);
        }
        self.tick(place);
    }

    /// Acquires what is there, then replaces it by the knowledge from before.
    #[inline]
    pub fn release_acquire(&mut self, goroutine: u64, addr: u64) {
        let Some(place) = self.find(goroutine) else { return };
        let Some(at) = self.at(addr) else { return self.release_first(place, addr) };
        let (g, r) = (&mut self.table[place], &mut self.released[at]);
        if g.knows(r) {
            g.put(r);
        } else {
            let (known, version, steady, base) = (g.known.clone(), g.version, g.steady, g.base);
            g.learn(r);
            g.sign(r);
            (r.known, r.version, r.steady, r.base) = (known, version, steady, base);
            (r.whole, r.seen) = (true, g.number);
            // That was not all.
            g.told = (u64::MAX, 0);
        }
        self.tick(place);
    }

    /// Acquires what is there, then releases: who acquires it later knows the earlier releases, too.
    #[inline]
    pub fn update(&mut self, goroutine: u64, addr: u64) {
        let Some(place) = self.find(goroutine) else { return };
        let Some(at) = self.at(addr) else { return self.release_first(place, addr) };
        let (g, r) = (&mut self.table[place], &mut self.released[at]);
        g.learn(r);
        g.put(r);
        self.tick(place);
    }

    /// Two goroutines meet: what each has done happens before what the other does next.
    pub fn rendezvous(&mut self, one: u64, other: u64) {
        let (Some(one), Some(other)) = (self.find(one), self.find(other)) else { return };
        if one == other {
            return;
        }
        // Both know the same from now on. The vector of the other is given up first: what only it held is changed in place.
        let theirs = std::mem::take(&mut self.table[other].known);
        let (slot, clock) = (self.table[other].slot, self.table[other].clock);
        let is_theirs_within = {
            let (g, known) = (&self.table[other], &self.table[one].known);
            g.is_within(known)
        };
        let g = &mut self.table[one];
        if g.is_within(&theirs) {
            g.known.share(&theirs);
        } else if !is_theirs_within {
            g.known.join(&theirs);
        }
        drop(theirs);
        g.raise(slot, clock);
        g.raise(g.slot, g.clock);
        let known = g.known.clone();
        self.table[other].known = known;
        for place in [one, other] {
            let g = &mut self.table[place];
            g.changed();
            (g.told, g.base) = ((g.version, g.clock), NO_BASE);
        }
        self.tick(one);
        self.tick(other);
    }

    /// Forgets the synchronisation state of addresses.
    pub fn retain(&mut self, mut live: impl FnMut(u64) -> bool) {
        let Clocks { addresses, released, unused_released, recent_addresses, .. } = self;
        addresses.retain(|&addr, &mut place| {
            let stays = live(addr);
            if !stays {
                released[place as usize].known = Vector::default();
                unused_released.push(place);
            }
            stays
        });
        recent_addresses.iter().for_each(|recent| recent.set((0, NOTHING)));
    }

    /// The epoch of a goroutine's accesses now.
    #[inline]
    pub fn epoch(&self, goroutine: u64) -> u32 {
        self.find(goroutine).map_or(0, |place| self.table[place].epoch)
    }

    /// Whether an epoch's accesses happened before what the goroutine does now.
    #[inline]
    pub fn ordered(&self, epoch: u32, goroutine: u64) -> bool {
        self.behind(goroutine)(epoch)
    }

    /// `ordered` for many epochs and one goroutine.
    #[inline]
    pub fn behind(&self, goroutine: u64) -> impl Fn(u32) -> bool {
        let g = self.find(goroutine).map(|place| &self.table[place]);
        move |epoch| {
            let Epoch { slot, clock, .. } = self.epochs[epoch as usize];
            g.is_some_and(|g| slot == g.slot || g.known.get(slot as usize) >= clock)
        }
    }

    /// A goroutine's moment now.
    pub fn moment(&self, goroutine: u64) -> Option<Moment> {
        let g = &self.table[self.find(goroutine)?];
        Some(Moment { slot: g.slot as usize, clock: g.clock, known: g.known.clone() })
    }

    /// Whose epoch it is.
    pub fn owner(&self, epoch: u32) -> u64 {
        self.epochs.get(epoch as usize).map_or(0, |epoch| epoch.owner.into())
    }

    /// Whether a goroutine has not ended.
    pub fn alive(&self, goroutine: u64) -> bool {
        self.places.contains_key(&goroutine)
    }

    /// Numbers below this may have been given out.
    pub fn epochs(&self) -> usize {
        self.epochs.len()
    }

    /// Whether so many numbers have been given out that it is worth a look for those that nothing names any more.
    #[inline]
    pub fn is_crowded(&self) -> bool {
        self.new_epochs >= self.most_new
    }

    /// Slots whose goroutines have ended, and of which no epoch is named, are free for everybody.
    fn forget_slots(&mut self, named: &Set) {
        let mut used = Set::below(self.own.len());
        let is_named = |&(number, _): &(usize, &Epoch)| named.has(number as u32);
        self.epochs.iter().enumerate().filter(is_named).for_each(|(_, epoch)| used.add(epoch.slot));
        let mut forgotten = Set::below(self.own.len());
        let lists = self.table.iter_mut().map(|g| &mut g.left).chain([&mut self.left]);
        for list in lists {
            list.list.retain(|&Left { slot, .. }| {
                let stays = used.has(slot);
                if !stays {
                    forgotten.add(slot);
                    self.forgotten.push(slot);
                }
                stays
            });
        }
        // Who knows of the next owner's clocks need not know what this one released.
        for r in self.released.iter_mut().filter(|r| forgotten.has(r.slot)) {
            (r.number, r.slot, r.clock, r.whole) = (NONE, NOBODY, 0, false);
        }
        let of_goroutines = self.table.iter_mut().map(|g| &mut g.base);
        let bases = of_goroutines.chain(self.released.iter_mut().map(|r| &mut r.base));
        bases.filter(|base| forgotten.has(base.slot)).for_each(|base| *base = NO_BASE);
    }

    /// Gives the numbers free that nothing names. Those that goroutines have now are added to the named ones. `looked_at`: how many cells
    /// were looked at to find out.
    pub(crate) fn reuse(&mut self, named: &mut Set, looked_at: usize) {
        for &place in self.places.values() {
            named.add(self.table[place as usize].epoch);
        }
        self.free.clear();
        self.free.extend(
            (gorace_abi::shadow::NOBODY + 1..self.epochs.len() as u32).rev().filter(|&epoch| !named.has(epoch)),
        );
        self.forget_slots(named);
        let used = self.epochs.len() - self.free.len();
        self.new_epochs = 0;
        let left = FIRST_COMPLEX as usize - used;
        self.most_new = (2 * used).max(looked_at / 8).min(left).clamp(LEAST_NEW, MOST_NEW);
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
