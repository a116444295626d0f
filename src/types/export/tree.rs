//! Syntax trees of exported bodies, node by node.
//!
//! Every struct is taken apart by all its fields, so a new field does not compile until it is written here too. Positions
//! are written relative to the file's base (0 stays "no position"), `NodeId`s relative to the body's first.

use super::wire::{Bytes, Cursor, MAX_TREE_DEPTH, Strings};
use gorace_base::Pos;
use gorace_syntax::ast::{self, Name, NodeId};

/// Where a tree is written to.
pub(crate) struct TreeWriter<'w> {
    pub out: Bytes,
    pub strings: &'w mut Strings,
    /// The file's first position.
    pub base: u32,
    pub first_node: u32,
    /// Smallest and largest node id met.
    pub nodes: (u32, u32),
}

/// Where a tree is read from.
pub(crate) struct TreeReader<'r, 'b> {
    pub cursor: Cursor<'b>,
    pub name: &'r mut dyn FnMut(u32) -> Option<Name>,
    pub base: u32,
    /// One past the largest offset that a position may have.
    pub file_len: u32,
    pub node_count: u32,
    pub depth: u32,
}

impl TreeReader<'_, '_> {
    fn deeper(&mut self) -> Option<()> {
        self.depth += 1;
        (self.depth < MAX_TREE_DEPTH).then_some(())
    }
}

/// Something that can be part of a tree.
pub(crate) trait Wire: Sized {
    fn put(&self, w: &mut TreeWriter);
    fn get(r: &mut TreeReader) -> Option<Self>;
}

impl Wire for Pos {
    fn put(&self, w: &mut TreeWriter) {
        w.out.number(if self.is_known() { u64::from(self.0 - w.base) + 1 } else { 0 });
    }

    fn get(r: &mut TreeReader) -> Option<Pos> {
        match r.cursor.index()? {
            0 => Some(Pos::NONE),
            n if n <= r.file_len + 1 => Some(Pos(r.base + (n - 1))),
            _ => None,
        }
    }
}

impl Wire for NodeId {
    fn put(&self, w: &mut TreeWriter) {
        w.nodes = (w.nodes.0.min(self.0), w.nodes.1.max(self.0));
        w.out.number(u64::from(self.0.wrapping_sub(w.first_node)));
    }

    fn get(r: &mut TreeReader) -> Option<NodeId> {
        let n = r.cursor.index()?;
        (n < r.node_count).then_some(NodeId(n))
    }
}

impl Wire for Name {
    fn put(&self, w: &mut TreeWriter) {
        let number = w.strings.number(self.as_bytes());
        w.out.number(u64::from(number));
    }

    fn get(r: &mut TreeReader) -> Option<Name> {
        let number = r.cursor.index()?;
        (r.name)(number)
    }
}

impl Wire for u32 {
    fn put(&self, w: &mut TreeWriter) {
        w.out.number(u64::from(*self));
    }

    fn get(r: &mut TreeReader) -> Option<u32> {
        r.cursor.index()
    }
}

impl Wire for bool {
    fn put(&self, w: &mut TreeWriter) {
        w.out.byte(u8::from(*self));
    }

    fn get(r: &mut TreeReader) -> Option<bool> {
        r.cursor.flag()
    }
}

impl<T: Wire> Wire for Option<T> {
    fn put(&self, w: &mut TreeWriter) {
        w.out.byte(u8::from(self.is_some()));
        if let Some(value) = self {
            value.put(w);
        }
    }

    fn get(r: &mut TreeReader) -> Option<Option<T>> {
        Some(if r.cursor.flag()? { Some(T::get(r)?) } else { None })
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn put(&self, w: &mut TreeWriter) {
        w.out.number(self.len() as u64);
        self.iter().for_each(|value| value.put(w));
    }

    fn get(r: &mut TreeReader) -> Option<Vec<T>> {
        let len = r.cursor.len()?;
        (0..len).map(|_| T::get(r)).collect()
    }
}

impl<T: Wire> Wire for Box<T> {
    fn put(&self, w: &mut TreeWriter) {
        (**self).put(w);
    }

    fn get(r: &mut TreeReader) -> Option<Box<T>> {
        T::get(r).map(Box::new)
    }
}

/// Structs: all their fields.
macro_rules! nodes {
    ($($name:ident { $($field:ident),* $(,)? })*) => { $(
        impl Wire for ast::$name {
            fn put(&self, w: &mut TreeWriter) {
                let ast::$name { $($field),* } = self;
                $($field.put(w);)*
            }

            fn get(r: &mut TreeReader) -> Option<Self> {
                r.deeper()?;
                let made = ast::$name { $($field: Wire::get(r)?),* };
                r.depth -= 1;
                Some(made)
            }
        }
    )* };
}

/// Enums without data.
macro_rules! words {
    ($($name:ident { $($variant:ident),* $(,)? })*) => { $(
        impl Wire for ast::$name {
            fn put(&self, w: &mut TreeWriter) {
                w.out.byte(match self { $(ast::$name::$variant => ast::$name::$variant as u8),* });
            }

            fn get(r: &mut TreeReader) -> Option<Self> {
                match r.cursor.byte()? {
                    $(n if n == ast::$name::$variant as u8 => Some(ast::$name::$variant),)*
                    _ => None,
                }
            }
        }
    )* };
}

/// Enums with data: a tag, then the parts.
macro_rules! choices {
    ($($name:ident { $($tag:literal $variant:ident $( ( $one:ident ) )? $( { $($field:ident),* } )?),* $(,)? })*) => { $(
        impl Wire for ast::$name {
            fn put(&self, w: &mut TreeWriter) {
                match self {
                    $(ast::$name::$variant $( ( $one ) )? $( { $($field),* } )? => {
                        w.out.byte($tag);
                        $($one.put(w);)?
                        $($($field.put(w);)*)?
                    })*
                }
            }

            fn get(r: &mut TreeReader) -> Option<Self> {
                r.deeper()?;
                let made = match r.cursor.byte()? {
                    $($tag => ast::$name::$variant
                        $( ( { let $one = Wire::get(r)?; $one } ) )?
                        $( { $($field: Wire::get(r)?),* } )?,)*
                    _ => return None,
                };
                r.depth -= 1;
                Some(made)
            }
        }
    )* };
}

words! {
    LitKind { Int, Float, Imag, Char, String }
    ChanDir { Both, Send, Recv }
    UnaryOp { Plus, Neg, Not, Xor, Addr, Recv, Tilde }
    BinaryOp { OrOr, AndAnd, Eq, Ne, Lt, Le, Gt, Ge, Add, Sub, Or, Xor, Mul, Div, Rem, And, AndNot, Shl, Shr }
    BranchKind { Break, Continue, Goto, Fallthrough }
}

nodes! {
    Directive { pos, text }
    Ident { id, pos, name }
    ImportDecl { pos, name, path }
    ConstDecl { pos, names, ty, values, iota, inherited }
    TypeDecl { pos, name, type_params, alias, ty, directives }
    VarDecl { pos, names, ty, values, directives }
    FuncDecl { pos, receiver, name, type_params, ty, body, directives }
    Field { pos, name, ty }
    FuncType { pos, params, results, end }
    Expr { id, pos, kind }
    BasicLit { pos, kind, text, bad }
    Element { key, value }
    FuncLit { ty, body }
    StructType { fields, rbrace }
    StructField { pos, name, ty, tag }
    InterfaceType { elems, rbrace }
    Block { pos, stmts, rbrace }
    Stmt { pos, kind }
    IfStmt { init, cond, then, els }
    SwitchStmt { init, tag, cases, lbrace, rbrace }
    CaseClause { pos, is_default, exprs, colon, body }
    TypeSwitchStmt { init, bind, x, cases, lbrace, rbrace }
    SelectStmt { cases, lbrace, rbrace }
    CommClause { pos, comm, colon, body }
    ForStmt { init, cond, post, body }
    RangeStmt { key, value, extra, define, op_pos, range_pos, x, body }
}

choices! {
    Decl { 0 Import(d), 1 Const(d), 2 Type(d), 3 Var(d), 4 Func(d) }
    ExprKind {
        0 Bad,
        1 Name(name),
        2 Lit(lit),
        3 CompositeLit { ty, lbrace, elems, rbrace },
        4 FuncLit(lit),
        5 Paren(x),
        6 Selector { x, sel },
        7 Index { x, lbrack, indices, rbrack },
        8 Slice { x, lbrack, lo, hi, max, full, rbrack },
        9 TypeAssert { x, lparen, ty },
        10 Call { fun, lparen, args, ellipsis, rparen },
        11 Star(x),
        12 Unary { op, x },
        13 Binary { op, op_pos, x, y },
        14 Ellipsis(x),
        15 ArrayType { len, elem },
        16 SliceType(elem),
        17 StructType(ty),
        18 FuncType(ty),
        19 InterfaceType(ty),
        20 MapType { key, value },
        21 ChanType { dir, elem },
    }
    InterfaceElem { 0 Method { name, ty }, 1 Embed(e) }
    StmtKind {
        0 Bad,
        1 Empty,
        2 Decl(decls),
        3 Labeled { label, stmt },
        4 Expr(e),
        5 Send { chan, arrow, value },
        6 IncDec { x, inc, op_pos },
        7 Assign { lhs, op, op_pos, rhs },
        8 Define { lhs, op_pos, rhs },
        9 Go { call },
        10 Defer { call },
        11 Return { results },
        12 Branch { kind, label },
        13 Block(block),
        14 If(s),
        15 Switch(s),
        16 TypeSwitch(s),
        17 Select(s),
        18 For(s),
        19 Range(s),
    }
}
