//! The wait-for graph: goroutines, what each waits for, and who could end the wait. A cycle is a deadlock.

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;
use std::collections::HashMap;

/// A goroutine that waits for something that others hold.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub goroutine: u64,
    pub holders: Vec<u64>,
}

/// The groups of goroutines that wait for each other in a circle, each sorted.
pub fn cycles(waiting: &[Waiting]) -> Vec<Vec<u64>> {
    let mut graph: DiGraph<u64, ()> = DiGraph::new();
    let mut nodes = HashMap::new();
    for w in waiting {
        nodes.entry(w.goroutine).or_insert_with(|| graph.add_node(w.goroutine));
    }
    for w in waiting {
        for holder in &w.holders {
            if let (Some(&from), Some(&to)) = (nodes.get(&w.goroutine), nodes.get(holder)) {
                graph.add_edge(from, to, ());
            }
        }
    }
    let mut out: Vec<Vec<u64>> = tarjan_scc(&graph)
        .into_iter()
        .filter(|group| group.len() > 1 || graph.contains_edge(group[0], group[0]))
        .map(|group| {
            let mut numbers: Vec<u64> = group.into_iter().map(|n| graph[n]).collect();
            numbers.sort_unstable();
            numbers
        })
        .collect();
    out.sort();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_locks_in_opposite_order_make_a_cycle() {
        let waiting = [
            Waiting { goroutine: 7, holders: vec![8] },
            Waiting { goroutine: 8, holders: vec![7] },
            Waiting { goroutine: 9, holders: vec![7] },
        ];
        assert_eq!(cycles(&waiting), vec![vec![7, 8]]);
        assert!(cycles(&waiting[2..]).is_empty());
    }
}
