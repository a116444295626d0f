//! Embeds the pages of `rules/` into the binary.

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
    let code = format!("/// Rule ids and pages.\nconst RULES: &[(&str, &str)] = &{pages:?};\n");
    let out = std::env::var("OUT_DIR").unwrap_or_default();
    if let Err(e) = std::fs::write(Path::new(&out).join("rules.rs"), code) {
        println!("cargo::error=cannot write rules.rs: {e}");
    }
}
