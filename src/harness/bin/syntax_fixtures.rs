//! The test files of gc's parser in the SDK (`src/cmd/compile/internal/syntax/testdata`), read as its own test reads them.
//!
//! `/* ERROR pattern */` expects an error at the token behind it, `// ERROR pattern` one somewhere on its line; the pattern
//! is a regular expression. Of several comments before a token the last one counts. A file agrees when every expected error
//! is reported and no other. What the parser of gc says of labels is the checker's business here: its errors of labels
//! count as the parser's.

use clap::Parser;
use gorace_base::{FileId, Pos, SourceMap};
use gorace_harness::tool;
use gorace_harness::typecheck::read;
use gorace_syntax::scanner::{Scanner, Token};
use gorace_types::{Code, Config, Store, check_package};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

/// Runs the SDK's syntax fixtures and prints the share that agrees.
#[derive(Parser)]
struct Arguments {
    /// Only files whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Print what differs in each file.
    #[arg(long)]
    verbose: bool,
}

/// The least share of files that must agree, in percent.
const BAR: f64 = 97.0;

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    let folder = tool::sdk_sources()?.join("cmd/compile/internal/syntax/testdata");
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths: Vec<_> = entries.filter_map(|f| Some(f.ok()?.path())).collect();
    paths.retain(|p| p.is_file() && p.file_name().is_some_and(|n| n.to_string_lossy().contains(&a.only)));
    paths.sort();
    let mut right = 0;
    for path in &paths {
        let text = read(path)?;
        let differences = judge(expectations(&text)?, &errors(text));
        if differences.is_empty() {
            right += 1;
            continue;
        }
        println!("differs  {} ({})", path.file_name().unwrap_or_default().display(), differences.len());
        if a.verbose {
            differences.iter().for_each(|d| println!("    {d}"));
        }
    }
    let share = 100.0 * f64::from(right) / paths.len().max(1) as f64;
    println!("{} syntax fixtures: {right} agree, {share:.1} %", paths.len());
    Ok(ExitCode::from(u8::from(share < BAR)))
}

/// A line and column; column 0 for the whole line.
type Place = (u32, u32);

/// What a file's comments expect.
fn expectations(text: &Arc<[u8]>) -> Result<BTreeMap<Place, regex::Regex>, String> {
    let mut sources = SourceMap::default();
    let id = sources.add("", text.clone());
    let file = sources.file(id);
    let place = |offset: usize| file.line_column(Pos(file.base + offset as u32));
    let mut expected = BTreeMap::new();
    let mut scanner = Scanner::new(text);
    let mut gap = 0;
    loop {
        scanner.next();
        let between = String::from_utf8_lossy(&text[gap..scanner.start.max(gap)]);
        let mut rest = &*between;
        let mut before_token = None;
        while let Some(at) = rest.find("//").into_iter().chain(rest.find("/*")).min() {
            let is_line = rest[at..].starts_with("//");
            let end = rest[at..].find(if is_line { "\n" } else { "*/" }).map_or(rest.len(), |e| at + e);
            let comment = &rest[at + 2..end];
            if let Some(pattern) = comment.strip_prefix(" ERROR ") {
                if is_line {
                    let (line, _) = place(gap + (between.len() - rest.len()) + at);
                    expected.insert((line, 0), compile(pattern)?);
                } else {
                    before_token = Some(compile(pattern)?);
                }
            }
            rest = &rest[if is_line { end } else { (end + 2).min(rest.len()) }..];
        }
        if let Some(pattern) = before_token {
            expected.insert(place(scanner.start), pattern);
        }
        if scanner.token == Token::Eof {
            return Ok(expected);
        }
        gap = scanner.end();
    }
}

/// A pattern as Go reads it: a brace that begins no repetition stands for itself.
fn compile(pattern: &str) -> Result<regex::Regex, String> {
    let brace = regex::Regex::new(r"(\\.)|\{([^0-9]|$)").map_err(|e| e.to_string())?;
    let pattern = brace.replace_all(pattern.trim(), |c: &regex::Captures| match c.get(1) {
        Some(escape) => escape.as_str().to_string(),
        None => format!("\\{}", &c[0]),
    });
    regex::Regex::new(&pattern).map_err(|e| e.to_string())
}

/// The errors that the parser reports, and the checker of labels and branches.
fn errors(text: Arc<[u8]>) -> Vec<(Place, String)> {
    let mut sources = SourceMap::default();
    let id = sources.add("", text.clone());
    let base = sources.file(id).base;
    let (tree, syntax) = gorace_syntax::parse_file_for_all_errors(id, base, &text, gorace_syntax::Mode::Full);
    let mut found: Vec<(Pos, String)> = syntax.into_iter().map(|e| (e.pos, e.message)).collect();
    let config = Config { go_minor: 27, ..Config::default() };
    let (_, errors) = check_package(&mut Store::new(), "p", &[Arc::new(tree)], &|_| None, config);
    // As in gc, the branches of what could not be parsed are not looked at.
    let labels = errors.iter().filter(|e| found.is_empty() && is_about_branches(e.code));
    let labels: Vec<_> = labels.map(|e| (e.pos, e.text(&sources))).collect();
    found.extend(labels);
    found.sort();
    found.into_iter().map(|(pos, text)| (sources.file(FileId(0)).line_column(pos), text)).collect()
}

fn is_about_branches(code: Code) -> bool {
    matches!(
        code,
        Code::UndeclaredLabel
            | Code::DuplicateLabel
            | Code::UnusedLabel
            | Code::MisplacedLabel
            | Code::JumpOverDecl
            | Code::JumpIntoBlock
            | Code::MisplacedBreak
            | Code::MisplacedContinue
            | Code::MisplacedFallthrough
    )
}

/// What differs between the expected and the reported errors.
fn judge(mut expected: BTreeMap<Place, regex::Regex>, errors: &[(Place, String)]) -> Vec<String> {
    let mut differences = Vec::new();
    for &((line, column), ref text) in errors {
        let place = if expected.contains_key(&(line, column)) { (line, column) } else { (line, 0) };
        match expected.get(&place) {
            Some(pattern) if pattern.is_match(text) => {
                expected.remove(&place);
            }
            Some(pattern) => {
                differences.push(format!("{line}:{column}: {text:?} does not match {:?}", pattern.as_str()))
            }
            None => differences.push(format!("{line}:{column}: no error expected: {text}")),
        }
    }
    differences
        .extend(expected.iter().map(|((line, column), p)| format!("{line}:{column}: not reported: {}", p.as_str())));
    differences
}
