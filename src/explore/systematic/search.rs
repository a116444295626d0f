//! The search: which schedule is to be run next, until none is left.
//!
//! Dynamic partial-order reduction with source sets and sleep sets (Abdulla, Aronis, Jonsson and Sagonas, POPL 2014, after
//! Flanagan and Godefroid, POPL 2005): of schedules that differ only in the order of independent operations one is run. A run
//! shows a path; for each two operations of it that are dependent, co-enabled and not ordered by others in between, another
//! goroutine must go first in front of the earlier one. What was tried in front of a point *sleeps* behind the later choices
//! there, until something dependent on it is done.
//!
//! With a bound on preemptions sleep sets are not sound (what was tried may need more of them than what sleeps), and where a
//! goroutine may go on depends on who ran before: the bounded search has no sleep sets, and adds a choice at the beginning of
//! the stretch too (Coons, Musuvathi and McKinley, OOPSLA 2013). Choices wait in a queue by the preemptions that they need, so
//! that all schedules with fewer come first (iterative context bounding, Musuvathi and Qadeer, PLDI 2007).
//!
//! A step is *pinned* when nobody may come in front of it: the goroutine has its processor for itself. With the step that pins
//! such steps are one transition, whose operations are known once it has been run; before, it does not sleep. It is one in the order
//! of what happened, too: the pin alone depends on nothing, and would pass for something that may go first where what follows it
//! comes behind another's operation. The race would then count as dealt with when the pinned goroutine had gone first there.
//!
//! What ends the program takes from the others what they would have done. They are let go first in front of it, while it sleeps:
//! what else may end the program shows so. The operation that led to the end may have left a state in which they cannot (a lock that
//! was unlocked once too often): so they are let go first in front of that one, too.
//!
//! Pure: a run comes in as a list of steps. Deviation: choices are taken from queues, not depth first; a node's sleep set holds
//! what was *chosen* earlier there, explored or not, which in the end is the same.

use super::act::{Act, Kind, co_enabled, dependent};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// A goroutine that can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    pub goroutine: u64,
    pub act: Act,
    /// It has yielded: that another one goes on is no preemption.
    pub yields: bool,
    /// It stands in front of a lock that is held, or a wait group that counts: it cannot go on yet.
    pub gated: bool,
    /// What it does next is the first of several that nobody comes between.
    #[serde(default)]
    pub pins: bool,
}

/// A point of a run and what was chosen there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Which goroutine goes on. `pinned`: the one that ran, as nobody may come between.
    Run {
        ready: Vec<Ready>,
        chosen: u64,
        #[serde(default)]
        pinned: bool,
    },
    /// Which of so many ready cases a select takes.
    Pick { cases: u32, chosen: u32 },
}

/// A choice of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Choice {
    Goroutine(u64),
    Case(u32),
}

impl Step {
    pub fn choice(&self) -> Choice {
        match *self {
            Step::Run { chosen, .. } => Choice::Goroutine(chosen),
            Step::Pick { chosen, .. } => Choice::Case(chosen),
        }
    }
}

/// Who sleeps: a goroutine, and what it would do next.
pub type Sleeper = (u64, Vec<Act>);

/// Those who go on sleeping when something is done.
pub fn sleep_on(sleep: &mut Vec<Sleeper>, goroutine: u64, done: Act) {
    sleep.retain(|(asleep, acts)| *asleep != goroutine && !acts.iter().any(|act| dependent(done, *act)));
}

/// A schedule to be run: the choices of its beginning, and who sleeps behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    pub prefix: Vec<Choice>,
    pub sleep: Vec<Sleeper>,
}

/// What a run showed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Path {
    pub steps: Vec<Step>,
    /// All that could go on were asleep: the rest is known from elsewhere.
    pub asleep: bool,
    /// It was too long, or cut short: nothing is known of what follows.
    pub cut: bool,
    /// The prefix could not be followed at this step: something else decides than the schedule.
    pub strayed: Option<u32>,
    /// The program waited for time or for something outside.
    pub outside: bool,
    /// The program drew random numbers.
    pub chance: bool,
    /// Something counts that is no operation, or that this strategy leaves to others.
    #[serde(default)]
    pub open: bool,
    /// The step behind which the program ended, or its main function, though others could have gone on.
    #[serde(default)]
    pub ended: Option<u32>,
}

/// A point that some run came to.
#[derive(Debug)]
struct Node {
    step: Step,
    /// Choices taken or waiting to be, in this order.
    taken: Vec<Choice>,
    /// Who is asleep here.
    sleep: Vec<Sleeper>,
    /// Preemptions on the way here, and who ran last.
    preemptions: u32,
    last: u64,
    next: FxHashMap<Choice, usize>,
}

/// See the module's text.
#[derive(Debug)]
pub struct Search {
    nodes: Vec<Node>,
    /// Work by the preemptions that it needs.
    queues: BTreeMap<u32, VecDeque<Work>>,
    /// No sleep sets, preemptions count.
    bounded: bool,
    /// Complete schedules, no two of which are equal but for independent operations (when unbounded).
    pub complete: usize,
    /// Runs that came to where all were asleep.
    pub asleep: usize,
    /// Something was left out: a run was cut short, or too many points.
    pub cut: bool,
    /// The first step at which a run strayed from its schedule.
    pub strayed: Option<u32>,
    /// In some run the program waited for time or for something outside, or drew random numbers.
    pub outside: bool,
    pub chance: bool,
    /// In some run something counted that is no operation, or that this strategy leaves to others.
    pub open: bool,
}

/// More points than these are not kept.
const MAX_NODES: usize = 2_000_000;

impl Search {
    /// A search whose first schedule is the plain one.
    pub fn new(bounded: bool) -> Search {
        Search {
            nodes: Vec::new(),
            queues: BTreeMap::from([(0, VecDeque::from([Work::default()]))]),
            bounded,
            complete: 0,
            asleep: 0,
            cut: false,
            strayed: None,
            outside: false,
            chance: false,
            open: false,
        }
    }

    /// The next schedule with at most so many preemptions.
    pub fn next(&mut self, most: u32) -> Option<Work> {
        let (&level, queue) = self.queues.iter_mut().next().filter(|(level, _)| **level <= most)?;
        let work = queue.pop_front();
        if queue.is_empty() {
            self.queues.remove(&level);
        }
        work
    }

    /// The fewest preemptions that something waiting needs.
    pub fn level(&self) -> Option<u32> {
        self.queues.keys().next().copied()
    }

    /// Schedules that wait to be run.
    pub fn waiting(&self) -> usize {
        self.queues.values().map(VecDeque::len).sum()
    }

    /// Takes a run into account.
    pub fn take(&mut self, work: &Work, path: &Path) {
        if let Some(step) = path.strayed {
            self.strayed.get_or_insert(step);
            return;
        }
        self.outside |= path.outside;
        self.chance |= path.chance;
        self.open |= path.open;
        self.cut |= path.cut;
        self.asleep += usize::from(path.asleep);
        self.complete += usize::from(!path.asleep && !path.cut);
        let way = self.insert(work, &path.steps);
        let chosen: Vec<Choice> = path.steps.iter().take(way.len()).map(Step::choice).collect();
        self.races(&way, &chosen);
        let ended = path.ended.map(|step| step as usize).filter(|step| *step < way.len());
        if let Some(step) = ended {
            self.go_first(&way, &chosen, step);
            let cause = chosen[..step].iter().rposition(|choice| *choice == chosen[step]);
            if let Some(cause) = cause {
                self.go_first(&way, &chosen, cause);
            }
        }
    }

    /// Lets all others go first in front of the step that ended the program.
    fn go_first(&mut self, way: &[usize], chosen: &[Choice], step: usize) {
        let at = self.opening(way, step);
        let Step::Run { ready, chosen: who, .. } = &self.nodes[way[at]].step else { return };
        let others: Vec<u64> = ready.iter().filter(|r| r.goroutine != *who && !r.gated).map(|r| r.goroutine).collect();
        for other in others {
            if self.bounded {
                self.add_bounded(way, chosen, at, other);
            } else {
                self.add(way, chosen, at, other);
            }
        }
    }

    /// All that a choice at a node does, up to where another may go on; nothing where that is not known.
    fn acts_of(&self, node: usize, choice: Choice) -> Option<Vec<Act>> {
        let Step::Run { ready, .. } = &self.nodes[node].step else { return None };
        let Choice::Goroutine(goroutine) = choice else { return None };
        let mut acts = vec![act_of(ready, goroutine)];
        if !ready.iter().any(|r| r.goroutine == goroutine && r.pins) {
            return Some(acts);
        }
        let (mut node, mut choice) = (node, choice);
        loop {
            node = *self.nodes[node].next.get(&choice)?;
            match &self.nodes[node].step {
                Step::Run { ready, chosen, pinned: true } => {
                    acts.push(act_of(ready, *chosen));
                    choice = Choice::Goroutine(*chosen);
                }
                _ => return Some(acts),
            }
        }
    }

    /// The nodes of a path, made where they are new.
    fn insert(&mut self, work: &Work, steps: &[Step]) -> Vec<usize> {
        let mut way: Vec<usize> = Vec::with_capacity(steps.len());
        let mut sleep = Vec::new();
        let (mut preemptions, mut last) = (0, 0);
        for (at, step) in steps.iter().enumerate() {
            if at == work.prefix.len() {
                sleep.clone_from(&work.sleep);
            }
            let before = way.last().copied();
            let known = match before {
                None => (!self.nodes.is_empty()).then_some(0),
                Some(before) => self.nodes[before].next.get(&steps[at - 1].choice()).copied(),
            };
            let node = match known {
                Some(node) => node,
                None if self.nodes.len() >= MAX_NODES => {
                    self.cut = true;
                    break;
                }
                None => {
                    let node = self.nodes.len();
                    self.nodes.push(Node {
                        step: step.clone(),
                        taken: Vec::new(),
                        sleep: sleep.clone(),
                        preemptions,
                        last,
                        next: FxHashMap::default(),
                    });
                    if let Some(before) = before {
                        self.nodes[before].next.insert(steps[at - 1].choice(), node);
                    }
                    node
                }
            };
            way.push(node);
            let choice = step.choice();
            if !self.nodes[node].taken.contains(&choice) {
                self.nodes[node].taken.push(choice);
            }
            match step {
                Step::Run { ready, chosen, .. } => {
                    preemptions += u32::from(preempts(ready, last, *chosen));
                    last = *chosen;
                    sleep_on(&mut sleep, *chosen, done_at(ready, *chosen));
                }
                // Every case of a select is another schedule.
                Step::Pick { cases, .. } => {
                    let prefix: Vec<Choice> = steps[..at].iter().map(Step::choice).collect();
                    for case in 0..*cases {
                        let choice = Choice::Case(case);
                        if !self.nodes[node].taken.contains(&choice) {
                            self.nodes[node].taken.push(choice);
                            let mut prefix = prefix.clone();
                            prefix.push(choice);
                            let work = Work { prefix, sleep: sleep.clone() };
                            let level = if self.bounded { preemptions } else { 0 };
                            self.queues.entry(level).or_default().push_back(work);
                        }
                    }
                }
            }
        }
        way
    }

    /// Lets a goroutine go first at a node of a path.
    fn add(&mut self, way: &[usize], chosen: &[Choice], at: usize, goroutine: u64) {
        let node = &self.nodes[way[at]];
        let Step::Run { ready, .. } = &node.step else { return };
        let choice = Choice::Goroutine(goroutine);
        if node.taken.contains(&choice) || !ready.iter().any(|r| r.goroutine == goroutine) {
            return;
        }
        // What sleeps there was begun elsewhere.
        if !self.bounded && node.sleep.iter().any(|(asleep, _)| *asleep == goroutine) {
            self.nodes[way[at]].taken.push(choice);
            return;
        }
        let mut sleep = Vec::new();
        if !self.bounded {
            sleep.clone_from(&node.sleep);
            for &taken in &node.taken {
                if let Choice::Goroutine(g) = taken
                    && !sleep.iter().any(|(asleep, _)| *asleep == g)
                    && let Some(acts) = self.acts_of(way[at], taken)
                {
                    sleep.push((g, acts));
                }
            }
            sleep_on(&mut sleep, goroutine, act_of(ready, goroutine));
        }
        let level = if self.bounded { node.preemptions + u32::from(preempts(ready, node.last, goroutine)) } else { 0 };
        self.nodes[way[at]].taken.push(choice);
        let mut prefix = chosen[..at].to_vec();
        prefix.push(choice);
        self.queues.entry(level).or_default().push_back(Work { prefix, sleep });
    }

    /// Finds the operations of a path that could be exchanged, and lets others go first there.
    fn races(&mut self, way: &[usize], chosen: &[Choice]) {
        let mut order = Order::default();
        // Where the transitions begin.
        let mut starts: Vec<usize> = Vec::new();
        let mut at = 0;
        while at < way.len() {
            let start = at;
            at += 1;
            starts.push(start);
            let (Choice::Goroutine(goroutine), Step::Run { ready, .. }) = (chosen[start], &self.nodes[way[start]].step)
            else {
                order.skip();
                continue;
            };
            // Who begins to wait for a lock does nothing that others see, but could have had it.
            let waits = ready.iter().any(|r| r.goroutine == goroutine && r.gated);
            let mut acts = vec![act_of(ready, goroutine)];
            order.appear(&ready.iter().map(|r| r.goroutine).collect::<Vec<u64>>());
            while let Some(Step::Run { ready, pinned: true, .. }) = way.get(at).map(|&node| &self.nodes[node].step) {
                acts.push(act_of(ready, goroutine));
                at += 1;
            }
            let look = order.look(goroutine, &acts);
            for &race in &look.races {
                let earlier = starts[race];
                if self.bounded {
                    self.add_bounded(way, chosen, earlier, goroutine);
                } else {
                    let first = order.initials(race, goroutine, &look.known);
                    let node = &self.nodes[way[earlier]];
                    if first.iter().any(|g| node.taken.contains(&Choice::Goroutine(*g))) {
                        continue;
                    }
                    self.add_one(way, chosen, earlier, goroutine, &first);
                }
            }
            if waits {
                let done = order.look(goroutine, &[Act::LOCAL]);
                order.record(goroutine, vec![Act::LOCAL], done);
            } else {
                order.record(goroutine, acts, look);
            }
        }
    }

    /// Where others could have gone in front of a step: between the operations of a pinned goroutine nobody comes.
    fn opening(&self, way: &[usize], mut at: usize) -> usize {
        while at > 0 && matches!(&self.nodes[way[at]].step, Step::Run { pinned: true, .. }) {
            at -= 1;
        }
        at
    }

    /// One of those that may go first; the racing one where it may.
    fn add_one(&mut self, way: &[usize], chosen: &[Choice], at: usize, goroutine: u64, first: &[u64]) {
        let Step::Run { ready, .. } = &self.nodes[way[at]].step else { return };
        let can: Vec<u64> = ready.iter().filter(|r| !r.gated).map(|r| r.goroutine).collect();
        let preferred = [goroutine].into_iter().filter(|g| first.contains(g)).chain(first.iter().copied());
        match preferred.into_iter().find(|g| can.contains(g)) {
            Some(one) => self.add(way, chosen, at, one),
            None => can.into_iter().for_each(|one| self.add(way, chosen, at, one)),
        }
    }

    fn add_bounded(&mut self, way: &[usize], chosen: &[Choice], at: usize, goroutine: u64) {
        self.add_one(way, chosen, at, goroutine, &[goroutine]);
        // Where the stretch began, the choice may cost no preemption.
        let start = (0..=at).rev().find(|&i| i == 0 || chosen[i - 1] != chosen[at]).unwrap_or(0);
        if start != at {
            self.add_one(way, chosen, start, goroutine, &[goroutine]);
        }
    }
}

fn act_of(ready: &[Ready], goroutine: u64) -> Act {
    ready.iter().find(|r| r.goroutine == goroutine).map_or(Act::LOCAL, |r| r.act)
}

/// What a goroutine does that others see.
pub fn done_at(ready: &[Ready], goroutine: u64) -> Act {
    ready.iter().find(|r| r.goroutine == goroutine && !r.gated).map_or(Act::LOCAL, |r| r.act)
}

/// Whether a choice takes the turn from a goroutine that could have gone on.
fn preempts(ready: &[Ready], last: u64, chosen: u64) -> bool {
    chosen != last && ready.iter().any(|r| r.goroutine == last && !r.yields && !r.gated)
}

/// By goroutine, the number of the path's transitions up to the last known one of it.
type Known = FxHashMap<u64, u32>;

/// A transition as the next one: those that could be exchanged with it, and what is known behind it.
struct Look {
    races: Vec<usize>,
    known: Known,
}

/// The happens-before order of a path's transitions: a step, or a pin with the steps behind it.
#[derive(Debug, Default)]
struct Order {
    /// By transition: the goroutine and what it knows afterwards.
    steps: Vec<(u64, Known)>,
    acts: Vec<Vec<Act>>,
    /// What each goroutine knows.
    known: FxHashMap<u64, Known>,
    /// By object, what each goroutine did to it, and in which transition last; channels together for selects.
    last: FxHashMap<u64, Vec<(u64, Act, usize)>>,
    present: Vec<u64>,
    runner: Option<u64>,
}

/// All channels, for selects.
const CHANNELS: u64 = 1;

impl Order {
    /// A step that no goroutine's operation is.
    fn skip(&mut self) {
        let runner = self.runner.unwrap_or(0);
        let known = self.known.get(&runner).cloned().unwrap_or_default();
        self.steps.push((runner, known));
        self.acts.push(vec![Act::LOCAL]);
    }

    /// Who comes into sight was started or woken by the one that ran.
    fn appear(&mut self, ready: &[u64]) {
        if let Some(runner) = self.runner {
            let knowledge = self.known.get(&runner).cloned().unwrap_or_default();
            for newcomer in ready.iter().filter(|g| !self.present.contains(g) && **g != runner) {
                join(self.known.entry(*newcomer).or_default(), &knowledge);
            }
        }
        self.present = ready.to_vec();
    }

    /// What operations would be as the next transition.
    fn look(&self, goroutine: u64, acts: &[Act]) -> Look {
        let mut before: Vec<usize> = Vec::new();
        for list in acts.iter().map(|act| act.object).chain([CHANNELS]) {
            let entries = self.last.get(&list).into_iter().flatten();
            let depends = |earlier: Act| acts.iter().any(|act| dependent(earlier, *act));
            before.extend(entries.filter(|(g, done, _)| *g != goroutine && depends(*done)).map(|e| e.2));
        }
        before.sort_unstable();
        before.dedup();
        let own = self.known.get(&goroutine).cloned().unwrap_or_default();
        let knows = |known: &Known, step: usize| known.get(&self.steps[step].0).copied().unwrap_or(0) > step as u32;
        // Those that another one of them comes behind are exchanged with that one first.
        let is_last = |step: usize| {
            !before.iter().any(|&later| {
                later > step && self.steps[later].0 != self.steps[step].0 && knows(&self.steps[later].1, step)
            })
        };
        let may_swap = |step: usize| {
            let pairs = self.acts[step].iter().flat_map(|done| acts.iter().map(move |act| (*done, *act)));
            pairs.into_iter().any(|(done, act)| dependent(done, act) && co_enabled(done, act))
        };
        let races = before.iter().copied();
        let races = races.filter(|&step| !knows(&own, step) && may_swap(step) && is_last(step)).collect();
        let mut known = own;
        before.iter().for_each(|&step| join(&mut known, &self.steps[step].1));
        Look { races, known }
    }

    /// Takes a transition of the path.
    fn record(&mut self, goroutine: u64, acts: Vec<Act>, look: Look) {
        let at = self.steps.len();
        let mut known = look.known;
        known.insert(goroutine, at as u32 + 1);
        self.known.insert(goroutine, known.clone());
        self.steps.push((goroutine, known));
        for &act in &acts {
            let lists: &[u64] = match act.kind {
                Kind::Local => &[],
                Kind::Select => &[CHANNELS],
                Kind::Channel => &[act.object, CHANNELS],
                _ => &[act.object],
            };
            for list in lists {
                let entries = self.last.entry(*list).or_default();
                entries.retain(|(g, done, _)| (*g, *done) != (goroutine, act));
                entries.push((goroutine, act, at));
            }
        }
        self.acts.push(acts);
        self.runner = Some(goroutine);
    }

    /// Who may go first at transition `from` so that the next one, a goroutine's, comes in front of it: those whose first
    /// transition of what does not happen after `from` has nothing of it in front.
    fn initials(&self, from: usize, goroutine: u64, known: &Known) -> Vec<u64> {
        let who = self.steps[from].0;
        let knows = |known: &Known, step: usize| known.get(&self.steps[step].0).copied().unwrap_or(0) > step as u32;
        let (mut first, mut rest): (Vec<u64>, Vec<usize>) = (Vec::new(), Vec::new());
        let mut visit = |g: u64, known: &Known, step: Option<usize>| {
            let ordered = rest.iter().any(|&earlier| self.steps[earlier].0 == g || knows(known, earlier));
            if !ordered {
                first.push(g);
            }
            rest.extend(step);
        };
        for step in from + 1..self.steps.len() {
            let (g, known) = &self.steps[step];
            if *g != who && !knows(known, from) {
                visit(*g, known, Some(step));
            }
        }
        visit(goroutine, known, None);
        first
    }
}

fn join(into: &mut Known, from: &Known) {
    for (&goroutine, &steps) in from {
        let known = into.entry(goroutine).or_default();
        *known = (*known).max(steps);
    }
}
