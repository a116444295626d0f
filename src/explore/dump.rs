//! What a run decided and how it ended, as text: for those who work on gorace.

use crate::detector::describe;
use crate::listen::Listener;
use gorace_runtime::events::{Access, Blocked, Event, Heard, Number, Operation};
use gorace_runtime::{Candidate, Sink};
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write;

/// Writes down a policy's answers, a line each.
pub struct Recorded {
    file: File,
    line: u64,
}

impl Recorded {
    pub fn new(file: File) -> Recorded {
        Recorded { file, line: 0 }
    }

    fn write(&mut self, text: &str) {
        self.line += 1;
        // A full disk ends the dump, not the run.
        let _ = writeln!(self.file, "{:>6} {text}", self.line);
    }
}

impl Listener for Recorded {
    fn chosen(&mut self, candidates: &VecDeque<Candidate>, _last: u64, chosen: usize) {
        let mut text = String::new();
        if let Some(c) = candidates.get(chosen) {
            let _ = write!(text, "goroutine {} goes on: {:x?}", c.number, c.next);
        }
        let others = candidates.iter().enumerate().filter(|(at, _)| *at != chosen);
        let others: Vec<String> = others.map(|(_, c)| c.number.to_string()).collect();
        if !others.is_empty() {
            let _ = write!(text, "; could have: {}", others.join(" "));
        }
        self.write(&text);
    }

    fn asked(&mut self, running: Candidate, stops: bool) {
        let verb = if stops { "stops in front of" } else { "goes through" };
        self.write(&format!("goroutine {} {verb} {:x?}", running.number, running.next));
    }

    fn rested(&mut self, running: Candidate) {
        self.write(&format!("goroutine {} waits for the next timer in front of {:x?}", running.number, running.next));
    }

    fn time_passed(&mut self, _last: u64) {
        self.write("the next timer fires");
    }

    fn stalled(&mut self, running: Candidate, nanoseconds: i64) {
        let (who, next, micros) = (running.number, running.next, nanoseconds / 1000);
        if nanoseconds > 0 {
            self.write(&format!("goroutine {who} is held up for {micros} µs in front of {next:x?}"));
        }
    }

    fn outside_asked(&mut self, is_late: bool, _nanoseconds: i64) {
        if is_late {
            self.write("the next timer fires before anything comes from outside");
        }
    }

    fn drew(&mut self, number: u64) {
        self.write(&format!("random number {number:#x}"));
    }

    fn granted(&mut self, budget: i32) {
        self.write(&format!("budget of {budget} turns"));
    }
}

/// A sink that writes down the wait-for graph whenever another one is told of it: at the run's end.
pub struct Watched {
    inner: Box<dyn Sink>,
    file: File,
}

impl Watched {
    pub fn new(inner: Box<dyn Sink>, file: File) -> Watched {
        Watched { inner, file }
    }

    fn write(&mut self, title: &str, blocked: &[Blocked]) {
        let mut text = format!("{title}: {} goroutines wait\n", blocked.len());
        for b in blocked {
            let stuck = if b.leaked { "; nothing that can run refers to it" } else { "" };
            let _ = writeln!(text, "  goroutine {} {}{stuck}", b.goroutine, describe(b));
            let _ = writeln!(text, "    {:x?}", b.wait);
            for channel in &b.channels {
                let _ = writeln!(text, "    on channel {channel:x?}");
            }
            for holder in &b.holders {
                let _ = writeln!(text, "    {} -> {holder}", b.goroutine);
            }
        }
        // As above.
        let _ = self.file.write_all(text.as_bytes());
    }
}

impl Sink for Watched {
    fn event(&mut self, event: &Event) {
        self.inner.event(event);
    }

    fn access(&mut self, access: &Access) {
        self.inner.access(access);
    }

    fn update(&mut self, access: &Access) {
        self.inner.update(access);
    }

    fn hears(&mut self, operation: &Operation) -> Heard {
        self.inner.hears(operation)
    }

    fn is_quiet(&self, addr: u64) -> bool {
        self.inner.is_quiet(addr)
    }

    fn has_moved(&mut self) -> bool {
        self.inner.has_moved()
    }

    fn epoch_word(&mut self, goroutine: Number) -> u32 {
        self.inner.epoch_word(goroutine)
    }

    fn races(&self) -> u64 {
        self.inner.races()
    }

    fn deadlock(&mut self, blocked: &[Blocked]) {
        self.write("all goroutines are asleep", blocked);
        self.inner.deadlock(blocked);
    }

    fn death(&mut self, goroutine: Number, stack: &[u64]) {
        self.inner.death(goroutine, stack);
    }

    fn exits(&mut self, goroutine: Number, status: i32, stack: &[u64]) {
        self.inner.exits(goroutine, status, stack);
    }

    fn stuck(&mut self, blocked: &[Blocked]) {
        self.write("at the end", blocked);
        self.inner.stuck(blocked);
    }

    fn wants_allocations(&self) -> bool {
        self.inner.wants_allocations()
    }

    fn allocated(&mut self, address: u64, size: u64, descriptor: u64) {
        self.inner.allocated(address, size, descriptor);
    }

    fn retain(&mut self, live: &mut dyn FnMut(u64) -> bool) {
        self.inner.retain(live);
    }

    fn finish(&mut self, status: i32) -> i32 {
        self.inner.finish(status)
    }
}
