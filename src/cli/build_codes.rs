//! Embeds the parts of docs/ERRORS.md into the binary.

use std::path::Path;

fn main() {
    // Asked for when it runs: the folder that this script was compiled in may be gone.
    let own = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
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
        "/// Codes of the checker's errors and their parts of the page.\nconst CODES: &[(&str, &str)] = &{codes:?};\n"
    );
    let out = std::env::var("OUT_DIR").unwrap_or_default();
    if let Err(e) = std::fs::write(Path::new(&out).join("codes.rs"), code) {
        println!("cargo::error=cannot write codes.rs: {e}");
    }
}
