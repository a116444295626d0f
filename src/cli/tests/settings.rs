//! `gorace.toml`, comments in the source, baselines, limits: what is reported and what the check exits with.

use crate::{RACE, folder, gorace, refused, text};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const MODULE: &str = "module example.org/m\n\ngo 1.26\n";

/// A module with a race in main.go, and a gorace.toml.
fn module(configuration: &str) -> TempDir {
    let program = RACE.replace("\tafter()\n", "");
    folder(&[("go.mod", MODULE), ("main.go", &program), ("gorace.toml", configuration)])
}

/// Runs `gorace check` with arguments; gives status, standard output, standard error.
fn check(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = gorace(folder, &["check", "--schedules", "5", "--format", "short"]);
    let output = command.args(arguments).arg(".").output().unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_configuration_is_found_and_flags_are_stronger() {
    let folder = module("[check]\nschedules = 7\nseed = 3\n\n[severity]\ndata-race = \"warning\"\n");
    let run = |arguments: &[&str]| {
        let output =
            gorace(folder.path(), &[&["check", "--format", "json"], arguments, &["."]].concat()).output().unwrap();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (status, out, said) = run(&[]);
    assert_eq!(status, Some(0), "{said}");
    assert!(
        said.contains("in 7 schedules") && out.contains("\"seed\":3") && out.contains("\"severity\":\"Warning\""),
        "{out}{said}"
    );
    assert_eq!(run(&["--fail-on", "warning"]).0, Some(1));
    assert!(run(&["--schedules", "2"]).2.contains("in 2 schedules"));
    fs::create_dir(folder.path().join("cmd")).unwrap();
    fs::write(
        folder.path().join("cmd/main.go"),
        "package main\n\nimport \"time\"\n\nfunc main() {\n\tgo time.Sleep(1)\n\ttime.Sleep(2)\n\tprintln(time.Now().Unix())\n}\n",
    )
    .unwrap();
    let below = gorace(&folder.path().join("cmd"), &["check", "main.go"]).output().unwrap();
    assert!(text(&below.stderr).contains("in 7 schedules"), "{}", text(&below.stderr));
}

#[test]
fn a_wrong_configuration_is_refused_with_its_line() {
    for (configuration, words) in [
        ("[check]\nshedules = 5\n", "gorace.toml:2: unknown field `shedules`, expected one of `schedules`"),
        ("[severity]\npoem = \"error\"\n", "gorace.toml:2: no rule poem; there are data-race"),
        ("[[suppress]]\nrule = \"data-race\"\nfunction = \"main.*\"\n", "gorace.toml:1: a suppression needs a reason"),
        ("[[suppress]\n", "gorace.toml:1: "),
    ] {
        refused(&mut gorace(module(configuration).path(), &["check", "."]), &[words]);
    }
}

#[test]
fn suppressed_findings_are_counted_and_those_of_no_use_are_told() {
    let entry = |function: &str| {
        format!("[[suppress]]\nrule = \"data-race\"\nfunction = \"{function}\"\nreason = \"only counts\"\n")
    };
    let folder = module(&entry("main.main*"));
    let (status, out, said) = check(folder.path(), &[]);
    assert_eq!((status, out.as_str()), (Some(0), ""), "{said}");
    assert!(said.contains("no findings, 1 suppressed in 5 schedules"), "{said}");
    fs::write(folder.path().join("gorace.toml"), format!("\n{}", entry("main.other"))).unwrap();
    let (status, _, said) = check(folder.path(), &[]);
    assert_eq!(status, Some(1));
    assert!(said.contains("gorace.toml:2: this suppression met no finding"), "{said}");
}

#[test]
fn comments_in_the_source_suppress() {
    let folder = module("");
    let main = folder.path().join("main.go");
    let program = fs::read_to_string(&main).unwrap();
    fs::write(&main, program.replace("\tn++\n", "\t//gorace:ignore data-race only counts\n\tn++\n")).unwrap();
    let (status, _, said) = check(folder.path(), &[]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("1 suppressed"), "{said}");
    fs::write(&main, program.replace("\tn++\n", "\tn++\n\t//gorace:ignore GR003 never\n")).unwrap();
    let (status, _, said) = check(folder.path(), &[]);
    assert_eq!(status, Some(1));
    assert!(said.contains("main.go:10: gorace:ignore met no finding"), "{said}");
    fs::write(&main, program.replace("\tn++\n", "\tn++ //gorace:ignore data-race\n")).unwrap();
    refused(&mut gorace(folder.path(), &["check", "."]), &["main.go:9: gorace:ignore data-race needs a reason"]);
}

#[test]
fn a_baseline_knows_old_findings() {
    let folder = module("[check]\nbaseline = \"known.json\"\n");
    let (status, out, said) = check(folder.path(), &["--write-baseline", "known.json"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(out.contains("[data-race]"));
    let known = fs::read_to_string(folder.path().join("known.json")).unwrap();
    assert!(known.contains("\"rule\":\"data-race\",\"file\":\"main.go\",\"function\":\"main.main"), "{known}");
    let (status, out, said) = check(folder.path(), &[]);
    assert_eq!((status, out.as_str()), (Some(0), ""), "{said}");
    assert!(said.contains("no findings, 1 known in 5 schedules"), "{said}");
    // Lines move, and there is a new race.
    let main = folder.path().join("main.go");
    let program = fs::read_to_string(&main).unwrap();
    let more = program
        .replace("\tvar n int\n", "\tvar n, m int\n\n")
        .replace("{ n++ })\n", "{ n++ })\n\twg.Go(func() { m++ })\n\tm++\n");
    fs::write(&main, more).unwrap();
    let (status, out, said) = check(folder.path(), &[]);
    assert_eq!(status, Some(1), "{said}");
    assert!(out.contains(" m ") && said.contains("1 finding, 1 known"), "{out}{said}");
    fs::write(&main, "package main\n\nfunc main() {}\n").unwrap();
    assert!(check(folder.path(), &[]).2.contains("1 finding of the baseline did not come again"));
    fs::write(folder.path().join("known.json"), "{\n\"poem\": 1}").unwrap();
    refused(&mut gorace(folder.path(), &["check", "."]), &["known.json:2: not a baseline"]);
}

#[test]
fn enough_findings_end_the_check() {
    let source = "package main\n\nimport \"sync\"\n\nfunc main() {\n\tvar a, b, c int\n\tvar wg sync.WaitGroup\n\twg.Go(func() { a++ })\n\twg.Go(func() { b++ })\n\twg.Go(func() { c++ })\n\ta++\n\tb++\n\tc++\n\twg.Wait()\n}\n";
    let folder = folder(&[("main.go", source)]);
    let run = |arguments: &[&str]| {
        let mut command = gorace(folder.path(), &["check", "--format", "json", "--schedules", "300"]);
        let output = command.args(arguments).arg("main.go").output().unwrap();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (status, all, _) = run(&[]);
    assert_eq!((status, all.lines().count()), (Some(1), 3), "{all}");
    let (status, two, said) = run(&["--max-findings", "2"]);
    assert_eq!(status, Some(1));
    assert!(said.contains("2 findings in ") && said.contains("--max-findings"), "{said}");
    assert!(all.starts_with(&two) && two.lines().count() == 2, "the first two are those of the whole check");
    assert_eq!(run(&["--max-findings", "2", "--fail-on", "never"]).0, Some(0));
}

#[test]
fn reports_go_into_files_without_colour() {
    let folder = module("");
    let outputs =
        ["--output", "sarif=a.sarif", "--output", "text=a.txt", "--output", "html=a.html", "--color", "always"];
    let mut command = gorace(folder.path(), &["check", "--schedules", "5"]);
    let output = command.args(outputs).arg(".").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(text(&output.stdout).contains("\u{1b}["), "{}", text(&output.stdout));
    let report = read("a.txt");
    assert!(report.contains("error[data-race]") && !report.contains('\u{1b}'), "{report}");
    assert!(read("a.sarif").contains("\"2.1.0\"") && read("a.html").starts_with("<!DOCTYPE html>"));
}

#[test]
fn colours_are_for_those_who_want_them() {
    let folder = module("");
    let coloured = |arguments: &[&str], variable: Option<(&str, &str)>| {
        let mut command = gorace(folder.path(), &["check", "--schedules", "3"]);
        command.args(arguments).arg(".").env_remove("NO_COLOR").envs(variable);
        text(&command.output().unwrap().stdout).contains('\u{1b}')
    };
    assert!(!coloured(&[], None), "a pipe");
    assert!(coloured(&["--color", "always"], Some(("NO_COLOR", "1"))), "a flag is stronger than the environment");
    assert!(!coloured(&["--color", "never"], Some(("CLICOLOR_FORCE", "1"))));
    assert!(!coloured(&[], Some(("NO_COLOR", "1"))));
}

/// What a flag keeps apart, which the locks do not say.
const FLAG: &str = "package main\n\nimport (\n\t\"runtime\"\n\t\"sync\"\n\t\"sync/atomic\"\n)\n\nfunc main() {\n\tvar a, b sync.Mutex\n\t\
    var moved atomic.Bool\n\tvar wg sync.WaitGroup\n\twg.Add(2)\n\tgo func() {\n\t\tdefer wg.Done()\n\t\ta.Lock()\n\t\tb.Lock()\n\t\t\
    b.Unlock()\n\t\ta.Unlock()\n\t\tmoved.Store(true)\n\t}()\n\tgo func() {\n\t\tdefer wg.Done()\n\t\tfor !moved.Load() {\n\t\t\t\
    runtime.Gosched()\n\t\t}\n\t\tb.Lock()\n\t\ta.Lock()\n\t\ta.Unlock()\n\t\tb.Unlock()\n\t}()\n\twg.Wait()\n}\n";

#[test]
fn a_prediction_is_a_warning_that_its_token_shows_again() {
    let folder = folder(&[("main.go", FLAG)]);
    let run = |arguments: &[&str]| {
        let output = gorace(folder.path(), arguments).output().unwrap();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (status, out, said) = run(&["check", "--schedules", "10", "main.go"]);
    assert_eq!(status, Some(0), "{out}{said}");
    for words in [
        "warning[lock-order-inversion]: goroutines 4 and 5 take two locks in opposite orders",
        "main.go:17:9 in main.main.func1",
        "^ takes a lock: b, goroutine 4",
        "goroutine 5 locked it at main.go:27",
        "it holds a, locked at main.go:16",
        "main.go:28:9 in main.main.func2",
        "= predicted: ",
    ] {
        assert!(out.contains(words), "{words} in {out}");
    }
    assert_eq!(run(&["check", "--schedules", "10", "--fail-on", "warning", "main.go"]).0, Some(1));
    let command = out.split('`').find(|part| part.starts_with("gorace replay ")).unwrap_or_default();
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    assert_eq!(run(&words), (Some(0), out.clone(), String::new()));
    // Without the search for the shortest schedule it has one too.
    let (_, long, _) = run(&["check", "--schedules", "10", "--strategy", "mix", "--no-shorten", "main.go"]);
    let command = long.split('`').find(|part| part.starts_with("gorace replay ")).unwrap_or_default();
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    assert_eq!(run(&words).1, long);
    // Where every order was run, what did not happen cannot.
    let ordered = FLAG.replace("\t\"runtime\"\n", "").replace("for !moved.Load() {", "if !moved.Load() {");
    let ordered = ordered.replace("runtime.Gosched()", "return");
    fs::write(folder.path().join("main.go"), ordered).unwrap();
    let (_, out, said) = run(&["check", "--strategy", "mix", "main.go"]);
    assert!(out.contains("lock-order-inversion"), "{out}{said}");
    for systematic in
        [&["check", "--strategy", "systematic", "--schedules", "1000", "main.go"][..], &["check", "main.go"]]
    {
        let (_, out, said) = run(systematic);
        assert!(out.is_empty() && said.contains("nothing is left"), "{out}{said}");
    }
}

#[test]
fn a_check_ends_early_when_no_new_order_is_to_be_expected() {
    let folder = folder(&[
        ("main.go", "package main\n\nfunc main() {\n\tc := make(chan int)\n\tgo func() { c <- 1 }()\n\t<-c\n}\n"),
        ("sleep.go", "package main\n\nimport \"time\"\n\nfunc main() {\n\ttime.Sleep(1)\n}\n"),
        (
            "rand.go",
            "package main\n\nimport \"math/rand\"\n\nfunc main() {\n\tif rand.Int() == 7 {\n\t\tpanic(7)\n\t}\n}\n",
        ),
        ("race.go", &RACE.replace("\tafter()\n", "")),
    ]);
    let run = |arguments: &[&str]| {
        let output = gorace(folder.path(), &[&["check", "--strategy", "mix"], arguments].concat()).output().unwrap();
        (output.status.code(), text(&output.stderr))
    };
    let (status, said) = run(&["--schedules", "500", "main.go"]);
    assert_eq!(status, Some(0), "{said}");
    let schedules = said.split(" in ").nth(1).and_then(|words| words.split(' ').next()?.parse::<u64>().ok());
    assert!(schedules.is_some_and(|n| (51..=150).contains(&n)), "{said}");
    assert!(said.contains("ended before its 500 schedules: the last 50 brought no new order"), "{said}");
    assert_eq!(said.split(',').next(), run(&["--schedules", "400", "main.go"]).1.split(',').next());
    // It is an upper bound, and what time, chance or racing accesses decide may come at any time.
    for (file, schedules) in [("main.go", "20"), ("sleep.go", "70"), ("rand.go", "70"), ("race.go", "70")] {
        let (_, said) = run(&["--schedules", schedules, "--no-shorten", file]);
        assert!(
            said.contains(&format!(" in {schedules} schedules")) && !said.contains("ended before"),
            "{file}: {said}"
        );
    }
    // Nor is it proof where chance or accesses decide; where nothing else counts than the order it is.
    let plain = |arguments: &[&str]| {
        let output = gorace(folder.path(), &[&["check", "--no-shorten"], arguments].concat()).output().unwrap();
        text(&output.stderr)
    };
    for file in ["rand.go", "race.go"] {
        let said = plain(&["--schedules", "70", file]);
        assert!(said.contains(" in 70 schedules") && !said.contains("every order"), "{file}: {said}");
    }
    let said = plain(&["main.go"]);
    assert!(said.contains("covered: every order") && said.contains("nothing is left"), "{said}");
}
