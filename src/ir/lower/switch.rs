//! Expression and type switches.

use super::function::{FunctionLowerer, Target};
use super::kinds::Kind;
use super::value::Val;
use crate::func::{BlockId, Ty};
use crate::inst::CmpOp;
use gorace_syntax::ast::*;

impl<'a> FunctionLowerer<'_, 'a> {
    pub fn switch(&mut self, s: &'a SwitchStmt) {
        let label = self.pending_label.take();
        if let Some(init) = &s.init {
            self.stmt(init);
        }
        let tag = s.tag.as_ref().map(|tag| {
            let ty = self.type_of(tag);
            self.order(tag);
            let value = self.expr(tag);
            let value = self.settle(ty, value);
            // Held in variables: case expressions may be calls, which end blocks.
            let variable = self.hidden_variable(ty);
            let place = self.variable_place(&variable);
            self.initialise(ty, &place, &value);
            (ty, variable)
        });
        let end = self.b.new_block();
        let bodies: Vec<BlockId> = s.cases.iter().map(|_| self.b.new_block()).collect();
        let mut default = end;
        for (case, &body) in s.cases.iter().zip(&bodies) {
            if case.is_default {
                default = body;
            }
            for e in &case.exprs {
                self.b.at(e.pos);
                let next = self.b.new_block();
                match &tag {
                    None => self.condition(e, body, next),
                    Some((ty, variable)) => {
                        let (ty, variable) = (*ty, variable.clone());
                        let own = self.type_of(e);
                        let is_nil = self.l.program.is_nil(self.env.pkg, self.env.file, e.id);
                        let place = self.variable_place(&variable);
                        let left = self.load(ty, &place);
                        let equal = if is_nil {
                            self.b.cmp_imm(CmpOp::Eq, left.one(), 0)
                        } else {
                            let left_interface = matches!(self.l.program.kind(ty), Kind::Interface { .. });
                            let right_interface = matches!(self.l.program.kind(own), Kind::Interface { .. });
                            let common = if right_interface && !left_interface { own } else { ty };
                            self.order(e);
                            let right = self.expr(e);
                            let right = self.convert_implicitly(right, own, common);
                            let place = self.variable_place(&variable);
                            let left = self.load(ty, &place);
                            let left = self.convert_implicitly(left, ty, common);
                            self.equal(common, &left, &right)
                        };
                        self.b.branch(equal, body, next);
                    }
                }
                self.b.switch_to(next);
            }
        }
        self.b.jump(default);
        self.clauses(label, end, s.cases.iter().zip(&bodies).map(|(c, &b)| (b, c)).collect());
    }

    fn clauses(&mut self, label: Option<Name>, end: BlockId, clauses: Vec<(BlockId, &'a CaseClause)>) {
        self.targets.push(Target { label, break_to: end, continue_to: None });
        for (i, (block, clause)) in clauses.iter().enumerate() {
            self.b.switch_to(*block);
            self.stmts(&clause.body);
            let falls = matches!(
                clause.body.last(),
                Some(Stmt { kind: StmtKind::Branch { kind: BranchKind::Fallthrough, .. }, .. })
            );
            match clauses.get(i + 1) {
                Some((next, _)) if falls => self.b.jump(*next),
                _ => self.b.jump(end),
            }
        }
        self.targets.pop();
        self.b.switch_to(end);
    }

    pub fn type_switch(&mut self, s: &'a TypeSwitchStmt) {
        let label = self.pending_label.take();
        if let Some(init) = &s.init {
            self.stmt(init);
        }
        let from = self.type_of(&s.x);
        self.order(&s.x);
        let value = self.expr(&s.x);
        let variable = self.hidden_variable(from);
        let place = self.variable_place(&variable);
        self.initialise(from, &place, &value);
        let end = self.b.new_block();
        let mut clauses = Vec::new();
        let mut default = None;
        for case in &s.cases {
            let body = self.b.new_block();
            let implicit = self.l.program.implicit(self.env.pkg, self.env.file, case.pos);
            if case.is_default {
                default = Some((body, case));
                clauses.push((body, case));
                continue;
            }
            let bind = match (implicit, case.exprs.len()) {
                (Some(obj), 1) => Some(obj),
                _ => None,
            };
            for e in &case.exprs {
                self.b.at(e.pos);
                let place = self.variable_place(&variable);
                let Val::Scalars(words) = self.load(from, &place) else { continue };
                let next = self.b.new_block();
                if self.l.program.is_nil(self.env.pkg, self.env.file, e.id) {
                    let nil = self.b.cmp_imm(CmpOp::Eq, words[0], 0);
                    let hit = self.b.new_block();
                    self.b.branch(nil, hit, next);
                    self.b.switch_to(hit);
                    if let Some(obj) = bind {
                        let value = Val::Scalars(words);
                        self.declare(obj, from, &value);
                    }
                    self.b.jump(body);
                    self.b.switch_to(next);
                    continue;
                }
                let to = self.type_of(e);
                let hit = self.b.new_block();
                if matches!(self.l.program.kind(to), Kind::Interface { .. }) {
                    let target = self.hidden_variable(to);
                    let target_place = self.variable_place(&target);
                    let ok = self.assert_into(from, &words, to, &target_place);
                    self.b.branch(ok, hit, next);
                    self.b.switch_to(hit);
                    if let Some(obj) = bind {
                        let value = self.load(to, &target_place);
                        self.declare(obj, to, &value);
                    }
                } else {
                    let wanted = self.type_word(from, to);
                    let same = self.b.cmp(CmpOp::Eq, words[0], wanted);
                    self.b.branch(same, hit, next);
                    self.b.switch_to(hit);
                    if let Some(obj) = bind {
                        let value = self.unbox(to, words[1]);
                        self.declare(obj, to, &value);
                    }
                }
                self.b.jump(body);
                self.b.switch_to(next);
            }
            clauses.push((body, case));
        }
        match default {
            Some((body, _)) => self.b.jump(body),
            None => self.b.jump(end),
        }
        // Clauses without a single type bind the operand itself: at the start of their bodies.
        self.targets.push(Target { label, break_to: end, continue_to: None });
        for (body, case) in clauses {
            self.b.switch_to(body);
            if let Some(obj) = self.l.program.implicit(self.env.pkg, self.env.file, case.pos)
                && (case.is_default || case.exprs.len() != 1)
            {
                let place = self.variable_place(&variable);
                let value = self.load(from, &place);
                self.declare(obj, from, &value);
            }
            self.stmts(&case.body);
            self.b.jump(end);
        }
        self.targets.pop();
        self.b.switch_to(end);
        let _ = Ty::I8;
    }
}
