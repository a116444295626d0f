//! The `Finding`: what a run reports, as plain data. `explore` fills it, `report` renders it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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

/// The first elements of the standard library's import paths; `vendor` is its own.
const STANDARD: &[&str] = &[
    "archive",
    "bufio",
    "bytes",
    "cmp",
    "compress",
    "container",
    "context",
    "crypto",
    "database",
    "debug",
    "embed",
    "encoding",
    "errors",
    "expvar",
    "flag",
    "fmt",
    "go",
    "hash",
    "html",
    "image",
    "index",
    "internal",
    "io",
    "iter",
    "log",
    "maps",
    "math",
    "mime",
    "net",
    "os",
    "path",
    "plugin",
    "reflect",
    "regexp",
    "runtime",
    "simd",
    "slices",
    "sort",
    "strconv",
    "strings",
    "structs",
    "sync",
    "syscall",
    "testing",
    "text",
    "time",
    "unicode",
    "unique",
    "unsafe",
    "uuid",
    "vendor",
    "weak",
];

impl Frame {
    /// Whether the code is the standard library's: its file stands in `src/IMPORT/PATH` of an SDK.
    pub fn is_std(&self) -> bool {
        let folder = self.file.rsplit_once('/').map_or("", |(folder, _)| folder);
        folder.rsplit_once("/src/").is_some_and(|(_, path)| {
            let first = path.split('/').next().unwrap_or("");
            STANDARD.contains(&first) && self.function.starts_with(path)
        })
    }
}

/// The innermost part of an object that was accessed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    #[default]
    Unknown,
    Whole,
    Field(String),
    Element(u64),
    /// Something in a map.
    Map,
}

/// What an access, a lock or a channel operation is on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Object {
    /// As the program's source has it at the event's place: `hits`, `c.n`, `results[i]`, `s.mu`; empty where it is not known.
    pub expression: String,
    /// What it is: `field n of main.Cache`, `element 3 of []int`, `a chan int`; empty where it is not known.
    pub description: String,
    #[serde(default)]
    pub part: Part,
    /// The type that was allocated, such as `main.Cache`; empty where it is not known.
    #[serde(default)]
    pub whole: String,
    /// Where the memory that holds it was allocated, innermost first; empty where it is not known.
    pub made: Vec<Frame>,
    /// The variable whose memory it is, if `made` is its declaration.
    #[serde(default)]
    pub variable: String,
    /// Which goroutine allocated it; 0 where it is not known.
    pub made_by: u64,
}

/// A lock that a goroutine holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Held {
    /// As the source has it where it was locked; empty where it is not known.
    pub expression: String,
    /// The same lock has the same number in all of a run.
    pub address: u64,
    /// Who holds it.
    pub goroutine: u64,
    /// Held for reading.
    pub shared: bool,
    /// Where it was locked, innermost first.
    pub stack: Vec<Frame>,
}

/// Something a goroutine did or waits for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Event {
    /// In lower case: `write`, `previous read`, `waits in chan receive`, `holds the mutex`.
    pub what: String,
    /// Go's number of the goroutine; 1 is main.
    pub goroutine: u64,
    /// Innermost first.
    pub stack: Vec<Frame>,
    /// Frames of the stack that only Go's own layout shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<Hidden>,
    /// Where the goroutine was started; empty for main.
    pub created: Vec<Frame>,
    /// Whether the goroutine had ended.
    pub finished: bool,
    /// Whether an access was an atomic operation; as what follows, known in the report of a followed schedule alone.
    #[serde(default)]
    pub atomic: bool,
    /// The place in the list of steps of the one in which an access was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// What it is on.
    #[serde(default)]
    pub object: Option<Object>,
    /// What an access found there.
    #[serde(default)]
    pub value: Option<String>,
    /// The locks that the goroutine held, in the order in which it took them; none where it is not known.
    #[serde(default)]
    pub held: Option<Vec<Held>>,
    /// The lock that it waits for, once for each goroutine that holds it.
    #[serde(default)]
    pub holders: Vec<Held>,
    /// Of an operation on a closed channel: who closed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Close>,
}

/// Where a channel was closed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Close {
    pub goroutine: u64,
    /// The innermost frames.
    pub stack: Vec<Frame>,
}

/// A frame that tells a reader nothing: of a wrapper that the compiler made, or of the runtime's function that did the access.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hidden {
    /// The place in the stack of the frame that it stands in front of.
    pub before: usize,
    pub frame: Frame,
}

impl Event {
    /// The innermost frame of the program's own code; the innermost of all where there is none.
    pub fn user_frame(&self) -> Option<&Frame> {
        user_frame(&self.stack)
    }
}

/// The innermost frame outside the standard library; the innermost of all where there is none.
pub fn user_frame(stack: &[Frame]) -> Option<&Frame> {
    stack.iter().find(|f| !f.is_std()).or_else(|| stack.first())
}

/// A stretch of a schedule in which one goroutine ran.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Step {
    pub goroutine: u64,
    /// How it ended, in lower case: `waits in chan receive`, `stops before it locks`, `ends`.
    pub what: String,
    /// Where, in the program's own source.
    pub place: Option<Frame>,
}

/// Somebody who could run was held up, as on a machine that is busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stall {
    /// Go's number of the goroutine; 0 for what comes from outside.
    pub goroutine: u64,
    /// Of the program's time.
    pub microseconds: u64,
}

impl Stall {
    /// How long it lasts: `9 ms`, `1.5 ms`, `200 µs`, `2 s`.
    pub fn time(self) -> String {
        let (unit, name) = match self.microseconds {
            n if n >= 1_000_000 => (1_000_000, "s"),
            n if n >= 1000 => (1000, "ms"),
            _ => (1, "µs"),
        };
        let (whole, rest) = (self.microseconds / unit, self.microseconds % unit);
        let digits = format!("{rest:0>width$}", width = unit.ilog10() as usize);
        match digits.trim_end_matches('0') {
            "" => format!("{whole} {name}"),
            digits => format!("{whole}.{digits} {name}"),
        }
    }
}

/// One step happens before another one of another goroutine.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Edge {
    /// Places in the list of steps.
    pub from: usize,
    pub to: usize,
    /// Why: `starts` or `synchronises`.
    pub what: String,
}

/// A test function.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Test {
    /// The import path of its package.
    pub package: String,
    pub name: String,
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
    /// The token of the shortest schedule that showed it; empty where none was made.
    #[serde(default)]
    pub schedule: String,
    /// What that schedule does up to the finding.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// How many steps were before these.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u64,
    /// Who was held up in that schedule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stalls: Vec<Stall>,
    /// Which of these steps happen before which.
    #[serde(default)]
    pub edges: Vec<Edge>,
    /// The command that runs it again; empty where it is not known.
    #[serde(default)]
    pub replay: String,
    /// How it can be mended, in a sentence without a full stop; empty where nothing can be said.
    #[serde(default)]
    pub advice: String,
    /// How sure a prediction is, in a sentence without a full stop; empty for what has happened.
    #[serde(default)]
    pub note: String,
    /// The test that was explored, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<Test>,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Finding {
    /// A finding that a run with a seed has shown.
    pub fn new(rule: &str, headline: String, events: Vec<Event>, seed: u64) -> Finding {
        Finding {
            rule: rule.to_string(),
            severity: Severity::Error,
            headline,
            events,
            address: 0,
            variable: None,
            seed,
            schedule: String::new(),
            steps: Vec::new(),
            left_out: 0,
            stalls: Vec::new(),
            edges: Vec::new(),
            replay: String::new(),
            advice: String::new(),
            note: String::new(),
            test: None,
        }
    }

    /// What makes two findings the same: the rule and the places in the program's own source. Which goroutines they are,
    /// who came first, and how far inside the standard library it happened make no difference.
    pub fn key(&self) -> String {
        format!("{} {}", self.rule, self.places().into_iter().collect::<Vec<_>>().join(" "))
    }

    /// A small number that a token can carry to name this one among the predictions of a schedule. Folders make no difference.
    pub fn mark(&self) -> u16 {
        let name = |place: &str| place.rsplit('/').next().unwrap_or(place).to_string();
        let text: Vec<String> = self.places().iter().map(|place| name(place)).collect();
        // FNV-1a (Fowler, Noll, Vo), folded.
        let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        let hash = text.join(" ").bytes().fold(0x811c_9dc5, step);
        (hash >> 16 ^ hash) as u16
    }

    /// The places of its events in the program's own source.
    pub fn places(&self) -> BTreeSet<String> {
        let place =
            |e: &Event| e.user_frame().map_or_else(String::new, |f| format!("{}:{}:{}", f.file, f.line, f.column));
        self.events.iter().map(place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_the_largest_unit() {
        let time = |microseconds| Stall { goroutine: 1, microseconds }.time();
        assert_eq!(
            [9000, 1500, 1050, 200, 0, 2_000_000].map(time),
            ["9 ms", "1.5 ms", "1.05 ms", "200 µs", "0 µs", "2 s"]
        );
    }

    fn frame(function: &str, file: &str, line: u32) -> Frame {
        Frame { function: function.to_string(), file: file.to_string(), line, column: 2, offset: 0 }
    }

    fn event(goroutine: u64, stack: Vec<Frame>) -> Event {
        Event { what: "write".to_string(), goroutine, stack, ..Event::default() }
    }

    fn finding(events: Vec<Event>) -> Finding {
        Finding::new("data-race", String::new(), events, 1)
    }

    #[test]
    fn the_standard_library_is_known_by_folder_and_name() {
        assert!(frame("strings.(*Builder).copyCheck", "/sdk/src/strings/builder.go", 33).is_std());
        assert!(frame("net/http.(*Server).Serve", "/sdk/src/net/http/server.go", 1).is_std());
        assert!(!frame("main.main", "/home/u/src/strings/main.go", 1).is_std());
        assert!(!frame("strings.Join", "/home/u/strings/join.go", 1).is_std());
        assert!(!frame("example.com/a.F", "/home/u/go/src/example.com/a/f.go", 1).is_std());
    }

    #[test]
    fn findings_are_equal_by_the_places_in_the_program() {
        let inside = |line| frame("strings.(*Builder).WriteString", "/sdk/src/strings/builder.go", line);
        let user = frame("main.main", "/home/u/main.go", 7);
        let other = frame("main.main", "/home/u/main.go", 9);
        let first = finding(vec![event(4, vec![inside(3), user.clone()]), event(5, vec![other.clone()])]);
        let second = finding(vec![event(9, vec![other]), event(1, vec![inside(8), user.clone()])]);
        assert_eq!(first.key(), second.key());
        assert_ne!(first.key(), finding(vec![event(4, vec![user])]).key());
    }
}
