//! A finding's fingerprint: the same after lines were moved, on every machine and for every seed; so an old finding is known
//! again in a baseline, and by whoever reads SARIF.
//!
//! It is a hash of the rule and of the set of places in the program's own source. A place is the file relative to its module's
//! folder (without a module its name), the function, the text of the line without its margins, which of the file's equal lines it is, and the column
//! counted from the line's first character. Where the source is not at hand the line's number stands for its text.

use crate::Read;
use crate::place::lasting;
use gorace_base::finding::{Finding, Frame};
use std::collections::BTreeSet;
use std::fmt::Write;
use xxhash_rust::xxh3::xxh3_128;

/// 32 hexadecimal digits.
pub fn fingerprint(f: &Finding, read: Read<'_>) -> String {
    let places: BTreeSet<String> = f.events.iter().filter_map(|e| e.user_frame()).map(|f| place(f, read)).collect();
    let mut text = f.rule.clone();
    for place in places {
        let _ = write!(text, "\n{place}");
    }
    if f.events.is_empty() {
        let _ = write!(text, "\n{}", f.headline);
    }
    format!("{:032x}", xxh3_128(text.as_bytes()))
}

/// The same as `Finding::key`, on every machine and from every folder: rule and places in the program's own source.
pub fn key(f: &Finding) -> String {
    let place = |frame: &Frame| format!("{}:{}:{}", lasting(frame), frame.line, frame.column);
    let places: BTreeSet<String> = f.events.iter().filter_map(|e| e.user_frame()).map(place).collect();
    format!("{} {}", f.rule, places.into_iter().collect::<Vec<_>>().join(" "))
}

fn place(frame: &Frame, read: Read<'_>) -> String {
    let head = format!("{}\t{}", lasting(frame), frame.function);
    let text = read(&frame.file).unwrap_or_default();
    let at = frame.line.saturating_sub(1) as usize;
    let Some(line) = text.lines().nth(at) else { return format!("{head}\t{}:{}", frame.line, frame.column) };
    let plain = line.trim();
    let equal = text.lines().take(at).filter(|other| other.trim() == plain).count();
    let margin = line.len() - line.trim_start().len();
    format!("{head}\t{plain}\t{equal}\t{}", (frame.column as usize).saturating_sub(margin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::race;

    #[test]
    fn moved_lines_and_other_seeds_keep_it() {
        let source = "package main\n\nfunc main() {\n\tx++\n\ty++\n\tx++\n}\n";
        let moved = format!("// New.\n\n{}", source.replace('\t', "\t\t"));
        let print = |text: &str, line, column, seed| {
            let mut finding = race("main.go", line, column);
            finding.seed = seed;
            fingerprint(&finding, &|_| Some(text.to_string()))
        };
        let old = print(source, 4, 2, 1);
        assert_eq!(old.len(), 32);
        assert_eq!(old, print(&moved, 6, 3, 9));
        assert_ne!(old, print(source, 6, 2, 1), "the other of two equal lines");
        assert_ne!(old, print(source, 5, 2, 1), "another line");
        assert_ne!(old, print(source, 4, 3, 1), "another column");
    }
}
