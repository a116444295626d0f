//! `gorace explain`: a rule's page, or what a code of the type checker means.

use crate::{fail, say};
use gorace_base::exit;
use gorace_report::rules;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The rule's id or short code as reports show it, or the code of a compile error; without one, all are listed.
    rule: Option<String>,
}

include!(concat!(env!("OUT_DIR"), "/codes.rs"));

pub fn run(a: &Arguments) -> ExitCode {
    let Some(name) = &a.rule else {
        rules::ALL
            .iter()
            .map(|rule| rule.id)
            .chain(CODES.iter().map(|(id, _)| *id))
            .for_each(|id| say(&format!("{id}\n")));
        return ExitCode::from(exit::CLEAN);
    };
    match page(name) {
        Some(page) => {
            say(page);
            ExitCode::from(exit::CLEAN)
        }
        None => fail(&format!(
            "no rule and no code {name}; the rules are {}; `gorace explain` lists the codes of compile errors too",
            known()
        )),
    }
}

/// What there is of a rule, or of a code.
pub fn page(name: &str) -> Option<&'static str> {
    // Codes are long words: nobody should have to look up their capitals.
    let code = || CODES.iter().find(|(id, _)| id.eq_ignore_ascii_case(name)).map(|(_, page)| *page);
    rules::find(name).map(|rule| rule.page).or_else(code)
}

/// The rules' ids, as a sentence lists them.
pub fn known() -> String {
    rules::ALL.iter().map(|rule| rule.id).collect::<Vec<_>>().join(", ")
}
