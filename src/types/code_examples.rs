//! The examples of docs/ERRORS.md give the errors that they are about, and no others.
//!
//! `// ERROR "text"` ends a line on which an error is given whose message contains the text. `GORACE_BLESS=1` writes the
//! texts anew, as the checker says them now.

use crate::{Code, Config, PkgId, Store, check_package};
use gorace_base::SourceMap;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

/// Codes that no program can meet on its way through gorace, and why; their examples are checked as Go's own test of the
/// checker would.
const OUT_OF_REACH: &[(Code, &str)] = &[
    (Code::Test, "`assert` is predeclared for tests only"),
    (Code::ImportCRenamed, "files that import C are left out, as where cgo is off"),
];

const MARK: &str = " // ERROR";

fn page() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/ERRORS.md")
}

/// A code's part of the page.
struct Section {
    code: String,
    what: String,
    program: String,
}

fn sections(page: &str) -> Vec<Section> {
    let part = |text: &str| {
        let (code, rest) = text.split_once('\n')?;
        let (what, rest) = rest.split_once("\n```go\n")?;
        let (program, after) = rest.split_once("\n```\n")?;
        assert!(after.trim().is_empty(), "{code}: something follows the example: {after:?}");
        Some(Section { code: code.to_string(), what: what.trim().to_string(), program: format!("{program}\n") })
    };
    page.split("\n## ").skip(1).map(|text| part(text).unwrap_or_else(|| panic!("no example in {text:?}"))).collect()
}

/// The files of an example with the numbers of the lines before them.
fn files(program: &str) -> Vec<(String, usize, String)> {
    let mut out = vec![("p.go".to_string(), 0, String::new())];
    for (at, line) in program.lines().enumerate() {
        if let Some(name) = line.strip_prefix("-- ").and_then(|l| l.strip_suffix(" --")) {
            out.push((name.to_string(), at + 1, String::new()));
        } else if let Some((_, _, text)) = out.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    out.retain(|(_, _, text)| !text.is_empty());
    out
}

/// The errors of an example: the line (from 0), the code (none from the parser), the message.
fn errors(program: &str, config: Config) -> Vec<(usize, Option<&'static str>, String)> {
    let (mut map, mut store) = (SourceMap::default(), Store::new());
    let mut found = Vec::new();
    let mut folders: BTreeMap<String, Vec<_>> = BTreeMap::new();
    let mut before = HashMap::new();
    for (name, first, text) in files(program) {
        let bytes: Arc<[u8]> = text.into_bytes().into();
        let id = map.add(&name, bytes.clone());
        let (tree, syntax) = gorace_syntax::parse_file(id, map.file(id).base, &bytes, gorace_syntax::Mode::Full);
        found.extend(syntax.into_iter().map(|e| (e.pos, None, e.message)));
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        folders.entry(folder.to_string()).or_default().push(Arc::new(tree));
        before.insert(name, first);
    }
    let mut packages: HashMap<String, PkgId> = HashMap::new();
    if found.iter().any(|(_, _, message)| message.starts_with("syntax error")) {
        folders.clear();
    }
    // The package that imports the others comes last.
    let root = folders.remove("").unwrap_or_default();
    for (path, trees) in folders.into_iter().chain([("p".to_string(), root)]) {
        let imports = |path: &str| packages.get(path).copied();
        let (id, errors) = check_package(&mut store, &path, &trees, &imports, config);
        found.extend(errors.iter().map(|e| (e.pos, Some(e.code.name()), e.text(&map))));
        packages.insert(path, id);
    }
    let line = |pos| map.position(pos).map_or(0, |p| before[&p.path.display().to_string()] + p.line as usize - 1);
    found.into_iter().map(|(pos, code, text)| (line(pos), code, text)).collect()
}

/// The program with each marked line's mark followed by the message that the line gets.
fn bless(program: &str, errors: &[(usize, Option<&'static str>, String)]) -> String {
    let line = |(at, line): (usize, &str)| match line.split_once(MARK) {
        Some((code, _)) => {
            let message = errors.iter().find(|(line, ..)| *line == at).map_or("", |(_, _, text)| text);
            format!("{code}{MARK} {:?}\n", message.lines().next().unwrap_or_default())
        }
        None => format!("{line}\n"),
    };
    program.lines().enumerate().map(line).collect()
}

#[test]
fn each_code_has_an_example_that_gives_it() {
    let text = std::fs::read_to_string(page()).expect("docs/ERRORS.md");
    let sections = sections(&text);
    let listed: Vec<&str> = sections.iter().map(|s| s.code.as_str()).collect();
    let known: Vec<&str> = Code::ALL.iter().map(|c| c.name()).collect();
    assert_eq!(listed, known, "left: docs/ERRORS.md; right: codes.rs");
    let (mut complaints, mut blessed) = (Vec::new(), text.clone());
    for Section { code, what, program } in &sections {
        let out_of_reach = OUT_OF_REACH.iter().find(|(c, _)| c.name() == code);
        let config = Config {
            go_minor: crate::CURRENT_MINOR,
            fixture: out_of_reach.is_some(),
            fake_import_c: out_of_reach.is_some(),
            ..Config::default()
        };
        let errors = errors(program, config);
        blessed = blessed.replacen(program.as_str(), &bless(program, &errors), 1);
        if what.is_empty() {
            complaints.push(format!("{code}: nothing is said of it"));
        }
        let plain = Config { go_minor: config.go_minor, ..Config::default() };
        let alone = |errors: &[(usize, Option<&str>, String)]| errors.len() == 1 && errors[0].1 == Some(code);
        if out_of_reach.is_some() && alone(&self::errors(program, plain)) {
            complaints.push(format!("{code}: is within reach, though listed as not"));
        }
        let mut marked: BTreeMap<usize, &str> =
            program.lines().enumerate().filter_map(|(at, l)| Some((at, l.split_once(MARK)?.1))).collect();
        if marked.is_empty() {
            complaints.push(format!("{code}: no line is marked"));
        }
        for (line, given, message) in errors {
            let first = message.lines().next().unwrap_or_default();
            match marked.remove(&line) {
                Some(expected) if given == Some(code) && expected == format!(" {first:?}") => {}
                _ => complaints.push(format!(
                    "{code}: line {} gives {}: {message}",
                    line + 1,
                    given.unwrap_or("a syntax error")
                )),
            }
        }
        complaints.extend(marked.keys().map(|line| format!("{code}: no error on line {}", line + 1)));
    }
    if std::env::var_os("GORACE_BLESS").is_some_and(|v| v == "1") {
        std::fs::write(page(), blessed).expect("docs/ERRORS.md can be written");
    } else {
        assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    }
}
