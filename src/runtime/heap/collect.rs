//! The cycle: the world stands still, roots and what they reach are marked, the rest becomes free.
//!
//! 1. Roots: the image's writable data and goroutine stacks, every word of them (conservative); goroutines' own words; what
//!    natives hold (timers, elements of waiting sends, queued finalizers).
//! 2. `drain`: objects by their pointer bitmaps (exact), by a stack of objects to scan.
//! 3. `finish_specials`: finalizers, cleanups, weak handles.
//! 4. `sweep`: marks become the allocation bits; empty spans give their pages back; the others are filled again.
//! 5. The next goal, from what is live and GOGC.
//!
//! A cycle may also look for goroutines that are stuck for ever (`find_stuck`): goroutines that only another goroutine can wake
//! are no roots at first; each whose wait is on something marked becomes one, until nothing changes. The others wait for what
//! no goroutine that can ever run refers to (as in Saioc et al., "Dynamic Partial Deadlock Detection and Recovery via
//! Garbage Collection", ASPLOS 2025, and Go's own goroutineleak profile).
#![allow(unsafe_code, reason = "reads stacks and data word by word")]

use super::span::{LARGE, set_span, span_of};
use super::special::Special;
use super::{Heap, bitmap, size_class};
use crate::address_space::release;
use crate::goroutine::{Gi, State, Wait};
use crate::stack::live_ranges;
use crate::world::World;
use gorace_abi::memory::{HEAP_BASE, PAGE, SHADOW_DISTANCE};

/// Freed runs of at least this many pages go back to the system.
const RELEASE_PAGES: u64 = 16;
/// What freed memory is filled with under stress.
const POISON: u8 = 0xdb;

impl World {
    /// Collects if allocation has reached the goal. To be called at the start of a native that allocates.
    #[inline]
    pub fn collect_if_due(&mut self) {
        if self.heap.stats.live_bytes >= self.heap.goal || self.heap.settings.stress {
            self.collect(false);
        }
    }

    /// A whole cycle.
    pub fn collect(&mut self, forced: bool) {
        self.cycle(forced, false);
    }

    /// A whole cycle that also marks the goroutines that are stuck for ever as leaked.
    pub fn find_stuck(&mut self) {
        self.cycle(true, true);
    }

    fn cycle(&mut self, forced: bool, find_stuck: bool) {
        let started = std::time::Instant::now();
        let before = self.heap.stats.live_bytes;
        let mut work = Vec::new();
        for (start, end) in self.image.roots() {
            self.heap.mark_range(start, end, &mut work);
        }
        for word in self.natives.roots() {
            self.heap.mark_word(word, &mut work);
        }
        let mut waiting: Vec<Gi> = Vec::new();
        let mut exited: Vec<Gi> = Vec::new();
        let everyone: Vec<Gi> = self.goroutines.iter().map(|g| g.index).collect();
        for index in everyone {
            let g = self.goroutines.peek(index);
            if find_stuck && !g.system && g.state == State::Waiting && g.wait.is_internal() {
                waiting.push(index);
            } else if find_stuck && g.wait == Wait::Exited {
                // It never runs again: what only its frames refer to is out of everybody's reach.
                exited.push(index);
            } else {
                self.mark_goroutine(index, &mut work);
            }
        }
        self.heap.drain(&mut work);
        loop {
            let before = waiting.len();
            waiting.retain(|&index| {
                let reachable = self.may_wake(index);
                if reachable {
                    self.mark_goroutine(index, &mut work);
                    self.heap.drain(&mut work);
                }
                !reachable
            });
            if waiting.len() == before {
                break;
            }
        }
        for index in waiting {
            self.goroutines.get(index).leaked = true;
            self.mark_goroutine(index, &mut work);
        }
        for index in exited {
            self.mark_goroutine(index, &mut work);
        }
        self.heap.drain(&mut work);
        self.heap.mark_specials(&mut work);
        let due = self.heap.finish_specials(&mut work);
        if let Some(mut sink) = self.sink.take() {
            sink.retain(&mut |address| self.heap.survives(address));
            self.sink = Some(sink);
        }
        self.heap.sweep();
        self.heap.set_goal();
        self.shrink_stacks();
        let pause = started.elapsed().as_nanos() as u64;
        let now = self.clock.coarse();
        let (seconds, nanoseconds) = self.clock.wall();
        let at = self.heap.stats.cycles as usize % super::PAUSES;
        self.heap.pause_log.pauses[at] = pause;
        self.heap.pause_log.ends[at] = (seconds * 1_000_000_000 + nanoseconds) as u64;
        let stats = &mut self.heap.stats;
        stats.cycles += 1;
        stats.forced += u64::from(forced);
        stats.pauses += pause;
        stats.last = now;
        if self.heap.settings.trace {
            let stats = self.heap.stats;
            eprintln!(
                "gc {} @{:.3}s: {:.3} ms clock, {}->{} MB, {} MB goal{}",
                stats.cycles,
                now as f64 / 1e9,
                pause as f64 / 1e6,
                before >> 20,
                stats.live_bytes >> 20,
                self.heap.goal >> 20,
                if forced { " (forced)" } else { "" }
            );
        }
        if due {
            crate::natives::memory::wake_finalizers(self);
        }
    }
}

impl World {
    /// Gives memory of stacks back that is not used.
    fn shrink_stacks(&mut self) {
        let World { stacks, goroutines, running, .. } = self;
        for g in goroutines.iter_mut().filter(|g| Some(g.index) != *running && g.state != State::Dead) {
            if std::mem::take(&mut g.ran) {
                stacks.shrink(g);
            }
        }
        stacks.trim();
    }

    /// Marks what a goroutine refers to.
    fn mark_goroutine(&mut self, index: Gi, work: &mut Vec<(u64, u64)>) {
        let g = self.goroutines.peek(index);
        for word in g.roots() {
            self.heap.mark_word(word, work);
        }
        for &waiter in &g.waiters {
            for word in self.natives.channels.waiter_words(waiter) {
                self.heap.mark_word(word, work);
            }
        }
        for (start, end) in live_ranges(g, g.header.saved_sp) {
            self.heap.mark_range(start, end, work);
        }
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
}

impl Heap {
    fn mark_range(&mut self, start: u64, end: u64, work: &mut Vec<(u64, u64)>) {
        let mut at = start.next_multiple_of(8);
        while at + 8 <= end {
            // SAFETY: the ranges are mapped data or stack memory.
            let word = unsafe { std::ptr::read_volatile(at as *const u64) };
            self.mark_word(word, work);
            at += 8;
        }
    }

    #[inline]
    fn mark_word(&mut self, word: u64, work: &mut Vec<(u64, u64)>) {
        let id = span_of(word);
        if id == 0 {
            return;
        }
        let span = &mut self.spans[id as usize];
        let object = span.object_at(word);
        if span.is_used(object) && span.mark(object) && !span.noscan {
            work.push((span.address(object), span.size));
        }
    }

    fn drain(&mut self, work: &mut Vec<(u64, u64)>) {
        while let Some((address, size)) = work.pop() {
            bitmap::pointers(address, size, |word| self.mark_word(word, work));
        }
    }

    /// The start and size of the object that an address lies in, if it is allocated.
    pub fn object(&self, address: u64) -> Option<(u64, u64)> {
        let span = &self.spans[span_of(address) as usize];
        let object = span.object_at(address);
        span.is_used(object).then(|| (span.address(object), span.size))
    }

    /// Between marking and sweeping: whether the memory at an address stays (all that is not heap does).
    fn survives(&self, address: u64) -> bool {
        let id = span_of(address);
        if id == 0 {
            return !(HEAP_BASE..HEAP_BASE + self.arena_bytes()).contains(&address);
        }
        let span = &self.spans[id as usize];
        let object = span.object_at(address);
        span.is_used(object) && span.is_marked(object)
    }

    fn mark_specials(&mut self, work: &mut Vec<(u64, u64)>) {
        let all: Vec<(u64, Special)> =
            self.specials.by_object.iter().flat_map(|(&o, list)| list.iter().map(move |&s| (o, s))).collect();
        for (object, special) in all {
            match special {
                Special::Finalizer { record } => {
                    self.mark_word(record, work);
                    let span = &self.spans[span_of(object) as usize];
                    if !span.noscan {
                        work.push((object, span.size));
                    }
                }
                Special::Cleanup { record, .. } => self.mark_word(record, work),
                Special::Weak { .. } => {}
            }
        }
        for (record, object) in self.specials.due.clone() {
            self.mark_word(record, work);
            self.mark_word(object, work);
        }
        self.drain(work);
    }

    /// Queues what is due; gives whether anything is.
    fn finish_specials(&mut self, work: &mut Vec<(u64, u64)>) -> bool {
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
                self.mark_word(object, work);
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
        self.drain(work);
        // A handle lives as long as its object, so that equal pointers keep giving equal handles.
        for list in all.values() {
            for special in list {
                if let Special::Weak { handle } = *special {
                    self.mark_word(handle, work);
                }
            }
        }
        self.specials.by_object = all;
        !self.specials.due.is_empty()
    }

    fn sweep(&mut self) {
        for class in 0..size_class::COUNT {
            for column in 0..2 {
                self.current[class][column] = None;
                self.partial[class][column].clear();
            }
        }
        let mut live = 0;
        let mut freed = 0;
        for id in 1..self.spans.len() {
            let stress = self.settings.stress;
            let race = self.race;
            let span = &mut self.spans[id];
            if span.pages == 0 {
                continue;
            }
            let marked: u32 = span.marks.iter().map(|w| w.count_ones()).sum();
            freed += u64::from(span.allocated - marked);
            if stress {
                poison(span);
            }
            if marked == 0 {
                let (start, pages) = (span.start, span.pages);
                let give_back = pages >= RELEASE_PAGES;
                if give_back {
                    // SAFETY: no object of the span is live.
                    unsafe {
                        release(start, pages * PAGE);
                        if race {
                            release(start + SHADOW_DISTANCE, pages * PAGE);
                        }
                    }
                    self.stats.released += pages * PAGE;
                }
                let clean = give_back || (!span.dirty && span.allocated == 0);
                set_span(start, pages, 0);
                self.spans[id] = super::span::Span::none();
                self.unused_spans.push(id as u32);
                self.pages.give((start - HEAP_BASE) / PAGE, pages, clean);
                continue;
            }
            span.dirty |= marked != span.allocated;
            std::mem::swap(&mut span.used, &mut span.marks);
            span.marks.fill(0);
            span.allocated = marked;
            span.next = 0;
            live += u64::from(marked) * span.size;
            if span.class != LARGE && marked < span.count {
                self.partial[span.class as usize][usize::from(!span.noscan)].push(id as u32);
            }
        }
        self.stats.live_bytes = live;
        self.stats.frees += freed;
    }
}

fn poison(span: &mut super::span::Span) {
    for object in 0..span.count {
        if span.is_used(object) && !span.is_marked(object) {
            span.dirty = true;
            // SAFETY: the object is allocated memory that nothing reaches.
            unsafe { std::ptr::write_bytes(span.address(object) as *mut u8, POISON, span.size as usize) };
        }
    }
}
