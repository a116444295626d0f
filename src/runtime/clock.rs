//! The clock: real time, or virtual time, which jumps to the next timer when nobody can run, and passes a little with each
//! step of the scheduler and each look at it. So timers fire while others still run, and a program that spins until a
//! time comes gets there, after the same number of turns each run. How long a step takes differs from schedule to
//! schedule: bugs that need a timer to fire early, or late, show in some of them.
#![allow(unsafe_code, reason = "clock_gettime")]

/// Start of virtual time: 2000-01-01, like Go's own bubbles of fake time.
const VIRTUAL_START: i64 = 946_684_800_000_000_000;
/// Nanoseconds that a look at the virtual clock takes.
const LOOK: i64 = 100;
/// Nanoseconds that a step of the scheduler may take, one of them for a whole run: from a goroutine that is woken at once
/// to a crowded machine.
pub const STEPS: [i64; 4] = [20, 200, 1_000, 5_000];

/// Monotonic nanoseconds, starting above 0.
#[derive(Debug)]
pub struct Clock {
    simulated: bool,
    now: i64,
    start: i64,
    /// Virtual nanoseconds of a step.
    step: i64,
    was_read: bool,
}

fn read(clock: libc::clockid_t) -> (i64, i64) {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a valid place to write to; both clocks exist.
    unsafe { libc::clock_gettime(clock, &mut time) };
    (time.tv_sec, time.tv_nsec)
}

fn monotonic() -> i64 {
    let (seconds, nanoseconds) = read(libc::CLOCK_MONOTONIC);
    seconds * 1_000_000_000 + nanoseconds
}

impl Clock {
    pub fn new(simulated: bool) -> Clock {
        Clock { simulated, now: 1, start: if simulated { 0 } else { monotonic() - 1 }, step: STEPS[0], was_read: false }
    }

    /// Sets how long a step takes in virtual time.
    pub fn set_step(&mut self, nanoseconds: i64) {
        self.step = nanoseconds;
    }

    /// The scheduler has made a step; whether time is virtual.
    pub fn step(&mut self) -> bool {
        if self.simulated {
            self.now += self.step;
        }
        self.simulated
    }

    pub fn is_virtual(&self) -> bool {
        self.simulated
    }

    /// The time as last seen; good enough for the age of a wait.
    pub fn coarse(&self) -> i64 {
        self.now
    }

    /// The time as last refreshed.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Reads the real clock.
    pub fn refresh(&mut self) {
        if !self.simulated {
            self.now = monotonic() - self.start;
        }
    }

    /// The program looks at the clock.
    pub fn look(&mut self) -> i64 {
        if self.simulated {
            self.now += LOOK;
        } else {
            self.refresh();
        }
        self.now
    }

    /// The program's own code has looked at the clock.
    pub fn note_read(&mut self) {
        self.was_read = true;
    }

    /// Whether it has.
    pub fn was_read(&self) -> bool {
        self.was_read
    }

    /// Virtual time passes.
    pub fn tick(&mut self, nanoseconds: i64) {
        if self.simulated {
            self.now += nanoseconds;
        }
    }

    /// Nobody can run before `when`.
    pub fn jump(&mut self, when: i64) {
        self.now = self.now.max(when);
    }

    /// The real clock is ahead from now on: it is `when`.
    pub fn skip(&mut self, when: i64) {
        self.refresh();
        let ahead = (when - self.now).max(0);
        self.start -= ahead;
        self.now += ahead;
    }

    /// Nanoseconds of the calendar, without a look.
    pub fn calendar(&self) -> i64 {
        if self.simulated {
            return VIRTUAL_START + self.now;
        }
        let (seconds, nanoseconds) = read(libc::CLOCK_REALTIME);
        seconds * 1_000_000_000 + nanoseconds
    }

    /// Seconds and nanoseconds of the calendar.
    pub fn wall(&mut self) -> (i64, i64) {
        if self.simulated {
            let time = VIRTUAL_START + self.look();
            (time / 1_000_000_000, time % 1_000_000_000)
        } else {
            read(libc::CLOCK_REALTIME)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn virtual_time_is_the_same_each_run() {
        let times = || {
            let mut clock = Clock::new(true);
            clock.jump(500);
            (clock.look(), clock.look(), clock.wall())
        };
        assert_eq!(times(), times());
        assert_eq!(times().0, 600);
    }
}
