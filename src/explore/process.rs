//! One schedule's process: started, watched, ended when it takes too long or too much memory, and what it left behind.
//!
//! The process is a group of its own, so that Ctrl-C reaches gorace alone, which then ends its schedules itself; what the
//! program started ends with it. A process is killed only while it is on the list of running ones, and it leaves the list
//! before its number is given back to the system: no stranger can be hit.

use gorace_base::finding::Finding;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
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
}

/// The status with which a schedule's process says that its time was over.
const TIMED_OUT: i32 = gorace_runtime::TIMED_OUT;

/// The status with which a schedule's process says that it could not start the program.
pub const NOT_STARTED: u8 = 125;

/// Bytes kept of standard error.
const TAIL: usize = 1 << 20;

/// A process that does not end by itself has this much longer than its time.
const GRACE: Duration = Duration::from_secs(2);

struct Process {
    pid: Pid,
    start: Instant,
    ended: Option<End>,
}

/// The running processes.
#[derive(Default)]
pub struct Running(Mutex<Vec<Process>>);

impl Running {
    fn with<T>(&self, f: impl FnOnce(&mut Vec<Process>) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends all.
    pub fn interrupt(&self) {
        self.with(|all| all.iter_mut().for_each(|p| p.kill(End::Interrupted)));
    }

    /// Ends those that hold more than `memory` bytes, or have run for much longer than `timeout`.
    pub fn watch(&self, memory: u64, timeout: Duration) {
        self.with(|all| {
            for process in all {
                if resident(process.pid) > memory {
                    process.kill(End::OutOfMemory);
                } else if process.start.elapsed() > timeout + GRACE {
                    process.kill(End::TimedOut);
                }
            }
        });
    }

    /// Runs one schedule's process to its end.
    ///
    /// # Errors
    /// When it cannot be started, or could not start the program.
    pub fn run(&self, mut command: Command, findings: &Path) -> std::io::Result<Run> {
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0).spawn()?;
        let pid = Pid::from_child(&child);
        self.with(|all| all.push(Process { pid, start: Instant::now(), ended: None }));
        let stderr = child.stderr.take().map(tail).unwrap_or_default();
        // Wait without reaping: the number stays the child's until it is off the list.
        let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        let killed = self.with(|all| {
            let at = all.iter().position(|p| p.pid == pid)?;
            all.swap_remove(at).ended
        });
        let status = child.wait()?;
        let end = match (killed, status.code()) {
            (Some(end), None) => end,
            (_, Some(TIMED_OUT)) => End::TimedOut,
            (_, Some(code)) => End::Exited(code),
            (None, None) => End::Signal(std::os::unix::process::ExitStatusExt::signal(&status).unwrap_or_default()),
        };
        if end == End::Exited(i32::from(NOT_STARTED)) && stderr.starts_with("gorace: ") {
            return Err(std::io::Error::other(stderr.trim_end().to_string()));
        }
        let text = std::fs::read_to_string(findings)?;
        let findings = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Ok(Run { findings, end, stderr })
    }
}

impl Process {
    fn kill(&mut self, why: End) {
        if self.ended.is_none() {
            self.ended = Some(why);
            // It may have ended by itself just now.
            let _ = kill_process_group(self.pid, Signal::KILL);
        }
    }
}

/// Resident bytes of a process (`proc(5)`, statm); 0 when it is gone.
fn resident(pid: Pid) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{}/statm", pid.as_raw_nonzero())).unwrap_or_default();
    let pages: u64 = text.split(' ').nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
    pages * rustix::param::page_size() as u64
}

/// The last bytes of a stream, read to its end.
fn tail(mut stream: impl Read) -> String {
    let mut kept: Vec<u8> = Vec::new();
    let mut buffer = [0u8; 1 << 16];
    while let Ok(n @ 1..) = stream.read(&mut buffer) {
        kept.extend_from_slice(&buffer[..n]);
        if kept.len() > 2 * TAIL {
            kept.drain(..kept.len() - TAIL);
        }
    }
    String::from_utf8_lossy(&kept[kept.len().saturating_sub(TAIL)..]).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_process_that_is_killed_tells_why() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let running = Running::default();
        let run = |script: &str, act: &(dyn Fn() + Sync)| {
            std::thread::scope(|scope| {
                let run = scope.spawn(|| running.run(shell(script), file.path()).unwrap());
                while !run.is_finished() {
                    std::thread::sleep(Duration::from_millis(10));
                    act();
                }
                run.join().unwrap()
            })
        };
        assert_eq!(run("echo no >&2; exit 3", &|| ()).end, End::Exited(3));
        assert_eq!(run("exec sleep 60", &|| running.interrupt()).end, End::Interrupted);
        assert_eq!(run("exec sleep 60", &|| running.watch(1, GRACE)).end, End::OutOfMemory);
        assert_eq!(run("kill -ABRT $$", &|| ()).end, End::Signal(6));
    }

    #[test]
    fn of_much_output_the_end_is_kept() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let run =
            Running::default().run(shell("yes | head -c 5000000 >&2; echo panic: last >&2"), file.path()).unwrap();
        assert!(run.stderr.ends_with("panic: last\n") && run.stderr.len() <= TAIL);
    }
}
