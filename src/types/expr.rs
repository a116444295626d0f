//! Expressions (Go spec, "Expressions"): names, unary and binary operators, assertions.
//!
//! Each form fills an operand; on an error it reports once and gives an invalid operand, which its users pass on in
//! silence.

use crate::check::Checker;
use crate::codes::Code;
use crate::constant::{self, Const};
use crate::operand::Operand;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{BinaryOp, ChanDir, Expr, ExprKind, Name, UnaryOp};
use gorace_syntax::printer::{binary_op, expr_string, unary_op};
use std::rc::Rc;

/// A function type that a generic function is to have, and what has it.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub signature: TypeId,
    pub what: Rc<str>,
}

/// The largest count of a constant shift: the smallest float is a shift of 1 by as many.
const MAX_SHIFT: i64 = 1023 - 1 + 52;

/// The greatest length of a string constant, as gc has it.
const MAX_STRING: usize = 2_000_000_000;

impl<'a> Checker<'a> {
    /// What a variable of a type asks of a generic function.
    pub fn target_of(&mut self, ty: Option<TypeId>, what: &str) -> Option<Target> {
        let core = self.store.core_type(ty?)?;
        matches!(self.store.get(core), Type::Signature(_)).then(|| Target { signature: core, what: what.into() })
    }

    /// As `target_of`, for a variable.
    pub fn target(&mut self, ty: Option<TypeId>, obj: ObjId) -> Option<Target> {
        let name = self.store.object(obj).name.clone();
        self.target_of(ty, &name)
    }

    /// An expression that is a single value; `hint` types elided literals.
    pub fn expr(&mut self, e: &'a Expr, hint: Option<TypeId>) -> Operand<'a> {
        let mut x = self.raw(e, None, hint, false);
        self.exclude(&mut x);
        self.single_value(&mut x);
        x
    }

    /// An expression for a variable of a function type.
    pub fn expr_for(&mut self, e: &'a Expr, target: Option<Target>) -> Operand<'a> {
        let mut x = self.raw(e, target, None, false);
        self.exclude(&mut x);
        self.single_value(&mut x);
        x
    }

    /// An expression that may be a generic function.
    pub fn generic_expr(&mut self, e: &'a Expr, hint: Option<TypeId>) -> Operand<'a> {
        let mut x = self.raw(e, None, hint, true);
        self.exclude(&mut x);
        self.single_value(&mut x);
        x
    }

    /// An expression that may be a call with any number of results.
    pub fn multi_expr(&mut self, e: &'a Expr) -> Operand<'a> {
        let mut x = self.raw(e, None, None, false);
        self.exclude(&mut x);
        x
    }

    /// An expression or a type.
    pub fn expr_or_type(&mut self, e: &'a Expr, allow_generic: bool) -> Operand<'a> {
        let mut x = self.raw(e, None, None, allow_generic);
        if x.mode == Mode::NoValue {
            let text = self.describe(&x);
            self.error(x.pos(), Code::TooManyValues, format!("{text} used as value or type"));
            x.make_invalid();
        }
        self.single_value(&mut x);
        x
    }

    /// Refuses what is no value.
    pub fn exclude(&mut self, x: &mut Operand<'a>) {
        let (code, what) = match x.mode {
            Mode::NoValue => (Code::TooManyValues, "used as value"),
            Mode::Builtin => (Code::UncalledBuiltin, "must be called"),
            Mode::TypeExpr => (Code::NotAnExpr, "is not an expression"),
            _ => return,
        };
        let text = self.describe(x);
        self.error(x.pos(), code, format!("{text} {what}"));
        x.make_invalid();
    }

    /// Checks an expression and records what it is.
    pub fn raw(
        &mut self,
        e: &'a Expr,
        target: Option<Target>,
        hint: Option<TypeId>,
        allow_generic: bool,
    ) -> Operand<'a> {
        let mut x = self.inner(e, target.clone(), hint);
        x.expr = Some(e);
        if !allow_generic {
            self.non_generic(target, &mut x);
        }
        self.record_operand(&x);
        x
    }

    pub fn record_operand(&mut self, x: &Operand<'a>) {
        let Some(e) = x.expr else { return };
        self.record(e.id, x.mode, x.ty);
        if let (Mode::Constant, Some(value)) = (x.mode, &x.value) {
            self.record_constant(e.id, value.clone());
        }
        if let (Mode::Builtin, Some(b)) = (x.mode, x.builtin) {
            self.info[self.file].builtins.insert(e.id, b);
        }
    }

    /// A generic type or function must be instantiated, a function perhaps by what it is assigned to.
    pub fn non_generic(&mut self, target: Option<Target>, x: &mut Operand<'a>) {
        let Some(e) = x.expr else { return };
        let what = match x.mode {
            Mode::TypeExpr if self.uninstantiated(x.ty, e).is_some() => "type",
            Mode::Value if self.store.is_generic_signature(x.ty) => {
                if let Some(target) = target {
                    return self.instantiate_by_target(x, &target);
                }
                "function"
            }
            _ => return,
        };
        let text = expr_string(e);
        let message = format!("cannot use generic {what} {text} without instantiation");
        self.error(e.pos, Code::WrongTypeArgCount, message);
        x.make_invalid();
    }

    fn inner(&mut self, e: &'a Expr, target: Option<Target>, hint: Option<TypeId>) -> Operand<'a> {
        match &e.kind {
            ExprKind::Bad => Operand::invalid(e),
            ExprKind::Name(name) => self.name(e, name),
            ExprKind::Lit(lit) => self.literal(e, lit),
            ExprKind::Paren(x) => {
                // Long runs of parentheses are walked without recursion.
                let mut depth = vec![e];
                let mut inner = &**x;
                while let ExprKind::Paren(next) = &inner.kind {
                    depth.push(inner);
                    inner = next;
                }
                let mut x = self.raw(inner, None, None, false);
                while let Some(outer) = depth.pop() {
                    x.expr = Some(outer);
                    self.record_operand(&x);
                }
                x
            }
            ExprKind::FuncLit(lit) => self.func_lit(e, lit),
            ExprKind::CompositeLit { ty, elems, rbrace, .. } => self.composite(e, ty.as_deref(), elems, hint, *rbrace),
            ExprKind::Selector { x, sel } => self.selector(e, x, sel, false),
            ExprKind::Index { x, indices, lbrack, .. } => {
                let (mut x, is_function) = self.index_expr(e, x, indices, *lbrack);
                if is_function {
                    self.instantiate_function(&mut x, e, target, true);
                }
                x
            }
            ExprKind::Slice { .. } => self.slice_expr(e),
            ExprKind::TypeAssert { x, ty, .. } => self.type_assert(e, x, ty.as_deref()),
            ExprKind::Call { .. } => self.call(e),
            ExprKind::Star(x) => self.star(e, x),
            ExprKind::Unary { op, x } => self.unary(e, *op, x),
            ExprKind::Binary { op, op_pos, x, y } => {
                let (op, op_pos) = (*op, *op_pos);
                // A long chain such as `a + b + c + …` leans to the left: it is walked without recursion.
                let mut chain = vec![(e, op, op_pos, &**y)];
                let mut left = &**x;
                while let ExprKind::Binary { op, op_pos, x, y } = &left.kind {
                    chain.push((left, *op, *op_pos, y));
                    left = x;
                }
                let mut x = self.expr(left, None);
                while let Some((outer, op, op_pos, right)) = chain.pop() {
                    let y = self.expr(right, None);
                    x = self.binary(Some(outer), op, op_pos, x, y, right);
                    x.expr = Some(outer);
                    if !chain.is_empty() {
                        self.record_operand(&x);
                    }
                }
                x
            }
            _ => {
                let ty = self.typ(e);
                let mode = if ty == Basic::Invalid.id() { Mode::Invalid } else { Mode::TypeExpr };
                Operand { mode, ..Operand::value(e, ty) }
            }
        }
    }

    fn name(&mut self, e: &'a Expr, name: &Name) -> Operand<'a> {
        let scope = self.scope();
        let Some(obj) = self.store.lookup(scope, name) else {
            self.undeclared(e.pos, name);
            return Operand::invalid(e);
        };
        if !self.predeclared_allowed(e.pos, name, obj) {
            return Operand::invalid(e);
        }
        self.use_object(e.id, name, obj);
        if !matches!(self.store.object(obj).kind, ObjKind::Func) || !self.resolving.contains(&obj) {
            self.resolve_if_global(obj);
        } else if !self.function_cycle(obj) {
            return Operand::invalid(e);
        }
        self.object_operand(e, obj)
    }

    /// The operand that a resolved object is.
    pub fn object_operand(&mut self, e: &'a Expr, obj: ObjId) -> Operand<'a> {
        let object = self.store.object(obj);
        let (ty, global) = (object.ty, object.global);
        let valid = ty != Basic::Invalid.id();
        let mut x = Operand::value(e, ty);
        match object.kind.clone() {
            ObjKind::Package(_) => {
                let name = object.name.clone();
                self.error(e.pos, Code::InvalidPkgUse, format!("use of package {name} not in selector"));
                return Operand::invalid(e);
            }
            ObjKind::Const(value) => {
                if global && object.pkg.is_some() {
                    self.add_dependency(obj);
                }
                if !valid {
                    return Operand::invalid(e);
                }
                x.mode = Mode::Constant;
                x.value = Some(value);
                if object_is_iota(self.store, obj) {
                    let Some(n) = self.env.iota else {
                        self.error(e.pos, Code::InvalidIota, "cannot use iota outside constant declaration");
                        return Operand::invalid(e);
                    };
                    x.value = Some(Const::int(i64::from(n)));
                }
            }
            ObjKind::TypeName { .. } => {
                if !valid && self.store.object(obj).alias_params.is_empty() {
                    return Operand::invalid(e);
                }
                x.mode = Mode::TypeExpr;
            }
            ObjKind::Var { .. } => {
                if object.pkg == Some(self.pkg) {
                    self.store.object_mut(obj).used = true;
                }
                if global {
                    self.add_dependency(obj);
                }
                if !valid {
                    return Operand::invalid(e);
                }
                x.mode = Mode::Variable;
            }
            ObjKind::Func => {
                self.add_dependency(obj);
                if !valid {
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

    fn star(&mut self, e: &'a Expr, operand: &'a Expr) -> Operand<'a> {
        let mut x = self.expr_or_type(operand, false);
        match x.mode {
            Mode::Invalid => {}
            Mode::TypeExpr => {
                self.refuse_constraint(operand, x.ty);
                x.ty = self.store.pointer(x.ty);
            }
            _ => {
                let mut base = None;
                let what = self.describe(&x);
                let set = if x.is_nil() { Some(Vec::new()) } else { self.store.typeset(x.ty) };
                let unders = set.unwrap_or_default();
                for &(_, under) in &unders {
                    let problem = match (self.store.get(under), base) {
                        (&Type::Pointer(elem), Some(known)) if !self.store.identical(known, elem) => {
                            format!("pointers of {what} must have identical base types")
                        }
                        (&Type::Pointer(elem), _) => {
                            base = Some(elem);
                            continue;
                        }
                        _ => format!("cannot indirect {what}"),
                    };
                    self.error(x.pos(), Code::InvalidIndirection, format!("invalid operation: {problem}"));
                    return Operand::invalid(e);
                }
                let Some(base) = base else {
                    let message = format!("invalid operation: cannot indirect {what}");
                    self.error(x.pos(), Code::InvalidIndirection, message);
                    return Operand::invalid(e);
                };
                if !self.is_complete(base) {
                    return Operand::invalid(e);
                }
                x.mode = Mode::Variable;
                x.ty = base;
            }
        }
        x.value = None;
        x
    }

    fn unary(&mut self, e: &'a Expr, op: UnaryOp, operand: &'a Expr) -> Operand<'a> {
        let mut op = op;
        let mut x = self.expr(operand, None);
        if x.is_invalid() {
            return x;
        }
        match op {
            UnaryOp::Addr => {
                let inner = crate::assignments::unparen(operand);
                if !matches!(inner.kind, ExprKind::CompositeLit { .. }) && x.mode != Mode::Variable {
                    let what = self.describe(&x);
                    let message = format!("invalid operation: cannot take address of {what}");
                    self.error(x.pos(), Code::UnaddressableOperand, message);
                    return Operand::invalid(e);
                }
                let ty = self.store.pointer(x.ty);
                return Operand::value(e, ty);
            }
            UnaryOp::Recv => {
                let pos = x.pos();
                let Some(elem) = self.chan_elem(pos, &x, true) else { return Operand::invalid(e) };
                if !self.is_complete(elem) {
                    return Operand::invalid(e);
                }
                self.env.has_call_or_receive = true;
                return Operand { mode: Mode::CommaOk, ..Operand::value(e, elem) };
            }
            UnaryOp::Tilde => {
                let message = "cannot use ~ outside of interface or type constraint";
                if !self.store.all_basic(x.ty, Basic::is_integer) {
                    self.error(e.pos, Code::UndefinedOp, message);
                    return Operand::invalid(e);
                }
                let message = format!("{message} (use ^ for bitwise complement)");
                self.error(e.pos, Code::UndefinedOp, message);
                op = UnaryOp::Xor;
            }
            _ => {}
        }
        let fits = match op {
            UnaryOp::Plus | UnaryOp::Neg => self.store.all_basic(x.ty, Basic::is_numeric),
            UnaryOp::Xor => self.store.all_basic(x.ty, Basic::is_integer),
            _ => self.store.all_basic(x.ty, Basic::is_boolean),
        };
        if !fits {
            let what = self.describe(&x);
            let message = format!("invalid operation: operator {} not defined on {what}", unary_op(op));
            self.error(x.pos(), Code::UndefinedOp, message);
            return Operand::invalid(e);
        }
        if x.is_constant() {
            if !x.constant().is_known() {
                return x;
            }
            let basic = self.store.basic(x.ty).unwrap_or(Basic::Invalid);
            let bits = basic.is_unsigned().then(|| self.store.size_of(x.ty) as u32 * 8);
            x.value = x.value.map(|v| constant::unary(op, &v, bits));
            x.expr = Some(e);
            self.overflow(&mut x, e.pos);
            return x;
        }
        x.mode = Mode::Value;
        x
    }

    /// The element type of a channel (or of all channels of a type parameter's set) that is received from or sent to.
    pub fn chan_elem(&mut self, pos: Pos, x: &Operand<'a>, receive: bool) -> Option<TypeId> {
        let param = self.store.is_type_param(x.ty);
        let cause = if x.is_nil() {
            format!("non-channel {}", self.show(x.ty))
        } else {
            let set = self.store.typeset(x.ty);
            let wrong = match &set {
                None => Some("no specific channel type".to_string()),
                Some(set) => set.iter().find_map(|&(t, under)| match (self.store.get(under), receive) {
                    (Type::Chan { dir: ChanDir::Send, .. }, true) => {
                        Some(format!("send-only channel {}", self.show(t)))
                    }
                    (Type::Chan { dir: ChanDir::Recv, .. }, false) => {
                        Some(format!("receive-only channel {}", self.show(t)))
                    }
                    (Type::Chan { .. }, _) => None,
                    _ => Some(format!("non-channel {}", self.show(t))),
                }),
            };
            match wrong {
                Some(cause) => cause,
                None => match self.common_under(x.ty) {
                    Ok(core) => match self.store.get(core) {
                        Type::Chan { elem, .. } => return Some(*elem),
                        _ => "no specific channel type".to_string(),
                    },
                    Err(cause) => cause,
                },
            }
        };
        let what = self.describe(x);
        let (code, verb) =
            if receive { (Code::InvalidReceive, "receive from") } else { (Code::InvalidSend, "send to") };
        let message = if param { format!("{what}: {cause}") } else { format!("{cause} {what}") };
        self.error(pos, code, format!("invalid operation: cannot {verb} {message}"));
        None
    }

    /// The single underlying type of a type or of all types of a type parameter's set.
    ///
    /// # Errors
    /// Why there is none.
    pub fn common_under(&mut self, ty: TypeId) -> Result<TypeId, String> {
        if let Some(core) = self.store.core_type(ty) {
            return Ok(core);
        }
        let set = match self.store.typeset(ty) {
            Some(set) if !set.is_empty() => set,
            _ => return Err("no specific type".to_string()),
        };
        let (mut t, mut core) = set[0];
        for &(next, under) in &set[1..] {
            let (a, b) = (self.show_part(ty, t), self.show_part(ty, next));
            if let (&Type::Chan { dir: d, elem: x }, &Type::Chan { dir: e, elem: y }) =
                (self.store.get(core), self.store.get(under))
            {
                if !self.store.identical(x, y) {
                    return Err(format!("channels {a} and {b} have different element types"));
                }
                if d == ChanDir::Both {
                    (t, core) = (next, under);
                } else if e != ChanDir::Both && d != e {
                    return Err(format!("channels {a} and {b} have conflicting directions"));
                }
            } else if !self.store.identical(core, under) {
                return Err(format!("{a} and {b} have different underlying types"));
            }
        }
        Ok(core)
    }

    /// A typed constant must fit its type; an untyped one must not grow without bounds.
    pub fn overflow(&mut self, x: &mut Operand<'a>, op_pos: Pos) {
        let value = x.constant();
        if !value.is_known() {
            self.error(op_pos, Code::InvalidConstVal, "constant result is not representable");
            return;
        }
        if let Const::String(text) = &value
            && text.length() > MAX_STRING
        {
            let message = format!("constant string too long ({} bytes > {MAX_STRING} bytes)", text.length());
            self.error(op_pos, Code::InvalidConstVal, message);
            x.value = Some(Const::Unknown);
        } else if !self.store.is_untyped(x.ty) {
            let Some(basic) = self.store.basic(x.ty) else { return };
            self.make_representable(x, basic);
        } else if value.too_large() {
            let operation = match x.expr.map(|e| &e.kind) {
                Some(ExprKind::Unary { op: UnaryOp::Xor, .. }) => "bitwise complement ",
                Some(ExprKind::Binary { op, .. }) => match op {
                    BinaryOp::Add => "addition ",
                    BinaryOp::Sub => "subtraction ",
                    BinaryOp::Xor => "bitwise XOR ",
                    BinaryOp::Mul => "multiplication ",
                    BinaryOp::Shl => "shift ",
                    _ => "",
                },
                _ => "",
            };
            self.error(op_pos, Code::InvalidConstVal, format!("constant {operation}overflow"));
            x.value = Some(Const::Unknown);
        }
    }

    /// A binary operation on checked operands; `e` is absent for an assignment `x op= y`.
    pub fn binary(
        &mut self,
        e: Option<&'a Expr>,
        op: BinaryOp,
        op_pos: Pos,
        mut x: Operand<'a>,
        mut y: Operand<'a>,
        rhs: &'a Expr,
    ) -> Operand<'a> {
        use BinaryOp::*;
        let invalid = |x: &Operand<'a>| Operand { mode: Mode::Invalid, ty: Basic::Invalid.id(), ..x.clone() };
        if x.is_invalid() {
            return x;
        }
        if y.is_invalid() {
            return y;
        }
        if matches!(op, Shl | Shr) {
            return self.shift(e, op, op_pos, x, y);
        }
        self.match_types(&mut x, &mut y);
        if x.is_invalid() {
            return x;
        }
        if matches!(op, Eq | Ne | Lt | Le | Gt | Ge) {
            return self.comparison(op, x, y, false);
        }
        if !self.store.identical(x.ty, y.ty) {
            if self.store.is_valid_type(x.ty) && self.store.is_valid_type(y.ty) {
                let (a, b) = (self.show_of(&x), self.show_of(&y));
                let text = match e {
                    Some(e) => expr_string(e),
                    None => format!("{} {}= {}", x.expr_text(), binary_op(op), expr_string(rhs)),
                };
                let message = format!("invalid operation: {text} (mismatched types {a} and {b})");
                self.error(x.pos(), Code::MismatchedTypes, message);
            }
            return invalid(&x);
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
            let message = format!("invalid operation: operator {} not defined on {what}", binary_op(op));
            self.error(x.pos(), Code::UndefinedOp, message);
            return invalid(&x);
        }
        let integer = self.store.all_basic(ty, Basic::is_integer);
        if matches!(op, Div | Rem)
            && (x.is_constant() || integer)
            && y.is_constant()
            && y.constant().is_known()
            && Checker::is_zero(&y.constant())
        {
            self.error(y.pos(), Code::DivByZero, "invalid operation: division by zero");
            return invalid(&x);
        }
        if x.is_constant() && y.is_constant() {
            let (a, b) = (x.constant(), y.constant());
            if !a.is_known() || !b.is_known() {
                x.value = Some(Const::Unknown);
                return x;
            }
            let basic = self.store.basic(ty).is_some_and(Basic::is_integer);
            let whole = |v: &Const| v.to_int().map_or_else(|| v.clone(), Const::Int);
            let (a, b) = if basic && op == Div { (whole(&a), whole(&b)) } else { (a, b) };
            x.value = Some(constant::binary(op, &a, &b, basic));
            if e.is_some() {
                x.expr = e;
            }
            self.overflow(&mut x, op_pos);
            return x;
        }
        x.mode = Mode::Value;
        x.value = None;
        x
    }

    /// Brings two operands to a common type where one or both are untyped.
    pub fn match_types(&mut self, x: &mut Operand<'a>, y: &mut Operand<'a>) {
        if !self.may_convert(x, y) {
            return;
        }
        self.convert_untyped(x, y.ty);
        if x.is_invalid() {
            return;
        }
        self.convert_untyped(y, x.ty);
        if y.is_invalid() {
            x.make_invalid();
        }
    }

    fn may_convert(&mut self, x: &Operand<'a>, y: &Operand<'a>) -> bool {
        if !self.store.is_untyped(x.ty) && !self.store.is_untyped(y.ty) {
            return false;
        }
        if self.store.all_basic(x.ty, Basic::is_numeric) != self.store.all_basic(y.ty, Basic::is_numeric) {
            return false;
        }
        if self.store.is_interface(x.ty) || self.store.is_interface(y.ty) {
            return true;
        }
        for test in [Basic::is_boolean, Basic::is_string] {
            if self.store.all_basic(x.ty, test) != self.store.all_basic(y.ty, test) {
                return false;
            }
        }
        if x.is_nil() {
            return self.store.has_nil(y.ty);
        }
        if y.is_nil() {
            return self.store.has_nil(x.ty);
        }
        let pointer = |c: &mut Self, t| matches!(c.store.under_type(t), Type::Pointer(_));
        !pointer(self, x.ty) && !pointer(self, y.ty)
    }

    /// A comparison; `case`: of a switch's case `x` with its expression `y`.
    pub fn comparison(&mut self, op: BinaryOp, mut x: Operand<'a>, mut y: Operand<'a>, case: bool) -> Operand<'a> {
        if !self.store.is_valid_type(x.ty) || !self.store.is_valid_type(y.ty) {
            x.make_invalid();
            return x;
        }
        let op = if case { BinaryOp::Eq } else { op };
        if let Some((at_y, code, cause)) = self.incomparable(op, &x, &y) {
            let (a, b) = (x.expr_text(), y.expr_text());
            if case {
                let message = format!("invalid case {a} in switch on {b} ({cause})");
                self.error(x.pos(), code, message);
            } else {
                let pos = if at_y { y.pos() } else { x.pos() };
                let message = format!("invalid operation: {a} {} {b} ({cause})", binary_op(op));
                self.error(pos, code, message);
            }
            x.make_invalid();
            return x;
        }
        if x.is_constant() && y.is_constant() {
            x.value = Some(Const::Bool(constant::compare(op, &x.constant(), &y.constant())));
        } else {
            x.mode = Mode::Value;
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
            x.value = None;
        }
        x.ty = Basic::UntypedBool.id();
        x
    }

    /// Why two operands cannot be compared: whether the second is to blame, the code, the reason.
    fn incomparable(&mut self, op: BinaryOp, x: &Operand<'a>, y: &Operand<'a>) -> Option<(bool, Code, String)> {
        if self.assignable(x, y.ty).is_err() && self.assignable(y, x.ty).is_err() {
            let (a, b) = (self.show_of(x), self.show_of(y));
            return Some((true, Code::MismatchedTypes, format!("mismatched types {a} and {b}")));
        }
        let code = Code::UndefinedOp;
        let at_y = if matches!(op, BinaryOp::Eq | BinaryOp::Ne) {
            if x.is_nil() || y.is_nil() {
                let ty = if x.is_nil() { y.ty } else { x.ty };
                if self.store.has_nil(ty) {
                    return None;
                }
                true
            } else {
                let at_y = self.store.is_comparable(x.ty, true);
                if at_y && self.store.is_comparable(y.ty, true) {
                    return None;
                }
                let cause = self.incomparable_cause(if at_y { y } else { x });
                if !cause.is_empty() {
                    return Some((at_y, code, cause));
                }
                at_y
            }
        } else {
            let at_y = self.store.is_ordered(x.ty);
            if at_y && self.store.is_ordered(y.ty) {
                return None;
            }
            at_y
        };
        let (p, q) = (self.store.is_type_param(x.ty), self.store.is_type_param(y.ty));
        if p || q {
            let at_y = at_y || !p;
            let ty = self.show_of(if at_y { y } else { x });
            let cause = format!("type parameter {ty} cannot use operator {}", binary_op(op));
            return Some((at_y, code, cause));
        }
        let ty = if at_y { y.ty } else { x.ty };
        let what = match self.store.composite_kind(ty) {
            "" => self.show(ty),
            kind => kind.to_string(),
        };
        Some((at_y, code, format!("operator {} not defined on {what}", binary_op(op))))
    }

    fn incomparable_cause(&mut self, x: &Operand<'a>) -> String {
        let ty = x.ty;
        match self.store.under_type(ty) {
            Type::Slice(_) | Type::Signature(_) | Type::Map { .. } => {
                format!("{} can only be compared to nil", self.store.composite_kind(ty))
            }
            Type::Struct(fields) => {
                let wrong = fields.iter().find(|f| !self.store.is_comparable(f.ty, true));
                wrong.map_or_else(String::new, |f| {
                    format!("struct containing {} cannot be compared", self.show_within(x, f.ty))
                })
            }
            Type::Array { .. } => format!("{} cannot be compared", self.show_of(x)),
            Type::Interface(i) if i.is_empty_set() => "empty type set".to_string(),
            Type::Interface(_) => "incomparable types in type set".to_string(),
            _ => String::new(),
        }
    }

    fn shift(
        &mut self,
        e: Option<&'a Expr>,
        op: BinaryOp,
        op_pos: Pos,
        mut x: Operand<'a>,
        mut y: Operand<'a>,
    ) -> Operand<'a> {
        let whole = if x.is_constant() { x.constant().to_int() } else { None };
        let untyped = self.store.is_untyped(x.ty);
        let refuse = |c: &mut Self, mut x: Operand<'a>, code: Code, pos: Pos, message: String| {
            c.error(pos, code, format!("invalid operation: {message}"));
            x.make_invalid();
            x
        };
        let unknown = x.is_constant() && !x.constant().is_known();
        if !self.store.all_basic(x.ty, Basic::is_integer) && !(untyped && (whole.is_some() || unknown)) {
            let what = self.describe(&x);
            let pos = x.pos();
            return refuse(self, x, Code::InvalidShiftOperand, pos, format!("shifted operand {what} must be integer"));
        }
        if y.is_constant() {
            if y.constant().to_int().is_some_and(|n| num_traits::Signed::is_negative(&n)) {
                let what = self.describe(&y);
                let message = format!("negative shift count {what}");
                return refuse(self, x, Code::InvalidShiftCount, y.pos(), message);
            }
            if self.store.is_untyped(y.ty) {
                // It gets its type when the count is known to fit.
                self.make_representable(&mut y, Basic::Uint);
                if y.is_invalid() {
                    x.make_invalid();
                    return x;
                }
                let part = y.expr;
                if let Some(part) = part {
                    let value = y.value.clone();
                    self.update_type(part, Basic::Uint.id(), value);
                }
            }
        } else if self.store.all_basic(y.ty, Basic::is_integer) && !self.store.is_untyped(y.ty) {
            if !self.store.all_basic(y.ty, Basic::is_unsigned) {
                let what = self.describe(&y);
                let text = format!("invalid operation: signed shift count {what}");
                if !self.verify_version(y.pos(), 13, &text) {
                    x.make_invalid();
                    return x;
                }
            }
        } else if self.store.is_untyped(y.ty) {
            self.convert_untyped(&mut y, Basic::Uint.id());
            if y.is_invalid() {
                x.make_invalid();
                return x;
            }
        } else {
            let what = self.describe(&y);
            let message = format!("shift count {what} must be integer");
            return refuse(self, x, Code::InvalidShiftCount, y.pos(), message);
        }
        if x.is_constant() {
            if y.is_constant() {
                let integral = self.store.is_integer(x.ty);
                if !integral {
                    x.ty = Basic::UntypedInt.id();
                }
                let (value, count) = (x.constant(), y.constant());
                if !value.is_known() || !count.is_known() {
                    x.value = Some(Const::Unknown);
                    return x;
                }
                let Some(n) = count.as_i64().filter(|n| *n <= MAX_SHIFT) else {
                    let what = self.describe(&y);
                    return refuse(self, x, Code::InvalidShiftCount, y.pos(), format!("invalid shift count {what}"));
                };
                x.value = Some(constant::shift(op, &value, n as u32));
                if e.is_some() {
                    x.expr = e;
                }
                self.overflow(&mut x, op_pos);
                return x;
            }
            if untyped {
                // A non-constant shift: the left operand gets the type it would have without the shift.
                if let (Some(part), Some(whole)) = (x.expr, whole) {
                    self.info[self.file].constants.insert(part.id, Const::Int(whole));
                }
                x.mode = Mode::Value;
                x.value = None;
                return x;
            }
        }
        if !self.store.all_basic(x.ty, Basic::is_integer) {
            let what = self.describe(&x);
            let pos = x.pos();
            return refuse(self, x, Code::InvalidShiftOperand, pos, format!("shifted operand {what} must be integer"));
        }
        x.mode = Mode::Value;
        x.value = None;
        x
    }

    fn type_assert(&mut self, e: &'a Expr, operand: &'a Expr, ty: Option<&'a Expr>) -> Operand<'a> {
        let Some(ty) = ty else {
            self.error(e.pos, Code::InvalidSyntaxTree, "invalid syntax tree: use of .(type) outside type switch");
            self.use_exprs(std::slice::from_ref(operand));
            return Operand::invalid(e);
        };
        let x = self.expr(operand, None);
        if x.is_invalid() {
            return x;
        }
        let what = self.describe(&x);
        if self.store.is_type_param(x.ty) {
            let message = format!("invalid operation: cannot use type assertion on type parameter value {what}");
            self.error(x.pos(), Code::InvalidAssert, message);
            return Operand::invalid(e);
        }
        if !self.store.is_interface(x.ty) {
            self.error(x.pos(), Code::InvalidAssert, format!("invalid operation: {what} is not an interface"));
            return Operand::invalid(e);
        }
        let target = self.var_type(ty);
        if target == Basic::Invalid.id() || !self.is_complete(target) {
            return Operand::invalid(e);
        }
        self.check_assertion(e, &x, target, false);
        Operand { mode: Mode::CommaOk, ..Operand::value(e, target) }
    }

    /// Reports a type that a value of interface type cannot have.
    pub fn check_assertion(&mut self, e: &'a Expr, x: &Operand<'a>, target: TypeId, type_switch: bool) {
        let mut cause = String::new();
        if self.assertable(x.ty, target, &mut cause) {
            return;
        }
        let (text, t) = (expr_string(e), self.show(target));
        let message = if type_switch {
            let what = self.describe(x);
            format!("impossible type switch case: {text}\n\t{what} cannot have dynamic type {t} {cause}")
        } else {
            let own = self.show_of(x);
            format!("impossible type assertion: {text}\n\t{t} does not implement {own} {cause}")
        };
        self.error(e.pos, Code::ImpossibleAssert, message);
    }
}

fn object_is_iota(store: &Store, obj: ObjId) -> bool {
    let object = store.object(obj);
    object.pkg.is_none() && object.name == "iota"
}
