//! Numbers for the chain of calls that a goroutine is in, made again in a few nanoseconds while most of it stays the same.
//!
//! A *context* is a node of the calling-context tree: the outer context and a return address. Each stack's last chain is kept with its
//! contexts, outermost frame first. The next walk follows the frames outwards until it comes to one that is kept; from there
//! on it only compares what stands on the stack with the list (all of it: an outer frame can have changed behind equal
//! inner ones), and interns anew what lies further in, or further in than a frame that differs. Which goroutine it is does not
//! matter: equal chains have equal numbers.
//!
//! Chains that are long, or that pass from one stack segment to another, have no number: the caller walks them itself.
#![allow(unsafe_code, reason = "reads goroutine stacks")]

use crate::asm::gorace_lessstack;
use crate::goroutine::Goroutine;
use crate::natives::FastHash;
use crate::stack;
use crate::world::World;
use std::collections::HashMap;

/// Chains of more frames than this have no number.
const MOST: usize = 96;

/// Stacks whose chains are kept, a power of two.
const CHAINS: usize = 256;

/// Steps from a context inwards that were taken lately, by a number made of both.
const RECENT: usize = 1024;

/// A frame that was walked: where it stands, its return address, and the context from here outwards.
#[derive(Debug, Clone, Copy)]
struct Link {
    frame: u64,
    pc: u64,
    context: u32,
}

/// The chain that a stack was in last.
#[derive(Debug, Clone, Default)]
struct Chain {
    slot: u32,
    /// From the outermost frame inwards, so at falling addresses.
    links: Vec<Link>,
}

/// See the module.
#[derive(Debug)]
pub struct Contexts {
    steps: Steps,
    chains: Vec<Chain>,
    /// The frames of a walk that are new, innermost first: address and return address.
    found: Vec<(u64, u64)>,
}

/// The tree: numbers of contexts by the outer one and a return address.
#[derive(Debug)]
struct Steps {
    numbers: HashMap<(u32, u64), u32, FastHash>,
    /// Outer context, return address, inner context.
    recent: Vec<(u32, u64, u32)>,
}

impl Default for Contexts {
    fn default() -> Contexts {
        Contexts {
            steps: Steps { numbers: HashMap::default(), recent: vec![(0, 0, 0); RECENT] },
            chains: vec![Chain::default(); CHAINS],
            found: Vec::new(),
        }
    }
}

/// The two words of a frame.
#[inline]
fn words(frame: u64) -> (u64, u64) {
    // SAFETY: callers have looked at where the frame lies: within the stack of a goroutine that is in it.
    unsafe { (*(frame as *const u64), *((frame + 8) as *const u64)) }
}

impl Steps {
    /// The context of a frame within another. Code that is not the program's has none of its own.
    #[inline]
    fn inwards(&mut self, outer: u32, pc: u64, is_code: impl Fn(u64) -> bool) -> u32 {
        let recent = &mut self.recent[(pc ^ pc >> 10 ^ u64::from(outer) << 2) as usize % RECENT];
        if (recent.0, recent.1) == (outer, pc) && recent.2 != 0 {
            return recent.2;
        }
        if !is_code(pc) {
            return outer;
        }
        let new = self.numbers.len() as u32 + 1;
        let context = *self.numbers.entry((outer, pc)).or_insert(new);
        *recent = (outer, pc, context);
        context
    }
}

impl Contexts {
    /// The context of goroutine `g` from the frame `fp` on. Equal numbers mean equal chains of return addresses.
    #[inline]
    pub fn of(&mut self, world: &World, g: &Goroutine, fp: u64) -> Option<u32> {
        self.of_stack(g.slot, stack::slot_range(g.slot), fp, |pc| world.image.is_code(pc - u64::from(pc != 0)))
    }

    #[inline]
    fn of_stack(&mut self, slot: u32, (low, high): (u64, u64), fp: u64, is_code: impl Fn(u64) -> bool) -> Option<u32> {
        let Contexts { steps, chains, found } = self;
        let chain = &mut chains[slot as usize % CHAINS];
        if chain.slot != slot {
            chain.slot = slot;
            chain.links.clear();
        }
        let links = &mut chain.links;
        let mut kept = links.len();
        let mut at = fp;
        found.clear();
        while at != 0 {
            while kept > 0 && links[kept - 1].frame < at {
                kept -= 1;
            }
            if kept > 0 && links[kept - 1].frame == at {
                let Some(differs) = first_difference(&links[..kept]) else { break };
                // Frames up to there are linked as before, but stand in another context.
                found.extend(links[differs + 1..kept].iter().rev().map(|link| (link.frame, link.pc)));
                at = links[differs].frame;
                kept = differs;
            }
            if at & 7 != 0 || at < low || at + 16 > high || found.len() > MOST {
                return None;
            }
            let (next, pc) = words(at);
            if pc == gorace_lessstack as *const () as u64 || (next != 0 && next <= at) {
                return None;
            }
            found.push((at, pc));
            at = next;
        }
        if at == 0 {
            kept = 0;
        }
        links.truncate(kept);
        if kept + found.len() > MOST {
            return None;
        }
        let mut context = links.last().map_or(0, |link| link.context);
        for &(frame, pc) in found.iter().rev() {
            context = steps.inwards(context, pc, &is_code);
            links.push(Link { frame, pc, context });
        }
        Some(context)
    }
}

/// The innermost link behind which the stack is not as it was: its return address or the frame that it leads to.
#[inline]
fn first_difference(links: &[Link]) -> Option<usize> {
    let mut index = links.len();
    while index > 0 {
        index -= 1;
        let (next, pc) = words(links[index].frame);
        let outer = index.checked_sub(1).map_or(0, |outer| links[outer].frame);
        if pc != links[index].pc || next != outer {
            return Some(index);
        }
    }
    None
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
            let Some(index) = top.checked_sub(size).filter(|_| self.frames.len() < 9) else { return };
            self.memory[index] = outer;
            self.memory[index + 1] = pc;
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
        // Two of them share the place of their chain.
        let slots = [3, 4, 3 + CHAINS as u32];
        let mut stacks: Vec<Stack> = slots.iter().map(|_| Stack { memory: vec![0; 600], frames: Vec::new() }).collect();
        let mut equal = 0;
        for _ in 0..100_000 {
            let which = next(3) as usize;
            let stack = &mut stacks[which];
            for _ in 0..next(4) {
                stack.frames.pop();
            }
            for _ in 0..next(5) {
                stack.call(100 + next(3), 2 + next(3) as usize);
            }
            let Some(&innermost) = stack.frames.last() else { continue };
            let fp = stack.address(innermost);
            let range = (stack.address(0), stack.address(599) + 8);
            let Some(context) = contexts.of_stack(slots[which], range, fp, |pc| pc % 5 != 0) else { continue };
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
