//! The instructions. Each doc line gives the meaning, the printed form and whether it may race.

use crate::func::{BlockId, LocalId, SlotId, Ty, Value};
use crate::unit::{Place, SymbolId};

/// Scalars in, scalars out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Sig {
    pub params: Vec<Ty>,
    pub results: Vec<Ty>,
}

/// An instruction with its results and its place in the source.
#[derive(Debug, Clone)]
pub struct InstData {
    pub inst: Inst,
    /// Values it defines: none or one, a call any number.
    pub results: Vec<Value>,
    pub place: Place,
}

/// How an access to memory takes part in race detection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Access {
    /// Wants a race check of exactly this access. Cleared for memory that no other goroutine can reach.
    pub race: bool,
    /// Of a load: the check is of a write to the same place as well, which follows and wants none itself.
    pub update: bool,
    /// The address is known to be a multiple of the access's size.
    pub aligned: bool,
    /// No pointer is moved.
    pub plain: bool,
    /// Of a checked load: which word of a string, slice, interface or complex number it is, from 1 on. Whoever writes one of them
    /// writes all. 0 for what is written by itself.
    pub part: u8,
}

#[derive(Debug, Clone)]
pub enum Inst {
    /// `v = iconst.ty n`
    Int { ty: Ty, value: i64 },
    /// `v = fconst.ty bits` (the bits of an f32 in the low half)
    Float { ty: Ty, bits: u64 },
    /// `v = symbol name+offset`: an address in the image.
    SymbolAddr { symbol: SymbolId, offset: i64 },
    /// `v = slot s+offset`: an address in the frame.
    SlotAddr { slot: SlotId, offset: i64 },
    /// `v = op.ty a, b`
    Bin { op: BinOp, ty: Ty, a: Value, b: Value },
    /// `v = op.ty a`
    Un { op: UnOp, ty: Ty, a: Value },
    /// `v = cmp op.ty a, b`: I8 0 or 1. For floats every operator but `Ne` is false on NaN.
    Cmp { op: CmpOp, ty: Ty, a: Value, b: Value },
    /// `v = op.from.to a`
    Convert { op: ConvOp, from: Ty, to: Ty, a: Value },
    /// `v = select.ty c, a, b`
    Select { ty: Ty, cond: Value, a: Value, b: Value },
    /// `v = fma.ty a, b, c`: a*b+c with one rounding.
    Fma { ty: Ty, a: Value, b: Value, c: Value },
    /// `v = load.ty [addr+offset]`: may race (read). A fault at an address below 4096 is a nil dereference.
    Load { ty: Ty, addr: Value, offset: i32, access: Access },
    /// `store.ty x, [addr+offset]`: may race (write).
    Store { ty: Ty, value: Value, addr: Value, offset: i32, access: Access },
    /// `copy size, dst <- src`: the two don't overlap or are equal. May race (range read of src, range write of dst).
    Copy { dst: Value, src: Value, size: u64, align: u32, dst_access: Access, src_access: Access },
    /// `zero size, dst`: may race (range write).
    Zero { dst: Value, size: u64, align: u32, access: Access },
    /// `v = nilcheck addr`-like: faults as a nil dereference when `addr` is below 4096; no result.
    NilCheck { addr: Value },
    /// `racecheck read|write size [addr+offset]`: only the check, for an access done elsewhere or merged.
    RaceCheck { write: bool, addr: Value, offset: i32, size: u64 },
    /// `v = get l`
    GetLocal { local: LocalId },
    /// `set l, v`
    SetLocal { local: LocalId, value: Value },
    /// `v… = call f(args)`
    Call { callee: Callee, sig: Sig, args: Vec<Value> },
    /// `v = context`: the func value through which this function was called; only at the start of the entry block.
    ClosureContext,
    /// `v = goroutine`: the address of the goroutine header.
    Goroutine,
    /// `v = framepointer`: this function's frame pointer (`[v]` is the caller's, `[v+8]` the return address).
    FramePointer,
    /// `v = setjump slot`: see `gorace_abi::deferframe`; I32 0 at first, 1 when returned to.
    SetJump { slot: SlotId },
    /// Loop back-edge: counts the goroutine's budget down and yields below zero.
    Preempt,
    /// `v = atomicload.ty [addr]`, sequentially consistent, no race check.
    AtomicLoad { ty: Ty, addr: Value },
    /// `atomicstore.ty x, [addr]`
    AtomicStore { ty: Ty, addr: Value, value: Value },
    /// `v = atomicop.ty [addr], x`: gives the old value.
    AtomicRmw { op: AtomicOp, ty: Ty, addr: Value, value: Value },
    /// `v = atomiccas.ty [addr], old, new`: gives the value that was there.
    AtomicCas { ty: Ty, addr: Value, old: Value, new: Value },
}

impl Inst {
    /// Whether it computes in registers: it neither reads nor writes memory, cannot panic, and lets nobody else run.
    pub fn computes(&self) -> bool {
        use Inst::*;
        let names = matches!(self, Int { .. } | Float { .. } | SymbolAddr { .. } | SlotAddr { .. });
        let variables = matches!(self, GetLocal { .. } | SetLocal { .. });
        let arithmetic =
            matches!(self, Bin { .. } | Un { .. } | Cmp { .. } | Convert { .. } | Select { .. } | Fma { .. });
        names || variables || arithmetic
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtomicOp {
    Add,
    And,
    Or,
    Xchg,
}

/// What is called.
#[derive(Debug, Clone)]
pub enum Callee {
    /// A symbol: a Go function, a native, or a helper of the runtime.
    Symbol(SymbolId),
    /// Code at an address that takes no closure context (itab and method entries).
    Code(Value),
    /// A func value: stores it as the closure context, loads its code and calls it; nil faults as a nil dereference.
    Closure(Value),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinOp {
    Add,
    Sub,
    Mul,
    /// Signed division; the lowering has excluded zero; the most negative number by -1 gives itself.
    SDiv,
    UDiv,
    SRem,
    URem,
    And,
    Or,
    Xor,
    /// Shifts take an amount of the same type that the lowering has made smaller than the width.
    Shl,
    LShr,
    AShr,
    RotL,
    /// High half of the 128-bit product.
    UMulHigh,
    SMulHigh,
    FAdd,
    FSub,
    FMul,
    FDiv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnOp {
    Neg,
    /// All bits flipped.
    Not,
    FNeg,
    FAbs,
    Sqrt,
    Floor,
    Ceil,
    Trunc,
    /// To nearest, ties to even.
    Nearest,
    /// Leading zeros; the width for zero.
    Clz,
    Ctz,
    Popcnt,
    Bswap,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CmpOp {
    Eq,
    Ne,
    SLt,
    SLe,
    SGt,
    SGe,
    ULt,
    ULe,
    UGt,
    UGe,
    FEq,
    FNe,
    FLt,
    FLe,
    FGt,
    FGe,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConvOp {
    SExt,
    ZExt,
    Trunc,
    /// Signed integer to float.
    SToF,
    UToF,
    /// Float to signed integer as amd64's cvttsd2si does (out of range: the most negative number).
    FToS,
    /// Float to uint64 as gc does on amd64.
    FToU,
    /// f32 to f64 or back.
    FToF,
    Bitcast,
}

/// How a block ends.
#[derive(Debug, Clone)]
pub enum Term {
    Jump(BlockId),
    /// `br c, then, else`: not zero means then.
    Branch {
        cond: Value,
        then: BlockId,
        els: BlockId,
    },
    /// `switch v, [k: block…], default` over an I64.
    Switch {
        value: Value,
        cases: Vec<(i64, BlockId)>,
        default: BlockId,
    },
    Return(Vec<Value>),
    /// After a call that does not return.
    Unreachable,
}
