//! Arithmetic, shifts, comparisons and string concatenation.

use super::function::FunctionLowerer;
use super::kinds::Kind;
use super::value::Val;
use crate::func::{Ty, Value};
use crate::inst::{BinOp, CmpOp, ConvOp, UnOp};
use gorace_base::Pos;
use gorace_syntax::ast::{BinaryOp, Expr, ExprKind};
use gorace_types::TypeId;

impl<'a> FunctionLowerer<'_, 'a> {
    /// A binary operation other than `&&` and `||`.
    pub fn binary(&mut self, e: &'a Expr, op: BinaryOp, x: &'a Expr, y: &'a Expr, op_pos: Pos) -> Vec<Value> {
        use BinaryOp::*;
        match op {
            Eq | Ne | Lt | Le | Gt | Ge => vec![self.comparison(op, x, y, op_pos)],
            Shl | Shr => {
                let ty = self.type_of(e);
                let value = self.expr_converted_constant(x, ty);
                let count_type = self.type_of(y);
                let count = self.expr1(y);
                self.b.at(op_pos);
                vec![self.shift(op, ty, value.one(), count_type, count)]
            }
            Add if matches!(self.l.program.kind_of_expr(self.env.pkg, self.env.file, e), Kind::String) => {
                self.concatenation(e)
            }
            _ => {
                let ty = self.type_of(e);
                let a = self.expr(x);
                let a = self.settle(ty, a);
                let b = self.expr(y);
                self.b.at(op_pos);
                match self.arithmetic(op, ty, &a, &b) {
                    Val::Scalars(values) => values,
                    Val::Memory { .. } => Vec::new(),
                }
            }
        }
    }

    fn expr_converted_constant(&mut self, x: &'a Expr, ty: TypeId) -> Val {
        match self.l.program.constant(self.env.pkg, self.env.file, x.id) {
            Some(value) => self.constant(&value, ty),
            None => self.expr(x),
        }
    }

    /// Arithmetic on two values of a type.
    pub fn arithmetic(&mut self, op: BinaryOp, ty: TypeId, a: &Val, b: &Val) -> Val {
        use BinaryOp::*;
        match self.l.program.kind(ty) {
            Kind::Int { signed, .. } => {
                let (a, b) = (a.one(), b.one());
                let op = match op {
                    Add => BinOp::Add,
                    Sub => BinOp::Sub,
                    Mul => BinOp::Mul,
                    And => BinOp::And,
                    Or => BinOp::Or,
                    Xor => BinOp::Xor,
                    AndNot => {
                        let inverted = self.b.un(UnOp::Not, b);
                        return Val::Scalars(vec![self.b.bin(BinOp::And, a, inverted)]);
                    }
                    Div | Rem => {
                        let zero = self.b.cmp_imm(CmpOp::Eq, b, 0);
                        self.panic_if(zero, "runtime.panicdivide", &[]);
                        match (op, signed) {
                            (Div, true) => BinOp::SDiv,
                            (Div, false) => BinOp::UDiv,
                            (_, true) => BinOp::SRem,
                            (_, false) => BinOp::URem,
                        }
                    }
                    _ => return a_or(a),
                };
                Val::Scalars(vec![self.b.bin(op, a, b)])
            }
            Kind::Float { .. } => {
                let op = match op {
                    Add => BinOp::FAdd,
                    Sub => BinOp::FSub,
                    Mul => BinOp::FMul,
                    _ => BinOp::FDiv,
                };
                Val::Scalars(vec![self.b.bin(op, a.one(), b.one())])
            }
            Kind::Complex { .. } => {
                let (Val::Scalars(a), Val::Scalars(b)) = (a, b) else { return Val::empty() };
                self.complex_arithmetic(op, a, b)
            }
            Kind::String => {
                let (Val::Scalars(a), Val::Scalars(b)) = (a, b) else { return Val::empty() };
                let args = [a[0], a[1], b[0], b[1]];
                Val::Scalars(self.call_runtime("runtime.concatstring2", &args, &[Ty::I64, Ty::I64]))
            }
            _ => a.clone(),
        }
    }

    fn complex_arithmetic(&mut self, op: BinaryOp, a: &[Value], b: &[Value]) -> Val {
        use BinaryOp::*;
        match op {
            Add | Sub => {
                let op = if op == Add { BinOp::FAdd } else { BinOp::FSub };
                Val::Scalars(vec![self.b.bin(op, a[0], b[0]), self.b.bin(op, a[1], b[1])])
            }
            Mul => {
                let rr = self.b.bin(BinOp::FMul, a[0], b[0]);
                let ii = self.b.bin(BinOp::FMul, a[1], b[1]);
                let ri = self.b.bin(BinOp::FMul, a[0], b[1]);
                let ir = self.b.bin(BinOp::FMul, a[1], b[0]);
                Val::Scalars(vec![self.b.bin(BinOp::FSub, rr, ii), self.b.bin(BinOp::FAdd, ri, ir)])
            }
            _ => {
                // runtime.complex128div takes and gives four float64.
                let single = self.b.ty(a[0]) == Ty::F32;
                let mut args = Vec::new();
                for &v in a.iter().chain(b) {
                    args.push(if single { self.b.convert(ConvOp::FToF, v, Ty::F64) } else { v });
                }
                let values = self.call_runtime("runtime.complex128div", &args, &[Ty::F64, Ty::F64]);
                let values = values
                    .into_iter()
                    .map(|v| if single { self.b.convert(ConvOp::FToF, v, Ty::F32) } else { v })
                    .collect();
                Val::Scalars(values)
            }
        }
    }

    /// `-x`, `^x`
    pub fn negate(&mut self, minus: bool, ty: TypeId, value: Val) -> Val {
        let Val::Scalars(values) = value else { return Val::empty() };
        let float = matches!(self.l.program.kind(ty), Kind::Float { .. } | Kind::Complex { .. });
        let op = match (minus, float) {
            (true, true) => UnOp::FNeg,
            (true, false) => UnOp::Neg,
            (false, _) => UnOp::Not,
        };
        Val::Scalars(values.into_iter().map(|v| self.b.un(op, v)).collect())
    }

    /// A shift (Go spec, "Operators": counts of the width or more shift everything out, negative ones panic).
    pub fn shift(&mut self, op: BinaryOp, ty: TypeId, value: Value, count_type: TypeId, count: Value) -> Value {
        let signed_count = self.l.program.is_signed(count_type);
        let signed = self.l.program.is_signed(ty);
        let scalar = self.b.ty(value);
        let bits = i64::from(scalar.size() * 8);
        let count = self.b.resize(count, Ty::I64, signed_count);
        if signed_count && !self.is_known_constant(count) {
            let negative = self.b.cmp_imm(CmpOp::SLt, count, 0);
            self.panic_if(negative, "runtime.panicshift", &[]);
        }
        let too_big = self.b.cmp_imm(CmpOp::UGe, count, bits);
        if op == BinaryOp::Shr && signed {
            let most = self.b.i64(bits - 1);
            let count = self.b.select(too_big, most, count);
            let count = self.b.resize(count, scalar, false);
            return self.b.bin(BinOp::AShr, value, count);
        }
        let mask = self.b.i64(bits - 1);
        let masked = self.b.bin(BinOp::And, count, mask);
        let amount = self.b.resize(masked, scalar, false);
        let shifted = self.b.bin(if op == BinaryOp::Shl { BinOp::Shl } else { BinOp::LShr }, value, amount);
        let zero = self.b.int(scalar, 0);
        self.b.select(too_big, zero, shifted)
    }

    fn is_known_constant(&self, v: Value) -> bool {
        self.b.func.blocks[self.b.block.index()].insts.iter().rev().take(4).any(|data| {
            data.results.first() == Some(&v) && matches!(data.inst, crate::Inst::Int { value, .. } if value >= 0)
        })
    }

    /// `a + b + c…` of strings, gathered into one call.
    fn concatenation(&mut self, e: &'a Expr) -> Vec<Value> {
        let mut parts = Vec::new();
        self.string_operands(e, &mut parts);
        // Beside a text that is not empty no part alone can be the result, which then keeps nothing of the parts.
        let text = |e: &&Expr| {
            let value = self.l.program.constant(self.env.pkg, self.env.file, e.id);
            value.is_some_and(|value| !value.as_bytes().is_empty())
        };
        let values = if parts.iter().any(text) {
            self.strings_in_passing(&parts)
        } else {
            let strings = parts.iter().filter_map(|part| match self.expr(part) {
                Val::Scalars(v) => Some((v[0], v[1])),
                _ => None,
            });
            strings.collect()
        };
        self.b.at(e.pos);
        let results = [Ty::I64, Ty::I64];
        if values.len() == 2 {
            let args = [values[0].0, values[0].1, values[1].0, values[1].1];
            return self.call_runtime("runtime.concatstring2", &args, &results);
        }
        let list = self.b.temp(values.len() as u64 * 16, 8);
        for (i, (pointer, len)) in values.iter().enumerate() {
            self.b.store_private(*pointer, list, i as i32 * 16);
            self.b.store_private(*len, list, i as i32 * 16 + 8);
        }
        let count = self.b.i64(values.len() as i64);
        self.call_runtime("runtime.concatstrings", &[list, count], &results)
    }

    fn string_operands(&mut self, e: &'a Expr, out: &mut Vec<&'a Expr>) {
        if self.l.program.constant(self.env.pkg, self.env.file, e.id).is_none() {
            match &e.kind {
                ExprKind::Paren(x) => return self.string_operands(x, out),
                ExprKind::Binary { op: BinaryOp::Add, x, y, .. } => {
                    self.string_operands(x, out);
                    return self.string_operands(y, out);
                }
                _ => {}
            }
        }
        out.push(e);
    }

    /// A comparison of two expressions.
    fn comparison(&mut self, op: BinaryOp, x: &'a Expr, y: &'a Expr, op_pos: Pos) -> Value {
        let x_type = self.type_of(x);
        let y_type = self.type_of(y);
        let x_nil = self.l.program.is_nil(self.env.pkg, self.env.file, x.id);
        let y_nil = self.l.program.is_nil(self.env.pkg, self.env.file, y.id);
        if x_nil || y_nil {
            let other = if x_nil { y } else { x };
            let value = self.expr(other);
            self.b.at(op_pos);
            return self.b.cmp_imm(if op == BinaryOp::Eq { CmpOp::Eq } else { CmpOp::Ne }, value.one(), 0);
        }
        // Mixed interface and concrete operands: the concrete one is converted.
        let x_interface = matches!(self.l.program.kind(x_type), Kind::Interface { .. });
        let y_interface = matches!(self.l.program.kind(y_type), Kind::Interface { .. });
        let common = match (x_interface, y_interface) {
            (true, false) => x_type,
            (false, true) => y_type,
            (true, true) if self.l.program.is_empty_interface(y_type) => y_type,
            _ => x_type,
        };
        let strings = matches!(self.l.program.kind(common), Kind::String) && !x_interface && !y_interface;
        let bytes = strings && (self.bytes_made_string(x).is_some() || self.bytes_made_string(y).is_some());
        let (a, b) = if bytes {
            let operands = self.strings_in_passing(&[x, y]);
            let operand = |at: usize| operands.get(at).map_or_else(Val::empty, |&(p, n)| Val::Scalars(vec![p, n]));
            (operand(0), operand(1))
        } else {
            let a = self.expr(x);
            let a = self.convert_implicitly(a, x_type, common);
            let a = self.settle(common, a);
            let b = self.expr(y);
            (a, self.convert_implicitly(b, y_type, common))
        };
        self.b.at(op_pos);
        if matches!(op, BinaryOp::Eq | BinaryOp::Ne) {
            let equal = self.equal(common, &a, &b);
            return if op == BinaryOp::Eq { equal } else { self.b.not(equal) };
        }
        self.ordered(op, common, &a, &b)
    }

    fn ordered(&mut self, op: BinaryOp, ty: TypeId, a: &Val, b: &Val) -> Value {
        use BinaryOp::*;
        match self.l.program.kind(ty) {
            Kind::Float { .. } => {
                let op = match op {
                    Lt => CmpOp::FLt,
                    Le => CmpOp::FLe,
                    Gt => CmpOp::FGt,
                    _ => CmpOp::FGe,
                };
                self.b.cmp(op, a.one(), b.one())
            }
            Kind::String => {
                let (Val::Scalars(a), Val::Scalars(b)) = (a, b) else { return self.b.int(Ty::I8, 0) };
                let args = [a[0], a[1], b[0], b[1]];
                let order = self.call_runtime("runtime.cmpstring", &args, &[Ty::I64])[0];
                let op = match op {
                    Lt => CmpOp::SLt,
                    Le => CmpOp::SLe,
                    Gt => CmpOp::SGt,
                    _ => CmpOp::SGe,
                };
                self.b.cmp_imm(op, order, 0)
            }
            _ => {
                let signed = self.l.program.is_signed(ty);
                let op = match (op, signed) {
                    (Lt, true) => CmpOp::SLt,
                    (Le, true) => CmpOp::SLe,
                    (Gt, true) => CmpOp::SGt,
                    (_, true) => CmpOp::SGe,
                    (Lt, false) => CmpOp::ULt,
                    (Le, false) => CmpOp::ULe,
                    (Gt, false) => CmpOp::UGt,
                    (_, false) => CmpOp::UGe,
                };
                self.b.cmp(op, a.one(), b.one())
            }
        }
    }
}

fn a_or(a: Value) -> Val {
    Val::Scalars(vec![a])
}
