//! Random Go programs full of expressions whose value depends on the order of evaluation.
//!
//! A program is a list of functions that know nothing of each other. Each has variables of many types, some of which closures
//! change, some not, and then some statements in which such closures are called beside the variables that they change. It
//! prints what came out: values, the trace of calls, all variables at its end, the panic if there was one.
//!
//! - `expr`: expressions by type.
//! - `stmt`: statements, and the functions around them.

mod expr;
mod stmt;

pub use stmt::{STATEMENTS, function, program};

/// The types of expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Int,
    Byte,
    Str,
    Bool,
    Float,
    /// `[]int`
    Slice,
    /// `[3]int`
    Array,
    /// `S`, which fits registers.
    Small,
    /// `B`, which does not.
    Big,
    /// `*P`
    Pointer,
    Any,
    /// `map[int]int`, whose functions take keys by value.
    Map,
    /// `map[byte]string`, whose functions take keys by address.
    ByteMap,
    /// `map[string][]int`
    TextMap,
    /// `I`
    Interface,
}

/// A generator of one function's text.
pub struct Generator {
    random: fastrand::Rng,
}

impl Generator {
    /// The generator of the function with a number, which depends on nothing else.
    pub fn new(seed: u64, number: u64) -> Generator {
        Generator { random: fastrand::Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number) }
    }

    fn below(&mut self, n: usize) -> usize {
        self.random.usize(0..n)
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.random.u32(0..100) < percent
    }

    fn one_of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }
}
