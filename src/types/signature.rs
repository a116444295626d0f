//! Function types and receivers (Go spec, "Function types", "Method declarations").

use crate::check::{Checker, ReceiverNames};
use crate::codes::Code;
use crate::resolver::receiver_base;
use crate::spelling::Source;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{self, Expr, ExprKind, Ident};
use std::rc::Rc;

/// Parameters and results with the names they are declared under.
pub(crate) type Declared<'a> = Vec<(&'a Ident, ObjId)>;

impl<'a> Checker<'a> {
    /// A signature; its parameters are declared in the current scope. Also gives the results' variables.
    pub fn signature_type(
        &mut self,
        ty: &'a ast::FuncType,
        type_params: Rc<[TypeId]>,
    ) -> (TypeId, Rc<[Option<ObjId>]>) {
        let (declared, signature, names) = self.signature_parts(ty, type_params);
        for (name, obj) in declared {
            self.declare(name, obj);
        }
        (signature, names)
    }

    /// A signature, the parameters and results to declare once all types are read, and the results' variables.
    ///
    /// Parameters come into scope with the body: their names hide nothing from the types written beside them.
    pub fn signature_parts(
        &mut self,
        ty: &'a ast::FuncType,
        type_params: Rc<[TypeId]>,
    ) -> (Declared<'a>, TypeId, Rc<[Option<ObjId>]>) {
        let mut variadic = false;
        let mut params = Vec::new();
        let mut declared = Vec::new();
        let mut last: Option<(ast::NodeId, TypeId)> = None;
        for (i, field) in ty.params.iter().enumerate() {
            let t = match last {
                Some((id, t)) if id == field.ty.id => t,
                _ => {
                    // The parser has reported it anywhere else.
                    variadic |= matches!(field.ty.kind, ExprKind::Ellipsis(_)) && i + 1 == ty.params.len();
                    self.var_type(&field.ty)
                }
            };
            last = Some((field.ty.id, t));
            params.push(t);
            if let Some(name) = &field.name {
                let obj = self.new_param(name, t);
                let source = match &field.ty.kind {
                    ExprKind::Ellipsis(Some(elem)) => Source::Variadic(self.file, elem),
                    _ => Source::Written(self.file, &field.ty),
                };
                self.sources.insert(obj, source);
                declared.push((name, obj));
            }
        }
        let mut results = Vec::new();
        let mut names = Vec::new();
        last = None;
        for field in &ty.results {
            let t = match last {
                Some((id, t)) if id == field.ty.id => t,
                _ => self.var_type(&field.ty),
            };
            last = Some((field.ty.id, t));
            results.push(t);
            names.push(field.name.as_ref().map(|name| {
                let obj = self.new_param(name, t);
                self.variable_kinds.insert(obj, "result variable");
                self.sources.insert(obj, Source::Written(self.file, &field.ty));
                declared.push((name, obj));
                obj
            }));
        }
        let signature = Signature { params: params.into(), results: results.into(), variadic, type_params };
        (declared, self.store.intern(Type::Signature(Rc::new(signature))), names.into())
    }

    pub fn new_param(&mut self, name: &Ident, ty: TypeId) -> ObjId {
        let kind = ObjKind::Var { is_field: false, is_param: true };
        let obj = self.store.new_object(kind, name.name.clone(), Some(self.pkg), ty, name.pos);
        self.store.object_mut(obj).used = true;
        obj
    }

    /// A method's receiver: its type, the type parameters of a generic base type, and their names here.
    pub fn receiver_type(&mut self, e: &'a Expr) -> (TypeId, Rc<[TypeId]>, ReceiverNames) {
        let invalid = Basic::Invalid.id();
        let (_, base) = receiver_base(e);
        let base_pos = base.pos;
        let outer = crate::assignments::unparen(e);
        let (pointer, written) = match &outer.kind {
            ExprKind::Star(x) => (true, crate::assignments::unparen(x)),
            _ => (false, outer),
        };
        let ExprKind::Index { x, indices, .. } = &written.kind else {
            let mut ty = self.var_type(e);
            if self.is_instantiated_alias(e) {
                let target = self.store.deref(ty).0;
                let text = self.show_receiver_base(written, target);
                let message = format!("cannot define new methods on instantiated type {text}");
                self.error(base_pos, Code::InvalidRecv, message);
                ty = invalid;
            }
            self.later(move |c| c.valid_receiver(ty, base_pos));
            return (ty, Rc::from([]), Rc::from([]));
        };
        let generic = self.generic_type(x);
        let obj = self.type_object(x);
        let alias = obj.is_some_and(|o| matches!(self.store.object(o).kind, ObjKind::TypeName { alias: true }));
        let is_named = self.store.as_named(generic).is_some_and(Named::is_generic);
        let mut params: Rc<[TypeId]> = Rc::from([]);
        let mut ty = invalid;
        if generic != invalid {
            if alias && obj.is_some_and(|o| !self.store.object(o).alias_params.is_empty()) {
                let text = self.show_alias(obj.unwrap_or(ObjId(0)));
                let message = format!("cannot define new methods on generic alias type {text}");
                self.error(base_pos, Code::InvalidRecv, message);
            } else if !is_named {
                let text = self.show(generic);
                self.error(base_pos, Code::InvalidRecv, format!("{text} is not a generic type"));
            } else {
                params = self.store.as_named(generic).map(|n| n.type_params.clone()).unwrap_or_default();
                ty = generic;
            }
        }
        let matches = params.len() == indices.len();
        if ty != invalid && !matches {
            let got = crate::assignments::measure(indices.len(), "type parameter");
            let message = format!("receiver declares {got}, but receiver base type declares {}", params.len());
            self.error(base_pos, Code::BadRecv, message);
        }
        if ty != invalid {
            self.verify_version(base_pos, 18, "type instantiation");
        }
        let mut names = Vec::new();
        for (i, index) in indices.iter().enumerate() {
            let name = match &index.kind {
                ExprKind::Name(name) => name.clone(),
                ExprKind::Bad => continue,
                _ => {
                    let text = gorace_syntax::printer::expr_string(index);
                    let message = format!("receiver type parameter {text} must be an identifier");
                    self.error(index.pos, Code::BadDecl, message);
                    continue;
                }
            };
            let kind = ObjKind::TypeName { alias: false };
            let obj = self.store.new_object(kind, name.clone(), Some(self.pkg), invalid, index.pos);
            let param = match params.get(i).filter(|_| matches) {
                Some(&param) => {
                    names.push((param, obj));
                    param
                }
                None => {
                    let any = self.store.any_type;
                    self.store.new_type_param(obj, i as u32, any)
                }
            };
            self.store.object_mut(obj).ty = param;
            self.declare(&Ident { id: index.id, pos: index.pos, name }, obj);
            self.record(index.id, Mode::TypeExpr, param);
        }
        if !matches {
            ty = invalid;
            params = Rc::from([]);
        }
        self.record(written.id, Mode::TypeExpr, ty);
        if pointer && ty != invalid {
            ty = self.store.pointer(ty);
        }
        self.record(e.id, Mode::TypeExpr, ty);
        self.later(move |c| c.valid_receiver(ty, base_pos));
        (ty, params, names.into())
    }

    /// The object that a type's name refers to.
    pub fn type_object(&self, e: &Expr) -> Option<ObjId> {
        let e = crate::assignments::unparen(e);
        match &e.kind {
            ExprKind::Name(_) => self.info[self.file].objects.get(&e.id).copied(),
            ExprKind::Selector { sel, .. } => self.info[self.file].objects.get(&sel.id).copied(),
            _ => None,
        }
    }

    /// Whether a receiver's type is an alias that stands, perhaps through others, for an instance of a generic type.
    fn is_instantiated_alias(&self, e: &Expr) -> bool {
        let (_, mut base) = receiver_base(e);
        let mut file = self.file;
        for _ in 0..100 {
            let e = crate::assignments::unparen(base);
            match &e.kind {
                ExprKind::Index { .. } => return true,
                ExprKind::Star(x) => {
                    base = x;
                    continue;
                }
                ExprKind::Name(_) => {}
                _ => return false,
            }
            let Some(obj) = self.info[file].objects.get(&e.id) else { return false };
            let Some(&(at, decl)) = self.type_decls.get(obj) else { return false };
            if decl.alias.is_none() {
                return false;
            }
            (file, base) = (at, &decl.ty);
        }
        false
    }

    fn valid_receiver(&mut self, ty: TypeId, pos: Pos) {
        let (base, _) = self.store.deref(ty);
        if base == Basic::Invalid.id() {
            return;
        }
        let text = self.show(base);
        let code = Code::InvalidRecv;
        let Some(named) = self.store.as_named(base) else {
            let text = match self.store.get(base) {
                Type::Basic(_) => format!("cannot define new methods on non-local type {text}"),
                _ => format!("invalid receiver type {}", self.show(ty)),
            };
            return self.error(pos, code, text);
        };
        if self.store.object(named.obj).pkg != Some(self.pkg) {
            return self.error(pos, code, format!("cannot define new methods on non-local type {text}"));
        }
        let why = match self.store.under_type(base) {
            Type::Basic(Basic::UnsafePointer) => "unsafe.Pointer",
            Type::Pointer(_) | Type::Interface(_) => "pointer or interface type",
            _ => return,
        };
        self.error(pos, code, format!("invalid receiver type {text} ({why})"));
    }
}
