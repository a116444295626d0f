//! A recursive-descent parser, one function a production (Go spec), with gc's error texts.
//!
//! Parsing never fails: it returns a tree and a list of errors. After an error the parser skips to a token that can
//! follow; one syntax error a line is kept, as gc does. Recursion is bounded by `MAX_DEPTH`, the height of expressions that are
//! read without recursion (`a+b+c`, `f()()()`) by `MAX_HEIGHT`, as who walks the tree descends it. Time is linear in the
//! file's length.

mod decl;
mod expr;
mod stmt;
#[cfg(test)]
mod tests;
mod types;

use crate::ast::*;
use crate::scanner::{Scanner, SemiKind, Token};
use gorace_base::{FileId, Pos};

/// Nesting beyond this is refused.
const MAX_DEPTH: u32 = 1000;

/// Expressions higher than this are refused. The unit is the stack that a binary operator takes in the checker.
const MAX_HEIGHT: u32 = 1_000_000;

/// What a selector, index, assertion or call adds to a height, and a binary operator.
const LINK_HEIGHT: u32 = 50;
const BINARY_HEIGHT: u32 = 1;

/// What is wrong, in gc's words, without the prefix "syntax error: " where gc has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    pub pos: Pos,
    pub message: String,
}

/// How much of a file to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Full,
    /// The package clause and the imports.
    Imports,
}

/// Parses a file whose first byte has position `base`.
pub fn parse_file(id: FileId, base: u32, text: &[u8], mode: Mode) -> (File, Vec<SyntaxError>) {
    let mut parser = Parser {
        scanner: Scanner::new(text),
        text,
        base,
        nodes: 0,
        depth: 0,
        expr_level: 0,
        errors: Vec::new(),
        directives_taken: 0,
        last_error_line: None,
        last_other: None,
        last_report: 0,
        last_report_line: None,
        height: 0,
        too_deep: false,
        fn_nest: 0,
    };
    parser.next();
    let file = parser.source_file(id, mode);
    let mut errors = parser.errors;
    errors.extend(
        parser
            .scanner
            .errors
            .iter()
            .map(|(at, message)| SyntaxError { pos: Pos(base + *at as u32), message: message.clone() }),
    );
    errors.sort_by_key(|e| e.pos);
    (file, errors)
}

pub(crate) struct Parser<'s> {
    scanner: Scanner<'s>,
    text: &'s [u8],
    base: u32,
    nodes: u32,
    depth: u32,
    /// Below zero inside the header of a control statement, where `{` begins the body.
    expr_level: i32,
    errors: Vec<SyntaxError>,
    directives_taken: usize,
    /// Where the line of the last syntax error begins.
    last_error_line: Option<usize>,
    /// The line and the text of the last error that is no syntax error: gc says the same once a line.
    last_other: Option<(usize, String)>,
    /// Where the line of the last error of any kind begins, and the greatest offset on it where one was found.
    last_report_line: Option<usize>,
    last_report: usize,
    /// The greatest height of an expression within the one that is being read.
    height: u32,
    too_deep: bool,
    fn_nest: u32,
}

impl<'s> Parser<'s> {
    fn next(&mut self) {
        self.scanner.next();
    }

    fn token(&self) -> Token {
        self.scanner.token
    }

    fn pos(&self) -> Pos {
        Pos(self.base + self.scanner.start as u32)
    }

    fn end_pos(&self) -> Pos {
        Pos(self.base + self.scanner.end() as u32)
    }

    fn node(&mut self) -> NodeId {
        self.nodes += 1;
        NodeId(self.nodes - 1)
    }

    fn expr_node(&mut self, pos: Pos, kind: ExprKind) -> Expr {
        Expr { id: self.node(), pos, kind }
    }

    fn bad_expr(&mut self) -> Expr {
        let pos = self.pos();
        self.expr_node(pos, ExprKind::Bad)
    }

    fn got(&mut self, token: Token) -> bool {
        if self.token() == token {
            self.next();
            return true;
        }
        false
    }

    fn want(&mut self, token: Token) {
        if !self.got(token) {
            self.syntax_error(&format!("expected {}", describe(token)));
            self.advance(&[]);
        }
    }

    /// Like `want`, but a `*` or `(` of a place where gc says nothing special is just reported.
    fn want_semi(&mut self, context: &str) {
        match self.token() {
            Token::Semi(_) => self.next(),
            Token::Rbrace | Token::Rparen | Token::Eof => {}
            _ => {
                self.syntax_error(context);
                self.advance(&[Token::Rbrace, Token::Semi(SemiKind::Newline)]);
                if matches!(self.token(), Token::Semi(_)) {
                    self.next();
                }
            }
        }
    }

    fn report(&mut self, pos: Pos, message: String) {
        let offset = ((pos.0 - self.base) as usize).min(self.text.len());
        // Errors come mostly in order: only what lies behind the last one is searched for a newline.
        let known = self.last_report_line.filter(|&line| line <= offset);
        let from = known.map_or(0, |_| self.last_report.min(offset));
        let newline = self.text[from..offset].iter().rposition(|&c| c == b'\n');
        let line = newline.map(|at| from + at + 1).or(known).unwrap_or(0);
        self.last_report = if known == Some(line) { self.last_report.max(offset) } else { offset };
        self.last_report_line = Some(line);
        if message.starts_with("syntax error") {
            if self.last_error_line == Some(line) {
                return;
            }
            self.last_error_line = Some(line);
        } else if self.last_other.as_ref().is_some_and(|(at, text)| *at == line && *text == message) {
            return;
        } else {
            self.last_other = Some((line, message.clone()));
        }
        self.errors.push(SyntaxError { pos, message });
    }

    /// Reports an error at the current token: "unexpected X, <message>" or gc's other shapes.
    fn syntax_error(&mut self, message: &str) {
        let pos = self.pos();
        self.syntax_error_at(pos, message);
    }

    fn syntax_error_at(&mut self, pos: Pos, message: &str) {
        let text = match message {
            "" => String::new(),
            m if m.starts_with("in ") || m.starts_with("at ") || m.starts_with("after ") => format!(" {m}"),
            m if m.starts_with("expected ") => format!(", {m}"),
            m => return self.report(pos, format!("syntax error: {m}")),
        };
        let found = self.found();
        self.report(pos, format!("syntax error: unexpected {found}{text}"));
    }

    fn found(&self) -> String {
        match self.token() {
            Token::Name => format!("name {}", self.scanner.text()),
            Token::Semi(SemiKind::Written) => "semicolon".to_string(),
            Token::Semi(SemiKind::Newline) => "newline".to_string(),
            Token::Semi(SemiKind::Eof) | Token::Eof => "EOF".to_string(),
            Token::Literal(_) => format!("literal {}", self.scanner.text()),
            Token::Op(_)
            | Token::Star
            | Token::Not
            | Token::Tilde
            | Token::Arrow
            | Token::AssignOp(_)
            | Token::IncDec(_) => self.scanner.text().to_string(),
            token => {
                let text = describe(token);
                if text.chars().all(char::is_alphabetic) && !matches!(token, Token::Comma | Token::Eof) {
                    format!("keyword {text}")
                } else {
                    text.to_string()
                }
            }
        }
    }

    /// Skips to a token that can begin a statement or declaration, or one of `follow`.
    fn advance(&mut self, follow: &[Token]) {
        loop {
            let token = self.token();
            let stops = matches!(token, Token::Eof)
                || follow.contains(&token)
                || (matches!(token, Token::Semi(_)) && follow.iter().any(|t| matches!(t, Token::Semi(_))))
                || (self.fn_nest > 0
                    && matches!(
                        token,
                        Token::Break
                            | Token::Const
                            | Token::Continue
                            | Token::Defer
                            | Token::Fallthrough
                            | Token::For
                            | Token::Go
                            | Token::Goto
                            | Token::If
                            | Token::Return
                            | Token::Select
                            | Token::Switch
                            | Token::Type
                            | Token::Var
                    ))
                || (self.fn_nest == 0
                    && follow.is_empty()
                    && matches!(token, Token::Import | Token::Const | Token::Type | Token::Var | Token::Func));
            if stops {
                return;
            }
            self.next();
        }
    }

    /// Runs `f` one level deeper, unless that is too deep.
    fn nested<T>(&mut self, f: impl FnOnce(&mut Self) -> T, refuse: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth >= MAX_DEPTH {
            self.give_up();
            return refuse(self);
        }
        self.depth += 1;
        let result = f(self);
        self.depth -= 1;
        result
    }

    /// Runs `f`, which reads an expression and counts its height from zero.
    fn measured<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let outside = std::mem::take(&mut self.height);
        let result = f(self);
        self.height = self.height.max(outside);
        result
    }

    /// The expression that is being read becomes an operand of another; whether that is not too high.
    fn grow(&mut self, by: u32) -> bool {
        self.height += by;
        if self.height > MAX_HEIGHT {
            self.give_up();
            return false;
        }
        true
    }

    /// Nothing sensible follows what is nested too deep: the rest of the file is left out.
    fn give_up(&mut self) {
        if !self.too_deep {
            self.too_deep = true;
            let pos = self.pos();
            self.report(pos, "syntax error: nesting too deep".to_string());
        }
        while self.token() != Token::Eof {
            self.next();
        }
    }

    /// The directives that stand directly above the token to come (all not yet taken).
    fn take_directives(&mut self) -> Vec<Directive> {
        let from = self.directives_taken;
        self.directives_taken = self.scanner.directives.len();
        self.directives(from)
    }

    fn directives(&self, from: usize) -> Vec<Directive> {
        self.scanner.directives[from..]
            .iter()
            .map(|c| Directive {
                pos: Pos(self.base + c.start as u32),
                text: String::from_utf8_lossy(&self.text[c.start + 2..c.end]).as_ref().into(),
            })
            .collect()
    }

    fn ident(&mut self) -> Ident {
        let pos = self.pos();
        let id = self.node();
        if self.token() == Token::Name {
            let name = self.scanner.text().into();
            self.next();
            return Ident { id, pos, name };
        }
        self.syntax_error("expected name");
        self.advance(&[]);
        Ident { id, pos, name: "_".into() }
    }
}

/// A token as messages name it.
fn describe(token: Token) -> &'static str {
    match token {
        Token::Eof => "EOF",
        Token::Name => "name",
        Token::Literal(_) => "literal",
        Token::Op(_) => "op",
        Token::AssignOp(_) => "op=",
        Token::IncDec(_) => "opop",
        Token::Assign => "=",
        Token::Define => ":=",
        Token::Arrow => "<-",
        Token::Star => "*",
        Token::Not => "!",
        Token::Tilde => "~",
        Token::Lparen => "(",
        Token::Lbrack => "[",
        Token::Lbrace => "{",
        Token::Rparen => ")",
        Token::Rbrack => "]",
        Token::Rbrace => "}",
        Token::Comma => "comma",
        Token::Semi(_) => "semicolon",
        Token::Colon => ":",
        Token::Dot => ".",
        Token::DotDotDot => "...",
        Token::Break => "break",
        Token::Case => "case",
        Token::Chan => "chan",
        Token::Const => "const",
        Token::Continue => "continue",
        Token::Default => "default",
        Token::Defer => "defer",
        Token::Else => "else",
        Token::Fallthrough => "fallthrough",
        Token::For => "for",
        Token::Func => "func",
        Token::Go => "go",
        Token::Goto => "goto",
        Token::If => "if",
        Token::Import => "import",
        Token::Interface => "interface",
        Token::Map => "map",
        Token::Package => "package",
        Token::Range => "range",
        Token::Return => "return",
        Token::Select => "select",
        Token::Struct => "struct",
        Token::Switch => "switch",
        Token::Type => "type",
        Token::Var => "var",
    }
}
