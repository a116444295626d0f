//! What was computed, loaded or checked before is not computed, loaded or checked again.
//!
//! One walk over the dominator tree with tables whose entries last as long as the walk is below the block that made them (scoped value
//! numbering, as in Briggs, Cooper and Simpson 1997), and four kinds of entries:
//! - *expressions* without effects, and *conditions* that a branch has decided: good in all that their block dominates. A branch on what
//!   is decided becomes a jump; an index below a length that a loop's condition compared it with needs no check.
//! - *variables* and *loads*: good within an extended basic block (a chain of blocks with one predecessor each) until
//!   the variable is set, or anything is written or called.
//! - *addresses* that were accessed: not nil in all that is dominated.
//! - *race checks*: good within an extended basic block until a call or an atomic operation, which may release. A check of the same
//!   place in the same epoch (or of a read after a write) finds no race that the first does not find: whoever races with the second
//!   access races with the first (FastTrack's same-epoch rule, Flanagan and Freund 2009; RedCard 2013 does it ahead of time).
//!
//! Then loads go whose values nobody uses, where a neighbour faults in their place: the capacity of a slice that is indexed, say. A
//! load that is checked goes only beside another word of the same slice (or string, interface, complex number): whoever writes one of
//! these writes all. The unused fields of a copied struct are read in Go's sense, and checked.

use super::Context;
use super::cfg::{self, Graph};
use crate::func::{BlockId, Func, LocalId, SlotId, Ty, Value};
use crate::inst::{Access, BinOp, Callee, CmpOp, ConvOp, Inst, Term, UnOp};
use crate::unit::{SymbolId, Unit};
use rustc_hash::{FxHashMap, FxHashSet};

/// Faults at addresses below this are nil dereferences.
const NIL_PAGE: i32 = 4096;

/// Natives that do not synchronise and return.
const LEAVES: [&str; 5] = [
    "runtime.memmove",
    "runtime.memmoveNoPointers",
    "runtime.memclrNoHeapPointers",
    "runtime.memequal",
    "runtime.memhash",
];

pub fn run(unit: &mut Unit, _: &Context<'_>) {
    let leaves: Vec<SymbolId> = LEAVES.iter().filter_map(|name| unit.known_symbol(name)).collect();
    for f in &mut unit.funcs {
        func(f, &leaves);
    }
}

/// An instruction without effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Expr {
    Int(Ty, i64),
    Float(Ty, u64),
    Symbol(SymbolId, i64),
    Slot(SlotId, i64),
    Bin(BinOp, Ty, Value, Value),
    Un(UnOp, Ty, Value),
    Cmp(CmpOp, Ty, Value, Value),
    Convert(ConvOp, Ty, Ty, Value),
    Select(Value, Value, Value),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Expr(Expr),
    /// A branch has decided it.
    Decided(Value),
    NotNil(Value),
    /// The first number is the context.
    Local(u32, LocalId),
    Load(u32, Value, i32, Ty),
    Check(u32, Value, i32, u64),
}

/// What is known: a value, or yes and no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Value(Value),
    Flag(bool),
}

/// Numbers of the present contexts.
#[derive(Debug, Clone, Copy)]
struct Contexts {
    locals: u32,
    loads: u32,
    checks: u32,
}

struct Walk<'w> {
    leaves: &'w [SymbolId],
    table: FxHashMap<Key, Known>,
    /// What to put back when a scope ends.
    log: Vec<(Key, Option<Known>)>,
    now: Contexts,
    contexts: u32,
    new: Vec<Option<Value>>,
    exprs: Vec<Option<Expr>>,
    /// The variable that a value was got from.
    got: Vec<Option<LocalId>>,
    /// Variables that are never negative.
    counters: FxHashSet<LocalId>,
    gone: Vec<Vec<u32>>,
}

fn func(f: &mut Func, leaves: &[SymbolId]) {
    let graph = Graph::of(f);
    let mut children: Vec<Vec<BlockId>> = vec![Vec::new(); f.blocks.len()];
    for &b in &graph.order[1..] {
        children[graph.dominator[b.index()].index()].push(b);
    }
    let mut walk = Walk {
        leaves,
        table: FxHashMap::default(),
        log: Vec::new(),
        now: Contexts { locals: 0, loads: 0, checks: 0 },
        contexts: 0,
        new: vec![None; f.values.len()],
        exprs: vec![None; f.values.len()],
        got: vec![None; f.values.len()],
        counters: counters(f),
        gone: vec![Vec::new(); f.blocks.len()],
    };
    // Block, next child, length of the log before it, and the contexts at its end.
    let mut work: Vec<(BlockId, usize, usize, Contexts)> = Vec::new();
    walk.block(f, BlockId(0));
    work.push((BlockId(0), 0, 0, walk.now));
    while let Some((at, next, start, end)) = work.last_mut() {
        match children[at.index()].get(*next) {
            Some(&child) => {
                *next += 1;
                let (at, end) = (*at, *end);
                let start = walk.log.len();
                walk.now = end;
                if graph.predecessors[child.index()].len() == 1 {
                    if let Some(Term::Branch { cond, then, els }) = f.blocks[at.index()].term
                        && then != els
                    {
                        let cond = walk.find(cond);
                        walk.put(Key::Decided(cond), Known::Flag(child == then));
                    }
                } else {
                    walk.now = Contexts { locals: walk.fresh(), loads: walk.fresh(), checks: walk.fresh() };
                }
                walk.block(f, child);
                work.push((child, 0, start, walk.now));
            }
            None => {
                let start = *start;
                work.pop();
                walk.undo(start);
            }
        }
    }
    let Walk { new, gone, .. } = walk;
    for (block, gone) in f.blocks.iter_mut().zip(gone) {
        if gone.is_empty() {
            continue;
        }
        let (mut at, mut gone) = (0, gone.into_iter().peekable());
        block.insts.retain(|_| {
            let goes = gone.next_if_eq(&at).is_some();
            at += 1;
            !goes
        });
    }
    cfg::replace(f, &new);
    drop_unused_loads(f);
}

/// Variables that start at or above zero and are only counted up.
fn counters(f: &Func) -> FxHashSet<LocalId> {
    let mut numbers = FxHashMap::default();
    let mut gets = FxHashMap::default();
    let mut sums = FxHashMap::default();
    let mut good: FxHashMap<LocalId, bool> = FxHashMap::default();
    for data in f.blocks.iter().flat_map(|b| &b.insts) {
        match (&data.inst, &data.results[..]) {
            (Inst::Int { value, ty: Ty::I64 }, [v]) => _ = numbers.insert(*v, *value),
            (Inst::GetLocal { local }, [v]) => _ = gets.insert(*v, *local),
            (Inst::Bin { op: BinOp::Add, ty: Ty::I64, a, b }, [v]) => _ = sums.insert(*v, (*a, *b)),
            _ => {}
        }
    }
    for data in f.blocks.iter().flat_map(|b| &b.insts) {
        if let Inst::SetLocal { local, value } = &data.inst {
            let number = |v| numbers.get(v).copied().unwrap_or(-1);
            let counts = number(value) >= 0
                || sums.get(value).is_some_and(|(a, b)| {
                    // Steps of at most 2^32: what a loop's condition holds below 2^63 does not overflow.
                    gets.get(a) == Some(local) && (0..=1 << 32).contains(&number(b))
                });
            *good.entry(*local).or_insert(true) &= counts;
        }
    }
    good.into_iter().filter_map(|(local, good)| good.then_some(local)).collect()
}

impl Walk<'_> {
    fn fresh(&mut self) -> u32 {
        self.contexts += 1;
        self.contexts
    }

    fn find(&self, mut v: Value) -> Value {
        while let Some(other) = self.new[v.index()] {
            v = other;
        }
        v
    }

    fn put(&mut self, key: Key, known: Known) {
        let old = self.table.insert(key, known);
        self.log.push((key, old));
    }

    fn undo(&mut self, to: usize) {
        while self.log.len() > to {
            match self.log.pop() {
                Some((key, Some(old))) => _ = self.table.insert(key, old),
                Some((key, None)) => _ = self.table.remove(&key),
                None => {}
            }
        }
    }

    fn is(&self, key: Key) -> Option<bool> {
        match self.table.get(&key) {
            Some(Known::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    fn block(&mut self, f: &mut Func, at: BlockId) {
        let mut insts = std::mem::take(&mut f.blocks[at.index()].insts);
        for (i, data) in insts.iter_mut().enumerate() {
            cfg::uses_mut(&mut data.inst, |v| *v = self.find(*v));
            if self.inst(&mut data.inst, data.results.first().copied()) {
                self.gone[at.index()].push(i as u32);
            }
        }
        f.blocks[at.index()].insts = insts;
        if let Some(Term::Branch { cond, then, els }) = f.blocks[at.index()].term
            && let Some(decided) = self.decide(self.find(cond))
        {
            f.blocks[at.index()].term = Some(Term::Jump(if decided { then } else { els }));
        }
    }

    /// Looks at an instruction; says whether it can go.
    fn inst(&mut self, inst: &mut Inst, result: Option<Value>) -> bool {
        let expr = match *inst {
            Inst::Int { ty, value } => Expr::Int(ty, value),
            Inst::Float { ty, bits } => Expr::Float(ty, bits),
            Inst::SymbolAddr { symbol, offset } => Expr::Symbol(symbol, offset),
            Inst::SlotAddr { slot, offset } => Expr::Slot(slot, offset),
            Inst::Bin { op, ty, a, b } => Expr::Bin(op, ty, a, b),
            Inst::Un { op, ty, a } => Expr::Un(op, ty, a),
            Inst::Cmp { op, ty, a, b } => Expr::Cmp(op, ty, a, b),
            Inst::Convert { op, from, to, a } => Expr::Convert(op, from, to, a),
            Inst::Select { cond, a, b, .. } => Expr::Select(cond, a, b),
            _ => return self.effect(inst, result),
        };
        let Some(v) = result else { return false };
        match self.table.get(&Key::Expr(expr)) {
            Some(&Known::Value(known)) => {
                self.new[v.index()] = Some(known);
                true
            }
            _ => {
                self.exprs[v.index()] = Some(expr);
                self.put(Key::Expr(expr), Known::Value(v));
                false
            }
        }
    }

    fn effect(&mut self, inst: &mut Inst, result: Option<Value>) -> bool {
        match inst {
            Inst::GetLocal { local } => {
                let Some(v) = result else { return false };
                let key = Key::Local(self.now.locals, *local);
                if let Some(&Known::Value(known)) = self.table.get(&key) {
                    self.new[v.index()] = Some(known);
                    return true;
                }
                self.got[v.index()] = Some(*local);
                self.put(key, Known::Value(v));
            }
            Inst::SetLocal { local, value } => {
                let key = Key::Local(self.now.locals, *local);
                self.put(key, Known::Value(*value));
            }
            Inst::Load { ty, addr, offset, access } => {
                let Some(v) = result else { return false };
                let key = Key::Load(self.now.loads, *addr, *offset, *ty);
                let checked = self.is(Key::Check(self.now.checks, *addr, *offset, u64::from(ty.size()))).is_some();
                if let Some(&Known::Value(known)) = self.table.get(&key)
                    && (checked || !access.race)
                {
                    self.new[v.index()] = Some(known);
                    return true;
                }
                self.put(key, Known::Value(v));
                self.check(access, *addr, *offset, u64::from(ty.size()), false);
                self.touched(*addr, *offset);
            }
            Inst::Store { ty, addr, offset, access, .. } => {
                self.now.loads = self.fresh();
                self.check(access, *addr, *offset, u64::from(ty.size()), true);
                self.touched(*addr, *offset);
            }
            Inst::Copy { dst, src, size, dst_access, src_access, .. } => {
                self.now.loads = self.fresh();
                self.check(src_access, *src, 0, *size, false);
                self.check(dst_access, *dst, 0, *size, true);
            }
            Inst::Zero { dst, size, access, .. } => {
                self.now.loads = self.fresh();
                self.check(access, *dst, 0, *size, true);
            }
            Inst::NilCheck { addr } => {
                let is_slot = matches!(self.exprs[addr.index()], Some(Expr::Slot(..)));
                if is_slot || self.is(Key::NotNil(*addr)).is_some() {
                    return true;
                }
                self.put(Key::NotNil(*addr), Known::Flag(true));
            }
            Inst::Call { callee, .. } => {
                self.now.loads = self.fresh();
                if !matches!(callee, Callee::Symbol(symbol) if self.leaves.contains(symbol)) {
                    self.now.checks = self.fresh();
                }
            }
            // Others may run meanwhile, but this goroutine's epoch stays.
            Inst::Preempt => self.now.loads = self.fresh(),
            Inst::AtomicLoad { .. }
            | Inst::AtomicStore { .. }
            | Inst::AtomicRmw { .. }
            | Inst::AtomicCas { .. }
            | Inst::SetJump { .. } => {
                self.now.loads = self.fresh();
                self.now.checks = self.fresh();
            }
            _ => {}
        }
        false
    }

    fn touched(&mut self, addr: Value, offset: i32) {
        if (0..NIL_PAGE).contains(&offset) && self.is(Key::NotNil(addr)).is_none() {
            self.put(Key::NotNil(addr), Known::Flag(true));
        }
    }

    /// An access: its check goes when one that covers it was made.
    fn check(&mut self, access: &mut Access, addr: Value, offset: i32, size: u64, write: bool) {
        if !access.race {
            return;
        }
        let key = Key::Check(self.now.checks, addr, offset, size);
        match self.is(key) {
            Some(written) if written || !write => access.race = false,
            _ => self.put(key, Known::Flag(write)),
        }
    }

    /// Whether a condition is known.
    fn decide(&self, cond: Value) -> Option<bool> {
        if let Some(decided) = self.is(Key::Decided(cond)) {
            return Some(decided);
        }
        let Some(Expr::Cmp(CmpOp::UGe, Ty::I64, index, len)) = self.exprs[cond.index()] else { return None };
        if let (Some(Expr::Int(_, i)), Some(Expr::Int(_, n))) = (self.exprs[index.index()], self.exprs[len.index()]) {
            return Some(i as u64 >= n as u64);
        }
        let holds = |op, a, b| match self.table.get(&Key::Expr(Expr::Cmp(op, Ty::I64, a, b))) {
            Some(&Known::Value(v)) => self.is(Key::Decided(v)),
            _ => None,
        };
        let below = holds(CmpOp::SLt, index, len) == Some(true)
            || holds(CmpOp::SGt, len, index) == Some(true)
            || holds(CmpOp::SGe, index, len) == Some(false);
        (below && self.is_natural(index)).then_some(false)
    }

    /// Whether a value is never negative.
    fn is_natural(&self, v: Value) -> bool {
        if self.got[v.index()].is_some_and(|local| self.counters.contains(&local)) {
            return true;
        }
        match self.exprs[v.index()] {
            Some(Expr::Int(_, n)) => n >= 0,
            Some(Expr::Convert(ConvOp::ZExt, ..)) => true,
            _ => false,
        }
    }
}

/// What is written together with a word that is loaded: its address and where it starts.
fn variable(addr: Value, offset: i32, ty: Ty, access: Access) -> (Value, i32) {
    (addr, offset - i32::from(access.part.saturating_sub(1)) * ty.size() as i32)
}

/// Takes out loads without uses beside which another load of the same object stays: it faults where they would have. What they would
/// have found of races it finds, too.
fn drop_unused_loads(f: &mut Func) {
    let mut used = vec![false; f.values.len()];
    for block in &f.blocks {
        for data in &block.insts {
            cfg::uses(&data.inst, |v| used[v.index()] = true);
        }
        if let Some(term) = &block.term {
            cfg::term_uses_mut(&mut term.clone(), |v| used[v.index()] = true);
        }
    }
    for block in &mut f.blocks {
        let mut goes = vec![false; block.insts.len()];
        // Addresses whose loads stand together, and whether one of them stays.
        let mut kept: FxHashSet<Value> = FxHashSet::default();
        // Variables of several words of which one stays.
        let mut read: FxHashSet<(Value, i32)> = FxHashSet::default();
        let near = |offset: i32| (0..NIL_PAGE).contains(&offset);
        let mut start = 0;
        for end in 0..=block.insts.len() {
            let quiet = block.insts.get(end).is_some_and(|data| {
                matches!(
                    data.inst,
                    Inst::Load { .. }
                        | Inst::Int { .. }
                        | Inst::Float { .. }
                        | Inst::SymbolAddr { .. }
                        | Inst::SlotAddr { .. }
                        | Inst::GetLocal { .. }
                        | Inst::SetLocal { .. }
                        | Inst::Bin { .. }
                        | Inst::Cmp { .. }
                        | Inst::Convert { .. }
                        | Inst::Select { .. }
                )
            });
            if quiet {
                continue;
            }
            let run = &block.insts[start..end];
            kept.clear();
            read.clear();
            for data in run {
                if let (&Inst::Load { addr, offset, ty, access }, Some(v)) = (&data.inst, data.results.first())
                    && used[v.index()]
                    && near(offset)
                {
                    kept.insert(addr);
                    if access.part > 0 {
                        read.insert(variable(addr, offset, ty, access));
                    }
                }
            }
            for (i, data) in run.iter().enumerate() {
                if let (&Inst::Load { addr, offset, ty, access }, Some(v)) = (&data.inst, data.results.first())
                    && !used[v.index()]
                    && near(offset)
                    && kept.contains(&addr)
                    && (!access.race || (access.part > 0 && read.contains(&variable(addr, offset, ty, access))))
                {
                    goes[start + i] = true;
                }
            }
            start = end + 1;
        }
        let mut goes = goes.into_iter();
        block.insts.retain(|_| !goes.next().unwrap_or(false));
    }
}
