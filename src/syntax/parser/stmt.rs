//! Statements (Go spec, "Statements").

use super::Parser;
use crate::ast::*;
use crate::scanner::{SemiKind, Token};
use gorace_base::Pos;

/// The header of `if`, `switch` or `for` up to its `{`.
struct Header {
    init: Option<Stmt>,
    cond: Option<Stmt>,
    post: Option<Stmt>,
    semicolons: u32,
}

impl Parser<'_> {
    /// Block = "{" StatementList "}" .
    pub(super) fn block(&mut self) -> Block {
        let pos = self.pos();
        self.want(Token::Lbrace);
        let stmts = self.stmt_list();
        let rbrace = self.pos();
        self.want(Token::Rbrace);
        Block { pos, stmts, rbrace }
    }

    fn stmt_list(&mut self) -> Vec<Stmt> {
        let mut out = Vec::new();
        while !matches!(self.token(), Token::Eof | Token::Rbrace | Token::Case | Token::Default) {
            let before = self.scanner.start;
            let stmt = self.nested(Self::stmt_or_none, |_| None);
            // An empty statement means nothing, except behind a label.
            if let Some(stmt) = stmt.filter(|s| !matches!(s.kind, StmtKind::Empty)) {
                out.push(stmt);
            }
            match self.token() {
                Token::Semi(_) => self.next(),
                Token::Rbrace | Token::Rparen | Token::Eof | Token::Case | Token::Default
                    if self.token() != Token::Rparen => {}
                _ => {
                    self.syntax_error("at end of statement");
                    self.advance(&[Token::Semi(SemiKind::Newline), Token::Rbrace, Token::Case, Token::Default]);
                    if matches!(self.token(), Token::Semi(_)) {
                        self.next();
                    }
                }
            }
            if self.scanner.start == before
                && !matches!(self.token(), Token::Eof | Token::Rbrace | Token::Case | Token::Default)
            {
                self.next();
            }
        }
        out
    }

    fn stmt_or_none(&mut self) -> Option<Stmt> {
        let pos = self.pos();
        let kind = match self.token() {
            Token::Semi(_) => StmtKind::Empty,
            Token::Lbrace => StmtKind::Block(self.block()),
            Token::Var | Token::Const | Token::Type => self.decl_stmt(),
            Token::For => self.for_stmt(),
            Token::Switch => self.switch_stmt(),
            Token::Select => self.select_stmt(),
            Token::If => return Some(self.if_stmt()),
            Token::Fallthrough => {
                self.next();
                StmtKind::Branch { kind: BranchKind::Fallthrough, label: None }
            }
            Token::Break => self.branch(BranchKind::Break),
            Token::Continue => self.branch(BranchKind::Continue),
            Token::Goto => {
                self.next();
                let label = self.ident();
                StmtKind::Branch { kind: BranchKind::Goto, label: Some(label) }
            }
            Token::Go | Token::Defer => self.call_stmt(),
            Token::Return => {
                self.next();
                let results =
                    if matches!(self.token(), Token::Semi(_) | Token::Rbrace) { Vec::new() } else { self.expr_list() };
                StmtKind::Return { results }
            }
            Token::Rbrace | Token::Eof | Token::Case | Token::Default => return None,
            Token::Name
            | Token::Literal(_)
            | Token::Func
            | Token::Lparen
            | Token::Lbrack
            | Token::Struct
            | Token::Map
            | Token::Chan
            | Token::Interface
            | Token::Arrow
            | Token::Star
            | Token::Not
            | Token::Tilde
            | Token::Op(BinaryOp::Add | BinaryOp::Sub | BinaryOp::Xor | BinaryOp::And) => {
                let lhs = self.expr_list();
                if self.token() == Token::Colon
                    && lhs.len() == 1
                    && let ExprKind::Name(name) = &lhs[0].kind
                {
                    let label = Ident { id: lhs[0].id, pos, name: name.clone() };
                    return Some(self.labeled(label));
                }
                return Some(self.simple_stmt_rest(pos, lhs, false));
            }
            _ => {
                self.syntax_error("expected }");
                self.advance(&[Token::Semi(SemiKind::Newline), Token::Rbrace]);
                return None;
            }
        };
        Some(Stmt { pos, kind })
    }

    fn labeled(&mut self, label: Ident) -> Stmt {
        let pos = label.pos;
        self.next();
        if self.token() == Token::Rbrace {
            let empty = Stmt { pos: self.pos(), kind: StmtKind::Empty };
            return Stmt { pos, kind: StmtKind::Labeled { label, stmt: Box::new(empty) } };
        }
        let stmt = self.nested(Self::stmt_or_none, |_| None).unwrap_or_else(|| {
            let at = self.pos();
            self.syntax_error_at(at, "missing statement after label");
            Stmt { pos: at, kind: StmtKind::Empty }
        });
        Stmt { pos, kind: StmtKind::Labeled { label, stmt: Box::new(stmt) } }
    }

    fn decl_stmt(&mut self) -> StmtKind {
        let mut decls = Vec::new();
        let token = self.token();
        self.next();
        self.take_directives();
        match token {
            Token::Const => self.const_group(&mut decls),
            Token::Type => self.local_group(&mut decls, |p, out| p.type_spec(out, Vec::new())),
            _ => self.local_group(&mut decls, |p, out| p.var_spec(out, Vec::new())),
        }
        StmtKind::Decl(decls)
    }

    fn local_group(&mut self, out: &mut Vec<Decl>, mut spec: impl FnMut(&mut Self, &mut Vec<Decl>)) {
        if !self.got(Token::Lparen) {
            return spec(self, out);
        }
        while !matches!(self.token(), Token::Rparen | Token::Eof) {
            let before = self.scanner.start;
            spec(self, out);
            if matches!(self.token(), Token::Semi(_)) {
                self.next();
            } else if self.token() != Token::Rparen {
                self.syntax_error("expected semicolon, newline, or )");
                self.advance(&[Token::Rparen, Token::Semi(SemiKind::Newline)]);
            }
            if self.scanner.start == before {
                self.next();
            }
        }
        self.want(Token::Rparen);
    }

    fn branch(&mut self, kind: BranchKind) -> StmtKind {
        self.next();
        let label = if self.token() == Token::Name { Some(self.ident()) } else { None };
        StmtKind::Branch { kind, label }
    }

    fn call_stmt(&mut self) -> StmtKind {
        let is_go = self.token() == Token::Go;
        let word = if is_go { "go" } else { "defer" };
        self.next();
        let at = self.pos();
        let mut call = self.expr();
        if matches!(call.kind, ExprKind::Paren(_)) {
            self.report(at, format!("expression in {word} must not be parenthesized"));
        }
        while let ExprKind::Paren(x) = call.kind {
            call = *x;
        }
        if is_go { StmtKind::Go { call } } else { StmtKind::Defer { call } }
    }

    /// SimpleStmt; in a header, `range` clauses too.
    fn simple_stmt(&mut self, allow_range: bool) -> Stmt {
        let pos = self.pos();
        if allow_range && self.token() == Token::Range {
            return self.range_clause(pos, Vec::new(), false, pos);
        }
        let lhs = self.expr_list();
        self.simple_stmt_rest(pos, lhs, allow_range)
    }

    fn simple_stmt_rest(&mut self, pos: Pos, mut lhs: Vec<Expr>, allow_range: bool) -> Stmt {
        let op_pos = self.pos();
        let kind = match self.token() {
            Token::AssignOp(op) if lhs.len() == 1 => {
                self.next();
                let rhs = vec![self.expr()];
                StmtKind::Assign { lhs, op: Some(op), op_pos, rhs }
            }
            Token::IncDec(inc) if lhs.len() == 1 => {
                self.next();
                StmtKind::IncDec { x: lhs.remove(0), inc, op_pos }
            }
            Token::Arrow if lhs.len() == 1 => {
                self.next();
                let value = self.expr();
                StmtKind::Send { chan: lhs.remove(0), arrow: op_pos, value }
            }
            Token::Assign | Token::Define => {
                let define = self.token() == Token::Define;
                self.next();
                if allow_range && self.token() == Token::Range {
                    return self.range_clause(pos, lhs, define, op_pos);
                }
                let rhs = self.expr_list();
                if define {
                    StmtKind::Define { lhs, op_pos, rhs }
                } else {
                    StmtKind::Assign { lhs, op: None, op_pos, rhs }
                }
            }
            _ => {
                if lhs.len() > 1 {
                    self.syntax_error("expected := or = or comma");
                    self.advance(&[Token::Semi(SemiKind::Newline), Token::Rbrace]);
                }
                StmtKind::Expr(lhs.remove(0))
            }
        };
        Stmt { pos, kind }
    }

    /// `range x`, as a statement without body; the loop fills the body in.
    fn range_clause(&mut self, pos: Pos, lhs: Vec<Expr>, define: bool, op_pos: Pos) -> Stmt {
        let range_pos = self.pos();
        self.next();
        let x = self.expr();
        let mut lhs = lhs.into_iter();
        let stmt = RangeStmt {
            key: lhs.next(),
            value: lhs.next(),
            extra: lhs.next(),
            define,
            op_pos,
            range_pos,
            x,
            body: Block { pos: range_pos, stmts: Vec::new(), rbrace: range_pos },
        };
        Stmt { pos, kind: StmtKind::Range(Box::new(stmt)) }
    }

    fn header(&mut self, keyword: &str, is_for: bool) -> Header {
        let mut header = Header { init: None, cond: None, post: None, semicolons: 0 };
        if self.token() == Token::Lbrace {
            if keyword == "if" {
                self.syntax_error("missing condition in if statement");
            }
            return header;
        }
        let level = std::mem::replace(&mut self.expr_level, -1);
        let mut first = None;
        if !matches!(self.token(), Token::Semi(_)) {
            if self.token() == Token::Var {
                let text = format!("var declaration not allowed in {keyword} initializer");
                self.syntax_error(&text);
                self.next();
            }
            first = Some(self.simple_stmt(is_for));
            if let Some(Stmt { kind: StmtKind::Range(_), .. }) = &first {
                self.expr_level = level;
                header.cond = first;
                return header;
            }
        }
        if matches!(self.token(), Token::Semi(_)) {
            let newline = self.token() != Token::Semi(SemiKind::Written);
            let semi_pos = self.pos();
            header.semicolons = 1;
            self.next();
            header.init = first;
            if is_for {
                if !matches!(self.token(), Token::Semi(_)) {
                    if self.token() == Token::Lbrace {
                        self.syntax_error("expected for loop condition");
                    } else {
                        header.cond = Some(self.simple_stmt(false));
                    }
                }
                if matches!(self.token(), Token::Semi(_)) {
                    header.semicolons = 2;
                    self.next();
                } else if self.token() != Token::Lbrace {
                    self.syntax_error("expected { after for clause");
                }
                if self.token() != Token::Lbrace {
                    let post = self.simple_stmt(false);
                    if matches!(post.kind, StmtKind::Define { .. }) {
                        self.syntax_error_at(post.pos, "cannot declare in post statement of for loop");
                    }
                    header.post = Some(post);
                }
            } else if self.token() != Token::Lbrace {
                header.cond = Some(self.simple_stmt(false));
            } else if keyword == "if" {
                if newline {
                    self.syntax_error_at(semi_pos, "unexpected newline, expected { after if clause");
                } else {
                    self.syntax_error_at(semi_pos, "missing condition in if statement");
                }
            }
        } else {
            header.cond = first;
        }
        self.expr_level = level;
        header
    }

    fn condition(&mut self, stmt: Option<Stmt>, keyword: &str) -> Option<Expr> {
        let stmt = stmt?;
        match stmt.kind {
            StmtKind::Expr(e) => Some(e),
            StmtKind::Assign { lhs, op: None, rhs, op_pos } => {
                let _ = op_pos;
                let text = match (lhs.first(), rhs.first()) {
                    (Some(x), Some(y)) => format!(
                        "cannot use assignment {} = {} as value",
                        crate::printer::expr_string(x),
                        crate::printer::expr_string(y)
                    ),
                    _ => "cannot use assignment as value".to_string(),
                };
                self.syntax_error_at(stmt.pos, &text);
                lhs.into_iter().next()
            }
            StmtKind::Define { lhs, rhs, .. } => {
                let text = match (lhs.first(), rhs.first()) {
                    (Some(x), Some(y)) => format!(
                        "cannot use {} := {} as value",
                        crate::printer::expr_string(x),
                        crate::printer::expr_string(y)
                    ),
                    _ => format!("cannot use := in {keyword} condition"),
                };
                self.syntax_error_at(stmt.pos, &text);
                lhs.into_iter().next()
            }
            _ => {
                self.syntax_error_at(stmt.pos, "cannot use statement as value");
                None
            }
        }
    }

    fn if_stmt(&mut self) -> Stmt {
        let pos = self.pos();
        self.next();
        let header = self.header("if", false);
        let cond = match self.condition(header.cond, "if") {
            Some(cond) => cond,
            None => self.bad_expr(),
        };
        let then = self.body("if clause");
        let mut els = None;
        if self.got(Token::Else) {
            els = match self.token() {
                Token::If => Some(self.nested(Self::if_stmt, |p| Stmt { pos: p.pos(), kind: StmtKind::Bad })),
                Token::Lbrace => {
                    let at = self.pos();
                    let block = self.block();
                    Some(Stmt { pos: at, kind: StmtKind::Block(block) })
                }
                _ => {
                    self.syntax_error("else must be followed by if or statement block");
                    self.advance(&[Token::Name, Token::Rbrace]);
                    None
                }
            };
        }
        Stmt { pos, kind: StmtKind::If(Box::new(IfStmt { init: header.init, cond, then, els })) }
    }

    fn body(&mut self, context: &str) -> Block {
        if self.token() != Token::Lbrace {
            self.syntax_error(&format!("expected {{ after {context}"));
            self.advance(&[Token::Name, Token::Rbrace, Token::Lbrace, Token::Semi(SemiKind::Newline)]);
            if self.token() != Token::Lbrace {
                let pos = self.pos();
                return Block { pos, stmts: Vec::new(), rbrace: pos };
            }
        }
        self.block()
    }

    fn for_stmt(&mut self) -> StmtKind {
        self.next();
        let header = self.header("for", true);
        if let Some(Stmt { kind: StmtKind::Range(mut range), .. }) = header.cond {
            range.body = self.body("for clause");
            return StmtKind::Range(range);
        }
        let cond = self.condition(header.cond, "for");
        let body = self.body("for clause");
        StmtKind::For(Box::new(ForStmt { init: header.init, cond, post: header.post, body }))
    }

    fn switch_stmt(&mut self) -> StmtKind {
        self.next();
        let header = self.header("switch", false);
        // A type switch guard: `x.(type)` or `v := x.(type)`.
        let guard = match header.cond {
            Some(Stmt { kind: StmtKind::Expr(e), pos }) => match e.kind {
                ExprKind::TypeAssert { x, ty: None, .. } => Ok((None, *x)),
                kind => Err(Some(Stmt { pos, kind: StmtKind::Expr(Expr { id: e.id, pos: e.pos, kind }) })),
            },
            Some(Stmt { kind: StmtKind::Define { mut lhs, mut rhs, op_pos }, pos })
                if lhs.len() == 1 && rhs.len() == 1 =>
            {
                match (lhs.remove(0), rhs.remove(0)) {
                    (
                        Expr { id, pos, kind: ExprKind::Name(name) },
                        Expr { kind: ExprKind::TypeAssert { x, ty: None, .. }, .. },
                    ) => Ok((Some(Ident { id, pos, name }), *x)),
                    (l, r) => Err(Some(Stmt { pos, kind: StmtKind::Define { lhs: vec![l], rhs: vec![r], op_pos } })),
                }
            }
            other => Err(other),
        };
        let lbrace = self.pos();
        if self.token() != Token::Lbrace {
            self.syntax_error("missing { after switch clause");
            self.advance(&[Token::Case, Token::Default, Token::Rbrace]);
        } else {
            self.next();
        }
        let mut cases = Vec::new();
        while !matches!(self.token(), Token::Rbrace | Token::Eof) {
            cases.push(self.case_clause());
        }
        let rbrace = self.pos();
        self.want(Token::Rbrace);
        match guard {
            Ok((bind, x)) => {
                StmtKind::TypeSwitch(Box::new(TypeSwitchStmt { init: header.init, bind, x, cases, lbrace, rbrace }))
            }
            Err(cond) => {
                let tag = self.condition(cond, "switch");
                StmtKind::Switch(Box::new(SwitchStmt { init: header.init, tag, cases, lbrace, rbrace }))
            }
        }
    }

    fn case_clause(&mut self) -> CaseClause {
        let pos = self.pos();
        let mut is_default = false;
        let mut exprs = Vec::new();
        match self.token() {
            Token::Case => {
                self.next();
                exprs = self.expr_list();
            }
            Token::Default => {
                self.next();
                is_default = true;
            }
            _ => {
                self.syntax_error("expected case or default or }");
                self.advance(&[Token::Colon, Token::Case, Token::Default, Token::Rbrace]);
            }
        }
        let colon = self.pos();
        self.want(Token::Colon);
        let body = self.stmt_list();
        CaseClause { pos, is_default, exprs, colon, body }
    }

    fn select_stmt(&mut self) -> StmtKind {
        self.next();
        let lbrace = self.pos();
        if self.token() != Token::Lbrace {
            self.syntax_error("missing { after select clause");
            self.advance(&[Token::Case, Token::Default, Token::Rbrace]);
        } else {
            self.next();
        }
        let mut cases = Vec::new();
        while !matches!(self.token(), Token::Rbrace | Token::Eof) {
            let pos = self.pos();
            let mut comm = None;
            match self.token() {
                Token::Case => {
                    self.next();
                    comm = Some(self.simple_stmt(false));
                }
                Token::Default => self.next(),
                _ => {
                    self.syntax_error("expected case or default or }");
                    self.advance(&[Token::Colon, Token::Case, Token::Default, Token::Rbrace]);
                }
            }
            let colon = self.pos();
            self.want(Token::Colon);
            let body = self.stmt_list();
            cases.push(CommClause { pos, comm, colon, body });
        }
        let rbrace = self.pos();
        self.want(Token::Rbrace);
        StmtKind::Select(Box::new(SelectStmt { cases, lbrace, rbrace }))
    }
}
