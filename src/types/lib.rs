//! The type checker: constants, types, generics, method sets; no files, no modules.
//!
//! - `store`, `typestring`, `sizes`, `subst`, `lookup`, `universe`: types and objects, and questions about them.
//! - `check`, `typexpr`, `operand`, `expr`, `call`, `builtins`, `stmt`: checking a package.
//! - `infer`: type arguments; `initorder`: the order of package variables; `constant`: exact values.

mod builtins;
mod call;
mod check;
pub mod constant;
mod expr;
mod infer;
mod initorder;
pub mod lookup;
mod operand;
mod sizes;
mod stmt;
pub mod store;
mod subst;
mod typestring;
mod typexpr;
mod universe;

pub use check::{check_package, Config, TypeError};
pub use constant::Const;
pub use store::*;
pub use typestring::Qualify;
