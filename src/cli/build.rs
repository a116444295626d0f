//! `gorace build`: compile only, with the dumps and timings that developers need.

use crate::compile::{Request, Stage, compile};
use crate::fail;
use gorace_base::exit;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Arguments {
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
    /// Print the path of the linked image.
    #[arg(long)]
    print_image: bool,
}

pub fn run(a: &Arguments) -> ExitCode {
    let request = Request {
        program: a.program.clone(),
        race: !a.no_race,
        stop_after: a.stop_after,
        all_errors: a.all_errors,
        timings: a.timings,
        verify: a.verify,
        dump_ir: a.dump_ir.clone(),
        ..Request::default()
    };
    match compile(&request) {
        Ok(image) => {
            if let Some(image) = image.filter(|_| a.print_image) {
                println!("{}", image.display());
            }
            ExitCode::from(exit::CLEAN)
        }
        Err(e) => fail(&e),
    }
}
