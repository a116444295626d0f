//! `for range` over functions.
//!
//! The body becomes a closure that gives true to go on and false to stop. Loops whose bodies lie within each other, down to one that lies
//! in no such body, are a *nest*. Its loops share `next`, which says what is to be done once the iterating functions have returned: 0
//! nothing, -1 return, k+1 the nest's k-th labelled branch. A statement that leaves more than its own loop sets `next` and gives
//! false; behind each call of an iterating function stands a test for every code that its body can leave: a target in the same function is
//! jumped to, others give false again, one loop further out. `return` assigns to the results of the enclosing function, which lie in boxes
//! then, before it sets `next`: what deferred functions see or an iterator's panic leaves behind is what was returned.
//!
//! Each loop has a `state`, by which an iterator that calls the body when it must not is found (Go's rangefunc rewrite defines it, as
//! internal/abi.RF_State):
//!
//! - Before the iterating function is called, and when the body asks for more, it is READY.
//! - The body finds READY and sets PANIC, which stays if it does not end normally. It panics if it finds something else.
//! - The body sets DONE when it gives false.
//! - Once the iterating function has returned, PANIC means that it swallowed the body's panic, which is a panic itself; the state then is
//!   EXHAUSTED.
//!
//! Both are variables that race checks see: a body that two goroutines call at once is a data race.

use super::function::{ClosureJob, FunctionLowerer};
use super::value::{Val, Variable};
use crate::func::{Ty, Value};
use crate::inst::{Callee, CmpOp, Term};
use gorace_syntax::ast::*;
use gorace_types::{ObjId, TypeId};
use std::rc::Rc;

/// What the loops of a nest share.
pub struct Nest {
    next: ObjId,
    /// The labelled branches in its bodies.
    branches: Vec<(BranchKind, Name)>,
    /// The record for what the bodies defer, made by the function with the outermost loop.
    pub defers: Option<ObjId>,
    /// The results of that function that a return statement in a body assigns to.
    pub results: Vec<(ObjId, TypeId)>,
}

/// The loop whose body is being lowered.
#[derive(Clone)]
pub struct RangeBody<'a> {
    stmt: &'a RangeStmt,
    label: Option<Name>,
    state: ObjId,
    pub nest: Rc<Nest>,
}

const DONE: i64 = 0;
const READY: i64 = 1;
const PANIC: i64 = 2;
const EXHAUSTED: i64 = 3;
const MISSING_PANIC: i64 = 4;

/// The value of `next` for a return statement.
const RETURN: i64 = -1;

impl<'a> FunctionLowerer<'_, 'a> {
    pub fn range_func(&mut self, s: &'a RangeStmt, label: Option<Name>, ty: TypeId) {
        let function = self.expr1(&s.x);
        let facts = self.analysis.functions.get(&s.body.pos).cloned().unwrap_or_default();
        let nest = match &self.range_body {
            Some(body) => body.nest.clone(),
            None => {
                let next = self.hidden_int("next", 0);
                let defers = self.record_for_body(s);
                let results = match facts.returns_values {
                    true => self.results.iter().filter_map(|r| Some((r.obj?, r.ty))).collect(),
                    false => Vec::new(),
                };
                Rc::new(Nest { next, branches: facts.branches.clone(), defers, results })
            }
        };
        let state = self.hidden_int("state", READY);
        let body = RangeBody { stmt: s, label: label.clone(), state, nest: nest.clone() };
        let yields = self.l.program.signature(ty).params[0];
        self.ranges += 1;
        let name = format!("{}-range{}", self.name, self.ranges);
        let go_name = format!("{}-range{}", self.go_name, self.ranges);
        let closure = self.range_closure(name, go_name, yields, body);
        self.b.at(s.range_pos);
        self.b.call(Callee::Closure(function), vec![closure], &[]);
        let left = self.load_int(state);
        let swallowed = self.b.cmp_imm(CmpOp::Eq, left, PANIC);
        let missing = self.b.i64(MISSING_PANIC);
        self.panic_if(swallowed, "runtime.panicrangestate", &[missing]);
        self.store_int(state, EXHAUSTED);
        self.act_on_next(&facts, label.as_ref(), &nest);
    }

    /// Goes where the statement wanted to go that left the body of the loop that has just ended.
    fn act_on_next(&mut self, body: &super::analyze::FunctionFacts, label: Option<&Name>, nest: &Nest) {
        let inside = |name: &Name| body.labels.contains(name) || body.inner_labels.contains(name);
        let own = |kind, name: &Name| kind != BranchKind::Goto && label == Some(name);
        let leaving =
            |kind, name: &Name| body.branches.contains(&(kind, name.clone())) && !inside(name) && !own(kind, name);
        let codes: Vec<(usize, &(BranchKind, Name))> =
            nest.branches.iter().enumerate().filter(|(_, (kind, name))| leaving(*kind, name)).collect();
        if codes.is_empty() && !body.returns {
            return;
        }
        let end = self.b.new_block();
        let left = self.b.new_block();
        let next = self.load_int(nest.next);
        let plain = self.b.cmp_imm(CmpOp::Eq, next, 0);
        self.b.branch(plain, end, left);
        self.b.switch_to(left);
        for (k, (kind, name)) in codes {
            let hit = self.b.new_block();
            let other = self.b.new_block();
            let is_this = self.b.cmp_imm(CmpOp::Eq, next, k as i64 + 1);
            self.b.branch(is_this, hit, other);
            self.b.switch_to(hit);
            if self.is_target(*kind, name) {
                self.store_int(nest.next, 0);
                self.branch_statement(*kind, Some(name));
            } else {
                self.give_more(false);
            }
            self.b.switch_to(other);
        }
        if body.returns {
            self.finish_return();
        } else {
            self.b.jump(end);
        }
        self.b.switch_to(end);
    }

    /// Whether the function being lowered can branch there itself.
    fn is_target(&self, kind: BranchKind, name: &Name) -> bool {
        match kind {
            BranchKind::Goto => self.facts.labels.contains(name),
            _ => {
                self.targets.iter().any(|t| t.label.as_ref() == Some(name))
                    || self.range_body.as_ref().is_some_and(|body| body.label.as_ref() == Some(name))
            }
        }
    }

    /// A variable of the lowering's own, in a box.
    fn hidden_int(&mut self, name: &str, value: i64) -> ObjId {
        let int = self.l.program.int_type();
        let obj = self.l.program.hidden_object(name, int);
        let object = self.new_object(int);
        if value != 0 {
            let value = self.b.i64(value);
            self.store_to(int, &Val::Scalars(vec![value]), object, 0, false);
        }
        let local = self.b.func.local(Ty::I64, None);
        self.b.set(local, object);
        self.variables.insert(obj, Variable::Boxed(local));
        obj
    }

    fn load_int(&mut self, obj: ObjId) -> Value {
        let int = self.l.program.int_type();
        let variable = self.variables[&obj].clone();
        let place = self.variable_place(&variable);
        self.load(int, &place).one()
    }

    fn store_int(&mut self, obj: ObjId, value: i64) {
        let int = self.l.program.int_type();
        let variable = self.variables[&obj].clone();
        let place = self.variable_place(&variable);
        let value = self.b.i64(value);
        self.store(int, &place, &Val::Scalars(vec![value]));
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
        let facts = self.analysis.functions.get(&body.stmt.body.pos).cloned().unwrap_or_default();
        let mut used = facts.captures;
        used.push(body.state);
        used.push(body.nest.next);
        used.extend(body.nest.defers);
        if facts.returns_values {
            used.extend(body.nest.results.iter().map(|(obj, _)| *obj));
        }
        if let Some(outer) = &self.range_body {
            used.push(outer.state);
        }
        let captured = self.capture(&used);
        if self.l.define(symbol) {
            let job = ClosureJob {
                symbol,
                name,
                go_name,
                env: self.env.clone(),
                analysis: self.analysis.clone(),
                signature,
                ty: None,
                body: &body.stmt.body,
                captures: captured.places(),
                range_body: Some(body),
            };
            self.l.pending.push_back(super::Pending::Closure(Box::new(job)));
        }
        self.closure_of(symbol, &captured)
    }

    /// The start of a body: the loop's variables get their values, and the state is looked at.
    pub fn enter_range_body(&mut self, values: Vec<(TypeId, Val)>) {
        let Some(body) = self.range_body.clone() else { return };
        self.results = self.nest_results(&body.nest);
        self.b.at(body.stmt.range_pos);
        // As in gc, variables that are assigned, not declared, change even when the state is wrong.
        for (e, (ty, value)) in [&body.stmt.key, &body.stmt.value].into_iter().zip(values) {
            if let Some(e) = e {
                self.bind(e, body.stmt.define, ty, value);
            }
        }
        self.b.at(body.stmt.range_pos);
        let state = self.load_int(body.state);
        self.store_int(body.state, PANIC);
        let wrong = self.b.cmp_imm(CmpOp::Ne, state, READY);
        self.panic_if(wrong, "runtime.panicrangestate", &[state]);
    }

    /// The results of the function with the nest, as return statements in its bodies assign to them.
    fn nest_results(&self, nest: &Nest) -> Vec<super::function::ResultVariable> {
        let known = nest.results.iter().filter_map(|&(obj, ty)| {
            let variable = self.variables.get(&obj)?.clone();
            Some(super::function::ResultVariable { obj: Some(obj), ty, variable })
        });
        known.collect()
    }

    /// Ends the body: true asks for the next iteration.
    pub fn give_more(&mut self, more: bool) {
        let Some(body) = self.range_body.clone() else { return };
        self.store_int(body.state, if more { READY } else { DONE });
        let more = self.boolean(more);
        self.b.end(Term::Return(vec![more]));
    }

    /// A branch whose target is not inside of the body.
    pub fn leave_range_body(&mut self, kind: BranchKind, label: Option<&Name>) {
        let Some(body) = self.range_body.clone() else { return };
        if kind != BranchKind::Goto && (label.is_none() || label == body.label.as_ref()) {
            return self.give_more(kind == BranchKind::Continue);
        }
        let code = body.nest.branches.iter().position(|(k, name)| *k == kind && Some(name) == label);
        if let Some(code) = code {
            self.store_int(body.nest.next, code as i64 + 1);
        }
        self.give_more(false);
    }

    /// `return` inside the body; the results have their values.
    pub fn return_from_range_body(&mut self) {
        let Some(body) = self.range_body.clone() else { return };
        self.store_int(body.nest.next, RETURN);
        self.give_more(false);
    }
}
