//! The go command's settings: environment variables, over the file that `go env -w` writes.

use std::collections::HashMap;
use std::path::PathBuf;

/// Where packages may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ModuleMode {
    /// `-mod=vendor` if the main module has a vendor folder, else as `Modules`.
    #[default]
    Automatic,
    Vendor,
    /// `-mod=mod` and `-mod=readonly`: from the module cache.
    Modules,
}

/// The settings that matter here.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    pub module_cache: Option<PathBuf>,
    /// `GOWORK`: `off`, a file, or empty.
    pub workspace: String,
    pub mode: ModuleMode,
    /// `-tags` of GOFLAGS.
    pub tags: Vec<String>,
    /// `-modfile` of GOFLAGS.
    pub modfile: Option<PathBuf>,
}

/// The words of GOFLAGS.
pub fn go_flags() -> Vec<String> {
    split_words(&setting("GOFLAGS"))
}

/// A setting of the go command, of this process or of the file that `go env -w` writes.
pub fn setting(key: &str) -> String {
    with_settings(|get, _| get(key))
}

/// Calls `with` with a way to read settings, and the home folder.
fn with_settings<T>(with: impl FnOnce(&dyn Fn(&str) -> String, Option<PathBuf>) -> T) -> T {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|p| p.is_absolute());
    let config = config.or_else(|| home.as_ref().map(|h| h.join(".config")));
    let file = match std::env::var("GOENV") {
        Ok(off) if off == "off" => None,
        Ok(path) if !path.is_empty() => Some(PathBuf::from(path)),
        _ => config.map(|c| c.join("go/env")),
    };
    let written = file.and_then(|f| std::fs::read_to_string(f).ok()).unwrap_or_default();
    let written: HashMap<&str, &str> =
        written.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split_once('=')).collect();
    let get = |key: &str| {
        let own = std::env::var(key).ok().filter(|v| !v.is_empty());
        own.or_else(|| written.get(key).map(|v| v.to_string())).unwrap_or_default()
    };
    with(&get, home)
}

impl Environment {
    /// The settings of this process.
    pub fn of_process() -> Environment {
        with_settings(Environment::from)
    }

    fn from(get: &dyn Fn(&str) -> String, home: Option<PathBuf>) -> Environment {
        let cache = get("GOMODCACHE");
        let gopath = get("GOPATH");
        let gopath = gopath.split(':').next().filter(|p| !p.is_empty()).map(PathBuf::from);
        let module_cache = if cache.is_empty() {
            gopath.or_else(|| home.map(|h| h.join("go"))).map(|p| p.join("pkg/mod"))
        } else {
            Some(PathBuf::from(cache))
        };
        let mut environment = Environment { module_cache, workspace: get("GOWORK"), ..Environment::default() };
        for flag in split_words(&get("GOFLAGS")) {
            let flag = flag.trim_start_matches('-');
            match flag.split_once('=') {
                Some(("mod", "vendor")) => environment.mode = ModuleMode::Vendor,
                Some(("mod", _)) => environment.mode = ModuleMode::Modules,
                Some(("tags", tags)) => environment.tags = split_tags(tags),
                Some(("modfile", file)) => environment.modfile = Some(PathBuf::from(file)),
                // Flags of other commands may stand here as well.
                _ => {}
            }
        }
        environment
    }
}

/// The tags of a `-tags` flag: separated by commas, or by blanks as of old.
pub fn split_tags(tags: &str) -> Vec<String> {
    tags.split([',', ' ', '\t']).filter(|t| !t.is_empty()).map(str::to_string).collect()
}

/// Words separated by blanks; a word that begins with a quote ends with it.
pub fn split_words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, behind) = if matches!(first, '"' | '\'') {
            rest[1..].split_once(first).unwrap_or((&rest[1..], ""))
        } else {
            rest.split_once(char::is_whitespace).unwrap_or((rest, ""))
        };
        out.push(word.to_string());
        rest = behind.trim_start();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_folders() {
        let get = |key: &str| match key {
            "GOFLAGS" => "-mod=vendor '-tags=a b,c' -race".to_string(),
            "GOPATH" => "/g:/h".to_string(),
            _ => String::new(),
        };
        let environment = Environment::from(&get, Some(PathBuf::from("/home/x")));
        assert_eq!(environment.mode, ModuleMode::Vendor);
        assert_eq!(environment.tags, ["a", "b", "c"]);
        assert_eq!(environment.module_cache, Some(PathBuf::from("/g/pkg/mod")));
        let environment = Environment::from(&|_| String::new(), Some(PathBuf::from("/home/x")));
        assert_eq!(environment.module_cache, Some(PathBuf::from("/home/x/go/pkg/mod")));
    }
}
