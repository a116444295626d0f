//! Timers and sleeping goroutines: one queue ordered by time, then by age.
//!
//! A timer is an object of golib (`timeTimer`); when it is due it is queued for the timer goroutine, which calls its function.
//! A periodic timer is entered again for its next period before its function runs; periods that were missed are left out.
//!
//! A timer that sends on a channel is not kept by the queue but by the channel: when nobody can receive from it any more, the
//! collector takes both. For the same reason it is nothing to wait for while nobody waits on its channel. (As in Go since 1.23.)

use crate::goroutine::{Gi, Wait};
use crate::natives::FastHash;
use crate::passing_time::LONG_LOOK;
use crate::policy::{Candidate, Operation};
use crate::world::{World, world};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// What becomes due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    Sleeper(Gi),
    /// One that could run, and is held up (`Policy::stalls`).
    Stalled(Candidate),
    /// One that sends on a channel (not 0) is kept by the channel alone: nobody else can notice it.
    Timer {
        timer: u64,
        when: i64,
        period: i64,
        channel: u64,
    },
    /// Of a descriptor's direction; see `poller`.
    Deadline {
        handle: u64,
        direction: usize,
    },
}

/// Where an entry stands in the queue: when it is due; its order among those due at the same time.
pub type Key = (i64, u64);

/// Of so many timers `Timers::ahead` tells.
const AHEAD: usize = 8;

/// Pending and due timers.
#[derive(Debug, Default)]
pub struct Timers {
    queue: BTreeMap<Key, Entry>,
    /// Entries that are no timers of channels.
    plain: usize,
    keys: HashMap<u64, Key, FastHash>,
    age: u64,
    due: VecDeque<u64>,
    goroutine: Option<Gi>,
}

impl Timers {
    fn add(&mut self, when: i64, entry: Entry) -> Key {
        self.add_among(when, 0, entry)
    }

    /// Of entries for the same time those with a smaller order come first, then those that are older.
    fn add_among(&mut self, when: i64, order: u16, entry: Entry) -> Key {
        self.age += 1;
        let key = (when, u64::from(order) << 48 | self.age);
        self.queue.insert(key, entry);
        self.plain += usize::from(entry.channel() == 0);
        if let Entry::Timer { timer, .. } = entry {
            self.keys.insert(timer, key);
        }
        key
    }

    /// Enters a descriptor's deadline.
    pub fn add_deadline(&mut self, when: i64, handle: u64, direction: usize) -> Key {
        self.add(when, Entry::Deadline { handle, direction })
    }

    /// Takes a descriptor's deadline out that has not come.
    pub fn remove_deadline(&mut self, key: Key) {
        let gone = self.take(key);
        debug_assert!(matches!(gone, Some(Entry::Deadline { .. })));
    }

    /// Enters a periodic timer that was due at `when` again; periods that were missed are left out.
    pub fn add_next_period(&mut self, entry: Entry, now: i64) {
        if let Entry::Timer { when, period, .. } = entry
            && period > 0
        {
            let missed = (now - when) / period;
            let next = when.saturating_add(period.saturating_mul(missed + 1));
            self.add(next, entry.at(next));
        }
    }

    /// Holds somebody up who could run.
    pub fn add_stalled(&mut self, when: i64, candidate: Candidate) {
        self.add(when, Entry::Stalled(candidate));
    }

    /// Nanoseconds until the next timers fire: the first few.
    pub fn ahead(&self, now: i64) -> Vec<i64> {
        self.queue.keys().take(AHEAD).map(|key| (key.0 - now).max(0)).collect()
    }

    /// Who is held up.
    pub(crate) fn stalled(&self) -> impl Iterator<Item = &Candidate> {
        self.queue.values().filter_map(|entry| match entry {
            Entry::Stalled(candidate) => Some(candidate),
            _ => None,
        })
    }

    fn take(&mut self, key: Key) -> Option<Entry> {
        let entry = self.queue.remove(&key)?;
        self.plain -= usize::from(entry.channel() == 0);
        Some(entry)
    }

    fn remove(&mut self, timer: u64) -> bool {
        let pending = self.keys.remove(&timer).is_some_and(|key| self.take(key).is_some());
        let before = self.due.len();
        self.due.retain(|&t| t != timer);
        pending || self.due.len() != before
    }

    /// When the first is due.
    pub fn next(&self) -> Option<i64> {
        self.queue.first_key_value().map(|(key, _)| key.0)
    }

    /// Takes the first that is due at `now`.
    pub fn pop_due(&mut self, now: i64) -> Option<Entry> {
        let key = *self.queue.first_key_value()?.0;
        if key.0 > now {
            return None;
        }
        let entry = self.take(key)?;
        if let Entry::Timer { timer, .. } = entry {
            self.keys.remove(&timer);
        }
        Some(entry)
    }

    /// Lists what is wrong with the tables.
    pub(crate) fn verify(&self, wrong: &mut Vec<String>) {
        let plain = self.queue.values().filter(|entry| entry.channel() == 0).count();
        if plain != self.plain {
            wrong.push(format!("{plain} entries of no channel, {} counted", self.plain));
        }
        let timers = self.queue.iter().filter_map(|(key, entry)| match entry {
            Entry::Timer { timer, .. } => Some((*timer, *key)),
            Entry::Sleeper(_) | Entry::Stalled(_) | Entry::Deadline { .. } => None,
        });
        let mut count = 0;
        for (timer, key) in timers {
            count += 1;
            if self.keys.get(&timer) != Some(&key) {
                wrong.push(format!(
                    "the timer at {timer:#x} is queued as {key:?}, noted as {:?}",
                    self.keys.get(&timer)
                ));
            }
        }
        if count != self.keys.len() {
            wrong.push(format!("{count} timers are queued, {} noted", self.keys.len()));
        }
    }

    /// Whether anyone can notice what is in the queue, `waits` saying it for a channel.
    pub fn anyone_waits(&self, waits: impl Fn(u64) -> bool) -> bool {
        self.plain > 0 || self.queue.values().any(|entry| waits(entry.channel()))
    }

    /// Whether a timer is all that anyone can notice of what is in the queue.
    pub fn is_alone(&self, timer: u64, waits: impl Fn(u64) -> bool) -> bool {
        let others = self.queue.values().filter(|entry| entry.channel() != 0);
        self.plain == 1 && self.keys.contains_key(&timer) && others.map(|e| e.channel()).all(|channel| !waits(channel))
    }

    /// Words that may point into the heap; those of timers of channels only if they are asked for.
    pub fn roots(&self, all: bool) -> impl Iterator<Item = u64> + '_ {
        let pending = self.queue.values().filter_map(move |entry| match *entry {
            Entry::Timer { timer, channel, .. } if all || channel == 0 => Some(timer),
            Entry::Timer { .. } | Entry::Sleeper(_) | Entry::Stalled(_) | Entry::Deadline { .. } => None,
        });
        pending.chain(self.due.iter().copied())
    }

    /// Drops the timers of channels that are gone.
    pub fn retain(&mut self, survives: impl Fn(u64) -> bool) {
        let Timers { queue, keys, .. } = self;
        queue.retain(|_, entry| match *entry {
            Entry::Timer { timer, channel, .. } if channel != 0 && !survives(timer) => {
                keys.remove(&timer);
                false
            }
            Entry::Timer { .. } | Entry::Sleeper(_) | Entry::Stalled(_) | Entry::Deadline { .. } => true,
        });
    }
}

impl Entry {
    /// The channel that it sends on; 0 for none.
    fn channel(self) -> u64 {
        match self {
            Entry::Timer { channel, .. } => channel,
            Entry::Sleeper(_) | Entry::Stalled(_) | Entry::Deadline { .. } => 0,
        }
    }

    /// A timer, for another time.
    fn at(self, next: i64) -> Entry {
        match self {
            Entry::Timer { timer, period, channel, .. } => Entry::Timer { timer, when: next, period, channel },
            Entry::Sleeper(_) | Entry::Stalled(_) | Entry::Deadline { .. } => self,
        }
    }
}

/// What is due happens.
pub fn fire(world: &mut World, entry: Entry, now: i64) {
    match entry {
        Entry::Sleeper(index) => world.ready(index),
        Entry::Stalled(candidate) => world.runnable.push_back(candidate),
        Entry::Deadline { handle, direction } => super::poller::expire(world, handle, direction),
        Entry::Timer { timer, .. } => {
            if world.heap.marking {
                // From now on the timer goroutine has it.
                world.heap.mark_word(timer);
            }
            let timers = &mut world.natives.timers;
            timers.add_next_period(entry, now);
            if !timers.due.contains(&timer) {
                timers.due.push_back(timer);
            }
            if let Some(index) = timers.goroutine.take() {
                world.ready(index);
            }
        }
    }
}

/// In a bubble, what is due at the same time happens in any order.
fn order(world: &mut World) -> u16 {
    if world.current_bubble() == 0 { 0 } else { (world.policy.random() >> 48) as u16 }
}

pub extern "C" fn nanotime() -> i64 {
    let world: &mut World = world();
    world.polled(LONG_LOOK);
    world.looks_at_clock();
    world.clock.look()
}

pub extern "C" fn sleep(nanoseconds: i64, pc: u64) {
    let world: &mut World = world();
    let now = match world.current_bubble() {
        0 => world.clock.look(),
        _ => super::bubble::now(),
    };
    let when = now.saturating_add(nanoseconds);
    let g = world.current();
    g.pc = pc;
    let index = g.index;
    let order = order(world);
    world.current_timers().add_among(when, order, Entry::Sleeper(index));
    world.park(Wait::Sleep);
}

/// `channel` is what the timer sends on, 0 for one with a function.
pub extern "C" fn timer_start(timer: u64, when: i64, period: i64, channel: u64) {
    let world: &mut World = world();
    if world.point(Operation::Timer) {
        return;
    }
    world.callback();
    world.note_alarm(timer);
    let order = order(world);
    if channel != 0 {
        super::channel::set_timer(channel, timer);
    }
    let timers = world.current_timers();
    timers.remove(timer);
    timers.add_among(when, order, Entry::Timer { timer, when, period, channel });
}

pub extern "C" fn timer_stop(timer: u64) -> u64 {
    let world: &mut World = world();
    if world.point(Operation::Timer) {
        return 0;
    }
    u64::from(world.current_timers().remove(timer))
}

/// Gives the next timer that is due, or parks the timer goroutine.
pub extern "C" fn timer_wait() -> u64 {
    let world: &mut World = world();
    if let Some(timer) = world.natives.timers.due.pop_front() {
        return timer;
    }
    let index = world.current().index;
    world.natives.timers.goroutine = Some(index);
    world.park_and_retry(Wait::Timer);
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_that_do_not_fit_are_noticed() {
        let mut timers = Timers::default();
        timers.add(5, Entry::Sleeper(Gi(0)));
        timers.add(10, Entry::Timer { timer: 8, when: 10, period: 0, channel: 0 });
        let wrong = |timers: &Timers| {
            let mut wrong = Vec::new();
            timers.verify(&mut wrong);
            wrong.len()
        };
        assert_eq!(wrong(&timers), 0);
        timers.plain += 1;
        assert_eq!(wrong(&timers), 1);
        timers.keys.clear();
        assert_eq!(wrong(&timers), 3);
    }

    #[test]
    fn timers_of_channels_go_with_what_they_send_on() {
        let mut timers = Timers::default();
        let timer = |timer, channel| Entry::Timer { timer, when: 10, period: 0, channel };
        timers.add(10, timer(8, 80));
        timers.add(10, timer(16, 160));
        assert!(!timers.anyone_waits(|_| false));
        assert!(timers.anyone_waits(|channel| channel == 160));
        assert_eq!(timers.roots(false).count(), 0);
        assert_eq!(timers.roots(true).count(), 2);
        timers.add(10, timer(24, 0));
        assert!(timers.anyone_waits(|_| false));
        timers.retain(|timer| timer == 16);
        assert!(!timers.remove(8));
        assert!(timers.remove(16) && timers.remove(24));
        assert!(!timers.anyone_waits(|_| true));
    }

    #[test]
    fn due_in_order_of_time_then_of_start() {
        let mut timers = Timers::default();
        for (timer, when) in [(1, 30), (2, 10), (3, 10), (4, 20)] {
            timers.add(when, Entry::Timer { timer, when, period: 0, channel: 0 });
        }
        assert!(timers.remove(4));
        assert!(!timers.remove(4));
        let order: Vec<u64> = std::iter::from_fn(|| timers.pop_due(30))
            .map(|e| match e {
                Entry::Timer { timer, .. } => timer,
                Entry::Sleeper(_) | Entry::Stalled(_) | Entry::Deadline { .. } => 0,
            })
            .collect();
        assert_eq!(order, [2, 3, 1]);
    }
}
