//! Short loops that compute in registers alone are no points of preemption: nobody can tell whether another goroutine ran in between.
//!
//! Such a loop ends after a constant number of rounds: its head compares a variable with a constant, the variable starts at a constant
//! that is not negative, and each round adds to it. Its body reads and writes no memory and calls nothing, so that
//! schedules lose no interleaving, and is short enough for a collection to wait for it. What a back-edge costs, a count in memory,
//! is most of what some of these loops do besides their arithmetic.

use super::Context;
use super::cfg::{Graph, successors};
use crate::func::{BlockId, Func, LocalId, Ty, Value};
use crate::inst::{BinOp, CmpOp, Inst, Term};
use crate::unit::Unit;

/// A loop has at most so many rounds, of at most so many instructions.
const ROUNDS: i64 = 512;
const INSTRUCTIONS: usize = 128;

pub fn run(unit: &mut Unit, _: &Context<'_>) {
    unit.funcs.iter_mut().for_each(func);
}

fn func(f: &mut Func) {
    let is_preempt = |b: &crate::func::Block| b.insts.iter().any(|data| matches!(data.inst, Inst::Preempt));
    let latches: Vec<BlockId> =
        (0..f.blocks.len()).filter(|&b| is_preempt(&f.blocks[b])).map(|b| BlockId(b as u32)).collect();
    if latches.is_empty() {
        return;
    }
    let graph = Graph::of(f);
    let bounded: Vec<BlockId> = latches.into_iter().filter(|&latch| is_bounded(f, &graph, latch)).collect();
    for latch in bounded {
        f.blocks[latch.index()].insts.retain(|data| !matches!(data.inst, Inst::Preempt));
    }
}

/// Whether the loop that a block closes is as the module says.
fn is_bounded(f: &Func, graph: &Graph, latch: BlockId) -> bool {
    let Some(Term::Jump(head)) = f.blocks[latch.index()].term else { return false };
    if !graph.reaches(latch) || !graph.dominates(head, latch) {
        return false;
    }
    let Some(body) = body(f, graph, head, latch) else { return false };
    counter(f, &body, head).is_some_and(|counter| grows(f, graph, &body, latch, counter))
}

/// The blocks of the loop, if they only compute, and there is no loop in them.
fn body(f: &Func, graph: &Graph, head: BlockId, latch: BlockId) -> Option<Vec<BlockId>> {
    let mut body = vec![head];
    let mut work = vec![latch];
    let mut instructions = 0;
    while let Some(b) = work.pop() {
        if body.contains(&b) {
            continue;
        }
        body.push(b);
        work.extend(&graph.predecessors[b.index()]);
    }
    for &b in &body {
        let block = &f.blocks[b.index()];
        instructions += block.insts.len();
        let computes =
            block.insts.iter().all(|data| data.inst.computes() || (b == latch && matches!(data.inst, Inst::Preempt)));
        let returns = |to: &BlockId| body.contains(to) && graph.dominates(*to, b);
        let inner = successors(block).iter().filter(|to| returns(to)).any(|&to| (b, to) != (latch, head));
        if !computes || inner || instructions > INSTRUCTIONS {
            return None;
        }
    }
    Some(body)
}

/// What defines a value.
fn definition(f: &Func, value: Value) -> Option<&Inst> {
    let all = f.blocks.iter().flat_map(|b| &b.insts);
    all.into_iter().find(|data| data.results.contains(&value)).map(|data| &data.inst)
}

fn constant(f: &Func, value: Value) -> Option<i64> {
    match definition(f, value) {
        Some(Inst::Int { value, .. }) => Some(*value),
        _ => None,
    }
}

/// The variable that must be below a constant for the loop to go on.
fn counter(f: &Func, body: &[BlockId], head: BlockId) -> Option<LocalId> {
    let Some(Term::Branch { cond, then, els }) = &f.blocks[head.index()].term else { return None };
    let Some(Inst::Cmp { op: CmpOp::SLt, ty: Ty::I64, a, b }) = definition(f, *cond) else { return None };
    let within = constant(f, *b).is_some_and(|bound| bound <= ROUNDS);
    let in_head = f.blocks[head.index()].insts.iter().any(|data| data.results.contains(a));
    match definition(f, *a) {
        Some(Inst::GetLocal { local }) if within && in_head && body.contains(then) && !body.contains(els) => {
            Some(*local)
        }
        _ => None,
    }
}

/// Whether a variable starts at a constant, and every round adds to it.
fn grows(f: &Func, graph: &Graph, body: &[BlockId], latch: BlockId, counter: LocalId) -> bool {
    let mut rises = 0;
    let mut starts = 0;
    for (at, block) in f.blocks.iter().enumerate() {
        let at = BlockId(at as u32);
        for data in &block.insts {
            let Inst::SetLocal { local, value } = data.inst else { continue };
            if local != counter || !graph.reaches(at) {
                continue;
            }
            if !body.contains(&at) {
                if constant(f, value).is_none_or(|start| start < 0) {
                    return false;
                }
                starts += 1;
                continue;
            }
            let Some(Inst::Bin { op: BinOp::Add, ty: Ty::I64, a, b }) = definition(f, value) else { return false };
            let from_itself = matches!(definition(f, *a), Some(Inst::GetLocal { local }) if *local == counter);
            let in_body = body.iter().flat_map(|b| &f.blocks[b.index()].insts).any(|data| data.results.contains(a));
            let step = constant(f, *b).is_some_and(|step| (1..=ROUNDS).contains(&step));
            if !from_itself || !in_body || !step || !graph.dominates(at, latch) {
                return false;
            }
            rises += 1;
        }
    }
    rises == 1 && starts > 0
}

#[cfg(test)]
mod tests {
    use super::func;
    use crate::text::parse;
    use crate::unit::Unit;

    /// Whether a loop from `start` below `bound` by `step`, with one more line in its body, is still a point of preemption.
    fn preempts(start: &str, bound: i64, step: i64, more: &str) -> bool {
        let text = format!(
            "func f (i64) -> ()
  l0: i64 i
  l1: i64 other
b0:
  {start}
  set l0, v1
  jump b1
b1:
  v2 = get l0
  v3 = iconst.i64 {bound}
  v4 = cmp.slt.i64 v2, v3
  br v4, b2, b3
b2:
  {more}
  v6 = iconst.i64 {step}
  v7 = add.i64 v2, v6
  set l0, v7
  preempt
  jump b1
b3:
  return
"
        );
        let mut funcs = parse::funcs(&mut Unit::default(), &text).expect("it parses");
        assert_eq!(crate::verify::func(&funcs[0]), Vec::<String>::new());
        func(&mut funcs[0]);
        funcs[0].blocks.iter().flat_map(|b| &b.insts).any(|data| matches!(data.inst, crate::Inst::Preempt))
    }

    #[test]
    fn only_short_loops_that_compute_lose_their_preemption() {
        let zero = "v1 = iconst.i64 0";
        assert!(!preempts(zero, 60, 1, "v5 = mul.i64 v2, v2"));
        assert!(!preempts("v1 = iconst.i64 3", 512, 2, "set l1, v2"));
        assert!(preempts(zero, 100_000, 1, ""), "long");
        assert!(preempts(zero, 60, 0, ""), "endless");
        assert!(preempts("v1 = iconst.i64 -9000000", 60, 1, ""), "long from below");
        assert!(preempts("v1 = add.i64 v0, v0", 60, 1, ""), "from somewhere");
        assert!(preempts(zero, 60, 1, "set l0, v3"), "set back");
        assert!(preempts(zero, 60, 1, "v5 = load.i64 [v0+0] race"), "reads memory");
        assert!(preempts(zero, 60, 1, "store.i64 v2, [v0+0]"), "writes memory");
        assert!(preempts(zero, 60, 1, "call g() : () -> ()"), "calls");
    }
}
