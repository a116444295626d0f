//! `gorace rules`: the rules that findings name, one a line.

use crate::say;
use gorace_base::exit;
use gorace_base::finding::Severity;
use gorace_report::rules;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// As JSON, an array of objects.
    #[arg(long)]
    json: bool,
}

pub fn run(a: &Arguments) -> ExitCode {
    let severity = |rule: &rules::Rule| match rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    if a.json {
        let all: Vec<_> = rules::ALL
            .iter()
            .map(|r| {
                serde_json::json!({
                    "id": r.id, "code": r.code, "severity": severity(r), "summary": r.summary, "mend": r.mend, "page": r.page,
                })
            })
            .collect();
        say(&format!("{:#}\n", serde_json::Value::from(all)));
        return ExitCode::from(exit::CLEAN);
    }
    let width = rules::ALL.iter().map(|r| r.id.len()).max().unwrap_or(0);
    for rule in rules::ALL {
        say(&format!("{}  {:width$}  {:7}  {}\n", rule.code, rule.id, severity(rule), rule.summary));
    }
    ExitCode::from(exit::CLEAN)
}
