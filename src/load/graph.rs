//! The package graph of a build: which packages, of which files, importing what; nothing is parsed in full.
//!
//! Breadth first: the folders of a level are read side by side, their imports resolved, and so on. A depth-first walk
//! then puts dependencies first. Package `runtime`, which every package needs without importing it, and what it imports
//! come before all else.
//!
//! A package is known by its *id*: its import path; `command-line-arguments` for files named one by one; for test
//! variants `p [p.test]`, and so on (see `variants`). Its *path* is what it is compiled as: `main` for programs.

use crate::embed::{self, Embedded};
use crate::environment::{Environment, ModuleMode};
use crate::error::LoadError;
use crate::folder::{Folder, Reader};
use crate::modules::Modules;
use crate::patterns::{Finder, Target, is_local};
use crate::scan::SourceFile;
use crate::sdk::Sdk;
use crate::std_index::StdIndex;
use crate::variants;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// What to load.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Files, folders, import paths, patterns; none means the working folder.
    pub patterns: Vec<String>,
    /// Build tags; those of GOFLAGS where there are none.
    pub tags: Vec<String>,
    /// For each package asked for, its tests too.
    pub tests: bool,
    /// Where packages come from, and what stands for go.mod, if not as GOFLAGS say.
    pub mode: Option<ModuleMode>,
    pub modfile: Option<PathBuf>,
    /// What relative paths are relative to; the process's own where there is none.
    pub working_folder: Option<PathBuf>,
}

/// A package, not parsed yet.
#[derive(Debug, Clone)]
pub struct Package {
    pub id: String,
    /// What it is compiled as: the prefix of its symbols.
    pub path: String,
    /// Name of its package clauses.
    pub name: String,
    pub dir: PathBuf,
    pub sources: Vec<SourceFile>,
    /// Import paths as written, and the ids of the packages they name.
    pub imports: HashMap<String, String>,
    /// N of the language version 1.N.
    pub go_minor: u32,
    pub is_std: bool,
    /// Whether some of its functions are written in assembly, which gorace does not read.
    pub assembly: bool,
    /// Path of the module it belongs to.
    pub module: Option<String>,
    /// The package whose tests this is built for.
    pub for_test: Option<String>,
    /// Variables with `//go:embed` lines.
    pub embeds: Vec<Embedded>,
    /// Of a program: its GODEBUG settings where the environment says nothing.
    pub godebug: String,
    /// Names and contents of its files, embedded ones too, hashed.
    pub hash: u64,
}

/// The tests of a package that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestSet {
    /// Id of the package under test.
    pub package: String,
    /// Id of the package with its own test files; `package` where it has none.
    pub internal: String,
    /// Id of the external test package.
    pub external: Option<String>,
    /// Id of the program that runs the tests.
    pub main: String,
}

/// All packages of a build.
#[derive(Debug, Default)]
pub struct Graph {
    /// Dependencies first.
    pub packages: Vec<Package>,
    /// Ids of the packages that were asked for.
    pub roots: Vec<String>,
    pub tests: Vec<TestSet>,
    /// What should be said but does not keep anything from being built.
    pub warnings: Vec<String>,
    /// What is wrong with packages, by id: only where tests were asked for, which run for those packages that are right.
    problems: BTreeMap<String, Vec<String>>,
    index: HashMap<String, usize>,
}

/// Something that keeps a package from being built.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Problem {
    /// Id of the package.
    package: String,
    text: String,
}

/// Id of a program made of files named one by one.
pub const NAMED_FILES: &str = "command-line-arguments";

impl Graph {
    /// The package with this id.
    pub fn package(&self, id: &str) -> Option<&Package> {
        self.index.get(id).map(|&at| &self.packages[at])
    }

    /// A package and all that it needs, dependencies first; package `runtime` included.
    pub fn closure(&self, root: &str) -> Vec<&Package> {
        let mut reached: BTreeSet<usize> = BTreeSet::new();
        let variant = format!("runtime [{root}]");
        let runtime = if self.index.contains_key(&variant) { variant.as_str() } else { "runtime" };
        let mut work: Vec<&str> = vec![root, runtime];
        while let Some(id) = work.pop() {
            let Some(&at) = self.index.get(id) else { continue };
            if reached.insert(at) {
                work.extend(self.packages[at].imports.values().map(String::as_str));
            }
        }
        reached.into_iter().map(|at| &self.packages[at]).collect()
    }

    /// The graph, if nothing is wrong with any of its packages.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn whole(self) -> Result<Graph, LoadError> {
        match self.problems.is_empty() {
            true => Ok(self),
            false => Err(LoadError::Packages(self.problems.into_values().flatten().collect())),
        }
    }

    /// What is wrong with a package and with all that it needs.
    pub fn problems(&self, root: &str) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        let mut work = vec![root];
        while let Some(id) = work.pop().filter(|_| !self.problems.is_empty()) {
            if !reached.insert(id) {
                continue;
            }
            // A variant for tests has the problems of what it is made from.
            let plain = id.split(" [").next().unwrap_or(id);
            for text in [id, plain].iter().filter_map(|id| self.problems.get(*id)).flatten() {
                if !found.contains(&text.as_str()) {
                    found.push(text);
                }
            }
            let mut imports: Vec<&str> =
                self.package(id).into_iter().flat_map(|p| p.imports.values()).map(String::as_str).collect();
            imports.sort_unstable_by(|a, b| b.cmp(a));
            work.extend(imports);
        }
        found
    }
}

/// Loads the graph of the packages that a request names.
///
/// # Errors
/// When patterns name nothing, module files say nonsense, files cannot be read, imports are unknown, forbidden or
/// cyclic: all that is found. Where tests are asked for, what is wrong with single packages is kept in the graph.
pub fn graph(sdk: &Sdk, request: &Request) -> Result<Graph, LoadError> {
    let mut environment = Environment::of_process();
    environment.mode = request.mode.unwrap_or(environment.mode);
    if request.modfile.is_some() {
        environment.modfile.clone_from(&request.modfile);
    }
    graph_in(sdk, request, &environment, &StdIndex::of)
}

/// The graph with these settings.
fn graph_in(
    sdk: &Sdk,
    request: &Request,
    environment: &Environment,
    std: &dyn Fn(&Sdk, &Reader) -> StdIndex,
) -> Result<Graph, LoadError> {
    let folder = match &request.working_folder {
        Some(folder) => folder.clone(),
        None => std::env::current_dir().map_err(|e| LoadError::File(".".to_string(), crate::error::plain(&e)))?,
    };
    let folder = sdk.spelled(std::fs::canonicalize(&folder).unwrap_or(folder));
    let tags = if request.tags.is_empty() { environment.tags.clone() } else { request.tags.clone() };
    let reader =
        Reader { sdk_minor: sdk.minor, tags, working_folder: folder.clone(), std_folder: sdk.root.join("src") };
    let modules = Modules::find(&module_folder(&folder, &request.patterns), environment, sdk)?;
    let std_folder = sdk.root.join("src");
    let mut finder = Finder {
        sdk,
        modules: &modules,
        std: &std_folder,
        working_folder: &folder,
        tolerant: request.tests,
        warnings: Vec::new(),
    };
    let targets = finder.targets(&request.patterns)?;
    let warnings = std::mem::take(&mut finder.warnings);
    if targets.is_empty() {
        return Err(LoadError::Pattern(warnings.join("\n")));
    }
    let mut builder = Builder {
        sdk,
        std: std(sdk, &reader),
        reader,
        modules: &modules,
        std_folder: std_folder.clone(),
        packages: BTreeMap::new(),
        folders: HashMap::new(),
        wanted: BTreeMap::new(),
        errors: Vec::new(),
        tests: request.tests,
    };
    let roots = builder.roots(&targets, &finder)?;
    builder.require("runtime");
    builder.close();
    let tests = if request.tests { variants::add_tests(&mut builder, &roots) } else { Vec::new() };
    builder.check_internal();
    builder.set_godebug(&tests);
    let mut starts: Vec<String> =
        builder.packages.keys().filter(|id| *id == "runtime" || id.starts_with("runtime [")).cloned().collect();
    starts.extend(roots.iter().cloned());
    for set in &tests {
        starts.extend([set.internal.clone(), set.external.clone().unwrap_or_default(), set.main.clone()]);
    }
    let order = builder.order(&starts);
    let mut problems: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if !builder.errors.is_empty() {
        let mut seen = HashSet::new();
        builder.errors.retain(|e| seen.insert(e.clone()));
        if !request.tests {
            return Err(LoadError::Packages(builder.errors.into_iter().map(|e| e.text).collect()));
        }
        for Problem { package, text } in builder.errors {
            problems.entry(package).or_default().push(text);
        }
    }
    let mut packages: Vec<Package> = order.into_iter().filter_map(|id| builder.packages.remove(&id)).collect();
    for package in &mut packages {
        package.hash = hash(package);
    }
    let index = packages.iter().enumerate().map(|(at, p)| (p.id.clone(), at)).collect();
    Ok(Graph { packages, roots, tests, warnings, problems, index })
}

/// Where to look for go.mod: the folder of a program that lies elsewhere, or the working folder.
fn module_folder(working_folder: &Path, patterns: &[String]) -> PathBuf {
    let Some(first) = patterns.first().filter(|p| is_local(p) || p.ends_with(".go")) else {
        let named = patterns.first().map(|p| working_folder.join(p)).filter(|p| p.join("go.mod").is_file());
        return named.unwrap_or_else(|| working_folder.to_path_buf());
    };
    let place = first.split("...").next().unwrap_or(".");
    let path = working_folder.join(place);
    let folder = if path.is_dir() { path } else { path.parent().map(Path::to_path_buf).unwrap_or(path) };
    if folder.is_dir() { folder } else { working_folder.to_path_buf() }
}

fn hash(package: &Package) -> u64 {
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    // Compiled code names its files by their whole paths.
    hasher.update(package.dir.as_os_str().as_encoded_bytes());
    for file in &package.sources {
        hasher.update(file.shown.as_os_str().as_encoded_bytes());
        hasher.update(&file.hash.to_le_bytes());
    }
    for variable in &package.embeds {
        hasher.update(variable.variable.as_bytes());
        for file in &variable.files {
            hasher.update(file.name.as_bytes());
            hasher.update(&file.hash.to_le_bytes());
        }
    }
    hasher.update(package.godebug.as_bytes());
    hasher.update(&[u8::from(package.assembly)]);
    hasher.digest()
}

/// A package whose folder is still to be read.
#[derive(Debug, Clone)]
struct Wanted {
    dir: PathBuf,
    go_minor: u32,
    is_std: bool,
    module: Option<String>,
    /// Who imports it, for messages: the position, and whether it was asked for by a wildcard.
    importer: Option<(String, String)>,
    wildcard: bool,
    root: bool,
}

pub(crate) struct Builder<'b> {
    pub sdk: &'b Sdk,
    std: StdIndex,
    pub reader: Reader,
    modules: &'b Modules,
    std_folder: PathBuf,
    pub packages: BTreeMap<String, Package>,
    /// Folders of the roots, with their test files.
    pub folders: HashMap<String, Folder>,
    wanted: BTreeMap<String, Wanted>,
    errors: Vec<Problem>,
    tests: bool,
}

impl Builder<'_> {
    fn roots(&mut self, targets: &[Target], finder: &Finder<'_>) -> Result<Vec<String>, LoadError> {
        let mut roots = Vec::new();
        for target in targets {
            match target {
                Target::Files(names) => {
                    let folder = self.reader.named_files(names)?;
                    if let Some(problem) = folder.problem {
                        return Err(LoadError::Pattern(problem));
                    }
                    if folder.files.is_empty() && !self.tests {
                        let why = format!("no non-test Go files in {}", folder.dir.display());
                        return Err(LoadError::Pattern(format!("package {NAMED_FILES}: {why}")));
                    }
                    let owner = self.modules.owner(&folder.dir).or_else(|| self.modules.main_modules().first());
                    let module = owner.map(|m| m.path.clone());
                    let wanted = Wanted {
                        dir: folder.dir.clone(),
                        // As under the go command, whatever the module's is.
                        go_minor: self.sdk.minor,
                        is_std: false,
                        module,
                        importer: None,
                        wildcard: false,
                        root: true,
                    };
                    self.insert(NAMED_FILES, &wanted, folder);
                    roots.push(NAMED_FILES.to_string());
                }
                Target::Missing { pattern, text } => {
                    self.fail(pattern, text.clone());
                    roots.push(pattern.clone());
                }
                Target::Package { path, dir, wildcard } => {
                    self.want_folder(path, dir, *wildcard);
                    roots.push(path.clone());
                }
                Target::Import { path } => match self.locate(path, false) {
                    Ok((id, wanted)) => {
                        self.wanted.insert(id.clone(), Wanted { root: true, ..wanted });
                        roots.push(id);
                    }
                    Err(message) if self.tests => {
                        self.fail(path, message);
                        roots.push(path.clone());
                    }
                    Err(message) => return Err(LoadError::Pattern(message)),
                },
                Target::All => {
                    for module in self.modules.main_modules() {
                        finder.walk_module(module, &mut |path, dir| {
                            self.want_folder(&path, &dir, true);
                            roots.push(path);
                        });
                    }
                }
            }
        }
        let asked_for_all = targets.contains(&Target::All);
        self.read_wanted();
        if asked_for_all {
            self.close();
            roots = self.packages.keys().cloned().collect();
        }
        roots.retain(|id| {
            self.packages.contains_key(id) || (self.tests && self.errors.iter().any(|e| e.package == *id))
        });
        if roots.is_empty() && self.errors.is_empty() {
            return Err(LoadError::Pattern("no packages to build".to_string()));
        }
        Ok(roots)
    }

    fn want_folder(&mut self, path: &str, dir: &Path, wildcard: bool) {
        let is_std = dir.starts_with(&self.std_folder);
        let owner = self.modules.owner(dir);
        let wanted = Wanted {
            dir: dir.to_path_buf(),
            go_minor: if is_std { self.sdk.minor } else { owner.map_or(self.sdk.minor, |m| m.go_minor) },
            is_std,
            module: owner.filter(|_| !is_std).map(|m| m.path.clone()),
            importer: None,
            wildcard,
            root: true,
        };
        self.wanted.insert(path.to_string(), wanted);
    }

    /// Wants a package of std.
    pub fn require(&mut self, path: &str) {
        if self.packages.contains_key(path) || self.wanted.contains_key(path) {
            return;
        }
        if let Ok((id, wanted)) = self.locate(path, true) {
            self.wanted.insert(id, wanted);
        }
    }

    /// The id of an import and where it is.
    fn locate(&self, import: &str, from_std: bool) -> Result<(String, Wanted), String> {
        let place = |dir: PathBuf, go_minor: u32, module: Option<String>| Wanted {
            dir,
            go_minor,
            is_std: module.is_none(),
            module,
            importer: None,
            wildcard: false,
            root: false,
        };
        let minor = self.sdk.minor;
        if from_std {
            let vendored = format!("vendor/{import}");
            if let Some(folder) = self.std.get(&vendored) {
                return Ok((vendored, place(folder.dir.clone(), minor, None)));
            }
        }
        let first = import.split('/').next().unwrap_or("");
        if let Some(folder) = self.std.get(import)
            && !import.starts_with("vendor/")
            && (!folder.files.is_empty() || folder.excluded > 0)
        {
            return Ok((import.to_string(), place(folder.dir.clone(), minor, None)));
        }
        if import.starts_with("vendor/") && self.std.get(import).is_some() && from_std {
            return Ok((import.to_string(), place(self.std_folder.join(import), minor, None)));
        }
        if let Some(why) = crate::import_path::refused(import) {
            return Err(why);
        }
        if let Some(found) = self.modules.locate(import) {
            let module = self.modules.list.get(found.module).map(|m| m.path.clone());
            return Ok((import.to_string(), place(found.dir, found.go_minor, module.or(Some(String::new())))));
        }
        if !first.contains('.') {
            return Err(format!("package {import} is not in std ({})", self.std_folder.join(import).display()));
        }
        Err(self.modules.missing(import))
    }

    /// Reads the folders of all wanted packages.
    fn read_wanted(&mut self) {
        let wanted: Vec<(String, Wanted)> = std::mem::take(&mut self.wanted).into_iter().collect();
        let read = |(id, w): (String, Wanted)| {
            let with_tests = self.tests && w.root;
            let folder = if let Some(files) = gorace_golib::overlay(&id).filter(|_| w.is_std) {
                let mut files = files.to_vec();
                let version = format!(
                    "package runtime\n\nvar buildVersion = \"go{}\"\n\nvar defaultGOROOT = {:?}\n",
                    self.sdk.version,
                    self.sdk.root.display().to_string()
                );
                if id == "runtime" {
                    files.push(("version.go", &version));
                }
                Ok(self.reader.in_memory(&w.dir, &id, &files))
            } else if let Some(folder) = self.std.get(&id).filter(|_| w.is_std && !with_tests) {
                Ok(folder.clone())
            } else {
                self.reader.folder(&w.dir, &id, with_tests)
            };
            (id, w, folder)
        };
        let folders: Vec<_> = wanted.into_par_iter().map(read).collect();
        for (id, w, folder) in folders {
            let folder = match folder {
                Ok(folder) => folder,
                Err(e) => {
                    self.fail(&id, e.to_string());
                    continue;
                }
            };
            let at = |message: String| match &w.importer {
                Some((_, position)) => format!("{position}: {message}"),
                None => message,
            };
            if let Some(problem) = &folder.problem {
                self.fail(&id, at(problem.clone()));
                continue;
            }
            let tests_only = w.root && self.tests && (!folder.tests.is_empty() || !folder.external.is_empty());
            if folder.files.is_empty() && !tests_only {
                if !w.wildcard {
                    let message = folder.emptiness(&id);
                    let text = match (&w.importer, message.strip_prefix("package ")) {
                        (Some((importer, _)), Some(rest)) => format!("package {importer}\n\timports {rest}"),
                        _ => at(message),
                    };
                    self.fail(&id, text);
                }
                continue;
            }
            if let Some((importer, position)) = &w.importer
                && folder.name == "main"
            {
                self.fail(importer, format!("{position}: import \"{id}\" is a program, not an importable package"));
                continue;
            }
            self.insert(&id, &w, folder);
        }
    }

    /// Notes what keeps a package from being built.
    fn fail(&mut self, id: &str, text: String) {
        self.errors.push(Problem { package: id.to_string(), text });
    }

    fn insert(&mut self, id: &str, w: &Wanted, folder: Folder) {
        let path = if folder.name == "main" { "main" } else { id };
        let embeds = self.embeds(id, &folder.dir, &folder.files);
        let package = Package {
            id: id.to_string(),
            path: path.to_string(),
            name: folder.name.clone(),
            dir: folder.dir.clone(),
            sources: folder.files.clone(),
            imports: HashMap::new(),
            go_minor: w.go_minor,
            is_std: w.is_std,
            assembly: folder.assembly,
            module: w.module.clone(),
            for_test: None,
            embeds,
            godebug: String::new(),
            hash: 0,
        };
        self.packages.insert(id.to_string(), package);
        if w.root && self.tests {
            self.folders.insert(id.to_string(), folder);
        }
    }

    /// Gives the programs their default GODEBUG settings. Those of tests have the lines of what they test, too.
    fn set_godebug(&mut self, tests: &[TestSet]) {
        let minor = self.modules.go.unwrap_or(self.sdk.minor);
        let mut found = Vec::new();
        for (id, package) in self.packages.iter().filter(|(_, p)| p.name == "main") {
            let set = tests.iter().find(|set| set.main == *id);
            let tested = set.into_iter().flat_map(|s| [Some(&s.internal), s.external.as_ref()]).flatten();
            let tested = tested.filter_map(|id| self.packages.get(id));
            let files: Vec<&SourceFile> = std::iter::once(package).chain(tested).flat_map(|p| &p.sources).collect();
            let lines = files.iter().flat_map(|file| &file.debug);
            match crate::godebug::of_program(self.sdk, minor, &self.modules.godebug, lines) {
                Ok(settings) => found.push((id.clone(), settings)),
                Err((line, why)) => {
                    let holds = |file: &&&SourceFile| file.debug.iter().any(|other| std::ptr::eq(other, line));
                    let shown = files.iter().find(holds).map_or_else(String::new, |f| f.shown.display().to_string());
                    let text = format!("# {id}\n./{shown}:{}:{}: {why}", line.line, line.column);
                    self.errors.push(Problem { package: id.clone(), text });
                }
            }
        }
        for (id, settings) in found {
            if let Some(package) = self.packages.get_mut(&id) {
                package.godebug = settings;
            }
        }
    }

    /// What a package's files embed.
    pub fn embeds(&mut self, id: &str, dir: &Path, files: &[SourceFile]) -> Vec<Embedded> {
        if files.iter().all(|f| f.embeds.is_empty()) {
            return Vec::new();
        }
        embed::resolve(dir, files).unwrap_or_else(|message| {
            self.fail(id, message);
            Vec::new()
        })
    }

    /// Resolves the imports of some files, beyond those known already; wants what is not here yet.
    pub fn resolve(
        &mut self,
        id: &str,
        files: &[SourceFile],
        is_std: bool,
        known: HashMap<String, String>,
    ) -> HashMap<String, String> {
        let mut imports = known;
        let mut found: Vec<(String, Wanted)> = Vec::new();
        let mut errors = Vec::new();
        for file in files {
            for import in &file.imports {
                if matches!(import.path.as_str(), "unsafe" | "C") || imports.contains_key(&import.path) {
                    continue;
                }
                let position = || format!("{}:{}:{}", file.shown.display(), import.line, import.column);
                match self.locate(&import.path, is_std) {
                    Ok((target, wanted)) => {
                        if !self.packages.contains_key(&target) {
                            let importer = Some((id.to_string(), position()));
                            found.push((target.clone(), Wanted { importer, ..wanted }));
                        } else if self.packages[&target].name == "main" && target != id {
                            errors.push(format!(
                                "{}: import \"{target}\" is a program, not an importable package",
                                position()
                            ));
                        }
                        imports.insert(import.path.clone(), target);
                    }
                    Err(message) => errors.push(format!("{}: {message}", position())),
                }
            }
        }
        for (target, wanted) in found {
            self.wanted.entry(target).or_insert(wanted);
        }
        errors.into_iter().for_each(|text| self.fail(id, text));
        imports
    }

    /// Loads everything that is imported.
    pub fn close(&mut self) {
        let mut done: HashSet<String> = HashSet::new();
        loop {
            self.read_wanted();
            let open: Vec<String> = self.packages.keys().filter(|id| !done.contains(*id)).cloned().collect();
            if open.is_empty() && self.wanted.is_empty() {
                return;
            }
            for id in open {
                done.insert(id.clone());
                let Some(package) = self.packages.get_mut(&id) else { continue };
                if !package.imports.is_empty() {
                    continue;
                }
                let (sources, is_std) = (std::mem::take(&mut package.sources), package.is_std);
                let imports = self.resolve(&id, &sources, is_std, HashMap::new());
                if let Some(package) = self.packages.get_mut(&id) {
                    package.sources = sources;
                    package.imports = imports;
                }
            }
        }
    }

    /// Packages below a folder `internal` may be imported from its parent's tree only.
    fn check_internal(&mut self) {
        let mut errors = Vec::new();
        for package in self.packages.values() {
            for (written, target) in &package.imports {
                let Some(imported) = self.packages.get(target) else { continue };
                let path = imported.id.split(" [").next().unwrap_or(&imported.id);
                let Some(parent) = internal_parent(path) else { continue };
                let own = package.id.split(" [").next().unwrap_or(&package.id);
                let own = own.strip_suffix("_test").filter(|_| package.for_test.is_some()).unwrap_or(own);
                let own = match self.modules.owner(&package.dir) {
                    Some(owner) if own == NAMED_FILES => owner.import_path(&package.dir).unwrap_or_default(),
                    _ => own.to_string(),
                };
                let below = parent.is_empty() || own == parent || own.starts_with(&format!("{parent}/"));
                let generated = own.ends_with(".test");
                if generated || below && (package.is_std || !imported.is_std) {
                    continue;
                }
                let position = position_of(package, written);
                let text = format!("package {}\n\t{position}: use of internal package {path} not allowed", package.id);
                errors.push(Problem { package: package.id.clone(), text });
            }
        }
        errors.sort_by(|a, b| a.text.cmp(&b.text));
        self.errors.extend(errors);
    }

    /// Dependencies first.
    fn order(&mut self, starts: &[String]) -> Vec<String> {
        let mut walk =
            Walk { packages: &self.packages, state: HashMap::new(), out: Vec::new(), cycles: BTreeMap::new() };
        for start in starts {
            walk.visit(start);
        }
        let out = walk.out;
        let problem = |(id, text): (&str, String)| Problem { package: id.to_string(), text };
        let cycles: Vec<Problem> = walk.cycles.into_iter().map(problem).collect();
        self.errors.extend(cycles);
        out
    }
}

/// Where a package imports a path.
pub(crate) fn position_of(package: &Package, written: &str) -> String {
    for file in &package.sources {
        if let Some(import) = file.imports.iter().find(|i| i.path == written) {
            return format!("{}:{}:{}", file.shown.display(), import.line, import.column);
        }
    }
    String::new()
}

/// The path above an `internal` element.
fn internal_parent(path: &str) -> Option<&str> {
    if let Some(at) = path.rfind("/internal/") {
        return Some(&path[..at]);
    }
    if let Some(parent) = path.strip_suffix("/internal") {
        return Some(parent);
    }
    (path.starts_with("internal/") || path == "internal").then_some("")
}

/// A depth-first walk with its own stack: import chains may be long.
struct Walk<'w> {
    packages: &'w BTreeMap<String, Package>,
    /// Whether a package is finished.
    state: HashMap<&'w str, bool>,
    out: Vec<String>,
    /// What is said of each cycle, by the package in which it closes.
    cycles: BTreeMap<&'w str, String>,
}

impl<'w> Walk<'w> {
    fn visit(&mut self, start: &str) {
        let Some((start, _)) = self.packages.get_key_value(start) else { return };
        // (package, its imports, how many of these are done)
        let mut stack: Vec<(&'w str, Vec<&'w str>, usize)> = Vec::new();
        let mut enter = Some(start.as_str());
        loop {
            if let Some(id) = enter.take() {
                match self.state.get(id) {
                    Some(true) => {}
                    Some(false) => {
                        self.report(&stack, id);
                    }
                    None => {
                        let Some(package) = self.packages.get(id) else { continue };
                        self.state.insert(id, false);
                        let mut imports: Vec<&str> = package.imports.values().map(String::as_str).collect();
                        imports.sort_unstable();
                        imports.dedup();
                        stack.push((id, imports, 0));
                    }
                }
            }
            let Some((id, imports, next)) = stack.last_mut() else { return };
            match imports.get(*next) {
                Some(&import) => {
                    *next += 1;
                    enter = Some(import);
                }
                None => {
                    self.state.insert(id, true);
                    self.out.push(id.to_string());
                    stack.pop();
                }
            }
        }
    }

    fn report(&mut self, stack: &[(&'w str, Vec<&'w str>, usize)], last: &'w str) {
        if self.cycles.contains_key(last) {
            return;
        }
        // Variants for tests are shown as the packages that they are made from.
        let plain = |id: &'w str| id.split(" [").next().unwrap_or(id);
        let ids: Vec<&str> = stack.iter().map(|(id, ..)| *id).chain([last]).collect();
        let mut text = format!("package {}", plain(ids[0]));
        for pair in ids.windows(2) {
            let from = self.packages.get(pair[0]).and_then(|p| {
                let written = p.imports.iter().find(|(_, id)| *id == pair[1])?.0;
                let file = p.sources.iter().find(|f| f.imports.iter().any(|i| i.path == *written))?;
                Some(file.path.file_name()?.to_string_lossy().into_owned())
            });
            text += &format!("\n\timports {} from {}", plain(pair[1]), from.unwrap_or_default());
        }
        let in_test = ids.iter().any(|id| id.contains(" ["));
        let text = format!("{text}: import cycle not allowed{}", if in_test { " in test" } else { "" });
        self.cycles.insert(last, text);
    }
}

#[cfg(test)]
#[path = "graph_tests.rs"]
mod tests;
