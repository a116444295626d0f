//! How a schedule's process is started: with which command, beside which others, and in which network (`network`).

use crate::process::{Run, Running, Streams};
use crate::schedules::{Exploration, Made};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::Ordering;

/// After so many schedules in which nothing came for the whole time, others wait a tenth of it.
const SURELY_HUNG: usize = 2;

/// Where a schedule runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// There may be others at the same time.
    Beside,
    /// The same, and who misses somebody in its network is not run again in the machine's: it is of no use.
    Closed,
    /// There is no other.
    Alone,
    /// Nor has it a network of its own.
    AloneInTheMachines,
}

/// What all processes of an exploration's schedules are started with.
pub fn worker(binary: &Path, exploration: &Exploration, seed: u64) -> Command {
    let mut command = Command::new(binary);
    command.arg("__worker").arg("--image").arg(&exploration.image).args(["--seed", &seed.to_string()]);
    command.args(["--handover", "--memory", &exploration.memory.to_string()]);
    command.args(["--timeout-ms", &exploration.timeout.as_millis().to_string()]);
    let is_known = exploration.hung.load(Ordering::Relaxed) >= SURELY_HUNG;
    let quiet = if is_known { exploration.timeout / 10 } else { exploration.timeout };
    command.args(["--quiet-ms", &quiet.as_millis().to_string()]);
    if !exploration.stall.is_zero() {
        command.args(["--stall-us", &exploration.stall.as_micros().to_string()]);
    }
    if let Some(folder) = &exploration.folder {
        command.current_dir(folder).env("PWD", folder);
    }
    command
}

/// Runs a schedule's process: `command` besides the program's arguments, `input` what it reads.
///
/// # Errors
/// When it cannot be started.
pub fn start(
    running: &Running,
    command: &Command,
    exploration: &Exploration,
    input: &[u8],
    place: Place,
) -> std::io::Result<Run> {
    start_with(running, command, exploration, input, place, Streams::Error)
}

/// What the program prints in a seed's schedule, or one that is made otherwise, to both of its outputs.
///
/// # Errors
/// When the process cannot be started.
pub fn printed(exploration: &Exploration, seed: u64, made: Option<&Made>) -> std::io::Result<String> {
    let mut command = worker(&std::env::current_exe()?, exploration, seed);
    let mut input = Vec::new();
    if let Some(Made::Ordered(work)) = made {
        command.arg("--systematic");
        input = serde_json::to_vec(work)?;
    } else {
        command.args(["--strategy", exploration.strategy.text()]);
    }
    Ok(start_with(&Running::alone(), &command, exploration, &input, Place::Alone, Streams::Both)?.stderr)
}

fn start_with(
    running: &Running,
    command: &Command,
    exploration: &Exploration,
    input: &[u8],
    place: Place,
    streams: Streams,
) -> std::io::Result<Run> {
    let run = |own: bool| {
        let mut whole = copy(command);
        whole.args(own.then_some("--own-network")).arg("--").args(&exploration.args);
        match place {
            Place::Beside | Place::Closed => running.run(whole, input, exploration.timeout, streams),
            _ => running.run_alone(whole, input, exploration.timeout, streams),
        }
    };
    let network = &exploration.network;
    let own = place != Place::AloneInTheMachines && network.is_own();
    let first = run(own)?;
    let counts = own && place != Place::Closed;
    match first.network().wanted.filter(|_| counts && !exploration.interrupted.load(Ordering::Relaxed)) {
        Some(why) => {
            network.share(&why);
            run(false)
        }
        None => Ok(first),
    }
}

fn copy(command: &Command) -> Command {
    let mut copy = Command::new(command.get_program());
    copy.args(command.get_args());
    copy.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = command.get_current_dir() {
        copy.current_dir(folder);
    }
    copy
}
