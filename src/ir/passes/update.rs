//! What is read and then written in one go (`x++`, `x += y`) is checked once, as a read and a write, where it is read.
//!
//! The two stand in one block and at one place of the source, and nothing between them calls, synchronises, or may panic: it computes
//! in registers. So the goroutine's epoch is the same, no other runs in between, and the write is sure to follow. The check passes
//! when that of the write would: a write also stands for a read of its bytes (`gorace_detect::race`).

use super::Context;
use crate::func::{Block, Func};
use crate::inst::{Inst, InstData};
use crate::unit::Unit;

pub fn run(unit: &mut Unit, context: &Context<'_>) {
    if context.race {
        unit.funcs.iter_mut().for_each(func);
    }
}

fn func(f: &mut Func) {
    for block in &mut f.blocks {
        for store in 0..block.insts.len() {
            if let Some(load) = read_before(block, store) {
                set(&mut block.insts[load], |access| access.update = true);
                set(&mut block.insts[store], |access| access.race = false);
            }
        }
    }
}

fn set(data: &mut InstData, change: impl FnOnce(&mut crate::Access)) {
    if let Inst::Load { access, .. } | Inst::Store { access, .. } = &mut data.inst {
        change(access);
    }
}

/// The load that a store makes an update of.
fn read_before(block: &Block, store: usize) -> Option<usize> {
    let data = &block.insts[store];
    let Inst::Store { ty, addr, offset, access, .. } = &data.inst else { return None };
    if !access.race {
        return None;
    }
    for (at, before) in block.insts[..store].iter().enumerate().rev() {
        if let Inst::Load { ty: read, addr: from, offset: by, access } = &before.inst {
            let same = (from, by, read.size()) == (addr, offset, ty.size());
            return (same && access.race && before.place == data.place).then_some(at);
        }
        if !before.inst.computes() {
            return None;
        }
    }
    None
}
