//! Expression and type switches (Go spec, "Switch statements").

use crate::assignments::unparen;
use crate::check::{Checker, place};
use crate::codes::Code;
use crate::constant::Const;
use crate::hash::HashMap;
use crate::operand::Operand;
use crate::stmt::Context;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{self, CaseClause, Expr, ExprKind};
use num_bigint::BigInt;
use std::rc::Rc;

/// A constant as a key to find duplicates by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum ConstKey {
    Int(BigInt),
    Float(u64),
    Complex(u64, u64),
    String(Rc<[u8]>),
    Bool(bool),
}

impl ConstKey {
    pub fn of(value: &Const) -> Option<ConstKey> {
        Some(match value {
            Const::Bool(b) => ConstKey::Bool(*b),
            Const::String(s) => ConstKey::String(s.shared()),
            Const::Unknown => return None,
            other => match (other.to_int(), other) {
                (Some(n), _) => ConstKey::Int(n),
                (None, Const::Complex(re, im)) => {
                    let bits = |r: &num_rational::BigRational| crate::constant::rational_to_f64(r).to_bits();
                    ConstKey::Complex(bits(re), bits(im))
                }
                (None, other) => ConstKey::Float(other.to_f64().to_bits()),
            },
        })
    }
}

impl<'a> Checker<'a> {
    fn multiple_defaults(&mut self, cases: &'a [CaseClause]) {
        let mut first = None;
        for clause in cases.iter().filter(|c| c.is_default) {
            match first {
                Some(first) => {
                    let message = format!("multiple defaults (first at {})", place(first));
                    self.error(clause.pos, Code::DuplicateDefault, message);
                }
                None => first = Some(clause.pos),
            }
        }
    }

    pub fn switch_stmt(&mut self, context: Context, s: &'a ast::SwitchStmt) {
        let mut x = match &s.tag {
            Some(tag) => {
                let mut x = self.expr(tag, None);
                self.assignment(&mut x, None, "switch expression");
                if !x.is_invalid() && !self.store.is_comparable(x.ty, true) && !self.store.has_nil(x.ty) {
                    let (what, ty) = (self.describe(&x), self.show_of(&x));
                    let message = format!("cannot switch on {what} ({ty} is not comparable)");
                    self.error(x.pos(), Code::InvalidExprSwitch, message);
                    x.make_invalid();
                }
                x
            }
            None => {
                // As if `true` were written.
                let value = Some(Const::Bool(true));
                let label = Some("true");
                Operand { mode: Mode::Constant, ty: Basic::Bool.id(), value, expr: None, builtin: None, label }
            }
        };
        self.multiple_defaults(&s.cases);
        let mut seen: HashMap<ConstKey, Vec<(TypeId, Pos)>> = HashMap::default();
        for (i, clause) in s.cases.iter().enumerate() {
            let last = i + 1 == s.cases.len();
            for e in &clause.exprs {
                self.case_value(&mut x, e, &mut seen);
            }
            let inner = Context { fallthrough_ok: !last, final_case: last, ..context };
            self.in_scope(|c| c.stmt_list(inner, &clause.body));
        }
    }

    fn case_value(&mut self, x: &mut Operand<'a>, e: &'a Expr, seen: &mut HashMap<ConstKey, Vec<(TypeId, Pos)>>) {
        let mut v = self.expr(e, None);
        if x.is_invalid() || v.is_invalid() {
            return;
        }
        self.convert_untyped(&mut v, x.ty);
        if v.is_invalid() {
            return;
        }
        if self.comparison(gorace_syntax::ast::BinaryOp::Eq, v.clone(), x.clone(), true).is_invalid()
            || !v.is_constant()
        {
            return;
        }
        let Some(key) = ConstKey::of(&v.constant()) else { return };
        if matches!(key, ConstKey::Bool(_) | ConstKey::Complex(..)) {
            return;
        }
        let known = seen.entry(key).or_default();
        match known.iter().find(|&&(ty, _)| self.store.identical(ty, v.ty)) {
            Some(&(_, first)) => {
                let what = self.describe(&v);
                let more = [(first, "previous case".to_string())];
                let message = format!("duplicate case {what} in expression switch");
                self.error_with(v.pos(), Code::DuplicateCase, message, &more);
            }
            None => known.push((v.ty, v.pos())),
        }
    }

    fn is_nil_name(&self, e: &Expr) -> bool {
        let ExprKind::Name(name) = &unparen(e).kind else { return false };
        self.store.lookup(self.scope(), name).is_some_and(|obj| self.store.object(obj).kind == ObjKind::Nil)
    }

    pub fn type_switch_stmt(&mut self, context: Context, s: &'a ast::TypeSwitchStmt) {
        let mut bind = s.bind.as_ref();
        if let Some(name) = bind
            && name.name == "_"
        {
            self.soft_error(name.pos, Code::NoNewVar, "no new variable on left side of :=");
            bind = None;
        }
        let x = self.expr(&s.x, None);
        let mut subject = None;
        if !x.is_invalid() {
            let what = self.describe(&x);
            if self.store.is_type_param(x.ty) {
                let message = format!("cannot use type switch on type parameter value {what}");
                self.error(x.pos(), Code::InvalidTypeSwitch, message);
            } else if self.store.is_interface(x.ty) {
                subject = Some(x);
            } else {
                self.error(x.pos(), Code::InvalidTypeSwitch, format!("{what} is not an interface"));
            }
        }
        self.multiple_defaults(&s.cases);
        let mut variables = Vec::new();
        let mut seen: HashMap<Option<TypeId>, Pos> = HashMap::default();
        for clause in &s.cases {
            let mut single = None;
            for e in &clause.exprs {
                single = self.case_type(subject.as_ref(), e, &mut seen);
            }
            let ty = match (single, &clause.exprs[..]) {
                (Some(ty), [_]) => ty,
                _ => subject.as_ref().map_or(Basic::Invalid.id(), |x| x.ty),
            };
            self.in_scope(|c| {
                if let Some(name) = bind {
                    let kind = ObjKind::Var { is_field: false, is_param: false };
                    let obj = c.store.new_object(kind, name.name.clone(), Some(c.pkg), ty, name.pos);
                    let scope = c.scope();
                    c.store.scopes[scope.index()].names.insert(name.name.clone(), obj);
                    c.info[c.file].implicits.insert(clause.pos, obj);
                    variables.push(obj);
                }
                c.stmt_list(context, &clause.body);
            });
        }
        if let Some(name) = bind
            && !variables.iter().any(|&v| self.store.object(v).used)
        {
            self.soft_error(name.pos, Code::UnusedVar, format!("{} declared and not used", name.name));
        }
    }

    /// A case of a type switch: its type, `None` for `nil` (the invalid type where it is wrong).
    fn case_type(
        &mut self,
        x: Option<&Operand<'a>>,
        e: &'a Expr,
        seen: &mut HashMap<Option<TypeId>, Pos>,
    ) -> Option<TypeId> {
        let ty = if self.is_nil_name(e) {
            self.expr(e, None);
            None
        } else {
            let ty = self.var_type(e);
            if !self.store.is_valid_type(ty) {
                return Some(ty);
            }
            Some(ty)
        };
        if let Some(&first) = seen.get(&ty) {
            let text = ty.map_or_else(|| "nil".to_string(), |t| self.show(t));
            let more = [(first, "previous case".to_string())];
            let message = format!("duplicate case {text} in type switch");
            self.error_with(e.pos, Code::DuplicateCase, message, &more);
            return ty;
        }
        seen.insert(ty, e.pos);
        if let (Some(x), Some(ty)) = (x, ty) {
            self.check_assertion(e, x, ty, true);
        }
        ty
    }
}
