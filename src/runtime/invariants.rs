//! The runtime's invariants, held against its state in front of each switch, where `GORACE_VERIFY=1` or a debug build asks for it.
//!
//! What is checked stands in the modules that promise it: the table of goroutines (`goroutine`), queues of waiters
//! (`natives::channel`), timers (`natives::timer`), spans (`heap::span`). A violation is a bug of gorace's: it ends the run at once,
//! with all that is wrong, near to what made it so.

use crate::goroutine::{Hold, State, Wait};
use crate::world::World;
use std::collections::{HashMap, HashSet};

/// With more goroutines than this, not each switch is looked at.
const FEW: usize = 64;
/// Then every so many are.
const SELDOM: u64 = 256;
/// The heap is gone through every so many switches.
const HEAP_EVERY: u64 = 1024;

impl World {
    /// Ends the run when an invariant does not hold. Between two goroutines' turns only.
    pub(crate) fn verify(&self) {
        if self.threads.on || (self.goroutines.len() > FEW && !self.steps.is_multiple_of(SELDOM)) {
            return;
        }
        let mut wrong = Vec::new();
        self.verify_goroutines(&mut wrong);
        self.natives.channels.verify(&self.goroutines, &mut wrong);
        self.natives.timers.verify(&mut wrong);
        if self.steps.is_multiple_of(HEAP_EVERY) {
            self.heap.verify_spans(&mut wrong);
        }
        if !wrong.is_empty() {
            crate::fatal::bug(&format!("after {} switches: {}", self.steps, wrong.join("; ")));
        }
    }

    /// The run queue, states and what they wait for, locks.
    fn verify_goroutines(&self, wrong: &mut Vec<String>) {
        let mut queued = HashSet::new();
        for candidate in &self.runnable {
            if !queued.insert(candidate.index) {
                wrong.push(format!("goroutine {} is in the run queue twice", candidate.number));
            }
            match self.goroutines.find(candidate.index) {
                Some(g) if g.header.id == candidate.number => {}
                found => {
                    let found = found.map(|g| g.header.id);
                    wrong.push(format!("the run queue has goroutine {}, its index {found:?}", candidate.number));
                }
            }
        }
        let mut exclusive: HashMap<u64, u64> = HashMap::new();
        let mut system = 0;
        for g in self.goroutines.iter() {
            let number = g.header.id;
            system += usize::from(g.system);
            if (g.state == State::Runnable) != queued.contains(&g.index) {
                wrong.push(format!(
                    "goroutine {number} is {:?}, in the run queue: {}",
                    g.state,
                    queued.contains(&g.index)
                ));
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
        if system != self.system_goroutines {
            wrong.push(format!("{system} goroutines of the runtime, {} counted", self.system_goroutines));
        }
    }
}
