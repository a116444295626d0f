//! What the files of the standard library import, kept in gorace's cache: an SDK does not change once it is installed,
//! so that an unchanged program needs no reading of std at all.
//!
//! One file for each SDK and set of tags; keyed by the SDK's folder, its VERSION file and that file's time, and by
//! gorace's version. A file that cannot be read, or is damaged, is made again.

use crate::folder::{Folder, Reader};
use crate::sdk::{Sdk, cache_folder};
use rayon::prelude::*;
use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Part of the key: what is stored changes with it.
const FORMAT: u32 = 4;

/// The folders of std by import path.
#[derive(Debug, Default)]
pub struct StdIndex {
    folders: HashMap<String, Folder>,
}

impl StdIndex {
    /// The index of an SDK: from the cache, or made and put there.
    pub fn of(sdk: &Sdk, reader: &Reader) -> StdIndex {
        let file = cache_file(sdk, &reader.tags);
        if let Some(folders) = read(&file) {
            return StdIndex { folders };
        }
        let index = StdIndex::make(sdk, reader);
        // Without a cache it is only slower.
        let _ = write(&file, &index.folders);
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
            Some((path, folder))
        };
        StdIndex { folders: paths.into_par_iter().filter_map(read).collect() }
    }

    pub fn get(&self, path: &str) -> Option<&Folder> {
        self.folders.get(path)
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

/// The stored form: a checksum, then the folders.
fn read(file: &Path) -> Option<HashMap<String, Folder>> {
    let bytes = std::fs::read(file).ok()?;
    let (sum, rest) = bytes.split_first_chunk::<8>()?;
    if u64::from_le_bytes(*sum) != xxhash_rust::xxh3::xxh3_64(rest) {
        return None;
    }
    postcard::from_bytes(rest).ok()
}

fn write(file: &Path, folders: &HashMap<String, Folder>) -> std::io::Result<()> {
    let bytes = postcard::to_stdvec(folders).map_err(std::io::Error::other)?;
    let parent = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent)?;
    let mut temporary = tempfile::NamedTempFile::new_in(parent)?;
    temporary.write_all(&xxhash_rust::xxh3::xxh3_64(&bytes).to_le_bytes())?;
    temporary.write_all(&bytes)?;
    temporary.persist(file).map_err(|e| e.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_index_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x/index");
        let folders = HashMap::from([("fmt".to_string(), Folder { name: "fmt".into(), ..Folder::default() })]);
        write(&file, &folders).unwrap();
        assert_eq!(read(&file).unwrap()["fmt"].name, "fmt");
        let mut bytes = std::fs::read(&file).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(&file, &bytes).unwrap();
        assert!(read(&file).is_none());
    }
}
