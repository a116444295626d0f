//! Full parsing of packages of a graph, when it is asked for: side by side over files, each file once, beside what the
//! caller does meanwhile.

use crate::error::{LoadError, plain};
use crate::graph::{Graph, Package, Request, TestSet, graph};
use crate::sdk::Sdk;
use gorace_base::SourceMap;
use gorace_syntax::ast::File;
use gorace_syntax::{Mode, SyntaxError, parse_file};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// A file that has been parsed, by its path.
type Finished = (PathBuf, Parsed);

/// The files parsed so far.
#[derive(Debug)]
pub struct Sources {
    pub map: SourceMap,
    parsed: HashMap<PathBuf, Parsed>,
    /// Files that are being parsed; each comes through the channel.
    pending: HashSet<PathBuf>,
    done: (Sender<Finished>, Receiver<Finished>),
}

impl Default for Sources {
    fn default() -> Sources {
        Sources { map: SourceMap::default(), parsed: HashMap::new(), pending: HashSet::new(), done: channel() }
    }
}

#[derive(Debug, Clone)]
struct Parsed {
    file: Arc<File>,
    errors: Arc<[SyntaxError]>,
}

impl Sources {
    /// Reads and parses all files of some packages that have not been parsed yet.
    ///
    /// # Errors
    /// As `begin`.
    pub fn parse<'p>(&mut self, packages: impl IntoIterator<Item = &'p Package>) -> Result<(), LoadError> {
        self.begin(packages)?;
        while !self.pending.is_empty() {
            self.receive();
        }
        Ok(())
    }

    /// Reads all files of some packages that have not been read yet, and begins to parse them; `wait` waits for a package.
    ///
    /// # Errors
    /// When a file cannot be read, or all together exceed 4 GB.
    pub fn begin<'p>(&mut self, packages: impl IntoIterator<Item = &'p Package>) -> Result<(), LoadError> {
        let mut jobs = Vec::new();
        for file in packages.into_iter().flat_map(|p| &p.sources) {
            if !self.parsed.contains_key(&file.path) && !self.pending.contains(&file.path) {
                jobs.push(file);
            }
        }
        let mut seen = HashSet::new();
        jobs.retain(|file| seen.insert(&file.path));
        let texts: Vec<std::io::Result<Arc<[u8]>>> = jobs
            .par_iter()
            .map(|file| match &file.text {
                Some(text) => Ok(text.clone()),
                None => gorace_base::files::read(&file.path).map(Arc::from),
            })
            .collect();
        let mut work = Vec::with_capacity(jobs.len());
        for (file, text) in jobs.into_iter().zip(texts) {
            let shown = || file.shown.display().to_string();
            let text = text.map_err(|e| LoadError::File(shown(), plain(&e)))?;
            if self.map.room() < text.len() as u64 {
                return Err(LoadError::File(shown(), "more than 4 GB of source".to_string()));
            }
            let id = self.map.add(&file.shown, text.clone());
            work.push((file, id, self.map.file(id).base, text));
        }
        let parse = |id, base, text: &[u8]| {
            let (tree, errors) = parse_file(id, base, text, Mode::Full);
            Parsed { file: Arc::new(tree), errors: Arc::from(errors) }
        };
        // A worker of the pool must not wait for what stands in the pool's queue behind it.
        if rayon::current_thread_index().is_some() {
            let parsed: Vec<Finished> = work
                .into_par_iter()
                .map(|(file, id, base, text)| (file.path.clone(), parse(id, base, &text)))
                .collect();
            self.parsed.extend(parsed);
            return Ok(());
        }
        for (file, id, base, text) in work {
            self.pending.insert(file.path.clone());
            let (path, sender) = (file.path.clone(), self.done.0.clone());
            // In the order of the packages, so that the first comes first.
            rayon::spawn_fifo(move || {
                // Nobody waits any more when a build has been given up.
                let _ = sender.send((path, parse(id, base, &text)));
            });
        }
        Ok(())
    }

    fn receive(&mut self) {
        // A sender is kept here: there is always another file to come, or `pending` is empty.
        if let Ok((path, parsed)) = self.done.1.recv() {
            self.pending.remove(&path);
            self.parsed.insert(path, parsed);
        }
    }

    /// Waits until all files of a package that has been begun are parsed.
    pub fn wait(&mut self, package: &Package) {
        while package.sources.iter().any(|f| self.pending.contains(&f.path)) {
            self.receive();
        }
    }

    /// Whether all files of a package have been parsed, or are being parsed.
    pub fn has_begun(&self, package: &Package) -> bool {
        package.sources.iter().all(|f| self.parsed.contains_key(&f.path) || self.pending.contains(&f.path))
    }

    /// The trees of a package that has been parsed, in the order of its files.
    pub fn files(&self, package: &Package) -> Vec<Arc<File>> {
        package.sources.iter().filter_map(|f| self.parsed.get(&f.path)).map(|p| p.file.clone()).collect()
    }

    /// The syntax errors of a package that has been parsed, in the order of its files.
    pub fn errors(&self, package: &Package) -> Vec<SyntaxError> {
        let files = package.sources.iter().filter_map(|f| self.parsed.get(&f.path));
        files.flat_map(|p| p.errors.iter().cloned()).collect()
    }
}

/// A package with its parsed files.
#[derive(Debug)]
pub struct LoadedPackage {
    pub package: Package,
    pub files: Vec<Arc<File>>,
}

impl Deref for LoadedPackage {
    type Target = Package;

    fn deref(&self) -> &Package {
        &self.package
    }
}

/// A whole build, parsed.
#[derive(Debug, Default)]
pub struct Loaded {
    pub sources: SourceMap,
    /// Dependencies first.
    pub packages: Vec<LoadedPackage>,
    /// Ids of the packages that were asked for.
    pub roots: Vec<String>,
    pub tests: Vec<TestSet>,
    pub syntax_errors: Vec<SyntaxError>,
    pub warnings: Vec<String>,
}

impl Loaded {
    /// Id of the first package that was asked for.
    pub fn root(&self) -> &str {
        self.roots.first().map_or("", String::as_str)
    }
}

/// Loads what a request names and parses all of it.
///
/// # Errors
/// As `graph`, and when files cannot be read.
pub fn load(sdk: &Sdk, request: &Request) -> Result<Loaded, LoadError> {
    parse_all(graph(sdk, request)?)
}

/// Parses all packages of a graph.
///
/// # Errors
/// When files cannot be read.
pub fn parse_all(graph: Graph) -> Result<Loaded, LoadError> {
    let mut sources = Sources::default();
    sources.parse(&graph.packages)?;
    let mut syntax_errors: Vec<SyntaxError> = graph.packages.iter().flat_map(|p| sources.errors(p)).collect();
    syntax_errors.sort_by_key(|e| e.pos);
    syntax_errors.dedup();
    let packages = graph.packages.into_iter().map(|package| {
        let files = sources.files(&package);
        LoadedPackage { package, files }
    });
    let packages = packages.collect();
    Ok(Loaded {
        sources: sources.map,
        packages,
        roots: graph.roots,
        tests: graph.tests,
        syntax_errors,
        warnings: graph.warnings,
    })
}
