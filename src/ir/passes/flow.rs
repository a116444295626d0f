//! Where the pointers of one function go: inclusion-based points-to analysis in the manner of Andersen (1994), without regard to
//! the order of instructions or to fields.
//!
//! # Lattice
//! *Objects* are what pointers point to: each allocation of the function (a *site*), each frame slot, what each parameter points to, what
//! can be reached from there (one object for all of it), the same two for the func value that the function was called through, and
//! `ELSEWHERE`: globals, results of calls, all that has escaped. Values and variables have sets of objects, objects have contents
//! (sets), sites and slots are *own*. The state is these sets and the set of objects that *escaped*, ordered by inclusion: finite, and every
//! rule only adds to it, so `settle` ends at the least state that obeys all rules.
//!
//! # Claim
//! In each execution of the function, where calls do what their summaries say: if memory that a site or slot stands for is
//! reachable from outside of this call's frame (from globals, another goroutine, a caller's memory, a result, a deferred call of another
//! frame) at any time, or is used after the function has returned, then the object escaped. By induction over the steps of the
//! execution one shows the stronger: a value that holds an address in an own object that has not escaped has the object in its
//! set, and so has the contents of each own object in whose memory the address stands.
//!
//! # Rules
//! - V1. An allocation's result holds its site; a slot's address its slot; a parameter its own object. A constant, a load that moves no
//!   pointer, an operation on other integers hold nothing: integers carry pointers through additions, subtractions and masks that align
//!   only. (`noescape` of std hides a pointer behind an xor, as it does from gc; unsafe code that hides one otherwise is wrong in Go.)
//! - V2. An offset from an own object stays in it (Go's pointer arithmetic may not leave an object), whatever the offset was made from:
//!   `own + x` holds `own` alone. Where both sides have own objects, or none has, it holds both.
//! - V3. A load from an object gives its contents; from an own or an escaped one `ELSEWHERE` too, since callees put there what nobody sees.
//! - V4. Variables, selections and copies of memory pass sets on.
//! - S1. A store into an object adds to its contents. Into an escaped one: what is stored escapes. Into memory of a parameter: what is own
//!   escapes (it would outlive the call), what came with a parameter is noted as flow of that parameter *into* the other: the caller,
//!   who knows whose memory both are, goes on with it. Two parameters that share memory are no exception: the caller's sets for both have the object.
//! - S2. What escapes takes along its contents, now and later.
//! - S3. Returned: what is own escapes; parameters flow into the result.
//! - C1. A call by symbol does what the callee's summary says (`summary`), with sets of the arguments for its parameters; without a summary, or
//!   with one of another arity, all arguments escape and the results are `ELSEWHERE`.
//! - C2. A call of a func value whose possible objects are all sites of known code does what the summaries of that code say, with the
//!   object as context.
//! - C3. Any other call of a func value: its arguments escape; its results may be whatever is reached from the func value. What the
//!   code does with what it captured is not told here but by F1 to F3, where the func value was made; an own object that is called
//!   without being known as a func value escapes.
//! - F1. A site into whose start code is stored is a func value of that code.
//! - F2. Wherever a func value goes, it may be called by somebody who does not know its code. So where it is made, what it captured is
//!   treated as by a call with unknown arguments: what the code lets escape escapes; what it puts *into its arguments* escapes, too
//!   (these are somebody's who is not seen here: C3 says nothing about them, and a functional option does just that); what it puts into its
//!   own captured memory is put there. What it gives back is C3's. Without a summary of the code all that was captured escapes.
//! - F3. Code stored anywhere else than at the start of the site that is known to have it: the object escapes, so that no func value
//!   is called by C3 without F2.
//! - D. A deferred func value of this frame is called before the frame ends: it need not escape, F2 tells its effects. Its
//!   object and what it captured are kept apart from those of other turns of a loop (`deferred`).
//! - A. What is accessed atomically escapes, and so does what is stored so: the runtime knows it by address.
//!
//! What holds the claim to account: `target/release/escape-tests` compares random programs with objects in frames, with frames that are
//! written over when they end, and with everything on the heap (`GORACE_FRAMES`).

use super::summary::{CONTEXT, Flow, MOST, Param, Summary};
use crate::func::{Func, Ty, Value};
use crate::inst::{AtomicOp, BinOp, Callee, Inst, Term};
use crate::unit::SymbolId;
use std::sync::Arc;

/// Globals, the heap, whatever is not known.
pub const ELSEWHERE: usize = 0;
/// What the func value points to through which the function was called, and what is reached from there.
const CONTEXT_AT: usize = 1;
const CONTEXT_INSIDE: usize = 2;
/// Of parameter 0 on: what it points to, what is reached from there.
const PARAMS: usize = 3;

/// Functions with more bits of sets than this are not looked at: everything escapes.
const MOST_WORDS: usize = 1 << 21;

/// An allocation.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    pub block: u32,
    pub inst: u32,
    pub result: Value,
    pub size: u64,
    pub align: u32,
    /// What runs when the object is called as a func value.
    pub code: Option<SymbolId>,
    /// The function that takes the object's memory and its size in front of the other arguments. Without one the call gives nothing
    /// but the object; else it may give back what it was given.
    pub buffered: Option<&'static str>,
}

/// What is known about callees.
pub trait Callees {
    fn of_symbol(&self, symbol: SymbolId) -> Option<Arc<Summary>>;
    /// Whether it is a function that the unit defines.
    fn is_function(&self, symbol: SymbolId) -> bool;
    /// The function behind a func value in read-only data.
    fn func_value(&self, symbol: SymbolId) -> Option<SymbolId>;
    /// Calls that keep a func value no longer than the caller's frame: which argument.
    fn is_defer(&self, symbol: SymbolId) -> bool;
}

/// The analysis of a function.
pub struct Flows<'f> {
    f: &'f Func,
    callees: &'f dyn Callees,
    pub sites: Vec<Site>,
    words: usize,
    first_site: usize,
    first_slot: usize,
    /// By value, then by variable.
    sets: Vec<u64>,
    contents: Vec<u64>,
    /// What was put into the objects of parameters.
    stored: Vec<u64>,
    pub escaped: Vec<bool>,
    symbols: Vec<Option<SymbolId>>,
    results: Vec<u64>,
    /// Objects whose func value was deferred.
    pub deferred: Vec<usize>,
    changed: bool,
}

impl<'f> Flows<'f> {
    /// Sets up the analysis; `None` for functions too large for it.
    pub fn new(f: &'f Func, callees: &'f dyn Callees, sites: Vec<Site>) -> Option<Flows<'f>> {
        let params = f.sig.params.len().min(MOST);
        let first_site = PARAMS + 2 * params;
        let first_slot = first_site + sites.len();
        let objects = first_slot + f.slots.len();
        let words = objects.div_ceil(64);
        let nodes = f.values.len() + f.locals.len();
        if (nodes + objects) * words > MOST_WORDS {
            return None;
        }
        let mut flows = Flows {
            f,
            callees,
            sites,
            words,
            first_site,
            first_slot,
            sets: vec![0; nodes * words],
            contents: vec![0; objects * words],
            stored: vec![0; first_site * words],
            escaped: vec![false; objects],
            symbols: vec![None; f.values.len()],
            results: vec![0; f.sig.results.len() * words],
            deferred: Vec::new(),
            changed: false,
        };
        flows.escaped[ELSEWHERE] = true;
        flows.put(ELSEWHERE, ELSEWHERE);
        flows.put(CONTEXT_AT, CONTEXT_INSIDE);
        flows.put(CONTEXT_INSIDE, CONTEXT_INSIDE);
        for (i, ty) in f.sig.params.iter().enumerate() {
            if i < params && *ty == Ty::I64 {
                let at = PARAMS + 2 * i;
                flows.put(at, at + 1);
                flows.put(at + 1, at + 1);
                flows.sets[i * words + at / 64] |= 1 << (at % 64);
            } else {
                flows.sets[i * words] |= 1 << ELSEWHERE;
            }
        }
        for (i, site) in flows.sites.iter().enumerate() {
            let at = first_site + i;
            flows.sets[site.result.index() * words + at / 64] |= 1 << (at % 64);
        }
        for data in f.blocks.iter().flat_map(|b| &b.insts) {
            if let (Inst::SymbolAddr { symbol, offset: 0 }, [v]) = (&data.inst, &data.results[..]) {
                flows.symbols[v.index()] = Some(*symbol);
            }
        }
        flows.find_code();
        Some(flows)
    }

    /// A function's address at the start of an allocated object makes it a func value.
    fn find_code(&mut self) {
        for data in self.f.blocks.iter().flat_map(|b| &b.insts) {
            if let Inst::Store { value, addr, offset: 0, .. } = data.inst
                && let Some(symbol) = self.symbols[value.index()]
                && self.callees.is_function(symbol)
                && let Some(site) = self.sites.iter_mut().find(|s| s.result == addr)
            {
                site.code = Some(symbol);
            }
        }
    }

    /// Code is stored into objects: those of which it is not known what runs when they are called are nobody's own (rule F3).
    fn gets_code(&mut self, symbol: SymbolId, at: &[u64]) {
        for o in Self::objects(at).filter(|&o| o >= self.first_site).collect::<Vec<_>>() {
            let code = self.sites.get(o - self.first_site).and_then(|site| site.code);
            if code != Some(symbol) {
                self.escape(&self.only(o));
            }
        }
    }

    /// The object of an allocation.
    pub fn site_object(&self, site: usize) -> usize {
        self.first_site + site
    }

    fn put(&mut self, object: usize, what: usize) {
        self.contents[object * self.words + what / 64] |= 1 << (what % 64);
    }

    pub fn set_of(&self, v: Value) -> Vec<u64> {
        self.sets[v.index() * self.words..][..self.words].to_vec()
    }

    /// The objects in a set.
    pub fn objects(set: &[u64]) -> impl Iterator<Item = usize> + '_ {
        set.iter().enumerate().flat_map(|(i, &word)| {
            let mut word = word;
            std::iter::from_fn(move || {
                (word != 0).then(|| {
                    let bit = word.trailing_zeros() as usize;
                    word &= word - 1;
                    i * 64 + bit
                })
            })
        })
    }

    /// Whether an address is known to lie in memory that only this call of the function sees: its slots and allocations that did
    /// not escape.
    pub fn is_own(&self, v: Value) -> bool {
        let set = &self.sets[v.index() * self.words..][..self.words];
        let mut any = false;
        Self::objects(set).all(|o| {
            any = true;
            o >= self.first_site && !self.escaped[o]
        }) && any
    }

    fn merge(to: &mut [u64], from: &[u64]) -> bool {
        let mut changed = false;
        for (t, f) in to.iter_mut().zip(from) {
            changed |= *f & !*t != 0;
            *t |= f;
        }
        changed
    }

    fn add(&mut self, node: usize, from: &[u64]) {
        let words = self.words;
        self.changed |= Self::merge(&mut self.sets[node * words..][..words], from);
    }

    /// The set of one object.
    fn only(&self, object: usize) -> Vec<u64> {
        let mut set = vec![0; self.words];
        set[object / 64] |= 1 << (object % 64);
        set
    }

    fn elsewhere(&self) -> Vec<u64> {
        self.only(ELSEWHERE)
    }

    fn inside(&self, set: &[u64]) -> Vec<u64> {
        let mut out = vec![0; self.words];
        for o in Self::objects(set) {
            Self::merge(&mut out, &self.contents[o * self.words..][..self.words]);
        }
        out
    }

    /// All that can be reached from a set's objects, themselves left out.
    pub fn reached(&self, set: &[u64]) -> Vec<u64> {
        let mut all = self.inside(set);
        loop {
            let more = self.inside(&all);
            if !Self::merge(&mut all, &more) {
                return all;
            }
        }
    }

    pub fn escape(&mut self, set: &[u64]) {
        let mut work: Vec<usize> = Self::objects(set).filter(|&o| !self.escaped[o]).collect();
        while let Some(o) = work.pop() {
            if std::mem::replace(&mut self.escaped[o], true) {
                continue;
            }
            self.changed = true;
            let inside = &self.contents[o * self.words..][..self.words];
            work.extend(Self::objects(inside).filter(|&o| !self.escaped[o]));
        }
    }

    /// Stores what a set points to into the memory that `at` points to.
    fn store(&mut self, what: &[u64], at: &[u64]) {
        if what.iter().all(|&w| w == 0) {
            return;
        }
        let words = self.words;
        for o in Self::objects(at).collect::<Vec<_>>() {
            if self.escaped[o] {
                self.escape(what);
            }
            self.changed |= Self::merge(&mut self.contents[o * words..][..words], what);
            if o < self.first_site {
                // It outlives this call.
                self.changed |= Self::merge(&mut self.stored[o * words..][..words], what);
                self.escape_own(what);
            }
        }
    }

    /// What is this call's escapes, what parameters lead to does not.
    fn escape_own(&mut self, set: &[u64]) {
        let mut own = set.to_vec();
        (0..self.first_site).for_each(|p| own[p / 64] &= !(1 << (p % 64)));
        self.escape(&own);
    }

    /// Goes through the function until nothing changes.
    pub fn solve(&mut self) {
        let f = self.f;
        loop {
            self.changed = false;
            for block in &f.blocks {
                for data in &block.insts {
                    self.inst(&data.inst, &data.results);
                }
                if let Some(Term::Return(values)) = &block.term {
                    for (i, v) in values.iter().enumerate() {
                        self.give_back(i, *v);
                    }
                }
            }
            if !self.changed {
                return;
            }
        }
    }

    fn give_back(&mut self, result: usize, v: Value) {
        let set = self.set_of(v);
        if result >= MOST {
            return self.escape(&set);
        }
        let words = self.words;
        self.changed |= Self::merge(&mut self.results[result * words..][..words], &set);
        self.escape_own(&set);
    }

    fn inst(&mut self, inst: &Inst, results: &[Value]) {
        let result = results.first().map(|v| v.index());
        let local = |l: crate::func::LocalId| self.f.values.len() + l.index();
        let from: Vec<u64> = match inst {
            Inst::Int { value: 0, .. } => return,
            Inst::SlotAddr { slot, .. } => self.only(self.first_slot + slot.index()),
            Inst::Bin { op: op @ (BinOp::Add | BinOp::Sub | BinOp::And), a, b, ty: Ty::I64 } => {
                let (mut set, other) = (self.set_of(*a), self.set_of(*b));
                // An offset from an object of this function's stays in the object, whatever the offset was made from.
                match (*op, self.has_own(&set), self.has_own(&other)) {
                    (BinOp::Add | BinOp::Sub, true, false) => {}
                    (BinOp::Add, false, true) => set = other,
                    _ => _ = Self::merge(&mut set, &other),
                }
                set
            }
            Inst::Select { a, b, ty: Ty::I64, .. } => {
                let mut set = self.set_of(*a);
                Self::merge(&mut set, &self.set_of(*b));
                set
            }
            Inst::GetLocal { local: l } => {
                let node = local(*l);
                self.sets[node * self.words..][..self.words].to_vec()
            }
            Inst::SetLocal { local: l, value } => {
                let node = local(*l);
                let set = self.set_of(*value);
                return self.add(node, &set);
            }
            Inst::Load { access, .. } if access.plain => return,
            Inst::Load { ty: Ty::I64, addr, .. } => {
                let at = self.set_of(*addr);
                let mut set = self.inside(&at);
                // The objects of parameters hold what they were given.
                if Self::objects(&at).any(|o| o >= self.first_site || self.escaped[o]) {
                    set[0] |= 1 << ELSEWHERE;
                }
                set
            }
            Inst::AtomicLoad { addr, .. } => {
                let at = self.set_of(*addr);
                self.escape(&at);
                self.elsewhere()
            }
            Inst::Store { access, .. } if access.plain => return,
            Inst::Copy { dst_access, .. } if dst_access.plain => return,
            Inst::Store { value, addr, .. } if self.f.values[value.index()] == Ty::I64 => {
                let (what, at) = (self.set_of(*value), self.set_of(*addr));
                if let Some(symbol) = self.symbols[value.index()].filter(|&s| self.callees.is_function(s)) {
                    self.gets_code(symbol, &at);
                }
                return self.store(&what, &at);
            }
            Inst::Copy { dst, src, .. } => {
                let (what, at) = (self.inside(&self.set_of(*src)), self.set_of(*dst));
                return self.store(&what, &at);
            }
            Inst::AtomicStore { addr, value, .. } | Inst::AtomicRmw { op: AtomicOp::Xchg, addr, value, .. } => {
                let (at, what) = (self.set_of(*addr), self.set_of(*value));
                self.escape(&at);
                self.escape(&what);
                self.elsewhere()
            }
            Inst::AtomicRmw { addr, .. } => {
                let at = self.set_of(*addr);
                self.escape(&at);
                self.elsewhere()
            }
            Inst::AtomicCas { addr, old, new, .. } => {
                for v in [addr, old, new] {
                    let set = self.set_of(*v);
                    self.escape(&set);
                }
                self.elsewhere()
            }
            Inst::Call { callee, args, .. } => return self.call(callee, args, results),
            Inst::ClosureContext => self.only(CONTEXT_AT),
            _ => self.elsewhere(),
        };
        if let Some(result) = result {
            self.add(result, &from);
        }
    }

    fn has_own(&self, set: &[u64]) -> bool {
        Self::objects(set).any(|o| o >= self.first_site)
    }

    fn call(&mut self, callee: &Callee, args: &[Value], results: &[Value]) {
        let symbol = match callee {
            Callee::Symbol(symbol) => Some(*symbol),
            Callee::Closure(v) => self.symbols[v.index()].and_then(|s| self.callees.func_value(s)),
            Callee::Code(_) => None,
        };
        if let Some(symbol) = symbol {
            if self.callees.is_defer(symbol) && args.len() == 2 {
                return self.defer(args[1]);
            }
            let site = self.sites.iter().find(|s| Some(&s.result) == results.first());
            if site.is_some_and(|site| site.buffered.is_none()) {
                // An allocation: its arguments are numbers and descriptors.
                return;
            }
            return match self.callees.of_symbol(symbol) {
                Some(summary) => self.apply(&summary, args, results, &[]),
                None => self.unknown(args, results),
            };
        }
        let Callee::Closure(v) = callee else { return self.unknown(args, results) };
        let set = self.set_of(*v);
        let known: Option<Vec<(usize, Arc<Summary>)>> = Self::objects(&set)
            .map(|o| {
                let site = o.checked_sub(self.first_site).and_then(|i| self.sites.get(i))?;
                Some((o, self.callees.of_symbol(site.code?)?))
            })
            .collect();
        match known {
            Some(known) if !known.is_empty() => {
                for (o, summary) in known {
                    let context = self.only(o);
                    self.apply(&summary, args, results, &context);
                }
            }
            _ => {
                // What the function captured has been accounted for where it was made; it may give it back.
                let mut back = self.reached(&set);
                Self::merge(&mut back, &set);
                for v in results {
                    self.add(v.index(), &back);
                }
                let codeless: Vec<usize> = Self::objects(&set)
                    .filter(|o| {
                        o.checked_sub(self.first_site)
                            .is_some_and(|i| self.sites.get(i).is_none_or(|s| s.code.is_none()))
                    })
                    .collect();
                for o in codeless {
                    self.escape(&self.only(o));
                }
                self.unknown(args, results);
            }
        }
    }

    fn unknown(&mut self, args: &[Value], results: &[Value]) {
        for v in args {
            let set = self.set_of(*v);
            self.escape(&set);
        }
        let elsewhere = self.elsewhere();
        for v in results {
            self.add(v.index(), &elsewhere);
        }
    }

    /// A deferred func value lives as long as the frame; so must all that it holds.
    fn defer(&mut self, function: Value) {
        let set = self.set_of(function);
        for o in Self::objects(&set).collect::<Vec<_>>() {
            match o.checked_sub(self.first_site).and_then(|i| self.sites.get(i)) {
                Some(site) if site.code.is_some() => {
                    if !self.deferred.contains(&o) {
                        self.deferred.push(o);
                        self.changed = true;
                    }
                }
                _ => self.escape(&self.only(o)),
            }
        }
    }

    fn apply(&mut self, summary: &Summary, args: &[Value], results: &[Value], context: &[u64]) {
        if summary.params.len() != args.len() {
            return self.unknown(args, results);
        }
        let sets: Vec<Vec<u64>> = args.iter().map(|v| self.set_of(*v)).collect();
        let elsewhere = self.elsewhere();
        for v in results {
            self.add(v.index(), &elsewhere);
        }
        let targets = sets.iter().map(Vec::as_slice).take(MOST).enumerate();
        for (i, at) in targets.chain((!context.is_empty()).then_some((CONTEXT, context))) {
            self.put_into(summary.elsewhere, i, &elsewhere, at);
        }
        let with_context = (!context.is_empty()).then_some((&summary.context, context));
        let params = summary.params.iter().zip(&sets).map(|(p, s)| (p, s.as_slice())).chain(with_context);
        for (param, set) in params {
            if set.iter().all(|&w| w == 0) || *set == elsewhere[..] {
                continue;
            }
            for (flow, is_inside) in [(param.pointer, false), (param.inside, true)] {
                if flow == Flow::default() {
                    continue;
                }
                let what = if is_inside { self.reached(set) } else { set.to_vec() };
                if flow.escapes {
                    self.escape(&what);
                }
                for (i, v) in results.iter().enumerate() {
                    if i >= MOST || flow.results >> i & 1 != 0 {
                        self.add(v.index(), &what);
                    }
                }
                let targets = sets.iter().map(Vec::as_slice).take(MOST).enumerate();
                for (i, at) in targets.chain((!context.is_empty()).then_some((CONTEXT, context))) {
                    self.put_into(flow, i, &what, at);
                }
            }
        }
    }

    /// What a callee does with `what` to the object of its parameter `i`, which is at `at`.
    fn put_into(&mut self, flow: Flow, i: usize, what: &[u64], at: &[u64]) {
        if flow.into >> i & 1 != 0 {
            self.store(what, at);
        }
        if flow.deep >> i & 1 != 0 {
            let inside = self.reached(at);
            self.store(what, &inside);
        }
    }

    /// Makes func values that are made here have the effects on what they captured that calls of them may have (rule F2 of the header).
    pub fn account_for_closures(&mut self) {
        for i in 0..self.sites.len() {
            let Some(code) = self.sites[i].code else { continue };
            let o = self.first_site + i;
            let set = self.only(o);
            let Some(summary) = self.callees.of_symbol(code) else {
                // Whatever it does with what it captured, the callee that calls it does not tell.
                self.escape(&set);
                continue;
            };
            let elsewhere = self.elsewhere();
            self.put_into(summary.elsewhere, CONTEXT, &elsewhere, &set);
            for (flow, is_inside) in [(summary.context.pointer, false), (summary.context.inside, true)] {
                let what = if is_inside { self.reached(&set) } else { set.clone() };
                // What the caller hands over is a caller's that nobody here knows.
                if flow.escapes || (flow.into | flow.deep) & !(1 << CONTEXT) != 0 {
                    self.escape(&what);
                }
                self.put_into(flow, CONTEXT, &what, &set);
            }
        }
    }

    /// `solve` and `account_for_closures` until nothing changes.
    pub fn settle(&mut self) {
        loop {
            self.solve();
            self.changed = false;
            self.account_for_closures();
            if !self.changed {
                return;
            }
        }
    }

    /// What callers need to know.
    pub fn summary(&self) -> Summary {
        let flow = |o: usize| {
            let has = |set: &[u64]| set[o / 64] >> (o % 64) & 1 != 0;
            let mut flow = Flow { escapes: self.escaped[o], ..Flow::default() };
            for (i, set) in self.results.chunks_exact(self.words).enumerate().take(MOST) {
                flow.results |= u32::from(has(set)) << i;
            }
            for at in (CONTEXT_AT..self.first_site).step_by(2) {
                let k = if at == CONTEXT_AT { CONTEXT } else { (at - PARAMS) / 2 };
                flow.into |= u32::from(has(&self.stored[at * self.words..][..self.words])) << k;
                flow.deep |= u32::from(has(&self.stored[(at + 1) * self.words..][..self.words])) << k;
            }
            flow
        };
        let params = (0..self.f.sig.params.len())
            .map(|i| {
                let at = PARAMS + 2 * i;
                if at >= self.first_site {
                    return Param { pointer: Flow::OUT, inside: Flow::OUT };
                }
                Param { pointer: flow(at), inside: flow(at + 1) }
            })
            .collect();
        let elsewhere = Flow { escapes: false, results: 0, ..flow(ELSEWHERE) };
        Summary { params, context: Param { pointer: flow(CONTEXT_AT), inside: flow(CONTEXT_INSIDE) }, elsewhere }
    }

    /// Everything whose use could touch an object: values and variables, as nodes, whose sets reach it; and whether a frame slot
    /// or a deferred call does.
    pub fn holders(&self, object: usize) -> (Vec<usize>, bool) {
        let mut reaching = vec![0u64; self.words];
        reaching[object / 64] |= 1 << (object % 64);
        let touches = |set: &[u64], reaching: &[u64]| set.iter().zip(reaching).any(|(a, b)| a & b != 0);
        loop {
            let more: Vec<usize> = (0..self.escaped.len())
                .filter(|&o| reaching[o / 64] >> (o % 64) & 1 == 0)
                .filter(|&o| touches(&self.contents[o * self.words..][..self.words], &reaching))
                .collect();
            if more.is_empty() {
                break;
            }
            more.iter().for_each(|o| reaching[o / 64] |= 1 << (o % 64));
        }
        let nodes = (0..self.sets.len() / self.words)
            .filter(|n| touches(&self.sets[n * self.words..][..self.words], &reaching))
            .collect();
        let has = |o: usize| reaching[o / 64] >> (o % 64) & 1 != 0;
        let pinned = (0..self.f.slots.len()).any(|s| has(self.first_slot + s)) || self.deferred.iter().any(|&o| has(o));
        (nodes, pinned)
    }

    /// The state as text: what values and variables hold, what stands in objects, what escaped, and the summary.
    #[cfg(test)]
    pub fn describe(&self) -> String {
        use std::fmt::Write;
        let name = |o: usize| match o {
            ELSEWHERE => "elsewhere".to_string(),
            CONTEXT_AT => "context".to_string(),
            CONTEXT_INSIDE => "inside context".to_string(),
            _ if o < self.first_site && (o - PARAMS).is_multiple_of(2) => format!("p{}", (o - PARAMS) / 2),
            _ if o < self.first_site => format!("inside p{}", (o - PARAMS) / 2),
            _ if o < self.first_slot => format!("new v{}", self.sites[o - self.first_site].result.0),
            _ => format!("s{}", o - self.first_slot),
        };
        let list = |set: &[u64]| Self::objects(set).map(name).collect::<Vec<_>>().join(", ");
        let elsewhere = self.elsewhere();
        let mut out = String::new();
        for (node, set) in self.sets.chunks_exact(self.words).enumerate() {
            if set.iter().any(|&w| w != 0) && *set != elsewhere[..] {
                let node = match node.checked_sub(self.f.values.len()) {
                    Some(local) => format!("l{local}"),
                    None => format!("v{node}"),
                };
                let _ = writeln!(out, "  {node} -> {}", list(set));
            }
        }
        for o in 0..self.escaped.len() {
            let stored = self.stored.get(o * self.words..).and_then(|rest| rest.get(..self.words));
            let (verb, set) = match stored {
                Some(stored) => ("is given", stored),
                None => ("holds", &self.contents[o * self.words..][..self.words]),
            };
            if set.iter().any(|&w| w != 0) {
                let _ = writeln!(out, "  {} {verb} {}", name(o), list(set));
            }
        }
        let escaped: Vec<String> = (1..self.escaped.len()).filter(|&o| self.escaped[o]).map(name).collect();
        if !escaped.is_empty() {
            let _ = writeln!(out, "  escaped: {}", escaped.join(", "));
        }
        let _ = writeln!(out, "  summary:{}", self.summary());
        out
    }
}
