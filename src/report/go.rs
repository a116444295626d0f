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
            let _ = writeln!(out, "{what} at {:#014x} by {}:", f.address, who(event.goroutine));
        } else {
            let _ = writeln!(out, "{what}, {}:", who(event.goroutine));
        }
        frames(&mut out, &event.stack);
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

fn frames(out: &mut String, stack: &[Frame]) {
    for frame in stack {
        let _ = writeln!(out, "  {}()\n      {}:{} +{:#x}", frame.function, frame.file, frame.line, frame.offset);
    }
}
