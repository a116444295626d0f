//! Test programs as files: what `-c` and `-o` ask for.

use super::flags::Arguments;
use crate::executable::Settings;
use std::path::{Path, PathBuf};

/// Where test programs stay.
#[derive(Debug)]
pub struct Keep {
    to: PathBuf,
    /// Each gets a name of its own in it.
    is_folder: bool,
    /// They are run, too.
    pub runs: bool,
    settings: Settings,
}

impl Keep {
    /// What the flags ask for; none if test programs need not stay.
    pub fn of(a: &Arguments, settings: Settings) -> Option<Keep> {
        let wanted = a.compile_only() || a.output_file.is_some();
        if !wanted {
            return None;
        }
        let (to, is_folder) = match &a.output_file {
            None => (PathBuf::from("."), true),
            Some(to) => (to.clone(), to.is_dir() || to.as_os_str().as_encoded_bytes().ends_with(b"/")),
        };
        Some(Keep { to, is_folder, runs: !a.compile_only(), settings })
    }

    /// Writes a package's test program.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, image: &Path, package: &str) -> Result<(), String> {
        let name = format!("{}.test", crate::compile::executable_name(package, &[]));
        let file = if self.is_folder { self.to.join(name) } else { self.to.clone() };
        if file == Path::new("/dev/null") {
            return Ok(());
        }
        crate::build::write(&file, image, &self.settings)
    }
}

/// What cannot be asked of several packages, in the go command's words.
pub fn refused_of_several(a: &Arguments) -> Option<String> {
    let keep = Keep::of(a, Settings::default())?;
    if a.output_file.is_some() && !keep.is_folder && keep.to != Path::new("/dev/null") {
        return Some("with multiple packages, -o must refer to a directory or /dev/null".to_string());
    }
    None
}
