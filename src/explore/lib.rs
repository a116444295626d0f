//! Exploration: a program run under many schedules, each in a process of its own, under the detector.
//!
//! - `detector`: the runtime's `Sink`: shadow memory, stacks, findings.
//! - `enrich`, `source`: names as the program's source has them, and advice.
//! - `hash`: whether a schedule is a function of its seed.
//! - `facts`: where memory was made and which locks were held, for the report.
//! - `decisions`: a schedule as a list of decisions, its token.
//! - `shorten`: the fewest of them.
//! - `steps`, `edges`: what a schedule does, in words, and which of it happens before which.
//! - `listen`: a policy's answers told to those who record, hash, note or dump them.
//! - `orders`: circles of locks that could have been.
//! - `predict`, `strategy::steered`: schedules that look for them.
//! - `dump`: a run's decisions and its wait-for graph as text.
//! - `shadow`: the raw reads and writes of shadow and place cells.
//! - `symbols`: addresses as frames of the source.
//! - `partial`: the partial order of a schedule as a number, and when to expect no new one.
//! - `process`, `handover`: one schedule's process, its time and its memory; what it is given and what it leaves behind.
//! - `start`, `network`: how such a process is started, and which network it has.
//! - `strategy`: who goes next.
//! - `schedules`: the processes side by side; findings gathered, equal ones merged.

pub mod decisions;
pub mod detector;
pub mod dump;
pub mod edges;
mod enrich;
mod facts;
pub mod handover;
pub mod hash;
pub mod listen;
pub mod network;
pub mod orders;
pub mod partial;
mod predict;
pub mod process;
pub mod schedules;
mod shadow;
mod shorten;
mod source;
mod start;
pub mod steps;
pub mod strategy;
mod symbols;
pub mod systematic;

pub use detector::{Detector, EXIT, FLAKY, Output, tells_of_end};
pub use network::Network;
pub use process::NOT_STARTED;
pub use schedules::{Exploration, Made, Observer, Outcome, explore};
pub use start::printed;
