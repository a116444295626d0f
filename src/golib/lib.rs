//! Our Go files, embedded: package `runtime`, which replaces the SDK's own, and files that replace files of the same name in
//! other packages.

/// The files (name, text) that replace a package's own.
pub fn overlay(import_path: &str) -> Option<&'static [(&'static str, &'static str)]> {
    match import_path {
        "runtime" => Some(RUNTIME),
        _ => None,
    }
}

/// What stands in for a file of a package: golang.org/x/sys/unix makes its system calls in assembly, which we do not read;
/// the kernels of math/big are natives.
pub fn replacement(import_path: &str, file: &str) -> Option<&'static str> {
    let files = match import_path {
        "golang.org/x/sys/unix" => UNIX,
        "math/big" => BIG,
        _ => return None,
    };
    files.iter().find(|(name, _)| *name == file).map(|(_, text)| *text)
}

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

const BIG: &[(&str, &str)] = files!("big", "arith_decl_pure.go");

#[cfg(test)]
mod tests {
    #[test]
    fn every_file_of_the_folders_is_listed() {
        for (folder, list) in [("runtime", super::RUNTIME), ("unix", super::UNIX), ("big", super::BIG)] {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            let mut names: Vec<String> =
                std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            let listed: Vec<&str> = list.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, listed);
        }
    }
}
