//! `gorace.toml` at the module's root: what `gorace check` and `gorace test --explore` do if their flags do not say otherwise, severities, suppressions.
//!
//! The file is looked for beside the `go.mod` above the program, or in the program's own folder where there is no module. A key
//! that is not known is an error, as is a rule that is not, and a suppression without a reason.

use clap::ValueEnum;
use gorace_base::finding::{Finding, Severity};
use gorace_explore::strategy::Name;
use gorace_report::place::shown_path;
use gorace_report::rules;
use serde::Deserialize;
use serde::de::Error;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;

const NAME: &str = "gorace.toml";

/// What a check fails on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    Error,
    /// Errors, too.
    Warning,
    Never,
}

/// Which network schedules have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Networks {
    /// Each its own, with a loopback interface; the machine's where the program wants that.
    Own,
    /// The machine's, which they share.
    Machine,
}

/// The table `[check]`: flags by their long names.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Check {
    pub schedules: Option<std::num::NonZeroU64>,
    pub seed: Option<u64>,
    #[serde(default, deserialize_with = "strategy")]
    pub strategy: Option<Name>,
    #[serde(default, deserialize_with = "stall")]
    pub stall: Option<std::time::Duration>,
    #[serde(default, deserialize_with = "limit")]
    pub time: Option<std::time::Duration>,
    #[serde(default, deserialize_with = "limit")]
    pub timeout: Option<std::time::Duration>,
    #[serde(default, deserialize_with = "memory")]
    pub memory: Option<u64>,
    pub network: Option<Networks>,
    pub fail_on: Option<FailOn>,
    pub max_findings: Option<std::num::NonZeroUsize>,
    pub baseline: Option<PathBuf>,
}

fn strategy<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Name>, D::Error> {
    let text = String::deserialize(from)?;
    <Name as ValueEnum>::from_str(&text, false).map(Some).map_err(|_| {
        let known: Vec<_> = Name::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
        let known: Vec<&str> = known.iter().map(clap::builder::PossibleValue::get_name).collect();
        D::Error::custom(format!("no strategy {text}; there are {}", known.join(", ")))
    })
}

/// A number of seconds, or a duration as Go writes it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Time {
    Seconds(f64),
    Text(String),
}

impl Time {
    fn text(self) -> String {
        match self {
            Time::Seconds(seconds) => seconds.to_string(),
            Time::Text(text) => text,
        }
    }
}

fn limit<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<std::time::Duration>, D::Error> {
    crate::duration::limit(&Time::deserialize(from)?.text()).map(Some).map_err(D::Error::custom)
}

fn stall<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<std::time::Duration>, D::Error> {
    crate::duration::stall(&Time::deserialize(from)?.text()).map(Some).map_err(D::Error::custom)
}

fn memory<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    match u64::deserialize(from)? {
        n if n >= 64 => Ok(Some(n)),
        n => Err(D::Error::custom(format!("{n} MB are too few; at least 64"))),
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Level {
    Error,
    Warning,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    check: Check,
    #[serde(default)]
    severity: BTreeMap<Spanned<String>, Level>,
    #[serde(default)]
    suppress: Vec<Spanned<Entry>>,
}

/// A table `[[suppress]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: String,
    function: Option<String>,
    file: Option<String>,
    reason: Option<String>,
}

/// Findings that are not to be reported.
#[derive(Debug)]
pub struct Suppression {
    /// Its line in the file.
    pub line: usize,
    rule: &'static str,
    /// Patterns with `*`.
    function: Option<String>,
    file: Option<String>,
}

/// What the file says.
#[derive(Debug, Default)]
pub struct Config {
    /// Where it is, as shown; empty where there is none.
    pub path: String,
    pub check: Check,
    pub suppressions: Vec<Suppression>,
    severity: BTreeMap<&'static str, Severity>,
}

impl Config {
    /// The configuration for a program, or an empty one.
    ///
    /// # Errors
    /// What is wrong with the file, with its line.
    pub fn of(program: &[String]) -> Result<Config, String> {
        let path = root(program).join(NAME);
        let shown = shown_path(&path.display().to_string());
        match gorace_base::files::read_text(&path) {
            Ok(text) => Config::parse(&shown, &text),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Config::default()),
            Err(e) => Err(format!("{shown}: {e}")),
        }
    }

    fn parse(shown: &str, text: &str) -> Result<Config, String> {
        let line_of = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
        let file: File = toml::from_str(text).map_err(|e| {
            let line = line_of(e.span().map_or(0, |span| span.start));
            format!("{shown}:{line}: {}", e.message().replace('\n', " "))
        })?;
        let rule = |name: &str, at: usize| {
            let known = || format!("{shown}:{}: no rule {name}; there are {}", line_of(at), crate::explain::known());
            rules::find(name).map(|rule| rule.id).ok_or_else(known)
        };
        let mut severity = BTreeMap::new();
        for (name, level) in &file.severity {
            let level = match level {
                Level::Error => Severity::Error,
                Level::Warning => Severity::Warning,
            };
            severity.insert(rule(name.get_ref(), name.span().start)?, level);
        }
        let mut suppressions = Vec::new();
        for entry in file.suppress {
            let at = entry.span().start;
            let (line, entry) = (line_of(at), entry.into_inner());
            let wrong = |what: &str| Err(format!("{shown}:{line}: {what}"));
            if entry.reason.is_none_or(|reason| reason.trim().is_empty()) {
                return wrong("a suppression needs a reason: reason = \"…\"");
            }
            if entry.function.is_none() && entry.file.is_none() {
                return wrong("a suppression needs a function or a file that it is for");
            }
            let rule = rule(&entry.rule, at)?;
            suppressions.push(Suppression { line, rule, function: entry.function, file: entry.file });
        }
        Ok(Config { path: shown.to_string(), check: file.check, suppressions, severity })
    }

    /// The severity of findings of a rule, where the file changes it.
    pub fn severity(&self, rule: &str) -> Option<Severity> {
        self.severity.get(rule).copied()
    }

    /// A path of the file, which is relative to its folder.
    pub fn beside(&self, path: &Path) -> PathBuf {
        Path::new(&self.path).parent().unwrap_or(Path::new("")).join(path)
    }
}

impl Suppression {
    /// Whether a finding is meant: one of its stacks has a frame in that function and that file.
    pub fn is_for(&self, finding: &Finding) -> bool {
        let is_meant = |pattern: &Option<String>, text: &str| pattern.as_ref().is_none_or(|p| matches(p, text));
        let mut frames = finding.events.iter().flat_map(|e| &e.stack);
        finding.rule == self.rule
            && frames.any(|f| is_meant(&self.function, &f.function) && is_meant(&self.file, &shown_path(&f.file)))
    }
}

/// The folder of the module that a program belongs to, or the program's own.
fn root(program: &[String]) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    // `./...` is the folder and what lies below it.
    let named = program
        .first()
        .map(|word| here.join(word.trim_end_matches("...")))
        .filter(|path| path.exists())
        .unwrap_or(here);
    let own = if named.is_dir() { named } else { named.parent().map(Path::to_path_buf).unwrap_or_default() };
    let own = std::fs::canonicalize(&own).unwrap_or(own);
    let module = own.ancestors().find(|folder| folder.join("go.mod").is_file());
    module.map_or_else(|| own.clone(), Path::to_path_buf)
}

/// Whether a pattern, in which `*` stands for anything, is all of a text.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut tail) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or("");
    for part in parts {
        let Some(at) = tail.find(part) else { return false };
        tail = &tail[at + part.len()..];
    }
    tail.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, is_one) in [
            ("main.main", "main.main", true),
            ("main.main", "main.main.func1", false),
            ("main.*", "main.main.func1", true),
            ("*.(*Cache).*", "example.org/m.(*Cache).Get", true),
            ("*Get", "example.org/m.(*Cache).Get", true),
            ("*Get", "example.org/m.(*Cache).GetAll", false),
            ("a*b*a", "aba", true),
            ("aba*aba", "aba", false),
        ] {
            assert_eq!(matches(pattern, text), is_one, "{pattern} {text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let said = |text: &str| Config::parse("gorace.toml", text).err().unwrap_or_default();
        assert!(said("[check]\nschedules = 10\nshedules = 5\n").starts_with("gorace.toml:3: unknown field `shedules`"));
        assert!(said("[checks]\n").starts_with("gorace.toml:1: unknown field `checks`"));
        assert!(said("[check]\nschedules = 0\n").starts_with("gorace.toml:2: "));
        assert!(said("[check]\nstrategy = \"luck\"\n").contains("no strategy luck; there are "));
        assert!(said("[check]\n\ntime = -1\n").starts_with("gorace.toml:3: not a time"));
        assert!(
            said("[severity]\nno-such-rule = \"error\"\n")
                .starts_with("gorace.toml:2: no rule no-such-rule; there are ")
        );
        let entry = "\n[[suppress]]\nrule = \"data-race\"\nfunction = \"main.*\"\n";
        assert!(said(entry).starts_with("gorace.toml:2: a suppression needs a reason"), "{}", said(entry));
        let entry = "[[suppress]]\nrule = \"data-race\"\nreason = \"old\"\n";
        assert!(said(entry).starts_with("gorace.toml:1: a suppression needs a function or a file"));
        assert!(said("[check\n").starts_with("gorace.toml:1: "));
        let good = "[check]\ntime = 1\ntimeout = \"500ms\"\nstall = \"1s\"\nfail-on = \"warning\"\n[severity]\nGR004 = \"warning\"\n";
        let config = Config::parse("gorace.toml", good).unwrap();
        assert_eq!(config.severity("goroutine-leak"), Some(Severity::Warning));
        assert_eq!(config.check.fail_on, Some(FailOn::Warning));
    }
}
