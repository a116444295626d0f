//! Without race checks, nobody listens to what the library says to the detector: calls of those natives go. They have no results, and
//! no effect where there is no detector.
//!
//! Where nobody chooses schedules either, the functions of sync/atomic become the processor's operations.

use super::Context;
use crate::func::{Func, Ty};
use crate::inst::{AtomicOp, BinOp, Callee, CmpOp, Inst, InstData};
use crate::unit::{SymbolId, Unit};
use std::collections::{HashMap, HashSet};

/// Natives that only tell the detector something.
const NATIVES: [&str; 12] = [
    "runtime.racereadfrom",
    "runtime.racewritefrom",
    "runtime.racereadrangefrom",
    "runtime.racewriterangefrom",
    "runtime.racereadrange",
    "runtime.racewriterange",
    "runtime.raceacquire",
    "runtime.racerelease",
    "runtime.racereleasemerge",
    "runtime.racedisable",
    "runtime.raceenable",
    "runtime.raceignore",
];

pub fn run(unit: &mut Unit, context: &Context<'_>) {
    if context.race {
        return;
    }
    let silent: HashSet<SymbolId> = NATIVES.iter().filter_map(|name| unit.known_symbol(name)).collect();
    let types: &[&str] = if context.opens_atomics { &TYPES } else { &[] };
    let atomics: HashMap<SymbolId, Atomic> = (types.iter())
        .flat_map(|ty| FUNCTIONS.map(|(function, atomic)| (format!("sync/atomic.{function}{ty}"), atomic)))
        .filter_map(|(name, atomic)| Some((unit.known_symbol(&name)?, atomic)))
        .collect();
    if silent.is_empty() && atomics.is_empty() {
        return;
    }
    for f in &mut unit.funcs {
        for block in &mut f.blocks {
            block.insts.retain(|data| match &data.inst {
                Inst::Call { callee: Callee::Symbol(symbol), .. } => !silent.contains(symbol),
                _ => true,
            });
        }
        open(f, &atomics);
    }
}

/// What a function of sync/atomic does.
#[derive(Debug, Clone, Copy)]
enum Atomic {
    Load,
    Store,
    Update(AtomicOp),
    CompareAndSwap,
}

const FUNCTIONS: [(&str, Atomic); 7] = [
    ("Load", Atomic::Load),
    ("Store", Atomic::Store),
    ("Add", Atomic::Update(AtomicOp::Add)),
    ("And", Atomic::Update(AtomicOp::And)),
    ("Or", Atomic::Update(AtomicOp::Or)),
    ("Swap", Atomic::Update(AtomicOp::Xchg)),
    ("CompareAndSwap", Atomic::CompareAndSwap),
];
const TYPES: [&str; 6] = ["Int32", "Uint32", "Int64", "Uint64", "Uintptr", "Pointer"];

/// Makes calls of sync/atomic operations.
fn open(f: &mut Func, atomics: &HashMap<SymbolId, Atomic>) {
    for block in 0..f.blocks.len() {
        let mut at = 0;
        while at < f.blocks[block].insts.len() {
            let data = &f.blocks[block].insts[at];
            if let Inst::Call { callee: Callee::Symbol(symbol), args, sig } = &data.inst
                && let Some(&atomic) = atomics.get(symbol)
            {
                let (args, ty) = (args.clone(), sig.params.get(1).or(sig.results.first()).copied());
                replace(f, block, at, atomic, &args, ty.unwrap_or(Ty::I64));
            }
            at += 1;
        }
    }
}

/// One of them: the operation, and behind it what makes the function's result of the operation's.
fn replace(f: &mut Func, block: usize, at: usize, atomic: Atomic, args: &[crate::Value], ty: Ty) {
    let (inst, made) = match (atomic, args) {
        (Atomic::Load, &[addr]) => (Inst::AtomicLoad { ty, addr }, None),
        (Atomic::Store, &[addr, value]) => (Inst::AtomicStore { ty, addr, value }, None),
        (Atomic::Update(op), &[addr, value]) => {
            // Of an addition the sum is given back.
            let sum = (op == AtomicOp::Add).then(|| {
                let was = f.value(ty);
                (was, Inst::Bin { op: BinOp::Add, ty, a: was, b: value })
            });
            (Inst::AtomicRmw { op, ty, addr, value }, sum)
        }
        (Atomic::CompareAndSwap, &[addr, old, new]) => {
            let was = f.value(ty);
            let swapped = Inst::Cmp { op: CmpOp::Eq, ty, a: was, b: old };
            (Inst::AtomicCas { ty, addr, old, new }, Some((was, swapped)))
        }
        _ => return,
    };
    let insts = &mut f.blocks[block].insts;
    insts[at].inst = inst;
    if let Some((was, inst)) = made {
        let results = std::mem::replace(&mut insts[at].results, vec![was]);
        let place = insts[at].place;
        insts.insert(at + 1, InstData { inst, results, place });
    }
}
