//! All types, objects, scopes and packages of a compilation, by dense ids.
//!
//! Types are hash-consed: composite types with equal parts have one id, a named type or type parameter is an id of its
//! own, an instance is keyed by its generic type and arguments, aliases are resolved when they are written. Hence
//! **type identity is equality of ids**. Interfaces are kept in canonical form (methods sorted, embedded ones flattened).

pub use crate::basic::*;
use crate::hash::HashMap;
pub use crate::package::*;
use gorace_base::Pos;
use gorace_syntax::ast::{ChanDir, Name};
use std::rc::Rc;

gorace_base::define_id!(
    /// A type.
    TypeId
);
gorace_base::define_id!(
    /// A declared thing.
    ObjId
);
gorace_base::define_id!(
    /// A package.
    PkgId
);
gorace_base::define_id!(
    /// A scope.
    ScopeId
);

/// A struct's field.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Field {
    pub name: Name,
    /// Set for names that are not exported.
    pub pkg: Option<PkgId>,
    pub ty: TypeId,
    pub embedded: bool,
    pub tag: Option<Rc<[u8]>>,
}

/// A function's type; a method's has no receiver in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Signature {
    pub params: Rc<[TypeId]>,
    pub results: Rc<[TypeId]>,
    /// The last parameter's type is then a slice.
    pub variadic: bool,
    /// Type parameters of a generic function's type.
    pub type_params: Rc<[TypeId]>,
}

/// An interface's method.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InterfaceMethod {
    pub name: Name,
    pub pkg: Option<PkgId>,
    pub signature: TypeId,
}

/// A term of a type set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Term {
    pub tilde: bool,
    pub ty: TypeId,
}

/// An interface in canonical form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Interface {
    /// Sorted by `method_order`.
    pub methods: Rc<[InterfaceMethod]>,
    /// The types allowed, when restricted.
    pub terms: Option<Rc<[Term]>>,
    pub comparable: bool,
    /// Written without `interface{}` around a constraint.
    pub implicit: bool,
}

impl Interface {
    /// No type is in it.
    pub fn is_empty_set(&self) -> bool {
        self.terms.as_ref().is_some_and(|t| t.is_empty())
    }

    /// Every type is in it.
    pub fn is_everything(&self) -> bool {
        self.methods.is_empty() && self.terms.is_none() && !self.comparable
    }
}

/// The parts of a type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    Basic(Basic),
    Array {
        elem: TypeId,
        len: i64,
    },
    Slice(TypeId),
    Pointer(TypeId),
    Map {
        key: TypeId,
        elem: TypeId,
    },
    Chan {
        dir: ChanDir,
        elem: TypeId,
    },
    Struct(Rc<[Field]>),
    Tuple(Rc<[TypeId]>),
    Signature(Rc<Signature>),
    Interface(Rc<Interface>),
    /// Index into `Store::named`.
    Named(u32),
    /// Index into `Store::type_params`.
    TypeParam(u32),
}

/// A defined type, generic type or instance of one.
#[derive(Debug, Clone)]
pub struct Named {
    pub obj: ObjId,
    /// Set when the declaration has been resolved (for an instance: when first asked for).
    pub underlying: Option<TypeId>,
    /// Declared methods; an instance's are those of its origin.
    pub methods: Vec<ObjId>,
    pub type_params: Rc<[TypeId]>,
    pub origin: Option<TypeId>,
    pub targs: Rc<[TypeId]>,
    /// Number of the type among those declared inside functions, so that equal names print apart.
    pub local: u32,
    /// How many of `type_params` and `targs` are those of the function around the declaration, not written with the type.
    pub outer: u32,
}

impl Named {
    /// A generic type that is not instantiated.
    pub fn is_generic(&self) -> bool {
        self.origin.is_none() && self.type_params.len() > self.outer as usize
    }

    /// The type arguments that are written with the type.
    pub fn own_targs(&self) -> &[TypeId] {
        self.targs.get(self.outer as usize..).unwrap_or_default()
    }
}

/// A type parameter.
#[derive(Debug, Clone)]
pub struct TypeParam {
    pub obj: ObjId,
    pub index: u32,
    pub constraint: TypeId,
}

/// See the module's text.
#[derive(Debug)]
pub struct Store {
    pub types: Vec<Type>,
    interned: HashMap<Type, TypeId>,
    pub named: Vec<Named>,
    pub type_params: Vec<TypeParam>,
    instances: HashMap<(TypeId, Rc<[TypeId]>), TypeId>,
    /// Signatures of generic methods of instances.
    pub(crate) generic_methods: HashMap<(ObjId, TypeId), TypeId>,
    /// The types that a walk is inside of, to end it where a type contains itself (which is reported elsewhere).
    pub(crate) inside: Vec<TypeId>,
    pub objects: Vec<Object>,
    pub scopes: Vec<Scope>,
    pub packages: Vec<Package>,
    packages_by_path: HashMap<String, PkgId>,
    /// Types declared in functions, by package and number: their identity in export data.
    pub(crate) local_named: HashMap<(PkgId, u32), TypeId>,
    /// Types and objects below these are those of every new store.
    pub(crate) universe_types: u32,
    pub(crate) universe_objects: u32,
    pub universe: ScopeId,
    pub unsafe_pkg: PkgId,
    /// The type `error`, `any`, `comparable`, and `byte`/`rune` objects' types.
    pub error_type: TypeId,
    pub any_type: TypeId,
    pub comparable_type: TypeId,
}

impl Default for Store {
    fn default() -> Self {
        Store::new()
    }
}

impl Store {
    /// A store that holds the universe and package unsafe.
    pub fn new() -> Store {
        let mut store = Store {
            types: Vec::new(),
            interned: HashMap::default(),
            named: Vec::new(),
            type_params: Vec::new(),
            instances: HashMap::default(),
            generic_methods: HashMap::default(),
            inside: Vec::new(),
            objects: Vec::new(),
            scopes: Vec::new(),
            packages: Vec::new(),
            packages_by_path: HashMap::default(),
            local_named: HashMap::default(),
            universe_types: 0,
            universe_objects: 0,
            universe: ScopeId(0),
            unsafe_pkg: PkgId(0),
            error_type: TypeId(0),
            any_type: TypeId(0),
            comparable_type: TypeId(0),
        };
        for &basic in Basic::ALL {
            let id = store.intern(Type::Basic(basic));
            debug_assert_eq!(id, basic.id());
        }
        crate::universe::declare(&mut store);
        store.universe_types = store.types.len() as u32;
        store.universe_objects = store.objects.len() as u32;
        store
    }

    /// The id of a type's parts.
    pub fn intern(&mut self, ty: Type) -> TypeId {
        if let Some(&known) = self.interned.get(&ty) {
            return known;
        }
        let id = TypeId(self.types.len() as u32);
        self.types.push(ty.clone());
        self.interned.insert(ty, id);
        id
    }

    pub fn get(&self, ty: TypeId) -> &Type {
        &self.types[ty.index()]
    }

    pub fn pointer(&mut self, elem: TypeId) -> TypeId {
        self.intern(Type::Pointer(elem))
    }

    pub fn slice(&mut self, elem: TypeId) -> TypeId {
        self.intern(Type::Slice(elem))
    }

    pub fn tuple(&mut self, parts: Vec<TypeId>) -> TypeId {
        self.intern(Type::Tuple(parts.into()))
    }

    pub fn func(&mut self, params: &[TypeId], results: &[TypeId], variadic: bool) -> TypeId {
        self.intern(Type::Signature(Rc::new(Signature {
            params: params.into(),
            results: results.into(),
            variadic,
            type_params: Rc::from([]),
        })))
    }

    pub fn object(&self, id: ObjId) -> &Object {
        &self.objects[id.index()]
    }

    pub fn object_mut(&mut self, id: ObjId) -> &mut Object {
        &mut self.objects[id.index()]
    }

    /// Adds a package.
    pub fn new_package(&mut self, package: Package) -> PkgId {
        let id = PkgId(self.packages.len() as u32);
        self.packages_by_path.insert(package.path.clone(), id);
        self.packages.push(package);
        id
    }

    /// The package of a path.
    pub fn package_named(&self, path: &str) -> Option<PkgId> {
        self.packages_by_path.get(path).copied()
    }

    pub fn package(&self, id: PkgId) -> &Package {
        &self.packages[id.index()]
    }

    /// A new object.
    pub fn new_object(&mut self, kind: ObjKind, name: Name, pkg: Option<PkgId>, ty: TypeId, pos: Pos) -> ObjId {
        self.objects.push(Object {
            kind,
            name,
            pkg,
            ty,
            pos,
            used: false,
            decl: None,
            color: Color::Black,
            receiver: None,
            global: false,
            alias_params: Rc::from([]),
        });
        ObjId(self.objects.len() as u32 - 1)
    }

    pub fn new_scope(&mut self, parent: Option<ScopeId>) -> ScopeId {
        self.scopes.push(Scope { parent, names: HashMap::default() });
        ScopeId(self.scopes.len() as u32 - 1)
    }

    /// A new defined type without underlying type.
    pub fn new_named(&mut self, obj: ObjId) -> TypeId {
        self.named.push(Named {
            obj,
            underlying: None,
            methods: Vec::new(),
            type_params: Rc::from([]),
            origin: None,
            targs: Rc::from([]),
            local: 0,
            outer: 0,
        });
        let index = self.named.len() as u32 - 1;
        self.intern(Type::Named(index))
    }

    /// A new type parameter.
    pub fn new_type_param(&mut self, obj: ObjId, index: u32, constraint: TypeId) -> TypeId {
        self.type_params.push(TypeParam { obj, index, constraint });
        let at = self.type_params.len() as u32 - 1;
        self.intern(Type::TypeParam(at))
    }

    /// Walks the parts of a type; where only a type that contains itself leads, gives `otherwise`.
    pub(crate) fn within<T>(&mut self, ty: TypeId, otherwise: T, f: impl FnOnce(&mut Store) -> T) -> T {
        if self.inside.len() > 200 || self.inside.contains(&ty) {
            return otherwise;
        }
        self.inside.push(ty);
        let result = f(self);
        self.inside.pop();
        result
    }

    /// Sets a type parameter's constraint.
    pub(crate) fn set_constraint(&mut self, param: TypeId, constraint: TypeId) {
        if let Type::TypeParam(at) = self.types[param.index()] {
            self.type_params[at as usize].constraint = constraint;
        }
    }

    pub fn as_named(&self, ty: TypeId) -> Option<&Named> {
        match self.get(ty) {
            Type::Named(at) => Some(&self.named[*at as usize]),
            _ => None,
        }
    }

    pub fn as_named_mut(&mut self, ty: TypeId) -> Option<&mut Named> {
        match self.types[ty.index()] {
            Type::Named(at) => Some(&mut self.named[at as usize]),
            _ => None,
        }
    }

    pub fn as_type_param(&self, ty: TypeId) -> Option<&TypeParam> {
        match self.get(ty) {
            Type::TypeParam(at) => Some(&self.type_params[*at as usize]),
            _ => None,
        }
    }

    /// The generic type that an instance was made from, or the type itself.
    pub fn origin(&self, ty: TypeId) -> TypeId {
        self.as_named(ty).and_then(|n| n.origin).unwrap_or(ty)
    }

    /// The instance of a generic type.
    pub fn instance(&mut self, origin: TypeId, targs: Rc<[TypeId]>) -> TypeId {
        if let Some(&known) = self.instances.get(&(origin, targs.clone())) {
            return known;
        }
        let Some(generic) = self.as_named(origin) else { return origin };
        let (obj, local, outer) = (generic.obj, generic.local, generic.outer);
        // T[P1, P2] with a generic type's own parameters is the type itself.
        if generic.type_params[..] == targs[..] {
            return origin;
        }
        let made = self.new_named(obj);
        if let Some(named) = self.as_named_mut(made) {
            named.origin = Some(origin);
            named.targs = targs.clone();
            named.local = local;
            named.outer = outer;
        }
        self.instances.insert((origin, targs), made);
        made
    }

    /// The underlying type (Go spec, "Underlying types"); of a type parameter its constraint's interface. A type
    /// whose declaration is still being resolved gives the invalid type.
    pub fn under(&mut self, ty: TypeId) -> TypeId {
        match self.types[ty.index()] {
            Type::Named(at) => {
                if let Some(known) = self.named[at as usize].underlying {
                    return known;
                }
                let Some(origin) = self.named[at as usize].origin else { return Basic::Invalid.id() };
                let targs = self.named[at as usize].targs.clone();
                let Some(generic) = self.as_named(origin) else { return Basic::Invalid.id() };
                let params = generic.type_params.clone();
                let Some(body) = generic.underlying else { return Basic::Invalid.id() };
                let body = self.subst(body, &params, &targs);
                let body = self.under(body);
                self.named[at as usize].underlying = Some(body);
                body
            }
            Type::TypeParam(at) => {
                let constraint = self.type_params[at as usize].constraint;
                let under = self.under(constraint);
                match self.get(under) {
                    Type::Interface(_) => under,
                    Type::Basic(Basic::Invalid) => under,
                    _ => self.implicit_interface(constraint),
                }
            }
            _ => ty,
        }
    }

    /// The interface that a constraint of one type stands for.
    pub fn implicit_interface(&mut self, ty: TypeId) -> TypeId {
        let terms = Some(Rc::from([Term { tilde: false, ty }]));
        let interface = Interface { methods: Rc::from([]), terms, comparable: false, implicit: true };
        self.intern(Type::Interface(Rc::new(interface)))
    }

    /// The underlying type's parts.
    pub fn under_type(&mut self, ty: TypeId) -> Type {
        let under = self.under(ty);
        self.get(under).clone()
    }

    pub fn is_type_param(&self, ty: TypeId) -> bool {
        matches!(self.get(ty), Type::TypeParam(_))
    }

    pub fn is_interface(&mut self, ty: TypeId) -> bool {
        !self.is_type_param(ty) && matches!(self.under_type(ty), Type::Interface(_))
    }

    pub fn interface(&mut self, ty: TypeId) -> Option<Rc<Interface>> {
        match self.under_type(ty) {
            Type::Interface(i) => Some(i),
            _ => None,
        }
    }

    pub fn signature(&mut self, ty: TypeId) -> Option<Rc<Signature>> {
        match self.core_type(ty).map(|t| self.get(t).clone()) {
            Some(Type::Signature(s)) => Some(s),
            _ => None,
        }
    }

    pub fn basic(&mut self, ty: TypeId) -> Option<Basic> {
        match self.under_type(ty) {
            Type::Basic(b) => Some(b),
            _ => None,
        }
    }

    pub fn is_untyped(&self, ty: TypeId) -> bool {
        matches!(self.get(ty), Type::Basic(b) if b.is_untyped())
    }

    /// The types that a type parameter may stand for, by its terms; `None` when not restricted.
    pub fn terms(&mut self, ty: TypeId) -> Option<Rc<[Term]>> {
        match self.under_type(ty) {
            Type::Interface(i) => i.terms.clone(),
            _ => None,
        }
    }

    /// Whether a property holds for a type, or for every type in a type parameter's type set.
    pub fn all(&mut self, ty: TypeId, test: &mut dyn FnMut(&mut Store, TypeId) -> bool) -> bool {
        if !self.is_type_param(ty) {
            let under = self.under(ty);
            return test(self, under);
        }
        match self.terms(ty) {
            None => false,
            Some(terms) => {
                !terms.is_empty()
                    && terms.iter().all(|term| {
                        let under = self.under(term.ty);
                        test(self, under)
                    })
            }
        }
    }

    pub fn all_basic(&mut self, ty: TypeId, test: impl Fn(Basic) -> bool) -> bool {
        self.all(ty, &mut |store, t| matches!(store.get(t), Type::Basic(b) if test(*b)))
    }

    /// The single underlying type of a type or of all types of a type parameter's set (channels of different
    /// directions combine to the restricted one).
    pub fn core_type(&mut self, ty: TypeId) -> Option<TypeId> {
        if !self.is_type_param(ty) {
            return Some(self.under(ty));
        }
        let terms = self.terms(ty)?;
        let mut core: Option<TypeId> = None;
        for term in terms.iter() {
            let under = self.under(term.ty);
            core = Some(match core {
                None => under,
                Some(known) if known == under => known,
                Some(known) => match (self.get(known).clone(), self.get(under).clone()) {
                    (Type::Chan { dir: a, elem: x }, Type::Chan { dir: b, elem: y }) if x == y => {
                        if a == ChanDir::Both {
                            under
                        } else if b == ChanDir::Both || a == b {
                            known
                        } else {
                            return None;
                        }
                    }
                    _ => return None,
                },
            });
        }
        core
    }

    /// As `core_type`, but byte slices and strings combine to string.
    pub fn core_string(&mut self, ty: TypeId) -> Option<TypeId> {
        if !self.is_type_param(ty) {
            return Some(self.under(ty));
        }
        if let Some(core) = self.core_type(ty) {
            return Some(core);
        }
        let terms = self.terms(ty)?;
        let bytes = self.slice(Basic::Uint8.id());
        let fits = terms.iter().all(|term| {
            let under = self.under(term.ty);
            under == Basic::String.id() || under == bytes
        });
        fits.then(|| Basic::String.id())
    }

    /// The type of an untyped constant or value when nothing else gives it one.
    pub fn default_type(&self, ty: TypeId) -> TypeId {
        match self.get(ty) {
            Type::Basic(Basic::UntypedBool) => Basic::Bool.id(),
            Type::Basic(Basic::UntypedInt) => Basic::Int.id(),
            Type::Basic(Basic::UntypedRune) => Basic::Int32.id(),
            Type::Basic(Basic::UntypedFloat) => Basic::Float64.id(),
            Type::Basic(Basic::UntypedComplex) => Basic::Complex128.id(),
            Type::Basic(Basic::UntypedString) => Basic::String.id(),
            _ => ty,
        }
    }

    /// Whether two types are identical (Go spec, "Type identity").
    pub fn identical(&self, a: TypeId, b: TypeId) -> bool {
        a == b
    }

    /// Looks a name up in a scope and its parents.
    pub fn lookup(&self, scope: ScopeId, name: &str) -> Option<ObjId> {
        let mut at = Some(scope);
        while let Some(id) = at {
            let scope = &self.scopes[id.index()];
            if let Some(&found) = scope.names.get(name) {
                return Some(found);
            }
            at = scope.parent;
        }
        None
    }
}

/// Whether a name begins with an upper-case letter.
pub fn is_exported(name: &str) -> bool {
    name.chars().next().is_some_and(char::is_uppercase)
}

/// The order of methods in tables: exported ones first, then by name, then by package path.
pub fn method_order(store: &Store, a: (&str, Option<PkgId>), b: (&str, Option<PkgId>)) -> std::cmp::Ordering {
    let path = |pkg: Option<PkgId>| pkg.map_or("", |p| store.package(p).path.as_str());
    (is_exported(b.0), a.0, path(a.1)).cmp(&(is_exported(a.0), b.0, path(b.1)))
}
