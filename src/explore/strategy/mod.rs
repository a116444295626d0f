//! Strategies: who goes next in an explored schedule. Pure logic behind one small trait.
//!
//! - `random`: every candidate alike, at every scheduling point.
//! - `pct`: priorities with a few changes (Burckhardt and others, ASPLOS 2010).
//! - `pos`: a priority for each pending operation (Yuan, Yang and Gu, CAV 2018).
//! - `surw`: uniform over the interleavings of one object's operations (Zhao and others, ASPLOS 2025).
//! - `surw::Census`: counts what `surw` needs to know.
//! - `steered`: another policy, holding back who could deadlock.
//! - `stalling`: another policy, holding up who could run, for as long as a busy machine may.
//! - `explorer`: a strategy as the runtime's `Policy`, with the chances that no strategy decides.
//!
//! Invariant: a strategy is a function of its seed and of what it is asked; it looks at no clock and no address order, so
//! the same seed gives the same schedule.

pub mod explorer;
mod pct;
mod pos;
mod random;
pub mod stalling;
pub mod steered;
pub mod surw;
#[cfg(test)]
mod tests;

use gorace_runtime::policy::Random;
use gorace_runtime::{Candidate, Operation};
use std::collections::VecDeque;

/// Who goes next.
pub trait Strategy {
    /// Whether the running goroutine stops in front of its next operation, so that one of `others` (never empty) goes first.
    fn stops(&mut self, running: Candidate, others: &VecDeque<Candidate>) -> bool;
    /// Which of the candidates (never empty) goes on. `last` is the number of the one that ran until now.
    fn picks(&mut self, candidates: &VecDeque<Candidate>, last: u64) -> usize;
    /// A goroutine is about to do its pending operation.
    fn runs(&mut self, candidate: Candidate);
}

/// The name of a strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Name {
    /// One of the others, by the seed.
    Mix,
    /// Every goroutine alike, at every synchronisation operation.
    Random,
    /// Priorities that change a few times.
    Pct,
    /// A priority for each pending operation.
    Pos,
    /// The orders of one object's operations, each alike.
    Surw,
    /// Every order, until none is left.
    Systematic,
}

impl Name {
    /// The strategy that a seed means: `mix` goes round, so that a hundred schedules have some of each.
    pub fn of_seed(self, seed: u64) -> Name {
        const ROUND: [Name; 8] =
            [Name::Random, Name::Pct, Name::Pos, Name::Random, Name::Surw, Name::Pos, Name::Pct, Name::Surw];
        match self {
            Name::Mix => ROUND[(seed.wrapping_sub(1) % ROUND.len() as u64) as usize],
            name => name,
        }
    }

    /// As the command line has it.
    pub fn text(self) -> &'static str {
        match self {
            Name::Mix => "mix",
            Name::Random => "random",
            Name::Pct => "pct",
            Name::Pos => "pos",
            Name::Surw => "surw",
            Name::Systematic => "systematic",
        }
    }
}

/// The strategy of a schedule. `census` is what `surw` needs; without it, it treats all operations alike.
pub fn strategy(name: Name, seed: u64, census: Option<surw::Counts>) -> Box<dyn Strategy> {
    // Each strategy draws from a stream of its own, so that the same seed means something else to each.
    let random = |salt: u64| Random(Random(seed ^ salt).draw());
    match name.of_seed(seed) {
        // The systematic search has a policy of its own; asked for one schedule, it is as any.
        Name::Mix | Name::Random | Name::Systematic => Box::new(random::Uniform::new(random(0x7261_6e64))),
        Name::Pct => Box::new(pct::Pct::new(random(0x7063_7400))),
        Name::Pos => Box::new(pos::Pos::new(random(0x706f_7300))),
        Name::Surw => Box::new(surw::Surw::new(random(0x7375_7277), census.unwrap_or_default())),
    }
}

/// The object that an operation is on, if it has one.
pub(crate) fn object(operation: Operation) -> Option<u64> {
    match operation {
        Operation::Send(at)
        | Operation::Receive(at)
        | Operation::Close(at)
        | Operation::Lock(at)
        | Operation::WriteLock(at)
        | Operation::TryLock(at)
        | Operation::Unlock(at)
        | Operation::ReadLock(at)
        | Operation::ReadUnlock(at)
        | Operation::Acquire(at)
        | Operation::Release(at)
        | Operation::Wait(at)
        | Operation::Notify(at)
        | Operation::AtomicLoad(at)
        | Operation::AtomicStore(at)
        | Operation::AtomicUpdate(at) => Some(at),
        Operation::Start
        | Operation::Continue
        | Operation::Wake
        | Operation::Spawn
        | Operation::Select
        | Operation::Timer
        | Operation::Pin
        | Operation::End => None,
    }
}

/// Whether the order of two operations can matter: they are on the same object, and not both only look at it. A select
/// may be on any channel.
pub(crate) fn conflict(a: Operation, b: Operation) -> bool {
    let on_channel =
        |o| matches!(o, Operation::Send(_) | Operation::Receive(_) | Operation::Close(_) | Operation::Select);
    if a == Operation::Select || b == Operation::Select {
        return on_channel(a) && on_channel(b);
    }
    let looks = |o| matches!(o, Operation::AtomicLoad(_) | Operation::ReadLock(_) | Operation::ReadUnlock(_));
    object(a).is_some() && object(a) == object(b) && !(looks(a) && looks(b))
}
