//! Declarations that lead back to themselves, and types that contain themselves.
//!
//! Three searches, as in types2: names declared as each other (`direct_cycles`, by syntax alone); declarations met while
//! they are being resolved (`valid_cycle`); types without a size because they contain themselves (`valid_type`). The
//! last walks the right sides of declarations as they are written, as the types themselves are kept by their underlying
//! types only; `nest` holds the types around a place, for the type arguments of instances, `path` the way there.

use crate::check::Checker;
use crate::codes::Code;
use crate::hash::{HashMap, HashSet};
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{Expr, ExprKind, InterfaceElem};

/// How deep instances may lead into each other before the search for a cycle gives up.
const MAX_NEST: usize = 100;

/// Where a walk stands: at a type as written in a file, or at a type.
#[derive(Clone, Copy)]
enum Node<'a> {
    Written(usize, &'a Expr),
    Type(TypeId),
}

impl<'a> Checker<'a> {
    /// Reports types that are declared as each other: `type A B; type B A`.
    pub fn direct_cycles(&mut self) {
        let scope = self.store.package(self.pkg).scope;
        let mut done: HashSet<ObjId> = HashSet::default();
        for start in self.package_objects.clone() {
            let mut path: Vec<ObjId> = Vec::new();
            let mut at = start;
            while let Some(&(_, decl)) = self.type_decls.get(&at) {
                if let Some(first) = path.iter().position(|&o| o == at) {
                    let cycle = path[first..].to_vec();
                    self.store.object_mut(at).ty = Basic::Invalid.id();
                    self.store.object_mut(at).color = Color::Black;
                    self.broken.insert(at);
                    self.cycle_error(&cycle, self.first_in_source(&cycle));
                    break;
                }
                if !done.insert(at) {
                    break;
                }
                path.push(at);
                let ExprKind::Name(name) = &decl.ty.kind else { break };
                let Some(&next) = self.store.scopes[scope.index()].names.get(name) else { break };
                at = next;
            }
        }
    }

    /// Whether a declaration may lead back to itself the way it does; reports it if not.
    pub fn valid_cycle(&mut self, obj: ObjId) -> bool {
        let Some(start) = self.resolving.iter().position(|&o| o == obj) else { return true };
        let cycle = self.resolving[start..].to_vec();
        let (mut values, mut types) = (0, 0);
        for &o in &cycle {
            let object = self.store.object(o);
            match object.kind {
                ObjKind::Const(_) | ObjKind::Var { .. } => values += 1,
                ObjKind::TypeName { alias } => {
                    let generic = self.store.as_named(object.ty).is_some_and(Named::is_generic)
                        || self.type_decls.get(&o).is_some_and(|(_, d)| alias && !d.type_params.is_empty());
                    if self.env.in_type_params && generic {
                        return true;
                    }
                    types += usize::from(!alias);
                }
                _ => {}
            }
        }
        // Values alone are left to the initialisation order; types alone may be recursive if one of them is defined.
        if values == cycle.len() || values == 0 && types > 0 {
            return true;
        }
        if cycle.iter().all(|&o| matches!(self.store.object(o).kind, ObjKind::Func)) {
            return true;
        }
        self.cycle_error(&cycle, self.first_in_source(&cycle));
        false
    }

    fn first_in_source(&self, cycle: &[ObjId]) -> usize {
        let at = |i: &usize| self.store.object(cycle[*i]).pos;
        (0..cycle.len()).min_by_key(at).unwrap_or(0)
    }

    pub fn cycle_error(&mut self, cycle: &[ObjId], start: usize) {
        let (names, positions): (Vec<String>, Vec<Pos>) = cycle.iter().map(|&o| self.cycle_entry(o)).unzip();
        self.report_cycle(cycle[start], &names, &positions, start);
    }

    /// What messages call an object on a cycle, and its place.
    fn cycle_entry(&self, obj: ObjId) -> (String, Pos) {
        let object = self.store.object(obj);
        let name = match self.store.as_named(object.ty) {
            Some(named) if named.origin.is_some() => self.show(object.ty),
            _ => object.name.to_string(),
        };
        (name, object.pos)
    }

    /// The same for a type: an instance stands where it is written first.
    fn cycle_type(&self, ty: TypeId) -> (String, Pos) {
        match (self.store.as_named(ty), self.instance_places.get(&ty)) {
            (Some(_), Some(&pos)) => (self.show(ty), pos),
            (Some(named), None) => self.cycle_entry(named.obj),
            (None, _) => (self.show(ty), Pos::NONE),
        }
    }

    /// Reports types that lead to each other.
    fn type_cycle_error(&mut self, cycle: &[TypeId]) {
        let (names, positions): (Vec<String>, Vec<Pos>) = cycle.iter().map(|&t| self.cycle_type(t)).unzip();
        if let Some(first) = cycle.first().and_then(|&t| self.store.as_named(t)).map(|n| n.obj) {
            self.report_cycle(first, &names, &positions, 0);
        }
    }

    fn report_cycle(&mut self, first: ObjId, names: &[String], positions: &[Pos], start: usize) {
        let cycle = names;
        let is_type = matches!(self.store.object(first).kind, ObjKind::TypeName { .. });
        if is_type {
            self.broken.insert(first);
        }
        let name = &names[start];
        let code = Code::InvalidDeclCycle;
        if cycle.len() == 1 {
            let what = if is_type { "invalid recursive type:" } else { "invalid cycle in declaration:" };
            self.error(positions[start], code, format!("{what} {name} refers to itself"));
            return;
        }
        let what = if is_type { "invalid recursive type" } else { "invalid cycle in declaration of" };
        let more: Vec<(Pos, String)> = (0..cycle.len())
            .map(|i| {
                let (at, next) = ((start + i) % cycle.len(), (start + i + 1) % cycle.len());
                (positions[at], format!("{} refers to {}", names[at], names[next]))
            })
            .collect();
        self.error_with(positions[start], code, format!("{what} {name}"), &more);
    }

    /// Whether a type is not one whose declaration is being resolved; reports the cycle if it is.
    pub fn is_complete(&mut self, ty: TypeId) -> bool {
        let mut at = ty;
        for _ in 0..MAX_NEST {
            let Some(named) = self.store.as_named(at) else { return true };
            if named.origin.is_some() {
                return true;
            }
            if let Some(start) = self.resolving.iter().position(|&o| o == named.obj) {
                let cycle = self.resolving[start..].to_vec();
                self.cycle_error(&cycle, self.first_in_source(&cycle));
                return false;
            }
            match self.right_sides.get(&at) {
                Some(&next) => at = next,
                None => return true,
            }
        }
        true
    }

    /// Whether a function may be mentioned while its signature is being resolved: not on the way from a variable that
    /// stands before it in the source; reports that.
    pub fn function_cycle(&mut self, obj: ObjId) -> bool {
        let Some(start) = self.resolving.iter().position(|&o| o == obj) else { return true };
        let cycle = self.resolving[start..].to_vec();
        let first = self.first_in_source(&cycle);
        if !matches!(self.store.object(cycle[first]).kind, ObjKind::Var { .. } | ObjKind::Const(_)) {
            return true;
        }
        self.cycle_error(&cycle, first);
        false
    }

    /// As `is_complete`, for a type as it is written: an alias whose declaration is being resolved begins the cycle.
    pub fn is_complete_written(&mut self, e: &Expr, ty: TypeId) -> bool {
        let alias = self.type_object(e).and_then(|obj| self.resolving.iter().position(|&o| o == obj));
        if let Some(start) = alias {
            let cycle = self.resolving[start..].to_vec();
            self.cycle_error(&cycle, self.first_in_source(&cycle));
            return false;
        }
        let Some(start) = self.store.as_named(ty).and_then(|n| self.resolving.iter().position(|&o| o == n.obj)) else {
            return self.is_complete(ty);
        };
        // Aliases that were asked for before the type have led to it.
        let mut cycle = self.resolving[start..].to_vec();
        let end = self.began.get(&cycle[0]).copied();
        let mut at = self.type_object(e);
        while let Some((obj, decl)) = at.and_then(|obj| Some((obj, self.type_decls.get(&obj)?.1)))
            && decl.alias.is_some()
            && self.began.get(&obj).copied() < end
            && !cycle.contains(&obj)
        {
            cycle.push(obj);
            at = match &decl.ty.kind {
                ExprKind::Name(name) => self.store.lookup(self.store.package(self.pkg).scope, name),
                _ => None,
            };
        }
        self.cycle_error(&cycle, self.first_in_source(&cycle));
        false
    }

    /// Whether a type's size depends on a type parameter, or cannot be known as the type leads to itself (reported).
    pub fn has_var_size(&mut self, ty: TypeId) -> bool {
        self.var_size(ty, &mut Vec::new())
    }

    fn var_size(&mut self, ty: TypeId, path: &mut Vec<TypeId>) -> bool {
        match self.store.get(ty).clone() {
            Type::TypeParam(_) => true,
            Type::Array { elem, .. } => self.var_size(elem, path),
            Type::Struct(fields) => fields.iter().any(|f| self.var_size(f.ty, path)),
            Type::Named(_) => {
                if let Some(&known) = self.var_sizes.get(&ty) {
                    return known;
                }
                if let Some(start) = path.iter().position(|&p| p == ty) {
                    self.type_cycle_error(&path[start..]);
                    return true;
                }
                let Some((obj, is_instance)) = self.store.as_named(ty).map(|n| (n.obj, n.origin.is_some())) else {
                    return false;
                };
                if let (Some(start), false) = (self.resolving.iter().position(|&o| o == obj), is_instance) {
                    let mut cycle = self.resolving[start..].to_vec();
                    cycle.extend(path.iter().filter_map(|&t| self.store.as_named(t)).map(|n| n.obj));
                    self.cycle_error(&cycle, self.first_in_source(&cycle));
                    return true;
                }
                if path.len() > MAX_NEST {
                    return false;
                }
                self.complete(ty);
                let right = match self.right_sides.get(&ty) {
                    Some(&right) => right,
                    None => self.store.under(ty),
                };
                path.push(ty);
                let result = self.var_size(right, path);
                path.pop();
                self.var_sizes.insert(ty, result);
                result
            }
            _ => false,
        }
    }

    /// Reports a type that contains itself.
    pub fn valid_type(&mut self, ty: TypeId) {
        let mut known: HashMap<TypeId, ()> = HashMap::default();
        self.valid_node(Node::Type(ty), &mut Vec::new(), &mut Vec::new(), &mut known);
    }

    fn valid_node(
        &mut self,
        node: Node<'a>,
        nest: &mut Vec<TypeId>,
        path: &mut Vec<TypeId>,
        known: &mut HashMap<TypeId, ()>,
    ) -> bool {
        if path.len() > MAX_NEST {
            return true;
        }
        let (file, e) = match node {
            Node::Type(ty) => return self.valid_type_at(ty, nest, path, known),
            Node::Written(file, e) => (file, e),
        };
        match &e.kind {
            ExprKind::Paren(x) => self.valid_node(Node::Written(file, x), nest, path, known),
            ExprKind::ArrayType { elem, .. } => self.valid_node(Node::Written(file, elem), nest, path, known),
            ExprKind::StructType(s) => {
                let mut last = None;
                s.fields.iter().all(|f| {
                    last.replace(f.ty.id) == Some(f.ty.id)
                        || self.valid_node(Node::Written(file, &f.ty), nest, path, known)
                })
            }
            ExprKind::InterfaceType(i) => i.elems.iter().all(|elem| match elem {
                InterfaceElem::Embed(e) => self.valid_node(Node::Written(file, e), nest, path, known),
                InterfaceElem::Method { .. } => true,
            }),
            ExprKind::Binary { x, y, .. } => {
                self.valid_node(Node::Written(file, x), nest, path, known)
                    && self.valid_node(Node::Written(file, y), nest, path, known)
            }
            ExprKind::Unary { x, .. } => self.valid_node(Node::Written(file, x), nest, path, known),
            ExprKind::Name(_) => {
                // An alias stands for what it is declared as.
                let obj = self.info[file].objects.get(&e.id).copied();
                if let Some((at, decl)) = obj.and_then(|o| self.type_decls.get(&o)).copied()
                    && decl.alias.is_some()
                    && decl.type_params.is_empty()
                {
                    if self.broken.contains(&obj.unwrap_or(ObjId(0))) || path.len() + nest.len() > MAX_NEST {
                        return true;
                    }
                    return self.valid_node(Node::Written(at, &decl.ty), nest, path, known);
                }
                let ty = self.info[file].types[e.id.index()].ty;
                self.valid_node(Node::Type(ty), nest, path, known)
            }
            ExprKind::Selector { .. } | ExprKind::Index { .. } => {
                let ty = self.info[file].types[e.id.index()].ty;
                self.valid_node(Node::Type(ty), nest, path, known)
            }
            _ => true,
        }
    }

    fn valid_type_at(
        &mut self,
        ty: TypeId,
        nest: &mut Vec<TypeId>,
        path: &mut Vec<TypeId>,
        known: &mut HashMap<TypeId, ()>,
    ) -> bool {
        match self.store.get(ty).clone() {
            Type::Array { elem, .. } => self.valid_node(Node::Type(elem), nest, path, known),
            Type::Struct(fields) => fields.iter().all(|f| self.valid_node(Node::Type(f.ty), nest, path, known)),
            Type::Interface(i) => {
                let terms = i.terms.clone();
                terms.iter().flat_map(|t| t.iter()).all(|t| self.valid_node(Node::Type(t.ty), nest, path, known))
            }
            Type::Named(at) => {
                let obj = self.store.named[at as usize].obj;
                let imported = self.store.object(obj).pkg != Some(self.pkg);
                // What another package declares leads back here by its type arguments only.
                if imported && self.store.named[at as usize].targs.is_empty() {
                    return true;
                }
                if nest.contains(&ty) {
                    let origin = self.store.origin(ty);
                    self.right_sides.insert(origin, Basic::Invalid.id());
                    if let Some(n) = self.store.as_named_mut(origin) {
                        n.underlying = Some(Basic::Invalid.id());
                    }
                    if let Some(start) = path.iter().position(|&p| p == ty) {
                        self.type_cycle_error(&path[start..]);
                    }
                    return false;
                }
                if self.store.named[at as usize].targs.is_empty() && known.contains_key(&ty) {
                    return true;
                }
                let origin = self.store.origin(ty);
                if self.right_sides.get(&origin) == Some(&Basic::Invalid.id()) {
                    return true;
                }
                let right = match self.type_decls.get(&obj) {
                    Some(&(file, decl)) => Node::Written(file, &decl.ty),
                    None if imported => Node::Type(self.store.under(origin)),
                    None => return true,
                };
                nest.push(ty);
                path.push(ty);
                let valid = self.valid_node(right, nest, path, known);
                nest.pop();
                path.pop();
                if valid {
                    known.insert(ty, ());
                }
                valid
            }
            Type::TypeParam(_) => {
                // It stands for the argument of the instance around, which is not inside that instance.
                let Some(&inst) = nest.last() else { return true };
                let Some(named) = self.store.as_named(inst) else { return true };
                let targs = named.targs.clone();
                let origin = self.store.origin(inst);
                let params = self.store.as_named(origin).map(|n| n.type_params.clone()).unwrap_or_default();
                let Some(&targ) = params.iter().position(|&p| p == ty).and_then(|i| targs.get(i)) else { return true };
                nest.pop();
                let valid = self.valid_node(Node::Type(targ), nest, path, known);
                nest.push(inst);
                valid
            }
            _ => true,
        }
    }
}
