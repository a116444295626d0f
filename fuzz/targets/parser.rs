//! Any bytes give a tree and errors that lie within the file.
#![no_main]

use gorace_base::FileId;
use gorace_syntax::{Mode, parse_file};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    gorace_fuzz::on_large_stack(|| {
        for mode in [Mode::Imports, Mode::Full] {
            let (_, errors) = parse_file(FileId(0), 1, data, mode);
            for error in &errors {
                assert!(error.pos.is_known() && error.pos.0 as usize <= data.len() + 1, "{error:?}");
                assert!(!error.message.is_empty());
            }
        }
    });
});
