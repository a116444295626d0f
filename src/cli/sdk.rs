//! `gorace sdk`: the Go SDKs that can be used, and fetching one.

use crate::progress::Progress;
use crate::{fail, note, say};
use gorace_base::exit;
use gorace_load::sdk::{FETCHED_VERSION, Step, find_with, install, installed, list};
use gorace_load::{Sdk, SdkError};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The SDKs found on this machine, best first; the one that is used has a star.
    List,
    /// Fetch one into gorace's cache.
    Install {
        /// As `1.27.3`.
        #[arg(default_value = FETCHED_VERSION)]
        version: String,
    },
}

/// Shows how an installation goes on.
#[derive(Default)]
struct Shown {
    last: Option<Step>,
    line: Option<Progress>,
}

impl Shown {
    fn at(&mut self, step: Step) {
        let same = self.last.is_some_and(|last| std::mem::discriminant(&last) == std::mem::discriminant(&step));
        if !same {
            // Drop the old line before the new one is drawn.
            self.line = None;
            self.line = Some(match step {
                Step::Waiting => {
                    note("gorace: another gorace is installing a Go SDK; waiting for it");
                    Progress::spinner("waiting")
                }
                Step::Fetching(_) => {
                    note("gorace: fetching a Go SDK with pip (about 75 MB, once)");
                    Progress::spinner("fetching")
                }
                Step::Unpacking(_, files) => Progress::new("unpacking", files),
            });
        }
        self.last = Some(step);
        if let Some(line) = &self.line {
            match step {
                Step::Waiting => {}
                Step::Fetching(bytes) => line.at(0, &format!("{:.0} MB", bytes as f64 / 1e6)),
                Step::Unpacking(done, _) => line.at(done, "files"),
            }
        }
    }
}

/// The SDK to use; fetches one, with a progress line, where there is none.
///
/// # Errors
/// As `gorace_load::sdk::find_with`.
pub fn find() -> Result<Sdk, SdkError> {
    let mut shown = Shown::default();
    find_with(&mut |step| shown.at(step))
}

pub fn run(a: &Arguments) -> ExitCode {
    match &a.action {
        Action::List => show_list(),
        Action::Install { version } => {
            let mut shown = Shown::default();
            let installed = install(version, &mut |step| shown.at(step));
            drop(shown);
            match installed {
                Ok(sdk) => {
                    say(&format!("{} {}\n", sdk.version, sdk.root.display()));
                    ExitCode::from(exit::CLEAN)
                }
                Err(e) => fail(&e),
            }
        }
    }
}

fn show_list() -> ExitCode {
    let used = match installed() {
        Ok(used) => used.map(|sdk| sdk.root),
        Err(e) => {
            note(&e.to_string());
            None
        }
    };
    let all = list();
    if all.is_empty() {
        note(&format!("no Go SDK found; `gorace sdk install` fetches Go {FETCHED_VERSION}"));
    }
    for (root, sdk) in all {
        let star = if used.as_ref() == Some(&root) { '*' } else { ' ' };
        match sdk {
            Ok(sdk) => say(&format!("{star} {:<8} {}\n", sdk.version, root.display())),
            Err(SdkError::Unsupported(_, version)) => {
                say(&format!("  {version:<8} {} (not supported: gorace needs Go 1.26 or 1.27)\n", root.display()));
            }
            Err(e) => say(&format!("  {:<8} {e}\n", "?")),
        }
    }
    ExitCode::from(exit::CLEAN)
}
