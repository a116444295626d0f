//! Small programs and the errors that they give.

use crate::{Config, Store, check_package};
use std::sync::Arc;

/// The errors of a one-file package without imports, as `line:column: message`.
fn check(source: &str) -> Vec<String> {
    let mut map = gorace_base::SourceMap::default();
    let text: Arc<[u8]> = format!("package p\n{source}").into_bytes().into();
    let id = map.add("p.go", text.clone());
    let (file, errors) = gorace_syntax::parse_file(id, map.file(id).base, &text, gorace_syntax::Mode::Full);
    assert!(errors.is_empty(), "{errors:?}");
    let config = Config { go_minor: 27, is_std: false, ..Config::default() };
    let (_, errors) = check_package(&mut Store::new(), "p", &[Arc::new(file)], &|_| None, config);
    errors
        .iter()
        .map(|e| {
            let (line, column) = map.file(id).line_column(e.pos);
            format!("{}:{column}: {}", line - 1, e.text(&map))
        })
        .collect()
}

#[test]
fn untyped_constants_take_the_type_of_their_use() {
    assert_eq!(
        check("var s uint = 3\nvar f float64 = 1<<3 + 0.5\nvar x int64 = 1 << s\nvar b byte = 'a' + 1"),
        [""; 0]
    );
    assert_eq!(
        check("var s uint = 3\nvar f float64 = 1 << s"),
        ["2:17: invalid operation: shifted operand 1 (type float64) must be integer"]
    );
    assert_eq!(
        check("var b byte = 256"),
        ["1:14: cannot use 256 (untyped int constant) as byte value in variable declaration (overflows)"]
    );
}

#[test]
fn recursive_types_and_aliases_resolve_in_any_order() {
    let source = "type A struct{ f F }\ntype F = func(*T)\ntype T struct { f F; b B; next *T }\ntype B = []C\ntype C = *T\n\
                  func g(a A, t *T) { a.f(t); t.b[0].next = t }";
    assert_eq!(check(source), [""; 0]);
    assert_eq!(check("type T struct { a [2]T }"), ["1:6: invalid recursive type: T refers to itself"]);
}

#[test]
fn inference_follows_constraints() {
    let source = "func Map[S ~[]E, E, R any](s S, f func(E) R) []R { var r []R; for _, e := range s { r = append(r, f(e)) }; return r }\n\
                  type L []int\nvar x []string = Map(L{1}, func(i int) string { return \"\" })\n\
                  func Id[T any](x T) T { return Id(x) }\nvar y []L = Map([]L{}, Id)";
    assert_eq!(check(source), [""; 0]);
    assert_eq!(
        check("func f[T any]() {}\nfunc g() { f() }"),
        ["2:13: in call to f, cannot infer T (declared at p.go:2:8)"]
    );
}

#[test]
fn bodies_end_and_use_their_variables() {
    assert_eq!(check("func f() int { for { } }"), [""; 0]);
    assert_eq!(check("func f(x int) int { if x > 0 { return 1 } }"), ["1:43: missing return"]);
    assert_eq!(check("func f() { x := 1; x = 2 }"), ["1:12: declared and not used: x"]);
    assert_eq!(check("func f() { L: for { break } }"), ["1:12: label L defined and not used"]);
    assert_eq!(check("func f(x any) { switch y := x.(type) { case int: } }"), ["1:24: y declared and not used"]);
}

#[test]
fn package_variables_wait_for_what_they_need() {
    assert_eq!(
        check("var a = f()\nvar b = a\nfunc f() int { return b }"),
        [
            "1:5: initialization cycle for a\n\tp.go:2:5: a refers to f\n\tp.go:4:6: f refers to b\n\tp.go:3:5: b refers to a"
        ]
    );
}

#[test]
fn assignability_names_the_reason() {
    let source = "type I interface{ M() }\ntype T struct{}\nfunc (*T) M() {}\nvar _ I = T{}";
    assert_eq!(
        check(source),
        [
            "4:11: cannot use T{} (value of struct type T) as I value in variable declaration: T does not implement I (method M has pointer receiver)"
        ]
    );
}

#[test]
fn interfaces_may_lead_back_to_what_embeds_them() {
    let source = "type Node interface { Accept(Visitor) }\ntype Visitor interface { Visit(Stmt) }\n\
                  type Stmt interface { Node; stmt() }\nfunc f(s Stmt, v Visitor) { s.Accept(v); var _ Node = s }\n\
                  type GNode[T any] interface { Accept(GVisitor[T]) }\ntype GVisitor[T any] interface { Visit(GStmt[T]) }\n\
                  type GStmt[T any] interface { GNode[T]; stmt(T) }\nfunc g(s GStmt[int]) { var _ GNode[int] = s; s.stmt(1) }";
    assert_eq!(check(source), [""; 0]);
}

#[test]
fn interface_literals_lead_back_to_themselves_by_names_only() {
    let source = "type X interface { m() N }\ntype N struct { f interface { X; k() } }\nfunc g(n N) { n.f.m().f.k() }\n\
                  type L []interface { Y }\ntype Y interface { m(L) }\nfunc h(n L) { n[0].m(n) }";
    assert_eq!(check(source), [""; 0]);
    let message = "invalid recursive type: anonymous interface refers to itself (see https://go.dev/issue/56103)";
    assert_eq!(check("type X interface { m(interface { X }) }"), [format!("1:8: {message}")]);
    assert_eq!(check("type A interface { a() interface { B } }\ntype B interface { A }"), [format!("1:8: {message}")]);
}

#[test]
fn constraints_may_mention_the_type_they_constrain() {
    let source = "type Tree[T Ord[T]] struct { l, r *Tree[T]; v T }\ntype Ord[T Ord[T]] interface { Less(T) bool }\n\
                  type I int\nfunc (a I) Less(b I) bool { return a < b }\nvar t Tree[I]\nvar u Tree[string]";
    assert_eq!(check(source), ["6:12: string does not satisfy Ord[string] (missing method Less)"]);
}

#[test]
fn type_arguments_may_be_given_in_part() {
    let source = "func two[A, B any](a A) B { var b B; return b }\nvar _ func(string) int = two[string]\n\
                  func use(f func(string) int) {}\nfunc g() { use(two[string]); use(two); f := two[int, bool]; f(1) }";
    assert_eq!(check(source), [""; 0]);
    assert_eq!(
        check("func two[A, B any](a A) B { var b B; return b }\nvar _ = two[string]"),
        ["2:12: cannot infer B (declared at p.go:2:13)"]
    );
}

#[test]
fn methods_have_type_parameters_of_their_own() {
    let source = "type L[E any] []E\nfunc (l L[E]) Map[F any](f func(E) F) L[F] { var r L[F]; for _, e := range l { r = append(r, f(e)) }; return r }\n\
                  func (l L[E]) Store[P interface{ *E }](p P) {}\nvar m L[string] = L[int]{}.Map(func(int) string { return \"\" })\n\
                  var e = L[int].Map[string]\nvar f func(L[int], func(int) bool) L[bool] = L[int].Map\n\
                  func g() { L[int]{}.Store(new(int)); L[int]{}.Store[*int](nil) }";
    assert_eq!(check(source), [""; 0]);
}

#[test]
fn generic_types_may_be_local() {
    let source = "func f[P any](p P) { type G[Q any] struct { p P; q Q; next *G[Q] }\n g := G[int]{p: p, q: 1}; g.next = &g; _ = g.next.q }";
    assert_eq!(check(source), [""; 0]);
}

#[test]
fn types_that_contain_themselves_have_no_size() {
    let source = "type T[P any] struct { a, b T[P] }\nvar x [len([2]T[int]{})]int";
    assert_eq!(check(source), ["1:29: invalid recursive type: T[P] refers to itself"]);
}

#[test]
fn written_type_arguments_determine_others_through_their_constraints() {
    let source = "func equal[S ~[]E, E comparable](a, b S) bool { return len(a) == len(b) }
        func with[S ~[]E, E any](s S, eq func(E, E) bool) bool { return eq(s[0], s[0]) }
        func own[S ~[]E, E comparable](s []S) bool { return with(s, equal[S]) }
        func plain(s [][]int) bool { return with(s, equal[[]int]) }";
    assert_eq!(check(source), [""; 0]);
}

#[test]
fn messages_spell_types_as_they_are_written() {
    // What go tool compile says of this program.
    let source = r#"type A = int
type S struct{ b []byte }
type C interface{ ~[]byte | ~string }
func pair() (rune, []rune) { return 0, nil }
func f(n A, g func(name string) (ok bool)) {}
func (s S) M(count A) {}
func id[T any](x T) T { return x }
func copied[T C](x T) { _ = []int(x) }
var s S
func result() []byte { return "x" + "y" }
func _() {
var a A
_ = a + "x"
_ = s.b + 1
r, rs := pair()
_ = r + "x"
_ = rs + 1
f("x", 1)
var _ func(S) = S.M
for _, c := range "abc" { _ = c + "x" }
_ = "abc"[0] + "x"
var _ interface{ M(p []byte) (n int, err error) } = s
_ = append(s.b, "x")
_ = id(a) + "x"
var m map[string][]rune
for _, v := range m { v = s.b; _ = v }
_ = &s.b == 1
_ = S{b: 1}
var c chan<- rune
c <- "x"
func() (x, y byte) { return 1, "x" }()
}"#;
    assert_eq!(
        check(source),
        [
            "8:35: cannot convert x (variable of type T constrained by C) to type []int: cannot convert []byte (in T) to type []int\n\tcannot assign []byte (in T) to []int",
            "10:31: cannot use \"x\" + \"y\" (untyped string constant \"xy\") as []byte value in return statement",
            "13:5: invalid operation: a + \"x\" (mismatched types A and untyped string)",
            "14:5: invalid operation: s.b + 1 (mismatched types []byte and untyped int)",
            "16:5: invalid operation: r + \"x\" (mismatched types rune and untyped string)",
            "17:5: invalid operation: rs + 1 (mismatched types []rune and untyped int)",
            "18:3: cannot use \"x\" (untyped string constant) as A value in argument to f",
            "18:8: cannot use 1 (untyped int constant) as func(name string) (ok bool) value in argument to f",
            "19:17: cannot use S.M (value of type func(s S, count A)) as func(S) value in variable declaration",
            "20:31: invalid operation: c + \"x\" (mismatched types rune and untyped string)",
            "21:5: invalid operation: \"abc\"[0] + \"x\" (mismatched types byte and untyped string)",
            "22:53: cannot use s (variable of struct type S) as interface{M(p []byte) (n int, err error)} value in variable declaration: S does not implement interface{M(p []byte) (n int, err error)} (wrong type for method M)\n\t\thave M(A)\n\t\twant M([]byte) (int, error)",
            "23:17: cannot use \"x\" (untyped string constant) as byte value in argument to append",
            "24:5: invalid operation: id(a) + \"x\" (mismatched types A and untyped string)",
            "26:27: cannot use s.b (variable of type []byte) as []rune value in assignment",
            "27:13: invalid operation: &s.b == 1 (mismatched types *[]byte and untyped int)",
            "28:10: cannot use 1 (untyped int constant) as []byte value in struct literal",
            "30:6: cannot use \"x\" (untyped string constant) as rune value in send",
            "31:32: cannot use \"x\" (untyped string constant) as byte value in return statement",
        ]
    );
}

#[test]
fn spellings_do_not_change_what_types_are() {
    let source = "type A = []byte
func f(x A, y []uint8, z ...rune) (r []byte) { x = y; y = x; r = x; var i []int32 = z; _ = i; return y }
func g() { var h func(a []uint8, b []byte, c ...int32) []uint8 = f; _ = h; _ = f }";
    assert_eq!(check(source), [""; 0]);
}

#[test]
fn cycles_begin_where_they_were_entered() {
    // In the order of types2: an instance stands where it is written.
    let size = "type A = T\ntype T [len([1]int(A{}))]int";
    assert_eq!(check(size), ["2:6: invalid recursive type: T refers to itself"]);
    assert_eq!(
        check(&format!("type _ A\n{size}")),
        ["2:6: invalid recursive type A\n\tp.go:3:6: A refers to T\n\tp.go:4:6: T refers to A"]
    );
    let instances = "type N[P any] M[P]\ntype M[P any] N[P]";
    assert_eq!(
        check(instances),
        ["1:15: invalid recursive type M[P]\n\tp.go:2:15: M[P] refers to N[P]\n\tp.go:3:15: N[P] refers to M[P]"]
    );
    let endless = "type L[P any] struct{}\nfunc (L[P]) m() (_ L[L[P]]) { return }";
    assert_eq!(check(endless), ["1:8: instantiation cycle:\n\tp.go:3:22: P instantiated as L[P]"]);
}
