//! The detector that listens to a run: it keeps clocks and shadow memory, and turns what goes wrong into findings.
//!
//! A finding is written as soon as it is made, so nothing is lost when the program dies. Stacks are captured where an
//! access is first seen in its epoch, and interned: the place of a past access is the number of its stack.
//!
//! Here is what happens to accesses and to what orders them; `detector/places` captures stacks, `detector/findings` makes the reports.

mod failure;
mod findings;
mod places;

pub(crate) use findings::describe;

use self::failure::Failure;
use crate::edges::Edges;
use crate::facts::{Facts, Lock, Made};
use crate::orders::Orders;
use crate::partial::Partial;
use crate::shadow;
use crate::symbols::symbolise;
use gorace_abi::shadow::{FIRST_COMPLEX, HELD, MASK_BITS, NOBODY};
use gorace_base::finding::{Close, Finding, Frame};
use gorace_detect::leaf::Check;
use gorace_detect::race::{ATOMIC, Conflict, Present};
use gorace_detect::{Clocks, Leaf, Named, PutOff, Words};
use gorace_runtime::Sink;
use gorace_runtime::contexts::Contexts;
use gorace_runtime::events::{Access, Blocked, COLLECTED, Does, Effect, Event, Heard, Means, Number, Operation, Site};
use gorace_runtime::goroutine::Wait;
use gorace_runtime::world::{World, world};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::collections::HashSet;
use std::path::PathBuf;
use std::rc::Rc;

/// Where findings go.
pub type Output = Box<dyn FnMut(&Finding)>;

/// The rule of a finding whose words are the last ones of the program, which only its standard error has.
pub const UNNAMED: &str = "panic";

/// The rule of findings that say how the program ended by itself. They count only where other schedules end otherwise.
pub const EXIT: &str = "exit-status";

/// The same of a test that has failed by an assertion.
pub const FLAKY: &str = "flaky-test";

/// Whether findings of a rule say how the program ended by itself.
pub fn tells_of_end(rule: &str) -> bool {
    matches!(rule, EXIT | FLAKY)
}

/// Numbers of stacks that are found without a map.
const RECENT_STACKS: usize = 1 << 13;

/// The rule of findings that say who waits in a schedule that nothing ends. They count only where other schedules end.
pub const HANG: &str = "hang";

/// The kind of semaphore that a wait group waits on.
const WAIT_GROUP: u32 = 4;

/// File and line.
type Line = (String, u32);

/// A judged access that races: what its cell is to be, and with what its read and its write race.
struct Found {
    cell: u64,
    places: u64,
    place: u32,
    conflicts: [Option<Conflict>; 2],
}

/// See the module's text.
pub struct Detector {
    clocks: Clocks,
    words: Words,
    leaf: Leaf,
    /// Checks may decide by themselves. Not with `GORACE_FIRST_STEP=off`, which is there to compare.
    first_step: bool,
    stacks: Vec<Box<[u64]>>,
    scratch: Vec<u64>,
    contexts: Contexts,
    /// The stack of the atomic operation that was asked of, and is told next.
    heard_at: Option<u32>,
    /// Atomic operations that the running goroutine repeats.
    put_off: PutOff<Operation>,
    /// What `decides` found, for `access` or `update` of the same access to tell: it has a stack to do so.
    found: Option<Found>,
    /// Goroutines of the runtime's own so far.
    services: usize,
    /// Numbers of stacks by the context and the address in front.
    known_stacks: FxHashMap<(u32, u64), u32>,
    /// Those asked for lately: context, address, number.
    recent_stacks: Vec<(u32, u64, u32)>,
    stack_numbers: FxHashMap<Box<[u64]>, u32>,
    created: FxHashMap<Number, u32>,
    reported: HashSet<(u64, u64)>,
    /// The same of statements and addresses: `x += y` reads and writes, and is one race.
    reported_statements: HashSet<(u64, Option<Line>, Option<Line>)>,
    races: u64,
    seed: u64,
    output: Output,
    /// The exit status when races were found and the program itself ended well.
    race_status: i32,
    /// Report goroutines left blocked.
    leaks: bool,
    failure: Failure,
    /// A panic or a fatal error ends the program.
    died: bool,
    finished: bool,
    /// Where the run began; relative names of files start there, whatever folder the program changes to.
    folder: PathBuf,
    /// Goroutines reported as stuck.
    stuck: HashSet<Number>,
    /// What else a report tells; without it the place of an access is the number of its stack.
    facts: Option<Facts>,
    /// Kept for the picture of a followed schedule.
    edges: Option<Rc<RefCell<Edges>>>,
    /// Told who starts whom.
    partial: Option<Rc<RefCell<Partial>>>,
    /// Kept where circles of locks are predicted.
    orders: Option<Orders>,
}

impl Detector {
    /// A detector for a run with a seed; `race_status` as in `GORACE=exitcode`.
    pub fn new(seed: u64, race_status: i32, leaks: bool, output: Output) -> Detector {
        Detector {
            clocks: Clocks::default(),
            words: Words::default(),
            leaf: Leaf::default(),
            first_step: std::env::var_os("GORACE_FIRST_STEP").is_none_or(|how| how != "off"),
            stacks: vec![Box::from([])],
            scratch: Vec::new(),
            contexts: Contexts::default(),
            heard_at: None,
            put_off: PutOff::default(),
            found: None,
            services: 0,
            known_stacks: FxHashMap::default(),
            recent_stacks: vec![(0, 0, 0); RECENT_STACKS],
            stack_numbers: FxHashMap::default(),
            created: FxHashMap::default(),
            reported: HashSet::new(),
            reported_statements: HashSet::new(),
            races: 0,
            seed,
            output,
            race_status,
            leaks,
            failure: Failure::default(),
            died: false,
            finished: false,
            folder: std::env::current_dir().unwrap_or_default(),
            stuck: HashSet::new(),
            facts: None,
            edges: None,
            partial: None,
            orders: None,
        }
    }

    /// Keeps what a report tells besides the places.
    pub fn with_facts(mut self) -> Detector {
        self.facts = Some(Facts::default());
        self
    }

    /// Notes which stretches happen before which.
    pub fn with_edges(mut self, edges: Rc<RefCell<Edges>>) -> Detector {
        self.edges = Some(edges);
        self
    }

    /// Tells who starts whom.
    pub fn with_partial(mut self, partial: Rc<RefCell<Partial>>) -> Detector {
        self.partial = Some(partial);
        self
    }

    /// Predicts circles of locks; behind `with_facts`, without those that something else than locks rules out.
    pub fn with_orders(mut self) -> Detector {
        self.orders = Some(if self.facts.is_some() { Orders::exact() } else { Orders::default() });
        self
    }

    /// An atomic access: only plain accesses race with it.
    fn atomic(&mut self, goroutine: Number, addr: u64, size: u64, write: bool, pc: u64) {
        let heard_at = self.heard_at.take();
        if !gorace_runtime::world::is_shadowed(addr) || self.forgets(goroutine, addr, size) {
            return;
        }
        let world = world();
        let running = world.running.map(|index| world.goroutines.peek(index));
        // Behind `race.Disable` the program's own order counts, which annotations tell: a wait group's last words are written behind
        // them, when its memory may be another's already. Go's detector does not see them either.
        if running.is_some_and(|g| g.race_disabled != 0 && g.header.id == goroutine) {
            return;
        }
        let frame = running.map_or(0, |g| g.header.saved_fp);
        let stack = match heard_at {
            Some(stack) => stack,
            None => self.capture(None, frame),
        };
        let place = self.place(stack, goroutine) | ATOMIC;
        self.look(&Access { goroutine, write, addr, size, site: Site { pc, frame, activation: 0 } }, place);
    }

    /// Whether an atomic load of these bytes is known as one of this epoch.
    #[inline]
    fn has_loaded(&self, goroutine: Number, addr: u64, size: u32) -> bool {
        if !gorace_runtime::world::is_shadowed(addr) {
            return false;
        }
        let (cell, places) = shadow::read(addr & !7);
        let mask = mask(addr, size.into());
        self.words.has_atomic_read(cell, places, self.clocks.epoch(goroutine), mask, goroutine)
    }

    /// Whether a lock's word was last accessed by an atomic write of this goroutine and epoch, and by nobody else since.
    fn stands(&self, goroutine: Number, lock: u64) -> bool {
        if !gorace_runtime::world::is_shadowed(lock) {
            return false;
        }
        let (cell, places) = shadow::read(lock & !7);
        let mask = if lock & 4 == 0 { 0x0f } else { 0xf0 };
        gorace_detect::race::is_last_atomic_write(cell, places, self.clocks.epoch(goroutine), mask)
    }

    /// Makes up for what was put off.
    #[inline]
    fn settle(&mut self) {
        if self.put_off.waits() {
            self.make_up();
        }
    }

    #[cold]
    #[inline(never)]
    fn make_up(&mut self) {
        for done in self.put_off.settle() {
            let Operation { goroutine, addr, size, effect } = done.operation;
            let pc = self.stacks[done.place as usize].first().copied().unwrap_or(0);
            if gorace_runtime::world::is_shadowed(addr) && !self.forgets(goroutine, addr, size.into()) {
                let site = Site { pc, frame: 0, activation: 0 };
                let access = Access { goroutine, write: effect.writes(), addr, size: size.into(), site };
                self.look(&access, done.place | ATOMIC);
            }
            match effect {
                Effect::Acquires => self.clocks.acquire(goroutine, addr),
                Effect::Stores => self.clocks.release(goroutine, addr),
                Effect::Updates => self.clocks.update(goroutine, addr),
            }
        }
    }

    /// Something comes that is not an atomic operation of the goroutine that repeats some.
    #[inline]
    fn interrupt(&mut self) {
        if !self.put_off.is_empty() {
            self.settle();
            self.put_off.end();
        }
    }

    /// Lets numbers that no cell names be used again, when many have been given out.
    #[inline]
    fn recycle(&mut self) {
        if self.is_crowded() {
            self.recycle_now();
        }
    }

    #[inline]
    fn is_crowded(&self) -> bool {
        self.clocks.is_crowded() || self.words.is_crowded()
    }

    #[cold]
    fn recycle_now(&mut self) {
        let mut named = Named::none(&self.clocks, &self.words);
        for (start, len) in world().shadowed() {
            named.cells(shadow::cells(start, len));
        }
        named.keep(&mut self.clocks, &mut self.words);
        self.leaf.clear();
    }

    /// Whether the goroutine that makes an access is alone, and nothing that it could race with is known of the words: they are
    /// empty then, and neither this access nor the next need be noted.
    #[inline]
    fn forgets(&mut self, goroutine: Number, addr: u64, size: u64) -> bool {
        self.clocks.is_alone() && self.forget(goroutine, addr, size)
    }

    fn forget(&mut self, goroutine: Number, addr: u64, size: u64) -> bool {
        let all = self.empty(goroutine, addr, size);
        if !all {
            self.clocks.meets_others(goroutine);
        }
        all
    }

    /// Empties the words whose past is all behind the goroutine; whether these were all.
    #[inline(never)]
    fn empty(&mut self, goroutine: Number, addr: u64, size: u64) -> bool {
        let mut all = true;
        for word in (addr & !7..addr + size).step_by(8) {
            let (cell, places) = shadow::read(word);
            if cell != 0 {
                if self.words.forget(&self.clocks, goroutine, cell, places) {
                    shadow::write(word, 0, 0);
                } else {
                    all = false;
                }
            }
        }
        all
    }

    /// An access was judged.
    fn tell(&mut self, access: &Access, found: &Found) {
        shadow::write(access.addr & !7, found.cell, found.places);
        for (write, conflict) in [(false, found.conflicts[0]), (access.write, found.conflicts[1])] {
            if let Some(conflict) = conflict {
                self.race(&Access { write, ..*access }, found.place, access.addr, conflict);
            }
        }
    }

    /// Takes an access into account.
    #[inline]
    fn look(&mut self, access: &Access, place: u32) {
        let word = access.addr & !7;
        if access.addr + access.size > word + 8 {
            return self.look_at_each(access, place);
        }
        let mask = mask(access.addr, access.size);
        let (cell, places) = shadow::read(word);
        let now = Present { write: access.write, mask, goroutine: access.goroutine, place };
        let (cell, places, conflict) = self.words.access(&self.clocks, cell, places, now);
        shadow::write(word, cell, places);
        if let Some(conflict) = conflict {
            self.race(access, place, access.addr, conflict);
        }
    }

    /// Whether an access is to more bytes of what stands in a word's record.
    #[inline]
    fn widens(&mut self, cell: u64, check: &Check) -> bool {
        let epoch = check.epoch_word >> MASK_BITS;
        if epoch <= NOBODY || check.epoch_word == HELD {
            return false;
        }
        let Detector { words, leaf, clocks, .. } = self;
        let places = shadow::read_places(check.word);
        if !check.write
            && let Some(cell) = words.reads_again(cell, places, epoch, check.mask, check.goroutine)
        {
            shadow::write(check.word, cell, 0);
            return true;
        }
        let Some(place) = leaf.place(check) else { return false };
        if check.write {
            let knows = |past| leaf.knows(past, check.goroutine);
            let Some((cell, places)) = words.widens_write((cell, places), epoch, check.mask, place, knows) else {
                return false;
            };
            shadow::write(check.word, cell, places);
            return true;
        }
        let knows = |past| leaf.knows(past, check.goroutine) || clocks.ordered(past, check.goroutine);
        let now = Present { write: false, mask: check.mask, goroutine: check.goroutine, place };
        let Some((cell, places)) = words.widens_read(clocks, cell, places, now, knows) else { return false };
        shadow::write(check.word, cell, places);
        true
    }

    /// What a check may know by itself from now on: the place of an access that has come this far, and the epochs of its word that its
    /// goroutine has behind it.
    #[inline]
    fn note_order(&mut self, access: &Access, context: Option<u32>, place: u32) {
        // Else a place is more than a stack.
        if self.facts.is_some() {
            return;
        }
        if let Some(context) = context {
            self.leaf.note_site(context, access.site.pc, place);
        }
        self.note_orders(shadow::read_cell(access.addr & !7), access.goroutine);
    }

    /// An access to one word or to several, of which nothing stands in the cells but what was before it.
    #[inline]
    fn passes_leaf(&mut self, access: &Access, does: Does, epoch_word: u32, context: u32) -> bool {
        let (goroutine, end) = (access.goroutine, access.addr + access.size);
        let mut word = access.addr & !7;
        while word < end {
            let from = access.addr.max(word);
            let check = Check {
                word,
                mask: mask(from, end.min(word + 8) - from),
                write: access.write,
                goroutine,
                epoch_word,
                context,
                pc: access.site.pc,
            };
            let cell = shadow::read_cell(word);
            let places = || shadow::read_places(word);
            let Detector { leaf, clocks, .. } = self;
            let knows = |epoch| leaf.knows(epoch, goroutine) || clocks.ordered(epoch, goroutine);
            let done = match does {
                Does::Read | Does::Write => leaf.access(cell, places, &check, knows),
                Does::Update => leaf
                    .access(cell, places, &Check { write: false, ..check }, knows)
                    .and_then(|(cell, places)| leaf.access(cell, || places, &check, knows)),
            };
            if let Some((new_cell, places)) = done {
                self.note_orders(cell, goroutine);
                shadow::write(word, new_cell, places);
            } else if does == Does::Update || !self.widens(cell, &check) {
                // The words before this one would leave the same when they are looked at again.
                return false;
            }
            word += 8;
        }
        true
    }

    /// The second half of that.
    #[inline]
    fn note_orders(&mut self, cell: u64, goroutine: Number) {
        let (written, read) = (cell as u32 >> MASK_BITS, (cell >> 32) as u32 >> MASK_BITS);
        for epoch in [written, if read == written { 0 } else { read }] {
            if epoch > NOBODY
                && epoch < FIRST_COMPLEX
                && self.leaf.wants_order(epoch, goroutine)
                && self.clocks.ordered(epoch, goroutine)
            {
                self.leaf.note_order(epoch, goroutine);
            }
        }
    }

    /// An access to several words.
    #[inline(never)]
    fn look_at_each(&mut self, access: &Access, place: u32) {
        let end = access.addr + access.size;
        let mut word = access.addr & !7;
        let mut first = None;
        while word < end {
            let from = access.addr.max(word) - word;
            let to = end.min(word + 8) - word;
            let mask = (((1u32 << (to - from)) - 1) << from) as u8;
            let (cell, places) = shadow::read(word);
            let now = Present { write: access.write, mask, goroutine: access.goroutine, place };
            let (cell, places, conflict) = self.words.access(&self.clocks, cell, places, now);
            shadow::write(word, cell, places);
            if let Some(conflict) = conflict {
                first.get_or_insert((word + from, conflict));
            }
            word += 8;
        }
        if let Some((address, conflict)) = first {
            self.race(access, place, address, conflict);
        }
    }

    #[inline(never)]
    fn started(&mut self, parent: Number, child: Number) {
        self.clocks.start(parent, child);
        if let Some(partial) = &self.partial {
            partial.borrow_mut().started(parent, child);
        }
        if world().system_goroutines > self.services {
            self.services += 1;
            self.clocks.service();
        }
        if parent != 0 {
            let world = world();
            let frame = world.running.map(|index| world.goroutines.get(index).header.saved_fp).unwrap_or(0);
            let number = self.capture(None, frame);
            self.created.insert(child, number);
        }
    }
}

/// The bytes of its word that an access is to. It does not reach beyond the word.
#[inline]
fn mask(addr: u64, size: u64) -> u8 {
    (((1u32 << size) - 1) << (addr & 7)) as u8
}

/// Whether who ends such a wait has done all that it did before what the goroutine does next. `synchronises`: the goroutine's edges are
/// not left out for the time being; those of wait groups and read-write locks come by annotations behind the wait.
fn is_woken_in_order(wait: Wait, synchronises: bool) -> bool {
    match wait {
        Wait::ReadLock { .. } | Wait::WriteLock { .. } | Wait::Semaphore { kind: WAIT_GROUP, .. } => true,
        Wait::ChanSend { .. } | Wait::ChanRecv { .. } | Wait::Select | Wait::Mutex { .. } => synchronises,
        Wait::ChanNil { .. } | Wait::SelectEmpty => true,
        _ => false,
    }
}

impl Sink for Detector {
    fn event(&mut self, event: &Event) {
        match *event {
            Event::Atomic { goroutine, .. }
            | Event::Update { goroutine, .. }
            | Event::Acquire { goroutine, means: Means::Atomic, .. }
            | Event::Release { goroutine, means: Means::Atomic, .. }
                if self.put_off.is_of(goroutine) => {}
            _ => self.interrupt(),
        }
        self.recycle();
        if let Some(edges) = &self.edges {
            edges.borrow_mut().note(event);
        }
        if let Some(orders) = &mut self.orders {
            orders.hear(event, &self.stacks);
        }
        match *event {
            Event::Start { parent, child, .. } => self.started(parent, child),
            Event::Blocked { goroutine, wait, .. } => {
                let world: &World = world();
                let running = world.running.map(|index| world.goroutines.peek(index));
                if running.is_some_and(|g| g.system) {
                    return;
                }
                if let Some(partial) = &self.partial {
                    partial.borrow_mut().waits(wait);
                }
                if running.is_some_and(|g| is_woken_in_order(wait, g.race_disabled == 0)) {
                    self.clocks.park(goroutine);
                }
            }
            Event::Unblocked { goroutine } => {
                let world: &World = world();
                let running = world.running.map(|index| world.goroutines.peek(index));
                self.clocks.unpark(goroutine, running.filter(|g| !g.system).map(|g| g.header.id));
            }
            Event::End { goroutine } => self.clocks.end(goroutine),
            Event::Callback => self.clocks.callback(),
            Event::Collected => self.clocks.release_all(COLLECTED),
            Event::Acquire { goroutine, addr, .. } => self.clocks.acquire(goroutine, addr),
            Event::Release { goroutine, addr, .. } => self.clocks.release(goroutine, addr),
            Event::ReleaseMerge { goroutine, addr, .. } => self.clocks.release_merge(goroutine, addr),
            Event::ReleaseAcquire { goroutine, addr, .. } => self.clocks.release_acquire(goroutine, addr),
            Event::Update { goroutine, addr } => self.clocks.update(goroutine, addr),
            Event::Rendezvous { goroutine, other } => self.clocks.rendezvous(goroutine, other),
            Event::Atomic { goroutine, addr, size, write, pc } => {
                self.atomic(goroutine, addr, u64::from(size), write, pc);
                if self.orders.is_some() {
                    let stack = self.stack_of(goroutine);
                    self.orders.iter_mut().for_each(|orders| orders.atomic(stack));
                }
            }
            // Locks change the lock's word.
            Event::Locked { goroutine, addr, exclusive, tried, nested, pc } => {
                self.atomic(goroutine, addr, 4, true, pc);
                self.locked_at(goroutine, pc);
                if nested && !tried && self.orders.is_some() {
                    self.took_another(goroutine, addr, !exclusive);
                }
                if self.facts.is_some() {
                    let stack = self.stack_of(goroutine);
                    let lock = Lock { address: addr, shared: !exclusive, stack };
                    self.facts.iter_mut().for_each(|facts| facts.locked(goroutine, lock));
                }
            }
            Event::Unlocked { goroutine, addr, exclusive, pc } => {
                // What locking noted in this epoch says as much.
                if !self.stands(goroutine, addr) {
                    self.atomic(goroutine, addr, 4, true, pc);
                }
                self.facts.iter_mut().for_each(|facts| facts.unlocked(goroutine, addr, !exclusive));
            }
        }
    }

    fn hears(&mut self, operation: &Operation) -> Heard {
        // Those who keep more of each operation than its order are told of all.
        if self.facts.is_some() || self.edges.is_some() {
            return Heard::Nothing;
        }
        let Operation { goroutine, addr, size, effect } = *operation;
        // A load that this epoch has made already only acquires. What is put off was before it.
        if effect == Effect::Acquires && !self.put_off.waits() && self.has_loaded(goroutine, addr, size) {
            self.clocks.acquire(goroutine, addr);
            return Heard::All;
        }
        let frame = world().running.map_or(0, |index| world().goroutines.peek(index).header.saved_fp);
        let stack = self.capture(None, frame);
        if self.put_off.repeats(goroutine, operation, stack) {
            return Heard::Repeated;
        }
        self.settle();
        self.put_off.told(goroutine, *operation);
        self.heard_at = Some(stack);
        Heard::Nothing
    }

    fn access(&mut self, access: &Access) {
        if let Some(found) = self.found.take() {
            return self.tell(access, &found);
        }
        self.interrupt();
        self.recycle();
        if self.forgets(access.goroutine, access.addr, access.size) {
            return;
        }
        let (place, context) = self.place_at(access);
        self.note_order(access, context, place);
        self.look(access, place);
    }

    fn decides(&mut self, does: Does, access: &Access, epoch_word: u32) -> bool {
        // A goroutine that repeats atomic operations is told of whatever comes between.
        if !self.first_step || !self.put_off.is_empty() {
            return false;
        }
        let goroutine = access.goroutine;
        if self.clocks.is_alone() {
            return epoch_word == 0 && self.empty(goroutine, access.addr, access.size);
        }
        let context = self.context_at(access.site);
        if self.passes_leaf(access, does, epoch_word, context.unwrap_or(0)) {
            return true;
        }
        let word = access.addr & !7;
        let is_current = epoch_word != HELD && epoch_word >> MASK_BITS == self.clocks.epoch(goroutine);
        if !is_current || self.is_crowded() || access.addr + access.size > word + 8 {
            return false;
        }
        let place = self.place_in(access, context);
        self.note_order(access, context, place);
        let (cell, places) = shadow::read(word);
        let now = Present { write: access.write, mask: mask(access.addr, access.size), goroutine, place };
        let (cell, places, conflicts) = if does == Does::Update {
            self.words.update(&self.clocks, cell, places, now)
        } else {
            let (cell, places, conflict) = self.words.access(&self.clocks, cell, places, now);
            (cell, places, [None, conflict])
        };
        if conflicts != [None; 2] {
            self.found = Some(Found { cell, places, place, conflicts });
            return false;
        }
        shadow::write(word, cell, places);
        true
    }

    fn check_tables(&self) -> [u64; 2] {
        if self.first_step { self.leaf.tables() } else { [0; 2] }
    }

    fn update(&mut self, access: &Access) {
        if let Some(found) = self.found.take() {
            return self.tell(access, &found);
        }
        let read = Access { write: false, ..*access };
        let word = access.addr & !7;
        if access.addr + access.size > word + 8 {
            self.access(&read);
            return self.access(access);
        }
        let mask = mask(access.addr, access.size);
        self.interrupt();
        self.recycle();
        if self.forgets(access.goroutine, access.addr, access.size) {
            return;
        }
        let (place, context) = self.place_at(access);
        self.note_order(access, context, place);
        let (cell, places) = shadow::read(word);
        let now = Present { write: true, mask, goroutine: access.goroutine, place };
        let (cell, places, conflicts) = self.words.update(&self.clocks, cell, places, now);
        self.tell(access, &Found { cell, places, place, conflicts });
    }

    fn has_moved(&mut self) -> bool {
        self.clocks.have_moved()
    }

    fn epoch_word(&mut self, goroutine: Number) -> u32 {
        self.settle();
        if self.clocks.is_alone() { 0 } else { self.clocks.epoch(goroutine) << MASK_BITS | 0xff }
    }

    fn is_quiet(&self, addr: u64) -> bool {
        let told_of_all =
            self.facts.is_some() || self.edges.is_some() || self.orders.is_some() || self.partial.is_some();
        !told_of_all && self.clocks.is_alone() && self.put_off.is_empty() && !self.clocks.holds(addr)
    }

    fn races(&self) -> u64 {
        self.races
    }

    fn deadlock(&mut self, blocked: &[Blocked]) {
        let told = self.stuck.len();
        self.lock_cycles(blocked);
        // Who waits beside a circle waits for it. What an earlier test has left is told already.
        let list: Vec<&Blocked> = blocked.iter().filter(|b| !self.stuck.contains(&b.goroutine)).collect();
        if self.stuck.len() == told && !list.is_empty() {
            self.blocked_finding("deadlock", findings::asleep(&list), &list);
        }
    }

    fn death(&mut self, goroutine: Number, stack: &[u64]) {
        let mut part = self.part("ends the program", goroutine, stack);
        let inside = part.stack.iter().take_while(|f| f.function.starts_with("runtime.")).count();
        part.stack.drain(..inside);
        part.finished = false;
        if let Some((goroutine, pc)) = world().natives.channels.last_failure() {
            part.closed = Some(Close { goroutine, stack: symbolise(&self.folder, &[pc]) });
        }
        self.died = true;
        self.emit(Finding::new(UNNAMED, String::new(), vec![part], self.seed));
    }

    /// Whether the status depends on the schedule is for the gatherer of the schedules to see. Live runs are told of nothing.
    fn exits(&mut self, goroutine: Number, status: i32, stack: &[u64]) {
        if !self.leaks || self.died {
            return;
        }
        if let Some(finding) = self.failed() {
            return self.emit(finding);
        }
        let mut part = self.part(&format!("exits with status {status}"), goroutine, stack);
        let is_inside = |f: &Frame| f.function.starts_with("runtime.") || f.function == "syscall.Exit";
        let inside = part.stack.iter().take_while(|f| is_inside(f)).count();
        part.stack.drain(..inside);
        part.finished = false;
        let headline = format!("the program ends with status {status} in some schedules, not in all");
        self.emit(Finding::new(EXIT, headline, vec![part], self.seed));
    }

    fn hangs(&mut self, blocked: &[Blocked]) {
        let all: Vec<&Blocked> = blocked.iter().filter(|b| !self.stuck.contains(&b.goroutine)).collect();
        if self.leaks && !all.is_empty() {
            let headline =
                "some schedules end, in this one nobody can go on and nothing comes from outside".to_string();
            self.blocked_finding(HANG, headline, &all);
        }
    }

    fn stuck(&mut self, blocked: &[Blocked]) {
        if self.leaks {
            self.lock_cycles(blocked);
            self.hopeless(blocked);
            self.leaks(blocked);
        }
    }

    fn left(&mut self, blocked: &[Blocked]) {
        self.lock_cycles(blocked);
        self.leaks(blocked);
    }

    fn wants_allocations(&self) -> bool {
        self.facts.is_some()
    }

    fn allocated(&mut self, address: u64, size: u64, descriptor: u64) {
        let world: &World = world();
        let Some((frame, goroutine)) = world.running.map(|index| {
            let header = &world.goroutines.peek(index).header;
            (header.saved_fp, header.id)
        }) else {
            return;
        };
        let stack = self.capture(None, frame);
        let made = Made { size, descriptor, stack, goroutine };
        self.facts.iter_mut().for_each(|facts| facts.allocated(address, made));
    }

    fn retain(&mut self, live: &mut dyn FnMut(u64) -> bool) {
        self.interrupt();
        self.leaf.clear();
        self.clocks.retain(&mut *live);
        self.facts.iter_mut().for_each(|facts| facts.retain(&mut *live));
        self.orders.iter_mut().for_each(|orders| orders.retain(&mut *live));
    }

    fn finish(&mut self, status: i32) -> i32 {
        if std::mem::replace(&mut self.finished, true) {
            return status;
        }
        if self.races > 0 && status == 0 { self.race_status } else { status }
    }
}
