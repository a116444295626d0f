//! Lock orders that could deadlock though they have not: circles of goroutines each of which took a lock that the next one held when
//! it took its own.
//!
//! The algorithm is Goodlock (Havelund, SPIN 2000) for any number of goroutines, as in iGoodlock (Joshi, Park, Sen, Naik, PLDI 2009): a
//! *step* is a goroutine that takes a lock while it holds others. Steps of different goroutines make a circle if each wants what the
//! next one holds, no lock is held at two of them (a *gate*: only one goroutine at a time would get there), and none is ordered before
//! another by something besides locks (as in MagicFuzzer and in sync-preserving deadlocks, Tunç and others, PLDI 2023: a goroutine that
//! was started after another one was waited for meets it nowhere). Two who read do not wait for each other.
//!
//! Invariant: a circle is told once for its places, by the step that completes it. Direction of error: past the limits below steps
//! are not looked at, so circles are missed. A circle told need not be possible: a flag may keep the goroutines apart.

use crate::vector::Vector;
use rustc_hash::{FxHashMap, FxHashSet};

/// A lock, held or wanted; `place` is whatever the caller knows it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lock {
    pub address: u64,
    pub shared: bool,
    pub place: u64,
}

impl Lock {
    /// Whether one goroutine waits when the other has it.
    fn conflicts(&self, other: &Lock) -> bool {
        self.address == other.address && !(self.shared && other.shared)
    }
}

/// A moment of a goroutine: its slot and clock, and what it knows.
#[derive(Debug, Clone)]
pub struct Moment {
    pub slot: usize,
    pub clock: u32,
    pub known: Vector,
}

impl Moment {
    /// Whether it comes before another one of another goroutine.
    fn is_before(&self, other: &Moment) -> bool {
        other.known.get(self.slot) >= self.clock
    }
}

/// A goroutine takes a lock while it holds others.
#[derive(Debug, Clone)]
pub struct Step {
    pub goroutine: u64,
    pub wanted: Lock,
    /// Not empty.
    pub held: Box<[Lock]>,
    /// Its moment in the order that other things than locks make; without it, it is taken to be ordered with nobody.
    pub moment: Option<Moment>,
}

/// What steps that differ in their moment alone have in common: goroutine, wanted, held.
type Kind = (u64, Lock, Box<[Lock]>);

/// One of a circle: the step, and the lock of its own that the one before it wants.
pub type Member<'a> = (&'a Step, Lock);

/// Steps kept of a run, and of those that differ in their moment alone.
const STEPS: usize = 1 << 14;
const MOMENTS: u32 = 32;
/// The goroutines of a circle, at most.
const MEMBERS: usize = 8;
/// Steps looked at, for one new step and in all of a run.
const LOOKS: u32 = 1 << 14;
const ALL_LOOKS: u32 = 1 << 20;

/// See the module's text.
#[derive(Debug, Default)]
pub struct LockOrder {
    steps: Vec<Step>,
    /// Steps by the locks that they hold.
    holding: FxHashMap<u64, Vec<u32>>,
    /// How often a step was seen, and its clock the last time.
    seen: FxHashMap<Kind, (u32, u32)>,
    told: FxHashSet<Vec<(u64, u64)>>,
    looks: u32,
}

impl LockOrder {
    /// Takes a step into account; calls `circle` for each circle that it completes.
    pub fn note(&mut self, step: Step, mut circle: impl FnMut(&[Member<'_>])) {
        // Who takes what it holds already waits for itself.
        if step.held.iter().any(|held| held.address == step.wanted.address) || self.steps.len() >= STEPS {
            return;
        }
        let clock = step.moment.as_ref().map_or(0, |moment| moment.clock);
        let key = (step.goroutine, step.wanted, step.held.clone());
        let (times, last) = self.seen.entry(key).or_insert((0, clock));
        if *times == MOMENTS || *times > 0 && *last == clock {
            return;
        }
        (*times, *last) = (*times + 1, clock);
        let number = self.steps.len() as u32;
        for held in &step.held {
            self.holding.entry(held.address).or_default().push(number);
        }
        self.steps.push(step);
        let mut found = Vec::new();
        let mut looks = LOOKS.min(ALL_LOOKS - self.looks);
        let before = looks;
        self.extend(&mut vec![number], &mut looks, &mut found);
        self.looks += before - looks;
        for path in found {
            let members = self.members(&path);
            let mut places: Vec<(u64, u64)> =
                members.iter().map(|(step, own)| (step.wanted.place, own.place)).collect();
            places.sort_unstable();
            if self.told.insert(places) {
                circle(&self.members(&path));
            }
        }
    }

    /// Goes on from the last step of a path to all that hold what it wants.
    fn extend(&self, path: &mut Vec<u32>, looks: &mut u32, found: &mut Vec<Vec<u32>>) {
        let (Some(&first), Some(&last)) = (path.first(), path.last()) else { return };
        let wanted = self.steps[last as usize].wanted;
        for &next in self.holding.get(&wanted.address).into_iter().flatten() {
            if *looks == 0 {
                return;
            }
            *looks -= 1;
            let step = &self.steps[next as usize];
            let holds = step.held.iter().any(|held| held.conflicts(&wanted));
            if !holds || path.iter().any(|&other| !may_meet(&self.steps[other as usize], step)) {
                continue;
            }
            path.push(next);
            if self.steps[first as usize].held.iter().any(|held| held.conflicts(&step.wanted)) {
                found.push(path.clone());
            } else if path.len() < MEMBERS {
                self.extend(path, looks, found);
            }
            path.pop();
        }
    }

    /// The steps of a path, each with the lock that the one before it wants.
    fn members(&self, path: &[u32]) -> Vec<Member<'_>> {
        let step = |at: usize| &self.steps[path[at % path.len()] as usize];
        let own = |at: usize| {
            let wanted = step(at + path.len() - 1).wanted;
            step(at).held.iter().copied().find(|held| held.conflicts(&wanted))
        };
        (0..path.len()).filter_map(|at| Some((step(at), own(at)?))).collect()
    }

    /// Forgets locks that are not live any more: their addresses may be others' soon.
    pub fn retain(&mut self, live: &mut dyn FnMut(u64) -> bool) {
        let mut is_live = |step: &Step| live(step.wanted.address) && step.held.iter().all(|held| live(held.address));
        let kept: Vec<Step> = std::mem::take(&mut self.steps).into_iter().filter(|step| is_live(step)).collect();
        self.holding.clear();
        for (number, step) in kept.iter().enumerate() {
            for held in &step.held {
                self.holding.entry(held.address).or_default().push(number as u32);
            }
        }
        let is_kept: FxHashSet<(u64, Lock)> = kept.iter().map(|step| (step.goroutine, step.wanted)).collect();
        self.seen.retain(|(goroutine, wanted, _), _| is_kept.contains(&(*goroutine, *wanted)));
        self.steps = kept;
    }
}

/// Whether two goroutines can be at two steps at one time, as far as gates and the order of other things say.
fn may_meet(a: &Step, b: &Step) -> bool {
    let gated = a.held.iter().any(|held| b.held.iter().any(|other| held.conflicts(other)));
    let ordered = match (&a.moment, &b.moment) {
        (Some(a), Some(b)) => a.is_before(b) || b.is_before(a),
        _ => false,
    };
    a.goroutine != b.goroutine && !gated && !ordered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clocks;
    use std::collections::BTreeSet;

    fn lock(address: u64) -> Lock {
        Lock { address, shared: false, place: address }
    }

    fn reading(address: u64) -> Lock {
        Lock { shared: true, ..lock(address) }
    }

    fn step(goroutine: u64, held: &[Lock], wanted: Lock) -> Step {
        Step { goroutine, wanted, held: held.into(), moment: None }
    }

    /// The goroutines of the circles that steps make.
    fn circles(steps: &[Step]) -> Vec<Vec<u64>> {
        let (mut order, mut out) = (LockOrder::default(), Vec::new());
        for step in steps {
            order.note(step.clone(), |circle| out.push(circle.iter().map(|(step, _)| step.goroutine).collect()));
        }
        out
    }

    #[test]
    fn opposite_orders_make_a_circle_unless_something_keeps_them_apart() {
        let (a, b, gate) = (lock(1), lock(2), lock(3));
        assert_eq!(circles(&[step(4, &[a], b), step(5, &[b], a)]), [[5, 4]]);
        let without: [(&str, [Step; 2]); 4] = [
            ("the same order", [step(4, &[a], b), step(5, &[a], b)]),
            ("one goroutine", [step(4, &[a], b), step(4, &[b], a)]),
            ("a gate", [step(4, &[gate, a], b), step(5, &[gate, b], a)]),
            ("readers alone", [step(4, &[reading(1)], reading(2)), step(5, &[reading(2)], reading(1))]),
        ];
        for (name, steps) in without {
            assert!(circles(&steps).is_empty(), "{name}");
        }
        let read_gate = reading(3);
        assert_eq!(
            circles(&[step(4, &[read_gate, a], b), step(5, &[read_gate, b], a)]).len(),
            1,
            "readers are no gate"
        );
        assert_eq!(circles(&[step(4, &[reading(1)], b), step(5, &[b], a)]).len(), 1, "a writer waits for a reader");
    }

    #[test]
    fn a_circle_is_told_once_whoever_makes_it() {
        let (a, b) = (lock(1), lock(2));
        let steps: Vec<Step> = (4..20).map(|g| if g % 2 == 0 { step(g, &[a], b) } else { step(g, &[b], a) }).collect();
        assert_eq!(circles(&steps).len(), 1);
        assert_eq!(circles(&[step(4, &[a], b), step(5, &[b], lock(3)), step(6, &[lock(3)], a)]), [[6, 4, 5]]);
    }

    #[test]
    fn an_address_that_was_given_back_is_another_lock() {
        let (a, b) = (lock(1), lock(2));
        let mut order = LockOrder::default();
        order.note(step(4, &[a], b), |_| unreachable!());
        order.retain(&mut |address| address != 1);
        order.note(step(5, &[b], a), |_| unreachable!());
        let mut told = 0;
        order.note(step(4, &[a], b), |_| told += 1);
        assert_eq!(told, 1);
    }

    /// Circles by their places: where each member takes its lock, and has the one that another wants.
    type Circles = BTreeSet<Vec<(u64, u64)>>;

    /// Xorshift (Marsaglia 2003).
    struct Random(u64);

    impl Random {
        fn below(&mut self, n: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 % n as u64) as usize
        }
    }

    /// What a goroutine of a random program does next. Locks are given back in the opposite order.
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Act {
        Lock(u64, bool),
        Unlock,
        Send(u64),
        Receive(u64),
    }

    /// A program of so many goroutines; locks are never taken twice by one, and given back at the end.
    fn program(random: &mut Random, goroutines: usize, messages: bool) -> Vec<Vec<Act>> {
        (0..goroutines)
            .map(|_| {
                let (mut acts, mut held) = (Vec::new(), Vec::new());
                for _ in 0..2 + random.below(5) {
                    match random.below(if messages { 6 } else { 4 }) {
                        0 if !held.is_empty() => {
                            held.pop();
                            acts.push(Act::Unlock);
                        }
                        4 => acts.push(Act::Send(random.below(2) as u64)),
                        5 => acts.push(Act::Receive(random.below(2) as u64)),
                        _ => {
                            let address = 1 + random.below(3) as u64;
                            if !held.contains(&address) {
                                held.push(address);
                                acts.push(Act::Lock(address, random.below(4) == 0));
                            }
                        }
                    }
                }
                acts.extend(held.iter().map(|_| Act::Unlock));
                acts
            })
            .collect()
    }

    /// Whether goroutine `g` can take a lock beside what the others hold.
    fn is_free(held: &[Vec<Lock>], g: usize, wanted: &Lock) -> bool {
        held.iter().enumerate().all(|(other, held)| other == g || held.iter().all(|held| !held.conflicts(wanted)))
    }

    /// Goes on with goroutine `g` of a program; false where it must wait. Messages never wait here: they only order.
    fn go_on(program: &[Vec<Act>], at: &mut [usize], held: &mut [Vec<Lock>], g: usize) -> bool {
        match program[g][at[g]] {
            Act::Lock(address, shared) => {
                let place = (g * 16 + at[g]) as u64;
                let wanted = Lock { address, shared, place };
                if !is_free(held, g, &wanted) {
                    return false;
                }
                held[g].push(wanted);
            }
            Act::Unlock => {
                held[g].pop();
            }
            Act::Send(_) | Act::Receive(_) => {}
        }
        at[g] += 1;
        true
    }

    /// A step with the set of the events that happened before it, as bits, and its own event.
    struct Known {
        step: Step,
        event: u32,
        before: u64,
    }

    /// Runs a program at random, to its end or until all wait; what was told, and the steps with what the naive order knows.
    fn run(random: &mut Random, program: &[Vec<Act>]) -> (Circles, Vec<Known>, bool) {
        let n = program.len();
        let (mut at, mut held) = (vec![0; n], vec![Vec::new(); n]);
        let (mut clocks, mut order, mut told) = (Clocks::default(), LockOrder::default(), BTreeSet::new());
        clocks.start(0, 1);
        (0..n).for_each(|g| clocks.start(1, g as u64 + 2));
        let (mut before, mut sent, mut known) = (vec![0u64; n], [0u64; 2], Vec::new());
        let mut event = 0;
        loop {
            let live: Vec<usize> = (0..n).filter(|&g| at[g] < program[g].len()).collect();
            let can = |&g: &usize| go_on(program, &mut at.clone(), &mut held.clone(), g);
            let ready: Vec<usize> = live.iter().copied().filter(can).collect();
            if ready.is_empty() {
                return (told, known, live.is_empty());
            }
            let g = ready[random.below(ready.len())];
            let (act, number) = (program[g][at[g]], g as u64 + 2);
            let others: Box<[Lock]> = held[g].as_slice().into();
            go_on(program, &mut at, &mut held, g);
            match act {
                Act::Lock(..) if !others.is_empty() => {
                    let wanted = held[g].last().copied().expect("it was taken");
                    let step = Step { goroutine: number, wanted, held: others, moment: clocks.moment(number) };
                    known.push(Known { step: step.clone(), event, before: before[g] });
                    order.note(step, |circle| {
                        let mut places: Vec<_> = circle.iter().map(|(s, own)| (s.wanted.place, own.place)).collect();
                        places.sort_unstable();
                        assert!(told.insert(places), "told twice");
                    });
                }
                Act::Send(channel) => {
                    clocks.release_merge(number, 0x100 + channel);
                    sent[channel as usize] |= before[g];
                }
                Act::Receive(channel) => {
                    clocks.acquire(number, 0x100 + channel);
                    before[g] |= sent[channel as usize];
                }
                _ => {}
            }
            before[g] |= 1 << event;
            if let Act::Send(channel) = act {
                sent[channel as usize] |= 1 << event;
            }
            event += 1;
        }
    }

    /// Every circle of up to `n` steps, straight from the definition.
    fn naive(known: &[Known], n: usize) -> Circles {
        fn meet(a: &Known, b: &Known) -> bool {
            let gate = |a: &Lock, b: &Lock| a.address == b.address && (!a.shared || !b.shared);
            a.step.goroutine != b.step.goroutine
                && a.before & 1 << b.event == 0
                && b.before & 1 << a.event == 0
                && !a.step.held.iter().any(|x| b.step.held.iter().any(|y| gate(x, y)))
        }
        fn go(known: &[Known], path: &mut Vec<usize>, n: usize, out: &mut Circles) {
            let wants = |from: &Known, to: &Known| {
                let wanted = from.step.wanted;
                to.step.held.iter().copied().find(|h| h.address == wanted.address && !(h.shared && wanted.shared))
            };
            let last = &known[path[path.len() - 1]];
            if path.len() > 1 && wants(last, &known[path[0]]).is_some() {
                let own = |i: usize| wants(&known[path[(i + path.len() - 1) % path.len()]], &known[path[i]]);
                let place = |i: usize| (known[path[i]].step.wanted.place, own(i).map_or(0, |lock| lock.place));
                let mut places: Vec<_> = (0..path.len()).map(place).collect();
                places.sort_unstable();
                out.insert(places);
            }
            if path.len() == n {
                return;
            }
            for next in 0..known.len() {
                if wants(last, &known[next]).is_some() && path.iter().all(|&p| meet(&known[p], &known[next])) {
                    path.push(next);
                    go(known, path, n, out);
                    path.pop();
                }
            }
        }
        let mut out = BTreeSet::new();
        (0..known.len()).for_each(|first| go(known, &mut vec![first], n, &mut out));
        out
    }

    #[test]
    fn random_programs_have_the_circles_of_the_definition() {
        let mut random = Random(0x5851_f42d_4c95_7f2d);
        let (mut with, mut ordered) = (0, 0);
        for round in 0..60_000 {
            let goroutines = 2 + random.below(3);
            let program = program(&mut random, goroutines, true);
            let (told, known, _) = run(&mut random, &program);
            let expected = naive(&known, goroutines);
            // A circle that a smaller one closes is not followed further: its goroutines have deadlocked before.
            assert!(told.is_subset(&expected), "{round}: {program:?}");
            let contained =
                |places: &Vec<(u64, u64)>| told.iter().any(|t| t.iter().any(|place| places.contains(place)));
            assert!(expected.iter().all(contained), "{round}: {program:?}: {told:?} {expected:?}");
            with += usize::from(!told.is_empty());
            let unordered: Vec<Known> = known.into_iter().map(|k| Known { before: 0, ..k }).collect();
            ordered += usize::from(told.is_empty() && !naive(&unordered, goroutines).is_empty());
        }
        assert!(with > 2000 && ordered > 100, "{with} {ordered}");
    }

    /// Whether some order of a program's operations ends with goroutines that wait for each other's locks.
    fn can_deadlock(program: &[Vec<Act>]) -> bool {
        let n = program.len();
        let mut seen = FxHashSet::default();
        let mut todo = vec![(vec![0usize; n], vec![Vec::<Lock>::new(); n])];
        while let Some((at, held)) = todo.pop() {
            if !seen.insert(at.clone()) {
                continue;
            }
            let live: Vec<usize> = (0..n).filter(|&g| at[g] < program[g].len()).collect();
            let mut stuck = !live.is_empty();
            for g in live {
                let (mut at, mut held) = (at.clone(), held.clone());
                if go_on(program, &mut at, &mut held, g) {
                    stuck = false;
                    todo.push((at, held));
                }
            }
            if stuck {
                return true;
            }
        }
        false
    }

    #[test]
    fn whatever_deadlock_a_program_of_locks_can_have_is_told_by_a_run_that_ends_well() {
        let mut random = Random(0x2545_f491_4f6c_dd1d);
        let (mut deadlocks, mut told_wrongly) = (0, 0);
        for round in 0..20_000 {
            let goroutines = 2 + random.below(2);
            let program = program(&mut random, goroutines, false);
            let (told, _, ended) = run(&mut random, &program);
            if !ended {
                continue;
            }
            let can = can_deadlock(&program);
            assert!(!can || !told.is_empty(), "{round}: {program:?}");
            deadlocks += usize::from(can);
            told_wrongly += usize::from(!can && !told.is_empty());
        }
        // With locks alone what is told is nearly always possible.
        assert!(deadlocks > 500 && told_wrongly * 100 < deadlocks, "{deadlocks} {told_wrongly}");
    }
}
