//! The layout of `go run -race`.

use gorace_base::finding::{Event, Finding, Frame};
use std::fmt::Write;

/// A finding; those that are no races as a header and their goroutines' stacks.
pub fn finding(f: &Finding) -> String {
    let mut out = String::from("==================\n");
    if f.rule == "data-race" {
        out.push_str("WARNING: DATA RACE\n");
    } else {
        let _ = writeln!(out, "WARNING: {}: {}", f.rule.to_uppercase().replace('-', " "), f.headline);
    }
    for (i, event) in f.events.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        let mut what = event.what.clone();
        if let Some(first) = what.get_mut(0..1) {
            first.make_ascii_uppercase();
        }
        if f.rule == "data-race" {
            // Go knows but these two.
            for (word, of_go) in [("Send", "Read"), ("send", "read"), ("Close", "Write"), ("close", "write")] {
                what = what.replace(word, of_go);
            }
            let _ = writeln!(out, "{what} at {:#014x} by {}:", f.address, who(event.goroutine));
        } else {
            let _ = writeln!(out, "{what}, {}:", who(event.goroutine));
        }
        whole_stack(&mut out, event);
    }
    let mut told: Vec<u64> = Vec::new();
    for event in f.events.iter().filter(|e| e.goroutine > 1) {
        if told.contains(&event.goroutine) {
            continue;
        }
        told.push(event.goroutine);
        created(&mut out, event);
    }
    out.push_str("==================\n");
    out
}

fn created(out: &mut String, event: &Event) {
    let state = if event.finished { "finished" } else { "running" };
    let _ = writeln!(out, "\nGoroutine {} ({state}) created at:", event.goroutine);
    frames(out, &event.created);
}

fn who(goroutine: u64) -> String {
    match goroutine {
        0 => "the program".to_string(),
        1 => "main goroutine".to_string(),
        n => format!("goroutine {n}"),
    }
}

/// A stack with the frames that other layouts leave out.
fn whole_stack(out: &mut String, event: &Event) {
    let mut hidden = event.hidden.iter().peekable();
    for (i, frame) in event.stack.iter().enumerate() {
        while let Some(h) = hidden.next_if(|h| h.before <= i) {
            line(out, &h.frame);
        }
        line(out, frame);
    }
    hidden.for_each(|h| line(out, &h.frame));
}

fn frames(out: &mut String, stack: &[Frame]) {
    stack.iter().for_each(|frame| line(out, frame));
}

fn line(out: &mut String, frame: &Frame) {
    let _ = writeln!(out, "  {}()\n      {}:{} +{:#x}", frame.function, frame.file, frame.line, frame.offset);
}
