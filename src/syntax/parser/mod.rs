//! A recursive-descent parser, one function a production (Go spec), with gc's error texts.
//!
//! Parsing never fails: it returns a tree and a list of errors. After an error the parser skips to a token that can
//! follow; one syntax error a line is kept, as gc does. Recursion is bounded by `MAX_DEPTH`, the height of expressions that are
//! read without recursion (`a+b+c`, `f()()()`) by `MAX_HEIGHT`, as who walks the tree descends it. Time is linear in the
//! file's length.

mod decl;
mod directives;
mod expr;
mod params;
mod stmt;
#[cfg(test)]
mod tests;
mod types;

use crate::ast::*;
use crate::scanner::{MAX_ERRORS, Scanner, SemiKind, Token};
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

/// Parses a file whose first byte has position `base`. As in gc, one syntax error a line is kept, and the same is said once
/// a line.
pub fn parse_file(id: FileId, base: u32, text: &[u8], mode: Mode) -> (File, Vec<SyntaxError>) {
    let (file, mut errors) = parse_file_for_all_errors(id, base, text, mode);
    if !errors.is_empty() {
        let newlines = text.iter().enumerate().filter(|(_, c)| **c == b'\n').map(|(at, _)| base + at as u32);
        let newlines: Vec<u32> = newlines.collect();
        let mut last = None;
        let mut last_other = None;
        errors.retain(|e| {
            let line = newlines.partition_point(|&newline| newline < e.pos.0);
            // What does not begin so comes from the scanner, or is no matter of syntax.
            if !e.message.starts_with("syntax error") {
                let this = Some((line, e.message.clone()));
                let is_new = last_other != this;
                last_other = this;
                return is_new;
            }
            last.replace(line) != Some(line)
        });
    }
    errors.sort_by_key(|e| e.pos);
    (file, errors)
}

/// As `parse_file`, with every error: the parser's as they come, then the scanner's.
pub fn parse_file_for_all_errors(id: FileId, base: u32, text: &[u8], mode: Mode) -> (File, Vec<SyntaxError>) {
    let mut parser = Parser {
        scanner: Scanner::new(text),
        text,
        base,
        nodes: 0,
        depth: 0,
        expr_level: 0,
        errors: Vec::new(),
        directives_taken: 0,
        misplaced: Vec::new(),
        imports_embed: false,
        height: 0,
        too_deep: false,
        fn_nest: 0,
    };
    parser.next();
    let file = parser.source_file(id, mode);
    let mut errors = parser.errors;
    let scanned = parser.scanner.errors.into_iter();
    errors.extend(scanned.map(|(at, message)| SyntaxError { pos: Pos(base + at as u32), message }));
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
    /// See `File::misplaced`.
    misplaced: Vec<(Pos, &'static str)>,
    imports_embed: bool,
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

    fn report(&mut self, pos: Pos, message: String) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(SyntaxError { pos, message });
        }
    }

    /// Reports an error at the current token: "unexpected X, <message>" or gc's other shapes.
    fn syntax_error(&mut self, message: &str) {
        let pos = self.pos();
        self.syntax_error_at(pos, message);
    }

    fn syntax_error_at(&mut self, pos: Pos, message: &str) {
        // At the end of the file one error leads to others that say nothing.
        if self.token() == Token::Eof && !self.errors.is_empty() {
            return;
        }
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

    /// Skips to one of `follow`, in a function also to what begins a statement; without `follow`, over one token.
    fn advance(&mut self, follow: &[Token]) {
        if follow.is_empty() && self.token() != Token::Eof {
            return self.next();
        }
        let any_semicolon = follow.iter().any(|t| matches!(t, Token::Semi(_)));
        loop {
            let token = self.token();
            let stops = matches!(token, Token::Eof)
                || follow.contains(&token)
                || (matches!(token, Token::Semi(_)) && any_semicolon)
                || (matches!(token, Token::Literal(_)) && follow.iter().any(|t| matches!(t, Token::Literal(_))))
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
                    ));
            if stops {
                return;
            }
            self.next();
        }
    }

    /// Elements up to `close`, each with `separator` behind it, which may be left out before `close`; an element that gives
    /// true is the last. Gives the place of `close`.
    fn list(
        &mut self,
        context: &str,
        separator: Token,
        close: Token,
        mut element: impl FnMut(&mut Self) -> bool,
    ) -> Pos {
        let mut done = false;
        while self.token() != Token::Eof && self.token() != close && !done {
            done = element(self);
            let separated = if separator == Token::Comma { self.got(Token::Comma) } else { self.got_semi() };
            if !separated && self.token() != close {
                let (separator, closing) = (describe(separator), describe(close));
                self.syntax_error(&format!("in {context}; possibly missing {separator} or {closing}"));
                self.advance(&[Token::Rparen, Token::Rbrack, Token::Rbrace]);
                if self.token() != close {
                    return self.pos();
                }
            }
        }
        let pos = self.pos();
        self.want(close);
        pos
    }

    fn want_semi(&mut self) {
        if !self.got_semi() {
            self.want(Token::Semi(SemiKind::Newline));
        }
    }

    fn got_semi(&mut self) -> bool {
        let found = matches!(self.token(), Token::Semi(_));
        if found {
            self.next();
        }
        found
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
        self.skip_file();
    }

    fn skip_file(&mut self) {
        while self.token() != Token::Eof {
            self.next();
        }
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
        Token::Semi(_) => "semicolon or newline",
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
