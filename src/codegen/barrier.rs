//! The collector's write barrier: while it marks, what a store overwrites is handed to it first (Yuasa's deletion barrier, 1990).
//!
//! Outside of marking a store costs a load, a compare and a branch not taken. The intermediate form does not say which words are
//! pointers, so each word-sized store is taken for one, unless it goes to the function's own frame (stacks are scanned
//! before they run again) or stores what only a number can be.

use crate::translate::Translator;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};
use gorace_abi::goroutine::offset::BARRIER;
use gorace_ir::{BinOp, ConvOp, Inst, UnOp};

/// What is known of a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Known {
    #[default]
    Nothing,
    /// An address in this function's frame.
    Frame,
    /// Not a pointer.
    Number,
}

impl Translator<'_, '_> {
    /// What an instruction's result is known to be.
    pub(crate) fn classify(&self, inst: &Inst) -> Known {
        let is = |v: gorace_ir::Value| self.known[v.index()];
        match inst {
            Inst::SlotAddr { .. } => Known::Frame,
            // Zero may be nil.
            Inst::Int { value, .. } if *value != 0 => Known::Number,
            Inst::Bin { op: BinOp::Add, a, b, .. } if is(*a) == Known::Frame || is(*b) == Known::Frame => Known::Frame,
            // Pointers are cut and joined only by the operations that are left out here.
            Inst::Bin {
                op:
                    BinOp::Mul | BinOp::SDiv | BinOp::UDiv | BinOp::SRem | BinOp::URem | BinOp::UMulHigh | BinOp::SMulHigh,
                ..
            } => Known::Number,
            Inst::Un { op: UnOp::Clz | UnOp::Ctz | UnOp::Popcnt, .. } | Inst::Cmp { .. } => Known::Number,
            Inst::Convert { op: ConvOp::SExt | ConvOp::ZExt | ConvOp::FToS | ConvOp::FToU, .. } => Known::Number,
            _ => Known::Nothing,
        }
    }

    /// Before a store of `size` bytes at `addr + offset`.
    pub(crate) fn write_barrier(&mut self, at: gorace_ir::Value, addr: Value, offset: i32, size: u64) {
        if size < 8 || self.known[at.index()] == Known::Frame {
            return;
        }
        let g = self.b.ins().get_pinned_reg(types::I64);
        let marking = self.b.ins().load(types::I32, MemFlagsData::trusted(), g, BARRIER as i32);
        let cold = self.b.create_block();
        let next = self.b.create_block();
        self.b.set_cold_block(cold);
        self.b.ins().brif(marking, cold, &[], next, &[]);
        self.b.switch_to_block(cold);
        let addr = if offset == 0 { addr } else { self.b.ins().iadd_imm_s(addr, i64::from(offset)) };
        if size == 8 {
            self.call_preserving("gc.shade", &[addr]);
        } else {
            let size = self.b.ins().iconst(types::I64, size as i64);
            self.call_preserving("gc.shaderange", &[addr, size]);
        }
        self.b.ins().jump(next, &[]);
        self.b.switch_to_block(next);
    }
}
