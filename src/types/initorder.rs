//! The order in which package variables are initialised (Go spec, "Package initialization").
//!
//! Each constant and variable waits for those that its value mentions, directly or through functions. Again and again the
//! one that waits for the fewest is taken, the earliest declared of several. If it still waits for some, they wait for
//! each other: a cycle, which is reported. Constants come first, so that they take no part in the order of variables.

use crate::check::Checker;
use crate::codes::Code;
use crate::hash::{HashMap, HashSet};
use crate::store::*;
use gorace_base::Pos;
use gorace_syntax::ast::Decl;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

impl Checker<'_> {
    pub(crate) fn init_order(&mut self) {
        let is_var = |c: &Self, o: ObjId| matches!(c.store.object(o).kind, ObjKind::Var { .. });
        let is_value = |c: &Self, o: ObjId| is_var(c, o) || matches!(c.store.object(o).kind, ObjKind::Const(_));
        let nodes: Vec<ObjId> = self.package_objects.iter().copied().filter(|&o| is_value(self, o)).collect();
        let numbers: HashMap<ObjId, usize> = nodes.iter().enumerate().map(|(i, &o)| (o, i)).collect();
        let mut waits_for: Vec<usize> = vec![0; nodes.len()];
        let mut awaited_by: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
        for (i, &obj) in nodes.iter().enumerate() {
            for needed in self.needed_values(obj) {
                let Some(&j) = numbers.get(&needed) else { continue };
                waits_for[i] += 1;
                awaited_by[j].push(i);
            }
        }
        // Entries whose count has changed since are passed over.
        let entry = |c: &Self, i: usize, count: usize| Reverse((is_var(c, nodes[i]), count, i));
        let mut queue: BinaryHeap<Reverse<(bool, usize, usize)>> =
            (0..nodes.len()).map(|i| entry(self, i, waits_for[i])).collect();
        let mut done = vec![false; nodes.len()];
        let mut emitted: HashSet<(u32, u32)> = HashSet::default();
        let mut out = Vec::new();
        while let Some(Reverse((_, count, i))) = queue.pop() {
            if done[i] || count != waits_for[i] {
                continue;
            }
            done[i] = true;
            if count > 0
                && let Some(path) = self.path_back(nodes[i])
            {
                self.report_init_cycle(&path);
            }
            for &by in &awaited_by[i] {
                waits_for[by] = waits_for[by].saturating_sub(1);
                if !done[by] {
                    queue.push(entry(self, by, waits_for[by]));
                }
            }
            if is_var(self, nodes[i]) {
                self.emit_initializer(nodes[i], &mut emitted, &mut out);
            }
        }
        self.store.packages[self.pkg.index()].init_order = out;
    }

    /// The constants and variables that a value reaches, through functions but not through other values.
    fn needed_values(&self, obj: ObjId) -> Vec<ObjId> {
        let mut seen: HashSet<ObjId> = HashSet::default();
        let mut stack = vec![obj];
        let mut found = Vec::new();
        while let Some(at) = stack.pop() {
            for &dep in self.deps.get(&at).map_or(&[][..], |d| d) {
                if !seen.insert(dep) {
                    continue;
                }
                match self.store.object(dep).kind {
                    ObjKind::Var { .. } | ObjKind::Const(_) => found.push(dep),
                    ObjKind::Func => stack.push(dep),
                    _ => {}
                }
            }
        }
        found
    }

    /// A way from an object back to itself, the object first: depth first, earlier declarations first.
    fn path_back(&self, to: ObjId) -> Option<Vec<ObjId>> {
        let sorted = |at: ObjId| {
            let mut deps = self.deps.get(&at).cloned().unwrap_or_default();
            deps.sort_by_key(|&d| (self.store.object(d).pos, d));
            deps.into_iter()
        };
        let mut seen = HashSet::from_iter([to]);
        let mut path = vec![to];
        let mut walks = vec![sorted(to)];
        while let Some(walk) = walks.last_mut() {
            match walk.next() {
                Some(dep) if dep == to => return Some(path),
                Some(dep) if seen.insert(dep) => {
                    path.push(dep);
                    walks.push(sorted(dep));
                }
                Some(_) => {}
                None => {
                    walks.pop();
                    path.pop();
                }
            }
        }
        None
    }

    fn report_init_cycle(&mut self, path: &[ObjId]) {
        let names: Vec<String> = path.iter().map(|&o| self.store.object(o).name.to_string()).collect();
        let positions: Vec<Pos> = path.iter().map(|&o| self.store.object(o).pos).collect();
        let code = Code::InvalidInitCycle;
        if let [name] = &names[..] {
            return self.error(positions[0], code, format!("initialization cycle: {name} refers to itself"));
        }
        let refers = |i: usize| format!("{} refers to {}", names[i], names[(i + 1) % names.len()]);
        let more: Vec<(Pos, String)> = (0..names.len()).map(|i| (positions[i], refers(i))).collect();
        self.error_with(positions[0], code, format!("initialization cycle for {}", names[0]), &more);
    }

    fn emit_initializer(&mut self, obj: ObjId, emitted: &mut HashSet<(u32, u32)>, out: &mut Vec<Initializer>) {
        let Some(decl) = self.store.object(obj).decl else { return };
        let Decl::Var(v) = &self.files[decl.file as usize].decls[decl.decl as usize] else { return };
        if v.values.is_empty() {
            return;
        }
        let (file, at) = (decl.file as usize, decl.decl as usize);
        if v.values.len() == v.names.len() {
            let value = decl.name as usize;
            out.push(Initializer { lhs: vec![obj], file, decl: at, value });
        } else if emitted.insert((decl.file, decl.decl)) {
            let lhs: Vec<ObjId> = v.names.iter().map(|n| self.info[file].objects[&n.id]).collect();
            out.push(Initializer { lhs, file, decl: at, value: 0 });
        }
    }
}
