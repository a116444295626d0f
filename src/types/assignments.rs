//! Assignments and initialisations (Go spec, "Assignment statements", "Variable declarations").

use crate::check::Checker;
use crate::codes::Code;
use crate::const_expr::Misfit;
use crate::constant::Const;
use crate::expr::Target;
use crate::hash::HashSet;
use crate::operand::Operand;
use crate::spelling::{Goal, Source};
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{Expr, ExprKind, Ident, Name};
use gorace_syntax::printer::expr_string;

/// What a value is given to by an initialisation.
#[derive(Debug, Clone)]
pub(crate) struct Receiver {
    /// The variable; absent for an unnamed result.
    pub obj: Option<ObjId>,
    /// Its type, unless it is to be inferred.
    pub ty: Option<TypeId>,
    /// The number of the result that it is.
    pub result: Option<usize>,
}

/// The expression inside parentheses.
pub(crate) fn unparen(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::Paren(x) => unparen(x),
        _ => e,
    }
}

fn is_call(e: &Expr) -> bool {
    matches!(unparen(e).kind, ExprKind::Call { .. })
}

pub(crate) fn measure(n: usize, unit: &str) -> String {
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}

impl<'a> Checker<'a> {
    /// Checks that a value can be assigned to a variable of type `t` (`None`: any type will do) and converts an untyped
    /// one.
    pub fn assignment(&mut self, x: &mut Operand<'a>, t: Option<TypeId>, context: &str) {
        self.assign_checked(x, t, context);
        self.goal = None;
    }

    fn assign_checked(&mut self, x: &mut Operand<'a>, t: Option<TypeId>, context: &str) {
        self.single_value(x);
        match x.mode {
            Mode::Invalid => return,
            Mode::Nil | Mode::Constant | Mode::Variable | Mode::MapIndex | Mode::Value | Mode::CommaOk => {}
            _ => {
                let (what, ty) = (self.describe(x), t.map(|t| self.show_goal(t)).unwrap_or_default());
                let message = format!("cannot assign {what} to {ty} in {context}");
                self.error(x.pos(), Code::IncompatibleAssign, message);
                x.make_invalid();
                return;
            }
        }
        if self.store.is_untyped(x.ty) {
            if x.is_nil() && t.is_none() {
                self.error(x.pos(), Code::UntypedNilUse, format!("use of untyped nil in {context}"));
                x.make_invalid();
                return;
            }
            let target = match t {
                Some(t) if x.is_nil() || !self.store.is_interface(t) => t,
                _ => self.store.default_type(x.ty),
            };
            match self.implicit_type_and_value(x, target) {
                Err(misfit) => {
                    let (what, ty) = (self.describe(x), self.show_goal(target));
                    let (code, why) = match misfit {
                        Misfit::Truncated => (Code::TruncatedFloat, " (truncated)"),
                        Misfit::Overflow => (Code::NumericOverflow, " (overflows)"),
                        Misfit::NotConst | Misfit::Other => (Code::IncompatibleAssign, ""),
                    };
                    self.error(x.pos(), code, format!("cannot use {what} as {ty} value in {context}{why}"));
                    x.make_invalid();
                    return;
                }
                Ok((ty, value)) => self.become_type(x, ty, value),
            }
        }
        let target = self.target_of(t, context);
        self.non_generic(target, x);
        if x.mode == Mode::Value
            && let Some(e) = x.expr
            && x.label.is_none()
            && matches!(self.store.get(self.info[self.file].types[e.id.index()].ty), Type::Signature(s) if !s.type_params.is_empty())
        {
            self.record(e.id, x.mode, x.ty);
        }
        if x.is_invalid() {
            return;
        }
        let Some(t) = t else { return };
        if let Err((code, cause)) = self.assignable(x, t) {
            let (what, ty) = (self.describe(x), self.show_goal(t));
            let cause = if cause.is_empty() { cause } else { format!(": {cause}") };
            self.error(x.pos(), code, format!("cannot use {what} as {ty} value in {context}{cause}"));
            x.make_invalid();
        }
    }

    /// Reports a call with several results where one is wanted.
    pub fn single_value(&mut self, x: &mut Operand<'a>) {
        if x.mode == Mode::Value && matches!(self.store.get(x.ty), Type::Tuple(_)) {
            let what = self.describe(x);
            let message = format!("multiple-value {what} in single-value context");
            self.error(x.pos(), Code::TooManyValues, message);
            x.make_invalid();
        }
    }

    /// The values that one expression gives: a call's results, or with `allow_comma_ok` a value and whether it is one.
    fn multi_values(&mut self, e: &'a Expr, allow_comma_ok: bool) -> (Vec<Operand<'a>>, bool) {
        let x = self.multi_expr(e);
        if x.mode == Mode::Value
            && let Type::Tuple(parts) = self.store.get(x.ty).clone()
        {
            let part = |(i, &ty): (usize, &TypeId)| Operand { label: Some(nth_result(i)), ..Operand::value(e, ty) };
            return (parts.iter().enumerate().map(part).collect(), false);
        }
        if allow_comma_ok && matches!(x.mode, Mode::MapIndex | Mode::CommaOk) {
            let label = Some("ok value of (comma, ok) expression");
            let ok = Operand { label, ..Operand::value(e, Basic::UntypedBool.id()) };
            return (vec![x, ok], true);
        }
        (vec![x], false)
    }

    fn record_comma_ok_types(&mut self, e: &'a Expr, values: &[Operand<'a>]) {
        let [x, ok] = values else { return };
        if x.is_invalid() || ok.is_invalid() {
            return;
        }
        let (mode, ty) = (x.mode, self.store.tuple(vec![x.ty, ok.ty]));
        let mut at = e;
        loop {
            let mode = if mode == Mode::Value { Mode::CommaOk } else { mode };
            self.record(at.id, mode, ty);
            match &at.kind {
                ExprKind::Paren(x) => at = x,
                _ => return,
            }
        }
    }

    /// The values of an expression list; a single call is spread.
    pub fn expr_list(&mut self, list: &'a [Expr]) -> Vec<Operand<'a>> {
        match list {
            [one] => self.multi_values(one, false).0,
            many => many.iter().map(|e| self.expr(e, None)).collect(),
        }
    }

    /// Checks expressions whose values nobody needs because of an error elsewhere; whether they are valid.
    pub fn use_exprs(&mut self, list: &'a [Expr]) -> bool {
        let mut ok = true;
        for e in list {
            if !matches!(&unparen(e).kind, ExprKind::Name(name) if name == "_") {
                let x = match &unparen(e).kind {
                    ExprKind::Name(_) => self.expr_or_type(unparen(e), true),
                    _ => self.raw(e, None, None, true),
                };
                ok &= !x.is_invalid();
            }
        }
        ok
    }

    /// As `use_exprs`, for left sides: being assigned to is no use.
    pub fn use_lhs(&mut self, list: &'a [Expr]) -> bool {
        let mut ok = true;
        for e in list {
            let variable = self.local_variable(unparen(e));
            ok &= self.use_exprs(std::slice::from_ref(e));
            if let Some((obj, used)) = variable {
                self.store.object_mut(obj).used = used;
            }
        }
        ok
    }

    /// Gives a constant its value.
    pub fn init_const(&mut self, obj: ObjId, declared: Option<TypeId>, x: &mut Operand<'a>) {
        self.store.object_mut(obj).ty = declared.unwrap_or(Basic::Invalid.id());
        if x.is_invalid() || !self.store.is_valid_type(x.ty) {
            return;
        }
        if !x.is_constant() {
            let what = self.describe(x);
            self.error(x.pos(), Code::InvalidConstInit, format!("{what} is not constant"));
            return;
        }
        let ty = declared.unwrap_or(x.ty);
        self.store.object_mut(obj).ty = ty;
        self.goal = Some(Goal::Variable(obj));
        self.assignment(x, Some(ty), "constant declaration");
        if !x.is_invalid() {
            self.store.object_mut(obj).kind = ObjKind::Const(x.value.clone().unwrap_or(Const::Unknown));
        }
    }

    /// Gives a variable its first value, and its type if none was declared.
    pub fn init_var(&mut self, obj: ObjId, declared: Option<TypeId>, x: &mut Operand<'a>, context: &str) {
        self.init_receiver(&Receiver { obj: Some(obj), ty: declared, result: None }, x, context);
    }

    fn init_receiver(&mut self, lhs: &Receiver, x: &mut Operand<'a>, context: &str) {
        let invalid = Basic::Invalid.id();
        if x.is_invalid() || !self.store.is_valid_type(x.ty) || lhs.ty == Some(invalid) {
            if let (Some(obj), None) = (lhs.obj, lhs.ty) {
                self.store.object_mut(obj).ty = invalid;
            }
            x.make_invalid();
            return;
        }
        let ty = match lhs.ty {
            Some(ty) => ty,
            None => {
                if x.is_nil() && x.ty == Basic::UntypedNil.id() {
                    self.error(x.pos(), Code::UntypedNilUse, format!("use of untyped nil in {context}"));
                    x.make_invalid();
                    invalid
                } else {
                    self.store.default_type(x.ty)
                }
            }
        };
        if let (Some(obj), None) = (lhs.obj, lhs.ty) {
            self.store.object_mut(obj).ty = ty;
        }
        self.goal = lhs.obj.map(Goal::Variable).or(lhs.result.map(Goal::Result));
        self.assignment(x, Some(ty), context);
    }

    /// Initialises variables from an expression list; `declared` is their common type.
    pub fn init_vars(&mut self, lhs: &[ObjId], declared: Option<TypeId>, rhs: &'a [Expr], _pos: Pos) {
        let receivers: Vec<Receiver> =
            lhs.iter().map(|&obj| Receiver { obj: Some(obj), ty: declared, result: None }).collect();
        self.init_receivers(&receivers, rhs, None);
    }

    /// Initialises variables, or with the position of a return statement, results.
    pub fn init_receivers(&mut self, lhs: &[Receiver], rhs: &'a [Expr], return_pos: Option<Pos>) {
        let context = match return_pos {
            Some(_) => "return statement",
            None if lhs.len() > 1 => "multiple assignment",
            None => "assignment",
        };
        if lhs.len() == rhs.len() && !(rhs.len() == 1 && is_call(&rhs[0])) {
            for (receiver, e) in lhs.iter().zip(rhs) {
                let target = self.receiver_target(receiver);
                let mut x = self.expr_for(e, target);
                self.init_receiver(receiver, &mut x, context);
            }
            return;
        }
        if let [only] = rhs {
            let allow = lhs.len() == 2 && return_pos.is_none();
            let (mut values, comma_ok) = self.multi_values(only, allow);
            if values.len() == lhs.len() {
                for (receiver, x) in lhs.iter().zip(&mut values) {
                    self.init_receiver(receiver, x, context);
                }
                if comma_ok {
                    self.record_comma_ok_types(only, &values);
                }
                return;
            }
            if values.first().is_some_and(|x| !x.is_invalid()) {
                match return_pos {
                    Some(pos) => self.return_error(pos, lhs, &values),
                    None => self.assign_error(rhs, lhs.len(), values.len()),
                }
            }
        } else if self.use_exprs(rhs) {
            match return_pos {
                Some(pos) => {
                    let values = self.expr_list(rhs);
                    self.return_error(pos, lhs, &values);
                }
                None => self.assign_error(rhs, lhs.len(), rhs.len()),
            }
        }
        for receiver in lhs {
            if let (Some(obj), None) = (receiver.obj, receiver.ty) {
                self.store.object_mut(obj).ty = Basic::Invalid.id();
            }
        }
    }

    fn receiver_target(&mut self, receiver: &Receiver) -> Option<Target> {
        match receiver.obj {
            Some(obj) => self.target(receiver.ty, obj),
            None => self.target_of(receiver.ty, "result variable"),
        }
    }

    fn assign_error(&mut self, rhs: &'a [Expr], l: usize, r: usize) {
        let Some(first) = rhs.first() else { return };
        let (vars, vals) = (measure(l, "variable"), measure(r, "value"));
        let message = match &unparen(first).kind {
            ExprKind::Call { fun, .. } if rhs.len() == 1 => {
                format!("assignment mismatch: {vars} but {} returns {vals}", expr_string(fun))
            }
            _ => format!("assignment mismatch: {vars} but {vals}"),
        };
        self.error(first.pos, Code::WrongAssignCount, message);
    }

    fn return_error(&mut self, pos: Pos, lhs: &[Receiver], rhs: &[Operand<'a>]) {
        let (at, qualifier) = if rhs.len() > lhs.len() {
            (rhs[lhs.len()].pos(), "too many")
        } else {
            (rhs.last().map_or(pos, Operand::pos), "not enough")
        };
        let have: Vec<TypeId> = rhs.iter().map(|x| x.ty).collect();
        let want: Vec<TypeId> = lhs.iter().map(|r| r.ty.unwrap_or(Basic::Invalid.id())).collect();
        let (have, want) = (self.types_summary(&have, false, false), self.types_summary(&want, false, false));
        let more = [(Pos::NONE, format!("have {have}")), (Pos::NONE, format!("want {want}"))];
        self.error_with(at, Code::WrongResultCount, format!("{qualifier} return values"), &more);
    }

    /// A list of types for messages about counts.
    pub fn types_summary(&mut self, types: &[TypeId], variadic: bool, dots: bool) -> String {
        let mut out = Vec::new();
        for (i, &ty) in types.iter().enumerate() {
            let last = i + 1 == types.len();
            let mut text = match self.store.get(ty) {
                Type::Basic(Basic::Invalid) => "unknown type".to_string(),
                Type::Basic(b) if b.is_untyped() && b.is_numeric() => "number".to_string(),
                Type::Basic(b) if b.is_untyped() => b.name().replace("untyped ", ""),
                Type::Slice(elem) if last && variadic => format!("...{}", self.show(*elem)),
                _ => self.show(ty),
            };
            if last && dots {
                text.push_str("...");
            }
            out.push(text);
        }
        format!("({})", out.join(", "))
    }

    /// The type of an assignment's left side; `None` for the blank identifier.
    fn lhs_var(&mut self, lhs: &'a Expr) -> Option<TypeId> {
        let invalid = Some(Basic::Invalid.id());
        let inner = unparen(lhs);
        if matches!(&inner.kind, ExprKind::Name(name) if name == "_") {
            return None;
        }
        // Being assigned to is no use.
        let variable = self.local_variable(inner);
        let x = self.expr(lhs, None);
        if let Some((obj, used)) = variable {
            self.store.object_mut(obj).used = used;
        }
        if x.is_invalid() || !self.store.is_valid_type(x.ty) {
            return invalid;
        }
        if matches!(x.mode, Mode::Variable | Mode::MapIndex) {
            return Some(x.ty);
        }
        let text = x.expr_text();
        if let ExprKind::Selector { x: base, .. } = &lhs.kind {
            let base = self.expr(base, None);
            if base.mode == Mode::MapIndex {
                let message = format!("cannot assign to struct field {text} in map");
                self.error(x.pos(), Code::UnaddressableFieldAssign, message);
                return invalid;
            }
        }
        let message = format!("cannot assign to {text} (neither addressable nor a map index expression)");
        self.error(x.pos(), Code::UnassignableOperand, message);
        invalid
    }

    /// The variable of this package that a name stands for, and whether it is used so far.
    pub fn local_variable(&mut self, e: &Expr) -> Option<(ObjId, bool)> {
        let ExprKind::Name(name) = &e.kind else { return None };
        let scope = self.scope();
        let obj = self.store.lookup(scope, name)?;
        let object = self.store.object(obj);
        (matches!(object.kind, ObjKind::Var { .. }) && object.pkg == Some(self.pkg)).then_some((obj, object.used))
    }

    /// Assigns an operand that has been checked.
    pub fn assign_operand(&mut self, lhs: &'a Expr, x: &mut Operand<'a>, context: &str) {
        let ty = self.lhs_var(lhs);
        if ty == Some(Basic::Invalid.id()) {
            x.make_invalid();
            return;
        }
        self.goal = Some(Goal::Like(self.file, lhs));
        self.assign_to(ty, x, context);
    }

    fn assign_to(&mut self, ty: Option<TypeId>, x: &mut Operand<'a>, context: &str) {
        let context = if ty.is_none() && context == "assignment" { "assignment to _ identifier" } else { context };
        self.assignment(x, ty, context);
    }

    pub fn assign_vars(&mut self, lhs: &'a [Expr], rhs: &'a [Expr]) {
        let context = if lhs.len() > 1 { "multiple assignment" } else { "assignment" };
        if lhs.len() == rhs.len() && !(rhs.len() == 1 && is_call(&rhs[0])) {
            for (l, r) in lhs.iter().zip(rhs) {
                let ty = self.lhs_var(l);
                if ty == Some(Basic::Invalid.id()) {
                    self.use_exprs(std::slice::from_ref(r));
                    continue;
                }
                let target = self.target_of(ty, &expr_string(l));
                let mut x = self.expr_for(r, target);
                self.goal = Some(Goal::Like(self.file, l));
                self.assign_to(ty, &mut x, context);
            }
            return;
        }
        let [only] = rhs else {
            let left = self.use_lhs(lhs);
            let right = self.use_exprs(rhs);
            if left && right {
                self.assign_error(rhs, lhs.len(), rhs.len());
            }
            return;
        };
        let (mut values, comma_ok) = self.multi_values(only, lhs.len() == 2);
        if values.len() == lhs.len() {
            for (l, x) in lhs.iter().zip(&mut values) {
                self.assign_operand(l, x, context);
            }
            if comma_ok {
                self.record_comma_ok_types(only, &values);
            }
            return;
        }
        if values.first().is_some_and(|x| !x.is_invalid()) {
            self.assign_error(rhs, lhs.len(), values.len());
        }
        self.use_lhs(lhs);
    }

    /// Makes a local variable that is reported when it stays unused.
    pub fn new_local(&mut self, name: &Name, pos: Pos, ty: TypeId) -> ObjId {
        let kind = ObjKind::Var { is_field: false, is_param: false };
        let obj = self.store.new_object(kind, name.clone(), Some(self.pkg), ty, pos);
        self.locals.push(obj);
        obj
    }

    /// `lhs := rhs`
    pub fn short_var_decl(&mut self, pos: Pos, lhs: &'a [Expr], rhs: &'a [Expr]) {
        let top = self.delayed.len();
        let scope = self.scope();
        let mut seen: HashSet<&str> = HashSet::default();
        let mut receivers = Vec::new();
        let mut new_vars: Vec<(Ident, ObjId)> = Vec::new();
        let mut has_error = false;
        for (i, e) in lhs.iter().enumerate() {
            let ExprKind::Name(name) = &e.kind else {
                self.use_lhs(std::slice::from_ref(e));
                let text = expr_string(e);
                self.error(e.pos, Code::BadDecl, format!("non-name {text} on left side of :="));
                has_error = true;
                receivers.push(Receiver { obj: None, ty: None, result: None });
                continue;
            };
            if name != "_" {
                if !seen.insert(name) {
                    self.error(e.pos, Code::RepeatedDecl, format!("{name} repeated on left side of :="));
                    has_error = true;
                    receivers.push(Receiver { obj: None, ty: None, result: None });
                    continue;
                }
                if let Some(&known) = self.store.scopes[scope.index()].names.get(name) {
                    self.record_use(e.id, known);
                    let object = self.store.object(known);
                    if matches!(object.kind, ObjKind::Var { .. }) {
                        let ty = object.ty;
                        self.record(e.id, Mode::Variable, ty);
                        receivers.push(Receiver { obj: Some(known), ty: Some(ty), result: None });
                    } else {
                        self.error(e.pos, Code::UnassignableOperand, format!("cannot assign to {name}"));
                        has_error = true;
                        receivers.push(Receiver { obj: None, ty: None, result: None });
                    }
                    continue;
                }
            }
            let ident = Ident { id: e.id, pos: e.pos, name: name.clone() };
            let kind = ObjKind::Var { is_field: false, is_param: false };
            let obj = self.store.new_object(kind, name.clone(), Some(self.pkg), Basic::Invalid.id(), e.pos);
            self.record_definition(e.id, obj);
            match rhs {
                [only] if lhs.len() > 1 => self.sources.insert(obj, Source::Result(self.file, only, i)),
                _ => {
                    if let Some(e) = rhs.get(i) {
                        self.sources.insert(obj, Source::Value(self.file, e));
                    }
                }
            }
            if name != "_" {
                new_vars.push((ident, obj));
            }
            receivers.push(Receiver { obj: Some(obj), ty: None, result: None });
        }
        self.init_receivers(&receivers, rhs, None);
        for (e, receiver) in lhs.iter().zip(&receivers) {
            if let (Some(obj), None) = (receiver.obj, receiver.ty) {
                let ty = self.store.object(obj).ty;
                self.record(e.id, Mode::Variable, ty);
            }
        }
        // Function literals on the right don't see the new variables.
        self.process_delayed(top);
        if new_vars.is_empty() && !has_error {
            self.soft_error(pos, Code::NoNewVar, "no new variables on left side of :=");
            return;
        }
        for (ident, obj) in new_vars {
            self.locals.push(obj);
            self.declare(&ident, obj);
        }
    }
}

/// How messages call a call's results.
fn nth_result(i: usize) -> &'static str {
    match i {
        0 => "1st function result",
        1 => "2nd function result",
        2 => "3rd function result",
        3 => "4th function result",
        4 => "5th function result",
        5 => "6th function result",
        6 => "7th function result",
        7 => "8th function result",
        _ => "function result",
    }
}
