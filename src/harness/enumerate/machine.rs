//! Runs a program in every way: from each state each goroutine that can goes on by a step. States are kept, so that each is
//! gone on from once.
//!
//! The semantics are those of package sync and of the language, written down anew: channels have queues of who waits, served in their order;
//! a mutex is free for anybody once it is unlocked; a writer that waits keeps new readers out; a condition variable serves tickets
//! in their order.

use super::program::{Program, Step};
use std::collections::{BTreeSet, HashSet, VecDeque};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Status {
    Runs,
    /// In channels' queues.
    Queued,
    /// In front of the lock of a reader-writer lock, counted there.
    Waits,
    /// A channel was closed under a send.
    SendFails,
    /// A wait group's counter went below zero by what it did: others see the counter before the panic has ended the program.
    CountFails,
}

/// Who waits at a channel: the goroutine, the number of its case, and what it sends.
type Waiter = (usize, usize, i64);

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Channel {
    buffer: VecDeque<i64>,
    closed: bool,
    receivers: VecDeque<Waiter>,
    senders: VecDeque<Waiter>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Once {
    New,
    Runs,
    Done,
}

/// A context: who cancels it has its mutex, it has an error, its channel is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Context {
    held: bool,
    failed: bool,
    closed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    at: Vec<usize>,
    status: Vec<Status>,
    registers: Vec<Vec<i64>>,
    atomics: [i64; 2],
    channels: [Channel; 2],
    locked: bool,
    guarded: i64,
    readers: usize,
    /// The writer that has the lock or is the next to have it.
    writer: Option<usize>,
    /// Readers that came behind it.
    readers_waiting: Vec<usize>,
    shared: i64,
    /// Who has drawn a ticket and was not notified.
    tickets: VecDeque<usize>,
    once: [Once; 3],
    /// What the `OnceValue` gave.
    kept: i64,
    count: i64,
    value: i64,
    contexts: [Context; 2],
}

/// All ways in which the program may end, in the words that gorace has for them; none when there are too many states.
pub fn outcomes(program: &Program, most_states: usize) -> Option<BTreeSet<String>> {
    let n = program.goroutines.len();
    let first = State {
        at: vec![0; n],
        status: vec![Status::Runs; n],
        registers: program.registers.iter().map(|&k| vec![0; k]).collect(),
        atomics: [0; 2],
        channels: Default::default(),
        locked: false,
        guarded: 0,
        readers: 0,
        writer: None,
        readers_waiting: Vec::new(),
        shared: 0,
        tickets: VecDeque::new(),
        once: [Once::New; 3],
        kept: 0,
        count: program.count,
        value: -1,
        contexts: Default::default(),
    };
    let mut machine = Machine { program, outcomes: BTreeSet::new() };
    let mut seen = HashSet::from([first.clone()]);
    let mut open = vec![first];
    while let Some(state) = open.pop() {
        let mut moved = false;
        for g in 0..n {
            let mut next = Vec::new();
            moved |= machine.step(&state, g, &mut next);
            for state in next {
                if !seen.contains(&state) {
                    seen.insert(state.clone());
                    open.push(state);
                }
            }
        }
        if !moved {
            let ending = machine.ending(&state);
            machine.outcomes.insert(ending);
        }
        if seen.len() > most_states {
            return None;
        }
    }
    Some(machine.outcomes)
}

struct Machine<'p> {
    program: &'p Program,
    outcomes: BTreeSet<String>,
}

impl State {
    /// Puts a result into the register of the step at which a goroutine stands, and goes to the next.
    fn done(&mut self, program: &Program, g: usize, result: i64) {
        if let Some(register) = program.goroutines[g][self.at[g]].register {
            self.registers[g][register] = result;
        }
        self.at[g] += 1;
        self.status[g] = Status::Runs;
    }

    /// Takes a goroutine that was served out of all queues.
    fn leave_queues(&mut self, g: usize) {
        for channel in &mut self.channels {
            channel.receivers.retain(|w| w.0 != g);
            channel.senders.retain(|w| w.0 != g);
        }
    }

    fn try_read_lock(&mut self) -> bool {
        let free = self.writer.is_none();
        self.readers += usize::from(free);
        free
    }
}

/// What a select's register has behind its timer, which may come at any time.
const TIMER: i64 = -7;

/// What a select's register has.
fn result(single: bool, case: usize, got: i64) -> i64 {
    if single { got } else { 100 * (case as i64 + 1) + got }
}

impl Machine<'_> {
    fn ending(&self, state: &State) -> String {
        let is_over = (0..state.at.len()).all(|g| state.at[g] == self.program.goroutines[g].len());
        if !is_over {
            return "status 2: fatal error: all goroutines are asleep - deadlock!".to_string();
        }
        let values = state.atomics.iter().chain(state.registers.iter().flatten()).map(i64::to_string);
        format!("status 0: outcome {}", values.collect::<Vec<_>>().join(" "))
    }

    fn dies(&mut self, state: &State, g: usize, words: &str) -> bool {
        let line = self.program.goroutines[g][state.at[g]].line;
        self.outcomes.insert(format!("status 2: {words} at line {line}"));
        true
    }

    /// Who waits at a channel with a select of one case is told otherwise than one with several.
    fn serve(&self, state: &mut State, waiter: Waiter, got: i64) {
        let (g, case, _) = waiter;
        let single = matches!(self.program.goroutines[g][state.at[g]].step, Step::Select { single: true, .. });
        state.leave_queues(g);
        state.done(self.program, g, result(single, case, got));
    }

    /// Whether a goroutine stands at a select that has a timer.
    fn has_timer(&self, state: &State, g: usize) -> bool {
        matches!(self.program.goroutines[g][state.at[g]].step, Step::Select { timer: true, .. })
    }

    /// Lets a goroutine go on by a step; the states that may come of it. Whether it could, or died.
    fn step(&mut self, state: &State, g: usize, next: &mut Vec<State>) -> bool {
        let Some(placed) = self.program.goroutines[g].get(state.at[g]) else { return false };
        match state.status[g] {
            Status::Queued if self.has_timer(state, g) => {
                let mut s = state.clone();
                s.leave_queues(g);
                s.done(self.program, g, TIMER);
                next.push(s);
                return true;
            }
            Status::Queued | Status::Waits => return false,
            Status::SendFails => return self.dies(state, g, "panic: send on closed channel"),
            Status::CountFails => return self.dies(state, g, "panic: sync: negative WaitGroup counter"),
            Status::Runs => {}
        }
        let mut s = state.clone();
        let mut got = 0;
        match placed.step {
            Step::Load(o) => got = s.atomics[o],
            Step::Store(o, n) => s.atomics[o] = n,
            Step::Add(o, n) => {
                s.atomics[o] += n;
                got = s.atomics[o];
            }
            Step::Swap(o, n) => got = std::mem::replace(&mut s.atomics[o], n),
            Step::CompareAndSwap(o, old, new) => {
                got = i64::from(s.atomics[o] == old);
                if got == 1 {
                    s.atomics[o] = new;
                }
            }
            Step::Select { .. } => return self.select(state, g, next),
            Step::Close(c) => {
                if s.channels[c].closed {
                    return self.dies(state, g, "panic: close of closed channel");
                }
                s.channels[c].closed = true;
                while let Some(&waiter) = s.channels[c].receivers.front() {
                    self.serve(&mut s, waiter, -1);
                }
                while let Some(&(sender, ..)) = s.channels[c].senders.front() {
                    s.leave_queues(sender);
                    s.status[sender] = Status::SendFails;
                }
            }
            Step::Lock => {
                if s.locked {
                    return false;
                }
                s.locked = true;
            }
            Step::Unlock => {
                if !s.locked {
                    return self.dies(state, g, "fatal error: sync: unlock of unlocked mutex");
                }
                s.locked = false;
            }
            Step::TryLock { fails_to } => {
                if s.locked {
                    s.at[g] = fails_to;
                    next.push(s);
                    return true;
                }
                s.locked = true;
            }
            Step::ReadLock => {
                if !s.try_read_lock() {
                    s.readers_waiting.push(g);
                    s.readers_waiting.sort_unstable();
                    s.status[g] = Status::Waits;
                    next.push(s);
                    return true;
                }
            }
            Step::TryReadLock { fails_to } => {
                if !s.try_read_lock() {
                    s.at[g] = fails_to;
                    next.push(s);
                    return true;
                }
            }
            Step::ReadUnlock => {
                s.readers -= 1;
                if s.readers == 0
                    && let Some(writer) = s.writer
                {
                    s.done(self.program, writer, 0);
                }
            }
            Step::WriteLock => {
                if s.writer.is_some() {
                    return false;
                }
                s.writer = Some(g);
                if s.readers > 0 {
                    s.status[g] = Status::Waits;
                    next.push(s);
                    return true;
                }
            }
            Step::TryWriteLock { fails_to } => {
                if s.writer.is_some() || s.readers > 0 {
                    s.at[g] = fails_to;
                    next.push(s);
                    return true;
                }
                s.writer = Some(g);
            }
            Step::WriteUnlock => {
                if s.writer.is_none() {
                    return self.dies(state, g, "fatal error: sync: Unlock of unlocked RWMutex");
                }
                s.writer = None;
                for reader in std::mem::take(&mut s.readers_waiting) {
                    s.readers += 1;
                    s.done(self.program, reader, 0);
                }
            }
            Step::Get => got = s.guarded,
            Step::Set(n) => s.guarded = n,
            Step::GetShared => got = s.shared,
            Step::SetShared(n) => s.shared = n,
            Step::Ticket => s.tickets.push_back(g),
            Step::Await => {
                if s.tickets.contains(&g) {
                    return false;
                }
            }
            Step::SkipIfSet { to } => {
                if s.guarded != 0 {
                    s.at[g] = to;
                    next.push(s);
                    return true;
                }
            }
            Step::SkipUnless { register, to } => {
                if s.registers[g][register] != 1 {
                    s.at[g] = to;
                    next.push(s);
                    return true;
                }
            }
            Step::Goto { to } => {
                s.at[g] = to;
                next.push(s);
                return true;
            }
            Step::Signal => drop(s.tickets.pop_front()),
            Step::Broadcast => s.tickets.clear(),
            Step::OnceBegin { once, done_to } => match s.once[once] {
                Once::New => s.once[once] = Once::Runs,
                Once::Runs => return false,
                Once::Done => {
                    s.at[g] = done_to;
                    next.push(s);
                    return true;
                }
            },
            Step::OnceEnd(once) => s.once[once] = Once::Done,
            Step::Keep => {
                s.atomics[1] += 1;
                s.kept = s.atomics[1];
            }
            Step::Kept => got = s.kept,
            Step::Count(n) => {
                s.count += n;
                if s.count < 0 {
                    s.status[g] = Status::CountFails;
                    next.push(s);
                    return true;
                }
            }
            Step::Wait => {
                // Below zero nobody comes out of it either.
                if s.count != 0 {
                    return false;
                }
            }
            Step::StoreValue(n) => s.value = n,
            Step::LoadValue => got = s.value,
            Step::CancelBegin { context, done_to } => {
                let context = &mut s.contexts[context];
                if context.held {
                    return false;
                }
                if context.failed {
                    s.at[g] = done_to;
                    next.push(s);
                    return true;
                }
                (context.held, context.failed) = (true, true);
            }
            Step::CancelClose(c) => s.contexts[c].closed = true,
            Step::CancelEnd(c) => s.contexts[c].held = false,
            Step::Leave(c) => {
                if s.contexts[c].held {
                    return false;
                }
            }
            Step::Err(c) => {
                if s.contexts[c].failed && !s.contexts[c].closed {
                    return false;
                }
                got = i64::from(s.contexts[c].failed);
            }
            Step::Cancelled(c) => {
                if !s.contexts[c].closed {
                    return false;
                }
            }
            Step::IsCancelled(c) => got = i64::from(s.contexts[c].closed),
            Step::Panic => return self.dies(state, g, "panic: over"),
            Step::Exit(status) => {
                self.outcomes.insert(format!("status {status}: "));
                return true;
            }
            Step::Is(n) => got = n,
        }
        s.done(self.program, g, got);
        next.push(s);
        true
    }

    fn select(&mut self, state: &State, g: usize, next: &mut Vec<State>) -> bool {
        let Step::Select { cases, default, single, timer } = &self.program.goroutines[g][state.at[g]].step else {
            return false;
        };
        let mut ready = false;
        if *timer {
            let mut s = state.clone();
            s.done(self.program, g, TIMER);
            next.push(s);
        }
        for (at, case) in cases.iter().enumerate() {
            let channel = &state.channels[case.channel];
            let mut s = state.clone();
            match case.sends {
                Some(_) if channel.closed => {
                    ready = true;
                    self.dies(state, g, "panic: send on closed channel");
                    continue;
                }
                Some(value) => {
                    if let Some(&waiter) = channel.receivers.front() {
                        self.serve(&mut s, waiter, value);
                    } else if channel.buffer.len() < self.program.capacities[case.channel] {
                        s.channels[case.channel].buffer.push_back(value);
                    } else {
                        continue;
                    }
                    s.done(self.program, g, result(*single, at, 0));
                }
                None => {
                    let got = if let Some(&waiter) = channel.senders.front() {
                        let buffer = &mut s.channels[case.channel].buffer;
                        buffer.push_back(waiter.2);
                        let got = buffer.pop_front().unwrap_or(0);
                        self.serve(&mut s, waiter, 0);
                        got
                    } else if let Some(got) = s.channels[case.channel].buffer.pop_front() {
                        got
                    } else if channel.closed {
                        -1
                    } else {
                        continue;
                    };
                    s.done(self.program, g, result(*single, at, got));
                }
            }
            ready = true;
            next.push(s);
        }
        if ready {
            return true;
        }
        let mut s = state.clone();
        if *default {
            s.done(self.program, g, -5);
        } else {
            for (at, case) in cases.iter().enumerate() {
                let channel = &mut s.channels[case.channel];
                match case.sends {
                    Some(value) => channel.senders.push_back((g, at, value)),
                    None => channel.receivers.push_back((g, at, 0)),
                }
            }
            s.status[g] = Status::Queued;
        }
        next.push(s);
        true
    }
}
