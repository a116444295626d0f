//! The program that `go test` generates for a package: tables of its tests, benchmarks, fuzz targets and examples.

use crate::scan::SourceFile;
use gorace_base::FileId;
use gorace_syntax::ast::{Decl, ExprKind, File, FuncDecl};
use gorace_syntax::{Mode, parse_file};

/// What the files of one package declare.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    tests: Vec<String>,
    benchmarks: Vec<String>,
    fuzz: Vec<String>,
    /// Name, expected output, whether its lines may come in any order.
    examples: Vec<(String, String, bool)>,
    main: bool,
}

/// The text of `_testmain.go` for a package of this import path.
pub fn source(import_path: &str, internal: &[SourceFile], external: &[SourceFile]) -> String {
    let own = find(internal);
    let outside = find(external);
    let uses = |f: &Found| {
        f.main || !(f.tests.is_empty() && f.benchmarks.is_empty() && f.fuzz.is_empty() && f.examples.is_empty())
    };
    let has_main = own.main || outside.main;
    let mut out = "package main\n\nimport (\n\t\"os\"\n".to_string();
    if has_main {
        out += "\t\"reflect\"\n";
    }
    out += "\t\"testing\"\n\t\"testing/internal/testdeps\"\n";
    out += &format!("\t{} {}\n", if uses(&own) { "_test" } else { "_" }, quote(import_path));
    if !external.is_empty() {
        let name = if uses(&outside) { "_xtest" } else { "_" };
        out += &format!("\t{name} {}\n", quote(&format!("{import_path}_test")));
    }
    out += ")\n\n";
    let both = [("_test", &own), ("_xtest", &outside)];
    for (variable, kind, pick) in [
        ("tests", "InternalTest", (|f| &f.tests) as fn(&Found) -> &Vec<String>),
        ("benchmarks", "InternalBenchmark", |f| &f.benchmarks),
        ("fuzzTargets", "InternalFuzzTarget", |f| &f.fuzz),
    ] {
        out += &format!("var {variable} = []testing.{kind}{{\n");
        for (package, found) in both {
            for name in pick(found) {
                out += &format!("\t{{\"{name}\", {package}.{name}}},\n");
            }
        }
        out += "}\n\n";
    }
    out += "var examples = []testing.InternalExample{\n";
    for (package, found) in both {
        for (name, output, unordered) in &found.examples {
            out += &format!("\t{{\"{name}\", {package}.{name}, {}, {unordered}}},\n", quote(output));
        }
    }
    out += &format!("}}\n\nfunc init() {{\n\ttestdeps.ImportPath = {}\n}}\n\nfunc main() {{\n", quote(import_path));
    out += "\tm := testing.MainStart(testdeps.TestDeps{}, tests, benchmarks, fuzzTargets, examples)\n";
    if has_main {
        let package = if own.main { "_test" } else { "_xtest" };
        out += &format!(
            "\t{package}.TestMain(m)\n\tos.Exit(int(reflect.ValueOf(m).Elem().FieldByName(\"exitCode\").Int()))\n"
        );
    } else {
        out += "\tos.Exit(m.Run())\n";
    }
    out + "}\n"
}

/// A Go string literal.
fn quote(text: &str) -> String {
    let mut out = "\"".to_string();
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out += "\\n",
            '\t' => out += "\\t",
            '\r' => out += "\\r",
            c if (c as u32) < 0x20 || c == '\u{7f}' || c == '\u{feff}' => out += &format!("\\u{:04x}", c as u32),
            c => out.push(c),
        }
    }
    out + "\""
}

fn find(files: &[SourceFile]) -> Found {
    let mut found = Found::default();
    for file in files {
        let Some(text) = &file.text else { continue };
        let (tree, _) = parse_file(FileId(0), 1, text, Mode::Full);
        add(&mut found, &tree, text);
    }
    found
}

fn add(found: &mut Found, tree: &File, text: &[u8]) {
    let testing = tree.decls.iter().find_map(|d| match d {
        Decl::Import(i) if i.path.text == "\"testing\"" => Some(i.name.as_ref().map_or("testing", |n| n.name.as_str())),
        _ => None,
    });
    for decl in &tree.decls {
        let Decl::Func(func) = decl else { continue };
        if func.receiver.is_some() || !func.type_params.is_empty() {
            continue;
        }
        let name = func.name.name.as_str();
        let takes = |ty: &str| testing.is_some_and(|package| takes_only(func, package, ty));
        if name == "TestMain" && takes("M") {
            found.main = true;
        } else if is_name(name, "Test") && takes("T") {
            found.tests.push(name.to_string());
        } else if is_name(name, "Benchmark") && takes("B") {
            found.benchmarks.push(name.to_string());
        } else if is_name(name, "Fuzz") && takes("F") {
            found.fuzz.push(name.to_string());
        } else if is_name(name, "Example")
            && func.ty.params.is_empty()
            && func.ty.results.is_empty()
            && let Some(body) = &func.body
        {
            let (from, to) = (body.pos.0 as usize - 1, body.rbrace.0 as usize - 1);
            let body = String::from_utf8_lossy(text.get(from..to).unwrap_or(&[]));
            if let Some((output, unordered)) = output(&body) {
                found.examples.push((name.to_string(), output, unordered));
            }
        }
    }
}

/// Whether what follows the prefix does not begin with a small letter.
fn is_name(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|rest| !rest.starts_with(char::is_lowercase))
}

/// Whether a function has one parameter, of type `*testing.T`, and no results.
fn takes_only(func: &FuncDecl, package: &str, ty: &str) -> bool {
    let [parameter] = &func.ty.params[..] else { return false };
    let ExprKind::Star(x) = &parameter.ty.kind else { return false };
    let fits = match &x.kind {
        ExprKind::Selector { x, sel } => sel.name == ty && matches!(&x.kind, ExprKind::Name(name) if name == package),
        ExprKind::Name(name) => package == "." && name == ty,
        _ => false,
    };
    fits && func.ty.results.is_empty()
}

/// The output that the last comment of an example's body states.
fn output(body: &str) -> Option<(String, bool)> {
    let comment = last_comment(body)?;
    let start = comment.trim_start();
    let lower = start.to_ascii_lowercase();
    let (rest, unordered) = match lower.strip_prefix("unordered output:") {
        Some(rest) => (rest.len(), true),
        None => (lower.strip_prefix("output:")?.len(), false),
    };
    let text = &start[start.len() - rest..];
    let text = text.strip_prefix(' ').unwrap_or(text);
    let text = text.strip_prefix('\n').unwrap_or(text);
    Some((text.trim_end_matches('\n').to_string(), unordered))
}

/// The last group of comments, without markers, if nothing stands behind it.
fn last_comment(body: &str) -> Option<String> {
    let mut groups: Vec<(usize, String)> = Vec::new();
    let bytes = body.as_bytes();
    let (mut at, mut newlines) = (0, 2);
    while at < bytes.len() {
        let rest = &body[at..];
        let (length, text) = if rest.starts_with("//") {
            let end = rest.find('\n').unwrap_or(rest.len());
            let line = rest[2..end].trim_end();
            (end, line.strip_prefix(' ').unwrap_or(line).to_string())
        } else if rest.starts_with("/*") {
            let end = rest.find("*/").map_or(rest.len(), |e| e + 2);
            (end, rest[2..end.saturating_sub(2).max(2)].trim_end().to_string())
        } else {
            let c = rest.chars().next()?;
            let mut length = c.len_utf8();
            match c {
                '\n' => newlines += 1,
                '"' | '\'' | '`' => {
                    length = literal(rest, c);
                    newlines = 2;
                }
                c if !c.is_whitespace() => newlines = 2,
                _ => {}
            }
            at += length;
            continue;
        };
        match groups.last_mut() {
            Some((_, group)) if newlines < 2 => *group += &format!("\n{text}"),
            _ => groups.push((at, text)),
        }
        newlines = 0;
        at += length;
    }
    groups.pop().map(|(_, text)| text)
}

/// The length of a string or rune literal.
fn literal(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c == '\\' && quote != '`' {
            chars.next();
        } else if c == quote {
            return at + c.len_utf8();
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::Reader;
    use std::path::Path;

    #[test]
    fn tests_and_examples_are_found() {
        let text = "package a\nimport \"testing\"\nfunc TestX(t *testing.T) {}\nfunc Testing(t *testing.T) {}\nfunc Testify() {}\n\
                    func BenchmarkY(b *testing.B) {}\nfunc FuzzZ(f *testing.F) {}\nfunc Test(t *testing.T) {}\n\
                    func Example() {\n\t// not this\n\tf(\"//\")\n\n\t// Output:\n\t// a\n\t//\n\t//  b\n}\n\
                    func ExampleNone() {}\nfunc Example_u() {\n\tf() // Unordered output: x y\n}\n";
        let reader = Reader::of_root(27);
        let folder = reader.in_memory(Path::new("/a"), "a", &[("a_test.go", text)]);
        let found = find(&folder.files);
        assert_eq!(found.tests, ["TestX", "Test"]);
        assert_eq!((found.benchmarks.len(), found.fuzz.len(), found.main), (1, 1, false));
        let examples =
            [("Example".to_string(), "a\n\n b".to_string(), false), ("Example_u".to_string(), "x y".to_string(), true)];
        assert_eq!(found.examples, examples);
        let main = source("x/a", &folder.files, &[]);
        let (_, errors) = parse_file(FileId(0), 1, main.as_bytes(), Mode::Full);
        assert!(errors.is_empty() && main.contains("{\"Example\", _test.Example, \"a\\n\\n b\", false}"), "{main}");
    }
}
