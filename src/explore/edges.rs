//! Which stretches of a schedule happen before which: the edges between goroutines that a report can draw.
//!
//! What the detector hears of synchronisation is noted with the number of the stretch in which it happened. An acquire makes an
//! edge from each release that it sees, a go statement one to the first stretch of the goroutine that it starts. Of several
//! edges between two stretches one is kept; of those that are told none follows from others and the order of a goroutine's own steps.

use crate::steps::Steps;
use gorace_base::finding::Edge;
use gorace_runtime::events::{Event, Number};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Releases remembered of an address, and edges of a run: more are not drawn anyway.
const RELEASES: usize = 8;
const EDGES: usize = 4096;

/// A stretch, and a goroutine: the one that ran, or one that waited meanwhile and for which it acted (a receiver takes what a
/// parked sender holds, say).
type Place = (u64, Number);

/// See the module's text.
pub struct Edges {
    steps: Rc<RefCell<Steps>>,
    released: FxHashMap<u64, Vec<Place>>,
    started: BTreeMap<Number, Place>,
    edges: BTreeMap<(Place, Place), &'static str>,
}

impl Edges {
    /// The edges between what `steps` notes.
    pub fn new(steps: Rc<RefCell<Steps>>) -> Edges {
        Edges { steps, released: FxHashMap::default(), started: BTreeMap::new(), edges: BTreeMap::new() }
    }

    /// The number of the stretch that runs.
    pub fn stretch(&self) -> Option<u64> {
        self.steps.try_borrow().ok().map(|steps| steps.number())
    }

    /// The step that is told of a goroutine's stretch.
    pub fn step(&self, stretch: u64, goroutine: Number) -> Option<usize> {
        self.steps.try_borrow().ok()?.of(stretch, goroutine)
    }

    /// Takes an event of the run into account.
    pub fn note(&mut self, event: &Event) {
        // Between stretches nobody synchronises.
        let Some(now) = self.stretch() else { return };
        match *event {
            Event::Start { parent, child, .. } if parent != 0 => {
                self.started.insert(child, (now, parent));
            }
            Event::Acquire { goroutine, addr, .. } => self.acquire((now, goroutine), addr),
            Event::Release { goroutine, addr, .. } => {
                self.released.insert(addr, vec![(now, goroutine)]);
            }
            Event::ReleaseMerge { goroutine, addr, .. } => {
                let all = self.released.entry(addr).or_default();
                all.retain(|(_, other)| *other != goroutine);
                if all.len() == RELEASES {
                    all.remove(0);
                }
                all.push((now, goroutine));
            }
            Event::Rendezvous { goroutine, other } => {
                for (from, to) in [(goroutine, other), (other, goroutine)] {
                    self.edge((now, from), (now, to));
                }
            }
            Event::ReleaseAcquire { goroutine, addr, .. } | Event::Update { goroutine, addr } => {
                self.acquire((now, goroutine), addr);
                self.released.insert(addr, vec![(now, goroutine)]);
            }
            _ => {}
        }
    }

    fn acquire(&mut self, to: Place, addr: u64) {
        let released = self.released.remove(&addr);
        released.iter().flatten().for_each(|&from| self.edge(from, to));
        self.released.extend(released.map(|all| (addr, all)));
    }

    fn edge(&mut self, from: Place, to: Place) {
        if from.1 != to.1 && self.edges.len() < EDGES {
            self.edges.entry((from, to)).or_insert("synchronises");
        }
    }

    /// The edges between the steps that `Steps::told` gives now.
    pub fn told(&self) -> Vec<Edge> {
        let steps = self.steps.borrow();
        let starts =
            self.started.iter().filter_map(|(&child, &from)| Some((from, (steps.first(child)?, child), "starts")));
        let others = self.edges.iter().map(|(&(from, to), &what)| (from, to, what));
        let mut edges: Vec<Edge> = starts
            .chain(others)
            .filter_map(|(from, to, what)| {
                let (from, to) = (steps.before(from.0, from.1)?, steps.after(to.0, to.1)?);
                (from < to).then(|| Edge { from, to, what: what.to_string() })
            })
            .collect();
        edges.sort();
        edges.dedup_by_key(|edge| (edge.from, edge.to));
        without_followers(edges, &steps.goroutines())
    }
}

/// The edges that do not follow from the others; `goroutines` are those of the steps. All lead forward, so what an edge follows from are
/// edges between the steps from its start to its end.
fn without_followers(edges: Vec<Edge>, goroutines: &[u64]) -> Vec<Edge> {
    let follows = |edge: &Edge| {
        // Which steps the start happens before without this edge.
        let mut reached = vec![false; goroutines.len()];
        reached[edge.from] = true;
        for step in edge.from + 1..=edge.to {
            let previous = goroutines[..step].iter().rposition(|g| *g == goroutines[step]);
            let by_order = previous.is_some_and(|previous| reached[previous]);
            let by_edge = edges.iter().any(|e| e.to == step && e != edge && reached[e.from]);
            reached[step] = by_order || by_edge;
        }
        reached[edge.to]
    };
    edges.iter().filter(|edge| !follows(edge)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_that_follow_from_others_are_left_out() {
        let kept = |edges: &[(usize, usize)], goroutines: &[u64]| -> Vec<(usize, usize)> {
            let edges = edges.iter().map(|&(from, to)| Edge { from, to, what: String::new() }).collect();
            without_followers(edges, goroutines).iter().map(|e| (e.from, e.to)).collect()
        };
        // From the main goroutine to 2, on to 3: the direct one follows.
        assert_eq!(kept(&[(0, 1), (0, 2), (1, 2)], &[1, 2, 3]), [(0, 1), (1, 2)]);
        // By the order of a goroutine's own steps, at either end.
        assert_eq!(kept(&[(0, 2), (1, 2)], &[1, 1, 2]), [(1, 2)]);
        assert_eq!(kept(&[(0, 1), (0, 2)], &[1, 2, 2]), [(0, 1)]);
        // None follows: two ways that do not meet.
        assert_eq!(kept(&[(0, 2), (1, 3)], &[1, 2, 3, 4]), [(0, 2), (1, 3)]);
        assert_eq!(kept(&[], &[]), []);
    }
}
