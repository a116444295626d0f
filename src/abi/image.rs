//! The linked image: a file that maps to `IMAGE_BASE` as it is.
//!
//! ```text
//! header (one page) | code (r-x) | read-only data, tables (r--) | data (rw-) | zeroed data (not in the file)
//! ```
//! All section starts are page (4096) aligned in the file and in memory at the same offset from `IMAGE_BASE`.
//! The header's native table lists, for each native stub of the image, the native's name; the loader writes the Rust
//! function's address into the slot that the stub jumps through.
//!
//! The tables (natives, functions, places, files, inlines, type links, itabs, globals) and their texts stand behind the
//! mapped part: their ranges and `Text`s are offsets in the *file*, which the loader maps a second time, read-only,
//! anywhere. `file_size` is the length of the part that is mapped at `IMAGE_BASE`; zeroed data follows it in memory.
//! Tables are read in place by the runtime: plain little-endian `#[repr(C)]` records, sorted where said.

/// First bytes of an image.
pub const MAGIC: [u8; 8] = *b"gorace01";

/// The header at offset 0.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct ImageHeader {
    pub magic: [u8; 8],
    /// Bytes of the file that are mapped at `IMAGE_BASE`, and bytes in memory (with zeroed data).
    pub file_size: u64,
    pub memory_size: u64,
    /// Offsets from `IMAGE_BASE`.
    pub code: Range,
    pub read_only: Range,
    pub data: Range,
    pub zeroed: Range,
    /// `[NativeEntry]`
    pub natives: Range,
    /// `[FunctionEntry]` sorted by `start`.
    pub functions: Range,
    /// `[PlaceEntry]` sorted by `pc`.
    pub places: Range,
    /// `[FileEntry]`
    pub files: Range,
    /// `[InlineEntry]`
    pub inlines: Range,
    /// `[TypeLink]`: u32 offsets of unnamed type descriptors sorted by type string.
    pub type_links: Range,
    /// `[ItabEntry]`: u32 offsets of the compiler-made itabs.
    pub itabs: Range,
    /// `[GlobalEntry]` sorted by `start`: named variables, for reports.
    pub globals: Range,
    /// Offsets of entry points.
    pub main_entry: u64,
    /// Bytes at the start of `data` and of `zeroed` that may hold pointers into the heap.
    pub data_roots: u64,
    pub zeroed_roots: u64,
    /// What the code asks of the processor (`processor`).
    pub processor: u64,
}

/// A range of the image, relative to `IMAGE_BASE`.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct Range {
    pub start: u64,
    pub len: u64,
}

/// A native that the image calls.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct NativeEntry {
    pub name: Text,
    /// Offset of the 8-byte slot that the loader fills with the function's address.
    pub slot: u64,
}

/// A string in the image.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct Text {
    pub start: u32,
    pub len: u32,
}

/// A function's code.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct FunctionEntry {
    pub start: u32,
    pub len: u32,
    /// Go's name as in stack traces, such as `main.(*T).f` or `main.main.func1`.
    pub name: Text,
    pub file: u32,
    pub line: u32,
    /// See `function_flag`.
    pub flags: u32,
    pub frame_size: u32,
}

/// Bits of `FunctionEntry::flags`.
pub mod function_flag {
    /// Made by the compiler (method wrapper, defer thunk): left out of stack traces.
    pub const WRAPPER: u32 = 1;
    /// Belongs to the standard library.
    pub const STD: u32 = 2;
    /// Never instrumented.
    pub const NO_RACE: u32 = 4;
    /// Takes no parameters, nor a receiver: stack traces print `f()`.
    pub const NO_PARAMETERS: u32 = 8;
    /// Belongs to package runtime, whatever its name: what others link to has the name that they know.
    pub const RUNTIME: u32 = 16;
}

/// From this pc to the next entry's, code belongs to this place.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct PlaceEntry {
    pub pc: u32,
    pub file: u32,
    pub line: u32,
    pub column: u32,
    /// Index + 1 into `inlines` of the call that this code was inlined from; 0 for none.
    pub inline: u32,
}

/// A source file's path.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct FileEntry {
    pub path: Text,
}

/// An inlined call.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct InlineEntry {
    pub function: Text,
    pub file: u32,
    pub line: u32,
    pub column: u32,
    /// Index + 1 of the enclosing inlined call; 0 for none.
    pub parent: u32,
}

/// A package-level variable.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct GlobalEntry {
    pub start: u32,
    pub len: u32,
    pub name: Text,
}
