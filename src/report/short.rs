//! One line a finding, for editors' problem matchers: `FILE:LINE:COL: error: message [rule]`; related places as notes.

use crate::shown_path;
use gorace_base::finding::{Finding, Severity};
use std::fmt::Write;

pub fn finding(f: &Finding) -> String {
    let mut out = String::new();
    for (i, event) in f.events.iter().enumerate() {
        let Some(frame) = event.user_frame() else { continue };
        let place = format!("{}:{}:{}", shown_path(&frame.file), frame.line, frame.column.max(1));
        let level = match (i, f.severity) {
            (0, Severity::Error) => "error",
            (0, Severity::Warning) => "warning",
            _ => "note",
        };
        let test = f.test.as_ref().map_or_else(String::new, |test| format!(" in {}", test.name));
        let text = if i == 0 { format!("{}{test} [{}]", f.headline, f.rule) } else { format!("{} here", event.what) };
        let _ = writeln!(out, "{place}: {level}: {text}");
    }
    if out.is_empty() {
        let _ = writeln!(out, "error: {} [{}]", f.headline, f.rule);
    }
    out
}
