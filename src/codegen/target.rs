//! The instruction set and its settings: x86-64 with what this processor has of `gorace_abi::processor`, optimised for
//! speed, frame pointers kept (tracebacks walk them), the pinned register (r15) holding the goroutine.

use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use gorace_abi::processor;

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
    let base = ["has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_popcnt"];
    let newer = (processor::wanted() & processor::AVX != 0).then_some("has_avx");
    for feature in base.into_iter().chain(newer) {
        builder.enable(feature).expect("a feature that this Cranelift knows");
    }
    builder.finish(settings::Flags::new(flags)).expect("consistent settings")
}
