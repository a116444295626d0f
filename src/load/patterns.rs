//! What a Go programmer types: files, folders, import paths, and patterns with `...`; `std` and `all`.

use crate::error::LoadError;
use crate::modules::{Module, Modules};
use crate::sdk::Sdk;
use std::path::{Component, Path, PathBuf};

/// A package that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Files named one by one.
    Files(Vec<String>),
    /// An import path; from a wildcard, a folder without files to build is passed over.
    Package { path: String, dir: PathBuf, wildcard: bool },
    /// An import path whose folder is found as an import's is.
    Import { path: String },
    /// A word that names nothing: what is wrong with it.
    Missing { pattern: String, text: String },
    /// Everything that the main modules need.
    All,
}

/// Whether a word names a place in the file system rather than an import path.
pub fn is_local(pattern: &str) -> bool {
    pattern == "."
        || pattern == ".."
        || pattern.starts_with("./")
        || pattern.starts_with("../")
        || pattern.starts_with('/')
}

/// Whether a path matches a pattern in which `...` stands for any text; `x/...` matches `x` too.
pub fn matches(pattern: &str, path: &str) -> bool {
    if let Some(prefix) = pattern.strip_suffix("/...")
        && matches(prefix, path)
    {
        return true;
    }
    match pattern.split_once("...") {
        None => pattern == path,
        Some((prefix, rest)) => {
            let Some(tail) = path.strip_prefix(prefix) else { return false };
            if rest.is_empty() {
                // A `vendor` element is matched only where it is written.
                return true;
            }
            (0..=tail.len()).filter(|&at| tail.is_char_boundary(at)).any(|at| matches(rest, &tail[at..]))
        }
    }
}

/// Finds what patterns name.
pub struct Finder<'f> {
    pub sdk: &'f Sdk,
    pub modules: &'f Modules,
    /// The SDK's `src`.
    pub std: &'f Path,
    pub working_folder: &'f Path,
    /// Words that name nothing keep nobody from the others.
    pub tolerant: bool,
    /// What should be said but does not keep anything from being built.
    pub warnings: Vec<String>,
}

impl Finder<'_> {
    /// The packages that some words name, in their order, each once.
    ///
    /// # Errors
    /// When a word names nothing.
    pub fn targets(&mut self, patterns: &[String]) -> Result<Vec<Target>, LoadError> {
        let files = patterns.iter().filter(|p| p.ends_with(".go") && !self.working_folder.join(p).is_dir()).count();
        if files > 0 {
            if let Some(other) = patterns.iter().find(|p| !p.ends_with(".go")) {
                return Err(LoadError::Pattern(format!("named files must be .go files: {other}")));
            }
            return Ok(vec![Target::Files(patterns.to_vec())]);
        }
        let here = [".".to_string()];
        let patterns = if patterns.is_empty() { &here } else { patterns };
        let mut out: Vec<Target> = Vec::new();
        for pattern in patterns {
            let expanded = match self.expand(pattern.trim_end_matches('/')) {
                Err(e) if self.tolerant => vec![Target::Missing { pattern: pattern.clone(), text: e.to_string() }],
                expanded => expanded?,
            };
            for target in expanded {
                if !out.contains(&target) {
                    out.push(target);
                }
            }
        }
        Ok(out)
    }

    fn expand(&mut self, pattern: &str) -> Result<Vec<Target>, LoadError> {
        if pattern.contains('@') {
            return Err(LoadError::Pattern(format!(
                "package {pattern}: can only use path@version syntax with 'go get' and 'go install pkg@version'"
            )));
        }
        let found = match pattern {
            "all" => return Ok(vec![Target::All]),
            "std" => self.walk_std("..."),
            "cmd" => {
                return Err(LoadError::Pattern("cmd: the SDK's own commands are not packages of std".to_string()));
            }
            "tool" => self.modules.tools.iter().map(|t| Target::Import { path: t.clone() }).collect(),
            _ if is_local(pattern) || self.working_folder.join(pattern).is_dir() && !self.is_importable(pattern) => {
                return self.local(pattern);
            }
            _ if pattern.contains("...") => {
                let mut found = self.walk_modules(pattern);
                if !pattern.starts_with("...") {
                    found.extend(self.walk_std(pattern));
                } else {
                    found.extend(self.walk_std("..."));
                }
                found
            }
            _ => return Ok(vec![Target::Import { path: pattern.to_string() }]),
        };
        if found.is_empty() {
            self.warnings.push(format!("warning: \"{pattern}\" matched no packages"));
        }
        Ok(found)
    }

    /// Whether a bare word is a package of std or a module before it is a folder.
    fn is_importable(&self, pattern: &str) -> bool {
        pattern.contains("...")
            || (!pattern.is_empty() && self.std.join(pattern).is_dir() && !pattern.starts_with("cmd"))
            || self.modules.locate(pattern).is_some()
    }

    fn local(&mut self, pattern: &str) -> Result<Vec<Target>, LoadError> {
        let (prefix, wildcard) = match pattern.find("...") {
            Some(at) => (pattern[..at].rsplit_once('/').map_or(".", |(p, _)| if p.is_empty() { "/" } else { p }), true),
            None => (pattern, false),
        };
        let dir = clean(&self.working_folder.join(prefix));
        let dir = self.sdk.spelled(std::fs::canonicalize(&dir).unwrap_or(dir));
        if !dir.is_dir() {
            if wildcard {
                self.warnings.push(format!("warning: \"{pattern}\" matched no packages"));
                return Ok(Vec::new());
            }
            let why = if dir.exists() { "not a directory" } else { "no such file or directory" };
            return Err(LoadError::File(pattern.to_string(), why.to_string()));
        }
        if !wildcard {
            if self.tolerant && !crate::modules::holds_go_files(&dir) {
                return Err(LoadError::Pattern(format!("no Go files in {}", dir.display())));
            }
            let path = self.path_of(&dir).unwrap_or_else(|| format!("_{}", dir.display()));
            return Ok(vec![Target::Package { path, dir, wildcard: false }]);
        }
        let whole = dir.join(pattern[prefix.len().min(pattern.len())..].trim_start_matches('/'));
        let whole = if pattern == "..." { dir.join("...") } else { whole };
        let whole = whole.to_string_lossy().into_owned();
        let mut out = Vec::new();
        let owner = self.modules.owner(&dir);
        if owner.is_none() && !dir.starts_with(self.std) {
            return Err(LoadError::Pattern(format!(
                "pattern {pattern}: directory prefix {prefix} does not contain main module or its selected dependencies"
            )));
        }
        let ignored: Vec<PathBuf> =
            owner.iter().flat_map(|m| m.ignored.iter().map(|i| m.dir.join(i.trim_start_matches("./")))).collect();
        self.walk(&dir, &ignored, false, &mut |folder| {
            if matches(&whole, &folder.to_string_lossy())
                && let Some(path) = self.path_of(folder)
            {
                out.push(Target::Package { path, dir: folder.to_path_buf(), wildcard: true });
            }
        });
        if out.is_empty() {
            self.warnings.push(format!("warning: \"{pattern}\" matched no packages"));
        }
        Ok(out)
    }

    /// The import path of a folder.
    fn path_of(&self, dir: &Path) -> Option<String> {
        if let Ok(rest) = dir.strip_prefix(self.std)
            && !rest.as_os_str().is_empty()
        {
            return Some(rest.display().to_string());
        }
        self.modules.owner(dir).and_then(|m| m.import_path(dir))
    }

    /// Calls `found` for every folder that may hold a package.
    fn walk(&self, dir: &Path, ignored: &[PathBuf], std: bool, found: &mut dyn FnMut(&Path)) {
        let mut has_go_files = false;
        let mut folders = Vec::new();
        let Ok(entries) = std::fs::read_dir(dir) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            match entry.file_type() {
                Ok(t) if t.is_dir() => {
                    let hidden = name.starts_with('.') || name.starts_with('_') || name == "testdata";
                    if !hidden && (std || name != "vendor") {
                        folders.push(entry.path());
                    }
                }
                Ok(_) => has_go_files |= name.ends_with(".go"),
                Err(_) => {}
            }
        }
        if has_go_files {
            found(dir);
        }
        folders.sort();
        for folder in folders {
            let nested = folder.join("go.mod").is_file();
            if !nested && !ignored.contains(&folder) {
                self.walk(&folder, ignored, std, found);
            }
        }
    }

    /// Every package of the main modules that a pattern of import paths matches, and of the required ones.
    fn walk_modules(&self, pattern: &str) -> Vec<Target> {
        let mut out = Vec::new();
        for module in self.modules.list.iter().filter(|m| !m.dir.as_os_str().is_empty()) {
            let prefix = pattern.split("...").next().unwrap_or("");
            if !module.path.starts_with(prefix) && !prefix.starts_with(module.path.as_str()) {
                continue;
            }
            self.walk_module(module, &mut |path, dir| {
                if matches(pattern, &path) {
                    out.push(Target::Package { path, dir, wildcard: true });
                }
            });
        }
        if self.modules.is_vendored() {
            let packages = self.modules.vendored_packages();
            out.extend(packages.into_iter().filter(|p| matches(pattern, p)).map(|path| Target::Import { path }));
        }
        out
    }

    /// Every folder of a module that may hold a package.
    pub fn walk_module(&self, module: &Module, found: &mut dyn FnMut(String, PathBuf)) {
        let ignored: Vec<PathBuf> =
            module.ignored.iter().map(|i| module.dir.join(i.trim_start_matches("./"))).collect();
        self.walk(&module.dir, &ignored, false, &mut |dir| {
            if let Some(path) = module.import_path(dir) {
                found(path, dir.to_path_buf());
            }
        });
    }

    fn walk_std(&self, pattern: &str) -> Vec<Target> {
        let mut out = Vec::new();
        let skipped = [self.std.join("cmd"), self.std.join("builtin")];
        self.walk(self.std, &skipped, true, &mut |dir| {
            let Ok(path) = dir.strip_prefix(self.std) else { return };
            let path = path.display().to_string();
            if !path.is_empty() && path != "unsafe" && matches(pattern, &path) {
                out.push(Target::Package { path, dir: dir.to_path_buf(), wildcard: true });
            }
        });
        out
    }
}

/// A path without `.` and `..` elements.
fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_match_any_text() {
        assert!(matches("net/...", "net") && matches("net/...", "net/http") && !matches("net/...", "netx"));
        assert!(matches("...", "a/b") && matches("a...c", "abc") && matches("a/.../c", "a/b/c"));
        assert!(!matches("a/.../c", "a/c/d") && !matches("net", "net/http"));
    }
}
