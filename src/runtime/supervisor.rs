//! A process between the one that explores and the one that runs a program: it watches one run, ends it when it takes too long or holds
//! too much memory, and ends all that the program has started, however the program ended.
//!
//! The supervisor is the *subreaper* of what descends from it (`prctl(2)`): whose parent has ended becomes its child, whatever session
//! or group it has put itself into. So when the program has ended and there is no child left, nothing is left; and else the tree of
//! processes below the supervisor is killed, again and again until it has no child. It ends itself when its own parent does. The program
//! is the leader of a group of its own: what it sends to its group hits no one else.
//!
//! A program that asks its parent to trace it is let go at its first stop. One that stops its supervisor (ptrace, SIGSTOP) is ended by
//! the supervisor's parent, which has its time limit, too.
#![allow(unsafe_code, reason = "fork, waiting, and masks of signals")]

use libc::{c_int, pid_t};
use std::collections::HashMap;
use std::io;
use std::time::{Duration, Instant};

/// What a run may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub time: Duration,
    /// Bytes that its process may hold.
    pub memory: u64,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Exited(i32),
    Signal(i32),
    TimedOut,
    OutOfMemory,
    /// Someone asked the supervisor to end.
    Stopped,
}

/// How often the clock and the memory are looked at.
const TICK: Duration = Duration::from_millis(50);

/// What was started may take this long to be gone, once it is killed.
const PATIENCE: Duration = Duration::from_secs(5);

/// Signals that end a supervisor, which then ends the run.
const ENDING: [c_int; 4] = [libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGQUIT];

/// Starts the run's process: gives None there, and here, when it is over and nothing is left of it, how it ended. To be called by
/// a process with one thread.
///
/// # Errors
/// When there can be no other process.
pub fn supervise(limits: &Limits) -> io::Result<Option<Verdict>> {
    let own = own_pid();
    // SAFETY: plain system calls on this process; the sets of signals are filled in before they are used.
    unsafe {
        // Where the system refuses, what has left the program's tree is not found.
        libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM, 0, 0, 0);
        let (mut waited, mut before): (libc::sigset_t, libc::sigset_t) = (std::mem::zeroed(), std::mem::zeroed());
        libc::sigemptyset(&raw mut waited);
        for signal in ENDING.into_iter().chain([libc::SIGCHLD]) {
            libc::sigaddset(&raw mut waited, signal);
        }
        libc::sigprocmask(libc::SIG_BLOCK, &raw const waited, &raw mut before);
        match libc::fork() {
            -1 => Err(io::Error::last_os_error()),
            0 => {
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL, 0, 0, 0);
                libc::setpgid(0, 0);
                libc::sigprocmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
                if libc::getppid() != own {
                    // The supervisor was gone before this process could hear of it.
                    libc::_exit(1);
                }
                Ok(None)
            }
            run => {
                let verdict = watched(run, limits, &waited);
                end_descendants(&waited);
                Ok(Some(verdict))
            }
        }
    }
}

fn own_pid() -> pid_t {
    std::process::id() as pid_t
}

/// Waits for one of the signals, for a tick at most; the one that came.
fn next_signal(waited: &libc::sigset_t, most: Duration) -> Option<c_int> {
    let limit = libc::timespec { tv_sec: most.as_secs() as i64, tv_nsec: i64::from(most.subsec_nanos()) };
    // SAFETY: both are valid for reading; no information is asked for.
    let signal = unsafe { libc::sigtimedwait(waited, std::ptr::null_mut(), &raw const limit) };
    (signal > 0).then_some(signal)
}

/// A child that has ended or stopped: its number and status. Err where there is no child at all.
fn next_child() -> Result<Option<(pid_t, c_int)>, ()> {
    let mut status = 0;
    loop {
        // SAFETY: `status` is written by the kernel.
        let pid = unsafe { libc::waitpid(-1, &raw mut status, libc::WNOHANG | libc::__WALL) };
        return match pid {
            0 => Ok(None),
            1.. => Ok(Some((pid, status))),
            _ if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => continue,
            _ => Err(()),
        };
    }
}

/// Lets a child go that has asked to be traced, with the signal that it stopped for.
fn let_go(pid: pid_t, status: c_int) {
    let signal = match libc::WSTOPSIG(status) {
        // A stop at execve, not a signal.
        libc::SIGTRAP => 0,
        signal => signal,
    };
    // SAFETY: the child is stopped and traced by this process; else the call fails.
    unsafe { libc::ptrace(libc::PTRACE_DETACH, pid, 0, signal) };
}

fn watched(run: pid_t, limits: &Limits, waited: &libc::sigset_t) -> Verdict {
    let start = Instant::now();
    loop {
        loop {
            match next_child() {
                Ok(Some((pid, status))) if libc::WIFSTOPPED(status) => let_go(pid, status),
                Ok(Some((pid, status))) if pid == run => {
                    return match libc::WIFSIGNALED(status) {
                        true => Verdict::Signal(libc::WTERMSIG(status)),
                        false => Verdict::Exited(libc::WEXITSTATUS(status)),
                    };
                }
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(()) => return Verdict::Signal(0),
            }
        }
        if start.elapsed() > limits.time {
            // The program may have attached itself to the one that explores, which is stopped then.
            // SAFETY: a signal to the parent, which lives, or this process would have been asked to end.
            unsafe { libc::kill(libc::getppid(), libc::SIGCONT) };
            return Verdict::TimedOut;
        }
        if limits.memory != u64::MAX && resident(run) > limits.memory {
            return Verdict::OutOfMemory;
        }
        if next_signal(waited, TICK).is_some_and(|signal| ENDING.contains(&signal)) {
            return Verdict::Stopped;
        }
    }
}

/// Resident bytes of a process (`proc(5)`, statm); 0 when it is gone.
fn resident(pid: pid_t) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
    let pages: u64 = text.split(' ').nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
    pages * 4096
}

/// Kills all that descends from this process, until it has no child.
fn end_descendants(waited: &libc::sigset_t) {
    let start = Instant::now();
    loop {
        loop {
            match next_child() {
                Ok(Some((pid, status))) if libc::WIFSTOPPED(status) => let_go(pid, status),
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(()) => return,
            }
        }
        if start.elapsed() > PATIENCE {
            return;
        }
        kill_all(&descendants(own_pid(), &[]));
        next_signal(waited, Duration::from_millis(2));
    }
}

/// Kills processes, which must not have been reaped.
pub fn kill_all(all: &[pid_t]) {
    // First nobody may start others, then all end.
    for signal in [libc::SIGSTOP, libc::SIGKILL] {
        for &pid in all {
            // SAFETY: a signal to a process below this one.
            unsafe { libc::kill(pid, signal) };
        }
    }
}

/// The processes below one, as `/proc` has them, without those below `spared`.
pub fn descendants(of: pid_t, spared: &[pid_t]) -> Vec<pid_t> {
    let mut children: HashMap<pid_t, Vec<pid_t>> = HashMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<pid_t>().ok()) else { continue };
        // The name, in brackets, may hold anything.
        let text = std::fs::read(format!("/proc/{pid}/stat")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).to_string();
        let parent = text.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)?.parse::<pid_t>().ok());
        if let Some(parent) = parent {
            children.entry(parent).or_default().push(pid);
        }
    }
    let (mut out, mut at) = (Vec::new(), 0);
    let below = |pid: pid_t, out: &mut Vec<pid_t>| {
        out.extend(children.get(&pid).into_iter().flatten().filter(|pid| !spared.contains(pid)));
    };
    below(of, &mut out);
    while let Some(&pid) = out.get(at) {
        below(pid, &mut out);
        at += 1;
    }
    out
}

/// Makes this process the one that processes without a parent come to, below it.
pub fn become_subreaper() {
    // SAFETY: a system call on this process; where it is refused, those processes are not found.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) };
}

/// Reaps a process that came to this one; nothing happens where it has not ended.
pub fn reap(pid: pid_t) {
    let mut status = 0;
    // SAFETY: `status` is written by the kernel.
    unsafe { libc::waitpid(pid, &raw mut status, libc::WNOHANG | libc::__WALL) };
}

/// Ends this process as a signal does that nobody catches, without a file of its memory.
pub fn die_of(signal: i32) {
    // SAFETY: plain system calls on this process.
    unsafe {
        let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        libc::setrlimit(libc::RLIMIT_CORE, &raw const none);
        libc::signal(signal, libc::SIG_DFL);
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, signal);
        libc::sigprocmask(libc::SIG_UNBLOCK, &raw const set, std::ptr::null_mut());
        libc::raise(signal);
    }
}
