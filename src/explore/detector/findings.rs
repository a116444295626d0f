//! What the detector says: races, goroutines that wait, and circles of locks, each as a finding with all that is known of it.

use super::{Detector, WAIT_GROUP};
use crate::enrich::UNNAMED as UNNAMED_MEMORY;
use crate::facts::{self, Lock};
use crate::orders::{self, Taker};
use crate::symbols::{symbolise, symbolise_whole};
use gorace_base::finding::{Event as Part, Finding, Frame, Held, Object, Severity};
use gorace_detect::race::ATOMIC;
use gorace_detect::waits::{self, Waiting};
use gorace_detect::{Conflict, lockorder};
use gorace_runtime::events::{Access, Blocked, Number};
use gorace_runtime::goroutine::{Hold, Wait};
use gorace_runtime::type_path;
use gorace_runtime::world::{World, world};

impl Detector {
    /// The stack and the locks of a place.
    pub(super) fn at(&self, place: u32) -> (u32, Option<Vec<Lock>>) {
        match self.facts.as_ref().and_then(|facts| facts.at(place)) {
            Some((stack, held)) => (stack, Some(held)),
            None => (place, None),
        }
    }

    /// The step of the report in which a goroutine was at a place.
    pub(super) fn step(&self, place: u32, goroutine: Number) -> Option<usize> {
        let stretch = self.facts.as_ref()?.stretch(place & !ATOMIC)?;
        self.edges.as_ref()?.borrow().step(stretch, goroutine)
    }

    /// Locks in a report.
    pub(super) fn shown(&self, goroutine: Number, locks: &[Lock]) -> Vec<Held> {
        locks.iter().map(|l| self.lock(goroutine, l)).collect()
    }

    pub(super) fn lock(&self, goroutine: Number, l: &Lock) -> Held {
        let stack = symbolise(&self.folder, &self.stacks[l.stack as usize]);
        Held { expression: String::new(), address: l.address, goroutine, shared: l.shared, stack }
    }

    /// What lies at an address, and who made it.
    pub(super) fn object(&self, address: u64) -> Option<Object> {
        let facts = self.facts.as_ref()?;
        let image = &world().image;
        let Some((made, _)) = facts.allocation(address) else {
            let global = image.global(address)?;
            let description = format!("the variable {}", image.text(global.name));
            return Some(Object { description, ..Object::default() });
        };
        let inside = facts.inside(image, address);
        Some(Object {
            whole: inside.as_ref().map(|i| i.whole.clone()).unwrap_or_default(),
            description: inside.as_ref().map(facts::describe).unwrap_or_default(),
            part: inside.as_ref().map(facts::part).unwrap_or_default(),
            made: symbolise(&self.folder, &self.stacks[made.stack as usize]),
            made_by: made.goroutine,
            ..Object::default()
        })
    }

    pub(super) fn part(&self, what: &str, goroutine: Number, stack: &[u64]) -> Part {
        let created = self.created.get(&goroutine).map_or(&[][..], |&n| &self.stacks[n as usize]);
        let (stack, hidden) = symbolise_whole(&self.folder, stack);
        Part {
            what: what.to_string(),
            goroutine,
            stack,
            hidden,
            created: symbolise(&self.folder, created),
            finished: !self.clocks.alive(goroutine),
            ..Part::default()
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn race(&mut self, access: &Access, place: u32, address: u64, conflict: Conflict) {
        // After its end a program's memory is nobody's any more.
        if world().is_over() {
            return;
        }
        self.put_off.races();
        let now_place = place;
        let atomic = (place & ATOMIC != 0, conflict.past.place & ATOMIC != 0);
        let (place, held) = self.at(place & !ATOMIC);
        let (past_place, past_held) = self.at(conflict.past.place & !ATOMIC);
        let now_pc = self.stacks[place as usize].first().copied().unwrap_or(0);
        let past_pc = self.stacks[past_place as usize].first().copied().unwrap_or(0);
        if !self.reported.insert((now_pc, past_pc)) {
            return;
        }
        let other = self.clocks.owner(conflict.past.epoch);
        let steps = (self.step(now_place, access.goroutine), self.step(conflict.past.place, other));
        let kind = |write: bool| if write { "write" } else { "read" };
        let now_stack = self.stacks[place as usize].clone();
        let past_stack = self.stacks[past_place as usize].clone();
        let mut now = self.part(kind(access.write), access.goroutine, &now_stack);
        let mut past = self.part(&format!("previous {}", kind(conflict.write)), other, &past_stack);
        let statement = |part: &Part| part.stack.first().map(|frame| (frame.file.clone(), frame.line));
        if !self.reported_statements.insert((address, statement(&now), statement(&past))) {
            return;
        }
        self.races += 1;
        if let Some(facts) = &self.facts {
            now.held = held.map(|held| self.shown(access.goroutine, &held));
            past.held = past_held.map(|held| self.shown(other, &held));
            now.value = facts
                .inside(&world().image, address)
                .filter(|inside| inside.offset == 0 && !facts::is_map(inside))
                .and_then(|inside| type_path::value(inside.descriptor, address));
            now.object = self.object(address);
            past.object.clone_from(&now.object);
            (now.atomic, past.atomic) = atomic;
            (now.step, past.step) = steps;
        }
        let image = &world().image;
        let variable = image.global(address).map(|g| image.text(g.name).to_string());
        let what = variable.clone().unwrap_or_else(|| UNNAMED_MEMORY.to_string());
        let who = |n: u64| if n == 1 { "the main goroutine".to_string() } else { format!("goroutine {n}") };
        let headline = format!(
            "{} of {what} by {} races with a {} by {}",
            kind(access.write),
            who(access.goroutine),
            kind(conflict.write),
            who(other)
        );
        let mut finding = Finding::new("data-race", headline, vec![now, past], self.seed);
        (finding.address, finding.variable) = (address, variable);
        self.emit(finding);
    }

    pub(super) fn emit(&mut self, finding: Finding) {
        (self.output)(&finding);
    }

    pub(super) fn blocked_finding(&mut self, rule: &str, headline: String, blocked: &[&Blocked]) {
        let events = blocked.iter().map(|b| self.blocked_part(b)).collect();
        self.emit(Finding::new(rule, headline, events, self.seed));
    }

    pub(super) fn blocked_part(&self, b: &Blocked) -> Part {
        let mut part = self.part(&describe(b), b.goroutine, &b.stack);
        if let Some(facts) = &self.facts {
            part.held = Some(self.shown(b.goroutine, facts.held(b.goroutine)));
            if let Wait::Mutex { addr } | Wait::ReadLock { addr } | Wait::WriteLock { addr } = b.wait {
                part.holders = facts.holders(addr).iter().map(|(holder, l)| self.lock(*holder, l)).collect();
            }
            part.object = match b.wait {
                Wait::ChanSend { chan: address } | Wait::ChanRecv { chan: address } => self.object(address),
                Wait::Mutex { addr } | Wait::ReadLock { addr } | Wait::WriteLock { addr } => self.object(addr),
                Wait::Condition { addr } | Wait::Semaphore { addr, .. } => self.object(addr),
                Wait::Select => b.channels.first().and_then(|&channel| self.object(channel)),
                _ => None,
            };
        }
        part
    }

    /// A goroutine has taken a lock, for which it could have waited, while it held others.
    pub(super) fn took_another(&mut self, goroutine: Number, address: u64, shared: bool) {
        // A program that has ended waits for nobody.
        if world().is_over() {
            return;
        }
        let held: Vec<lockorder::Lock> = match &self.facts {
            Some(facts) => {
                let lock = |l: &Lock| lockorder::Lock { address: l.address, shared: l.shared, place: l.stack.into() };
                facts.held(goroutine).iter().map(lock).collect()
            }
            None => {
                let world: &World = world();
                let running = world.running.map(|index| world.goroutines.peek(index));
                let running = running.filter(|g| g.header.id == goroutine);
                let found = running.or_else(|| world.goroutines.iter().find(|g| g.header.id == goroutine));
                let Some((_, others)) = found.and_then(|g| g.held.split_last()) else { return };
                let lock = |h: &gorace_runtime::goroutine::Held| lockorder::Lock {
                    address: h.addr,
                    shared: h.hold == Hold::Read,
                    place: h.pc,
                };
                others.iter().map(lock).collect()
            }
        };
        let place = self.stack_of(goroutine).into();
        let wanted = lockorder::Lock { address, shared, place };
        let circles = self.orders.as_mut().map_or_else(Vec::new, |orders| orders.took(goroutine, wanted, &held));
        circles.iter().for_each(|circle| self.inversion(circle));
    }

    /// A circle of locks that could be.
    pub(super) fn inversion(&mut self, circle: &[Taker]) {
        let next = |at: usize| circle[(at + 1) % circle.len()];
        let events: Vec<Part> = (0..circle.len()).map(|at| self.taking(&circle[at], &next(at))).collect();
        // What the standard library does with its own locks alone is not the program's to mend.
        if events.iter().all(|event| event.stack.first().is_none_or(Frame::is_std)) {
            return;
        }
        let mut numbers: Vec<Number> = circle.iter().map(|taker| taker.goroutine).collect();
        numbers.sort_unstable();
        let headline = match numbers[..] {
            [a, b] => format!("goroutines {a} and {b} take two locks in opposite orders"),
            _ => {
                let names: Vec<String> = numbers.iter().map(u64::to_string).collect();
                format!("goroutines {} take locks in orders that form a circle", names.join(", "))
            }
        };
        let finding = Finding::new(orders::RULE, headline, events, self.seed);
        self.emit(Finding { severity: Severity::Warning, ..finding });
    }

    /// A goroutine of such a circle; `next` is the one whose lock it takes.
    pub(super) fn taking(&self, taker: &Taker, next: &Taker) -> Part {
        let what = if taker.wants.shared { "takes a read lock" } else { "takes a lock" };
        let stack = self.stacks.get(taker.wants.place as usize).cloned().unwrap_or_default();
        let mut part = self.part(what, taker.goroutine, &stack);
        if self.facts.is_some() {
            let lock = |l: lockorder::Lock| Lock { address: l.address, shared: l.shared, stack: l.place as u32 };
            part.held = Some(self.shown(taker.goroutine, &[lock(taker.has)]));
            part.holders = vec![self.lock(next.goroutine, &lock(next.has))];
            part.object = self.object(taker.wants.address);
        }
        part
    }

    /// A cycle of locks, if it was not reported yet.
    pub(super) fn lock_cycles(&mut self, blocked: &[Blocked]) {
        let waiting: Vec<Waiting> =
            blocked.iter().map(|b| Waiting { goroutine: b.goroutine, holders: b.holders.clone() }).collect();
        for cycle in waits::cycles(&waiting) {
            if cycle.iter().any(|g| self.stuck.contains(g)) {
                continue;
            }
            self.stuck.extend(&cycle);
            let members: Vec<&Blocked> = blocked.iter().filter(|b| cycle.contains(&b.goroutine)).collect();
            let names: Vec<String> = cycle.iter().map(u64::to_string).collect();
            let of_one =
                members.iter().all(|b| members[0].wait.lock().is_some() && b.wait.lock() == members[0].wait.lock());
            let headline = match names.len() {
                n if n > 1 && of_one => format!(
                    "goroutines {} wait for each other at one reader-writer lock: who waits to write keeps new readers out",
                    names.join(" and ")
                ),
                1 => format!("goroutine {} waits for a lock that it holds itself", names[0]),
                _ => format!("goroutines {} wait for each other's locks in a circle", names.join(", ")),
            };
            self.blocked_finding("lock-cycle", headline, &members);
        }
    }

    /// Who waits for locks that nobody will give back when the program has ended.
    pub(super) fn hopeless(&mut self, blocked: &[Blocked]) {
        let waiting = || blocked.iter().filter(|b| b.hopeless);
        let is_part = |b: &&Blocked| b.hopeless || waiting().any(|other| other.holders.contains(&b.goroutine));
        let members: Vec<&Blocked> = blocked.iter().filter(is_part).collect();
        let Some(first) = waiting().next().filter(|_| !members.iter().any(|b| self.stuck.contains(&b.goroutine)))
        else {
            return;
        };
        self.stuck.extend(members.iter().map(|b| b.goroutine));
        let headline = format!(
            "goroutine {} waits for a lock for ever: who holds it waits for somebody to receive",
            first.goroutine
        );
        self.blocked_finding("deadlock", headline, &members);
    }

    /// Goroutines that nothing can ever wake, one finding for those that wait at the same place.
    pub(super) fn leaks(&mut self, blocked: &[Blocked]) {
        let mut places: Vec<(&Blocked, usize)> = Vec::new();
        for b in blocked.iter().filter(|b| b.leaked) {
            if !self.stuck.insert(b.goroutine) {
                continue;
            }
            match places.iter_mut().find(|(first, _)| first.stack == b.stack && first.test == b.test) {
                Some((_, count)) => *count += 1,
                None => places.push((b, 1)),
            }
        }
        for (b, count) in places {
            let who = match b.test.as_str() {
                "" => format!("goroutine {} is blocked for ever", b.goroutine),
                test => format!("{test} leaves goroutine {} blocked for ever", b.goroutine),
            };
            let headline = match count {
                1 => format!("{who}: it {}", describe(b)),
                n => format!("{who}, and {} more at the same place: it {}", n - 1, describe(b)),
            };
            self.blocked_finding("goroutine-leak", headline, &[b]);
        }
    }
}

/// The headline of a deadlock.
pub(super) fn asleep(blocked: &[&Blocked]) -> String {
    let mut tests: Vec<&str> = blocked.iter().map(|b| b.test.as_str()).filter(|test| !test.is_empty()).collect();
    // Of a test and those in it the innermost say enough.
    let all = tests.clone();
    tests.retain(|test| !all.iter().any(|other| other.strip_prefix(test).is_some_and(|rest| rest.starts_with('/'))));
    tests.sort_unstable();
    tests.dedup();
    match tests[..] {
        [] => "all goroutines are asleep".to_string(),
        [test] => format!("{test} can never end: all its goroutines are asleep"),
        _ => format!("{} can never end: all their goroutines are asleep", tests.join(" and ")),
    }
}

/// What a goroutine waits for, and who holds it.
pub(crate) fn describe(b: &Blocked) -> String {
    let text = match b.wait {
        Wait::ChanSend { .. } => "waits in chan send".to_string(),
        Wait::ChanRecv { .. } => "waits in chan receive".to_string(),
        Wait::ChanNil { send: true } => "waits in chan send (nil chan)".to_string(),
        Wait::ChanNil { send: false } => "waits in chan receive (nil chan)".to_string(),
        Wait::Select => "waits in select".to_string(),
        Wait::SelectEmpty => "waits in select (no cases)".to_string(),
        Wait::Mutex { .. } => "waits for a mutex".to_string(),
        Wait::ReadLock { .. } => "waits for a read lock".to_string(),
        Wait::WriteLock { .. } => "waits for a write lock".to_string(),
        Wait::Condition { .. } => "waits for a condition variable".to_string(),
        Wait::Semaphore { kind: WAIT_GROUP, .. } => "waits for a wait group".to_string(),
        Wait::Semaphore { .. } => "waits for a semaphore".to_string(),
        Wait::Io { .. } => "waits for input or output".to_string(),
        Wait::Process => "waits for a child process".to_string(),
        Wait::Signal => "waits for a signal".to_string(),
        Wait::Sleep => "sleeps".to_string(),
        _ => "waits".to_string(),
    };
    let held: Vec<Number> = b.holders.iter().copied().filter(|holder| !b.behind.contains(holder)).collect();
    if let (Wait::ReadLock { .. }, [], [one, ..]) = (b.wait, &held[..], &b.behind[..]) {
        return format!("{text} behind goroutine {one}, which waits to write");
    }
    match held[..] {
        [] => text,
        [one] if one == b.goroutine => format!("{text} that it holds itself"),
        [one] => format!("{text} that goroutine {one} holds"),
        ref many => {
            let list: Vec<String> = many.iter().map(u64::to_string).collect();
            format!("{text} that goroutines {} hold", list.join(", "))
        }
    }
}
