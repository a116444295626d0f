//! `--dump WHAT`: the compiler's forms as text (`gorace build`), or what a schedule did (`gorace check`).
//!
//! - `ast`: the syntax trees of the program's own files.
//! - `types`: each object of the program's package level, with its type.
//! - `ir`, `ir=TEXT`: the intermediate form of the functions whose symbol contains the text; `ir=TEXT:PASS`: as it is right after that pass.
//! - `code`, `code=TEXT`: their machine code, with the places that it belongs to.
//! - `schedule`: each decision of the first schedule. `waitgraph`: who waits for what and for whom at its end.
//! - `endings`: the ways in which the schedules end, each with their number; with `--strategy systematic` also whether these are all.

use crate::compile::{Form, Request, compile};
use crate::{fail, say};
use gorace_base::exit;
use gorace_explore::process::{End, Running, Streams};
use gorace_explore::{Exploration, explore};
use gorace_ir::passes;
use gorace_load::{Loaded, load};
use gorace_types::{Config, ObjKind, PkgId, Qualify, Store, check_package};
use std::collections::HashMap;
use std::fmt::Write;
use std::process::{Command, ExitCode};

/// What to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dump {
    Ast,
    Types,
    Function(Form, String),
}

/// What of a schedule to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum RunDump {
    Schedule,
    Waitgraph,
    /// The ways in which all schedules end.
    Endings,
}

/// Runs the first schedule of an exploration, or all, and prints what was asked for, whatever it finds.
pub fn run_schedule(dump: RunDump, exploration: &Exploration) -> ExitCode {
    match schedule_text(dump, exploration) {
        Ok(text) => {
            say(&text);
            ExitCode::from(exit::CLEAN)
        }
        Err(e) => fail(&format!("cannot run the schedule: {e}")),
    }
}

/// All schedules, and how they ended.
fn endings(exploration: &Exploration) -> std::io::Result<String> {
    let outcome = explore(&Exploration { endings: true, shorten: false, ..exploration.clone() }, &mut ())?;
    let mut text = String::new();
    for (ending, schedules) in &outcome.endings {
        let _ = writeln!(text, "{schedules} {ending}");
    }
    if let Some(coverage) = &outcome.coverage {
        let _ = writeln!(text, "{} {} orders", if coverage.all { "all" } else { "not all" }, coverage.orders);
    }
    Ok(text)
}

fn schedule_text(dump: RunDump, exploration: &Exploration) -> std::io::Result<String> {
    let what = match dump {
        RunDump::Schedule => "--dump-schedule",
        RunDump::Waitgraph => "--dump-waitgraph",
        RunDump::Endings => return endings(exploration),
    };
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("dump");
    let run = |own_network: bool| {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("__worker").arg(what).arg(&file).arg("--image").arg(&exploration.image).arg("--handover");
        command.args(["--seed", &exploration.seed.to_string()]);
        command.args(["--memory", &exploration.memory.to_string()]);
        command.args(["--strategy", exploration.strategy.text()]);
        command.args(["--stall-us", &exploration.stall.as_micros().to_string()]);
        command.args(["--timeout-ms", &exploration.timeout.as_millis().to_string()]);
        command.args(own_network.then_some("--own-network")).arg("--").args(&exploration.args);
        Running::default().run(command, &[], exploration.timeout, Streams::Error)
    };
    let mut ended = run(exploration.network.is_own())?;
    if exploration.network.is_own() && ended.network().wanted.is_some() {
        // It wants somebody in the machine's, as an exploration would notice.
        std::fs::write(&file, "")?;
        ended = run(false)?;
    }
    if ended.end == End::Exited(i32::from(gorace_explore::NOT_STARTED)) && !file.exists() {
        return Err(std::io::Error::other(ended.stderr.trim_end().to_string()));
    }
    // A schedule that ends in the middle leaves what it wrote until then.
    Ok(std::fs::read(&file).map(|bytes| String::from_utf8_lossy(&bytes).to_string()).unwrap_or_default())
}

impl std::str::FromStr for Dump {
    type Err = String;

    fn from_str(text: &str) -> Result<Dump, String> {
        match text.split_once('=').unwrap_or((text, "")) {
            ("ast", "") => Ok(Dump::Ast),
            ("types", "") => Ok(Dump::Types),
            ("ir", wanted) => {
                let (wanted, pass) = behind_pass(wanted)?;
                Ok(Dump::Function(Form::Ir(pass), wanted.to_string()))
            }
            ("code", wanted) => Ok(Dump::Function(Form::Code, wanted.to_string())),
            _ => Err("not one of ast, types, ir, ir=FUNCTION, ir=FUNCTION:PASS, code, code=FUNCTION".to_string()),
        }
    }
}

/// Takes the pass off `main.add:escape`. A symbol may have colons itself (`type:.eq.main.T`): a pass is a word at the end.
fn behind_pass(wanted: &str) -> Result<(&str, Option<&'static str>), String> {
    let is_word = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_lowercase() || c == b'-');
    let Some((symbol, word)) = wanted.rsplit_once(':').filter(|(_, word)| is_word(word)) else {
        return Ok((wanted, None));
    };
    let mut known = std::iter::once(passes::LOWERING).chain(passes::PASSES.iter().map(|pass| pass.name));
    match known.find(|name| *name == word) {
        Some(name) => Ok((symbol, Some(name))),
        None => Err(format!("there is no pass {word}; after {} and {}", passes::LOWERING, passes::names())),
    }
}

/// Prints the form; stops in front of what it does not need.
pub fn run(dump: &Dump, request: &Request) -> ExitCode {
    let text = match dump {
        Dump::Function(form, wanted) => {
            // The compiler prints each function when it is made.
            let request = Request { dump: Some((*form, wanted.clone())), ..request.clone() };
            return match compile(&request) {
                Ok(_) => ExitCode::from(exit::CLEAN),
                Err(e) => fail(&e),
            };
        }
        Dump::Ast => loaded(request).map(|loaded| trees(&loaded)),
        Dump::Types => loaded(request).and_then(|loaded| objects(&loaded)),
    };
    match text {
        Ok(text) => {
            say(&text);
            ExitCode::from(exit::CLEAN)
        }
        Err(message) => fail(&message),
    }
}

fn loaded(request: &Request) -> Result<Loaded, String> {
    let sdk = crate::sdk::find().map_err(|e| e.to_string())?;
    load(&sdk, &request.packages()).map_err(|e| e.to_string())
}

fn trees(loaded: &Loaded) -> String {
    let mut out = String::new();
    for file in loaded.packages.iter().filter(|p| p.id == loaded.root()).flat_map(|p| &p.files) {
        let _ = writeln!(out, "{file:#?}");
    }
    for error in &loaded.syntax_errors {
        let place = loaded.sources.position(error.pos).map_or_else(String::new, |p| format!("{p}: "));
        let _ = writeln!(out, "{place}{}", error.message);
    }
    out
}

/// The root package's objects, in the order of their names, and its errors.
fn objects(loaded: &Loaded) -> Result<String, String> {
    let mut store = Store::new();
    let mut ids: HashMap<&str, PkgId> = HashMap::new();
    let mut out = String::new();
    for package in &loaded.packages {
        let imports = |path: &str| package.imports.get(path).and_then(|p| ids.get(p.as_str())).copied();
        let config = Config {
            go_minor: package.go_minor,
            is_std: package.is_std,
            assembly: package.assembly,
            ..Config::default()
        };
        let (id, errors) = check_package(&mut store, &package.path, &package.files, &imports, config);
        ids.insert(&package.id, id);
        for error in errors {
            let place = loaded.sources.position(error.pos).map_or_else(String::new, |p| format!("{p}: "));
            let _ = writeln!(out, "{place}{}", error.text(&loaded.sources));
        }
    }
    let root = *ids.get(loaded.root()).ok_or("there is no package to print")?;
    let scope = store.package(root).scope;
    let mut names: Vec<_> =
        store.scopes[scope.index()].names.iter().map(|(name, &id)| (name.to_string(), id)).collect();
    names.sort();
    for (name, id) in names {
        let object = store.object(id);
        let kind = match &object.kind {
            ObjKind::Const(_) => "const",
            ObjKind::TypeName { .. } => "type",
            ObjKind::Var { .. } => "var",
            ObjKind::Func => "func",
            _ => continue,
        };
        let ty = object.ty;
        let shown = if kind == "type" { store.under(ty) } else { ty };
        let shown = store.type_string(shown, Qualify::Relative(root));
        let _ = match shown.strip_prefix("func").filter(|_| kind == "func") {
            Some(signature) => writeln!(out, "func {name}{signature}"),
            None => writeln!(out, "{kind} {name} {shown}"),
        };
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_dumps() {
        let form = |pass, symbol: &str| Ok(Dump::Function(Form::Ir(pass), symbol.to_string()));
        assert_eq!("ir=main.f".parse(), form(None, "main.f"));
        assert_eq!("ir=main.f:escape".parse(), form(Some("escape"), "main.f"));
        assert_eq!("ir=:lowering".parse(), form(Some("lowering"), ""));
        assert_eq!("ir=type:.eq.main.T".parse(), form(None, "type:.eq.main.T"));
        assert!("ir=main.f:frob".parse::<Dump>().is_err_and(|e| e.contains("no pass frob") && e.contains("bounded")));
        assert_eq!("ast".parse(), Ok(Dump::Ast));
        assert!("ast=x".parse::<Dump>().is_err() && "poem".parse::<Dump>().is_err());
    }
}
