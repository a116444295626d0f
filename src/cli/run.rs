//! `gorace run`: a drop-in for `go run -race`.

use crate::build_flags::{HowFlags, SourceFlags};
use crate::compile::{Request, compile_program};
use crate::executable::{Left, Settings};
use crate::race_options::RaceOptions;
use crate::{fail, split_program};
use gorace_base::exit;
use gorace_base::finding::{Finding, Severity};
use gorace_explore::Detector;
use gorace_explore::strategy::explorer::Explorer;
use gorace_explore::strategy::{self, Name};
use gorace_load::environment::split_words;
use gorace_report::Format;
use gorace_runtime::image::Location;
use gorace_runtime::policy::Live;
use gorace_runtime::{Leaks, Mode, Options, Policy};
use std::cell::{Cell, RefCell};
use std::ffi::{CString, OsString};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    sources: SourceFlags,
    #[command(flatten)]
    how: HowFlags,
    /// Name the packages that are compiled, and tell which flags mean nothing here.
    #[arg(short, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    verbose: Option<bool>,
    /// A program, with arguments, that runs the compiled one.
    #[arg(long, value_name = "COMMAND")]
    exec: Option<String>,
    /// Print what each step took.
    #[arg(long)]
    timings: bool,
    /// The seed of the schedule; without one every run has its own.
    #[arg(long)]
    seed: Option<u64>,
    /// How many threads run Go code side by side; one, unless GORACE says otherwise.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Go files or a folder, then the program's arguments.
    #[arg(trailing_var_arg = true, required = true)]
    program: Vec<OsString>,
}

pub fn run(a: &Arguments) -> ExitCode {
    // What is compiled has a name that is text; what the program gets need not be.
    let known: Vec<String> = a.program.iter().map(|word| word.to_string_lossy().to_string()).collect();
    let (program, rest) = split_program(&known);
    let rest = &a.program[a.program.len() - rest.len()..];
    if let Some(word) = a.program.iter().take(program.len()).find(|word| word.to_str().is_none()) {
        return fail(&format!("{}: the name is not UTF-8", word.display()));
    }
    if a.verbose == Some(true) {
        a.sources.tell_idle();
    }
    let request = match a.sources.request(program.clone()) {
        Ok(request) => Request { race: a.how.race(), timings: a.timings, tells: a.how.tells(a.verbose), ..request },
        Err(e) => return fail(&e),
    };
    if a.how.dry() {
        return match crate::compile::steps(&request) {
            Ok(steps) => {
                steps.iter().for_each(|step| crate::note(step));
                crate::note(&format!("run {}", known.join(" ")));
                ExitCode::from(exit::CLEAN)
            }
            Err(e) => fail(&e),
        };
    }
    let image = match compile_program(&request) {
        Ok(image) => image,
        Err(e) => return fail(&e),
    };
    let name = program.first().map_or("main", String::as_str).trim_end_matches(".go");
    let mut args = vec![OsString::from(name)];
    args.extend_from_slice(rest);
    // As the go command does: a program that runs `go` finds the SDK that it was built with.
    let path = crate::sdk::find().map(|sdk| path_with(&sdk.root)).ok();
    let settings =
        Settings { race: a.how.race(), seed: a.seed, threads: a.threads, tell_status: true, ..Settings::default() };
    match a.exec.as_deref().map(split_words).filter(|words| !words.is_empty()) {
        None => execute(&image, args, &settings, path),
        Some(words) => match run_by(&words, &image, name, rest, &settings, path) {
            Ok(status) => status,
            Err(e) => fail(&format!("{}: {e}", words[0])),
        },
    }
}

/// Has another program run the compiled one, which is a file for so long.
fn run_by(
    words: &[String],
    image: &Path,
    name: &str,
    rest: &[OsString],
    settings: &Settings,
    path: Option<OsString>,
) -> std::io::Result<ExitCode> {
    use std::os::unix::process::ExitStatusExt;
    let folder = tempfile::tempdir()?;
    let name = Path::new(name).file_name().unwrap_or(name.as_ref());
    let name = if name.as_encoded_bytes().starts_with(b".") { "main".as_ref() } else { name };
    let binary = folder.path().join(name);
    crate::executable::attach(&binary, image, settings)?;
    let mut command = std::process::Command::new(&words[0]);
    command.args(&words[1..]).arg(&binary).args(rest).envs(path.map(|path| ("PATH", path)));
    let status = command.status()?;
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    if code != 0 {
        crate::note(&format!("exit status {code}"));
    }
    Ok(ExitCode::from(code as u8))
}

/// PATH with an SDK's commands first.
pub fn path_with(goroot: &Path) -> OsString {
    let mut path = goroot.join("bin").into_os_string();
    if let Some(rest) = std::env::var_os("PATH").filter(|rest| !rest.is_empty()) {
        path.push(":");
        path.push(rest);
    }
    path
}

/// Runs an image to its end in this process, reporting races as Go does. Without a seed every run has its own.
pub fn execute<'p>(
    image: impl Into<Location<'p>>,
    args: Vec<OsString>,
    settings: &Settings,
    path: Option<OsString>,
) -> ExitCode {
    let image = image.into();
    let &Settings { race, seed, threads, tell_status, ref leaks } = settings;
    let tell = move |status: i32| {
        if tell_status && status != 0 {
            crate::note(&format!("exit status {}", status & 0xff));
        }
    };
    let asked = RaceOptions::of_environment();
    let (status, halt, linger) = (asked.exit_code, asked.halt_on_error, asked.linger);
    let count = Rc::new(Cell::new(0u32));
    let to = Rc::new(RefCell::new(asked.open()));
    let threads = threads.or(asked.threads);
    let output = {
        let (count, to, leaks) = (count.clone(), to.clone(), leaks.clone());
        Box::new(move |finding: &Finding| {
            if finding.rule != "data-race" {
                // Of a panic the program's own words tell.
                let is_of_test = matches!(finding.rule.as_str(), "goroutine-leak" | "deadlock" | "lock-cycle");
                if let Some(left) = leaks.as_ref().filter(|_| is_of_test) {
                    to.borrow_mut().line(of_test(&asked.stripped(finding), left).trim_end());
                }
                return;
            }
            count.set(count.get() + 1);
            let shown = asked.stripped(finding);
            let report = gorace_report::render(Format::Go, std::slice::from_ref(&*shown), &|_| None);
            to.borrow_mut().line(report.trim_end());
            if halt {
                tell(status);
                std::process::exit(status);
            }
        })
    };
    let mode = seed.map_or(Mode::Run, |seed| Mode::Explore { seed });
    let policy: Box<dyn Policy> = match seed {
        Some(seed) => Box::new(Explorer::new(strategy::strategy(Name::Mix, seed, None), seed)),
        None => Box::new(Live::new(gorace_runtime::world::system_random()).mixing(race)),
    };
    let sink = race
        .then(|| Box::new(Detector::new(seed.unwrap_or(0), status, false, output)) as Box<dyn gorace_runtime::Sink>);
    let mut options = Options { mode, args: c_strings(args), env: environment(path), race, ..Options::default() };
    let number = |text: String| text.parse::<u16>().ok().filter(|&n| n > 0);
    if let Some(n) = std::env::var("GOMAXPROCS").ok().and_then(number).or(threads) {
        options.gomaxprocs = i64::from(n);
    }
    let leaks = leaks.as_ref().filter(|_| race);
    options.leaks = leaks.map(|left| if left.fails { Leaks::Fail } else { Leaks::Warn });
    options.threads = threads.is_some_and(|n| n > 1);
    options.linger = linger;
    match gorace_runtime::execute_with(image, options, policy, sink) {
        Ok(code) => {
            if count.get() > 0 {
                to.borrow_mut().line(&format!("Found {} data race(s)", count.get()));
            }
            tell(code);
            ExitCode::from(code as u8)
        }
        Err(e) => fail(&format!("{}: {e}", image.path.display())),
    }
}

/// What is said of a test that can never end, or of goroutines that it leaves. A warning is kept for whoever shows no output of tests that pass.
fn of_test(finding: &Finding, left: &Left) -> String {
    let mut finding = finding.clone();
    let warns = finding.rule == "goroutine-leak" && !left.fails;
    if warns {
        finding.severity = Severity::Warning;
    }
    let text = gorace_report::render(Format::Text, &[finding], &crate::read_source);
    if warns {
        let file = std::fs::OpenOptions::new().append(true).create(true).open(&left.warnings);
        // Who shows the output has it all the same.
        let _ = file.and_then(|mut file| file.write_all(text.as_bytes()));
    }
    text
}

/// Texts for the program, without those that hold a zero byte.
pub fn c_strings(texts: Vec<impl Into<OsString>>) -> Vec<CString> {
    use std::os::unix::ffi::OsStringExt;
    texts.into_iter().filter_map(|t| CString::new(t.into().into_vec()).ok()).collect()
}

/// The environment as the program sees it, with another PATH if one is given.
pub fn environment(path: Option<OsString>) -> Vec<CString> {
    use std::os::unix::ffi::OsStringExt;
    let own = std::env::vars_os().filter(|(key, _)| path.is_none() || key != "PATH");
    let path = path.clone().map(|value| ("PATH".into(), value));
    own.chain(path)
        .filter_map(|(key, value)| {
            let mut bytes = key.into_vec();
            bytes.push(b'=');
            bytes.extend(value.into_vec());
            CString::new(bytes).ok()
        })
        .collect()
}
