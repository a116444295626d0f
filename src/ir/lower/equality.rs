//! `==` by type, inline for small types; equality and hash functions of composite types for descriptors and maps.

use super::function::{Env, FunctionLowerer};
use super::kinds::Kind;
use super::value::Val;
use super::{Lowerer, Pending};
use crate::func::{Func, Ty, Value};
use crate::inst::{Callee, CmpOp, Sig, Term};
use crate::unit::SymbolId;
use gorace_base::Pos;
use gorace_types::TypeId;
use std::rc::Rc;

/// What of an object is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Whole,
    /// Strings by their lengths alone.
    WithoutTexts,
    /// Strings whose lengths are equal.
    Texts,
}

impl FunctionLowerer<'_, '_> {
    /// Whether two values of a comparable type are equal.
    pub fn equal(&mut self, ty: TypeId, a: &Val, b: &Val) -> Value {
        match self.l.program.kind(ty) {
            Kind::Float { .. } => self.b.cmp(CmpOp::FEq, a.one(), b.one()),
            Kind::Complex { .. } => {
                let (Val::Scalars(a), Val::Scalars(b)) = (a, b) else { return self.b.int(Ty::I8, 0) };
                let re = self.b.cmp(CmpOp::FEq, a[0], b[0]);
                let im = self.b.cmp(CmpOp::FEq, a[1], b[1]);
                self.b.bin(crate::BinOp::And, re, im)
            }
            Kind::String => {
                let (Val::Scalars(a), Val::Scalars(b)) = (a, b) else { return self.b.int(Ty::I8, 0) };
                let (a, b) = (a.clone(), b.clone());
                self.string_equal(&a, &b)
            }
            Kind::Interface { empty } => {
                let (Val::Scalars(a), Val::Scalars(b)) = (a, b) else { return self.b.int(Ty::I8, 0) };
                let (a, b) = (a.clone(), b.clone());
                self.interface_equal(empty, &a, &b)
            }
            Kind::Struct | Kind::Array { .. } => self.composite_equal(ty, a, b),
            _ => match (a, b) {
                (Val::Scalars(a), Val::Scalars(b)) if !a.is_empty() => self.b.cmp(CmpOp::Eq, a[0], b[0]),
                _ => self.b.int(Ty::I8, 1),
            },
        }
    }

    fn string_equal(&mut self, a: &[Value], b: &[Value]) -> Value {
        let result = self.b.func.local(Ty::I8, None);
        let same_length = self.b.cmp(CmpOp::Eq, a[1], b[1]);
        self.b.set(result, same_length);
        let compare = self.b.new_block();
        let end = self.b.new_block();
        self.b.branch(same_length, compare, end);
        self.b.switch_to(compare);
        let equal = self.call_runtime("runtime.memequal", &[a[0], b[0], a[1]], &[Ty::I8])[0];
        self.b.set(result, equal);
        self.b.start(end);
        self.b.get(result)
    }

    fn interface_equal(&mut self, empty: bool, a: &[Value], b: &[Value]) -> Value {
        let result = self.b.func.local(Ty::I8, None);
        let same_type = self.b.cmp(CmpOp::Eq, a[0], b[0]);
        self.b.set(result, same_type);
        let compare = self.b.new_block();
        let end = self.b.new_block();
        self.b.branch(same_type, compare, end);
        self.b.switch_to(compare);
        let name = if empty { "runtime.efaceeq" } else { "runtime.ifaceeq" };
        let equal = self.call_runtime(name, &[a[0], a[1], b[1]], &[Ty::I8])[0];
        self.b.set(result, equal);
        self.b.start(end);
        self.b.get(result)
    }

    /// Whether values of the type hold strings.
    fn holds_text(&self, ty: TypeId) -> bool {
        match self.l.program.kind(ty) {
            Kind::String => true,
            Kind::Struct => self.l.program.fields(ty).iter().any(|f| f.name != "_" && self.holds_text(f.ty)),
            Kind::Array { elem, .. } => self.holds_text(elem),
            _ => false,
        }
    }

    /// Whether comparing values of the type can panic: it holds an interface.
    fn can_panic(&self, ty: TypeId) -> bool {
        match self.l.program.kind(ty) {
            Kind::Interface { .. } => true,
            Kind::Struct => self.l.program.fields(ty).iter().any(|f| f.name != "_" && self.can_panic(f.ty)),
            Kind::Array { elem, .. } => self.can_panic(elem),
            _ => false,
        }
    }

    /// Field by field until two differ, so that what follows them cannot panic (Go spec, "Comparison operators").
    fn fields_equal_in_order(&mut self, ty: TypeId, a: &Val, b: &Val) -> Value {
        let result = self.b.func.local(Ty::I8, None);
        let end = self.b.new_block();
        let yes = self.b.int(Ty::I8, 1);
        self.b.set(result, yes);
        for (i, field) in self.l.program.fields(ty).iter().enumerate() {
            if field.name == "_" {
                continue;
            }
            let x = self.field_value(a, ty, i, field.ty);
            let y = self.field_value(b, ty, i, field.ty);
            let equal = self.equal(field.ty, &x, &y);
            self.b.set(result, equal);
            let next = self.b.new_block();
            self.b.branch(equal, next, end);
            self.b.switch_to(next);
        }
        self.b.start(end);
        self.b.get(result)
    }

    /// Whether two structs are equal as far as that can be seen without looking into strings; those that are left to
    /// compare have equal lengths then.
    fn equal_but_for_texts(&mut self, ty: TypeId, a: &Val, b: &Val, texts: &mut Vec<[Value; 3]>) -> Value {
        match (self.l.program.kind(ty), a, b) {
            (Kind::String, Val::Scalars(a), Val::Scalars(b)) => {
                texts.push([a[0], b[0], a[1]]);
                self.b.cmp(CmpOp::Eq, a[1], b[1])
            }
            (Kind::Struct, ..) if self.layout(ty).scalars.is_some() => {
                let mut all = self.b.int(Ty::I8, 1);
                for (i, field) in self.l.program.fields(ty).iter().enumerate() {
                    if field.name == "_" {
                        continue;
                    }
                    let x = self.field_value(a, ty, i, field.ty);
                    let y = self.field_value(b, ty, i, field.ty);
                    let equal = self.equal_but_for_texts(field.ty, &x, &y, texts);
                    all = self.b.bin(crate::BinOp::And, all, equal);
                }
                all
            }
            _ => self.equal(ty, a, b),
        }
    }

    /// Compares strings of equal length if `all` is true.
    fn texts_equal(&mut self, all: Value, texts: &[[Value; 3]]) -> Value {
        if texts.is_empty() {
            return all;
        }
        let result = self.b.func.local(Ty::I8, None);
        let end = self.b.new_block();
        self.b.set(result, all);
        let mut so_far = all;
        for text in texts {
            let next = self.b.new_block();
            self.b.branch(so_far, next, end);
            self.b.switch_to(next);
            so_far = self.call_runtime("runtime.memequal", text, &[Ty::I8])[0];
            self.b.set(result, so_far);
        }
        self.b.start(end);
        self.b.get(result)
    }

    fn composite_equal(&mut self, ty: TypeId, a: &Val, b: &Val) -> Value {
        let layout = self.layout(ty);
        if layout.size == 0 {
            return self.b.int(Ty::I8, 1);
        }
        if layout.scalars.is_some() {
            return match self.l.program.kind(ty) {
                Kind::Struct if self.can_panic(ty) => self.fields_equal_in_order(ty, a, b),
                Kind::Struct => {
                    let mut texts = Vec::new();
                    let all = self.equal_but_for_texts(ty, a, b, &mut texts);
                    self.texts_equal(all, &texts)
                }
                Kind::Array { elem, .. } => self.equal(elem, a, b),
                _ => self.b.int(Ty::I8, 1),
            };
        }
        let x = self.in_memory(ty, a);
        let y = self.in_memory(ty, b);
        let race = matches!(a, Val::Memory { race: true, .. });
        if race {
            self.b.emit(crate::Inst::RaceCheck { write: false, addr: x, offset: 0, size: layout.size });
        }
        if matches!(b, Val::Memory { race: true, .. }) {
            self.b.emit(crate::Inst::RaceCheck { write: false, addr: y, offset: 0, size: layout.size });
        }
        if self.l.is_plain_memory(ty) {
            let size = self.b.i64(layout.size as i64);
            return self.call_runtime("runtime.memequal", &[x, y, size], &[Ty::I8])[0];
        }
        let symbol = self.l.equal_function(ty);
        self.b.call(Callee::Symbol(symbol), vec![x, y], &[Ty::I8])[0]
    }
}

impl<'a> Lowerer<'a> {
    /// Whether equal values have equal bytes and the type has no padding: equality and hash work on memory.
    pub(crate) fn is_plain_memory(&mut self, ty: TypeId) -> bool {
        match self.program.kind(ty) {
            Kind::Bool | Kind::Int { .. } | Kind::Pointer(_) | Kind::UnsafePointer | Kind::Chan { .. } => true,
            Kind::Array { elem, .. } => self.is_plain_memory(elem),
            Kind::Struct => {
                let layout = self.layout(ty);
                let mut end = 0;
                for (i, field) in self.program.fields(ty).iter().enumerate() {
                    if field.name == "_" || layout.field_offsets[i] != end || !self.is_plain_memory(field.ty) {
                        return false;
                    }
                    end += self.layout(field.ty).size;
                }
                end == layout.size
            }
            _ => false,
        }
    }

    /// A function `func(p, q unsafe.Pointer) bool`; the type is comparable.
    pub(crate) fn equal_function(&mut self, ty: TypeId) -> SymbolId {
        let name = match self.program.kind(ty) {
            _ if self.is_plain_memory(ty) => match self.layout(ty).size {
                0 => "runtime.memequal0".to_string(),
                1 => "runtime.memequal8".to_string(),
                2 => "runtime.memequal16".to_string(),
                4 => "runtime.memequal32".to_string(),
                8 => "runtime.memequal64".to_string(),
                16 => "runtime.memequal128".to_string(),
                size => return self.memory_equal_function(size),
            },
            Kind::Float { bytes: 4 } => "runtime.f32equal".to_string(),
            Kind::Float { .. } => "runtime.f64equal".to_string(),
            Kind::Complex { part: 4 } => "runtime.c64equal".to_string(),
            Kind::Complex { .. } => "runtime.c128equal".to_string(),
            Kind::String => "runtime.strequal".to_string(),
            Kind::Interface { empty: true } => "runtime.nilinterequal".to_string(),
            Kind::Interface { .. } => "runtime.interequal".to_string(),
            _ => return self.composite_equal_function(ty),
        };
        self.unit.symbol(&name)
    }

    fn memory_equal_function(&mut self, size: u64) -> SymbolId {
        let symbol = self.unit.symbol(&format!("type:.eqmem.{size}"));
        if self.define(symbol) {
            self.made_function(symbol, vec![Ty::I64, Ty::I64], vec![Ty::I8], move |f| {
                let n = f.b.i64(size as i64);
                let equal = f.call_runtime("runtime.memequal", &[Value(0), Value(1), n], &[Ty::I8]);
                f.b.end(Term::Return(equal));
            });
        }
        symbol
    }

    fn composite_equal_function(&mut self, ty: TypeId) -> SymbolId {
        let symbol = self.unit.symbol(&format!("type:.eq.{}", self.program.link_string(ty)));
        if self.define(symbol) {
            self.made_function(symbol, vec![Ty::I64, Ty::I64], vec![Ty::I8], move |f| {
                let different = f.b.new_block();
                // What needs no call is compared first, unless a comparison can panic: then the order shows.
                let steps: &[Step] = if f.can_panic(ty) || !f.holds_text(ty) {
                    &[Step::Whole]
                } else {
                    &[Step::WithoutTexts, Step::Texts]
                };
                for &step in steps {
                    f.compare_parts(ty, (Value(0), Value(1)), 0, different, step);
                }
                let yes = f.b.int(Ty::I8, 1);
                f.b.end(Term::Return(vec![yes]));
                f.b.switch_to(different);
                let no = f.b.int(Ty::I8, 0);
                f.b.end(Term::Return(vec![no]));
            });
        }
        symbol
    }

    /// A function `func(p unsafe.Pointer, seed uintptr) uintptr` for a map's key type.
    pub(crate) fn hash_function(&mut self, ty: TypeId) -> SymbolId {
        let name = match self.program.kind(ty) {
            _ if self.is_plain_memory(ty) => match self.layout(ty).size {
                0 => "runtime.memhash0".to_string(),
                1 => "runtime.memhash8".to_string(),
                2 => "runtime.memhash16".to_string(),
                4 => "runtime.memhash32".to_string(),
                8 => "runtime.memhash64".to_string(),
                16 => "runtime.memhash128".to_string(),
                size => return self.memory_hash_function(size),
            },
            Kind::Float { bytes: 4 } => "runtime.f32hash".to_string(),
            Kind::Float { .. } => "runtime.f64hash".to_string(),
            Kind::Complex { part: 4 } => "runtime.c64hash".to_string(),
            Kind::Complex { .. } => "runtime.c128hash".to_string(),
            Kind::String => "runtime.strhash".to_string(),
            Kind::Interface { empty: true } => "runtime.nilinterhash".to_string(),
            Kind::Interface { .. } => "runtime.interhash".to_string(),
            _ => return self.composite_hash_function(ty),
        };
        self.unit.symbol(&name)
    }

    fn memory_hash_function(&mut self, size: u64) -> SymbolId {
        let symbol = self.unit.symbol(&format!("type:.hashmem.{size}"));
        if self.define(symbol) {
            self.made_function(symbol, vec![Ty::I64, Ty::I64], vec![Ty::I64], move |f| {
                let n = f.b.i64(size as i64);
                let hash = f.call_runtime("runtime.memhash", &[Value(0), Value(1), n], &[Ty::I64]);
                f.b.end(Term::Return(hash));
            });
        }
        symbol
    }

    fn composite_hash_function(&mut self, ty: TypeId) -> SymbolId {
        let symbol = self.unit.symbol(&format!("type:.hash.{}", self.program.link_string(ty)));
        if self.define(symbol) {
            self.made_function(symbol, vec![Ty::I64, Ty::I64], vec![Ty::I64], move |f| {
                let hash = f.hash_parts(ty, Value(0), 0, Value(1));
                f.b.end(Term::Return(vec![hash]));
            });
        }
        symbol
    }

    /// Queues a compiler-made, uninstrumented function.
    pub(crate) fn made_function(
        &mut self,
        symbol: SymbolId,
        params: Vec<Ty>,
        results: Vec<Ty>,
        fill: impl FnOnce(&mut FunctionLowerer<'_, 'a>) + 'a,
    ) {
        self.pending.push_back(Pending::Made(Box::new(move |l: &mut Lowerer<'a>| {
            let ir = Sig { params, results };
            let name = l.unit.name(symbol).to_string();
            let mut func = Func::new(symbol, name.clone(), Pos::NONE, ir.clone());
            func.flags.mergeable = true;
            func.flags.no_race = true;
            func.flags.wrapper = true;
            let abi = super::function::AbiSig { params: Vec::new(), results: Vec::new(), ir, result_memory: None };
            let env = Env { pkg: l.pkg, file: 0, subst: Rc::default(), no_race: true };
            let mut lowerer = FunctionLowerer::new(
                l,
                func,
                env,
                Rc::default(),
                super::analyze::FunctionFacts::default(),
                name.clone(),
                name,
                abi,
            );
            fill(&mut lowerer);
            let func = lowerer.take();
            l.unit.funcs.push(func);
        })));
    }
}

impl FunctionLowerer<'_, '_> {
    /// Compares the parts of two objects of a type, jumping away at the first difference.
    fn compare_parts(
        &mut self,
        ty: TypeId,
        (p, q): (Value, Value),
        offset: i32,
        different: crate::BlockId,
        step: Step,
    ) {
        if step == Step::Texts && !self.holds_text(ty) {
            return;
        }
        match self.l.program.kind(ty) {
            Kind::Struct if self.layout(ty).scalars.is_none() => {
                let layout = self.layout(ty);
                for (i, field) in self.l.program.fields(ty).iter().enumerate() {
                    if field.name != "_" {
                        let at = offset + layout.field_offsets[i] as i32;
                        self.compare_parts(field.ty, (p, q), at, different, step);
                    }
                }
            }
            Kind::Array { elem, len } if len > 1 => {
                let size = self.layout(elem).size as i64;
                if len <= 4 {
                    for i in 0..len as i32 {
                        self.compare_parts(elem, (p, q), offset + i * size as i32, different, step);
                    }
                    return;
                }
                self.counted_loop(len as i64, |f, i| {
                    let at = f.b.mul_imm(i, size);
                    let at = f.b.add_imm(at, i64::from(offset));
                    let x = f.b.add(p, at);
                    let y = f.b.add(q, at);
                    f.compare_parts(elem, (x, y), 0, different, step);
                });
            }
            _ => {
                let a = self.load_from(ty, p, offset, false);
                let b = self.load_from(ty, q, offset, false);
                let mut texts = Vec::new();
                let equal = match step {
                    Step::Whole => self.equal(ty, &a, &b),
                    Step::WithoutTexts => self.equal_but_for_texts(ty, &a, &b, &mut texts),
                    Step::Texts => {
                        self.equal_but_for_texts(ty, &a, &b, &mut texts);
                        let yes = self.b.int(Ty::I8, 1);
                        self.texts_equal(yes, &texts)
                    }
                };
                let next = self.b.new_block();
                self.b.branch(equal, next, different);
                self.b.switch_to(next);
            }
        }
    }

    fn hash_parts(&mut self, ty: TypeId, p: Value, offset: i32, seed: Value) -> Value {
        match self.l.program.kind(ty) {
            Kind::Struct => {
                let layout = self.layout(ty);
                let mut hash = seed;
                for (i, field) in self.l.program.fields(ty).iter().enumerate() {
                    if field.name != "_" {
                        hash = self.hash_parts(field.ty, p, offset + layout.field_offsets[i] as i32, hash);
                    }
                }
                hash
            }
            Kind::Array { elem, len } if !self.l.is_plain_memory(ty) => {
                let size = self.layout(elem).size as i64;
                let hash = self.b.func.local(Ty::I64, None);
                self.b.set(hash, seed);
                self.counted_loop(len as i64, |f, i| {
                    let at = f.b.mul_imm(i, size);
                    let at = f.b.add_imm(at, i64::from(offset));
                    let x = f.b.add(p, at);
                    let before = f.b.get(hash);
                    let after = f.hash_parts(elem, x, 0, before);
                    f.b.set(hash, after);
                });
                self.b.get(hash)
            }
            _ => {
                let symbol = self.l.hash_function(ty);
                let at = self.b.add_imm(p, i64::from(offset));
                self.b.call(Callee::Symbol(symbol), vec![at, seed], &[Ty::I64])[0]
            }
        }
    }

    /// A loop over 0..n without preemption.
    pub fn counted_loop(&mut self, n: i64, body: impl FnOnce(&mut Self, Value)) {
        let counter = self.b.func.local(Ty::I64, None);
        let zero = self.b.i64(0);
        self.b.set(counter, zero);
        let head = self.b.new_block();
        let inside = self.b.new_block();
        let end = self.b.new_block();
        self.b.start(head);
        let i = self.b.get(counter);
        let more = self.b.cmp_imm(CmpOp::SLt, i, n);
        self.b.branch(more, inside, end);
        self.b.switch_to(inside);
        body(self, i);
        let i = self.b.get(counter);
        let next = self.b.add_imm(i, 1);
        self.b.set(counter, next);
        self.b.jump(head);
        self.b.switch_to(end);
    }
}
