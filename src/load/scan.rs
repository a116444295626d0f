//! What the loader needs to know of a file without parsing it: its package clause, imports, build constraint.
//!
//! Reading stops behind the last import. Only a file that imports `embed` is read to its end, for its `//go:embed` lines.

use crate::constraint;
use crate::godebug::DebugLine;
use gorace_base::{FileId, Pos};
use gorace_syntax::ast::{Decl, File};
use gorace_syntax::build_constraint::Constraint;
use gorace_syntax::{Mode, parse_file};
use gorace_types::Const;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

/// A Go file of the build.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SourceFile {
    /// Where it is, absolute; for files that exist only in memory, where it would be.
    pub path: PathBuf,
    /// The path to print: relative to the working folder where it lies beneath.
    pub shown: PathBuf,
    /// xxh3 of its bytes.
    pub hash: u64,
    /// Its bytes, where they have been read already.
    #[serde(skip)]
    pub text: Option<Arc<[u8]>>,
    /// Name of its package clause; `_` where there is none.
    pub package: String,
    pub imports: Vec<Import>,
    /// Patterns of `//go:embed` lines.
    pub embeds: Vec<EmbedLine>,
    /// `//go:debug` lines above the package clause.
    pub debug: Vec<DebugLine>,
}

/// An import as written.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Import {
    pub path: String,
    pub line: u32,
    pub column: u32,
}

/// A `//go:embed` pattern and the variable it belongs to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EmbedLine {
    pub variable: String,
    pub pattern: String,
    pub line: u32,
    pub column: u32,
}

/// A file's header.
#[derive(Debug)]
pub struct Header {
    pub package: String,
    pub imports: Vec<Import>,
    pub embeds: Vec<EmbedLine>,
    pub debug: Vec<DebugLine>,
    pub constraint: Result<Option<Constraint>, String>,
}

/// Reads a file's header.
pub fn header(text: &[u8]) -> Header {
    let constraint = constraint::of_text(text);
    let (file, _) = parse_file(FileId(0), 1, text, Mode::Imports);
    let mut imports = Vec::new();
    let mut uses_embed = false;
    let mut lines = Lines { text, at: 0, line: 1, start: 0 };
    for decl in &file.decls {
        let Decl::Import(import) = decl else { continue };
        let Some(Const::String(path)) = Const::literal(import.path.kind, &import.path.text) else { continue };
        let path = String::from_utf8_lossy(&path).into_owned();
        uses_embed |= path == "embed";
        // As the go command has it: an import stands where its name does, if it has one.
        let (line, column) = lines.locate(import.name.as_ref().map_or(import.path.pos, |name| name.pos));
        imports.push(Import { path, line, column });
    }
    let embeds = if uses_embed { embed_lines(text) } else { Vec::new() };
    let debug = debug_lines(text, file.package.pos);
    Header { package: file.package.name.to_string(), imports, embeds, debug, constraint }
}

/// The `//go:debug` lines in front of the package clause.
fn debug_lines(text: &[u8], package: Pos) -> Vec<DebugLine> {
    let head = &text[..(package.0 as usize).saturating_sub(1).min(text.len())];
    let mut out = Vec::new();
    for (at, line) in head.split(|&b| b == b'\n').enumerate() {
        let line = String::from_utf8_lossy(line);
        let trimmed = line.trim_start();
        let Some(rest) = trimmed.strip_prefix("//go:debug") else { continue };
        if rest.is_empty() || rest.starts_with([' ', '\t', '\r']) {
            let column = (line.len() - trimmed.len()) as u32 + 1;
            out.push(DebugLine { text: rest.to_string(), line: at as u32 + 1, column });
        }
    }
    out
}

/// The text of a string literal without escapes.
fn unquote(literal: &str) -> Option<String> {
    let mut chars = literal.chars();
    let (first, last) = (chars.next()?, chars.next_back()?);
    (first == last && matches!(first, '"' | '`')).then(|| chars.as_str().to_string())
}

/// Lines and columns of growing positions.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u32,
    start: usize,
}

impl Lines<'_> {
    fn locate(&mut self, pos: Pos) -> (u32, u32) {
        let offset = (pos.0 as usize - 1).min(self.text.len());
        while self.at < offset {
            if self.text[self.at] == b'\n' {
                self.line += 1;
                self.start = self.at + 1;
            }
            self.at += 1;
        }
        (self.line, (offset - self.start) as u32 + 1)
    }
}

fn embed_lines(text: &[u8]) -> Vec<EmbedLine> {
    let (file, _) = parse_file(FileId(0), 1, text, Mode::Full);
    embeds_of(&file, text)
}

/// The embed lines above the package's variables.
fn embeds_of(file: &File, text: &[u8]) -> Vec<EmbedLine> {
    let mut out = Vec::new();
    let mut lines = Lines { text, at: 0, line: 1, start: 0 };
    for decl in &file.decls {
        let Decl::Var(var) = decl else { continue };
        let [name] = &var.names[..] else { continue };
        for directive in &var.directives {
            let Some(words) = directive.text.strip_prefix("go:embed") else { continue };
            let (line, start) = lines.locate(directive.pos);
            for (at, pattern) in embed_patterns(words) {
                let column = start + "//go:embed".len() as u32 + at as u32;
                out.push(EmbedLine { variable: name.name.to_string(), pattern, line, column });
            }
        }
    }
    out
}

/// The patterns of a line: words, or quoted strings for names with blanks.
fn embed_patterns(words: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(skip) = words[at..].find(|c: char| !c.is_whitespace()) {
        let start = at + skip;
        let rest = &words[start..];
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '`'));
        let length = match quote {
            Some(quote) => rest[1..].find(quote).map_or(rest.len(), |end| end + 2),
            None => rest.find(char::is_whitespace).unwrap_or(rest.len()),
        };
        let word = &rest[..length];
        out.push((start, unquote(word).filter(|_| quote.is_some()).unwrap_or_else(|| word.to_string())));
        at = start + length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_to_the_last_import() {
        let text = b"//go:build linux\n\npackage a\n\nimport (\n\t\"fmt\"\n\tx `os`\n)\nimport \"C\"\nfunc (";
        let header = header(text);
        assert_eq!(header.package, "a");
        let imports: Vec<_> = header.imports.iter().map(|i| (i.path.as_str(), i.line, i.column)).collect();
        assert_eq!(imports, [("fmt", 6, 2), ("os", 7, 2), ("C", 9, 8)]);
        assert!(header.constraint.unwrap().is_some());
    }

    #[test]
    fn embed_lines_belong_to_variables() {
        let text = b"package a\nimport _ \"embed\"\n\n//go:embed a.txt \"b c.txt\"\n//go:embed all:d\nvar s string\nvar t int\n";
        let embeds: Vec<_> =
            header(text).embeds.into_iter().map(|e| (e.variable, e.pattern, e.line, e.column)).collect();
        let s = || "s".to_string();
        assert_eq!(
            embeds,
            [(s(), "a.txt".into(), 4, 12), (s(), "b c.txt".into(), 4, 18), (s(), "all:d".into(), 5, 12)]
        );
    }
}
