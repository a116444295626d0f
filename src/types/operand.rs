//! Operands: what an expression has been found to be, their text in messages, and assignability (Go spec,
//! "Assignability").
//!
//! Invariant: an operand of mode `Invalid` has been reported; who meets one stays silent.

use crate::check::Checker;
use crate::codes::Code;
use crate::const_expr::Misfit;
use crate::constant::Const;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::Expr;
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
    /// What messages call it instead of the expression.
    pub label: Option<&'static str>,
}

impl<'a> Operand<'a> {
    pub fn invalid(e: &'a Expr) -> Operand<'a> {
        Operand { mode: Mode::Invalid, ty: Basic::Invalid.id(), value: None, expr: Some(e), builtin: None, label: None }
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
        if let Some(label) = self.label {
            return label.to_string();
        }
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
    pub fn describe(&mut self, x: &Operand<'a>) -> String {
        if x.mode == Mode::Nil {
            return if x.ty == Basic::Invalid.id() {
                "nil (with invalid type)".into()
            } else if x.ty == Basic::UntypedNil.id() {
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
                let (text, is_alias) = self.show_named(x);
                if !is_param && (is_alias || matches!(self.store.get(x.ty), Type::Named(_))) {
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
                out.push_str(&text);
                if let Some(constraint) = self.store.as_type_param(x.ty).map(|p| p.constraint) {
                    out.push_str(" constrained by ");
                    out.push_str(&self.show_constraint(x.ty, constraint));
                    if self.store.interface(x.ty).is_some_and(|i| i.is_empty_set()) {
                        out.push_str(" with empty type set");
                    }
                }
            } else {
                out.push_str(" with invalid type");
            }
        }
        if expr.is_empty() { out } else { format!("{expr} ({out})") }
    }

    /// The error of a failed conversion of an untyped operand.
    pub fn invalid_conversion(&mut self, misfit: Misfit, x: &Operand<'a>, target: TypeId) {
        let (what, ty) = (self.describe(x), self.show_target(x, target));
        let (code, message) = match misfit {
            Misfit::Truncated => (Code::TruncatedFloat, format!("{what} truncated to {ty}")),
            Misfit::Overflow => (Code::NumericOverflow, format!("{what} overflows {ty}")),
            Misfit::NotConst => (Code::InvalidConstVal, format!("cannot convert {what} to type {ty}")),
            Misfit::Other => (Code::InvalidUntypedConversion, format!("cannot convert {what} to type {ty}")),
        };
        self.error(x.pos(), code, message);
    }
}
