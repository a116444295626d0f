//! Go's own `// errorcheck` programs (`test/` of Debian's golang-1.19-src): which lines are reported, beside `go tool
//! compile` of the SDK.
//!
//! The files are of Go 1.19 and the judge is the SDK's compiler, so the expectation is what it reports today and not the
//! comments; it is run as the go command runs it for a package without assembly (`-complete`). Only places are compared:
//! type-fixtures compares words. Files whose flags ask for notes of the back end (escape analysis, liveness, passes) are
//! left out and counted; an `// errorcheckdir` program is a folder of packages, one a file, each importing the earlier ones.

use clap::Parser;
use gorace_harness::tool;
use gorace_harness::typecheck::{Unit, Universe, imports_of, read};
use gorace_types::Config;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Checks Go's errorcheck programs and prints the share of lines and files that agree with Go.
#[derive(Parser)]
struct Arguments {
    /// The folder of Go's test programs.
    #[arg(long, default_value = "/usr/share/go-1.19/test")]
    folder: PathBuf,
    /// Only files whose path contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Print the lines that differ in each file.
    #[arg(long)]
    verbose: bool,
}

/// The least share of lines that must agree, in percent.
const BAR: f64 = 95.0;

struct Program {
    path: PathBuf,
    /// What the first line asks of the compiler, without what changes no error.
    flags: Vec<String>,
    /// The packages, each after those it imports; the paths of their files.
    packages: Vec<Vec<PathBuf>>,
}

/// What a line of a program is called: the file's number in the program, and the line.
type Lines = BTreeSet<(usize, u32)>;

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    if !a.folder.is_dir() {
        let place = a.folder.display();
        return Err(format!(
            "{place}: no such folder: install Debian's golang-1.19-src, or name Go's test folder with --folder"
        ));
    }
    let mut programs = Vec::new();
    let mut left_out = BTreeMap::new();
    collect(&a.folder, &mut programs, &mut left_out)?;
    programs.retain(|p| p.path.display().to_string().contains(&a.only));
    programs.sort_by(|x, y| x.path.cmp(&y.path));
    if programs.is_empty() {
        return Err(format!("{}: no errorcheck file has {:?} in its path", a.folder.display(), a.only));
    }
    let mut imports = BTreeSet::new();
    for path in programs.iter().flat_map(|p| p.packages.iter().flatten()) {
        imports.extend(imports_of(&read(path)?));
    }
    let mut universe = Universe::load(&imports)?;
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let go = tool::sdk_root()?.join("bin/go");
    let config = folder.path().join("importcfg");
    std::fs::write(&config, import_config(&go, &imports)?).map_err(|e| format!("{}: {e}", config.display()))?;
    let expected: Vec<Result<Lines, String>> = programs.par_iter().map(|p| lines_of_go(&go, &config, p)).collect();
    let (mut both, mut either, mut right) = (0, 0, 0);
    for (program, expected) in programs.iter().zip(expected) {
        let expected = expected?;
        let reported = lines_of_gorace(&mut universe, program)?;
        both += expected.intersection(&reported).count();
        either += expected.union(&reported).count();
        if expected == reported {
            right += 1;
            continue;
        }
        let name = program.path.strip_prefix(&a.folder).unwrap_or(&program.path).display();
        println!("differs  {name} ({})", expected.symmetric_difference(&reported).count());
        if a.verbose {
            let files: Vec<&PathBuf> = program.packages.iter().flatten().collect();
            let place = |&(file, line): &(usize, u32)| {
                let path: &Path = files.get(file).map_or(&program.path, |p| p);
                format!("{}:{line}", path.strip_prefix(&a.folder).unwrap_or(path).display())
            };
            expected.difference(&reported).for_each(|at| println!("    {}: not reported", place(at)));
            reported.difference(&expected).for_each(|at| println!("    {}: no error expected", place(at)));
        }
    }
    let reasons: Vec<String> = left_out.iter().map(|(flag, count)| format!("{flag} {count}")).collect();
    let left_out: usize = left_out.values().sum();
    let share = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
    println!(
        "{} errorcheck programs ({left_out} left out, whose errors are notes of the back end: {}): {right} agree wholly, {:.1} %; {both} of {either} lines agree, {:.1} %",
        programs.len(),
        reasons.join(", "),
        share(right, programs.len()),
        share(both, either)
    );
    Ok(ExitCode::from(u8::from(share(both, either) < BAR)))
}

/// Finds the programs below a folder; counts those whose flags ask for notes of the back end, by flag.
fn collect(folder: &Path, programs: &mut Vec<Program>, left_out: &mut BTreeMap<String, usize>) -> Result<(), String> {
    for entry in std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))? {
        let path = entry.map_err(|e| format!("{}: {e}", folder.display()))?.path();
        if path.is_dir() {
            collect(&path, programs, left_out)?;
        } else if path.extension().is_some_and(|e| e == "go") {
            let text = read(&path)?;
            let text = String::from_utf8_lossy(&text);
            // A build constraint may stand in front of the test's own line.
            let mut lines =
                text.lines().filter(|l| !l.is_empty() && !l.starts_with("//go:build") && !l.starts_with("// +build"));
            let Some(rest) = lines.next().and_then(|l| l.strip_prefix("// errorcheck")) else { continue };
            let (is_folder, rest) = rest.strip_prefix("dir").map_or((false, rest), |rest| (true, rest));
            if !rest.is_empty() && !rest.starts_with(' ') {
                continue;
            }
            if let Some(flag) = rest.split_whitespace().find_map(note_of_back_end) {
                *left_out.entry(flag.to_string()).or_default() += 1;
                continue;
            }
            // Of the flags that stay, most say how the test is run or what the back end does, and change no error.
            let changes = |f: &str| f.starts_with("-lang=") || matches!(f, "-+" | "-std" | "-d=panic");
            let flags = rest.split_whitespace().filter(|f| changes(f)).map(str::to_string).collect();
            let packages = if is_folder {
                packages_of(&path.with_extension("dir"), rest.split_whitespace().any(|f| f == "-s"))?
            } else {
                vec![vec![path.clone()]]
            };
            programs.push(Program { path, flags, packages });
        }
    }
    Ok(())
}

/// The name of a flag that makes the compiler report what its back end does.
fn note_of_back_end(flag: &str) -> Option<&'static str> {
    match flag.split('=').next()? {
        "-m" => Some("-m"),
        "-live" => Some("-live"),
        "-d" if flag != "-d=panic" => Some("-d"),
        _ => None,
    }
}

/// The files of a folder by package, in the order of their names: neighbours with one package name, unless each file is
/// a package of its own.
fn packages_of(folder: &Path, single: bool) -> Result<Vec<Vec<PathBuf>>, String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "go"));
    paths.sort();
    let mut packages: Vec<(String, Vec<PathBuf>)> = Vec::new();
    for path in paths {
        let name = package_name(&path)?;
        match packages.iter_mut().find(|(n, _)| *n == name && !single) {
            Some((_, files)) => files.push(path),
            None => packages.push((name, vec![path])),
        }
    }
    Ok(packages.into_iter().map(|(_, files)| files).collect())
}

fn package_name(path: &Path) -> Result<String, String> {
    let text = read(path)?;
    let (tree, _) = gorace_syntax::parse_file(gorace_base::FileId(0), 1, &text, gorace_syntax::Mode::Imports);
    Ok(tree.package.name.to_string())
}

/// What the packages of a program are imported as, behind `./`: each file of a folder of one-file packages by its own name.
fn import_name(files: &[PathBuf]) -> String {
    files.first().and_then(|f| f.file_stem()).map(|s| s.to_string_lossy().to_string()).unwrap_or_default()
}

/// The lines that gorace reports.
fn lines_of_gorace(universe: &mut Universe, program: &Program) -> Result<Lines, String> {
    let lang = program.flags.iter().find_map(|f| f.strip_prefix("-lang=go1.")).and_then(|m| m.parse().ok());
    let is_std = program.flags.iter().any(|f| f == "-+" || f == "-std");
    let mut lines = Lines::new();
    let mut others = HashMap::new();
    let mut first = 0;
    for files in &program.packages {
        let read = |path: &PathBuf| Ok((path.clone(), read(path)?));
        let unit = Unit {
            path: "p".to_string(),
            files: files.iter().map(read).collect::<Result<_, String>>()?,
            config: Config { go_minor: lang.unwrap_or(gorace_types::CURRENT_MINOR), is_std, ..Config::default() },
            after_syntax_errors: false,
        };
        let (package, messages) = universe.check_with(&unit, &others);
        for message in &messages {
            let file = files.iter().position(|f| *f == message.path).unwrap_or(0);
            lines.insert((first + file, message.line));
        }
        if let (Some(package), true) = (package, messages.is_empty()) {
            others.insert(format!("./{}", import_name(files)), package);
        }
        first += files.len();
    }
    Ok(lines)
}

/// The import configuration of `go tool compile` for the packages of the standard library among the imports.
fn import_config(go: &Path, imports: &BTreeSet<String>) -> Result<String, String> {
    let sources = tool::sdk_sources()?;
    let plain = |i: &&String| {
        i.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'/') && i.split('/').all(|part| !part.is_empty())
    };
    let known = imports.iter().filter(plain).filter(|i| *i != "unsafe" && sources.join(i).is_dir());
    let output = Command::new(go)
        .args(["list", "-e", "-export", "-deps", "-f", "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}"])
        .args(known)
        .output()
        .map_err(|e| format!("{}: {e}", go.display()))?;
    if !output.status.success() {
        return Err(format!("go list: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).to_string())
}

/// The lines that Go's compiler reports, all of them (`-e`), without columns (`-C`).
///
/// The object goes to a file of the call's own: the compiler removes its output when it fails, whatever that is, so a
/// device as the output would be deleted.
fn lines_of_go(go: &Path, config: &Path, program: &Program) -> Result<Lines, String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let mut config_text = std::fs::read_to_string(config).map_err(|e| format!("{}: {e}", config.display()))?;
    let mut lines = Lines::new();
    let mut first = 0;
    for files in &program.packages {
        let name = import_name(files);
        let object = folder.path().join(format!("{name}.o"));
        let config = folder.path().join("importcfg");
        std::fs::write(&config, &config_text).map_err(|e| format!("{}: {e}", config.display()))?;
        let path = if program.packages.len() == 1 { "p".to_string() } else { format!("test/{name}") };
        let output = Command::new(go)
            .args(["tool", "compile", "-C", "-e", "-complete", "-D", "test", "-p", &path, "-importcfg"])
            .arg(&config)
            .arg("-o")
            .arg(&object)
            .args(&program.flags)
            .args(files)
            .output()
            .map_err(|e| format!("{}: {e}", go.display()))?;
        let text = String::from_utf8_lossy(&output.stdout).to_string() + &String::from_utf8_lossy(&output.stderr);
        let before = lines.len();
        // Lines that go on begin with a tab.
        for line in text.lines().filter(|l| !l.starts_with('\t')) {
            // A line directive may have given the file another name.
            let Some((place, rest)) = line.split_once(".go:") else { continue };
            let Some(number) = rest.split(':').next().and_then(|n| n.parse().ok()) else { continue };
            let file =
                files.iter().position(|f| f.with_extension("").ends_with(place.rsplit('/').next().unwrap_or(place)));
            lines.insert((first + file.unwrap_or(0), number));
        }
        if !output.status.success() && lines.len() == before {
            return Err(format!("{}: go tool compile fails without naming a line: {text}", program.path.display()));
        }
        if output.status.success() {
            config_text.push_str(&format!("\npackagefile test/{name}={}\n", object.display()));
        }
        first += files.len();
    }
    Ok(lines)
}
