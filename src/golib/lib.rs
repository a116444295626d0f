//! Our Go files, embedded: package `runtime`, which replaces the SDK's own, files that replace files of the same name in
//! other packages, and what is put into a file of package testing.

/// The files (name, text) that replace a package's own.
pub fn overlay(import_path: &str) -> Option<&'static [(&'static str, &'static str)]> {
    match import_path {
        "runtime" => Some(RUNTIME),
        _ => None,
    }
}

/// Whether files of a package are others than its own.
pub fn changes(import_path: &str) -> bool {
    matches!(import_path, "golang.org/x/sys/unix" | "math/big" | "testing")
}

/// What stands in for a file of a package, which has this text: golang.org/x/sys/unix makes its system calls in assembly, which we do not
/// read; the kernels of math/big are natives; package testing tells of its tests.
pub fn in_place_of(import_path: &str, file: &str, text: &[u8]) -> Option<Vec<u8>> {
    let files = match import_path {
        "golang.org/x/sys/unix" => UNIX,
        "math/big" => BIG,
        "testing" if file == "testing.go" => return extended(text),
        _ => return None,
    };
    files.iter().find(|(name, _)| *name == file).map(|(_, text)| text.as_bytes().to_vec())
}

/// The SDK's testing.go with calls where a test begins and where it has ended, and behind its last line what they call. No line gets another
/// number. None where the file is not as it is known.
fn extended(text: &[u8]) -> Option<Vec<u8>> {
    let mut text = std::str::from_utf8(text).ok()?.to_string();
    for (place, with) in CALLS {
        if text.matches(place).count() != 1 {
            return None;
        }
        text = text.replace(place, with);
    }
    text.push_str(TESTING.first()?.1.strip_prefix("package testing\n")?);
    Some(text.into_bytes())
}

/// Lines of `tRunner`, and what they become.
const CALLS: [(&str, &str); 2] = [
    ("\n\tt.resetRaces()\n\tfn(t)\n", "\n\tt.resetRaces(); t.goraceBegins()\n\tfn(t)\n"),
    ("\n\t\t// Output buffered logs.\n", "\n\t\tt.goraceEnds() // Output buffered logs.\n"),
];

macro_rules! files {
    ($folder:literal, $($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!($folder, "/", $name)))),*]
    };
}

const RUNTIME: &[(&str, &str)] = files!(
    "runtime",
    "alg.go",
    "chan.go",
    "error.go",
    "hash.go",
    "hash_126.go",
    "iface.go",
    "map.go",
    "memory.go",
    "metrics.go",
    "natives.go",
    "number.go",
    "outside.go",
    "panic.go",
    "poll.go",
    "print.go",
    "proc.go",
    "profile.go",
    "race.go",
    "rand.go",
    "reflect.go",
    "reflectcall.go",
    "slice.go",
    "state.go",
    "string.go",
    "symtab.go",
    "sync.go",
    "synctest.go",
    "time.go",
    "typelinks.go",
    "typelinks_126.go",
    "types.go"
);

const UNIX: &[(&str, &str)] = files!("unix", "syscall_linux_amd64_gc.go", "syscall_linux_gc.go", "syscall_unix_gc.go");

const TESTING: &[(&str, &str)] = files!("testing", "left.go");

const BIG: &[(&str, &str)] = files!("big", "arith_decl_pure.go");

#[cfg(test)]
mod tests {
    #[test]
    fn every_file_of_the_folders_is_listed() {
        let all =
            [("runtime", super::RUNTIME), ("unix", super::UNIX), ("big", super::BIG), ("testing", super::TESTING)];
        for (folder, list) in all {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            let mut names: Vec<String> =
                std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            let listed: Vec<&str> = list.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, listed);
        }
    }

    #[test]
    fn a_test_begins_and_ends_at_the_lines_that_it_had() {
        let file = "package testing\n\nfunc tRunner() {\n\tdefer func() {\n\t\t// Output buffered logs.\n\t\tx()\n\t}()\n\tt.resetRaces()\n\tfn(t)\n}\n";
        let extended =
            String::from_utf8(super::in_place_of("testing", "testing.go", file.as_bytes()).unwrap()).unwrap();
        let line = |text: &str| extended.lines().position(|line| line.contains(text));
        assert_eq!((line("t.goraceEnds()"), line("t.goraceBegins()"), line("fn(t)")), (Some(4), Some(7), Some(8)));
        assert_eq!(extended.matches("package testing").count(), 1);
        assert!(super::in_place_of("testing", "testing.go", b"package testing\n").is_none());
        assert!(super::in_place_of("testing", "benchmark.go", file.as_bytes()).is_none());
    }
}
