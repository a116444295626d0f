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
}

impl Parser<'_> {
    /// Block = "{" StatementList "}" .
    pub(super) fn block(&mut self) -> Block {
        let pos = self.pos();
        self.want(Token::Lbrace);
        self.block_rest(pos)
    }

    fn block_rest(&mut self, pos: Pos) -> Block {
        let stmts = self.stmt_list();
        let rbrace = self.pos();
        self.want(Token::Rbrace);
        Block { pos, stmts, rbrace }
    }

    fn stmt_list(&mut self) -> Vec<Stmt> {
        let mut out = Vec::new();
        while !matches!(self.token(), Token::Eof | Token::Rbrace | Token::Case | Token::Default) {
            let Some(stmt) = self.nested(Self::stmt_or_none, |_| None) else { break };
            // An empty statement means nothing, except behind a label.
            if !matches!(stmt.kind, StmtKind::Empty) {
                out.push(stmt);
            }
            if !self.got_semi() && self.token() != Token::Rbrace {
                self.syntax_error("at end of statement");
                self.advance(&[Token::Semi(SemiKind::Newline), Token::Rbrace, Token::Case, Token::Default]);
                self.got_semi();
            }
        }
        out
    }

    fn stmt_or_none(&mut self) -> Option<Stmt> {
        let pos = self.pos();
        if !matches!(self.token(), Token::Var | Token::Const | Token::Type) {
            self.clear_directives();
        }
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
            | Token::Op(BinaryOp::Add | BinaryOp::Sub | BinaryOp::Xor | BinaryOp::And) => {
                let lhs = self.expr_list();
                if self.token() == Token::Colon
                    && lhs.len() == 1
                    && let ExprKind::Name(name) = &lhs[0].kind
                {
                    let label = Ident { id: lhs[0].id, pos, name: name.clone() };
                    return self.labeled(label);
                }
                return Some(self.simple_stmt_rest(pos, lhs, false));
            }
            _ => return None,
        };
        Some(Stmt { pos, kind })
    }

    fn labeled(&mut self, label: Ident) -> Option<Stmt> {
        let pos = label.pos;
        let colon = self.pos();
        self.next();
        if self.token() == Token::Rbrace {
            let empty = Stmt { pos: self.pos(), kind: StmtKind::Empty };
            return Some(Stmt { pos, kind: StmtKind::Labeled { label, stmt: Box::new(empty) } });
        }
        let Some(stmt) = self.nested(Self::stmt_or_none, |_| None) else {
            self.syntax_error_at(colon, "missing statement after label");
            return None;
        };
        Some(Stmt { pos, kind: StmtKind::Labeled { label, stmt: Box::new(stmt) } })
    }

    fn decl_stmt(&mut self) -> StmtKind {
        let mut decls = Vec::new();
        let token = self.token();
        self.next();
        match token {
            Token::Const => self.const_group(&mut decls),
            Token::Type => self.group(&mut decls, |p, out| p.type_spec(out)),
            _ => self.var_group(&mut decls, true),
        }
        StmtKind::Decl(decls)
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
        let mut call = self.primary();
        if matches!(call.kind, ExprKind::Paren(_)) {
            self.report(at, format!("expression in {word} must not be parenthesized"));
        }
        while let ExprKind::Paren(inner) = call.kind {
            call = *inner;
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
        let mut header = Header { init: None, cond: None, post: None };
        if self.token() == Token::Lbrace {
            if keyword == "if" {
                self.syntax_error("missing condition in if statement");
            }
            return header;
        }
        let level = std::mem::replace(&mut self.expr_level, -1);
        self.clauses(&mut header, keyword, is_for);
        self.expr_level = level;
        header
    }

    fn clauses(&mut self, header: &mut Header, keyword: &str, is_for: bool) {
        if !matches!(self.token(), Token::Semi(_)) {
            if self.got(Token::Var) {
                self.syntax_error(&format!("var declaration not allowed in {keyword} initializer"));
            }
            let first = self.simple_stmt(is_for);
            if self.token() == Token::Lbrace || matches!(first.kind, StmtKind::Range(_)) {
                header.cond = Some(first);
                return;
            }
            header.init = Some(first);
        }
        let semicolon = (self.pos(), self.token());
        if !self.got_semi() {
            // A `{` lacks more likely than a `;`.
            self.want(Token::Lbrace);
            if self.token() != Token::Lbrace {
                self.advance(&[Token::Lbrace, Token::Rbrace]);
            }
        }
        if is_for {
            if self.token() == Token::Lbrace {
                return self.syntax_error("expected for loop condition");
            }
            if !matches!(self.token(), Token::Semi(_)) {
                header.cond = Some(self.simple_stmt(false));
            }
            self.want_semi();
            if self.token() != Token::Lbrace {
                let post = self.simple_stmt(false);
                if let StmtKind::Define { op_pos, .. } = post.kind {
                    self.syntax_error_at(op_pos, "cannot declare in post statement of for loop");
                }
                header.post = Some(post);
            }
        } else if self.token() != Token::Lbrace {
            header.cond = Some(self.simple_stmt(false));
        } else if keyword == "if" {
            match semicolon {
                (at, Token::Semi(SemiKind::Written)) => {
                    self.syntax_error_at(at, "missing condition in if statement");
                }
                (at, Token::Semi(_)) => {
                    self.report(at, "syntax error: unexpected newline, expected { after if clause".to_string());
                }
                _ => {}
            }
        }
    }

    fn condition(&mut self, stmt: Option<Stmt>) -> Option<Expr> {
        use crate::printer::{binary_op, expr_string};
        let stmt = stmt?;
        let list = |list: &[Expr]| list.iter().map(expr_string).collect::<Vec<_>>().join(", ");
        // Parentheses around what is not simple let the `=` stand out.
        let emphasized = |side: &[Expr]| match side {
            [x] if matches!(x.kind, ExprKind::Binary { .. }) => format!("({})", expr_string(x)),
            other => list(other),
        };
        let (at, text) = match stmt.kind {
            StmtKind::Expr(e) => return Some(e),
            StmtKind::Assign { ref lhs, op: None, ref rhs, op_pos } => {
                (op_pos, format!("assignment {} = {}", emphasized(lhs), emphasized(rhs)))
            }
            StmtKind::Assign { ref lhs, op: Some(op), ref rhs, op_pos } => {
                (op_pos, format!("{} {}= {}", list(lhs), binary_op(op), list(rhs)))
            }
            StmtKind::Define { ref lhs, ref rhs, op_pos } => (op_pos, format!("{} := {}", list(lhs), list(rhs))),
            StmtKind::IncDec { ref x, inc, op_pos } => {
                (op_pos, format!("{}{}", expr_string(x), if inc { "++" } else { "--" }))
            }
            StmtKind::Send { ref chan, arrow, ref value } => {
                (arrow, format!("{} <- {}", expr_string(chan), expr_string(value)))
            }
            _ => (stmt.pos, "statement".to_string()),
        };
        self.syntax_error_at(at, &format!("cannot use {text} as value"));
        match stmt.kind {
            StmtKind::Assign { lhs, .. } | StmtKind::Define { lhs, .. } => lhs.into_iter().next(),
            _ => None,
        }
    }

    fn if_stmt(&mut self) -> Stmt {
        let pos = self.pos();
        self.next();
        let header = self.header("if", false);
        let cond = match self.condition(header.cond) {
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

    /// A block that must be there.
    fn body(&mut self, context: &str) -> Block {
        let pos = self.pos();
        if !self.got(Token::Lbrace) {
            self.syntax_error(&format!("expected {{ after {context}"));
            self.advance(&[Token::Name, Token::Rbrace]);
            let rbrace = self.pos();
            if self.got(Token::Rbrace) {
                return Block { pos, stmts: Vec::new(), rbrace };
            }
        }
        self.block_rest(pos)
    }

    fn for_stmt(&mut self) -> StmtKind {
        self.next();
        let header = self.header("for", true);
        if let Some(Stmt { kind: StmtKind::Range(mut range), .. }) = header.cond {
            range.body = self.body("for clause");
            return StmtKind::Range(range);
        }
        let cond = self.condition(header.cond);
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
                let tag = self.condition(cond);
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
