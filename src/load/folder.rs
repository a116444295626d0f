//! The Go files of a folder: which belong to the build, to the package's own tests, to its external tests.

use crate::constraint::{Context, of_text};
use crate::error::{LoadError, plain};
use crate::scan::{SourceFile, header};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a folder holds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Folder {
    pub dir: PathBuf,
    /// The package clause's name.
    pub name: String,
    pub files: Vec<SourceFile>,
    /// `_test.go` files of the package itself.
    pub tests: Vec<SourceFile>,
    /// `_test.go` files of package `name_test`.
    pub external: Vec<SourceFile>,
    /// How many Go files constraints exclude.
    pub excluded: usize,
    /// Where a file was left out because it imports `C`.
    pub cgo: Option<String>,
    /// Whether there are `_test.go` files, read or not.
    pub has_tests: bool,
    /// Whether there is assembly for this build: then functions may lack their bodies.
    pub assembly: bool,
    /// Why this cannot be a package: several package clauses, constraints that make no sense.
    pub problem: Option<String>,
}

impl Folder {
    /// Why there is nothing to build here, in the go command's words.
    pub fn emptiness(&self, import_path: &str) -> String {
        let dir = self.dir.display();
        if self.excluded > 0 {
            let why = self.cgo.as_ref().map(|at| format!(" ({at}: import \"C\": cgo is not supported by gorace)"));
            format!("package {import_path}: build constraints exclude all Go files in {dir}{}", why.unwrap_or_default())
        } else if self.has_tests {
            format!("package {import_path}: no non-test Go files in {dir}")
        } else {
            format!("no Go files in {dir}")
        }
    }
}

/// What became of a file.
enum Reading {
    File(SourceFile),
    /// Constraints exclude it.
    Excluded,
    /// It imports `C`, here.
    Cgo(String),
}

/// How folders are read.
#[derive(Debug, Clone)]
pub struct Reader {
    pub sdk_minor: u32,
    pub tags: Vec<String>,
    /// Paths below this folder are shown relative to it.
    pub working_folder: PathBuf,
    /// Packages below this one are std's.
    pub std_folder: PathBuf,
}

impl Reader {
    /// A reader of packages anywhere, for tests.
    #[cfg(test)]
    pub fn of_root(sdk_minor: u32) -> Reader {
        Reader { sdk_minor, tags: Vec::new(), working_folder: PathBuf::from("/"), std_folder: PathBuf::from("/std") }
    }

    /// A path as it is printed.
    pub fn shown(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.working_folder).map_or_else(|_| path.to_path_buf(), Path::to_path_buf)
    }

    /// The file with this text, and whether constraints let it in.
    fn file(&self, path: PathBuf, text: Vec<u8>, context: Option<&Context>) -> Result<Reading, String> {
        let header = header(&text);
        let shown = self.shown(&path);
        if let Some(context) = context {
            match &header.constraint {
                Err(message) => return Err(format!("{}: {message}", shown.display())),
                Ok(Some(constraint)) if !context.allows(constraint) => return Ok(Reading::Excluded),
                Ok(_) if header.package == "documentation" => return Ok(Reading::Excluded),
                Ok(_) => {}
            }
        }
        if let Some(import) = header.imports.iter().find(|i| i.path == "C") {
            return Ok(Reading::Cgo(format!("{}:{}:{}", shown.display(), import.line, import.column)));
        }
        Ok(Reading::File(SourceFile {
            hash: xxhash_rust::xxh3::xxh3_64(&text),
            shown,
            path,
            text: Some(Arc::from(text)),
            package: header.package,
            imports: header.imports,
            embeds: header.embeds,
            debug: header.debug,
        }))
    }

    /// The Go files of a folder, for a package of this import path.
    ///
    /// # Errors
    /// When the folder or a file cannot be read.
    pub fn folder(&self, dir: &Path, import_path: &str, with_tests: bool) -> Result<Folder, LoadError> {
        let unreadable =
            |path: &Path, e: &std::io::Error| LoadError::File(self.shown(path).display().to_string(), plain(e));
        let mut context = Context::of(import_path, self.sdk_minor, &self.tags);
        let mut names: Vec<String> = std::fs::read_dir(dir)
            .map_err(|e| unreadable(dir, &e))?
            .flatten()
            .filter(|e| e.file_type().is_ok_and(|t| !t.is_dir()))
            .filter_map(|e| e.file_name().into_string().ok())
            .filter(|n| (n.ends_with(".go") || n.ends_with(".s")) && !n.starts_with('_') && !n.starts_with('.'))
            .collect();
        for (name, is_there) in gorace_base::files::overlaid(dir) {
            names.retain(|known| *known != name);
            if is_there && (name.ends_with(".go") || name.ends_with(".s")) {
                names.push(name);
            }
        }
        names.sort();
        let assembly: Vec<String> = names.extract_if(.., |n| n.ends_with(".s")).collect();
        let has_assembly = |context: &Context| {
            assembly.iter().filter(|name| context.matches_name(name)).any(|name| {
                let text = gorace_base::files::read(&dir.join(name)).unwrap_or_default();
                of_text(&text).is_ok_and(|c| c.is_none_or(|c| context.allows(&c)))
            })
        };
        if dir.starts_with(&self.std_folder) || has_assembly(&context) {
            context = context.without_assembly();
        }
        let mut out = Folder { dir: dir.to_path_buf(), ..Folder::default() };
        let mut first: Option<(String, String)> = None;
        for name in names {
            let is_test = name.ends_with("_test.go");
            out.has_tests |= is_test;
            if is_test && !with_tests {
                continue;
            }
            if !context.matches_name(&name) {
                out.excluded += usize::from(!is_test);
                continue;
            }
            let path = dir.join(&name);
            let text = gorace_base::files::read(&path).map_err(|e| unreadable(&path, &e))?;
            // The file's own constraints decide; ours has none.
            let own = gorace_golib::in_place_of(import_path, &name, &text)
                .filter(|_| header(&text).constraint.is_ok_and(|c| c.is_none_or(|c| context.allows(&c))));
            let text = own.unwrap_or(text);
            let file = match self.file(path, text, Some(&context)) {
                Ok(Reading::File(file)) => file,
                Ok(excluded) => {
                    out.excluded += usize::from(!is_test);
                    if let Reading::Cgo(at) = excluded {
                        out.cgo.get_or_insert(at);
                    }
                    continue;
                }
                Err(problem) => {
                    out.problem.get_or_insert(problem);
                    continue;
                }
            };
            // A file without a package clause is reported when it is parsed.
            let package = file.package.clone();
            let external = is_test && package.ends_with("_test");
            let base = if external { package.trim_end_matches("_test").to_string() } else { package };
            match &first {
                None if base != "_" => first = Some((base, name)),
                Some((known, other)) if base != "_" && *known != base => {
                    out.problem.get_or_insert(format!(
                        "found packages {known} ({other}) and {base} ({name}) in {}",
                        dir.display()
                    ));
                }
                _ => {}
            }
            let list = match (is_test, external) {
                (_, true) => &mut out.external,
                (true, _) => &mut out.tests,
                _ => &mut out.files,
            };
            list.push(file);
        }
        out.name = first.map_or_else(|| "_".to_string(), |(name, _)| name);
        out.assembly = has_assembly(&context);
        Ok(out)
    }

    /// Files named one by one; constraints do not apply to them.
    ///
    /// # Errors
    /// When one cannot be read, they lie in several folders, or state several packages.
    pub fn named_files(&self, names: &[String]) -> Result<Folder, LoadError> {
        let mut out = Folder::default();
        let mut first: Option<(String, String)> = None;
        let mut dir: Option<PathBuf> = None;
        for name in names {
            let path = self.working_folder.join(name);
            let unreadable = |e: &std::io::Error| LoadError::File(name.clone(), plain(e));
            if path.is_dir() {
                return Err(LoadError::Pattern(format!("named files must be .go files: {name} is a directory")));
            }
            let text = gorace_base::files::read(&path).map_err(|e| unreadable(&e))?;
            let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
            match &dir {
                Some(known) if *known != folder => {
                    return Err(LoadError::Pattern(format!(
                        "named files must all be in one directory; have {} and {}",
                        known.display(),
                        folder.display()
                    )));
                }
                _ => dir = Some(folder),
            }
            let mut file = match self.file(path, text, None) {
                Ok(Reading::File(file)) => file,
                Ok(Reading::Cgo(at)) => {
                    return Err(LoadError::Packages(vec![format!(
                        "{at}: import \"C\": cgo is not supported by gorace"
                    )]));
                }
                _ => continue,
            };
            file.shown = PathBuf::from(name.trim_start_matches("./"));
            match &first {
                None => first = Some((file.package.clone(), name.clone())),
                Some((known, other)) if *known != file.package && file.package != "_" => {
                    out.problem.get_or_insert(format!(
                        "found packages {known} ({other}) and {} ({name}) in {}",
                        file.package,
                        dir.as_deref().unwrap_or(Path::new(".")).display()
                    ));
                }
                _ => {}
            }
            if name.ends_with("_test.go") { &mut out.tests } else { &mut out.files }.push(file);
        }
        out.dir = dir.unwrap_or_default();
        out.name = first.map_or_else(|| "_".to_string(), |(name, _)| name);
        Ok(out)
    }

    /// Files that exist in memory, as if they lay in the folder of a package of this import path: those of them that
    /// build constraints let in.
    pub fn in_memory(&self, dir: &Path, import_path: &str, files: &[(&str, &str)]) -> Folder {
        let context = Context::of(import_path, self.sdk_minor, &self.tags).without_assembly();
        let read = |(name, text): &(&str, &str)| {
            let reading = self.file(dir.join(name), text.as_bytes().to_vec(), Some(&context));
            match reading {
                Ok(Reading::File(file)) => Some(file),
                _ => None,
            }
        };
        let files: Vec<SourceFile> = files.iter().filter_map(read).collect();
        let name = files.first().map_or_else(|| "_".to_string(), |f| f.package.clone());
        Folder { dir: dir.to_path_buf(), name, files, ..Folder::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_in_memory_are_chosen_by_constraints() {
        let files = [
            ("a.go", "package a\n"),
            ("new.go", "//go:build go1.27\n\npackage a\n"),
            ("old.go", "//go:build !go1.27\n\npackage a\n"),
        ];
        let chosen = |sdk_minor: u32| {
            let reader = Reader::of_root(sdk_minor);
            let folder = reader.in_memory(Path::new("/a"), "a", &files);
            let names = folder.files.iter().map(|f| f.path.display().to_string());
            (folder.name, names.collect::<Vec<_>>().join(" "))
        };
        assert_eq!(chosen(26), ("a".to_string(), "/a/a.go /a/old.go".to_string()));
        assert_eq!(chosen(27), ("a".to_string(), "/a/a.go /a/new.go".to_string()));
    }

    #[test]
    fn assembly_excuses_missing_bodies_where_it_is_built() {
        let assembly = |name: &str, text: &str| {
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(dir.path().join("a.go"), "package a\n\nfunc F()\n").unwrap();
            std::fs::write(dir.path().join(name), text).unwrap();
            let reader = Reader::of_root(27);
            let folder = reader.folder(dir.path(), "example.org/a", false).unwrap();
            assert_eq!(folder.files.len(), 1);
            folder.assembly
        };
        assert!(assembly("a.s", "") && assembly("a_amd64.s", "//go:build gc\n\nTEXT \u{b7}F(SB), 4, $0\n"));
        assert!(!assembly("a_arm64.s", "") && !assembly("a.s", "//go:build !purego\n") && !assembly("a.S", ""));
    }

    #[test]
    fn assembly_is_done_without_only_where_there_is_some() {
        let chosen = |assembly: &[&str]| {
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(dir.path().join("pure.go"), "//go:build purego || noasm\n\npackage a\n").unwrap();
            std::fs::write(dir.path().join("usual.go"), "//go:build !purego && !noasm\n\npackage a\n").unwrap();
            assembly.iter().for_each(|name| std::fs::write(dir.path().join(name), "").unwrap());
            let reader = |std_folder| Reader { std_folder, ..Reader::of_root(27) };
            let names = |reader: Reader| {
                let folder = reader.folder(dir.path(), "example.org/a", false).unwrap();
                folder.files[0].path.file_name().unwrap().to_str().unwrap().to_string()
            };
            (names(reader(PathBuf::from("/std"))), names(reader(dir.path().to_path_buf())))
        };
        let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
        assert_eq!(chosen(&[]), pair("usual.go", "pure.go"));
        assert_eq!(chosen(&["a_arm64.s"]), pair("usual.go", "pure.go"));
        assert_eq!(chosen(&["a_amd64.s"]), pair("pure.go", "pure.go"));
    }

    #[test]
    fn system_calls_of_x_sys_are_made_in_go() {
        let dir = tempfile::tempdir().unwrap();
        let text = "//go:build linux && gc\n\npackage unix\n\nfunc SyscallNoError(trap, a1, a2, a3 uintptr) (r1, r2 uintptr)\n";
        std::fs::write(dir.path().join("syscall_linux_gc.go"), text).unwrap();
        let reader = Reader::of_root(27);
        let text = |import_path: &str| {
            let folder = reader.folder(dir.path(), import_path, false).unwrap();
            String::from_utf8(folder.files[0].text.as_deref().unwrap().to_vec()).unwrap()
        };
        assert!(text("golang.org/x/sys/unix").contains("syscall.Syscall(trap, a1, a2, a3)"));
        assert!(!text("example.org/unix").contains("syscall.Syscall"));
    }
}
