//! Where an access was: the stack of the goroutine, interned, with what else the report will say of the moment.

use super::{Detector, RECENT_STACKS};
use gorace_runtime::contexts::Contexts;
use gorace_runtime::events::{Access, Number, Site};
use gorace_runtime::goroutine::Gi;
use gorace_runtime::traceback;
use gorace_runtime::world::{World, world};

/// Frames kept of a stack.
const DEPTH: usize = 48;

impl Detector {
    /// The place of an access: a stack, and where facts are kept the locks held.
    #[inline]
    pub(super) fn place(&mut self, stack: u32, goroutine: Number) -> u32 {
        let stretch = self.edges.as_ref().and_then(|edges| edges.borrow().stretch());
        match &mut self.facts {
            Some(facts) => facts.place(stack, goroutine, stretch),
            None => stack,
        }
    }

    /// The place of the running goroutine's access, and the number of its context.
    #[inline]
    pub(super) fn place_at(&mut self, access: &Access) -> (u32, Option<u32>) {
        let context = self.context_at(access.site);
        (self.place_in(access, context), context)
    }

    /// The place of an access in a context.
    #[inline]
    pub(super) fn place_in(&mut self, access: &Access, context: Option<u32>) -> u32 {
        if self.facts.is_none()
            && let Some(context) = context
            && let Some(place) = self.leaf.place_at(context, access.site.pc)
        {
            return place;
        }
        let stack = self.stack_at(access.site, context);
        self.place(stack, access.goroutine)
    }

    /// The context of the running goroutine at a check, as a number that is not 0: a goroutine's first function has the context 0.
    #[inline]
    pub(super) fn context_at(&mut self, site: Site) -> Option<u32> {
        let context = Contexts::kept(site).or_else(|| {
            let world: &World = world();
            let running = world.running.map(|index| world.goroutines.peek(index));
            running.and_then(|g| self.contexts.at(world, g, site))
        });
        context.map(|context| context + 1)
    }

    /// The number of the running goroutine's stack at a check, with the context that `context_at` gave.
    #[inline]
    fn stack_at(&mut self, site: Site, context: Option<u32>) -> u32 {
        let context = context.map(|context| context - 1);
        self.stack_in(context, world().running, Some(site.pc), site.frame)
    }

    /// The number of the running goroutine's stack, from a frame on, with the innermost address in front.
    #[inline]
    pub(super) fn capture(&mut self, first: Option<u64>, frame: u64) -> u32 {
        self.capture_of(world().running, first, frame)
    }

    /// As `capture`, of any goroutine.
    #[inline]
    pub(super) fn capture_of(&mut self, whose: Option<Gi>, first: Option<u64>, frame: u64) -> u32 {
        let world: &World = world();
        let running = whose.map(|index| world.goroutines.peek(index));
        let context = running.and_then(|g| self.contexts.of(world, g, frame));
        self.stack_in(context, whose, first, frame)
    }

    /// The number of a stack, from its context if it has one.
    #[inline]
    fn stack_in(&mut self, context: Option<u32>, whose: Option<Gi>, first: Option<u64>, frame: u64) -> u32 {
        let key = context.map(|context| (context, first.unwrap_or(0)));
        let recent = key.map(|(context, first)| {
            (u64::from(context).wrapping_mul(31) ^ first ^ first >> 10) as usize % RECENT_STACKS
        });
        if let (Some((context, first)), Some(at)) = (key, recent) {
            let (known_context, known_first, number) = self.recent_stacks[at];
            if number != 0 && (known_context, known_first) == (context, first) {
                return number;
            }
            if let Some(&known) = self.known_stacks.get(&(context, first)) {
                self.recent_stacks[at] = (context, first, known);
                return known;
            }
        }
        self.walk(whose, first, frame, key)
    }

    /// The number of a stack whose context has none yet.
    #[cold]
    #[inline(never)]
    fn walk(&mut self, whose: Option<Gi>, first: Option<u64>, frame: u64, key: Option<(u32, u64)>) -> u32 {
        let world: &World = world();
        let mut stack = std::mem::take(&mut self.scratch);
        stack.clear();
        stack.extend(first);
        if let Some(index) = whose {
            let mut made_for = first;
            traceback::walk(world, world.goroutines.peek(index), frame, |pc| {
                // A check made for a caller (by a map's functions, say) has an address that the walk comes to; what that
                // one called stays in front of it.
                if made_for == Some(pc) {
                    made_for = None;
                    let called = stack.get(1..).and_then(<[u64]>::last).copied();
                    stack.clear();
                    stack.extend(called);
                    stack.push(pc);
                } else {
                    stack.push(pc);
                }
                stack.len() < DEPTH
            });
        }
        let number = match self.stack_numbers.get(stack.as_slice()) {
            Some(&known) => known,
            None => {
                let number = self.stacks.len() as u32;
                let stack: Box<[u64]> = stack.as_slice().into();
                self.stacks.push(stack.clone());
                self.stack_numbers.insert(stack, number);
                number
            }
        };
        self.scratch = stack;
        if let Some(key) = key {
            self.known_stacks.insert(key, number);
        }
        number
    }

    /// The number of the stack of a goroutine in a native, whichever runs.
    pub(super) fn stack_of(&mut self, goroutine: Number) -> u32 {
        let world: &World = world();
        let running = world.running.map(|index| world.goroutines.peek(index)).filter(|g| g.header.id == goroutine);
        let found = running.or_else(|| world.goroutines.iter().find(|g| g.header.id == goroutine));
        let found = found.map(|g| (g.index, g.header.saved_fp));
        found.map_or(0, |(index, frame)| self.capture_of(Some(index), None, frame))
    }
}
