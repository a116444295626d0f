//! Small concurrent programs with all their outcomes, found by brute force: an oracle that shares no code with the exploration.
//!
//! - `program`: what a program is made of, each statement as Go and as the primitive steps that it stands for.
//! - `generate`: random programs.
//! - `machine`: the state of a running program and its steps; every interleaving, each state once.

pub mod generate;
pub mod machine;
pub mod program;
