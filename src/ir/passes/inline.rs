//! Small functions into their callers.
//!
//! Callees come first (post-order of the unit's direct calls), so what is inlined has itself been inlined into. A call that
//! leads back to a function on the way stays a call. A copy keeps its places behind an *inline site*: the callee's name and
//! the place of the call; stack traces and race reports show the callee as a frame of its own, as Go's do.
//!
//! Not inlined: what reads its own frame or context (callers' addresses, closures), what defers, wrappers, bodies
//! that the runtime replaces, package runtime itself, and what says `//go:noinline`.

use super::{Context, cfg};
use crate::func::{BlockId, Func, InlineSite, LocalId, SlotId, Ty, Value};
use crate::inst::{Callee, Inst, InstData, Term};
use crate::unit::{Place, SymbolId, Unit};
use std::collections::HashMap;

/// What a body may cost to be inlined: instructions that become code, in blocks that are not cold.
const MOST_COST: u32 = 40;
/// A call within a body costs as much as this many instructions.
const CALL_COST: u32 = 12;
/// An allocation costs less: in the caller it may turn out not to escape.
const ALLOCATION_COST: u32 = 5;
/// Instructions of any kind, cold blocks included.
const MOST_INSTRUCTIONS: usize = 150;
/// A caller with more values than this takes nothing in any more.
const MOST_VALUES: usize = 6000;

pub fn run(unit: &mut Unit, context: &Context<'_>) {
    let index: HashMap<SymbolId, usize> = unit.funcs.iter().enumerate().map(|(at, f)| (f.name, at)).collect();
    let barred: Vec<bool> = unit
        .funcs
        .iter()
        .map(|f| {
            let name = unit.name(f.name);
            name.starts_with("runtime.") || (context.is_override)(name)
        })
        .collect();
    let mut state = State {
        funcs: std::mem::take(&mut unit.funcs).into_iter().map(Some).collect(),
        index,
        barred,
        good: HashMap::new(),
        new_object: unit.known_symbol("runtime.newobject"),
    };
    for at in order(&state) {
        state.visit(at);
    }
    unit.funcs = state.funcs.into_iter().flatten().collect();
}

struct State {
    funcs: Vec<Option<Func>>,
    index: HashMap<SymbolId, usize>,
    barred: Vec<bool>,
    /// Functions that are done, and whether they may be inlined.
    good: HashMap<usize, bool>,
    new_object: Option<SymbolId>,
}

fn callees<'f>(f: &'f Func, index: &'f HashMap<SymbolId, usize>) -> impl Iterator<Item = usize> + 'f {
    f.blocks.iter().flat_map(|b| &b.insts).filter_map(|data| match &data.inst {
        Inst::Call { callee: Callee::Symbol(symbol), .. } => index.get(symbol).copied(),
        _ => None,
    })
}

/// Post-order of the call graph.
fn order(state: &State) -> Vec<usize> {
    let mut seen = vec![false; state.funcs.len()];
    let mut order = Vec::new();
    for root in 0..state.funcs.len() {
        if std::mem::replace(&mut seen[root], true) {
            continue;
        }
        let list = |at: usize| -> Vec<usize> {
            state.funcs[at].as_ref().map_or(Vec::new(), |f| callees(f, &state.index).collect())
        };
        let mut work = vec![(root, list(root).into_iter())];
        while let Some((at, left)) = work.last_mut() {
            match left.next() {
                Some(to) if std::mem::replace(&mut seen[to], true) => {}
                Some(to) => {
                    let next = list(to).into_iter();
                    work.push((to, next));
                }
                None => {
                    order.push(*at);
                    work.pop();
                }
            }
        }
    }
    order
}

impl State {
    fn visit(&mut self, at: usize) {
        let Some(mut f) = self.funcs[at].take() else { return };
        // Initialisers run once.
        let once = f.go_name.ends_with(".init");
        if !once && callees(&f, &self.index).any(|to| self.good.get(&to) == Some(&true)) {
            self.take_in(&mut f);
        }
        let good = !self.barred[at] && !once && is_small(&f, self.new_object);
        self.good.insert(at, good);
        self.funcs[at] = Some(f);
    }

    fn take_in(&self, f: &mut Func) {
        // Blocks from here on are copies, or rests of blocks whose turn comes.
        let mut todo: Vec<BlockId> = (0..f.blocks.len() as u32).map(BlockId).collect();
        let mut at = 0;
        while at < todo.len() {
            let block = todo[at];
            at += 1;
            if f.blocks[block.index()].cold || f.values.len() > MOST_VALUES {
                continue;
            }
            let found = f.blocks[block.index()].insts.iter().enumerate().find_map(|(i, data)| {
                let Inst::Call { callee: Callee::Symbol(symbol), sig, .. } = &data.inst else { return None };
                let to = *self.index.get(symbol)?;
                let callee = self.funcs[to].as_ref().filter(|_| self.good.get(&to) == Some(&true))?;
                // A body whose accesses are checked stays out of a function without checks.
                let checked = f.flags.no_race && !callee.flags.no_race && touches_memory(callee);
                (callee.sig == *sig && !checked).then_some((i, callee))
            });
            if let Some((i, callee)) = found {
                todo.push(splice(f, block, i, callee));
            }
        }
    }
}

/// Whether a body has anything that race checks look at.
fn touches_memory(f: &Func) -> bool {
    f.blocks.iter().flat_map(|b| &b.insts).any(|data| {
        matches!(
            data.inst,
            Inst::Load { .. } | Inst::Store { .. } | Inst::Copy { .. } | Inst::Zero { .. } | Inst::RaceCheck { .. }
        )
    })
}

fn is_small(f: &Func, new_object: Option<SymbolId>) -> bool {
    if f.flags.wrapper || f.flags.no_inline || f.flags.no_split {
        return false;
    }
    let (mut cost, mut count) = (0, 0);
    let allocates = |callee: &Callee| matches!(callee, Callee::Symbol(symbol) if Some(*symbol) == new_object);
    for b in cfg::reachable(f) {
        let block = &f.blocks[b.index()];
        for data in &block.insts {
            count += 1;
            let one = match &data.inst {
                Inst::ClosureContext | Inst::FramePointer | Inst::SetJump { .. } => return false,
                Inst::Int { .. } | Inst::Float { .. } | Inst::SymbolAddr { .. } | Inst::SlotAddr { .. } => 0,
                Inst::GetLocal { .. } | Inst::SetLocal { .. } | Inst::Convert { .. } => 0,
                Inst::Call { callee, .. } if allocates(callee) => ALLOCATION_COST,
                Inst::Call { .. } => CALL_COST,
                Inst::Copy { .. } | Inst::Zero { .. } | Inst::Preempt => 4,
                Inst::RaceCheck { .. } if f.flags.no_race => return false,
                _ => 1,
            };
            cost += if block.cold { 0 } else { one };
        }
    }
    cost <= MOST_COST && count <= MOST_INSTRUCTIONS
}

/// Puts a copy of `callee` in the place of the call at `at` of a block; gives the block that goes on behind it.
fn splice(f: &mut Func, block: BlockId, at: usize, callee: &Func) -> BlockId {
    let mut rest = f.blocks[block.index()].insts.split_off(at);
    let call = rest.remove(0);
    let Inst::Call { args, .. } = call.inst else { return block };
    let next = f.block();
    let (term, term_place, cold) = {
        let from = &mut f.blocks[block.index()];
        (from.term.take(), from.term_place, from.cold)
    };
    let site = {
        f.inlines.push(InlineSite { function: callee.go_name.clone(), call: call.place });
        f.inlines.len() as u32
    };
    for inner in &callee.inlines {
        let parent = if inner.call.inline == 0 { site } else { site + inner.call.inline };
        let call = Place { pos: inner.call.pos, inline: parent };
        f.inlines.push(InlineSite { function: inner.function.clone(), call });
    }
    let mut copy = Copier {
        place: |p: Place| Place { pos: p.pos, inline: if p.inline == 0 { site } else { site + p.inline } },
        no_race: callee.flags.no_race,
        values: args.clone(),
        locals: f.locals.len() as u32,
        slots: f.slots.len() as u32,
        blocks: f.blocks.len() as u32,
    };
    for &ty in &callee.values[args.len()..] {
        copy.values.push(f.value(ty));
    }
    f.locals.extend(callee.locals.iter().cloned());
    f.slots.extend(callee.slots.iter().cloned());
    let results: Vec<LocalId> = callee.sig.results.iter().map(|&ty| f.local(ty, None)).collect();
    clear_locals(f, block, callee, &copy, call.place);
    for from in &callee.blocks {
        let insts = from.insts.iter().map(|data| copy.inst(data)).collect();
        let to = f.block();
        let made = &mut f.blocks[to.index()];
        made.insts = insts;
        made.cold = from.cold;
        made.term_place = (copy.place)(from.term_place);
        made.term = Some(match &from.term {
            Some(Term::Return(values)) => {
                for (&local, v) in results.iter().zip(values) {
                    let inst = Inst::SetLocal { local, value: copy.value(*v) };
                    made.insts.push(InstData { inst, results: Vec::new(), place: made.term_place });
                }
                Term::Jump(next)
            }
            Some(term) => copy.term(term),
            None => Term::Unreachable,
        });
    }
    let from = &mut f.blocks[block.index()];
    from.term = Some(Term::Jump(BlockId(copy.blocks)));
    from.term_place = call.place;
    let mut insts: Vec<InstData> = results
        .iter()
        .zip(&call.results)
        .map(|(&local, &v)| InstData { inst: Inst::GetLocal { local }, results: vec![v], place: call.place })
        .collect();
    insts.extend(rest);
    let to = &mut f.blocks[next.index()];
    to.insts = insts;
    to.term = term;
    to.term_place = term_place;
    to.cold = cold;
    next
}

/// Variables that the callee may read before it sets them are zero at its start, also when it is come to again.
fn clear_locals<P: Fn(Place) -> Place>(f: &mut Func, block: BlockId, callee: &Func, copy: &Copier<P>, place: Place) {
    let mut set = vec![None; callee.locals.len()];
    for data in callee.blocks.first().map_or(&[][..], |b| &b.insts) {
        match data.inst {
            Inst::SetLocal { local, .. } => _ = set[local.index()].get_or_insert(true),
            Inst::GetLocal { local } => _ = set[local.index()].get_or_insert(false),
            _ => {}
        }
    }
    let mut zeros: HashMap<Ty, Value> = HashMap::new();
    for (i, local) in callee.locals.iter().enumerate() {
        if set[i] == Some(true) {
            continue;
        }
        let zero = *zeros.entry(local.ty).or_insert_with(|| {
            let v = f.value(local.ty);
            let inst = match local.ty.is_float() {
                true => Inst::Float { ty: local.ty, bits: 0 },
                false => Inst::Int { ty: local.ty, value: 0 },
            };
            f.blocks[block.index()].insts.push(InstData { inst, results: vec![v], place });
            v
        });
        let inst = Inst::SetLocal { local: LocalId(copy.locals + i as u32), value: zero };
        f.blocks[block.index()].insts.push(InstData { inst, results: Vec::new(), place });
    }
}

/// How ids of the callee are written in the caller.
struct Copier<P> {
    place: P,
    /// The callee has no race checks.
    no_race: bool,
    values: Vec<Value>,
    locals: u32,
    slots: u32,
    blocks: u32,
}

impl<P: Fn(Place) -> Place> Copier<P> {
    fn value(&self, v: Value) -> Value {
        self.values[v.index()]
    }

    fn block(&self, b: BlockId) -> BlockId {
        BlockId(self.blocks + b.0)
    }

    fn inst(&self, data: &InstData) -> InstData {
        let mut inst = data.inst.clone();
        super::cfg::uses_mut(&mut inst, |v| *v = self.value(*v));
        if self.no_race {
            match &mut inst {
                Inst::Load { access, .. } | Inst::Store { access, .. } | Inst::Zero { access, .. } => {
                    access.race = false
                }
                Inst::Copy { dst_access, src_access, .. } => (dst_access.race, src_access.race) = (false, false),
                _ => {}
            }
        }
        match &mut inst {
            Inst::GetLocal { local } | Inst::SetLocal { local, .. } => *local = LocalId(self.locals + local.0),
            Inst::SlotAddr { slot, .. } => *slot = SlotId(self.slots + slot.0),
            _ => {}
        }
        let results = data.results.iter().map(|&v| self.value(v)).collect();
        InstData { inst, results, place: (self.place)(data.place) }
    }

    fn term(&self, term: &Term) -> Term {
        let mut term = term.clone();
        super::cfg::term_uses_mut(&mut term, |v| *v = self.value(*v));
        match &mut term {
            Term::Jump(to) => *to = self.block(*to),
            Term::Branch { then, els, .. } => {
                *then = self.block(*then);
                *els = self.block(*els);
            }
            Term::Switch { cases, default, .. } => {
                cases.iter_mut().for_each(|(_, to)| *to = self.block(*to));
                *default = self.block(*default);
            }
            Term::Return(_) | Term::Unreachable => {}
        }
        term
    }
}
