//! Composite and function literals (being written).
