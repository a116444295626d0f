//! Type inference: unification of parameter types with argument types, then of core types of constraints, then untyped
//! constants (Go spec, "Type inference" and "Type unification").

use crate::store::*;
use gorace_syntax::ast::ChanDir;

/// A state of inference: what each type parameter stands for so far.
pub(crate) struct Unifier<'s> {
    pub store: &'s mut Store,
    pub params: &'s [TypeId],
    pub targs: Vec<Option<TypeId>>,
    depth: u32,
}

impl<'s> Unifier<'s> {
    pub fn new(store: &'s mut Store, params: &'s [TypeId]) -> Self {
        Unifier { store, params, targs: vec![None; params.len()], depth: 0 }
    }

    fn index(&self, ty: TypeId) -> Option<usize> {
        self.params.iter().position(|&p| p == ty)
    }

    /// Makes `x` (which may mention parameters) and `y` alike; `exact` forbids assignability's leniency.
    pub fn unify(&mut self, x: TypeId, y: TypeId, exact: bool) -> bool {
        if x == y {
            return true;
        }
        self.depth += 1;
        let result = self.depth < 100 && self.unify_inner(x, y, exact);
        self.depth -= 1;
        result
    }

    /// Follows parameters that stand for other parameters.
    fn root(&self, mut ty: TypeId) -> TypeId {
        for _ in 0..self.params.len() {
            match self.index(ty).and_then(|i| self.targs[i]) {
                Some(next) if self.index(next).is_some() => ty = next,
                _ => break,
            }
        }
        ty
    }

    fn unify_inner(&mut self, x: TypeId, y: TypeId, exact: bool) -> bool {
        let (x, y) = (self.root(x), self.root(y));
        if x == y {
            return true;
        }
        match (self.index(x), self.index(y)) {
            (Some(i), Some(j)) => match (self.targs[i], self.targs[j]) {
                (Some(a), Some(b)) => return self.unify(a, b, exact),
                (Some(a), None) => {
                    self.targs[j] = Some(a);
                    return true;
                }
                (None, Some(b)) => {
                    self.targs[i] = Some(b);
                    return true;
                }
                (None, None) => {
                    self.targs[i] = Some(y);
                    return true;
                }
            },
            (Some(i), None) => return self.bind(i, y, exact),
            (None, Some(j)) => return self.bind(j, x, exact),
            (None, None) => {}
        }
        let (mut tx, mut ty) = (self.store.get(x).clone(), self.store.get(y).clone());
        // A defined type and a type literal match by underlying types when that is assignable.
        if !exact {
            let x_named = matches!(tx, Type::Named(_));
            let y_named = matches!(ty, Type::Named(_));
            if x_named != y_named {
                let (named, other) = if x_named { (x, y) } else { (y, x) };
                let under = self.store.under(named);
                let literal = !matches!(self.store.get(other), Type::Basic(_) | Type::TypeParam(_));
                let interface = matches!(self.store.get(under), Type::Interface(_));
                if literal && !interface {
                    if x_named {
                        tx = self.store.get(under).clone();
                    } else {
                        ty = self.store.get(under).clone();
                    }
                }
            }
        }
        // A type parameter of the enclosing function matches by its core type, if it has one.
        if !exact {
            match (&tx, &ty) {
                (Type::TypeParam(_), Type::TypeParam(_)) => {}
                (Type::TypeParam(_), _) => {
                    if let Some(core) = self.store.core_type(x) {
                        tx = self.store.get(core).clone();
                    }
                }
                (_, Type::TypeParam(_)) => {
                    if let Some(core) = self.store.core_type(y) {
                        ty = self.store.get(core).clone();
                    }
                }
                _ => {}
            }
        }
        match (tx, ty) {
            (Type::Array { elem: a, len: n }, Type::Array { elem: b, len: m }) => n == m && self.unify(a, b, true),
            (Type::Slice(a), Type::Slice(b)) | (Type::Pointer(a), Type::Pointer(b)) => self.unify(a, b, true),
            (Type::Map { key: k, elem: a }, Type::Map { key: l, elem: b }) => {
                self.unify(k, l, true) && self.unify(a, b, true)
            }
            (Type::Chan { dir: d, elem: a }, Type::Chan { dir: e, elem: b }) => {
                (d == e || (!exact && (d == ChanDir::Both || e == ChanDir::Both))) && self.unify(a, b, true)
            }
            (Type::Struct(a), Type::Struct(b)) => {
                a.len() == b.len()
                    && a.iter().zip(b.iter()).all(|(f, g)| {
                        f.name == g.name && f.embedded == g.embedded && f.tag == g.tag && self.unify(f.ty, g.ty, true)
                    })
            }
            (Type::Signature(a), Type::Signature(b)) => {
                a.params.len() == b.params.len()
                    && a.results.len() == b.results.len()
                    && a.variadic == b.variadic
                    && a.params.iter().zip(b.params.iter()).all(|(&s, &t)| self.unify(s, t, true))
                    && a.results.iter().zip(b.results.iter()).all(|(&s, &t)| self.unify(s, t, true))
            }
            (Type::Tuple(a), Type::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(&s, &t)| self.unify(s, t, exact))
            }
            (Type::Interface(a), Type::Interface(b)) if a.methods.len() == b.methods.len() => a
                .methods
                .iter()
                .zip(b.methods.iter())
                .all(|(m, n)| m.name == n.name && self.unify(m.signature, n.signature, true)),
            (Type::Named(i), Type::Named(j)) => {
                let (a, b) = (self.store.named[i as usize].clone(), self.store.named[j as usize].clone());
                let (oa, ob) = (a.origin.unwrap_or(x), b.origin.unwrap_or(y));
                if oa == ob {
                    let own = |n: &Named| if n.origin.is_some() { n.targs.clone() } else { n.type_params.clone() };
                    let (sa, sb) = (own(&a), own(&b));
                    return sa.len() == sb.len() && sa.iter().zip(sb.iter()).all(|(&s, &t)| self.unify(s, t, true));
                }
                !exact && self.unify_methods(x, y)
            }
            (Type::Interface(_), _) | (_, Type::Interface(_)) if !exact => self.unify_methods(x, y),
            _ => false,
        }
    }

    /// Where one side is an interface, its methods must unify with the other's.
    fn unify_methods(&mut self, x: TypeId, y: TypeId) -> bool {
        let (interface, other) = match (self.store.is_interface(x), self.store.is_interface(y)) {
            (true, _) => (x, y),
            (false, true) => (y, x),
            _ => return false,
        };
        let Some(parts) = self.store.interface(interface) else { return false };
        for method in parts.methods.iter() {
            let Ok(found) = self.store.lookup_member(other, &method.name, method.pkg) else { return false };
            let signature = match found.entry {
                crate::lookup::Entry::Method { obj, holder } => self.store.method_signature(obj, holder),
                crate::lookup::Entry::Interface(m) => m.signature,
                crate::lookup::Entry::Field(_) => return false,
            };
            if !self.unify(method.signature, signature, true) {
                return false;
            }
        }
        true
    }

    fn bind(&mut self, at: usize, ty: TypeId, exact: bool) -> bool {
        let Some(known) = self.targs[at] else {
            self.targs[at] = Some(ty);
            return true;
        };
        if !self.unify(known, ty, exact) {
            return false;
        }
        if !exact {
            // Prefer a defined type over its literal, and a bidirectional channel's directional partner.
            let named = |store: &Store, t: TypeId| matches!(store.get(t), Type::Named(_));
            if named(self.store, ty) && !named(self.store, known) && !self.store.is_interface(ty) {
                self.targs[at] = Some(ty);
            } else if let (Type::Chan { dir: a, .. }, Type::Chan { dir: b, .. }) =
                (self.store.get(known).clone(), self.store.get(ty).clone())
                && a == ChanDir::Both
                && b != ChanDir::Both
            {
                self.targs[at] = Some(ty);
            }
        }
        true
    }

    /// Uses constraints with core types until nothing changes.
    pub fn constraints(&mut self) -> bool {
        loop {
            let before = self.targs.iter().filter(|t| t.is_some()).count();
            for i in 0..self.params.len() {
                let param = self.params[i];
                let Some(constraint) = self.store.as_type_param(param).map(|p| p.constraint) else { continue };
                let core = self.store.core_type(param);
                let single = self.single_term(param);
                match (core, single) {
                    (Some(core), single) => {
                        let tilde = single.is_none_or(|t| t.tilde);
                        match self.targs[i] {
                            Some(known) => {
                                let against = if tilde { self.store.under(known) } else { known };
                                let against = if self.store.is_type_param(known) {
                                    self.store.core_type(known).unwrap_or(against)
                                } else {
                                    against
                                };
                                if !self.unify(core, against, !tilde) && !self.unify(core, against, false) {
                                    return false;
                                }
                            }
                            None => {
                                if let Some(term) = single
                                    && !term.tilde
                                {
                                    self.targs[i] = Some(term.ty);
                                } else if single.is_some() {
                                    self.targs[i] = Some(core);
                                }
                            }
                        }
                    }
                    (None, _) => {
                        // Methods of the constraint can say more about a known argument.
                        if let Some(known) = self.targs[i]
                            && let Some(parts) = self.store.interface(constraint)
                        {
                            for method in parts.methods.iter() {
                                let Ok(found) = self.store.lookup_member(known, &method.name, method.pkg) else {
                                    continue;
                                };
                                let signature = match found.entry {
                                    crate::lookup::Entry::Method { obj, holder } => {
                                        self.store.method_signature(obj, holder)
                                    }
                                    crate::lookup::Entry::Interface(m) => m.signature,
                                    crate::lookup::Entry::Field(_) => continue,
                                };
                                self.unify(method.signature, signature, true);
                            }
                        }
                    }
                }
            }
            self.simplify();
            let after = self.targs.iter().filter(|t| t.is_some()).count();
            if after == before {
                return true;
            }
        }
    }

    fn single_term(&mut self, param: TypeId) -> Option<Term> {
        let terms = self.store.terms(param)?;
        if terms.len() == 1 { Some(terms[0]) } else { None }
    }

    /// Replaces parameters inside inferred types by what they stand for.
    pub fn simplify(&mut self) {
        for _ in 0..self.params.len() + 1 {
            let mut known_params = Vec::new();
            let mut known = Vec::new();
            for (&p, t) in self.params.iter().zip(&self.targs) {
                if let Some(t) = t
                    && *t != p
                {
                    known_params.push(p);
                    known.push(*t);
                }
            }
            let mut changed = false;
            for i in 0..self.targs.len() {
                if let Some(t) = self.targs[i] {
                    let new = self.store.subst(t, &known_params, &known);
                    if new != t {
                        self.targs[i] = Some(new);
                        changed = true;
                    }
                }
            }
            if !changed {
                break;
            }
        }
    }
}
