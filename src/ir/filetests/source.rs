//! File tests of lowering: Go in, the intermediate form out.
//!
//! A file is a package `main`, or several packages, dependencies first, each behind a line `// package: PATH`; the last one is lowered.
//! Nothing is read but the file: what imports name must stand in it (`unsafe` is built in), and functions need no body. Printed are
//! the package's functions but its initialiser and what compilers make (`only` names these), without the blocks that
//! nothing leads to, and without places unless they are asked for.

use super::FileTest;
use crate::lower::Lowerer;
use crate::lower::kinds::Program;
use crate::passes::cfg;
use crate::text::print;
use crate::unit::{Place, Unit};
use gorace_base::SourceMap;
use gorace_types::{Config, Importer, PkgId, Store, check_package};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

/// The text of the functions that a file's last package becomes.
pub(super) fn lowered(test: &FileTest) -> Result<String, String> {
    let mut map = SourceMap::default();
    let mut store = Store::new();
    let mut ids: HashMap<String, PkgId> = HashMap::new();
    let mut trees = Vec::new();
    let mut last = None;
    for (path, text) in packages(&test.input) {
        let text: Arc<[u8]> = text.into_bytes().into();
        let id = map.add("main.go", text.clone());
        let (file, errors) = gorace_syntax::parse_file(id, map.file(id).base, &text, gorace_syntax::Mode::Full);
        if let Some(error) = errors.first() {
            return Err(format!("{:?}: {}", map.position(error.pos), error.message));
        }
        let files = vec![Arc::new(file)];
        let config = Config { go_minor: 27, is_std: path != "main", assembly: true, ..Config::default() };
        let (pkg, errors) = check_package(&mut store, &path, &files, &|path| ids.get(path).copied(), config);
        if let Some(error) = errors.first() {
            return Err(format!("{:?}: {}", map.position(error.pos), error.text(&map)));
        }
        ids.insert(path, pkg);
        trees.push((pkg, files));
        last = Some(pkg);
    }
    let pkg = last.ok_or("there is no package")?;
    let mut files: Vec<&[_]> = vec![&[]; store.packages.len()];
    for (pkg, list) in &trees {
        files[pkg.index()] = list;
    }
    let sources = RwLock::new(map);
    let arena = typed_arena::Arena::new();
    let mut importer = Importer::default();
    let program = Program {
        store: RefCell::new(&mut store),
        files,
        importer: RefCell::new(&mut importer),
        sources: &sources,
        arena: &arena,
        imported: RefCell::default(),
        bodies: RefCell::default(),
    };
    let (mut unit, errors) = Lowerer::new(&program, pkg, false).lower_package();
    if let Some(error) = errors.first() {
        return Err(error.message.clone());
    }
    super::well_formed(&mut unit)?;
    let sources = sources.read().map_err(|e| e.to_string())?;
    Ok(text(test, &unit, &sources))
}

/// Path and text of each package; lines keep their numbers.
fn packages(input: &str) -> Vec<(String, String)> {
    let mut packages: Vec<(String, String)> = Vec::new();
    for line in input.lines() {
        if let Some(path) = line.strip_prefix("// package: ") {
            packages.push((path.to_string(), String::new()));
        } else if packages.is_empty() {
            packages.push(("main".to_string(), format!("{line}\n")));
        } else if let Some((_, text)) = packages.last_mut() {
            *text += line;
            text.push('\n');
        }
    }
    packages.retain(|(_, text)| !text.trim().is_empty());
    packages
}

fn text(test: &FileTest, unit: &Unit, sources: &SourceMap) -> String {
    let named = test.all("only").next().is_some();
    let places = test.has("places", "yes");
    let spell = |place: Place| sources.position(place.pos).map(|at| format!("{}:{}", at.line, at.column));
    let mut out = String::new();
    for f in &unit.funcs {
        let name = unit.name(f.name);
        let own = name.strip_prefix(unit.package.as_str()).is_some_and(|rest| rest.starts_with('.') && rest != ".init");
        if !test.prints(name) || !(named || own) {
            continue;
        }
        let reached = cfg::reachable(f);
        let mut shown = true;
        for line in print::func_with(unit, f, &spell).lines() {
            if let Some(label) = line.strip_prefix('b') {
                shown = reached.iter().any(|b| label.split([':', ' ']).next() == Some(b.0.to_string().as_str()));
            }
            if !shown {
                continue;
            }
            // `  @123 ; 4:5` at the end of an instruction, ` @123` behind a function's name.
            let (front, place) = match line.rfind("  @") {
                Some(at) => (&line[..at], line[at..].split_once("; ").map_or("", |(_, spelled)| spelled)),
                None => (line, ""),
            };
            out += &front.split(' ').filter(|word| !is_place(word)).collect::<Vec<_>>().join(" ");
            if places && !place.is_empty() {
                out += &format!("  @{place}");
            }
            out.push('\n');
        }
    }
    out
}

fn is_place(word: &str) -> bool {
    word.strip_prefix('@').is_some_and(|digits| digits.bytes().all(|c| c.is_ascii_digit()))
}
