//! The whole corpus and the pages of the rules, as `cargo test --release` runs them: findings against wants, reports against
//! snapshots, one process at a time against many, replays against the check that wrote their traces.

use gorace_base::finding::Finding;
use gorace_harness::corpus::{self, Checked, Program};
use gorace_report::{Format, render};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Schedules for programs with bugs, and for clean ones.
const SCHEDULES: u64 = 100;
const CLEAN_SCHEDULES: u64 = 40;

/// The formats with snapshots, and the names that the command line and the files give them.
const FORMATS: &[(&str, Format)] = &[
    ("text", Format::Text),
    ("go", Format::Go),
    ("short", Format::Short),
    ("json", Format::Json),
    ("sarif", Format::Sarif),
];

fn gorace() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_gorace"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// The corpus, and this process moved into it, so that paths are shown relative to it as in `gorace check`.
fn programs() -> (PathBuf, Vec<Program>) {
    let folder = root().join("corpus");
    std::env::set_current_dir(&folder).unwrap();
    colored_off();
    (folder.clone(), corpus::load(&folder).unwrap())
}

/// `render` asks the environment about colours, and a test may have a terminal.
fn colored_off() {
    gorace_report::set_colour(false);
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

fn explore(folder: &Path, programs: &[Program]) -> Vec<Checked> {
    let one = |p: &Program| {
        let schedules = if p.buggy { SCHEDULES } else { CLEAN_SCHEDULES };
        corpus::check(gorace(), folder, &p.file, schedules.max(p.schedules)).unwrap()
    };
    // The first alone: it compiles what all share.
    let (first, rest) = programs.split_first().unwrap();
    let mut all = vec![one(first)];
    all.extend(rest.par_iter().map(one).collect::<Vec<_>>());
    all
}

#[test]
fn programs_give_what_they_want() {
    let (folder, programs) = programs();
    let checked = explore(&folder, &programs);
    let mut differences: Vec<String> = Vec::new();
    for (program, checked) in programs.iter().zip(&checked) {
        differences.extend(corpus::differences(program, checked));
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    let buggy: Vec<(&Program, &Checked)> = programs.iter().zip(&checked).filter(|(p, _)| p.buggy).collect();
    snapshots(&buggy);
    let again = buggy.par_iter().filter(|(program, _)| !program.runs_commands);
    let again: Vec<String> = again.map(|(p, checked)| check_again(&folder, p, checked)).flatten().collect();
    assert!(again.is_empty(), "{}", again.join("\n"));
}

/// One file a program and format, `snapshots/race/counter.text.snap`; no others.
fn snapshots(programs: &[(&Program, &Checked)]) {
    let folder = root().join("snapshots");
    let mut expected = BTreeSet::new();
    for (program, checked) in programs {
        let (kind, name) = program.name.split_once('/').unwrap();
        if follows_the_machine(program) {
            continue;
        }
        for &(format_name, format) in FORMATS {
            let name = format!("{name}.{format_name}");
            expected.insert(format!("{kind}/{name}.snap"));
            let mut settings = insta::Settings::new();
            settings.set_snapshot_path(folder.join(kind));
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            settings.set_description(format!("gorace check --format {format_name} {}", program.file));
            for (pattern, replacement) in normalised() {
                settings.add_filter(&pattern, replacement);
            }
            let mut report = render(format, &checked.findings, &read);
            if format == Format::Sarif {
                report = without_rules(&report);
            }
            settings.bind(|| insta::assert_snapshot!(name, report));
        }
    }
    let found = files(&folder);
    let orphans: Vec<&String> = found.difference(&expected).collect();
    assert!(orphans.is_empty(), "snapshots without a program or a format: {orphans:?}");
}

/// Whether a program's schedules are not wholly functions of their seeds: which protocols there are and when a socket is ready depends on
/// the machine. Its findings are the same everywhere, its steps need not be.
fn follows_the_machine(program: &Program) -> bool {
    program.runs_commands || ["net", "net/http/httptest"].iter().any(|path| imports(program, path))
}

fn imports(program: &Program, path: &str) -> bool {
    read(&program.file).unwrap_or_default().contains(&format!("\"{path}\""))
}

/// A SARIF document without the table of rules, which is the same in all.
fn without_rules(document: &str) -> String {
    let mut value: serde_json::Value = serde_json::from_str(document).unwrap();
    let driver = value["runs"][0]["tool"]["driver"].as_object_mut().unwrap();
    assert!(driver.remove("rules").is_some_and(|rules| rules.as_array().is_some_and(|all| !all.is_empty())));
    serde_json::to_string_pretty(&value).unwrap()
}

/// What differs between machines, compilers and SDKs: addresses of memory and code, and where folders lie.
fn normalised() -> Vec<(String, &'static str)> {
    let sdk = gorace_harness::tool::sdk_root().unwrap();
    vec![
        (r"0x[0-9a-f]{8,}".to_string(), "0xADDRESS"),
        (r"\+0x[0-9a-f]+".to_string(), "+0xOFFSET"),
        (r#""address":[1-9][0-9]*"#.to_string(), "\"address\":ADDRESS"),
        (r#""offset":[0-9]+"#.to_string(), "\"offset\":OFFSET"),
        (regex::escape(&format!("{}/", root().join("corpus").display())), ""),
        (regex::escape(&sdk.display().to_string()), "$$GOROOT"),
        // Lines of the runtime's own Go files.
        (r"(GOROOT/src/runtime/\w+\.go):\d+".to_string(), "$1:LINE"),
    ]
}

fn files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for kind in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        for file in std::fs::read_dir(kind.path()).into_iter().flatten().flatten() {
            let (kind, name) = (kind.file_name(), file.file_name());
            let name = name.to_string_lossy();
            // What insta writes beside a snapshot that differs.
            if !name.ends_with(".snap.new") {
                found.insert(format!("{}/{name}", kind.to_string_lossy()));
            }
        }
    }
    found
}

/// The same seeds again, one process at a time on one processor, as text and with traces: the bytes are those that the first check's findings
/// give, and each replay's are its finding's. Gives what differs.
fn check_again(folder: &Path, program: &Program, first: &Checked) -> Vec<String> {
    let traces = tempfile::tempdir().unwrap();
    let schedules = SCHEDULES.max(program.schedules).to_string();
    let mut command = Command::new(gorace());
    command.args(["check", "--schedules", &schedules, "--trace-dir"]).arg(traces.path()).arg(&program.file);
    let output = on_one_processor(command.current_dir(folder));
    let expected = render(Format::Text, &first.findings, &read);
    let mut differences = Vec::new();
    let stdout = String::from_utf8_lossy(&output.stdout);
    if stdout != expected {
        differences.push(format!("{}: one process at a time gives\n{stdout}many give\n{expected}", program.file));
    }
    for (i, finding) in first.findings.iter().enumerate() {
        let trace = traces.path().join(format!("{}-{}-{i}.trace", finding.rule, finding.seed));
        let replayed = Command::new(gorace()).arg("replay").arg(&trace).current_dir(folder).output().unwrap();
        let shown = String::from_utf8_lossy(&replayed.stdout).to_string();
        let expected = render(Format::Text, std::slice::from_ref(finding), &read);
        if shown != expected {
            let errors = String::from_utf8_lossy(&replayed.stderr);
            differences.push(format!("{}: replay gives\n{shown}{errors}check gave\n{expected}", program.file));
        }
    }
    differences
}

/// Runs a command that may use one processor only, so that it runs one schedule at a time.
fn on_one_processor(command: &mut Command) -> std::process::Output {
    let all = rustix::thread::sched_getaffinity(None).unwrap();
    let mine = rayon::current_thread_index().unwrap_or(0);
    let cpus: Vec<usize> = (0..rustix::thread::CpuSet::MAX_CPU).filter(|&cpu| all.is_set(cpu)).collect();
    let mut one = rustix::thread::CpuSet::new();
    one.set(cpus[mine % cpus.len()]);
    // A child inherits the thread's.
    rustix::thread::sched_setaffinity(None, &one).unwrap();
    let output = command.output();
    rustix::thread::sched_setaffinity(None, &all).unwrap();
    output.unwrap()
}

#[test]
fn each_rule_has_a_page_whose_examples_hold() {
    let mut pages: Vec<PathBuf> = std::fs::read_dir(root().join("rules")).unwrap().map(|e| e.unwrap().path()).collect();
    pages.sort();
    let wrong: Vec<String> = pages.par_iter().flat_map(|page| page_differences(page)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let ids: BTreeSet<String> = pages.iter().map(|p| p.file_stem().unwrap().to_string_lossy().to_string()).collect();
    let reported: BTreeSet<String> = corpus::load(&root().join("corpus"))
        .unwrap()
        .iter()
        .flat_map(|p| p.wants.iter().map(|w| w.rule.clone()).collect::<Vec<_>>())
        .collect();
    let embedded: BTreeSet<String> = gorace_report::rules::ALL.iter().map(|rule| rule.id.to_string()).collect();
    assert_eq!(embedded, ids, "left: the rules in the binary; right: the pages");
    assert!(reported.is_subset(&ids), "rules without a page: {:?}", reported.difference(&ids));
}

/// Compiles and explores a page's two programs, or test files: the example gives findings of the page's rule only (and of the one that it
/// names as `Also reported`), the mended one none.
fn page_differences(page: &Path) -> Vec<String> {
    let id = page.file_stem().unwrap().to_string_lossy().to_string();
    let text = std::fs::read_to_string(page).unwrap();
    let mut wrong = Vec::new();
    let explained = Command::new(gorace()).args(["explain", &id]).output().unwrap();
    if explained.stdout != text.as_bytes() {
        wrong.push(format!("gorace explain {id} does not print the page"));
    }
    let folder = tempfile::tempdir().unwrap();
    let also = text.lines().find_map(|l| l.strip_prefix("Also reported: ")).map(str::to_string);
    let expected: BTreeSet<String> = also.into_iter().chain([id.clone()]).collect();
    for (section, expected) in [("## Example", expected), ("## Mended", BTreeSet::new())] {
        let code = text.split(section).nth(1).and_then(|t| t.split("```go\n").nth(1)?.split("```").next());
        let Some(code) = code else {
            wrong.push(format!("{id}: no program under {section}"));
            continue;
        };
        let file = if code.contains("\"testing\"") { "main_test.go" } else { "main.go" };
        std::fs::write(folder.path().join(file), code).unwrap();
        let rules: BTreeSet<String> = match corpus::check(gorace(), folder.path(), file, SCHEDULES) {
            Ok(checked) => checked.findings.iter().map(|f: &Finding| f.rule.clone()).collect(),
            Err(e) => BTreeSet::from([e]),
        };
        if rules != expected {
            wrong.push(format!("{id}, {section}: {rules:?} instead of {expected:?}"));
        }
    }
    wrong
}
