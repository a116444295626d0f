//! Build constraint expressions: what stands behind `//go:build` (the go command's "Build constraints"), and the older
//! `// +build` form that files without such a line may still have.
//!
//! A constraint is a boolean expression over tags. It also sets the file's language version: the least `go1.N` without
//! which the expression cannot hold.

/// A parsed constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Constraint {
    Tag(String),
    Not(Box<Constraint>),
    And(Box<Constraint>, Box<Constraint>),
    Or(Box<Constraint>, Box<Constraint>),
}

/// Deeper nesting is refused.
const MAX_DEPTH: u32 = 1000;

impl Constraint {
    /// Parses the text behind `//go:build`.
    ///
    /// # Errors
    /// What is wrong with it, in the go command's words.
    pub fn parse(text: &str) -> Result<Constraint, String> {
        let mut parser = Parser { text: text.trim(), at: 0, token: "", depth: 0 };
        parser.next()?;
        let value = parser.or()?;
        if parser.token.is_empty() { Ok(value) } else { Err(format!("unexpected token {}", parser.token)) }
    }

    /// Parses the words behind `// +build`: alternatives, each a list of tags that must all hold.
    pub fn parse_plus_build(words: &str) -> Option<Constraint> {
        let mut any = None;
        for clause in words.split_whitespace() {
            let mut all = None;
            for word in clause.split(',') {
                let name = word.strip_prefix('!').unwrap_or(word);
                let valid = !name.is_empty() && name.chars().all(is_tag_char);
                let tag = Constraint::Tag(if valid { name } else { "ignore" }.to_string());
                let tag = if valid && word.starts_with('!') { Constraint::Not(Box::new(tag)) } else { tag };
                all = Some(match all {
                    None => tag,
                    Some(left) => Constraint::And(Box::new(left), Box::new(tag)),
                });
            }
            any = match (any, all) {
                (Some(left), Some(right)) => Some(Constraint::Or(Box::new(left), Box::new(right))),
                (left, right) => left.or(right),
            };
        }
        any
    }

    /// Its value where `has` tells which tags hold.
    pub fn holds(&self, has: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Constraint::Tag(tag) => has(tag),
            Constraint::Not(x) => !x.holds(has),
            Constraint::And(x, y) => x.holds(has) && y.holds(has),
            Constraint::Or(x, y) => x.holds(has) || y.holds(has),
        }
    }

    /// N of the least language version 1.N that it implies.
    pub fn go_minor(&self) -> Option<u32> {
        u32::try_from(self.least_minor(true)).ok()
    }

    /// The least minor version implied where the expression has this value; -1 for none.
    fn least_minor(&self, value: bool) -> i64 {
        match self {
            Constraint::Tag(_) if !value => -1,
            Constraint::Tag(tag) if tag == "go1" => 0,
            Constraint::Tag(tag) => tag.strip_prefix("go1.").and_then(|n| n.parse::<u32>().ok()).map_or(-1, i64::from),
            Constraint::Not(x) => x.least_minor(!value),
            Constraint::And(x, y) | Constraint::Or(x, y) => {
                let both = matches!(self, Constraint::And(..)) == value;
                let (x, y) = (x.least_minor(value), y.least_minor(value));
                if both { x.max(y) } else { x.min(y) }
            }
        }
    }
}

fn is_tag_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    /// Empty at the end.
    token: &'t str,
    depth: u32,
}

impl<'t> Parser<'t> {
    fn next(&mut self) -> Result<(), String> {
        let rest = self.text[self.at..].trim_start_matches([' ', '\t']);
        let start = self.text.len() - rest.len();
        let Some(first) = rest.chars().next() else {
            self.token = "";
            return Ok(());
        };
        let length = match first {
            '(' | ')' | '!' => 1,
            '&' | '|' => {
                let operator = if first == '&' { "&&" } else { "||" };
                if !rest.starts_with(operator) {
                    return Err(format!("invalid syntax at {first}"));
                }
                2
            }
            _ => rest.find(|c| !is_tag_char(c)).unwrap_or(rest.len()),
        };
        if length == 0 {
            return Err(format!("invalid syntax at {first}"));
        }
        self.token = &self.text[start..start + length];
        self.at = start + length;
        Ok(())
    }

    fn or(&mut self) -> Result<Constraint, String> {
        let mut x = self.and()?;
        while self.token == "||" {
            self.next()?;
            x = Constraint::Or(Box::new(x), Box::new(self.and()?));
        }
        Ok(x)
    }

    fn and(&mut self) -> Result<Constraint, String> {
        let mut x = self.not()?;
        while self.token == "&&" {
            self.next()?;
            x = Constraint::And(Box::new(x), Box::new(self.not()?));
        }
        Ok(x)
    }

    fn not(&mut self) -> Result<Constraint, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("expression too large".to_string());
        }
        let result = match self.token {
            "!" => {
                self.next()?;
                if self.token == "!" {
                    return Err("double negation not allowed".to_string());
                }
                Ok(Constraint::Not(Box::new(self.not()?)))
            }
            "(" => {
                self.next()?;
                let x = self.or()?;
                if self.token != ")" {
                    return Err("missing close paren".to_string());
                }
                self.next()?;
                Ok(x)
            }
            "" => Err("unexpected end of expression".to_string()),
            token if !token.starts_with(is_tag_char) => Err(format!("unexpected token {token}")),
            token => {
                let tag = Constraint::Tag(token.to_string());
                self.next()?;
                Ok(tag)
            }
        };
        self.depth -= 1;
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minor(text: &str) -> Option<u32> {
        Constraint::parse(text).unwrap().go_minor()
    }

    #[test]
    fn versions_follow_from_expressions() {
        assert_eq!(minor("go1.21"), Some(21));
        assert_eq!(minor("linux && go1.22 && go1.25"), Some(25));
        assert_eq!(minor("go1.22 || go1.25"), Some(22));
        assert_eq!(minor("go1.22 || linux"), None);
        assert_eq!(minor("!go1.22"), None);
        assert_eq!(minor("!(!go1.22 || !go1.24)"), Some(24));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "a b", "a &", "(a", "!!a", "&& a", "a || ", "a)", "\u{7f}"] {
            assert!(Constraint::parse(text).is_err(), "{text}");
        }
        assert!(Constraint::parse(&"(".repeat(1_000_000)).is_err());
        let c = Constraint::parse_plus_build("linux,!cgo darwin").unwrap();
        assert!(c.holds(&|t| t == "linux") && c.holds(&|t| t == "darwin" || t == "cgo"));
        assert!(!c.holds(&|t| t == "linux" || t == "cgo"));
    }
}
