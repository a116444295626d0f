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
    /// Passes that are left out, by name.
    pub without: &'c [String],
    /// Is shown the unit after lowering (`LOWERING`) and after each pass that ran.
    pub watch: &'c (dyn Fn(&str, &Unit) + Sync),
}

/// What stands for a pass in front of the first one.
pub const LOWERING: &str = "lowering";

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
    /// The passes that come before it, each with what it gains by that. All work without: whichever is left out, programs do
    /// the same.
    pub after: &'static [(&'static str, &'static str)],
    run: fn(&mut Unit, &Context<'_>),
}

/// All passes, in the order in which they run.
pub const PASSES: &[Pass] = &[
    Pass { name: "silence", about: "without race checks, no calls of the detector", after: &[], run: silence::run },
    Pass { name: "forward", about: "variables that are set once become values", after: &[], run: forward::run },
    Pass {
        name: "inline",
        about: "small functions into their callers",
        after: &[
            ("silence", "bodies are counted without the calls that go, and atomics are no calls any more"),
            ("forward", "a variable that is a value costs nothing, and is not cleared in the caller"),
        ],
        run: inline::run,
    },
    Pass {
        name: "forward-inlined",
        about: "the same for parameters and results of inlined calls",
        after: &[("inline", "each result of an inlined call is a variable of its own")],
        run: forward::run,
    },
    Pass {
        name: "common",
        about: "nothing is computed, loaded or checked twice",
        after: &[("forward-inlined", "loads from one address are seen as such only where the address is one value")],
        run: common::run,
    },
    Pass {
        name: "bounded",
        about: "short loops in registers are no points of preemption",
        after: &[("common", "a bounds check that is decided has no branch that leaves the loop")],
        run: bounded::run,
    },
    Pass {
        name: "escape",
        about: "objects that do not outlive their function go into its frame",
        after: &[
            ("inline", "an object that an inlined function returns is its caller's"),
            ("forward-inlined", "a variable holds what any of its sets put there, a value what it is"),
        ],
        run: escape::run,
    },
    Pass {
        name: "update",
        about: "what is read and written in one go is checked once",
        after: &[
            ("common", "the load's check may go by an earlier one, and is no half of a pair then"),
            ("escape", "the same of objects that are the function's own"),
        ],
        run: update::run,
    },
];

/// The names of all passes, for people.
pub fn names() -> String {
    PASSES.iter().map(|pass| pass.name).collect::<Vec<_>>().join(", ")
}

/// Reads the passes to leave out: `-inline,-forward`.
///
/// # Errors
/// What is not such a list, with the names that there are.
pub fn left_out(text: &str) -> Result<Vec<String>, String> {
    let one = |word: &str| match word.trim().strip_prefix('-') {
        Some(name) if PASSES.iter().any(|pass| pass.name == name) => Ok(name.to_string()),
        Some(name) => Err(format!("there is no pass {name}; the passes are {}", names())),
        None => Err(format!("{word:?} is no pass to leave out, such as -inline; the passes are {}", names())),
    };
    text.split(',').filter(|word| !word.trim().is_empty()).map(one).collect()
}

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
        verify(unit, LOWERING)?;
    }
    (context.watch)(LOWERING, unit);
    for pass in PASSES.iter().filter(|pass| !context.without.iter().any(|name| name == pass.name)) {
        (pass.run)(unit, context);
        if context.verify {
            verify(unit, pass.name)?;
        }
        (context.watch)(pass.name, unit);
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

/// Runs one pass, for tests; false when there is none of that name.
#[cfg(test)]
pub(crate) fn run_one(name: &str, unit: &mut Unit, context: &Context<'_>) -> bool {
    let pass = PASSES.iter().find(|pass| pass.name == name);
    pass.is_some_and(|pass| {
        (pass.run)(unit, context);
        true
    })
}

/// What the escape analysis knows, for tests.
#[cfg(test)]
pub(crate) fn describe_flow(unit: &mut Unit, context: &Context<'_>) -> String {
    escape::describe(unit, context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_run_behind_those_that_they_name() {
        for (at, pass) in PASSES.iter().enumerate() {
            for (before, why) in pass.after {
                let found = PASSES[..at].iter().any(|other| other.name == *before);
                assert!(found && !why.is_empty(), "{} comes after {before}, which does not come before it", pass.name);
            }
        }
    }

    #[test]
    fn passes_to_leave_out_are_named() {
        assert_eq!(left_out(""), Ok(Vec::new()));
        assert_eq!(left_out("-inline, -forward"), Ok(vec!["inline".to_string(), "forward".to_string()]));
        assert!(
            left_out("-frobnicate").is_err_and(|e| e.contains("no pass frobnicate") && e.contains("silence, forward"))
        );
        assert!(left_out("inline").is_err_and(|e| e.contains("\"inline\" is no pass to leave out")));
    }
}
