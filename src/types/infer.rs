//! Unification of types that mention type parameters (Go spec, "Type unification").
//!
//! Parameters that must be equal share a handle; a handle holds the type inferred so far. Modes are types2's: `Assign` lets
//! the types at the top match as assignability does, `Exact` asks for identity.

use crate::store::*;
use gorace_syntax::ast::ChanDir;
use std::rc::Rc;

/// How exactly two types must match.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnifyMode {
    assign: bool,
    exact: bool,
}

impl UnifyMode {
    pub const INEXACT: UnifyMode = UnifyMode { assign: false, exact: false };
    pub const ASSIGN: UnifyMode = UnifyMode { assign: true, exact: false };
    pub const EXACT: UnifyMode = UnifyMode { assign: false, exact: true };

    /// For the parts of a type.
    fn inner(self) -> UnifyMode {
        UnifyMode { exact: self.exact || self.assign, ..self }
    }
}

/// Deeper types don't unify: they contain themselves.
const MAX_DEPTH: u32 = 50;

/// A state of inference: what each type parameter stands for so far.
pub(crate) struct Unifier {
    params: Rc<[TypeId]>,
    /// For each parameter its handle.
    handles: Vec<usize>,
    /// What the handles hold.
    types: Vec<Option<TypeId>>,
    depth: u32,
    /// Methods of interfaces take part (since 1.21).
    interfaces: bool,
}

impl Unifier {
    pub fn new(params: &[TypeId], targs: &[Option<TypeId>], interfaces: bool) -> Self {
        let types = (0..params.len()).map(|i| targs.get(i).copied().flatten()).collect();
        Unifier { params: params.into(), handles: (0..params.len()).collect(), types, depth: 0, interfaces }
    }

    fn index(&self, ty: TypeId) -> Option<usize> {
        self.params.iter().position(|&p| p == ty)
    }

    /// What a parameter (by number) stands for.
    pub fn at(&self, param: usize) -> Option<TypeId> {
        self.types[self.handles[param]]
    }

    pub fn set(&mut self, param: usize, ty: TypeId) {
        let handle = self.handles[param];
        self.types[handle] = Some(ty);
    }

    /// How many parameters have no type yet.
    pub fn unknowns(&self) -> usize {
        self.handles.iter().filter(|&&h| self.types[h].is_none()).count()
    }

    pub fn inferred(&self) -> Vec<Option<TypeId>> {
        (0..self.params.len()).map(|i| self.at(i)).collect()
    }

    /// Makes two parameters stand for the same; fails when both have types already.
    fn join(&mut self, x: usize, y: usize) -> bool {
        let (hx, hy) = (self.handles[x], self.handles[y]);
        if hx == hy {
            return true;
        }
        let (from, to) = match (self.types[hx], self.types[hy]) {
            (Some(_), Some(_)) => return false,
            (Some(_), None) => (hy, hx),
            _ => (hx, hy),
        };
        for handle in &mut self.handles {
            if *handle == from {
                *handle = to;
            }
        }
        true
    }

    fn is_named(&self, store: &Store, ty: TypeId) -> bool {
        matches!(store.get(ty), Type::Named(_))
    }

    /// Makes two types alike, by setting parameters that they mention.
    pub fn unify(&mut self, store: &mut Store, x: TypeId, y: TypeId, mode: UnifyMode) -> bool {
        if x == y {
            return true;
        }
        self.depth += 1;
        let result = self.depth <= MAX_DEPTH && self.unify_inner(store, x, y, mode);
        self.depth -= 1;
        result
    }

    fn unify_inner(&mut self, store: &mut Store, mut x: TypeId, mut y: TypeId, mode: UnifyMode) -> bool {
        if self.is_named(store, x) || self.index(y).is_some() {
            std::mem::swap(&mut x, &mut y);
        }
        // A defined type and a type literal match by underlying types when that is assignable.
        if !mode.exact
            && self.is_named(store, y)
            && !matches!(store.get(x), Type::Named(_) | Type::TypeParam(_))
            && (!self.interfaces || !matches!(store.get(x), Type::Interface(_)))
        {
            y = store.under(y);
            if x == y {
                return true;
            }
        }
        match (self.index(x), self.index(y)) {
            (Some(i), Some(j)) => {
                if self.join(i, j) {
                    return true;
                }
                return match (self.at(i), self.at(j)) {
                    (Some(a), Some(b)) => self.unify(store, a, b, mode),
                    _ => false,
                };
            }
            (Some(i), None) => return self.bind(store, i, y, mode),
            _ => {}
        }
        if self.interfaces
            && !mode.exact
            && let Some(result) = self.unify_interfaces(store, x, y)
        {
            return result;
        }
        if store.is_type_param(y) {
            std::mem::swap(&mut x, &mut y);
        }
        let inner = mode.inner();
        match (store.get(x).clone(), store.get(y).clone()) {
            (Type::TypeParam(_), _) => {
                // One of the function around: it matches by its core type, if it has one.
                match store.core_type(x) {
                    Some(core) => self.unify(store, core, y, UnifyMode::ASSIGN),
                    None => false,
                }
            }
            (Type::Array { elem: a, len: n }, Type::Array { elem: b, len: m }) => {
                n == m && self.unify(store, a, b, inner)
            }
            (Type::Slice(a), Type::Slice(b)) | (Type::Pointer(a), Type::Pointer(b)) => self.unify(store, a, b, inner),
            (Type::Map { key: k, elem: a }, Type::Map { key: l, elem: b }) => {
                self.unify(store, k, l, inner) && self.unify(store, a, b, inner)
            }
            (Type::Chan { dir: d, elem: a }, Type::Chan { dir: e, elem: b }) => {
                (!mode.exact || d == e) && self.unify(store, a, b, inner)
            }
            (Type::Struct(a), Type::Struct(b)) => {
                a.len() == b.len()
                    && a.iter().zip(b.iter()).all(|(f, g)| {
                        f.name == g.name
                            && f.pkg == g.pkg
                            && f.embedded == g.embedded
                            && f.tag == g.tag
                            && self.unify(store, f.ty, g.ty, inner)
                    })
            }
            (Type::Signature(a), Type::Signature(b)) => {
                a.params.len() == b.params.len()
                    && a.results.len() == b.results.len()
                    && a.variadic == b.variadic
                    && a.params.iter().zip(b.params.iter()).all(|(&s, &t)| self.unify(store, s, t, inner))
                    && a.results.iter().zip(b.results.iter()).all(|(&s, &t)| self.unify(store, s, t, inner))
            }
            (Type::Tuple(a), Type::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(&s, &t)| self.unify(store, s, t, mode))
            }
            (Type::Interface(a), Type::Interface(b)) => {
                a.comparable == b.comparable
                    && a.terms == b.terms
                    && a.methods.len() == b.methods.len()
                    && a.methods.iter().zip(b.methods.iter()).all(|(m, n)| {
                        m.name == n.name
                            && m.pkg == n.pkg
                            && self.unify(store, m.signature, n.signature, UnifyMode::EXACT)
                    })
            }
            (Type::Named(i), Type::Named(j)) => {
                let (a, b) = (store.named[i as usize].clone(), store.named[j as usize].clone());
                if a.origin.unwrap_or(x) != b.origin.unwrap_or(y) {
                    return false;
                }
                let own = |n: &Named| if n.origin.is_some() { n.targs.clone() } else { n.type_params.clone() };
                let (a, b) = (own(&a), own(&b));
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(&s, &t)| self.unify(store, s, t, mode))
            }
            _ => false,
        }
    }

    /// Where one side or both are interfaces, the methods that they share must unify.
    fn unify_interfaces(&mut self, store: &mut Store, x: TypeId, y: TypeId) -> Option<bool> {
        let interface = |store: &mut Store, t: TypeId| if store.is_type_param(t) { None } else { store.interface(t) };
        let (xi, yi) = (interface(store, x), interface(store, y));
        let (parts, other) = match (xi, yi) {
            (None, None) => return None,
            (Some(a), Some(b)) => {
                if a.comparable != b.comparable || a.terms != b.terms {
                    return Some(false);
                }
                let (few, many) = if a.methods.len() > b.methods.len() { (b, a) } else { (a, b) };
                return Some(few.methods.iter().all(|m| {
                    let same = many.methods.iter().find(|n| n.name == m.name && n.pkg == m.pkg);
                    same.is_some_and(|n| self.unify(store, m.signature, n.signature, UnifyMode::EXACT))
                }));
            }
            (Some(parts), None) => (parts, y),
            (None, Some(parts)) => (parts, x),
        };
        for method in parts.methods.iter() {
            let Ok(found) = store.lookup_member(other, &method.name, method.pkg) else { return Some(false) };
            let signature = match found.entry {
                crate::lookup::Entry::Method { obj, holder } => {
                    if store.has_pointer_receiver(obj) && !found.indirect {
                        return Some(false);
                    }
                    store.method_signature(obj, holder)
                }
                crate::lookup::Entry::Interface(m) => m.signature,
                crate::lookup::Entry::Field(_) => return Some(false),
            };
            if store.is_generic_signature(signature)
                || !self.unify(store, method.signature, signature, UnifyMode::EXACT)
            {
                return Some(false);
            }
        }
        Some(true)
    }

    fn bind(&mut self, store: &mut Store, param: usize, y: TypeId, mode: UnifyMode) -> bool {
        let Some(x) = self.at(param) else {
            self.set(param, y);
            return true;
        };
        if !self.unify(store, x, y, mode) {
            return false;
        }
        let interface = |store: &mut Store, t: TypeId| if store.is_type_param(t) { None } else { store.interface(t) };
        let (x_named, y_named) = (self.is_named(store, x), self.is_named(store, y));
        match (interface(store, x), interface(store, y)) {
            (Some(_), Some(_)) if x_named && y_named => return store.identical(x, y),
            (Some(a), Some(b)) if a.methods.len() != b.methods.len() => return false,
            (Some(_), Some(_)) | (None, None) => {}
            _ => return false,
        }
        if !mode.exact && !x_named {
            // Prefer a defined type over its literal, and a directed channel over the other.
            let directed = matches!(store.under_type(y), Type::Chan { dir, .. } if dir != ChanDir::Both);
            if y_named || directed {
                self.set(param, y);
            }
        }
        true
    }
}
