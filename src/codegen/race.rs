//! Inline race checks: the same-epoch test on the shadow cell, and the call of the slow path behind a cold branch.
//!
//! The format of a cell is `gorace_abi::shadow`. An aligned 8-byte access costs a load, a compare and a branch not taken; a part of a word
//! compares the mask of its bytes too; ranges call the runtime.

use crate::translate::Translator;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, StackSlotData, StackSlotKind, Value, types};
use gorace_abi::goroutine::offset::EPOCH_WORD;
use gorace_abi::memory::SHADOW_DISTANCE;
use gorace_abi::shadow::{READ_HALF, WRITE_HALF};
use gorace_ir::{Access, Inst};

/// Ranges up to this many bytes are checked word by word inline.
const INLINE_RANGE: u64 = 32;

/// What an access does with its memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    Read,
    Write,
    /// Reads it, and then writes it.
    Update,
}

impl Does {
    pub(crate) fn write(write: bool) -> Does {
        if write { Does::Write } else { Does::Read }
    }
}

impl Translator<'_, '_> {
    /// A function that checks accesses has a word in its frame, 0 until the first slow path of the activation: there the detector
    /// keeps the number of the chain of calls, which stays the same as long as the frame does.
    pub(crate) fn begin_activation(&mut self) {
        if !self.instrument || !self.func.blocks.iter().any(|block| block.insts.iter().any(|i| is_checked(&i.inst))) {
            return;
        }
        let slot = self.b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, 8, 3));
        let zero = self.b.ins().iconst(types::I64, 0);
        self.b.ins().stack_store(types::I64, zero, slot, 0);
        self.activation = Some(slot);
    }

    /// Checks one access of 1, 2, 4 or 8 bytes at `addr + offset`.
    pub(crate) fn race_check(&mut self, does: Does, addr: Value, offset: i32, size: u32, access: Access) {
        if !self.instrument || !access.race {
            return;
        }
        let addr = if offset == 0 { addr } else { self.b.ins().iadd_imm_s(addr, i64::from(offset)) };
        let half = if does == Does::Read { READ_HALF } else { WRITE_HALF } as i32;
        let g = self.b.ins().get_pinned_reg(types::I64);
        let distance = self.b.ins().iconst(types::I64, SHADOW_DISTANCE as i64);
        let whole_word = size == 8 && access.aligned;
        let cell = if whole_word {
            self.b.ins().iadd(addr, distance)
        } else {
            let word = self.b.ins().band_imm_s(addr, -8);
            self.b.ins().iadd(word, distance)
        };
        let seen = self.b.ins().load(types::I32, MemFlagsData::new().with_aligned(), cell, half);
        let epoch = self.b.ins().load(types::I32, MemFlagsData::trusted(), g, EPOCH_WORD as i32);
        let differs = if whole_word {
            self.b.ins().icmp(IntCC::NotEqual, seen, epoch)
        } else {
            let mask = self.b.ins().iconst(types::I32, (1i64 << size) - 1);
            let low = self.b.ins().ireduce(types::I32, addr);
            let byte = self.b.ins().band_imm_s(low, 7);
            let mask = self.b.ins().ishl(mask, byte);
            let mask = self.b.ins().bor_imm_s(mask, 0xffff_ff00u32 as i32 as i64);
            let difference = self.b.ins().bxor(seen, epoch);
            self.b.ins().band(difference, mask)
        };
        let cold = self.b.create_block();
        let next = self.b.create_block();
        self.b.set_cold_block(cold);
        self.b.ins().brif(differs, cold, &[], next, &[]);
        self.b.switch_to_block(cold);
        let name = match (does, size) {
            (Does::Read, 1) => "race.read1",
            (Does::Read, 2) => "race.read2",
            (Does::Read, 4) => "race.read4",
            (Does::Read, _) => "race.read8",
            (Does::Write, 1) => "race.write1",
            (Does::Write, 2) => "race.write2",
            (Does::Write, 4) => "race.write4",
            (Does::Write, _) => "race.write8",
            (Does::Update, 1) => "race.update1",
            (Does::Update, 2) => "race.update2",
            (Does::Update, 4) => "race.update4",
            (Does::Update, _) => "race.update8",
        };
        let activation = match self.activation {
            Some(slot) => self.b.ins().stack_addr(types::I64, slot, 0),
            None => self.b.ins().iconst(types::I64, 0),
        };
        self.call_preserving(name, &[addr, activation]);
        self.b.ins().jump(next, &[]);
        self.b.switch_to_block(next);
    }

    /// Checks an access of a range.
    pub(crate) fn race_range(&mut self, write: bool, addr: Value, offset: i32, size: u64, access: Access) {
        if !self.instrument || !access.race || size == 0 {
            return;
        }
        if matches!(size, 1 | 2 | 4) {
            return self.race_check(Does::write(write), addr, offset, size as u32, access);
        }
        if access.aligned && size.is_multiple_of(8) && size <= INLINE_RANGE {
            for at in (0..size).step_by(8) {
                self.race_check(Does::write(write), addr, offset + at as i32, 8, access);
            }
            return;
        }
        let addr = self.b.ins().iadd_imm_s(addr, i64::from(offset));
        let size = self.b.ins().iconst(types::I64, size as i64);
        self.call_preserving(if write { "race.writerange" } else { "race.readrange" }, &[addr, size]);
    }
}

fn is_checked(inst: &Inst) -> bool {
    match inst {
        Inst::Load { access, .. } | Inst::Store { access, .. } | Inst::Zero { access, .. } => access.race,
        Inst::Copy { dst_access, src_access, .. } => dst_access.race || src_access.race,
        Inst::RaceCheck { .. } => true,
        _ => false,
    }
}
