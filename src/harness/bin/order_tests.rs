//! The order of evaluation: random programs (`gorace_harness::order`), each run as Go compiles it and by gorace with race
//! checks and without; what they print is compared function by function.
//!
//! Go is the judge where it agrees with itself: what its optimising compiler makes of a function otherwise than the one that
//! does not (`-gcflags='-N -l'`) is left out and counted.

use clap::Parser;
use gorace_harness::{order, tool};
use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

/// Compares the order of evaluation in random programs with Go's.
#[derive(Parser)]
struct Arguments {
    /// How many statements to compare.
    #[arg(long, default_value_t = 20_000)]
    count: u64,
    /// What the programs depend on.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Functions of a program.
    #[arg(long, default_value_t = 300)]
    functions: u64,
    /// Only the function with this number; its text is printed.
    #[arg(long)]
    only: Option<u64>,
    /// So many differing functions are printed.
    #[arg(long, default_value_t = 5)]
    shown: usize,
}

/// A program takes seconds to build and less to run.
const LIMIT: Duration = Duration::from_secs(600);

/// What the functions of a program printed, by their numbers.
type Printed = HashMap<u64, String>;

#[derive(Default)]
struct Tally {
    compared: u64,
    left_out: u64,
    differing: u64,
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    let mut tally = Tally::default();
    let (mut next, mut shown) = (a.only.unwrap_or(0), 0);
    let wanted = if a.only.is_some() { 1 } else { a.count };
    while tally.compared < wanted {
        let end = next + if a.only.is_some() { 1 } else { a.functions };
        let text = order::program(a.seed, next..end);
        let outputs = outputs(&text)?;
        for number in next..end {
            let [go, plain, checked, unchecked] = outputs.each_ref().map(|printed| printed.get(&number));
            if go != plain {
                tally.left_out += order::STATEMENTS;
                continue;
            }
            tally.compared += order::STATEMENTS;
            if a.only.is_some() {
                println!("{}", order::function(a.seed, number));
            }
            if checked == go && unchecked == go {
                continue;
            }
            tally.differing += 1;
            if shown < a.shown {
                shown += 1;
                let or_nothing = |text: Option<&String>| text.cloned().unwrap_or_else(|| "nothing\n".to_string());
                println!("function {number} of seed {}:\n{}", a.seed, order::function(a.seed, number));
                println!("go printed\n{}", or_nothing(go));
                let ours = if checked == go { unchecked } else { checked };
                println!("gorace printed\n{}", or_nothing(ours));
            }
        }
        next = end;
        eprintln!("{} statements, {} functions differ", tally.compared, tally.differing);
        if a.only.is_some() {
            break;
        }
    }
    println!(
        "{} statements compared with Go, with race checks and without: {} functions differ; {} statements left out, as Go \
         does not agree with itself",
        tally.compared, tally.differing, tally.left_out
    );
    Ok(if tally.differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What a program prints: as Go compiles it, without optimisation, by gorace, by gorace without race checks.
fn outputs(text: &str) -> Result<[Printed; 4], String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let file = folder.path().join("order.go");
    std::fs::write(&file, text).map_err(|e| e.to_string())?;
    let go = tool::sdk_root()?.join("bin/go");
    let gorace = tool::gorace()?;
    let commands: [(&Path, &[&str]); 4] =
        [(&go, &["run"]), (&go, &["run", "-gcflags=-N -l"]), (&gorace, &["run"]), (&gorace, &["run", "--no-race"])];
    let mut all = Vec::with_capacity(commands.len());
    for (program, arguments) in commands {
        let mut command = Command::new(program);
        command.args(arguments).arg(&file).current_dir(folder.path());
        let ran = tool::run_within(&mut command, LIMIT).map_err(|e| format!("{}: {e}", program.display()))?;
        let output = String::from_utf8_lossy(&ran.output);
        if ran.status != Some(0) {
            let end: Vec<&str> = output.lines().rev().take(12).collect();
            let end: Vec<&str> = end.into_iter().rev().collect();
            let told = format!("{} {arguments:?} ended with {:?}:\n{}", program.display(), ran.status, end.join("\n"));
            if program == go {
                return Err(told);
            }
            eprintln!("{told}");
        }
        all.push(functions(&output));
    }
    all.try_into().map_err(|_| "a program ran less than four times".to_string())
}

/// The parts of an output, which begin with a function's number each.
fn functions(output: &str) -> Printed {
    let mut parts = Printed::new();
    let mut current = None;
    for line in output.lines() {
        if let Some(number) = line.strip_prefix("== ").and_then(|n| n.parse().ok()) {
            current = Some(number);
        }
        if let Some(number) = current {
            let part = parts.entry(number).or_default();
            part.push_str(line);
            part.push('\n');
        }
    }
    parts
}
