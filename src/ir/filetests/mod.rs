//! File tests: each file of a folder beside this one is a test of one thing, and the folder's name is the pass that it is of.
//!
//! A file has a head of comments, what goes in, a line `; expect:`, and what must come out:
//!
//! ```text
//! ; pass: forward
//! ; A variable whose one set dominates its get is what was set.
//! func f (i64) -> (i64)
//! ...
//! ; expect:
//! func f (i64) -> (i64) "f" @0
//! ...
//! ```
//!
//! The first comment that is no directive says what is expected and why. Directives are lines `; WORD: ...`:
//! - `pass: NAME`: a pass of the table, or what passes rest on: `flow` (what the escape analysis knows), `cfg` (order, predecessors,
//!   dominators), `verify` (what is wrong), `lower` (`source`).
//! - `race: no`, `atomics: open`, `frames: poison` or `heap`: the context (with race checks, closed, used).
//! - `size: SYMBOL 16 align 8`: what a type descriptor describes.
//! - `code: SYMBOL = FUNCTION`: a func value in read-only data.
//! - `imported: SYMBOL N: 0p->r0`: the summary of another package's function of N scalar parameters, as `summary` prints it.
//! - `override: SYMBOL`: the runtime has the body.
//! - `only: TEXT`: print functions whose symbol contains the text.
//! - `places: yes` (of `lower`): with line and column of each change of place.
//!
//! In a file of Go the head's comments are Go's, and the expected text is the file's last comment.
//!
//! `GORACE_BLESS=1` writes expected parts anew; what it wrote is then read like any other change.

mod source;

use crate::func::Func;
use crate::passes::cfg::{Graph, is_repeated};
use crate::passes::summary::{CONTEXT, Flow, Param, Summary};
use crate::passes::{self, Context, Frames, PASSES};
use crate::text::{comes_back, parse, print};
use crate::unit::{Data, DataReloc, RelocKind, Section, Unit};
use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What can stand behind `pass:` without being a pass.
const OTHERS: [&str; 4] = ["flow", "cfg", "verify", "lower"];

/// A file's parts.
struct FileTest {
    /// Directives in order.
    head: Vec<(String, String)>,
    /// What goes in, without the head.
    input: String,
    expected: String,
    /// All up to where the expected text starts, and what follows it.
    before: String,
    after: &'static str,
}

impl FileTest {
    fn of(path: &Path, text: &str) -> Result<FileTest, String> {
        let is_go = path.extension().is_some_and(|e| e == "go");
        let (comment, mark, after) = if is_go { ("//", "/* expect:\n", "*/\n") } else { (";", "; expect:\n", "") };
        let at = text.find(mark).ok_or_else(|| format!("there is no line {}", mark.trim_end()))? + mark.len();
        let (before, expected) = text.split_at(at);
        let expected = expected.strip_suffix(after).ok_or("the file does not end with the expected text")?;
        let lines = before.lines().take_while(|line| line.starts_with(comment));
        let count = lines.clone().count();
        let (mut head, mut says) = (Vec::new(), false);
        for line in lines {
            let line = line[comment.len()..].trim();
            match line.split_once(": ") {
                Some((word, rest)) if !word.contains(' ') => head.push((word.to_string(), rest.to_string())),
                _ => says |= line.len() > 20,
            }
        }
        if !says {
            return Err("no comment says what is expected and why".to_string());
        }
        let input = before[..at - mark.len()].lines().skip(count).flat_map(|line| [line, "\n"]).collect();
        Ok(FileTest { head, input, expected: expected.to_string(), before: before.to_string(), after })
    }

    /// What a directive says, once or more.
    fn all<'t>(&'t self, word: &'t str) -> impl Iterator<Item = &'t str> {
        self.head.iter().filter(move |(w, _)| w == word).map(|(_, rest)| rest.as_str())
    }

    fn has(&self, word: &str, wanted: &str) -> bool {
        self.all(word).any(|said| said == wanted)
    }

    /// Whether a function is to be printed.
    fn prints(&self, name: &str) -> bool {
        self.all("only").next().is_none() || self.all("only").any(|text| name.contains(text))
    }

    /// What comes out.
    fn run(&self, pass: &str) -> Result<String, String> {
        const WORDS: [&str; 10] =
            ["pass", "race", "atomics", "frames", "size", "code", "imported", "override", "only", "places"];
        if let Some((word, _)) = self.head.iter().find(|(word, _)| !WORDS.contains(&word.as_str())) {
            return Err(format!("no directive {word}"));
        }
        let text = if pass == "lower" { source::lowered(self)? } else { self.of_text(pass)? };
        // Not a space that nobody sees.
        Ok(text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect())
    }

    fn of_text(&self, pass: &str) -> Result<String, String> {
        let mut unit = Unit::default();
        unit.funcs = parse::funcs(&mut unit, &self.input)?;
        if pass == "verify" {
            return Ok(self.each(&unit, |f| match &crate::verify::func(f)[..] {
                [] => "well-formed\n".to_string(),
                errors => errors.iter().flat_map(|e| [e, "\n"]).collect(),
            }));
        }
        well_formed(&mut unit)?;
        for said in self.all("size") {
            let [symbol, size, "align", align] = said.split(' ').collect::<Vec<_>>()[..] else {
                return Err(format!("no size: {said}"));
            };
            let number = |text: &str| text.parse().map_err(|_| format!("{text} is no number"));
            let (symbol, size, align) = (unit.symbol(symbol), number(size)?, number(align)?);
            unit.sizes.insert(symbol, (size, align as u32));
        }
        for said in self.all("code") {
            let (value, function) = said.split_once(" = ").ok_or_else(|| format!("no func value: {said}"))?;
            let (name, target) = (unit.symbol(value), unit.symbol(function));
            unit.data.push(func_value(name, target));
        }
        let imported: HashMap<String, Arc<Summary>> = self.all("imported").map(summary).collect::<Result<_, _>>()?;
        let frames = self.all("frames").next().map_or(Some(Frames::Use), Frames::of_name);
        let context = Context {
            is_override: &|name| self.has("override", name),
            imported: &|name| imported.get(name).cloned(),
            race: !self.has("race", "no"),
            opens_atomics: self.has("atomics", "open"),
            verify: true,
            frames: frames.ok_or("no such frames")?,
            without: &[],
            watch: &|_, _| {},
        };
        match pass {
            "flow" => return Ok(passes::describe_flow(&mut unit, &context)),
            "cfg" => return Ok(self.each(&unit, graph)),
            _ => {}
        }
        if !passes::run_one(pass, &mut unit, &context) {
            return Err(format!("there is no pass {pass}; there are {} and {OTHERS:?}", passes::names()));
        }
        well_formed(&mut unit)?;
        Ok(self.each(&unit, |f| print::func(&unit, f)))
    }

    fn each(&self, unit: &Unit, text: impl Fn(&Func) -> String) -> String {
        unit.funcs.iter().filter(|f| self.prints(unit.name(f.name))).map(text).collect()
    }
}

/// Functions are well-formed, and come back from their text.
fn well_formed(unit: &mut Unit) -> Result<(), String> {
    for func in unit.funcs.clone() {
        let errors = crate::verify::func(&func);
        if !errors.is_empty() {
            return Err(format!("{}\n{}", errors.join("\n"), print::func(unit, &func)));
        }
        comes_back(unit, &func)?;
    }
    Ok(())
}

/// A function's address in read-only data, through which it is called.
fn func_value(name: crate::SymbolId, target: crate::SymbolId) -> Data {
    let reloc = DataReloc { offset: 0, target, addend: 0, kind: RelocKind::Absolute };
    Data {
        name,
        section: Section::ReadOnly,
        align: 8,
        size: 8,
        bytes: Vec::new(),
        relocs: vec![reloc],
        mergeable: false,
        type_link: None,
        itab: false,
    }
}

/// `SYMBOL N: 0p->r0 1i->out`
fn summary(said: &str) -> Result<(String, Arc<Summary>), String> {
    let wrong = || format!("no summary: {said}");
    let (front, flows) = said.split_once(':').ok_or_else(wrong)?;
    let (name, count) = front.split_once(' ').ok_or_else(wrong)?;
    let count: usize = count.parse().map_err(|_| wrong())?;
    let mut summary = Summary { params: vec![Param::default(); count], ..Summary::default() };
    for flow in flows.split_whitespace() {
        let (from, to) = flow.split_once("->").ok_or_else(wrong)?;
        let number = |text: &str| if text == "c" { Some(CONTEXT) } else { text.parse().ok() };
        let (who, inside) = from.split_at(from.len() - 1);
        let flow: &mut Flow = match number(who) {
            _ if from == "elsewhere" => &mut summary.elsewhere,
            Some(i) => {
                let param = if i == CONTEXT { Some(&mut summary.context) } else { summary.params.get_mut(i) };
                let param = param.ok_or_else(wrong)?;
                if inside == "i" { &mut param.inside } else { &mut param.pointer }
            }
            None => return Err(wrong()),
        };
        let bit = number(&to[1..]).map(|i| 1 << i);
        match (&to[..1], bit) {
            _ if to == "out" => flow.escapes = true,
            ("r", Some(bit)) => flow.results |= bit,
            ("p", Some(bit)) => flow.into |= bit,
            ("d", Some(bit)) => flow.deep |= bit,
            _ => return Err(wrong()),
        }
    }
    Ok((name.to_string(), Arc::new(summary)))
}

/// What `cfg` says of a function.
fn graph(f: &Func) -> String {
    let graph = Graph::of(f);
    let list = |blocks: &[crate::BlockId]| blocks.iter().map(|b| format!(" b{}", b.0)).collect::<String>();
    let mut out = format!("order{}\n", list(&graph.order));
    for &b in &graph.order {
        let under = graph.dominator[b.index()];
        let again = if is_repeated(f, b.index()) { ", comes again" } else { "" };
        let from = list(&graph.predecessors[b.index()]);
        let _ = writeln!(out, "b{} from{from}; under b{}{again}", b.0, under.0);
    }
    out
}

/// Lines that differ, with a few around them: the longest common subsequence stays.
fn diff(old: &str, new: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let mut common = vec![vec![0u32; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            let skip = common[i + 1][j].max(common[i][j + 1]);
            common[i][j] = if a[i] == b[j] { common[i + 1][j + 1] + 1 } else { skip };
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            lines.push((' ', a[i]));
            (i, j) = (i + 1, j + 1);
        } else if i < a.len() && (j == b.len() || common[i + 1][j] >= common[i][j + 1]) {
            lines.push(('-', a[i]));
            i += 1;
        } else {
            lines.push(('+', b[j]));
            j += 1;
        }
    }
    let near = |at: usize| lines[at.saturating_sub(3)..lines.len().min(at + 4)].iter().any(|(mark, _)| *mark != ' ');
    let shown = (0..lines.len()).filter(|&at| near(at)).map(|at| format!("    {}{}\n", lines[at].0, lines[at].1));
    shown.collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("filetests")
}

/// All files, each with its folder's name.
fn files() -> Vec<(String, PathBuf)> {
    let list = |path: &Path| -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> =
            std::fs::read_dir(path).expect("the folder is there").flatten().map(|entry| entry.path()).collect();
        found.sort();
        found
    };
    let folders = list(&folder()).into_iter().filter(|path| path.is_dir());
    folders
        .flat_map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_string();
            list(&path).into_iter().map(move |file| (name.clone(), file))
        })
        .collect()
}

/// Runs a file; gives what is wrong.
fn check(pass: &str, path: &Path, bless: bool) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let test = FileTest::of(path, &text)?;
    if !test.has("pass", pass) {
        return Err(format!("a file of the folder {pass} says \"pass: {pass}\""));
    }
    // What a pass dies of names its file, too.
    let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test.run(pass)));
    let found = found.unwrap_or_else(|_| Err("it panics".to_string()))?;
    if found == test.expected {
        return Ok(());
    }
    if bless {
        return std::fs::write(path, format!("{}{found}{}", test.before, test.after)).map_err(|e| e.to_string());
    }
    Err(format!("what comes out is not what is expected:\n{}", diff(&test.expected, &found)))
}

#[test]
fn each_file_gives_what_it_expects() {
    let bless = std::env::var_os("GORACE_BLESS").is_some_and(|v| v == "1");
    let mut wrong = Vec::new();
    for (pass, path) in files() {
        if let Err(message) = check(&pass, &path, bless) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_string();
            wrong.push(format!("failed: {pass}/{name}: {message}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}\nGORACE_BLESS=1 writes the expected parts anew; read them then", wrong.join("\n"));
}

#[test]
fn each_pass_has_files() {
    let files = files();
    for name in PASSES.iter().map(|pass| pass.name).chain(OTHERS) {
        assert!(files.iter().any(|(pass, _)| pass == name), "there is no file test of {name}");
    }
}

#[test]
fn differences_are_shown_with_what_stands_around_them() {
    let old = "a\nb\nc\nd\ne\nf\ng\n";
    assert_eq!(diff(old, "a\nb\nc\nd\ne\nF\ng\n"), "     c\n     d\n     e\n    -f\n    +F\n     g\n");
    assert_eq!(diff(old, old), "");
}

#[test]
fn a_file_without_a_reason_is_refused() {
    let path = Path::new("x.ir");
    let wrong = |text: &str| FileTest::of(path, text).err().unwrap_or_default();
    assert_eq!(wrong("; pass: cfg\nfunc f () -> ()\n; expect:\n"), "no comment says what is expected and why");
    assert_eq!(wrong("; pass: cfg\n; There is a comment that says why.\n"), "there is no line ; expect:");
}

#[test]
fn a_summary_reads_back() {
    let (name, summary) = summary("g 2: elsewhere->p0 0p->r0 0i->out 1i->d0 cp->pc").expect("it is one");
    assert_eq!((name.as_str(), summary.to_string().as_str()), ("g", " elsewhere->p0 0p->r0 0i->out 1i->d0 cp->pc"));
    assert!(super::filetests::summary("g 1: 7p->r0").is_err());
}
