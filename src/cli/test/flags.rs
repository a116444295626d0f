//! The flags of `go test`, and what of them the test program gets.

use crate::build_flags::{HowFlags, SourceFlags};
use crate::duration;
use crate::search::Flags;
use clap::Arg;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Duration;

/// Until when a test program must have ended by itself.
const DEFAULT_TIMEOUT: &str = "10m";

/// Longer than anybody waits.
const NO_LIMIT: Duration = Duration::from_secs(31_536_000);

/// How long after its own limit a test program is ended from outside.
const GRACE: Duration = Duration::from_secs(60);

#[derive(Debug, clap::Args)]
#[command(mut_args = of_exploring)]
pub struct Arguments {
    /// Folders, import paths or patterns such as `./...`; the current folder if none is given.
    pub packages: Vec<String>,
    /// Run only tests, examples and fuzz seeds whose names match.
    #[arg(long, value_name = "REGEXP")]
    run: Option<String>,
    /// Leave out those whose names match.
    #[arg(long, value_name = "REGEXP")]
    skip: Option<String>,
    /// Run benchmarks whose names match; `.` for all.
    #[arg(long, value_name = "REGEXP")]
    pub bench: Option<String>,
    /// How long each benchmark runs, as in 2s, or how often, as in 100x.
    #[arg(long, value_name = "TIME")]
    benchtime: Option<String>,
    /// Print the memory that benchmarks allocate.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    benchmem: Option<bool>,
    /// Run everything N times.
    #[arg(long, value_name = "N")]
    count: Option<u32>,
    /// Values of GOMAXPROCS to run with.
    #[arg(long, value_name = "LIST")]
    cpu: Option<String>,
    /// Start no more tests after the first that fails.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    failfast: Option<bool>,
    /// Whole paths of files in messages.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    fullpath: Option<bool>,
    /// List what matches; run nothing.
    #[arg(long, value_name = "REGEXP")]
    pub list: Option<String>,
    /// How many parallel tests of a package run at once.
    #[arg(long, value_name = "N")]
    parallel: Option<u32>,
    /// Tell long-running tests to be short.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    short: Option<bool>,
    /// Run tests in another order: on, off or a seed.
    #[arg(long, value_name = "SEED")]
    shuffle: Option<String>,
    /// A package's tests may take this long, each schedule with --explore; 10m, or 30s, if not given; 0 for no limit.
    #[arg(long, value_name = "DURATION")]
    timeout: Option<String>,
    /// Print tests as they run.
    #[arg(short, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    verbose: Option<String>,
    /// Print what happens as JSON, one event a line.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    json: Option<bool>,
    /// How many packages run at once; as many as there are cores if not given.
    #[arg(short = 'p', value_name = "N")]
    pub parallel_packages: Option<NonZeroU16>,
    #[command(flatten)]
    pub sources: SourceFlags,
    #[command(flatten)]
    pub how: HowFlags,
    /// Make the test program, and do not run it.
    #[arg(short = 'c', num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    compile_only: Option<bool>,
    /// Where to keep the test program: a file, or a folder for those of all packages.
    #[arg(short = 'o', value_name = "FILE")]
    pub output_file: Option<PathBuf>,
    /// A program, with arguments, that runs the test programs.
    #[arg(long, value_name = "COMMAND")]
    pub exec: Option<String>,
    /// Keep what tests leave as artifacts, in the output folder.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    artifacts: Option<bool>,
    /// The folder of artifacts; the current one if not given.
    #[arg(long, value_name = "FOLDER")]
    outputdir: Option<PathBuf>,
    /// The seed of the schedule; without one every run has its own.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Check each test function by itself, as `gorace check` does a program: many schedules, every finding reported.
    #[arg(long)]
    pub explore: bool,
    /// Whether goroutines that a test leaves, and that can never go on, make it fail; without the flag they do with --explore, and
    /// are a warning elsewhere. A test that can never end fails at once, unless this is off.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub leaks: Option<Leaks>,
    /// How many threads run Go code side by side; one, unless GORACE says otherwise.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Print all errors of the compiler, not just ten.
    #[arg(long)]
    pub all_errors: bool,
    /// Print what each step of compiling took.
    #[arg(long)]
    pub timings: bool,
    /// For the test program, behind `-args` or `--`.
    #[arg(last = true)]
    arguments: Vec<String>,
    // The last: what stands behind it would have its heading, too.
    #[command(flatten, next_help_heading = EXPLORING)]
    pub search: Flags,
}

/// What becomes of a test that leaves goroutines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Leaks {
    Fail,
    Warn,
    Off,
}

impl Arguments {
    pub fn json(&self) -> bool {
        self.json == Some(true)
    }

    /// Whether test programs are made, but not run.
    pub fn compile_only(&self) -> bool {
        self.compile_only == Some(true)
    }

    pub fn verbose(&self) -> bool {
        self.verbose.as_deref().is_some_and(|v| v != "false")
    }

    /// Whether what a package prints is shown although it passed.
    pub fn shows_passes(&self) -> bool {
        self.verbose() || self.list.is_some()
    }

    pub fn fail_fast(&self) -> bool {
        self.failfast == Some(true)
    }

    /// Whether one package can be shown while it runs.
    pub fn one_at_a_time(&self) -> bool {
        self.parallel_packages.is_some_and(|p| p.get() == 1)
    }

    /// The name of a test function must match the first of the elements of `--run`.
    pub fn wanted_tests(&self) -> &str {
        self.run.as_deref().and_then(|run| run.split('/').next()).unwrap_or(".")
    }

    /// A test function with the parts of it that `--run` wants.
    pub fn with_parts(&self, test: &str) -> String {
        let rest = self.run.as_deref().and_then(|run| run.split_once('/'));
        rest.map_or_else(|| test.to_string(), |(_, rest)| format!("{test}/{rest}"))
    }

    /// Whether some of a package's tests are left out.
    pub fn leaves_out(&self) -> bool {
        self.run.is_some() || self.skip.is_some()
    }

    /// What the test program gets that runs one test function alone, besides its name.
    pub fn passed_on_with_name(&self) -> Vec<String> {
        let mut out = Vec::new();
        let skip = self.skip.as_ref().map(|skip| format!("-test.skip={skip}"));
        out.extend(skip);
        out.extend(self.short.map(|short| format!("-test.short={short}")));
        out.extend(self.fullpath.map(|full| format!("-test.fullpath={full}")));
        out.extend(self.arguments.iter().cloned());
        out
    }

    /// When a test program is ended from outside.
    pub fn kill_after(&self) -> Option<Duration> {
        duration::parse(self.timeout()).ok().filter(|limit| !limit.is_zero()).map(|limit| limit + GRACE)
    }

    /// The folder of artifacts, whole: tests run in their packages' folders.
    fn output_folder(&self) -> Option<String> {
        let folder = match (&self.outputdir, self.artifacts) {
            (Some(folder), _) => folder.clone(),
            (None, Some(true)) => PathBuf::from("."),
            _ => return None,
        };
        std::path::absolute(&folder).ok().map(|folder| folder.display().to_string())
    }

    fn timeout(&self) -> &str {
        self.timeout.as_deref().unwrap_or(DEFAULT_TIMEOUT)
    }

    /// What one schedule may take under `--explore`, where it is said: as under `go test`, the time of the test program.
    pub fn schedule_timeout(&self) -> Option<Duration> {
        let limit = duration::parse(self.timeout.as_deref()?).ok()?;
        Some(if limit.is_zero() { NO_LIMIT } else { limit })
    }

    /// What the test program gets.
    ///
    /// # Errors
    /// When a value could not be meant.
    pub fn passed_on(&self) -> Result<Vec<String>, String> {
        let timeout = duration::parse(self.timeout()).map_err(|e| format!("-timeout: {e}"))?;
        let mut out = vec!["-test.paniconexit0".to_string()];
        let mut flag = |name: &str, value: Option<String>| {
            out.extend(value.map(|value| format!("-test.{name}={value}")));
        };
        let verbose = if self.json() { Some("test2json".to_string()) } else { self.verbose.clone() };
        flag("timeout", Some(duration::text(timeout)));
        flag("v", verbose);
        flag("run", self.run.clone());
        flag("skip", self.skip.clone());
        flag("bench", self.bench.clone());
        flag("benchtime", self.benchtime.clone());
        flag("benchmem", self.benchmem.map(|b| b.to_string()));
        flag("count", self.count.map(|n| n.to_string()));
        flag("cpu", self.cpu.clone());
        flag("failfast", self.failfast.map(|b| b.to_string()));
        flag("fullpath", self.fullpath.map(|b| b.to_string()));
        flag("list", self.list.clone());
        flag("parallel", self.parallel.map(|n| n.to_string()));
        flag("short", self.short.map(|b| b.to_string()));
        flag("shuffle", self.shuffle.clone());
        flag("artifacts", self.artifacts.map(|b| b.to_string()));
        flag("outputdir", self.output_folder());
        out.extend(self.arguments.iter().cloned());
        Ok(out)
    }
}

/// Where the help has the flags that are for exploring alone.
const EXPLORING: &str = "With --explore";

fn of_exploring(flag: Arg) -> Arg {
    if flag.get_help_heading() == Some(EXPLORING) { flag.requires("explore") } else { flag }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use std::ffi::OsString;

    #[derive(Debug, clap::Parser)]
    struct Alone {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn parse(words: &[&str]) -> Arguments {
        let line = ["gorace", "test"].iter().chain(words).map(OsString::from).collect();
        let line = crate::flags::for_clap(line, &[], &crate::command()).unwrap();
        Alone::parse_from(line.into_iter().skip(1)).arguments
    }

    #[test]
    fn flags_as_go_has_them() {
        let a = parse(&["-run", "X", "-v", "-short", "./...", "-test.count=3", "-p=1", "-race", "-args", "-run", "y"]);
        assert_eq!(a.packages, ["./..."]);
        let flags = a.passed_on().unwrap();
        let wanted = ["-test.v=true", "-test.run=X", "-test.count=3", "-test.short=true", "-test.timeout=10m0s"];
        assert!(wanted.iter().all(|w| flags.iter().any(|f| f == w)), "{flags:?}");
        assert_eq!(flags[flags.len() - 2..], ["-run", "y"]);
        assert!(a.one_at_a_time() && a.shows_passes() && !a.json());
        assert_eq!(a.kill_after(), Some(Duration::from_secs(660)));
    }

    #[test]
    fn a_wrong_duration_is_said() {
        assert!(parse(&["-timeout=soon"]).passed_on().unwrap_err().contains("-timeout: invalid duration"));
    }
}
