//! Which import paths a file may have, by the go command's rules (golang.org/x/mod/module.CheckImportPath, go/build): what else is written
//! names no package, least of all a folder outside of its module.

/// Names that are files of Windows, whatever stands behind a dot.
const WINDOWS: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// Why nothing can be imported by this path, in Go's words.
pub fn refused(path: &str) -> Option<String> {
    let illegal = |c: char| c.is_control() || c.is_whitespace() || "!\"#$%&'()*,:;<=>?[\\]^{|}`\u{fffd}".contains(c);
    if path.is_empty() || path.contains(illegal) {
        return Some(format!("invalid import path: {path}"));
    }
    if path.contains('@') {
        let rule = "can only use path@version syntax with 'go get' and 'go install' in module-aware mode";
        return Some(format!("{path}: {rule}"));
    }
    if path.starts_with("./") || path.starts_with("../") || path == "." || path == ".." {
        return Some(format!("\"{path}\" is relative, but relative import paths are not supported in module mode"));
    }
    if path.starts_with('/') {
        return Some(format!("\"{path}\" is not a package path; see 'go help packages'"));
    }
    malformed(path).map(|why| format!("malformed import path \"{path}\": {why}"))
}

fn malformed(path: &str) -> Option<String> {
    if path.starts_with('-') {
        return Some("leading dash".to_string());
    }
    if path.contains("//") {
        return Some("double slash".to_string());
    }
    if path.ends_with('/') {
        return Some("trailing slash".to_string());
    }
    path.split('/').find_map(malformed_element)
}

fn malformed_element(element: &str) -> Option<String> {
    if element.bytes().all(|b| b == b'.') {
        return Some(format!("invalid path element \"{element}\""));
    }
    if element.ends_with('.') {
        return Some("trailing dot in path element".to_string());
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~+".contains(c);
    if let Some(c) = element.chars().find(|&c| !allowed(c)) {
        return Some(format!("invalid char '{c}'"));
    }
    let stem = element.split('.').next().unwrap_or(element);
    if WINDOWS.iter().any(|name| name.eq_ignore_ascii_case(stem)) {
        return Some(format!("\"{stem}\" disallowed as path element component on Windows"));
    }
    let digits = stem.rsplit_once('~').map(|(_, digits)| digits);
    if digits.is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit())) {
        return Some("trailing tilde and digits in path element".to_string());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::refused;

    #[test]
    fn paths_are_refused_with_gos_words() {
        let cases = [
            ("m/../outside", "malformed import path \"m/../outside\": invalid path element \"..\""),
            ("m//in", "malformed import path \"m//in\": double slash"),
            ("m/./in", "malformed import path \"m/./in\": invalid path element \".\""),
            ("m/in/", "malformed import path \"m/in/\": trailing slash"),
            ("m/.../in", "malformed import path \"m/.../in\": invalid path element \"...\""),
            ("m/in.", "malformed import path \"m/in.\": trailing dot in path element"),
            ("m/Con.x", "malformed import path \"m/Con.x\": \"Con\" disallowed as path element component on Windows"),
            ("m/in~1", "malformed import path \"m/in~1\": trailing tilde and digits in path element"),
            ("m/ïn", "malformed import path \"m/ïn\": invalid char 'ï'"),
            ("-m/in", "malformed import path \"-m/in\": leading dash"),
            ("fmt/", "malformed import path \"fmt/\": trailing slash"),
            ("", "invalid import path: "),
            ("m in", "invalid import path: m in"),
            ("m\\in", "invalid import path: m\\in"),
            ("m/in,x", "invalid import path: m/in,x"),
            ("/m/in", "\"/m/in\" is not a package path; see 'go help packages'"),
            ("../in", "\"../in\" is relative, but relative import paths are not supported in module mode"),
        ];
        for (path, words) in cases {
            assert_eq!(refused(path).as_deref(), Some(words), "{path}");
        }
        for path in
            ["m/.in", "m/..in", "m/-in", "~m/in", "m/i+n", "m/in~1x", "m/console", "example..com/x", "a.b/c.d/v2"]
        {
            assert_eq!(refused(path), None, "{path}");
        }
    }
}
