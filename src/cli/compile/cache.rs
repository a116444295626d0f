//! The cache's images, and its limit of size.
//!
//! Whatever a program is compiled from may change at any moment, so the cache only grows by itself. It is trimmed as the go
//! command trims its own, by disuse: files carry the time of their last use (kept to an hour, so that using them is not
//! writing), and when all of them together are larger than the limit, the longest unused go first, until a quarter is free.
//!
//! Invariants: a file that a process may still need is not removed. Objects are read within minutes of being found, and nothing
//! younger than `YOUNG` goes. Images are mapped again for each schedule: whoever runs one holds a shared lock on it to its
//! own end. A process that dies leaves a temporary file at most, which goes when it is old.

use gorace_codegen::{Object, object};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Bytes that the cache may hold, unless `GORACE_CACHE_SIZE` says otherwise (in megabytes). A whole standard library is
/// a hundred megabytes, an image a few.
const LIMIT: u64 = 4 << 30;

/// How exactly the time of last use is kept; also how often the cache is looked through.
const HOUR: Duration = Duration::from_secs(3600);

/// What was used within this time stays.
const YOUNG: Duration = Duration::from_secs(600);

/// Folders of the cache that are trimmed; the SDK is not.
const FOLDERS: [&str; 2] = ["images", "objects"];

/// Its time says when the cache was last looked through.
const TRIMMED: &str = "trimmed";

/// Bytes of the checksum behind an image.
const SUM: usize = 8;

/// Writes an image with its checksum, whole or not at all.
///
/// # Errors
/// When the folder or file cannot be written.
pub fn write_image(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    io::Write::write_all(&mut file, bytes)?;
    io::Write::write_all(&mut file, &xxhash_rust::xxh3::xxh3_64(bytes).to_le_bytes())?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// Whether an image is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It is not there, or damaged.
    No,
    /// It was used within the hour.
    Fresh,
    Stale,
}

/// Holds an image that is there and whole: it stays until this process ends.
pub fn hold_image(path: &Path) -> Held {
    let Some(mut file) = locked(path) else { return Held::No };
    if !image_is_whole(&mut file).unwrap_or(false) {
        return Held::No;
    }
    let stale = used(&file);
    // Open, and so locked, until the process ends.
    std::mem::forget(file);
    if stale { Held::Stale } else { Held::Fresh }
}

/// Reads an image in pieces: one of megabytes would be most of a small program's memory.
fn image_is_whole(file: &mut File) -> io::Result<bool> {
    let Some(mut left) = file.metadata()?.len().checked_sub(SUM as u64) else { return Ok(false) };
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    let mut piece = vec![0; 64 << 10];
    while left > 0 {
        let length = left.min(piece.len() as u64) as usize;
        file.read_exact(&mut piece[..length])?;
        hasher.update(&piece[..length]);
        left -= length as u64;
    }
    let mut sum = [0; SUM];
    file.read_exact(&mut sum)?;
    Ok(hasher.digest().to_le_bytes() == sum)
}

/// Opens a file with a shared lock, if it is still there once it is locked.
fn locked(path: &Path) -> Option<File> {
    use std::os::unix::fs::MetadataExt;
    let file = File::open(path).ok()?;
    // Where there are no locks, the file is only protected by its time.
    let _ = file.lock_shared();
    let there = std::fs::metadata(path).ok()?;
    let own = file.metadata().ok()?;
    ((there.dev(), there.ino()) == (own.dev(), own.ino())).then_some(file)
}

/// Notes that a file of the cache was used; says whether that was not known of the last hour.
fn used(file: &File) -> bool {
    let now = SystemTime::now();
    let time = file.metadata().and_then(|m| m.modified());
    let stale = time.is_ok_and(|time| now.duration_since(time).is_ok_and(|age| age > HOUR));
    if stale {
        // A cache that cannot be written is trimmed by none.
        let _ = file.set_modified(now);
    }
    stale
}

/// Notes that an object was used.
pub fn used_object(path: &Path) {
    if let Ok(file) = File::open(path) {
        used(&file);
    }
}

/// Bytes that the cache may hold.
pub fn limit() -> u64 {
    let own = std::env::var("GORACE_CACHE_SIZE").ok().and_then(|text| text.trim().parse::<u64>().ok());
    own.map_or(LIMIT, |megabytes| megabytes.saturating_mul(1 << 20))
}

/// A file of the cache.
#[derive(Debug)]
struct Entry {
    path: PathBuf,
    used: SystemTime,
    size: u64,
}

fn entries(folder: &Path) -> Vec<Entry> {
    let files = FOLDERS.iter().filter_map(|name| std::fs::read_dir(folder.join(name)).ok()).flatten().flatten();
    let entry = |file: std::fs::DirEntry| {
        let meta = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
        Some(Entry { path: file.path(), used: meta.modified().ok()?, size: meta.len() })
    };
    files.filter_map(entry).collect()
}

/// Bytes in a cache's folders, and files.
pub fn size(folder: &Path) -> (u64, usize) {
    let entries = entries(folder);
    (entries.iter().map(|e| e.size).sum(), entries.len())
}

/// Trims the cache, if nobody has looked through it for an hour.
pub fn trim(folder: &Path) {
    let mark = folder.join(TRIMMED);
    let now = SystemTime::now();
    let last = std::fs::metadata(&mark).and_then(|m| m.modified());
    if last.is_ok_and(|last| now.duration_since(last).is_ok_and(|age| age < HOUR)) {
        return;
    }
    // First, so that others do not begin as well. If it cannot be written nothing can be removed.
    if std::fs::write(&mark, []).is_ok() {
        shrink(folder, limit(), now);
    }
}

/// Removes the longest unused files of a cache that is larger than `limit` bytes; gives the bytes that were removed.
pub fn shrink(folder: &Path, limit: u64, now: SystemTime) -> u64 {
    let mut entries = entries(folder);
    let mut size: u64 = entries.iter().map(|e| e.size).sum();
    if size <= limit {
        return 0;
    }
    entries.sort_by(|a, b| (a.used, &a.path).cmp(&(b.used, &b.path)));
    let mut removed = 0;
    for entry in entries {
        let young = now.duration_since(entry.used).is_ok_and(|age| age < YOUNG);
        if size <= limit / 4 * 3 || young {
            break;
        }
        // Whoever runs an image has it locked.
        let free = File::open(&entry.path).is_ok_and(|file| file.try_lock().is_ok());
        if free && std::fs::remove_file(&entry.path).is_ok() {
            size -= entry.size;
            removed += entry.size;
        }
    }
    removed
}

/// What a look at every file of a cache gives.
#[derive(Debug, Default)]
pub struct Verdict {
    pub whole: usize,
    /// Files that do not match their checksums.
    pub damaged: Vec<PathBuf>,
    /// Temporary files of processes that were stopped, or are just writing them.
    pub unfinished: usize,
}

/// Holds every file of a cache against its checksums.
pub fn verify(folder: &Path) -> Verdict {
    let mut verdict = Verdict::default();
    for Entry { path, .. } in entries(folder) {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        if name.starts_with(b".") {
            verdict.unfinished += 1;
            continue;
        }
        let is_image = path.parent().is_some_and(|f| f.ends_with(FOLDERS[0]));
        let object = || {
            let header = object::Header::read(&path)?;
            object::read_export(&path)?;
            if header.has_code { Object::read(&path).map(|_| ()) } else { Some(()) }
        };
        let image = || File::open(&path).and_then(|mut file| image_is_whole(&mut file)).unwrap_or(false);
        if (is_image && image()) || (!is_image && object().is_some()) {
            verdict.whole += 1;
        } else {
            verdict.damaged.push(path);
        }
    }
    verdict.damaged.sort();
    verdict
}

/// Who compiles holds this file with a shared lock.
const COMPILING: &str = ".compiling";

/// Says that objects are needed, until what it gives is dropped. Without locks they are protected by their time alone.
pub fn compiling(folder: &Path) -> Option<File> {
    let file = File::create(folder.join(COMPILING)).ok()?;
    file.lock_shared().ok()?;
    Some(file)
}

/// Removes every image and object but the images that are run; waits for those who compile. Gives the number of what stays.
///
/// # Errors
/// When a file cannot be removed.
pub fn clear(folder: &Path) -> io::Result<usize> {
    let guard = File::create(folder.join(COMPILING));
    // Where there are no locks nobody is waited for.
    let _ = guard.as_ref().map(File::lock);
    let mut stay = 0;
    for entry in entries(folder) {
        // Whoever runs an image has it locked.
        let free = File::open(&entry.path).map_or(true, |file| file.try_lock().is_ok());
        if !free {
            stay += 1;
            continue;
        }
        match std::fs::remove_file(&entry.path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(stay)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &Path, name: &str, size: usize, age: u64) -> PathBuf {
        let path = folder.join("images").join(name);
        write_image(&path, &vec![1; size - SUM]).unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        path
    }

    #[test]
    fn the_longest_unused_go_first_and_the_young_stay() {
        let folder = tempfile::tempdir().unwrap();
        let old = file(folder.path(), "old", 400, 90_000);
        let older = file(folder.path(), "older", 400, 100_000);
        let young = file(folder.path(), "young", 400, 60);
        assert_eq!(shrink(folder.path(), 1200, SystemTime::now()), 0);
        assert_eq!(shrink(folder.path(), 1100, SystemTime::now()), 400);
        assert!(!older.exists() && old.exists() && young.exists());
        assert_eq!(shrink(folder.path(), 1, SystemTime::now()), 400);
        assert!(!old.exists() && young.exists());
    }

    #[test]
    fn an_image_that_is_held_stays_and_is_young_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path(), "held", 400, 90_000);
        let lock = locked(&path).unwrap();
        assert_eq!(shrink(folder.path(), 1, SystemTime::now()), 0);
        used(&lock);
        let age = SystemTime::now().duration_since(std::fs::metadata(&path).unwrap().modified().unwrap()).unwrap();
        assert!(age < YOUNG);
        drop(lock);
        assert_ne!(hold_image(&path), Held::No);
    }

    #[test]
    fn a_damaged_image_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("images/i");
        write_image(&path, b"an image").unwrap();
        let whole = std::fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 4;
            std::fs::write(&path, &damaged).unwrap();
            assert_eq!(hold_image(&path), Held::No, "byte {at}");
            std::fs::write(&path, &whole[..at]).unwrap();
            assert_eq!(hold_image(&path), Held::No, "cut at {at}");
        }
        std::fs::write(&path, &whole).unwrap();
        assert_ne!(hold_image(&path), Held::No);
    }
}
