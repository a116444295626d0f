//! One schedule of an exploration: runs the image in this process and writes its findings to a file, as they come.

use crate::run::{c_strings, environment};
use gorace_base::finding::Finding;
use gorace_explore::decisions::{Decision, Guided, Recorder};
use gorace_explore::dump::{Recorded, Watched};
use gorace_explore::edges::Edges;
use gorace_explore::hash::{Hashed, Log};
use gorace_explore::listen::Heard;
use gorace_explore::partial::{Partial, Shaped};
use gorace_explore::steps::{Noted, Steps};
use gorace_explore::strategy::Strategy;
use gorace_explore::strategy::explorer::Explorer;
use gorace_explore::strategy::steered::{Aim, Steered};
use gorace_explore::strategy::surw::{Census, Counts};

use gorace_explore::strategy::{self, Name};
use gorace_explore::systematic::policy::Systematic;
use gorace_explore::systematic::search::{Path, Work};
use gorace_explore::{Detector, NOT_STARTED};
use gorace_runtime::{Mode, Options, Policy, Sink};
use std::cell::RefCell;
use std::io::Write;
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::rc::Rc;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[arg(long)]
    image: PathBuf,
    #[arg(long)]
    seed: u64,
    #[arg(long)]
    findings: PathBuf,
    #[arg(long)]
    timeout_ms: u64,
    #[arg(long, value_enum, default_value = "mix")]
    strategy: strategy::Name,
    /// Follow the decisions in this file, written by `--record`, instead of a strategy, and note the steps in the findings.
    #[arg(long)]
    follow: Option<PathBuf>,
    /// Keep what a report tells besides the places; so does `--follow`.
    #[arg(long)]
    facts: bool,
    /// Predict circles of locks: candidates, or with what `--facts` or `--follow` know, predictions.
    #[arg(long)]
    orders: bool,
    /// Hold goroutines back so that the circle in this file comes about.
    #[arg(long)]
    steer: Option<PathBuf>,
    /// Follow the choices in this file, then go on as the systematic strategy does; write the path to `--path`.
    #[arg(long, requires = "path")]
    systematic: Option<PathBuf>,
    #[arg(long)]
    path: Option<PathBuf>,
    /// Where to write the hashes of the scheduler's questions.
    #[arg(long)]
    hash: Option<PathBuf>,
    /// Where to write what is known of the schedule's partial order.
    #[arg(long)]
    shape: Option<PathBuf>,
    /// Where to write the schedule's decisions, when it is over.
    #[arg(long)]
    record: Option<PathBuf>,
    /// Count the schedule's operations for the strategy `surw`, and write the counts here.
    #[arg(long)]
    census: Option<PathBuf>,
    /// Where to write the schedule as text.
    #[arg(long)]
    dump_schedule: Option<PathBuf>,
    /// Where to write the wait-for graph.
    #[arg(long)]
    dump_waitgraph: Option<PathBuf>,
    args: Vec<String>,
}

/// What the exploring process takes for a failure of gorace, not of the program.
fn not_started(error: &str) -> ExitCode {
    crate::note(&format!("gorace: {error}"));
    ExitCode::from(NOT_STARTED)
}

pub fn run(a: &Arguments) -> ExitCode {
    // A schedule must not outlive the exploration, however that ends. Where the system refuses, it has its time limit.
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    let mut file = match std::fs::OpenOptions::new().append(true).create(true).open(&a.findings) {
        Ok(file) => file,
        Err(e) => return not_started(&format!("{}: {e}", a.findings.display())),
    };
    let steps = Rc::new(RefCell::new(Steps::default()));
    let edges = a.follow.is_some().then(|| Rc::new(RefCell::new(Edges::new(steps.clone()))));
    let noted = edges.clone().map(|edges| (steps.clone(), edges, std::env::current_dir().unwrap_or_default()));
    let output = Box::new(move |finding: &Finding| {
        let mut finding = finding.clone();
        if let Some((steps, edges, folder)) = &noted {
            finding.steps = steps.borrow().told(folder);
            finding.edges = edges.borrow().told();
        }
        // A full disk loses this finding, not the run.
        let _ = serde_json::to_vec(&finding).map(|mut line| {
            line.push(b'\n');
            file.write_all(&line)
        });
    });
    let mut detector = Detector::new(a.seed, 0, true, output);
    if a.facts || a.follow.is_some() {
        detector = detector.with_facts();
    }
    let partial = Rc::new(RefCell::new(Partial::default()));
    if a.shape.is_some() {
        detector = detector.with_partial(partial.clone());
    }
    if a.orders {
        detector = detector.with_orders();
    }
    if let Some(edges) = edges {
        detector = detector.with_edges(edges);
    }
    let options = Options {
        mode: Mode::Explore { seed: a.seed },
        args: c_strings(a.args.clone()),
        env: environment(None),
        race: true,
        timeout: Some(Duration::from_millis(a.timeout_ms)),
        ..Options::default()
    };
    let counts = Rc::new(RefCell::new(Counts::default()));
    let decisions = Rc::new(RefCell::new(Vec::new()));
    let path = Rc::new(RefCell::new(Path::default()));
    let mut policy: Box<dyn Policy> = match &a.follow {
        None if a.systematic.is_some() => {
            let list = std::fs::read(a.systematic.as_deref().unwrap_or(&a.image)).map_err(|e| e.to_string());
            match list.and_then(|text| serde_json::from_slice::<Work>(&text).map_err(|e| e.to_string())) {
                Ok(work) => Box::new(Systematic::new(work, a.seed, path.clone())),
                Err(e) => return not_started(&format!("the choices of a schedule: {e}")),
            }
        }
        Some(path) => {
            let list = std::fs::read(path).map_err(|e| e.to_string());
            match list.and_then(|text| serde_json::from_slice::<Vec<Decision>>(&text).map_err(|e| e.to_string())) {
                Ok(list) => Box::new(Heard::new(Box::new(Guided::new(&list, a.seed)), Noted::new(steps))),
                Err(e) => return not_started(&format!("{}: {e}", path.display())),
            }
        }
        None => Box::new(Explorer::new(strategy(a, &counts), a.seed)),
    };
    if let Some(path) = &a.steer {
        let aims = std::fs::read(path).map_err(|e| e.to_string());
        match aims.and_then(|text| serde_json::from_slice::<Vec<Aim>>(&text).map_err(|e| e.to_string())) {
            Ok(aims) => policy = Box::new(Steered::new(policy, aims, a.seed)),
            Err(e) => return not_started(&format!("{}: {e}", path.display())),
        }
    }
    if a.record.is_some() {
        let recorder = Recorder::new(decisions.clone());
        let recorder = if a.systematic.is_some() { recorder.with_picks() } else { recorder };
        policy = Box::new(Heard::new(policy, recorder));
    }
    let log = Rc::new(RefCell::new(Log::default()));
    if a.hash.is_some() {
        policy = Box::new(Heard::new(policy, Hashed::new(log.clone())));
    }
    if a.shape.is_some() {
        policy = Box::new(Heard::new(policy, Shaped::new(partial.clone())));
    }
    let mut sink: Box<dyn Sink> = Box::new(detector);
    if let Some(path) = &a.dump_schedule {
        match std::fs::File::create(path) {
            Ok(file) => policy = Box::new(Heard::new(policy, Recorded::new(file))),
            Err(e) => return not_started(&format!("{}: {e}", path.display())),
        }
    }
    if let Some(path) = &a.dump_waitgraph {
        match std::fs::File::create(path) {
            Ok(file) => sink = Box::new(Watched::new(sink, file)),
            Err(e) => return not_started(&format!("{}: {e}", path.display())),
        }
    }
    let end = gorace_runtime::execute_with(&a.image, options, policy, Some(sink));
    if let Some(path) = &a.census {
        // Without it the walk is less uniform.
        let _ = serde_json::to_vec(&*counts.borrow()).map(|text| std::fs::write(path, text));
    }
    if let Some(path) = &a.record {
        // Without them the schedule is known by its seed and strategy.
        let list = decisions.borrow();
        let _ = serde_json::to_vec(&*list).map(|text| std::fs::write(path, text));
    }
    if let Some(file) = &a.hash {
        // Without them nothing is compared.
        let _ = serde_json::to_vec(&*log.borrow()).map(|text| std::fs::write(file, text));
    }
    if let Some(file) = &a.shape {
        // Without it nothing is known of the schedule's order.
        let _ = serde_json::to_vec(&partial.borrow().shape()).map(|text| std::fs::write(file, text));
    }
    if let Some(file) = &a.path {
        // Without it the search knows nothing of this schedule.
        let _ = serde_json::to_vec(&*path.borrow()).map(|text| std::fs::write(file, text));
    }
    match end {
        Ok(code) => ExitCode::from(code as u8),
        Err(e) => not_started(&format!("{}: {e}", a.image.display())),
    }
}

/// The strategy that decides this schedule.
fn strategy(a: &Arguments, counts: &Rc<RefCell<Counts>>) -> Box<dyn Strategy> {
    if a.census.is_some() {
        return Box::new(Census::new(strategy::strategy(Name::Random, a.seed, None), counts.clone()));
    }
    let known = (a.strategy.of_seed(a.seed) == Name::Surw).then(|| census(a)).flatten();
    strategy::strategy(a.strategy, a.seed, known)
}

/// What each goroutine does in another schedule of the same program, which a process of its own runs: so the seed alone says
/// what a schedule of `surw` is.
fn census(a: &Arguments) -> Option<Counts> {
    let (counts, findings) = (tempfile::NamedTempFile::new().ok()?, tempfile::NamedTempFile::new().ok()?);
    let mut command = std::process::Command::new(std::env::current_exe().ok()?);
    command.arg("__worker").arg("--image").arg(&a.image).args(["--seed", &a.seed.to_string()]);
    command.args(["--timeout-ms", &a.timeout_ms.to_string()]).arg("--findings").arg(findings.path());
    command.arg("--census").arg(counts.path()).arg("--").args(&a.args);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().ok()?;
    serde_json::from_slice(&std::fs::read(counts.path()).ok()?).ok()
}
