//! Writes export data. See the module's text for the layout.

use super::tree::{TreeWriter, Wire};
use super::wire::{Bytes, Strings};
use super::{EntityKind, MAGIC, object_tag, tag};
use crate::constant::Const;
use crate::hash::HashMap;
use crate::store::*;
use gorace_base::{FileId, SourceMap};
use gorace_syntax::ast::{ChanDir, Decl, Name, NodeId};
use num_bigint::BigInt;
use std::rc::Rc;

/// Identity of an entity in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Object(ObjId),
    Param(TypeId),
    Local(TypeId),
}

/// Writes export data of a store's packages. Keeps which type parameter belongs to whom between packages.
#[derive(Debug, Default)]
pub struct Exporter {
    /// The function, type, alias or method that declares a type parameter, and its place there.
    owners: HashMap<TypeId, (ObjId, u32)>,
    scanned: usize,
}

impl Exporter {
    /// The export data of a checked package.
    pub fn export(&mut self, store: &Store, pkg: PkgId, sources: &SourceMap) -> Vec<u8> {
        self.find_owners(store);
        let mut w = Writer {
            store,
            pkg,
            sources,
            owners: &self.owners,
            strings: Strings::default(),
            packages: Vec::new(),
            files: Vec::new(),
            keys: HashMap::default(),
            shells: Vec::new(),
            definitions: Vec::new(),
            undefined: Vec::new(),
            type_numbers: HashMap::default(),
            types: Vec::new(),
        };
        w.write()
    }

    fn find_owners(&mut self, store: &Store) {
        for at in self.scanned..store.objects.len() {
            let obj = ObjId(at as u32);
            let object = store.object(obj);
            if !object.global {
                continue;
            }
            for (index, &param) in own_params(store, obj).iter().enumerate() {
                self.owners.insert(param, (obj, index as u32));
            }
        }
        self.scanned = store.objects.len();
    }
}

/// The type parameters that a package-level object's or method's declaration has.
pub(super) fn own_params(store: &Store, obj: ObjId) -> Rc<[TypeId]> {
    let object = store.object(obj);
    match object.kind {
        ObjKind::Func => match store.get(object.ty) {
            Type::Signature(s) => s.type_params.clone(),
            _ => Rc::from([]),
        },
        ObjKind::TypeName { alias: true } => object.alias_params.clone(),
        ObjKind::TypeName { alias: false } => {
            store.as_named(object.ty).filter(|n| n.origin.is_none()).map_or(Rc::from([]), |n| n.type_params.clone())
        }
        _ => Rc::from([]),
    }
}

struct Writer<'w> {
    store: &'w Store,
    pkg: PkgId,
    sources: &'w SourceMap,
    owners: &'w HashMap<TypeId, (ObjId, u32)>,
    strings: Strings,
    packages: Vec<PkgId>,
    files: Vec<FileId>,
    keys: HashMap<Key, u32>,
    shells: Vec<Bytes>,
    definitions: Vec<Bytes>,
    /// Entities whose definitions are still to be written.
    undefined: Vec<(u32, Key)>,
    type_numbers: HashMap<TypeId, u32>,
    types: Vec<Bytes>,
}

/// A body's own objects.
#[derive(Default)]
struct Locals {
    numbers: HashMap<ObjId, u32>,
    count: u32,
}

impl Writer<'_> {
    fn write(&mut self) -> Vec<u8> {
        let package = self.store.package(self.pkg);
        let mut names: Vec<(&Name, ObjId)> =
            self.store.scopes[package.scope.index()].names.iter().map(|(n, &o)| (n, o)).collect();
        names.sort();
        // What others may not name is described only where it is reached. The packages that the compiler itself looks
        // things up in are written whole.
        let whole = matches!(package.path.as_str(), "runtime" | "internal/abi" | "internal/runtime/maps");
        let mut scope = Bytes::default();
        let shown: Vec<ObjId> = names.iter().filter(|(n, _)| whole || is_exported(n)).map(|&(_, o)| o).collect();
        scope.number(shown.len() as u64);
        for obj in shown {
            let entity = self.entity(Key::Object(obj));
            scope.number(u64::from(entity));
        }
        self.define_all();
        let bodies = self.bodies();
        let (mut bodies_list, mut body_blob) = (Bytes::default(), Bytes::default());
        bodies_list.number(bodies.len() as u64);
        for (key, body) in bodies {
            let key = self.strings.number(key.as_bytes());
            bodies_list.number(u64::from(key));
            bodies_list.number(body_blob.0.len() as u64);
            body_blob.0.extend(body.0);
        }
        let mut linknames = Bytes::default();
        let mut links: Vec<(&String, &String)> = package.linknames.iter().collect();
        links.sort();
        linknames.number(links.len() as u64);
        for (local, target) in links {
            linknames.number(u64::from(self.strings.number(local.as_bytes())));
            linknames.number(u64::from(self.strings.number(target.as_bytes())));
        }
        let mut imports = Bytes::default();
        imports.number(package.imports.len() as u64);
        for &import in &package.imports {
            let import = self.package(import);
            imports.number(import);
        }
        let own = self.package(self.pkg);
        self.assemble(own, &[scope, linknames, imports, bodies_list], body_blob)
    }

    fn assemble(&mut self, own: u64, lists: &[Bytes], bodies: Bytes) -> Vec<u8> {
        let package = self.store.package(self.pkg);
        let mut out = Bytes(MAGIC.to_vec());
        out.number(u64::from(package.go_minor));
        out.byte(u8::from(package.is_std));
        let mut files = Bytes::default();
        files.number(self.files.len() as u64);
        for &id in &self.files {
            let file = self.sources.file(id);
            let path = self.strings.number(file.path.to_string_lossy().as_bytes());
            files.number(u64::from(path));
            files.number(u64::from(file.len()));
            files.number(file.line_starts().len() as u64);
            let mut last = 0;
            for &start in file.line_starts() {
                files.number(u64::from(start - last));
                last = start;
            }
        }
        let mut packages = Bytes::default();
        packages.number(self.packages.len() as u64);
        for &pkg in &self.packages {
            let package = self.store.package(pkg);
            packages.number(u64::from(self.strings.number(package.path.as_bytes())));
            packages.number(u64::from(self.strings.number(package.name.as_bytes())));
        }
        packages.number(own);
        out.number(self.strings.list().len() as u64);
        self.strings.list().iter().for_each(|s| out.number(s.len() as u64));
        self.strings.list().iter().for_each(|s| out.0.extend_from_slice(s));
        out.0.extend(packages.0);
        out.0.extend(files.0);
        // The offsets of each table, then its records.
        let table = |out: &mut Bytes, records: &[Bytes]| {
            out.number(records.len() as u64);
            records.iter().for_each(|r| out.number(r.0.len() as u64));
            records.iter().for_each(|r| out.0.extend_from_slice(&r.0));
        };
        table(&mut out, &self.shells);
        table(&mut out, &self.definitions);
        table(&mut out, &self.types);
        lists.iter().for_each(|list| out.0.extend_from_slice(&list.0));
        out.0.extend(bodies.0);
        out.0
    }

    fn package(&mut self, pkg: PkgId) -> u64 {
        let at = self.packages.iter().position(|&p| p == pkg).unwrap_or_else(|| {
            self.packages.push(pkg);
            self.packages.len() - 1
        });
        at as u64
    }

    fn some_package(&mut self, out: &mut Bytes, pkg: Option<PkgId>) {
        match pkg {
            Some(pkg) => {
                let number = self.package(pkg);
                out.number(number + 1);
            }
            None => out.number(0),
        }
    }

    fn string(&mut self, out: &mut Bytes, text: &[u8]) {
        out.number(u64::from(self.strings.number(text)));
    }

    /// The number of an entity; new ones get their shell at once and their definition later.
    fn entity(&mut self, key: Key) -> u32 {
        if let Some(&known) = self.keys.get(&key) {
            return known;
        }
        // A shell may need its owner's entity in front of it.
        let shell = self.shell(key);
        if let Some(&known) = self.keys.get(&key) {
            return known;
        }
        let number = self.shells.len() as u32;
        self.keys.insert(key, number);
        self.shells.push(shell);
        self.definitions.push(Bytes::default());
        self.undefined.push((number, key));
        number
    }

    fn shell(&mut self, key: Key) -> Bytes {
        let mut out = Bytes::default();
        match key {
            Key::Param(ty) => {
                out.byte(EntityKind::TypeParam as u8);
                // Every type parameter's owner is a package-level object or method of the store.
                let (owner, index) = self.owners.get(&ty).copied().unwrap_or((ObjId(0), 0));
                let owner = self.entity(Key::Object(owner));
                out.number(u64::from(owner));
                out.number(u64::from(index));
            }
            Key::Local(ty) => {
                out.byte(EntityKind::LocalType as u8);
                let Some(named) = self.store.as_named(ty) else { return out };
                let (obj, local, outer, params) = (named.obj, named.local, named.outer, named.type_params.clone());
                let object = self.store.object(obj);
                self.some_package(&mut out, object.pkg);
                self.string(&mut out, object.name.as_bytes());
                out.number(u64::from(local));
                out.number(u64::from(outer));
                out.number(params.len() as u64);
                for &param in params.iter() {
                    let param = self.entity(Key::Param(param));
                    out.number(u64::from(param));
                }
            }
            Key::Object(obj) => self.object_shell(&mut out, obj),
        }
        out
    }

    fn object_shell(&mut self, out: &mut Bytes, obj: ObjId) {
        let object = self.store.object(obj);
        let kind = match object.kind {
            ObjKind::Const(_) => EntityKind::Const,
            ObjKind::Var { .. } => EntityKind::Var,
            ObjKind::Func if object.receiver.is_some() => EntityKind::Method,
            ObjKind::TypeName { alias: true } => EntityKind::Alias,
            ObjKind::TypeName { alias: false } => EntityKind::Type,
            _ => EntityKind::Func,
        };
        out.byte(kind as u8);
        if kind == EntityKind::Method {
            let owner = self.receiver_type(obj).and_then(|ty| self.store.as_named(ty)).map_or(ObjId(0), |n| n.obj);
            let owner = self.entity(Key::Object(owner));
            out.number(u64::from(owner));
            return self.string(out, object.name.as_bytes());
        }
        self.some_package(out, object.pkg);
        self.string(out, object.name.as_bytes());
        out.number(own_params(self.store, obj).len() as u64);
        if kind == EntityKind::Type {
            let methods = self.store.as_named(object.ty).map(|n| n.methods.clone()).unwrap_or_default();
            out.number(methods.len() as u64);
            for method in methods {
                self.string(out, self.store.object(method).name.as_bytes());
                out.number(own_params(self.store, method).len() as u64);
            }
        }
    }

    /// The named type that a method belongs to.
    fn receiver_type(&self, method: ObjId) -> Option<TypeId> {
        let receiver = self.store.object(method).receiver?;
        let base = match self.store.get(receiver) {
            Type::Pointer(elem) => *elem,
            _ => receiver,
        };
        Some(self.store.origin(base))
    }

    fn define_all(&mut self) {
        while let Some((number, key)) = self.undefined.pop() {
            let mut out = Bytes::default();
            match key {
                Key::Param(ty) => {
                    let constraint = self.store.as_type_param(ty).map_or(self.store.any_type, |p| p.constraint);
                    let name = self.store.as_type_param(ty).map(|p| self.store.object(p.obj).name.clone());
                    self.string(&mut out, name.unwrap_or_default().as_bytes());
                    self.ty(&mut out, constraint);
                }
                Key::Local(ty) => {
                    let under = self.store.as_named(ty).and_then(|n| n.underlying);
                    self.ty(&mut out, under.unwrap_or(Basic::Invalid.id()));
                }
                Key::Object(obj) => self.definition(&mut out, obj),
            }
            self.definitions[number as usize] = out;
        }
    }

    fn definition(&mut self, out: &mut Bytes, obj: ObjId) {
        let object = self.store.object(obj);
        let params = own_params(self.store, obj);
        for &param in params.iter() {
            let param = self.entity(Key::Param(param));
            out.number(u64::from(param));
        }
        match &object.kind {
            ObjKind::Const(value) => {
                self.ty(out, object.ty);
                self.constant(out, value);
            }
            ObjKind::TypeName { alias: false } => {
                let Some(named) = self.store.as_named(object.ty) else { return };
                let (under, methods) = (named.underlying, named.methods.clone());
                self.ty(out, under.unwrap_or(Basic::Invalid.id()));
                for method in methods {
                    let object = self.store.object(method);
                    self.ty(out, object.receiver.unwrap_or(Basic::Invalid.id()));
                    self.ty(out, object.ty);
                    for &param in own_params(self.store, method).iter() {
                        let param = self.entity(Key::Param(param));
                        out.number(u64::from(param));
                    }
                }
            }
            _ => self.ty(out, object.ty),
        }
    }

    fn ty(&mut self, out: &mut Bytes, ty: TypeId) {
        let number = self.type_number(ty);
        out.number(u64::from(number));
    }

    fn tys(&mut self, out: &mut Bytes, list: &[TypeId]) {
        out.number(list.len() as u64);
        list.iter().for_each(|&ty| self.ty(out, ty));
    }

    fn type_number(&mut self, ty: TypeId) -> u32 {
        if let Some(&known) = self.type_numbers.get(&ty) {
            return known;
        }
        let mut out = Bytes::default();
        self.type_record(&mut out, ty);
        // Parts come before the whole, so a type's number is taken after theirs.
        let number = self.types.len() as u32;
        self.type_numbers.insert(ty, number);
        self.types.push(out);
        number
    }

    fn type_record(&mut self, out: &mut Bytes, ty: TypeId) {
        if ty.0 < self.store.universe_types {
            out.byte(tag::UNIVERSE);
            return out.number(u64::from(ty.0));
        }
        match self.store.get(ty).clone() {
            Type::Basic(_) => {
                out.byte(tag::UNIVERSE);
                out.number(u64::from(ty.0));
            }
            Type::Array { elem, len } => {
                out.byte(tag::ARRAY);
                out.signed(len);
                self.ty(out, elem);
            }
            Type::Slice(elem) => {
                out.byte(tag::SLICE);
                self.ty(out, elem);
            }
            Type::Pointer(elem) => {
                out.byte(tag::POINTER);
                self.ty(out, elem);
            }
            Type::Map { key, elem } => {
                out.byte(tag::MAP);
                self.ty(out, key);
                self.ty(out, elem);
            }
            Type::Chan { dir, elem } => {
                out.byte(tag::CHAN);
                out.byte(match dir {
                    ChanDir::Both => 0,
                    ChanDir::Send => 1,
                    ChanDir::Recv => 2,
                });
                self.ty(out, elem);
            }
            Type::Struct(fields) => {
                out.byte(tag::STRUCT);
                out.number(fields.len() as u64);
                for field in fields.iter() {
                    let Field { name, pkg, ty, embedded, tag } = field;
                    self.string(out, name.as_bytes());
                    self.some_package(out, *pkg);
                    self.ty(out, *ty);
                    out.byte(u8::from(*embedded) | u8::from(tag.is_some()) << 1);
                    if let Some(tag) = tag {
                        self.string(out, tag);
                    }
                }
            }
            Type::Tuple(parts) => {
                out.byte(tag::TUPLE);
                self.tys(out, &parts);
            }
            Type::Signature(signature) => {
                let Signature { params, results, variadic, type_params } = &*signature;
                out.byte(tag::SIGNATURE);
                out.byte(u8::from(*variadic));
                out.number(type_params.len() as u64);
                for &param in type_params.iter() {
                    let param = self.entity(Key::Param(param));
                    out.number(u64::from(param));
                }
                self.tys(out, params);
                self.tys(out, results);
            }
            Type::Interface(interface) => {
                let Interface { methods, terms, comparable, implicit } = &*interface;
                out.byte(tag::INTERFACE);
                out.byte(u8::from(*comparable) | u8::from(*implicit) << 1 | u8::from(terms.is_some()) << 2);
                out.number(methods.len() as u64);
                for method in methods.iter() {
                    let InterfaceMethod { name, pkg, signature } = method;
                    self.string(out, name.as_bytes());
                    self.some_package(out, *pkg);
                    self.ty(out, *signature);
                }
                if let Some(terms) = terms {
                    out.number(terms.len() as u64);
                    for &Term { tilde, ty } in terms.iter() {
                        out.byte(u8::from(tilde));
                        self.ty(out, ty);
                    }
                }
            }
            Type::TypeParam(_) => {
                out.byte(tag::ENTITY);
                let entity = self.entity(Key::Param(ty));
                out.number(u64::from(entity));
            }
            Type::Named(at) => {
                let named = &self.store.named[at as usize];
                match named.origin {
                    Some(origin) => {
                        let targs = named.targs.clone();
                        out.byte(tag::INSTANCE);
                        self.ty(out, origin);
                        self.tys(out, &targs);
                    }
                    None => {
                        let key = if named.local > 0 { Key::Local(ty) } else { Key::Object(named.obj) };
                        out.byte(tag::ENTITY);
                        let entity = self.entity(key);
                        out.number(u64::from(entity));
                    }
                }
            }
        }
    }

    fn constant(&mut self, out: &mut Bytes, value: &Const) {
        let integer = |out: &mut Bytes, n: &BigInt| out.text(&n.to_signed_bytes_le());
        match value {
            Const::Bool(b) => {
                out.byte(0);
                out.byte(u8::from(*b));
            }
            Const::String(s) => {
                out.byte(1);
                self.string(out, s);
            }
            Const::Int(n) => {
                out.byte(2);
                integer(out, n);
            }
            Const::Float(r) => {
                out.byte(3);
                integer(out, r.numer());
                integer(out, r.denom());
            }
            Const::Complex(re, im) => {
                out.byte(4);
                for r in [re, im] {
                    integer(out, r.numer());
                    integer(out, r.denom());
                }
            }
            Const::Unknown => out.byte(5),
        }
    }

    /// The bodies of the package's functions and methods that are generic or may be inlined, by `name` or `type.name`.
    fn bodies(&mut self) -> Vec<(String, Bytes)> {
        let mut out = Vec::new();
        let package = self.store.package(self.pkg);
        for &obj in &package.funcs {
            let object = self.store.object(obj);
            let Some(at) = object.decl else { continue };
            let Some(file) = package.files.get(at.file as usize) else { continue };
            let Some(Decl::Func(decl)) = file.decls.get(at.decl as usize) else { continue };
            let receiver = self.receiver_type(obj).and_then(|ty| self.store.as_named(ty));
            let generic =
                !own_params(self.store, obj).is_empty() || receiver.is_some_and(|n| !n.type_params.is_empty());
            // Nobody can call these.
            let hidden = object.name == "_" || object.name == "init" && receiver.is_none();
            let shown = (generic || crate::inlinable(decl)) && !hidden;
            let Some(body) = decl.body.as_ref().filter(|_| shown) else { continue };
            let mut key = object.name.to_string();
            if let Some(receiver) = receiver {
                key = format!("{}.{key}", self.store.object(receiver.obj).name);
            }
            let end = body.rbrace;
            let base = self.sources.file(file.id).base;
            // Once to learn which node ids it uses, once to write them from 0 on.
            let mut scratch = self.strings_scratch(base, 0);
            decl.put(&mut scratch);
            let (first, last) = scratch.nodes;
            let count = if first > last { 0 } else { last - first + 1 };
            let mut record = Bytes::default();
            let file_number = self.files.iter().position(|&f| f == file.id).unwrap_or_else(|| {
                self.files.push(file.id);
                self.files.len() - 1
            });
            record.number(file_number as u64);
            record.number(file.go_version.map_or(0, |(_, minor)| u64::from(minor) + 1));
            record.number(u64::from(count));
            let mut tree = self.strings_scratch(base, first);
            tree.out = record;
            decl.put(&mut tree);
            let mut record = tree.out;
            if count > 0 {
                let info = &package.info[at.file as usize];
                self.info(&mut record, info, base, (first, last), (decl.pos.0, end.0));
            }
            self.define_all();
            out.push((key, record));
        }
        out
    }

    fn strings_scratch(&mut self, base: u32, first_node: u32) -> TreeWriter<'_> {
        TreeWriter { out: Bytes::default(), strings: &mut self.strings, base, first_node, nodes: (u32::MAX, 0) }
    }

    /// What the checker learnt of the nodes of a body.
    fn info(&mut self, out: &mut Bytes, info: &FileInfo, base: u32, nodes: (u32, u32), span: (u32, u32)) {
        let FileInfo { types, constants, objects, definitions, selections, instances, builtins, implicits } = info;
        let mut locals = Locals::default();
        for at in nodes.0..=nodes.1 {
            let id = NodeId(at);
            let TypeAndMode { mode, ty } = types.get(id.index()).copied().unwrap_or_default();
            let flags = u8::from(constants.contains_key(&id))
                | u8::from(objects.contains_key(&id)) << 1
                | u8::from(definitions.contains(&id)) << 2
                | u8::from(selections.contains_key(&id)) << 3
                | u8::from(instances.contains_key(&id)) << 4
                | u8::from(builtins.contains_key(&id)) << 5;
            out.byte(mode as u8);
            out.byte(flags);
            self.ty(out, ty);
            if let Some(value) = constants.get(&id) {
                self.constant(out, value);
            }
            if let Some(&obj) = objects.get(&id) {
                self.object(out, obj, base, &mut locals);
            }
            if let Some(selection) = selections.get(&id) {
                let Selection { kind, recv, path, indirect, name, pkg, method, pointer_receiver } = &**selection;
                out.byte(match kind {
                    SelectionKind::Field => 0,
                    SelectionKind::Method => 1,
                    SelectionKind::MethodExpr => 2,
                });
                self.ty(out, *recv);
                out.number(path.len() as u64);
                path.iter().for_each(|&p| out.number(u64::from(p)));
                out.byte(u8::from(*indirect) | u8::from(*pointer_receiver) << 1 | u8::from(method.is_some()) << 2);
                self.string(out, name.as_bytes());
                self.some_package(out, *pkg);
                if let Some(method) = method {
                    self.object(out, *method, base, &mut locals);
                }
            }
            if let Some(Instance { targs }) = instances.get(&id) {
                self.tys(out, targs);
            }
            if let Some(&builtin) = builtins.get(&id) {
                out.byte(builtin as u8);
            }
        }
        let mut clauses: Vec<(u32, ObjId)> =
            implicits.iter().filter(|(p, _)| (span.0..=span.1).contains(&p.0)).map(|(p, &o)| (p.0, o)).collect();
        clauses.sort();
        out.number(clauses.len() as u64);
        for (pos, obj) in clauses {
            out.number(u64::from(pos - base) + 1);
            self.object(out, obj, base, &mut locals);
        }
    }

    /// A reference to an object; a local one is described where it is first met.
    fn object(&mut self, out: &mut Bytes, obj: ObjId, base: u32, locals: &mut Locals) {
        if obj.0 < self.store.universe_objects {
            out.byte(object_tag::UNIVERSE);
            return out.number(u64::from(obj.0));
        }
        let object = self.store.object(obj);
        if object.global && object.name != "_" {
            out.byte(object_tag::ENTITY);
            let entity = self.entity(Key::Object(obj));
            return out.number(u64::from(entity));
        }
        // The name of a type declared in a function is the object of its type.
        if let Some(named) = self.store.as_named(object.ty)
            && named.obj == obj
        {
            out.byte(object_tag::ENTITY);
            let entity = self.entity(Key::Local(object.ty));
            return out.number(u64::from(entity));
        }
        out.byte(object_tag::LOCAL);
        if let Some(&known) = locals.numbers.get(&obj) {
            return out.number(u64::from(known));
        }
        out.number(u64::from(locals.count));
        locals.numbers.insert(obj, locals.count);
        locals.count += 1;
        self.string(out, object.name.as_bytes());
        out.number(if object.pos.is_known() { u64::from(object.pos.0.saturating_sub(base)) + 1 } else { 0 });
        match &object.kind {
            ObjKind::Package(pkg) => {
                out.byte(0);
                let pkg = self.package(*pkg);
                return out.number(pkg);
            }
            ObjKind::Const(value) => {
                out.byte(1);
                self.constant(out, value);
            }
            ObjKind::TypeName { alias } => out.byte(if *alias { 2 } else { 3 }),
            ObjKind::Var { is_param, .. } => out.byte(if *is_param { 4 } else { 5 }),
            ObjKind::Label => return out.byte(6),
            ObjKind::Func | ObjKind::Builtin(_) | ObjKind::Nil => return out.byte(7),
        }
        self.ty(out, object.ty);
    }
}
