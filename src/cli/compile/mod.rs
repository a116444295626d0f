//! From a program's name to its linked image: load, check, lower, generate, link; cached by what went in.

pub mod cache;
mod packages;

use cache::Held;
use gorace_base::SourceMap;
use gorace_codegen::{LinkInput, Object, link};
use gorace_ir::passes::{self, Frames};
use gorace_load::environment::ModuleMode;
use gorace_load::{Graph, LoadError, Package, Sdk, SdkError};
use packages::{Build, Built, Failure};
use rayon::prelude::*;
use std::path::PathBuf;
use std::time::Instant;

/// What to compile and how.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub program: Vec<String>,
    pub tags: Vec<String>,
    /// The packages' tests too.
    pub tests: bool,
    pub race: bool,
    /// It is run under chosen schedules, not live alone.
    pub explored: bool,
    pub verify: bool,
    pub all_errors: bool,
    /// Name the code of each of the checker's errors.
    pub codes: bool,
    pub timings: bool,
    /// Print a form of the functions whose symbol contains the text.
    pub dump: Option<(Form, String)>,
    pub stop_after: Option<Stage>,
    /// Where packages come from, and what stands for go.mod, if not as GOFLAGS say.
    pub module_mode: Option<ModuleMode>,
    pub modfile: Option<PathBuf>,
    /// Values of string variables: the package's path and the variable's name, and the value.
    pub values: Vec<(String, String, String)>,
    /// Compiled code names files without the folders of this machine.
    pub trimpath: bool,
    /// What is said of the work while it is done.
    pub tells: Option<Telling>,
}

impl Request {
    /// Whether atomic operations are the processor's: nobody wants to hear of them, or to choose who comes first.
    pub fn opens_atomics(&self) -> bool {
        !self.race && !self.explored
    }

    /// What the loader is asked for.
    pub fn packages(&self) -> gorace_load::Request {
        gorace_load::Request {
            patterns: self.program.clone(),
            tags: self.tags.clone(),
            tests: self.tests,
            mode: self.module_mode,
            modfile: self.modfile.clone(),
            working_folder: None,
        }
    }
}

/// What is said of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// The packages that are compiled, by name alone.
    Packages,
    /// Each step, in words.
    Steps,
}

/// What of a function can be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The intermediate form after the pass of this name; without one after all passes.
    Ir(Option<&'static str>),
    /// The machine code.
    Code,
}

/// Where to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Stage {
    Types,
    Ir,
    Code,
}

/// Why there is no image. The text is ready to be printed.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    #[error(transparent)]
    Sdk(#[from] SdkError),
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Errors in the source, one a line.
    #[error("{0}")]
    Source(String),
    /// A package, or what it imports, cannot be found or read; the first line names it.
    #[error("{0}")]
    Setup(String),
    #[error("{0}")]
    Internal(String),
    #[error("{0}: {1} (another folder for gorace's cache can be given with XDG_CACHE_HOME)")]
    Io(PathBuf, String),
    #[error(
        "{0}: package {1} is not a main package; name a program to check or run, or check its tests: `gorace test --explore`"
    )]
    NotMain(String, String),
    #[error("{0}: {1} packages, none of them a program")]
    NoMain(String, usize),
    #[error("{0}: {1} packages; name one program:\n{2}")]
    Several(String, usize, String),
}

/// Part of every cache key: another compiler makes other code.
const FORMAT: &str = concat!(env!("CARGO_PKG_VERSION"), "-5");

/// Stack of the thread that compiles: trees of source may nest deeply.
const STACK: usize = 1 << 30;

/// How the escape analysis is tried: what `GORACE_FRAMES` says, for developers.
fn frames() -> Frames {
    let said = std::env::var("GORACE_FRAMES").ok();
    said.as_deref().and_then(Frames::of_name).unwrap_or_default()
}

/// The passes to leave out: what `GORACE_PASSES` says, for developers.
fn passes_left_out() -> Result<Vec<String>, CompileError> {
    let said = std::env::var("GORACE_PASSES").unwrap_or_default();
    passes::left_out(&said).map_err(|e| CompileError::Setup(format!("GORACE_PASSES: {e}")))
}

/// The symbol of a program's own first function.
const MAIN: &str = "main.main";

/// What would be done for a request, a step a line; nothing is compiled.
///
/// # Errors
/// When packages cannot be found.
pub fn steps(request: &Request) -> Result<Vec<String>, CompileError> {
    let graph = packages(request)?.whole()?;
    let is_linked = |p: &&Package| p.name == "main" && (p.for_test.is_some() || graph.roots.contains(&p.id));
    let compiled = graph.packages.iter().map(|p| format!("compile {}", p.id));
    Ok(compiled.chain(graph.packages.iter().filter(is_linked).map(|p| format!("link {}", p.id))).collect())
}

/// Compiles a program, or packages that are none; gives the program, or nothing when it stopped early.
///
/// # Errors
/// Whatever keeps the program from being compiled.
pub fn compile(request: &Request) -> Result<Option<Compiled>, CompileError> {
    on_large_stack(|| compile_here(request))
}

/// Compiles the one program that is named; gives its image.
///
/// # Errors
/// As `compile`, and where other packages are named besides.
pub fn compile_program(request: &Request) -> Result<PathBuf, CompileError> {
    on_large_stack(|| {
        let mut clock = Clock { last: Instant::now(), on: request.timings };
        let (sdk, graph) = load(request)?;
        clock.mark("load");
        let named = request.program.join(" ");
        let [root] = graph.roots.as_slice() else {
            let programs = main_packages(&graph);
            return Err(match programs.is_empty() {
                true => CompileError::NoMain(named, graph.roots.len()),
                false => CompileError::Several(named, graph.roots.len(), format!("\t{}", programs.join("\n\t"))),
            });
        };
        if let Some(package) = graph.package(root).filter(|p| p.name != "main") {
            return Err(not_main(package, request));
        }
        program(&sdk, request, compiler_stamp(), &graph.closure(root), &mut clock)
    })
}

/// The programs among the packages that a pattern names: their import paths. None where not a pattern, but one package or files are named.
///
/// # Errors
/// When packages cannot be found, or no program is among them.
pub fn programs(request: &Request) -> Result<Option<Vec<String>>, CompileError> {
    let is_pattern = request.program.iter().any(|word| word.contains("..."));
    if !is_pattern {
        return Ok(None);
    }
    let graph = packages(request)?;
    let programs = main_packages(&graph);
    match programs.is_empty() {
        true => Err(CompileError::NoMain(request.program.join(" "), graph.roots.len())),
        false => Ok(Some(programs)),
    }
}

fn main_packages(graph: &Graph) -> Vec<String> {
    let is_main = |root: &&String| graph.package(root).is_some_and(|p| p.name == "main");
    graph.roots.iter().filter(is_main).cloned().collect()
}

/// The packages of a program, not read further.
///
/// # Errors
/// When they cannot be found.
pub fn packages(request: &Request) -> Result<Graph, CompileError> {
    Ok(gorace_load::graph(&crate::sdk::find()?, &request.packages())?)
}

/// The program that runs a package's tests.
#[derive(Debug)]
pub struct TestProgram {
    /// Import path of the package under test.
    pub package: String,
    /// Its folder, in which tests run.
    pub dir: PathBuf,
    /// The linked program; none where the package has no tests; why it could not be built.
    pub image: Result<Option<PathBuf>, CompileError>,
}

/// What `compile_tests` knows before it compiles.
#[derive(Debug)]
pub struct TestPlan {
    /// The packages that were named.
    pub packages: usize,
    /// Folder of the SDK.
    pub goroot: PathBuf,
}

/// Compiles the tests of the packages that a request names. Gives `each` one after the other, in the order of their
/// paths, as it is ready.
///
/// # Errors
/// When packages cannot be found; what is wrong with one package's source goes to `each`.
pub fn compile_tests(
    request: &Request,
    plan: &mut (dyn FnMut(TestPlan) -> Result<(), String> + Send),
    each: &mut (dyn FnMut(TestProgram) + Send),
) -> Result<(), CompileError> {
    on_large_stack(|| {
        let mut clock = Clock { last: Instant::now(), on: request.timings };
        let (sdk, graph) = load_partly(&Request { tests: true, ..request.clone() })?;
        clock.mark("load");
        // Where there is no package at all, the command was given the wrong ones.
        let found = graph.roots.iter().any(|root| graph.package(root).is_some());
        let graph = if found || !request.explored { graph } else { graph.whole()? };
        plan(TestPlan { packages: graph.roots.len(), goroot: sdk.root.clone() }).map_err(CompileError::Setup)?;
        let stamp = compiler_stamp();
        // As the go command does, what fails before it is compiled comes first.
        let problems = |root: &String| {
            let set = graph.tests.iter().find(|set| set.package == *root);
            graph.problems(set.map_or(root, |set| &set.main))
        };
        let (wrong, right): (Vec<&String>, Vec<&String>) =
            graph.roots.iter().partition(|root| !problems(root).is_empty());
        for root in wrong.into_iter().chain(right) {
            let dir = graph.package(root).map(|p| p.dir.clone()).unwrap_or_default();
            let set = graph.tests.iter().find(|set| set.package == *root);
            let problems = problems(root);
            let image = match set {
                _ if !problems.is_empty() => Err(CompileError::Setup(format!("# {root}\n{}", problems.join("\n")))),
                Some(set) => program(&sdk, request, stamp, &graph.closure(&set.main), &mut clock).map(Some),
                // As the go command does, packages without tests are compiled all the same.
                None => program_parts(&sdk, request, stamp, &graph.closure(root), &mut clock),
            };
            each(TestProgram { package: root.clone(), dir, image });
        }
        Ok(())
    })
}

/// A package of those that a request names.
#[derive(Debug)]
pub struct Compiled {
    /// What an executable of it is called.
    pub name: String,
    /// The linked program; none where the package is not a program.
    pub image: Option<PathBuf>,
}

/// Compiles each of the packages that a request names.
///
/// # Errors
/// Whatever keeps one of them from being compiled.
pub fn compile_each(request: &Request) -> Result<Vec<Compiled>, CompileError> {
    on_large_stack(|| {
        let mut clock = Clock { last: Instant::now(), on: request.timings };
        let (sdk, graph) = load(request)?;
        clock.mark("load");
        let stamp = compiler_stamp();
        let each = |root: &String| {
            let packages = graph.closure(root);
            let is_program = graph.package(root).is_some_and(|p| p.name == "main");
            let image = if is_program {
                Some(program(&sdk, request, stamp, &packages, &mut clock)?)
            } else {
                program_parts(&sdk, request, stamp, &packages, &mut clock)?
            };
            Ok(Compiled { name: executable_name(root, &request.program), image })
        };
        graph.roots.iter().map(each).collect()
    })
}

/// As the go command names executables: after the first file, or the last element of the import path that is not a version.
pub fn executable_name(package: &str, program: &[String]) -> String {
    if let Some(file) = program.first().and_then(|first| first.strip_suffix(".go")) {
        return file.rsplit('/').next().unwrap_or(file).to_string();
    }
    let is_version = |element: &&str| {
        let number = element.strip_prefix('v').unwrap_or("");
        !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
    };
    let mut elements = package.rsplit('/').peekable();
    let last = elements.next().unwrap_or(package);
    match elements.peek() {
        Some(before) if is_version(&last) => (*before).to_string(),
        _ => last.to_string(),
    }
}

/// Compiles packages that are not linked.
fn program_parts(
    sdk: &Sdk,
    request: &Request,
    stamp: u64,
    packages: &[&Package],
    clock: &mut Clock,
) -> Result<Option<PathBuf>, CompileError> {
    let request = Request { stop_after: Some(Stage::Types), ..request.clone() };
    build(sdk, &request, stamp, packages, clock, None).map(|_| None)
}

/// Runs on a thread with room for deep trees.
fn on_large_stack<T: Send>(f: impl FnOnce() -> Result<T, CompileError> + Send) -> Result<T, CompileError> {
    // Files are parsed and tests checked in the pool. It is made once in a process.
    make_pool();
    let _compiling = cache::compiling(&gorace_load::sdk::cache_folder());
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, f);
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(e) => Err(CompileError::Internal(format!("cannot start a thread: {e}"))),
        }
    })
}

/// More threads than any machine has cores for this.
const MOST_THREADS: usize = 256;

/// Makes the pool of threads, as large as RAYON_NUM_THREADS says or as there are cores; where the system has no threads left, this one is
/// the pool.
fn make_pool() {
    let asked = std::env::var("RAYON_NUM_THREADS").ok().and_then(|n| n.parse::<usize>().ok()).filter(|n| *n > 0);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let pool = |threads| rayon::ThreadPoolBuilder::new().stack_size(STACK).num_threads(threads);
    // An error, too, where it is already there.
    if pool(asked.unwrap_or(cores).min(MOST_THREADS)).build_global().is_err() {
        let _ = pool(1).use_current_thread().build_global();
    }
}

/// The graph of packages that all have to be right.
fn load(request: &Request) -> Result<(Sdk, Graph), CompileError> {
    let (sdk, graph) = load_partly(request)?;
    Ok((sdk, graph.whole()?))
}

/// The graph; what is wrong with one package is no hindrance to others.
fn load_partly(request: &Request) -> Result<(Sdk, Graph), CompileError> {
    let sdk = crate::sdk::find()?;
    let graph = gorace_load::graph(&sdk, &request.packages())?;
    for warning in &graph.warnings {
        eprintln!("gorace: {warning}");
    }
    Ok((sdk, graph))
}

fn compile_here(request: &Request) -> Result<Option<Compiled>, CompileError> {
    let mut clock = Clock { last: Instant::now(), on: request.timings };
    let (sdk, graph) = load(request)?;
    clock.mark("load");
    let stamp = compiler_stamp();
    let is_program = match graph.roots.as_slice() {
        [root] => graph.package(root).is_some_and(|p| p.name == "main"),
        _ => false,
    };
    if request.stop_after.is_some() || request.dump.is_some() || !is_program {
        let plain: Vec<&Package> = graph.packages.iter().filter(|p| p.for_test.is_none()).collect();
        build(&sdk, request, stamp, &plain, &mut clock, None)?;
        check_tests(&sdk, request, stamp, &graph)?;
        clock.mark("tests");
        return Ok(None);
    }
    let root = &graph.roots[0];
    let image = program(&sdk, request, stamp, &graph.closure(root), &mut clock)?;
    Ok(Some(Compiled { name: executable_name(root, &request.program), image: Some(image) }))
}

/// Builds and links a program, unless that is done; gives its image.
fn program(
    sdk: &Sdk,
    request: &Request,
    stamp: u64,
    packages: &[&Package],
    clock: &mut Clock,
) -> Result<PathBuf, CompileError> {
    let images = gorace_load::sdk::cache_folder().join("images");
    let image = |key: u128| images.join(format!("{key:032x}"));
    let built = build(sdk, request, stamp, packages, clock, Some(&|key| cache::hold_image(&image(key))))?;
    let image = image(built.key);
    if built.objects.is_empty() {
        return Ok(image);
    }
    let references: Vec<&Object> = built.objects.iter().collect();
    let linked = link(&LinkInput {
        objects: &references,
        entry: "runtime.main",
        keep: &[],
        is_native: &gorace_runtime::is_native,
        is_override: &gorace_runtime::is_override,
    })
    .map_err(|e| CompileError::Internal(e.to_string()))?;
    if linked.missing.iter().any(|symbol| symbol == MAIN) {
        let package = packages.last().map_or("", |p| &p.id);
        let text = format!("# {package}\nruntime.main_main·f: function main is undeclared in the main package");
        return Err(CompileError::Source(text));
    }
    if request.tells == Some(Telling::Steps) {
        crate::note(&format!("link {}", packages.last().map_or("", |p| &p.id)));
    }
    // Removed by another process as soon as it was written: that process clears the whole cache.
    cache::write_image(&image, &linked.bytes)
        .and_then(|()| match cache::hold_image(&image) {
            Held::No => Err(std::io::ErrorKind::NotFound.into()),
            Held::Fresh | Held::Stale => Ok(()),
        })
        .map_err(|e| CompileError::Io(image.clone(), e.to_string()))?;
    clock.mark("link");
    cache::trim(&gorace_load::sdk::cache_folder());
    if request.timings {
        eprintln!(
            "{:>24}: {} functions, {} bytes; without body: {}",
            "image",
            linked.functions,
            linked.bytes.len(),
            linked.missing.join(" ")
        );
    }
    Ok(image)
}

fn not_main(package: &Package, request: &Request) -> CompileError {
    let mut sources = gorace_load::Sources::default();
    if let Err(e) = sources.parse([package]) {
        return e.into();
    }
    // A file that is no Go at all has no package name either.
    let errors: Vec<_> = sources.errors(package).into_iter().map(|e| (e.pos, e.message)).collect();
    if !errors.is_empty() {
        let text = format_errors(&sources.map, errors, request.all_errors);
        return CompileError::Source(format!("# {}\n{text}", package.id));
    }
    let place = sources.files(package).first().and_then(|f| sources.map.position(f.package.pos));
    CompileError::NotMain(place.map_or_else(|| package.id.clone(), |p| p.to_string()), package.name.clone())
}

/// Builds the packages that are there only for tests. What a test sees of its package replaces the package in all that
/// the test imports, so each test is a build of its own.
fn check_tests(sdk: &Sdk, request: &Request, stamp: u64, graph: &Graph) -> Result<(), CompileError> {
    let results: Vec<Result<Built, CompileError>> = graph
        .tests
        .par_iter()
        .map(|set| {
            let mut clock = Clock { last: Instant::now(), on: false };
            build(sdk, request, stamp, &graph.closure(&set.main), &mut clock, None)
        })
        .collect();
    let mut texts = Vec::new();
    for result in results {
        match result {
            Ok(_) => {}
            Err(CompileError::Source(text)) => texts.push(text),
            Err(other) => return Err(other),
        }
    }
    if texts.is_empty() { Ok(()) } else { Err(CompileError::Source(texts.join("\n"))) }
}

/// Builds packages; again when a file of the cache turns out to be damaged.
fn build(
    sdk: &Sdk,
    request: &Request,
    stamp: u64,
    packages: &[&Package],
    clock: &mut Clock,
    finished: Option<&dyn Fn(u128) -> Held>,
) -> Result<Built, CompileError> {
    let without = passes_left_out()?;
    if let Some((Form::Ir(Some(pass)), _)) = request.dump
        && without.iter().any(|name| name == pass)
    {
        return Err(CompileError::Setup(format!("nothing is printed after {pass}: GORACE_PASSES leaves it out")));
    }
    for _ in 0..packages.len() {
        match (Build { sdk, request, stamp, packages, without: &without, clock }).run(finished) {
            Ok(built) => return Ok(built),
            Err(Failure::Error(error)) => return Err(error),
            Err(Failure::Damaged) => {}
        }
    }
    let cache = gorace_load::sdk::cache_folder();
    Err(CompileError::Io(cache, "files of the cache are damaged again and again: is the disk all right?".to_string()))
}

struct Clock {
    last: Instant,
    on: bool,
}

impl Clock {
    fn mark(&mut self, what: &str) {
        if self.on {
            eprintln!("{what:>24}: {:.3} s", self.last.elapsed().as_secs_f64());
        }
        self.last = Instant::now();
    }
}

/// The hash of everything that the compiler itself is: its binary's size and time stand for it.
fn compiler_stamp() -> u64 {
    let Ok(path) = std::env::current_exe() else { return 0 };
    let Ok(meta) = std::fs::metadata(path) else { return 0 };
    let modified = meta.modified().ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
    meta.len() ^ modified.map_or(0, |d| d.as_nanos() as u64)
}

/// Errors as gc prints them: sorted, ten at most.
fn format_errors(sources: &SourceMap, mut errors: Vec<(gorace_base::Pos, String)>, all: bool) -> String {
    errors.sort_by_key(|(pos, _)| *pos);
    let mut lines = Vec::new();
    for (i, (pos, message)) in errors.iter().enumerate() {
        if i == 10 && !all {
            lines.push("too many errors".to_string());
            break;
        }
        // As the go command shows places: what lies in the working folder begins with a dot.
        let place = |pos| {
            let p = sources.position(pos)?;
            let dot = if p.path.components().count() == 1 { "./" } else { "" };
            Some((format!("{dot}{p}"), p.line))
        };
        let message = gorace_types::spell_places(message, &place);
        match place(*pos) {
            Some((place, _)) => lines.push(format!("{place}: {message}")),
            None => lines.push(message),
        }
    }
    lines.join("\n")
}
