//! Statements (Go spec, "Statements").
//!
//! Whether `break`, `continue` and `fallthrough` are allowed is passed down as a set of flags; labelled ones are left to
//! `labels`. `range` and the switches are in files of their own.

use crate::assignments::{Receiver, unparen};
use crate::check::Checker;
use crate::operand::Operand;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{self, BinaryOp, Block, BranchKind, ConstDecl, Decl, Expr, ExprKind, Stmt, StmtKind, VarDecl};
use gorace_syntax::printer::{binary_op, expr_string};

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
            self.error(body.rbrace, "missing return");
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

    pub fn stmt(&mut self, context: Context, s: &'a Stmt) {
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
            StmtKind::Assign { lhs, op: Some(op), rhs, .. } => match (&lhs[..], &rhs[..]) {
                ([l], [r]) => self.op_assign(*op, l, r),
                _ => {
                    let op = binary_op(*op);
                    self.error(s.pos, format!("assignment operation {op}= requires single-valued expressions"));
                }
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
            self.error(e.pos, format!("non-boolean condition in {statement} statement"));
        }
    }

    fn send_stmt(&mut self, pos: Pos, chan: &'a Expr, value: &'a Expr) {
        let ch = self.expr(chan, None);
        let elem = if ch.is_invalid() { None } else { self.sent_elem(pos, &ch) };
        let mut x = self.expr(value, elem);
        if let Some(elem) = elem
            && !x.is_invalid()
        {
            self.assignment(&mut x, Some(elem), "send");
        }
    }

    fn inc_dec(&mut self, e: &'a Expr, inc: bool) {
        let mut x = self.expr(e, None);
        if x.is_invalid() {
            return;
        }
        if !self.store.all_basic(x.ty, Basic::is_numeric) {
            let (text, ty) = (expr_string(e), self.show(x.ty));
            let op = if inc { "++" } else { "--" };
            self.error(e.pos, format!("invalid operation: {text}{op} (non-numeric type {ty})"));
            return;
        }
        self.assign_operand(e, &mut x, "assignment");
    }

    fn expr_stmt(&mut self, e: &'a Expr) {
        let x = self.raw(e, None, false);
        let message = match x.mode {
            Mode::Builtin => "must be called",
            Mode::TypeExpr => "is not an expression",
            Mode::Invalid => return,
            _ if self.form(e) == Form::Statement => return,
            _ => "is not used",
        };
        let what = self.describe(&x);
        self.error(x.pos(), format!("{what} {message}"));
    }

    /// `l op= r`
    fn op_assign(&mut self, op: BinaryOp, l: &'a Expr, r: &'a Expr) {
        let (mut x, mut y) = (self.expr(l, None), self.expr(r, None));
        if x.is_invalid() || y.is_invalid() {
            return;
        }
        if !matches!(op, BinaryOp::Shl | BinaryOp::Shr) {
            self.match_types(&mut x, &mut y);
            if x.is_invalid() || y.is_invalid() {
                return;
            }
            if x.ty != y.ty {
                let (a, b) = (self.show(x.ty), self.show(y.ty));
                let (l_text, r_text, op) = (expr_string(l), expr_string(r), binary_op(op));
                let message = format!("invalid operation: {l_text} {op}= {r_text} (mismatched types {a} and {b})");
                self.error(x.pos(), message);
                return;
            }
        }
        let mut x = self.binary_operands(l, op, l.pos, x, y);
        self.assign_operand(l, &mut x, "assignment");
    }

    /// The element type of a channel that is sent to.
    fn sent_elem(&mut self, pos: Pos, ch: &Operand<'a>) -> Option<TypeId> {
        let problem = match self.chan_of(ch.ty) {
            Some((ast::ChanDir::Recv, _)) => "receive-only channel",
            Some((_, elem)) => return Some(elem),
            None => "non-channel",
        };
        let what = self.describe(ch);
        self.error(pos, format!("invalid operation: cannot send to {problem} {what}"));
        None
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
        if !matches!(call.kind, ExprKind::Call { .. }) {
            self.error(call.pos, format!("expression in {keyword} must be function call"));
            self.use_exprs(std::slice::from_ref(call));
            return;
        }
        let x = self.raw(call, None, false);
        if x.is_invalid() {
            return;
        }
        let message = match self.form(call) {
            Form::Statement => return,
            Form::Conversion => "requires function call, not conversion",
            Form::Expression => "discards result of",
        };
        let what = self.describe(&x);
        self.error(x.pos(), format!("{keyword} {message} {what}"));
    }

    fn return_stmt(&mut self, pos: Pos, results: &'a [Expr]) {
        let Some(signature) = self.env.signature.clone() else { return };
        let names = self.env.result_names.clone();
        let named = names.first().is_some_and(Option::is_some);
        if results.is_empty() && !signature.results.is_empty() && named {
            let scope = self.scope();
            for &obj in names.iter().flatten() {
                let name = self.store.object(obj).name.clone();
                if name != "_" && self.store.lookup(scope, &name).is_some_and(|found| found != obj) {
                    self.error(pos, format!("result parameter {name} not in scope at return"));
                }
            }
            return;
        }
        let receivers: Vec<Receiver> =
            signature.results.iter().map(|&ty| Receiver { obj: None, ty: Some(ty) }).collect();
        if results.is_empty() && receivers.is_empty() {
            return;
        }
        if receivers.is_empty() {
            if self.use_exprs(results) {
                let values = self.expr_list(results);
                if let Some(at) = values.first().map(Operand::pos) {
                    let have: Vec<TypeId> = values.iter().map(|x| x.ty).collect();
                    let have = self.types_summary(&have, false, false);
                    self.error(at, format!("too many return values\n\thave {have}\n\twant ()"));
                }
            }
            return;
        }
        self.init_receivers(&receivers, results, Some(pos));
    }

    fn branch(&mut self, context: Context, kind: BranchKind, pos: Pos) {
        let message = match kind {
            BranchKind::Break if !context.break_ok => "break is not in a loop, switch, or select",
            BranchKind::Continue if !context.continue_ok => "continue is not in a loop",
            BranchKind::Fallthrough if !context.fallthrough_ok => {
                if context.final_case {
                    "cannot fallthrough final case in switch"
                } else if context.in_type_switch {
                    "cannot fallthrough in type switch"
                } else {
                    "fallthrough statement out of place"
                }
            }
            _ => return,
        };
        self.error(pos, message);
    }

    fn select_stmt(&mut self, context: Context, select: &'a ast::SelectStmt) {
        let mut default: Option<Pos> = None;
        for clause in &select.cases {
            if clause.comm.is_none() && default.replace(clause.pos).is_some() {
                self.error(clause.pos, "multiple defaults in select");
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
                self.error(pos, "select case must be receive, send or assign recv");
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

    fn decl_stmt(&mut self, decls: &'a [Decl]) {
        for (at, decl) in decls.iter().enumerate() {
            match decl {
                Decl::Const(own) => {
                    let source = own.inherited.and_then(|back| match decls.get(at.checked_sub(back as usize)?)? {
                        Decl::Const(source) => Some(source),
                        _ => None,
                    });
                    self.local_const(own, source.unwrap_or(own));
                }
                Decl::Var(v) => self.local_var(v),
                Decl::Type(t) => {
                    let kind = ObjKind::TypeName { alias: t.alias.is_some() };
                    let invalid = Basic::Invalid.id();
                    let obj = self.store.new_object(kind, t.name.name.clone(), Some(self.pkg), invalid, t.name.pos);
                    self.declare(&t.name, obj);
                    self.type_decl(obj, t);
                }
                Decl::Import(i) => self.error(i.pos, "imports must appear before other declarations"),
                Decl::Func(f) => self.error(f.pos, "unexpected function declaration"),
            }
        }
    }

    fn local_const(&mut self, own: &'a ConstDecl, source: &'a ConstDecl) {
        let mut objects = Vec::new();
        for (i, name) in own.names.iter().enumerate() {
            let kind = ObjKind::Const(crate::constant::Const::Unknown);
            let obj = self.store.new_object(kind, name.name.clone(), Some(self.pkg), Basic::Invalid.id(), name.pos);
            self.constant_spec(obj, own, source, i);
            objects.push(obj);
        }
        for (name, obj) in own.names.iter().zip(objects) {
            self.declare(name, obj);
        }
    }

    fn local_var(&mut self, v: &'a VarDecl) {
        let declared = v.ty.as_ref().map(|t| self.var_type(t));
        let ty = declared.unwrap_or(Basic::Invalid.id());
        let objects: Vec<ObjId> = v.names.iter().map(|name| self.new_local(&name.name, name.pos, ty)).collect();
        let one_call = matches!(&v.values[..], [e] if matches!(unparen(e).kind, ExprKind::Call { .. }));
        if v.values.len() == v.names.len() && !one_call {
            for (e, &obj) in v.values.iter().zip(&objects) {
                let mut x = self.expr(e, declared);
                self.init_var(obj, declared, &mut x, "variable declaration");
            }
        } else if v.values.len() == 1 {
            self.init_vars(&objects, declared, &v.values, v.pos);
        } else if !v.values.is_empty() {
            self.use_exprs(&v.values);
            if v.values.len() > v.names.len() {
                let extra = &v.values[v.names.len()];
                let text = expr_string(extra);
                self.error(extra.pos, format!("extra init expr {text}"));
            } else {
                let name = &v.names[v.values.len()];
                self.error(name.pos, format!("missing init expr for {}", name.name));
            }
        }
        for (name, &obj) in v.names.iter().zip(&objects) {
            let ty = self.store.object(obj).ty;
            self.record(name.id, Mode::Variable, ty);
            self.declare(name, obj);
        }
    }
}
