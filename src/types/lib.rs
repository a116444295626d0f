//! The type checker: constants, types, generics, method sets; no files, no modules.
//!
//! - `store`, `typestring`, `sizes`, `subst`, `lookup`, `universe`: types and objects, and questions about them.
//! - `check`, `typexpr`: declarations and type expressions of a package.
//! - `operand`, `const_expr`, `expr`, `call`, `builtins`: expressions; `infer`: type arguments.
//! - `stmt`, `assignments`, `switch`, `range`, `labels`, `terminating`: statements.
//! - `export`: export data, written and read back.
//! - `initorder`: the order of package variables; `constant`: exact values.

mod assignments;
mod builtins;
mod call;
mod check;
mod const_expr;
pub mod constant;
pub mod export;
mod expr;
mod infer;
mod initorder;
mod labels;
pub mod lookup;
mod operand;
mod range;
mod sizes;
mod stmt;
pub mod store;
mod subst;
mod switch;
mod terminating;
#[cfg(test)]
mod tests;
mod typestring;
mod typexpr;
mod universe;

pub use check::{Config, TypeError, check_package};
pub use constant::Const;
pub use export::{Exporter, Importer};
pub use store::*;
pub use typestring::Qualify;
