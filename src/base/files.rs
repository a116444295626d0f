//! Reading files that somebody else has named: regular ones alone, and not without bound.
//!
//! A name may lead to a device that never ends or to a pipe that nobody writes to, through a link, or from one moment to the next.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Linux's O_NONBLOCK: opening a pipe does not wait for its writer. It means nothing for regular files.
const NONBLOCK: i32 = 0o4000;

/// Bytes of a source file or a configuration, at most.
const MOST: u64 = 1 << 30;

/// Files that stand for others, by whole paths; where none stands for a file, it counts as missing.
pub type Overlay = BTreeMap<PathBuf, Option<PathBuf>>;

static OVERLAY: OnceLock<Overlay> = OnceLock::new();

/// From here on, in this process, files are read through an overlay. The first that is set stays.
pub fn set_overlay(overlay: Overlay) {
    let _ = OVERLAY.set(overlay);
}

/// What the overlay says of the files of a folder: their names, and whether they are there.
pub fn overlaid(folder: &Path) -> impl Iterator<Item = (String, bool)> + '_ {
    let all = OVERLAY.get().into_iter().flatten().filter(move |(path, _)| path.parent() == Some(folder));
    all.filter_map(|(path, by)| Some((path.file_name()?.to_str()?.to_string(), by.is_some())))
}

/// Opens a regular file.
///
/// # Errors
/// When it cannot be opened, or is something else.
pub fn open(path: &Path) -> io::Result<File> {
    let by = OVERLAY.get().and_then(|overlay| overlay.get(path));
    let path = match by {
        Some(None) => return Err(io::ErrorKind::NotFound.into()),
        Some(Some(by)) => by,
        None => path,
    };
    let file = OpenOptions::new().read(true).custom_flags(NONBLOCK).open(path)?;
    let found = file.metadata()?;
    if found.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !found.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    Ok(file)
}

/// A regular file's bytes.
///
/// # Errors
/// As `open`, and when it is too large.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = open(path)?;
    bytes.reserve(usize::try_from(file.metadata()?.len().min(MOST)).unwrap_or(0));
    file.take(MOST + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > MOST {
        true => Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than a gigabyte")),
        false => Ok(bytes),
    }
}

/// A regular file's text.
///
/// # Errors
/// As `read`, and when it is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_are_read() {
        for name in ["/dev/zero", "/dev/null", "/"] {
            assert!(read(Path::new(name)).is_err(), "{name}");
        }
        assert!(read_text(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml").as_path()).is_ok());
    }
}
