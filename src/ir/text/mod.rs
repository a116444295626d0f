//! The text form of functions: `print` writes it (`gorace build --dump ir`), `parse` reads it back, and tests of passes are written in it.
//!
//! ```text
//! func main.sum (i64, i64) -> (i64) "main.sum" @7
//!   l0: i64 i
//!   s0: 16 align 8
//! b0:
//!   v2 = iconst.i64 0  @9
//!   set l0, v2
//!   v3 = load.i64 [v0+8] race aligned
//!   v4, v5 = call runtime.divide(v3, v1) : (i64, i64) -> (i64, i8)
//!   br v5, b1, b2
//! b1 cold:
//!   unreachable
//! b2:
//!   return v4
//! ```
//!
//! A line is an instruction. `@N` is a place (`@N/K`: within the inlined call K) and holds for the lines that follow, too. What
//! comes after `;` is for people. A name with other characters than letters, digits and `._:/*-` stands in quotation marks.

pub mod parse;
pub mod print;

use crate::func::{Func, Ty};
use crate::inst::{AtomicOp, BinOp, CmpOp, ConvOp, UnOp};
use crate::unit::Unit;

/// An operator or a type with its name in the text.
type Names<T> = &'static [(T, &'static str)];

const TYPES: Names<Ty> =
    &[(Ty::I8, "i8"), (Ty::I16, "i16"), (Ty::I32, "i32"), (Ty::I64, "i64"), (Ty::F32, "f32"), (Ty::F64, "f64")];

const BINARY: Names<BinOp> = &[
    (BinOp::Add, "add"),
    (BinOp::Sub, "sub"),
    (BinOp::Mul, "mul"),
    (BinOp::SDiv, "sdiv"),
    (BinOp::UDiv, "udiv"),
    (BinOp::SRem, "srem"),
    (BinOp::URem, "urem"),
    (BinOp::And, "and"),
    (BinOp::Or, "or"),
    (BinOp::Xor, "xor"),
    (BinOp::Shl, "shl"),
    (BinOp::LShr, "lshr"),
    (BinOp::AShr, "ashr"),
    (BinOp::RotL, "rotl"),
    (BinOp::UMulHigh, "umulhigh"),
    (BinOp::SMulHigh, "smulhigh"),
    (BinOp::FAdd, "fadd"),
    (BinOp::FSub, "fsub"),
    (BinOp::FMul, "fmul"),
    (BinOp::FDiv, "fdiv"),
];

const UNARY: Names<UnOp> = &[
    (UnOp::Neg, "neg"),
    (UnOp::Not, "not"),
    (UnOp::FNeg, "fneg"),
    (UnOp::FAbs, "fabs"),
    (UnOp::Sqrt, "sqrt"),
    (UnOp::Floor, "floor"),
    (UnOp::Ceil, "ceil"),
    (UnOp::Trunc, "trunc"),
    (UnOp::Nearest, "nearest"),
    (UnOp::Clz, "clz"),
    (UnOp::Ctz, "ctz"),
    (UnOp::Popcnt, "popcnt"),
    (UnOp::Bswap, "bswap"),
];

/// `cmp.NAME.type`
const COMPARISONS: Names<CmpOp> = &[
    (CmpOp::Eq, "eq"),
    (CmpOp::Ne, "ne"),
    (CmpOp::SLt, "slt"),
    (CmpOp::SLe, "sle"),
    (CmpOp::SGt, "sgt"),
    (CmpOp::SGe, "sge"),
    (CmpOp::ULt, "ult"),
    (CmpOp::ULe, "ule"),
    (CmpOp::UGt, "ugt"),
    (CmpOp::UGe, "uge"),
    (CmpOp::FEq, "feq"),
    (CmpOp::FNe, "fne"),
    (CmpOp::FLt, "flt"),
    (CmpOp::FLe, "fle"),
    (CmpOp::FGt, "fgt"),
    (CmpOp::FGe, "fge"),
];

/// `convert.NAME.from.to`
const CONVERSIONS: Names<ConvOp> = &[
    (ConvOp::SExt, "sext"),
    (ConvOp::ZExt, "zext"),
    (ConvOp::Trunc, "trunc"),
    (ConvOp::SToF, "stof"),
    (ConvOp::UToF, "utof"),
    (ConvOp::FToS, "ftos"),
    (ConvOp::FToU, "ftou"),
    (ConvOp::FToF, "ftof"),
    (ConvOp::Bitcast, "bitcast"),
];

/// Words of a slice, of which a load's `partN` says which it is.
const MOST_PARTS: u8 = 3;

/// `atomic.NAME.type`
const ATOMICS: Names<AtomicOp> =
    &[(AtomicOp::Add, "add"), (AtomicOp::And, "and"), (AtomicOp::Or, "or"), (AtomicOp::Xchg, "xchg")];

/// Whether a function comes back from its text.
///
/// # Errors
/// What the parser says, or the first line that comes back otherwise.
pub fn comes_back(unit: &mut Unit, f: &Func) -> Result<(), String> {
    let text = print::func(unit, f);
    let again = parse::funcs(unit, &text)?;
    let again: String = again.iter().map(|f| print::func(unit, f)).collect();
    match text.lines().zip(again.lines()).find(|(a, b)| a != b) {
        Some((a, b)) => Err(format!("{a:?} comes back as {b:?}")),
        None if text == again => Ok(()),
        None => Err("the text comes back shorter or longer".to_string()),
    }
}

fn name_of<T: PartialEq>(names: Names<T>, wanted: &T) -> &'static str {
    names.iter().find(|(t, _)| t == wanted).map_or("?", |(_, name)| name)
}

fn named<T: Copy>(names: Names<T>, wanted: &str) -> Option<T> {
    names.iter().find(|(_, name)| *name == wanted).map(|(t, _)| *t)
}

/// Whether a name can stand without quotation marks.
fn is_plain(name: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "._:/*-".contains(c);
    !name.is_empty() && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each kind.
    const ALL: &str = r#"func main.all (i64, f64) -> (i64, i8) "main.all[...]" @7 mergeable norace wrapper nosplit noinline foreign
  inlined "a \"b\"\\" @12
  inlined "c" @13/1
  l0: i64 i
  l1: f32
  s0: 16 align 8
b0:
  v2 = context  @9
  v3 = iconst.i64 -5
  v4 = fconst.f64 0x4000000000000000
  v5 = symbol "type:map[string]int"+8  @10/1
  v6 = slot s0+8
  v7 = add.i64 v3, v0
  v8 = neg.i64 v7  @11
  v9 = cmp.slt.i64 v7, v8
  v10 = convert.zext.i8.i64 v9
  v11 = select.i64 v9, v7, v8
  v12 = fma.f64 v1, v4, v4
  v13 = load.i64 [v0+8] race update aligned part2
  store.i64 v13, [v0-8] race aligned plain
  copy 24 align 8, v0 race <- v6
  zero 16 align 8, v6 plain
  nilcheck v0
  racecheck write 8 [v0+16]
  racecheck read 4 [v0+0]
  v14 = get l0
  set l0, v14
  v15 = goroutine
  v16 = framepointer
  v17 = setjump s0
  preempt
  v18 = atomicload.i64 [v0]
  atomicstore.i64 v18, [v0]
  v19 = atomic.add.i64 [v0], v18
  v20 = atomiccas.i64 [v0], v18, v19
  v21, v22 = call "slices.Sort[[]int]"(v0, v1) : (i64, f64) -> (i64, i8)
  call code v5() : () -> ()
  call closure v5(v0) : (i64) -> ()
  br v9, b1, b2
b1 cold:
  unreachable
b2:
  switch v11, [1: b1, -2: b2], b3
b3:
  jump b4
b4:
  return v11, v22
"#;

    #[test]
    fn each_instruction_comes_back() {
        let mut unit = Unit::default();
        let funcs = parse::funcs(&mut unit, ALL).expect("it parses");
        assert_eq!(funcs.len(), 1);
        assert_eq!(print::func(&unit, &funcs[0]), ALL);
        assert_eq!(crate::verify::func(&funcs[0]), Vec::<String>::new());
    }

    #[test]
    fn what_does_not_parse_names_its_line() {
        let wrong = |text: &str| parse::funcs(&mut Unit::default(), text).expect_err("it is wrong");
        assert_eq!(wrong("func f () -> ()\nb0:\n  v0 = iconst.i9 1\n"), "line 3: no type i9");
        assert_eq!(wrong("func f () -> ()\nb0:\n  v0 = frob v1\n"), "line 3: no instruction frob");
        assert_eq!(wrong("  preempt\n"), "line 1: a function comes first");
        assert_eq!(wrong("func f () -> ()\n  preempt\n"), "line 2: a block comes first");
        assert_eq!(wrong("func f () -> ()\nb0:\n  set l0 v1\n"), "line 3: expected ',', found v1");
        assert_eq!(wrong("func f () -> ()\nb0:\n  set l0, v1 v2\n"), "line 3: v2 is too much");
    }
}
