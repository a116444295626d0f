//! Constants and types: representability, overflow, and the implicit conversion of untyped operands (Go spec,
//! "Representability", "Constants").

use crate::check::Checker;
use crate::codes::Code;
use crate::constant::{Const, float_to_rational};
use crate::operand::Operand;
use crate::store::*;
use gorace_syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use gorace_syntax::printer::expr_string;
use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

/// Why an untyped operand does not convert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misfit {
    Truncated,
    Overflow,
    /// The type has no such constant at all.
    NotConst,
    Other,
}

/// The value as one of the basic type, rounded, if the type can represent it.
pub(crate) fn representable_const(value: &Const, basic: Basic) -> Option<Const> {
    if !value.is_known() {
        return Some(Const::Unknown);
    }
    if basic.is_integer() {
        let n = value.to_int()?;
        return fits(&n, basic).then_some(Const::Int(n));
    }
    if basic.is_float() {
        let r = value.to_rational()?;
        return match basic {
            Basic::Float32 => float_to_rational(f64::from(value.to_f32())).map(Const::rational),
            Basic::Float64 => float_to_rational(value.to_f64()).map(Const::rational),
            _ => Some(Const::rational(r)),
        };
    }
    if basic.is_complex() {
        let (re, im) = value.to_complex()?;
        let round = |r| {
            let part = Const::rational(r);
            let f = if basic == Basic::Complex64 { f64::from(part.to_f32()) } else { part.to_f64() };
            float_to_rational(f)
        };
        return match basic {
            Basic::UntypedComplex => Some(Const::complex(re, im)),
            _ => Some(Const::complex(round(re)?, round(im)?)),
        };
    }
    match value {
        Const::String(_) if basic.is_string() => Some(value.clone()),
        Const::Bool(_) if basic.is_boolean() => Some(value.clone()),
        _ => None,
    }
}

fn fits(n: &BigInt, basic: Basic) -> bool {
    if let Some(v) = n.to_i64() {
        return match basic {
            Basic::Int8 => i8::try_from(v).is_ok(),
            Basic::Int16 => i16::try_from(v).is_ok(),
            Basic::Int32 => i32::try_from(v).is_ok(),
            Basic::Uint8 => u8::try_from(v).is_ok(),
            Basic::Uint16 => u16::try_from(v).is_ok(),
            Basic::Uint32 => u32::try_from(v).is_ok(),
            Basic::Uint | Basic::Uint64 | Basic::Uintptr => v >= 0,
            _ => true,
        };
    }
    match basic {
        Basic::Uint | Basic::Uint64 | Basic::Uintptr => !n.is_negative() && n.bits() <= 64,
        Basic::UntypedInt | Basic::UntypedRune => true,
        _ => false,
    }
}

impl<'a> Checker<'a> {
    pub fn is_zero(value: &Const) -> bool {
        match value {
            Const::Complex(re, im) => re.is_zero() && im.is_zero(),
            other => other.to_rational().is_some_and(|r| r.is_zero()),
        }
    }

    /// The constant as the type has it, if it can.
    pub fn representable(&mut self, value: &Const, basic: Basic) -> Option<Const> {
        representable_const(value, basic)
    }

    /// The constant as the basic type has it.
    pub fn representation(&mut self, x: &Operand<'a>, basic: Basic) -> Result<Const, Misfit> {
        let value = x.constant();
        if let Some(rounded) = representable_const(&value, basic) {
            return Ok(rounded);
        }
        if self.store.is_numeric(x.ty) && basic.is_numeric() {
            if !self.store.is_integer(x.ty) && basic.is_integer() {
                Err(Misfit::Truncated)
            } else {
                Err(Misfit::Overflow)
            }
        } else {
            Err(Misfit::NotConst)
        }
    }

    /// Makes a constant one of the basic type, or reports that it does not fit.
    pub fn make_representable(&mut self, x: &mut Operand<'a>, basic: Basic) {
        match self.representation(x, basic) {
            Ok(value) => x.value = Some(value),
            Err(misfit) => {
                self.invalid_conversion(misfit, x, basic.id());
                x.make_invalid();
            }
        }
    }

    /// Converts an untyped operand to a type, implicitly.
    pub fn convert_untyped(&mut self, x: &mut Operand<'a>, target: TypeId) {
        match self.implicit_type_and_value(x, target) {
            Err(misfit) => {
                let shown = if self.store.is_type_param(target) { target } else { self.store.under(target) };
                self.invalid_conversion(misfit, x, shown);
                x.make_invalid();
            }
            Ok((ty, value)) => self.become_type(x, ty, value),
        }
    }

    /// Gives an untyped operand its new type and value, in the recorded information too.
    pub fn become_type(&mut self, x: &mut Operand<'a>, ty: TypeId, value: Option<Const>) {
        if value.is_some() {
            x.value = value;
        }
        if ty != x.ty {
            x.ty = ty;
            if let Some(e) = x.expr {
                let value = x.value.clone();
                self.update_type(e, ty, value);
            }
        }
    }

    /// The type that an untyped operand takes when it is used as a `target`.
    pub fn implicit_type(&mut self, x: &Operand<'a>, target: TypeId) -> Option<TypeId> {
        self.implicit_type_and_value(x, target).ok().map(|(ty, _)| ty)
    }

    /// Records the type that an untyped expression has got by its use, down to the operands that share it. The operands
    /// of a constant expression keep their own: nobody asks for them.
    pub fn update_type(&mut self, e: &'a Expr, ty: TypeId, value: Option<Const>) {
        let old = self.info[self.file].types[e.id.index()];
        if !self.store.is_untyped(old.ty) || old.ty == ty {
            return;
        }
        let is_constant = old.mode == Mode::Constant;
        match &e.kind {
            ExprKind::Paren(x) => self.update_type(x, ty, value.clone()),
            _ if is_constant => {}
            ExprKind::Unary { op, x } if *op != UnaryOp::Recv => self.update_type(x, ty, None),
            ExprKind::Binary { op, x, y, .. } => {
                use BinaryOp::*;
                match op {
                    Eq | Ne | Lt | Le | Gt | Ge => {}
                    Shl | Shr => {
                        if !self.store.is_untyped(ty) && !self.store.all_basic(ty, Basic::is_integer) {
                            let (text, ty) = (expr_string(x), self.show(ty));
                            self.error(
                                x.pos,
                                Code::InvalidShiftOperand,
                                format!("invalid operation: shifted operand {text} (type {ty}) must be integer"),
                            );
                            return;
                        }
                        self.update_type(x, ty, None);
                    }
                    _ => {
                        self.update_type(x, ty, None);
                        self.update_type(y, ty, None);
                    }
                }
            }
            _ => {}
        }
        if is_constant && !self.store.is_untyped(ty) {
            let value = value.or_else(|| self.info[self.file].constants.get(&e.id).cloned()).unwrap_or(Const::Unknown);
            let mut x = Operand {
                mode: Mode::Constant,
                ty: old.ty,
                value: Some(value),
                expr: Some(e),
                builtin: None,
                label: None,
            };
            match self.implicit_type_and_value(&x, ty) {
                Ok((_, rounded)) => {
                    if rounded.is_some() {
                        x.value = rounded;
                    }
                    self.record_constant(e.id, x.constant());
                }
                Err(misfit) => {
                    let under = self.store.under(ty);
                    self.invalid_conversion(misfit, &x, under);
                    return;
                }
            }
        }
        self.record(e.id, old.mode, ty);
    }

    /// The type (and constant) that an untyped operand takes when it is used as a `target`.
    pub fn implicit_type_and_value(
        &mut self,
        x: &Operand<'a>,
        target: TypeId,
    ) -> Result<(TypeId, Option<Const>), Misfit> {
        if x.is_invalid() || !self.store.is_untyped(x.ty) || !self.store.is_valid_type(target) {
            return Ok((x.ty, None));
        }
        if let (&Type::Basic(a), &Type::Basic(b)) = (self.store.get(x.ty), self.store.get(target))
            && b.is_untyped()
        {
            // Both untyped: the later kind of two numeric ones.
            if a == b {
                return Ok((x.ty, None));
            }
            return if a.is_numeric() && b.is_numeric() { Ok((a.max(b).id(), None)) } else { Err(Misfit::Other) };
        }
        if x.is_nil() {
            return if self.store.has_nil(target) { Ok((target, None)) } else { Err(Misfit::Other) };
        }
        if self.store.is_type_param(target) {
            let unders = self.store.type_set_unders(target);
            let fits = !unders.is_empty() && unders.iter().all(|&u| self.implicit_type_and_value(x, u).is_ok());
            return if fits { Ok((target, None)) } else { Err(Misfit::Other) };
        }
        match self.store.under_type(target) {
            // A declared type that turned out to be none takes nothing.
            Type::Basic(Basic::Invalid) => Err(Misfit::Other),
            Type::Basic(basic) => {
                if x.is_constant() {
                    let value = self.representation(x, basic)?;
                    return Ok((target, Some(value)));
                }
                let fits = match self.store.get(x.ty) {
                    Type::Basic(Basic::UntypedBool) => basic.is_boolean(),
                    Type::Basic(Basic::UntypedString) => basic.is_string(),
                    Type::Basic(Basic::UntypedNil) => false,
                    _ => basic.is_numeric(),
                };
                if fits { Ok((target, None)) } else { Err(Misfit::Other) }
            }
            Type::Interface(i) => {
                if !i.methods.is_empty() || i.terms.is_some() || i.comparable {
                    return Err(Misfit::Other);
                }
                Ok((self.store.default_type(x.ty), None))
            }
            _ => Err(Misfit::Other),
        }
    }
}
