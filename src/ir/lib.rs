//! The intermediate form between checked Go and Cranelift, and the lowering that makes it.
//!
//! - `unit`: a package's functions and data symbols.
//! - `func`: functions, blocks, values, locals, stack slots.
//! - `inst`: the instructions.
//! - `print`, `verify`: the text form and the well-formedness rules.
//! - `lower`: from the checked syntax tree to this form.
//! - `passes`: what makes it better: inlining and the like.
//! - `filetests`: tests of lowering and of each pass, a file each.

#[cfg(test)]
mod filetests;
pub mod func;
pub mod inst;
pub mod lower;
pub mod passes;
pub mod text;
pub mod unit;
pub mod verify;

pub use func::{Block, BlockId, Func, Local, LocalId, Slot, SlotId, Ty, Value};
pub use inst::{Access, BinOp, Callee, CmpOp, ConvOp, Inst, InstData, Sig, Term, UnOp};
pub use unit::{Data, DataReloc, RelocKind, Section, SymbolId, Unit};
