//! Two gorace processes on one empty cache, one of them killed with -9 at a random moment; then the other's program and the killed
//! one's, built from what is there, must print what they should, their images must be those of an undisturbed build, byte for
//! byte, and no file of the cache may be damaged.
//!
//! Moments are drawn evenly over what a build from an empty cache takes. Exit code 1 when anything differs.

use clap::Parser;
use gorace_harness::tool;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Output, Stdio};
use std::time::{Duration, Instant};

/// Kills one of two builds on one empty cache at random moments, and looks at what is left.
#[derive(Parser)]
struct Arguments {
    /// How often.
    #[arg(long, default_value_t = 200)]
    rounds: u32,
    /// Where the random moments begin.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Two programs that share most of their packages.
const PROGRAMS: [(&str, &str); 2] = [
    ("one.go", "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"one\", len(fmt.Sprint(1, 2))) }\n"),
    (
        "two.go",
        "package main\n\nimport (\n\t\"fmt\"\n\t\"sort\"\n)\n\nfunc main() {\n\ts := []int{3, 1, 2}\n\tsort.Ints(s)\n\tfmt.Println(\"two\", s)\n}\n",
    ),
];

/// What they print.
const OUTPUTS: [&str; 2] = ["one 3\n", "two [1 2 3]\n"];

struct Suite {
    gorace: PathBuf,
    sdk: PathBuf,
    folder: tempfile::TempDir,
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).to_string()
}

impl Suite {
    fn command(&self, cache: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.gorace);
        command.args(arguments).current_dir(self.folder.path()).env("XDG_CACHE_HOME", cache).env("GOROOT", &self.sdk);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn start(&self, cache: &Path, program: usize) -> Result<Child, String> {
        let arguments = ["build", "--print-image", PROGRAMS[program].0];
        self.command(cache, &arguments).spawn().map_err(|e| e.to_string())
    }

    /// What a build gave: the image's name and bytes.
    fn image(output: &Output) -> Result<(String, Vec<u8>), String> {
        if !output.status.success() {
            return Err(format!("a build failed: {}", text(&output.stderr)));
        }
        let path = PathBuf::from(text(&output.stdout).trim());
        let bytes = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok((path.file_name().unwrap_or_default().to_string_lossy().to_string(), bytes))
    }

    fn round(&self, victim: usize, moment: Duration, wanted: &[(String, Vec<u8>)]) -> Result<bool, String> {
        let cache = tempfile::tempdir().map_err(|e| e.to_string())?;
        let started = Instant::now();
        let mut killed = self.start(cache.path(), victim)?;
        let other = self.start(cache.path(), 1)?;
        std::thread::sleep(moment.saturating_sub(started.elapsed()));
        let in_time = killed.try_wait().map_err(|e| e.to_string())?.is_none();
        // Fails when it has ended by itself.
        let _ = killed.kill();
        killed.wait().map_err(|e| e.to_string())?;
        let other = other.wait_with_output().map_err(|e| e.to_string())?;
        if Self::image(&other)? != wanted[1] {
            return Err("the other build's image is not that of an undisturbed build".to_string());
        }
        for (program, wanted) in [(victim, &wanted[victim]), (1, &wanted[1])] {
            let built = self.start(cache.path(), program)?.wait_with_output().map_err(|e| e.to_string())?;
            if Self::image(&built)? != *wanted {
                return Err(format!("{}: its image is not that of an undisturbed build", PROGRAMS[program].0));
            }
            let ran = self.command(cache.path(), &["run", PROGRAMS[program].0]).output().map_err(|e| e.to_string())?;
            if !ran.status.success() || text(&ran.stdout) != OUTPUTS[program] {
                let said = text(&ran.stdout) + &text(&ran.stderr);
                return Err(format!("{}: {}, {said}", PROGRAMS[program].0, ran.status));
            }
        }
        let verdict = self.command(cache.path(), &["cache", "--verify"]).output().map_err(|e| e.to_string())?;
        if !verdict.status.success() {
            return Err(text(&verdict.stdout));
        }
        Ok(in_time)
    }
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    let suite = Suite {
        gorace: tool::gorace()?,
        sdk: tool::sdk_root()?,
        folder: tempfile::tempdir().map_err(|e| e.to_string())?,
    };
    for (name, source) in PROGRAMS {
        std::fs::write(suite.folder.path().join(name), source).map_err(|e| format!("{name}: {e}"))?;
    }
    let started = Instant::now();
    let mut wanted = Vec::new();
    for program in 0..PROGRAMS.len() {
        let cache = tempfile::tempdir().map_err(|e| e.to_string())?;
        let built = suite.start(cache.path(), program)?.wait_with_output().map_err(|e| e.to_string())?;
        wanted.push(Suite::image(&built)?);
    }
    // Two builds side by side take about as long as two in a row.
    let longest = started.elapsed();
    let mut random = fastrand::Rng::with_seed(a.seed);
    let (mut in_time, mut wrong) = (0, 0);
    for round in 0..a.rounds {
        let victim = random.usize(0..2);
        let moment = longest.mul_f64(random.f64());
        match suite.round(victim, moment, &wanted) {
            Ok(killed) => in_time += u32::from(killed),
            Err(message) => {
                wrong += 1;
                println!("round {round}, killed after {:.3} s: {message}", moment.as_secs_f64());
            }
        }
    }
    println!(
        "{} rounds of two builds on one empty cache, one killed within {:.2} s ({in_time} before its end): {wrong} wrong",
        a.rounds,
        longest.as_secs_f64()
    );
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
