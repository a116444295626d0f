//! The `Finding`: what a run reports, as plain data. `detect` and `runtime` fill it, `report` renders it.

/// How sure and how bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Witnessed: there is an execution, and it replays.
    Error,
    /// Predicted, not yet witnessed.
    Warning,
}
