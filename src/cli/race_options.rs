//! The variable GORACE, as Go's race detector documents it: `GORACE="option=value option=value"`.
//!
//! | option | meaning |
//! |---|---|
//! | `log_path` | reports go to the file `log_path.PID`; `stdout` and `stderr` are these streams (the default: `stderr`) |
//! | `exitcode` | the status of a program that raced (66) |
//! | `strip_path_prefix` | reported file names are shown from behind the first place where they have this text |
//! | `halt_on_error` | 1: the program ends with its first report |
//! | `atexit_sleep_ms` | how much later than the program's end what other goroutines do still counts (1000). Nobody waits for that: timers fire early, and it takes a tenth of a second at most |
//! | `history_size` | accepted; gorace's history has no end |
//! | `threads` | ours: how many threads run Go code side by side |

use crate::note;
use gorace_base::exit;
use gorace_base::finding::Finding;
use std::borrow::Cow;
use std::fs::File;
use std::io::Write;
use std::time::Duration;

/// What GORACE asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RaceOptions {
    pub exit_code: i32,
    pub halt_on_error: bool,
    pub threads: Option<u16>,
    /// `atexit_sleep_ms`
    pub linger: Duration,
    log: Log,
    strip: String,
}

/// Where reports go.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Log {
    Stderr,
    Stdout,
    File(String),
}

impl RaceOptions {
    /// The options of this process.
    pub fn of_environment() -> RaceOptions {
        RaceOptions::parse(&std::env::var("GORACE").unwrap_or_default())
    }

    /// Options separated by spaces; of one that stands twice the last counts, what is not understood does not.
    fn parse(text: &str) -> RaceOptions {
        let mut options = RaceOptions {
            exit_code: i32::from(exit::RACE),
            halt_on_error: false,
            threads: None,
            linger: Duration::from_secs(1),
            log: Log::Stderr,
            strip: String::new(),
        };
        for (key, value) in text.split_whitespace().filter_map(|word| word.split_once('=')) {
            match key {
                "exitcode" => options.exit_code = value.parse().unwrap_or(options.exit_code),
                "atexit_sleep_ms" => options.linger = value.parse().map_or(options.linger, Duration::from_millis),
                "halt_on_error" => options.halt_on_error = matches!(value, "1" | "true" | "yes"),
                "threads" => options.threads = value.parse().ok().filter(|&n| n > 0),
                "strip_path_prefix" => options.strip = value.to_string(),
                "log_path" => {
                    options.log = match value {
                        "stderr" => Log::Stderr,
                        "stdout" => Log::Stdout,
                        path => Log::File(path.to_string()),
                    }
                }
                _ => {}
            }
        }
        options
    }

    /// Opens where reports go. A file that cannot be had is said once, and standard error stands in for it.
    pub fn open(&self) -> Writer {
        let file = match &self.log {
            Log::File(path) => {
                let path = format!("{path}.{}", std::process::id());
                File::create(&path).map_err(|e| note(&format!("gorace: GORACE=log_path: {path}: {e}"))).ok()
            }
            _ => None,
        };
        Writer { file, stdout: self.log == Log::Stdout }
    }

    /// A finding with the file names that `strip_path_prefix` leaves.
    pub fn stripped<'f>(&self, finding: &'f Finding) -> Cow<'f, Finding> {
        if self.strip.is_empty() {
            return Cow::Borrowed(finding);
        }
        let mut finding = finding.clone();
        let frames = finding.events.iter_mut().flat_map(|e| {
            let hidden = e.hidden.iter_mut().map(|h| &mut h.frame);
            e.stack.iter_mut().chain(hidden).chain(&mut e.created)
        });
        for frame in frames {
            if let Some((_, rest)) = frame.file.split_once(&self.strip) {
                frame.file = rest.to_string();
            }
        }
        Cow::Owned(finding)
    }
}

/// Where reports go, opened.
#[derive(Debug)]
pub struct Writer {
    file: Option<File>,
    stdout: bool,
}

impl Writer {
    /// Writes a line, or several. What cannot be written is lost, not the run.
    pub fn line(&mut self, text: &str) {
        let _ = match (&mut self.file, self.stdout) {
            (Some(file), _) => writeln!(file, "{text}"),
            (None, true) => writeln!(std::io::stdout(), "{text}"),
            (None, false) => writeln!(std::io::stderr(), "{text}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gorace_base::finding::{Event, Frame, Hidden};

    #[test]
    fn options_are_words_with_values() {
        let options =
            RaceOptions::parse("atexit_sleep_ms=0 exitcode=13  halt_on_error=1 threads=4 log_path=/tmp/a=b nonsense");
        assert_eq!((options.exit_code, options.halt_on_error, options.threads), (13, true, Some(4)));
        assert_eq!(options.log, Log::File("/tmp/a=b".to_string()));
        let default = RaceOptions::parse("");
        assert_eq!((default.exit_code, default.halt_on_error, default.threads), (66, false, None));
        assert_eq!(RaceOptions::parse("exitcode=x threads=0"), default);
    }

    #[test]
    fn the_prefix_is_cut_off_wherever_it_stands() {
        let frame = |file: &str| Frame { function: "f".into(), file: file.into(), line: 1, column: 0, offset: 0 };
        let hidden = vec![Hidden { before: 0, frame: frame("/a/main.s") }];
        let event = Event { stack: vec![frame("/a/main.go"), frame("/b/c.go")], hidden, ..Event::default() };
        let finding = Finding::new("data-race", String::new(), vec![event], 1);
        let options = RaceOptions::parse("strip_path_prefix=/main.");
        let stripped = options.stripped(&finding);
        assert_eq!(stripped.events[0].stack[0].file, "go");
        assert_eq!(stripped.events[0].stack[1].file, "/b/c.go");
        assert_eq!(stripped.events[0].hidden[0].frame.file, "s");
    }
}
