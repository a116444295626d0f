//! What gc checks of compiler directives (`//go:linkname` and the like), of bodies that are missing, of large elements, and of
//! interface literals that lead back to themselves.
//!
//! Directives whose own text is wrong are reported at once; where they stand, and what they name, only when the package
//! is right otherwise (as gc's writer of the checked package does).

use crate::check::Checker;
use crate::codes::Code;
use crate::hash::HashSet;
use crate::store::ObjKind;
use gorace_base::Pos;
use gorace_syntax::ast::Decl;

/// Directives that only the runtime may use.
const OF_RUNTIME: [&str; 4] = ["go:systemstack", "go:nowritebarrier", "go:nowritebarrierrec", "go:yeswritebarrierrec"];

/// Bytes that no element of a channel reaches.
const CHANNEL_ELEMENT_LIMIT: i64 = 1 << 16;

/// The words of a `//go:linkname` line: the directive, and the rest.
fn linkname(text: &str) -> Option<(&str, Vec<&str>)> {
    let (verb, rest) = text.split_once(' ')?;
    matches!(verb, "go:linkname" | "go:linknamestd").then(|| (verb, rest.split_whitespace().collect()))
}

impl<'a> Checker<'a> {
    /// Directives that no package may have, or not in this form.
    pub fn directive_texts(&mut self) {
        for file in self.files {
            for directive in &file.directives {
                let text = &*directive.text;
                let verb = text.split(' ').next().unwrap_or_default();
                let message = if OF_RUNTIME.contains(&verb) && !self.config.is_std {
                    format!("//{verb} only allowed in runtime")
                } else if verb == "go:uintptrkeepalive" && !self.config.is_std {
                    format!("//{verb} is only allowed in the standard library")
                } else if verb.starts_with("go:cgo_") && !self.config.is_std && !is_dynamic_import(text) {
                    format!("//{text} only allowed in cgo-generated code")
                } else if let Some((verb, words)) = linkname(text)
                    && !(1..=2).contains(&words.len())
                {
                    format!("usage: //{verb} localname [linkname]")
                } else if verb == "go:embed" && text.trim() == verb {
                    "usage: //go:embed pattern...".to_string()
                } else {
                    continue;
                };
                self.error(directive.pos.offset(2), Code::BadDirective, message);
            }
        }
    }

    /// What gc looks at when a package has no errors.
    pub fn after_checking(&mut self) {
        if !self.errors.is_empty() || self.config.fixture {
            return;
        }
        let mut found: Vec<(Pos, Code, String)> = Vec::new();
        let mut anonymous: Vec<Pos> = Vec::new();
        for obj in std::mem::take(&mut self.embedded_unfinished) {
            if let Some((_, decl)) = self.type_decls.get(&obj) {
                anonymous.push(decl.ty.pos);
            }
        }
        anonymous.sort();
        anonymous.dedup();
        for pos in anonymous {
            let message =
                "invalid recursive type: anonymous interface refers to itself (see https://go.dev/issue/56103)";
            self.error(pos, Code::InvalidDeclCycle, message);
        }
        if !self.errors.is_empty() {
            return;
        }
        let mut linked: HashSet<&str> = HashSet::default();
        let scope = self.store.package(self.pkg).scope;
        for (at, file) in self.files.iter().enumerate() {
            self.file = at;
            found.extend(file.misplaced.iter().map(|&(pos, text)| (pos, Code::BadDirective, text.to_string())));
            let imports = |path: &str| {
                let is = |d: &Decl| matches!(d, Decl::Import(i) if i.path.text.trim_matches(['"', '`']) == path);
                file.decls.iter().any(is)
            };
            for directive in &file.directives {
                let Some((verb, words)) = linkname(&directive.text) else { continue };
                let Some(&local) = words.first() else { continue };
                let named = self.store.scopes[scope.index()].names.get(local).copied();
                let can_be_linked = named.is_some_and(|obj| {
                    let object = self.store.object(obj);
                    matches!(object.kind, ObjKind::Func | ObjKind::Var { .. })
                });
                let message = if !imports("unsafe") {
                    format!("//{verb} only allowed in Go files that import \"unsafe\"")
                } else if words.get(1).is_some_and(|remote| remote.contains('[') && remote.contains(']')) {
                    format!("//{verb} reference of an instantiation is not allowed")
                } else if !can_be_linked {
                    if self.config.go_minor < 18 {
                        continue;
                    }
                    format!("//{verb} must refer to declared function or variable")
                } else if !linked.insert(local) {
                    format!("duplicate //{verb} for {local}")
                } else {
                    continue;
                };
                found.push((directive.pos.offset(2), Code::BadDirective, message));
            }
            for decl in &file.decls {
                if let Decl::Var(var) = decl
                    && let Some(embed) = var.directives.iter().find(|d| d.text.starts_with("go:embed "))
                    && self.config.go_minor < 16
                    && file.misplaced.is_empty()
                {
                    let minor = self.config.go_minor;
                    let message =
                        format!("go:embed requires go1.16 or later (-lang was set to go1.{minor}; check go.mod)");
                    found.push((embed.pos.offset(2), Code::BadDirective, message));
                }
            }
        }
        for decl in self.files.iter().flat_map(|f| &f.decls) {
            let Decl::Func(func) = decl else { continue };
            let has = |verb: &str| func.directives.iter().any(|d| d.text.trim_end() == verb);
            // A function may have its body elsewhere: in assembly, or under the name that it is linked by.
            let elsewhere = self.config.is_std
                || self.config.assembly
                || func.receiver.is_none() && linked.contains(func.name.name.as_str());
            let message = if func.body.is_none() {
                if elsewhere || func.name.name == "init" {
                    continue;
                }
                "missing function body"
            } else if has("go:noescape") {
                "can only use //go:noescape with external func implementations"
            } else if has("go:uintptrkeepalive") && !has("go:uintptrescapes") && !has("go:nosplit") {
                "go:uintptrkeepalive requires go:nosplit"
            } else {
                continue;
            };
            found.push((func.pos, Code::BadDecl, message.to_string()));
        }
        for (pos, elem) in std::mem::take(&mut self.channels) {
            if !self.has_var_size(elem) && self.store.size_of(elem) >= CHANNEL_ELEMENT_LIMIT {
                found.push((pos, Code::TypeTooLarge, "channel element type too large (>64kB)".to_string()));
            }
        }
        found.into_iter().for_each(|(pos, code, message)| self.soft_error(pos, code, message));
    }
}

/// Whether a line is of the one kind of cgo's directives that any package may have.
fn is_dynamic_import(text: &str) -> bool {
    text.strip_prefix("go:cgo_import_dynamic ").is_some_and(|rest| rest.split_whitespace().count() >= 3)
}
