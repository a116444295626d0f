//! Explicit conversions (Go spec, "Conversions").

use crate::check::Checker;
use crate::codes::Code;
use crate::constant::Const;
use crate::operand::Operand;
use crate::store::*;
use gorace_syntax::ast::Expr;

impl<'a> Checker<'a> {
    /// `T(x)`
    pub fn conversion_call(&mut self, e: &'a Expr, to: TypeId, args: &'a [Expr], spread: bool) -> Operand<'a> {
        let text = self.show(to);
        let arg = match args {
            [arg] => arg,
            [] => {
                self.error(e.pos, Code::WrongArgCount, format!("missing argument in conversion to {text}"));
                return Operand::invalid(e);
            }
            [.., last] => {
                self.use_exprs(args);
                let message = format!("too many arguments in conversion to {text}");
                self.error(last.pos, Code::WrongArgCount, message);
                return Operand::invalid(e);
            }
        };
        let target = self.target_of(Some(to), "conversion");
        let mut x = self.expr_for(arg, target);
        if x.is_invalid() {
            return Operand::invalid(e);
        }
        if let Some(interface) = self.store.interface(to)
            && !self.store.is_type_param(to)
            && (interface.terms.is_some() || interface.comparable)
        {
            let message = format!(
                "cannot use interface {text} in conversion (contains specific type constraints or is comparable)"
            );
            self.error(e.pos, Code::MisplacedConstraintIface, message);
            return Operand::invalid(e);
        }
        if spread {
            let message = format!("invalid use of ... in conversion to {text}");
            self.error(arg.pos, Code::BadDotDotDotSyntax, message);
            return Operand::invalid(e);
        }
        self.convert(&mut x, to);
        x
    }

    /// Converts an operand.
    pub fn convert(&mut self, x: &mut Operand<'a>, to: TypeId) {
        let is_constant = x.is_constant();
        let const_type =
            !self.store.is_type_param(to) && self.store.basic(to).is_some_and(|b| b.is_const() && !b.is_untyped());
        let from_integer = self.store.all_basic(x.ty, Basic::is_integer);
        let mut cause = String::new();
        let mut ok = false;
        let mut value = None;
        if is_constant && const_type {
            let basic = self.store.basic(to).unwrap_or(Basic::Invalid);
            value = self.constant_as(x, basic);
            ok = value.is_some();
            if !ok && self.store.is_integer(x.ty) && basic.is_integer() {
                let (text, t) = (x.constant().text(), self.show(to));
                self.error(x.pos(), Code::InvalidConversion, format!("constant {text} overflows {t}"));
                return x.make_invalid();
            }
        } else if is_constant && self.store.is_type_param(to) {
            let t = self.show(to);
            match self.store.typeset(to).filter(|set| !set.is_empty()) {
                None => cause = format!("{t} does not contain specific types"),
                Some(set) => {
                    ok = true;
                    for (_, under) in set {
                        let bytes = match *self.store.get(under) {
                            Type::Slice(elem) => self.is_bytes_or_runes(elem),
                            _ => false,
                        };
                        if bytes && self.store.all_basic(x.ty, Basic::is_string) {
                            continue;
                        }
                        let basic = self.store.basic(under);
                        if basic.and_then(|b| self.constant_as(x, b)).is_some() {
                            continue;
                        }
                        let u = self.show_part(to, under);
                        cause = if from_integer && basic.is_some_and(Basic::is_integer) {
                            format!("constant {} overflows {u} (in {t})", x.constant().text())
                        } else {
                            format!("cannot convert {} to type {u} (in {t})", self.describe(x))
                        };
                        ok = false;
                        break;
                    }
                }
            }
            x.mode = Mode::Value; // a type parameter's values are no constants
        } else if self.convertible(x, to, &mut cause) {
            ok = true;
            x.mode = Mode::Value;
        }
        if !ok {
            let (what, t) = (self.describe(x), self.show(to));
            let cause = if cause.is_empty() { cause } else { format!(": {cause}") };
            self.error(x.pos(), Code::InvalidConversion, format!("cannot convert {what} to type {t}{cause}"));
            return x.make_invalid();
        }
        if self.store.is_untyped(x.ty) {
            // What the operand is recorded as.
            let nil = x.ty == Basic::UntypedNil.id();
            let final_type = if nil {
                to
            } else if self.store.is_interface(to) || is_constant && !const_type {
                self.store.default_type(x.ty)
            } else if value.is_some() && from_integer && self.store.all_basic(to, Basic::is_string) {
                x.ty
            } else {
                to
            };
            if let Some(part) = x.expr
                && final_type != x.ty
            {
                let value = if final_type == to { value.clone() } else { None };
                self.update_type(part, final_type, value);
            }
        }
        x.value = value;
        x.ty = to;
    }

    /// A constant converted to a basic type.
    fn constant_as(&mut self, x: &Operand<'a>, basic: Basic) -> Option<Const> {
        let value = x.constant();
        if let Some(value) = self.representable(&value, basic) {
            return Some(value);
        }
        if self.store.is_integer(x.ty) && basic.is_string() {
            let code = value.as_i64().and_then(|n| u32::try_from(n).ok()).and_then(char::from_u32);
            return Some(Const::string(&code.unwrap_or('\u{fffd}').to_string()));
        }
        None
    }

    fn convertible(&mut self, x: &Operand<'a>, to: TypeId, cause: &mut String) -> bool {
        match self.assignable(x, to) {
            Ok(()) => return true,
            // A part of a type set that cannot be assigned for no reason to tell leaves the reason of the whole.
            Err((_, why)) if why.is_empty() => {}
            Err((_, why)) => *cause = why,
        }
        let from = x.ty;
        let (from_under, to_under) = (self.store.under(from), self.store.under(to));
        let (from_param, to_param) = (self.store.is_type_param(from), self.store.is_type_param(to));
        if !from_param && !to_param && self.same_ignoring_tags(from_under, to_under) {
            return true;
        }
        if let (&Type::Pointer(p), &Type::Pointer(q)) = (self.store.get(from), self.store.get(to))
            && !self.store.is_type_param(p)
            && !self.store.is_type_param(q)
        {
            let (p, q) = (self.store.under(p), self.store.under(q));
            if self.same_ignoring_tags(p, q) {
                return true;
            }
        }
        match (self.store.get(from_under).clone(), self.store.get(to_under).clone()) {
            (Type::Basic(f), Type::Basic(t))
                if (f.is_integer() || f.is_float()) && (t.is_integer() || t.is_float())
                    || f.is_complex() && t.is_complex()
                    || (f.is_integer() || f.is_string()) && t.is_string()
                    || t == Basic::UnsafePointer && f == Basic::Uintptr
                    || f == Basic::UnsafePointer && t == Basic::Uintptr =>
            {
                return true;
            }
            (Type::Basic(f), Type::Slice(elem)) if f.is_string() && self.is_bytes_or_runes(elem) => return true,
            (Type::Slice(elem), Type::Basic(t)) if t.is_string() && self.is_bytes_or_runes(elem) => return true,
            (Type::Pointer(_), Type::Basic(Basic::UnsafePointer))
            | (Type::Basic(Basic::UnsafePointer), Type::Pointer(_)) => return true,
            (Type::Slice(s), Type::Array { elem, .. }) if self.store.identical(s, elem) => {
                if self.version() >= 20 {
                    return true;
                }
                *cause = "conversion of slice to array requires go1.20 or later".into();
                return false;
            }
            (Type::Slice(s), Type::Pointer(p)) => {
                if let Type::Array { elem, .. } = self.store.under_type(p)
                    && self.store.identical(s, elem)
                {
                    if self.version() >= 17 {
                        return true;
                    }
                    *cause = "conversion of slice to array pointer requires go1.17 or later".into();
                    return false;
                }
            }
            _ => {}
        }
        if !from_param && !to_param {
            return false;
        }
        let sources = self.store.typeset(from).filter(|s| !s.is_empty());
        let targets = self.store.typeset(to).filter(|s| !s.is_empty());
        let (Some(sources), Some(targets)) = (sources, targets) else { return false };
        for &(source, _) in &sources {
            for &(target, _) in &targets {
                let part = Operand { ty: source, ..x.clone() };
                if self.convertible(&part, target, cause) {
                    continue;
                }
                let (s, t) = (self.show_part(from, source), self.show_part(to, target));
                let (f, o) = (self.show_of(x), self.show(to));
                let message = match (from_param, to_param) {
                    (true, true) => format!("cannot convert {s} (in {f}) to type {t} (in {o})"),
                    (true, false) => format!("cannot convert {s} (in {f}) to type {o}"),
                    _ => format!("cannot convert {f} to type {t} (in {o})"),
                };
                *cause = if cause.is_empty() { message } else { format!("{message}\n\t{cause}") };
                return false;
            }
        }
        true
    }

    fn is_bytes_or_runes(&mut self, elem: TypeId) -> bool {
        matches!(self.store.basic(elem), Some(Basic::Uint8 | Basic::Int32))
    }

    fn same_ignoring_tags(&mut self, a: TypeId, b: TypeId) -> bool {
        if self.store.identical(a, b) {
            return true;
        }
        match (self.store.get(a).clone(), self.store.get(b).clone()) {
            (Type::Struct(x), Type::Struct(y)) => {
                x.len() == y.len()
                    && x.iter().zip(y.iter()).all(|(f, g)| {
                        f.name == g.name
                            && f.pkg == g.pkg
                            && f.embedded == g.embedded
                            && self.same_ignoring_tags(f.ty, g.ty)
                    })
            }
            (Type::Pointer(x), Type::Pointer(y)) | (Type::Slice(x), Type::Slice(y)) => self.same_ignoring_tags(x, y),
            (Type::Array { elem: x, len: n }, Type::Array { elem: y, len: m }) => {
                n == m && self.same_ignoring_tags(x, y)
            }
            (Type::Map { key: k, elem: x }, Type::Map { key: l, elem: y }) => {
                self.same_ignoring_tags(k, l) && self.same_ignoring_tags(x, y)
            }
            (Type::Chan { dir: d, elem: x }, Type::Chan { dir: e, elem: y }) => d == e && self.same_ignoring_tags(x, y),
            (Type::Signature(x), Type::Signature(y)) => {
                x.params.len() == y.params.len()
                    && x.results.len() == y.results.len()
                    && x.variadic == y.variadic
                    && x.params.iter().zip(y.params.iter()).all(|(&s, &t)| self.same_ignoring_tags(s, t))
                    && x.results.iter().zip(y.results.iter()).all(|(&s, &t)| self.same_ignoring_tags(s, t))
            }
            _ => false,
        }
    }
}
