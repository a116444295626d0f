//! `for … range` (Go spec, "For statements with range clause").

use crate::check::Checker;
use crate::codes::Code;
use crate::operand::Operand;
use crate::spelling::Source;
use crate::stmt::Context;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{ChanDir, Expr, ExprKind, Ident, RangeStmt};
use gorace_syntax::printer::expr_string;

impl<'a> Checker<'a> {
    pub fn range_stmt(&mut self, context: Context, pos: Pos, s: &'a RangeStmt) {
        let mut x = self.expr(&s.x, None);
        let (mut key, mut value) = (None, None);
        if !x.is_invalid() {
            match self.range_key_value(x.ty) {
                Err(cause) => {
                    let what = self.describe(&x);
                    let cause = if cause.is_empty() { cause } else { format!(": {cause}") };
                    self.soft_error(x.pos(), Code::InvalidRangeExpr, format!("cannot range over {what}{cause}"));
                }
                Ok((k, v)) => {
                    let what = self.describe(&x);
                    if let (None, Some(e)) = (k, &s.key) {
                        let message = format!("range over {what} permits no iteration variables");
                        self.soft_error(e.pos, Code::InvalidIterVar, message);
                    } else if let (None, Some(e)) = (v, &s.value) {
                        let message = format!("range over {what} permits only one iteration variable");
                        self.soft_error(e.pos, Code::InvalidIterVar, message);
                    } else if let Some(e) = &s.extra {
                        let message = "range clause permits at most two iteration variables";
                        self.soft_error(e.pos, Code::InvalidIterVar, message);
                    }
                    (key, value) = (k, v);
                }
            }
        }
        let over_int = !x.is_invalid() && self.store.is_integer(x.ty);
        self.in_scope(|c| {
            let pairs = [(s.key.as_ref(), key), (s.value.as_ref(), value)];
            if s.define {
                c.range_define(pos, pairs, &mut x, over_int);
            } else if s.key.is_some() {
                for (lhs, ty) in pairs {
                    let (Some(lhs), Some(ty)) = (lhs, ty) else { continue };
                    if over_int {
                        c.assign_operand(lhs, &mut x, "range clause");
                        if !x.is_invalid() && !c.store.is_integer(x.ty) {
                            let ty = c.show_of(&x);
                            let message = format!("cannot use iteration variable of type {ty}");
                            c.soft_error(lhs.pos, Code::InvalidRangeExpr, message);
                        }
                    } else {
                        let mut y = Operand::value(lhs, ty);
                        c.assign_operand(lhs, &mut y, "assignment");
                    }
                }
            } else if over_int {
                c.assignment(&mut x, None, "range clause");
            }
            c.block(context, &s.body);
        });
    }

    fn range_define(
        &mut self,
        pos: Pos,
        pairs: [(Option<&'a Expr>, Option<TypeId>); 2],
        x: &mut Operand<'a>,
        over_int: bool,
    ) {
        let mut variables: Vec<(Ident, ObjId)> = Vec::new();
        for (at, (lhs, ty)) in pairs.into_iter().enumerate() {
            let Some(lhs) = lhs else { continue };
            let ExprKind::Name(name) = &lhs.kind else {
                let text = expr_string(lhs);
                self.error(lhs.pos, Code::InvalidSyntaxTree, format!("invalid syntax tree: cannot declare {text}"));
                continue;
            };
            let obj = self.new_local(name, lhs.pos, Basic::Invalid.id());
            self.record_definition(lhs.id, obj);
            if let (Some(over), false) = (x.expr, over_int) {
                self.sources.insert(obj, Source::Iteration(self.file, over, at == 0));
            }
            if name != "_" {
                variables.push((Ident { id: lhs.id, pos: lhs.pos, name: name.clone() }, obj));
            }
            match ty.filter(|&t| self.store.is_valid_type(t)) {
                None => self.store.object_mut(obj).used = true,
                Some(_) if over_int => self.init_var(obj, None, x, "range clause"),
                Some(ty) => {
                    let mut y = Operand::value(lhs, ty);
                    self.init_var(obj, None, &mut y, "assignment");
                }
            }
            let ty = self.store.object(obj).ty;
            self.record(lhs.id, Mode::Variable, ty);
        }
        if variables.is_empty() {
            self.error(pos, Code::NoNewVar, "no new variables on left side of :=");
        }
        for (ident, obj) in variables {
            let scope = self.scope();
            if self.store.scopes[scope.index()].names.contains_key(&ident.name) {
                // It is reported as declared twice.
                self.store.object_mut(obj).used = true;
            }
            self.declare(&ident, obj);
        }
    }

    /// The types of the iteration values that ranging over a type gives.
    ///
    /// # Errors
    /// The reason why one cannot range over it, possibly empty.
    pub fn range_key_value(&mut self, ty: TypeId) -> Result<(Option<TypeId>, Option<TypeId>), String> {
        let int = Basic::Int.id();
        let set = self.store.typeset(ty).unwrap_or_default();
        for &(t, under) in &set {
            if matches!(self.store.get(under), Type::Chan { dir: ChanDir::Send, .. }) {
                return Err(format!("receive from send-only channel {}", self.show(t)));
            }
        }
        let core = self.common_under(ty)?;
        let under = self.store.array_or_pointer_to(core);
        match self.store.get(under).clone() {
            Type::Basic(b) if b.is_string() => Ok((Some(int), Some(Basic::Int32.id()))),
            Type::Basic(b) if b.is_integer() => {
                if self.version() < 22 {
                    return Err("requires go1.22 or later".into());
                }
                Ok((Some(ty), None))
            }
            Type::Array { elem, .. } | Type::Slice(elem) => Ok((Some(int), Some(elem))),
            Type::Map { key, elem } => Ok((Some(key), Some(elem))),
            Type::Chan { elem, .. } => Ok((Some(elem), None)),
            Type::Signature(f) => {
                if self.version() < 23 {
                    return Err("requires go1.23 or later".into());
                }
                let wrong = |what: &str| Err(format!("func must be func(yield func(...) bool): {what}"));
                if f.params.len() != 1 {
                    return wrong("wrong argument count");
                }
                if !f.results.is_empty() {
                    return wrong("unexpected results");
                }
                let yield_fn = match self.common_under(f.params[0]) {
                    Ok(core) => match self.store.get(core) {
                        Type::Signature(s) => s.clone(),
                        _ => return wrong("argument is not func"),
                    },
                    Err(cause) => return wrong(&format!("in yield type, {cause}")),
                };
                if yield_fn.params.len() > 2 {
                    return wrong("yield func has too many parameters");
                }
                if yield_fn.results[..] != [Basic::Bool.id()] {
                    if yield_fn.results.len() == 1 && self.store.basic(yield_fn.results[0]) == Some(Basic::Bool) {
                        return wrong("yield func returns user-defined boolean, not bool");
                    }
                    return wrong("yield func does not return bool");
                }
                if yield_fn.variadic {
                    let text = self.show(f.params[0]);
                    return Err(format!("yield func of type {text} cannot be variadic"));
                }
                Ok((yield_fn.params.first().copied(), yield_fn.params.get(1).copied()))
            }
            _ => Err(String::new()),
        }
    }
}
