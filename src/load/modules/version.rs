//! Semantic versions of modules, Go versions, and module paths in the cache's spelling.

use std::cmp::Ordering;

/// The parts of `v1.2.3-pre+meta`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Parts<'v> {
    numbers: [&'v str; 3],
    prerelease: &'v str,
    build: &'v str,
}

fn parts(version: &str) -> Option<Parts<'_>> {
    let text = version.strip_prefix('v')?;
    let (text, build) = text.split_once('+').unwrap_or((text, ""));
    let (numbers, prerelease) = text.split_once('-').unwrap_or((text, ""));
    let mut fields = numbers.split('.');
    let mut next = || {
        let n = fields.next()?;
        let valid = !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) && (n == "0" || !n.starts_with('0'));
        valid.then_some(n)
    };
    let numbers = [next()?, next()?, next()?];
    fields.next().is_none().then_some(Parts { numbers, prerelease, build })
}

/// Whether this is a full version, as go.mod must name them.
pub fn is_canonical(version: &str) -> bool {
    parts(version).is_some_and(|p| matches!(p.build, "" | "incompatible"))
}

/// The major version's number.
pub fn major(version: &str) -> Option<&str> {
    parts(version).map(|p| p.numbers[0])
}

fn number(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Precedence as semver 2.0 has it; what is no version comes first.
pub fn compare(a: &str, b: &str) -> Ordering {
    match (parts(a), parts(b)) {
        (None, None) => Ordering::Equal,
        (None, _) => Ordering::Less,
        (_, None) => Ordering::Greater,
        (Some(a), Some(b)) => {
            let numbers = a.numbers.iter().zip(b.numbers).map(|(x, y)| number(x, y)).find(|o| o.is_ne());
            numbers.unwrap_or_else(|| prerelease(a.prerelease, b.prerelease))
        }
    }
}

fn prerelease(a: &str, b: &str) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let (mut x, mut y) = (a.split('.'), b.split('.'));
    loop {
        match (x.next(), y.next()) {
            (None, None) => return Ordering::Equal,
            (None, _) => return Ordering::Less,
            (_, None) => return Ordering::Greater,
            (Some(x), Some(y)) => {
                let numeric = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
                let order = match (numeric(x), numeric(y)) {
                    (true, true) => number(x, y),
                    (true, false) => Ordering::Less,
                    (false, true) => Ordering::Greater,
                    (false, false) => x.cmp(y),
                };
                if order.is_ne() {
                    return order;
                }
            }
        }
    }
}

/// N of a go version 1.N, with a patch or release candidate behind it.
pub fn go_minor(version: &str) -> Option<u32> {
    let rest = version.strip_prefix("1.")?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (minor, rest) = rest.split_at(digits);
    let patch = rest.strip_prefix('.').or_else(|| rest.strip_prefix("rc")).or_else(|| rest.strip_prefix("beta"));
    let valid = rest.is_empty() || patch.is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
    if valid { minor.parse().ok() } else { None }
}

/// Capitals become `!` and the small letter: the cache works on file systems that do not tell them apart.
pub fn escape(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        if c.is_ascii_uppercase() {
            out.push('!');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Why a module path cannot have this version: its major version must stand in the path from v2 on.
pub fn mismatch(path: &str, version: &str) -> Option<String> {
    let Some(major) = major(version) else { return Some("must be of the form v1.2.3".to_string()) };
    let last = path.rsplit('/').next().unwrap_or(path);
    let of_path = if path.starts_with("gopkg.in/") {
        last.rsplit_once(".v").map(|(_, n)| n.trim_end_matches("-unstable"))
    } else {
        last.strip_prefix('v').filter(|n| n.bytes().all(|b| b.is_ascii_digit()) && !n.is_empty())
    };
    match of_path {
        Some(n) if path.starts_with("gopkg.in/") && n == "1" && major == "0" => None,
        Some(n) if n == major => None,
        Some(n) => Some(format!("should be v{n}, not v{major}")),
        None if matches!(major, "0" | "1") || version.ends_with("+incompatible") => None,
        None => Some(format!("should be v0 or v1, not v{major}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered() {
        let sorted = [
            "bad",
            "v0.0.0-20190101000000-abcdefabcdef",
            "v0.1.0",
            "v1.0.0-alpha",
            "v1.0.0-alpha.1",
            "v1.0.0-alpha.beta",
            "v1.0.0-beta.2",
            "v1.0.0-beta.11",
            "v1.0.0",
            "v1.2.0",
            "v1.10.0",
            "v2.0.0+incompatible",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(compare(a, b), i.cmp(&j), "{a} {b}");
            }
        }
        assert!(!is_canonical("v1") && !is_canonical("v01.2.3") && is_canonical("v1.2.3"));
    }

    #[test]
    fn go_versions_and_majors() {
        assert_eq!(go_minor("1.24"), Some(24));
        assert_eq!(go_minor("1.27.3"), Some(27));
        assert_eq!(go_minor("1.21rc2"), Some(21));
        assert!(go_minor("1.x").is_none() && go_minor("2.1").is_none() && go_minor("1.21.x").is_none());
        assert_eq!(mismatch("a.b/c", "v2.0.0").unwrap(), "should be v0 or v1, not v2");
        assert_eq!(mismatch("a.b/c/v3", "v2.0.0").unwrap(), "should be v3, not v2");
        assert!(mismatch("a.b/c/v2", "v2.0.0").is_none() && mismatch("gopkg.in/yaml.v3", "v3.0.1").is_none());
        assert!(mismatch("a.b/c", "v2.0.0+incompatible").is_none());
        assert_eq!(escape("github.com/BurntSushi/toml"), "github.com/!burnt!sushi/toml");
    }
}
