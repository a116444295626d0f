//! Arithmetic where Go's rules differ from Cranelift's: division by -1, float to integer, comparisons.

use crate::translate::Translator;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, InstructionData, Type, Value, types};
use gorace_ir::{CmpOp, ConvOp, Ty};

impl Translator<'_, '_> {
    /// Signed division; the most negative number by -1 gives itself (Go spec, "Integer overflow").
    pub(crate) fn signed_division(&mut self, ty: Type, a: Value, b: Value) -> Value {
        let is_minus_one = self.b.ins().icmp_imm_s(IntCC::Equal, b, -1);
        let one = self.b.ins().iconst(ty, 1);
        let safe = self.b.ins().select(is_minus_one, one, b);
        let quotient = self.b.ins().sdiv(a, safe);
        let negated = self.b.ins().ineg(a);
        self.b.ins().select(is_minus_one, negated, quotient)
    }

    /// Signed remainder; by -1 it is 0.
    pub(crate) fn signed_remainder(&mut self, ty: Type, a: Value, b: Value) -> Value {
        let is_minus_one = self.b.ins().icmp_imm_s(IntCC::Equal, b, -1);
        let one = self.b.ins().iconst(ty, 1);
        let safe = self.b.ins().select(is_minus_one, one, b);
        self.b.ins().srem(a, safe)
    }

    /// A product of floats; twice something is a sum, which is as exact and no slower.
    pub(crate) fn float_product(&mut self, a: Value, b: Value) -> Value {
        match (self.float_constant(a), self.float_constant(b)) {
            (Some(2.0), _) => self.b.ins().fadd(b, b),
            (_, Some(2.0)) => self.b.ins().fadd(a, a),
            _ => self.b.ins().fmul(a, b),
        }
    }

    /// A quotient of floats; by a power of two it is a product with its inverse, which is exact.
    pub(crate) fn float_quotient(&mut self, a: Value, b: Value) -> Value {
        const MANTISSA: u64 = (1 << (f64::MANTISSA_DIGITS - 1)) - 1;
        // Inverses that are normal in both widths.
        let is_power = |x: f64| x.to_bits() & MANTISSA == 0 && (1e-30..1e30).contains(&x.abs());
        match self.float_constant(b).filter(|&x| is_power(x)) {
            Some(power) => {
                let inverse = match self.b.func.dfg.value_type(b) {
                    types::F32 => self.b.ins().f32const(1.0 / power as f32),
                    _ => self.b.ins().f64const(1.0 / power),
                };
                self.b.ins().fmul(a, inverse)
            }
            None => self.b.ins().fdiv(a, b),
        }
    }

    /// The number that a value always is.
    fn float_constant(&self, value: Value) -> Option<f64> {
        let dfg = &self.b.func.dfg;
        match dfg.insts[dfg.value_def(value).inst()?] {
            InstructionData::UnaryIeee64 { imm, .. } => Some(imm.as_f64()),
            InstructionData::UnaryIeee32 { imm, .. } => Some(imm.as_f32().into()),
            _ => None,
        }
    }

    /// A comparison as 0 or 1.
    pub(crate) fn compare(&mut self, op: CmpOp, a: Value, b: Value) -> Value {
        let int = |cc| (Some(cc), None);
        let float = |cc| (None, Some(cc));
        let (int_cc, float_cc) = match op {
            CmpOp::Eq => int(IntCC::Equal),
            CmpOp::Ne => int(IntCC::NotEqual),
            CmpOp::SLt => int(IntCC::SignedLessThan),
            CmpOp::SLe => int(IntCC::SignedLessThanOrEqual),
            CmpOp::SGt => int(IntCC::SignedGreaterThan),
            CmpOp::SGe => int(IntCC::SignedGreaterThanOrEqual),
            CmpOp::ULt => int(IntCC::UnsignedLessThan),
            CmpOp::ULe => int(IntCC::UnsignedLessThanOrEqual),
            CmpOp::UGt => int(IntCC::UnsignedGreaterThan),
            CmpOp::UGe => int(IntCC::UnsignedGreaterThanOrEqual),
            CmpOp::FEq => float(FloatCC::Equal),
            CmpOp::FNe => float(FloatCC::NotEqual),
            CmpOp::FLt => float(FloatCC::LessThan),
            CmpOp::FLe => float(FloatCC::LessThanOrEqual),
            CmpOp::FGt => float(FloatCC::GreaterThan),
            CmpOp::FGe => float(FloatCC::GreaterThanOrEqual),
        };
        match (int_cc, float_cc) {
            (Some(cc), _) => self.b.ins().icmp(cc, a, b),
            (_, Some(cc)) => self.b.ins().fcmp(cc, a, b),
            _ => unreachable!("each operator is one or the other"),
        }
    }

    /// A conversion between scalar types.
    pub(crate) fn conversion(&mut self, op: ConvOp, from: Ty, to: Ty, a: Value) -> Value {
        let target = Self::ty(to);
        match op {
            ConvOp::SExt => self.b.ins().sextend(target, a),
            ConvOp::ZExt => self.b.ins().uextend(target, a),
            ConvOp::Trunc => self.b.ins().ireduce(target, a),
            ConvOp::SToF => {
                let a = if from.size() < 4 { self.b.ins().sextend(types::I32, a) } else { a };
                self.b.ins().fcvt_from_sint(target, a)
            }
            ConvOp::UToF => {
                let a = if from.size() < 8 { self.b.ins().uextend(types::I64, a) } else { a };
                if from.size() < 8 {
                    self.b.ins().fcvt_from_sint(target, a)
                } else {
                    self.b.ins().fcvt_from_uint(target, a)
                }
            }
            ConvOp::FToS => self.float_to_signed(to, a),
            ConvOp::FToU => self.float_to_unsigned(to, a),
            ConvOp::FToF if to == Ty::F64 => self.b.ins().fpromote(target, a),
            ConvOp::FToF => self.b.ins().fdemote(target, a),
            ConvOp::Bitcast => self.b.ins().bitcast(target, cranelift_codegen::ir::MemFlagsData::new(), a),
        }
    }

    /// As cvttsd2sq: out of range and NaN give the most negative number.
    fn float_to_i64(&mut self, a: Value) -> Value {
        let saturated = self.b.ins().fcvt_to_sint_sat(types::I64, a);
        // No float is 2^63-1, so that value means overflow.
        let too_big = self.b.ins().icmp_imm_s(IntCC::Equal, saturated, i64::MAX);
        let nan = self.b.ins().fcmp(FloatCC::Unordered, a, a);
        let bad = self.b.ins().bor(too_big, nan);
        let lowest = self.b.ins().iconst(types::I64, i64::MIN);
        self.b.ins().select(bad, lowest, saturated)
    }

    fn float_to_signed(&mut self, to: Ty, a: Value) -> Value {
        let wide = self.float_to_i64(a);
        match to {
            Ty::I64 => wide,
            Ty::I32 => {
                let narrow = self.b.ins().ireduce(types::I32, wide);
                let back = self.b.ins().sextend(types::I64, narrow);
                let fits = self.b.ins().icmp(IntCC::Equal, back, wide);
                let lowest = self.b.ins().iconst(types::I32, i64::from(i32::MIN));
                self.b.ins().select(fits, narrow, lowest)
            }
            _ => self.b.ins().ireduce(Self::ty(to), wide),
        }
    }

    /// As gc on amd64: below 2^63 the signed conversion, above it that of the difference with the top bit flipped.
    fn float_to_unsigned(&mut self, to: Ty, a: Value) -> Value {
        if to != Ty::I64 {
            let wide = self.float_to_i64(a);
            return self.b.ins().ireduce(Self::ty(to), wide);
        }
        let ty = self.b.func.dfg.value_type(a);
        let limit = if ty == types::F32 {
            self.b.ins().f32const(9_223_372_036_854_775_808.0f32)
        } else {
            self.b.ins().f64const(9_223_372_036_854_775_808.0f64)
        };
        let small = self.b.ins().fcmp(FloatCC::LessThan, a, limit);
        let low = self.float_to_i64(a);
        let shifted = self.b.ins().fsub(a, limit);
        let high = self.float_to_i64(shifted);
        let top = self.b.ins().iconst(types::I64, i64::MIN);
        let high = self.b.ins().bxor(high, top);
        self.b.ins().select(small, low, high)
    }
}
