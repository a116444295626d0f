//! A program: up to three goroutines, each a list of steps, and the Go source that does the same.
//!
//! Every statement is written twice side by side: as lines of Go, and as steps of the machine. What a step reads goes into a
//! register of its goroutine; main prints all registers when everybody is done. Steps know the line that they stand on, as panics
//! are told by their line.

use std::fmt::Write;

/// One case of a select: a channel, and the value to send where it sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub channel: usize,
    pub sends: Option<i64>,
}

/// What a goroutine does in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Load(usize),
    Store(usize, i64),
    Add(usize, i64),
    Swap(usize, i64),
    CompareAndSwap(usize, i64, i64),
    /// A channel operation is a select with one case.
    Select {
        cases: Vec<Case>,
        default: bool,
        single: bool,
        /// One more case is a timer's.
        timer: bool,
    },
    Close(usize),
    Lock,
    Unlock,
    /// Goes on at the step with this number where it fails.
    TryLock {
        fails_to: usize,
    },
    ReadLock,
    ReadUnlock,
    TryReadLock {
        fails_to: usize,
    },
    WriteLock,
    WriteUnlock,
    TryWriteLock {
        fails_to: usize,
    },
    /// The variable that the mutex guards.
    Get,
    Set(i64),
    /// The variable that the reader-writer lock guards.
    GetShared,
    SetShared(i64),
    /// `Cond.Wait`: draws a ticket, unlocks, waits, locks.
    Ticket,
    Await,
    /// Goes on at the step where the guarded variable is not 0.
    SkipIfSet {
        to: usize,
    },
    /// Goes on at the step unless the goroutine's register is 1.
    SkipUnless {
        register: usize,
        to: usize,
    },
    Goto {
        to: usize,
    },
    Signal,
    Broadcast,
    /// Skips the function of one of the `Once` where somebody has run it.
    OnceBegin {
        once: usize,
        done_to: usize,
    },
    OnceEnd(usize),
    /// What the function of the `OnceValue` does, and what it gave.
    Keep,
    Kept,
    /// `WaitGroup.Add` of so many; `Done` adds -1.
    Count(i64),
    Wait,
    /// `cancel` of a context, in its parts: takes its mutex, and goes on elsewhere where it was cancelled before; closes its channel; gives
    /// the mutex back.
    CancelBegin {
        context: usize,
        done_to: usize,
    },
    CancelClose(usize),
    CancelEnd(usize),
    /// Leaves the parent's children, under its mutex.
    Leave(usize),
    /// `Context.Err`, which waits for the channel to be closed when there is one.
    Err(usize),
    Cancelled(usize),
    IsCancelled(usize),
    Panic,
    /// `os.Exit` with a status.
    Exit(i32),
    /// Nothing; its result is this.
    Is(i64),
    StoreValue(i64),
    LoadValue,
}

/// A step, the register that takes what it reads, and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub step: Step,
    pub register: Option<usize>,
    pub line: usize,
}

/// See the module's text.
#[derive(Debug, Clone, Default)]
pub struct Program {
    pub goroutines: Vec<Vec<Placed>>,
    pub registers: Vec<usize>,
    pub capacities: [usize; 2],
    /// What the wait group counts at first.
    pub count: i64,
    /// It has timers, which come at their times: not in every order.
    pub timed: bool,
    /// The variables behind locks are plain; without, a lock may be given by one who does not hold it.
    pub source: String,
}

/// Writes a program; lines are counted from `first`.
pub struct Writer {
    pub program: Program,
    line: usize,
}

/// The number of the `OnceValue` and of the `OnceFunc` that panics, behind the plain `Once`.
pub const VALUE: usize = 1;
pub const SPOILED: usize = 2;

impl Writer {
    /// `contexts`: the program has them.
    pub fn new(name: &str, first: usize, capacities: [usize; 2], count: i64, contexts: bool) -> Writer {
        let mut writer = Writer { program: Program { capacities, count, ..Program::default() }, line: first };
        writer.text(&format!("func {name}() {{"));
        for line in [
            "var a [2]atomic.Int64",
            "var m sync.Mutex",
            "var rw sync.RWMutex",
            "var x, y int",
            "cond := sync.NewCond(&m)",
            "var once sync.Once",
            "var w sync.WaitGroup",
            "var v atomic.Value",
            "var pool sync.Pool",
            "buffers := sync.Pool{New: func() any { return new(int) }}",
            "value := sync.OnceValue(func() int { return int(a[1].Add(1)) })",
            "spoiled := sync.OnceFunc(func() { a[0].Store(2); panic(1) })",
            "var r [3][24]int",
            "var all sync.WaitGroup",
        ] {
            writer.text(line);
        }
        writer
            .text(&format!("c := [2]chan int{{make(chan int, {}), make(chan int, {})}}", capacities[0], capacities[1]));
        writer.text(&format!("w.Add({count})"));
        writer.text("_, _, _, _, _, _, _, _, _, _, _, _ = &a, &m, &rw, &x, &y, cond, &once, &w, &v, &pool, &r, &c");
        writer.text("_, _, _ = &buffers, value, spoiled");
        if contexts {
            // The second is the first one's child.
            writer.text("var ctx [2]context.Context");
            writer.text("var cancel [2]context.CancelFunc");
            writer.text("ctx[0], cancel[0] = context.WithCancel(context.Background())");
            writer.text("ctx[1], cancel[1] = context.WithCancel(ctx[0])");
        }
        writer
    }

    fn text(&mut self, line: &str) {
        let _ = writeln!(self.program.source, "{line}");
        self.line += 1;
    }

    pub fn begin(&mut self) {
        self.program.goroutines.push(Vec::new());
        self.program.registers.push(0);
        self.text("all.Add(1)");
        self.text("go func() {");
    }

    pub fn end(&mut self) {
        self.text("all.Done()");
        self.text("}()");
    }

    /// Main's end; gives the program and the number of the next line.
    pub fn finish(mut self) -> (Program, usize) {
        self.text("all.Wait()");
        let mut values = String::new();
        for (g, &registers) in self.program.registers.iter().enumerate() {
            (0..registers).for_each(|k| {
                let _ = write!(values, ", r[{g}][{k}]");
            });
        }
        self.text(&format!("println(\"outcome\", a[0].Load(), a[1].Load(){values})"));
        self.text("}");
        (self.program, self.line)
    }

    fn steps(&mut self) -> &mut Vec<Placed> {
        let last = self.program.goroutines.len() - 1;
        &mut self.program.goroutines[last]
    }

    /// The number of the next step.
    pub fn here(&mut self) -> usize {
        self.steps().len()
    }

    /// A step without a result, as a line of its own.
    pub fn does(&mut self, step: Step, line: &str) -> usize {
        let placed = Placed { step, register: None, line: self.line };
        self.text(line);
        self.steps().push(placed);
        self.here() - 1
    }

    /// A line that the machine knows nothing of.
    pub fn idles(&mut self, line: &str) {
        self.text(line);
    }

    /// A further step of the line before.
    pub fn also(&mut self, step: Step) {
        let line = self.line - 1;
        self.steps().push(Placed { step, register: None, line });
    }

    /// A further step of the line before, whose result goes into its register.
    pub fn also_reads(&mut self, step: Step) {
        let line = self.line - 1;
        let register = self.program.registers.last().and_then(|n| n.checked_sub(1));
        self.steps().push(Placed { step, register, line });
    }

    /// A new register: its number and its name.
    pub fn register(&mut self) -> (usize, String) {
        let g = self.program.goroutines.len() - 1;
        let k = self.program.registers[g];
        self.program.registers[g] += 1;
        (k, format!("r[{g}][{k}]"))
    }

    /// A step whose result goes into a register; `line` has `$` for it.
    pub fn reads(&mut self, step: Step, line: &str) -> usize {
        let (register, name) = self.register();
        let placed = Placed { step, register: Some(register), line: self.line };
        self.text(&line.replace('$', &name));
        self.steps().push(placed);
        self.here() - 1
    }

    /// A select of several lines.
    pub fn selects(&mut self, cases: Vec<Case>, default: bool, timer: bool) {
        let (register, name) = self.register();
        let placed = Placed {
            step: Step::Select { cases: cases.clone(), default, single: false, timer },
            register: Some(register),
            line: self.line,
        };
        self.text("select {");
        for (at, case) in cases.iter().enumerate() {
            let base = 100 * (at + 1);
            match case.sends {
                Some(value) => self.text(&format!("case c[{}] <- {value}: {name} = {base}", case.channel)),
                None => self.text(&format!("case v, ok := <-c[{}]: {name} = {base} + got(v, ok)", case.channel)),
            }
        }
        if timer {
            self.program.timed = true;
            self.text(&format!("case <-time.After(time.Millisecond): {name} = -7"));
        }
        if default {
            self.text(&format!("default: {name} = -5"));
        }
        self.text("}");
        self.steps().push(placed);
    }

    /// Sets where a step goes on, now that it is known.
    pub fn lands(&mut self, at: usize) {
        let here = self.here();
        match &mut self.steps()[at].step {
            Step::TryLock { fails_to: to }
            | Step::TryReadLock { fails_to: to }
            | Step::TryWriteLock { fails_to: to }
            | Step::SkipIfSet { to }
            | Step::SkipUnless { to, .. }
            | Step::OnceBegin { done_to: to, .. }
            | Step::CancelBegin { done_to: to, .. } => *to = here,
            _ => {}
        }
    }
}
