//! The detectors: events in, findings out. Pure: no thread, no memory map, no `unsafe`.
//!
//! - `clock`: vector clocks, epochs, what synchronisation makes of them.
//! - `vector`: the vectors, which share what is equal.
//! - `leaf`: what a check decides by itself.
//! - `lockorder`: circles of locks that could have been, from the orders in which locks were taken.
//! - `put_off`: atomic operations that are repeated with nothing between.
//! - `race`: the state of a word of memory, and whether an access races with it.
//! - `recycle`: numbers of epochs and records of words that nothing names are used again.
//! - `waits`: the wait-for graph.
//! - `word`: what is remembered of a word of memory; `split`: two writes in one cell.
//! - `slots`: entries of vectors that ended goroutines have left.

pub mod clock;
pub mod joint;
pub mod leaf;
pub mod lockorder;
mod open;
#[cfg(test)]
mod oracle;
pub mod put_off;
pub mod race;
pub mod recycle;
mod slots;
mod split;
pub mod vector;
pub mod waits;
pub mod word;

pub use clock::Clocks;
pub use leaf::Leaf;
pub use put_off::PutOff;
pub use race::{Conflict, Words};
pub use recycle::Named;
