//! Minimal version selection (Russ Cox, "Minimal Version Selection", 2018; Go modules reference, "Graph pruning").
//!
//! The build list is, for each module path, the highest version that any reachable requirement names. A module whose
//! go.mod says 1.17 or later is *pruned*: where a pruned module requires it, its own requirements count, but not what
//! these require in turn. `exclude` takes a version out of the graph; `replace` changes where a version's go.mod is read.
//!
//! A go.mod that is not in the module cache has no requirements here: the main module's file of 1.17 and later names
//! everything that its packages need, and what is needed and missing is noticed when a package is imported from it.

use super::file::{ModuleFile, Requirement};
use super::version;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Selected versions by module path, given the main modules' requirements.
pub fn select(
    roots: &[(Vec<Requirement>, bool)],
    excluded: &HashSet<(String, String)>,
    read: &mut dyn FnMut(&str, &str) -> Option<Arc<ModuleFile>>,
) -> BTreeMap<String, String> {
    let mut selected: BTreeMap<String, String> = BTreeMap::new();
    let mut seen: HashMap<(String, String), bool> = HashMap::new();
    // (path, version, whether what its requirements require counts too)
    let mut work: Vec<(String, String, bool)> = Vec::new();
    for (requirements, pruned) in roots {
        work.extend(requirements.iter().map(|r| (r.path.clone(), r.version.clone(), !*pruned)));
        if *pruned {
            // The root's direct requirements contribute theirs.
            for r in requirements {
                let Some(file) = read(&r.path, &r.version) else { continue };
                let deep = !is_pruned(&file);
                work.extend(file.require.iter().map(|q| (q.path.clone(), q.version.clone(), deep)));
            }
        }
    }
    while let Some((path, v, deep)) = work.pop() {
        if excluded.contains(&(path.clone(), v.clone())) {
            continue;
        }
        match seen.get(&(path.clone(), v.clone())) {
            Some(true) => continue,
            Some(false) if !deep => continue,
            _ => {}
        }
        seen.insert((path.clone(), v.clone()), deep);
        let slot = selected.entry(path.clone()).or_default();
        if slot.is_empty() || version::compare(&v, slot) == Ordering::Greater {
            *slot = v.clone();
        }
        if deep && let Some(file) = read(&path, &v) {
            let deep = !is_pruned(&file);
            for r in &file.require {
                work.push((r.path.clone(), r.version.clone(), deep));
            }
        }
    }
    selected
}

/// Whether the module graph is pruned at this module.
pub fn is_pruned(file: &ModuleFile) -> bool {
    file.go.as_deref().and_then(version::go_minor).is_some_and(|minor| minor >= 17)
}

#[cfg(test)]
mod tests {
    use super::super::file::{Kind, parse};
    use super::*;
    use std::path::Path;

    fn list(main: &str, files: &[(&str, &str)]) -> Vec<String> {
        let main = parse(main, Path::new("go.mod"), Kind::Main).unwrap();
        let mut read = |path: &str, v: &str| {
            let text = files.iter().find(|(name, _)| *name == format!("{path}@{v}"))?.1;
            parse(text, Path::new("go.mod"), Kind::Dependency).ok().map(Arc::new)
        };
        let excluded = main.exclude.iter().cloned().collect();
        let pruned = is_pruned(&main);
        let selected = select(&[(main.require, pruned)], &excluded, &mut read);
        selected.into_iter().map(|(path, v)| format!("{path}@{v}")).collect()
    }

    #[test]
    fn the_example_of_the_paper() {
        let files = [
            ("b@v1.2.0", "require d v1.3.0"),
            ("c@v1.2.0", "require d v1.4.0"),
            ("d@v1.3.0", "require e v1.2.0"),
            ("d@v1.4.0", "require e v1.2.0"),
            ("e@v1.2.0", ""),
        ];
        let built = list("module a\nrequire b v1.2.0\nrequire c v1.2.0", &files);
        assert_eq!(built, ["b@v1.2.0", "c@v1.2.0", "d@v1.4.0", "e@v1.2.0"]);
        let built = list("module a\nrequire b v1.2.0\nrequire c v1.2.0\nexclude d v1.4.0", &files);
        assert_eq!(built, ["b@v1.2.0", "c@v1.2.0", "d@v1.3.0", "e@v1.2.0"]);
    }

    #[test]
    fn graphs_are_pruned_from_1_17_on() {
        let files = [
            ("b@v1.0.0", "go 1.20\nrequire c v1.0.0"),
            ("c@v1.0.0", "go 1.20\nrequire d v1.0.0"),
            ("d@v1.0.0", "go 1.20\nrequire e v1.0.0"),
        ];
        assert_eq!(list("module a\ngo 1.20\nrequire b v1.0.0", &files), ["b@v1.0.0", "c@v1.0.0"]);
        assert_eq!(list("module a\ngo 1.16\nrequire b v1.0.0", &files), ["b@v1.0.0", "c@v1.0.0"]);
        let old = [("b@v1.0.0", "go 1.16\nrequire c v1.0.0"), files[1], files[2]];
        assert_eq!(list("module a\ngo 1.20\nrequire b v1.0.0", &old), ["b@v1.0.0", "c@v1.0.0", "d@v1.0.0"]);
    }
}
