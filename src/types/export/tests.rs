//! Packages go out and come back in another store; what their importers see is compared.

use crate::hash::HashMap;
use crate::store::*;
use crate::{Config, Exporter, Importer, Qualify, check_package};
use gorace_base::SourceMap;
use gorace_syntax::{Mode as ParseMode, parse_file};
use std::sync::Arc;

const A: &str = r#"package a

import "unsafe"

const (
	Big  = 1 << 100
	Half = 0.5
	Text = "t\xff"
	I    = 2i + 1
)

type inner struct {
	n    int
	next *Node
}

// Node leads back to itself through an unexported type.
type Node struct {
	inner
	Tag  string `json:"tag"`
	kids []*Node
}

func (n *inner) Depth() int { return n.n }
func (n Node) hidden()      {}

type Shape interface {
	Area() float64
	private()
}

type Number interface{ ~int | ~float64 }

type List[T any] struct {
	head *cell[T]
	size int
}

type cell[T any] struct {
	value T
	next  *cell[T]
}

func (l *List[T]) Push(v T) {
	type local struct{ seen T }
	_ = local{v}
	l.head = &cell[T]{v, l.head}
	l.size += step
}

var step = 1

func Map[T, U any](l *List[T], f func(T) U) (out List[U]) {
	for c := l.head; c != nil; c = c.next {
		out.Push(f(c.value))
	}
	return
}

func Sum[S ~[]N, N Number](s S) (total N) {
	for _, n := range s {
		switch v := any(n).(type) {
		case int:
			_ = v
		}
		total += n
	}
	return total + N(unsafe.Sizeof(total)) - N(len(s))
}

type Pair[K comparable, V any] = struct {
	Key   K
	Value V
}

type Self[T interface{ Compare(T) int }] struct{ v T }

var Default = List[Node]{}
var Func func(chan<- int, ...Shape) (<-chan error, map[string]any)

//go:linkname Linked other.name
func Linked()
"#;

const B: &str = r#"package b

import "a"

type Tree struct {
	a.Node
	Items a.List[*Tree]
}

func New() *Tree { return &Tree{} }

var Pairs []a.Pair[string, *Tree]
"#;

const C: &str = r#"package c

import "b"

var t = b.New()
var depth = t.Depth()
var tag = t.Tag
var pairs = b.Pairs[0].Value.Items
"#;

fn check(
    store: &mut Store,
    sources: &mut SourceMap,
    path: &str,
    text: &str,
    imports: &HashMap<String, PkgId>,
) -> PkgId {
    let text: Arc<[u8]> = Arc::from(text.as_bytes());
    let id = sources.add(format!("{path}.go"), text.clone());
    let (file, errors) = parse_file(id, sources.file(id).base, &text, ParseMode::Full);
    assert!(errors.is_empty(), "{errors:?}");
    let find = |p: &str| imports.get(p).copied();
    let config = Config { go_minor: 27, is_std: true, ..Config::default() };
    let (pkg, errors) = check_package(store, path, &[Arc::new(file)], &find, config);
    assert!(errors.is_empty(), "{errors:?}");
    pkg
}

/// A type's text without the numbers that a store gives to type parameters.
fn text(store: &Store, ty: TypeId) -> String {
    let full = store.type_string(ty, Qualify::Path);
    let mut parts = full.split('·');
    let mut out = parts.next().unwrap_or_default().to_string();
    parts.for_each(|part| out += part.trim_start_matches(|c: char| c.is_ascii_digit()));
    out
}

/// Every name of a package with all that can be said of it.
fn describe(store: &mut Store, pkg: PkgId) -> Vec<String> {
    let scope = store.package(pkg).scope;
    let mut names: Vec<ObjId> = store.scopes[scope.index()].names.values().copied().collect();
    names.sort_by_key(|&o| store.object(o).name.clone());
    names.retain(|&o| is_exported(&store.object(o).name));
    let mut out = Vec::new();
    for obj in names {
        let object = store.object(obj).clone();
        let under = store.under(object.ty);
        let params: Vec<String> = super::writer::own_params(store, obj)
            .iter()
            .filter_map(|&p| store.as_type_param(p).map(|p| (store.object(p.obj).name.clone(), p.constraint)))
            .map(|(name, constraint)| format!("{name} {}", text(store, constraint)))
            .collect();
        let methods: Vec<String> = store
            .method_set(object.ty)
            .into_iter()
            .map(|(name, _, found)| format!("{name} {:?} {}", found.path, found.indirect))
            .collect();
        out.push(format!(
            "{} {:?} {} = {} [{}] {methods:?}",
            object.name,
            match &object.kind {
                ObjKind::Const(value) => value.text(),
                other => format!("{other:?}"),
            },
            text(store, object.ty),
            text(store, under),
            params.join(", "),
        ));
    }
    out
}

struct World {
    store: Store,
    a: PkgId,
    b: PkgId,
    a_data: Arc<[u8]>,
    b_data: Arc<[u8]>,
}

fn from_source() -> World {
    let (mut store, mut sources, mut exporter) = (Store::new(), SourceMap::default(), Exporter::default());
    let a = check(&mut store, &mut sources, "a", A, &HashMap::default());
    let a_data = exporter.export(&store, a, &sources).into();
    let b = check(&mut store, &mut sources, "b", B, &HashMap::from_iter([("a".to_string(), a)]));
    let b_data = exporter.export(&store, b, &sources).into();
    World { store, a, b, a_data, b_data }
}

#[test]
fn what_comes_back_is_what_went_out() {
    let mut world = from_source();
    let (mut store, mut importer) = (Store::new(), Importer::default());
    // The dependent first: it brings what it needs of its dependency.
    let b = importer.import(&mut store, world.b_data.clone()).unwrap();
    let a = importer.import(&mut store, world.a_data.clone()).unwrap();
    let (wanted_a, wanted_b) = (world.a, world.b);
    assert_eq!(describe(&mut store, a), describe(&mut world.store, wanted_a));
    assert_eq!(describe(&mut store, b), describe(&mut world.store, wanted_b));
    assert_eq!(store.package(a).linknames.get("Linked").map(String::as_str), Some("other.name"));
}

#[test]
fn one_file_is_enough_to_check_an_importer() {
    let world = from_source();
    let (mut store, mut importer, mut sources) = (Store::new(), Importer::default(), SourceMap::default());
    let b = importer.import(&mut store, world.b_data).unwrap();
    let c = check(&mut store, &mut sources, "c", C, &HashMap::from_iter([("b".to_string(), b)]));
    let scope = store.package(c).scope;
    let pairs = store.scopes[scope.index()].names["pairs"];
    let ty = store.object(pairs).ty;
    assert_eq!(store.type_string(ty, Qualify::Path), "a.List[*b.Tree]");
}

#[test]
fn types_have_one_identity_however_they_come_in() {
    let world = from_source();
    let (mut store, mut importer, mut sources) = (Store::new(), Importer::default(), SourceMap::default());
    // Package a from source, b from export data.
    let a = check(&mut store, &mut sources, "a", A, &HashMap::default());
    let b = importer.import(&mut store, world.b_data).unwrap();
    let find = |store: &Store, pkg: PkgId, name: &str| {
        store.object(store.scopes[store.package(pkg).scope.index()].names[name]).ty
    };
    let tree = find(&store, b, "Tree");
    let Type::Struct(fields) = store.under_type(tree) else { panic!("a struct") };
    assert_eq!(fields[0].ty, find(&store, a, "Node"));
}

#[test]
fn bodies_come_back_with_what_is_known_of_them() {
    let mut world = from_source();
    let (mut store, mut importer, mut sources) = (Store::new(), Importer::default(), SourceMap::default());
    let a = importer.import(&mut store, world.a_data.clone()).unwrap();
    let scope = store.package(a).scope;
    let list = store.object(store.scopes[scope.index()].names["List"]).ty;
    let mut objects = vec![store.as_named(list).unwrap().methods[0]];
    objects.extend(["Map", "Sum"].map(|n| store.scopes[scope.index()].names[n]));
    let wanted = world.store.package(world.a).info[0].clone();
    let mut seen = 0;
    for obj in objects {
        let body = importer.body(&mut store, &mut sources, obj).unwrap();
        // Node by node in order: what the source's nodes of this function say.
        let first = wanted.types.len();
        let texts = |store: &mut Store, info: &FileInfo, at: usize| {
            let id = gorace_syntax::ast::NodeId(at as u32);
            let ty = info.types[at].ty;
            let object = info.objects.get(&id).map(|&o| store.object(o).name.clone());
            let selection = info.selections.get(&id).map(|s| (s.kind, s.path.clone(), s.name.clone()));
            let targs: Option<Vec<String>> =
                info.instances.get(&id).map(|i| i.targs.iter().map(|&t| text(store, t)).collect());
            let constant = info.constants.get(&id).map(crate::Const::text);
            format!(
                "{:?} {} {object:?} {selection:?} {targs:?} {constant:?} {:?} {}",
                info.types[at].mode,
                text(store, ty),
                info.builtins.get(&id),
                info.definitions.contains(&id),
            )
        };
        let got: Vec<String> = (0..body.info.types.len()).map(|at| texts(&mut store, &body.info, at)).collect();
        let all: Vec<String> = (0..first).map(|at| texts(&mut world.store, &wanted, at)).collect();
        assert!(all.windows(got.len()).any(|w| w == got), "{}", got.join("\n"));
        seen += got.len();
        assert_eq!(sources.position(body.file.pos).unwrap().path.to_str(), Some("a.go"));
    }
    assert!(seen > 60, "{seen}");
}

#[test]
fn a_constraint_that_holds_its_own_function_is_refused() {
    let (mut store, mut sources) = (Store::new(), SourceMap::default());
    let text = "package p\n\nfunc F[P any](P) {}\n";
    let pkg = check(&mut store, &mut sources, "p", text, &HashMap::default());
    let object = store.scopes[store.package(pkg).scope.index()].names["F"];
    let ty = store.object(object).ty;
    let Type::Signature(signature) = store.get(ty).clone() else { panic!("a function") };
    let good = Exporter::default().export(&store, pkg, &sources);
    assert!(Importer::default().import(&mut Store::new(), good.into()).is_ok());
    store.set_constraint(signature.type_params[0], ty);
    let data = Exporter::default().export(&store, pkg, &sources);
    assert_eq!(Importer::default().import(&mut Store::new(), data.into()), Err(super::ImportError::Damaged));
}

#[test]
fn damaged_data_is_refused_or_read_without_a_panic() {
    std::thread::Builder::new().stack_size(256 << 20).spawn(read_damaged_data).unwrap().join().unwrap();
}

fn read_damaged_data() {
    let world = from_source();
    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    for round in 0..20_000 {
        let mut data = world.a_data.to_vec();
        for _ in 0..1 + round % 4 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let at = (random >> 8) as usize % data.len();
            data[at] = random as u8;
        }
        if round % 5 == 0 {
            data.truncate(random as usize % data.len());
        }
        let (mut store, mut importer, mut sources) = (Store::new(), Importer::default(), SourceMap::default());
        if let Ok(pkg) = importer.import(&mut store, data.into()) {
            let scope = store.package(pkg).scope;
            let objects: Vec<ObjId> = store.scopes[scope.index()].names.values().copied().collect();
            for obj in objects {
                let _ = importer.body(&mut store, &mut sources, obj);
            }
        }
    }
}
