//! Representability of constants (being written).
