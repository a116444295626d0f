//! What the fuzz targets share: a stack as large as the command's, and checking one file without the standard library.

use gorace_base::SourceMap;
use gorace_syntax::{Mode, SyntaxError, parse_file};
use gorace_types::{Config, PkgId, Store, TypeError, check_package};
use std::sync::Arc;

/// The stack of gorace's own threads, with room for what the sanitizer adds to each frame.
const STACK: usize = 1 << 30;

/// Runs a target's step on a thread with the stack that the command gives to parser and checker.
///
/// # Panics
/// When the step does.
pub fn on_large_stack<T: Send>(step: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, step).expect("a thread");
        thread.join().unwrap_or_else(|_| std::process::abort())
    })
}

/// What came of checking a file.
pub struct Checked {
    pub pkg: PkgId,
    pub syntax_errors: Vec<SyntaxError>,
    pub type_errors: Vec<TypeError>,
}

/// Checks a package of one file that can import nothing but `unsafe`; the parser's errors keep nothing from being checked.
pub fn check(store: &mut Store, sources: &mut SourceMap, text: &[u8]) -> Checked {
    let text: Arc<[u8]> = Arc::from(text);
    let id = sources.add("fuzz.go", text.clone());
    let (file, syntax_errors) = parse_file(id, sources.file(id).base, &text, Mode::Full);
    let config = Config { go_minor: 27, ..Config::default() };
    let (pkg, type_errors) = check_package(store, "fuzz", &[Arc::new(file)], &|_| None, config);
    Checked { pkg, syntax_errors, type_errors }
}
