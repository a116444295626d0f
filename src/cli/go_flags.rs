//! The flags of the go command: those that mean nothing to this compiler, those that it cannot honour, and the names of all, for
//! GOFLAGS. What has a meaning here is a flag of clap's.

/// What becomes of a flag that is the go command's alone.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is accepted and changes nothing, for this reason.
    Idle(&'static str),
    Refused(String),
}

/// A flag of `go run`, `go test` or `go build` that clap does not know here.
#[derive(Debug)]
pub struct GoFlag {
    pub name: &'static str,
    /// Without a value it is true.
    pub switch: bool,
    /// The commands that have it; none means all three.
    commands: &'static [&'static str],
    why: Why,
}

#[derive(Debug)]
enum Why {
    Idle(&'static str),
    /// Unless it is `false` or empty.
    Refused(&'static str),
    /// Only these values can be had.
    Only(&'static [&'static str], &'static str),
}

use Why::{Idle, Only, Refused};

const NO_GC: &str = "no tool of Go's compiles here";
const NO_CACHE: &str = "Go's cache and module cache are not written";
const NO_DEBUG: &str = "it is about the go command itself";
const NO_PROFILE: &str = "gorace's runtime samples nothing and records no events; `go test` does";
const NO_FUZZ: &str = "gorace does not fuzz; `gorace test` runs the seeds of fuzz tests";

const fn flag(name: &'static str, switch: bool, commands: &'static [&'static str], why: Why) -> GoFlag {
    GoFlag { name, switch, commands, why }
}

const FLAGS: &[GoFlag] = &[
    flag("a", true, &[], Idle("`gorace cache --clear` has everything compiled again")),
    flag("asan", true, &[], Refused("gorace has no address sanitizer: memory of Go's is safe, and there is no cgo")),
    flag("asmflags", false, &[], Idle("assembly is not read")),
    flag("blockprofile", false, &["test"], Refused(NO_PROFILE)),
    flag("blockprofilerate", false, &["test"], Idle(NO_PROFILE)),
    flag("buildmode", false, &[], Only(&["default", "exe", "pie"], "gorace makes executables alone")),
    flag("buildvcs", true, &[], Idle("executables hold no build information")),
    flag("compiler", false, &[], Only(&["gc"], "gorace compiles by itself")),
    flag("cover", true, &[], Refused(NO_COVER)),
    flag("covermode", false, &[], Refused(NO_COVER)),
    flag("coverpkg", false, &[], Refused(NO_COVER)),
    flag("coverprofile", false, &["test"], Refused(NO_COVER)),
    flag("cpuprofile", false, &["test"], Refused(NO_PROFILE)),
    flag("debug-actiongraph", false, &[], Idle(NO_DEBUG)),
    flag("debug-runtime-trace", false, &[], Idle(NO_DEBUG)),
    flag("debug-trace", false, &[], Idle(NO_DEBUG)),
    flag("fuzz", false, &["test"], Refused(NO_FUZZ)),
    flag("fuzzcachedir", false, &["test"], Idle(NO_FUZZ)),
    flag("fuzzminimizetime", false, &["test"], Idle(NO_FUZZ)),
    flag("fuzztime", false, &["test"], Idle(NO_FUZZ)),
    flag("gccgoflags", false, &[], Idle(NO_GC)),
    flag("gcflags", false, &[], Idle(NO_GC)),
    flag("installsuffix", false, &[], Idle(NO_CACHE)),
    flag("linkshared", true, &[], Refused("there are no shared libraries of Go packages; executables are whole")),
    flag("memprofile", false, &["test"], Refused(NO_PROFILE)),
    flag("memprofilerate", false, &["test"], Idle(NO_PROFILE)),
    flag("modcacherw", true, &[], Idle(NO_CACHE)),
    flag("msan", true, &[], Refused("gorace has no memory sanitizer: memory of Go's is safe, and there is no cgo")),
    flag("mutexprofile", false, &["test"], Refused(NO_PROFILE)),
    flag("mutexprofilefraction", false, &["test"], Idle(NO_PROFILE)),
    flag("p", false, &["run", "build"], Idle("as many packages are compiled side by side as there are cores")),
    flag("pgo", false, &[], Idle("profiles are not used for compiling")),
    flag("pkgdir", false, &[], Idle(NO_CACHE)),
    flag("toolexec", false, &[], Idle(NO_GC)),
    flag(
        "vet",
        false,
        &["test"],
        Idle("vet reads export data that Go's compiler alone writes; `go vet` is there for it"),
    ),
    flag("trace", false, &["test"], Refused(NO_PROFILE)),
    flag("work", true, &[], Idle("there is no folder of work to keep")),
];

const NO_COVER: &str = "gorace measures no coverage; `go test` does, without race checks";

/// Flags of the go command's other commands, which may stand in GOFLAGS.
const OTHERS: &[&str] = &[
    "C",
    "b",
    "c",
    "cache",
    "changed",
    "compat",
    "compiled",
    "d",
    "deps",
    "diff",
    "dir",
    "e",
    "exclude",
    "exec",
    "export",
    "f",
    "find",
    "fix",
    "fmt",
    "fuzzcache",
    "go",
    "godebug",
    "i",
    "ignore",
    "insecure",
    "json",
    "m",
    "modcache",
    "module",
    "o",
    "print",
    "r",
    "replace",
    "require",
    "retract",
    "retracted",
    "reuse",
    "src",
    "t",
    "test",
    "testcache",
    "tool",
    "toolchain",
    "u",
    "use",
    "v",
    "vendor",
    "versions",
    "vettool",
    "w",
];

/// What of `go test` is clap's here.
const OF_TEST: &[&str] = &[
    "artifacts",
    "bench",
    "benchmem",
    "benchtime",
    "count",
    "cpu",
    "failfast",
    "fullpath",
    "list",
    "outputdir",
    "p",
    "parallel",
    "run",
    "short",
    "shuffle",
    "skip",
    "timeout",
];

/// The flags of building that are clap's here.
const OF_BUILD: &[&str] = &["ldflags", "mod", "modfile", "n", "overlay", "race", "tags", "trimpath", "x"];

/// The flag of this name, if the command has it and clap does not.
pub fn find(command: &str, name: &str) -> Option<&'static GoFlag> {
    let here = |f: &&GoFlag| f.name == name && (f.commands.is_empty() || f.commands.contains(&command));
    FLAGS.iter().find(here)
}

/// Whether it says how packages are built, whatever is done with them.
pub fn is_of_building(name: &str) -> bool {
    OF_BUILD.contains(&name)
}

/// Whether some command of Go's has a flag of this name.
pub fn is_known(name: &str) -> bool {
    FLAGS.iter().any(|f| f.name == name) || [OTHERS, OF_TEST, OF_BUILD].iter().any(|list| list.contains(&name))
}

/// What becomes of the flags of `go run`, `go test` and `go build` that change nothing here, or cannot be had.
pub fn table() -> String {
    let mut out = String::from(
        "Flags of go run, go test and go build that mean nothing to gorace are accepted; -v tells of them:\n\n",
    );
    let line = |f: &GoFlag, why: &str| format!("    -{:<20} {why}\n", f.name);
    for flag in FLAGS {
        match flag.why {
            Idle(why) => out += &line(flag, why),
            Only(values, why) => out += &line(flag, &format!("only {}: {why}", values.join(", "))),
            Refused(_) => {}
        }
    }
    out += "\nThose that cannot be had are refused:\n\n";
    for flag in FLAGS {
        if let Refused(why) = flag.why {
            out += &line(flag, why);
        }
    }
    out + "\nAll others have their meaning; `gorace help run`, `gorace help test` and `gorace help build` list them.\n"
}

impl GoFlag {
    /// What becomes of it with a value; that of a switch is `true` or `false`, but for those that take others, too.
    pub fn verdict(&self, value: &str) -> Verdict {
        let name = self.name;
        match self.why {
            Idle(why) => Verdict::Idle(why),
            Refused(why) if value.is_empty() || value == "false" => Verdict::Idle(why),
            Refused(why) => Verdict::Refused(format!("-{name}: {why}")),
            Only(values, why) if values.contains(&value) => Verdict::Idle(why),
            Only(_, why) => Verdict::Refused(format!("-{name}={value}: {why}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_done_is_refused_by_its_whole_name() {
        let verdict = |command, name, value| find(command, name).unwrap().verdict(value);
        assert!(matches!(verdict("run", "msan", "true"), Verdict::Refused(text) if text.starts_with("-msan: ")));
        assert!(matches!(verdict("run", "msan", "false"), Verdict::Idle(_)));
        assert!(
            matches!(verdict("build", "buildmode", "plugin"), Verdict::Refused(t) if t.starts_with("-buildmode=plugin: "))
        );
        assert!(matches!(verdict("build", "buildmode", "pie"), Verdict::Idle(_)));
        assert!(find("test", "p").is_none() && find("build", "fuzz").is_none());
        assert!(is_known("gcflags") && is_known("u") && !is_known("nonsense"));
    }
}
