//! Build constraints: `//go:build` expressions and file-name suffixes, for linux/amd64 with the selection of files that
//! needs no assembly (a few packages of std are evaluated as if for another architecture).

use gorace_syntax::build_constraint::Constraint;
use std::collections::HashSet;

/// What is being built for.
#[derive(Debug, Clone)]
pub struct Context {
    pub arch: &'static str,
    pub tags: HashSet<String>,
    pub go_minor: u32,
}

const SYSTEMS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
];

const ARCHITECTURES: &[&str] = &[
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

const UNIX: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "linux",
    "netbsd",
    "openbsd",
    "solaris",
];

impl Context {
    /// The context of a package, with the user's tags.
    pub fn of(path: &str, go_minor: u32, user_tags: &[String]) -> Context {
        let arch = match path {
            "internal/abi" | "internal/bytealg" | "internal/chacha8rand" | "math" | "hash/crc32" | "reflect" => {
                "gorace"
            }
            "internal/cpu" => "wasm",
            "internal/runtime/maps" => "riscv64",
            "vendor/golang.org/x/sys/cpu" | "golang.org/x/sys/cpu" => "mips64le",
            _ => "amd64",
        };
        let mut tags: HashSet<String> = ["race", "math_big_pure_go", "gc"].iter().map(|t| t.to_string()).collect();
        // On by default since 1.27.
        let newer: &[&str] = if go_minor >= 27 { &["jsonv2", "sizespecializedmalloc"] } else { &[] };
        for experiment in newer.iter().copied().chain([
            "greenteagc",
            "randomizedheapbase64",
            "aliastypeparams",
            "dwarf5",
            "spinbitmutex",
            "swissmap",
            "synchashtriemap",
            "coverageredesign",
        ]) {
            tags.insert(format!("goexperiment.{experiment}"));
        }
        tags.extend(user_tags.iter().cloned());
        Context { arch, tags, go_minor }
    }

    /// Of a package that has assembly, where it lets one choose: assembly is not read. A package without has what Go gives it; the same tags
    /// may stand for less of its own (go-cmp's `purego` does without package unsafe, and without unexported fields).
    #[must_use]
    pub fn without_assembly(mut self) -> Context {
        self.tags.extend(["purego", "noasm"].map(String::from));
        self
    }

    fn has(&self, tag: &str) -> bool {
        if tag == "linux" || tag == self.arch || self.tags.contains(tag) {
            return true;
        }
        if tag == "unix" {
            return UNIX.contains(&"linux");
        }
        tag.strip_prefix("go1.").and_then(|n| n.parse::<u32>().ok()).is_some_and(|n| n <= self.go_minor)
    }

    /// Whether a file's name allows it.
    pub fn matches_name(&self, name: &str) -> bool {
        let stem = name.split('.').next().unwrap_or(name);
        let stem = stem.strip_suffix("_test").unwrap_or(stem);
        let Some((_, rest)) = stem.split_once('_') else { return true };
        let parts: Vec<&str> = rest.split('_').collect();
        let n = parts.len();
        if n >= 2 && SYSTEMS.contains(&parts[n - 2]) && ARCHITECTURES.contains(&parts[n - 1]) {
            return parts[n - 2] == "linux" && parts[n - 1] == self.arch;
        }
        let last = parts[n - 1];
        if SYSTEMS.contains(&last) {
            return last == "linux";
        }
        if ARCHITECTURES.contains(&last) {
            return last == self.arch;
        }
        true
    }

    /// Whether a constraint holds.
    pub fn allows(&self, constraint: &Constraint) -> bool {
        constraint.holds(&|tag| self.has(tag))
    }
}

/// The constraint that a file's leading comments state, if any: its `//go:build` line, or else its `// +build` lines
/// (these only before a blank line, as the go command has it).
///
/// # Errors
/// When the line cannot be understood, or there are several.
pub fn of_text(text: &[u8]) -> Result<Option<Constraint>, String> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut build: Option<&[u8]> = None;
    let mut plus: Vec<&[u8]> = Vec::new();
    let mut settled = 0;
    let mut in_comment = false;
    let mut only_line_comments = true;
    'lines: for line in text.split(|&c| c == b'\n') {
        let mut line = line.trim_ascii();
        if line.is_empty() {
            if only_line_comments {
                settled = plus.len();
            }
            continue;
        }
        if !line.starts_with(b"//") {
            only_line_comments = false;
        }
        if !in_comment && let Some(rest) = line.strip_prefix(b"//go:build") {
            if rest.first().is_none_or(u8::is_ascii_whitespace) {
                if build.replace(rest).is_some() {
                    return Err("multiple //go:build comments".to_string());
                }
                continue;
            }
        } else if only_line_comments
            && let Some(rest) = line[2..].trim_ascii().strip_prefix(b"+build")
            && rest.first().is_none_or(u8::is_ascii_whitespace)
        {
            plus.push(rest);
        }
        while !line.is_empty() {
            if in_comment {
                let Some(end) = line.windows(2).position(|w| w == b"*/") else { continue 'lines };
                in_comment = false;
                line = line[end + 2..].trim_ascii();
            } else if line.starts_with(b"//") {
                continue 'lines;
            } else if let Some(rest) = line.strip_prefix(b"/*") {
                in_comment = true;
                line = rest;
            } else {
                break 'lines;
            }
        }
    }
    if let Some(words) = build {
        let constraint = Constraint::parse(&String::from_utf8_lossy(words));
        return constraint.map(Some).map_err(|e| format!("parsing //go:build line: {e}"));
    }
    plus.truncate(settled);
    let all = plus.iter().filter_map(|words| Constraint::parse_plus_build(&String::from_utf8_lossy(words)));
    Ok(all.reduce(|x, y| Constraint::And(Box::new(x), Box::new(y))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_lines_select_files() {
        let context = Context::of("x", 27, &[]);
        assert!(context.matches_name("a_linux_amd64.go") && context.matches_name("linux.go"));
        assert!(!context.matches_name("a_windows.go") && !context.matches_name("a_arm64.go"));
        let allows = |text: &[u8]| of_text(text).unwrap().is_none_or(|c| context.allows(&c));
        assert!(allows(b"// c\n\n//go:build race && !cgo && go1.26\n\npackage x"));
        assert!(!allows(b"//go:build !(linux || darwin)\npackage x"));
        assert!(!allows(b"/* a\n b */ //x\n/*y*/\n//go:build ignore\npackage x"));
        assert!(allows(b"/* a\n//go:build ignore\n*/\npackage x"));
        assert!(!allows(b"// +build windows\n\npackage x") && allows(b"// +build windows\npackage x"));
        assert!(allows(b"// +build windows\n\n//go:build linux\npackage x"));
        assert!(of_text(b"//go:build a\n//go:build b\npackage x").is_err());
        assert!(of_text(b"//go:build a b\npackage x").is_err());
    }
}
