//! Exploration: a program run under many schedules, each in a process of its own, under the detector.
//!
//! - `detector`: the runtime's `Sink`: shadow memory, stacks, findings.
//! - `shadow`: the raw reads and writes of shadow and place cells.
//! - `schedules`: one process a schedule, side by side; findings gathered, equal ones merged.

pub mod detector;
pub mod schedules;
mod shadow;

pub use detector::{Detector, Output};
pub use schedules::{Exploration, Outcome, explore};
