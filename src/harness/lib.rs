//! Placeholder until this room's first mechanism lands.
