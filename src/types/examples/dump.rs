//! Writes what the checker records, a line a fact, for comparison with another checker's record of the same packages:
//! `dump FOLDER PACKAGE…` (patterns of `go list`, run with the `go` on the PATH). One file a package; `dump.go` beside this
//! writes the same of go/types.
//!
//! Lines: `E` an expression, `D` a definition, `U` a use, `VT` a variable's type, `S` a selection, `I` an instance, `P` a
//! type-switch variable, `O` an initialisation.

use gorace_base::{Pos, SourceMap};
use gorace_syntax::ast::*;
use gorace_types::{Config, Mode, ObjKind, PkgId, SelectionKind, Store, Type, TypeId, check_package};
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::process::Command;
use std::sync::Arc;

const FORMAT: &str =
    "{{.ImportPath}}\t{{.Dir}}\t{{join .GoFiles \",\"}}\t{{range $k, $v := .ImportMap}}{{$k}}={{$v}},{{end}}";

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let list = Command::new("go")
        .args(["list", "-deps", "-pgo=off", "-tags", "race,purego,math_big_pure_go", "-f", FORMAT])
        .args(&args[1..])
        .env("CGO_ENABLED", "0")
        .output();
    let Ok(list) = list else { return eprintln!("cannot run go list") };
    let mut map = SourceMap::default();
    let mut store = Store::new();
    let mut packages: HashMap<String, PkgId> = HashMap::new();
    for line in String::from_utf8_lossy(&list.stdout).lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        let [path, dir, files, renamed] = parts[..] else { continue };
        if path == "unsafe" {
            continue;
        }
        let mut trees = Vec::new();
        for name in files.split(',').filter(|f| !f.is_empty()) {
            let file = format!("{dir}/{name}");
            let Ok(text) = std::fs::read(&file) else { continue };
            let text: Arc<[u8]> = text.into();
            let id = map.add(&file, text.clone());
            let (tree, _) = gorace_syntax::parse_file(id, map.file(id).base, &text, gorace_syntax::Mode::Full);
            trees.push(Arc::new(tree));
        }
        let renamed: HashMap<&str, &str> = renamed.split(',').filter_map(|r| r.split_once('=')).collect();
        let imports = |p: &str| packages.get(*renamed.get(p).unwrap_or(&p)).copied();
        let (pkg, _) = check_package(
            &mut store,
            path,
            &trees,
            &imports,
            Config { go_minor: 27, is_std: true, ..Config::default() },
        );
        packages.insert(path.to_string(), pkg);
        let text = Dump { store: &mut store, map: &map, out: String::new(), seen: HashSet::new(), file: 0, pkg }.run();
        let name = format!("{}/{}.rs.txt", args[0], path.replace('/', "_"));
        if let Err(e) = std::fs::write(&name, text) {
            eprintln!("{name}: {e}");
        }
    }
}

struct Dump<'a> {
    store: &'a mut Store,
    map: &'a SourceMap,
    out: String,
    seen: HashSet<NodeId>,
    file: usize,
    pkg: PkgId,
}

impl Dump<'_> {
    fn run(mut self) -> String {
        let files = self.store.package(self.pkg).files.clone();
        for (at, file) in files.iter().enumerate() {
            self.file = at;
            self.seen.clear();
            for decl in &file.decls {
                self.decl(decl);
            }
            let info = std::mem::take(&mut self.store.packages[self.pkg.index()].info[at]);
            for (pos, &obj) in &info.implicits {
                let ty = self.ty(self.store.object(obj).ty);
                let _ = writeln!(self.out, "P {} {ty}", at_pos(self.map, *pos));
            }
            self.store.packages[self.pkg.index()].info[at] = info;
        }
        let order = self.store.package(self.pkg).init_order.clone();
        for (i, init) in order.iter().enumerate() {
            let _ = write!(self.out, "O {i:04} ");
            for &obj in &init.lhs {
                let object = self.store.object(obj);
                let _ = write!(self.out, "{}@{},", object.name, at_pos(self.map, object.pos));
            }
            self.out.push('\n');
        }
        self.out
    }

    fn ty(&mut self, ty: TypeId) -> String {
        match self.store.get(ty).clone() {
            Type::Basic(b) => b.name().to_string(),
            Type::Array { elem, len } => format!("[{len}]{}", self.ty(elem)),
            Type::Slice(elem) => format!("[]{}", self.ty(elem)),
            Type::Pointer(elem) => format!("*{}", self.ty(elem)),
            Type::Map { key, elem } => format!("map[{}]{}", self.ty(key), self.ty(elem)),
            Type::Chan { dir, elem } => {
                let dir = match dir {
                    ChanDir::Both => 0,
                    ChanDir::Send => 1,
                    ChanDir::Recv => 2,
                };
                format!("chan{dir}({})", self.ty(elem))
            }
            Type::Struct(fields) => {
                let mut s = "struct{".to_string();
                for f in fields.iter() {
                    let embedded = if f.embedded { "!" } else { "" };
                    let _ = write!(s, "{} {}{embedded};", f.name, self.ty(f.ty));
                }
                s + "}"
            }
            Type::Tuple(parts) => self.list('(', &parts, ")"),
            Type::Signature(sig) => {
                let dots = if sig.variadic { "..." } else { "" };
                format!("func{}{}{dots}", self.list('(', &sig.params, ")"), self.list('(', &sig.results, ")"))
            }
            Type::Interface(i) => {
                let mut methods: Vec<String> =
                    i.methods.iter().map(|m| format!("{} {}", m.name, self.ty(m.signature))).collect();
                methods.sort();
                let bar = if i.terms.is_some() || i.comparable { "|" } else { "" };
                format!("interface{{{}{bar}}}", methods.join(";"))
            }
            Type::Named(at) => {
                let named = &self.store.named[at as usize];
                let object = self.store.object(named.obj);
                let mut s = object.name.to_string();
                if let Some(pkg) = object.pkg {
                    s = format!("{}.{s}", self.store.package(pkg).path);
                }
                // A local type carries its function's parameters, which go/types does not show.
                let args = if !named.targs.is_empty() { named.targs.clone() } else { named.type_params.clone() };
                if !args.is_empty() && named.local == 0 {
                    s += &self.list('[', &args, "]");
                }
                s
            }
            Type::TypeParam(at) => format!("${}", self.store.type_params[at as usize].index),
        }
    }

    fn list(&mut self, open: char, parts: &[TypeId], close: &str) -> String {
        let mut s = String::from(open);
        for &p in parts {
            s += &self.ty(p);
            s.push(',');
        }
        s + close
    }

    fn ident(&mut self, id: &Ident) {
        self.object(id.id, id.pos);
    }

    fn object(&mut self, id: NodeId, pos: Pos) {
        let info = &self.store.package(self.pkg).info[self.file];
        let Some(&obj) = info.objects.get(&id) else { return };
        let defined = info.definitions.contains(&id);
        let instance = info.instances.get(&id).map(|i| i.targs.clone());
        let object = self.store.object(obj);
        let (name, ty, kind) = (object.name.clone(), object.ty, object.kind.clone());
        if object.pos.is_known() && !matches!(kind, ObjKind::Package(_) | ObjKind::Label) {
            let tag = if defined { "D" } else { "U" };
            let _ = writeln!(self.out, "{tag} {} {name} {}", at_pos(self.map, pos), at_pos(self.map, object.pos));
        }
        if defined && name != "_" && matches!(kind, ObjKind::Var { .. } | ObjKind::Const(_)) {
            let ty = self.ty(ty);
            let _ = writeln!(self.out, "VT {} {ty}", at_pos(self.map, pos));
        }
        if let Some(targs) = instance {
            let s = self.list(' ', &targs, "");
            let _ = writeln!(self.out, "I {}{s}", at_pos(self.map, pos));
        }
    }

    fn decl(&mut self, d: &Decl) {
        match d {
            Decl::Import(_) => {}
            Decl::Const(c) => {
                c.names.iter().for_each(|n| self.ident(n));
                c.ty.iter().chain(&c.values).for_each(|e| self.expr(e));
            }
            Decl::Var(v) => {
                v.names.iter().for_each(|n| self.ident(n));
                v.ty.iter().chain(&v.values).for_each(|e| self.expr(e));
            }
            Decl::Type(t) => {
                self.ident(&t.name);
                self.fields(&t.type_params);
                self.expr(&t.ty);
            }
            Decl::Func(f) => {
                self.ident(&f.name);
                f.receiver.iter().for_each(|r| self.fields(r));
                self.fields(&f.type_params);
                self.fields(&f.ty.params);
                self.fields(&f.ty.results);
                f.body.iter().for_each(|b| self.block(b));
            }
        }
    }

    fn fields(&mut self, fields: &[Field]) {
        for f in fields {
            f.name.iter().for_each(|n| self.ident(n));
            self.expr(&f.ty);
        }
    }

    fn exprs(&mut self, list: &[Expr]) {
        list.iter().for_each(|e| self.expr(e));
    }

    fn expr(&mut self, e: &Expr) {
        if !self.seen.insert(e.id) {
            return;
        }
        let kind = match &e.kind {
            ExprKind::Bad => "Bad",
            ExprKind::Name(_) => {
                self.object(e.id, e.pos);
                "Name"
            }
            ExprKind::Lit(_) => "Lit",
            ExprKind::CompositeLit { ty, elems, .. } => {
                ty.iter().for_each(|t| self.expr(t));
                for el in elems {
                    el.key.iter().for_each(|k| self.expr(k));
                    self.expr(&el.value);
                }
                "Comp"
            }
            ExprKind::FuncLit(f) => {
                self.fields(&f.ty.params);
                self.fields(&f.ty.results);
                self.block(&f.body);
                "FuncLit"
            }
            ExprKind::Paren(x) => {
                self.expr(x);
                "Paren"
            }
            ExprKind::Selector { x, sel } => {
                self.expr(x);
                self.ident(sel);
                let info = &self.store.package(self.pkg).info[self.file];
                if let Some(s) = info.selections.get(&e.id).cloned() {
                    let kind = match s.kind {
                        SelectionKind::Field => 0,
                        SelectionKind::Method => 1,
                        SelectionKind::MethodExpr => 2,
                    };
                    let path: Vec<String> = s.path.iter().map(|i| i.to_string()).collect();
                    let (at, recv) = (at_pos(self.map, sel.pos), self.ty(s.recv));
                    let _ = writeln!(self.out, "S {at} {kind} {recv} [{}] {}", path.join(" "), s.indirect);
                }
                "Sel"
            }
            ExprKind::Index { x, indices, .. } => {
                self.expr(x);
                self.exprs(indices);
                "Index"
            }
            ExprKind::Slice { x, lo, hi, max, .. } => {
                self.expr(x);
                [lo, hi, max].into_iter().flatten().for_each(|e| self.expr(e));
                "Slice"
            }
            ExprKind::TypeAssert { x, ty, .. } => {
                self.expr(x);
                ty.iter().for_each(|t| self.expr(t));
                "Assert"
            }
            ExprKind::Call { fun, args, .. } => {
                self.expr(fun);
                self.exprs(args);
                "Call"
            }
            ExprKind::Star(x) => {
                self.expr(x);
                "Star"
            }
            ExprKind::Unary { x, .. } => {
                self.expr(x);
                "Unary"
            }
            ExprKind::Binary { x, y, .. } => {
                self.expr(x);
                self.expr(y);
                "Binary"
            }
            ExprKind::Ellipsis(x) => {
                x.iter().for_each(|x| self.expr(x));
                "Ellipsis"
            }
            ExprKind::ArrayType { len, elem } => {
                self.expr(len);
                self.expr(elem);
                "Array"
            }
            ExprKind::SliceType(x) => {
                self.expr(x);
                "Array"
            }
            ExprKind::StructType(s) => {
                for f in &s.fields {
                    self.expr(&f.ty);
                }
                "Struct"
            }
            ExprKind::FuncType(f) => {
                self.fields(&f.params);
                self.fields(&f.results);
                "Func"
            }
            ExprKind::InterfaceType(i) => {
                for el in &i.elems {
                    match el {
                        InterfaceElem::Method { ty, .. } => {
                            self.fields(&ty.params);
                            self.fields(&ty.results);
                        }
                        InterfaceElem::Embed(e) => self.expr(e),
                    }
                }
                "Interface"
            }
            ExprKind::MapType { key, value } => {
                self.expr(key);
                self.expr(value);
                "Map"
            }
            ExprKind::ChanType { elem, .. } => {
                self.expr(elem);
                "Chan"
            }
        };
        let info = &self.store.package(self.pkg).info[self.file];
        let tm = info.types[e.id.index()];
        let value = info.constants.get(&e.id).cloned();
        let mode = match tm.mode {
            Mode::Invalid => return,
            Mode::NoValue => "Z",
            Mode::Builtin => "B",
            Mode::TypeExpr => "T",
            Mode::Constant => "C",
            Mode::Variable => "A",
            Mode::MapIndex => "M",
            Mode::Value | Mode::CommaOk => "V",
            Mode::Nil => "N",
        };
        let under = self.store.under(tm.ty);
        let integer = matches!(self.store.get(under), Type::Basic(b) if b.is_integer());
        let value = match value {
            Some(gorace_types::Const::Bool(b)) => b.to_string(),
            Some(gorace_types::Const::String(s)) => format!("len{}", s.len()),
            Some(c) if integer => c.to_int().map(|i| i.to_string()).unwrap_or_default(),
            _ => String::new(),
        };
        let ty = if mode == "B" { String::new() } else { self.ty(tm.ty) };
        let _ = writeln!(self.out, "E {} {kind} {mode} {ty} {value}", at_pos(self.map, e.pos));
    }

    fn block(&mut self, b: &Block) {
        self.stmts(&b.stmts);
    }

    fn stmts(&mut self, list: &[Stmt]) {
        list.iter().for_each(|s| self.stmt(s));
    }

    fn stmt(&mut self, s: &Stmt) {
        match &s.kind {
            StmtKind::Bad | StmtKind::Empty | StmtKind::Branch { .. } => {}
            StmtKind::Decl(list) => list.iter().for_each(|d| self.decl(d)),
            StmtKind::Labeled { stmt, .. } => self.stmt(stmt),
            StmtKind::Expr(e) | StmtKind::Go { call: e } | StmtKind::Defer { call: e } => self.expr(e),
            StmtKind::Send { chan, value, .. } => {
                self.expr(chan);
                self.expr(value);
            }
            StmtKind::IncDec { x, .. } => self.expr(x),
            StmtKind::Assign { lhs, rhs, .. } | StmtKind::Define { lhs, rhs, .. } => {
                self.exprs(lhs);
                self.exprs(rhs);
            }
            StmtKind::Return { results } => self.exprs(results),
            StmtKind::Block(b) => self.block(b),
            StmtKind::If(i) => {
                i.init.iter().for_each(|s| self.stmt(s));
                self.expr(&i.cond);
                self.block(&i.then);
                i.els.iter().for_each(|s| self.stmt(s));
            }
            StmtKind::Switch(s) => {
                s.init.iter().for_each(|s| self.stmt(s));
                s.tag.iter().for_each(|e| self.expr(e));
                for c in &s.cases {
                    self.exprs(&c.exprs);
                    self.stmts(&c.body);
                }
            }
            StmtKind::TypeSwitch(s) => {
                s.init.iter().for_each(|s| self.stmt(s));
                self.expr(&s.x);
                for c in &s.cases {
                    self.exprs(&c.exprs);
                    self.stmts(&c.body);
                }
            }
            StmtKind::Select(s) => {
                for c in &s.cases {
                    c.comm.iter().for_each(|s| self.stmt(s));
                    self.stmts(&c.body);
                }
            }
            StmtKind::For(f) => {
                f.init.iter().for_each(|s| self.stmt(s));
                f.cond.iter().for_each(|e| self.expr(e));
                f.post.iter().for_each(|s| self.stmt(s));
                self.block(&f.body);
            }
            StmtKind::Range(r) => {
                r.key.iter().chain(&r.value).for_each(|e| self.expr(e));
                self.expr(&r.x);
                self.block(&r.body);
            }
        }
    }
}

fn at_pos(map: &SourceMap, pos: Pos) -> String {
    let Some(p) = map.position(pos) else { return String::new() };
    let text = p.to_string();
    text.rsplit('/').next().unwrap_or(&text).to_string()
}
