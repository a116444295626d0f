//! Symbols: of functions, methods, variables, strings and func values; `//go:` directives; linknames.

use super::kinds::{Kind, MethodTarget};
use super::{Lowerer, Pending};
use crate::unit::{Data, DataReloc, RelocKind, Section, SymbolId};
use gorace_syntax::ast::{Decl, Directive};
use gorace_types::{ObjId, PkgId, TypeId};
use std::rc::Rc;

/// The directives of a function declaration.
#[derive(Debug, Default, Clone, Copy)]
pub struct Directives {
    pub no_race: bool,
    pub no_inline: bool,
}

impl Directives {
    pub fn of(list: &[Directive]) -> Directives {
        let has = |text: &str| list.iter().any(|d| d.text.trim() == text);
        Directives { no_race: has("go:norace"), no_inline: has("go:noinline") }
    }
}

/// How far from the package's own code the bodies of other packages' functions are made, in calls.
const MOST_FOREIGN: u32 = 3;

impl<'a> Lowerer<'a> {
    /// `//go:linkname local target` lines of a package.
    pub(crate) fn linknames_of(&self, pkg: PkgId) -> Rc<gorace_types::HashMap<String, String>> {
        self.program.store.borrow().package(pkg).linknames.clone()
    }

    /// The package path as symbols have it: package main of a program is `main`.
    fn prefix(&self, pkg: Option<PkgId>) -> String {
        pkg.map_or_else(String::new, |p| self.program.package_path(p))
    }

    /// The symbol of a declared function or method; an instance is queued to be made by this unit.
    pub(crate) fn function_symbol(&mut self, obj: ObjId, targs: &Rc<[TypeId]>) -> SymbolId {
        let name = self.function_name(obj, targs, true);
        let symbol = self.unit.symbol(&name);
        if targs.is_empty() {
            self.want_foreign(obj, symbol);
        } else if self.define(symbol) {
            self.pending.push_back(Pending::Function { obj, targs: targs.clone(), symbol, foreign: 0 });
        }
        symbol
    }

    /// Queues a short function of another package to be made for the inliner.
    fn want_foreign(&mut self, obj: ObjId, symbol: SymbolId) {
        let Some(pkg) = self.program.object_package(obj).filter(|&pkg| pkg != self.pkg) else { return };
        if self.foreign >= MOST_FOREIGN || !self.asked.insert(symbol) || self.program.package_path(pkg) == "runtime" {
            return;
        }
        let Some(found) = self.program.declaration(obj) else { return };
        if gorace_types::inlinable(found.decl) && self.define(symbol) {
            let foreign = self.foreign + 1;
            self.pending.push_back(Pending::Function { obj, targs: Rc::from([]), symbol, foreign });
        }
    }

    fn function_name(&mut self, obj: ObjId, targs: &[TypeId], full: bool) -> String {
        let pkg = self.program.object_package(obj);
        let name = self.program.object_name(obj);
        let prefix = self.prefix(pkg);
        let list = |l: &Self, targs: &[TypeId]| -> String {
            if targs.is_empty() {
                String::new()
            } else if full {
                let names: Vec<String> = targs.iter().map(|&t| l.program.link_string(t)).collect();
                format!("[{}]", names.join(","))
            } else {
                "[...]".to_string()
            }
        };
        if let Some(receiver) = self.program.receiver_type(obj) {
            let (base, pointer) = match self.program.kind(receiver) {
                Kind::Pointer(elem) if self.program.named(receiver).is_none() => (elem, true),
                _ => (receiver, false),
            };
            let Some((type_obj, ..)) = self.program.named(base) else { return format!("{prefix}.{name}") };
            let type_name = self.program.object_name(type_obj);
            let own = self.receiver_param_count(base);
            let receiver_args = list(self, &targs[..own.min(targs.len())]);
            let method_args = list(self, &targs[own.min(targs.len())..]);
            return if pointer {
                format!("{prefix}.(*{type_name}{receiver_args}).{name}{method_args}")
            } else {
                format!("{prefix}.{type_name}{receiver_args}.{name}{method_args}")
            };
        }
        if let Some(pkg) = pkg
            && targs.is_empty()
            && let Some(target) = self.linknames_of(pkg).get(name.as_str())
            // What others link to of package runtime has the name that they know.
            && (full || prefix == "runtime")
        {
            return target.clone();
        }
        if name == "init" || name == "_" {
            let number = self.number_among(obj, &name);
            return format!("{prefix}.{name}.{number}");
        }
        format!("{prefix}.{name}{}", list(self, targs))
    }

    fn receiver_param_count(&self, base: TypeId) -> usize {
        self.program.store.borrow().as_named(base).map_or(0, |n| n.type_params.len())
    }

    /// Which of the package's functions of the same name this is.
    fn number_among(&self, obj: ObjId, name: &str) -> usize {
        let store = self.program.store.borrow();
        let Some(pkg) = store.object(obj).pkg else { return 0 };
        store
            .package(pkg)
            .funcs
            .iter()
            .filter(|&&f| store.object(f).name == name && store.object(f).receiver.is_none())
            .position(|&f| f == obj)
            .unwrap_or(0)
    }

    /// The name that stack traces show.
    pub(crate) fn go_name(&mut self, obj: ObjId, targs: &[TypeId]) -> String {
        self.function_name(obj, targs, false)
    }

    /// The symbol of the method that a selection found.
    pub(crate) fn method_symbol(&mut self, target: &MethodTarget) -> SymbolId {
        match target.obj {
            Some(obj) => {
                let mut targs = self.program.type_args(target.holder);
                targs.extend(&target.targs);
                let targs: Rc<[TypeId]> = targs.into();
                self.function_symbol(obj, &targs)
            }
            None => self.unit.symbol("runtime.unreachableMethod"),
        }
    }

    /// The symbol of a package-level variable.
    pub(crate) fn variable_symbol(&mut self, obj: ObjId) -> SymbolId {
        let pkg = self.program.object_package(obj);
        let name = self.program.object_name(obj);
        if let Some(pkg) = pkg
            && let Some(target) = self.linknames_of(pkg).get(name.as_str())
        {
            let target = target.clone();
            return self.unit.symbol(&target);
        }
        let prefix = self.prefix(pkg);
        if name == "_" {
            return self.unit.symbol(&format!("{prefix}._.{}", obj.0));
        }
        self.unit.symbol(&format!("{prefix}.{name}"))
    }

    /// Read-only bytes of a string.
    pub(crate) fn string_symbol(&mut self, text: &[u8]) -> SymbolId {
        let name = match std::str::from_utf8(text) {
            Ok(s) if s.len() <= 48 => format!("go:string.\"{s}\""),
            _ => {
                let mut hash = 0xcbf2_9ce4_8422_2325u128;
                for &b in text {
                    hash = (hash ^ u128::from(b)).wrapping_mul(0x0100_0000_0000_0000_0000_013b);
                }
                format!("go:string.#{hash:032x}.{}", text.len())
            }
        };
        let symbol = self.unit.symbol(&name);
        if self.define(symbol) {
            self.read_only(symbol, text.to_vec(), Vec::new(), 1);
        }
        symbol
    }

    /// The func value of a function without captured variables: a word that holds its code address.
    pub(crate) fn func_value_symbol(&mut self, code: SymbolId) -> SymbolId {
        let name = format!("{}·f", self.unit.name(code));
        let symbol = self.unit.symbol(&name);
        if self.define(symbol) {
            let reloc = DataReloc { offset: 0, target: code, addend: 0, kind: RelocKind::Absolute };
            self.read_only(symbol, vec![0; 8], vec![reloc], 8);
        }
        symbol
    }

    pub(crate) fn read_only(&mut self, name: SymbolId, bytes: Vec<u8>, relocs: Vec<DataReloc>, align: u32) {
        let size = bytes.len() as u64;
        self.unit.data.push(Data {
            name,
            section: Section::ReadOnly,
            align,
            size,
            bytes,
            relocs,
            mergeable: true,
            type_link: None,
            itab: false,
        });
    }

    /// Queues all functions that the package declares.
    pub(crate) fn declared_functions(&mut self) {
        let funcs = self.program.store.borrow().package(self.pkg).funcs.clone();
        for obj in funcs {
            if !self.program.type_params_of(obj).is_empty() || self.program.object_name(obj) == "_" {
                continue;
            }
            let Some(found) = self.program.declaration(obj) else { continue };
            if found.decl.body.is_none() {
                continue;
            }
            let none: Rc<[TypeId]> = Rc::from([]);
            let name = self.function_name(obj, &none, true);
            let symbol = self.unit.symbol(&name);
            if self.define(symbol) {
                self.pending.push_back(Pending::Function { obj, targs: none, symbol, foreign: 0 });
            }
        }
    }

    /// Whether a declaration is a type that others may need the descriptor of.
    pub(crate) fn is_plain_type_decl(decl: &Decl) -> bool {
        matches!(decl, Decl::Type(t) if t.alias.is_none() && t.type_params.is_empty())
    }
}
