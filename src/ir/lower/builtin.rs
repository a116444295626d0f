//! The predeclared functions, package unsafe's, and the map and channel operations behind them.

use super::function::FunctionLowerer;
use super::kinds::{Builtin, Kind};
use super::value::Val;
use crate::func::{Ty, Value};
use crate::inst::{Access, BinOp, CmpOp, ConvOp};
use gorace_syntax::ast::Expr;
use gorace_types::TypeId;

/// As many elements as a map holds in one group.
const MAP_GROUP: i64 = 8;

/// What append puts behind the old elements: values, or another slice (or string).
enum Added {
    Nothing,
    Values(Vec<Val>),
    Slice(Vec<Value>, bool),
}

impl<'a> FunctionLowerer<'_, 'a> {
    /// A call of a builtin function.
    pub fn builtin(&mut self, builtin: Builtin, e: &'a Expr, args: &'a [Expr], spread: bool) -> Vec<(TypeId, Val)> {
        use Builtin::*;
        let ty = self.type_of(e);
        let one = |v: Value| vec![(ty, Val::Scalars(vec![v]))];
        if args.len() == 1 && matches!(builtin, Append | Copy | Complex | Delete) && self.is_multi(&args[0]) {
            return self.builtin_of_results(builtin, &args[0], ty);
        }
        self.order_builtin(builtin, args, spread, ty);
        match builtin {
            Len | Cap => {
                let v = self.length(&args[0], builtin == Len);
                one(v)
            }
            Append => {
                let value = self.append(e, args, spread, ty);
                vec![(ty, value)]
            }
            Copy => {
                let v = self.copy_builtin(&args[0], &args[1]);
                one(v)
            }
            New => {
                let Kind::Pointer(elem) = self.l.program.kind(ty) else { return Vec::new() };
                let initial = if self.l.program.is_type_expr(self.env.pkg, self.env.file, args[0].id) {
                    None
                } else {
                    Some(self.expr_to(&args[0], elem))
                };
                let object = self.new_object(elem);
                if let Some(value) = initial {
                    self.store_to(elem, &value, object, 0, false);
                }
                one(object)
            }
            Make => {
                let value = self.make(args, ty);
                vec![(ty, value)]
            }
            Delete => {
                let map_type = self.type_of(&args[0]);
                let Kind::Map { key, .. } = self.l.program.kind(map_type) else { return Vec::new() };
                let map = self.expr1(&args[0]);
                let key_value = self.expr_to(&args[1], key);
                self.b.at(e.pos);
                self.map_delete(map_type, map, &key_value);
                Vec::new()
            }
            Clear => {
                self.clear(&args[0]);
                Vec::new()
            }
            Close => {
                let chan = self.expr1(&args[0]);
                self.b.at(e.pos);
                self.call_runtime("runtime.closechan", &[chan], &[]);
                Vec::new()
            }
            Panic => {
                let any = self.l.program.any_type();
                let value = self.expr_to(&args[0], any);
                self.b.at(e.pos);
                self.panic_value(&value);
                Vec::new()
            }
            Recover => {
                let value = self.recover();
                vec![(ty, value)]
            }
            Print | Println => {
                let values: Vec<(TypeId, Val)> = match args {
                    [call] if self.is_multi(call) => self.multi(call),
                    args => args.iter().map(|a| (self.type_of(a), self.expr(a))).collect(),
                };
                self.print(&values, builtin == Println);
                Vec::new()
            }
            Min | Max => {
                let value = self.extreme(args, ty, builtin == Min);
                vec![(ty, value)]
            }
            Complex => {
                let Kind::Complex { part } = self.l.program.kind(ty) else { return Vec::new() };
                let part = self.l.program.float_type(part);
                let re = self.expr_as(&args[0], part);
                let im = self.expr_as(&args[1], part);
                vec![(ty, Val::Scalars(vec![re.one(), im.one()]))]
            }
            Real | Imag => {
                let Val::Scalars(parts) = self.expr(&args[0]) else { return Vec::new() };
                one(parts[usize::from(builtin == Imag)])
            }
            UnsafeAdd => {
                let base = self.expr1(&args[0]);
                let (offset, _) = self.integer(&args[1]);
                let sum = self.b.add(base, offset);
                one(sum)
            }
            UnsafeSlice => {
                let pointer = self.expr1(&args[0]);
                let (len, _) = self.integer(&args[1]);
                let elem = self.l.program.element(ty);
                let size = self.layout(elem).size as i64;
                let size = self.b.i64(size);
                self.call_runtime("runtime.unsafeslicecheck", &[size, pointer, len], &[]);
                vec![(ty, Val::Scalars(vec![pointer, len, len]))]
            }
            UnsafeString => {
                let pointer = self.expr1(&args[0]);
                let (len, _) = self.integer(&args[1]);
                self.call_runtime("runtime.unsafestringcheck", &[pointer, len], &[]);
                vec![(ty, Val::Scalars(vec![pointer, len]))]
            }
            UnsafeSliceData | UnsafeStringData => {
                let Val::Scalars(parts) = self.expr(&args[0]) else { return Vec::new() };
                one(parts[0])
            }
            Sizeof | Alignof | Offsetof => {
                // Constant unless type parameters are involved.
                let n = self.size_query(builtin, &args[0]);
                let v = self.b.i64(n);
                one(v)
            }
        }
    }

    /// What is eager in a builtin's arguments.
    fn order_builtin(&mut self, builtin: Builtin, args: &'a [Expr], spread: bool, ty: TypeId) {
        if matches!(builtin, Builtin::Sizeof | Builtin::Alignof | Builtin::Offsetof) {
            return;
        }
        let is_type = |e: &Expr| self.l.program.is_type_expr(self.env.pkg, self.env.file, e.id);
        let args = if args.first().is_some_and(is_type) { &args[1..] } else { args };
        let to = match builtin {
            Builtin::Append if !spread => Some(self.l.program.element(ty)),
            Builtin::Panic => Some(self.l.program.any_type()),
            _ => None,
        };
        let operands: Vec<_> = args.iter().map(|arg| (arg, to)).collect();
        self.order_all(&operands);
    }

    /// `append(f())`, `copy(f())`, `complex(f())`, `delete(f())` of a call with several results.
    fn builtin_of_results(&mut self, builtin: Builtin, call: &'a Expr, ty: TypeId) -> Vec<(TypeId, Val)> {
        let values = self.multi(call);
        let Some(((first_type, first), rest)) = values.split_first() else { return Vec::new() };
        match (builtin, first, rest) {
            (Builtin::Append, Val::Scalars(old), rest) => {
                let elem = self.l.program.element(ty);
                let mut added = Vec::new();
                for (from, value) in rest {
                    let value = self.convert_implicitly(value.clone(), *from, elem);
                    added.push(self.settle(elem, value));
                }
                let count = self.b.i64(added.len() as i64);
                let value = self.append_values(elem, old.clone(), count, Added::Values(added));
                vec![(ty, value)]
            }
            (Builtin::Complex, re, [(_, im)]) => vec![(ty, Val::Scalars(vec![re.one(), im.one()]))],
            (Builtin::Copy, Val::Scalars(d), [(_, Val::Scalars(s))]) => {
                let elem = self.l.program.element(*first_type);
                let from_string = s.len() == 2;
                let n = self.copy_values(elem, d, s, from_string);
                vec![(ty, Val::Scalars(vec![n]))]
            }
            (Builtin::Delete, map, [(_, key)]) => {
                let (map_type, map, key) = (*first_type, map.one(), key.clone());
                self.map_delete(map_type, map, &key);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn expr_as(&mut self, e: &'a Expr, ty: TypeId) -> Val {
        match self.l.program.constant(self.env.pkg, self.env.file, e.id) {
            Some(value) => self.constant(&value, ty),
            None => self.expr(e),
        }
    }

    fn size_query(&mut self, builtin: Builtin, e: &'a Expr) -> i64 {
        let ty = self.type_of(e);
        match builtin {
            Builtin::Sizeof => self.layout(ty).size as i64,
            Builtin::Alignof => i64::from(self.layout(ty).align),
            _ => {
                let Some(selection) = self.selection(e) else { return 0 };
                let gorace_syntax::ast::ExprKind::Selector { x, .. } = &e.kind else { return 0 };
                let mut holder = self.type_of(x);
                let mut offset = 0;
                for &index in &selection.path {
                    if let Kind::Pointer(elem) = self.l.program.kind(holder) {
                        holder = elem;
                    }
                    offset += self.layout(holder).field_offsets[index as usize];
                    holder = self.l.program.fields(holder)[index as usize].ty;
                }
                offset as i64
            }
        }
    }

    fn length(&mut self, x: &'a Expr, len: bool) -> Value {
        let ty = self.type_of(x);
        match self.l.program.kind(ty) {
            Kind::String => match self.expr(x) {
                Val::Scalars(p) => p[1],
                Val::Memory { addr, .. } => addr,
            },
            Kind::Slice(_) => match self.expr(x) {
                Val::Scalars(p) => p[if len { 1 } else { 2 }],
                Val::Memory { addr, .. } => addr,
            },
            Kind::Array { len, .. } => {
                let _ = self.expr(x);
                self.b.i64(len as i64)
            }
            Kind::Pointer(array) => {
                let _ = self.expr(x);
                match self.l.program.kind(array) {
                    Kind::Array { len, .. } => self.b.i64(len as i64),
                    _ => self.b.i64(0),
                }
            }
            Kind::Map { .. } => {
                let map = self.expr1(x);
                self.map_len(map)
            }
            Kind::Chan { .. } => {
                let chan = self.expr1(x);
                self.call_runtime(if len { "runtime.chanlen" } else { "runtime.chancap" }, &[chan], &[Ty::I64])[0]
            }
            _ => self.b.i64(0),
        }
    }

    /// The number of elements: the first word of a map that is not nil.
    pub fn map_len(&mut self, map: Value) -> Value {
        let result = self.b.func.local(Ty::I64, None);
        // Not the nil map itself, which would look to escape analysis as if the map were given back.
        let none = self.b.i64(0);
        self.b.set(result, none);
        let not_nil = self.nonzero(map);
        let load = self.b.new_block();
        let end = self.b.new_block();
        self.b.branch(not_nil, load, end);
        self.b.switch_to(load);
        let n = self.b.load(Ty::I64, map, 0, Access { race: true, aligned: true, plain: true, ..Access::default() });
        self.b.set(result, n);
        self.b.start(end);
        self.b.get(result)
    }

    /// `panic(value)`
    pub fn panic_value(&mut self, value: &Val) {
        if let Val::Scalars(words) = value {
            self.call_runtime("runtime.gopanic", words, &[]);
        }
        self.b.end(crate::Term::Unreachable);
    }

    /// `recover()`
    pub fn recover(&mut self) -> Val {
        Val::Scalars(self.call_runtime("runtime.gorecover", &[], &[Ty::I64, Ty::I64]))
    }

    /// `print` and `println` of evaluated arguments.
    pub fn print(&mut self, values: &[(TypeId, Val)], line: bool) {
        self.call_runtime("runtime.printlock", &[], &[]);
        for (i, (ty, value)) in values.iter().enumerate() {
            if line && i > 0 {
                self.call_runtime("runtime.printsp", &[], &[]);
            }
            let Val::Scalars(v) = value.clone() else { continue };
            match self.l.program.kind(*ty) {
                Kind::Bool => self.call_runtime("runtime.printbool", &v, &[]),
                Kind::Int { signed, .. } => {
                    let wide = self.b.resize(v[0], Ty::I64, signed);
                    let name = if self.l.program.is_hex_type(*ty) {
                        "runtime.printhex"
                    } else if signed {
                        "runtime.printint"
                    } else {
                        "runtime.printuint"
                    };
                    self.call_runtime(name, &[wide], &[])
                }
                Kind::Float { bytes: 4 } => self.call_runtime("runtime.printfloat32", &v, &[]),
                Kind::Float { .. } => self.call_runtime("runtime.printfloat64", &v, &[]),
                Kind::Complex { part: 4 } => self.call_runtime("runtime.printcomplex64", &v, &[]),
                Kind::Complex { .. } => self.call_runtime("runtime.printcomplex128", &v, &[]),
                Kind::String => self.call_runtime("runtime.printstring", &v, &[]),
                Kind::Slice(_) => self.call_runtime("runtime.printslice", &v, &[]),
                Kind::Interface { empty: true } => self.call_runtime("runtime.printeface", &v, &[]),
                Kind::Interface { .. } => self.call_runtime("runtime.printiface", &v, &[]),
                _ => self.call_runtime("runtime.printpointer", &v, &[]),
            };
        }
        if line {
            self.call_runtime("runtime.printnl", &[], &[]);
        }
        self.call_runtime("runtime.printunlock", &[], &[]);
    }

    fn extreme(&mut self, args: &'a [Expr], ty: TypeId, min: bool) -> Val {
        let mut best = self.expr_as(&args[0], ty);
        for arg in &args[1..] {
            let other = self.expr_as(arg, ty);
            best = match self.l.program.kind(ty) {
                Kind::String => {
                    let (Val::Scalars(a), Val::Scalars(b)) = (&best, &other) else { return best };
                    let order = self.call_runtime("runtime.cmpstring", &[b[0], b[1], a[0], a[1]], &[Ty::I64])[0];
                    let take = self.b.cmp_imm(if min { CmpOp::SLt } else { CmpOp::SGt }, order, 0);
                    Val::Scalars(vec![self.b.select(take, b[0], a[0]), self.b.select(take, b[1], a[1])])
                }
                Kind::Float { bytes } => {
                    let name = match (min, bytes) {
                        (true, 4) => "runtime.fmin32",
                        (true, _) => "runtime.fmin64",
                        (false, 4) => "runtime.fmax32",
                        (false, _) => "runtime.fmax64",
                    };
                    let float = self.b.ty(best.one());
                    Val::Scalars(self.call_runtime(name, &[best.one(), other.one()], &[float]))
                }
                _ => {
                    let signed = self.l.program.is_signed(ty);
                    let op = match (min, signed) {
                        (true, true) => CmpOp::SLt,
                        (true, false) => CmpOp::ULt,
                        (false, true) => CmpOp::SGt,
                        (false, false) => CmpOp::UGt,
                    };
                    let take = self.b.cmp(op, other.one(), best.one());
                    Val::Scalars(vec![self.b.select(take, other.one(), best.one())])
                }
            };
        }
        best
    }

    fn clear(&mut self, x: &'a Expr) {
        let ty = self.type_of(x);
        let Val::Scalars(v) = self.expr(x) else { return };
        match self.l.program.kind(ty) {
            Kind::Map { .. } => {
                let descriptor = self.descriptor(ty);
                self.call_runtime("runtime.mapclear", &[descriptor, v[0]], &[]);
            }
            Kind::Slice(elem) => {
                let size = self.layout(elem).size as i64;
                let bytes = self.b.mul_imm(v[1], size);
                self.race_range(true, v[0], bytes);
                self.call_runtime("runtime.memclrNoHeapPointers", &[v[0], bytes], &[]);
            }
            _ => {}
        }
    }

    /// Checks an access of a length known at run time.
    pub fn race_range(&mut self, write: bool, addr: Value, bytes: Value) {
        if self.env.no_race {
            return;
        }
        let name = if write { "runtime.racewriterange" } else { "runtime.racereadrange" };
        self.call_runtime(name, &[addr, bytes], &[]);
    }

    /// A size given to make, as an I64; absurd ones are left to the runtime to refuse.
    fn make_size(&mut self, e: &'a Expr) -> Value {
        let ty = self.type_of(e);
        if let Kind::Float { .. } = self.l.program.kind(ty) {
            let v = self.expr1(e);
            return self.b.convert(ConvOp::FToS, v, Ty::I64);
        }
        let int = self.l.program.int_type();
        if let Some(value) = self.l.program.constant(self.env.pkg, self.env.file, e.id) {
            return self.constant(&value, int).one();
        }
        self.integer(e).0
    }

    fn make(&mut self, args: &'a [Expr], ty: TypeId) -> Val {
        match self.l.program.kind(ty) {
            Kind::Slice(elem) => {
                let len = self.make_size(&args[1]);
                let cap = args.get(2).map_or(len, |e| self.make_size(e));
                let descriptor = self.descriptor(elem);
                let p = self.call_runtime("runtime.makeslice", &[descriptor, len, cap], &[Ty::I64])[0];
                Val::Scalars(vec![p, len, cap])
            }
            Kind::Map { .. } => {
                let map = match args.get(1) {
                    None => self.small_map(ty),
                    Some(e) if self.is_few(e) => self.small_map(ty),
                    Some(e) => {
                        let hint = self.make_size(e);
                        self.large_map(ty, hint)
                    }
                };
                Val::Scalars(vec![map])
            }
            Kind::Chan { .. } => {
                let size = match args.get(1) {
                    Some(e) => self.make_size(e),
                    None => self.b.i64(0),
                };
                let descriptor = self.descriptor(ty);
                Val::Scalars(self.call_runtime("runtime.makechan", &[descriptor, size], &[Ty::I64]))
            }
            _ => self.zero_value(ty),
        }
    }

    /// A new map with room for a known number of elements.
    pub fn make_map(&mut self, ty: TypeId, count: Option<i64>) -> Value {
        match count {
            Some(n) if n > MAP_GROUP => {
                let hint = self.b.i64(n);
                self.large_map(ty, hint)
            }
            _ => self.small_map(ty),
        }
    }

    /// Whether the number of elements is known to fit one group.
    fn is_few(&self, count: &'a Expr) -> bool {
        let constant = self.l.program.constant(self.env.pkg, self.env.file, count.id);
        constant.is_some_and(|n| n.as_integer() <= MAP_GROUP)
    }

    fn large_map(&mut self, ty: TypeId, hint: Value) -> Value {
        let descriptor = self.descriptor(ty);
        let nil = self.b.i64(0);
        self.call_runtime("runtime.makemap", &[descriptor, hint, nil], &[Ty::I64])[0]
    }

    /// An empty map, whose elements have room in one group; the group's type says how large that is.
    fn small_map(&mut self, ty: TypeId) -> Value {
        let group = self.l.map_group(ty);
        let descriptor = self.descriptor(group);
        self.call_runtime("runtime.makesmallmap", &[descriptor], &[Ty::I64])[0]
    }

    fn copy_builtin(&mut self, dst: &'a Expr, src: &'a Expr) -> Value {
        let ty = self.type_of(dst);
        let elem = self.l.program.element(ty);
        let Val::Scalars(d) = self.expr(dst) else { return self.b.i64(0) };
        let src_type = self.type_of(src);
        let from_string = matches!(self.l.program.kind(src_type), Kind::String);
        let Val::Scalars(s) = self.expr(src) else { return self.b.i64(0) };
        self.b.at(dst.pos);
        self.copy_values(elem, &d, &s, from_string)
    }

    fn copy_values(&mut self, elem: TypeId, d: &[Value], s: &[Value], from_string: bool) -> Value {
        let size = self.layout(elem).size as i64;
        let shorter = self.b.cmp(CmpOp::SLt, s[1], d[1]);
        let n = self.b.select(shorter, s[1], d[1]);
        if size > 0 {
            let bytes = self.b.mul_imm(n, size);
            if !from_string {
                self.race_range(false, s[0], bytes);
            }
            self.race_range(true, d[0], bytes);
            self.move_elements(elem, d[0], s[0], bytes);
        }
        n
    }

    /// Moves elements; what holds no pointers by a name of its own, for escape analysis.
    pub fn move_elements(&mut self, elem: TypeId, to: Value, from: Value, bytes: Value) {
        let name = if self.layout(elem).pointers { "runtime.memmove" } else { "runtime.memmoveNoPointers" };
        self.call_runtime(name, &[to, from, bytes], &[]);
    }

    /// `append(s, …)`: grows when the capacity does not do, stores behind the old length.
    fn append(&mut self, e: &'a Expr, args: &'a [Expr], spread: bool, ty: TypeId) -> Val {
        let elem = self.l.program.element(ty);
        // The slice is read last: what is appended has been evaluated by then.
        self.keep_operands(&args[0]);
        let (count, added) = if args.len() == 1 {
            (self.b.i64(0), Added::Nothing)
        } else if spread {
            let from = self.type_of(&args[1]);
            let from_string = matches!(self.l.program.kind(from), Kind::String);
            match self.expr(&args[1]) {
                Val::Scalars(s) if s.len() > 1 => (s[1], Added::Slice(s, from_string)),
                // append([]byte, nil...) has a nil of one word.
                _ => (self.b.i64(0), Added::Nothing),
            }
        } else {
            let mut values = Vec::new();
            for arg in &args[1..] {
                let value = self.expr_to(arg, elem);
                values.push(self.settle(elem, value));
            }
            (self.b.i64(values.len() as i64), Added::Values(values))
        };
        let Val::Scalars(old) = self.expr_to(&args[0], ty) else { return Val::empty() };
        if matches!(added, Added::Nothing) {
            return Val::Scalars(old);
        }
        self.b.at(e.pos);
        self.append_values(elem, old, count, added)
    }

    fn append_values(&mut self, elem: TypeId, old: Vec<Value>, count: Value, added: Added) -> Val {
        let size = self.layout(elem).size as i64;
        let base = self.b.func.local(Ty::I64, None);
        let cap = self.b.func.local(Ty::I64, None);
        self.b.set(base, old[0]);
        self.b.set(cap, old[2]);
        let new_len = self.b.add(old[1], count);
        let too_small = self.b.cmp(CmpOp::UGt, new_len, old[2]);
        let grow = self.b.cold_block();
        let store = self.b.new_block();
        self.b.branch(too_small, grow, store);
        self.b.switch_to(grow);
        let descriptor = self.descriptor(elem);
        let args = [old[0], new_len, old[2], count, descriptor];
        let name = if self.layout(elem).pointers { "runtime.growslice" } else { "runtime.growsliceNoPointers" };
        let grown = self.call_runtime(name, &args, &[Ty::I64, Ty::I64, Ty::I64]);
        self.b.set(base, grown[0]);
        self.b.set(cap, grown[2]);
        self.b.start(store);
        let base = self.b.get(base);
        let cap = self.b.get(cap);
        if size > 0 {
            let offset = self.b.mul_imm(old[1], size);
            let at = self.b.add(base, offset);
            match added {
                Added::Nothing => {}
                Added::Values(values) => {
                    for (i, value) in values.iter().enumerate() {
                        self.store_to(elem, value, at, i as i32 * size as i32, true);
                    }
                }
                Added::Slice(s, from_string) => {
                    let bytes = self.b.mul_imm(s[1], size);
                    if !from_string {
                        self.race_range(false, s[0], bytes);
                    }
                    self.race_range(true, at, bytes);
                    self.move_elements(elem, at, s[0], bytes);
                }
            }
        }
        Val::Scalars(vec![base, new_len, cap])
    }

    /// `m[key]`, and whether it was there when asked for.
    pub fn map_access(&mut self, map_type: TypeId, map: Value, key: &Val, comma_ok: bool) -> (Val, Option<Value>) {
        let Kind::Map { key: key_type, elem } = self.l.program.kind(map_type) else { return (Val::empty(), None) };
        let (suffix, mut args) = self.map_key(key_type, elem, key);
        let descriptor = self.descriptor(map_type);
        args.insert(0, map);
        args.insert(0, descriptor);
        let large = self.layout(elem).size > 1024;
        let wants_ok = comma_ok || large;
        let name = format!("runtime.mapaccess{}{suffix}", if wants_ok { 2 } else { 1 });
        let results: &[Ty] = if wants_ok { &[Ty::I64, Ty::I8] } else { &[Ty::I64] };
        let found = self.call_runtime(&name, &args, results);
        if !large {
            // A missing element is read from zeroed memory.
            let value = self.load_from(elem, found[0], 0, false);
            let value = self.settle(elem, value);
            return (value, found.get(1).copied());
        }
        let variable = self.hidden_variable(elem);
        let place = self.variable_place(&variable);
        let (yes, no, end) = (self.b.new_block(), self.b.new_block(), self.b.new_block());
        self.b.branch(found[1], yes, no);
        self.b.switch_to(yes);
        let value = self.load_from(elem, found[0], 0, false);
        self.initialise(elem, &place, &value);
        self.b.jump(end);
        self.b.switch_to(no);
        let zero = self.zero_value(elem);
        self.initialise(elem, &place, &zero);
        self.b.start(end);
        (self.load(elem, &place), Some(found[1]))
    }

    /// The address of `m[key]` for writing.
    pub fn map_assign(&mut self, map_type: TypeId, map: Value, key: &Val) -> Value {
        let Kind::Map { key: key_type, elem } = self.l.program.kind(map_type) else { return map };
        let (suffix, mut args) = self.map_key(key_type, elem, key);
        // Keys with pointers have assignment variants of their own in gc; the general one serves both.
        let suffix = if suffix == "_faststr" { suffix } else { "" };
        if suffix.is_empty() {
            args = vec![self.in_memory(key_type, key)];
        }
        let descriptor = self.descriptor(map_type);
        args.insert(0, map);
        args.insert(0, descriptor);
        self.call_runtime(&format!("runtime.mapassign{suffix}"), &args, &[Ty::I64])[0]
    }

    fn map_delete(&mut self, map_type: TypeId, map: Value, key: &Val) {
        let Kind::Map { key: key_type, .. } = self.l.program.kind(map_type) else { return };
        let key = self.in_memory(key_type, key);
        let descriptor = self.descriptor(map_type);
        self.call_runtime("runtime.mapdelete", &[descriptor, map, key], &[]);
    }

    /// The variant of a map's functions for a key type, and the key as its arguments. The descriptor's maps of large
    /// elements have no fast variants (`cmd/compile` mapfast: elements up to 128 bytes).
    fn map_key(&mut self, key_type: TypeId, elem: TypeId, key: &Val) -> (&'static str, Vec<Value>) {
        if self.has_fast_functions(key_type, elem)
            && let Val::Scalars(values) = key
        {
            match (self.l.program.kind(key_type), self.layout(key_type).size) {
                (Kind::String, _) => return ("_faststr", values.clone()),
                (_, 4) if values.len() == 1 => return ("_fast32", values.clone()),
                (_, 8) if values.len() == 1 => return ("_fast64", values.clone()),
                _ => {}
            }
        }
        ("", vec![self.in_memory(key_type, key)])
    }

    /// Whether a map's functions take the key by value.
    pub fn has_fast_functions(&mut self, key: TypeId, elem: TypeId) -> bool {
        let is_fast = match self.l.program.kind(key) {
            Kind::String => true,
            _ => matches!(self.layout(key).size, 4 | 8) && self.l.is_plain_memory(key),
        };
        is_fast && self.layout(elem).size <= 128
    }

    /// `<-ch`
    pub fn receive(&mut self, x: &'a Expr, elem: TypeId, comma_ok: bool) -> (Val, Option<Value>) {
        self.order(x);
        let chan = self.expr1(x);
        let layout = self.layout(elem);
        let addr = self.b.temp(layout.size, layout.align);
        let ok = if comma_ok {
            Some(self.call_runtime("runtime.chanrecv2", &[chan, addr], &[Ty::I8])[0])
        } else {
            self.call_runtime("runtime.chanrecv1", &[chan, addr], &[]);
            None
        };
        let value = match self.load_from(elem, addr, 0, false) {
            Val::Memory { addr, race, .. } => Val::Memory { addr, race, temporary: true },
            scalars => scalars,
        };
        (value, ok)
    }

    /// The sum of an address and a scaled index.
    pub fn indexed_address(&mut self, base: Value, index: Value, size: i64) -> Value {
        let offset = self.b.mul_imm(index, size);
        self.b.bin(BinOp::Add, base, offset)
    }
}
