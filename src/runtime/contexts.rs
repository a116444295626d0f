//! Numbers for the chain of calls that a goroutine is in, made again in a few nanoseconds while most of it stays the same.
//!
//! A *context* is a node of the calling-context tree: the outer context and a return address. The frames of a goroutine's last walk
//! are kept with their contexts. The next walk reads every frame again, from the innermost outwards (an outer frame
//! can have changed behind equal inner ones), but interns only those inside of the outermost one that differs.
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
const MOST: usize = 64;
/// The last walks of this many goroutines are kept.
const KEPT: usize = 64;

/// Steps from a context inwards that were taken lately, by a number made of both.
const RECENT: usize = 256;

/// A frame of the last walk.
#[derive(Debug, Clone, Copy)]
struct Link {
    frame: u64,
    /// What stood in it: the caller's frame and the return address.
    next: u64,
    pc: u64,
    /// The context from here outwards.
    context: u32,
}

#[derive(Debug, Default, Clone)]
struct Walk {
    goroutine: u64,
    /// Outermost first.
    links: Vec<Link>,
}

/// See the module.
#[derive(Debug)]
pub struct Contexts {
    numbers: HashMap<(u32, u64), u32, FastHash>,
    /// Outer context, return address, inner context.
    recent: Vec<(u32, u64, u32)>,
    walks: Vec<Walk>,
    /// Frames that are not kept, innermost first. Only addresses: copies of what was just written word by word would stall.
    found: Vec<u64>,
}

impl Default for Contexts {
    fn default() -> Contexts {
        Contexts {
            numbers: HashMap::default(),
            recent: vec![(0, 0, 0); RECENT],
            walks: vec![Walk::default(); KEPT],
            found: Vec::new(),
        }
    }
}

/// The two words of a frame.
fn words(frame: u64) -> (u64, u64) {
    // SAFETY: callers have looked at where the frame lies: within the stack of a goroutine that is in it.
    unsafe { (*(frame as *const u64), *((frame + 8) as *const u64)) }
}

impl Contexts {
    /// The context of goroutine `g` from the frame `fp` on. Equal numbers mean equal chains of return addresses.
    pub fn of(&mut self, world: &World, g: &Goroutine, fp: u64) -> Option<u32> {
        let Contexts { numbers, recent, walks, found } = self;
        let walk = &mut walks[g.index.index() % KEPT];
        if walk.goroutine != g.header.id {
            walk.goroutine = g.header.id;
            walk.links.clear();
        }
        let links = &mut walk.links;
        let (low, high) = stack::slot_range(g.slot);
        found.clear();
        let mut at = fp;
        let mut verified = false;
        loop {
            while links.last().is_some_and(|l| l.frame < at) {
                links.pop();
            }
            if links.last().is_some_and(|l| l.frame == at) {
                // All that is kept lies on the way outwards, as each frame is read to hold the next one's address.
                if !verified {
                    verified = true;
                    // What lies outside of the outermost difference is good; the rest is read again.
                    if let Some(first) = links.iter().position(|l| words(l.frame) != (l.next, l.pc)) {
                        links.truncate(first);
                        continue;
                    }
                }
                break;
            }
            if at == 0 {
                links.clear();
                break;
            }
            if at & 7 != 0 || at < low || at + 16 > high || found.len() + links.len() > MOST {
                links.clear();
                return None;
            }
            let (next, pc) = words(at);
            if pc == gorace_lessstack as *const () as u64 || (next != 0 && next <= at) {
                links.clear();
                return None;
            }
            found.push(at);
            at = next;
        }
        let mut context = links.last().map_or(0, |l| l.context);
        for frame in found.drain(..).rev() {
            let (next, pc) = words(frame);
            let recent = &mut recent[(pc ^ u64::from(context) << 2) as usize % RECENT];
            if (recent.0, recent.1) == (context, pc) && recent.2 != 0 {
                context = recent.2;
            } else if world.image.is_code(pc - u64::from(pc != 0)) {
                let outer = context;
                let new = numbers.len() as u32 + 1;
                context = *numbers.entry((context, pc)).or_insert(new);
                *recent = (outer, pc, context);
            }
            links.push(Link { frame, next, pc, context });
        }
        Some(context)
    }
}
