//! `gorace build`: compile only, with the dumps and timings that developers need.

use crate::build_flags::{HowFlags, SourceFlags};
use crate::compile::{Request, Stage, TestProgram, compile, compile_each, compile_tests, steps};
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
    #[command(flatten)]
    sources: SourceFlags,
    #[command(flatten)]
    how: HowFlags,
    /// Name the packages that are compiled, and tell which flags mean nothing here.
    #[arg(short, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    verbose: Option<bool>,
    /// Print what happens as JSON, one event a line.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    json: Option<bool>,
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
    /// Print the path of the linked image.
    #[arg(long)]
    print_image: bool,
}

pub fn run(a: &Arguments) -> ExitCode {
    if a.verbose == Some(true) {
        a.sources.tell_idle();
    }
    let plain = match a.sources.request(a.program.clone()) {
        Ok(request) => request,
        Err(e) => return fail(&e),
    };
    let request = Request {
        tests: a.tests,
        race: a.how.race(),
        stop_after: a.stop_after,
        all_errors: a.all_errors,
        codes: a.codes,
        timings: a.timings,
        verify: a.verify,
        tells: a.how.tells(a.verbose),
        ..plain
    };
    if let Some(dump) = &a.dump {
        return crate::dump::run(dump, &request);
    }
    if a.how.dry() {
        return match steps(&request) {
            Ok(steps) => {
                steps.iter().for_each(|step| crate::note(step));
                ExitCode::from(exit::CLEAN)
            }
            Err(e) => a.refuse(&e),
        };
    }
    if let Some(output) = &a.output {
        return match executables(&request, output) {
            Ok(()) => ExitCode::from(exit::CLEAN),
            Err(e) => a.refuse(&e),
        };
    }
    if a.tests && a.stop_after.is_none() {
        let mut status = ExitCode::from(exit::CLEAN);
        let mut each = |program: TestProgram| match program.image {
            Ok(Some(image)) if a.print_image => say(&format!("{}\n", image.display())),
            Ok(_) => {}
            Err(e) => status = a.refuse(&e),
        };
        return match compile_tests(&request, &mut |_| Ok(()), &mut each) {
            Ok(()) => status,
            Err(e) => a.refuse(&e),
        };
    }
    let compiled = match compile(&request) {
        Ok(compiled) => compiled,
        Err(e) => return a.refuse(&e),
    };
    let Some((name, image)) = compiled.and_then(|c| Some((c.name, c.image?))) else {
        return ExitCode::from(exit::CLEAN);
    };
    if a.print_image {
        say(&format!("{}\n", image.display()));
    } else if !a.is_for_developers() {
        // As the go command does, one program stays under its own name.
        let settings = Settings { race: request.race, ..Settings::default() };
        if let Err(e) = write(Path::new(&name), &image, &settings) {
            return fail(&e);
        }
    }
    ExitCode::from(exit::CLEAN)
}

impl Arguments {
    /// Whether the compiler is looked at rather than a program wanted.
    fn is_for_developers(&self) -> bool {
        self.print_image || self.verify || self.codes || self.timings || self.stop_after.is_some()
    }

    /// Tells why there is nothing.
    fn refuse(&self, error: &dyn std::fmt::Display) -> ExitCode {
        let text = error.to_string();
        if self.json != Some(true) || !text.starts_with("# ") {
            return fail(&text);
        }
        // Each package's errors begin with a line that names it.
        for part in format!("\n{text}").split("\n# ").skip(1) {
            let package = part.lines().next().unwrap_or("");
            say(&crate::test::failed_build(package, &format!("# {part}")));
        }
        ExitCode::from(exit::UNUSABLE)
    }
}

/// Writes a program's executable.
///
/// # Errors
/// When another file is there, or it cannot be written.
pub fn write(file: &Path, image: &Path, settings: &Settings) -> Result<(), String> {
    can_be_written(file)?;
    let write = || {
        file.parent().filter(|f| !f.as_os_str().is_empty()).map_or(Ok(()), std::fs::create_dir_all)?;
        attach(file, image, settings)
    };
    write().map_err(|e| format!("{}: {e}", file.display()))
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
        write(&file, image, &settings)?;
    }
    Ok(())
}
