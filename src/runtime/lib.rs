//! What lives in the running program: scheduler, stacks, heap and collector, channels, locks, timers, signals, natives.
//!
//! `execute` maps a linked image and runs it to its end on the calling thread. Everything the program does that is not
//! compiled code goes through a *native* (see `natives`), on the system stack, with the one `World` at hand.
//!
//! - `address_space`, `image`: what is mapped where. `asm`: the trampolines between compiled code and Rust.
//! - `goroutine`, `stack`, `scheduler`, `policy`, `clock`: who runs, on what, when. `invariants`: what holds between two turns.
//! - `preemption`: who runs long lets others go. `shadow_pages`: shadow of memory that the program got from the system by itself.
//! - `heap`: allocation and collection. `events`: what the detector is told. `shadow`: what it need not be told.
//! - `type_path`: what lies where in an allocation.
//! - `shared`, `supervisor`: what a run leaves behind, and who ends it and what it started.
//! - `signals`, `deadly`, `traceback`, `contexts`, `fatal`: faults, stacks and numbers for them, the ends of a program. `trace_text`, `overridden`: Go's
//!   words for stacks.
//!
//! One thread runs Go code, or several that take turns with the `World` (`threads`). It is reached through a global because natives
//! are called from machine code. A native fetches it once, at its start, and passes it on.

pub mod address_space;
pub mod asm;
mod asm_shapes;
pub mod asm_threads;
pub mod clock;
pub mod contexts;
mod deadly;
pub mod events;
pub mod fatal;
pub mod first_step;
pub mod goroutine;
pub mod heap;
pub mod image;
mod invariants;
mod natives;
mod overridden;
mod passing_time;
pub mod policy;
mod preemption;
#[cfg(test)]
mod run_tests;
pub mod scheduler;
mod shadow;
mod shadow_pages;
pub mod shared;
pub mod signals;
pub mod stack;
mod start_pages;
pub mod supervisor;
pub mod threads;
pub mod trace_text;
pub mod traceback;
pub mod type_path;
pub mod world;

pub use events::{Event, Sink};
pub use natives::lock::{counter, is_locked};
pub use natives::network::{News, Told};
pub use natives::testing::Leaks;
pub use natives::{has_peeked, is_native, is_override};
pub use policy::{Candidate, Operation, Policy};
pub use world::{Mode, Options, RunError, TIMED_OUT, execute, execute_with};
