//! The hash tables of the checker: keys are small numbers and short names of the program's own, so a fast hash does.
//!
//! Nothing may depend on the order in which a table is walked.

pub use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};
