//! Labels (being written).
