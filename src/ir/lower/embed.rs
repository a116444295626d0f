//! `//go:embed`: variables whose initial value is files' bytes.
//!
//! A string or a slice points straight at the bytes in the image. An `embed.FS` points at a table of its files and folders
//! in the layout that package embed declares, sorted as its lookups want it: by folder, then by name. (gc also writes each
//! file's SHA-256 there; nothing reads it, and here it is zero.)

use super::Lowerer;
use super::global::{Image, pointer};
use super::kinds::Kind;
use crate::unit::{Data, Section, SymbolId};
use gorace_base::Pos;
use gorace_syntax::ast::VarDecl;
use gorace_types::{Basic, ObjId, TypeId};
use std::collections::BTreeMap;

/// A variable and the files that it embeds.
#[derive(Debug)]
pub struct Embed {
    pub variable: String,
    pub files: Vec<EmbeddedFile>,
}

/// A file as the program sees it.
#[derive(Debug)]
pub struct EmbeddedFile {
    /// With slashes, relative to the package's folder.
    pub name: String,
    pub bytes: Vec<u8>,
    /// Of the bytes: files with equal hash and length are kept once.
    pub hash: u64,
}

impl<'a> Lowerer<'a> {
    /// The value of a variable that embeds files; reports what cannot be one. None for any other variable.
    pub(super) fn embedded(&mut self, var: &VarDecl, obj: ObjId, pos: Pos) -> Option<Image> {
        // Behind the slashes, as gc has it.
        let directive = Pos(var.directives.iter().find(|d| d.text.starts_with("go:embed"))?.pos.0 + 2);
        let refused = match (&var.names[..], &var.values[..], &var.ty) {
            ([_], [], Some(_)) => None,
            ([_], [], None) => Some("go:embed cannot apply to var without type"),
            ([_], ..) => Some("go:embed cannot apply to var with initializer"),
            _ => Some("go:embed cannot apply to multiple vars"),
        };
        if let Some(message) = refused {
            // Once for a declaration of several variables.
            if var.names.first().is_some_and(|name| name.pos == pos) {
                self.error(directive, message);
            }
            return None;
        }
        let name = self.program.object_name(obj);
        let files = std::mem::take(&mut self.embeds.iter_mut().find(|e| e.variable == name)?.files);
        let ty = self.program.object_type(obj);
        let size = self.layout(ty).size;
        let mut image = Image { bytes: vec![0; size as usize], relocs: Vec::new() };
        match self.program.kind(ty) {
            Kind::Struct if self.program.link_string(ty) == "embed.FS" => {
                let table = self.file_table(&name, files);
                pointer(&mut image, 0, table, 0);
            }
            Kind::String => self.one_file(files, ty, pos, Section::ReadOnly, &mut image),
            Kind::Slice(elem) if self.program.kind(elem) == self.program.kind(Basic::Uint8.id()) => {
                self.one_file(files, ty, pos, Section::PlainData, &mut image);
            }
            _ => {
                let shown = self.program.reflect_string(ty);
                self.error(pos, format!("go:embed cannot apply to var of type {shown}"));
                return None;
            }
        }
        Some(image)
    }

    /// A string or slice over the bytes of the only file.
    fn one_file(&mut self, files: Vec<EmbeddedFile>, ty: TypeId, pos: Pos, section: Section, image: &mut Image) {
        let Ok([file]) = <[EmbeddedFile; 1]>::try_from(files) else {
            let shown = self.program.reflect_string(ty);
            self.error(pos, format!("invalid go:embed: multiple files for type {shown}"));
            return;
        };
        let length = file.bytes.len() as u64;
        let bytes = self.file_bytes(file, section);
        pointer(image, 0, bytes, 0);
        for word in image.bytes[8..].chunks_exact_mut(8) {
            word.copy_from_slice(&length.to_le_bytes());
        }
    }

    /// A file's bytes. Those that the program may write belong to one variable; the others are kept once.
    fn file_bytes(&mut self, file: EmbeddedFile, section: Section) -> SymbolId {
        let own = if section == Section::ReadOnly { String::new() } else { format!(".{}", self.unit.data.len()) };
        let name = format!("{}..embed.{:016x}.{}{own}", self.unit.package, file.hash, file.bytes.len());
        let symbol = self.unit.symbol(&name);
        if self.define(symbol) {
            self.unit.data.push(Data {
                name: symbol,
                section,
                align: 1,
                size: file.bytes.len().max(1) as u64,
                bytes: file.bytes,
                relocs: Vec::new(),
                mergeable: false,
                type_link: None,
                itab: false,
            });
        }
        symbol
    }

    /// What an `embed.FS` points at: the header of a slice and its elements behind it.
    fn file_table(&mut self, variable: &str, files: Vec<EmbeddedFile>) -> SymbolId {
        // Entries by folder and name; those of folders end in a slash and have no bytes.
        let mut entries: BTreeMap<(String, String), (String, Option<EmbeddedFile>)> = BTreeMap::new();
        for file in files {
            let folders = file.name.match_indices('/').map(|(end, _)| file.name[..end].to_string());
            for folder in folders.collect::<Vec<_>>() {
                entries.entry(split(&folder)).or_insert_with(|| (format!("{folder}/"), None));
            }
            entries.insert(split(&file.name), (file.name.clone(), Some(file)));
        }
        const HEADER: usize = 24;
        const ENTRY: usize = 16 + 16 + 16;
        let mut table = Image { bytes: vec![0; HEADER + ENTRY * entries.len()], relocs: Vec::new() };
        let count = entries.len() as u64;
        let symbol = self.unit.symbol(&format!("{}.{variable}.files", self.unit.package));
        self.define(symbol);
        pointer(&mut table, 0, symbol, HEADER as i64);
        let length = |table: &mut Image, at: usize, n: u64| table.bytes[at..at + 8].copy_from_slice(&n.to_le_bytes());
        length(&mut table, 8, count);
        length(&mut table, 16, count);
        for (i, (name, file)) in entries.into_values().enumerate() {
            let at = HEADER + i * ENTRY;
            let text = self.string_symbol(name.as_bytes());
            pointer(&mut table, at as u64, text, 0);
            length(&mut table, at + 8, name.len() as u64);
            if let Some(file) = file.filter(|f| !f.bytes.is_empty()) {
                length(&mut table, at + 24, file.bytes.len() as u64);
                let bytes = self.file_bytes(file, Section::ReadOnly);
                pointer(&mut table, at as u64 + 16, bytes, 0);
            }
        }
        self.unit.data.push(Data {
            name: symbol,
            section: Section::ReadOnly,
            align: 8,
            size: table.bytes.len() as u64,
            bytes: table.bytes,
            relocs: table.relocs,
            mergeable: false,
            type_link: None,
            itab: false,
        });
        symbol
    }
}

/// A path's folder (`.` for none) and last element.
fn split(path: &str) -> (String, String) {
    let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
    (folder.to_string(), name.to_string())
}
