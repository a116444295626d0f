//! Source positions and the map from them to files, lines and columns.
//!
//! A `Pos` is one `u32`: files are laid end to end, each starting at its `base`, and a position is base + byte offset
//! (the scheme of go/token). `Pos(0)` is "no position". Invariant: file bases grow with the file id, ranges don't
//! overlap, and each file owns `[base, base + len]` (its end-of-file position included).

use std::path::{Path, PathBuf};
use std::sync::Arc;

crate::define_id!(
    /// A file in a `SourceMap`.
    FileId
);

/// A place in the source, as a compact number; see the module's text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Debug)]
pub struct Pos(pub u32);

impl Pos {
    /// No position.
    pub const NONE: Pos = Pos(0);

    /// Whether this is a real position.
    pub fn is_known(self) -> bool {
        self.0 != 0
    }

    /// The position `bytes` further on in the same file.
    pub fn offset(self, bytes: u32) -> Pos {
        Pos(self.0 + bytes)
    }
}

/// A place spelled out: 1-based line, 1-based column in bytes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Position {
    pub path: PathBuf,
    pub line: u32,
    pub column: u32,
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", crate::visible::part(&self.path.display().to_string()), self.line, self.column)
    }
}

/// One file's text and line table.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path to print.
    pub path: PathBuf,
    /// Position of the first byte.
    pub base: u32,
    /// The bytes of the file; none when only its lines are known.
    pub text: Arc<[u8]>,
    len: u32,
    /// Byte offset at which each line starts; the first is 0.
    line_starts: Vec<u32>,
    /// Of `//line` and `/*line*/`, in the order of the text.
    directives: Vec<LineDirective>,
}

/// From a place on the text says that it comes from another file.
#[derive(Debug, Clone)]
struct LineDirective {
    /// Byte offset of the place.
    from: u32,
    /// Relative to the folder of the file with the directive; empty for the same as before.
    path: PathBuf,
    /// The number of the line that holds the place.
    line: u32,
}

impl SourceFile {
    /// Bytes of the file, whether or not they are at hand.
    #[expect(clippy::len_without_is_empty, reason = "a file's length is a number here, not a collection's")]
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Byte offsets at which the lines start.
    pub fn line_starts(&self) -> &[u32] {
        &self.line_starts
    }

    /// The 1-based line and column of a position inside this file.
    pub fn line_column(&self, pos: Pos) -> (u32, u32) {
        let offset = pos.0.saturating_sub(self.base);
        let line = self.line_starts.partition_point(|&start| start <= offset);
        let start = self.line_starts[line - 1];
        (line as u32, offset - start + 1)
    }

    /// File and line of a position as the text's `//line` directives have it, if one stands before it: what stack traces show.
    pub fn told_line(&self, pos: Pos) -> Option<(PathBuf, u32)> {
        let offset = pos.0.saturating_sub(self.base);
        let count = self.directives.partition_point(|d| d.from <= offset);
        let last = self.directives[..count].last()?;
        let (line, _) = self.line_column(pos);
        let (from, _) = self.line_column(Pos(self.base + last.from));
        let path = self.directives[..count].iter().rev().map(|d| &d.path).find(|path| !path.as_os_str().is_empty());
        let folder = self.path.parent().unwrap_or(Path::new(""));
        Some((path.map_or_else(|| self.path.clone(), |path| folder.join(path)), last.line + (line - from)))
    }

    /// The text of a 1-based line without its line end, if there is such a line.
    pub fn line_text(&self, line: u32) -> Option<&[u8]> {
        let start = *self.line_starts.get(line.checked_sub(1)? as usize)? as usize;
        let end = self.line_starts.get(line as usize).map_or(self.text.len(), |&next| next as usize);
        let text = self.text.get(start..end)?;
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        Some(text.strip_suffix(b"\r").unwrap_or(text))
    }
}

/// All files of a compilation.
#[derive(Debug, Default, Clone)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Adds a file and returns its id; its base follows the last file's end.
    ///
    /// # Panics
    /// When all files together exceed 4 GB.
    pub fn add(&mut self, path: impl AsRef<Path>, text: Arc<[u8]>) -> FileId {
        let mut line_starts = vec![0];
        line_starts.extend(text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at as u32 + 1));
        let len = text.len() as u32;
        let directives = line_directives(&text, &line_starts);
        let id = self.push(path.as_ref(), text, len, line_starts);
        self.files[id.index()].directives = directives;
        id
    }

    /// Adds a file of which only the lines are known, and returns its id.
    ///
    /// # Panics
    /// As `add`.
    pub fn add_lines(&mut self, path: impl AsRef<Path>, len: u32, line_starts: Vec<u32>) -> FileId {
        self.push(path.as_ref(), Arc::from([]), len, line_starts)
    }

    fn push(&mut self, path: &Path, text: Arc<[u8]>, len: u32, line_starts: Vec<u32>) -> FileId {
        let base = self.files.last().map_or(1, |last| last.base + last.len + 1);
        assert!(u64::from(base) + u64::from(len) < u64::from(u32::MAX), "more than 4 GB of source");
        self.files.push(SourceFile { path: path.to_path_buf(), base, text, len, line_starts, directives: Vec::new() });
        FileId(self.files.len() as u32 - 1)
    }

    /// How many bytes another file may have.
    pub fn room(&self) -> u64 {
        let used = self.files.last().map_or(1, |last| u64::from(last.base) + last.text.len() as u64 + 1);
        (u64::from(u32::MAX) - 1).saturating_sub(used)
    }

    /// The file with this id.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.index()]
    }

    /// The file that holds a position.
    pub fn file_of(&self, pos: Pos) -> Option<FileId> {
        if !pos.is_known() {
            return None;
        }
        let at = self.files.partition_point(|file| file.base <= pos.0).checked_sub(1)?;
        Some(FileId(at as u32))
    }

    /// The position spelled out.
    pub fn position(&self, pos: Pos) -> Option<Position> {
        let file = self.file(self.file_of(pos)?);
        let (line, column) = file.line_column(pos);
        Some(Position { path: file.path.clone(), line, column })
    }

    /// The number of files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether no file was added yet.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// The directives of a text: `//line FILE:LINE` at the start of a line, `/*line FILE:LINE:COLUMN*/` anywhere; the column may be there or not.
fn line_directives(text: &[u8], line_starts: &[u32]) -> Vec<LineDirective> {
    let mut found = Vec::new();
    let mut add = |from: usize, words: &[u8]| {
        let Some((path, line)) = std::str::from_utf8(words).ok().and_then(place) else { return };
        found.push(LineDirective { from: from as u32, path: PathBuf::from(path), line });
    };
    for (at, &start) in line_starts.iter().enumerate() {
        let end = line_starts.get(at + 1).map_or(text.len(), |&next| next as usize);
        let mut line = &text[start as usize..end];
        if let Some(words) = line.strip_prefix(b"//line ") {
            add(end, words.trim_ascii_end());
            continue;
        }
        while let Some(begin) = line.iter().position(|&b| b == b'/') {
            line = &line[begin..];
            let after = line.strip_prefix(b"/*line ");
            match after.and_then(|rest| Some((rest, rest.windows(2).position(|w| w == b"*/")?))) {
                Some((rest, len)) => {
                    line = &rest[len + 2..];
                    add(end - line.len(), &rest[..len]);
                }
                None => line = &line[1..],
            }
        }
    }
    found
}

/// `FILE:LINE` or `FILE:LINE:COLUMN`; a file's name may hold colons.
fn place(words: &str) -> Option<(&str, u32)> {
    let (rest, last) = words.rsplit_once(':')?;
    let last: u32 = last.parse().ok()?;
    match rest.rsplit_once(':').and_then(|(path, line)| Some((path, line.parse().ok()?))) {
        Some((path, line)) => Some((path, line)),
        None => Some((rest, last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_change_what_is_told() {
        let mut map = SourceMap::default();
        let text = b"a\n//line x.y:10\nb\nc /*line :7:3*/ d\n";
        let file = map.add("m/a.go", Arc::from(&text[..]));
        let told = |what: u8| {
            let at = text.iter().rposition(|&b| b == what).unwrap() as u32;
            map.file(file)
                .told_line(Pos(map.file(file).base + at))
                .map(|(path, line)| (path.display().to_string(), line))
        };
        let x = || "m/x.y".to_string();
        assert_eq!((told(b'a'), told(b'b')), (None, Some((x(), 10))));
        assert_eq!((told(b'c'), told(b'd')), (Some((x(), 11)), Some((x(), 7))));
    }

    #[test]
    fn positions_map_to_lines_and_columns() {
        let mut map = SourceMap::default();
        map.add("a.go", Arc::from(&b"one\ntwo\n"[..]));
        let b = map.add("b.go", Arc::from(&b"three"[..]));
        let base = map.file(b).base;
        assert_eq!(map.position(Pos(base + 2)).unwrap().to_string(), "b.go:1:3");
        assert_eq!(map.position(Pos(1 + 4)).unwrap().to_string(), "a.go:2:1");
        assert_eq!(map.file(b).line_text(1), Some(&b"three"[..]));
    }
}
