//! What the project's own suites share: running gorace on programs, and reading what it found.
//!
//! - `tool`: the binary of the same build, the SDK, one schedule.
//! - `corpus`: the Go programs with their expected findings.

pub mod corpus;
pub mod tool;
pub mod typecheck;

#[cfg(test)]
mod tidy;
