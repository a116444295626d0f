//! What the project's own suites share: running gorace on programs, and reading what it found.
//!
//! - `tool`: the binary of the same build, the SDK, one schedule.
//! - `attacks`: what wants gorace to be wrong.
//! - `corpus`: the Go programs with their expected findings.
//! - `enumerate`: small concurrent programs and all their outcomes, by brute force.
//! - `modules`: Debian's Go modules, laid out for the go command and gorace.
//! - `order`: random programs about the order of evaluation.
//! - `pointer_programs`: random programs for the escape analysis.
//! - `schemas`: what reports are held against.

pub mod attacks;
pub mod corpus;
pub mod enumerate;
pub mod modules;
pub mod order;
pub mod pointer_programs;
pub mod schemas;
pub mod tool;
pub mod typecheck;

#[cfg(test)]
mod tidy;
