//! The report for a person: headline, the source of each part with a caret, who started whom, how to see it again.

use crate::{shown_path, user_frame};
use colored::Colorize;
use gorace_base::finding::{Finding, Severity};
use std::fmt::Write;

/// A finding; `read` gives a file's text.
pub fn finding(f: &Finding, read: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let level = match f.severity {
        Severity::Error => "error".red().bold(),
        Severity::Warning => "warning".yellow().bold(),
    };
    let _ = writeln!(out, "{level}[{}]: {}", f.rule, f.headline.bold());
    for event in &f.events {
        let who = match event.goroutine {
            0 => String::new(),
            1 => ", main goroutine".to_string(),
            n => format!(", goroutine {n}"),
        };
        let Some(frame) = user_frame(&event.stack) else {
            let _ = writeln!(out, "  {}{who}", event.what);
            continue;
        };
        let place = format!("{}:{}:{}", shown_path(&frame.file), frame.line, frame.column.max(1));
        let _ = writeln!(out, "  {} {place} in {}", "-->".blue(), frame.function);
        let number = frame.line.to_string();
        let label = format!("{}{who}", event.what);
        if let Some(line) = read(&frame.file).and_then(|t| t.lines().nth(frame.line as usize - 1).map(str::to_string)) {
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
        } else {
            let _ = writeln!(out, "  {} {label}", "|".blue());
        }
        if let Some(created) = user_frame(&event.created) {
            let place = format!("{}:{}", shown_path(&created.file), created.line);
            let _ = writeln!(out, "    goroutine {} was started at {place} in {}", event.goroutine, created.function);
        }
    }
    let _ =
        writeln!(out, "  {} found with seed {}; `gorace explain {}` says what it means\n", "=".blue(), f.seed, f.rule);
    out
}
