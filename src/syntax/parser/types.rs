//! Types and signatures (Go spec, "Types").

use super::Parser;
use crate::ast::*;
use crate::scanner::Token;
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
                    Token::Semi(crate::scanner::SemiKind::Newline),
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
                let ty = self.signature(pos);
                ExprKind::FuncType(Box::new(ty))
            }
            Token::Lbrack => {
                self.next();
                if self.got(Token::Rbrack) {
                    ExprKind::SliceType(Box::new(self.type_or_bad()))
                } else {
                    return Some(self.array_type_rest(pos));
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

    /// The rest of an array type behind `[`.
    pub(super) fn array_type_rest(&mut self, lbrack: Pos) -> Expr {
        let level = std::mem::replace(&mut self.expr_level, 1);
        let len = if self.token() == Token::DotDotDot {
            let pos = self.pos();
            self.next();
            self.expr_node(pos, ExprKind::Ellipsis(None))
        } else {
            self.expr()
        };
        self.expr_level = level;
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
        let name = self.qualified_name();
        if self.token() != Token::Lbrack {
            return name;
        }
        self.type_instance(name)
    }

    fn qualified_name(&mut self) -> Expr {
        let pos = self.pos();
        let first = self.ident();
        let x = Expr { id: first.id, pos, kind: ExprKind::Name(first.name) };
        if !self.got(Token::Dot) {
            return x;
        }
        let sel = self.ident();
        self.expr_node(pos, ExprKind::Selector { x: Box::new(x), sel })
    }

    fn type_instance(&mut self, x: Expr) -> Expr {
        let lbrack = self.pos();
        self.next();
        let level = self.expr_level;
        self.expr_level = level.abs() + 1;
        let indices = if self.token() == Token::Rbrack {
            self.syntax_error("expected type argument list");
            vec![self.bad_expr()]
        } else {
            self.type_list()
        };
        self.expr_level = level;
        let rbrack = self.pos();
        self.want(Token::Rbrack);
        let pos = x.pos;
        self.expr_node(pos, ExprKind::Index { x: Box::new(x), lbrack, indices, rbrack })
    }

    fn type_list(&mut self) -> Vec<Expr> {
        let mut out = vec![self.type_or_bad()];
        while self.got(Token::Comma) {
            if self.token() == Token::Rbrack {
                break;
            }
            out.push(self.type_or_bad());
        }
        out
    }

    /// StructType = "struct" "{" { FieldDecl ";" } "}" .
    fn struct_type(&mut self) -> ExprKind {
        self.next();
        let mut fields = Vec::new();
        self.want(Token::Lbrace);
        while !matches!(self.token(), Token::Rbrace | Token::Eof) {
            let before = self.scanner.start;
            self.field_decl(&mut fields);
            self.end_of_member("expected semicolon, newline, or } after struct type");
            if self.scanner.start == before {
                self.next();
            }
        }
        let rbrace = self.pos();
        self.want(Token::Rbrace);
        ExprKind::StructType(StructType { fields, rbrace })
    }

    fn end_of_member(&mut self, _context: &str) {
        if matches!(self.token(), Token::Semi(_)) {
            self.next();
        } else if self.token() != Token::Rbrace {
            self.syntax_error("expected semicolon, newline, or }");
            self.advance(&[Token::Rbrace, Token::Semi(crate::scanner::SemiKind::Newline)]);
            if matches!(self.token(), Token::Semi(_)) {
                self.next();
            }
        }
    }

    /// FieldDecl = (IdentifierList Type | EmbeddedField) [ Tag ] .
    fn field_decl(&mut self, out: &mut Vec<StructField>) {
        let pos = self.pos();
        match self.token() {
            Token::Name => {
                let name = self.ident();
                if matches!(self.token(), Token::Dot | Token::Literal(LitKind::String) | Token::Semi(_) | Token::Rbrace)
                {
                    let mut x = Expr { id: name.id, pos, kind: ExprKind::Name(name.name) };
                    if self.got(Token::Dot) {
                        let sel = self.ident();
                        x = self.expr_node(pos, ExprKind::Selector { x: Box::new(x), sel });
                        if self.token() == Token::Lbrack {
                            x = self.type_instance(x);
                        }
                    }
                    return self.embedded(pos, x, out);
                }
                if self.token() == Token::Lbrack {
                    return self.field_or_embedded_instance(name, out);
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
                let x = if self.token() == Token::Lparen {
                    self.syntax_error("cannot parenthesize embedded type");
                    self.next();
                    let x = self.type_name_with_args();
                    self.got(Token::Rparen);
                    x
                } else {
                    self.type_name_with_args()
                };
                let x = self.expr_node(pos, ExprKind::Star(Box::new(x)));
                self.embedded(pos, x, out);
            }
            Token::Lparen => {
                self.syntax_error("cannot parenthesize embedded type");
                self.next();
                let star = self.pos();
                let x = if self.got(Token::Star) {
                    let x = self.type_name_with_args();
                    self.expr_node(star, ExprKind::Star(Box::new(x)))
                } else {
                    self.type_name_with_args()
                };
                self.got(Token::Rparen);
                self.embedded(pos, x, out);
            }
            _ => {
                self.syntax_error("expected field name or embedded type");
                self.advance(&[Token::Semi(crate::scanner::SemiKind::Newline), Token::Rbrace]);
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

    /// `f [n]T`, `f []T` or the embedded `T[args]`.
    fn field_or_embedded_instance(&mut self, name: Ident, out: &mut Vec<StructField>) {
        let pos = name.pos;
        let lbrack = self.pos();
        self.next();
        if self.got(Token::Rbrack) {
            let elem = self.type_or_bad();
            let ty = self.expr_node(lbrack, ExprKind::SliceType(Box::new(elem)));
            return self.named_fields(vec![name], ty, out);
        }
        let level = std::mem::replace(&mut self.expr_level, 1);
        let mut args = vec![self.type_or_expr()];
        while self.got(Token::Comma) {
            if self.token() == Token::Rbrack {
                break;
            }
            args.push(self.type_or_expr());
        }
        self.expr_level = level;
        let rbrack = self.pos();
        self.want(Token::Rbrack);
        if args.len() == 1
            && let Some(elem) = self.opt_type()
        {
            let len = Box::new(args.remove(0));
            let ty = self.expr_node(lbrack, ExprKind::ArrayType { len, elem: Box::new(elem) });
            return self.named_fields(vec![name], ty, out);
        }
        let x = Expr { id: name.id, pos, kind: ExprKind::Name(name.name) };
        let ty = self.expr_node(pos, ExprKind::Index { x: Box::new(x), lbrack, indices: args, rbrack });
        self.embedded(pos, ty, out);
    }

    /// InterfaceType = "interface" "{" { InterfaceElem ";" } "}" .
    fn interface_type(&mut self) -> ExprKind {
        self.next();
        let mut elems = Vec::new();
        self.want(Token::Lbrace);
        while !matches!(self.token(), Token::Rbrace | Token::Eof) {
            let before = self.scanner.start;
            self.interface_elem(&mut elems);
            self.end_of_member("expected semicolon, newline, or } after interface type");
            if self.scanner.start == before {
                self.next();
            }
        }
        let rbrace = self.pos();
        self.want(Token::Rbrace);
        ExprKind::InterfaceType(InterfaceType { elems, rbrace })
    }

    fn interface_elem(&mut self, out: &mut Vec<InterfaceElem>) {
        let pos = self.pos();
        if self.token() == Token::Name {
            let name = self.ident();
            if self.token() == Token::Lparen {
                let ty = self.signature(pos);
                out.push(InterfaceElem::Method { name, ty });
                return;
            }
            let x = if self.token() == Token::Lbrack {
                match self.method_or_instance(name) {
                    Ok(embedded) => embedded,
                    Err(method) => {
                        out.push(method);
                        return;
                    }
                }
            } else {
                let mut x = Expr { id: name.id, pos, kind: ExprKind::Name(name.name) };
                if self.got(Token::Dot) {
                    let sel = self.ident();
                    x = self.expr_node(pos, ExprKind::Selector { x: Box::new(x), sel });
                }
                if self.token() == Token::Lbrack { self.type_instance(x) } else { x }
            };
            let x = self.union_rest(x);
            out.push(InterfaceElem::Embed(x));
            return;
        }
        match self.union_term() {
            Some(x) => {
                let x = self.union_rest(x);
                out.push(InterfaceElem::Embed(x));
            }
            None => {
                self.syntax_error("expected interface element: method or embedded element");
                self.advance(&[Token::Semi(crate::scanner::SemiKind::Newline), Token::Rbrace]);
            }
        }
    }

    /// A name and `[` in an interface: an embedded instance, or (`Err`) a method with type parameters, which is read
    /// without them.
    fn method_or_instance(&mut self, name: Ident) -> Result<Expr, InterfaceElem> {
        let pos = name.pos;
        let lbrack = self.pos();
        self.next();
        if self.token() == Token::Rbrack {
            let at = self.pos();
            self.next();
            if self.token() == Token::Lparen {
                self.report(at, "empty type parameter list".to_string());
                let ty = self.signature(pos);
                return Err(InterfaceElem::Method { name, ty });
            }
            self.report(at, "empty type argument list".to_string());
            return Ok(Expr { id: name.id, pos, kind: ExprKind::Name(name.name) });
        }
        let entries = self.entries(Token::Rbrack);
        let rbrack = self.pos();
        self.want(Token::Rbrack);
        let list = self.distribute(entries, false);
        if list.first().is_none_or(|f| f.name.is_some()) {
            if !list.is_empty() {
                self.report(lbrack, "interface method must have no type parameters".to_string());
            }
            let ty = self.signature(pos);
            return Err(InterfaceElem::Method { name, ty });
        }
        let x = Expr { id: name.id, pos, kind: ExprKind::Name(name.name) };
        let indices = list.into_iter().map(|f| f.ty).collect();
        Ok(self.expr_node(pos, ExprKind::Index { x: Box::new(x), lbrack, indices, rbrack }))
    }

    fn union_term(&mut self) -> Option<Expr> {
        if self.token() == Token::Tilde {
            let pos = self.pos();
            self.next();
            let x = self.type_or_bad();
            return Some(self.expr_node(pos, ExprKind::Unary { op: UnaryOp::Tilde, x: Box::new(x) }));
        }
        self.opt_type()
    }

    pub(super) fn union_rest(&mut self, first: Expr) -> Expr {
        let mut x = first;
        while self.token() == Token::Op(BinaryOp::Or) {
            let op_pos = self.pos();
            self.next();
            let y = match self.union_term() {
                Some(y) => y,
                None => {
                    self.syntax_error("expected type term");
                    self.bad_expr()
                }
            };
            let pos = x.pos;
            x = self.expr_node(pos, ExprKind::Binary { op: BinaryOp::Or, op_pos, x: Box::new(x), y: Box::new(y) });
        }
        x
    }

    /// A type parameter's constraint.
    fn constraint(&mut self) -> Expr {
        if self.token() == Token::DotDotDot {
            let pos = self.pos();
            self.report(pos, "invalid use of ...".to_string());
            self.next();
        }
        match self.union_term() {
            Some(x) => self.union_rest(x),
            None => {
                self.syntax_error("missing type constraint");
                self.bad_expr()
            }
        }
    }

    /// Behind `[` of a generic function: the whole list through `]`.
    pub(super) fn type_params_from_start(&mut self) -> Vec<Field> {
        let first = self.ident();
        self.type_params_named(vec![first], Vec::new())
    }

    /// The rest of a list whose first entry is known.
    pub(super) fn type_params_rest(&mut self, first: FirstTypeParam) -> Vec<Field> {
        match first.constraint {
            None => self.type_params_named(vec![first.name], Vec::new()),
            Some(constraint) => {
                let pos = first.name.pos;
                let done = vec![Field { pos, name: Some(first.name), ty: constraint }];
                if self.got(Token::Comma) && self.token() != Token::Rbrack {
                    let name = self.ident();
                    return self.type_params_named(vec![name], done);
                }
                self.want(Token::Rbrack);
                done
            }
        }
    }

    fn type_params_named(&mut self, mut names: Vec<Ident>, mut out: Vec<Field>) -> Vec<Field> {
        loop {
            while self.got(Token::Comma) {
                names.push(self.ident());
            }
            let constraint = self.constraint();
            for name in names {
                out.push(Field { pos: name.pos, name: Some(name), ty: constraint.clone() });
            }
            if !self.got(Token::Comma) || self.token() == Token::Rbrack {
                break;
            }
            names = vec![self.ident()];
        }
        self.want(Token::Rbrack);
        out
    }

    /// Behind `type T [` and before a name: an array length (`Err`) or the first type parameter.
    pub(super) fn array_length_or_type_param(&mut self) -> Result<FirstTypeParam, Expr> {
        let level = std::mem::replace(&mut self.expr_level, 1);
        let pos = self.pos();
        let name = self.ident();
        let result = match self.token() {
            // `[P]`: a length. `[P, Q any]` and `[P any]`: parameters.
            Token::Rbrack => Err(Expr { id: name.id, pos, kind: ExprKind::Name(name.name) }),
            Token::Comma => Ok(FirstTypeParam { name, constraint: None }),
            // Index expressions are no constants: `[P []E]` and `[P [n]E]` are parameters.
            Token::Star | Token::Lparen | Token::Op(_) | Token::Dot => {
                let x = Expr { id: name.id, pos, kind: ExprKind::Name(name.name.clone()) };
                let x = self.measured(|p| {
                    let x = p.primary_rest(x, true);
                    p.binary_rest(x, 0)
                });
                self.split_type_param(x, name)
            }
            _ => Ok(FirstTypeParam { name, constraint: None }),
        };
        self.expr_level = level;
        result
    }

    /// `P *C`, `P (C)` and the like were read as expressions; they are parameters where `,` or a type term follows.
    fn split_type_param(&mut self, x: Expr, name: Ident) -> Result<FirstTypeParam, Expr> {
        let is_list = self.token() == Token::Comma;
        match self.split_constraint(x, is_list) {
            Ok(constraint) => {
                let constraint = self.union_rest(constraint);
                Ok(FirstTypeParam { name, constraint: Some(constraint) })
            }
            Err(x) => {
                if is_list {
                    // There is no such valid length.
                    self.syntax_error("expected ]");
                }
                Err(x)
            }
        }
    }

    /// The constraint of an expression that begins with a parameter's name; the expression where it is none.
    fn split_constraint(&mut self, x: Expr, force: bool) -> Result<Expr, Expr> {
        let Expr { id, pos, kind } = x;
        match kind {
            ExprKind::Binary { op: BinaryOp::Mul, x: left, y, op_pos }
                if matches!(left.kind, ExprKind::Name(_)) && (force || is_type_element(&y)) =>
            {
                Ok(self.expr_node(op_pos, ExprKind::Star(y)))
            }
            ExprKind::Binary { op: BinaryOp::Or, x: left, y, op_pos } => {
                let force = force || is_type_element(&y);
                match self.split_constraint(*left, force) {
                    Ok(first) => {
                        let pos = first.pos;
                        let kind = ExprKind::Binary { op: BinaryOp::Or, op_pos, x: Box::new(first), y };
                        Ok(self.expr_node(pos, kind))
                    }
                    Err(left) => {
                        let kind = ExprKind::Binary { op: BinaryOp::Or, op_pos, x: Box::new(left), y };
                        Err(Expr { id, pos, kind })
                    }
                }
            }
            ExprKind::Call { fun, mut args, lparen, ellipsis: None, .. }
                if matches!(fun.kind, ExprKind::Name(_)) && args.len() == 1 && (force || is_type_element(&args[0])) =>
            {
                let inner = args.remove(0);
                Ok(self.expr_node(lparen, ExprKind::Paren(Box::new(inner))))
            }
            kind => Err(Expr { id, pos, kind }),
        }
    }

    /// Signature = Parameters [ Result ] .
    pub(super) fn signature(&mut self, pos: Pos) -> FuncType {
        let params = if self.token() == Token::Lparen {
            self.parameters(true)
        } else {
            self.syntax_error("expected (");
            self.advance(&[Token::Lbrace, Token::Semi(crate::scanner::SemiKind::Newline)]);
            Vec::new()
        };
        let results = if self.token() == Token::Lparen {
            self.parameters(false)
        } else {
            match self.opt_type() {
                Some(ty) => vec![Field { pos: ty.pos, name: None, ty }],
                None => Vec::new(),
            }
        };
        FuncType { pos, params, results, end: self.pos() }
    }

    /// Parameters = "(" [ ParameterList [ "," ] ] ")" .
    ///
    /// `variadic`: the last may be.
    pub(super) fn parameters(&mut self, variadic: bool) -> Vec<Field> {
        self.next();
        let entries = self.entries(Token::Rparen);
        self.got(Token::Rparen);
        self.distribute(entries, variadic)
    }

    /// The entries up to a closing token, each a type alone, or a name with or without a type.
    fn entries(&mut self, close: Token) -> Vec<(Option<Ident>, Option<Expr>)> {
        let level = std::mem::replace(&mut self.expr_level, 1);
        let mut entries: Vec<(Option<Ident>, Option<Expr>)> = Vec::new();
        while self.token() != close && self.token() != Token::Eof {
            entries.push(self.parameter());
            if !self.got(Token::Comma) {
                if self.token() != close {
                    let text = if close == Token::Rparen { ")" } else { "]" };
                    self.syntax_error(&format!("in parameter list; possibly missing comma or {text}"));
                    self.advance(&[close, Token::Lbrace, Token::Semi(crate::scanner::SemiKind::Newline)]);
                }
                break;
            }
        }
        self.expr_level = level;
        entries
    }

    fn parameter(&mut self) -> (Option<Ident>, Option<Expr>) {
        match self.token() {
            Token::Name => {
                let pos = self.pos();
                let name = self.ident();
                match self.token() {
                    Token::Dot => {
                        self.next();
                        let x = Expr { id: name.id, pos, kind: ExprKind::Name(name.name) };
                        let sel = self.ident();
                        let mut x = self.expr_node(pos, ExprKind::Selector { x: Box::new(x), sel });
                        if self.token() == Token::Lbrack {
                            x = self.type_instance(x);
                        }
                        (None, Some(x))
                    }
                    Token::Lbrack => self.parameter_behind_bracket(name),
                    Token::DotDotDot => {
                        let ty = self.variadic();
                        (Some(name), Some(ty))
                    }
                    _ => match self.opt_type() {
                        Some(ty) => (Some(name), Some(ty)),
                        None => (Some(name), None),
                    },
                }
            }
            Token::DotDotDot => (None, Some(self.variadic())),
            _ => (None, Some(self.type_or_bad())),
        }
    }

    /// `name [`: `name []T`, `name [n]T` or the instance `Name[T]`.
    fn parameter_behind_bracket(&mut self, name: Ident) -> (Option<Ident>, Option<Expr>) {
        let pos = name.pos;
        let lbrack = self.pos();
        self.next();
        if self.got(Token::Rbrack) {
            let elem = self.type_or_bad();
            let ty = self.expr_node(lbrack, ExprKind::SliceType(Box::new(elem)));
            return (Some(name), Some(ty));
        }
        if self.token() == Token::DotDotDot {
            let ty = self.array_type_rest(lbrack);
            return (Some(name), Some(ty));
        }
        let mut args = vec![self.type_or_expr()];
        while self.got(Token::Comma) {
            if self.token() == Token::Rbrack {
                break;
            }
            args.push(self.type_or_expr());
        }
        let rbrack = self.pos();
        self.want(Token::Rbrack);
        if args.len() == 1
            && let Some(elem) = self.opt_type()
        {
            let len = Box::new(args.remove(0));
            let ty = self.expr_node(lbrack, ExprKind::ArrayType { len, elem: Box::new(elem) });
            return (Some(name), Some(ty));
        }
        let x = Expr { id: name.id, pos, kind: ExprKind::Name(name.name) };
        (None, Some(self.expr_node(pos, ExprKind::Index { x: Box::new(x), lbrack, indices: args, rbrack })))
    }

    fn variadic(&mut self) -> Expr {
        let pos = self.pos();
        self.next();
        let elem = match self.opt_type() {
            Some(ty) => ty,
            None => {
                self.syntax_error("... is missing type");
                self.bad_expr()
            }
        };
        self.expr_node(pos, ExprKind::Ellipsis(Some(Box::new(elem))))
    }

    /// Names without types share the next type; without any named type all entries are types.
    fn distribute(&mut self, entries: Vec<(Option<Ident>, Option<Expr>)>, variadic: bool) -> Vec<Field> {
        let mut fields = self.distributed(entries);
        let last = fields.len();
        let mut reported = false;
        for (i, field) in fields.iter_mut().enumerate() {
            let wrong = !variadic || i + 1 < last;
            let ExprKind::Ellipsis(Some(elem)) = &field.ty.kind else { continue };
            if !wrong {
                continue;
            }
            if !std::mem::replace(&mut reported, true) {
                let message = if variadic { "can only use ... with final parameter" } else { "invalid use of ..." };
                self.report(field.ty.pos, message.to_string());
            }
            field.ty = (**elem).clone();
        }
        fields
    }

    fn distributed(&mut self, entries: Vec<(Option<Ident>, Option<Expr>)>) -> Vec<Field> {
        let named = entries.iter().any(|(name, ty)| name.is_some() && ty.is_some());
        if !named {
            return entries
                .into_iter()
                .filter_map(|(name, ty)| match (name, ty) {
                    (Some(name), None) => {
                        let pos = name.pos;
                        Some(Field { pos, name: None, ty: Expr { id: name.id, pos, kind: ExprKind::Name(name.name) } })
                    }
                    (_, Some(ty)) => Some(Field { pos: ty.pos, name: None, ty }),
                    _ => None,
                })
                .collect();
        }
        let mut out = Vec::new();
        let mut current: Option<Expr> = None;
        let mut bad = None;
        for (name, ty) in entries.into_iter().rev() {
            match (name, ty) {
                (Some(name), Some(ty)) => {
                    current = Some(ty.clone());
                    out.push(Field { pos: name.pos, name: Some(name), ty });
                }
                (Some(name), None) => match &current {
                    Some(ty) => out.push(Field { pos: name.pos, name: Some(name), ty: ty.clone() }),
                    None => {
                        bad = Some(name.pos);
                        let ty = self.bad_expr();
                        out.push(Field { pos: name.pos, name: Some(name), ty });
                    }
                },
                (None, Some(ty)) => {
                    bad = Some(ty.pos);
                    current = None;
                    out.push(Field { pos: ty.pos, name: None, ty });
                }
                (None, None) => {}
            }
        }
        if let Some(pos) = bad {
            self.syntax_error_at(pos, "mixed named and unnamed parameters");
        }
        out.reverse();
        out
    }
}

/// The first entry of a type parameter list, read before it was known to be one.
pub(super) struct FirstTypeParam {
    pub name: Ident,
    pub constraint: Option<Expr>,
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
        | ExprKind::ChanType { .. } => true,
        ExprKind::Binary { x, y, .. } => is_type_element(x) || is_type_element(y),
        ExprKind::Unary { op: UnaryOp::Tilde, .. } => true,
        ExprKind::Paren(x) => is_type_element(x),
        _ => false,
    }
}
