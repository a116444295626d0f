//! Builtin calls (being written).
