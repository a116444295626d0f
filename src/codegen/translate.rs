//! One function from our form to Cranelift's: values map to values, locals to variables, slots to stack slots.
//!
//! Source places become Cranelift source locations: index + 1 into the function's list of places.

use crate::barrier::Known;
use crate::memory::INLINE_BLOCK;
use crate::race::Does;
use cranelift_codegen::ir::{
    self, AbiParam, ExtFuncData, ExternalName, InstBuilder, MemFlagsData, Signature, SourceLoc, StackSlotData,
    StackSlotKind, TrapCode, Type, UserExternalName, Value, types,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, Switch, Variable};
use gorace_abi::goroutine::offset::{BUDGET, CLOSURE_CONTEXT};
use gorace_ir::inst::AtomicOp;
use gorace_ir::unit::Place;
use gorace_ir::{BinOp, Callee, Func, Inst, Sig, SymbolId, Term, Ty, UnOp};
use std::collections::HashMap;

/// Symbols that code generation itself refers to; they follow the unit's own in an object's symbol table.
#[derive(Debug, Default)]
pub struct Helpers {
    pub names: Vec<&'static str>,
}

impl Helpers {
    fn index(&mut self, name: &'static str) -> u32 {
        if let Some(at) = self.names.iter().position(|known| *known == name) {
            return at as u32;
        }
        self.names.push(name);
        self.names.len() as u32 - 1
    }
}

/// The namespace of the unit's symbols in Cranelift's names, and that of the helpers.
pub const UNIT_NAMES: u32 = 0;
pub const HELPER_NAMES: u32 = 1;

/// State while translating one function.
pub struct Translator<'f, 'c> {
    pub b: FunctionBuilder<'c>,
    pub func: &'f Func,
    pub instrument: bool,
    pub helpers: Helpers,
    pub places: Vec<Place>,
    place_index: HashMap<Place, u32>,
    /// Values of the block that come from loads in it, with the loads' places.
    loaded: HashMap<gorace_ir::Value, Place>,
    loaded_locals: HashMap<gorace_ir::LocalId, Place>,
    values: Vec<Option<Value>>,
    pub(crate) known: Vec<Known>,
    variables: Vec<Variable>,
    slots: Vec<ir::StackSlot>,
    /// The word in which the detector keeps the context of this activation (`race`).
    pub(crate) activation: Option<ir::StackSlot>,
    blocks: Vec<ir::Block>,
    functions: HashMap<(u32, u32, Sig), ir::FuncRef>,
    globals: HashMap<SymbolId, ir::GlobalValue>,
    /// A value that was used without a definition, and by that what was translated is nothing worth.
    undefined: Option<gorace_ir::Value>,
}

/// Makes Cranelift's signature.
pub fn signature(sig: &Sig, convention: CallConv) -> Signature {
    let mut out = Signature::new(convention);
    out.params.extend(sig.params.iter().map(|&ty| AbiParam::new(Translator::ty(ty))));
    out.returns.extend(sig.results.iter().map(|&ty| AbiParam::new(Translator::ty(ty))));
    out
}

impl<'f, 'c> Translator<'f, 'c> {
    pub fn ty(ty: Ty) -> Type {
        match ty {
            Ty::I8 => types::I8,
            Ty::I16 => types::I16,
            Ty::I32 => types::I32,
            Ty::I64 => types::I64,
            Ty::F32 => types::F32,
            Ty::F64 => types::F64,
        }
    }

    /// Translates a whole function into the builder's.
    pub fn new(b: FunctionBuilder<'c>, func: &'f Func, instrument: bool) -> Self {
        Translator {
            b,
            func,
            instrument,
            helpers: Helpers::default(),
            places: Vec::new(),
            place_index: HashMap::new(),
            loaded: HashMap::new(),
            loaded_locals: HashMap::new(),
            values: vec![None; func.values.len()],
            known: vec![Known::Nothing; func.values.len()],
            variables: Vec::new(),
            slots: Vec::new(),
            activation: None,
            blocks: Vec::new(),
            functions: HashMap::new(),
            globals: HashMap::new(),
            undefined: None,
        }
    }

    ///
    /// # Errors
    /// The function is not well formed (`gorace_ir::verify`): it uses a value that nothing defines.
    pub fn run(mut self, isa: &dyn cranelift_codegen::isa::TargetIsa) -> Result<(Helpers, Vec<Place>), String> {
        self.variables = self.func.locals.iter().map(|l| self.b.declare_var(Self::ty(l.ty))).collect();
        self.slots = self
            .func
            .slots
            .iter()
            .map(|slot| {
                let align = slot.align.max(8).trailing_zeros() as u8;
                let size = slot.size.next_multiple_of(8) as u32;
                self.b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, size, align))
            })
            .collect();
        self.blocks = self.func.blocks.iter().map(|_| self.b.create_block()).collect();
        let order = self.order();
        for &at in &order {
            if self.func.blocks[at].cold {
                self.b.set_cold_block(self.blocks[at]);
            }
        }
        let entry = self.blocks[0];
        self.b.append_block_params_for_function_params(entry);
        for at in order {
            self.block(at);
        }
        self.b.seal_all_blocks();
        self.b.finalize(isa.frontend_config());
        match self.undefined {
            Some(v) => Err(format!("v{} is used where it is not defined", v.0)),
            None => Ok((self.helpers, self.places)),
        }
    }

    /// The reachable blocks in reverse post-order: what dominates a block comes before it, so a value's definition comes
    /// before its uses.
    fn order(&self) -> Vec<usize> {
        let successors = |at: usize| -> Vec<usize> {
            match &self.func.blocks[at].term {
                Some(Term::Jump(to)) => vec![to.index()],
                // The first is to follow directly.
                Some(Term::Branch { then, els, .. }) => vec![els.index(), then.index()],
                Some(Term::Switch { cases, default, .. }) => {
                    std::iter::once(default.index()).chain(cases.iter().rev().map(|(_, to)| to.index())).collect()
                }
                _ => Vec::new(),
            }
        };
        let mut seen = vec![false; self.func.blocks.len()];
        seen[0] = true;
        let mut work = vec![(0, successors(0).into_iter())];
        let mut order = Vec::new();
        while let Some((at, left)) = work.last_mut() {
            match left.next() {
                Some(to) if std::mem::replace(&mut seen[to], true) => {}
                Some(to) => work.push((to, successors(to).into_iter())),
                None => {
                    order.push(*at);
                    work.pop();
                }
            }
        }
        order.reverse();
        order
    }

    fn set_place(&mut self, place: Place) {
        let places = &mut self.places;
        let at = *self.place_index.entry(place).or_insert_with(|| {
            places.push(place);
            places.len() as u32
        });
        self.b.set_srcloc(SourceLoc::new(at));
    }

    /// The place that an instruction's code is noted with. Cranelift may make a load part of the instruction that uses its
    /// value; what cannot fault itself therefore takes the place of the load that it may fault for.
    fn place_of(&mut self, data: &gorace_ir::InstData) -> Place {
        let operands = match &data.inst {
            Inst::Load { .. } => {
                self.loaded.extend(data.results.iter().map(|&v| (v, data.place)));
                return data.place;
            }
            Inst::SetLocal { local, value } => {
                match self.loaded.get(value).copied() {
                    Some(place) => self.loaded_locals.insert(*local, place),
                    None => self.loaded_locals.remove(local),
                };
                return data.place;
            }
            Inst::GetLocal { local } => {
                if let Some(&place) = self.loaded_locals.get(local) {
                    self.loaded.extend(data.results.iter().map(|&v| (v, place)));
                }
                return data.place;
            }
            Inst::Bin { a, b, .. } | Inst::Cmp { a, b, .. } => [Some(*a), Some(*b)],
            Inst::Un { a, .. } | Inst::Convert { a, .. } => [Some(*a), None],
            _ => return data.place,
        };
        let found = operands.into_iter().flatten().find_map(|v| self.loaded.get(&v).copied());
        if let Some(place) = found {
            self.loaded.extend(data.results.iter().map(|&v| (v, place)));
        }
        found.unwrap_or(data.place)
    }

    fn block(&mut self, at: usize) {
        let func = self.func;
        self.b.switch_to_block(self.blocks[at]);
        if at == 0 {
            let params = self.b.block_params(self.blocks[0]).to_vec();
            for (i, value) in params.into_iter().enumerate() {
                self.values[i] = Some(value);
            }
            // A variable without a set on some path reads as zero.
            self.set_place(Place { pos: func.pos, inline: 0 });
            for (i, local) in func.locals.iter().enumerate() {
                let zero = self.constant(local.ty, 0);
                self.b.def_var(self.variables[i], zero);
            }
            self.begin_activation();
        }
        self.loaded.clear();
        self.loaded_locals.clear();
        for data in &func.blocks[at].insts {
            let place = self.place_of(data);
            self.set_place(place);
            self.inst(&data.inst, &data.results);
        }
        let place = match &func.blocks[at].term {
            Some(Term::Branch { cond, .. }) => self.loaded.get(cond).copied(),
            Some(Term::Switch { value, .. }) => self.loaded.get(value).copied(),
            _ => None,
        };
        self.set_place(place.unwrap_or(func.blocks[at].term_place));
        self.terminator(func.blocks[at].term.as_ref());
    }

    fn terminator(&mut self, term: Option<&Term>) {
        match term {
            Some(Term::Jump(to)) => {
                self.b.ins().jump(self.blocks[to.index()], &[]);
            }
            Some(Term::Branch { cond, then, els }) => {
                let cond = self.value(*cond);
                self.b.ins().brif(cond, self.blocks[then.index()], &[], self.blocks[els.index()], &[]);
            }
            Some(Term::Switch { value, cases, default }) => {
                let value = self.value(*value);
                let mut switch = Switch::new();
                for (key, to) in cases {
                    switch.set_entry(*key as u64 as u128, self.blocks[to.index()]);
                }
                switch.emit(&mut self.b, value, self.blocks[default.index()]);
            }
            Some(Term::Return(values)) => {
                let values: Vec<Value> = values.iter().map(|&v| self.value(v)).collect();
                self.b.ins().return_(&values);
            }
            Some(Term::Unreachable) | None => {
                self.b.ins().trap(TrapCode::unwrap_user(1));
            }
        }
    }

    /// The Cranelift value of ours.
    pub fn value(&mut self, v: gorace_ir::Value) -> Value {
        match self.values[v.index()] {
            Some(value) => value,
            None => {
                self.undefined.get_or_insert(v);
                self.constant(self.func.values[v.index()], 0)
            }
        }
    }

    fn constant(&mut self, ty: Ty, bits: i64) -> Value {
        match ty {
            Ty::F32 => self.b.ins().f32const(f32::from_bits(bits as u32)),
            Ty::F64 => self.b.ins().f64const(f64::from_bits(bits as u64)),
            Ty::I64 => self.b.ins().iconst(types::I64, bits),
            Ty::I32 => self.b.ins().iconst(types::I32, i64::from(bits as u32)),
            Ty::I16 => self.b.ins().iconst(types::I16, i64::from(bits as u16)),
            Ty::I8 => self.b.ins().iconst(types::I8, i64::from(bits as u8)),
        }
    }

    fn import(&mut self, namespace: u32, index: u32, sig: &Sig, convention: CallConv) -> ir::FuncRef {
        let key = (namespace, index, sig.clone());
        if let Some(&known) = self.functions.get(&key) {
            return known;
        }
        let signature = self.b.import_signature(signature(sig, convention));
        let name = self.b.func.declare_imported_user_function(UserExternalName::new(namespace, index));
        let data = ExtFuncData { name: ExternalName::user(name), signature, colocated: true, patchable: false };
        let reference = self.b.import_function(data);
        self.functions.insert(key, reference);
        reference
    }

    /// Calls a runtime helper by the Go convention; no results.
    pub fn call_helper(&mut self, name: &'static str, args: &[Value]) {
        let index = self.helpers.index(name);
        let sig = Sig { params: vec![Ty::I64; args.len()], results: Vec::new() };
        let function = self.import(HELPER_NAMES, index, &sig, CallConv::Tail);
        self.b.ins().call(function, args);
    }

    /// Calls a native that preserves every register.
    pub fn call_preserving(&mut self, name: &'static str, args: &[Value]) {
        let index = self.helpers.index(name);
        let sig = Sig { params: vec![Ty::I64; args.len()], results: Vec::new() };
        let function = self.import(HELPER_NAMES, index, &sig, CallConv::PreserveAll);
        self.b.ins().call(function, args);
    }

    fn symbol_address(&mut self, symbol: SymbolId, offset: i64) -> Value {
        let global = match self.globals.get(&symbol) {
            Some(&known) => known,
            None => {
                let name = self.b.func.declare_imported_user_function(UserExternalName::new(UNIT_NAMES, symbol.0));
                let made = self.b.create_global_value(ir::GlobalValueData::Symbol {
                    name: ExternalName::user(name),
                    offset: ir::immediates::Imm64::new(0),
                    colocated: true,
                    tls: false,
                });
                self.globals.insert(symbol, made);
                made
            }
        };
        let base = self.b.ins().symbol_value(types::I64, global);
        if offset == 0 { base } else { self.b.ins().iadd_imm_s(base, offset) }
    }

    fn define(&mut self, results: &[gorace_ir::Value], value: Value) {
        if let Some(v) = results.first() {
            self.values[v.index()] = Some(value);
        }
    }

    fn inst(&mut self, inst: &Inst, results: &[gorace_ir::Value]) {
        if let [result] = results {
            self.known[result.index()] = self.classify(inst);
        }
        let value = match inst {
            Inst::Int { ty, value } => self.constant(*ty, *value),
            Inst::Float { ty, bits } => self.constant(*ty, *bits as i64),
            Inst::SymbolAddr { symbol, offset } => self.symbol_address(*symbol, *offset),
            Inst::SlotAddr { slot, offset } => {
                self.b.ins().stack_addr(types::I64, self.slots[slot.index()], *offset as i32)
            }
            Inst::Bin { op, ty, a, b } => self.binary(*op, *ty, *a, *b),
            Inst::Un { op, a, .. } => self.unary(*op, *a),
            Inst::Cmp { op, a, b, .. } => {
                let (a, b) = (self.value(*a), self.value(*b));
                self.compare(*op, a, b)
            }
            Inst::Convert { op, from, to, a } => {
                let a = self.value(*a);
                self.conversion(*op, *from, *to, a)
            }
            Inst::Select { cond, a, b, .. } => {
                let (cond, a, b) = (self.value(*cond), self.value(*a), self.value(*b));
                self.b.ins().select(cond, a, b)
            }
            Inst::Fma { a, b, c, .. } => {
                let (a, b, c) = (self.value(*a), self.value(*b), self.value(*c));
                self.b.ins().fma(a, b, c)
            }
            Inst::Load { ty, addr, offset, access } => {
                let addr = self.value(*addr);
                let does = if access.update { Does::Update } else { Does::Read };
                self.race_check(does, addr, *offset, ty.size(), *access);
                self.b.ins().load(Self::ty(*ty), MemFlagsData::new(), addr, *offset)
            }
            Inst::Store { ty, value: stored, addr: at, offset, access } => {
                let (value, addr) = (self.value(*stored), self.value(*at));
                self.race_check(Does::Write, addr, *offset, ty.size(), *access);
                if *ty == Ty::I64 && !access.plain && self.known[stored.index()] != Known::Number {
                    self.write_barrier(*at, addr, *offset, 8);
                }
                self.b.ins().store(MemFlagsData::new(), value, addr, *offset);
                return;
            }
            Inst::Copy { dst: at, src, size, dst_access, src_access, .. } => {
                let (dst, src) = (self.value(*at), self.value(*src));
                self.race_range(false, src, 0, *size, *src_access);
                self.race_range(true, dst, 0, *size, *dst_access);
                if *size <= INLINE_BLOCK && !dst_access.plain {
                    self.write_barrier(*at, dst, 0, *size);
                }
                return self.copy_block(dst, src, *size);
            }
            Inst::Zero { dst: at, size, access, .. } => {
                let dst = self.value(*at);
                self.race_range(true, dst, 0, *size, *access);
                if *size <= INLINE_BLOCK {
                    self.write_barrier(*at, dst, 0, *size);
                }
                return self.zero_block(dst, *size);
            }
            Inst::NilCheck { addr } => {
                let addr = self.value(*addr);
                // A load whose result is unused may still trap, so it stays.
                self.b.ins().load(types::I8, MemFlagsData::new(), addr, 0);
                return;
            }
            Inst::RaceCheck { write, addr, offset, size } => {
                let addr = self.value(*addr);
                let access = gorace_ir::Access { race: true, ..Default::default() };
                return match size {
                    1 | 2 | 4 | 8 => self.race_check(Does::write(*write), addr, *offset, *size as u32, access),
                    _ => self.race_range(*write, addr, *offset, *size, access),
                };
            }
            Inst::GetLocal { local } => self.b.use_var(self.variables[local.index()]),
            Inst::SetLocal { local, value } => {
                let value = self.value(*value);
                self.b.def_var(self.variables[local.index()], value);
                return;
            }
            Inst::Call { callee, sig, args } => return self.call(callee, sig, args, results),
            Inst::ClosureContext => {
                let g = self.b.ins().get_pinned_reg(types::I64);
                self.b.ins().load(types::I64, MemFlagsData::trusted(), g, CLOSURE_CONTEXT as i32)
            }
            Inst::Goroutine => self.b.ins().get_pinned_reg(types::I64),
            Inst::FramePointer => self.b.ins().get_frame_pointer(types::I64),
            Inst::SetJump { slot } => {
                let record = self.b.ins().stack_addr(types::I64, self.slots[slot.index()], 0);
                let index = self.helpers.index("runtime.setjump");
                let sig = Sig { params: vec![Ty::I64], results: vec![Ty::I32] };
                let function = self.import(HELPER_NAMES, index, &sig, CallConv::Tail);
                let call = self.b.ins().call(function, &[record]);
                self.b.inst_results(call)[0]
            }
            Inst::Preempt => return self.preempt(),
            Inst::AtomicLoad { ty, addr } => {
                let addr = self.value(*addr);
                self.b.ins().atomic_load(Self::ty(*ty), MemFlagsData::new(), addr)
            }
            Inst::AtomicStore { ty, value, addr: at } => {
                let (value, addr) = (self.value(*value), self.value(*at));
                self.write_barrier(*at, addr, 0, u64::from(ty.size()));
                self.b.ins().atomic_store(MemFlagsData::new(), value, addr);
                return;
            }
            Inst::AtomicRmw { op, ty, addr: at, value } => {
                let (value, addr) = (self.value(*value), self.value(*at));
                if *op == AtomicOp::Xchg {
                    self.write_barrier(*at, addr, 0, u64::from(ty.size()));
                }
                let op = match op {
                    AtomicOp::Add => ir::AtomicRmwOp::Add,
                    AtomicOp::And => ir::AtomicRmwOp::And,
                    AtomicOp::Or => ir::AtomicRmwOp::Or,
                    AtomicOp::Xchg => ir::AtomicRmwOp::Xchg,
                };
                self.b.ins().atomic_rmw(Self::ty(*ty), MemFlagsData::new(), op, addr, value)
            }
            Inst::AtomicCas { ty, addr: at, old, new } => {
                let (addr, old, new) = (self.value(*at), self.value(*old), self.value(*new));
                self.write_barrier(*at, addr, 0, u64::from(ty.size()));
                self.b.ins().atomic_cas(MemFlagsData::new(), addr, old, new)
            }
        };
        self.define(results, value);
    }

    fn preempt(&mut self) {
        let g = self.b.ins().get_pinned_reg(types::I64);
        let budget = self.b.ins().load(types::I32, MemFlagsData::trusted(), g, BUDGET as i32);
        let less = self.b.ins().iadd_imm_s(budget, -1);
        self.b.ins().store(MemFlagsData::trusted(), less, g, BUDGET as i32);
        let spent = self.b.ins().icmp_imm_s(ir::condcodes::IntCC::SignedLessThan, less, 0);
        let cold = self.b.create_block();
        let next = self.b.create_block();
        self.b.set_cold_block(cold);
        self.b.ins().brif(spent, cold, &[], next, &[]);
        self.b.switch_to_block(cold);
        self.call_preserving("runtime.preempt", &[]);
        self.b.ins().jump(next, &[]);
        self.b.switch_to_block(next);
    }

    fn call(&mut self, callee: &Callee, sig: &Sig, args: &[gorace_ir::Value], results: &[gorace_ir::Value]) {
        let args: Vec<Value> = args.iter().map(|&v| self.value(v)).collect();
        let call = match callee {
            Callee::Symbol(symbol) => {
                let function = self.import(UNIT_NAMES, symbol.0, sig, CallConv::Tail);
                self.b.ins().call(function, &args)
            }
            Callee::Code(code) => {
                let code = self.value(*code);
                let sig = self.b.import_signature(signature(sig, CallConv::Tail));
                self.b.ins().call_indirect(sig, code, &args)
            }
            Callee::Closure(function) => {
                let function = self.value(*function);
                let code = self.b.ins().load(types::I64, MemFlagsData::new(), function, 0);
                let g = self.b.ins().get_pinned_reg(types::I64);
                self.b.ins().store(MemFlagsData::trusted(), function, g, CLOSURE_CONTEXT as i32);
                let sig = self.b.import_signature(signature(sig, CallConv::Tail));
                self.b.ins().call_indirect(sig, code, &args)
            }
        };
        let values = self.b.inst_results(call).to_vec();
        for (v, value) in results.iter().zip(values) {
            self.values[v.index()] = Some(value);
        }
    }

    fn unary(&mut self, op: UnOp, a: gorace_ir::Value) -> Value {
        let a = self.value(a);
        let ins = self.b.ins();
        match op {
            UnOp::Neg => ins.ineg(a),
            UnOp::Not => ins.bnot(a),
            UnOp::FNeg => ins.fneg(a),
            UnOp::FAbs => ins.fabs(a),
            UnOp::Sqrt => ins.sqrt(a),
            UnOp::Floor => ins.floor(a),
            UnOp::Ceil => ins.ceil(a),
            UnOp::Trunc => ins.trunc(a),
            UnOp::Nearest => ins.nearest(a),
            UnOp::Clz => ins.clz(a),
            UnOp::Ctz => ins.ctz(a),
            UnOp::Popcnt => ins.popcnt(a),
            UnOp::Bswap => ins.bswap(a),
        }
    }

    fn binary(&mut self, op: BinOp, ty: Ty, a: gorace_ir::Value, b: gorace_ir::Value) -> Value {
        let (a, b) = (self.value(a), self.value(b));
        match op {
            BinOp::SDiv => return self.signed_division(Self::ty(ty), a, b),
            BinOp::SRem => return self.signed_remainder(Self::ty(ty), a, b),
            BinOp::FMul => return self.float_product(a, b),
            BinOp::FDiv => return self.float_quotient(a, b),
            _ => {}
        }
        let ins = self.b.ins();
        match op {
            BinOp::Add => ins.iadd(a, b),
            BinOp::Sub => ins.isub(a, b),
            BinOp::Mul => ins.imul(a, b),
            BinOp::UDiv => ins.udiv(a, b),
            BinOp::URem => ins.urem(a, b),
            BinOp::And => ins.band(a, b),
            BinOp::Or => ins.bor(a, b),
            BinOp::Xor => ins.bxor(a, b),
            BinOp::Shl => ins.ishl(a, b),
            BinOp::LShr => ins.ushr(a, b),
            BinOp::AShr => ins.sshr(a, b),
            BinOp::RotL => ins.rotl(a, b),
            BinOp::UMulHigh => ins.umulhi(a, b),
            BinOp::SMulHigh => ins.smulhi(a, b),
            BinOp::FAdd => ins.fadd(a, b),
            BinOp::FSub => ins.fsub(a, b),
            BinOp::SDiv | BinOp::SRem | BinOp::FMul | BinOp::FDiv => unreachable!("handled above"),
        }
    }
}
