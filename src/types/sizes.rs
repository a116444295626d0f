//! Sizes and alignments on amd64, as gc lays types out.

use crate::store::*;

impl Store {
    pub fn align_of(&mut self, ty: TypeId) -> i64 {
        match self.under_type(ty) {
            Type::Array { elem, .. } => self.within(ty, 1, |s| s.align_of(elem)),
            Type::Struct(fields) => self.within(ty, 1, |s| fields.iter().map(|f| s.align_of(f.ty)).max().unwrap_or(1)),
            Type::Basic(b) => match b {
                Basic::Complex64 => 4,
                Basic::Complex128 | Basic::String => 8,
                _ => self.size_of(ty).clamp(1, 8),
            },
            _ => 8,
        }
    }

    pub fn size_of(&mut self, ty: TypeId) -> i64 {
        match self.under_type(ty) {
            Type::Basic(b) => {
                use Basic::*;
                match b {
                    Bool | Int8 | Uint8 | UntypedBool => 1,
                    Int16 | Uint16 => 2,
                    Int32 | Uint32 | Float32 | UntypedRune => 4,
                    Complex128 | String | UntypedString | UntypedComplex => 16,
                    Invalid => 0,
                    _ => 8,
                }
            }
            Type::Array { elem, len } => self.within(ty, 0, |s| s.size_of(elem)).saturating_mul(len),
            Type::Slice(_) => 24,
            Type::Interface(_) => 16,
            Type::Struct(fields) => {
                let types: Vec<TypeId> = fields.iter().map(|f| f.ty).collect();
                self.within(ty, 0, |s| s.struct_layout(&types).1)
            }
            _ => 8,
        }
    }

    /// Offsets of fields and the size of the struct.
    pub fn struct_layout(&mut self, types: &[TypeId]) -> (Vec<i64>, i64) {
        let mut offsets = Vec::new();
        let (mut at, mut align) = (0i64, 1);
        for (i, &ty) in types.iter().enumerate() {
            let a = self.align_of(ty);
            align = align.max(a);
            at = round_up(at, a);
            offsets.push(at);
            let size = self.size_of(ty);
            at = at.saturating_add(size);
            if i + 1 == types.len() && size == 0 && at > 0 {
                at = at.saturating_add(1);
            }
        }
        (offsets, round_up(at, align))
    }
}

/// The next multiple; a size that is too large stays so.
fn round_up(n: i64, align: i64) -> i64 {
    n.checked_add(align - 1).map_or(i64::MAX, |n| n / align * align)
}
