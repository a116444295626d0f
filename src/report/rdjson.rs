//! The Reviewdog Diagnostic Format, as one document (`rdjson`).

use crate::place::{relative, shown, who};
use crate::rules;
use gorace_base::finding::{Finding, Frame, Severity};
use serde_json::{Value, json};
use std::fmt::Write;

pub fn document(findings: &[Finding], unseen: &[String]) -> String {
    let remark = |words: &String| json!({ "message": format!("not seen through: {words}"), "severity": "WARNING" });
    let diagnostics: Vec<Value> = findings.iter().map(diagnostic).chain(unseen.iter().map(remark)).collect();
    let document = json!({ "source": { "name": "gorace" }, "diagnostics": diagnostics });
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn diagnostic(f: &Finding) -> Value {
    let severity = match f.severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
    };
    let mut words = f.headline.clone();
    let mut related = Vec::new();
    for event in f.events.iter().skip(1) {
        let Some(frame) = event.user_frame() else { continue };
        let what = format!("{}, {}", event.what, who(event.goroutine));
        let _ = write!(words, "\n{}: {what}", shown(frame));
        related.push(json!({ "message": what, "location": location(frame) }));
    }
    if !f.note.is_empty() {
        let _ = write!(words, "\n{}", f.note);
    }
    if let Some(test) = &f.test {
        let _ = write!(words, "\nin {} of {}", test.name, test.package);
    }
    let mut value = json!({
        "message": words,
        "severity": severity,
        "source": { "name": "gorace" },
        "code": { "value": rules::find(&f.rule).map_or(f.rule.as_str(), |rule| rule.id) },
        "related_locations": related,
    });
    if let Some(frame) = f.events.first().and_then(|e| e.user_frame()) {
        value["location"] = location(frame);
    }
    value
}

fn location(frame: &Frame) -> Value {
    let (_, path) = relative(frame);
    json!({ "path": path, "range": { "start": { "line": frame.line.max(1), "column": frame.column.max(1) } } })
}
