//! From bytes to tokens (Go spec, "Lexical elements"), with automatic semicolons.
//!
//! The scanner never fails: it reports what is wrong in gc's words and goes on behind it. Invariants: token offsets
//! grow; the text of a token is `src[start..end]`; at the end of the file it gives `Eof` for ever. Time and memory are
//! linear in the file's length, whatever it holds.

use crate::ast::LitKind;

/// The kinds of tokens; operators that the parser treats alike carry their meaning in `op`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    Eof,
    Name,
    Literal(LitKind),
    /// A binary operator (also `*`, which has `Star`, and `+ - ^ &` that can be unary).
    Op(crate::ast::BinaryOp),
    /// `op=`
    AssignOp(crate::ast::BinaryOp),
    IncDec(bool),
    Assign,
    Define,
    Arrow,
    Star,
    Not,
    Tilde,
    Lparen,
    Lbrack,
    Lbrace,
    Rparen,
    Rbrack,
    Rbrace,
    Comma,
    /// The flag: made by a newline rather than written.
    Semi(SemiKind),
    Colon,
    Dot,
    DotDotDot,
    Break,
    Case,
    Chan,
    Const,
    Continue,
    Default,
    Defer,
    Else,
    Fallthrough,
    For,
    Func,
    Go,
    Goto,
    If,
    Import,
    Interface,
    Map,
    Package,
    Range,
    Return,
    Select,
    Struct,
    Switch,
    Type,
    Var,
}

/// Where a semicolon comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SemiKind {
    Written,
    Newline,
    Eof,
}

/// A comment's place: `start..end` with its markers.
#[derive(Debug, Clone, Copy)]
pub struct Comment {
    pub start: usize,
    pub end: usize,
    /// Stands at the start of its line.
    pub line_start: bool,
}

/// Errors kept of a file; a file of garbage has no use for more.
pub(crate) const MAX_ERRORS: usize = 100_000;

/// The scanner over one file.
pub struct Scanner<'s> {
    src: &'s [u8],
    at: usize,
    /// The last token can end a statement.
    need_semi: bool,
    line_begin: bool,
    pub start: usize,
    pub token: Token,
    /// The literal is malformed.
    pub bad: bool,
    pub errors: Vec<(usize, String)>,
    /// Where an error was last found, kept or not.
    last_error: usize,
    /// `//go:` and `//gorace:` comments and `//go:build` lines.
    pub directives: Vec<Comment>,
    /// Lines begun so far, for deciding what is "directly above".
    pub newline_before: bool,
}

impl<'s> Scanner<'s> {
    pub fn new(src: &'s [u8]) -> Scanner<'s> {
        let mut scanner = Scanner {
            src,
            at: 0,
            need_semi: false,
            line_begin: true,
            start: 0,
            token: Token::Eof,
            bad: false,
            errors: Vec::new(),
            last_error: 0,
            directives: Vec::new(),
            newline_before: true,
        };
        if src.starts_with(&[0xef, 0xbb, 0xbf]) {
            scanner.at = 3;
        }
        scanner
    }

    /// The current token's text.
    pub fn text(&self) -> &'s str {
        std::str::from_utf8(&self.src[self.start..self.at]).unwrap_or("\u{fffd}")
    }

    /// The offset behind the current token.
    pub fn end(&self) -> usize {
        self.at
    }

    /// Equal messages on one line are one, as in gc.
    fn error(&mut self, at: usize, message: impl Into<String>) {
        let message = message.into();
        let same_line = |last: usize| !self.src[last.min(at)..at.max(last)].contains(&b'\n');
        let repeated = self.errors.last().is_some_and(|(_, text)| *text == message && same_line(self.last_error));
        self.last_error = at;
        if !repeated && self.errors.len() < MAX_ERRORS {
            self.errors.push((at, message));
        }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.src.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Moves to the next token.
    pub fn next(&mut self) {
        let need_semi = std::mem::replace(&mut self.need_semi, false);
        self.bad = false;
        self.newline_before = false;
        self.token = loop {
            if self.skip_space(need_semi) {
                break Token::Semi(SemiKind::Newline);
            }
            self.start = self.at;
            let Some(&c) = self.src.get(self.at) else {
                break if need_semi { Token::Semi(SemiKind::Eof) } else { Token::Eof };
            };
            self.line_begin = false;
            if let Some(token) = self.token_at(c) {
                break token;
            }
        };
    }

    /// Skips blanks, newlines and comments; stops at a newline that makes a semicolon, and says so.
    fn skip_space(&mut self, need_semi: bool) -> bool {
        loop {
            match self.src.get(self.at) {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'\n') => {
                    self.line_begin = true;
                    self.at += 1;
                    if need_semi {
                        self.start = self.at - 1;
                        return true;
                    }
                    self.newline_before = true;
                }
                Some(b'/') if self.peek(1) == b'/' => {
                    let start = self.at;
                    let rest = &self.src[start..];
                    self.at += rest.iter().position(|&c| c == b'\n').unwrap_or(rest.len());
                    self.comment_text(start);
                    self.line_comment(start);
                }
                Some(b'/') if self.peek(1) == b'*' => {
                    let start = self.at;
                    let multi_line = self.block_comment();
                    self.comment_text(start);
                    if multi_line && need_semi {
                        self.start = start;
                        return true;
                    }
                    self.newline_before |= multi_line;
                }
                _ => return false,
            }
        }
    }

    /// The token that begins with `c`; a character that can begin none is reported and skipped.
    fn token_at(&mut self, c: u8) -> Option<Token> {
        Some(match c {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.name(),
            b'0'..=b'9' => self.number(),
            b'.' if self.peek(1).is_ascii_digit() => self.number(),
            b'"' => self.string(),
            b'`' => self.raw_string(),
            b'\'' => self.rune(),
            0x80.. => {
                self.letter()?;
                self.name()
            }
            _ => {
                let token = self.operator(c);
                if token.is_none() {
                    let message = if c == 0 {
                        "invalid NUL character".to_string()
                    } else {
                        format!("invalid character U+{:04X}{}", c, shown(char::from(c)))
                    };
                    let at = self.at;
                    self.error(at, message);
                    self.at += 1;
                }
                token?
            }
        })
    }

    /// Reports what no file may hold in a comment that begins at `start` and ends here.
    fn comment_text(&mut self, start: usize) {
        let text = &self.src[start..self.at];
        if text.is_ascii() && !text.contains(&0) {
            return;
        }
        let end = std::mem::replace(&mut self.at, start);
        while self.at < end {
            self.literal_character();
        }
        self.at = end;
    }

    fn line_comment(&mut self, start: usize) {
        let mut end = self.at;
        if end > start && self.src[end - 1] == b'\r' {
            end -= 1;
        }
        let text = &self.src[start + 2..end];
        let line_start = self.line_begin;
        if text.starts_with(b"go:") || text.starts_with(b"gorace:") || text.starts_with(b"export ") {
            self.directives.push(Comment { start, end, line_start });
        }
    }

    /// Skips a comment; whether it spans lines.
    fn block_comment(&mut self) -> bool {
        let start = self.at;
        self.at += 2;
        let mut multi_line = false;
        loop {
            match self.src.get(self.at) {
                None => {
                    self.error(start, "comment not terminated");
                    return multi_line;
                }
                Some(b'*') if self.peek(1) == b'/' => {
                    self.at += 2;
                    return multi_line;
                }
                Some(b'\n') => {
                    multi_line = true;
                    self.at += 1;
                }
                Some(_) => self.at += 1,
            }
        }
    }

    /// Decodes the character here.
    fn character(&self) -> Option<(char, usize)> {
        let rest = &self.src[self.at..];
        let len = match rest.first()? {
            0..0x80 => return Some((char::from(rest[0]), 1)),
            0xc0..0xe0 => 2,
            0xe0..0xf0 => 3,
            _ => 4,
        };
        let text = std::str::from_utf8(rest.get(..len)?).ok()?;
        text.chars().next().map(|c| (c, len))
    }

    /// A letter or digit of an identifier; reports and skips what is none.
    fn letter(&mut self) -> Option<usize> {
        match self.character() {
            None => {
                let at = self.at;
                self.error(at, "invalid UTF-8 encoding");
                self.at += 1;
                None
            }
            Some((c, len)) if c.is_alphabetic() => Some(len),
            Some((c, len)) => {
                let at = self.at;
                if c == '\u{feff}' {
                    self.error(at, "invalid BOM in the middle of the file");
                } else if c.is_numeric() {
                    self.error(at, format!("identifier cannot begin with digit U+{:04X}{}", c as u32, shown(c)));
                } else {
                    self.error(at, format!("invalid character U+{:04X}{}", c as u32, shown(c)));
                }
                self.at += len;
                None
            }
        }
    }

    fn name(&mut self) -> Token {
        loop {
            match self.src.get(self.at) {
                Some(b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9') => self.at += 1,
                Some(0x80..) => match self.character() {
                    Some((c, len)) if c.is_alphanumeric() => self.at += len,
                    Some((c, len)) => {
                        let at = self.at;
                        self.error(at, format!("invalid character U+{:04X}{} in identifier", c as u32, shown(c)));
                        self.at += len;
                    }
                    None => {
                        let at = self.at;
                        self.error(at, "invalid UTF-8 encoding");
                        self.at += 1;
                    }
                },
                _ => break,
            }
        }
        let token = keyword(&self.src[self.start..self.at]);
        self.need_semi =
            matches!(token, Token::Name | Token::Break | Token::Continue | Token::Fallthrough | Token::Return);
        token
    }

    fn literal(&mut self, kind: LitKind) -> Token {
        self.need_semi = true;
        Token::Literal(kind)
    }

    fn bad_at(&mut self, at: usize, message: impl Into<String>) {
        if !self.bad {
            self.bad = true;
            self.error(at, message);
        }
    }

    /// Digits and underscores; the offset of a digit too large for the base.
    fn digits(&mut self, base: u32, wrong: &mut Option<usize>) -> (bool, bool) {
        let (mut any, mut separators) = (false, false);
        loop {
            let c = self.peek(0);
            match c {
                b'_' => separators = true,
                b'0'..=b'9' => {
                    any = true;
                    if u32::from(c - b'0') >= base && wrong.is_none() {
                        *wrong = Some(self.at);
                    }
                }
                b'a'..=b'f' | b'A'..=b'F' if base == 16 => any = true,
                _ => return (any, separators),
            }
            self.at += 1;
        }
    }

    fn number(&mut self) -> Token {
        let start = self.at;
        let mut kind = LitKind::Int;
        let mut base = 10;
        let mut prefix = 0u8;
        let mut wrong = None;
        let mut any = false;
        let mut separators = false;
        if self.peek(0) != b'.' {
            if self.peek(0) == b'0' {
                prefix = match self.peek(1) | 0x20 {
                    b'x' => b'x',
                    b'o' => b'o',
                    b'b' => b'b',
                    _ => b'0',
                };
                base = match prefix {
                    b'x' => 16,
                    b'o' | b'0' => 8,
                    _ => 2,
                };
                if prefix != b'0' {
                    self.at += 2;
                }
            }
            // A leading 0 may still begin a decimal float.
            let scan_base = if prefix == b'0' {
                10
            } else if base == 16 {
                16
            } else {
                10
            };
            let mut decimal_wrong = None;
            let from = self.at;
            (any, separators) = self.digits(scan_base, &mut decimal_wrong);
            if base < 10 {
                wrong = self.src[from..self.at]
                    .iter()
                    .position(|&c| c.is_ascii_digit() && u32::from(c - b'0') >= base)
                    .map(|i| from + i);
            }
        }
        let radix_name = match prefix {
            b'x' => "hexadecimal",
            b'o' | b'0' => "octal",
            b'b' => "binary",
            _ => "decimal",
        };
        if self.peek(0) == b'.' {
            kind = LitKind::Float;
            if prefix == b'o' || prefix == b'b' {
                let at = self.at;
                self.bad_at(at, format!("invalid radix point in {radix_name} literal"));
            }
            self.at += 1;
            let (more, sep) = self.digits(if base == 16 { 16 } else { 10 }, &mut None);
            any |= more;
            separators |= sep;
        }
        if !any {
            self.bad_at(start, format!("{radix_name} literal has no digits"));
        }
        let e = self.peek(0) | 0x20;
        if e == b'e' && base != 16 || e == b'p' {
            if e == b'e' && !matches!(prefix, 0 | b'0') || e == b'p' && prefix != b'x' {
                let at = self.at;
                let c = char::from(self.peek(0));
                let needs = if e == b'e' { "decimal" } else { "hexadecimal" };
                self.bad_at(at, format!("'{c}' exponent requires {needs} mantissa"));
            }
            kind = LitKind::Float;
            self.at += 1;
            if matches!(self.peek(0), b'+' | b'-') {
                self.at += 1;
            }
            let (more, sep) = self.digits(10, &mut None);
            separators |= sep;
            if !more {
                self.bad_at(start, "exponent has no digits");
            }
        } else if prefix == b'x' && kind == LitKind::Float {
            self.bad_at(start, "hexadecimal mantissa requires a 'p' exponent");
        }
        if self.peek(0) == b'i' {
            kind = LitKind::Imag;
            self.at += 1;
        }
        if kind == LitKind::Int
            && let Some(at) = wrong
        {
            let digit = char::from(self.src[at]);
            self.bad_at(at, format!("invalid digit '{digit}' in {radix_name} literal"));
        }
        if separators && bad_separator(&self.src[start..self.at]) {
            self.bad_at(start, "'_' must separate successive digits");
        }
        self.literal(kind)
    }

    fn string(&mut self) -> Token {
        let start = self.at;
        self.at += 1;
        loop {
            match self.src.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    break;
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape(b'"');
                }
                Some(b'\n') => {
                    let at = self.at;
                    self.bad_at(at, "newline in string");
                    break;
                }
                None => {
                    self.bad_at(start, "string not terminated");
                    break;
                }
                Some(_) => self.literal_character(),
            }
        }
        self.literal(LitKind::String)
    }

    /// Skips a character of a literal or comment, which must be UTF-8.
    fn literal_character(&mut self) {
        match self.character() {
            Some(('\0', _)) => {
                let at = self.at;
                self.error(at, "invalid NUL character");
                self.at += 1;
            }
            Some(('\u{feff}', len)) => {
                let at = self.at;
                self.error(at, "invalid BOM in the middle of the file");
                self.at += len;
            }
            Some((_, len)) => self.at += len,
            None => {
                let at = self.at;
                self.error(at, "invalid UTF-8 encoding");
                self.at += 1;
            }
        }
    }

    fn raw_string(&mut self) -> Token {
        let start = self.at;
        self.at += 1;
        loop {
            match self.src.get(self.at) {
                Some(b'`') => {
                    self.at += 1;
                    break;
                }
                None => {
                    self.bad_at(start, "string not terminated");
                    break;
                }
                Some(_) => self.literal_character(),
            }
        }
        self.literal(LitKind::String)
    }

    fn rune(&mut self) -> Token {
        let start = self.at;
        self.at += 1;
        let mut count = 0;
        loop {
            match self.src.get(self.at) {
                Some(b'\'') => {
                    self.at += 1;
                    if count == 0 {
                        self.bad_at(start, "empty rune literal or unescaped '");
                    } else if count != 1 {
                        self.bad_at(start, "more than one character in rune literal");
                    }
                    break;
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape(b'\'');
                }
                Some(b'\n') => {
                    let at = self.at;
                    if count == 0 {
                        self.bad_at(at, "newline in rune literal");
                    } else {
                        self.bad_at(start, "rune literal not terminated");
                    }
                    break;
                }
                None => {
                    self.bad_at(start, "rune literal not terminated");
                    break;
                }
                Some(_) => self.literal_character(),
            }
            count += 1;
        }
        self.literal(LitKind::Char)
    }

    /// An escape sequence, the backslash behind us.
    fn escape(&mut self, quote: u8) {
        let start = self.at - 1;
        let c = self.peek(0);
        let (digits, base, limit) = match c {
            b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'\\' => {
                self.at += 1;
                return;
            }
            _ if c == quote => {
                self.at += 1;
                return;
            }
            b'0'..=b'7' => (3, 8, 255),
            b'x' => (2, 16, 255),
            b'u' => (4, 16, 0x10ffff),
            b'U' => (8, 16, 0x10ffff),
            _ => {
                if self.at < self.src.len() {
                    self.bad_at(start, "unknown escape");
                }
                return;
            }
        };
        if base == 16 {
            self.at += 1;
        }
        let mut value = 0u32;
        for _ in 0..digits {
            let c = self.peek(0);
            let Some(digit) = char::from(c).to_digit(base) else {
                if self.at >= self.src.len() {
                    return;
                }
                let at = self.at;
                let kind = if base == 8 { "octal" } else { "hex" };
                let shown = self.character().map_or('\u{fffd}', |(c, _)| c);
                self.bad_at(at, format!("invalid character {} in {kind} escape", quoted(shown)));
                return;
            };
            value = value.wrapping_mul(base).wrapping_add(digit);
            self.at += 1;
        }
        if value > limit && base == 8 {
            self.bad_at(start, format!("octal escape value {value} > 255"));
        } else if value > limit || (0xd800..0xe000).contains(&value) && digits >= 4 {
            self.bad_at(start, format!("escape is invalid Unicode code point U+{value:04X}"));
        }
    }

    fn operator(&mut self, c: u8) -> Option<Token> {
        use crate::ast::BinaryOp::*;
        let (c1, c2) = (self.peek(1), self.peek(2));
        let op = |op| (Token::Op(op), Token::AssignOp(op));
        // One, two or three characters, the last maybe an `=`.
        let (token, len) = match c {
            b'(' => (Token::Lparen, 1),
            b'[' => (Token::Lbrack, 1),
            b'{' => (Token::Lbrace, 1),
            b')' => (Token::Rparen, 1),
            b']' => (Token::Rbrack, 1),
            b'}' => (Token::Rbrace, 1),
            b',' => (Token::Comma, 1),
            b';' => (Token::Semi(SemiKind::Written), 1),
            b':' if c1 == b'=' => (Token::Define, 2),
            b':' => (Token::Colon, 1),
            b'.' if c1 == b'.' && c2 == b'.' => (Token::DotDotDot, 3),
            b'.' => (Token::Dot, 1),
            b'~' => (Token::Tilde, 1),
            b'+' if c1 == b'+' => (Token::IncDec(true), 2),
            b'-' if c1 == b'-' => (Token::IncDec(false), 2),
            b'=' if c1 == b'=' => (Token::Op(Eq), 2),
            b'=' => (Token::Assign, 1),
            b'!' if c1 == b'=' => (Token::Op(Ne), 2),
            b'!' => (Token::Not, 1),
            b'<' if c1 == b'-' => (Token::Arrow, 2),
            b'<' if c1 == b'=' => (Token::Op(Le), 2),
            b'>' if c1 == b'=' => (Token::Op(Ge), 2),
            b'<' if c1 != b'<' => (Token::Op(Lt), 1),
            b'>' if c1 != b'>' => (Token::Op(Gt), 1),
            b'&' if c1 == b'&' => (Token::Op(AndAnd), 2),
            b'|' if c1 == b'|' => (Token::Op(OrOr), 2),
            b'*' if c1 != b'=' => (Token::Star, 1),
            _ => {
                let ((plain, assigning), width) = match c {
                    b'+' => (op(Add), 1),
                    b'-' => (op(Sub), 1),
                    b'*' => (op(Mul), 1),
                    b'/' => (op(Div), 1),
                    b'%' => (op(Rem), 1),
                    b'|' => (op(Or), 1),
                    b'^' => (op(Xor), 1),
                    b'&' if c1 == b'^' => (op(AndNot), 2),
                    b'&' => (op(And), 1),
                    b'<' => (op(Shl), 2),
                    b'>' => (op(Shr), 2),
                    _ => return None,
                };
                if self.peek(width) == b'=' { (assigning, width + 1) } else { (plain, width) }
            }
        };
        self.at += len;
        self.need_semi = matches!(token, Token::Rparen | Token::Rbrack | Token::Rbrace | Token::IncDec(_));
        Some(token)
    }
}

fn bad_separator(text: &[u8]) -> bool {
    let mut previous = b'.';
    let mut rest = text;
    if text.len() >= 2 && text[0] == b'0' && matches!(text[1] | 0x20, b'x' | b'o' | b'b') {
        previous = b'0';
        rest = &text[2..];
    }
    for &c in rest {
        let class = match c {
            b'_' => {
                if previous != b'0' {
                    return true;
                }
                b'_'
            }
            b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' => b'0',
            _ => {
                if previous == b'_' {
                    return true;
                }
                b'.'
            }
        };
        previous = class;
    }
    previous == b'_'
}

fn shown(c: char) -> String {
    if c.is_control() { String::new() } else { format!(" {}", quoted(c)) }
}

fn quoted(c: char) -> String {
    match c {
        '\'' => "'\\''".to_string(),
        '\n' => "'\\n'".to_string(),
        c => format!("'{c}'"),
    }
}

fn keyword(text: &[u8]) -> Token {
    match text {
        b"break" => Token::Break,
        b"case" => Token::Case,
        b"chan" => Token::Chan,
        b"const" => Token::Const,
        b"continue" => Token::Continue,
        b"default" => Token::Default,
        b"defer" => Token::Defer,
        b"else" => Token::Else,
        b"fallthrough" => Token::Fallthrough,
        b"for" => Token::For,
        b"func" => Token::Func,
        b"go" => Token::Go,
        b"goto" => Token::Goto,
        b"if" => Token::If,
        b"import" => Token::Import,
        b"interface" => Token::Interface,
        b"map" => Token::Map,
        b"package" => Token::Package,
        b"range" => Token::Range,
        b"return" => Token::Return,
        b"select" => Token::Select,
        b"struct" => Token::Struct,
        b"switch" => Token::Switch,
        b"type" => Token::Type,
        b"var" => Token::Var,
        _ => Token::Name,
    }
}
