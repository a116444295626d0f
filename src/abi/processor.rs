//! What compiled code asks of the processor, beyond what every x86-64 has. An image says it, so that a processor which lacks it is
//! named before the first instruction fails.

/// SSE 4.2 and POPCNT, which compiled code has always.
pub const BASE: u64 = 1;
/// Operations of three operands, which save half of the moves of floating point code. Only where the compiling machine has it.
pub const AVX: u64 = 2;

/// What the running processor has of it.
pub fn here() -> u64 {
    let has = std::arch::is_x86_feature_detected!("sse4.2") && std::arch::is_x86_feature_detected!("popcnt");
    let base = if has { BASE } else { 0 };
    if std::arch::is_x86_feature_detected!("avx") { base | AVX } else { base }
}

/// What code that is compiled here asks for.
pub fn wanted() -> u64 {
    here() | BASE
}

/// The names of what is asked for and not there.
pub fn names(missing: u64) -> String {
    let names = [(BASE, "SSE 4.2 and POPCNT"), (AVX, "AVX")];
    let missing: Vec<&str> = names.iter().filter(|(bit, _)| missing & bit != 0).map(|(_, name)| *name).collect();
    if missing.is_empty() { "something newer than this gorace".to_string() } else { missing.join(", ") }
}
