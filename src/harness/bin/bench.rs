//! The speed of compiled programs: processor time and peak memory of each program of benches/programs, without race checks
//! beside `go build`, with them beside `go build -race` and plain Go, in the same run. With `--parallel` the programs of benches/parallel,
//! whose goroutines all have work, and the time on the wall, too: Go runs them on all processors. With `--operations` the nanoseconds of single
//! operations, which benches/operations times by itself: locks, channels, atomic operations.
//!
//! Each program is built as an executable by both before it is measured; start-up counts. (The wait of `gorace run` and `go run` is
//! what `compare` measures.) Of several runs, taken in turns, the least time and the least memory count. What the four print must
//! be the same.

use clap::Parser;
use gorace_harness::tool;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Instant;

/// Prints a table of the speed of compiled programs beside Go's.
#[derive(Parser)]
struct Arguments {
    /// Go files, each a program; by default those of benches/programs.
    programs: Vec<PathBuf>,
    /// Of how many runs the best counts.
    #[arg(long, default_value_t = 3)]
    runs: u32,
    /// Beside each program a goroutine that sleeps and wakes: none is alone then, and what is known of accesses is of use to somebody.
    #[arg(long)]
    company: bool,
    /// The programs of benches/parallel.
    #[arg(long)]
    parallel: bool,
    /// The time of single operations, with race checks, beside `go build -race`.
    #[arg(long, conflicts_with_all = ["programs", "parallel", "company", "no_race"])]
    operations: bool,
    /// Leave out what race checks cost.
    #[arg(long)]
    no_race: bool,
}

const COMPANY: &str = "package main

import \"time\"

func init() {
	go func() {
		for {
			time.Sleep(10 * time.Millisecond)
		}
	}()
}
";

/// What one run used.
#[derive(Debug, Clone, Copy)]
struct Used {
    seconds: f64,
    wall: f64,
    megabytes: f64,
}

struct Row {
    name: String,
    /// go build, gorace build --no-race.
    plain: [Used; 2],
    /// go build -race, gorace build.
    race: Option<[Used; 2]>,
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()).map(|()| ExitCode::SUCCESS))
}

fn run(a: &Arguments) -> Result<(), String> {
    let gorace = tool::gorace()?;
    let go = tool::sdk_root()?.join("bin/go");
    if a.operations {
        return operations(&gorace, &go, a.runs);
    }
    let programs = if a.programs.is_empty() { all(a.parallel)? } else { a.programs.clone() };
    let mut rows = Vec::new();
    for program in &programs {
        let name = program.file_stem().map_or(String::new(), |n| n.to_string_lossy().to_string());
        eprintln!("{name}…");
        let row = measure(&gorace, &go, program, a)?;
        rows.push(Row { name, ..row });
    }
    if a.parallel {
        print_parallel(&rows);
    } else {
        print(&rows);
    }
    Ok(())
}

/// The table of single operations: the least time of several runs, taken in turns.
fn operations(gorace: &Path, go: &Path, runs: u32) -> Result<(), String> {
    let program = Path::new("benches/operations/operations.go");
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let builds: [(&Path, &[&str], &str); 2] =
        [(go, &["build", "-race"], "go-race"), (gorace, &["build"], "gorace-race")];
    let mut executables = Vec::new();
    for (tool, words, name) in builds {
        let binary = folder.path().join(name);
        let mut command = Command::new(tool);
        command.args(words).arg("-o").arg(&binary).arg(program).env("GOFLAGS", "");
        let output = command.output().map_err(|e| format!("{command:?}: {e}"))?;
        if !output.status.success() {
            return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)));
        }
        executables.push(binary);
    }
    // By operation, in the program's order: its name, Go's time, ours.
    let mut rows: Vec<(String, [f64; 2])> = Vec::new();
    for _ in 0..runs.max(1) {
        for (which, executable) in executables.iter().enumerate() {
            let mut command = Command::new(executable);
            command.env("GORACE", "atexit_sleep_ms=0");
            for line in once(command)?.1.lines() {
                let (time, name) = line.split_once(' ').ok_or_else(|| format!("{line}: not a time and a name"))?;
                let time: f64 = time.parse().map_err(|e| format!("{line}: {e}"))?;
                let at = rows.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
                    rows.push((name.to_string(), [f64::INFINITY; 2]));
                    rows.len() - 1
                });
                rows[at].1[which] = rows[at].1[which].min(time);
            }
        }
    }
    println!("| operation | ns, checks | ns, -race | checks / -race |");
    println!("|---|---|---|---|");
    for (name, [theirs, ours]) in &rows {
        println!("| {name} | {ours:.1} | {theirs:.1} | {:.2} |", ours / theirs);
    }
    let ratio = |&(_, [theirs, ours]): &(String, [f64; 2])| ours / theirs;
    println!("| geometric mean | | | {:.2} |", geometric_mean(rows.iter().map(ratio)));
    println!("| worst | | | {:.2} |", rows.iter().map(ratio).fold(0.0, f64::max));
    Ok(())
}

fn all(parallel: bool) -> Result<Vec<PathBuf>, String> {
    let folder = Path::new(if parallel { "benches/parallel" } else { "benches/programs" });
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "go"));
    files.sort();
    Ok(files)
}

fn measure(gorace: &Path, go: &Path, program: &Path, a: &Arguments) -> Result<Row, String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let company = folder.path().join("company.go");
    std::fs::write(&company, COMPANY).map_err(|e| e.to_string())?;
    let alone = folder.path().join("main.go");
    std::fs::copy(program, &alone).map_err(|e| format!("{}: {e}", program.display()))?;
    let build = |tool: &Path, flags: &[&str], name: &str| {
        let binary = folder.path().join(name);
        let mut command = Command::new(tool);
        command.arg("build").args(flags).arg("-o").arg(&binary).arg(&alone).env("GOFLAGS", "");
        if a.company {
            command.arg(&company);
        }
        let output = command.output().map_err(|e| format!("{command:?}: {e}"))?;
        match output.status.success() {
            true => Ok(binary),
            false => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr))),
        }
    };
    let mut executables =
        vec![("go build", build(go, &[], "go")?), ("gorace build --no-race", build(gorace, &["--no-race"], "gorace")?)];
    if !a.no_race {
        executables.push(("go build -race", build(go, &["-race"], "go-race")?));
        executables.push(("gorace build", build(gorace, &[], "gorace-race")?));
    }
    let mut least =
        vec![Used { seconds: f64::INFINITY, wall: f64::INFINITY, megabytes: f64::INFINITY }; executables.len()];
    let mut wanted = None;
    // In turns, so that a machine that is slower for a while is so for all of them.
    for _ in 0..a.runs.max(1) {
        for ((what, executable), least) in executables.iter().zip(&mut least) {
            let mut command = Command::new(executable);
            command.env("GORACE", "atexit_sleep_ms=0");
            let (used, output) = once(command)?;
            least.seconds = least.seconds.min(used.seconds);
            least.wall = least.wall.min(used.wall);
            least.megabytes = least.megabytes.min(used.megabytes);
            if *wanted.get_or_insert_with(|| output.clone()) != output {
                return Err(format!("{}: {what} prints other output than go build", program.display()));
            }
        }
    }
    let race = least.get(2..4).map(|pair| [pair[0], pair[1]]);
    Ok(Row { name: String::new(), plain: [least[0], least[1]], race })
}

fn once(mut command: Command) -> Result<(Used, String), String> {
    let output = tempfile::NamedTempFile::new().map_err(|e| e.to_string())?;
    let file = output.reopen().map_err(|e| e.to_string())?;
    command.stdin(Stdio::null()).stdout(file).process_group(0);
    let before = tool::children_seconds()?;
    let start = Instant::now();
    let child = command.spawn().map_err(|e| format!("{command:?}: {e}"))?;
    let (success, megabytes) = wait(child)?;
    let wall = start.elapsed().as_secs_f64();
    if !success {
        return Err(format!("{command:?}: failed"));
    }
    let seconds = tool::children_seconds()? - before;
    let text = std::fs::read_to_string(output.path()).map_err(|e| e.to_string())?;
    Ok((Used { seconds, wall, megabytes }, text))
}

/// Waits for a child's end; gives whether it went well, and its peak of resident memory in megabytes, which `/proc` says
/// only while the child lives: it is looked at every few milliseconds.
fn wait(mut child: Child) -> Result<(bool, f64), String> {
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0.0f64;
    loop {
        if let Ok(text) = std::fs::read_to_string(&status)
            && let Some(line) = text.lines().find_map(|l| l.strip_prefix("VmHWM:"))
        {
            let kilobytes = line.trim().trim_end_matches("kB").trim().parse::<f64>().unwrap_or(0.0);
            peak = peak.max(kilobytes / 1024.0);
        }
        if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
            return Ok((status.success(), peak));
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

fn geometric_mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), v| (sum + v.max(1e-3).ln(), count + 1));
    (sum / f64::from(count.max(1))).exp()
}

/// The table of programs whose goroutines all have work, with the worst of each column below the mean.
fn print_parallel(rows: &[Row]) {
    println!(
        "| program | CPU, checks / -race | wall, checks / -race | memory, checks / -race | CPU, checks / plain Go |"
    );
    println!("|---|---|---|---|---|");
    let ratio = |ours: f64, theirs: f64| ours.max(0.01) / theirs.max(0.01);
    let mut ratios = Vec::new();
    for row in rows {
        let Some([go, ours]) = row.race else { continue };
        let all = [
            ratio(ours.seconds, go.seconds),
            ratio(ours.wall, go.wall),
            ours.megabytes / go.megabytes,
            ratio(ours.seconds, row.plain[0].seconds),
        ];
        println!(
            "| {} | {:.2} s / {:.2} s = {:.2} | {:.2} s / {:.2} s = {:.2} | {:.0} MB / {:.0} MB = {:.1} | {:.2} |",
            row.name,
            ours.seconds,
            go.seconds,
            all[0],
            ours.wall,
            go.wall,
            all[1],
            ours.megabytes,
            go.megabytes,
            all[2],
            all[3],
        );
        ratios.push(all);
    }
    let column = |of: usize| ratios.iter().map(move |all| all[of]);
    let mean: Vec<String> = (0..4).map(|of| format!("{:.2}", geometric_mean(column(of)))).collect();
    let worst: Vec<String> = (0..4).map(|of| format!("{:.2}", column(of).fold(0.0, f64::max))).collect();
    println!("| geometric mean | {} |", mean.join(" | "));
    println!("| worst | {} |", worst.join(" | "));
    println!("\nEach cell: gorace / Go = ratio; below 1 gorace is faster, or needs less.");
}

fn print(rows: &[Row]) {
    println!(
        "| program | CPU, no checks | memory, no checks | CPU, checks / -race | memory, checks / -race | CPU, checks / plain Go |"
    );
    println!("|---|---|---|---|---|---|");
    let seconds = |ours: Used, theirs: Used| {
        format!("{:.2} s / {:.2} s = {:.2}", ours.seconds, theirs.seconds, ours.seconds / theirs.seconds.max(0.01))
    };
    let memory = |ours: Used, theirs: Used| {
        format!("{:.0} MB / {:.0} MB = {:.1}", ours.megabytes, theirs.megabytes, ours.megabytes / theirs.megabytes)
    };
    for row in rows {
        let [go, ours] = row.plain;
        let race = row.race.map_or(["–".to_string(), "–".to_string(), "–".to_string()], |[theirs, checked]| {
            [
                seconds(checked, theirs),
                memory(checked, theirs),
                format!("{:.2}", checked.seconds / go.seconds.max(0.01)),
            ]
        });
        println!("| {} | {} | {} | {} |", row.name, seconds(ours, go), memory(ours, go), race.join(" | "));
    }
    let time = |pair: [Used; 2]| pair[1].seconds.max(0.01) / pair[0].seconds.max(0.01);
    let space = |pair: [Used; 2]| pair[1].megabytes / pair[0].megabytes;
    let checked: Vec<&Row> = rows.iter().filter(|row| row.race.is_some()).collect();
    let race = |f: &dyn Fn([Used; 2]) -> f64| match checked.is_empty() {
        true => "–".to_string(),
        false => format!("{:.2}", geometric_mean(checked.iter().filter_map(|row| row.race).map(f))),
    };
    let against_plain = match checked.is_empty() {
        true => "–".to_string(),
        false => {
            let ratios = checked.iter().filter_map(|row| Some(time([row.plain[0], row.race?[1]])));
            format!("{:.2}", geometric_mean(ratios))
        }
    };
    println!(
        "| geometric mean | {:.2} | {:.2} | {} | {} | {against_plain} |",
        geometric_mean(rows.iter().map(|row| time(row.plain))),
        geometric_mean(rows.iter().map(|row| space(row.plain))),
        race(&time),
        race(&space),
    );
    println!("\nEach cell: gorace / Go = ratio; below 1 gorace is faster, or needs less.");
}
