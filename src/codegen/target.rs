//! The instruction set and its settings: x86-64, optimised for speed, frame pointers kept (tracebacks walk them), the
//! pinned register (r15) holding the goroutine.

use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};

/// Makes the target; `verify` turns Cranelift's verifier on.
pub fn isa(verify: bool) -> OwnedTargetIsa {
    let mut flags = settings::builder();
    let verify = if verify { "true" } else { "false" };
    for (name, value) in [
        ("opt_level", "speed"),
        ("enable_pinned_reg", "true"),
        ("preserve_frame_pointers", "true"),
        ("is_pic", "false"),
        ("enable_verifier", verify),
        ("unwind_info", "false"),
        ("enable_probestack", "false"),
    ] {
        flags.set(name, value).expect("a setting that this Cranelift knows");
    }
    let triple: target_lexicon::Triple = "x86_64-unknown-linux-gnu".parse().expect("a triple");
    let mut builder = cranelift_codegen::isa::lookup(triple).expect("x86-64 is built in");
    for feature in ["has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_popcnt"] {
        builder.enable(feature).expect("a feature that this Cranelift knows");
    }
    builder.finish(settings::Flags::new(flags)).expect("consistent settings")
}
