//! The scheduler: picks the next goroutine; when none can run, waits for time or the outside; when there is nothing to
//! wait for either, all goroutines are asleep.
#![allow(unsafe_code, reason = "called from assembly")]

use crate::goroutine::{Goroutine, State, Wait};
use crate::policy::{Candidate, Operation};
use crate::world::{EPILOGUE_LIVE, Epilogue, World, world};
use std::sync::atomic::Ordering;

/// How often a busy program looks at the clock and at descriptors: every so many switches.
pub(crate) const LOOK_EVERY: u64 = 64;

/// Virtual nanoseconds of a loop's turn where each one yields; otherwise a budget's turns are taken together.
const ALWAYS_TICK: i64 = 10;

/// Nanoseconds of real time in which surely comes what was sent in a network of the run's own, before its clock jumps; and the part of the time
/// that is enough there to see that nothing comes at all.
const DELIVERY: i64 = 20_000_000;
const BY_ITSELF: u32 = 5;

/// Called by the trampolines on the system stack: gives the goroutine to switch to, null to leave.
pub extern "C" fn gorace_schedule() -> *mut Goroutine {
    let world: &mut World = world();
    match world.schedule() {
        Some(index) => std::ptr::from_mut(world.goroutines.get(index)),
        None => std::ptr::null_mut(),
    }
}

impl World {
    fn schedule(&mut self) -> Option<crate::goroutine::Gi> {
        self.running = None;
        self.on_processor.store(std::ptr::null_mut(), Ordering::Relaxed);
        self.bury();
        if self.exit_status.is_some() {
            return None;
        }
        self.steps += 1;
        if self.verifies {
            self.verify();
        }
        if self.clock.step()
            && self.natives.timers.next().is_some_and(|when| when <= self.clock.now())
            && self.may_notice_timers()
        {
            self.fire_timers();
        }
        if self.steps.is_multiple_of(LOOK_EVERY) {
            self.look_outside();
            if self.exit_status.is_some() {
                return None;
            }
        }
        if let Some(epilogue) = self.epilogue
            && epilogue.deadline.is_some()
        {
            if !self.goes_on() {
                return None;
            }
        } else if let Some(epilogue) = self.epilogue
            && (self.runnable.is_empty() && self.next_due().is_none_or(|when| when > epilogue.until)
                || self.steps >= epilogue.last_step)
        {
            self.exit_status = Some(epilogue.status);
            return None;
        }
        let mut quiet_since = None;
        while self.runnable.is_empty() {
            if !self.wait_outside(&mut quiet_since) {
                self.all_asleep();
            }
            if self.exit_status.is_some() {
                return None;
            }
        }
        while self.explores
            && let Some(when) = self.next_timer()
            && self.policy.lets_time_pass(&self.runnable, self.last)
        {
            self.clock.jump(when);
            self.fire_timers();
        }
        let candidate = self.take_runnable()?;
        let system_sp = self.system_stack[0];
        self.dispatch(candidate, system_sp);
        self.running = Some(candidate.index);
        let g = std::ptr::from_mut(self.current());
        self.on_processor.store(g, Ordering::Relaxed);
        Some(candidate.index)
    }

    /// Whether a live run's epilogue is over in real time.
    pub(crate) fn epilogue_is_late(&self) -> bool {
        self.epilogue_has(std::time::Duration::ZERO)
    }

    /// Whether only so much of it is left.
    fn epilogue_has(&self, left: std::time::Duration) -> bool {
        self.epilogue.is_some_and(|e| e.deadline.is_some_and(|at| std::time::Instant::now() + left >= at))
    }

    /// In a live run's epilogue: the clock jumps from timer to timer until somebody can run; in the last half of it also where some
    /// do, and perhaps for ever.
    fn jump_ahead(&mut self) {
        let Some(Epilogue { until, deadline: Some(_), .. }) = self.epilogue else { return };
        while (self.runnable.is_empty() || self.epilogue_has(EPILOGUE_LIVE / 2))
            && let Some(when) = self.next_due().filter(|&when| when <= until)
            && !self.epilogue_is_late()
        {
            self.clock.skip(when);
            self.fire_timers();
        }
    }

    /// In a live run's epilogue: whether somebody can still run, at once or after a jump of the clock. Else the run has ended.
    pub(crate) fn goes_on(&mut self) -> bool {
        let Some(Epilogue { status, deadline: Some(_), .. }) = self.epilogue else { return true };
        let is_late = self.epilogue_is_late();
        if self.runnable.is_empty() && !is_late {
            self.look_outside();
        }
        self.jump_ahead();
        if self.exit_status.is_none() && (is_late || self.runnable.is_empty()) {
            self.exit_status = Some(status);
        }
        self.exit_status.is_none()
    }

    /// When the next timer fires to which virtual time can jump.
    pub(crate) fn next_timer(&self) -> Option<i64> {
        let until = self.epilogue.map_or(i64::MAX, |epilogue| epilogue.until);
        let next = self.natives.timers.next().filter(|when| *when <= until);
        next.filter(|_| self.clock.is_virtual() && !self.natives.os.anyone_waits())
    }

    /// Takes the goroutine that the policy chooses out of the run queue.
    pub(crate) fn take_runnable(&mut self) -> Option<Candidate> {
        let chosen = match self.runnable.len() {
            0 => return None,
            1 if !self.explores => 0,
            n => self.policy.choose(&self.runnable, self.last).min(n - 1),
        };
        if chosen == 0 { self.runnable.pop_front() } else { self.runnable.swap_remove_back(chosen) }
    }

    /// Makes a goroutine ready to be switched to, with the system stack that its natives are to run on.
    pub(crate) fn dispatch(&mut self, candidate: Candidate, system_sp: u64) {
        let budget = self.budget();
        self.before_run(candidate.index);
        self.last = candidate.number;
        let barrier = u64::from(self.heap.marking);
        let g = self.goroutines.get(candidate.index);
        g.state = State::Running;
        g.ran = true;
        g.header.barrier = barrier;
        g.header.system_sp = system_sp;
        g.header.budget = budget;
    }

    /// Gives an ended goroutine's memory back, now that its stack is left.
    pub(crate) fn bury(&mut self) {
        if let Some(dead) = self.dead.take()
            && let Some(g) = self.goroutines.remove(dead)
        {
            self.system_goroutines -= usize::from(g.system);
            self.stacks.give_back(g.slot, g.large);
        }
    }

    /// Nanoseconds until the run must be over.
    fn time_left(&self) -> Option<i64> {
        let deadline = self.deadline?;
        let left = deadline.saturating_duration_since(std::time::Instant::now()).as_nanos();
        Some(i64::try_from(left).unwrap_or(i64::MAX))
    }

    /// Lets goroutines go on whose time has come or whose descriptor is ready, without waiting.
    pub(crate) fn look_outside(&mut self) {
        if self.time_left() == Some(0) {
            self.exit_status = Some(crate::world::TIMED_OUT);
            return;
        }
        if !self.clock.is_virtual() {
            self.clock.refresh();
            self.fire_timers();
        }
        if self.natives.os.anyone_waits() {
            crate::natives::os::poll(self, 0);
        }
        crate::natives::os::deliver_signals(self);
    }

    /// A look at time and the outside by a native that takes long; whether somebody may go on.
    pub fn looks_outside(&mut self) -> bool {
        self.look_outside();
        !self.runnable.is_empty() || self.exit_status.is_some()
    }

    /// How much longer it may be quiet, in nanoseconds: nobody can go on, no timer is set, and nothing comes from outside.
    fn quiet_left(&self, since: &mut Option<std::time::Instant>, is_by_itself: bool) -> Option<i64> {
        let quiet = if is_by_itself { self.quiet? / BY_ITSELF } else { self.quiet? };
        let elapsed = since.get_or_insert_with(std::time::Instant::now).elapsed();
        Some(i64::try_from(quiet.saturating_sub(elapsed).as_nanos()).unwrap_or(i64::MAX))
    }

    /// Waits until a goroutine may go on. Gives false when nothing will ever come.
    fn wait_outside(&mut self, quiet_since: &mut Option<std::time::Instant>) -> bool {
        crate::natives::os::deliver_signals(self);
        if !self.runnable.is_empty() {
            return true;
        }
        if self.collect_idle() {
            self.look_outside();
            return true;
        }
        let due = self.next_due();
        let outside = self.natives.os.anyone_waits();
        if self.is_asleep_but_for_alarm() || self.is_stuck_in_tests() {
            return false;
        }
        if !self.runnable.is_empty() {
            return true;
        }
        match due {
            None if !outside => return false,
            Some(when) if self.clock.is_virtual() && !outside => self.clock.jump(when),
            Some(when) if self.clock.is_virtual() && self.policy.is_outside_late(when - self.clock.now()) => {
                self.clock.jump(when);
            }
            _ => {
                self.clock.refresh();
                let now = self.clock.now();
                let is_by_itself = self.clock.is_virtual()
                    && self.natives.os.is_by_itself(
                        self.natives.network.as_ref().is_some_and(crate::natives::network::Network::is_own),
                    );
                let timeout = due.map_or(-1, |when| (when - now).max(0));
                let timeout = if is_by_itself { timeout.min(DELIVERY) } else { timeout };
                let quiet_left = if due.is_none() { self.quiet_left(quiet_since, is_by_itself) } else { None };
                let left = [self.time_left(), quiet_left].into_iter().flatten().min();
                let timeout = match self.until_look() {
                    Some(look) if timeout < 0 => look,
                    Some(look) => timeout.min(look),
                    None => timeout,
                };
                let timeout = match left {
                    Some(0) => {
                        self.exit_status = Some(crate::world::TIMED_OUT);
                        return true;
                    }
                    Some(left) if timeout < 0 => left,
                    Some(left) => timeout.min(left),
                    None => timeout,
                };
                if timeout != 0 {
                    crate::natives::os::poll(self, timeout);
                    if self.clock.is_virtual()
                        && self.runnable.is_empty()
                        && let Some(when) = due
                    {
                        self.clock.jump(when);
                    }
                }
                self.clock.refresh();
            }
        }
        self.fire_timers();
        true
    }

    /// When something happens by itself that a goroutine can notice: a timer whose channel nobody waits for changes nothing.
    pub(crate) fn next_due(&self) -> Option<i64> {
        let tables = &self.natives;
        tables.timers.next().filter(|_| tables.timers.anyone_waits(|channel| tables.channels.has_receiver(channel)))
    }

    /// Whether anybody could notice that timers fire: a periodic one that nobody waits for would keep the runtime's own goroutine going for ever
    /// while all others are asleep.
    fn may_notice_timers(&self) -> bool {
        let is_own = |c: &crate::policy::Candidate| self.goroutines.find(c.index).is_some_and(|g| !g.system);
        self.runnable.iter().any(is_own) || self.next_due().is_some()
    }

    pub(crate) fn fire_timers(&mut self) {
        let now = self.clock.now();
        while let Some(entry) = self.natives.timers.pop_due(now) {
            crate::natives::timer::fire(self, entry, now);
        }
    }

    /// Every goroutine waits for another, for ever.
    pub(crate) fn all_asleep(&mut self) {
        let user = self.goroutines.len() - self.system_goroutines;
        crate::fatal::deadlock(self, user == 0);
    }

    /// The preemption of a loop whose budget is used up.
    pub fn preempt(&mut self) {
        let budget = self.budget();
        self.clock.tick(if self.always { ALWAYS_TICK } else { 10_000 });
        self.current().header.budget = budget;
        let looks = !self.always || self.stretches.is_multiple_of(LOOK_EVERY);
        self.stretches += 1;
        let ends = self.epilogue_is_late();
        if ends || self.runnable.is_empty() {
            if ends {
                self.exit_status = self.epilogue.map(|epilogue| epilogue.status);
            } else if looks {
                self.look_outside();
                self.jump_ahead();
            }
            if self.exit_status.is_some() {
                self.current().header.park = 1;
                return;
            }
        } else if !self.clock.is_virtual() {
            self.clock.refresh();
            self.fire_timers();
        }
        let rests = self.threads.should_rest(self.running);
        if (self.runnable.is_empty() && !rests) || self.current().is_pinned() {
            return;
        }
        self.yield_now([0; 2]);
        self.current().next = Operation::Continue;
    }

    /// Ends the current goroutine.
    pub fn finish_current(&mut self) {
        let g = self.current();
        g.state = State::Dead;
        g.wait = Wait::None;
        g.header.park = 1;
        let (index, goroutine, bubbled) = (g.index, g.header.id, g.bubble() != 0);
        if bubbled {
            self.bubble_ended(index);
        }
        self.dead = Some(index);
        self.emit(&crate::events::Event::End { goroutine });
    }
}
