//! A function's graph: successors, reverse post-order, predecessors, dominators (Cooper, Harvey and Kennedy 2001).

use crate::func::{Block, BlockId, Func, Value};
use crate::inst::{Callee, Inst, Term};

/// The blocks that a block may go on to.
pub fn successors(block: &Block) -> Vec<BlockId> {
    match &block.term {
        Some(Term::Jump(to)) => vec![*to],
        Some(Term::Branch { then, els, .. }) => vec![*then, *els],
        Some(Term::Switch { cases, default, .. }) => {
            cases.iter().map(|(_, to)| *to).chain(std::iter::once(*default)).collect()
        }
        _ => Vec::new(),
    }
}

/// Order and dominance of the blocks that can be reached.
pub struct Graph {
    /// Reachable blocks in reverse post-order; the entry is first.
    pub order: Vec<BlockId>,
    /// Position in `order`, by block; `u32::MAX` when not reachable.
    pub at: Vec<u32>,
    pub predecessors: Vec<Vec<BlockId>>,
    /// Immediate dominator, by block; the entry's is itself.
    pub dominator: Vec<BlockId>,
}

impl Graph {
    /// Looks at a function.
    pub fn of(f: &Func) -> Graph {
        let count = f.blocks.len();
        let next: Vec<Vec<BlockId>> = f.blocks.iter().map(successors).collect();
        let mut seen = vec![false; count];
        seen[0] = true;
        let mut order = Vec::with_capacity(count);
        let mut work: Vec<(BlockId, usize)> = vec![(BlockId(0), 0)];
        while let Some((at, done)) = work.last_mut() {
            match next[at.index()].get(*done) {
                Some(&to) => {
                    *done += 1;
                    if !std::mem::replace(&mut seen[to.index()], true) {
                        work.push((to, 0));
                    }
                }
                None => {
                    order.push(*at);
                    work.pop();
                }
            }
        }
        order.reverse();
        let mut at = vec![u32::MAX; count];
        order.iter().enumerate().for_each(|(i, b)| at[b.index()] = i as u32);
        let mut predecessors = vec![Vec::new(); count];
        for &b in &order {
            next[b.index()].iter().for_each(|to| predecessors[to.index()].push(b));
        }
        let dominator = dominators(&order, &at, &predecessors);
        Graph { order, at, predecessors, dominator }
    }

    /// Whether every way to `b` leads through `a`; a block dominates itself. Both must be reachable.
    pub fn dominates(&self, a: BlockId, mut b: BlockId) -> bool {
        while self.at[b.index()] > self.at[a.index()] {
            b = self.dominator[b.index()];
        }
        a == b
    }

    /// Whether a block can be reached.
    pub fn reaches(&self, b: BlockId) -> bool {
        self.at[b.index()] != u32::MAX
    }
}

fn dominators(order: &[BlockId], at: &[u32], predecessors: &[Vec<BlockId>]) -> Vec<BlockId> {
    const NONE: BlockId = BlockId(u32::MAX);
    let mut dominator = vec![NONE; at.len()];
    dominator[0] = BlockId(0);
    let mut changed = true;
    while changed {
        changed = false;
        for &b in &order[1..] {
            let mut new = NONE;
            for &p in &predecessors[b.index()] {
                if dominator[p.index()] == NONE {
                    continue;
                }
                if new == NONE {
                    new = p;
                    continue;
                }
                let mut q = p;
                while new != q {
                    while at[new.index()] > at[q.index()] {
                        new = dominator[new.index()];
                    }
                    while at[q.index()] > at[new.index()] {
                        q = dominator[q.index()];
                    }
                }
            }
            if dominator[b.index()] != new {
                dominator[b.index()] = new;
                changed = true;
            }
        }
    }
    dominator
}

/// Visits the values that an instruction uses.
pub fn uses_mut(inst: &mut Inst, mut visit: impl FnMut(&mut Value)) {
    match inst {
        Inst::Int { .. }
        | Inst::Float { .. }
        | Inst::SymbolAddr { .. }
        | Inst::SlotAddr { .. }
        | Inst::GetLocal { .. }
        | Inst::ClosureContext
        | Inst::Goroutine
        | Inst::FramePointer
        | Inst::SetJump { .. }
        | Inst::Preempt => {}
        Inst::Bin { a, b, .. } | Inst::Cmp { a, b, .. } => {
            visit(a);
            visit(b);
        }
        Inst::Un { a, .. } | Inst::Convert { a, .. } => visit(a),
        Inst::Select { cond, a, b, .. } => [cond, a, b].into_iter().for_each(visit),
        Inst::Fma { a, b, c, .. } => [a, b, c].into_iter().for_each(visit),
        Inst::Load { addr, .. }
        | Inst::Zero { dst: addr, .. }
        | Inst::NilCheck { addr }
        | Inst::RaceCheck { addr, .. }
        | Inst::AtomicLoad { addr, .. } => visit(addr),
        Inst::Store { value, addr, .. }
        | Inst::AtomicStore { addr, value, .. }
        | Inst::AtomicRmw { addr, value, .. } => {
            visit(value);
            visit(addr);
        }
        Inst::Copy { dst, src, .. } => {
            visit(dst);
            visit(src);
        }
        Inst::SetLocal { value, .. } => visit(value),
        Inst::Call { callee, args, .. } => {
            if let Callee::Code(v) | Callee::Closure(v) = callee {
                visit(v);
            }
            args.iter_mut().for_each(visit);
        }
        Inst::AtomicCas { addr, old, new, .. } => [addr, old, new].into_iter().for_each(visit),
    }
}

/// Visits the values that an instruction uses.
pub fn uses(inst: &Inst, mut visit: impl FnMut(Value)) {
    // A copy of a call's arguments would be the only cost; other instructions are plain data.
    match inst {
        Inst::Call { callee, args, .. } => {
            if let Callee::Code(v) | Callee::Closure(v) = callee {
                visit(*v);
            }
            args.iter().for_each(|v| visit(*v));
        }
        other => uses_mut(&mut other.clone(), |v| visit(*v)),
    }
}

/// Visits the values that a block's end uses.
pub fn term_uses_mut(term: &mut Term, mut visit: impl FnMut(&mut Value)) {
    match term {
        Term::Branch { cond, .. } => visit(cond),
        Term::Switch { value, .. } => visit(value),
        Term::Return(values) => values.iter_mut().for_each(visit),
        Term::Jump(_) | Term::Unreachable => {}
    }
}

/// Replaces values by others all over a function. `new[v]` is what stands for `v`; chains are followed.
pub fn replace(f: &mut Func, new: &[Option<Value>]) {
    let find = |v: &mut Value| {
        while let Some(Some(other)) = new.get(v.index()) {
            *v = *other;
        }
    };
    for block in &mut f.blocks {
        for data in &mut block.insts {
            uses_mut(&mut data.inst, find);
        }
        if let Some(term) = &mut block.term {
            term_uses_mut(term, find);
        }
    }
}

/// The blocks that are reached from the entry, in no particular order.
pub fn reachable(f: &Func) -> Vec<BlockId> {
    let mut seen = vec![false; f.blocks.len()];
    let mut found = Vec::new();
    let mut work = vec![BlockId(0)];
    while let Some(b) = work.pop() {
        if f.blocks.get(b.index()).is_some() && !std::mem::replace(&mut seen[b.index()], true) {
            found.push(b);
            work.extend(successors(&f.blocks[b.index()]));
        }
    }
    found
}

/// Whether a block can come again after itself.
pub fn is_repeated(f: &Func, home: usize) -> bool {
    let mut seen = vec![false; f.blocks.len()];
    let mut work = successors(&f.blocks[home]);
    while let Some(b) = work.pop() {
        if b.index() == home {
            return true;
        }
        if !std::mem::replace(&mut seen[b.index()], true) {
            work.extend(successors(&f.blocks[b.index()]));
        }
    }
    false
}
