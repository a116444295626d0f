//! Exploration: a program run under many schedules, each in a process of its own, under the detector.
//!
//! - `detector`: the runtime's `Sink`: shadow memory, stacks, findings.
//! - `dump`: a run's decisions and its wait-for graph as text.
//! - `shadow`: the raw reads and writes of shadow and place cells.
//! - `process`: one schedule's process, its time and its memory.
//! - `strategy`: who goes next.
//! - `schedules`: the processes side by side; findings gathered, equal ones merged.

pub mod detector;
pub mod dump;
mod process;
pub mod schedules;
mod shadow;
pub mod strategy;

pub use detector::{Detector, Output};
pub use process::NOT_STARTED;
pub use schedules::{Exploration, Observer, Outcome, explore};
