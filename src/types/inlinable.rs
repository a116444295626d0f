//! Which functions' bodies importers may see, so that they can be inlined across packages: short ones of plain statements.
//!
//! The answer depends on the declaration alone. An importer that has the package from source and one that has it from
//! export data then compile the same.

use gorace_syntax::ast::{Block, FuncDecl, Stmt, StmtKind};

/// Bytes of source between the braces: a cheap bound; the inliner itself counts instructions.
const MOST_BYTES: u32 = 400;

/// Whether a declared function, not generic, may be inlined by importers.
pub fn inlinable(decl: &FuncDecl) -> bool {
    let Some(body) = &decl.body else { return false };
    let refused = |text: &str| matches!(text, "go:noinline" | "go:norace") || text.starts_with("go:linkname");
    decl.type_params.is_empty()
        && body.rbrace.0.saturating_sub(body.pos.0) <= MOST_BYTES
        && !decl.directives.iter().any(|d| refused(d.text.trim()))
        && block(body)
}

fn block(b: &Block) -> bool {
    b.stmts.iter().all(stmt)
}

fn stmt(s: &Stmt) -> bool {
    match &s.kind {
        StmtKind::Empty
        | StmtKind::Decl(_)
        | StmtKind::Expr(_)
        | StmtKind::IncDec { .. }
        | StmtKind::Assign { .. }
        | StmtKind::Define { .. }
        | StmtKind::Return { .. } => true,
        StmtKind::Block(b) => block(b),
        StmtKind::If(s) => block(&s.then) && s.els.as_ref().is_none_or(stmt),
        _ => false,
    }
}
