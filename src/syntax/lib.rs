//! Scanner, syntax tree, parser and printer. Parsing never fails: it gives a tree and a list of errors.

pub mod ast;
pub mod build_constraint;
pub mod parser;
pub mod printer;
pub mod scanner;

#[cfg(test)]
mod tests;

pub use parser::{Mode, SyntaxError, parse_file, parse_file_for_all_errors};
