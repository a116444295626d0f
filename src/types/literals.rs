//! Basic literals, function literals and composite literals (Go spec, "Composite literals").

use crate::check::{Checker, Environment};
use crate::codes::Code;
use crate::constant::Const;
use crate::hash::{HashMap, HashSet};
use crate::lookup::{Entry, Found};
use crate::operand::Operand;
use crate::spelling::Goal;
use crate::store::*;
use crate::switch::ConstKey;
use gorace_base::Pos;
use gorace_syntax::ast::{self, Element, Expr, ExprKind, LitKind, Name};
use gorace_syntax::printer::expr_string;
use std::rc::Rc;

/// Longer numbers are refused.
const MAX_DIGITS: usize = 10_000;

impl<'a> Checker<'a> {
    pub fn literal(&mut self, e: &'a Expr, lit: &ast::BasicLit) -> Operand<'a> {
        if lit.bad {
            return Operand::invalid(e);
        }
        let basic = match lit.kind {
            LitKind::Int => Basic::UntypedInt,
            LitKind::Float => Basic::UntypedFloat,
            LitKind::Imag => Basic::UntypedComplex,
            LitKind::Char => Basic::UntypedRune,
            LitKind::String => Basic::UntypedString,
        };
        if matches!(lit.kind, LitKind::Int | LitKind::Float | LitKind::Imag) {
            self.old_number(e.pos, lit);
            if lit.text.len() > MAX_DIGITS {
                let message = format!("excessively long constant: {}... ({} chars)", &lit.text[..10], lit.text.len());
                self.error(e.pos, Code::InvalidConstVal, message);
                return Operand::invalid(e);
            }
        }
        let Some(value) = Const::literal(lit.kind, &lit.text) else {
            self.error(e.pos, Code::InvalidConstVal, format!("malformed constant: {}", lit.text));
            return Operand::invalid(e);
        };
        let mut x = Operand { mode: Mode::Constant, value: Some(value), ..Operand::value(e, basic.id()) };
        self.overflow(&mut x, e.pos);
        x
    }

    /// Forms of numbers that came with Go 1.13.
    fn old_number(&mut self, pos: Pos, lit: &ast::BasicLit) {
        if self.version() >= 13 || lit.text.len() <= 2 {
            return;
        }
        let bytes = lit.text.as_bytes();
        let what = if bytes.contains(&b'_') {
            "underscore in numeric literal"
        } else if bytes[0] != b'0' {
            return;
        } else {
            match bytes[1] | 0x20 {
                b'b' => "binary literal",
                b'o' => "0o/0O-style octal literal",
                b'x' if lit.kind != LitKind::Int => "hexadecimal floating-point literal",
                _ => return,
            }
        };
        self.verify_version(pos, 13, what);
    }

    pub fn func_lit(&mut self, e: &'a Expr, lit: &'a ast::FuncLit) -> Operand<'a> {
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
            ..Environment::default()
        };
        // Its body comes when the statement around is done: it may use what that declares.
        self.later(move |c| c.function_body(env, &lit.ty, &lit.body));
        Operand::value(e, signature)
    }

    pub fn composite(
        &mut self,
        e: &'a Expr,
        ty: Option<&'a Expr>,
        elems: &'a [Element],
        hint: Option<TypeId>,
        rbrace: Pos,
    ) -> Operand<'a> {
        let is_element = ty.is_none();
        let ty_written = ty;
        let (ty, base) = match (ty, hint) {
            (Some(written), _) => {
                if let ExprKind::ArrayType { len, elem } = &written.kind
                    && matches!(len.kind, ExprKind::Ellipsis(_))
                {
                    let elem = self.var_type(elem);
                    let len = self.indexed_elements(elems, elem, None);
                    let array = self.store.intern(Type::Array { elem, len });
                    self.record(written.id, Mode::TypeExpr, array);
                    return Operand::value(e, array);
                }
                let t = self.typ(written);
                (t, t)
            }
            (None, Some(hint)) => match self.store.core_type(hint).map(|t| self.store.get(t).clone()) {
                Some(Type::Pointer(elem)) => (hint, elem),
                _ => (hint, hint),
            },
            (None, None) => {
                self.error(e.pos, Code::UntypedLit, "missing type in composite literal");
                (Basic::Invalid.id(), Basic::Invalid.id())
            }
        };
        let complete = match ty_written {
            Some(written) => self.is_complete_written(written, base),
            None => self.is_complete(base),
        };
        if !complete {
            return Operand::invalid(e);
        }
        let core = self.store.core_type(base);
        match core.map(|t| self.store.get(t).clone()) {
            Some(Type::Struct(fields)) => self.struct_literal(elems, base, &fields, rbrace),
            Some(Type::Array { elem, len }) => {
                self.indexed_elements(elems, elem, Some(len));
            }
            Some(Type::Slice(elem)) => {
                self.indexed_elements(elems, elem, None);
            }
            Some(Type::Map { key, elem }) => self.map_literal(elems, key, elem),
            other => {
                for element in elems {
                    self.use_exprs(std::slice::from_ref(&element.value));
                }
                if !matches!(other, Some(Type::Basic(Basic::Invalid))) {
                    let text = self.show(ty);
                    let what = if is_element { " element" } else { "" };
                    let cause = if other.is_none() { " (no common underlying type)" } else { "" };
                    let message = format!("invalid composite literal{what} type {text}{cause}");
                    self.error(e.pos, Code::InvalidLit, message);
                }
                // A declared type that turned out to be none is still called by its name.
                let named = self.store.as_named(ty).is_some_and(|n| n.origin.is_some());
                return if named { Operand::value(e, ty) } else { Operand::invalid(e) };
            }
        }
        Operand::value(e, ty)
    }

    fn map_literal(&mut self, elems: &'a [Element], key: TypeId, elem: TypeId) {
        let by_type = self.store.is_interface(key);
        let mut seen: HashMap<ConstKey, Vec<TypeId>> = HashMap::default();
        for element in elems {
            let Some(k) = &element.key else {
                self.error(element.value.pos, Code::MissingLitKey, "missing key in map literal");
                continue;
            };
            let mut x = self.generic_expr(k, Some(key));
            self.assignment(&mut x, Some(key), "map literal");
            if x.is_invalid() {
                continue;
            }
            if x.is_constant()
                && let Some(value) = ConstKey::of(&x.constant())
            {
                let types = seen.entry(value).or_default();
                let duplicate = if by_type { types.contains(&x.ty) } else { !types.is_empty() };
                types.push(x.ty);
                if duplicate {
                    let message = format!("duplicate key {} in map literal", x.constant().text());
                    self.error(x.pos(), Code::DuplicateLitKey, message);
                    continue;
                }
            }
            let mut v = self.generic_expr(&element.value, Some(elem));
            self.assignment(&mut v, Some(elem), "map literal");
        }
    }

    fn struct_literal(&mut self, elems: &'a [Element], ty: TypeId, fields: &Rc<[Field]>, rbrace: Pos) {
        let Some(first) = elems.first() else { return };
        let mixed = "mixture of field:value and value elements in struct literal";
        if first.key.is_some() {
            let mut seen: Vec<(Vec<u32>, Name)> = Vec::new();
            for element in elems {
                match &element.key {
                    Some(key) => self.keyed_field(element, key, ty, &mut seen),
                    None => self.error(element.value.pos, Code::MixedStructLit, mixed),
                }
            }
            return;
        }
        let text = self.show(ty);
        let hidden = |f: &Field, pkg: PkgId| f.pkg.is_some_and(|p| p != pkg);
        for (i, element) in elems.iter().enumerate() {
            if let Some(key) = &element.key {
                self.error(key.pos, Code::MixedStructLit, mixed);
                continue;
            }
            let mut x = self.generic_expr(&element.value, None);
            let Some(field) = fields.get(i) else {
                let message = format!("too many values in struct literal of type {text}");
                self.error(x.pos(), Code::InvalidStructLit, message);
                break;
            };
            if hidden(field, self.pkg) {
                let message =
                    format!("implicit assignment to unexported field {} in struct literal of type {text}", field.name);
                self.error(x.pos(), Code::UnexportedLitField, message);
                continue;
            }
            self.goal = Some(Goal::Field(ty, field.name.clone()));
            self.assignment(&mut x, Some(field.ty), "struct literal");
        }
        if elems.len() < fields.len() {
            let hint = if fields.iter().any(|f| hidden(f, self.pkg)) {
                " (type has unexported fields - use key:value pairs)"
            } else {
                ""
            };
            let message = format!("too few values in struct literal of type {text}{hint}");
            self.error(rbrace, Code::InvalidStructLit, message);
        }
    }

    fn keyed_field(&mut self, element: &'a Element, key: &'a Expr, ty: TypeId, seen: &mut Vec<(Vec<u32>, Name)>) {
        let mut x = self.generic_expr(&element.value, None);
        let ExprKind::Name(name) = &key.kind else {
            let message = format!("invalid field name {} in struct literal", expr_string(key));
            return self.error(key.pos, Code::InvalidLitField, message);
        };
        let lookup_type = self.store.core_type(ty).unwrap_or(ty);
        let (field, path, indirect) = match self.store.lookup_member(lookup_type, name, Some(self.pkg)) {
            Ok(Found { entry: Entry::Field(field), path, indirect }) => (field, path, indirect),
            Ok(_) => return self.error(key.pos, Code::MissingLitField, format!("{name} is not a field")),
            Err(_) => {
                let message = self.missing_field_message(ty, name);
                return self.error(key.pos, Code::MissingLitField, message);
            }
        };
        if path.len() > 1 {
            let (way, text) = (self.field_path(lookup_type, &path), self.show(ty));
            let what = format!("use of promoted field {way} in struct literal of type {text}");
            if !self.verify_version(key.pos, 27, &what) {
                return;
            }
        }
        if indirect {
            let message = format!("invalid implicit pointer indirection to reach {name}");
            return self.error(key.pos, Code::InvalidLitField, message);
        }
        if path.len() > 1 {
            // A promoted field (since 1.27): the key's selection tells the way to it.
            let pkg = if is_exported(name) { None } else { Some(self.pkg) };
            let selection = Selection {
                kind: SelectionKind::Field,
                recv: ty,
                path: path.clone(),
                indirect: false,
                name: name.clone(),
                pkg,
                method: None,
                pointer_receiver: false,
            };
            self.info[self.file].selections.insert(key.id, Rc::new(selection));
        }
        self.goal = Some(Goal::Field(ty, name.clone()));
        self.assignment(&mut x, Some(field), "struct literal");
        let clash = seen.iter().find(|(other, _)| other.starts_with(&path) || path.starts_with(other));
        let Some((other, alt)) = clash else {
            seen.push((path, name.clone()));
            return;
        };
        let message = if *other == path {
            format!("duplicate field name {name} in struct literal")
        } else if other.len() < path.len() {
            format!("cannot specify promoted field {name} and enclosing embedded field {alt}")
        } else {
            format!("cannot specify embedded field {name} and enclosed promoted field {alt}")
        };
        self.error(key.pos, Code::DuplicateLitField, message);
    }

    /// The names of fields along a path.
    fn field_path(&mut self, mut ty: TypeId, path: &[u32]) -> String {
        let mut names = Vec::new();
        for &index in path {
            if let Type::Pointer(base) = self.store.under_type(ty) {
                ty = base;
            }
            let Type::Struct(fields) = self.store.under_type(ty) else { break };
            let Some(field) = fields.get(index as usize) else { break };
            names.push(field.name.to_string());
            ty = field.ty;
        }
        names.join(".")
    }

    fn missing_field_message(&mut self, ty: TypeId, name: &str) -> String {
        let core = self.store.core_type(ty).unwrap_or(ty);
        let alternative = self.store.lookup_fold(core, name).ok();
        let text = self.show(ty);
        self.lookup_error(ty, &text, name, alternative, true)
    }

    /// Elements of an array or slice literal; gives the length.
    fn indexed_elements(&mut self, elems: &'a [Element], elem: TypeId, length: Option<i64>) -> i64 {
        let mut seen: HashSet<i64> = HashSet::default();
        let (mut index, mut max) = (0i64, 0);
        for element in elems {
            let mut valid = false;
            let pos = element.key.as_ref().unwrap_or(&element.value).pos;
            if let Some(key) = &element.key {
                match self.index(key, length) {
                    Ok(Some(n)) => {
                        index = n;
                        valid = true;
                    }
                    Ok(None) => {
                        let message = format!("index {} must be integer constant", expr_string(key));
                        self.error(pos, Code::InvalidLitIndex, message);
                    }
                    Err(()) => {}
                }
            } else if let Some(length) = length.filter(|&length| index >= length) {
                let message = format!("index {index} is out of bounds (>= {length})");
                self.error(pos, Code::OversizeArrayLit, message);
            } else {
                valid = true;
            }
            if valid && !seen.insert(index) {
                let message = format!("duplicate index {index} in array or slice literal");
                self.error(pos, Code::DuplicateLitKey, message);
            }
            index = index.saturating_add(1);
            max = max.max(index);
            let mut x = self.generic_expr(&element.value, Some(elem));
            self.assignment(&mut x, Some(elem), "array or slice literal");
        }
        max
    }
}
