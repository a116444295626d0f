//! The corpus: Go programs by verdict, each with the findings that it must give as comments on the lines they belong to.
//!
//! - `race/`, `deadlock/`, `leak/`, `misuse/` have bugs, `predicted/` what is only a warning; `norace/` (the twins of `race/`) and `clean/`
//!   (all other twins) have none.
//! - `// want RULE "REGEXP"` (repeatable in one comment) stands on the line of an event of a finding: the line of the
//!   innermost frame in the program's own source. REGEXP is sought in the finding's headline. Judged exactly: every want is met
//!   by some finding, and each event of each finding lies on a line that wants it.
//! - In the header, `Schedules: N.` asks for at least N schedules, `Timeout: N.` gives each schedule N seconds; `Go misses it` and `Go may miss it` say that
//!   `go run -race` never, or not always, reports a race.

use gorace_base::finding::Finding;
use rayon::prelude::*;
use regex::Regex;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The folders, and whether their programs have bugs.
pub const KINDS: &[(&str, bool)] = &[
    ("race", true),
    ("norace", false),
    ("deadlock", true),
    ("leak", true),
    ("misuse", true),
    ("predicted", true),
    ("clean", false),
];

/// A finding that a program must give.
#[derive(Debug)]
pub struct Want {
    pub line: u32,
    pub rule: String,
    pub pattern: Regex,
}

/// What `go run -race` is to say of a program in `race/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoVerdict {
    Reports,
    MayReport,
    Misses,
}

/// One program.
#[derive(Debug)]
pub struct Program {
    /// `race/counter`.
    pub name: String,
    pub kind: &'static str,
    pub buggy: bool,
    /// Relative to the corpus: `race/counter.go`.
    pub file: String,
    pub wants: Vec<Want>,
    /// Schedules that it needs at least.
    pub schedules: u64,
    pub go: GoVerdict,
    /// It runs commands: its schedules depend on when another process ends, and replays are not the same byte for byte.
    pub runs_commands: bool,
}

/// What `gorace check` said of a program.
#[derive(Debug)]
pub struct Checked {
    pub findings: Vec<Finding>,
    /// The findings as JSON, byte for byte.
    pub json: String,
    /// None when a signal ended it.
    pub status: Option<i32>,
    pub stderr: String,
    pub elapsed: Duration,
}

/// The corpus of this source tree.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus")
}

/// All programs, by folder and name.
///
/// # Errors
/// What is wrong with a folder, a header or a want, and where.
pub fn load(root: &Path) -> Result<Vec<Program>, String> {
    let mut programs = Vec::new();
    for &(kind, buggy) in KINDS {
        let folder = root.join(kind);
        let say = |e: std::io::Error| format!("{}: {e}", folder.display());
        let mut files: Vec<String> = std::fs::read_dir(&folder)
            .map_err(say)?
            .flatten()
            .map(|e| e.file_name().to_string_lossy().to_string())
            .filter(|n| n.ends_with(".go"))
            .collect();
        files.sort();
        for name in files {
            let text = std::fs::read_to_string(folder.join(&name)).map_err(say)?;
            programs.push(parse(kind, buggy, &format!("{kind}/{name}"), &text)?);
        }
    }
    Ok(programs)
}

fn parse(kind: &'static str, buggy: bool, file: &str, text: &str) -> Result<Program, String> {
    let header: Vec<&str> = text.lines().map_while(|l| l.strip_prefix("//")).map(str::trim).collect();
    let header = header.join("\n");
    if !header.contains("Provenance: ") {
        return Err(format!("{file}: the header does not say where the program comes from (`Provenance: own.`)"));
    }
    let go = match (header.contains("Go misses it"), header.contains("Go may miss it")) {
        (true, _) => GoVerdict::Misses,
        (_, true) => GoVerdict::MayReport,
        _ => GoVerdict::Reports,
    };
    let wants = wants(file, text)?;
    if buggy == wants.is_empty() {
        return Err(format!("{file}: {kind} programs {} wants", if buggy { "need" } else { "have no" }));
    }
    let schedules = header.split("Schedules: ").nth(1).and_then(|n| n.split('.').next()?.parse().ok()).unwrap_or(0);
    Ok(Program {
        name: file.trim_end_matches(".go").to_string(),
        kind,
        buggy,
        file: file.to_string(),
        wants,
        schedules,
        go,
        runs_commands: text.contains("\"os/exec\""),
    })
}

/// The seconds that a header asks for.
pub fn timeout(text: &str) -> Option<u32> {
    let mut header = text.lines().map_while(|l| l.strip_prefix("//"));
    header.find_map(|l| l.split("Timeout: ").nth(1)?.split('.').next()?.parse().ok())
}

fn wants(file: &str, text: &str) -> Result<Vec<Want>, String> {
    let mut found = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let Some((_, mut rest)) = line.split_once("// want ") else { continue };
        let wrong = || format!("{file}:{}: not `// want RULE \"REGEXP\"`", i + 1);
        while !rest.trim().is_empty() {
            let (rule, tail) = rest.trim_start().split_once(" \"").ok_or_else(wrong)?;
            if !rule.bytes().all(|c| c.is_ascii_lowercase() || c == b'-') {
                return Err(wrong());
            }
            let (pattern, tail) = tail.split_once('"').ok_or_else(wrong)?;
            let pattern = Regex::new(pattern).map_err(|e| format!("{file}:{}: {e}", i + 1))?;
            found.push(Want { line: i as u32 + 1, rule: rule.to_string(), pattern });
            rest = tail;
        }
    }
    Ok(found)
}

/// The programs of corpus/ that are `wanted` and whose name contains `only`, each with what `judge` gives for it; side by side but for
/// the first, which compiles what all share.
///
/// # Errors
/// When there is none, or `judge` fails.
pub fn judged<R: Send>(
    only: &str,
    wanted: impl Fn(&Program) -> bool,
    judge: impl Fn(&Program) -> Result<R, String> + Sync,
) -> Result<Vec<(Program, R)>, String> {
    let mut programs = load(&folder())?;
    programs.retain(|p| p.name.contains(only) && wanted(p));
    let Some((first, rest)) = programs.split_first() else { return Err(format!("no program is called {only}")) };
    let mut rows = vec![judge(first)?];
    rows.extend(rest.par_iter().map(&judge).collect::<Result<Vec<_>, _>>()?);
    Ok(programs.into_iter().zip(rows).collect())
}

/// Explores a Go file, given relative to `folder`.
///
/// # Errors
/// When gorace cannot be started or refuses the program.
pub fn check(gorace: &Path, folder: &Path, file: &str, schedules: u64) -> Result<Checked, String> {
    let start = Instant::now();
    let mut command = Command::new(gorace);
    let what: &[&str] = if file.ends_with("_test.go") { &["test", "--explore"] } else { &["check"] };
    command.args(what).args(["--format", "json", "--schedules", &schedules.to_string()]).current_dir(folder);
    let text = std::fs::read_to_string(folder.join(file)).unwrap_or_default();
    if let Some(timeout) = timeout(&text) {
        command.args(["--timeout", &timeout.to_string()]);
    }
    command.arg(file);
    let output = command.output().map_err(|e| format!("{}: {e}", gorace.display()))?;
    let stderr = String::from_utf8_lossy(&output.stderr).to_string();
    if output.status.code() == Some(2) {
        return Err(format!("{file}: {stderr}"));
    }
    let json = String::from_utf8_lossy(&output.stdout).to_string();
    let findings = json
        .lines()
        .map(|line| serde_json::from_str(line).map_err(|e| format!("{file}: not a finding: {e}: {line}")))
        .collect::<Result<_, _>>()?;
    Ok(Checked { findings, json, status: output.status.code(), stderr, elapsed: start.elapsed() })
}

/// What differs between a program's findings and its wants; empty when all is as it should be.
pub fn differences(program: &Program, checked: &Checked) -> Vec<String> {
    let mut differences = Vec::new();
    let mut met = vec![false; program.wants.len()];
    for finding in &checked.findings {
        for event in &finding.events {
            let Some(frame) = event.user_frame() else {
                differences
                    .push(format!("{}: an event without a place: {} [{}]", program.file, event.what, finding.rule));
                continue;
            };
            let here =
                |w: &Want| w.line == frame.line && w.rule == finding.rule && w.pattern.is_match(&finding.headline);
            let wanted = frame.file.ends_with(&program.file) && program.wants.iter().any(here);
            if !wanted {
                let (place, line) = (&frame.file, frame.line);
                differences.push(format!("not wanted: {place}:{line}: {} [{}]", finding.headline, finding.rule));
                continue;
            }
            program.wants.iter().zip(&mut met).filter(|(w, _)| here(w)).for_each(|(_, met)| *met = true);
        }
    }
    for (want, _) in program.wants.iter().zip(&met).filter(|(_, met)| !**met) {
        differences.push(format!("not found: {}:{}: {} \"{}\"", program.file, want.line, want.rule, want.pattern));
    }
    let expected = i32::from(program.buggy && program.kind != "predicted");
    if checked.status != Some(expected) {
        differences.push(format!("{}: exit status {:?} instead of {expected}", program.file, checked.status));
    }
    if ["did not end within", "had to be ended", "was killed"].iter().any(|words| checked.stderr.contains(words)) {
        differences.push(format!("{}: {}", program.file, checked.stderr.trim()));
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;
    use gorace_base::finding::{Event, Frame};

    const TEXT: &str = "// A race.\n//\n// Schedules: 300. Go may miss it.\n//\n// Provenance: own.\npackage main\n\
        x++ // want data-race \"of x\" panic \"boom\"\n";

    fn finding(rule: &str, headline: &str, line: u32) -> Finding {
        let frame = Frame { function: "main.main".into(), file: "/c/race/x.go".into(), line, column: 1, offset: 0 };
        let what = "write".to_string();
        let event = Event { what, goroutine: 1, stack: vec![frame], ..Event::default() };
        Finding::new(rule, headline.into(), vec![event], 1)
    }

    fn checked(findings: Vec<Finding>) -> Checked {
        let status = Some(i32::from(!findings.is_empty()));
        Checked { findings, json: String::new(), status, stderr: String::new(), elapsed: Duration::ZERO }
    }

    #[test]
    fn headers_and_wants_are_read() {
        let program = parse("race", true, "race/x.go", TEXT).unwrap();
        assert_eq!((program.schedules, program.go, program.wants.len()), (300, GoVerdict::MayReport, 2));
        assert_eq!((program.wants[1].line, program.wants[1].rule.as_str()), (7, "panic"));
        assert!(parse("clean", false, "clean/x.go", TEXT).is_err());
        assert!(parse("race", true, "race/x.go", &TEXT.replace("\"of x\"", "of x")).is_err());
        assert!(parse("race", true, "race/x.go", &TEXT.replace("Provenance", "From")).is_err());
    }

    #[test]
    fn findings_are_judged_exactly() {
        let program = parse("race", true, "race/x.go", TEXT).unwrap();
        let both = vec![finding("data-race", "write of x races", 7), finding("panic", "panic: boom", 7)];
        assert!(differences(&program, &checked(both.clone())).is_empty());
        assert_eq!(differences(&program, &checked(both[..1].to_vec())).len(), 1, "a want is not met");
        let mut more = both.clone();
        more.push(finding("panic", "panic: boom", 8));
        assert_eq!(differences(&program, &checked(more)).len(), 1, "another line");
        let wrong = vec![finding("data-race", "write of y races", 7), both[1].clone()];
        assert_eq!(differences(&program, &checked(wrong)).len(), 2, "another variable, and x is not found");
    }
}
