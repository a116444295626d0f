//! A test program's process: started in its package's folder, its output passed on, killed when it runs too long.

use super::flags::Leaks;
use crate::executable::{Left, Settings, link};
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long output is read after the end of a program that has left someone who could write more.
const LINGER: Duration = Duration::from_secs(1);

/// How test programs are started.
#[derive(Debug)]
pub struct Launch {
    pub arguments: Vec<String>,
    pub race: bool,
    pub seed: Option<u64>,
    pub threads: Option<u16>,
    pub kill_after: Option<Duration>,
    pub leaks: Leaks,
    /// A program, with arguments, that runs the test programs; none if empty.
    pub exec: Vec<String>,
}

/// How a test program ended.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    /// It ran too long.
    pub killed: bool,
    /// What it said of goroutines that tests have left.
    pub warnings: String,
}

/// Where a test program's output goes.
pub enum Output<'o> {
    /// This process's own standard output.
    Own,
    /// To be looked at first.
    To(&'o mut dyn Write),
}

impl Launch {
    /// Runs a package's test program in the package's folder, to its end.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn run(
        &self,
        image: &Path,
        package: &str,
        folder: &Path,
        goroot: &Path,
        output: Output<'_>,
    ) -> io::Result<Ended> {
        // Beside the image, so that the link does not cross file systems if it need not.
        let place = tempfile::Builder::new().prefix("test-").tempdir_in(image.parent().unwrap_or(image))?;
        let name = package.rsplit('/').next().unwrap_or(package);
        let binary = place.path().join(format!("{name}.test"));
        let warnings = place.path().join("warnings");
        let left = Left { fails: self.leaks == Leaks::Fail, warnings: warnings.clone() };
        let settings = Settings {
            race: self.race,
            seed: self.seed,
            threads: self.threads,
            leaks: (self.leaks != Leaks::Off).then_some(left),
            ..Settings::default()
        };
        link(&binary, image, &settings)?;
        let path = crate::run::path_with(goroot);
        let mut command = match self.exec.split_first() {
            None => Command::new(&binary),
            Some((program, arguments)) => {
                let mut command = Command::new(program);
                command.args(arguments).arg(&binary);
                command
            }
        };
        command.args(&self.arguments).current_dir(folder).env("PWD", folder).env("PATH", path).stdin(Stdio::null());
        let (mut child, reading) = match output {
            Output::Own => {
                let own: Stdio = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned()?.into();
                (command.stderr(own).spawn()?, None)
            }
            Output::To(sink) => {
                let (from, to) = io::pipe()?;
                let child = command.stdout(to.try_clone()?).stderr(to).spawn()?;
                // The command holds the pipe's other end open.
                drop(command);
                (child, Some((from, sink)))
            }
        };
        let pid = rustix::process::Pid::from_child(&child);
        let limit = self.kill_after;
        let (ended, end) = mpsc::channel::<()>();
        let watch = std::thread::spawn(move || {
            let Some(limit) = limit else { return false };
            let late = end.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout);
            late && rustix::process::kill_process(pid, rustix::process::Signal::KILL).is_ok()
        });
        if let Some((mut from, sink)) = reading {
            let mut buffer = vec![0; 1 << 16];
            let mut ended_at: Option<Instant> = None;
            // What the program started may hold its output open, and is waited for as little as a child without a parent.
            while ended_at.is_none_or(|ended| ended.elapsed() < LINGER) {
                if gorace_explore::process::has_news(&from) {
                    match from.read(&mut buffer) {
                        Ok(0) => break,
                        Ok(n) => sink.write_all(&buffer[..n])?,
                        Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                        Err(e) => return Err(e),
                    }
                } else if ended_at.is_none() && child.try_wait()?.is_some() {
                    ended_at = Some(Instant::now());
                }
            }
        }
        let status = child.wait()?;
        drop(ended);
        let warnings = std::fs::read_to_string(warnings).unwrap_or_default();
        Ok(Ended { status, killed: watch.join().unwrap_or(false), warnings })
    }
}
