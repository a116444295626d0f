//! The order in which package variables are initialised (Go spec, "Package initialization").
//!
//! Each variable waits for the variables that its initialiser mentions, directly or through functions. Again and again
//! the earliest declared variable that waits for nothing is taken. If none is left but variables are, they wait for each
//! other: a cycle, reported once; its earliest variable is then taken as it is.

use crate::check::Checker;
use crate::store::*;
use gorace_syntax::ast::Decl;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

impl Checker<'_> {
    pub(crate) fn init_order(&mut self) {
        let is_var = |c: &Self, o: ObjId| matches!(c.store.object(o).kind, ObjKind::Var { .. });
        let vars: Vec<ObjId> = self.package_objects.iter().copied().filter(|&o| is_var(self, o)).collect();
        let order: HashMap<ObjId, usize> = vars.iter().enumerate().map(|(i, &v)| (v, i)).collect();
        let mut waits_for: Vec<usize> = vec![0; vars.len()];
        let mut awaited_by: Vec<Vec<usize>> = vec![Vec::new(); vars.len()];
        for (i, &var) in vars.iter().enumerate() {
            for needed in self.needed_vars(var) {
                let Some(&j) = order.get(&needed) else { continue };
                waits_for[i] += 1;
                awaited_by[j].push(i);
            }
        }
        let mut ready: BinaryHeap<Reverse<usize>> =
            (0..vars.len()).filter(|&i| waits_for[i] == 0).map(Reverse).collect();
        let mut done = vec![false; vars.len()];
        let mut emitted: HashSet<(u32, u32)> = HashSet::new();
        let mut out = Vec::new();
        let mut reported = false;
        loop {
            let next = match ready.pop() {
                Some(Reverse(i)) => i,
                None => {
                    let Some(i) = (0..vars.len()).find(|&i| !done[i] && self.cycle_through(vars[i]).is_some()) else {
                        break;
                    };
                    if !std::mem::replace(&mut reported, true) {
                        self.report_init_cycle(vars[i]);
                    }
                    i
                }
            };
            if std::mem::replace(&mut done[next], true) {
                continue;
            }
            for &i in &awaited_by[next] {
                waits_for[i] = waits_for[i].saturating_sub(1);
                if waits_for[i] == 0 && !done[i] {
                    ready.push(Reverse(i));
                }
            }
            self.emit_initializer(vars[next], &mut emitted, &mut out);
        }
        self.store.packages[self.pkg.index()].init_order = out;
    }

    /// The variables that a variable's initialiser reaches, through functions but not through other variables.
    fn needed_vars(&self, var: ObjId) -> Vec<ObjId> {
        let mut seen: HashSet<ObjId> = HashSet::new();
        let mut stack = vec![var];
        let mut found = Vec::new();
        while let Some(at) = stack.pop() {
            for &dep in self.deps.get(&at).map_or(&[][..], |d| d) {
                if !seen.insert(dep) {
                    continue;
                }
                match self.store.object(dep).kind {
                    ObjKind::Var { .. } => found.push(dep),
                    ObjKind::Func => stack.push(dep),
                    _ => {}
                }
            }
        }
        found
    }

    /// A way from a variable back to itself.
    fn cycle_through(&self, var: ObjId) -> Option<Vec<ObjId>> {
        let mut came_from: HashMap<ObjId, ObjId> = HashMap::new();
        let mut queue = std::collections::VecDeque::from([var]);
        while let Some(at) = queue.pop_front() {
            for &dep in self.deps.get(&at).map_or(&[][..], |d| d) {
                if dep == var {
                    let mut path = vec![at];
                    while let Some(&before) = came_from.get(&path[path.len() - 1]) {
                        path.push(before);
                    }
                    path.reverse();
                    return Some(path);
                }
                came_from.entry(dep).or_insert_with(|| {
                    queue.push_back(dep);
                    at
                });
            }
        }
        None
    }

    fn report_init_cycle(&mut self, var: ObjId) {
        let Some(path) = self.cycle_through(var) else { return };
        let names: Vec<String> = path.iter().map(|&o| self.store.object(o).name.to_string()).collect();
        let pos = self.store.object(var).pos;
        if let [name] = &names[..] {
            return self.error(pos, format!("initialization cycle: {name} refers to itself"));
        }
        let mut message = format!("initialization cycle for {}", names[0]);
        for (i, name) in names.iter().enumerate() {
            message.push_str(&format!("\n\t{name} refers to {}", names[(i + 1) % names.len()]));
        }
        self.error(pos, message);
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
