//! Operands: what an expression has been found to be, their text in messages, and assignability (Go spec,
//! "Assignability").
//!
//! Invariant: an operand of mode `Invalid` has been reported; who meets one stays silent.

use crate::check::Checker;
use crate::const_expr::Misfit;
use crate::constant::Const;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{ChanDir, Expr};
use gorace_syntax::printer::expr_string;

/// An expression's meaning while it is being checked.
#[derive(Debug, Clone)]
pub(crate) struct Operand<'a> {
    pub mode: Mode,
    pub ty: TypeId,
    pub value: Option<Const>,
    /// The expression, or the one that this is a part of (a result of a call).
    pub expr: Option<&'a Expr>,
    pub builtin: Option<Builtin>,
}

impl<'a> Operand<'a> {
    pub fn invalid(e: &'a Expr) -> Operand<'a> {
        Operand { mode: Mode::Invalid, ty: Basic::Invalid.id(), value: None, expr: Some(e), builtin: None }
    }

    pub fn value(e: &'a Expr, ty: TypeId) -> Operand<'a> {
        Operand { mode: Mode::Value, ty, ..Operand::invalid(e) }
    }

    pub fn is_invalid(&self) -> bool {
        self.mode == Mode::Invalid
    }

    pub fn make_invalid(&mut self) {
        self.mode = Mode::Invalid;
        self.ty = Basic::Invalid.id();
        self.value = None;
    }

    pub fn is_nil(&self) -> bool {
        self.mode == Mode::Nil
    }

    pub fn is_constant(&self) -> bool {
        self.mode == Mode::Constant
    }

    /// The constant, `Unknown` when there is none.
    pub fn constant(&self) -> Const {
        self.value.clone().unwrap_or(Const::Unknown)
    }

    pub fn pos(&self) -> Pos {
        self.expr.map_or(Pos::NONE, |e| e.pos)
    }

    /// The expression's text.
    pub fn expr_text(&self) -> String {
        self.expr.map(expr_string).unwrap_or_default()
    }
}

impl Store {
    /// The word for a composite type; empty for a basic one.
    pub(crate) fn composite_kind(&mut self, ty: TypeId) -> &'static str {
        match self.under_type(ty) {
            Type::Array { .. } => "array",
            Type::Slice(_) => "slice",
            Type::Struct(_) => "struct",
            Type::Pointer(_) => "pointer",
            Type::Signature(_) => "func",
            Type::Interface(_) => "interface",
            Type::Map { .. } => "map",
            Type::Chan { .. } => "chan",
            Type::Tuple(_) => "tuple",
            _ => "",
        }
    }

    /// A type that a name denotes: predeclared, defined, or a type parameter.
    pub(crate) fn has_name(&self, ty: TypeId) -> bool {
        matches!(self.get(ty), Type::Basic(_) | Type::Named(_) | Type::TypeParam(_))
    }

    /// The types of a type's type set with their underlying types: the type itself, or a type parameter's terms;
    /// `None` when that is not restricted.
    pub(crate) fn typeset(&mut self, ty: TypeId) -> Option<Vec<(TypeId, TypeId)>> {
        if !self.is_type_param(ty) {
            let under = self.under(ty);
            return Some(vec![(ty, under)]);
        }
        let terms = self.terms(ty)?;
        Some(terms.iter().map(|t| (t.ty, self.under(t.ty))).collect())
    }

    /// The underlying types of the type set; empty when not restricted.
    pub(crate) fn type_set_unders(&mut self, ty: TypeId) -> Vec<TypeId> {
        self.typeset(ty).unwrap_or_default().into_iter().map(|(_, under)| under).collect()
    }

    pub(crate) fn is_integer(&mut self, ty: TypeId) -> bool {
        !self.is_type_param(ty) && self.all_basic(ty, Basic::is_integer)
    }

    pub(crate) fn is_numeric(&mut self, ty: TypeId) -> bool {
        !self.is_type_param(ty) && self.all_basic(ty, Basic::is_numeric)
    }

    pub(crate) fn is_valid_type(&self, ty: TypeId) -> bool {
        ty != Basic::Invalid.id()
    }

    pub(crate) fn is_ordered(&mut self, ty: TypeId) -> bool {
        self.all_basic(ty, |b| b.is_integer() || b.is_float() || b.is_string())
    }

    /// A generic function's type.
    pub(crate) fn is_generic_signature(&self, ty: TypeId) -> bool {
        matches!(self.get(ty), Type::Signature(s) if !s.type_params.is_empty())
    }

    /// The array that a type or the pointer to it is.
    pub(crate) fn array_or_pointer_to(&mut self, ty: TypeId) -> TypeId {
        if let Type::Pointer(base) = *self.get(ty) {
            let under = self.under(base);
            if matches!(self.get(under), Type::Array { .. }) {
                return under;
            }
        }
        ty
    }

    /// A pointer to an interface.
    pub(crate) fn is_interface_pointer(&mut self, ty: TypeId) -> bool {
        match self.under_type(ty) {
            Type::Pointer(base) => self.is_interface(base),
            _ => false,
        }
    }
}

impl<'a> Checker<'a> {
    /// An operand for messages: text, constant, kind and type.
    pub fn describe(&mut self, x: &Operand) -> String {
        if x.mode == Mode::Nil {
            return if x.ty == Basic::UntypedNil.id() {
                "nil".into()
            } else {
                format!("nil (of type {})", self.show(x.ty))
            };
        }
        let expr = x.expr_text();
        let mut out = String::new();
        let mut has_type = false;
        if !matches!(x.mode, Mode::Invalid | Mode::NoValue | Mode::Builtin | Mode::TypeExpr) {
            if self.store.is_untyped(x.ty) {
                out.push_str(&self.show(x.ty));
                out.push(' ');
            } else {
                has_type = true;
            }
        }
        out.push_str(match x.mode {
            Mode::Invalid => "invalid operand",
            Mode::NoValue => "no value",
            Mode::Builtin => "built-in",
            Mode::TypeExpr => "type",
            Mode::Constant => "constant",
            Mode::Variable => "variable",
            Mode::MapIndex => "map index expression",
            Mode::Value => "value",
            Mode::Nil => "nil",
            Mode::CommaOk => "comma, ok expression",
        });
        if let (Mode::Constant, Some(value)) = (x.mode, &x.value) {
            let text = value.text();
            if text != expr {
                out.push(' ');
                out.push_str(&text);
            }
        }
        if has_type {
            if self.store.is_valid_type(x.ty) {
                out.push_str(" of ");
                let is_param = self.store.is_type_param(x.ty);
                if !is_param && matches!(self.store.get(x.ty), Type::Named(_)) {
                    let kind = self.store.composite_kind(x.ty);
                    if kind.is_empty() {
                        if let Some(basic) = self.store.basic(x.ty) {
                            out.push_str(basic.name());
                        }
                    } else {
                        out.push_str(kind);
                    }
                    out.push(' ');
                }
                out.push_str("type ");
                out.push_str(&self.show(x.ty));
                if let Some(constraint) = self.store.as_type_param(x.ty).map(|p| p.constraint) {
                    out.push_str(" constrained by ");
                    out.push_str(&self.show(constraint));
                }
            } else {
                out.push_str(" with invalid type");
            }
        }
        if expr.is_empty() { out } else { format!("{expr} ({out})") }
    }

    /// Whether a value can be assigned to a variable of type `t`.
    ///
    /// # Errors
    /// The reason, possibly empty.
    pub fn assignable(&mut self, x: &Operand<'a>, t: TypeId) -> Result<(), String> {
        let mut cause = String::new();
        if self.assignable_to(x, t, &mut cause) { Ok(()) } else { Err(cause) }
    }

    /// Why a type does not implement an interface.
    pub fn missing_cause(&mut self, v: TypeId, t: TypeId) -> String {
        let mut cause = String::new();
        self.implements_cause(v, t, &mut cause);
        cause
    }

    /// Whether a value can be assigned to a variable of type `t`; the reason why not where there is one to tell.
    pub fn assignable_to(&mut self, x: &Operand<'a>, t: TypeId, cause: &mut String) -> bool {
        let v = x.ty;
        if x.is_invalid() || !self.store.is_valid_type(t) || !self.store.is_valid_type(v) || v == t {
            return true;
        }
        let (v_under, t_under) = (self.store.under(v), self.store.under(t));
        if !self.store.is_valid_type(v_under) || !self.store.is_valid_type(t_under) {
            return true;
        }
        let (v_param, t_param) = (self.store.is_type_param(v), self.store.is_type_param(t));
        if self.store.is_untyped(v) {
            if t_param {
                let Some(set) = self.store.typeset(t) else { return false };
                return !set.is_empty() && set.iter().all(|&(term, _)| self.implicit_type_and_value(x, term).is_ok());
            }
            return self.implicit_type_and_value(x, t).is_ok();
        }
        let named_both = self.store.has_name(v) && self.store.has_name(t);
        if v_under == t_under && !named_both && !v_param && !t_param {
            return true;
        }
        let t_is_interface = matches!(self.store.get(t_under), Type::Interface(_)) && !t_param;
        if t_is_interface || self.store.is_interface_pointer(t_under) {
            if self.implements_cause(v, t, cause) {
                return true;
            }
            if !v_param {
                return false;
            }
            cause.clear();
        }
        if matches!(self.store.get(v_under), Type::Interface(_)) && !v_param && self.store.implements(t, v, false) {
            *cause = "need type assertion".into();
            return false;
        }
        if let (&Type::Chan { dir: ChanDir::Both, elem: a }, &Type::Chan { elem: b, .. }) =
            (self.store.get(v_under), self.store.get(t_under))
            && a == b
        {
            return !named_both;
        }
        if !v_param && !t_param {
            return false;
        }
        if t_param && !self.store.has_name(v) {
            let Some(set) = self.store.typeset(t) else { return false };
            for &(term, _) in &set {
                if !self.assignable_to(x, term, cause) {
                    let (a, b, c) = (self.show(v), self.show(term), self.show(t));
                    *cause = extend(format!("cannot assign {a} to {b} (in {c})"), cause);
                    return false;
                }
            }
            return !set.is_empty();
        }
        if v_param && !self.store.has_name(t) {
            let Some(set) = self.store.typeset(v) else { return false };
            for &(term, _) in &set {
                let part = Operand { ty: term, ..x.clone() };
                if !self.assignable_to(&part, t, cause) {
                    let (a, b, c) = (self.show(term), self.show(v), self.show(t));
                    *cause = extend(format!("cannot assign {a} (in {b}) to {c}"), cause);
                    return false;
                }
            }
            return !set.is_empty();
        }
        false
    }

    /// `Store::implements` with the reason why not.
    pub fn implements_cause(&mut self, v: TypeId, t: TypeId, cause: &mut String) -> bool {
        if self.store.implements(v, t, false) {
            return true;
        }
        let (vs, ts) = (self.show(v), self.show(t));
        let Some(interface) = self.store.interface(t) else {
            if self.store.is_interface_pointer(t) {
                *cause = format!("type {ts} is pointer to interface, not interface");
            } else {
                *cause = format!("{ts} is not an interface");
            }
            return false;
        };
        *cause = match self.store.missing_method(v, &interface) {
            Some((method, missing)) => {
                let why = self.missing_method_cause(v, t, &method, &missing);
                format!("{vs} does not implement {ts} {why}")
            }
            None if interface.comparable && !self.store.is_comparable(v, false) => {
                format!("{vs} does not implement comparable")
            }
            None => format!("{vs} does not implement {ts}"),
        };
        false
    }

    /// The text in parentheses that tells why a method is missing.
    pub fn missing_method_cause(
        &mut self,
        v: TypeId,
        t: TypeId,
        method: &InterfaceMethod,
        missing: &crate::lookup::Missing,
    ) -> String {
        use crate::lookup::Missing;
        let name = &method.name;
        match missing {
            Missing::IsField => format!("(missing method {name})\n\t\tbut does have field {name}"),
            Missing::PointerReceiver => format!("(method {name} has pointer receiver)"),
            Missing::WrongType(have) => {
                let (have, want) = (self.method_text(*have), self.method_text(method.signature));
                format!("(wrong type for method {name})\n\t\thave {name}{have}\n\t\twant {name}{want}")
            }
            Missing::Absent => {
                if self.store.is_interface_pointer(v) {
                    return format!("(type {} is pointer to interface, not interface)", self.show(v));
                }
                if self.store.is_interface_pointer(t) {
                    return format!("(type {} is pointer to interface, not interface)", self.show(t));
                }
                let other = self.member_ignoring_case(v, name);
                match other {
                    Some((other, true)) => {
                        format!("(missing method {name})\n\t\thave {other}\n\t\twant {name}")
                    }
                    _ => format!("(missing method {name})"),
                }
            }
        }
    }

    fn method_text(&mut self, signature: TypeId) -> String {
        let text = self.show(signature);
        text.strip_prefix("func").map(str::to_string).unwrap_or(text)
    }

    /// A member whose name differs in case only, and whether it is a method.
    pub fn member_ignoring_case(&mut self, ty: TypeId, name: &str) -> Option<(String, bool)> {
        let lower = name.to_lowercase();
        let (base, _) = self.store.deref(ty);
        for (method, _, _) in self.store.method_set(ty) {
            if method.to_lowercase() == lower && method != name {
                return Some((method.to_string(), true));
            }
        }
        match self.store.under_type(base) {
            Type::Struct(fields) => fields
                .iter()
                .find(|f| f.name.to_lowercase() == lower && f.name != name)
                .map(|f| (f.name.to_string(), false)),
            _ => None,
        }
    }

    /// The text of a failed conversion of an untyped operand.
    pub fn invalid_conversion(&mut self, misfit: Misfit, x: &Operand<'a>, target: TypeId) {
        let (what, ty) = (self.describe(x), self.show(target));
        let message = match misfit {
            Misfit::Truncated => format!("{what} truncated to {ty}"),
            Misfit::Overflow => format!("{what} overflows {ty}"),
            Misfit::Other => format!("cannot convert {what} to type {ty}"),
        };
        self.error(x.pos(), message);
    }
}

fn extend(message: String, cause: &str) -> String {
    if cause.is_empty() { message } else { format!("{message}\n\t{cause}") }
}
