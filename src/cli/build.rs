//! `gorace build`: compile only, with the dumps and timings that developers need.

use crate::compile::{Request, Stage, TestProgram, compile, compile_each, compile_tests};
use crate::dump::Dump;
use crate::executable::{Settings, attach};
use crate::{fail, say};
use gorace_base::exit;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Go files, folders, import paths or patterns such as `./...`; the current folder if none is given.
    program: Vec<String>,
    /// Write a program as a file that runs by itself; a folder takes the executables of all programs among the packages.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
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
    /// Print a form of the program: ast, types, ir, code; ir=TEXT and code=TEXT of functions whose symbol contains the text, ir=TEXT:PASS
    /// as they are after a pass.
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
    if let Some(output) = &a.output {
        return match executables(&request, output) {
            Ok(()) => ExitCode::from(exit::CLEAN),
            Err(e) => fail(&e),
        };
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

/// Refuses, as the go command does, to write over what no build has made: a folder, a device, a file that is no program, such as a source.
fn can_be_written(file: &Path) -> Result<(), String> {
    use std::io::Read;
    let shown = file.display();
    let Ok(found) = std::fs::metadata(file) else { return Ok(()) };
    if found.is_dir() {
        return Err(format!("build output \"{shown}\" already exists and is a directory"));
    }
    if !found.is_file() {
        return Err(format!("build output \"{shown}\" already exists and is not a regular file"));
    }
    let mut first = [0; 8];
    let length = std::fs::File::open(file).and_then(|mut file| file.read(&mut first)).unwrap_or(0);
    let is_object = [&b"\x7fELF"[..], b"!<arch>\n", b"go object", b"\0asm"].iter().any(|magic| {
        let n = magic.len().min(length);
        n >= 4 && magic[..n] == first[..n]
    });
    match found.len() == 0 || is_object {
        true => Ok(()),
        false => Err(format!("build output \"{shown}\" already exists and is not an object file")),
    }
}

/// Compiles packages and writes the programs among them. The words are the go command's.
fn executables(request: &Request, output: &Path) -> Result<(), String> {
    let compiled = compile_each(request).map_err(|e| e.to_string())?;
    let into_folder = output.is_dir() || output.as_os_str().as_encoded_bytes().ends_with(b"/");
    if into_folder && compiled.iter().all(|package| package.image.is_none()) {
        return Err("no main packages to build".to_string());
    }
    if !into_folder && compiled.len() != 1 {
        return Err(format!("cannot write multiple packages to non-directory {}", output.display()));
    }
    let settings = Settings { race: request.race, ..Settings::default() };
    for package in &compiled {
        let Some(image) = &package.image else {
            if into_folder {
                continue;
            }
            return Err(format!(
                "{}: {} is not a main package, only programs can be written",
                output.display(),
                package.name
            ));
        };
        let file = if into_folder { output.join(&package.name) } else { output.to_path_buf() };
        // As for the go command, it takes everything and keeps nothing.
        if file == Path::new("/dev/null") {
            continue;
        }
        can_be_written(&file)?;
        let write = || {
            file.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            attach(&file, image, &settings)
        };
        write().map_err(|e| format!("{}: {e}", file.display()))?;
    }
    Ok(())
}
