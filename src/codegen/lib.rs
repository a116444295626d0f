//! From the intermediate form to native code: Cranelift, object files, the linker and its image.
//!
//! - `target`: the instruction set and its settings.
//! - `translate`: one function to Cranelift's form; `arith`, `race`, `barrier`, `memory`: its parts with rules of their own.
//! - `entry`: the stack check in front of each function.
//! - `object`: a package's compiled code, its file format.
//! - `compile`: a unit to an object, functions side by side on all cores.
//! - `listing`: an object's code as text.
//! - `link`: objects to an image.

mod arith;
mod barrier;
pub mod compile;
mod entry;

pub mod link;
mod listing;
mod memory;
pub mod object;
mod race;
mod target;
mod translate;

pub use compile::{CompileError, compile_unit};

pub use link::{Image, LinkError, LinkInput, link};
pub use listing::listing;
pub use object::Object;
