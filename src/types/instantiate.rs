//! Instantiation of generic functions: type arguments written, inferred from arguments, constraints, or the type that the
//! function is assigned to (Go spec, "Instantiations", "Type inference").

use crate::check::{Checker, place};
use crate::codes::Code;
use crate::expr::Target;
use crate::hash::HashSet;
use crate::infer::{Unifier, UnifyMode};
use crate::mono::Instantiation;
use crate::operand::Operand;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{Expr, ExprKind};
use std::rc::Rc;

/// An argument for inference: the type it has, what messages call it, where it is.
#[derive(Debug, Clone)]
pub(crate) struct InferArgument<'a> {
    pub ty: TypeId,
    pub text: String,
    /// What it is, for the type's text.
    pub expr: Option<&'a Expr>,
    pub pos: Pos,
    pub nil: bool,
}

/// Why inference failed, with its place; `None` when that has been reported.
pub(crate) type InferError = Option<(Pos, String)>;

impl<'a> Checker<'a> {
    /// Infers the type arguments that are not given, from arguments for parameters of the types `wanted`. `reverse`: a
    /// function is to fit a variable.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn infer(
        &mut self,
        pos: Pos,
        params: &[TypeId],
        targs: &[Option<TypeId>],
        wanted: &[TypeId],
        args: &[InferArgument<'a>],
        reverse: bool,
    ) -> Result<Vec<TypeId>, InferError> {
        if let Some(all) = targs.iter().copied().collect::<Option<Vec<TypeId>>>()
            && all.len() == params.len()
        {
            return Ok(all);
        }
        if args.iter().any(|a| !self.store.is_valid_type(a.ty)) {
            return Err(None);
        }
        let (known, known_types): (Vec<TypeId>, Vec<TypeId>) =
            params.iter().zip(targs).filter_map(|(&p, t)| t.map(|t| (p, t))).unzip();
        let wanted: Vec<TypeId> = wanted.iter().map(|&w| self.store.subst(w, &known, &known_types)).collect();
        let mut unifier = Unifier::new(params, targs, self.version() >= 21);
        let mut untyped = Vec::new();
        for (arg, &par) in args.iter().zip(&wanted) {
            if !self.is_parameterized(params, par) && !self.is_parameterized(params, arg.ty) {
                continue;
            }
            if self.store.is_untyped(arg.ty) {
                if let Some(at) = params.iter().position(|&p| p == par)
                    && !arg.nil
                {
                    untyped.push((at, arg));
                }
            } else if !unifier.unify(self.store, par, arg.ty, UnifyMode::ASSIGN) {
                let message = self.mismatch(params, &unifier.inferred(), par, arg, args, reverse);
                return Err(Some((arg.pos, message)));
            }
        }
        loop {
            let before = unifier.unknowns();
            for (at, &param) in params.iter().enumerate() {
                self.use_constraint(&mut unifier, params, at, param, args).map_err(|message| Some((pos, message)))?;
            }
            if unifier.unknowns() == before {
                break;
            }
        }
        // Untyped constants: the largest default kind among those given to one parameter.
        let mut largest: Vec<Option<TypeId>> = vec![None; params.len()];
        for (at, arg) in untyped {
            if unifier.at(at).is_some() {
                continue;
            }
            largest[at] = Some(match largest[at] {
                None => arg.ty,
                Some(known) => match self.larger_untyped(known, arg.ty) {
                    Some(larger) => larger,
                    None => {
                        let (a, b, p) = (self.show(known), self.show(arg.ty), self.show(params[at]));
                        return Err(Some((arg.pos, format!("mismatched types {a} and {b} (cannot infer {p})"))));
                    }
                },
            });
        }
        for (at, kind) in largest.into_iter().enumerate() {
            if let Some(kind) = kind {
                let ty = self.store.default_type(kind);
                unifier.set(at, ty);
            }
        }
        let inferred = self.simplified(params, unifier.inferred());
        let mut all = Vec::new();
        for (&param, ty) in params.iter().zip(inferred) {
            match ty {
                Some(ty) if !self.is_parameterized(params, ty) => all.push(ty),
                _ => {
                    let Some(obj) = self.store.as_type_param(param).map(|p| p.obj) else { return Err(None) };
                    let object = self.store.object(obj);
                    let message = format!("cannot infer {} (declared at {})", object.name, place(object.pos));
                    return Err(Some((pos, message)));
                }
            }
        }
        Ok(all)
    }

    fn larger_untyped(&self, a: TypeId, b: TypeId) -> Option<TypeId> {
        let (&Type::Basic(x), &Type::Basic(y)) = (self.store.get(a), self.store.get(b)) else { return None };
        if a == b {
            return Some(a);
        }
        (x.is_numeric() && y.is_numeric()).then(|| x.max(y).id())
    }

    /// A type for messages, spelled as that of the argument that has it.
    fn show_argument(&self, args: &[InferArgument<'a>], ty: TypeId) -> String {
        let spelling = args.iter().filter(|a| a.ty == ty).find_map(|a| self.spelling_of(a.expr?, ty));
        self.show_as(ty, spelling)
    }

    /// The words for an argument that does not fit its parameter.
    fn mismatch(
        &mut self,
        params: &[TypeId],
        inferred: &[Option<TypeId>],
        par: TypeId,
        arg: &InferArgument<'a>,
        args: &[InferArgument<'a>],
        reverse: bool,
    ) -> String {
        let (par_text, ty, text) = (self.show(par), self.show_argument(args, arg.ty), &arg.text);
        if inferred.iter().all(Option::is_none) {
            let names: Vec<String> = params.iter().map(|&p| self.show(p)).collect();
            let names = match &names[..] {
                [a, b] => format!("{a} and {b}"),
                [first @ .., last] if !first.is_empty() => format!("{}, and {last}", first.join(", ")),
                _ => names.join(""),
            };
            return format!("type {ty} of {text} does not match {par_text} (cannot infer {names})");
        }
        let (known, types): (Vec<TypeId>, Vec<TypeId>) =
            params.iter().zip(inferred).filter_map(|(&p, t)| t.map(|t| (p, t))).unzip();
        let filled = self.store.subst(par, &known, &types);
        if filled == par {
            return format!("type {ty} of {text} does not match {par_text}");
        }
        let filled = self.show_argument(args, filled);
        if reverse {
            format!("inferred type {filled} for {par_text} does not match type {ty} of {text}")
        } else {
            format!("type {ty} of {text} does not match inferred type {filled} for {par_text}")
        }
    }

    /// Lets a parameter's constraint tell its type, or that of others.
    fn use_constraint(
        &mut self,
        unifier: &mut Unifier,
        params: &[TypeId],
        at: usize,
        param: TypeId,
        args: &[InferArgument<'a>],
    ) -> Result<(), String> {
        let known = unifier.at(at);
        let constraint = self.store.as_type_param(param).map_or(Basic::Invalid.id(), |p| p.constraint);
        let fails = |c: &mut Self, known: TypeId, cause: &str| {
            let (p, t, k) = (c.show(param), c.show_argument(args, known), c.show_constraint(param, constraint));
            Err(format!("{p} (type {t}) does not satisfy {k}{cause}"))
        };
        let terms = self.store.terms(param);
        let core = self.store.core_type(param);
        match (&terms, known) {
            (Some(terms), Some(known)) => {
                let core = if let [only] = terms[..] { Some(only.ty) } else { core };
                if let Some(core) = core
                    && !unifier.unify(self.store, known, core, UnifyMode::INEXACT)
                {
                    return fails(self, known, "");
                }
            }
            (Some(terms), None) => {
                if let [Term { tilde: false, ty }] = terms[..] {
                    unifier.set(at, ty);
                }
            }
            _ => {}
        }
        if let Some(known) = known
            && !self.is_parameterized(params, known)
            && let Some(interface) = self.store.interface(param)
        {
            for method in interface.methods.iter() {
                let single = Interface { methods: Rc::from([method.clone()]), ..Interface::default() };
                let missing = match self.store.missing_method(known, &single, true) {
                    None => continue,
                    Some((_, crate::lookup::Missing::WrongType(signature)))
                        if unifier.unify(self.store, signature, method.signature, UnifyMode::EXACT) =>
                    {
                        continue;
                    }
                    Some((_, missing)) => missing,
                };
                let cause = self.missing_method_cause(known, constraint, method, &missing);
                return fails(self, known, &format!(" {cause}"));
            }
        }
        Ok(())
    }

    /// Replaces parameters inside inferred types by what they stand for; those that contain themselves are unknown.
    fn simplified(&mut self, params: &[TypeId], mut inferred: Vec<Option<TypeId>>) -> Vec<Option<TypeId>> {
        for &param in params {
            self.kill_cycles(params, &mut inferred, param, &mut HashSet::default());
        }
        for _ in 0..=params.len() {
            let (known, types): (Vec<TypeId>, Vec<TypeId>) =
                params.iter().zip(&inferred).filter_map(|(&p, t)| t.map(|t| (p, t))).unzip();
            let next: Vec<Option<TypeId>> =
                inferred.iter().map(|t| t.map(|t| self.store.subst(t, &known, &types))).collect();
            if next == inferred {
                break;
            }
            inferred = next;
        }
        inferred
    }

    fn kill_cycles(
        &mut self,
        params: &[TypeId],
        inferred: &mut Vec<Option<TypeId>>,
        ty: TypeId,
        seen: &mut HashSet<TypeId>,
    ) {
        let at = params.iter().position(|&p| p == ty);
        if !seen.insert(ty) {
            if let Some(at) = at {
                inferred[at] = None;
            }
            return;
        }
        let parts = match at {
            Some(at) => inferred[at].into_iter().collect(),
            None => self.store.parts(ty),
        };
        for part in parts {
            self.kill_cycles(params, inferred, part, seen);
        }
        seen.remove(&ty);
    }

    pub fn is_parameterized(&mut self, params: &[TypeId], ty: TypeId) -> bool {
        let mut seen = HashSet::default();
        let mut work = vec![ty];
        while let Some(ty) = work.pop() {
            if params.contains(&ty) {
                return true;
            }
            if seen.insert(ty) {
                work.extend(self.store.parts(ty));
            }
        }
        false
    }

    /// A signature over fresh copies of its type parameters, so that a generic function can call itself with other
    /// arguments.
    pub fn renamed(&mut self, own: &[TypeId], signature: &Signature) -> (Rc<[TypeId]>, Rc<Signature>) {
        let mut fresh = Vec::new();
        for (i, &p) in own.iter().enumerate() {
            let Some(param) = self.store.as_type_param(p).cloned() else { continue };
            fresh.push(self.store.new_type_param(param.obj, i as u32, param.constraint));
        }
        for &f in &fresh {
            let Some(constraint) = self.store.as_type_param(f).map(|p| p.constraint) else { continue };
            let constraint = self.store.subst(constraint, own, &fresh);
            self.store.set_constraint(f, constraint);
        }
        for (p, &f) in own.iter().zip(&fresh) {
            if let Some(&written) = self.constraints.get(p) {
                self.constraints.insert(f, written);
            }
        }
        let renamed = Signature {
            params: signature.params.iter().map(|&t| self.store.subst(t, own, &fresh)).collect(),
            results: signature.results.iter().map(|&t| self.store.subst(t, own, &fresh)).collect(),
            variadic: signature.variadic,
            type_params: fresh.clone().into(),
        };
        (fresh.into(), Rc::new(renamed))
    }

    /// The signature with all type parameters replaced.
    pub fn instantiated_signature(
        &mut self,
        params: &[TypeId],
        targs: &[TypeId],
        signature: &Signature,
    ) -> Rc<Signature> {
        Rc::new(Signature {
            params: signature.params.iter().map(|&t| self.store.subst(t, params, targs)).collect(),
            results: signature.results.iter().map(|&t| self.store.subst(t, params, targs)).collect(),
            variadic: signature.variadic,
            type_params: Rc::from([]),
        })
    }

    /// Records an instance of a function and lets its type arguments be verified; gives the instantiated signature.
    pub fn instantiate_signature(
        &mut self,
        pos: Pos,
        callee: &'a Expr,
        signature: &Signature,
        targs: Rc<[TypeId]>,
        positions: Rc<[Pos]>,
    ) -> Rc<Signature> {
        let own = signature.type_params.clone();
        self.record_instance(callee, targs.clone());
        let made = self.instantiated_signature(&own, &targs, signature);
        self.later(move |c| {
            if c.verify_targs(&own, &targs, pos, &positions) {
                c.instantiations.push(Instantiation { pos, params: own, targs, positions });
            }
        });
        made
    }

    /// Records type arguments at the identifier that names the generic function.
    fn record_instance(&mut self, callee: &Expr, targs: Rc<[TypeId]>) {
        let id = match &callee.kind {
            ExprKind::Selector { sel, .. } => sel.id,
            ExprKind::Paren(x) => return self.record_instance(x, targs),
            ExprKind::Index { x, .. } => {
                let targs = match self.partial.get(&(self.file, callee.id)) {
                    Some(written) => written.iter().chain(targs.iter()).copied().collect(),
                    None => targs,
                };
                return self.record_instance(x, targs);
            }
            _ => callee.id,
        };
        self.info[self.file].instances.insert(id, Instance { targs });
    }

    /// The written type arguments of `f[T1, T2]`; reports them if they are wrong.
    pub fn written_targs(&mut self, indices: &'a [Expr], want: usize, last: bool) -> Option<Vec<TypeId>> {
        let targs: Vec<TypeId> = indices.iter().map(|i| self.var_type(i)).collect();
        if targs.contains(&Basic::Invalid.id()) {
            return None;
        }
        if targs.len() > want {
            let at = if last { targs.len() - 1 } else { want };
            let message = format!("got {} type arguments but want {want}", targs.len());
            self.error(indices[at].pos, Code::WrongTypeArgCount, message);
            return None;
        }
        Some(targs)
    }

    /// `f[T1, T2]` not called: all arguments given, or the rest inferred from constraints and the type that it is to have.
    /// Without `infer` the rest stays open, for a call to tell.
    pub fn instantiate_function(&mut self, x: &mut Operand<'a>, e: &'a Expr, target: Option<Target>, infer: bool) {
        let ExprKind::Index { x: callee, indices, lbrack, .. } = &e.kind else { return };
        let Type::Signature(s) = self.store.get(x.ty).clone() else { return };
        x.expr = Some(e);
        self.verify_version(*lbrack, 18, "function instantiation");
        let Some(targs) = self.written_targs(indices, s.type_params.len(), true) else { return x.make_invalid() };
        let positions: Rc<[Pos]> = indices.iter().map(|i| i.pos).collect();
        let pos = *lbrack;
        let full: Rc<[TypeId]> = if targs.len() == s.type_params.len() {
            targs.into()
        } else if !infer {
            // What the written ones determine through the constraints needs no call to tell.
            match self.determined_by_constraints(&s, &targs, pos) {
                Some(full) => full,
                None => return self.partly_instantiated(x, e, &s, targs),
            }
        } else {
            match self.infer_for_target(x, &s, targs, target.as_ref(), pos) {
                Some(full) => full,
                None => return x.make_invalid(),
            }
        };
        let made = self.instantiate_signature(pos, callee, &s, full, positions);
        x.ty = self.store.intern(Type::Signature(made));
        x.mode = Mode::Value;
        self.record(callee.id, Mode::Value, x.ty);
    }

    /// A generic function without type arguments gets them from the type that it is to have.
    pub fn instantiate_by_target(&mut self, x: &mut Operand<'a>, target: &Target) {
        let (Some(e), Type::Signature(s)) = (x.expr, self.store.get(x.ty).clone()) else { return };
        let pos = e.pos;
        match self.infer_for_target(x, &s, Vec::new(), Some(target), pos) {
            Some(full) => {
                let made = self.instantiate_signature(pos, e, &s, full, Rc::from([]));
                x.ty = self.store.intern(Type::Signature(made));
            }
            None => x.make_invalid(),
        }
    }

    fn infer_for_target(
        &mut self,
        x: &Operand<'a>,
        s: &Signature,
        targs: Vec<TypeId>,
        target: Option<&Target>,
        pos: Pos,
    ) -> Option<Rc<[TypeId]>> {
        let (params, renamed) = self.renamed(&s.type_params, s);
        let (mut wanted, mut args) = (Vec::new(), Vec::new());
        if let Some(target) = target {
            if self.version() < 18 {
                self.verify_version(x.pos(), 18, "function instantiation");
            } else if self.version() < 21 {
                let what = if targs.is_empty() { "implicitly" } else { "partially" };
                self.verify_version(pos, 21, &format!("{what} instantiated function in assignment"));
            }
            let open = Signature { type_params: Rc::from([]), ..(*renamed).clone() };
            wanted.push(self.store.intern(Type::Signature(Rc::new(open))));
            let text = target.what.to_string();
            args.push(InferArgument { ty: target.signature, text, expr: None, pos: x.pos(), nil: false });
        }
        let known: Vec<Option<TypeId>> = (0..params.len()).map(|i| targs.get(i).copied()).collect();
        match self.infer(pos, &params, &known, &wanted, &args, target.is_some()) {
            Ok(full) => Some(full.into()),
            Err(Some((pos, message))) => {
                self.error(pos, Code::CannotInferTypeArgs, message);
                None
            }
            Err(None) => None,
        }
    }

    /// All type arguments, where the first ones leave only one choice for the others.
    fn determined_by_constraints(&mut self, s: &Signature, written: &[TypeId], pos: Pos) -> Option<Rc<[TypeId]>> {
        let (params, _) = self.renamed(&s.type_params, s);
        let known: Vec<Option<TypeId>> = (0..params.len()).map(|i| written.get(i).copied()).collect();
        self.infer(pos, &params, &known, &[], &[], false).ok().map(Into::into)
    }

    /// `f[T1]` of a function with more type parameters: generic in the rest.
    fn partly_instantiated(&mut self, x: &mut Operand<'a>, e: &'a Expr, s: &Signature, written: Vec<TypeId>) {
        let (fresh, renamed) = self.renamed(&s.type_params, s);
        let (known, rest) = fresh.split_at(written.len());
        for &param in rest {
            let Some(constraint) = self.store.as_type_param(param).map(|p| p.constraint) else { continue };
            let constraint = self.store.subst(constraint, known, &written);
            self.store.set_constraint(param, constraint);
        }
        let signature = self.instantiated_signature(known, &written, &renamed);
        let signature = Signature { type_params: rest.into(), ..(*signature).clone() };
        self.partial.insert((self.file, e.id), written.into());
        x.ty = self.store.intern(Type::Signature(Rc::new(signature)));
    }
}

impl Store {
    /// The types that a type is made of; of an instance its arguments, of a generic type its own parameters.
    pub(crate) fn parts(&mut self, ty: TypeId) -> Vec<TypeId> {
        match self.get(ty).clone() {
            Type::Basic(_) | Type::TypeParam(_) => Vec::new(),
            Type::Array { elem, .. } | Type::Slice(elem) | Type::Pointer(elem) | Type::Chan { elem, .. } => vec![elem],
            Type::Map { key, elem } => vec![key, elem],
            Type::Struct(fields) => fields.iter().map(|f| f.ty).collect(),
            Type::Tuple(parts) => parts.to_vec(),
            Type::Signature(s) => s.params.iter().chain(s.results.iter()).copied().collect(),
            Type::Interface(i) => {
                let terms = i.terms.iter().flat_map(|t| t.iter()).map(|t| t.ty);
                i.methods.iter().map(|m| m.signature).chain(terms).collect()
            }
            Type::Named(at) => {
                let named = &self.named[at as usize];
                if named.origin.is_some() { named.targs.to_vec() } else { named.type_params.to_vec() }
            }
        }
    }
}
