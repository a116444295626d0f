//! Type descriptors as `internal/abi` lays them out, so that the real reflect works on them; itabs; pointer masks.
//!
//! Field offsets are looked up by name in the checked `internal/abi` of the SDK in use, never written down. Descriptors of unnamed types,
//! instances and predeclared types are made by every unit that needs them (and merged); those of other named types by the
//! package that declares them.

use super::Lowerer;
use super::kinds::{Kind, MethodTarget};
use crate::unit::{Data, DataReloc, RelocKind, Section, SymbolId};
use gorace_syntax::ast::Decl;
use gorace_types::{Basic, PkgId, Type, TypeId, is_exported};
use std::collections::HashMap;

/// Offsets of the fields of internal/abi's structs.
#[derive(Debug, Default)]
pub struct AbiTypes {
    offsets: HashMap<(String, String), u64>,
    sizes: HashMap<String, u64>,
}

/// Flags of `abi.TFlag`.
mod flag {
    pub const UNCOMMON: u8 = 1;
    pub const NAMED: u8 = 4;
    pub const REGULAR_MEMORY: u8 = 8;
    pub const DIRECT_IFACE: u8 = 32;
}

/// A data symbol being written.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    relocs: Vec<DataReloc>,
}

impl Writer {
    fn room(&mut self, end: u64) {
        if self.bytes.len() < end as usize {
            self.bytes.resize(end as usize, 0);
        }
    }

    fn put(&mut self, at: u64, value: &[u8]) {
        self.room(at + value.len() as u64);
        self.bytes[at as usize..at as usize + value.len()].copy_from_slice(value);
    }

    fn u64(&mut self, at: u64, value: u64) {
        self.put(at, &value.to_le_bytes());
    }

    fn pointer(&mut self, at: u64, target: SymbolId, addend: i64) {
        self.room(at + 8);
        self.relocs.push(DataReloc { offset: at as u32, target, addend, kind: RelocKind::Absolute });
    }

    fn offset32(&mut self, at: u64, target: SymbolId) {
        self.room(at + 4);
        self.relocs.push(DataReloc { offset: at as u32, target, addend: 0, kind: RelocKind::Offset32 });
    }
}

impl<'a> Lowerer<'a> {
    fn abi(&mut self) -> std::rc::Rc<AbiTypes> {
        if let Some(known) = &self.abi_types {
            return known.clone();
        }
        let mut out = AbiTypes::default();
        if let Some(pkg) = self.program.package_named("internal/abi") {
            let names: Vec<(String, TypeId)> = {
                let store = self.program.store.borrow();
                let scope = store.package(pkg).scope;
                store.scopes[scope.index()]
                    .names
                    .iter()
                    .filter(|(_, o)| matches!(store.object(**o).kind, gorace_types::ObjKind::TypeName { .. }))
                    .map(|(n, o)| (n.to_string(), store.object(*o).ty))
                    .collect()
            };
            for (name, ty) in names {
                if self.program.kind(ty) != Kind::Struct {
                    continue;
                }
                let layout = self.layout(ty);
                out.sizes.insert(name.clone(), layout.size);
                for (field, &offset) in self.program.fields(ty).iter().zip(&layout.field_offsets) {
                    out.offsets.insert((name.clone(), field.name.to_string()), offset);
                }
            }
        }
        let out = std::rc::Rc::new(out);
        self.abi_types = Some(out.clone());
        out
    }

    fn at(&mut self, ty: &str, field: &str) -> u64 {
        self.abi().offsets.get(&(ty.to_string(), field.to_string())).copied().unwrap_or(0)
    }

    fn abi_size(&mut self, ty: &str) -> u64 {
        self.abi().sizes.get(ty).copied().unwrap_or(48)
    }

    /// The symbol of a type's descriptor; made by this unit unless the declaring package makes it.
    pub(crate) fn type_symbol(&mut self, ty: TypeId) -> SymbolId {
        if let Some(&known) = self.descriptors.get(&ty) {
            return known;
        }
        let name = format!("type:{}", self.program.link_string(ty));
        let symbol = self.unit.symbol(&name);
        self.descriptors.insert(ty, symbol);
        let elsewhere = match self.program.named(ty) {
            Some((_, Some(pkg), false)) => pkg != self.pkg,
            _ => match self.program.kind(ty) {
                // Pointers to plain named types are made beside them.
                Kind::Pointer(elem) if self.program.named(ty).is_none() => {
                    matches!(self.program.named(elem), Some((_, Some(pkg), false)) if pkg != self.pkg && !self.is_local(elem))
                }
                _ => false,
            },
        };
        if (!elsewhere || self.is_local(ty)) && self.define(symbol) {
            self.pending
                .push_back(super::Pending::Made(Box::new(move |l: &mut Lowerer<'a>| l.write_descriptor(ty, symbol))));
        }
        symbol
    }

    fn is_local(&self, ty: TypeId) -> bool {
        self.program.store.borrow().as_named(ty).is_some_and(|n| n.local > 0)
    }

    /// Descriptors of the package's own named types and pointers to them.
    pub(crate) fn exported_types(&mut self) {
        let files = self.program.files_of(self.pkg);
        for file in files {
            for decl in &file.decls {
                let Decl::Type(t) = decl else { continue };
                if !Self::is_plain_type_decl(decl) {
                    continue;
                }
                let at = files.iter().position(|f| std::sync::Arc::ptr_eq(f, file)).unwrap_or(0);
                let Some(obj) = self.program.object(self.pkg, at, t.name.id) else { continue };
                let ty = self.program.object_type(obj);
                if ty == Basic::Invalid.id() || self.is_constraint(ty) {
                    continue;
                }
                self.type_symbol(ty);
                let pointer = self.program.pointer_to(ty);
                self.type_symbol(pointer);
            }
        }
    }

    /// An interface that no value can have.
    fn is_constraint(&self, ty: TypeId) -> bool {
        let mut store = self.program.store.borrow_mut();
        store.interface(ty).is_some_and(|i| i.terms.is_some() || i.comparable)
    }

    /// Which words of a value are pointers, from word `offset/8` of the mask on.
    pub(crate) fn pointer_words(&mut self, ty: TypeId, offset: u64, mask: &mut [bool]) {
        if !self.layout(ty).pointers {
            return;
        }
        let mut set = |at: u64| {
            if let Some(word) = mask.get_mut((at / 8) as usize) {
                *word = true;
            }
        };
        match self.program.kind(ty) {
            Kind::String | Kind::Slice(_) => set(offset),
            // The type word points at static data or an itab, never into the heap, but itabs made at run time are
            // permanent: only the data word needs tracing. Both are marked, as gc does.
            Kind::Interface { .. } => {
                set(offset);
                set(offset + 8);
            }
            Kind::Pointer(_) | Kind::UnsafePointer | Kind::Map { .. } | Kind::Chan { .. } | Kind::Func => set(offset),
            Kind::Array { elem, len } => {
                let size = self.layout(elem).size;
                for i in 0..len {
                    self.pointer_words(elem, offset + i * size, mask);
                }
            }
            Kind::Struct => {
                let layout = self.layout(ty);
                for (field, &at) in self.program.fields(ty).iter().zip(&layout.field_offsets) {
                    self.pointer_words(field.ty, offset + at, mask);
                }
            }
            _ => {}
        }
    }

    fn mask_symbol(&mut self, words: &[bool]) -> SymbolId {
        let mut bytes = vec![0u8; words.len().div_ceil(8)];
        for (i, &pointer) in words.iter().enumerate() {
            if pointer {
                bytes[i / 8] |= 1 << (i % 8);
            }
        }
        let mut name = String::from("runtime.gcbits.");
        if bytes.len() <= 64 {
            for b in &bytes {
                name += &format!("{b:02x}");
            }
        } else {
            let mut hash = 0xcbf2_9ce4_8422_2325u128;
            for &b in &bytes {
                hash = (hash ^ u128::from(b)).wrapping_mul(0x0100_0000_0000_0000_0000_013b);
            }
            name += &format!("#{hash:032x}.{}", bytes.len());
        }
        let symbol = self.unit.symbol(&name);
        if self.define(symbol) {
            self.read_only(symbol, bytes, Vec::new(), 1);
        }
        symbol
    }

    /// A descriptor that only the allocator sees: of a closure object.
    pub(crate) fn layout_descriptor(&mut self, size: u64, words: &[bool]) -> SymbolId {
        let pointers = words.iter().rposition(|&p| p).map_or(0, |at| at as u64 * 8 + 8);
        let bits: String = words.iter().map(|&p| if p { '1' } else { '0' }).collect();
        let symbol = self.unit.symbol(&format!("type:.layout.{size}.{bits}"));
        if self.define(symbol) {
            let mut w = Writer::default();
            let total = self.abi_size("Type");
            w.room(total);
            w.u64(self.at("Type", "Size_"), size);
            w.u64(self.at("Type", "PtrBytes"), pointers);
            w.put(self.at("Type", "Align_"), &[8]);
            w.put(self.at("Type", "FieldAlign_"), &[8]);
            w.put(self.at("Type", "Kind_"), &[25]);
            if pointers > 0 {
                let mask = self.mask_symbol(words);
                w.pointer(self.at("Type", "GCData"), mask, 0);
            }
            self.read_only(symbol, w.bytes, w.relocs, 8);
        }
        symbol
    }

    /// A name as abi.Name encodes it.
    fn name_symbol(&mut self, text: &str, tag: &[u8], exported: bool, embedded: bool, pkg: Option<PkgId>) -> SymbolId {
        let path = pkg.map(|p| self.program.package_path(p));
        let key = format!(
            "go:name.{}{}.{text}.{}.{}",
            u8::from(exported),
            u8::from(embedded),
            path.as_deref().unwrap_or(""),
            tag.iter().map(|b| format!("{b:02x}")).collect::<String>()
        );
        let symbol = self.unit.symbol(&key);
        if !self.define(symbol) {
            return symbol;
        }
        let mut bytes = vec![
            u8::from(exported)
                | u8::from(!tag.is_empty()) << 1
                | u8::from(path.is_some()) << 2
                | u8::from(embedded) << 3,
        ];
        let varint = |bytes: &mut Vec<u8>, mut n: usize| {
            while n >= 0x80 {
                bytes.push(n as u8 | 0x80);
                n >>= 7;
            }
            bytes.push(n as u8);
        };
        varint(&mut bytes, text.len());
        bytes.extend(text.as_bytes());
        if !tag.is_empty() {
            varint(&mut bytes, tag.len());
            bytes.extend(tag);
        }
        let mut relocs = Vec::new();
        if let Some(path) = path {
            let target = self.name_symbol(&path, &[], false, false, None);
            relocs.push(DataReloc { offset: bytes.len() as u32, target, addend: 0, kind: RelocKind::Offset32 });
            bytes.extend([0; 4]);
        }
        self.read_only(symbol, bytes, relocs, 1);
        symbol
    }

    fn kind_number(&self, ty: TypeId) -> u8 {
        let mut store = self.program.store.borrow_mut();
        match store.under_type(ty) {
            Type::Basic(b) => {
                use Basic::*;
                match b {
                    Bool | UntypedBool => 1,
                    Int | UntypedInt => 2,
                    Int8 => 3,
                    Int16 => 4,
                    Int32 | UntypedRune => 5,
                    Int64 => 6,
                    Uint => 7,
                    Uint8 => 8,
                    Uint16 => 9,
                    Uint32 => 10,
                    Uint64 => 11,
                    Uintptr => 12,
                    Float32 => 13,
                    Float64 | UntypedFloat => 14,
                    Complex64 => 15,
                    Complex128 | UntypedComplex => 16,
                    String | UntypedString => 24,
                    UnsafePointer | UntypedNil => 26,
                    Invalid => 0,
                }
            }
            Type::Array { .. } => 17,
            Type::Chan { .. } => 18,
            Type::Signature(_) => 19,
            Type::Interface(_) => 20,
            Type::Map { .. } => 21,
            Type::Pointer(_) => 22,
            Type::Slice(_) => 23,
            _ => 25,
        }
    }

    fn write_descriptor(&mut self, ty: TypeId, symbol: SymbolId) {
        let layout = self.layout(ty);
        let kind = self.program.kind(ty);
        let named = self.program.named(ty);
        let methods = if matches!(kind, Kind::Interface { .. }) { Vec::new() } else { self.program.method_set(ty) };
        let is_named = named.is_some() || matches!(self.program.store.borrow().get(ty), Type::Basic(_));
        // The only predeclared type that belongs to a package.
        let is_unsafe = ty == Basic::UnsafePointer.id();
        let uncommon = named.is_some() || !methods.is_empty() || is_unsafe;
        let mut w = Writer::default();
        let words = (layout.size / 8) as usize;
        let mut mask = vec![false; words.min(1 << 17)];
        if layout.pointers {
            self.pointer_words(ty, 0, &mut mask);
        }
        let pointer_bytes = mask.iter().rposition(|&p| p).map_or(0, |at| at as u64 * 8 + 8);
        let string = self.program.reflect_string(ty);
        let link = self.program.link_string(ty);
        let mut flags = 0;
        flags |= if uncommon { flag::UNCOMMON } else { 0 };
        flags |= if is_named { flag::NAMED } else { 0 };
        flags |= if self.is_plain_memory(ty) { flag::REGULAR_MEMORY } else { 0 };
        flags |= if self.program.is_pointer_shaped(ty) { flag::DIRECT_IFACE } else { 0 };
        w.u64(self.at("Type", "Size_"), layout.size);
        w.u64(self.at("Type", "PtrBytes"), pointer_bytes);
        w.put(self.at("Type", "Hash"), &hash(&link).to_le_bytes());
        w.put(self.at("Type", "TFlag"), &[flags]);
        w.put(self.at("Type", "Align_"), &[layout.align as u8]);
        w.put(self.at("Type", "FieldAlign_"), &[layout.align as u8]);
        w.put(self.at("Type", "Kind_"), &[self.kind_number(ty)]);
        if self.program.is_comparable(ty) {
            let equal = self.equal_function(ty);
            let equal = self.func_value_symbol(equal);
            w.pointer(self.at("Type", "Equal"), equal, 0);
        }
        if pointer_bytes > 0 {
            let used = (pointer_bytes / 8) as usize;
            let mask = self.mask_symbol(&mask[..used]);
            w.pointer(self.at("Type", "GCData"), mask, 0);
        }
        // A pointer type is as exported as what it points to.
        let shown = match kind {
            Kind::Pointer(elem) if named.is_none() => self.program.named(elem),
            _ => named,
        };
        let exported = shown.is_some_and(|(obj, ..)| is_exported(&self.program.object_name(obj)));
        let name = self.name_symbol(&string, &[], exported, false, None);
        w.offset32(self.at("Type", "Str"), name);
        if matches!(kind, Kind::Struct) || named.is_some() && !matches!(kind, Kind::Interface { .. }) {
            // A pointer type that reflect made itself would have no methods.
            let pointer = self.program.pointer_to(ty);
            if !self.program.method_set(pointer).is_empty() {
                let pointer = self.type_symbol(pointer);
                w.offset32(self.at("Type", "PtrToThis"), pointer);
            }
        }
        let base = self.abi_size("Type");
        w.room(base);
        let own_pkg = match kind {
            Kind::Pointer(elem) if named.is_none() => self.program.named(elem).and_then(|(_, pkg, _)| pkg),
            _ => named.and_then(|(_, pkg, _)| pkg),
        };
        let kind_size = match kind {
            Kind::Array { elem, len } => {
                let slice = self.program.slice_of(elem);
                let (e, s) = (self.type_symbol(elem), self.type_symbol(slice));
                w.pointer(self.at("ArrayType", "Elem"), e, 0);
                w.pointer(self.at("ArrayType", "Slice"), s, 0);
                w.u64(self.at("ArrayType", "Len"), len);
                self.abi_size("ArrayType")
            }
            Kind::Chan { elem } => {
                let e = self.type_symbol(elem);
                w.pointer(self.at("ChanType", "Elem"), e, 0);
                let dir = match self.program.store.borrow_mut().under_type(ty) {
                    Type::Chan { dir: gorace_syntax::ast::ChanDir::Recv, .. } => 1,
                    Type::Chan { dir: gorace_syntax::ast::ChanDir::Send, .. } => 2,
                    _ => 3,
                };
                w.u64(self.at("ChanType", "Dir"), dir);
                self.abi_size("ChanType")
            }
            Kind::Func => {
                let info = self.program.signature(ty);
                let outs = info.results.len() as u16 | if info.variadic { 1 << 15 } else { 0 };
                w.put(self.at("FuncType", "InCount"), &(info.params.len() as u16).to_le_bytes());
                w.put(self.at("FuncType", "OutCount"), &outs.to_le_bytes());
                self.abi_size("FuncType")
            }
            Kind::Interface { .. } => {
                self.interface_pkg_path(&mut w, ty, own_pkg);
                self.abi_size("InterfaceType")
            }
            Kind::Map { key, elem } => {
                self.map_type(&mut w, key, elem);
                self.abi_size("MapType")
            }
            Kind::Pointer(elem) => {
                let e = self.type_symbol(elem);
                w.pointer(self.at("PtrType", "Elem"), e, 0);
                self.abi_size("PtrType")
            }
            Kind::Slice(elem) => {
                let e = self.type_symbol(elem);
                w.pointer(self.at("SliceType", "Elem"), e, 0);
                self.abi_size("SliceType")
            }
            Kind::Struct => {
                let pkg = self.program.fields(ty).iter().find(|f| !is_exported(&f.name)).and_then(|f| f.pkg);
                if let Some(pkg) = pkg {
                    let path = self.program.package_path(pkg);
                    let path = self.name_symbol(&path, &[], false, false, None);
                    w.pointer(self.at("StructType", "PkgPath"), path, 0);
                }
                self.abi_size("StructType")
            }
            _ => base,
        };
        let kind_size = kind_size.max(base);
        w.room(kind_size);
        let uncommon_at = kind_size.next_multiple_of(4);
        let mut end = kind_size;
        if uncommon {
            end = uncommon_at + self.abi_size("UncommonType");
            w.room(end);
        }
        end = self.variable_part(&mut w, ty, kind, symbol, end);
        if uncommon {
            let path =
                if is_unsafe { Some("unsafe".to_string()) } else { own_pkg.map(|p| self.program.package_path(p)) };
            if let Some(path) = path {
                let path = self.name_symbol(&path, &[], false, false, None);
                w.offset32(uncommon_at + self.at("UncommonType", "PkgPath"), path);
            }
            let exported = methods.iter().filter(|(t, _)| is_exported(&t.name)).count();
            w.put(uncommon_at + self.at("UncommonType", "Mcount"), &(methods.len() as u16).to_le_bytes());
            w.put(uncommon_at + self.at("UncommonType", "Xcount"), &(exported as u16).to_le_bytes());
            let methods_at = end.next_multiple_of(4);
            w.put(uncommon_at + self.at("UncommonType", "Moff"), &((methods_at - uncommon_at) as u32).to_le_bytes());
            self.methods(&mut w, ty, &methods, methods_at, own_pkg);
        }
        let type_link =
            (named.is_none() && !matches!(kind, Kind::Interface { .. } | Kind::Tuple | Kind::Void) && kind_size > base)
                .then_some(string);
        let size = w.bytes.len() as u64;
        self.unit.data.push(Data {
            name: symbol,
            section: Section::PlainData,
            align: 8,
            size,
            bytes: w.bytes,
            relocs: w.relocs,
            mergeable: true,
            type_link,
            itab: false,
        });
    }

    fn interface_pkg_path(&mut self, w: &mut Writer, ty: TypeId, own: Option<PkgId>) {
        let pkg = self.program.interface_methods(ty).iter().find_map(|m| m.pkg).or(own);
        if let Some(pkg) = pkg {
            let path = self.program.package_path(pkg);
            let path = self.name_symbol(&path, &[], false, false, None);
            w.pointer(self.at("InterfaceType", "PkgPath"), path, 0);
        }
    }

    /// What follows the uncommon part: function parameters, struct fields, interface methods.
    fn variable_part(&mut self, w: &mut Writer, ty: TypeId, kind: Kind, symbol: SymbolId, end: u64) -> u64 {
        let mut at = end.next_multiple_of(8);
        let slice = |w: &mut Writer, field: u64, at: u64, n: u64| {
            w.pointer(field, symbol, at as i64);
            w.u64(field + 8, n);
            w.u64(field + 16, n);
        };
        match kind {
            Kind::Func => {
                let info = self.program.signature(ty);
                for &t in info.params.iter().chain(&info.results) {
                    let t = self.type_symbol(t);
                    w.pointer(at, t, 0);
                    at += 8;
                }
                at
            }
            Kind::Struct => {
                let fields = self.program.fields(ty);
                let layout = self.layout(ty);
                let field_size = self.abi_size("StructField");
                let list = self.at("StructType", "Fields");
                if fields.is_empty() {
                    return at;
                }
                slice(w, list, at, fields.len() as u64);
                for (field, &offset) in fields.iter().zip(&layout.field_offsets) {
                    let tag = field.tag.as_deref().unwrap_or(&[]);
                    let name = self.name_symbol(&field.name, tag, is_exported(&field.name), field.embedded, None);
                    let t = self.type_symbol(field.ty);
                    w.pointer(at + self.at("StructField", "Name"), name, 0);
                    w.pointer(at + self.at("StructField", "Typ"), t, 0);
                    w.u64(at + self.at("StructField", "Offset"), offset);
                    at += field_size;
                }
                at
            }
            Kind::Interface { .. } => {
                let methods = self.program.interface_methods(ty);
                let size = self.abi_size("Imethod");
                let list = self.at("InterfaceType", "Methods");
                if methods.is_empty() {
                    return at;
                }
                slice(w, list, at, methods.len() as u64);
                for method in methods {
                    let exported = is_exported(&method.name);
                    let pkg = if exported { None } else { method.pkg };
                    let name = self.name_symbol(&method.name, &[], exported, false, pkg);
                    let t = self.type_symbol(method.signature);
                    w.offset32(at + self.at("Imethod", "Name"), name);
                    w.offset32(at + self.at("Imethod", "Typ"), t);
                    at += size;
                }
                at
            }
            _ => end,
        }
    }

    fn methods(&mut self, w: &mut Writer, ty: TypeId, methods: &[(MethodTarget, TypeId)], at: u64, own: Option<PkgId>) {
        let size = self.abi_size("Method");
        let mut at = at;
        for (target, signature) in methods {
            let exported = is_exported(&target.name);
            // A package is named where it is not that of the type.
            let pkg = if exported || target.pkg == own { None } else { target.pkg };
            let name = self.name_symbol(&target.name, &[], exported, false, pkg);
            let t = self.type_symbol(*signature);
            let (direct, one_word) = self.method_entries(ty, target, *signature);
            w.offset32(at + self.at("Method", "Name"), name);
            w.offset32(at + self.at("Method", "Mtyp"), t);
            w.offset32(at + self.at("Method", "Ifn"), one_word);
            w.offset32(at + self.at("Method", "Tfn"), direct);
            at += size;
        }
    }

    /// A map's descriptor: the group type, the hasher, and where keys and elements stand in a slot.
    fn map_type(&mut self, w: &mut Writer, key: TypeId, elem: TypeId) {
        let (indirect_key, indirect_elem) = (self.is_indirect(key), self.is_indirect(elem));
        let split = self.abi().offsets.contains_key(&("MapType".to_string(), "KeysOff".to_string()));
        let group = self.group_type(key, elem);
        let (k, e, g) = (self.type_symbol(key), self.type_symbol(elem), self.type_symbol(group));
        w.pointer(self.at("MapType", "Key"), k, 0);
        w.pointer(self.at("MapType", "Elem"), e, 0);
        w.pointer(self.at("MapType", "Group"), g, 0);
        let hasher = self.hash_function(key);
        let hasher = self.func_value_symbol(hasher);
        w.pointer(self.at("MapType", "Hasher"), hasher, 0);
        let group_layout = self.layout(group);
        w.u64(self.at("MapType", "GroupSize"), group_layout.size);
        let slots = self.program.fields(group)[1].ty;
        let Kind::Array { elem: slot, .. } = self.program.kind(slots) else { return };
        let slot_layout = self.layout(slot);
        let elem_offset = slot_layout.field_offsets[1];
        if split {
            w.u64(self.at("MapType", "KeysOff"), group_layout.field_offsets[1]);
            w.u64(self.at("MapType", "KeyStride"), slot_layout.size);
            w.u64(self.at("MapType", "ElemsOff"), group_layout.field_offsets[1] + elem_offset);
            w.u64(self.at("MapType", "ElemStride"), slot_layout.size);
        } else {
            w.u64(self.at("MapType", "SlotSize"), slot_layout.size);
        }
        w.u64(self.at("MapType", "ElemOff"), elem_offset);
        let mut flags = 0u32;
        flags |= if self.needs_key_update(key) { 1 } else { 0 };
        flags |= if self.hash_may_panic(key) { 2 } else { 0 };
        flags |= if indirect_key { 4 } else { 0 };
        flags |= if indirect_elem { 8 } else { 0 };
        w.put(self.at("MapType", "Flags"), &flags.to_le_bytes());
    }

    /// Whether a map's slots hold pointers to keys or elements of a type.
    fn is_indirect(&mut self, ty: TypeId) -> bool {
        const LARGE: u64 = 128;
        self.layout(ty).size > LARGE
    }

    /// The type of a map type's groups.
    pub(crate) fn map_group(&mut self, map: TypeId) -> TypeId {
        match self.program.kind(map) {
            Kind::Map { key, elem } => self.group_type(key, elem),
            _ => map,
        }
    }

    /// `struct { ctrl uint64; slots [8]struct { key K; elem E } }`
    fn group_type(&mut self, key: TypeId, elem: TypeId) -> TypeId {
        let key = if self.is_indirect(key) { self.program.pointer_to(key) } else { key };
        let elem = if self.is_indirect(elem) { self.program.pointer_to(elem) } else { elem };
        let field = |name: &str, ty: TypeId| gorace_types::Field {
            name: name.into(),
            pkg: None,
            ty,
            embedded: false,
            tag: None,
        };
        let mut store = self.program.store.borrow_mut();
        let slot = store.intern(Type::Struct([field("key", key), field("elem", elem)].into()));
        let slots = store.intern(Type::Array { elem: slot, len: 8 });
        store.intern(Type::Struct([field("ctrl", Basic::Uint64.id()), field("slots", slots)].into()))
    }

    fn needs_key_update(&mut self, ty: TypeId) -> bool {
        match self.program.kind(ty) {
            Kind::Float { .. } | Kind::Complex { .. } | Kind::String | Kind::Interface { .. } => true,
            Kind::Array { elem, .. } => self.needs_key_update(elem),
            Kind::Struct => self.program.fields(ty).iter().any(|f| self.needs_key_update(f.ty)),
            _ => false,
        }
    }

    fn hash_may_panic(&mut self, ty: TypeId) -> bool {
        match self.program.kind(ty) {
            Kind::Interface { .. } => true,
            Kind::Array { elem, .. } => self.hash_may_panic(elem),
            Kind::Struct => self.program.fields(ty).iter().any(|f| self.hash_may_panic(f.ty)),
            _ => false,
        }
    }

    /// The method table of a concrete type for an interface.
    pub(crate) fn itab_symbol(&mut self, interface: TypeId, concrete: TypeId) -> SymbolId {
        let canonical = interface;
        if let Some(&known) = self.itabs.get(&(canonical, concrete)) {
            return known;
        }
        let name = format!("go:itab.{},{}", self.program.link_string(concrete), self.program.link_string(interface));
        let symbol = self.unit.symbol(&name);
        self.itabs.insert((canonical, concrete), symbol);
        if !self.define(symbol) {
            return symbol;
        }
        let mut w = Writer::default();
        let (i, c) = (self.type_symbol(interface), self.type_symbol(concrete));
        w.pointer(self.at("ITab", "Inter"), i, 0);
        w.pointer(self.at("ITab", "Type"), c, 0);
        let link = self.program.link_string(concrete);
        w.put(self.at("ITab", "Hash"), &hash(&link).to_le_bytes());
        let mut at = self.at("ITab", "Fun");
        for method in self.program.interface_methods(interface) {
            if let Some(target) = self.program.find_method(concrete, &method.name, method.pkg) {
                let (_, one_word) = self.method_entries(concrete, &target, method.signature);
                w.pointer(at, one_word, 0);
            }
            at += 8;
        }
        let size = w.bytes.len() as u64;
        self.unit.data.push(Data {
            name: symbol,
            section: Section::PlainData,
            align: 8,
            size,
            bytes: w.bytes,
            relocs: w.relocs,
            mergeable: true,
            type_link: None,
            itab: true,
        });
        symbol
    }
}

/// FNV-1a.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |h: u32, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193))
}
