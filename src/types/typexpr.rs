//! Type expressions (Go spec, "Types").

use crate::check::Checker;
use crate::codes::Code;
use crate::mono::Instantiation;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{self, Expr, ExprKind, Ident, Name};
use gorace_syntax::printer::expr_string;
use std::rc::Rc;

impl<'a> Checker<'a> {
    /// The type that an expression denotes; generic types must be instantiated.
    pub fn typ(&mut self, e: &'a Expr) -> TypeId {
        let ty = self.type_or_generic(e);
        if let Some(text) = self.uninstantiated(ty, e) {
            self.error(e.pos, Code::WrongTypeArgCount, format!("cannot use generic type {text} without instantiation"));
            self.record(e.id, Mode::TypeExpr, Basic::Invalid.id());
            return Basic::Invalid.id();
        }
        ty
    }

    /// The text of a generic type that stands without type arguments. (An instance `T[P]` with a generic type's own
    /// parameters is the generic type itself.)
    pub fn uninstantiated(&self, ty: TypeId, e: &Expr) -> Option<String> {
        let e = crate::assignments::unparen(e);
        if !matches!(e.kind, ExprKind::Name(_) | ExprKind::Selector { .. }) {
            return None;
        }
        if let Some(obj) = self.type_object(e) {
            let object = self.store.object(obj);
            if !object.alias_params.is_empty() {
                return Some(self.show_alias(obj));
            }
            if !matches!(object.kind, ObjKind::TypeName { alias: false }) {
                return None;
            }
        }
        self.store.as_named(ty).filter(|n| n.is_generic()).map(|_| self.show_generic(ty))
    }

    /// A generic type with its type parameters, for messages.
    pub fn show_generic(&self, ty: TypeId) -> String {
        let Some(named) = self.store.as_named(ty) else { return self.show(ty) };
        let mut name = self.show(ty);
        name.truncate(name.find('[').unwrap_or(name.len()));
        let params = &named.type_params[named.outer as usize..];
        self.store.generic_text(&name, params, crate::typestring::Qualify::Relative(self.pkg))
    }

    /// A generic alias for messages.
    pub fn show_alias(&self, obj: ObjId) -> String {
        let object = self.store.object(obj);
        self.store.generic_text(&object.name, &object.alias_params, crate::typestring::Qualify::Relative(self.pkg))
    }

    /// A type used for a variable: constraints are refused.
    pub fn var_type(&mut self, e: &'a Expr) -> TypeId {
        let ty = self.typ(e);
        let pos = e.pos;
        // Only names and interface literals can be constraints.
        if !self.store.is_type_param(ty)
            && matches!(self.store.get(ty), Type::Named(_) | Type::Interface(_) | Type::Basic(_))
        {
            self.later(move |c| c.not_constraint(ty, pos));
        }
        ty
    }

    /// As for a type of a variable: reports a constraint.
    pub fn refuse_constraint(&mut self, e: &'a Expr, ty: TypeId) {
        let pos = e.pos;
        self.later(move |c| {
            if !c.store.is_type_param(ty) {
                c.not_constraint(ty, pos);
            }
        });
    }

    /// A variable type that is reached through a pointer or the like.
    fn indirect_type(&mut self, e: &'a Expr) -> TypeId {
        let lazy = self.behind_indirection();
        let ty = self.var_type(e);
        self.env.lazy_types = lazy;
        ty
    }

    /// From here on the types of a type declaration need only be named; gives the state to return to.
    pub fn behind_indirection(&mut self) -> bool {
        let lazy = self.env.lazy_types || self.env.type_decl;
        std::mem::replace(&mut self.env.lazy_types, lazy)
    }

    fn not_constraint(&mut self, ty: TypeId, pos: Pos) {
        if let Type::Interface(i) = self.store.under_type(ty)
            && (i.terms.is_some() || i.comparable)
        {
            let text = self.show(ty);
            let why = if i.comparable { "is (or embeds) comparable" } else { "contains type constraints" };
            let message = format!("cannot use type {text} outside a type constraint: interface {why}");
            self.soft_error(pos, Code::MisplacedConstraintIface, message);
        }
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
            ExprKind::Index { x, indices, .. } => {
                self.verify_version(e.pos, 18, "type instantiation");
                self.instantiated(x, indices)
            }
            ExprKind::Star(x) => {
                let elem = self.indirect_type(x);
                if elem == invalid { invalid } else { self.store.pointer(elem) }
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
                        let message = "invalid use of [...] array (outside a composite literal)";
                        self.error(e.pos, Code::BadDotDotDotSyntax, message);
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
                self.later(move |c| {
                    if !c.store.is_comparable(key_type, true) {
                        let text = c.show_written(key, key_type);
                        let why = if c.store.is_type_param(key_type) { " (missing comparable constraint)" } else { "" };
                        c.error(pos, Code::IncomparableMapKey, format!("invalid map key type {text}{why}"));
                    }
                });
                self.store.intern(Type::Map { key: key_type, elem })
            }
            ExprKind::ChanType { dir, elem } => {
                let elem = self.indirect_type(elem);
                self.channels.push((e.pos, elem));
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
                self.error(e.pos, Code::NotAType, format!("{text} is not a type"));
                self.use_exprs(std::slice::from_ref(e));
                invalid
            }
        }
    }

    fn type_name(&mut self, e: &'a Expr, name: &Name) -> TypeId {
        let scope = self.scope();
        let invalid = Basic::Invalid.id();
        let Some(obj) = self.store.lookup(scope, name) else {
            self.undeclared(e.pos, name);
            return invalid;
        };
        if !self.predeclared_allowed(e.pos, name, obj) {
            return invalid;
        }
        self.use_object(e.id, name, obj);
        let ObjKind::TypeName { alias } = self.store.object(obj).kind else {
            let kind = self.object_kind(obj);
            self.error(e.pos, Code::NotAType, format!("{name} ({kind}) is not a type"));
            if matches!(self.store.object(obj).kind, ObjKind::Var { .. }) {
                self.store.object_mut(obj).used = true;
            }
            return invalid;
        };
        let object = self.store.object(obj);
        if object.pkg == Some(self.pkg) && self.resolving.contains(&obj) {
            self.resolve(obj);
            return self.store.object(obj).ty;
        }
        if self.env.lazy_types && !alias {
            self.name_type(obj);
            return self.store.object(obj).ty;
        }
        self.resolve_if_global(obj);
        self.store.object(obj).ty
    }

    /// Reports a name that is not declared.
    pub fn undeclared(&mut self, pos: Pos, name: &str) {
        if name == "_" {
            self.error(pos, Code::InvalidBlank, "cannot use _ as value or type");
        } else {
            self.error(pos, Code::UndeclaredName, format!("undefined: {name}"));
        }
    }

    /// `any` and `comparable` came with type parameters.
    pub fn predeclared_allowed(&mut self, pos: Pos, name: &str, obj: ObjId) -> bool {
        let universal = self.store.object(obj).pkg.is_none() && matches!(name, "any" | "comparable");
        !universal || self.verify_version(pos, 18, &format!("predeclared {name}"))
    }

    /// Records the use of an object found by name.
    pub fn use_object(&mut self, id: ast::NodeId, name: &Name, obj: ObjId) {
        self.record_use(id, obj);
        if let Some(&(found, import)) = self.dot_imports[self.file].get(name)
            && found == obj
        {
            self.store.object_mut(import).used = true;
        }
        if matches!(self.store.object(obj).kind, ObjKind::TypeName { .. }) {
            self.store.object_mut(obj).used = true;
        }
    }

    fn qualified_type(&mut self, e: &'a Expr, x: &'a Expr, sel: &'a Ident) -> TypeId {
        let x = self.selector(e, x, sel, true);
        match x.mode {
            Mode::TypeExpr => x.ty,
            Mode::Invalid => Basic::Invalid.id(),
            _ => {
                let what = self.describe(&x);
                self.error(e.pos, Code::NotAType, format!("{what} is not a type"));
                Basic::Invalid.id()
            }
        }
    }

    /// `G[T1, T2]`
    fn instantiated(&mut self, x: &'a Expr, indices: &'a [Expr]) -> TypeId {
        let invalid = Basic::Invalid.id();
        let generic = self.type_or_generic(x);
        let alias = self.type_object(x).filter(|&o| !self.store.object(o).alias_params.is_empty());
        let is_name = matches!(crate::assignments::unparen(x).kind, ExprKind::Name(_) | ExprKind::Selector { .. });
        let is_generic = self.store.as_named(generic).is_some_and(|n| is_name && n.is_generic()) || alias.is_some();
        if generic != invalid && !is_generic {
            let (text, list) = (expr_string(x), expr_list(indices));
            let ty = self.show(generic);
            let message = format!("invalid operation: {text}[{list}] ({ty} is not a generic type)");
            self.error(x.pos, Code::NotAGenericType, message);
            self.record(x.id, Mode::TypeExpr, invalid);
            return invalid;
        }
        if generic == invalid && alias.is_none() {
            return invalid;
        }
        let targs: Rc<[TypeId]> = indices.iter().map(|i| self.var_type(i)).collect();
        if targs.contains(&invalid) {
            return invalid;
        }
        let positions: Rc<[Pos]> = indices.iter().map(|i| i.pos).collect();
        let pos = x.pos;
        if let Some(obj) = alias {
            let params = self.store.object(obj).alias_params.clone();
            let name = self.store.object(obj).name.clone();
            if !self.right_count(&name, params.len(), targs.len(), pos) {
                return invalid;
            }
            let ty = self.store.subst(generic, &params, &targs);
            self.later(move |c| {
                c.verify_targs(&params, &targs, pos, &positions);
            });
            return ty;
        }
        let Some(named) = self.store.as_named(generic) else { return invalid };
        let obj = named.obj;
        let all = named.type_params.clone();
        let (around, params) = all.split_at(named.outer as usize);
        let params: Rc<[TypeId]> = params.into();
        let ty = self.store.instance(generic, around.iter().chain(targs.iter()).copied().collect());
        self.instance_places.entry(ty).or_insert(pos);
        if params.len() != targs.len() {
            // The instance keeps its name for messages, but is nothing.
            if let Some(n) = self.store.as_named_mut(ty) {
                n.underlying = Some(invalid);
            }
            let name = self.store.object(obj).name.clone();
            let (want, got) = (params.len(), targs.len());
            self.later(move |c| {
                c.right_count(&name, want, got, pos);
            });
            return ty;
        }
        self.later(move |c| {
            if c.verify_targs(&params, &targs, pos, &positions) {
                c.instantiations.push(Instantiation { pos, params, targs, positions });
            }
        });
        ty
    }

    fn right_count(&mut self, name: &str, want: usize, got: usize, pos: Pos) -> bool {
        let what = match got.cmp(&want) {
            std::cmp::Ordering::Less => "not enough",
            std::cmp::Ordering::Greater => "too many",
            std::cmp::Ordering::Equal => return true,
        };
        let message = format!("{what} type arguments for type {name}: have {got}, want {want}");
        self.error(pos, Code::WrongTypeArgCount, message);
        false
    }

    /// Whether type arguments satisfy their constraints; reports the first that does not.
    pub fn verify_targs(&mut self, params: &[TypeId], targs: &[TypeId], pos: Pos, positions: &[Pos]) -> bool {
        let Some((at, cause)) = self.unsatisfied(params, targs) else { return true };
        let pos = positions.get(at).copied().unwrap_or(pos);
        self.soft_error(pos, Code::InvalidTypeArg, cause);
        false
    }

    /// The first type argument that does not satisfy its constraint, and why.
    pub fn unsatisfied(&mut self, params: &[TypeId], targs: &[TypeId]) -> Option<(usize, String)> {
        for (i, (&param, &targ)) in params.iter().zip(targs).enumerate() {
            let Some(constraint) = self.store.as_type_param(param).map(|p| p.constraint) else { continue };
            let constraint = self.store.subst(constraint, params, targs);
            // A constraint of one type stands for the interface of just that type.
            let constraint = match self.store.under_type(constraint) {
                Type::Interface(_) | Type::Basic(Basic::Invalid) => constraint,
                _ => self.store.implicit_interface(constraint),
            };
            let mut cause = String::new();
            let outer = self.goal.replace(crate::spelling::Goal::Constraint(param));
            let satisfied = self.implements(targ, constraint, true, &mut cause);
            self.goal = outer;
            if !satisfied {
                return Some((i, cause));
            }
        }
        None
    }

    /// A constant array length.
    fn array_length(&mut self, e: &'a Expr) -> Option<i64> {
        let code = Code::InvalidArrayLen;
        if let ExprKind::Name(name) = &e.kind {
            let scope = self.scope();
            match self.store.lookup(scope, name) {
                None => {
                    let message = format!("undefined array length {name} or missing type constraint");
                    self.error(e.pos, code, message);
                    return None;
                }
                Some(obj) if !matches!(self.store.object(obj).kind, ObjKind::Const(_)) => {
                    self.error(e.pos, code, format!("invalid array length {name}"));
                    return None;
                }
                _ => {}
            }
        }
        let outer = (self.env.lazy_types, self.env.type_decl);
        (self.env.lazy_types, self.env.type_decl) = (false, false);
        let x = self.expr(e, None);
        (self.env.lazy_types, self.env.type_decl) = outer;
        if !x.is_constant() {
            if !x.is_invalid() {
                let what = self.describe(&x);
                self.error(e.pos, code, format!("array length {what} must be constant"));
            }
            return None;
        }
        let integer = self.store.is_integer(x.ty);
        if (self.store.is_untyped(x.ty) || integer)
            && let Some(n) = x.constant().as_i64()
            && n >= 0
        {
            return Some(n);
        }
        let what = self.describe(&x);
        let message = if integer {
            format!("invalid array length {what}")
        } else {
            format!("array length {what} must be integer")
        };
        self.error(e.pos, code, message);
        None
    }
}

/// Expressions as text.
pub(crate) fn expr_list(list: &[Expr]) -> String {
    let texts: Vec<String> = list.iter().map(expr_string).collect();
    texts.join(", ")
}
