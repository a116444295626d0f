//! Statements (Go spec, "Statements").
//!
//! Whether `break`, `continue` and `fallthrough` are allowed is passed down as a set of flags; labelled ones are left to
//! `labels`. `range` and the switches are in files of their own.

use crate::assignments::{Receiver, unparen};
use crate::check::{Checker, place};
use crate::codes::Code;
use crate::spelling::Goal;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{self, BinaryOp, Block, BranchKind, Expr, ExprKind, Stmt, StmtKind};
use gorace_syntax::printer::expr_string;

/// What kind of expression stands as a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Conversion,
    Expression,
    Statement,
}

/// What a statement may jump to without a label.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Context {
    pub break_ok: bool,
    pub continue_ok: bool,
    pub fallthrough_ok: bool,
    pub final_case: bool,
    pub in_type_switch: bool,
}

impl Context {
    /// For statements inside another one.
    pub fn inner(self) -> Context {
        Context { fallthrough_ok: false, final_case: false, in_type_switch: false, ..self }
    }
}

impl<'a> Checker<'a> {
    /// Checks a function body in the environment that has been set up for it.
    pub fn body_statements(&mut self, body: &'a Block) {
        self.stmt_list(Context::default(), &body.stmts);
        if self.env.has_label {
            self.labels(body);
        }
        let has_results = self.env.signature.as_ref().is_some_and(|s| !s.results.is_empty());
        if has_results && !self.is_terminating_block(body) {
            self.error(body.rbrace, Code::MissingReturn, "missing return");
        }
    }

    pub fn stmt_list(&mut self, context: Context, list: &'a [Stmt]) {
        let inner = Context { fallthrough_ok: false, ..context };
        // Empty statements at the end don't keep a fallthrough from being last.
        let end = list.iter().rposition(|s| !matches!(s.kind, StmtKind::Empty)).map_or(0, |last| last + 1);
        for (i, s) in list[..end].iter().enumerate() {
            let last = i + 1 == end;
            self.stmt(Context { fallthrough_ok: context.fallthrough_ok && last, ..inner }, s);
        }
    }

    pub fn block(&mut self, context: Context, block: &'a Block) {
        self.in_scope(|c| c.stmt_list(context, &block.stmts));
    }

    fn simple_stmt(&mut self, s: Option<&'a Stmt>) {
        if let Some(s) = s {
            self.stmt(Context::default(), s);
        }
    }

    /// Checks a statement and what it delays: function literals, and what types must be once they are known.
    pub fn stmt(&mut self, context: Context, s: &'a Stmt) {
        let top = self.delayed.len();
        self.stmt_now(context, s);
        self.process_delayed(top);
    }

    fn stmt_now(&mut self, context: Context, s: &'a Stmt) {
        let inner = context.inner();
        match &s.kind {
            StmtKind::Bad | StmtKind::Empty => {}
            StmtKind::Decl(decls) => self.decl_stmt(decls),
            StmtKind::Labeled { stmt, .. } => {
                self.env.has_label = true;
                self.stmt(context, stmt);
            }
            StmtKind::Expr(e) => self.expr_stmt(e),
            StmtKind::Send { chan, value, .. } => self.send_stmt(s.pos, chan, value),
            StmtKind::IncDec { x: e, inc, .. } => self.inc_dec(e, *inc),
            StmtKind::Assign { lhs, op: None, rhs, .. } => self.assign_vars(lhs, rhs),
            StmtKind::Assign { lhs, op: Some(op), op_pos, rhs } => match (&lhs[..], &rhs[..]) {
                ([l], [r]) => self.op_assign(*op, *op_pos, l, r),
                // The parser has refused it.
                _ => drop([lhs, rhs].map(|side| self.use_exprs(side))),
            },
            StmtKind::Define { lhs, op_pos, rhs } => self.short_var_decl(*op_pos, lhs, rhs),
            StmtKind::Go { call } => self.suspended_call("go", call),
            StmtKind::Defer { call } => self.suspended_call("defer", call),
            StmtKind::Return { results } => self.return_stmt(s.pos, results),
            StmtKind::Branch { label: Some(_), .. } => self.env.has_label = true,
            StmtKind::Branch { kind, label: None } => self.branch(context, *kind, s.pos),
            StmtKind::Block(block) => self.block(inner, block),
            StmtKind::If(i) => self.in_scope(|c| {
                c.simple_stmt(i.init.as_ref());
                c.condition(&i.cond, "if");
                c.block(inner, &i.then);
                if let Some(els) = &i.els {
                    c.stmt(inner, els);
                }
            }),
            StmtKind::Switch(switch) => self.in_scope(|c| {
                c.simple_stmt(switch.init.as_ref());
                c.switch_stmt(Context { break_ok: true, ..inner }, switch);
            }),
            StmtKind::TypeSwitch(switch) => self.in_scope(|c| {
                c.simple_stmt(switch.init.as_ref());
                c.type_switch_stmt(Context { break_ok: true, in_type_switch: true, ..inner }, switch);
            }),
            StmtKind::Select(select) => self.select_stmt(Context { break_ok: true, ..inner }, select),
            StmtKind::For(f) => self.in_scope(|c| {
                c.simple_stmt(f.init.as_ref());
                if let Some(cond) = &f.cond {
                    c.condition(cond, "for");
                }
                c.simple_stmt(f.post.as_ref());
                if let Some(StmtKind::Define { lhs, .. }) = f.post.as_ref().map(|p| &p.kind) {
                    // The parser has reported it: what it declares is not unused as well.
                    c.use_exprs(lhs);
                }
                c.block(Context { break_ok: true, continue_ok: true, ..inner }, &f.body);
            }),
            StmtKind::Range(range) => {
                self.range_stmt(Context { break_ok: true, continue_ok: true, ..inner }, s.pos, range);
            }
        }
    }

    fn condition(&mut self, e: &'a Expr, statement: &str) {
        let x = self.expr(e, None);
        if !x.is_invalid() && !self.store.all_basic(x.ty, Basic::is_boolean) {
            self.error(e.pos, Code::InvalidCond, format!("non-boolean condition in {statement} statement"));
        }
    }

    fn send_stmt(&mut self, pos: Pos, chan: &'a Expr, value: &'a Expr) {
        let ch = self.expr(chan, None);
        let mut x = self.generic_expr(value, None);
        if ch.is_invalid() || x.is_invalid() {
            return;
        }
        if let Some(elem) = self.chan_elem(pos, &ch, false) {
            self.goal = Some(Goal::Element(chan));
            self.assignment(&mut x, Some(elem), "send");
        }
    }

    fn inc_dec(&mut self, e: &'a Expr, inc: bool) {
        let mut x = self.expr(e, None);
        if x.is_invalid() {
            return;
        }
        if !self.store.all_basic(x.ty, Basic::is_numeric) {
            let (text, ty) = (expr_string(e), self.show_of(&x));
            let op = if inc { "++" } else { "--" };
            let message = format!("invalid operation: {text}{op} (non-numeric type {ty})");
            self.error(e.pos, Code::NonNumericIncDec, message);
            return;
        }
        self.assign_operand(e, &mut x, "assignment");
    }

    fn expr_stmt(&mut self, e: &'a Expr) {
        let x = self.raw(e, None, None, false);
        let (code, message) = match x.mode {
            Mode::Builtin => (Code::UncalledBuiltin, "must be called"),
            Mode::TypeExpr => (Code::NotAnExpr, "is not an expression"),
            Mode::Invalid => return,
            _ if self.form(e) == Form::Statement => return,
            _ => (Code::UnusedExpr, "is not used"),
        };
        let what = self.describe(&x);
        self.error(x.pos(), code, format!("{what} {message}"));
    }

    /// `l op= r`
    fn op_assign(&mut self, op: BinaryOp, op_pos: Pos, l: &'a Expr, r: &'a Expr) {
        let (x, y) = (self.expr(l, None), self.expr(r, None));
        let mut x = self.binary(None, op, op_pos, x, y, r);
        self.assign_operand(l, &mut x, "assignment");
    }

    /// How an expression that has been checked may stand as a statement.
    fn form(&self, e: &Expr) -> Form {
        match &e.kind {
            ExprKind::Paren(x) => self.form(x),
            ExprKind::Unary { op: ast::UnaryOp::Recv, .. } => Form::Statement,
            ExprKind::Call { fun, .. } => {
                let info = &self.info[self.file];
                if info.types[fun.id.index()].mode == Mode::TypeExpr {
                    return Form::Conversion;
                }
                use Builtin::*;
                match info.builtins.get(&unparen(fun).id) {
                    None | Some(Clear | Close | Copy | Delete | Panic | Print | Println | Recover) => Form::Statement,
                    Some(_) => Form::Expression,
                }
            }
            _ => Form::Expression,
        }
    }

    fn suspended_call(&mut self, keyword: &str, call: &'a Expr) {
        let mut code = if keyword == "go" { Code::InvalidGo } else { Code::InvalidDefer };
        if !matches!(call.kind, ExprKind::Call { .. }) {
            self.error(call.pos, code, format!("expression in {keyword} must be function call"));
            self.use_exprs(std::slice::from_ref(call));
            return;
        }
        let x = self.raw(call, None, None, false);
        if x.is_invalid() {
            return;
        }
        let message = match self.form(call) {
            Form::Statement => return,
            Form::Conversion => "requires function call, not conversion",
            Form::Expression => {
                code = Code::UnusedResults;
                "discards result of"
            }
        };
        let what = self.describe(&x);
        self.error(x.pos(), code, format!("{keyword} {message} {what}"));
    }

    fn return_stmt(&mut self, pos: Pos, results: &'a [Expr]) {
        let Some(signature) = self.env.signature.clone() else { return };
        let names = self.env.result_names.clone();
        let named = names.first().is_some_and(Option::is_some);
        if results.is_empty() && !signature.results.is_empty() && named {
            let scope = self.scope();
            for &obj in names.iter().flatten() {
                let name = self.store.object(obj).name.clone();
                let Some(found) = self.store.lookup(scope, &name).filter(|&found| found != obj && name != "_") else {
                    continue;
                };
                let (at, ty) = (self.store.object(found).pos, self.show(self.store.object(obj).ty));
                let more = [(at, format!("inner declaration of var {name} {ty}"))];
                let message = format!("result parameter {name} not in scope at return");
                self.error_with(pos, Code::OutOfScopeResult, message, &more);
            }
            return;
        }
        let receiver = |(i, &ty): (usize, &TypeId)| Receiver {
            obj: names.get(i).copied().flatten(),
            ty: Some(ty),
            result: Some(i),
        };
        let receivers: Vec<Receiver> = signature.results.iter().enumerate().map(receiver).collect();
        if results.is_empty() && receivers.is_empty() {
            return;
        }
        self.init_receivers(&receivers, results, Some(pos));
    }

    fn branch(&mut self, context: Context, kind: BranchKind, pos: Pos) {
        let fixture = self.config.fixture;
        let (code, message) = match kind {
            BranchKind::Break if !context.break_ok => {
                let gc = "break is not in a loop, switch, or select";
                (Code::MisplacedBreak, if fixture { "break not in for, switch, or select statement" } else { gc })
            }
            BranchKind::Continue if !context.continue_ok => {
                let gc = "continue is not in a loop";
                (Code::MisplacedContinue, if fixture { "continue not in for statement" } else { gc })
            }
            BranchKind::Fallthrough if !context.fallthrough_ok => {
                let message = if context.final_case {
                    "cannot fallthrough final case in switch"
                } else if context.in_type_switch {
                    "cannot fallthrough in type switch"
                } else {
                    "fallthrough statement out of place"
                };
                (Code::MisplacedFallthrough, message)
            }
            _ => return,
        };
        self.error(pos, code, message);
    }

    fn select_stmt(&mut self, context: Context, select: &'a ast::SelectStmt) {
        let mut default: Option<Pos> = None;
        for clause in &select.cases {
            if clause.comm.is_some() {
                continue;
            }
            match default {
                Some(first) => {
                    let message = format!("multiple defaults (first at {})", place(first));
                    self.error(clause.pos, Code::DuplicateDefault, message);
                }
                None => default = Some(clause.pos),
            }
        }
        for clause in &select.cases {
            let receive = |e: &Expr| matches!(unparen(e).kind, ExprKind::Unary { op: ast::UnaryOp::Recv, .. });
            let valid = match clause.comm.as_ref().map(|s| &s.kind) {
                None | Some(StmtKind::Send { .. }) => true,
                Some(StmtKind::Expr(e)) => receive(e),
                Some(StmtKind::Assign { op: None, rhs, .. } | StmtKind::Define { rhs, .. }) => {
                    rhs.len() == 1 && receive(&rhs[0])
                }
                _ => false,
            };
            if !valid {
                let pos = clause.comm.as_ref().map_or(clause.pos, |s| s.pos);
                let message = "select case must be send or receive (possibly with assignment)";
                self.error(pos, Code::InvalidSelectCase, message);
                continue;
            }
            self.in_scope(|c| {
                if let Some(comm) = &clause.comm {
                    c.stmt(context, comm);
                }
                c.stmt_list(context, &clause.body);
            });
        }
    }
}
