//! Type-checking files for the suites that compare messages: the standard library is loaded once, then each test's files
//! are parsed and checked against it.

use gorace_base::SourceMap;
use gorace_types::{Config, PkgId, Store, check_package};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An error of the parser or the checker, spelled out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub path: PathBuf,
    pub line: u32,
    pub column: u32,
    pub text: String,
    /// The checker's code; absent for the parser's messages.
    pub code: Option<&'static str>,
}

/// One package of a test.
#[derive(Debug, Clone)]
pub struct Unit {
    pub path: String,
    pub files: Vec<(PathBuf, Arc<[u8]>)>,
    pub config: Config,
    /// Checking goes on after syntax errors, as types2's own test does and the compiler does not.
    pub after_syntax_errors: bool,
}

/// The packages that tests can import.
pub struct Universe {
    store: Store,
    sources: SourceMap,
    packages: HashMap<String, PkgId>,
}

impl Universe {
    /// Loads and checks the given packages of the SDK and what they import.
    ///
    /// # Errors
    /// When the SDK is missing, or one of its packages cannot be read or does not check.
    pub fn load(imports: &BTreeSet<String>) -> Result<Universe, String> {
        let sdk = gorace_load::sdk::find().map_err(|e| e.to_string())?;
        let tags = ["race", "purego", "noasm", "math_big_pure_go"].map(str::to_string);
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        let main = folder.path().join("main.go");
        let mut text = String::from("package main\n\nimport (\n");
        let exists = |import: &str| {
            let plain = import.bytes().all(|c| c.is_ascii_alphanumeric() || b"/_-".contains(&c))
                && import.split('/').all(|part| !part.is_empty());
            plain && !import.is_empty() && import != "unsafe" && sdk.root.join("src").join(import).is_dir()
        };
        for import in imports.iter().filter(|i| exists(i)) {
            text.push_str(&format!("\t_ {import:?}\n"));
        }
        text.push_str(")\n\nfunc main() {}\n");
        std::fs::write(&main, text).map_err(|e| format!("{}: {e}", main.display()))?;
        let patterns = vec![main.display().to_string()];
        let request = gorace_load::Request { patterns, tags: tags.to_vec(), ..gorace_load::Request::default() };
        let loaded = gorace_load::load(&sdk, &request).map_err(|e| e.to_string())?;
        let mut universe = Universe { store: Store::new(), sources: loaded.sources, packages: HashMap::new() };
        for package in &loaded.packages {
            let packages = &universe.packages;
            let imports = |path: &str| packages.get(package.imports.get(path).map_or(path, String::as_str)).copied();
            let config = Config {
                go_minor: package.go_minor,
                is_std: package.is_std,
                assembly: package.assembly,
                ..Config::default()
            };
            let (id, errors) = check_package(&mut universe.store, &package.path, &package.files, &imports, config);
            if let Some(error) = errors.first() {
                let place = universe.sources.position(error.pos).map(|p| p.to_string()).unwrap_or_default();
                return Err(format!("{place}: {}", error.text(&universe.sources)));
            }
            universe.packages.insert(package.path.clone(), id);
        }
        Ok(universe)
    }

    /// Checks a package; gives what the parser and the checker say, in the order of places.
    pub fn check(&mut self, unit: &Unit) -> Vec<Message> {
        self.check_with(unit, &HashMap::new()).1
    }

    /// As `check`, with further packages that can be imported; gives the package too.
    pub fn check_with(&mut self, unit: &Unit, others: &HashMap<String, PkgId>) -> (Option<PkgId>, Vec<Message>) {
        let mut found = Vec::new();
        let mut trees = Vec::new();
        for (path, text) in &unit.files {
            let id = self.sources.add(path, text.clone());
            let base = self.sources.file(id).base;
            let (tree, errors) = gorace_syntax::parse_file(id, base, text, gorace_syntax::Mode::Full);
            found.extend(errors.into_iter().map(|e| (e.pos, e.message, None)));
            trees.push(Arc::new(tree));
        }
        let mut package = None;
        // As in gc, what the parser finds wrong without calling it a syntax error keeps nothing from being checked.
        let stops = found.iter().any(|(_, text, _)| text.starts_with("syntax error"));
        if !stops || unit.after_syntax_errors {
            let packages = &self.packages;
            let imports = |path: &str| others.get(path).or_else(|| packages.get(path)).copied();
            let (id, errors) = check_package(&mut self.store, &unit.path, &trees, &imports, unit.config);
            package = Some(id);
            found.extend(errors.iter().map(|e| (e.pos, e.text(&self.sources), Some(e.code.name()))));
        }
        let messages = found
            .into_iter()
            .map(|(pos, text, code)| match self.sources.position(pos) {
                Some(p) => Message { path: p.path, line: p.line, column: p.column, text, code },
                None => Message { path: PathBuf::new(), line: 0, column: 0, text, code },
            })
            .collect();
        (package, messages)
    }
}

/// The import paths that Go source mentions; found by the parser, so that nothing else looks like one.
pub fn imports_of(text: &[u8]) -> BTreeSet<String> {
    let (tree, _) = gorace_syntax::parse_file(gorace_base::FileId(0), 1, text, gorace_syntax::Mode::Imports);
    tree.decls
        .iter()
        .filter_map(|d| match d {
            gorace_syntax::ast::Decl::Import(i) => Some(i.path.text.trim_matches(['"', '`']).to_string()),
            _ => None,
        })
        .collect()
}

/// Reads a file for a unit.
///
/// # Errors
/// With the file's name.
pub fn read(path: &Path) -> Result<Arc<[u8]>, String> {
    std::fs::read(path).map(Arc::from).map_err(|e| format!("{}: {e}", path.display()))
}
