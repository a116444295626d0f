//! Commands, flags, configuration, progress and exit codes. One file a command.

mod about;
mod baseline;
mod build;
mod build_flags;
mod cache;
mod check;
pub mod compile;
mod config;
mod coverage;
mod dump;
mod duration;
mod editor;
mod executable;
mod explain;
mod filter;
mod flags;
mod go_flags;
mod ignore;
mod output;
mod progress;
mod race_options;
mod replay;
mod rules;
mod run;
mod sdk;
mod search;
mod subject;
mod test;
mod worker;

use clap::{CommandFactory, Parser, Subcommand};
use gorace_base::exit;
use std::io::Write;
use std::process::ExitCode;

/// Finds concurrency bugs in Go programs: races, deadlocks, leaks, over many schedules.
#[derive(Debug, Parser)]
#[command(name = "gorace", version, disable_help_subcommand = true, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  gorace check ./cmd/server          many schedules of a program, every bug reported
  gorace test ./...                  tests, with race checks
  gorace test --explore ./store      many schedules of each test
  gorace explain data-race           what a finding means";

const OF_CHECK: &str = "\
Examples:
  gorace check .                             the program in this folder
  gorace check --schedules 1000 ./cmd/x -v   more schedules; -v is the program's
  gorace check --output sarif=r.sarif ./...  every program of the module, with a report for machines";

const OF_RUN: &str = "\
Examples:
  gorace run .                                   once, as `go run -race .`
  gorace run -ldflags '-X main.version=1' . a b  with a variable set, and two arguments
  gorace run --seed 7 main.go                    a schedule that is the same every time";

const OF_TEST: &str = "\
Examples:
  gorace test ./...                     as `go test -race ./...`
  gorace test -run TestGet -v ./store   one test
  gorace test -c -o store.test ./store  the test program, not run
  gorace test --explore ./store         many schedules of each test";

const OF_BUILD: &str = "\
Examples:
  gorace build ./...            whether everything compiles
  gorace build .                a program into this folder, with its race checks
  gorace build -o bin/ ./...    each program of the module into a folder";

#[derive(Debug, Subcommand)]
enum Command {
    /// Explore many schedules of a program and report every bug found.
    #[command(after_help = OF_CHECK)]
    Check(check::Arguments),
    /// Compile and run, reporting races as `go run -race` does.
    #[command(after_help = OF_RUN)]
    Run(run::Arguments),
    /// Run packages' tests, reporting races as `go test -race` does.
    #[command(after_help = OF_TEST)]
    Test(Box<test::Arguments>),
    /// Compile only.
    #[command(after_help = OF_BUILD)]
    Build(build::Arguments),
    /// Run one recorded schedule again.
    Replay(replay::Arguments),
    /// What a rule means and how to mend it.
    Explain(explain::Arguments),
    /// Where compiled packages and programs are kept, and how much there is.
    Cache(cache::Arguments),
    /// The rules that findings name.
    Rules(rules::Arguments),
    /// What an editor or a CI needs to read the reports.
    Editor(editor::Arguments),
    /// Completions for a shell.
    Completions(editor::Completions),
    /// The manual, as a page for `man`.
    Man(editor::Manual),
    /// The Go SDKs that can be used.
    Sdk(sdk::Arguments),
    /// Which gorace this is, and the Go SDK that it uses.
    Version(about::Version),
    /// What gorace uses: folders, the SDK, Go's settings.
    Env(about::Env),
    /// Help for a command, a rule or a topic.
    Help(about::Help),
    #[command(name = "__worker", hide = true)]
    Worker(worker::Arguments),
}

/// Runs the command line and returns the process's exit code.
pub fn main() -> ExitCode {
    // A compiled program is this binary under another name.
    if let Some(status) = executable::run() {
        return status;
    }
    let mut words = std::env::args_os().collect();
    let commands = command();
    let goflags = gorace_load::environment::go_flags();
    let words = flags::enter_folder(&mut words, &commands).and_then(|()| flags::for_clap(words, &goflags, &commands));
    let words = match words {
        Ok(words) => words,
        Err(e) => return fail(&e),
    };
    let command = Arguments::parse_from(words).command;
    if command.uses_cache()
        && let Err(e) = gorace_load::sdk::prepare_cache()
    {
        return fail(&e);
    }
    let status = run(command);
    match UNSAID.get() {
        Some(error) if status == ExitCode::SUCCESS => fail(&format!("standard output: {error}")),
        _ => status,
    }
}

impl Command {
    fn uses_cache(&self) -> bool {
        use Command::*;
        matches!(self, Check(_) | Run(_) | Test(_) | Build(_) | Replay(_) | Cache(_) | Sdk(_))
    }
}

fn run(command: Command) -> ExitCode {
    match command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Run(arguments) => run::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Build(arguments) => build::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Cache(arguments) => cache::run(&arguments),
        Command::Rules(arguments) => rules::run(&arguments),
        Command::Editor(arguments) => editor::run(&arguments),
        Command::Completions(arguments) => editor::completions(&arguments),
        Command::Man(arguments) => editor::manual(&arguments),
        Command::Sdk(arguments) => sdk::run(&arguments),
        Command::Version(arguments) => about::version(&arguments),
        Command::Env(arguments) => about::env(&arguments),
        Command::Help(arguments) => about::help(&arguments),
        Command::Worker(arguments) => worker::run(&arguments),
    }
}

/// The command line's description, for help, completions and the test that holds the README against it.
pub fn command() -> clap::Command {
    Arguments::command()
}

fn fail(error: &dyn std::fmt::Display) -> ExitCode {
    note(&error.to_string());
    ExitCode::from(exit::UNUSABLE)
}

/// Prints to standard output. A reader that has gone away (`gorace … | head`) is no reason to stop or to complain.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => _ = UNSAID.set(e.to_string()),
        _ => {}
    }
}

/// Why something could not be printed (a full disk): the command must not end as if all was said.
static UNSAID: std::sync::OnceLock<String> = std::sync::OnceLock::new();

/// Prints a line to standard error. What a terminal would obey is shown instead.
fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", gorace_base::visible::lines(text));
}

/// Leading Go files, or one folder or path, then the program's arguments.
fn split_program(words: &[String]) -> (Vec<String>, Vec<String>) {
    let files = words.iter().take_while(|p| p.ends_with(".go")).count().max(1).min(words.len());
    let (program, rest) = words.split_at(files);
    (program.to_vec(), rest.to_vec())
}

/// A file's text, for reports.
fn read_source(path: &str) -> Option<String> {
    gorace_base::files::read_text(std::path::Path::new(path)).ok()
}
