//! Renderers: one a file; they see only findings.

pub mod go;
pub mod json;
pub mod short;
pub mod text;

use gorace_base::finding::Finding;

/// Turns colours on or off; without this the terminal and the environment decide.
pub fn set_colour(on: bool) {
    colored::control::set_override(on);
}

/// How to render.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Go,
    Short,
    Json,
}

/// Renders findings in a format.
pub fn render(format: Format, findings: &[Finding], read: &dyn Fn(&str) -> Option<String>) -> String {
    match format {
        Format::Text => findings.iter().map(|f| text::finding(f, read)).collect(),
        Format::Go => findings.iter().map(go::finding).collect(),
        Format::Short => findings.iter().map(short::finding).collect(),
        Format::Json => findings.iter().map(json::finding).collect(),
    }
}

/// A path as a reader wants it: relative to the current folder where it lies inside.
pub(crate) fn shown_path(path: &str) -> String {
    let Ok(here) = std::env::current_dir() else { return path.to_string() };
    std::path::Path::new(path).strip_prefix(&here).map_or_else(|_| path.to_string(), |p| p.display().to_string())
}
