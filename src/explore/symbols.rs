//! Return addresses as frames of the program's source.

use gorace_base::finding::Frame;
use gorace_runtime::traceback;
use gorace_runtime::world::world;
use std::path::Path;

/// The frames of return addresses, innermost first, inlined ones too. Relative names of files start in `folder`.
pub fn symbolise(folder: &Path, stack: &[u64]) -> Vec<Frame> {
    let image = &world().image;
    let mut out = Vec::new();
    for &pc in stack {
        for frame in traceback::frames(image, pc - 1) {
            if frame.wrapper || matches!(frame.name, "runtime.rt0") {
                continue;
            }
            out.push(Frame {
                function: frame.name.to_string(),
                file: folder.join(frame.file).display().to_string(),
                line: frame.line,
                column: frame.column,
                offset: pc.saturating_sub(frame.entry),
            });
        }
    }
    out
}
