//! Sizes, offsets and the flattening of types to scalars (the rule is in `gorace_abi::calling`).

use super::kinds::{Kind, Program};
use crate::func::Ty;
use gorace_abi::calling::MAX_SCALARS;
use gorace_types::TypeId;
use std::collections::HashMap;
use std::rc::Rc;

/// One scalar of a flattened type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scalar {
    pub ty: Ty,
    pub offset: u32,
    /// Holds a pointer.
    pub pointer: bool,
    /// Which of the words it is that are written together: see `Access`.
    pub part: u8,
}

/// What the lowering needs to know of a type's representation.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    pub size: u64,
    pub align: u32,
    /// The scalars, if the type is kept in scalars.
    pub scalars: Option<Rc<[Scalar]>>,
    /// Offsets of a struct's fields.
    pub field_offsets: Vec<u64>,
    /// For each field of a struct in scalars: its first scalar and how many.
    pub field_scalars: Vec<(usize, usize)>,
    /// Whether the value contains pointers.
    pub pointers: bool,
}

/// No type has as many bytes (gc's types.MaxWidth).
const MOST_BYTES: u64 = 1 << 50;

/// Computes and remembers layouts.
#[derive(Debug, Default)]
pub struct Layouts {
    known: HashMap<TypeId, Rc<Layout>>,
    /// Types of more bytes than there can be, to be reported. Their layouts have no bytes.
    pub too_large: Vec<TypeId>,
}

impl Layouts {
    pub fn get(&mut self, program: &Program, ty: TypeId) -> Rc<Layout> {
        if let Some(known) = self.known.get(&ty) {
            return known.clone();
        }
        let mut made = self.make(program, ty);
        if made.size >= MOST_BYTES {
            self.too_large.push(ty);
            made = Layout { align: made.align, scalars: Some(Rc::from(Vec::new())), ..made };
            made.size = 0;
        }
        let made = Rc::new(made);
        self.known.insert(ty, made.clone());
        made
    }

    fn make(&mut self, program: &Program, ty: TypeId) -> Layout {
        let number = |ty, offset| Scalar { ty, offset, pointer: false, part: 0 };
        let pointer = |offset| Scalar { pointer: true, ..number(Ty::I64, offset) };
        let first = || Scalar { part: 1, ..pointer(0) };
        let word = |part: u8| Scalar { part, ..number(Ty::I64, u32::from(part - 1) * 8) };
        let plain = |size: u64, align: u32, scalars: Vec<Scalar>, pointers: bool| Layout {
            size,
            align,
            scalars: Some(scalars.into()),
            pointers,
            ..Layout::default()
        };
        match program.kind(ty) {
            Kind::Bool => plain(1, 1, vec![number(Ty::I8, 0)], false),
            Kind::Int { bytes, .. } => plain(u64::from(bytes), bytes, vec![number(int_type(bytes), 0)], false),
            Kind::Float { bytes } => plain(u64::from(bytes), bytes, vec![number(float_type(bytes), 0)], false),
            Kind::Complex { part } => {
                let ty = float_type(part);
                plain(
                    u64::from(part) * 2,
                    part,
                    vec![Scalar { part: 1, ..number(ty, 0) }, Scalar { part: 2, ..number(ty, part) }],
                    false,
                )
            }
            Kind::String => plain(16, 8, vec![first(), word(2)], true),
            Kind::Slice(_) => plain(24, 8, vec![first(), word(2), word(3)], true),
            Kind::Interface { .. } => plain(16, 8, vec![first(), Scalar { part: 2, ..pointer(8) }], true),
            Kind::Pointer(_)
            | Kind::UnsafePointer
            | Kind::Map { .. }
            | Kind::Chan { .. }
            | Kind::Func
            | Kind::UntypedNil => plain(8, 8, vec![pointer(0)], true),
            Kind::Array { elem, len } => {
                let elem = self.get(program, elem);
                let size = elem.size.saturating_mul(len);
                let scalars = match len {
                    0 => Some(Rc::from(Vec::new())),
                    1 => elem.scalars.clone(),
                    _ if elem.size == 0 => Some(Rc::from(Vec::new())),
                    _ => None,
                };
                Layout { size, align: elem.align, scalars, pointers: elem.pointers && len > 0, ..Layout::default() }
            }
            Kind::Struct => self.structure(program, ty),
            Kind::Tuple => {
                let parts = program.tuple(ty);
                self.sequence(program, &parts, false)
            }
            Kind::Void | Kind::TypeParam => plain(0, 1, Vec::new(), false),
        }
    }

    fn structure(&mut self, program: &Program, ty: TypeId) -> Layout {
        let fields: Vec<TypeId> = program.fields(ty).iter().map(|f| f.ty).collect();
        self.sequence(program, &fields, true)
    }

    /// Lays types out one after the other as a struct's fields; `pad_end`: a last field of size zero gets a byte, as gc does.
    pub fn sequence(&mut self, program: &Program, types: &[TypeId], pad_end: bool) -> Layout {
        let mut out = Layout { align: 1, ..Layout::default() };
        let mut scalars = Some(Vec::new());
        for (i, &field) in types.iter().enumerate() {
            let layout = self.get(program, field);
            out.size = out.size.next_multiple_of(u64::from(layout.align));
            out.align = out.align.max(layout.align);
            out.field_offsets.push(out.size);
            out.pointers |= layout.pointers;
            match (&mut scalars, &layout.scalars) {
                (Some(all), Some(own)) => {
                    out.field_scalars.push((all.len(), own.len()));
                    let base = out.size as u32;
                    all.extend(own.iter().map(|s| Scalar { offset: s.offset + base, ..*s }));
                }
                _ => scalars = None,
            }
            out.size += layout.size;
            if pad_end && i + 1 == types.len() && layout.size == 0 && out.size > 0 {
                out.size += 1;
            }
        }
        out.size = out.size.next_multiple_of(u64::from(out.align));
        out.scalars = scalars.filter(|all| all.len() <= MAX_SCALARS).map(Rc::from);
        if out.scalars.is_none() {
            out.field_scalars.clear();
        }
        out
    }
}

/// The scalar type of an integer of some bytes.
pub fn int_type(bytes: u32) -> Ty {
    match bytes {
        1 => Ty::I8,
        2 => Ty::I16,
        4 => Ty::I32,
        _ => Ty::I64,
    }
}

fn float_type(bytes: u32) -> Ty {
    if bytes == 4 { Ty::F32 } else { Ty::F64 }
}
