//! Functions: blocks of instructions over values, locals and stack slots.
//!
//! *Values* are scalars assigned once, used only in blocks that their definition dominates. *Locals* are scalar variables
//! read by `GetLocal` and set by `SetLocal`; code generation puts them into SSA form (Braun et al. 2013, as
//! cranelift-frontend does), so the lowering needs no phis. *Slots* are memory in the frame. Go's aggregates are
//! flattened to scalars where small (see `gorace_abi::calling`), otherwise they are memory behind an address.

use crate::inst::{InstData, Sig, Term};
use crate::unit::{Place, SymbolId};
use gorace_base::Pos;

gorace_base::define_id!(
    /// A scalar assigned once.
    Value
);
gorace_base::define_id!(
    /// A scalar variable.
    LocalId
);
gorace_base::define_id!(
    /// Memory in the frame.
    SlotId
);
gorace_base::define_id!(
    /// A basic block; 0 is the entry.
    BlockId
);

/// Types of scalars. Booleans and comparison results are `I8` holding 0 or 1. Addresses are `I64`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ty {
    I8,
    I16,
    I32,
    I64,
    F32,
    F64,
}

impl Ty {
    /// Size in bytes.
    pub fn size(self) -> u32 {
        match self {
            Ty::I8 => 1,
            Ty::I16 => 2,
            Ty::I32 | Ty::F32 => 4,
            Ty::I64 | Ty::F64 => 8,
        }
    }

    /// Whether this is a floating-point type.
    pub fn is_float(self) -> bool {
        matches!(self, Ty::F32 | Ty::F64)
    }
}

/// A scalar variable.
#[derive(Debug, Clone)]
pub struct Local {
    pub ty: Ty,
    pub name: Option<smol_str::SmolStr>,
}

/// Memory in the frame.
#[derive(Debug, Clone)]
pub struct Slot {
    pub size: u64,
    pub align: u32,
}

/// A basic block.
#[derive(Debug, Clone, Default)]
pub struct Block {
    pub insts: Vec<InstData>,
    pub term: Option<Term>,
    pub term_place: Place,
    /// Holds panics and other unlikely ends.
    pub cold: bool,
}

/// An inlined call, for stack traces.
#[derive(Debug, Clone)]
pub struct InlineSite {
    /// The name of the function that was inlined.
    pub function: String,
    /// Where it was called.
    pub call: Place,
}

/// A function. Parameter i is `Value(i)`, defined at entry.
#[derive(Debug, Clone)]
pub struct Func {
    pub name: SymbolId,
    /// As stack traces print it (`main.(*T).f`, `main.f.func1`, `slices.Sort[...]`).
    pub go_name: String,
    pub pos: Pos,
    pub sig: Sig,
    pub values: Vec<Ty>,
    pub locals: Vec<Local>,
    pub slots: Vec<Slot>,
    pub blocks: Vec<Block>,
    pub inlines: Vec<InlineSite>,
    pub flags: FuncFlags,
}

/// Properties of a function.
#[derive(Debug, Clone, Copy, Default)]
pub struct FuncFlags {
    /// Other definitions of the same name are equal.
    pub mergeable: bool,
    /// No race checks in it.
    pub no_race: bool,
    /// A wrapper that stack traces leave out.
    pub wrapper: bool,
    /// No stack check at its entry (runs with little stack, or on the system stack).
    pub no_split: bool,
    /// Says `//go:noinline`, or must be a frame of its own.
    pub no_inline: bool,
    /// Takes no parameters, nor a receiver, in Go's sense.
    pub no_parameters: bool,
    /// Another package's function, here only to be inlined.
    pub foreign: bool,
}

impl Func {
    /// An empty function whose parameters are its first values.
    pub fn new(name: SymbolId, go_name: String, pos: Pos, sig: Sig) -> Func {
        let values = sig.params.clone();
        Func {
            name,
            go_name,
            pos,
            sig,
            values,
            locals: Vec::new(),
            slots: Vec::new(),
            blocks: vec![Block::default()],
            inlines: Vec::new(),
            flags: FuncFlags::default(),
        }
    }

    /// A new value of a type.
    pub fn value(&mut self, ty: Ty) -> Value {
        self.values.push(ty);
        Value(self.values.len() as u32 - 1)
    }

    /// A new variable.
    pub fn local(&mut self, ty: Ty, name: Option<smol_str::SmolStr>) -> LocalId {
        self.locals.push(Local { ty, name });
        LocalId(self.locals.len() as u32 - 1)
    }

    /// New memory in the frame.
    pub fn slot(&mut self, size: u64, align: u32) -> SlotId {
        self.slots.push(Slot { size, align });
        SlotId(self.slots.len() as u32 - 1)
    }

    /// A new, empty block.
    pub fn block(&mut self) -> BlockId {
        self.blocks.push(Block::default());
        BlockId(self.blocks.len() as u32 - 1)
    }
}
