//! A package's compiled code: functions, data and symbols, and the file they are kept in.
//!
//! A file is a header, the export data (`gorace_types::export`), then the code as postcard bytes. An import reads to the
//! end of the export data. Both parts have a checksum (xxh3), so a damaged file is noticed and built again. A package that
//! was only checked has a file without code.

use serde::{Deserialize, Serialize};
use std::io::{Read, Write};
use std::path::Path;

const MAGIC: [u8; 8] = *b"goraceo4";

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
    /// What the functions do with pointers that they are given (`gorace_ir::passes::summary`), and what the code was told of other
    /// packages' functions: it is good while that holds.
    pub summaries: Vec<(u32, Vec<u8>)>,
    pub relies: Vec<(u32, Vec<u8>)>,
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

/// What stands at the start of a package's file: enough to decide whether it can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Hash of all that importers may see: the export data, and that of the package's own imports.
    pub interface: u128,
    /// The file holds code behind the export data.
    pub has_code: bool,
    export_len: u64,
    export_sum: u64,
    code_sum: u64,
}

/// Bytes of the magic and the header.
const HEADER: usize = 8 + 16 + 4 * 8 + 8;

impl Header {
    fn bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(self.interface.to_le_bytes());
        for word in [u64::from(self.has_code), self.export_len, self.export_sum, self.code_sum] {
            out.extend(word.to_le_bytes());
        }
        let sum = xxhash_rust::xxh3::xxh3_64(&out);
        out.extend(sum.to_le_bytes());
        out
    }

    fn parse(bytes: &[u8]) -> Option<Header> {
        let rest = bytes.strip_prefix(&MAGIC)?;
        let sum = u64::from_le_bytes(bytes.get(HEADER - 8..HEADER)?.try_into().ok()?);
        if xxhash_rust::xxh3::xxh3_64(&bytes[..HEADER - 8]) != sum {
            return None;
        }
        let (interface, rest) = rest.split_at_checked(16)?;
        let word = |at: usize| Some(u64::from_le_bytes(rest.get(at * 8..at * 8 + 8)?.try_into().ok()?));
        Some(Header {
            interface: u128::from_le_bytes(interface.try_into().ok()?),
            has_code: word(0)? == 1,
            export_len: word(1)?,
            export_sum: word(2)?,
            code_sum: word(3)?,
        })
    }

    /// Reads the header of a package's file; `None` when there is no such file, or it is none of this version's.
    pub fn read(path: &Path) -> Option<Header> {
        let mut bytes = [0; HEADER];
        std::fs::File::open(path).ok()?.read_exact(&mut bytes).ok()?;
        Header::parse(&bytes)
    }
}

/// Writes a package's file atomically: a temporary file beside the target, then a rename.
///
/// # Errors
/// When the folder or file cannot be written.
pub fn write(path: &Path, interface: u128, export: &[u8], object: Option<&Object>) -> std::io::Result<()> {
    let code = object.map(postcard::to_stdvec).transpose().map_err(std::io::Error::other)?.unwrap_or_default();
    let header = Header {
        interface,
        has_code: object.is_some(),
        export_len: export.len() as u64,
        export_sum: xxhash_rust::xxh3::xxh3_64(export),
        code_sum: xxhash_rust::xxh3::xxh3_64(&code),
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&header.bytes())?;
    file.write_all(export)?;
    file.write_all(&code)?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// Reads the export data of a package's file, and nothing behind it; `None` when it is damaged.
pub fn read_export(path: &Path) -> Option<Vec<u8>> {
    let mut file = std::fs::File::open(path).ok()?;
    let mut head = [0; HEADER];
    file.read_exact(&mut head).ok()?;
    let header = Header::parse(&head)?;
    if header.export_len > file.metadata().ok()?.len() {
        return None;
    }
    let mut export = vec![0; header.export_len as usize];
    file.read_exact(&mut export).ok()?;
    (xxhash_rust::xxh3::xxh3_64(&export) == header.export_sum).then_some(export)
}

impl Object {
    /// Reads the code of a package's file; `None` when there is none or it is damaged.
    pub fn read(path: &Path) -> Option<Object> {
        let bytes = std::fs::read(path).ok()?;
        let header = Header::parse(&bytes)?;
        let code = bytes.get(HEADER.checked_add(usize::try_from(header.export_len).ok()?)?..)?;
        if !header.has_code || xxhash_rust::xxh3::xxh3_64(code) != header.code_sum {
            return None;
        }
        postcard::from_bytes(code).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back_and_damage_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p");
        let object = Object { package: "p".to_string(), symbols: vec!["p.f".to_string()], ..Object::default() };
        write(&path, 7, b"export", Some(&object)).unwrap();
        assert_eq!(Header::read(&path).map(|h| (h.interface, h.has_code)), Some((7, true)));
        assert_eq!(read_export(&path).as_deref(), Some(&b"export"[..]));
        assert_eq!(Object::read(&path).unwrap().symbols, object.symbols);
        let whole = std::fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            std::fs::write(&path, &damaged).unwrap();
            let same = Header::read(&path).is_some()
                && read_export(&path).as_deref() == Some(&b"export"[..])
                && Object::read(&path).is_some_and(|o| o.symbols == object.symbols);
            assert!(!same, "byte {at}");
            std::fs::write(&path, &damaged[..at]).unwrap();
            assert!(Object::read(&path).is_none());
        }
        write(&path, 7, b"export", None).unwrap();
        assert!(Object::read(&path).is_none() && Header::read(&path).is_some_and(|h| !h.has_code));
    }
}
