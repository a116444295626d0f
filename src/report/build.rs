//! Embeds the pages of `rules/`: what the head of each says, as a table, and the page itself.

use std::path::Path;

fn main() {
    // Asked for when it runs: the folder that this script was compiled in may be gone.
    let own = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let folder = Path::new(&own).join("../../rules");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut rules: Vec<(String, String)> = Vec::new();
    for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|e| e != "md") {
            continue;
        }
        println!("cargo::rerun-if-changed={}", path.display());
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let id = path.file_stem().unwrap_or_default().to_string_lossy().to_string();
        match rule(&id, &text) {
            Ok(rule) => rules.push(rule),
            Err(what) => println!("cargo::error={}: {what}", path.display()),
        }
    }
    if rules.is_empty() {
        println!("cargo::error=no rules in {}", folder.display());
    }
    rules.sort();
    if let Some(pair) = rules.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        println!("cargo::error=two rules have the code {}", pair[0].0);
    }
    let rules: Vec<String> = rules.into_iter().map(|(_, rule)| rule).collect();
    let code =
        format!("/// All rules, in the order of their codes.\npub const ALL: &[Rule] = &[{}];\n", rules.join(", "));
    let out = std::env::var("OUT_DIR").unwrap_or_default();
    if let Err(e) = std::fs::write(Path::new(&out).join("rules.rs"), code) {
        println!("cargo::error=cannot write rules.rs: {e}");
    }
}

/// A page's short code, and the rule as Rust.
fn rule(id: &str, page: &str) -> Result<(String, String), String> {
    let field = |name: &str| {
        let mut lines = page.lines().take_while(|l| !l.starts_with("## "));
        let value = lines.find_map(|l| l.strip_prefix(name)?.strip_prefix(": "));
        value.map(str::to_string).ok_or_else(|| format!("the head has no line `{name}: …`"))
    };
    let (code, severity, mend) = (field("Code")?, field("Severity")?, field("Mend")?);
    let severity = match severity.as_str() {
        "error" => "Error",
        "warning" => "Warning",
        _ => return Err(format!("severity {severity} is neither error nor warning")),
    };
    let what = page.split("\n## What\n\n").nth(1).and_then(|t| t.split("\n\n").next()).ok_or("no part `## What`")?;
    let what = what.split_whitespace().collect::<Vec<_>>().join(" ");
    let summary = what.split(". ").next().unwrap_or(&what).trim_end_matches('.');
    let also = field("Also reported").unwrap_or_default();
    Ok((
        code.clone(),
        format!(
            "Rule {{ id: {id:?}, code: {code:?}, severity: Severity::{severity}, summary: {summary:?}, mend: {mend:?}, also: {also:?}, page: {page:?} }}"
        ),
    ))
}
