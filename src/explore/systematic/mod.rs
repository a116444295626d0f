//! The systematic strategy: every order of a program's synchronisation, as far as it goes, and what was covered.
//!
//! - `act`: what operations do, as far as their order can matter.
//! - `search`: which schedule is next.
//! - `policy`: one schedule of it in the running program.
//! - `explore`: the schedules' processes, and the statement at the end.

pub mod act;
pub mod explore;
pub mod policy;
pub mod search;
#[cfg(test)]
mod tests;
