//! One schedule of an exploration: a supervisor, and below it a process that runs the image and leaves its findings, as they come, in
//! memory that it was handed (`gorace_explore::handover`), or for the suites in a file.

use crate::run::{c_strings, environment};
use gorace_base::finding::Finding;
use gorace_explore::decisions::{Decision, Guided, Recorder};
use gorace_explore::dump::{Recorded, Watched};
use gorace_explore::edges::Edges;
use gorace_explore::handover::{Given, Part};
use gorace_explore::hash::{Hashed, Log};
use gorace_explore::listen::Heard;
use gorace_explore::network::Word;
use gorace_explore::partial::{Partial, Shaped};
use gorace_explore::process::{GRACE, Running, Streams};
use gorace_explore::steps::{Noted, Steps};
use gorace_explore::strategy::Strategy;
use gorace_explore::strategy::explorer::Explorer;
use gorace_explore::strategy::stalling::Stalling;
use gorace_explore::strategy::steered::{Aim, Steered};
use gorace_explore::strategy::surw::{Census, Counts};
use gorace_explore::strategy::{self, Name};
use gorace_explore::systematic::policy::{Systematic, note_end};
use gorace_explore::systematic::search::{Path, Work};
use gorace_explore::{Detector, NOT_STARTED};
use gorace_runtime::supervisor::{self, Limits, Verdict};
use gorace_runtime::{Mode, Options, Policy, Sink, Told};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[arg(long)]
    image: PathBuf,
    #[arg(long)]
    seed: u64,
    /// Standard input is the memory in which to leave what is found, and what this schedule is given.
    #[arg(long)]
    handover: bool,
    /// Where to write the findings, without that.
    #[arg(long)]
    findings: Option<PathBuf>,
    #[arg(long)]
    timeout_ms: u64,
    /// Bytes that the process may hold.
    #[arg(long, default_value_t = u64::MAX)]
    memory: u64,
    /// The same of a time in which nobody can go on and nothing comes from outside.
    #[arg(long)]
    quiet_ms: Option<u64>,
    #[arg(long, value_enum, default_value = "mix")]
    strategy: strategy::Name,
    /// The budget of its stalls.
    #[arg(long, default_value_t = 0)]
    stall_us: u64,
    /// Follow the decisions that were given, left by `--record`, instead of a strategy, and note the steps in the findings.
    #[arg(long)]
    follow: bool,
    /// Keep what a report tells besides the places; so does `--follow`.
    #[arg(long)]
    facts: bool,
    /// Predict circles of locks: candidates, or with what `--facts` or `--follow` know, predictions.
    #[arg(long)]
    orders: bool,
    /// Hold goroutines back so that the circle that was given comes about.
    #[arg(long)]
    steer: bool,
    /// Follow the choices that were given, then go on as the systematic strategy does; leave the path.
    #[arg(long)]
    systematic: bool,
    /// End it as soon as something counts besides the order of operations.
    #[arg(long)]
    closed: bool,
    /// Run in a network of its own, from the first socket on, and leave what it wants of the machine's.
    #[arg(long)]
    own_network: bool,
    /// Leave the hashes of the scheduler's questions.
    #[arg(long)]
    hash: bool,
    /// Leave what is known of the schedule's partial order.
    #[arg(long)]
    shape: bool,
    /// Leave the schedule's decisions, when it is over.
    #[arg(long)]
    record: bool,
    /// Count the schedule's operations for the strategy `surw`, and leave the counts.
    #[arg(long)]
    census: bool,
    /// Where to write the schedule as text.
    #[arg(long)]
    dump_schedule: Option<PathBuf>,
    /// Where to write the wait-for graph.
    #[arg(long)]
    dump_waitgraph: Option<PathBuf>,
    args: Vec<String>,
}

/// Where a schedule leaves what it has.
#[derive(Clone)]
enum Leaves {
    Handover(Rc<RefCell<Given>>),
    File(Rc<RefCell<std::fs::File>>),
    Nowhere,
}

impl Leaves {
    fn of(a: &Arguments) -> std::io::Result<Leaves> {
        if a.handover {
            return Ok(Leaves::Handover(Rc::new(RefCell::new(Given::take()?))));
        }
        let Some(path) = &a.findings else { return Ok(Leaves::Nowhere) };
        let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
        Ok(Leaves::File(Rc::new(RefCell::new(file?))))
    }

    fn finding(&self, finding: &Finding) {
        if let Leaves::File(file) = self {
            // The suite that reads it finds one missing.
            let _ = serde_json::to_vec(finding).map(|mut line| {
                line.push(b'\n');
                file.borrow_mut().write_all(&line)
            });
        }
        self.part(Part::Finding, finding);
    }

    fn part(&self, part: Part, value: &impl Serialize) {
        if let Leaves::Handover(given) = self {
            given.borrow_mut().leave(part, value);
        }
    }

    /// What the schedule was given.
    fn input<T: DeserializeOwned>(&self) -> Result<T, String> {
        match self {
            Leaves::Handover(given) => serde_json::from_slice(&given.borrow().input).map_err(|e| e.to_string()),
            _ => Err("it was given nothing".to_string()),
        }
    }

    /// What the exploring process takes for a failure of gorace, not of the program.
    fn not_started(&self, error: &str) -> ExitCode {
        crate::note(&format!("gorace: {error}"));
        self.part(Part::NotStarted, &format!("gorace: {error}"));
        ExitCode::from(NOT_STARTED)
    }
}

/// Ends the supervisor as its program has ended.
fn pass_on(leaves: &Leaves, verdict: Verdict) -> ExitCode {
    if let Leaves::Handover(given) = leaves {
        given.borrow().verdict(verdict);
    }
    // Left behind where this process's parent is killed.
    if let Some(scratch) = std::env::var_os("TMPDIR").filter(|_| matches!(leaves, Leaves::Handover(_))) {
        let scratch = PathBuf::from(scratch);
        if scratch.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"gorace-")) {
            let _ = std::fs::remove_dir_all(scratch);
        }
    }
    match verdict {
        Verdict::Exited(status) => ExitCode::from(status as u8),
        Verdict::TimedOut => ExitCode::from(gorace_runtime::TIMED_OUT as u8),
        Verdict::Signal(signal) => {
            supervisor::die_of(signal);
            ExitCode::FAILURE
        }
        Verdict::OutOfMemory | Verdict::Stopped => ExitCode::FAILURE,
    }
}

pub fn run(a: &Arguments) -> ExitCode {
    let leaves = match Leaves::of(a) {
        Ok(leaves) => leaves,
        Err(e) => {
            crate::note(&format!("gorace: {e}"));
            return ExitCode::from(NOT_STARTED);
        }
    };
    let limits = Limits { time: Duration::from_millis(a.timeout_ms) + GRACE, memory: a.memory };
    match supervisor::supervise(&limits) {
        Ok(None) => {}
        Ok(Some(verdict)) => return pass_on(&leaves, verdict),
        Err(e) => return leaves.not_started(&format!("no process for a schedule: {e}")),
    }
    let steps = Rc::new(RefCell::new(Steps::default()));
    let edges = a.follow.then(|| Rc::new(RefCell::new(Edges::new(steps.clone()))));
    let noted = edges.clone().map(|edges| (steps.clone(), edges, std::env::current_dir().unwrap_or_default()));
    let sent = leaves.clone();
    let output = Box::new(move |finding: &Finding| {
        let mut finding = finding.clone();
        if let Some((steps, edges, folder)) = &noted {
            finding.steps = steps.borrow().told(folder);
            finding.left_out = steps.borrow().left_out();
            finding.stalls = steps.borrow().stalls();
            finding.edges = edges.borrow().told();
        }
        sent.finding(&finding);
    });
    let mut detector = Detector::new(a.seed, 0, true, output);
    if a.facts || a.follow {
        detector = detector.with_facts();
    }
    let partial = Rc::new(RefCell::new(Partial::default()));
    if a.shape {
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
        quiet: a.quiet_ms.map(Duration::from_millis),
        network: a.own_network.then(|| told(&leaves)),
        ..Options::default()
    };
    let counts = Rc::new(RefCell::new(Counts::default()));
    let decisions = Rc::new(RefCell::new(Vec::new()));
    let path = Rc::new(RefCell::new(Path::default()));
    let what = |e: String| format!("what the schedule is given: {e}");
    let mut policy: Box<dyn Policy> = if a.follow {
        match leaves.input::<Vec<Decision>>() {
            Ok(list) => Box::new(Heard::new(Box::new(Guided::new(&list, a.seed)), Noted::new(steps))),
            Err(e) => return leaves.not_started(&what(e)),
        }
    } else if a.systematic {
        match leaves.input::<Work>() {
            Ok(work) => Box::new(Systematic::new(work, a.seed, path.clone()).closed(a.closed)),
            Err(e) => return leaves.not_started(&what(e)),
        }
    } else {
        let explorer = Box::new(Explorer::new(strategy(a, &leaves, &counts), a.seed));
        match a.stall_us {
            0 => explorer,
            budget => Box::new(Stalling::new(explorer, a.seed, Duration::from_micros(budget))),
        }
    };
    if a.steer {
        match leaves.input::<Vec<Aim>>() {
            Ok(aims) => policy = Box::new(Steered::new(policy, aims, a.seed)),
            Err(e) => return leaves.not_started(&what(e)),
        }
    }
    if a.record {
        let recorder = Recorder::new(decisions.clone());
        let recorder = if a.systematic { recorder.with_picks() } else { recorder };
        policy = Box::new(Heard::new(policy, recorder));
    }
    let log = Rc::new(RefCell::new(Log::default()));
    if a.hash {
        policy = Box::new(Heard::new(policy, Hashed::new(log.clone())));
    }
    if a.shape {
        policy = Box::new(Heard::new(policy, Shaped::new(partial.clone())));
    }
    let mut sink: Box<dyn Sink> = Box::new(detector);
    if let Some(path) = &a.dump_schedule {
        match std::fs::File::create(path) {
            Ok(file) => policy = Box::new(Heard::new(policy, Recorded::new(file))),
            Err(e) => return leaves.not_started(&format!("{}: {e}", path.display())),
        }
    }
    if let Some(path) = &a.dump_waitgraph {
        match std::fs::File::create(path) {
            Ok(file) => sink = Box::new(Watched::new(sink, file)),
            Err(e) => return leaves.not_started(&format!("{}: {e}", path.display())),
        }
    }
    let end = gorace_runtime::execute_with(&a.image, options, policy, Some(sink));
    if a.census {
        leaves.part(Part::Census, &*counts.borrow());
    }
    if a.record {
        leaves.part(Part::Record, &*decisions.borrow());
    }
    if a.hash {
        leaves.part(Part::Hash, &*log.borrow());
    }
    if a.shape {
        leaves.part(Part::Shape, &partial.borrow().shape());
    }
    if a.systematic {
        note_end(&mut path.borrow_mut(), matches!(end, Ok(gorace_runtime::TIMED_OUT)));
        leaves.part(Part::Path, &*path.borrow());
    }
    match end {
        Ok(code) => {
            if let Leaves::Handover(given) = &leaves {
                given.borrow_mut().end();
            }
            ExitCode::from(code as u8)
        }
        Err(e) => leaves.not_started(&format!("{}: {e}", a.image.display())),
    }
}

/// Leaves what becomes known of the run's network.
fn told(leaves: &Leaves) -> Told {
    let leaves = leaves.clone();
    Told(Rc::new(move |news| leaves.part(Part::Network, &Word::from(news))))
}

/// The strategy that decides this schedule.
fn strategy(a: &Arguments, leaves: &Leaves, counts: &Rc<RefCell<Counts>>) -> Box<dyn Strategy> {
    if a.census {
        return Box::new(Census::new(strategy::strategy(Name::Random, a.seed, None), counts.clone()));
    }
    let known = (a.strategy.of_seed(a.seed) == Name::Surw).then(|| census(a, leaves)).flatten();
    strategy::strategy(a.strategy, a.seed, known)
}

/// What each goroutine does in another schedule of the same program, which a process of its own runs: so the seed alone says
/// what a schedule of `surw` is.
fn census(a: &Arguments, leaves: &Leaves) -> Option<Counts> {
    let mut command = std::process::Command::new(std::env::current_exe().ok()?);
    command.arg("__worker").arg("--image").arg(&a.image).args(["--seed", &a.seed.to_string()]);
    command.args(["--handover", "--census", "--memory", &a.memory.to_string()]);
    command.args(a.own_network.then_some("--own-network"));
    if let Some(quiet) = a.quiet_ms {
        command.args(["--quiet-ms", &quiet.to_string()]);
    }
    command.args(["--timeout-ms", &a.timeout_ms.to_string(), "--"]).args(&a.args);
    let timeout = Duration::from_millis(a.timeout_ms);
    let run = Running::default().run(command, &[], timeout, Streams::Error).ok()?;
    // What it says of the program is no answer to what that wants later.
    if let Some(why) = run.network().wanted {
        leaves.part(Part::Network, &if why.is_empty() { Word::Broken } else { Word::Wants(String::new(), why) });
    }
    run.part(Part::Census)
}
