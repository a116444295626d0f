//! The packages of a build, one by one in dependency order: taken from the cache, or read from source, checked and compiled.
//!
//! 1. Keys. A package's key is a hash of the compiler, the SDK, its files and its imports' *interfaces*: what importers may
//!    see of them, down to the bodies of generic functions. An edit that leaves a package's interface alone leaves its
//!    importers' keys alone.
//! 2. Checking. What the cache does not have is parsed and checked; imports that the cache has are read from their export
//!    data, one file each.
//! 3. Code. Packages are lowered one after the other; a thread runs the passes over them in the same order, and each unit then goes to
//!    Cranelift on all cores while the next is lowered. Files are written as they are ready.
//!    Code depends on more than interfaces: on what the escape analysis found out about imported functions. An object of the
//!    cache says what it relies on, and counts as damaged when that does not hold any more.
//!
//! A file that turns out to be damaged when it is read counts as missing: the build starts again without it.

use super::cache::Held;
use super::{Clock, CompileError, FORMAT, Form, Request, Stage, Telling, format_errors};
use gorace_base::SourceMap;
use gorace_codegen::compile::Options;
use gorace_codegen::{Object, compile_unit, listing, object};
use gorace_ir::lower::Lowerer;
use gorace_ir::lower::embed::{Embed, EmbeddedFile};
use gorace_ir::lower::kinds::Program;
use gorace_ir::passes::summary::{Summaries, Summary};
use gorace_ir::unit::Place;
use gorace_ir::{Unit, passes};
use gorace_load::{Package, Sdk, Sources};
use gorace_syntax::ast::File;
use gorace_types::{Config, Exporter, Importer, PkgId, Store, TypeError, check_package};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError, RwLock, mpsc};

/// Packages in whose types the compiler itself looks things up.
const KNOWN_TO_COMPILER: [&str; 3] = ["internal/abi", "internal/runtime/maps", "runtime"];

/// A build of packages that are linked or checked together: no two have the same path.
pub(super) struct Build<'b> {
    pub sdk: &'b Sdk,
    pub request: &'b Request,
    pub stamp: u64,
    /// Dependencies first.
    pub packages: &'b [&'b Package],
    /// Passes that are left out.
    pub without: &'b [String],
    pub clock: &'b mut Clock,
}

/// A package's place in the cache, and what was found there.
struct Entry {
    path: PathBuf,
    interface: u128,
    cached: bool,
    /// Export data of a package that was read from source.
    export: Option<Arc<[u8]>>,
}

/// What a build gives.
pub(super) struct Built {
    pub objects: Vec<Object>,
    /// A hash of all packages and all that went into them.
    pub key: u128,
}

/// Why a build did not come through.
pub(super) enum Failure {
    Error(CompileError),
    /// A file of the cache was damaged and has been removed.
    Damaged,
}

impl From<CompileError> for Failure {
    fn from(e: CompileError) -> Failure {
        Failure::Error(e)
    }
}

/// A package's object.
type Compiled = Result<Option<Object>, Failure>;

/// Where export data goes, the hash of the interface, and the data.
type ExportFile = (PathBuf, u128, Arc<[u8]>);

/// A thread that writes export data into the cache; dropping it waits until all is written.
struct Writer {
    queue: Option<mpsc::Sender<ExportFile>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Writer {
    fn start() -> Writer {
        let (queue, files) = mpsc::channel::<ExportFile>();
        let write = move || {
            for (path, interface, export) in files {
                // A cache that cannot be written costs time, not correctness.
                let _ = object::write(&path, interface, &export, None);
            }
        };
        Writer { queue: Some(queue), thread: std::thread::Builder::new().spawn(write).ok() }
    }

    fn write(&self, path: &Path, interface: u128, export: &Arc<[u8]>) {
        if let Some(queue) = &self.queue {
            // Fails when there is no thread: then nothing is cached.
            let _ = queue.send((path.to_path_buf(), interface, export.clone()));
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The state of checking.
struct Checked<'f> {
    store: Store,
    importer: Importer,
    sources: Sources,
    exporter: Exporter,
    /// By package id; those in the store.
    ids: HashMap<&'f str, PkgId>,
    files: HashMap<PkgId, Vec<Arc<File>>>,
}

impl Build<'_> {
    fn code_wanted(&self) -> bool {
        self.request.stop_after != Some(Stage::Types)
    }

    /// Everything is made anew: what is asked for is printed on the way.
    fn prints(&self) -> bool {
        matches!(self.request.dump, Some((Form::Ir(_), _))) || self.request.stop_after == Some(Stage::Ir)
    }

    /// What objects depend on besides the sources.
    fn mode(&self) -> String {
        let (race, opens) = (self.request.race, self.request.opens_atomics());
        let processor = gorace_abi::processor::wanted();
        let (frames, without) = (super::frames(), self.without);
        let trim = if self.request.trimpath { " -trimpath" } else { "" };
        format!(
            "{FORMAT} {} {race} {opens} {processor} {frames:?} {without:?} {:x}{trim}",
            self.sdk.version, self.stamp
        )
    }

    /// The values that the linker's flags give to a package's variables.
    fn values_of(&self, package: &Package) -> Vec<(String, String)> {
        let of = self.request.values.iter().filter(|(path, ..)| *path == package.path);
        of.map(|(_, name, value)| (name.clone(), value.clone())).collect()
    }

    /// Paths of files without the folders of this machine, if that is wanted: below a package's folder its import path stands for it.
    fn trim(&self, object: &mut Object) {
        if !self.request.trimpath {
            return;
        }
        for file in &mut object.files {
            let path = Path::new(&*file);
            let folder = path.parent();
            let of = self.packages.iter().find(|p| folder == Some(p.dir.as_path()));
            if let (Some(package), Some(name)) = (of, path.file_name()) {
                let id = package.id.split(" [").next().unwrap_or(&package.id);
                let trimmed = match id == gorace_load::NAMED_FILES {
                    true => format!("./{}", name.display()),
                    false => format!("{id}/{}", name.display()),
                };
                *file = trimmed;
            }
        }
    }

    fn key(&self, package: &Package, interfaces: &HashMap<&str, u128>) -> u128 {
        let mut hasher = xxhash_rust::xxh3::Xxh3::new();
        hasher.update(format!("{} {} {}", self.mode(), package.path, package.go_minor).as_bytes());
        hasher.update(&package.hash.to_le_bytes());
        hasher.update(format!("{:?}", self.values_of(package)).as_bytes());
        let mut imports: Vec<(&String, &String)> = package.imports.iter().collect();
        imports.sort();
        for (written, id) in imports {
            hasher.update(written.as_bytes());
            hasher.update(&interfaces.get(id.as_str()).copied().unwrap_or(0).to_le_bytes());
        }
        hasher.digest128()
    }

    /// The key of the whole: all that goes in, by the sources alone, so that no file of the cache is read for it.
    fn whole_key(&self) -> u128 {
        let mut hasher = xxhash_rust::xxh3::Xxh3::new();
        hasher.update(self.mode().as_bytes());
        for package in self.packages {
            hasher.update(format!(" {} {} {}", package.id, package.path, package.go_minor).as_bytes());
            hasher.update(&package.hash.to_le_bytes());
            hasher.update(format!("{:?}", self.values_of(package)).as_bytes());
            let mut imports: Vec<(&String, &String)> = package.imports.iter().collect();
            imports.sort();
            for (written, id) in imports {
                hasher.update(format!(" {written} {id}").as_bytes());
            }
        }
        hasher.digest128()
    }

    /// Checks and compiles what the cache does not have. `finished` is asked with the build's key whether its result is
    /// there already; then there are no objects. Without it, a build of which all is cached has none either.
    pub fn run(&mut self, finished: Option<&dyn Fn(u128) -> Held>) -> Result<Built, Failure> {
        let whole = self.whole_key();
        // An image that was not used for long does not keep its objects from going: their times are renewed below.
        let held = finished.map_or(Held::No, |held| held(whole));
        if held == Held::Fresh {
            return Ok(Built { objects: Vec::new(), key: whole });
        }
        let folder = gorace_load::sdk::cache_folder().join("objects");
        let mut checked = Checked {
            store: Store::new(),
            importer: Importer::default(),
            sources: Sources::default(),
            exporter: Exporter::default(),
            ids: HashMap::new(),
            files: HashMap::new(),
        };
        // Without code a package's file is whole as soon as it is checked: it is written beside the checking.
        let writer = (!self.code_wanted()).then(Writer::start);
        let packages = self.packages;
        let by_id: HashMap<&str, usize> = packages.iter().enumerate().map(|(at, p)| (p.id.as_str(), at)).collect();
        let mut interfaces: HashMap<&str, u128> = HashMap::new();
        let mut entries: Vec<Entry> = Vec::new();
        let mut errors: Vec<String> = Vec::new();
        let mut failed: HashSet<&str> = HashSet::new();
        // Files are parsed side by side and beside the checking: the more packages in a row had to be, the more are parsed in advance.
        let mut ahead = 1;
        for (at, package) in packages.iter().enumerate() {
            let key = self.key(package, &interfaces);
            let path = folder.join(format!("{key:032x}"));
            let header = object::Header::read(&path).filter(|h| h.has_code || !self.code_wanted());
            let mut entry = Entry { path, interface: 0, cached: false, export: None };
            match header.filter(|_| !self.prints()) {
                Some(header) => {
                    entry.interface = header.interface;
                    entry.cached = true;
                    super::cache::used_object(&entry.path);
                    ahead = 1;
                }
                // What imports a package with errors would only repeat them.
                None if package.imports.values().any(|id| failed.contains(id.as_str())) => {
                    failed.insert(&package.id);
                }
                None => {
                    for id in package.imports.values() {
                        if let Some(&at) = by_id.get(id.as_str()) {
                            import(&mut checked, packages[at], &entries[at])?;
                        }
                    }
                    if !checked.sources.has_begun(package) {
                        let end = packages.len().min(at + ahead);
                        checked.sources.begin(packages[at..end].iter().copied()).map_err(CompileError::from)?;
                        ahead *= 2;
                    }
                    checked.sources.wait(package);
                    match self.check(&mut checked, package, &interfaces) {
                        Ok((export, interface)) => {
                            let export: Arc<[u8]> = export.into();
                            if let Some(writer) = &writer {
                                writer.write(&entry.path, interface, &export);
                            }
                            entry.export = Some(export);
                            entry.interface = interface;
                        }
                        Err(CompileError::Source(text)) => {
                            failed.insert(&package.id);
                            // As the go command has it.
                            errors.push(format!("# {}\n{text}", package.id));
                        }
                        Err(other) => return Err(other.into()),
                    }
                }
            }
            interfaces.insert(&package.id, entry.interface);
            entries.push(entry);
        }
        if !errors.is_empty() {
            return Err(CompileError::Source(errors.join("\n")).into());
        }
        let nothing_to_do = held == Held::Stale || (finished.is_none() && self.request.dump.is_none());
        if entries.iter().all(|e| e.cached) && nothing_to_do {
            return Ok(Built { objects: Vec::new(), key: whole });
        }
        self.clock.mark("check");
        if !self.code_wanted() {
            drop(writer);
            // Freeing the trees takes as long as parsing them.
            let trees = (checked.files, checked.sources);
            rayon::spawn(move || drop(trees));
            return Ok(Built { objects: Vec::new(), key: whole });
        }
        // Code in packages that come before these refers to their types all the same.
        for known in KNOWN_TO_COMPILER {
            if let Some(at) = packages.iter().position(|p| p.path == known)
                && entries.iter().any(|e| !e.cached)
            {
                import(&mut checked, packages[at], &entries[at])?;
            }
        }
        let objects = self.code(checked, &entries)?;
        Ok(Built { objects, key: whole })
    }

    /// Parses and checks a package; gives its export data and the hash of its interface.
    fn check<'f>(
        &self,
        checked: &mut Checked<'f>,
        package: &'f Package,
        interfaces: &HashMap<&str, u128>,
    ) -> Result<(Vec<u8>, u128), CompileError> {
        let (files, syntax_errors) = (checked.sources.files(package), checked.sources.errors(package));
        let mut found: Vec<_> = syntax_errors.into_iter().map(|e| (e.pos, e.message)).collect();
        // As in gc, what the parser finds wrong without calling it a syntax error keeps nothing from being checked.
        if found.iter().any(|(_, message)| message.starts_with("syntax error")) {
            return Err(CompileError::Source(format_errors(&checked.sources.map, found, self.request.all_errors)));
        }
        let imports = |path: &str| package.imports.get(path).and_then(|id| checked.ids.get(id.as_str())).copied();
        let config = Config {
            go_minor: package.go_minor,
            is_std: package.is_std,
            assembly: package.assembly,
            ..Config::default()
        };
        let (pkg, errors) = check_package(&mut checked.store, &package.path, &files, &imports, config);
        found.extend(errors.into_iter().map(|e| (e.pos, if self.request.codes { with_code(&e) } else { e.message })));
        if !found.is_empty() {
            return Err(CompileError::Source(format_errors(&checked.sources.map, found, self.request.all_errors)));
        }
        checked.ids.insert(&package.id, pkg);
        checked.files.insert(pkg, files);
        let export = checked.exporter.export(&checked.store, pkg, &checked.sources.map);
        let mut hasher = xxhash_rust::xxh3::Xxh3::new();
        hasher.update(&export);
        let mut below: Vec<u128> =
            package.imports.values().filter_map(|id| interfaces.get(id.as_str())).copied().collect();
        below.sort_unstable();
        below.iter().for_each(|i| hasher.update(&i.to_le_bytes()));
        Ok((export, hasher.digest128()))
    }

    /// Lowers and compiles what has no code yet, reads the code of the rest, and adds the program's entry.
    fn code(&mut self, mut checked: Checked<'_>, entries: &[Entry]) -> Result<Vec<Object>, Failure> {
        let damaged = self.open_on_demand(&mut checked, entries);
        let mut files: Vec<&[Arc<File>]> = vec![&[]; checked.store.packages.len()];
        for (pkg, list) in &checked.files {
            files[pkg.index()] = list;
        }
        let sources = RwLock::new(checked.sources.map);
        let arena = typed_arena::Arena::new();
        let program = Program {
            store: RefCell::new(&mut checked.store),
            files,
            importer: RefCell::new(&mut checked.importer),
            sources: &sources,
            arena: &arena,
            imported: RefCell::default(),
            bodies: RefCell::default(),
        };
        let options = Options { race: self.request.race, verify: self.request.verify || cfg!(debug_assertions) };
        let results: Mutex<Vec<(usize, Compiled)>> = Mutex::new(Vec::new());
        let done = |at: usize, result: Compiled| {
            results.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
        };
        let mut failure = None;
        rayon::in_place_scope(|scope| {
            std::thread::scope(|threads| {
                let (queue, jobs) = mpsc::channel::<Job>();
                let (done, sources, this) = (&done, &sources, &*self);
                // Passes ask for summaries of the functions of imports, so they run package after package; a thread of its own waits.
                threads.spawn(move || {
                    let mut known = Summaries::new();
                    for job in jobs {
                        match job {
                            Job::Cached(at, object) => {
                                let path = &entries[at].path;
                                let object = object.recv().ok().flatten().filter(|o| summaries_hold(o, &known));
                                if object.is_none() {
                                    let _ = std::fs::remove_file(path);
                                }
                                known.extend(object.iter().flat_map(summaries_of));
                                done(at, object.map(Some).ok_or(Failure::Damaged));
                            }
                            Job::Unit(at, mut unit) => {
                                if let Err(message) = this.improve(&mut unit, &known, sources, options) {
                                    done(at, Err(CompileError::Internal(message).into()));
                                    continue;
                                }
                                known.extend(
                                    unit.summaries.iter().map(|(s, summary)| (unit.name(*s).into(), summary.clone())),
                                );
                                if this.request.stop_after == Some(Stage::Ir) {
                                    continue;
                                }
                                let entry = &entries[at];
                                scope.spawn(move |_| {
                                    let mut result = compile_unit(&unit, sources, options);
                                    if let Ok(object) = &mut result {
                                        this.trim(object);
                                    }
                                    if let (Ok(object), Some(export)) = (&result, &entry.export) {
                                        // A cache that cannot be written costs time, not correctness.
                                        let _ = object::write(&entry.path, entry.interface, export, Some(object));
                                    }
                                    done(
                                        at,
                                        result.map(Some).map_err(|e| CompileError::Internal(e.to_string()).into()),
                                    );
                                });
                            }
                        }
                    }
                });
                for (at, (package, entry)) in self.packages.iter().zip(entries).enumerate() {
                    if entry.cached {
                        let (read, object) = mpsc::channel();
                        scope.spawn(move |_| _ = read.send(Object::read(&entry.path)));
                        let _ = queue.send(Job::Cached(at, object));
                        continue;
                    }
                    let Some(&pkg) = checked.ids.get(package.id.as_str()) else { continue };
                    let mut lowerer = Lowerer::new(&program, pkg, package.is_std);
                    match embedded(package) {
                        Ok(embeds) => lowerer.embeds = embeds,
                        Err(error) => {
                            failure = Some(error);
                            return;
                        }
                    }
                    lowerer.values = self.values_of(package);
                    match self.request.tells {
                        Some(Telling::Packages) => crate::note(&package.id),
                        Some(Telling::Steps) => crate::note(&format!("compile {}", package.id)),
                        None => {}
                    }
                    let (unit, errors) = lowerer.lower_package();
                    if !errors.is_empty() {
                        let errors = errors.into_iter().map(|e| (e.pos, e.message)).collect();
                        let sources = sources.read().unwrap_or_else(PoisonError::into_inner);
                        let text = format_errors(&sources, errors, self.request.all_errors);
                        failure = Some(CompileError::Source(format!("# {}\n{text}", package.id)));
                        return;
                    }
                    // The thread ends only when the queue does.
                    let _ = queue.send(Job::Unit(at, Box::new(unit)));
                }
            });
        });
        if let Some(error) = failure {
            return Err(error.into());
        }
        if damaged.get() {
            return Err(Failure::Damaged);
        }
        self.clock.mark("lower and generate");
        let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.sort_by_key(|(at, _)| *at);
        let mut objects = Vec::new();
        for (_, result) in results {
            objects.extend(result?);
        }
        if let Some((Form::Code, wanted)) = &self.request.dump {
            objects.iter().for_each(|object| print!("{}", listing(object, wanted)));
        }
        if self.request.stop_after.is_some() {
            return Ok(objects);
        }
        objects.push(self.entry(&program, &sources, options)?);
        Ok(objects)
    }

    /// Runs the passes over a unit, and prints what was asked for.
    fn improve(
        &self,
        unit: &mut Unit,
        known: &Summaries,
        sources: &RwLock<SourceMap>,
        options: Options,
    ) -> Result<(), String> {
        let context = passes::Context {
            is_override: &gorace_runtime::is_override,
            imported: &|name| known.get(name).cloned(),
            verify: options.verify,
            race: options.race,
            opens_atomics: self.request.opens_atomics(),
            frames: super::frames(),
            without: self.without,
            watch: &|pass, unit| {
                if let Some((Form::Ir(Some(after)), wanted)) = &self.request.dump
                    && pass == *after
                {
                    print(unit, wanted, sources);
                }
            },
        };
        passes::run(unit, &context)?;
        if let Some((Form::Ir(None), wanted)) = &self.request.dump {
            print(unit, wanted, sources);
        }
        Ok(())
    }

    /// Lets bodies be read of cached packages that nothing imported by name; gives a flag that one was damaged.
    fn open_on_demand(&self, checked: &mut Checked<'_>, entries: &[Entry]) -> Rc<Cell<bool>> {
        let cached: HashMap<String, PathBuf> = self
            .packages
            .iter()
            .zip(entries)
            .filter(|(_, entry)| entry.cached)
            .map(|(package, entry)| (package.path.clone(), entry.path.clone()))
            .collect();
        let damaged = Rc::new(Cell::new(false));
        let flag = damaged.clone();
        checked.importer.open = Some(Box::new(move |path| {
            let file = cached.get(path)?;
            let data = object::read_export(file);
            if data.is_none() {
                flag.set(true);
                let _ = std::fs::remove_file(file);
            }
            data.map(Arc::from)
        }));
        damaged
    }

    /// The function that runs all packages' initialisers in dependency order.
    fn entry<'p>(
        &self,
        program: &'p Program<'p>,
        sources: &RwLock<SourceMap>,
        options: Options,
    ) -> Result<Object, Failure> {
        let paths: Vec<String> = self.packages.iter().map(|p| p.path.clone()).collect();
        let runtime = program.package_named("runtime").unwrap_or(PkgId(0));
        let godebug = self.packages.iter().rev().find(|p| p.name == "main").map_or("", |p| &p.godebug);
        let unit = Lowerer::new(program, runtime, true).lower_entry(&paths, godebug);
        compile_unit(&unit, sources, options).map_err(|e| CompileError::Internal(e.to_string()).into())
    }
}

/// Prints the unit's own functions whose symbol contains a text.
fn print(unit: &Unit, wanted: &str, sources: &RwLock<SourceMap>) {
    let sources = sources.read().unwrap_or_else(PoisonError::into_inner);
    let spell = |place: Place| {
        let at = sources.position(place.pos)?;
        Some(format!("{}:{}:{}", at.path.file_name()?.display(), at.line, at.column))
    };
    for func in unit.funcs.iter().filter(|f| !f.flags.foreign && unit.name(f.name).contains(wanted)) {
        println!("{}", gorace_ir::text::print::func_with(unit, func, &spell));
    }
}

/// A package on its way from lowering to code, in dependency order.
enum Job {
    /// Its object comes from the cache.
    Cached(usize, mpsc::Receiver<Option<Object>>),
    Unit(usize, Box<Unit>),
}

/// What an object says of its functions.
fn summaries_of(object: &Object) -> impl Iterator<Item = (Arc<str>, Arc<Summary>)> + '_ {
    object.summaries.iter().filter_map(|(symbol, bytes)| {
        let name = object.symbols.get(*symbol as usize)?;
        Some((Arc::from(name.as_str()), Arc::new(Summary::decode(bytes)?)))
    })
}

/// Whether what an object's code was compiled by is still true of the packages before it.
fn summaries_hold(object: &Object, known: &Summaries) -> bool {
    object.relies.iter().all(|(symbol, bytes)| {
        let actual = object.symbols.get(*symbol as usize).and_then(|name| known.get(name.as_str()));
        actual.is_some_and(|actual| Summary::decode(bytes).is_some_and(|assumed| assumed.covers(actual)))
    })
}

/// An error's message with its code behind the first line.
fn with_code(error: &TypeError) -> String {
    let end = error.message.find('\n').unwrap_or(error.message.len());
    let (first, more) = error.message.split_at(end);
    format!("{first} [{}]{more}", error.code.name())
}

/// Reads the files that a package's variables embed.
fn embedded(package: &Package) -> Result<Vec<Embed>, CompileError> {
    let read = |file: &gorace_load::EmbeddedFile| match std::fs::read(&file.path) {
        Ok(bytes) => Ok(EmbeddedFile { name: file.name.clone(), bytes, hash: file.hash }),
        Err(e) => Err(CompileError::Source(format!("# {}\nembed {}: {e}", package.id, file.path.display()))),
    };
    let variable = |e: &gorace_load::Embedded| {
        let files = e.files.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Embed { variable: e.variable.clone(), files })
    };
    package.embeds.iter().map(variable).collect()
}

/// Brings a package into the store, unless it is there.
fn import<'f>(checked: &mut Checked<'f>, package: &'f Package, entry: &Entry) -> Result<(), Failure> {
    if checked.ids.contains_key(package.id.as_str()) || !entry.cached {
        return Ok(());
    }
    let damaged = || {
        let _ = std::fs::remove_file(&entry.path);
        Failure::Damaged
    };
    let data = object::read_export(&entry.path).ok_or_else(damaged)?;
    let pkg = checked.importer.import(&mut checked.store, data.into()).map_err(|_| damaged())?;
    checked.ids.insert(&package.id, pkg);
    Ok(())
}
