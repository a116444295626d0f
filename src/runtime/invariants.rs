//! The runtime's invariants, held against its state in front of each switch, where `GORACE_VERIFY=1` or a debug build asks for it.
//!
//! What is checked stands in the modules that promise it: the table of goroutines (`goroutine`), queues of waiters
//! (`natives::channel`), timers (`natives::timer`), spans (`heap::span`). A violation is a bug of gorace's: it ends the run at once,
//! with all that is wrong, near to what made it so.

use crate::goroutine::{Hold, State, Table, Wait};
use crate::policy::Candidate;
use crate::world::World;
use std::collections::{HashMap, HashSet, VecDeque};

/// With more goroutines than this, not each switch is looked at.
const FEW: usize = 64;
/// Then every so many are.
const SELDOM: u64 = 256;
/// The heap is gone through every so many switches.
const HEAP_EVERY: u64 = 1024;

impl World {
    /// Ends the run when an invariant does not hold. Between two goroutines' turns only.
    #[cold]
    #[inline(never)]
    pub(crate) fn verify(&self) {
        if self.threads.on || (self.goroutines.len() > FEW && !self.steps.is_multiple_of(SELDOM)) {
            return;
        }
        let mut wrong = Vec::new();
        let mut queue = self.runnable.clone();
        queue.extend(self.natives.timers.stalled());
        goroutines(&queue, &self.goroutines, self.system_goroutines, &mut wrong);
        self.natives.channels.verify(&self.goroutines, &mut wrong);
        self.natives.timers.verify(&mut wrong);
        if self.steps.is_multiple_of(HEAP_EVERY) {
            self.heap.verify_spans(&mut wrong);
        }
        if !wrong.is_empty() {
            crate::fatal::bug(&format!("after {} switches: {}", self.steps, wrong.join("; ")));
        }
    }
}

/// The run queue with those held up, states and what they wait for, locks.
fn goroutines(runnable: &VecDeque<Candidate>, table: &Table, counted: usize, wrong: &mut Vec<String>) {
    let mut queued = HashSet::new();
    for candidate in runnable {
        if !queued.insert(candidate.index) {
            wrong.push(format!("goroutine {} is in the run queue twice", candidate.number));
        }
        match table.find(candidate.index) {
            Some(g) if g.header.id == candidate.number => {}
            found => {
                let found = found.map(|g| g.header.id);
                wrong.push(format!("the run queue has goroutine {}, its index {found:?}", candidate.number));
            }
        }
    }
    let mut exclusive: HashMap<u64, u64> = HashMap::new();
    let mut system = 0;
    for g in table.iter() {
        let number = g.header.id;
        system += usize::from(g.system);
        if (g.state == State::Runnable) != queued.contains(&g.index) {
            wrong.push(format!("goroutine {number} is {:?}, in the run queue: {}", g.state, queued.contains(&g.index)));
        }
        if (g.state == State::Waiting) != (g.wait != Wait::None) {
            wrong.push(format!("goroutine {number} is {:?} and waits for {:?}", g.state, g.wait));
        }
        if g.state == State::Running {
            wrong.push(format!("goroutine {number} runs while none does"));
        }
        let on_channels = matches!(g.wait, Wait::ChanSend { .. } | Wait::ChanRecv { .. } | Wait::Select);
        if !g.waiters.is_empty() && !on_channels {
            wrong.push(format!("goroutine {number} is linked in channels' queues and waits for {:?}", g.wait));
        }
        for held in g.held.iter().filter(|held| held.hold != Hold::Read) {
            if let Some(other) = exclusive.insert(held.addr, number) {
                wrong.push(format!("goroutines {other} and {number} hold the lock at {:#x}", held.addr));
            }
        }
    }
    if system != counted {
        wrong.push(format!("{system} goroutines of the runtime, {} counted", counted));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goroutine::{Gi, Goroutine, Held};
    use crate::policy::Operation;

    fn wrong(states: &[State], queue: &[u32], change: impl Fn(&mut Goroutine)) -> Vec<String> {
        let mut table = Table::default();
        for (at, &state) in states.iter().enumerate() {
            let mut g = Goroutine::new(Gi(at as u32), at as u64 + 1, at as u32, 0);
            g.state = state;
            g.wait = if state == State::Waiting { Wait::Sleep } else { Wait::None };
            change(&mut g);
            table.insert(g);
        }
        let candidate = |&at: &u32| Candidate { index: Gi(at), number: u64::from(at) + 1, next: Operation::Continue };
        let mut wrong = Vec::new();
        goroutines(&queue.iter().map(candidate).collect(), &table, 0, &mut wrong);
        wrong
    }

    #[test]
    fn what_does_not_hold_is_named() {
        let both = [State::Runnable, State::Waiting];
        assert!(wrong(&both, &[0], |_| {}).is_empty());
        assert_eq!(wrong(&both, &[], |_| {}), ["goroutine 1 is Runnable, in the run queue: false"]);
        assert_eq!(wrong(&both, &[0, 0], |_| {}), ["goroutine 1 is in the run queue twice"]);
        assert_eq!(wrong(&both, &[0, 1], |_| {}), ["goroutine 2 is Waiting, in the run queue: true"]);
        let waits = wrong(&both, &[0], |g| g.wait = Wait::Sleep);
        assert_eq!(waits, ["goroutine 1 is Runnable and waits for Sleep"]);
        let locks = wrong(&both, &[0], |g| g.held.push(Held { addr: 64, hold: Hold::Mutex, pc: 0 }));
        assert_eq!(locks, ["goroutines 1 and 2 hold the lock at 0x40"]);
        let linked = wrong(&both, &[0], |g| g.waiters.push(1));
        assert_eq!(linked.len(), 2);
    }
}
