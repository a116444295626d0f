//! `gorace explain`: the page of a rule, or of a code of the type checker's errors.

use crate::{fail, say};
use gorace_base::exit;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A rule's id, such as `data-race`, or the code of a compile error, such as `UnusedImport`; without one, the list.
    rule: Option<String>,
}

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

pub fn run(a: &Arguments) -> ExitCode {
    let pages = || RULES.iter().chain(CODES);
    let Some(rule) = &a.rule else {
        pages().for_each(|(id, _)| say(&format!("{id}\n")));
        return ExitCode::from(exit::CLEAN);
    };
    // Codes are long words: nobody should have to look up their capitals.
    match pages().find(|(id, _)| id.eq_ignore_ascii_case(rule)) {
        Some((_, page)) => {
            say(page);
            ExitCode::from(exit::CLEAN)
        }
        None => {
            let known: Vec<&str> = RULES.iter().map(|(id, _)| *id).collect();
            fail(&format!(
                "no rule and no code {rule}; the rules are {}; `gorace explain` lists the codes of compile errors too",
                known.join(", ")
            ))
        }
    }
}
