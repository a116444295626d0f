//! Types and signatures (Go spec, "Types").

use super::Parser;
use super::params::{ListOf, name_expr};
use crate::ast::*;
use crate::scanner::{SemiKind, Token};
use gorace_base::Pos;

impl Parser<'_> {
    pub(super) fn type_or_bad(&mut self) -> Expr {
        match self.opt_type() {
            Some(ty) => ty,
            None => {
                self.syntax_error("expected type");
                self.advance(&[
                    Token::Comma,
                    Token::Colon,
                    Token::Semi(SemiKind::Newline),
                    Token::Rparen,
                    Token::Rbrack,
                    Token::Rbrace,
                ]);
                self.bad_expr()
            }
        }
    }

    /// Type, or nothing when none begins here.
    pub(super) fn opt_type(&mut self) -> Option<Expr> {
        self.nested(Self::opt_type_here, |p| Some(p.bad_expr()))
    }

    fn opt_type_here(&mut self) -> Option<Expr> {
        let pos = self.pos();
        let kind = match self.token() {
            Token::Star => {
                self.next();
                ExprKind::Star(Box::new(self.type_or_bad()))
            }
            Token::Arrow => {
                self.next();
                self.want(Token::Chan);
                ExprKind::ChanType { dir: ChanDir::Recv, elem: Box::new(self.chan_elem()) }
            }
            Token::Func => {
                self.next();
                let ty = self.unnamed_signature(pos);
                ExprKind::FuncType(Box::new(ty))
            }
            Token::Lbrack => {
                self.next();
                if self.got(Token::Rbrack) {
                    ExprKind::SliceType(Box::new(self.type_or_bad()))
                } else {
                    return Some(self.array_type_rest(pos, None));
                }
            }
            Token::Chan => {
                self.next();
                let dir = if self.got(Token::Arrow) { ChanDir::Send } else { ChanDir::Both };
                ExprKind::ChanType { dir, elem: Box::new(self.chan_elem()) }
            }
            Token::Map => {
                self.next();
                self.want(Token::Lbrack);
                let key = self.type_or_bad();
                self.want(Token::Rbrack);
                let value = self.type_or_bad();
                ExprKind::MapType { key: Box::new(key), value: Box::new(value) }
            }
            Token::Struct => self.struct_type(),
            Token::Interface => self.interface_type(),
            Token::Name => return Some(self.type_name_with_args()),
            Token::Lparen => {
                self.next();
                let inner = self.type_or_bad();
                self.want(Token::Rparen);
                ExprKind::Paren(Box::new(inner))
            }
            _ => return None,
        };
        Some(self.expr_node(pos, kind))
    }

    fn chan_elem(&mut self) -> Expr {
        match self.opt_type() {
            Some(ty) => ty,
            None => {
                self.syntax_error("missing channel element type");
                self.bad_expr()
            }
        }
    }

    /// The rest of an array type behind `[`, or behind its length.
    pub(super) fn array_type_rest(&mut self, lbrack: Pos, len: Option<Expr>) -> Expr {
        let len = match len {
            Some(len) => len,
            None if self.token() == Token::DotDotDot => {
                let pos = self.pos();
                self.next();
                self.expr_node(pos, ExprKind::Ellipsis(None))
            }
            None => {
                let level = std::mem::replace(&mut self.expr_level, 1);
                let len = self.expr();
                self.expr_level = level;
                len
            }
        };
        if self.token() == Token::Comma {
            self.syntax_error("unexpected comma; expected ]");
            self.next();
        }
        self.want(Token::Rbrack);
        let elem = self.type_or_bad();
        self.expr_node(lbrack, ExprKind::ArrayType { len: Box::new(len), elem: Box::new(elem) })
    }

    /// TypeName [ TypeArgs ]
    fn type_name_with_args(&mut self) -> Expr {
        let name = if self.token() == Token::Name {
            self.ident()
        } else {
            self.syntax_error("expected name");
            let ident = Ident { id: self.node(), pos: self.pos(), name: "_".into() };
            self.advance(&[Token::Dot, Token::Semi(SemiKind::Newline), Token::Rbrace]);
            ident
        };
        self.qualified_rest(name)
    }

    /// What may follow a name where a type stands: `.Name` and type arguments.
    pub(super) fn qualified_rest(&mut self, name: Ident) -> Expr {
        let mut x = name_expr(name);
        if self.got(Token::Dot) {
            let sel = self.ident();
            let pos = x.pos;
            x = self.expr_node(pos, ExprKind::Selector { x: Box::new(x), sel });
        }
        if self.token() != Token::Lbrack {
            return x;
        }
        let lbrack = self.pos();
        self.next();
        let level = self.expr_level;
        self.expr_level = level.abs() + 1;
        let first = if self.token() == Token::Rbrack {
            self.syntax_error("expected type argument list");
            self.bad_expr()
        } else {
            self.type_or_bad()
        };
        let (indices, _) = self.more_types(first);
        self.expr_level = level;
        let rbrack = self.pos();
        self.want(Token::Rbrack);
        let pos = x.pos;
        self.expr_node(pos, ExprKind::Index { x: Box::new(x), lbrack, indices, rbrack })
    }

    /// Types behind a first one and commas; whether there was a comma.
    pub(super) fn more_types(&mut self, first: Expr) -> (Vec<Expr>, bool) {
        let mut out = vec![first];
        let mut comma = false;
        while self.got(Token::Comma) {
            comma = true;
            match self.opt_type() {
                Some(ty) => out.push(ty),
                None => break,
            }
        }
        (out, comma)
    }

    /// `name [` in a list of parameters or fields: `name []T`, `name [n]T`, or (`Err`) the instance `Name[T]`.
    pub(super) fn array_or_type_args(&mut self, name: Ident) -> Result<(Ident, Expr), Expr> {
        let pos = name.pos;
        let lbrack = self.pos();
        self.next();
        if self.got(Token::Rbrack) {
            let elem = self.type_or_bad();
            return Ok((name, self.expr_node(lbrack, ExprKind::SliceType(Box::new(elem)))));
        }
        if self.token() == Token::DotDotDot {
            return Ok((name, self.array_type_rest(lbrack, None)));
        }
        let level = std::mem::replace(&mut self.expr_level, 1);
        let first = self.expr();
        let (mut indices, comma) = self.more_types(first);
        self.expr_level = level;
        let rbrack = self.pos();
        self.want(Token::Rbrack);
        if !comma && let Some(elem) = self.opt_type() {
            let len = Box::new(indices.remove(0));
            return Ok((name, self.expr_node(lbrack, ExprKind::ArrayType { len, elem: Box::new(elem) })));
        }
        Err(self.expr_node(pos, ExprKind::Index { x: Box::new(name_expr(name)), lbrack, indices, rbrack }))
    }

    /// StructType = "struct" "{" { FieldDecl ";" } "}" .
    fn struct_type(&mut self) -> ExprKind {
        self.next();
        let mut fields = Vec::new();
        self.want(Token::Lbrace);
        let semicolon = Token::Semi(SemiKind::Newline);
        let rbrace = self.list("struct type", semicolon, Token::Rbrace, |p| {
            p.field_decl(&mut fields);
            false
        });
        ExprKind::StructType(StructType { fields, rbrace })
    }

    /// FieldDecl = (IdentifierList Type | EmbeddedField) [ Tag ] .
    fn field_decl(&mut self, out: &mut Vec<StructField>) {
        let pos = self.pos();
        match self.token() {
            Token::Name => {
                let name = self.ident();
                if matches!(self.token(), Token::Dot | Token::Literal(_) | Token::Semi(_) | Token::Rbrace) {
                    let x = self.qualified_rest(name);
                    return self.embedded(pos, x, out);
                }
                if self.token() == Token::Lbrack {
                    return match self.array_or_type_args(name) {
                        Ok((name, ty)) => self.named_fields(vec![name], ty, out),
                        Err(instance) => self.embedded(pos, instance, out),
                    };
                }
                let mut names = vec![name];
                while self.got(Token::Comma) {
                    names.push(self.ident());
                }
                let ty = self.type_or_bad();
                self.named_fields(names, ty, out);
            }
            Token::Star => {
                self.next();
                let in_parens = self.token() == Token::Lparen;
                if in_parens {
                    self.syntax_error("cannot parenthesize embedded type");
                    self.next();
                }
                let x = self.type_name_with_args();
                if in_parens {
                    self.got(Token::Rparen);
                }
                let x = self.expr_node(pos, ExprKind::Star(Box::new(x)));
                self.embedded(pos, x, out);
            }
            Token::Lparen => {
                self.syntax_error("cannot parenthesize embedded type");
                self.next();
                let at = self.pos();
                let is_pointer = self.got(Token::Star);
                let mut x = self.type_name_with_args();
                if is_pointer {
                    x = self.expr_node(at, ExprKind::Star(Box::new(x)));
                }
                self.got(Token::Rparen);
                self.embedded(pos, x, out);
            }
            _ => {
                self.syntax_error("expected field name or embedded type");
                self.advance(&[Token::Semi(SemiKind::Newline), Token::Rbrace]);
            }
        }
    }

    fn named_fields(&mut self, names: Vec<Ident>, ty: Expr, out: &mut Vec<StructField>) {
        let tag = self.opt_tag();
        for name in names {
            out.push(StructField { pos: name.pos, name: Some(name), ty: ty.clone(), tag: tag.clone() });
        }
    }

    fn embedded(&mut self, pos: Pos, ty: Expr, out: &mut Vec<StructField>) {
        let tag = self.opt_tag();
        out.push(StructField { pos, name: None, ty, tag });
    }

    fn opt_tag(&mut self) -> Option<BasicLit> {
        match self.token() {
            Token::Literal(LitKind::String) => Some(self.basic_lit()),
            Token::Literal(_) => {
                self.syntax_error("struct field tag must be a string");
                self.next();
                None
            }
            _ => None,
        }
    }

    /// InterfaceType = "interface" "{" { InterfaceElem ";" } "}" .
    fn interface_type(&mut self) -> ExprKind {
        self.next();
        let mut elems = Vec::new();
        self.want(Token::Lbrace);
        let semicolon = Token::Semi(SemiKind::Newline);
        let rbrace = self.list("interface type", semicolon, Token::Rbrace, |p| {
            p.interface_elem(&mut elems);
            false
        });
        ExprKind::InterfaceType(InterfaceType { elems, rbrace })
    }

    fn interface_elem(&mut self, out: &mut Vec<InterfaceElem>) {
        let embedded = if self.token() == Token::Name {
            match self.method_or_type() {
                Ok(method) => return out.push(method),
                Err(ty) => ty,
            }
        } else {
            self.union_term()
        };
        let embedded = self.union_rest(embedded);
        out.push(InterfaceElem::Embed(embedded));
    }

    /// A method, or the name of an embedded type with its arguments.
    fn method_or_type(&mut self) -> Result<InterfaceElem, Expr> {
        let pos = self.pos();
        let name = self.ident();
        match self.token() {
            Token::Lparen => {}
            Token::Lbrack => {
                // `m[P any]()` is no method, but read as one; `T[P]` is an instance.
                let lbrack = self.pos();
                self.next();
                let inside = self.pos();
                let (list, rbrack) = if self.got(Token::Rbrack) {
                    let what = if self.token() == Token::Lparen { "parameter" } else { "argument" };
                    self.report(inside, format!("empty type {what} list"));
                    (Vec::new(), inside)
                } else {
                    self.param_list_to(None, ListOf::TypeParametersOrArguments)
                };
                match list.first() {
                    None if self.token() != Token::Lparen => return Err(name_expr(name)),
                    None => {}
                    Some(Field { name: Some(_), .. }) => {
                        let ty = self.generic_signature(pos, "interface method").1;
                        self.report(lbrack, "interface method must have no type parameters".to_string());
                        return Ok(InterfaceElem::Method { name, ty });
                    }
                    Some(_) => {
                        let indices = list.into_iter().map(|f| f.ty).collect();
                        let x = Box::new(name_expr(name));
                        return Err(self.expr_node(pos, ExprKind::Index { x, lbrack, indices, rbrack }));
                    }
                }
            }
            _ => return Err(self.qualified_rest(name)),
        }
        let ty = self.generic_signature(pos, "interface method").1;
        Ok(InterfaceElem::Method { name, ty })
    }

    pub(super) fn union_term(&mut self) -> Expr {
        if self.token() == Token::Tilde {
            let pos = self.pos();
            self.next();
            let x = self.type_or_bad();
            return self.expr_node(pos, ExprKind::Unary { op: UnaryOp::Tilde, x: Box::new(x) });
        }
        match self.opt_type() {
            Some(ty) => ty,
            None => {
                self.syntax_error("expected ~ term or type");
                self.advance(&[
                    Token::Op(BinaryOp::Or),
                    Token::Tilde,
                    Token::Semi(SemiKind::Newline),
                    Token::Rparen,
                    Token::Rbrack,
                    Token::Rbrace,
                ]);
                self.bad_expr()
            }
        }
    }

    pub(super) fn union_rest(&mut self, first: Expr) -> Expr {
        let mut x = first;
        while self.token() == Token::Op(BinaryOp::Or) {
            let op_pos = self.pos();
            self.next();
            let y = self.union_term();
            let pos = x.pos;
            x = self.expr_node(pos, ExprKind::Binary { op: BinaryOp::Or, op_pos, x: Box::new(x), y: Box::new(y) });
        }
        x
    }

    /// Signature = Parameters [ Result ] .
    pub(super) fn signature(&mut self, pos: Pos) -> FuncType {
        self.want(Token::Lparen);
        let params = self.param_list(None, ListOf::Parameters);
        let results = if self.got(Token::Lparen) {
            self.param_list(None, ListOf::Results)
        } else {
            self.opt_type().into_iter().map(|ty| Field { pos: ty.pos, name: None, ty }).collect()
        };
        FuncType { pos, params, results, end: self.pos() }
    }

    /// A signature, with type parameters in front of it; `context` says what may have none.
    pub(super) fn generic_signature(&mut self, pos: Pos, context: &str) -> (Vec<Field>, FuncType) {
        let at = self.pos();
        let mut type_params = Vec::new();
        if self.got(Token::Lbrack) {
            if !context.is_empty() {
                self.syntax_error_at(at, &format!("{context} must have no type parameters"));
            }
            if self.token() == Token::Rbrack {
                self.syntax_error("empty type parameter list");
                self.next();
            } else {
                type_params = self.param_list(None, ListOf::TypeParameters);
            }
        }
        (type_params, self.signature(pos))
    }

    /// The type or literal of a function without a name.
    pub(super) fn unnamed_signature(&mut self, pos: Pos) -> FuncType {
        self.generic_signature(pos, "function type").1
    }
}
