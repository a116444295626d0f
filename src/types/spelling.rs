//! Types as they are written, for messages.
//!
//! The store knows types by identity: `byte` is `uint8`, an alias is what it stands for, parameters have no names and
//! interfaces are flattened. Messages call a type as the program does. So when an error is reported the operand is
//! followed to where its type is written: a variable to its declaration or first value, a call to the function's
//! result, a selector to the field. Nothing is kept for this but where variables and constraints are declared.
//!
//! Invariant: what is printed denotes the type asked for (`denotes`); where the way is lost, as behind the parameters
//! of an instance, the type is printed as the store knows it.

use crate::assignments::unparen;
use crate::check::Checker;
use crate::operand::Operand;
use crate::store::*;
use gorace_syntax::ast::{self, BinaryOp, Expr, ExprKind, Field as AstField, InterfaceElem, LitKind, UnaryOp};
use std::rc::Rc;

/// As many steps as a way to a written type may have: it can lead in circles in erroneous programs.
const MAX_STEPS: u32 = 50;

/// A type as it is written.
#[derive(Debug, Clone)]
pub(crate) enum Spelling<'a> {
    /// A type expression and its file.
    Type(usize, &'a Expr),
    /// A function's or a method's type, and its file.
    Func(usize, &'a ast::FuncType),
    /// A method expression's: the receiver is the first parameter.
    Method(Option<ast::Name>, Rc<Spelling<'a>>, usize, &'a ast::FuncType),
    Pointer(Rc<Spelling<'a>>),
    Slice(Rc<Spelling<'a>>),
    /// A predeclared type by one of its names.
    Predeclared(&'static str, Basic),
}

/// Where a variable's type comes from, with the file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source<'a> {
    /// It is written with the variable.
    Written(usize, &'a Expr),
    /// From the value.
    Value(usize, &'a Expr),
    /// From one of a call's results.
    Result(usize, &'a Expr, usize),
    /// From ranging over a value: the first variable's or the second's.
    Iteration(usize, &'a Expr, bool),
    /// The variadic parameter's: a slice of this.
    Variadic(usize, &'a Expr),
}

/// The sources of a package's variables, by their numbers from those of the package's first object on.
pub(crate) struct Sources<'a> {
    first: usize,
    list: Vec<Option<Source<'a>>>,
}

impl<'a> Sources<'a> {
    /// For objects from this number on.
    pub fn from(first: usize) -> Sources<'a> {
        Sources { first, list: Vec::new() }
    }

    pub fn insert(&mut self, obj: ObjId, source: Source<'a>) {
        let Some(at) = obj.index().checked_sub(self.first) else { return };
        if self.list.len() <= at {
            self.list.resize(at + 1, None);
        }
        self.list[at] = Some(source);
    }

    fn get(&self, obj: ObjId) -> Option<Source<'a>> {
        *self.list.get(obj.index().checked_sub(self.first)?)?
    }
}

/// What an operand is assigned to.
#[derive(Debug, Clone)]
pub(crate) enum Goal<'a> {
    Variable(ObjId),
    /// What this expression of a file denotes.
    Like(usize, &'a Expr),
    /// The parameter that a call's argument is for, by the argument's number.
    Parameter(&'a Expr, usize),
    /// The constraint of a type parameter.
    Constraint(TypeId),
    /// A result of the function around.
    Result(usize),
    /// An element of what an expression is.
    Element(&'a Expr),
    /// A field of a struct type.
    Field(TypeId, ast::Name),
}

/// `byte` where Go's own declarations say so.
pub(crate) const BYTE: Spelling<'static> = Spelling::Predeclared("byte", Basic::Uint8);
const RUNE: Spelling<'static> = Spelling::Predeclared("rune", Basic::Int32);

impl<'a> Checker<'a> {
    /// An operand's type for messages.
    pub fn show_of(&self, x: &Operand<'a>) -> String {
        self.show_named(x).0
    }

    /// The type that the operand at hand is assigned to.
    pub fn show_goal(&self, ty: TypeId) -> String {
        match &self.goal {
            Some(Goal::Constraint(param)) if self.store.as_type_param(*param).is_some_and(|p| p.constraint == ty) => {
                self.show_constraint(*param, ty)
            }
            _ => self.show_as(ty, self.goal_spelling(ty)),
        }
    }

    fn goal_spelling(&self, ty: TypeId) -> Option<Spelling<'a>> {
        match self.goal.clone()? {
            Goal::Variable(obj) => self.variable_type(obj, 0),
            Goal::Like(file, e) => self.value_type(file, e, 0),
            Goal::Parameter(call, index) => self.written_parameter(call, index, ty),
            Goal::Result(index) => {
                let (file, ty) = self.around?;
                Some(Spelling::Type(file, &ty.results.get(index)?.ty))
            }
            Goal::Element(e) => self.elem(&self.value_type(self.file, e, 0)?),
            Goal::Field(ty, name) => {
                let &(file, decl) = self.type_decls.get(&self.store.as_named(ty)?.obj)?;
                self.member(&Spelling::Type(file, &decl.ty), &name)
            }
            Goal::Constraint(param) => self.constraints.get(&param).map(|&(file, e)| Spelling::Type(file, e)),
        }
    }

    /// The type that an operand is converted to: its own already, or that of what it is assigned to.
    pub fn show_target(&self, x: &Operand<'a>, ty: TypeId) -> String {
        if x.ty == ty { self.show_of(x) } else { self.show_goal(ty) }
    }

    /// As `show`, when the type may be written as `spelling`.
    pub fn show_as(&self, ty: TypeId, spelling: Option<Spelling<'a>>) -> String {
        match spelling {
            Some(s) if self.denotes(&s, ty) => self.spelled(&s),
            _ => self.show(ty),
        }
    }

    /// As `show`, for a type that is part of what an operand's type is written as.
    pub fn show_within(&self, x: &Operand<'a>, ty: TypeId) -> String {
        let constraint = self.constraints.get(&x.ty).copied();
        let found = match constraint {
            Some((file, e)) => self.within(file, e, ty, 0),
            None => x.expr.and_then(|e| match self.value_type(self.file, e, 0)? {
                Spelling::Type(file, e) => self.within(file, e, ty, 0),
                Spelling::Slice(elem) if self.denotes(&elem, ty) => Some((*elem).clone()),
                _ => None,
            }),
        };
        self.show_as(ty, found)
    }

    /// A type of a type parameter's set, or another part of a declared type, for messages.
    pub fn show_part(&self, whole: TypeId, ty: TypeId) -> String {
        let written = self.constraints.get(&whole).copied().or_else(|| {
            let obj = self.store.as_named(whole)?.obj;
            self.type_decls.get(&obj).map(|&(file, decl)| (file, &decl.ty))
        });
        self.show_as(ty, written.and_then(|(file, e)| self.within(file, e, ty, 0)))
    }

    /// A type that is written in the current file.
    pub fn show_written(&self, e: &'a Expr, ty: TypeId) -> String {
        self.show_as(ty, Some(Spelling::Type(self.file, e)))
    }

    /// An operand's type for messages, and whether it is called by an alias's name.
    pub fn show_named(&self, x: &Operand<'a>) -> (String, bool) {
        let spelling = match (x.expr, x.label) {
            (Some(e), None) => self.spelling_of(e, x.ty),
            _ => None,
        };
        let is_alias = match &spelling {
            Some(Spelling::Type(file, e)) => self.is_alias(*file, e),
            _ => x.ty == self.store.any_type,
        };
        (spelling.map_or_else(|| self.show(x.ty), |s| self.spelled(&s)), is_alias)
    }

    /// The type that a receiver's alias stands for at last, pointers left out, for messages.
    pub fn show_receiver_base(&self, e: &'a Expr, ty: TypeId) -> String {
        let mut at = Some((self.file, e));
        while let Some((file, e)) = at {
            let e = unparen(e);
            match &e.kind {
                ExprKind::Star(x) => at = Some((file, x)),
                ExprKind::Index { .. } => return self.spelled(&Spelling::Type(file, e)),
                ExprKind::Name(_) if self.is_alias(file, e) => at = self.right_side(file, e),
                _ => break,
            }
        }
        self.show(ty)
    }

    /// Whether an alias is written: `byte` and `rune` are none, they have two names.
    fn is_alias(&self, file: usize, e: &Expr) -> bool {
        let name = match &unparen(e).kind {
            ExprKind::Index { x, .. } => unparen(x),
            _ => unparen(e),
        };
        let id = match &name.kind {
            ExprKind::Name(_) => name.id,
            ExprKind::Selector { sel, .. } => sel.id,
            _ => return false,
        };
        self.info[file].objects.get(&id).is_some_and(|&obj| {
            let object = self.store.object(obj);
            object.kind == (ObjKind::TypeName { alias: true }) && !(object.pkg.is_none() && object.name != "any")
        })
    }

    /// A type parameter's constraint for messages.
    pub fn show_constraint(&self, param: TypeId, constraint: TypeId) -> String {
        let spelling = self.constraints.get(&param).map(|&(file, e)| Spelling::Type(file, e));
        match spelling {
            // A union has no type of its own on record: it cannot be another's.
            Some(s) if self.is_union(&s) || self.denotes(&s, constraint) => self.spelled(&s),
            _ => self.show(constraint),
        }
    }

    fn is_union(&self, s: &Spelling<'a>) -> bool {
        matches!(s, Spelling::Type(_, e)
            if matches!(e.kind, ExprKind::Unary { .. } | ExprKind::Binary { .. }))
    }

    /// How an expression's type is written, if that is the type given.
    pub fn spelling_of(&self, e: &'a Expr, ty: TypeId) -> Option<Spelling<'a>> {
        self.value_type(self.file, e, 0).filter(|s| self.denotes(s, ty))
    }

    /// How a written type that is a part of another, or of what that stands for, is written.
    fn within(&self, file: usize, e: &'a Expr, ty: TypeId, steps: u32) -> Option<Spelling<'a>> {
        let here = Spelling::Type(file, e);
        if self.denotes(&here, ty) {
            return Some(here);
        }
        let inner = |e: &'a Expr| self.within(file, e, ty, steps + 1);
        match &e.kind {
            _ if steps > MAX_STEPS => None,
            ExprKind::Paren(x) | ExprKind::Star(x) | ExprKind::SliceType(x) | ExprKind::Unary { x, .. } => inner(x),
            ExprKind::ArrayType { elem, .. } | ExprKind::ChanType { elem, .. } => inner(elem),
            ExprKind::MapType { key, value } => inner(key).or_else(|| inner(value)),
            ExprKind::Binary { x, y, .. } => inner(x).or_else(|| inner(y)),
            ExprKind::StructType(s) => s.fields.iter().find_map(|f| inner(&f.ty)),
            ExprKind::InterfaceType(i) => i.elems.iter().find_map(|elem| match elem {
                InterfaceElem::Embed(e) => inner(e),
                InterfaceElem::Method { .. } => None,
            }),
            ExprKind::Name(_) | ExprKind::Selector { .. } | ExprKind::Index { .. } => {
                let (file, right) = self.right_side(file, e)?;
                self.within(file, right, ty, steps + 1)
            }
            _ => None,
        }
    }

    /// What the declaration of the type that a name denotes has on its right side.
    fn right_side(&self, file: usize, e: &Expr) -> Option<(usize, &'a Expr)> {
        let name = match &unparen(e).kind {
            ExprKind::Index { x, .. } => unparen(x),
            _ => unparen(e),
        };
        let id = match &name.kind {
            ExprKind::Name(_) => name.id,
            ExprKind::Selector { sel, .. } => sel.id,
            _ => return None,
        };
        let obj = self.info[file].objects.get(&id)?;
        self.type_decls.get(obj).map(|&(file, decl)| (file, &decl.ty))
    }

    /// A spelling by its structure: names are followed to what they are declared as.
    fn structure(&self, s: &Spelling<'a>) -> Spelling<'a> {
        let mut s = s.clone();
        for _ in 0..MAX_STEPS {
            let Spelling::Type(file, e) = s else { break };
            let e = unparen(e);
            let Some((file, right)) = self.right_side(file, e) else { return Spelling::Type(file, e) };
            s = Spelling::Type(file, right);
        }
        s
    }

    /// The element type of an array, a pointer to one, slice, map or channel; a string's bytes.
    fn elem(&self, s: &Spelling<'a>) -> Option<Spelling<'a>> {
        match self.structure(s) {
            Spelling::Slice(elem) => Some((*elem).clone()),
            Spelling::Pointer(array) => self.elem(&array),
            Spelling::Predeclared(_, Basic::String) => Some(BYTE),
            Spelling::Type(file, e) => match &e.kind {
                ExprKind::SliceType(x)
                | ExprKind::Ellipsis(Some(x))
                | ExprKind::ArrayType { elem: x, .. }
                | ExprKind::MapType { value: x, .. }
                | ExprKind::ChanType { elem: x, .. } => Some(Spelling::Type(file, x)),
                ExprKind::Star(array) => self.elem(&Spelling::Type(file, array)),
                ExprKind::Name(_) => Some(BYTE),
                _ => None,
            },
            _ => None,
        }
    }

    /// What ranging over a value gives first or second.
    fn iteration(&self, s: &Spelling<'a>, first: bool) -> Option<Spelling<'a>> {
        let Spelling::Type(file, e) = self.structure(s) else {
            let is_string = matches!(s, Spelling::Predeclared(_, Basic::String));
            return if first {
                None
            } else if is_string {
                Some(RUNE)
            } else {
                self.elem(s)
            };
        };
        match &e.kind {
            ExprKind::MapType { key, .. } if first => Some(Spelling::Type(file, key)),
            ExprKind::ChanType { elem, .. } if first => Some(Spelling::Type(file, elem)),
            ExprKind::FuncType(f) => match &f.params.first()?.ty.kind {
                ExprKind::FuncType(f) => Some(Spelling::Type(file, &f.params.get(usize::from(!first))?.ty)),
                _ => None,
            },
            ExprKind::Name(_) if !first => Some(RUNE),
            _ if first => None,
            _ => self.elem(s),
        }
    }

    fn pointed_to(&self, s: &Spelling<'a>) -> Option<Spelling<'a>> {
        match self.structure(s) {
            Spelling::Pointer(elem) => Some((*elem).clone()),
            Spelling::Type(file, e) => match &e.kind {
                ExprKind::Star(x) => Some(Spelling::Type(file, x)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The type of a field or interface method of a type, embedded ones included only as themselves.
    fn member(&self, s: &Spelling<'a>, name: &str) -> Option<Spelling<'a>> {
        let s = self.pointed_to(s).unwrap_or_else(|| s.clone());
        let Spelling::Type(file, e) = self.structure(&s) else { return None };
        match &e.kind {
            ExprKind::StructType(s) => s.fields.iter().find_map(|f| {
                let own = match &f.name {
                    Some(ident) => ident.name == name,
                    None => crate::struct_type::embedded_ident(&f.ty).is_some_and(|(_, n)| n == name),
                };
                own.then_some(Spelling::Type(file, &f.ty))
            }),
            ExprKind::InterfaceType(i) => i.elems.iter().find_map(|elem| match elem {
                InterfaceElem::Method { name: own, ty, .. } if own.name == name => Some(Spelling::Func(file, ty)),
                InterfaceElem::Embed(e) => self.member(&Spelling::Type(file, e), name),
                _ => None,
            }),
            _ => None,
        }
    }

    /// How the method of a type that has the given type is written.
    pub fn method_spelling(&self, ty: TypeId, name: &str, signature: TypeId) -> Option<Spelling<'a>> {
        let base = match *self.store.get(ty) {
            Type::Pointer(base) => base,
            _ => ty,
        };
        let found = match self.store.as_named(base) {
            Some(named) => match self.store.declared_method(base, name, Some(self.pkg)) {
                Some(method) => self.func_decl_of(method).map(|(file, decl)| Spelling::Func(file, &decl.ty)),
                None => {
                    let &(file, decl) = self.type_decls.get(&named.obj)?;
                    self.member(&Spelling::Type(file, &decl.ty), name)
                }
            },
            // An interface literal that something is assigned to.
            None => self.goal_spelling(ty).filter(|s| self.denotes(s, ty)).and_then(|s| self.member(&s, name)),
        };
        found.filter(|s| self.denotes(s, signature))
    }

    /// A function's result.
    fn result(&self, s: &Spelling<'a>, index: usize) -> Option<Spelling<'a>> {
        let (file, ty) = self.function(s)?;
        Some(Spelling::Type(file, &ty.results.get(index)?.ty))
    }

    /// A function's parameter, by the argument's number.
    fn written_parameter(&self, call: &'a Expr, index: usize, ty: TypeId) -> Option<Spelling<'a>> {
        let ExprKind::Call { fun, args, .. } = &call.kind else { return None };
        if let Some(builtin) = self.info[self.file].builtins.get(&unparen(fun).id) {
            // Those of append are the slice, its elements, or a slice of them.
            let slice = self.value_type(self.file, args.first().filter(|_| *builtin == Builtin::Append)?, 0)?;
            let elem = self.elem(&slice)?;
            let all = [slice, elem.clone(), Spelling::Slice(Rc::new(elem))];
            return all.into_iter().find(|s| self.denotes(s, ty));
        }
        let (file, ty) = self.function(&self.value_type(self.file, fun, 0)?)?;
        let last = ty.params.len().checked_sub(1)?;
        let ty = &ty.params[index.min(last)].ty;
        Some(Spelling::Type(file, if let ExprKind::Ellipsis(Some(elem)) = &ty.kind { elem } else { ty }))
    }

    fn function(&self, s: &Spelling<'a>) -> Option<(usize, &'a ast::FuncType)> {
        match self.structure(s) {
            Spelling::Func(file, ty) => Some((file, ty)),
            Spelling::Type(file, e) => match &e.kind {
                ExprKind::FuncType(ty) => Some((file, &**ty)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The declaration of a function or method.
    fn func_decl_of(&self, obj: ObjId) -> Option<(usize, &'a ast::FuncDecl)> {
        let object = self.store.object(obj);
        let at = object.decl.filter(|_| object.pkg == Some(self.pkg))?;
        let file = at.file as usize;
        let files: &'a [std::sync::Arc<ast::File>] = self.files;
        match files.get(file)?.decls.get(at.decl as usize)? {
            ast::Decl::Func(decl) => Some((file, &**decl)),
            _ => None,
        }
    }

    /// How the type of a value is written.
    fn value_type(&self, file: usize, e: &'a Expr, steps: u32) -> Option<Spelling<'a>> {
        if steps > MAX_STEPS {
            return None;
        }
        let of = |e: &'a Expr| self.value_type(file, e, steps + 1);
        if self.info[file].types[e.id.index()].mode == Mode::TypeExpr {
            return Some(Spelling::Type(file, e));
        }
        match &e.kind {
            ExprKind::Paren(x) => of(x),
            ExprKind::Name(_) => {
                let &obj = self.info[file].objects.get(&e.id)?;
                match self.store.object(obj).kind {
                    ObjKind::Func => self.func_decl_of(obj).map(|(file, decl)| Spelling::Func(file, &decl.ty)),
                    _ => self.variable_type(obj, steps + 1),
                }
            }
            ExprKind::Lit(lit) => match lit.kind {
                LitKind::Char => Some(RUNE),
                LitKind::String => Some(Spelling::Predeclared("string", Basic::String)),
                _ => None,
            },
            ExprKind::CompositeLit { ty, .. } => ty.as_ref().map(|ty| Spelling::Type(file, ty)),
            ExprKind::FuncLit(lit) => Some(Spelling::Func(file, &lit.ty)),
            ExprKind::Selector { x, sel } => self.selected_type(file, e, x, sel, steps),
            ExprKind::Index { x, .. } => {
                let s = of(x)?;
                // An instance of a generic function is no element.
                if self.function(&s).is_some() { Some(s) } else { self.elem(&s) }
            }
            ExprKind::Slice { x, .. } => {
                let s = of(x)?;
                let array = self.pointed_to(&s).unwrap_or_else(|| s.clone());
                match self.structure(&array) {
                    Spelling::Type(file, ast::Expr { kind: ExprKind::ArrayType { elem, .. }, .. }) => {
                        Some(Spelling::Slice(Rc::new(Spelling::Type(file, elem))))
                    }
                    _ => Some(s),
                }
            }
            ExprKind::TypeAssert { ty, .. } => ty.as_ref().map(|ty| Spelling::Type(file, ty)),
            ExprKind::Call { fun, args, .. } => self.call_type(file, fun, args, steps),
            ExprKind::Star(x) => self.pointed_to(&of(x)?),
            ExprKind::Unary { op: UnaryOp::Addr, x } => Some(Spelling::Pointer(Rc::new(of(x)?))),
            ExprKind::Unary { op: UnaryOp::Recv, x } => self.elem(&of(x)?),
            ExprKind::Unary { x, .. } => of(x),
            ExprKind::Binary { op: BinaryOp::Shl | BinaryOp::Shr, x, .. } => of(x),
            // The literal of the two has no type of its own.
            ExprKind::Binary { x, y, .. } => match unparen(x).kind {
                ExprKind::Lit(_) => of(y).or_else(|| of(x)),
                _ => of(x).or_else(|| of(y)),
            },
            _ => None,
        }
    }

    fn variable_type(&self, obj: ObjId, steps: u32) -> Option<Spelling<'a>> {
        match self.sources.get(obj)? {
            Source::Written(file, e) => Some(Spelling::Type(file, e)),
            Source::Variadic(file, e) => Some(Spelling::Slice(Rc::new(Spelling::Type(file, e)))),
            Source::Value(file, e) => self.value_type(file, e, steps + 1),
            Source::Iteration(file, e, first) => self.iteration(&self.value_type(file, e, steps + 1)?, first),
            Source::Result(file, e, index) => match &unparen(e).kind {
                ExprKind::Call { fun, .. } => self.result(&self.value_type(file, fun, steps + 1)?, index),
                _ if index == 0 => self.value_type(file, e, steps + 1),
                _ => None,
            },
        }
    }

    fn selected_type(
        &self,
        file: usize,
        e: &'a Expr,
        x: &'a Expr,
        sel: &'a ast::Ident,
        steps: u32,
    ) -> Option<Spelling<'a>> {
        let selection = self.info[file].selections.get(&e.id).cloned()?;
        let receiver = self.value_type(file, x, steps + 1);
        if selection.kind == SelectionKind::Field {
            // The way through embedded fields leads by their names.
            let mut s = receiver?;
            let mut at = selection.recv;
            for &index in &selection.path {
                let at_struct = self.struct_of(at)?;
                let Type::Struct(fields) = self.store.get(at_struct) else { return None };
                let field = fields.get(index as usize)?;
                s = self.member(&s, &field.name)?;
                at = field.ty;
            }
            return Some(s);
        }
        let func = match selection.method {
            Some(method) => self.func_decl_of(method).map(|(file, decl)| {
                let name = decl.receiver.as_ref().and_then(|r| Some(r.first()?.name.as_ref()?.name.clone()));
                (name, file, &decl.ty)
            }),
            None => match self.member(receiver.as_ref()?, &sel.name)? {
                Spelling::Func(file, ty) => Some((Some("_".into()), file, ty)),
                _ => None,
            },
        };
        let (name, file, ty) = func?;
        match selection.kind {
            SelectionKind::MethodExpr => {
                // The receiver has a name where the other parameters have.
                let named = ty.params.first().is_some_and(|p| p.name.is_some());
                let name = named.then(|| name.unwrap_or_else(|| "_".into()));
                Some(Spelling::Method(name, Rc::new(receiver?), file, ty))
            }
            _ => Some(Spelling::Func(file, ty)),
        }
    }

    /// The struct that a type or the pointer to it is, if that is known already.
    fn struct_of(&self, ty: TypeId) -> Option<TypeId> {
        let ty = match *self.store.get(ty) {
            Type::Pointer(base) => base,
            _ => ty,
        };
        match self.store.as_named(ty) {
            Some(named) => named.underlying,
            None => Some(ty),
        }
    }

    fn call_type(&self, file: usize, fun: &'a Expr, args: &'a [Expr], steps: u32) -> Option<Spelling<'a>> {
        let recorded = self.info[file].types[fun.id.index()];
        if recorded.mode == Mode::TypeExpr {
            return Some(Spelling::Type(file, fun));
        }
        let of = |e: &'a Expr| self.value_type(file, e, steps + 1);
        if let Some(builtin) = self.info[file].builtins.get(&unparen(fun).id) {
            let first = args.first()?;
            let is_type = self.info[file].types[first.id.index()].mode == Mode::TypeExpr;
            return match builtin {
                Builtin::Make => Some(Spelling::Type(file, first)),
                Builtin::New if is_type => Some(Spelling::Pointer(Rc::new(Spelling::Type(file, first)))),
                Builtin::Append | Builtin::Max | Builtin::Min => of(first),
                _ => None,
            };
        }
        let callee = of(fun)?;
        let result = self.result(&callee, 0)?;
        // A result of a type parameter's type has that of an argument for it.
        let (Spelling::Type(_, Expr { kind: ExprKind::Name(name), .. }), Some((_, f))) =
            (&result, self.function(&callee))
        else {
            return Some(result);
        };
        let same = |p: &AstField| matches!(&p.ty.kind, ExprKind::Name(n) if n == name);
        let at = f.params.iter().position(same).filter(|_| self.is_param_name(&result));
        at.and_then(|at| of(args.get(at)?)).or(Some(result))
    }

    fn is_param_name(&self, s: &Spelling<'a>) -> bool {
        matches!(s, Spelling::Type(file, e)
            if self.written_type(*file, e).is_some_and(|t| self.store.is_type_param(t)))
    }

    /// Whether a spelling denotes a type.
    fn denotes(&self, s: &Spelling<'a>, ty: TypeId) -> bool {
        match s {
            Spelling::Type(file, e) => self.written_type(*file, e) == Some(ty),
            Spelling::Func(file, f) => self.signature_denotes(None, *file, f, ty),
            Spelling::Method(_, recv, file, f) => self.signature_denotes(Some(recv), *file, f, ty),
            Spelling::Pointer(elem) => matches!(*self.store.get(ty), Type::Pointer(t) if self.denotes(elem, t)),
            Spelling::Slice(elem) => matches!(*self.store.get(ty), Type::Slice(t) if self.denotes(elem, t)),
            Spelling::Predeclared(_, basic) => basic.id() == ty,
        }
    }

    /// The type that a type expression was found to denote.
    pub fn written_type(&self, file: usize, e: &Expr) -> Option<TypeId> {
        let found = self.info[file].types[e.id.index()];
        (found.mode == Mode::TypeExpr).then_some(found.ty)
    }

    fn signature_denotes(&self, recv: Option<&Spelling<'a>>, file: usize, f: &ast::FuncType, ty: TypeId) -> bool {
        let Type::Signature(s) = self.store.get(ty) else { return false };
        let mut params = &s.params[..];
        if !s.type_params.is_empty() {
            return false;
        }
        if let Some(recv) = recv {
            let Some((&first, rest)) = params.split_first() else { return false };
            if !self.denotes(recv, first) {
                return false;
            }
            params = rest;
        }
        let all = |fields: &[AstField], types: &[TypeId]| {
            fields.len() == types.len()
                && fields.iter().zip(types).all(|(f, &ty)| self.written_type(file, &f.ty) == Some(ty))
        };
        all(&f.params, params) && all(&f.results, &s.results)
    }
}
