//! Composite literals: of structs, arrays, slices and maps.

use super::function::FunctionLowerer;
use super::kinds::Kind;
use super::value::Val;
use crate::func::Value;
use gorace_syntax::ast::{Element, Expr, ExprKind};
use gorace_types::TypeId;

/// Literals larger than this are made on the heap, as gc has it for variables that the source does not name.
const LARGE_LITERAL: u64 = 64 << 10;

impl<'a> FunctionLowerer<'_, 'a> {
    /// The value of a composite literal.
    pub fn composite(&mut self, e: &'a Expr, ty: TypeId) -> Val {
        let ExprKind::CompositeLit { elems, .. } = &e.kind else { return self.expr(e) };
        if let Some(values) = self.take_ahead(e.id) {
            return values.into_iter().next().map_or_else(Val::empty, |(_, value)| value);
        }
        match self.l.program.kind(ty) {
            Kind::Slice(elem) => self.slice_literal(elems, elem),
            Kind::Map { key, elem } => self.map_literal(elems, ty, key, elem),
            // An elided &T inside a literal of pointers.
            Kind::Pointer(elem) => {
                let object = self.new_object(elem);
                self.composite_into(e, elem, object);
                Val::Scalars(vec![object])
            }
            _ => {
                let layout = self.layout(ty);
                if layout.scalars.is_some() && matches!(self.l.program.kind(ty), Kind::Struct) {
                    return self.small_struct(elems, ty);
                }
                let addr = if layout.size > LARGE_LITERAL {
                    self.new_object(ty)
                } else {
                    let addr = self.b.temp(layout.size, layout.align);
                    if layout.size > 0 {
                        self.zero_private(addr, layout.size, layout.align);
                    }
                    addr
                };
                self.fill(elems, ty, addr);
                match self.load_from(ty, addr, 0, false) {
                    Val::Memory { addr, race, .. } => Val::Memory { addr, race, temporary: true },
                    scalars => scalars,
                }
            }
        }
    }

    /// Fills zeroed memory with a composite literal.
    pub fn composite_into(&mut self, e: &'a Expr, ty: TypeId, addr: Value) {
        let ExprKind::CompositeLit { elems, .. } = &e.kind else {
            let value = self.expr_to(e, ty);
            return self.store_to(ty, &value, addr, 0, false);
        };
        match self.l.program.kind(ty) {
            Kind::Struct | Kind::Array { .. } => self.fill(elems, ty, addr),
            _ => {
                let value = self.composite(e, ty);
                self.store_to(ty, &value, addr, 0, false);
            }
        }
    }

    fn small_struct(&mut self, elems: &'a [Element], ty: TypeId) -> Val {
        let fields = self.l.program.fields(ty);
        let Val::Scalars(mut scalars) = self.zero_value(ty) else { return Val::empty() };
        for (i, elem) in elems.iter().enumerate() {
            let path = self.field_path(elem, i, ty);
            let mut first = 0;
            let mut holder = ty;
            for &index in &path {
                let inner = self.layout(holder);
                first += inner.field_scalars[index as usize].0;
                holder = self.l.program.fields(holder)[index as usize].ty;
            }
            let value = self.element_value(&elem.value, holder);
            if let Val::Scalars(values) = value
                && !is_blank(elem, i, &fields)
            {
                scalars[first..first + values.len()].copy_from_slice(&values);
            }
        }
        Val::Scalars(scalars)
    }

    /// The fields to follow for an element of a struct literal (promoted fields as keys since Go 1.27).
    fn field_path(&mut self, elem: &Element, position: usize, ty: TypeId) -> Vec<u32> {
        match &elem.key {
            Some(key) => match &key.kind {
                ExprKind::Name(name) => self.l.program.field_path(ty, name, self.env.pkg),
                _ => vec![position as u32],
            },
            None => vec![position as u32],
        }
    }

    /// The type of the field that an element of a struct literal belongs to.
    pub fn element_field(&mut self, elem: &Element, position: usize, ty: TypeId) -> TypeId {
        let path = self.field_path(elem, position, ty);
        path.iter().fold(ty, |holder, &index| self.l.program.fields(holder)[index as usize].ty)
    }

    /// An element: nested literals may leave their type out.
    fn element_value(&mut self, e: &'a Expr, ty: TypeId) -> Val {
        match &e.kind {
            ExprKind::CompositeLit { ty: None, .. } => self.composite(e, ty),
            _ => self.expr_to(e, ty),
        }
    }

    fn element_into(&mut self, e: &'a Expr, ty: TypeId, addr: Value, offset: u64) {
        if let ExprKind::CompositeLit { elems, .. } = &e.kind {
            let own = if matches!(&e.kind, ExprKind::CompositeLit { ty: None, .. }) { ty } else { self.type_of(e) };
            if own == ty && matches!(self.l.program.kind(ty), Kind::Struct | Kind::Array { .. }) {
                // Only this memory is written, so nesting needs no temporary.
                let at = self.b.add_imm(addr, offset as i64);
                return self.fill(elems, ty, at);
            }
        }
        let value = self.element_value(e, ty);
        self.store_to(ty, &value, addr, offset as i32, false);
    }

    /// Stores a struct's or array's elements into zeroed memory.
    fn fill(&mut self, elems: &'a [Element], ty: TypeId, addr: Value) {
        match self.l.program.kind(ty) {
            Kind::Struct => {
                let fields = self.l.program.fields(ty);
                for (i, elem) in elems.iter().enumerate() {
                    if is_blank(elem, i, &fields) {
                        self.element_value(&elem.value, fields[i].ty);
                        continue;
                    }
                    let path = self.field_path(elem, i, ty);
                    let mut offset = 0;
                    let mut holder = ty;
                    for &index in &path {
                        offset += self.layout(holder).field_offsets[index as usize];
                        holder = self.l.program.fields(holder)[index as usize].ty;
                    }
                    self.element_into(&elem.value, holder, addr, offset);
                }
            }
            Kind::Array { elem, .. } => {
                let size = self.layout(elem).size;
                for (index, e) in self.indexed(elems) {
                    self.element_into(e, elem, addr, index * size);
                }
            }
            _ => {}
        }
    }

    /// Elements of an array or slice literal with their indices.
    pub fn indexed(&mut self, elems: &'a [Element]) -> Vec<(u64, &'a Expr)> {
        let mut next = 0;
        let mut out = Vec::new();
        for elem in elems {
            if let Some(key) = &elem.key
                && let Some(value) = self.l.program.constant(self.env.pkg, self.env.file, key.id)
            {
                next = value.as_integer() as u64;
            }
            out.push((next, &elem.value));
            next += 1;
        }
        out
    }

    fn slice_literal(&mut self, elems: &'a [Element], elem: TypeId) -> Val {
        let list = self.indexed(elems);
        let len = list.iter().map(|(i, _)| i + 1).max().unwrap_or(0);
        let size = self.layout(elem).size;
        let array = self.l.program.array_of(elem, len as i64);
        let object = if len == 0 { self.runtime_symbol("runtime.zerobase") } else { self.new_object(array) };
        for (index, e) in list {
            self.element_into(e, elem, object, index * size);
        }
        let n = self.b.i64(len as i64);
        Val::Scalars(vec![object, n, n])
    }

    fn map_literal(&mut self, elems: &'a [Element], ty: TypeId, key: TypeId, elem: TypeId) -> Val {
        let map = self.make_map(ty, Some(elems.len() as i64));
        for e in elems {
            let Some(key_expr) = &e.key else { continue };
            // Each element is an assignment of its own.
            self.order_map_element(ty, key_expr, (&e.value, elem));
            let value = self.element_value(&e.value, elem);
            let value = self.settle(elem, value);
            let key_value = self.element_value(key_expr, key);
            let key_value = self.settle(key, key_value);
            let addr = self.map_assign(ty, map, &key_value);
            self.store_to(elem, &value, addr, 0, false);
        }
        Val::Scalars(vec![map])
    }
}

/// Whether an element belongs to a blank field: it is evaluated, but the field stays zero.
fn is_blank(elem: &Element, position: usize, fields: &[super::kinds::Field]) -> bool {
    elem.key.is_none() && fields[position].name == "_"
}
