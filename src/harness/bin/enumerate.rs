//! Generated programs whose outcomes are known by brute force (`gorace_harness::enumerate`), beside what `gorace check --strategy
//! systematic` sees of them: the same set, where it says that it has run every order.
//!
//! Programs stand in files of a hundred, each chosen by an argument, so that few are compiled.

use clap::Parser;
use gorace_harness::enumerate::program::Program;
use gorace_harness::enumerate::{generate, machine};
use gorace_harness::tool;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// Compares the outcomes of generated programs with those of the systematic exploration.
#[derive(Parser)]
struct Arguments {
    /// How many programs.
    #[arg(long, default_value_t = 2000)]
    programs: usize,
    /// Where the random programs begin.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Schedules for each program, at most.
    #[arg(long, default_value_t = 2_000)]
    schedules: u64,
    /// Only the program with this number; it is printed.
    #[arg(long)]
    only: Option<usize>,
}

/// Programs of one file.
const FILE: usize = 100;
/// Larger programs are left out.
const STATES: usize = 200_000;

const HEAD: &str = "package main

import (
\t\"context\"
\t\"fmt\"
\t\"os\"
\t\"sync\"
\t\"sync/atomic\"
\t\"time\"
)

func bit(b bool) int {
\tif b {
\t\treturn 1
\t}
\treturn 0
}

func got(v int, ok bool) int {
\tif !ok {
\t\treturn -1
\t}
\treturn v
}

func recv(c chan int) int {
\tv, ok := <-c
\treturn got(v, ok)
}

func held(v any) int {
\tif v == nil {
\t\treturn -1
\t}
\treturn v.(int)
}

func closed(c <-chan struct{}) int {
\tselect {
\tcase <-c:
\t\treturn 1
\tdefault:
\t\treturn 0
\t}
}

func fails(f func()) (failed int) {
\tdefer func() {
\t\tif recover() != nil {
\t\t\tfailed = 1
\t\t}
\t}()
\tf()
\treturn 0
}

func lent(pool *sync.Pool, n int, f func()) int {
\tbuffer := pool.Get().(*int)
\t*buffer = n
\tf()
\tn = *buffer
\tpool.Put(buffer)
\treturn n
}

var _ = fmt.Println
var _ context.Context
var _ time.Duration
var _ sync.Mutex
var _ atomic.Int64
";

/// What came of a program.
enum Row {
    Equal {
        outcomes: usize,
        orders: usize,
    },
    Differs(String),
    /// Not every order was run: what was seen must be among the outcomes.
    Partly,
    /// It has timers, which a strategy leaves at their times: as `Partly`.
    Timed,
    TooLarge,
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    let gorace = tool::gorace()?;
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let (mut equal, mut differs, mut timed, mut large) = (0, 0, 0, 0);
    let mut partly = Vec::new();
    let (mut outcomes, mut orders) = (0, 0);
    for number in 0..a.programs.div_ceil(FILE) {
        let from = number * FILE;
        let to = (from + FILE).min(a.programs);
        if a.only.is_some_and(|only| !(from..to).contains(&only)) {
            continue;
        }
        let (file, programs) = write(folder.path(), a.seed, from, to)?;
        let wanted: Vec<usize> = (from..to).filter(|at| a.only.is_none_or(|only| only == *at)).collect();
        // Compiled once, in front of the many.
        let built =
            Command::new(&gorace).args(["build", "-o", "/dev/null"]).arg(&file).output().map_err(|e| e.to_string())?;
        if !built.status.success() {
            return Err(String::from_utf8_lossy(&built.stderr).to_string());
        }
        let rows: Vec<(usize, Result<Row, String>)> =
            wanted.par_iter().map(|&at| (at, one(&gorace, &file, at, &programs[at - from], a.schedules))).collect();
        for (at, row) in rows {
            match row? {
                Row::Equal { outcomes: n, orders: of } => {
                    equal += 1;
                    outcomes += n;
                    orders += of;
                }
                Row::Partly => partly.push(at),
                Row::Timed => timed += 1,
                Row::TooLarge => large += 1,
                Row::Differs(text) => {
                    differs += 1;
                    println!("program {at} of seed {}:\n{text}{}", a.seed, programs[at - from].source);
                }
            }
            if a.only.is_some() {
                println!("{}", programs[at - from].source);
            }
        }
    }
    println!(
        "{} generated programs: {equal} with the same outcomes ({outcomes} outcomes, {orders} orders), {differs} differ, \
         {timed} with timers, {} with more orders than were run, {large} too large",
        equal + differs + timed + partly.len() + large,
        partly.len()
    );
    if !partly.is_empty() {
        println!("not wholly run: {}", partly.iter().map(usize::to_string).collect::<Vec<_>>().join(" "));
    }
    Ok(ExitCode::from(u8::from(differs > 0)))
}

/// Writes a file of programs.
fn write(folder: &Path, seed: u64, from: usize, to: usize) -> Result<(PathBuf, Vec<Program>), String> {
    let mut text = HEAD.to_string();
    let mut line = text.lines().count() + 1;
    let mut programs = Vec::new();
    for at in from..to {
        let mut random = fastrand::Rng::with_seed(seed << 32 | at as u64);
        let (program, next) = generate::program(&mut random, &format!("p{at}"), line);
        text.push_str(&program.source);
        line = next;
        programs.push(program);
    }
    text.push_str("func main() {\n\tswitch os.Args[1] {\n");
    (from..to).for_each(|at| text.push_str(&format!("\tcase \"{at}\":\n\t\tp{at}()\n")));
    text.push_str("\t}\n}\n");
    let file = folder.join(format!("programs{from}.go"));
    std::fs::write(&file, text).map_err(|e| e.to_string())?;
    Ok((file, programs))
}

/// What a `Wait` says that has ended when the counter goes below zero: the machine's waits have no queue, and systematic promises nothing
/// of what comes beside a `Wait` that has begun.
const REUSED: &str = "WaitGroup is reused before previous Wait has returned";

fn one(gorace: &Path, file: &Path, at: usize, program: &Program, schedules: u64) -> Result<Row, String> {
    let Some(expected) = machine::outcomes(program, STATES) else { return Ok(Row::TooLarge) };
    let output = Command::new(gorace)
        .args(["check", "--strategy", "systematic", "--dump", "endings", "--schedules", &schedules.to_string()])
        .arg(file)
        .arg(at.to_string())
        .stdin(Stdio::null())
        .output()
        .map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).to_string();
    let Some((endings, coverage)) = text.trim_end().rsplit_once('\n') else {
        return Ok(Row::Differs(format!("{text}{}", String::from_utf8_lossy(&output.stderr))));
    };
    // A schedule that comes to where all that could follow is known ends there, without words.
    let seen: BTreeSet<String> = endings
        .lines()
        .filter_map(|l| Some(l.split_once(' ')?.1.to_string()))
        .filter(|l| l != "status 0: " && l != "status 0: here" && !l.contains(REUSED))
        .collect();
    let whole = coverage.starts_with("all ");
    let orders = coverage.split(' ').rev().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
    let list = |what: &str, lines: Vec<&String>| lines.iter().map(|l| format!("  {what} {l}\n")).collect::<String>();
    let never = list("cannot be:", seen.difference(&expected).collect());
    let missing =
        if whole && !program.timed { list("not seen: ", expected.difference(&seen).collect()) } else { String::new() };
    Ok(match (never.is_empty() && missing.is_empty(), whole) {
        (false, _) => Row::Differs(never + &missing),
        (true, _) if program.timed => Row::Timed,
        (true, true) => Row::Equal { outcomes: expected.len(), orders },
        (true, false) => Row::Partly,
    })
}
