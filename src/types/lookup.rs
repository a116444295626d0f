//! Fields and methods by name (Go spec, "Selectors"), method sets, and whether a type implements an interface.

use crate::hash::HashSet;
use crate::store::*;
use std::rc::Rc;

/// What a name selects in a type.
#[derive(Debug, Clone)]
pub struct Found {
    /// Fields to follow; the last is the field itself if a field was found.
    pub path: Vec<u32>,
    /// A pointer was followed on the way (the type itself being one counts).
    pub indirect: bool,
    pub entry: Entry,
}

/// A field, a declared method, or an interface's method.
#[derive(Debug, Clone)]
pub enum Entry {
    Field(TypeId),
    /// The method's object (of the generic type) and the named type or instance that it belongs to.
    Method {
        obj: ObjId,
        holder: TypeId,
    },
    Interface(InterfaceMethod),
}

/// Why a name was not found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotFound {
    Nothing,
    /// Several at the same depth.
    Ambiguous,
}

/// A name to look for; `fold`: in any case, of any package.
#[derive(Clone, Copy)]
struct Wanted<'n> {
    name: &'n str,
    pkg: Option<PkgId>,
    fold: bool,
}

impl Wanted<'_> {
    fn is(self, other: &str, other_pkg: Option<PkgId>) -> bool {
        if self.fold {
            return self.name == other || self.name.to_lowercase() == other.to_lowercase();
        }
        self.name == other && (is_exported(self.name) || self.pkg == other_pkg)
    }
}

impl Store {
    /// Dereferences a pointer type once.
    pub fn deref(&mut self, ty: TypeId) -> (TypeId, bool) {
        match self.get(ty) {
            Type::Pointer(elem) => (*elem, true),
            _ => (ty, false),
        }
    }

    /// The method of a named type by name, without embedding.
    pub fn declared_method(&self, ty: TypeId, name: &str, pkg: Option<PkgId>) -> Option<ObjId> {
        self.declared(ty, Wanted { name, pkg, fold: false })
    }

    fn declared(&self, ty: TypeId, wanted: Wanted) -> Option<ObjId> {
        let origin = self.origin(ty);
        let named = self.as_named(origin)?;
        named.methods.iter().copied().find(|&m| {
            let obj = self.object(m);
            wanted.is(&obj.name, obj.pkg)
        })
    }

    /// Finds a field or method, breadth first through embedded fields.
    ///
    /// # Errors
    /// When there is none, or more than one at the shallowest depth.
    pub fn lookup_member(&mut self, ty: TypeId, name: &str, pkg: Option<PkgId>) -> Result<Found, NotFound> {
        self.look_up(ty, Wanted { name, pkg, fold: false })
    }

    /// As `lookup_member`, in any case of letters and of any package.
    ///
    /// # Errors
    /// As `lookup_member`.
    pub fn lookup_fold(&mut self, ty: TypeId, name: &str) -> Result<Found, NotFound> {
        self.look_up(ty, Wanted { name, pkg: None, fold: true })
    }

    fn look_up(&mut self, ty: TypeId, wanted: Wanted) -> Result<Found, NotFound> {
        if wanted.name == "_" {
            return Err(NotFound::Nothing);
        }
        // A pointer to a named pointer or interface has no methods through it.
        if matches!(self.get(ty), Type::Named(_))
            && let Type::Pointer(_) = self.under_type(ty)
        {
            // Fields only.
            let under = self.under(ty);
            let found = self.search(under, wanted)?;
            return if matches!(found.entry, Entry::Field(_)) { Ok(found) } else { Err(NotFound::Nothing) };
        }
        self.search(ty, wanted)
    }

    fn search(&mut self, ty: TypeId, wanted: Wanted) -> Result<Found, NotFound> {
        let (start, is_pointer) = self.deref(ty);
        if is_pointer && matches!(self.under_type(start), Type::Interface(_)) {
            return Err(NotFound::Nothing);
        }
        let mut current: Vec<(TypeId, Vec<u32>, bool, bool)> = vec![(start, Vec::new(), is_pointer, false)];
        let mut seen: HashSet<TypeId> = HashSet::default();
        while !current.is_empty() {
            let mut next: Vec<(TypeId, Vec<u32>, bool, bool)> = Vec::new();
            let mut found: Option<Found> = None;
            for (ty, path, indirect, multiples) in current {
                if matches!(self.get(ty), Type::Named(_)) {
                    if !seen.insert(ty) {
                        continue;
                    }
                    if let Some(obj) = self.declared(ty, wanted) {
                        if found.is_some() || multiples {
                            return Err(NotFound::Ambiguous);
                        }
                        found = Some(Found { path, indirect, entry: Entry::Method { obj, holder: ty } });
                        continue;
                    }
                }
                match self.under_type(ty) {
                    Type::Struct(fields) => {
                        for (i, field) in fields.iter().enumerate() {
                            let mut here = path.clone();
                            here.push(i as u32);
                            if wanted.is(&field.name, field.pkg) {
                                if found.is_some() || multiples {
                                    return Err(NotFound::Ambiguous);
                                }
                                found = Some(Found { path: here, indirect, entry: Entry::Field(field.ty) });
                                continue;
                            }
                            if found.is_none() && field.embedded {
                                let (inner, pointer) = self.deref(field.ty);
                                if matches!(self.get(inner), Type::Named(_) | Type::Struct(_) | Type::Interface(_)) {
                                    next.push((inner, here, indirect || pointer, multiples));
                                }
                            }
                        }
                    }
                    Type::Interface(i) => {
                        if let Some(method) = i.methods.iter().find(|m| wanted.is(&m.name, m.pkg)) {
                            if found.is_some() || multiples {
                                return Err(NotFound::Ambiguous);
                            }
                            found = Some(Found { path, indirect, entry: Entry::Interface(method.clone()) });
                        }
                    }
                    _ => {}
                }
            }
            if let Some(found) = found {
                return Ok(found);
            }
            // The same type reached twice at one depth hides both.
            let mut merged: Vec<(TypeId, Vec<u32>, bool, bool)> = Vec::new();
            for entry in next {
                match merged.iter_mut().find(|m| m.0 == entry.0 && matches!(self.get(entry.0), Type::Named(_))) {
                    Some(known) => known.3 = true,
                    None => merged.push(entry),
                }
            }
            current = merged;
        }
        Err(NotFound::Nothing)
    }

    /// The signature of a declared method for a holder that may be an instance.
    pub fn method_signature(&mut self, obj: ObjId, holder: TypeId) -> TypeId {
        let ty = self.object(obj).ty;
        let Some(named) = self.as_named(holder) else { return ty };
        let Some(origin) = named.origin else { return ty };
        let targs = named.targs.clone();
        let params = self.as_named(origin).map(|n| n.type_params.clone()).unwrap_or_default();
        if let Type::Signature(s) = self.get(ty)
            && !s.type_params.is_empty()
        {
            let signature = s.clone();
            return self.generic_method_signature(obj, holder, &signature, &params, &targs);
        }
        self.subst(ty, &params, &targs)
    }

    /// A generic method of an instance has type parameters of its own: their constraints may mention the receiver's.
    fn generic_method_signature(
        &mut self,
        obj: ObjId,
        holder: TypeId,
        signature: &Signature,
        params: &[TypeId],
        targs: &[TypeId],
    ) -> TypeId {
        if let Some(&known) = self.generic_methods.get(&(obj, holder)) {
            return known;
        }
        let own = &signature.type_params;
        let mut fresh = Vec::new();
        for (i, &p) in own.iter().enumerate() {
            let Some(param) = self.as_type_param(p).cloned() else { continue };
            fresh.push(self.new_type_param(param.obj, i as u32, param.constraint));
        }
        let from: Vec<TypeId> = params.iter().chain(own.iter()).copied().collect();
        let to: Vec<TypeId> = targs.iter().chain(fresh.iter()).copied().collect();
        for &f in &fresh {
            let Some(constraint) = self.as_type_param(f).map(|p| p.constraint) else { continue };
            let constraint = self.subst(constraint, &from, &to);
            self.set_constraint(f, constraint);
        }
        let made = Signature {
            params: signature.params.iter().map(|&t| self.subst(t, &from, &to)).collect(),
            results: signature.results.iter().map(|&t| self.subst(t, &from, &to)).collect(),
            variadic: signature.variadic,
            type_params: fresh.into(),
        };
        let made = self.intern(Type::Signature(Rc::new(made)));
        self.generic_methods.insert((obj, holder), made);
        made
    }

    /// Whether a declared method has a pointer receiver.
    pub fn has_pointer_receiver(&self, obj: ObjId) -> bool {
        self.object(obj).receiver.is_some_and(|r| matches!(self.get(r), Type::Pointer(_)))
    }

    /// All methods reachable from a type (its method set; for addressable values that of the pointer): names with what they are.
    pub fn method_set(&mut self, ty: TypeId) -> Vec<(gorace_syntax::ast::Name, Option<PkgId>, Found)> {
        let mut names: Vec<(gorace_syntax::ast::Name, Option<PkgId>)> = Vec::new();
        let mut seen = HashSet::default();
        self.collect_names(ty, &mut names, &mut seen);
        let mut out = Vec::new();
        let mut done = HashSet::default();
        for (name, pkg) in names {
            let key = (name.clone(), if is_exported(&name) { None } else { pkg });
            if !done.insert(key) {
                continue;
            }
            let Ok(found) = self.lookup_member(ty, &name, pkg) else { continue };
            let fits = match &found.entry {
                Entry::Field(_) => false,
                Entry::Interface(_) => true,
                Entry::Method { obj, .. } => found.indirect || !self.has_pointer_receiver(*obj),
            };
            if fits {
                out.push((name, pkg, found));
            }
        }
        out.sort_by(|a, b| method_order(self, (&a.0, a.1), (&b.0, b.1)));
        out
    }

    fn collect_names(
        &mut self,
        ty: TypeId,
        names: &mut Vec<(gorace_syntax::ast::Name, Option<PkgId>)>,
        seen: &mut HashSet<TypeId>,
    ) {
        let (ty, _) = self.deref(ty);
        if !seen.insert(ty) {
            return;
        }
        if let Some(named) = self.as_named(self.origin(ty)) {
            for &m in &named.methods.clone() {
                let obj = self.object(m);
                names.push((obj.name.clone(), obj.pkg));
            }
        }
        match self.under_type(ty) {
            Type::Struct(fields) => {
                for field in fields.iter().filter(|f| f.embedded) {
                    self.collect_names(field.ty, names, seen);
                }
            }
            Type::Interface(i) => names.extend(i.methods.iter().map(|m| (m.name.clone(), m.pkg))),
            _ => {}
        }
    }

    /// The first method of an interface that a type lacks, and what is in its place. `fixed`: a type that is itself an
    /// interface must have the method, otherwise its values might.
    pub fn missing_method(
        &mut self,
        ty: TypeId,
        interface: &Interface,
        fixed: bool,
    ) -> Option<(InterfaceMethod, Missing)> {
        let own = self.interface(ty);
        for method in interface.methods.iter() {
            let missing = match &own {
                Some(own) => {
                    let exported = is_exported(&method.name);
                    let same = |m: &&InterfaceMethod| m.name == method.name && (exported || m.pkg == method.pkg);
                    match own.methods.iter().find(same) {
                        None if fixed => Some(Missing::Absent),
                        None => None,
                        Some(m) if self.identical(m.signature, method.signature) => None,
                        Some(m) => Some(Missing::WrongType(m.signature)),
                    }
                }
                None => self.missing_in_type(ty, method),
            };
            if let Some(missing) = missing {
                return Some((method.clone(), missing));
            }
        }
        None
    }

    fn missing_in_type(&mut self, ty: TypeId, method: &InterfaceMethod) -> Option<Missing> {
        let wanted = Wanted { name: &method.name, pkg: method.pkg, fold: false };
        let found = match self.search(ty, wanted) {
            Err(NotFound::Ambiguous) => return Some(Missing::Ambiguous),
            Err(NotFound::Nothing) => return Some(self.similar_method(ty, method)),
            Ok(found) => found,
        };
        let signature = match found.entry {
            Entry::Field(_) => return Some(Missing::IsField),
            Entry::Interface(m) => m.signature,
            Entry::Method { obj, holder } => {
                if self.has_pointer_receiver(obj) && !found.indirect {
                    return Some(Missing::PointerReceiver);
                }
                self.method_signature(obj, holder)
            }
        };
        if self.identical(signature, method.signature) { None } else { Some(Missing::WrongType(signature)) }
    }

    /// For a method that is absent: one whose name differs in the case of letters or in the package.
    fn similar_method(&mut self, ty: TypeId, method: &InterfaceMethod) -> Missing {
        let wanted = Wanted { name: &method.name, pkg: None, fold: true };
        let (name, signature) = match self.search(ty, wanted).map(|f| f.entry) {
            Ok(Entry::Interface(m)) => (m.name, m.signature),
            Ok(Entry::Method { obj, holder }) => (self.object(obj).name.clone(), self.method_signature(obj, holder)),
            _ => return Missing::Absent,
        };
        if name == method.name { Missing::Unexported } else { Missing::WrongName(name, signature) }
    }

    /// Whether a type satisfies a constraint or implements an interface.
    pub fn implements(&mut self, ty: TypeId, interface_type: TypeId, constraint: bool) -> bool {
        let Some(interface) = self.interface(interface_type) else { return false };
        if self.basic(ty) == Some(Basic::Invalid) {
            return true;
        }
        let own = self.interface(ty);
        if own.as_ref().is_some_and(|own| own.is_empty_set()) {
            return true;
        }
        if interface.is_empty_set() || self.missing_method(ty, &interface, true).is_some() {
            return false;
        }
        if interface.comparable && !self.is_comparable(ty, constraint) {
            return false;
        }
        let Some(terms) = interface.terms.clone() else { return true };
        match own {
            Some(own) => {
                let Some(mine) = own.terms.clone() else { return false };
                mine.iter().all(|&t| terms.iter().any(|&u| self.term_subset(t, u)))
            }
            None => terms.iter().any(|&u| self.term_subset(Term { tilde: false, ty }, u)),
        }
    }

    /// Whether values can be compared; `dynamic`: interfaces count (they may panic).
    pub fn is_comparable(&mut self, ty: TypeId, dynamic: bool) -> bool {
        self.within(ty, true, |store| store.is_comparable_inner(ty, dynamic))
    }

    fn is_comparable_inner(&mut self, ty: TypeId, dynamic: bool) -> bool {
        let param = self.is_type_param(ty);
        match self.under_type(ty) {
            Type::Basic(b) => b != Basic::UntypedNil,
            Type::Pointer(_) | Type::Chan { .. } => true,
            Type::Interface(i) => {
                dynamic && !param
                    || i.comparable
                    || i.terms
                        .clone()
                        .is_some_and(|t| !t.is_empty() && t.iter().all(|t| self.is_comparable(t.ty, false)))
            }
            Type::Struct(fields) => fields.iter().all(|f| self.is_comparable(f.ty, dynamic)),
            Type::Array { elem, .. } => self.is_comparable(elem, dynamic),
            _ => false,
        }
    }

    /// Whether nil is a value of the type.
    pub fn has_nil(&mut self, ty: TypeId) -> bool {
        self.all(ty, &mut |store, t| {
            matches!(
                store.get(t),
                Type::Basic(Basic::UnsafePointer)
                    | Type::Slice(_)
                    | Type::Pointer(_)
                    | Type::Signature(_)
                    | Type::Map { .. }
                    | Type::Chan { .. }
                    | Type::Interface(_)
            )
        })
    }
}

/// What is wrong with a method that an interface asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    Absent,
    /// There is one whose name differs in case: its name and type.
    WrongName(gorace_syntax::ast::Name, TypeId),
    /// There is one of another package.
    Unexported,
    IsField,
    WrongType(TypeId),
    PointerReceiver,
    Ambiguous,
}
