//! Links the `gorace` command statically, at a fixed address, where the C library has archives to link.
//!
//! What `gorace build` writes is gorace itself with a program's image behind it, so what gorace costs at start each of those
//! programs pays. A dynamic linker and four shared libraries are 2 MB of resident memory and a third of the start.
//!
//! `-C target-feature=+crt-static` would do the same, but as flags of rustc reach every crate of a build without `--target`, those
//! that are procedural macros could not be built any more. The standard library that Rust ships is one and the same for both ways; they
//! differ in the linker's arguments alone. rustc asks for `-lc` and its like from shared libraries; a folder in front of the system's
//! holds linker scripts of these names that lead to the archives. Without archives (no `libc.a`) the link stays as it is.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// Each library that rustc names for this target, with the archives that stand for it. Since version 2.34 of glibc the smaller ones are
/// parts of libc.
const LIBRARIES: [(&str, &[&str]); 7] = [
    ("gcc_s", &["libgcc_eh.a", "libgcc.a", "libc.a"]),
    ("c", &["libc.a", "libgcc.a", "libgcc_eh.a"]),
    ("m", &["libm.a", "libc.a"]),
    ("util", &["libc.a"]),
    ("rt", &["libc.a"]),
    ("pthread", &["libc.a"]),
    ("dl", &["libc.a"]),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = env::var("TARGET").unwrap_or_default();
    if target != "x86_64-unknown-linux-gnu" {
        return;
    }
    let Some(out) = env::var_os("OUT_DIR") else {
        return;
    };
    let folder = PathBuf::from(out).join("archives");
    match write_scripts(&folder) {
        Ok(true) => {
            println!("cargo::rustc-link-arg-bins=-L{}", folder.display());
            println!("cargo::rustc-link-arg-bins=-static");
            println!("cargo::rustc-link-arg-bins=-no-pie");
        }
        Ok(false) => {}
        Err(error) => println!("cargo::warning={}: {error}; gorace is linked dynamically", folder.display()),
    }
}

/// Writes a linker script for each library into `folder`; false when one of the archives is not installed.
fn write_scripts(folder: &Path) -> io::Result<bool> {
    fs::create_dir_all(folder)?;
    for (library, archives) in LIBRARIES {
        let mut script = String::from("GROUP (");
        for archive in archives {
            let Some(path) = find(archive) else {
                return Ok(false);
            };
            script.push_str(&format!(" \"{}\"", path.display()));
        }
        script.push_str(" )\n");
        fs::write(folder.join(format!("lib{library}.so")), script)?;
    }
    Ok(true)
}

/// Where the C compiler, which is what links, finds `archive`.
fn find(archive: &str) -> Option<PathBuf> {
    let output = Command::new("cc").arg(format!("-print-file-name={archive}")).output().ok()?;
    let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    path.is_absolute().then_some(path)
}
