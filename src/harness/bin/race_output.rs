//! The SDK's cases of the race detector's output (`src/runtime/race/output_test.go`): programs, each with regular
//! expressions of which one must match what `go run -race` or `go test -race` prints.
//!
//! The cases are read from the table in the SDK's file, with gorace's own parser, and run as that file's test runs them, with
//! `gorace run` and `gorace test`. Those that need cgo are left out and said.

use clap::Parser;
use gorace_harness::tool;
use gorace_syntax::ast::{Decl, Element, Expr, ExprKind, LitKind};
use rayon::prelude::*;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

/// Runs the SDK's cases of the race detector's output and prints how many match.
#[derive(Parser)]
struct Arguments {
    /// Only cases whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Print what each failed case printed, and what was expected.
    #[arg(long)]
    show: bool,
}

/// A row of the table.
struct Case {
    name: String,
    /// `run` or `test`.
    command: String,
    /// The value of GORACE.
    options: String,
    source: String,
    patterns: Vec<String>,
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    let gorace = tool::gorace()?;
    let path = tool::sdk_sources()?.join("runtime/race/output_test.go");
    let text = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let cases: Vec<Case> = cases(&text).into_iter().filter(|c| c.name.contains(&a.only)).collect();
    if cases.is_empty() {
        return Err(format!("{}: no such case", path.display()));
    }
    let (cgo, cases): (Vec<Case>, Vec<Case>) = cases.into_iter().partition(|c| c.source.contains("import \"C\""));
    for case in &cgo {
        println!("left out {}: it needs cgo", case.name);
    }
    let outcomes: Vec<Result<Option<String>, String>> = cases.par_iter().map(|case| judge(&gorace, case)).collect();
    let mut wrong = 0;
    for (case, outcome) in cases.iter().zip(outcomes) {
        if let Some(printed) = outcome? {
            wrong += 1;
            println!("differs  {}", case.name);
            if a.show {
                println!("{}\nexpected:\n{}", printed, case.patterns.join("\nor:\n"));
            }
        }
    }
    println!("{} cases of the race detector's output: {} match, {wrong} differ", cases.len(), cases.len() - wrong);
    Ok(ExitCode::from(u8::from(wrong > 0)))
}

/// The rows of the file's variable `tests`.
fn cases(text: &[u8]) -> Vec<Case> {
    let (tree, _) = gorace_syntax::parse_file(gorace_base::FileId(0), 1, text, gorace_syntax::Mode::Full);
    let table = tree.decls.iter().find_map(|decl| match decl {
        Decl::Var(var) if var.names.iter().any(|n| n.name == "tests") => var.values.first(),
        _ => None,
    });
    table.and_then(elements).unwrap_or_default().iter().filter_map(|row| case(elements(&row.value)?)).collect()
}

fn case(row: &[Element]) -> Option<Case> {
    let [name, command, system, options, source, patterns] = row else { return None };
    let system = string(&system.value)?;
    (system.is_empty() || system == "linux").then_some(())?;
    Some(Case {
        name: string(&name.value)?,
        command: string(&command.value)?,
        options: string(&options.value)?,
        source: string(&source.value)?,
        patterns: elements(&patterns.value)?.iter().map(|e| string(&e.value)).collect::<Option<_>>()?,
    })
}

fn elements(e: &Expr) -> Option<&[Element]> {
    match &e.kind {
        ExprKind::CompositeLit { elems, .. } => Some(elems),
        _ => None,
    }
}

fn string(e: &Expr) -> Option<String> {
    match &e.kind {
        ExprKind::Lit(lit) if lit.kind == LitKind::String => {
            String::from_utf8(gorace_types::constant::unquote(&lit.text)?).ok()
        }
        _ => None,
    }
}

/// What the case printed when none of its patterns matches.
fn judge(gorace: &Path, case: &Case) -> Result<Option<String>, String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let file = folder.path().join(if case.command == "test" { "main_test.go" } else { "main.go" });
    std::fs::write(&file, &case.source).map_err(|e| format!("{}: {e}", file.display()))?;
    let mut command = Command::new(gorace);
    command.arg(&case.command).arg(&file).env_remove("GODEBUG").env("GOMAXPROCS", "1").env("GORACE", &case.options);
    let ran = tool::run_within(&mut command, Duration::from_secs(60)).map_err(|e| e.to_string())?;
    let printed = String::from_utf8_lossy(&ran.output).into_owned();
    for pattern in &case.patterns {
        if regex::Regex::new(pattern).map_err(|e| format!("{}: {e}", case.name))?.is_match(&printed) {
            return Ok(None);
        }
    }
    Ok(Some(printed))
}
