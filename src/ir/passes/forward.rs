//! Variables that are set once become values: where the one `set` dominates a `get`, what was set stands for what is got. The
//! other passes then see through parameters, results and temporaries.
//!
//! A get that the set does not dominate reads zero on some path; then the variable stays as it is.

use super::Context;
use super::cfg::{self, Graph};
use crate::func::{Func, Value};
use crate::inst::Inst;
use crate::unit::Unit;

pub fn run(unit: &mut Unit, _: &Context<'_>) {
    unit.funcs.iter_mut().for_each(func);
}

/// Where a variable is set.
#[derive(Clone, Copy, PartialEq)]
enum Set {
    Never,
    /// Block, instruction, value.
    Once(u32, u32, Value),
    Often,
}

fn func(f: &mut Func) {
    let mut sets = vec![Set::Never; f.locals.len()];
    for (b, block) in f.blocks.iter().enumerate() {
        for (i, data) in block.insts.iter().enumerate() {
            if let Inst::SetLocal { local, value } = data.inst {
                let set = &mut sets[local.index()];
                *set = if *set == Set::Never { Set::Once(b as u32, i as u32, value) } else { Set::Often };
            }
        }
    }
    if !sets.iter().any(|s| matches!(s, Set::Once(..))) {
        return;
    }
    let graph = Graph::of(f);
    let mut stays = vec![false; f.locals.len()];
    let each_get = |f: &Func, visit: &mut dyn FnMut(usize, usize, usize, Value)| {
        for (b, block) in f.blocks.iter().enumerate() {
            for (i, data) in block.insts.iter().enumerate() {
                if let Inst::GetLocal { local } = data.inst {
                    visit(b, i, local.index(), data.results[0]);
                }
            }
        }
    };
    each_get(f, &mut |b, i, local, _| {
        let block = crate::func::BlockId(b as u32);
        match sets[local] {
            Set::Once(at, k, _) if graph.reaches(block) => {
                let home = crate::func::BlockId(at);
                let before = if at as usize == b {
                    (k as usize) < i
                } else {
                    graph.reaches(home) && graph.dominates(home, block)
                };
                stays[local] |= !before;
            }
            Set::Once(..) => {}
            _ => stays[local] = true,
        }
    });
    let mut new = vec![None; f.values.len()];
    each_get(f, &mut |_, _, local, result| {
        if let (Set::Once(_, _, value), false) = (sets[local], stays[local]) {
            new[result.index()] = Some(value);
        }
    });
    cfg::replace(f, &new);
    for block in &mut f.blocks {
        block.insts.retain(|data| match data.inst {
            Inst::SetLocal { local, .. } | Inst::GetLocal { local } => {
                !matches!(sets[local.index()], Set::Once(..)) || stays[local.index()]
            }
            _ => true,
        });
    }
}
