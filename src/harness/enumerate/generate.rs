//! Random programs of two or three goroutines with a few statements each.
//!
//! Plain variables are accessed only under their lock, so no program races; where a lock may be given back by one who does not hold it,
//! there are none. `WaitGroup.Add` comes from goroutines that hold a count (of a counter of zero, beside a `Wait`, it is a misuse that
//! other strategies look for).
//!
//! What a pool gives is nobody's to rely on, by its contract, and race checks drop some of what is put by the seed's numbers. So an outcome
//! does not depend on which of them it was, but on its being one's own until it is put back.

use super::program::{Case, Program, SPOILED, Step, VALUE, Writer};
use fastrand::Rng;

/// A random program named so, whose first line is this; gives the next line, too.
pub fn program(random: &mut Rng, name: &str, first: usize) -> (Program, usize) {
    let goroutines = 2 + usize::from(random.u8(..4) == 0);
    let capacities = [random.usize(..2), random.usize(..3)];
    // What the program is about: few kinds together meet more often.
    let kinds: Vec<u8> = (0..1 + random.usize(..3)).map(|_| random.u8(..KINDS)).collect();
    let strays = random.u8(..12) == 0;
    // What each goroutine holds of the wait group's count, where they only give back what they hold.
    let holds = |random: &mut Rng| (0..goroutines).map(|_| random.i64(0..2)).collect::<Vec<_>>();
    let held = kinds.contains(&COUNTS).then(|| holds(random));
    let count = held.as_ref().map_or_else(|| random.i64(1..3), |held| held.iter().sum());
    let mut writer = Writer::new(name, first, capacities, count, kinds.contains(&CONTEXTS));
    for g in 0..goroutines {
        writer.begin();
        let mut held = held.as_ref().map(|held| held[g]);
        let most = if goroutines == 2 { 4 } else { 3 };
        let mut pins = 0;
        for _ in 0..random.usize(1..=2).max(most - random.usize(..most)) {
            let kind = kinds[random.usize(..kinds.len())];
            if kind == PINS {
                pins += 1;
                if pins > 1 {
                    continue;
                }
            }
            statement(random, &mut writer, kind, strays, &mut held);
        }
        if random.u8(..6) > 0 {
            for _ in 0..held.unwrap_or(0) {
                writer.does(Step::Count(-1), "w.Done()");
            }
        }
        writer.end();
    }
    writer.finish()
}

const KINDS: u8 = 14;
const PINS: u8 = 8;
const COUNTS: u8 = 9;
const CONTEXTS: u8 = 10;

fn statement(random: &mut Rng, w: &mut Writer, kind: u8, strays: bool, held: &mut Option<i64>) {
    match kind {
        0 | 1 => atomic(random, w),
        2 | 3 => channel(random, w),
        4 => mutex(random, w, strays),
        5 => shared(random, w, strays),
        6 => condition(random, w),
        7 => match (random.u8(..4), &held) {
            (0, _) => once(random, w),
            (1, None) => takes(random, w),
            (2, None) => drop(w.does(Step::Wait, "w.Wait()")),
            _ => atomic(random, w),
        },
        PINS => pin(random, w),
        COUNTS => counts(random, w, held),
        CONTEXTS => context(random, w),
        11 => once(random, w),
        12 => match random.u8(..3) {
            0 => timed(random, w),
            _ => channel(random, w),
        },
        _ => match random.u8(..3) {
            0 => panics(random, w),
            1 => atomic(random, w),
            _ => channel(random, w),
        },
    }
}

fn atomic(random: &mut Rng, w: &mut Writer) {
    let (o, n) = (random.usize(..2), random.i64(1..4));
    match random.u8(..6) {
        0 | 1 => w.reads(Step::Load(o), &format!("$ = int(a[{o}].Load())")),
        2 => w.does(Step::Store(o, n), &format!("a[{o}].Store({n})")),
        3 => w.reads(Step::Add(o, n), &format!("$ = int(a[{o}].Add({n}))")),
        4 => w.reads(Step::Swap(o, n), &format!("$ = int(a[{o}].Swap({n}))")),
        _ => {
            let old = random.i64(0..3);
            w.reads(Step::CompareAndSwap(o, old, n), &format!("$ = bit(a[{o}].CompareAndSwap({old}, {n}))"))
        }
    };
}

fn case(random: &mut Rng) -> Case {
    Case { channel: random.usize(..2), sends: (random.u8(..2) == 0).then(|| random.i64(1..4)) }
}

fn channel(random: &mut Rng, w: &mut Writer) {
    let (c, n) = (random.usize(..2), random.i64(1..4));
    let one =
        |sends| Step::Select { cases: vec![Case { channel: c, sends }], default: false, single: true, timer: false };
    match random.u8(..10) {
        0..=2 => drop(w.does(one(Some(n)), &format!("c[{c}] <- {n}"))),
        3..=5 => drop(w.reads(one(None), &format!("$ = recv(c[{c}])"))),
        6 => drop(w.does(Step::Close(c), &format!("close(c[{c}])"))),
        7 => {
            let first = case(random);
            w.selects(vec![first], true, false);
        }
        _ => {
            let (first, second) = (case(random), case(random));
            let default = random.u8(..2) == 0;
            w.selects(vec![first, second], default, false);
        }
    }
}

/// What is done under the mutex.
fn guarded(random: &mut Rng, w: &mut Writer, plain: bool) {
    match random.u8(..3) {
        _ if !plain => atomic(random, w),
        0 => drop(w.reads(Step::Get, "$ = x")),
        1 => {
            let n = random.i64(1..4);
            w.does(Step::Set(n), &format!("x = {n}"));
        }
        _ => atomic(random, w),
    }
}

fn mutex(random: &mut Rng, w: &mut Writer, strays: bool) {
    match random.u8(..8) {
        0 if strays => drop(w.does(Step::Unlock, "m.Unlock()")),
        1 | 2 => {
            let at = w.does(Step::TryLock { fails_to: 0 }, "if m.TryLock() {");
            guarded(random, w, !strays);
            w.does(Step::Unlock, "m.Unlock()");
            w.idles("}");
            w.lands(at);
        }
        _ => {
            w.does(Step::Lock, "m.Lock()");
            guarded(random, w, !strays);
            if random.u8(..3) == 0 {
                guarded(random, w, !strays);
            }
            w.does(Step::Unlock, "m.Unlock()");
        }
    }
}

/// Beside a stray `Unlock` there are no readers: what it does to a writer that waits for them nobody says.
fn shared(random: &mut Rng, w: &mut Writer, strays: bool) {
    let reads = |random: &mut Rng, w: &mut Writer| match random.u8(..2) {
        0 if !strays => drop(w.reads(Step::GetShared, "$ = y")),
        _ => atomic(random, w),
    };
    let writes = |random: &mut Rng, w: &mut Writer| match random.u8(..2) {
        0 if !strays => drop(w.does(Step::SetShared(2), "y = 2")),
        _ => atomic(random, w),
    };
    match random.u8(..8) {
        0 if strays => drop(w.does(Step::WriteUnlock, "rw.Unlock()")),
        1 if !strays => {
            let at = w.does(Step::TryReadLock { fails_to: 0 }, "if rw.TryRLock() {");
            reads(random, w);
            w.does(Step::ReadUnlock, "rw.RUnlock()");
            w.idles("}");
            w.lands(at);
        }
        2 => {
            let at = w.does(Step::TryWriteLock { fails_to: 0 }, "if rw.TryLock() {");
            writes(random, w);
            w.does(Step::WriteUnlock, "rw.Unlock()");
            w.idles("}");
            w.lands(at);
        }
        3..=5 if !strays => {
            w.does(Step::ReadLock, "rw.RLock()");
            reads(random, w);
            w.does(Step::ReadUnlock, "rw.RUnlock()");
        }
        _ => {
            w.does(Step::WriteLock, "rw.Lock()");
            writes(random, w);
            w.does(Step::WriteUnlock, "rw.Unlock()");
        }
    }
}

fn waits(w: &mut Writer) {
    w.does(Step::Ticket, "cond.Wait()");
    w.also(Step::Unlock);
    w.also(Step::Await);
    w.also(Step::Lock);
}

fn condition(random: &mut Rng, w: &mut Writer) {
    match random.u8(..8) {
        0 => {
            w.does(Step::Lock, "m.Lock()");
            waits(w);
            w.does(Step::Unlock, "m.Unlock()");
        }
        1 | 2 => {
            w.does(Step::Lock, "m.Lock()");
            let top = w.does(Step::SkipIfSet { to: 0 }, "for x == 0 {");
            waits(w);
            w.does(Step::Goto { to: top }, "}");
            w.lands(top);
            w.does(Step::Unlock, "m.Unlock()");
        }
        3 => drop(w.does(Step::Signal, "cond.Signal()")),
        4 => drop(w.does(Step::Broadcast, "cond.Broadcast()")),
        5 => mutex(random, w, false),
        _ => {
            w.does(Step::Lock, "m.Lock()");
            w.does(Step::Set(1), "x = 1");
            let (step, line) =
                if random.bool() { (Step::Signal, "cond.Signal()") } else { (Step::Broadcast, "cond.Broadcast()") };
            w.does(step, line);
            w.does(Step::Unlock, "m.Unlock()");
        }
    }
}

fn once(random: &mut Rng, w: &mut Writer) {
    match random.u8(..5) {
        0 => {
            let at = w.reads(Step::OnceBegin { once: VALUE, done_to: 0 }, "$ = value()");
            w.also(Step::Keep);
            w.also(Step::OnceEnd(VALUE));
            w.lands(at);
            w.also_reads(Step::Kept);
        }
        // It panics again for everybody.
        1 => {
            let at = w.reads(Step::OnceBegin { once: SPOILED, done_to: 0 }, "$ = fails(spoiled)");
            w.also(Step::Store(0, 2));
            w.also(Step::OnceEnd(SPOILED));
            w.lands(at);
            w.also_reads(Step::Is(1));
        }
        // Here only for the first.
        2 => {
            let at = w.does(Step::OnceBegin { once: 0, done_to: 0 }, "fails(func() { once.Do(func() {");
            atomic(random, w);
            w.does(Step::OnceEnd(0), "panic(1) }) })");
            w.lands(at);
        }
        _ => {
            let at = w.does(Step::OnceBegin { once: 0, done_to: 0 }, "once.Do(func() {");
            atomic(random, w);
            w.does(Step::OnceEnd(0), "})");
            w.lands(at);
        }
    }
}

fn pin(random: &mut Rng, w: &mut Writer) {
    match random.u8(..7) {
        0 => w.idles("pool.Get()"),
        1 => w.idles("pool.Put(new(int))"),
        2 if random.bool() => w.idles("fmt.Println(\"here\")"),
        3 => drop(w.reads(Step::LoadValue, "$ = held(v.Load())")),
        4 => {
            let n = random.i64(1..4);
            w.reads(Step::Is(n), &format!("$ = lent(&buffers, {n}, func() {{"));
            atomic(random, w);
            w.idles("})");
        }
        _ => {
            let n = random.i64(1..4);
            w.does(Step::StoreValue(n), &format!("v.Store({n})"));
        }
    }
}

/// Takes from the wait group's count, maybe more than there is.
fn takes(random: &mut Rng, w: &mut Writer) {
    match random.u8(..4) {
        0 => drop(w.does(Step::Count(-1), "w.Add(-1)")),
        1 => drop(w.does(Step::Count(-2), "w.Add(-2)")),
        _ => drop(w.does(Step::Count(-1), "w.Done()")),
    }
}

/// Who holds a count may add to it, or give it back.
fn counts(random: &mut Rng, w: &mut Writer, held: &mut Option<i64>) {
    let held = held.get_or_insert(0);
    match random.u8(..4) {
        0 | 1 if *held > 0 => {
            let n = random.i64(1..3);
            *held += n;
            w.does(Step::Count(n), &format!("w.Add({n})"));
        }
        2 if *held > 0 => {
            *held -= 1;
            w.does(Step::Count(-1), "w.Done()");
        }
        3 => atomic(random, w),
        _ if *held > 0 => atomic(random, w),
        _ => drop(w.does(Step::Wait, "w.Wait()")),
    }
}

/// The second context is the first one's child: it is cancelled while the mutex of that one is held.
fn context(random: &mut Rng, w: &mut Writer) {
    let c = random.usize(..2);
    let begin = |context| Step::CancelBegin { context, done_to: 0 };
    match random.u8(..6) {
        0 | 1 => {
            let at = w.does(begin(c), &format!("cancel[{c}]()"));
            w.also(Step::CancelClose(c));
            if c == 0 {
                let child = w.here();
                w.also(begin(1));
                w.also(Step::CancelClose(1));
                w.also(Step::CancelEnd(1));
                w.lands(child);
            }
            w.also(Step::CancelEnd(c));
            if c == 1 {
                w.also(Step::Leave(0));
            }
            w.lands(at);
        }
        2 => drop(w.reads(Step::Err(c), &format!("$ = bit(ctx[{c}].Err() != nil)"))),
        3 => drop(w.does(Step::Cancelled(c), &format!("<-ctx[{c}].Done()"))),
        4 => drop(w.reads(Step::IsCancelled(c), &format!("$ = closed(ctx[{c}].Done())"))),
        _ => atomic(random, w),
    }
}

/// An end of the program, for who has exchanged a word: others may see the word in front of that.
fn panics(random: &mut Rng, w: &mut Writer) {
    let o = random.usize(..2);
    let old = random.i64(0..2);
    w.reads(Step::CompareAndSwap(o, old, 3), &format!("$ = bit(a[{o}].CompareAndSwap({old}, 3))"));
    let register = w.program.registers.last().map_or(0, |n| n - 1);
    let g = w.program.registers.len() - 1;
    let at = w.does(Step::SkipUnless { register, to: 0 }, &format!("if r[{g}][{register}] == 1 {{"));
    match random.u8(..3) {
        0 => w.does(Step::Exit(3), "os.Exit(3)"),
        _ => w.does(Step::Panic, "panic(\"over\")"),
    };
    w.idles("}");
    w.lands(at);
}

/// A select that a timer may end.
fn timed(random: &mut Rng, w: &mut Writer) {
    let first = case(random);
    w.selects(vec![first], false, true);
}
