//! The type checker's own test files of the SDK (`src/internal/types/testdata`), read as types2's test reads them.
//!
//! A comment `/* ERROR "text" */` or `/* ERRORx "regexp" */` expects an error at the token before it: on the same line,
//! within the column tolerance that types2's test has for the folder. A file (or folder: one package) agrees wholly when
//! every expected error is reported, and no other.

use clap::Parser;
use gorace_harness::tool;
use gorace_harness::typecheck::{Message, Unit, Universe, imports_of, read};
use gorace_syntax::scanner::{Scanner, SemiKind, Token};
use gorace_types::Config;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Runs the SDK's type-checking fixtures and prints the share that agrees.
#[derive(Parser)]
struct Arguments {
    /// Only fixtures whose path contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Print what differs in each file.
    #[arg(long)]
    verbose: bool,
    /// Print every message instead of judging.
    #[arg(long)]
    list: bool,
}

/// The folders and types2's tolerance of columns in each.
const FOLDERS: [(&str, u32); 4] = [("check", 50), ("examples", 125), ("fixedbugs", 100), ("spec", 20)];

/// The least share of fixtures that must agree, in percent.
const BAR: f64 = 97.0;

struct Fixture {
    /// Relative to the folder of all fixtures.
    name: String,
    tolerance: u32,
    files: Vec<(PathBuf, Arc<[u8]>)>,
    config: Config,
}

struct Expected {
    column: u32,
    pattern: Result<Pattern, String>,
}

enum Pattern {
    Text(String),
    Regexp(regex::Regex),
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    let root = gorace_harness::tool::sdk_sources()?.join("internal/types/testdata");
    let mut fixtures = Vec::new();
    for (folder, tolerance) in FOLDERS {
        for path in entries(&root.join(folder))? {
            let paths = if path.is_dir() { entries(&path)? } else { vec![path.clone()] };
            let mut files = Vec::new();
            for file in paths {
                let text = read(&file)?;
                if belongs_to_build(&text) {
                    files.push((file, text));
                }
            }
            let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
            let Some((_, first)) = files.first() else { continue };
            let config = config_of(first);
            fixtures.push(Fixture { name, tolerance, files, config });
        }
    }
    fixtures.retain(|f| f.name.contains(&a.only));
    let imports: BTreeSet<String> = fixtures.iter().flat_map(|f| &f.files).flat_map(|(_, t)| imports_of(t)).collect();
    let mut universe = Universe::load(&imports)?;
    let (mut right, mut files, mut right_files) = (0, 0, 0);
    for fixture in &fixtures {
        let package = fixture.files.first().map(|(_, text)| package_name(text)).unwrap_or_default();
        let unit =
            Unit { path: package, files: fixture.files.clone(), config: fixture.config, after_syntax_errors: true };
        let messages = universe.check(&unit);
        if a.list {
            println!("# {}", root.join(&fixture.name).display());
            for m in &messages {
                let code = m.code.unwrap_or("syntax");
                println!("{}:{}:{}: [{code}] {}", m.path.display(), m.line, m.column, m.text.replace('\n', "\\n"));
            }
            continue;
        }
        let differences = judge(fixture, &messages);
        files += fixture.files.len();
        if differences.is_empty() {
            right += 1;
            right_files += fixture.files.len();
            continue;
        }
        println!("differs  {} ({})", fixture.name, differences.len());
        if a.verbose {
            differences.iter().for_each(|d| println!("    {d}"));
        }
    }
    if a.list {
        return Ok(ExitCode::SUCCESS);
    }
    let share = 100.0 * f64::from(right) / fixtures.len().max(1) as f64;
    println!(
        "{} packages of {files} type-checking fixtures: {right} ({right_files} files) agree wholly, {share:.1} %",
        fixtures.len()
    );
    Ok(ExitCode::from(u8::from(share < BAR)))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(|e| format!("{}: {e}", folder.display()))?
        .filter_map(|f| Some(f.ok()?.path()))
        .collect();
    paths.sort();
    Ok(paths)
}

/// Whether the file's build constraint, if it has one, holds for linux/amd64 and this version.
fn belongs_to_build(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let line = text.lines().take_while(|l| !l.starts_with("package ")).find_map(|l| l.strip_prefix("//go:build "));
    let Some(line) = line else { return true };
    let term = |word: &str| {
        let (negated, word) = word.strip_prefix('!').map_or((false, word), |w| (true, w));
        let holds = match word.strip_prefix("go1.").map(str::parse::<u32>) {
            Some(Ok(minor)) => minor <= 27,
            _ => word == "linux" || word == "amd64",
        };
        holds != negated
    };
    line.split("||").any(|all| all.split("&&").all(|word| term(word.trim())))
}

/// What the flags in the first line ask for.
fn config_of(text: &[u8]) -> Config {
    let text = String::from_utf8_lossy(text);
    let line = text.lines().next().and_then(|l| l.strip_prefix("//")).unwrap_or_default();
    let mut config = Config { go_minor: 27, fixture: true, ..Config::default() };
    if !line.trim_start().starts_with('-') {
        return config;
    }
    for flag in line.split_whitespace() {
        let (name, value) = flag.trim_start_matches('-').split_once('=').unwrap_or((flag.trim_start_matches('-'), ""));
        match name {
            "lang" => config.go_minor = value.trim_start_matches("go1.").parse().unwrap_or(27),
            "fakeImportC" => config.fake_import_c = true,
            _ => {}
        }
    }
    config
}

fn package_name(text: &[u8]) -> String {
    let (tree, _) = gorace_syntax::parse_file(gorace_base::FileId(0), 1, text, gorace_syntax::Mode::Imports);
    tree.package.name.to_string()
}

/// The expected errors of a file by line.
fn expectations(text: &[u8]) -> BTreeMap<u32, Vec<Expected>> {
    let mut expected: BTreeMap<u32, Vec<Expected>> = BTreeMap::new();
    let line_starts: Vec<usize> =
        std::iter::once(0).chain(text.iter().enumerate().filter(|(_, c)| **c == b'\n').map(|(i, _)| i + 1)).collect();
    let place = |offset: usize| {
        let line = line_starts.partition_point(|&start| start <= offset);
        (line as u32, (offset - line_starts[line - 1] + 1) as u32)
    };
    let mut scanner = Scanner::new(text);
    let (mut previous, mut gap) = (None, 0);
    loop {
        scanner.next();
        if matches!(scanner.token, Token::Semi(SemiKind::Newline | SemiKind::Eof)) {
            continue;
        }
        for comment in comments(&text[gap..scanner.start]) {
            let Some(body) = comment.strip_prefix(" ERROR").filter(|b| b.starts_with(' ') || b.starts_with("x "))
            else {
                continue;
            };
            let (line, column) = previous.map_or((0, 0), place);
            expected.entry(line).or_default().push(Expected { column, pattern: pattern(body) });
        }
        if scanner.token == Token::Eof {
            return expected;
        }
        previous = Some(scanner.start);
        gap = scanner.end();
    }
}

/// The texts of the comments between two tokens, without their markers.
fn comments(gap: &[u8]) -> Vec<String> {
    let gap = String::from_utf8_lossy(gap);
    let mut out = Vec::new();
    let mut rest = &*gap;
    while let Some(at) = rest.find("//").into_iter().chain(rest.find("/*")).min() {
        let (end, skip) =
            if rest[at..].starts_with("//") { (rest[at..].find('\n'), 0) } else { (rest[at..].find("*/"), 2) };
        let end = end.map_or(rest.len(), |e| at + e);
        out.push(rest[at + 2..end].to_string());
        rest = &rest[(end + skip).min(rest.len())..];
    }
    out
}

fn pattern(body: &str) -> Result<Pattern, String> {
    let is_regexp = body.starts_with('x');
    let quoted = body.trim_start_matches('x').trim();
    let bytes = gorace_types::constant::unquote(quoted).ok_or_else(|| format!("cannot unquote {quoted}"))?;
    let text = String::from_utf8_lossy(&bytes).to_string();
    if is_regexp {
        return regex::Regex::new(&plain_braces(&text)).map(Pattern::Regexp).map_err(|e| e.to_string());
    }
    Ok(Pattern::Text(text))
}

/// A pattern with those braces escaped that count nothing: Go's package regexp takes them for themselves.
fn plain_braces(pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        let counts = rest[at + 1..].split_once('}').is_some_and(|(inside, _)| {
            let count = |n: &str| n.bytes().all(|c| c.is_ascii_digit());
            let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
            !least.is_empty() && count(least) && count(most)
        });
        let escaped = out.bytes().rev().take_while(|&c| c == b'\\').count() % 2 == 1;
        out.push_str(if counts || escaped { "{" } else { "\\{" });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out
}

/// What differs between the expected and the reported errors.
fn judge(fixture: &Fixture, messages: &[Message]) -> Vec<String> {
    let mut expected: BTreeMap<&Path, BTreeMap<u32, Vec<Expected>>> =
        fixture.files.iter().map(|(path, text)| (&**path, expectations(text))).collect();
    let mut differences = Vec::new();
    for m in messages {
        let place = format!("{}:{}:{}", m.path.file_name().unwrap_or_default().display(), m.line, m.column);
        let line = expected.get_mut(&*m.path).and_then(|f| f.get_mut(&m.line));
        let matching = |e: &Expected| match &e.pattern {
            Ok(Pattern::Text(text)) => m.text.contains(text),
            Ok(Pattern::Regexp(regexp)) => regexp.is_match(&m.text),
            Err(_) => false,
        };
        let best = line.as_ref().and_then(|list| {
            let fits = list.iter().enumerate().filter(|(_, e)| matching(e));
            fits.min_by_key(|(_, e)| e.column.abs_diff(m.column)).map(|(i, e)| (i, e.column))
        });
        match (best, line) {
            (Some((at, column)), Some(list)) => {
                if column.abs_diff(m.column) > fixture.tolerance {
                    differences.push(format!("{place}: want column {column}: {}", m.text));
                }
                list.remove(at);
            }
            _ => differences.push(format!("{place}: no error expected: {}", m.text.replace('\n', "\\n"))),
        }
    }
    for (path, lines) in expected {
        for (line, list) in lines {
            for e in list {
                let text = match e.pattern {
                    Ok(Pattern::Text(text)) => text,
                    Ok(Pattern::Regexp(regexp)) => regexp.to_string(),
                    Err(why) => why,
                };
                let file = path.file_name().unwrap_or_default().display().to_string();
                differences.push(format!("{file}:{line}:{}: not reported: {text}", e.column));
            }
        }
    }
    differences
}
