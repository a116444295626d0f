//! Public modules as Debian packages them, laid out so that the go command and gorace take them unchanged and without a network.
//!
//! Debian puts sources where GOPATH has them, `/usr/share/gocode/src/IMPORT/PATH`, each module's dependencies beside it. A module is copied
//! from there; all packages that its own and their dependencies import go into a vendor folder. As nothing says which version of
//! what they are, each vendored package counts as a module of its own, with the lowest version that its path allows.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where Debian's packages put their sources.
pub const SOURCES: &str = "/usr/share/gocode/src";

/// The lowest version of the language that a module gets: older ones know no vendor folders.
const LOWEST: (u32, u32) = (1, 18);

/// A module of the list.
#[derive(Debug)]
pub struct Module {
    /// Debian's package.
    pub package: &'static str,
    /// The folder below `SOURCES`.
    pub path: &'static str,
}

/// The list.
pub fn list() -> Vec<Module> {
    let lines = include_str!("modules.txt").lines().filter(|l| !l.starts_with('#'));
    let module = |line: &'static str| {
        let mut words = line.split_whitespace();
        Some(Module { package: words.next()?, path: words.next()? })
    };
    lines.filter_map(module).collect()
}

/// Copies a module into `folder`, with a vendor folder of all that it imports.
///
/// # Errors
/// What cannot be read or written.
pub fn lay_out(module: &Module, folder: &Path) -> Result<(), String> {
    let sources = Path::new(SOURCES);
    let from = sources.join(module.path);
    let say = |path: &Path, e: io::Error| format!("{}: {e}", path.display());
    copy_all(&from, folder).map_err(|e| say(&from, e))?;
    let go_mod = fs::read_to_string(folder.join("go.mod")).unwrap_or_default();
    let own = go_mod.lines().find_map(|l| l.strip_prefix("module ")).map_or(module.path, str::trim).trim_matches('"');
    let vendored = vendor(own, folder, sources).map_err(|e| say(folder, e))?;
    let (major, minor) = language(&go_mod).unwrap_or(LOWEST).max(LOWEST);
    let mut text = format!("module {own}\n\ngo {major}.{minor}\n\nrequire (\n");
    let mut listed = String::new();
    for path in &vendored {
        let version = version(path);
        text += &format!("\t{path} {version}\n");
        listed += &format!("# {path} {version}\n## explicit; go {}.{}\n{path}\n", LOWEST.0, LOWEST.1);
    }
    text += ")\n";
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|e| say(&path, e))
    };
    write("go.mod", &text)?;
    if !vendored.is_empty() {
        write("vendor/modules.txt", &listed)?;
    }
    let _ = fs::remove_file(folder.join("go.sum"));
    Ok(())
}

/// The `go` line of a go.mod.
fn language(go_mod: &str) -> Option<(u32, u32)> {
    let said = go_mod.lines().find_map(|l| l.strip_prefix("go "))?;
    let mut numbers = said.trim().split('.').map(str::parse::<u32>);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// The lowest version that a module of this path may have.
fn version(path: &str) -> String {
    let last = path.rsplit('/').next().unwrap_or(path);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let major = match path.strip_prefix("gopkg.in/") {
        Some(_) => last.rsplit_once(".v").map(|(_, n)| n).filter(|n| digits(n)),
        None => last.strip_prefix('v').filter(|n| digits(n) && *n != "0" && *n != "1"),
    };
    format!("v{}.0.0", major.unwrap_or("0"))
}

/// Copies all packages that a module needs into its vendor folder; gives their paths.
fn vendor(own: &str, folder: &Path, sources: &Path) -> io::Result<BTreeSet<String>> {
    let is_own = |path: &str| path == own || path.strip_prefix(own).is_some_and(|rest| rest.starts_with('/'));
    let mut work: Vec<String> = Vec::new();
    for package in folders(folder)? {
        work.extend(imports(&package, true)?);
    }
    let mut done = BTreeSet::new();
    let mut seen = BTreeSet::new();
    while let Some(path) = work.pop() {
        let is_std = !path.split('/').next().is_some_and(|first| first.contains('.'));
        if is_std || is_own(&path) || !seen.insert(path.clone()) {
            continue;
        }
        let Some(from) = find(sources, &path) else { continue };
        let to = folder.join("vendor").join(&path);
        fs::create_dir_all(&to)?;
        for entry in fs::read_dir(&from)? {
            let entry = entry?;
            let name = entry.file_name();
            if fs::metadata(entry.path()).is_ok_and(|m| m.is_file()) && !name.to_string_lossy().ends_with("_test.go") {
                fs::copy(entry.path(), to.join(name))?;
            }
        }
        work.extend(imports(&from, false)?);
        done.insert(path);
    }
    Ok(done)
}

/// The folder of an import path; Debian leaves out the element for the major version in some.
fn find(sources: &Path, path: &str) -> Option<PathBuf> {
    let whole = sources.join(path);
    if whole.is_dir() {
        return Some(whole);
    }
    let is_major =
        |e: &str| e.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let short: Vec<&str> = path.split('/').filter(|e| !is_major(e)).collect();
    Some(sources.join(short.join("/"))).filter(|p| p.is_dir())
}

/// The folders below one that can hold packages.
fn folders(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut out = vec![root.to_path_buf()];
    let mut at = 0;
    while let Some(folder) = out.get(at).cloned() {
        at += 1;
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && !name.starts_with(['.', '_']) && name != "testdata" && name != "vendor" {
                out.push(path);
            }
        }
    }
    Ok(out)
}

/// What the Go files of a folder import.
fn imports(folder: &Path, tests: bool) -> io::Result<BTreeSet<String>> {
    let mut out = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.to_string_lossy().into_owned();
        if !name.ends_with(".go") || (!tests && name.ends_with("_test.go")) {
            continue;
        }
        out.extend(gorace_load::scan::header(&fs::read(&path)?).imports.into_iter().map(|i| i.path));
    }
    Ok(out)
}

/// Copies a folder with all in it; what links lead to is copied, too.
fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match fs::metadata(&from) {
            Ok(m) if m.is_dir() => copy_all(&from, &to)?,
            Ok(m) if m.is_file() => _ = fs::copy(&from, &to)?,
            // A link that leads nowhere, a socket.
            _ => {}
        }
    }
    Ok(())
}

/// What became of each test, by package and name: `pass`, `fail` or `skip`; the package as a whole under an empty name.
pub type Results = BTreeMap<(String, String), String>;

/// Reads the events of `test -json`; with what each test printed.
pub fn read(events: &str) -> (Results, BTreeMap<(String, String), String>) {
    let (mut results, mut output) = (Results::new(), BTreeMap::new());
    for event in events.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()) {
        let text = |key: &str| event[key].as_str().unwrap_or("").to_string();
        let of = |test: String| (text("Package"), test);
        let test = text("Test");
        match text("Action").as_str() {
            action @ ("pass" | "fail" | "skip") => _ = results.insert(of(test), action.to_string()),
            "output" => {
                let top = test.split('/').next().unwrap_or("").to_string();
                output.entry(of(top)).or_insert_with(String::new).push_str(&text("Output"));
            }
            _ => {}
        }
    }
    (results, output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_what_their_paths_allow() {
        for (path, wanted) in [
            ("github.com/a/b", "v0.0.0"),
            ("github.com/a/b/v3", "v3.0.0"),
            ("github.com/a/b/v3/c", "v0.0.0"),
            ("gopkg.in/yaml.v2", "v2.0.0"),
            ("gopkg.in/a/b.v1", "v1.0.0"),
        ] {
            assert_eq!(version(path), wanted, "{path}");
        }
    }

    #[test]
    fn the_list_names_each_module_once() {
        let list = list();
        let paths: BTreeSet<&str> = list.iter().map(|m| m.path).collect();
        assert!(list.len() >= 40 && paths.len() == list.len());
    }
}
