//! Where things are, as a reader on another machine can use it.
//!
//! A path inside the current folder is shown relative to it; a file of the standard library is known by its path in the SDK.

use crate::Read;
use gorace_base::finding::Frame;
use std::path::{Path, PathBuf};

/// A path as a reader wants it: relative to the current folder where it lies inside.
pub fn shown_path(path: &str) -> String {
    let Ok(here) = std::env::current_dir() else { return path.to_string() };
    Path::new(path).strip_prefix(&here).map_or_else(|_| path.to_string(), |p| p.display().to_string())
}

/// The folder that a reference to a file is relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// The folder in which gorace was called.
    Here,
    /// The Go SDK.
    Sdk,
    /// None: the path is whole.
    Root,
}

/// A frame's file as a path relative to a base, with forward slashes.
pub fn relative(frame: &Frame) -> (Base, String) {
    let shown = shown_path(&frame.file);
    if !shown.starts_with('/') {
        return (Base::Here, shown);
    }
    match shown.rsplit_once("/src/").filter(|_| frame.is_std()) {
        Some((_, inside)) => (Base::Sdk, format!("src/{inside}")),
        None => (Base::Root, shown),
    }
}

/// The folder of the module that a file or folder lies in, and the module's path.
pub fn module_of(path: &Path) -> Option<(PathBuf, String)> {
    let root = path.ancestors().find(|folder| folder.join("go.mod").is_file())?;
    let text = std::fs::read_to_string(root.join("go.mod")).ok()?;
    let module = text.lines().find_map(|line| line.trim().strip_prefix("module ")).unwrap_or("");
    let module = module.split("//").next().unwrap_or("").trim().trim_matches('"');
    Some((root.to_path_buf(), module.to_string()))
}

/// A frame's file by a name that is the same on every machine and in every folder: in its module, in the SDK, or its last part.
pub fn lasting(frame: &Frame) -> String {
    let path = Path::new(&frame.file);
    if let Some((_, inside)) = frame.file.rsplit_once("/src/").filter(|_| frame.is_std()) {
        return format!("src/{inside}");
    }
    if let Some((_, inside)) = frame.file.rsplit_once("/pkg/mod/") {
        return inside.to_string();
    }
    let inside = module_of(path).and_then(|(root, _)| Some(path.strip_prefix(root).ok()?.display().to_string()));
    inside.unwrap_or_else(|| {
        path.file_name().map_or_else(|| frame.file.clone(), |name| name.to_string_lossy().to_string())
    })
}

/// A path as a part of a URI: what is no plain character is escaped (RFC 3986).
pub fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => out.push(byte as char),
            _ => {
                out.push('%');
                out.extend([byte >> 4, byte & 15].map(|half| char::from(b"0123456789ABCDEF"[usize::from(half)])));
            }
        }
    }
    out
}

/// A goroutine's name in a sentence.
pub fn who(goroutine: u64) -> String {
    match goroutine {
        0 => "the program".to_string(),
        1 => "main goroutine".to_string(),
        n => format!("goroutine {n}"),
    }
}

/// `path:line:column` as shown.
pub fn shown(frame: &Frame) -> String {
    format!("{}:{}:{}", shown_path(&frame.file), frame.line, frame.column.max(1))
}

/// A frame's column in UTF-16 code units instead of bytes; the same where the source is not at hand.
pub fn utf16_column(frame: &Frame, read: Read<'_>) -> u32 {
    let column = frame.column.max(1);
    let before = |text: String| {
        let line = text.lines().nth(frame.line.checked_sub(1)? as usize)?;
        Some(line.get(..column as usize - 1)?.encode_utf16().count() as u32 + 1)
    };
    read(&frame.file).and_then(before).unwrap_or(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(function: &str, file: &str) -> Frame {
        Frame { function: function.to_string(), file: file.to_string(), line: 1, column: 0, offset: 0 }
    }

    #[test]
    fn files_are_relative_to_what_is_the_same_on_every_machine() {
        let here = std::env::current_dir().unwrap().join("a/b.go");
        assert_eq!(relative(&frame("main.main", here.to_str().unwrap())), (Base::Here, "a/b.go".to_string()));
        let std = frame("sync.(*Mutex).Lock", "/sdk/src/sync/mutex.go");
        assert_eq!(relative(&std), (Base::Sdk, "src/sync/mutex.go".to_string()));
        assert_eq!(relative(&frame("main.main", "/x/y.go")), (Base::Root, "/x/y.go".to_string()));
        assert_eq!(shown(&frame("main.main", "/x/y.go")), "/x/y.go:1:1");
    }

    #[test]
    fn uris_escape_what_is_not_plain() {
        assert_eq!(uri("a b/ü%.go"), "a%20b/%C3%BC%25.go");
    }
}
