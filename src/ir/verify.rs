//! The well-formedness rules of a function; what they accept, code generation can translate.
//!
//! - Every block ends, and goes on to blocks that exist.
//! - A value is defined once, by a parameter or an instruction, and each use in a block that can be reached is *dominated* by its definition:
//!   it stands earlier in the same block, or in a block that every way from the entry leads through. Blocks that cannot be reached are
//!   not translated; their uses need no definition.
//! - Every operand and result has the type that its instruction asks for, operators fit the types they work on, and an instruction has as
//!   many results as it gives.
//! - Locals, slots and inlined calls exist, and an address in a slot lies in it or just behind it.
//! - The closure context is read in the entry block before anything is called, as calls write it anew.

use crate::func::{BlockId, Func, Ty, Value};
use crate::inst::{BinOp, Callee, CmpOp, ConvOp, Inst, InstData, Term, UnOp};
use crate::passes::cfg::{self, Graph};

/// Lists what is wrong with a function; empty when it is well formed.
pub fn func(f: &Func) -> Vec<String> {
    let mut v = Verifier { f, errors: Vec::new(), at: 0, definitions: vec![None; f.values.len()] };
    v.shape();
    // Graphs and types are those of a function whose parts exist.
    if v.errors.is_empty() {
        v.definitions();
        v.uses();
        v.types();
    }
    v.errors
}

struct Verifier<'f> {
    f: &'f Func,
    errors: Vec<String>,
    /// The block that is looked at.
    at: usize,
    /// Where each value is defined: block, and instruction + 1 (0: a parameter).
    definitions: Vec<Option<(usize, usize)>>,
}

impl Verifier<'_> {
    fn wrong(&mut self, message: &str) {
        self.errors.push(format!("b{}: {message}", self.at));
    }

    /// That what is named exists.
    fn shape(&mut self) {
        let f = self.f;
        if f.blocks.is_empty() {
            self.wrong("there are no blocks");
        }
        if f.values.get(..f.sig.params.len()) != Some(&f.sig.params[..]) {
            self.wrong("the first values are not the parameters");
        }
        for (b, block) in f.blocks.iter().enumerate() {
            self.at = b;
            for data in &block.insts {
                self.parts(data);
            }
            let mut used = Vec::new();
            match &block.term {
                None => self.wrong("has no end"),
                Some(Term::Branch { cond: value, .. } | Term::Switch { value, .. }) => used.push(*value),
                Some(Term::Return(values)) => used.extend(values),
                Some(Term::Jump(_) | Term::Unreachable) => {}
            }
            used.into_iter().for_each(|value| self.exists(value));
            for to in cfg::successors(block) {
                if to.index() >= f.blocks.len() {
                    self.wrong(&format!("no block {}", to.0));
                }
            }
            self.inlined(block.term_place.inline);
        }
    }

    fn parts(&mut self, data: &InstData) {
        let f = self.f;
        data.results.iter().for_each(|&value| self.exists(value));
        cfg::uses(&data.inst, |value| self.exists(value));
        match data.inst {
            Inst::GetLocal { local } | Inst::SetLocal { local, .. } if local.index() >= f.locals.len() => {
                self.wrong(&format!("no local {}", local.0));
            }
            Inst::SlotAddr { slot, offset } => match f.slots.get(slot.index()) {
                Some(found) if offset < 0 || offset as u64 > found.size => {
                    self.wrong(&format!("{offset} is not in slot {} of {} bytes", slot.0, found.size));
                }
                Some(_) => {}
                None => self.wrong(&format!("no slot {}", slot.0)),
            },
            Inst::SetJump { slot } if slot.index() >= f.slots.len() => self.wrong(&format!("no slot {}", slot.0)),
            _ => {}
        }
        self.inlined(data.place.inline);
    }

    fn exists(&mut self, value: Value) {
        if value.index() >= self.f.values.len() {
            self.wrong(&format!("no value v{}", value.0));
        }
    }

    fn inlined(&mut self, inline: u32) {
        if inline as usize > self.f.inlines.len() {
            self.wrong(&format!("no inlined call {inline}"));
        }
    }

    fn definitions(&mut self) {
        let f = self.f;
        for i in 0..f.sig.params.len() {
            self.definitions[i] = Some((0, 0));
        }
        for (b, block) in f.blocks.iter().enumerate() {
            self.at = b;
            for (i, data) in block.insts.iter().enumerate() {
                for value in &data.results {
                    if self.definitions[value.index()].replace((b, i + 1)).is_some() {
                        self.wrong(&format!("v{} is defined twice", value.0));
                    }
                }
            }
        }
    }

    /// That definitions dominate uses, and that nothing is called in front of the closure context.
    fn uses(&mut self) {
        let f = self.f;
        let graph = Graph::of(f);
        for &b in &graph.order {
            self.at = b.index();
            let block = &f.blocks[b.index()];
            let mut has_called = b.index() != 0;
            for (i, data) in block.insts.iter().enumerate() {
                cfg::uses(&data.inst, |value| self.dominated(&graph, b, i + 1, value));
                match data.inst {
                    Inst::Call { .. } => has_called = true,
                    Inst::ClosureContext if has_called => self.wrong("the closure context is read too late"),
                    _ => {}
                }
            }
            let end = block.insts.len() + 1;
            match &block.term {
                Some(Term::Branch { cond: value, .. } | Term::Switch { value, .. }) => {
                    self.dominated(&graph, b, end, *value);
                }
                Some(Term::Return(values)) => values.iter().for_each(|v| self.dominated(&graph, b, end, *v)),
                _ => {}
            }
        }
    }

    fn dominated(&mut self, graph: &Graph, block: BlockId, at: usize, value: Value) {
        let is_defined = match self.definitions[value.index()] {
            None => false,
            Some((home, i)) if home == block.index() => i < at,
            Some((home, _)) => {
                let home = BlockId(home as u32);
                graph.reaches(home) && graph.dominates(home, block)
            }
        };
        if !is_defined {
            self.wrong(&format!("v{} is used where it is not defined", value.0));
        }
    }

    fn types(&mut self) {
        let f = self.f;
        for (b, block) in f.blocks.iter().enumerate() {
            self.at = b;
            block.insts.iter().for_each(|data| self.inst(data));
            match &block.term {
                Some(Term::Branch { cond, .. }) => self.expect(*cond, Ty::I8, "branch condition"),
                Some(Term::Switch { value, .. }) => self.expect(*value, Ty::I64, "switch value"),
                Some(Term::Return(values)) => {
                    let types: Vec<Ty> = values.iter().map(|v| f.values[v.index()]).collect();
                    if types != f.sig.results {
                        self.wrong(&format!("returns {types:?}, declared {:?}", f.sig.results));
                    }
                }
                _ => {}
            }
        }
    }

    fn expect(&mut self, value: Value, ty: Ty, what: &str) {
        let found = self.f.values[value.index()];
        if found != ty {
            self.wrong(&format!("{what} v{} is {found:?}, wanted {ty:?}", value.0));
        }
    }

    fn all(&mut self, values: &[Value], ty: Ty) {
        values.iter().for_each(|v| self.expect(*v, ty, "operand"));
    }

    fn address(&mut self, value: Value) {
        self.expect(value, Ty::I64, "address");
    }

    fn fits(&mut self, fits: bool, what: impl std::fmt::Debug, ty: Ty) {
        if !fits {
            self.wrong(&format!("{what:?} does not work on {ty:?}"));
        }
    }

    /// Operands of an instruction; what it gives is the answer: none or one type. Calls are checked by themselves.
    fn operands(&mut self, inst: &Inst) -> Option<Ty> {
        match *inst {
            Inst::Int { ty, .. } => {
                self.fits(!ty.is_float(), format_args!("iconst"), ty);
                Some(ty)
            }
            Inst::Float { ty, .. } => {
                self.fits(ty.is_float(), format_args!("fconst"), ty);
                Some(ty)
            }
            Inst::SymbolAddr { .. }
            | Inst::SlotAddr { .. }
            | Inst::ClosureContext
            | Inst::Goroutine
            | Inst::FramePointer => Some(Ty::I64),
            Inst::Bin { op, ty, a, b } => {
                self.fits(bin_fits(op, ty), op, ty);
                self.all(&[a, b], ty);
                Some(ty)
            }
            Inst::Un { op, ty, a } => {
                self.fits(un_fits(op, ty), op, ty);
                self.all(&[a], ty);
                Some(ty)
            }
            Inst::Cmp { op, ty, a, b } => {
                self.fits(cmp_is_of_floats(op) == ty.is_float(), op, ty);
                self.all(&[a, b], ty);
                Some(Ty::I8)
            }
            Inst::Convert { op, from, to, a } => {
                if !converts(op, from, to) {
                    self.wrong(&format!("{op:?} does not lead from {from:?} to {to:?}"));
                }
                self.all(&[a], from);
                Some(to)
            }
            Inst::Select { ty, cond, a, b } => {
                self.expect(cond, Ty::I8, "condition");
                self.all(&[a, b], ty);
                Some(ty)
            }
            Inst::Fma { ty, a, b, c } => {
                self.fits(ty.is_float(), format_args!("fma"), ty);
                self.all(&[a, b, c], ty);
                Some(ty)
            }
            Inst::Load { ty, addr, .. } => {
                self.address(addr);
                Some(ty)
            }
            Inst::Store { ty, value, addr, .. } => {
                self.address(addr);
                self.expect(value, ty, "stored value");
                None
            }
            Inst::Copy { dst, src, .. } => {
                self.address(dst);
                self.address(src);
                None
            }
            Inst::Zero { dst: addr, .. } | Inst::NilCheck { addr } | Inst::RaceCheck { addr, .. } => {
                self.address(addr);
                None
            }
            Inst::GetLocal { local } => Some(self.f.locals[local.index()].ty),
            Inst::SetLocal { local, value } => {
                self.expect(value, self.f.locals[local.index()].ty, "value of local");
                None
            }
            Inst::SetJump { .. } => Some(Ty::I32),
            Inst::Preempt | Inst::Call { .. } => None,
            Inst::AtomicLoad { ty, addr } => {
                self.atomic(ty, addr, &[]);
                Some(ty)
            }
            Inst::AtomicStore { ty, addr, value } => {
                self.atomic(ty, addr, &[value]);
                None
            }
            Inst::AtomicRmw { ty, addr, value, .. } => {
                self.atomic(ty, addr, &[value]);
                Some(ty)
            }
            Inst::AtomicCas { ty, addr, old, new } => {
                self.atomic(ty, addr, &[old, new]);
                Some(ty)
            }
        }
    }

    fn atomic(&mut self, ty: Ty, addr: Value, values: &[Value]) {
        self.fits(!ty.is_float(), format_args!("an atomic operation"), ty);
        self.address(addr);
        self.all(values, ty);
    }

    fn inst(&mut self, data: &InstData) {
        let results = &data.results;
        if let Inst::Call { callee, sig, args } = &data.inst {
            if let Callee::Code(function) | Callee::Closure(function) = callee {
                self.address(*function);
            }
            if args.len() != sig.params.len() || results.len() != sig.results.len() {
                self.wrong(&format!("call of {callee:?} with wrong counts"));
                return;
            }
            args.iter().zip(&sig.params).for_each(|(v, ty)| self.expect(*v, *ty, "argument"));
            results.iter().zip(&sig.results).for_each(|(v, ty)| self.expect(*v, *ty, "call result"));
            return;
        }
        match (self.operands(&data.inst), &results[..]) {
            (Some(ty), [value]) => self.expect(*value, ty, "result"),
            (None, []) => {}
            (wanted, found) => {
                self.wrong(&format!("{:?} has {} results, wanted {}", data.inst, found.len(), wanted.iter().count()));
            }
        }
    }
}

fn bin_fits(op: BinOp, ty: Ty) -> bool {
    use BinOp::*;
    match op {
        FAdd | FSub | FMul | FDiv => ty.is_float(),
        UMulHigh | SMulHigh => ty == Ty::I64,
        Add | Sub | Mul | SDiv | UDiv | SRem | URem | And | Or | Xor | Shl | LShr | AShr | RotL => !ty.is_float(),
    }
}

fn un_fits(op: UnOp, ty: Ty) -> bool {
    use UnOp::*;
    match op {
        Neg | Not | Clz | Ctz | Popcnt => !ty.is_float(),
        Bswap => !ty.is_float() && ty != Ty::I8,
        FNeg | FAbs | Sqrt | Floor | Ceil | Trunc | Nearest => ty.is_float(),
    }
}

fn cmp_is_of_floats(op: CmpOp) -> bool {
    use CmpOp::*;
    match op {
        FEq | FNe | FLt | FLe | FGt | FGe => true,
        Eq | Ne | SLt | SLe | SGt | SGe | ULt | ULe | UGt | UGe => false,
    }
}

fn converts(op: ConvOp, from: Ty, to: Ty) -> bool {
    let integers = !from.is_float() && !to.is_float();
    match op {
        ConvOp::SExt | ConvOp::ZExt => integers && from.size() < to.size(),
        ConvOp::Trunc => integers && from.size() > to.size(),
        ConvOp::SToF | ConvOp::UToF => !from.is_float() && to.is_float(),
        ConvOp::FToS | ConvOp::FToU => from.is_float() && !to.is_float(),
        ConvOp::FToF => from.is_float() && to.is_float() && from != to,
        ConvOp::Bitcast => from.size() == to.size() && from != to,
    }
}

#[cfg(test)]
mod tests {
    use super::func;
    use crate::text::parse;
    use crate::unit::Unit;

    /// What is wrong with a function `(i64, f64) -> (i64)` that has an i64 local, a slot of 16 bytes, and these blocks.
    fn errors(blocks: &str) -> String {
        let text = format!("func f (i64, f64) -> (i64)\n  l0: i64 i\n  s0: 16 align 8\n{blocks}\n");
        let funcs = parse::funcs(&mut Unit::default(), &text).expect("it parses");
        func(&funcs[0]).join("\n")
    }

    /// The same of one block with these lines, which ends well.
    fn in_block(lines: &str) -> String {
        errors(&format!("b0:\n  {}\n  return v0", lines.replace("; ", "\n  ")))
    }

    #[test]
    fn definitions_dominate_uses() {
        let diamond = |then: &str, join: &str| {
            errors(&format!(
                "b0:\n  v2 = iconst.i8 1\n  br v2, b1, b2\nb1:\n  {then}\n  jump b3\nb2:\n  jump b3\nb3:\n  {join}"
            ))
        };
        assert_eq!(diamond("v3 = iconst.i64 1\n  set l0, v3", "v4 = get l0\n  return v4"), "");
        assert_eq!(diamond("v3 = iconst.i64 1", "return v3"), "b3: v3 is used where it is not defined");
        assert_eq!(in_block("v2 = add.i64 v3, v0; v3 = iconst.i64 1"), "b0: v3 is used where it is not defined");
        assert_eq!(in_block("v2 = add.i64 v2, v0"), "b0: v2 is used where it is not defined");
        // A loop's body does not dominate its head.
        let circle = "b0:\n  jump b1\nb1:\n  v3 = iconst.i8 1\n  br v3, b2, b3\nb2:\n  v4 = iconst.i64 1\n  jump b1\nb3:\n  return v4";
        assert_eq!(errors(circle), "b3: v4 is used where it is not defined");
        // What is not reached is not translated.
        let dead = "b0:\n  return v0\nb1:\n  v2 = iconst.i64 1\n  jump b2\nb2:\n  return v2";
        assert_eq!(errors(dead), "");
        assert_eq!(in_block("v2 = iconst.i64 1; v2 = iconst.i64 2"), "b0: v2 is defined twice");
    }

    #[test]
    fn operands_have_the_types_that_are_asked_for() {
        assert_eq!(in_block("v2 = fma.f64 v1, v1, v1; v3 = convert.ftos.f64.i64 v1"), "");
        assert_eq!(in_block("v2 = add.i64 v0, v1"), "b0: operand v1 is F64, wanted I64");
        assert_eq!(in_block("v2 = add.f64 v1, v1"), "b0: Add does not work on F64");
        assert_eq!(in_block("v2 = fadd.i64 v0, v0"), "b0: FAdd does not work on I64");
        assert_eq!(in_block("v2 = neg.f64 v1"), "b0: Neg does not work on F64");
        assert_eq!(in_block("v2 = cmp.slt.f64 v1, v1"), "b0: SLt does not work on F64");
        assert_eq!(in_block("v2 = convert.zext.i64.i8 v0"), "b0: ZExt does not lead from I64 to I8");
        assert_eq!(in_block("v2 = select.i64 v0, v0, v0"), "b0: condition v0 is I64, wanted I8");
        assert_eq!(in_block("nilcheck v1"), "b0: address v1 is F64, wanted I64");
        assert_eq!(in_block("racecheck read 8 [v1+0]"), "b0: address v1 is F64, wanted I64");
        assert_eq!(in_block("zero 16 align 8, v1"), "b0: address v1 is F64, wanted I64");
        assert_eq!(in_block("copy 16 align 8, v1 <- v0"), "b0: address v1 is F64, wanted I64");
        assert_eq!(in_block("v2 = atomic.add.i64 [v0], v1"), "b0: operand v1 is F64, wanted I64");
        assert_eq!(in_block("v2 = atomicload.f64 [v0]"), "b0: an atomic operation does not work on F64");
        assert_eq!(in_block("set l0, v1"), "b0: value of local v1 is F64, wanted I64");
        assert_eq!(in_block("store.i64 v1, [v0+0]"), "b0: stored value v1 is F64, wanted I64");
        assert_eq!(in_block("call closure v1() : () -> ()"), "b0: address v1 is F64, wanted I64");
        assert_eq!(errors("b0:\n  switch v1, [1: b0], b0"), "b0: switch value v1 is F64, wanted I64");
        assert_eq!(errors("b0:\n  return v1"), "b0: returns [F64], declared [I64]");
    }

    #[test]
    fn what_is_named_exists() {
        assert_eq!(in_block("v2 = slot s0+16"), "");
        assert_eq!(in_block("v2 = slot s0+17"), "b0: 17 is not in slot 0 of 16 bytes");
        assert_eq!(in_block("v2 = slot s1+0"), "b0: no slot 1");
        assert_eq!(errors("b0:\n  jump b1"), "b0: no block 1");
        assert_eq!(
            in_block("v2 = iconst.i64 1; call g() : (i64) -> ()"),
            "b0: call of Symbol(SymbolId1) with wrong counts"
        );
    }

    #[test]
    fn the_closure_context_is_read_before_calls() {
        assert_eq!(in_block("v2 = context; call g() : () -> ()"), "");
        assert_eq!(in_block("call g() : () -> (); v2 = context"), "b0: the closure context is read too late");
    }
}
