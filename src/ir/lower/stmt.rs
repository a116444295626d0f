//! Statements other than assignments, range, switch, select, go and defer.

use super::function::{FunctionLowerer, Target};
use super::value::{Place, Val};
use crate::func::{BlockId, Ty};
use gorace_syntax::ast::*;
use gorace_types::TypeId;

impl<'a> FunctionLowerer<'_, 'a> {
    pub fn block(&mut self, block: &'a Block) {
        self.stmts(&block.stmts);
    }

    pub fn stmts(&mut self, stmts: &'a [Stmt]) {
        for s in stmts {
            self.stmt(s);
        }
    }

    pub fn stmt(&mut self, s: &'a Stmt) {
        self.b.at(s.pos);
        match &s.kind {
            StmtKind::Bad | StmtKind::Empty => {}
            StmtKind::Decl(decls) => {
                for decl in decls {
                    if let Decl::Var(var) = decl {
                        self.var_decl(var);
                    }
                }
            }
            StmtKind::Labeled { label, stmt } => {
                let block = self.label_block(&label.name);
                self.b.start(block);
                self.pending_label = Some(label.name.clone());
                self.stmt(stmt);
                self.pending_label = None;
            }
            StmtKind::Expr(e) => self.expression_statement(e),
            StmtKind::Send { chan, value, .. } => self.send(s, chan, value),
            StmtKind::IncDec { x, inc, .. } => self.inc_dec(x, *inc),
            StmtKind::Assign { lhs, op: Some(op), op_pos, rhs } => self.op_assign(&lhs[0], *op, *op_pos, &rhs[0]),
            StmtKind::Assign { lhs, op: None, rhs, .. } => self.assign(lhs, rhs),
            StmtKind::Define { lhs, rhs, .. } => self.define(lhs, rhs),
            StmtKind::Go { call } => self.go_statement(call),
            StmtKind::Defer { call } => self.defer_statement(call),
            StmtKind::Return { results } => self.return_statement(results),
            StmtKind::Branch { kind, label } => self.branch_statement(*kind, label.as_ref().map(|l| &l.name)),
            StmtKind::Block(block) => {
                // A labelled block can be left by break.
                let label = self.pending_label.take();
                if label.is_some() {
                    let end = self.b.new_block();
                    self.targets.push(Target { label, break_to: end, continue_to: None });
                    self.block(block);
                    self.targets.pop();
                    self.b.start(end);
                } else {
                    self.block(block);
                }
            }
            StmtKind::If(s) => self.if_statement(s),
            StmtKind::Switch(s) => self.switch(s),
            StmtKind::TypeSwitch(s) => self.type_switch(s),
            StmtKind::Select(s) => self.select(s),
            StmtKind::For(s) => self.for_statement(s),
            StmtKind::Range(s) => self.range(s),
        }
    }

    fn label_block(&mut self, name: &Name) -> BlockId {
        if let Some(&known) = self.labels.get(name) {
            return known;
        }
        let block = self.b.new_block();
        self.labels.insert(name.clone(), block);
        block
    }

    fn var_decl(&mut self, var: &'a VarDecl) {
        if var.values.is_empty() {
            for name in &var.names {
                let Some(obj) = self.object(name.id) else { continue };
                let ty = self.l.program.object_type(obj);
                let ty = self.subst(ty);
                self.b.at(name.pos);
                self.declare_zero(obj, ty);
            }
            return;
        }
        let values = self.initial_values(var);
        for (name, (ty, value)) in var.names.iter().zip(values) {
            self.define_name(name.id, &name.name, ty, value);
        }
    }

    pub fn declare_zero(&mut self, obj: gorace_types::ObjId, ty: TypeId) {
        let variable = self.new_variable(obj, ty);
        if !matches!(variable, super::value::Variable::Boxed(_)) {
            match self.variable_place(&variable) {
                Place::Memory { addr, .. } => {
                    let layout = self.layout(ty);
                    self.zero_private(addr, layout.size, layout.align);
                }
                place => {
                    let zero = self.zero_value(ty);
                    self.store(ty, &place, &zero);
                }
            }
        }
        self.variables.insert(obj, variable);
    }

    pub fn define_name(&mut self, id: NodeId, name: &Name, from: TypeId, value: Val) {
        if name == "_" {
            return;
        }
        let Some(obj) = self.object(id) else { return };
        let ty = self.l.program.object_type(obj);
        let ty = self.subst(ty);
        let value = self.convert_implicitly(value, from, ty);
        self.declare(obj, ty, &value);
    }

    /// The values that variables are declared with.
    fn initial_values(&mut self, var: &'a VarDecl) -> Vec<(TypeId, Val)> {
        if let ([e], true) = (&var.values[..], var.names.len() > 1) {
            let values = self.several(e, var.names.len());
            return values.into_iter().map(|(ty, value)| (ty, self.settle(ty, value))).collect();
        }
        let mut operands = Vec::with_capacity(var.values.len());
        for (name, e) in var.names.iter().zip(&var.values) {
            let ty = self.object(name.id).map(|obj| self.l.program.object_type(obj));
            operands.push((e, ty.map(|ty| self.subst(ty))));
        }
        self.order_all(&operands);
        let mut values = Vec::with_capacity(operands.len());
        for e in &var.values {
            let ty = self.type_of(e);
            let value = self.expr(e);
            let value = if var.values.len() > 1 { self.settle(ty, value) } else { value };
            values.push((ty, value));
        }
        values
    }

    fn expression_statement(&mut self, e: &'a Expr) {
        match &e.kind {
            ExprKind::Paren(x) => self.expression_statement(x),
            ExprKind::Call { .. } => {
                self.call(e);
            }
            _ => {
                self.expr(e);
            }
        }
    }

    fn send(&mut self, s: &Stmt, chan: &'a Expr, value: &'a Expr) {
        let ty = self.type_of(chan);
        let elem = self.l.program.element(ty);
        self.order_all(&[(chan, None), (value, Some(elem))]);
        if !self.has_address(value) {
            // What has no address is copied for the runtime first.
            self.keep(value);
        }
        let chan = self.expr1(chan);
        let value = self.expr_to(value, elem);
        self.b.at(s.pos);
        let addr = self.in_memory(elem, &value);
        self.call_runtime("runtime.chansend1", &[chan, addr], &[]);
    }

    fn if_statement(&mut self, s: &'a IfStmt) {
        if let Some(init) = &s.init {
            self.stmt(init);
        }
        let then = self.b.new_block();
        let end = self.b.new_block();
        let els = if s.els.is_some() { self.b.new_block() } else { end };
        match self.l.program.constant(self.env.pkg, self.env.file, s.cond.id) {
            Some(value) => {
                let to = if value.as_bool() { then } else { els };
                self.b.jump(to);
            }
            None => self.condition(&s.cond, then, els),
        }
        self.b.switch_to(then);
        self.block(&s.then);
        if let Some(other) = &s.els {
            let reachable = self.b.reachable;
            if reachable {
                self.b.jump(end);
            }
            self.b.switch_to(els);
            self.stmt(other);
        }
        self.b.start(end);
    }

    fn for_statement(&mut self, s: &'a ForStmt) {
        let label = self.pending_label.take();
        if let Some(init) = &s.init {
            self.stmt(init);
        }
        let per_iteration = self.loop_variables(s.init.as_ref());
        let head = self.b.new_block();
        let body = self.b.new_block();
        let next = self.b.new_block();
        let end = self.b.new_block();
        self.b.start(head);
        match &s.cond {
            Some(cond) => self.condition(cond, body, end),
            None => self.b.jump(body),
        }
        self.b.switch_to(body);
        self.targets.push(Target { label, break_to: end, continue_to: Some(next) });
        self.block(&s.body);
        self.targets.pop();
        self.b.start(next);
        // Each iteration has its own copy of the loop's variables (Go 1.22), made before the post statement.
        for (obj, ty) in per_iteration {
            let old = self.variables[&obj].clone();
            let place = self.variable_place(&old);
            let value = self.load(ty, &place);
            if let super::value::Variable::Boxed(local) = old {
                let fresh = self.new_object(ty);
                self.store_to(ty, &value, fresh, 0, false);
                self.b.set(local, fresh);
            }
        }
        if let Some(post) = &s.post {
            self.stmt(post);
        }
        self.b.emit(crate::Inst::Preempt);
        self.b.jump(head);
        self.b.switch_to(end);
    }

    /// The loop's own variables that live in boxes, where each iteration has its own.
    fn loop_variables(&mut self, init: Option<&'a Stmt>) -> Vec<(gorace_types::ObjId, TypeId)> {
        let mut out = Vec::new();
        if !self.l.program.per_iteration_variables(self.env.pkg, self.env.file) {
            return out;
        }
        let Some(Stmt { kind: StmtKind::Define { lhs, .. }, .. }) = init else { return out };
        for e in lhs {
            if let Some(obj) = self.object(e.id)
                && matches!(self.variables.get(&obj), Some(super::value::Variable::Boxed(_)))
            {
                let ty = self.l.program.object_type(obj);
                out.push((obj, self.subst(ty)));
            }
        }
        out
    }

    pub fn branch_statement(&mut self, kind: BranchKind, name: Option<&Name>) {
        match kind {
            BranchKind::Goto => {
                if let Some(name) = name {
                    if self.range_body.is_some() && !self.facts.labels.contains(name) {
                        return self.leave_range_body(kind, Some(name));
                    }
                    let block = self.label_block(name);
                    self.b.emit(crate::Inst::Preempt);
                    self.b.jump(block);
                }
            }
            BranchKind::Break => {
                let target = self.targets.iter().rev().find(|t| name.is_none_or(|n| t.label.as_ref() == Some(n)));
                match target.map(|t| t.break_to) {
                    Some(to) => self.b.jump(to),
                    None => self.leave_range_body(kind, name),
                }
            }
            BranchKind::Continue => {
                let target = self
                    .targets
                    .iter()
                    .rev()
                    .filter(|t| t.continue_to.is_some())
                    .find(|t| name.is_none_or(|n| t.label.as_ref() == Some(n)));
                match target.and_then(|t| t.continue_to) {
                    Some(to) => self.b.jump(to),
                    None => self.leave_range_body(kind, name),
                }
            }
            // The switch lowers it: the clause's end falls into the next clause.
            BranchKind::Fallthrough => {}
        }
    }

    fn return_statement(&mut self, results: &'a [Expr]) {
        let declared = self.results.clone();
        let must_store = self.defer_slot.is_some()
            || self.range_body.is_some()
            || declared
                .iter()
                .any(|r| !matches!(r.variable, super::value::Variable::Locals(_) | super::value::Variable::Slot(_)));
        if results.is_empty() {
            return self.finish_return();
        }
        if results.len() == 1 && declared.len() > 1 {
            let mut values = self.multi(&results[0]);
            for ((ty, value), result) in values.iter_mut().zip(&declared) {
                *value = self.convert_implicitly(value.clone(), *ty, result.ty);
                *ty = result.ty;
            }
            if !must_store {
                return self.return_values(values);
            }
            for ((ty, value), result) in values.iter().zip(&declared) {
                let place = self.variable_place(&result.variable);
                self.store(*ty, &place, value);
            }
            return self.finish_return();
        }
        let operands: Vec<_> = results.iter().zip(&declared).map(|(e, result)| (e, Some(result.ty))).collect();
        self.order_all(&operands);
        if must_store {
            self.assign_results(results, &declared);
            return self.finish_return();
        }
        let mut values = Vec::with_capacity(results.len());
        for (e, result) in results.iter().zip(&declared) {
            values.push((result.ty, self.expr_to(e, result.ty)));
        }
        self.return_values(values);
    }

    /// An I8 0 or 1.
    pub fn boolean(&mut self, value: bool) -> crate::Value {
        self.b.int(Ty::I8, i64::from(value))
    }
}
