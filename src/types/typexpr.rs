//! Type expressions.

use crate::check::Checker;
use crate::constant::Const;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{self, Expr, ExprKind, Ident, InterfaceElem, Name};
use gorace_syntax::printer::expr_string;
use std::rc::Rc;

impl<'a> Checker<'a> {
    /// The type that an expression denotes; generic types must be instantiated.
    pub fn typ(&mut self, e: &'a Expr) -> TypeId {
        let ty = self.type_or_generic(e);
        if let Some(named) = self.store.as_named(ty)
            && named.is_generic()
            && !self.inside_own_declaration(ty, e)
        {
            let text = self.show(ty);
            self.error(e.pos, format!("cannot use generic type {text} without instantiation"));
            return Basic::Invalid.id();
        }
        ty
    }

    /// Only an instance `T[P]` with its own parameters collapses to the generic type.
    fn inside_own_declaration(&self, _ty: TypeId, e: &Expr) -> bool {
        !matches!(e.kind, ExprKind::Name(_) | ExprKind::Selector { .. })
    }

    /// A type used for a variable: constraints are refused.
    pub fn var_type(&mut self, e: &'a Expr) -> TypeId {
        let ty = self.typ(e);
        let pos = e.pos;
        self.delayed.push(Box::new(move |c| c.not_constraint(ty, pos)));
        ty
    }

    /// A variable type that is reached through a pointer or the like.
    fn indirect_type(&mut self, e: &'a Expr) -> TypeId {
        let lazy = self.behind_indirection();
        let ty = self.var_type(e);
        self.env.lazy_types = lazy;
        ty
    }

    /// From here on the types of a type declaration need only be named; gives the state to return to.
    fn behind_indirection(&mut self) -> bool {
        let lazy = self.env.lazy_types || self.env.type_decl;
        std::mem::replace(&mut self.env.lazy_types, lazy)
    }

    fn not_constraint(&mut self, ty: TypeId, pos: Pos) {
        if self.store.is_type_param(ty) {
            return;
        }
        if let Type::Interface(i) = self.store.under_type(ty)
            && (i.terms.is_some() || i.comparable)
        {
            let text = self.show(ty);
            let why = if i.comparable { "it is (or embeds) comparable" } else { "it contains type constraints" };
            let why = why.trim_start_matches("it ");
            self.error(pos, format!("cannot use type {text} outside a type constraint: interface {why}"));
        }
    }

    /// A constraint: an interface, or another type element that stands for one.
    pub fn constraint(&mut self, e: &'a Expr) -> TypeId {
        let is_element = matches!(&e.kind, ExprKind::Unary { op: ast::UnaryOp::Tilde, .. } | ExprKind::Binary { .. });
        if is_element {
            let mut terms = Vec::new();
            self.union(e, &mut terms);
            let interface = Interface { terms: Some(terms.into()), implicit: true, ..Interface::default() };
            return self.store.intern(Type::Interface(Rc::new(interface)));
        }
        self.typ(e)
    }

    /// The generic type that `x` in `x[…]` denotes.
    pub fn generic_type(&mut self, e: &'a Expr) -> TypeId {
        self.type_or_generic(e)
    }

    fn type_or_generic(&mut self, e: &'a Expr) -> TypeId {
        let ty = self.type_inner(e);
        self.record(e.id, Mode::TypeExpr, ty);
        ty
    }

    fn type_inner(&mut self, e: &'a Expr) -> TypeId {
        let invalid = Basic::Invalid.id();
        match &e.kind {
            ExprKind::Bad => invalid,
            ExprKind::Name(name) => self.type_name(e, name),
            ExprKind::Paren(x) => self.type_or_generic(x),
            ExprKind::Selector { x, sel } => self.qualified_type(e, x, sel),
            ExprKind::Index { x, indices, .. } => self.instantiated(e, x, indices),
            ExprKind::Star(x) => {
                let elem = self.indirect_type(x);
                self.store.pointer(elem)
            }
            ExprKind::SliceType(elem) => {
                let elem = self.indirect_type(elem);
                self.store.slice(elem)
            }
            ExprKind::Ellipsis(Some(elem)) => {
                let elem = self.indirect_type(elem);
                self.store.slice(elem)
            }
            ExprKind::ArrayType { len, elem } => {
                let n = match &len.kind {
                    ExprKind::Ellipsis(_) => {
                        self.error(len.pos, "invalid use of [...] array (outside a composite literal)");
                        None
                    }
                    _ => self.array_length(len),
                };
                let elem = self.var_type(elem);
                match n {
                    Some(len) => self.store.intern(Type::Array { elem, len }),
                    None => invalid,
                }
            }
            ExprKind::MapType { key, value } => {
                let key_type = self.indirect_type(key);
                let elem = self.indirect_type(value);
                let pos = key.pos;
                self.delayed.push(Box::new(move |c| {
                    if key_type != Basic::Invalid.id() && !c.store.is_comparable(key_type, true) {
                        let text = c.show(key_type);
                        let why = if c.store.is_type_param(key_type) { " (missing comparable constraint)" } else { "" };
                        c.error(pos, format!("invalid map key type {text}{why}"));
                    }
                }));
                self.store.intern(Type::Map { key: key_type, elem })
            }
            ExprKind::ChanType { dir, elem } => {
                let elem = self.indirect_type(elem);
                self.store.intern(Type::Chan { dir: *dir, elem })
            }
            ExprKind::FuncType(ty) => {
                let saved = self.env.scope;
                let outer = self.scope();
                let inner = self.store.new_scope(Some(outer));
                self.env.scope = Some(inner);
                let lazy = self.behind_indirection();
                let (signature, _) = self.signature_type(ty, Rc::from([]));
                self.env.lazy_types = lazy;
                self.env.scope = saved;
                signature
            }
            ExprKind::StructType(s) => self.struct_type(s),
            ExprKind::InterfaceType(i) => self.interface_type(i),
            _ => {
                let text = expr_string(e);
                self.error(e.pos, format!("{text} is not a type"));
                invalid
            }
        }
    }

    fn type_name(&mut self, e: &'a Expr, name: &Name) -> TypeId {
        let scope = self.scope();
        let Some(obj) = self.store.lookup(scope, name) else {
            if name == "_" {
                self.error(e.pos, "cannot use _ as value or type");
            } else {
                self.error(e.pos, format!("undefined: {name}"));
            }
            return Basic::Invalid.id();
        };
        self.use_object(e.id, name, obj);
        if self.env.lazy_types && self.store.object(obj).kind == (ObjKind::TypeName { alias: false }) {
            self.name_type(obj);
            return self.store.object(obj).ty;
        }
        self.resolve_if_global(obj);
        match self.store.object(obj).kind {
            ObjKind::TypeName { .. } => self.store.object(obj).ty,
            ObjKind::Package(_) => {
                self.error(e.pos, format!("use of package {name} without selector"));
                Basic::Invalid.id()
            }
            _ => {
                self.error(e.pos, format!("{name} is not a type"));
                Basic::Invalid.id()
            }
        }
    }

    /// Records the use of an object found by name.
    pub fn use_object(&mut self, id: ast::NodeId, name: &Name, obj: ObjId) {
        self.record_use(id, obj);
        if let Some(&(found, import)) = self.dot_imports[self.file].get(name)
            && found == obj
        {
            self.store.object_mut(import).used = true;
        }
        if matches!(self.store.object(obj).kind, ObjKind::TypeName { .. } | ObjKind::Package(_)) {
            self.store.object_mut(obj).used = true;
        }
    }

    pub fn resolve_if_global(&mut self, obj: ObjId) {
        let object = self.store.object(obj);
        if object.color != Color::Black && object.pkg == Some(self.pkg) {
            self.resolve(obj);
        }
    }

    fn qualified_type(&mut self, e: &'a Expr, x: &'a Expr, sel: &'a Ident) -> TypeId {
        if let ExprKind::Name(name) = &x.kind {
            let scope = self.scope();
            if let Some(obj) = self.store.lookup(scope, name)
                && let ObjKind::Package(pkg) = self.store.object(obj).kind
            {
                self.use_object(x.id, name, obj);
                let target = self.store.package(pkg).scope;
                let found = self.store.scopes[target.index()].names.get(&sel.name).copied();
                let Some(found) = found.filter(|_| is_exported(&sel.name)) else {
                    self.undefined_qualified(e, name, sel, found.is_some());
                    return Basic::Invalid.id();
                };
                self.record_use(sel.id, found);
                return match self.store.object(found).kind {
                    ObjKind::TypeName { .. } => self.store.object(found).ty,
                    _ => {
                        self.error(e.pos, format!("{name}.{} is not a type", sel.name));
                        Basic::Invalid.id()
                    }
                };
            }
        }
        let text = expr_string(e);
        self.error(e.pos, format!("{text} is not a type"));
        Basic::Invalid.id()
    }

    pub fn undefined_qualified(&mut self, e: &Expr, pkg: &Name, sel: &Ident, hidden: bool) {
        let _ = e;
        if hidden {
            self.error(sel.pos, format!("name {} not exported by package {pkg}", sel.name));
        } else {
            self.error(sel.pos, format!("undefined: {pkg}.{}", sel.name));
        }
    }

    /// `G[T1, T2]`
    fn instantiated(&mut self, e: &'a Expr, x: &'a Expr, indices: &'a [Expr]) -> TypeId {
        let generic = self.type_or_generic(x);
        let targs: Rc<[TypeId]> = indices.iter().map(|i| self.var_type(i)).collect();
        if generic == Basic::Invalid.id() || targs.contains(&Basic::Invalid.id()) {
            return Basic::Invalid.id();
        }
        // A generic alias?
        let alias = match &x.kind {
            ExprKind::Name(_) => self.info[self.file].objects.get(&x.id).copied(),
            ExprKind::Selector { sel, .. } => self.info[self.file].objects.get(&sel.id).copied(),
            _ => None,
        };
        if let Some(obj) = alias {
            let params = self.store.object(obj).alias_params.clone();
            if !params.is_empty() {
                return self.store.subst(generic, &params, &targs);
            }
        }
        let Some(named) = self.store.as_named(generic).filter(|n| n.is_generic()) else {
            let text = expr_string(x);
            self.error(e.pos, format!("{text} is not a generic type"));
            return Basic::Invalid.id();
        };
        let all = named.type_params.clone();
        let (around, params) = all.split_at(named.outer as usize);
        let params: Rc<[TypeId]> = params.into();
        if params.len() != targs.len() {
            let what = if targs.len() < params.len() { "not enough" } else { "too many" };
            let text = expr_string(x);
            self.error(
                e.pos,
                format!("{what} type arguments for type {text}: have {}, want {}", targs.len(), params.len()),
            );
            return Basic::Invalid.id();
        }
        let ty = self.store.instance(generic, around.iter().chain(targs.iter()).copied().collect());
        let positions: Vec<Pos> = indices.iter().map(|i| i.pos).collect();
        self.delayed.push(Box::new(move |c| {
            c.verify_targs(&params, &targs, &positions);
        }));
        ty
    }

    /// Whether type arguments satisfy their constraints; reports the first that does not.
    pub fn verify_targs(&mut self, params: &[TypeId], targs: &[TypeId], positions: &[Pos]) -> bool {
        for (i, (&param, &targ)) in params.iter().zip(targs).enumerate() {
            let Some(constraint) = self.store.as_type_param(param).map(|p| p.constraint) else { continue };
            let constraint = self.store.subst(constraint, params, targs);
            let under = self.store.under(constraint);
            let interface = match self.store.get(under) {
                Type::Interface(_) => under,
                Type::Basic(Basic::Invalid) => continue,
                _ => self.store.implicit_interface(constraint),
            };
            if !self.store.implements(targ, interface, true) {
                let pos = positions.get(i).or(positions.last()).copied().unwrap_or_default();
                let (t, c) = (self.show(targ), self.show(constraint));
                let why = self.why_not(targ, interface);
                self.error(pos, format!("{t} does not satisfy {c}{why}"));
                return false;
            }
        }
        true
    }

    fn why_not(&mut self, ty: TypeId, interface: TypeId) -> String {
        let Some(parts) = self.store.interface(interface) else { return String::new() };
        if let Some((method, _)) = self.store.missing_method(ty, &parts) {
            return format!(" (missing method {})", method.name);
        }
        if parts.comparable && !self.store.is_comparable(ty, true) {
            return String::new();
        }
        if let Some(terms) = &parts.terms {
            let t = self.show(ty);
            let list: Vec<String> = terms
                .iter()
                .map(|term| format!("{}{}", if term.tilde { "~" } else { "" }, self.show(term.ty)))
                .collect();
            return format!(" ({t} missing in {})", list.join(" | "));
        }
        String::new()
    }

    /// A constant array length.
    fn array_length(&mut self, e: &'a Expr) -> Option<i64> {
        if let ExprKind::Name(name) = &e.kind {
            let scope = self.scope();
            match self.store.lookup(scope, name) {
                None => {
                    self.error(e.pos, format!("undefined array length {name} or missing type constraint"));
                    return None;
                }
                Some(obj) if !matches!(self.store.object(obj).kind, ObjKind::Const(_)) => {
                    self.error(e.pos, format!("invalid array length {name}"));
                    return None;
                }
                _ => {}
            }
        }
        let outer = (self.env.lazy_types, self.env.type_decl);
        (self.env.lazy_types, self.env.type_decl) = (false, false);
        let mut x = self.expr(e, None);
        (self.env.lazy_types, self.env.type_decl) = outer;
        if x.mode == Mode::Invalid {
            return None;
        }
        let Some(value) = x.value.clone() else {
            let text = expr_string(e);
            self.error(e.pos, format!("array length {text} (value of type {}) must be constant", self.show(x.ty)));
            return None;
        };
        if self.store.is_untyped(x.ty) {
            self.convert_untyped(&mut x, Basic::Int.id());
        }
        match value.as_i64() {
            Some(n) if n >= 0 => Some(n),
            Some(_) => {
                let text = expr_string(e);
                self.error(e.pos, format!("invalid array length {text} (untyped int constant)"));
                None
            }
            None => {
                let text = expr_string(e);
                self.error(e.pos, format!("array length {text} (value of type {}) must be integer", self.show(x.ty)));
                None
            }
        }
    }

    fn struct_type(&mut self, s: &'a ast::StructType) -> TypeId {
        let mut fields = Vec::new();
        let mut names: std::collections::HashSet<Name> = std::collections::HashSet::new();
        let mut last: Option<(ast::NodeId, TypeId)> = None;
        for field in &s.fields {
            let ty = match last {
                Some((id, ty)) if id == field.ty.id => ty,
                _ => self.var_type(&field.ty),
            };
            last = Some((field.ty.id, ty));
            let tag = field.tag.as_ref().and_then(|t| match Const::literal(t.kind, &t.text) {
                Some(Const::String(bytes)) if !bytes.is_empty() => Some(bytes),
                _ => None,
            });
            let (name, embedded, pos) = match &field.name {
                Some(name) => (name.name.clone(), false, name.pos),
                None => (embedded_name(&field.ty).unwrap_or_default(), true, field.pos),
            };
            if name != "_" && !names.insert(name.clone()) {
                self.error(pos, format!("{name} redeclared"));
            }
            if embedded {
                let written = field.ty.pos;
                self.delayed.push(Box::new(move |c| c.check_embedded(ty, written)));
            }
            if let Some(ident) = &field.name {
                let kind = ObjKind::Var { is_field: true, is_param: false };
                let obj = self.store.new_object(kind, ident.name.clone(), Some(self.pkg), ty, ident.pos);
                self.record_definition(ident.id, obj);
            }
            let pkg = if is_exported(&name) { None } else { Some(self.pkg) };
            fields.push(Field { name, pkg, ty, embedded, tag });
        }
        self.store.intern(Type::Struct(fields.into()))
    }

    fn check_embedded(&mut self, ty: TypeId, pos: Pos) {
        let (base, pointer) = self.store.deref(ty);
        match self.store.under_type(base) {
            Type::Basic(Basic::UnsafePointer) => self.error(pos, "embedded field type cannot be unsafe.Pointer"),
            Type::Pointer(_) => self.error(pos, "embedded field type cannot be a pointer"),
            Type::Interface(_) if self.store.is_type_param(base) => {
                self.error(pos, "embedded field type cannot be a type parameter");
            }
            Type::Interface(_) if pointer => self.error(pos, "embedded field type cannot be a pointer to an interface"),
            _ => {}
        }
    }

    fn interface_type(&mut self, i: &'a ast::InterfaceType) -> TypeId {
        let mut methods: Vec<InterfaceMethod> = Vec::new();
        let mut terms: Option<Vec<Term>> = None;
        let mut comparable = false;
        let mut embedded: Vec<(TypeId, Pos)> = Vec::new();
        for elem in &i.elems {
            match elem {
                InterfaceElem::Method { name, ty } => {
                    if name.name == "_" {
                        self.error(name.pos, "methods must have a unique non-blank name");
                        continue;
                    }
                    let saved = self.env.scope;
                    let outer = self.scope();
                    let inner = self.store.new_scope(Some(outer));
                    self.env.scope = Some(inner);
                    let lazy = self.behind_indirection();
                    let (signature, _) = self.signature_type(ty, Rc::from([]));
                    self.env.lazy_types = lazy;
                    self.env.scope = saved;
                    let pkg = if is_exported(&name.name) { None } else { Some(self.pkg) };
                    if methods.iter().any(|m| m.name == name.name) {
                        self.error(name.pos, format!("duplicate method {}", name.name));
                        continue;
                    }
                    self.record(name.id, Mode::Value, signature);
                    methods.push(InterfaceMethod { name: name.name.clone(), pkg, signature });
                }
                InterfaceElem::Embed(e) => {
                    let is_union = matches!(&e.kind, ExprKind::Binary { .. } | ExprKind::Unary { .. });
                    if is_union {
                        let mut list = Vec::new();
                        self.union(e, &mut list);
                        terms = Some(intersect(self.store, terms, list));
                    } else {
                        let ty = self.typ(e);
                        embedded.push((ty, e.pos));
                    }
                }
            }
        }
        for (ty, pos) in embedded {
            if ty == Basic::Invalid.id() {
                continue;
            }
            if self.store.is_type_param(ty) {
                self.error(pos, "term cannot represent type parameter");
                continue;
            }
            self.complete(ty);
            match self.store.under_type(ty) {
                Type::Interface(inner) => {
                    comparable |= inner.comparable;
                    for method in inner.methods.iter() {
                        match methods.iter().find(|m| m.name == method.name && m.pkg == method.pkg) {
                            None => methods.push(method.clone()),
                            Some(known) if known.signature == method.signature => {}
                            Some(_) => self.error(pos, format!("duplicate method {}", method.name)),
                        }
                    }
                    if let Some(list) = &inner.terms {
                        terms = Some(intersect(self.store, terms, list.to_vec()));
                    }
                }
                Type::Basic(Basic::Invalid) => {
                    let text = self.show(ty);
                    self.error(pos, format!("invalid recursive type {text}"));
                }
                _ => terms = Some(intersect(self.store, terms, vec![Term { tilde: false, ty }])),
            }
        }
        let store = &*self.store;
        methods.sort_by(|a, b| method_order(store, (&a.name, a.pkg), (&b.name, b.pkg)));
        let interface = Interface { methods: methods.into(), terms: terms.map(Rc::from), comparable, implicit: false };
        self.store.intern(Type::Interface(Rc::new(interface)))
    }

    /// The terms of `A | ~B | C`; interfaces among them contribute their own.
    fn union(&mut self, e: &'a Expr, out: &mut Vec<Term>) {
        match &e.kind {
            ExprKind::Binary { op: ast::BinaryOp::Or, x, y, .. } => {
                self.union(x, out);
                self.union(y, out);
            }
            ExprKind::Unary { op: ast::UnaryOp::Tilde, x } => {
                let ty = self.typ(x);
                let under = self.store.under(ty);
                if under != ty && ty != Basic::Invalid.id() {
                    let text = self.show(ty);
                    let u = self.show(under);
                    self.error(e.pos, format!("invalid use of ~ (underlying type of {text} is {u})"));
                }
                out.push(Term { tilde: true, ty });
            }
            ExprKind::Paren(x) => self.union(x, out),
            _ => {
                let ty = self.typ(e);
                if self.store.is_type_param(ty) {
                    self.error(e.pos, "term cannot represent type parameter");
                    return;
                }
                self.complete(ty);
                match self.store.under_type(ty) {
                    Type::Interface(i) => match &i.terms {
                        Some(terms) => out.extend(terms.iter().copied()),
                        None if i.methods.is_empty() && !i.comparable => out.push(Term { tilde: false, ty }),
                        None => {
                            let text = self.show(ty);
                            self.error(e.pos, format!("cannot use {text} in union ({text} contains methods)"));
                        }
                    },
                    _ => out.push(Term { tilde: false, ty }),
                }
            }
        }
    }

    /// A signature; its parameters are declared in the current scope. Also gives the results' variables.
    pub fn signature_type(
        &mut self,
        ty: &'a ast::FuncType,
        type_params: Rc<[TypeId]>,
    ) -> (TypeId, Rc<[Option<ObjId>]>) {
        let mut variadic = false;
        let mut params = Vec::new();
        // Parameters come into scope with the body: their names hide nothing from the types written beside them.
        let mut declared = Vec::new();
        let mut last: Option<(ast::NodeId, TypeId)> = None;
        for (i, field) in ty.params.iter().enumerate() {
            let t = match last {
                Some((id, t)) if id == field.ty.id => t,
                _ => {
                    if matches!(field.ty.kind, ExprKind::Ellipsis(_)) {
                        if i + 1 == ty.params.len() {
                            variadic = true;
                        } else {
                            self.error(field.ty.pos, "can only use ... with final parameter in list");
                        }
                    }
                    self.var_type(&field.ty)
                }
            };
            last = Some((field.ty.id, t));
            params.push(t);
            if let Some(name) = &field.name {
                declared.push((name, self.new_param(name, t)));
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
                declared.push((name, obj));
                obj
            }));
        }
        for (name, obj) in declared {
            self.declare(name, obj);
        }
        let signature = Signature { params: params.into(), results: results.into(), variadic, type_params };
        (self.store.intern(Type::Signature(Rc::new(signature))), names.into())
    }
}

/// The field name of an embedded type.
pub(crate) fn embedded_name(e: &Expr) -> Option<Name> {
    match &e.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Star(x) | ExprKind::Paren(x) => embedded_name(x),
        ExprKind::Selector { sel, .. } => Some(sel.name.clone()),
        ExprKind::Index { x, .. } => embedded_name(x),
        _ => None,
    }
}

/// The terms that two restrictions have in common.
fn intersect(store: &mut Store, a: Option<Vec<Term>>, b: Vec<Term>) -> Vec<Term> {
    let Some(a) = a else { return b };
    let mut out = Vec::new();
    for x in &a {
        for y in &b {
            let (ux, uy) = (store.under(x.ty), store.under(y.ty));
            let common = match (x.tilde, y.tilde) {
                (true, true) if ux == uy => Some(*x),
                (true, false) if ux == uy => Some(*y),
                (false, true) if ux == uy => Some(*x),
                (false, false) if x.ty == y.ty => Some(*x),
                _ => None,
            };
            if let Some(term) = common
                && !out.contains(&term)
            {
                out.push(term);
            }
        }
    }
    out
}
