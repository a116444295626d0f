//! Objects to an image: what is reachable from the entry, laid out, relocated, with the runtime's tables.
//!
//! 1. Symbols: the first definition of a name wins where all are mergeable; two others clash.
//! 2. Reachability from the entry point, over code and data references (weak ones do not count).
//! 3. A reference that nothing defines becomes a stub: of a native the runtime has, or one that reports the missing
//!    symbol when it is called (a body-less function whose assembly we don't have).
//! 4. Layout as in `gorace_abi::image`, relocation, tables.

use crate::object::{DataSymbol, Function, Object, RefKind};
use gorace_abi::image::{
    FileEntry, FunctionEntry, GlobalEntry, ImageHeader, InlineEntry, MAGIC, NativeEntry, PlaceEntry, Range, Text,
};
use gorace_abi::memory::{IMAGE_BASE, IMAGE_LIMIT};
use std::collections::HashMap;

/// What to link.
pub struct LinkInput<'a> {
    pub objects: &'a [&'a Object],
    /// The first Go function to run.
    pub entry: &'a str,
    /// Symbols to keep although nothing refers to them.
    pub keep: &'a [&'a str],
    /// Whether the runtime has a native of this name.
    pub is_native: &'a dyn Fn(&str) -> bool,
    /// Whether the runtime's native replaces a Go body of this name.
    pub is_override: &'a dyn Fn(&str) -> bool,
}

/// Why linking failed.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error("the program has no {0}")]
    NoEntry(String),
    #[error("the program is too large: {0} bytes of code and data, {IMAGE_LIMIT} at most")]
    TooLarge(u64),
}

/// A linked program.
pub struct Image {
    pub bytes: Vec<u8>,
    /// Body-less functions that neither an object nor the runtime defines.
    pub missing: Vec<String>,
    pub functions: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Definition {
    Function(u32, u32),
    Data(u32, u32),
    /// Index into the linker's stubs.
    Stub(u32),
}

struct Linker<'a> {
    input: &'a LinkInput<'a>,
    by_name: HashMap<&'a str, Definition>,
    /// For each object, for each of its symbols: the definition, once asked for.
    resolved: Vec<Vec<Option<Definition>>>,
    function_seen: Vec<Vec<bool>>,
    data_seen: Vec<Vec<bool>>,
    functions: Vec<(u32, u32)>,
    data: Vec<(u32, u32)>,
    stubs: Vec<&'a str>,
    work: Vec<Definition>,
}

/// Links a program.
///
/// # Errors
/// When there is no entry point, or the program does not fit the image's room.
pub fn link(input: &LinkInput) -> Result<Image, LinkError> {
    let mut linker = Linker {
        input,
        by_name: HashMap::new(),
        resolved: input.objects.iter().map(|o| vec![None; o.symbols.len()]).collect(),
        function_seen: input.objects.iter().map(|o| vec![false; o.functions.len()]).collect(),
        data_seen: input.objects.iter().map(|o| vec![false; o.data.len()]).collect(),
        functions: Vec::new(),
        data: Vec::new(),
        stubs: Vec::new(),
        work: Vec::new(),
    };
    linker.index();
    let Some(&entry) = linker.by_name.get(input.entry) else {
        return Err(LinkError::NoEntry(input.entry.to_string()));
    };
    linker.visit(entry);
    for name in input.keep {
        if let Some(&definition) = linker.by_name.get(name) {
            linker.visit(definition);
        }
    }
    linker.reach();
    linker.lay_out(entry)
}

impl<'a> Linker<'a> {
    fn index(&mut self) {
        for (o, object) in self.input.objects.iter().enumerate() {
            for (i, function) in object.functions.iter().enumerate() {
                let name = object.symbols[function.symbol as usize].as_str();
                if !(self.input.is_override)(name) {
                    self.by_name.entry(name).or_insert(Definition::Function(o as u32, i as u32));
                }
            }
            for (i, data) in object.data.iter().enumerate() {
                let name = object.symbols[data.symbol as usize].as_str();
                self.by_name.entry(name).or_insert(Definition::Data(o as u32, i as u32));
            }
        }
    }

    fn resolve(&mut self, object: u32, symbol: u32) -> Definition {
        if let Some(known) = self.resolved[object as usize][symbol as usize] {
            return known;
        }
        let name = self.input.objects[object as usize].symbols[symbol as usize].as_str();
        let definition = match self.by_name.get(name) {
            Some(&known) => known,
            None => {
                let made = Definition::Stub(self.stubs.len() as u32);
                self.stubs.push(name);
                self.by_name.insert(name, made);
                made
            }
        };
        self.resolved[object as usize][symbol as usize] = Some(definition);
        definition
    }

    fn visit(&mut self, definition: Definition) {
        match definition {
            Definition::Function(o, i) => {
                if !std::mem::replace(&mut self.function_seen[o as usize][i as usize], true) {
                    self.functions.push((o, i));
                    self.work.push(definition);
                }
            }
            Definition::Data(o, i) => {
                if !std::mem::replace(&mut self.data_seen[o as usize][i as usize], true) {
                    self.data.push((o, i));
                    self.work.push(definition);
                }
            }
            Definition::Stub(_) => {}
        }
    }

    fn reach(&mut self) {
        while let Some(definition) = self.work.pop() {
            match definition {
                Definition::Function(o, i) => {
                    for reloc in &self.input.objects[o as usize].functions[i as usize].relocs {
                        let target = self.resolve(o, reloc.target);
                        self.visit(target);
                    }
                }
                Definition::Data(o, i) => {
                    for reloc in &self.input.objects[o as usize].data[i as usize].relocs {
                        if matches!(reloc.kind, RefKind::WeakOffset32 | RefKind::WeakAbsolute) {
                            continue;
                        }
                        let target = self.resolve(o, reloc.target);
                        self.visit(target);
                    }
                }
                Definition::Stub(_) => {}
            }
        }
    }

    fn function(&self, (o, i): (u32, u32)) -> &'a Function {
        &self.input.objects[o as usize].functions[i as usize]
    }

    fn datum(&self, (o, i): (u32, u32)) -> &'a DataSymbol {
        &self.input.objects[o as usize].data[i as usize]
    }

    fn lay_out(mut self, entry: Definition) -> Result<Image, LinkError> {
        // The same objects give the same image, whatever order the reachability found things in.
        self.functions.sort_unstable();
        self.data.sort_unstable();
        let mut plan = Plan::default();
        plan.place_code(&self);
        plan.place_data(&self);
        if plan.memory_end > IMAGE_LIMIT {
            return Err(LinkError::TooLarge(plan.memory_end));
        }
        let mut bytes = vec![0u8; plan.file_end as usize];
        self.write_code(&plan, &mut bytes);
        self.write_data(&plan, &mut bytes);
        self.write_stubs(&plan, &mut bytes);
        let header = self.write_tables(&plan, &mut bytes, entry);
        bytes[..std::mem::size_of::<ImageHeader>()].copy_from_slice(record(&header));
        let missing = self.stubs.iter().filter(|name| !(self.input.is_native)(name)).map(|n| n.to_string()).collect();
        Ok(Image { bytes, missing, functions: self.functions.len() })
    }

    fn address(&mut self, plan: &Plan, o: u32, symbol: u32) -> Option<u64> {
        let definition = self.resolve(o, symbol);
        plan.offsets.get(&key(definition)).map(|offset| IMAGE_BASE + offset)
    }

    fn write_code(&mut self, plan: &Plan, bytes: &mut [u8]) {
        for at in 0..self.functions.len() {
            let id = self.functions[at];
            let function = self.function(id);
            let start = plan.offsets[&key(Definition::Function(id.0, id.1))];
            let code = &mut bytes[start as usize..start as usize + function.code.len()];
            code.copy_from_slice(&function.code);
            for reloc in &function.relocs {
                let field = reloc.offset as usize;
                let target = self.address(plan, id.0, reloc.target).unwrap_or(0) as i64 + reloc.addend;
                if reloc.absolute {
                    code[field..field + 8].copy_from_slice(&target.to_le_bytes());
                } else {
                    let place = (IMAGE_BASE + start) as i64 + field as i64;
                    code[field..field + 4].copy_from_slice(&((target - place) as i32).to_le_bytes());
                }
            }
        }
    }

    fn write_data(&mut self, plan: &Plan, bytes: &mut [u8]) {
        for at in 0..self.data.len() {
            let id = self.data[at];
            let datum = self.datum(id);
            if matches!(datum.section, 2 | 4) {
                continue;
            }
            let start = plan.offsets[&key(Definition::Data(id.0, id.1))] as usize;
            bytes[start..start + datum.bytes.len()].copy_from_slice(&datum.bytes);
            for reloc in &datum.relocs {
                let field = start + reloc.offset as usize;
                let target = self.address(plan, id.0, reloc.target);
                match reloc.kind {
                    RefKind::Absolute | RefKind::WeakAbsolute => {
                        let value = target.map_or(0, |t| t.wrapping_add_signed(reloc.addend));
                        bytes[field..field + 8].copy_from_slice(&value.to_le_bytes());
                    }
                    RefKind::Offset32 | RefKind::WeakOffset32 => {
                        let value = target.map_or(-1, |t| (t - IMAGE_BASE) as i32 + reloc.addend as i32);
                        bytes[field..field + 4].copy_from_slice(&value.to_le_bytes());
                    }
                }
            }
        }
    }

    /// A native's stub is `jmp [rip+slot]`; a missing function's passes its name to the runtime.
    fn write_stubs(&mut self, plan: &Plan, bytes: &mut [u8]) {
        let missing = plan.slots.last().copied().unwrap_or(0);
        for (i, name) in self.stubs.iter().enumerate() {
            let at = plan.stubs[i] as usize;
            if (self.input.is_native)(name) {
                jump_through(bytes, at, plan.slots[i]);
            } else {
                let text = plan.stub_names[i];
                // lea rdi, [rip+name]; mov esi, len; jmp [rip+slot of runtime.missingSymbol]
                bytes[at..at + 3].copy_from_slice(&[0x48, 0x8d, 0x3d]);
                bytes[at + 3..at + 7].copy_from_slice(&((text as i64 - (at as i64 + 7)) as i32).to_le_bytes());
                bytes[at + 7] = 0xbe;
                bytes[at + 8..at + 12].copy_from_slice(&(name.len() as u32).to_le_bytes());
                jump_through(bytes, at + 12, missing);
            }
            let text = plan.stub_names[i] as usize;
            bytes[text..text + name.len()].copy_from_slice(name.as_bytes());
        }
        let text = plan.missing_name as usize;
        bytes[text..text + MISSING.len()].copy_from_slice(MISSING.as_bytes());
    }

    fn write_tables(&mut self, plan: &Plan, bytes: &mut Vec<u8>, entry: Definition) -> ImageHeader {
        let mut tables = Tables { bytes, texts: HashMap::new() };
        let mut natives = Vec::new();
        for (i, name) in self.stubs.iter().enumerate() {
            if (self.input.is_native)(name) {
                let name = Text { start: plan.stub_names[i] as u32, len: name.len() as u32 };
                natives.push(NativeEntry { name, slot: plan.slots[i] });
            }
        }
        let name = Text { start: plan.missing_name as u32, len: MISSING.len() as u32 };
        natives.push(NativeEntry { name, slot: *plan.slots.last().unwrap_or(&0) });
        let mut functions = Vec::new();
        let mut places = Vec::new();
        let mut inlines = Vec::new();
        let mut files = Vec::new();
        let mut file_index: HashMap<&str, u32> = HashMap::new();
        for &(o, i) in &self.functions {
            let object = self.input.objects[o as usize];
            let function = &object.functions[i as usize];
            let start = plan.offsets[&key(Definition::Function(o, i))] as u32;
            let mut file = |index: u32, tables: &mut Tables| -> u32 {
                let Some(path) = object.files.get(index as usize) else { return u32::MAX };
                *file_index.entry(path).or_insert_with(|| {
                    files.push(FileEntry { path: tables.text(path) });
                    files.len() as u32 - 1
                })
            };
            functions.push(FunctionEntry {
                start,
                len: function.code.len() as u32,
                name: tables.text(&function.go_name),
                file: file(function.file, &mut tables),
                line: function.line,
                flags: function.flags,
                frame_size: function.frame_size,
            });
            let inline_base = inlines.len() as u32;
            for site in &function.inlines {
                inlines.push(InlineEntry {
                    function: tables.text(&site.function),
                    file: file(site.file, &mut tables),
                    line: site.line,
                    column: site.column,
                    parent: if site.parent == 0 { 0 } else { site.parent + inline_base },
                });
            }
            for place in &function.places {
                places.push(PlaceEntry {
                    pc: start + place.offset,
                    file: file(place.file, &mut tables),
                    line: place.line,
                    column: u32::from(place.column),
                    inline: if place.inline == 0 { 0 } else { place.inline + inline_base },
                });
            }
        }
        let mut links: Vec<(&str, u32)> = Vec::new();
        let mut itabs: Vec<u32> = Vec::new();
        for &(o, i) in &self.data {
            let datum = self.datum((o, i));
            let offset = plan.offsets[&key(Definition::Data(o, i))] as u32;
            if let Some(string) = &datum.type_link {
                links.push((string, offset));
            }
            if datum.itab {
                itabs.push(offset);
            }
        }
        links.sort_unstable();
        let links: Vec<u32> = links.into_iter().map(|(_, offset)| offset).collect();
        let mut globals = Vec::new();
        for (o, object) in self.input.objects.iter().enumerate() {
            for (symbol, name) in &object.globals {
                if let Some(Definition::Data(o, i)) = self.resolved_or_named(o as u32, *symbol)
                    && let Some(&start) = plan.offsets.get(&key(Definition::Data(o, i)))
                {
                    let len = self.datum((o, i)).size as u32;
                    globals.push(GlobalEntry { start: start as u32, len, name: tables.text(name) });
                }
            }
        }
        globals.sort_unstable_by_key(|g| g.start);
        let mut header =
            ImageHeader { magic: MAGIC, code: plan.code, data: plan.data, zeroed: plan.zeroed, ..Default::default() };
        header.natives = tables.table(&natives);
        header.functions = tables.table(&functions);
        header.places = tables.table(&places);
        header.files = tables.table(&files);
        header.inlines = tables.table(&inlines);
        header.type_links = tables.table(&links);
        header.itabs = tables.table(&itabs);
        header.globals = tables.table(&globals);
        header.read_only = plan.read_only;
        header.data_roots = plan.data_roots;
        header.zeroed_roots = plan.zeroed_roots;
        header.processor = gorace_abi::processor::wanted();
        header.main_entry = plan.offsets[&key(entry)];
        header.file_size = plan.data_file_end;
        header.memory_size = plan.memory_end;
        header
    }

    fn resolved_or_named(&self, o: u32, symbol: u32) -> Option<Definition> {
        let name = self.input.objects[o as usize].symbols[symbol as usize].as_str();
        self.by_name.get(name).copied()
    }
}

/// The runtime's native that reports a call of a function we have no code for.
const MISSING: &str = "runtime.missingSymbol";

fn jump_through(bytes: &mut [u8], at: usize, slot: u64) {
    bytes[at..at + 2].copy_from_slice(&[0xff, 0x25]);
    bytes[at + 2..at + 6].copy_from_slice(&((slot as i64 - (at as i64 + 6)) as i32).to_le_bytes());
}

fn key(definition: Definition) -> (u8, u32, u32) {
    match definition {
        Definition::Function(o, i) => (0, o, i),
        Definition::Data(o, i) => (1, o, i),
        Definition::Stub(i) => (2, i, 0),
    }
}

/// Where everything goes: offsets from `IMAGE_BASE`.
#[derive(Default)]
struct Plan {
    offsets: HashMap<(u8, u32, u32), u64>,
    stubs: Vec<u64>,
    /// A slot for each stub, and one for `MISSING`.
    slots: Vec<u64>,
    stub_names: Vec<u64>,
    missing_name: u64,
    code: Range,
    read_only: Range,
    data: Range,
    zeroed: Range,
    data_roots: u64,
    zeroed_roots: u64,
    file_end: u64,
    data_file_end: u64,
    memory_end: u64,
}

const FILE_PAGE: u64 = 4096;
const STUB: u64 = 32;

impl Plan {
    fn place_code(&mut self, linker: &Linker) {
        let mut at = FILE_PAGE;
        for &(o, i) in &linker.functions {
            at = at.next_multiple_of(32);
            self.offsets.insert(key(Definition::Function(o, i)), at);
            at += linker.function((o, i)).code.len() as u64;
        }
        at = at.next_multiple_of(STUB);
        for i in 0..linker.stubs.len() {
            self.stubs.push(at);
            self.offsets.insert(key(Definition::Stub(i as u32)), at);
            at += STUB;
        }
        self.code = Range { start: FILE_PAGE, len: at - FILE_PAGE };
        self.file_end = at;
    }

    fn place_data(&mut self, linker: &Linker) {
        let mut at = self.file_end.next_multiple_of(FILE_PAGE);
        let start = at;
        let section = |plan: &mut Plan, wanted: u8, mut at: u64| {
            for &(o, i) in &linker.data {
                let datum = linker.datum((o, i));
                if datum.section == wanted {
                    // Shadow cells cover aligned words: no two variables share one.
                    let align = if wanted == 0 { datum.align.max(1) } else { datum.align.max(8) };
                    at = at.next_multiple_of(u64::from(align));
                    plan.offsets.insert(key(Definition::Data(o, i)), at);
                    at += datum.size.max(datum.bytes.len() as u64);
                }
            }
            at
        };
        at = section(self, 0, at);
        for name in &linker.stubs {
            self.stub_names.push(at);
            at += name.len() as u64;
        }
        self.missing_name = at;
        at += MISSING.len() as u64;
        self.read_only = Range { start, len: at - start };
        at = at.next_multiple_of(FILE_PAGE);
        let start = at;
        for _ in 0..=linker.stubs.len() {
            self.slots.push(at);
            at += 8;
        }
        at = section(self, 1, at);
        self.data_roots = at - start;
        at = section(self, 3, at);
        self.data = Range { start, len: at - start };
        self.file_end = at.next_multiple_of(FILE_PAGE);
        self.data_file_end = self.file_end;
        let start = at.next_multiple_of(FILE_PAGE);
        at = section(self, 2, start);
        self.zeroed_roots = at - start;
        at = section(self, 4, at);
        self.zeroed = Range { start, len: at - start };
        self.memory_end = at.next_multiple_of(FILE_PAGE);
    }
}

/// Tables follow the mapped part in the file; their ranges are file offsets (the loader reads them beside the image).
struct Tables<'b> {
    bytes: &'b mut Vec<u8>,
    texts: HashMap<String, Text>,
}

impl Tables<'_> {
    fn text(&mut self, text: &str) -> Text {
        if let Some(&known) = self.texts.get(text) {
            return known;
        }
        let made = Text { start: self.bytes.len() as u32, len: text.len() as u32 };
        self.bytes.extend_from_slice(text.as_bytes());
        self.texts.insert(text.to_string(), made);
        made
    }

    fn table<T: Copy>(&mut self, records: &[T]) -> Range {
        while !self.bytes.len().is_multiple_of(8) {
            self.bytes.push(0);
        }
        let start = self.bytes.len() as u64;
        for item in records {
            self.bytes.extend_from_slice(record(item));
        }
        Range { start, len: self.bytes.len() as u64 - start }
    }
}

#[allow(unsafe_code, reason = "reads a plain record as its bytes")]
fn record<T: Copy>(item: &T) -> &[u8] {
    // SAFETY: `T` is one of the `#[repr(C)]` records of `gorace_abi::image`, made of integers without padding that
    // would be uninitialised (each is a multiple of its largest field); the slice covers exactly the value.
    unsafe { std::slice::from_raw_parts(std::ptr::from_ref(item).cast::<u8>(), std::mem::size_of::<T>()) }
}
