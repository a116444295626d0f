//! What is declared, and what the checker learns of a package: objects, scopes, and facts of expressions by `NodeId`.

use crate::basic::Basic;
use crate::constant::Const;
use crate::hash::HashMap;
use crate::store::{ObjId, PkgId, ScopeId, TypeId};
use gorace_base::Pos;
use gorace_syntax::ast::{File, Name, NodeId};
use std::rc::Rc;
use std::sync::Arc;

gorace_base::define_listed!(
    /// The builtin functions.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Builtin {
        Append,
        Cap,
        Clear,
        Close,
        Complex,
        Copy,
        Delete,
        Imag,
        Len,
        Make,
        Max,
        Min,
        New,
        Panic,
        Print,
        Println,
        Real,
        Recover,
        UnsafeAdd,
        Alignof,
        Offsetof,
        Sizeof,
        UnsafeSlice,
        UnsafeSliceData,
        UnsafeString,
        UnsafeStringData,
    }
);

/// What an object is.
#[derive(Debug, Clone, PartialEq)]
pub enum ObjKind {
    Package(PkgId),
    Const(Const),
    TypeName { alias: bool },
    Var { is_field: bool, is_param: bool },
    Func,
    Builtin(Builtin),
    Nil,
    Label,
}

/// Where a package-level object is declared: indices into the package's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeclRef {
    pub file: u32,
    pub decl: u32,
    /// Which name of the declaration.
    pub name: u32,
}

/// How far an object's declaration has been resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    White,
    Grey,
    Black,
}

/// A declared thing.
#[derive(Debug, Clone)]
pub struct Object {
    pub kind: ObjKind,
    pub name: Name,
    pub pkg: Option<PkgId>,
    pub ty: TypeId,
    pub pos: Pos,
    pub used: bool,
    /// For package-level objects (and methods).
    pub decl: Option<DeclRef>,
    pub color: Color,
    /// A method's receiver type, pointer included.
    pub receiver: Option<TypeId>,
    /// Declared at package level.
    pub global: bool,
    /// Type parameters of a generic alias.
    pub alias_params: Rc<[TypeId]>,
}

/// Names of a block.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    pub parent: Option<ScopeId>,
    pub names: HashMap<Name, ObjId>,
}

gorace_base::define_listed!(
    /// What an expression denotes.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub enum Mode {
        /// Nothing was recorded, or it is erroneous.
        #[default]
        Invalid,
        NoValue,
        Builtin,
        TypeExpr,
        Constant,
        /// Addressable.
        Variable,
        MapIndex,
        Value,
        Nil,
        /// A value that can also give a second result, ok.
        CommaOk,
    }
);

/// What was found out about an expression.
#[derive(Debug, Clone, Copy)]
pub struct TypeAndMode {
    pub mode: Mode,
    pub ty: TypeId,
}

impl Default for TypeAndMode {
    fn default() -> Self {
        TypeAndMode { mode: Mode::Invalid, ty: Basic::Invalid.id() }
    }
}

/// What a selector selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelectionKind {
    Field,
    Method,
    MethodExpr,
}

/// A selector expression that is not a qualified identifier.
#[derive(Debug, Clone)]
pub struct Selection {
    pub kind: SelectionKind,
    /// The type of `x` in `x.f`.
    pub recv: TypeId,
    /// Fields to follow; for `Field` the last is the field itself, for methods the embedded fields before it.
    pub path: Vec<u32>,
    /// A pointer was followed on the way.
    pub indirect: bool,
    pub name: Name,
    /// The package of a name that is not exported.
    pub pkg: Option<PkgId>,
    /// The declared method (of the generic type, for an instance); absent for interface methods.
    pub method: Option<ObjId>,
    /// The declared method has a pointer receiver.
    pub pointer_receiver: bool,
}

/// Type arguments of an instantiated function.
#[derive(Debug, Clone)]
pub struct Instance {
    pub targs: Rc<[TypeId]>,
}

/// What the checker learnt of a file, by `NodeId`.
#[derive(Debug, Clone, Default)]
pub struct FileInfo {
    pub types: Vec<TypeAndMode>,
    pub constants: HashMap<NodeId, Const>,
    /// Definitions and uses of identifiers.
    pub objects: HashMap<NodeId, ObjId>,
    /// Identifiers that define (and don't just use) their object.
    pub definitions: crate::hash::HashSet<NodeId>,
    pub selections: HashMap<NodeId, Rc<Selection>>,
    pub instances: HashMap<NodeId, Instance>,
    pub builtins: HashMap<NodeId, Builtin>,
    /// Variables of type-switch clauses, by the clause's position.
    pub implicits: HashMap<Pos, ObjId>,
}

/// An initialisation of package variables, in the order of execution.
#[derive(Debug, Clone)]
pub struct Initializer {
    pub lhs: Vec<ObjId>,
    pub file: usize,
    pub decl: usize,
    /// Which of the declaration's values; 0 with several variables for a multi-valued one.
    pub value: usize,
}

/// A package; the default is an empty one.
#[derive(Debug, Clone, Default)]
pub struct Package {
    pub path: String,
    pub name: Name,
    pub files: Vec<Arc<File>>,
    pub info: Vec<FileInfo>,
    pub scope: ScopeId,
    pub imports: Vec<PkgId>,
    pub init_order: Vec<Initializer>,
    /// Functions and methods in source order, `init`s and blank ones included.
    pub funcs: Vec<ObjId>,
    /// `//go:linkname local target` lines.
    pub linknames: Rc<HashMap<String, String>>,
    /// The language version, as N of 1.N.
    pub go_minor: u32,
    pub is_std: bool,
}
