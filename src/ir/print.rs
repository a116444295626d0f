//! The text form of functions, for `--dump ir`.

use crate::func::Func;
use crate::inst::{Callee, Inst, Term};
use crate::unit::Unit;
use std::fmt::Write;

/// Prints a function.
pub fn func(unit: &Unit, f: &Func) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "func {} {:?} -> {:?}", unit.name(f.name), f.sig.params, f.sig.results);
    if let Some((_, summary)) = unit.summaries.iter().find(|(name, _)| *name == f.name) {
        let _ = writeln!(out, "  {summary}");
    }
    for (i, local) in f.locals.iter().enumerate() {
        let _ = writeln!(out, "  l{i}: {:?} {}", local.ty, local.name.as_deref().unwrap_or(""));
    }
    for (i, slot) in f.slots.iter().enumerate() {
        let _ = writeln!(out, "  s{i}: {} align {}", slot.size, slot.align);
    }
    for (i, block) in f.blocks.iter().enumerate() {
        let _ = writeln!(out, "b{i}:{}", if block.cold { " ; cold" } else { "" });
        for data in &block.insts {
            let results: Vec<String> = data.results.iter().map(|v| format!("v{}", v.0)).collect();
            let left = if results.is_empty() { String::new() } else { format!("{} = ", results.join(", ")) };
            let _ = writeln!(out, "  {left}{}", inst(unit, &data.inst));
        }
        let _ = match &block.term {
            Some(Term::Jump(to)) => writeln!(out, "  jump b{}", to.0),
            Some(Term::Branch { cond, then, els }) => writeln!(out, "  br v{}, b{}, b{}", cond.0, then.0, els.0),
            Some(Term::Switch { value, cases, default }) => {
                let cases: Vec<String> = cases.iter().map(|(k, b)| format!("{k}: b{}", b.0)).collect();
                writeln!(out, "  switch v{}, [{}], b{}", value.0, cases.join(", "), default.0)
            }
            Some(Term::Return(values)) => {
                let values: Vec<String> = values.iter().map(|v| format!("v{}", v.0)).collect();
                writeln!(out, "  return {}", values.join(", "))
            }
            Some(Term::Unreachable) => writeln!(out, "  unreachable"),
            None => writeln!(out, "  <open>"),
        };
    }
    out
}

fn inst(unit: &Unit, inst: &Inst) -> String {
    match inst {
        Inst::SymbolAddr { symbol, offset } => format!("symbol {}+{offset}", unit.name(*symbol)),
        Inst::Call { callee, args, .. } => {
            let args: Vec<String> = args.iter().map(|v| format!("v{}", v.0)).collect();
            let callee = match callee {
                Callee::Symbol(symbol) => unit.name(*symbol).to_string(),
                Callee::Code(v) => format!("code v{}", v.0),
                Callee::Closure(v) => format!("closure v{}", v.0),
            };
            format!("call {callee}({})", args.join(", "))
        }
        other => format!("{other:?}").replace("Value", "v"),
    }
}
