//! Terminating statements (Go spec, "Terminating statements"): whether control can reach a function body's end.

use crate::check::Checker;
use crate::store::Builtin;
use gorace_syntax::ast::{Block, BranchKind, Expr, ExprKind, Stmt, StmtKind};

impl Checker<'_> {
    pub fn is_terminating_block(&self, block: &Block) -> bool {
        self.is_terminating_list(&block.stmts)
    }

    fn is_terminating_list(&self, list: &[Stmt]) -> bool {
        list.iter()
            .rev()
            .find(|s| !matches!(s.kind, StmtKind::Empty))
            .is_some_and(|last| self.is_terminating(last, None))
    }

    fn is_terminating(&self, s: &Stmt, label: Option<&str>) -> bool {
        match &s.kind {
            StmtKind::Labeled { label, stmt } => self.is_terminating(stmt, Some(&label.name)),
            StmtKind::Expr(e) => self.is_panic_call(e),
            StmtKind::Return { .. } => true,
            StmtKind::Branch { kind, .. } => matches!(kind, BranchKind::Goto | BranchKind::Fallthrough),
            StmtKind::Block(block) => self.is_terminating_block(block),
            StmtKind::If(s) => {
                s.els.as_ref().is_some_and(|els| self.is_terminating(els, None)) && self.is_terminating_block(&s.then)
            }
            StmtKind::Switch(s) => self.are_terminating(s.cases.iter().map(|c| (c.is_default, &c.body[..])), label),
            StmtKind::TypeSwitch(s) => self.are_terminating(s.cases.iter().map(|c| (c.is_default, &c.body[..])), label),
            StmtKind::Select(s) => {
                s.cases.iter().all(|c| self.is_terminating_list(&c.body) && !has_break_list(&c.body, label, true))
            }
            StmtKind::For(s) => s.cond.is_none() && !has_break_list(&s.body.stmts, label, true),
            _ => false,
        }
    }

    /// A switch: all clauses end it, and one of them is always taken.
    fn are_terminating<'s>(&self, cases: impl Iterator<Item = (bool, &'s [Stmt])>, label: Option<&str>) -> bool {
        let mut has_default = false;
        for (is_default, body) in cases {
            has_default |= is_default;
            if !self.is_terminating_list(body) || has_break_list(body, label, true) {
                return false;
            }
        }
        has_default
    }

    fn is_panic_call(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Paren(x) => self.is_panic_call(x),
            ExprKind::Call { fun, .. } => {
                let callee = crate::assignments::unparen(fun);
                self.info[self.file].builtins.get(&callee.id) == Some(&Builtin::Panic)
            }
            _ => false,
        }
    }
}

fn has_break_list(list: &[Stmt], label: Option<&str>, implicit: bool) -> bool {
    list.iter().any(|s| has_break(s, label, implicit))
}

/// Whether a statement holds a `break` out of the statement in question: to its label, or (`implicit`) without one.
fn has_break(s: &Stmt, label: Option<&str>, implicit: bool) -> bool {
    match &s.kind {
        StmtKind::Labeled { stmt, .. } => has_break(stmt, label, implicit),
        StmtKind::Branch { kind: BranchKind::Break, label: to } => match to {
            None => implicit,
            Some(to) => label == Some(to.name.as_str()),
        },
        StmtKind::Block(block) => has_break_list(&block.stmts, label, implicit),
        StmtKind::If(s) => {
            has_break_list(&s.then.stmts, label, implicit)
                || s.els.as_ref().is_some_and(|els| has_break(els, label, implicit))
        }
        // Inside these an unlabelled break is theirs.
        _ if label.is_none() => false,
        StmtKind::Switch(s) => s.cases.iter().any(|c| has_break_list(&c.body, label, false)),
        StmtKind::TypeSwitch(s) => s.cases.iter().any(|c| has_break_list(&c.body, label, false)),
        StmtKind::Select(s) => s.cases.iter().any(|c| has_break_list(&c.body, label, false)),
        StmtKind::For(s) => has_break_list(&s.body.stmts, label, false),
        StmtKind::Range(s) => has_break_list(&s.body.stmts, label, false),
        _ => false,
    }
}
