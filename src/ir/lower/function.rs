//! Bodies of functions: parameters, results, closures, and the state while lowering one.

use super::analyze::{self, Analysis, FunctionFacts};
use super::builder::Builder;
use super::kinds::Substitution;
use super::layout::Layout;
use super::value::{Place, Val, Variable};
use super::{Lowerer, Pending};
use crate::func::{BlockId, Func, LocalId, SlotId, Ty, Value};
use crate::inst::{Access, Callee, Inst, Sig, Term};
use crate::unit::SymbolId;
use gorace_abi::calling::{MAX_RESULT_FLOATS, MAX_RESULT_INTS};
use gorace_base::Pos;
use gorace_syntax::ast::{self, Name};
use gorace_types::{ObjId, PkgId, TypeId};
use std::collections::HashMap;
use std::rc::Rc;

/// Variables larger than this live on the heap, as gc has it for declared variables.
const LARGE_VARIABLE: u64 = 128 << 10;
/// Frames are smaller than this, with what they hold for callees, and arguments and results together, too.
const MOST_FRAME: u64 = 1 << 30;
/// Captured values up to this size are copied into the closure when nothing assigns to them.
const CAPTURE_BY_VALUE: u64 = 128;

/// Functions that count as wrappers: traces leave them out, and `recover` looks through them. Those of our runtime stand between a
/// function and what it deferred, where gc calls deferred functions straight from the function that leaves, or from its panic; the others
/// stand between a caller and a function that reflection made.
const WRAPPERS: [&str; 8] = [
    "runtime.deferreturn",
    "runtime.runDeferred",
    "runtime.callDeferred",
    "runtime.makeFuncEntry",
    "runtime.methodValueEntry",
    "runtime.reflectcall",
    "reflect.callReflect",
    "reflect.callMethod",
];

/// How a function's Go signature maps to scalars.
#[derive(Debug, Clone)]
pub struct AbiSig {
    /// Receiver first.
    pub params: Vec<TypeId>,
    pub results: Vec<TypeId>,
    pub ir: Sig,
    /// Layout of the results when they are returned in memory.
    pub result_memory: Option<Rc<Layout>>,
}

/// The file whose syntax is being lowered, and what its type parameters stand for.
#[derive(Clone)]
pub struct Env {
    pub pkg: PkgId,
    pub file: usize,
    pub subst: Rc<Substitution>,
    pub no_race: bool,
}

/// A function literal to lower, with the variables it captured.
pub struct ClosureJob<'a> {
    pub symbol: SymbolId,
    pub name: String,
    pub go_name: String,
    pub env: Env,
    pub analysis: Rc<Analysis>,
    pub signature: TypeId,
    /// Absent for the body of a range over a function.
    pub ty: Option<&'a ast::FuncType>,
    pub body: &'a ast::Block,
    pub captures: Vec<(ObjId, Capture)>,
    /// For the body of a range-over-func loop: how to leave it.
    pub range_body: Option<super::range_func::RangeBody<'a>>,
}

/// Where a closure keeps a captured variable: at an offset of its object, as its value or as the address of its box.
#[derive(Debug, Clone, Copy)]
pub struct Capture {
    pub offset: u32,
    pub by_value: bool,
}

/// A result of the function being lowered.
#[derive(Clone)]
pub struct ResultVariable {
    /// Its name's object, if it has one.
    pub obj: Option<ObjId>,
    pub ty: TypeId,
    pub variable: Variable,
}

/// Where `break` and `continue` go.
pub struct Target {
    pub label: Option<Name>,
    pub break_to: BlockId,
    pub continue_to: Option<BlockId>,
}

/// State while lowering one function body.
pub struct FunctionLowerer<'l, 'a> {
    pub l: &'l mut Lowerer<'a>,
    pub b: Builder,
    pub env: Env,
    pub analysis: Rc<Analysis>,
    pub facts: FunctionFacts,
    pub name: String,
    pub go_name: String,
    pub variables: HashMap<ObjId, Variable>,
    pub results: Vec<ResultVariable>,
    pub abi: AbiSig,
    pub result_pointer: Option<LocalId>,
    pub defer_slot: Option<SlotId>,
    pub targets: Vec<Target>,
    pub labels: HashMap<Name, BlockId>,
    /// The label of the statement about to be lowered.
    pub pending_label: Option<Name>,
    pub closures: u32,
    /// Loops over functions so far: their bodies are numbered apart, as in gc.
    pub ranges: u32,
    pub thunks: u32,
    pub range_body: Option<super::range_func::RangeBody<'a>>,
    /// The func value this function was called through.
    pub context: Option<LocalId>,
    /// Values of expressions that were evaluated ahead of what they stand in (`order`).
    pub ahead: HashMap<ast::NodeId, Vec<(TypeId, Val)>>,
    /// Bytes of arguments and results of the call with the most of them.
    pub largest_call: u64,
}

impl<'a> Lowerer<'a> {
    /// Maps parameter and result types to scalars.
    pub(crate) fn abi_sig(&mut self, params: &[TypeId], results: &[TypeId]) -> AbiSig {
        let mut ir = Sig::default();
        let mut flat = Vec::new();
        let mut in_registers = true;
        for &ty in results {
            match &self.layout(ty).scalars {
                Some(scalars) => flat.extend(scalars.iter().map(|s| s.ty)),
                None => in_registers = false,
            }
        }
        let floats = flat.iter().filter(|ty| ty.is_float()).count();
        in_registers &= floats <= MAX_RESULT_FLOATS && flat.len() - floats <= MAX_RESULT_INTS;
        let mut result_memory = None;
        if in_registers {
            ir.results = flat;
        } else {
            ir.params.push(Ty::I64);
            result_memory = Some(Rc::new(self.layouts.sequence(self.program, results, false)));
        }
        for &ty in params {
            match &self.layout(ty).scalars {
                Some(scalars) => ir.params.extend(scalars.iter().map(|s| s.ty)),
                None => ir.params.push(Ty::I64),
            }
        }
        AbiSig { params: params.to_vec(), results: results.to_vec(), ir, result_memory }
    }

    /// The scalars of a function type's signature, without receiver.
    pub(crate) fn abi_of(&mut self, signature: TypeId) -> AbiSig {
        let info = self.program.signature(signature);
        self.abi_sig(&info.params, &info.results)
    }

    /// Lowers a declared function, or an instance of a generic one.
    pub(crate) fn lower_function(&mut self, obj: ObjId, targs: &Rc<[TypeId]>, symbol: SymbolId) {
        let Some(found) = self.program.declaration(obj) else { return };
        let (pkg, file, decl) = (found.pkg, found.file, found.decl);
        let Some(body) = &decl.body else { return };
        let subst = self.program.substitution_of(obj, targs);
        let directives = super::names::Directives::of(&decl.directives);
        let no_race = directives.no_race || self.program.is_uninstrumented(pkg);
        let env = Env { pkg, file, subst, no_race };
        let analysis = self.analysis(pkg, file, decl, body);
        let signature = self.program.substituted(self.program.object_type(obj), &env.subst);
        let info = self.program.signature(signature);
        let mut params = Vec::new();
        if let Some(receiver) = self.program.receiver_type(obj) {
            params.push(self.program.substituted(receiver, &env.subst));
        }
        params.extend(&info.params);
        let abi = self.abi_sig(&params, &info.results);
        self.position = decl.name.pos;
        let name = self.unit.name(symbol).to_string();
        let go_name = self.go_name(obj, targs);
        let mut func = Func::new(symbol, go_name.clone(), decl.name.pos, abi.ir.clone());
        func.flags.mergeable = !targs.is_empty() || pkg != self.pkg;
        func.flags.no_race = no_race;
        func.flags.no_inline = directives.no_inline;
        func.flags.foreign = self.foreign > 0;
        func.flags.wrapper = WRAPPERS.contains(&name.as_str());
        let facts = analysis.functions.get(&body.pos).cloned().unwrap_or_default();
        let mut lowerer = FunctionLowerer::new(self, func, env, analysis, facts, name, go_name, abi);
        let mut fields: Vec<&ast::Field> = decl.receiver.iter().flatten().collect();
        fields.extend(&decl.ty.params);
        lowerer.prologue(&fields, &decl.ty.results, None);
        lowerer.body(body);
        let func = lowerer.finish();
        self.unit.funcs.push(func);
    }

    fn analysis(&mut self, pkg: PkgId, file: usize, decl: &ast::FuncDecl, body: &ast::Block) -> Rc<Analysis> {
        if let Some(known) = self.analyses.get(&body.pos) {
            return known.clone();
        }
        let made = analyze::function(self.program, pkg, file, decl.receiver.as_deref(), &decl.ty, body);
        let made = Rc::new(made);
        self.analyses.insert(body.pos, made.clone());
        made
    }

    /// Lowers a function literal.
    pub(crate) fn lower_closure(&mut self, job: ClosureJob<'a>) {
        let signature = self.program.substituted(job.signature, &job.env.subst);
        let abi = self.abi_of(signature);
        let pos = job.ty.map_or(job.body.pos, |ty| ty.pos);
        self.position = pos;
        let mut func = Func::new(job.symbol, job.go_name.clone(), pos, abi.ir.clone());
        func.flags.mergeable = true;
        func.flags.no_race = job.env.no_race;
        let facts = job.analysis.functions.get(&job.body.pos).cloned().unwrap_or_default();
        let mut lowerer = FunctionLowerer::new(self, func, job.env, job.analysis, facts, job.name, job.go_name, abi);
        lowerer.range_body = job.range_body.clone();
        match job.ty {
            Some(ty) => {
                let fields: Vec<&ast::Field> = ty.params.iter().collect();
                lowerer.prologue(&fields, &ty.results, Some(&job.captures));
            }
            None => {
                lowerer.prologue(&[], &[], Some(&job.captures));
                let abi = lowerer.abi.clone();
                let values = lowerer.incoming(&abi);
                lowerer.enter_range_body(values);
            }
        }
        lowerer.body(job.body);
        let func = lowerer.finish();
        self.unit.funcs.push(func);
    }
}

impl<'l, 'a> FunctionLowerer<'l, 'a> {
    #[expect(clippy::too_many_arguments, reason = "the parts of a body's state; called from three places")]
    pub fn new(
        l: &'l mut Lowerer<'a>,
        func: Func,
        env: Env,
        analysis: Rc<Analysis>,
        facts: FunctionFacts,
        name: String,
        go_name: String,
        abi: AbiSig,
    ) -> Self {
        let mut func = func;
        func.flags.no_parameters = abi.params.is_empty();
        FunctionLowerer {
            l,
            b: Builder::new(func),
            env,
            analysis,
            facts,
            name,
            go_name,
            variables: HashMap::new(),
            results: Vec::new(),
            abi,
            result_pointer: None,
            defer_slot: None,
            targets: Vec::new(),
            labels: HashMap::new(),
            pending_label: None,
            closures: 0,
            ranges: 0,
            thunks: 0,
            range_body: None,
            context: None,
            ahead: HashMap::new(),
            largest_call: 0,
        }
    }

    /// Layout of a type.
    pub fn layout(&mut self, ty: TypeId) -> Rc<Layout> {
        self.l.layout(ty)
    }

    /// A type of the source with type parameters replaced.
    pub fn subst(&mut self, ty: TypeId) -> TypeId {
        self.l.program.substituted(ty, &self.env.subst)
    }

    /// The type of an expression.
    pub fn type_of(&mut self, e: &ast::Expr) -> TypeId {
        let ty = self.l.program.expr_type(self.env.pkg, self.env.file, e.id);
        self.subst(ty)
    }

    /// The object that an identifier denotes.
    pub fn object(&self, id: ast::NodeId) -> Option<ObjId> {
        self.l.program.object(self.env.pkg, self.env.file, id)
    }

    fn prologue(&mut self, fields: &[&ast::Field], results: &'a [ast::Field], captures: Option<&[(ObjId, Capture)]>) {
        let zero_offset = usize::from(self.abi.result_memory.is_some());
        if let Some(captures) = captures.filter(|c| !c.is_empty()) {
            let context = self.b.emit1(Ty::I64, Inst::ClosureContext);
            let local = self.b.func.local(Ty::I64, None);
            self.b.set(local, context);
            self.context = Some(local);
            for &(obj, capture) in captures {
                self.bind_capture(obj, capture, local, context);
            }
        }
        if zero_offset == 1 {
            let local = self.b.func.local(Ty::I64, Some("result".into()));
            self.b.set(local, Value(0));
            self.result_pointer = Some(local);
        }
        let mut next = zero_offset as u32;
        for (i, ty) in self.abi.params.clone().into_iter().enumerate() {
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
            let Some(name) = fields.get(i).and_then(|f| f.name.as_ref()) else { continue };
            if name.name == "_" {
                continue;
            }
            if let Some(obj) = self.object(name.id) {
                self.bind_parameter(obj, ty, value);
            }
        }
        if self.facts.has_defer {
            let slot = self.b.func.slot(gorace_abi::deferframe::SIZE as u64, 8);
            self.defer_slot = Some(slot);
        }
        for (i, ty) in self.abi.results.clone().into_iter().enumerate() {
            let obj = results.get(i).and_then(|f| f.name.as_ref()).and_then(|n| self.object(n.id));
            let assigned_in_bodies = self.facts.returns_values;
            let obj = obj.or_else(|| assigned_in_bodies.then(|| self.l.program.hidden_object("result", ty)));
            let variable = self.new_result(ty, obj);
            if let Some(obj) = obj {
                self.variables.insert(obj, variable.clone());
            }
            self.results.push(ResultVariable { obj, ty, variable });
        }
        if let Some(slot) = self.defer_slot {
            let landed = self.b.emit1(Ty::I32, Inst::SetJump { slot });
            let again = self.b.cmp_imm(crate::CmpOp::Ne, landed, 0);
            let recovered = self.b.cold_block();
            let start = self.b.new_block();
            self.b.branch(again, recovered, start);
            self.b.switch_to(recovered);
            self.leave();
            self.b.switch_to(start);
        }
    }

    fn bind_capture(&mut self, obj: ObjId, capture: Capture, context_local: LocalId, context: Value) {
        let ty = self.l.program.object_type(obj);
        let ty = self.subst(ty);
        let layout = self.layout(ty);
        let variable = if !capture.by_value {
            let address = self.b.load_private(Ty::I64, context, capture.offset as i32);
            let local = self.b.func.local(Ty::I64, Some(self.l.program.object_name(obj)));
            self.b.set(local, address);
            Variable::Boxed(local)
        } else if layout.scalars.is_some() {
            let value = self.load_from(ty, context, capture.offset as i32, false);
            self.new_locals(ty, Some(obj), &value)
        } else {
            Variable::Borrowed(context_local, capture.offset as i32)
        };
        self.variables.insert(obj, variable);
    }

    fn bind_parameter(&mut self, obj: ObjId, ty: TypeId, value: Val) {
        let facts = self.analysis.variables.get(&obj).copied().unwrap_or_default();
        if let Val::Memory { addr, .. } = &value
            && !self.must_box(obj, ty)
            && !facts.reassigned
        {
            let local = self.b.func.local(Ty::I64, None);
            self.b.set(local, *addr);
            self.variables.insert(obj, Variable::Borrowed(local, 0));
            return;
        }
        let variable = self.new_variable(obj, ty);
        let place = self.variable_place(&variable);
        self.initialise(ty, &place, &value);
        self.variables.insert(obj, variable);
    }

    /// Whether a variable lives on the heap.
    pub fn must_box(&mut self, obj: ObjId, ty: TypeId) -> bool {
        let facts = self.analysis.variables.get(&obj).copied().unwrap_or_default();
        facts.address_taken
            || (facts.captured && !self.captured_by_value(obj, ty))
            || self.layout(ty).size > LARGE_VARIABLE
    }

    /// Whether closures copy a variable instead of sharing it.
    pub fn captured_by_value(&mut self, obj: ObjId, ty: TypeId) -> bool {
        let facts = self.analysis.variables.get(&obj).copied().unwrap_or_default();
        !facts.reassigned && !facts.address_taken && self.layout(ty).size <= CAPTURE_BY_VALUE
    }

    fn new_locals(&mut self, ty: TypeId, obj: Option<ObjId>, value: &Val) -> Variable {
        let layout = self.layout(ty);
        let scalars = layout.scalars.clone().unwrap_or_default();
        let name = obj.map(|obj| self.l.program.object_name(obj));
        let locals: Vec<LocalId> = scalars.iter().map(|s| self.b.func.local(s.ty, name.clone())).collect();
        if let Val::Scalars(values) = value {
            for (&local, &v) in locals.iter().zip(values) {
                self.b.set(local, v);
            }
        }
        Variable::Locals(locals)
    }

    /// Storage for a variable, not yet set (a box is zeroed memory, a frame slot is not).
    pub fn new_variable(&mut self, obj: ObjId, ty: TypeId) -> Variable {
        if self.must_box(obj, ty) {
            let address = self.new_object(ty);
            let local = self.b.func.local(Ty::I64, Some(self.l.program.object_name(obj)));
            self.b.set(local, address);
            return Variable::Boxed(local);
        }
        let layout = self.layout(ty);
        if layout.scalars.is_some() {
            return self.new_locals(ty, Some(obj), &Val::empty());
        }
        Variable::Slot(self.b.func.slot(layout.size, layout.align))
    }

    /// Storage for a temporary variable that the source does not name.
    pub fn hidden_variable(&mut self, ty: TypeId) -> Variable {
        let layout = self.layout(ty);
        if layout.scalars.is_some() {
            return self.new_locals(ty, None, &Val::empty());
        }
        Variable::Slot(self.b.func.slot(layout.size, layout.align))
    }

    fn new_result(&mut self, ty: TypeId, obj: Option<ObjId>) -> Variable {
        let boxed = self.facts.returns_values || obj.is_some_and(|obj| self.must_box(obj, ty));
        if boxed {
            let address = self.new_object(ty);
            if self.defer_slot.is_some() {
                let slot = self.b.func.slot(8, 8);
                let at = self.b.slot_addr(slot, 0);
                self.b.store_private(address, at, 0);
                return Variable::BoxedSlot(slot);
            }
            let local = self.b.func.local(Ty::I64, None);
            self.b.set(local, address);
            return Variable::Boxed(local);
        }
        let layout = self.layout(ty);
        if layout.scalars.is_some() && self.defer_slot.is_none() {
            let zero = self.zero_value(ty);
            return self.new_locals(ty, obj, &zero);
        }
        let slot = self.b.func.slot(layout.size, layout.align);
        let addr = self.b.slot_addr(slot, 0);
        self.b.zero(addr, layout.size, layout.align, Access::default());
        Variable::Slot(slot)
    }

    /// Declares a variable with a value; its box, if any, is fresh.
    pub fn declare(&mut self, obj: ObjId, ty: TypeId, value: &Val) {
        let variable = self.new_variable(obj, ty);
        let place = self.variable_place(&variable);
        self.initialise(ty, &place, value);
        self.variables.insert(obj, variable);
    }

    /// Stores a first value: nobody else can see the memory yet, so there is no race check of the write.
    pub fn initialise(&mut self, ty: TypeId, place: &Place, value: &Val) {
        let quiet = match place.clone() {
            Place::Memory { addr, offset, .. } => Place::Memory { addr, offset, race: false },
            other => other,
        };
        self.store(ty, &quiet, value);
    }

    /// A zeroed heap object.
    pub fn new_object(&mut self, ty: TypeId) -> Value {
        if self.layout(ty).size == 0 {
            return self.runtime_symbol("runtime.zerobase");
        }
        let descriptor = self.descriptor(ty);
        self.call_runtime("runtime.newobject", &[descriptor], &[Ty::I64])[0]
    }

    /// The address of a symbol.
    pub fn runtime_symbol(&mut self, name: &str) -> Value {
        let symbol = self.l.unit.symbol(name);
        self.b.symbol_addr(symbol)
    }

    /// The address of a type's descriptor.
    pub fn descriptor(&mut self, ty: TypeId) -> Value {
        let symbol = self.l.type_symbol(ty);
        let layout = self.layout(ty);
        self.l.unit.sizes.insert(symbol, (layout.size, layout.align));
        self.b.symbol_addr(symbol)
    }

    /// Calls a function of package runtime on scalars.
    pub fn call_runtime(&mut self, name: &str, args: &[Value], results: &[Ty]) -> Vec<Value> {
        let symbol = self.l.unit.symbol(name);
        self.b.call(Callee::Symbol(symbol), args.to_vec(), results)
    }

    /// Calls a function of package runtime that does not return, in a cold block that `condition` branches to.
    pub fn panic_if(&mut self, condition: Value, name: &str, args: &[Value]) {
        let cold = self.b.cold_block();
        let next = self.b.new_block();
        self.b.branch(condition, cold, next);
        self.b.switch_to(cold);
        self.call_runtime(name, args, &[]);
        self.b.end(Term::Unreachable);
        self.b.switch_to(next);
    }

    fn body(&mut self, body: &'a ast::Block) {
        self.block(body);
        self.b.at(body.rbrace);
        if self.b.reachable {
            self.fall_off();
        }
    }

    /// The end of the body without a return statement.
    fn fall_off(&mut self) {
        if self.range_body.is_some() {
            return self.give_more(true);
        }
        self.leave();
    }

    /// Leaves the function once its results have their values.
    pub fn finish_return(&mut self) {
        if self.range_body.is_some() {
            return self.return_from_range_body();
        }
        self.leave();
    }

    /// Runs deferred calls and returns with the current values of the results.
    pub fn leave(&mut self) {
        if let Some(slot) = self.defer_slot {
            let frame = self.b.slot_addr(slot, 0);
            self.call_runtime("runtime.deferreturn", &[frame], &[]);
        }
        let results = self.results.clone();
        let mut values = Vec::new();
        for result in &results {
            let place = self.variable_place(&result.variable);
            // A boxed result may be shared with a goroutine by now; gc reads it with a check too.
            let value = self.load(result.ty, &place);
            values.push((result.ty, value));
        }
        self.return_values(values);
    }

    /// Ends the function with these results.
    pub fn return_values(&mut self, values: Vec<(TypeId, Val)>) {
        match (&self.abi.result_memory.clone(), self.result_pointer) {
            (Some(layout), Some(pointer)) => {
                let addr = self.b.get(pointer);
                for (i, (ty, value)) in values.iter().enumerate() {
                    self.store_to(*ty, value, addr, layout.field_offsets[i] as i32, false);
                }
                self.b.end(Term::Return(Vec::new()));
            }
            _ => {
                let mut flat = Vec::new();
                for (_, value) in values {
                    if let Val::Scalars(scalars) = value {
                        flat.extend(scalars);
                    }
                }
                self.b.end(Term::Return(flat));
            }
        }
    }

    /// Bytes of the parameters and results, which gc passes on the stack where they are large.
    pub fn passed_bytes(&mut self, abi: &AbiSig) -> u64 {
        let types = abi.params.iter().chain(&abi.results);
        types.map(|&ty| self.l.layout(ty).size).fold(0, u64::saturating_add)
    }

    /// Reports a frame that no stack has room for, as gc does.
    fn check_frame(&mut self) {
        let abi = self.abi.clone();
        let (args, callee) = (self.passed_bytes(&abi), self.largest_call);
        let slots = self.b.func.slots.iter().map(|slot| slot.size).fold(0, u64::saturating_add);
        if slots.max(args).max(callee) < MOST_FRAME {
            return;
        }
        let locals = slots.saturating_sub(callee) >> 20;
        let mut text = format!("stack frame too large (>1GB): {locals} MB locals + {} MB args", args >> 20);
        if args < MOST_FRAME && callee > 0 {
            text += &format!(" + {} MB callee", callee >> 20);
        }
        self.error(self.b.func.pos, text);
    }

    fn finish(mut self) -> Func {
        self.check_frame();
        // The block behind the last terminator.
        self.b.end(Term::Unreachable);
        for block in &mut self.b.func.blocks {
            if block.term.is_none() {
                block.term = Some(Term::Unreachable);
            }
        }
        self.b.func
    }

    /// The finished function of a body made by hand.
    pub fn take(self) -> Func {
        self.finish()
    }

    /// A function literal as a func value.
    pub fn function_literal(&mut self, e: &ast::Expr, lit: &'a ast::FuncLit) -> Value {
        self.closures += 1;
        let suffix =
            if self.name_is_closure() { format!(".{}", self.closures) } else { format!(".func{}", self.closures) };
        let name = format!("{}{suffix}", self.name);
        let go_name = format!("{}{suffix}", self.go_name);
        let signature = self.l.program.expr_type(self.env.pkg, self.env.file, e.id);
        self.make_closure(name, go_name, signature, &lit.ty, &lit.body)
    }

    fn name_is_closure(&self) -> bool {
        self.go_name.rsplit('.').next().is_some_and(|last| {
            last.strip_prefix("func").unwrap_or(last).bytes().all(|b| b.is_ascii_digit()) && !last.is_empty()
        }) && self.go_name.contains(".func")
    }

    /// Queues the literal's body and makes the func value that holds what it captures.
    pub fn make_closure(
        &mut self,
        name: String,
        go_name: String,
        signature: TypeId,
        ty: &'a ast::FuncType,
        body: &'a ast::Block,
    ) -> Value {
        let symbol = self.l.unit.symbol(&name);
        let used = self.analysis.functions.get(&body.pos).map(|f| f.captures.clone()).unwrap_or_default();
        let captured = self.capture(&used);
        if self.l.define(symbol) {
            let job = ClosureJob {
                symbol,
                name,
                go_name,
                env: self.env.clone(),
                analysis: self.analysis.clone(),
                signature,
                ty: Some(ty),
                body,
                captures: captured.places(),
                range_body: None,
            };
            self.l.pending.push_back(Pending::Closure(Box::new(job)));
        }
        if captured.is_empty() {
            let value = self.l.func_value_symbol(symbol);
            return self.b.symbol_addr(value);
        }
        self.closure_of(symbol, &captured)
    }

    /// Reports something that cannot be lowered.
    pub fn error(&mut self, pos: Pos, message: impl Into<String>) {
        self.l.error(pos, message);
    }
}
