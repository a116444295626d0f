//! Lists of parameters and of type parameters (Go spec, "Function types", "Type parameter declarations").
//!
//! One routine reads both, as gc's does: entries are read as far as they go, and what is a name and what a type is decided
//! when all are there. The texts of errors and their places are gc's.

use super::{Parser, describe};
use crate::ast::*;
use crate::scanner::Token;
use gorace_base::Pos;

/// An entry before it is known what it is; name or type is there.
struct Entry {
    name: Option<Ident>,
    ty: Option<Expr>,
}

/// The beginning of a list that was read before it was known to be one.
pub(super) struct First {
    pub name: Ident,
    pub ty: Option<Expr>,
}

/// What a list is of.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum ListOf {
    /// `)` ends it; the last may be `...T`.
    Parameters,
    /// `)` ends it: results and receivers.
    Results,
    /// `]` ends it; each must have a name.
    TypeParameters,
    /// `]` ends it: behind a name in an interface, where both are read.
    TypeParametersOrArguments,
}

impl Parser<'_> {
    /// Behind the opening bracket through the closing one.
    pub(super) fn param_list(&mut self, first: Option<First>, of: ListOf) -> Vec<Field> {
        self.param_list_to(first, of).0
    }

    /// As `param_list`, with the place of the closing bracket.
    pub(super) fn param_list_to(&mut self, first: Option<First>, of: ListOf) -> (Vec<Field>, Pos) {
        let close = if matches!(of, ListOf::Parameters | ListOf::Results) { Token::Rparen } else { Token::Rbrack };
        if let Some(First { name, ty: Some(_) }) = &first
            && self.token() == close
        {
            let (pos, end) = (name.pos, self.pos());
            self.next();
            let field = |f: First| Some(Field { pos, name: Some(f.name), ty: f.ty? });
            return (first.into_iter().filter_map(field).collect(), end);
        }
        let level = std::mem::replace(&mut self.expr_level, 1);
        let mut entries = Vec::new();
        let mut first = first;
        let end = self.list("parameter list", Token::Comma, close, |p| {
            match first.take() {
                Some(First { name, ty: Some(ty) }) => entries.push(Entry { name: Some(name), ty: Some(ty) }),
                other => entries.extend(p.entry(other.map(|f| f.name), close)),
            }
            false
        });
        self.expr_level = level;
        let mut fields = self.distribute(entries, of == ListOf::TypeParameters, end);
        self.check_dots(&mut fields, of);
        (fields, end)
    }

    /// `...T` stands before the last parameter only; elsewhere it is read as `T`, and the first is told.
    fn check_dots(&mut self, fields: &mut [Field], of: ListOf) {
        let may_end = of == ListOf::Parameters;
        let count = fields.len() - usize::from(may_end && !fields.is_empty());
        let mut told = false;
        for field in &mut fields[..count] {
            if let ExprKind::Ellipsis(Some(elem)) = &mut field.ty.kind {
                if !told {
                    told = true;
                    let text = if may_end { "can only use ... with final parameter" } else { "invalid use of ..." };
                    self.report(field.ty.pos, text.to_string());
                }
                field.ty = (**elem).clone();
            }
        }
    }

    fn entry(&mut self, name: Option<Ident>, close: Token) -> Option<Entry> {
        // Constraints may be unions.
        let unions = close == Token::Rbrack;
        let mut name = name;
        if name.is_none() && self.token() == Token::Name {
            name = Some(self.ident());
        }
        let union = |p: &mut Self, x: Expr| if unions { p.union_rest(x) } else { x };
        if let Some(found) = name {
            match self.token() {
                Token::Lbrack => {
                    let mut entry = self.entry_behind_bracket(found);
                    entry.ty = entry.ty.map(|ty| union(self, ty));
                    return Some(entry);
                }
                Token::Dot => {
                    let ty = self.qualified_rest(found);
                    return Some(Entry { name: None, ty: Some(union(self, ty)) });
                }
                Token::Op(BinaryOp::Or) if unions => {
                    let ty = self.union_rest(name_expr(found));
                    return Some(Entry { name: None, ty: Some(ty) });
                }
                _ => name = Some(found),
            }
        }
        let ty = match self.token() {
            Token::DotDotDot => Some(self.variadic()),
            Token::Tilde if unions => {
                let x = self.union_term();
                Some(self.union_rest(x))
            }
            _ => self.opt_type().map(|ty| union(self, ty)),
        };
        if name.is_none() && ty.is_none() {
            self.syntax_error(&format!("expected {}", describe(close)));
            self.advance(&[Token::Comma, close]);
            return None;
        }
        Some(Entry { name, ty })
    }

    /// `name [`: `name []T`, `name [n]T` or the instance `Name[T]`.
    fn entry_behind_bracket(&mut self, name: Ident) -> Entry {
        match self.array_or_type_args(name) {
            Ok((name, ty)) => Entry { name: Some(name), ty: Some(ty) },
            Err(instance) => Entry { name: None, ty: Some(instance) },
        }
    }

    fn variadic(&mut self) -> Expr {
        let pos = self.pos();
        self.next();
        match self.opt_type() {
            Some(elem) => self.expr_node(pos, ExprKind::Ellipsis(Some(Box::new(elem)))),
            None => {
                self.syntax_error("... is missing type");
                self.bad_expr()
            }
        }
    }

    /// Names without types share the next type; without any named type all entries are types, unless names are required.
    fn distribute(&mut self, entries: Vec<Entry>, required: bool, end: Pos) -> Vec<Field> {
        let named = entries.iter().filter(|e| e.name.is_some() && e.ty.is_some()).count();
        let typed = entries.iter().filter(|e| e.ty.is_some()).count();
        let count = entries.len();
        if named == 0 && !required {
            let field = |ty: Expr| Field { pos: ty.pos, name: None, ty };
            return entries.into_iter().filter_map(|e| e.ty.or(e.name.map(name_expr))).map(field).collect();
        }
        let mut out = Vec::new();
        let mut current: Option<Expr> = None;
        // The leftmost entry that lacks its name or type.
        let mut bad = None;
        for Entry { name, ty } in entries.into_iter().rev() {
            let lacks_name = name.is_none();
            if let Some(ty) = &ty {
                current = Some(ty.clone());
                bad = if lacks_name { Some(ty.pos) } else { bad };
            }
            let pos = name.as_ref().map(|n| n.pos).or(ty.as_ref().map(|t| t.pos)).unwrap_or(end);
            let ty = match ty.or_else(|| current.clone()) {
                Some(ty) => ty,
                None => {
                    bad = Some(pos);
                    let id = self.node();
                    Expr { id, pos, kind: ExprKind::Bad }
                }
            };
            out.push(Field { pos, name, ty });
        }
        out.reverse();
        if let Some(pos) = bad {
            match (named == typed, required) {
                // Only names at the end lack something: their types.
                (true, true) => self.syntax_error_at(end, "missing type constraint"),
                (true, false) => self.syntax_error_at(end, "missing parameter type"),
                (false, true) if count == 1 => {
                    self.syntax_error_at(pos, "missing type parameter name or invalid array length");
                }
                (false, true) => self.syntax_error_at(pos, "missing type parameter name"),
                (false, false) => self.syntax_error_at(pos, "missing parameter name"),
            }
            for field in out.iter_mut().filter(|f| f.name.is_none()) {
                field.name = Some(Ident { id: self.node(), pos: field.pos, name: "_".into() });
            }
        }
        out
    }
}

pub(super) fn name_expr(name: Ident) -> Expr {
    Expr { id: name.id, pos: name.pos, kind: ExprKind::Name(name.name) }
}

/// Splits an expression behind `type T [` into the name of a type parameter and its constraint (`P *[]int`, `P ([]int)`):
/// where the constraint can only be one, or `force` is set. Gives the expression back otherwise.
pub(super) fn split_type_param(x: Expr, force: bool) -> Result<First, Expr> {
    if !splits(&x, force) {
        return Err(x);
    }
    let Expr { id, pos, kind } = x;
    match kind {
        ExprKind::Name(name) => Ok(First { name: Ident { id, pos, name }, ty: None }),
        ExprKind::Binary { op: BinaryOp::Mul, x: name, y, op_pos } => {
            let mut first = split_type_param(*name, true)?;
            first.ty = Some(Expr { id, pos: op_pos, kind: ExprKind::Star(y) });
            Ok(first)
        }
        ExprKind::Binary { op, x: left, y, op_pos } => {
            let mut first = split_type_param(*left, true)?;
            first.ty = first.ty.map(|left| {
                let pos = left.pos;
                Expr { id, pos, kind: ExprKind::Binary { op, op_pos, x: Box::new(left), y } }
            });
            Ok(first)
        }
        ExprKind::Call { fun, mut args, lparen, .. } if args.len() == 1 => {
            let mut first = split_type_param(*fun, true)?;
            first.ty = Some(Expr { id, pos: lparen, kind: ExprKind::Paren(Box::new(args.remove(0))) });
            Ok(first)
        }
        kind => Err(Expr { id, pos, kind }),
    }
}

fn splits(x: &Expr, force: bool) -> bool {
    let is_name = |x: &Expr| matches!(x.kind, ExprKind::Name(_));
    match &x.kind {
        ExprKind::Name(_) => true,
        ExprKind::Binary { op: BinaryOp::Mul, x, y, .. } => is_name(x) && (force || is_type_element(y)),
        ExprKind::Binary { op: BinaryOp::Or, x, y, .. } => !is_name(x) && splits(x, force || is_type_element(y)),
        ExprKind::Call { fun, args, ellipsis: None, .. } => {
            is_name(fun) && args.len() == 1 && (force || is_type_element(&args[0]))
        }
        _ => false,
    }
}

/// Whether an expression can only be a type or constraint element.
fn is_type_element(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::ArrayType { .. }
        | ExprKind::SliceType(_)
        | ExprKind::StructType(_)
        | ExprKind::FuncType(_)
        | ExprKind::InterfaceType(_)
        | ExprKind::MapType { .. }
        | ExprKind::ChanType { .. }
        | ExprKind::Unary { op: UnaryOp::Tilde, .. } => true,
        ExprKind::Binary { x, y, .. } => is_type_element(x) || is_type_element(y),
        ExprKind::Unary { x, .. } | ExprKind::Star(x) | ExprKind::Paren(x) => is_type_element(x),
        _ => false,
    }
}
