//! `for range`: over integers, slices, arrays, strings, maps and channels. `range_func.rs` has those over functions.

use super::assign::Source;
use super::function::{FunctionLowerer, Target};
use super::kinds::Kind;
use super::value::Val;
use crate::func::{Ty, Value};
use crate::inst::CmpOp;
use gorace_syntax::ast::*;
use gorace_types::TypeId;

impl<'a> FunctionLowerer<'_, 'a> {
    pub fn range(&mut self, s: &'a RangeStmt) {
        let label = self.pending_label.take();
        let ty = self.type_of(&s.x);
        // The bytes of a string that are ranged over are not copied.
        let ranged = self.string_made_bytes(&s.x).unwrap_or(&s.x);
        if !matches!(self.l.program.kind(ty), Kind::Array { .. }) {
            self.order(ranged);
        }
        if s.define && !self.l.program.per_iteration_variables(self.env.pkg, self.env.file) {
            self.declare_shared(s);
        }
        match self.l.program.kind(ty) {
            Kind::Int { .. } => self.range_int(s, label, ty),
            Kind::Slice(elem) => {
                // Nobody can change the bytes of `range []byte(text)`: they are the text's own.
                let text = self.string_made_bytes(&s.x);
                let Val::Scalars(parts) = self.expr(text.unwrap_or(&s.x)) else { return };
                self.range_elements(s, label, elem, parts[0], parts[1], text.is_none());
            }
            Kind::Array { elem, len } => {
                let n = self.b.i64(len as i64);
                if s.value.is_none() || is_blank(&s.value) {
                    // Not evaluated when its length is constant, which a call in it prevents.
                    if !self.has_address(&s.x) || self.is_busy(&s.x) {
                        self.expr(&s.x);
                    }
                    let zero = self.b.i64(0);
                    return self.range_elements(s, label, elem, zero, n, false);
                }
                self.order(&s.x);
                let value = self.expr(&s.x);
                let value = self.settle(ty, value);
                let base = self.in_memory(ty, &value);
                self.range_elements(s, label, elem, base, n, false);
            }
            Kind::Pointer(array) => {
                let Kind::Array { elem, len } = self.l.program.kind(array) else { return };
                let base = self.expr1(&s.x);
                let n = self.b.i64(len as i64);
                self.range_elements(s, label, elem, base, n, true);
            }
            Kind::String => self.range_string(s, label),
            Kind::Map { key, elem } => self.range_map(s, label, ty, key, elem),
            Kind::Chan { elem } => self.range_chan(s, label, elem),
            Kind::Func => self.range_func(s, label, ty),
            _ => self.error(s.x.pos, "internal error: range over a type without lowering"),
        }
    }

    /// Before Go 1.22 all iterations share the loop's variables.
    fn declare_shared(&mut self, s: &'a RangeStmt) {
        for e in [&s.key, &s.value].into_iter().flatten() {
            let name = matches!(&e.kind, ExprKind::Name(name) if name != "_");
            let Some(obj) = self.object(e.id).filter(|_| name) else { continue };
            let ty = self.l.program.object_type(obj);
            let ty = self.subst(ty);
            self.b.at(e.pos);
            self.declare_zero(obj, ty);
        }
    }

    /// Gives the loop's variables their values, fresh in each iteration when defined here.
    fn bind_iteration(&mut self, e: &'a Option<Expr>, define: bool, from: TypeId, value: Val) {
        let Some(e) = e else { return };
        let shared = define && !self.l.program.per_iteration_variables(self.env.pkg, self.env.file);
        let variable =
            self.object(e.id).filter(|_| shared).and_then(|obj| Some((obj, self.variables.get(&obj)?.clone())));
        let Some((obj, variable)) = variable else { return self.bind(e, define, from, value) };
        let ty = self.l.program.object_type(obj);
        let ty = self.subst(ty);
        let value = self.convert_implicitly(value, from, ty);
        let place = self.variable_place(&variable);
        self.b.at(e.pos);
        self.store(ty, &place, &value);
    }

    /// Gives the loop's two variables their values. When they are assigned, not defined, operands of index expressions
    /// and dereferences are evaluated before either changes (Go spec, "Assignment statements").
    fn bind_pair(&mut self, s: &'a RangeStmt, key: (TypeId, Val), value: (TypeId, Val)) {
        let (false, Some(key_target), Some(value_target)) = (s.define, &s.key, &s.value) else {
            self.bind_iteration(&s.key, s.define, key.0, key.1);
            return self.bind_iteration(&s.value, s.define, value.0, value.1);
        };
        let sources = [key, value].map(|(ty, value)| Source::Value(ty, value));
        self.order(key_target);
        self.order(value_target);
        self.assign_sources(&[key_target, value_target], sources.into(), false);
    }

    fn range_int(&mut self, s: &'a RangeStmt, label: Option<Name>, ty: TypeId) {
        let ty = match &s.key {
            Some(key) if s.define && !is_blank(&s.key) => self.type_of(key),
            _ if self.l.program.is_untyped(ty) => self.l.program.int_type(),
            _ => ty,
        };
        let limit = match self.l.program.constant(self.env.pkg, self.env.file, s.x.id) {
            Some(value) => self.constant(&value, ty).one(),
            None => self.expr1(&s.x),
        };
        let scalar = self.b.ty(limit);
        let signed = self.l.program.is_signed(ty);
        let counter = self.b.func.local(scalar, None);
        let zero = self.b.int(scalar, 0);
        self.b.set(counter, zero);
        let (head, body, next, end) = (self.b.new_block(), self.b.new_block(), self.b.new_block(), self.b.new_block());
        self.b.start(head);
        let i = self.b.get(counter);
        let more = self.b.cmp(if signed { CmpOp::SLt } else { CmpOp::ULt }, i, limit);
        self.b.branch(more, body, end);
        self.b.switch_to(body);
        self.bind_iteration(&s.key, s.define, ty, Val::Scalars(vec![i]));
        self.loop_body(s, label, next, end);
        self.b.start(next);
        let i = self.b.get(counter);
        let i = self.b.add_imm(i, 1);
        self.b.set(counter, i);
        self.b.emit(crate::Inst::Preempt);
        self.b.jump(head);
        self.b.switch_to(end);
    }

    fn loop_body(&mut self, s: &'a RangeStmt, label: Option<Name>, next: crate::BlockId, end: crate::BlockId) {
        self.targets.push(Target { label, break_to: end, continue_to: Some(next) });
        self.block(&s.body);
        self.targets.pop();
    }

    fn range_elements(
        &mut self,
        s: &'a RangeStmt,
        label: Option<Name>,
        elem: TypeId,
        base: Value,
        len: Value,
        race: bool,
    ) {
        let counter = self.b.func.local(Ty::I64, None);
        let zero = self.b.i64(0);
        self.b.set(counter, zero);
        let int = self.l.program.int_type();
        let size = self.layout(elem).size as i64;
        let (head, body, next, end) = (self.b.new_block(), self.b.new_block(), self.b.new_block(), self.b.new_block());
        self.b.start(head);
        let i = self.b.get(counter);
        let more = self.b.cmp(CmpOp::SLt, i, len);
        self.b.branch(more, body, end);
        self.b.switch_to(body);
        let index = Val::Scalars(vec![i]);
        if s.value.is_some() && !is_blank(&s.value) {
            self.b.at(s.range_pos);
            let addr = self.indexed_address(base, i, size);
            let value = self.load_from(elem, addr, 0, race);
            let value = self.settle(elem, value);
            self.bind_pair(s, (int, index), (elem, value));
        } else {
            self.bind_iteration(&s.key, s.define, int, index);
        }
        self.loop_body(s, label, next, end);
        self.b.start(next);
        let i = self.b.get(counter);
        let i = self.b.add_imm(i, 1);
        self.b.set(counter, i);
        self.b.emit(crate::Inst::Preempt);
        self.b.jump(head);
        self.b.switch_to(end);
    }

    fn range_string(&mut self, s: &'a RangeStmt, label: Option<Name>) {
        let Val::Scalars(text) = self.expr(&s.x) else { return };
        let at = self.b.func.local(Ty::I64, None);
        let after = self.b.func.local(Ty::I64, None);
        let rune = self.b.func.local(Ty::I32, None);
        let zero = self.b.i64(0);
        self.b.set(at, zero);
        let (head, decode, wide, body, next, end) = (
            self.b.new_block(),
            self.b.new_block(),
            self.b.new_block(),
            self.b.new_block(),
            self.b.new_block(),
            self.b.new_block(),
        );
        self.b.start(head);
        let i = self.b.get(at);
        let more = self.b.cmp(CmpOp::SLt, i, text[1]);
        self.b.branch(more, decode, end);
        self.b.switch_to(decode);
        let addr = self.b.add(text[0], i);
        let byte = self.b.load_private(Ty::I8, addr, 0);
        let byte = self.b.resize(byte, Ty::I32, false);
        self.b.set(rune, byte);
        let one = self.b.add_imm(i, 1);
        self.b.set(after, one);
        let is_wide = self.b.cmp_imm(CmpOp::UGe, byte, 0x80);
        self.b.branch(is_wide, wide, body);
        self.b.switch_to(wide);
        let decoded = self.call_runtime("runtime.decoderune", &[text[0], text[1], i], &[Ty::I32, Ty::I64]);
        self.b.set(rune, decoded[0]);
        self.b.set(after, decoded[1]);
        self.b.start(body);
        let int = self.l.program.int_type();
        let rune_type = gorace_types::Basic::Int32.id();
        let i = self.b.get(at);
        let r = self.b.get(rune);
        self.bind_pair(s, (int, Val::Scalars(vec![i])), (rune_type, Val::Scalars(vec![r])));
        self.loop_body(s, label, next, end);
        self.b.start(next);
        let i = self.b.get(after);
        self.b.set(at, i);
        self.b.emit(crate::Inst::Preempt);
        self.b.jump(head);
        self.b.switch_to(end);
    }

    /// Over a map: an iterator in the frame (internal/runtime/maps.Iter: key pointer first, element pointer second).
    fn range_map(&mut self, s: &'a RangeStmt, label: Option<Name>, ty: TypeId, key: TypeId, elem: TypeId) {
        let map = self.expr1(&s.x);
        let size = self.l.map_iterator_size();
        let iterator = self.b.func.slot(size, 8);
        let addr = self.b.slot_addr(iterator, 0);
        self.zero_private(addr, size, 8);
        let descriptor = self.descriptor(ty);
        self.call_runtime("runtime.mapIterStart", &[descriptor, map, addr], &[]);
        let (head, body, next, end) = (self.b.new_block(), self.b.new_block(), self.b.new_block(), self.b.new_block());
        self.b.start(head);
        let addr = self.b.slot_addr(iterator, 0);
        let key_address = self.b.load_private(Ty::I64, addr, 0);
        let elem_address = self.b.load_private(Ty::I64, addr, 8);
        let more = self.nonzero(key_address);
        self.b.branch(more, body, end);
        self.b.switch_to(body);
        let wanted = |e: &Option<Expr>| e.is_some() && !is_blank(e);
        let load = |l: &mut Self, ty, addr| {
            let value = l.load_from(ty, addr, 0, false);
            l.settle(ty, value)
        };
        match (wanted(&s.key), wanted(&s.value)) {
            (true, true) => {
                let k = load(self, key, key_address);
                let v = load(self, elem, elem_address);
                self.bind_pair(s, (key, k), (elem, v));
            }
            (true, false) => {
                let value = load(self, key, key_address);
                self.bind_iteration(&s.key, s.define, key, value);
            }
            (false, true) => {
                let value = load(self, elem, elem_address);
                self.bind_iteration(&s.value, s.define, elem, value);
            }
            (false, false) => {}
        }
        self.loop_body(s, label, next, end);
        self.b.start(next);
        let addr = self.b.slot_addr(iterator, 0);
        self.b.at(s.range_pos);
        self.call_runtime("runtime.mapIterNext", &[addr], &[]);
        self.b.emit(crate::Inst::Preempt);
        self.b.jump(head);
        self.b.switch_to(end);
    }

    fn range_chan(&mut self, s: &'a RangeStmt, label: Option<Name>, elem: TypeId) {
        let chan = self.expr1(&s.x);
        let layout = self.layout(elem);
        let (head, body, end) = (self.b.new_block(), self.b.new_block(), self.b.new_block());
        self.b.start(head);
        self.b.at(s.range_pos);
        let addr = self.b.temp(layout.size, layout.align);
        let ok = self.call_runtime("runtime.chanrecv2", &[chan, addr], &[Ty::I8])[0];
        self.b.branch(ok, body, end);
        self.b.switch_to(body);
        let value = match self.load_from(elem, addr, 0, false) {
            Val::Memory { addr, race, .. } => Val::Memory { addr, race, temporary: true },
            scalars => scalars,
        };
        self.bind_iteration(&s.key, s.define, elem, value);
        self.loop_body(s, label, head, end);
        self.b.jump(head);
        self.b.switch_to(end);
    }
}

fn is_blank(e: &Option<Expr>) -> bool {
    matches!(e, Some(Expr { kind: ExprKind::Name(n), .. }) if n == "_")
}
