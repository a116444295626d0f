//! `for range`: over integers, slices, arrays, strings, maps, channels and functions.
//!
//! The body of a range over a function becomes a closure that gives true to go on. Leaving it otherwise (break,
//! return, a jump to an outer loop) stores an exit code in a variable shared with the enclosing function, which acts on
//! it when the iterating function has returned (Go's rangefunc rewrite has the same shape).

use super::function::{Capture, FunctionLowerer, Target};
use super::kinds::Kind;
use super::value::{Val, Variable};
use crate::func::{Ty, Value};
use crate::inst::{Callee, CmpOp, Term};
use gorace_syntax::ast::*;
use gorace_types::{ObjId, TypeId};
use std::rc::Rc;

/// How to leave the body of a range over a function.
#[derive(Clone)]
pub struct RangeBody<'a> {
    pub stmt: &'a RangeStmt,
    /// The exit code: 0 go on, -1 return, else 1 + index into `outer`.
    pub code: ObjId,
    pub results: Rc<[(ObjId, TypeId)]>,
    /// The record for what the body defers, made by the function with the outermost loop.
    pub defers: Option<ObjId>,
    /// Targets of the enclosing functions: label, whether `continue`.
    pub outer: Rc<[(Option<Name>, bool)]>,
    /// The loop's own label.
    pub label: Option<Name>,
}

const RETURN: i64 = -1;
/// `break` of this very loop.
const BREAK: i64 = -2;

impl<'a> FunctionLowerer<'_, 'a> {
    pub fn range(&mut self, s: &'a RangeStmt) {
        let label = self.pending_label.take();
        let ty = self.type_of(&s.x);
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
                    if !self.l.program.is_addressable(self.env.pkg, self.env.file, &s.x) {
                        self.expr(&s.x);
                    }
                    let zero = self.b.i64(0);
                    return self.range_elements(s, label, elem, zero, n, false);
                }
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

    /// Gives the loop's variables their values, fresh in each iteration when defined here.
    fn bind_iteration(&mut self, e: &'a Option<Expr>, define: bool, ty: TypeId, value: Val) {
        if let Some(e) = e {
            self.bind(e, define, ty, value);
        }
    }

    /// Gives the loop's two variables their values. When they are assigned, not defined, operands of index expressions
    /// and dereferences are evaluated before either changes (Go spec, "Assignment statements").
    fn bind_pair(&mut self, s: &'a RangeStmt, key: (TypeId, Val), value: (TypeId, Val)) {
        let (false, Some(key_target), Some(value_target)) = (s.define, &s.key, &s.value) else {
            self.bind_iteration(&s.key, s.define, key.0, key.1);
            return self.bind_iteration(&s.value, s.define, value.0, value.1);
        };
        let places = [key_target, value_target].map(|e| (e, self.place_for_assignment(e)));
        for ((e, place), (from, value)) in places.into_iter().zip([key, value]) {
            if matches!(place, super::value::Place::Blank) {
                continue;
            }
            let ty = self.type_of(e);
            let value = self.convert_implicitly(value, from, ty);
            self.b.at(e.pos);
            self.store(ty, &place, &value);
        }
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

    fn range_func(&mut self, s: &'a RangeStmt, label: Option<Name>, ty: TypeId) {
        let function = self.expr1(&s.x);
        let int = self.l.program.int_type();
        let code = self.l.program.hidden_object("code", int);
        let boxed = self.new_object(int);
        let local = self.b.func.local(Ty::I64, None);
        self.b.set(local, boxed);
        self.variables.insert(code, Variable::Boxed(local));
        // Results travel through variables of the outermost function.
        let results: Rc<[(ObjId, TypeId)]> = match &self.range_body {
            Some(body) => body.results.clone(),
            None => {
                let types: Vec<TypeId> = self.results.iter().map(|r| r.ty).collect();
                let mut made = Vec::new();
                for ty in types {
                    let obj = self.l.program.hidden_object("result", ty);
                    let object = self.new_object(ty);
                    let local = self.b.func.local(Ty::I64, None);
                    self.b.set(local, object);
                    self.variables.insert(obj, Variable::Boxed(local));
                    made.push((obj, ty));
                }
                made.into()
            }
        };
        let defers = match &self.range_body {
            Some(body) => body.defers,
            None => self.record_for_body(s),
        };
        let mut outer: Vec<(Option<Name>, bool)> = Vec::new();
        for target in self.targets.iter().rev() {
            outer.push((target.label.clone(), false));
            if target.continue_to.is_some() {
                outer.push((target.label.clone(), true));
            }
        }
        let own = outer.len();
        if let Some(body) = &self.range_body {
            outer.push((body.label.clone(), false));
            outer.push((body.label.clone(), true));
            outer.extend(body.outer.iter().cloned());
        }
        let body = RangeBody { stmt: s, code, results: results.clone(), defers, outer: outer.clone().into(), label };
        let yields = self.l.program.signature(ty).params[0];
        self.closures += 1;
        let name = format!("{}-range{}", self.name, self.closures);
        let go_name = format!("{}-range{}", self.go_name, self.closures);
        let closure = self.range_closure(name, go_name, yields, body);
        self.b.at(s.range_pos);
        self.b.call(Callee::Closure(function), vec![closure], &[]);
        let boxed = self.b.get(local);
        let exit = self.b.load_private(Ty::I64, boxed, 0);
        let end = self.b.new_block();
        let leave = self.b.new_block();
        let plain = self.b.cmp_imm(CmpOp::Eq, exit, 0);
        self.b.branch(plain, end, leave);
        self.b.switch_to(leave);
        let broke = self.b.cmp_imm(CmpOp::Eq, exit, BREAK);
        let other = self.b.new_block();
        self.b.branch(broke, end, other);
        self.b.switch_to(other);
        let returns = self.b.new_block();
        let jumps = self.b.new_block();
        let is_return = self.b.cmp_imm(CmpOp::Eq, exit, RETURN);
        self.b.branch(is_return, returns, jumps);
        self.b.switch_to(returns);
        if self.range_body.is_some() {
            self.exit_range_body(RETURN);
        } else {
            for (i, &(obj, ty)) in results.iter().enumerate() {
                let from = self.variables[&obj].clone();
                let from = self.variable_place(&from);
                let value = self.load(ty, &from);
                let to = self.results[i].variable.clone();
                let to = self.variable_place(&to);
                self.store(ty, &to, &value);
            }
            self.leave();
        }
        self.b.switch_to(jumps);
        for (i, (label, is_continue)) in outer.iter().enumerate() {
            let hit = self.b.new_block();
            let next = self.b.new_block();
            let is = self.b.cmp_imm(CmpOp::Eq, exit, i as i64 + 1);
            self.b.branch(is, hit, next);
            self.b.switch_to(hit);
            if i < own {
                let mut at = 0;
                let mut to = None;
                for target in self.targets.iter().rev() {
                    if at == i {
                        to = Some(target.break_to);
                    }
                    at += 1;
                    if target.continue_to.is_some() {
                        if at == i {
                            to = target.continue_to;
                        }
                        at += 1;
                    }
                }
                match to {
                    Some(to) => self.b.jump(to),
                    None => self.b.jump(end),
                }
            } else {
                match i - own {
                    0 => self.exit_range_body(BREAK),
                    1 => self.range_body_continue(),
                    k => self.exit_range_body(k as i64 - 1),
                }
            }
            let _ = (label, is_continue);
            self.b.switch_to(next);
        }
        self.b.start(end);
    }

    /// The record that the bodies of a loop put their deferred calls into, if they have any.
    fn record_for_body(&mut self, s: &'a RangeStmt) -> Option<ObjId> {
        let slot = self.defer_slot?;
        if !self.analysis.functions.get(&s.body.pos).is_some_and(|facts| facts.defers_outside) {
            return None;
        }
        let pointer = self.l.program.unsafe_pointer();
        let frame = self.b.slot_addr(slot, 0);
        let record = self.call_runtime("runtime.deferrangefunc", &[frame], &[Ty::I64])[0];
        let obj = self.l.program.hidden_object("defers", pointer);
        let boxed = self.new_object(pointer);
        self.store_to(pointer, &Val::Scalars(vec![record]), boxed, 0, false);
        let local = self.b.func.local(Ty::I64, None);
        self.b.set(local, boxed);
        self.variables.insert(obj, Variable::Boxed(local));
        Some(obj)
    }

    fn range_closure(&mut self, name: String, go_name: String, signature: TypeId, body: RangeBody<'a>) -> Value {
        let symbol = self.l.unit.symbol(&name);
        let mut used = self.analysis.functions.get(&body.stmt.body.pos).map(|f| f.captures.clone()).unwrap_or_default();
        used.push(body.code);
        used.extend(body.results.iter().map(|(obj, _)| *obj));
        used.extend(body.defers);
        if let Some(outer) = &self.range_body {
            used.push(outer.code);
        }
        let mut captures = Vec::new();
        let mut offset = 8u32;
        let mut words = vec![false];
        for obj in used {
            let Some(variable) = self.variables.get(&obj).cloned() else { continue };
            let ty = self.l.program.object_type(obj);
            let ty = self.subst(ty);
            let by_value = !matches!(variable, Variable::Boxed(_) | Variable::BoxedSlot(_));
            let size = if by_value { self.layout(ty).size as u32 } else { 8 };
            offset = offset.next_multiple_of(8);
            captures.push((obj, ty, Capture { offset, by_value }));
            let mut mask = vec![!by_value; size.div_ceil(8) as usize];
            if by_value {
                self.l.pointer_words(ty, 0, &mut mask);
            }
            words.extend(mask);
            offset += size;
        }
        if self.l.define(symbol) {
            let job = super::function::ClosureJob {
                symbol,
                name,
                go_name,
                env: self.env.clone(),
                analysis: self.analysis.clone(),
                signature,
                ty: None,
                body: &body.stmt.body,
                captures: captures.iter().map(|&(obj, _, capture)| (obj, capture)).collect(),
                range_body: Some(body),
            };
            self.l.pending.push_back(super::Pending::Closure(Box::new(job)));
        }
        let object = self.closure_object(symbol, u64::from(offset), &words);
        for (obj, ty, capture) in captures {
            let variable = self.variables[&obj].clone();
            self.store_capture(object, &variable, ty, capture);
        }
        object
    }

    /// Binds the loop's variables to the parameters of its body's closure.
    pub fn bind_range_parameters(&mut self, values: Vec<(TypeId, Val)>) {
        let Some(body) = self.range_body.clone() else { return };
        for (e, (ty, value)) in [&body.stmt.key, &body.stmt.value].into_iter().zip(values) {
            if let Some(e) = e {
                self.bind(e, body.stmt.define, ty, value);
            }
        }
    }

    /// Gives true: the iteration goes on.
    pub fn range_body_continue(&mut self) {
        let yes = self.boolean(true);
        self.b.end(Term::Return(vec![yes]));
    }

    fn exit_range_body(&mut self, code: i64) {
        let Some(body) = self.range_body.clone() else { return };
        let variable = self.variables[&body.code].clone();
        let place = self.variable_place(&variable);
        let value = self.b.i64(code);
        let int = self.l.program.int_type();
        self.initialise(int, &place, &Val::Scalars(vec![value]));
        let no = self.boolean(false);
        self.b.end(Term::Return(vec![no]));
    }

    /// `break` or `continue` that is not of a loop inside the body.
    pub fn leave_range_body(&mut self, kind: BranchKind, label: Option<&Name>) {
        let Some(body) = self.range_body.clone() else { return };
        let own = label.is_none() || label == body.label.as_ref();
        if own {
            return if kind == BranchKind::Break { self.exit_range_body(BREAK) } else { self.range_body_continue() };
        }
        let wanted = kind == BranchKind::Continue;
        let at = body.outer.iter().position(|(l, is_continue)| l.as_ref() == label && *is_continue == wanted);
        self.exit_range_body(at.map_or(BREAK, |at| at as i64 + 1));
    }

    /// `return` inside the body.
    pub fn return_from_range_body(&mut self, results: &'a [Expr]) {
        let Some(body) = self.range_body.clone() else { return };
        let declared = body.results.clone();
        if results.len() == 1 && declared.len() > 1 {
            let values = self.multi(&results[0]);
            for ((from, value), &(obj, ty)) in values.into_iter().zip(declared.iter()) {
                let value = self.convert_implicitly(value, from, ty);
                self.store_hidden(obj, ty, &value);
            }
        } else {
            let mut values = Vec::new();
            for (e, &(_, ty)) in results.iter().zip(declared.iter()) {
                let value = self.expr_to(e, ty);
                values.push(self.settle(ty, value));
            }
            for (value, &(obj, ty)) in values.iter().zip(declared.iter()) {
                self.store_hidden(obj, ty, value);
            }
        }
        self.exit_range_body(RETURN);
    }

    fn store_hidden(&mut self, obj: ObjId, ty: TypeId, value: &Val) {
        let variable = self.variables[&obj].clone();
        let place = self.variable_place(&variable);
        self.initialise(ty, &place, value);
    }
}

fn is_blank(e: &Option<Expr>) -> bool {
    matches!(e, Some(Expr { kind: ExprKind::Name(n), .. }) if n == "_")
}
