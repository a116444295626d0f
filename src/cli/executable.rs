//! Programs as files that can be executed: gorace's own binary under another name, which knows by itself what it is to run.
//!
//! In the binary's memory stands a mark (`MARK`), which says in a copy that it is one, and where in the copy's file the rest is: how to run
//! it, and the image. So nothing beside a program's file is looked at, and a copy that was cut or stripped says so instead of being gorace.
//!
//! - *Linked*, for tests: the image stays in the cache, its path is in the copy.
//! - *Attached*, for `gorace build -o`: the image is behind the copy, which needs neither cache nor SDK.
//!
//! Of the binary a copy holds what is loaded; its symbols and debug information, six times as much, are left out. What follows begins at a
//! multiple of 4096: the image, if it is attached, and behind it the settings.

use crate::run::execute;
use gorace_runtime::image::Location;
use object::elf::FileHeader64;
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, ReadCache};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Bytes in front of the mark's numbers. They stand in the binary once: wherever else they are needed, they are taken from there.
const NAME: usize = 24;

/// In gorace itself the numbers are zero. In a copy: where the image begins and its length, then those of the settings; little-endian.
#[used]
static MARK: [u8; NAME + 32] = {
    let (mut mark, name) = ([0; NAME + 32], *b"gorace: is this a copy?\n");
    let mut at = 0;
    while at < NAME {
        mark[at] = name[at];
        at += 1;
    }
    mark
};

/// Attached images begin where a page does, so that they can be mapped.
const PAGE: u64 = 4096;

/// How a program is run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Settings {
    pub race: bool,
    pub seed: Option<u64>,
    /// How many threads run Go code side by side.
    #[serde(default)]
    pub threads: Option<u16>,
    /// What becomes of goroutines that tests leave, and where warnings of them go, too.
    #[serde(default)]
    pub leaks: Option<Left>,
    /// Whether a status other than 0 is said, as `go run` does.
    #[serde(skip)]
    pub tell_status: bool,
}

/// Tests are looked after.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Left {
    /// What a test leaves makes it fail.
    pub fails: bool,
    pub warnings: PathBuf,
}

/// What stands behind a copy.
#[derive(Debug, Serialize, Deserialize)]
struct Carried {
    settings: Settings,
    /// Where the image is that is not attached.
    image: Option<PathBuf>,
}

/// The numbers of this process's binary.
fn own_numbers() -> [u64; 4] {
    // What a copy's memory holds, not what the compiler knows.
    let mark = std::hint::black_box(&MARK);
    let mut numbers = [0; 4];
    for (number, bytes) in numbers.iter_mut().zip(mark[NAME..].chunks_exact(8)) {
        *number = bytes.iter().rev().fold(0, |all, &byte| all << 8 | u64::from(std::hint::black_box(byte)));
    }
    numbers
}

/// Runs the program that belongs to this process's binary, if there is one.
pub fn run() -> Option<ExitCode> {
    let numbers = own_numbers();
    if numbers == [0; 4] {
        return None;
    }
    Some(
        carried(numbers)
            .unwrap_or_else(|e| crate::fail(&format!("this program, which gorace built, cannot be run: {e}"))),
    )
}

fn carried([offset, len, at, settings]: [u64; 4]) -> Result<ExitCode, String> {
    // Without /proc the kernel's own note says what was executed.
    let started = || PathBuf::from(std::ffi::OsStr::from_bytes(rustix::param::linux_execfn().to_bytes()));
    let binary = std::env::current_exe().unwrap_or_else(|_| started());
    let text = (|| {
        let mut file = File::open(&binary)?;
        file.seek(SeekFrom::Start(at))?;
        let mut text = vec![0; usize::try_from(settings).unwrap_or(0).min(1 << 20)];
        file.read_exact(&mut text)?;
        Ok::<_, io::Error>(text)
    })();
    let text = text.map_err(|e| match e.kind() {
        io::ErrorKind::UnexpectedEof => format!("{} was cut or stripped", binary.display()),
        _ => format!("{}: {e}", binary.display()),
    })?;
    let Carried { settings, image } =
        serde_json::from_slice(&text).map_err(|_| format!("{} is damaged", binary.display()))?;
    let arguments = std::env::args_os().collect();
    Ok(match &image {
        Some(image) => execute(Location::from(image), arguments, &settings, None),
        None => execute(Location { path: &binary, offset, len: Some(len) }, arguments, &settings, None),
    })
}

/// Makes the file `binary`, which runs an image that stays where it is.
///
/// # Errors
/// When it cannot be written.
pub fn link(binary: &Path, image: &Path, settings: &Settings) -> io::Result<()> {
    copy(binary, settings, image, false)
}

/// What the kernel loads of gorace's own file: its segments, not the sections behind them, and no table of sections.
fn loaded() -> io::Result<Vec<u8>> {
    let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, format!("gorace's own file: {error}"));
    let from = File::open(std::env::current_exe()?)?;
    let cache = ReadCache::new(&from);
    let header = FileHeader64::<Endianness>::parse(&cache).map_err(invalid)?;
    let endian = header.endian().map_err(invalid)?;
    let segments = header.program_headers(endian, &cache).map_err(invalid)?;
    let table = header.e_phoff(endian) + u64::from(header.e_phnum(endian)) * u64::from(header.e_phentsize(endian));
    let end = segments.iter().map(|s| s.p_offset(endian) + s.p_filesz(endian)).fold(table, u64::max);
    let mut bare = *header;
    bare.e_shoff.set(endian, 0);
    bare.e_shnum.set(endian, 0);
    bare.e_shstrndx.set(endian, 0);
    let first = object::pod::bytes_of(&bare);
    let mut out = first.to_vec();
    let mut rest = &from;
    rest.seek(SeekFrom::Start(first.len() as u64))?;
    rest.take(end - first.len() as u64).read_to_end(&mut out)?;
    Ok(out)
}

/// Makes the file `binary`, which holds all that it takes to run an image.
///
/// # Errors
/// When it cannot be written.
pub fn attach(binary: &Path, image: &Path, settings: &Settings) -> io::Result<()> {
    copy(binary, settings, image, true)
}

/// Makes a copy of gorace, which is there whole or not at all.
fn copy(binary: &Path, settings: &Settings, image: &Path, attached: bool) -> io::Result<()> {
    let folder = binary.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let mut bytes = loaded()?;
    let mark = bytes.windows(NAME).position(|window| window == &MARK[..NAME]);
    let mark = mark.ok_or_else(|| io::Error::other("gorace's own file has no mark"))?;
    let offset = (bytes.len() as u64).next_multiple_of(PAGE);
    let (len, path) = match attached {
        true => (std::fs::metadata(image)?.len(), None),
        false => (0, Some(image.to_path_buf())),
    };
    let carried = serde_json::to_vec(&Carried { settings: settings.clone(), image: path })?;
    let numbers = [offset, len, offset + len, carried.len() as u64];
    for (at, number) in numbers.into_iter().enumerate() {
        let at = mark + NAME + 8 * at;
        bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
    }
    file.write_all(&bytes)?;
    file.as_file().set_len(offset)?;
    file.seek(SeekFrom::Start(offset))?;
    if attached && io::copy(&mut File::open(image)?, &mut file)? != len {
        return Err(io::Error::other("the image was changed meanwhile"));
    }
    file.write_all(&carried)?;
    // Anyone may run it, as far as the user's mask lets them.
    let mask = rustix::process::umask(rustix::fs::Mode::empty());
    rustix::process::umask(mask);
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o777 & !mask.as_raw_mode()))?;
    file.persist(binary).map_err(|e| e.error)?;
    Ok(())
}
