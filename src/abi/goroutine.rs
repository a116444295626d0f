//! The goroutine header: what compiled code and assembly read and write through the pinned register (r15).
//!
//! `package runtime` in golib declares `type g struct` with the same fields in the same order; a test holds the two
//! against each other. The runtime's own state of a goroutine lies behind the header.

/// The shared head of a goroutine; r15 points at it while Go code runs.
#[repr(C)]
#[derive(Debug)]
pub struct GoroutineHeader {
    /// Functions whose frame would reach below this address take the slow path to a larger segment. Setting it to
    /// `u64::MAX` makes the next function entry call the runtime.
    pub stack_guard: u64,
    /// The function value (pointer to `{code, captured…}`) of the closure call being made: stored by the caller right
    /// before an indirect call, read by the callee first of all.
    pub closure_context: u64,
    /// `epoch << 8 | 0xff`: what a shadow cell holds when this goroutine accessed the whole word in its current epoch.
    pub epoch_word: u32,
    /// Counted down at loop back-edges; below zero the goroutine calls `runtime.preempt`.
    pub budget: i32,
    /// Stack pointer and frame pointer while switched out or inside a native.
    pub saved_sp: u64,
    pub saved_fp: u64,
    /// Non-zero when the native that is returning has parked or descheduled the goroutine.
    pub park: u64,
    /// What the trampoline hands back (rax, rcx) when a parked goroutine goes on.
    pub wake_values: [u64; 2],
    /// Top of the system stack that natives run on.
    pub system_sp: u64,
    /// Go's goroutine number.
    pub id: u64,
    /// Head of the list of deferred calls (`*_defer`), owned by golib.
    pub defers: u64,
    /// Head of the list of running panics (`*_panic`), owned by golib.
    pub panics: u64,
    /// Words for golib's use: 0 goexit state, 1 profiler labels, 2 synctest bubble, 3 fips/dit state, 4-7 free.
    pub go_words: [u64; 8],
    /// Not zero while the collector marks: a store that may overwrite a pointer first calls `gc.shade` (see the runtime's
    /// `heap::mark`).
    pub barrier: u64,
}

/// Byte offsets for code generation and assembly.
pub mod offset {
    use super::GoroutineHeader;
    use std::mem::offset_of;
    pub const STACK_GUARD: usize = offset_of!(GoroutineHeader, stack_guard);
    pub const CLOSURE_CONTEXT: usize = offset_of!(GoroutineHeader, closure_context);
    pub const EPOCH_WORD: usize = offset_of!(GoroutineHeader, epoch_word);
    pub const BUDGET: usize = offset_of!(GoroutineHeader, budget);
    pub const SAVED_SP: usize = offset_of!(GoroutineHeader, saved_sp);
    pub const SAVED_FP: usize = offset_of!(GoroutineHeader, saved_fp);
    pub const PARK: usize = offset_of!(GoroutineHeader, park);
    pub const WAKE_VALUES: usize = offset_of!(GoroutineHeader, wake_values);
    pub const SYSTEM_SP: usize = offset_of!(GoroutineHeader, system_sp);
    pub const ID: usize = offset_of!(GoroutineHeader, id);
    pub const DEFERS: usize = offset_of!(GoroutineHeader, defers);
    pub const BARRIER: usize = offset_of!(GoroutineHeader, barrier);
}
