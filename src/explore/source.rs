//! What a place in the source is about: the expression that is read, written, locked or waited on there.
//!
//! Positions in a report are those that the lowering gave the instructions: an access has the start of its expression, a
//! call its parenthesis, a send its statement, `range` the word. Several expressions may start at one place (`c`, `c.n`,
//! `c.n[i]`); the last part of what was accessed says which one is meant.

use gorace_base::finding::{Frame, Part};
use gorace_base::{FileId, Pos};
use gorace_syntax::ast::{Block, CaseClause, Decl, Expr, ExprKind, File, FuncType, Ident, Stmt, StmtKind, UnaryOp};
use gorace_syntax::printer::expr_string;
use gorace_syntax::{Mode, parse_file};
use std::collections::HashMap;
use std::path::Path;

/// A variable's declaration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    pub name: String,
    /// Its value is allocated there too.
    pub allocates: bool,
    /// The type's name, where the declaration has it.
    pub ty: Option<String>,
    /// Its value calls, or allocates somewhere inside: memory that comes from there may be another's.
    pub calls: bool,
}

impl Declared {
    /// Whether memory of a type that was allocated here, and is accessed by an expression, may be the variable's own.
    pub fn may_be(&self, whole: &str, expression: &str) -> bool {
        let last = |name: &str| {
            let name = name.split('[').next().unwrap_or(name);
            name.rsplit('.').next().unwrap_or(name).to_string()
        };
        let root = expression.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
        match &self.ty {
            _ if self.allocates => false,
            Some(ty) => last(ty) == last(whole),
            None => !self.calls || root == self.name,
        }
    }
}

/// Files as far as they were asked for.
#[derive(Default)]
pub struct Sources {
    files: HashMap<String, Option<Source>>,
}

/// A parsed file.
struct Source {
    tree: File,
    lines: Vec<u32>,
}

/// Larger files are not looked at.
const MAX_SIZE: u64 = 4 << 20;

impl Source {
    fn parse(text: &[u8]) -> Source {
        let (tree, _) = parse_file(FileId(0), 1, text, Mode::Full);
        let mut lines = vec![1];
        lines.extend(text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at as u32 + 2));
        Source { tree, lines }
    }

    fn pos(&self, line: u32, column: u32) -> Option<Pos> {
        Some(Pos(self.lines.get(line.checked_sub(1)? as usize)? + column.checked_sub(1)?))
    }
}

impl Sources {
    fn at(&mut self, frame: &Frame) -> Option<(&File, Pos)> {
        let source = self.files.entry(frame.file.clone()).or_insert_with(|| {
            let size = std::fs::metadata(Path::new(&frame.file)).ok()?.len();
            let text = (size <= MAX_SIZE).then(|| gorace_base::files::read(Path::new(&frame.file)).ok())??;
            Some(Source::parse(&text))
        });
        let source = source.as_ref()?;
        Some((&source.tree, source.pos(frame.line, frame.column)?))
    }

    /// The expression that is accessed at a place.
    pub fn accessed(&mut self, frame: &Frame, write: bool, part: &Part) -> Option<String> {
        let (tree, pos) = self.at(frame)?;
        accessed(tree, pos, write, part)
    }

    /// The lock, channel or wait group of a call, a send, a receive, a `range` or a select at a place.
    pub fn waited(&mut self, frame: &Frame) -> Option<String> {
        let (tree, pos) = self.at(frame)?;
        waited(tree, pos)
    }

    /// What is called at a place, as `s.r.Intn`.
    pub fn called(&mut self, frame: &Frame) -> Option<String> {
        let (tree, pos) = self.at(frame)?;
        called(tree, pos)
    }

    /// Whether a channel is sent on or closed at a place.
    pub fn channel_operation(&mut self, frame: &Frame) -> Option<&'static str> {
        let (tree, pos) = self.at(frame)?;
        channel_operation(tree, pos)
    }

    /// The variable that is declared at a place.
    pub fn declared(&mut self, frame: &Frame) -> Option<Declared> {
        let (tree, pos) = self.at(frame)?;
        declared(tree, pos)
    }
}

fn accessed(tree: &File, pos: Pos, write: bool, part: &Part) -> Option<String> {
    let mut starting: Vec<&Expr> = Vec::new();
    let mut target = None;
    let mut ranged = None;
    let mut called = None;
    // An access to a map may stand at the key.
    let at_key = |e: &Expr| {
        *part == Part::Map && matches!(&e.kind, ExprKind::Index { indices, .. } if indices.iter().any(|i| i.pos == pos))
    };
    walk(tree, &mut |node| match node {
        Node::Expr(e) if e.pos == pos || at_key(e) => {
            if let ExprKind::Call { fun, .. } = &e.kind {
                called = Some(fun.id);
            }
            starting.push(e);
        }
        Node::Stmt(Stmt { kind, .. }) => match kind {
            StmtKind::Assign { lhs, .. } | StmtKind::Define { lhs, .. } => {
                target = target.or(lhs.iter().find(|e| e.pos == pos));
            }
            StmtKind::IncDec { x, .. } if x.pos == pos => target = Some(x),
            StmtKind::Range(r) => {
                target = target.or([&r.key, &r.value].into_iter().flatten().find(|e| e.pos == pos));
                if r.range_pos == pos || r.x.pos == pos {
                    ranged = Some(&r.x);
                }
            }
            _ => {}
        },
        Node::Expr(_) => {}
    });
    let element = |x: &Expr| format!("{}[…]", expr_string(x));
    // Of `append`, `copy` and the like the elements of an argument.
    let builtin = starting.iter().find_map(|e| match &e.kind {
        ExprKind::Call { fun, args, .. } => match (&fun.kind, args.as_slice()) {
            (ExprKind::Name(name), [first, ..]) if matches!(name.as_str(), "append" | "clear" | "delete") => {
                Some(element(first))
            }
            (ExprKind::Name(name), [to, from]) if name == "copy" => Some(element(if write { to } else { from })),
            _ => None,
        },
        _ => None,
    });
    if builtin.is_some() {
        return builtin;
    }
    let is_part = |e: &Expr| match (&bare(e).kind, part) {
        (ExprKind::Selector { sel, .. }, Part::Field(name)) => sel.name == name.as_str(),
        (ExprKind::Index { .. }, Part::Element(_) | Part::Map) => true,
        (ExprKind::Name(_) | ExprKind::Star(_), Part::Whole) => true,
        _ => false,
    };
    let is_place = |e: &Expr| {
        matches!(e.kind, ExprKind::Name(_) | ExprKind::Selector { .. } | ExprKind::Index { .. } | ExprKind::Star(_))
    };
    // `x op= y` reads and writes what stands on its left.
    let statement = target.filter(|e| write || is_part(e) || *part == Part::Unknown);
    // The longest of those that end in the part, else the longest of all.
    let places = || starting.iter().copied().filter(|e| is_place(e));
    let longest = |list: &mut dyn Iterator<Item = &Expr>| list.map(expr_string).max_by_key(String::len);
    if let Some(x) = ranged
        && !places().any(&is_part)
        && matches!(part, Part::Element(_) | Part::Unknown | Part::Map)
    {
        return Some(if *part == Part::Map { expr_string(x) } else { element(x) });
    }
    statement
        .map(expr_string)
        .or_else(|| longest(&mut places().filter(|e| is_part(e))))
        .or_else(|| longest(&mut places().filter(|e| Some(e.id) != called)))
}

/// Without parentheses around it.
fn bare(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::Paren(x) => bare(x),
        _ => e,
    }
}

fn waited(tree: &File, pos: Pos) -> Option<String> {
    let mut found = None;
    // What stands in front of a function of a package is no object.
    let is_package = |x: &Expr| matches!(&x.kind, ExprKind::Name(name) if imports(tree).any(|i| i == name.as_str()));
    walk(tree, &mut |node| match node {
        Node::Expr(Expr { pos: start, kind, .. }) if found.is_none() => match kind {
            ExprKind::Call { fun, lparen, args, .. } if *lparen == pos || *start == pos => {
                match (&fun.kind, args.as_slice()) {
                    // `close(c)`, `atomic.AddInt64(&x, 1)`
                    (ExprKind::Name(name), [channel, ..]) if name == "close" => found = Some(expr_string(channel)),
                    (ExprKind::Selector { x, .. }, [first, ..])
                        if *lparen == pos && matches!(&x.kind, ExprKind::Name(name) if name == "atomic") =>
                    {
                        let inner = match &bare(first).kind {
                            ExprKind::Unary { op: UnaryOp::Addr, x } => x,
                            _ => first,
                        };
                        found = Some(expr_string(inner));
                    }
                    (ExprKind::Selector { x, .. }, _) if *lparen == pos && !is_package(x) => {
                        found = Some(expr_string(x))
                    }
                    _ => {}
                }
            }
            ExprKind::Unary { op: UnaryOp::Recv, x } if *start == pos => found = Some(expr_string(x)),
            _ => {}
        },
        Node::Stmt(s) if found.is_none() => match &s.kind {
            StmtKind::Send { chan, arrow, .. } if s.pos == pos || *arrow == pos => found = Some(expr_string(chan)),
            StmtKind::Range(r) if r.range_pos == pos || s.pos == pos || r.x.pos == pos => {
                found = Some(expr_string(&r.x));
            }
            StmtKind::Select(select) if s.pos == pos || select.lbrace == pos => {
                let names: Vec<String> = select.cases.iter().filter_map(|c| channel(c.comm.as_ref()?)).collect();
                found = (!names.is_empty()).then(|| names.join(", "));
            }
            _ => {}
        },
        _ => {}
    });
    found
}

fn called(tree: &File, pos: Pos) -> Option<String> {
    let mut found = None;
    walk(tree, &mut |node| {
        if let Node::Expr(Expr { kind: ExprKind::Call { fun, lparen, .. }, .. }) = node
            && *lparen == pos
            && matches!(fun.kind, ExprKind::Name(_) | ExprKind::Selector { .. })
        {
            found = Some(expr_string(fun));
        }
    });
    found
}

fn channel_operation(tree: &File, pos: Pos) -> Option<&'static str> {
    let mut found = None;
    walk(tree, &mut |node| match node {
        Node::Expr(Expr { pos: start, kind: ExprKind::Call { fun, lparen, .. }, .. })
            if (*lparen == pos || *start == pos) && matches!(&fun.kind, ExprKind::Name(name) if name == "close") =>
        {
            found = Some("close");
        }
        Node::Stmt(s) => match &s.kind {
            StmtKind::Send { arrow, .. } if s.pos == pos || *arrow == pos => found = Some("send"),
            StmtKind::Select(select) if s.pos == pos || select.lbrace == pos => found = Some("send"),
            _ => {}
        },
        Node::Expr(_) => {}
    });
    found
}

/// The names by which a file has its imports.
fn imports(tree: &File) -> impl Iterator<Item = &str> {
    let decls = tree.decls.iter().filter_map(|decl| match decl {
        Decl::Import(import) => Some(import),
        _ => None,
    });
    decls.map(|import| match &import.name {
        Some(name) => name.name.as_str(),
        None => import.path.text.trim_matches(['"', '`']).rsplit('/').next().unwrap_or(""),
    })
}

/// The channel of a communication in a select.
fn channel(comm: &Stmt) -> Option<String> {
    let received = |e: &Expr| match &bare(e).kind {
        ExprKind::Unary { op: UnaryOp::Recv, x } => Some(expr_string(x)),
        _ => None,
    };
    match &comm.kind {
        StmtKind::Send { chan, .. } => Some(expr_string(chan)),
        StmtKind::Expr(e) => received(e),
        StmtKind::Assign { rhs, .. } | StmtKind::Define { rhs, .. } => rhs.first().and_then(received),
        _ => None,
    }
}

fn declared(tree: &File, pos: Pos) -> Option<Declared> {
    let mut found = None;
    let plain =
        |ident: &Ident| (ident.pos == pos).then(|| Declared { name: ident.name.to_string(), ..Declared::default() });
    let parameters =
        |ty: &FuncType| ty.params.iter().chain(&ty.results).filter_map(|f| f.name.as_ref()).find_map(plain);
    // The name of a list that stands there, with its value.
    let listed = |at: Option<usize>, name: &dyn Fn(usize) -> String, values: &[Expr]| {
        let value = |at: usize| if values.len() == 1 { values.first() } else { values.get(at) };
        at.map(|at| Declared {
            name: name(at),
            allocates: values.get(at).is_some_and(allocates),
            ty: value(at).and_then(literal_type),
            calls: value(at).is_some_and(calls),
        })
    };
    for decl in &tree.decls {
        if let Decl::Func(f) = decl {
            let receiver = f.receiver.iter().flatten().filter_map(|r| r.name.as_ref()).find_map(plain);
            found = found.or(receiver).or_else(|| parameters(&f.ty));
        }
    }
    walk(tree, &mut |node| match node {
        Node::Expr(Expr { kind: ExprKind::FuncLit(lit), .. }) if found.is_none() => found = parameters(&lit.ty),
        Node::Stmt(s) if found.is_none() => match &s.kind {
            StmtKind::Decl(decls) => {
                found = decls.iter().find_map(|d| match d {
                    Decl::Var(v) => {
                        let at = v.names.iter().position(|n| n.pos == pos);
                        let ty = v.ty.as_ref().and_then(type_name);
                        let found = listed(at, &|at| v.names[at].name.to_string(), &v.values);
                        found.map(|found| Declared { ty: ty.or(found.ty), ..found })
                    }
                    _ => None,
                });
            }
            StmtKind::Define { lhs, rhs, .. } => {
                let at = lhs.iter().position(|e| e.pos == pos);
                found = listed(at, &|at| expr_string(&lhs[at]), rhs);
            }
            StmtKind::Range(r) if r.define => {
                let name = [&r.key, &r.value].into_iter().flatten().find(|e| e.pos == pos);
                found = name.map(|e| Declared { name: expr_string(e), ..Declared::default() });
            }
            StmtKind::TypeSwitch(t) => found = t.bind.as_ref().and_then(plain),
            _ => {}
        },
        _ => {}
    });
    found
}

/// The name of a type that has one.
fn type_name(ty: &Expr) -> Option<String> {
    let named = matches!(ty.kind, ExprKind::Name(_) | ExprKind::Selector { .. } | ExprKind::Index { .. });
    named.then(|| expr_string(ty))
}

/// The type of a value that is a literal of a named type.
fn literal_type(value: &Expr) -> Option<String> {
    match &bare(value).kind {
        ExprKind::CompositeLit { ty: Some(ty), .. } => type_name(ty),
        _ => None,
    }
}

/// Whether a value calls something, or allocates inside.
fn calls(value: &Expr) -> bool {
    let mut found = false;
    walk_expr(value, &mut |node| {
        if let Node::Expr(e) = node {
            found |= matches!(
                e.kind,
                ExprKind::Call { .. } | ExprKind::FuncLit(_) | ExprKind::Unary { op: UnaryOp::Addr, .. }
            );
        }
    });
    found
}

/// Whether a value is memory that is allocated as it is evaluated.
fn allocates(value: &Expr) -> bool {
    match &bare(value).kind {
        ExprKind::Unary { op: UnaryOp::Addr, .. } => true,
        ExprKind::CompositeLit { ty: Some(ty), .. } => {
            matches!(ty.kind, ExprKind::SliceType(_) | ExprKind::MapType { .. })
        }
        ExprKind::Call { fun, .. } => {
            matches!(&fun.kind, ExprKind::Name(name) if matches!(name.as_str(), "new" | "make"))
        }
        _ => false,
    }
}

/// What a walk comes to.
enum Node<'a> {
    Expr(&'a Expr),
    Stmt(&'a Stmt),
}

/// Every expression and statement of a file's functions and variables, outer ones first.
fn walk<'a>(tree: &'a File, each: &mut dyn FnMut(Node<'a>)) {
    for decl in &tree.decls {
        walk_decl(decl, each);
    }
}

fn walk_decl<'a>(decl: &'a Decl, each: &mut dyn FnMut(Node<'a>)) {
    match decl {
        Decl::Var(v) => v.values.iter().for_each(|e| walk_expr(e, each)),
        Decl::Func(f) => f.body.iter().for_each(|b| walk_block(b, each)),
        Decl::Import(_) | Decl::Const(_) | Decl::Type(_) => {}
    }
}

fn walk_block<'a>(block: &'a Block, each: &mut dyn FnMut(Node<'a>)) {
    block.stmts.iter().for_each(|s| walk_stmt(s, each));
}

fn walk_cases<'a>(cases: &'a [CaseClause], each: &mut dyn FnMut(Node<'a>)) {
    for case in cases {
        case.exprs.iter().for_each(|e| walk_expr(e, each));
        case.body.iter().for_each(|s| walk_stmt(s, each));
    }
}

fn walk_stmt<'a>(s: &'a Stmt, each: &mut dyn FnMut(Node<'a>)) {
    each(Node::Stmt(s));
    match &s.kind {
        StmtKind::Bad | StmtKind::Empty | StmtKind::Branch { .. } => {}
        StmtKind::Decl(decls) => decls.iter().for_each(|d| walk_decl(d, each)),
        StmtKind::Labeled { stmt, .. } => walk_stmt(stmt, each),
        StmtKind::Expr(e) => walk_expr(e, each),
        StmtKind::Send { chan, value, .. } => {
            walk_expr(chan, each);
            walk_expr(value, each);
        }
        StmtKind::IncDec { x, .. } => walk_expr(x, each),
        StmtKind::Assign { lhs, rhs, .. } | StmtKind::Define { lhs, rhs, .. } => {
            lhs.iter().chain(rhs).for_each(|e| walk_expr(e, each));
        }
        StmtKind::Go { call } | StmtKind::Defer { call } => walk_expr(call, each),
        StmtKind::Return { results } => results.iter().for_each(|e| walk_expr(e, each)),
        StmtKind::Block(b) => walk_block(b, each),
        StmtKind::If(i) => {
            i.init.iter().for_each(|s| walk_stmt(s, each));
            walk_expr(&i.cond, each);
            walk_block(&i.then, each);
            i.els.iter().for_each(|s| walk_stmt(s, each));
        }
        StmtKind::Switch(w) => {
            w.init.iter().for_each(|s| walk_stmt(s, each));
            w.tag.iter().for_each(|e| walk_expr(e, each));
            walk_cases(&w.cases, each);
        }
        StmtKind::TypeSwitch(w) => {
            w.init.iter().for_each(|s| walk_stmt(s, each));
            walk_expr(&w.x, each);
            walk_cases(&w.cases, each);
        }
        StmtKind::Select(w) => {
            for case in &w.cases {
                case.comm.iter().chain(&case.body).for_each(|s| walk_stmt(s, each));
            }
        }
        StmtKind::For(f) => {
            f.init.iter().for_each(|s| walk_stmt(s, each));
            f.cond.iter().for_each(|e| walk_expr(e, each));
            f.post.iter().for_each(|s| walk_stmt(s, each));
            walk_block(&f.body, each);
        }
        StmtKind::Range(r) => {
            [&r.key, &r.value].into_iter().flatten().for_each(|e| walk_expr(e, each));
            walk_expr(&r.x, each);
            walk_block(&r.body, each);
        }
    }
}

fn walk_expr<'a>(e: &'a Expr, each: &mut dyn FnMut(Node<'a>)) {
    each(Node::Expr(e));
    match &e.kind {
        ExprKind::CompositeLit { elems, .. } => {
            for element in elems {
                element.key.iter().for_each(|e| walk_expr(e, each));
                walk_expr(&element.value, each);
            }
        }
        ExprKind::FuncLit(lit) => walk_block(&lit.body, each),
        ExprKind::Paren(x) | ExprKind::Star(x) | ExprKind::Unary { x, .. } | ExprKind::Selector { x, .. } => {
            walk_expr(x, each);
        }
        ExprKind::TypeAssert { x, .. } => walk_expr(x, each),
        ExprKind::Index { x, indices, .. } => {
            walk_expr(x, each);
            indices.iter().for_each(|e| walk_expr(e, each));
        }
        ExprKind::Slice { x, lo, hi, max, .. } => {
            walk_expr(x, each);
            [lo, hi, max].into_iter().flatten().for_each(|e| walk_expr(e, each));
        }
        ExprKind::Call { fun, args, .. } => {
            walk_expr(fun, each);
            args.iter().for_each(|e| walk_expr(e, each));
        }
        ExprKind::Binary { x, y, .. } => {
            walk_expr(x, each);
            walk_expr(y, each);
        }
        ExprKind::Bad
        | ExprKind::Name(_)
        | ExprKind::Lit(_)
        | ExprKind::Ellipsis(_)
        | ExprKind::ArrayType { .. }
        | ExprKind::SliceType(_)
        | ExprKind::StructType(_)
        | ExprKind::FuncType(_)
        | ExprKind::InterfaceType(_)
        | ExprKind::MapType { .. }
        | ExprKind::ChanType { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `source` with `@` in front of the place.
    fn place(source: &str) -> (File, Pos) {
        let at = source.find('@').expect("a place");
        let text = format!("package p\nfunc f() {{\n{}\n}}\n", source.replacen('@', "", 1));
        let start = text.find("{\n").expect("a body") + 2;
        let (tree, errors) = parse_file(FileId(0), 1, text.as_bytes(), Mode::Full);
        assert!(errors.is_empty(), "{errors:?}");
        (tree, Pos((start + at + 1) as u32))
    }

    #[test]
    fn accesses_are_named_by_what_was_accessed() {
        let field = |name: &str| Part::Field(name.to_string());
        for (source, write, part, expected) in [
            ("@n++", true, Part::Whole, "n"),
            ("@c.n++", false, field("n"), "c.n"),
            ("@c.n++", false, Part::Whole, "c"),
            ("x := @c.n.m", false, field("n"), "c.n"),
            ("x := @c.n.m", false, field("m"), "c.n.m"),
            ("x := @c.n.m", false, Part::Unknown, "c.n.m"),
            ("@results[i] = y", true, Part::Element(3), "results[i]"),
            ("@results[i] = y", false, Part::Whole, "results"),
            ("*@p = *q", false, Part::Whole, "p"),
            ("@*p = 1", true, Part::Whole, "*p"),
            ("xs = @append(xs, 1)", true, Part::Element(0), "xs[…]"),
            ("@copy(a, b)", false, Part::Element(0), "b[…]"),
            ("@copy(a, b)", true, Part::Element(0), "a[…]"),
            ("for _, v := range @xs.all {}", false, Part::Element(0), "xs.all[…]"),
            ("for _, v := range @xs.all {}", false, field("all"), "xs.all"),
            ("s.refs[@field]++", false, Part::Map, "s.refs[field]"),
            ("for k := range @s.refs {}", false, Part::Map, "s.refs"),
            ("x := @g(1)", false, Part::Unknown, ""),
        ] {
            let (tree, pos) = place(source);
            assert_eq!(accessed(&tree, pos, write, &part).unwrap_or_default(), expected, "{source} {part:?}");
        }
    }

    #[test]
    fn waits_are_named_by_what_is_waited_for() {
        for (source, expected) in [
            ("s.mu.Lock@()", "s.mu"),
            ("wg.Wait@()", "wg"),
            ("@h.events <- e", "h.events"),
            ("x := @<-c", "c"),
            ("for x := @range lines {}", "lines"),
            ("@select { case a <- 1: case x := <-b: default: }", "a, b"),
            ("atomic.AddInt64@(&s.n, 1)", "s.n"),
            ("g@()", ""),
        ] {
            let (tree, pos) = place(source);
            assert_eq!(waited(&tree, pos).unwrap_or_default(), expected, "{source}");
        }
    }

    #[test]
    fn calls_are_named_by_what_is_called() {
        for (source, expected) in [("s.r.Intn@(3)", "s.r.Intn"), ("f(g@(1))", "g"), ("func() {}@()", ""), ("@f(1)", "")]
        {
            let (tree, pos) = place(source);
            assert_eq!(called(&tree, pos).unwrap_or_default(), expected, "{source}");
        }
    }

    #[test]
    fn operations_on_channels_are_told_apart() {
        for (source, expected) in [
            ("@c <- 1", Some("send")),
            ("@close(c)", Some("close")),
            ("@select { case c <- 1: default: }", Some("send")),
            ("@c = nil", None),
            ("@f(c)", None),
        ] {
            let (tree, pos) = place(source);
            assert_eq!(channel_operation(&tree, pos), expected, "{source}");
        }
    }

    #[test]
    fn declarations_are_known_and_what_they_allocate() {
        for (source, expected) in [
            ("@n := 1", Some(("n", false))),
            ("a, @b := 1, &T{}", Some(("b", true))),
            ("var @xs = make([]int, 3)", Some(("xs", true))),
            ("var c, @d T", Some(("d", false))),
            ("for i, @v := range xs {}", Some(("v", false))),
            ("g(func(@x int) {})", Some(("x", false))),
            ("@x = 1", None),
        ] {
            let (tree, pos) = place(source);
            let found = declared(&tree, pos);
            assert_eq!(found.as_ref().map(|d| (d.name.as_str(), d.allocates)), expected, "{source}");
        }
    }
}
