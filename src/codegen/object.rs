//! A package's compiled code: functions, data and symbols, and the file they are kept in.
//!
//! A file is `magic, checksum (xxh3 of the rest), postcard bytes`. Reading verifies the checksum, so a damaged file is
//! noticed and built again.

use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::Path;

const MAGIC: [u8; 8] = *b"goraceo2";

/// A compiled package. Symbols are indices into `symbols`, files into `files`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Object {
    pub package: String,
    pub is_std: bool,
    pub symbols: Vec<String>,
    pub files: Vec<String>,
    pub functions: Vec<Function>,
    pub data: Vec<DataSymbol>,
    pub globals: Vec<(u32, String)>,
}

/// A function's machine code, with its entry check.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Function {
    pub symbol: u32,
    pub go_name: String,
    pub code: Vec<u8>,
    pub relocs: Vec<CodeReloc>,
    pub places: Vec<CodePlace>,
    pub inlines: Vec<Inlined>,
    pub file: u32,
    pub line: u32,
    pub flags: u32,
    pub frame_size: u32,
    pub mergeable: bool,
}

/// A 4-byte pc-relative reference: `target + addend - (address of the field)`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct CodeReloc {
    pub offset: u32,
    pub target: u32,
    pub addend: i64,
    /// 8-byte absolute instead.
    pub absolute: bool,
}

/// From this offset on, code belongs to this place.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct CodePlace {
    pub offset: u32,
    pub file: u32,
    pub line: u32,
    pub column: u16,
    /// Index + 1 into `Function::inlines`.
    pub inline: u32,
}

/// An inlined call.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Inlined {
    pub function: String,
    pub file: u32,
    pub line: u32,
    pub column: u32,
    pub parent: u32,
}

/// A data symbol; see `gorace_ir::Data`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct DataSymbol {
    pub symbol: u32,
    /// 0 read-only, 1 data, 2 zeroed, 3 and 4 the same without pointers into the heap.
    pub section: u8,
    pub align: u32,
    pub size: u64,
    pub bytes: Vec<u8>,
    pub relocs: Vec<DataRef>,
    pub mergeable: bool,
    pub type_link: Option<String>,
    pub itab: bool,
}

/// A reference from data.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct DataRef {
    pub offset: u32,
    pub target: u32,
    pub addend: i64,
    pub kind: RefKind,
}

/// See `gorace_ir::RelocKind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefKind {
    Absolute,
    Offset32,
    WeakOffset32,
    WeakAbsolute,
}

impl Object {
    /// Writes the object atomically: a temporary file beside the target, then a rename.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let body = postcard::to_stdvec(self).map_err(std::io::Error::other)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&MAGIC)?;
        file.write_all(&xxhash_rust::xxh3::xxh3_64(&body).to_le_bytes())?;
        file.write_all(&body)?;
        file.persist(path).map_err(|e| e.error)?;
        Ok(())
    }

    /// Reads an object; `None` when there is none or it is damaged.
    pub fn read(path: &Path) -> Option<Object> {
        let bytes = std::fs::read(path).ok()?;
        let (head, body) = bytes.split_at_checked(16)?;
        let sum = u64::from_le_bytes(head[8..].try_into().ok()?);
        if head[..8] != MAGIC || xxhash_rust::xxh3::xxh3_64(body) != sum {
            return None;
        }
        postcard::from_bytes(body).ok()
    }
}
