//! Reads export data into a store. See the module's text for the layout and how reading is lazy.

use super::tree::{TreeReader, Wire};
use super::wire::{Cursor, MAX_TYPE_DEPTH};
use super::{EntityKind, MAGIC, object_tag, tag};
use crate::constant::Const;
use crate::hash::HashMap;
use crate::store::*;
use gorace_base::{FileId, Pos, SourceMap};
use gorace_syntax::ast::{ChanDir, Decl, File, FuncDecl, Ident, Name, NodeId};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;
use std::rc::Rc;
use std::sync::Arc;

/// Why export data could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    #[error("the export data is of another version of gorace, or damaged")]
    Damaged,
}

/// A generic function's body: a file of this one declaration, and what is known of its nodes.
#[derive(Debug)]
pub struct Body {
    pub file: File,
    pub info: FileInfo,
}

/// Gives a package's export data by its path.
pub type Open = Box<dyn Fn(&str) -> Option<Arc<[u8]>>>;

/// Export data that has been opened, by package.
#[derive(Default)]
pub struct Importer {
    opened: HashMap<PkgId, Opened>,
    /// Asked for packages that were not imported by themselves, when one of their bodies is needed.
    pub open: Option<Open>,
    /// Files that bodies come from.
    files: HashMap<String, FileId>,
}

impl Importer {
    /// Makes the package that export data describes known to a store, with its scope filled.
    ///
    /// # Errors
    /// When the data is damaged.
    pub fn import(&mut self, store: &mut Store, data: Arc<[u8]>) -> Result<PkgId, ImportError> {
        let mut opened = Opened::open(store, data).ok_or(ImportError::Damaged)?;
        let pkg = opened.own;
        let scope = std::mem::take(&mut opened.scope);
        let bytes = opened.data.clone();
        let mut decoder = Decoder::new(store, &mut opened, &bytes);
        for entity in scope {
            decoder.entity(entity).ok_or(ImportError::Damaged)?;
        }
        decoder.drain().ok_or(ImportError::Damaged)?;
        self.opened.insert(pkg, opened);
        Ok(pkg)
    }

    /// Whether a package came from export data.
    pub fn is_imported(&self, pkg: PkgId) -> bool {
        self.opened.contains_key(&pkg)
    }

    /// The body of an imported generic function or method, with the source file's lines added to `sources`.
    pub fn body(&mut self, store: &mut Store, sources: &mut SourceMap, obj: ObjId) -> Option<Body> {
        let object = store.object(obj);
        let mut key = object.name.to_string();
        if let Some(receiver) = object.receiver {
            let (base, _) = store.deref(receiver);
            let named = store.as_named(store.origin(base))?;
            key = format!("{}.{key}", store.object(named.obj).name);
        }
        let pkg = store.object(obj).pkg?;
        if !self.opened.contains_key(&pkg) {
            let data = self.open.as_ref()?(&store.package(pkg).path)?;
            self.import(store, data).ok()?;
        }
        let opened = self.opened.get_mut(&pkg)?;
        let at = *opened.bodies.get(key.as_str())?;
        let bytes = opened.data.clone();
        let mut cursor = Cursor::new(&bytes, at);
        let source = opened.files.get(cursor.index()? as usize)?.clone();
        let file = *self
            .files
            .entry(source.path.clone())
            .or_insert_with(|| sources.add_lines(&source.path, source.len, source.line_starts.clone()));
        let mut decoder = Decoder::new(store, opened, &bytes);
        let body = decoder.body(&mut cursor, file, sources.file(file).base, source.len)?;
        decoder.drain()?;
        Some(body)
    }
}

#[derive(Debug, Clone)]
struct SourceLines {
    path: String,
    len: u32,
    line_starts: Vec<u32>,
}

/// What an entity became in the store.
#[derive(Debug, Clone, Copy)]
enum Made {
    Object(ObjId),
    /// A type parameter, or a type declared in a function.
    Type(TypeId),
}

/// One package's export data: the tables' offsets, and what was decoded so far.
#[derive(Debug)]
struct Opened {
    data: Arc<[u8]>,
    own: PkgId,
    strings: Vec<(usize, usize)>,
    names: Vec<Option<Name>>,
    packages: Vec<PkgId>,
    files: Vec<SourceLines>,
    shells: Vec<usize>,
    definitions: Vec<usize>,
    types: Vec<usize>,
    made: Vec<Option<Made>>,
    made_types: Vec<Option<TypeId>>,
    scope: Vec<u32>,
    bodies: HashMap<Name, usize>,
}

impl Opened {
    fn open(store: &mut Store, data: Arc<[u8]>) -> Option<Opened> {
        let bytes: &[u8] = &data;
        let mut c = Cursor::new(bytes, 0);
        if c.take(MAGIC.len())? != MAGIC {
            return None;
        }
        let go_minor = c.index()?;
        let is_std = c.flag()?;
        let strings = records(&mut c, bytes)?.windows(2).map(|w| (w[0], w[1])).collect::<Vec<_>>();
        let text = |n: u32| -> Option<&str> {
            let &(from, to) = strings.get(n as usize)?;
            std::str::from_utf8(bytes.get(from..to)?).ok()
        };
        let mut packages = Vec::new();
        for _ in 0..c.len()? {
            let (path, name) = (text(c.index()?)?, text(c.index()?)?);
            packages.push(package(store, path, name));
        }
        let own = *packages.get(c.index()? as usize)?;
        let mut files = Vec::new();
        for _ in 0..c.len()? {
            let path = text(c.index()?)?.to_string();
            let len = c.index()?;
            let mut line_starts = Vec::new();
            let mut last = 0u32;
            for _ in 0..c.len()? {
                last = last.checked_add(c.index()?)?;
                line_starts.push(last);
            }
            (line_starts.first() == Some(&0)).then_some(())?;
            files.push(SourceLines { path, len, line_starts });
        }
        let shells = records(&mut c, bytes)?;
        let definitions = records(&mut c, bytes)?;
        let types = records(&mut c, bytes)?;
        let scope = (0..c.len()?).map(|_| c.index()).collect::<Option<Vec<u32>>>()?;
        let mut linknames = HashMap::default();
        for _ in 0..c.len()? {
            linknames.insert(text(c.index()?)?.to_string(), text(c.index()?)?.to_string());
        }
        let mut imports = Vec::new();
        for _ in 0..c.len()? {
            imports.push(*packages.get(c.index()? as usize)?);
        }
        let mut bodies = HashMap::default();
        for _ in 0..c.len()? {
            let key = Name::new(text(c.index()?)?);
            bodies.insert(key, c.index()? as usize);
        }
        let blob = c.at();
        bodies.values_mut().for_each(|at| *at += blob);
        let package = store.packages.get_mut(own.index())?;
        package.go_minor = go_minor;
        package.is_std = is_std;
        package.linknames = Rc::new(linknames);
        package.imports = imports;
        Some(Opened {
            own,
            names: vec![None; strings.len()],
            made: vec![None; shells.len()],
            made_types: vec![None; types.len()],
            strings,
            packages,
            files,
            shells,
            definitions,
            types,
            scope,
            bodies,
            data,
        })
    }
}

/// The offsets of a table's records, and the end of the last one.
fn records(c: &mut Cursor, bytes: &[u8]) -> Option<Vec<usize>> {
    let mut offsets = vec![0usize];
    for _ in 0..c.len()? {
        let last = offsets[offsets.len() - 1];
        offsets.push(last.checked_add(usize::try_from(c.number()?).ok()?)?);
    }
    let total = offsets[offsets.len() - 1];
    let start = c.at();
    c.take(total)?;
    (start + total <= bytes.len()).then_some(())?;
    offsets.iter_mut().for_each(|o| *o += start);
    Some(offsets)
}

/// The package of a path; a new one has an empty scope until it is imported itself.
fn package(store: &mut Store, path: &str, name: &str) -> PkgId {
    if let Some(known) = store.package_named(path) {
        return known;
    }
    let scope = store.new_scope(Some(store.universe));
    store.new_package(Package { path: path.to_string(), name: Name::new(name), scope, ..Package::default() })
}

/// Decodes from one package's export data.
struct Decoder<'d> {
    store: &'d mut Store,
    o: &'d mut Opened,
    data: &'d [u8],
    /// Entities with a shell whose definitions are still to be read.
    undefined: Vec<u32>,
    /// Type parameters of functions whose types are not known yet.
    params: HashMap<ObjId, Rc<[TypeId]>>,
    depth: u32,
}

impl<'d> Decoder<'d> {
    fn new(store: &'d mut Store, o: &'d mut Opened, data: &'d [u8]) -> Decoder<'d> {
        Decoder { store, o, data, undefined: Vec::new(), params: HashMap::default(), depth: 0 }
    }

    fn bytes(&self, number: u32) -> Option<&'d [u8]> {
        let &(from, to) = self.o.strings.get(number as usize)?;
        self.data.get(from..to)
    }

    fn name(&mut self, c: &mut Cursor) -> Option<Name> {
        name(self.o, self.data, c.index()?)
    }

    fn package(&self, c: &mut Cursor) -> Option<Option<PkgId>> {
        match c.index()? {
            0 => Some(None),
            n => Some(Some(*self.o.packages.get(n as usize - 1)?)),
        }
    }

    fn entity(&mut self, number: u32) -> Option<Made> {
        if let Some(known) = *self.o.made.get(number as usize)? {
            return Some(known);
        }
        self.depth += 1;
        if self.depth > MAX_TYPE_DEPTH {
            return None;
        }
        let mut c = Cursor::new(self.data, *self.o.shells.get(number as usize)?);
        let (made, is_new) = self.shell(&mut c)?;
        self.depth -= 1;
        self.o.made[number as usize] = Some(made);
        if is_new {
            self.undefined.push(number);
        }
        Some(made)
    }

    /// Finds or makes what a shell describes.
    fn shell(&mut self, c: &mut Cursor) -> Option<(Made, bool)> {
        let kind = EntityKind::from_number(c.byte()?)?;
        match kind {
            EntityKind::TypeParam => {
                let owner = self.entity_object(c)?;
                let index = c.index()? as usize;
                let param = *self.params_of(owner).get(index)?;
                return Some((Made::Type(param), false));
            }
            EntityKind::Method => {
                let owner = self.entity_object(c)?;
                let name = self.name(c)?;
                let ty = self.store.object(owner).ty;
                let methods = &self.store.as_named(ty)?.methods;
                let method = methods.iter().copied().find(|&m| self.store.object(m).name == name)?;
                return Some((Made::Object(method), false));
            }
            _ => {}
        }
        let pkg = self.package(c)??;
        let name = self.name(c)?;
        if kind == EntityKind::LocalType {
            return self.local_type(c, pkg, name);
        }
        let count = c.len()?;
        let scope = self.store.package(pkg).scope;
        if let Some(&known) = self.store.scopes[scope.index()].names.get(&name) {
            return Some((Made::Object(known), false));
        }
        let object_kind = match kind {
            EntityKind::Const => ObjKind::Const(Const::Unknown),
            EntityKind::Var => ObjKind::Var { is_field: false, is_param: false },
            EntityKind::Alias => ObjKind::TypeName { alias: true },
            EntityKind::Type => ObjKind::TypeName { alias: false },
            _ => ObjKind::Func,
        };
        let obj = self.global(object_kind, name.clone(), pkg);
        self.store.scopes[scope.index()].names.insert(name, obj);
        let params = self.new_params(pkg, count);
        match kind {
            EntityKind::Alias => self.store.object_mut(obj).alias_params = params,
            EntityKind::Type => {
                let ty = self.store.new_named(obj);
                self.store.object_mut(obj).ty = ty;
                let mut methods = Vec::new();
                for _ in 0..c.len()? {
                    let name = self.name(c)?;
                    let method = self.global(ObjKind::Func, name, pkg);
                    self.store.object_mut(method).receiver = Some(ty);
                    let own = c.len()?;
                    let own = self.new_params(pkg, own);
                    self.params.insert(method, own);
                    methods.push(method);
                }
                let named = self.store.as_named_mut(ty)?;
                named.type_params = params;
                named.methods = methods;
            }
            _ => {
                self.params.insert(obj, params);
            }
        }
        Some((Made::Object(obj), true))
    }

    fn local_type(&mut self, c: &mut Cursor, pkg: PkgId, name: Name) -> Option<(Made, bool)> {
        let (local, outer) = (c.index()?, c.index()?);
        let mut params = Vec::new();
        for _ in 0..c.len()? {
            let number = c.index()?;
            params.push(self.entity_type(number)?);
        }
        if let Some(&known) = self.store.local_named.get(&(pkg, local)) {
            return Some((Made::Type(known), false));
        }
        let kind = ObjKind::TypeName { alias: false };
        let obj = self.store.new_object(kind, name, Some(pkg), Basic::Invalid.id(), Pos::NONE);
        let ty = self.store.new_named(obj);
        self.store.object_mut(obj).ty = ty;
        self.store.local_named.insert((pkg, local), ty);
        let named = self.store.as_named_mut(ty)?;
        (named.local, named.outer, named.type_params) = (local, outer, params.into());
        Some((Made::Type(ty), true))
    }

    fn global(&mut self, kind: ObjKind, name: Name, pkg: PkgId) -> ObjId {
        let obj = self.store.new_object(kind, name, Some(pkg), Basic::Invalid.id(), Pos::NONE);
        self.store.object_mut(obj).global = true;
        obj
    }

    fn new_params(&mut self, pkg: PkgId, count: usize) -> Rc<[TypeId]> {
        let any = self.store.any_type;
        (0..count)
            .map(|index| {
                let kind = ObjKind::TypeName { alias: false };
                let obj = self.store.new_object(kind, Name::default(), Some(pkg), Basic::Invalid.id(), Pos::NONE);
                let param = self.store.new_type_param(obj, index as u32, any);
                self.store.object_mut(obj).ty = param;
                param
            })
            .collect()
    }

    fn params_of(&self, owner: ObjId) -> Rc<[TypeId]> {
        if let Some(known) = self.params.get(&owner) {
            return known.clone();
        }
        super::writer::own_params(self.store, owner)
    }

    fn entity_object(&mut self, c: &mut Cursor) -> Option<ObjId> {
        let number = c.index()?;
        match self.entity(number)? {
            Made::Object(obj) => Some(obj),
            Made::Type(_) => None,
        }
    }

    fn entity_type(&mut self, number: u32) -> Option<TypeId> {
        match self.entity(number)? {
            Made::Type(ty) => Some(ty),
            Made::Object(obj) => Some(self.store.object(obj).ty),
        }
    }

    /// Reads the definitions of all new entities.
    fn drain(&mut self) -> Option<()> {
        while let Some(number) = self.undefined.pop() {
            let made = self.o.made[number as usize]?;
            let mut c = Cursor::new(self.data, *self.o.definitions.get(number as usize)?);
            match made {
                Made::Type(ty) => {
                    let under = self.ty(&mut c)?;
                    self.store.as_named_mut(ty)?.underlying = Some(under);
                }
                Made::Object(obj) => self.definition(&mut c, obj)?,
            }
        }
        Some(())
    }

    fn definition(&mut self, c: &mut Cursor, obj: ObjId) -> Option<()> {
        for &param in self.params_of(obj).iter() {
            self.param(c, param)?;
        }
        match self.store.object(obj).kind {
            ObjKind::Const(_) => {
                let ty = self.ty(c)?;
                let value = self.constant(c)?;
                let object = self.store.object_mut(obj);
                object.ty = ty;
                object.kind = ObjKind::Const(value);
            }
            ObjKind::TypeName { alias: false } => {
                let named = self.store.object(obj).ty;
                let under = self.ty(c)?;
                self.store.as_named_mut(named)?.underlying = Some(under);
                for method in self.store.as_named(named)?.methods.clone() {
                    let (receiver, ty) = (self.ty(c)?, self.ty(c)?);
                    for &param in self.params_of(method).iter() {
                        self.param(c, param)?;
                    }
                    let object = self.store.object_mut(method);
                    object.receiver = Some(receiver);
                    object.ty = ty;
                }
            }
            _ => {
                let ty = self.ty(c)?;
                self.store.object_mut(obj).ty = ty;
            }
        }
        Some(())
    }

    /// The name and constraint of a new type parameter.
    fn param(&mut self, c: &mut Cursor, param: TypeId) -> Option<()> {
        let number = c.index()?;
        let mut c = Cursor::new(self.data, *self.o.definitions.get(number as usize)?);
        let name = self.name(&mut c)?;
        let constraint = self.ty(&mut c)?;
        self.may_be_part(constraint).then_some(())?;
        let obj = self.store.as_type_param(param)?.obj;
        self.store.object_mut(obj).name = name;
        self.store.set_constraint(param, constraint);
        Some(())
    }

    fn ty(&mut self, c: &mut Cursor) -> Option<TypeId> {
        let number = c.index()?;
        self.type_of(number)
    }

    fn type_of(&mut self, number: u32) -> Option<TypeId> {
        if let Some(known) = *self.o.made_types.get(number as usize)? {
            return Some(known);
        }
        self.depth += 1;
        if self.depth > MAX_TYPE_DEPTH {
            return None;
        }
        let mut c = Cursor::new(self.data, *self.o.types.get(number as usize)?);
        let made = self.type_record(&mut c, number)?;
        self.depth -= 1;
        self.o.made_types[number as usize] = Some(made);
        Some(made)
    }

    /// A part of a type: its number lies before the whole's.
    fn part(&mut self, c: &mut Cursor, whole: u32) -> Option<TypeId> {
        let number = c.index()?;
        if number >= whole {
            return None;
        }
        let ty = self.type_of(number)?;
        self.may_be_part(ty).then_some(ty)
    }

    /// Whether a type may stand in another one: a function's type with its type parameters is a declaration's alone, and
    /// could lead back to itself through a constraint.
    fn may_be_part(&self, ty: TypeId) -> bool {
        !matches!(self.store.get(ty), Type::Signature(s) if !s.type_params.is_empty())
    }

    fn parts(&mut self, c: &mut Cursor, whole: u32) -> Option<Rc<[TypeId]>> {
        (0..c.len()?).map(|_| self.part(c, whole)).collect()
    }

    fn type_record(&mut self, c: &mut Cursor, number: u32) -> Option<TypeId> {
        let made = match c.byte()? {
            tag::UNIVERSE => {
                let id = c.index()?;
                return (id < self.store.universe_types).then_some(TypeId(id));
            }
            tag::ARRAY => {
                let len = c.signed()?;
                Type::Array { len, elem: self.part(c, number)? }
            }
            tag::SLICE => Type::Slice(self.part(c, number)?),
            tag::POINTER => Type::Pointer(self.part(c, number)?),
            tag::MAP => Type::Map { key: self.part(c, number)?, elem: self.part(c, number)? },
            tag::CHAN => {
                let dir = match c.byte()? {
                    0 => ChanDir::Both,
                    1 => ChanDir::Send,
                    2 => ChanDir::Recv,
                    _ => return None,
                };
                Type::Chan { dir, elem: self.part(c, number)? }
            }
            tag::STRUCT => {
                let mut fields = Vec::new();
                for _ in 0..c.len()? {
                    let (name, pkg, ty) = (self.name(c)?, self.package(c)?, self.part(c, number)?);
                    let flags = c.byte()?;
                    let tag = if flags & 2 != 0 { Some(Rc::from(self.bytes(c.index()?)?)) } else { None };
                    fields.push(Field { name, pkg, ty, embedded: flags & 1 != 0, tag });
                }
                Type::Struct(fields.into())
            }
            tag::TUPLE => Type::Tuple(self.parts(c, number)?),
            tag::SIGNATURE => {
                let variadic = c.flag()?;
                let mut type_params = Vec::new();
                for _ in 0..c.len()? {
                    let param = c.index()?;
                    type_params.push(self.entity_type(param)?);
                }
                let (params, results) = (self.parts(c, number)?, self.parts(c, number)?);
                Type::Signature(Rc::new(Signature { params, results, variadic, type_params: type_params.into() }))
            }
            tag::INTERFACE => {
                let flags = c.byte()?;
                let mut methods = Vec::new();
                for _ in 0..c.len()? {
                    let (name, pkg) = (self.name(c)?, self.package(c)?);
                    methods.push(InterfaceMethod { name, pkg, signature: self.part(c, number)? });
                }
                let mut terms = None;
                if flags & 4 != 0 {
                    let mut list = Vec::new();
                    for _ in 0..c.len()? {
                        list.push(Term { tilde: c.flag()?, ty: self.part(c, number)? });
                    }
                    terms = Some(list.into());
                }
                Type::Interface(Rc::new(Interface {
                    methods: methods.into(),
                    terms,
                    comparable: flags & 1 != 0,
                    implicit: flags & 2 != 0,
                }))
            }
            tag::ENTITY => {
                let entity = c.index()?;
                return self.entity_type(entity);
            }
            tag::INSTANCE => {
                let origin = self.part(c, number)?;
                let targs = self.parts(c, number)?;
                self.store.as_named(origin)?;
                return Some(self.store.instance(origin, targs));
            }
            _ => return None,
        };
        Some(self.store.intern(made))
    }

    fn constant(&mut self, c: &mut Cursor) -> Option<Const> {
        let integer = |c: &mut Cursor| c.text().map(BigInt::from_signed_bytes_le);
        let rational = |c: &mut Cursor| {
            let (numer, denom) = (integer(c)?, integer(c)?);
            (!denom.is_zero()).then(|| Rc::new(BigRational::new(numer, denom)))
        };
        Some(match c.byte()? {
            0 => Const::Bool(c.flag()?),
            1 => Const::String(self.bytes(c.index()?)?.into()),
            2 => Const::Int(integer(c)?),
            3 => Const::Float(rational(c)?),
            4 => Const::Complex(rational(c)?, rational(c)?),
            5 => Const::Unknown,
            _ => return None,
        })
    }

    fn body(&mut self, c: &mut Cursor, file: FileId, base: u32, file_len: u32) -> Option<Body> {
        let version = c.index()?;
        let node_count = u32::try_from(c.len()?).ok()?;
        let (opened, data) = (&mut *self.o, self.data);
        let mut names = |number: u32| name(opened, data, number);
        let mut tree = TreeReader { cursor: *c, name: &mut names, base, file_len, node_count, depth: 0 };
        let decl = FuncDecl::get(&mut tree)?;
        *c = tree.cursor;
        let info = self.info(c, node_count, base, file_len)?;
        let file = File {
            id: file,
            pos: decl.pos,
            package: Ident { id: NodeId(0), pos: decl.pos, name: self.store.package(self.o.own).name.clone() },
            decls: vec![Decl::Func(Box::new(decl))],
            directives: Vec::new(),
            misplaced: Vec::new(),
            go_version: version.checked_sub(1).map(|minor| (1, minor)),
            end: Pos(base + file_len),
            node_count,
        };
        Some(Body { file, info })
    }

    fn info(&mut self, c: &mut Cursor, count: u32, base: u32, file_len: u32) -> Option<FileInfo> {
        let mut info = FileInfo::default();
        let mut locals: Vec<ObjId> = Vec::new();
        for at in 0..count {
            let id = NodeId(at);
            let mode = Mode::from_number(c.byte()?)?;
            let flags = c.byte()?;
            let ty = self.ty(c)?;
            info.types.push(TypeAndMode { mode, ty });
            if flags & 1 != 0 {
                info.constants.insert(id, self.constant(c)?);
            }
            if flags & 2 != 0 {
                let obj = self.object(c, base, file_len, &mut locals)?;
                info.objects.insert(id, obj);
            }
            if flags & 4 != 0 {
                info.definitions.insert(id);
            }
            if flags & 8 != 0 {
                let selection = self.selection(c, base, file_len, &mut locals)?;
                info.selections.insert(id, Rc::new(selection));
            }
            if flags & 16 != 0 {
                let targs = (0..c.len()?).map(|_| self.ty(c)).collect::<Option<_>>()?;
                info.instances.insert(id, Instance { targs });
            }
            if flags & 32 != 0 {
                info.builtins.insert(id, Builtin::from_number(c.byte()?)?);
            }
        }
        for _ in 0..c.len()? {
            let pos = position(c.index()?, base, file_len)?;
            let obj = self.object(c, base, file_len, &mut locals)?;
            info.implicits.insert(pos, obj);
        }
        Some(info)
    }

    fn selection(&mut self, c: &mut Cursor, base: u32, file_len: u32, locals: &mut Vec<ObjId>) -> Option<Selection> {
        let kind = match c.byte()? {
            0 => SelectionKind::Field,
            1 => SelectionKind::Method,
            2 => SelectionKind::MethodExpr,
            _ => return None,
        };
        let recv = self.ty(c)?;
        let path = (0..c.len()?).map(|_| c.index()).collect::<Option<Vec<u32>>>()?;
        let flags = c.byte()?;
        let name = self.name(c)?;
        let pkg = self.package(c)?;
        let method = if flags & 4 != 0 { Some(self.object(c, base, file_len, locals)?) } else { None };
        let (indirect, pointer_receiver) = (flags & 1 != 0, flags & 2 != 0);
        Some(Selection { kind, recv, path, indirect, name, pkg, method, pointer_receiver })
    }

    fn object(&mut self, c: &mut Cursor, base: u32, file_len: u32, locals: &mut Vec<ObjId>) -> Option<ObjId> {
        match c.byte()? {
            object_tag::UNIVERSE => {
                let id = c.index()?;
                (id < self.store.universe_objects).then_some(ObjId(id))
            }
            object_tag::ENTITY => {
                let number = c.index()?;
                match self.entity(number)? {
                    Made::Object(obj) => Some(obj),
                    Made::Type(ty) => Some(self.store.as_named(ty)?.obj),
                }
            }
            object_tag::LOCAL => {
                let number = c.index()? as usize;
                if let Some(&known) = locals.get(number) {
                    return Some(known);
                }
                if number != locals.len() {
                    return None;
                }
                let name = self.name(c)?;
                let pos = position(c.index()?, base, file_len)?;
                let kind = match c.byte()? {
                    0 => ObjKind::Package(*self.o.packages.get(c.index()? as usize)?),
                    1 => ObjKind::Const(self.constant(c)?),
                    2 => ObjKind::TypeName { alias: true },
                    3 => ObjKind::TypeName { alias: false },
                    4 => ObjKind::Var { is_field: false, is_param: true },
                    5 => ObjKind::Var { is_field: false, is_param: false },
                    6 => ObjKind::Label,
                    7 => ObjKind::Nil,
                    _ => return None,
                };
                let typed = !matches!(kind, ObjKind::Package(_) | ObjKind::Label | ObjKind::Nil);
                let own = Some(self.o.own);
                let obj = self.store.new_object(kind, name, own, Basic::Invalid.id(), pos);
                locals.push(obj);
                if typed {
                    let ty = self.ty(c)?;
                    self.store.object_mut(obj).ty = ty;
                }
                Some(obj)
            }
            _ => None,
        }
    }
}

/// A string of the table as a name, kept once made.
fn name(o: &mut Opened, data: &[u8], number: u32) -> Option<Name> {
    if let Some(known) = o.names.get(number as usize)? {
        return Some(known.clone());
    }
    let &(from, to) = o.strings.get(number as usize)?;
    let made = Name::new(std::str::from_utf8(data.get(from..to)?).ok()?);
    o.names[number as usize] = Some(made.clone());
    Some(made)
}

fn position(n: u32, base: u32, file_len: u32) -> Option<Pos> {
    match n {
        0 => Some(Pos::NONE),
        n if n <= file_len + 1 => Some(Pos(base + (n - 1))),
        _ => None,
    }
}
