//! `go` and `defer`: the function and its arguments are evaluated now and bound in a closure that is called later.

use super::closure::ClosureLayout;
use super::function::FunctionLowerer;
use super::kinds::{Builtin, Kind};
use super::value::Val;
use super::{Lowerer, Pending};
use crate::func::{Func, Ty, Value};
use crate::inst::Term;
use gorace_syntax::ast::{Expr, ExprKind};
use gorace_types::TypeId;
use std::rc::Rc;

impl<'a> FunctionLowerer<'_, 'a> {
    pub fn go_statement(&mut self, call: &'a Expr) {
        let closure = self.bind_call(call, "gowrap");
        self.b.at(call.pos);
        self.call_runtime("runtime.newproc", &[closure], &[]);
    }

    pub fn defer_statement(&mut self, call: &'a Expr) {
        let closure = self.bind_call(call, "deferwrap");
        self.b.at(call.pos);
        if let Some(obj) = self.range_body.as_ref().and_then(|body| body.nest.defers) {
            let pointer = self.l.program.object_type(obj);
            let variable = self.variables[&obj].clone();
            let place = self.variable_place(&variable);
            let record = self.load(pointer, &place).one();
            self.call_runtime("runtime.deferprocat", &[record, closure], &[]);
            return;
        }
        let Some(slot) = self.defer_slot else { return };
        let frame = self.b.slot_addr(slot, 0);
        self.call_runtime("runtime.deferproc", &[frame, closure], &[]);
    }

    /// A func value without parameters and results that makes the call.
    fn bind_call(&mut self, call: &'a Expr, kind: &str) -> Value {
        let ExprKind::Call { fun, args, ellipsis, lparen, .. } = &call.kind else { return self.b.i64(0) };
        let mut callee = fun.as_ref();
        while let ExprKind::Paren(x) = &callee.kind {
            callee = x;
        }
        if let Some(builtin) = self.l.program.builtin(self.env.pkg, self.env.file, callee) {
            return self.bind_builtin(builtin, args, call, kind);
        }
        let ty = self.type_of(callee);
        let info = self.l.program.signature(ty);
        if let ExprKind::FuncLit(lit) = &callee.kind
            && args.is_empty()
            && info.results.is_empty()
        {
            return self.function_literal(callee, lit);
        }
        self.order_call(callee, args, ellipsis.is_some(), true);
        // What the call needs is stored from left to right. A nil interface panics here, at last, a nil func value later.
        self.keep_callee(callee);
        let (prepared, values) = self.prepare_with_arguments(callee, args, ellipsis.is_some());
        self.b.at(call.pos);
        if args.is_empty() && info.results.is_empty() {
            match prepared.callee {
                // A nil func value panics when it is called; `go` with one is a fatal error of its own.
                crate::Callee::Closure(function) => return function,
                crate::Callee::Symbol(code) if prepared.receiver.is_none() => {
                    let value = self.l.func_value_symbol(code);
                    return self.b.symbol_addr(value);
                }
                _ => {}
            }
        }
        // The call that the closure makes stands where gc has it.
        self.b.at(*lparen);
        self.thunks += 1;
        let name = format!("{}.{kind}{}", self.name, self.thunks);
        let pos = self.b.place.pos;
        self.bound_closure((name.clone(), name), pos, &prepared, values, true)
    }

    /// A builtin bound for later: its arguments are captured by value.
    fn bind_builtin(&mut self, builtin: Builtin, args: &'a [Expr], call: &'a Expr, kind: &str) -> Value {
        self.thunks += 1;
        let name = format!("{}.{kind}{}", self.name, self.thunks);
        let any = self.l.program.any_type();
        let mut values: Vec<(TypeId, Val)> = Vec::new();
        let to = (builtin == Builtin::Panic).then_some(any);
        let operands: Vec<_> = args.iter().map(|arg| (arg, to)).collect();
        self.order_all(&operands);
        for arg in args {
            let own = self.type_of(arg);
            let (ty, value) = if builtin == Builtin::Panic {
                (any, self.expr_to(arg, any))
            } else if builtin == Builtin::Delete && values.len() == 1 {
                let Kind::Map { key, .. } = self.l.program.kind(values[0].0) else { continue };
                (key, self.expr_to(arg, key))
            } else {
                (own, self.expr(arg))
            };
            let value = self.settle(ty, value);
            values.push((ty, value));
        }
        self.b.at(call.pos);
        let mut layout = ClosureLayout::default();
        let offsets: Vec<u64> = values.iter().map(|(ty, _)| self.room_in_closure(&mut layout, *ty)).collect();
        let symbol = self.l.unit.symbol(&name);
        let types: Vec<TypeId> = values.iter().map(|(ty, _)| *ty).collect();
        let made_offsets = offsets.clone();
        if self.l.define(symbol) {
            let pos = call.pos;
            self.l.pending.push_back(Pending::Made(Box::new(move |l: &mut Lowerer<'a>| {
                let mut func = Func::new(symbol, name.clone(), pos, crate::Sig::default());
                func.flags.mergeable = true;
                func.flags.wrapper = true;
                let abi = l.abi_sig(&[], &[]);
                let env = super::function::Env { pkg: l.pkg, file: 0, subst: Rc::default(), no_race: false };
                let facts = super::analyze::FunctionFacts::default();
                let mut f = FunctionLowerer::new(l, func, env, Rc::default(), facts, name.clone(), name, abi);
                let context = f.b.emit1(Ty::I64, crate::Inst::ClosureContext);
                let mut values = Vec::new();
                for (&ty, &at) in types.iter().zip(&made_offsets) {
                    let value = f.load_from(ty, context, at as i32, false);
                    values.push((ty, value));
                }
                f.builtin_later(builtin, &values);
                f.b.end(Term::Return(Vec::new()));
                let func = f.take();
                l.unit.funcs.push(func);
            })));
        }
        let object = self.closure_object(symbol, &layout);
        for ((ty, value), &at) in values.iter().zip(&offsets) {
            self.store_to(*ty, value, object, at as i32, false);
        }
        object
    }

    fn builtin_later(&mut self, builtin: Builtin, values: &[(TypeId, Val)]) {
        match (builtin, values) {
            (Builtin::Close, [(_, chan)]) => {
                self.call_runtime("runtime.closechan", &[chan.one()], &[]);
            }
            (Builtin::Panic, [(_, value)]) => self.panic_value(value),
            (Builtin::Print | Builtin::Println, _) => self.print(values, builtin == Builtin::Println),
            (Builtin::Delete, [(map_type, map), (_, key)]) => {
                let key_type = values[1].0;
                let key = self.in_memory(key_type, key);
                let descriptor = self.descriptor(*map_type);
                self.call_runtime("runtime.mapdelete", &[descriptor, map.one(), key], &[]);
            }
            (Builtin::Recover, _) => {
                self.recover();
            }
            (Builtin::Clear, [(ty, value)]) => {
                if let (Kind::Map { .. }, descriptor) = (self.l.program.kind(*ty), self.descriptor(*ty)) {
                    self.call_runtime("runtime.mapclear", &[descriptor, value.one()], &[]);
                }
            }
            (Builtin::Copy, [(ty, Val::Scalars(d)), (_, Val::Scalars(s))]) => {
                let elem = self.l.program.element(*ty);
                let size = self.layout(elem).size as i64;
                let shorter = self.b.cmp(crate::CmpOp::SLt, s[1], d[1]);
                let n = self.b.select(shorter, s[1], d[1]);
                let bytes = self.b.mul_imm(n, size);
                self.move_elements(elem, d[0], s[0], bytes);
            }
            _ => {}
        }
    }
}
