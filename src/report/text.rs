//! The report for a person: headline, the source of each part with a caret, who called and who started whom, how to see
//! it again.
//!
//! A part stands at the innermost line of the program's own code; what happened inside the standard library is named
//! by the function that the program called.

use crate::shown_path;
use colored::Colorize;
use gorace_base::finding::{Event, Finding, Frame, Held, Object, Severity, Step, user_frame};
use std::fmt::Write;

/// Callers shown of a part, besides its own line.
const CALLERS: usize = 3;

/// A finding; `read` gives a file's text.
pub fn finding(f: &Finding, read: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let level = match f.severity {
        Severity::Error => "error".red().bold(),
        Severity::Warning => "warning".yellow().bold(),
    };
    let _ = writeln!(out, "{level}[{}]: {}", f.rule, f.headline.bold());
    for event in &f.events {
        part(&mut out, event, read);
    }
    memory(&mut out, f);
    if !f.advice.is_empty() {
        let _ = writeln!(out, "  {} {}", "=".blue(), f.advice);
    }
    steps(&mut out, &f.steps);
    if !f.replay.is_empty() {
        let _ = writeln!(out, "  {} `{}` shows it again", "=".blue(), f.replay);
    }
    let _ =
        writeln!(out, "  {} found with seed {}; `gorace explain {}` says what it means\n", "=".blue(), f.seed, f.rule);
    out
}

/// What the two accesses of a race are on.
fn memory(out: &mut String, f: &Finding) {
    let Some(object) = f.events.first().filter(|_| f.rule == "data-race").and_then(|e| e.object.as_ref()) else {
        return;
    };
    let name = if object.expression.is_empty() { "it" } else { &object.expression };
    let own = object.variable.is_empty() || object.variable == object.expression;
    let inside = if own { String::new() } else { format!("in the variable {}", object.variable) };
    let made = made(object);
    let made = if made.is_empty() { made } else { format!("{made}{}", by(object.made_by)) };
    let said: Vec<&str> = [&object.description, &inside, &made].into_iter().map(String::as_str).collect();
    let said: Vec<&str> = said.into_iter().filter(|part| !part.is_empty()).collect();
    if said.is_empty() {
        return;
    }
    let verb = if object.description.is_empty() && inside.is_empty() { "was" } else { "is" };
    let text = format!("{name} {verb} {}", said.join(", "));
    let value = f.events.first().and_then(|e| e.value.as_ref());
    let value = value.map_or_else(String::new, |value| format!("; the {} finds {value} there", f.events[0].what));
    let _ = writeln!(out, "  {} {text}{value}", "=".blue());
}

/// Where an object was made: `allocated at FILE:LINE`.
fn made(object: &Object) -> String {
    let verb = if object.variable.is_empty() { "allocated" } else { "declared" };
    user_frame(&object.made).map_or_else(String::new, |f| format!("{verb} at {}:{}", shown_path(&f.file), f.line))
}

fn by(goroutine: u64) -> String {
    match goroutine {
        0 => String::new(),
        1 => " by main".to_string(),
        n => format!(" by goroutine {n}"),
    }
}

/// The locks of a part, a line each.
fn locks(out: &mut String, event: &Event) {
    let place = |held: &Held| {
        user_frame(&held.stack).map_or_else(String::new, |f| format!(" at {}:{}", shown_path(&f.file), f.line))
    };
    let reading = |held: &Held| if held.shared { " for reading" } else { "" };
    let own = event.object.as_ref().map_or("", |o| o.expression.as_str());
    for held in event.holders.iter().filter(|h| h.goroutine != event.goroutine) {
        let other = held.expression != own && !held.expression.is_empty();
        let name = if other { format!(", as {}", held.expression) } else { String::new() };
        let _ = writeln!(out, "    goroutine {} locked it{}{}{name}", held.goroutine, reading(held), place(held));
    }
    for held in event.held.iter().flatten() {
        let name = if held.expression.is_empty() { "a lock" } else { &held.expression };
        let _ = writeln!(out, "    it holds {name}{}, locked{}", reading(held), place(held));
    }
}

/// The shortest schedule up to the finding.
fn steps(out: &mut String, steps: &[Step]) {
    if steps.is_empty() {
        return;
    }
    let _ = writeln!(out, "  {} the shortest schedule found:", "=".blue());
    for (at, step) in steps.iter().enumerate() {
        let who = if step.goroutine == 1 { "main".to_string() } else { format!("goroutine {}", step.goroutine) };
        let place = step.place.as_ref().map_or_else(String::new, |f| format!(" at {}:{}", shown_path(&f.file), f.line));
        let _ = writeln!(out, "    {:>2}. {who} {}{place}", at + 1, step.what);
    }
}

fn part(out: &mut String, event: &Event, read: &dyn Fn(&str) -> Option<String>) {
    let who = match event.goroutine {
        0 => String::new(),
        1 => ", main goroutine".to_string(),
        n => format!(", goroutine {n}"),
    };
    let Some(frame) = event.user_frame() else {
        let _ = writeln!(out, "  {}{who}", event.what);
        return;
    };
    let place = format!("{}:{}:{}", shown_path(&frame.file), frame.line, frame.column.max(1));
    let _ = writeln!(out, "  {} {place} in {}", "-->".blue(), frame.function);
    let inside = called(event).map_or_else(String::new, |function| format!(" in {function}"));
    let object = event.object.as_ref().map_or("", |o| o.expression.as_str());
    // What is waited for stands in the words; what is accessed is named by the headline, if it has the same name in both.
    let on = if event.what.starts_with("waits") && !object.is_empty() { format!(": {object}") } else { String::new() };
    excerpt(out, frame, &format!("{}{inside}{on}{who}", event.what), read);
    let own = |f: &&Frame| !f.is_std();
    for caller in event.stack.iter().filter(own).skip(1).take(CALLERS) {
        let _ = writeln!(out, "    called at {}:{} in {}", shown_path(&caller.file), caller.line, caller.function);
    }
    locks(out, event);
    if let Some(object) = event.object.as_ref().filter(|o| on.len() > o.expression.len() && !o.made.is_empty()) {
        let _ = writeln!(out, "    {} was {}{}", object.expression, made(object), by(object.made_by));
    }
    if let Some(created) = user_frame(&event.created) {
        let place = format!("{}:{}", shown_path(&created.file), created.line);
        let _ = writeln!(out, "    goroutine {} was started at {place} in {}", event.goroutine, created.function);
    }
}

/// The function of the standard library that the program's own code had called, if the part lies inside of one that
/// the words of the part do not name already.
fn called(event: &Event) -> Option<&str> {
    let own = event.stack.iter().position(|f| !f.is_std())?;
    let function = event.stack.get(own.checked_sub(1)?)?.function.as_str();
    let named = event.what.starts_with("waits") && !matches!(event.what.as_str(), "waits" | "waits in select");
    (!named && !function.starts_with("runtime.")).then_some(function)
}

fn excerpt(out: &mut String, frame: &Frame, label: &str, read: &dyn Fn(&str) -> Option<String>) {
    let line = (frame.line as usize).checked_sub(1);
    let line = line.and_then(|n| read(&frame.file)?.lines().nth(n).map(str::to_string));
    let Some(line) = line else {
        let _ = writeln!(out, "  {} {label}", "|".blue());
        return;
    };
    let number = frame.line.to_string();
    let shown = line.replace('\t', "    ");
    let before = line.get(..(frame.column.max(1) as usize - 1).min(line.len())).unwrap_or("");
    let indent = before.chars().map(|c| if c == '\t' { 4 } else { 1 }).sum::<usize>();
    let _ = writeln!(out, "  {} {} {shown}", number.blue(), "|".blue());
    let _ = writeln!(
        out,
        "  {} {} {}{} {}",
        " ".repeat(number.len()),
        "|".blue(),
        " ".repeat(indent),
        "^".red(),
        label.red()
    );
}
