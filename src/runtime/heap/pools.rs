//! `sync.Pool` and the collector: when a cycle begins, the pools are emptied by what package sync registered for it. That is code of
//! std's own, which moves each pool's caches to a second place and drops what was there; so an object that nobody takes goes with
//! the second collection.
//!
//! By its contract that code allocates nothing and calls nothing of the runtime. So it is called here, in the middle of a native, on
//! the native's stack, with a goroutine of its own that is in no table and never switched.
//!
//! Invariant: nobody is between `procPin` and `procUnpin` meanwhile. A pinned goroutine is not switched out, so only one that runs can
//! be pinned; on another thread it becomes so in a native, and natives take turns.
#![allow(unsafe_code, reason = "calls compiled code")]

use crate::asm::{self, GORACE_HOOKS, HOOK_POOL_CLEANUP};
use crate::goroutine::{Gi, Goroutine};
use crate::world::World;

impl World {
    /// Whether a goroutine is pinned.
    pub(super) fn anyone_pinned(&self) -> bool {
        self.running.iter().chain(&self.threads.running).any(|&g| self.goroutines.peek(g).is_pinned())
    }

    /// Empties the pools, unless a goroutine is pinned.
    pub(super) fn empty_pools(&mut self) {
        debug_assert!(!self.heap.marking, "no write barrier there");
        // SAFETY: a word that natives write, which take turns.
        let function = unsafe { GORACE_HOOKS[HOOK_POOL_CLEANUP] };
        if function == 0 || self.anyone_pinned() {
            return;
        }
        let mut g = Goroutine::new(Gi(u32::MAX), 0, 0, 0);
        g.header.budget = i32::MAX;
        // SAFETY: a func value that golib registered, whose code keeps to its contract: stack and a goroutine are all it needs. Its
        // guard is 0, so the stack counts as endless; it is a native's, with megabytes left.
        unsafe { asm::gorace_call_go(&raw mut g.header, function) };
    }
}
