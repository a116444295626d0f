//! Expressions (Go spec, "Expressions").

use super::{BINARY_HEIGHT, LINK_HEIGHT, Parser};
use crate::ast::*;
use crate::scanner::{SemiKind, Token};

/// Binding strength of binary operators; 0 for none.
fn precedence(token: Token) -> (u8, BinaryOp) {
    use BinaryOp::*;
    let op = match token {
        Token::Op(op) => op,
        Token::Star => Mul,
        _ => return (0, Add),
    };
    let strength = match op {
        OrOr => 1,
        AndAnd => 2,
        Eq | Ne | Lt | Le | Gt | Ge => 3,
        Add | Sub | Or | Xor => 4,
        Mul | Div | Rem | And | AndNot | Shl | Shr => 5,
    };
    (strength, op)
}

impl Parser<'_> {
    pub(super) fn expr_list(&mut self) -> Vec<Expr> {
        let mut out = vec![self.expr()];
        while self.got(Token::Comma) {
            out.push(self.expr());
        }
        out
    }

    pub(super) fn expr(&mut self) -> Expr {
        self.nested(|p| p.binary(0), Self::bad_expr)
    }

    /// A type or an expression: types are expressions here too.
    pub(super) fn type_or_expr(&mut self) -> Expr {
        self.expr()
    }

    fn binary(&mut self, least: u8) -> Expr {
        self.measured(|p| {
            let x = p.unary();
            p.binary_rest(x, least)
        })
    }

    pub(super) fn binary_rest(&mut self, mut x: Expr, least: u8) -> Expr {
        loop {
            let (strength, op) = precedence(self.token());
            if strength <= least || !self.grow(BINARY_HEIGHT) {
                return x;
            }
            let op_pos = self.pos();
            self.next();
            let y = self.binary(strength);
            let pos = x.pos;
            x = self.expr_node(pos, ExprKind::Binary { op, op_pos, x: Box::new(x), y: Box::new(y) });
        }
    }

    /// UnaryExpr = PrimaryExpr | unary_op UnaryExpr .
    fn unary(&mut self) -> Expr {
        let pos = self.pos();
        let op = match self.token() {
            Token::Op(BinaryOp::Add) => UnaryOp::Plus,
            Token::Op(BinaryOp::Sub) => UnaryOp::Neg,
            Token::Op(BinaryOp::Xor) => UnaryOp::Xor,
            Token::Op(BinaryOp::And) => UnaryOp::Addr,
            Token::Not => UnaryOp::Not,
            Token::Tilde => UnaryOp::Tilde,
            Token::Star => {
                self.next();
                let x = self.nested(Self::unary, Self::bad_expr);
                return self.expr_node(pos, ExprKind::Star(Box::new(x)));
            }
            Token::Arrow => return self.arrow(),
            _ => return self.primary(),
        };
        self.next();
        let x = self.nested(Self::unary, Self::bad_expr);
        self.expr_node(pos, ExprKind::Unary { op, x: Box::new(x) })
    }

    /// `<-x`, or a type `<-chan T` (whose arrow then belongs to the innermost channel it can).
    fn arrow(&mut self) -> Expr {
        let pos = self.pos();
        self.next();
        let x = self.nested(Self::unary, Self::bad_expr);
        match x.kind {
            ExprKind::ChanType { .. } => self.receive_channel(pos, x),
            _ => self.expr_node(pos, ExprKind::Unary { op: UnaryOp::Recv, x: Box::new(x) }),
        }
    }

    /// `<-` before a channel type that was read: `<-chan T` is one receive-only type, `<-(chan<- T)`… nests.
    fn receive_channel(&mut self, pos: gorace_base::Pos, x: Expr) -> Expr {
        let ExprKind::ChanType { dir, elem } = x.kind else { return x };
        match dir {
            ChanDir::Send => {
                // `<-chan<- T` reads as `<-chan (<-T)`: the arrow moves into the element.
                let inner_pos = elem.pos;
                let elem = self.receive_channel(inner_pos, *elem);
                self.expr_node(pos, ExprKind::ChanType { dir: ChanDir::Recv, elem: Box::new(elem) })
            }
            ChanDir::Recv => {
                self.syntax_error_at(pos, "unexpected <-, expected chan");
                self.expr_node(pos, ExprKind::ChanType { dir, elem })
            }
            ChanDir::Both => self.expr_node(pos, ExprKind::ChanType { dir: ChanDir::Recv, elem }),
        }
    }

    pub(super) fn primary(&mut self) -> Expr {
        self.measured(|p| {
            let x = p.operand();
            p.primary_rest(x, false)
        })
    }

    fn operand(&mut self) -> Expr {
        let pos = self.pos();
        match self.token() {
            Token::Name => {
                let name = self.ident();
                Expr { id: name.id, pos, kind: ExprKind::Name(name.name) }
            }
            Token::Literal(_) => {
                let lit = self.basic_lit();
                self.expr_node(pos, ExprKind::Lit(lit))
            }
            Token::Lparen => {
                self.next();
                let level = self.expr_level;
                self.expr_level = level.abs() + 1;
                let x = self.expr();
                self.expr_level = level;
                self.want(Token::Rparen);
                self.expr_node(pos, ExprKind::Paren(Box::new(x)))
            }
            Token::Func => {
                self.next();
                let ty = self.unnamed_signature(pos);
                if self.token() == Token::Lbrace {
                    let level = self.expr_level;
                    self.expr_level = 0;
                    let body = self.func_body();
                    self.expr_level = level;
                    return self.expr_node(pos, ExprKind::FuncLit(Box::new(FuncLit { ty, body })));
                }
                self.expr_node(pos, ExprKind::FuncType(Box::new(ty)))
            }
            Token::Lbrack | Token::Chan | Token::Map | Token::Struct | Token::Interface => self.type_or_bad(),
            _ => {
                self.syntax_error("expected expression");
                let x = self.bad_expr();
                self.advance(&[
                    Token::Rparen,
                    Token::Rbrack,
                    Token::Rbrace,
                    Token::Comma,
                    Token::Colon,
                    Token::Semi(SemiKind::Newline),
                ]);
                x
            }
        }
    }

    /// Selectors, indices, slices, assertions, calls and literals behind an operand.
    pub(super) fn primary_rest(&mut self, mut x: Expr, keep_type: bool) -> Expr {
        loop {
            let pos = x.pos;
            if matches!(self.token(), Token::Dot | Token::Lbrack | Token::Lparen) && !self.grow(LINK_HEIGHT) {
                return x;
            }
            match self.token() {
                Token::Dot => {
                    self.next();
                    match self.token() {
                        Token::Name => {
                            let sel = self.ident();
                            x = self.expr_node(pos, ExprKind::Selector { x: Box::new(x), sel });
                        }
                        Token::Lparen => {
                            let lparen = self.pos();
                            self.next();
                            let ty = if self.got(Token::Type) { None } else { Some(Box::new(self.type_or_bad())) };
                            self.want(Token::Rparen);
                            x = self.expr_node(pos, ExprKind::TypeAssert { x: Box::new(x), lparen, ty });
                        }
                        _ => {
                            self.syntax_error("expected name or (");
                            self.advance(&[Token::Semi(SemiKind::Newline), Token::Rparen]);
                        }
                    }
                }
                Token::Lbrack => x = self.index_or_slice(x),
                Token::Lparen => x = self.call(x),
                Token::Lbrace => {
                    if keep_type || !self.begins_literal(&x) {
                        return x;
                    }
                    if matches!(x.kind, ExprKind::Paren(_)) {
                        self.syntax_error("cannot parenthesize type in composite literal");
                    }
                    x = self.composite(pos, Some(Box::new(x)));
                }
                _ => return x,
            }
        }
    }

    /// Whether `{` behind an expression begins a composite literal rather than a block.
    fn begins_literal(&self, x: &Expr) -> bool {
        match &x.kind {
            ExprKind::Name(_) | ExprKind::Selector { .. } => self.expr_level >= 0,
            ExprKind::Index { .. } => self.expr_level >= 0 && !is_value(x),
            ExprKind::ArrayType { .. }
            | ExprKind::SliceType(_)
            | ExprKind::StructType(_)
            | ExprKind::MapType { .. } => true,
            ExprKind::Paren(x) => self.begins_literal(x),
            _ => false,
        }
    }

    fn index_or_slice(&mut self, x: Expr) -> Expr {
        let pos = x.pos;
        let lbrack = self.pos();
        self.next();
        let level = self.expr_level;
        self.expr_level = level.abs() + 1;
        if self.token() == Token::Rbrack {
            self.syntax_error("expected operand");
            let rbrack = self.pos();
            self.next();
            self.expr_level = level;
            let bad = self.bad_expr();
            let kind = ExprKind::Index { x: Box::new(x), lbrack, indices: vec![bad], rbrack };
            return self.expr_node(pos, kind);
        }
        let mut parts: [Option<Box<Expr>>; 3] = [None, None, None];
        if self.token() != Token::Colon {
            let first = self.type_or_expr();
            if self.token() == Token::Comma {
                let (indices, _) = self.more_types(first);
                self.expr_level = level;
                let rbrack = self.pos();
                self.want(Token::Rbrack);
                return self.expr_node(pos, ExprKind::Index { x: Box::new(x), lbrack, indices, rbrack });
            }
            if self.token() == Token::Rbrack {
                let rbrack = self.pos();
                self.expr_level = level;
                self.next();
                return self.expr_node(pos, ExprKind::Index { x: Box::new(x), lbrack, indices: vec![first], rbrack });
            }
            parts[0] = Some(Box::new(first));
        }
        if self.token() != Token::Colon {
            self.syntax_error("expected comma, : or ]");
            self.advance(&[Token::Comma, Token::Colon, Token::Rbrack]);
        }
        let mut full = false;
        if self.got(Token::Colon) {
            if !matches!(self.token(), Token::Colon | Token::Rbrack) {
                parts[1] = Some(Box::new(self.expr()));
            }
            if self.token() == Token::Colon {
                full = true;
                if parts[1].is_none() {
                    let pos = self.pos();
                    self.report(pos, "middle index required in 3-index slice".to_string());
                }
                self.next();
                if self.token() == Token::Rbrack {
                    let pos = self.pos();
                    self.report(pos, "final index required in 3-index slice".to_string());
                } else {
                    parts[2] = Some(Box::new(self.expr()));
                }
            }
        }
        self.expr_level = level;
        let rbrack = self.pos();
        self.want(Token::Rbrack);
        let [lo, hi, max] = parts;
        self.expr_node(pos, ExprKind::Slice { x: Box::new(x), lbrack, lo, hi, max, full, rbrack })
    }

    fn call(&mut self, fun: Expr) -> Expr {
        let pos = fun.pos;
        let lparen = self.pos();
        self.next();
        let level = self.expr_level;
        self.expr_level = level.abs() + 1;
        let mut args = Vec::new();
        let mut ellipsis = None;
        let rparen = self.list("argument list", Token::Comma, Token::Rparen, |p| {
            args.push(p.type_or_expr());
            if p.token() == Token::DotDotDot {
                ellipsis = Some(p.pos());
                p.next();
            }
            ellipsis.is_some()
        });
        self.expr_level = level;
        self.expr_node(pos, ExprKind::Call { fun: Box::new(fun), lparen, args, ellipsis, rparen })
    }

    /// LiteralValue = "{" [ ElementList [ "," ] ] "}" .
    pub(super) fn composite(&mut self, pos: gorace_base::Pos, ty: Option<Box<Expr>>) -> Expr {
        let lbrace = self.pos();
        self.next();
        let level = self.expr_level;
        self.expr_level = level.abs() + 1;
        let mut elems = Vec::new();
        let rbrace = self.list("composite literal", Token::Comma, Token::Rbrace, |p| {
            let first = p.bare_composite_expr();
            elems.push(if p.got(Token::Colon) {
                Element { key: Some(first), value: p.bare_composite_expr() }
            } else {
                Element { key: None, value: first }
            });
            false
        });
        self.expr_level = level;
        self.expr_node(pos, ExprKind::CompositeLit { ty, lbrace, elems, rbrace })
    }

    fn bare_composite_expr(&mut self) -> Expr {
        if self.token() == Token::Lbrace {
            let pos = self.pos();
            return self.nested(|p| p.composite(pos, None), Self::bad_expr);
        }
        self.expr()
    }

    pub(super) fn basic_lit(&mut self) -> BasicLit {
        let pos = self.pos();
        let Token::Literal(kind) = self.token() else {
            return BasicLit { pos, kind: LitKind::Int, text: "0".into(), bad: true };
        };
        let bad = self.scanner.bad;
        let end = self.end_pos();
        let text = String::from_utf8_lossy(&self.text[(pos.0 - self.base) as usize..(end.0 - self.base) as usize]);
        let lit = BasicLit { pos, kind, text: text.as_ref().into(), bad };
        self.next();
        lit
    }
}

/// Whether an expression is by its form a value, and no type.
fn is_value(x: &Expr) -> bool {
    match &x.kind {
        ExprKind::Lit(_)
        | ExprKind::CompositeLit { .. }
        | ExprKind::FuncLit(_)
        | ExprKind::Slice { .. }
        | ExprKind::TypeAssert { .. }
        | ExprKind::Call { .. }
        | ExprKind::Unary { .. }
        | ExprKind::Binary { .. } => true,
        ExprKind::Paren(x) => is_value(x),
        ExprKind::Index { x, indices, .. } => is_value(x) || matches!(&indices[..], [index] if is_value(index)),
        _ => false,
    }
}
