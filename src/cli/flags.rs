//! Command lines as the go command reads them, made into words that clap reads.
//!
//! A flag has one dash or two and may be given twice, when the last counts; its value stands behind `=` or is the next word, but for
//! switches; GOFLAGS comes before the line. `run` and `check` end at the program, and what follows is the program's. `test` hands flags that it
//! does not know to the test program, and all that stands behind `-args`, or behind the packages and another flag.
//!
//! What clap has as an argument of the command is written as clap wants it, each flag once and with `=`. What is only the go command's
//! (`go_flags`) is refused here, or becomes `--idle NAME: REASON`, to be told under -v.

use crate::go_flags::{self, Verdict};
use clap::{Arg, ArgAction};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// The commands whose lines are the go command's.
const GO: [&str; 3] = ["run", "test", "build"];
/// Those whose flags may have one dash all the same.
const OURS: [&str; 2] = ["check", "replay"];

/// The line for clap.
///
/// # Errors
/// When a flag cannot be meant, or cannot be honoured: the text is ready to be printed.
pub fn for_clap(line: Vec<OsString>, goflags: &[String], commands: &clap::Command) -> Result<Vec<OsString>, String> {
    let name = line.get(1).and_then(|word| word.to_str()).unwrap_or("").to_string();
    let Some(command) = commands.find_subcommand(&name).filter(|_| GO.contains(&&*name) || OURS.contains(&&*name))
    else {
        return Ok(line);
    };
    let mut reader = Reader { command, is_go: GO.contains(&&*name), name: &name, flags: Vec::new() };
    for flag in goflags {
        reader.setting(flag)?;
    }
    let (head, words) = line.split_at(2);
    let behind = if name == "test" { reader.test(words)? } else { reader.others(words)? };
    let flags = reader.flags.into_iter().map(|(_, word)| word);
    Ok(head.iter().cloned().chain(flags).chain(behind).collect())
}

/// Goes to the folder that `-C`, the first flag of the line, names, and takes the flag away.
///
/// # Errors
/// When the folder cannot be entered.
pub fn enter_folder(line: &mut Vec<OsString>, commands: &clap::Command) -> Result<(), String> {
    let name = line.get(1).and_then(|word| word.to_str()).unwrap_or("");
    let command = commands.find_subcommand(name);
    if command.is_none_or(|c| c.get_arguments().all(|a| a.get_id() != "chdir")) {
        return Ok(());
    }
    let Some(read) = line.get(2).and_then(|word| flag(word)).filter(|read| read.name == "C") else { return Ok(()) };
    let (folder, words) = match read.value {
        Some(folder) => (folder.to_os_string(), 1),
        None => (line.get(3).cloned().ok_or("flag needs an argument: -C")?, 2),
    };
    std::env::set_current_dir(&folder)
        .map_err(|e| format!("go: chdir {}: {}", folder.display(), gorace_load::error::plain(&e)))?;
    line.drain(2..2 + words);
    Ok(())
}

struct Reader<'c> {
    command: &'c clap::Command,
    name: &'c str,
    /// The go command has one of this name.
    is_go: bool,
    /// What the line says so far, by the argument that each flag is of.
    flags: Vec<(String, OsString)>,
}

/// A word that is a flag.
struct Flag<'w> {
    /// As it was given.
    word: &'w str,
    name: &'w str,
    value: Option<&'w OsStr>,
}

/// What a word turned out to be.
enum Taken {
    Flag,
    /// A flag, and the next word is its value.
    WithNext,
    Unknown,
}

/// Name and value of a word that is a flag.
fn flag(word: &OsStr) -> Option<Flag<'_>> {
    let bytes = word.as_bytes();
    let dashes = bytes.iter().take_while(|b| **b == b'-').count();
    if !(1..=2).contains(&dashes) || bytes.len() == dashes || bytes[dashes] == b'=' {
        return None;
    }
    let at = bytes.iter().position(|b| *b == b'=');
    let name = std::str::from_utf8(&bytes[dashes..at.unwrap_or(bytes.len())]).ok()?;
    let shown = std::str::from_utf8(&bytes[..at.unwrap_or(bytes.len())]).ok()?;
    Some(Flag { word: shown, name, value: at.map(|at| OsStr::from_bytes(&bytes[at + 1..])) })
}

/// As Go's strconv has it.
fn boolean(text: &OsStr) -> Option<bool> {
    match text.to_str()? {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

fn wrong_boolean(flag: &Flag<'_>, value: &OsStr) -> String {
    format!("invalid boolean value {:?} for -{}: parse error", value.display().to_string(), flag.name)
}

impl<'c> Reader<'c> {
    /// The argument that a name means to clap.
    fn argument(&self, name: &str) -> Option<&'c Arg> {
        let of_name = |name: &str| {
            self.command.get_arguments().find(|a| {
                a.get_long() == Some(name) || a.get_short().is_some_and(|s| name.len() == 1 && name.starts_with(s))
            })
        };
        let bare = name.strip_prefix("test.").filter(|_| self.name == "test");
        of_name(name).filter(|a| !a.is_positional()).or_else(|| bare.and_then(of_name))
    }

    /// A word of GOFLAGS.
    fn setting(&mut self, word: &str) -> Result<(), String> {
        let wrong = |what: &str| format!("go: parsing $GOFLAGS: {what}");
        let text = OsStr::new(word);
        let Some(read) = flag(text) else { return Err(wrong(&format!("non-flag {word:?}"))) };
        if !go_flags::is_known(read.name) {
            return Err(wrong(&format!("unknown flag -{}", read.name)));
        }
        if read.name == "C" {
            return Err(wrong("-C must be the first flag of a command line"));
        }
        // A flag of ours may have the name of another command's.
        if !self.is_go && !go_flags::is_of_building(read.name) {
            return Ok(());
        }
        self.take(text, None).map(|_| ()).map_err(|e| format!("{e} (from $GOFLAGS)"))
    }

    /// Takes a word, and maybe the next, if it is a flag of the command.
    fn take(&mut self, word: &OsStr, next: Option<&OsStr>) -> Result<Taken, String> {
        let Some(read) = flag(word) else { return Ok(Taken::Unknown) };
        if let Some(argument) = self.argument(read.name) {
            return self.take_argument(argument, &read, next);
        }
        let bare = read.name.strip_prefix("test.").filter(|_| self.name == "test").unwrap_or(read.name);
        let Some(known) = go_flags::find(self.name, bare).filter(|_| self.is_go) else { return Ok(Taken::Unknown) };
        let (value, taken) = match (read.value, known.switch) {
            (Some(value), true) => {
                (boolean(value).map_or(value, |b| OsStr::new(if b { "true" } else { "false" })), Taken::Flag)
            }
            (None, true) => (OsStr::new("true"), Taken::Flag),
            (Some(value), false) => (value, Taken::Flag),
            (None, false) => match next {
                Some(next) => (next, Taken::WithNext),
                None => return Err(format!("flag needs an argument: {}", read.word)),
            },
        };
        match known.verdict(&value.to_string_lossy()) {
            Verdict::Refused(why) => Err(why),
            Verdict::Idle(why) => {
                self.put(format!("idle {bare}"), format!("--idle=-{bare}: {why}").into(), false);
                Ok(taken)
            }
        }
    }

    fn take_argument(&mut self, argument: &'c Arg, read: &Flag<'_>, next: Option<&OsStr>) -> Result<Taken, String> {
        let id = argument.get_id().to_string();
        if id == "chdir" {
            let value = read.value.or(next).unwrap_or_default().display().to_string();
            let why = "-C flag must be first flag on command line";
            return Err(format!("invalid value {value:?} for flag -C: {why}"));
        }
        let written = match (argument.get_long(), argument.get_short()) {
            (Some(long), _) => format!("--{long}"),
            (None, short) => format!("-{}", short.unwrap_or_default()),
        };
        if !argument.get_action().takes_values() {
            match read.value.map(|value| boolean(value).ok_or_else(|| wrong_boolean(read, value))).transpose()? {
                Some(false) => self.flags.retain(|(known, _)| *known != id),
                _ => self.put(id, written.into(), false),
            }
            return Ok(Taken::Flag);
        }
        let is_switch = argument.is_require_equals_set();
        let (mut value, taken) = match read.value {
            Some(value) => (value.to_os_string(), Taken::Flag),
            None if is_switch => (OsString::from("true"), Taken::Flag),
            None => match next {
                Some(next) => (next.to_os_string(), Taken::WithNext),
                None => return Err(format!("flag needs an argument: {}", read.word)),
            },
        };
        if is_switch {
            value = match boolean(&value) {
                Some(value) => value.to_string().into(),
                // The one switch of Go's that has another value.
                None if read.name.ends_with('v') && value == "test2json" => value,
                None => return Err(wrong_boolean(read, &value)),
            };
        }
        let is_tags = id == "tags";
        if is_tags {
            let tags = gorace_load::environment::split_tags(&value.to_string_lossy());
            if tags.is_empty() {
                self.flags.retain(|(known, _)| *known != id);
                return Ok(taken);
            }
            value = tags.join(",").into();
        }
        let mut word = OsString::from(written);
        word.push("=");
        word.push(value);
        self.put(id, word, matches!(argument.get_action(), ArgAction::Append) && !is_tags);
        Ok(taken)
    }

    /// The last of a flag counts, but for those that may be given several times.
    fn put(&mut self, id: String, word: OsString, repeats: bool) {
        if !repeats {
            self.flags.retain(|(known, _)| *known != id);
        }
        self.flags.push((id, word));
    }

    /// What clap is to complain of: it names the whole flag, and what might be meant.
    fn unknown(&mut self, read: &Flag<'_>) {
        let dashes = if read.name.len() == 1 { "-" } else { "--" };
        self.flags.push((String::new(), format!("{dashes}{}", read.name).into()));
    }

    /// The words behind the flags of a command that ends at its program; of `build` flags may stand between the packages.
    fn others(&mut self, words: &[OsString]) -> Result<Vec<OsString>, String> {
        let mut packages = Vec::new();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            if word == "--" {
                packages.extend_from_slice(&words[at + 1..]);
                break;
            }
            let Some(read) = flag(word) else {
                // A token stands before the program, and flags between them.
                let stands_before = self.name == "build" || self.name == "replay" && packages.is_empty();
                if !stands_before {
                    packages.extend_from_slice(&words[at..]);
                    break;
                }
                packages.push(word.clone());
                at += 1;
                continue;
            };
            if matches!(read.name, "h" | "help") {
                return Ok(vec!["--help".into()]);
            }
            at += match self.take(word, words.get(at + 1).map(OsString::as_os_str))? {
                Taken::Flag => 1,
                Taken::WithNext => 2,
                Taken::Unknown => {
                    self.unknown(&read);
                    1
                }
            };
        }
        if packages.is_empty() {
            return Ok(packages);
        }
        // Nothing of it is a flag any more.
        packages.insert(0, "--".into());
        Ok(packages)
    }

    /// The packages of `test`, and behind `--` what goes to the test program.
    fn test(&mut self, words: &[OsString]) -> Result<Vec<OsString>, String> {
        let mut packages: Vec<OsString> = Vec::new();
        let mut passed: Vec<OsString> = Vec::new();
        // What is no flag names packages, as long as no flag stands between.
        let (mut listed, mut in_list, mut may_be_value) = (false, false, false);
        let mut first_unknown = None;
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let was_unknown = std::mem::take(&mut may_be_value);
            if word == "--" {
                passed.extend_from_slice(&words[at..]);
                break;
            }
            let Some(read) = flag(word) else {
                if !listed || in_list {
                    (listed, in_list) = (true, true);
                    packages.push(word.clone());
                } else if was_unknown {
                    passed.push(word.clone());
                } else {
                    passed.extend_from_slice(&words[at..]);
                    break;
                }
                at += 1;
                continue;
            };
            in_list = false;
            if matches!(read.name, "h" | "help") {
                return Ok(vec!["--help".into()]);
            }
            at += match self.take(word, words.get(at + 1).map(OsString::as_os_str))? {
                Taken::Flag => 1,
                Taken::WithNext => 2,
                Taken::Unknown if word == "-args" || word == "--args" => {
                    passed.extend_from_slice(&words[at + 1..]);
                    break;
                }
                Taken::Unknown => {
                    first_unknown = first_unknown.or(Some(read.word));
                    listed = true;
                    may_be_value = read.value.is_none();
                    passed.push(word.clone());
                    1
                }
            };
        }
        let only_compiles = self.flags.iter().any(|(id, word)| id == "compile_only" && word == "-c=true");
        if let Some(unknown) = first_unknown.filter(|_| only_compiles) {
            return Err(format!("go: unknown flag {unknown} cannot be used with -c"));
        }
        if !passed.is_empty() {
            packages.push("--".into());
            packages.extend(passed);
        }
        Ok(packages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(words: &str, goflags: &str) -> String {
        let words = words.split(' ').map(OsString::from).collect();
        let goflags: Vec<String> = goflags.split_whitespace().map(str::to_string).collect();
        match for_clap(words, &goflags, &crate::command()) {
            Ok(line) => line.iter().map(|w| w.to_string_lossy().to_string()).collect::<Vec<_>>().join(" "),
            Err(e) => e,
        }
    }

    fn line(words: &str) -> String {
        with(words, "")
    }

    #[test]
    fn one_dash_before_the_program_becomes_two() {
        assert_eq!(line("gorace run -tags a,b main.go -tags c"), "gorace run --tags=a,b -- main.go -tags c");
        assert_eq!(line("gorace check --seed 3 -tags=a . -tags=b"), "gorace check --seed=3 --tags=a -- . -tags=b");
        assert_eq!(line("gorace check --seed -tags x"), "gorace check --seed=-tags -- x");
        assert_eq!(line("gorace build ./a -tags a ./b"), "gorace build --tags=a -- ./a ./b");
        assert_eq!(line("gorace build -- -tags a"), "gorace build -- -tags a");
        assert_eq!(line("gorace replay -tags a x"), "gorace replay --tags=a -- x");
        assert_eq!(line("gorace replay 2-1-d -tags a x -tags b"), "gorace replay --tags=a -- 2-1-d x -tags b");
        assert_eq!(line("gorace explain -tags a"), "gorace explain -tags a");
    }

    #[test]
    fn the_last_counts() {
        assert_eq!(line("gorace run -tags a -tags=b -race=0 -race=T ."), "gorace run --tags=b --race=true -- .");
        assert_eq!(line("gorace run -no-race -no-race=false ."), "gorace run -- .");
        assert_eq!(with("gorace build -tags b .", "-tags=a -v -count=1"), "gorace build -v=true --tags=b -- .");
        let outputs = "gorace check --output=sarif=a --output=html=b -- .";
        assert_eq!(line("gorace check -output sarif=a --output html=b ."), outputs);
    }

    #[test]
    fn a_test_program_gets_what_go_test_does_not_know() {
        assert_eq!(line("gorace test ./... -mine 3 -v -- x"), "gorace test -v=true ./... -- -mine 3 -- x");
        assert_eq!(line("gorace test -mine . -run X"), "gorace test --run=X -- -mine .");
        assert_eq!(line("gorace test . -args -run y"), "gorace test . -- -run y");
        assert_eq!(line("gorace test -test.run=X . -v a -v"), "gorace test --run=X -v=true . -- a -v");
    }

    #[test]
    fn what_is_wrong_is_said_by_its_whole_name() {
        assert_eq!(line("gorace run -race=x ."), "invalid boolean value \"x\" for -race: parse error");
        assert_eq!(line("gorace build -o"), "flag needs an argument: -o");
        assert!(line("gorace test -msan .").starts_with("-msan: "));
        assert_eq!(line("gorace run -nonsense ."), "gorace run --nonsense -- .");
        assert_eq!(with("gorace run .", "-nonsense"), "go: parsing $GOFLAGS: unknown flag -nonsense");
        assert_eq!(with("gorace run .", "nonsense"), "go: parsing $GOFLAGS: non-flag \"nonsense\"");
        assert_eq!(with("gorace run .", "-ldflags"), "flag needs an argument: -ldflags (from $GOFLAGS)");
        assert!(line("gorace run -gcflags -N .").starts_with("gorace run --idle=-gcflags: "));
    }
}
