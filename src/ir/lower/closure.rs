//! Closure objects: a code address, then what is captured, each at a multiple of 8 bytes.

use super::function::{Capture, FunctionLowerer};
use super::value::{Val, Variable};
use crate::func::{Ty, Value};
use crate::unit::SymbolId;
use gorace_types::{ObjId, TypeId};

/// The words of a closure object.
pub struct ClosureLayout {
    /// Which of them are pointers.
    pub pointer_words: Vec<bool>,
}

impl Default for ClosureLayout {
    /// The code address alone.
    fn default() -> ClosureLayout {
        ClosureLayout { pointer_words: vec![false] }
    }
}

impl ClosureLayout {
    fn size(&self) -> u64 {
        8 * self.pointer_words.len() as u64
    }

    /// Adds a value of which it is said which words are pointers; gives its offset.
    fn add(&mut self, pointer_words: &[bool]) -> u64 {
        let offset = self.size();
        self.pointer_words.extend(pointer_words);
        offset
    }
}

/// The variables that a closure captures.
pub struct Captured {
    variables: Vec<(ObjId, TypeId, Capture)>,
    layout: ClosureLayout,
}

impl Captured {
    pub fn is_empty(&self) -> bool {
        self.variables.is_empty()
    }

    /// Where the closure's code finds them.
    pub fn places(&self) -> Vec<(ObjId, Capture)> {
        self.variables.iter().map(|&(obj, _, capture)| (obj, capture)).collect()
    }
}

impl FunctionLowerer<'_, '_> {
    /// Captures those of some objects that are variables of this function, each once.
    pub fn capture(&mut self, used: &[ObjId]) -> Captured {
        let mut captured = Captured { variables: Vec::new(), layout: ClosureLayout::default() };
        for &obj in used {
            let Some(variable) = self.variables.get(&obj) else { continue };
            if captured.variables.iter().any(|(known, ..)| *known == obj) {
                continue;
            }
            let by_value = !matches!(variable, Variable::Boxed(_) | Variable::BoxedSlot(_));
            let ty = self.l.program.object_type(obj);
            let ty = self.subst(ty);
            let offset =
                if by_value { self.room_in_closure(&mut captured.layout, ty) } else { captured.layout.add(&[true]) };
            captured.variables.push((obj, ty, Capture { offset: offset as u32, by_value }));
        }
        captured
    }

    /// Adds a value of a type to a closure object; gives its offset.
    pub fn room_in_closure(&mut self, layout: &mut ClosureLayout, ty: TypeId) -> u64 {
        let size = self.layout(ty).size;
        let mut pointer_words = vec![false; size.div_ceil(8) as usize];
        self.l.pointer_words(ty, 0, &mut pointer_words);
        layout.add(&pointer_words)
    }

    /// A closure object that holds captured variables.
    pub fn closure_of(&mut self, code: SymbolId, captured: &Captured) -> Value {
        let object = self.closure_object(code, &captured.layout);
        for &(obj, ty, capture) in &captured.variables {
            let variable = self.variables[&obj].clone();
            self.store_capture(object, &variable, ty, capture);
        }
        object
    }

    /// Puts a variable's value, or its box's address, into a closure object.
    fn store_capture(&mut self, object: Value, variable: &Variable, ty: TypeId, capture: Capture) {
        let value = match (variable, capture.by_value) {
            (Variable::Boxed(local), false) => Val::Scalars(vec![self.b.get(*local)]),
            (Variable::BoxedSlot(slot), false) => {
                let at = self.b.slot_addr(*slot, 0);
                Val::Scalars(vec![self.b.load_private(Ty::I64, at, 0)])
            }
            _ => {
                let place = self.variable_place(variable);
                self.load(ty, &place)
            }
        };
        if capture.by_value {
            self.store_to(ty, &value, object, capture.offset as i32, false);
        } else {
            self.b.store_private(value.one(), object, capture.offset as i32);
        }
    }

    /// A heap object that starts with a code address.
    pub fn closure_object(&mut self, code: SymbolId, layout: &ClosureLayout) -> Value {
        let size = layout.size();
        let descriptor = self.l.layout_descriptor(size, &layout.pointer_words);
        self.l.unit.sizes.insert(descriptor, (size, 8));
        let descriptor = self.b.symbol_addr(descriptor);
        let object = self.call_runtime("runtime.newobject", &[descriptor], &[Ty::I64])[0];
        let code = self.b.symbol_addr(code);
        self.b.store_private(code, object, 0);
        object
    }
}
