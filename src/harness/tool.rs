//! gorace as the suites use it: the binary beside theirs, compiled images, one schedule in a process of its own.
//!
//! The suites and `gorace` come from one build (`cargo build --release`), so the binary stands in the same folder.

use gorace_base::finding::Finding;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// The binary of the same build.
///
/// # Errors
/// When it has not been built.
pub fn gorace() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|e| e.to_string())?;
    let folder = own.parent().unwrap_or(Path::new("."));
    [folder, folder.parent().unwrap_or(folder)]
        .iter()
        .map(|f| f.join("gorace"))
        .find(|path| path.is_file())
        .ok_or_else(|| "gorace is not built: run `cargo build --release` first".to_string())
}

/// A suite's end: its own exit code, or its error on standard error and code 2.
pub fn finish(result: Result<ExitCode, String>) -> ExitCode {
    result.unwrap_or_else(|message| {
        eprintln!("{message}");
        ExitCode::from(2)
    })
}

/// The SDK's folder.
///
/// # Errors
/// When there is no SDK and none can be fetched.
pub fn sdk_root() -> Result<PathBuf, String> {
    Ok(gorace_load::sdk::find().map_err(|e| e.to_string())?.root)
}

/// The folder of its sources.
///
/// # Errors
/// As `sdk_root`.
pub fn sdk_sources() -> Result<PathBuf, String> {
    Ok(sdk_root()?.join("src"))
}

/// User and system seconds of this process's ended children (`proc(5)`, fields 16 and 17, in hundredths).
///
/// # Errors
/// When `/proc` cannot be read.
pub fn children_seconds() -> Result<f64, String> {
    let text = std::fs::read_to_string("/proc/self/stat").map_err(|e| format!("/proc/self/stat: {e}"))?;
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    Ok((ticks(13) + ticks(14)) / 100.0)
}

/// Compiles a folder's main package; gives its image.
///
/// # Errors
/// The compiler's messages.
pub fn compile(gorace: &Path, folder: &Path) -> Result<PathBuf, String> {
    build(gorace, folder, &["build", "--print-image", "."])
}

/// Compiles the program that runs a folder's tests; gives its image.
///
/// # Errors
/// The compiler's messages.
pub fn compile_tests(gorace: &Path, folder: &Path) -> Result<PathBuf, String> {
    build(gorace, folder, &["build", "--tests", "--print-image", "."])
}

fn build(gorace: &Path, folder: &Path, arguments: &[&str]) -> Result<PathBuf, String> {
    let output = Command::new(gorace).args(arguments).current_dir(folder).output().map_err(|e| e.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).to_string());
    }
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

/// How a command ended that was run with a limit.
#[derive(Debug)]
pub struct Ran {
    /// None when a signal ended it, or its time.
    pub status: Option<i32>,
    /// Standard output and standard error as one stream.
    pub output: Vec<u8>,
}

/// Runs a command in a process group of its own, which is ended when it takes longer than `limit`.
///
/// # Errors
/// When it cannot be started.
pub fn run_within(command: &mut Command, limit: Duration) -> std::io::Result<Ran> {
    let (mut from, to) = std::io::pipe()?;
    command.stdin(Stdio::null()).stdout(to.try_clone()?).stderr(to).process_group(0);
    let mut child = command.spawn()?;
    // The command holds the pipe's other end open.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let reader = std::thread::spawn(move || {
        let mut output = Vec::new();
        let _ = from.read_to_end(&mut output);
        output
    });
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status.code();
        }
        if start.elapsed() > limit {
            let _ = rustix::process::kill_process_group(
                rustix::process::Pid::from_child(&child),
                rustix::process::Signal::KILL,
            );
            child.wait()?;
            break None;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    Ok(Ran { status, output: reader.join().unwrap_or_default() })
}

/// What one schedule gave.
#[derive(Debug, Default)]
pub struct Schedule {
    pub findings: Vec<Finding>,
    /// None when a signal ended it.
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs one schedule of an image in a working folder.
///
/// # Errors
/// When the process cannot be started.
pub fn schedule(
    gorace: &Path,
    image: &Path,
    folder: &Path,
    seed: u64,
    timeout_ms: u64,
    arguments: &[&str],
) -> std::io::Result<Schedule> {
    let file = tempfile::NamedTempFile::new()?;
    let output = Command::new(gorace)
        .arg("__worker")
        .arg("--image")
        .arg(image)
        .args(["--seed", &seed.to_string(), "--timeout-ms", &timeout_ms.to_string()])
        .arg("--findings")
        .arg(file.path())
        .arg("--")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()?;
    let text = std::fs::read_to_string(file.path())?;
    Ok(Schedule {
        findings: text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect(),
        status: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).to_string(),
        stderr: String::from_utf8_lossy(&output.stderr).to_string(),
    })
}
