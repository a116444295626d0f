//! The cache that cannot be read, cannot be written, is full, or is damaged; `gorace cache`. A module of the tests of the command.

use crate::{EMPTY, folder, gorace, refused, sdk, text};
use std::fs;
use std::process::{Command, Stdio};

#[test]
fn cache_that_cannot_be_written() {
    let folder = folder(&[EMPTY, ("file", "")]);
    // Below a file there can be no folder, not even for root.
    let mut command = gorace(folder.path(), &["run", "main.go"]);
    command.env("XDG_CACHE_HOME", folder.path().join("file")).env("GOROOT", sdk());
    refused(&mut command, &["file/gorace", "XDG_CACHE_HOME"]);
}

/// A folder of the cache that is a file, and a package's file that is a folder.
#[test]
fn cache_that_cannot_be_read() {
    let folder = folder(&[EMPTY, ("cache/gorace", "")]);
    let mut command = gorace(folder.path(), &["run", "main.go"]);
    command.env("XDG_CACHE_HOME", folder.path().join("cache")).env("GOROOT", sdk());
    refused(&mut command, &["cache/gorace", "XDG_CACHE_HOME"]);
}

/// Modes that forbid, for who is not allowed to pass over them: the capability is taken from root.
#[test]
fn cache_that_is_forbidden() {
    let folder = folder(&[EMPTY, ("cache/gorace/x", "")]);
    let cache = folder.path().join("cache");
    let sdk = sdk();
    let forbid = |mode: u32| {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(cache.join("gorace"), permissions).unwrap();
    };
    forbid(0);
    let command = |words: &[&str]| {
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set=-dac_override,-dac_read_search", env!("CARGO_BIN_EXE_gorace")]).args(words);
        command.current_dir(folder.path()).env("XDG_CACHE_HOME", &cache).env("GOROOT", &sdk).stdin(Stdio::null());
        command
    };
    let listed = Command::new("setpriv")
        .args(["--bounding-set=-dac_override,-dac_read_search", "ls"])
        .arg(cache.join("gorace"))
        .output();
    if !listed.is_ok_and(|l| text(&l.stderr).contains("Permission denied")) {
        eprintln!("skipped: setpriv cannot take root's capability away");
        return forbid(0o755);
    }
    for words in [&["check", "main.go"][..], &["run", "main.go"], &["replay", "2-1-d", "main.go"]] {
        refused(&mut command(words), &["cache/gorace", "ermission denied", "XDG_CACHE_HOME"]);
    }
    // Readable, not writable.
    forbid(0o555);
    refused(&mut command(&["check", "main.go"]), &["cache/gorace", "ermission denied", "XDG_CACHE_HOME"]);
    forbid(0o755);
}

#[test]
fn damaged_cache() {
    let folder = folder(&[EMPTY]);
    let cache = folder.path().join("cache");
    let run = || {
        let mut command = gorace(folder.path(), &["run", "main.go"]);
        command.env("XDG_CACHE_HOME", &cache).env("GOROOT", sdk()).output().unwrap()
    };
    let first = run();
    assert_eq!(first.status.code(), Some(0), "{}", text(&first.stderr));
    let mut damaged = 0;
    for folder in fs::read_dir(cache.join("gorace")).unwrap().flatten() {
        for file in fs::read_dir(folder.path()).into_iter().flatten().flatten().filter(|f| f.path().is_file()) {
            let bytes = fs::read(file.path()).unwrap();
            fs::write(file.path(), &bytes[..bytes.len() / 2]).unwrap();
            damaged += 1;
        }
    }
    assert!(damaged > 0);
    let again = run();
    assert!(!text(&again.stderr).contains("panicked"), "{}", text(&again.stderr));
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
}

#[test]
fn full_disk() {
    let folder = folder(&[EMPTY]);
    let disk = folder.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(&disk).output();
    if !mount.is_ok_and(|m| m.status.success()) {
        eprintln!("skipped: mounting a small disk needs root");
        return;
    }
    let mut command = gorace(folder.path(), &["run", "main.go"]);
    let output = command.env("XDG_CACHE_HOME", &disk).env("GOROOT", sdk()).output().unwrap();
    let unmounted = Command::new("umount").arg(&disk).status().unwrap();
    let said = text(&output.stderr);
    assert!(unmounted.success());
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("disk/gorace/") && said.contains("No space left on device"), "{said}");
}

#[test]
fn cache_is_looked_at_and_cleared() {
    let folder = folder(&[EMPTY]);
    let cache = folder.path().join("cache");
    let run = |arguments: &[&str]| {
        let mut command = gorace(folder.path(), arguments);
        command.env("XDG_CACHE_HOME", &cache).env("GOROOT", sdk()).env("GORACE_CACHE_SIZE", "100").output().unwrap()
    };
    assert_eq!(run(&["run", "main.go"]).status.code(), Some(0));
    let whole = run(&["cache", "--verify"]);
    assert_eq!(whole.status.code(), Some(0));
    assert!(text(&whole.stdout).contains(" 0 damaged") && text(&whole.stdout).contains("of at most 100 MB"));
    let image = fs::read_dir(cache.join("gorace/images")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&image).unwrap();
    bytes[5000] ^= 1;
    fs::write(&image, bytes).unwrap();
    let damaged = run(&["cache", "--verify"]);
    assert_eq!(damaged.status.code(), Some(1));
    assert!(text(&damaged.stdout).contains(": damaged\n"), "{}", text(&damaged.stdout));
    let cleared = run(&["cache", "--clear"]);
    assert!(text(&cleared.stdout).contains(": 0 files, 0 MB"), "{}", text(&cleared.stdout));
}
