//! Emits instructions into the function under construction.
//!
//! One `Builder` a function body; it knows the current block and place. After a terminator the builder stands in a
//! fresh unreachable block, so that the lowering of dead statements needs no special case.

use crate::func::{BlockId, Func, LocalId, SlotId, Ty, Value};
use crate::inst::{Access, BinOp, Callee, CmpOp, ConvOp, Inst, InstData, Sig, Term, UnOp};
use crate::unit::{Place, SymbolId};
use gorace_base::Pos;

/// A function being built.
pub struct Builder {
    pub func: Func,
    pub block: BlockId,
    pub place: Place,
    pub reachable: bool,
}

impl Builder {
    /// Starts in the entry block.
    pub fn new(func: Func) -> Builder {
        let place = Place { pos: func.pos, inline: 0 };
        Builder { func, block: BlockId(0), place, reachable: true }
    }

    /// Sets the source position of what follows.
    pub fn at(&mut self, pos: Pos) {
        if pos.is_known() {
            self.place.pos = pos;
        }
    }

    /// Appends an instruction without result.
    pub fn emit(&mut self, inst: Inst) {
        let place = self.place;
        self.func.blocks[self.block.index()].insts.push(InstData { inst, results: Vec::new(), place });
    }

    /// Appends an instruction with one result.
    pub fn emit1(&mut self, ty: Ty, inst: Inst) -> Value {
        let value = self.func.value(ty);
        let place = self.place;
        self.func.blocks[self.block.index()].insts.push(InstData { inst, results: vec![value], place });
        value
    }

    /// Ends the current block. What follows until `start` is unreachable.
    pub fn end(&mut self, term: Term) {
        let place = self.place;
        let block = &mut self.func.blocks[self.block.index()];
        if block.term.is_none() {
            block.term = Some(term);
            block.term_place = place;
        }
        self.block = self.func.block();
        self.reachable = false;
    }

    /// A new block, not yet current.
    pub fn new_block(&mut self) -> BlockId {
        self.func.block()
    }

    /// A new block for unlikely code.
    pub fn cold_block(&mut self) -> BlockId {
        let block = self.func.block();
        self.func.blocks[block.index()].cold = true;
        block
    }

    /// Goes on in a block; falls through from the current one when that is open and reachable.
    pub fn start(&mut self, block: BlockId) {
        if self.func.blocks[self.block.index()].term.is_none() {
            let term = if self.reachable { Term::Jump(block) } else { Term::Unreachable };
            self.func.blocks[self.block.index()].term = Some(term);
            self.func.blocks[self.block.index()].term_place = self.place;
        }
        self.block = block;
        self.reachable = true;
    }

    /// Goes on in a block without falling into it.
    pub fn switch_to(&mut self, block: BlockId) {
        self.block = block;
        self.reachable = true;
    }

    pub fn jump(&mut self, to: BlockId) {
        self.end(Term::Jump(to));
    }

    /// Ends the block with a two-way branch.
    pub fn branch(&mut self, cond: Value, then: BlockId, els: BlockId) {
        self.end(Term::Branch { cond, then, els });
    }

    /// The type of a value.
    pub fn ty(&self, value: Value) -> Ty {
        self.func.values[value.index()]
    }

    pub fn int(&mut self, ty: Ty, value: i64) -> Value {
        self.emit1(ty, Inst::Int { ty, value })
    }

    pub fn i64(&mut self, value: i64) -> Value {
        self.int(Ty::I64, value)
    }

    pub fn float(&mut self, ty: Ty, value: f64) -> Value {
        let bits = if ty == Ty::F32 { u64::from((value as f32).to_bits()) } else { value.to_bits() };
        self.emit1(ty, Inst::Float { ty, bits })
    }

    /// Zero of a type.
    pub fn zero_value(&mut self, ty: Ty) -> Value {
        if ty.is_float() { self.float(ty, 0.0) } else { self.int(ty, 0) }
    }

    pub fn bin(&mut self, op: BinOp, a: Value, b: Value) -> Value {
        let ty = self.ty(a);
        self.emit1(ty, Inst::Bin { op, ty, a, b })
    }

    pub fn add(&mut self, a: Value, b: Value) -> Value {
        self.bin(BinOp::Add, a, b)
    }

    /// Adds a constant to an address or integer; nothing for 0.
    pub fn add_imm(&mut self, a: Value, n: i64) -> Value {
        if n == 0 {
            return a;
        }
        let ty = self.ty(a);
        let n = self.int(ty, n);
        self.bin(BinOp::Add, a, n)
    }

    /// Multiplies by a constant.
    pub fn mul_imm(&mut self, a: Value, n: i64) -> Value {
        let ty = self.ty(a);
        if n == 1 {
            return a;
        }
        if n > 0 && (n as u64).is_power_of_two() {
            let shift = self.int(ty, i64::from(n.trailing_zeros()));
            return self.bin(BinOp::Shl, a, shift);
        }
        let n = self.int(ty, n);
        self.bin(BinOp::Mul, a, n)
    }

    pub fn un(&mut self, op: UnOp, a: Value) -> Value {
        let ty = self.ty(a);
        self.emit1(ty, Inst::Un { op, ty, a })
    }

    pub fn cmp(&mut self, op: CmpOp, a: Value, b: Value) -> Value {
        let ty = self.ty(a);
        self.emit1(Ty::I8, Inst::Cmp { op, ty, a, b })
    }

    /// Compares with a constant.
    pub fn cmp_imm(&mut self, op: CmpOp, a: Value, n: i64) -> Value {
        let ty = self.ty(a);
        let n = self.int(ty, n);
        self.cmp(op, a, n)
    }

    /// Logical not of a 0-or-1 value.
    pub fn not(&mut self, a: Value) -> Value {
        let one = self.int(Ty::I8, 1);
        self.bin(BinOp::Xor, a, one)
    }

    pub fn convert(&mut self, op: ConvOp, a: Value, to: Ty) -> Value {
        let from = self.ty(a);
        self.emit1(to, Inst::Convert { op, from, to, a })
    }

    /// Makes an integer wider or narrower.
    pub fn resize(&mut self, a: Value, to: Ty, signed: bool) -> Value {
        let from = self.ty(a);
        match from.size().cmp(&to.size()) {
            std::cmp::Ordering::Equal => a,
            std::cmp::Ordering::Less => self.convert(if signed { ConvOp::SExt } else { ConvOp::ZExt }, a, to),
            std::cmp::Ordering::Greater => self.convert(ConvOp::Trunc, a, to),
        }
    }

    pub fn select(&mut self, cond: Value, a: Value, b: Value) -> Value {
        let ty = self.ty(a);
        self.emit1(ty, Inst::Select { ty, cond, a, b })
    }

    pub fn load(&mut self, ty: Ty, addr: Value, offset: i32, access: Access) -> Value {
        self.emit1(ty, Inst::Load { ty, addr, offset, access })
    }

    /// A load that no other goroutine can race with.
    pub fn load_private(&mut self, ty: Ty, addr: Value, offset: i32) -> Value {
        self.load(ty, addr, offset, Access { aligned: true, ..Access::default() })
    }

    pub fn store(&mut self, value: Value, addr: Value, offset: i32, access: Access) {
        let ty = self.ty(value);
        self.emit(Inst::Store { ty, value, addr, offset, access });
    }

    pub fn store_private(&mut self, value: Value, addr: Value, offset: i32) {
        self.store(value, addr, offset, Access { aligned: true, ..Access::default() });
    }

    pub fn slot_addr(&mut self, slot: SlotId, offset: i64) -> Value {
        self.emit1(Ty::I64, Inst::SlotAddr { slot, offset })
    }

    /// The address of fresh memory in the frame.
    pub fn temp(&mut self, size: u64, align: u32) -> Value {
        let slot = self.func.slot(size.max(1), align.max(1));
        self.slot_addr(slot, 0)
    }

    pub fn symbol_addr(&mut self, symbol: SymbolId) -> Value {
        self.emit1(Ty::I64, Inst::SymbolAddr { symbol, offset: 0 })
    }

    pub fn get(&mut self, local: LocalId) -> Value {
        let ty = self.func.locals[local.index()].ty;
        self.emit1(ty, Inst::GetLocal { local })
    }

    pub fn set(&mut self, local: LocalId, value: Value) {
        self.emit(Inst::SetLocal { local, value });
    }

    /// Calls and returns the results' values.
    pub fn call(&mut self, callee: Callee, args: Vec<Value>, results: &[Ty]) -> Vec<Value> {
        let sig = Sig { params: args.iter().map(|&v| self.ty(v)).collect(), results: results.to_vec() };
        let values: Vec<Value> = results.iter().map(|&ty| self.func.value(ty)).collect();
        let place = self.place;
        let inst = Inst::Call { callee, sig, args };
        self.func.blocks[self.block.index()].insts.push(InstData { inst, results: values.clone(), place });
        values
    }

    pub fn copy(&mut self, dst: Value, src: Value, size: u64, align: u32, dst_access: Access, src_access: Access) {
        if size > 0 {
            self.emit(Inst::Copy { dst, src, size, align, dst_access, src_access });
        }
    }

    pub fn zero(&mut self, dst: Value, size: u64, align: u32, access: Access) {
        if size > 0 {
            self.emit(Inst::Zero { dst, size, align, access });
        }
    }
}
