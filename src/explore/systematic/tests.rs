//! The search on a model: goroutines that do lists of operations, without the runtime. Numbers worked out by hand, and random
//! small programs against all their interleavings.

use super::act::{Act, Kind, dependent};
use super::search::{Choice, Path, Ready, Search, Sleeper, Step, Work, sleep_on};
use gorace_runtime::policy::Random;
use std::collections::{BTreeMap, BTreeSet};

type Program = Vec<Vec<Act>>;

fn act(kind: Kind, object: u64) -> Act {
    Act { object, kind }
}

/// Nobody comes in front of so many operations behind it.
fn pin(n: u64) -> Act {
    act(Kind::Local, n)
}

fn pinned_behind(act: Act) -> u64 {
    if act.kind == Kind::Local { act.object } else { 0 }
}

fn repeat(n: usize, acts: &[Act]) -> Program {
    vec![acts.to_vec(); n]
}

/// Where a program stands.
#[derive(Clone)]
struct State<'p> {
    program: &'p Program,
    at: Vec<usize>,
    held: BTreeMap<u64, usize>,
    counts: BTreeMap<u64, usize>,
}

impl<'p> State<'p> {
    fn new(program: &'p Program) -> State<'p> {
        let mut counts = BTreeMap::new();
        for done in program.iter().flatten().filter(|a| a.kind == Kind::Done) {
            *counts.entry(done.object).or_default() += 1;
        }
        State { program, at: vec![0; program.len()], held: BTreeMap::new(), counts }
    }

    fn ready(&self) -> Vec<Ready> {
        let one = |g: usize| {
            let act = *self.program[g].get(self.at[g])?;
            let gated = match act.kind {
                Kind::Lock => self.held.contains_key(&act.object),
                Kind::Join => self.counts.get(&act.object).is_some_and(|n| *n > 0),
                _ => false,
            };
            Some(Ready { goroutine: g as u64 + 1, act, yields: false, gated, pins: pinned_behind(act) > 0 })
        };
        (0..self.program.len()).filter_map(one).collect()
    }

    fn run(&mut self, goroutine: u64) -> Act {
        let g = goroutine as usize - 1;
        let act = self.program[g][self.at[g]];
        self.at[g] += 1;
        match act.kind {
            Kind::Lock => assert!(self.held.insert(act.object, g).is_none()),
            Kind::Unlock => assert_eq!(self.held.remove(&act.object), Some(g)),
            Kind::Done => *self.counts.entry(act.object).or_default() -= 1,
            _ => {}
        }
        act
    }
}

/// Runs a schedule as the policy does.
fn run(program: &Program, work: &Work) -> Path {
    let mut state = State::new(program);
    let mut path = Path::default();
    let (mut last, mut sleep) = (0, Vec::new());
    loop {
        let ready = state.ready();
        let can: Vec<u64> = ready.iter().filter(|r| !r.gated).map(|r| r.goroutine).collect();
        if can.is_empty() {
            // A deadlock: each begins to wait.
            for (done, r) in ready.iter().enumerate() {
                path.steps.push(Step::Run { ready: ready[done..].to_vec(), chosen: r.goroutine, pinned: false });
            }
            return path;
        }
        let at = path.steps.len();
        if at == work.prefix.len() {
            sleep.clone_from(&work.sleep);
        }
        let awake = |g: &u64| !sleep.iter().any(|(asleep, _): &Sleeper| asleep == g);
        let chosen = match work.prefix.get(at) {
            Some(Choice::Goroutine(g)) => *g,
            Some(Choice::Case(_)) => panic!("the model has no selects"),
            None if can.contains(&last) && awake(&last) => last,
            None => match can.into_iter().find(awake) {
                Some(g) => g,
                None => {
                    path.asleep = true;
                    return path;
                }
            },
        };
        let act = state.run(chosen);
        sleep_on(&mut sleep, chosen, act);
        path.steps.push(Step::Run { ready, chosen, pinned: false });
        for _ in 0..pinned_behind(act) {
            let ready = state.ready().into_iter().filter(|r| r.goroutine == chosen).collect();
            sleep_on(&mut sleep, chosen, state.run(chosen));
            path.steps.push(Step::Run { ready, chosen, pinned: true });
        }
        last = chosen;
    }
}

/// What is the same in schedules that differ in the order of independent operations alone: for each two dependent operations,
/// which came first.
fn shape(order: &[(u64, Act)]) -> BTreeSet<((u64, usize), (u64, usize))> {
    let mut numbers: BTreeMap<u64, usize> = BTreeMap::new();
    let named: Vec<((u64, usize), Act)> = order
        .iter()
        .map(|(g, act)| {
            let n = numbers.entry(*g).or_default();
            *n += 1;
            ((*g, *n), *act)
        })
        .collect();
    let mut shape = BTreeSet::new();
    for (i, (a, a_act)) in named.iter().enumerate() {
        for (b, b_act) in &named[i + 1..] {
            if a.0 != b.0 && dependent(*a_act, *b_act) {
                shape.insert((*a, *b));
            }
        }
    }
    // A deadlock leaves operations out.
    shape.extend(named.iter().map(|(a, _)| (*a, *a)));
    shape
}

fn order_of(path: &Path) -> Vec<(u64, Act)> {
    let done = path.steps.iter().filter_map(|step| match step {
        Step::Run { ready, chosen, .. } => {
            let one = ready.iter().find(|r| r.goroutine == *chosen).expect("it was ready");
            (!one.gated).then_some((*chosen, one.act))
        }
        Step::Pick { .. } => panic!("the model has no selects"),
    });
    done.collect()
}

type Shapes = BTreeSet<BTreeSet<((u64, usize), (u64, usize))>>;

/// All that a search finds with at most so many preemptions; the search at its end.
fn explore(program: &Program, bounded: bool, most: u32) -> (Shapes, Search) {
    let mut search = Search::new(bounded);
    let mut shapes = Shapes::new();
    while let Some(work) = search.next(most) {
        let path = run(program, &work);
        if !path.asleep {
            let is_new = shapes.insert(shape(&order_of(&path)));
            // What a pinned goroutine will do is not known at once, so that it does not always sleep.
            let pins = program.iter().flatten().any(|act| act.kind == Kind::Local);
            assert!(is_new || bounded || pins, "two equal schedules of {program:?}");
        }
        search.take(&work, &path);
        assert!(shapes.len() < 100_000);
    }
    (shapes, search)
}

/// Every interleaving with at most so many preemptions.
fn enumerate(state: &State, order: &mut Vec<(u64, Act)>, left: u32, shapes: &mut Shapes) {
    let ready = state.ready();
    let can: Vec<u64> = ready.iter().filter(|r| !r.gated).map(|r| r.goroutine).collect();
    if can.is_empty() {
        shapes.insert(shape(order));
        return;
    }
    let last = order.last().map_or(0, |(g, _)| *g);
    for &g in &can {
        let cost = u32::from(g != last && can.contains(&last));
        if cost <= left {
            let mut next = state.clone();
            let before = order.len();
            let act = next.run(g);
            order.push((g, act));
            for _ in 0..pinned_behind(act) {
                order.push((g, next.run(g)));
            }
            enumerate(&next, order, left - cost, shapes);
            order.truncate(before);
        }
    }
}

fn count(program: &Program) -> usize {
    let (shapes, search) = explore(program, false, 0);
    assert_eq!(shapes.len(), search.complete);
    shapes.len()
}

#[test]
fn schedules_are_as_many_as_worked_out_by_hand() {
    use Kind::*;
    let (w, r) = (act(Write, 8), act(Read, 8));
    let section = [act(Lock, 8), act(Write, 16), act(Unlock, 8)];
    // Operations on what is one's own have one order.
    let own = |g: u64| vec![act(Write, 100 + g); 5];
    assert_eq!(count(&vec![own(1), own(2)]), 1);
    assert_eq!(count(&vec![own(1), own(2), own(3)]), 1);
    // Writers of one variable: each order of theirs.
    assert_eq!((1..=5).map(|n| count(&repeat(n, &[w]))).collect::<Vec<_>>(), [1, 2, 6, 24, 120]);
    // Two times two: 4 over 2.
    assert_eq!(count(&repeat(2, &[w, w])), 6);
    // Three times two: 6! / 2^3.
    assert_eq!(count(&repeat(3, &[w, w])), 90);
    // Readers among themselves have no order: each one before or behind the writer.
    assert_eq!(
        (0..=5).map(|n| count(&[vec![vec![w]], repeat(n, &[r])].concat())).collect::<Vec<_>>(),
        [1, 2, 4, 8, 16, 32]
    );
    // Locked sections: each order of theirs, what is inside adds nothing.
    assert_eq!((1..=4).map(|n| count(&repeat(n, &section))).collect::<Vec<_>>(), [1, 2, 6, 24]);
    // Two pairs that have nothing to do with each other.
    assert_eq!(count(&vec![vec![w], vec![w], vec![act(Write, 16)], vec![act(Write, 16)]]), 4);
    // Two locks in two orders: one goroutine first, the other first, and the deadlock.
    let nested = |a: u64, b: u64| vec![act(Lock, a), act(Lock, b), act(Unlock, b), act(Unlock, a)];
    assert_eq!(count(&vec![nested(8, 16), nested(16, 8)]), 3);
    assert_eq!(count(&vec![nested(8, 16), nested(8, 16)]), 2);
    // A wait group: who is done first makes no difference.
    assert_eq!(count(&[repeat(4, &[act(Done, 8)]), vec![vec![act(Join, 8), act(Read, 16)]]].concat()), 1);
    // The reader waits for the writers: their order is all there is.
    let writer = vec![act(Write, 16), act(Done, 8)];
    assert_eq!(count(&vec![writer.clone(), writer.clone(), writer, vec![act(Join, 8), act(Read, 16)]]), 6);
}

/// With `pins`, some of the operations are pinned.
fn random_program(random: &mut Random, pins: bool) -> Program {
    let goroutines = 2 + random.below(2);
    let mut program = Program::new();
    for _ in 0..goroutines {
        let mut acts = Vec::new();
        for _ in 0..1 + random.below(if goroutines == 2 { 4 } else { 3 }) {
            let object = 8 + 8 * random.below(2) as u64;
            match random.below(6) {
                0 | 1 => acts.push(act(Kind::Write, object)),
                2 | 3 => acts.push(act(Kind::Read, object)),
                4 => acts.push(act(Kind::Channel, 32 + object)),
                _ => acts.push(act(Kind::Select, 0)),
            }
        }
        if pins && random.below(2) == 0 {
            let at = random.below(acts.len());
            let most = (acts.len() - at).min(3);
            acts.insert(at, pin(1 + random.below(most) as u64));
        }
        // A section, or one in another.
        match random.below(4) {
            0 => {
                acts.insert(0, act(Kind::Lock, 64));
                acts.push(act(Kind::Unlock, 64));
            }
            1 => {
                let (a, b) = if random.below(2) == 0 { (64, 72) } else { (72, 64) };
                acts = vec![
                    act(Kind::Lock, a),
                    act(Kind::Lock, b),
                    acts[acts.len() - 1],
                    act(Kind::Unlock, b),
                    act(Kind::Unlock, a),
                ];
            }
            2 => acts.push(act(Kind::Done, 80)),
            _ => {}
        }
        program.push(acts);
    }
    if random.below(3) == 0 {
        let last = program.len() - 1;
        program[last].retain(|a| a.kind != Kind::Done);
        program[last].push(act(Kind::Join, 80));
    }
    program
}

#[test]
fn a_pinned_writer_comes_between_two_readers_in_both_orders() {
    let (w, r) = (act(Kind::Write, 8), act(Kind::Read, 8));
    assert_eq!(explore(&vec![vec![r, pin(2), w, w], vec![r], vec![r]], false, 0).0.len(), 4);
}

#[test]
fn every_order_is_found_once() {
    let mut random = Random(11);
    for at in 0..800 {
        let program = random_program(&mut random, at % 2 == 1);
        let mut all = Shapes::new();
        enumerate(&State::new(&program), &mut Vec::new(), u32::MAX, &mut all);
        let (found, _) = explore(&program, false, 0);
        assert_eq!(found, all, "{program:?}");
    }
}

#[test]
fn a_bound_on_preemptions_holds_back_nothing_below_it() {
    let mut random = Random(12);
    for at in 0..800 {
        let program = random_program(&mut random, at % 2 == 1);
        for most in 0..3 {
            let mut all = Shapes::new();
            enumerate(&State::new(&program), &mut Vec::new(), most, &mut all);
            let (found, search) = explore(&program, true, most);
            let missing: Vec<_> = all.difference(&found).collect();
            assert!(missing.is_empty(), "{most} preemptions of {program:?}: {missing:?}");
            assert!(search.level().is_none_or(|level| level > most));
        }
    }
}
