//! What the project's own suites share: running gorace on programs, and reading what it found.
//!
//! - `tool`: the binary of the same build, the SDK, one schedule.
//! - `corpus`: the Go programs with their expected findings.
//! - `schemas`: what reports are held against.

pub mod corpus;
pub mod schemas;
pub mod tool;
pub mod typecheck;

#[cfg(test)]
mod tidy;
