//! Go's own test programs (`test/` of the Go sources, files that begin with `// run`): each is run by Go and by gorace, and
//! output and exit status compared.
//!
//! Go is the judge: a program counts when the installed Go runs it as its header wants, with status 0 and the output that
//! the file beside it (`NAME.out`) holds, or none. Standard output and standard error are one stream, as in Go's driver.

use clap::Parser;
use gorace_harness::tool::{self, Ran};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// Runs Go's own test programs and prints which differ.
#[derive(Parser)]
struct Arguments {
    /// The folder of Go's tests.
    #[arg(long, default_value = "/usr/share/go-1.19/test")]
    folder: PathBuf,
    /// Only programs whose path contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Seconds that a program may take.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// With race checks.
    #[arg(long)]
    race: bool,
    /// On so many threads.
    #[arg(long)]
    threads: Option<u16>,
    /// What differs, line by line, for each.
    #[arg(long)]
    verbose: bool,
}

enum Verdict {
    /// Go does not run it as its header wants.
    NotForThisGo,
    Agrees,
    Differs(String),
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    let gorace = tool::gorace()?;
    let root = tool::sdk_root()?;
    if !a.folder.is_dir() {
        return Err(format!(
            "{}: no such folder: install Debian's golang-1.19-src, or name another with --folder",
            a.folder.display()
        ));
    }
    let mut files = Vec::new();
    collect(&a.folder, &mut files).map_err(|e| format!("{}: {e}", a.folder.display()))?;
    files.retain(|f| f.to_string_lossy().contains(&a.only));
    files.sort();
    let verdicts: Vec<Verdict> = files.par_iter().map(|file| judge(a, &gorace, &root, file)).collect();
    let (mut counted, mut agree) = (0, 0);
    for (file, verdict) in files.iter().zip(&verdicts) {
        let name = file.strip_prefix(&a.folder).unwrap_or(file).display();
        match verdict {
            Verdict::NotForThisGo => {}
            Verdict::Agrees => {
                counted += 1;
                agree += 1;
            }
            Verdict::Differs(how) => {
                counted += 1;
                let shown = if a.verbose { how.as_str() } else { how.lines().next().unwrap_or("") };
                println!("differs  {name}: {shown}");
            }
        }
    }
    println!(
        "{counted} of Go's test programs (of {}, the others are not for this Go): {agree} agree, {:.1} %",
        files.len(),
        100.0 * f64::from(agree) / f64::from(counted.max(1))
    );
    Ok(ExitCode::from(u8::from(agree < counted)))
}

/// All Go files below a folder whose first line is `// run`, without arguments.
fn collect(folder: &Path, out: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            // Folders named so hold the packages of programs in several files.
            if path.extension().is_none_or(|e| e != "dir") {
                collect(&path, out)?;
            }
        } else if path.extension().is_some_and(|e| e == "go") {
            let text = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
            if text.lines().next().is_some_and(|line| line.trim_end() == "// run") {
                out.push(path);
            }
        }
    }
    Ok(())
}

fn judge(a: &Arguments, gorace: &Path, root: &Path, file: &Path) -> Verdict {
    let limit = Duration::from_secs(a.seconds);
    let folder = file.parent().unwrap_or(Path::new("."));
    let wanted = std::fs::read(file.with_extension("out")).unwrap_or_default();
    let mut go = Command::new(root.join("bin/go"));
    go.arg("run")
        .arg(file)
        .current_dir(folder)
        .env("GOROOT", root)
        .env("GOTOOLCHAIN", "local")
        .env("GO111MODULE", "off");
    match tool::run_within(&mut go, limit) {
        Ok(Ran { status: Some(0), output }) if output == wanted => {}
        _ => return Verdict::NotForThisGo,
    }
    let mut ours = Command::new(gorace);
    ours.arg("run");
    if !a.race {
        ours.arg("--no-race");
    }
    if let Some(threads) = a.threads {
        ours.args(["--threads", &threads.to_string()]);
    }
    ours.arg(file).current_dir(folder).env("GOROOT", root);
    match tool::run_within(&mut ours, limit) {
        Err(e) => Verdict::Differs(e.to_string()),
        Ok(Ran { status: Some(0), output }) if output == wanted => Verdict::Agrees,
        Ok(Ran { status, output }) => {
            let status = status.map_or_else(|| "ended by a signal or its time".to_string(), |s| format!("status {s}"));
            let text = String::from_utf8_lossy(&output);
            Verdict::Differs(format!("{status}; {}", text.chars().take(2000).collect::<String>()))
        }
    }
}
