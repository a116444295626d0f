//! What the files of a package declare: imports, package-level objects, methods by their receivers' base types.

use crate::check::{Checker, place};
use crate::codes::Code;
use crate::constant::Const;
use crate::hash::HashSet;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{self, Decl, Expr, ExprKind, File, Ident, Name};
use gorace_syntax::printer::expr_string;

impl<'a> Checker<'a> {
    /// The package's name, in all files the same.
    pub fn package_clauses(&mut self) {
        let name = self.store.package(self.pkg).name.clone();
        for (at, file) in self.files.iter().enumerate() {
            self.file = at;
            if file.package.name == "_" {
                if !file.package.pos.is_known() || file.pos == file.package.pos {
                    continue; // the parser has found no package clause
                }
                self.error(file.package.pos, Code::BlankPkgName, "invalid package name _");
            } else if file.package.name != name {
                let message = format!("package {}; expected package {name}", file.package.name);
                self.error(file.package.pos, Code::MismatchedPkgName, message);
            }
            if let Some((_, minor)) = file.go_version
                && minor > crate::CURRENT_MINOR
            {
                let message = format!("file requires newer Go version go1.{minor}");
                self.error(file.package.pos, Code::TooNew, message);
            }
        }
        self.file = 0;
    }

    pub fn collect(&mut self) {
        let pkg_scope = self.store.package(self.pkg).scope;
        let mut methods: Vec<(bool, Name, ObjId)> = Vec::new();
        for _ in self.files {
            let scope = self.store.new_scope(Some(pkg_scope));
            self.file_scopes.push(scope);
        }
        for f in 0..self.files.len() {
            self.file = f;
            let file: &'a File = &self.files[f];
            for (d, decl) in file.decls.iter().enumerate() {
                let at = |name: usize| DeclRef { file: f as u32, decl: d as u32, name: name as u32 };
                match decl {
                    Decl::Import(import) => self.import(import),
                    Decl::Const(c) => {
                        for (i, name) in c.names.iter().enumerate() {
                            self.package_object(ObjKind::Const(Const::Unknown), name, at(i));
                        }
                        let source = constant_source(&file.decls, d, c);
                        self.arity(c.pos, &c.names, &source.values, true, c.inherited.is_some());
                    }
                    Decl::Var(v) => {
                        for (i, name) in v.names.iter().enumerate() {
                            let kind = ObjKind::Var { is_field: false, is_param: false };
                            self.package_object(kind, name, at(i));
                        }
                        if v.ty.is_none() || !v.values.is_empty() {
                            self.arity(v.pos, &v.names, &v.values, false, false);
                        }
                    }
                    Decl::Type(t) => {
                        let kind = ObjKind::TypeName { alias: t.alias.is_some() };
                        let obj = self.package_object(kind, &t.name, at(0));
                        self.type_decls.insert(obj, (f, t));
                        if t.alias.is_none() {
                            let named = self.store.new_named(obj);
                            self.store.object_mut(obj).ty = named;
                        }
                    }
                    Decl::Func(func) => {
                        if let Some(method) = self.func_object(func, file, at(0)) {
                            methods.push(method);
                        }
                    }
                }
            }
        }
        self.clashes_with_imports(pkg_scope);
        for (pointer, base, obj) in methods {
            if let Some(base) = self.base_type_name(pointer, base) {
                self.methods.entry(base).or_default().push(obj);
            }
        }
    }

    /// Declares a function, or gives a method's receiver: whether it is a pointer, and the base type's name.
    fn func_object(&mut self, func: &'a ast::FuncDecl, file: &File, at: DeclRef) -> Option<(bool, Name, ObjId)> {
        let name = &func.name;
        let invalid = Basic::Invalid.id();
        let obj = self.store.new_object(ObjKind::Func, name.name.clone(), Some(self.pkg), invalid, name.pos);
        let object = self.store.object_mut(obj);
        object.decl = Some(at);
        object.color = Color::White;
        object.global = true;
        self.record_definition(name.id, obj);
        self.store.packages[self.pkg.index()].funcs.push(obj);
        self.package_objects.push(obj);
        let type_params = func.type_params.first().map(|f| f.pos);
        if let Some(receiver) = &func.receiver {
            if let Some(pos) = type_params {
                self.verify_version(pos, 27, "generic method");
            }
            let (pointer, base) = receiver_base(&receiver.first()?.ty);
            return match &base.kind {
                ExprKind::Name(base) if name.name != "_" => Some((pointer, base.clone(), obj)),
                _ => None,
            };
        }
        let is_main = name.name == "main" && file.package.name == "main";
        if name.name == "init" || is_main {
            let code = if is_main { Code::InvalidMainDecl } else { Code::InvalidInitDecl };
            if let Some(pos) = type_params {
                self.soft_error(pos, code, format!("func {} must have no type parameters", name.name));
            }
            if !func.ty.params.is_empty() || !func.ty.results.is_empty() {
                let message = format!("func {} must have no arguments and no return values", name.name);
                self.soft_error(name.pos, code, message);
            }
        } else if let Some(pos) = type_params {
            self.verify_version(pos, 18, "type parameter");
        }
        if name.name == "init" {
            if func.body.is_none() {
                self.soft_error(name.pos, Code::MissingInitBody, "func init must have a body");
            }
        } else if name.name != "_" {
            let scope = self.store.package(self.pkg).scope;
            self.insert(scope, name.name.clone(), obj, name.pos);
        }
        None
    }

    /// Names of imports must not be declared in the package too.
    fn clashes_with_imports(&mut self, pkg_scope: ScopeId) {
        for f in 0..self.files.len() {
            self.file = f;
            let mut names: Vec<(Name, ObjId)> =
                self.store.scopes[self.file_scopes[f].index()].names.iter().map(|(n, o)| (n.clone(), *o)).collect();
            names.sort();
            for (name, obj) in names {
                let Some(&other) = self.store.scopes[pkg_scope.index()].names.get(&name) else { continue };
                let pos = self.store.object(other).pos;
                let object = self.store.object(obj);
                let (what, more) = match object.kind {
                    ObjKind::Package(pkg) => {
                        let package = self.store.package(pkg);
                        let text = format!("import of package {} ({:?})", package.name, package.path);
                        (text, self.other_declaration(obj))
                    }
                    _ => {
                        let text = object.pkg.map_or(String::new(), |p| {
                            let package = self.store.package(p);
                            format!("dot-import of package {} ({:?})", package.name, package.path)
                        });
                        (text, self.other_declaration(obj))
                    }
                };
                self.error_with(pos, Code::DuplicateDecl, format!("{name} already declared through {what}"), &more);
            }
        }
    }

    /// The defined type of this package that a receiver's base name stands for, through aliases that are not generic.
    fn base_type_name(&self, mut pointer: bool, mut name: Name) -> Option<ObjId> {
        let scope = self.store.package(self.pkg).scope;
        let mut seen = HashSet::default();
        loop {
            let obj = *self.store.scopes[scope.index()].names.get(&name)?;
            if !seen.insert(obj) {
                return None;
            }
            let (_, decl) = self.type_decls.get(&obj)?;
            if decl.alias.is_none() {
                return Some(obj);
            }
            if !decl.type_params.is_empty() {
                return None;
            }
            let mut ty = crate::assignments::unparen(&decl.ty);
            if let ExprKind::Star(x) = &ty.kind {
                if pointer {
                    return None;
                }
                pointer = true;
                ty = crate::assignments::unparen(x);
            }
            match &ty.kind {
                ExprKind::Name(next) => name = next.clone(),
                _ => return None,
            }
        }
    }

    fn package_object(&mut self, kind: ObjKind, name: &Ident, decl: DeclRef) -> ObjId {
        let obj = self.store.new_object(kind, name.name.clone(), Some(self.pkg), Basic::Invalid.id(), name.pos);
        let object = self.store.object_mut(obj);
        object.decl = Some(decl);
        object.color = Color::White;
        object.global = true;
        self.record_definition(name.id, obj);
        if name.name == "init" {
            self.error(name.pos, Code::InvalidInitDecl, "cannot declare init - must be func");
            return obj;
        }
        if name.name == "main" && self.store.package(self.pkg).name == "main" {
            self.error(name.pos, Code::InvalidMainDecl, "cannot declare main - must be func");
            return obj;
        }
        self.package_objects.push(obj);
        if name.name != "_" {
            let scope = self.store.package(self.pkg).scope;
            self.insert(scope, name.name.clone(), obj, name.pos);
        }
        obj
    }

    /// Reports names without values and values without names. `inherited`: the values are those of another constant
    /// declaration.
    pub fn arity(&mut self, pos: Pos, names: &[Ident], values: &[Expr], constants: bool, inherited: bool) {
        let code = Code::WrongAssignCount;
        if let Some(extra) = values.get(names.len()) {
            if inherited {
                self.error(pos, code, format!("extra init expr at {}", place(extra.pos)));
            } else {
                self.error(extra.pos, code, format!("extra init expr {}", expr_string(extra)));
            }
        } else if let Some(name) = names.get(values.len())
            && (constants || values.len() != 1)
        {
            self.error(name.pos, code, format!("missing init expr for {}", name.name));
        }
    }

    fn import(&mut self, import: &'a ast::ImportDecl) {
        if import.path.bad {
            return;
        }
        let Some(Const::String(path)) = Const::literal(import.path.kind, &import.path.text) else { return };
        let path = String::from_utf8_lossy(&path).to_string();
        if let Some(why) = invalid_import_path(&path) {
            self.error(import.path.pos, Code::BadImportPath, format!("invalid import path ({why})"));
            return;
        }
        let pkg = self.imported(&path, import.path.pos);
        let default = self.store.package(pkg).name.clone();
        let name = import.name.as_ref().map_or(default, |n| n.name.clone());
        if let Some(local) = &import.name
            && path == "C"
        {
            self.error(local.pos, Code::ImportCRenamed, "cannot rename import \"C\"");
            return;
        }
        if name == "init" {
            self.error(import.pos, Code::InvalidInitDecl, "cannot import package as init - init must be a func");
            return;
        }
        let fake = self.fake_packages.contains_key(&pkg);
        if !fake && !self.store.package(self.pkg).imports.contains(&pkg) {
            self.store.packages[self.pkg.index()].imports.push(pkg);
        }
        let kind = ObjKind::Package(pkg);
        let obj = self.store.new_object(kind, name.clone(), Some(self.pkg), Basic::Invalid.id(), import.pos);
        self.store.object_mut(obj).used = fake;
        if let Some(ident) = &import.name {
            self.record_definition(ident.id, obj);
        }
        self.package_names.push(obj);
        let file_scope = self.file_scopes[self.file];
        if name != "." {
            if name != "_" {
                self.insert(file_scope, name, obj, import.pos);
            }
            return;
        }
        let scope = self.store.package(pkg).scope;
        let mut names: Vec<(Name, ObjId)> =
            self.store.scopes[scope.index()].names.iter().map(|(n, o)| (n.clone(), *o)).collect();
        names.sort();
        for (n, o) in names {
            if !is_exported(&n) {
                continue;
            }
            let pos = import.name.as_ref().map_or(import.pos, |n| n.pos);
            if self.insert(file_scope, n.clone(), o, pos) {
                self.dot_imports[self.file].insert(n, (o, obj));
            }
        }
    }

    /// The package that an import names; a stand-in from which anything can be selected when there is none.
    fn imported(&mut self, path: &str, pos: Pos) -> PkgId {
        let found = if path == "unsafe" { Some(self.store.unsafe_pkg) } else { (self.imports)(path) };
        if let Some(found) = found {
            return found;
        }
        if path != "C" || !self.config.fake_import_c {
            self.error(pos, Code::BrokenImport, format!("could not import {path} (package not found)"));
        }
        let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
        let scope = self.store.new_scope(Some(self.store.universe));
        let pkg = self.store.new_package(Package {
            path: path.to_string(),
            name: name.into(),
            scope,
            go_minor: self.config.go_minor,
            ..Package::default()
        });
        self.fake_packages.insert(pkg, ());
        pkg
    }

    pub fn unused_imports(&mut self) {
        for obj in self.package_names.clone() {
            let object = self.store.object(obj);
            if object.used || object.name == "_" {
                continue;
            }
            let ObjKind::Package(pkg) = object.kind else { continue };
            let (pos, name) = (object.pos, object.name.clone());
            let path = self.store.package(pkg).path.clone();
            let last = path.rsplit('/').next().unwrap_or(&path);
            let message = if name == "." || last == name.as_str() {
                format!("{path:?} imported and not used")
            } else {
                format!("{path:?} imported as {name} and not used")
            };
            self.soft_error(pos, Code::UnusedImport, message);
        }
    }
}

/// The spec whose type and values a constant spec takes: its own, or those of one before it in the group.
pub(crate) fn constant_source<'a>(decls: &'a [Decl], at: usize, own: &'a ast::ConstDecl) -> &'a ast::ConstDecl {
    match own.inherited.and_then(|back| decls.get(at.checked_sub(back as usize)?)) {
        Some(Decl::Const(source)) => source,
        _ => own,
    }
}

/// A receiver type's base: through parentheses and a pointer, without type parameters; whether it is a pointer.
pub(crate) fn receiver_base(e: &Expr) -> (bool, &Expr) {
    let mut base = crate::assignments::unparen(e);
    let mut pointer = false;
    if let ExprKind::Star(x) = &base.kind {
        pointer = true;
        base = crate::assignments::unparen(x);
    }
    if let ExprKind::Index { x, .. } = &base.kind {
        base = x;
    }
    (pointer, base)
}

fn invalid_import_path(path: &str) -> Option<String> {
    if path.is_empty() {
        return Some("empty string".to_string());
    }
    let bad = path
        .chars()
        .find(|&c| c.is_control() || c.is_whitespace() || "!\"#$%&'()*,:;<=>?[\\]^{|}`\u{fffd}".contains(c))?;
    let shown = if bad.is_control() { String::new() } else { format!(" '{bad}'") };
    Some(format!("invalid character U+{:04X}{shown}", bad as u32))
}
