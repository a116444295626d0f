//! The strategies on a model: goroutines that do lists of operations, without the runtime. What is checked is what the papers
//! promise of each.

use super::surw::{Counts, Surw};
use super::{Name, Strategy, conflict, strategy};
use gorace_runtime::policy::Random;
use gorace_runtime::{Candidate, Operation};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

/// Runs goroutines 1, 2, … to their ends as the runtime would, and gives the operations in the order in which they were done.
fn run(strategy: &mut dyn Strategy, programs: &[&[Operation]]) -> Vec<(u64, Operation)> {
    let mut done = Vec::new();
    let mut at = vec![0; programs.len()];
    let candidate = |number: u64, next| Candidate { index: gorace_runtime::goroutine::Gi::default(), number, next };
    let mut runnable: VecDeque<Candidate> =
        (0..programs.len()).map(|g| candidate(g as u64 + 1, Operation::Start)).collect();
    let mut last = 0;
    while !runnable.is_empty() {
        let chosen = strategy.picks(&runnable, last);
        let picked = runnable.remove(chosen).expect("a strategy picks one of the candidates");
        strategy.runs(picked);
        last = picked.number;
        let g = picked.number as usize - 1;
        if picked.next != Operation::Start {
            done.push((picked.number, picked.next));
            at[g] += 1;
        }
        while let Some(&next) = programs[g].get(at[g]) {
            let running = candidate(picked.number, next);
            if !runnable.is_empty() && strategy.stops(running, &runnable) {
                runnable.push_back(running);
                break;
            }
            if !runnable.is_empty() {
                strategy.runs(running);
            }
            done.push((picked.number, next));
            at[g] += 1;
        }
    }
    done
}

const ALL: [Name; 4] = [Name::Random, Name::Pct, Name::Pos, Name::Surw];

fn stores(n: usize) -> Vec<Operation> {
    vec![Operation::AtomicStore(8); n]
}

#[test]
fn every_strategy_does_each_operation_once_and_in_the_goroutines_order() {
    let programs: [&[Operation]; 3] = [
        &[Operation::Lock(8), Operation::AtomicLoad(16), Operation::Unlock(8)],
        &[Operation::Send(24), Operation::Select],
        &[Operation::Receive(24), Operation::Spawn, Operation::AtomicUpdate(16), Operation::Close(24)],
    ];
    for name in ALL {
        for seed in 0..200 {
            let done = run(&mut *strategy(name, seed, None), &programs);
            for (g, program) in programs.iter().enumerate() {
                let own: Vec<Operation> = done.iter().filter(|d| d.0 == g as u64 + 1).map(|d| d.1).collect();
                assert_eq!(own, *program, "{name:?} {seed}");
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_schedule_and_others_differ() {
    let own = stores(6);
    let programs: [&[Operation]; 3] = [&own, &own, &own];
    for name in ALL {
        let order = |seed| run(&mut *strategy(name, seed, None), &programs);
        assert!((0..50).all(|seed| order(seed) == order(seed)), "{name:?}");
        let different: HashSet<Vec<u64>> = (0..50).map(|seed| order(seed).iter().map(|d| d.0).collect()).collect();
        assert!(different.len() > 5, "{name:?} {}", different.len());
    }
}

#[test]
fn every_strategy_reaches_all_orders_of_a_small_program() {
    let own = stores(2);
    for name in ALL {
        let orders: HashSet<Vec<u64>> = (0..3000)
            .map(|seed| run(&mut *strategy(name, seed, None), &[&own, &own]).iter().map(|d| d.0).collect())
            .collect();
        // Four operations, two of each goroutine.
        assert_eq!(orders.len(), 6, "{name:?}");
    }
}

/// Uniform choices favour orders in which the short goroutine ends early; the walk that knows the counts does not.
#[test]
fn surw_draws_the_orders_of_unequal_goroutines_alike() {
    let (long, short) = (stores(6), stores(1));
    let counts = Counts(BTreeMap::from([(8, BTreeMap::from([(1, 6), (2, 1)]))]));
    let mut places: HashMap<usize, u32> = HashMap::new();
    let schedules = 7000;
    for seed in 0..schedules {
        let done = run(&mut Surw::new(Random(seed), counts.clone()), &[&long, &short]);
        *places.entry(done.iter().position(|d| d.0 == 2).unwrap_or(0)).or_default() += 1;
    }
    // Seven places for the one operation.
    assert_eq!(places.len(), 7);
    assert!(places.values().all(|&n| (800..1200).contains(&n)), "{places:?}");
}

/// Goroutines that share nothing have one order that matters; `pos` finds the two orders of the one pair that conflicts about
/// equally often, however much else there is.
#[test]
fn pos_is_not_led_astray_by_independent_operations() {
    let first: Vec<Operation> =
        (0..20).map(|at| Operation::AtomicStore(1000 + at)).chain([Operation::AtomicStore(8)]).collect();
    let second = [Operation::AtomicStore(8)];
    let late = (0..2000).filter(|&seed| {
        let done = run(&mut *strategy(Name::Pos, seed, None), &[&first, &second]);
        let at = |g| done.iter().position(|d| *d == (g, Operation::AtomicStore(8))).unwrap_or(0);
        at(2) > at(1)
    });
    // Uniform choices would give one in a million.
    let late = late.count();
    assert!(late > 20, "{late}");
}

/// The chance of a bug of depth 2 is at least 1/(n k) when k is known; that it is drawn costs at most a factor of 11 for its
/// logarithm, and gives some back where the bug lies early.
#[test]
fn pct_finds_an_ordering_bug_in_a_long_program() {
    // Goroutine 2 must come between two neighbouring operations of goroutine 1.
    let (long, short) = (stores(40), stores(1));
    let hits = (0..20_000).filter(|&seed| {
        let done = run(&mut *strategy(Name::Pct, seed, None), &[&long, &short]);
        done.iter().position(|d| d.0 == 2) == Some(17)
    });
    let hits = hits.count();
    assert!(hits >= 20_000 / (2 * 41) / 11, "{hits}");
}

#[test]
fn what_conflicts_is_on_the_same_object_and_changes_it() {
    use Operation::*;
    for (a, b, expected) in [
        (AtomicLoad(8), AtomicLoad(8), false),
        (AtomicLoad(8), AtomicStore(8), true),
        (AtomicStore(8), AtomicStore(16), false),
        (ReadLock(8), ReadLock(8), false),
        (ReadLock(8), Lock(8), true),
        (Select, Send(8), true),
        (Select, Lock(8), false),
        (Spawn, Spawn, false),
        (Continue, Lock(8), false),
    ] {
        assert_eq!(conflict(a, b), expected, "{a:?} {b:?}");
        assert_eq!(conflict(b, a), expected, "{b:?} {a:?}");
    }
}

#[test]
fn the_mix_has_all_strategies() {
    let names: HashSet<Name> = (1..=8).map(|seed| Name::Mix.of_seed(seed)).collect();
    assert_eq!(names, HashSet::from(ALL));
    assert!(ALL.iter().all(|name| name.of_seed(3) == *name));
}
