//! `gorace build`: compile only, with the dumps and timings that developers need.

use crate::compile::{Request, Stage, TestProgram, compile, compile_tests};
use crate::dump::Dump;
use crate::{fail, say};
use gorace_base::exit;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Go files, folders, import paths or patterns such as `./...`; the current folder if none is given.
    program: Vec<String>,
    /// Build tags, separated by commas.
    #[arg(long, value_delimiter = ',')]
    tags: Vec<String>,
    /// The packages' tests too.
    #[arg(long)]
    tests: bool,
    /// Stop early.
    #[arg(long)]
    stop_after: Option<Stage>,
    /// Print all errors, not just ten.
    #[arg(long)]
    all_errors: bool,
    /// Print the code of each error of the type checker, which `gorace explain` knows.
    #[arg(long)]
    codes: bool,
    /// Print what each step took.
    #[arg(long)]
    timings: bool,
    /// Check the compiler's own forms between steps.
    #[arg(long)]
    verify: bool,
    /// Print a form of the program: ast, types, ir, or ir=TEXT for functions whose symbol contains the text.
    #[arg(long, value_name = "WHAT")]
    dump: Option<Dump>,
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
        tags: a.tags.clone(),
        tests: a.tests,
        race: !a.no_race,
        stop_after: a.stop_after,
        all_errors: a.all_errors,
        codes: a.codes,
        timings: a.timings,
        verify: a.verify,
        ..Request::default()
    };
    if let Some(dump) = &a.dump {
        return crate::dump::run(dump, &request);
    }
    if a.tests && a.stop_after.is_none() {
        let mut status = ExitCode::from(exit::CLEAN);
        let mut each = |program: TestProgram| match program.image {
            Ok(Some(image)) if a.print_image => say(&format!("{}\n", image.display())),
            Ok(_) => {}
            Err(e) => status = fail(&e),
        };
        return match compile_tests(&request, &mut |_| {}, &mut each) {
            Ok(()) => status,
            Err(e) => fail(&e),
        };
    }
    match compile(&request) {
        Ok(image) => {
            if let Some(image) = image.filter(|_| a.print_image) {
                say(&format!("{}\n", image.display()));
            }
            ExitCode::from(exit::CLEAN)
        }
        Err(e) => fail(&e),
    }
}
