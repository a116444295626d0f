//! Terminating statements (being written).
