//! Every layout, offset and number that compiled code and the runtime share. Nobody repeats a constant of this room.
//!
//! - `memory`: the fixed address map and the shadow's distance.
//! - `goroutine`: the part of a goroutine that compiled code reads through the pinned register.
//! - `calling`: how Go values become machine arguments and results, and how natives are called.
//! - `shadow`: the format of a shadow cell.
//! - `image`: the linked image: header, function table, position table.
//! - `processor`: what compiled code asks of the processor.
//! - `defer`: the frame record that a recovered panic returns to.

pub mod calling;
pub mod deferframe;
pub mod goroutine;
pub mod image;
pub mod memory;
pub mod processor;
pub mod shadow;
