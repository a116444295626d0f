//! What is printed of each package, as `go test` prints it: the order and the buffering, the lines `ok`, `FAIL` and `?`.

use super::executable::{Ended, Launch, Output};
use super::flags::Arguments;
use super::json::{self, Converter};
use super::keep::Keep;
use super::{CompileError, TestProgram, failed_package, failed_step};
use crate::{note, say};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

const NO_TESTS: &str = "testing: warning: no tests to run\n";

/// What is printed, over all packages.
pub struct Results<'k> {
    /// Test programs that stay.
    keep: Option<&'k Keep>,
    /// Straight to standard output: no package was named, or benchmarks run.
    streams: bool,
    /// Shown while it runs.
    echoes: bool,
    json: bool,
    shows_passes: bool,
    /// Several could be meant, so the last line says whether one failed.
    closing_line: bool,
    fail_fast: bool,
    failed: AtomicBool,
    /// Output that waits for that of the packages before.
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    next: usize,
    outputs: BTreeMap<usize, Vec<u8>>,
}

/// Keeps what is written, and may show it as well.
struct Sink {
    kept: Vec<u8>,
    echo: bool,
    json: Option<Converter>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.kept.extend_from_slice(bytes);
        if let Some(json) = &mut self.json {
            json.write(bytes);
        } else if self.echo {
            let mut out = io::stdout().lock();
            // A reader that has gone away is no reason to stop.
            let _ = out.write_all(bytes).and_then(|()| out.flush());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'k> Results<'k> {
    pub fn new(a: &Arguments, packages: usize, keep: Option<&'k Keep>) -> Results<'k> {
        Results {
            keep,
            streams: (a.packages.is_empty() || a.bench.is_some()) && !a.json(),
            echoes: a.shows_passes() && (packages == 1 || a.one_at_a_time()),
            json: a.json(),
            shows_passes: a.shows_passes(),
            closing_line: !a.json() && !a.packages.is_empty(),
            fail_fast: a.fail_fast(),
            failed: AtomicBool::new(false),
            waiting: Mutex::default(),
        }
    }

    /// Runs one package's tests and prints what comes of it.
    pub fn package(&self, at: usize, program: TestProgram, launch: &Launch, goroot: &Path) {
        let echo = self.streams || self.echoes;
        let json = self.json.then(|| Converter::new(&program.package));
        let mut sink = Sink { kept: Vec::new(), echo, json };
        let passed = self.run(&program, launch, goroot, &mut sink);
        if !passed {
            self.failed.store(true, Ordering::Relaxed);
        }
        if let Some(json) = sink.json {
            let failed_build = program.image.err().as_ref().map(|e| failed_package(e).unwrap_or_default());
            json.close(passed, failed_build);
        }
        let text = if echo || self.json { Vec::new() } else { sink.kept };
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.outputs.insert(at, text);
        loop {
            let next = waiting.next;
            let Some(text) = waiting.outputs.remove(&next) else { break };
            waiting.next += 1;
            let mut out = io::stdout().lock();
            let _ = out.write_all(&text).and_then(|()| out.flush());
        }
    }

    /// Whether all passed.
    fn run(&self, program: &TestProgram, launch: &Launch, goroot: &Path, sink: &mut Sink) -> bool {
        let package = &program.package;
        let image = match &program.image {
            Ok(Some(image)) => image,
            Ok(None) => {
                line(sink, &format!("?   \t{package}\t[no test files]\n"));
                return true;
            }
            Err(error) => {
                self.build_failed(error);
                line(sink, &format!("FAIL\t{package} [{}]\n", failed_step(error)));
                return false;
            }
        };
        if let Some(keep) = self.keep {
            if let Err(error) = keep.write(image, package) {
                note(&error);
                line(sink, &format!("FAIL\t{package} [build failed]\n"));
                return false;
            }
            if !keep.runs {
                return true;
            }
        }
        if self.fail_fast && self.failed.load(Ordering::Relaxed) {
            return true;
        }
        let start = Instant::now();
        let output = if self.streams { Output::Own } else { Output::To(sink) };
        let ended = launch.run(image, package, &program.dir, goroot, output);
        let took = format!("{:.3}s", start.elapsed().as_secs_f64());
        match ended {
            Ok(Ended { status, warnings, .. }) if status.success() => {
                let text = std::mem::take(&mut sink.kept);
                if self.shows_passes || self.json {
                    sink.kept.clone_from(&text);
                }
                let nothing = text.starts_with(NO_TESTS.as_bytes())
                    || find(&text, format!("\n{NO_TESTS}").as_bytes())
                    || (self.json && find(&text, NO_TESTS.as_bytes()));
                end_line(sink, &text);
                if !self.streams && !self.shows_passes && !self.json {
                    line(sink, &warnings);
                }
                let nothing = if nothing { " [no tests to run]" } else { "" };
                line(sink, &format!("ok  \t{package}\t{took}{nothing}\n"));
                true
            }
            Ok(ended) => {
                if ended.killed {
                    let limit = launch.kill_after.unwrap_or_default();
                    line(sink, &format!("*** Test killed: ran too long ({limit:?}).\n"));
                }
                if sink.kept.is_empty() || ended.status.code().is_none() {
                    line(sink, &format!("{}\n", spelled(ended.status)));
                } else {
                    let text = std::mem::take(&mut sink.kept);
                    sink.kept.clone_from(&text);
                    end_line(sink, &text);
                }
                let mark = if self.json { "\u{16}" } else { "" };
                line(sink, &format!("{mark}FAIL\t{package}\t{took}\n"));
                false
            }
            Err(error) => {
                match launch.exec.first().filter(|_| error.kind() == io::ErrorKind::NotFound) {
                    // Go's words, in the place where it has them.
                    Some(program) => line(sink, &format!("exec: {program:?}: executable file not found in $PATH\n")),
                    None => note(&format!("gorace: {package}: the test program cannot be run: {error}")),
                }
                line(sink, &format!("FAIL\t{package}\t{took}\n"));
                false
            }
        }
    }

    fn build_failed(&self, error: &CompileError) {
        let text = error.to_string();
        if self.json {
            let mut out = io::stdout().lock();
            let _ = out.write_all(json::failed_build(&failed_package(error).unwrap_or_default(), &text).as_bytes());
        } else {
            note(&text);
        }
    }

    /// Prints the last line; gives whether anything failed.
    pub fn finish(self) -> bool {
        let failed = self.failed.into_inner();
        if failed && self.closing_line {
            say("FAIL\n");
        }
        failed
    }
}

fn line(sink: &mut Sink, text: &str) {
    let _ = sink.write_all(text.as_bytes());
}

/// Output that does not end its last line does not swallow what follows.
fn end_line(sink: &mut Sink, text: &[u8]) {
    if text.last().is_some_and(|&last| last != b'\n') {
        line(sink, "\n");
    }
}

fn find(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|w| w == part)
}

/// A status in Go's words.
fn spelled(status: ExitStatus) -> String {
    match (status.code(), status.signal().and_then(rustix::process::Signal::from_named_raw)) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(rustix::process::Signal::KILL)) => "signal: killed".to_string(),
        (None, Some(rustix::process::Signal::SEGV)) => "signal: segmentation fault".to_string(),
        (None, Some(rustix::process::Signal::INT)) => "signal: interrupt".to_string(),
        (None, Some(rustix::process::Signal::ABORT)) => "signal: aborted".to_string(),
        _ => format!("signal: signal {}", status.signal().unwrap_or(0)),
    }
}
