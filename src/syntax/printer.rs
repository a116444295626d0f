//! Expressions as gc prints them in messages.

use crate::ast::*;

/// The text of an expression, function bodies and type bodies shortened to `…`.
pub fn expr_string(e: &Expr) -> String {
    let mut out = String::new();
    write_expr(&mut out, e);
    out
}

/// The operator's text.
pub fn binary_op(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::OrOr => "||",
        BinaryOp::AndAnd => "&&",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Or => "|",
        BinaryOp::Xor => "^",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Rem => "%",
        BinaryOp::And => "&",
        BinaryOp::AndNot => "&^",
        BinaryOp::Shl => "<<",
        BinaryOp::Shr => ">>",
    }
}

/// The operator's text.
pub fn unary_op(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Plus => "+",
        UnaryOp::Neg => "-",
        UnaryOp::Not => "!",
        UnaryOp::Xor => "^",
        UnaryOp::Addr => "&",
        UnaryOp::Recv => "<-",
        UnaryOp::Tilde => "~",
    }
}

fn list(out: &mut String, items: &[Expr]) {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write_expr(out, item);
    }
}

fn opt(out: &mut String, e: &Option<Box<Expr>>) {
    if let Some(e) = e {
        write_expr(out, e);
    }
}

fn fields(out: &mut String, fields: &[Field]) {
    let mut i = 0;
    while i < fields.len() {
        if i > 0 {
            out.push_str(", ");
        }
        // Names that share one written type stand together.
        let mut end = i + 1;
        while end < fields.len() && fields[i].name.is_some() && fields[end].ty.id == fields[i].ty.id {
            end += 1;
        }
        let names: Vec<&str> = fields[i..end].iter().filter_map(|f| f.name.as_ref()).map(|n| n.name.as_str()).collect();
        if !names.is_empty() {
            out.push_str(&names.join(", "));
            out.push(' ');
        }
        write_expr(out, &fields[i].ty);
        i = end;
    }
}

fn signature(out: &mut String, ty: &FuncType) {
    out.push('(');
    fields(out, &ty.params);
    out.push(')');
    match ty.results.as_slice() {
        [] => {}
        [only] if only.name.is_none() => {
            out.push(' ');
            write_expr(out, &only.ty);
        }
        results => {
            out.push_str(" (");
            fields(out, results);
            out.push(')');
        }
    }
}

fn write_expr(out: &mut String, e: &Expr) {
    match &e.kind {
        ExprKind::Bad => out.push('_'),
        ExprKind::Name(name) => out.push_str(name),
        ExprKind::Lit(lit) => out.push_str(&lit.text),
        ExprKind::CompositeLit { ty, elems, .. } => {
            opt(out, ty);
            out.push_str(if elems.is_empty() { "{}" } else { "{…}" });
        }
        ExprKind::FuncLit(lit) => {
            out.push_str("func");
            signature(out, &lit.ty);
            out.push_str(if lit.body.stmts.is_empty() { " {}" } else { " {…}" });
        }
        ExprKind::Paren(x) => {
            out.push('(');
            write_expr(out, x);
            out.push(')');
        }
        ExprKind::Selector { x, sel } => {
            write_expr(out, x);
            out.push('.');
            out.push_str(&sel.name);
        }
        ExprKind::Index { x, indices, .. } => {
            write_expr(out, x);
            out.push('[');
            list(out, indices);
            out.push(']');
        }
        ExprKind::Slice { x, lo, hi, max, full, .. } => {
            write_expr(out, x);
            out.push('[');
            opt(out, lo);
            out.push(':');
            opt(out, hi);
            if *full {
                out.push(':');
                opt(out, max);
            }
            out.push(']');
        }
        ExprKind::TypeAssert { x, ty, .. } => {
            write_expr(out, x);
            out.push_str(".(");
            match ty {
                Some(ty) => write_expr(out, ty),
                None => out.push_str("type"),
            }
            out.push(')');
        }
        ExprKind::Call { fun, args, ellipsis, .. } => {
            write_expr(out, fun);
            out.push('(');
            list(out, args);
            if ellipsis.is_some() {
                out.push_str("...");
            }
            out.push(')');
        }
        ExprKind::Star(x) => {
            out.push('*');
            write_expr(out, x);
        }
        ExprKind::Unary { op, x } => {
            out.push_str(unary_op(*op));
            write_expr(out, x);
        }
        ExprKind::Binary { op, x, y, .. } => {
            write_expr(out, x);
            out.push(' ');
            out.push_str(binary_op(*op));
            out.push(' ');
            write_expr(out, y);
        }
        ExprKind::Ellipsis(elem) => {
            out.push_str("...");
            opt(out, elem);
        }
        ExprKind::ArrayType { len, elem } => {
            out.push('[');
            write_expr(out, len);
            out.push(']');
            write_expr(out, elem);
        }
        ExprKind::SliceType(elem) => {
            out.push_str("[]");
            write_expr(out, elem);
        }
        ExprKind::StructType(s) => out.push_str(if s.fields.is_empty() { "struct{}" } else { "struct{…}" }),
        ExprKind::FuncType(ty) => {
            out.push_str("func");
            signature(out, ty);
        }
        ExprKind::InterfaceType(i) => out.push_str(if i.elems.is_empty() { "interface{}" } else { "interface{…}" }),
        ExprKind::MapType { key, value } => {
            out.push_str("map[");
            write_expr(out, key);
            out.push(']');
            write_expr(out, value);
        }
        ExprKind::ChanType { dir, elem } => {
            out.push_str(match dir {
                ChanDir::Both => "chan ",
                ChanDir::Send => "chan<- ",
                ChanDir::Recv => "<-chan ",
            });
            write_expr(out, elem);
        }
    }
}
