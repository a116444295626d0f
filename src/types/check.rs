//! The checker of one package: its state, errors, scopes, and the order of work.
//!
//! The order (as in types2): objects of all files (`resolver`), types that are directly themselves (`cycles`),
//! declarations on demand (`decl`), delayed checks and bodies, initialisation order, unused imports.

use crate::codes::Code;
use crate::hash::HashMap;
use crate::store::*;
use crate::typestring::Qualify;
use gorace_base::{Pos, SourceMap};
use gorace_syntax::ast::{File, Ident, Name, NodeId};
use std::rc::Rc;
use std::sync::Arc;

/// An error in gc's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeError {
    pub pos: Pos,
    /// Further places that it mentions are marked; `text` spells them out.
    pub message: String,
    pub code: Code,
    /// Does not keep the package from being compiled in principle (unused variables and imports).
    pub soft: bool,
}

impl TypeError {
    /// The message with the places that it mentions.
    pub fn text(&self, sources: &SourceMap) -> String {
        spell_places(&self.message, &|pos| sources.position(pos).map(|p| (p.to_string(), p.line)))
    }
}

/// Replaces the marked places of a message by their texts, or their lines' numbers, which `place` gives.
pub fn spell_places(message: &str, place: &dyn Fn(Pos) -> Option<(String, u32)>) -> String {
    let mut out = String::new();
    let mut rest = message;
    while let Some((before, marked)) = rest.split_once(MARK_BEGIN) {
        let Some((number, after)) = marked.split_once(MARK_END) else { break };
        out.push_str(before);
        // A line alone is marked by `L`.
        let (line_only, number) = number.strip_prefix('L').map_or((false, number), |n| (true, n));
        if let Some((text, line)) = number.parse().ok().and_then(|n| place(Pos(n))) {
            out.push_str(&if line_only { line.to_string() } else { text });
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

const MARK_BEGIN: char = '\u{e000}';
const MARK_END: char = '\u{e001}';

/// A place within a message.
pub(crate) fn place(pos: Pos) -> String {
    format!("{MARK_BEGIN}{}{MARK_END}", pos.0)
}

/// The number of a place's line within a message.
pub(crate) fn line(pos: Pos) -> String {
    format!("{MARK_BEGIN}L{}{MARK_END}", pos.0)
}

/// Errors kept of a package; nobody reads more.
const MAX_ERRORS: usize = 100_000;

/// How to check.
#[derive(Debug, Clone, Copy, Default)]
pub struct Config {
    /// The module's language version, N of 1.N.
    pub go_minor: u32,
    pub is_std: bool,
    /// The package has functions in assembly: a declaration needs no body.
    pub assembly: bool,
    /// As types2's own test checks: `assert` and `trace` are predeclared, functions need no body, and labels are the
    /// checker's business (otherwise the parser has looked at them).
    pub fixture: bool,
    /// Accepts `import "C"` and every name in it, as Go's own test does for some files.
    pub fake_import_c: bool,
}

pub(crate) type Job<'a> = Box<dyn FnOnce(&mut Checker<'a>) + 'a>;

/// What a body is checked in.
#[derive(Clone, Default)]
pub(crate) struct Environment {
    pub scope: Option<ScopeId>,
    pub iota: Option<u32>,
    /// Where errors of a repeated constant expression are reported: the constant that repeats it.
    pub error_pos: Option<Pos>,
    pub signature: Option<Rc<Signature>>,
    pub result_names: Rc<[Option<ObjId>]>,
    /// The package-level object whose dependencies are recorded.
    pub declaring: Option<ObjId>,
    /// Type parameters of the enclosing generic function, for local types.
    pub type_params: Rc<[TypeId]>,
    pub in_function: bool,
    pub has_label: bool,
    /// A call or receive operation has been met.
    pub has_call_or_receive: bool,
    /// Inside the list of a declaration's type parameters.
    pub in_type_params: bool,
    /// A defined type is only named, not resolved, as it may mention what is being declared: inside an alias's right
    /// side, and behind a pointer, a signature and the like in a type declaration.
    pub lazy_types: bool,
    /// On the right side of a type declaration of the package.
    pub type_decl: bool,
}

/// A receiver's type parameters as the method names them: the parameter, and the object of that name.
pub(crate) type ReceiverNames = Rc<[(TypeId, ObjId)]>;

pub(crate) struct Checker<'a> {
    pub store: &'a mut Store,
    pub files: &'a [Arc<File>],
    pub pkg: PkgId,
    pub config: Config,
    pub file: usize,
    pub env: Environment,
    pub errors: Vec<TypeError>,
    pub info: Vec<FileInfo>,
    /// A stack of jobs; a statement runs those that it has put there.
    pub delayed: Vec<Option<Job<'a>>>,
    pub file_scopes: Vec<ScopeId>,
    pub dot_imports: Vec<HashMap<Name, (ObjId, ObjId)>>,
    /// The files' package names, in order; whether each is an import that failed.
    pub package_names: Vec<ObjId>,
    pub deps: HashMap<ObjId, Vec<ObjId>>,
    pub methods: HashMap<ObjId, Vec<ObjId>>,
    pub local_types: u32,
    pub imports: &'a dyn Fn(&str) -> Option<PkgId>,
    /// Imports that failed: any name may be selected from them.
    pub fake_packages: HashMap<PkgId, ()>,
    /// The declarations that are being resolved, outermost first.
    pub resolving: Vec<ObjId>,
    /// When the declarations of types began to be resolved, in their order.
    pub began: HashMap<ObjId, usize>,
    pub package_objects: Vec<ObjId>,
    /// Local variables in order of declaration, to report unused ones.
    pub locals: Vec<ObjId>,
    /// Scopes of the type parameters of generic types, declared before anything needs the type's right side.
    pub headers: HashMap<ObjId, ScopeId>,
    /// Types whose declarations lead back to themselves in a way that is an error.
    pub broken: crate::hash::HashSet<ObjId>,
    /// What defined types of this package are declared as.
    pub right_sides: HashMap<TypeId, TypeId>,
    /// The declarations of this package's types, local ones included, with their files.
    pub type_decls: HashMap<ObjId, (usize, &'a gorace_syntax::ast::TypeDecl)>,
    /// Receivers and result variables, which messages call so.
    pub variable_kinds: HashMap<ObjId, &'static str>,
    /// Where the types of variables and constants come from, for messages.
    pub sources: crate::spelling::Sources<'a>,
    /// What the operand at hand is assigned to, for messages.
    pub goal: Option<crate::spelling::Goal<'a>>,
    /// The function type around a body, with its file.
    pub around: Option<(usize, &'a gorace_syntax::ast::FuncType)>,
    /// Type parameters' constraints as written, with their files.
    pub constraints: HashMap<TypeId, (usize, &'a gorace_syntax::ast::Expr)>,
    /// Type arguments written for generic functions whose other ones come from the type of the variable, by the index
    /// expression.
    pub partial: HashMap<(usize, NodeId), Rc<[TypeId]>>,
    /// Where instances of generic types of this package are written first.
    pub instance_places: HashMap<TypeId, Pos>,
    /// Whether the sizes of defined types depend on type parameters.
    pub var_sizes: HashMap<TypeId, bool>,
    /// Channel types as written, with their elements.
    pub channels: Vec<(Pos, TypeId)>,
    /// Interfaces embedded before they were complete: an interface literal within them embeds them.
    pub embedded_unfinished: Vec<ObjId>,
    /// Instantiations, for the search for those without end.
    pub instantiations: Vec<crate::mono::Instantiation>,
}

/// Checks a package whose imports are in the store.
pub fn check_package(
    store: &mut Store,
    path: &str,
    files: &[Arc<File>],
    imports: &dyn Fn(&str) -> Option<PkgId>,
    config: Config,
) -> (PkgId, Vec<TypeError>) {
    let scope = store.new_scope(Some(store.universe));
    let name = files.iter().map(|f| f.package.name.clone()).find(|n| n != "_").unwrap_or_default();
    let pkg = store.new_package(Package {
        path: path.to_string(),
        name,
        files: files.to_vec(),
        scope,
        linknames: Rc::new(linknames(files)),
        go_minor: config.go_minor,
        is_std: config.is_std,
        ..Package::default()
    });
    if config.fixture {
        crate::universe::declare_test_builtins(store, scope);
    }
    let info = files
        .iter()
        .map(|f| FileInfo { types: vec![TypeAndMode::default(); f.node_count as usize], ..FileInfo::default() })
        .collect();
    let (mut errors, info) = check_files(store, files, pkg, info, imports, config);
    store.packages[pkg.index()].info = info;
    errors.sort_by_key(|e| e.pos);
    // As the compiler does; types2's test counts them all.
    if !config.fixture {
        errors.dedup_by(|b, a| a.pos == b.pos && a.message == b.message);
    }
    (pkg, errors)
}

fn check_files<'a>(
    store: &'a mut Store,
    files: &'a [Arc<File>],
    pkg: PkgId,
    info: Vec<FileInfo>,
    imports: &'a dyn Fn(&str) -> Option<PkgId>,
    config: Config,
) -> (Vec<TypeError>, Vec<FileInfo>) {
    let store_objects = store.objects.len();
    let mut checker = Checker {
        store,
        files,
        pkg,
        config,
        file: 0,
        env: Environment::default(),
        errors: Vec::new(),
        info,
        delayed: Vec::new(),
        file_scopes: Vec::new(),
        dot_imports: vec![HashMap::default(); files.len()],
        package_names: Vec::new(),
        deps: HashMap::default(),
        methods: HashMap::default(),
        local_types: 0,
        imports,
        fake_packages: HashMap::default(),
        resolving: Vec::new(),
        began: HashMap::default(),
        package_objects: Vec::new(),
        locals: Vec::new(),
        headers: HashMap::default(),
        broken: crate::hash::HashSet::default(),
        right_sides: HashMap::default(),
        type_decls: HashMap::default(),
        variable_kinds: HashMap::default(),
        sources: crate::spelling::Sources::from(store_objects),
        goal: None,
        around: None,
        constraints: HashMap::default(),
        partial: HashMap::default(),
        instance_places: HashMap::default(),
        var_sizes: HashMap::default(),
        channels: Vec::new(),
        embedded_unfinished: Vec::new(),
        instantiations: Vec::new(),
    };
    checker.run();
    (checker.errors, checker.info)
}

impl<'a> Checker<'a> {
    fn run(&mut self) {
        self.directive_texts();
        self.package_clauses();
        self.collect();
        self.direct_cycles();
        // Types come first, then aliases, so that what a value's declaration mentions is known.
        let mut objects = self.package_objects.clone();
        objects.sort_by_key(|&obj| match self.store.object(obj).kind {
            ObjKind::TypeName { alias: false } => 0,
            ObjKind::TypeName { alias: true } => 1,
            // Functions next, so that method sets are known wherever a value is assigned.
            ObjKind::Func => 2,
            _ => 3,
        });
        for obj in objects {
            self.resolve(obj);
        }
        self.process_delayed(0);
        self.init_order();
        self.unused_imports();
        if self.errors.is_empty() {
            self.endless_instantiation();
        }
        self.after_checking();
    }

    /// Runs the delayed jobs from a height of the stack on, and those that they delay.
    pub fn process_delayed(&mut self, top: usize) {
        let file = self.file;
        let mut at = top;
        while at < self.delayed.len() {
            if let Some(job) = self.delayed[at].take() {
                job(self);
            }
            at += 1;
        }
        self.delayed.truncate(top);
        self.file = file;
    }

    /// Runs a job later, in the current file.
    pub fn later(&mut self, job: impl FnOnce(&mut Checker<'a>) + 'a) {
        let file = self.file;
        self.delayed.push(Some(Box::new(move |c| {
            c.file = file;
            job(c);
        })));
    }

    pub fn error(&mut self, pos: Pos, code: Code, message: impl Into<String>) {
        self.report(pos, code, false, message.into(), &[]);
    }

    pub fn soft_error(&mut self, pos: Pos, code: Code, message: impl Into<String>) {
        self.report(pos, code, true, message.into(), &[]);
    }

    /// An error with further lines, each with its place.
    pub fn error_with(&mut self, pos: Pos, code: Code, message: impl Into<String>, more: &[(Pos, String)]) {
        self.report(pos, code, false, message.into(), more);
    }

    pub fn report(&mut self, pos: Pos, code: Code, soft: bool, mut message: String, more: &[(Pos, String)]) {
        // What speaks of something invalid follows from an error that has been reported.
        let follows = |text: &str| message.find(text).is_some_and(|at| at > 0);
        if !self.errors.is_empty() && (follows("invalid operand") || follows("invalid type")) {
            return;
        }
        for (pos, text) in more {
            message.push_str("\n\t");
            if pos.is_known() {
                message.push_str(&place(*pos));
                message.push_str(": ");
            }
            message.push_str(text);
        }
        if !self.config.fixture && asks_for_version(&message) {
            message.push_str(&self.version_reason());
        }
        let pos = self.env.error_pos.unwrap_or(pos);
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(TypeError { pos, code, message, soft });
        }
    }

    /// Whether the language version in force has a feature of 1.`minor`; reports what needs it if not.
    pub fn verify_version(&mut self, pos: Pos, minor: u32, what: &str) -> bool {
        if self.version() >= minor {
            return true;
        }
        self.error(pos, Code::UnsupportedFeature, format!("{what} requires go1.{minor} or later"));
        false
    }

    /// Where the language version in force comes from.
    fn version_reason(&self) -> String {
        match self.files[self.file].go_version {
            Some((major, minor)) if minor == self.version() => {
                format!(" (file declares //go:build go{major}.{minor})")
            }
            _ => format!(" (-lang was set to go1.{}; check go.mod)", self.config.go_minor),
        }
    }

    /// A type for messages.
    pub fn show(&self, ty: TypeId) -> String {
        self.store.type_string(ty, Qualify::Relative(self.pkg))
    }

    pub fn scope(&self) -> ScopeId {
        self.env.scope.unwrap_or(self.file_scopes[self.file])
    }

    /// Runs with a new block scope.
    pub fn in_scope<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.scope();
        let inner = self.store.new_scope(Some(outer));
        let saved = self.env.scope.replace(inner);
        let result = f(self);
        self.env.scope = saved;
        result
    }

    /// Enters a name into the current scope.
    pub fn declare(&mut self, name: &Ident, obj: ObjId) {
        self.record_definition(name.id, obj);
        if name.name == "_" {
            return;
        }
        let scope = self.scope();
        self.insert(scope, name.name.clone(), obj, name.pos);
    }

    /// Enters a name into a scope; whether it was not there yet.
    pub fn insert(&mut self, scope: ScopeId, name: Name, obj: ObjId, pos: Pos) -> bool {
        if let Some(&other) = self.store.scopes[scope.index()].names.get(&name) {
            let more = self.other_declaration(other);
            self.error_with(pos, Code::DuplicateDecl, format!("{name} redeclared in this block"), &more);
            return false;
        }
        self.store.scopes[scope.index()].names.insert(name, obj);
        true
    }

    /// The line that tells where else something is declared.
    pub fn other_declaration(&self, obj: ObjId) -> Vec<(Pos, String)> {
        let object = self.store.object(obj);
        if !object.pos.is_known() {
            return Vec::new();
        }
        vec![(object.pos, format!("other declaration of {}", object.name))]
    }

    pub fn record_definition(&mut self, id: NodeId, obj: ObjId) {
        self.info[self.file].objects.insert(id, obj);
        self.info[self.file].definitions.insert(id);
    }

    pub fn record_use(&mut self, id: NodeId, obj: ObjId) {
        self.info[self.file].objects.insert(id, obj);
    }

    pub fn record(&mut self, id: NodeId, mode: Mode, ty: TypeId) {
        self.info[self.file].types[id.index()] = TypeAndMode { mode, ty };
    }

    pub fn record_constant(&mut self, id: NodeId, value: crate::constant::Const) {
        self.info[self.file].constants.insert(id, value);
    }

    /// The language version in force in the current file.
    pub fn version(&self) -> u32 {
        match self.files[self.file].go_version {
            Some((_, minor)) => minor.max(21),
            None => self.config.go_minor,
        }
    }

    /// What a message calls an object.
    pub fn object_kind(&self, obj: ObjId) -> &'static str {
        let object = self.store.object(obj);
        match &object.kind {
            ObjKind::Package(_) => "package name",
            ObjKind::Const(_) => "constant",
            ObjKind::TypeName { .. } if self.store.is_type_param(object.ty) => "type parameter",
            ObjKind::TypeName { alias: true } => "type alias",
            ObjKind::TypeName { .. } => "defined type",
            ObjKind::Var { is_field: true, .. } => "struct field",
            ObjKind::Var { is_param: true, .. } => self.variable_kinds.get(&obj).copied().unwrap_or("parameter"),
            ObjKind::Var { .. } if object.global => "package-level variable",
            ObjKind::Var { .. } => "local variable",
            ObjKind::Func if object.receiver.is_some() => "method",
            ObjKind::Func => "function",
            ObjKind::Label => "label",
            ObjKind::Builtin(_) => "built-in function",
            ObjKind::Nil => "untyped nil",
        }
    }

    /// Notes that the declaration being resolved depends on a package-level object.
    pub fn add_dependency(&mut self, obj: ObjId) {
        if let Some(from) = self.env.declaring {
            let list = self.deps.entry(from).or_default();
            if !list.contains(&obj) {
                list.push(obj);
            }
        }
    }
}

/// Whether a message says that a feature needs another version of the language.
fn asks_for_version(message: &str) -> bool {
    message.split("requires go1.").skip(1).any(|rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        digits > 0 && rest[digits..].starts_with(" or later")
    })
}

/// The `//go:linkname local target` lines of a package.
fn linknames(files: &[Arc<File>]) -> HashMap<String, String> {
    let mut out = HashMap::default();
    for directive in files.iter().flat_map(|f| &f.directives) {
        let text = &directive.text;
        let rest = text.strip_prefix("go:linkname ").or_else(|| text.strip_prefix("go:linknamestd "));
        let mut words = rest.unwrap_or("").split_whitespace();
        if let (Some(local), Some(target)) = (words.next(), words.next()) {
            out.insert(local.to_string(), target.to_string());
        }
    }
    out
}
