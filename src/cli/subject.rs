//! What a schedule is a schedule of: a program with its arguments, or one test of a package. The report's command to have a
//! finding again and traces name it, and `gorace replay` makes the same subject out of these.

use crate::build_flags::SourceFlags;
use crate::compile::TestProgram;
use gorace_base::finding::{Finding, Test};
use gorace_explore::{EXIT, FLAKY};
use gorace_report::place;
use std::path::{Path, PathBuf};

/// See the module's text.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    /// Files, a folder or an import path, and the flags that say what it is made of.
    pub program: Vec<String>,
    pub sources: SourceFlags,
    /// The program's name and arguments.
    pub args: Vec<String>,
    /// The folder that it runs in; the current one if none.
    pub folder: Option<PathBuf>,
    /// The words behind a token that name the program and its arguments.
    pub words: String,
    /// The test, with the parts of it that are run behind a slash.
    pub run: Option<String>,
    /// The same for reports.
    pub test: Option<Test>,
}

/// Words that name a program and its arguments, as a shell takes them.
pub fn program_words(sources: &SourceFlags, program: &[String]) -> String {
    let words: Vec<String> = sources.words().iter().chain(program).map(|word| shell_word(word)).collect();
    words.join(" ")
}

fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_string(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// A longer token is not for a terminal; `--trace-dir` writes it into a file.
const LONG_TOKEN: usize = 1000;

/// The only file of a test program that nobody wrote.
const GENERATED: &str = "_testmain.go";

impl Subject {
    /// A program and its arguments; `words` are both.
    pub fn of_program(sources: &SourceFlags, words: &[String]) -> Subject {
        let (program, rest) = crate::split_program(words);
        let mut args = vec![program.first().map_or("main", String::as_str).trim_end_matches(".go").to_string()];
        args.extend(rest);
        let sources = sources.clone();
        Subject { words: program_words(&sources, words), program, sources, args, ..Subject::default() }
    }

    /// A test of a package: `run` is its name, maybe with the parts of it that are wanted behind a slash, `rest` what the test
    /// program gets besides, `words` what names the package and that.
    pub fn of_test(
        sources: &SourceFlags,
        words: &[String],
        program: &TestProgram,
        run: &str,
        rest: Vec<String>,
    ) -> Subject {
        let (test, inner) = run.split_once('/').map_or((run, String::new()), |(test, rest)| (test, format!("/{rest}")));
        let package = &program.package;
        let mut args = vec![format!("{}.test", package.rsplit('/').next().unwrap_or(package))];
        // It has no limit of time: where nobody can go on, the time would be up at once.
        args.extend(["-test.paniconexit0", "-test.timeout=0"].map(String::from));
        match test.split('|').count() {
            1 => args.push(format!("-test.run=^{test}${inner}")),
            n => args.extend([format!("-test.run=^({test})${inner}"), format!("-test.parallel={n}")]),
        }
        args.extend(rest);
        let (named, _) = crate::split_program(words);
        let is_files = named.first().is_some_and(|word| word.ends_with(".go"));
        Subject {
            // The folder means the same from everywhere.
            program: if is_files { named } else { vec![program.dir.display().to_string()] },
            sources: sources.clone(),
            args,
            folder: Some(program.dir.clone()),
            words: program_words(sources, words),
            run: Some(run.to_string()),
            test: Some(Test { package: package.clone(), name: test.to_string() }),
        }
    }

    /// A name that is the same from every folder: a test's package, or the program's files in their module.
    pub fn lasting(&self) -> String {
        if let Some(test) = &self.test {
            return test.package.clone();
        }
        let word = |word: &String| {
            let Ok(full) = std::fs::canonicalize(word) else { return word.clone() };
            let module = place::module_of(&full);
            let inside = module.and_then(|(root, _)| Some(full.strip_prefix(root).ok()?.display().to_string()));
            inside
                .unwrap_or_else(|| full.file_name().map_or_else(String::new, |name| name.to_string_lossy().to_string()))
        };
        self.program.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    /// The command that runs a finding's schedule again, in a network of its own or not; empty where its token is too long for one.
    pub fn replay_command(&self, finding: &Finding, own_network: bool) -> String {
        let network = if own_network { "" } else { "--network machine " };
        let test = self.run.as_ref().map_or_else(String::new, |run| format!("--test {} ", shell_word(run)));
        match finding.schedule.len() {
            1..=LONG_TOKEN => format!("gorace replay {network}{test}{} {}", finding.schedule, self.words),
            _ => String::new(),
        }
    }

    /// Says in a finding which test it is of. The status of a test that failed is given by a function that nobody wrote: such a
    /// finding stands at the test.
    pub fn name(&self, finding: &mut Finding) {
        let Some(test) = &self.test else { return };
        finding.test = Some(test.clone());
        if finding.rule == FLAKY {
            finding.headline = format!("{} fails in some schedules, not in all", test.name);
        }
        let Some(folder) = self.folder.as_deref().filter(|_| finding.rule == EXIT) else { return };
        let Some(frame) = finding.events.first_mut().and_then(|event| {
            let outer = event.stack.iter_mut().find(|f| !f.is_std())?;
            Path::new(&outer.file).ends_with(GENERATED).then_some(outer)
        }) else {
            return;
        };
        finding.headline = format!("{} fails in some schedules, not in all", test.name);
        let first = test.name.split('|').next().unwrap_or(&test.name);
        if let Some((file, line)) = declared(folder, first) {
            frame.function = format!("{}.{}", test.package, test.name);
            (frame.file, frame.line, frame.column) = (file, line, 1);
        }
    }
}

/// Where a test function is declared: file and line.
fn declared(folder: &Path, test: &str) -> Option<(String, u32)> {
    let head = format!("func {test}(");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let tests = files.iter().filter(|path| path.to_string_lossy().ends_with("_test.go"));
    tests.filter_map(|path| Some((path, gorace_base::files::read_text(path).ok()?))).find_map(|(path, text)| {
        let at = text.lines().position(|line| line.starts_with(&head))?;
        Some((path.display().to_string(), at as u32 + 1))
    })
}
