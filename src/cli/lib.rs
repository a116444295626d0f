//! Commands, flags, configuration, progress and exit codes.

pub mod compile;

use clap::{Parser, Subcommand};
use compile::{Request, Stage, compile};
use gorace_base::exit;
use std::process::ExitCode;

/// Finds concurrency bugs in Go programs.
#[derive(Debug, Parser)]
#[command(name = "gorace", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compile only.
    Build {
        /// Go files, a folder or an import path.
        program: Vec<String>,
        /// Stop early.
        #[arg(long)]
        stop_after: Option<Stage>,
        /// Print all errors, not just ten.
        #[arg(long)]
        all_errors: bool,
        /// Print what each step took.
        #[arg(long)]
        timings: bool,
        /// Check the compiler's own forms between steps.
        #[arg(long)]
        verify: bool,
        /// Print the intermediate form of functions whose symbol contains this text.
        #[arg(long)]
        dump_ir: Option<String>,
        /// Leave race checks out.
        #[arg(long)]
        no_race: bool,
    },
    /// Compile and run, detecting races as `go run -race` does.
    Run {
        /// Leave race checks out.
        #[arg(long)]
        no_race: bool,
        /// Print what each step took.
        #[arg(long)]
        timings: bool,
        /// The seed of the schedule; without one every run has its own.
        #[arg(long)]
        seed: Option<u64>,
        /// Go files or a folder, then the program's arguments.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        program: Vec<String>,
    },
}

/// Runs the command line and returns the process's exit code.
pub fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Build { program, stop_after, all_errors, timings, verify, dump_ir, no_race } => {
            let request = Request {
                program,
                race: !no_race,
                stop_after,
                all_errors,
                timings,
                verify,
                dump_ir,
                ..Request::default()
            };
            match compile(&request) {
                Ok(_) => ExitCode::from(exit::CLEAN),
                Err(e) => fail(&e),
            }
        }
        Command::Run { no_race, timings, seed, program } => {
            let files = program.iter().take_while(|p| p.ends_with(".go")).count().max(1);
            let (program, rest) = program.split_at(files.min(program.len()));
            let request = Request { program: program.to_vec(), race: !no_race, timings, ..Request::default() };
            match compile(&request) {
                Ok(Some(image)) => run(&image, program, rest, seed),
                Ok(None) => ExitCode::from(exit::CLEAN),
                Err(e) => fail(&e),
            }
        }
    }
}

fn fail(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("{error}");
    ExitCode::from(exit::UNUSABLE)
}

fn run(image: &std::path::Path, program: &[String], rest: &[String], seed: Option<u64>) -> ExitCode {
    use std::ffi::CString;
    use std::os::unix::ffi::OsStringExt;
    let name = program.first().map_or("main", String::as_str).trim_end_matches(".go");
    let args =
        std::iter::once(name).chain(rest.iter().map(String::as_str)).filter_map(|a| CString::new(a).ok()).collect();
    let env = std::env::vars_os()
        .filter_map(|(key, value)| {
            let mut bytes = key.into_vec();
            bytes.push(b'=');
            bytes.extend(value.into_vec());
            CString::new(bytes).ok()
        })
        .collect();
    let mode = seed.map_or(gorace_runtime::Mode::Run, |seed| gorace_runtime::Mode::Explore { seed });
    let options = gorace_runtime::Options { mode, args, env, race: true, ..gorace_runtime::Options::default() };
    match gorace_runtime::execute(image, options) {
        Ok(code) => ExitCode::from(code as u8),
        Err(e) => fail(&format!("cannot start the program: {e:?}")),
    }
}
