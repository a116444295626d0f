//! Method wrappers: table entries with one-word receivers, promoted methods, method expressions, bound closures.

use super::call::{Operand, Prepared};
use super::closure::ClosureLayout;
use super::function::{AbiSig, Env, FunctionLowerer};
use super::kinds::{Kind, MethodTarget};
use super::value::{Place, Val};
use super::{Lowerer, Pending};
use crate::func::{Func, Ty, Value};
use crate::inst::{Callee, CmpOp};
use crate::unit::SymbolId;
use gorace_base::Pos;
use gorace_types::TypeId;
use std::rc::Rc;

/// How a wrapper gets its receiver.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Receiver {
    /// As a value of the type.
    Value,
    /// As the address of one (an interface's data word).
    Address,
}

impl<'a> Lowerer<'a> {
    /// The functions of a method for tables of type `ty`: with the real receiver, and with the interface's data word.
    pub(crate) fn method_entries(
        &mut self,
        ty: TypeId,
        target: &MethodTarget,
        signature: TypeId,
    ) -> (SymbolId, SymbolId) {
        let is_pointer = matches!(self.program.kind(ty), Kind::Pointer(_)) && self.program.named(ty).is_none();
        let shaped = self.program.is_pointer_shaped(ty);
        let own = target.path.is_empty() && !target.interface;
        if own && target.pointer_receiver == is_pointer {
            let symbol = self.method_symbol(target);
            if is_pointer || shaped {
                return (symbol, symbol);
            }
            let wrapper = self.wrapper(ty, target, signature, Receiver::Address);
            return (symbol, wrapper);
        }
        let direct = self.wrapper(ty, target, signature, Receiver::Value);
        if is_pointer || shaped {
            return (direct, direct);
        }
        let one_word = self.wrapper(ty, target, signature, Receiver::Address);
        (direct, one_word)
    }

    /// The function that a method expression `T.M` denotes.
    pub(crate) fn method_expression_symbol(&mut self, ty: TypeId, target: &MethodTarget) -> SymbolId {
        let own = target.path.is_empty() && !target.interface;
        let is_pointer = matches!(self.program.kind(ty), Kind::Pointer(_)) && self.program.named(ty).is_none();
        if own && target.pointer_receiver == is_pointer {
            return self.method_symbol(target);
        }
        let signature = self.target_signature(target);
        self.wrapper(ty, target, signature, Receiver::Value)
    }

    fn target_signature(&mut self, target: &MethodTarget) -> TypeId {
        if let Some(obj) = target.obj {
            return self.program.method_signature(obj, target.holder, &target.targs);
        }
        self.program
            .interface_methods(target.holder)
            .into_iter()
            .find(|m| m.name == target.name)
            .map_or(target.holder, |m| m.signature)
    }

    fn wrapper(&mut self, ty: TypeId, target: &MethodTarget, signature: TypeId, receiver: Receiver) -> SymbolId {
        let link = self.program.link_string(ty);
        let kind = if receiver == Receiver::Value { "value" } else { "word" };
        let mut name = format!("go:wrap.{kind}.{link}.{}", target.name);
        if !target.targs.is_empty() {
            let targs: Vec<String> = target.targs.iter().map(|&t| self.program.link_string(t)).collect();
            name += &format!("[{}]", targs.join(","));
        }
        let symbol = self.unit.symbol(&name);
        if !self.define(symbol) {
            return symbol;
        }
        let target = target.clone();
        self.pending.push_back(Pending::Made(Box::new(move |l: &mut Lowerer<'a>| {
            l.make_wrapper(symbol, ty, &target, signature, receiver);
        })));
        symbol
    }

    fn make_wrapper(
        &mut self,
        symbol: SymbolId,
        ty: TypeId,
        target: &MethodTarget,
        signature: TypeId,
        receiver: Receiver,
    ) {
        let passed = if receiver == Receiver::Address { self.program.pointer_to(ty) } else { ty };
        let info = self.program.signature(signature);
        let params: Vec<TypeId> = std::iter::once(passed).chain(info.params.iter().copied()).collect();
        let abi = self.abi_sig(&params, &info.results);
        let go_name = self.wrapper_name(passed, target);
        let mut func = Func::new(symbol, go_name.clone(), Pos::NONE, abi.ir.clone());
        func.flags.mergeable = true;
        func.flags.wrapper = true;
        func.flags.no_race = true;
        let env = Env { pkg: self.pkg, file: 0, subst: Rc::default(), no_race: true };
        let facts = super::analyze::FunctionFacts::default();
        let mut f = FunctionLowerer::new(self, func, env, Rc::default(), facts, go_name.clone(), go_name, abi.clone());
        let args = f.incoming(&abi);
        let mut args = args.into_iter();
        let Some((_, this)) = args.next() else { return };
        let rest: Vec<(TypeId, Val)> = args.collect();
        let by_pointer = matches!(f.l.program.kind(passed), Kind::Pointer(_));
        if by_pointer && target.path.is_empty() && !target.pointer_receiver && !target.interface {
            let nil = f.b.cmp_imm(CmpOp::Eq, this.one(), 0);
            f.panic_if(nil, "runtime.panicwrap", &[]);
        }
        let (mut holder, mut operand) = match receiver {
            Receiver::Address => (ty, Operand::Place(Place::Memory { addr: this.one(), offset: 0, race: true })),
            Receiver::Value => (ty, Operand::Value(this)),
        };
        for &index in &target.path {
            (holder, operand) = f.step_into_field(holder, operand, index as usize);
        }
        let prepared = f.finish_method(holder, operand, target, signature);
        let results = f.make_call(&prepared, rest);
        f.result_pointer_from(&abi);
        f.return_values(results);
        let func = f.take();
        self.unit.funcs.push(func);
    }

    /// The symbol of the code that all values of one method share, and its name in Go.
    pub(crate) fn method_value_names(&mut self, receiver: TypeId, target: &MethodTarget) -> (String, String) {
        let mut symbol = format!("go:wrap.bound.{}.{}", self.program.link_string(receiver), target.name);
        if !target.targs.is_empty() {
            let targs: Vec<String> = target.targs.iter().map(|&t| self.program.link_string(t)).collect();
            symbol += &format!("[{}]", targs.join(","));
        }
        (symbol, self.wrapper_name(receiver, target) + "-fm")
    }

    fn wrapper_name(&mut self, passed: TypeId, target: &MethodTarget) -> String {
        let (base, pointer) = match self.program.kind(passed) {
            Kind::Pointer(elem) if self.program.named(passed).is_none() => (elem, true),
            _ => (passed, false),
        };
        match self.program.named(base) {
            Some((obj, pkg, _)) => {
                let name = self.program.object_name(obj);
                let path = pkg.map_or_else(String::new, |p| self.program.package_path(p));
                if pointer {
                    format!("{path}.(*{name}).{}", target.name)
                } else {
                    format!("{path}.{name}.{}", target.name)
                }
            }
            None => format!("go.{}.{}", self.program.link_string(passed), target.name),
        }
    }
}

impl<'a> FunctionLowerer<'_, 'a> {
    /// The parameters of a made function as values.
    pub fn incoming(&mut self, abi: &AbiSig) -> Vec<(TypeId, Val)> {
        let mut next = u32::from(abi.result_memory.is_some());
        let mut out = Vec::new();
        for &ty in &abi.params {
            let layout = self.layout(ty);
            let value = match &layout.scalars {
                Some(scalars) => {
                    let values = (0..scalars.len() as u32).map(|k| Value(next + k)).collect();
                    next += scalars.len() as u32;
                    Val::Scalars(values)
                }
                None => {
                    next += 1;
                    Val::Memory { addr: Value(next - 1), race: false, temporary: true }
                }
            };
            out.push((ty, value));
        }
        out
    }

    /// Remembers the hidden result argument of a made function.
    pub fn result_pointer_from(&mut self, abi: &AbiSig) {
        if abi.result_memory.is_some() {
            let local = self.b.func.local(Ty::I64, None);
            self.b.set(local, Value(0));
            self.result_pointer = Some(local);
        }
    }

    /// A closure that makes a prepared call with the given arguments before its own (none for `go` and `defer`). Its code
    /// has a symbol and a name in Go.
    pub fn bound_closure(
        &mut self,
        (symbol, name): (String, String),
        pos: Pos,
        prepared: &Prepared,
        args: Vec<(TypeId, Val)>,
        discard: bool,
    ) -> Value {
        let mut captured: Vec<(TypeId, Val)> = Vec::new();
        let word = self.l.program.unsafe_pointer();
        let dynamic = match prepared.callee {
            Callee::Symbol(_) => None,
            Callee::Code(v) | Callee::Closure(v) => Some(v),
        };
        if let Some(v) = dynamic {
            captured.push((word, Val::Scalars(vec![v])));
        }
        captured.extend(prepared.receiver.iter().cloned());
        captured.extend(args.iter().cloned());
        let mut layout = ClosureLayout::default();
        let offsets: Vec<u64> = captured.iter().map(|(ty, _)| self.room_in_closure(&mut layout, *ty)).collect();
        // A code address is no heap pointer.
        if matches!(prepared.callee, Callee::Code(_)) {
            layout.pointer_words[1] = false;
        }
        let symbol = self.l.unit.symbol(&symbol);
        let info = self.l.program.signature(prepared.signature);
        let given = args.len();
        let own_params: Vec<TypeId> = info.params[given.min(info.params.len())..].to_vec();
        let results: Vec<TypeId> = if discard { Vec::new() } else { info.results.clone() };
        let types: Vec<TypeId> = captured.iter().map(|(ty, _)| *ty).collect();
        if self.l.define(symbol) {
            let job = Thunk {
                symbol,
                name,
                callee: prepared.callee.clone(),
                receiver: prepared.receiver.as_ref().map(|(ty, _)| *ty),
                signature: prepared.signature,
                types,
                offsets: offsets.clone(),
                own_params,
                results,
                no_race: self.env.no_race,
                pos,
            };
            self.l.pending.push_back(Pending::Made(Box::new(move |l: &mut Lowerer<'a>| l.make_thunk(job))));
        }
        let object = self.closure_object(symbol, &layout);
        for ((ty, value), &at) in captured.iter().zip(&offsets) {
            self.store_to(*ty, value, object, at as i32, false);
        }
        object
    }
}

/// A closure body to make: loads what was captured and calls.
struct Thunk {
    symbol: SymbolId,
    name: String,
    callee: Callee,
    receiver: Option<TypeId>,
    signature: TypeId,
    types: Vec<TypeId>,
    offsets: Vec<u64>,
    own_params: Vec<TypeId>,
    results: Vec<TypeId>,
    no_race: bool,
    pos: Pos,
}

impl Lowerer<'_> {
    fn make_thunk(&mut self, job: Thunk) {
        let abi = self.abi_sig(&job.own_params, &job.results);
        let mut func = Func::new(job.symbol, job.name.clone(), job.pos, abi.ir.clone());
        func.flags.mergeable = true;
        func.flags.wrapper = true;
        func.flags.no_race = job.no_race;
        let env = Env { pkg: self.pkg, file: 0, subst: Rc::default(), no_race: job.no_race };
        let facts = super::analyze::FunctionFacts::default();
        let mut f =
            FunctionLowerer::new(self, func, env, Rc::default(), facts, job.name.clone(), job.name, abi.clone());
        let context = f.b.emit1(Ty::I64, crate::Inst::ClosureContext);
        let own = f.incoming(&abi);
        let mut loaded: Vec<(TypeId, Val)> = Vec::new();
        for (&ty, &at) in job.types.iter().zip(&job.offsets) {
            let value = match f.load_from(ty, context, at as i32, false) {
                Val::Memory { addr, race, .. } => Val::Memory { addr, race, temporary: true },
                scalars => scalars,
            };
            loaded.push((ty, value));
        }
        let mut loaded = loaded.into_iter();
        let callee = match job.callee {
            Callee::Symbol(symbol) => Callee::Symbol(symbol),
            Callee::Code(_) => Callee::Code(loaded.next().map_or(context, |(_, v)| v.one())),
            Callee::Closure(_) => Callee::Closure(loaded.next().map_or(context, |(_, v)| v.one())),
        };
        let receiver = job.receiver.and_then(|_| loaded.next());
        let mut args: Vec<(TypeId, Val)> = loaded.collect();
        args.extend(own);
        let prepared = Prepared { callee, receiver, signature: job.signature };
        let results = f.make_call(&prepared, args);
        f.result_pointer_from(&abi);
        f.return_values(if job.results.is_empty() { Vec::new() } else { results });
        let func = f.take();
        self.unit.funcs.push(func);
    }
}
