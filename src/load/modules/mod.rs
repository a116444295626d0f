//! The modules of a build: the main ones (of go.mod, or of go.work), and those that they require, each with its folder.
//!
//! - `file`: the syntax of go.mod and go.work. `version`: versions and their order.
//! - `selection`: which version of each module. `vendor`: modules.txt.
//!
//! Nothing is fetched: modules are where the go command has put them, in the module cache, in a vendor folder, or where
//! a `replace` says.

pub mod file;
pub mod selection;
pub mod vendor;
pub mod version;

use crate::environment::{Environment, ModuleMode};
use crate::error::{LoadError, plain};
use crate::sdk::Sdk;
use file::{Kind, ModuleFile, Replacement, parse};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use vendor::Vendored;

/// The language version of a module whose go.mod names none.
const DEFAULT_MINOR: u32 = 16;
/// That of a go.work that names none.
const DEFAULT_WORK_MINOR: u32 = 18;

/// A module of the build.
#[derive(Debug, Clone)]
pub struct Module {
    pub path: String,
    /// None for a main module.
    pub version: Option<String>,
    pub dir: PathBuf,
    /// N of its language version 1.N.
    pub go_minor: u32,
    /// Folders that `./...` leaves out, relative to `dir`.
    pub ignored: Vec<String>,
}

impl Module {
    pub fn is_main(&self) -> bool {
        self.version.is_none()
    }

    /// The folder that a package of this path would have.
    pub fn folder(&self, import: &str) -> Option<PathBuf> {
        let rest = import.strip_prefix(self.path.as_str())?;
        if rest.is_empty() {
            return Some(self.dir.clone());
        }
        Some(self.dir.join(rest.strip_prefix('/')?))
    }

    /// The import path of a folder of this module.
    pub fn import_path(&self, folder: &Path) -> Option<String> {
        let rest = folder.strip_prefix(&self.dir).ok()?;
        if rest.as_os_str().is_empty() {
            return Some(self.path.clone());
        }
        Some(format!("{}/{}", self.path, rest.display()))
    }
}

/// All modules of the build; none outside a module.
#[derive(Debug, Default)]
pub struct Modules {
    /// The main ones first.
    pub list: Vec<Module>,
    pub mains: usize,
    /// Indices of `list`, longest path first: nested modules win.
    by_length: Vec<usize>,
    vendor: Option<(PathBuf, Vendored)>,
    /// N of the newest Go version 1.N.
    newest: u32,
    /// The file that made the build list, for messages.
    pub file: Option<PathBuf>,
    pub tools: Vec<String>,
    /// N of the Go version 1.N of go.work, or of the go.mod; none outside of modules.
    pub go: Option<u32>,
    /// The GODEBUG settings of the same file.
    pub godebug: Vec<(String, String)>,
}

/// From Go 1.23 on modules.txt lists all packages of the vendor folder; before, others may be put there by hand. Those are in no module, so
/// they have the newest language version.
const LISTED_MINOR: u32 = 23;

/// Where an import leads.
#[derive(Debug, Clone)]
pub struct Place {
    pub dir: PathBuf,
    /// Index of the module.
    pub module: usize,
    /// Of a vendored package, whose module's own minor version may be unknown.
    pub go_minor: u32,
}

fn canonical(folder: &Path) -> PathBuf {
    std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf())
}

fn above(folder: &Path, name: &str) -> Option<PathBuf> {
    folder.ancestors().map(|a| a.join(name)).find(|f| f.is_file())
}

fn read(path: &Path, shown: &Path, kind: Kind) -> Result<ModuleFile, LoadError> {
    let text = gorace_base::files::read_text(path)
        .map_err(|e| LoadError::Module(format!("go: reading {}: {}", shown.display(), plain(&e))))?;
    parse(&text, shown, kind).map_err(|e| LoadError::Module(format!("go: {e}")))
}

impl Modules {
    /// The modules that a folder's packages are built with.
    ///
    /// # Errors
    /// When go.mod, go.work or modules.txt cannot be read, say nonsense, or ask for a newer Go.
    pub fn find(folder: &Path, environment: &Environment, sdk: &Sdk) -> Result<Modules, LoadError> {
        let folder = canonical(folder);
        let workspace = match environment.workspace.as_str() {
            "off" => None,
            "" => above(&folder, "go.work"),
            file => Some(PathBuf::from(file)),
        };
        let finder = Finder { environment, sdk, folder: &folder, cache: HashMap::new(), replaced: Vec::new() };
        if let Some(work) = workspace {
            return finder.workspace(&work);
        }
        match above(&folder, "go.mod") {
            Some(path) => finder.single(&path),
            None => Ok(Modules::default()),
        }
    }

    /// The module that provides a package, and the package's folder there.
    pub fn locate(&self, import: &str) -> Option<Place> {
        let candidates = self.by_length.iter().filter(|&&at| self.vendor.is_none() || at < self.mains);
        for &at in candidates {
            let module = &self.list[at];
            let Some(dir) = module.folder(import) else { continue };
            if holds_go_files(&dir) && !is_nested(&dir, &module.dir) {
                return Some(Place { dir, module: at, go_minor: module.go_minor });
            }
        }
        let (folder, vendored) = self.vendor.as_ref()?;
        let dir = folder.join(import);
        let Some(&at) = vendored.packages.get(import) else {
            let place = Place { dir, module: 0, go_minor: self.newest };
            return (self.go? < LISTED_MINOR && holds_go_files(&place.dir)).then_some(place);
        };
        let module = &vendored.modules[at];
        let index = self.list.iter().position(|m| m.path == module.path).unwrap_or(0);
        dir.is_dir().then_some(Place { dir, module: index, go_minor: module.go_minor.unwrap_or(DEFAULT_MINOR) })
    }

    /// The main module or dependency whose folder holds this one.
    pub fn owner(&self, folder: &Path) -> Option<&Module> {
        let holds = |m: &&Module| folder.starts_with(&m.dir) && !m.dir.as_os_str().is_empty();
        self.list.iter().filter(holds).max_by_key(|m| m.dir.as_os_str().len())
    }

    pub fn main_modules(&self) -> &[Module] {
        &self.list[..self.mains]
    }

    pub fn is_vendored(&self) -> bool {
        self.vendor.is_some()
    }

    /// Paths of all vendored packages.
    pub fn vendored_packages(&self) -> Vec<String> {
        let mut all: Vec<String> = self.vendor.iter().flat_map(|(_, v)| v.packages.keys().cloned()).collect();
        all.sort();
        all
    }

    /// Why no module provides a package, in the go command's words.
    pub fn missing(&self, import: &str) -> String {
        if self.list.is_empty() {
            return format!(
                "no required module provides package {import}: go.mod file not found in current directory or any parent directory; see 'go help modules'"
            );
        }
        if let Some((folder, _)) = &self.vendor {
            return format!(
                "cannot find module providing package {import}: import lookup disabled by -mod=vendor\n\t({} lists no such package; `go mod vendor` brings it up to date)",
                folder.join("modules.txt").display()
            );
        }
        for module in self.by_length.iter().map(|&at| &self.list[at]).filter(|m| !m.is_main()) {
            let Some(dir) = module.folder(import) else { continue };
            let version = module.version.as_deref().unwrap_or("");
            if !module.dir.is_dir() {
                return format!(
                    "package {import}: its module {}@{version} is not in the module cache ({}); run `go mod download` first",
                    module.path,
                    module.dir.display()
                );
            }
            if !dir.is_dir() {
                return format!("module {}@{version} found, but does not contain package {import}", module.path);
            }
        }
        format!("no required module provides package {import}; to add it:\n\tgo get {import}")
    }
}

/// Whether a folder has Go files, for this build or not.
pub fn holds_go_files(dir: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(dir) else { return false };
    let adds = gorace_base::files::overlaid(dir).any(|(name, is_there)| is_there && name.ends_with(".go"));
    adds || entries.flatten().any(|e| e.file_name().as_encoded_bytes().ends_with(b".go"))
}

/// Whether another module lies between a package and the module's root.
fn is_nested(dir: &Path, root: &Path) -> bool {
    dir != root && dir.ancestors().take_while(|a| *a != root).any(|a| a.join("go.mod").is_file())
}

struct Finder<'e> {
    environment: &'e Environment,
    sdk: &'e Sdk,
    folder: &'e Path,
    cache: HashMap<(String, String), Option<Arc<ModuleFile>>>,
    /// Replacements with the folder that their targets are relative to.
    replaced: Vec<(PathBuf, Replacement)>,
}

impl Finder<'_> {
    /// A path as messages show it.
    fn shown(&self, path: &Path) -> PathBuf {
        path.strip_prefix(self.folder).map_or_else(|_| path.to_path_buf(), Path::to_path_buf)
    }

    fn check_go(&self, file: &ModuleFile, shown: &str) -> Result<(), LoadError> {
        match file.go.as_deref() {
            Some(go) if version::go_minor(go).is_some_and(|minor| minor > self.sdk.minor) => {
                Err(LoadError::Module(format!(
                    "go: {shown} requires go >= {go} (gorace compiles with the Go {} SDK in {})",
                    self.sdk.version,
                    self.sdk.root.display()
                )))
            }
            _ => Ok(()),
        }
    }

    /// The GODEBUG settings that a file makes, if they may be made.
    fn godebug(&self, file: &ModuleFile, shown: &Path) -> Result<Vec<(String, String)>, LoadError> {
        if file.godebug.is_empty() {
            return Ok(Vec::new());
        }
        let table = crate::godebug::Table::of(self.sdk);
        let check = |(key, value, line): &(String, String, usize)| match table.check("godebug", key, value) {
            Ok(()) => Ok((key.clone(), value.clone())),
            Err(why) => {
                let shown = shown.display();
                Err(LoadError::Module(format!("go: error loading {shown}:\n{shown}:{line}: {why}")))
            }
        };
        file.godebug.iter().map(check).collect()
    }

    fn single(self, path: &Path) -> Result<Modules, LoadError> {
        let dir = path.parent().unwrap_or(Path::new("/")).to_path_buf();
        let source = self.environment.modfile.clone().unwrap_or_else(|| path.to_path_buf());
        let shown = self.shown(&source);
        let file = read(&source, &shown, Kind::Main)?;
        self.check_go(&file, &shown.display().to_string())?;
        let minor = file.go.as_deref().and_then(version::go_minor).unwrap_or(DEFAULT_MINOR);
        let Some(name) = file.module.clone() else {
            return Err(LoadError::Module(format!(
                "go: error reading {}: missing module declaration. To specify the module path:\n\tgo mod edit -module=example.com/mod",
                shown.display()
            )));
        };
        let main =
            Module { path: name, version: None, dir: dir.clone(), go_minor: minor, ignored: file.ignore.clone() };
        let vendor_folder = dir.join("vendor");
        let automatic = self.environment.mode == ModuleMode::Automatic
            && minor >= 14
            && vendor_folder.join("modules.txt").is_file();
        let vendor = if self.environment.mode == ModuleMode::Vendor || automatic {
            Some(self.vendored(&vendor_folder, &file)?)
        } else {
            None
        };
        let godebug = self.godebug(&file, &shown)?;
        Ok(Modules { go: Some(minor), godebug, ..self.finish(vec![(main, file)], vendor, source)? })
    }

    fn vendored(&self, folder: &Path, file: &ModuleFile) -> Result<(PathBuf, Vendored), LoadError> {
        let text = gorace_base::files::read_text(&folder.join("modules.txt")).unwrap_or_default();
        let vendored = vendor::parse(&text);
        let differences = vendor::inconsistencies(&vendored, file);
        if !differences.is_empty() {
            return Err(LoadError::Module(format!(
                "go: inconsistent vendoring in {}:\n\t{}\n\n\tTo ignore the vendor directory, use -mod=readonly or -mod=mod.\n\tTo sync the vendor directory, run:\n\t\tgo mod vendor",
                folder.parent().unwrap_or(folder).display(),
                differences.join("\n\t")
            )));
        }
        Ok((folder.to_path_buf(), vendored))
    }

    fn workspace(mut self, path: &Path) -> Result<Modules, LoadError> {
        let shown = self.shown(path);
        let work = read(path, &shown, Kind::Workspace)?;
        self.check_go(&work, &format!("module . listed in {} file", shown.display()))?;
        let root = path.parent().unwrap_or(Path::new("/"));
        let mut mains = Vec::new();
        for used in &work.uses {
            let dir = canonical(&root.join(used));
            let modfile = dir.join("go.mod");
            if !modfile.is_file() {
                return Err(LoadError::Module(format!(
                    "go: cannot load module {used} listed in {} file: open {}: no such file or directory",
                    shown.display(),
                    self.shown(&modfile).display()
                )));
            }
            let file = read(&modfile, &self.shown(&modfile), Kind::Main)?;
            self.check_go(&file, &format!("module {used} listed in {} file", shown.display()))?;
            let minor = file.go.as_deref().and_then(version::go_minor).unwrap_or(DEFAULT_MINOR);
            let name = file.module.clone().unwrap_or_default();
            let module = Module { path: name, version: None, dir, go_minor: minor, ignored: file.ignore.clone() };
            mains.push((module, file));
        }
        self.replaced = work.replace.iter().map(|r| (root.to_path_buf(), r.clone())).collect();
        let vendor_folder = root.join("vendor");
        let vendor = if self.environment.mode != ModuleMode::Modules && vendor_folder.join("modules.txt").is_file() {
            let text = gorace_base::files::read_text(&vendor_folder.join("modules.txt")).unwrap_or_default();
            Some((vendor_folder, vendor::parse(&text)))
        } else {
            None
        };
        let go = work.go.as_deref().and_then(version::go_minor).unwrap_or(DEFAULT_WORK_MINOR);
        let godebug = self.godebug(&work, &shown)?;
        Ok(Modules { go: Some(go), godebug, ..self.finish(mains, vendor, path.to_path_buf())? })
    }

    fn finish(
        mut self,
        mains: Vec<(Module, ModuleFile)>,
        vendor: Option<(PathBuf, Vendored)>,
        source: PathBuf,
    ) -> Result<Modules, LoadError> {
        // What go.work replaces goes before what the modules do.
        for (module, file) in &mains {
            let dir = &module.dir;
            self.replaced.extend(file.replace.iter().map(|r| (dir.clone(), r.clone())));
        }
        let names: HashSet<String> = mains.iter().map(|(m, _)| m.path.clone()).collect();
        let excluded: HashSet<(String, String)> = mains.iter().flat_map(|(_, f)| f.exclude.iter().cloned()).collect();
        let mut tools: Vec<String> = mains.iter().flat_map(|(_, f)| f.tool.iter().cloned()).collect();
        tools.sort();
        let mut list: Vec<Module> = Vec::new();
        if let Some((_, vendored)) = &vendor {
            list.extend(mains.iter().map(|(m, _)| m.clone()));
            list.extend(vendored.modules.iter().map(|m| Module {
                path: m.path.clone(),
                version: Some(m.version.clone()),
                dir: PathBuf::new(),
                go_minor: m.go_minor.unwrap_or(DEFAULT_MINOR),
                ignored: Vec::new(),
            }));
        } else {
            let roots: Vec<_> = mains.iter().map(|(_, f)| (f.require.clone(), selection::is_pruned(f))).collect();
            let mut failed = None;
            let selected = selection::select(&roots, &excluded, &mut |path, v| {
                self.dependency(path, v).unwrap_or_else(|e| {
                    failed.get_or_insert(e);
                    None
                })
            });
            if let Some(e) = failed {
                return Err(e);
            }
            list.extend(mains.iter().map(|(m, _)| m.clone()));
            for (path, v) in selected.into_iter().filter(|(path, _)| !names.contains(path)) {
                let file = self.dependency(&path, &v)?;
                if let Some(file) = &file {
                    self.check_go(file, &format!("module {path}@{v}"))?;
                }
                let minor = file.and_then(|f| f.go.as_deref().and_then(version::go_minor)).unwrap_or(DEFAULT_MINOR);
                let dir = self.module_folder(&path, &v).unwrap_or_default();
                list.push(Module { path, version: Some(v), dir, go_minor: minor, ignored: Vec::new() });
            }
        }
        let mut by_length: Vec<usize> = (0..list.len()).collect();
        by_length.sort_by_key(|&at| std::cmp::Reverse(list[at].path.len()));
        let (go, godebug) = (None, Vec::new());
        Ok(Modules {
            mains: mains.len(),
            list,
            by_length,
            vendor,
            newest: self.sdk.minor,
            file: Some(source),
            tools,
            go,
            godebug,
        })
    }

    fn replacement(&self, path: &str, v: &str) -> Option<&(PathBuf, Replacement)> {
        let exact = |r: &&(PathBuf, Replacement)| r.1.path == path && r.1.version.as_deref() == Some(v);
        let any = |r: &&(PathBuf, Replacement)| r.1.path == path && r.1.version.is_none();
        self.replaced.iter().find(exact).or_else(|| self.replaced.iter().find(any))
    }

    fn cached(&self, path: &str, v: &str) -> Option<PathBuf> {
        let cache = self.environment.module_cache.as_ref()?;
        Some(cache.join(format!("{}@{}", version::escape(path), version::escape(v))))
    }

    /// Where a module's files are.
    fn module_folder(&self, path: &str, v: &str) -> Option<PathBuf> {
        match self.replacement(path, v) {
            Some((base, r)) => match &r.target_version {
                None => Some(canonical(&base.join(&r.target))),
                Some(v) => self.cached(&r.target, v),
            },
            None => self.cached(path, v),
        }
    }

    /// A dependency's go.mod, if it is here.
    fn dependency(&mut self, path: &str, v: &str) -> Result<Option<Arc<ModuleFile>>, LoadError> {
        let key = (path.to_string(), v.to_string());
        if let Some(known) = self.cache.get(&key) {
            return Ok(known.clone());
        }
        let (source, target) = match self.replacement(path, v) {
            Some((base, r)) if r.target_version.is_none() => {
                let folder = base.join(&r.target);
                let file = folder.join("go.mod");
                if !file.is_file() {
                    return Err(LoadError::Module(format!(
                        "go: {path}@{v} (replaced by {}): reading {}: open {}: no such file or directory",
                        r.target,
                        Path::new(&r.target).join("go.mod").display(),
                        file.display()
                    )));
                }
                (Some(file), None)
            }
            Some((_, r)) => (None, Some((r.target.clone(), r.target_version.clone().unwrap_or_default()))),
            None => (None, Some((path.to_string(), v.to_string()))),
        };
        let source = source.or_else(|| {
            let (path, v) = target?;
            let downloaded = self.environment.module_cache.as_ref()?.join("cache/download");
            let file = downloaded.join(version::escape(&path)).join("@v").join(format!("{}.mod", version::escape(&v)));
            if file.is_file() {
                return Some(file);
            }
            let file = self.cached(&path, &v)?.join("go.mod");
            file.is_file().then_some(file)
        });
        let parsed = match source {
            Some(file) => {
                let shown = self.shown(&file);
                Some(Arc::new(read(&file, &shown, Kind::Dependency)?))
            }
            None => None,
        };
        self.cache.insert(key, parsed.clone());
        Ok(parsed)
    }
}
