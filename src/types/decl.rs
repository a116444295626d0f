//! Declarations, resolved on demand (Go spec, "Declarations and scope").
//!
//! A declaration is white, grey while it is being resolved, then black. Meeting a grey one is a cycle, which `cycles`
//! judges: fine through a defined type, an error among aliases, or through the value of a constant or variable.

use crate::check::{Checker, Environment, place};
use crate::codes::Code;
use crate::hash::HashMap;
use crate::resolver::constant_source;
use crate::spelling::Source;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{self, ConstDecl, Decl, File, Name, NodeId, VarDecl};
use std::rc::Rc;

impl<'a> Checker<'a> {
    /// Resolves a package-level (or method) object's declaration.
    pub fn resolve(&mut self, obj: ObjId) {
        if self.resolving.contains(&obj) {
            let valid = self.valid_cycle(obj);
            let object = self.store.object(obj);
            match object.kind {
                ObjKind::Const(_) | ObjKind::Var { .. } | ObjKind::TypeName { .. } if !valid => {
                    self.store.object_mut(obj).ty = Basic::Invalid.id();
                }
                _ => {}
            }
            return;
        }
        let object = self.store.object(obj);
        if object.color != Color::White {
            return;
        }
        let Some(decl) = object.decl else { return };
        self.store.object_mut(obj).color = Color::Grey;
        self.resolving.push(obj);
        let saved_env = std::mem::take(&mut self.env);
        let saved_file = std::mem::replace(&mut self.file, decl.file as usize);
        let file: &'a File = &self.files[self.file];
        match &file.decls[decl.decl as usize] {
            Decl::Const(c) => {
                self.env.declaring = Some(obj);
                let source = constant_source(&file.decls, decl.decl as usize, c);
                self.constant_spec(obj, c, source, decl.name as usize);
            }
            Decl::Var(v) => {
                self.env.declaring = Some(obj);
                self.package_var(obj, decl, v);
            }
            Decl::Type(t) => {
                let order = self.began.len();
                self.began.insert(obj, order);
                self.type_decl(obj, t);
                self.collect_methods(obj);
            }
            Decl::Func(f) => self.func_decl(obj, f),
            Decl::Import(_) => {}
        }
        self.env = saved_env;
        self.file = saved_file;
        self.resolving.pop();
        self.store.object_mut(obj).color = Color::Black;
    }

    pub fn resolve_if_global(&mut self, obj: ObjId) {
        let object = self.store.object(obj);
        if object.color != Color::Black && object.pkg == Some(self.pkg) {
            self.resolve(obj);
        }
    }

    /// One name of a constant spec, type and value taken from `source`.
    fn constant_spec(&mut self, obj: ObjId, own: &'a ConstDecl, source: &'a ConstDecl, index: usize) {
        let saved = (self.env.iota.replace(own.iota), self.env.error_pos.take());
        self.constant_value(obj, own, source, index);
        (self.env.iota, self.env.error_pos) = saved;
    }

    fn constant_value(&mut self, obj: ObjId, own: &'a ConstDecl, source: &'a ConstDecl, index: usize) {
        let mut declared = None;
        if let Some(written) = &source.ty {
            let t = self.typ(written);
            if self.store.is_type_param(t) || !self.store.all_basic(t, Basic::is_const) {
                let under = self.store.under(t);
                if self.store.is_valid_type(under) {
                    let text = self.show_written(written, t);
                    self.error(written.pos, Code::InvalidConstType, format!("invalid constant type {text}"));
                }
                self.store.object_mut(obj).ty = Basic::Invalid.id();
                return;
            }
            declared = Some(t);
            self.sources.insert(obj, Source::Written(self.file, written));
        }
        let Some(e) = source.values.get(index) else {
            self.store.object_mut(obj).ty = declared.unwrap_or(Basic::Invalid.id());
            return;
        };
        if own.inherited.is_some() {
            self.env.error_pos = Some(self.store.object(obj).pos);
        }
        if declared.is_none() {
            self.sources.insert(obj, Source::Value(self.file, e));
        }
        let mut x = self.expr(e, None);
        self.init_const(obj, declared, &mut x);
    }

    fn package_var(&mut self, obj: ObjId, decl: DeclRef, v: &'a VarDecl) {
        let objects: Vec<ObjId> = v.names.iter().map(|n| self.info[self.file].objects[&n.id]).collect();
        let index = decl.name as usize;
        if v.values.len() == 1 && objects.len() > 1 {
            for &other in &objects {
                self.store.object_mut(other).color = Color::Grey;
            }
            self.var_value(obj, &objects, v, v.values.first(), true);
            let deps = self.deps.get(&obj).cloned().unwrap_or_default();
            for &other in &objects {
                self.store.object_mut(other).color = Color::Black;
                self.deps.insert(other, deps.clone());
            }
        } else {
            self.var_value(obj, &objects, v, v.values.get(index), false);
        }
    }

    /// A variable's type and value; `spread`: all the declaration's variables get theirs from one expression.
    fn var_value(&mut self, obj: ObjId, objects: &[ObjId], v: &'a VarDecl, value: Option<&'a ast::Expr>, spread: bool) {
        let declared = v.ty.as_ref().map(|t| match self.info[self.file].types[t.id.index()] {
            // The type is checked once for all names that share it.
            known if known.mode == Mode::TypeExpr && known.ty != Basic::Invalid.id() => known.ty,
            _ => self.var_type(t),
        });
        if let Some(ty) = declared {
            self.store.object_mut(obj).ty = ty;
        }
        for (i, &other) in objects.iter().enumerate().filter(|&(_, &o)| spread || o == obj) {
            let source = match (&v.ty, value) {
                (Some(ty), _) => Source::Written(self.file, ty),
                (None, Some(value)) if spread => Source::Result(self.file, value, i),
                (None, Some(value)) => Source::Value(self.file, value),
                (None, None) => continue,
            };
            self.sources.insert(other, source);
        }
        let Some(value) = value else {
            return;
        };
        if spread {
            if let Some(ty) = declared {
                for &other in objects {
                    self.store.object_mut(other).ty = ty;
                }
            }
            self.init_vars(objects, declared, std::slice::from_ref(value), v.pos);
            return;
        }
        let target = self.target(declared, obj);
        let mut x = self.expr_for(value, target);
        self.init_var(obj, declared, &mut x, "variable declaration");
    }

    /// Declares a type; local ones share this.
    pub fn type_decl(&mut self, obj: ObjId, decl: &'a ast::TypeDecl) {
        let outer = self.env.scope;
        if decl.alias.is_some() {
            self.alias_decl(obj, decl);
            self.env.scope = outer;
            return;
        }
        if let Some(first) = decl.type_params.first() {
            self.verify_version(first.pos, 18, "type parameter");
        }
        let known = self.store.object(obj).ty;
        let named =
            if known == Basic::Invalid.id() && self.env.in_function { self.store.new_named(obj) } else { known };
        if named == Basic::Invalid.id() {
            // It is itself; reported as such.
            self.typ(&decl.ty);
            return;
        }
        self.store.object_mut(obj).ty = named;
        self.record(decl.name.id, Mode::TypeExpr, named);
        self.later(move |c| {
            if c.store.object(obj).ty == named {
                c.valid_type(named);
            }
        });
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
        let mut rhs = self.typ(&decl.ty);
        self.env.type_decl = global;
        self.complete(rhs);
        self.env.scope = outer;
        if self.store.is_type_param(rhs) {
            let message = "cannot use a type parameter as RHS in type declaration";
            self.error(decl.ty.pos, Code::MisplacedTypeParam, message);
            rhs = Basic::Invalid.id();
        }
        self.right_sides.insert(named, rhs);
        let under = self.store.under(rhs);
        if let Some(n) = self.store.as_named_mut(named) {
            n.underlying = Some(under);
        }
        if under == Basic::Invalid.id() && rhs != Basic::Invalid.id() {
            // The right side is itself unresolved: it may become known later.
            self.later(move |c| {
                let under = c.store.under(rhs);
                if let Some(n) = c.store.as_named_mut(named)
                    && n.underlying == Some(Basic::Invalid.id())
                {
                    n.underlying = Some(under);
                }
            });
        }
    }

    fn alias_decl(&mut self, obj: ObjId, decl: &'a ast::TypeDecl) {
        let generic = decl.type_params.first().map(|f| f.pos);
        if generic.is_none_or(|pos| self.verify_version(pos, 23, "generic type alias")) {
            self.verify_version(decl.pos, 9, "type alias");
        }
        if generic.is_some() {
            let scope = self.scope();
            self.env.scope = Some(self.store.new_scope(Some(scope)));
            let params = self.declare_type_params(&decl.type_params);
            self.store.object_mut(obj).alias_params = params;
        }
        let lazy = std::mem::replace(&mut self.env.lazy_types, !self.env.in_function);
        let mut ty = self.typ(&decl.ty);
        self.env.lazy_types = lazy;
        if self.store.object(obj).alias_params.contains(&ty) {
            let message = "cannot use type parameter declared in alias declaration as RHS";
            self.error(decl.ty.pos, Code::MisplacedTypeParam, message);
            ty = Basic::Invalid.id();
        }
        if self.broken.contains(&obj) {
            ty = Basic::Invalid.id();
        }
        self.store.object_mut(obj).ty = ty;
        self.record(decl.name.id, Mode::TypeExpr, ty);
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
        if decl.type_params.is_empty() || ty == Basic::Invalid.id() {
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

    fn collect_methods(&mut self, obj: ObjId) {
        let named = self.store.object(obj).ty;
        let Some(methods) = self.methods.remove(&obj) else { return };
        let mut known: HashMap<Name, Pos> = HashMap::default();
        let mut own = Vec::new();
        for m in methods {
            let object = self.store.object(m);
            let (name, pos) = (object.name.clone(), object.pos);
            if let Some(&other) = known.get(&name) {
                let base = &self.store.object(obj).name;
                let message = format!("method {base}.{name} already declared at {}", place(other));
                self.error(pos, Code::DuplicateMethod, message);
                continue;
            }
            known.insert(name, pos);
            own.push(m);
        }
        if let Some(n) = self.store.as_named_mut(named) {
            n.methods = own;
        }
        self.later(move |c| {
            let Type::Struct(fields) = c.store.under_type(named) else { return };
            for field in fields.iter().filter(|f| f.name != "_") {
                let Some(method) = c.store.declared_method(named, &field.name, Some(c.pkg)) else { continue };
                let pos = c.store.object(method).pos;
                let message = format!("field and method with the same name {}", field.name);
                let more = c.field_pos(obj, &field.name).map(|at| (at, format!("other declaration of {}", field.name)));
                c.error_with(pos, Code::DuplicateFieldAndMethod, message, more.as_slice());
            }
        });
    }

    /// Where a struct type's declaration has a field.
    fn field_pos(&self, obj: ObjId, name: &str) -> Option<Pos> {
        let (_, decl) = self.type_decls.get(&obj)?;
        let ast::ExprKind::StructType(s) = &decl.ty.kind else { return None };
        s.fields.iter().find_map(|f| match &f.name {
            Some(ident) => (ident.name == name).then_some(ident.pos),
            None => {
                let ident = crate::struct_type::embedded_ident(&f.ty)?;
                (ident.1 == name).then_some(ident.0)
            }
        })
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
            let kind = ObjKind::TypeName { alias: false };
            let invalid = Basic::Invalid.id();
            let obj = self.store.new_object(kind, name.name.clone(), Some(self.pkg), invalid, name.pos);
            let param = self.store.new_type_param(obj, i as u32, invalid);
            self.store.object_mut(obj).ty = param;
            self.declare(name, obj);
            params.push(param);
        }
        params
    }

    fn resolve_constraints(&mut self, fields: &'a [ast::Field], params: &[TypeId]) {
        let saved = std::mem::replace(&mut self.env.in_type_params, true);
        let mut last: Option<(NodeId, TypeId)> = None;
        for (field, &param) in fields.iter().filter(|f| f.name.is_some()).zip(params) {
            let constraint = match last {
                Some((id, ty)) if id == field.ty.id => ty,
                _ => {
                    let bound = self.constraint(&field.ty);
                    if self.store.is_type_param(bound) {
                        let message = "cannot use a type parameter as constraint";
                        self.error(field.ty.pos, Code::MisplacedTypeParam, message);
                        Basic::Invalid.id()
                    } else {
                        bound
                    }
                }
            };
            last = Some((field.ty.id, constraint));
            self.store.set_constraint(param, constraint);
            self.constraints.insert(param, (self.file, &field.ty));
        }
        self.env.in_type_params = saved;
    }

    fn func_decl(&mut self, obj: ObjId, decl: &'a ast::FuncDecl) {
        let saved = self.env.scope;
        let outer = self.scope();
        let scope = self.store.new_scope(Some(outer));
        self.env.scope = Some(scope);
        let receiver_field = decl.receiver.as_ref().and_then(|r| r.first());
        let mut receiver = None;
        let mut type_params: Rc<[TypeId]> = Rc::from([]);
        let mut names: crate::check::ReceiverNames = Rc::from([]);
        if let Some(field) = receiver_field {
            let (ty, params, named) = self.receiver_type(&field.ty);
            type_params = params;
            names = named;
            self.store.object_mut(obj).receiver = Some(ty);
            receiver = Some((field, ty));
        }
        let hidden = self.name_receiver_params(&names);
        let mut own: Rc<[TypeId]> = Rc::from([]);
        if !decl.type_params.is_empty() {
            own = self.declare_type_params(&decl.type_params);
        }
        type_params = type_params.iter().chain(own.iter()).copied().collect();
        let (params, signature, result_names) = self.signature_parts(&decl.ty, own);
        if let Some((field, ty)) = receiver
            && let Some(name) = &field.name
        {
            let var = self.new_param(name, ty);
            self.variable_kinds.insert(var, "receiver");
            self.sources.insert(var, Source::Written(self.file, &field.ty));
            self.declare(name, var);
        }
        for (name, obj) in params {
            self.declare(name, obj);
        }
        self.name_receiver_params(&hidden);
        self.store.object_mut(obj).ty = signature;
        self.record(decl.name.id, Mode::Value, signature);
        let Type::Signature(parts) = self.store.get(signature).clone() else { return };
        if decl.body.is_none() && !decl.type_params.is_empty() {
            self.soft_error(decl.pos, Code::BadDecl, "generic function is missing function body");
        }
        if let Some(body) = &decl.body {
            let env = Environment {
                scope: Some(scope),
                signature: Some(parts),
                result_names,
                declaring: Some(obj),
                type_params,
                in_function: true,
                ..Environment::default()
            };
            self.later(move |c| {
                let hidden = c.name_receiver_params(&names);
                c.function_body(env, &decl.ty, body);
                c.name_receiver_params(&hidden);
            });
        }
        self.env.scope = saved;
    }

    /// Lets type parameters print under a receiver's names for them; gives the names they had.
    fn name_receiver_params(&mut self, names: &[(TypeId, ObjId)]) -> crate::check::ReceiverNames {
        let mut before = Vec::new();
        for &(param, obj) in names {
            if let Type::TypeParam(at) = *self.store.get(param) {
                before.push((param, std::mem::replace(&mut self.store.type_params[at as usize].obj, obj)));
            }
        }
        before.into()
    }

    /// Checks a function's body in its environment.
    pub fn function_body(&mut self, env: Environment, ty: &'a ast::FuncType, body: &'a ast::Block) {
        let saved = std::mem::replace(&mut self.env, env);
        let around = self.around.replace((self.file, ty));
        let first_local = self.locals.len();
        self.body_statements(body);
        let locals: Vec<ObjId> = self.locals.drain(first_local..).collect();
        for obj in locals {
            let object = self.store.object(obj);
            if !object.used && object.name != "_" {
                let (pos, name) = (object.pos, object.name.clone());
                self.soft_error(pos, Code::UnusedVar, format!("declared and not used: {name}"));
            }
        }
        self.env = saved;
        self.around = around;
    }

    /// Declarations inside a function.
    pub fn decl_stmt(&mut self, decls: &'a [Decl]) {
        for (at, decl) in decls.iter().enumerate() {
            match decl {
                Decl::Const(own) => self.local_const(own, constant_source(decls, at, own)),
                Decl::Var(v) => self.local_var(v),
                Decl::Type(t) => {
                    let kind = ObjKind::TypeName { alias: t.alias.is_some() };
                    let invalid = Basic::Invalid.id();
                    let obj = self.store.new_object(kind, t.name.name.clone(), Some(self.pkg), invalid, t.name.pos);
                    self.type_decls.insert(obj, (self.file, t));
                    self.declare(&t.name, obj);
                    self.store.object_mut(obj).color = Color::Grey;
                    self.resolving.push(obj);
                    self.type_decl(obj, t);
                    self.resolving.pop();
                    self.store.object_mut(obj).color = Color::Black;
                }
                // The parser has reported these.
                Decl::Import(_) | Decl::Func(_) => {}
            }
        }
    }

    fn local_const(&mut self, own: &'a ConstDecl, source: &'a ConstDecl) {
        let top = self.delayed.len();
        let mut objects = Vec::new();
        for (i, name) in own.names.iter().enumerate() {
            let kind = ObjKind::Const(crate::constant::Const::Unknown);
            let obj = self.store.new_object(kind, name.name.clone(), Some(self.pkg), Basic::Invalid.id(), name.pos);
            self.constant_spec(obj, own, source, i);
            objects.push(obj);
        }
        self.arity(own.pos, &own.names, &source.values, true, own.inherited.is_some());
        self.process_delayed(top);
        for (name, obj) in own.names.iter().zip(objects) {
            self.declare(name, obj);
        }
    }

    fn local_var(&mut self, v: &'a VarDecl) {
        let top = self.delayed.len();
        let invalid = Basic::Invalid.id();
        let objects: Vec<ObjId> = v.names.iter().map(|n| self.new_local(&n.name, n.pos, invalid)).collect();
        if v.values.len() == 1 && objects.len() > 1 {
            self.var_value(objects[0], &objects, v, v.values.first(), true);
        } else {
            for (i, &obj) in objects.iter().enumerate() {
                self.var_value(obj, &objects, v, v.values.get(i), false);
            }
        }
        if v.ty.is_none() || !v.values.is_empty() {
            self.arity(v.pos, &v.names, &v.values, false, false);
        }
        self.process_delayed(top);
        for (name, &obj) in v.names.iter().zip(&objects) {
            let ty = self.store.object(obj).ty;
            self.record(name.id, Mode::Variable, ty);
            self.declare(name, obj);
        }
    }
}
