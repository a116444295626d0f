//! Selectors and calls (Go spec, "Selectors", "Calls").

use crate::check::Checker;
use crate::codes::Code;
use crate::constant::Const;
use crate::instantiate::InferArgument;
use crate::lookup::{Entry, Found, NotFound};
use crate::operand::Operand;
use crate::spelling::Goal;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{Expr, ExprKind, Ident, Name};
use gorace_syntax::printer::expr_string;
use std::rc::Rc;

/// A call's parts.
#[derive(Clone, Copy)]
struct Call<'a> {
    e: &'a Expr,
    fun: &'a Expr,
    args: &'a [Expr],
    lparen: Pos,
    spread: bool,
}

impl<'a> Checker<'a> {
    /// `x.f`; `want_type`: only a type will do.
    pub fn selector(&mut self, e: &'a Expr, x: &'a Expr, sel: &'a Ident, want_type: bool) -> Operand<'a> {
        if let ExprKind::Name(name) = &x.kind {
            let scope = self.scope();
            if let Some(obj) = self.store.lookup(scope, name)
                && let ObjKind::Package(pkg) = self.store.object(obj).kind
            {
                self.record_use(x.id, obj);
                self.store.object_mut(obj).used = true;
                return self.qualified(e, pkg, sel);
            }
        }
        let mut x = self.expr_or_type(x, false);
        if x.mode == Mode::Builtin {
            let what = self.describe(&x);
            let message = format!("invalid use of {what} in selector expression");
            self.error(e.pos, Code::UncalledBuiltin, message);
            return Operand::invalid(e);
        }
        if x.is_invalid() || !self.is_complete(x.ty) {
            return Operand::invalid(e);
        }
        if want_type {
            self.error(sel.pos, Code::NotAType, format!("{} is not a type", expr_string(e)));
            return Operand::invalid(e);
        }
        if let Type::Pointer(base) = self.store.under_type(x.ty)
            && !self.is_complete(base)
        {
            return Operand::invalid(e);
        }
        self.complete(x.ty);
        if self.store.is_untyped(x.ty) && !x.is_nil() {
            // Only to look for what it cannot have.
            x.ty = self.store.default_type(x.ty);
        }
        let found = match self.store.lookup_member(x.ty, &sel.name, Some(self.pkg)) {
            Ok(found) => found,
            Err(why) => {
                self.no_member(&x, sel, why);
                return Operand::invalid(e);
            }
        };
        self.selected(e, x, sel, found)
    }

    /// A name of another package.
    fn qualified(&mut self, e: &'a Expr, pkg: PkgId, sel: &'a Ident) -> Operand<'a> {
        let package = self.store.package(pkg);
        let (scope, package_name) = (package.scope, package.name.clone());
        let Some(&found) = self.store.scopes[scope.index()].names.get(&sel.name) else {
            if !self.fake_packages.contains_key(&pkg) {
                let lower = sel.name.to_lowercase();
                let mut similar: Vec<Name> = self.store.scopes[scope.index()]
                    .names
                    .keys()
                    .filter(|n| is_exported(n) && n.to_lowercase() == lower)
                    .cloned()
                    .collect();
                similar.sort();
                let but = similar.first().map_or(String::new(), |n| format!(" (but have {n})"));
                let message = format!("undefined: {}{but}", expr_string(e));
                self.error(sel.pos, Code::UndeclaredImportedName, message);
            }
            return Operand::invalid(e);
        };
        if !is_exported(&sel.name) {
            let message = format!("name {} not exported by package {package_name}", sel.name);
            self.error(sel.pos, Code::UnexportedName, message);
        }
        self.record_use(sel.id, found);
        let operand = self.object_operand(e, found);
        self.record(sel.id, operand.mode, operand.ty);
        if let (Mode::Builtin, Some(b)) = (operand.mode, operand.builtin) {
            self.info[self.file].builtins.insert(sel.id, b);
        }
        operand
    }

    /// The operand that a field or method is, by what looking it up has found.
    fn selected(&mut self, e: &'a Expr, x: Operand<'a>, sel: &'a Ident, found: Found) -> Operand<'a> {
        let is_type = x.mode == Mode::TypeExpr;
        let text = |c: &Self| c.show_of(&x);
        let mut selection = Selection {
            kind: SelectionKind::Field,
            recv: x.ty,
            path: found.path.clone(),
            indirect: found.indirect,
            name: sel.name.clone(),
            pkg: if is_exported(&sel.name) { None } else { Some(self.pkg) },
            method: None,
            pointer_receiver: false,
        };
        let method_type = match &found.entry {
            Entry::Field(ty) => {
                if is_type {
                    let message =
                        format!("operand for field selector {} must be value of type {}", sel.name, text(self));
                    self.error(e.pos, Code::MissingFieldOrMethod, message);
                    return Operand::invalid(e);
                }
                let ty = *ty;
                self.info[self.file].selections.insert(e.id, Rc::new(selection));
                let pointer = matches!(self.store.under_type(x.ty), Type::Pointer(_));
                let mode =
                    if x.mode == Mode::Variable || found.indirect || pointer { Mode::Variable } else { Mode::Value };
                if !self.store.is_valid_type(ty) {
                    return Operand { mode, ..Operand::value(e, ty) };
                }
                return Operand { mode, ..Operand::value(e, ty) };
            }
            Entry::Interface(m) => m.signature,
            Entry::Method { obj, holder } => {
                self.resolve_if_global(*obj);
                selection.method = Some(*obj);
                selection.pointer_receiver = self.store.has_pointer_receiver(*obj);
                if selection.pointer_receiver && !found.indirect && x.mode != Mode::Variable {
                    let name = &sel.name;
                    let message = if is_type {
                        {
                            let text = text(self);
                            format!("invalid method expression {text}.{name} (needs pointer receiver (*{text}).{name})")
                        }
                    } else {
                        format!("cannot call pointer method {name} on {}", text(self))
                    };
                    self.error(sel.pos, Code::InvalidMethodExpr, message);
                    return Operand::invalid(e);
                }
                self.add_dependency(*obj);
                self.record_use(sel.id, *obj);
                self.store.method_signature(*obj, *holder)
            }
        };
        if !self.store.is_valid_type(method_type) {
            return Operand::invalid(e);
        }
        if is_type {
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
        let under = self.store.under(x.ty);
        if !self.store.is_valid_type(under) {
            return;
        }
        let (text, name) = (x.expr_text(), &sel.name);
        if why == NotFound::Ambiguous {
            return self.error(sel.pos, Code::AmbiguousSelector, format!("ambiguous selector {text}.{name}"));
        }
        let reason = match self.interface_pointer_text(x.ty) {
            Some(reason) => reason,
            None => {
                let alternative = self.store.lookup_fold(x.ty, name).ok();
                let text = self.show_of(x);
                self.lookup_error(x.ty, &text, name, alternative, false)
            }
        };
        self.error(sel.pos, Code::MissingFieldOrMethod, format!("{text}.{name} undefined ({reason})"));
    }

    /// Why a type has no such field or method, given one with a similar name.
    pub fn lookup_error(&mut self, ty: TypeId, text: &str, name: &str, found: Option<Found>, literal: bool) -> String {
        let alternative = found.and_then(|found| match found.entry {
            Entry::Method { obj, .. } => {
                let object = self.store.object(obj);
                Some(("method", object.name.clone(), object.pkg))
            }
            Entry::Interface(m) => Some(("method", m.name, m.pkg.or_else(|| self.package_of(ty)))),
            Entry::Field(_) => {
                let mut at = ty;
                let mut owner = self.package_of(ty);
                let mut field = None;
                for index in found.path {
                    let core = self.store.core_type(at).unwrap_or(at);
                    let base = match *self.store.get(core) {
                        Type::Pointer(base) => base,
                        _ => core,
                    };
                    let Type::Struct(fields) = self.store.under_type(base) else { return None };
                    let f = fields.get(index as usize)?.clone();
                    owner = self.package_of(at).or(owner);
                    at = f.ty;
                    field = Some(f);
                }
                field.map(|f| ("field", f.name, f.pkg.or(owner)))
            }
        });
        let ty = text;
        let what_is_missing = if literal {
            format!("unknown field {name} in struct literal of type {ty}")
        } else {
            format!("type {ty} has no field or method {name}")
        };
        let Some((kind, alt, pkg)) = alternative else { return what_is_missing };
        let tail = |s: &str| s.char_indices().nth(1).map_or(String::new(), |(i, _)| s[i..].to_string());
        let kind_text = if literal { String::new() } else { format!("{kind} ") };
        let own = pkg == Some(self.pkg);
        let same_tail = tail(name) == tail(&alt);
        if own || is_exported(name) && is_exported(&alt) || !is_exported(name) && is_exported(&alt) && same_tail {
            return format!("{what_is_missing}, but does have {kind_text}{alt}");
        }
        if is_exported(name) && same_tail {
            return format!("{what_is_missing}, but does have unexported {kind_text}{alt}");
        }
        if !is_exported(name) && name == alt {
            return if literal {
                format!("cannot refer to unexported field {alt} in struct literal of type {ty}")
            } else {
                format!("cannot refer to unexported {kind} {alt}")
            };
        }
        what_is_missing
    }

    /// The package of a defined type or the one that a pointer leads to: exported names carry none in the tables.
    fn package_of(&self, ty: TypeId) -> Option<PkgId> {
        let base = match *self.store.get(ty) {
            Type::Pointer(base) => base,
            _ => ty,
        };
        self.store.object(self.store.as_named(base)?.obj).pkg
    }

    /// A call, conversion or builtin.
    pub fn call(&mut self, e: &'a Expr) -> Operand<'a> {
        let ExprKind::Call { fun, args, ellipsis, lparen, .. } = &e.kind else { return Operand::invalid(e) };
        let call = Call { e, fun, args, lparen: *lparen, spread: ellipsis.is_some() };
        // Partial instantiation f[T](…) leaves the rest to the arguments.
        let mut written: Option<(&'a [Expr], &'a Expr, Pos)> = None;
        let mut x = match &fun.kind {
            ExprKind::Index { x: inner, indices, lbrack, .. } => {
                let (mut x, is_function) = self.index_expr(fun, inner, indices, *lbrack);
                if is_function {
                    written = Some((indices, inner, *lbrack));
                }
                x.expr = Some(fun);
                self.record_operand(&x);
                x
            }
            ExprKind::Name(name) if self.config.fixture && matches!(&**name, "assert" | "trace") => {
                return self.fixture_builtin(e, name, args);
            }
            _ => self.expr_or_type(fun, true),
        };
        if x.is_invalid() && self.is_own_signature(fun) {
            // A function called within its own signature has no results yet.
            self.use_exprs(args);
            return Operand { mode: Mode::NoValue, ..Operand::value(e, Basic::Invalid.id()) };
        }
        match x.mode {
            Mode::Invalid => {
                self.use_exprs(args);
                return Operand::invalid(e);
            }
            Mode::TypeExpr => {
                self.non_generic(None, &mut x);
                if x.is_invalid() || !self.is_complete(x.ty) {
                    return Operand::invalid(e);
                }
                return self.conversion_call(e, x.ty, args, call.spread);
            }
            Mode::Builtin => {
                let Some(b) = x.builtin else { return Operand::invalid(e) };
                let out = self.builtin(e, b, args, call.spread);
                if !out.is_invalid() && !out.is_constant() {
                    self.env.has_call_or_receive = true;
                }
                return out;
            }
            _ => {}
        }
        let Some(signature) = self.callee_signature(&x) else {
            self.use_exprs(args);
            return Operand::invalid(e);
        };
        let generic = !signature.type_params.is_empty();
        let mut targs: Vec<TypeId> = Vec::new();
        let mut positions: Rc<[Pos]> = Rc::from([]);
        let mut callee: &'a Expr = fun;
        let mut signature = signature;
        if let Some((indices, inner, lbrack)) = written {
            let want = signature.type_params.len();
            let Some(list) = self.written_targs(indices, want, false) else {
                self.use_exprs(args);
                return Operand::invalid(e);
            };
            positions = indices.iter().map(|i| i.pos).collect();
            callee = inner;
            if list.len() == want && want > 0 {
                self.verify_version(lbrack, 18, "function instantiation");
                signature = self.instantiate_signature(lbrack, inner, &signature, list.into(), positions.clone());
            } else {
                targs = list;
            }
        }
        let mut operands = self.generic_list(args);
        let Some(signature) = self.arguments(call, callee, &signature, targs, &positions, &mut operands) else {
            self.env.has_call_or_receive = true;
            return self.call_result(call, &signature);
        };
        if generic {
            let ty = self.store.intern(Type::Signature(signature.clone()));
            let mut at = fun;
            loop {
                self.record(at.id, Mode::Value, ty);
                match &at.kind {
                    ExprKind::Paren(x) | ExprKind::Index { x, .. } => at = x,
                    _ => break,
                }
            }
        }
        self.env.has_call_or_receive = true;
        self.call_result(call, &signature)
    }

    /// `assert(c)`: the constant c must hold. Both give their argument.
    fn fixture_builtin(&mut self, e: &'a Expr, name: &str, args: &'a [Expr]) -> Operand<'a> {
        let ExprKind::Call { ellipsis, .. } = &e.kind else { return Operand::invalid(e) };
        if ellipsis.is_some() {
            let message = format!("invalid operation: invalid use of ... with built-in {name}");
            self.error(args.last().map_or(e.pos, |a| a.pos), Code::InvalidDotDotDot, message);
            self.use_exprs(args);
            return Operand::invalid(e);
        }
        if name == "assert" && args.len() != 1 {
            let what = if args.is_empty() { "not enough" } else { "too many" };
            let text = expr_string(e);
            let message = format!("invalid operation: {what} arguments for {text} (expected 1, found {})", args.len());
            self.error(args.last().map_or(e.pos, |a| a.pos), Code::WrongArgCount, message);
            self.use_exprs(args);
            return Operand::invalid(e);
        }
        let [arg, ..] = args else { return Operand::invalid(e) };
        let x = if name == "assert" { self.expr(arg, None) } else { self.raw(arg, None, None, false) };
        if name == "assert" {
            match x.constant() {
                Const::Bool(true) => {}
                Const::Bool(false) => self.error(e.pos, Code::Test, format!("{} failed", expr_string(e))),
                _ if x.is_invalid() => {}
                _ => {
                    let what = self.describe(&x);
                    let message = format!("invalid argument: {what} is not a boolean constant");
                    self.error(x.pos(), Code::Test, message);
                }
            }
        }
        x
    }

    /// Passes arguments to a builtin function with a signature.
    pub fn pass_builtin(&mut self, e: &'a Expr, signature: &Rc<Signature>, args: &mut [Operand<'a>]) {
        let ExprKind::Call { fun, args: written, ellipsis, lparen, .. } = &e.kind else { return };
        let call = Call { e, fun, args: written, lparen: *lparen, spread: ellipsis.is_some() };
        self.arguments(call, fun, signature, Vec::new(), &Rc::from([]), args);
    }

    fn call_result(&mut self, call: Call<'a>, signature: &Signature) -> Operand<'a> {
        let e = call.e;
        let x = match &signature.results[..] {
            [] => Operand { mode: Mode::NoValue, ..Operand::value(e, self.store.tuple(Vec::new())) },
            [one] => {
                if !self.is_complete(*one) {
                    return Operand::invalid(e);
                }
                Operand::value(e, *one)
            }
            many => {
                let ty = self.store.tuple(many.to_vec());
                Operand::value(e, ty)
            }
        };
        if x.mode == Mode::Value
            && !signature.type_params.is_empty()
            && self.is_parameterized(&signature.type_params.clone(), x.ty)
        {
            return Operand::invalid(e);
        }
        x
    }

    /// The signature of what is called; reports what is no function.
    fn callee_signature(&mut self, x: &Operand<'a>) -> Option<Rc<Signature>> {
        let cause = if x.is_nil() {
            format!("{} is not a function", self.show(x.ty))
        } else {
            let set = self.store.typeset(x.ty).unwrap_or_default();
            let other = set.iter().find(|&&(_, under)| !matches!(self.store.get(under), Type::Signature(_)));
            match other {
                Some(&(t, _)) => format!("{} is not a function", self.show(t)),
                None => match self.common_under(x.ty) {
                    Ok(core) => match self.store.get(core) {
                        Type::Signature(s) => return Some(s.clone()),
                        _ => String::new(),
                    },
                    Err(cause) => cause,
                },
            }
        };
        let what = self.describe(x);
        self.error(x.pos(), Code::InvalidCall, format!("invalid operation: cannot call {what}: {cause}"));
        None
    }

    /// Arguments, which may be generic functions; a single multi-valued call is spread.
    fn generic_list(&mut self, args: &'a [Expr]) -> Vec<Operand<'a>> {
        let infer = self.version() < 21;
        let mut out = Vec::new();
        for arg in args {
            if let ExprKind::Index { x: inner, indices, lbrack, .. } = &arg.kind {
                let (mut x, is_function) = self.index_expr(arg, inner, indices, *lbrack);
                x.expr = Some(arg);
                if is_function {
                    self.instantiate_function(&mut x, arg, None, infer);
                    self.record_operand(&x);
                } else {
                    self.record_operand(&x);
                    self.exclude(&mut x);
                    self.single_value(&mut x);
                }
                out.push(x);
                continue;
            }
            let mut x = self.raw(arg, None, None, true);
            self.exclude(&mut x);
            if args.len() == 1
                && x.mode == Mode::Value
                && let Type::Tuple(parts) = self.store.get(x.ty).clone()
            {
                return parts.iter().map(|&ty| Operand { ty, ..x.clone() }).collect();
            }
            self.single_value(&mut x);
            out.push(x);
        }
        out
    }

    /// The type of a parameter; of a variadic one's further arguments unless they are spread.
    fn parameter(&self, signature: &Signature, i: usize, spread: bool) -> TypeId {
        let last = signature.params.len().saturating_sub(1);
        if signature.variadic && !spread && i >= last {
            return match self.store.get(signature.params[last]) {
                Type::Slice(elem) => *elem,
                _ => Basic::Invalid.id(),
            };
        }
        signature.params.get(i).copied().unwrap_or(Basic::Invalid.id())
    }

    /// Passes arguments to a function, inferring type arguments; gives the instantiated signature if all is well.
    fn arguments(
        &mut self,
        call: Call<'a>,
        callee: &'a Expr,
        signature: &Rc<Signature>,
        targs: Vec<TypeId>,
        positions: &Rc<[Pos]>,
        args: &mut [Operand<'a>],
    ) -> Option<Rc<Signature>> {
        let (e, fun, spread) = (call.e, call.fun, call.spread);
        let name = expr_string(fun);
        let mut count = signature.params.len();
        if signature.variadic {
            if spread {
                if call.args.len() == 1 && args.len() > 1 {
                    let text = expr_string(&call.args[0]);
                    let message = format!("cannot use ... with {}-valued {text}", args.len());
                    self.error(e.pos, Code::InvalidDotDotDot, message);
                    return None;
                }
            } else if args.len() + 1 >= count {
                count = args.len();
            } else {
                count -= 1;
            }
        } else if spread {
            let message = format!("cannot use ... in call to non-variadic {name}");
            self.error(e.pos, Code::NonVariadicDotDotDot, message);
            return None;
        }
        if args.len() != count {
            self.wrong_count(call, signature, count, args);
            return None;
        }
        let own = signature.type_params.clone();
        let mut params: Vec<TypeId> = Vec::new();
        let mut known: Vec<Option<TypeId>> = Vec::new();
        let mut wanted_by = signature.clone();
        if !own.is_empty() {
            if self.version() < 18 {
                let (pos, what) = match &fun.kind {
                    ExprKind::Index { .. } => (fun.pos, "function instantiation"),
                    _ => (e.pos, "implicit function instantiation"),
                };
                self.verify_version(pos, 18, what);
            }
            let (fresh, renamed) = self.renamed(&own, signature);
            known.extend((0..fresh.len()).map(|i| targs.get(i).copied()));
            params.extend(fresh.iter());
            wanted_by = renamed;
        }
        // Generic functions among the arguments are inferred along with the call.
        let mut generic_args: Vec<(usize, Rc<Signature>)> = Vec::new();
        for (i, arg) in args.iter_mut().enumerate() {
            if arg.is_invalid() {
                continue;
            }
            let Type::Signature(s) = self.store.get(arg.ty).clone() else { continue };
            if s.type_params.is_empty() {
                continue;
            }
            if generic_args.is_empty() {
                let pos = arg.pos();
                self.verify_version(pos, 21, "implicitly instantiated function as argument");
            }
            let (fresh, renamed) = self.renamed(&s.type_params, &s);
            params.extend(fresh.iter());
            known.resize(params.len(), None);
            let open = Signature { type_params: Rc::from([]), ..(*renamed).clone() };
            arg.ty = self.store.intern(Type::Signature(Rc::new(open)));
            generic_args.push((i, s));
        }
        let mut result = signature.clone();
        let mut wanted: Vec<TypeId> = (0..args.len()).map(|i| self.parameter(&wanted_by, i, spread)).collect();
        if !params.is_empty() {
            let list: Vec<InferArgument<'a>> = args
                .iter()
                .map(|a| InferArgument {
                    ty: if a.is_invalid() { Basic::Invalid.id() } else { a.ty },
                    text: a.expr_text(),
                    expr: if a.label.is_none() { a.expr } else { None },
                    pos: a.pos(),
                    nil: a.is_nil(),
                })
                .collect();
            let all = match self.infer(call.lparen, &params, &known, &wanted, &list, false) {
                Ok(all) => all,
                Err(Some((pos, message))) => {
                    let message = format!("in call to {name}, {message}");
                    self.error(pos, Code::CannotInferTypeArgs, message);
                    return None;
                }
                Err(None) => return None,
            };
            for w in &mut wanted {
                *w = self.store.subst(*w, &params, &all);
            }
            if !own.is_empty() {
                let targs: Rc<[TypeId]> = all[..own.len()].into();
                result = self.instantiate_signature(call.lparen, callee, signature, targs, positions.clone());
            }
            let mut from = own.len();
            for (i, s) in generic_args {
                let to = from + s.type_params.len();
                let targs: Rc<[TypeId]> = all[from..to].into();
                from = to;
                let Some(part) = args[i].expr else { continue };
                let made = self.instantiate_signature(call.lparen, part, &s, targs, Rc::from([]));
                args[i].ty = self.store.intern(Type::Signature(made));
                self.record(part.id, Mode::Value, args[i].ty);
            }
        }
        let context = format!("argument to {name}");
        for (i, (arg, &ty)) in args.iter_mut().zip(&wanted).enumerate() {
            self.goal = Some(Goal::Parameter(call.e, i));
            self.assignment(arg, Some(ty), &context);
        }
        Some(result)
    }

    /// Whether an expression names the function whose signature is being resolved.
    fn is_own_signature(&self, fun: &Expr) -> bool {
        let ExprKind::Name(_) = &fun.kind else { return false };
        let obj = self.info[self.file].objects.get(&fun.id);
        obj.is_some_and(|&o| matches!(self.store.object(o).kind, ObjKind::Func) && self.resolving.last() == Some(&o))
    }

    /// What a message calls the type of an invalid argument: a call without results still has the function's.
    fn invalid_type(&self, x: &Operand<'a>) -> TypeId {
        let invalid = Basic::Invalid.id();
        let Some(ExprKind::Call { fun, .. }) = x.expr.map(|e| &e.kind) else { return invalid };
        let ty = self.info[self.file].types[fun.id.index()].ty;
        match self.store.get(ty) {
            Type::Signature(s) if s.results.is_empty() && s.type_params.is_empty() => ty,
            _ => invalid,
        }
    }

    fn wrong_count(&mut self, call: Call<'a>, signature: &Signature, count: usize, args: &[Operand<'a>]) {
        let (pos, what) = if args.len() > count {
            (args[count].pos(), "too many")
        } else {
            (args.last().map_or(call.e.pos, Operand::pos), "not enough")
        };
        let have: Vec<TypeId> = args.iter().map(|a| if a.is_invalid() { self.invalid_type(a) } else { a.ty }).collect();
        let have = self.types_summary(&have, false, call.spread);
        let want = self.types_summary(&signature.params, signature.variadic, false);
        let message = format!("{what} arguments in call to {}", expr_string(call.fun));
        let more = [(Pos::NONE, format!("have {have}")), (Pos::NONE, format!("want {want}"))];
        self.error_with(pos, Code::WrongArgCount, message, &more);
    }
}
