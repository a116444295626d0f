//! The report for a person: headline, the source of each part with a caret, who called and who started whom, how to see
//! it again.
//!
//! A part stands at the innermost line of the program's own code; what happened inside the standard library is named
//! by the function that the program called.

use crate::notes::notes;
use crate::place::shown_path;
use crate::{Read, rules};
use colored::Colorize;
use gorace_base::finding::{Event, Finding, Frame, Held, Object, Severity, Step, user_frame};
use std::fmt::Write;
use textwrap::core::display_width;

/// Before lines of source.
const BAR: &str = "|";
const SPACES: &str = "                ";

/// Callers shown of a part, besides its own line.
const CALLERS: usize = 3;

/// A finding; `read` gives a file's text, `width` the columns that there are.
pub fn finding(f: &Finding, read: Read<'_>, width: Option<usize>) -> String {
    let mut out = String::new();
    let level = match f.severity {
        Severity::Error => "error".red().bold(),
        Severity::Warning => "warning".yellow().bold(),
    };
    let _ = writeln!(out, "{level}[{}]: {}", f.rule, f.headline.bold());
    for event in &f.events {
        part(&mut out, event, read, width);
    }
    if let Some(test) = &f.test {
        let _ = writeln!(out, "  {} in {} of {}", "=".blue(), test.name, test.package);
    }
    memory(&mut out, f);
    let advice = if f.advice.is_empty() { rules::find(&f.rule).map_or("", |rule| rule.mend) } else { &f.advice };
    if !advice.is_empty() {
        let _ = writeln!(out, "  {} {advice}", "=".blue());
    }
    for note in notes(f) {
        let _ = writeln!(out, "  {} {note}", "=".blue());
    }
    steps(&mut out, &f.steps, f.left_out);
    if !f.replay.is_empty() {
        let _ = writeln!(out, "  {} `{}` shows it again", "=".blue(), f.replay);
    } else if !f.schedule.is_empty() {
        let _ = writeln!(
            out,
            "  {} its token is too long for a command: `--trace-dir FOLDER` writes it into a file",
            "=".blue()
        );
    }
    // A live run has no seed.
    let is_live = f.seed == 0 && f.schedule.is_empty();
    let seed = if is_live { String::new() } else { format!("found with seed {}; ", f.seed) };
    let _ = writeln!(out, "  {} {seed}`gorace explain {}` says what it means\n", "=".blue(), f.rule);
    width.map_or_else(|| out.clone(), |width| filled(&out, width))
}

/// Breaks lines that are too long, besides source, which is cut, and commands, which are to be copied.
fn filled(text: &str, width: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        if line.contains(BAR) || line.contains("`gorace replay") {
            out.push_str(line);
        } else {
            let margin = line.len() - line.trim_start().len() + 4;
            let options = textwrap::Options::new(width.max(40)).subsequent_indent(&SPACES[..margin.min(SPACES.len())]);
            out.push_str(&textwrap::fill(line, options.break_words(false)));
        }
        out.push('\n');
    }
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
fn steps(out: &mut String, steps: &[Step], left_out: u64) {
    if steps.is_empty() {
        return;
    }
    let _ = writeln!(out, "  {} the shortest schedule found:", "=".blue());
    if left_out > 0 {
        let words = if left_out == 1 { "step is".to_string() } else { format!("{left_out} steps are") };
        let _ = writeln!(out, "        (the first {words} left out)");
    }
    for (at, step) in steps.iter().enumerate() {
        let who = if step.goroutine == 1 { "main".to_string() } else { format!("goroutine {}", step.goroutine) };
        let place = step.place.as_ref().map_or_else(String::new, |f| match f.is_std() {
            true => format!(" in {}", f.function),
            false => format!(" at {}:{}", shown_path(&f.file), f.line),
        });
        let _ = writeln!(out, "    {:>2}. {who} {}{place}", at + 1, step.what);
    }
}

fn part(out: &mut String, event: &Event, read: Read<'_>, width: Option<usize>) {
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
    // What is waited for or taken stands in the words; what is accessed is named by the headline, if it has the same name in both.
    let on = if is_wait(event) && !object.is_empty() { format!(": {object}") } else { String::new() };
    excerpt(out, frame, &format!("{}{inside}{on}{who}", event.what), read, width);
    let own = |f: &&Frame| !f.is_std();
    for caller in event.stack.iter().filter(own).skip(1).take(CALLERS) {
        let _ = writeln!(out, "    called at {}:{} in {}", shown_path(&caller.file), caller.line, caller.function);
    }
    locks(out, event);
    if let Some(closed) = &event.closed
        && let Some(frame) = user_frame(&closed.stack)
    {
        let _ =
            writeln!(out, "    it was closed at {}:{}{}", shown_path(&frame.file), frame.line, by(closed.goroutine));
    }
    if let Some(object) = event.object.as_ref().filter(|o| on.len() > o.expression.len() && !o.made.is_empty()) {
        let _ = writeln!(out, "    {} was {}{}", object.expression, made(object), by(object.made_by));
    }
    if let Some(created) = user_frame(&event.created) {
        let place = format!("{}:{}", shown_path(&created.file), created.line);
        let _ = writeln!(out, "    goroutine {} was started at {place} in {}", event.goroutine, created.function);
    }
}

/// Whether it waits for something, or could.
fn is_wait(event: &Event) -> bool {
    event.what.starts_with("waits") || event.what.starts_with("takes")
}

/// The function of the standard library that the program's own code had called, if the part lies inside of one that
/// the words of the part do not name already.
fn called(event: &Event) -> Option<&str> {
    let own = event.stack.iter().position(|f| !f.is_std())?;
    let function = event.stack.get(own.checked_sub(1)?)?.function.as_str();
    let named = is_wait(event) && !matches!(event.what.as_str(), "waits" | "waits in select");
    (!named && !function.starts_with("runtime.")).then_some(function)
}

/// The line with a caret and a label below it. Of a line that is too long the part around the caret is shown; a label that has
/// no room behind the caret stands before it or below.
fn excerpt(out: &mut String, frame: &Frame, label: &str, read: Read<'_>, width: Option<usize>) {
    let line = (frame.line as usize).checked_sub(1);
    let line = line.and_then(|n| read(&frame.file)?.lines().nth(n).map(str::to_string));
    let bar = BAR.blue();
    let Some(line) = line else {
        let _ = writeln!(out, "  {bar} {label}");
        return;
    };
    let number = frame.line.to_string();
    let before = line.get(..(frame.column.max(1) as usize - 1).min(line.len())).unwrap_or("");
    let wide = |text: &str| gorace_base::visible::source(text).replace('\t', "    ");
    let (shown, mut indent) = (wide(&line), display_width(&wide(before)));
    let room = width.map_or(usize::MAX, |width| width.max(40) - 5 - number.len());
    let shown = cut(&shown, &mut indent, room);
    let _ = writeln!(out, "  {} {bar} {shown}", number.blue());
    let margin = " ".repeat(number.len());
    let (spaces, caret, words) = (" ".repeat(indent), "^".red(), label.red());
    let length = display_width(label);
    if indent + 2 + length <= room {
        let _ = writeln!(out, "  {margin} {bar} {spaces}{caret} {words}");
    } else if length < indent {
        let _ = writeln!(out, "  {margin} {bar} {}{words} {caret}", " ".repeat(indent - length - 1));
    } else {
        let _ = writeln!(out, "  {margin} {bar} {spaces}{caret}");
        for words in textwrap::wrap(label, room) {
            let _ = writeln!(out, "  {margin} {bar} {}", words.red());
        }
    }
}

/// The part of a line around the column `at`, which is moved with it.
fn cut(line: &str, at: &mut usize, room: usize) -> String {
    if display_width(line) <= room {
        return line.to_string();
    }
    // Most of what is read stands before the place; a third of the room is left behind it.
    let start = (*at).saturating_sub(room * 2 / 3);
    let (mut out, mut column) = (String::new(), 0);
    for c in line.chars() {
        if column >= start + room - 1 {
            out.push('…');
            break;
        }
        if column == start && start > 0 {
            out.push('…');
        } else if column >= start {
            out.push(c);
        }
        column += display_width(c.encode_utf8(&mut [0; 4]));
    }
    *at -= start;
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::race;

    #[test]
    fn lines_fit_into_the_terminal() {
        let long = format!("\tx += {}1 + y\n", "aaaa + ".repeat(30));
        for (column, width) in [(2, 60), (40, 60), (200, 60), (216, 50), (100, 200), (2, 10)] {
            let mut f = race("main.go", 1, column);
            f.headline =
                "a long story about a write of x that races with another write of x, told at length".to_string();
            f.replay = format!("gorace replay 2-1-d{} main.go", "1.1.0-".repeat(20));
            colored::control::set_override(false);
            let text = finding(&f, &|_| Some(long.clone()), Some(width));
            for line in text.lines().filter(|line| !line.contains("gorace replay")) {
                assert!(display_width(line) <= width.max(40), "{width}: {line:?}");
            }
            assert!(text.contains(&f.replay), "commands are not broken");
            // The caret points at the same character.
            let rows: Vec<&str> = text.lines().filter(|line| line.contains(BAR)).collect();
            let at = rows[1].chars().position(|c| c == '^').unwrap();
            let pointed = rows[0].chars().nth(at).unwrap();
            assert_eq!(Some(pointed), long.chars().nth(column as usize - 1), "{text}");
        }
    }

    #[test]
    fn without_a_terminal_nothing_is_cut() {
        let long = format!("x = {}\n", "1 + ".repeat(200));
        let text = finding(&race("main.go", 1, 1), &|_| Some(long.clone()), None);
        assert!(text.contains(long.trim_end()));
    }
}
