//! The type checker: constants, types, generics, method sets; no files, no modules.
//!
//! - `store` with `basic` and `package`, `typestring`, `sizes`, `subst`, `lookup`, `universe`: types and objects, and questions about them.
//! - `check`, `resolver`, `decl`, `cycles`: the package, what its files declare, declarations on demand.
//! - `typexpr`, `struct_type`, `interface_type`, `signature`: type expressions; `implements`: what goes where.
//! - `spelling`, `written`: types as they are written, for messages.
//! - `operand`, `const_expr`, `expr`, `call`, `builtins`: expressions; `infer`: type arguments.
//! - `stmt`, `assignments`, `switch`, `range`, `labels`, `terminating`: statements.
//! - `initorder`: the order of package variables; `mono`: instantiation without end; `constant`: exact values.
//! - `export`: export data, written and read back.
//! - `hash`: tables; `codes`: the kinds of errors; `directives`: `//go:` lines; `text`: string constants.

mod assignments;
mod basic;
mod builtins;
mod call;
mod check;
#[cfg(test)]
mod code_examples;
pub mod codes;
mod const_expr;
pub mod constant;
mod conversions;
mod cycles;
mod decl;
mod directives;
pub mod export;
mod expr;
mod hash;
mod implements;
mod index;
mod infer;
mod initorder;
mod inlinable;
mod instantiate;
mod interface_type;
mod labels;
mod literals;
pub mod lookup;
mod mono;
mod operand;
mod package;
mod range;
mod resolver;
mod signature;
mod sizes;
mod spelling;
mod stmt;
pub mod store;
mod struct_type;
mod subst;
mod switch;
mod terminating;
#[cfg(test)]
mod tests;
mod text;
mod typestring;
mod typexpr;
mod universe;
mod written;

pub use check::{Config, TypeError, check_package, spell_places};
pub use codes::Code;
pub use constant::Const;
pub use export::{Exporter, Importer};
pub use hash::{HashMap, HashSet};
pub use inlinable::inlinable;
pub use store::*;
pub use text::Text;
pub use typestring::Qualify;

/// N of the newest language version 1.N that the checker knows.
pub const CURRENT_MINOR: u32 = 27;
