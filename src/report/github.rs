//! Workflow commands of GitHub Actions: each finding is an annotation at its first place, its other places are in its words.

use crate::place::{shown, shown_path, who};
use crate::rules;
use gorace_base::finding::{Finding, Severity, user_frame};
use std::fmt::Write;

pub fn finding(f: &Finding) -> String {
    let level = match f.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut words = f.headline.clone();
    for event in &f.events {
        if let Some(frame) = event.user_frame() {
            let _ = write!(words, "\n{}: {}, {}", shown(frame), event.what, who(event.goroutine));
        }
        if let Some(created) = user_frame(&event.created) {
            let _ = write!(words, "\n  {} was started at {}", who(event.goroutine), shown(created));
        }
    }
    if !f.note.is_empty() {
        let _ = write!(words, "\n{}", f.note);
    }
    if let Some(test) = &f.test {
        let _ = write!(words, "\nin {} of {}", test.name, test.package);
    }
    if !f.replay.is_empty() {
        let _ = write!(words, "\n`{}` shows it again", f.replay);
    }
    let title = rules::find(&f.rule).map_or_else(|| f.rule.clone(), |rule| format!("{} ({})", rule.id, rule.code));
    let mut place = String::new();
    if let Some(frame) = f.events.first().and_then(|e| e.user_frame()) {
        let (line, column) = (frame.line, frame.column.max(1));
        place = format!("file={},line={line},col={column},", property(&shown_path(&frame.file)));
    }
    format!("::{level} {place}title={}::{}\n", property(&title), data(&words))
}

/// A warning without a place: some schedules were not seen through.
pub fn unseen(words: &str) -> String {
    format!("::warning title=not seen through::{}\n", data(words))
}

/// What follows the second pair of colons.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property's value, which colons and commas end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::race;

    #[test]
    fn what_means_something_to_the_reader_is_escaped() {
        let mut f = race("a,b:c.go", 3, 0);
        f.headline = "100 % of\nit".to_string();
        let line = finding(&f);
        assert!(
            line.starts_with("::error file=a%2Cb%3Ac.go,line=3,col=1,title=data-race (GR001)::100 %25 of%0Ait%0A"),
            "{line}"
        );
        assert_eq!(line.matches('\n').count(), 1);
    }
}
