//! Where a test failed first: the assertion, of which a test program's status at its end says nothing.
//!
//! Package testing notes a failure under a lock, of which the detector is told as of any other.

use super::{Detector, FLAKY};
use gorace_base::finding::Finding;
use gorace_runtime::events::Number;
use gorace_runtime::traceback;
use gorace_runtime::world::{World, world};
use rustc_hash::FxHashMap;

/// The function by which a test fails.
const FAIL: &str = "testing.(*common).Fail";

/// See the module's text.
#[derive(Debug, Default)]
pub(super) struct Failure {
    /// Whether the lock taken at an address of code is that of `FAIL`.
    locks: FxHashMap<u64, bool>,
    /// The first: who, and from where.
    first: Option<(Number, Box<[u64]>)>,
}

impl Detector {
    /// A goroutine has taken a lock, called at `pc`.
    pub(super) fn locked_at(&mut self, goroutine: Number, pc: u64) {
        if !self.leaks || self.failure.first.is_some() {
            return;
        }
        let fails = *self.failure.locks.entry(pc).or_insert_with(|| {
            let world: &World = world();
            traceback::frames(&world.image, pc.wrapping_sub(1)).iter().any(|frame| frame.name == FAIL)
        });
        if fails {
            let stack = self.stack_of(goroutine);
            self.failure.first = Some((goroutine, self.stacks[stack as usize].clone()));
        }
    }

    /// The finding that the test has failed, if it has.
    pub(super) fn failed(&mut self) -> Option<Finding> {
        let (goroutine, stack) = self.failure.first.take()?;
        let mut part = self.part("fails", goroutine, &stack);
        // Helpers and packages of assertions are between the test and its failure.
        if let Some(at) = part.stack.iter().position(|frame| frame.file.ends_with("_test.go")) {
            part.stack.drain(..at);
            part.hidden.clear();
        }
        let headline = "the test fails in some schedules, not in all".to_string();
        Some(Finding::new(FLAKY, headline, vec![part], self.seed))
    }
}
