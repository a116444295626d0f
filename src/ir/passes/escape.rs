//! Objects that do not outlive the call that makes them go into its frame (escape analysis).
//!
//! 1. Functions are taken callees first, those that call each other in a circle together (Tarjan 1972), until their summaries
//!    (`summary`) stand. `flow` finds where the pointers of one function go; calls go by the callee's summary: of this unit, of an
//!    imported package, or of a native. What is called through an interface or an unknown func value keeps its arguments.
//! 2. An allocation whose object did not escape becomes a frame slot, zeroed where it was allocated. In a loop the slot is used
//!    again by the next iteration: then nothing that the function still looks at may lead to the old object when the new one is
//!    made (a search from the allocation for uses before definitions).
//!    Strings and slices of bytes that a conversion or a concatenation makes get a short buffer in the frame the same way, which serves
//!    where they turn out to be short; maps of few elements their header and first group.
//!    So do the records of defer statements that no loop repeats.
//! 3. Accesses that are known to go to the function's own objects, on the stack or not, need no race check.
//!
//! Invariant: an object on the stack is reachable only from its frame, frames further in, and objects that obey the same rule.
//! Goroutine stacks do not move, and the collector scans them conservatively. Variables of sync's types, whatever is accessed
//! atomically, and what finalizers are set on always escape: the runtime knows them by address.

use super::cfg;
use super::flow::{Callees, Flows, Site};
use super::summary::{self, Summary};
use super::{Context, Frames};
use crate::func::{Block, Func, SlotId, Ty, Value};
use crate::inst::{Callee, Inst, InstData, Sig, Term};
use crate::unit::{Section, SymbolId, Unit};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Larger objects stay on the heap, so that frames stay small beside a stack's first segment.
const LARGEST: u64 = 16 << 10;
/// What the objects of one frame may add up to.
const FRAME: u64 = 48 << 10;
/// Summaries of functions in a circle stand after a few rounds; those that do not are given up.
const ROUNDS: usize = 12;

/// Bytes of a deferred call's record: `_defer` in package runtime.
const DEFER_RECORD: u64 = 32;
const DEFER_IN_FRAME: &str = "runtime.deferprocstack";

/// Bytes of a buffer for a string or slice of unknown length, as gc has it.
const BUFFER: u64 = 32;

/// A map of few elements in a frame: its header (`Map` in internal/runtime/maps), then its first group.
const SMALL_MAP: &str = "runtime.makesmallmap";
const SMALL_MAP_IN_FRAME: &str = "runtime.makesmallmapbuf";
const MAP_HEADER: u64 = 48;

/// What makes a string or a slice of bytes, and what does so into a buffer.
const BUFFERED: [(&str, &str); 5] = [
    ("runtime.slicebytetostring", "runtime.slicebytetostringbuf"),
    ("runtime.stringtoslicebyte", STRING_TO_BYTES_BUFFERED),
    ("runtime.concatstring2", "runtime.concatstring2buf"),
    ("runtime.concatstrings", "runtime.concatstringsbuf"),
    ("runtime.intstring", "runtime.intstringbuf"),
];
const STRING_TO_BYTES_BUFFERED: &str = "runtime.stringtoslicebytebuf";

/// Writes over an object of a frame that ends.
const POISON: &str = "runtime.poisonframe";

pub fn run(unit: &mut Unit, context: &Context<'_>) {
    if context.frames == Frames::Heap {
        return;
    }
    let mut funcs = std::mem::take(&mut unit.funcs);
    let world = World::of(unit, &funcs, context);
    for circle in circles(&funcs, &world) {
        world.summarise(unit, &funcs, &circle);
        for &at in &circle {
            let Some(mut flows) = world.flows(unit, &funcs[at]) else { continue };
            flows.settle();
            let mut changes = plan(&funcs[at], &flows);
            drop(flows);
            changes.defers = world.single_defers(&funcs[at]);
            let slots = apply(unit, &mut funcs[at], changes);
            if context.frames == Frames::Poison {
                poison(unit, &mut funcs[at], &slots);
            }
        }
    }
    let World { known, imported, .. } = world;
    let known = known.into_inner();
    unit.summaries = funcs
        .iter()
        .zip(known)
        .filter(|(f, _)| !f.flags.foreign)
        .filter_map(|(f, summary)| Some((f.name, summary.filter(|s| !s.is_void())?)))
        .collect();
    unit.relies = imported.into_inner().into_iter().filter_map(|(symbol, s)| Some((symbol, s?))).collect();
    unit.funcs = funcs;
}

/// What is known of each function when its callees are known, as text.
#[cfg(test)]
pub(super) fn describe(unit: &mut Unit, context: &Context<'_>) -> String {
    let funcs = std::mem::take(&mut unit.funcs);
    let world = World::of(unit, &funcs, context);
    let mut texts = vec![String::new(); funcs.len()];
    for circle in circles(&funcs, &world) {
        world.summarise(unit, &funcs, &circle);
        for at in circle {
            let about = world.flows(unit, &funcs[at]).map_or("too large".to_string(), |mut flows| {
                flows.settle();
                flows.describe()
            });
            texts[at] = format!("{}:\n{about}", unit.name(funcs[at].name));
        }
    }
    texts.concat()
}

/// What the analysis of all functions shares.
struct World<'w> {
    index: HashMap<SymbolId, usize>,
    /// By function; none for what is not known or not to be looked at.
    known: RefCell<Vec<Option<Arc<Summary>>>>,
    barred: Vec<bool>,
    imported: RefCell<BTreeMap<SymbolId, Option<Arc<Summary>>>>,
    names: Vec<Arc<str>>,
    func_values: HashMap<SymbolId, SymbolId>,
    context: &'w Context<'w>,
    new_object: Option<SymbolId>,
    make_slice: Option<SymbolId>,
    small_map: Option<SymbolId>,
    buffered: HashMap<SymbolId, &'static str>,
    defer: Option<SymbolId>,
}

impl<'w> World<'w> {
    fn of(unit: &Unit, funcs: &[Func], context: &'w Context<'w>) -> World<'w> {
        let func_values = unit
            .data
            .iter()
            .filter(|d| d.section == Section::ReadOnly && unit.name(d.name).ends_with("·f"))
            .filter_map(|d| Some((d.name, d.relocs.first().filter(|r| r.offset == 0)?.target)))
            .collect();
        World {
            index: funcs.iter().enumerate().map(|(at, f)| (f.name, at)).collect(),
            known: RefCell::new(vec![None; funcs.len()]),
            barred: funcs.iter().map(|f| (context.is_override)(unit.name(f.name))).collect(),
            imported: RefCell::default(),
            names: (0..unit.symbol_count()).map(|i| Arc::from(unit.name(SymbolId(i as u32)))).collect(),
            func_values,
            context,
            new_object: unit.known_symbol("runtime.newobject"),
            make_slice: unit.known_symbol("runtime.makeslice"),
            small_map: unit.known_symbol(SMALL_MAP),
            buffered: BUFFERED.iter().filter_map(|&(from, to)| Some((unit.known_symbol(from)?, to))).collect(),
            defer: unit.known_symbol("runtime.deferproc"),
        }
    }

    fn flows<'f>(&'f self, unit: &Unit, f: &'f Func) -> Option<Flows<'f>> {
        Flows::new(f, self, self.sites(unit, f))
    }

    /// The allocations of a function whose sizes are known.
    fn sites(&self, unit: &Unit, f: &Func) -> Vec<Site> {
        let mut symbols = HashMap::new();
        let mut numbers = HashMap::new();
        let mut sites = Vec::new();
        for block in &f.blocks {
            for data in &block.insts {
                match (&data.inst, &data.results[..]) {
                    (Inst::SymbolAddr { symbol, offset: 0 }, [v]) => _ = symbols.insert(*v, *symbol),
                    (Inst::Int { value, .. }, [v]) => _ = numbers.insert(*v, *value),
                    _ => {}
                }
            }
        }
        for (b, block) in f.blocks.iter().enumerate() {
            for (i, data) in block.insts.iter().enumerate() {
                let (Inst::Call { callee: Callee::Symbol(callee), args, .. }, [result, ..]) =
                    (&data.inst, &data.results[..])
                else {
                    continue;
                };
                let (block, inst, result) = (b as u32, i as u32, *result);
                if let Some(&buffered) = self.buffered.get(callee) {
                    // The bytes of a constant have exactly their room.
                    let constant = match args[..] {
                        [_, len] if buffered == STRING_TO_BYTES_BUFFERED => numbers.get(&len),
                        _ => None,
                    };
                    let size = constant.and_then(|&n| u64::try_from(n).ok()).filter(|&n| n > 0).unwrap_or(BUFFER);
                    sites.push(Site { block, inst, result, size, align: 1, code: None, buffered: Some(buffered) });
                    continue;
                }
                let size_of = |v| symbols.get(v).and_then(|s| unit.sizes.get(s)).copied();
                if Some(*callee) == self.small_map {
                    let Some((group, _)) = args.first().and_then(size_of) else { continue };
                    let (size, align, buffered) = (MAP_HEADER + group, 8, Some(SMALL_MAP_IN_FRAME));
                    sites.push(Site { block, inst, result, size, align, code: None, buffered });
                    continue;
                }
                let found = match args[..] {
                    [descriptor] if Some(*callee) == self.new_object => size_of(&descriptor),
                    [descriptor, len, cap] if Some(*callee) == self.make_slice => {
                        let number = |v| numbers.get(v).and_then(|&n| u64::try_from(n).ok());
                        match (size_of(&descriptor), number(&len), number(&cap)) {
                            (Some((size, align)), Some(len), Some(cap)) if len <= cap => {
                                size.checked_mul(cap).filter(|&n| n > 0).map(|n| (n, align))
                            }
                            _ => None,
                        }
                    }
                    _ => None,
                };
                if let Some((size, align)) = found.filter(|(size, _)| *size > 0) {
                    sites.push(Site { block, inst, result, size, align, code: None, buffered: None });
                }
            }
        }
        sites
    }

    /// The calls that enter a deferred call into this frame's list, and are made once at most in a call of the function.
    fn single_defers(&self, f: &Func) -> Vec<(u32, u32)> {
        let mut found = Vec::new();
        for (b, block) in f.blocks.iter().enumerate() {
            for (i, data) in block.insts.iter().enumerate() {
                if let Inst::Call { callee: Callee::Symbol(callee), args, .. } = &data.inst
                    && Some(*callee) == self.defer
                    && args.first().is_some_and(|&frame| is_slot(f, frame))
                    && !cfg::is_repeated(f, b)
                {
                    found.push((b as u32, i as u32));
                }
            }
        }
        found
    }

    fn summarise(&self, unit: &Unit, funcs: &[Func], circle: &[usize]) {
        for &at in circle {
            let f = &funcs[at];
            let harmless = Summary { params: vec![Default::default(); f.sig.params.len()], ..Summary::default() };
            self.known.borrow_mut()[at] = (!self.barred[at]).then(|| Arc::new(harmless));
        }
        for _ in 0..ROUNDS {
            let mut changed = false;
            for &at in circle {
                if self.known.borrow()[at].is_none() {
                    continue;
                }
                let summary = self.flows(unit, &funcs[at]).map(|mut flows| {
                    flows.settle();
                    Arc::new(flows.summary())
                });
                let known = &mut self.known.borrow_mut()[at];
                if *known != summary {
                    changed = true;
                    *known = summary;
                }
            }
            if !changed || (circle.len() == 1 && !calls_itself(&funcs[circle[0]])) {
                return;
            }
        }
        circle.iter().for_each(|&at| self.known.borrow_mut()[at] = None);
    }
}

/// Whether a value is the address of one of the function's own slots.
fn is_slot(f: &Func, v: Value) -> bool {
    let mut insts = f.blocks.iter().flat_map(|b| &b.insts);
    insts.any(|data| data.results.first() == Some(&v) && matches!(data.inst, Inst::SlotAddr { .. }))
}

fn calls_itself(f: &Func) -> bool {
    references(f).any(|symbol| symbol == f.name)
}

impl Callees for World<'_> {
    fn of_symbol(&self, symbol: SymbolId) -> Option<Arc<Summary>> {
        if let Some(&at) = self.index.get(&symbol) {
            return self.known.borrow()[at].clone();
        }
        if let Some(native) = summary::of_native(&self.names[symbol.index()]) {
            return Some(Arc::new(native));
        }
        let mut imported = self.imported.borrow_mut();
        let entry = imported.entry(symbol).or_insert_with(|| {
            let name = &self.names[symbol.index()];
            if (self.context.is_override)(name) {
                return None;
            }
            (self.context.imported)(name)
        });
        entry.clone()
    }

    fn is_function(&self, symbol: SymbolId) -> bool {
        self.index.contains_key(&symbol)
    }

    fn func_value(&self, symbol: SymbolId) -> Option<SymbolId> {
        self.func_values.get(&symbol).copied()
    }

    fn is_defer(&self, symbol: SymbolId) -> bool {
        Some(symbol) == self.defer
    }
}

/// The symbols that a function's code names: callees, and functions that become func values.
fn references(f: &Func) -> impl Iterator<Item = SymbolId> + '_ {
    f.blocks.iter().flat_map(|b| &b.insts).filter_map(|data| match &data.inst {
        Inst::Call { callee: Callee::Symbol(symbol), .. } | Inst::SymbolAddr { symbol, .. } => Some(*symbol),
        _ => None,
    })
}

/// The strongly connected components of the call graph, callees first.
fn circles(funcs: &[Func], world: &World<'_>) -> Vec<Vec<usize>> {
    const NEW: u32 = u32::MAX;
    let next: Vec<Vec<usize>> = funcs
        .iter()
        .map(|f| {
            let mut list: Vec<usize> = references(f)
                .filter_map(|s| world.index.get(&s).or_else(|| world.index.get(world.func_values.get(&s)?)).copied())
                .collect();
            list.sort_unstable();
            list.dedup();
            list
        })
        .collect();
    let mut number = vec![NEW; funcs.len()];
    let mut low = vec![0; funcs.len()];
    let mut on_stack = vec![false; funcs.len()];
    let (mut stack, mut out, mut count) = (Vec::new(), Vec::new(), 0);
    for root in 0..funcs.len() {
        if number[root] != NEW {
            continue;
        }
        let mut work = vec![(root, 0)];
        while let Some((at, done)) = work.last_mut() {
            let at = *at;
            if number[at] == NEW {
                (number[at], low[at]) = (count, count);
                count += 1;
                stack.push(at);
                on_stack[at] = true;
            }
            match next[at].get(*done) {
                Some(&to) => {
                    *done += 1;
                    if number[to] == NEW {
                        work.push((to, 0));
                    } else if on_stack[to] {
                        low[at] = low[at].min(number[to]);
                    }
                }
                None => {
                    work.pop();
                    if let Some(&(above, _)) = work.last() {
                        low[above] = low[above].min(low[at]);
                    }
                    if low[at] == number[at] {
                        let mut circle = Vec::new();
                        while let Some(member) = stack.pop() {
                            on_stack[member] = false;
                            circle.push(member);
                            if member == at {
                                break;
                            }
                        }
                        out.push(circle);
                    }
                }
            }
        }
    }
    out
}

/// What to change in a function.
#[derive(Default)]
struct Changes {
    /// Allocations that become slots.
    sites: Vec<Site>,
    /// Accesses that need no check: block, instruction, and which of a copy's sides.
    quiet: Vec<(u32, u32, bool, bool)>,
    /// Deferred calls whose records become slots: block, instruction.
    defers: Vec<(u32, u32)>,
}

fn plan(f: &Func, flows: &Flows<'_>) -> Changes {
    let mut changes = Changes::default();
    let mut room = FRAME;
    for (i, site) in flows.sites.iter().enumerate() {
        let object = flows.site_object(i);
        if flows.escaped[object] || site.size > LARGEST.min(room) || !once_at_a_time(f, flows, site, object) {
            continue;
        }
        room -= site.size;
        changes.sites.push(*site);
    }
    for (b, block) in f.blocks.iter().enumerate() {
        for (i, data) in block.insts.iter().enumerate() {
            let (dst, src) = match &data.inst {
                Inst::Load { addr, access, .. } => (false, access.race && flows.is_own(*addr)),
                Inst::Store { addr, access, .. } | Inst::Zero { dst: addr, access, .. } => {
                    (access.race && flows.is_own(*addr), false)
                }
                Inst::Copy { dst, src, dst_access, src_access, .. } => {
                    (dst_access.race && flows.is_own(*dst), src_access.race && flows.is_own(*src))
                }
                _ => continue,
            };
            if dst || src {
                changes.quiet.push((b as u32, i as u32, dst, src));
            }
        }
    }
    changes
}

/// Whether no two objects of an allocation are in use at the same time.
fn once_at_a_time(f: &Func, flows: &Flows<'_>, site: &Site, object: usize) -> bool {
    if !cfg::is_repeated(f, site.block as usize) {
        return true;
    }
    let (nodes, pinned) = flows.holders(object);
    !pinned && nodes.iter().all(|&node| node == site.result.index() || !used_again(f, site, node))
}

/// Whether a value or variable is used behind an allocation before it is defined again.
fn used_again(f: &Func, site: &Site, node: usize) -> bool {
    let local = node.checked_sub(f.values.len());
    // Whether a part of a block uses it, or else defines it.
    let look = |block: &Block, from: usize| -> Option<bool> {
        for data in &block.insts[from..] {
            let mut used = false;
            match (local, &data.inst) {
                (Some(l), Inst::GetLocal { local }) => used = local.index() == l,
                (Some(l), Inst::SetLocal { local, .. }) if local.index() == l => return Some(false),
                (Some(_), _) => {}
                (None, inst) => cfg::uses(inst, |v| used |= v.index() == node),
            }
            if used {
                return Some(true);
            }
            if local.is_none() && data.results.iter().any(|v| v.index() == node) {
                return Some(false);
            }
        }
        let mut used = false;
        if let (None, Some(term)) = (local, &block.term) {
            cfg::term_uses_mut(&mut term.clone(), |v| used |= v.index() == node);
        }
        used.then_some(true)
    };
    let home = &f.blocks[site.block as usize];
    if let Some(used) = look(home, site.inst as usize + 1) {
        return used;
    }
    let mut seen = vec![false; f.blocks.len()];
    let mut work = cfg::successors(home);
    while let Some(b) = work.pop() {
        if std::mem::replace(&mut seen[b.index()], true) {
            continue;
        }
        let block = &f.blocks[b.index()];
        match look(block, 0) {
            Some(true) => return true,
            Some(false) => {}
            None => work.extend(cfg::successors(block)),
        }
    }
    false
}

/// Makes the changes; gives the slots of the objects.
fn apply(unit: &mut Unit, f: &mut Func, changes: Changes) -> Vec<SlotId> {
    let first = f.slots.len();
    for (b, i, to, from) in changes.quiet {
        match &mut f.blocks[b as usize].insts[i as usize].inst {
            Inst::Load { access, .. } | Inst::Store { access, .. } | Inst::Zero { access, .. } => access.race = false,
            Inst::Copy { dst_access, src_access, .. } => {
                dst_access.race &= !to;
                src_access.race &= !from;
            }
            _ => {}
        }
    }
    // From the last on, so that places stay where they are.
    let sites = changes.sites.iter().map(|site| (site.block, site.inst, Some(site)));
    let defers = changes.defers.iter().map(|&(b, i)| (b, i, None));
    let mut moved: Vec<(u32, u32, Option<&Site>)> = sites.chain(defers).collect();
    moved.sort_by_key(|&(b, i, _)| std::cmp::Reverse((b, i)));
    for (block, inst, site) in moved {
        let at = (block as usize, inst as usize);
        match site {
            Some(&Site { buffered: Some(name), size, align, .. }) => {
                let symbol = unit.symbol(name);
                let (buffer, room) = (f.value(Ty::I64), f.value(Ty::I64));
                let slot = f.slot(size, align);
                let before = [
                    (Inst::SlotAddr { slot, offset: 0 }, buffer),
                    (Inst::Int { ty: Ty::I64, value: size as i64 }, room),
                ];
                call_with(f, at, symbol, &before);
            }
            Some(site) => replace(f, at, site),
            None => {
                let symbol = unit.symbol(DEFER_IN_FRAME);
                let record = f.value(Ty::I64);
                let slot = f.slot(DEFER_RECORD, 8);
                call_with(f, at, symbol, &[(Inst::SlotAddr { slot, offset: 0 }, record)]);
            }
        }
    }
    (first..f.slots.len()).map(|slot| SlotId(slot as u32)).collect()
}

/// Writes over slots wherever the function returns, when what it returns has been computed.
fn poison(unit: &mut Unit, f: &mut Func, slots: &[SlotId]) {
    // The function that does it has no such objects, and would call itself.
    if slots.is_empty() || unit.name(f.name) == POISON {
        return;
    }
    let symbol = unit.symbol(POISON);
    for block in 0..f.blocks.len() {
        if !matches!(f.blocks[block].term, Some(Term::Return(_))) {
            continue;
        }
        let place = f.blocks[block].term_place;
        for &slot in slots {
            let size = f.slots[slot.index()].size as i64;
            let (at, room) = (f.value(Ty::I64), f.value(Ty::I64));
            let call = Inst::Call {
                callee: Callee::Symbol(symbol),
                sig: Sig { params: vec![Ty::I64, Ty::I64], results: Vec::new() },
                args: vec![at, room],
            };
            let insts = [
                (Inst::SlotAddr { slot, offset: 0 }, vec![at]),
                (Inst::Int { ty: Ty::I64, value: size }, vec![room]),
                (call, Vec::new()),
            ];
            f.blocks[block].insts.extend(insts.map(|(inst, results)| InstData { inst, results, place }));
        }
    }
}

/// Makes an allocation the address of a slot, which is cleared.
fn replace(f: &mut Func, (block, at): (usize, usize), site: &Site) {
    let slot: SlotId = f.slot(site.size, site.align);
    let insts = &mut f.blocks[block].insts;
    insts[at].inst = Inst::SlotAddr { slot, offset: 0 };
    let zero = Inst::Zero { dst: site.result, size: site.size, align: site.align, access: crate::Access::default() };
    let place = insts[at].place;
    insts.insert(at + 1, InstData { inst: zero, results: Vec::new(), place });
}

/// Makes a call one of another function, which takes more arguments in front: what `before` computes.
fn call_with(f: &mut Func, (block, at): (usize, usize), symbol: SymbolId, before: &[(Inst, Value)]) {
    let insts = &mut f.blocks[block].insts;
    if let Inst::Call { callee, sig, args } = &mut insts[at].inst {
        *callee = Callee::Symbol(symbol);
        sig.params.splice(0..0, before.iter().map(|_| Ty::I64));
        args.splice(0..0, before.iter().map(|&(_, v)| v));
    }
    let place = insts[at].place;
    let before = before.iter().cloned().map(|(inst, v)| InstData { inst, results: vec![v], place });
    insts.splice(at..at, before);
}
