//! Index and slice expressions (Go spec, "Index expressions", "Slice expressions").

use crate::check::Checker;
use crate::codes::Code;
use crate::constant::Const;
use crate::operand::Operand;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{Expr, ExprKind};

impl<'a> Checker<'a> {
    /// `x[i]`, or a type's instance; whether it is the instantiation of a function, which is then the operand.
    pub fn index_expr(
        &mut self,
        e: &'a Expr,
        operand: &'a Expr,
        indices: &'a [Expr],
        lbrack: Pos,
    ) -> (Operand<'a>, bool) {
        let invalid = (Operand::invalid(e), false);
        let x = self.expr_or_type(operand, true);
        match x.mode {
            Mode::Invalid => {
                self.use_exprs(indices);
                return invalid;
            }
            Mode::TypeExpr => {
                let ty = self.var_type(e);
                let mode = if ty == Basic::Invalid.id() { Mode::Invalid } else { Mode::TypeExpr };
                return (Operand { mode, ..Operand::value(e, ty) }, false);
            }
            Mode::Value if self.store.is_generic_signature(x.ty) => return (x, true),
            _ => {}
        }
        if x.is_invalid() || !self.is_complete(x.ty) {
            return invalid;
        }
        let part = match self.store.under_type(x.ty) {
            Type::Pointer(base) => Some(base),
            Type::Map { elem, .. } => Some(elem),
            _ => None,
        };
        if part.is_some_and(|part| !self.is_complete(part)) {
            return invalid;
        }
        let mut out = Operand::value(e, Basic::Invalid.id());
        let mut length = None;
        let mut map_key = None;
        let found = match self.store.under_type(x.ty) {
            Type::Interface(_) if self.store.is_type_param(x.ty) => match self.indexed_type_param(&x) {
                Some((mode, elem, key, len)) => {
                    (out.mode, out.ty, map_key, length) = (mode, elem, key, len);
                    true
                }
                None => false,
            },
            under => match self.element_of(&under) {
                Some((elem, len)) => {
                    let addressable = match &under {
                        Type::Array { .. } => x.mode == Mode::Variable,
                        Type::Basic(_) => false,
                        _ => true,
                    };
                    out.mode = if addressable { Mode::Variable } else { Mode::Value };
                    out.ty = elem;
                    length = len;
                    if let Type::Basic(_) = &under {
                        if let (true, Const::String(s)) = (x.is_constant(), x.constant()) {
                            length = Some(s.length() as i64);
                        }
                        if self.store.is_untyped(x.ty)
                            && let Some(part) = x.expr
                        {
                            let value = x.value.clone();
                            self.update_type(part, Basic::String.id(), value);
                        }
                    }
                    true
                }
                None => match under {
                    Type::Map { key, elem } => {
                        (out.mode, out.ty, map_key) = (Mode::MapIndex, elem, Some(key));
                        true
                    }
                    _ => false,
                },
            },
        };
        if !found {
            let what = self.describe(&x);
            self.error(lbrack, Code::NonSliceableOperand, format!("cannot index {what}"));
            self.use_exprs(indices);
            return invalid;
        }
        if let Some(second) = indices.get(1) {
            self.error(second.pos, Code::InvalidIndex, "invalid operation: more than one index");
        }
        let Some(index) = indices.first() else { return invalid };
        if let Some(key) = map_key {
            let mut k = self.generic_expr(index, None);
            self.assignment(&mut k, Some(key), "map index");
            return (out, false);
        }
        let _ = self.index(index, length);
        (out, false)
    }

    /// The element type of a string, array, pointer to an array or slice, and an array's length.
    fn element_of(&mut self, under: &Type) -> Option<(TypeId, Option<i64>)> {
        match *under {
            Type::Basic(b) if b.is_string() => Some((Basic::Uint8.id(), None)),
            Type::Array { elem, len } => Some((elem, Some(len))),
            Type::Slice(elem) => Some((elem, None)),
            Type::Pointer(base) => match self.store.under_type(base) {
                Type::Array { elem, len } => Some((elem, Some(len))),
                _ => None,
            },
            _ => None,
        }
    }

    /// Indexing a value of a type parameter: mode, element, key when all types are maps, the least length.
    fn indexed_type_param(&mut self, x: &Operand<'a>) -> Option<(Mode, TypeId, Option<TypeId>, Option<i64>)> {
        let set = self.store.typeset(x.ty)?;
        let mut mode = Mode::Variable;
        let mut known: Option<(TypeId, Option<TypeId>)> = None;
        let mut length: Option<i64> = None;
        for (_, under) in set {
            let under = self.store.get(under).clone();
            let (elem, key, len) = match (&under, self.element_of(&under)) {
                (_, Some((elem, len))) => (elem, None, len),
                (&Type::Map { key, elem }, None) => (elem, Some(key), None),
                _ => return None,
            };
            match under {
                Type::Basic(_) => mode = Mode::Value,
                Type::Array { .. } if x.mode != Mode::Variable => mode = Mode::Value,
                _ => {}
            }
            match known {
                None => (known, length) = (Some((elem, key)), len),
                Some((e, k)) => {
                    if !self.store.identical(e, elem) || k != key {
                        return None;
                    }
                    length = match (length, len) {
                        (Some(a), Some(b)) => Some(a.min(b)),
                        (a, _) => a,
                    };
                }
            }
        }
        let (elem, key) = known?;
        Some((if key.is_some() { Mode::MapIndex } else { mode }, elem, key, length))
    }

    /// An index that must be an integer, below a limit when constant; its value then. `Err` when it is wrong.
    pub fn index(&mut self, e: &'a Expr, limit: Option<i64>) -> Result<Option<i64>, ()> {
        let mut x = self.expr(e, None);
        if !self.valid_index(&mut x, Code::InvalidIndex, "index", false) {
            return Err(());
        }
        if !x.is_constant() {
            return Ok(None);
        }
        let Some(n) = x.constant().as_i64() else { return Err(()) };
        if limit.is_some_and(|limit| n >= limit) {
            let limit = limit.unwrap_or(0);
            let message = format!("invalid argument: index {n} out of bounds [0:{limit}]");
            self.error(x.pos(), Code::InvalidIndex, message);
            return Err(());
        }
        Ok(Some(n))
    }

    /// Whether an operand is an integer that fits `int`; reports what is wrong.
    pub fn valid_index(&mut self, x: &mut Operand<'a>, code: Code, what: &str, allow_negative: bool) -> bool {
        if x.is_invalid() {
            return false;
        }
        self.convert_untyped(x, Basic::Int.id());
        if x.is_invalid() {
            return false;
        }
        let problem = if !self.store.all_basic(x.ty, Basic::is_integer) {
            "must be integer"
        } else if !x.is_constant() || !x.constant().is_known() {
            return true;
        } else {
            let n = x.constant().to_int();
            if !allow_negative && n.as_ref().is_some_and(num_traits::Signed::is_negative) {
                "must not be negative"
            } else if x.constant().as_i64().is_none() {
                "overflows int"
            } else {
                return true;
            }
        };
        let text = self.describe(x);
        self.error(x.pos(), code, format!("invalid argument: {what} {text} {problem}"));
        false
    }

    pub fn slice_expr(&mut self, e: &'a Expr) -> Operand<'a> {
        let ExprKind::Slice { x: operand, lo, hi, max, full, .. } = &e.kind else { return Operand::invalid(e) };
        let parts = [lo, hi, max];
        let mut x = self.expr(operand, None);
        if x.is_invalid() {
            for part in parts.into_iter().flatten() {
                self.use_exprs(std::slice::from_ref(part));
            }
            return Operand::invalid(e);
        }
        let what = self.describe(&x);
        let code = Code::NonSliceableOperand;
        let core = match self.sliced(&x) {
            Ok(core) => core,
            Err(cause) => {
                self.error(x.pos(), code, format!("cannot slice {what}{cause}"));
                return Operand::invalid(e);
            }
        };
        if let Type::Pointer(base) = self.store.under_type(x.ty)
            && !self.is_complete(base)
        {
            return Operand::invalid(e);
        }
        let mut out = Operand::value(e, x.ty);
        let mut length = None;
        let valid = match self.store.get(core).clone() {
            Type::Basic(b) if b.is_string() => {
                if *full {
                    let pos = max.as_ref().map_or(e.pos, |m| m.pos);
                    self.error(pos, Code::InvalidSliceExpr, "invalid operation: 3-index slice of string");
                    return Operand::invalid(e);
                }
                if let (true, Const::String(s)) = (x.is_constant(), x.constant()) {
                    length = Some(s.length() as i64);
                }
                if self.store.is_untyped(x.ty) {
                    out.ty = Basic::String.id();
                    if let Some(part) = x.expr {
                        let value = x.value.clone();
                        self.update_type(part, Basic::String.id(), value);
                    }
                }
                true
            }
            Type::Array { elem, len } => {
                length = Some(len);
                if x.mode != Mode::Variable {
                    self.error(x.pos(), code, format!("cannot slice unaddressable value {what}"));
                    return Operand::invalid(e);
                }
                out.ty = self.store.slice(elem);
                true
            }
            Type::Pointer(base) => match self.store.under_type(base) {
                Type::Array { elem, len } => {
                    length = Some(len);
                    out.ty = self.store.slice(elem);
                    true
                }
                _ => false,
            },
            Type::Slice(_) => true,
            _ => false,
        };
        if !valid {
            self.error(x.pos(), code, format!("cannot slice {what}"));
            return Operand::invalid(e);
        }
        x.mode = Mode::Value;
        if *full && (hi.is_none() || max.is_none()) {
            return Operand::invalid(e); // the parser has reported it
        }
        let mut values: [Option<i64>; 3] = [None; 3];
        for (i, part) in parts.into_iter().enumerate() {
            values[i] = match part {
                Some(part) => self.index(part, length.map(|l| l.saturating_add(1))).ok().flatten(),
                None if i == 0 => Some(0),
                None => length,
            };
        }
        'swapped: for (i, low) in values.iter().enumerate() {
            let Some(low) = low.filter(|&v| v > 0) else { continue };
            for j in i + 1..3 {
                if let (Some(high), Some(part)) = (values[j].filter(|&v| v < low), parts[j]) {
                    let message = format!("invalid slice indices: {high} < {low}");
                    self.error(part.pos, Code::SwappedSliceIndices, message);
                    break 'swapped;
                }
            }
        }
        out
    }

    /// The type that slicing works on: the one underlying type, strings counting as byte slices.
    fn sliced(&mut self, x: &Operand<'a>) -> Result<TypeId, String> {
        let bytes = self.store.slice(Basic::Uint8.id());
        let none = |c: &Self| format!(": no specific type in {}", c.show_of(x));
        if x.is_nil() {
            return Ok(x.ty);
        }
        let Some(set) = self.store.typeset(x.ty) else { return Err(none(self)) };
        let mut core: Option<(TypeId, TypeId)> = None;
        let mut has_string = false;
        for (t, under) in set {
            let is_string = matches!(self.store.get(under), Type::Basic(b) if b.is_string());
            has_string |= is_string;
            let under = if is_string { bytes } else { under };
            match core {
                None => core = Some((t, under)),
                Some((first, known)) if !self.store.identical(known, under) => {
                    let (a, b) = (self.show_part(x.ty, first), self.show_part(x.ty, t));
                    return Err(format!(": {a} and {b} have different underlying types"));
                }
                Some(_) => {}
            }
        }
        let Some((_, core)) = core else { return Err(none(self)) };
        if has_string {
            let own = self.store.under(x.ty);
            return Ok(if self.store.is_type_param(x.ty) { Basic::String.id() } else { own });
        }
        Ok(core)
    }
}
