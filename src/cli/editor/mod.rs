//! `gorace editor`: what an editor or a CI needs to read gorace's reports, ready to be put into a file; shell completions and manual
//! pages, made from the flags.
//!
//! The texts stand beside this file. `.ci/readers` holds each against real output: by a JavaScript engine, by Vim, by Emacs.

use crate::{fail, note, say};
use gorace_base::exit;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Whom it is for.
    #[arg(value_enum)]
    reader: Reader,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Reader {
    /// A tasks.json with a problem matcher, for .vscode.
    Vscode,
    /// A compiler plugin with an errorformat, for ~/.vim/compiler/gorace.vim.
    Vim,
    /// A regular expression for compilation buffers, for the init file.
    Emacs,
    /// A workflow with annotations and code scanning, for .github/workflows.
    Github,
    /// A problem matcher for GitHub Actions' `::add-matcher::`.
    GithubMatcher,
}

pub fn run(a: &Arguments) -> ExitCode {
    say(match a.reader {
        Reader::Vscode => include_str!("tasks.json"),
        Reader::Vim => include_str!("gorace.vim"),
        Reader::Emacs => include_str!("gorace.el"),
        Reader::Github => include_str!("workflow.yml"),
        Reader::GithubMatcher => include_str!("matcher.json"),
    });
    ExitCode::from(exit::CLEAN)
}

#[derive(Debug, clap::Args)]
pub struct Completions {
    /// Which shell's.
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

pub fn completions(a: &Completions) -> ExitCode {
    let mut out = Vec::new();
    clap_complete::generate(a.shell, &mut crate::command(), "gorace", &mut out);
    say(&String::from_utf8_lossy(&out));
    ExitCode::from(exit::CLEAN)
}

#[derive(Debug, clap::Args)]
pub struct Manual {
    /// The page of this command instead of that of gorace itself.
    command: Option<String>,
    /// Write all pages into a folder, gorace.1, gorace-check.1 and so on.
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    dir: Option<PathBuf>,
}

pub fn manual(a: &Manual) -> ExitCode {
    let mut all = crate::command();
    all.build();
    if let Some(folder) = &a.dir {
        let written = std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(all, folder));
        return match written {
            Ok(()) => ExitCode::from(exit::CLEAN),
            Err(e) => fail(&format!("{}: {e}", folder.display())),
        };
    }
    let command = match &a.command {
        None => all,
        Some(name) => match all.find_subcommand(name).filter(|c| !c.is_hide_set()) {
            Some(command) => command.clone(),
            None => {
                note(&format!("there is no command {name}; `gorace help` lists them"));
                return ExitCode::from(exit::UNUSABLE);
            }
        },
    };
    let mut out = Vec::new();
    match clap_mangen::Man::new(command).render(&mut out) {
        Ok(()) => say(&String::from_utf8_lossy(&out)),
        Err(e) => return fail(&e),
    }
    ExitCode::from(exit::CLEAN)
}
