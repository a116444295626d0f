//! What happens to the variables of a function: which are captured by closures, have their address taken, or are
//! assigned again after their declaration. That decides whether a variable is a scalar local, frame memory or a heap object.
//!
//! One walk over a function declaration covers its nested function literals. A variable counts as captured when it is
//! used at a greater function depth than it was declared at; the body of a range-over-func loop is such a function.

use super::kinds::{Kind, Program};
use gorace_syntax::ast::*;
use gorace_types::{ObjId, PkgId};
use std::collections::HashMap;

/// What is known of a variable.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts {
    pub depth: u32,
    pub declared: bool,
    pub captured: bool,
    pub address_taken: bool,
    pub reassigned: bool,
}

/// Facts of one function's properties.
#[derive(Debug, Default, Clone)]
pub struct FunctionFacts {
    pub has_defer: bool,
    /// It is the body of a loop over a function.
    pub is_range_body: bool,
    /// Such a body that defers, itself or in one within it: for the function with the loop.
    pub defers_outside: bool,
    /// Such a body with a return statement, itself or in one within it; for the function around it: one with values.
    pub returns: bool,
    pub returns_values: bool,
    /// Labels of its own statements, and of those in bodies of loops over functions within it.
    pub labels: Vec<Name>,
    pub inner_labels: Vec<Name>,
    /// Such a body's labelled branches, those of bodies within it too.
    pub branches: Vec<(BranchKind, Name)>,
    /// The enclosing functions' variables that it uses, in order of first use.
    pub captures: Vec<ObjId>,
}

/// The facts of a function declaration or initialiser, nested literals included.
#[derive(Debug, Default)]
pub struct Analysis {
    pub variables: HashMap<ObjId, Facts>,
    /// By the position of the function's body (declaration or literal).
    pub functions: HashMap<gorace_base::Pos, FunctionFacts>,
}

/// Walks a function with its parameters.
pub fn function(
    program: &Program,
    pkg: PkgId,
    file: usize,
    receiver: Option<&[Field]>,
    ty: &FuncType,
    body: &Block,
) -> Analysis {
    let mut walker =
        Walker { program, pkg, file, depth: 0, out: Analysis::default(), current: vec![body.pos], results: Vec::new() };
    walker.out.functions.entry(body.pos).or_default();
    walker.params(receiver.unwrap_or(&[]));
    walker.params(&ty.params);
    walker.results(&ty.results);
    walker.block(body);
    walker.out
}

/// Walks an expression outside functions (a package variable's initialiser).
pub fn initialiser(program: &Program, pkg: PkgId, file: usize, e: &Expr) -> Analysis {
    let mut walker =
        Walker { program, pkg, file, depth: 0, out: Analysis::default(), current: vec![e.pos], results: Vec::new() };
    walker.out.functions.entry(e.pos).or_default();
    walker.expr(e);
    walker.out
}

struct Walker<'p, 'a> {
    program: &'p Program<'a>,
    pkg: PkgId,
    file: usize,
    depth: u32,
    out: Analysis,
    current: Vec<gorace_base::Pos>,
    /// The named results of the functions around, innermost last. Bodies of loops are no functions here.
    results: Vec<Vec<ObjId>>,
}

impl Walker<'_, '_> {
    fn object(&self, id: NodeId) -> Option<ObjId> {
        self.program.object(self.pkg, self.file, id)
    }

    fn facts(&mut self, obj: ObjId) -> &mut Facts {
        self.out.variables.entry(obj).or_default()
    }

    fn declare(&mut self, id: &Ident) {
        if let Some(obj) = self.object(id.id) {
            let depth = self.depth;
            let facts = self.facts(obj);
            if facts.declared {
                facts.reassigned = true;
            } else {
                facts.declared = true;
                facts.depth = depth;
            }
        }
    }

    fn declare_object(&mut self, obj: ObjId) {
        let depth = self.depth;
        let facts = self.facts(obj);
        facts.declared = true;
        facts.depth = depth;
    }

    fn params(&mut self, fields: &[Field]) {
        for field in fields {
            if let Some(name) = &field.name {
                self.declare(name);
            }
        }
    }

    fn results(&mut self, fields: &[Field]) {
        self.params(fields);
        let named = fields.iter().filter_map(|f| self.object(f.name.as_ref()?.id)).collect();
        self.results.push(named);
    }

    fn use_name(&mut self, id: NodeId) {
        if let Some(obj) = self.object(id)
            && self.program.is_local_variable(obj)
        {
            let depth = self.depth;
            let facts = self.facts(obj);
            if !facts.declared || depth <= facts.depth {
                return;
            }
            facts.captured = true;
            let first = facts.depth as usize + 1;
            for at in self.current[first..].iter().copied() {
                let captures = &mut self.out.functions.entry(at).or_default().captures;
                if !captures.contains(&obj) {
                    captures.push(obj);
                }
            }
        }
    }

    /// The variable whose storage holds what the expression denotes, if it is a local's.
    fn root(&self, e: &Expr) -> Option<ObjId> {
        match &e.kind {
            ExprKind::Name(_) => self.object(e.id).filter(|&obj| self.program.is_local_variable(obj)),
            ExprKind::Paren(x) => self.root(x),
            ExprKind::Selector { x, .. } => {
                let selection = self.program.selection(self.pkg, self.file, e.id)?;
                if selection.indirect {
                    return None;
                }
                let ty = self.program.expr_type(self.pkg, self.file, x.id);
                if matches!(self.program.kind(ty), Kind::Pointer(_)) { None } else { self.root(x) }
            }
            ExprKind::Index { x, .. } => {
                let ty = self.program.expr_type(self.pkg, self.file, x.id);
                if matches!(self.program.kind(ty), Kind::Array { .. }) { self.root(x) } else { None }
            }
            _ => None,
        }
    }

    fn take_address(&mut self, e: &Expr) {
        if let Some(obj) = self.root(e) {
            self.facts(obj).address_taken = true;
        }
    }

    fn assign(&mut self, e: &Expr) {
        if let Some(obj) = self.root(e) {
            self.facts(obj).reassigned = true;
        }
        self.expr(e);
    }

    fn exprs(&mut self, list: &[Expr]) {
        for e in list {
            self.expr(e);
        }
    }

    fn opt(&mut self, e: &Option<Box<Expr>>) {
        if let Some(e) = e {
            self.expr(e);
        }
    }

    fn expr(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Name(_) => self.use_name(e.id),
            ExprKind::CompositeLit { elems, ty, .. } => {
                let is_struct = {
                    let t = self.program.expr_type(self.pkg, self.file, e.id);
                    matches!(self.program.literal_kind(t), Kind::Struct)
                };
                let _ = ty;
                for elem in elems {
                    if let Some(key) = &elem.key
                        && !is_struct
                    {
                        self.expr(key);
                    }
                    self.expr(&elem.value);
                }
            }
            ExprKind::FuncLit(lit) => {
                self.depth += 1;
                self.current.push(lit.body.pos);
                self.out.functions.entry(lit.body.pos).or_default();
                self.params(&lit.ty.params);
                self.results(&lit.ty.results);
                self.block(&lit.body);
                self.results.pop();
                self.current.pop();
                self.depth -= 1;
            }
            ExprKind::Paren(x) | ExprKind::Star(x) => self.expr(x),
            ExprKind::Selector { x, .. } => {
                if let Some(selection) = self.program.selection(self.pkg, self.file, e.id)
                    && self.program.takes_address(&selection)
                {
                    self.take_address(x);
                }
                self.expr(x);
            }
            ExprKind::Index { x, indices, .. } => {
                self.expr(x);
                if !self.program.is_instantiation(self.pkg, self.file, x) {
                    self.exprs(indices);
                }
            }
            ExprKind::Slice { x, lo, hi, max, .. } => {
                let ty = self.program.expr_type(self.pkg, self.file, x.id);
                if matches!(self.program.kind(ty), Kind::Array { .. } | Kind::TypeParam) {
                    self.take_address(x);
                }
                self.expr(x);
                self.opt(lo);
                self.opt(hi);
                self.opt(max);
            }
            ExprKind::TypeAssert { x, .. } => self.expr(x),
            ExprKind::Call { fun, args, .. } => {
                self.expr(fun);
                self.exprs(args);
            }
            ExprKind::Unary { op, x } => {
                if *op == UnaryOp::Addr {
                    self.take_address(x);
                }
                self.expr(x);
            }
            ExprKind::Binary { x, y, .. } => {
                self.expr(x);
                self.expr(y);
            }
            _ => {}
        }
    }

    /// The facts of the body that the walk is in and of those around it, up to the function's; whether it is the innermost.
    fn in_each_body(&mut self, mut change: impl FnMut(&mut FunctionFacts, bool)) {
        for (i, at) in self.current.iter().rev().enumerate() {
            let facts = self.out.functions.entry(*at).or_default();
            change(facts, i == 0);
            if !facts.is_range_body {
                return;
            }
        }
    }

    fn block(&mut self, block: &Block) {
        self.stmts(&block.stmts);
    }

    fn stmts(&mut self, stmts: &[Stmt]) {
        for s in stmts {
            self.stmt(s);
        }
    }

    fn opt_stmt(&mut self, s: &Option<Stmt>) {
        if let Some(s) = s {
            self.stmt(s);
        }
    }

    fn define(&mut self, lhs: &[Expr]) {
        for e in lhs {
            if matches!(e.kind, ExprKind::Name(_))
                && let Some(obj) = self.object(e.id)
            {
                let is_new = self.program.is_definition(self.pkg, self.file, e);
                if is_new {
                    self.declare_object(obj);
                } else {
                    self.assign(e);
                }
            }
        }
    }

    fn stmt(&mut self, s: &Stmt) {
        match &s.kind {
            StmtKind::Decl(decls) => {
                for decl in decls {
                    if let Decl::Var(var) = decl {
                        self.exprs(&var.values);
                        for name in &var.names {
                            self.declare(name);
                        }
                    }
                }
            }
            StmtKind::Labeled { label, stmt } => {
                self.in_each_body(|facts, innermost| {
                    if innermost { &mut facts.labels } else { &mut facts.inner_labels }.push(label.name.clone());
                });
                self.stmt(stmt);
            }
            StmtKind::Branch { kind, label: Some(label) } => self.in_each_body(|facts, _| {
                let branch = (*kind, label.name.clone());
                if facts.is_range_body && !facts.branches.contains(&branch) {
                    facts.branches.push(branch);
                }
            }),
            StmtKind::Expr(e) => self.expr(e),
            StmtKind::Send { chan, value, .. } => {
                self.expr(chan);
                self.expr(value);
            }
            StmtKind::IncDec { x, .. } => self.assign(x),
            StmtKind::Assign { lhs, rhs, .. } => {
                self.exprs(rhs);
                for e in lhs {
                    self.assign(e);
                }
            }
            StmtKind::Define { lhs, rhs, .. } => {
                self.exprs(rhs);
                self.define(lhs);
            }
            StmtKind::Go { call } => self.expr(call),
            StmtKind::Defer { call } => {
                self.in_each_body(|facts, _| match facts.is_range_body {
                    true => facts.defers_outside = true,
                    false => facts.has_defer = true,
                });
                self.expr(call);
            }
            StmtKind::Return { results } => {
                // Returning values assigns them to the named results, and deferred functions see that.
                if !results.is_empty() {
                    for obj in self.results.last().cloned().unwrap_or_default() {
                        self.facts(obj).reassigned = true;
                    }
                }
                let from_body =
                    self.current.last().and_then(|at| self.out.functions.get(at)).is_some_and(|f| f.is_range_body);
                self.in_each_body(|facts, _| {
                    facts.returns = true;
                    facts.returns_values |= from_body && !results.is_empty();
                });
                self.exprs(results);
            }
            StmtKind::Block(block) => self.block(block),
            StmtKind::If(s) => {
                self.opt_stmt(&s.init);
                self.expr(&s.cond);
                self.block(&s.then);
                self.opt_stmt(&s.els);
            }
            StmtKind::Switch(s) => {
                self.opt_stmt(&s.init);
                if let Some(tag) = &s.tag {
                    self.expr(tag);
                }
                for case in &s.cases {
                    self.exprs(&case.exprs);
                    self.stmts(&case.body);
                }
            }
            StmtKind::TypeSwitch(s) => {
                self.opt_stmt(&s.init);
                self.expr(&s.x);
                for case in &s.cases {
                    if let Some(obj) = self.program.implicit(self.pkg, self.file, case.pos) {
                        self.declare_object(obj);
                    }
                    self.stmts(&case.body);
                }
            }
            StmtKind::Select(s) => {
                for case in &s.cases {
                    self.opt_stmt(&case.comm);
                    self.stmts(&case.body);
                }
            }
            StmtKind::For(s) => {
                self.opt_stmt(&s.init);
                if let Some(cond) = &s.cond {
                    self.expr(cond);
                }
                self.opt_stmt(&s.post);
                self.block(&s.body);
            }
            StmtKind::Range(s) => self.range(s),
            _ => {}
        }
    }

    fn range(&mut self, s: &RangeStmt) {
        self.expr(&s.x);
        let ty = self.program.expr_type(self.pkg, self.file, s.x.id);
        let over_func = matches!(self.program.core_kind(ty), Kind::Func);
        let targets = [&s.key, &s.value];
        if over_func {
            self.depth += 1;
            self.current.push(s.body.pos);
            self.out.functions.entry(s.body.pos).or_default().is_range_body = true;
        }
        for e in targets.into_iter().flatten() {
            if s.define {
                self.define(std::slice::from_ref(e));
                if !self.program.per_iteration_variables(self.pkg, self.file)
                    && let Some(obj) = self.object(e.id)
                {
                    self.facts(obj).reassigned = true;
                }
            } else {
                self.assign(e);
            }
        }
        // Results are written from inside such a body by its return statements; facts of the whole function say so.
        self.block(&s.body);
        if over_func {
            self.current.pop();
            self.depth -= 1;
        }
    }
}
