//! Expressions: constants, names, selections, indexing, slicing, dereferences, literals, operators in order.

use super::call::Operand;
use super::function::FunctionLowerer;
use super::kinds::{Kind, SelectionInfo};
use super::order::unparenthesised;
use super::value::{Place, Val};
use crate::func::{Ty, Value};
use crate::inst::{BinOp, CmpOp};
use gorace_syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use gorace_types::TypeId;

impl<'a> FunctionLowerer<'_, 'a> {
    /// A single-valued expression.
    pub fn expr(&mut self, e: &'a Expr) -> Val {
        if let Some(values) = self.take_ahead(e.id) {
            return values.into_iter().next().map_or_else(Val::empty, |(_, value)| value);
        }
        if let Some(value) = self.l.program.constant(self.env.pkg, self.env.file, e.id) {
            let ty = self.type_of(e);
            return self.constant(&value, ty);
        }
        match &e.kind {
            ExprKind::Paren(x) => self.expr(x),
            ExprKind::Name(_) => self.name(e),
            ExprKind::FuncLit(lit) => Val::Scalars(vec![self.function_literal(e, lit)]),
            ExprKind::CompositeLit { .. } => {
                let ty = self.type_of(e);
                self.composite(e, ty)
            }
            ExprKind::Selector { x, sel } => {
                self.b.at(e.pos);
                match self.selection(e) {
                    None => self.qualified(e, sel),
                    Some(selection) => self.selected(e, x, &selection),
                }
            }
            ExprKind::Index { x, indices, .. } => {
                if self.l.program.is_instantiation(self.env.pkg, self.env.file, x) {
                    if let ExprKind::Selector { x: operand, .. } = &x.kind
                        && let Some(selection) = self.selection(x)
                    {
                        return self.selected(e, operand, &selection);
                    }
                    let prepared = self.prepare(e);
                    return self.callee_value(prepared);
                }
                self.index(e, x, &indices[0])
            }
            ExprKind::Slice { .. } => self.slice(e),
            ExprKind::TypeAssert { x, ty: Some(_), .. } => {
                let to = self.type_of(e);
                self.type_assert(e, x, to)
            }
            ExprKind::Call { .. } => match self.call(e).into_iter().next() {
                Some((_, value)) => value,
                None => Val::empty(),
            },
            ExprKind::Star(x) => {
                let ty = self.type_of(e);
                let address = self.expr(x).one();
                self.b.at(e.pos);
                if self.layout(ty).size == 0 {
                    self.b.emit(crate::Inst::NilCheck { addr: address });
                }
                self.load_from(ty, address, 0, true)
            }
            ExprKind::Unary { op, x } => self.unary(e, *op, x),
            ExprKind::Binary { op, x, y, op_pos } => {
                if matches!(op, BinaryOp::AndAnd | BinaryOp::OrOr) {
                    return self.short_circuit(*op, x, y);
                }
                let value = self.binary(e, *op, x, y, *op_pos);
                Val::Scalars(value)
            }
            _ => {
                self.error(e.pos, "internal error: expression form without lowering");
                Val::empty()
            }
        }
    }

    /// The value converted to a type it is assignable to.
    pub fn expr_to(&mut self, e: &'a Expr, to: TypeId) -> Val {
        let value = self.expr(e);
        let from = self.type_of(e);
        self.convert_implicitly(value, from, to)
    }

    /// A condition or other one-scalar expression.
    pub fn expr1(&mut self, e: &'a Expr) -> Value {
        self.expr(e).one()
    }

    /// Whether an expression gives several values.
    pub fn is_multi(&mut self, e: &Expr) -> bool {
        let ty = self.l.program.expr_type(self.env.pkg, self.env.file, e.id);
        matches!(self.l.program.kind(ty), Kind::Tuple)
    }

    /// A call with several results.
    pub fn multi(&mut self, e: &'a Expr) -> Vec<(TypeId, Val)> {
        match &e.kind {
            ExprKind::Paren(x) => self.multi(x),
            _ => self.call(e),
        }
    }

    /// A comma-ok form: value and whether there was one.
    pub fn comma_ok(&mut self, e: &'a Expr) -> Option<(TypeId, Val, Value)> {
        match &e.kind {
            ExprKind::Paren(x) => self.comma_ok(x),
            ExprKind::Index { x, indices, .. } => {
                let map_type = self.type_of(x);
                let Kind::Map { key, elem } = self.l.program.kind(map_type) else { return None };
                self.order_all(&[(x, None), (&indices[0], Some(key))]);
                let map = self.expr1(x);
                let key = self.expr_in_passing(&indices[0], key);
                self.b.at(e.pos);
                let (value, ok) = self.map_access(map_type, map, &key, true);
                Some((elem, value, ok?))
            }
            ExprKind::TypeAssert { x, ty: Some(ty), .. } => {
                let to = self.type_of(ty);
                let (value, ok) = self.type_assert_ok(e, x, to);
                Some((to, value, ok))
            }
            ExprKind::Unary { op: UnaryOp::Recv, x } => {
                let chan = self.type_of(x);
                let elem = self.l.program.element(chan);
                let (value, ok) = self.receive(x, elem, true);
                Some((elem, value, ok?))
            }
            _ => None,
        }
    }

    fn name(&mut self, e: &'a Expr) -> Val {
        let ty = self.type_of(e);
        if self.l.program.is_nil(self.env.pkg, self.env.file, e.id) {
            return self.zero_value(ty);
        }
        if let Some(symbol) = self.function_symbol_of(e.id) {
            let value = self.l.func_value_symbol(symbol);
            return Val::Scalars(vec![self.b.symbol_addr(value)]);
        }
        self.b.at(e.pos);
        let place = self.place(e);
        self.load(ty, &place)
    }

    fn qualified(&mut self, e: &'a Expr, sel: &'a gorace_syntax::ast::Ident) -> Val {
        if let Some(symbol) = self.function_symbol_of(sel.id) {
            let value = self.l.func_value_symbol(symbol);
            return Val::Scalars(vec![self.b.symbol_addr(value)]);
        }
        let ty = self.type_of(e);
        let place = self.place(e);
        self.load(ty, &place)
    }

    /// A declared function used as a value.
    fn callee_value(&mut self, prepared: super::call::Prepared) -> Val {
        match prepared.callee {
            crate::Callee::Symbol(symbol) => {
                let value = self.l.func_value_symbol(symbol);
                Val::Scalars(vec![self.b.symbol_addr(value)])
            }
            crate::Callee::Closure(value) | crate::Callee::Code(value) => Val::Scalars(vec![value]),
        }
    }

    /// What a selector expression selects, in terms of the actual types of an instance.
    pub fn selection(&mut self, e: &Expr) -> Option<SelectionInfo> {
        let selection = self.l.program.selection(self.env.pkg, self.env.file, e.id)?;
        let selected = self.l.program.substituted_selection(selection, &self.env.subst);
        let ExprKind::Selector { sel, .. } = &e.kind else { return Some(selected) };
        let targs = self.l.program.instance_of(self.env.pkg, self.env.file, sel.id);
        Some(selected.instantiated(targs.into_iter().map(|t| self.subst(t)).collect()))
    }

    fn selected(&mut self, e: &'a Expr, x: &'a Expr, selection: &SelectionInfo) -> Val {
        if selection.is_method_expression() {
            return self.method_expression(selection.recv, &selection.method());
        }
        if selection.is_method_call() {
            return self.method_value(x, &selection.method(), e);
        }
        let x_type = self.type_of(x);
        let (ty, operand) = self.walk_to_holder(x, x_type, &selection.path);
        self.operand_value(ty, operand)
    }

    fn unary(&mut self, e: &'a Expr, op: UnaryOp, x: &'a Expr) -> Val {
        match op {
            UnaryOp::Addr => self.address_of(x),
            UnaryOp::Recv => {
                let chan = self.type_of(x);
                let elem = self.l.program.element(chan);
                self.b.at(e.pos);
                self.receive(x, elem, false).0
            }
            UnaryOp::Not => {
                let v = self.expr1(x);
                Val::Scalars(vec![self.b.not(v)])
            }
            UnaryOp::Plus => self.expr(x),
            UnaryOp::Neg | UnaryOp::Xor => {
                let ty = self.type_of(e);
                let value = self.expr(x);
                self.negate(op == UnaryOp::Neg, ty, value)
            }
            UnaryOp::Tilde => Val::empty(),
        }
    }

    /// `&x`
    fn address_of(&mut self, x: &'a Expr) -> Val {
        match &x.kind {
            ExprKind::Paren(inner) => self.address_of(inner),
            ExprKind::CompositeLit { .. } => {
                let ty = self.type_of(x);
                let object = self.new_object(ty);
                self.composite_into(x, ty, object);
                Val::Scalars(vec![object])
            }
            _ => Val::Scalars(vec![self.address(x)]),
        }
    }

    /// The address of something that has one.
    fn address(&mut self, x: &'a Expr) -> Value {
        let ty = self.type_of(x);
        let place = self.place_of_address(x);
        if let (ExprKind::Selector { .. } | ExprKind::Star(_), Place::Memory { addr, offset: 0, .. }) =
            (&unparenthesised(x).kind, &place)
        {
            // `&p.f` and `&*p` with a nil `p` panic, although nothing is loaded.
            self.b.emit(crate::Inst::NilCheck { addr: *addr });
        }
        self.operand_address(ty, Operand::Place(place))
    }

    /// A place whose address is taken: nothing is loaded from it, so a nil pointer to what holds it must show at once.
    fn place_of_address(&mut self, x: &'a Expr) -> Place {
        match &x.kind {
            ExprKind::Paren(inner) => self.place_of_address(inner),
            ExprKind::Index { x: array, indices, .. } => {
                let array_type = self.type_of(array);
                let Kind::Array { elem, len } = self.l.program.kind(array_type) else { return self.place(x) };
                let place = self.place_of_address(array);
                let Place::Memory { addr, offset, race } = place else {
                    // An array of one element in scalars.
                    let n = self.b.i64(len as i64);
                    self.index_value(&indices[0], n, x);
                    return place;
                };
                if race && !matches!(array.kind, ExprKind::Index { .. } | ExprKind::Name(_)) {
                    self.b.emit(crate::Inst::NilCheck { addr });
                }
                let base = self.b.add_imm(addr, i64::from(offset));
                let n = self.b.i64(len as i64);
                let at = self.index_value(&indices[0], n, x);
                self.element_place(elem, base, at, race)
            }
            _ => self.place(x),
        }
    }

    /// The place that an addressable expression (or a map element, or `_`) denotes.
    pub fn place(&mut self, e: &'a Expr) -> Place {
        self.b.at(e.pos);
        match &e.kind {
            ExprKind::Paren(x) => self.place(x),
            ExprKind::Name(name) if name == "_" => Place::Blank,
            ExprKind::Name(_) => self.variable_of(e.id, e),
            ExprKind::Selector { x, sel } => match self.selection(e) {
                None => self.variable_of(sel.id, e),
                Some(selection) => {
                    let x_type = self.type_of(x);
                    let (ty, operand) = self.walk_to_holder(x, x_type, &selection.path);
                    match operand {
                        Operand::Place(place) => place,
                        Operand::Value(value) => self.spill(ty, &value),
                    }
                }
            },
            ExprKind::Star(x) => {
                let addr = self.expr1(x);
                Place::Memory { addr, offset: 0, race: true }
            }
            ExprKind::Index { x, indices, .. } => self.index_place(e, x, &indices[0]),
            _ => {
                let ty = self.type_of(e);
                let value = self.expr(e);
                self.spill(ty, &value)
            }
        }
    }

    fn spill(&mut self, ty: TypeId, value: &Val) -> Place {
        let addr = self.in_memory(ty, value);
        Place::Memory { addr, offset: 0, race: false }
    }

    fn variable_of(&mut self, id: gorace_syntax::ast::NodeId, e: &Expr) -> Place {
        let Some(obj) = self.object(id) else {
            self.error(e.pos, "internal error: name without object");
            return Place::Blank;
        };
        if let Some(variable) = self.variables.get(&obj).cloned() {
            return self.variable_place(&variable);
        }
        if self.l.program.is_local_variable(obj) {
            self.error(
                e.pos,
                format!("internal error: variable {} used before its declaration", self.l.program.object_name(obj)),
            );
            return Place::Blank;
        }
        let symbol = self.l.variable_symbol(obj);
        Place::Memory { addr: self.b.symbol_addr(symbol), offset: 0, race: true }
    }

    fn index_place(&mut self, e: &'a Expr, x: &'a Expr, index: &'a Expr) -> Place {
        let x_type = self.type_of(x);
        match self.l.program.kind(x_type) {
            Kind::Map { key, .. } => {
                let map = self.expr1(x);
                let key_value = self.expr_to(index, key);
                let key = self.settle(key, key_value);
                Place::MapElement { map_type: x_type, map, key }
            }
            Kind::Slice(elem) => {
                let Val::Scalars(parts) = self.expr(x) else { return Place::Blank };
                let at = self.index_value(index, parts[1], e);
                self.element_place(elem, parts[0], at, true)
            }
            Kind::Pointer(array) => {
                let Kind::Array { elem, len } = self.l.program.kind(array) else { return Place::Blank };
                let base = self.expr1(x);
                self.b.emit(crate::Inst::NilCheck { addr: base });
                let n = self.b.i64(len as i64);
                let at = self.index_value(index, n, e);
                self.element_place(elem, base, at, true)
            }
            Kind::Array { elem, len } => {
                let place = self.place(x);
                if let Place::Memory { addr, race: true, .. } = place
                    && !matches!(unparenthesised(x).kind, ExprKind::Index { .. } | ExprKind::Name(_))
                {
                    // A nil pointer to what holds the array shows before a wrong index, and however far away the element is.
                    self.b.emit(crate::Inst::NilCheck { addr });
                }
                let n = self.b.i64(len as i64);
                let at = self.index_value(index, n, e);
                match place {
                    Place::Memory { addr, offset, race } => {
                        let base = self.b.add_imm(addr, i64::from(offset));
                        self.element_place(elem, base, at, race)
                    }
                    _ if len == 0 => self.nowhere(),
                    // An array of one element in scalars.
                    other => other,
                }
            }
            _ => Place::Blank,
        }
    }

    /// The place of an element of an array that has none: the check in front of it has failed.
    fn nowhere(&mut self) -> Place {
        Place::Memory { addr: self.b.i64(0), offset: 0, race: false }
    }

    fn element_place(&mut self, elem: TypeId, base: Value, index: Value, race: bool) -> Place {
        let size = self.layout(elem).size as i64;
        let offset = self.b.mul_imm(index, size);
        let addr = self.b.add(base, offset);
        Place::Memory { addr, offset: 0, race }
    }

    /// An index as an I64, checked against a length.
    pub fn index_value(&mut self, index: &'a Expr, len: Value, e: &Expr) -> Value {
        let (value, signed) = self.integer(index);
        self.b.at(e.pos);
        self.check_index(value, signed, len);
        value
    }

    fn check_index(&mut self, index: Value, signed: bool, len: Value) {
        let bad = self.b.cmp(CmpOp::UGe, index, len);
        let name = if signed { "runtime.panicIndex" } else { "runtime.panicIndexU" };
        self.panic_if(bad, name, &[index, len]);
    }

    /// An integer expression widened to I64, and whether its type is signed.
    pub fn integer(&mut self, e: &'a Expr) -> (Value, bool) {
        let ty = self.type_of(e);
        let signed = self.l.program.is_signed(ty);
        let value = self.expr1(e);
        (self.b.resize(value, Ty::I64, signed), signed)
    }

    fn index(&mut self, e: &'a Expr, x: &'a Expr, index: &'a Expr) -> Val {
        let x_type = self.type_of(x);
        let ty = self.type_of(e);
        match self.l.program.kind(x_type) {
            Kind::String => {
                let Val::Scalars(parts) = self.expr(x) else { return Val::empty() };
                let at = self.index_value(index, parts[1], e);
                let addr = self.b.add(parts[0], at);
                Val::Scalars(vec![self.b.load_private(Ty::I8, addr, 0)])
            }
            Kind::Map { key, .. } => {
                let map = self.expr1(x);
                let key = self.expr_in_passing(index, key);
                self.b.at(e.pos);
                self.map_access(x_type, map, &key, false).0
            }
            Kind::Array { elem, len } if !self.l.program.is_addressable(self.env.pkg, self.env.file, x) => {
                let value = self.expr(x);
                let n = self.b.i64(len as i64);
                let at = self.index_value(index, n, e);
                match value {
                    Val::Scalars(_) if len == 0 => {
                        let place = self.nowhere();
                        self.load(ty, &place)
                    }
                    Val::Scalars(_) => value,
                    Val::Memory { addr, race, temporary } => {
                        let Place::Memory { addr, .. } = self.element_place(elem, addr, at, race) else {
                            return Val::empty();
                        };
                        match self.load_from(ty, addr, 0, race) {
                            Val::Memory { addr, race, .. } => Val::Memory { addr, race, temporary },
                            scalars => scalars,
                        }
                    }
                }
            }
            _ => {
                let place = self.index_place(e, x, index);
                self.load(ty, &place)
            }
        }
    }

    /// `x[lo:hi:max]`
    fn slice(&mut self, e: &'a Expr) -> Val {
        let ExprKind::Slice { x, lo, hi, max, .. } = &e.kind else { return Val::empty() };
        self.order(x);
        for bound in [lo, hi, max].into_iter().flatten() {
            self.order(bound);
            if !matches!(unparenthesised(bound).kind, ExprKind::Name(_)) {
                self.keep(bound);
            }
        }
        let x_type = self.type_of(x);
        let (base, len, cap, elem_size, is_string) = match self.l.program.kind(x_type) {
            Kind::String => {
                let Val::Scalars(p) = self.expr(x) else { return Val::empty() };
                (p[0], p[1], p[1], 1, true)
            }
            Kind::Slice(elem) => {
                let Val::Scalars(p) = self.expr(x) else { return Val::empty() };
                (p[0], p[1], p[2], self.layout(elem).size, false)
            }
            kind => {
                let (array, address) = match kind {
                    Kind::Pointer(array) => {
                        let address = self.expr1(x);
                        self.b.emit(crate::Inst::NilCheck { addr: address });
                        (array, address)
                    }
                    _ => (x_type, self.address(x)),
                };
                let Kind::Array { elem, len } = self.l.program.kind(array) else { return Val::empty() };
                let n = self.b.i64(len as i64);
                (address, n, n, self.layout(elem).size, false)
            }
        };
        let lo_value = lo.as_ref().map(|e| self.integer(e));
        let hi_value = hi.as_ref().map(|e| self.integer(e));
        let max_value = max.as_ref().map(|e| self.integer(e));
        self.b.at(e.pos);
        let is_array = !is_string && !matches!(self.l.program.kind(x_type), Kind::Slice(_));
        let low = lo_value.map_or_else(|| self.b.i64(0), |(v, _)| v);
        let high = hi_value.map_or(len, |(v, _)| v);
        let suffix = |signed: bool| if signed { "" } else { "U" };
        if let Some((limit, signed)) = max_value {
            let bad = self.b.cmp(CmpOp::UGt, limit, cap);
            let name = if is_array { "runtime.panicSlice3Alen" } else { "runtime.panicSlice3Acap" };
            self.panic_if(bad, &format!("{name}{}", suffix(signed)), &[limit, cap]);
            if let Some((hi, signed)) = hi_value {
                let bad = self.b.cmp(CmpOp::UGt, hi, limit);
                self.panic_if(bad, &format!("runtime.panicSlice3B{}", suffix(signed)), &[hi, limit]);
            }
            if let Some((lo, signed)) = lo_value {
                let bad = self.b.cmp(CmpOp::UGt, lo, high);
                self.panic_if(bad, &format!("runtime.panicSlice3C{}", suffix(signed)), &[lo, high]);
            }
        } else {
            if let Some((hi, signed)) = hi_value {
                let bad = self.b.cmp(CmpOp::UGt, hi, cap);
                let name = if is_string || is_array { "runtime.panicSliceAlen" } else { "runtime.panicSliceAcap" };
                self.panic_if(bad, &format!("{name}{}", suffix(signed)), &[hi, cap]);
            }
            if let Some((lo, signed)) = lo_value {
                let bad = self.b.cmp(CmpOp::UGt, lo, high);
                self.panic_if(bad, &format!("runtime.panicSliceB{}", suffix(signed)), &[lo, high]);
            }
        }
        let new_len = self.b.bin(BinOp::Sub, high, low);
        let limit = max_value.map_or(cap, |(v, _)| v);
        let new_cap = if is_string { new_len } else { self.b.bin(BinOp::Sub, limit, low) };
        // An empty result must not point behind the object: its base stays.
        let offset = self.b.mul_imm(low, elem_size as i64);
        let empty = self.b.cmp_imm(CmpOp::Eq, new_cap, 0);
        let zero = self.b.i64(0);
        let offset = self.b.select(empty, zero, offset);
        let base = self.b.add(base, offset);
        if is_string { Val::Scalars(vec![base, new_len]) } else { Val::Scalars(vec![base, new_len, new_cap]) }
    }

    /// `x && y`, `x || y`
    fn short_circuit(&mut self, op: BinaryOp, x: &'a Expr, y: &'a Expr) -> Val {
        let result = self.b.func.local(Ty::I8, None);
        self.order(x);
        let first = self.expr1(x);
        self.b.set(result, first);
        let second = self.b.new_block();
        let end = self.b.new_block();
        if op == BinaryOp::AndAnd {
            self.b.branch(first, second, end);
        } else {
            self.b.branch(first, end, second);
        }
        self.b.switch_to(second);
        self.order(y);
        let value = self.expr1(y);
        self.b.set(result, value);
        self.b.start(end);
        Val::Scalars(vec![self.b.get(result)])
    }

    /// Branches on a condition without making a value of it.
    pub fn condition(&mut self, e: &'a Expr, then: crate::BlockId, els: crate::BlockId) {
        // What a constant leaves out is not counted when it is asked whether a function is small.
        if let Some(value) = self.l.program.constant(self.env.pkg, self.env.file, e.id) {
            return self.b.jump(if value.as_bool() { then } else { els });
        }
        match &e.kind {
            _ if self.is_ahead(e) => {
                let value = self.expr1(e);
                self.b.branch(value, then, els);
            }
            ExprKind::Paren(x) => self.condition(x, then, els),
            ExprKind::Unary { op: UnaryOp::Not, x } => self.condition(x, els, then),
            ExprKind::Binary { op: BinaryOp::AndAnd, x, y, .. } => {
                let next = self.b.new_block();
                self.condition(x, next, els);
                self.b.switch_to(next);
                self.condition(y, then, els);
            }
            ExprKind::Binary { op: BinaryOp::OrOr, x, y, .. } => {
                let next = self.b.new_block();
                self.condition(x, then, next);
                self.b.switch_to(next);
                self.condition(y, then, els);
            }
            _ => {
                self.order(e);
                let value = self.expr1(e);
                self.b.branch(value, then, els);
            }
        }
    }
}
