//! `-tags` with one dash, as the go command takes it, for the commands whose other flags are ours alone.

use std::ffi::OsString;

/// The command line with two dashes before `tags` where it stands among the flags of check, run or build. What stands behind
/// a program is the program's own.
pub fn with_two_dashes(mut line: Vec<OsString>, commands: &clap::Command) -> Vec<OsString> {
    let name = line.get(1).and_then(|word| word.to_str()).unwrap_or("").to_string();
    let Some(command) = commands.find_subcommand(&name).filter(|c| ["check", "run", "build"].contains(&c.get_name()))
    else {
        return line;
    };
    // Words of build all name packages, and flags may stand between them.
    let ends_at_program = name != "build";
    let mut at = 2;
    while let Some(text) = line.get(at).and_then(|word| word.to_str()).map(str::to_string) {
        let Some(flag) = text.strip_prefix('-').filter(|flag| *flag != "-") else {
            if ends_at_program || text == "--" {
                break;
            }
            at += 1;
            continue;
        };
        if flag == "tags" || flag.starts_with("tags=") {
            line[at] = format!("-{text}").into();
        }
        let long = flag.trim_start_matches('-');
        let known = command.get_arguments().find(|a| a.get_long() == Some(long));
        // Its value is the next word.
        at += if known.is_some_and(|a| a.get_action().takes_values()) { 2 } else { 1 };
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_dash_before_the_program_becomes_two() {
        let line = |words: &str| {
            let words = words.split(' ').map(OsString::from).collect();
            let line = with_two_dashes(words, &crate::command());
            line.iter().map(|w| w.to_string_lossy().to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(line("gorace run -tags a,b main.go -tags c"), "gorace run --tags a,b main.go -tags c");
        assert_eq!(line("gorace check --seed 3 -tags=a . -tags=b"), "gorace check --seed 3 --tags=a . -tags=b");
        assert_eq!(line("gorace check --seed -tags x"), "gorace check --seed -tags x");
        assert_eq!(line("gorace build ./a -tags a ./b"), "gorace build ./a --tags a ./b");
        assert_eq!(line("gorace build -- -tags a"), "gorace build -- -tags a");
        assert_eq!(line("gorace replay -tags a"), "gorace replay -tags a");
    }
}
