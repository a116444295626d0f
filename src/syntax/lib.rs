//! Scanner, syntax tree, parser and printer. Parsing never fails: it gives a tree and a list of errors.

pub mod ast;
