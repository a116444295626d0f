//! Calls of builtin functions, those of package unsafe included (Go spec, "Built-in functions", "Package unsafe").

use crate::check::Checker;
use crate::codes::Code;
use crate::constant::{self, Const};
use crate::operand::Operand;
use crate::store::*;
use gorace_syntax::ast::{BinaryOp, ChanDir, Expr, ExprKind};
use gorace_syntax::printer::expr_string;

/// Name, least number of arguments, and whether there may be more.
fn arity(b: Builtin) -> (&'static str, usize, bool) {
    match b {
        Builtin::Append => ("append", 1, true),
        Builtin::Cap => ("cap", 1, false),
        Builtin::Clear => ("clear", 1, false),
        Builtin::Close => ("close", 1, false),
        Builtin::Complex => ("complex", 2, false),
        Builtin::Copy => ("copy", 2, false),
        Builtin::Delete => ("delete", 2, false),
        Builtin::Imag => ("imag", 1, false),
        Builtin::Len => ("len", 1, false),
        Builtin::Make => ("make", 1, true),
        Builtin::Max => ("max", 1, true),
        Builtin::Min => ("min", 1, true),
        Builtin::New => ("new", 1, false),
        Builtin::Panic => ("panic", 1, false),
        Builtin::Print => ("print", 0, true),
        Builtin::Println => ("println", 0, true),
        Builtin::Real => ("real", 1, false),
        Builtin::Recover => ("recover", 0, false),
        Builtin::UnsafeAdd => ("unsafe.Add", 2, false),
        Builtin::Alignof => ("unsafe.Alignof", 1, false),
        Builtin::Offsetof => ("unsafe.Offsetof", 1, false),
        Builtin::Sizeof => ("unsafe.Sizeof", 1, false),
        Builtin::UnsafeSlice => ("unsafe.Slice", 2, false),
        Builtin::UnsafeSliceData => ("unsafe.SliceData", 1, false),
        Builtin::UnsafeString => ("unsafe.String", 2, false),
        Builtin::UnsafeStringData => ("unsafe.StringData", 1, false),
    }
}

impl<'a> Checker<'a> {
    pub fn builtin(&mut self, e: &'a Expr, b: Builtin, args: &'a [Expr], spread: bool) -> Operand<'a> {
        self.builtin_call(e, b, args, spread).unwrap_or_else(|| Operand::invalid(e))
    }

    /// `None` when an error has been reported.
    fn builtin_call(&mut self, e: &'a Expr, b: Builtin, args: &'a [Expr], spread: bool) -> Option<Operand<'a>> {
        let (name, least, more) = arity(b);
        if spread && b != Builtin::Append {
            let message = format!("invalid operation: invalid use of ... with built-in {name}");
            self.error(e.pos, Code::InvalidDotDotDot, message);
            self.use_exprs(args);
            return None;
        }
        let by_expression = matches!(b, Builtin::Make | Builtin::New | Builtin::Offsetof);
        let calls = std::mem::take(&mut self.env.has_call_or_receive);
        let mut operands = if by_expression { Vec::new() } else { self.expr_list(args) };
        // Only len and cap ask whether their argument calls or receives; to what is around they are constants then.
        let argument_calls = self.env.has_call_or_receive;
        self.env.has_call_or_receive = calls || argument_calls && !matches!(b, Builtin::Len | Builtin::Cap);
        if operands.iter().any(Operand::is_invalid) {
            return None;
        }
        let count = if by_expression { args.len() } else { operands.len() };
        if count < least || !more && count > least {
            let what = if count < least { "not enough" } else { "too many" };
            let text = expr_string(e);
            let message = format!("invalid operation: {what} arguments for {text} (expected {least}, found {count})");
            self.error(e.pos, Code::WrongArgCount, message);
            return None;
        }
        let since = match b {
            Builtin::Clear => Some((21, "clear".to_string())),
            Builtin::Max | Builtin::Min => Some((21, format!("built-in {name}"))),
            Builtin::UnsafeAdd | Builtin::UnsafeSlice => Some((17, name.to_string())),
            Builtin::UnsafeSliceData | Builtin::UnsafeString | Builtin::UnsafeStringData => {
                Some((20, name.to_string()))
            }
            _ => None,
        };
        if let Some((minor, what)) = since {
            self.verify_version(e.pos, minor, &what);
        }
        let no_value = |c: &mut Self| Operand { mode: Mode::NoValue, ..Operand::value(e, c.store.tuple(Vec::new())) };
        let int = Basic::Int.id();
        Some(match b {
            Builtin::Append => self.append(e, operands, spread)?,
            Builtin::Len | Builtin::Cap => self.len_or_cap(e, b, &mut operands[0], argument_calls)?,
            Builtin::Clear => {
                let x = &operands[0];
                if !self.is_all(x.ty, |t| matches!(t, Type::Map { .. } | Type::Slice(_))) {
                    let what = self.describe(x);
                    let message = format!(
                        "invalid argument: cannot clear {what}: argument must be (or constrained by) map or slice"
                    );
                    self.error(x.pos(), Code::InvalidClear, message);
                    return None;
                }
                no_value(self)
            }
            Builtin::Close => {
                let x = &operands[0];
                let problem = if !self.is_all(x.ty, |t| matches!(t, Type::Chan { .. })) {
                    "non-channel"
                } else if !self.is_all(x.ty, |t| !matches!(t, Type::Chan { dir: ChanDir::Recv, .. })) {
                    "receive-only channel"
                } else {
                    return Some(no_value(self));
                };
                let what = self.describe(x);
                let message = format!("invalid operation: cannot close {problem} {what}");
                self.error(x.pos(), Code::InvalidClose, message);
                return None;
            }
            Builtin::Complex => self.complex(e, operands)?,
            Builtin::Real | Builtin::Imag => self.real_or_imag(e, b, operands.swap_remove(0))?,
            Builtin::Copy => {
                let y = operands.swap_remove(1);
                let x = operands.swap_remove(0);
                self.copy(x, y)?;
                Operand::value(e, int)
            }
            Builtin::Delete => {
                let x = &operands[0];
                let what = self.describe(x);
                let unders = if x.is_nil() { Vec::new() } else { self.store.type_set_unders(x.ty) };
                let mut key = None;
                let mut problem = unders.is_empty().then(|| format!("{what} is not a map"));
                for under in unders {
                    match (self.store.get(under), key) {
                        (&Type::Map { key: k, .. }, Some(known)) if !self.store.identical(k, known) => {
                            problem = Some(format!("maps of {what} must have identical key types"));
                        }
                        (&Type::Map { key: k, .. }, _) => {
                            key = Some(k);
                            continue;
                        }
                        _ => problem = Some(format!("{what} is not a map")),
                    }
                    break;
                }
                let (Some(key), None) = (key, &problem) else {
                    let message = format!("invalid argument: {}", problem.unwrap_or_default());
                    self.error(x.pos(), Code::InvalidDelete, message);
                    return None;
                };
                self.assigned(&mut operands[1], Some(key), "argument to delete")?;
                no_value(self)
            }
            Builtin::Make => self.make(e, args)?,
            Builtin::New => {
                let mut x = self.expr_or_type(&args[0], false);
                if x.mode == Mode::Builtin {
                    self.exclude(&mut x);
                }
                if x.is_invalid() {
                    return None;
                }
                if x.mode == Mode::TypeExpr {
                    self.refuse_constraint(&args[0], x.ty);
                } else {
                    if self.store.is_untyped(x.ty) {
                        self.assigned(&mut x, None, "argument to new")?;
                    }
                    let text = expr_string(&args[0]);
                    self.verify_version(e.pos, 26, &format!("new({text})"));
                }
                let ty = self.store.pointer(x.ty);
                Operand::value(e, ty)
            }
            Builtin::Max | Builtin::Min => self.min_or_max(e, b, name, operands)?,
            Builtin::Panic => {
                let any = self.store.any_type;
                self.assigned(&mut operands[0], Some(any), "argument to panic")?;
                no_value(self)
            }
            Builtin::Print | Builtin::Println => {
                for x in &mut operands {
                    self.assigned(x, None, &format!("argument to built-in {name}"))?;
                }
                no_value(self)
            }
            Builtin::Recover => Operand::value(e, self.store.any_type),
            Builtin::UnsafeAdd => {
                let pointer = Basic::UnsafePointer.id();
                self.assigned(&mut operands[0], Some(pointer), "argument to unsafe.Add")?;
                self.length(&mut operands[1], Code::InvalidUnsafeAdd, true)?;
                Operand::value(e, pointer)
            }
            Builtin::Alignof | Builtin::Sizeof => {
                let x = &mut operands[0];
                self.assigned(x, None, &format!("argument to {name}"))?;
                let ty = x.ty;
                let mut out = Operand::value(e, Basic::Uintptr.id());
                if !self.has_var_size(ty) {
                    let n = if b == Builtin::Sizeof { self.store.size_of(ty) } else { self.store.align_of(ty) };
                    if n == i64::MAX {
                        let what = self.describe(x);
                        self.error(x.pos(), Code::TypeTooLarge, format!("{what} is too large"));
                        return None;
                    }
                    out.mode = Mode::Constant;
                    out.value = Some(Const::int(n));
                }
                out
            }
            Builtin::Offsetof => self.offsetof(e, &args[0])?,
            Builtin::UnsafeSlice => {
                let x = &operands[0];
                let core = if x.is_nil() { None } else { self.common_under(x.ty).ok() };
                let Some(&Type::Pointer(base)) = core.map(|t| self.store.get(t)) else {
                    let what = self.describe(x);
                    self.error(x.pos(), Code::InvalidUnsafeSlice, format!("invalid argument: {what} is not a pointer"));
                    return None;
                };
                self.length(&mut operands[1], Code::InvalidUnsafeSlice, false)?;
                let ty = self.store.slice(base);
                Operand::value(e, ty)
            }
            Builtin::UnsafeSliceData => {
                let x = &operands[0];
                let core = if x.is_nil() { None } else { self.common_under(x.ty).ok() };
                let Some(&Type::Slice(elem)) = core.map(|t| self.store.get(t)) else {
                    let what = self.describe(x);
                    self.error(
                        x.pos(),
                        Code::InvalidUnsafeSliceData,
                        format!("invalid argument: {what} is not a slice"),
                    );
                    return None;
                };
                let ty = self.store.pointer(elem);
                Operand::value(e, ty)
            }
            Builtin::UnsafeString => {
                let bytes = self.store.pointer(Basic::Uint8.id());
                self.assigned(&mut operands[0], Some(bytes), "argument to unsafe.String")?;
                self.length(&mut operands[1], Code::InvalidUnsafeString, false)?;
                Operand::value(e, Basic::String.id())
            }
            Builtin::UnsafeStringData => {
                let string = Basic::String.id();
                self.assigned(&mut operands[0], Some(string), "argument to unsafe.StringData")?;
                let ty = self.store.pointer(Basic::Uint8.id());
                Operand::value(e, ty)
            }
        })
    }

    fn assigned(&mut self, x: &mut Operand<'a>, ty: Option<TypeId>, context: &str) -> Option<()> {
        self.assignment(x, ty, context);
        (!x.is_invalid()).then_some(())
    }

    /// Whether the underlying types of a type set all pass.
    fn is_all(&mut self, ty: TypeId, test: impl Fn(&Type) -> bool) -> bool {
        self.store.all(ty, &mut |store, t| test(store.get(t)))
    }

    /// An integer argument.
    fn length(&mut self, x: &mut Operand<'a>, code: Code, allow_negative: bool) -> Option<()> {
        self.valid_index(x, code, "length", allow_negative).then_some(())
    }

    /// The common element type of the slices of a type set.
    ///
    /// # Errors
    /// Why there is none.
    fn slice_elem(&mut self, x: &Operand<'a>) -> Result<TypeId, String> {
        let what = if x.is_nil() { "untyped nil".to_string() } else { self.describe(x) };
        let other = format!("argument must be a slice; have {what}");
        let mut elem = None;
        let unders = if x.is_nil() { Vec::new() } else { self.store.type_set_unders(x.ty) };
        for under in unders {
            let Type::Slice(found) = *self.store.get(under) else { return Err(other) };
            if let Some(known) = elem
                && !self.store.identical(known, found)
            {
                let (a, b) = (self.show_within(x, known), self.show_within(x, found));
                return Err(format!("mismatched slice element types {a} and {b} in {what}"));
            }
            elem = Some(found);
        }
        elem.ok_or(other)
    }

    /// Whether all types of a type set are strings or byte slices.
    fn is_bytes_or_string(&mut self, ty: TypeId) -> bool {
        let bytes = self.store.slice(Basic::Uint8.id());
        self.store.all(ty, &mut |store, t| match store.get(t) {
            Type::Slice(_) => t == bytes,
            Type::Basic(b) => b.is_string(),
            _ => false,
        })
    }

    fn append(&mut self, e: &'a Expr, mut operands: Vec<Operand<'a>>, spread: bool) -> Option<Operand<'a>> {
        let x = operands[0].clone();
        let elem = match self.slice_elem(&x) {
            Ok(elem) => elem,
            Err(cause) => {
                self.error(x.pos(), Code::InvalidAppend, format!("invalid append: {cause}"));
                return None;
            }
        };
        let bytes = self.store.slice(Basic::Uint8.id());
        let result = Operand::value(e, x.ty);
        if spread && operands.len() == 2 && self.assignable(&x, bytes).is_ok() {
            let y_ty = operands[1].ty;
            if self.is_bytes_or_string(y_ty)
                && !operands[1].is_nil()
                && !self.is_all(y_ty, |t| matches!(t, Type::Slice(_)))
            {
                if self.store.is_untyped(y_ty) {
                    self.convert_untyped(&mut operands[1], Basic::String.id());
                }
                return Some(result);
            }
        }
        let rest = self.store.slice(elem);
        let signature = Signature { params: [x.ty, rest].into(), variadic: true, ..Signature::default() };
        self.pass_builtin(e, &std::rc::Rc::new(signature), &mut operands);
        Some(result)
    }

    fn len_or_cap(&mut self, e: &'a Expr, b: Builtin, x: &mut Operand<'a>, calls: bool) -> Option<Operand<'a>> {
        let is_len = b == Builtin::Len;
        let mut out = Operand::value(e, Basic::Int.id());
        let under = self.store.under(x.ty);
        let base = self.store.array_or_pointer_to(under);
        let ok = !x.is_nil()
            && match self.store.get(base).clone() {
                Type::Basic(basic) if basic.is_string() && is_len => {
                    if let (Mode::Constant, Some(Const::String(s))) = (x.mode, &x.value) {
                        out.mode = Mode::Constant;
                        out.value = Some(Const::int(s.length() as i64));
                    } else if self.store.is_untyped(x.ty) {
                        self.convert_untyped(x, Basic::String.id());
                    }
                    true
                }
                Type::Array { len, .. } => {
                    if !calls {
                        out.mode = Mode::Constant;
                        out.value = Some(Const::int(len));
                    }
                    true
                }
                Type::Slice(_) | Type::Chan { .. } => true,
                Type::Map { .. } => is_len,
                Type::Interface(_) if self.store.is_type_param(x.ty) => {
                    let unders = self.store.type_set_unders(x.ty);
                    !unders.is_empty()
                        && unders.into_iter().all(|u| {
                            let base = self.store.array_or_pointer_to(u);
                            match self.store.get(base) {
                                Type::Basic(b) => b.is_string() && is_len,
                                Type::Array { .. } | Type::Slice(_) | Type::Chan { .. } => true,
                                Type::Map { .. } => is_len,
                                _ => false,
                            }
                        })
                }
                Type::Basic(Basic::Invalid) => return None,
                _ => false,
            };
        if !ok {
            let what = self.describe(x);
            let (name, code) = if is_len { ("len", Code::InvalidLen) } else { ("cap", Code::InvalidCap) };
            self.error(x.pos(), code, format!("invalid argument: {what} for built-in {name}"));
            return None;
        }
        Some(out)
    }

    /// Reports a type parameter, which complex, real and imag can't take.
    fn no_type_param(&mut self, x: &Operand<'a>, b: Builtin, code: Code, test: fn(Basic) -> bool) -> bool {
        if !self.store.is_type_param(x.ty) || !self.store.all_basic(x.ty, test) {
            return false;
        }
        let what = self.describe(x);
        let message =
            format!("{what} not supported as argument to built-in {} for go1.18 (see go.dev/issue/50937)", arity(b).0);
        self.soft_error(x.pos(), code, message);
        true
    }

    fn complex(&mut self, e: &'a Expr, mut operands: Vec<Operand<'a>>) -> Option<Operand<'a>> {
        let mut y = operands.swap_remove(1);
        let mut x = operands.swap_remove(0);
        match (self.store.is_untyped(x.ty), self.store.is_untyped(y.ty)) {
            (false, false) => {}
            (true, false) => self.convert_untyped(&mut x, y.ty),
            (false, true) => self.convert_untyped(&mut y, x.ty),
            (true, true) if x.is_constant() && y.is_constant() => {
                for part in [&mut x, &mut y] {
                    if self.store.is_numeric(part.ty)
                        && let Some(real) = part.constant().to_rational()
                    {
                        part.ty = Basic::UntypedFloat.id();
                        part.value = Some(Const::rational(real));
                    }
                }
            }
            (true, true) => {
                self.convert_untyped(&mut x, Basic::Float64.id());
                self.convert_untyped(&mut y, Basic::Float64.id());
            }
        }
        if x.is_invalid() || y.is_invalid() {
            return None;
        }
        if !self.store.identical(x.ty, y.ty) {
            let (text, a, b) = (expr_string(e), self.show_of(&x), self.show_of(&y));
            let message = format!("invalid operation: {text} (mismatched types {a} and {b})");
            self.error(x.pos(), Code::InvalidComplex, message);
            return None;
        }
        if self.no_type_param(&x, Builtin::Complex, Code::InvalidComplex, Basic::is_float) {
            return None;
        }
        let result = match self.store.basic(x.ty) {
            Some(Basic::Float32) => Basic::Complex64,
            Some(Basic::Float64) => Basic::Complex128,
            Some(Basic::UntypedFloat) => Basic::UntypedComplex,
            _ => {
                let ty = self.show_of(&x);
                let message = format!("invalid argument: arguments have type {ty}, expected floating-point");
                self.error(x.pos(), Code::InvalidComplex, message);
                return None;
            }
        };
        let mut out = Operand::value(e, result.id());
        if x.is_constant()
            && y.is_constant()
            && let (Some(re), Some(im)) = (x.constant().to_rational(), y.constant().to_rational())
        {
            out.mode = Mode::Constant;
            out.value = Some(Const::complex(re, im));
        }
        Some(out)
    }

    fn real_or_imag(&mut self, e: &'a Expr, b: Builtin, mut x: Operand<'a>) -> Option<Operand<'a>> {
        if self.store.is_untyped(x.ty) {
            if x.is_constant() {
                if self.store.is_numeric(x.ty) {
                    x.ty = Basic::UntypedComplex.id();
                }
            } else {
                self.convert_untyped(&mut x, Basic::Complex128.id());
                if x.is_invalid() {
                    return None;
                }
            }
        }
        let code = if b == Builtin::Real { Code::InvalidReal } else { Code::InvalidImag };
        if self.no_type_param(&x, b, code, Basic::is_complex) {
            return None;
        }
        let result = match self.store.basic(x.ty) {
            Some(Basic::Complex64) => Basic::Float32,
            Some(Basic::Complex128) => Basic::Float64,
            Some(Basic::UntypedComplex) => Basic::UntypedFloat,
            _ => {
                let ty = self.show_of(&x);
                let message = format!("invalid argument: argument has type {ty}, expected complex type");
                self.error(x.pos(), code, message);
                return None;
            }
        };
        let mut out = Operand::value(e, result.id());
        if x.is_constant()
            && let Some((re, im)) = x.constant().to_complex()
        {
            out.mode = Mode::Constant;
            out.value = Some(Const::rational(if b == Builtin::Real { re } else { im }));
        }
        Some(out)
    }

    fn copy(&mut self, x: Operand<'a>, mut y: Operand<'a>) -> Option<()> {
        let code = Code::InvalidCopy;
        let to = match self.slice_elem(&x) {
            Ok(elem) => elem,
            Err(cause) => {
                self.error(x.pos(), code, format!("invalid copy: {cause}"));
                return None;
            }
        };
        let bytes = self.store.slice(Basic::Uint8.id());
        if self.assignable(&x, bytes).is_ok() && !y.is_nil() && self.is_bytes_or_string(y.ty) {
            if self.store.is_untyped(y.ty) {
                self.convert_untyped(&mut y, Basic::String.id());
            }
            return Some(());
        }
        let mut from_text = None;
        let from = match self.slice_elem(&y) {
            Ok(elem) => elem,
            Err(_) if self.store.all_basic(y.ty, Basic::is_string) => {
                from_text = Some("byte".to_string());
                Basic::Uint8.id()
            }
            Err(cause) => {
                self.error(y.pos(), code, format!("invalid copy: {cause}"));
                return None;
            }
        };
        if !self.store.identical(to, from) {
            let (a, b) = (self.describe(&x), self.describe(&y));
            let t = self.show_within(&x, to);
            let f = from_text.unwrap_or_else(|| self.show_within(&y, from));
            let message = format!("invalid copy: arguments {a} and {b} have different element types {t} and {f}");
            self.error(x.pos(), code, message);
            return None;
        }
        if self.store.is_untyped(y.ty) {
            self.convert_untyped(&mut y, Basic::String.id());
        }
        Some(())
    }

    fn make(&mut self, e: &'a Expr, args: &'a [Expr]) -> Option<Operand<'a>> {
        let ty = self.var_type(&args[0]);
        if !self.store.is_valid_type(ty) {
            return None;
        }
        let refuse = |c: &mut Self, cause: &str| {
            let text = expr_string(&args[0]);
            let message = format!("invalid argument: cannot make {text}: {cause}");
            c.error(args[0].pos, Code::InvalidMake, message);
            None
        };
        let made = |t: &Type| matches!(t, Type::Slice(_) | Type::Map { .. } | Type::Chan { .. });
        match self.store.typeset(ty) {
            None => return refuse(self, "no specific type"),
            Some(set) if set.iter().any(|&(_, under)| !made(self.store.get(under))) => {
                return refuse(self, "type must be slice, map, or channel");
            }
            Some(_) => {}
        }
        let least = match self.common_under(ty) {
            Ok(core) => match self.store.get(core) {
                Type::Slice(_) => 2,
                _ => 1,
            },
            Err(cause) => return refuse(self, &cause),
        };
        if args.len() < least || args.len() > least + 1 {
            let text = expr_string(e);
            let message =
                format!("invalid operation: {text} expects {least} or {} arguments; found {}", least + 1, args.len());
            self.error(e.pos, Code::WrongArgCount, message);
            return None;
        }
        let mut sizes = Vec::new();
        for arg in &args[1..] {
            sizes.extend(self.index(arg, None).ok().flatten());
        }
        if let [len, cap] = sizes[..]
            && len > cap
        {
            self.error(args[1].pos, Code::SwappedMakeArgs, "invalid argument: length and capacity swapped");
        }
        Some(Operand::value(e, ty))
    }

    fn min_or_max(
        &mut self,
        e: &'a Expr,
        b: Builtin,
        name: &str,
        mut operands: Vec<Operand<'a>>,
    ) -> Option<Operand<'a>> {
        let op = if b == Builtin::Max { BinaryOp::Gt } else { BinaryOp::Lt };
        let exprs: Vec<&'a Expr> = operands.iter().filter_map(|x| x.expr).collect();
        let mut rest = operands.split_off(1);
        let mut x = operands.swap_remove(0);
        for (i, a) in std::iter::once(None).chain(rest.iter_mut().map(Some)).enumerate() {
            let ty = a.as_ref().map_or(x.ty, |a| a.ty);
            if !self.store.is_ordered(ty) {
                let shown = a.as_deref().unwrap_or(&x).clone();
                let what = self.describe(&shown);
                let message = format!("invalid argument: {what} cannot be ordered");
                self.error(shown.pos(), Code::InvalidMinMaxOperand, message);
                return None;
            }
            let Some(a) = a.filter(|_| i > 0) else { continue };
            self.match_types(&mut x, a);
            if x.is_invalid() || a.is_invalid() {
                return None;
            }
            if !self.store.identical(x.ty, a.ty) {
                let (s, t, text) = (self.show_of(&x), self.show_of(a), a.expr_text());
                let message =
                    format!("invalid argument: mismatched types {s} (previous argument) and {t} (type of {text})");
                self.error(a.pos(), Code::MismatchedTypes, message);
                return None;
            }
            if x.is_constant() && a.is_constant() {
                if constant::compare(op, &a.constant(), &x.constant()) {
                    x = a.clone();
                }
            } else {
                x.mode = Mode::Value;
                x.value = None;
            }
        }
        if !x.is_constant() {
            x.mode = Mode::Value;
            let any = self.store.any_type;
            self.assigned(&mut x, Some(any), &format!("argument to built-in {name}"))?;
        }
        for part in exprs {
            self.update_type(part, x.ty, None);
        }
        Some(Operand { expr: Some(e), ..x })
    }

    fn offsetof(&mut self, e: &'a Expr, arg: &'a Expr) -> Option<Operand<'a>> {
        let inner = crate::assignments::unparen(arg);
        let ExprKind::Selector { x: base, sel } = &inner.kind else {
            let text = expr_string(arg);
            let message = format!("invalid argument: {text} is not a selector expression");
            self.error(arg.pos, Code::BadOffsetofSyntax, message);
            self.use_exprs(std::slice::from_ref(arg));
            return None;
        };
        let x = self.expr(base, None);
        if x.is_invalid() {
            return None;
        }
        let under = self.store.under(x.ty);
        let struct_type = match self.store.deref(under).0 {
            elem if elem != under && matches!(self.store.under_type(elem), Type::Struct(_)) => elem,
            _ => x.ty,
        };
        let found = match self.store.lookup_member(struct_type, &sel.name, Some(self.pkg)) {
            Ok(found) => found,
            Err(_) => {
                let ty = self.show(struct_type);
                let message = format!("invalid argument: {ty} has no single field {}", sel.name);
                self.error(x.pos(), Code::MissingFieldOrMethod, message);
                return None;
            }
        };
        let crate::lookup::Entry::Field(field) = found.entry else {
            let text = expr_string(arg);
            self.error(arg.pos, Code::InvalidOffsetof, format!("invalid argument: {text} is a method value"));
            return None;
        };
        if found.indirect {
            let ty = self.show(struct_type);
            let message = format!("invalid argument: field {} is embedded via a pointer in {ty}", sel.name);
            self.error(x.pos(), Code::InvalidOffsetof, message);
            return None;
        }
        let pkg = if is_exported(&sel.name) { None } else { Some(self.pkg) };
        let selection = Selection {
            kind: SelectionKind::Field,
            recv: struct_type,
            path: found.path.clone(),
            indirect: false,
            name: sel.name.clone(),
            pkg,
            method: None,
            pointer_receiver: false,
        };
        self.info[self.file].selections.insert(inner.id, std::rc::Rc::new(selection));
        self.record(inner.id, Mode::Variable, field);
        self.record(arg.id, Mode::Variable, field);
        let mut out = Operand::value(e, Basic::Uintptr.id());
        if !self.has_var_size(struct_type) {
            let (mut offset, mut at) = (0, struct_type);
            for &index in &found.path {
                let Type::Struct(fields) = self.store.under_type(at) else { break };
                let types: Vec<TypeId> = fields.iter().map(|f| f.ty).collect();
                offset = i64::saturating_add(offset, self.store.struct_layout(&types).0[index as usize]);
                at = types[index as usize];
            }
            if offset >= i64::MAX - 7 {
                let what = self.describe(&x);
                self.error(x.pos(), Code::TypeTooLarge, format!("{what} is too large"));
                return None;
            }
            out.mode = Mode::Constant;
            out.value = Some(Const::int(offset));
        }
        Some(out)
    }
}
