//! Attacks that want a line in a report that nobody wrote, or a terminal that obeys a program's text.

use super::Harm::ForgesLine;
use super::{Place, Ran, Trial, must};

pub const TRIALS: &[Trial] = &[
    Trial { name: "F7 source", what: "escape sequences in a line of source", harm: ForgesLine, run: source },
    Trial { name: "F7 panic", what: "escape sequences and new lines in a panic's text", harm: ForgesLine, run: panics },
    Trial {
        name: "F7 file",
        what: "new lines and escape sequences in a file's name",
        harm: ForgesLine,
        run: file_name,
    },
    Trial { name: "F7 folder", what: "the same in a folder's name", harm: ForgesLine, run: folder_name },
    Trial { name: "F7 line", what: "the same in a //line directive", harm: ForgesLine, run: line_directive },
    Trial {
        name: "F7 error",
        what: "the same in the name of a file that cannot be compiled",
        harm: ForgesLine,
        run: compile_error,
    },
    Trial { name: "F7 direction", what: "marks of direction in source and panic", harm: ForgesLine, run: direction },
    Trial {
        name: "F7 death",
        what: "escape sequences in the last words of a schedule that is killed",
        harm: ForgesLine,
        run: last_words,
    },
    Trial { name: "F7 test", what: "::error lines printed by a test that fails", harm: ForgesLine, run: test_output },
    Trial {
        name: "F7 exit",
        what: "the same in the arguments of the replay command",
        harm: ForgesLine,
        run: replay_words,
    },
];

const FORMATS: [&str; 8] = ["text", "go", "short", "json", "sarif", "github", "rdjson", "html"];

/// No control character, and no line that is a command of GitHub's which gorace did not mean.
fn is_clean(ran: &Ran, format: &str) -> Result<(), String> {
    for (stream, text) in [("standard output", &ran.out), ("standard error", &ran.err)] {
        let acts = |c: &char| c.is_control() && !matches!(c, '\n' | '\t') || ('\u{202a}'..='\u{202e}').contains(c);
        if let Some(c) = text.chars().find(acts) {
            return Err(format!("{format}: {c:?} on {stream}:\n{text:?}"));
        }
        let is_forged = |line: &&str| {
            let line = line.trim_start();
            line.starts_with("::error::") || line.starts_with("::error file=forged") || line.starts_with("##[")
        };
        if let Some(line) = text.lines().find(is_forged) {
            return Err(format!("{format}: {line:?} on {stream}"));
        }
    }
    Ok(())
}

/// Checks what `words` name in every format.
fn clean_in_all(place: &Place, words: &[&str], finds: &str) -> Result<(), String> {
    for format in FORMATS {
        let ran = place.run(place.gorace(&[&["check", "--schedules", "3", "--format", format], words].concat()))?;
        must(ran.status == 1, || format!("{format}: status {}:\n{}", ran.status, ran.all()))?;
        // Go's own layout names no rule.
        must(format == "go" || ran.out.contains(finds), || format!("{format}: no {finds}:\n{}", ran.all()))?;
        is_clean(&ran, format)?;
    }
    Ok(())
}

/// A race whose line ends with a comment.
fn race_with(comment: &str) -> String {
    format!(
        "package main\n\nimport \"sync\"\n\nvar x int\n\nfunc main() {{\n\tvar wg sync.WaitGroup\n\tfor range 2 {{\n\t\twg.Add(1)\n\t\tgo func() {{\n\t\t\tdefer wg.Done()\n\t\t\tx++ // {comment}\n\t\t}}()\n\t}}\n\twg.Wait()\n}}\n"
    )
}

fn source(place: &Place) -> Result<(), String> {
    place.write("main.go", race_with("\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m \u{8}\u{8}"))?;
    clean_in_all(place, &["main.go"], "data-race")
}

fn direction(place: &Place) -> Result<(), String> {
    place.write("main.go", race_with("\u{202e}\u{2066}"))?;
    clean_in_all(place, &["main.go"], "data-race")
}

fn panics(place: &Place) -> Result<(), String> {
    let source = "package main\n\nfunc main() { panic(\"\\x1b[31m\\n::error::forged\\r\\n::error file=forged::x\\u009b\\u202e\") }\n";
    place.write("main.go", source)?;
    clean_in_all(place, &["main.go"], "panic")
}

fn file_name(place: &Place) -> Result<(), String> {
    let name = "a\n::error::forged\u{1b}[31m.go";
    place.write(name, race_with(""))?;
    clean_in_all(place, &[name], "data-race")
}

fn folder_name(place: &Place) -> Result<(), String> {
    let name = "a\n::error::forged\u{1b}[31m";
    place.write(format!("{name}/main.go"), race_with(""))?;
    let file = format!("{name}/main.go");
    clean_in_all(place, &[&file], "data-race")
}

fn line_directive(place: &Place) -> Result<(), String> {
    place.write("main.go", race_with("").replace("\t\t\tx++", "/*line a\u{1b}[31m\r::error::forged.go:3:1*/x++"))?;
    for format in FORMATS {
        let ran = place.run(place.gorace(&["check", "--schedules", "3", "--format", format, "main.go"]))?;
        is_clean(&ran, format)?;
    }
    Ok(())
}

fn compile_error(place: &Place) -> Result<(), String> {
    let name = "a\n::error::forged\u{1b}[31m.go";
    place.write(name, "package main\n\nfunc main() { undefined() }\n")?;
    let ran = place.run(place.gorace(&["check", name]))?;
    ran.is(2, &["undefined"])?;
    is_clean(&ran, "compile")?;
    place.write(name, "package main\n\nfunc (\n")?;
    is_clean(&place.run(place.gorace(&["check", name]))?, "parse")
}

fn last_words(place: &Place) -> Result<(), String> {
    let source = "package main\n\nimport (\n\t\"os\"\n\t\"syscall\"\n)\n\nfunc main() {\n\tos.Stderr.WriteString(\"\\x1b[31m\\r::error::forged\\r\")\n\tsyscall.Kill(os.Getpid(), syscall.SIGKILL)\n}\n";
    let ran = place.check(source, &[])?;
    ran.is(3, &[])?;
    is_clean(&ran, "text")
}

fn test_output(place: &Place) -> Result<(), String> {
    place.write("go.mod", "module example.com/m\n\ngo 1.26\n")?;
    let source = "package m\n\nimport (\n\t\"fmt\"\n\t\"testing\"\n)\n\nfunc TestX(t *testing.T) {\n\tfmt.Print(\"\\n::error::forged\\x1b[31m\\n\")\n\tt.Fatal(\"no\")\n}\n";
    place.write("m_test.go", source)?;
    let ran = place.run(place.gorace(&["test", "--explore", "--schedules", "2", "."]))?;
    ran.is(1, &["| ::error::forged"])?;
    is_clean(&ran, "test")
}

fn replay_words(place: &Place) -> Result<(), String> {
    place.write("main.go", race_with(""))?;
    clean_in_all(place, &["main.go", "a\n::error::forged\u{1b}[31m"], "data-race")
}
