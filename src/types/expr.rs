//! Expressions: operators, indexing, slicing, literals, assertions.

use crate::check::{Checker, Environment};
use crate::constant::{self, Const};
use crate::operand::Operand;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{self, BinaryOp, Expr, ExprKind, Name, UnaryOp};
use gorace_syntax::printer::{binary_op, expr_string};
use std::rc::Rc;

impl<'a> Checker<'a> {
    /// An expression that is a single value; `hint` types elided literals and function arguments.
    pub fn expr(&mut self, e: &'a Expr, hint: Option<TypeId>) -> Operand<'a> {
        let mut x = self.raw(e, hint, false);
        self.exclude(&mut x, true);
        self.single_value(&mut x);
        x
    }

    /// An expression that may be a call with any number of results.
    pub fn multi_expr(&mut self, e: &'a Expr) -> Operand<'a> {
        let mut x = self.raw(e, None, false);
        self.exclude(&mut x, false);
        x
    }

    /// An expression or a type.
    pub fn expr_or_type(&mut self, e: &'a Expr, allow_generic: bool) -> Operand<'a> {
        let mut x = self.raw(e, None, allow_generic);
        if x.mode == Mode::NoValue || x.mode == Mode::Builtin {
            self.exclude(&mut x, true);
        }
        self.single_value(&mut x);
        x
    }

    fn exclude(&mut self, x: &mut Operand<'a>, no_value: bool) {
        let text = x.expr.map(expr_string).unwrap_or_default();
        match x.mode {
            Mode::NoValue if no_value => self.error(x.pos(), format!("{text} (no value) used as value")),
            Mode::Builtin => self.error(x.pos(), format!("{text} (built-in) must be called")),
            Mode::TypeExpr => self.error(x.pos(), format!("{text} (type) is not an expression")),
            _ => return,
        }
        x.make_invalid();
    }

    /// Checks an expression and records what it is.
    pub fn raw(&mut self, e: &'a Expr, hint: Option<TypeId>, allow_generic: bool) -> Operand<'a> {
        let mut x = self.inner(e, hint);
        x.expr = Some(e);
        if !allow_generic
            && matches!(x.mode, Mode::Value)
            && let Type::Signature(s) = self.store.get(x.ty).clone()
            && !s.type_params.is_empty()
        {
            // A generic function used as a value: the target type may instantiate it.
            self.instantiate_by_target(&mut x, hint);
        }
        self.record(e.id, x.mode, x.ty);
        if let (Mode::Constant, Some(value)) = (x.mode, &x.value) {
            self.record_constant(e.id, value.clone());
        }
        if let (Mode::Builtin, Some(b)) = (x.mode, x.builtin) {
            self.info[self.file].builtins.insert(e.id, b);
        }
        x
    }

    fn instantiate_by_target(&mut self, x: &mut Operand<'a>, hint: Option<TypeId>) {
        let Some(e) = x.expr else { return };
        if let Some(target) = hint
            && let Some(Type::Signature(_)) = self.store.core_type(target).map(|t| self.store.get(t).clone())
            && self.infer_from_target(x, e, target)
        {
            return;
        }
        self.not_instantiated(x, e);
    }

    fn inner(&mut self, e: &'a Expr, hint: Option<TypeId>) -> Operand<'a> {
        match &e.kind {
            ExprKind::Bad => Operand::invalid(e),
            ExprKind::Name(name) => self.name(e, name),
            ExprKind::Lit(lit) => self.literal(e, lit),
            ExprKind::Paren(x) => {
                let x = self.raw(x, hint, true);
                Operand { expr: Some(e), ..x }
            }
            ExprKind::FuncLit(lit) => self.func_lit(e, lit),
            ExprKind::CompositeLit { ty, elems, lbrace, rbrace } => {
                self.composite(e, ty.as_deref(), elems, hint, *lbrace, *rbrace)
            }
            ExprKind::Selector { x, sel } => self.selector(e, x, sel),
            ExprKind::Index { x, indices, .. } => self.index(e, x, indices),
            ExprKind::Slice { .. } => self.slice_expr(e),
            ExprKind::TypeAssert { x, ty, .. } => self.type_assert(e, x, ty.as_deref()),
            ExprKind::Call { .. } => self.call(e, hint),
            ExprKind::Star(x) => self.star(e, x),
            ExprKind::Unary { op, x } => self.unary(e, *op, x, hint),
            ExprKind::Binary { op, op_pos, x, y } => self.binary(e, *op, *op_pos, x, y, hint),
            _ => {
                let ty = self.typ(e);
                let mode = if ty == Basic::Invalid.id() { Mode::Invalid } else { Mode::TypeExpr };
                Operand { mode, ty, value: None, expr: Some(e), builtin: None }
            }
        }
    }

    fn name(&mut self, e: &'a Expr, name: &Name) -> Operand<'a> {
        if name == "_" {
            self.error(e.pos, "cannot use _ as value");
            return Operand::invalid(e);
        }
        let scope = self.scope();
        let Some(obj) = self.store.lookup(scope, name) else {
            self.error(e.pos, format!("undefined: {name}"));
            return Operand::invalid(e);
        };
        self.use_object(e.id, name, obj);
        self.resolve_if_global(obj);
        self.object_operand(e, obj)
    }

    /// The operand that a resolved object is.
    pub fn object_operand(&mut self, e: &'a Expr, obj: ObjId) -> Operand<'a> {
        let object = self.store.object(obj);
        let ty = object.ty;
        let mut x = Operand::value(e, ty);
        match object.kind.clone() {
            ObjKind::Package(_) => {
                let name = object.name.clone();
                self.error(e.pos, format!("use of package {name} without selector"));
                return Operand::invalid(e);
            }
            ObjKind::Const(value) => {
                if self.store.object(obj).pkg.is_some() && self.store.object(obj).global {
                    self.add_dependency(obj);
                }
                if object_is_iota(self.store, obj) {
                    match self.env.iota {
                        Some(n) => {
                            x.mode = Mode::Constant;
                            x.ty = Basic::UntypedInt.id();
                            x.value = Some(Const::int(i64::from(n)));
                            return x;
                        }
                        None => {
                            self.error(e.pos, "cannot use iota outside constant declaration");
                            return Operand::invalid(e);
                        }
                    }
                }
                if ty == Basic::Invalid.id() {
                    return Operand::invalid(e);
                }
                x.mode = Mode::Constant;
                x.value = Some(value);
            }
            ObjKind::TypeName { .. } => {
                if ty == Basic::Invalid.id() {
                    return Operand::invalid(e);
                }
                if let Some(named) = self.store.as_named(ty)
                    && named.is_generic()
                {
                    let text = self.show(ty);
                    self.error(e.pos, format!("cannot use generic type {text} without instantiation"));
                    return Operand::invalid(e);
                }
                x.mode = Mode::TypeExpr;
            }
            ObjKind::Var { .. } => {
                self.store.object_mut(obj).used = true;
                if self.store.object(obj).global {
                    self.add_dependency(obj);
                }
                if ty == Basic::Invalid.id() {
                    return Operand::invalid(e);
                }
                x.mode = Mode::Variable;
            }
            ObjKind::Func => {
                self.add_dependency(obj);
                if ty == Basic::Invalid.id() {
                    return Operand::invalid(e);
                }
            }
            ObjKind::Builtin(b) => {
                x.mode = Mode::Builtin;
                x.builtin = Some(b);
            }
            ObjKind::Nil => x.mode = Mode::Nil,
            ObjKind::Label => return Operand::invalid(e),
        }
        x
    }

    fn literal(&mut self, e: &'a Expr, lit: &ast::BasicLit) -> Operand<'a> {
        if lit.bad {
            return Operand::invalid(e);
        }
        let basic = match lit.kind {
            ast::LitKind::Int => Basic::UntypedInt,
            ast::LitKind::Float => Basic::UntypedFloat,
            ast::LitKind::Imag => Basic::UntypedComplex,
            ast::LitKind::Char => Basic::UntypedRune,
            ast::LitKind::String => Basic::UntypedString,
        };
        match Const::literal(lit.kind, &lit.text) {
            Some(value) if !value.too_large() => {
                Operand { mode: Mode::Constant, ty: basic.id(), value: Some(value), expr: Some(e), builtin: None }
            }
            Some(_) => {
                self.error(e.pos, "excessively long constant");
                Operand::invalid(e)
            }
            None => {
                self.error(e.pos, format!("malformed constant: {}", lit.text));
                Operand::invalid(e)
            }
        }
    }

    fn func_lit(&mut self, e: &'a Expr, lit: &'a ast::FuncLit) -> Operand<'a> {
        let outer = self.scope();
        let scope = self.store.new_scope(Some(outer));
        let saved = self.env.scope.replace(scope);
        let (signature, result_names) = self.signature_type(&lit.ty, Rc::from([]));
        self.env.scope = saved;
        let Type::Signature(parts) = self.store.get(signature).clone() else { return Operand::invalid(e) };
        let env = Environment {
            scope: Some(scope),
            iota: self.env.iota,
            signature: Some(parts),
            result_names,
            declaring: self.env.declaring,
            type_params: self.env.type_params.clone(),
            in_function: true,
            has_label: false,
            lazy_types: false,
            type_decl: false,
        };
        // Checked at once inside a function, so that uses of its variables count; later at package level.
        if self.env.in_function {
            self.function_body(env, &lit.body);
        } else {
            let file = self.file;
            self.delayed.push(Box::new(move |c| {
                c.file = file;
                c.function_body(env, &lit.body);
            }));
        }
        Operand::value(e, signature)
    }

    fn star(&mut self, e: &'a Expr, x: &'a Expr) -> Operand<'a> {
        let mut x = self.expr_or_type(x, false);
        match x.mode {
            Mode::Invalid => {}
            Mode::TypeExpr => {
                x.ty = self.store.pointer(x.ty);
            }
            _ => {
                let core = self.store.core_type(x.ty);
                match core.map(|t| self.store.get(t).clone()) {
                    Some(Type::Pointer(elem)) => {
                        x.mode = Mode::Variable;
                        x.ty = elem;
                    }
                    _ if x.is_nil() => {
                        self.error(x.pos(), "invalid operation: cannot indirect nil");
                        x.make_invalid();
                    }
                    _ => {
                        let what = self.describe(&x);
                        self.error(x.pos(), format!("invalid operation: cannot indirect {what}"));
                        x.make_invalid();
                    }
                }
            }
        }
        x.expr = Some(e);
        x.value = None;
        x
    }

    fn unary(&mut self, e: &'a Expr, op: UnaryOp, operand: &'a Expr, hint: Option<TypeId>) -> Operand<'a> {
        if op == UnaryOp::Addr {
            let mut inner = operand;
            while let ExprKind::Paren(p) = &inner.kind {
                inner = p;
            }
            if let ExprKind::CompositeLit { .. } = &inner.kind {
                let elem_hint = hint.and_then(|h| match self.store.under_type(h) {
                    Type::Pointer(elem) => Some(elem),
                    _ => None,
                });
                let x = self.expr(operand, elem_hint);
                if x.is_invalid() {
                    return x;
                }
                let ty = self.store.pointer(x.ty);
                return Operand::value(e, ty);
            }
        }
        let mut x = self.expr(operand, hint);
        if x.is_invalid() {
            return x;
        }
        match op {
            UnaryOp::Addr => {
                if x.mode != Mode::Variable {
                    let what = self.describe(&x);
                    self.error(x.pos(), format!("invalid operation: cannot take address of {what}"));
                    x.make_invalid();
                    return x;
                }
                let ty = self.store.pointer(x.ty);
                Operand::value(e, ty)
            }
            UnaryOp::Recv => {
                let core = self.store.core_type(x.ty);
                match core.map(|t| self.store.get(t).clone()) {
                    Some(Type::Chan { dir, elem }) => {
                        if dir == ast::ChanDir::Send {
                            let what = self.describe(&x);
                            self.error(
                                x.pos(),
                                format!("invalid operation: cannot receive from send-only channel {what}"),
                            );
                            x.make_invalid();
                            return x;
                        }
                        Operand { mode: Mode::CommaOk, ..Operand::value(e, elem) }
                    }
                    _ => {
                        let what = self.describe(&x);
                        self.error(x.pos(), format!("invalid operation: cannot receive from non-channel {what}"));
                        x.make_invalid();
                        x
                    }
                }
            }
            UnaryOp::Tilde => {
                self.error(e.pos, "cannot use ~ outside of interface or type constraint");
                Operand::invalid(e)
            }
            _ => {
                let fits = match op {
                    UnaryOp::Plus | UnaryOp::Neg => self.store.all_basic(x.ty, Basic::is_numeric),
                    UnaryOp::Xor => self.store.all_basic(x.ty, Basic::is_integer),
                    _ => self.store.all_basic(x.ty, Basic::is_boolean),
                };
                if !fits {
                    let what = self.describe(&x);
                    let sign = gorace_syntax::printer::unary_op(op);
                    self.error(e.pos, format!("invalid operation: operator {sign} not defined on {what}"));
                    x.make_invalid();
                    return x;
                }
                if x.mode == Mode::Constant {
                    let basic = self.store.basic(x.ty).unwrap_or(Basic::Invalid);
                    let bits = basic.is_unsigned().then(|| self.store.size_of(x.ty) as u32 * 8);
                    x.value = x.value.map(|v| constant::unary(op, &v, bits));
                    x.expr = Some(e);
                    self.overflow(&mut x, e.pos);
                    return x;
                }
                x.mode = Mode::Value;
                x.expr = Some(e);
                x
            }
        }
    }

    /// A typed constant must fit its type; an untyped one must not grow without bounds.
    pub fn overflow(&mut self, x: &mut Operand<'a>, pos: Pos) {
        let Some(value) = x.value.clone() else { return };
        if !value.is_known() {
            return;
        }
        if !self.store.is_untyped(x.ty) {
            let Some(basic) = self.store.basic(x.ty) else { return };
            match self.representable(&value, basic) {
                Some(v) => x.value = Some(v),
                None => {
                    let text = x.expr.map(expr_string).unwrap_or_default();
                    let ty = self.show(x.ty);
                    let _ = pos;
                    if matches!(x.expr.map(|e| &e.kind), Some(ExprKind::Binary { .. } | ExprKind::Unary { .. })) {
                        self.error(x.pos(), format!("{text} (constant {} of type {ty}) overflows {ty}", value.text()));
                    } else {
                        self.error(
                            x.pos(),
                            format!(
                                "cannot use {text} (constant {} of type {ty}) as {ty} value (overflows)",
                                value.text()
                            ),
                        );
                    }
                    x.make_invalid();
                }
            }
        } else if value.too_large() {
            self.error(pos, "constant overflow");
            x.value = Some(Const::Unknown);
        }
    }

    fn binary(
        &mut self,
        e: &'a Expr,
        op: BinaryOp,
        op_pos: Pos,
        lhs: &'a Expr,
        rhs: &'a Expr,
        hint: Option<TypeId>,
    ) -> Operand<'a> {
        let _ = hint;
        let x = self.expr(lhs, None);
        let y = self.expr(rhs, None);
        self.binary_operands(e, op, op_pos, x, y)
    }

    /// A binary operation on checked operands.
    pub fn binary_operands(
        &mut self,
        e: &'a Expr,
        op: BinaryOp,
        op_pos: Pos,
        mut x: Operand<'a>,
        mut y: Operand<'a>,
    ) -> Operand<'a> {
        use BinaryOp::*;
        if x.is_invalid() || y.is_invalid() {
            return Operand::invalid(e);
        }
        if matches!(op, Shl | Shr) {
            return self.shift(e, op, x, y);
        }
        self.match_types(&mut x, &mut y);
        if x.is_invalid() || y.is_invalid() {
            return Operand::invalid(e);
        }
        let compares = matches!(op, Eq | Ne | Lt | Le | Gt | Ge);
        if compares {
            return self.comparison(e, op, op_pos, x, y);
        }
        if x.ty != y.ty {
            let (a, b) = (self.show(x.ty), self.show(y.ty));
            let text = expr_string(e);
            self.error(x.pos(), format!("invalid operation: {text} (mismatched types {a} and {b})"));
            return Operand::invalid(e);
        }
        let ty = x.ty;
        let fits = match op {
            Add => self.store.all_basic(ty, |b| b.is_numeric() || b.is_string()),
            Sub | Mul | Div => self.store.all_basic(ty, Basic::is_numeric),
            Rem | And | Or | Xor | AndNot => self.store.all_basic(ty, Basic::is_integer),
            _ => self.store.all_basic(ty, Basic::is_boolean),
        };
        if !fits {
            let what = self.describe(&x);
            self.error(x.pos(), format!("invalid operation: operator {} not defined on {what}", binary_op(op)));
            return Operand::invalid(e);
        }
        let integer = self.store.all_basic(ty, Basic::is_integer);
        if matches!(op, Div | Rem)
            && (x.mode == Mode::Constant || integer)
            && y.mode == Mode::Constant
            && y.value.as_ref().is_some_and(Checker::is_zero)
        {
            self.error(y.pos(), "invalid operation: division by zero");
            return Operand::invalid(e);
        }
        let mut out = Operand::value(e, ty);
        if let (Mode::Constant, Mode::Constant, Some(a), Some(b)) = (x.mode, y.mode, &x.value, &y.value) {
            let both_int = integer && a.to_int().is_some() && b.to_int().is_some();
            let (a, b) = if both_int && op == Div {
                (a.to_int().map_or(Const::Unknown, Const::Int), b.to_int().map_or(Const::Unknown, Const::Int))
            } else {
                (a.clone(), b.clone())
            };
            out.mode = Mode::Constant;
            out.value = Some(constant::binary(op, &a, &b, both_int));
            self.overflow(&mut out, op_pos);
        }
        out
    }

    /// Brings two operands to a common type where one or both are untyped.
    pub fn match_types(&mut self, x: &mut Operand<'a>, y: &mut Operand<'a>) {
        let (ux, uy) = (self.store.is_untyped(x.ty), self.store.is_untyped(y.ty));
        if !ux && !uy {
            return;
        }
        // Mixed kinds that can never match are reported by the caller as mismatched.
        let x_side = self.store.is_interface(x.ty) || self.store.is_interface(y.ty);
        if !x_side {
            let class = |c: &mut Self, t: TypeId| {
                (c.store.all_basic(t, Basic::is_boolean), c.store.all_basic(t, Basic::is_string))
            };
            let (a, b) = (class(self, x.ty), class(self, y.ty));
            if (a != b)
                && !x.is_nil()
                && !y.is_nil()
                && self.store.basic(x.ty).is_some()
                && self.store.basic(y.ty).is_some()
            {
                return;
            }
        }
        if x.is_nil() && y.is_nil() {
            return;
        }
        if x.is_nil() && !self.store.has_nil(y.ty) || y.is_nil() && !self.store.has_nil(x.ty) {
            return;
        }
        if ux && uy {
            let target = x.ty.max(y.ty);
            self.convert_untyped(x, target);
            self.convert_untyped(y, target);
        } else if ux {
            let target =
                if self.store.is_interface(y.ty) && !x.is_nil() { self.store.default_type(x.ty) } else { y.ty };
            if self.fits_operation(x, y, target) {
                self.convert_untyped(x, target);
            }
        } else {
            let target =
                if self.store.is_interface(x.ty) && !y.is_nil() { self.store.default_type(y.ty) } else { x.ty };
            if self.fits_operation(y, x, target) {
                self.convert_untyped(y, target);
            }
        }
    }

    fn fits_operation(&mut self, untyped: &Operand<'a>, other: &Operand<'a>, target: TypeId) -> bool {
        let _ = other;
        self.implicit_type(untyped, target).is_some()
    }

    fn comparison(
        &mut self,
        e: &'a Expr,
        op: BinaryOp,
        op_pos: Pos,
        mut x: Operand<'a>,
        mut y: Operand<'a>,
    ) -> Operand<'a> {
        let equality = matches!(op, BinaryOp::Eq | BinaryOp::Ne);
        let _ = op_pos;
        let assignable = self.assignable(&x, y.ty).is_ok() || self.assignable(&y, x.ty).is_ok();
        let text = expr_string(e);
        if !assignable {
            let (a, b) = (self.show(x.ty), self.show(y.ty));
            self.error(x.pos(), format!("invalid operation: {text} (mismatched types {a} and {b})"));
            return Operand::invalid(e);
        }
        let problem = if equality {
            if x.is_nil() || y.is_nil() {
                let other = if x.is_nil() { y.ty } else { x.ty };
                if x.is_nil() && y.is_nil() {
                    Some("operator == not defined on nil".replace("==", binary_op(op)))
                } else if self.store.has_nil(other) {
                    None
                } else {
                    let t = self.show(other);
                    Some(format!("mismatched types {t} and untyped nil"))
                }
            } else if !self.store.is_comparable(x.ty, true) {
                Some(self.incomparable(x.ty))
            } else if !self.store.is_comparable(y.ty, true) {
                Some(self.incomparable(y.ty))
            } else {
                None
            }
        } else {
            let ordered = |b: Basic| b.is_integer() || b.is_float() || b.is_string();
            if !self.store.all_basic(x.ty, ordered) || !self.store.all_basic(y.ty, ordered) {
                let word = self.word_for(x.ty);
                Some(format!("operator {} not defined on {word}", binary_op(op)))
            } else {
                None
            }
        };
        if let Some(problem) = problem {
            self.error(x.pos(), format!("invalid operation: {text} ({problem})"));
            return Operand::invalid(e);
        }
        let mut out = Operand::value(e, Basic::UntypedBool.id());
        if let (Mode::Constant, Mode::Constant, Some(a), Some(b)) = (x.mode, y.mode, &x.value, &y.value) {
            out.mode = Mode::Constant;
            out.value = Some(Const::Bool(constant::compare(op, a, b)));
        } else {
            // The operands get their default types: the result says nothing about them.
            for side in [&mut x, &mut y] {
                if self.store.is_untyped(side.ty)
                    && !side.is_nil()
                    && let Some(part) = side.expr
                {
                    let ty = self.store.default_type(side.ty);
                    let value = side.value.clone();
                    self.update_type(part, ty, value);
                }
            }
        }
        out
    }

    fn word_for(&mut self, ty: TypeId) -> String {
        match self.store.under_type(ty) {
            Type::Slice(_) => "slice".to_string(),
            Type::Signature(_) => "func".to_string(),
            Type::Map { .. } => "map".to_string(),
            Type::Pointer(_) => "pointer".to_string(),
            Type::Chan { .. } => "chan".to_string(),
            Type::Interface(_) => "interface".to_string(),
            Type::Struct(_) => "struct".to_string(),
            _ => self.show(ty),
        }
    }

    fn incomparable(&mut self, ty: TypeId) -> String {
        match self.store.under_type(ty) {
            Type::Slice(_) | Type::Signature(_) | Type::Map { .. } => {
                let word = self.word_for(ty);
                format!("{word} can only be compared to nil")
            }
            Type::Struct(fields) => {
                for field in fields.iter() {
                    if !self.store.is_comparable(field.ty, true) {
                        let t = self.show(field.ty);
                        return format!("struct containing {t} cannot be compared");
                    }
                }
                format!("{} cannot be compared", self.show(ty))
            }
            _ if self.store.is_type_param(ty) => "incomparable types in type set".to_string(),
            _ => format!("{} cannot be compared", self.show(ty)),
        }
    }

    fn shift(&mut self, e: &'a Expr, op: BinaryOp, mut x: Operand<'a>, mut y: Operand<'a>) -> Operand<'a> {
        let integral = self.store.all_basic(x.ty, Basic::is_integer);
        let constant_int = self.store.is_untyped(x.ty) && x.value.as_ref().is_some_and(|v| v.to_int().is_some());
        if !integral && !constant_int {
            let what = self.describe(&x);
            self.error(x.pos(), format!("invalid operation: shifted operand {what} must be integer"));
            return Operand::invalid(e);
        }
        if y.mode == Mode::Constant {
            let value = y.value.clone().unwrap_or(Const::Unknown);
            match value.to_int() {
                None if value.is_known() => {
                    let what = self.describe(&y);
                    self.error(y.pos(), format!("invalid operation: shift count {what} must be integer"));
                    return Operand::invalid(e);
                }
                Some(n) if num_traits::Signed::is_negative(&n) => {
                    let what = self.describe(&y);
                    self.error(y.pos(), format!("invalid operation: negative shift count {what}"));
                    return Operand::invalid(e);
                }
                _ => {}
            }
            if self.store.is_untyped(y.ty) {
                self.convert_untyped(&mut y, Basic::Uint.id());
                if y.is_invalid() {
                    return Operand::invalid(e);
                }
            }
        } else {
            if !self.store.all_basic(y.ty, Basic::is_integer) {
                let what = self.describe(&y);
                self.error(y.pos(), format!("invalid operation: shift count {what} must be integer"));
                return Operand::invalid(e);
            }
            if self.store.is_untyped(y.ty) {
                self.convert_untyped(&mut y, Basic::Uint.id());
            }
        }
        if x.mode == Mode::Constant {
            if y.mode == Mode::Constant {
                let (Some(value), Some(count)) = (x.value.as_ref(), y.value.as_ref()) else {
                    return Operand::invalid(e);
                };
                if !value.is_known() || !count.is_known() {
                    return Operand { mode: Mode::Constant, value: Some(Const::Unknown), ..Operand::value(e, x.ty) };
                }
                let Some(n) = count.as_i64().filter(|n| *n < 1023 - 1 + 52) else {
                    let what = self.describe(&y);
                    self.error(y.pos(), format!("invalid shift count {what}"));
                    return Operand::invalid(e);
                };
                let ty = if self.store.is_untyped(x.ty) && !integral { Basic::UntypedInt.id() } else { x.ty };
                let mut out = Operand::value(e, ty);
                out.mode = Mode::Constant;
                out.value = Some(constant::shift(op, value, n as u32));
                self.overflow(&mut out, e.pos);
                return out;
            }
            if self.store.is_untyped(x.ty) {
                // A non-constant shift: the left operand gets the type it would have without the shift.
                if let Some(part) = x.expr {
                    let value = x.value.as_ref().and_then(Const::to_int).map(Const::Int);
                    if let Some(v) = value {
                        self.info[self.file].constants.insert(part.id, v);
                    }
                }
                return Operand::value(e, x.ty);
            }
        }
        if !self.store.all_basic(x.ty, Basic::is_integer) {
            let what = self.describe(&x);
            self.error(x.pos(), format!("invalid operation: shifted operand {what} must be integer"));
            return Operand::invalid(e);
        }
        x.mode = Mode::Value;
        x.value = None;
        x.expr = Some(e);
        x
    }

    fn type_assert(&mut self, e: &'a Expr, operand: &'a Expr, ty: Option<&'a Expr>) -> Operand<'a> {
        let x = self.expr(operand, None);
        let Some(ty) = ty else {
            self.error(e.pos, "invalid syntax tree: use of .(type) outside type switch");
            return Operand::invalid(e);
        };
        if x.is_invalid() {
            self.typ(ty);
            return x;
        }
        if !self.store.is_interface(x.ty) {
            let what = self.describe(&x);
            self.error(x.pos(), format!("invalid operation: {what} is not an interface").replace(&what, &what));
            self.typ(ty);
            return Operand::invalid(e);
        }
        let target = self.var_type(ty);
        if target == Basic::Invalid.id() {
            return Operand::invalid(e);
        }
        self.check_assertion(e, &x, target, false);
        Operand { mode: Mode::CommaOk, ..Operand::value(e, target) }
    }

    /// Whether an interface could hold a type.
    pub fn check_assertion(&mut self, e: &Expr, x: &Operand<'a>, target: TypeId, type_switch: bool) {
        if self.store.is_interface(target) {
            return;
        }
        let Some(parts) = self.store.interface(x.ty) else { return };
        if self.store.missing_method(target, &parts).is_some() {
            let cause = self.missing_cause(target, x.ty);
            let cause = cause.strip_prefix(":\n\t").unwrap_or(&cause).to_string();
            if type_switch {
                let (text, t) = (x.expr.map(expr_string).unwrap_or_default(), self.show(target));
                let what = self.describe(x);
                let _ = text;
                self.error(
                    e.pos,
                    format!("impossible type switch case: {what} cannot have dynamic type {t} {}", paren_cause(&cause)),
                );
            } else {
                let text = expr_string(e);
                self.error(e.pos, format!("impossible type assertion: {text}\n\t{cause}"));
            }
        }
    }

    fn index(&mut self, e: &'a Expr, operand: &'a Expr, indices: &'a [Expr]) -> Operand<'a> {
        // An instantiation of a type?
        if self.is_type_operand(operand) {
            let ty = self.typ(e);
            if ty == Basic::Invalid.id() {
                return Operand::invalid(e);
            }
            return Operand { mode: Mode::TypeExpr, ..Operand::value(e, ty) };
        }
        let mut x = self.raw(operand, None, true);
        if x.mode == Mode::Value
            && let Type::Signature(s) = self.store.get(x.ty).clone()
            && !s.type_params.is_empty()
        {
            return self.instantiate_function(e, operand, &s, indices);
        }
        self.exclude(&mut x, true);
        self.single_value(&mut x);
        if x.is_invalid() {
            for i in indices {
                self.expr(i, None);
            }
            return x;
        }
        if indices.len() != 1 {
            self.error(indices[1].pos, "unexpected comma; expected ]");
            return Operand::invalid(e);
        }
        let index = &indices[0];
        let core = self.store.core_string(x.ty);
        let mut length = None;
        let mut out = Operand::value(e, Basic::Invalid.id());
        match core.map(|t| self.store.get(t).clone()) {
            Some(Type::Basic(b)) if b.is_string() => {
                if let (Mode::Constant, Some(Const::String(s))) = (x.mode, &x.value) {
                    length = Some(s.len() as i64);
                }
                out.ty = Basic::Uint8.id();
                if self.store.is_untyped(x.ty) && x.mode != Mode::Constant {
                    self.convert_untyped(&mut x, Basic::String.id());
                }
                if self.store.is_untyped(x.ty)
                    && let Some(part) = x.expr
                {
                    let value = x.value.clone();
                    self.update_type(part, Basic::String.id(), value);
                }
                let n = self.index_operand(index, length);
                if let (Some(n), Some(Const::String(s)), Mode::Constant) = (n, &x.value, x.mode)
                    && let Some(&byte) = s.get(n as usize)
                {
                    // Indexing a constant string gives a byte, but no constant.
                    let _ = byte;
                }
                return out;
            }
            Some(Type::Array { elem, len }) => {
                length = Some(len);
                out.mode = if x.mode == Mode::Variable { Mode::Variable } else { Mode::Value };
                out.ty = elem;
            }
            Some(Type::Pointer(base)) => match self.store.under_type(base) {
                Type::Array { elem, len } => {
                    length = Some(len);
                    out.mode = Mode::Variable;
                    out.ty = elem;
                }
                _ => return self.cannot_index(e, x, index),
            },
            Some(Type::Slice(elem)) => {
                out.mode = Mode::Variable;
                out.ty = elem;
            }
            Some(Type::Map { key, elem }) => {
                let mut k = self.expr(index, Some(key));
                self.assignment(&mut k, Some(key), "map index");
                out.mode = Mode::MapIndex;
                out.ty = elem;
                return out;
            }
            _ => {
                // A type parameter whose types agree on the element.
                if let Some(elem) = self.common_element(x.ty) {
                    self.index_operand(index, None);
                    out.mode = if self.all_slices(x.ty) { Mode::Variable } else { Mode::Value };
                    if x.mode == Mode::Variable {
                        out.mode = Mode::Variable;
                    }
                    out.ty = elem;
                    return out;
                }
                return self.cannot_index(e, x, index);
            }
        }
        self.index_operand(index, length);
        out
    }

    fn all_slices(&mut self, ty: TypeId) -> bool {
        self.store.all(ty, &mut |s, t| matches!(s.get(t), Type::Slice(_) | Type::Pointer(_)))
    }

    fn common_element(&mut self, ty: TypeId) -> Option<TypeId> {
        let terms = self.store.terms(ty)?;
        let mut common = None;
        for term in terms.iter() {
            let elem = match self.store.under_type(term.ty) {
                Type::Basic(b) if b.is_string() => Basic::Uint8.id(),
                Type::Slice(elem) | Type::Array { elem, .. } => elem,
                Type::Pointer(base) => match self.store.under_type(base) {
                    Type::Array { elem, .. } => elem,
                    _ => return None,
                },
                _ => return None,
            };
            if common.is_some_and(|c| c != elem) {
                return None;
            }
            common = Some(elem);
        }
        common
    }

    fn cannot_index(&mut self, e: &'a Expr, x: Operand<'a>, index: &'a Expr) -> Operand<'a> {
        self.expr(index, None);
        let what = self.describe(&x);
        self.error(x.pos(), format!("invalid operation: cannot index {what}"));
        Operand::invalid(e)
    }

    /// Whether an operand of an index expression names a (generic) type.
    pub fn is_type_operand(&mut self, e: &Expr) -> bool {
        let obj = match &e.kind {
            ExprKind::Name(name) => {
                let scope = self.scope();
                self.store.lookup(scope, name)
            }
            ExprKind::Selector { x, sel } => match &x.kind {
                ExprKind::Name(name) => {
                    let scope = self.scope();
                    match self.store.lookup(scope, name).map(|o| self.store.object(o).kind.clone()) {
                        Some(ObjKind::Package(pkg)) => {
                            let target = self.store.package(pkg).scope;
                            self.store.scopes[target.index()].names.get(&sel.name).copied()
                        }
                        _ => None,
                    }
                }
                _ => None,
            },
            ExprKind::Paren(x) => return self.is_type_operand(x),
            _ => None,
        };
        obj.is_some_and(|o| matches!(self.store.object(o).kind, ObjKind::TypeName { .. }))
    }

    /// An index that must be an integer, in range when constant; gives a constant's value.
    fn index_operand(&mut self, e: &'a Expr, length: Option<i64>) -> Option<i64> {
        let mut x = self.expr(e, None);
        if x.is_invalid() {
            return None;
        }
        self.integer_operand(&mut x, "index");
        if x.is_invalid() || x.mode != Mode::Constant {
            return None;
        }
        let n = x.value.as_ref().and_then(Const::as_i64)?;
        if let Some(length) = length
            && n >= length
        {
            let text = expr_string(e);
            self.error(e.pos, format!("invalid argument: index {text} out of bounds [0:{length}]"));
            return None;
        }
        Some(n)
    }

    fn integer_operand(&mut self, x: &mut Operand<'a>, what: &str) {
        if self.store.is_untyped(x.ty) {
            let representable =
                x.value.as_ref().is_none_or(|v| v.to_int().is_some()) && self.store.all_basic(x.ty, Basic::is_numeric);
            if !representable {
                let d = self.describe(x);
                if self.store.all_basic(x.ty, Basic::is_numeric) {
                    self.error(
                        x.pos(),
                        format!("invalid argument: {what} {d} truncated to int")
                            .replace("invalid argument: index", "invalid argument: index"),
                    );
                } else {
                    self.error(x.pos(), format!("invalid argument: {what} {d} must be integer"));
                }
                return x.make_invalid();
            }
            self.convert_untyped(x, Basic::Int.id());
            if x.is_invalid() {
                return;
            }
        }
        if !self.store.all_basic(x.ty, Basic::is_integer) {
            let d = self.describe(x);
            self.error(x.pos(), format!("invalid argument: {what} {d} must be integer"));
            return x.make_invalid();
        }
        if x.mode == Mode::Constant
            && let Some(n) = x.value.as_ref().and_then(Const::to_int)
            && num_traits::Signed::is_negative(&n)
        {
            let d = self.describe(x);
            self.error(x.pos(), format!("invalid argument: {what} {d} must not be negative"));
            x.make_invalid();
        }
    }

    /// A size or count: like an index, without a limit.
    pub fn size_operand(&mut self, e: &'a Expr) -> Option<i64> {
        let mut x = self.expr(e, None);
        if x.is_invalid() {
            return None;
        }
        self.integer_operand(&mut x, "index");
        x.value.as_ref().filter(|_| x.mode == Mode::Constant).and_then(Const::as_i64)
    }

    fn slice_expr(&mut self, e: &'a Expr) -> Operand<'a> {
        let ExprKind::Slice { x: operand, lo, hi, max, full, .. } = &e.kind else { return Operand::invalid(e) };
        let mut x = self.expr(operand, None);
        let mut limit = None;
        let mut out = Operand::value(e, x.ty);
        if !x.is_invalid() {
            let core = self.store.core_string(x.ty);
            match core.map(|t| self.store.get(t).clone()) {
                Some(Type::Basic(b)) if b.is_string() => {
                    if *full {
                        let what = self.describe(&x);
                        self.error(e.pos, "invalid operation: 3-index slice of string");
                        let _ = what;
                        return Operand::invalid(e);
                    }
                    if let (Mode::Constant, Some(Const::String(s))) = (x.mode, &x.value) {
                        limit = Some(s.len() as i64);
                    }
                    if self.store.is_untyped(x.ty) {
                        out.ty = Basic::String.id();
                        if let Some(part) = x.expr {
                            let value = x.value.clone();
                            self.update_type(part, Basic::String.id(), value);
                        }
                    }
                }
                Some(Type::Array { elem, len }) => {
                    limit = Some(len);
                    if x.mode != Mode::Variable {
                        let what = self.describe(&x);
                        self.error(x.pos(), format!("invalid operation: {what} (slice of unaddressable value)"));
                        return Operand::invalid(e);
                    }
                    out.ty = self.store.slice(elem);
                }
                Some(Type::Pointer(base)) => match self.store.under_type(base) {
                    Type::Array { elem, len } => {
                        limit = Some(len);
                        out.ty = self.store.slice(elem);
                    }
                    _ => {
                        let what = self.describe(&x);
                        self.error(x.pos(), format!("cannot slice {what}"));
                        x.make_invalid();
                    }
                },
                Some(Type::Slice(_)) => {}
                _ => {
                    let what = self.describe(&x);
                    self.error(x.pos(), format!("cannot slice {what}"));
                    x.make_invalid();
                }
            }
        }
        let mut known: Vec<i64> = Vec::new();
        for part in [lo, hi, max].into_iter().flatten() {
            let n = self.index_operand(part, limit.map(|l| l + 1));
            if let Some(n) = n {
                if known.last().is_some_and(|&last| last > n) {
                    let last = known[known.len() - 1];
                    self.error(part.pos, format!("invalid slice indices: {n} < {last}"));
                }
                known.push(n);
            }
        }
        if x.is_invalid() { Operand::invalid(e) } else { out }
    }

    fn composite(
        &mut self,
        e: &'a Expr,
        ty: Option<&'a Expr>,
        elems: &'a [ast::Element],
        hint: Option<TypeId>,
        _lbrace: Pos,
        rbrace: Pos,
    ) -> Operand<'a> {
        let mut open_array = None;
        let (ty, base) = match ty {
            Some(written) => {
                if let ExprKind::ArrayType { len, elem } = &written.kind
                    && matches!(len.kind, ExprKind::Ellipsis(_))
                {
                    let elem = self.var_type(elem);
                    open_array = Some((elem, written.id));
                    (Basic::Invalid.id(), Basic::Invalid.id())
                } else {
                    let t = self.typ(written);
                    (t, t)
                }
            }
            None => match hint {
                Some(h) => match self.store.core_type(h).map(|t| self.store.get(t).clone()) {
                    Some(Type::Pointer(elem)) => (h, elem),
                    _ => (h, h),
                },
                None => {
                    self.error(e.pos, "invalid composite literal type: missing type");
                    return Operand::invalid(e);
                }
            },
        };
        if let Some((elem, id)) = open_array {
            let n = self.indexed_elements(elems, elem, None);
            let array = self.store.intern(Type::Array { elem, len: n });
            self.record(id, Mode::TypeExpr, array);
            return Operand::value(e, array);
        }
        match self.store.core_type(base).map(|t| self.store.get(t).clone()) {
            Some(Type::Struct(fields)) => self.struct_literal(elems, base, &fields, rbrace),
            Some(Type::Array { elem, len }) => {
                self.indexed_elements(elems, elem, Some(len));
            }
            Some(Type::Slice(elem)) => {
                self.indexed_elements(elems, elem, None);
            }
            Some(Type::Map { key, elem }) => {
                let mut seen: std::collections::HashSet<String> = std::collections::HashSet::new();
                for element in elems {
                    let Some(k) = &element.key else {
                        self.error(element.value.pos, "missing key in map literal");
                        self.expr(&element.value, Some(elem));
                        continue;
                    };
                    let mut x = self.expr(k, Some(key));
                    self.assignment(&mut x, Some(key), "map literal");
                    if x.mode == Mode::Constant
                        && let Some(v) = &x.value
                        && v.is_known()
                        && !self.store.is_interface(key)
                        && !seen.insert(format!("{v:?}"))
                    {
                        let text = expr_string(k);
                        self.error(k.pos, format!("duplicate key {text} in map literal"));
                    }
                    let mut v = self.expr(&element.value, Some(elem));
                    self.assignment(&mut v, Some(elem), "map literal");
                }
            }
            _ => {
                for element in elems {
                    if let Some(k) = &element.key
                        && !matches!(k.kind, ExprKind::Name(_))
                    {
                        self.expr(k, None);
                    }
                    self.expr(&element.value, None);
                }
                if ty != Basic::Invalid.id() {
                    let text = self.show(ty);
                    self.error(e.pos, format!("invalid composite literal type {text}"));
                }
                return Operand::invalid(e);
            }
        }
        Operand::value(e, ty)
    }

    fn struct_literal(&mut self, elems: &'a [ast::Element], ty: TypeId, fields: &Rc<[Field]>, rbrace: Pos) {
        if elems.is_empty() {
            return;
        }
        let text = self.show(ty);
        if elems[0].key.is_some() {
            let mut seen: std::collections::HashSet<Name> = std::collections::HashSet::new();
            for element in elems {
                let Some(key) = &element.key else {
                    self.error(element.value.pos, "mixture of field:value and value elements in struct literal");
                    self.expr(&element.value, None);
                    continue;
                };
                let ExprKind::Name(name) = &key.kind else {
                    self.error(key.pos, format!("invalid field name {} in struct literal", expr_string(key)));
                    self.expr(&element.value, None);
                    continue;
                };
                let found = self.store.lookup_member(ty, name, Some(self.pkg));
                let field = match found {
                    Ok(crate::lookup::Found { entry: crate::lookup::Entry::Field(t), path, indirect })
                        if path.len() == 1 || self.version() >= 27 =>
                    {
                        if path.len() > 1 {
                            if indirect {
                                let message = format!("invalid implicit pointer indirection to reach {name}");
                                self.error(key.pos, message);
                            }
                            // A promoted field (since 1.27): the key's selection tells the way to it.
                            let pkg = if is_exported(name) { None } else { Some(self.pkg) };
                            let selection = Selection {
                                kind: SelectionKind::Field,
                                recv: ty,
                                path,
                                indirect: false,
                                name: name.clone(),
                                pkg,
                                method: None,
                                pointer_receiver: false,
                            };
                            self.info[self.file].selections.insert(key.id, Rc::new(selection));
                        }
                        t
                    }
                    _ => {
                        self.error(key.pos, format!("unknown field {name} in struct literal of type {text}"));
                        self.expr(&element.value, None);
                        continue;
                    }
                };
                if !seen.insert(name.clone()) {
                    self.error(key.pos, format!("duplicate field name {name} in struct literal"));
                }
                let mut x = self.expr(&element.value, Some(field));
                self.assignment(&mut x, Some(field), "struct literal");
            }
            return;
        }
        for (i, element) in elems.iter().enumerate() {
            if element.key.is_some() {
                self.error(element.value.pos, "mixture of field:value and value elements in struct literal");
                continue;
            }
            let Some(field) = fields.get(i) else {
                self.expr(&element.value, None);
                self.error(element.value.pos, format!("too many values in struct literal of type {text}"));
                break;
            };
            let mut x = self.expr(&element.value, Some(field.ty));
            if field.pkg.is_some_and(|p| p != self.pkg) {
                self.error(
                    x.pos(),
                    format!("implicit assignment to unexported field {} in struct literal of type {text}", field.name),
                );
                continue;
            }
            self.assignment(&mut x, Some(field.ty), "struct literal");
        }
        if elems.len() < fields.len() {
            self.error(rbrace, format!("too few values in struct literal of type {text}"));
        }
    }

    /// Elements of an array or slice literal; gives the length.
    fn indexed_elements(&mut self, elems: &'a [ast::Element], elem: TypeId, length: Option<i64>) -> i64 {
        let mut seen: std::collections::HashSet<i64> = std::collections::HashSet::new();
        let (mut next, mut max) = (0i64, 0);
        for element in elems {
            if let Some(key) = &element.key {
                let x = self.expr(key, None);
                let value = x.value.as_ref().filter(|_| x.mode == Mode::Constant).and_then(Const::as_i64);
                match value {
                    Some(n) if n >= 0 => {
                        next = n;
                        let mut x = x;
                        if self.store.is_untyped(x.ty) {
                            self.convert_untyped(&mut x, Basic::Int.id());
                        }
                        if let Some(length) = length
                            && n >= length
                        {
                            let text = expr_string(key);
                            self.error(key.pos, format!("invalid argument: index {text} out of bounds [0:{length}]"));
                        }
                    }
                    _ if x.is_invalid() => {}
                    _ => {
                        let text = expr_string(key);
                        self.error(key.pos, format!("index {text} must be integer constant"));
                    }
                }
            } else if let Some(length) = length
                && next >= length
            {
                self.error(
                    element.value.pos,
                    format!("index {next} is out of bounds (>= {length})")
                        .replace("index", "invalid argument: index")
                        .replace("is out of bounds (>=", "out of bounds [0:")
                        .replace(")", "]"),
                );
            }
            if !seen.insert(next) {
                self.error(element.value.pos, format!("duplicate index {next} in array or slice literal"));
            }
            next += 1;
            max = max.max(next);
            let mut x = self.expr(&element.value, Some(elem));
            self.assignment(&mut x, Some(elem), "array or slice literal");
        }
        max
    }
}

fn paren_cause(cause: &str) -> String {
    match (cause.rfind('('), cause.ends_with(')')) {
        (Some(at), true) => cause[at..].to_string(),
        _ => String::new(),
    }
}

fn object_is_iota(store: &Store, obj: ObjId) -> bool {
    let object = store.object(obj);
    object.pkg.is_none() && object.name == "iota"
}
