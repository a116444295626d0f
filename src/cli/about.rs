//! `gorace version`, `gorace env` and `gorace help`: what this gorace is, what it uses, what it can be asked.

use crate::compile::cache;
use crate::{explain, fail, go_flags, note, say};
use gorace_base::exit;
use gorace_load::Sdk;
use gorace_load::environment::setting;
use gorace_load::sdk::{cache_folder, installed};
use std::process::ExitCode;

/// The commit that gorace was built from, where whoever built it said so.
const COMMIT: Option<&str> = option_env!("GORACE_COMMIT");

#[derive(Debug, clap::Args)]
pub struct Version {}

pub fn version(_: &Version) -> ExitCode {
    let commit = COMMIT.map_or_else(String::new, |commit| format!(" ({commit})"));
    say(&format!("gorace {}{commit} linux/amd64\n", env!("CARGO_PKG_VERSION")));
    match installed() {
        Ok(Some(sdk)) => say(&format!("Go {} in {}\n", sdk.version, sdk.root.display())),
        Ok(None) => say("no Go SDK found; the first command that needs one fetches it, or `gorace sdk install`\n"),
        Err(e) => note(&e.to_string()),
    }
    ExitCode::from(exit::CLEAN)
}

#[derive(Debug, clap::Args)]
pub struct Env {
    /// Only the values of these.
    names: Vec<String>,
    /// As a JSON object.
    #[arg(long)]
    json: bool,
}

pub fn env(a: &Env) -> ExitCode {
    let all = settings();
    if !a.names.is_empty() && !a.json {
        let value = |name: &String| all.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value);
        a.names.iter().for_each(|name| say(&format!("{}\n", value(name))));
        return ExitCode::from(exit::CLEAN);
    }
    let wanted = all.iter().filter(|(name, _)| a.names.is_empty() || a.names.iter().any(|n| n == name));
    if a.json {
        let object: serde_json::Map<String, serde_json::Value> =
            wanted.map(|(name, value)| ((*name).to_string(), value.as_str().into())).collect();
        match serde_json::to_string_pretty(&object) {
            Ok(text) => say(&format!("{text}\n")),
            Err(e) => return fail(&e),
        }
        return ExitCode::from(exit::CLEAN);
    }
    wanted.for_each(|(name, value)| say(&format!("{name}='{}'\n", value.replace('\'', "'\\''"))));
    ExitCode::from(exit::CLEAN)
}

/// What gorace uses, by the names of the variables that change it.
fn settings() -> Vec<(&'static str, String)> {
    let sdk: Option<Sdk> = installed().ok().flatten();
    let own = |name: &str| std::env::var(name).unwrap_or_default();
    let home = cache_folder();
    let modules = gorace_load::environment::Environment::of_process().module_cache.unwrap_or_default();
    vec![
        ("GODEBUG", own("GODEBUG")),
        ("GOFLAGS", setting("GOFLAGS")),
        ("GOGC", own("GOGC")),
        ("GOMAXPROCS", own("GOMAXPROCS")),
        ("GOMEMLIMIT", own("GOMEMLIMIT")),
        ("GOMODCACHE", modules.display().to_string()),
        ("GORACE", own("GORACE")),
        ("GORACE_CACHE", home.display().to_string()),
        ("GORACE_CACHE_SIZE", format!("{}", cache::limit() >> 20)),
        ("GORACE_VERSION", env!("CARGO_PKG_VERSION").to_string()),
        ("GOROOT", sdk.as_ref().map_or_else(String::new, |sdk| sdk.root.display().to_string())),
        ("GOVERSION", sdk.map_or_else(String::new, |sdk| format!("go{}", sdk.version))),
        ("GOWORK", setting("GOWORK")),
    ]
}

#[derive(Debug, clap::Args)]
pub struct Help {
    /// A command, a rule, or one of `flags`, `exit-codes`, `programs`.
    what: Option<String>,
}

const EXIT_CODES: &str = "\
0    nothing was found
1    a finding of severity error; of `gorace test`: a test failed, or a package could not be built
2    the program cannot be compiled, or gorace was used wrongly
3    nothing was found, but some schedules were not seen through
4    of `gorace replay`: the schedule does not show the finding
66   of `gorace run`: races were found (GORACE=exitcode=N); else it has the program's own
130  interrupted before anything was found
";

const PROGRAMS: &str = "\
A program is one or more Go files of a folder, a folder (`.`, `./cmd/server`), or an import path.
Its arguments stand behind it; flags of gorace stand before it.
`gorace check`, `gorace test` and `gorace build` take several packages by patterns, too:
`./...` is all below the current folder, `std` the standard library.
";

pub fn help(a: &Help) -> ExitCode {
    let mut all = crate::command();
    all.build();
    let Some(what) = a.what.as_deref() else {
        say(&all.render_help().to_string());
        return ExitCode::from(exit::CLEAN);
    };
    if let Some(command) = all.find_subcommand_mut(what).filter(|c| !c.is_hide_set()) {
        say(&command.render_long_help().to_string());
        return ExitCode::from(exit::CLEAN);
    }
    match what {
        "exit-codes" => say(EXIT_CODES),
        "programs" | "packages" => say(PROGRAMS),
        "flags" => say(&go_flags::table()),
        _ => match explain::page(what) {
            Some(page) => say(page),
            None => {
                return fail(&format!(
                    "no help for {what}: it is no command, no rule, and none of flags, exit-codes, programs; `gorace help` lists the commands"
                ));
            }
        },
    }
    ExitCode::from(exit::CLEAN)
}
