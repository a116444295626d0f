//! The questions that the lowering asks of the checker's result, in one place.
//!
//! Types are looked at through `Kind`, with type parameters already replaced by what they stand for.

use gorace_base::SourceMap;
use gorace_syntax::ast::{self, Decl, Expr, ExprKind, File, Name, NodeId};
use gorace_types::lookup::Entry;
use gorace_types::{
    Basic, Importer, Mode, ObjId, ObjKind, PkgId, Qualify, Selection, SelectionKind, Signature, Store, Type, TypeId,
};
pub use gorace_types::{Builtin, Field};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, PoisonError, RwLock};
use typed_arena::Arena;

/// A checked program: packages from source, and imported ones whose generic functions' bodies come when they are needed.
pub struct Program<'a> {
    pub store: RefCell<&'a mut Store>,
    /// The files of each package that was read from source, by package id.
    pub files: Vec<&'a [Arc<File>]>,
    pub importer: RefCell<&'a mut Importer>,
    pub sources: &'a RwLock<SourceMap>,
    /// Keeps the imported bodies.
    pub arena: &'a Arena<File>,
    /// Imported bodies as files of their packages, by package and number behind the package's own files.
    pub imported: RefCell<HashMap<(PkgId, usize), &'a File>>,
    /// The number of a function's imported file.
    pub bodies: RefCell<HashMap<ObjId, usize>>,
}

/// What a type is, for representation and operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Int {
        bytes: u32,
        signed: bool,
    },
    Float {
        bytes: u32,
    },
    /// Bytes of each part.
    Complex {
        part: u32,
    },
    String,
    UnsafePointer,
    Pointer(TypeId),
    Slice(TypeId),
    Array {
        elem: TypeId,
        len: u64,
    },
    Map {
        key: TypeId,
        elem: TypeId,
    },
    Chan {
        elem: TypeId,
    },
    Struct,
    Func,
    Interface {
        empty: bool,
    },
    Tuple,
    UntypedNil,
    Void,
    TypeParam,
}

/// What type parameters stand for.
#[derive(Debug, Default)]
pub struct Substitution {
    pub params: Vec<TypeId>,
    pub args: Vec<TypeId>,
    pub memo: RefCell<std::collections::HashMap<TypeId, TypeId>>,
}

/// A function type's parts.
#[derive(Debug, Clone)]
pub struct SignatureInfo {
    pub params: Vec<TypeId>,
    pub results: Vec<TypeId>,
    pub variadic: bool,
}

/// A method found by selection.
#[derive(Debug, Clone)]
pub struct MethodTarget {
    /// Embedded fields to follow.
    pub path: Vec<u32>,
    pub interface: bool,
    pub name: Name,
    pub pkg: Option<PkgId>,
    pub pointer_receiver: bool,
    pub obj: Option<ObjId>,
    /// The type that declares the method (an instance for generic types).
    pub holder: TypeId,
    /// Arguments for the method's own type parameters.
    pub targs: Vec<TypeId>,
}

/// A selector in terms of actual types.
#[derive(Debug, Clone)]
pub struct SelectionInfo {
    pub kind: SelectionKind,
    pub recv: TypeId,
    pub path: Vec<u32>,
    target: Option<MethodTarget>,
}

impl SelectionInfo {
    pub fn is_method_call(&self) -> bool {
        self.kind == SelectionKind::Method && self.target.is_some()
    }

    /// With the arguments for the method's own type parameters.
    pub fn instantiated(mut self, targs: Vec<TypeId>) -> SelectionInfo {
        if let Some(target) = &mut self.target {
            target.targs = targs;
        }
        self
    }

    pub fn is_method_expression(&self) -> bool {
        self.kind == SelectionKind::MethodExpr
    }

    pub fn method(&self) -> MethodTarget {
        self.target.clone().unwrap_or_else(|| MethodTarget {
            path: Vec::new(),
            interface: false,
            name: Name::default(),
            pkg: None,
            pointer_receiver: false,
            obj: None,
            holder: Basic::Invalid.id(),
            targs: Vec::new(),
        })
    }
}

/// A function's declaration.
pub struct Declaration<'a> {
    pub pkg: PkgId,
    pub file: usize,
    pub decl: &'a ast::FuncDecl,
}

/// A constant's value as the lowering needs it.
#[derive(Debug, Clone)]
pub struct Const(pub gorace_types::Const);

impl Const {
    pub fn as_bool(&self) -> bool {
        self.0.as_bool()
    }

    /// The low 64 bits.
    pub fn as_integer(&self) -> i64 {
        self.0.low_bits()
    }

    pub fn is_integer(&self) -> bool {
        self.0.is_integer_kind()
    }

    pub fn as_f64(&self) -> f64 {
        self.0.to_f64()
    }

    pub fn as_f32(&self) -> f32 {
        self.0.to_f32()
    }

    pub fn as_complex(&self) -> (f64, f64) {
        match self.0.to_complex() {
            Some((re, im)) => {
                (gorace_types::constant::rational_to_f64(&re), gorace_types::constant::rational_to_f64(&im))
            }
            None => (0.0, 0.0),
        }
    }

    pub fn as_bytes(&self) -> Vec<u8> {
        match &self.0 {
            gorace_types::Const::String(s) => s.to_vec(),
            _ => Vec::new(),
        }
    }
}

impl<'a> Program<'a> {
    fn with<T>(&self, f: impl FnOnce(&mut Store) -> T) -> T {
        f(&mut self.store.borrow_mut())
    }

    pub fn package_path(&self, pkg: PkgId) -> String {
        self.with(|s| s.package(pkg).path.clone())
    }

    pub fn package_named(&self, path: &str) -> Option<PkgId> {
        self.with(|s| s.package_named(path))
    }

    pub fn kind(&self, ty: TypeId) -> Kind {
        self.with(|s| {
            if s.is_type_param(ty) {
                return Kind::TypeParam;
            }
            match s.under_type(ty) {
                Type::Basic(b) => basic_kind(b),
                Type::Array { elem, len } => Kind::Array { elem, len: len as u64 },
                Type::Slice(elem) => Kind::Slice(elem),
                Type::Pointer(elem) => Kind::Pointer(elem),
                Type::Map { key, elem } => Kind::Map { key, elem },
                Type::Chan { elem, .. } => Kind::Chan { elem },
                Type::Struct(_) => Kind::Struct,
                Type::Tuple(parts) if parts.is_empty() => Kind::Void,
                Type::Tuple(_) => Kind::Tuple,
                Type::Signature(_) => Kind::Func,
                Type::Interface(i) => Kind::Interface { empty: i.methods.is_empty() },
                Type::Named(_) | Type::TypeParam(_) => Kind::Void,
            }
        })
    }

    /// The kind of a type; that of a type parameter is its core type's, if it has one.
    pub fn core_kind(&self, ty: TypeId) -> Kind {
        let core = self.with(|s| s.core_type(ty));
        self.kind(core.unwrap_or(ty))
    }

    /// The kind of a composite literal's type, through a pointer and type parameters.
    pub fn literal_kind(&self, ty: TypeId) -> Kind {
        match self.core_kind(ty) {
            Kind::Pointer(elem) => self.kind(elem),
            kind => kind,
        }
    }

    pub fn kind_of_expr(&self, pkg: PkgId, file: usize, e: &Expr) -> Kind {
        // Only asked where a type parameter may stand for strings too: the caller's type has been substituted.
        self.kind(self.expr_type(pkg, file, e.id))
    }

    pub fn fields(&self, ty: TypeId) -> Rc<[Field]> {
        self.with(|s| match s.under_type(ty) {
            Type::Struct(fields) => fields,
            _ => Rc::from([]),
        })
    }

    pub fn tuple(&self, ty: TypeId) -> Vec<TypeId> {
        self.with(|s| match s.get(ty) {
            Type::Tuple(parts) => parts.to_vec(),
            _ => vec![ty],
        })
    }

    pub fn signature(&self, ty: TypeId) -> SignatureInfo {
        self.with(|s| match s.under_type(ty) {
            Type::Signature(sig) => {
                SignatureInfo { params: sig.params.to_vec(), results: sig.results.to_vec(), variadic: sig.variadic }
            }
            _ => SignatureInfo { params: Vec::new(), results: Vec::new(), variadic: false },
        })
    }

    pub fn func_type(&self, params: &[TypeId], results: &[TypeId]) -> TypeId {
        self.with(|s| s.func(params, results, false))
    }

    /// The element of a slice, array, pointer, map or channel.
    pub fn element(&self, ty: TypeId) -> TypeId {
        match self.kind(ty) {
            Kind::Slice(e) | Kind::Pointer(e) | Kind::Array { elem: e, .. } | Kind::Chan { elem: e } => e,
            Kind::Map { elem, .. } => elem,
            _ => ty,
        }
    }

    pub fn underlying(&self, ty: TypeId) -> TypeId {
        self.with(|s| s.under(ty))
    }

    pub fn pointer_to(&self, ty: TypeId) -> TypeId {
        self.with(|s| s.pointer(ty))
    }

    pub fn array_of(&self, elem: TypeId, len: i64) -> TypeId {
        self.with(|s| s.intern(Type::Array { elem, len }))
    }

    pub fn slice_of(&self, elem: TypeId) -> TypeId {
        self.with(|s| s.slice(elem))
    }

    pub fn unsafe_pointer(&self) -> TypeId {
        Basic::UnsafePointer.id()
    }

    pub fn string_type(&self) -> TypeId {
        Basic::String.id()
    }

    pub fn bool_type(&self) -> TypeId {
        Basic::Bool.id()
    }

    pub fn int_type(&self) -> TypeId {
        Basic::Int.id()
    }

    pub fn any_type(&self) -> TypeId {
        self.with(|s| s.any_type)
    }

    pub fn float_type(&self, bytes: u32) -> TypeId {
        if bytes == 4 { Basic::Float32.id() } else { Basic::Float64.id() }
    }

    pub fn is_signed(&self, ty: TypeId) -> bool {
        matches!(self.kind(ty), Kind::Int { signed: true, .. })
    }

    pub fn is_untyped(&self, ty: TypeId) -> bool {
        self.with(|s| s.is_untyped(ty))
    }

    pub fn is_empty_interface(&self, ty: TypeId) -> bool {
        matches!(self.kind(ty), Kind::Interface { empty: true })
    }

    /// The type `hex` of package runtime prints as a number to base 16.
    pub fn is_hex_type(&self, ty: TypeId) -> bool {
        self.with(|s| {
            s.as_named(ty).is_some_and(|n| {
                let obj = s.object(n.obj);
                obj.name == "hex" && obj.pkg.is_some_and(|p| s.package(p).path == "runtime")
            })
        })
    }

    /// One pointer word: kept in interfaces as it is.
    pub fn is_pointer_shaped(&self, ty: TypeId) -> bool {
        match self.kind(ty) {
            Kind::Pointer(_) | Kind::UnsafePointer | Kind::Map { .. } | Kind::Chan { .. } | Kind::Func => true,
            Kind::Struct => {
                let fields = self.fields(ty);
                fields.len() == 1 && self.is_pointer_shaped(fields[0].ty)
            }
            Kind::Array { elem, len: 1 } => self.is_pointer_shaped(elem),
            _ => false,
        }
    }

    /// The default type of a constant.
    pub fn default_type(&self, value: &Const) -> TypeId {
        match &value.0 {
            gorace_types::Const::Bool(_) => Basic::Bool.id(),
            gorace_types::Const::String(_) => Basic::String.id(),
            gorace_types::Const::Int(_) => Basic::Int.id(),
            gorace_types::Const::Float(_) => Basic::Float64.id(),
            _ => Basic::Complex128.id(),
        }
    }

    pub fn object(&self, pkg: PkgId, file: usize, id: NodeId) -> Option<ObjId> {
        self.with(|s| s.packages[pkg.index()].info[file].objects.get(&id).copied())
    }

    pub fn implicit(&self, pkg: PkgId, file: usize, clause: gorace_base::Pos) -> Option<ObjId> {
        self.with(|s| s.packages[pkg.index()].info[file].implicits.get(&clause).copied())
    }

    pub fn object_type(&self, obj: ObjId) -> TypeId {
        self.with(|s| s.object(obj).ty)
    }

    pub fn object_name(&self, obj: ObjId) -> Name {
        self.with(|s| s.object(obj).name.clone())
    }

    pub fn object_package(&self, obj: ObjId) -> Option<PkgId> {
        self.with(|s| s.object(obj).pkg)
    }

    pub fn is_local_variable(&self, obj: ObjId) -> bool {
        self.with(|s| {
            let o = s.object(obj);
            matches!(o.kind, ObjKind::Var { is_field: false, .. }) && !o.global
        })
    }

    pub fn is_function(&self, obj: ObjId) -> bool {
        self.with(|s| s.object(obj).kind == ObjKind::Func)
    }

    pub fn is_definition(&self, pkg: PkgId, file: usize, e: &Expr) -> bool {
        self.with(|s| s.packages[pkg.index()].info[file].definitions.contains(&e.id))
    }

    pub fn expr_type(&self, pkg: PkgId, file: usize, id: NodeId) -> TypeId {
        self.with(|s| s.packages[pkg.index()].info[file].types[id.index()].ty)
    }

    fn mode(&self, pkg: PkgId, file: usize, id: NodeId) -> Mode {
        self.with(|s| s.packages[pkg.index()].info[file].types[id.index()].mode)
    }

    pub fn is_type_expr(&self, pkg: PkgId, file: usize, id: NodeId) -> bool {
        self.mode(pkg, file, id) == Mode::TypeExpr
    }

    pub fn is_nil(&self, pkg: PkgId, file: usize, id: NodeId) -> bool {
        self.mode(pkg, file, id) == Mode::Nil
    }

    pub fn is_addressable(&self, pkg: PkgId, file: usize, e: &Expr) -> bool {
        if let ExprKind::Paren(x) = &e.kind {
            return self.is_addressable(pkg, file, x);
        }
        self.mode(pkg, file, e.id) == Mode::Variable && !matches!(e.kind, ExprKind::CompositeLit { .. })
    }

    pub fn constant(&self, pkg: PkgId, file: usize, id: NodeId) -> Option<Const> {
        self.with(|s| {
            let info = &s.packages[pkg.index()].info[file];
            if info.types[id.index()].mode == Mode::Constant {
                info.constants.get(&id).cloned().map(Const)
            } else {
                shift_constant(info, id)
            }
        })
    }

    pub fn selection(&self, pkg: PkgId, file: usize, id: NodeId) -> Option<Rc<Selection>> {
        self.with(|s| s.packages[pkg.index()].info[file].selections.get(&id).cloned())
    }

    /// Whether calling or using the selected method takes the operand's address.
    pub fn takes_address(&self, selection: &Selection) -> bool {
        selection.kind == SelectionKind::Method
            && selection.pointer_receiver
            && !selection.indirect
            && !matches!(self.kind(selection.recv), Kind::Pointer(_))
    }

    /// A selection with type parameters replaced: the method is looked up on the actual type.
    pub fn substituted_selection(&self, selection: Rc<Selection>, subst: &Substitution) -> SelectionInfo {
        let recv = self.substituted(selection.recv, subst);
        let kind = selection.kind;
        if kind == SelectionKind::Field {
            return SelectionInfo { kind, recv, path: selection.path.clone(), target: None };
        }
        let found = self.with(|s| s.lookup_member(recv, &selection.name, selection.pkg));
        let Ok(found) = found else {
            return SelectionInfo { kind, recv, path: selection.path.clone(), target: None };
        };
        let target = self.target(&found, recv, selection.name.clone(), selection.pkg);
        SelectionInfo { kind, recv, path: found.path, target }
    }

    /// A found method as a target.
    pub fn target(
        &self,
        found: &gorace_types::lookup::Found,
        recv: TypeId,
        name: Name,
        pkg: Option<PkgId>,
    ) -> Option<MethodTarget> {
        let path = found.path.clone();
        match &found.entry {
            Entry::Field(_) => None,
            Entry::Interface(_) => {
                let holder = self.field_at(recv, &path);
                Some(MethodTarget {
                    path,
                    interface: true,
                    name,
                    pkg,
                    pointer_receiver: false,
                    obj: None,
                    holder,
                    targs: Vec::new(),
                })
            }
            Entry::Method { obj, holder } => {
                let pointer_receiver = self.with(|s| s.has_pointer_receiver(*obj));
                Some(MethodTarget {
                    path,
                    interface: false,
                    name,
                    pkg,
                    pointer_receiver,
                    obj: Some(*obj),
                    holder: *holder,
                    targs: Vec::new(),
                })
            }
        }
    }

    fn field_at(&self, ty: TypeId, path: &[u32]) -> TypeId {
        let mut ty = ty;
        for &index in path {
            if let Kind::Pointer(elem) = self.kind(ty) {
                ty = elem;
            }
            ty = self.fields(ty)[index as usize].ty;
        }
        ty
    }

    /// A method by name on any type.
    pub fn find_method(&self, ty: TypeId, name: &str, pkg: Option<PkgId>) -> Option<MethodTarget> {
        let found = self.with(|s| s.lookup_member(ty, name, pkg)).ok()?;
        self.target(&found, ty, name.into(), pkg)
    }

    /// The method set of a type, in table order.
    pub fn method_set(&self, ty: TypeId) -> Vec<(MethodTarget, TypeId)> {
        let set = self.with(|s| s.method_set(ty));
        set.into_iter()
            .filter_map(|(name, pkg, found)| {
                let signature = self.with(|s| match &found.entry {
                    Entry::Interface(m) => m.signature,
                    Entry::Method { obj, holder } => s.method_signature(*obj, *holder),
                    Entry::Field(ty) => *ty,
                });
                // Generic methods never enter method tables.
                let generic = self.with(|s| match s.get(signature) {
                    Type::Signature(sig) => !sig.type_params.is_empty(),
                    _ => true,
                });
                if generic {
                    return None;
                }
                self.target(&found, ty, name, pkg).map(|t| (t, signature))
            })
            .collect()
    }

    /// An interface's methods in table order.
    pub fn interface_methods(&self, ty: TypeId) -> Vec<gorace_types::InterfaceMethod> {
        self.with(|s| s.interface(ty).map(|i| i.methods.to_vec()).unwrap_or_default())
    }

    pub fn interface_method_index(&self, interface: TypeId, target: &MethodTarget) -> usize {
        self.interface_methods(interface)
            .iter()
            .position(|m| m.name == target.name && (gorace_types::is_exported(&m.name) || m.pkg == target.pkg))
            .unwrap_or(0)
    }

    pub fn is_builtin(&self, pkg: PkgId, file: usize, id: NodeId) -> bool {
        self.with(|s| s.packages[pkg.index()].info[file].builtins.contains_key(&id))
    }

    pub fn builtin(&self, pkg: PkgId, file: usize, callee: &Expr) -> Option<Builtin> {
        let id = match &callee.kind {
            ExprKind::Selector { sel, .. } if self.is_builtin(pkg, file, sel.id) => sel.id,
            _ => callee.id,
        };
        self.with(|s| s.packages[pkg.index()].info[file].builtins.get(&id).copied())
    }

    /// Whether `x` in `x[…]` is a generic function.
    pub fn is_instantiation(&self, pkg: PkgId, file: usize, x: &Expr) -> bool {
        let id = match &x.kind {
            ExprKind::Selector { sel, .. } => sel.id,
            ExprKind::Paren(x) => return self.is_instantiation(pkg, file, x),
            _ => x.id,
        };
        self.with(|s| s.packages[pkg.index()].info[file].instances.contains_key(&id))
    }

    pub fn instance_of(&self, pkg: PkgId, file: usize, id: NodeId) -> Vec<TypeId> {
        self.with(|s| {
            s.packages[pkg.index()].info[file].instances.get(&id).map(|i| i.targs.to_vec()).unwrap_or_default()
        })
    }

    pub fn per_iteration_variables(&self, pkg: PkgId, file: usize) -> bool {
        let own = self.file(pkg, file).and_then(|f| f.go_version);
        own.map_or_else(|| self.with(|s| s.package(pkg).go_minor), |(_, minor)| minor.max(21)) >= 22
    }

    /// The files of a package that was read from source.
    pub fn files_of(&self, pkg: PkgId) -> &'a [Arc<File>] {
        self.files.get(pkg.index()).copied().unwrap_or_default()
    }

    fn file(&self, pkg: PkgId, at: usize) -> Option<&'a File> {
        match self.files_of(pkg).get(at) {
            Some(file) => Some(file),
            None => self.imported.borrow().get(&(pkg, at)).copied(),
        }
    }

    /// The declaration of a function or method; of an imported one only when it is generic or may be inlined.
    pub fn declaration(&self, obj: ObjId) -> Option<Declaration<'a>> {
        let (pkg, at) = self.with(|s| {
            let o = s.object(obj);
            Some((o.pkg?, o.decl))
        })?;
        let (file, decl) = match at {
            Some(at) => (at.file as usize, at.decl as usize),
            None => (self.imported_body(obj, pkg)?, 0),
        };
        match &self.file(pkg, file)?.decls[decl] {
            Decl::Func(decl) => Some(Declaration { pkg, file, decl }),
            _ => None,
        }
    }

    fn imported_body(&self, obj: ObjId, pkg: PkgId) -> Option<usize> {
        if let Some(&known) = self.bodies.borrow().get(&obj) {
            return Some(known);
        }
        let body = self.with(|s| {
            let mut sources = self.sources.write().unwrap_or_else(PoisonError::into_inner);
            self.importer.borrow_mut().body(s, &mut sources, obj)
        })?;
        let at = self.with(|s| {
            let info = &mut s.packages[pkg.index()].info;
            info.push(body.info);
            info.len() - 1
        });
        self.imported.borrow_mut().insert((pkg, at), self.arena.alloc(body.file));
        self.bodies.borrow_mut().insert(obj, at);
        Some(at)
    }

    pub fn receiver_type(&self, obj: ObjId) -> Option<TypeId> {
        self.with(|s| s.object(obj).receiver)
    }

    /// The type parameters that a function's body may mention: its receiver's, then its own.
    pub fn type_params_of(&self, obj: ObjId) -> Vec<TypeId> {
        self.with(|s| {
            let mut out = Vec::new();
            if let Some(receiver) = s.object(obj).receiver {
                let (base, _) = s.deref(receiver);
                if let Some(named) = s.as_named(base) {
                    out.extend(named.type_params.iter());
                }
            }
            if let Type::Signature(sig) = s.get(s.object(obj).ty) {
                out.extend(sig.type_params.iter());
            }
            out
        })
    }

    pub fn substitution_of(&self, obj: ObjId, targs: &[TypeId]) -> Rc<Substitution> {
        let params = self.type_params_of(obj);
        Rc::new(Substitution { params, args: targs.to_vec(), memo: RefCell::default() })
    }

    /// The signature of a method of a type, with the arguments for its own type parameters.
    pub fn method_signature(&self, obj: ObjId, holder: TypeId, targs: &[TypeId]) -> TypeId {
        let mut store = self.store.borrow_mut();
        let signature = store.method_signature(obj, holder);
        let Type::Signature(sig) = store.get(signature) else { return signature };
        if sig.type_params.len() != targs.len() || targs.is_empty() {
            return signature;
        }
        let params = sig.type_params.clone();
        let plain = gorace_types::Signature { type_params: Default::default(), ..(**sig).clone() };
        let plain = store.intern(Type::Signature(plain.into()));
        store.subst(plain, &params, targs)
    }

    pub fn substituted(&self, ty: TypeId, subst: &Substitution) -> TypeId {
        if subst.params.is_empty() {
            return ty;
        }
        if let Some(&known) = subst.memo.borrow().get(&ty) {
            return known;
        }
        let made = self.with(|s| s.subst(ty, &subst.params, &subst.args));
        subst.memo.borrow_mut().insert(ty, made);
        made
    }

    /// The type arguments of a named type's instance.
    pub fn type_args(&self, ty: TypeId) -> Vec<TypeId> {
        self.with(|s| s.as_named(ty).map(|n| n.targs.to_vec()).unwrap_or_default())
    }

    /// The declared name's object and package of a named type.
    pub fn named(&self, ty: TypeId) -> Option<(ObjId, Option<PkgId>, bool)> {
        self.with(|s| {
            let n = s.as_named(ty)?;
            Some((n.obj, s.object(n.obj).pkg, !n.targs.is_empty()))
        })
    }

    /// Fields to follow to a (possibly promoted) field by name.
    pub fn field_path(&self, ty: TypeId, name: &str, pkg: PkgId) -> Vec<u32> {
        self.with(|s| s.lookup_member(ty, name, Some(pkg))).map(|f| f.path).unwrap_or_default()
    }

    pub fn link_string(&self, ty: TypeId) -> String {
        self.with(|s| s.type_string(ty, Qualify::Path))
    }

    /// What a type is without its name, and where the name was declared.
    pub fn declared_as(&self, ty: TypeId) -> (String, Option<gorace_base::Pos>) {
        let under = self.with(|s| s.under(ty));
        (self.reflect_string(under), self.with(|s| s.as_named(ty).map(|n| s.object(n.obj).pos)))
    }

    pub fn reflect_string(&self, ty: TypeId) -> String {
        self.with(|s| s.type_string(ty, Qualify::Name))
    }

    pub fn is_comparable(&self, ty: TypeId) -> bool {
        self.with(|s| s.is_comparable(ty, true))
    }

    /// A variable that the source does not have.
    pub fn hidden_object(&self, name: &str, ty: TypeId) -> ObjId {
        self.with(|s| {
            let kind = ObjKind::Var { is_field: false, is_param: false };
            s.new_object(kind, name.into(), None, ty, gorace_base::Pos::NONE)
        })
    }

    /// Packages whose code gc never instruments (cmd/internal/objabi/pkgspecial.go).
    pub fn is_uninstrumented(&self, pkg: PkgId) -> bool {
        let path = self.package_path(pkg);
        let path = path.as_str();
        matches!(
            path,
            "runtime"
                | "internal/abi"
                | "internal/byteorder"
                | "internal/chacha8rand"
                | "internal/coverage/rtcov"
                | "internal/cpu"
                | "internal/goarch"
                | "internal/godebugs"
                | "internal/goexperiment"
                | "internal/goos"
                | "internal/profilerecord"
                | "internal/strconv"
                | "internal/stringslite"
                | "sync"
                | "sync/atomic"
                | "internal/sync"
        ) || path.starts_with("internal/runtime/")
            || path.starts_with("runtime/internal/")
            || path == "runtime/race"
            || path.starts_with("runtime/race/internal/")
    }

    pub fn func_signature(&self, ty: TypeId) -> Option<Rc<Signature>> {
        self.with(|s| s.signature(ty))
    }
}

/// The left operand of a non-constant shift keeps its constant although the expression is none.
fn shift_constant(info: &gorace_types::FileInfo, id: NodeId) -> Option<Const> {
    let _ = (info, id);
    None
}

fn basic_kind(b: Basic) -> Kind {
    use Basic::*;
    let int = |bytes, signed| Kind::Int { bytes, signed };
    match b {
        Bool | UntypedBool => Kind::Bool,
        Int | Int64 | UntypedInt => int(8, true),
        Int8 => int(1, true),
        Int16 => int(2, true),
        Int32 | UntypedRune => int(4, true),
        Uint | Uint64 | Uintptr => int(8, false),
        Uint8 => int(1, false),
        Uint16 => int(2, false),
        Uint32 => int(4, false),
        Float32 => Kind::Float { bytes: 4 },
        Float64 | UntypedFloat => Kind::Float { bytes: 8 },
        Complex64 => Kind::Complex { part: 4 },
        Complex128 | UntypedComplex => Kind::Complex { part: 8 },
        String | UntypedString => Kind::String,
        UnsafePointer => Kind::UnsafePointer,
        UntypedNil => Kind::UntypedNil,
        Invalid => Kind::Void,
    }
}
