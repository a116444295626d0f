//! Time in an explored run: who looks at something again and again lets it pass, who could run may be held up, and who looks at the clock is noted.
//!
//! In virtual time operations cost next to nothing, so a loop that waits for a sleeper would turn for ever before its time comes. Of looks in a row
//! that find nothing each takes longer than the one before; whatever is done or found in between begins anew. What may be done in earnest as
//! often takes no longer than it may then.
//!
//! Invariant: all of this is a function of the schedule; a live run's clock is not touched.

use crate::policy::{Candidate, Operation};
use crate::world::World;

/// Functions of the standard library between the clock and who looks at it: the runtime's two, and what package time offers.
const CLOCK_CALLS: u32 = 5;

/// Looks in a row that take no more time than other operations, and nanoseconds that one takes at most.
const FEW_LOOKS: u32 = 64;
pub(crate) const LONG_LOOK: i64 = 20_000;

impl World {
    /// The running goroutine is about to do an operation.
    pub(crate) fn takes_time(&mut self, operation: Operation) {
        match longest(operation) {
            Some(nanoseconds) => {
                self.polled(nanoseconds);
                if self.runnable.is_empty() {
                    self.fire_late();
                }
            }
            None => self.got(),
        }
    }

    /// Somebody looked at something. Of many looks in a row each takes more time than the one before, up to `longest` nanoseconds: ten milliseconds
    /// pass within some thousand of them, and a second within fifty thousand.
    pub(crate) fn polled(&mut self, longest: i64) {
        if self.explores {
            self.polls = self.polls.saturating_add(1);
            self.clock.tick((i64::from(self.polls.saturating_sub(FEW_LOOKS)) * 16).min(longest));
        }
    }

    /// What was looked for has come.
    pub(crate) fn got(&mut self) {
        self.polls = 0;
    }

    /// Timers whose time has come while the running goroutine did what takes time.
    fn fire_late(&mut self) {
        if self.clock.is_virtual() && self.natives.timers.next().is_some_and(|when| when <= self.clock.now()) {
            self.fire_timers();
        }
    }

    /// Somebody looks at the clock: notes whether it is the program's own code, which the standard library's functions may stand in front of.
    pub(crate) fn looks_at_clock(&mut self) {
        if !self.explores || !self.main_running || self.clock.was_read() {
            return;
        }
        let Some(index) = self.running else { return };
        let g = self.goroutines.peek(index);
        let (mut left, mut by_program) = (CLOCK_CALLS, false);
        crate::traceback::walk(self, g, g.header.saved_fp, |pc| {
            let flags = self.image.function(pc - 1).map_or(0, |f| f.flags);
            by_program = flags & gorace_abi::image::function_flag::STD == 0;
            left -= 1;
            !by_program && left > 0
        });
        if by_program {
            self.clock.note_read();
        }
    }

    /// Whether the policy holds the running goroutine up, which is one of the program's own: it stands among the timers then. Where no timer is
    /// set, and nobody has looked at the clock, it is never asked: whatever the others do before they wait, they can do without a stall, too.
    pub(crate) fn is_stalled(&mut self, running: Candidate) -> bool {
        let by_clock = self.clock.was_read();
        let is_timed = self.natives.timers.next().is_some() || by_clock;
        if !self.clock.is_virtual() || !self.main_running || !is_timed {
            return false;
        }
        let g = self.current();
        if g.system || g.bubble() != 0 {
            return false;
        }
        let now = self.clock.now();
        let stall = self.policy.stalls(running, &self.natives.timers.ahead(now), by_clock);
        if stall <= 0 {
            return false;
        }
        self.stop_in_front();
        self.natives.timers.add_stalled(now.saturating_add(stall), running);
        true
    }
}

/// Nanoseconds that an operation takes at most that may find that there is nothing to do yet. (A select that finds something says so: `got`.)
/// Nobody does so many locks and atomic updates in vain as looks: they take no more time than they may in earnest.
fn longest(operation: Operation) -> Option<i64> {
    match operation {
        Operation::Select | Operation::AtomicLoad(_) | Operation::TryLock(_) | Operation::Continue => Some(LONG_LOOK),
        Operation::Lock(_) | Operation::ReadLock(_) | Operation::Unlock(_) | Operation::ReadUnlock(_) => Some(1000),
        Operation::AtomicUpdate(_) => Some(200),
        _ => None,
    }
}
