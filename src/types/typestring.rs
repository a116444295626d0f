//! Types as text: as gc prints them in messages, and as link names with full package paths.

use crate::store::*;
use gorace_syntax::ast::ChanDir;
use std::fmt::Write;

/// Types in messages are cut off behind so many bytes.
const MAX_TEXT: usize = 10_000;

/// How packages are named.
#[derive(Debug, Clone, Copy)]
pub enum Qualify {
    /// By name (by quoted path where two have the name), the given package not at all: messages.
    Relative(PkgId),
    /// As in messages, by full path.
    Full,
    /// By full path: symbols.
    Path,
    /// By name: reflect and stack traces.
    Name,
}

impl Qualify {
    fn is_message(self) -> bool {
        matches!(self, Qualify::Relative(_) | Qualify::Full)
    }
}

impl Store {
    pub fn type_string(&self, ty: TypeId, qualify: Qualify) -> String {
        let mut out = String::new();
        self.write_type(&mut out, ty, qualify);
        out
    }

    pub(crate) fn package_prefix(&self, pkg: Option<PkgId>, qualify: Qualify) -> String {
        let Some(pkg) = pkg else { return String::new() };
        let package = self.package(pkg);
        match qualify {
            Qualify::Relative(here) if here == pkg => String::new(),
            Qualify::Path | Qualify::Full => format!("{}.", package.path),
            // By the name, unless another package that this one sees has it too.
            Qualify::Relative(here) if self.is_ambiguous(here, pkg) => format!("{:?}.", package.path),
            Qualify::Relative(_) => format!("{}.", package.name),
            Qualify::Name => format!("{}.", package.name),
        }
    }

    /// Whether the package `here` imports, directly or not, another package of the same name.
    fn is_ambiguous(&self, here: PkgId, pkg: PkgId) -> bool {
        let name = &self.package(pkg).name;
        let mut seen = crate::hash::HashSet::from_iter([here]);
        let mut work = vec![here];
        while let Some(at) = work.pop() {
            let package = self.package(at);
            if at != pkg && package.name == *name {
                return true;
            }
            work.extend(package.imports.iter().copied().filter(|&p| seen.insert(p)));
        }
        false
    }

    fn list(&self, out: &mut String, types: &[TypeId], variadic: bool, qualify: Qualify) {
        for (i, &ty) in types.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            match self.get(ty) {
                Type::Slice(elem) if variadic && i + 1 == types.len() => {
                    out.push_str("...");
                    self.write_type(out, *elem, qualify);
                }
                _ => self.write_type(out, ty, qualify),
            }
        }
    }

    pub fn write_signature(&self, out: &mut String, s: &Signature, qualify: Qualify) {
        out.push('(');
        self.list(out, &s.params, s.variadic, qualify);
        out.push(')');
        match &s.results[..] {
            [] => {}
            [one] => {
                out.push(' ');
                self.write_type(out, *one, qualify);
            }
            many => {
                out.push_str(" (");
                self.list(out, many, false, qualify);
                out.push(')');
            }
        }
    }

    fn write_type(&self, out: &mut String, ty: TypeId, qualify: Qualify) {
        // Nobody reads more, and types can be written shorter than they print by far.
        if out.len() > MAX_TEXT && qualify.is_message() {
            if !out.ends_with('…') {
                out.push('…');
            }
            return;
        }
        match self.get(ty) {
            Type::Basic(b) => out.push_str(b.name()),
            Type::Array { elem, len } => {
                let _ = write!(out, "[{len}]");
                self.write_type(out, *elem, qualify);
            }
            Type::Slice(elem) => {
                out.push_str("[]");
                self.write_type(out, *elem, qualify);
            }
            Type::Pointer(elem) => {
                out.push('*');
                self.write_type(out, *elem, qualify);
            }
            Type::Map { key, elem } => {
                out.push_str("map[");
                self.write_type(out, *key, qualify);
                out.push(']');
                self.write_type(out, *elem, qualify);
            }
            Type::Chan { dir, elem } => {
                out.push_str(match dir {
                    ChanDir::Both => "chan ",
                    ChanDir::Send => "chan<- ",
                    ChanDir::Recv => "<-chan ",
                });
                let parens = *dir == ChanDir::Both && matches!(self.get(*elem), Type::Chan { dir: ChanDir::Recv, .. });
                if parens {
                    out.push('(');
                }
                self.write_type(out, *elem, qualify);
                if parens {
                    out.push(')');
                }
            }
            Type::Struct(fields) => {
                out.push_str(match (qualify.is_message(), fields.is_empty()) {
                    (true, _) => "struct{",
                    (_, true) => "struct {",
                    _ => "struct { ",
                });
                let spaced = !qualify.is_message() && !fields.is_empty();
                for (i, field) in fields.iter().enumerate() {
                    if i > 0 {
                        out.push_str("; ");
                    }
                    if !field.embedded {
                        if matches!(qualify, Qualify::Path) {
                            out.push_str(&self.package_prefix(field.pkg, qualify));
                        }
                        out.push_str(&field.name);
                        out.push(' ');
                    }
                    let before = out.len();
                    self.write_type(out, field.ty, qualify);
                    // Embedded under an alias, a field has another name than its type, and the struct is another type.
                    if field.embedded && matches!(qualify, Qualify::Path) && !is_named_as(&out[before..], &field.name) {
                        out.insert_str(before, &format!("{} = ", field.name));
                    }
                    if let Some(tag) = &field.tag {
                        let _ = write!(out, " {:?}", String::from_utf8_lossy(tag));
                    }
                }
                out.push_str(if spaced { " }" } else { "}" });
            }
            Type::Tuple(parts) => {
                out.push('(');
                self.list(out, parts, false, qualify);
                out.push(')');
            }
            Type::Signature(s) => {
                out.push_str("func");
                if !s.type_params.is_empty() {
                    out.push('[');
                    self.type_param_list(out, &s.type_params, qualify);
                    out.push(']');
                }
                self.write_signature(out, s, qualify);
            }
            Type::Interface(i) => self.write_interface(out, i, ty, qualify),
            Type::Named(at) => {
                let named = &self.named[*at as usize];
                let obj = self.object(named.obj);
                out.push_str(&self.package_prefix(obj.pkg, qualify));
                out.push_str(&obj.name);
                if named.local > 0 && matches!(qualify, Qualify::Path) {
                    let _ = write!(out, "·{}", named.local);
                }
                let targs = if qualify.is_message() { named.own_targs() } else { &named.targs[..] };
                if !targs.is_empty() {
                    out.push('[');
                    for (i, &t) in targs.iter().enumerate() {
                        if i > 0 {
                            out.push(',');
                        }
                        let inner = if matches!(qualify, Qualify::Name) { Qualify::Path } else { qualify };
                        self.write_type(out, t, inner);
                    }
                    out.push(']');
                } else if named.is_generic() && qualify.is_message() {
                    // The generic type stands for its instance with its own parameters.
                    out.push('[');
                    self.list(out, &named.type_params[named.outer as usize..], false, qualify);
                    out.push(']');
                }
            }
            Type::TypeParam(at) => {
                let param = &self.type_params[*at as usize];
                let object = self.object(param.obj);
                out.push_str(&object.name);
                // A parameter that hides a predeclared name says so.
                if qualify.is_message() && self.scopes[self.universe.index()].names.contains_key(&object.name) {
                    let _ = write!(out, " /* with {} declared at {} */", object.name, crate::check::place(object.pos));
                }
                if matches!(qualify, Qualify::Path) {
                    let _ = write!(out, "·{at}");
                }
            }
        }
    }

    /// A generic type's or alias's name with its type parameters.
    pub(crate) fn generic_text(&self, name: &str, params: &[TypeId], qualify: Qualify) -> String {
        let mut out = format!("{name}[");
        self.type_param_list(&mut out, params, qualify);
        out.push(']');
        out
    }

    fn type_param_list(&self, out: &mut String, params: &[TypeId], qualify: Qualify) {
        // Parameters in a row that share a constraint share its text.
        for (i, &p) in params.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            self.write_type(out, p, qualify);
            let constraint = |p: TypeId| self.as_type_param(p).map(|p| p.constraint);
            if let Some(own) = constraint(p)
                && params.get(i + 1).is_none_or(|&next| constraint(next) != Some(own))
            {
                out.push(' ');
                self.write_type(out, own, qualify);
            }
        }
    }

    fn write_interface(&self, out: &mut String, i: &Interface, ty: TypeId, qualify: Qualify) {
        let terms = |out: &mut String, terms: &[Term]| {
            for (k, term) in terms.iter().enumerate() {
                if k > 0 {
                    out.push_str(" | ");
                }
                if term.tilde {
                    out.push('~');
                }
                self.write_type(out, term.ty, qualify);
            }
        };
        if let (true, Some(list)) = (i.implicit && i.methods.is_empty(), &i.terms) {
            return terms(out, list);
        }
        if ty == self.any_type {
            out.push_str(if qualify.is_message() { "any" } else { "interface {}" });
            return;
        }
        let spaced = !qualify.is_message();
        out.push_str(if spaced { "interface { " } else { "interface{" });
        let mut first = true;
        let mut separate = |out: &mut String| {
            if !std::mem::replace(&mut first, false) {
                out.push_str("; ");
            }
        };
        for method in i.methods.iter() {
            separate(out);
            let exported = crate::is_exported(&method.name);
            if matches!(qualify, Qualify::Path) || matches!(qualify, Qualify::Name) && !exported {
                out.push_str(&self.package_prefix(method.pkg, qualify));
            }
            out.push_str(&method.name);
            if let Type::Signature(s) = self.get(method.signature) {
                self.write_signature(out, s, qualify);
            }
        }
        if i.comparable {
            separate(out);
            out.push_str("comparable");
        }
        if let Some(list) = &i.terms {
            separate(out);
            terms(out, list);
        }
        out.push_str(if spaced { " }" } else { "}" });
    }
}

/// Whether a type's text ends in a name, before type arguments.
fn is_named_as(text: &str, name: &str) -> bool {
    let text = text.split('[').next().unwrap_or(text).trim_start_matches('*');
    text.rsplit(['.', '/']).next() == Some(name)
}
