//! Any bytes, parsed and checked as a package of one file, give errors with places or a package that is exported and
//! read again.
#![no_main]

use gorace_base::SourceMap;
use gorace_types::{Exporter, Importer, Store};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    gorace_fuzz::on_large_stack(|| {
        let (mut store, mut sources) = (Store::new(), SourceMap::default());
        let checked = gorace_fuzz::check(&mut store, &mut sources, data);
        for error in &checked.type_errors {
            assert!(!error.text(&sources).is_empty());
        }
        if checked.syntax_errors.is_empty() && checked.type_errors.is_empty() {
            let bytes = Exporter::default().export(&store, checked.pkg, &sources);
            let (mut other, mut importer) = (Store::new(), Importer::default());
            importer.import(&mut other, bytes.into()).expect("what was written can be read");
        }
    });
});
