//! Any bytes given to the reader of export data are refused or read; bodies of what was read too.
#![no_main]

use gorace_base::SourceMap;
use gorace_types::{Importer, Store};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    gorace_fuzz::on_large_stack(|| {
        let (mut store, mut importer, mut sources) = (Store::new(), Importer::default(), SourceMap::default());
        let Ok(pkg) = importer.import(&mut store, data.into()) else { return };
        let scope = store.package(pkg).scope;
        let mut objects: Vec<_> = store.scopes[scope.index()].names.values().copied().collect();
        objects.sort();
        for obj in objects {
            let _ = importer.body(&mut store, &mut sources, obj);
            let ty = store.object(obj).ty;
            let _ = store.type_string(ty, gorace_types::Qualify::Full);
        }
    });
});
