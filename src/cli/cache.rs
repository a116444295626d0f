//! `gorace cache`: where compiled packages and programs are kept, how much there is, and how to be rid of it.

use crate::compile::cache;
use crate::{fail, say};
use gorace_base::exit;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Remove what has been compiled; SDKs stay.
    #[arg(long)]
    clear: bool,
    /// Hold every file against its checksums; exit code 1 when one is damaged. (A build notices by itself.)
    #[arg(long)]
    verify: bool,
}

pub fn run(a: &Arguments) -> ExitCode {
    let folder = gorace_load::sdk::cache_folder();
    if a.clear {
        match cache::clear(&folder) {
            Ok(0) => {}
            Ok(stay) => crate::note(&format!("{} that are run just now stay", crate::search::count(stay, "program"))),
            Err(e) => return fail(&format!("{}: {e}", folder.display())),
        }
    }
    let mut status = exit::CLEAN;
    if a.verify {
        let verdict = cache::verify(&folder);
        for path in &verdict.damaged {
            say(&format!("{}: damaged\n", path.display()));
            status = exit::FINDINGS;
        }
        let cache::Verdict { whole, damaged, unfinished } = verdict;
        say(&format!("{whole} whole, {} damaged, {unfinished} unfinished\n", damaged.len()));
    }
    let (size, files) = cache::size(&folder);
    let megabytes = |bytes: u64| bytes.div_ceil(1 << 20);
    say(&format!(
        "{}: {files} files, {} MB of at most {} MB (GORACE_CACHE_SIZE)\n",
        folder.display(),
        megabytes(size),
        megabytes(cache::limit())
    ));
    ExitCode::from(status)
}
