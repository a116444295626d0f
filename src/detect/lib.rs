//! The detectors: events in, findings out. Pure: no thread, no memory map, no `unsafe`.
//!
//! - `clock`: vector clocks, epochs, what synchronisation makes of them.
//! - `race`: the state of a word of memory, and whether an access races with it.
//! - `waits`: the wait-for graph.

pub mod clock;
pub mod race;
pub mod waits;

pub use clock::Clocks;
pub use race::{Conflict, Words};
