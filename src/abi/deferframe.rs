//! The record in a function's frame that a recovered panic returns to.
//!
//! A function with `defer` keeps one in a stack slot and fills it with the IR's `SetJump` (which saves registers and
//! gives 0). When a deferred call recovers, `runtime.longjump(record)` restores them and `SetJump` gives 1: the
//! function then runs its remaining deferred calls, reloads its results from memory, and returns.
//! Code after a second return uses nothing but stack slots.

/// Saved by the `SetJump` stub, in this order.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct DeferFrame {
    pub sp: u64,
    pub pc: u64,
    pub fp: u64,
    pub rbx: u64,
    pub r12: u64,
    pub r13: u64,
    pub r14: u64,
    /// Stack guard in force, restored as well (the frame may lie on an older segment than the panic).
    pub stack_guard: u64,
}

/// Bytes of the record.
pub const SIZE: usize = std::mem::size_of::<DeferFrame>();
