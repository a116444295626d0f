//! `gorace explain`: the page of a rule.

use crate::{fail, say};
use gorace_base::exit;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A rule's id, such as `data-race`; without one, the list.
    rule: Option<String>,
}

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

pub fn run(a: &Arguments) -> ExitCode {
    let Some(rule) = &a.rule else {
        RULES.iter().for_each(|(id, _)| say(&format!("{id}\n")));
        return ExitCode::from(exit::CLEAN);
    };
    match RULES.iter().find(|(id, _)| id == rule) {
        Some((_, page)) => {
            say(page);
            ExitCode::from(exit::CLEAN)
        }
        None => {
            let known: Vec<&str> = RULES.iter().map(|(id, _)| *id).collect();
            fail(&format!("no rule {rule}; the rules are {}", known.join(", ")))
        }
    }
}
