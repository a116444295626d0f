//! The order in which package variables are initialised (Go spec, "Package initialization").
//!
//! Variables in declaration order; before each, the variables that its initialiser needs, directly or through
//! functions. That is the specification's repeated selection of the earliest variable that is ready.

use crate::check::Checker;
use crate::store::*;
use gorace_syntax::ast::Decl;
use std::collections::HashSet;

impl Checker<'_> {
    pub(crate) fn init_order(&mut self) {
        let mut done: HashSet<ObjId> = HashSet::new();
        let mut out = Vec::new();
        for obj in self.package_objects.clone() {
            if matches!(self.store.object(obj).kind, ObjKind::Var { .. }) {
                self.initialise(obj, &mut done, &mut out, &mut HashSet::new(), &mut Vec::new());
            }
        }
        self.store.packages[self.pkg.index()].init_order = out;
    }

    fn initialise(
        &mut self,
        obj: ObjId,
        done: &mut HashSet<ObjId>,
        out: &mut Vec<Initializer>,
        visiting: &mut HashSet<ObjId>,
        path: &mut Vec<ObjId>,
    ) {
        if done.contains(&obj) {
            return;
        }
        if !visiting.insert(obj) {
            // Needed by itself: an error if a variable is on the cycle, unless only functions are.
            let start = path.iter().position(|&p| p == obj).unwrap_or(0);
            let var = path[start..].iter().copied().find(|&o| matches!(self.store.object(o).kind, ObjKind::Var { .. }));
            if let Some(var) = var
                && !self.errors.iter().any(|e| e.message.starts_with("initialization cycle"))
            {
                let names: Vec<String> = path[start..].iter().map(|&o| self.store.object(o).name.to_string()).collect();
                let (pos, name) = (self.store.object(var).pos, self.store.object(var).name.clone());
                if names.len() == 1 {
                    self.error(pos, format!("initialization cycle: {name} refers to itself"));
                } else {
                    self.error(pos, format!("initialization cycle or refers to itself: {}", names.join(" refers to ")));
                }
            }
            return;
        }
        path.push(obj);
        for dep in self.deps.get(&obj).cloned().unwrap_or_default() {
            if self.store.object(dep).pkg == Some(self.pkg) && dep != obj
                || dep == obj && matches!(self.store.object(obj).kind, ObjKind::Var { .. })
            {
                self.initialise(dep, done, out, visiting, path);
            }
        }
        path.pop();
        visiting.remove(&obj);
        if matches!(self.store.object(obj).kind, ObjKind::Var { .. }) {
            if !done.insert(obj) {
                return;
            }
            self.emit_initializer(obj, done, out);
        } else {
            // A function is looked at again for other variables only through those not yet done.
            let all_done = self.deps.get(&obj).is_none_or(|deps| {
                deps.iter().all(|d| done.contains(d) || !matches!(self.store.object(*d).kind, ObjKind::Var { .. }))
            });
            if all_done && visiting.is_empty() {
                done.insert(obj);
            }
        }
    }

    fn emit_initializer(&mut self, obj: ObjId, done: &mut HashSet<ObjId>, out: &mut Vec<Initializer>) {
        let Some(decl) = self.store.object(obj).decl else { return };
        let Decl::Var(v) = &self.files[decl.file as usize].decls[decl.decl as usize] else { return };
        if v.values.is_empty() {
            return;
        }
        let (file, at) = (decl.file as usize, decl.decl as usize);
        if v.values.len() == v.names.len() {
            let value = decl.name as usize;
            out.push(Initializer { lhs: vec![obj], file, decl: at, value });
            return;
        }
        let lhs: Vec<ObjId> = v.names.iter().map(|n| self.info[file].objects[&n.id]).collect();
        done.extend(&lhs);
        out.push(Initializer { lhs, file, decl: at, value: 0 });
    }
}
