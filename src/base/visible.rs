//! Texts of others as they may be shown: what a terminal, or a reader of lines, would obey is spelled out.
//!
//! Names of files, panics, labels and lines of source are whatever somebody wrote into them. Escape sequences would change a terminal, new
//! lines begin lines that nobody wrote (GitHub takes `::error` from them), and marks of direction show text in another order than it has.

use std::borrow::Cow;

/// Whether a character does something besides standing there.
pub fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn spelled(text: &str, acts: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            c if !acts(c) => out.push(c),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c if u32::from(c) < 0x80 => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    Cow::Owned(out)
}

/// A part of a line.
pub fn part(text: &str) -> Cow<'_, str> {
    spelled(text, |c| acts(c) && c != '\t')
}

/// Several lines.
pub fn lines(text: &str) -> Cow<'_, str> {
    spelled(text, |c| acts(c) && c != '\t' && c != '\n')
}

/// A line of source with as many characters as it has, so that columns stay what they are.
pub fn source(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| acts(c) && c != '\t') {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| match u32::from(c) {
        9 => c,
        // Unicode has pictures of the old control characters.
        n @ 0..0x20 => char::from_u32(0x2400 + n).unwrap_or('\u{fffd}'),
        0x7f => '\u{2421}',
        _ if acts(c) => '\u{fffd}',
        _ => c,
    };
    Cow::Owned(text.chars().map(shown).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_spelled() {
        assert_eq!(part("a\tb ü"), "a\tb ü");
        assert_eq!(part("\u{1b}[31m\n::error::x\u{9b}\u{202e}"), "\\x1b[31m\\n::error::x\\u009b\\u202e");
        assert_eq!(lines("a\n\u{1b}c"), "a\n\\x1bc");
        assert_eq!(source("x\u{1b}[2J\t\u{202e}y"), "x\u{241b}[2J\t\u{fffd}y");
    }
}
