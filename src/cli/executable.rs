//! Programs as files that can be executed: gorace's own binary under another name, which sees at its start what it is to run.
//!
//! - *Beside*, for tests: a second name of the binary, and next to it a file that says which image of the cache to run. It costs
//!   nothing, and a program that executes itself again, as many tests do, finds itself.
//! - *Attached*, for `gorace build -o`: a copy of the binary with the image behind it, which needs neither cache nor SDK. Of the
//!   binary it holds what is loaded; its symbols and debug information, six times as much, are left out.
//!   Behind the image, which begins at a multiple of 4096, stand how to run it, and a trailer of 32 bytes: where the image
//!   begins, its length, the length of what says how to run it, and `MAGIC`; numbers are little-endian.

use crate::run::execute;
use gorace_runtime::image::Location;
use object::elf::FileHeader64;
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, ReadCache};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Ending of the file that stands beside the binary.
const BESIDE: &str = "gorace";

/// The last bytes of a binary with an image attached.
const MAGIC: [u8; 8] = *b"gorace\x01\n";

/// Bytes of the trailer.
const TRAILER: u64 = 32;

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
    /// Whether a status other than 0 is said, as `go run` does.
    #[serde(skip)]
    pub tell_status: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Beside {
    image: PathBuf,
    settings: Settings,
}

/// Runs the program that belongs to this process's binary, if there is one.
pub fn run() -> Option<ExitCode> {
    let binary = std::env::current_exe().ok()?;
    let run =
        |location: Location<'_>, settings: &Settings| execute(location, std::env::args().collect(), settings, None);
    if let Some(text) = std::fs::read(beside(&binary)).ok()
        && let Ok(program) = serde_json::from_slice::<Beside>(&text)
    {
        return Some(run(Location::from(&program.image), &program.settings));
    }
    let (offset, len, settings) = attached(&binary).ok()??;
    Some(run(Location { path: &binary, offset, len: Some(len) }, &settings))
}

/// Where a binary's attached image lies, and how to run it.
fn attached(binary: &Path) -> io::Result<Option<(u64, u64, Settings)>> {
    let mut file = File::open(binary)?;
    let end = file.metadata()?.len().saturating_sub(TRAILER);
    file.seek(SeekFrom::Start(end))?;
    let mut trailer = [0u64; 3];
    for number in &mut trailer {
        let mut bytes = [0; 8];
        file.read_exact(&mut bytes)?;
        *number = u64::from_le_bytes(bytes);
    }
    let mut magic = [0; 8];
    file.read_exact(&mut magic)?;
    let [offset, len, settings] = trailer;
    if magic != MAGIC || settings > end {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(end - settings))?;
    let mut text = Vec::new();
    file.take(settings).read_to_end(&mut text)?;
    Ok(Some((offset, len, serde_json::from_slice(&text)?)))
}

fn beside(binary: &Path) -> PathBuf {
    let mut name = binary.as_os_str().to_owned();
    name.push(".");
    name.push(BESIDE);
    PathBuf::from(name)
}

/// Makes the file `binary`, which runs an image that stays where it is.
///
/// # Errors
/// When it cannot be written.
pub fn link(binary: &Path, image: &Path, settings: &Settings) -> io::Result<()> {
    let own = std::env::current_exe()?;
    // A link costs nothing, but may not cross file systems.
    if std::fs::hard_link(&own, binary).is_err() {
        std::fs::copy(&own, binary)?;
    }
    let program = Beside { image: image.to_path_buf(), settings: settings.clone() };
    std::fs::write(beside(binary), serde_json::to_vec(&program)?)
}

/// Copies what the kernel loads of the executable `from`: its segments, not the sections behind them, and no table of sections.
/// Returns the number of bytes.
fn copy_loaded(from: &File, to: &mut impl Write) -> io::Result<u64> {
    let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, format!("gorace's own file: {error}"));
    let cache = ReadCache::new(from);
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
    to.write_all(first)?;
    let mut rest = from;
    rest.seek(SeekFrom::Start(first.len() as u64))?;
    Ok(first.len() as u64 + io::copy(&mut rest.take(end - first.len() as u64), to)?)
}

/// Makes the file `binary`, which holds all that it takes to run an image. It is there whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn attach(binary: &Path, image: &Path, settings: &Settings) -> io::Result<()> {
    let folder = binary.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let size = copy_loaded(&File::open(std::env::current_exe()?)?, &mut file)?;
    let offset = size.next_multiple_of(PAGE);
    file.as_file().set_len(offset)?;
    file.seek(SeekFrom::Start(offset))?;
    let len = io::copy(&mut File::open(image)?, &mut file)?;
    let settings = serde_json::to_vec(settings)?;
    file.write_all(&settings)?;
    for number in [offset, len, settings.len() as u64] {
        file.write_all(&number.to_le_bytes())?;
    }
    file.write_all(&MAGIC)?;
    // Anyone may run it, as far as the user's mask lets them.
    let mask = rustix::process::umask(rustix::fs::Mode::empty());
    rustix::process::umask(mask);
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o777 & !mask.as_raw_mode()))?;
    file.persist(binary).map_err(|e| e.error)?;
    Ok(())
}
