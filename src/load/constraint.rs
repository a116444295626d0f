//! Build constraints: `//go:build` expressions and file-name suffixes, for linux/amd64 with the selection of files that
//! needs no assembly (a few packages of std are evaluated as if for another architecture).

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
            "vendor/golang.org/x/sys/cpu" => "mips64le",
            _ => "amd64",
        };
        let mut tags: HashSet<String> =
            ["race", "purego", "math_big_pure_go", "gc"].iter().map(|t| t.to_string()).collect();
        for experiment in [
            "jsonv2",
            "greenteagc",
            "randomizedheapbase64",
            "sizespecializedmalloc",
            "aliastypeparams",
            "dwarf5",
            "spinbitmutex",
            "swissmap",
            "synchashtriemap",
            "coverageredesign",
        ] {
            tags.insert(format!("goexperiment.{experiment}"));
        }
        tags.extend(user_tags.iter().cloned());
        Context { arch, tags, go_minor }
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
        let stem = name.strip_suffix(".go").unwrap_or(name);
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

    /// Whether a file's `//go:build` line (in its leading comments) allows it.
    pub fn matches_text(&self, text: &[u8]) -> bool {
        for line in text.split(|&c| c == b'\n') {
            let line = line.trim_ascii();
            if line.is_empty() || line.starts_with(b"/*") || line.starts_with(b"*") {
                continue;
            }
            if !line.starts_with(b"//") {
                break;
            }
            if let Some(expr) = line.strip_prefix(b"//go:build ") {
                let expr = String::from_utf8_lossy(expr);
                return Parser { text: expr.as_bytes(), at: 0, context: self }.or();
            }
        }
        true
    }
}

struct Parser<'p> {
    text: &'p [u8],
    at: usize,
    context: &'p Context,
}

impl Parser<'_> {
    fn skip(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn eat(&mut self, token: &[u8]) -> bool {
        self.skip();
        if self.text[self.at..].starts_with(token) {
            self.at += token.len();
            return true;
        }
        false
    }

    fn or(&mut self) -> bool {
        let mut value = self.and();
        while self.eat(b"||") {
            let right = self.and();
            value = value || right;
        }
        value
    }

    fn and(&mut self) -> bool {
        let mut value = self.not();
        while self.eat(b"&&") {
            let right = self.not();
            value = value && right;
        }
        value
    }

    fn not(&mut self) -> bool {
        if self.eat(b"!") {
            return !self.not();
        }
        if self.eat(b"(") {
            let value = self.or();
            self.eat(b")");
            return value;
        }
        self.skip();
        let start = self.at;
        while self.text.get(self.at).is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.')) {
            self.at += 1;
        }
        if self.at == start {
            self.at = self.text.len();
            return false;
        }
        let tag = String::from_utf8_lossy(&self.text[start..self.at]).to_string();
        self.context.has(&tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_lines_select_files() {
        let context = Context::of("x", 27, &[]);
        assert!(context.matches_name("a_linux_amd64.go") && context.matches_name("linux.go"));
        assert!(!context.matches_name("a_windows.go") && !context.matches_name("a_arm64.go"));
        assert!(context.matches_text(b"// c\n\n//go:build race && !cgo && go1.26\n\npackage x"));
        assert!(!context.matches_text(b"//go:build !(linux || darwin)\npackage x"));
    }
}
