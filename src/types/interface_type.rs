//! Interface types and unions (Go spec, "Interface types"), flattened to methods and a list of terms.
//!
//! A list of terms is a set of types as a union of single types `T` and of all types with an underlying type `~T`; the
//! lists here are kept in normal form: no two of their terms overlap.

use crate::check::Checker;
use crate::codes::Code;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{self, Expr, ExprKind, InterfaceElem, UnaryOp};
use gorace_syntax::printer::expr_string;
use std::rc::Rc;

/// As many terms as a union may have.
const MAX_TERMS: usize = 100;

/// A union has more terms than it may.
struct TooMany;

/// A term as written.
#[derive(Clone, Copy)]
struct Written<'a> {
    tilde: bool,
    ty: TypeId,
    /// The term, `~` included.
    e: &'a Expr,
}

impl<'a> Checker<'a> {
    pub fn interface_type(&mut self, i: &'a ast::InterfaceType) -> TypeId {
        let mut set = TypeSet::default();
        let mut embedded = Vec::new();
        for elem in &i.elems {
            match elem {
                InterfaceElem::Method { name, ty } => {
                    if name.name == "_" {
                        let message = "methods must have a unique non-blank name";
                        self.error(name.pos, Code::BlankIfaceMethod, message);
                        continue;
                    }
                    let saved = self.env.scope;
                    let outer = self.scope();
                    self.env.scope = Some(self.store.new_scope(Some(outer)));
                    let lazy = self.behind_indirection();
                    let (signature, _) = self.signature_type(ty, Rc::from([]));
                    self.env.lazy_types = lazy;
                    self.env.scope = saved;
                    let pkg = if is_exported(&name.name) { None } else { Some(self.pkg) };
                    self.record(name.id, Mode::Value, signature);
                    let method = InterfaceMethod { name: name.name.clone(), pkg, signature };
                    if let Some(&(_, at)) = set.methods.iter().find(|(m, _)| m.name == method.name && m.pkg == pkg) {
                        self.duplicate_method(&method.name, name.pos, at);
                        continue;
                    }
                    set.methods.push((method, name.pos));
                }
                InterfaceElem::Embed(e) => {
                    if let Some(terms) = self.element(e) {
                        embedded.push((e, terms));
                    }
                }
            }
        }
        for (e, terms) in embedded {
            self.embed(&mut set, e, &terms);
        }
        self.finish(set, false)
    }

    fn finish(&mut self, set: TypeSet, implicit: bool) -> TypeId {
        let mut methods: Vec<InterfaceMethod> = set.methods.into_iter().map(|(m, _)| m).collect();
        let store = &*self.store;
        methods.sort_by(|a, b| method_order(store, (&a.name, a.pkg), (&b.name, b.pkg)));
        let interface =
            Interface { methods: methods.into(), terms: set.terms.map(Rc::from), comparable: set.comparable, implicit };
        self.store.intern(Type::Interface(Rc::new(interface)))
    }

    /// A constraint: an interface, or another type element that stands for one.
    pub fn constraint(&mut self, e: &'a Expr) -> TypeId {
        let is_element = matches!(
            &e.kind,
            ExprKind::Unary { op: UnaryOp::Tilde, .. } | ExprKind::Binary { op: ast::BinaryOp::Or, .. }
        );
        if !is_element {
            return self.typ(e);
        }
        let mut set = TypeSet::default();
        if let Some(terms) = self.element(e) {
            self.embed(&mut set, e, &terms);
        }
        let implicit = set.terms.is_some();
        self.finish(set, implicit)
    }

    fn duplicate_method(&mut self, name: &str, pos: Pos, other: Pos) {
        let more = [(other, format!("other declaration of method {name}"))];
        self.error_with(pos, Code::DuplicateDecl, format!("duplicate method {name}"), &more);
    }

    /// The terms of an embedded element as written; what is wrong with them is reported later.
    fn element(&mut self, e: &'a Expr) -> Option<Vec<Written<'a>>> {
        let mut parts = Vec::new();
        flatten(e, &mut parts);
        let single = parts.len() == 1;
        let mut terms = Vec::new();
        let mut reported = false;
        for x in parts {
            let (tilde, inner) = match &x.kind {
                ExprKind::Unary { op: UnaryOp::Tilde, x } => (true, &**x),
                _ => (false, x),
            };
            let mut ty = self.typ(inner);
            if self.store.is_type_param(ty) {
                let message = if tilde {
                    format!("type in term {} cannot be a type parameter", expr_string(x))
                } else {
                    "term cannot be a type parameter".to_string()
                };
                self.error(inner.pos, Code::MisplacedTypeParam, message);
                ty = Basic::Invalid.id();
            }
            self.complete(ty);
            if terms.len() >= MAX_TERMS {
                if !std::mem::replace(&mut reported, true) {
                    let message =
                        format!("cannot handle more than {MAX_TERMS} union terms (implementation limitation)");
                    self.error(x.pos, Code::InvalidUnion, message);
                }
                continue;
            }
            terms.push(Written { tilde, ty, e: x });
        }
        if reported {
            return None;
        }
        if !single || terms.iter().any(|t| t.tilde) {
            let list = terms.clone();
            self.later(move |c| c.check_terms(&list));
        }
        Some(terms)
    }

    /// Reports terms that a union cannot have.
    fn check_terms(&mut self, terms: &[Written<'a>]) {
        let code = Code::InvalidUnion;
        for (i, t) in terms.iter().enumerate() {
            if !self.store.is_valid_type(t.ty) {
                continue;
            }
            let under = self.store.under(t.ty);
            let interface = self.store.interface(t.ty);
            let pos = t.e.pos;
            if t.tilde {
                let text = self.show(t.ty);
                if interface.is_some() {
                    self.error(pos, code, format!("invalid use of ~ ({text} is an interface)"));
                    continue;
                }
                if !self.store.identical(under, t.ty) {
                    let under = self.show(under);
                    self.error(pos, code, format!("invalid use of ~ (underlying type of {text} is {under})"));
                    continue;
                }
            }
            if let Some(interface) = interface {
                let text = self.show_term(Term { tilde: t.tilde, ty: t.ty });
                if !interface.methods.is_empty() {
                    self.error(pos, code, format!("cannot use {text} in union ({text} contains methods)"));
                } else if t.ty == self.store.comparable_type {
                    self.error(pos, code, "cannot use comparable in union");
                } else if interface.comparable {
                    self.error(pos, code, format!("cannot use {text} in union ({text} embeds comparable)"));
                }
                continue;
            }
            let own = Term { tilde: t.tilde, ty: t.ty };
            for other in &terms[..i] {
                if self.store.interface(other.ty).is_some() || !self.store.is_valid_type(other.ty) {
                    continue;
                }
                let term = Term { tilde: other.tilde, ty: other.ty };
                if self.store.intersect_terms(own, term).is_some() {
                    let (a, b) = (self.show_term(own), self.show_term(term));
                    self.soft_error(pos, code, format!("overlapping terms {a} and {b}"));
                    break;
                }
            }
        }
    }

    /// A term as messages show it: with full package paths, those of this package's types included.
    pub fn show_term(&self, term: Term) -> String {
        let text = self.store.type_string(term.ty, crate::typestring::Qualify::Full);
        format!("{}{text}", if term.tilde { "~" } else { "" })
    }

    /// Adds an embedded element to a type set.
    fn embed(&mut self, set: &mut TypeSet, e: &'a Expr, terms: &[Written<'a>]) {
        let pos = e.pos;
        let [only @ Written { tilde: false, ty, .. }] = terms else {
            if terms.iter().any(|t| !self.store.is_valid_type(t.ty)) && terms.len() == 1 {
                return;
            }
            let text = expr_string(e);
            if !self.verify_version(pos, 18, &format!("embedding interface element {text}")) {
                return;
            }
            match self.union_terms(terms) {
                Ok(list) => set.restrict(self.store, list, false),
                Err(TooMany) => {
                    let message =
                        format!("cannot handle more than {MAX_TERMS} union terms (implementation limitation)");
                    self.error(pos, Code::InvalidUnion, message);
                }
            }
            return;
        };
        let ty = *ty;
        if !self.store.is_valid_type(ty) {
            return;
        }
        match self.store.under_type(ty) {
            Type::Basic(Basic::Invalid) => {
                let unfinished = self.store.as_named(ty).filter(|n| n.underlying.is_none()).map(|n| n.obj);
                self.embedded_unfinished.extend(unfinished);
            }
            Type::Interface(inner) => {
                let foreign = self.store.as_named(ty).is_some_and(|n| {
                    let pkg = self.store.object(n.obj).pkg;
                    pkg.is_some() && pkg != Some(self.pkg)
                });
                if foreign && (inner.terms.is_some() || inner.comparable) {
                    let text = self.show(ty);
                    if !self.verify_version(pos, 18, &format!("embedding constraint interface {text}")) {
                        return;
                    }
                }
                for method in inner.methods.iter() {
                    let same = |m: &InterfaceMethod| m.name == method.name && m.pkg == method.pkg;
                    match set.methods.iter().find(|(m, _)| same(m)) {
                        None => set.methods.push((method.clone(), pos)),
                        Some((known, at)) => {
                            let (a, b, at) = (known.signature, method.signature, *at);
                            let name = method.name.clone();
                            self.later(move |c| {
                                if c.version() < 14 || !c.store.identical(a, b) {
                                    c.duplicate_method(&name, pos, at);
                                }
                            });
                        }
                    }
                }
                set.restrict(self.store, inner.terms.as_ref().map(|t| t.to_vec()), inner.comparable);
            }
            _ => {
                let text = self.show(ty);
                if self.verify_version(pos, 18, &format!("embedding non-interface type {text}")) {
                    set.restrict(self.store, Some(vec![Term { tilde: only.tilde, ty }]), false);
                }
            }
        }
    }

    /// The types of a union; `None` for all types.
    fn union_terms(&mut self, terms: &[Written<'a>]) -> Result<Option<Vec<Term>>, TooMany> {
        let mut all = Vec::new();
        for t in terms {
            match self.store.under_type(t.ty) {
                Type::Basic(Basic::Invalid) => {}
                Type::Interface(i) => match &i.terms {
                    Some(inner) => all.extend(inner.iter().copied()),
                    None => return Ok(None),
                },
                _ => {
                    let under = self.store.under(t.ty);
                    if !t.tilde || self.store.identical(under, t.ty) {
                        all.push(Term { tilde: t.tilde, ty: t.ty });
                    }
                }
            }
            if all.len() > MAX_TERMS {
                return Err(TooMany);
            }
        }
        Ok(Some(self.store.normal_terms(all)))
    }
}

/// What an interface allows, while it is put together.
#[derive(Default)]
struct TypeSet {
    /// With the places that messages give for them.
    methods: Vec<(InterfaceMethod, Pos)>,
    terms: Option<Vec<Term>>,
    /// Only without terms.
    comparable: bool,
}

impl TypeSet {
    fn restrict(&mut self, store: &mut Store, terms: Option<Vec<Term>>, comparable: bool) {
        self.comparable |= comparable;
        self.terms = match (self.terms.take(), terms) {
            (None, other) | (other, None) => other,
            (Some(a), Some(b)) => {
                let mut common = Vec::new();
                for &x in &a {
                    for &y in &b {
                        common.extend(store.intersect_terms(x, y));
                    }
                }
                Some(store.normal_terms(common))
            }
        };
        if self.comparable
            && let Some(terms) = &mut self.terms
        {
            terms.retain(|t| store.is_comparable(t.ty, false));
            self.comparable = false;
        }
    }
}

impl Store {
    /// The types that two terms have in common.
    pub(crate) fn intersect_terms(&mut self, x: Term, y: Term) -> Option<Term> {
        let (ux, uy) = (self.under(x.ty), self.under(y.ty));
        let (a, b) = (if y.tilde { ux } else { x.ty }, if x.tilde { uy } else { y.ty });
        if !self.identical(a, b) {
            return None;
        }
        Some(if x.tilde && !y.tilde { y } else { x })
    }

    /// Without terms that others contain.
    pub(crate) fn normal_terms(&mut self, terms: Vec<Term>) -> Vec<Term> {
        let mut out: Vec<Term> = Vec::new();
        for t in terms {
            if out.iter().any(|&o| self.term_subset(t, o)) {
                continue;
            }
            out.retain(|&o| !self.term_subset(o, t));
            out.push(t);
        }
        out
    }

    /// Whether all types of a term are in another.
    pub(crate) fn term_subset(&mut self, x: Term, y: Term) -> bool {
        if x.tilde && !y.tilde {
            return false;
        }
        let a = if y.tilde { self.under(x.ty) } else { x.ty };
        let b = if y.tilde { self.under(y.ty) } else { y.ty };
        self.identical(a, b)
    }
}

/// The terms of `A | B | C`.
fn flatten<'a>(e: &'a Expr, out: &mut Vec<&'a Expr>) {
    let mut at = e;
    let mut right = Vec::new();
    while let ExprKind::Binary { op: ast::BinaryOp::Or, x, y, .. } = &at.kind {
        right.push(&**y);
        at = x;
    }
    out.push(at);
    out.extend(right.into_iter().rev());
}
