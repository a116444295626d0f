//! Tidy: what the house promises of itself and no compiler checks. Runs as part of `cargo test`.
//!
//! - Each Rust file says what it is in its first line, has no trailing space, stays below a length; `unsafe` stays where
//!   it may be; nothing names a path of one machine.
//! - The table of rooms in docs/ARCHITECTURE.md says who uses whom, as `cargo metadata` does; MANIFEST.md has a line for
//!   each room, and its inventory is that of the folders (`GORACE_BLESS=1` writes it anew).
//! - Documents mention only paths that exist; the README names each command and flag that exists, and no other.

use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Lines that a file may have.
const LIMIT: usize = 1200;

/// Files that may be longer, with the reason.
const LONGER: &[(&str, usize, &str)] =
    &[("src/types/expr.rs", 1400, "one chapter of the specification, its rules call each other")];

/// Where `unsafe` may be.
const UNSAFE: &[&str] = &["src/codegen/", "src/runtime/", "src/explore/shadow.rs"];

const DOCUMENTS: &[&str] = &[
    "README.md",
    "MANIFEST.md",
    "docs/ARCHITECTURE.md",
    "docs/DETECTION.md",
    "docs/DECISIONS.md",
    "docs/DEVELOPING.md",
    "docs/ROADMAP.md",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap()
}

/// The paths of all files below a folder, relative to the root.
fn files(folder: &str) -> Vec<String> {
    let mut out = Vec::new();
    let entries = std::fs::read_dir(root().join(folder)).into_iter().flatten().flatten();
    for entry in entries {
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => out.extend(files(&path)),
            _ => out.push(path),
        }
    }
    out.sort();
    out
}

fn rust_files() -> Vec<(String, String)> {
    let paths = files("src").into_iter().filter(|p| p.ends_with(".rs"));
    paths.map(|p| (p.clone(), read(&p))).collect()
}

/// Fails with all complaints at once.
#[track_caller]
fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn rust_files_have_headers_and_no_trailing_space_and_are_not_too_long() {
    let mut complaints = Vec::new();
    for (path, text) in rust_files() {
        if !text.starts_with("//!") {
            complaints.push(format!("{path}: the first line must say what the file does (`//! …`)"));
        }
        for (at, line) in text.lines().enumerate().filter(|(_, line)| line.ends_with([' ', '\t'])) {
            complaints.push(format!("{path}:{}: trailing space after {:?}", at + 1, line.trim_end()));
        }
        let limit = LONGER.iter().find(|(long, ..)| *long == path).map_or(LIMIT, |(_, limit, _)| *limit);
        if text.lines().count() > limit {
            complaints.push(format!("{path}: {} lines, more than {limit}; split it", text.lines().count()));
        }
    }
    none(&complaints);
}

#[test]
fn unsafe_stays_where_it_may_be() {
    let pattern = regex(r"(?m)^[^/\n]*\b(unsafe\s*(\{|fn\b|impl\b|extern\b|trait\b)|allow\(\s*unsafe_code)");
    let allowed = |path: &str| UNSAFE.iter().any(|prefix| path.starts_with(prefix));
    let found = rust_files().into_iter().filter(|(path, text)| !allowed(path) && pattern.is_match(text));
    none(&found.map(|(path, _)| format!("{path}: `unsafe` may be only in {UNSAFE:?}")).collect::<Vec<_>>());
}

#[test]
fn nothing_names_a_path_of_one_machine() {
    let machine = regex(&["/ro", "ot/|/wo", "rk/|/tmp/w", "t/"].concat());
    let mut paths: Vec<String> = ["src", "docs", "rules", "corpus", "benches", "snapshots", ".ci"].map(files).concat();
    paths.extend(["README.md", "MANIFEST.md", "Cargo.toml"].map(String::from));
    let mut complaints = Vec::new();
    for path in paths {
        let bytes = std::fs::read(root().join(&path)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        for (at, line) in text.lines().enumerate().filter(|(_, line)| machine.is_match(line)) {
            complaints.push(format!("{path}:{}: a path of one machine: {}", at + 1, line.trim()));
        }
    }
    none(&complaints);
}

/// Room to the rooms it uses, as cargo sees it.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo metadata gives JSON");
    let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_string();
    let room = |v: &serde_json::Value| text(v).strip_prefix("gorace-").map(str::to_string);
    let mut out = BTreeMap::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let Some(name) = room(&package["name"]) else { continue };
        let uses = package["dependencies"].as_array().expect("dependencies").iter().filter(|d| d["kind"].is_null());
        out.insert(name, uses.filter_map(|d| room(&d["name"])).collect());
    }
    out
}

#[test]
fn the_table_of_rooms_is_true() {
    let row = regex(r"(?m)^\| `src/(\w+)` \| [^|]+ \| ([^|]+) \|$");
    let text = read("docs/ARCHITECTURE.md");
    let mut table: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for found in row.captures_iter(&text) {
        let uses = found[2].split(", ").map(str::trim).filter(|u| *u != "–");
        table.insert(found[1].to_string(), uses.map(str::to_string).collect());
    }
    assert_eq!(table, dependencies(), "left: docs/ARCHITECTURE.md; right: the Cargo.toml files");
}

#[test]
fn the_manifest_has_a_line_for_each_room() {
    let line = regex(r"(?m)^- `src/(\w+)`: .+$");
    let text = read("MANIFEST.md");
    let lines: Vec<String> = line.captures_iter(&text).map(|c| c[1].to_string()).collect();
    let rooms: Vec<String> = dependencies().into_keys().collect();
    let mut sorted = lines.clone();
    sorted.sort();
    assert_eq!(sorted, rooms, "left: MANIFEST.md; right: the rooms");
}

const START: &str = "<!-- inventory: written by the tidy test -->\n";

/// What the folders hold.
fn inventory() -> String {
    let mut out = String::from("\nRules:\n\n");
    for path in files("rules") {
        let text = read(&path);
        let id = path.trim_start_matches("rules/").trim_end_matches(".md");
        let severity = text.lines().find_map(|l| l.strip_prefix("Severity: ")).unwrap_or("?");
        let _ = writeln!(out, "- `{id}` ({severity})");
    }
    out.push_str("\nCorpus:\n\n");
    let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in files("corpus") {
        let parts: Vec<&str> = path.split('/').collect();
        let [_, folder, name, ..] = parts[..] else { continue };
        let names = folders.entry(folder.to_string()).or_default();
        let name = name.trim_end_matches(".go").trim_end_matches(".out").to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    for (folder, names) in folders {
        let _ = writeln!(out, "- `corpus/{folder}` ({}): {}", names.len(), names.join(", "));
    }
    out
}

#[test]
fn the_manifest_has_the_inventory_of_the_folders() {
    let text = read("MANIFEST.md");
    let (before, written) = text.split_once(START).expect("MANIFEST.md has an inventory");
    let true_one = inventory();
    if std::env::var_os("GORACE_BLESS").is_some_and(|v| v == "1") {
        std::fs::write(root().join("MANIFEST.md"), format!("{before}{START}{true_one}")).unwrap();
        return;
    }
    assert!(
        written == true_one,
        "MANIFEST.md does not list what the folders hold; write it anew with\n\tGORACE_BLESS=1 cargo test --release -p gorace-harness tidy"
    );
}

#[test]
fn documents_mention_only_paths_that_exist() {
    let quoted = regex(r"`((?:src|docs|rules|corpus|benches|snapshots|\.ci)/[\w./-]*|[\w-]+\.(?:md|toml))`");
    let link = regex(r"\]\(([^)#:]+)\)");
    let mut complaints = Vec::new();
    for document in DOCUMENTS {
        let text = read(document);
        let folder = Path::new(document).parent().unwrap_or(Path::new(""));
        let near = |path: &str| root().join(folder).join(path).exists();
        for found in quoted.captures_iter(&text).filter(|c| !near(&c[1]) && !root().join(&c[1]).exists()) {
            complaints.push(format!("{document}: there is no {}", &found[1]));
        }
        for found in link.captures_iter(&text).filter(|c| !near(&c[1])) {
            complaints.push(format!("{document}: a link to {}, which is not there", &found[1]));
        }
    }
    none(&complaints);
}

/// A command's long flags, those of its own commands included.
fn flags(command: &clap::Command) -> BTreeSet<String> {
    let own = command.get_arguments().filter(|a| !a.is_hide_set()).filter_map(|a| a.get_long()).map(str::to_string);
    let nested: Vec<String> = command.get_subcommands().flat_map(flags).collect();
    own.chain(nested).collect()
}

#[test]
fn the_readme_names_the_commands_and_flags_that_exist() {
    let text = read("README.md");
    let command = gorace_cli::command();
    let invocation = regex(r"(?:gorace|cargo run --release --) +([a-z]+)([^`\n]*)");
    let flag = regex(r"--([a-z][a-z-]*)");
    let mut complaints = Vec::new();
    // In code only: prose says "gorace finds".
    let code = regex(r"(?s)```.*?```|`[^`\n]+`");
    let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for found in code.find_iter(&text).flat_map(|c| invocation.captures_iter(c.as_str())) {
        let Some(sub) = command.find_subcommand(&found[1]) else {
            complaints.push(format!("README.md: there is no `gorace {}`", &found[1]));
            continue;
        };
        let known = flags(sub);
        for flag in flag.captures_iter(&found[2]).map(|c| c[1].to_string()) {
            if !known.contains(&flag) {
                complaints.push(format!("README.md: `gorace {}` has no --{flag}", &found[1]));
            }
        }
        named.entry(found[1].to_string()).or_default();
    }
    for sub in command.get_subcommands().filter(|s| !s.is_hide_set()) {
        if !named.contains_key(sub.get_name()) {
            complaints.push(format!("README.md: nothing is said of `gorace {}`", sub.get_name()));
        }
        for flag in flags(sub).iter().filter(|f| !text.contains(&format!("`--{f}"))) {
            complaints.push(format!("README.md: nothing is said of --{flag} of `gorace {}`", sub.get_name()));
        }
    }
    none(&complaints);
}

#[test]
fn documents_name_the_binaries_of_the_suites() {
    let bins: BTreeSet<String> = regex(r#"(?m)^\[\[bin\]\]\nname = "([\w-]+)""#)
        .captures_iter(&read("src/harness/Cargo.toml"))
        .map(|c| c[1].to_string())
        .collect();
    let documents: String = DOCUMENTS.iter().map(|d| read(d)).collect();
    let mentioned: BTreeSet<String> =
        regex(r"target/release/([\w-]+)").captures_iter(&documents).map(|c| c[1].to_string()).collect();
    let known: BTreeSet<String> = bins.iter().cloned().chain(["gorace".to_string()]).collect();
    none(&mentioned.difference(&known).map(|m| format!("there is no target/release/{m}")).collect::<Vec<_>>());
    none(
        &bins
            .difference(&mentioned)
            .map(|m| format!("no document says what target/release/{m} does"))
            .collect::<Vec<_>>(),
    );
}
