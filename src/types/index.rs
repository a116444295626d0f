//! Index and slice expressions (being written).
