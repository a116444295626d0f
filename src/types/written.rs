//! The text of types as they are written, in the form that messages have: aliases by their names, parameters with theirs,
//! an interface's methods in their order and then what it embeds.

use crate::assignments::unparen;
use crate::check::Checker;
use crate::spelling::Spelling;
use crate::store::*;
use crate::typestring::Qualify;
use gorace_syntax::ast::{self, BinaryOp, ChanDir, Expr, ExprKind, Field as AstField, InterfaceElem, UnaryOp};

/// Writes types; without the names of parameters where messages leave them out.
struct Writer<'c, 'a> {
    c: &'c Checker<'a>,
    out: String,
    names: bool,
}

impl<'a> Checker<'a> {
    /// A spelling's text.
    pub fn spelled(&self, s: &Spelling<'a>) -> String {
        let mut writer = Writer { c: self, out: String::new(), names: true };
        writer.write_spelling(s);
        writer.out
    }

    /// A function type's text behind `func`, without the names of its parameters.
    pub fn spelled_method(&self, s: &Spelling<'a>) -> String {
        let mut writer = Writer { c: self, out: String::new(), names: false };
        writer.write_spelling(s);
        writer.out.strip_prefix("func").map_or_else(|| writer.out.clone(), str::to_string)
    }
}

impl<'a> Writer<'_, 'a> {
    fn write_spelling(&mut self, s: &Spelling<'a>) {
        match s {
            Spelling::Type(file, e) => self.write_written(*file, e),
            Spelling::Func(file, f) => {
                self.out.push_str("func");
                self.write_written_signature(None, *file, f);
            }
            Spelling::Method(name, recv, file, f) => {
                self.out.push_str("func");
                self.write_written_signature(Some((name.as_deref(), recv)), *file, f);
            }
            Spelling::Pointer(elem) => {
                self.out.push('*');
                self.write_spelling(elem);
            }
            Spelling::Slice(elem) => {
                self.out.push_str("[]");
                self.write_spelling(elem);
            }
            Spelling::Predeclared(name, _) => self.out.push_str(name),
        }
    }

    fn write_written_signature(&mut self, recv: Option<(Option<&str>, &Spelling<'a>)>, file: usize, f: &ast::FuncType) {
        self.out.push('(');
        if let Some((name, recv)) = recv {
            if let Some(name) = name {
                self.out.push_str(name);
                self.out.push(' ');
            }
            self.write_spelling(recv);
            if !f.params.is_empty() {
                self.out.push_str(", ");
            }
        }
        self.write_fields(file, &f.params);
        self.out.push(')');
        match &f.results[..] {
            [] => {}
            [only] if only.name.is_none() => {
                self.out.push(' ');
                self.write_written(file, &only.ty);
            }
            results => {
                self.out.push_str(" (");
                self.write_fields(file, results);
                self.out.push(')');
            }
        }
    }

    fn write_fields(&mut self, file: usize, fields: &[AstField]) {
        for (i, field) in fields.iter().enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            if let Some(name) = field.name.as_ref().filter(|_| self.names) {
                self.out.push_str(&name.name);
                self.out.push(' ');
            }
            self.write_written(file, &field.ty);
        }
    }

    /// A written type in the form of messages.
    fn write_written(&mut self, file: usize, e: &Expr) {
        match &e.kind {
            ExprKind::Name(_) | ExprKind::Selector { .. } => {
                let id = if let ExprKind::Selector { sel, .. } = &e.kind { sel.id } else { e.id };
                let obj = self.c.info[file].objects.get(&id).copied();
                match obj.map(|obj| self.c.store.object(obj)) {
                    Some(object) if object.kind == (ObjKind::TypeName { alias: true }) => {
                        self.out.push_str(&self.c.store.package_prefix(object.pkg, Qualify::Relative(self.c.pkg)));
                        self.out.push_str(&object.name);
                    }
                    _ => self.write_known(file, e),
                }
            }
            ExprKind::Paren(x) => self.write_written(file, x),
            ExprKind::Index { x, indices, .. } => {
                // A generic type's own text has its parameters behind it.
                let start = self.out.len();
                self.write_written(file, x);
                let end = self.out[start..].find('[').map_or(self.out.len(), |at| start + at);
                self.out.truncate(end);
                self.out.push('[');
                for (i, index) in indices.iter().enumerate() {
                    if i > 0 {
                        self.out.push(',');
                    }
                    self.write_written(file, index);
                }
                self.out.push(']');
            }
            ExprKind::Star(x) => {
                self.out.push('*');
                self.write_written(file, x);
            }
            ExprKind::SliceType(x) => {
                self.out.push_str("[]");
                self.write_written(file, x);
            }
            ExprKind::Ellipsis(Some(x)) => {
                self.out.push_str("...");
                self.write_written(file, x);
            }
            ExprKind::ArrayType { elem, .. } => match self.c.written_type(file, e).map(|t| self.c.store.get(t)) {
                Some(Type::Array { len, .. }) => {
                    self.out.push_str(&format!("[{len}]"));
                    self.write_written(file, elem);
                }
                _ => self.write_known(file, e),
            },
            ExprKind::MapType { key, value } => {
                self.out.push_str("map[");
                self.write_written(file, key);
                self.out.push(']');
                self.write_written(file, value);
            }
            ExprKind::ChanType { dir, elem } => {
                self.out.push_str(match dir {
                    ChanDir::Both => "chan ",
                    ChanDir::Send => "chan<- ",
                    ChanDir::Recv => "<-chan ",
                });
                let inner = matches!(unparen(elem).kind, ExprKind::ChanType { dir: ChanDir::Recv, .. });
                let parens = *dir != ChanDir::Send && inner;
                self.out.push_str(if parens { "(" } else { "" });
                self.write_written(file, elem);
                self.out.push_str(if parens { ")" } else { "" });
            }
            ExprKind::FuncType(f) => {
                self.out.push_str("func");
                self.write_written_signature(None, file, f);
            }
            ExprKind::StructType(s) => {
                self.out.push_str("struct{");
                for (i, field) in s.fields.iter().enumerate() {
                    self.out.push_str(if i > 0 { "; " } else { "" });
                    if let Some(name) = &field.name {
                        self.out.push_str(&name.name);
                        self.out.push(' ');
                    }
                    self.write_written(file, &field.ty);
                    if let Some(tag) = field.tag.as_ref().and_then(|t| crate::constant::unquote(&t.text)) {
                        self.out.push_str(&format!(" {:?}", String::from_utf8_lossy(&tag)));
                    }
                }
                self.out.push('}');
            }
            ExprKind::InterfaceType(i) => self.write_interface_literal(file, i),
            ExprKind::Unary { op: UnaryOp::Tilde, x } => {
                self.out.push('~');
                self.write_written(file, x);
            }
            ExprKind::Binary { op: BinaryOp::Or, x, y, .. } => {
                self.write_written(file, x);
                self.out.push_str(" | ");
                self.write_written(file, y);
            }
            _ => self.write_known(file, e),
        }
    }

    /// Methods in their order, then what is embedded.
    fn write_interface_literal(&mut self, file: usize, i: &ast::InterfaceType) {
        let mut methods = Vec::new();
        let mut embedded = Vec::new();
        for elem in &i.elems {
            match elem {
                InterfaceElem::Method { name, ty } => methods.push((&name.name, ty)),
                InterfaceElem::Embed(e) => embedded.push(e),
            }
        }
        methods.sort_by_key(|(name, _)| (!is_exported(name), *name));
        self.out.push_str("interface{");
        let mut separator = "";
        for (name, ty) in methods {
            self.out.push_str(separator);
            separator = "; ";
            self.out.push_str(name);
            self.write_written_signature(None, file, ty);
        }
        for e in embedded {
            self.out.push_str(separator);
            separator = "; ";
            self.write_written(file, e);
        }
        self.out.push('}');
    }

    /// A type as the store knows it.
    fn write_known(&mut self, file: usize, e: &Expr) {
        let ty = self.c.info[file].types[e.id.index()].ty;
        self.out.push_str(&self.c.show(ty));
    }
}
