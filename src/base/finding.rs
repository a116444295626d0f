//! The `Finding`: what a run reports, as plain data. `explore` fills it, `report` renders it.

use serde::{Deserialize, Serialize};

/// How sure and how bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// Witnessed: there is an execution, and it replays.
    Error,
    /// Predicted, not yet witnessed.
    Warning,
}

/// A stack frame.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Frame {
    pub function: String,
    pub file: String,
    pub line: u32,
    pub column: u32,
    /// Byte offset of the program counter in the function.
    pub offset: u64,
}

/// Something a goroutine did or waits for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Event {
    /// In lower case: `write`, `previous read`, `waits in chan receive`, `holds the mutex`.
    pub what: String,
    /// Go's number of the goroutine; 1 is main.
    pub goroutine: u64,
    /// Innermost first.
    pub stack: Vec<Frame>,
    /// Where the goroutine was started; empty for main.
    pub created: Vec<Frame>,
    /// Whether the goroutine had ended.
    pub finished: bool,
}

/// Something wrong that a run showed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's id, such as `data-race`.
    pub rule: String,
    pub severity: Severity,
    /// One sentence.
    pub headline: String,
    /// For a race the access that noticed it, then the previous one; for a deadlock the goroutines that wait.
    pub events: Vec<Event>,
    /// The memory address of a race.
    pub address: u64,
    /// The variable at that address, if it has a name.
    pub variable: Option<String>,
    /// The seed of the schedule that showed it.
    pub seed: u64,
}

impl Finding {
    /// What makes two findings the same: the rule and the places in the source.
    pub fn key(&self) -> String {
        let mut places: Vec<String> = self
            .events
            .iter()
            .map(|e| e.stack.first().map_or_else(String::new, |f| format!("{}:{}:{}", f.file, f.line, f.column)))
            .collect();
        places.sort();
        places.dedup();
        format!("{} {}", self.rule, places.join(" "))
    }
}
