//! Embeds the pages of `rules/` and the parts of docs/ERRORS.md into the binary.

use std::path::Path;

fn main() {
    // Asked for when it runs: the folder that this script was compiled in may be gone.
    let own = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let folder = Path::new(&own).join("../../rules");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut pages: Vec<(String, String)> = Vec::new();
    for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|e| e == "md")
            && let (Some(id), Ok(text)) = (path.file_stem().and_then(|s| s.to_str()), std::fs::read_to_string(&path))
        {
            pages.push((id.to_string(), text));
        }
    }
    if pages.is_empty() {
        println!("cargo::error=no rules in {}", folder.display());
    }
    pages.sort();
    let errors = Path::new(&own).join("../../docs/ERRORS.md");
    println!("cargo::rerun-if-changed={}", errors.display());
    let errors = std::fs::read_to_string(&errors).unwrap_or_default();
    let codes: Vec<(&str, String)> = errors
        .split("\n## ")
        .skip(1)
        .filter_map(|part| Some((part.split_once('\n')?.0, format!("# {}\n", part.trim_end()))))
        .collect();
    if codes.is_empty() {
        println!("cargo::error=no codes in docs/ERRORS.md");
    }
    let code = format!(
        "/// Rule ids and pages.\nconst RULES: &[(&str, &str)] = &{pages:?};\n\n/// Codes of the checker's errors and their parts of the page.\nconst CODES: &[(&str, &str)] = &{codes:?};\n"
    );
    let out = std::env::var("OUT_DIR").unwrap_or_default();
    if let Err(e) = std::fs::write(Path::new(&out).join("rules.rs"), code) {
        println!("cargo::error=cannot write rules.rs: {e}");
    }
}
