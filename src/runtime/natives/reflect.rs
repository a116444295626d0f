//! Calls between reflect and compiled code: reflect's memory frames to and from registers, by `gorace_abi::calling`.
//!
//! reflect (told that there are no argument registers) lays a call out as one frame: the receiver word, the arguments each at
//! its alignment, the results from `retOffset` on. Here a function type is walked, each value flattened to scalars, and each scalar
//! given its register or stack word. A value in memory is passed by its address in the frame.
#![allow(unsafe_code, reason = "reads type descriptors and frames")]

use crate::asm::RegisterCall;
use crate::heap::bitmap::{field, head, kind};
use gorace_abi::calling::{FLOAT_ARGS, INT_ARGS, MAX_RESULT_FLOATS, MAX_RESULT_INTS, MAX_SCALARS};

/// A register-sized part of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scalar {
    offset: u64,
    size: u8,
    float: bool,
}

/// The scalars of a type, or none when it is passed in memory.
fn flatten(descriptor: u64) -> Option<Vec<Scalar>> {
    let mut out = Vec::new();
    (push(descriptor, 0, &mut out) && out.len() <= MAX_SCALARS).then_some(out)
}

fn push(descriptor: u64, offset: u64, out: &mut Vec<Scalar>) -> bool {
    if out.len() > MAX_SCALARS {
        return false;
    }
    let t = head(descriptor);
    let mut one = |at: u64, size: u8, float: bool| out.push(Scalar { offset: offset + at, size, float });
    match t.kind & 31 {
        kind::BOOL..=kind::UINTPTR => one(0, t.size as u8, false),
        kind::FLOAT32 | kind::FLOAT64 => one(0, t.size as u8, true),
        kind::COMPLEX64 | kind::COMPLEX128 => {
            let part = t.size / 2;
            one(0, part as u8, true);
            one(part, part as u8, true);
        }
        kind::STRING | kind::INTERFACE => {
            one(0, 8, false);
            one(8, 8, false);
        }
        kind::SLICE => {
            one(0, 8, false);
            one(8, 8, false);
            one(16, 8, false);
        }
        kind::ARRAY => {
            return match field(descriptor, 2) {
                0 => true,
                1 => push(field(descriptor, 0), offset, out),
                _ => false,
            };
        }
        kind::STRUCT => {
            let (fields, count) = (field(descriptor, 1), field(descriptor, 2));
            for i in 0..count {
                // SAFETY: `Fields` is a slice of {Name, Typ, Offset}, three words each.
                let (ty, at) = unsafe {
                    let f = (fields + i * 24) as *const u64;
                    (*f.add(1), *f.add(2))
                };
                if !push(ty, offset + at, out) {
                    return false;
                }
            }
        }
        _ => one(0, 8, false),
    }
    true
}

/// Parameter and result types of a function type.
fn signature(function: u64) -> (Vec<u64>, Vec<u64>) {
    const UNCOMMON: u8 = 1;
    // SAFETY: a `FuncType`: two counts behind the head, then the types behind the uncommon part.
    unsafe {
        let counts = (function + 48) as *const u16;
        let (ins, outs) = (usize::from(*counts), usize::from(*counts.add(1) & 0x7fff));
        let at = function + 56 + if head(function).flags & UNCOMMON != 0 { 16 } else { 0 };
        let types = std::slice::from_raw_parts(at as *const u64, ins + outs);
        (types[..ins].to_vec(), types[ins..].to_vec())
    }
}

fn aligned(at: u64, descriptor: u64) -> u64 {
    at.next_multiple_of(u64::from(head(descriptor).align.max(1)))
}

fn load(address: u64, size: u8) -> u64 {
    // SAFETY: a scalar of a value in a frame.
    unsafe {
        match size {
            1 => u64::from(*(address as *const u8)),
            2 => u64::from(*(address as *const u16)),
            4 => u64::from(*(address as *const u32)),
            _ => *(address as *const u64),
        }
    }
}

fn store(address: u64, size: u8, value: u64) {
    crate::world::world().heap.before_overwrite(address, u64::from(size));
    // SAFETY: as in `load`.
    unsafe {
        match size {
            1 => *(address as *mut u8) = value as u8,
            2 => *(address as *mut u16) = value as u16,
            4 => *(address as *mut u32) = value as u32,
            _ => *(address as *mut u64) = value,
        }
    }
}

/// Where arguments go, one after the other.
#[derive(Default)]
struct Arguments {
    ints: usize,
    floats: usize,
    stack: usize,
}

/// A register or stack word.
enum Home {
    Int(usize),
    Float(usize),
    Stack(usize),
}

impl Arguments {
    fn next(&mut self, float: bool) -> Home {
        if float && self.floats < FLOAT_ARGS {
            self.floats += 1;
            Home::Float(self.floats - 1)
        } else if !float && self.ints < INT_ARGS {
            self.ints += 1;
            Home::Int(self.ints - 1)
        } else {
            self.stack += 1;
            Home::Stack(self.stack - 1)
        }
    }
}

/// The results' scalars with offsets from the first result, or none when they are returned in memory.
fn result_scalars(results: &[u64]) -> Option<Vec<Scalar>> {
    let mut all = Vec::new();
    let mut at = 0;
    for &ty in results {
        at = aligned(at, ty);
        all.extend(flatten(ty)?.into_iter().map(|s| Scalar { offset: s.offset + at, ..s }));
        at += head(ty).size;
    }
    let floats = all.iter().filter(|s| s.float).count();
    (floats <= MAX_RESULT_FLOATS && all.len() - floats <= MAX_RESULT_INTS).then_some(all)
}

/// Bytes of the results laid out as a struct.
fn result_bytes(results: &[u64]) -> u64 {
    results.iter().fold(0, |at, &ty| aligned(at, ty) + head(ty).size)
}

pub extern "C" fn marshal_arguments(r: *mut RegisterCall, function: u64, frame: u64, ret: u64, method: u64) -> u64 {
    // SAFETY: golib passes its record, whose `stack` has room for `nstack` words.
    let r = unsafe { &mut *r };
    let (params, results) = signature(function);
    let mut arguments = Arguments::default();
    let room = r.nstack as usize;
    let mut put = |float: bool, value: u64| -> bool {
        match arguments.next(float) {
            Home::Int(i) => r.ints[i] = value,
            Home::Float(i) => r.floats[i] = value,
            Home::Stack(i) if i + 2 < room => {
                // SAFETY: in the room checked.
                unsafe { *r.stack.add(i) = value };
            }
            Home::Stack(_) => return false,
        }
        true
    };
    let mut fits = true;
    if result_scalars(&results).is_none() {
        fits &= put(false, frame + (ret & 0xffff_ffff));
    }
    let mut at = 0;
    if method as u8 != 0 {
        fits &= put(false, load(frame, 8));
        at = 8;
    }
    for ty in params {
        at = aligned(at, ty);
        match flatten(ty) {
            Some(scalars) => {
                for s in scalars {
                    fits &= put(s.float, load(frame + at + s.offset, s.size));
                }
            }
            None => fits &= put(false, frame + at),
        }
        at += head(ty).size;
    }
    r.nstack = arguments.stack.next_multiple_of(2) as u64;
    u64::from(fits)
}

pub extern "C" fn marshal_results(r: *const RegisterCall, function: u64, frame: u64, ret: u64) {
    // SAFETY: golib passes its record.
    let r = unsafe { &*r };
    let (_, results) = signature(function);
    let Some(scalars) = result_scalars(&results) else { return };
    let (mut ints, mut floats) = (r.rints.iter(), r.rfloats.iter());
    for s in scalars {
        let value = if s.float { floats.next() } else { ints.next() };
        store(frame + (ret & 0xffff_ffff) + s.offset, s.size, value.copied().unwrap_or(0));
    }
}

fn take(r: &RegisterCall, home: Home) -> u64 {
    match home {
        Home::Int(i) => r.ints[i],
        Home::Float(i) => r.floats[i],
        // SAFETY: the caller put the stack arguments there.
        Home::Stack(i) => unsafe { *r.stack.add(i) },
    }
}

pub extern "C" fn unmarshal_arguments(r: *mut RegisterCall, function: u64, frame: u64) {
    // SAFETY: the record that `gorace_make_func` filled.
    let r = unsafe { &mut *r };
    let (params, results) = signature(function);
    let mut arguments = Arguments::default();
    if result_scalars(&results).is_none() {
        arguments.next(false);
    }
    let mut at = 0;
    for ty in params {
        at = aligned(at, ty);
        let size = head(ty).size;
        match flatten(ty) {
            Some(scalars) => {
                for s in scalars {
                    let value = take(r, arguments.next(s.float));
                    store(frame + at + s.offset, s.size, value);
                }
            }
            None => {
                let from = take(r, arguments.next(false));
                crate::world::world().heap.before_overwrite(frame + at, size);
                // SAFETY: the caller's copy of the value, and its place in the frame.
                unsafe { std::ptr::copy_nonoverlapping(from as *const u8, (frame + at) as *mut u8, size as usize) };
            }
        }
        at += size;
    }
    r.nstack = (arguments.stack as u64 * 8).next_multiple_of(16);
}

pub extern "C" fn unmarshal_results(r: *mut RegisterCall, function: u64, frame: u64, ret: u64) {
    // SAFETY: as in `unmarshal_arguments`.
    let r = unsafe { &mut *r };
    let (_, results) = signature(function);
    let from = frame + (ret & 0xffff_ffff);
    let Some(scalars) = result_scalars(&results) else {
        let to = r.ints[0];
        crate::world::world().heap.before_overwrite(to, result_bytes(&results));
        // SAFETY: the caller's result memory, laid out as the frame's results are.
        unsafe { std::ptr::copy(from as *const u8, to as *mut u8, result_bytes(&results) as usize) };
        return;
    };
    let (mut ints, mut floats) = (0, 0);
    for s in scalars {
        let value = load(from + s.offset, s.size);
        if s.float {
            r.rfloats[floats] = value;
            floats += 1;
        } else {
            r.rints[ints] = value;
            ints += 1;
        }
    }
}
