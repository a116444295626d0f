//! The stack check in front of each function, and the slow path behind it.
//!
//! ```text
//! entry:  cmp rsp, [r15+STACK_GUARD]        (large frames: lea rax, [rsp-frame]; cmp rax, …)
//!         jb  slow
//!         padding to a multiple of 16
//! body:   Cranelift's code
//! slow:   lea rax, [body]; mov r10d, frame; mov r11d, stack argument bytes; jmp runtime.morestack
//! ```
//! The runtime runs `body` on a larger segment and returns to the caller. rax, r10 and r11 carry no argument.

use gorace_abi::calling::{FLOAT_ARGS, INT_ARGS};
use gorace_abi::goroutine::offset::STACK_GUARD;
use gorace_abi::memory::STACK_RED;
use gorace_ir::Sig;

/// Bytes of arguments on the stack, rounded up as the convention pops them.
pub fn stack_argument_bytes(sig: &Sig) -> u32 {
    let floats = sig.params.iter().filter(|ty| ty.is_float()).count();
    let ints = sig.params.len() - floats;
    let words = ints.saturating_sub(INT_ARGS) + floats.saturating_sub(FLOAT_ARGS);
    (words as u32 * 8).next_multiple_of(16)
}

/// The bytes in front of the body; a multiple of 16. The 4 bytes before `jb_end` hold the jump's distance.
pub struct Entry {
    pub head: Vec<u8>,
    jump_field: usize,
}

/// Makes the check for a frame size.
pub fn head(frame: u32) -> Entry {
    const { assert!(STACK_GUARD == 0) };
    let mut head = Vec::with_capacity(32);
    if u64::from(frame) + 256 <= STACK_RED {
        head.extend([0x49, 0x3b, 0x27]);
    } else {
        head.extend([0x48, 0x8d, 0x84, 0x24]);
        head.extend((-(frame as i32)).to_le_bytes());
        head.extend([0x49, 0x3b, 0x07]);
    }
    head.extend([0x0f, 0x82]);
    let jump_field = head.len();
    head.extend([0; 4]);
    // One long no-op chain: 0x90 decodes fast enough for a few bytes.
    while head.len() % 16 != 0 {
        head.push(0x90);
    }
    Entry { head, jump_field }
}

/// Appends the slow path to `code` (head + body); returns the offset of the final jump's 4-byte field.
pub fn slow(code: &mut Vec<u8>, entry: &Entry, frame: u32, stack_arguments: u32) -> u32 {
    let start = code.len();
    let distance = start as i32 - (entry.jump_field as i32 + 4);
    code[entry.jump_field..entry.jump_field + 4].copy_from_slice(&distance.to_le_bytes());
    code.extend([0x48, 0x8d, 0x05]);
    let back = entry.head.len() as i32 - (code.len() as i32 + 4);
    code.extend(back.to_le_bytes());
    code.extend([0x41, 0xba]);
    code.extend(frame.to_le_bytes());
    code.extend([0x41, 0xbb]);
    code.extend(stack_arguments.to_le_bytes());
    code.push(0xe9);
    let field = code.len() as u32;
    code.extend([0; 4]);
    field
}

#[cfg(test)]
mod tests {
    use super::*;
    use gorace_ir::Ty;

    #[test]
    fn heads_are_multiples_of_sixteen() {
        for frame in [0, 100, 4000, 1 << 20] {
            assert_eq!(head(frame).head.len() % 16, 0);
        }
    }

    #[test]
    fn stack_arguments_are_counted_by_class() {
        let sig = Sig { params: vec![Ty::I64; 7], results: vec![] };
        assert_eq!(stack_argument_bytes(&sig), 16);
        let sig = Sig { params: vec![Ty::F64; 8], results: vec![] };
        assert_eq!(stack_argument_bytes(&sig), 0);
    }
}
