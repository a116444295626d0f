//! Statements, and the functions that they stand in.

use super::{Generator, Kind};
use std::fmt::Write;

/// What the functions of a program share.
const PRELUDE: &str = include_str!("prelude.go.txt");

/// Statements of a function.
pub const STATEMENTS: u64 = 3;

/// What functions with side effects do: everything here but reading is a change that an expression beside the call may see.
const CHANGES: &[&str] = &[
    "x += 3",
    "y = x*2 - y",
    "x, y = y, x",
    "gx++",
    "gy -= 2",
    "s += \"a\"",
    "s = \"new\" + s",
    "gs = s + \"g\"",
    "k++",
    "gk += 2",
    "c = !c",
    "gc = !gc",
    "f *= 1.5",
    "gf++",
    "l = append([]int{9}, l...)",
    "l[0] += 5",
    "l = l[:1]",
    "gl = []int{x, 4, 5}",
    "gl[1]++",
    "r[1] += 2",
    "r = [3]int{x}",
    "gr[0]++",
    "st.a += 4",
    "st = S{a: x, s: \"n\"}",
    "gst.b++",
    "st.s += \"q\"",
    "bg.x[2]++",
    "bg.y += 2",
    "gbg = B{y: x}",
    "p.v += 10",
    "p = &P{v: 50 + x, l: []int{1, 2, 3}, next: p}",
    "p = p.next",
    "gp.st.b += 3",
    "gp = p",
    "gp = nil",
    "i = x",
    "i = s",
    "gi = st",
    "m[1] = x",
    "m[x]++",
    "m = map[int]int{1: 1}",
    "delete(m, 1)",
    "gm[y] += 2",
    "mb[k] += \"z\"",
    "gmb = mb",
    "o = N(x)",
    "os[0] = st",
    "os[1] = N(y)",
    "os = []I{N(x), p}",
    "h.I = N(y)",
    "h = &H{st, x}",
    "fns[0], fns[1] = fns[1], fns[0]",
    "mt[s] = l",
    "mt = map[string][]int{s: gl}",
    "gmt[gs] = l",
    "o = N(x)",
    "o = st",
    "go_ = o",
    "ip = &y",
    "gip = ip",
    "ch <- x",
    "gch = ch",
    "fv = func(v int) int { return v + 1000 }",
    "ll[0] = l",
    "ll = [][]int{gl, l}",
    "sts[1].a++",
    "ps[0] = p",
    "bs[0]++",
    "d.a += 2",
    "d.v--",
    "d.P = &P{v: 90, next: p}",
    "d = D{S: st, P: p, t: 5}",
    "mx[1][0]++",
    "mx[0] = r",
    "pr = &gr",
    "pr[0]--",
    "fns = []func(int) int{fv, gni}",
];

/// The functions with side effects that each function declares: name, parameters, result, what is given back.
const CLOSURES: &[(&str, &str, &str, &str)] = &[
    ("fi", "v int", "int", "v + 1"),
    ("fk", "v byte", "byte", "v ^ 1"),
    ("fs", "v string", "string", "v + s"),
    ("fc", "v int", "bool", "v%2 == 0"),
    ("ff", "v float64", "float64", "v / 2"),
    ("fl", "v []int", "[]int", "append(v[:len(v):len(v)], x)"),
    ("fr", "", "[3]int", "r"),
    ("fst", "", "S", "st"),
    ("fbg", "", "B", "bg"),
    ("fp", "", "*P", "p"),
    ("fa", "v any", "any", "v"),
    ("fm", "", "map[int]int", "m"),
    ("fmb", "", "map[byte]string", "mb"),
    ("fmt_", "", "map[string][]int", "mt"),
    ("fo", "", "I", "o"),
    ("fh", "v int", "*H", "h"),
    ("fip", "", "*int", "ip"),
    ("fch", "", "chan int", "ch"),
    ("fpr", "", "*[3]int", "pr"),
    ("f2", "v int", "(int, string)", "v + x, s"),
    ("f3", "v int", "(int, int, any)", "x, v, i"),
];

/// Kinds whose values can be printed.
const SHOWN: [Kind; 10] = [
    Kind::Int,
    Kind::Int,
    Kind::Byte,
    Kind::Str,
    Kind::Bool,
    Kind::Float,
    Kind::Slice,
    Kind::Array,
    Kind::Small,
    Kind::Any,
];

/// Kinds that are assigned.
const ASSIGNED: [Kind; 14] = [
    Kind::Int,
    Kind::Int,
    Kind::Int,
    Kind::Byte,
    Kind::Str,
    Kind::Bool,
    Kind::Float,
    Kind::Slice,
    Kind::Array,
    Kind::Small,
    Kind::Big,
    Kind::Pointer,
    Kind::Any,
    Kind::Interface,
];

/// The text of the function with a number.
pub fn function(seed: u64, number: u64) -> String {
    let mut g = Generator::new(seed, number);
    let mut text = format!("func t{number}() {{\n{LOCALS}");
    for &(name, parameters, result, gives) in CLOSURES {
        let changes = g.changes();
        let _ = writeln!(
            text,
            "\t{name} := func({parameters}) {result} {{ tr(\"{name}\"); {changes}; return {gives} }}\n\t_ = {name}"
        );
    }
    text += "\tdefer done()\n\tdefer dump()\n";
    for _ in 0..STATEMENTS {
        let _ = writeln!(text, "\t{{\n\t\t{}\n\t}}", g.statement());
    }
    text += "\tfmt.Println(u, uk, us, uc, uf, ul, ur, ust, ubg, pv(up), ui, um)\n}\n";
    text
}

/// A program of functions, each run by itself.
pub fn program(seed: u64, numbers: std::ops::Range<u64>) -> String {
    let mut text = PRELUDE.to_string();
    text += "\nfunc main() {\n";
    for number in numbers.clone() {
        let _ = writeln!(text, "\trun({number}, t{number})");
    }
    text += "}\n";
    for number in numbers {
        text += "\n";
        text += &function(seed, number);
    }
    text
}

const LOCALS: &str = include_str!("locals.go.txt");

impl Generator {
    fn changes(&mut self) -> String {
        let n = 1 + self.below(3);
        let changes: Vec<&str> = (0..n).map(|_| self.one_of(CHANGES)).collect();
        changes.join("; ")
    }

    fn shown(&mut self) -> String {
        let kind = SHOWN[self.below(SHOWN.len())];
        let depth = 1 + self.below(3) as u32;
        self.expr(kind, depth)
    }

    fn list(&mut self, n: usize) -> String {
        let shown: Vec<String> = (0..n).map(|_| self.shown()).collect();
        shown.join(", ")
    }

    fn int_of(&mut self, depth: u32) -> String {
        self.expr(Kind::Int, depth)
    }

    fn pair(&mut self) -> (String, String) {
        let kind = ASSIGNED[self.below(ASSIGNED.len())];
        (self.place(kind, 2), self.expr(kind, 2))
    }

    /// A condition in front of a block, where a literal's brace would be taken for the block's.
    fn condition(&mut self, depth: u32) -> String {
        format!("({})", self.bool(depth))
    }

    /// Statements that programs have less often.
    fn unusual_statement(&mut self) -> String {
        match self.below(19) {
            0 => format!(
                "switch v := ({}).(type) {{ case int: fmt.Println(v + {}); case string: fmt.Println(v, {}); default: fmt.Println(v) }}",
                self.expr(Kind::Any, 2),
                self.int_of(1),
                self.shown()
            ),
            1 => format!(
                "n := 0; for {}, {} = range ({}) {{ n++; x += n; if n > 3 {{ break }} }}",
                self.place(Kind::Int, 2),
                self.place(Kind::Int, 2),
                self.one_of(&["l", "ul", "fl(gl)", "r", "ur", "fr()", "gl[fi(0)&1:]", "&ur", "pr"])
            ),
            2 => format!(
                "n := 0; for a, b := range ({}) {{ n += a + int(b); s += \"r\"; if n > 900 {{ break }} }}; fmt.Println(n)",
                self.expr(Kind::Str, 2)
            ),
            3 => format!("for a := range ({}) & 3 {{ x += a; y-- }}", self.int_of(2)),
            4 => format!(
                "select {{ case {} = <-{}: default: fmt.Println(0) }}",
                self.place(Kind::Int, 2),
                self.one_of(&["ch", "fch()", "nch"])
            ),
            5 => format!("defer {}.val({}); {}", self.expr(Kind::Interface, 2), self.int_of(2), self.changes()),
            6 => format!("defer {}.bump({}); {}", self.place(Kind::Small, 1), self.int_of(2), self.changes()),
            7 => format!("{}[{}] += {}", self.expr(Kind::Map, 1), self.int_of(2), self.int_of(2)),
            8 => {
                format!("{}[{}] += {}", self.expr(Kind::ByteMap, 1), self.expr(Kind::Byte, 2), self.expr(Kind::Str, 2))
            }
            9 => format!("var a, b any = {}, {}; fmt.Println(a, b)", self.shown(), self.shown()),
            10 => format!(
                "a, x := {}, {}; a, b := a + x, {}; fmt.Println(a, b, x)",
                self.int_of(2),
                self.int_of(2),
                self.shown()
            ),
            11 => format!("defer func() {{ fmt.Println(recover()) }}(); panic({})", self.expr(Kind::Any, 3)),
            12 => {
                let to = self.one_of(&[
                    "d.a",
                    "d.v",
                    "d.next.v",
                    "d.S",
                    "d.P",
                    "mx[0]",
                    "mx[fi(0)&1]",
                    "*pr",
                    "*fpr()",
                    "d",
                ]);
                let kind = match to {
                    "d.S" => Kind::Small,
                    "d.P" => Kind::Pointer,
                    "mx[0]" | "mx[fi(0)&1]" | "*pr" | "*fpr()" => Kind::Array,
                    "d" => {
                        return format!(
                            "d = D{{{}, {}, {}}}",
                            self.expr(Kind::Small, 2),
                            self.expr(Kind::Pointer, 2),
                            self.int_of(2)
                        );
                    }
                    _ => Kind::Int,
                };
                format!("{to}, x = {}, {}", self.expr(kind, 2), self.int_of(1))
            }
            13 => format!(
                "a := [][]int{{{}, {}, {{{}, {}}}}}; fmt.Println(a)",
                self.expr(Kind::Slice, 2),
                self.expr(Kind::Slice, 2),
                self.int_of(1),
                self.int_of(1)
            ),
            14 => format!("defer fns[{}]({}); {}", self.index(1), self.int_of(2), self.changes()),
            15 => format!("defer fh({}).val({}); {}", self.int_of(1), self.int_of(2), self.changes()),
            16 => format!(
                "a, b := {}.val, {}; fmt.Println(a({}), b)",
                self.expr(Kind::Interface, 2),
                self.int_of(2),
                self.int_of(1)
            ),
            17 => format!(
                "a := map[string]S{{us: {}, fs(us): {}, gs + s: {{{}, {}, s, k}}}}; fmt.Println(a)",
                self.expr(Kind::Small, 1),
                self.expr(Kind::Small, 2),
                self.int_of(1),
                self.int_of(2)
            ),
            _ => format!(
                "fmt.Println(D{{{}, {}, {}}}.t, {})",
                self.expr(Kind::Small, 1),
                self.expr(Kind::Pointer, 1),
                self.int_of(2),
                self.shown()
            ),
        }
    }

    fn statement(&mut self) -> String {
        if self.chance(30) {
            return self.unusual_statement();
        }
        match self.below(30) {
            0..=2 => {
                let n = 2 + self.below(3);
                format!("fmt.Println({})", self.list(n))
            }
            3..=5 => {
                let (to, from) = self.pair();
                format!("{to} = {from}")
            }
            6 | 7 => {
                let op = self.one_of(&["+=", "-=", "*=", "|=", "<<=", "/=", "&^="]);
                match op {
                    "<<=" => format!("{} <<= {} & 7", self.place(Kind::Int, 2), self.int_of(2)),
                    _ => format!("{} {op} {}", self.place(Kind::Int, 2), self.int_of(2)),
                }
            }
            8 => format!("{} += {}", self.place(Kind::Str, 2), self.expr(Kind::Str, 2)),
            9..=11 => {
                let n = 2 + self.below(2);
                let pairs: Vec<(String, String)> = (0..n).map(|_| self.pair()).collect();
                let to: Vec<&str> = pairs.iter().map(|p| p.0.as_str()).collect();
                let from: Vec<&str> = pairs.iter().map(|p| p.1.as_str()).collect();
                format!("{} = {}", to.join(", "), from.join(", "))
            }
            12 => match self.below(2) {
                0 => format!("{}, {} = f2({})", self.place(Kind::Int, 2), self.place(Kind::Str, 2), self.int_of(2)),
                _ => format!(
                    "{}, {}, {} = f3({})",
                    self.place(Kind::Int, 2),
                    self.place(Kind::Int, 2),
                    self.place(Kind::Any, 2),
                    self.int_of(2)
                ),
            },
            13 => {
                let from = match self.below(3) {
                    0 => format!("{}[{}]", self.expr(Kind::Map, 1), self.int_of(1)),
                    1 => format!("{}.(int)", self.expr(Kind::Any, 2)),
                    _ => format!("<-{}", self.one_of(&["ch", "fch()"])),
                };
                format!("{}, {} = {from}", self.place(Kind::Int, 2), self.place(Kind::Bool, 2))
            }
            14 => {
                let op = self.one_of(&["++", "--"]);
                format!("{}{op}", self.place(Kind::Int, 3))
            }
            15 => {
                format!("a, b := {}, {}; fmt.Println(a, b)", self.shown(), self.shown())
            }
            16 => format!(
                "switch ({}) {{ case {}: fmt.Println(1); case {}, {}: fmt.Println(2); default: fmt.Println(3) }}",
                self.int_of(2),
                self.call(Kind::Int, 1),
                self.variable(Kind::Int),
                self.call(Kind::Int, 1)
            ),
            17 => format!(
                "if v := ({}); {} {{ fmt.Println(v) }} else if {} {{ fmt.Println(2) }}",
                self.int_of(2),
                self.condition(2),
                self.condition(1)
            ),
            18 => format!(
                "a, b, d := func() (int, any, {}) {{ return {}, {}, {} }}(); fmt.Println(a, b, d)",
                "string",
                self.int_of(2),
                self.expr(Kind::Any, 2),
                self.expr(Kind::Str, 2)
            ),
            19 => format!(
                "a, b := func() (a int, b string) {{ defer func() {{ recover(); a += x }}(); a, b = x, s; return {}, {} }}(); fmt.Println(a, b)",
                self.int_of(2),
                self.expr(Kind::Str, 2)
            ),
            20 => format!("defer fmt.Println({}, {}); {}", self.shown(), self.shown(), self.changes()),
            21 => format!(
                "defer func(a int, b any, d B) {{ fmt.Println(a, b, d) }}({}, {}, {})",
                self.int_of(2),
                self.expr(Kind::Any, 1),
                self.expr(Kind::Big, 2)
            ),
            22 => format!("{} <- {}", self.one_of(&["ch", "gch", "fch()"]), self.int_of(2)),
            23 => format!(
                "select {{ case {} <- {}: fmt.Println(1); case nch <- {}: fmt.Println(2) }}",
                self.one_of(&["ch", "fch()"]),
                self.int_of(2),
                self.int_of(1)
            ),
            24 => {
                let l = self.one_of(&["l", "ul", "gl", "p.l", "mt[s]", "ll[0]"]);
                format!("{l} = append({l}, {}, {})", self.int_of(2), self.int_of(1))
            }
            25 => match self.below(3) {
                0 => format!("delete({}, {})", self.expr(Kind::Map, 1), self.int_of(2)),
                1 => format!("delete({}, {})", self.expr(Kind::ByteMap, 1), self.expr(Kind::Byte, 2)),
                _ => format!("copy({}, {})", self.expr(Kind::Slice, 2), self.expr(Kind::Slice, 2)),
            },
            26 => format!(
                "fs := []func(int) int{{{}.val, {}.val, fv}}; fmt.Println(fs[0]({}), fs[1](1), fs[2](2))",
                self.place(Kind::Small, 1),
                self.expr(Kind::Interface, 1),
                self.int_of(1)
            ),
            27 => format!(
                "n := 0; for a, b := range ({}) {{ n += a*7 + b; {}; if n > 500 {{ break }} }}; fmt.Println(n)",
                self.expr(Kind::Slice, 2),
                self.one_of(&["x++", "l[0]++", "u++", "gr[1]--"])
            ),
            28 => format!(
                "fmt.Println(mix({}, {}, {}, {}, {}))",
                self.int_of(1),
                self.expr(Kind::Small, 1),
                self.expr(Kind::Big, 1),
                self.expr(Kind::Any, 1),
                self.expr(Kind::Array, 2)
            ),
            _ => format!(
                "back := make(chan string, 1); go func(a int, b string) {{ back <- fmt.Sprint(a, b) }}({}, {}); fmt.Println(<-back)",
                self.int_of(2),
                self.expr(Kind::Str, 2)
            ),
        }
    }
}
