//! How Go values become machine arguments and results.
//!
//! All Go functions use Cranelift's `tail` convention on x86-64 (checked against cranelift-codegen's x64 ABI):
//! integers and pointers in rdi, rsi, rdx, rcx, r8, r9, then 8-byte stack words; floats in xmm0-7, then stack words;
//! results in rax, rcx, rdx, rsi, rdi, r8, r9, r10 and xmm0-7; rbx, rbp, r12, r13, r14 are callee-saved; r15 is the
//! goroutine; the callee pops stack arguments (their size rounded up to 16).
//!
//! **Flattening.** A Go type becomes a list of scalars: a number, bool or pointer-like value one; complex two floats;
//! string `(pointer, length)`; slice `(pointer, length, capacity)`; interface `(type or itab, data)`; a struct the
//! concatenation of its fields' scalars; an array of length 1 its element's, of length 0 none. A type is *scalar* when
//! that gives at most `MAX_SCALARS`; all else is *memory* (arrays longer than 1 always).
//!
//! **Parameters.** Receiver first, then the parameters. A scalar one is passed as its scalars; a memory one as a pointer to a copy that
//! the callee may read, not write, and that lives as long as the call.
//! **Results.** If every result is scalar and all together make at most `MAX_RESULT_INTS` integers and
//! `MAX_RESULT_FLOATS` floats, they are returned in registers in order. Otherwise the caller passes, as a hidden first
//! argument, the address of memory laid out as the Go struct of all results, which the callee fills before it returns.
//! That memory is on a stack or otherwise not traced by race checks.
//!
//! **Closures.** A func value is a pointer to `{code, captured…}`; nil is 0. The caller stores the func value in
//! `GoroutineHeader::closure_context` and calls the code; a function that captures nothing ignores it. Method values,
//! itab entries and reflect therefore need no adapter for the context. Itab and method-table entries take the one-word receiver (the
//! interface's data word).
//!
//! **Natives.** A Go function without body that no object defines resolves to a native of the runtime with the same
//! symbol. Its Go signature must flatten to at most six integers (floats are not allowed: pass their bits) and at most
//! two integer results (rax, rcx). The Rust function is `extern "C" fn(a: u64, … up to six) -> Pair`. It runs on the
//! system stack; it never calls Go code. When it must wait it queues the goroutine, sets `park`, and returns: the
//! trampoline then enters the scheduler, and the goroutine later goes on as if the native had returned `wake_values`.

/// A type of more scalars than this is passed in memory.
pub const MAX_SCALARS: usize = 4;
/// Integer results returned in registers.
pub const MAX_RESULT_INTS: usize = 8;
/// Float results returned in registers.
pub const MAX_RESULT_FLOATS: usize = 8;
/// Integer argument registers.
pub const INT_ARGS: usize = 6;
/// Float argument registers.
pub const FLOAT_ARGS: usize = 8;

/// What a native returns: rax and rdx by the C convention; the trampoline moves rdx to rcx.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pair(pub u64, pub u64);
