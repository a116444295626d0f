//! Attacks on gorace: programs, files and surroundings that want a bug to stay hidden, foreign code to be run, a line of a report to be
//! forged, or a process to be left behind. Each is a trial: what is done, and what must hold.
//!
//! A trial has a folder of its own and a mark in its environment: whatever process still has that mark when the trial is over was left
//! behind, whatever else the trial looks at.

mod code;
mod lines;
mod memory;
mod processes;
mod robust;
mod verdicts;

use rustix::process::Signal;
use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What an attack is after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    HidesFinding,
    RunsForeignCode,
    ForgesLine,
    LeavesProcess,
    /// It hangs, breaks, or destroys something.
    Breaks,
}

/// An attack.
pub struct Trial {
    /// The row of the list of attacks that succeeded once, or a name of its own.
    pub name: &'static str,
    pub what: &'static str,
    pub harm: Harm,
    pub run: fn(&Place) -> Result<(), String>,
}

/// All of them.
pub fn all() -> Vec<Trial> {
    [verdicts::TRIALS, processes::TRIALS, code::TRIALS, lines::TRIALS, memory::TRIALS, robust::TRIALS]
        .into_iter()
        .flatten()
        .copied()
        .collect()
}

impl Clone for Trial {
    fn clone(&self) -> Trial {
        *self
    }
}

impl Copy for Trial {}

/// The variable that marks a trial's processes.
const MARK: &str = "GORACE_ATTACK";

/// Longer than this no command may take, unless a trial says so.
const LIMIT: Duration = Duration::from_secs(90);

/// Where a trial takes place.
pub struct Place {
    pub gorace: PathBuf,
    pub sdk: PathBuf,
    folder: tempfile::TempDir,
    mark: String,
}

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    /// A signal's number is negative.
    pub status: i32,
    pub out: String,
    pub err: String,
    pub time: Duration,
}

impl Ran {
    /// Both outputs.
    pub fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// Holds a status and words against what came.
    pub fn is(&self, status: i32, words: &[&str]) -> Result<(), String> {
        let all = self.all();
        if self.status != status {
            return Err(format!("status {} instead of {status}:\n{all}", self.status));
        }
        match words.iter().find(|word| !all.contains(*word)) {
            Some(word) => Err(format!("{word:?} is not said:\n{all}")),
            None => Ok(()),
        }
    }

    /// A race must have been found.
    pub fn finds(&self, rule: &str) -> Result<(), String> {
        self.is(1, &[&format!("[{rule}]")])
    }

    pub fn within(&self, seconds: f64) -> Result<(), String> {
        let took = self.time.as_secs_f64();
        if took <= seconds { Ok(()) } else { Err(format!("it took {took:.1} s, not {seconds}:\n{}", self.all())) }
    }
}

/// A condition that must hold.
pub fn must(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

impl Place {
    /// A new place; `number` tells it from the others.
    ///
    /// # Errors
    /// When there can be no folder.
    pub fn new(gorace: &Path, sdk: &Path, number: usize) -> Result<Place, String> {
        let folder = tempfile::Builder::new().prefix("attack-").tempdir().map_err(|e| e.to_string())?;
        let mark = format!("{}-{number}", std::process::id());
        Ok(Place { gorace: gorace.to_path_buf(), sdk: sdk.to_path_buf(), folder, mark })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, with the folders that it takes.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) -> Result<PathBuf, String> {
        let path = self.folder.path().join(name);
        let write = || {
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            std::fs::write(&path, text)
        };
        write().map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(path)
    }

    /// gorace with arguments, in the trial's folder.
    pub fn gorace(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(&self.gorace);
        command.args(arguments);
        command
    }

    /// Any command.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).env(MARK, &self.mark).env("GOROOT", &self.sdk).env("NO_COLOR", "1");
        command
    }

    /// Checks a program, with more arguments in front of it.
    ///
    /// # Errors
    /// When it cannot be started, or takes too long.
    pub fn check(&self, source: &str, more: &[&str]) -> Result<Ran, String> {
        self.write("main.go", source)?;
        let few: &[&str] = if more.contains(&"--schedules") { &[] } else { &["--schedules", "4"] };
        self.run(self.gorace(&[&["check"], few, more, &["main.go"]].concat()))
    }

    /// Runs a command to its end.
    ///
    /// # Errors
    /// When it cannot be started, or takes too long.
    pub fn run(&self, command: Command) -> Result<Ran, String> {
        self.run_with(command, LIMIT, &mut |_| ())
    }

    /// Runs a command, whose process `meanwhile` is given now and then.
    ///
    /// # Errors
    /// As `run`.
    pub fn run_with(
        &self,
        mut command: Command,
        limit: Duration,
        meanwhile: &mut dyn FnMut(u32),
    ) -> Result<Ran, String> {
        let out = tempfile::tempfile().map_err(|e| e.to_string())?;
        let err = tempfile::tempfile().map_err(|e| e.to_string())?;
        let clone = |file: &File| file.try_clone().map(Stdio::from).map_err(|e| e.to_string());
        command.stdin(Stdio::null()).stdout(clone(&out)?).stderr(clone(&err)?);
        let start = Instant::now();
        let mut child = command.spawn().map_err(|e| format!("{command:?}: {e}"))?;
        let status = loop {
            if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
                break status;
            }
            if start.elapsed() > limit {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("{command:?} did not end within {limit:?}:\n{}{}", text(out), text(err)));
            }
            meanwhile(child.id());
            std::thread::sleep(Duration::from_millis(5));
        };
        let status = status.code().unwrap_or_else(|| -status.signal().unwrap_or(0));
        Ok(Ran { status, time: start.elapsed(), out: text(out), err: text(err) })
    }

    /// Runs a command that is sent a signal at each of these moments.
    ///
    /// # Errors
    /// As `run`.
    pub fn run_signalled(&self, command: Command, signal: Signal, moments: &[Duration]) -> Result<Ran, String> {
        let start = Instant::now();
        let mut due = moments.iter().peekable();
        self.run_with(command, Duration::from_secs(60), &mut |pid| {
            if due.next_if(|moment| start.elapsed() > **moment).is_some() {
                send(pid, signal);
            }
        })
    }

    /// Processes of this trial that still run, besides this one; they are ended.
    pub fn left_behind(&self) -> Vec<String> {
        let mark = format!("{MARK}={}", self.mark);
        let look = || -> Vec<(i32, String)> {
            let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
            let pids = entries.filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok());
            let marked = pids.filter(|pid| {
                let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
                environment.split(|b| *b == 0).any(|entry| entry == mark.as_bytes())
            });
            let named = |pid: i32| {
                let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
                (pid, format!("{pid} {}", String::from_utf8_lossy(&line).replace('\0', " ")))
            };
            marked.map(named).collect()
        };
        // Who was just killed may take a moment.
        let start = Instant::now();
        while !look().is_empty() && start.elapsed() < Duration::from_millis(500) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let left = look();
        left.iter().for_each(|(pid, _)| send(*pid as u32, Signal::KILL));
        left.into_iter().map(|(_, line)| line).collect()
    }
}

/// Sends a process a signal, if it is still there.
pub fn send(pid: u32, signal: Signal) {
    if let Some(pid) = rustix::process::Pid::from_raw(pid as i32) {
        let _ = rustix::process::kill_process(pid, signal);
    }
}

fn text(mut file: File) -> String {
    use std::io::{Read, Seek};
    let mut bytes = Vec::new();
    let _ = file.rewind().and_then(|()| file.read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).to_string()
}

/// The statements of a race of two goroutines, in front of which `before` stands and behind which `after`; `imports` are the packages
/// besides sync.
pub fn racy(imports: &[&str], before: &str, after: &str) -> String {
    let imports: String = imports.iter().map(|path| format!("\t\"{path}\"\n")).collect();
    format!(
        "package main\n\nimport (\n\t\"sync\"\n{imports})\n\nvar x int\n\nfunc main() {{\n{before}\n\tvar wg sync.WaitGroup\n\
         \tfor range 2 {{\n\t\twg.Add(1)\n\t\tgo func() {{ defer wg.Done(); x++ }}()\n\t}}\n\twg.Wait()\n{after}\n}}\n"
    )
}
