//! Calls of builtin functions (Go spec, "Built-in functions").

use crate::check::Checker;
use crate::constant::{self, Const};
use crate::operand::Operand;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{BinaryOp, ChanDir, Expr, ExprKind};
use gorace_syntax::printer::expr_string;

impl<'a> Checker<'a> {
    pub fn builtin(&mut self, e: &'a Expr, b: Builtin, args: &'a [Expr], spread: bool, rparen: Pos) -> Operand<'a> {
        use Builtin::*;
        let name = match &e.kind {
            ExprKind::Call { fun, .. } => expr_string(fun),
            _ => String::new(),
        };
        if spread && b != Append {
            self.error(e.pos, format!("invalid operation: invalid use of ... with built-in {name}"));
            self.use_args(args);
            return Operand::invalid(e);
        }
        let (least, most) = match b {
            Append | Max | Min => (1, usize::MAX),
            Make => (1, 3),
            Complex | Copy | Delete | UnsafeAdd | UnsafeSlice | UnsafeString => (2, 2),
            Print | Println => (0, usize::MAX),
            Recover => (0, 0),
            _ => (1, 1),
        };
        if args.len() < least {
            let text = expr_string(e);
            self.error(rparen, format!("not enough arguments for {text} (expected {least}, found {})", args.len()));
            return Operand::invalid(e);
        }
        if args.len() > most {
            let text = expr_string(e);
            self.error(args[most].pos, format!("too many arguments for {text} (expected {most}, found {})", args.len()));
            self.use_args(args);
            return Operand::invalid(e);
        }
        let none = Operand { mode: Mode::NoValue, ..Operand::value(e, Basic::Invalid.id()) };
        let value = |ty: TypeId| Operand::value(e, ty);
        let int = Basic::Int.id();
        match b {
            Append => self.append(e, args, spread),
            Cap | Len => self.length(e, &args[0], b == Len),
            Clear => {
                let x = self.expr(&args[0], None);
                if !x.is_invalid() && !self.store.all(x.ty, &mut |s, t| matches!(s.get(t), Type::Map { .. } | Type::Slice(_))) {
                    let what = self.describe(&x);
                    self.error(x.pos(), format!("invalid argument: clear {what} must be a map or slice").replace("clear ", "clear(").replace("clear(", "").replace("invalid argument: ", "invalid argument: clear "));
                }
                none
            }
            Close => {
                let x = self.expr(&args[0], None);
                if !x.is_invalid() {
                    match self.chan_of(x.ty) {
                        None => {
                            let what = self.describe(&x);
                            self.error(x.pos(), format!("invalid operation: cannot close non-channel {what}"));
                        }
                        Some((ChanDir::Recv, _)) => {
                            let what = self.describe(&x);
                            self.error(x.pos(), format!("invalid operation: cannot close receive-only channel {what}"));
                        }
                        _ => {}
                    }
                }
                none
            }
            Complex => self.complex(e, args),
            Copy => {
                let x = self.expr(&args[0], None);
                let y = self.expr(&args[1], None);
                if x.is_invalid() || y.is_invalid() {
                    return Operand::invalid(e);
                }
                let dst = self.store.core_type(x.ty).map(|t| self.store.get(t).clone());
                let src = self.store.core_string(y.ty).map(|t| self.store.get(t).clone());
                match (dst, src) {
                    (Some(Type::Slice(a)), Some(Type::Slice(b))) if a == b => {}
                    (Some(Type::Slice(a)), Some(Type::Basic(s))) if s.is_string() && self.store.basic(a) == Some(Basic::Uint8) => {
                        if let Some(part) = y.expr {
                            let v = y.value.clone();
                            self.update_type(part, Basic::String.id(), v);
                        }
                    }
                    (Some(Type::Slice(_)), Some(Type::Slice(_))) => {
                        let (a, b) = (self.describe(&x), self.describe(&y));
                        self.error(e.pos, format!("invalid argument: arguments to copy {a} and {b} have different element types"));
                        return Operand::invalid(e);
                    }
                    _ => {
                        let (a, b) = (self.describe(&x), self.describe(&y));
                        self.error(e.pos, format!("invalid argument: copy expects slice arguments; found {a} and {b}"));
                        return Operand::invalid(e);
                    }
                }
                value(int)
            }
            Delete => {
                let x = self.expr(&args[0], None);
                match self.store.core_type(x.ty).map(|t| self.store.get(t).clone()) {
                    Some(Type::Map { key, .. }) => {
                        let mut k = self.expr(&args[1], Some(key));
                        self.assignment(&mut k, Some(key), "argument to delete");
                    }
                    _ => {
                        self.expr(&args[1], None);
                        if !x.is_invalid() {
                            let what = self.describe(&x);
                            self.error(x.pos(), format!("invalid argument: {what} is not a map"));
                        }
                    }
                }
                none
            }
            Real | Imag => {
                let mut x = self.expr(&args[0], None);
                if x.is_invalid() {
                    return x;
                }
                if self.store.is_untyped(x.ty) {
                    if x.mode == Mode::Constant {
                        if self.store.all_basic(x.ty, Basic::is_numeric) {
                            x.ty = Basic::UntypedComplex.id();
                        }
                    } else {
                        self.convert_untyped(&mut x, Basic::Complex128.id());
                    }
                }
                let part = match self.store.basic(x.ty) {
                    Some(Basic::Complex64) => Basic::Float32,
                    Some(Basic::Complex128) => Basic::Float64,
                    Some(Basic::UntypedComplex) => Basic::UntypedFloat,
                    _ => {
                        let what = self.describe(&x);
                        self.error(x.pos(), format!("invalid argument: {what} not of complex type").replace("not of", "not of"));
                        return Operand::invalid(e);
                    }
                };
                let mut out = value(part.id());
                if x.mode == Mode::Constant
                    && let Some((re, im)) = x.value.as_ref().and_then(Const::to_complex)
                {
                    out.mode = Mode::Constant;
                    out.value = Some(Const::rational(if b == Real { re } else { im }));
                }
                out
            }
            Make => {
                let ty = self.var_type(&args[0]);
                if ty == Basic::Invalid.id() {
                    for a in &args[1..] {
                        self.expr(a, None);
                    }
                    return Operand::invalid(e);
                }
                let least = match self.store.core_type(ty).map(|t| self.store.get(t).clone()) {
                    Some(Type::Slice(_)) => 2,
                    Some(Type::Map { .. } | Type::Chan { .. }) => 1,
                    _ => {
                        let text = self.show(ty);
                        self.error(args[0].pos, format!("invalid argument: cannot make {text}; type must be slice, map, or channel"));
                        return Operand::invalid(e);
                    }
                };
                if args.len() < least {
                    let text = expr_string(e);
                    self.error(e.pos, format!("invalid operation: {text} expects {least} or {} arguments; found {}", least + 1, args.len()));
                    return Operand::invalid(e);
                }
                if args.len() > least + 1 {
                    let text = expr_string(e);
                    self.error(e.pos, format!("invalid operation: {text} expects {least} or {} arguments; found {}", least + 1, args.len()));
                    return Operand::invalid(e);
                }
                let sizes: Vec<Option<i64>> = args[1..].iter().map(|a| self.size_operand(a)).collect();
                if let [Some(len), Some(cap)] = sizes[..]
                    && len > cap
                {
                    self.error(args[1].pos, "invalid argument: length and capacity swapped");
                }
                value(ty)
            }
            Max | Min => self.extreme(e, b, args),
            New => {
                if self.is_type_argument(&args[0]) {
                    let ty = self.var_type(&args[0]);
                    if ty == Basic::Invalid.id() {
                        return Operand::invalid(e);
                    }
                    return value(self.store.pointer(ty));
                }
                let mut x = self.expr(&args[0], None);
                if x.is_invalid() {
                    return x;
                }
                if self.version() < 26 {
                    let text = expr_string(&args[0]);
                    self.error(args[0].pos, format!("new({text}) requires go1.26 or later"));
                }
                self.assignment(&mut x, None, "argument to new");
                if x.is_invalid() {
                    return x;
                }
                value(self.store.pointer(x.ty))
            }
            Panic => {
                let any = self.store.any_type;
                let mut x = self.expr(&args[0], None);
                self.assignment(&mut x, Some(any), "argument to panic");
                none
            }
            Print | Println => {
                for a in args {
                    let mut x = self.expr(a, None);
                    self.assignment(&mut x, None, &format!("argument to built-in {name}"));
                }
                none
            }
            Recover => value(self.store.any_type),
            UnsafeAdd => {
                let mut x = self.expr(&args[0], None);
                self.assignment(&mut x, Some(Basic::UnsafePointer.id()), "argument to unsafe.Add");
                self.size_like(&args[1]);
                value(Basic::UnsafePointer.id())
            }
            UnsafeSlice => {
                let x = self.expr(&args[0], None);
                self.size_like(&args[1]);
                match self.store.core_type(x.ty).map(|t| self.store.get(t).clone()) {
                    Some(Type::Pointer(elem)) => value(self.store.slice(elem)),
                    _ => {
                        if !x.is_invalid() {
                            let what = self.describe(&x);
                            self.error(x.pos(), format!("invalid argument: {what} is not a pointer"));
                        }
                        Operand::invalid(e)
                    }
                }
            }
            UnsafeSliceData => {
                let x = self.expr(&args[0], None);
                match self.store.core_type(x.ty).map(|t| self.store.get(t).clone()) {
                    Some(Type::Slice(elem)) => value(self.store.pointer(elem)),
                    _ => {
                        if !x.is_invalid() {
                            let what = self.describe(&x);
                            self.error(x.pos(), format!("invalid argument: {what} is not a slice"));
                        }
                        Operand::invalid(e)
                    }
                }
            }
            UnsafeString => {
                let bytes = self.store.pointer(Basic::Uint8.id());
                let mut x = self.expr(&args[0], None);
                self.assignment(&mut x, Some(bytes), "argument to unsafe.String");
                self.size_like(&args[1]);
                value(Basic::String.id())
            }
            UnsafeStringData => {
                let mut x = self.expr(&args[0], None);
                self.assignment(&mut x, Some(Basic::String.id()), "argument to unsafe.StringData");
                value(self.store.pointer(Basic::Uint8.id()))
            }
            Sizeof | Alignof => {
                let mut x = self.expr(&args[0], None);
                self.assignment(&mut x, None, "argument to unsafe.Sizeof");
                if x.is_invalid() {
                    return x;
                }
                let mut out = value(Basic::Uintptr.id());
                if !self.store.has_type_params(x.ty) {
                    let n = if b == Sizeof { self.store.size_of(x.ty) } else { self.store.align_of(x.ty) };
                    out.mode = Mode::Constant;
                    out.value = Some(Const::int(n));
                }
                out
            }
            Offsetof => {
                let mut arg = &args[0];
                while let ExprKind::Paren(x) = &arg.kind {
                    arg = x;
                }
                let ExprKind::Selector { x, .. } = &arg.kind else {
                    let text = expr_string(arg);
                    self.error(arg.pos, format!("invalid argument: {text} is not a selector expression"));
                    self.use_args(args);
                    return Operand::invalid(e);
                };
                let field = self.expr(arg, None);
                if field.is_invalid() {
                    return Operand::invalid(e);
                }
                let Some(selection) = self.info[self.file].selections.get(&arg.id).cloned() else { return Operand::invalid(e) };
                let mut holder = self.info[self.file].types[x.id.index()].ty;
                let mut offset = 0;
                let mut dependent = false;
                for (i, &index) in selection.path.iter().enumerate() {
                    let (base, pointer) = self.store.deref(holder);
                    if pointer && i > 0 {
                        let text = expr_string(arg);
                        self.error(arg.pos, format!("invalid argument: field {} is embedded via a pointer in {text}", selection.name));
                        return Operand::invalid(e);
                    }
                    dependent |= self.store.has_type_params(base);
                    let Type::Struct(fields) = self.store.under_type(base) else { return Operand::invalid(e) };
                    let types: Vec<TypeId> = fields.iter().map(|f| f.ty).collect();
                    offset += self.store.struct_layout(&types).0[index as usize];
                    holder = fields[index as usize].ty;
                }
                let mut out = value(Basic::Uintptr.id());
                if !dependent {
                    out.mode = Mode::Constant;
                    out.value = Some(Const::int(offset));
                }
                out
            }
        }
    }

    fn is_type_argument(&mut self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Paren(x) | ExprKind::Star(x) => self.is_type_argument(x),
            ExprKind::Index { x, .. } => self.is_type_operand(x),
            ExprKind::ArrayType { .. }
            | ExprKind::SliceType(_)
            | ExprKind::StructType(_)
            | ExprKind::FuncType(_)
            | ExprKind::InterfaceType(_)
            | ExprKind::MapType { .. }
            | ExprKind::ChanType { .. } => true,
            _ => self.is_type_operand(e),
        }
    }

    fn size_like(&mut self, e: &'a Expr) {
        self.size_operand_any(e);
    }

    /// An integer argument that may be negative.
    fn size_operand_any(&mut self, e: &'a Expr) {
        let mut x = self.expr(e, None);
        if x.is_invalid() {
            return;
        }
        if self.store.is_untyped(x.ty) {
            self.convert_untyped(&mut x, Basic::Int.id());
        }
        if !x.is_invalid() && !self.store.all_basic(x.ty, Basic::is_integer) {
            let what = self.describe(&x);
            self.error(x.pos(), format!("invalid argument: index {what} must be integer"));
        }
    }

    fn append(&mut self, e: &'a Expr, args: &'a [Expr], spread: bool) -> Operand<'a> {
        let mut s = self.expr(&args[0], None);
        if s.is_invalid() {
            self.use_args(&args[1..]);
            return s;
        }
        if s.is_nil() {
            self.error(s.pos(), "first argument to append must be a typed slice; have untyped nil");
            self.use_args(&args[1..]);
            return Operand::invalid(e);
        }
        let core = self.store.core_string(s.ty);
        let Some(Type::Slice(elem)) = core.map(|t| self.store.get(t).clone()) else {
            // A type parameter over strings and byte slices does not do.
            let what = self.describe(&s);
            self.error(s.pos(), format!("invalid argument: {what} is not a slice"));
            self.use_args(&args[1..]);
            return Operand::invalid(e);
        };
        let ty = s.ty;
        s.expr = Some(e);
        if spread {
            if let [_, more] = args {
                let mut x = self.expr(more, Some(ty));
                let is_string = self.store.core_string(x.ty).is_some_and(|t| self.store.basic(t).is_some_and(Basic::is_string));
                if is_string && self.store.basic(elem) == Some(Basic::Uint8) {
                    if self.store.is_untyped(x.ty) {
                        self.convert_untyped(&mut x, Basic::String.id());
                    }
                } else {
                    let slice = self.store.slice(elem);
                    self.assignment(&mut x, Some(slice), "argument to append");
                }
            } else {
                self.error(e.pos, "can only use ... with final argument in list");
                self.use_args(&args[1..]);
            }
        } else {
            for arg in &args[1..] {
                let mut x = self.expr(arg, Some(elem));
                self.assignment(&mut x, Some(elem), "argument to append");
            }
        }
        Operand::value(e, ty)
    }

    fn length(&mut self, e: &'a Expr, arg: &'a Expr, len: bool) -> Operand<'a> {
        let x = self.expr(arg, None);
        if x.is_invalid() {
            return x;
        }
        let mut out = Operand::value(e, Basic::Int.id());
        let mut base = self.store.under(x.ty);
        if let Type::Pointer(elem) = self.store.get(base).clone()
            && let Type::Array { .. } = self.store.under_type(elem)
        {
            base = self.store.under(elem);
        }
        let ok = match self.store.get(base).clone() {
            Type::Basic(b) if b.is_string() && len => {
                if let (Mode::Constant, Some(Const::String(s))) = (x.mode, &x.value) {
                    out.mode = Mode::Constant;
                    out.value = Some(Const::int(s.len() as i64));
                }
                if self.store.is_untyped(x.ty)
                    && let Some(part) = x.expr
                {
                    let v = x.value.clone();
                    self.update_type(part, Basic::String.id(), v);
                }
                true
            }
            Type::Array { len: n, .. } => {
                if !has_call_or_receive(self, arg) {
                    out.mode = Mode::Constant;
                    out.value = Some(Const::int(n));
                }
                true
            }
            Type::Slice(_) | Type::Chan { .. } => true,
            Type::Map { .. } => len,
            Type::Interface(_) if self.store.is_type_param(x.ty) => self.store.all(x.ty, &mut |s, t| {
                let t = match s.get(t).clone() {
                    Type::Pointer(elem) => match s.under_type(elem) {
                        Type::Array { .. } => return true,
                        _ => t,
                    },
                    _ => t,
                };
                match s.get(t) {
                    Type::Basic(b) => b.is_string() && len,
                    Type::Map { .. } => len,
                    Type::Slice(_) | Type::Array { .. } | Type::Chan { .. } => true,
                    _ => false,
                }
            }),
            _ => false,
        };
        if !ok {
            let what = self.describe(&x);
            let name = if len { "len" } else { "cap" };
            self.error(x.pos(), format!("invalid argument: {what} for built-in {name}"));
            return Operand::invalid(e);
        }
        out
    }

    fn complex(&mut self, e: &'a Expr, args: &'a [Expr]) -> Operand<'a> {
        let mut x = self.expr(&args[0], None);
        let mut y = self.expr(&args[1], None);
        if x.is_invalid() || y.is_invalid() {
            return Operand::invalid(e);
        }
        let (ux, uy) = (self.store.is_untyped(x.ty), self.store.is_untyped(y.ty));
        if ux && !uy {
            self.convert_untyped(&mut x, y.ty);
        } else if uy && !ux {
            self.convert_untyped(&mut y, x.ty);
        } else if ux && uy && !(x.mode == Mode::Constant && y.mode == Mode::Constant) {
            self.convert_untyped(&mut x, Basic::Float64.id());
            self.convert_untyped(&mut y, Basic::Float64.id());
        }
        if x.is_invalid() || y.is_invalid() {
            return Operand::invalid(e);
        }
        let both = self.store.is_untyped(x.ty) && self.store.is_untyped(y.ty);
        if x.ty != y.ty && !both {
            let text = expr_string(e);
            let (a, b) = (self.show(x.ty), self.show(y.ty));
            self.error(x.pos(), format!("invalid operation: {text} (mismatched types {a} and {b})"));
            return Operand::invalid(e);
        }
        let ty = match self.store.basic(x.ty) {
            _ if both => Basic::UntypedComplex,
            Some(Basic::Float32) => Basic::Complex64,
            Some(Basic::Float64) => Basic::Complex128,
            _ => {
                let what = self.describe(&x);
                self.error(x.pos(), format!("invalid argument: arguments have type {what}, expected floating-point"));
                return Operand::invalid(e);
            }
        };
        let mut out = Operand::value(e, ty.id());
        if let (Mode::Constant, Mode::Constant, Some(a), Some(b)) =
            (x.mode, y.mode, x.value.as_ref().and_then(Const::to_rational), y.value.as_ref().and_then(Const::to_rational))
        {
            out.mode = Mode::Constant;
            out.value = Some(Const::complex(a, b));
        }
        out
    }

    fn extreme(&mut self, e: &'a Expr, b: Builtin, args: &'a [Expr]) -> Operand<'a> {
        let op = if b == Builtin::Max { BinaryOp::Gt } else { BinaryOp::Lt };
        let ordered = |b: Basic| b.is_integer() || b.is_float() || b.is_string();
        let mut operands: Vec<Operand<'a>> = Vec::new();
        for arg in args {
            let x = self.expr(arg, None);
            if x.is_invalid() {
                return x;
            }
            if !self.store.all_basic(x.ty, ordered) {
                let what = self.describe(&x);
                self.error(x.pos(), format!("invalid argument: {what} cannot be ordered"));
                return Operand::invalid(e);
            }
            operands.push(x);
        }
        let mut best = operands[0].clone();
        for i in 1..operands.len() {
            let mut y = operands[i].clone();
            self.match_types(&mut best, &mut y);
            if best.is_invalid() || y.is_invalid() {
                return Operand::invalid(e);
            }
            if best.ty != y.ty {
                let text = expr_string(args.get(i).unwrap_or(e));
                let (a, b) = (self.show(best.ty), self.show(y.ty));
                self.error(y.pos(), format!("invalid argument: mismatched types {a} (previous argument) and {b} (type of {text})"));
                return Operand::invalid(e);
            }
            let ty = y.ty;
            if let (Mode::Constant, Mode::Constant, Some(a), Some(b)) = (best.mode, y.mode, &best.value, &y.value) {
                if constant::compare(op, b, a) {
                    best = y;
                }
            } else {
                best.mode = Mode::Value;
                best.value = None;
            }
            best.ty = ty;
        }
        // All arguments have the result's type.
        if best.mode != Mode::Constant {
            if self.store.is_untyped(best.ty) {
                best.ty = self.store.default_type(best.ty);
            }
            for x in &operands {
                if let Some(part) = x.expr
                    && self.store.is_untyped(x.ty)
                {
                    let v = x.value.clone();
                    self.update_type(part, best.ty, v);
                }
            }
        }
        Operand { expr: Some(e), ..best }
    }
}

/// Whether evaluating an expression has effects that keep `len` of it from being constant.
fn has_call_or_receive(c: &Checker, e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Call { fun, args, .. } => {
            let constant = c.info[c.file].types[e.id.index()].mode == Mode::Constant;
            let conversion = c.info[c.file].types[fun.id.index()].mode == Mode::TypeExpr;
            !(constant || conversion) || args.iter().any(|a| has_call_or_receive(c, a)) && !constant
        }
        ExprKind::Unary { op: gorace_syntax::ast::UnaryOp::Recv, .. } => true,
        ExprKind::Unary { x, .. } | ExprKind::Paren(x) | ExprKind::Star(x) | ExprKind::Selector { x, .. } => has_call_or_receive(c, x),
        ExprKind::Binary { x, y, .. } => has_call_or_receive(c, x) || has_call_or_receive(c, y),
        ExprKind::Index { x, indices, .. } => has_call_or_receive(c, x) || indices.iter().any(|i| has_call_or_receive(c, i)),
        ExprKind::CompositeLit { elems, .. } => elems.iter().any(|el| has_call_or_receive(c, &el.value)),
        _ => false,
    }
}
