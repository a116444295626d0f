//! Our Go files, embedded: package `runtime`, which replaces the SDK's own.

/// The files (name, text) that replace a package's own.
pub fn overlay(import_path: &str) -> Option<&'static [(&'static str, &'static str)]> {
    match import_path {
        "runtime" => Some(RUNTIME),
        _ => None,
    }
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
    "natives.go",
    "number.go",
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
    "time.go",
    "typelinks.go",
    "typelinks_126.go",
    "types.go"
);

#[cfg(test)]
mod tests {
    #[test]
    fn every_file_of_the_folder_is_listed() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("runtime");
        let mut names: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        let listed: Vec<&str> = super::RUNTIME.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, listed);
    }
}
