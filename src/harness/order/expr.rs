//! Expressions of a type, as deep as asked for.

use super::{Generator, Kind};

impl Generator {
    /// An expression of a type.
    pub(super) fn expr(&mut self, kind: Kind, depth: u32) -> String {
        if depth == 0 || self.chance(12) {
            return self.variable(kind);
        }
        if self.chance(24) {
            return self.call(kind, depth - 1);
        }
        match kind {
            Kind::Int => self.int(depth - 1),
            Kind::Byte => self.byte(depth - 1),
            Kind::Str => self.text(depth - 1),
            Kind::Bool => self.bool(depth - 1),
            Kind::Float => self.float(depth - 1),
            Kind::Slice => self.slice(depth - 1),
            Kind::Array => self.array(depth - 1),
            Kind::Small => self.small(depth - 1),
            Kind::Big => self.big(depth - 1),
            Kind::Pointer => self.pointer(depth - 1),
            Kind::Any => self.any(depth - 1),
            Kind::Map | Kind::ByteMap | Kind::TextMap => self.map(kind, depth - 1),
            Kind::Interface => self.interface(depth - 1),
        }
    }

    /// Something that can be read and assigned: a variable, a field, an element.
    pub(super) fn place(&mut self, kind: Kind, depth: u32) -> String {
        if depth == 0 || self.chance(45) {
            return self.variable(kind);
        }
        let d = depth - 1;
        match kind {
            Kind::Int => match self.below(12) {
                0 => format!("{}[{}]", self.place(Kind::Slice, d), self.index(d)),
                1 => format!("{}[{}]", self.place(Kind::Array, d), self.index(d)),
                2 => format!("{}.a", self.place(Kind::Small, d)),
                3 => format!("{}.v", self.expr(Kind::Pointer, d)),
                4 => format!("{}[{}]", self.expr(Kind::Map, d), self.expr(Kind::Int, d)),
                5 => format!("{}.x[{}]", self.place(Kind::Big, d), self.index(d)),
                6 => format!("{}[{}]", self.call(Kind::Slice, d), self.index(d)),
                7 => format!("{}.next.v", self.expr(Kind::Pointer, d)),
                8 => format!("*{}", self.one_of(&["ip", "gip", "fip()"])),
                9 => format!("{}.st.b", self.expr(Kind::Pointer, d)),
                10 => format!("{}.l[{}]", self.expr(Kind::Pointer, d), self.index(d)),
                _ => format!("{}[{}][{}]", self.expr(Kind::TextMap, d), self.expr(Kind::Str, d), self.index(d)),
            },
            Kind::Byte => format!("{}.w", self.place(Kind::Small, d)),
            Kind::Str => match self.below(3) {
                0 => format!("{}.s", self.place(Kind::Small, d)),
                1 => format!("{}[{}]", self.expr(Kind::ByteMap, d), self.expr(Kind::Byte, d)),
                _ => format!("{}.st.s", self.expr(Kind::Pointer, d)),
            },
            Kind::Slice => match self.below(3) {
                0 => format!("{}.l", self.expr(Kind::Pointer, d)),
                1 => format!("{}[{}]", self.expr(Kind::TextMap, d), self.expr(Kind::Str, d)),
                _ => format!("ll[{}]", self.index(d)),
            },
            Kind::Small => match self.below(2) {
                0 => format!("{}.st", self.expr(Kind::Pointer, d)),
                _ => format!("sts[{}]", self.index(d)),
            },
            Kind::Pointer => match self.below(2) {
                0 => format!("{}.next", self.expr(Kind::Pointer, d)),
                _ => format!("ps[{}]", self.index(d)),
            },
            Kind::Array => format!("{}.x", self.place(Kind::Big, d)),
            Kind::Interface => match self.below(3) {
                0 => format!("os[{}]", self.index(d)),
                1 => "h.I".to_string(),
                _ => format!("fh({}).I", self.expr(Kind::Int, d)),
            },
            _ => self.variable(kind),
        }
    }

    pub(super) fn variable(&mut self, kind: Kind) -> String {
        let names: &[&str] = match kind {
            Kind::Int => &["x", "y", "u", "gx", "gy", "x", "gx"],
            Kind::Byte => &["k", "uk", "gk"],
            Kind::Str => &["s", "us", "gs"],
            Kind::Bool => &["c", "uc", "gc"],
            Kind::Float => &["f", "uf", "gf"],
            Kind::Slice => &["l", "ul", "gl"],
            Kind::Array => &["r", "ur", "gr"],
            Kind::Small => &["st", "ust", "gst"],
            Kind::Big => &["bg", "ubg", "gbg"],
            Kind::Pointer => &["p", "up", "gp"],
            Kind::Any => &["i", "ui", "gi"],
            Kind::Map => &["m", "um", "gm"],
            Kind::ByteMap => &["mb", "gmb"],
            Kind::TextMap => &["mt", "gmt"],
            Kind::Interface => &["o", "uo", "go_"],
        };
        self.one_of(names).to_string()
    }

    /// A call of something that changes variables.
    pub(super) fn call(&mut self, kind: Kind, d: u32) -> String {
        match kind {
            Kind::Int => match self.below(9) {
                0 => format!("fi({})", self.expr(Kind::Int, d)),
                1 => format!("gfi({})", self.expr(Kind::Int, d)),
                2 => format!("{}.bump({})", self.place(Kind::Small, d.min(1)), self.expr(Kind::Int, d)),
                3 => format!("{}.val({})", self.place(Kind::Small, d), self.expr(Kind::Int, d)),
                4 => format!("{}.val({})", self.expr(Kind::Interface, d), self.expr(Kind::Int, d)),
                5 => format!("fv({})", self.expr(Kind::Int, d)),
                6 => format!("{}.sum({})", self.expr(Kind::Big, d), self.expr(Kind::Int, d)),
                7 => format!(
                    "sum3({}, {}, {})",
                    self.expr(Kind::Int, d),
                    self.expr(Kind::Int, d),
                    self.expr(Kind::Int, d)
                ),
                _ => format!("gni({})", self.expr(Kind::Int, d)),
            },
            Kind::Byte => format!("fk({})", self.expr(Kind::Byte, d)),
            Kind::Str => match self.below(2) {
                0 => format!("fs({})", self.expr(Kind::Str, d)),
                _ => format!("gfs({})", self.expr(Kind::Str, d)),
            },
            Kind::Bool => format!("fc({})", self.expr(Kind::Int, d)),
            Kind::Float => format!("ff({})", self.expr(Kind::Float, d)),
            Kind::Slice => match self.below(2) {
                0 => format!("fl({})", self.expr(Kind::Slice, d)),
                _ => format!("list({}, {})", self.expr(Kind::Int, d), self.expr(Kind::Int, d)),
            },
            Kind::Array => "fr()".to_string(),
            Kind::Small => "fst()".to_string(),
            Kind::Big => "fbg()".to_string(),
            Kind::Pointer => match self.below(2) {
                0 => "fp()".to_string(),
                _ => "gfp()".to_string(),
            },
            Kind::Any => format!("fa({})", self.expr(Kind::Any, d)),
            Kind::Map => "fm()".to_string(),
            Kind::ByteMap => "fmb()".to_string(),
            Kind::TextMap => "fmt_()".to_string(),
            Kind::Interface => "fo()".to_string(),
        }
    }

    /// An index that is mostly within bounds.
    pub(super) fn index(&mut self, d: u32) -> String {
        match self.below(6) {
            0 => "0".to_string(),
            1 => self.variable(Kind::Int),
            2 => format!("({})&1", self.expr(Kind::Int, d)),
            _ => format!("fi({})&1", self.expr(Kind::Int, d)),
        }
    }

    fn int(&mut self, d: u32) -> String {
        if self.chance(25) {
            return self.unusual_int(d);
        }
        match self.below(20) {
            0..=3 => {
                let op = self.one_of(&["+", "-", "*", "&", "|", "^", "&^"]);
                format!("({} {op} {})", self.expr(Kind::Int, d), self.expr(Kind::Int, d))
            }
            4 => {
                let op = self.one_of(&["/", "%"]);
                format!("({} {op} {})", self.expr(Kind::Int, d), self.expr(Kind::Int, d))
            }
            5 => {
                let op = self.one_of(&["<<", ">>"]);
                format!("({} {op} ({}&7))", self.expr(Kind::Int, d), self.expr(Kind::Int, d))
            }
            6 => format!("len({})", self.expr(Kind::Slice, d)),
            7 => format!("len({})", self.expr(Kind::Str, d)),
            8 => format!("int({})", self.expr(Kind::Byte, d)),
            9 => format!("int({})", self.expr(Kind::Float, d)),
            10 => format!("{}.(int)", self.expr(Kind::Any, d)),
            11 => {
                let f = self.one_of(&["min", "max"]);
                format!("{f}({}, {})", self.expr(Kind::Int, d), self.expr(Kind::Int, d))
            }
            12 => format!(
                "[3]int{{{}, {}, {}}}[{}]",
                self.expr(Kind::Int, d),
                self.expr(Kind::Int, d),
                self.expr(Kind::Int, d),
                self.index(d)
            ),
            13 => format!(
                "func(a, b int) int {{ return a*3 + b }}({}, {})",
                self.expr(Kind::Int, d),
                self.expr(Kind::Int, d)
            ),
            14 => format!("<-{}", self.one_of(&["ch", "gch", "fch()"])),
            15 => format!("-({})", self.expr(Kind::Int, d)),
            16 => format!("copy({}, {})", self.expr(Kind::Slice, d), self.expr(Kind::Slice, d)),
            17 => format!("len({})", self.expr(Kind::Map, d)),
            _ => self.place(Kind::Int, d),
        }
    }

    /// Forms that programs have less often.
    fn unusual_int(&mut self, d: u32) -> String {
        match self.below(21) {
            0 => self.one_of(&["d.a", "d.v", "d.next.v", "d.P.v", "d.t", "d.S.b", "d.st.a"]).to_string(),
            1 => format!("d.bump({})", self.expr(Kind::Int, d)),
            2 => format!("d.self({}).v", self.expr(Kind::Int, d)),
            3 => format!("mx[{}][{}]", self.index(d), self.index(d)),
            4 => format!("gen({}, {})", self.expr(Kind::Int, d), self.expr(Kind::Int, d)),
            5 => format!("pick[int]({}, {})", self.expr(Kind::Int, d), self.expr(Kind::Int, d)),
            6 => format!("[2]int({})[{}]", self.expr(Kind::Slice, d), self.index(d)),
            7 => format!("{}[{}:2:3][0]", self.place(Kind::Slice, d), self.index(d)),
            8 => format!("func() int {{ x++; y += gx; return {} }}()", self.expr(Kind::Int, d)),
            9 => format!("any({}).(int)", self.expr(Kind::Int, d)),
            10 => format!("int(imag(complex({}, {})))", self.expr(Kind::Float, d), self.expr(Kind::Float, d)),
            11 => format!("*(&{})", self.one_of(&["x", "gx", "st.a", "l[0]", "r[1]", "p.v"])),
            12 => format!("I.val({}, {})", self.expr(Kind::Interface, d), self.expr(Kind::Int, d)),
            13 => format!("S.val({}, {})", self.expr(Kind::Small, d), self.expr(Kind::Int, d)),
            14 => format!("(*S).bump(&{}, {})", self.one_of(&["st", "gst", "p.st", "sts[0]"]), self.expr(Kind::Int, d)),
            15 => format!("fns[{}]({})", self.index(d), self.expr(Kind::Int, d)),
            16 => format!("h.val({})", self.expr(Kind::Int, d)),
            17 => format!("fh({}).val({})", self.expr(Kind::Int, d), self.expr(Kind::Int, d)),
            18 => format!("call({}.val, {})", self.expr(Kind::Interface, d), self.expr(Kind::Int, d)),
            19 => format!("(*{})[{}]", self.one_of(&["pr", "fpr()"]), self.index(d)),
            _ => format!("{}[{}]", self.one_of(&["pr", "fpr()", "gen(l, ul)"]), self.index(d)),
        }
    }

    fn byte(&mut self, d: u32) -> String {
        match self.below(4) {
            0 => format!("byte({})", self.expr(Kind::Int, d)),
            1 => format!("({} + {})", self.expr(Kind::Byte, d), self.expr(Kind::Byte, d)),
            2 => format!("{}[{}]", self.expr(Kind::Str, d), self.index(d)),
            _ => self.place(Kind::Byte, d),
        }
    }

    fn text(&mut self, d: u32) -> String {
        match self.below(10) {
            0 | 1 => format!("({} + {})", self.expr(Kind::Str, d), self.expr(Kind::Str, d)),
            2 => format!(
                "({} + \"-\" + {} + {})",
                self.expr(Kind::Str, d),
                self.expr(Kind::Str, d),
                self.expr(Kind::Str, d)
            ),
            3 => format!("{}[{}:]", self.expr(Kind::Str, d), self.index(d)),
            4 => format!("string(bs[:{}])", self.index(d)),
            5 => format!("fmt.Sprint({}, {})", self.expr(Kind::Any, d), self.expr(Kind::Any, d)),
            6 => format!("string(append([]byte({}), {}))", self.expr(Kind::Str, d), self.expr(Kind::Byte, d)),
            7 => format!("max({}, {})", self.expr(Kind::Str, d), self.expr(Kind::Str, d)),
            _ => self.place(Kind::Str, d),
        }
    }

    pub(super) fn bool(&mut self, d: u32) -> String {
        match self.below(10) {
            0 | 1 => {
                let op = self.one_of(&["==", "!=", "<", "<=", ">", ">="]);
                format!("({} {op} {})", self.expr(Kind::Int, d), self.expr(Kind::Int, d))
            }
            2 => {
                let op = self.one_of(&["==", "<", "!="]);
                format!("({} {op} {})", self.expr(Kind::Str, d), self.expr(Kind::Str, d))
            }
            3 => format!("({} && {})", self.bool(d.saturating_sub(1)), self.bool(d.saturating_sub(1))),
            4 => format!("({} || {})", self.bool(d.saturating_sub(1)), self.bool(d.saturating_sub(1))),
            5 => format!("!{}", self.expr(Kind::Bool, d)),
            6 => format!("({} == {})", self.expr(Kind::Small, d), self.expr(Kind::Small, d)),
            7 => format!("({} == {})", self.expr(Kind::Any, d), self.expr(Kind::Any, d)),
            8 => format!("({} == {})", self.expr(Kind::Any, d), self.expr(Kind::Int, d)),
            _ => format!("({} == {})", self.expr(Kind::Array, d), self.expr(Kind::Array, d)),
        }
    }

    fn float(&mut self, d: u32) -> String {
        match self.below(4) {
            0 => format!("float64({})", self.expr(Kind::Int, d)),
            1 => format!("real(complex({}, {}))", self.expr(Kind::Float, d), self.expr(Kind::Float, d)),
            _ => {
                let op = self.one_of(&["+", "-", "*"]);
                format!("({} {op} {})", self.expr(Kind::Float, d), self.expr(Kind::Float, d))
            }
        }
    }

    fn slice(&mut self, d: u32) -> String {
        match self.below(8) {
            0 => format!("{}[{}:]", self.expr(Kind::Slice, d), self.index(d)),
            1 => format!("{}[:{}]", self.place(Kind::Array, 0), self.index(d)),
            2 => format!("append({}, {})", self.expr(Kind::Slice, d), self.expr(Kind::Int, d)),
            3 => format!("append({}, {}...)", self.expr(Kind::Slice, d), self.expr(Kind::Slice, d)),
            4 => format!("[]int{{{}, {}}}", self.expr(Kind::Int, d), self.expr(Kind::Int, d)),
            5 => format!(
                "append({}, {}, {})",
                self.expr(Kind::Slice, d),
                self.expr(Kind::Int, d),
                self.expr(Kind::Int, d)
            ),
            6 => format!("{}.x[:]", self.place(Kind::Big, 0)),
            _ => self.place(Kind::Slice, d),
        }
    }

    fn array(&mut self, d: u32) -> String {
        match self.below(4) {
            0 => format!(
                "[3]int{{{}, {}, {}}}",
                self.expr(Kind::Int, d),
                self.expr(Kind::Int, d),
                self.expr(Kind::Int, d)
            ),
            1 => format!("[3]int{{1: {}, {}}}", self.expr(Kind::Int, d), self.expr(Kind::Int, d)),
            2 => format!("{}.x", self.expr(Kind::Big, d)),
            _ => self.place(Kind::Array, d),
        }
    }

    fn small(&mut self, d: u32) -> String {
        match self.below(4) {
            0 => format!("S{{a: {}, s: {}}}", self.expr(Kind::Int, d), self.expr(Kind::Str, d)),
            1 => format!(
                "S{{{}, {}, {}, {}}}",
                self.expr(Kind::Int, d),
                self.expr(Kind::Int, d),
                self.expr(Kind::Str, d),
                self.expr(Kind::Byte, d)
            ),
            2 => format!("[]S{{st, {}}}[{}]", self.expr(Kind::Small, d), self.index(d)),
            _ => self.place(Kind::Small, d),
        }
    }

    fn big(&mut self, d: u32) -> String {
        match self.below(3) {
            0 => format!("B{{x: {}, y: {}}}", self.expr(Kind::Array, d), self.expr(Kind::Int, d)),
            1 => format!("B{{{}, {}}}", self.expr(Kind::Array, d), self.expr(Kind::Int, d)),
            _ => self.place(Kind::Big, d),
        }
    }

    fn pointer(&mut self, d: u32) -> String {
        match self.below(4) {
            0 => format!(
                "(&P{{v: {}, l: {}, next: {}}})",
                self.expr(Kind::Int, d),
                self.expr(Kind::Slice, d),
                self.expr(Kind::Pointer, d)
            ),
            1 => format!("{}.self({})", self.expr(Kind::Pointer, d), self.expr(Kind::Int, d)),
            _ => self.place(Kind::Pointer, d),
        }
    }

    pub(super) fn any(&mut self, d: u32) -> String {
        match self.below(9) {
            0 | 1 => format!("any({})", self.expr(Kind::Int, d)),
            2 => format!("any({})", self.expr(Kind::Str, d)),
            3 => format!("any({})", self.expr(Kind::Small, d)),
            4 => format!("any({})", self.bool(d)),
            5 => format!("any({})", self.expr(Kind::Byte, d)),
            6 => format!("any({})", self.expr(Kind::Array, d)),
            7 => format!("any({})", self.expr(Kind::Float, d)),
            _ => self.place(Kind::Any, d),
        }
    }

    fn map(&mut self, kind: Kind, d: u32) -> String {
        match kind {
            Kind::Map => {
                format!("map[int]int{{{}: {}, 77: {}}}", self.key(d), self.expr(Kind::Int, d), self.expr(Kind::Int, d))
            }
            Kind::ByteMap => format!(
                "map[byte]string{{k: {}, {}: {}}}",
                self.expr(Kind::Str, d),
                self.call(Kind::Byte, d),
                self.expr(Kind::Str, d)
            ),
            _ => format!(
                "map[string][]int{{s: {}, {}: {}}}",
                self.expr(Kind::Slice, d),
                self.call(Kind::Str, d),
                self.expr(Kind::Slice, d)
            ),
        }
    }

    /// A map's key that is no constant.
    fn key(&mut self, d: u32) -> String {
        if self.chance(50) { self.call(Kind::Int, d) } else { self.variable(Kind::Int) }
    }

    fn interface(&mut self, d: u32) -> String {
        match self.below(4) {
            0 => format!("I({})", self.expr(Kind::Small, d)),
            1 => format!("I(N({}))", self.expr(Kind::Int, d)),
            2 => format!("I({})", self.expr(Kind::Pointer, d)),
            _ => self.place(Kind::Interface, d),
        }
    }
}
