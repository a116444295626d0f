//! Renderers: one a file; they see only findings, and the rules that these name.

pub mod fingerprint;
mod github;
mod go;
mod html;
pub mod json;
mod notes;
pub mod place;
mod rdjson;
pub mod rules;
mod sarif;
mod short;
mod text;

pub(crate) use place::shown_path;

use gorace_base::finding::Finding;
use gorace_base::visible;
use serde_json::Value;
use std::borrow::Cow;

/// Gives a file's text, if there is one.
pub type Read<'r> = &'r dyn Fn(&str) -> Option<String>;

/// Turns colours on or off; without this the terminal and the environment decide.
pub fn set_colour(on: bool) {
    colored::control::set_override(on);
}

/// How to render.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Go,
    Short,
    Json,
    Sarif,
    Github,
    Rdjson,
    Html,
}

impl Format {
    /// All of them, with the names that the command line gives them.
    pub const ALL: &'static [(&'static str, Format)] = &[
        ("text", Format::Text),
        ("go", Format::Go),
        ("short", Format::Short),
        ("json", Format::Json),
        ("sarif", Format::Sarif),
        ("github", Format::Github),
        ("rdjson", Format::Rdjson),
        ("html", Format::Html),
    ];

    /// The format of a name.
    pub fn named(name: &str) -> Option<Format> {
        Format::ALL.iter().find(|(known, _)| *known == name).map(|(_, format)| *format)
    }

    /// Whether a report is just its findings' reports, one after the other; otherwise it is one document.
    pub fn streams(self) -> bool {
        match self {
            Format::Text | Format::Go | Format::Short | Format::Json | Format::Github => true,
            Format::Sarif | Format::Rdjson | Format::Html => false,
        }
    }
}

/// The text of a finding for a terminal of some columns.
pub fn text_for_terminal(finding: &Finding, read: Read<'_>, width: usize) -> String {
    text::finding(&shown(finding), read, Some(width))
}

/// A finding whose texts are as they may be shown: whatever names, panics and labels hold is in the line where it belongs.
fn shown(finding: &Finding) -> Cow<'_, Finding> {
    fn show(value: &mut Value, changed: &mut bool) {
        match value {
            Value::String(text) => {
                if let Cow::Owned(spelled) = visible::part(text) {
                    (*text, *changed) = (spelled, true);
                }
            }
            Value::Array(all) => all.iter_mut().for_each(|v| show(v, changed)),
            Value::Object(all) => all.values_mut().for_each(|v| show(v, changed)),
            _ => {}
        }
    }
    let mut changed = false;
    let Ok(mut value) = serde_json::to_value(finding) else { return Cow::Borrowed(finding) };
    show(&mut value, &mut changed);
    match serde_json::from_value(value) {
        Ok(finding) if changed => Cow::Owned(finding),
        _ => Cow::Borrowed(finding),
    }
}

/// Renders findings in a format. The same findings give the same bytes.
pub fn render(format: Format, findings: &[Finding], read: Read<'_>) -> String {
    render_with(format, findings, &[], read)
}

/// `render`, with what is to be said of schedules that were not seen through.
pub fn render_with(format: Format, findings: &[Finding], unseen: &[String], read: Read<'_>) -> String {
    let mut text = documents(format, findings, unseen, read);
    text.push_str(&remarks(format, unseen));
    text
}

/// What stands behind the findings of a format that streams, about schedules that were not seen through.
pub fn remarks(format: Format, unseen: &[String]) -> String {
    let each = |line: &String| match format {
        Format::Json => json::unseen(line),
        Format::Github => github::unseen(line),
        Format::Text | Format::Go | Format::Short => format!("gorace: not seen through: {line}\n"),
        Format::Sarif | Format::Rdjson | Format::Html => String::new(),
    };
    unseen.iter().map(each).collect()
}

fn documents(format: Format, findings: &[Finding], unseen: &[String], read: Read<'_>) -> String {
    let findings: Vec<Finding> = findings.iter().map(|finding| shown(finding).into_owned()).collect();
    let findings = findings.as_slice();
    match format {
        Format::Text => findings.iter().map(|f| text::finding(f, read, None)).collect(),
        Format::Go => findings.iter().map(go::finding).collect(),
        Format::Short => findings.iter().map(short::finding).collect(),
        Format::Json => findings.iter().map(|f| json::finding(f, read)).collect(),
        Format::Sarif => sarif::document(findings, unseen, read),
        Format::Github => findings.iter().map(github::finding).collect(),
        Format::Rdjson => rdjson::document(findings, unseen),
        Format::Html => html::document(findings, unseen, read),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gorace_base::finding::{Event, Frame};

    /// A race of one place with itself.
    pub(crate) fn race(file: &str, line: u32, column: u32) -> Finding {
        let frame = Frame { function: "main.main".to_string(), file: file.to_string(), line, column, offset: 0 };
        let event = |what: &str, goroutine| Event {
            what: what.to_string(),
            goroutine,
            stack: vec![frame.clone()],
            ..Event::default()
        };
        let headline = "write of x by goroutine 4 races with a write by goroutine 5".to_string();
        Finding::new("data-race", headline, vec![event("write", 4), event("previous write", 5)], 1)
    }

    #[test]
    fn formats_have_names() {
        for (name, format) in Format::ALL {
            assert_eq!(Format::named(name), Some(*format));
        }
        assert_eq!(Format::named("poem"), None);
    }

    #[test]
    fn every_format_shows_a_finding_without_source() {
        for (name, format) in Format::ALL {
            let text = render(*format, &[race("a.go", 3, 2)], &|_| None);
            assert!(text.contains("a.go") && text.contains("data-race") || *name == "go", "{name}: {text}");
        }
    }
}
