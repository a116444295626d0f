//! Every format over the whole corpus: each is valid, the same in each of ten runs, names no path of this machine, and in the text each
//! finding has both places, both goroutines and a replay that shows it again.
//!
//! A run is one `gorace check` of a program that writes all formats at once. SARIF and JSON are held against their schemas, the
//! lines of `short` and `github` against the form that their readers take; `.ci/readers` has the readers themselves. Programs that run commands
//! are left out: when another process ends is in no schedule.

use clap::Parser;
use gorace_base::finding::Finding;
use gorace_harness::corpus::{self, Program};
use gorace_harness::schemas::Schema;
use gorace_harness::tool;
use gorace_report::Format;
use regex::Regex;
use std::path::Path;
use std::process::{Command, ExitCode};

#[derive(Debug, Parser)]
struct Arguments {
    /// Programs whose names contain this.
    #[arg(long, default_value = "")]
    only: String,
    /// Runs of each program whose reports must be the same.
    #[arg(long, default_value_t = 10)]
    runs: u32,
    /// Schedules for each program, more where its header says so.
    #[arg(long, default_value_t = 100)]
    schedules: u64,
}

/// What one program gave.
#[derive(Debug, Default)]
struct Row {
    findings: usize,
    replayed: usize,
    bytes: usize,
    differences: Vec<String>,
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    let gorace = tool::gorace()?;
    let folder = corpus::folder();
    let judge = Judge {
        gorace: &gorace,
        folder: &folder,
        sarif: Schema::sarif()?,
        json: Schema::findings()?,
        runs: a.runs.max(1),
        schedules: a.schedules,
    };
    let rows = corpus::judged(&a.only, |p| p.buggy && !p.runs_commands, |p| judge.program(p))?;
    for (program, row) in &rows {
        row.differences.iter().for_each(|d| println!("{}: {d}", program.file));
    }
    let sum = |of: fn(&Row) -> usize| rows.iter().map(|(_, row)| of(row)).sum::<usize>();
    let wrong = sum(|r| r.differences.len());
    println!(
        "{} programs, {} formats, {} runs of each, {} findings, {} replays, {} kB of reports; {wrong} wrong",
        rows.len(),
        Format::ALL.len(),
        judge.runs,
        sum(|r| r.findings),
        sum(|r| r.replayed),
        sum(|r| r.bytes) / 1024,
    );
    Ok(ExitCode::from(u8::from(wrong > 0)))
}

struct Judge<'a> {
    gorace: &'a Path,
    folder: &'a Path,
    sarif: Schema,
    json: Schema,
    runs: u32,
    schedules: u64,
}

impl Judge<'_> {
    fn program(&self, program: &Program) -> Result<Row, String> {
        let mut row = Row::default();
        let first = self.reports(program)?;
        row.bytes = first.iter().map(String::len).sum();
        for run in 2..=self.runs {
            for ((name, _), (old, new)) in Format::ALL.iter().zip(first.iter().zip(self.reports(program)?)) {
                if *old != new {
                    row.differences.push(format!("run {run} differs in {name}: {}", first_difference(old, &new)));
                }
            }
        }
        let report = |format: Format| {
            let at = Format::ALL.iter().position(|(_, known)| *known == format);
            at.map_or("", |at| first[at].as_str())
        };
        let findings: Vec<Finding> = report(Format::Json)
            .lines()
            .map(|line| serde_json::from_str(line).map_err(|e| format!("{}: {e}", program.file)))
            .collect::<Result<_, _>>()?;
        row.findings = findings.len();
        if findings.is_empty() {
            row.differences.push("no findings".to_string());
        }
        row.differences.extend(self.sarif.complaints(report(Format::Sarif)).into_iter().map(|c| format!("sarif: {c}")));
        for line in report(Format::Json).lines() {
            row.differences.extend(self.json.complaints(line).into_iter().map(|c| format!("json: {c}")));
        }
        row.differences.extend(lines(report(Format::Short), report(Format::Github), findings.len()));
        let home = self.folder.parent().unwrap_or(self.folder).display().to_string();
        for (name, format) in Format::ALL {
            // Go's own layout has whole paths.
            if *format != Format::Go && report(*format).contains(&home) {
                row.differences.push(format!("{name} names a folder of this machine"));
            }
        }
        row.differences.extend(texts(report(Format::Text), &findings));
        for finding in &findings {
            match self.replay(finding) {
                Ok(()) => row.replayed += 1,
                Err(what) => row.differences.push(what),
            }
        }
        Ok(row)
    }

    /// The reports of one check, in the order of `Format::ALL`.
    fn reports(&self, program: &Program) -> Result<Vec<String>, String> {
        let text = |e: std::io::Error| format!("{}: {e}", program.file);
        let scratch = tempfile::tempdir().map_err(text)?;
        let mut command = Command::new(self.gorace);
        command.args(["check", "--schedules", &self.schedules.max(program.schedules).to_string()]);
        let source = std::fs::read_to_string(corpus::folder().join(&program.file)).unwrap_or_default();
        if let Some(timeout) = corpus::timeout(&source) {
            command.args(["--timeout", &timeout.to_string()]);
        }
        let files: Vec<_> = Format::ALL.iter().map(|(name, _)| scratch.path().join(name)).collect();
        for ((name, _), file) in Format::ALL.iter().zip(&files) {
            command.arg("--output").arg(format!("{name}={}", file.display()));
        }
        let output = command.arg(&program.file).current_dir(self.folder).output().map_err(text)?;
        let expected = i32::from(program.kind != "predicted");
        if output.status.code() != Some(expected) {
            return Err(format!("{}: {}", program.file, String::from_utf8_lossy(&output.stderr)));
        }
        files.iter().map(|file| std::fs::read_to_string(file).map_err(text)).collect()
    }

    /// Runs a finding's own command again.
    fn replay(&self, finding: &Finding) -> Result<(), String> {
        let mut words = finding.replay.split(' ');
        if words.next() != Some("gorace") {
            return Err(format!("no command replays {}", finding.headline));
        }
        let words: Vec<&str> = words.collect();
        let (command, rest) = words.split_first().unwrap_or((&"", &[]));
        let output = Command::new(self.gorace)
            .args([command, "--format", "json"])
            .args(rest)
            .current_dir(self.folder)
            .output()
            .map_err(|e| e.to_string())?;
        let again = String::from_utf8_lossy(&output.stdout);
        let same = |line: &str| serde_json::from_str::<Finding>(line).is_ok_and(|f| f == *finding);
        if again.lines().any(same) { Ok(()) } else { Err(format!("`{}` does not show it again", finding.replay)) }
    }
}

fn first_difference(old: &str, new: &str) -> String {
    let pair = old.lines().zip(new.lines()).find(|(old, new)| old != new);
    pair.map_or_else(|| "one is longer".to_string(), |(old, new)| format!("{old:?} is {new:?}"))
}

/// What is wrong with the formats that have lines of a fixed form.
fn lines(short: &str, github: &str, findings: usize) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut judge = |name: &str, text: &str, pattern: &str, wanted: usize| {
        let Ok(pattern) = Regex::new(pattern) else { return };
        let heads = text.lines().filter(|line| pattern.is_match(line)).count();
        if heads != wanted {
            wrong.push(format!("{name}: {heads} lines of the right form, not {wanted}"));
        }
    };
    judge("short", short, r"^[^:]+:\d+:\d+: (error|warning): .+ \[[a-z-]+\]$", findings);
    judge("short", short, r"^[^:]+:\d+:\d+: (error|warning|note): .+$", short.lines().count());
    judge(
        "github",
        github,
        r"^::(error|warning) file=[^:,]+,line=\d+,col=\d+,title=[a-z-]+ \(GR\d{3}\)::.+$",
        findings,
    );
    judge("github", github, "^::", github.lines().count());
    wrong
}

/// What is missing in the texts of findings: the places and goroutines of all events, and the replay.
fn texts(text: &str, findings: &[Finding]) -> Vec<String> {
    let mut wrong = Vec::new();
    let parts: Vec<&str> = text.split("\n\n").filter(|part| !part.trim().is_empty()).collect();
    if parts.len() != findings.len() {
        wrong.push(format!("text: {} parts for {} findings", parts.len(), findings.len()));
    }
    for (part, finding) in parts.iter().zip(findings) {
        let mut need = vec![format!("[{}]", finding.rule), finding.replay.clone()];
        for event in &finding.events {
            let who = if event.goroutine == 1 { "main".to_string() } else { format!("goroutine {}", event.goroutine) };
            need.push(who);
            need.extend(event.user_frame().map(|f| format!("--> {}:{}:{}", f.file, f.line, f.column)));
            need.extend(event.created.first().map(|_| format!("goroutine {} was started at ", event.goroutine)));
        }
        wrong.extend(need.iter().filter(|n| !part.contains(*n)).map(|n| format!("text: {n:?} is missing in {part}")));
    }
    wrong
}
