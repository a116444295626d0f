//! `//gorace:ignore RULE reason` in the source: no finding of the rule is reported that has an event on the comment's line, or,
//! where the comment has its line to itself, on the next line that is none.

use gorace_base::finding::Finding;
use gorace_load::Graph;
use gorace_report::place::shown_path;
use gorace_report::rules;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const MARK: &str = "//gorace:ignore";

/// A comment.
#[derive(Debug)]
struct Ignore {
    rule: &'static str,
    /// The line of the comment, and the line it is about.
    line: u32,
    about: u32,
    used: bool,
}

/// All comments of a program.
#[derive(Debug, Default)]
pub struct Ignores {
    files: BTreeMap<PathBuf, Vec<Ignore>>,
}

impl Ignores {
    /// The comments in the packages of the modules that a program, or the named packages, belong to.
    ///
    /// # Errors
    /// Comments without a known rule or without a reason, a line each.
    pub fn of(graph: &Graph) -> Result<Ignores, String> {
        let roots = graph.roots.iter().filter_map(|root| graph.package(root));
        let modules: BTreeSet<Option<&String>> = roots.map(|package| package.module.as_ref()).collect();
        let (mut ignores, mut wrong) = (Ignores::default(), Vec::new());
        for package in graph.packages.iter().filter(|p| !p.is_std && modules.contains(&p.module.as_ref())) {
            for source in &package.sources {
                let path = &source.path;
                // What cannot be read is the compiler's to complain of.
                let text = gorace_base::files::read_text(path).unwrap_or_default();
                if !text.contains(MARK) {
                    continue;
                }
                match parse(path, &text) {
                    Ok(all) => {
                        ignores.files.insert(plain(path), all);
                    }
                    Err(e) => wrong.push(e),
                }
            }
        }
        if wrong.is_empty() { Ok(ignores) } else { Err(wrong.join("\n")) }
    }

    /// Whether a finding is to be ignored.
    pub fn is_for(&mut self, finding: &Finding) -> bool {
        let mut found = false;
        for frame in finding.events.iter().filter_map(|e| e.user_frame()) {
            let all = self.files.get_mut(&plain(Path::new(&frame.file)));
            for ignore in all.into_iter().flatten() {
                if ignore.rule == finding.rule && (ignore.about == frame.line || ignore.line == frame.line) {
                    ignore.used = true;
                    found = true;
                }
            }
        }
        found
    }

    /// The comments that no finding met, as `FILE:LINE`.
    pub fn unused(&self) -> Vec<String> {
        let place = |path: &PathBuf, line| format!("{}:{line}", shown_path(&path.display().to_string()));
        let all = self.files.iter().flat_map(|(path, all)| all.iter().map(move |ignore| (path, ignore)));
        all.filter(|(_, ignore)| !ignore.used).map(|(path, ignore)| place(path, ignore.line)).collect()
    }
}

fn plain(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

fn parse(path: &Path, text: &str) -> Result<Vec<Ignore>, String> {
    let lines: Vec<&str> = text.lines().collect();
    let (mut all, mut wrong) = (Vec::new(), Vec::new());
    for (at, line) in lines.iter().enumerate() {
        let Some((code, words)) = line.split_once(MARK) else { continue };
        // `//gorace:ignored` is another word, and a comment inside of a comment none.
        if !(words.is_empty() || words.starts_with([' ', '\t'])) || code.contains("//") {
            continue;
        }
        let place = || format!("{}:{}", shown_path(&path.display().to_string()), at + 1);
        let (name, reason) = words.trim().split_once(char::is_whitespace).unwrap_or((words.trim(), ""));
        let Some(rule) = rules::find(name) else {
            let known = crate::explain::known();
            wrong.push(format!("{}: gorace:ignore needs one of the rules {known}, then a reason", place()));
            continue;
        };
        if reason.trim().is_empty() {
            wrong.push(format!("{}: gorace:ignore {} needs a reason behind it", place(), rule.id));
            continue;
        }
        let about = if code.trim().is_empty() {
            let next = lines[at + 1..].iter().position(|l| !l.trim().is_empty() && !l.trim().starts_with("//"));
            next.map_or(at + 1, |below| at + 2 + below)
        } else {
            at + 1
        };
        all.push(Ignore { rule: rule.id, line: at as u32 + 1, about: about as u32, used: false });
    }
    if wrong.is_empty() { Ok(all) } else { Err(wrong.join("\n")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_about_their_own_line_or_the_next_one() {
        let text = "package main\n\tx++ //gorace:ignore data-race it is a counter for fun\n\n\
            \t//gorace:ignore GR003 shut down by a signal\n\t// More.\n\n\t<-c\n// as in //gorace:ignore nothing\n//gorace:ignored\n";
        let all = parse(Path::new("a.go"), text).unwrap();
        let shown: Vec<_> = all.iter().map(|i| (i.rule, i.line, i.about)).collect();
        assert_eq!(shown, [("data-race", 2, 2), ("deadlock", 4, 7)]);
    }

    #[test]
    fn a_rule_and_a_reason_are_needed() {
        let said = parse(Path::new("a.go"), "//gorace:ignore\n//gorace:ignore data-race\n//gorace:ignore poem why\n")
            .unwrap_err();
        let lines: Vec<&str> = said.lines().collect();
        assert!(lines[0].starts_with("a.go:1: gorace:ignore needs one of the rules data-race, "), "{said}");
        assert!(lines[1].starts_with("a.go:2: gorace:ignore data-race needs a reason"), "{said}");
        assert!(lines[2].starts_with("a.go:3: gorace:ignore needs one of the rules"), "{said}");
    }
}
