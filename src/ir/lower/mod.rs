//! From checked syntax to the intermediate form.
//!
//! A package is lowered as a whole: its functions, its variables' initial values, and what they need of generic instances,
//! method wrappers, type descriptors, equality and hash functions. The latter are *mergeable*: each unit that needs one
//! makes it, the linker keeps one.
//!
//! - `kinds`: the questions asked of the checker's result, in one place.
//! - `layout`, `value`: representation of types and values.
//! - `analyze`: captured and address-taken variables.
//! - `function`, `closure`, `call`, `expr`, `operator`, `convert`, `literal`, `builtin`, `intrinsic`: bodies.
//! - `order`: what is evaluated before the rest of its statement.
//! - `stmt`, `assign`, `range`, `switch`, `select`, `defer`: statements.
//! - `names`, `descriptor`, `method`, `equality`: symbols, type descriptors, wrappers and tables, comparisons.
//! - `global`, `embed`: package variables, static data, initialisers.

mod analyze;
mod assign;
mod builder;
mod builtin;
mod call;
mod closure;
mod convert;
mod defer;
mod descriptor;
pub mod embed;
mod equality;
mod expr;
mod function;
mod global;
mod intrinsic;
pub mod kinds;
mod layout;
mod literal;
mod method;
mod names;
mod operator;
mod order;
mod range;
mod range_func;
mod select;
mod stmt;
mod switch;
mod value;

use crate::unit::{SymbolId, Unit};
use gorace_base::Pos;
use gorace_types::{ObjId, PkgId, TypeId};
use kinds::Program;
use layout::{Layout, Layouts};
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

/// A construct that the lowering cannot translate.
#[derive(Debug, Clone)]
pub struct LowerError {
    pub pos: Pos,
    pub message: String,
}

/// Things to make once for the unit, found while lowering others.
pub(crate) enum Pending<'a> {
    /// A declared function or an instance of one. `foreign` counts the steps from this package's code to a function of
    /// another package that is made only to be inlined; 0 is what the unit itself defines.
    Function { obj: ObjId, targs: Rc<[TypeId]>, symbol: SymbolId, foreign: u32 },
    /// A function literal or the like, with what it needs of its surroundings.
    Closure(Box<function::ClosureJob<'a>>),
    /// A compiler-made function.
    Made(Box<dyn FnOnce(&mut Lowerer<'a>) + 'a>),
}

/// Lowers one package.
pub struct Lowerer<'a> {
    pub program: &'a Program<'a>,
    pub pkg: PkgId,
    pub unit: Unit,
    pub errors: Vec<LowerError>,
    /// What the package's variables embed.
    pub embeds: Vec<embed::Embed>,
    /// Values that the linker's flags give to string variables, by name.
    pub values: Vec<(String, String)>,
    pub(crate) layouts: Layouts,
    pub(crate) pending: VecDeque<Pending<'a>>,
    /// Symbols that are defined or will be.
    pub(crate) defined: HashSet<SymbolId>,
    pub(crate) descriptors: HashMap<TypeId, SymbolId>,
    pub(crate) analyses: HashMap<Pos, Rc<analyze::Analysis>>,
    /// `(interface, type)` pairs with their itab's symbol.
    pub(crate) itabs: HashMap<(TypeId, TypeId), SymbolId>,
    pub(crate) abi_types: Option<Rc<descriptor::AbiTypes>>,
    /// Other packages' functions that were looked at for inlining.
    pub(crate) asked: HashSet<SymbolId>,
    /// Where the function that is being lowered stands.
    pub(crate) position: Pos,
    /// `foreign` of the function being lowered.
    pub(crate) foreign: u32,
}

impl<'a> Lowerer<'a> {
    /// A lowerer for a package of the program.
    pub fn new(program: &'a Program<'a>, pkg: PkgId, is_std: bool) -> Lowerer<'a> {
        let package = program.package_path(pkg);
        let mut unit = Unit::default();
        unit.package = package;
        unit.is_std = is_std;
        Lowerer {
            program,
            pkg,
            unit,
            errors: Vec::new(),
            embeds: Vec::new(),
            values: Vec::new(),
            layouts: Layouts::default(),
            pending: VecDeque::new(),
            defined: HashSet::new(),
            descriptors: HashMap::new(),
            analyses: HashMap::new(),
            itabs: HashMap::new(),
            abi_types: None,
            asked: HashSet::new(),
            position: Pos::NONE,
            foreign: 0,
        }
    }

    /// Lowers every function and variable of the package, and all that they need.
    pub fn lower_package(mut self) -> (Unit, Vec<LowerError>) {
        self.globals();
        self.declared_functions();
        self.exported_types();
        self.drain();
        (self.unit, self.errors)
    }

    /// Makes the unit of the program's entry: the function that runs all packages' initialisers in dependency order.
    /// `godebug`: the settings that the program has where the environment says nothing.
    pub fn lower_entry(mut self, packages: &[String], godebug: &str) -> Unit {
        self.init_tasks(packages, godebug);
        self.drain();
        self.unit
    }

    fn drain(&mut self) {
        while let Some(job) = self.pending.pop_front() {
            match job {
                Pending::Function { obj, targs, symbol, foreign } => {
                    self.foreign = foreign;
                    self.lower_function(obj, &targs, symbol);
                    self.foreign = 0;
                }
                Pending::Closure(job) => self.lower_closure(*job),
                Pending::Made(make) => make(self),
            }
        }
    }

    pub(crate) fn layout(&mut self, ty: TypeId) -> Rc<Layout> {
        let found = self.layouts.get(self.program, ty);
        for ty in std::mem::take(&mut self.layouts.too_large) {
            self.type_too_large(ty);
        }
        found
    }

    fn type_too_large(&mut self, ty: TypeId) {
        let (text, declared) = self.program.declared_as(ty);
        let what = match self.program.kind(ty) {
            kinds::Kind::Array { .. } => "larger than address space",
            _ => "too large",
        };
        self.error(declared.unwrap_or(self.position), format!("type {text} {what}"));
    }

    pub(crate) fn error(&mut self, pos: Pos, message: impl Into<String>) {
        self.errors.push(LowerError { pos, message: message.into() });
    }

    /// Marks a symbol as defined by this unit; false when it already is.
    pub(crate) fn define(&mut self, symbol: SymbolId) -> bool {
        self.defined.insert(symbol)
    }
}
