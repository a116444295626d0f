//! A file of the findings that are known: `--baseline FILE` reports others only, `--write-baseline FILE` writes it.
//!
//! A finding is known by its fingerprint, which lines that move do not change. The file is JSON, one finding a line, sorted, so that
//! versions of it can be compared.

use gorace_base::finding::Finding;
use gorace_report::fingerprint::fingerprint;
use gorace_report::place::lasting;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct File {
    #[serde(rename = "gorace-baseline")]
    version: u32,
    findings: Vec<Entry>,
}

/// A known finding; all but the fingerprint is for people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Entry {
    rule: String,
    file: String,
    function: String,
    fingerprint: String,
    /// The program or package that was looked at.
    #[serde(default)]
    program: String,
}

/// Known findings by fingerprint, and which of them were found again.
#[derive(Debug, Default)]
pub struct Baseline {
    known: BTreeMap<String, (Entry, bool)>,
}

impl Baseline {
    /// # Errors
    /// When the file cannot be read or is no baseline.
    pub fn read(path: &Path) -> Result<Baseline, String> {
        let name = path.display();
        let text = gorace_base::files::read_text(path)
            .map_err(|e| format!("{name}: {e}; `gorace check --write-baseline {name}` makes a baseline"))?;
        let file: File =
            serde_json::from_str(&text).map_err(|e| format!("{name}:{}: not a baseline: {e}", e.line()))?;
        if file.version != VERSION {
            return Err(format!(
                "{name}: a baseline of another version of gorace; write it anew with --write-baseline"
            ));
        }
        let known = file.findings.into_iter().map(|entry| (entry.fingerprint.clone(), (entry, false)));
        Ok(Baseline { known: known.collect() })
    }

    /// Whether a finding is known.
    pub fn has(&mut self, finding: &Finding) -> bool {
        let found = self.known.get_mut(&fingerprint(finding, &crate::read_source));
        found.is_some_and(|(_, found)| {
            *found = true;
            true
        })
    }

    /// How many of the known findings of programs that were looked at did not come again.
    pub fn unseen(&self, programs: &BTreeSet<String>) -> usize {
        self.known.values().filter(|(entry, found)| !found && is_of(entry, programs)).count()
    }
}

/// Whether an entry is of one of these programs. Those of older versions do not say.
fn is_of(entry: &Entry, programs: &BTreeSet<String>) -> bool {
    entry.program.is_empty() || programs.contains(&entry.program)
}

/// Writes findings, each with its program, as a baseline. What the file has of other programs than those that were looked at stays.
///
/// # Errors
/// When the file is something else than a baseline, or cannot be written.
pub fn write(path: &Path, findings: &[(String, &Finding)], programs: &BTreeSet<String>) -> Result<(), String> {
    let old = if path.is_file() { Baseline::read(path)? } else { Baseline::default() };
    let kept = old.known.into_values().map(|(entry, _)| entry).filter(|entry| !is_of(entry, programs));
    let mut entries: Vec<Entry> =
        findings.iter().map(|(program, finding)| entry(finding, program)).chain(kept).collect();
    entries.sort();
    entries.dedup();
    let lines: Vec<String> =
        entries.iter().map(|e| format!("    {}", serde_json::to_string(e).unwrap_or_default())).collect();
    let list = if lines.is_empty() { String::new() } else { format!("\n{}\n  ", lines.join(",\n")) };
    let text = format!("{{\n  \"gorace-baseline\": {VERSION},\n  \"findings\": [{list}]\n}}\n");
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}

fn entry(finding: &Finding, program: &str) -> Entry {
    let frame = finding.events.first().and_then(|e| e.user_frame());
    Entry {
        rule: finding.rule.clone(),
        file: frame.map_or_else(String::new, lasting),
        function: frame.map_or_else(String::new, |f| f.function.clone()),
        fingerprint: fingerprint(finding, &crate::read_source),
        program: program.to_string(),
    }
}
