//! Package variables: storage, initial values that are data, and the initialiser function for the rest.

use super::Lowerer;
use super::analyze;
use super::function::{Env, FunctionLowerer};
use super::kinds::Kind;
use super::layout::Layout;
use super::value::Val;
use crate::func::Func;
use crate::inst::{Callee, Sig, Term};
use crate::unit::{Data, DataReloc, RelocKind, Section, SymbolId};
use gorace_base::Pos;
use gorace_syntax::ast::{Decl, Expr, ExprKind, UnaryOp};
use gorace_types::{Basic, Initializer, ObjId, ObjKind, TypeId};
use std::rc::Rc;

/// Initial bytes of a variable or of something it points at.
#[derive(Default)]
pub(super) struct Image {
    pub bytes: Vec<u8>,
    pub relocs: Vec<DataReloc>,
}

impl<'a> Lowerer<'a> {
    /// Storage for all variables, and the package's initialiser.
    pub(crate) fn globals(&mut self) {
        let init_order = self.program.store.borrow().package(self.pkg).init_order.clone();
        let mut initial: std::collections::HashMap<ObjId, Image> = std::collections::HashMap::new();
        let mut dynamic: Vec<Initializer> = Vec::new();
        for init in init_order {
            if let Some((obj, image)) = self.static_initializer(&init) {
                initial.insert(obj, image);
            } else {
                dynamic.push(init);
            }
        }
        let linknames = self.linknames_of(self.pkg);
        for (at, file) in self.program.files_of(self.pkg).iter().enumerate() {
            for decl in &file.decls {
                let Decl::Var(var) = decl else { continue };
                for name in &var.names {
                    let Some(obj) = self.program.object(self.pkg, at, name.id) else { continue };
                    // A linkname with a target names another package's variable.
                    if linknames.contains_key(name.name.as_str()) {
                        continue;
                    }
                    let image = match self.embedded(var, obj, name.pos) {
                        None => initial.remove(&obj),
                        image => image,
                    };
                    let is_set_later = dynamic.iter().any(|init| init.lhs.contains(&obj));
                    let image = if is_set_later { image } else { self.given(obj, name.pos, image) };
                    self.storage(obj, image);
                }
            }
        }
        // Variables of other packages that this one gives a value to by linkname are set when it is initialised.
        for (obj, _) in initial {
            let found =
                self.program.store.borrow().package(self.pkg).init_order.iter().find(|i| i.lhs == [obj]).cloned();
            dynamic.extend(found);
        }
        self.initialiser(dynamic);
    }

    /// The value of a variable, which the linker's flags may give it instead of its own.
    fn given(&mut self, obj: ObjId, pos: Pos, own: Option<Image>) -> Option<Image> {
        if self.values.is_empty() {
            return own;
        }
        let name = self.program.object_name(obj);
        let Some((_, value)) = self.values.iter().find(|(variable, _)| *variable == name).cloned() else { return own };
        let ty = self.program.object_type(obj);
        if self.program.kind(ty) != Kind::String {
            let (path, shown) = (self.program.package_path(self.pkg), self.program.reflect_string(ty));
            self.error(pos, format!("{path}.{name}: cannot set with -X: not a var of type string (type:{shown})"));
            return own;
        }
        let mut image = Image { bytes: vec![0; 16], relocs: Vec::new() };
        if !value.is_empty() {
            let symbol = self.string_symbol(value.as_bytes());
            pointer(&mut image, 0, symbol, 0);
            image.bytes[8..].copy_from_slice(&(value.len() as u64).to_le_bytes());
        }
        Some(image)
    }

    fn storage(&mut self, obj: ObjId, image: Option<Image>) {
        let ty = self.program.object_type(obj);
        if ty == Basic::Invalid.id() {
            return;
        }
        let layout = self.layout(ty);
        let symbol = self.variable_symbol(obj);
        if !self.define(symbol) {
            return;
        }
        let path = self.program.package_path(self.pkg);
        let name = self.program.object_name(obj);
        self.unit.globals.push((symbol, format!("{path}.{name}")));
        let (section, bytes, relocs) = match image {
            Some(image) if layout.pointers => (Section::Data, image.bytes, image.relocs),
            Some(image) => (Section::PlainData, image.bytes, image.relocs),
            None if layout.pointers => (Section::Zeroed, Vec::new(), Vec::new()),
            None => (Section::PlainZeroed, Vec::new(), Vec::new()),
        };
        self.unit.data.push(Data {
            name: symbol,
            section,
            align: layout.align.max(8),
            size: layout.size.max(1),
            bytes,
            relocs,
            mergeable: false,
            type_link: None,
            itab: false,
        });
    }

    fn static_initializer(&mut self, init: &Initializer) -> Option<(ObjId, Image)> {
        let [obj] = init.lhs[..] else { return None };
        let file = self.program.files_of(self.pkg).get(init.file)?;
        let Decl::Var(var) = &file.decls[init.decl] else { return None };
        let e = var.values.get(init.value)?;
        let ty = self.program.object_type(obj);
        let mut image = Image::default();
        let layout = self.layout(ty);
        if layout.size > 1 << 26 {
            return None;
        }
        image.bytes = vec![0; layout.size as usize];
        self.static_value(init.file, e, ty, &mut image, 0).then_some((obj, image))
    }

    /// Writes an expression's value as data; false when it must be computed.
    fn static_value(&mut self, file: usize, e: &'a Expr, ty: TypeId, out: &mut Image, at: u64) -> bool {
        let own = self.program.expr_type(self.pkg, file, e.id);
        if matches!(self.program.kind(ty), Kind::Interface { .. }) {
            return self.program.is_nil(self.pkg, file, e.id);
        }
        if let Some(value) = self.program.constant(self.pkg, file, e.id) {
            let put = |out: &mut Image, at: u64, bytes: &[u8]| {
                out.bytes[at as usize..at as usize + bytes.len()].copy_from_slice(bytes);
            };
            match self.program.kind(ty) {
                Kind::Bool => put(out, at, &[u8::from(value.as_bool())]),
                Kind::Int { bytes, .. } => put(out, at, &value.as_integer().to_le_bytes()[..bytes as usize]),
                Kind::Float { bytes: 4 } => put(out, at, &value.as_f32().to_bits().to_le_bytes()),
                Kind::Float { .. } => put(out, at, &value.as_f64().to_bits().to_le_bytes()),
                Kind::Complex { part } => {
                    let (re, im) = value.as_complex();
                    if part == 4 {
                        put(out, at, &(re as f32).to_bits().to_le_bytes());
                        put(out, at + 4, &(im as f32).to_bits().to_le_bytes());
                    } else {
                        put(out, at, &re.to_bits().to_le_bytes());
                        put(out, at + 8, &im.to_bits().to_le_bytes());
                    }
                }
                Kind::String => {
                    let text = value.as_bytes();
                    if !text.is_empty() {
                        let symbol = self.string_symbol(&text);
                        pointer(out, at, symbol, 0);
                        put(out, at + 8, &(text.len() as u64).to_le_bytes());
                    }
                }
                _ => return false,
            }
            return true;
        }
        if self.program.is_nil(self.pkg, file, e.id) {
            return true;
        }
        match &e.kind {
            ExprKind::Paren(x) => self.static_value(file, x, ty, out, at),
            ExprKind::CompositeLit { .. } => self.static_composite(file, e, ty, out, at),
            ExprKind::Unary { op: UnaryOp::Addr, x } => self.static_address(file, x, out, at),
            ExprKind::Name(_) | ExprKind::Selector { .. } => {
                if own != ty && matches!(self.program.kind(ty), Kind::Interface { .. }) {
                    return false;
                }
                let id = match &e.kind {
                    ExprKind::Selector { sel, .. } if self.program.selection(self.pkg, file, e.id).is_none() => sel.id,
                    ExprKind::Name(_) => e.id,
                    _ => return false,
                };
                let Some(obj) = self.program.object(self.pkg, file, id) else { return false };
                if !self.program.is_function(obj) || !self.program.instance_of(self.pkg, file, id).is_empty() {
                    return false;
                }
                let none: Rc<[TypeId]> = Rc::from([]);
                let symbol = self.function_symbol(obj, &none);
                let value = self.func_value_symbol(symbol);
                pointer(out, at, value, 0);
                true
            }
            _ => false,
        }
    }

    fn static_address(&mut self, file: usize, x: &'a Expr, out: &mut Image, at: u64) -> bool {
        match &x.kind {
            ExprKind::Paren(x) => self.static_address(file, x, out, at),
            ExprKind::CompositeLit { .. } => {
                let ty = self.program.expr_type(self.pkg, file, x.id);
                let Some(symbol) = self.static_object(file, x, ty) else { return false };
                pointer(out, at, symbol, 0);
                true
            }
            ExprKind::Name(_) => {
                let Some(obj) = self.program.object(self.pkg, file, x.id) else { return false };
                let global = {
                    let store = self.program.store.borrow();
                    let o = store.object(obj);
                    o.global && matches!(o.kind, ObjKind::Var { .. })
                };
                if !global {
                    return false;
                }
                let symbol = self.variable_symbol(obj);
                pointer(out, at, symbol, 0);
                true
            }
            _ => false,
        }
    }

    /// A data symbol of its own for a literal that is pointed at.
    fn static_object(&mut self, file: usize, e: &'a Expr, ty: TypeId) -> Option<SymbolId> {
        let layout = self.layout(ty);
        let mut image = Image { bytes: vec![0; layout.size as usize], relocs: Vec::new() };
        if !self.static_value(file, e, ty, &mut image, 0) {
            return None;
        }
        Some(self.static_symbol(e.pos, layout.size, &layout, image))
    }

    fn static_symbol(&mut self, pos: Pos, size: u64, layout: &Layout, image: Image) -> SymbolId {
        let path = self.program.package_path(self.pkg);
        let symbol = self.unit.symbol(&format!("{path}..stmp_{}_{}", pos.0, self.unit.data.len()));
        self.define(symbol);
        self.unit.data.push(Data {
            name: symbol,
            section: if layout.pointers { Section::Data } else { Section::PlainData },
            align: layout.align.max(8),
            size: size.max(1),
            bytes: image.bytes,
            relocs: image.relocs,
            mergeable: false,
            type_link: None,
            itab: false,
        });
        symbol
    }

    fn static_composite(&mut self, file: usize, e: &'a Expr, ty: TypeId, out: &mut Image, at: u64) -> bool {
        let ExprKind::CompositeLit { elems, .. } = &e.kind else { return false };
        match self.program.kind(ty) {
            Kind::Struct => {
                for (i, elem) in elems.iter().enumerate() {
                    let path = match &elem.key {
                        Some(Expr { kind: ExprKind::Name(name), .. }) => self.program.field_path(ty, name, self.pkg),
                        _ => vec![i as u32],
                    };
                    let (mut offset, mut holder) = (at, ty);
                    for index in path {
                        offset += self.layout(holder).field_offsets[index as usize];
                        holder = self.program.fields(holder)[index as usize].ty;
                    }
                    if elem.key.is_none() && self.program.fields(ty)[i].name == "_" {
                        // A blank field stays zero; its value is only evaluated.
                        let layout = self.layout(holder);
                        let mut unused = Image { bytes: vec![0; layout.size as usize], relocs: Vec::new() };
                        if !self.static_element(file, &elem.value, holder, &mut unused, 0) {
                            return false;
                        }
                        continue;
                    }
                    if !self.static_element(file, &elem.value, holder, out, offset) {
                        return false;
                    }
                }
                true
            }
            Kind::Array { elem, .. } => {
                let size = self.layout(elem).size;
                let mut next = 0;
                for element in elems {
                    if let Some(key) = &element.key {
                        let Some(n) = self.program.constant(self.pkg, file, key.id) else { return false };
                        next = n.as_integer() as u64;
                    }
                    if !self.static_element(file, &element.value, elem, out, at + next * size) {
                        return false;
                    }
                    next += 1;
                }
                true
            }
            Kind::Slice(elem) => {
                let mut len = 0u64;
                let mut next = 0;
                for element in elems {
                    if let Some(key) = &element.key {
                        let Some(n) = self.program.constant(self.pkg, file, key.id) else { return false };
                        next = n.as_integer() as u64;
                    }
                    next += 1;
                    len = len.max(next);
                }
                let layout = self.layout(elem);
                if len == 0 {
                    let zero = self.unit.symbol("runtime.zerobase");
                    pointer(out, at, zero, 0);
                    return true;
                }
                if layout.size * len > 1 << 24 {
                    return false;
                }
                let array = self.program.array_of(elem, len as i64);
                let mut image = Image { bytes: vec![0; (layout.size * len) as usize], relocs: Vec::new() };
                if !self.static_composite(file, e, array, &mut image, 0) {
                    return false;
                }
                let symbol = self.static_symbol(e.pos, layout.size * len, &layout, image);
                pointer(out, at, symbol, 0);
                for k in [8, 16] {
                    let to = (at + k) as usize;
                    out.bytes[to..to + 8].copy_from_slice(&len.to_le_bytes());
                }
                true
            }
            Kind::Pointer(elem) => {
                // An elided &T.
                let layout = self.layout(elem);
                let mut image = Image { bytes: vec![0; layout.size as usize], relocs: Vec::new() };
                if !self.static_composite(file, e, elem, &mut image, 0) {
                    return false;
                }
                let symbol = self.static_symbol(e.pos, layout.size, &layout, image);
                pointer(out, at, symbol, 0);
                true
            }
            _ => false,
        }
    }

    fn static_element(&mut self, file: usize, e: &'a Expr, ty: TypeId, out: &mut Image, at: u64) -> bool {
        match &e.kind {
            ExprKind::CompositeLit { ty: None, .. } => self.static_composite(file, e, ty, out, at),
            _ => self.static_value(file, e, ty, out, at),
        }
    }

    /// The function `pkg.init`: the variables that need computing, in order, then the `init` functions.
    fn initialiser(&mut self, dynamic: Vec<Initializer>) {
        let path = self.program.package_path(self.pkg);
        let name = format!("{path}.init");
        let symbol = self.unit.symbol(&name);
        if !self.define(symbol) {
            return;
        }
        let no_race = self.program.is_uninstrumented(self.pkg);
        let mut func = Func::new(symbol, name.clone(), Pos::NONE, Sig::default());
        func.flags.no_race = no_race;
        let abi = self.abi_sig(&[], &[]);
        let env = Env { pkg: self.pkg, file: 0, subst: Rc::default(), no_race };
        let files = self.program.files_of(self.pkg);
        let program = self.program;
        let pkg = self.pkg;
        let facts = analyze::FunctionFacts::default();
        let mut f = FunctionLowerer::new(
            self,
            func,
            env,
            Rc::default(),
            facts,
            format!("{path}.glob."),
            format!("{path}.init"),
            abi,
        );
        for init in dynamic {
            let Decl::Var(var) = &files[init.file].decls[init.decl] else { continue };
            let Some(e) = var.values.get(init.value) else { continue };
            f.env.file = init.file;
            f.analysis = Rc::new(analyze::initialiser(program, pkg, init.file, e));
            f.initialise_globals(&init.lhs, e);
        }
        let inits: Vec<ObjId> = {
            let store = program.store.borrow();
            store
                .package(pkg)
                .funcs
                .iter()
                .copied()
                .filter(|&o| store.object(o).name == "init" && store.object(o).receiver.is_none())
                .collect()
        };
        for obj in inits {
            let none: Rc<[TypeId]> = Rc::from([]);
            let symbol = f.l.function_symbol(obj, &none);
            f.b.call(Callee::Symbol(symbol), Vec::new(), &[]);
        }
        f.b.end(Term::Return(Vec::new()));
        let func = f.take();
        self.unit.funcs.push(func);
    }

    /// `runtime.runInitTasks`: all packages' initialisers.
    pub(crate) fn init_tasks(&mut self, packages: &[String], godebug: &str) {
        let symbol = self.unit.symbol("runtime.runInitTasks");
        self.define(symbol);
        let (packages, godebug) = (packages.to_vec(), godebug.to_string());
        self.made_function(symbol, Vec::new(), Vec::new(), move |f| {
            if let (false, Val::Scalars(text)) = (godebug.is_empty(), f.string_constant(godebug.as_bytes())) {
                let variable = f.runtime_symbol("runtime.godebugDefault");
                for (at, part) in text.into_iter().enumerate() {
                    f.b.store_private(part, variable, at as i32 * 8);
                }
            }
            for path in packages {
                if path == "unsafe" {
                    continue;
                }
                let init = f.l.unit.symbol(&format!("{path}.init"));
                f.b.call(Callee::Symbol(init), Vec::new(), &[]);
            }
            f.b.end(Term::Return(Vec::new()));
        });
    }

    /// Bytes of an iterator over a map.
    pub(crate) fn map_iterator_size(&mut self) -> u64 {
        let ty = self.program.package_named("internal/runtime/maps").and_then(|pkg| {
            let store = self.program.store.borrow();
            let scope = store.package(pkg).scope;
            store.scopes[scope.index()].names.get("Iter").map(|&o| store.object(o).ty)
        });
        ty.map_or(256, |ty| self.layout(ty).size)
    }
}

impl<'a> FunctionLowerer<'_, 'a> {
    fn initialise_globals(&mut self, lhs: &[ObjId], e: &'a Expr) {
        self.b.at(e.pos);
        if let [only] = lhs {
            let ty = self.l.program.object_type(*only);
            self.order_to(e, ty);
        }
        let values = if lhs.len() == 1 {
            let ty = self.type_of(e);
            let value = self.expr(e);
            vec![(ty, value)]
        } else {
            match self.comma_ok_values(e, lhs.len()) {
                Some(values) => values,
                None => self.multi(e),
            }
        };
        for (&obj, (from, value)) in lhs.iter().zip(values) {
            let ty = self.l.program.object_type(obj);
            let value = self.convert_implicitly(value, from, ty);
            let symbol = self.l.variable_symbol(obj);
            let addr = self.b.symbol_addr(symbol);
            self.store_to(ty, &value, addr, 0, false);
        }
    }

    fn comma_ok_values(&mut self, e: &'a Expr, wanted: usize) -> Option<Vec<(TypeId, Val)>> {
        if wanted != 2 || matches!(e.kind, ExprKind::Call { .. }) {
            return None;
        }
        let (ty, value, ok) = self.comma_ok(e)?;
        let boolean = self.l.program.bool_type();
        Some(vec![(ty, value), (boolean, Val::Scalars(vec![ok]))])
    }
}

pub(super) fn pointer(out: &mut Image, at: u64, target: SymbolId, addend: i64) {
    out.relocs.push(DataReloc { offset: at as u32, target, addend, kind: RelocKind::Absolute });
}
