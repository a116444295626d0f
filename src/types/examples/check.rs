//! Checks packages and all they import, and prints the errors: `check [-q] PACKAGE…` (patterns of `go list`, run with the
//! `go` on the PATH). The last line tells what it took.

use gorace_types::{Config, PkgId, Store, check_package};
use std::collections::HashMap;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

const FORMAT: &str = "{{.ImportPath}}\t{{.Dir}}\t{{join .GoFiles \",\"}}\t\
    {{range $k, $v := .ImportMap}}{{$k}}={{$v}},{{end}}\t{{.Standard}}";

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let list = Command::new("go")
        .args(["list", "-deps", "-tags", "race,purego,math_big_pure_go", "-f", FORMAT])
        .args(args.iter().filter(|a| *a != "-q"))
        .env("CGO_ENABLED", "0")
        .output();
    let Ok(list) = list else { return eprintln!("cannot run go list") };
    eprint!("{}", String::from_utf8_lossy(&list.stderr));
    let mut map = gorace_base::SourceMap::default();
    let mut store = Store::new();
    let mut packages: HashMap<String, PkgId> = HashMap::new();
    let (mut parsing, mut checking) = (Duration::ZERO, Duration::ZERO);
    let (mut bytes, mut count, mut bad) = (0, 0, 0);
    for line in String::from_utf8_lossy(&list.stdout).lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        let [path, dir, files, renamed, standard] = parts[..] else { continue };
        if path == "unsafe" {
            continue;
        }
        let start = Instant::now();
        let mut trees = Vec::new();
        for name in files.split(',').filter(|f| !f.is_empty()) {
            let file = format!("{dir}/{name}");
            let Ok(text) = std::fs::read(&file) else { continue };
            bytes += text.len();
            let text: Arc<[u8]> = text.into();
            let id = map.add(&file, text.clone());
            let (tree, errors) = gorace_syntax::parse_file(id, map.file(id).base, &text, gorace_syntax::Mode::Full);
            for e in errors {
                println!("{}: {}", map.position(e.pos).map(|p| p.to_string()).unwrap_or_default(), e.message);
            }
            trees.push(Arc::new(tree));
        }
        parsing += start.elapsed();
        let renamed: HashMap<&str, &str> = renamed.split(',').filter_map(|r| r.split_once('=')).collect();
        let imports = |p: &str| packages.get(*renamed.get(p).unwrap_or(&p)).copied();
        let config = Config { go_minor: 27, is_std: standard == "true", ..Config::default() };
        let start = Instant::now();
        if std::env::var_os("VERBOSE").is_some() {
            eprintln!("{path}");
        }
        let (pkg, errors) = check_package(&mut store, path, &trees, &imports, config);
        checking += start.elapsed();
        packages.insert(path.to_string(), pkg);
        bad += usize::from(!errors.is_empty());
        count += errors.len();
        for e in errors {
            println!("{}: {}", map.position(e.pos).map(|p| p.to_string()).unwrap_or_default(), e.message);
        }
    }
    println!(
        "{} packages ({bad} with errors), {bytes} bytes, {count} errors; parsing {parsing:?}, checking {checking:?}; {} types",
        packages.len(),
        store.types.len()
    );
}
