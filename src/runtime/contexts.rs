//! Numbers for the chain of calls that a goroutine is in, made again in a few nanoseconds while most of it stays the same.
//!
//! A *context* is a node of the calling-context tree: the outer context and a return address. Frames that were walked lately are kept
//! with their contexts, by their addresses. The next walk reads every frame again, from the innermost outwards (an outer frame
//! can have changed behind equal inner ones), and is done when each is as it was kept and hangs together with the next; otherwise
//! it interns the contexts anew. Which goroutine it is does not matter: equal chains have equal numbers.
//!
//! Functions with checks have a word in their frame for the context, which stays the same as long as the frame does. A walk ends at the
//! first frame that has it, unless the word belongs to a frame that is gone: what must stand there is told apart by its upper half.
//!
//! Chains that are long, or that pass from one stack segment to another, have no number: the caller walks them itself.
#![allow(unsafe_code, reason = "reads goroutine stacks")]

use crate::asm::gorace_lessstack;
use crate::events::Site;
use crate::goroutine::Goroutine;
use crate::natives::FastHash;
use crate::stack;
use crate::world::World;
use std::collections::HashMap;

/// Chains of more frames than this have no number.
const MOST: usize = 64;
/// Frames that are kept, a power of two.
const KEPT: usize = 2048;

/// Steps from a context inwards that were taken lately, by a number made of both.
const RECENT: usize = 1 << 12;

/// A frame that was walked.
#[derive(Debug, Clone, Copy, Default)]
struct Link {
    frame: u64,
    /// What stood in it: the caller's frame and the return address.
    next: u64,
    pc: u64,
    /// The context from the next frame outwards, and from here outwards.
    outer: u32,
    context: u32,
    /// The word in which the frame itself keeps its context, or 0.
    activation: u64,
}

/// The upper half of a word in which a frame keeps its context. Another function's frame at the same place can have anything there.
const KEPT_CONTEXT: u64 = 0x67c5_a1e3 << 32;

impl Link {
    /// Whether the frame is still the one that was walked, and with it all outwards of it.
    #[inline]
    fn stands(&self, low: u64, high: u64) -> bool {
        let at = self.activation;
        at != 0 && (low..high).contains(&at) && word(at) == KEPT_CONTEXT | u64::from(self.context)
    }
}

/// Where a frame is kept: goroutines' frames of one depth differ only in the bits of their slots, those of the calls that a
/// function makes one after the other only in the return address.
#[inline]
fn home(frame: u64, pc: u64) -> usize {
    ((frame ^ pc << 4).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize % KEPT
}

/// See the module.
#[derive(Debug)]
pub struct Contexts {
    numbers: HashMap<(u32, u64), u32, FastHash>,
    /// Outer context, return address, inner context.
    recent: Vec<(u32, u64, u32)>,
    links: Vec<Link>,
    /// The frames of a walk, innermost first. Only addresses: copies of what was just written word by word would stall.
    found: Vec<u64>,
}

impl Default for Contexts {
    fn default() -> Contexts {
        Contexts {
            numbers: HashMap::default(),
            recent: vec![(0, 0, 0); RECENT],
            links: vec![Link::default(); KEPT],
            found: Vec::new(),
        }
    }
}

/// A word of a goroutine's stack.
#[inline]
fn word(at: u64) -> u64 {
    // SAFETY: callers have looked at where it lies, or have it from the compiled code whose frame it is in: within the part of the stack
    // of a goroutine that is in use, which is mapped.
    unsafe { *(at as *const u64) }
}

/// The two words of a frame.
#[inline]
fn words(frame: u64) -> (u64, u64) {
    (word(frame), word(frame + 8))
}

impl Contexts {
    /// The context of goroutine `g` from the frame `fp` on. Equal numbers mean equal chains of return addresses.
    #[inline]
    pub fn of(&mut self, world: &World, g: &Goroutine, fp: u64) -> Option<u32> {
        self.of_stack(stack::slot_range(g.slot), fp, |pc| world.image.is_code(pc - u64::from(pc != 0)))
    }

    /// The context that a check's frame keeps.
    #[inline]
    pub fn kept(site: Site) -> Option<u32> {
        let known = if site.activation == 0 { 0 } else { word(site.activation) };
        (known != 0).then_some(known as u32)
    }

    /// The context of goroutine `g`, which is at a check, from the check's frame on. It is kept in the frame.
    #[inline]
    pub fn at(&mut self, world: &World, g: &Goroutine, site: Site) -> Option<u32> {
        if site.activation == 0 {
            return self.of(world, g, site.frame);
        }
        let is_code = |pc: u64| world.image.is_code(pc - u64::from(pc != 0));
        self.at_check(|| stack::slot_range(g.slot), site.frame, site.activation, is_code)
    }

    #[inline]
    fn at_check(
        &mut self,
        stack: impl Fn() -> (u64, u64),
        fp: u64,
        activation: u64,
        is_code: impl Fn(u64) -> bool,
    ) -> Option<u32> {
        let context = self.of_stack(stack(), fp, is_code)?;
        self.keep(fp, activation, context);
        Some(context)
    }

    /// Keeps the context of a frame in its word.
    #[inline]
    fn keep(&mut self, fp: u64, activation: u64, context: u32) {
        // SAFETY: compiled code passes a word of the frame, which it has made 0 when the frame began, and does not use otherwise.
        unsafe { *(activation as *mut u64) = KEPT_CONTEXT | u64::from(context) };
        let link = &mut self.links[home(fp, words(fp).1)];
        if link.frame == fp {
            link.activation = activation;
        }
    }

    #[inline]
    fn of_stack(&mut self, range: (u64, u64), fp: u64, is_code: impl Fn(u64) -> bool) -> Option<u32> {
        self.known(range, fp).or_else(|| self.walk(range, fp, is_code))
    }

    /// The context of frames that are all as they were kept.
    #[inline]
    fn known(&self, (low, high): (u64, u64), fp: u64) -> Option<u32> {
        let mut at = fp;
        // The number of the whole, and what the next link's must be.
        let mut found: Option<(u32, u32)> = None;
        for _ in 0..MOST {
            if at & 7 != 0 || at < low || at + 16 > high {
                break;
            }
            let (next, pc) = words(at);
            let link = &self.links[home(at, pc)];
            let (whole, wanted) = found.unwrap_or((link.context, link.context));
            if (link.frame, link.pc, link.next, link.context) != (at, pc, next, wanted) {
                break;
            }
            if next == 0 || link.stands(low, high) {
                return Some(whole);
            }
            found = Some((whole, link.outer));
            at = next;
        }
        None
    }

    #[inline(never)]
    fn walk(&mut self, (low, high): (u64, u64), fp: u64, is_code: impl Fn(u64) -> bool) -> Option<u32> {
        let Contexts { numbers, recent, links, found } = self;
        found.clear();
        let mut context = 0;
        let mut at = fp;
        while at != 0 {
            if at & 7 != 0 || at < low || at + 16 > high || found.len() > MOST {
                return None;
            }
            let (next, pc) = words(at);
            let link = &links[home(at, pc)];
            if (link.frame, link.pc, link.next) == (at, pc, next) && link.stands(low, high) {
                context = link.context;
                break;
            }
            if pc == gorace_lessstack as *const () as u64 || (next != 0 && next <= at) {
                return None;
            }
            found.push(at);
            at = next;
        }
        for &frame in found.iter().rev() {
            let (next, pc) = words(frame);
            let outer = context;
            let recent = &mut recent[(pc ^ u64::from(context) << 2) as usize % RECENT];
            if (recent.0, recent.1) == (context, pc) && recent.2 != 0 {
                context = recent.2;
            } else if is_code(pc) {
                let new = numbers.len() as u32 + 1;
                context = *numbers.entry((context, pc)).or_insert(new);
                *recent = (outer, pc, context);
            }
            links[home(frame, pc)] = Link { frame, next, pc, outer, context, activation: 0 };
        }
        Some(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// A stack of words that calls and returns as compiled code does.
    struct Stack {
        memory: Vec<u64>,
        frames: Vec<usize>,
    }

    impl Stack {
        fn address(&self, index: usize) -> u64 {
            &raw const self.memory[index] as u64
        }

        fn call(&mut self, pc: u64, size: usize) {
            let (outer, top) = match self.frames.last() {
                Some(&index) => (self.address(index), index),
                None => (0, self.memory.len() - 2),
            };
            let Some(index) = top.checked_sub(size).filter(|&i| i > 0 && self.frames.len() < 9) else { return };
            self.memory[index] = outer;
            self.memory[index + 1] = pc;
            // Below the frame: the word of its activation.
            self.memory[index - 1] = 0;
            self.frames.push(index);
        }

        fn chain(&self) -> Vec<u64> {
            self.frames.iter().map(|&index| self.memory[index + 1]).filter(|pc| pc % 5 != 0).collect()
        }
    }

    /// Random calls and returns on several stacks: numbers are equal where chains are.
    #[test]
    fn equal_chains_have_equal_numbers_and_others_have_not() {
        let mut state = 0x2545_f491_4f6c_dd1du64;
        let mut next = |n: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % n
        };
        let mut contexts = Contexts::default();
        let mut numbers: BTreeMap<Vec<u64>, u32> = BTreeMap::new();
        let mut stacks: Vec<Stack> = (0..3).map(|_| Stack { memory: vec![0; 600], frames: Vec::new() }).collect();
        let mut equal = 0;
        for _ in 0..100_000 {
            let which = next(3) as usize;
            let stack = &mut stacks[which];
            for _ in 0..next(4) {
                stack.frames.pop();
            }
            for _ in 0..next(5) {
                stack.call(100 + next(3), 3 + next(3) as usize);
            }
            let Some(&innermost) = stack.frames.last() else { continue };
            let fp = stack.address(innermost);
            let range = (stack.address(0), stack.address(599) + 8);
            let is_code = |pc: u64| !pc.is_multiple_of(5);
            let context = match next(3) {
                0 => contexts.of_stack(range, fp, is_code),
                _ => {
                    let activation = stack.address(innermost - 1);
                    let kept = Contexts::kept(Site { pc: 0, frame: fp, activation });
                    kept.or_else(|| contexts.at_check(|| range, fp, activation, is_code))
                }
            };
            let Some(context) = context else { continue };
            let chain = stack.chain();
            match numbers.get(&chain) {
                Some(&known) => {
                    equal += 1;
                    assert_eq!(known, context);
                }
                None => {
                    assert!(chain.is_empty() || !numbers.values().any(|&n| n == context));
                    if numbers.len() < 3000 {
                        numbers.insert(chain, context);
                    }
                }
            }
        }
        assert!(equal > 10_000, "{equal}");
    }
}
