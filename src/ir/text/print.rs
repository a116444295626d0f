//! Writes functions as text; see the module above for the form.

use super::{ATOMICS, BINARY, COMPARISONS, CONVERSIONS, TYPES, UNARY, is_plain, name_of};
use crate::func::{Func, FuncFlags, Ty, Value};
use crate::inst::{Access, Callee, Inst, Sig, Term};
use crate::unit::{Place, SymbolId, Unit};
use std::fmt::Write;

/// Flags of functions with their names in the text.
pub(super) type Flag = (&'static str, fn(&mut FuncFlags) -> &mut bool);

pub(super) const FLAGS: [Flag; 7] = [
    ("mergeable", |f| &mut f.mergeable),
    ("norace", |f| &mut f.no_race),
    ("wrapper", |f| &mut f.wrapper),
    ("nosplit", |f| &mut f.no_split),
    ("noinline", |f| &mut f.no_inline),
    ("noparameters", |f| &mut f.no_parameters),
    ("foreign", |f| &mut f.foreign),
];

/// Prints a function.
pub fn func(unit: &Unit, f: &Func) -> String {
    func_with(unit, f, &|_| None)
}

/// Prints a function; `spell` says in words for people where a place is.
pub fn func_with(unit: &Unit, f: &Func, spell: &dyn Fn(Place) -> Option<String>) -> String {
    let mut out = Printer { unit, spell, text: String::new(), place: Place::default() };
    out.func(f);
    out.text
}

struct Printer<'a> {
    unit: &'a Unit,
    spell: &'a dyn Fn(Place) -> Option<String>,
    text: String,
    /// Of the line before.
    place: Place,
}

impl Printer<'_> {
    fn func(&mut self, f: &Func) {
        let go_name = quoted(&f.go_name);
        let head = format!("func {} {} {go_name} @{}", self.symbol(f.name), sig(&f.sig), f.pos.0);
        self.text += &head;
        let mut flags = f.flags;
        for (name, flag) in FLAGS {
            if *flag(&mut flags) {
                let _ = write!(self.text, " {name}");
            }
        }
        self.text.push('\n');
        if let Some((_, summary)) = self.unit.summaries.iter().find(|(name, _)| *name == f.name) {
            let _ = writeln!(self.text, "  ; {summary}");
        }
        for site in &f.inlines {
            let _ = writeln!(self.text, "  inlined {} {}", quoted(&site.function), mark(site.call));
        }
        for (i, local) in f.locals.iter().enumerate() {
            let name = local.name.as_ref().map(|name| format!(" {}", word(name))).unwrap_or_default();
            let _ = writeln!(self.text, "  l{i}: {}{name}", ty(local.ty));
        }
        for (i, slot) in f.slots.iter().enumerate() {
            let _ = writeln!(self.text, "  s{i}: {} align {}", slot.size, slot.align);
        }
        for (i, block) in f.blocks.iter().enumerate() {
            let _ = writeln!(self.text, "b{i}{}:", if block.cold { " cold" } else { "" });
            for data in &block.insts {
                let results = values(&data.results);
                let left = if results.is_empty() { String::new() } else { format!("{results} = ") };
                let line = format!("{left}{}", self.inst(&data.inst));
                self.line(&line, data.place);
            }
            if let Some(end) = &block.term {
                self.line(&term(end), block.term_place);
            }
        }
    }

    fn line(&mut self, line: &str, place: Place) {
        let _ = write!(self.text, "  {line}");
        if place != self.place {
            let _ = write!(self.text, "  {}", mark(place));
            if let Some(spelled) = (self.spell)(place) {
                let _ = write!(self.text, " ; {spelled}");
            }
            self.place = place;
        }
        self.text.push('\n');
    }

    fn symbol(&self, symbol: SymbolId) -> String {
        word(self.unit.name(symbol))
    }

    fn inst(&self, inst: &Inst) -> String {
        match inst {
            Inst::Int { ty: t, value } => format!("iconst.{} {value}", ty(*t)),
            Inst::Float { ty: t, bits } => format!("fconst.{} {bits:#018x}", ty(*t)),
            Inst::SymbolAddr { symbol, offset } => format!("symbol {}{offset:+}", self.symbol(*symbol)),
            Inst::SlotAddr { slot, offset } => format!("slot s{}{offset:+}", slot.0),
            Inst::Bin { op, ty: t, a, b } => format!("{}.{} v{}, v{}", name_of(BINARY, op), ty(*t), a.0, b.0),
            Inst::Un { op, ty: t, a } => format!("{}.{} v{}", name_of(UNARY, op), ty(*t), a.0),
            Inst::Cmp { op, ty: t, a, b } => format!("cmp.{}.{} v{}, v{}", name_of(COMPARISONS, op), ty(*t), a.0, b.0),
            Inst::Convert { op, from, to, a } => {
                format!("convert.{}.{}.{} v{}", name_of(CONVERSIONS, op), ty(*from), ty(*to), a.0)
            }
            Inst::Select { ty: t, cond, a, b } => format!("select.{} v{}, v{}, v{}", ty(*t), cond.0, a.0, b.0),
            Inst::Fma { ty: t, a, b, c } => format!("fma.{} v{}, v{}, v{}", ty(*t), a.0, b.0, c.0),
            Inst::Load { ty: t, addr, offset, access: a } => {
                format!("load.{} [v{}{offset:+}]{}", ty(*t), addr.0, access(*a))
            }
            Inst::Store { ty: t, value, addr, offset, access: a } => {
                format!("store.{} v{}, [v{}{offset:+}]{}", ty(*t), value.0, addr.0, access(*a))
            }
            Inst::Copy { dst, src, size, align, dst_access, src_access } => format!(
                "copy {size} align {align}, v{}{} <- v{}{}",
                dst.0,
                access(*dst_access),
                src.0,
                access(*src_access)
            ),
            Inst::Zero { dst, size, align, access: a } => {
                format!("zero {size} align {align}, v{}{}", dst.0, access(*a))
            }
            Inst::NilCheck { addr } => format!("nilcheck v{}", addr.0),
            Inst::RaceCheck { write, addr, offset, size } => {
                format!("racecheck {} {size} [v{}{offset:+}]", if *write { "write" } else { "read" }, addr.0)
            }
            Inst::GetLocal { local } => format!("get l{}", local.0),
            Inst::SetLocal { local, value } => format!("set l{}, v{}", local.0, value.0),
            Inst::Call { callee, sig: s, args } => {
                let callee = match callee {
                    Callee::Symbol(symbol) => self.symbol(*symbol),
                    Callee::Code(v) => format!("code v{}", v.0),
                    Callee::Closure(v) => format!("closure v{}", v.0),
                };
                format!("call {callee}({}) : {}", values(args), sig(s))
            }
            Inst::ClosureContext => "context".to_string(),
            Inst::Goroutine => "goroutine".to_string(),
            Inst::FramePointer => "framepointer".to_string(),
            Inst::SetJump { slot } => format!("setjump s{}", slot.0),
            Inst::Preempt => "preempt".to_string(),
            Inst::AtomicLoad { ty: t, addr } => format!("atomicload.{} [v{}]", ty(*t), addr.0),
            Inst::AtomicStore { ty: t, addr, value } => format!("atomicstore.{} v{}, [v{}]", ty(*t), value.0, addr.0),
            Inst::AtomicRmw { op, ty: t, addr, value } => {
                format!("atomic.{}.{} [v{}], v{}", name_of(ATOMICS, op), ty(*t), addr.0, value.0)
            }
            Inst::AtomicCas { ty: t, addr, old, new } => {
                format!("atomiccas.{} [v{}], v{}, v{}", ty(*t), addr.0, old.0, new.0)
            }
        }
    }
}

fn term(term: &Term) -> String {
    match term {
        Term::Jump(to) => format!("jump b{}", to.0),
        Term::Branch { cond, then, els } => format!("br v{}, b{}, b{}", cond.0, then.0, els.0),
        Term::Switch { value, cases, default } => {
            let cases: Vec<String> = cases.iter().map(|(k, b)| format!("{k}: b{}", b.0)).collect();
            format!("switch v{}, [{}], b{}", value.0, cases.join(", "), default.0)
        }
        Term::Return(results) => format!("return {}", values(results)).trim_end().to_string(),
        Term::Unreachable => "unreachable".to_string(),
    }
}

fn ty(ty: Ty) -> &'static str {
    name_of(TYPES, &ty)
}

fn sig(sig: &Sig) -> String {
    let list = |types: &[Ty]| types.iter().map(|t| ty(*t)).collect::<Vec<_>>().join(", ");
    format!("({}) -> ({})", list(&sig.params), list(&sig.results))
}

fn values(values: &[Value]) -> String {
    values.iter().map(|v| format!("v{}", v.0)).collect::<Vec<_>>().join(", ")
}

fn access(access: Access) -> String {
    let words =
        [(access.race, " race"), (access.update, " update"), (access.aligned, " aligned"), (access.plain, " plain")];
    let mut text: String = words.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
    if access.part > 0 {
        let _ = write!(text, " part{}", access.part);
    }
    text
}

fn mark(place: Place) -> String {
    match place.inline {
        0 => format!("@{}", place.pos.0),
        inline => format!("@{}/{inline}", place.pos.0),
    }
}

fn word(name: &str) -> String {
    // Two words have a meaning where a callee stands.
    if is_plain(name) && name != "code" && name != "closure" { name.to_string() } else { quoted(name) }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
