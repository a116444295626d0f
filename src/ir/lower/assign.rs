//! Assignments and definitions.
//!
//! `x = y` evaluates `y`, then what `x` denotes, then stores. `a, b = x, y` happens as two assignments, one after the other,
//! but for what an earlier one of them changes: that is evaluated before the first (gc's `ascompatee`). A variable that
//! nobody else knows changes where its name says so; any other store may change all memory that others can reach.

use super::function::{FunctionLowerer, ResultVariable};
use super::kinds::Kind;
use super::order::unparenthesised;
use super::value::{Place, Val, Variable};
use gorace_syntax::ast::*;
use gorace_types::{ObjId, TypeId};

/// What is assigned.
pub enum Source<'a> {
    Expr(&'a Expr),
    Value(TypeId, Val),
}

/// What assignments of one statement have changed.
#[derive(Default)]
struct Changed {
    variables: Vec<ObjId>,
    /// Memory that can be reached by other ways than the name of a local variable.
    memory: bool,
    /// A result that a deferred function sees, should what follows panic.
    everything: bool,
}

impl<'a> FunctionLowerer<'_, 'a> {
    pub fn assign(&mut self, lhs: &'a [Expr], rhs: &'a [Expr]) {
        match (lhs, rhs) {
            ([left], [right]) => self.assign_one(left, right),
            _ => self.assign_list(lhs, rhs, false),
        }
    }

    pub fn define(&mut self, lhs: &'a [Expr], rhs: &'a [Expr]) {
        self.assign_list(lhs, rhs, true);
    }

    fn assign_one(&mut self, left: &'a Expr, right: &'a Expr) {
        let left = unparenthesised(left);
        if is_blank(left) {
            self.order(right);
            self.expr(right);
            return;
        }
        let ty = self.type_of(left);
        self.order_assignment(std::slice::from_ref(left), &[(right, Some(ty))], false);
        if !self.is_map_element(left) {
            self.keep_operands(left);
        }
        let value = self.expr_to(right, ty);
        let place = self.place(left);
        self.b.at(left.pos);
        self.store(ty, &place, &value);
    }

    fn assign_list(&mut self, lhs: &'a [Expr], rhs: &'a [Expr], define: bool) {
        let mut operands = Vec::with_capacity(rhs.len());
        for (i, e) in rhs.iter().enumerate() {
            let paired = lhs.len() == rhs.len() && !is_blank(&lhs[i]);
            operands.push((e, if paired { Some(self.type_of(&lhs[i])) } else { None }));
        }
        let sources = if lhs.len() == rhs.len() {
            self.order_assignment(lhs, &operands, false);
            rhs.iter().map(Source::Expr).collect()
        } else {
            self.order_assignment(lhs, &[], true);
            let values = self.several(&rhs[0], lhs.len());
            let mut sources = Vec::with_capacity(values.len());
            for (ty, value) in values {
                let value = self.settle(ty, value);
                sources.push(Source::Value(ty, value));
            }
            sources
        };
        let targets: Vec<&'a Expr> = lhs.iter().collect();
        self.assign_sources(&targets, sources, define);
    }

    /// The values of one expression that gives several.
    pub fn several(&mut self, e: &'a Expr, wanted: usize) -> Vec<(TypeId, Val)> {
        if wanted == 2
            && !matches!(unparenthesised(e).kind, ExprKind::Call { .. })
            && let Some((ty, value, ok)) = self.comma_ok(e)
        {
            let bool_type = self.l.program.bool_type();
            return vec![(ty, value), (bool_type, Val::Scalars(vec![ok]))];
        }
        self.multi(e)
    }

    /// Assigns from left to right, when what is eager on both sides has been made.
    pub fn assign_sources(&mut self, targets: &[&'a Expr], sources: Vec<Source<'a>>, define: bool) {
        let mut changed = Changed::default();
        for (&target, source) in targets.iter().zip(&sources) {
            self.keep_changed_operands(target, &changed);
            if let &Source::Expr(e) = source {
                self.keep_if_changed(e, &changed);
            }
            self.note_target(target, &mut changed);
        }
        for (&target, source) in targets.iter().zip(sources) {
            let (from, value) = match source {
                Source::Expr(e) => (self.type_of(e), self.expr(e)),
                Source::Value(from, value) => (from, value),
            };
            self.bind(target, define, from, value);
        }
    }

    /// The operands of a target that earlier assignments change.
    fn keep_changed_operands(&mut self, target: &'a Expr, changed: &Changed) {
        let target = unparenthesised(target);
        match &target.kind {
            ExprKind::Star(x) => self.keep_if_changed(x, changed),
            ExprKind::Index { x, indices, .. } => {
                let ty = self.type_of(x);
                if matches!(self.l.program.kind(ty), Kind::Array { .. }) {
                    self.keep_if_changed(&indices[0], changed);
                    self.keep_changed_operands(x, changed);
                } else {
                    self.keep_if_changed(x, changed);
                    self.keep_if_changed(&indices[0], changed);
                }
            }
            ExprKind::Selector { x, .. } => {
                if self.is_direct_field(target) {
                    self.keep_changed_operands(x, changed);
                } else if self.selection(target).is_some() {
                    self.keep_if_changed(x, changed);
                }
            }
            _ => {}
        }
    }

    fn keep_if_changed(&mut self, e: &'a Expr, changed: &Changed) {
        if changed.everything
            || (changed.memory || !changed.variables.is_empty()) && self.depends_on(unparenthesised(e), changed)
        {
            self.keep(e);
        }
    }

    /// A field of the operand itself, without a pointer on the way.
    fn is_direct_field(&mut self, e: &Expr) -> bool {
        let ExprKind::Selector { x, .. } = &e.kind else { return false };
        let Some(selection) = self.l.program.selection(self.env.pkg, self.env.file, e.id) else { return false };
        let ty = self.type_of(x);
        let is_method = self.selection(e).is_some_and(|s| s.is_method_call() || s.is_method_expression());
        !is_method && !selection.indirect && !matches!(self.l.program.kind(ty), Kind::Pointer(_))
    }

    /// What an assignment to a target changes.
    fn note_target(&mut self, target: &'a Expr, changed: &mut Changed) {
        let target = unparenthesised(target);
        match &target.kind {
            ExprKind::Name(name) if name == "_" => {}
            ExprKind::Name(_) => match self.object(target.id) {
                Some(obj) => self.note_variable(obj, changed),
                None => changed.memory = true,
            },
            ExprKind::Selector { x, .. } if self.is_direct_field(target) => self.note_target(x, changed),
            ExprKind::Index { x, .. } => {
                let ty = self.type_of(x);
                match self.l.program.kind(ty) {
                    Kind::Array { .. } => self.note_target(x, changed),
                    _ => changed.memory = true,
                }
            }
            _ => changed.memory = true,
        }
    }

    fn note_variable(&mut self, obj: ObjId, changed: &mut Changed) {
        if self.defer_slot.is_some() && self.results.iter().any(|result| result.obj == Some(obj)) {
            changed.everything = true;
        } else if self.is_shared(obj) {
            changed.memory = true;
        } else {
            changed.variables.push(obj);
        }
    }

    /// Whether a variable can be changed by other ways than its name in this function.
    fn is_shared(&mut self, obj: ObjId) -> bool {
        match self.variables.get(&obj) {
            Some(Variable::Boxed(_) | Variable::BoxedSlot(_)) => true,
            Some(_) => false,
            None if self.l.program.is_local_variable(obj) => {
                let ty = self.l.program.object_type(obj);
                let ty = self.subst(ty);
                self.must_box(obj, ty)
            }
            None => true,
        }
    }

    /// Whether the value of an expression may depend on what has changed.
    fn depends_on(&mut self, e: &'a Expr, changed: &Changed) -> bool {
        if self.is_ahead(e) || self.l.program.constant(self.env.pkg, self.env.file, e.id).is_some() {
            return false;
        }
        match &e.kind {
            ExprKind::Paren(x) => self.depends_on(x, changed),
            ExprKind::Name(_) => {
                let Some(obj) = self.object(e.id) else { return false };
                let is_variable = !self.l.program.is_function(obj)
                    && !self.l.program.is_nil(self.env.pkg, self.env.file, e.id)
                    && !self.l.program.is_type_expr(self.env.pkg, self.env.file, e.id);
                is_variable && (changed.variables.contains(&obj) || changed.memory && self.is_shared(obj))
            }
            ExprKind::Selector { x, sel } => match self.selection(e) {
                None => {
                    let obj = self.object(sel.id);
                    changed.memory && !obj.is_some_and(|obj| self.l.program.is_function(obj))
                }
                Some(selection) if selection.is_method_expression() => false,
                Some(_) => changed.memory && !self.is_direct_field(e) || self.depends_on(x, changed),
            },
            ExprKind::Unary { op, x } => {
                let arithmetic = matches!(op, UnaryOp::Plus | UnaryOp::Neg | UnaryOp::Xor);
                changed.memory && !arithmetic || self.depends_on(x, changed)
            }
            ExprKind::Binary { op, x, y, .. } => {
                use BinaryOp::*;
                let ty = self.type_of(e);
                let arithmetic =
                    !matches!(op, Eq | Ne | Lt | Le | Gt | Ge) && !matches!(self.l.program.kind(ty), Kind::String);
                changed.memory && !arithmetic || self.depends_on(x, changed) || self.depends_on(y, changed)
            }
            ExprKind::Call { args, .. } => {
                let ty = self.type_of(e);
                let text = matches!(self.l.program.kind(ty), Kind::String | Kind::Slice(_));
                changed.memory && text || args.iter().any(|arg| self.depends_on(arg, changed))
            }
            ExprKind::TypeAssert { x, .. } => self.depends_on(x, changed),
            ExprKind::Star(x) => changed.memory || self.depends_on(x, changed),
            ExprKind::Index { x, indices, .. } => {
                changed.memory || self.depends_on(x, changed) || self.depends_on(&indices[0], changed)
            }
            ExprKind::CompositeLit { elems, .. } => {
                changed.memory || elems.iter().any(|elem| self.depends_on(&elem.value, changed))
            }
            ExprKind::Lit(_) => false,
            _ => changed.memory,
        }
    }

    fn is_map_element(&mut self, e: &Expr) -> bool {
        let ExprKind::Index { x, .. } = &e.kind else { return false };
        let ty = self.type_of(x);
        matches!(self.l.program.kind(ty), Kind::Map { .. })
    }

    /// Gives a value to a left-hand side of `:=` (or `=`).
    pub fn bind(&mut self, e: &'a Expr, define: bool, from: TypeId, value: Val) {
        let e = unparenthesised(e);
        if is_blank(e) {
            return;
        }
        if let ExprKind::Name(name) = &e.kind {
            self.b.at(e.pos);
            if define && self.l.program.is_definition(self.env.pkg, self.env.file, e) {
                return self.define_name(e.id, name, from, value);
            }
        }
        let ty = self.type_of(e);
        self.order(e);
        let value = self.convert_implicitly(value, from, ty);
        let place = self.place(e);
        self.b.at(e.pos);
        self.store(ty, &place, &value);
    }

    pub fn inc_dec(&mut self, x: &'a Expr, inc: bool) {
        let ty = self.type_of(x);
        self.order(x);
        let place = self.place(x);
        let old = self.load(ty, &place);
        let one = self.one_of(ty);
        let op = if inc { BinaryOp::Add } else { BinaryOp::Sub };
        let new = self.arithmetic(op, ty, &old, &one);
        self.store(ty, &place, &new);
    }

    /// The value 1 of a numeric type.
    pub fn one_of(&mut self, ty: TypeId) -> Val {
        let layout = self.layout(ty);
        let scalars = layout.scalars.clone().unwrap_or_default();
        let values = scalars
            .iter()
            .enumerate()
            .map(|(i, s)| match (i, s.ty.is_float()) {
                (0, true) => self.b.float(s.ty, 1.0),
                (_, true) => self.b.float(s.ty, 0.0),
                _ => self.b.int(s.ty, 1),
            })
            .collect();
        Val::Scalars(values)
    }

    pub fn op_assign(&mut self, lhs: &'a Expr, op: BinaryOp, op_pos: gorace_base::Pos, rhs: &'a Expr) {
        let ty = self.type_of(lhs);
        let lhs = unparenthesised(lhs);
        self.order_assignment(std::slice::from_ref(lhs), &[(rhs, None)], false);
        if self.is_map_element(lhs) {
            self.keep(rhs);
        } else {
            self.keep_operands(lhs);
        }
        let place = self.place(lhs);
        if let Place::Memory { addr, race: true, .. } = place
            && matches!(lhs.kind, ExprKind::Selector { .. } | ExprKind::Star(_))
            && self.may_panic(rhs)
        {
            // The old value is read first, but loaded where it is used.
            self.b.emit(crate::Inst::NilCheck { addr });
        }
        let count_type = self.type_of(rhs);
        let right = self.expr(rhs);
        self.b.at(lhs.pos);
        let old = self.load(ty, &place);
        self.b.at(op_pos);
        let new = match op {
            BinaryOp::Shl | BinaryOp::Shr => Val::Scalars(vec![self.shift(op, ty, old.one(), count_type, right.one())]),
            _ => self.arithmetic(op, ty, &old, &right),
        };
        self.b.at(lhs.pos);
        self.store(ty, &place, &new);
    }

    /// Whether the evaluation of what is left of an expression may panic.
    fn may_panic(&mut self, e: &'a Expr) -> bool {
        if self.is_ahead(e) || self.l.program.constant(self.env.pkg, self.env.file, e.id).is_some() {
            return false;
        }
        match &e.kind {
            ExprKind::Name(_) | ExprKind::Lit(_) => false,
            ExprKind::Paren(x) => self.may_panic(x),
            ExprKind::Binary { op: BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul, x, y, .. } => {
                self.may_panic(x) || self.may_panic(y)
            }
            ExprKind::Call { args, .. } => args.iter().any(|arg| self.may_panic(arg)),
            _ => true,
        }
    }

    /// Stores the operands of a return statement to the results, where deferred functions or closures see them.
    pub fn assign_results(&mut self, results: &'a [Expr], declared: &[ResultVariable]) {
        let mut changed = Changed::default();
        // `return a` of the result `a` itself stores nothing: who reads it elsewhere does not race with that.
        let stored: Vec<_> = results.iter().zip(declared).filter(|(e, result)| !self.is_result(e, result)).collect();
        for &(e, result) in &stored {
            self.keep_if_changed(e, &changed);
            match result.obj {
                _ if self.defer_slot.is_some() => changed.everything = true,
                Some(obj) => self.note_variable(obj, &mut changed),
                None => {}
            }
        }
        for (e, result) in stored {
            let value = self.expr_to(e, result.ty);
            let place = self.variable_place(&result.variable);
            self.store(result.ty, &place, &value);
        }
    }

    /// Whether an expression is the result variable itself.
    fn is_result(&self, e: &Expr, result: &ResultVariable) -> bool {
        matches!(e.kind, ExprKind::Name(_)) && result.obj.is_some() && self.object(e.id) == result.obj
    }
}

/// Whether an expression is `_`.
pub fn is_blank(e: &Expr) -> bool {
    matches!(&unparenthesised(e).kind, ExprKind::Name(name) if name == "_")
}
