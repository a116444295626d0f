//! `//go:` directives and what they belong to, as in gc: a directive stands alone on its line, and the declaration behind it
//! takes it. What nothing takes, and what a declaration takes that is no business of it, is misplaced.
//!
//! What nothing takes is an error of the parser; the rest is told in `File::misplaced`, as gc reports it only of packages
//! that are right otherwise.

use super::Parser;
use crate::ast::{Decl, Directive};
use gorace_base::Pos;

/// Verbs that gc knows for declarations of functions.
const OF_FUNCTIONS: [&str; 13] = [
    "go:noescape",
    "go:norace",
    "go:nosplit",
    "go:noinline",
    "go:nocheckptr",
    "go:systemstack",
    "go:nowritebarrier",
    "go:nowritebarrierrec",
    "go:yeswritebarrierrec",
    "go:cgo_unsafe_args",
    "go:uintptrkeepalive",
    "go:uintptrescapes",
    "go:registerparams",
];

const MISPLACED: &str = "misplaced compiler directive";
const MISPLACED_EMBED: &str = "misplaced go:embed directive";

/// What takes directives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taker {
    Package,
    Func,
    /// The variables are looked at when they have been read (`variable_directives`).
    Var,
    Other,
}

/// Whether a directive has nothing before it on its line but space.
fn stands_alone(text: &[u8], start: usize) -> bool {
    text[..start].iter().rev().take_while(|&&c| c != b'\n').all(|c| matches!(c, b' ' | b'\t' | b'\r'))
}

fn verb(text: &str) -> &str {
    text.split_once(' ').map_or(text, |(verb, _)| verb)
}

/// The error of a directive that nothing may take but a declaration of the given kind.
fn complaint(text: &str, taker: Option<Taker>) -> Option<&'static str> {
    let of_function = OF_FUNCTIONS.contains(&verb(text)) && taker != Some(Taker::Func);
    let constraint = verb(text) == "go:build" && taker != Some(Taker::Package);
    let embed = verb(text) == "go:embed" && taker != Some(Taker::Var);
    if embed { Some(MISPLACED_EMBED) } else { (of_function || constraint).then_some(MISPLACED) }
}

impl Parser<'_> {
    /// The directives that stand directly above the token to come (all not yet taken).
    pub(super) fn take_directives(&mut self, taker: Taker) -> Vec<Directive> {
        let from = std::mem::replace(&mut self.directives_taken, self.scanner.directives.len());
        let directives = self.directives(from);
        for directive in &directives {
            // Comments behind code have been reported.
            let start = (directive.pos.0 - self.base) as usize;
            if let Some(message) = complaint(&directive.text, Some(taker))
                && stands_alone(self.text, start)
            {
                self.misplaced.push((directive.pos.offset(2), message));
            }
        }
        directives
    }

    /// Reports the directives that nothing has taken up to here.
    pub(super) fn clear_directives(&mut self) {
        // Most often there are none.
        if self.directives_taken == self.scanner.directives.len() {
            return;
        }
        let from = std::mem::replace(&mut self.directives_taken, self.scanner.directives.len());
        for directive in self.directives(from) {
            let start = (directive.pos.0 - self.base) as usize;
            if let Some(message) = complaint(&directive.text, None)
                && stands_alone(self.text, start)
            {
                self.report(directive.pos.offset(2), message.to_string());
            }
        }
    }

    pub(super) fn directives(&self, from: usize) -> Vec<Directive> {
        self.scanner.directives[from..]
            .iter()
            .map(|c| Directive {
                pos: Pos(self.base + c.start as u32),
                text: String::from_utf8_lossy(&self.text[c.start + 2..c.end]).as_ref().into(),
            })
            .collect()
    }

    /// Reports directives with code before them on their lines.
    pub(super) fn directives_behind_code(&mut self) {
        for directive in self.directives(0) {
            let start = (directive.pos.0 - self.base) as usize;
            if directive.text.starts_with("go:") && !stands_alone(self.text, start) {
                self.report(directive.pos.offset(2), MISPLACED.to_string());
            }
        }
    }

    /// Looks at the `//go:embed` lines of variables that have been read from the `from`-th declaration on.
    pub(super) fn variable_directives(&mut self, decls: &[Decl], from: usize, imports_embed: bool, in_function: bool) {
        for decl in decls.get(from..).unwrap_or_default() {
            let Decl::Var(var) = decl else { continue };
            let Some(embed) = var.directives.iter().find(|d| verb(&d.text) == "go:embed") else { continue };
            let message = if !imports_embed {
                "go:embed requires import \"embed\" (or import _ \"embed\", if package is not used)"
            } else if var.names.len() > 1 {
                "go:embed cannot apply to multiple vars"
            } else if !var.values.is_empty() {
                "go:embed cannot apply to var with initializer"
            } else if in_function {
                "go:embed cannot apply to var inside func"
            } else {
                continue;
            };
            self.misplaced.push((embed.pos.offset(2), message));
        }
    }
}
