//! `gorace replay`: one schedule again, with the same report.
//!
//! The schedule is given by its token and the program, or by a trace: a small JSON file with version, program, arguments,
//! token, and which finding of that schedule it is for. Its paths are relative to the module's folder, whose module it names: it is
//! replayed in any folder of that module, on any machine. Other findings of a trace's schedule are counted, not printed. With
//! `--test` the program is a package, and one of its tests is run, as `gorace test --explore` runs it.

use crate::build_flags::SourceFlags;
use crate::compile::{Request, TestPlan, TestProgram, compile_program, compile_tests};
use crate::config::{Config, Networks};
use crate::output::Output;
use crate::subject::Subject;
use crate::test::functions;
use crate::{fail, note, say};
use clap::ValueEnum;
use gorace_base::exit;
use gorace_base::finding::{Finding, Severity};
use gorace_explore::decisions::{Schedule, Source, TokenError};
use gorace_explore::strategy::Name;
use gorace_explore::{Exploration, Network, explore};
use gorace_report::fingerprint;
use gorace_report::place::{self, shown_path};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    sources: SourceFlags,
    /// The token is of this test of a package, as in `gorace test --explore`; a trace knows it by itself.
    #[arg(long, value_name = "NAME")]
    test: Option<String>,
    /// Which network the schedule has, as in `gorace check`; a trace knows it by itself.
    #[arg(long, value_enum)]
    network: Option<Networks>,
    /// The trace that `--trace-dir` wrote, or a schedule's token.
    #[arg(value_name = "TRACE|TOKEN")]
    trace: PathBuf,
    /// Behind a token: Go files, a folder or an import path, then the program's arguments.
    #[arg(trailing_var_arg = true)]
    program: Vec<String>,
}

const VERSION: u64 = 3;

/// What the schedule may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Writes a trace for each finding: `RULE-SEED-N.trace`, of tests `TEST-RULE-SEED-N.trace`; N begins at `from`.
///
/// # Errors
/// When the folder or a file cannot be written.
pub fn write_traces(
    folder: &Path,
    from: usize,
    subject: &Subject,
    (strategy, stall): (Name, Duration),
    own_network: bool,
    findings: &[Finding],
) -> Result<(), String> {
    let say = |e: std::io::Error| format!("{}: {e}", folder.display());
    std::fs::create_dir_all(folder).map_err(say)?;
    let (module, program) = in_module(&subject.program);
    let test = subject.test.as_ref().map_or_else(String::new, |test| format!("{}-", test.name));
    for (i, finding) in findings.iter().enumerate() {
        let path = folder.join(format!("{test}{}-{}-{}.trace", finding.rule, finding.seed, from + i));
        let source = Source::Strategy { name: strategy, stall };
        let own = Schedule { seed: finding.seed, source, predicts: None };
        let schedule = if finding.schedule.is_empty() { own.token() } else { finding.schedule.clone() };
        let trace = serde_json::json!({
            "gorace-trace": VERSION,
            "program": program,
            "module": module,
            "tags": subject.sources.tags,
            "flags": subject.sources.words(),
            "words": subject.words,
            "test": subject.run,
            "args": subject.args,
            "schedule": schedule,
            "network": if own_network { "own" } else { "machine" },
            "rule": finding.rule,
            "finding": fingerprint::key(finding),
        });
        std::fs::write(&path, format!("{trace}\n")).map_err(say)?;
        note(&format!("trace: gorace replay {}", path.display()));
    }
    Ok(())
}

/// Files and folders as paths in their module, and that module's path; without a module as paths from the current folder.
fn in_module(program: &[String]) -> (Option<String>, Vec<String>) {
    let mut module = None;
    let words = program.iter().map(|word| {
        let Ok(full) = std::fs::canonicalize(word) else { return word.clone() };
        match place::module_of(&full) {
            Some((root, path)) => {
                module = Some(path);
                let inner = full.strip_prefix(root).unwrap_or(&full);
                format!("./{}", inner.display())
            }
            None => shown_path(&full.display().to_string()),
        }
    });
    let words = words.collect();
    (module, words)
}

/// Where these files and folders are seen from the current folder.
fn out_of_module(module: Option<&str>, program: Vec<String>) -> Vec<String> {
    let here = std::env::current_dir().ok().and_then(|here| place::module_of(&here));
    match here.filter(|(_, path)| Some(path.as_str()) == module) {
        Some((root, _)) => {
            let out = |word: &String| match word.strip_prefix("./") {
                Some(inner) => shown_path(&root.join(inner).display().to_string()),
                None => word.clone(),
            };
            program.iter().map(out).map(|word| if word.is_empty() { ".".to_string() } else { word }).collect()
        }
        None => program,
    }
}

/// What is to be run.
struct Wanted {
    subject: Subject,
    schedule: Schedule,
    network: Option<Networks>,
    /// The key of the finding that a trace was written for.
    finding: Option<String>,
}

/// Reads a trace.
fn parse(text: &str) -> Result<Wanted, &'static str> {
    let no_trace = "not a trace; give a file that `gorace check --trace-dir FOLDER` wrote";
    let other = "a trace of another version of gorace; record it again with `gorace check --trace-dir`";
    let trace = serde_json::from_str::<serde_json::Value>(text).map_err(|_| no_trace)?;
    match trace["gorace-trace"].as_u64() {
        None => return Err(no_trace),
        Some(VERSION) => {}
        Some(_) => return Err(other),
    }
    let texts = |key: &str| -> Option<Vec<String>> {
        trace[key].as_array()?.iter().map(|v| v.as_str().map(str::to_string)).collect()
    };
    let damaged = "a damaged trace; record it again with `gorace check --trace-dir`";
    let schedule = match trace["schedule"].as_str().map(Schedule::parse) {
        Some(Ok(schedule)) => schedule,
        Some(Err(TokenError::OtherVersion)) => return Err(other),
        Some(Err(TokenError::NoToken)) | None => return Err(damaged),
    };
    let words = trace["words"].as_str().unwrap_or("").to_string();
    match (texts("program"), texts("tags"), texts("args")) {
        (Some(program), Some(tags), Some(args)) if !program.is_empty() => {
            let text = |key: &str| trace[key].as_str().map(str::to_string);
            let program = out_of_module(text("module").as_deref(), program);
            // Traces of before have tags alone.
            let sources = match texts("flags") {
                None => SourceFlags::of_tags(tags),
                Some(words) => SourceFlags::of_words(&words).ok_or(damaged)?,
            };
            let subject = Subject { program, sources, args, words, run: text("test"), ..Subject::default() };
            let network = text("network").and_then(|name| Networks::from_str(&name, false).ok());
            Ok(Wanted { subject, schedule, network, finding: text("finding") })
        }
        _ => Err(damaged),
    }
}

/// What the command line means.
fn wanted(a: &Arguments) -> Result<Wanted, String> {
    let name = a.trace.display();
    if a.program.is_empty() {
        let bytes = match gorace_base::files::read(&a.trace) {
            Ok(bytes) => bytes,
            Err(_) if a.trace.to_str().is_some_and(|word| Schedule::parse(word).is_ok()) => {
                return Err(format!("{name}: behind a token the program must stand, as in `gorace check`"));
            }
            Err(_) if a.trace.is_dir() => return Err(format!("{name}: {}", no_token(&a.trace))),
            Err(e) => return Err(format!("{name}: {e}")),
        };
        if a.test.is_some() {
            return Err(format!("{name}: a trace knows its test by itself: leave --test out"));
        }
        return parse(&String::from_utf8_lossy(&bytes)).map_err(|e| format!("{name}: {e}"));
    }
    let schedule = Schedule::parse(&a.trace.to_string_lossy()).map_err(|e| match e {
        TokenError::NoToken => format!("{name}: {}", no_token(&a.trace)),
        TokenError::OtherVersion => format!("{name}: a token of another version of gorace; run `gorace check` again"),
    })?;
    let mut subject = Subject::of_program(&a.sources, &a.program);
    subject.run.clone_from(&a.test);
    Ok(Wanted { subject, schedule, network: None, finding: None })
}

/// What is wrong with a word that is no token.
fn no_token(word: &Path) -> &'static str {
    let is_program = word.is_dir() || word.extension().is_some_and(|e| e == "go") || word.starts_with(".");
    match is_program {
        true => {
            "this is a program, and its schedule's token must stand before it: `gorace replay TOKEN PROGRAM`; `gorace check` prints one with each finding"
        }
        false => "not a token; `gorace check` prints one with each finding",
    }
}

/// Compiles a package's tests; completes the subject, which names one of them.
///
/// # Errors
/// When there is no such test, or no such package.
fn with_test(subject: &Subject, request: &Request, run: &str, is_trace: bool) -> Result<(PathBuf, Subject), String> {
    let (goroot, mut programs) = (OnceLock::new(), Vec::new());
    let mut planned = |plan: TestPlan| {
        let _ = goroot.set(plan.goroot);
        Ok(())
    };
    let mut each = |program: TestProgram| programs.push(program);
    compile_tests(request, &mut planned, &mut each).map_err(|e| e.to_string())?;
    let named = subject.program.join(" ");
    let [program] = programs.as_slice() else {
        return Err(format!("{named}: {} packages; --test is of one", programs.len()));
    };
    let package = &program.package;
    let image = match &program.image {
        Ok(Some(image)) => image.clone(),
        Ok(None) => return Err(format!("{package}: no test files")),
        Err(e) => return Err(e.to_string()),
    };
    let test = run.split('/').next().unwrap_or(run);
    let goroot = goroot.get().cloned().unwrap_or_default();
    let known = functions(&image, program, &goroot, ".")
        .map_err(|e| format!("{package}: the test program cannot be run: {e}"))?;
    if !test.split('|').all(|test| known.iter().any(|name| name == test)) {
        let known = if known.is_empty() { "none".to_string() } else { known.join(", ") };
        return Err(format!("{package}: no test {test}; there are {known}"));
    }
    let mut words = subject.program.clone();
    let rest = subject.args[1..].to_vec();
    words.extend(rest.iter().cloned());
    let mut whole = Subject::of_test(&subject.sources, &words, program, run, rest);
    if is_trace {
        // They are in the trace as they were.
        (whole.args, whole.words) = (subject.args.clone(), subject.words.clone());
    }
    Ok((image, whole))
}

pub fn run(a: &Arguments) -> ExitCode {
    if let Err(e) = a.output.prepare() {
        return fail(&e);
    }
    let Wanted { mut subject, schedule, network, finding: key } = match wanted(a) {
        Ok(wanted) => wanted,
        Err(e) => return fail(&e),
    };
    let request = match subject.sources.request(subject.program.clone()) {
        Ok(request) => Request { race: true, ..request },
        Err(e) => return fail(&e),
    };
    let image = match subject.run.clone() {
        Some(run) => match with_test(&subject, &request, &run, key.is_some()) {
            Ok((image, whole)) => {
                subject = whole;
                image
            }
            Err(e) => return fail(&e),
        },
        None => match compile_program(&request) {
            Ok(image) => image,
            Err(e) => return fail(&e),
        },
    };
    let config = match Config::of(&request.program) {
        Ok(config) => config,
        Err(e) => return fail(&e),
    };
    let network = a.network.or(network).or(config.check.network).unwrap_or(Networks::Own);
    let network = Arc::new(Network::new(network == Networks::Own));
    let exploration = Exploration {
        image,
        args: subject.args.clone(),
        folder: subject.folder.clone(),
        schedules: 1,
        seed: schedule.seed,
        strategy: Name::Mix,
        stall: match schedule.source {
            Source::Strategy { stall, .. } => stall,
            Source::Decisions(_) => Duration::ZERO,
        },
        preemptions: 0,
        proves: false,
        only: Some(schedule.clone()),
        shorten: false,
        endings: false,
        // Nobody looks for more: a tenth of the time is enough.
        hung: Arc::new(AtomicUsize::new(usize::MAX)),
        time: None,
        timeout: TIMEOUT,
        memory: u64::MAX,
        network: network.clone(),
        interrupted: Arc::default(),
    };
    let mut outcome = match explore(&exploration, &mut ()) {
        Ok(outcome) => outcome,
        Err(e) => return fail(&format!("cannot run the schedule: {e}")),
    };
    let mut findings = std::mem::take(&mut outcome.findings);
    findings.iter_mut().for_each(|finding| subject.name(finding));
    let (mut shown, others): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|f| key.as_ref().is_none_or(|wanted| fingerprint::key(f) == *wanted));
    for finding in &mut shown {
        finding.severity = config.severity(&finding.rule).unwrap_or(finding.severity);
        finding.schedule = schedule.token();
        finding.replay = subject.replay_command(finding, network.is_own());
    }
    crate::search::beside(&outcome).for_each(|line| note(&line));
    shown.iter().filter_map(|f| a.output.stream(f)).for_each(|text| say(&text));
    let unseen = crate::search::unseen(&outcome, TIMEOUT, u64::MAX);
    if let Err(e) = a.output.finish(&shown, &unseen) {
        return fail(&e);
    }
    if shown.is_empty() && !unseen.is_empty() {
        unseen.iter().for_each(|line| note(line));
        return ExitCode::from(exit::UNSEEN);
    }
    if shown.is_empty() {
        let what = if key.is_some() { "the trace's finding" } else { "any finding" };
        note(&format!(
            "the schedule does not show {what}: the program, its arguments or its tags are others than then, or something besides \
             the schedule decides (time, the network, random numbers of the system)"
        ));
    }
    if !others.is_empty() {
        note(&format!("{} other findings in this schedule", others.len()));
    }
    if shown.is_empty() {
        return ExitCode::from(exit::NOT_SHOWN);
    }
    let failed = shown.iter().any(|f| f.severity == Severity::Error);
    ExitCode::from(if failed { exit::FINDINGS } else { exit::CLEAN })
}
