//! Calls: functions, methods, func values, interface methods; argument passing; method values and expressions.

use super::function::{AbiSig, FunctionLowerer};
use super::kinds::{Kind, MethodTarget, SelectionInfo};
use super::order::unparenthesised;
use super::value::{Place, Val};
use crate::func::{Ty, Value};
use crate::inst::{Access, Callee, CmpOp};
use crate::unit::SymbolId;
use gorace_syntax::ast::{self, Expr, ExprKind};
use gorace_types::TypeId;
use std::rc::Rc;

/// A call ready to be made: the callee and its evaluated receiver.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub callee: Callee,
    /// The receiver, with its type, when the callee takes one.
    pub receiver: Option<(TypeId, Val)>,
    /// The function type without receiver.
    pub signature: TypeId,
}

/// Byte offset of the first method in an itab (`internal/abi.ITab`: Inter, Type, Hash, padding, Fun).
pub const ITAB_METHODS: i32 = 24;
/// Byte offset of the dynamic type in an itab.
pub const ITAB_TYPE: i32 = 8;

impl<'a> FunctionLowerer<'_, 'a> {
    /// Lowers a call to its results.
    pub fn call(&mut self, e: &'a Expr) -> Vec<(TypeId, Val)> {
        let ExprKind::Call { fun, args, ellipsis, lparen, .. } = &e.kind else { return Vec::new() };
        if let Some(values) = self.take_ahead(e.id) {
            return values;
        }
        let callee = unparenthesised(fun);
        if self.l.program.is_type_expr(self.env.pkg, self.env.file, callee.id) {
            let to = self.type_of(callee);
            let value = self.conversion(&args[0], to);
            return vec![(to, value)];
        }
        if let Some(builtin) = self.l.program.builtin(self.env.pkg, self.env.file, callee) {
            self.b.at(*lparen);
            return self.builtin(builtin, e, args, ellipsis.is_some());
        }
        self.order_call(callee, args, ellipsis.is_some(), false);
        if let Some(results) = self.intrinsic(callee, args, e) {
            return results;
        }
        let (prepared, values) = self.prepare_with_arguments(callee, args, ellipsis.is_some());
        self.b.at(e.pos);
        self.b.at(*lparen);
        self.make_call(&prepared, values)
    }

    /// Evaluates what is called and the arguments. A receiver is the first argument; a func value and an interface are
    /// looked into when all arguments have their values.
    pub fn prepare_with_arguments(
        &mut self,
        callee: &'a Expr,
        args: &'a [Expr],
        spread: bool,
    ) -> (Prepared, Vec<(TypeId, Val)>) {
        if self.is_static_callee(callee) {
            let prepared = self.prepare(callee);
            let values = self.arguments(prepared.signature, args, spread);
            return (prepared, values);
        }
        let signature = self.type_of(callee);
        let values = self.arguments(signature, args, spread);
        (self.prepare(callee), values)
    }

    /// Whether the code that is called is known here.
    fn is_static_callee(&mut self, callee: &'a Expr) -> bool {
        match &callee.kind {
            ExprKind::Paren(x) => self.is_static_callee(x),
            ExprKind::Selector { sel, .. } => match self.selection(callee) {
                Some(selection) => selection.is_method_call() && !selection.method().interface,
                None => self.is_function_name(sel.id),
            },
            ExprKind::Name(_) => self.is_function_name(callee.id),
            ExprKind::Index { x, .. } => self.l.program.is_instantiation(self.env.pkg, self.env.file, x),
            _ => false,
        }
    }

    /// Evaluates a func value, or the interface whose method is called, before the arguments. It is looked into later.
    pub fn keep_callee(&mut self, callee: &'a Expr) {
        if self.is_static_callee(callee) || self.is_ahead(callee) {
            return;
        }
        let ExprKind::Selector { x, .. } = &callee.kind else { return self.keep(callee) };
        let Some(selection) = self.selection(callee).filter(SelectionInfo::is_method_call) else {
            return self.keep(callee);
        };
        let (holder, operand) = self.method_holder(x, &selection.method());
        let interface = self.operand_value(holder, operand);
        let interface = self.settle(holder, interface);
        self.ahead.insert(callee.id, vec![(holder, interface)]);
    }

    fn is_function_name(&self, id: ast::NodeId) -> bool {
        self.object(id).is_some_and(|obj| self.l.program.is_function(obj))
    }

    /// Evaluates what is called, and its receiver.
    pub fn prepare(&mut self, callee: &'a Expr) -> Prepared {
        let signature = self.type_of(callee);
        match &callee.kind {
            ExprKind::Paren(x) => self.prepare(x),
            ExprKind::Selector { x, sel } => {
                let Some(selection) = self.selection(callee) else {
                    // A qualified identifier.
                    return match self.function_symbol_of(sel.id) {
                        Some(symbol) => Prepared { callee: Callee::Symbol(symbol), receiver: None, signature },
                        None => self.prepare_value(callee, signature),
                    };
                };
                if !selection.is_method_call() {
                    return self.prepare_value(callee, signature);
                }
                let target = selection.method();
                if let Some((holder, interface)) = self.take_ahead(callee.id).and_then(|kept| kept.into_iter().next()) {
                    return self.finish_method(holder, Operand::Value(interface), &target, signature);
                }
                self.prepare_method(x, &target, signature)
            }
            ExprKind::Name(_) => match self.function_symbol_of(callee.id) {
                Some(symbol) => Prepared { callee: Callee::Symbol(symbol), receiver: None, signature },
                None => self.prepare_value(callee, signature),
            },
            ExprKind::Index { x, .. } if self.l.program.is_instantiation(self.env.pkg, self.env.file, x) => {
                let id = match &x.kind {
                    ExprKind::Selector { x: operand, sel } => {
                        if let Some(selection) = self.selection(x).filter(SelectionInfo::is_method_call) {
                            return self.prepare_method(operand, &selection.method(), signature);
                        }
                        sel.id
                    }
                    _ => x.id,
                };
                match self.function_symbol_of(id) {
                    Some(symbol) => Prepared { callee: Callee::Symbol(symbol), receiver: None, signature },
                    None => self.prepare(x),
                }
            }
            _ => self.prepare_value(callee, signature),
        }
    }

    fn prepare_value(&mut self, callee: &'a Expr, signature: TypeId) -> Prepared {
        let function = self.expr(callee).one();
        let signature = self.l.program.underlying(signature);
        Prepared { callee: Callee::Closure(function), receiver: None, signature }
    }

    /// The symbol of a declared function (instantiated as recorded) that an identifier denotes.
    pub fn function_symbol_of(&mut self, id: ast::NodeId) -> Option<SymbolId> {
        let obj = self.object(id)?;
        if !self.l.program.is_function(obj) {
            return None;
        }
        let targs: Vec<TypeId> = self.l.program.instance_of(self.env.pkg, self.env.file, id);
        let targs: Rc<[TypeId]> = targs.into_iter().map(|t| self.subst(t)).collect();
        Some(self.l.function_symbol(obj, &targs))
    }

    /// Evaluates the receiver `x` for a method found by selection.
    pub fn prepare_method(&mut self, x: &'a Expr, target: &MethodTarget, signature: TypeId) -> Prepared {
        let (holder, operand) = self.method_holder(x, target);
        self.finish_method(holder, operand, target, signature)
    }

    /// The embedded field of `x` that has a method, or `x` itself.
    fn method_holder(&mut self, x: &'a Expr, target: &MethodTarget) -> (TypeId, Operand) {
        let x_type = self.type_of(x);
        let (holder, place_or_value) = self.walk_to_holder(x, x_type, &target.path);
        if let (ExprKind::Selector { .. }, Operand::Place(Place::Memory { addr, offset: 0, race: true })) =
            (&x.kind, &place_or_value)
            && target.pointer_receiver
            && !matches!(self.l.program.kind(holder), Kind::Pointer(_))
        {
            // `p.f.Method()` takes the address of `p.f`: a nil `p` panics here.
            self.b.emit(crate::Inst::NilCheck { addr: *addr });
        }
        (holder, place_or_value)
    }

    pub fn finish_method(
        &mut self,
        holder: TypeId,
        operand: Operand,
        target: &MethodTarget,
        signature: TypeId,
    ) -> Prepared {
        if target.interface {
            let value = self.operand_value(holder, operand);
            let Val::Scalars(words) = value else { return self.nil_call(signature) };
            let code = self.interface_method(holder, words[0], target);
            let data_type = self.l.program.unsafe_pointer();
            let receiver = Some((data_type, Val::Scalars(vec![words[1]])));
            return Prepared { callee: Callee::Code(code), receiver, signature };
        }
        let symbol = self.l.method_symbol(target);
        let holder_is_pointer = matches!(self.l.program.kind(holder), Kind::Pointer(_));
        let receiver = match (target.pointer_receiver, holder_is_pointer) {
            (true, true) | (false, false) => (holder, self.operand_value(holder, operand)),
            (true, false) => {
                let pointer = self.l.program.pointer_to(holder);
                if !target.path.is_empty()
                    && let Operand::Place(Place::Memory { addr, .. }) = operand
                {
                    // The address of an embedded field, maybe of a nil pointer's.
                    self.b.emit(crate::Inst::NilCheck { addr });
                }
                (pointer, Val::Scalars(vec![self.operand_address(holder, operand)]))
            }
            (false, true) => {
                let Kind::Pointer(elem) = self.l.program.kind(holder) else { return self.nil_call(signature) };
                let address = self.operand_value(holder, operand).one();
                let value = self.load_from(elem, address, 0, true);
                let value = self.settle(elem, value);
                (elem, value)
            }
        };
        let receiver = (receiver.0, self.settle(receiver.0, receiver.1));
        Prepared { callee: Callee::Symbol(symbol), receiver: Some(receiver), signature }
    }

    fn nil_call(&mut self, signature: TypeId) -> Prepared {
        let nil = self.b.i64(0);
        Prepared { callee: Callee::Closure(nil), receiver: None, signature }
    }

    /// The code of an interface's method: loaded from the itab (a nil interface faults there).
    pub fn interface_method(&mut self, interface: TypeId, itab: Value, target: &MethodTarget) -> Value {
        let index = self.l.program.interface_method_index(interface, target);
        self.b.load_private(Ty::I64, itab, ITAB_METHODS + 8 * index as i32)
    }

    /// Follows embedded fields (implicit dereferences included), giving the last one's type and operand.
    pub fn walk_to_holder(&mut self, x: &'a Expr, x_type: TypeId, path: &[u32]) -> (TypeId, Operand) {
        let mut ty = x_type;
        let mut operand = self.operand(x);
        for &index in path {
            (ty, operand) = self.step_into_field(ty, operand, index as usize);
        }
        (ty, operand)
    }

    /// One field selection, through a pointer if need be.
    pub fn step_into_field(&mut self, ty: TypeId, operand: Operand, index: usize) -> (TypeId, Operand) {
        let (struct_type, operand) = match self.l.program.kind(ty) {
            Kind::Pointer(elem) => {
                let address = self.operand_value(ty, operand).one();
                (elem, Operand::Place(Place::Memory { addr: address, offset: 0, race: true }))
            }
            _ => (ty, operand),
        };
        let field = self.l.program.fields(struct_type)[index].ty;
        let operand = match operand {
            Operand::Place(place) => Operand::Place(self.field_place(place, struct_type, index)),
            Operand::Value(value) => Operand::Value(self.field_value(&value, struct_type, index, field)),
        };
        (field, operand)
    }

    /// An expression as a place if it is addressable, as a value otherwise.
    pub fn operand(&mut self, x: &'a Expr) -> Operand {
        let x = unparenthesised(x);
        if !self.is_ahead(x) && self.has_address(x) {
            Operand::Place(self.place(x))
        } else {
            Operand::Value(self.expr(x))
        }
    }

    pub fn operand_value(&mut self, ty: TypeId, operand: Operand) -> Val {
        match operand {
            Operand::Place(place) => self.load(ty, &place),
            Operand::Value(value) => value,
        }
    }

    /// The address of an operand; a value that has none is moved to the heap.
    pub fn operand_address(&mut self, ty: TypeId, operand: Operand) -> Value {
        match operand {
            Operand::Place(Place::Memory { addr, offset, .. }) => {
                self.check_nil_offset(addr, offset);
                self.b.add_imm(addr, i64::from(offset))
            }
            Operand::Place(place) => {
                let value = self.load(ty, &place);
                let object = self.new_object(ty);
                self.store_to(ty, &value, object, 0, false);
                object
            }
            Operand::Value(value) => {
                let object = self.new_object(ty);
                self.store_to(ty, &value, object, 0, false);
                object
            }
        }
    }

    /// `&p.f` with a nil `p` panics, although nothing is loaded.
    pub fn check_nil_offset(&mut self, addr: Value, offset: i32) {
        if offset != 0 {
            self.b.emit(crate::Inst::NilCheck { addr });
        }
    }

    /// Evaluates arguments to the parameters' types, variadic ones gathered into a slice.
    pub fn arguments(&mut self, signature: TypeId, args: &'a [Expr], spread: bool) -> Vec<(TypeId, Val)> {
        let info = self.l.program.signature(signature);
        let mut given: Vec<(TypeId, Val)> = Vec::new();
        if args.len() == 1 && (info.params.len() > 1 || info.variadic) && self.is_multi(&args[0]) {
            given = self.multi(&args[0]);
        } else {
            for (i, arg) in args.iter().enumerate() {
                let wanted = self.parameter_type(&info.params, info.variadic && !spread, i);
                let value = self.expr_to(arg, wanted);
                // Later arguments may change what an earlier one refers to.
                let value = self.settle(wanted, value);
                given.push((wanted, value));
            }
        }
        self.distribute(&info.params, info.variadic, spread, given)
    }

    pub fn parameter_type(&mut self, params: &[TypeId], variadic: bool, i: usize) -> TypeId {
        if variadic && i + 1 >= params.len() {
            let last = params[params.len() - 1];
            return self.l.program.element(last);
        }
        params[i]
    }

    /// Converts given values to parameters.
    fn distribute(
        &mut self,
        params: &[TypeId],
        variadic: bool,
        spread: bool,
        given: Vec<(TypeId, Val)>,
    ) -> Vec<(TypeId, Val)> {
        let fixed = if variadic && !spread { params.len() - 1 } else { params.len() };
        let mut out = Vec::new();
        let mut rest = Vec::new();
        for (i, (ty, value)) in given.into_iter().enumerate() {
            if i < fixed {
                let value = self.convert_implicitly(value, ty, params[i]);
                out.push((params[i], value));
            } else {
                rest.push((ty, value));
            }
        }
        if variadic && !spread {
            let slice = params[params.len() - 1];
            let elem = self.l.program.element(slice);
            let value = self.gather(slice, elem, rest);
            out.push((slice, value));
        }
        out
    }

    /// A slice of the variadic arguments.
    fn gather(&mut self, slice: TypeId, elem: TypeId, values: Vec<(TypeId, Val)>) -> Val {
        if values.is_empty() {
            return self.zero_value(slice);
        }
        let layout = self.layout(elem);
        let count = values.len() as i64;
        let array = self.l.program.array_of(elem, count);
        let object = self.new_object(array);
        for (i, (ty, value)) in values.into_iter().enumerate() {
            let value = self.convert_implicitly(value, ty, elem);
            self.store_to(elem, &value, object, (i as u64 * layout.size) as i32, false);
        }
        let n = self.b.i64(count);
        Val::Scalars(vec![object, n, n])
    }

    /// Calls with evaluated arguments.
    pub fn make_call(&mut self, prepared: &Prepared, args: Vec<(TypeId, Val)>) -> Vec<(TypeId, Val)> {
        let info = self.l.program.signature(prepared.signature);
        let mut params: Vec<TypeId> = prepared.receiver.iter().map(|(ty, _)| *ty).collect();
        params.extend(&info.params);
        let abi = self.l.abi_sig(&params, &info.results);
        let mut values: Vec<(TypeId, Val)> = prepared.receiver.iter().cloned().collect();
        values.extend(args);
        self.emit_call(&prepared.callee, &abi, &values)
    }

    /// Emits a call by the calling convention.
    pub fn emit_call(&mut self, callee: &Callee, abi: &AbiSig, args: &[(TypeId, Val)]) -> Vec<(TypeId, Val)> {
        self.largest_call = self.largest_call.max(self.passed_bytes(abi));
        let mut flat = Vec::new();
        let mut result_address = None;
        if let Some(layout) = &abi.result_memory {
            let addr = self.b.temp(layout.size, layout.align);
            result_address = Some(addr);
            flat.push(addr);
        }
        for (i, &param) in abi.params.iter().enumerate() {
            let Some((_, value)) = args.get(i) else { continue };
            let layout = self.layout(param);
            match (&layout.scalars, value) {
                (Some(_), Val::Scalars(values)) => flat.extend(values),
                (Some(_), Val::Memory { addr, race, .. }) => {
                    if let Val::Scalars(values) = self.load_from(param, *addr, 0, *race) {
                        flat.extend(values);
                    }
                }
                (None, value) => {
                    let value = self.settle(param, value.clone());
                    flat.push(self.in_memory(param, &value));
                }
            }
        }
        let values = self.b.call(callee.clone(), flat, &abi.ir.results.clone());
        let mut out = Vec::new();
        if let (Some(layout), Some(addr)) = (&abi.result_memory, result_address) {
            for (i, &ty) in abi.results.iter().enumerate() {
                let value = match self.load_from(ty, addr, layout.field_offsets[i] as i32, false) {
                    Val::Memory { addr, race, .. } => Val::Memory { addr, race, temporary: true },
                    scalars => scalars,
                };
                out.push((ty, value));
            }
            return out;
        }
        let mut next = 0;
        for &ty in &abi.results {
            let count = self.layout(ty).scalars.as_ref().map_or(0, |s| s.len());
            out.push((ty, Val::Scalars(values[next..next + count].to_vec())));
            next += count;
        }
        out
    }

    /// `x.M` not called: a closure that holds the receiver.
    pub fn method_value(&mut self, x: &'a Expr, target: &MethodTarget, e: &'a Expr) -> Val {
        let signature = self.type_of(e);
        let (holder, operand) = self.method_holder(x, target);
        let prepared = self.finish_method(holder, operand, target, signature);
        // A nil interface panics now, not when called: the load of the code has faulted.
        let receiver = match &prepared.receiver {
            Some((ty, _)) if !target.interface => *ty,
            _ => holder,
        };
        let names = self.l.method_value_names(receiver, target);
        let value = self.bound_closure(names, gorace_base::Pos::NONE, &prepared, Vec::new(), false);
        Val::Scalars(vec![value])
    }

    /// `T.M`: a function whose first parameter is the receiver.
    pub fn method_expression(&mut self, receiver: TypeId, target: &MethodTarget) -> Val {
        let symbol = self.l.method_expression_symbol(receiver, target);
        let value = self.l.func_value_symbol(symbol);
        Val::Scalars(vec![self.b.symbol_addr(value)])
    }

    /// The address of a comparison's operand made sure not to be nil for code that only takes it.
    pub fn nonzero(&mut self, v: Value) -> Value {
        self.b.cmp_imm(CmpOp::Ne, v, 0)
    }

    /// Zeroes memory that no one else sees yet.
    pub fn zero_private(&mut self, addr: Value, size: u64, align: u32) {
        self.b.zero(addr, size, align, Access::default());
    }
}

/// An expression's value, or the place it can be loaded from.
#[derive(Debug, Clone)]
pub enum Operand {
    Place(Place),
    Value(Val),
}
