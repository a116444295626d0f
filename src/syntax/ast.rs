//! The syntax tree of a Go file (Go spec, all chapters up to "Statements").
//!
//! One enum a category; nodes own their children. Each expression has a `NodeId`, dense within its file, by which the
//! checker keeps what it learns in side tables: the tree itself is never changed after parsing. `pos` is where a node
//! starts; operator and bracket positions are kept where gc reports errors at them.

use gorace_base::{FileId, Pos};

/// An identifier's text.
pub type Name = smol_str::SmolStr;

gorace_base::define_id!(
    /// An expression, numbered densely within its file from 0.
    NodeId
);

/// A parsed file.
#[derive(Debug, Clone)]
pub struct File {
    pub id: FileId,
    /// Position of the word `package`.
    pub pos: Pos,
    pub package: Ident,
    pub decls: Vec<Decl>,
    /// `//go:` directives and `//line`-free pragma comments, in source order.
    pub directives: Vec<Directive>,
    /// Directives that belong to no such declaration as stands behind them, and the messages that gc has for them.
    pub misplaced: Vec<(Pos, &'static str)>,
    /// The language version of a `//go:build go1.N` line, as `(1, N)`.
    pub go_version: Option<(u32, u32)>,
    /// Position of the end of the file.
    pub end: Pos,
    /// How many `NodeId`s the file uses.
    pub node_count: u32,
}

/// A comment of the form `//go:verb args` (also `//export`, `//gorace:`).
#[derive(Debug, Clone)]
pub struct Directive {
    pub pos: Pos,
    /// The text after `//`, such as `go:linkname a b`.
    pub text: Name,
}

/// An identifier. `id` numbers it among the file's expressions, so that defining identifiers have table entries too.
#[derive(Debug, Clone)]
pub struct Ident {
    pub id: NodeId,
    pub pos: Pos,
    pub name: Name,
}

#[derive(Debug, Clone)]
pub enum Decl {
    Import(ImportDecl),
    Const(ConstDecl),
    Type(TypeDecl),
    Var(VarDecl),
    Func(Box<FuncDecl>),
}

/// One import spec (a group is flattened; likewise for the other declarations).
#[derive(Debug, Clone)]
pub struct ImportDecl {
    pub pos: Pos,
    /// `.`, `_` or a name.
    pub name: Option<Ident>,
    pub path: BasicLit,
}

/// One constant spec. Specs of one group share `group`; an omitted type and value list repeats the last one given,
/// which the checker resolves through `inherited`.
#[derive(Debug, Clone)]
pub struct ConstDecl {
    pub pos: Pos,
    pub names: Vec<Ident>,
    pub ty: Option<Expr>,
    pub values: Vec<Expr>,
    /// The value of `iota`.
    pub iota: u32,
    /// For a spec without type and values: how many specs back in the same group the ones to repeat stand.
    pub inherited: Option<u32>,
}

#[derive(Debug, Clone)]
pub struct TypeDecl {
    pub pos: Pos,
    pub name: Ident,
    pub type_params: Vec<Field>,
    /// Position of the `=` of an alias declaration.
    pub alias: Option<Pos>,
    pub ty: Expr,
    pub directives: Vec<Directive>,
}

#[derive(Debug, Clone)]
pub struct VarDecl {
    pub pos: Pos,
    pub names: Vec<Ident>,
    pub ty: Option<Expr>,
    pub values: Vec<Expr>,
    /// `//go:embed`, `//go:linkname` lines directly above.
    pub directives: Vec<Directive>,
}

#[derive(Debug, Clone)]
pub struct FuncDecl {
    /// Position of the word `func`.
    pub pos: Pos,
    /// The receiver; a parameter list with other than one entry is reported by the parser or checker.
    pub receiver: Option<Vec<Field>>,
    pub name: Ident,
    pub type_params: Vec<Field>,
    pub ty: FuncType,
    pub body: Option<Block>,
    /// The `//go:` lines directly above (`noinline`, `nosplit`, `norace`, `linkname`, …).
    pub directives: Vec<Directive>,
}

/// A parameter, result, receiver, type parameter: one entry for each name (types are cloned by reference: see `Expr::id`
/// equality), or one without a name.
#[derive(Debug, Clone)]
pub struct Field {
    pub pos: Pos,
    pub name: Option<Ident>,
    /// The type; entries that share one written type (`a, b int`) hold clones with the same `id`.
    pub ty: Expr,
}

/// A parameter list and results.
#[derive(Debug, Clone)]
pub struct FuncType {
    /// Position of `func`, or of the name in a method specification.
    pub pos: Pos,
    /// The last one's type may be `ExprKind::Ellipsis`.
    pub params: Vec<Field>,
    pub results: Vec<Field>,
    /// Position just after the signature.
    pub end: Pos,
}

#[derive(Debug, Clone)]
pub struct Expr {
    pub id: NodeId,
    /// Where the expression starts.
    pub pos: Pos,
    pub kind: ExprKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LitKind {
    Int,
    Float,
    Imag,
    Char,
    String,
}

#[derive(Debug, Clone)]
pub struct BasicLit {
    pub pos: Pos,
    pub kind: LitKind,
    /// The literal as written, quotes included.
    pub text: Name,
    /// Malformed: the scanner has reported it.
    pub bad: bool,
}

#[derive(Debug, Clone)]
pub enum ExprKind {
    /// A place where an expression was expected; reported by the parser.
    Bad,
    Name(Name),
    Lit(BasicLit),
    /// `T{…}`; `ty` is absent for an elided inner type.
    CompositeLit {
        ty: Option<Box<Expr>>,
        lbrace: Pos,
        elems: Vec<Element>,
        rbrace: Pos,
    },
    FuncLit(Box<FuncLit>),
    Paren(Box<Expr>),
    Selector {
        x: Box<Expr>,
        sel: Ident,
    },
    /// `x[i]`, or an instantiation `x[T1, T2]`.
    Index {
        x: Box<Expr>,
        lbrack: Pos,
        indices: Vec<Expr>,
        rbrack: Pos,
    },
    Slice {
        x: Box<Expr>,
        lbrack: Pos,
        lo: Option<Box<Expr>>,
        hi: Option<Box<Expr>>,
        max: Option<Box<Expr>>,
        full: bool,
        rbrack: Pos,
    },
    /// `x.(T)`; `ty` is absent for `x.(type)`.
    TypeAssert {
        x: Box<Expr>,
        lparen: Pos,
        ty: Option<Box<Expr>>,
    },
    Call {
        fun: Box<Expr>,
        lparen: Pos,
        args: Vec<Expr>,
        ellipsis: Option<Pos>,
        rparen: Pos,
    },
    /// `*x`: a dereference or a pointer type.
    Star(Box<Expr>),
    Unary {
        op: UnaryOp,
        x: Box<Expr>,
    },
    Binary {
        op: BinaryOp,
        op_pos: Pos,
        x: Box<Expr>,
        y: Box<Expr>,
    },
    /// `...T` as the type of a last parameter, `[...]T`'s length.
    Ellipsis(Option<Box<Expr>>),
    ArrayType {
        len: Box<Expr>,
        elem: Box<Expr>,
    },
    SliceType(Box<Expr>),
    StructType(StructType),
    FuncType(Box<FuncType>),
    InterfaceType(InterfaceType),
    MapType {
        key: Box<Expr>,
        value: Box<Expr>,
    },
    ChanType {
        dir: ChanDir,
        elem: Box<Expr>,
    },
}

#[derive(Debug, Clone)]
pub struct Element {
    pub key: Option<Expr>,
    pub value: Expr,
}

#[derive(Debug, Clone)]
pub struct FuncLit {
    pub ty: FuncType,
    pub body: Block,
}

#[derive(Debug, Clone)]
pub struct StructType {
    pub fields: Vec<StructField>,
    pub rbrace: Pos,
}

/// One field (a list `a, b T` is flattened; clones of `ty` share the id).
#[derive(Debug, Clone)]
pub struct StructField {
    pub pos: Pos,
    /// Absent for an embedded field.
    pub name: Option<Ident>,
    pub ty: Expr,
    pub tag: Option<BasicLit>,
}

#[derive(Debug, Clone)]
pub struct InterfaceType {
    pub elems: Vec<InterfaceElem>,
    pub rbrace: Pos,
}

#[derive(Debug, Clone)]
pub enum InterfaceElem {
    Method {
        name: Ident,
        ty: FuncType,
    },
    /// A type, `~T`, or a union (`Binary` with `Or`).
    Embed(Expr),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChanDir {
    Both,
    Send,
    Recv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `+`
    Plus,
    /// `-`
    Neg,
    /// `!`
    Not,
    /// `^`
    Xor,
    /// `&`
    Addr,
    /// `<-`
    Recv,
    /// `~`
    Tilde,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    OrOr,
    AndAnd,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Add,
    Sub,
    Or,
    Xor,
    Mul,
    Div,
    Rem,
    And,
    AndNot,
    Shl,
    Shr,
}

#[derive(Debug, Clone)]
pub struct Block {
    pub pos: Pos,
    pub stmts: Vec<Stmt>,
    pub rbrace: Pos,
}

#[derive(Debug, Clone)]
pub struct Stmt {
    pub pos: Pos,
    pub kind: StmtKind,
}

#[derive(Debug, Clone)]
pub enum StmtKind {
    Bad,
    Empty,
    Decl(Vec<Decl>),
    Labeled {
        label: Ident,
        stmt: Box<Stmt>,
    },
    Expr(Expr),
    Send {
        chan: Expr,
        arrow: Pos,
        value: Expr,
    },
    IncDec {
        x: Expr,
        inc: bool,
        op_pos: Pos,
    },
    /// `=` (no `op`) or `op=`.
    Assign {
        lhs: Vec<Expr>,
        op: Option<BinaryOp>,
        op_pos: Pos,
        rhs: Vec<Expr>,
    },
    /// `:=`
    Define {
        lhs: Vec<Expr>,
        op_pos: Pos,
        rhs: Vec<Expr>,
    },
    Go {
        call: Expr,
    },
    Defer {
        call: Expr,
    },
    Return {
        results: Vec<Expr>,
    },
    Branch {
        kind: BranchKind,
        label: Option<Ident>,
    },
    Block(Block),
    If(Box<IfStmt>),
    Switch(Box<SwitchStmt>),
    TypeSwitch(Box<TypeSwitchStmt>),
    Select(Box<SelectStmt>),
    For(Box<ForStmt>),
    Range(Box<RangeStmt>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BranchKind {
    Break,
    Continue,
    Goto,
    Fallthrough,
}

#[derive(Debug, Clone)]
pub struct IfStmt {
    pub init: Option<Stmt>,
    pub cond: Expr,
    pub then: Block,
    /// A block or another `if`.
    pub els: Option<Stmt>,
}

#[derive(Debug, Clone)]
pub struct SwitchStmt {
    pub init: Option<Stmt>,
    pub tag: Option<Expr>,
    pub cases: Vec<CaseClause>,
    pub lbrace: Pos,
    pub rbrace: Pos,
}

/// A clause of an expression or type switch; `default` has no expressions and `is_default` set.
#[derive(Debug, Clone)]
pub struct CaseClause {
    pub pos: Pos,
    pub is_default: bool,
    pub exprs: Vec<Expr>,
    pub colon: Pos,
    pub body: Vec<Stmt>,
}

#[derive(Debug, Clone)]
pub struct TypeSwitchStmt {
    pub init: Option<Stmt>,
    /// `v` of `switch v := x.(type)`.
    pub bind: Option<Ident>,
    /// The `x`.
    pub x: Expr,
    pub cases: Vec<CaseClause>,
    pub lbrace: Pos,
    pub rbrace: Pos,
}

#[derive(Debug, Clone)]
pub struct SelectStmt {
    pub cases: Vec<CommClause>,
    pub lbrace: Pos,
    pub rbrace: Pos,
}

#[derive(Debug, Clone)]
pub struct CommClause {
    pub pos: Pos,
    /// A send, a receive expression, or an assignment or definition from one; absent for `default`.
    pub comm: Option<Stmt>,
    pub colon: Pos,
    pub body: Vec<Stmt>,
}

#[derive(Debug, Clone)]
pub struct ForStmt {
    pub init: Option<Stmt>,
    pub cond: Option<Expr>,
    pub post: Option<Stmt>,
    pub body: Block,
}

#[derive(Debug, Clone)]
pub struct RangeStmt {
    pub key: Option<Expr>,
    pub value: Option<Expr>,
    /// A third variable written by mistake; the checker reports it.
    pub extra: Option<Expr>,
    /// `:=` rather than `=`.
    pub define: bool,
    pub op_pos: Pos,
    /// Position of the word `range`.
    pub range_pos: Pos,
    pub x: Expr,
    pub body: Block,
}
