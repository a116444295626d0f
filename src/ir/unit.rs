//! A compilation unit: the functions and data symbols of one package, with their symbol table.
//!
//! Symbols are names such as `main.main`, `fmt.(*pp).printArg`, `type:map[string]int`, `go:itab.*os.File,io.Writer`.
//! A name belongs to at most one definition in a program, unless all its definitions are `mergeable` (generic
//! instances, type descriptors, wrappers, string literals): then any one serves.

use crate::func::Func;
use crate::passes::summary::Summary;
use gorace_base::Pos;
use std::collections::HashMap;
use std::sync::Arc;

gorace_base::define_id!(
    /// A symbol of a unit.
    SymbolId
);

/// A package's code and data before code generation.
#[derive(Debug, Default, Clone)]
pub struct Unit {
    pub package: String,
    pub is_std: bool,
    pub funcs: Vec<Func>,
    pub data: Vec<Data>,
    /// Package-level variables for reports: symbol and Go's name.
    pub globals: Vec<(SymbolId, String)>,
    /// Size and alignment of what type descriptors describe.
    pub sizes: HashMap<SymbolId, (u64, u32)>,
    /// What the escape analysis found out about the unit's functions, and what it was told of others.
    pub summaries: Vec<(SymbolId, Arc<Summary>)>,
    pub relies: Vec<(SymbolId, Arc<Summary>)>,
    symbols: Vec<Arc<str>>,
    by_name: HashMap<Arc<str>, SymbolId>,
}

impl Unit {
    /// The id of a symbol, made if new.
    pub fn symbol(&mut self, name: &str) -> SymbolId {
        if let Some(&id) = self.by_name.get(name) {
            return id;
        }
        let id = SymbolId(self.symbols.len() as u32);
        let name: Arc<str> = Arc::from(name);
        self.symbols.push(name.clone());
        self.by_name.insert(name, id);
        id
    }

    /// The id of a symbol that the unit mentions.
    pub fn known_symbol(&self, name: &str) -> Option<SymbolId> {
        self.by_name.get(name).copied()
    }

    /// A symbol's name.
    pub fn name(&self, id: SymbolId) -> &str {
        &self.symbols[id.index()]
    }

    /// How many symbols there are.
    pub fn symbol_count(&self) -> usize {
        self.symbols.len()
    }
}

/// Where a data symbol lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    ReadOnly,
    /// Written by the program.
    Data,
    /// Written by the program, zero at start; `bytes` is empty and `size` counts.
    Zeroed,
    /// As `Data`, never pointing into the heap.
    PlainData,
    /// As `Zeroed`, never pointing into the heap.
    PlainZeroed,
}

/// A data symbol.
#[derive(Debug, Clone)]
pub struct Data {
    pub name: SymbolId,
    pub section: Section,
    pub align: u32,
    pub size: u64,
    /// The contents; shorter than `size` means zeros behind.
    pub bytes: Vec<u8>,
    pub relocs: Vec<DataReloc>,
    pub mergeable: bool,
    /// For type descriptors that reflect must find: the type string to sort `type_links` by.
    pub type_link: Option<String>,
    /// Is a compiler-made itab, to be listed in the image.
    pub itab: bool,
}

/// A place in a data symbol that refers to another symbol.
#[derive(Debug, Clone)]
pub struct DataReloc {
    pub offset: u32,
    pub target: SymbolId,
    pub addend: i64,
    pub kind: RelocKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelocKind {
    /// 8 bytes: the address.
    Absolute,
    /// 4 bytes: the address less `IMAGE_BASE` (name, type and text offsets of descriptors).
    Offset32,
    /// As `Offset32`, but a target that no reachable code uses may stay away: then -1. Does not keep the target alive.
    WeakOffset32,
    /// As `Absolute`, but does not keep the target alive: then 0.
    WeakAbsolute,
}

/// A place in Go's source with the inlined calls it came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Place {
    pub pos: Pos,
    /// Index + 1 into `Func::inlines`; 0 for none.
    pub inline: u32,
}
