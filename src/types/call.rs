//! Calls and selectors (being written).
