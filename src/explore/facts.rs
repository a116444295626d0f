//! What a report tells besides the places: where the memory was allocated and what it is, and which locks were held.
//!
//! Only kept where a schedule is followed for its report (`gorace replay`, the shortest schedule of a finding): an exploring run
//! keeps stacks alone. The place of an access is then the number of a pair, its stack and the locks that its goroutine held.

use gorace_base::finding;
use gorace_runtime::events::Number;
use gorace_runtime::image::Image;
use gorace_runtime::type_path::{self, Inside, Part};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// A held lock: the number of the stack that took it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lock {
    pub address: u64,
    pub shared: bool,
    pub stack: u32,
}

/// An allocation.
#[derive(Debug, Clone, Copy)]
pub struct Made {
    pub size: u64,
    /// 0 where the type is not known.
    pub descriptor: u64,
    pub stack: u32,
    pub goroutine: Number,
}

/// More allocations than these are not kept: those of the beginning stay.
const MAX_ALLOCATIONS: usize = 4 << 20;

/// See the module's text.
#[derive(Debug)]
pub struct Facts {
    allocations: BTreeMap<u64, Made>,
    held: FxHashMap<Number, Vec<Lock>>,
    places: Vec<Place>,
    numbers: FxHashMap<Place, u32>,
}

/// A stack, the locks held, and the number of the stretch of the schedule; of stretches beyond many places none is told.
type Place = (u32, Box<[Lock]>, Option<u64>);

/// Places told apart by their stretch.
const MAX_PLACES: usize = 1 << 20;

impl Default for Facts {
    fn default() -> Facts {
        // As with stacks, 0 is the place of nothing.
        Facts {
            allocations: BTreeMap::new(),
            held: FxHashMap::default(),
            places: vec![(0, Box::from([]), None)],
            numbers: FxHashMap::from_iter([((0, Box::from([]), None), 0)]),
        }
    }
}

impl Facts {
    /// Memory was allocated; what was there before is gone.
    pub fn allocated(&mut self, address: u64, made: Made) {
        if self.allocations.len() < MAX_ALLOCATIONS {
            self.allocations.insert(address, made);
        } else if let Some(old) = self.allocations.get_mut(&address) {
            *old = made;
        }
    }

    pub fn locked(&mut self, goroutine: Number, lock: Lock) {
        self.held.entry(goroutine).or_default().push(lock);
    }

    /// A goroutine has given a lock back: its own, or another's.
    pub fn unlocked(&mut self, goroutine: Number, address: u64, shared: bool) {
        let find = |held: &Vec<Lock>| held.iter().rposition(|l| l.address == address && l.shared == shared);
        let own = self.held.get(&goroutine).and_then(find).map(|at| (goroutine, at));
        let other = || self.held.iter().filter_map(|(&g, held)| Some((g, find(held)?))).min();
        if let Some((owner, at)) = own.or_else(other)
            && let Some(held) = self.held.get_mut(&owner)
        {
            held.remove(at);
        }
    }

    /// The locks that a goroutine holds.
    pub fn held(&self, goroutine: Number) -> &[Lock] {
        self.held.get(&goroutine).map_or(&[], Vec::as_slice)
    }

    /// Who holds a lock.
    pub fn holders(&self, address: u64) -> Vec<(Number, Lock)> {
        let own = |(&g, held): (&Number, &Vec<Lock>)| Some((g, *held.iter().find(|l| l.address == address)?));
        let mut all: Vec<(Number, Lock)> = self.held.iter().filter_map(own).collect();
        all.sort_unstable_by_key(|(g, _)| *g);
        all
    }

    /// The number of a stack with the locks that the goroutine holds now, in a stretch of the schedule.
    pub fn place(&mut self, stack: u32, goroutine: Number, stretch: Option<u64>) -> u32 {
        let stretch = stretch.filter(|_| self.places.len() < MAX_PLACES);
        let key = (stack, Box::from(self.held(goroutine)), stretch);
        if let Some(&number) = self.numbers.get(&key) {
            return number;
        }
        let number = self.places.len() as u32;
        self.places.push(key.clone());
        self.numbers.insert(key, number);
        number
    }

    /// The stack and the locks of a place.
    pub fn at(&self, place: u32) -> Option<(u32, Vec<Lock>)> {
        self.places.get(place as usize).map(|(stack, held, _)| (*stack, held.to_vec()))
    }

    /// The stretch of a place.
    pub fn stretch(&self, place: u32) -> Option<u64> {
        self.places.get(place as usize)?.2
    }

    /// The allocation that an address lies in, and where in it.
    pub fn allocation(&self, address: u64) -> Option<(Made, u64)> {
        let (&start, &made) = self.allocations.range(..=address).next_back()?;
        (address - start < made.size).then_some((made, address - start))
    }

    /// What lies at an address.
    pub fn inside(&self, image: &Image, address: u64) -> Option<Inside> {
        let (made, offset) = self.allocation(address)?;
        if made.descriptor == 0 { None } else { type_path::inside(image, made.descriptor, made.size, offset) }
    }

    /// Forgets allocations that are not live any more.
    pub fn retain(&mut self, live: &mut dyn FnMut(u64) -> bool) {
        self.allocations.retain(|&address, _| live(address));
    }
}

/// Whether it is a part of the insides of a map, as which a race on a map shows.
pub fn is_map(inside: &Inside) -> bool {
    inside.whole.starts_with("maps.")
}

/// In words: `field n of main.Cache`, `element 3 of []int`, `an int`.
pub fn describe(inside: &Inside) -> String {
    match inside.path.last() {
        _ if is_map(inside) => "a map".to_string(),
        Some(Part::Field(name)) => format!("field {name} of {}", inside.holder),
        Some(Part::Element(at)) => format!("element {at} of {}", inside.holder),
        None => {
            let article = if inside.whole.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            format!("{article} {}", inside.whole)
        }
    }
}

/// The innermost part, as findings have it.
pub fn part(inside: &Inside) -> finding::Part {
    match inside.path.last() {
        _ if is_map(inside) => finding::Part::Unknown,
        Some(Part::Field(name)) => finding::Part::Field(name.clone()),
        Some(Part::Element(at)) => finding::Part::Element(*at),
        None => finding::Part::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(address: u64, shared: bool) -> Lock {
        Lock { address, shared, stack: 1 }
    }

    #[test]
    fn a_place_is_a_stack_with_locks() {
        let mut facts = Facts::default();
        let bare = facts.place(7, 4, None);
        facts.locked(4, lock(0x10, false));
        let guarded = facts.place(7, 4, None);
        assert!(bare != guarded && facts.place(7, 5, None) == bare && facts.place(7, 4, None) == guarded);
        assert_eq!(facts.at(guarded), Some((7, vec![lock(0x10, false)])));
        facts.unlocked(4, 0x10, false);
        assert_eq!(facts.place(7, 4, None), bare);
    }

    #[test]
    fn a_lock_may_be_given_back_by_another() {
        let mut facts = Facts::default();
        facts.locked(4, lock(0x10, true));
        facts.locked(5, lock(0x10, true));
        facts.unlocked(5, 0x10, true);
        assert_eq!((facts.held(4).len(), facts.held(5).len()), (1, 0));
        facts.unlocked(9, 0x10, true);
        assert!(facts.held(4).is_empty());
    }

    #[test]
    fn addresses_lie_in_their_allocation() {
        let mut facts = Facts::default();
        let made = |size| Made { size, descriptor: 0, stack: 0, goroutine: 1 };
        facts.allocated(0x100, made(16));
        facts.allocated(0x110, made(8));
        let at = |address| facts.allocation(address).map(|(m, o)| (m.size, o));
        assert_eq!(
            (at(0xff), at(0x10f), at(0x110), at(0x117), at(0x118)),
            (None, Some((16, 15)), Some((8, 0)), Some((8, 7)), None)
        );
    }
}
