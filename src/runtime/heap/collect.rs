//! The cycle, in the phases of Go's collector, on the one thread that runs Go code:
//!
//! 1. *Mark setup*, a short stop: the last cycle's sweep is finished, what natives hold is marked, the running goroutine's stack
//!    too, and the write barrier is on.
//! 2. *Marking* in slices (`mark`): as the program allocates, in proportion, so that it is done before the heap reaches its goal; and
//!    whenever nobody can run. The other goroutines' stacks are marked from in slices, or at the latest when they are to run.
//! 3. *Mark termination*, a short stop: finalizers, cleanups, weak handles (`special`); the barrier is off; the next goal is computed
//!    from what is live, GOGC and the memory limit.
//! 4. *Sweeping* by those who allocate, and in slices (`sweep`); then free memory beyond the goal goes back to the system.
//!
//! An exploring run does the first three in one stop where allocation reaches the goal: collections then start at deterministic points.
//!
//! A cycle in one stop may also look for goroutines that are stuck for ever (`find_stuck`): goroutines that only another goroutine
//! can wake are no roots at first; each whose wait is on something marked becomes one, until nothing changes. The others wait for
//! what no goroutine that can ever run refers to (as in Saioc et al., "Dynamic Partial Deadlock Detection and Recovery via
//! Garbage Collection", ASPLOS 2025, and Go's own goroutineleak profile).
#![allow(unsafe_code, reason = "reads data word by word, clears weak handles")]

use super::special::Special;
use super::{Heap, PAUSES, Stress};
use crate::goroutine::{Gi, State, Wait};
use crate::stack::live_ranges;
use crate::world::World;
use std::time::{Duration, Instant};

/// What one slice of marking or sweeping takes at most.
const SLICE: Duration = Duration::from_micros(250);
/// Words between two looks at the clock.
const WORDS_A_LOOK: u64 = 2_000;
/// Words of a slice under `GORACE_GC=incremental`: few, so that everything happens between the steps of marking.
const STRESS_WORDS: u64 = 50;
/// Bytes allocated between two slices, at least and at most.
const LEAST_STEP: u64 = 1 << 10;
const MOST_STEP: u64 = 256 << 10;
/// Bytes given back to the system in one go.
const SCAVENGED_AT_ONCE: u64 = 1 << 20;
/// Spans swept between two looks at the clock.
const SPANS_A_LOOK: usize = 64;

/// The state of the cycle that runs.
#[derive(Debug, Default)]
pub struct Cycle {
    forced: bool,
    before: u64,
    /// The first goroutine of the table whose stack may not have been marked from.
    next_goroutine: usize,
    /// Nanoseconds: of all its stops, of the longest.
    stopped: u64,
    longest: u64,
    /// Bytes marked by the last slice.
    slice_bytes: u64,
}

impl Cycle {
    /// Bytes that may be allocated until the next slice, so that `left` bytes are marked before `room` bytes are allocated.
    pub(super) fn step(&self, left: u64, room: u64) -> u64 {
        let slices = left / self.slice_bytes.max(16 << 10) + 1;
        (room / slices).clamp(LEAST_STEP, MOST_STEP)
    }
}

/// When a slice ends.
struct Budget {
    words: u64,
    until: Option<Instant>,
}

impl World {
    /// Whether cycles go beside the program.
    fn is_incremental(&self) -> bool {
        self.heap.incremental
    }

    /// Does the collector's share when allocation has reached the point where it is due. To be called at the start of a native
    /// that allocates.
    #[inline]
    pub fn collect_if_due(&mut self) {
        if self.heap.stats.live_bytes >= self.heap.attention {
            self.attend();
        }
    }

    #[cold]
    fn attend(&mut self) {
        if !self.is_incremental() {
            if self.may_begin() {
                self.collect(false);
            }
            return;
        }
        if self.heap.marking {
            self.mark_slice();
        } else if self.heap.stats.live_bytes >= self.heap.trigger() && self.may_begin() {
            self.begin_cycle(false);
        } else {
            self.tidy_slice();
        }
        self.heap.set_attention();
    }

    /// What the collector does while nobody can run; gives whether there is more to do.
    pub fn collect_idle(&mut self) -> bool {
        if !self.is_incremental() || !(self.heap.marking || self.heap.has_tidying()) {
            return false;
        }
        if self.heap.marking {
            self.mark_slice();
        } else {
            self.tidy_slice();
        }
        self.heap.set_attention();
        true
    }

    /// A whole cycle in one stop, after the one that runs.
    pub fn collect(&mut self, forced: bool) {
        self.cycle(forced, None);
    }

    /// A whole cycle in one stop that also marks the goroutines that are stuck for ever as leaked.
    pub fn find_stuck(&mut self) {
        self.cycle(true, Some(&[]));
    }

    /// The same, where goroutines of these numbers are known to wait for ever.
    pub fn find_stuck_but(&mut self, known: &[u64]) {
        self.cycle(true, Some(known));
    }

    /// Goes on with a collection that the program has asked for; gives whether it is complete. `target` is the number of the
    /// cycle to wait for, 0 at first.
    pub fn collect_asked(&mut self, target: &mut u64) -> bool {
        if !self.is_incremental() {
            self.collect(true);
            return true;
        }
        if *target == 0 {
            *target = self.heap.stats.cycles + 1 + u64::from(self.heap.marking);
        }
        if self.heap.stats.cycles < *target {
            if self.heap.marking {
                self.mark_slice();
            } else {
                self.begin_cycle(true);
            }
        } else {
            self.tidy_slice();
        }
        self.heap.set_attention();
        self.heap.stats.cycles >= *target && !self.heap.is_sweeping()
    }

    /// Ends the cycle that runs.
    fn finish_cycle(&mut self) {
        while self.heap.marking {
            self.mark_slice();
        }
        self.heap.sweep_all();
    }

    fn stop_ends(&mut self, started: Instant) {
        let stopped = started.elapsed().as_nanos() as u64;
        let cycle = &mut self.heap.cycle;
        cycle.stopped += stopped;
        cycle.longest = cycle.longest.max(stopped);
    }

    /// Whether a cycle may begin: as in Go, not while a goroutine is pinned, so that each cycle empties the pools.
    fn may_begin(&self) -> bool {
        self.heap.settings.poisons() || !self.anyone_pinned()
    }

    /// The stop that begins a cycle.
    fn begin_cycle(&mut self, forced: bool) {
        let started = Instant::now();
        self.heap.sweep_all();
        self.empty_pools();
        self.heap.cycle = Cycle { forced, before: self.heap.stats.live_bytes, ..Cycle::default() };
        self.mark_roots(false);
        self.heap.mark_specials();
        self.stop_others();
        let running = self.running.into_iter().chain(self.threads.running.clone()).collect::<Vec<_>>();
        for running in running {
            if self.goroutines.peek(running).marked_in <= self.heap.stats.cycles {
                self.mark_goroutine(running);
            }
            self.goroutines.get(running).header.barrier = 1;
        }
        self.stop_ends(started);
    }

    /// Marks what natives hold (`all`: pending timers of channels too); the image's data become work.
    fn mark_roots(&mut self, all: bool) {
        self.heap.marking = true;
        self.heap.marked_bytes = 0;
        self.heap.ranges.extend(self.image.roots());
        for word in self.natives.roots(all) {
            self.heap.mark_word(word);
        }
    }

    /// A slice of marking; the last one ends the cycle.
    fn mark_slice(&mut self) {
        let started = Instant::now();
        let before = self.heap.marked_bytes;
        let stress = self.heap.settings.stress == Stress::Incremental;
        let mut budget = Budget {
            words: if stress { STRESS_WORDS } else { WORDS_A_LOOK },
            until: (!stress).then_some(started + SLICE),
        };
        let done = self.mark_for(&mut budget);
        self.heap.cycle.slice_bytes = self.heap.marked_bytes - before;
        if done {
            self.terminate(started);
        } else {
            self.stop_ends(started);
        }
    }

    fn mark_for(&mut self, budget: &mut Budget) -> bool {
        loop {
            let words = match self.heap.mark_piece() {
                0 => match self.mark_next_goroutine() {
                    Some(words) => words,
                    None => return true,
                },
                words => words,
            };
            // An object costs more than its words.
            let words = words + 4;
            if budget.words > words {
                budget.words -= words;
                continue;
            }
            match budget.until {
                Some(until) if Instant::now() < until => budget.words = WORDS_A_LOOK,
                _ => return false,
            }
        }
    }

    /// Marks from the next goroutine that it has not been done for; none when there is none.
    fn mark_next_goroutine(&mut self) -> Option<u64> {
        let cycle = self.heap.stats.cycles + 1;
        while let Some(index) = self.goroutines.from(self.heap.cycle.next_goroutine) {
            self.heap.cycle.next_goroutine = index.0 as usize + 1;
            if self.goroutines.peek(index).marked_in < cycle {
                return Some(self.mark_goroutine(index));
            }
        }
        None
    }

    /// Before a goroutine runs.
    #[inline]
    pub fn before_run(&mut self, index: Gi) {
        if self.heap.marking && self.goroutines.peek(index).marked_in <= self.heap.stats.cycles {
            self.mark_goroutine(index);
        }
    }

    /// The stop that ends marking.
    fn terminate(&mut self, started: Instant) {
        if self.heap.settings.stress == Stress::Incremental {
            self.verify_marks();
        }
        let due = self.heap.finish_specials();
        let World { natives, heap, .. } = self;
        natives.timers.retain(|timer| heap.survives(timer));
        if let Some(mut sink) = self.sink.take() {
            sink.retain(&mut |address| self.heap.survives(address));
            self.sink = Some(sink);
        }
        self.heap.marking = false;
        // Other threads find out as they go: what they shade meanwhile is let be.
        for running in self.running.into_iter().chain(self.threads.running.clone()).collect::<Vec<_>>() {
            self.goroutines.get(running).header.barrier = 0;
        }
        self.heap.begin_sweep();
        self.heap.stacks = self.stacks.bytes();
        self.heap.set_goal();
        self.stacks.trim();
        self.stop_ends(started);
        let now = self.clock.calendar();
        let cycle = std::mem::take(&mut self.heap.cycle);
        let stats = &mut self.heap.stats;
        let log = &mut self.heap.pause_log;
        let at = stats.cycles as usize % PAUSES;
        (log.pauses[at], log.ends[at]) = (cycle.longest, now as u64);
        stats.cycles += 1;
        stats.forced += u64::from(cycle.forced);
        stats.stopped += cycle.stopped;
        stats.last = now;
        if self.heap.settings.trace {
            self.trace(&cycle);
        }
        if due {
            crate::natives::memory::wake_finalizers(self);
        }
    }

    /// A line in the format of Go's gctrace. Marking goes beside the program in slices, all of them time of its own.
    fn trace(&self, cycle: &Cycle) {
        let stats = &self.heap.stats;
        let milliseconds = |nanoseconds: u64| nanoseconds as f64 / 1e6;
        let elapsed = self.started.elapsed();
        eprintln!(
            "gc {} @{:.3}s {:.0}%: {:.3}+{:.3}+{:.3} ms clock, {:.3}+{:.3}/{:.3}/0+{:.3} ms cpu, {}->{}->{} MB, {} MB goal, {} MB stacks, {} MB globals, {} P{}",
            stats.cycles,
            elapsed.as_secs_f64(),
            stats.stopped as f64 / elapsed.as_nanos().max(1) as f64 * 100.0,
            0.0,
            milliseconds(cycle.stopped),
            milliseconds(cycle.longest),
            0.0,
            milliseconds(cycle.stopped),
            0.0,
            milliseconds(cycle.longest),
            cycle.before >> 20,
            (cycle.before.max(stats.live_bytes)) >> 20,
            stats.live_bytes >> 20,
            self.heap.goal >> 20,
            self.stacks.bytes() >> 20,
            self.image.roots().iter().map(|(start, end)| end - start).sum::<u64>() >> 20,
            self.options.gomaxprocs,
            if cycle.forced { " (forced)" } else { "" }
        );
    }

    /// A slice of sweeping, then of giving memory back.
    fn tidy_slice(&mut self) {
        let started = Instant::now();
        while self.heap.is_sweeping() {
            self.heap.sweep_some(SPANS_A_LOOK);
            if started.elapsed() > SLICE {
                break;
            }
        }
        if !self.heap.is_sweeping() && self.heap.scavenging {
            self.heap.scavenging = self.heap.scavenge(self.heap.keep(), SCAVENGED_AT_ONCE);
        }
        self.heap.stats.stopped += started.elapsed().as_nanos() as u64;
    }

    /// Gives all free memory back to the system.
    pub fn free_os_memory(&mut self) {
        self.heap.sweep_all();
        while self.heap.scavenge(0, u64::MAX) {}
    }

    fn cycle(&mut self, forced: bool, stuck: Option<&[u64]>) {
        let (find_stuck, known) = (stuck.is_some(), stuck.unwrap_or_default());
        self.finish_cycle();
        self.stop_others();
        let started = Instant::now();
        self.heap.cycle = Cycle { forced, before: self.heap.stats.live_bytes, ..Cycle::default() };
        if !find_stuck {
            self.empty_pools();
        }
        // A goroutine that waits for a timer's channel is not stuck while the timer runs.
        self.mark_roots(find_stuck);
        let mut waiting: Vec<Gi> = Vec::new();
        let mut exited: Vec<Gi> = Vec::new();
        let everyone: Vec<Gi> = self.goroutines.iter().map(|g| g.index).collect();
        for index in everyone {
            let g = self.goroutines.peek(index);
            if find_stuck && !g.system && g.state == State::Waiting && g.wait.is_internal() {
                waiting.push(index);
            } else if find_stuck && self.explores && g.wait == Wait::Exited {
                // It never runs again: what only its frames refer to is out of everybody's reach.
                exited.push(index);
            } else {
                self.mark_goroutine(index);
            }
        }
        self.heap.drain();
        if find_stuck {
            // Finalizers and cleanups run some time.
            self.heap.mark_specials();
            self.heap.drain();
        }
        loop {
            let before = waiting.len();
            waiting.retain(|&index| {
                let reachable = self.may_wake(index) && !known.contains(&self.goroutines.peek(index).header.id);
                if reachable {
                    self.mark_goroutine(index);
                    self.heap.drain();
                }
                !reachable
            });
            if waiting.len() == before && !(find_stuck && self.heap.mark_weak()) {
                break;
            }
        }
        for index in waiting {
            self.goroutines.get(index).leaked = true;
            self.mark_goroutine(index);
        }
        for index in exited {
            self.mark_goroutine(index);
        }
        self.heap.drain();
        self.heap.mark_specials();
        self.heap.drain();
        self.terminate(started);
        self.heap.sweep_all();
        self.heap.set_attention();
    }

    /// Marks what a goroutine refers to, and gives memory of its stack back that it does not use; gives how many words it looked at.
    pub(super) fn mark_goroutine(&mut self, index: Gi) -> u64 {
        let cycle = self.heap.stats.cycles + 1;
        let World { stacks, goroutines, running, heap, natives, .. } = self;
        let g = goroutines.get(index);
        g.marked_in = cycle;
        if Some(index) != *running && !matches!(g.state, State::Dead | State::Running) && std::mem::take(&mut g.ran) {
            stacks.shrink(g);
        }
        for word in g.roots() {
            heap.mark_word(word);
        }
        for &waiter in &g.waiters {
            for word in natives.channels.waiter_words(waiter) {
                heap.mark_word(word);
            }
        }
        let mut words = 16;
        for (start, end) in live_ranges(g, g.header.saved_sp) {
            heap.mark_range(start, end);
            words += (end - start) / 8;
        }
        words
    }

    /// Whether what a goroutine waits for is marked, so that one that runs might wake it.
    fn may_wake(&self, index: Gi) -> bool {
        let g = self.goroutines.peek(index);
        match g.wait {
            Wait::ChanNil { .. } | Wait::SelectEmpty | Wait::Forever => false,
            Wait::ChanSend { .. } | Wait::ChanRecv { .. } | Wait::Select => {
                g.waiters.iter().any(|&w| self.heap.survives(self.natives.channels.waiter_channel(w)))
            }
            Wait::Semaphore { addr, .. }
            | Wait::Mutex { addr }
            | Wait::ReadLock { addr }
            | Wait::WriteLock { addr }
            | Wait::Condition { addr } => self.heap.survives(addr),
            _ => true,
        }
    }

    /// The oracle of a stress mode, when marking is done: what a marked object, the image's data or a native refers to must be marked
    /// too. (Stacks hold stale words, which may point to what nobody can reach any more; that objects only they hold are not
    /// lost shows by the poison.)
    fn verify_marks(&self) {
        let check = |holder: u64, word: u64| {
            let id = super::span::span_of(word);
            let span = &self.heap.spans[id as usize];
            let object = span.object_at(word);
            if span.is_used(object) && !span.is_marked(object) {
                let cycle = self.heap.stats.cycles + 1;
                crate::fatal::bug(&format!("collection {cycle} lost {word:#x}, to which {holder:#x} refers"));
            }
        };
        for (start, end) in self.image.roots() {
            for at in (start.next_multiple_of(8)..end.saturating_sub(7)).step_by(8) {
                // SAFETY: the image's mapped data.
                check(at, unsafe { std::ptr::read_volatile(at as *const u64) });
            }
        }
        self.natives.roots(false).into_iter().for_each(|word| check(0, word));
        for span in self.heap.spans.iter().filter(|span| !span.noscan) {
            for object in (0..span.count).filter(|&object| span.is_marked(object)) {
                let holder = span.address(object);
                super::bitmap::pointers(holder, span.size, |word| check(holder, word));
            }
        }
    }
}

impl Heap {
    pub(super) fn mark_specials(&mut self) {
        let all: Vec<(u64, Special)> =
            self.specials.by_object.iter().flat_map(|(&o, list)| list.iter().map(move |&s| (o, s))).collect();
        for (object, special) in all {
            self.mark_special(object, special);
        }
        for (record, object) in self.specials.due.clone() {
            self.mark_word(record);
            self.mark_word(object);
        }
    }

    /// Marks objects to which marked weak handles lead: who has one may make it a pointer again. Whether there were any.
    fn mark_weak(&mut self) -> bool {
        let leads = |(&object, list): (&u64, &Vec<Special>)| {
            let weak = list.iter().any(|s| matches!(s, Special::Weak { handle } if self.survives(*handle)));
            (weak && !self.survives(object)).then_some(object)
        };
        let objects: Vec<u64> = self.specials.by_object.iter().filter_map(leads).collect();
        objects.iter().for_each(|&object| self.mark_word(object));
        self.drain();
        !objects.is_empty()
    }

    /// Marks what an attachment keeps: its record, and what an object with a finalizer points to, but not the object itself.
    fn mark_special(&mut self, object: u64, special: Special) {
        match special {
            Special::Finalizer { record } => {
                self.mark_word(record);
                let span = &self.spans[super::span::span_of(object) as usize];
                if !span.noscan {
                    self.work.push((object, span.size));
                }
            }
            Special::Cleanup { record, .. } => self.mark_word(record),
            Special::Weak { .. } => {}
        }
    }

    /// Attaches something to an object.
    pub fn attach(&mut self, object: u64, special: Special) {
        self.specials.add(object, special);
        if self.marking {
            self.mark_special(object, special);
        }
    }

    /// Queues what is due; gives whether anything is.
    fn finish_specials(&mut self) -> bool {
        let mut all = std::mem::take(&mut self.specials.by_object);
        let unreachable: Vec<u64> = all.keys().copied().filter(|&object| !self.survives(object)).collect();
        for object in unreachable {
            let Some(list) = all.get_mut(&object) else { continue };
            let finalizer = list.iter().find_map(|s| match s {
                Special::Finalizer { record } => Some(*record),
                _ => None,
            });
            for special in &*list {
                if let Special::Weak { handle } = *special
                    && self.survives(handle)
                {
                    // SAFETY: a live handle is an object of 8 bytes.
                    unsafe { *(handle as *mut u64) = 0 };
                }
            }
            list.retain(|s| !matches!(s, Special::Weak { .. }));
            if let Some(record) = finalizer {
                self.specials.due.push_back((record, object));
                self.mark_word(object);
                list.retain(|s| !matches!(s, Special::Finalizer { .. }));
            } else {
                for special in list.drain(..) {
                    if let Special::Cleanup { record, .. } = special {
                        self.specials.due.push_back((record, 0));
                    }
                }
            }
            if list.is_empty() {
                all.remove(&object);
            }
        }
        self.drain();
        // A handle lives as long as its object, so that equal pointers keep giving equal handles.
        for list in all.values() {
            for special in list {
                if let Special::Weak { handle } = *special {
                    self.mark_word(handle);
                }
            }
        }
        self.specials.by_object = all;
        !self.specials.due.is_empty()
    }
}
