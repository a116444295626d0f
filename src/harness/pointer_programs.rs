//! Random Go programs that pass pointers about: what the escape analysis is tried with.
//!
//! A *program* is a few functions over nodes, pointers to pointers, slices, maps, channels, interfaces, func values and strings; it makes
//! objects, links them, captures them, defers, panics and recovers, keeps them in globals, hands them to callees and gets others back, lets
//! frames end and others take their place, and at every step mixes what it can reach into a hash. Programs are functions of
//! their seed, always end (each call and each turn of a loop takes one of a bounded number of steps), and depend on no order that Go leaves open.
//! Many stand in one file, because a file has to be compiled; each prints one line.
//!
//! What makes a program tell: an object that lies in a frame which has ended is written over by the next calls, so that its hash, or
//! what it panics with, is another than with all objects on the heap.

use fastrand::Rng;
use std::fmt::Write;

/// What all programs of a file share.
const HEAD: &str = r#"package main

type node struct {
	v    int
	text string
	next *node
	at   **node
	call func(*node) *node
	as   getter
	list []*node
	by   map[int]*node
	two  [2]*node
	wait chan *node
}

type getter interface {
	get() *node
	put(*node)
}

func (n *node) get() *node {
	if n == nil {
		return nil
	}
	return n.next
}

func (n *node) put(x *node) {
	if n != nil {
		n.next = x
	}
}

// A getter that a conversion has to put into memory.
type pair struct {
	first  *node
	second int
	third  *node
}

func (p pair) get() *node  { return p.first }
func (p pair) put(x *node) {
	if p.third != nil {
		p.third.next = x
	}
}

type option func(*node)

var (
	kept   *node
	keptAt **node
	keptAs getter
	keptBy func(*node) *node
	texts  string
	steps  int
	hash   int
)

func step() bool {
	steps--
	return steps >= 0
}

func mix(n int) { hash = (hash*31 + n) & 0xffffffffff }

func mixText(s string) {
	for i := 0; i < len(s); i++ {
		mix(int(s[i]))
	}
}

func look(n *node, deep int) {
	if n == nil || deep == 0 {
		return
	}
	mix(n.v)
	mixText(n.text)
	look(n.next, deep-1)
	if n.at != nil {
		look(*n.at, deep-1)
	}
	if n.as != nil {
		look(n.as.get(), deep-1)
	}
	for _, x := range n.list {
		look(x, deep-1)
	}
	look(n.by[0], deep-1)
	look(n.by[1], deep-1)
	look(n.two[0], deep-1)
	look(n.two[1], deep-1)
}

//go:noinline
func overwrite(n int) {
	var a [96]int
	for i := range a {
		a[i] = n ^ i
	}
	mix(a[n&63] & 1)
}

//go:noinline
func overwriteDeep(n int) {
	if n > 0 {
		overwriteDeep(n - 1)
	}
	overwrite(n)
}

func same[T any](x T) T { return x }

//go:noinline
func sameThere[T any](x T) T { return x }

func first[T any](xs ...T) (x T) {
	if len(xs) > 0 {
		return xs[0]
	}
	return
}

func with(x *node) option { return func(n *node) { n.next = x } }

func withGetter(g getter) option { return func(n *node) { n.as = g } }

//go:noinline
func build(v int, options ...option) *node {
	n := &node{v: v}
	for _, o := range options {
		o(n)
	}
	return n
}

//go:noinline
func each(xs []*node, f func(*node) *node) (last *node) {
	for _, x := range xs {
		if x != nil {
			last = f(x)
		}
	}
	return
}

func start(budget int) {
	kept, keptAt, keptAs, keptBy, texts = nil, nil, nil, nil, ""
	steps, hash = budget, 0
}

func run(number int, f func()) {
	start(150)
	func() {
		defer func() {
			switch r := recover().(type) {
			case nil:
			case int:
				mix(r)
			default:
				println(number, "died:", r.(error).Error())
			}
		}()
		f()
	}()
	overwriteDeep(8)
	look(kept, 4)
	if keptAt != nil {
		look(*keptAt, 3)
	}
	if keptAs != nil {
		look(keptAs.get(), 3)
	}
	if keptBy != nil {
		steps = 10
		func() {
			defer func() { recover() }()
			look(keptBy(kept), 3)
		}()
	}
	mixText(texts)
	println(number, hash)
}
"#;

/// Types of variables, parameters and results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Node,
    Value,
    At,
    List,
    Map,
    Getter,
    Call,
    Text,
    Wait,
}

const KINDS: [Kind; 10] = {
    use Kind::*;
    [Node, Node, Node, At, List, Getter, Call, Text, Map, Value]
};

impl Kind {
    fn go(self) -> &'static str {
        match self {
            Kind::Node => "*node",
            Kind::Value => "node",
            Kind::At => "**node",
            Kind::List => "[]*node",
            Kind::Map => "map[int]*node",
            Kind::Getter => "getter",
            Kind::Call => "func(*node) *node",
            Kind::Text => "string",
            Kind::Wait => "chan *node",
        }
    }
}

struct Signature {
    params: Vec<Kind>,
    results: Vec<Kind>,
    /// Results have names, which deferred calls may set.
    named: bool,
    inlined: bool,
}

struct Writer<'r> {
    random: &'r mut Rng,
    out: String,
    indent: usize,
    signatures: Vec<Signature>,
    /// By scope: variables that can be seen.
    variables: Vec<(String, Kind)>,
    names: usize,
    program: usize,
    /// What the function being written gives back.
    results: Vec<Kind>,
    /// The function being written, where it takes no step.
    unguarded: Option<usize>,
    depth: usize,
}

/// A file of programs numbered from `first` on, each made from `seed` and its number alone.
pub fn file(seed: u64, first: usize, count: usize) -> String {
    let mut out = String::from(HEAD);
    for number in first..first + count {
        out.push_str(&program(seed, number));
    }
    out.push_str("\nfunc main() {\n");
    for number in first..first + count {
        let _ = writeln!(out, "\trun({number}, start{number})");
    }
    out.push_str("}\n");
    out
}

fn program(seed: u64, number: usize) -> String {
    let mut random = Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number as u64);
    let random = &mut random;
    let kinds = |random: &mut Rng, most: usize| -> Vec<Kind> {
        (0..random.usize(..=most)).map(|_| KINDS[random.usize(..KINDS.len())]).collect()
    };
    let signatures = (0..random.usize(2..=5))
        .map(|_| Signature {
            params: kinds(random, 3),
            results: kinds(random, 2),
            named: random.bool(),
            inlined: random.u8(..3) == 0,
        })
        .collect();
    let mut w = Writer {
        random,
        out: String::new(),
        indent: 0,
        signatures,
        variables: Vec::new(),
        names: 0,
        program: number,
        results: Vec::new(),
        unguarded: None,
        depth: 0,
    };
    for i in 0..w.signatures.len() {
        w.function(i);
    }
    w.entry();
    w.out
}

impl Writer<'_> {
    fn chance(&mut self, one_in: u32) -> bool {
        self.random.u32(..one_in) == 0
    }

    fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.out.push('\t');
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("x{}", self.names)
    }

    fn function(&mut self, index: usize) {
        let Signature { params, results, named, inlined } = &self.signatures[index];
        let (params, results, named, inlined) = (params.clone(), results.clone(), *named, *inlined);
        self.out.push('\n');
        if !inlined {
            self.line("//go:noinline");
        }
        self.variables.clear();
        let mut list = Vec::new();
        for &kind in &params {
            let name = self.name();
            list.push(format!("{name} {}", kind.go()));
            self.variables.push((name, kind));
        }
        let mut back = Vec::new();
        for &kind in &results {
            if named {
                let name = self.name();
                back.push(format!("{name} {}", kind.go()));
                self.variables.push((name, kind));
            } else {
                back.push(kind.go().to_string());
            }
        }
        let program = self.program;
        self.line(&format!("func f{program}_{index}({}) ({}) {{", list.join(", "), back.join(", ")));
        self.results = results;
        let most = if inlined { 3 } else { 9 };
        self.unguarded = inlined.then_some(index);
        self.body(most, !inlined);
        self.unguarded = None;
        self.line("}");
    }

    /// The statements of a function, or of a func value, and its return.
    fn body(&mut self, most: usize, guarded: bool) {
        self.indent += 1;
        if guarded {
            self.line("if !step() {");
            self.indent += 1;
            self.give_back(true);
            self.indent -= 1;
            self.line("}");
        }
        let mark = self.variables.len();
        for _ in 0..self.random.usize(1..=most) {
            self.statement();
        }
        self.give_back(false);
        self.variables.truncate(mark);
        self.indent -= 1;
    }

    fn give_back(&mut self, early: bool) {
        let kinds = self.results.clone();
        let values: Vec<String> = kinds.iter().map(|&k| if early { self.zero(k) } else { self.value(k) }).collect();
        self.line(format!("return {}", values.join(", ")).trim_end());
    }

    fn entry(&mut self) {
        self.variables.clear();
        self.results.clear();
        let program = self.program;
        self.out.push('\n');
        self.line(&format!("func start{program}() {{"));
        self.body(8, false);
        self.line("}");
    }

    fn zero(&self, kind: Kind) -> String {
        match kind {
            Kind::Value => "node{}",
            Kind::Text => "\"\"",
            _ => "nil",
        }
        .to_string()
    }

    /// A variable of a kind that can be seen here.
    fn variable(&mut self, kind: Kind) -> Option<String> {
        let names: Vec<&String> = self.variables.iter().filter(|(_, k)| *k == kind).map(|(n, _)| n).collect();
        // Later ones are nearer.
        let pick = self.random.usize(..names.len().max(1)).max(self.random.usize(..names.len().max(1)));
        names.get(pick).map(|n| (*n).clone())
    }

    fn number(&mut self) -> usize {
        self.random.usize(1..1000)
    }

    /// An expression that gives the address of something new.
    fn fresh(&mut self) -> String {
        let v = self.number();
        match self.random.u8(..6) {
            0 => "new(node)".to_string(),
            1 if self.depth < 4 => {
                let x = self.value(Kind::Node);
                format!("&node{{v: {v}, next: {x}}}")
            }
            2 if self.depth < 4 => {
                let (x, y) = (self.value(Kind::Node), self.value(Kind::Getter));
                format!("build({v}, with({x}), withGetter({y}))")
            }
            3 if self.depth < 4 => {
                let x = self.value(Kind::Text);
                format!("&node{{v: {v}, text: {x}}}")
            }
            _ => format!("&node{{v: {v}}}"),
        }
    }

    /// An expression; it may be nil.
    fn value(&mut self, kind: Kind) -> String {
        self.depth += 1;
        let text = self.value_of(kind);
        self.depth -= 1;
        text
    }

    fn value_of(&mut self, kind: Kind) -> String {
        if self.depth < 5
            && self.chance(9)
            && let Some(call) = self.call_for(kind)
        {
            return call;
        }
        let known = self.variable(kind);
        if let Some(name) = known
            && (self.depth > 4 || self.chance(2))
        {
            return match self.random.u8(..8) {
                0 => format!("same({name})"),
                1 => format!("sameThere({name})"),
                2 => format!("first({name})"),
                _ => name,
            };
        }
        if self.depth > 5 {
            return match kind {
                Kind::Node => "kept".to_string(),
                Kind::Getter => "getter(kept)".to_string(),
                _ => self.zero(kind),
            };
        }
        match kind {
            Kind::Node => match self.random.u8(..9) {
                0 => "kept".to_string(),
                1 => match self.variable(Kind::Getter) {
                    Some(x) => format!("func() *node {{ if {x} == nil {{ return nil }}; return {x}.get() }}()"),
                    None => self.fresh(),
                },
                2 => match self.variable(Kind::At) {
                    Some(x) => format!("func() *node {{ if {x} == nil {{ return nil }}; return *{x} }}()"),
                    None => self.fresh(),
                },
                3 => match self.variable(Kind::Value) {
                    Some(x) => format!("&{x}"),
                    None => self.fresh(),
                },
                4 => match self.variable(Kind::Map) {
                    Some(x) => format!("{x}[{}]", self.random.u8(..2)),
                    None => self.fresh(),
                },
                5 => {
                    let (xs, f) = (self.value(Kind::List), self.value(Kind::Call));
                    match f.as_str() {
                        "nil" => self.fresh(),
                        _ => format!("each({xs}, {})", self.called(&f)),
                    }
                }
                _ => self.fresh(),
            },
            Kind::Value => match self.variable(Kind::Node) {
                Some(x) if self.chance(2) => {
                    format!("func() node {{ if {x} == nil {{ return node{{}} }}; return *{x} }}()")
                }
                _ => {
                    let (v, x) = (self.number(), self.value(Kind::Node));
                    format!("node{{v: {v}, next: {x}}}")
                }
            },
            Kind::At => match (self.variable(Kind::Node), self.random.u8(..4)) {
                (Some(x), 0 | 1) => format!("&{x}"),
                (Some(x), 2) => format!("func() **node {{ if {x} == nil {{ return nil }}; return &{x}.next }}()"),
                _ => "new(*node)".to_string(),
            },
            Kind::List => {
                let (x, y) = (self.value(Kind::Node), self.value(Kind::Node));
                match self.random.u8(..3) {
                    0 => format!("append([]*node{{{x}}}, {y})"),
                    _ => format!("[]*node{{{x}, {y}}}"),
                }
            }
            Kind::Map => {
                let (x, y) = (self.value(Kind::Node), self.value(Kind::Node));
                format!("map[int]*node{{0: {x}, 1: {y}}}")
            }
            Kind::Getter => {
                let x = self.value(Kind::Node);
                match self.random.u8(..3) {
                    0 => format!("getter({x})"),
                    _ => {
                        let (v, y) = (self.number(), self.value(Kind::Node));
                        format!("getter(pair{{{x}, {v}, {y}}})")
                    }
                }
            }
            Kind::Call => self.func_value(),
            Kind::Text => {
                let (v, x) = (self.number(), self.value(Kind::Text));
                match self.random.u8(..4) {
                    0 => format!("string([]byte{{{}, byte(hash)|1}})", 65 + v % 26),
                    1 => format!("{x} + string(rune({}+hash&1))", 97 + v % 26),
                    2 => format!("string(append([]byte({x}), {}))", 48 + v % 10),
                    _ => format!("{x} + \"{v}\""),
                }
            }
            Kind::Wait => "make(chan *node, 4)".to_string(),
        }
    }

    /// A func value; literals capture what they mention.
    fn func_value(&mut self) -> String {
        let known = self.variable(Kind::Node);
        match (known, self.random.u8(..6)) {
            (Some(x), 0) => {
                // A method value; of an interface, of a pointer.
                format!("func(n *node) *node {{ f := getter({x}).put; f(n); return n }}")
            }
            (Some(x), 1) => format!("func(n *node) *node {{ if n != nil {{ n.next = {x} }}; return {x} }}"),
            _ => {
                let held = std::mem::take(&mut self.out);
                let (indent, results) = (self.indent, std::mem::replace(&mut self.results, vec![Kind::Node]));
                let depth = self.depth;
                self.depth += 1;
                let name = self.name();
                self.variables.push((name.clone(), Kind::Node));
                let most = if self.depth > 3 { 1 } else { 3 };
                self.body(most, true);
                self.variables.pop();
                self.depth = depth;
                self.results = results;
                self.indent = indent;
                let body = std::mem::replace(&mut self.out, held);
                let mut text = format!("func({name} *node) *node {{\n{body}");
                text.push_str(&"\t".repeat(indent));
                text.push('}');
                text
            }
        }
    }

    /// A func value that may be called.
    fn called(&mut self, f: &str) -> String {
        if f.starts_with("func(") {
            return f.to_string();
        }
        format!("func(n *node) *node {{ if f := {f}; f != nil && step() {{ return f(n) }}; return n }}")
    }

    fn call_for(&mut self, kind: Kind) -> Option<String> {
        let fits = self.callees(|s| s.results[..] == [kind]);
        let index = *fits.get(self.random.usize(..fits.len().max(1)))?;
        Some(self.call(index))
    }

    /// Functions that may be called here: a circle of calls needs one that takes a step.
    fn callees(&self, fits: impl Fn(&Signature) -> bool) -> Vec<usize> {
        let ends = |i: usize| self.unguarded.is_none_or(|own| i > own || !self.signatures[i].inlined);
        (0..self.signatures.len()).filter(|&i| ends(i) && fits(&self.signatures[i])).collect()
    }

    fn call(&mut self, index: usize) -> String {
        let params = self.signatures[index].params.clone();
        let arguments: Vec<String> = params.iter().map(|&k| self.value(k)).collect();
        format!("f{}_{index}({})", self.program, arguments.join(", "))
    }

    fn declare(&mut self, kind: Kind, value: &str) {
        let name = self.name();
        self.line(&format!("var {name} {} = {value}", kind.go()));
        self.line(&format!("_ = {name}"));
        self.variables.push((name, kind));
    }

    fn block(&mut self, most: usize) {
        self.indent += 1;
        self.depth += 1;
        let mark = self.variables.len();
        for _ in 0..self.random.usize(1..=most) {
            self.statement();
        }
        self.variables.truncate(mark);
        self.depth -= 1;
        self.indent -= 1;
    }

    fn statement(&mut self) {
        let deep = self.depth > 2;
        match self.random.u8(..34) {
            0..=7 => {
                let kind = KINDS[self.random.usize(..KINDS.len())];
                let value = self.value(kind);
                self.declare(kind, &value);
            }
            8..=9 => {
                let kind = KINDS[self.random.usize(..KINDS.len())];
                if let Some(name) = self.variable(kind) {
                    let value = self.value(kind);
                    self.line(&format!("{name} = {value}"));
                }
            }
            10..=14 => self.link(),
            15 => {
                let (x, what) = match self.random.u8(..5) {
                    0 => (self.value(Kind::At), "keptAt"),
                    1 => (self.value(Kind::Getter), "keptAs"),
                    2 => (self.value(Kind::Call), "keptBy"),
                    3 => (self.value(Kind::Text), "texts"),
                    _ => (self.value(Kind::Node), "kept"),
                };
                self.line(&format!("{what} = {x}"));
            }
            16 | 17 => {
                let x = self.value(Kind::Node);
                self.line(&format!("look({x}, 3)"));
            }
            18 => {
                let v = self.number();
                self.line(&format!("overwrite({v})"));
            }
            19 => {
                let x = self.value(Kind::Text);
                self.line(&format!("mixText({x})"));
            }
            20..=22 => {
                let any = self.callees(|_| true);
                let Some(&index) = any.get(self.random.usize(..any.len().max(1))) else { return };
                let call = self.call(index);
                let results = self.signatures[index].results.clone();
                let names: Vec<String> = results.iter().map(|_| self.name()).collect();
                match names.is_empty() {
                    true => self.line(&call),
                    false => {
                        self.line(&format!("{} := {call}", names.join(", ")));
                        for (name, kind) in names.into_iter().zip(results) {
                            self.line(&format!("_ = {name}"));
                            self.variables.push((name, kind));
                        }
                    }
                }
            }
            23 if !deep => {
                let turns = self.random.u8(2..4);
                self.line(&format!("for i := 0; i < {turns} && step(); i++ {{"));
                self.block(4);
                self.line("}");
            }
            24 if !deep => {
                let mask = self.random.u8(1..4);
                self.line(&format!("if hash&{mask} == 0 {{"));
                self.block(3);
                self.line("} else {");
                self.block(2);
                self.line("}");
            }
            25 if !deep => {
                let results = std::mem::take(&mut self.results);
                self.line("defer func() {");
                if self.chance(3) {
                    self.line("\tif r, ok := recover().(int); ok {");
                    self.line("\t\tmix(r)");
                    self.line("\t}");
                }
                self.block(3);
                self.line("}()");
                self.results = results;
            }
            26 => {
                let any = self.callees(|_| true);
                let Some(&index) = any.get(self.random.usize(..any.len().max(1))) else { return };
                let call = self.call(index);
                self.line(&format!("defer {call}"));
            }
            27 => {
                let v = self.number();
                self.line(&format!("if hash&7 == {} {{", v % 8));
                self.line(&format!("\tpanic({v})"));
                self.line("}");
            }
            28 => {
                let wait = self.variable(Kind::Wait);
                match wait {
                    Some(wait) => {
                        let x = self.value(Kind::Node);
                        self.line("select {");
                        self.line(&format!("case {wait} <- {x}:"));
                        self.line("default:");
                        self.line("}");
                    }
                    None => self.declare(Kind::Wait, "make(chan *node, 4)"),
                }
            }
            29 => {
                if let Some(wait) = self.variable(Kind::Wait) {
                    let name = self.name();
                    self.line(&format!("var {name} *node"));
                    self.line("select {");
                    self.line(&format!("case {name} = <-{wait}:"));
                    self.line("default:");
                    self.line("}");
                    self.line(&format!("_ = {name}"));
                    self.variables.push((name, Kind::Node));
                }
            }
            30 => {
                if let Some(f) = self.variable(Kind::Call) {
                    let (x, name) = (self.value(Kind::Node), self.name());
                    self.line(&format!("var {name} *node"));
                    self.line(&format!("if {f} != nil && step() {{"));
                    self.line(&format!("\t{name} = {f}({x})"));
                    self.line("}");
                    self.line(&format!("_ = {name}"));
                    self.variables.push((name, Kind::Node));
                }
            }
            31 => {
                if let Some(g) = self.variable(Kind::Getter) {
                    let x = self.value(Kind::Node);
                    let name = self.name();
                    self.line(&format!("if {name}, ok := {g}.(pair); ok && {name}.third != nil {{"));
                    self.line(&format!("\t{name}.third.next = {x}"));
                    self.line(&format!("}} else if {g} != nil {{"));
                    self.line(&format!("\t{g}.put({x})"));
                    self.line("}");
                }
            }
            32 if !deep => {
                // Another goroutine, which has ended before this one goes on.
                self.line("{");
                self.line("\tdone := make(chan bool)");
                self.line("\tgo func() {");
                self.line("\t\tdefer close(done)");
                self.line("\t\tdefer func() { recover() }()");
                self.indent += 1;
                let results = std::mem::take(&mut self.results);
                self.block(3);
                self.results = results;
                self.indent -= 1;
                self.line("\t}()");
                self.line("\t<-done");
                self.line("}");
            }
            33 if !deep => {
                let xs = self.value(Kind::List);
                let name = self.name();
                self.line(&format!("for _, {name} := range {xs} {{"));
                self.line(&format!("\t_ = {name}"));
                self.variables.push((name, Kind::Node));
                self.block(3);
                self.variables.pop();
                self.line("}");
            }
            _ => self.link(),
        }
    }

    /// One object is put into another.
    fn link(&mut self) {
        let Some(x) = self.variable(Kind::Node) else {
            let fresh = self.fresh();
            return self.declare(Kind::Node, &fresh);
        };
        let text = match self.random.u8(..11) {
            0 | 1 => format!("{x}.next = {}", self.value(Kind::Node)),
            2 => format!("{x}.at = {}", self.value(Kind::At)),
            3 => format!("{x}.as = {}", self.value(Kind::Getter)),
            4 => format!("{x}.call = {}", self.value(Kind::Call)),
            5 => format!("{x}.list = {}", self.value(Kind::List)),
            6 => format!("{x}.by = {}", self.value(Kind::Map)),
            7 => format!("{x}.two[{}] = {}", self.random.u8(..2), self.value(Kind::Node)),
            8 => format!("{x}.text = {}", self.value(Kind::Text)),
            9 => match self.variable(Kind::At) {
                Some(at) => {
                    let value = self.value(Kind::Node);
                    self.line(&format!("if {at} != nil {{"));
                    self.line(&format!("\t*{at} = {value}"));
                    return self.line("}");
                }
                None => format!("*{x} = {}", self.value(Kind::Value)),
            },
            _ => format!("{x}.list = append({x}.list, {})", self.value(Kind::Node)),
        };
        self.line(&format!("if {x} != nil {{"));
        self.line(&format!("\t{text}"));
        self.line("}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_a_function_of_seed_and_number() {
        let (few, many) = (file(1, 3, 1), file(1, 2, 3));
        let body = few.strip_prefix(HEAD).and_then(|rest| rest.split("\nfunc main()").next()).unwrap_or("");
        assert!(body.contains("func start3()"));
        assert!(many.contains(body));
        assert_ne!(file(1, 0, 1), file(2, 0, 1));
    }
}
