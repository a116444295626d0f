//! The checker of one package: collects its objects, resolves declarations on demand, then checks function bodies.
//!
//! The order (as in go/types): objects of all files, methods to their types, package-level declarations, delayed
//! checks and bodies, initialisation order, unused imports. A declaration is white, grey while it is being resolved, then black; meeting a
//! grey type is fine (recursive types), meeting a grey constant or variable is a cycle.

use crate::constant::Const;
use crate::store::*;
use crate::typestring::Qualify;
use gorace_base::Pos;
use gorace_syntax::ast::{self, Decl, Expr, File, Ident, Name, NodeId};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

/// An error in gc's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeError {
    pub pos: Pos,
    pub message: String,
    /// Does not keep the package from being compiled in principle (unused variables and imports).
    pub soft: bool,
}

/// How to check.
#[derive(Debug, Clone, Copy)]
pub struct Config {
    /// The module's language version, N of 1.N.
    pub go_minor: u32,
    pub is_std: bool,
}

pub(crate) type Delayed<'a> = Box<dyn FnOnce(&mut Checker<'a>) + 'a>;

/// What a body is checked in.
#[derive(Clone, Default)]
pub(crate) struct Environment {
    pub scope: Option<ScopeId>,
    pub iota: Option<u32>,
    pub signature: Option<Rc<Signature>>,
    pub result_names: Rc<[Option<ObjId>]>,
    /// The package-level object whose dependencies are recorded.
    pub declaring: Option<ObjId>,
    /// Type parameters of the enclosing generic function, for local types.
    pub type_params: Rc<[TypeId]>,
    pub in_function: bool,
    pub has_label: bool,
    /// A defined type is only named, not resolved, as it may mention what is being declared: inside an alias's right
    /// side, and behind a pointer, a signature and the like in a type declaration.
    pub lazy_types: bool,
    /// On the right side of a type declaration of the package.
    pub type_decl: bool,
}

pub(crate) struct Checker<'a> {
    pub store: &'a mut Store,
    pub files: &'a [Arc<File>],
    pub pkg: PkgId,
    pub config: Config,
    pub file: usize,
    pub env: Environment,
    pub errors: Vec<TypeError>,
    pub info: Vec<FileInfo>,
    pub delayed: Vec<Delayed<'a>>,
    pub file_scopes: Vec<ScopeId>,
    pub dot_imports: Vec<HashMap<Name, (ObjId, ObjId)>>,
    pub deps: HashMap<ObjId, Vec<ObjId>>,
    pub methods: HashMap<Name, Vec<ObjId>>,
    pub local_types: u32,
    pub imports: &'a dyn Fn(&str) -> Option<PkgId>,
    pub resolving: Vec<ObjId>,
    pub package_objects: Vec<ObjId>,
    /// Local variables in order of declaration, to report unused ones.
    pub locals: Vec<ObjId>,
    /// Types whose declarations are resolved, to be looked at for containing themselves.
    pub declared_types: Vec<(TypeId, Pos)>,
    /// Scopes of the type parameters of generic types, declared before anything needs the type's right side.
    pub headers: HashMap<ObjId, ScopeId>,
    /// Type arguments written for generic functions whose other ones come from the type of the variable, by the index
    /// expression.
    pub partial: HashMap<(usize, NodeId), Rc<[TypeId]>>,
}

/// Checks a package whose imports are in the store.
pub fn check_package(
    store: &mut Store,
    path: &str,
    files: &[Arc<File>],
    imports: &dyn Fn(&str) -> Option<PkgId>,
    config: Config,
) -> (PkgId, Vec<TypeError>) {
    let scope = store.new_scope(Some(store.universe));
    let name = files.first().map_or_else(Name::default, |f| f.package.name.clone());
    let pkg = store.new_package(Package {
        path: path.to_string(),
        name,
        files: files.to_vec(),
        info: Vec::new(),
        scope,
        imports: Vec::new(),
        init_order: Vec::new(),
        funcs: Vec::new(),
        linknames: std::rc::Rc::new(linknames(files)),
        go_minor: config.go_minor,
        is_std: config.is_std,
    });
    let info = files
        .iter()
        .map(|f| FileInfo { types: vec![TypeAndMode::default(); f.node_count as usize], ..FileInfo::default() })
        .collect();
    let (mut errors, info) = check_files(store, files, pkg, info, imports, config);
    store.packages[pkg.index()].info = info;
    errors.sort_by_key(|e| e.pos);
    errors.dedup_by(|b, a| a.pos == b.pos && a.message == b.message);
    (pkg, errors)
}

fn check_files<'a>(
    store: &'a mut Store,
    files: &'a [Arc<File>],
    pkg: PkgId,
    info: Vec<FileInfo>,
    imports: &'a dyn Fn(&str) -> Option<PkgId>,
    config: Config,
) -> (Vec<TypeError>, Vec<FileInfo>) {
    let mut checker = Checker {
        store,
        files,
        pkg,
        config,
        file: 0,
        env: Environment::default(),
        errors: Vec::new(),
        info,
        delayed: Vec::new(),
        file_scopes: Vec::new(),
        dot_imports: vec![HashMap::new(); files.len()],
        deps: HashMap::new(),
        methods: HashMap::new(),
        local_types: 0,
        imports,
        resolving: Vec::new(),
        package_objects: Vec::new(),
        locals: Vec::new(),
        declared_types: Vec::new(),
        headers: HashMap::new(),
        partial: HashMap::new(),
    };
    checker.run();
    (checker.errors, checker.info)
}

impl<'a> Checker<'a> {
    fn run(&mut self) {
        self.collect();
        // Types and functions come first, so that method sets are known wherever a value is assigned.
        let mut objects = self.package_objects.clone();
        objects.sort_by_key(|&obj| match self.store.object(obj).kind {
            ObjKind::TypeName { alias: false } => 0,
            ObjKind::TypeName { alias: true } => 1,
            ObjKind::Func => 2,
            _ => 3,
        });
        let types = objects.partition_point(|&obj| matches!(self.store.object(obj).kind, ObjKind::TypeName { .. }));
        for &obj in &objects[..types] {
            self.resolve(obj);
        }
        for (ty, pos) in std::mem::take(&mut self.declared_types) {
            self.valid_type(ty, pos);
        }
        for &obj in &objects[types..] {
            self.resolve(obj);
        }
        self.process_delayed();
        self.init_order();
        self.unused_imports();
    }

    pub fn process_delayed(&mut self) {
        let mut at = 0;
        while at < self.delayed.len() {
            let mut batch = std::mem::take(&mut self.delayed);
            for job in batch.drain(at..) {
                job(self);
            }
            at = 0;
        }
    }

    pub fn error(&mut self, pos: Pos, message: impl Into<String>) {
        self.errors.push(TypeError { pos, message: message.into(), soft: false });
    }

    pub fn soft_error(&mut self, pos: Pos, message: impl Into<String>) {
        self.errors.push(TypeError { pos, message: message.into(), soft: true });
    }

    /// A type for messages.
    pub fn show(&self, ty: TypeId) -> String {
        self.store.type_string(ty, Qualify::Relative(self.pkg))
    }

    pub fn scope(&self) -> ScopeId {
        self.env.scope.unwrap_or(self.file_scopes[self.file])
    }

    /// Runs with a new block scope.
    pub fn in_scope<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.scope();
        let inner = self.store.new_scope(Some(outer));
        let saved = self.env.scope.replace(inner);
        let result = f(self);
        self.env.scope = saved;
        result
    }

    /// Enters a name into the current scope.
    pub fn declare(&mut self, name: &Ident, obj: ObjId) {
        self.record_definition(name.id, obj);
        if name.name == "_" {
            return;
        }
        let scope = self.scope();
        self.insert(scope, name.name.clone(), obj, name.pos);
    }

    pub fn insert(&mut self, scope: ScopeId, name: Name, obj: ObjId, pos: Pos) {
        if let Some(&other) = self.store.scopes[scope.index()].names.get(&name) {
            self.error(pos, format!("{name} redeclared in this block"));
            let _ = other;
            return;
        }
        self.store.scopes[scope.index()].names.insert(name, obj);
    }

    pub fn record_definition(&mut self, id: NodeId, obj: ObjId) {
        self.info[self.file].objects.insert(id, obj);
        self.info[self.file].definitions.insert(id);
    }

    pub fn record_use(&mut self, id: NodeId, obj: ObjId) {
        self.info[self.file].objects.insert(id, obj);
    }

    pub fn record(&mut self, id: NodeId, mode: Mode, ty: TypeId) {
        self.info[self.file].types[id.index()] = TypeAndMode { mode, ty };
    }

    pub fn record_constant(&mut self, id: NodeId, value: Const) {
        self.info[self.file].constants.insert(id, value);
    }

    /// The language version in force in the current file.
    pub fn version(&self) -> u32 {
        match self.files[self.file].go_version {
            Some((_, minor)) => minor.max(21),
            None => self.config.go_minor,
        }
    }

    fn collect(&mut self) {
        let pkg_scope = self.store.packages[self.pkg.index()].scope;
        let mut methods: Vec<(Name, ObjId)> = Vec::new();
        for _ in self.files {
            let scope = self.store.new_scope(Some(pkg_scope));
            self.file_scopes.push(scope);
        }
        let mut vars_and_all = Vec::new();
        for f in 0..self.files.len() {
            self.file = f;
            let file: &'a File = &self.files[f];
            for (d, decl) in file.decls.iter().enumerate() {
                let at = |name: usize| DeclRef { file: f as u32, decl: d as u32, name: name as u32 };
                match decl {
                    Decl::Import(import) => self.import(import),
                    Decl::Const(c) => {
                        for (i, name) in c.names.iter().enumerate() {
                            let obj = self.package_object(ObjKind::Const(Const::Unknown), name, at(i));
                            vars_and_all.push(obj);
                        }
                    }
                    Decl::Var(v) => {
                        for (i, name) in v.names.iter().enumerate() {
                            let kind = ObjKind::Var { is_field: false, is_param: false };
                            vars_and_all.push(self.package_object(kind, name, at(i)));
                        }
                    }
                    Decl::Type(t) => {
                        let kind = ObjKind::TypeName { alias: t.alias.is_some() };
                        let obj = self.package_object(kind, &t.name, at(0));
                        if t.alias.is_none() {
                            let named = self.store.new_named(obj);
                            self.store.object_mut(obj).ty = named;
                        }
                        vars_and_all.push(obj);
                    }
                    Decl::Func(func) => {
                        let name = &func.name;
                        let obj = self.store.new_object(
                            ObjKind::Func,
                            name.name.clone(),
                            Some(self.pkg),
                            Basic::Invalid.id(),
                            name.pos,
                        );
                        let object = self.store.object_mut(obj);
                        object.decl = Some(at(0));
                        object.color = Color::White;
                        object.global = true;
                        self.record_definition(name.id, obj);
                        self.store.packages[self.pkg.index()].funcs.push(obj);
                        vars_and_all.push(obj);
                        match &func.receiver {
                            Some(receiver) => {
                                if let Some(base) = receiver.first().and_then(|r| receiver_base(&r.ty)) {
                                    methods.push((base, obj));
                                }
                            }
                            None if name.name == "_" => {}
                            None if name.name == "init" => {
                                if !func.type_params.is_empty() {
                                    self.error(name.pos, "func init must have no type parameters");
                                }
                                if !func.ty.params.is_empty() || !func.ty.results.is_empty() {
                                    self.error(name.pos, "func init must have no arguments and no return values");
                                }
                                if func.body.is_none() {
                                    self.error(name.pos, "func init must have a body");
                                }
                            }
                            None => {
                                if name.name == "main" && file.package.name == "main" {
                                    if !func.type_params.is_empty() {
                                        self.error(name.pos, "func main must have no type parameters");
                                    }
                                    if !func.ty.params.is_empty() || !func.ty.results.is_empty() {
                                        self.error(name.pos, "func main must have no arguments and no return values");
                                    }
                                }
                                self.insert(pkg_scope, name.name.clone(), obj, name.pos);
                            }
                        }
                    }
                }
            }
        }
        for (base, obj) in methods {
            let base = self.base_type_name(base);
            self.methods.entry(base).or_default().push(obj);
        }
        self.package_objects = vars_and_all;
        // Names of imports must not clash with package-level names.
        for f in 0..self.files.len() {
            let names: Vec<(Name, ObjId)> =
                self.store.scopes[self.file_scopes[f].index()].names.iter().map(|(n, o)| (n.clone(), *o)).collect();
            for (name, obj) in names {
                if let Some(&other) = self.store.scopes[pkg_scope.index()].names.get(&name) {
                    let pos = self.store.object(other).pos;
                    let _ = obj;
                    self.error(pos, format!("{name} already declared through import of package"));
                }
            }
        }
    }

    /// The defined type that a receiver's base name stands for, through aliases of this package.
    fn base_type_name(&self, name: Name) -> Name {
        let scope = self.store.packages[self.pkg.index()].scope;
        let mut at = name.clone();
        for _ in 0..10 {
            let Some(obj) = self.store.scopes[scope.index()].names.get(&at) else { break };
            let Some(decl) = self.store.object(*obj).decl else { break };
            let Decl::Type(t) = &self.files[decl.file as usize].decls[decl.decl as usize] else { break };
            if t.alias.is_none() {
                return at;
            }
            let Some(next) = receiver_base(&t.ty) else { break };
            at = next;
        }
        name
    }

    fn package_object(&mut self, kind: ObjKind, name: &Ident, decl: DeclRef) -> ObjId {
        let obj = self.store.new_object(kind, name.name.clone(), Some(self.pkg), Basic::Invalid.id(), name.pos);
        let object = self.store.object_mut(obj);
        object.decl = Some(decl);
        object.color = Color::White;
        object.global = true;
        self.record_definition(name.id, obj);
        if name.name != "_" {
            let scope = self.store.packages[self.pkg.index()].scope;
            if name.name == "init" {
                self.error(name.pos, "cannot declare init - must be func");
            } else if name.name == "main" && self.files[self.file].package.name == "main" {
                self.error(name.pos, "cannot declare main - must be func");
            } else {
                self.insert(scope, name.name.clone(), obj, name.pos);
            }
        }
        obj
    }

    fn import(&mut self, import: &'a ast::ImportDecl) {
        let Some(Const::String(path)) = Const::literal(import.path.kind, &import.path.text) else { return };
        let path = String::from_utf8_lossy(&path).to_string();
        let found = if path == "unsafe" { Some(self.store.unsafe_pkg) } else { (self.imports)(&path) };
        let Some(pkg) = found else {
            self.error(import.path.pos, format!("could not import {path} (package not found)"));
            return;
        };
        if !self.store.packages[self.pkg.index()].imports.contains(&pkg) {
            self.store.packages[self.pkg.index()].imports.push(pkg);
        }
        let default = self.store.package(pkg).name.clone();
        let name = import.name.as_ref().map_or(default, |n| n.name.clone());
        let pos = import.name.as_ref().map_or(import.path.pos, |n| n.pos);
        if name == "init" {
            self.error(pos, "cannot import package as init - init must be a func");
            return;
        }
        let obj = self.store.new_object(ObjKind::Package(pkg), name.clone(), Some(self.pkg), Basic::Invalid.id(), pos);
        if let Some(ident) = &import.name {
            self.record_definition(ident.id, obj);
        }
        let file_scope = self.file_scopes[self.file];
        if name == "." {
            let scope = self.store.package(pkg).scope;
            let names: Vec<(Name, ObjId)> =
                self.store.scopes[scope.index()].names.iter().map(|(n, o)| (n.clone(), *o)).collect();
            for (n, o) in names {
                if is_exported(&n) {
                    self.dot_imports[self.file].insert(n.clone(), (o, obj));
                    self.store.scopes[file_scope.index()].names.insert(n, o);
                }
            }
            self.locals_imports(obj);
        } else if name != "_" {
            self.insert(file_scope, name, obj, pos);
            self.locals_imports(obj);
        }
    }

    fn locals_imports(&mut self, obj: ObjId) {
        self.deps.entry(obj).or_default();
    }

    fn unused_imports(&mut self) {
        let imports: Vec<ObjId> =
            self.deps.keys().copied().filter(|&o| matches!(self.store.object(o).kind, ObjKind::Package(_))).collect();
        for obj in imports {
            let object = self.store.object(obj);
            if object.used {
                continue;
            }
            let ObjKind::Package(pkg) = object.kind else { continue };
            let (pos, name) = (object.pos, object.name.clone());
            let package = self.store.package(pkg);
            let path = package.path.clone();
            let last = path.rsplit('/').next().unwrap_or(&path);
            let message = if name == "." || last == name.as_str() {
                format!("{path:?} imported and not used")
            } else {
                format!("{path:?} imported as {name} and not used")
            };
            self.soft_error(pos, message);
        }
    }

    /// Resolves a package-level (or method) object's declaration.
    pub fn resolve(&mut self, obj: ObjId) {
        let object = self.store.object(obj);
        match object.color {
            Color::Black => return,
            Color::Grey => return self.cycle(obj),
            Color::White => {}
        }
        let Some(decl) = object.decl else { return };
        let kind = object.kind.clone();
        self.store.object_mut(obj).color = Color::Grey;
        self.resolving.push(obj);
        let saved_env = std::mem::take(&mut self.env);
        let saved_file = std::mem::replace(&mut self.file, decl.file as usize);
        let file: &'a File = &self.files[self.file];
        match (&file.decls[decl.decl as usize], kind) {
            (Decl::Const(c), _) => {
                self.env.declaring = Some(obj);
                self.const_decl(obj, file, decl, c);
            }
            (Decl::Var(v), _) => {
                self.env.declaring = Some(obj);
                self.var_decl(obj, decl, v);
            }
            (Decl::Type(t), _) => self.type_decl(obj, t),
            (Decl::Func(f), _) => self.func_decl(obj, f),
            (Decl::Import(_), _) => {}
        }
        self.env = saved_env;
        self.file = saved_file;
        self.resolving.pop();
        self.store.object_mut(obj).color = Color::Black;
    }

    /// A declaration that needs itself: an error unless a type or function is on the way.
    fn cycle(&mut self, obj: ObjId) {
        let Some(start) = self.resolving.iter().position(|&o| o == obj) else { return };
        let on_path: Vec<ObjId> = self.resolving[start..].to_vec();
        let defined_type = on_path.iter().any(|&o| {
            let object = self.store.object(o);
            matches!(object.kind, ObjKind::TypeName { alias: false }) && object.ty != Basic::Invalid.id()
        });
        let object = self.store.object(obj);
        match object.kind {
            ObjKind::TypeName { .. } if defined_type => {}
            ObjKind::Func => {}
            _ if defined_type => {}
            _ => {
                let (pos, name) = (object.pos, object.name.clone());
                let what = match object.kind {
                    ObjKind::TypeName { .. } => "invalid recursive type",
                    _ => "initialization cycle or refers to itself:",
                };
                if matches!(object.kind, ObjKind::TypeName { .. }) {
                    self.error(pos, format!("{what} {name}"));
                } else {
                    self.error(pos, format!("initialization cycle: {name} refers to itself"));
                }
                if !matches!(self.store.object(obj).kind, ObjKind::Func) {
                    self.store.object_mut(obj).ty = Basic::Invalid.id();
                }
            }
        }
    }

    fn const_decl(&mut self, obj: ObjId, file: &'a File, decl: DeclRef, own: &'a ast::ConstDecl) {
        let source = match own.inherited {
            Some(back) => match &file.decls[decl.decl as usize - back as usize] {
                Decl::Const(c) => c,
                _ => own,
            },
            None => own,
        };
        self.constant_spec(obj, own, source, decl.name as usize);
    }

    /// One name of a constant spec, values taken from `source`.
    pub fn constant_spec(&mut self, obj: ObjId, own: &'a ast::ConstDecl, source: &'a ast::ConstDecl, index: usize) {
        let saved = self.env.iota.replace(own.iota);
        let mut ty = None;
        if let Some(written) = &source.ty {
            let t = self.typ(written);
            if !self.store.all_basic(t, Basic::is_const) || self.store.is_type_param(t) {
                if self.store.basic(t) != Some(Basic::Invalid) {
                    let text = self.show(t);
                    self.error(written.pos, format!("invalid constant type {text}"));
                }
                self.store.object_mut(obj).ty = Basic::Invalid.id();
                self.env.iota = saved;
                return;
            }
            ty = Some(t);
        }
        match source.values.get(index) {
            Some(e) => {
                let mut x = self.expr(e, ty);
                self.init_const(obj, ty, &mut x);
            }
            None => {
                let name = &own.names[index];
                if source.values.is_empty() && own.inherited.is_none() || source.values.len() < own.names.len() {
                    self.error(name.pos, "missing init expr for const declaration");
                }
                self.store.object_mut(obj).ty = Basic::Invalid.id();
            }
        }
        if index == 0 && source.values.len() > own.names.len() {
            let extra = &source.values[own.names.len()];
            self.error(extra.pos, "extra init expr");
        }
        self.env.iota = saved;
    }

    fn var_decl(&mut self, obj: ObjId, decl: DeclRef, v: &'a ast::VarDecl) {
        let index = decl.name as usize;
        let declared = v.ty.as_ref().map(|t| self.typ(t));
        if let Some(ty) = declared {
            self.store.object_mut(obj).ty = ty;
        }
        if v.values.is_empty() {
            return;
        }
        if v.values.len() == v.names.len() {
            let mut x = self.expr(&v.values[index], declared);
            self.init_var(obj, declared, &mut x, "variable declaration");
            return;
        }
        // One multi-valued expression: all names at once.
        let objects: Vec<ObjId> = v.names.iter().map(|n| self.info[self.file].objects[&n.id]).collect();
        if v.values.len() == 1 {
            for &other in &objects {
                if let Some(ty) = declared {
                    self.store.object_mut(other).ty = ty;
                }
                self.store.object_mut(other).color = Color::Black;
            }
            self.init_vars(&objects, declared, &v.values, v.pos);
            let deps = self.deps.get(&obj).cloned().unwrap_or_default();
            for &other in &objects {
                self.deps.insert(other, deps.clone());
            }
        } else if index == 0 {
            self.init_vars(&objects, declared, &v.values, v.pos);
        }
    }

    /// Declares a type; local ones share this.
    pub fn type_decl(&mut self, obj: ObjId, decl: &'a ast::TypeDecl) {
        if decl.alias.is_some() {
            let outer = self.env.scope;
            if !decl.type_params.is_empty() {
                let scope = self.scope();
                let inner = self.store.new_scope(Some(scope));
                self.env.scope = Some(inner);
                let params = self.declare_type_params(&decl.type_params);
                self.store.object_mut(obj).alias_params = params;
            }
            let lazy = std::mem::replace(&mut self.env.lazy_types, !self.env.in_function);
            let ty = self.typ(&decl.ty);
            self.env.lazy_types = lazy;
            self.env.scope = outer;
            self.store.object_mut(obj).ty = ty;
            self.record(decl.name.id, Mode::TypeExpr, ty);
            return;
        }
        let known = self.store.object(obj).ty;
        let named = if known == Basic::Invalid.id() { self.store.new_named(obj) } else { known };
        self.store.object_mut(obj).ty = named;
        self.record(decl.name.id, Mode::TypeExpr, named);
        let outer = self.env.scope;
        if self.env.in_function {
            self.local_types += 1;
            let local = self.local_types;
            let params = self.env.type_params.clone();
            self.store.local_named.insert((self.pkg, local), named);
            if let Some(n) = self.store.as_named_mut(named) {
                n.local = local;
                n.outer = params.len() as u32;
                n.type_params = params;
            }
        }
        if !decl.type_params.is_empty() {
            let inner = self.type_header(obj, named, decl);
            self.env.scope = Some(inner);
        }
        let global = std::mem::replace(&mut self.env.type_decl, !self.env.in_function);
        let rhs = self.typ(&decl.ty);
        self.env.type_decl = global;
        self.complete(rhs);
        self.env.scope = outer;
        if self.store.is_type_param(rhs) {
            self.error(decl.ty.pos, "cannot use a type parameter as RHS in type declaration");
        }
        let under = self.store.under(rhs);
        if let Some(n) = self.store.as_named_mut(named) {
            n.underlying = Some(under);
        }
        if under == Basic::Invalid.id() && rhs != Basic::Invalid.id() {
            // The right side is itself unresolved: it may become known later.
            self.delayed.push(Box::new(move |c| {
                let under = c.store.under(rhs);
                if let Some(n) = c.store.as_named_mut(named) {
                    n.underlying = Some(under);
                }
            }));
        }
        if self.env.in_function {
            self.valid_type(named, decl.name.pos);
        } else {
            self.declared_types.push((named, decl.name.pos));
            self.collect_methods(obj, named);
        }
    }

    /// Declares a generic type's parameters, once; gives their scope. Their constraints may mention the type itself.
    fn type_header(&mut self, obj: ObjId, named: TypeId, decl: &'a ast::TypeDecl) -> ScopeId {
        if let Some(&known) = self.headers.get(&obj) {
            return known;
        }
        let outer = self.scope();
        let inner = self.store.new_scope(Some(outer));
        self.headers.insert(obj, inner);
        let saved = self.env.scope.replace(inner);
        let params = self.name_type_params(&decl.type_params);
        if let Some(n) = self.store.as_named_mut(named) {
            n.type_params = n.type_params.iter().chain(&params).copied().collect();
        }
        self.resolve_constraints(&decl.type_params, &params);
        self.env.scope = saved;
        inner
    }

    /// Makes a defined type of this package fit to be named: of a generic one the parameters must be known.
    pub fn name_type(&mut self, obj: ObjId) {
        let object = self.store.object(obj);
        if object.color != Color::White || object.pkg != Some(self.pkg) {
            return;
        }
        let (Some(at), ty) = (object.decl, object.ty) else { return };
        let file: &'a File = &self.files[at.file as usize];
        let Decl::Type(decl) = &file.decls[at.decl as usize] else { return };
        if decl.type_params.is_empty() {
            return;
        }
        let saved_env = std::mem::take(&mut self.env);
        let saved_file = std::mem::replace(&mut self.file, at.file as usize);
        self.type_header(obj, ty, decl);
        self.env = saved_env;
        self.file = saved_file;
    }

    /// Resolves a defined type that has only been named so far.
    pub fn complete(&mut self, ty: TypeId) {
        let origin = self.store.origin(ty);
        if let Some(named) = self.store.as_named(origin)
            && named.underlying.is_none()
        {
            let obj = named.obj;
            let object = self.store.object(obj);
            if object.color == Color::White && object.pkg == Some(self.pkg) {
                self.resolve(obj);
            }
        }
    }

    fn collect_methods(&mut self, obj: ObjId, named: TypeId) {
        let name = self.store.object(obj).name.clone();
        let Some(methods) = self.methods.remove(&name) else { return };
        let mut known: HashSet<Name> = HashSet::new();
        for &m in &methods {
            let object = self.store.object(m);
            let (mname, pos) = (object.name.clone(), object.pos);
            if mname != "_" && !known.insert(mname.clone()) {
                self.error(pos, format!("method {name}.{mname} already declared"));
            }
        }
        if let Some(n) = self.store.as_named_mut(named) {
            n.methods = methods.clone();
        }
        self.delayed.push(Box::new(move |c| {
            let Type::Struct(fields) = c.store.under_type(named) else { return };
            for &m in &methods {
                let object = c.store.object(m);
                let (mname, pos) = (object.name.clone(), object.pos);
                if fields.iter().any(|f| f.name == mname) && mname != "_" {
                    let tname = c.store.object(obj).name.clone();
                    c.error(pos, format!("field and method with the same name {mname}"));
                    let _ = tname;
                }
            }
        }));
    }

    /// A type that contains itself without indirection.
    fn valid_type(&mut self, ty: TypeId, pos: Pos) {
        let mut path = Vec::new();
        if self.contains_itself(ty, &mut path) {
            let name = self.show(ty);
            self.error(pos, format!("invalid recursive type {name}"));
            if let Some(n) = self.store.as_named_mut(ty) {
                n.underlying = Some(Basic::Invalid.id());
            }
        }
    }

    fn contains_itself(&mut self, ty: TypeId, path: &mut Vec<TypeId>) -> bool {
        match self.store.get(ty).clone() {
            Type::Named(at) => {
                let origin = self.store.origin(ty);
                if let Some(first) = path.iter().position(|&p| p == origin) {
                    // Only the first type's own check reports.
                    return first == 0;
                }
                if self.store.object(self.store.named[at as usize].obj).pkg != Some(self.pkg) {
                    return false;
                }
                path.push(origin);
                let under = self.store.under(ty);
                let found = self.contains_itself(under, path);
                path.pop();
                found
            }
            Type::Array { elem, .. } => self.contains_itself(elem, path),
            Type::Struct(fields) => fields.iter().any(|f| self.contains_itself(f.ty, path)),
            _ => false,
        }
    }

    /// Declares type parameters in the current scope, then resolves their constraints.
    pub fn declare_type_params(&mut self, fields: &'a [ast::Field]) -> Rc<[TypeId]> {
        let params = self.name_type_params(fields);
        self.resolve_constraints(fields, &params);
        params.into()
    }

    fn name_type_params(&mut self, fields: &'a [ast::Field]) -> Vec<TypeId> {
        let mut params = Vec::new();
        for (i, field) in fields.iter().enumerate() {
            let Some(name) = &field.name else { continue };
            let obj = self.store.new_object(
                ObjKind::TypeName { alias: false },
                name.name.clone(),
                Some(self.pkg),
                Basic::Invalid.id(),
                name.pos,
            );
            let any = self.store.any_type;
            let param = self.store.new_type_param(obj, i as u32, any);
            self.store.object_mut(obj).ty = param;
            self.declare(name, obj);
            params.push(param);
        }
        params
    }

    fn resolve_constraints(&mut self, fields: &'a [ast::Field], params: &[TypeId]) {
        let mut last: Option<(NodeId, TypeId)> = None;
        for (field, &param) in fields.iter().filter(|f| f.name.is_some()).zip(params) {
            let constraint = match last {
                Some((id, ty)) if id == field.ty.id => ty,
                _ => self.constraint(&field.ty),
            };
            last = Some((field.ty.id, constraint));
            self.store.set_constraint(param, constraint);
        }
    }

    fn func_decl(&mut self, obj: ObjId, decl: &'a ast::FuncDecl) {
        let saved = self.env.scope;
        let outer = self.scope();
        let scope = self.store.new_scope(Some(outer));
        self.env.scope = Some(scope);
        let mut type_params: Rc<[TypeId]> = Rc::from([]);
        let mut receiver = None;
        if let Some(field) = decl.receiver.as_ref().and_then(|r| r.first()) {
            let (ty, params) = self.receiver_type(&field.ty);
            type_params = params;
            self.store.object_mut(obj).receiver = Some(ty);
            receiver = Some((field, ty));
        }
        let mut own: Rc<[TypeId]> = Rc::from([]);
        if !decl.type_params.is_empty() {
            own = self.declare_type_params(&decl.type_params);
        }
        if receiver.is_none() {
            type_params = own.clone();
        } else if !own.is_empty() {
            type_params = type_params.iter().chain(own.iter()).copied().collect();
        }
        let (signature, result_names) = self.signature_type(&decl.ty, own.clone());
        if let Some((field, ty)) = receiver
            && let Some(name) = &field.name
        {
            let var = self.new_param(name, ty);
            self.declare(name, var);
        }
        self.store.object_mut(obj).ty = signature;
        self.record(decl.name.id, Mode::Value, signature);
        let Type::Signature(parts) = self.store.get(signature).clone() else { return };
        if decl.body.is_none() && !type_params.is_empty() {
            self.error(decl.name.pos, "generic function is missing function body");
        }
        if let Some(body) = &decl.body {
            let env = Environment {
                scope: Some(scope),
                iota: None,
                signature: Some(parts),
                result_names,
                declaring: Some(obj),
                type_params,
                in_function: true,
                has_label: false,
                lazy_types: false,
                type_decl: false,
            };
            let file = self.file;
            self.delayed.push(Box::new(move |c| {
                c.file = file;
                c.function_body(env, body);
            }));
        } else if !self.config.is_std && !self.has_linkname(&decl.name.name) && decl.receiver.is_none() {
            self.missing_body(decl);
        }
        self.env.scope = saved;
    }

    fn has_linkname(&self, name: &str) -> bool {
        self.files.iter().any(|f| {
            f.directives
                .iter()
                .any(|d| d.text.strip_prefix("go:linkname ").is_some_and(|r| r.split_whitespace().next() == Some(name)))
        })
    }

    fn missing_body(&mut self, decl: &ast::FuncDecl) {
        if self.config.go_minor > 0 {
            self.soft_error(decl.name.pos, "missing function body");
        }
    }

    /// A method's receiver: its type, and the type parameters of a generic base type, bound to the names written here.
    fn receiver_type(&mut self, e: &'a Expr) -> (TypeId, Rc<[TypeId]>) {
        let mut base = e;
        let mut pointer = false;
        loop {
            match &base.kind {
                ast::ExprKind::Paren(x) => base = x,
                ast::ExprKind::Star(x) if !pointer => {
                    pointer = true;
                    base = x;
                }
                _ => break,
            }
        }
        let ast::ExprKind::Index { x, indices, .. } = &base.kind else {
            let ty = self.typ(e);
            self.check_receiver(ty, e.pos);
            return (ty, Rc::from([]));
        };
        let generic = self.generic_type(x);
        let params = self.store.as_named(generic).map(|n| n.type_params.clone()).unwrap_or_default();
        if params.len() != indices.len() {
            if generic != Basic::Invalid.id() {
                let text = self.show(generic);
                self.error(
                    base.pos,
                    format!(
                        "receiver declares {} type parameters, but receiver base type declares {}",
                        indices.len(),
                        params.len()
                    ),
                );
                let _ = text;
            }
            return (Basic::Invalid.id(), Rc::from([]));
        }
        for (index, &param) in indices.iter().zip(params.iter()) {
            let ast::ExprKind::Name(name) = &index.kind else {
                self.error(index.pos, "receiver type parameter must be an identifier");
                continue;
            };
            let obj = self.store.new_object(
                ObjKind::TypeName { alias: false },
                name.clone(),
                Some(self.pkg),
                param,
                index.pos,
            );
            let ident = Ident { id: index.id, pos: index.pos, name: name.clone() };
            self.declare(&ident, obj);
            self.record(index.id, Mode::TypeExpr, param);
        }
        self.record(base.id, Mode::TypeExpr, generic);
        let ty = if pointer { self.store.pointer(generic) } else { generic };
        self.record(e.id, Mode::TypeExpr, ty);
        (ty, params)
    }

    fn check_receiver(&mut self, ty: TypeId, pos: Pos) {
        let (base, _) = self.store.deref(ty);
        if base == Basic::Invalid.id() {
            return;
        }
        match self.store.as_named(base) {
            Some(named) => {
                let pkg = self.store.object(named.obj).pkg;
                if pkg != Some(self.pkg) {
                    let text = self.show(base);
                    self.error(pos, format!("cannot define new methods on non-local type {text}"));
                    return;
                }
                let what = match self.store.under_type(base) {
                    Type::Pointer(_) => "pointer or interface type",
                    Type::Interface(_) => "pointer or interface type",
                    _ => return,
                };
                let text = self.show(base);
                self.error(pos, format!("invalid receiver type {text} ({what})"));
            }
            None => {
                let text = self.show(ty);
                match self.store.get(base) {
                    Type::Basic(_) => {
                        let base = self.show(base);
                        self.error(pos, format!("cannot define new methods on non-local type {base}"));
                    }
                    _ => self.error(pos, format!("invalid receiver type {text}")),
                }
            }
        }
    }

    pub fn new_param(&mut self, name: &Ident, ty: TypeId) -> ObjId {
        let kind = ObjKind::Var { is_field: false, is_param: true };
        let obj = self.store.new_object(kind, name.name.clone(), Some(self.pkg), ty, name.pos);
        self.store.object_mut(obj).used = true;
        obj
    }

    /// Checks a function's body in its environment.
    pub fn function_body(&mut self, env: Environment, body: &'a ast::Block) {
        let saved = std::mem::replace(&mut self.env, env);
        let first_local = self.locals.len();
        self.body_statements(body);
        let locals: Vec<ObjId> = self.locals.drain(first_local..).collect();
        for obj in locals {
            let object = self.store.object(obj);
            if !object.used && object.name != "_" {
                let (pos, name) = (object.pos, object.name.clone());
                self.soft_error(pos, format!("declared and not used: {name}"));
            }
        }
        self.env = saved;
    }

    /// Notes that the declaration being resolved depends on a package-level object.
    pub fn add_dependency(&mut self, obj: ObjId) {
        if let Some(from) = self.env.declaring {
            let list = self.deps.entry(from).or_default();
            if !list.contains(&obj) {
                list.push(obj);
            }
        }
    }
}

/// The `//go:linkname local target` lines of a package.
fn linknames(files: &[Arc<File>]) -> HashMap<String, String> {
    let mut out = HashMap::new();
    for directive in files.iter().flat_map(|f| &f.directives) {
        let text = &directive.text;
        let rest = text.strip_prefix("go:linkname ").or_else(|| text.strip_prefix("go:linknamestd "));
        let mut words = rest.unwrap_or("").split_whitespace();
        if let (Some(local), Some(target)) = (words.next(), words.next()) {
            out.insert(local.to_string(), target.to_string());
        }
    }
    out
}

/// The name of a receiver's base type.
fn receiver_base(e: &Expr) -> Option<Name> {
    match &e.kind {
        ast::ExprKind::Paren(x) | ast::ExprKind::Star(x) => receiver_base(x),
        ast::ExprKind::Index { x, .. } => receiver_base(x),
        ast::ExprKind::Name(name) => Some(name.clone()),
        _ => None,
    }
}
