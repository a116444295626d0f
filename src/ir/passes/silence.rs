//! Without race checks, nobody listens to what the library says to the detector: calls of those natives go.
//!
//! They have no results, and no effect where there is no detector.

use super::Context;
use crate::inst::{Callee, Inst};
use crate::unit::{SymbolId, Unit};
use std::collections::HashSet;

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
    if silent.is_empty() {
        return;
    }
    for block in unit.funcs.iter_mut().flat_map(|f| &mut f.blocks) {
        block.insts.retain(|data| match &data.inst {
            Inst::Call { callee: Callee::Symbol(symbol), .. } => !silent.contains(symbol),
            _ => true,
        });
    }
}
