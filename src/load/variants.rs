//! The tests of packages: the package with its own test files, the external test package, and the program that runs both.
//!
//! As in the go command: `p [p.test]` is p with its `package p` test files, `p_test [p.test]` the external tests. What
//! the tests use and what in turn imports p must see the former rather than p, so it is built once more, as
//! `q [p.test]`. Package `p.test` is the generated main package.

use crate::graph::{Builder, NAMED_FILES, Package, TestSet};
use crate::test_main;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Adds the test packages of the roots and all they need.
pub(crate) fn add_tests(builder: &mut Builder<'_>, roots: &[String]) -> Vec<TestSet> {
    let mut sets = Vec::new();
    for root in roots {
        let Some(folder) = builder.folders.remove(root) else { continue };
        if folder.tests.is_empty() && folder.external.is_empty() {
            continue;
        }
        let Some(package) = builder.packages.get(root).cloned() else { continue };
        let mut set =
            TestSet { package: root.clone(), internal: root.clone(), external: None, main: format!("{root}.test") };
        let main = test_main::source(root, &folder.tests, &folder.external);
        if !folder.tests.is_empty() || package.name == "main" {
            set.internal = format!("{root} [{root}.test]");
            let mut internal = package.clone();
            internal.id = set.internal.clone();
            internal.path = root.clone();
            internal.for_test = Some(root.clone());
            let known = std::mem::take(&mut internal.imports);
            internal.imports = builder.resolve(&set.internal, &folder.tests, package.is_std, known);
            internal.sources.extend(folder.tests.iter().cloned());
            internal.embeds = builder.embeds(&set.internal, &package.dir, &internal.sources);
            builder.packages.insert(set.internal.clone(), internal);
        }
        if !folder.external.is_empty() {
            let id = format!("{root}_test [{root}.test]");
            let known = HashMap::from([(root.clone(), set.internal.clone())]);
            let imports = builder.resolve(&id, &folder.external, package.is_std, known);
            let embeds = builder.embeds(&id, &package.dir, &folder.external);
            let external = Package {
                id: id.clone(),
                path: format!("{root}_test"),
                name: format!("{}_test", package.name),
                sources: folder.external.clone(),
                imports,
                for_test: Some(root.clone()),
                embeds,
                ..package.clone()
            };
            builder.packages.insert(id.clone(), external);
            set.external = Some(id);
        }
        let in_memory = builder.reader.in_memory(&package.dir, &package.id, &[("_testmain.go", &main)]);
        let mut known = HashMap::from([(root.clone(), set.internal.clone())]);
        if let Some(external) = &set.external {
            known.insert(format!("{root}_test"), external.clone());
        }
        let imports = builder.resolve(&set.main, &in_memory.files, true, known);
        let main = Package {
            id: set.main.clone(),
            path: "main".to_string(),
            name: "main".to_string(),
            sources: in_memory.files,
            imports,
            go_minor: builder.sdk.minor,
            for_test: Some(root.clone()),
            embeds: Vec::new(),
            ..package
        };
        builder.packages.insert(set.main.clone(), main);
        sets.push(set);
    }
    builder.close();
    for set in sets.iter().filter(|s| s.internal != s.package && s.package != NAMED_FILES) {
        rebuild(&mut builder.packages, set);
    }
    sets
}

/// Builds what depends on the package under test once more, against its variant.
fn rebuild(packages: &mut BTreeMap<String, Package>, set: &TestSet) {
    // All that the test program reaches, and who imports whom there.
    let mut importers: HashMap<String, Vec<String>> = HashMap::new();
    let mut reached: BTreeSet<String> = BTreeSet::new();
    let mut work = vec![set.main.clone(), "runtime".to_string()];
    while let Some(id) = work.pop() {
        if !reached.insert(id.clone()) {
            continue;
        }
        for import in packages.get(&id).into_iter().flat_map(|p| p.imports.values()) {
            importers.entry(import.clone()).or_default().push(id.clone());
            work.push(import.clone());
        }
    }
    // Those that depend on the original.
    let mut dependent: BTreeSet<String> = BTreeSet::new();
    let mut work = vec![set.package.clone()];
    while let Some(id) = work.pop() {
        for importer in importers.get(&id).into_iter().flatten() {
            if dependent.insert(importer.clone()) {
                work.push(importer.clone());
            }
        }
    }
    let own = [Some(&set.main), set.external.as_ref(), Some(&set.internal)];
    let is_own = |id: &String| own.contains(&Some(id));
    let renamed = |id: &String| {
        if *id == set.package {
            Some(set.internal.clone())
        } else if dependent.contains(id) && !is_own(id) {
            Some(format!("{id} [{}]", set.main))
        } else {
            None
        }
    };
    for id in &dependent {
        let Some(mut package) = packages.get(id).cloned() else { continue };
        for target in package.imports.values_mut() {
            if let Some(new) = renamed(target) {
                *target = new;
            }
        }
        if !is_own(id) {
            package.id = format!("{id} [{}]", set.main);
            package.for_test = Some(set.package.clone());
        }
        packages.insert(package.id.clone(), package);
    }
}
