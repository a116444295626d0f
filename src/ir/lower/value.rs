//! Operands of the lowering: Go values as scalars or as memory, and the places they are loaded from and stored to.

use super::function::FunctionLowerer;
use super::layout::{Layout, Scalar};
use crate::func::{LocalId, SlotId, Value};
use crate::inst::Access;
use gorace_types::TypeId;
use std::rc::Rc;

/// Faults at addresses below are nil dereferences.
const NIL_PAGE: i64 = 4096;

/// A Go value.
#[derive(Debug, Clone)]
pub enum Val {
    /// Flattened to scalars.
    Scalars(Vec<Value>),
    /// In memory: `race` when other goroutines can reach it; `temporary` when nothing else changes it.
    Memory { addr: Value, race: bool, temporary: bool },
}

impl Val {
    /// The single scalar of a one-word value.
    pub fn one(&self) -> Value {
        match self {
            Val::Scalars(values) => values[0],
            Val::Memory { addr, .. } => *addr,
        }
    }

    /// The value without scalars (of zero size).
    pub fn empty() -> Val {
        Val::Scalars(Vec::new())
    }
}

/// Somewhere a value can be loaded from and stored to.
#[derive(Debug, Clone)]
pub enum Place {
    /// `_`
    Blank,
    /// Scalar variables (all of a variable's, or those of one field).
    Locals(Vec<LocalId>),
    Memory {
        addr: Value,
        offset: i32,
        race: bool,
    },
    /// An element of a map, for assignment.
    MapElement {
        map_type: TypeId,
        map: Value,
        key: Val,
    },
}

/// How a variable is kept.
#[derive(Debug, Clone)]
pub enum Variable {
    Locals(Vec<LocalId>),
    /// Memory in the frame.
    Slot(SlotId),
    /// A heap object; the local holds its address.
    Boxed(LocalId),
    /// A heap object whose address is kept in a frame slot (a result of a function with defer).
    BoxedSlot(SlotId),
    /// Memory that the function only reads: a parameter passed by address, or a value held by the closure.
    Borrowed(LocalId, i32),
}

impl FunctionLowerer<'_, '_> {
    fn access(&self, scalar: Scalar, offset: i32, race: bool) -> Access {
        // Fields lie at multiples of their own alignment, objects at multiples of eight or of their type's alignment.
        let aligned = (offset as u32).is_multiple_of(scalar.ty.size());
        Access { race, aligned, plain: !scalar.pointer, ..Access::default() }
    }

    /// Loads a value of a type from memory; a type that stays in memory is only referred to.
    pub fn load_from(&mut self, ty: TypeId, addr: Value, offset: i32, race: bool) -> Val {
        let layout = self.layout(ty);
        if layout.size == 0 {
            // Nothing is read, but through a nil pointer even that panics.
            self.b.emit(crate::Inst::NilCheck { addr });
        }
        match layout.scalars.clone() {
            Some(scalars) => {
                let values = scalars
                    .iter()
                    .map(|s| {
                        let at = offset + s.offset as i32;
                        let access = self.access(*s, at, race);
                        self.b.load(s.ty, addr, at, Access { part: if race { s.part } else { 0 }, ..access })
                    })
                    .collect();
                Val::Scalars(values)
            }
            None => {
                if race && layout.size > 0 {
                    // Copied later, and not from its start: a nil pointer shows here.
                    self.b.emit(crate::Inst::NilCheck { addr });
                }
                Val::Memory { addr: self.b.add_imm(addr, i64::from(offset)), race, temporary: false }
            }
        }
    }

    /// Stores a value of a type to memory.
    pub fn store_to(&mut self, ty: TypeId, value: &Val, addr: Value, offset: i32, race: bool) {
        let layout: Rc<Layout> = self.layout(ty);
        match value {
            Val::Scalars(values) => {
                let Some(scalars) = layout.scalars.clone() else {
                    // A zero-sized or unreachable value in scalar form.
                    return;
                };
                for (s, &v) in scalars.iter().zip(values) {
                    let at = offset + s.offset as i32;
                    let access = self.access(*s, at, race);
                    self.b.store(v, addr, at, access);
                }
            }
            Val::Memory { addr: src, race: src_race, .. } => {
                let dst = self.b.add_imm(addr, i64::from(offset));
                let (aligned, plain) = (layout.align >= 8, !layout.pointers);
                self.b.copy(
                    dst,
                    *src,
                    layout.size,
                    layout.align,
                    Access { race, aligned, plain, ..Access::default() },
                    Access { race: *src_race, aligned, plain, ..Access::default() },
                );
            }
        }
    }

    /// The value of a place.
    pub fn load(&mut self, ty: TypeId, place: &Place) -> Val {
        match place {
            Place::Blank => self.zero_value(ty),
            Place::Locals(locals) => Val::Scalars(locals.iter().map(|&l| self.b.get(l)).collect()),
            Place::Memory { addr, offset, race } => self.load_from(ty, *addr, *offset, *race),
            Place::MapElement { map_type, map, key } => {
                let (map_type, map, key) = (*map_type, *map, key.clone());
                self.map_access(map_type, map, &key, false).0
            }
        }
    }

    /// Stores a value to a place.
    pub fn store(&mut self, ty: TypeId, place: &Place, value: &Val) {
        match place {
            Place::Blank => {}
            Place::Locals(locals) => {
                if let Val::Scalars(values) = value {
                    for (&l, &v) in locals.iter().zip(values) {
                        self.b.set(l, v);
                    }
                }
            }
            Place::Memory { addr, offset, race } => self.store_to(ty, value, *addr, *offset, *race),
            Place::MapElement { map_type, map, key } => {
                let (map_type, map, key) = (*map_type, *map, key.clone());
                let addr = self.map_assign(map_type, map, &key);
                // The map's own check of the write covers the element.
                self.store_to(ty, value, addr, 0, false);
            }
        }
    }

    /// The zero value of a type.
    pub fn zero_value(&mut self, ty: TypeId) -> Val {
        let layout = self.layout(ty);
        match layout.scalars.clone() {
            Some(scalars) => Val::Scalars(scalars.iter().map(|s| self.b.zero_value(s.ty)).collect()),
            None => {
                let addr = self.b.temp(layout.size, layout.align);
                self.b.zero(addr, layout.size, layout.align, Access::default());
                Val::Memory { addr, race: false, temporary: true }
            }
        }
    }

    /// A value that later changes of the program's variables don't affect: memory is copied unless temporary.
    pub fn settle(&mut self, ty: TypeId, value: Val) -> Val {
        match value {
            Val::Memory { temporary: false, .. } => {
                let layout = self.layout(ty);
                let addr = self.b.temp(layout.size, layout.align);
                self.store_to(ty, &value, addr, 0, false);
                Val::Memory { addr, race: false, temporary: true }
            }
            settled => settled,
        }
    }

    /// The address of memory that holds the value; scalars are spilled to the frame.
    pub fn in_memory(&mut self, ty: TypeId, value: &Val) -> Value {
        match value {
            Val::Memory { addr, .. } => *addr,
            Val::Scalars(_) => {
                let layout = self.layout(ty);
                let addr = self.b.temp(layout.size, layout.align);
                self.store_to(ty, value, addr, 0, false);
                addr
            }
        }
    }

    /// The place of a variable.
    pub fn variable_place(&mut self, variable: &Variable) -> Place {
        match variable {
            Variable::Locals(locals) => Place::Locals(locals.clone()),
            Variable::Slot(slot) => Place::Memory { addr: self.b.slot_addr(*slot, 0), offset: 0, race: false },
            Variable::Boxed(local) => Place::Memory { addr: self.b.get(*local), offset: 0, race: true },
            Variable::BoxedSlot(slot) => {
                let at = self.b.slot_addr(*slot, 0);
                let addr = self.b.load_private(crate::Ty::I64, at, 0);
                Place::Memory { addr, offset: 0, race: true }
            }
            Variable::Borrowed(local, offset) => {
                Place::Memory { addr: self.b.get(*local), offset: *offset, race: false }
            }
        }
    }

    /// A field of a place.
    pub fn field_place(&mut self, place: Place, struct_type: TypeId, index: usize) -> Place {
        let layout = self.layout(struct_type);
        match place {
            Place::Locals(locals) => {
                let (first, count) = layout.field_scalars[index];
                Place::Locals(locals[first..first + count].to_vec())
            }
            Place::Memory { addr, offset, race } => {
                let at = i64::from(offset) + layout.field_offsets[index] as i64;
                if race && at >= NIL_PAGE {
                    // The access itself would not fault where nil pointers do.
                    self.b.emit(crate::Inst::NilCheck { addr });
                }
                match i32::try_from(at) {
                    Ok(offset) => Place::Memory { addr, offset, race },
                    Err(_) => Place::Memory { addr: self.b.add_imm(addr, at), offset: 0, race },
                }
            }
            other => other,
        }
    }

    /// The address `more` bytes behind another, with a part of it as the offset of an access.
    fn beyond(&mut self, addr: Value, offset: i32, more: u64) -> (Value, i32) {
        match i32::try_from(i64::from(offset) + more as i64) {
            Ok(offset) => (addr, offset),
            Err(_) => (self.b.add_imm(addr, more as i64), offset),
        }
    }

    /// A field of a value.
    pub fn field_value(&mut self, value: &Val, struct_type: TypeId, index: usize, field_type: TypeId) -> Val {
        let layout = self.layout(struct_type);
        match value {
            Val::Scalars(values) => {
                let (first, count) = layout.field_scalars[index];
                Val::Scalars(values[first..first + count].to_vec())
            }
            Val::Memory { addr, race, temporary } => {
                let (at, offset) = self.beyond(*addr, 0, layout.field_offsets[index]);
                match self.load_from(field_type, at, offset, *race) {
                    Val::Memory { addr, race, .. } => Val::Memory { addr, race, temporary: *temporary },
                    scalars => scalars,
                }
            }
        }
    }
}
