//! A test program as a file that can be executed: a second name of gorace's own binary, and beside it a file that says
//! which image to run. So a program that executes itself again, as many tests do, finds itself.

use crate::run::execute;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Ending of the file that stands beside the binary.
const BESIDE: &str = "gorace";

/// What a binary with another name is to run.
#[derive(Debug, Serialize, Deserialize)]
struct Program {
    image: PathBuf,
    race: bool,
    seed: Option<u64>,
}

/// How test programs are started.
#[derive(Debug)]
pub struct Launch {
    pub arguments: Vec<String>,
    pub race: bool,
    pub seed: Option<u64>,
    pub kill_after: Option<Duration>,
}

/// How a test program ended.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    /// It ran too long.
    pub killed: bool,
}

/// Runs the program that the file beside this process's binary names, if there is one.
pub fn run_beside() -> Option<ExitCode> {
    let binary = std::env::current_exe().ok()?;
    let text = std::fs::read(beside(&binary)).ok()?;
    let program: Program = serde_json::from_slice(&text).ok()?;
    Some(execute(&program.image, std::env::args().collect(), program.race, program.seed, None))
}

fn beside(binary: &Path) -> PathBuf {
    let mut name = binary.as_os_str().to_owned();
    name.push(".");
    name.push(BESIDE);
    PathBuf::from(name)
}

/// Makes the file `binary`, which runs an image when it is executed.
///
/// # Errors
/// When it cannot be written.
fn link(binary: &Path, image: &Path, launch: &Launch) -> io::Result<()> {
    let own = std::env::current_exe()?;
    // A link costs nothing, but may not cross file systems.
    if std::fs::hard_link(&own, binary).is_err() {
        std::fs::copy(&own, binary)?;
    }
    let program = Program { image: image.to_path_buf(), race: launch.race, seed: launch.seed };
    std::fs::write(beside(binary), serde_json::to_vec(&program)?)
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
        link(&binary, image, self)?;
        let path = crate::run::path_with(goroot);
        let mut command = Command::new(&binary);
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
            loop {
                match from.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(n) => sink.write_all(&buffer[..n])?,
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    Err(e) => return Err(e),
                }
            }
        }
        let status = child.wait()?;
        drop(ended);
        Ok(Ended { status, killed: watch.join().unwrap_or(false) })
    }
}
