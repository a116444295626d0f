//! One schedule's process: started, watched, ended when it takes too long or too much memory, and what it left behind.
//!
//! What is started is a supervisor (`gorace_runtime::supervisor`), which runs the program as its child and ends all that the program has
//! started. It is a group of its own, so that Ctrl-C reaches gorace alone, which then asks its supervisors to end. One that does not, as
//! it was stopped by the program, is killed, and so is what it leaves, which comes to this process: an exploring process has no other
//! children than supervisors. A process is killed only while it is on the list of running ones, and it leaves the list before its number
//! is given back to the system: no stranger can be hit.
//!
//! Standard error is read until the supervisor has ended, not to the stream's end: whoever else holds it open holds nobody up.

use crate::handover::{Handover, Left, Part};
use crate::network::Stay;
use gorace_base::finding::Finding;
use gorace_runtime::supervisor::{self, Verdict};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, pidfd_open, waitid,
};
use serde::de::DeserializeOwned;
use std::io::{PipeReader, Read};
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// How a schedule ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The program's status.
    Exited(i32),
    TimedOut,
    OutOfMemory,
    /// Ended because the exploration was interrupted.
    Interrupted,
    /// A signal that gorace did not send: a fault of gorace, or someone else killed it.
    Signal(i32),
}

/// What a schedule left behind.
#[derive(Debug)]
pub struct Run {
    pub findings: Vec<Finding>,
    pub end: End,
    /// The end of what it wrote to standard error.
    pub stderr: String,
    /// It ended by itself, but what it found is not all there.
    pub lost: bool,
    left: Left,
}

impl Run {
    pub fn new(findings: Vec<Finding>, end: End) -> Run {
        Run { findings, end, stderr: String::new(), lost: false, left: Left::default() }
    }

    /// A part of what it left, if it is there.
    pub fn part<T: DeserializeOwned>(&self, part: Part) -> Option<T> {
        self.left.part(part)
    }

    /// In which network it was, and what it wanted there.
    pub fn network(&self) -> Stay {
        Stay::of(&self.left.parts(Part::Network))
    }
}

/// Which of a schedule's outputs are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Streams {
    /// Standard error.
    Error,
    /// Both, as one stream.
    Both,
}

/// The status with which a schedule's process says that its time was over.
const TIMED_OUT: i32 = gorace_runtime::TIMED_OUT;

/// The status with which a schedule's process says that it could not start the program.
pub const NOT_STARTED: u8 = 125;

/// Bytes kept of standard error.
const TAIL: usize = 1 << 20;

/// A program that does not end by itself has this much longer than its time; its supervisor then ends it.
pub const GRACE: Duration = Duration::from_secs(2);

/// A supervisor has this much longer than the program, and this long to end when it is asked to.
const SLACK: Duration = Duration::from_secs(1);

/// What stands in a program's texts for the folder of its temporary files, whose name is another one in each schedule.
const SCRATCH: &str = "$TMPDIR";

struct Process {
    pid: Pid,
    start: Instant,
    /// Why and when it was asked to end.
    ended: Option<(End, Instant)>,
}

/// The running processes.
#[derive(Default)]
pub struct Running {
    all: Mutex<Vec<Process>>,
    /// Held for reading by each schedule that may have others beside it, for writing by one that is to be alone.
    beside: RwLock<()>,
    /// All children of this process are of this list, or were left by one of it.
    owns_children: bool,
}

impl Running {
    /// For a process that has no other children.
    pub fn alone() -> Running {
        supervisor::become_subreaper();
        Running { owns_children: true, ..Running::default() }
    }

    fn with<T>(&self, f: impl FnOnce(&mut Vec<Process>) -> T) -> T {
        f(&mut self.all.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends all.
    pub fn interrupt(&self) {
        self.with(|all| all.iter_mut().for_each(|p| p.end(End::Interrupted)));
    }

    /// Ends those that have run for much longer than `timeout`, and kills those that were asked to end and did not.
    pub fn watch(&self, timeout: Duration) {
        let is_stuck = self.with(|all| {
            let mut is_stuck = false;
            for process in all {
                match process.ended {
                    None if process.start.elapsed() > timeout + GRACE + SLACK => process.end(End::TimedOut),
                    Some((_, since)) if since.elapsed() > SLACK => {
                        // It may have ended by itself just now.
                        let _ = kill_process_group(process.pid, Signal::KILL);
                        is_stuck = true;
                    }
                    _ => {}
                }
            }
            is_stuck
        });
        if is_stuck {
            self.end_strays();
        }
    }

    /// Kills what supervisors that were killed themselves have left.
    fn end_strays(&self) {
        if !self.owns_children {
            return;
        }
        self.with(|all| {
            let running: Vec<i32> = all.iter().map(|p| p.pid.as_raw_nonzero().get()).collect();
            let own = i32::try_from(std::process::id()).unwrap_or(0);
            let strays = supervisor::descendants(own, &running);
            supervisor::kill_all(&strays);
            strays.into_iter().for_each(supervisor::reap);
        });
    }

    /// Kills what is left, again and again until nothing is, or it takes too long.
    fn end_all_strays(&self) {
        let start = Instant::now();
        let own = i32::try_from(std::process::id()).unwrap_or(0);
        while self.owns_children && start.elapsed() < SLACK {
            let running: Vec<i32> = self.with(|all| all.iter().map(|p| p.pid.as_raw_nonzero().get()).collect());
            if supervisor::descendants(own, &running).is_empty() {
                break;
            }
            self.end_strays();
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Runs one schedule's process, which is given `input`, to its end.
    ///
    /// # Errors
    /// When it cannot be started, or could not start the program.
    pub fn run(&self, command: Command, input: &[u8], timeout: Duration, streams: Streams) -> std::io::Result<Run> {
        let _beside = self.beside.read().unwrap_or_else(PoisonError::into_inner);
        self.start(command, input, timeout, streams)
    }

    /// `run`, while no other schedule runs: what the machine has once, a port or a file, is this one's.
    ///
    /// # Errors
    /// As `run`.
    pub fn run_alone(
        &self,
        command: Command,
        input: &[u8],
        timeout: Duration,
        streams: Streams,
    ) -> std::io::Result<Run> {
        let _alone = self.beside.write().unwrap_or_else(PoisonError::into_inner);
        self.start(command, input, timeout, streams)
    }

    fn start(&self, mut command: Command, input: &[u8], timeout: Duration, streams: Streams) -> std::io::Result<Run> {
        let handover = Handover::new(input)?;
        // Schedules side by side are not to meet in one folder. Without one of its own a schedule has everybody's.
        let scratch = tempfile::Builder::new().prefix("gorace-").tempdir().ok();
        if let Some(scratch) = &scratch {
            command.env("TMPDIR", scratch.path());
        }
        let (from, to) = std::io::pipe()?;
        command.stdin(handover.stdin()?).stderr(to.try_clone()?).process_group(0);
        command.stdout(if streams == Streams::Both { Stdio::from(to) } else { Stdio::null() });
        let start = Instant::now();
        // Under the lock: what is not on the list is a stray.
        let mut child = self.with(|all| {
            let child = command.spawn()?;
            all.push(Process { pid: Pid::from_child(&child), start, ended: None });
            std::io::Result::Ok(child)
        })?;
        // It holds the pipe's other end open.
        drop(command);
        let pid = Pid::from_child(&child);
        let stderr = tail(from, pid);
        // Wait without reaping: the number stays the child's until it is off the list.
        let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        // Reaped under the lock, too: off the list it is a stray, which another thread may just be ending.
        let (killed, status) = self.with(|all| {
            let at = all.iter().position(|p| p.pid == pid);
            (at.and_then(|at| all.swap_remove(at).ended), child.wait())
        });
        let status = status?;
        let left = handover.left();
        if left.verdict.is_none() && status.code().is_none() {
            self.end_all_strays();
        }
        let name = scratch.as_ref().map(|s| s.path().display().to_string());
        let stderr = name.map_or_else(|| stderr.clone(), |name| stderr.replace(&name, SCRATCH));
        let failure = left.part::<String>(Part::NotStarted);
        let failure = failure.or_else(|| {
            let is_early = left.verdict.is_none() && status.code() == Some(i32::from(NOT_STARTED));
            (is_early && stderr.starts_with("gorace: ")).then(|| stderr.trim_end().to_string())
        });
        if let Some(failure) = failure {
            return Err(std::io::Error::other(failure));
        }
        let exited = |code| match code {
            TIMED_OUT if start.elapsed() >= timeout => End::TimedOut,
            code => End::Exited(code),
        };
        let end = match (left.verdict, killed) {
            (Some(Verdict::Exited(code)), _) => exited(code),
            (Some(Verdict::TimedOut), _) => End::TimedOut,
            (Some(Verdict::OutOfMemory), _) => End::OutOfMemory,
            (_, Some((end, _))) => end,
            (Some(Verdict::Signal(signal)), None) => End::Signal(signal),
            (Some(Verdict::Stopped), None) => End::Signal(Signal::TERM.as_raw()),
            (None, None) => status.code().map_or_else(|| End::Signal(status.signal().unwrap_or_default()), exited),
        };
        Ok(Run { findings: left.findings.clone(), end, stderr, lost: !left.whole, left })
    }
}

/// Ends all children of this process, and theirs.
pub fn end_children() {
    Running { owns_children: true, ..Running::default() }.end_all_strays();
}

impl Process {
    /// Asks it to end.
    fn end(&mut self, why: End) {
        if self.ended.is_none() {
            self.ended = Some((why, Instant::now()));
            // It may have ended by itself just now.
            let _ = kill_process(self.pid, Signal::TERM);
        }
    }
}

/// The last bytes of a stream, until it or the process is at its end.
fn tail(mut stream: PipeReader, pid: Pid) -> String {
    let mut kept: Vec<u8> = Vec::new();
    // Without it the process is looked after from time to time.
    let process = pidfd_open(pid, PidfdFlags::empty()).ok();
    let has_ended = |wait| {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | wait;
        !matches!(waitid(WaitId::Pid(pid), options), Ok(None))
    };
    loop {
        let (readable, over) = ready(&stream, process.as_ref());
        if readable && !take(&mut stream, &mut kept) {
            break;
        }
        if over || !readable && has_ended(WaitIdOptions::NOHANG) {
            // What it wrote last, but not all that another one may go on to write.
            for _ in 0..2 * TAIL / BUFFER {
                if !ready_now(&stream) || !take(&mut stream, &mut kept) {
                    break;
                }
            }
            break;
        }
    }
    String::from_utf8_lossy(&kept[kept.len().saturating_sub(TAIL)..]).to_string()
}

/// Bytes read at once: what a pipe holds.
const BUFFER: usize = 1 << 16;

/// Reads what is there; false at the stream's end.
fn take(stream: &mut PipeReader, kept: &mut Vec<u8>) -> bool {
    let mut buffer = [0u8; BUFFER];
    match stream.read(&mut buffer) {
        Ok(n @ 1..) => {
            kept.extend_from_slice(&buffer[..n]);
            if kept.len() > 2 * TAIL {
                kept.drain(..kept.len() - TAIL);
            }
            true
        }
        Err(e) if e.kind() == std::io::ErrorKind::Interrupted => true,
        _ => false,
    }
}

/// Waits a moment until there is something to read, or the process has ended: which of it.
fn ready(stream: &PipeReader, process: Option<&OwnedFd>) -> (bool, bool) {
    let mut all = vec![PollFd::new(stream, PollFlags::IN)];
    all.extend(process.map(|process| PollFd::new(process, PollFlags::IN)));
    let moment = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    // An interruption is a moment without news.
    let _ = poll(&mut all, Some(&moment));
    let news = |at: usize| all.get(at).is_some_and(|fd| !fd.revents().is_empty());
    (news(0), news(1))
}

/// Whether a stream has something to read, or is at its end, within a moment.
pub fn has_news(stream: &PipeReader) -> bool {
    ready(stream, None).0
}

fn ready_now(stream: &PipeReader) -> bool {
    let mut all = [PollFd::new(stream, PollFlags::IN)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut all, Some(&now)).is_ok_and(|n| n > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn run(running: &Running, script: &str) -> Run {
        running.run(shell(script), &[], Duration::from_secs(60), Streams::Error).unwrap()
    }

    #[test]
    fn a_process_that_is_killed_tells_why() {
        let running = Running::default();
        let run = |script: &str, act: &(dyn Fn() + Sync)| {
            std::thread::scope(|scope| {
                let run = scope.spawn(|| run(&running, script));
                while !run.is_finished() {
                    std::thread::sleep(Duration::from_millis(10));
                    act();
                }
                run.join().unwrap()
            })
        };
        assert_eq!(run("echo no >&2; exit 3", &|| ()).end, End::Exited(3));
        assert_eq!(run("exec sleep 60", &|| running.interrupt()).end, End::Interrupted);
        assert_eq!(run("kill -ABRT $$", &|| ()).end, End::Signal(6));
        // It does not listen.
        let deaf = || {
            running.interrupt();
            running.watch(Duration::from_secs(60));
        };
        assert_eq!(run("trap '' TERM; while :; do sleep 1; done", &deaf).end, End::Interrupted);
    }

    #[test]
    fn of_much_output_the_end_is_kept() {
        let run = run(&Running::default(), "yes | head -c 5000000 >&2; echo panic: last >&2");
        assert!(run.stderr.ends_with("panic: last\n") && run.stderr.len() <= TAIL);
    }

    #[test]
    fn who_holds_the_stream_open_holds_nobody_up() {
        let start = Instant::now();
        let run = run(&Running::default(), "echo first >&2; setsid sleep 20 & exit 0");
        assert!(start.elapsed() < Duration::from_secs(10));
        assert_eq!((run.end, run.stderr.as_str()), (End::Exited(0), "first\n"));
    }

    #[test]
    fn what_left_no_last_record_is_lost() {
        assert!(run(&Running::default(), "exit 0").lost);
    }
}
