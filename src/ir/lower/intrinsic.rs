//! Calls that become instructions: what gc treats as intrinsics on amd64, and the hooks of our package runtime.

use super::function::FunctionLowerer;
use super::value::Val;
use crate::func::{Ty, Value};
use crate::inst::{AtomicOp, BinOp, CmpOp, Inst, UnOp};
use gorace_syntax::ast::{Expr, ExprKind};
use gorace_types::TypeId;

/// What the symbols of the runtime's atomic operations begin with.
const RUNTIME_ATOMIC: &str = "internal/runtime/atomic.";

impl<'a> FunctionLowerer<'_, 'a> {
    /// The results of an intrinsic call, or nothing when the callee is none.
    pub fn intrinsic(&mut self, callee: &'a Expr, args: &'a [Expr], e: &'a Expr) -> Option<Vec<(TypeId, Val)>> {
        let id = match &callee.kind {
            ExprKind::Name(_) => callee.id,
            ExprKind::Selector { sel, .. }
                if self.l.program.selection(self.env.pkg, self.env.file, callee.id).is_none() =>
            {
                sel.id
            }
            _ => return None,
        };
        let obj = self.object(id)?;
        if !self.l.program.is_function(obj) {
            return None;
        }
        let pkg = self.l.program.object_package(obj)?;
        let mut path = self.l.program.package_path(pkg);
        let mut name = self.l.program.object_name(obj);
        // Another name for one of these: Go 1.26's sync declares two so.
        if let Some(atomic) = self.l.linknames_of(pkg).get(name.as_str()).and_then(|t| t.strip_prefix(RUNTIME_ATOMIC)) {
            (path, name) = (RUNTIME_ATOMIC.trim_end_matches('.').to_string(), atomic.into());
        }
        let ty = self.type_of(e);
        match (path.as_str(), name.as_str()) {
            ("runtime", "getg") => {
                let g = self.b.emit1(Ty::I64, Inst::Goroutine);
                Some(vec![(ty, Val::Scalars(vec![g]))])
            }
            ("runtime", "getfp") => {
                let fp = self.b.emit1(Ty::I64, Inst::FramePointer);
                Some(vec![(ty, Val::Scalars(vec![fp]))])
            }
            ("runtime", "getcallerpc") | ("internal/runtime/sys", "GetCallerPC") => {
                let fp = self.b.emit1(Ty::I64, Inst::FramePointer);
                let pc = self.b.load_private(Ty::I64, fp, 8);
                Some(vec![(ty, Val::Scalars(vec![pc]))])
            }
            ("internal/runtime/sys", "GetCallerSP") => {
                let fp = self.b.emit1(Ty::I64, Inst::FramePointer);
                let sp = self.b.add_imm(fp, 16);
                Some(vec![(ty, Val::Scalars(vec![sp]))])
            }
            ("internal/runtime/sys", "GetClosurePtr") => {
                let context = self.b.emit1(Ty::I64, Inst::ClosureContext);
                Some(vec![(ty, Val::Scalars(vec![context]))])
            }
            ("internal/abi", "FuncPCABI0" | "FuncPCABIInternal") => {
                let Val::Scalars(v) = self.func_pc_argument(&args[0]) else { return None };
                let code = self.b.load_private(Ty::I64, v[0], 0);
                Some(vec![(ty, Val::Scalars(vec![code]))])
            }
            // Booleans are 0 or 1 already.
            ("crypto/internal/constanttime", "boolToUint8") => {
                let value = self.expr(&args[0]);
                Some(vec![(ty, value)])
            }
            // Only says something to escape analysis.
            ("internal/abi", "EscapeNonString") => {
                self.expr(&args[0]);
                Some(Vec::new())
            }
            ("internal/runtime/atomic", name) => self.runtime_atomic(name, args, ty),
            ("math", _) | ("math/bits", _) | ("internal/runtime/sys", _) | ("internal/runtime/math", _) => {
                self.arithmetic_intrinsic(&path, &name, args, ty)
            }
            _ => None,
        }
    }

    /// The func value inside the `any` argument.
    fn func_pc_argument(&mut self, arg: &'a Expr) -> Val {
        self.expr(arg)
    }

    /// internal/runtime/atomic: sequentially consistent, no race checks.
    fn runtime_atomic(&mut self, name: &str, args: &'a [Expr], ty: TypeId) -> Option<Vec<(TypeId, Val)>> {
        let width = |name: &str| {
            if name.ends_with('8') {
                Ty::I8
            } else if name.ends_with("64")
                || name.ends_with("uintptr")
                || name.ends_with('p')
                || name.contains("uint") && !name.contains("32")
                || name.contains("1p")
                || name.ends_with("p1")
            {
                Ty::I64
            } else {
                Ty::I32
            }
        };
        let declared = matches!(
            name,
            "Load"
                | "Load8"
                | "Load64"
                | "LoadAcq"
                | "LoadAcq64"
                | "LoadAcquintptr"
                | "Loadp"
                | "Loaduint"
                | "Loaduintptr"
                | "Loadint32"
                | "Loadint64"
                | "Store"
                | "Store8"
                | "Store64"
                | "StoreRel"
                | "StoreRel64"
                | "StoreReluintptr"
                | "Storeuintptr"
                | "Storeint32"
                | "Storeint64"
                | "StorepNoWB"
                | "Xadd"
                | "Xadd64"
                | "Xaddint32"
                | "Xaddint64"
                | "Xadduintptr"
                | "Xchg"
                | "Xchg8"
                | "Xchg64"
                | "Xchgint32"
                | "Xchgint64"
                | "Xchguintptr"
                | "Cas"
                | "Cas64"
                | "CasRel"
                | "Casint32"
                | "Casint64"
                | "Casuintptr"
                | "Casp1"
                | "And8"
                | "Or8"
                | "And"
                | "Or"
                | "And32"
                | "Or32"
                | "And64"
                | "Or64"
                | "Anduintptr"
                | "Oruintptr"
                | "storePointer"
                | "casPointer"
        );
        if !declared || args.is_empty() {
            return None;
        }
        let wide = matches!(name, "Loadp" | "StorepNoWB" | "Casp1" | "storePointer" | "casPointer" | "Loaduint");
        let scalar = if wide { Ty::I64 } else { width(name) };
        let addr = self.expr1(&args[0]);
        let mut rest = Vec::new();
        for arg in &args[1..] {
            rest.push(self.expr1(arg));
        }
        let one = |v: Value| Some(vec![(ty, Val::Scalars(vec![v]))]);
        if name.starts_with("Load") {
            let v = self.b.emit1(scalar, Inst::AtomicLoad { ty: scalar, addr });
            return one(v);
        }
        if name.starts_with("Store") || name == "storePointer" {
            self.b.emit(Inst::AtomicStore { ty: scalar, addr, value: rest[0] });
            return Some(Vec::new());
        }
        if name.starts_with("Cas") || name == "casPointer" {
            let was = self.b.emit1(scalar, Inst::AtomicCas { ty: scalar, addr, old: rest[0], new: rest[1] });
            let same = self.b.cmp(CmpOp::Eq, was, rest[0]);
            return one(same);
        }
        let op = match &name[..2] {
            "Xa" => AtomicOp::Add,
            "Xc" => AtomicOp::Xchg,
            "An" => AtomicOp::And,
            _ => AtomicOp::Or,
        };
        let old = self.b.emit1(scalar, Inst::AtomicRmw { op, ty: scalar, addr, value: rest[0] });
        match (op, name) {
            (AtomicOp::Add, _) => {
                let new = self.b.add(old, rest[0]);
                one(new)
            }
            (AtomicOp::And | AtomicOp::Or, "And8" | "Or8" | "And" | "Or") => Some(Vec::new()),
            _ => one(old),
        }
    }

    fn arithmetic_intrinsic(
        &mut self,
        path: &str,
        name: &str,
        args: &'a [Expr],
        ty: TypeId,
    ) -> Option<Vec<(TypeId, Val)>> {
        let one = |v: Value| Some(vec![(ty, Val::Scalars(vec![v]))]);
        let float = match (path, name) {
            ("math", "sqrt" | "Sqrt") => Some(UnOp::Sqrt),
            ("math", "Floor" | "floor") => Some(UnOp::Floor),
            ("math", "Ceil" | "ceil") => Some(UnOp::Ceil),
            ("math", "Trunc" | "trunc") => Some(UnOp::Trunc),
            ("math", "RoundToEven") => Some(UnOp::Nearest),
            ("math", "Abs") => Some(UnOp::FAbs),
            _ => None,
        };
        if let Some(op) = float {
            let f64_type = gorace_types::Basic::Float64.id();
            let v = self.float_argument(&args[0], f64_type);
            let v = self.b.un(op, v);
            return one(v);
        }
        let bit_width = |name: &str| -> i64 {
            if name.ends_with("64") {
                64
            } else if name.ends_with("32") {
                32
            } else if name.ends_with("16") {
                16
            } else if name.ends_with('8') {
                8
            } else {
                64
            }
        };
        match (path, name) {
            (
                "math/bits" | "internal/runtime/sys",
                "TrailingZeros" | "TrailingZeros64" | "TrailingZeros32" | "TrailingZeros16" | "TrailingZeros8",
            ) => {
                let v = self.expr1(&args[0]);
                let v = self.b.un(UnOp::Ctz, v);
                let v = self.b.resize(v, Ty::I64, false);
                one(v)
            }
            (
                "math/bits" | "internal/runtime/sys",
                "LeadingZeros" | "LeadingZeros64" | "LeadingZeros32" | "LeadingZeros16" | "LeadingZeros8",
            ) => {
                let v = self.expr1(&args[0]);
                let v = self.b.un(UnOp::Clz, v);
                let v = self.b.resize(v, Ty::I64, false);
                one(v)
            }
            ("math/bits" | "internal/runtime/sys", "Len" | "Len64" | "Len32" | "Len16" | "Len8") => {
                let v = self.expr1(&args[0]);
                let v = self.b.un(UnOp::Clz, v);
                let v = self.b.resize(v, Ty::I64, false);
                let bits = self.b.i64(bit_width(name));
                let v = self.b.bin(BinOp::Sub, bits, v);
                one(v)
            }
            (
                "math/bits" | "internal/runtime/sys",
                "OnesCount" | "OnesCount64" | "OnesCount32" | "OnesCount16" | "OnesCount8",
            ) => {
                let v = self.expr1(&args[0]);
                let v = self.b.un(UnOp::Popcnt, v);
                let v = self.b.resize(v, Ty::I64, false);
                one(v)
            }
            ("math/bits", "ReverseBytes64" | "ReverseBytes32") | ("internal/runtime/sys", "Bswap64" | "Bswap32") => {
                let v = self.expr1(&args[0]);
                let v = self.b.un(UnOp::Bswap, v);
                one(v)
            }
            ("math/bits", "Mul64" | "Mul") | ("internal/runtime/math", "Mul64") => {
                let a = self.expr1(&args[0]);
                let b = self.expr1(&args[1]);
                let high = self.b.bin(BinOp::UMulHigh, a, b);
                let low = self.b.bin(BinOp::Mul, a, b);
                let word = gorace_types::Basic::Uint64.id();
                Some(vec![(word, Val::Scalars(vec![high])), (word, Val::Scalars(vec![low]))])
            }
            ("internal/runtime/sys", "Prefetch" | "PrefetchStreamed") => {
                self.expr1(&args[0]);
                Some(Vec::new())
            }
            _ => None,
        }
    }

    fn float_argument(&mut self, e: &'a Expr, ty: TypeId) -> Value {
        match self.l.program.constant(self.env.pkg, self.env.file, e.id) {
            Some(value) => self.constant(&value, ty).one(),
            None => self.expr1(e),
        }
    }
}
