//! Packages of a program: from files, folders or import paths to everything they import, dependencies first.
//!
//! Breadth first: the files of a package are read and parsed (side by side on all cores), its imports found, and so on;
//! then a depth-first walk orders the packages. Package `runtime` and what it imports come before all else, as every
//! package needs them.

use crate::constraint::Context;
use crate::sdk::Sdk;
use gorace_base::{Pos, SourceMap};
use gorace_syntax::ast::{Decl, File};
use gorace_syntax::{Mode, SyntaxError, parse_file};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A package with its parsed files.
#[derive(Debug)]
pub struct LoadedPackage {
    pub path: String,
    pub dir: PathBuf,
    pub files: Vec<Arc<File>>,
    /// Import paths as written, and the packages they name.
    pub imports: HashMap<String, String>,
    /// N of the language version 1.N.
    pub go_minor: u32,
    pub is_std: bool,
    /// Contents and names of its files, hashed.
    pub hash: u64,
}

/// A whole program.
#[derive(Debug, Default)]
pub struct Loaded {
    pub sources: SourceMap,
    /// Dependencies first.
    pub packages: Vec<LoadedPackage>,
    /// The package that was asked for.
    pub root: String,
    pub syntax_errors: Vec<SyntaxError>,
}

/// Why a program could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("{0}: {1}")]
    File(String, String),
    #[error("no Go files in {0}")]
    NoGoFiles(String),
    #[error("{0}")]
    Import(String),
    #[error("import cycle not allowed\n{0}")]
    Cycle(String),
    #[error("{0}")]
    Syntax(String),
}

struct Module {
    path: String,
    dir: PathBuf,
    go_minor: u32,
    /// Module path to folder.
    requires: Vec<(String, PathBuf)>,
}

struct Loader<'s> {
    sdk: &'s Sdk,
    tags: Vec<String>,
    module: Option<Module>,
    sources: SourceMap,
    packages: BTreeMap<String, LoadedPackage>,
    syntax_errors: Vec<SyntaxError>,
}

/// Loads the program that `program` names: Go files, a folder, or an import path.
///
/// # Errors
/// When files are missing or unreadable, imports unknown or cyclic.
pub fn load(sdk: &Sdk, program: &[String], tags: &[String]) -> Result<Loaded, LoadError> {
    let mut loader = Loader {
        sdk,
        tags: tags.to_vec(),
        module: None,
        sources: SourceMap::default(),
        packages: BTreeMap::new(),
        syntax_errors: Vec::new(),
    };
    let first = program.first().map_or(".", String::as_str);
    let root = if program.iter().all(|p| p.ends_with(".go")) && !program.is_empty() {
        loader.root_files(program)?
    } else {
        loader.root_package(first)?
    };
    loader.closure(&root)?;
    let order = loader.order(&root)?;
    let Loader { sources, mut packages, mut syntax_errors, .. } = loader;
    syntax_errors.sort_by_key(|e| e.pos);
    let packages = order.into_iter().filter_map(|p| packages.remove(&p)).collect();
    Ok(Loaded { sources, packages, root, syntax_errors })
}

impl Loader<'_> {
    /// `main.go …`: one package of just these files.
    fn root_files(&mut self, files: &[String]) -> Result<String, LoadError> {
        let mut texts = Vec::new();
        for file in files {
            let text = std::fs::read(file).map_err(|e| LoadError::File(file.clone(), plain(&e)))?;
            texts.push((PathBuf::from(file), text));
        }
        let dir = Path::new(&files[0]).parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        self.find_module(dir);
        let path = "main".to_string();
        let go_minor = self.module.as_ref().map_or(self.sdk.minor, |m| m.go_minor);
        self.add(&path, dir.to_path_buf(), texts, go_minor, false);
        Ok(path)
    }

    fn root_package(&mut self, pattern: &str) -> Result<String, LoadError> {
        let dir = Path::new(pattern);
        let looks_local =
            pattern == "." || pattern.starts_with("./") || pattern.starts_with("../") || dir.is_absolute();
        if looks_local || dir.is_dir() {
            if !dir.exists() {
                return Err(LoadError::File(pattern.to_string(), "no such file or directory".to_string()));
            }
            self.find_module(dir);
            let go_minor = self.module.as_ref().map_or(self.sdk.minor, |m| m.go_minor);
            let texts = self.folder(dir, "main")?;
            if texts.is_empty() {
                return Err(LoadError::NoGoFiles(pattern.to_string()));
            }
            let path = self.path_of(dir).unwrap_or_else(|| "main".to_string());
            self.add(&path, dir.to_path_buf(), texts, go_minor, false);
            if self.packages.get(&path).is_some_and(|p| p.files.first().is_some_and(|f| f.package.name == "main"))
                && path != "main"
            {
                // Programs are known as main, whatever their path.
                if let Some(mut package) = self.packages.remove(&path) {
                    package.path = "main".to_string();
                    self.packages.insert("main".to_string(), package);
                    return Ok("main".to_string());
                }
            }
            return Ok(path);
        }
        if dir.extension().is_some() && !dir.exists() && pattern.ends_with(".go") {
            return Err(LoadError::File(pattern.to_string(), "no such file or directory".to_string()));
        }
        self.find_module(Path::new("."));
        let known = self.locate(pattern, false);
        match known {
            Some((path, dir, go_minor, is_std)) => {
                let texts = self.folder(&dir, &path)?;
                self.add(&path, dir, texts, go_minor, is_std);
                Ok(path)
            }
            None => Err(LoadError::File(pattern.to_string(), "no such file, directory or package".to_string())),
        }
    }

    /// The module of a folder: go.mod in it or above.
    fn find_module(&mut self, dir: &Path) {
        let Ok(mut at) = std::fs::canonicalize(dir) else { return };
        loop {
            if let Ok(text) = std::fs::read_to_string(at.join("go.mod")) {
                self.module = Some(parse_module(&text, at));
                return;
            }
            if !at.pop() {
                return;
            }
        }
    }

    fn path_of(&self, dir: &Path) -> Option<String> {
        let module = self.module.as_ref()?;
        let dir = std::fs::canonicalize(dir).ok()?;
        let rest = dir.strip_prefix(&module.dir).ok()?;
        if rest.as_os_str().is_empty() {
            return Some(module.path.clone());
        }
        Some(format!("{}/{}", module.path, rest.display()))
    }

    /// The package path, folder, language version of an import.
    fn locate(&self, import: &str, from_std: bool) -> Option<(String, PathBuf, u32, bool)> {
        let src = self.sdk.root.join("src");
        if from_std {
            let vendored = format!("vendor/{import}");
            let dir = src.join(&vendored);
            if dir.is_dir() {
                return Some((vendored, dir, self.sdk.minor, true));
            }
        }
        let dir = src.join(import);
        if !import.starts_with("cmd/") && dir.is_dir() && !import.split('/').next().unwrap_or("").contains('.') {
            return Some((import.to_string(), dir, self.sdk.minor, true));
        }
        let module = self.module.as_ref()?;
        let within = |path: &str, dir: &Path| -> Option<PathBuf> {
            let rest = import.strip_prefix(path)?;
            if rest.is_empty() {
                return Some(dir.to_path_buf());
            }
            Some(dir.join(rest.strip_prefix('/')?))
        };
        if let Some(dir) = within(&module.path, &module.dir)
            && dir.is_dir()
        {
            return Some((import.to_string(), dir, module.go_minor, false));
        }
        let vendored = module.dir.join("vendor").join(import);
        if vendored.is_dir() {
            return Some((import.to_string(), vendored, module.go_minor, false));
        }
        for (path, dir) in &module.requires {
            if let Some(found) = within(path, dir)
                && found.is_dir()
            {
                let go_minor =
                    std::fs::read_to_string(dir.join("go.mod")).map_or(16, |t| parse_module(&t, dir.clone()).go_minor);
                return Some((import.to_string(), found, go_minor, false));
            }
        }
        None
    }

    /// The Go files of a folder that belong to the build.
    fn folder(&self, dir: &Path, path: &str) -> Result<Vec<(PathBuf, Vec<u8>)>, LoadError> {
        let context = Context::of(path, self.sdk.minor, &self.tags);
        let entries = std::fs::read_dir(dir).map_err(|e| LoadError::File(dir.display().to_string(), plain(&e)))?;
        let mut names: Vec<String> = entries
            .flatten()
            .filter_map(|e| e.file_name().into_string().ok())
            .filter(|n| n.ends_with(".go") && !n.ends_with("_test.go") && !n.starts_with('_') && !n.starts_with('.'))
            .filter(|n| context.matches_name(n))
            .collect();
        names.sort();
        let mut out = Vec::new();
        for name in names {
            let file = dir.join(&name);
            let text = std::fs::read(&file).map_err(|e| LoadError::File(file.display().to_string(), plain(&e)))?;
            if context.matches_text(&text) {
                out.push((file, text));
            }
        }
        Ok(out)
    }

    /// Parses a package's files.
    fn add(&mut self, path: &str, dir: PathBuf, texts: Vec<(PathBuf, Vec<u8>)>, go_minor: u32, is_std: bool) {
        self.add_all(vec![(path.to_string(), dir, texts, go_minor, is_std)]);
    }

    #[expect(clippy::type_complexity, reason = "what was read of each package, on its way to the parser")]
    fn add_all(&mut self, batch: Vec<(String, PathBuf, Vec<(PathBuf, Vec<u8>)>, u32, bool)>) {
        let mut jobs = Vec::new();
        for (at, (_, _, texts, ..)) in batch.iter().enumerate() {
            for (file, text) in texts {
                let text: Arc<[u8]> = Arc::from(text.as_slice());
                let id = self.sources.add(file, text.clone());
                jobs.push((at, id, self.sources.file(id).base, text));
            }
        }
        let parsed: Vec<(usize, File, Vec<SyntaxError>)> = jobs
            .into_par_iter()
            .map(|(at, id, base, text)| {
                let (file, errors) = parse_file(id, base, &text, Mode::Full);
                (at, file, errors)
            })
            .collect();
        let mut files: Vec<Vec<Arc<File>>> = batch.iter().map(|_| Vec::new()).collect();
        for (at, file, errors) in parsed {
            files[at].push(Arc::new(file));
            self.syntax_errors.extend(errors);
        }
        for ((path, dir, texts, go_minor, is_std), mut files) in batch.into_iter().zip(files) {
            // Files that only document, or belong to no build, have another package clause.
            if is_std {
                files.retain(|f| f.package.name != "documentation");
            }
            let mut hash = 0xcbf2_9ce4_8422_2325u64;
            for (file, text) in &texts {
                for &b in file.to_string_lossy().as_bytes().iter().chain(text) {
                    hash = (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
                }
            }
            self.packages.insert(
                path.clone(),
                LoadedPackage { path, dir, files, imports: HashMap::new(), go_minor, is_std, hash },
            );
        }
    }

    /// Loads everything that is imported.
    fn closure(&mut self, root: &str) -> Result<(), LoadError> {
        let mut work = vec![root.to_string()];
        if root != "runtime" && !self.packages.contains_key("runtime") {
            self.add_runtime()?;
            work.push("runtime".to_string());
        }
        while !work.is_empty() {
            let mut wanted: BTreeMap<String, (PathBuf, u32, bool)> = BTreeMap::new();
            for path in std::mem::take(&mut work) {
                let Some(package) = self.packages.get(&path) else { continue };
                let from_std = package.is_std;
                let mut imports = HashMap::new();
                for (import, pos) in imports_of(&package.files) {
                    if import == "unsafe" {
                        continue;
                    }
                    if import == "C" {
                        return Err(LoadError::Import(format!(
                            "{}: import \"C\": cgo is not supported by gorace",
                            self.place(pos)
                        )));
                    }
                    match self.locate(&import, from_std) {
                        Some((found, dir, go_minor, is_std)) => {
                            if !self.packages.contains_key(&found) {
                                wanted.insert(found.clone(), (dir, go_minor, is_std));
                            }
                            imports.insert(import, found);
                        }
                        None => return Err(LoadError::Import(self.unknown(&import, pos))),
                    }
                }
                if let Some(package) = self.packages.get_mut(&path) {
                    package.imports = imports;
                }
            }
            let mut batch = Vec::new();
            for (path, (dir, go_minor, is_std)) in wanted {
                if path == "runtime" {
                    self.add_runtime()?;
                } else {
                    let texts = self.folder(&dir, &path)?;
                    if texts.is_empty() {
                        return Err(LoadError::NoGoFiles(dir.display().to_string()));
                    }
                    batch.push((path.clone(), dir, texts, go_minor, is_std));
                }
                work.push(path);
            }
            self.add_all(batch);
        }
        Ok(())
    }

    fn add_runtime(&mut self) -> Result<(), LoadError> {
        let files = gorace_golib::overlay("runtime").unwrap_or(&[]);
        let dir = self.sdk.root.join("src/runtime");
        let texts = files.iter().map(|(name, text)| (dir.join(name), text.as_bytes().to_vec())).collect();
        self.add("runtime", dir, texts, self.sdk.minor, true);
        Ok(())
    }

    fn place(&self, pos: Pos) -> String {
        self.sources.position(pos).map_or_else(String::new, |p| p.to_string())
    }

    fn unknown(&self, import: &str, pos: Pos) -> String {
        let place = self.place(pos);
        let first = import.split('/').next().unwrap_or("");
        if !first.contains('.') {
            let dir = self.sdk.root.join("src").join(import);
            return format!("{place}: package {import} is not in std ({})", dir.display());
        }
        format!("{place}: no required module provides package {import}; to add it:\n\tgo get {import}")
    }

    /// Dependencies first, package runtime's before all others.
    fn order(&self, root: &str) -> Result<Vec<String>, LoadError> {
        let mut out = Vec::new();
        let mut state: HashMap<String, bool> = HashMap::new();
        for start in ["runtime", root] {
            self.visit(start, &mut state, &mut out, &mut Vec::new())?;
        }
        Ok(out)
    }

    fn visit(
        &self,
        path: &str,
        state: &mut HashMap<String, bool>,
        out: &mut Vec<String>,
        stack: &mut Vec<String>,
    ) -> Result<(), LoadError> {
        match state.get(path) {
            Some(true) => return Ok(()),
            Some(false) => {
                let start = stack.iter().position(|p| p == path).unwrap_or(0);
                let mut text = String::new();
                for (i, p) in stack[start..].iter().chain(std::iter::once(&path.to_string())).enumerate() {
                    text += &if i == 0 { format!("package {p}\n") } else { format!("\timports {p}\n") };
                }
                return Err(LoadError::Cycle(text.trim_end().to_string()));
            }
            None => {}
        }
        state.insert(path.to_string(), false);
        stack.push(path.to_string());
        if let Some(package) = self.packages.get(path) {
            let mut imports: Vec<&String> = package.imports.values().collect();
            imports.sort();
            for import in imports {
                self.visit(import, state, out, stack)?;
            }
        }
        stack.pop();
        state.insert(path.to_string(), true);
        out.push(path.to_string());
        Ok(())
    }
}

fn imports_of(files: &[Arc<File>]) -> Vec<(String, Pos)> {
    let mut out: Vec<(String, Pos)> = Vec::new();
    for file in files {
        for decl in &file.decls {
            if let Decl::Import(import) = decl {
                let path = import.path.text.trim_matches(|c| c == '"' || c == '`').to_string();
                out.push((path, import.path.pos));
            }
        }
    }
    out
}

fn plain(e: &std::io::Error) -> String {
    match e.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".to_string(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_string(),
        _ => e.to_string(),
    }
}

/// Reads what matters of a go.mod.
fn parse_module(text: &str, dir: PathBuf) -> Module {
    let mut module = Module { path: "main".to_string(), dir, go_minor: 16, requires: Vec::new() };
    let mut block = String::new();
    let mut versions: Vec<(String, String)> = Vec::new();
    let mut replaced: Vec<(String, PathBuf)> = Vec::new();
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or("").trim();
        if line == ")" {
            block.clear();
            continue;
        }
        let mut words: Vec<&str> = line.split_whitespace().collect();
        if words.last() == Some(&"(") {
            block = words[0].to_string();
            continue;
        }
        if !block.is_empty() {
            words.insert(0, &block);
        }
        match words[..] {
            ["module", path] => module.path = path.trim_matches('"').to_string(),
            ["go", version] => {
                module.go_minor = version.split('.').nth(1).and_then(|m| m.parse().ok()).unwrap_or(16);
            }
            ["require", path, version, ..] => versions.push((path.to_string(), version.to_string())),
            ["replace", path, "=>", target, ..] | ["replace", path, _, "=>", target, ..]
                if target.starts_with('.') || target.starts_with('/') =>
            {
                replaced.push((path.to_string(), module.dir.join(target)));
            }
            _ => {}
        }
    }
    let cache = std::env::var_os("GOMODCACHE").map(PathBuf::from).or_else(|| {
        let gopath = std::env::var_os("GOPATH").map(PathBuf::from);
        gopath.or_else(|| std::env::var_os("HOME").map(|h| PathBuf::from(h).join("go"))).map(|p| p.join("pkg/mod"))
    });
    module.requires.extend(replaced);
    if let Some(cache) = cache {
        for (path, version) in versions {
            let escaped: String = path
                .chars()
                .flat_map(|c| if c.is_uppercase() { vec!['!', c.to_ascii_lowercase()] } else { vec![c] })
                .collect();
            module.requires.push((path, cache.join(format!("{escaped}@{version}"))));
        }
    }
    // The longest path first: nested modules win.
    module.requires.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
    module
}
