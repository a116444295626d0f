//! `select`: the single-case forms by their own runtime calls, the general one through selectgo.

use super::function::{FunctionLowerer, Target};
use super::value::Val;
use crate::func::{BlockId, Ty, Value};
use crate::inst::CmpOp;
use gorace_syntax::ast::*;
use gorace_types::TypeId;

enum Case<'a> {
    Send { chan: Value, addr: Value },
    Receive { chan: Value, addr: Value, elem: TypeId, targets: Vec<&'a Expr>, define: bool },
}

impl<'a> FunctionLowerer<'_, 'a> {
    pub fn select(&mut self, s: &'a SelectStmt) {
        let label = self.pending_label.take();
        let end = self.b.new_block();
        if s.cases.is_empty() {
            self.call_runtime("runtime.block", &[], &[]);
            self.b.end(crate::Term::Unreachable);
            self.b.switch_to(end);
            return;
        }
        let mut default = None;
        let mut cases: Vec<(Case<'a>, &'a CommClause, BlockId)> = Vec::new();
        for clause in &s.cases {
            let body = self.b.new_block();
            let Some(comm) = &clause.comm else {
                default = Some((clause, body));
                continue;
            };
            self.b.at(comm.pos);
            let case = self.communication(comm);
            cases.push((case, clause, body));
        }
        self.b.at(s.lbrace);
        // Sends stand first for the runtime.
        let mut order: Vec<usize> = (0..cases.len()).collect();
        order.sort_by_key(|&i| !matches!(cases[i].0, Case::Send { .. }));
        let sends = cases.iter().filter(|(c, ..)| matches!(c, Case::Send { .. })).count();
        let list = self.b.temp(cases.len() as u64 * 16, 8);
        for (at, &i) in order.iter().enumerate() {
            let (chan, addr) = match &cases[i].0 {
                Case::Send { chan, addr } | Case::Receive { chan, addr, .. } => (*chan, *addr),
            };
            self.b.store_private(chan, list, at as i32 * 16);
            self.b.store_private(addr, list, at as i32 * 16 + 8);
        }
        let nil = self.b.i64(0);
        let nsends = self.b.i64(sends as i64);
        let nrecvs = self.b.i64((cases.len() - sends) as i64);
        let block = self.boolean(default.is_none());
        let args = [list, nil, nil, nsends, nrecvs, block];
        let chosen = self.call_runtime("runtime.selectgo", &args, &[Ty::I64, Ty::I8]);
        let (index, received) = (chosen[0], chosen[1]);
        for (at, &i) in order.iter().enumerate() {
            let is = self.b.cmp_imm(CmpOp::Eq, index, at as i64);
            let next = self.b.new_block();
            self.b.branch(is, cases[i].2, next);
            self.b.switch_to(next);
        }
        match default {
            Some((_, body)) => self.b.jump(body),
            None => self.b.end(crate::Term::Unreachable),
        }
        self.targets.push(Target { label, break_to: end, continue_to: None });
        for (case, clause, body) in cases {
            self.b.switch_to(body);
            if let Case::Receive { addr, elem, targets, define, .. } = case {
                for (i, target) in targets.into_iter().enumerate() {
                    if i == 0 {
                        let value = match self.load_from(elem, addr, 0, false) {
                            Val::Memory { addr, race, .. } => Val::Memory { addr, race, temporary: true },
                            scalars => scalars,
                        };
                        self.bind(target, define, elem, value);
                    } else {
                        let ty = self.l.program.bool_type();
                        self.bind(target, define, ty, Val::Scalars(vec![received]));
                    }
                }
            }
            self.stmts(&clause.body);
            self.b.jump(end);
        }
        if let Some((clause, body)) = default {
            self.b.switch_to(body);
            self.stmts(&clause.body);
            self.b.jump(end);
        }
        self.targets.pop();
        self.b.switch_to(end);
    }

    fn communication(&mut self, comm: &'a Stmt) -> Case<'a> {
        match &comm.kind {
            StmtKind::Send { chan, value, .. } => {
                let ty = self.type_of(chan);
                let elem = self.l.program.element(ty);
                self.order(chan);
                let chan = self.expr1(chan);
                self.order_to(value, elem);
                let value = self.expr_to(value, elem);
                let layout = self.layout(elem);
                let addr = self.b.temp(layout.size, layout.align);
                self.store_to(elem, &value, addr, 0, false);
                Case::Send { chan, addr }
            }
            StmtKind::Expr(e) => self.receive_case(e, Vec::new(), false),
            StmtKind::Define { lhs, rhs, .. } => self.receive_case(&rhs[0], lhs.iter().collect(), true),
            StmtKind::Assign { lhs, rhs, .. } => self.receive_case(&rhs[0], lhs.iter().collect(), false),
            _ => {
                let nil = self.b.i64(0);
                Case::Send { chan: nil, addr: nil }
            }
        }
    }

    fn receive_case(&mut self, e: &'a Expr, targets: Vec<&'a Expr>, define: bool) -> Case<'a> {
        match &e.kind {
            ExprKind::Paren(x) => self.receive_case(x, targets, define),
            ExprKind::Unary { x, .. } => {
                let ty = self.type_of(x);
                let elem = self.l.program.element(ty);
                self.order(x);
                let chan = self.expr1(x);
                let layout = self.layout(elem);
                let addr = self.b.temp(layout.size, layout.align);
                Case::Receive { chan, addr, elem, targets, define }
            }
            _ => {
                let nil = self.b.i64(0);
                Case::Send { chan: nil, addr: nil }
            }
        }
    }
}
