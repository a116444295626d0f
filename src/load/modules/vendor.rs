//! vendor/modules.txt: which module each vendored package comes from, and whether the folder agrees with go.mod.

use super::file::{ModuleFile, Replacement};
use super::version;
use std::collections::HashMap;

/// A module of modules.txt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VendoredModule {
    pub path: String,
    pub version: String,
    pub explicit: bool,
    pub go_minor: Option<u32>,
    /// Stands for a version that is replaced.
    pub replaced: bool,
}

/// The whole list.
#[derive(Debug, Default)]
pub struct Vendored {
    pub modules: Vec<VendoredModule>,
    /// Package path to the index of its module.
    pub packages: HashMap<String, usize>,
}

/// Reads modules.txt.
pub fn parse(text: &str) -> Vendored {
    let mut out = Vendored::default();
    let mut current = None;
    for line in text.lines() {
        if let Some(annotations) = line.strip_prefix("## ") {
            let Some(module) = current.and_then(|at: usize| out.modules.get_mut(at)) else { continue };
            for annotation in annotations.split(';') {
                match annotation.trim().split_once(' ') {
                    None if annotation.trim() == "explicit" => module.explicit = true,
                    Some(("go", v)) => module.go_minor = version::go_minor(v.trim()),
                    _ => {}
                }
            }
        } else if let Some(words) = line.strip_prefix("# ") {
            let words: Vec<&str> = words.split_whitespace().collect();
            let replaced = words.contains(&"=>");
            let v = words.get(1).filter(|v| **v != "=>").copied().unwrap_or("");
            out.modules.push(VendoredModule {
                path: words.first().copied().unwrap_or("").to_string(),
                version: v.to_string(),
                replaced,
                ..VendoredModule::default()
            });
            current = Some(out.modules.len() - 1);
        } else if !line.is_empty()
            && !line.starts_with('#')
            && let Some(at) = current
        {
            out.packages.insert(line.to_string(), at);
        }
    }
    out
}

/// How the folder and the main module's file differ.
pub fn inconsistencies(vendored: &Vendored, file: &ModuleFile) -> Vec<String> {
    let mut out = Vec::new();
    let pruned = super::selection::is_pruned(file);
    for r in &file.require {
        let found = vendored.modules.iter().find(|m| m.path == r.path && m.version == r.version);
        match found {
            Some(m) if m.explicit || !pruned => {}
            _ => out.push(format!(
                "{}@{}: is explicitly required in go.mod, but not marked as explicit in vendor/modules.txt",
                r.path, r.version
            )),
        }
    }
    for m in vendored.modules.iter().filter(|m| m.explicit && !m.version.is_empty()) {
        if !file.require.iter().any(|r| r.path == m.path && r.version == m.version) {
            out.push(format!(
                "{}@{}: is marked as explicit in vendor/modules.txt, but not explicitly required in go.mod",
                m.path, m.version
            ));
        }
        if m.replaced && !file.replace.iter().any(|r| replaces(r, &m.path, &m.version)) {
            out.push(format!(
                "{}@{}: is marked as replaced in vendor/modules.txt, but not replaced in go.mod",
                m.path, m.version
            ));
        }
    }
    out
}

/// Whether a replacement concerns this version.
pub fn replaces(r: &Replacement, path: &str, version: &str) -> bool {
    r.path == path && r.version.as_deref().is_none_or(|v| v == version)
}

#[cfg(test)]
mod tests {
    use super::super::file::{Kind, parse as parse_file};
    use super::*;
    use std::path::Path;

    #[test]
    fn packages_belong_to_modules() {
        let text = "# a.b/c v1.2.3\n## explicit; go 1.20\na.b/c\na.b/c/d\n# a.b/e v1.0.0 => ../e\n## explicit\na.b/e\n";
        let vendored = parse(text);
        assert_eq!(vendored.packages["a.b/c/d"], 0);
        assert_eq!((vendored.modules[0].go_minor, vendored.modules[1].replaced), (Some(20), true));
        let file = |text: &str| parse_file(text, Path::new("go.mod"), Kind::Main).unwrap();
        let good = file("go 1.20\nrequire a.b/c v1.2.3\nrequire a.b/e v1.0.0\nreplace a.b/e => ../e");
        assert_eq!(inconsistencies(&vendored, &good), [""; 0]);
        let bad = file("go 1.20\nrequire a.b/c v1.2.4");
        assert_eq!(
            inconsistencies(&vendored, &bad)[0],
            "a.b/c@v1.2.4: is explicitly required in go.mod, but not marked as explicit in vendor/modules.txt"
        );
        assert_eq!(inconsistencies(&vendored, &bad).len(), 4);
    }
}
