//! One page that holds everything: the goroutines as lanes on a time line, the edges between them, the wait-for graph, the source.
//!
//! The findings stand in it as JSON with the lines of source that they mention; the script draws them. Nothing is fetched. Who
//! has no scripts sees the text report.

use crate::notes::notes;
use crate::place::{Base, relative};
use crate::{Read, rules, text};
use gorace_base::finding::{Event, Finding, Frame, Held, Severity, user_frame};
use gorace_base::visible;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// Lines shown around one that a finding mentions.
const AROUND: u32 = 4;

pub fn document(findings: &[Finding], unseen: &[String], read: Read<'_>) -> String {
    let mut sources = Sources { read, files: BTreeMap::new() };
    let shown: Vec<Value> = findings.iter().map(|f| finding(f, &mut sources)).collect();
    let files: Map<String, Value> = sources
        .files
        .into_iter()
        .map(|(path, file)| {
            let lines: Map<String, Value> =
                file.needed.into_iter().map(|(line, text)| (line.to_string(), text.into())).collect();
            (path, lines.into())
        })
        .collect();
    let data = json!({ "version": env!("CARGO_PKG_VERSION"), "findings": shown, "sources": files });
    // Inside of a script element nothing is escaped: its end must not stand in it.
    let data = data.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    let plain: String = findings.iter().map(|f| text::finding(f, read, None)).collect();
    let title = match findings.len() {
        1 => "1 finding".to_string(),
        n => format!("{n} findings"),
    };
    let remark = |words: &String| format!("<p role=\"alert\">Not seen through: {}</p>\n", escaped(words));
    let remarks: String = unseen.iter().map(remark).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>gorace: {title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         {remarks}<div id=\"app\"></div>\n<noscript><pre>{}</pre></noscript>\n\
         <script type=\"application/json\" id=\"data\">{data}</script>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        escaped(&plain)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn finding(f: &Finding, sources: &mut Sources<'_>) -> Value {
    let rule = rules::find(&f.rule);
    let severity = match f.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    json!({
        "rule": f.rule,
        "code": rule.map_or("", |r| r.code),
        "about": rule.map_or("", |r| r.summary),
        "mend": if f.advice.is_empty() { rule.map_or("", |r| r.mend) } else { &f.advice },
        "note": notes(f).join("; "),
        "severity": severity,
        "headline": f.headline,
        "seed": f.seed,
        "test": f.test.as_ref().map_or_else(String::new, |test| format!("{} of {}", test.name, test.package)),
        "replay": f.replay,
        "events": f.events.iter().map(|e| event(e, sources)).collect::<Vec<_>>(),
        "edges": f.edges,
        "steps": f.steps.iter().map(|s| json!({
            "goroutine": s.goroutine,
            "what": s.what,
            "place": s.place.as_ref().map(|frame| sources.frame(frame)),
        })).collect::<Vec<_>>(),
    })
}

fn event(e: &Event, sources: &mut Sources<'_>) -> Value {
    json!({
        "what": e.what,
        "goroutine": e.goroutine,
        "finished": e.finished,
        "step": e.step,
        "expression": e.object.as_ref().map_or("", |o| &o.expression),
        "held": e.held.iter().flatten().map(|lock| held(lock, sources)).collect::<Vec<_>>(),
        "holders": e.holders.iter().map(|lock| held(lock, sources)).collect::<Vec<_>>(),
        "place": e.user_frame().map(|f| sources.frame(f)),
        "stack": e.stack.iter().map(|f| sources.frame(f)).collect::<Vec<_>>(),
        "created": e.created.iter().map(|f| sources.frame(f)).collect::<Vec<_>>(),
    })
}

fn held(lock: &Held, sources: &mut Sources<'_>) -> Value {
    json!({
        "expression": lock.expression,
        "goroutine": lock.goroutine,
        "shared": lock.shared,
        "place": user_frame(&lock.stack).map(|f| sources.frame(f)),
    })
}

struct Sources<'r> {
    read: Read<'r>,
    files: BTreeMap<String, File>,
}

struct File {
    text: Option<Vec<String>>,
    /// The lines that the page shows.
    needed: BTreeMap<u32, String>,
}

impl Sources<'_> {
    /// A frame for the page; the lines around it are kept.
    fn frame(&mut self, frame: &Frame) -> Value {
        let (base, path) = relative(frame);
        let path = if base == Base::Sdk { format!("$GOROOT/{path}") } else { path };
        if !frame.is_std() {
            let read = self.read;
            let file = self.files.entry(path.clone()).or_insert_with(|| File {
                text: read(&frame.file)
                    .map(|text| text.lines().map(|line| visible::source(line).into_owned()).collect()),
                needed: BTreeMap::new(),
            });
            for line in frame.line.saturating_sub(AROUND).max(1)..=frame.line + AROUND {
                if let Some(text) = file.text.as_ref().and_then(|lines| lines.get(line as usize - 1)) {
                    file.needed.insert(line, text.clone());
                }
            }
        }
        json!({ "function": frame.function, "file": path, "line": frame.line, "column": frame.column, "std": frame.is_std() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::race;

    #[test]
    fn nothing_in_a_program_ends_the_script() {
        let mut f = race("main.go", 2, 1);
        f.headline = "</script><b>".to_string();
        let page = document(&[f], &[], &|_| Some("package main\nvar s = \"</script>\"\n".to_string()));
        assert_eq!(page.matches("</script>").count(), 2, "{page}");
        assert!(page.contains("&lt;/script&gt;&lt;b&gt;") && page.contains("\\u003c/script>"));
        assert!(!page.contains("http://") || !page.contains("src=\"http"));
    }
}
