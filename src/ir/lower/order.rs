//! The order of evaluation within a statement, as gc has it.
//!
//! Go's specification orders calls, receives and logical operators among each other and leaves open when a variable is read
//! beside them. Programs rely on what gc does: it makes what can run other code first, from left to right, each into a
//! temporary, and reads variables, fields and elements afterwards, when the statement itself is done.
//!
//! Algorithm: what evaluates operands (a statement; a call, for its arguments) first has them *ordered*. That walks them from
//! left to right, evaluates each *eager* expression where it stands, and keeps its value under its node (`ahead`). An eager
//! expression orders its own operands in the same way before it happens. The ordinary lowering of what remains takes values
//! from `ahead` where there are some, and so reads everything else late.
//!
//! Some operands are copied although they are not eager, since gc hands their address to the runtime: what becomes an
//! interface's boxed value, keys of maps, compared structs, unless they have an address themselves. They are *kept* like eager
//! ones, but only where that can be told: when something eager stands behind them, or in front of them something that is evaluated
//! late and may panic, which the panic of a copied one is before.
//!
//! What is called is ordered before the arguments; a func value and an interface are read after them. They are kept before
//! them where gc makes a temporary of them: if there is a call in what is called, and in `go` and `defer` statements, which store
//! all that they bind from left to right.
//!
//! Invariant: a value in `ahead` is taken once, by the lowering of its node, in code that the ordering's code dominates.

use super::function::FunctionLowerer;
use super::kinds::{Builtin, Kind};
use super::value::Val;
use gorace_syntax::ast::{BinaryOp, Element, Expr, ExprKind, NodeId, UnaryOp};
use gorace_types::TypeId;

/// An expression, and the type that it is implicitly converted to.
pub type Operand<'a> = (&'a Expr, Option<TypeId>);

/// What stands beside an expression among those that are evaluated with it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Around {
    /// Behind it is something eager.
    more: bool,
    /// In front of it is something late that may panic.
    late: bool,
}

impl Around {
    /// Beside what else stands behind it.
    fn more_if(self, more: bool) -> Around {
        Around { more: self.more || more, ..self }
    }

    /// Beside what else stands in front of it.
    fn late_if(self, late: bool) -> Around {
        Around { late: self.late || late, ..self }
    }

    /// Whether it makes a difference that a copy is made early.
    fn copies(self) -> bool {
        self.more || self.late
    }
}

/// `e` of `(e)`.
pub fn unparenthesised(mut e: &Expr) -> &Expr {
    while let ExprKind::Paren(x) = &e.kind {
        e = x;
    }
    e
}

impl<'a> FunctionLowerer<'_, 'a> {
    /// Makes what is eager in an expression that is evaluated next.
    pub fn order(&mut self, e: &'a Expr) {
        self.order_all(&[(e, None)]);
    }

    /// The same for an expression that becomes a value of a type.
    pub fn order_to(&mut self, e: &'a Expr, to: TypeId) {
        self.order_all(&[(e, Some(to))]);
    }

    /// Makes what is eager in expressions that are evaluated together.
    pub fn order_all(&mut self, operands: &[Operand<'a>]) {
        let busy = operands.iter().rposition(|(e, _)| self.is_busy(e)).map_or(0, |last| last + 1);
        let mut late = false;
        for (i, &(e, to)) in operands.iter().enumerate() {
            if i < busy || late {
                self.walk(e, to, Around { more: i + 1 < busy, late });
            }
            late = late || self.panics_late(e);
        }
    }

    /// Makes what is eager in an assignment: on the left, then on the right. `more` says whether something eager follows.
    pub fn order_assignment(&mut self, targets: &'a [Expr], sources: &[Operand<'a>], more: bool) {
        let right = more || sources.iter().any(|(e, _)| self.is_busy(e));
        for (i, e) in targets.iter().enumerate() {
            let more = right || targets[i + 1..].iter().any(|e| self.is_busy(e));
            if more || self.is_busy(e) {
                self.walk_target(unparenthesised(e), Around { more, late: false });
            }
        }
        self.order_all(sources);
    }

    /// The values that were made ahead of a node.
    pub fn take_ahead(&mut self, id: NodeId) -> Option<Vec<(TypeId, Val)>> {
        if self.ahead.is_empty() { None } else { self.ahead.remove(&id) }
    }

    /// Whether a node's value was made ahead.
    pub fn is_ahead(&self, e: &Expr) -> bool {
        !self.ahead.is_empty() && self.ahead.contains_key(&unparenthesised(e).id)
    }

    /// Evaluates an expression now, for later.
    pub fn keep(&mut self, e: &'a Expr) {
        let e = unparenthesised(e);
        if matches!(e.kind, ExprKind::Lit(_)) || self.is_ahead(e) || self.is_constant(e) {
            return;
        }
        let ty = self.type_of(e);
        let value = match e.kind {
            ExprKind::CompositeLit { .. } => self.composite(e, ty),
            _ => self.expr(e),
        };
        let value = self.settle(ty, value);
        self.ahead.insert(e.id, vec![(ty, value)]);
    }

    /// Evaluates now what an assignable expression is made of, if that is more than variables, fields and elements.
    pub fn keep_operands(&mut self, e: &'a Expr) {
        match &e.kind {
            ExprKind::Paren(x) | ExprKind::Star(x) => self.keep_operands(x),
            ExprKind::Name(_) | ExprKind::Lit(_) => {}
            ExprKind::Selector { x, .. } => match self.selection(e) {
                Some(selection) if selection.is_method_call() => self.keep(e),
                Some(selection) if !selection.is_method_expression() => self.keep_operands(x),
                _ => {}
            },
            ExprKind::Index { x, indices, .. } if !self.l.program.is_instantiation(self.env.pkg, self.env.file, x) => {
                let ty = self.type_of(x);
                if matches!(self.l.program.kind(ty), Kind::Map { .. }) {
                    return self.keep(e);
                }
                self.keep_operands(x);
                self.keep_operands(&indices[0]);
            }
            _ => self.keep(e),
        }
    }

    fn is_constant(&self, e: &Expr) -> bool {
        self.l.program.constant(self.env.pkg, self.env.file, e.id).is_some()
    }

    pub fn has_address(&self, e: &Expr) -> bool {
        self.l.program.is_addressable(self.env.pkg, self.env.file, e)
    }

    /// The operand of a conversion, with the type that it is converted to.
    fn converted(&mut self, e: &'a Expr) -> Option<(TypeId, &'a Expr)> {
        let ExprKind::Call { fun, args, .. } = &e.kind else { return None };
        let fun = unparenthesised(fun);
        if !self.l.program.is_type_expr(self.env.pkg, self.env.file, fun.id) {
            return None;
        }
        Some((self.type_of(fun), args.first()?))
    }

    /// Whether a conversion makes a slice of a string's bytes or runes, which is eager.
    fn makes_slice(&mut self, to: TypeId, x: &Expr) -> bool {
        let from = self.type_of(x);
        matches!((self.l.program.kind(to), self.l.program.kind(from)), (Kind::Slice(_), Kind::String))
    }

    /// Whether there is anything eager in an expression.
    pub fn is_busy(&mut self, e: &'a Expr) -> bool {
        match &e.kind {
            ExprKind::Paren(x) | ExprKind::Star(x) | ExprKind::Selector { x, .. } => self.is_busy(x),
            ExprKind::Slice { .. } | ExprKind::TypeAssert { .. } | ExprKind::Unary { op: UnaryOp::Recv, .. } => true,
            ExprKind::Index { x, indices, .. } => self.is_busy(x) || indices.iter().any(|i| self.is_busy(i)),
            ExprKind::Unary { x, .. } => self.is_busy(x),
            ExprKind::Binary { op: BinaryOp::AndAnd | BinaryOp::OrOr, .. } => !self.is_constant(e),
            ExprKind::Binary { x, y, .. } => self.is_busy(x) || self.is_busy(y),
            ExprKind::Call { .. } if self.is_constant(e) => false,
            ExprKind::Call { .. } => match self.converted(e) {
                Some((to, x)) => self.makes_slice(to, x) || self.is_busy(x),
                None => true,
            },
            ExprKind::CompositeLit { elems, .. } => {
                let ty = self.literal_type(e);
                let map = matches!(self.l.program.kind(ty), Kind::Map { .. });
                if map { !elems.is_empty() } else { elems.iter().any(|elem| self.is_busy(&elem.value)) }
            }
            _ => false,
        }
    }

    /// Whether what is left of an expression when all that is eager in it has been made may panic.
    fn panics_late(&mut self, e: &'a Expr) -> bool {
        if self.is_constant(e) || self.is_ahead(e) {
            return false;
        }
        match &e.kind {
            ExprKind::Paren(x) | ExprKind::Unary { x, .. } => self.panics_late(x),
            ExprKind::Star(_) | ExprKind::Index { .. } | ExprKind::TypeAssert { .. } => true,
            ExprKind::Selector { x, .. } => {
                let Some(selection) = self.selection(e) else { return false };
                let ty = self.type_of(x);
                !selection.is_method_expression()
                    && (selection.path.len() > 1
                        || matches!(self.l.program.kind(ty), Kind::Pointer(_))
                        || self.panics_late(x))
            }
            ExprKind::Binary { op: BinaryOp::AndAnd | BinaryOp::OrOr, .. } => false,
            ExprKind::Binary { op: BinaryOp::Div | BinaryOp::Rem | BinaryOp::Shl | BinaryOp::Shr, .. } => true,
            ExprKind::Binary { x, y, .. } => self.panics_late(x) || self.panics_late(y),
            ExprKind::Call { .. } => self.converted(e).is_some_and(|(_, x)| self.panics_late(x)),
            ExprKind::CompositeLit { elems, .. } => elems.iter().any(|elem| self.panics_late(&elem.value)),
            _ => false,
        }
    }

    /// Whether a method of an interface is called on what has just been converted to it: gc calls the type's own method then,
    /// and takes the receiver out of the interface at once. It does so for calls alone, not for method values and not for
    /// `go` and `defer`, where what such a method's wrapper panics with would come too early.
    fn calls_converted(&mut self, callee: &'a Expr) -> bool {
        let ExprKind::Selector { x, .. } = &callee.kind else { return false };
        let interface = self.selection(callee).is_some_and(|s| s.is_method_call() && s.method().interface);
        let Some((_, from)) = self.converted(unparenthesised(x)).filter(|_| interface) else { return false };
        let from = self.type_of(from);
        !matches!(self.l.program.kind(from), Kind::Interface { .. }) && !self.l.program.is_pointer_shaped(from)
    }

    /// Whether there is a call or a receive in what is called (gc's `RewriteNonNameCall`): the whole of it, as far as the
    /// func value or the interface, is evaluated before the arguments then.
    fn has_call(&mut self, e: &'a Expr) -> bool {
        if self.is_constant(e) {
            return false;
        }
        match &e.kind {
            ExprKind::Unary { op: UnaryOp::Recv, .. } => true,
            ExprKind::Paren(x)
            | ExprKind::Star(x)
            | ExprKind::Selector { x, .. }
            | ExprKind::TypeAssert { x, .. }
            | ExprKind::Unary { x, .. } => self.has_call(x),
            ExprKind::Index { x, indices, .. } => self.has_call(x) || indices.iter().any(|i| self.has_call(i)),
            ExprKind::Slice { x, lo, hi, max, .. } => {
                self.has_call(x) || [lo, hi, max].into_iter().flatten().any(|i| self.has_call(i))
            }
            ExprKind::Binary { x, y, .. } => self.has_call(x) || self.has_call(y),
            ExprKind::Call { fun, .. } => match self.converted(e) {
                Some((_, x)) => self.has_call(x),
                None => self.l.program.builtin(self.env.pkg, self.env.file, unparenthesised(fun)) != Some(Builtin::New),
            },
            ExprKind::CompositeLit { elems, .. } => elems.iter().any(|elem| self.has_call(&elem.value)),
            _ => false,
        }
    }

    /// The type of a composite literal; of what it points to where `&T` is left out.
    fn literal_type(&mut self, e: &Expr) -> TypeId {
        let ty = self.type_of(e);
        match self.l.program.kind(ty) {
            Kind::Pointer(elem) => elem,
            _ => ty,
        }
    }

    /// Makes what is eager in `e`, and what is copied if that can be told from `around`.
    fn walk(&mut self, e: &'a Expr, to: Option<TypeId>, around: Around) {
        if self.is_ahead(e) {
            return;
        }
        self.walk_inside(e, around);
        if around.copies()
            && let Some(to) = to
            && self.is_copied_for_interface(e, to)
        {
            self.keep(e);
        }
    }

    fn walk_both(&mut self, x: Operand<'a>, y: Operand<'a>, around: Around) {
        let then = around.more_if(self.is_busy(y.0));
        self.walk(x.0, x.1, then);
        let around = around.late_if(self.panics_late(x.0));
        self.walk(y.0, y.1, around);
    }

    fn walk_inside(&mut self, e: &'a Expr, around: Around) {
        match &e.kind {
            ExprKind::Paren(x) => self.walk(x, None, around),
            ExprKind::Star(x) => self.walk(x, None, around),
            ExprKind::Selector { x, .. }
                if self.selection(e).is_some_and(|selection| !selection.is_method_expression()) =>
            {
                self.walk(x, None, around);
            }
            ExprKind::Index { x, indices, .. } => {
                if self.l.program.is_instantiation(self.env.pkg, self.env.file, x) {
                    return self.walk(x, None, around);
                }
                let ty = self.type_of(x);
                let Kind::Map { key, .. } = self.l.program.kind(ty) else {
                    return self.walk_both((x, None), (&indices[0], None), around);
                };
                self.walk_both((x, None), (&indices[0], Some(key)), around);
                if around.copies() && self.bytes_made_string(&indices[0]).is_some() {
                    // The bytes themselves are looked up, before anything can change them.
                    return self.make_ahead(e);
                }
                self.keep_key(ty, &indices[0], around.copies());
            }
            ExprKind::Slice { .. } => self.make_ahead(e),
            ExprKind::TypeAssert { x, .. } => {
                let ty = self.type_of(e);
                if self.l.program.is_pointer_shaped(ty) { self.walk(x, None, around) } else { self.make_ahead(e) }
            }
            ExprKind::Call { .. } if self.is_constant(e) => {}
            ExprKind::Call { fun, args, .. } => match self.converted(e) {
                Some((to, x)) if self.makes_slice(to, x) => self.make_ahead(e),
                Some((to, x)) => self.walk(x, Some(to), around),
                None => {
                    let builtin = self.l.program.builtin(self.env.pkg, self.env.file, unparenthesised(fun));
                    if builtin.is_some_and(is_late) {
                        let mut late = around.late;
                        for (i, arg) in args.iter().enumerate() {
                            let more = args[i + 1..].iter().any(|arg| self.is_busy(arg));
                            self.walk(arg, None, around.more_if(more).late_if(late));
                            late = late || self.panics_late(arg);
                        }
                    } else {
                        self.make_ahead(e);
                    }
                }
            },
            ExprKind::Unary { op: UnaryOp::Recv, .. } => self.make_ahead(e),
            ExprKind::Unary { x, .. } => self.walk(x, None, around),
            ExprKind::Binary { op, x, y, .. } => self.walk_binary(e, *op, x, y, around),
            ExprKind::CompositeLit { elems, .. } => self.walk_literal(e, elems, around),
            _ => {}
        }
    }

    fn walk_binary(&mut self, e: &'a Expr, op: BinaryOp, x: &'a Expr, y: &'a Expr, around: Around) {
        use BinaryOp::*;
        match op {
            AndAnd | OrOr => self.make_ahead(e),
            Eq | Ne | Lt | Le | Gt | Ge => {
                let (x_type, y_type) = (self.type_of(x), self.type_of(y));
                self.walk_both((x, Some(y_type)), (y, Some(x_type)), around);
                if around.copies() && matches!(self.l.program.kind(x_type), Kind::Struct | Kind::Array { .. }) {
                    for operand in [x, y] {
                        if !self.has_address(operand) {
                            self.keep(operand);
                        }
                    }
                }
            }
            _ => self.walk_both((x, None), (y, None), around),
        }
    }

    fn walk_literal(&mut self, e: &'a Expr, elems: &'a [Element], around: Around) {
        let ty = self.literal_type(e);
        let kind = self.l.program.kind(ty);
        if matches!(kind, Kind::Map { .. }) {
            if !elems.is_empty() {
                self.make_ahead(e);
            }
            return;
        }
        let busy = elems.iter().rposition(|elem| self.is_busy(&elem.value)).map_or(0, |last| last + 1);
        let mut late = around.late;
        for (i, elem) in elems.iter().enumerate() {
            let around = around.more_if(i + 1 < busy).late_if(late);
            late = late || self.panics_late(&elem.value);
            if i >= busy && !around.copies() {
                continue;
            }
            let to = match kind {
                Kind::Slice(to) | Kind::Array { elem: to, .. } => Some(to),
                Kind::Struct => Some(self.element_field(elem, i, ty)),
                _ => None,
            };
            self.walk(&elem.value, to, around);
        }
    }

    /// What is eager in the target of an assignment.
    fn walk_target(&mut self, e: &'a Expr, around: Around) {
        if let ExprKind::Index { x, indices, .. } = &e.kind {
            let ty = self.type_of(x);
            if let Kind::Map { key, .. } = self.l.program.kind(ty) {
                self.walk_both((x, None), (&indices[0], Some(key)), around);
                return self.keep_key(ty, &indices[0], around.copies());
            }
        }
        self.walk(e, None, around);
    }

    /// What is eager in an element of a map's literal.
    pub fn order_map_element(&mut self, map: TypeId, key: &'a Expr, value: (&'a Expr, TypeId)) {
        let more = self.is_busy(value.0);
        if let Kind::Map { key: wanted, .. } = self.l.program.kind(map)
            && (more || self.is_busy(key))
        {
            self.walk(key, Some(wanted), Around { more, late: false });
            self.keep_key(map, key, more);
        }
        self.order_to(value.0, value.1);
    }

    /// What is eager in a call: in its function or receiver, then in its arguments. `bound` says that it is made later, by
    /// a `go` or `defer` statement.
    pub fn order_call(&mut self, callee: &'a Expr, args: &'a [Expr], spread: bool, bound: bool) {
        let signature = self.type_of(callee);
        let info = self.l.program.signature(signature);
        let several = args.len() == 1 && (info.params.len() > 1 || info.variadic) && self.is_multi(&args[0]);
        let mut operands: Vec<Operand<'a>> = Vec::with_capacity(args.len());
        for (i, arg) in args.iter().enumerate() {
            let to = if several { None } else { Some(self.parameter_type(&info.params, info.variadic && !spread, i)) };
            operands.push((arg, to));
        }
        let more = args.iter().any(|arg| self.is_busy(arg));
        if more || self.is_busy(callee) {
            self.walk(callee, None, Around { more, late: false });
        }
        if self.has_call(callee) || more && !bound && self.calls_converted(callee) {
            self.keep_callee(callee);
        }
        self.order_all(&operands);
    }

    /// A map's key, which its functions take by address unless there are special ones for its type.
    pub fn keep_key(&mut self, map: TypeId, index: &'a Expr, more: bool) {
        let Kind::Map { key, elem } = self.l.program.kind(map) else { return };
        if !more || self.is_constant(unparenthesised(index)) {
            return;
        }
        let by_address = !self.has_fast_functions(key, elem);
        let own = self.type_of(index);
        let is_word = matches!(
            self.l.program.kind(key),
            Kind::String | Kind::Int { .. } | Kind::Pointer(_) | Kind::Chan { .. } | Kind::UnsafePointer
        );
        let late = if by_address { own == key && self.has_address(index) } else { is_word };
        if !late {
            self.keep(index);
        }
    }

    /// Evaluates something eager.
    fn make_ahead(&mut self, e: &'a Expr) {
        let values = match e.kind {
            ExprKind::Call { .. } => self.call(e),
            _ => {
                let ty = self.type_of(e);
                let value = match e.kind {
                    ExprKind::CompositeLit { .. } => self.composite(e, ty),
                    _ => self.expr(e),
                };
                vec![(ty, value)]
            }
        };
        let mut settled = Vec::with_capacity(values.len());
        for (ty, value) in values {
            settled.push((ty, self.settle(ty, value)));
        }
        self.ahead.insert(e.id, settled);
    }

    /// Whether gc makes a temporary of what it boxes in an interface (`dataWordFuncName`: types whose conversion takes an address).
    fn is_copied_for_interface(&mut self, e: &'a Expr, to: TypeId) -> bool {
        if !matches!(self.l.program.kind(to), Kind::Interface { .. }) || self.has_address(e) {
            return false;
        }
        let mut ty = self.type_of(e);
        if matches!(self.l.program.kind(ty), Kind::Interface { .. } | Kind::UntypedNil) {
            return false;
        }
        let layout = self.layout(ty);
        if matches!(layout.size, 2 | 4 | 8) && u64::from(layout.align) == layout.size && !layout.pointers {
            return false;
        }
        loop {
            ty = match self.l.program.kind(ty) {
                Kind::String | Kind::Slice(_) => return false,
                Kind::Array { elem, len: 1 } => elem,
                Kind::Struct => match &self.l.program.fields(ty)[..] {
                    [only] => only.ty,
                    _ => return true,
                },
                _ => return true,
            };
        }
    }
}

/// Builtins that gc evaluates with the expression around them.
fn is_late(builtin: Builtin) -> bool {
    use Builtin::*;
    matches!(
        builtin,
        UnsafeAdd | UnsafeSlice | UnsafeString | UnsafeSliceData | UnsafeStringData | Sizeof | Alignof | Offsetof
    )
}
