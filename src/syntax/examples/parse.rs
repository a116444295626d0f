//! Parses files and prints their errors: `parse FILE…`.
fn main() {
    let mut map = gorace_base::SourceMap::default();
    let start = std::time::Instant::now();
    let mut count = 0;
    for path in std::env::args().skip(1) {
        let Ok(text) = std::fs::read(&path) else { continue };
        let text: std::sync::Arc<[u8]> = text.into();
        let id = map.add(&path, text.clone());
        let (_, errors) = gorace_syntax::parse_file(id, map.file(id).base, &text, gorace_syntax::Mode::Full);
        count += text.len();
        for e in errors {
            if let Some(p) = map.position(e.pos) {
                println!("{p}: {}", e.message);
            }
        }
    }
    println!("{count} bytes, {:?}", start.elapsed());
}
