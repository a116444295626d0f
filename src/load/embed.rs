//! `//go:embed` (package embed's rules): from patterns to the files that a variable holds.

use crate::error::plain;
use crate::scan::{EmbedLine, SourceFile};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A variable and the files that it embeds, sorted by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Embedded {
    pub variable: String,
    pub files: Vec<EmbeddedFile>,
}

/// A file as the program sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbeddedFile {
    /// With slashes, relative to the package's folder.
    pub name: String,
    pub path: PathBuf,
    /// xxh3 of its bytes.
    pub hash: u64,
}

/// Resolves the patterns of a package's files.
///
/// # Errors
/// A pattern that matches nothing or what cannot be embedded; with its position.
pub fn resolve(dir: &Path, files: &[SourceFile]) -> Result<Vec<Embedded>, String> {
    let mut variables: BTreeMap<String, BTreeMap<String, PathBuf>> = BTreeMap::new();
    for file in files {
        for line in &file.embeds {
            let found = pattern(dir, line).map_err(|message| {
                format!("{}:{}:{}: pattern {}: {message}", file.shown.display(), line.line, line.column, line.pattern)
            })?;
            variables.entry(line.variable.clone()).or_default().extend(found);
        }
    }
    let mut out = Vec::new();
    for (variable, found) in variables {
        let mut files = Vec::new();
        for (name, path) in found {
            let bytes = gorace_base::files::read(&path).map_err(|e| format!("{}: {}", path.display(), plain(&e)))?;
            files.push(EmbeddedFile { name, path, hash: xxhash_rust::xxh3::xxh3_64(&bytes) });
        }
        out.push(Embedded { variable, files });
    }
    Ok(out)
}

/// Names that no file system or archive should see.
fn is_valid_name(name: &str) -> bool {
    const BAD: &str = "\"'*<>?`|/\\:";
    !name.is_empty()
        && name != "."
        && name != ".."
        && !name.chars().any(|c| BAD.contains(c) || c.is_control())
        && !matches!(name, ".git" | ".hg" | ".svn" | ".bzr")
}

fn pattern(dir: &Path, line: &EmbedLine) -> Result<Vec<(String, PathBuf)>, String> {
    let (pattern, all) = match line.pattern.strip_prefix("all:") {
        Some(rest) => (rest, true),
        None => (line.pattern.as_str(), false),
    };
    let parts: Vec<&str> = pattern.split('/').collect();
    if parts.iter().any(|p| p.is_empty() || *p == "." || *p == "..") {
        return Err("invalid pattern syntax".to_string());
    }
    let globs: Option<Vec<Glob>> = parts.iter().map(|part| Glob::parse(part)).collect();
    let globs = globs.ok_or("invalid pattern syntax")?;
    let mut matches = vec![String::new()];
    for glob in &globs {
        let mut next = Vec::new();
        for prefix in &matches {
            let Ok(entries) = std::fs::read_dir(dir.join(prefix)) else { continue };
            let mut names: Vec<String> = entries.flatten().filter_map(|e| e.file_name().into_string().ok()).collect();
            names.sort();
            let found = names.into_iter().filter(|n| glob.matches(n));
            next.extend(found.map(|n| if prefix.is_empty() { n } else { format!("{prefix}/{n}") }));
        }
        matches = next;
    }
    if matches.is_empty() {
        return Err("no matching files found".to_string());
    }
    let mut out = Vec::new();
    for name in matches {
        let path = dir.join(&name);
        let meta = std::fs::symlink_metadata(&path).map_err(|e| plain(&e))?;
        let what = if meta.is_dir() { "directory" } else { "file" };
        inside(dir, &name).map_err(|why| format!("cannot embed {what} {name}: {why}"))?;
        if meta.is_file() {
            out.push((name, path));
        } else if meta.is_dir() {
            let before = out.len();
            tree(&path, &name, all, &mut out)?;
            if out.len() == before {
                return Err(format!("cannot embed directory {name}: contains no embeddable files"));
            }
        } else {
            return Err(format!("cannot embed irregular file {name}"));
        }
    }
    Ok(out)
}

/// Whether what has a name in a package's folder lies inside of it: in the same module, through folders and no links, under names that
/// archives take. From the inside to the outside, as the go command looks.
fn inside(dir: &Path, name: &str) -> Result<(), String> {
    let mut at = name;
    loop {
        if dir.join(at).join("go.mod").exists() {
            return Err("in different module".to_string());
        }
        let is_folder = || std::fs::symlink_metadata(dir.join(at)).is_ok_and(|meta| meta.is_dir());
        if at != name && !is_folder() {
            return Err(format!("in non-directory {at}"));
        }
        let (above, last) = at.rsplit_once('/').map_or((None, at), |(above, last)| (Some(above), last));
        if !is_valid_name(last) {
            return Err(if at == name {
                format!("invalid name {last}")
            } else {
                format!("in invalid directory {last}")
            });
        }
        match above {
            Some(above) => at = above,
            None => return Ok(()),
        }
    }
}

/// The files of a folder; without `all`, hidden ones are left out.
fn tree(folder: &Path, name: &str, all: bool, out: &mut Vec<(String, PathBuf)>) -> Result<(), String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let Ok(file) = entry.file_name().into_string() else { continue };
        let hidden = file.starts_with('.') || file.starts_with('_');
        let is_folder = entry.file_type().is_ok_and(|t| t.is_dir());
        let inner = format!("{name}/{file}");
        if !is_valid_name(&file) && !is_folder && !hidden {
            return Err(format!("cannot embed file {inner}: invalid name {file}"));
        }
        if (hidden && !all) || !is_valid_name(&file) {
            continue;
        }
        let path = entry.path();
        match entry.file_type() {
            Ok(t) if t.is_dir() && !path.join("go.mod").exists() => tree(&path, &inner, all, out)?,
            Ok(t) if t.is_file() => out.push((inner, path)),
            _ => {}
        }
    }
    Ok(())
}

/// A pattern of path.Match for one path element.
struct Glob {
    parts: Vec<Part>,
}

enum Part {
    Char(char),
    Any,
    Star,
    Set { negated: bool, ranges: Vec<(char, char)> },
}

impl Glob {
    fn parse(text: &str) -> Option<Glob> {
        let mut chars = text.chars();
        let mut parts = Vec::new();
        while let Some(c) = chars.next() {
            parts.push(match c {
                '*' => Part::Star,
                '?' => Part::Any,
                '\\' => Part::Char(chars.next()?),
                '[' => {
                    let mut rest = chars.clone();
                    let negated = rest.next() == Some('^');
                    if negated {
                        chars.next();
                    }
                    let mut ranges = Vec::new();
                    loop {
                        let low = match chars.next()? {
                            ']' if !ranges.is_empty() => break,
                            '\\' => chars.next()?,
                            '-' | ']' => return None,
                            c => c,
                        };
                        let mut high = low;
                        let mut rest = chars.clone();
                        if rest.next() == Some('-') {
                            chars.next();
                            high = match chars.next()? {
                                '\\' => chars.next()?,
                                '-' | ']' => return None,
                                c => c,
                            };
                        }
                        ranges.push((low, high));
                    }
                    Part::Set { negated, ranges }
                }
                c => Part::Char(c),
            });
        }
        Some(Glob { parts })
    }

    fn matches(&self, name: &str) -> bool {
        // Positions of the pattern that can be reached; a star stays where it is.
        let mut states = vec![false; self.parts.len() + 1];
        states[0] = true;
        let spread = |states: &mut Vec<bool>| {
            for (at, part) in self.parts.iter().enumerate() {
                if states[at] && matches!(part, Part::Star) {
                    states[at + 1] = true;
                }
            }
        };
        spread(&mut states);
        for c in name.chars() {
            let mut next = vec![false; states.len()];
            for (at, part) in self.parts.iter().enumerate().filter(|(at, _)| states[*at]) {
                match part {
                    Part::Star => next[at] = true,
                    Part::Any => next[at + 1] = true,
                    Part::Char(p) => next[at + 1] |= *p == c,
                    Part::Set { negated, ranges } => {
                        let inside = ranges.iter().any(|(low, high)| (*low..=*high).contains(&c));
                        next[at + 1] |= inside != *negated;
                    }
                }
            }
            spread(&mut next);
            states = next;
        }
        states[self.parts.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(pattern: &str, name: &str) -> Option<bool> {
        Some(Glob::parse(pattern)?.matches(name))
    }

    #[test]
    fn globs_follow_path_match() {
        for (pattern, name, expected) in [
            ("abc", "abc", Some(true)),
            ("*", "abc", Some(true)),
            ("*c", "abc", Some(true)),
            ("a*b?c*x", "abxbbxdbxebxczzx", Some(true)),
            ("a*b?c*x", "abxbbxdbxebxczzy", Some(false)),
            ("ab[c]", "abc", Some(true)),
            ("ab[b-d]", "abc", Some(true)),
            ("ab[^e-g]", "abc", Some(true)),
            ("a\\*b", "a*b", Some(true)),
            ("a???b", "a\u{263a}b", Some(false)),
            ("[]a]", "]", None),
            ("[-]", "-", None),
            ("a[", "a", None),
            ("[a-]", "a", None),
            ("\\", "a", None),
        ] {
            assert_eq!(glob(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn folders_hide_files() {
        let temporary = tempfile::tempdir().unwrap();
        let dir = temporary.path();
        for name in ["a.txt", "d/b.txt", "d/.hidden", "d/_x/c.txt", "d/m/go.mod", "d/m/y.txt", "empty/.x"] {
            let path = dir.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, name).unwrap();
        }
        let run = |text: &str| {
            let line = EmbedLine { variable: "v".into(), pattern: text.into(), line: 1, column: 1 };
            pattern(dir, &line).map(|found| found.into_iter().map(|(name, _)| name).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(run("a.txt").unwrap(), "a.txt");
        assert_eq!(run("d").unwrap(), "d/b.txt");
        assert_eq!(run("all:d").unwrap(), "d/.hidden d/_x/c.txt d/b.txt");
        assert_eq!(run("d/.hidden").unwrap(), "d/.hidden");
        assert_eq!(run("*.go").unwrap_err(), "no matching files found");
        assert_eq!(run("../x").unwrap_err(), "invalid pattern syntax");
        assert_eq!(run("empty").unwrap_err(), "cannot embed directory empty: contains no embeddable files");
        assert_eq!(run("d/m/y.txt").unwrap_err(), "cannot embed file d/m/y.txt: in different module");
    }
}
