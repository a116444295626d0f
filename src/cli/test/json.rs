//! The events of `-json`, as `go tool test2json` documents them.
//!
//! With `-test.v=test2json` a test program marks its own lines: ^V before what the framework says, ^O and ^N around what
//! a test reports as wrong, an escape before such a byte in a test's own output. A line is taken apart into an event (a
//! test starts, pauses, goes on) and its text; results of tests are held back until it is clear that no more of their
//! output follows, so subtests' results come before their parents'.

use serde::Serialize;
use std::io::{self, Write};
use std::time::Instant;

const FRAME: u8 = 0x16;
const ERROR_BEGIN: u8 = 0x0f;
const ERROR_END: u8 = 0x0e;
const ESCAPE: u8 = 0x1b;

/// A line longer than this is given in parts.
const LONGEST_LINE: usize = 4096;

const UPDATES: [&str; 9] = ["RUN", "PAUSE", "CONT", "NAME", "PASS", "FAIL", "SKIP", "ATTR", "ARTIFACTS"];
const REPORTS: [&str; 4] = ["PASS", "FAIL", "SKIP", "BENCH"];

/// One line of the output. Fields that are empty are left out.
#[derive(Debug, Default, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    #[serde(skip_serializing_if = "String::is_empty")]
    time: String,
    action: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    package: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    test: String,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    #[serde(skip_serializing_if = "str::is_empty")]
    output_type: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    failed_build: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    key: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    value: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    path: String,
}

/// An event of the build of a package that failed.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BuildEvent<'e> {
    import_path: &'e str,
    action: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
}

/// The lines for a build that failed with this text.
pub fn failed_build(package: &str, text: &str) -> String {
    let output = text.lines().map(|l| Some(format!("{l}\n")));
    let events = output.map(|output| ("build-output", output)).chain([("build-fail", None)]);
    events
        .filter_map(|(action, output)| serde_json::to_string(&BuildEvent { import_path: package, action, output }).ok())
        .map(|line| line + "\n")
        .collect()
}

/// Turns what one package's test program prints into events.
pub struct Converter {
    package: String,
    start: Instant,
    /// The test whose output this is.
    test: String,
    /// Results held back, outermost first.
    reports: Vec<Event>,
    /// A line that has not ended.
    line: Vec<u8>,
    /// The start of the line is out already.
    in_long_line: bool,
    /// Only marked lines count as the framework's.
    marked: bool,
    in_error: bool,
    escaped: bool,
    skipped: bool,
    out: Box<dyn FnMut(&str) + Send>,
}

impl Converter {
    /// To standard output, beginning with the package's start.
    pub fn new(package: &str) -> Converter {
        Converter::with(
            package,
            Box::new(|line| {
                // A reader that has gone away is no reason to stop.
                let _ = io::stdout().lock().write_all(line.as_bytes());
            }),
        )
    }

    fn with(package: &str, out: Box<dyn FnMut(&str) + Send>) -> Converter {
        let mut converter = Converter {
            package: package.to_string(),
            start: Instant::now(),
            test: String::new(),
            reports: Vec::new(),
            line: Vec::new(),
            in_long_line: false,
            marked: false,
            in_error: false,
            escaped: false,
            skipped: false,
            out,
        };
        converter.event(Event { action: "start".to_string(), ..Event::default() });
        converter
    }

    /// Takes output in pieces of any size.
    pub fn write(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|&b| b == b'\n') {
            self.line.extend_from_slice(piece);
            let whole = piece.ends_with(b"\n");
            if whole || self.line.len() >= LONGEST_LINE {
                let line = std::mem::take(&mut self.line);
                if self.in_long_line || !whole {
                    self.text(&line, "");
                } else {
                    self.whole_line(&line);
                }
                self.in_long_line = !whole;
            }
        }
    }

    /// The end: what is left, and the package's result.
    pub fn close(mut self, passed: bool, failed_build: Option<String>) {
        let rest = std::mem::take(&mut self.line);
        if self.in_long_line {
            self.text(&rest, "");
        } else {
            self.whole_line(&rest);
        }
        self.flush_reports(0);
        let action = if !passed {
            "fail"
        } else if self.skipped {
            "skip"
        } else {
            "pass"
        };
        let elapsed = Some((self.start.elapsed().as_secs_f64() * 1000.0).round() / 1000.0);
        self.event(Event {
            action: action.to_string(),
            elapsed,
            failed_build: failed_build.unwrap_or_default(),
            ..Event::default()
        });
    }

    fn event(&mut self, mut event: Event) {
        event.time = chrono::Local::now().to_rfc3339_opts(chrono::SecondsFormat::Nanos, true);
        event.package.clone_from(&self.package);
        if event.test.is_empty() {
            event.test.clone_from(&self.test);
        }
        if let Ok(line) = serde_json::to_string(&event) {
            (self.out)(&(line + "\n"));
        }
    }

    fn output(&mut self, bytes: &[u8], output_type: &'static str) {
        if !bytes.is_empty() {
            let output = Some(String::from_utf8_lossy(bytes).into_owned());
            self.event(Event { action: "output".to_string(), output, output_type, ..Event::default() });
        }
    }

    /// Writes text, its errors as events of their own.
    fn text(&mut self, bytes: &[u8], frame: &'static str) {
        let mut kind = if self.in_error { "error-continue" } else { frame };
        let mut part = Vec::new();
        let mut rest = bytes.iter().copied().peekable();
        while let Some(byte) = rest.next() {
            match byte {
                _ if self.escaped => {
                    self.escaped = false;
                    part.push(byte);
                }
                ESCAPE => self.escaped = true,
                ERROR_BEGIN => {
                    self.output(&std::mem::take(&mut part), kind);
                    self.in_error = true;
                    kind = "error";
                }
                ERROR_END => {
                    part.extend(rest.next_if_eq(&b'\n'));
                    self.output(&std::mem::take(&mut part), kind);
                    self.in_error = false;
                    kind = "";
                }
                byte => part.push(byte),
            }
        }
        self.output(&part, kind);
    }

    fn whole_line(&mut self, line: &[u8]) {
        let (marked, line) = match line.strip_prefix(&[FRAME]) {
            Some(line) => (true, line),
            None => (false, line),
        };
        if line.is_empty() {
            return;
        }
        if self.marked && !marked {
            return self.text(line, "");
        }
        let shown = String::from_utf8_lossy(line).into_owned();
        let trimmed = shown.trim_end_matches('\n').trim_end_matches('\r');
        if trimmed == "PASS" || trimmed == "FAIL" || trimmed.starts_with("FAIL\t") {
            self.flush_reports(0);
            self.marked = marked;
            return self.text(line, "frame");
        }
        if trimmed.starts_with("?   \t") && trimmed.ends_with("\t[no test files]") && self.reports.is_empty() {
            self.skipped = true;
        }
        if let Some((action, rest)) = update(trimmed) {
            self.marked = marked;
            return self.update(&action, rest, line);
        }
        let inner = trimmed.trim_start_matches("    ");
        let indent = (trimmed.len() - inner.len()) / 4;
        match report(inner) {
            Some((action, rest)) if indent <= self.reports.len() => {
                self.marked = marked;
                self.flush_reports(indent);
                let (name, elapsed) = name_and_time(rest);
                self.test = name.to_string();
                self.reports.push(Event { action, test: name.to_string(), elapsed, ..Event::default() });
                self.text(line, "frame");
            }
            Some(_) => self.text(line, ""),
            None => {
                // Output that is indented as that of a subtest whose result was seen belongs to it.
                if let Some(report) = indent.checked_sub(1).and_then(|i| self.reports.get(i)) {
                    self.test.clone_from(&report.test);
                }
                self.text(line, "");
            }
        }
    }

    /// A test starts, pauses, goes on.
    fn update(&mut self, action: &str, rest: &str, line: &[u8]) {
        self.flush_reports(0);
        let (name, more) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
        self.test = name.to_string();
        let mut event = Event { action: action.to_string(), ..Event::default() };
        match action {
            // It only says whose output follows.
            "name" => return,
            "attr" => {
                let (key, value) = more.split_once(' ').unwrap_or((more, ""));
                event.key = key.to_string();
                event.value = value.to_string();
            }
            "artifacts" => event.path = more.to_string(),
            _ => {}
        }
        if action == "pause" {
            self.text(line, "frame");
            self.event(event);
        } else {
            self.event(event);
            self.text(line, "frame");
        }
    }

    /// Gives out the results held back at this depth or deeper.
    fn flush_reports(&mut self, depth: usize) {
        self.test.clear();
        while self.reports.len() > depth {
            if let Some(event) = self.reports.pop() {
                self.event(event);
            }
        }
    }
}

/// `=== RUN   Name`.
fn update(line: &str) -> Option<(String, &str)> {
    let rest = line.strip_prefix("=== ")?;
    let word =
        UPDATES.iter().find(|word| rest.strip_prefix(**word).is_some_and(|r| r.is_empty() || r.starts_with(' ')))?;
    Some((word.to_ascii_lowercase(), &rest[word.len()..]))
}

/// `--- PASS: Name (0.00s)`.
fn report(line: &str) -> Option<(String, &str)> {
    let rest = line.strip_prefix("--- ")?;
    let word = REPORTS.iter().find(|word| rest.strip_prefix(**word).is_some_and(|r| r.starts_with(": ")))?;
    Some((word.to_ascii_lowercase(), &rest[word.len() + 2..]))
}

fn name_and_time(text: &str) -> (&str, Option<f64>) {
    match text.split_once(" (") {
        Some((name, time)) => (name, time.strip_suffix("s)").and_then(|t| t.parse().ok())),
        None => (text.trim(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// The events without times: action, test, output type, output.
    fn events(text: &str, passed: bool) -> Vec<String> {
        let lines = Arc::new(Mutex::new(String::new()));
        let to = lines.clone();
        let mut converter = Converter::with("p", Box::new(move |l| to.lock().unwrap().push_str(l)));
        // Pieces must not matter.
        text.as_bytes().chunks(7).for_each(|piece| converter.write(piece));
        converter.close(passed, None);
        let lines = lines.lock().unwrap().clone();
        lines
            .lines()
            .map(|line| {
                let event: serde_json::Value = serde_json::from_str(line).unwrap();
                let text = |key: &str| event[key].as_str().unwrap_or("").to_string();
                assert_eq!(text("Package"), "p");
                [text("Action"), text("Test"), text("OutputType"), text("Output")].join("|")
            })
            .collect()
    }

    #[test]
    fn a_subtest_is_reported_before_its_parent() {
        let text = "\u{16}=== RUN   TestA\n\u{16}=== RUN   TestA/b\n\u{f}    a_test.go:3: no\u{e}\n\u{16}--- FAIL: TestA (0.25s)\n\
                    \u{16}    --- FAIL: TestA/b (0.00s)\n\u{16}FAIL\n";
        let wanted = [
            "start|||",
            "run|TestA||",
            "output|TestA|frame|=== RUN   TestA\n",
            "run|TestA/b||",
            "output|TestA/b|frame|=== RUN   TestA/b\n",
            "output|TestA/b|error|    a_test.go:3: no\n",
            "output|TestA|frame|--- FAIL: TestA (0.25s)\n",
            "output|TestA/b|frame|    --- FAIL: TestA/b (0.00s)\n",
            "fail|TestA/b||",
            "fail|TestA||",
            "output||frame|FAIL\n",
            "fail|||",
        ];
        assert_eq!(events(text, false), wanted);
    }

    #[test]
    fn what_a_test_prints_is_not_taken_for_the_framework() {
        let text = "\u{16}=== RUN   TestA\n=== RUN   Fake\n\u{1b}\u{16}x\n\u{16}--- PASS: TestA (0.00s)\n\u{16}PASS\n";
        let events = events(text, true);
        assert!(events.contains(&"output|TestA||=== RUN   Fake\n".to_string()), "{events:?}");
        assert!(events.contains(&"output|TestA||\u{16}x\n".to_string()), "{events:?}");
        assert_eq!(events.last().map(String::as_str), Some("pass|||"));
    }

    #[test]
    fn a_package_without_tests_is_skipped() {
        assert_eq!(
            events("?   \tp\t[no test files]\n", true),
            ["start|||", "output|||?   \tp\t[no test files]\n", "skip|||"]
        );
    }

    #[test]
    fn long_lines_come_in_parts() {
        let text = format!("{}\n", "x".repeat(LONGEST_LINE + 10));
        let outputs = events(&text, true).into_iter().filter(|e| e.starts_with("output")).count();
        assert!(outputs > 1);
    }

    #[test]
    fn a_failed_build_has_events() {
        let text = failed_build("p", "# p\nx.go:1:1: no\n");
        assert_eq!(text.lines().count(), 3);
        assert!(text.ends_with("{\"ImportPath\":\"p\",\"Action\":\"build-fail\"}\n"), "{text}");
    }
}
