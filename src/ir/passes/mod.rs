//! Passes over a lowered unit. Each is a file, a record of the table, and says what it needs of those before it.
//!
//! - `silence`: without race checks, no calls of the detector.
//! - `inline`: small functions into their callers.
//! - `forward`: variables that are set once become values.
//! - `common`: what was computed, loaded or checked before is not computed, loaded or checked again.
//! - `bounded`: short loops that only compute are no points of preemption.
//! - `escape`: objects that do not outlive their function go into its frame; by `flow`, where pointers go, and `summary`, what is
//!   known of callees.
//! - `update`: what is read and written in one go is checked once.
//! - `cfg`: what several of them ask of a function's graph.
//!
//! A pass keeps functions well formed, keeps the order of what the program can see (stores, calls, panics, synchronisation), and
//! keeps each instruction's place: stack traces and race reports are made of places.

mod bounded;
pub mod cfg;
mod common;
mod escape;
mod flow;
mod forward;
mod inline;
mod silence;
pub mod summary;
mod update;

use crate::unit::Unit;

/// What passes are told about the world outside the unit.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    /// Whether the runtime replaces the body of the function of this name.
    pub is_override: &'c (dyn Fn(&str) -> bool + Sync),
    /// The summary of another package's function.
    pub imported: &'c (dyn Fn(&str) -> Option<std::sync::Arc<summary::Summary>> + Sync),
    /// Race checks will be made.
    pub race: bool,
    /// Operations of sync/atomic need not be calls of the runtime.
    pub opens_atomics: bool,
    /// Check functions after each pass.
    pub verify: bool,
    /// What the escape analysis does with what it found.
    pub frames: Frames,
}

/// Whether objects that do not outlive their function go into its frame: the switch of the escape analysis, and its trials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Frames {
    /// They do.
    #[default]
    Use,
    /// They do, and a function that returns writes over them: whoever still looks at one reads nonsense.
    Poison,
    /// Everything escapes, as far as the analysis is asked: no object in a frame, no race check left out.
    Heap,
}

impl Frames {
    /// By the name that `GORACE_FRAMES` gives.
    pub fn of_name(name: &str) -> Option<Frames> {
        match name {
            "use" => Some(Frames::Use),
            "poison" => Some(Frames::Poison),
            "heap" => Some(Frames::Heap),
            _ => None,
        }
    }
}

/// One pass.
pub struct Pass {
    pub name: &'static str,
    /// What it is for, in a line.
    pub about: &'static str,
    run: fn(&mut Unit, &Context<'_>),
}

/// All passes, in the order in which they run.
pub const PASSES: &[Pass] = &[
    Pass { name: "silence", about: "without race checks, no calls of the detector", run: silence::run },
    Pass { name: "forward", about: "variables that are set once become values", run: forward::run },
    Pass { name: "inline", about: "small functions into their callers", run: inline::run },
    Pass { name: "forward-inlined", about: "the same for parameters and results of inlined calls", run: forward::run },
    Pass { name: "common", about: "nothing is computed, loaded or checked twice", run: common::run },
    Pass { name: "bounded", about: "short loops in registers are no points of preemption", run: bounded::run },
    Pass { name: "escape", about: "objects that do not outlive their function go into its frame", run: escape::run },
    Pass { name: "update", about: "what is read and written in one go is checked once", run: update::run },
];

fn verify(unit: &Unit, after: &str) -> Result<(), String> {
    for func in &unit.funcs {
        let errors = crate::verify::func(func);
        if !errors.is_empty() {
            let text = crate::text::print::func(unit, func);
            return Err(format!("after {after}:\n{}\n{text}", errors.join("\n")));
        }
    }
    Ok(())
}

/// Runs all passes over a unit.
///
/// # Errors
/// What is wrong with a function after a pass, or with its text, when `verify` is set: a bug of ours.
pub fn run(unit: &mut Unit, context: &Context<'_>) -> Result<(), String> {
    if context.verify {
        verify(unit, "lowering")?;
    }
    for pass in PASSES {
        (pass.run)(unit, context);
        if context.verify {
            verify(unit, pass.name)?;
        }
    }
    if context.verify {
        for func in unit.funcs.clone() {
            crate::text::comes_back(unit, &func).map_err(|e| format!("the text of {}: {e}", func.go_name))?;
        }
    }
    // Bodies of other packages were only there to be inlined.
    unit.funcs.retain(|f| !f.flags.foreign);
    Ok(())
}
