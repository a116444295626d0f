//! Labels and jumps (Go spec, "Labeled statements", "Goto statements"): each label is declared once and used, `break` and
//! `continue` name an enclosing statement, `goto` enters no block and skips no variable declaration.
//!
//! One walk over the body. A forward `goto` waits in its block until the label comes (then a variable declared in
//! between is an error) or the block ends (then it waits in the block around).

use crate::check::{Checker, line, place};
use crate::codes::Code;
use crate::hash::HashMap;
use gorace_base::Pos;
use gorace_syntax::ast::{Block, BranchKind, Decl, Ident, Name, Stmt, StmtKind};

struct Jump<'a> {
    label: &'a Ident,
    /// The first variable declared after the jump in the block where it waits.
    skipped: Option<(Name, Pos)>,
}

/// What a label stands before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Loop,
    Switch,
    Other,
}

#[derive(Default)]
struct Labels<'a> {
    /// All labels of the function, and whether something jumps to them.
    all: HashMap<&'a str, (Pos, bool)>,
    /// Enclosing labelled statements.
    enclosing: Vec<(&'a str, Target)>,
    /// For each open block, the labels seen in it so far.
    blocks: Vec<Vec<&'a str>>,
    errors: Vec<(Pos, Code, String)>,
    /// Where the blocks begin that are open.
    starts: Vec<Pos>,
    /// For each label the block that it stands in.
    block_of: HashMap<&'a str, Pos>,
    /// In types2's words, as its own test expects them; otherwise in the compiler's, whose parser looks at labels.
    fixture: bool,
}

impl<'a> Checker<'a> {
    /// Checks a function body's labels; bodies of function literals are checked on their own.
    pub fn labels(&mut self, body: &'a Block) {
        let mut labels = Labels { fixture: self.config.fixture, ..Labels::default() };
        let rest = labels.block(body.pos, &body.stmts);
        let fixture = labels.fixture;
        for jump in rest {
            let name = &jump.label.name;
            let (code, message) = match labels.all.get_mut(name.as_str()) {
                Some((_, used)) => {
                    *used = true;
                    (Code::JumpIntoBlock, labels.jump_into_block(name))
                }
                None if fixture => (Code::UndeclaredLabel, format!("label {name} not declared")),
                None => (Code::UndeclaredLabel, format!("label {name} not defined")),
            };
            labels.errors.push((jump.label.pos, code, message));
        }
        let word = if fixture { "declared" } else { "defined" };
        for (name, (pos, used)) in &labels.all {
            if !used {
                self.soft_error(*pos, Code::UnusedLabel, format!("label {name} {word} and not used"));
            }
        }
        for (pos, code, message) in labels.errors {
            self.error(pos, code, message);
        }
    }
}

impl<'a> Labels<'a> {
    /// Walks a block; gives the jumps whose label it does not hold.
    fn block(&mut self, start: Pos, list: &'a [Stmt]) -> Vec<Jump<'a>> {
        self.blocks.push(Vec::new());
        self.starts.push(start);
        let mut waiting = Vec::new();
        for s in list {
            self.stmt(s, &mut waiting, None);
        }
        self.blocks.pop();
        self.starts.pop();
        for jump in &mut waiting {
            jump.skipped = None;
        }
        waiting
    }

    fn stmt(&mut self, s: &'a Stmt, waiting: &mut Vec<Jump<'a>>, label: Option<&'a str>) {
        let target = match &s.kind {
            StmtKind::For(_) | StmtKind::Range(_) => Target::Loop,
            StmtKind::Switch(_) | StmtKind::TypeSwitch(_) | StmtKind::Select(_) => Target::Switch,
            _ => Target::Other,
        };
        if let Some(label) = label {
            self.enclosing.push((label, target));
        }
        match &s.kind {
            StmtKind::Decl(decls) => {
                for decl in decls {
                    if let Decl::Var(v) = decl
                        && let Some(name) = v.names.first()
                    {
                        declared(waiting, &name.name, v.pos);
                    }
                }
            }
            StmtKind::Define { lhs, op_pos, .. } => {
                let name = lhs.first().map(gorace_syntax::printer::expr_string).unwrap_or_default();
                declared(waiting, &Name::from(name), *op_pos);
            }
            StmtKind::Labeled { label, stmt } => {
                self.define(label, waiting);
                self.stmt(stmt, waiting, Some(&label.name));
            }
            StmtKind::Branch { kind, label: Some(label) } => self.branch(*kind, label, waiting),
            StmtKind::Block(block) => waiting.extend(self.block(block.pos, &block.stmts)),
            StmtKind::If(i) => {
                waiting.extend(self.block(i.then.pos, &i.then.stmts));
                if let Some(els) = &i.els {
                    self.stmt(els, waiting, None);
                }
            }
            StmtKind::Switch(s) => {
                for case in &s.cases {
                    waiting.extend(self.block(case.pos, &case.body));
                }
            }
            StmtKind::TypeSwitch(s) => {
                for case in &s.cases {
                    waiting.extend(self.block(case.pos, &case.body));
                }
            }
            StmtKind::Select(s) => {
                for case in &s.cases {
                    waiting.extend(self.block(case.pos, &case.body));
                }
            }
            StmtKind::For(s) => waiting.extend(self.block(s.body.pos, &s.body.stmts)),
            StmtKind::Range(s) => waiting.extend(self.block(s.body.pos, &s.body.stmts)),
            _ => {}
        }
        if label.is_some() {
            self.enclosing.pop();
        }
    }

    fn define(&mut self, label: &'a Ident, waiting: &mut Vec<Jump<'a>>) {
        let name = label.name.as_str();
        if name == "_" {
            return;
        }
        if self.all.contains_key(name) {
            let other = self.all[name].0;
            let message = if self.fixture {
                format!("label {name} already declared\n\t{}: other declaration of {name}", place(other))
            } else {
                format!("label {name} already defined at {}", place(other))
            };
            self.errors.push((label.pos, Code::DuplicateLabel, message));
            return;
        }
        self.all.insert(name, (label.pos, false));
        if let Some(&start) = self.starts.last() {
            self.block_of.insert(name, start);
        }
        if let Some(block) = self.blocks.last_mut() {
            block.push(name);
        }
        let (found, rest): (Vec<Jump>, Vec<Jump>) = waiting.drain(..).partition(|j| j.label.name == label.name);
        *waiting = rest;
        for jump in found {
            self.used(name);
            if let Some((variable, pos)) = jump.skipped {
                let message = if self.fixture {
                    format!("goto {name} jumps over variable declaration at line {}", line(pos))
                } else {
                    format!("goto {name} jumps over declaration of {variable} at {}", place(pos))
                };
                self.errors.push((jump.label.pos, Code::JumpOverDecl, message));
            }
        }
    }

    fn jump_into_block(&self, name: &str) -> String {
        match self.block_of.get(name) {
            Some(&start) if !self.fixture => format!("goto {name} jumps into block starting at {}", place(start)),
            _ => format!("goto {name} jumps into block"),
        }
    }

    fn used(&mut self, name: &str) {
        if let Some((_, used)) = self.all.get_mut(name) {
            *used = true;
        }
    }

    fn branch(&mut self, kind: BranchKind, label: &'a Ident, waiting: &mut Vec<Jump<'a>>) {
        let name = label.name.as_str();
        let known = self.all.contains_key(name);
        match kind {
            BranchKind::Goto => {
                if self.blocks.iter().any(|block| block.contains(&name)) {
                    self.used(name);
                } else if known {
                    self.used(name);
                    let message = self.jump_into_block(name);
                    self.errors.push((label.pos, Code::JumpIntoBlock, message));
                } else {
                    waiting.push(Jump { label, skipped: None });
                }
            }
            BranchKind::Break | BranchKind::Continue => {
                let blank = self.fixture && name == "_";
                let target = self.enclosing.iter().rev().find(|(n, _)| *n == name).map(|(_, t)| *t);
                let word = if kind == BranchKind::Break { "break" } else { "continue" };
                let wrong = match target {
                    None if !known && !self.fixture => Some(format!("{word} label not defined: {name}")),
                    Some(Target::Loop) if !blank => None,
                    Some(Target::Switch) if kind == BranchKind::Break && !blank => None,
                    _ => Some(format!("invalid {word} label {name}")),
                };
                match wrong {
                    Some(message) => self.errors.push((label.pos, Code::MisplacedLabel, message)),
                    None => self.used(name),
                }
                if !self.fixture {
                    self.used(name);
                }
            }
            BranchKind::Fallthrough => {}
        }
    }
}

/// A variable declared while jumps wait: the last one is what messages speak of.
fn declared(waiting: &mut [Jump], name: &Name, pos: Pos) {
    for jump in waiting {
        jump.skipped = Some((name.clone(), pos));
    }
}
