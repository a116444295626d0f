//! What the project's own suites share: running gorace on programs, and reading what it found.

pub mod tool;

#[cfg(test)]
mod tidy;
