//! What the files of the standard library import, kept in gorace's cache: an SDK does not change once it is installed,
//! so that an unchanged program needs no reading of std at all.
//!
//! A file begins with the table of where each folder stands in it, so that only those that a program imports are decoded, when
//! they are first asked for: decoding all of std would take longer than all else that an unchanged program needs.
//!
//! One file for each SDK and set of tags; keyed by the SDK's folder, its VERSION file and that file's time, and by
//! gorace's version. A file that cannot be read, or is damaged, is made again.

use crate::folder::{Folder, Reader};
use crate::sdk::{Sdk, cache_folder};
use rayon::prelude::*;

use std::collections::HashMap;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Part of the key: what is stored changes with it.
const FORMAT: u32 = 7;

/// The folders of std by import path.
#[derive(Debug, Default)]
pub struct StdIndex {
    folders: HashMap<String, Entry>,
    /// The folders, each encoded by itself.
    stored: Vec<u8>,
}

/// A folder, or where it is stored.
#[derive(Debug, Default)]
struct Entry {
    range: Range<usize>,
    folder: OnceLock<Option<Folder>>,
}

impl StdIndex {
    /// The index of an SDK: from the cache, or made and put there.
    pub fn of(sdk: &Sdk, reader: &Reader) -> StdIndex {
        let file = cache_file(sdk, &reader.tags);
        if let Some(index) = read(&file) {
            return index;
        }
        let index = StdIndex::make(sdk, reader);
        // Without a cache it is only slower.
        let _ = index.write(&file);
        index
    }

    /// The index of an SDK, made anew.
    pub fn make(sdk: &Sdk, reader: &Reader) -> StdIndex {
        let root = sdk.root.join("src");
        let mut paths = Vec::new();
        collect(&root, &root, &mut paths);
        // Paths of std are printed whole, whatever the working folder.
        let reader = Reader { working_folder: PathBuf::from("/nonexistent"), ..reader.clone() };
        let read = |path: String| {
            let mut folder = reader.folder(&root.join(&path), &path, false).ok()?;
            folder.files.iter_mut().for_each(|f| f.text = None);
            add_own_texts(&path, &mut folder);
            Some((path, folder))
        };
        StdIndex::from_folders(paths.into_par_iter().filter_map(read).collect())
    }

    fn from_folders(folders: HashMap<String, Folder>) -> StdIndex {
        let entry = |folder| Entry { range: 0..0, folder: OnceLock::from(Some(folder)) };
        StdIndex {
            folders: folders.into_iter().map(|(path, folder)| (path, entry(folder))).collect(),
            stored: Vec::new(),
        }
    }

    pub fn get(&self, path: &str) -> Option<&Folder> {
        let entry = self.folders.get(path)?;
        // The whole has matched its checksum: what cannot be decoded was not written by this version.
        let decoded = || {
            let mut folder = postcard::from_bytes(self.stored.get(entry.range.clone())?).ok()?;
            add_own_texts(path, &mut folder);
            Some(folder)
        };
        entry.folder.get_or_init(decoded).as_ref()
    }

    /// Writes the stored form: a checksum, the length of the table, the table, the folders.
    fn write(&self, file: &Path) -> std::io::Result<()> {
        let mut paths: Vec<&String> = self.folders.keys().collect();
        paths.sort();
        let mut table: Vec<(&str, u32)> = Vec::new();
        let mut folders = Vec::new();
        for path in paths {
            let Some(folder) = self.get(path) else { continue };
            let bytes = postcard::to_stdvec(folder).map_err(std::io::Error::other)?;
            table.push((path, bytes.len() as u32));
            folders.extend(bytes);
        }
        let table = postcard::to_stdvec(&table).map_err(std::io::Error::other)?;
        let mut bytes = (table.len() as u64).to_le_bytes().to_vec();
        bytes.extend(table);
        bytes.extend(folders);
        let parent = file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent)?;
        let mut temporary = tempfile::NamedTempFile::new_in(parent)?;
        temporary.write_all(&xxhash_rust::xxh3::xxh3_64(&bytes).to_le_bytes())?;
        temporary.write_all(&bytes)?;
        temporary.persist(file).map_err(|e| e.error)?;
        Ok(())
    }
}

fn collect(root: &Path, dir: &Path, out: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten().filter(|e| e.file_type().is_ok_and(|t| t.is_dir())) {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let path = entry.path();
        if name == "testdata" || name.starts_with(['.', '_']) || path == root.join("cmd") {
            continue;
        }
        collect(root, &path, out);
        if let Ok(import) = path.strip_prefix(root) {
            out.push(import.display().to_string());
        }
    }
}

/// Gives those files their text that are not as the SDK has them: all others are read when they are parsed.
fn add_own_texts(path: &str, folder: &mut Folder) {
    if !gorace_golib::changes(path) {
        return;
    }
    for file in &mut folder.files {
        let name = file.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let text = gorace_base::files::read(&file.path).ok();
        file.text = text.and_then(|text| gorace_golib::in_place_of(path, name, &text)).map(Arc::from);
    }
}

fn cache_file(sdk: &Sdk, tags: &[String]) -> PathBuf {
    let version = sdk.root.join("VERSION");
    let time = std::fs::metadata(&version).and_then(|m| m.modified()).ok();
    let time = time.and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok()).map_or(0, |d| d.as_nanos());
    let mut tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    tags.sort_unstable();
    let key = format!(
        "{FORMAT} {} {} {} {time} {}",
        env!("CARGO_PKG_VERSION"),
        sdk.root.display(),
        sdk.version,
        tags.join(",")
    );
    cache_folder().join("std").join(format!("{:032x}", xxhash_rust::xxh3::xxh3_128(key.as_bytes())))
}

fn read(file: &Path) -> Option<StdIndex> {
    let stored = std::fs::read(file).ok()?;
    let (sum, rest) = stored.split_first_chunk::<8>()?;
    if u64::from_le_bytes(*sum) != xxhash_rust::xxh3::xxh3_64(rest) {
        return None;
    }
    let (length, rest) = rest.split_first_chunk::<8>()?;
    let table: Vec<(&str, u32)> = postcard::from_bytes(rest.get(..u64::from_le_bytes(*length) as usize)?).ok()?;
    let mut start = 16 + u64::from_le_bytes(*length) as usize;
    let mut folders = HashMap::with_capacity(table.len());
    for (path, length) in table {
        let end = start + length as usize;
        folders.insert(path.to_string(), Entry { range: start..end, folder: OnceLock::new() });
        start = end;
    }
    (start == stored.len()).then_some(StdIndex { folders, stored })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_index_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x/index");
        let folder = |name: &str| (name.to_string(), Folder { name: name.into(), ..Folder::default() });
        StdIndex::from_folders(HashMap::from([folder("fmt"), folder("io")])).write(&file).unwrap();
        let index = read(&file).unwrap();
        assert_eq!((&*index.get("fmt").unwrap().name, &*index.get("io").unwrap().name), ("fmt", "io"));
        assert!(index.get("os").is_none());
        let mut bytes = std::fs::read(&file).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(&file, &bytes).unwrap();
        assert!(read(&file).is_none());
    }
}
