//! Assignments (being written).
