//! go.mod and go.work: their syntax, and what is wrong with them in the go command's words, with lines.
//!
//! A file is lines of words; a block `verb ( … )` repeats its verb on every line. Files of dependencies are read
//! leniently: directives that only matter to a main module, and unknown ones, say nothing there.

use super::version;
use std::path::Path;

/// A requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    pub path: String,
    pub version: String,
    pub indirect: bool,
}

/// `replace old [version] => new [version]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    pub path: String,
    pub version: Option<String>,
    /// A module path, or a folder where there is no version.
    pub target: String,
    pub target_version: Option<String>,
}

/// What a go.mod or go.work states.
#[derive(Debug, Clone, Default)]
pub struct ModuleFile {
    pub module: Option<String>,
    /// As written: `1.24.0`.
    pub go: Option<String>,
    pub toolchain: Option<String>,
    pub require: Vec<Requirement>,
    pub replace: Vec<Replacement>,
    pub exclude: Vec<(String, String)>,
    pub tool: Vec<String>,
    pub ignore: Vec<String>,
    /// Settings with the numbers of their lines.
    pub godebug: Vec<(String, String, usize)>,
    /// Folders of a go.work.
    pub uses: Vec<String>,
}

/// Which file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Main,
    Dependency,
    Workspace,
}

struct Line {
    number: usize,
    words: Vec<String>,
    indirect: bool,
}

/// Parses a file; `shown` is its name in messages.
///
/// # Errors
/// All that is wrong, one line each.
pub fn parse(text: &str, shown: &Path, kind: Kind) -> Result<ModuleFile, String> {
    let at = |number: usize, message: &str| format!("{}:{number}: {message}", shown.display());
    let wrap = |errors: Vec<String>| {
        let errors: Vec<String> = errors.into_iter().take(10).collect();
        Err(format!("errors parsing {}:\n{}", shown.display(), errors.join("\n")))
    };
    let lines = match split(text, kind) {
        Ok(lines) => lines,
        Err((number, message)) => return wrap(vec![at(number, &message)]),
    };
    let mut file = ModuleFile::default();
    let mut errors = Vec::new();
    for line in lines {
        let words: Vec<&str> = line.words.iter().map(String::as_str).collect();
        if let Err(message) = directive(&mut file, &words, line.indirect, kind) {
            errors.push(at(line.number, &message));
        } else if words[0] == "godebug"
            && let Some(last) = file.godebug.last_mut()
        {
            last.2 = line.number;
        }
    }
    if errors.is_empty() { Ok(file) } else { wrap(errors) }
}

const VERBS: &[&str] =
    &["module", "go", "toolchain", "require", "replace", "exclude", "retract", "tool", "godebug", "ignore", "use"];

/// The lines with their verbs.
fn split(text: &str, kind: Kind) -> Result<Vec<Line>, (usize, String)> {
    let mut out = Vec::new();
    let mut block: Option<(String, usize)> = None;
    let mut count = 0;
    for (at, line) in text.split('\n').enumerate() {
        let number = at + 1;
        count = number;
        let (mut words, comment) = words(line).map_err(|message| (number, message))?;
        if words.is_empty() {
            continue;
        }
        let indirect = comment.trim_start_matches('/').trim().split(';').next().is_some_and(|c| c.trim() == "indirect");
        match &block {
            None if words.len() == 2 && words[1] == "(" => {
                let verb = words.remove(0);
                let blocks = VERBS.contains(&verb.as_str()) && verb != "go" && verb != "toolchain";
                if !blocks && kind != Kind::Dependency {
                    return Err((number, format!("unknown block type: {verb}")));
                }
                block = Some((verb, number));
            }
            Some(_) if words == [")"] => block = None,
            Some((verb, _)) => {
                words.insert(0, verb.clone());
                out.push(Line { number, words, indirect });
            }
            None => out.push(Line { number, words, indirect }),
        }
    }
    match block {
        Some((_, start)) => Err((count, format!("syntax error (unterminated block started at line {start})"))),
        None => Ok(out),
    }
}

/// A line's words and its comment.
fn words(line: &str) -> Result<(Vec<String>, &str), String> {
    let mut out = Vec::new();
    let mut rest = line.trim();
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("//") {
            return Ok((out, rest));
        }
        if rest.starts_with("/*") {
            return Err("mod files must use // comments (not /* */ comments)".to_string());
        }
        let length = match first {
            '"' | '`' => {
                let end = rest[1..].find(first).ok_or("unexpected newline in string")?;
                out.push(rest[1..1 + end].to_string());
                end + 2
            }
            '(' | ')' | ',' | '[' | ']' => {
                out.push(first.to_string());
                1
            }
            _ => {
                let stop = |(at, c): (usize, char)| {
                    (c.is_whitespace() || matches!(c, '(' | ')' | ',' | '[' | ']') || rest[at..].starts_with("//"))
                        .then_some(at)
                };
                let end = rest.char_indices().find_map(stop).unwrap_or(rest.len());
                out.push(rest[..end].to_string());
                end
            }
        };
        rest = rest[length..].trim_start();
    }
    Ok((out, ""))
}

fn is_folder(path: &str) -> bool {
    path == "." || path == ".." || path.starts_with("./") || path.starts_with("../") || path.starts_with('/')
}

fn directive(file: &mut ModuleFile, words: &[&str], indirect: bool, kind: Kind) -> Result<(), String> {
    let verb = words[0];
    let arguments = &words[1..];
    let lenient = kind == Kind::Dependency;
    let known = match kind {
        Kind::Workspace => matches!(verb, "go" | "toolchain" | "godebug" | "use" | "replace"),
        Kind::Main => VERBS.contains(&verb) && verb != "use",
        Kind::Dependency => matches!(verb, "module" | "go" | "require"),
    };
    if !known {
        return if lenient { Ok(()) } else { Err(format!("unknown directive: {verb}")) };
    }
    match (verb, arguments) {
        ("module", [path]) => match file.module.replace(path.to_string()) {
            Some(_) if !lenient => Err("repeated module statement".to_string()),
            _ => Ok(()),
        },
        ("module", _) => Err("usage: module module/path".to_string()),
        ("go", [v]) if version::go_minor(v).is_some() || lenient => match file.go.replace(v.to_string()) {
            Some(_) if !lenient => Err("repeated go statement".to_string()),
            _ => Ok(()),
        },
        ("go", [v]) => Err(format!("invalid go version '{v}': must match format 1.23.0")),
        ("go", _) => Err("go directive expects exactly one argument".to_string()),
        ("toolchain", [v]) if *v == "default" || v.strip_prefix("go").and_then(version::go_minor).is_some() => {
            match file.toolchain.replace(v.to_string()) {
                Some(_) => Err("repeated toolchain statement".to_string()),
                None => Ok(()),
            }
        }
        ("toolchain", [v]) => Err(format!("invalid toolchain version '{v}': must match format go1.23.0 or default")),
        ("toolchain", _) => Err("toolchain directive expects exactly one argument".to_string()),
        ("require", [path, v]) => {
            checked(path, v, "require")?;
            file.require.push(Requirement { path: path.to_string(), version: v.to_string(), indirect });
            Ok(())
        }
        ("require", _) => Err("usage: require module/path v1.2.3".to_string()),
        ("exclude", [path, v]) => {
            checked(path, v, "exclude")?;
            file.exclude.push((path.to_string(), v.to_string()));
            Ok(())
        }
        ("exclude", _) => Err("usage: exclude module/path v1.2.3".to_string()),
        ("replace", _) => {
            file.replace.push(replacement(arguments)?);
            Ok(())
        }
        ("retract", _) => retraction(arguments),
        ("tool", [path]) => {
            file.tool.push(path.to_string());
            Ok(())
        }
        ("ignore", [path]) => {
            file.ignore.push(path.to_string());
            Ok(())
        }
        ("use", [path]) => {
            file.uses.push(path.to_string());
            Ok(())
        }
        ("tool" | "ignore" | "use", _) => Err(format!("{verb} directive expects exactly one argument")),
        ("godebug", [setting]) if setting.contains('=') => {
            let (key, value) = setting.split_once('=').unwrap_or((setting, ""));
            file.godebug.push((key.to_string(), value.to_string(), 0));
            Ok(())
        }
        _ => Err("usage: godebug key=value".to_string()),
    }
}

fn checked(path: &str, v: &str, verb: &str) -> Result<(), String> {
    match version::mismatch(path, v) {
        None if version::is_canonical(v) => Ok(()),
        None => Err(format!("{verb} {path}: version \"{v}\" invalid: must be of the form v1.2.3")),
        Some(why) => Err(format!("{verb} {path}: version \"{v}\" invalid: {why}")),
    }
}

fn replacement(words: &[&str]) -> Result<Replacement, String> {
    let usage = "usage: replace module/path [v1.2.3] => other/module v1.4\n\t or replace module/path [v1.2.3] => ../local/directory";
    let arrow = words.iter().position(|w| *w == "=>").ok_or(usage)?;
    let (path, version) = match &words[..arrow] {
        [path] => (path, None),
        [path, v] => {
            checked(path, v, "replace")?;
            (path, Some(v.to_string()))
        }
        _ => return Err(usage.to_string()),
    };
    let (target, target_version) = match &words[arrow + 1..] {
        [target] if is_folder(target) => (target, None),
        [_] => {
            return Err("replacement module without version must be directory path (rooted or starting with . or ..)"
                .to_string());
        }
        [target, _] if is_folder(target) => {
            return Err(format!("replacement module directory path \"{target}\" cannot have version"));
        }
        [target, v] => {
            checked(target, v, "replace")?;
            (target, Some(v.to_string()))
        }
        _ => return Err(usage.to_string()),
    };
    Ok(Replacement { path: path.to_string(), version, target: target.to_string(), target_version })
}

/// Retractions concern other modules' users only; their form is checked.
fn retraction(words: &[&str]) -> Result<(), String> {
    match words {
        ["[", low, ",", high, "]"] => match [low, high].into_iter().find(|v| !version::is_canonical(v)) {
            None => Ok(()),
            Some(v) => Err(format!("version \"{v}\" invalid: must be of the form v1.2.3")),
        },
        ["[", _] | ["["] => Err("expected ',' after version".to_string()),
        ["[", _, ",", ..] => Err("expected version after ','".to_string()),
        [v] if version::is_canonical(v) => Ok(()),
        [v] => Err(format!("version \"{v}\" invalid: must be of the form v1.2.3")),
        _ => Err("expected '[' or version".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let error = parse(text, Path::new("go.mod"), Kind::Main).unwrap_err();
        error.strip_prefix("errors parsing go.mod:\n").unwrap().to_string()
    }

    #[test]
    fn every_directive_is_read() {
        let text = "module \"example.com/m\" // the module\n\ngo 1.24.1\ntoolchain go1.27.3\nrequire (\n\ta.b/c v1.2.3 // indirect\n\
                    \ta.b/d v0.0.0-20190101000000-abcdefabcdef\n)\nreplace a.b/c => ../c\nreplace a.b/d v1.0.0 => e.f/g v1.1.0\n\
                    exclude a.b/c v1.0.0\nretract v1.0.0\nretract [v1.0.0, v1.1.0]\ntool a.b/c/cmd\nignore ./x\ngodebug default=go1.21\n";
        let file = parse(text, Path::new("go.mod"), Kind::Main).unwrap();
        assert_eq!(file.module.as_deref(), Some("example.com/m"));
        assert_eq!(file.go.as_deref(), Some("1.24.1"));
        assert!(file.require[0].indirect && !file.require[1].indirect);
        assert_eq!((file.replace[0].target.as_str(), file.replace[1].version.as_deref()), ("../c", Some("v1.0.0")));
        assert_eq!((file.tool.len(), file.ignore.len(), file.godebug.len(), file.exclude.len()), (1, 1, 1, 1));
    }

    #[test]
    fn errors_have_the_go_commands_words() {
        assert_eq!(error("module m\n\nfoo bar\n"), "go.mod:3: unknown directive: foo");
        assert_eq!(error("require x"), "go.mod:1: usage: require module/path v1.2.3");
        assert_eq!(error("block (\nx\n)"), "go.mod:1: unknown block type: block");
        assert_eq!(error("go 1.x"), "go.mod:1: invalid go version '1.x': must match format 1.23.0");
        assert_eq!(error("go 1.1\ngo 1.2"), "go.mod:2: repeated go statement");
        assert_eq!(error("require (\n"), "go.mod:2: syntax error (unterminated block started at line 1)");
        assert_eq!(error("module \"\n"), "go.mod:1: unexpected newline in string");
        assert_eq!(
            error("require a.b/c v2.0.0"),
            "go.mod:1: require a.b/c: version \"v2.0.0\" invalid: should be v0 or v1, not v2"
        );
        assert_eq!(
            error("replace a => b"),
            "go.mod:1: replacement module without version must be directory path (rooted or starting with . or ..)"
        );
        assert_eq!(
            error("retract [v1.0.0, \nuse x"),
            "go.mod:1: expected version after ','\ngo.mod:2: unknown directive: use"
        );
        assert!(parse("foo bar\nmodule m\nreplace x", Path::new("go.mod"), Kind::Dependency).is_ok());
    }
}
