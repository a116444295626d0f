//! The universe block and package unsafe.

use crate::constant::Const;
use crate::store::*;
use gorace_base::Pos;
use std::rc::Rc;

/// Declares what is predeclared (Go spec, "Predeclared identifiers").
pub(crate) fn declare(store: &mut Store) {
    let universe = store.new_scope(None);
    store.universe = universe;
    let enter = |store: &mut Store, kind: ObjKind, name: &str, ty: TypeId| {
        let obj = store.new_object(kind, name.into(), None, ty, Pos::NONE);
        store.scopes[universe.index()].names.insert(name.into(), obj);
        obj
    };
    for &basic in Basic::ALL {
        if !basic.is_untyped() && !matches!(basic, Basic::Invalid | Basic::UnsafePointer) {
            enter(store, ObjKind::TypeName { alias: false }, basic.name(), basic.id());
        }
    }
    enter(store, ObjKind::TypeName { alias: true }, "byte", Basic::Uint8.id());
    enter(store, ObjKind::TypeName { alias: true }, "rune", Basic::Int32.id());
    let empty = store.intern(Type::Interface(Rc::new(Interface::default())));
    store.any_type = empty;
    enter(store, ObjKind::TypeName { alias: true }, "any", empty);

    let error = enter(store, ObjKind::TypeName { alias: false }, "error", empty);
    let error_type = store.new_named(error);
    let signature = store.func(&[], &[Basic::String.id()], false);
    let method = InterfaceMethod { name: "Error".into(), pkg: None, signature };
    let interface = Interface { methods: Rc::from([method]), ..Interface::default() };
    let under = store.intern(Type::Interface(Rc::new(interface)));
    if let Some(named) = store.as_named_mut(error_type) {
        named.underlying = Some(under);
    }
    store.object_mut(error).ty = error_type;
    store.error_type = error_type;

    let comparable = enter(store, ObjKind::TypeName { alias: false }, "comparable", empty);
    let comparable_type = store.new_named(comparable);
    let under = store.intern(Type::Interface(Rc::new(Interface { comparable: true, ..Interface::default() })));
    if let Some(named) = store.as_named_mut(comparable_type) {
        named.underlying = Some(under);
    }
    store.object_mut(comparable).ty = comparable_type;
    store.comparable_type = comparable_type;

    enter(store, ObjKind::Const(Const::Bool(true)), "true", Basic::UntypedBool.id());
    enter(store, ObjKind::Const(Const::Bool(false)), "false", Basic::UntypedBool.id());
    enter(store, ObjKind::Const(Const::int(0)), "iota", Basic::UntypedInt.id());
    enter(store, ObjKind::Nil, "nil", Basic::UntypedNil.id());
    for (name, builtin) in [
        ("append", Builtin::Append),
        ("cap", Builtin::Cap),
        ("clear", Builtin::Clear),
        ("close", Builtin::Close),
        ("complex", Builtin::Complex),
        ("copy", Builtin::Copy),
        ("delete", Builtin::Delete),
        ("imag", Builtin::Imag),
        ("len", Builtin::Len),
        ("make", Builtin::Make),
        ("max", Builtin::Max),
        ("min", Builtin::Min),
        ("new", Builtin::New),
        ("panic", Builtin::Panic),
        ("print", Builtin::Print),
        ("println", Builtin::Println),
        ("real", Builtin::Real),
        ("recover", Builtin::Recover),
    ] {
        enter(store, ObjKind::Builtin(builtin), name, Basic::Invalid.id());
    }

    let scope = store.new_scope(Some(universe));
    store.unsafe_pkg = store.new_package(Package {
        path: "unsafe".to_string(),
        name: "unsafe".into(),
        scope,
        go_minor: 1,
        is_std: true,
        ..Package::default()
    });
    let enter_unsafe = |store: &mut Store, kind: ObjKind, name: &str, ty: TypeId| {
        let obj = store.new_object(kind, name.into(), Some(PkgId(0)), ty, Pos::NONE);
        store.scopes[scope.index()].names.insert(name.into(), obj);
    };
    enter_unsafe(store, ObjKind::TypeName { alias: false }, "Pointer", Basic::UnsafePointer.id());
    for (name, builtin) in [
        ("Add", Builtin::UnsafeAdd),
        ("Alignof", Builtin::Alignof),
        ("Offsetof", Builtin::Offsetof),
        ("Sizeof", Builtin::Sizeof),
        ("Slice", Builtin::UnsafeSlice),
        ("SliceData", Builtin::UnsafeSliceData),
        ("String", Builtin::UnsafeString),
        ("StringData", Builtin::UnsafeStringData),
    ] {
        enter_unsafe(store, ObjKind::Builtin(builtin), name, Basic::Invalid.id());
    }
}

/// Declares `assert` and `trace`, which state facts in Go's own test files; calls of them are treated apart.
pub(crate) fn declare_test_builtins(store: &mut Store, scope: ScopeId) {
    for name in ["assert", "trace"] {
        let ty = store.func(&[], &[], false);
        let obj = store.new_object(ObjKind::Func, name.into(), None, ty, Pos::NONE);
        store.scopes[scope.index()].names.insert(name.into(), obj);
    }
}
