//! Copying and zeroing blocks: small ones by loads and stores, large ones by the runtime's leaf natives (which have the
//! collector's write barrier in them).

use crate::translate::Translator;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Type, Value, types};

/// Blocks up to this many bytes are copied and zeroed inline.
pub(crate) const INLINE_BLOCK: u64 = 64;

/// The pieces, widest first, that make up a block: offset and type.
fn pieces(size: u64) -> impl Iterator<Item = (i32, Type)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let ty = match size - at {
            0 => return None,
            1 => types::I8,
            2..=3 => types::I16,
            4..=7 => types::I32,
            _ => types::I64,
        };
        let piece = (at as i32, ty);
        at += u64::from(ty.bytes());
        Some(piece)
    })
}

impl Translator<'_, '_> {
    pub(crate) fn copy_block(&mut self, dst: Value, src: Value, size: u64) {
        if size <= INLINE_BLOCK {
            // All loads first: source and destination may be equal.
            let loaded: Vec<(i32, Value)> =
                pieces(size).map(|(at, ty)| (at, self.b.ins().load(ty, MemFlagsData::new(), src, at))).collect();
            for (at, value) in loaded {
                self.b.ins().store(MemFlagsData::new(), value, dst, at);
            }
            return;
        }
        let size = self.b.ins().iconst(types::I64, size as i64);
        self.call_helper("runtime.memmove", &[dst, src, size]);
    }

    pub(crate) fn zero_block(&mut self, dst: Value, size: u64) {
        if size <= INLINE_BLOCK {
            for (at, ty) in pieces(size) {
                let zero = self.b.ins().iconst(ty, 0);
                self.b.ins().store(MemFlagsData::new(), zero, dst, at);
            }
            return;
        }
        let size = self.b.ins().iconst(types::I64, size as i64);
        self.call_helper("runtime.memclrNoHeapPointers", &[dst, size]);
    }
}
