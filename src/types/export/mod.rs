//! Export data: what a package's importers need, in one self-contained piece of bytes.
//!
//! It describes every type that the package's interface reaches, its own and its dependencies', so an import opens one file
//! and no other; and the bodies of generic functions, and of those that may be inlined, with all that the checker learnt of them, so that importers can
//! instantiate them without the source.
//!
//! Layout: magic, then tables (strings, packages, files, entities, types, the package's scope, linknames, imports,
//! bodies), each a list of offsets into one blob behind them. An *entity* is something with an identity across packages:
//! a package-level object (package, name), a method (type, name), a type parameter (owner, index), a type declared in
//! a function (package, number). Its record has a *shell*, enough to make it (kind, name, how many type parameters, names
//! of methods), and a *definition*. All else is written by structure, and interned anew when read.
//!
//! Reading is lazy: tables are offsets, an entity or type is decoded when first asked for. An entity that the store
//! knows already (through another import, or from source) is taken from there and its record skipped. Shells come first,
//! definitions when no shell is open any more: so recursive types need no special care.
//!
//! Invariants: equal packages give equal bytes (nothing iterates over a hash map); a reader gives `None` for damaged
//! data and leaves at most unused entries in the store.

mod reader;
mod tree;
mod wire;
mod writer;

#[cfg(test)]
mod tests;

pub use reader::{Body, ImportError, Importer};
pub use writer::Exporter;

/// First bytes; the digit is the format's version.
const MAGIC: &[u8; 8] = b"gorace\x001";

gorace_base::define_listed!(
    /// What kind of entity a record is.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum EntityKind {
        Const,
        Var,
        Func,
        Alias,
        Type,
        Method,
        TypeParam,
        LocalType,
    }
);

/// Tags of type records.
mod tag {
    pub const UNIVERSE: u8 = 0;
    pub const ARRAY: u8 = 1;
    pub const SLICE: u8 = 2;
    pub const POINTER: u8 = 3;
    pub const MAP: u8 = 4;
    pub const CHAN: u8 = 5;
    pub const STRUCT: u8 = 6;
    pub const TUPLE: u8 = 7;
    pub const SIGNATURE: u8 = 8;
    pub const INTERFACE: u8 = 9;
    pub const ENTITY: u8 = 10;
    pub const INSTANCE: u8 = 11;
}

/// Tags of references to objects.
mod object_tag {
    pub const UNIVERSE: u8 = 0;
    pub const ENTITY: u8 = 1;
    pub const LOCAL: u8 = 2;
}
