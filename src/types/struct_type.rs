//! Struct types (Go spec, "Struct types").

use crate::check::Checker;
use crate::codes::Code;
use crate::constant::Const;
use crate::hash::HashMap;
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::{self, Expr, ExprKind, Name, NodeId};
use gorace_syntax::printer::expr_string;

impl<'a> Checker<'a> {
    pub fn struct_type(&mut self, s: &'a ast::StructType) -> TypeId {
        let mut fields = Vec::new();
        let mut names: HashMap<Name, Pos> = HashMap::default();
        let mut last: Option<(NodeId, TypeId)> = None;
        for field in &s.fields {
            let ty = match last {
                Some((id, ty)) if id == field.ty.id => ty,
                _ => self.var_type(&field.ty),
            };
            last = Some((field.ty.id, ty));
            let tag = field.tag.as_ref().and_then(|t| match Const::literal(t.kind, &t.text) {
                Some(Const::String(bytes)) if !bytes.is_empty() => Some(bytes.shared()),
                _ => None,
            });
            let (name, embedded, pos) = match &field.name {
                Some(name) => (name.name.clone(), false, name.pos),
                None => match embedded_ident(&field.ty) {
                    Some((pos, name)) => (name, true, pos),
                    None => {
                        if !matches!(field.ty.kind, ExprKind::Bad) {
                            let text = expr_string(&field.ty);
                            let message = format!("invalid embedded field type {text}");
                            self.error(field.ty.pos, Code::InvalidSyntaxTree, message);
                        }
                        continue;
                    }
                },
            };
            if name != "_" {
                if let Some(&other) = names.get(&name) {
                    let more = [(other, format!("other declaration of {name}"))];
                    self.error_with(pos, Code::DuplicateDecl, format!("{name} redeclared"), &more);
                    if embedded {
                        let written = field.ty.pos;
                        self.later(move |c| c.check_embedded(ty, written));
                    }
                    continue;
                }
                names.insert(name.clone(), pos);
            }
            if embedded {
                let written = field.ty.pos;
                self.later(move |c| c.check_embedded(ty, written));
            }
            if let Some(ident) = &field.name {
                let kind = ObjKind::Var { is_field: true, is_param: false };
                let obj = self.store.new_object(kind, ident.name.clone(), Some(self.pkg), ty, ident.pos);
                self.record_definition(ident.id, obj);
            }
            let pkg = if is_exported(&name) { None } else { Some(self.pkg) };
            fields.push(Field { name, pkg, ty, embedded, tag });
        }
        self.store.intern(Type::Struct(fields.into()))
    }

    fn check_embedded(&mut self, ty: TypeId, pos: Pos) {
        let (base, pointer) = self.store.deref(ty);
        let (code, message) = match self.store.under_type(base) {
            Type::Basic(Basic::UnsafePointer) => {
                (Code::InvalidPtrEmbed, "embedded field type cannot be unsafe.Pointer")
            }
            Type::Pointer(_) => (Code::InvalidPtrEmbed, "embedded field type cannot be a pointer"),
            Type::Interface(_) if self.store.is_type_param(base) => {
                (Code::MisplacedTypeParam, "embedded field type cannot be a (pointer to a) type parameter")
            }
            Type::Interface(_) if pointer => {
                (Code::InvalidPtrEmbed, "embedded field type cannot be a pointer to an interface")
            }
            _ => return,
        };
        self.error(pos, code, message);
    }
}

/// The name of an embedded field, and its place: that of the type's name.
pub(crate) fn embedded_ident(e: &Expr) -> Option<(Pos, Name)> {
    match &e.kind {
        ExprKind::Name(name) => Some((e.pos, name.clone())),
        ExprKind::Star(x) if !matches!(x.kind, ExprKind::Star(_)) => embedded_ident(x),
        ExprKind::Paren(x) => embedded_ident(x),
        ExprKind::Selector { sel, .. } => Some((sel.pos, sel.name.clone())),
        ExprKind::Index { x, .. } => embedded_ident(x),
        _ => None,
    }
}
