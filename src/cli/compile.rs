//! From a program's name to its linked image: load, check, lower, generate, link; cached by what went in.

use gorace_base::SourceMap;
use gorace_codegen::compile::Options;
use gorace_codegen::{LinkInput, Object, compile_unit, link};
use gorace_ir::lower::Lowerer;
use gorace_ir::lower::kinds::Program;
use gorace_load::{LoadError, Loaded, Sdk, SdkError};
use gorace_types::{PkgId, Store};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What to compile and how.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub program: Vec<String>,
    pub tags: Vec<String>,
    /// Check the tests of the packages too; only together with `Stage::Types`.
    pub tests: bool,
    pub race: bool,
    pub verify: bool,
    pub all_errors: bool,
    pub timings: bool,
    /// Print the intermediate form of functions whose symbol contains this.
    pub dump_ir: Option<String>,
    pub stop_after: Option<Stage>,
}

impl Request {
    /// What the loader is asked for.
    pub fn packages(&self) -> gorace_load::Request {
        gorace_load::Request {
            patterns: self.program.clone(),
            tags: self.tags.clone(),
            tests: self.tests,
            working_folder: None,
        }
    }
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
    #[error("{0}")]
    Internal(String),
    #[error("{0}: {1} (another folder for gorace's cache can be given with XDG_CACHE_HOME)")]
    Io(PathBuf, String),
    #[error("{0}: package {1} is not a main package; name a program to check or run")]
    NotMain(String, String),
}

/// Part of every cache key: another compiler makes other code.
const FORMAT: &str = concat!(env!("CARGO_PKG_VERSION"), "-3");

/// Compiles a program; gives the image's path, or none when it stopped early.
///
/// # Errors
/// Whatever keeps the program from being compiled.
pub fn compile(request: &Request) -> Result<Option<PathBuf>, CompileError> {
    let mut clock = Clock { last: Instant::now(), on: request.timings };
    let sdk = crate::sdk::find()?;
    let graph = gorace_load::graph(&sdk, &request.packages())?;
    for warning in &graph.warnings {
        eprintln!("gorace: {warning}");
    }
    if request.stop_after == Some(Stage::Types) {
        clock.mark("load");
        crate::check_types::check_graph(graph, request.all_errors).map_err(CompileError::Source)?;
        clock.mark("parse and check");
        return Ok(None);
    }
    let loaded = gorace_load::parse_all(graph)?;
    clock.mark("load and parse");
    let image = image_path(&sdk, &loaded, request);
    let plain = request.stop_after.is_none() && request.dump_ir.is_none();
    if plain && loaded.syntax_errors.is_empty() && gorace_runtime::image::is_whole(&image) {
        return Ok(Some(image));
    }
    if !loaded.syntax_errors.is_empty() {
        let text = crate::check_types::syntax_errors(&loaded, request.all_errors);
        return Err(CompileError::Source(text));
    }
    let mut store = Store::new();
    let ids = crate::check_types::check_all(&mut store, &loaded, request.all_errors).map_err(CompileError::Source)?;
    clock.mark("check");
    let main = loaded.packages.iter().find(|p| p.id == loaded.root());
    if main.is_none_or(|p| p.name != "main") && request.stop_after.is_none() {
        let file = main.and_then(|p| p.files.first());
        let place = file.and_then(|f| loaded.sources.position(f.package.pos)).map(|p| p.to_string());
        let name = file.map_or(loaded.root(), |f| f.package.name.as_str());
        return Err(CompileError::NotMain(place.unwrap_or_else(|| loaded.root().to_string()), name.to_string()));
    }
    let objects = generate(&mut store, &loaded, &ids, &sdk, request, &mut clock)?;
    if request.stop_after.is_some() {
        return Ok(None);
    }
    let references: Vec<&Object> = objects.iter().collect();
    let linked = link(&LinkInput {
        objects: &references,
        entry: "runtime.rt0",
        keep: &[],
        is_native: &gorace_runtime::is_native,
        is_override: &gorace_runtime::is_override,
    })
    .map_err(|e| CompileError::Internal(e.to_string()))?;
    write(&image, &linked.bytes)?;
    clock.mark("link");
    if request.timings {
        eprintln!(
            "{:>24}: {} functions, {} bytes; without body: {}",
            "image",
            linked.functions,
            linked.bytes.len(),
            linked.missing.join(" ")
        );
    }
    Ok(Some(image))
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

fn write(path: &Path, bytes: &[u8]) -> Result<(), CompileError> {
    let io = |e: std::io::Error| CompileError::Io(path.to_path_buf(), e.to_string());
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(io)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(io)?;
    std::io::Write::write_all(&mut file, bytes).map_err(io)?;
    file.persist(path).map_err(|e| io(e.error))?;
    Ok(())
}

/// The hash of everything that the compiler itself is: its binary's size and time stand for it.
fn compiler_stamp() -> u64 {
    let Ok(path) = std::env::current_exe() else { return 0 };
    let Ok(meta) = std::fs::metadata(path) else { return 0 };
    let modified = meta.modified().ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
    meta.len() ^ modified.map_or(0, |d| d.as_nanos() as u64)
}

fn image_path(sdk: &Sdk, loaded: &Loaded, request: &Request) -> PathBuf {
    let mut key = format!("{FORMAT} {} {} {} {}", sdk.version, request.race, compiler_stamp(), loaded.root());
    for package in &loaded.packages {
        key += &format!(" {}:{:x}:{}", package.id, package.hash, package.go_minor);
    }
    let hash = xxhash_rust::xxh3::xxh3_128(key.as_bytes());
    gorace_load::sdk::cache_folder().join("images").join(format!("{hash:032x}"))
}

/// Lowers and compiles each package, or takes its object from the cache.
fn generate(
    store: &mut Store,
    loaded: &Loaded,
    ids: &HashMap<String, PkgId>,
    sdk: &Sdk,
    request: &Request,
    clock: &mut Clock,
) -> Result<Vec<Object>, CompileError> {
    let mut files: Vec<&[std::sync::Arc<gorace_syntax::ast::File>]> = vec![&[]; store.packages.len()];
    for package in &loaded.packages {
        files[ids[&package.id].index()] = &package.files;
    }
    let program = Program { store: RefCell::new(store), files };
    let program = &program;
    let options = Options { race: request.race, verify: request.verify || cfg!(debug_assertions) };
    let mut objects = Vec::new();
    let mut keys: HashMap<&str, u64> = HashMap::new();
    for package in &loaded.packages {
        let mut key =
            format!("{FORMAT} {} {} {} {} {:x}", sdk.version, request.race, compiler_stamp(), package.id, package.hash);
        let mut imports: Vec<&String> = package.imports.values().collect();
        imports.sort();
        for import in imports {
            key += &format!(" {:x}", keys.get(import.as_str()).copied().unwrap_or(0));
        }
        let hash = xxhash_rust::xxh3::xxh3_64(key.as_bytes());
        keys.insert(&package.id, hash);
        let cached = gorace_load::sdk::cache_folder().join("objects").join(format!("{hash:016x}"));
        let use_cache = request.dump_ir.is_none() && request.stop_after.is_none();
        if use_cache && let Some(object) = Object::read(&cached) {
            objects.push(object);
            continue;
        }
        let lowerer = Lowerer::new(program, ids[&package.id], package.is_std);
        let (unit, errors) = lowerer.lower_package();
        if !errors.is_empty() {
            let errors = errors.into_iter().map(|e| (e.pos, e.message)).collect();
            return Err(CompileError::Internal(format_errors(&loaded.sources, errors, true)));
        }
        if let Some(wanted) = &request.dump_ir {
            for func in unit.funcs.iter().filter(|f| unit.name(f.name).contains(wanted.as_str())) {
                println!("{}", gorace_ir::print::func(&unit, func));
            }
        }
        if request.stop_after == Some(Stage::Ir) {
            continue;
        }
        let object =
            compile_unit(&unit, &loaded.sources, options).map_err(|e| CompileError::Internal(e.to_string()))?;
        if use_cache {
            // A cache that cannot be written costs time, not correctness.
            let _ = object.write(&cached);
        }
        objects.push(object);
    }
    clock.mark("lower and generate");
    let order: Vec<PkgId> = loaded.packages.iter().map(|p| ids[&p.id]).collect();
    let runtime = ids.get("runtime").copied().unwrap_or(PkgId(0));
    let unit = Lowerer::new(program, runtime, true).lower_entry(&order);
    objects.push(compile_unit(&unit, &loaded.sources, options).map_err(|e| CompileError::Internal(e.to_string()))?);
    Ok(objects)
}

/// Errors as gc prints them: sorted, ten at most.
pub(crate) fn format_errors(sources: &SourceMap, mut errors: Vec<(gorace_base::Pos, String)>, all: bool) -> String {
    errors.sort_by_key(|(pos, _)| *pos);
    let mut lines = Vec::new();
    for (i, (pos, message)) in errors.iter().enumerate() {
        if i == 10 && !all {
            lines.push("too many errors".to_string());
            break;
        }
        match sources.position(*pos) {
            // As the go command shows it: what lies in the working folder begins with a dot.
            Some(p) if p.path.components().count() == 1 => lines.push(format!("./{p}: {message}")),
            Some(p) => lines.push(format!("{p}: {message}")),
            None => lines.push(message.clone()),
        }
    }
    lines.join("\n")
}
