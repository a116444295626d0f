//! Checking the packages of a build, and showing what is wrong with them as the go command does: package by package,
//! each below a line `# import/path`.
//!
//! Packages that need one with errors are passed over: what they would report follows from that.

use crate::compile::format_errors;
use gorace_base::{Pos, SourceMap};
use gorace_load::{Graph, Loaded, Package, Sources};
use gorace_syntax::ast::File;
use gorace_types::{Config, PkgId, Store, check_package};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Errors below their package's header.
fn section(sources: &SourceMap, id: &str, errors: Vec<(Pos, String)>, all: bool) -> String {
    format!("# {id}\n{}", format_errors(sources, errors, all))
}

/// The syntax errors of all packages.
pub fn syntax_errors(loaded: &Loaded, all: bool) -> String {
    let mut sections = Vec::new();
    for package in &loaded.packages {
        let own: HashSet<_> = package.files.iter().map(|f| f.id).collect();
        let errors =
            loaded.syntax_errors.iter().filter(|e| loaded.sources.file_of(e.pos).is_some_and(|f| own.contains(&f)));
        let errors: Vec<(Pos, String)> = errors.map(|e| (e.pos, e.message.clone())).collect();
        if !errors.is_empty() {
            sections.push(section(&loaded.sources, &package.id, errors, all));
        }
    }
    sections.join("\n")
}

/// Checks one package whose imports are in the store.
fn check_one(
    store: &mut Store,
    package: &Package,
    files: &[Arc<File>],
    ids: &HashMap<String, PkgId>,
) -> (PkgId, Vec<(Pos, String)>) {
    let imports = |path: &str| package.imports.get(path).and_then(|p| ids.get(p)).copied();
    let config = Config { go_minor: package.go_minor, is_std: package.is_std };
    let (id, errors) = check_package(store, &package.path, files, &imports, config);
    (id, errors.into_iter().map(|e| (e.pos, e.message)).collect())
}

/// Checks all packages of a parsed build; gives their ids in the store.
///
/// # Errors
/// The text to print.
pub fn check_all(store: &mut Store, loaded: &Loaded, all: bool) -> Result<HashMap<String, PkgId>, String> {
    let mut ids: HashMap<String, PkgId> = HashMap::new();
    let mut sections = Vec::new();
    for package in &loaded.packages {
        if package.imports.values().any(|import| !ids.contains_key(import)) {
            continue;
        }
        let (id, errors) = check_one(store, package, &package.files, &ids);
        if errors.is_empty() {
            ids.insert(package.id.clone(), id);
        } else {
            sections.push(section(&loaded.sources, &package.id, errors, all));
        }
    }
    if sections.is_empty() { Ok(ids) } else { Err(sections.join("\n")) }
}

/// Parses and checks a graph and keeps nothing of it.
///
/// Packages that are built once more for the tests of another are checked with these tests, each such set in a store of
/// its own: all of them together would not fit into memory.
///
/// # Errors
/// The text to print.
pub fn check_graph(graph: Graph, all: bool) -> Result<(), String> {
    let mut sources = Sources::default();
    sources.parse(&graph.packages).map_err(|e| e.to_string())?;
    let files: HashMap<&str, Vec<Arc<File>>> =
        graph.packages.iter().map(|p| (p.id.as_str(), sources.files(p))).collect();
    let mut sections: Vec<(usize, String)> = Vec::new();
    let mut bad: HashSet<&str> = HashSet::new();
    for (at, package) in graph.packages.iter().enumerate() {
        let errors: Vec<(Pos, String)> = sources.errors(package).into_iter().map(|e| (e.pos, e.message)).collect();
        if !errors.is_empty() {
            bad.insert(&package.id);
            sections.push((at, section(&sources.map, &package.id, errors, all)));
        }
    }
    let variants: HashSet<&str> =
        graph.packages.iter().filter(|p| p.for_test.is_some()).map(|p| p.id.as_str()).collect();
    let context = Context { graph: &graph, files: &files, map: &sources.map, all };
    let plain = (0..graph.packages.len()).filter(|&at| !variants.contains(graph.packages[at].id.as_str()));
    let (mut store, mut ids) = (Store::new(), HashMap::new());
    let mut found = context.check(&mut store, &mut ids, plain, &mut bad);
    // Variants that need plain packages only are checked against those.
    let rebuilt = |package: &Package| {
        package.imports.values().any(|i| {
            variants.contains(i.as_str()) && graph.package(i).is_some_and(|p| p.id != internal_id(p) && !is_own(p))
        })
    };
    let mut apart: Vec<&gorace_load::TestSet> = Vec::new();
    for set in &graph.tests {
        let members = [Some(&set.internal), set.external.as_ref(), Some(&set.main)];
        let members: Vec<&Package> = members.into_iter().flatten().filter_map(|id| graph.package(id)).collect();
        if members.iter().any(|p| rebuilt(p)) {
            apart.push(set);
            continue;
        }
        let indices = graph.packages.iter().enumerate();
        let indices: Vec<usize> = indices
            .filter(|(_, p)| variants.contains(p.id.as_str()) && members.iter().any(|m| m.id == p.id))
            .map(|(at, _)| at)
            .collect();
        found.extend(context.check(&mut store, &mut ids, indices.into_iter(), &mut bad));
    }
    drop(store);
    let bad = &bad;
    let more: Vec<(usize, String)> = apart
        .into_par_iter()
        .flat_map_iter(|set| {
            let needed: HashSet<&str> = context.graph.closure(&set.main).iter().map(|p| p.id.as_str()).collect();
            let all = context.graph.packages.iter().enumerate();
            let indices = all.filter(|(_, p)| needed.contains(p.id.as_str())).map(|(at, _)| at);
            context.check(&mut Store::new(), &mut HashMap::new(), indices, &mut bad.clone())
        })
        .collect();
    sections.extend(found);
    sections.extend(more);
    sections.sort();
    sections.dedup();
    if sections.is_empty() {
        return Ok(());
    }
    let texts: Vec<String> = sections.into_iter().map(|(_, text)| text).collect();
    Err(texts.join("\n"))
}

/// The id that a package has as a package under test.
fn internal_id(package: &Package) -> String {
    let path = package.for_test.as_deref().unwrap_or("");
    format!("{path} [{path}.test]")
}

/// Whether a package is one that tests are made of, rather than one that is built once more for them.
fn is_own(package: &Package) -> bool {
    let path = package.for_test.as_deref().unwrap_or("");
    package.id == format!("{path}_test [{path}.test]") || package.id == format!("{path}.test")
}

struct Context<'c> {
    graph: &'c Graph,
    files: &'c HashMap<&'c str, Vec<Arc<File>>>,
    map: &'c SourceMap,
    all: bool,
}

impl<'c> Context<'c> {
    /// Checks some packages in their order.
    fn check(
        &self,
        store: &mut Store,
        ids: &mut HashMap<String, PkgId>,
        indices: impl Iterator<Item = usize>,
        bad: &mut HashSet<&'c str>,
    ) -> Vec<(usize, String)> {
        let mut sections = Vec::new();
        for at in indices {
            let package = &self.graph.packages[at];
            if bad.contains(package.id.as_str()) {
                continue;
            }
            if package.imports.values().any(|i| !ids.contains_key(i)) {
                bad.insert(&package.id);
                continue;
            }
            let (id, errors) = check_one(store, package, &self.files[package.id.as_str()], ids);
            if errors.is_empty() {
                ids.insert(package.id.clone(), id);
            } else {
                bad.insert(&package.id);
                sections.push((at, section(self.map, &package.id, errors, self.all)));
            }
        }
        sections
    }
}
