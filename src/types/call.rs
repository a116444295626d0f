//! Selectors, calls, conversions, instantiation of generic functions.

use crate::check::Checker;
use crate::constant::Const;
use crate::infer::Unifier;
use crate::lookup::{Entry, NotFound};
use crate::operand::Operand;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{self, Expr, ExprKind, Ident};
use gorace_syntax::printer::expr_string;
use std::rc::Rc;

impl<'a> Checker<'a> {
    pub fn selector(&mut self, e: &'a Expr, x: &'a Expr, sel: &'a Ident) -> Operand<'a> {
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
                    return Operand::invalid(e);
                };
                self.record_use(sel.id, found);
                let operand = self.object_operand(e, found);
                self.record(sel.id, operand.mode, operand.ty);
                if let (Mode::Builtin, Some(b)) = (operand.mode, operand.builtin) {
                    self.info[self.file].builtins.insert(sel.id, b);
                }
                return operand;
            }
        }
        let x = self.expr_or_type(x, false);
        if x.is_invalid() {
            return Operand::invalid(e);
        }
        if sel.name == "_" {
            self.error(sel.pos, "cannot refer to blank field or method");
            return Operand::invalid(e);
        }
        if x.is_nil() {
            self.error(e.pos, "invalid use of nil in selector expression");
            return Operand::invalid(e);
        }
        let mut lookup_type = x.ty;
        if self.store.is_untyped(lookup_type) {
            lookup_type = self.store.default_type(lookup_type);
        }
        let found = match self.store.lookup_member(lookup_type, &sel.name, Some(self.pkg)) {
            Ok(found) => found,
            Err(why) => {
                self.no_member(&x, sel, why);
                return Operand::invalid(e);
            }
        };
        let pkg = if is_exported(&sel.name) { None } else { Some(self.pkg) };
        let mut selection = Selection {
            kind: SelectionKind::Field,
            recv: lookup_type,
            path: found.path.clone(),
            indirect: found.indirect,
            name: sel.name.clone(),
            pkg,
            method: None,
            pointer_receiver: false,
        };
        let method_type = match &found.entry {
            Entry::Field(ty) => {
                if x.mode == Mode::TypeExpr {
                    let (text, name) = (self.show(x.ty), &sel.name);
                    self.error(sel.pos, format!("{text}.{name} undefined (type {text} has no method {name})"));
                    return Operand::invalid(e);
                }
                let ty = *ty;
                self.info[self.file].selections.insert(e.id, Rc::new(selection));
                let pointer = matches!(self.store.under_type(lookup_type), Type::Pointer(_));
                let mode =
                    if x.mode == Mode::Variable || found.indirect || pointer { Mode::Variable } else { Mode::Value };
                return Operand { mode, ..Operand::value(e, ty) };
            }
            Entry::Interface(m) => m.signature,
            Entry::Method { obj, holder } => {
                self.resolve_if_global(*obj);
                self.add_dependency(*obj);
                selection.method = Some(*obj);
                selection.pointer_receiver = self.store.has_pointer_receiver(*obj);
                self.record_use(sel.id, *obj);
                self.store.method_signature(*obj, *holder)
            }
        };
        let addressable = x.mode == Mode::Variable;
        if let Entry::Method { .. } = found.entry
            && selection.pointer_receiver
            && !found.indirect
            && (x.mode == Mode::TypeExpr || !addressable)
        {
            let text = self.show(lookup_type);
            if x.mode == Mode::TypeExpr {
                self.error(
                    sel.pos,
                    format!(
                        "invalid method expression {text}.{} (needs pointer receiver (*{text}).{})",
                        sel.name, sel.name
                    ),
                );
            } else {
                self.error(e.pos, format!("cannot call pointer method {} on {text}", sel.name));
            }
            return Operand::invalid(e);
        }
        if x.mode == Mode::TypeExpr {
            selection.kind = SelectionKind::MethodExpr;
            self.info[self.file].selections.insert(e.id, Rc::new(selection));
            let Type::Signature(s) = self.store.get(method_type).clone() else { return Operand::invalid(e) };
            let params: Vec<TypeId> = std::iter::once(x.ty).chain(s.params.iter().copied()).collect();
            let ty = Signature { params: params.into(), ..(*s).clone() };
            let ty = self.store.intern(Type::Signature(Rc::new(ty)));
            return Operand::value(e, ty);
        }
        selection.kind = SelectionKind::Method;
        self.info[self.file].selections.insert(e.id, Rc::new(selection));
        Operand::value(e, method_type)
    }

    fn no_member(&mut self, x: &Operand<'a>, sel: &Ident, why: NotFound) {
        let text = x.expr.map(expr_string).unwrap_or_default();
        let name = &sel.name;
        if why == NotFound::Ambiguous {
            return self.error(sel.pos, format!("ambiguous selector {text}.{name}"));
        }
        let ty = self.show(x.ty);
        let (base, pointer) = self.store.deref(x.ty);
        let reason = if pointer && self.store.is_interface(base) {
            format!("type {ty} is pointer to interface, not interface")
        } else if pointer && self.store.is_type_param(base) {
            format!("type {ty} is pointer to type parameter, not type parameter")
        } else {
            // The same name in another case?
            let mut chars = name.chars();
            let flipped: Option<String> = chars.next().map(|c| {
                let first: String =
                    if c.is_lowercase() { c.to_uppercase().collect() } else { c.to_lowercase().collect() };
                first + chars.as_str()
            });
            let alternative =
                flipped.filter(|f| f != name.as_str() && self.store.lookup_member(x.ty, f, Some(self.pkg)).is_ok());
            match alternative {
                Some(other) => {
                    let what = match self.store.lookup_member(x.ty, &other, Some(self.pkg)).map(|f| f.entry) {
                        Ok(Entry::Field(_)) => "field",
                        _ => "method",
                    };
                    format!("type {ty} has no field or method {name}, but does have {what} {other}")
                }
                None if x.mode == Mode::TypeExpr => format!("type {ty} has no method {name}"),
                None => format!("type {ty} has no field or method {name}"),
            }
        };
        self.error(sel.pos, format!("{text}.{name} undefined ({reason})"));
    }

    /// A call, conversion or builtin.
    pub fn call(&mut self, e: &'a Expr, hint: Option<TypeId>) -> Operand<'a> {
        let ExprKind::Call { fun, args, ellipsis, rparen, .. } = &e.kind else { return Operand::invalid(e) };
        let _ = hint;
        // Partial instantiation f[T](…) leaves the rest to the arguments.
        #[expect(clippy::type_complexity, reason = "type arguments, what they are given to, where they stand")]
        let mut explicit: Option<(Rc<[TypeId]>, &'a Expr, Vec<Pos>)> = None;
        let mut callee_expr: &'a Expr = fun;
        while let ExprKind::Paren(inner) = &callee_expr.kind {
            callee_expr = inner;
        }
        let mut x = match &callee_expr.kind {
            ExprKind::Index { x: inner, indices, .. } if !self.is_type_operand(inner) => {
                let f = self.raw(inner, None, true);
                match self.store.get(f.ty).clone() {
                    Type::Signature(s) if f.mode == Mode::Value && !s.type_params.is_empty() => {
                        let targs: Rc<[TypeId]> = indices.iter().map(|i| self.var_type(i)).collect();
                        if targs.contains(&Basic::Invalid.id()) {
                            self.use_args(args);
                            return Operand::invalid(e);
                        }
                        if targs.len() > s.type_params.len() {
                            let at = indices[s.type_params.len()].pos;
                            self.error(
                                at,
                                format!(
                                    "got {} type arguments but {} has {} type parameters",
                                    targs.len(),
                                    expr_string(inner),
                                    s.type_params.len()
                                ),
                            );
                            self.use_args(args);
                            return Operand::invalid(e);
                        }
                        let positions = indices.iter().map(|i| i.pos).collect();
                        explicit = Some((targs, inner, positions));
                        f
                    }
                    _ => self.raw(fun, None, true),
                }
            }
            _ => self.raw(fun, None, true),
        };
        match x.mode {
            Mode::Invalid => {
                self.use_args(args);
                return Operand::invalid(e);
            }
            Mode::TypeExpr => return self.conversion_call(e, x.ty, args, *rparen),
            Mode::Builtin => {
                let Some(b) = x.builtin else { return Operand::invalid(e) };
                return self.builtin(e, b, args, ellipsis.is_some(), *rparen);
            }
            Mode::NoValue => {
                let text = expr_string(fun);
                self.error(e.pos, format!("{text} (no value) used as value"));
                return Operand::invalid(e);
            }
            _ => {}
        }
        self.single_value(&mut x);
        let Some(signature) = (if x.is_invalid() { None } else { self.store.signature(x.ty) }) else {
            if !x.is_invalid() {
                let what = self.describe(&x);
                self.error(x.pos(), format!("invalid operation: cannot call non-function {what}"));
            }
            self.use_args(args);
            return Operand::invalid(e);
        };
        let generic = !signature.type_params.is_empty();
        let operands = self.argument_operands(args, &signature, generic);
        let signature = if generic {
            let (known, ident, positions) = match explicit {
                Some((targs, inner, positions)) => (targs, inner, positions),
                None => (Rc::from([]), callee_expr, Vec::new()),
            };
            match self.infer_call(e, ident, &signature, &known, &positions, &operands, ellipsis.is_some(), *rparen) {
                Some(instantiated) => {
                    let ty = self.store.intern(Type::Signature(instantiated.clone()));
                    self.record(fun.id, Mode::Value, ty);
                    self.record(callee_expr.id, Mode::Value, ty);
                    self.record(ident.id, Mode::Value, ty);
                    instantiated
                }
                None => return Operand::invalid(e),
            }
        } else {
            signature
        };
        self.pass_arguments(e, fun, &signature, operands, ellipsis.is_some(), *rparen);
        match &signature.results[..] {
            [] => Operand { mode: Mode::NoValue, ..Operand::value(e, self.store.tuple(Vec::new())) },
            [one] => Operand::value(e, *one),
            many => {
                let ty = self.store.tuple(many.to_vec());
                Operand::value(e, ty)
            }
        }
    }

    pub fn use_args(&mut self, args: &'a [Expr]) {
        for a in args {
            self.raw(a, None, true);
        }
    }

    /// Evaluates arguments; a single multi-valued call is spread. Function literals get no hint here; generic functions
    /// and elided types are typed by the parameters.
    fn argument_operands(&mut self, args: &'a [Expr], signature: &Signature, generic: bool) -> Vec<Operand<'a>> {
        if args.len() == 1 {
            let hint = if generic { None } else { self.parameter(signature, 0) };
            let mut x = self.raw(&args[0], hint, generic);
            if x.mode == Mode::Value
                && let Type::Tuple(parts) = self.store.get(x.ty).clone()
                && !parts.is_empty()
            {
                return parts.iter().map(|&ty| Operand { ty, ..x.clone() }).collect();
            }
            if matches!(x.mode, Mode::NoValue | Mode::Builtin | Mode::TypeExpr) {
                let text = expr_string(&args[0]);
                let what = match x.mode {
                    Mode::NoValue => "(no value) used as value",
                    Mode::Builtin => "(built-in) must be called",
                    _ => "(type) is not an expression",
                };
                self.error(args[0].pos, format!("{text} {what}"));
                x.make_invalid();
            }
            return vec![x];
        }
        let mut out = Vec::new();
        for (i, arg) in args.iter().enumerate() {
            let hint = if generic { None } else { self.parameter(signature, i) };
            let mut x = self.raw(arg, hint, generic);
            if matches!(x.mode, Mode::NoValue | Mode::Builtin | Mode::TypeExpr) {
                let text = expr_string(arg);
                let what = match x.mode {
                    Mode::NoValue => "(no value) used as value",
                    Mode::Builtin => "(built-in) must be called",
                    _ => "(type) is not an expression",
                };
                self.error(arg.pos, format!("{text} {what}"));
                x.make_invalid();
            }
            self.single_value(&mut x);
            out.push(x);
        }
        out
    }

    fn parameter(&mut self, signature: &Signature, i: usize) -> Option<TypeId> {
        let last = signature.params.len().checked_sub(1)?;
        if signature.variadic && i >= last {
            return match self.store.get(signature.params[last]) {
                Type::Slice(elem) => Some(*elem),
                _ => None,
            };
        }
        signature.params.get(i).copied()
    }

    fn pass_arguments(
        &mut self,
        e: &'a Expr,
        fun: &'a Expr,
        signature: &Signature,
        mut args: Vec<Operand<'a>>,
        spread: bool,
        rparen: Pos,
    ) {
        let name = expr_string(fun);
        if spread && !signature.variadic {
            if let Some(last) = args.last() {
                let pos = last.pos();
                self.error(
                    pos,
                    format!("have (...) but function is not variadic: {name}").replace(
                        &format!("have (...) but function is not variadic: {name}"),
                        &format!("cannot use ... in call to non-variadic {name}"),
                    ),
                );
            }
            return;
        }
        let fixed = signature.params.len() - usize::from(signature.variadic);
        let enough =
            if signature.variadic && !spread { args.len() >= fixed } else { args.len() == signature.params.len() };
        if !enough {
            if args.iter().any(|a| a.is_invalid()) {
                return;
            }
            let too_many = args.len() > signature.params.len();
            let (pos, what) =
                if too_many { (args[signature.params.len()].pos(), "too many") } else { (rparen, "not enough") };
            let have: Vec<String> = args
                .iter()
                .map(|a| {
                    if self.store.is_untyped(a.ty)
                        && !a.is_nil()
                        && self.store.basic(a.ty).is_some_and(Basic::is_numeric)
                    {
                        "number".to_string()
                    } else if a.is_nil() {
                        "nil".to_string()
                    } else {
                        let ty = self.store.default_type(a.ty);
                        self.show(ty)
                    }
                })
                .collect();
            let mut want = String::new();
            self.store.write_signature(
                &mut want,
                &Signature { results: Rc::from([]), ..signature.clone() },
                crate::typestring::Qualify::Relative(self.pkg),
            );
            self.error(pos, format!("{what} arguments in call to {name}\n\thave ({})\n\twant {want}", have.join(", ")));
            return;
        }
        let context = format!("argument to {name}");
        let _ = e;
        for (i, arg) in args.iter_mut().enumerate() {
            let wanted =
                if spread && i == fixed { Some(signature.params[fixed]) } else { self.parameter(signature, i) };
            let Some(wanted) = wanted else { continue };
            // A generic function as an argument of an ordinary parameter.
            if let (Type::Signature(s), Some(part)) = (self.store.get(arg.ty).clone(), arg.expr)
                && !s.type_params.is_empty()
                && arg.mode == Mode::Value
            {
                if !self.infer_from_target(arg, part, wanted) {
                    let text = expr_string(part);
                    self.error(part.pos, format!("cannot use generic function {text} without instantiation"));
                    continue;
                }
                self.record(part.id, Mode::Value, arg.ty);
            }
            self.assignment(arg, Some(wanted), &context);
        }
    }

    /// Infers a call's type arguments; records the instance and gives the instantiated signature.
    #[expect(clippy::too_many_arguments, reason = "the parts of a call")]
    fn infer_call(
        &mut self,
        e: &'a Expr,
        callee: &'a Expr,
        signature: &Rc<Signature>,
        explicit: &Rc<[TypeId]>,
        positions: &[Pos],
        args: &[Operand<'a>],
        spread: bool,
        rparen: Pos,
    ) -> Option<Rc<Signature>> {
        if args.iter().any(|a| a.is_invalid()) {
            return None;
        }
        let own = signature.type_params.clone();
        // Parameters get fresh copies, so that a generic function can call itself with other arguments.
        let (params, signature) = self.renamed(&own, signature);
        let fixed = signature.params.len() - usize::from(signature.variadic);
        let enough =
            if signature.variadic && !spread { args.len() >= fixed } else { args.len() == signature.params.len() };
        if !enough {
            let name = expr_string(callee);
            let what = if args.len() < signature.params.len() { "not enough" } else { "too many" };
            let pos = if args.len() < signature.params.len() { rparen } else { args[signature.params.len()].pos() };
            let have: Vec<String> = args.iter().map(|a| self.show(a.ty)).collect();
            let want: Vec<String> = signature.params.iter().map(|&p| self.show(p)).collect();
            self.error(
                pos,
                format!(
                    "{what} arguments in call to {name}\n\thave ({})\n\twant ({})",
                    have.join(", "),
                    want.join(", ")
                ),
            );
            return None;
        }
        let wanted: Vec<TypeId> = (0..args.len())
            .map(|i| {
                if spread && i == fixed {
                    signature.params[fixed]
                } else {
                    self.parameter(&signature, i).unwrap_or(Basic::Invalid.id())
                }
            })
            .collect();
        let mut generic_args: Vec<(usize, Rc<[TypeId]>)> = Vec::new();
        let mut all_params: Vec<TypeId> = params.to_vec();
        let mut arg_types: Vec<TypeId> = args.iter().map(|a| a.ty).collect();
        for (i, arg) in args.iter().enumerate() {
            if let Type::Signature(s) = self.store.get(arg.ty).clone()
                && !s.type_params.is_empty()
                && arg.mode == Mode::Value
            {
                let (fresh, renamed) = self.renamed(&s.type_params, &s);
                arg_types[i] = self
                    .store
                    .intern(Type::Signature(Rc::new(Signature { type_params: Rc::from([]), ..(*renamed).clone() })));
                all_params.extend(fresh.iter());
                generic_args.push((i, fresh));
            }
        }
        let mut failed = None;
        let (targs, ok) = {
            let mut unifier = Unifier::new(self.store, &all_params);
            for (i, &t) in explicit.iter().enumerate() {
                unifier.targs[i] = Some(t);
            }
            for (i, arg) in args.iter().enumerate() {
                let untyped = unifier.store.is_untyped(arg.ty);
                if untyped || wanted[i] == Basic::Invalid.id() || arg.is_nil() {
                    continue;
                }
                if !unifier.store.has_type_params(wanted[i]) && !generic_args.iter().any(|(k, _)| *k == i) {
                    continue;
                }
                if !unifier.unify(wanted[i], arg_types[i], false) {
                    failed = Some(i);
                    break;
                }
            }
            let mut ok = failed.is_none() && unifier.constraints();
            if ok {
                // Untyped constants: the largest default kind among those given to one parameter.
                let mut best: Vec<Option<TypeId>> = vec![None; all_params.len()];
                for (i, arg) in args.iter().enumerate() {
                    if unifier.store.is_untyped(arg.ty)
                        && !arg.is_nil()
                        && let Some(at) = all_params.iter().position(|&p| p == wanted[i])
                        && unifier.targs[at].is_none()
                    {
                        let kind = arg.ty;
                        best[at] = Some(best[at].map_or(kind, |b| b.max(kind)));
                    }
                }
                for (at, kind) in best.into_iter().enumerate() {
                    if let Some(kind) = kind {
                        unifier.targs[at] = Some(unifier.store.default_type(kind));
                    }
                }
                ok = unifier.constraints();
                unifier.simplify();
            }
            (unifier.targs.clone(), ok)
        };
        let name = expr_string(callee);
        if let Some(i) = failed {
            let arg = &args[i];
            let so_far: Vec<TypeId> = targs.iter().zip(&all_params).map(|(t, &p)| t.unwrap_or(p)).collect();
            let want = self.store.subst(wanted[i], &all_params, &so_far);
            let (t, w) = (self.show(arg.ty), self.show(want));
            let text = arg.expr.map(expr_string).unwrap_or_default();
            let has = self.store.has_type_params(want);
            let pos = arg.pos();
            if has {
                self.error(pos, format!("type {t} of {text} does not match {w} (cannot infer {})", self.names(&own)));
            } else {
                self.error(
                    pos,
                    format!("type {t} of {text} does not match inferred type {w} for {}", self.show(wanted[i])),
                );
            }
            return None;
        }
        let mut final_targs = Vec::new();
        for (i, t) in targs.iter().take(params.len()).enumerate() {
            match t {
                Some(t) if ok || !self.mentions(*t, &all_params) => final_targs.push(*t),
                _ => {
                    let param = self.show(own[i]);
                    self.error(rparen, format!("in call to {name}, cannot infer {param}"));
                    return None;
                }
            }
        }
        if final_targs.iter().any(|&t| self.mentions(t, &all_params)) {
            self.error(rparen, format!("in call to {name}, cannot infer {}", self.names(&own)));
            return None;
        }
        let final_targs: Rc<[TypeId]> = final_targs.into();
        for (i, fresh) in generic_args {
            let inferred: Option<Rc<[TypeId]>> =
                fresh.iter().map(|f| all_params.iter().position(|p| p == f).and_then(|at| targs[at])).collect();
            if let (Some(inferred), Some(part)) = (inferred, args[i].expr) {
                self.record_instance(part, inferred);
            }
        }
        let where_to = if positions.is_empty() { vec![e.pos; own.len()] } else { positions.to_vec() };
        let where_to: Vec<Pos> = (0..own.len()).map(|i| where_to.get(i).copied().unwrap_or(callee.pos)).collect();
        if !self.verify_targs(&own, &final_targs, &where_to) {
            return None;
        }
        self.record_instance(callee, final_targs.clone());
        let Type::Signature(original) = self.store.get(self.info[self.file].types[callee.id.index()].ty).clone() else {
            return Some(self.instantiated_signature(&params, &final_targs, &signature));
        };
        let _ = original;
        Some(self.instantiated_signature(&params, &final_targs, &signature))
    }

    fn names(&self, params: &[TypeId]) -> String {
        params.iter().map(|&p| self.show(p)).collect::<Vec<_>>().join(", ")
    }

    fn mentions(&mut self, ty: TypeId, params: &[TypeId]) -> bool {
        let replaced = self.store.subst(ty, params, &vec![Basic::Int.id(); params.len()]);
        replaced != ty
    }

    fn instantiated_signature(
        &mut self,
        params: &[TypeId],
        targs: &[TypeId],
        signature: &Rc<Signature>,
    ) -> Rc<Signature> {
        Rc::new(Signature {
            params: signature.params.iter().map(|&t| self.store.subst(t, params, targs)).collect(),
            results: signature.results.iter().map(|&t| self.store.subst(t, params, targs)).collect(),
            variadic: signature.variadic,
            type_params: Rc::from([]),
        })
    }

    /// A signature over fresh copies of its type parameters.
    fn renamed(&mut self, own: &Rc<[TypeId]>, signature: &Rc<Signature>) -> (Rc<[TypeId]>, Rc<Signature>) {
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
        let renamed = Signature {
            params: signature.params.iter().map(|&t| self.store.subst(t, own, &fresh)).collect(),
            results: signature.results.iter().map(|&t| self.store.subst(t, own, &fresh)).collect(),
            variadic: signature.variadic,
            type_params: fresh.clone().into(),
        };
        (fresh.into(), Rc::new(renamed))
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

    /// `f[T1, T2]` not called: all arguments given, or the rest inferred from constraints.
    pub fn instantiate_function(
        &mut self,
        e: &'a Expr,
        callee: &'a Expr,
        s: &Rc<Signature>,
        indices: &'a [Expr],
    ) -> Operand<'a> {
        let targs: Vec<TypeId> = indices.iter().map(|i| self.var_type(i)).collect();
        if targs.contains(&Basic::Invalid.id()) {
            return Operand::invalid(e);
        }
        let own = s.type_params.clone();
        if targs.len() > own.len() {
            let text = expr_string(callee);
            self.error(
                indices[own.len()].pos,
                format!("got {} type arguments but {text} has {} type parameters", targs.len(), own.len()),
            );
            return Operand::invalid(e);
        }
        let full: Option<Vec<TypeId>> = {
            let (params, _) = self.renamed(&own, s);
            let mut unifier = Unifier::new(self.store, &params);
            for (i, &t) in targs.iter().enumerate() {
                unifier.targs[i] = Some(t);
            }
            unifier.constraints();
            unifier.targs.iter().copied().collect()
        };
        let Some(full) = full else { return self.partly_instantiated(e, s, targs) };
        let full: Rc<[TypeId]> = full.into();
        let positions: Vec<Pos> = (0..own.len()).map(|i| indices.get(i).map_or(e.pos, |x| x.pos)).collect();
        if !self.verify_targs(&own, &full, &positions) {
            return Operand::invalid(e);
        }
        self.record_instance(callee, full.clone());
        let signature = self.instantiated_signature(&own, &full, s);
        let ty = self.store.intern(Type::Signature(signature));
        self.record(callee.id, Mode::Value, ty);
        Operand::value(e, ty)
    }

    /// `f[T1]` of a function with more type parameters: generic in the rest.
    fn partly_instantiated(&mut self, e: &'a Expr, s: &Rc<Signature>, written: Vec<TypeId>) -> Operand<'a> {
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
        Operand::value(e, self.store.intern(Type::Signature(Rc::new(signature))))
    }

    /// Reports a generic function whose type arguments (or the rest of them) nothing tells.
    pub fn not_instantiated(&mut self, x: &mut Operand<'a>, e: &'a Expr) {
        match (&crate::assignments::unparen(e).kind, self.store.get(x.ty)) {
            (ExprKind::Index { lbrack, .. }, Type::Signature(s)) if !s.type_params.is_empty() => {
                let missing = self.show(s.type_params[0]);
                self.error(*lbrack, format!("cannot infer {missing}"));
            }
            _ => {
                let text = expr_string(e);
                self.error(e.pos, format!("cannot use generic function {text} without instantiation"));
            }
        }
        x.make_invalid();
    }

    /// Instantiates a generic function value by the function type it is assigned to.
    pub fn infer_from_target(&mut self, x: &mut Operand<'a>, e: &'a Expr, target: TypeId) -> bool {
        let Type::Signature(s) = self.store.get(x.ty).clone() else { return false };
        let own = s.type_params.clone();
        let Some(target) = self.store.core_type(target) else { return false };
        let (params, renamed) = self.renamed(&own, &s);
        let plain =
            self.store.intern(Type::Signature(Rc::new(Signature { type_params: Rc::from([]), ..(*renamed).clone() })));
        let full: Option<Vec<TypeId>> = {
            let mut unifier = Unifier::new(self.store, &params);
            if !unifier.unify(plain, target, false) || !unifier.constraints() {
                return false;
            }
            unifier.targs.iter().copied().collect()
        };
        let Some(full) = full else { return false };
        let full: Rc<[TypeId]> = full.into();
        if !self.verify_targs(&own, &full, &vec![e.pos; own.len()]) {
            return false;
        }
        self.record_instance(e, full.clone());
        let signature = self.instantiated_signature(&own, &full, &s);
        x.ty = self.store.intern(Type::Signature(signature));
        true
    }

    fn conversion_call(&mut self, e: &'a Expr, to: TypeId, args: &'a [Expr], rparen: Pos) -> Operand<'a> {
        let text = self.show(to);
        match args {
            [arg] => {
                let mut x = self.expr(arg, Some(to));
                if x.is_invalid() {
                    return x;
                }
                self.convert(&mut x, to);
                x.expr = Some(e);
                x
            }
            [] => {
                self.error(rparen, format!("missing argument in conversion to {text}"));
                Operand::invalid(e)
            }
            [_, second, ..] => {
                self.use_args(args);
                self.error(second.pos, format!("too many arguments in conversion to {text}"));
                Operand::invalid(e)
            }
        }
    }

    /// An explicit conversion (Go spec, "Conversions").
    pub fn convert(&mut self, x: &mut Operand<'a>, to: TypeId) {
        let constant_target = x.mode == Mode::Constant
            && !self.store.is_type_param(to)
            && self.store.basic(to).is_some_and(Basic::is_const);
        let integer_to_string =
            self.store.all_basic(x.ty, Basic::is_integer) && self.store.basic(to).is_some_and(Basic::is_string);
        let mut final_type = to;
        let mut ok = false;
        let mut constant_result = false;
        if constant_target {
            let basic = self.store.basic(to).unwrap_or(Basic::Invalid);
            let value = x.value.clone().unwrap_or(Const::Unknown);
            if let Some(v) = self.representable(&value, basic) {
                x.value = Some(v);
                ok = true;
                constant_result = true;
            } else if integer_to_string {
                let c =
                    value.as_i64().and_then(|n| u32::try_from(n).ok()).and_then(char::from_u32).unwrap_or('\u{fffd}');
                x.value = Some(Const::string(&c.to_string()));
                ok = true;
                constant_result = true;
            } else if self.store.is_untyped(x.ty) || self.store.basic(x.ty).is_some_and(Basic::is_numeric) {
                let own = self.store.basic(x.ty).unwrap_or(Basic::Invalid);
                if own.is_numeric() && basic.is_numeric() {
                    let what = self.describe(x);
                    let t = self.show(to);
                    let truncated = basic.is_integer() && value.to_int().is_none();
                    if truncated {
                        self.error(x.pos(), format!("cannot convert {what} to type {t} (truncated)"));
                    } else {
                        self.error(x.pos(), format!("cannot convert {what} to type {t}"));
                    }
                    return x.make_invalid();
                }
            }
        } else if self.convertible(x, to) {
            ok = true;
        }
        if !ok {
            let what = self.describe(x);
            let t = self.show(to);
            self.error(x.pos(), format!("cannot convert {what} to type {t}"));
            return x.make_invalid();
        }
        if self.store.is_untyped(x.ty) {
            // What the operand is recorded as.
            if self.store.is_interface(to) && !x.is_nil() || (x.mode == Mode::Constant && !constant_result) {
                final_type = if x.is_nil() { to } else { self.store.default_type(x.ty) };
            } else if x.mode == Mode::Constant && integer_to_string {
                final_type = x.ty;
            }
            if self.store.is_type_param(to) {
                final_type = if x.is_nil() { to } else { self.store.default_type(x.ty) };
            }
            if let Some(part) = x.expr
                && !(integer_to_string && constant_result)
            {
                let value = if final_type == to && constant_result { x.value.clone() } else { None };
                self.update_type(part, final_type, value);
            }
        }
        x.mode = if constant_result { Mode::Constant } else { Mode::Value };
        if !constant_result {
            x.value = None;
        }
        x.ty = to;
    }

    fn convertible(&mut self, x: &Operand<'a>, to: TypeId) -> bool {
        if self.assignable(x, to).is_ok() {
            return true;
        }
        if self.store.is_type_param(x.ty) || self.store.is_type_param(to) {
            let sources: Vec<TypeId> = match self.store.is_type_param(x.ty) {
                true => match self.store.terms(x.ty) {
                    Some(terms) => terms.iter().map(|t| t.ty).collect(),
                    None => return false,
                },
                false => vec![x.ty],
            };
            let targets: Vec<TypeId> = match self.store.is_type_param(to) {
                true => match self.store.terms(to) {
                    Some(terms) => terms.iter().map(|t| t.ty).collect(),
                    None => return false,
                },
                false => vec![to],
            };
            return !sources.is_empty()
                && !targets.is_empty()
                && sources.iter().all(|&s| {
                    targets.iter().all(|&t| {
                        let y = Operand { ty: s, ..x.clone() };
                        self.convertible(&y, t)
                    })
                });
        }
        let (from_under, to_under) = (self.store.under(x.ty), self.store.under(to));
        if self.same_ignoring_tags(from_under, to_under) {
            return true;
        }
        let (a, b) = (self.store.get(from_under).clone(), self.store.get(to_under).clone());
        match (&a, &b) {
            (Type::Pointer(p), Type::Pointer(q)) if !self.is_named(x.ty) && !self.is_named(to) => {
                let (p, q) = (self.store.under(*p), self.store.under(*q));
                if self.same_ignoring_tags(p, q) {
                    return true;
                }
            }
            _ => {}
        }
        match (&a, &b) {
            (Type::Basic(f), Type::Basic(t)) => {
                (f.is_integer() || f.is_float()) && (t.is_integer() || t.is_float())
                    || f.is_complex() && t.is_complex()
                    || (f.is_integer() || f.is_string()) && t.is_string()
                    || *t == Basic::UnsafePointer && (*f == Basic::Uintptr)
                    || *f == Basic::UnsafePointer && *t == Basic::Uintptr
            }
            (Type::Basic(f), Type::Slice(elem)) if f.is_string() => self.is_bytes_or_runes(*elem),
            (Type::Slice(elem), Type::Basic(t)) if t.is_string() => self.is_bytes_or_runes(*elem),
            (Type::Pointer(_), Type::Basic(Basic::UnsafePointer))
            | (Type::Basic(Basic::UnsafePointer), Type::Pointer(_)) => true,
            (Type::Slice(s), Type::Array { elem, .. }) => s == elem,
            (Type::Slice(s), Type::Pointer(p)) => match self.store.under_type(*p) {
                Type::Array { elem, .. } => *s == elem,
                _ => false,
            },
            _ => false,
        }
    }

    fn is_named(&self, ty: TypeId) -> bool {
        matches!(self.store.get(ty), Type::Named(_) | Type::TypeParam(_))
    }

    fn is_bytes_or_runes(&mut self, elem: TypeId) -> bool {
        matches!(self.store.basic(elem), Some(Basic::Uint8 | Basic::Int32))
    }

    fn same_ignoring_tags(&mut self, a: TypeId, b: TypeId) -> bool {
        if a == b {
            return true;
        }
        match (self.store.get(a).clone(), self.store.get(b).clone()) {
            (Type::Struct(x), Type::Struct(y)) => {
                x.len() == y.len()
                    && x.iter().zip(y.iter()).all(|(f, g)| {
                        f.name == g.name
                            && f.pkg == g.pkg
                            && f.embedded == g.embedded
                            && self.same_ignoring_tags(f.ty, g.ty)
                    })
            }
            (Type::Pointer(x), Type::Pointer(y)) | (Type::Slice(x), Type::Slice(y)) => self.same_ignoring_tags(x, y),
            (Type::Array { elem: x, len: n }, Type::Array { elem: y, len: m }) => {
                n == m && self.same_ignoring_tags(x, y)
            }
            (Type::Map { key: k, elem: x }, Type::Map { key: l, elem: y }) => {
                self.same_ignoring_tags(k, l) && self.same_ignoring_tags(x, y)
            }
            (Type::Signature(x), Type::Signature(y)) => {
                x.params.len() == y.params.len()
                    && x.results.len() == y.results.len()
                    && x.variadic == y.variadic
                    && x.params.iter().zip(y.params.iter()).all(|(&s, &t)| self.same_ignoring_tags(s, t))
                    && x.results.iter().zip(y.results.iter()).all(|(&s, &t)| self.same_ignoring_tags(s, t))
            }
            _ => false,
        }
    }

    /// The element type that `ast` gives an array or channel operand, for statements.
    pub fn chan_of(&mut self, ty: TypeId) -> Option<(ast::ChanDir, TypeId)> {
        let core = self.store.core_type(ty)?;
        match self.store.get(core) {
            Type::Chan { dir, elem } => Some((*dir, *elem)),
            _ => None,
        }
    }
}
