//! Writes the targets' first inputs: `cargo run --example seeds FOLDER FILES` puts each Go file into FOLDER/scanner, parser
//! and checker, and the export data of those that check without the standard library into FOLDER/export_data.

use gorace_base::SourceMap;
use gorace_types::{Exporter, Store};
use std::io::{Error, Result};
use std::path::{Path, PathBuf};

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().ok_or_else(|| Error::other("usage: seeds FOLDER FILES"))?;
    let mut exported = 0;
    for path in arguments {
        let text = std::fs::read(&path).map_err(|e| Error::other(format!("{}: {e}", path.display())))?;
        let parent = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        let name = format!("{parent}_{}", path.file_stem().unwrap_or_default().to_string_lossy());
        for target in ["scanner", "parser", "checker"] {
            write(&folder.join(target), &name, &text)?;
        }
        let (mut store, mut sources) = (Store::new(), SourceMap::default());
        let checked = gorace_fuzz::check(&mut store, &mut sources, &text);
        if checked.syntax_errors.is_empty() && checked.type_errors.is_empty() {
            let bytes = Exporter::default().export(&store, checked.pkg, &sources);
            write(&folder.join("export_data"), &name, &bytes)?;
            exported += 1;
        }
    }
    println!("{exported} packages exported");
    Ok(())
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join(name), bytes)
}
