//! Checks test files one by one, each a package of its own (a folder: all its files), and prints what is reported:
//! `fixtures PATH…`. Packages of the standard library can be imported. A first line `// -lang=go1.N` sets the version.
//! Before each file's errors stands `# PATH`; a crash is reported as `# CRASH PATH`.

use gorace_base::SourceMap;
use gorace_types::{Basic, Config, ObjKind, PkgId, Store, check_package};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

const FORMAT: &str =
    "{{.ImportPath}}\t{{.Dir}}\t{{join .GoFiles \",\"}}\t{{range $k, $v := .ImportMap}}{{$k}}={{$v}},{{end}}";

fn main() {
    let list = Command::new("go")
        .args(["list", "-deps", "-tags", "race,purego,math_big_pure_go", "-f", FORMAT, "std"])
        .env("CGO_ENABLED", "0")
        .output();
    let Ok(list) = list else { return eprintln!("cannot run go list") };
    let mut map = SourceMap::default();
    let mut store = Store::new();
    let mut packages: HashMap<String, PkgId> = HashMap::new();
    for line in String::from_utf8_lossy(&list.stdout).lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        let [path, dir, files, renamed] = parts[..] else { continue };
        if path == "unsafe" {
            continue;
        }
        let files: Vec<PathBuf> = files.split(',').map(|f| Path::new(dir).join(f)).collect();
        let renamed: HashMap<&str, &str> = renamed.split(',').filter_map(|r| r.split_once('=')).collect();
        let imports = |p: &str| packages.get(*renamed.get(p).unwrap_or(&p)).copied();
        let (pkg, _) = check(&mut store, &mut map, path, &files, &imports, Config { go_minor: 27, is_std: true });
        packages.insert(path.to_string(), pkg);
    }
    // The test files state facts about constants by a builtin that only their own harness knows.
    let assert_type = store.func(&[Basic::Bool.id()], &[], false);
    let assert = store.new_object(ObjKind::Func, "assert".into(), None, assert_type, gorace_base::Pos::NONE);
    let universe = store.universe;
    store.scopes[universe.index()].names.insert("assert".into(), assert);
    for arg in std::env::args().skip(1) {
        let path = PathBuf::from(&arg);
        let mut files = vec![path.clone()];
        if path.is_dir() {
            files = std::fs::read_dir(&path).into_iter().flatten().flatten().map(|e| e.path()).collect();
            files.sort();
        }
        let first = files.first().and_then(|f| std::fs::read_to_string(f).ok()).unwrap_or_default();
        let first = first.lines().next().unwrap_or_default();
        let minor = first.split("-lang=go1.").nth(1).and_then(|v| v.split_whitespace().next()?.parse().ok());
        let config = Config { go_minor: minor.unwrap_or(27), is_std: true };
        let imports = |p: &str| packages.get(p).copied();
        let run = || check(&mut store, &mut map, "p", &files, &imports, config).1;
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(messages) => {
                println!("# {arg}");
                messages.iter().for_each(|m| println!("{m}"));
            }
            Err(_) => println!("# CRASH {arg}"),
        }
    }
}

fn check(
    store: &mut Store,
    map: &mut SourceMap,
    path: &str,
    files: &[PathBuf],
    imports: &dyn Fn(&str) -> Option<PkgId>,
    config: Config,
) -> (PkgId, Vec<String>) {
    let mut found = Vec::new();
    let mut trees = Vec::new();
    for file in files {
        let Ok(text) = std::fs::read(file) else { continue };
        let text: Arc<[u8]> = text.into();
        let id = map.add(file, text.clone());
        let (tree, errors) = gorace_syntax::parse_file(id, map.file(id).base, &text, gorace_syntax::Mode::Full);
        found.extend(errors.into_iter().map(|e| (e.pos, format!("syntax: {}", e.message))));
        trees.push(Arc::new(tree));
    }
    let (pkg, errors) = check_package(store, path, &trees, imports, config);
    found.extend(errors.into_iter().map(|e| (e.pos, e.message)));
    let text = |(pos, m): (gorace_base::Pos, String)| {
        format!("{}: {}", map.position(pos).map(|p| p.to_string()).unwrap_or_default(), m.replace('\n', "\\n"))
    };
    (pkg, found.into_iter().map(text).collect())
}
