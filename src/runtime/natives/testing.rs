//! The tests of package testing: which goroutines are whose, what they leave, and when they can never end.
//!
//! golib's `testing/left.go` tells of a test's beginning; goroutines inherit the test of who starts them. Where a run is looked after
//! (`Options::leaks`), it asks at a test's end for the goroutines that can never go on, by the proof of `World::find_stuck`: a goroutine that
//! sleeps, or waits for what anything that can run refers to, is none of them. What gets stuck only later is told when all tests have
//! ended, or at the run's end.
//!
//! A live run also notices that its tests can never end, long before their alarm rings: at once when all are asleep but for the alarm, and
//! else, now and then while nobody can run, by the same proof for every test that has not ended.

use crate::events::Blocked;
use crate::fatal;
use crate::goroutine::{Goroutine, State};
use crate::world::{ALARM, World, world};
use gorace_detect::waits::{self, Waiting};
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// What becomes of leaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaks {
    /// They are told.
    Warn,
    /// They make the test fail, too.
    Fail,
}

/// When a run is first looked at while nobody can run, and the longest time between two such looks.
const FIRST_LOOK: Duration = Duration::from_secs(1);
const LOOKS: Duration = Duration::from_secs(10);
/// The looks at the ends of tests take at most this part of the run's time, besides a second.
const SHARE: u32 = 10;

#[derive(Debug)]
struct Test {
    name: String,
    /// The test that it is in; 0 for none.
    inside: u32,
    goroutine: u64,
    ended: bool,
}

/// See the module's text.
#[derive(Debug, Default)]
pub struct Tests {
    /// A test's number is its place, from 1 on.
    list: Vec<Test>,
    /// The timer that ends tests which take too long.
    alarm: Option<u64>,
    /// Goroutines that were told of.
    told: HashSet<u64>,
    /// When the run is looked at next, and how long after the look before.
    next_look: Option<(Instant, Duration)>,
    /// What the looks at the ends of tests have taken.
    taken: Duration,
    /// The tests can never end, though others can go on.
    pub others_go_on: bool,
}

impl Tests {
    /// A test's name; none for 0.
    pub fn name(&self, test: u32) -> &str {
        self.get(test).map_or("", |test| &test.name)
    }

    fn get(&self, test: u32) -> Option<&Test> {
        self.list.get((test as usize).checked_sub(1)?)
    }

    /// Whether a test is another one, or in it; all are in 0.
    fn is_in(&self, mut test: u32, outer: u32) -> bool {
        if outer == 0 {
            return test != 0;
        }
        while test > outer {
            test = self.get(test).map_or(0, |test| test.inside);
        }
        test == outer
    }

    /// The names of tests that have not ended, the innermost only.
    fn running(&self) -> impl Iterator<Item = &Test> {
        let going_on = || self.list.iter().zip(1..).filter(|(test, _)| !test.ended);
        let outer: HashSet<u32> = going_on().map(|(test, _)| test.inside).collect();
        going_on().filter(move |(_, number)| !outer.contains(number)).map(|(test, _)| test)
    }
}

impl World {
    /// The test of the running goroutine.
    fn own_test(&mut self) -> u32 {
        self.current().test
    }

    /// The goroutines of a test, but for the running one.
    fn of_test(&self, test: u32) -> impl Iterator<Item = &Goroutine> {
        let is_of =
            move |g: &&Goroutine| !g.system && Some(g.index) != self.running && self.natives.tests.is_in(g.test, test);
        self.goroutines.iter().filter(is_of)
    }

    /// Whether a goroutine can be one that a test leaves.
    fn may_be_left(&self, g: &Goroutine) -> bool {
        g.state == State::Waiting && g.wait.is_internal() && !self.natives.tests.told.contains(&g.header.id)
    }

    /// The goroutines of a test that can never go on, and were not told of.
    fn left_by(&mut self, test: u32) -> Vec<u64> {
        if self.options.leaks.is_none() || !self.of_test(test).any(|g| self.may_be_left(g)) {
            return Vec::new();
        }
        let started = Instant::now();
        if test != 0 && self.natives.tests.taken > FIRST_LOOK + self.started.elapsed() / SHARE {
            return Vec::new();
        }
        let circles = self.circles();
        self.find_stuck_but(&circles);
        self.natives.tests.taken += started.elapsed();
        self.of_test(test).filter(|g| g.leaked && self.may_be_left(g)).map(|g| g.header.id).collect()
    }

    /// Goroutines that wait for each other's locks.
    fn circles(&self) -> Vec<u64> {
        let locked = |g: &&Goroutine| !g.system && g.wait.lock().is_some();
        if !self.goroutines.iter().any(|g| locked(&g)) {
            return Vec::new();
        }
        let waiting = |b: Blocked| Waiting { goroutine: b.goroutine, holders: b.holders };
        let waiting: Vec<Waiting> = fatal::blocked(self).into_iter().map(waiting).collect();
        waits::cycles(&waiting).concat()
    }

    /// Reports what a test has left.
    fn tell_left(&mut self, test: u32) {
        let left: Vec<u64> =
            self.of_test(test).filter(|g| g.leaked && self.may_be_left(g)).map(|g| g.header.id).collect();
        let mut blocked = fatal::blocked(self);
        blocked.retain(|b| left.contains(&b.goroutine));
        self.natives.tests.told.extend(left);
        if let Some(mut sink) = self.sink.take() {
            sink.left(&blocked);
            self.sink = Some(sink);
        }
    }

    /// At the end of a live run: what tests have left and was not told. Whether that makes it fail.
    pub(crate) fn tell_late(&mut self) -> bool {
        if self.explores || self.threads.on || self.left_by(0).is_empty() {
            return false;
        }
        let fails = self.makes_fail(0);
        self.tell_left(0);
        fails
    }

    /// Whether what a test has left makes it fail: circles of locks always do.
    fn makes_fail(&self, test: u32) -> bool {
        let circles = self.circles();
        self.options.leaks == Some(Leaks::Fail)
            || self.of_test(test).any(|g| g.leaked && self.may_be_left(g) && circles.contains(&g.header.id))
    }

    /// Notes the timer that ends tests which take too long.
    pub(crate) fn note_alarm(&mut self, timer: u64) {
        if self.options.leaks.is_none() || self.natives.tests.alarm.is_some() {
            return;
        }
        let Some(index) = self.running else { return };
        let g = self.goroutines.peek(index);
        let mut is_alarm = false;
        crate::traceback::walk(self, g, g.header.saved_fp, |pc| {
            is_alarm |= crate::traceback::frames(&self.image, pc - 1).iter().any(|f| f.name == ALARM);
            !is_alarm
        });
        if is_alarm {
            self.natives.tests.alarm = Some(timer);
        }
    }

    /// Whether nobody can ever go on but for the alarm: nothing else is timed, and nothing is awaited from outside. Whom a finalizer or a
    /// cleanup could wake can go on.
    pub(crate) fn is_asleep_but_for_alarm(&mut self) -> bool {
        let tables = &self.natives;
        let Some(alarm) = tables.tests.alarm else { return false };
        let is_left = tables.timers.is_alone(alarm, |channel| tables.channels.has_receiver(channel));
        if self.clock.is_virtual() || self.epilogue.is_some() || !is_left || tables.os.anyone_waits() {
            return false;
        }
        self.collect(true);
        self.runnable.is_empty()
    }

    /// Nanoseconds until the run is to be looked at, if it is one that is looked after.
    pub(crate) fn until_look(&mut self) -> Option<i64> {
        if self.options.leaks.is_none() || self.explores || self.natives.tests.list.is_empty() {
            return None;
        }
        let (at, _) = *self.natives.tests.next_look.get_or_insert((Instant::now() + FIRST_LOOK, FIRST_LOOK));
        i64::try_from(at.saturating_duration_since(Instant::now()).as_nanos()).ok()
    }

    /// A look at a run in which nobody can go on now: whether none of the tests that have not ended ever can.
    pub(crate) fn is_stuck_in_tests(&mut self) -> bool {
        if self.until_look() != Some(0) || self.epilogue.is_some() {
            return false;
        }
        let started = Instant::now();
        let stuck = self.are_all_stuck();
        let (took, before) = (started.elapsed(), self.natives.tests.next_look.map_or(FIRST_LOOK, |(_, after)| after));
        let after = (before * 2).min(LOOKS).max(took * 50);
        self.natives.tests.next_look = Some((Instant::now() + after, after));
        self.natives.tests.others_go_on = stuck;
        stuck
    }

    fn are_all_stuck(&mut self) -> bool {
        let running: Vec<u64> = self.natives.tests.running().map(|test| test.goroutine).collect();
        let waits = |world: &World, number: u64| {
            world.goroutines.iter().any(|g| g.header.id == number && g.state == State::Waiting && g.wait.is_internal())
        };
        if running.is_empty() || !running.iter().all(|&number| waits(self, number)) {
            return false;
        }
        let circles = self.circles();
        self.find_stuck_but(&circles);
        let is_stuck = |number: &u64| self.goroutines.iter().any(|g| g.header.id == *number && g.leaked);
        running.iter().all(is_stuck)
    }

    /// The lines of a fatal message about the tests that run.
    pub(crate) fn running_tests(&self) -> String {
        let names: Vec<&str> = self.natives.tests.running().map(|test| test.name.as_str()).collect();
        if names.is_empty() { String::new() } else { format!("running tests:\n\t{}\n", names.join("\n\t")) }
    }
}

/// The running goroutine is that of a test of this name.
pub extern "C" fn began(name: *const u8, len: u64) {
    let world: &mut World = world();
    // SAFETY: golib passes a slice's first byte and its length.
    let name = unsafe { std::slice::from_raw_parts(name, len as usize) };
    let name = String::from_utf8_lossy(name).into_owned();
    let number = world.natives.tests.list.len() as u32 + 1;
    let g = world.current();
    let (inside, goroutine) = (g.test, g.header.id);
    g.test = number;
    world.natives.tests.list.push(Test { name, inside, goroutine, ended: false });
}

/// Whether others of the running goroutine's test can run at once.
pub extern "C" fn is_busy() -> u64 {
    let world: &mut World = world();
    if world.options.leaks.is_none() || world.explores {
        return 0;
    }
    let test = world.own_test();
    u64::from(world.of_test(test).any(|g| matches!(g.state, State::Runnable | State::Running)))
}

/// The running goroutine's test has ended: 0 all of its goroutines may go on, 1 some never can, 2 and that makes it fail.
pub extern "C" fn stuck() -> u64 {
    let world: &mut World = world();
    let test = world.own_test();
    if let Some(ended) = world.natives.tests.list.get_mut((test as usize).wrapping_sub(1)) {
        ended.ended = true;
    }
    if world.explores || world.left_by(test).is_empty() {
        return 0;
    }
    1 + u64::from(world.makes_fail(test))
}

/// Reports them.
pub extern "C" fn tell() {
    let world: &mut World = world();
    let test = world.own_test();
    world.tell_left(test);
}
