//! Random programs of two or three goroutines with a few statements each.
//!
//! Plain variables are accessed only under their lock, so no program races; where a lock may be given back by one who does not hold it,
//! there are none. `WaitGroup.Add` is called by main alone (beside a `Wait` it is a misuse that other strategies look for), and what a
//! pool gives is not looked at (race checks drop some at random).

use super::program::{Case, Program, Step, Writer};
use fastrand::Rng;

/// A random program named so, whose first line is this; gives the next line, too.
pub fn program(random: &mut Rng, name: &str, first: usize) -> (Program, usize) {
    let goroutines = 2 + usize::from(random.u8(..4) == 0);
    let capacities = [random.usize(..2), random.usize(..3)];
    // What the program is about: few kinds together meet more often.
    let kinds: Vec<u8> = (0..1 + random.usize(..3)).map(|_| random.u8(..KINDS)).collect();
    let strays = random.u8(..12) == 0;
    let count = random.i64(1..3);
    let mut writer = Writer::new(name, first, capacities, count);
    for _ in 0..goroutines {
        writer.begin();
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
            statement(random, &mut writer, kind, strays);
        }
        writer.end();
    }
    writer.finish()
}

const KINDS: u8 = 9;
const PINS: u8 = 8;

fn statement(random: &mut Rng, w: &mut Writer, kind: u8, strays: bool) {
    match kind {
        0 | 1 => atomic(random, w),
        2 | 3 => channel(random, w),
        4 => mutex(random, w, strays),
        5 => shared(random, w, strays),
        6 => condition(random, w),
        7 => match random.u8(..4) {
            0 => once(random, w),
            1 => drop(w.does(Step::Done, "w.Done()")),
            2 => drop(w.does(Step::Wait, "w.Wait()")),
            _ => atomic(random, w),
        },
        _ => pin(random, w),
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

fn channel(random: &mut Rng, w: &mut Writer) {
    let (c, n) = (random.usize(..2), random.i64(1..4));
    let case =
        |random: &mut Rng| Case { channel: random.usize(..2), sends: (random.u8(..2) == 0).then(|| random.i64(1..4)) };
    let one = |sends| Step::Select { cases: vec![Case { channel: c, sends }], default: false, single: true };
    match random.u8(..10) {
        0..=2 => drop(w.does(one(Some(n)), &format!("c[{c}] <- {n}"))),
        3..=5 => drop(w.reads(one(None), &format!("$ = recv(c[{c}])"))),
        6 => drop(w.does(Step::Close(c), &format!("close(c[{c}])"))),
        7 => {
            let first = case(random);
            w.selects(vec![first], true);
        }
        _ => {
            let (first, second) = (case(random), case(random));
            let default = random.u8(..2) == 0;
            w.selects(vec![first, second], default);
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
        1 => {
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
        3..=5 => {
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
    let at = w.does(Step::OnceBegin { done_to: 0 }, "once.Do(func() {");
    atomic(random, w);
    w.does(Step::OnceEnd, "})");
    w.lands(at);
}

fn pin(random: &mut Rng, w: &mut Writer) {
    match random.u8(..6) {
        0 => w.idles("pool.Get()"),
        1 => w.idles("pool.Put(new(int))"),
        2 if random.bool() => w.idles("fmt.Println(\"here\")"),
        3 => drop(w.reads(Step::LoadValue, "$ = held(v.Load())")),
        _ => {
            let n = random.i64(1..4);
            w.does(Step::StoreValue(n), &format!("v.Store({n})"));
        }
    }
}
