//! Statements (being written).
