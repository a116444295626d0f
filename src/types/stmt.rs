//! Statements, assignments, labels, and whether a function's end is reached.

use crate::check::Checker;
use crate::constant::Const;
use crate::operand::Operand;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::*;
use gorace_syntax::printer::expr_string;
use std::collections::HashMap;

impl<'a> Checker<'a> {
    /// A function's statements, with its labels and its missing return.
    pub fn body_statements(&mut self, body: &'a Block) {
        let mut labels = HashMap::new();
        collect_labels(&body.stmts, &mut labels);
        self.check_labels(body, &labels);
        self.stmts(&body.stmts);
        let returns = self.env.signature.as_ref().is_some_and(|s| !s.results.is_empty());
        if returns && !self.terminates_list(&body.stmts) {
            self.error(body.rbrace, "missing return");
        }
    }

    pub fn stmts(&mut self, stmts: &'a [Stmt]) {
        for s in stmts {
            self.stmt(s);
        }
    }

    fn block(&mut self, b: &'a Block) {
        self.in_scope(|c| c.stmts(&b.stmts));
    }

    fn stmt(&mut self, s: &'a Stmt) {
        match &s.kind {
            StmtKind::Bad | StmtKind::Empty | StmtKind::Branch { .. } => {}
            StmtKind::Decl(decls) => self.local_decls(decls),
            StmtKind::Labeled { stmt, .. } => self.stmt(stmt),
            StmtKind::Expr(e) => {
                let x = self.raw(e, None, false);
                let text = expr_string(e);
                let what = match x.mode {
                    Mode::Invalid | Mode::NoValue => return,
                    Mode::Builtin => {
                        return self.error(e.pos, format!("{text} (built-in) must be called"));
                    }
                    Mode::TypeExpr => "is not an expression",
                    _ => {
                        let mut inner = e;
                        while let ExprKind::Paren(p) = &inner.kind {
                            inner = p;
                        }
                        match &inner.kind {
                            ExprKind::Call { fun, .. } => {
                                let mut f: &Expr = fun;
                                while let ExprKind::Paren(p) = &f.kind {
                                    f = p;
                                }
                                let callee = self.info[self.file].types[f.id.index()].mode;
                                let discards = match callee {
                                    Mode::TypeExpr => true,
                                    Mode::Builtin => {
                                        let b = self.info[self.file].builtins.get(&f.id).copied();
                                        !matches!(b, Some(Builtin::Copy | Builtin::Recover))
                                    }
                                    _ => false,
                                };
                                if !discards {
                                    return;
                                }
                                "is not used"
                            }
                            ExprKind::Unary { op: UnaryOp::Recv, .. } => return,
                            _ => "is not used",
                        }
                    }
                };
                let what_is = self.describe(&x);
                let full = if what == "is not used" { format!("{what_is} {what}") } else { format!("{text} (type) {what}") };
                self.error(e.pos, full);
            }
            StmtKind::Send { chan, value, arrow } => {
                let ch = self.expr(chan, None);
                let elem = if ch.is_invalid() { None } else { self.chan_of(ch.ty) };
                match elem {
                    Some((ChanDir::Recv, _)) => {
                        let what = self.describe(&ch);
                        self.error(*arrow, format!("invalid operation: cannot send to receive-only channel {what}"));
                        self.expr(value, None);
                    }
                    Some((_, elem)) => {
                        let mut v = self.expr(value, Some(elem));
                        self.assignment(&mut v, Some(elem), "send");
                    }
                    None => {
                        self.expr(value, None);
                        if !ch.is_invalid() {
                            let what = self.describe(&ch);
                            self.error(*arrow, format!("invalid operation: cannot send to non-channel {what}"));
                        }
                    }
                }
            }
            StmtKind::IncDec { x, .. } => {
                let v = self.expr(x, None);
                if v.is_invalid() {
                    return;
                }
                if !self.store.all_basic(v.ty, Basic::is_numeric) {
                    let text = expr_string(x);
                    let t = self.show(v.ty);
                    return self.error(x.pos, format!("invalid operation: {text}{} (non-numeric type {t})", if matches!(s.kind, StmtKind::IncDec { inc: true, .. }) { "++" } else { "--" }));
                }
                self.check_assignable_place(x, &v);
            }
            StmtKind::Assign { lhs, op: Some(op), op_pos, rhs } => {
                let x = self.expr(&lhs[0], None);
                let y = self.expr(&rhs[0], None);
                let left = x.clone();
                let mut r = self.binary_operands(&lhs[0], *op, *op_pos, x, y);
                if r.is_invalid() {
                    return;
                }
                // The result was recorded nowhere; the place must accept it.
                self.check_assignable_place(&lhs[0], &left);
                r.expr = Some(&rhs[0]);
                if self.store.is_untyped(r.ty) {
                    return;
                }
                if r.mode != Mode::Constant {
                    self.assignment(&mut r, Some(left.ty), "assignment operation");
                }
            }
            StmtKind::Assign { lhs, op: None, rhs, .. } => self.assign(lhs, rhs, s.pos),
            StmtKind::Define { lhs, op_pos, rhs } => self.short_var_decl(lhs, rhs, *op_pos),
            StmtKind::Go { call } | StmtKind::Defer { call } => {
                let word = if matches!(s.kind, StmtKind::Go { .. }) { "go" } else { "defer" };
                let x = self.raw(call, None, false);
                if let ExprKind::Call { fun, .. } = &call.kind {
                    let callee = self.info[self.file].types[fun.id.index()].mode;
                    let text = expr_string(call);
                    if callee == Mode::TypeExpr {
                        self.error(call.pos, format!("{word} requires function call, not conversion"));
                    } else if callee == Mode::Builtin && !x.is_invalid() {
                        let b = self.info[self.file].builtins.get(&fun.id).copied();
                        if x.mode != Mode::NoValue && !matches!(b, Some(Builtin::Copy | Builtin::Recover)) {
                            self.error(call.pos, format!("{word} discards result of {text}"));
                        }
                    }
                }
            }
            StmtKind::Return { results } => self.return_stmt(s.pos, results),
            StmtKind::Block(b) => self.block(b),
            StmtKind::If(i) => self.in_scope(|c| {
                if let Some(init) = &i.init {
                    c.stmt(init);
                }
                let x = c.expr(&i.cond, None);
                if !x.is_invalid() && !c.store.all_basic(x.ty, Basic::is_boolean) {
                    let text = expr_string(&i.cond);
                    c.error(i.cond.pos, format!("non-boolean condition in if statement"));
                    let _ = text;
                }
                c.block(&i.then);
                if let Some(els) = &i.els {
                    c.stmt(els);
                }
            }),
            StmtKind::Switch(sw) => self.in_scope(|c| c.switch(sw)),
            StmtKind::TypeSwitch(sw) => self.in_scope(|c| c.type_switch(sw)),
            StmtKind::Select(sel) => {
                for case in &sel.cases {
                    self.in_scope(|c| {
                        if let Some(comm) = &case.comm {
                            let valid = match &comm.kind {
                                StmtKind::Send { .. } => true,
                                StmtKind::Expr(e) => is_receive(e),
                                StmtKind::Assign { rhs, op: None, .. } | StmtKind::Define { rhs, .. } => {
                                    rhs.len() == 1 && is_receive(&rhs[0])
                                }
                                _ => false,
                            };
                            if !valid {
                                c.error(comm.pos, "select case must be receive, send or assign recv");
                            }
                            c.stmt(comm);
                        }
                        c.stmts(&case.body);
                    });
                }
            }
            StmtKind::For(f) => self.in_scope(|c| {
                if let Some(init) = &f.init {
                    c.stmt(init);
                }
                if let Some(cond) = &f.cond {
                    let x = c.expr(cond, None);
                    if !x.is_invalid() && !c.store.all_basic(x.ty, Basic::is_boolean) {
                        c.error(cond.pos, "non-boolean condition in for statement");
                    }
                }
                if let Some(post) = &f.post {
                    c.stmt(post);
                }
                c.block(&f.body);
            }),
            StmtKind::Range(r) => self.in_scope(|c| c.range(r)),
        }
    }

    fn return_stmt(&mut self, pos: Pos, results: &'a [Expr]) {
        let Some(signature) = self.env.signature.clone() else { return };
        let names = self.env.result_names.clone();
        let wanted = signature.results.clone();
        if results.is_empty() {
            if wanted.is_empty() {
                return;
            }
            if names.iter().all(Option::is_some) {
                // Inner declarations must not hide a result.
                for obj in names.iter().flatten() {
                    let name = self.store.object(*obj).name.clone();
                    let scope = self.scope();
                    if name != "_"
                        && let Some(found) = self.store.lookup(scope, &name)
                        && found != *obj
                    {
                        self.error(pos, format!("result parameter {name} not in scope at return"));
                    }
                }
                return;
            }
            let mut want = String::new();
            self.want_results(&wanted, &mut want);
            return self.error(pos, format!("not enough return values\n\thave ()\n\twant {want}"));
        }
        if wanted.is_empty() {
            for e in results {
                self.expr(e, None);
            }
            return self.error(results[0].pos, "too many return values".to_string() + &self.have_want(results, &wanted));
        }
        if results.len() == 1 && wanted.len() > 1 {
            let x = self.multi_expr(&results[0]);
            if x.is_invalid() {
                return;
            }
            if let Type::Tuple(parts) = self.store.get(x.ty).clone()
                && parts.len() == wanted.len()
            {
                for (&part, &want) in parts.iter().zip(wanted.iter()) {
                    let mut y = Operand { ty: part, ..x.clone() };
                    self.assignment(&mut y, Some(want), "return statement");
                }
                return;
            }
            let text = self.have_want(results, &wanted);
            return self.error(results[0].pos, format!("not enough return values{text}"));
        }
        let mut operands: Vec<Operand<'a>> = Vec::new();
        for (i, e) in results.iter().enumerate() {
            operands.push(self.expr(e, wanted.get(i).copied()));
        }
        if results.len() != wanted.len() {
            if operands.iter().any(|x| x.is_invalid()) {
                return;
            }
            let text = self.have_want(results, &wanted);
            let (at, what) = if results.len() > wanted.len() {
                (results[wanted.len()].pos, "too many")
            } else {
                (results[results.len() - 1].pos, "not enough")
            };
            return self.error(at, format!("{what} return values{text}"));
        }
        for (x, &want) in operands.iter_mut().zip(wanted.iter()) {
            self.assignment(x, Some(want), "return statement");
        }
    }

    fn want_results(&mut self, wanted: &[TypeId], out: &mut String) {
        let list: Vec<String> = wanted.iter().map(|&t| self.show(t)).collect();
        *out = format!("({})", list.join(", "));
    }

    fn have_want(&mut self, results: &[Expr], wanted: &[TypeId]) -> String {
        let have: Vec<String> = results
            .iter()
            .map(|e| {
                let t = self.info[self.file].types[e.id.index()].ty;
                if self.store.is_untyped(t) && self.store.basic(t).is_some_and(Basic::is_numeric) {
                    "number".to_string()
                } else {
                    let t = self.store.default_type(t);
                    self.show(t)
                }
            })
            .collect();
        let have = have.join(", ");
        let have = have.strip_prefix('(').and_then(|h| h.strip_suffix(')')).map_or(have.clone(), str::to_string);
        let mut want = String::new();
        self.want_results(wanted, &mut want);
        format!("\n\thave ({have})\n\twant {want}")
    }

    fn local_decls(&mut self, decls: &'a [Decl]) {
        for (at, decl) in decls.iter().enumerate() {
            match decl {
                Decl::Const(c) => {
                    let source = match c.inherited {
                        Some(back) => match &decls[at - back as usize] {
                            Decl::Const(other) => other,
                            _ => c,
                        },
                        None => c,
                    };
                    let mut objects = Vec::new();
                    for (i, name) in c.names.iter().enumerate() {
                        let obj = self.store.new_object(ObjKind::Const(Const::Unknown), name.name.clone(), Some(self.pkg), Basic::Invalid.id(), name.pos);
                        self.constant_spec(obj, c, source, i);
                        objects.push(obj);
                    }
                    for (name, obj) in c.names.iter().zip(objects) {
                        self.declare(name, obj);
                    }
                }
                Decl::Var(v) => {
                    let declared = v.ty.as_ref().map(|t| self.var_type(t));
                    let objects: Vec<ObjId> =
                        v.names.iter().map(|n| self.new_local(n, declared.unwrap_or(Basic::Invalid.id()))).collect();
                    if !v.values.is_empty() {
                        self.init_vars(&objects, declared, &v.values, v.pos);
                    }
                    for (name, &obj) in v.names.iter().zip(&objects) {
                        self.declare(name, obj);
                    }
                }
                Decl::Type(t) => {
                    let kind = ObjKind::TypeName { alias: t.alias.is_some() };
                    let obj = self.store.new_object(kind, t.name.name.clone(), Some(self.pkg), Basic::Invalid.id(), t.name.pos);
                    self.declare(&t.name, obj);
                    self.type_decl(obj, t);
                }
                _ => {}
            }
        }
    }

    pub fn new_local(&mut self, name: &Ident, ty: TypeId) -> ObjId {
        let kind = ObjKind::Var { is_field: false, is_param: false };
        let obj = self.store.new_object(kind, name.name.clone(), Some(self.pkg), ty, name.pos);
        self.locals.push(obj);
        obj
    }

    pub fn init_const(&mut self, obj: ObjId, ty: Option<TypeId>, x: &mut Operand<'a>) {
        if x.is_invalid() {
            self.store.object_mut(obj).ty = Basic::Invalid.id();
            return;
        }
        if x.mode != Mode::Constant {
            let what = self.describe(x);
            self.error(x.pos(), format!("{what} is not constant"));
            self.store.object_mut(obj).ty = Basic::Invalid.id();
            return;
        }
        if let Some(ty) = ty {
            self.assignment(x, Some(ty), "constant declaration");
            if x.is_invalid() {
                self.store.object_mut(obj).ty = Basic::Invalid.id();
                return;
            }
            x.ty = ty;
        }
        let object = self.store.object_mut(obj);
        object.ty = x.ty;
        object.kind = ObjKind::Const(x.value.clone().unwrap_or(Const::Unknown));
    }

    pub fn init_var(&mut self, obj: ObjId, declared: Option<TypeId>, x: &mut Operand<'a>, context: &str) {
        if x.is_invalid() {
            self.store.object_mut(obj).used = true;
            return;
        }
        self.assignment(x, declared, context);
        if declared.is_none() {
            self.store.object_mut(obj).ty = if x.is_invalid() { Basic::Invalid.id() } else { x.ty };
            if x.is_invalid() {
                self.store.object_mut(obj).used = true;
            }
        }
    }

    /// Initialises several variables from as many values, or from one multi-valued expression.
    pub fn init_vars(&mut self, objects: &[ObjId], declared: Option<TypeId>, values: &'a [Expr], pos: Pos) {
        let context = "assignment";
        if values.len() == objects.len() {
            for (&obj, e) in objects.iter().zip(values) {
                let mut x = self.expr(e, declared);
                self.init_var(obj, declared, &mut x, if objects.len() == 1 { "variable declaration" } else { context });
            }
            return;
        }
        if values.len() == 1 {
            if let Some(operands) = self.unpack(&values[0], objects.len()) {
                if operands.len() == objects.len() {
                    for (&obj, mut x) in objects.iter().zip(operands) {
                        self.init_var(obj, declared, &mut x, context);
                    }
                    return;
                }
                let (l, r) = (objects.len(), operands.len());
                let text = match &values[0].kind {
                    ExprKind::Call { fun, .. } => format!("{}() returns {r} value{}", expr_string(fun), if r == 1 { "" } else { "s" }),
                    _ => format!("{r} value{}", if r == 1 { "" } else { "s" }),
                };
                let vars = if l == 1 { "variable" } else { "variables" };
                self.error(self.store.object(objects[0]).pos, format!("assignment mismatch: {l} {vars} but {text}"));
            }
        } else {
            for e in values {
                self.expr(e, None);
            }
            let (l, r) = (objects.len(), values.len());
            let vars = if l == 1 { "variable" } else { "variables" };
            let vals = if r == 1 { "value" } else { "values" };
            let _ = pos;
            self.error(self.store.object(objects[0]).pos, format!("assignment mismatch: {l} {vars} but {r} {vals}"));
        }
        for &obj in objects {
            self.store.object_mut(obj).used = true;
        }
    }

    /// The values of one expression: a tuple's parts, a comma-ok pair when two are wanted, else itself.
    fn unpack(&mut self, e: &'a Expr, wanted: usize) -> Option<Vec<Operand<'a>>> {
        let x = self.multi_expr(e);
        if x.is_invalid() {
            return None;
        }
        if let Type::Tuple(parts) = self.store.get(x.ty).clone()
            && x.mode == Mode::Value
        {
            return Some(parts.iter().map(|&ty| Operand { ty, ..x.clone() }).collect());
        }
        if x.mode == Mode::NoValue {
            let text = expr_string(e);
            self.error(e.pos, format!("{text} (no value) used as value"));
            return None;
        }
        if wanted == 2 && matches!(x.mode, Mode::MapIndex | Mode::CommaOk) {
            let ok = Operand { mode: Mode::Value, ty: Basic::UntypedBool.id(), value: None, expr: None, builtin: None };
            let first = Operand { mode: Mode::Value, ..x };
            return Some(vec![first, ok]);
        }
        Some(vec![x])
    }

    fn short_var_decl(&mut self, lhs: &'a [Expr], rhs: &'a [Expr], op_pos: Pos) {
        let scope = self.scope();
        let mut objects = Vec::new();
        let mut new_vars: Vec<(Ident, ObjId)> = Vec::new();
        let mut seen: Vec<Name> = Vec::new();
        let mut any_new = false;
        for e in lhs {
            let ExprKind::Name(name) = &e.kind else {
                let text = expr_string(e);
                self.error(e.pos, format!("non-name {text} on left side of :="));
                self.raw(e, None, false);
                let dummy = Ident { id: e.id, pos: e.pos, name: "_".into() };
                objects.push(self.new_local(&dummy, Basic::Invalid.id()));
                continue;
            };
            let ident = Ident { id: e.id, pos: e.pos, name: name.clone() };
            if name != "_" {
                if seen.contains(name) {
                    self.error(e.pos, format!("{name} repeated on left side of :="));
                    continue;
                }
                seen.push(name.clone());
                if let Some(&known) = self.store.scopes[scope.index()].names.get(name) {
                    self.record_use(e.id, known);
                    if matches!(self.store.object(known).kind, ObjKind::Var { .. }) {
                        let ty = self.store.object(known).ty;
                        self.record(e.id, Mode::Variable, ty);
                        objects.push(known);
                    } else {
                        self.error(e.pos, format!("cannot assign to {name}"));
                        objects.push(self.new_local(&ident, Basic::Invalid.id()));
                    }
                    continue;
                }
                any_new = true;
            }
            let obj = self.new_local(&ident, Basic::Invalid.id());
            if name == "_" {
                self.store.object_mut(obj).used = true;
            } else {
                new_vars.push((ident.clone(), obj));
            }
            self.record_definition(e.id, obj);
            objects.push(obj);
        }
        if objects.len() != lhs.len() {
            return;
        }
        let fresh: Vec<ObjId> = new_vars.iter().map(|(_, o)| *o).collect();
        // Known variables keep their types.
        let assign_each = |c: &mut Self, obj: ObjId, mut x: Operand<'a>, e: &Expr| {
            let known = !fresh.contains(&obj) && c.store.object(obj).name != "_";
            if known {
                let ty = c.store.object(obj).ty;
                c.assignment(&mut x, Some(ty), "assignment");
            } else {
                c.init_var(obj, None, &mut x, "assignment");
            }
            let ty = c.store.object(obj).ty;
            c.record(e.id, Mode::Variable, ty);
        };
        if rhs.len() == lhs.len() {
            let mut operands = Vec::new();
            for (e, &obj) in rhs.iter().zip(&objects) {
                let known = !fresh.contains(&obj);
                let hint = if known { Some(self.store.object(obj).ty) } else { None };
                operands.push(self.expr(e, hint));
            }
            for ((x, &obj), e) in operands.into_iter().zip(&objects).zip(lhs) {
                assign_each(self, obj, x, e);
            }
        } else if rhs.len() == 1 {
            match self.unpack(&rhs[0], lhs.len()) {
                Some(operands) if operands.len() == lhs.len() => {
                    for ((x, &obj), e) in operands.into_iter().zip(&objects).zip(lhs) {
                        assign_each(self, obj, x, e);
                    }
                }
                Some(operands) => {
                    let (l, r) = (lhs.len(), operands.len());
                    self.mismatch(lhs[0].pos, l, r, &rhs[0]);
                    objects.iter().for_each(|&o| self.store.object_mut(o).used = true);
                }
                None => objects.iter().for_each(|&o| self.store.object_mut(o).used = true),
            }
        } else {
            for e in rhs {
                self.expr(e, None);
            }
            let (l, r) = (lhs.len(), rhs.len());
            let vars = if l == 1 { "variable" } else { "variables" };
            let vals = if r == 1 { "value" } else { "values" };
            self.error(lhs[0].pos, format!("assignment mismatch: {l} {vars} but {r} {vals}"));
            objects.iter().for_each(|&o| self.store.object_mut(o).used = true);
        }
        if !any_new && !lhs.iter().all(|e| !matches!(e.kind, ExprKind::Name(_))) {
            self.error(op_pos, "no new variables on left side of :=");
        }
        for (ident, obj) in new_vars {
            let scope = self.scope();
            self.insert(scope, ident.name.clone(), obj, ident.pos);
        }
    }

    fn mismatch(&mut self, pos: Pos, l: usize, r: usize, e: &Expr) {
        let vars = if l == 1 { "variable" } else { "variables" };
        let text = match &e.kind {
            ExprKind::Call { fun, .. } => format!("{}() returns {r} value{}", expr_string(fun), if r == 1 { "" } else { "s" }),
            _ => format!("{r} value{}", if r == 1 { "" } else { "s" }),
        };
        self.error(pos, format!("assignment mismatch: {l} {vars} but {text}"));
    }

    fn assign(&mut self, lhs: &'a [Expr], rhs: &'a [Expr], pos: Pos) {
        if lhs.len() == rhs.len() {
            let places: Vec<Option<TypeId>> = lhs.iter().map(|e| self.place(e)).collect();
            let mut operands = Vec::new();
            for (e, place) in rhs.iter().zip(&places) {
                operands.push(self.expr(e, *place));
            }
            for ((mut x, place), e) in operands.into_iter().zip(places).zip(lhs) {
                self.assign_to(e, place, &mut x);
            }
            return;
        }
        let places: Vec<Option<TypeId>> = lhs.iter().map(|e| self.place(e)).collect();
        if rhs.len() == 1 {
            match self.unpack(&rhs[0], lhs.len()) {
                Some(operands) if operands.len() == lhs.len() => {
                    for ((mut x, place), e) in operands.into_iter().zip(places).zip(lhs) {
                        self.assign_to(e, place, &mut x);
                    }
                }
                Some(operands) => {
                    let n = operands.len();
                    self.mismatch(lhs[0].pos, lhs.len(), n, &rhs[0]);
                }
                None => {}
            }
            return;
        }
        for e in rhs {
            self.expr(e, None);
        }
        let (l, r) = (lhs.len(), rhs.len());
        let vars = if l == 1 { "variable" } else { "variables" };
        let vals = if r == 1 { "value" } else { "values" };
        let _ = pos;
        self.error(lhs[0].pos, format!("assignment mismatch: {l} {vars} but {r} {vals}"));
    }

    fn assign_to(&mut self, e: &Expr, place: Option<TypeId>, x: &mut Operand<'a>) {
        match place {
            Some(ty) => self.assignment(x, Some(ty), "assignment"),
            None if is_blank(e) => {
                self.assignment(x, None, "assignment to _ identifier");
                if !x.is_invalid() {
                    self.record(e.id, Mode::Variable, x.ty);
                }
            }
            None => {}
        }
    }

    /// The type of what is assigned to; `None` for `_` and errors.
    fn place(&mut self, e: &'a Expr) -> Option<TypeId> {
        if is_blank(e) {
            return None;
        }
        // Assigning to a variable is no use of it.
        let mut inner = e;
        while let ExprKind::Paren(p) = &inner.kind {
            inner = p;
        }
        let mut unused = None;
        if let ExprKind::Name(name) = &inner.kind {
            let scope = self.scope();
            if let Some(obj) = self.store.lookup(scope, name)
                && matches!(self.store.object(obj).kind, ObjKind::Var { .. })
                && self.store.object(obj).pkg == Some(self.pkg)
                && !self.store.object(obj).used
            {
                unused = Some(obj);
            }
        }
        let x = self.expr(e, None);
        if let Some(obj) = unused {
            self.store.object_mut(obj).used = false;
        }
        if x.is_invalid() {
            return None;
        }
        if self.check_assignable_place(e, &x) { Some(x.ty) } else { None }
    }

    fn check_assignable_place(&mut self, e: &Expr, x: &Operand<'a>) -> bool {
        match x.mode {
            Mode::Variable | Mode::MapIndex => true,
            _ => {
                if let ExprKind::Selector { x: base, .. } = &e.kind
                    && self.info[self.file].types[base.id.index()].mode == Mode::MapIndex
                {
                    let text = expr_string(e);
                    self.error(e.pos, format!("cannot assign to struct field {text} in map"));
                    return false;
                }
                let what = self.describe(x);
                self.error(e.pos, format!("cannot assign to {what} (neither addressable nor a map index expression)"));
                false
            }
        }
    }

    fn switch(&mut self, s: &'a SwitchStmt) {
        if let Some(init) = &s.init {
            self.stmt(init);
        }
        let tag = s.tag.as_ref().map(|tag| {
            let mut x = self.expr(tag, None);
            if !x.is_invalid() {
                self.assignment(&mut x, None, "switch expression");
            }
            if !x.is_invalid() && !self.store.is_comparable(x.ty, true) && !self.store.has_nil(x.ty) {
                let what = self.describe(&x);
                self.error(tag.pos, format!("cannot switch on {what}"));
                x.make_invalid();
            }
            x
        });
        let mut seen: HashMap<String, Pos> = HashMap::new();
        let mut defaults = 0;
        for case in &s.cases {
            if case.is_default {
                defaults += 1;
                if defaults > 1 {
                    self.error(case.pos, "multiple defaults in switch");
                }
            }
            for e in &case.exprs {
                let mut y = self.expr(e, None);
                if y.is_invalid() {
                    continue;
                }
                match &tag {
                    Some(x) if !x.is_invalid() => {
                        let mut left = Operand { mode: Mode::Value, value: None, ..x.clone() };
                        self.match_types(&mut y, &mut left);
                        if y.is_invalid() {
                            continue;
                        }
                        let fits = self.assignable(&y, left.ty).is_ok() || self.assignable(&left, y.ty).is_ok();
                        if !fits {
                            let (a, b) = (self.show(y.ty), self.show(x.ty));
                            let (t, u) = (expr_string(e), x.expr.map(expr_string).unwrap_or_default());
                            self.error(e.pos, format!("invalid case {t} in switch on {u} (mismatched types {a} and {b})"));
                            continue;
                        }
                        if let (Mode::Constant, Some(v)) = (y.mode, &y.value)
                            && v.is_known()
                            && seen.insert(format!("{v:?} {:?}", y.ty), e.pos).is_some()
                        {
                            let text = expr_string(e);
                            self.error(e.pos, format!("duplicate case {text} in expression switch"));
                        }
                    }
                    Some(_) => {}
                    None => {
                        if !self.store.all_basic(y.ty, Basic::is_boolean) {
                            let text = expr_string(e);
                            let t = self.show(y.ty);
                            self.error(e.pos, format!("invalid case {text} in switch (mismatched types {t} and bool)"));
                        } else if self.store.is_untyped(y.ty) {
                            self.convert_untyped(&mut y, Basic::Bool.id());
                        }
                    }
                }
            }
            self.in_scope(|c| c.stmts(&case.body));
        }
    }

    fn type_switch(&mut self, s: &'a TypeSwitchStmt) {
        if let Some(init) = &s.init {
            self.stmt(init);
        }
        let x = self.expr(&s.x, None);
        let valid = !x.is_invalid();
        if valid && !self.store.is_interface(x.ty) {
            let what = self.describe(&x);
            self.error(s.x.pos, format!("{what} is not an interface"));
        }
        if let Some(bind) = &s.bind
            && bind.name == "_"
        {
            self.error(bind.pos, "no new variable on left side of :=");
        }
        let mut variables = Vec::new();
        let mut seen: HashMap<TypeId, Pos> = HashMap::new();
        for case in &s.cases {
            let mut only = None;
            for e in &case.exprs {
                let is_nil = matches!(&e.kind, ExprKind::Name(n) if n == "nil") && {
                    let scope = self.scope();
                    self.store.lookup(scope, "nil").is_some_and(|o| self.store.object(o).kind == ObjKind::Nil)
                };
                if is_nil {
                    self.record(e.id, Mode::Nil, Basic::UntypedNil.id());
                    only = Some(None);
                    continue;
                }
                let ty = self.var_type(e);
                only = Some(Some(ty));
                if ty == Basic::Invalid.id() {
                    continue;
                }
                if seen.insert(ty, e.pos).is_some() {
                    let text = self.show(ty);
                    self.error(e.pos, format!("duplicate case {text} in type switch"));
                }
                if valid && self.store.is_interface(x.ty) {
                    self.check_assertion(e, &x, ty, true);
                }
            }
            let bind_type = match (case.exprs.len(), only) {
                (1, Some(Some(ty))) => ty,
                _ => x.ty,
            };
            self.in_scope(|c| {
                if let Some(bind) = &s.bind {
                    let kind = ObjKind::Var { is_field: false, is_param: false };
                    let obj = c.store.new_object(kind, bind.name.clone(), Some(c.pkg), bind_type, bind.pos);
                    c.info[c.file].implicits.insert(case.pos, obj);
                    let scope = c.scope();
                    c.store.scopes[scope.index()].names.insert(bind.name.clone(), obj);
                    variables.push(obj);
                }
                c.stmts(&case.body);
            });
        }
        if let Some(bind) = &s.bind
            && valid
            && bind.name != "_"
            && !variables.iter().any(|&v| self.store.object(v).used)
        {
            self.soft_error(bind.pos, format!("declared and not used: {}", bind.name));
        }
    }

    fn range(&mut self, r: &'a RangeStmt) {
        let x = self.expr(&r.x, None);
        let invalid = Basic::Invalid.id();
        let mut key = None;
        let mut value = None;
        let mut is_int = false;
        let mut problem = None;
        if !x.is_invalid() {
            let core = if self.store.is_untyped(x.ty) { Some(x.ty) } else { self.store.core_string(x.ty).or_else(|| self.store.core_type(x.ty)) };
            match core.map(|t| self.store.get(t).clone()) {
                Some(Type::Basic(b)) if b.is_string() => {
                    key = Some(Basic::Int.id());
                    value = Some(Basic::Int32.id());
                    if self.store.is_untyped(x.ty) {
                        let mut y = x.clone();
                        self.convert_untyped(&mut y, Basic::String.id());
                    }
                }
                Some(Type::Basic(b)) if b.is_integer() || (b.is_untyped() && b.is_numeric() && x.value.as_ref().is_some_and(|v| v.to_int().is_some())) => {
                    if self.version() < 22 {
                        let what = self.describe(&x);
                        problem = Some(format!("cannot range over {what}: requires go1.22 or later"));
                    }
                    is_int = true;
                    key = Some(x.ty);
                }
                Some(Type::Array { elem, .. } | Type::Slice(elem)) => {
                    key = Some(Basic::Int.id());
                    value = Some(elem);
                }
                Some(Type::Pointer(base)) if matches!(self.store.under_type(base), Type::Array { .. }) => {
                    let Type::Array { elem, .. } = self.store.under_type(base) else { return };
                    key = Some(Basic::Int.id());
                    value = Some(elem);
                }
                Some(Type::Map { key: k, elem }) => {
                    key = Some(k);
                    value = Some(elem);
                }
                Some(Type::Chan { dir, elem }) => {
                    key = Some(elem);
                    if dir == ChanDir::Send {
                        let what = self.describe(&x);
                        problem = Some(format!("cannot range over {what}: receive from send-only channel"));
                    }
                    if let Some(v) = &r.value {
                        let what = self.describe(&x);
                        self.error(v.pos, format!("range over {what} permits only one iteration variable"));
                    }
                }
                Some(Type::Signature(s)) => {
                    let yields = s.params.first().and_then(|&p| match self.store.core_type(p).map(|t| self.store.get(t).clone()) {
                        Some(Type::Signature(y)) => Some(y),
                        _ => None,
                    });
                    match yields {
                        Some(y) if s.params.len() == 1 && s.results.is_empty() && y.params.len() <= 2 && y.results[..] == [Basic::Bool.id()] => {
                            if self.version() < 23 {
                                let what = self.describe(&x);
                                problem = Some(format!("cannot range over {what}: requires go1.23 or later"));
                            }
                            key = y.params.first().copied();
                            value = y.params.get(1).copied();
                            let extra = if y.params.is_empty() { r.key.as_ref() } else if y.params.len() == 1 { r.value.as_ref() } else { None };
                            if let Some(extra) = extra {
                                let what = self.describe(&x);
                                let n = if y.params.is_empty() { "no iteration variables" } else { "only one iteration variable" };
                                self.error(extra.pos, format!("range over {what} permits {n}"));
                            }
                        }
                        _ => {
                            let what = self.describe(&x);
                            problem = Some(format!("cannot range over {what}"));
                        }
                    }
                }
                _ => {
                    let what = self.describe(&x);
                    problem = Some(format!("cannot range over {what}"));
                }
            }
        }
        if let Some(problem) = problem {
            self.error(r.x.pos, problem);
            key = None;
            value = None;
        }
        if let Some(extra) = &r.extra {
            self.error(extra.pos, "range clause permits at most two iteration variables");
        }
        if is_int
            && let Some(v) = &r.value
        {
            let what = self.describe(&x);
            self.error(v.pos, format!("range over {what} permits only one iteration variable"));
        }
        let mut new_vars: Vec<(Ident, ObjId)> = Vec::new();
        for (e, ty) in [(&r.key, key), (&r.value, value)] {
            let Some(e) = e else { continue };
            let ty = ty.unwrap_or(invalid);
            if r.define {
                let ExprKind::Name(name) = &e.kind else {
                    let text = expr_string(e);
                    self.error(e.pos, format!("non-name {text} on left side of :="));
                    continue;
                };
                let ident = Ident { id: e.id, pos: e.pos, name: name.clone() };
                let obj = self.new_local(&ident, ty);
                if name == "_" || ty == invalid {
                    self.store.object_mut(obj).used = true;
                }
                let mut ty = ty;
                if is_int && self.store.is_untyped(ty) {
                    ty = self.store.default_type(ty);
                    let mut y = x.clone();
                    self.convert_untyped(&mut y, ty);
                    self.store.object_mut(obj).ty = ty;
                }
                self.record_definition(e.id, obj);
                self.record(e.id, Mode::Variable, ty);
                new_vars.push((ident, obj));
            } else {
                let place = self.place(e);
                if ty == invalid {
                    continue;
                }
                if is_int && self.store.is_untyped(x.ty) {
                    let mut y = x.clone();
                    let target = place.unwrap_or(Basic::Int.id());
                    self.assignment(&mut y, Some(target), "range clause");
                } else {
                    let mut y = Operand { mode: Mode::Value, ty, value: None, expr: Some(e), builtin: None };
                    if let Some(place) = place
                        && self.assignable(&y, place).is_err()
                    {
                        let (a, b) = (self.show(ty), self.show(place));
                        self.error(e.pos, format!("cannot assign value of type {a} to {b} in range").replace("cannot assign value of type", "cannot use value of type").replace(" to ", " as ").replace(" in range", " value in range clause"));
                        y.make_invalid();
                    }
                }
            }
        }
        if is_int && r.key.is_none() && self.store.is_untyped(x.ty) {
            let mut y = x.clone();
            self.convert_untyped(&mut y, Basic::Int.id());
        }
        self.in_scope(|c| {
            for (ident, obj) in new_vars {
                if ident.name != "_" {
                    let scope = c.scope();
                    c.insert(scope, ident.name.clone(), obj, ident.pos);
                }
            }
            c.block(&r.body);
        });
    }

    fn check_labels(&mut self, body: &'a Block, labels: &HashMap<Name, Pos>) {
        let mut used = std::collections::HashSet::new();
        self.branches(&body.stmts, labels, &mut used, &mut Vec::new(), false, false);
        let mut unused: Vec<(&Name, &Pos)> = labels.iter().filter(|(n, _)| !used.contains(*n) && *n != "_").collect();
        unused.sort_by_key(|(_, p)| **p);
        for (name, pos) in unused {
            self.soft_error(*pos, format!("label {name} defined and not used"));
        }
    }

    fn branches(
        &mut self,
        stmts: &'a [Stmt],
        labels: &HashMap<Name, Pos>,
        used: &mut std::collections::HashSet<Name>,
        enclosing: &mut Vec<(Name, bool)>,
        in_loop: bool,
        in_breakable: bool,
    ) {
        for s in stmts {
            let mut s = s;
            let mut label = None;
            while let StmtKind::Labeled { label: l, stmt } = &s.kind {
                label = Some(l.name.clone());
                s = stmt;
            }
            let is_loop = matches!(s.kind, StmtKind::For(_) | StmtKind::Range(_));
            let pushed = label.is_some();
            if let Some(l) = label {
                enclosing.push((l, is_loop));
            }
            match &s.kind {
                StmtKind::Branch { kind, label: Some(l) } => {
                    used.insert(l.name.clone());
                    let here = enclosing.iter().rev().find(|(n, _)| *n == l.name);
                    let text = match kind {
                        _ if !labels.contains_key(&l.name) => match kind {
                            BranchKind::Goto => Some(format!("label {} not defined", l.name)),
                            BranchKind::Break => Some(format!("break label not defined: {}", l.name)),
                            _ => Some(format!("continue label not defined: {}", l.name)),
                        },
                        BranchKind::Break if here.is_none() => Some(format!("invalid break label {}", l.name)),
                        BranchKind::Continue if here.is_none_or(|(_, is_loop)| !is_loop) => Some(format!("invalid continue label {}", l.name)),
                        _ => None,
                    };
                    if let Some(text) = text {
                        self.error(l.pos, text);
                    }
                }
                StmtKind::Branch { kind: BranchKind::Break, label: None } if !in_breakable => {
                    self.error(s.pos, "break is not in a loop, switch, or select");
                }
                StmtKind::Branch { kind: BranchKind::Continue, label: None } if !in_loop => {
                    self.error(s.pos, "continue is not in a loop");
                }
                StmtKind::Block(b) => self.branches(&b.stmts, labels, used, enclosing, in_loop, in_breakable),
                StmtKind::If(i) => {
                    self.branches(&i.then.stmts, labels, used, enclosing, in_loop, in_breakable);
                    if let Some(els) = &i.els {
                        self.branches(std::slice::from_ref(els), labels, used, enclosing, in_loop, in_breakable);
                    }
                }
                StmtKind::Switch(sw) => {
                    for c in &sw.cases {
                        self.branches(&c.body, labels, used, enclosing, in_loop, true);
                    }
                }
                StmtKind::TypeSwitch(sw) => {
                    for c in &sw.cases {
                        self.branches(&c.body, labels, used, enclosing, in_loop, true);
                    }
                }
                StmtKind::Select(sel) => {
                    for c in &sel.cases {
                        self.branches(&c.body, labels, used, enclosing, in_loop, true);
                    }
                }
                StmtKind::For(f) => self.branches(&f.body.stmts, labels, used, enclosing, true, true),
                StmtKind::Range(r) => self.branches(&r.body.stmts, labels, used, enclosing, true, true),
                _ => {}
            }
            if pushed {
                enclosing.pop();
            }
        }
    }

    /// Go spec, "Terminating statements".
    fn terminates(&self, s: &Stmt, label: Option<&Name>) -> bool {
        match &s.kind {
            StmtKind::Return { .. } => true,
            StmtKind::Branch { kind: BranchKind::Goto | BranchKind::Fallthrough, .. } => true,
            StmtKind::Expr(e) => {
                let mut e = e;
                while let ExprKind::Paren(p) = &e.kind {
                    e = p;
                }
                match &e.kind {
                    ExprKind::Call { fun, .. } => {
                        self.info[self.file].builtins.get(&fun.id) == Some(&Builtin::Panic)
                    }
                    _ => false,
                }
            }
            StmtKind::Block(b) => self.terminates_list(&b.stmts),
            StmtKind::Labeled { label, stmt } => self.terminates(stmt, Some(&label.name)),
            StmtKind::If(i) => i.els.as_ref().is_some_and(|els| self.terminates_list(&i.then.stmts) && self.terminates(els, None)),
            StmtKind::Switch(sw) => self.terminating_cases(&sw.cases, label),
            StmtKind::TypeSwitch(sw) => self.terminating_cases(&sw.cases, label),
            StmtKind::Select(sel) => {
                sel.cases.iter().all(|c| self.terminates_list(&c.body) && !has_break_list(&c.body, label, true))
            }
            StmtKind::For(f) => f.cond.is_none() && !has_break_list(&f.body.stmts, label, true),
            _ => false,
        }
    }

    fn terminating_cases(&self, cases: &[CaseClause], label: Option<&Name>) -> bool {
        cases.iter().any(|c| c.is_default)
            && cases.iter().all(|c| self.terminates_list(&c.body) && !has_break_list(&c.body, label, true))
    }

    fn terminates_list(&self, stmts: &[Stmt]) -> bool {
        stmts.iter().rev().find(|s| !matches!(s.kind, StmtKind::Empty)).is_some_and(|s| self.terminates(s, None))
    }
}

fn has_break_list(stmts: &[Stmt], label: Option<&Name>, implicit: bool) -> bool {
    stmts.iter().any(|s| has_break(s, label, implicit))
}

fn has_break(s: &Stmt, label: Option<&Name>, implicit: bool) -> bool {
    match &s.kind {
        StmtKind::Branch { kind: BranchKind::Break, label: l } => match l {
            None => implicit,
            Some(l) => Some(&l.name) == label,
        },
        StmtKind::Labeled { stmt, .. } => has_break(stmt, label, implicit),
        StmtKind::Block(b) => has_break_list(&b.stmts, label, implicit),
        StmtKind::If(i) => {
            has_break_list(&i.then.stmts, label, implicit) || i.els.as_ref().is_some_and(|e| has_break(e, label, implicit))
        }
        StmtKind::Switch(s) => label.is_some() && s.cases.iter().any(|c| has_break_list(&c.body, label, false)),
        StmtKind::TypeSwitch(s) => label.is_some() && s.cases.iter().any(|c| has_break_list(&c.body, label, false)),
        StmtKind::Select(s) => label.is_some() && s.cases.iter().any(|c| has_break_list(&c.body, label, false)),
        StmtKind::For(f) => label.is_some() && has_break_list(&f.body.stmts, label, false),
        StmtKind::Range(r) => label.is_some() && has_break_list(&r.body.stmts, label, false),
        _ => false,
    }
}

fn collect_labels(stmts: &[Stmt], out: &mut HashMap<Name, Pos>) {
    for s in stmts {
        match &s.kind {
            StmtKind::Labeled { label, stmt } => {
                out.insert(label.name.clone(), label.pos);
                collect_labels(std::slice::from_ref(stmt), out);
            }
            StmtKind::Block(b) => collect_labels(&b.stmts, out),
            StmtKind::If(i) => {
                collect_labels(&i.then.stmts, out);
                if let Some(els) = &i.els {
                    collect_labels(std::slice::from_ref(els), out);
                }
            }
            StmtKind::Switch(s) => s.cases.iter().for_each(|c| collect_labels(&c.body, out)),
            StmtKind::TypeSwitch(s) => s.cases.iter().for_each(|c| collect_labels(&c.body, out)),
            StmtKind::Select(s) => s.cases.iter().for_each(|c| collect_labels(&c.body, out)),
            StmtKind::For(f) => collect_labels(&f.body.stmts, out),
            StmtKind::Range(r) => collect_labels(&r.body.stmts, out),
            _ => {}
        }
    }
}

fn is_blank(e: &Expr) -> bool {
    matches!(&e.kind, ExprKind::Name(n) if n == "_")
}

fn is_receive(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Paren(x) => is_receive(x),
        ExprKind::Unary { op: UnaryOp::Recv, .. } => true,
        _ => false,
    }
}

