//! Assignability, and why a type does not implement an interface (Go spec, "Assignability", "Implementing an
//! interface").

use crate::check::Checker;
use crate::codes::Code;
use crate::hash::HashSet;
use crate::lookup::Missing;
use crate::operand::Operand;
use crate::store::*;
use crate::typestring::Qualify;
use gorace_syntax::ast::ChanDir;

impl<'a> Checker<'a> {
    /// Whether a value can be assigned to a variable of type `t`.
    ///
    /// # Errors
    /// The code, and the reason where there is one to tell.
    pub fn assignable(&mut self, x: &Operand<'a>, t: TypeId) -> Result<(), (Code, String)> {
        let mut cause = String::new();
        self.assignable_to(x, t, &mut cause).map_err(|code| (code, cause))
    }

    fn assignable_to(&mut self, x: &Operand<'a>, t: TypeId, cause: &mut String) -> Result<(), Code> {
        let v = x.ty;
        let fail = Err(Code::IncompatibleAssign);
        if x.is_invalid() || !self.store.is_valid_type(t) || self.store.identical(v, t) {
            return Ok(());
        }
        let (v_under, t_under) = (self.store.under(v), self.store.under(t));
        let (v_param, t_param) = (self.store.is_type_param(v), self.store.is_type_param(t));
        if self.store.is_untyped(v) {
            let fits = if t_param {
                self.store
                    .typeset(t)
                    .is_some_and(|set| !set.is_empty() && set.iter().all(|&(u, _)| self.implicit_type(x, u).is_some()))
            } else {
                self.implicit_type(x, t).is_some()
            };
            return if fits { Ok(()) } else { fail };
        }
        let named_both = self.store.has_name(v) && self.store.has_name(t);
        if self.store.identical(v_under, t_under) && !named_both && !v_param && !t_param {
            return Ok(());
        }
        let t_interface = matches!(self.store.get(t_under), Type::Interface(_)) && !t_param;
        if t_interface || self.store.is_interface_pointer(t_under) || self.is_param_pointer(t_under) {
            if self.implements(v, t, false, cause) {
                return Ok(());
            }
            if !v_param {
                return Err(Code::InvalidIfaceAssign);
            }
            cause.clear();
        }
        if matches!(self.store.get(v_under), Type::Interface(_))
            && !v_param
            && self.implements(t, v, false, &mut String::new())
        {
            *cause = "need type assertion".into();
            return fail;
        }
        if let (&Type::Chan { dir: ChanDir::Both, elem: a }, &Type::Chan { elem: b, .. }) =
            (self.store.get(v_under), self.store.get(t_under))
            && self.store.identical(a, b)
        {
            return if named_both { Err(Code::InvalidChanAssign) } else { Ok(()) };
        }
        if !v_param && !t_param {
            return fail;
        }
        if t_param && !self.store.has_name(v) {
            let Some(set) = self.store.typeset(t) else { return fail };
            for &(term, _) in &set {
                if let Err(code) = self.assignable_to(x, term, cause) {
                    let (a, b, c) = (self.show_of(x), self.show_part(t, term), self.show(t));
                    *cause = extend(format!("cannot assign {a} to {b} (in {c})"), cause);
                    return Err(code);
                }
            }
            return if set.is_empty() { fail } else { Ok(()) };
        }
        if v_param && !self.store.has_name(t) {
            let Some(set) = self.store.typeset(v) else { return fail };
            for &(term, _) in &set {
                let part = Operand { ty: term, ..x.clone() };
                if let Err(code) = self.assignable_to(&part, t, cause) {
                    let (a, b, c) = (self.show_part(v, term), self.show(v), self.show(t));
                    *cause = extend(format!("cannot assign {a} (in {b}) to {c}"), cause);
                    return Err(code);
                }
            }
            return if set.is_empty() { fail } else { Ok(()) };
        }
        fail
    }

    /// Whether a type implements an interface, or (`constraint`) satisfies it; the reason why not.
    pub fn implements(&mut self, v: TypeId, t: TypeId, constraint: bool, cause: &mut String) -> bool {
        let (v_under, t_under) = (self.store.under(v), self.store.under(t));
        if !self.store.is_valid_type(v_under) || !self.store.is_valid_type(t_under) {
            return true;
        }
        if let Type::Pointer(base) = *self.store.get(v_under)
            && self.store.basic(base) == Some(Basic::Invalid)
        {
            return true;
        }
        // Nearly all questions are answered without words.
        if self.store.implements(v, t, false) {
            return true;
        }
        let verb = if constraint { "satisfy" } else { "implement" };
        let (vs, ts) = (self.show(v), self.show_goal(t));
        let Some(interface) = self.store.interface(t) else {
            let detail = match self.interface_pointer_text(t) {
                Some(text) => text,
                None => format!("{ts} is not an interface"),
            };
            *cause = format!("{vs} does not {verb} {ts} ({detail})");
            return false;
        };
        if interface.is_empty_set() {
            *cause = format!("cannot {verb} {ts} (empty type set)");
            return false;
        }
        if let Some((method, missing)) = self.store.missing_method(v, &interface, true) {
            if self.has_invalid_embedded(v, &mut HashSet::default()) {
                return true;
            }
            let why = self.missing_method_cause(v, t, &method, &missing);
            *cause = format!("{vs} does not {verb} {ts} {why}");
            return false;
        }
        if let Some(terms) = interface.terms.clone() {
            if let Some(own) = self.store.interface(v) {
                let subset = own
                    .terms
                    .as_ref()
                    .is_some_and(|own| own.iter().all(|&x| terms.iter().any(|&y| self.store.term_subset(x, y))));
                if !subset {
                    *cause = format!("{vs} does not {verb} {ts}");
                    return false;
                }
            } else if !terms.iter().any(|&y| self.store.term_subset(Term { tilde: false, ty: v }, y)) {
                let missing_tilde = terms.iter().find(|u| {
                    let under = self.store.under(u.ty);
                    !u.tilde && self.store.identical(u.ty, under) && self.store.identical(under, v_under)
                });
                let detail = match missing_tilde {
                    Some(alt) => format!("possibly missing ~ for {} in {ts}", self.show(alt.ty)),
                    None if self.mentions(t, v) => {
                        format!("{ts} mentions {vs}, but {vs} is not in the type set of {ts}")
                    }
                    None => {
                        let list: Vec<String> = terms.iter().map(|&t| self.show_term(t)).collect();
                        format!("{vs} missing in {}", list.join(" | "))
                    }
                };
                *cause = format!("{vs} does not {verb} {ts} ({detail})");
                return false;
            }
        }
        if !interface.comparable || self.store.is_comparable(v, false) {
            return true;
        }
        if constraint && self.store.is_comparable(v, true) {
            if self.version() >= 20 {
                return true;
            }
            *cause = format!("{vs} to {verb} comparable requires go1.20 or later");
        } else {
            *cause = format!("{vs} does not {verb} comparable");
        }
        false
    }

    /// Whether a value of interface type `v` may hold a `t`; the reason why not.
    pub fn assertable(&mut self, v: TypeId, t: TypeId, cause: &mut String) -> bool {
        if self.store.interface(t).is_some() || !self.store.is_valid_type(t) {
            return true;
        }
        let Some(interface) = self.store.interface(v) else { return true };
        let Some((method, missing)) = self.store.missing_method(t, &interface, false) else { return true };
        if self.has_invalid_embedded(t, &mut HashSet::default()) {
            return true;
        }
        *cause = self.missing_method_cause(t, v, &method, &missing);
        false
    }

    /// Whether a constraint as it is written names a type (that is not in its type set).
    fn mentions(&mut self, t: TypeId, ty: TypeId) -> bool {
        let Some(&(file, decl)) = self.store.as_named(t).and_then(|n| self.type_decls.get(&n.obj)) else {
            return false;
        };
        let gorace_syntax::ast::ExprKind::InterfaceType(i) = &decl.ty.kind else { return false };
        let mut work: Vec<&gorace_syntax::ast::Expr> = i
            .elems
            .iter()
            .filter_map(|e| match e {
                gorace_syntax::ast::InterfaceElem::Embed(e) => Some(e),
                gorace_syntax::ast::InterfaceElem::Method { .. } => None,
            })
            .collect();
        while let Some(e) = work.pop() {
            match &e.kind {
                gorace_syntax::ast::ExprKind::Binary { x, y, .. } => work.extend([&**x, &**y]),
                gorace_syntax::ast::ExprKind::Unary { x, .. } => work.push(x),
                _ => {
                    if self.info[file].types[e.id.index()].ty == ty {
                        return true;
                    }
                }
            }
        }
        false
    }

    fn has_invalid_embedded(&mut self, ty: TypeId, seen: &mut HashSet<TypeId>) -> bool {
        let base = match self.store.under_type(ty) {
            Type::Pointer(base) => base,
            _ => ty,
        };
        let Type::Struct(fields) = self.store.under_type(base) else { return false };
        seen.insert(base)
            && fields
                .iter()
                .any(|f| f.embedded && (!self.store.is_valid_type(f.ty) || self.has_invalid_embedded(f.ty, seen)))
    }

    fn is_param_pointer(&self, ty: TypeId) -> bool {
        matches!(*self.store.get(ty), Type::Pointer(base) if self.store.is_type_param(base))
    }

    /// What a pointer to an interface or type parameter is, in words.
    pub fn interface_pointer_text(&mut self, ty: TypeId) -> Option<String> {
        let Type::Pointer(base) = self.store.under_type(ty) else { return None };
        self.store.interface(base)?;
        let what = if self.store.is_type_param(base) { "type parameter" } else { "interface" };
        Some(format!("type {} is pointer to {what}, not {what}", self.show(ty)))
    }

    /// The text in parentheses that tells why a method is missing.
    pub fn missing_method_cause(
        &mut self,
        v: TypeId,
        t: TypeId,
        method: &InterfaceMethod,
        missing: &Missing,
    ) -> String {
        let name = &method.name;
        match missing {
            Missing::Absent => match self.interface_pointer_text(v).or_else(|| self.interface_pointer_text(t)) {
                Some(text) => format!("({text})"),
                None => format!("(missing method {name})"),
            },
            Missing::WrongName(other, signature) => {
                let have = self.method_as_written(v, other, *signature);
                let want = self.method_as_written(t, name, method.signature);
                format!("(missing method {name})\n\t\thave {have}\n\t\twant {want}")
            }
            Missing::Unexported => format!("(unexported method {name})"),
            Missing::WrongType(other) => {
                let have = self.method_as_written(v, name, *other);
                let want = self.method_as_written(t, name, method.signature);
                if have == want {
                    let have = self.method_text(name, *other, Qualify::Full);
                    let want = self.method_text(name, method.signature, Qualify::Full);
                    if have == want {
                        return format!("(wrong type for method {name})");
                    }
                    return format!("(wrong type for method {name})\n\t\thave {have}\n\t\twant {want}");
                }
                format!("(wrong type for method {name})\n\t\thave {have}\n\t\twant {want}")
            }
            Missing::Ambiguous => format!("(ambiguous selector {}.{name})", self.show(v)),
            Missing::PointerReceiver => format!("(method {name} has pointer receiver)"),
            Missing::IsField => format!("({}.{name} is a field, not a method)", self.show(v)),
        }
    }

    /// A type's method as the type's declaration has it.
    fn method_as_written(&mut self, ty: TypeId, name: &str, signature: TypeId) -> String {
        match self.method_spelling(ty, name, signature) {
            Some(s) => format!("{name}{}", self.spelled_method(&s)),
            None => self.method_text(name, signature, Qualify::Relative(self.pkg)),
        }
    }

    fn method_text(&mut self, name: &str, signature: TypeId, qualify: Qualify) -> String {
        let text = self.store.type_string(signature, qualify);
        format!("{name}{}", text.strip_prefix("func").unwrap_or(&text))
    }
}

fn extend(message: String, cause: &str) -> String {
    if cause.is_empty() { message } else { format!("{message}\n\t{cause}") }
}
