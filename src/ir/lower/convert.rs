//! Conversions: between numbers, strings and slices; to interfaces; type assertions; constants.

use super::call::ITAB_TYPE;
use super::function::FunctionLowerer;
use super::kinds::{Const, Kind};
use super::value::Val;
use crate::func::{Ty, Value};
use crate::inst::{CmpOp, ConvOp};
use crate::unit::{Data, DataReloc, RelocKind, Section};
use gorace_syntax::ast::{Expr, ExprKind};
use gorace_types::TypeId;

impl<'a> FunctionLowerer<'_, 'a> {
    /// A constant as a value of a type.
    pub fn constant(&mut self, value: &Const, ty: TypeId) -> Val {
        match self.l.program.kind(ty) {
            Kind::Bool => Val::Scalars(vec![self.b.int(Ty::I8, i64::from(value.as_bool()))]),
            Kind::Int { bytes, .. } => {
                let n = value.as_integer();
                Val::Scalars(vec![self.b.int(super::layout::int_type(bytes), n)])
            }
            Kind::Float { bytes } => {
                let ty = if bytes == 4 { Ty::F32 } else { Ty::F64 };
                let bits = if bytes == 4 { u64::from(value.as_f32().to_bits()) } else { value.as_f64().to_bits() };
                Val::Scalars(vec![self.b.emit1(ty, crate::Inst::Float { ty, bits })])
            }
            Kind::Complex { part } => {
                let (re, im) = value.as_complex();
                let ty = if part == 4 { Ty::F32 } else { Ty::F64 };
                Val::Scalars(vec![self.b.float(ty, re), self.b.float(ty, im)])
            }
            Kind::String => {
                let text = value.as_bytes();
                self.string_constant(&text)
            }
            Kind::Interface { .. } => {
                // An untyped constant used as an interface has its default type.
                let default = self.l.program.default_type(value);
                let inner = self.constant(value, default);
                self.interface_of(inner, default, ty)
            }
            Kind::Pointer(_) | Kind::UnsafePointer => {
                let n = value.as_integer();
                Val::Scalars(vec![self.b.i64(n)])
            }
            _ => self.zero_value(ty),
        }
    }

    pub fn string_constant(&mut self, text: &[u8]) -> Val {
        if text.is_empty() {
            return Val::Scalars(vec![self.b.i64(0), self.b.i64(0)]);
        }
        let symbol = self.l.string_symbol(text);
        Val::Scalars(vec![self.b.symbol_addr(symbol), self.b.i64(text.len() as i64)])
    }

    /// Makes a value of a type that it is assignable to.
    pub fn convert_implicitly(&mut self, value: Val, from: TypeId, to: TypeId) -> Val {
        if from == to {
            return value;
        }
        let interface_of = matches!(self.l.program.kind(to), Kind::Interface { .. });
        if !interface_of {
            return value;
        }
        match self.l.program.kind(from) {
            Kind::UntypedNil => self.zero_value(to),
            Kind::Interface { .. } => self.interface_interface_of(value, from, to),
            _ => self.interface_of(value, from, to),
        }
    }

    /// A concrete value in an interface.
    pub fn interface_of(&mut self, value: Val, from: TypeId, to: TypeId) -> Val {
        let word = if self.l.program.is_empty_interface(to) {
            self.descriptor(from)
        } else {
            let itab = self.l.itab_symbol(to, from);
            self.b.symbol_addr(itab)
        };
        let data = self.box_value(value, from);
        Val::Scalars(vec![word, data])
    }

    /// The data word of an interface that holds a value.
    fn box_value(&mut self, value: Val, ty: TypeId) -> Value {
        let layout = self.layout(ty);
        if layout.size == 0 {
            return self.runtime_symbol("runtime.zerobase");
        }
        if self.l.program.is_pointer_shaped(ty) {
            return match value {
                Val::Scalars(values) => values[0],
                Val::Memory { addr, .. } => self.b.load_private(Ty::I64, addr, 0),
            };
        }
        if let Some(symbol) = self.static_box(&value, ty) {
            return symbol;
        }
        if layout.size == 1
            && let Val::Scalars(values) = &value
        {
            let index = self.b.resize(values[0], Ty::I64, false);
            let offset = self.b.mul_imm(index, 8);
            let table = self.runtime_symbol("runtime.staticuint64s");
            return self.b.add(table, offset);
        }
        let object = self.new_object(ty);
        self.store_to(ty, &value, object, 0, false);
        object
    }

    /// Constants in interfaces are read-only data.
    fn static_box(&mut self, value: &Val, ty: TypeId) -> Option<Value> {
        let Val::Scalars(values) = value else { return None };
        let layout = self.layout(ty);
        let scalars = layout.scalars.clone()?;
        let mut bytes = vec![0u8; layout.size as usize];
        let mut relocs = Vec::new();
        let mut key = String::new();
        for (scalar, &v) in scalars.iter().zip(values) {
            let inst = self.defining(v)?;
            let at = scalar.offset as usize;
            let size = scalar.ty.size() as usize;
            match inst {
                crate::Inst::Int { value, .. } => bytes[at..at + size].copy_from_slice(&value.to_le_bytes()[..size]),
                crate::Inst::Float { bits, .. } => bytes[at..at + size].copy_from_slice(&bits.to_le_bytes()[..size]),
                crate::Inst::SymbolAddr { symbol, offset } => {
                    key += &format!("{}+{offset}@{at};", self.l.unit.name(symbol));
                    relocs.push(DataReloc {
                        offset: at as u32,
                        target: symbol,
                        addend: offset,
                        kind: RelocKind::Absolute,
                    });
                }
                _ => return None,
            }
        }
        for byte in &bytes {
            key += &format!("{byte:02x}");
        }
        let symbol = self.l.unit.symbol(&format!("go:const.{}.{key}", layout.align));
        if self.l.define(symbol) {
            self.l.unit.data.push(Data {
                name: symbol,
                section: Section::ReadOnly,
                align: layout.align.max(8),
                size: layout.size,
                bytes,
                relocs,
                mergeable: true,
                type_link: None,
                itab: false,
            });
        }
        Some(self.b.symbol_addr(symbol))
    }

    /// The instruction that defines a value, if it is one of the last in the current block.
    fn defining(&self, v: Value) -> Option<crate::Inst> {
        let block = &self.b.func.blocks[self.b.block.index()];
        block.insts.iter().rev().take(8).find(|data| data.results.first() == Some(&v)).map(|data| data.inst.clone())
    }

    /// An interface value as another interface type that its static type implements.
    fn interface_interface_of(&mut self, value: Val, from: TypeId, to: TypeId) -> Val {
        let Val::Scalars(words) = value else { return Val::empty() };
        let from_empty = self.l.program.is_empty_interface(from);
        let to_empty = self.l.program.is_empty_interface(to);
        // Tables are made for each interface type by itself: equal method sets do not make equal tables.
        if from_empty && to_empty {
            return Val::Scalars(words);
        }
        let result = self.b.func.local(Ty::I64, None);
        self.b.set(result, words[0]);
        let not_nil = self.nonzero(words[0]);
        let convert = self.b.new_block();
        let end = self.b.new_block();
        self.b.branch(not_nil, convert, end);
        self.b.switch_to(convert);
        let ty = if from_empty { words[0] } else { self.b.load_private(Ty::I64, words[0], ITAB_TYPE) };
        let word = if to_empty {
            ty
        } else {
            let interface = self.descriptor(to);
            self.call_runtime("runtime.assertE2I", &[interface, ty], &[Ty::I64])[0]
        };
        self.b.set(result, word);
        self.b.start(end);
        Val::Scalars(vec![self.b.get(result), words[1]])
    }

    /// The dynamic type of an interface value, 0 for nil.
    pub fn dynamic_type(&mut self, interface: TypeId, word: Value) -> Value {
        if self.l.program.is_empty_interface(interface) {
            return word;
        }
        let result = self.b.func.local(Ty::I64, None);
        self.b.set(result, word);
        let not_nil = self.nonzero(word);
        let load = self.b.new_block();
        let end = self.b.new_block();
        self.b.branch(not_nil, load, end);
        self.b.switch_to(load);
        let ty = self.b.load_private(Ty::I64, word, ITAB_TYPE);
        self.b.set(result, ty);
        self.b.start(end);
        self.b.get(result)
    }

    /// The value of a concrete type that an interface's data word holds.
    pub fn unbox(&mut self, ty: TypeId, data: Value) -> Val {
        if self.l.program.is_pointer_shaped(ty) {
            return match self.layout(ty).scalars {
                Some(_) => Val::Scalars(vec![data]),
                None => {
                    let addr = self.b.temp(8, 8);
                    self.b.store_private(data, addr, 0);
                    Val::Memory { addr, race: false, temporary: true }
                }
            };
        }
        // Boxed values are never written.
        match self.load_from(ty, data, 0, false) {
            Val::Memory { addr, race, .. } => Val::Memory { addr, race, temporary: true },
            scalars => scalars,
        }
    }

    /// The word that equal dynamic types have in an interface of this static type: descriptor or itab.
    pub fn type_word(&mut self, interface: TypeId, concrete: TypeId) -> Value {
        if self.l.program.is_empty_interface(interface) {
            self.descriptor(concrete)
        } else {
            let itab = self.l.itab_symbol(interface, concrete);
            self.b.symbol_addr(itab)
        }
    }

    /// `x.(T)` that panics.
    pub fn type_assert(&mut self, e: &'a Expr, x: &'a Expr, to: TypeId) -> Val {
        let from = self.type_of(x);
        self.order(x);
        let Val::Scalars(words) = self.expr(x) else { return Val::empty() };
        self.b.at(e.pos);
        if matches!(self.l.program.kind(to), Kind::Interface { .. }) {
            let ty = self.dynamic_type(from, words[0]);
            let interface = self.descriptor(to);
            if self.l.program.is_empty_interface(to) {
                let nil = self.b.cmp_imm(CmpOp::Eq, ty, 0);
                self.panic_if(nil, "runtime.panicnildottype", &[interface]);
                return Val::Scalars(vec![ty, words[1]]);
            }
            let itab = self.call_runtime("runtime.assertE2I", &[interface, ty], &[Ty::I64])[0];
            return Val::Scalars(vec![itab, words[1]]);
        }
        let wanted = self.type_word(from, to);
        let differs = self.b.cmp(CmpOp::Ne, words[0], wanted);
        let have = words[0];
        let want = self.descriptor(to);
        let source = self.descriptor(from);
        let name =
            if self.l.program.is_empty_interface(from) { "runtime.panicdottypeE" } else { "runtime.panicdottypeI" };
        self.panic_if(differs, name, &[have, want, source]);
        self.unbox(to, words[1])
    }

    /// `v, ok := x.(T)`
    pub fn type_assert_ok(&mut self, e: &'a Expr, x: &'a Expr, to: TypeId) -> (Val, Value) {
        let from = self.type_of(x);
        self.order(x);
        let Val::Scalars(words) = self.expr(x) else { return (Val::empty(), self.b.int(Ty::I8, 0)) };
        self.b.at(e.pos);
        let variable = self.hidden_variable(to);
        let place = self.variable_place(&variable);
        let ok = self.assert_into(from, &words, to, &place);
        (self.load(to, &place), ok)
    }

    /// Asserts into a place (zero when it fails); gives whether it held.
    pub fn assert_into(&mut self, from: TypeId, words: &[Value], to: TypeId, place: &super::value::Place) -> Value {
        let ok_local = self.b.func.local(Ty::I8, None);
        if matches!(self.l.program.kind(to), Kind::Interface { .. }) {
            let ty = self.dynamic_type(from, words[0]);
            let word = if self.l.program.is_empty_interface(to) {
                ty
            } else {
                let interface = self.descriptor(to);
                self.call_runtime("runtime.assertE2I2", &[interface, ty], &[Ty::I64])[0]
            };
            let ok = self.nonzero(word);
            let zero = self.b.i64(0);
            let data = self.b.select(ok, words[1], zero);
            self.initialise(to, place, &Val::Scalars(vec![word, data]));
            return ok;
        }
        let wanted = self.type_word(from, to);
        let same = self.b.cmp(CmpOp::Eq, words[0], wanted);
        self.b.set(ok_local, same);
        let yes = self.b.new_block();
        let no = self.b.new_block();
        let end = self.b.new_block();
        self.b.branch(same, yes, no);
        self.b.switch_to(yes);
        let value = self.unbox(to, words[1]);
        self.initialise(to, place, &value);
        self.b.jump(end);
        self.b.switch_to(no);
        let zero = self.zero_value(to);
        self.initialise(to, place, &zero);
        self.b.start(end);
        self.b.get(ok_local)
    }

    /// An explicit conversion `T(x)`.
    pub fn conversion(&mut self, x: &'a Expr, to: TypeId) -> Val {
        let from = self.type_of(x);
        if let Some(value) = self.l.program.constant(self.env.pkg, self.env.file, x.id)
            && (self.l.program.is_untyped(from) || self.becomes_complex(from, to))
        {
            return self.convert_constant(&value, x, from, to);
        }
        self.order_to(x, to);
        let value = self.expr(x);
        self.b.at(x.pos);
        self.convert(value, from, to)
    }

    /// An expression for a use that is over before anything else runs and keeps nothing of it (a look into a map, a comparison):
    /// `string(b)` of bytes is then the bytes themselves, as gc has it.
    pub fn expr_in_passing(&mut self, e: &'a Expr, wanted: TypeId) -> Val {
        if matches!(self.l.program.kind(wanted), Kind::String)
            && let Some(bytes) = self.bytes_made_string(e)
            && let Val::Scalars(p) = self.expr(bytes)
        {
            self.b.at(e.pos);
            self.race_range(false, p[0], p[1]);
            return Val::Scalars(vec![p[0], p[1]]);
        }
        self.expr_to(e, wanted)
    }

    /// Operands of an operation that keeps nothing of them: all are evaluated, then those of bytes made strings are read, as gc has it.
    pub fn strings_in_passing(&mut self, operands: &[&'a Expr]) -> Vec<(Value, Value)> {
        let mut strings = Vec::new();
        let mut read = Vec::new();
        for &e in operands {
            let bytes = self.bytes_made_string(e);
            let Val::Scalars(v) = self.expr(bytes.unwrap_or(e)) else { continue };
            strings.push((v[0], v[1]));
            if bytes.is_some() {
                read.push((e.pos, v[0], v[1]));
            }
        }
        for (pos, pointer, len) in read {
            self.b.at(pos);
            self.race_range(false, pointer, len);
        }
        strings
    }

    /// `b` of `string(b)` where that is a conversion of bytes.
    pub fn bytes_made_string(&mut self, e: &'a Expr) -> Option<&'a Expr> {
        let (to, from, bytes) = self.as_conversion(e)?;
        match (self.l.program.kind(to), self.l.program.kind(from)) {
            (Kind::String, Kind::Slice(elem)) if self.layout(elem).size == 1 => Some(bytes),
            _ => None,
        }
    }

    /// `text` of `[]byte(text)` where that is a conversion of a string.
    pub fn string_made_bytes(&mut self, e: &'a Expr) -> Option<&'a Expr> {
        let (to, from, text) = self.as_conversion(e)?;
        let constant = self.l.program.constant(self.env.pkg, self.env.file, text.id).is_some();
        match (self.l.program.kind(to), self.l.program.kind(from)) {
            (Kind::Slice(elem), Kind::String) if self.layout(elem).size == 1 && !constant => Some(text),
            _ => None,
        }
    }

    /// The types and the operand of `T(x)`.
    fn as_conversion(&mut self, e: &'a Expr) -> Option<(TypeId, TypeId, &'a Expr)> {
        let (fun, args) = match &e.kind {
            ExprKind::Paren(x) => return self.as_conversion(x),
            _ if self.is_ahead(e) => return None,
            ExprKind::Call { fun, args, .. } => (fun, args),
            _ => return None,
        };
        let [x] = &args[..] else { return None };
        if !self.l.program.is_type_expr(self.env.pkg, self.env.file, fun.id) {
            return None;
        }
        Some((self.type_of(fun), self.type_of(x), x))
    }

    /// In a generic function a constant that becomes a type parameter has its default type before: `T(0)`.
    fn becomes_complex(&self, from: TypeId, to: TypeId) -> bool {
        let is_complex = |ty| matches!(self.l.program.kind(ty), Kind::Complex { .. });
        is_complex(to) && !is_complex(from)
    }

    fn convert_constant(&mut self, value: &Const, x: &'a Expr, from: TypeId, to: TypeId) -> Val {
        match self.l.program.kind(to) {
            Kind::Slice(_) => {
                let inner = self.string_constant(&value.as_bytes());
                let string = self.l.program.string_type();
                self.convert(inner, string, to)
            }
            Kind::String if value.is_integer() => {
                let n = self.b.i64(value.as_integer());
                Val::Scalars(self.call_runtime("runtime.intstring", &[n], &[Ty::I64, Ty::I64]))
            }
            _ => {
                let _ = (x, from);
                self.constant(value, to)
            }
        }
    }

    /// Converts between any two convertible types.
    pub fn convert(&mut self, value: Val, from: TypeId, to: TypeId) -> Val {
        let (from_kind, to_kind) = (self.l.program.kind(from), self.l.program.kind(to));
        match (from_kind, to_kind) {
            (Kind::Int { signed, .. }, Kind::Int { bytes, .. }) => {
                let to = super::layout::int_type(bytes);
                Val::Scalars(vec![self.b.resize(value.one(), to, signed)])
            }
            (Kind::Int { bytes, signed }, Kind::Float { bytes: width }) => {
                let to = if width == 4 { Ty::F32 } else { Ty::F64 };
                let _ = bytes;
                let op = if signed { ConvOp::SToF } else { ConvOp::UToF };
                Val::Scalars(vec![self.b.convert(op, value.one(), to)])
            }
            (Kind::Float { .. }, Kind::Int { bytes, signed }) => {
                let to = super::layout::int_type(bytes);
                let op = if signed { ConvOp::FToS } else { ConvOp::FToU };
                Val::Scalars(vec![self.b.convert(op, value.one(), to)])
            }
            (Kind::Float { bytes: a }, Kind::Float { bytes: b }) => {
                if a == b {
                    return value;
                }
                let to = if b == 4 { Ty::F32 } else { Ty::F64 };
                Val::Scalars(vec![self.b.convert(ConvOp::FToF, value.one(), to)])
            }
            (Kind::Complex { part: a }, Kind::Complex { part: b }) => {
                let Val::Scalars(parts) = value else { return Val::empty() };
                if a == b {
                    return Val::Scalars(parts);
                }
                let to = if b == 4 { Ty::F32 } else { Ty::F64 };
                Val::Scalars(parts.into_iter().map(|v| self.b.convert(ConvOp::FToF, v, to)).collect())
            }
            (Kind::Int { signed, .. }, Kind::String) => {
                let n = self.b.resize(value.one(), Ty::I64, signed);
                Val::Scalars(self.call_runtime("runtime.intstring", &[n], &[Ty::I64, Ty::I64]))
            }
            (Kind::Slice(elem), Kind::String) => {
                let Val::Scalars(p) = value else { return Val::empty() };
                let results = [Ty::I64, Ty::I64];
                if self.layout(elem).size == 1 {
                    Val::Scalars(self.call_runtime("runtime.slicebytetostring", &[p[0], p[1]], &results))
                } else {
                    Val::Scalars(self.call_runtime("runtime.slicerunetostring", &p, &results))
                }
            }
            (Kind::String, Kind::Slice(elem)) => {
                let Val::Scalars(p) = value else { return Val::empty() };
                let name =
                    if self.layout(elem).size == 1 { "runtime.stringtoslicebyte" } else { "runtime.stringtoslicerune" };
                Val::Scalars(self.call_runtime(name, &p, &[Ty::I64, Ty::I64, Ty::I64]))
            }
            (Kind::Slice(_), Kind::Pointer(array)) => {
                let Val::Scalars(p) = value else { return Val::empty() };
                Val::Scalars(vec![self.slice_to_array_pointer(&p, array)])
            }
            (Kind::Slice(_), Kind::Array { .. }) => {
                let Val::Scalars(p) = value else { return Val::empty() };
                let address = self.slice_to_array_pointer(&p, to);
                if self.layout(to).size == 0 {
                    return self.zero_value(to);
                }
                let loaded = self.load_from(to, address, 0, true);
                self.settle(to, loaded)
            }
            (_, Kind::Interface { .. }) => self.convert_implicitly(value, from, to),
            _ => value,
        }
    }

    fn slice_to_array_pointer(&mut self, slice: &[Value], array: TypeId) -> Value {
        let Kind::Array { len, .. } = self.l.program.kind(array) else { return slice[0] };
        let n = self.b.i64(len as i64);
        let short = self.b.cmp(CmpOp::SLt, slice[1], n);
        self.panic_if(short, "runtime.panicSliceConvert", &[slice[1], n]);
        slice[0]
    }
}
