//! The first step of a check, in assembly: what `gorace_detect::leaf` decides, decided without a look at anything else, and without
//! saving what it does not use.
//!
//! An access that an inline check does not pass comes here. It is done if all that its cell knows of the word came before it: the halves' epochs are
//! the goroutine's own, nobody's, or stand in the table of orders. Then the cell and the places become what `Leaf::access` makes of them;
//! the rules and the reasons for them are there, and the test below holds the two against each other. Everything else goes on to
//! `gorace_check`, with all registers as they came.
//!
//! `Goroutine::check_tables` has the addresses of the two tables, which never move. Where they are 0 nothing is decided here: where there is no
//! detector, where several threads run, and with `GORACE_FIRST_STEP=off`, for comparison.
#![allow(unsafe_code, reason = "assembly")]

use crate::goroutine::{Goroutine, asm_offset};
use crate::natives::race::Check;
use gorace_abi::goroutine::offset;
use gorace_abi::memory::{HEAP_BASE, HEAP_SIZE, IMAGE_BASE, PLACE_DISTANCE, SHADOW_DISTANCE};
use gorace_abi::shadow::{
    FIRST_COMPLEX, HELD, NOBODY, NOTHING, OPEN, ORDER_FACTOR, ORDERS, SITE_FACTOR, SITE_SHIFT, SITES,
};
use std::mem::offset_of;

/// `Check::does`: what an access does with its word.
pub const READS: u32 = 0;
pub const WRITES: u32 = 1;
pub const UPDATES: u32 = 2;

unsafe extern "C" {
    /// Where stubs of checks go, r11 = a `Check`, old r11 in the goroutine's scratch word; rdi = address, rsi = the activation's word.
    pub fn gorace_first_step();
    static gorace_first_step_end: u8;
}

/// Whether an address is in the routine.
pub fn is_first_step(pc: u64) -> bool {
    (gorace_first_step as *const () as u64..&raw const gorace_first_step_end as u64).contains(&pc)
}

/// In front of a half's epoch in ecx: goes to `$known` if it is nobody's or known to be behind the goroutine, and else to `7f`.
/// Changes r9 and r10.
macro_rules! ordered {
    ($known:literal) => {
        concat!(
            "cmp ecx, {NOBODY}
            jbe ",
            $known,
            "
            mov r10, [r15+{ID}]
            imul r9, r10, {ORDER_FACTOR}
            xor r9d, ecx
            and r9d, {LAST_ORDER}
            shl r10, 24
            or r10, rcx
            mov rcx, [r15+{ORDERS}]
            cmp r10, [rcx+r9*8]
            jne 7f
            jmp ",
            $known
        )
    };
}

/// The last read stands in ecx, of another epoch: goes to `$nothing` if the access leaves nothing of it, and else to `7f`. Nobody's, as an
/// allocation marks it, counts for nothing, nor what tells nothing beside the last write. Changes r9 and r10.
macro_rules! left_by_read {
    ($nothing:literal) => {
        concat!(
            "mov r9, r12
            shr r9, 32
            jz ",
            $nothing,
            "
            mov r9d, [rdx]
            mov r10d, r9d
            xor r10d, ecx
            not r9d
            and r9d, ecx
            and r10d, 0xffffff00
            movzx r9d, r9b
            or r9d, r10d
            jz ",
            $nothing,
            "
            mov r9d, eax
            not r9d
            test cl, r9b
            jnz 7f
            shr ecx, 8
            ",
            ordered!($nothing)
        )
    };
}

// eax: bytes of the word. ebx: place. rdx: address of the cell. r8d: epoch word. r12: places. Halves come into ecx.
std::arch::global_asm!(
    ".globl gorace_first_step",
    "gorace_first_step:",
    "push rax; push rcx; push rdx; push r8; push r9; push r10; push rbx; push r12",
    "mov r8d, [r15+{EPOCH_WORD}]",
    "cmp r8d, {LEAST}",
    "jb 7f",
    "cmp r8d, {HELD}",
    "je 7f",
    "cmp dword ptr [r15+{IGNORED}], 0",
    "jne 7f",
    "mov rax, {SHADOWED}",
    "mov rcx, {IMAGE_BASE}",
    "mov rdx, rdi",
    "sub rdx, rcx",
    "cmp rdx, rax",
    "jae 7f",
    // The place: that of the return address in the frame's context.
    "test rsi, rsi",
    "jz 7f",
    "mov r9, [rsi]",
    "test r9, r9",
    "jz 7f",
    "mov r9d, r9d",
    "inc r9",
    "mov r10, [rsp+64]",
    "imul rcx, r9, {SITE_FACTOR}",
    "xor rcx, r10",
    "mov rbx, r10",
    "shr rbx, {SITE_SHIFT}",
    "xor ecx, ebx",
    "and ecx, {LAST_SITE}",
    "shl ecx, 4",
    "mov rbx, [r15+{SITES}]",
    "test rbx, rbx",
    "jz 7f",
    "add rbx, rcx",
    "cmp r10, [rbx]",
    "jne 7f",
    "cmp r9d, [rbx+8]",
    "jne 7f",
    "mov ebx, [rbx+12]",
    // The bytes.
    "mov ecx, edi",
    "and ecx, 7",
    "mov eax, [r11+{BYTES}]",
    "shl eax, cl",
    "test eax, 0xff00",
    "jnz 7f",
    // The word's places, of which none is atomic.
    "mov rcx, {SHADOW_DISTANCE}",
    "mov rdx, rdi",
    "and rdx, -8",
    "mov r10, {PLACE_DISTANCE}",
    "mov r12, [rdx+r10]",
    "add rdx, rcx",
    "mov r10, {ATOMIC}",
    "test r12, r10",
    "jnz 7f",
    "bt r12, {SPLIT_BIT}",
    "jc 8f",
    // The last write.
    "mov ecx, [rdx]",
    "mov r9d, ecx",
    "xor r9d, r8d",
    "cmp r9d, 0x100",
    "jb 2f",
    "cmp dword ptr [r11+{DOES}], {READS}",
    "je 61f",
    // Bytes of another epoch's write that this one is not of stand beside it.
    "mov r9d, eax",
    "not r9d",
    "test cl, r9b",
    "jnz 32f",
    "shr ecx, 8",
    ordered!("31f"),
    "31:",
    "mov ecx, r8d",
    "xor cl, cl",
    "or ecx, eax",
    "mov [rsp-8], ecx",
    "jmp 3f",
    // A read keeps the last write as it is.
    "61:",
    "mov [rsp-8], ecx",
    "shr ecx, 8",
    "cmp ecx, {NOBODY}",
    "ja 62f",
    "mov dword ptr [rsp-8], {NOTHING}",
    "shr r12, 32",
    "shl r12, 32",
    "jmp 4f",
    "62:",
    "cmp ecx, {FIRST_COMPLEX}",
    "jae 9f",
    ordered!("4f"),
    // The last write is of this epoch.
    "2:",
    "cmp dword ptr [r11+{DOES}], {READS}",
    "je 21f",
    "mov r9d, eax",
    "not r9d",
    "test cl, r9b",
    "jz 22f",
    "cmp r12d, ebx",
    "je 22f",
    "test r12d, r12d",
    "jnz 7f",
    "22:",
    "or ecx, eax",
    "mov [rsp-8], ecx",
    // The new write stands at this place.
    "3:",
    "shr r12, 32",
    "shl r12, 32",
    "or r12, rbx",
    "jmp 4f",
    "21:",
    "mov [rsp-8], ecx",
    // The last read.
    "4:",
    "mov ecx, [rdx+4]",
    "mov r9d, ecx",
    "xor r9d, r8d",
    "cmp r9d, 0x100",
    "jb 5f",
    left_by_read!("51f"),
    "51:",
    "mov ecx, r8d",
    "xor cl, cl",
    "or ecx, eax",
    "jmp 52f",
    // It is of this epoch.
    "5:",
    "mov r9d, eax",
    "not r9d",
    "test cl, r9b",
    "jz 53f",
    "or ecx, eax",
    "cmp dword ptr [r11+{DOES}], {WRITES}",
    // The read's place stays behind a write.
    "je 6f",
    "mov r9, r12",
    "shr r9, 32",
    "jz 52f",
    "cmp r9d, ebx",
    "jne 7f",
    "jmp 52f",
    "53:",
    "or ecx, eax",
    // The new read stands at this place.
    "52:",
    "mov r12d, r12d",
    "shl rbx, 32",
    "or r12, rbx",
    "6:",
    "shl rcx, 32",
    "mov eax, [rsp-8]",
    "or rcx, rax",
    "mov [rdx], rcx",
    "mov rcx, {PLACES_BEHIND}",
    "mov [rdx+rcx], r12",
    "63:",
    "pop r12; pop rbx; pop r10; pop r9; pop r8; pop rdx; pop rcx; pop rax",
    "mov r11, [r15+{SCRATCH}]",
    "ret",
    // A write begins that is not of all bytes of the last one, which stands in ecx. The last read must leave nothing.
    "32:",
    "mov [rsp-8], ecx",
    "mov r9d, ecx",
    "shr r9d, 8",
    "cmp r9d, {NOBODY}",
    "jbe 7f",
    "mov ecx, r9d",
    ordered!("33f"),
    "33:",
    "mov ecx, [rdx+4]",
    "mov r9d, ecx",
    "xor r9d, r8d",
    "cmp r9d, 0x100",
    "jb 35f",
    left_by_read!("34f"),
    "35:",
    "mov r9d, eax",
    "not r9d",
    "test cl, r9b",
    "jnz 7f",
    // The last write becomes the earlier of two.
    "34:",
    "mov ecx, [rsp-8]",
    "mov r9d, eax",
    "not r9d",
    "or r9d, 0xffffff00",
    "and ecx, r9d",
    "shl rcx, 32",
    "xor r8b, r8b",
    "or r8d, eax",
    "or rcx, r8",
    "mov [rdx], rcx",
    "shl r12, 32",
    "or r12, rbx",
    "bts r12, {SPLIT_BIT}",
    "mov rcx, {PLACES_BEHIND}",
    "mov [rdx+rcx], r12",
    "jmp 63b",
    // Two writes stand in the cell. The later must be of this epoch.
    "8:",
    "mov ecx, [rdx]",
    "mov r9d, ecx",
    "xor r9d, r8d",
    "cmp r9d, 0x100",
    "jae 7f",
    "mov r10d, [rdx+4]",
    "shr r10d, 8",
    "cmp r10d, {NOBODY}",
    "jbe 7f",
    "mov r9d, r8d",
    "shr r9d, 8",
    "cmp r10d, r9d",
    "je 7f",
    "cmp dword ptr [r11+{DOES}], {WRITES}",
    "je 81f",
    // Its bytes may be read.
    "mov r9d, ecx",
    "not r9d",
    "test al, r9b",
    "jnz 7f",
    "cmp dword ptr [r11+{DOES}], {READS}",
    "je 63b",
    "81:",
    "mov r9d, eax",
    "not r9d",
    "test cl, r9b",
    "jz 82f",
    "cmp r12d, ebx",
    "jne 7f",
    "82:",
    "or ecx, eax",
    "mov [rsp-8], ecx",
    "mov ecx, r10d",
    ordered!("83f"),
    "83:",
    "mov ecx, [rdx+4]",
    "mov r9d, eax",
    "not r9d",
    "test cl, r9b",
    "jz 84f",
    "or r9d, 0xffffff00",
    "and ecx, r9d",
    "shr r12, 32",
    "shl r12, 32",
    "or r12, rbx",
    "jmp 6b",
    // Nothing is left of the earlier one.
    "84:",
    "mov ecx, r8d",
    "xor cl, cl",
    "or ecx, eax",
    "mov r12d, ebx",
    "jmp 52b",
    // A word with a record is read on, by its last reader, to which it is open.
    "9:",
    "mov ecx, [rdx+4]",
    "xor ecx, r8d",
    "cmp ecx, 0x100",
    "jae 7f",
    "mov r9, rbx",
    "shl r9, 32",
    "or r9, {OPEN}",
    "cmp r9, r12",
    "jne 7f",
    "or [rdx+4], eax",
    "jmp 63b",
    "7:",
    "pop r12; pop rbx; pop r10; pop r9; pop r8; pop rdx; pop rcx; pop rax",
    "jmp gorace_check",
    ".globl gorace_first_step_end",
    "gorace_first_step_end:",
    EPOCH_WORD = const offset::EPOCH_WORD,
    ID = const offset::ID,
    SCRATCH = const asm_offset::SCRATCH,
    IGNORED = const offset_of!(Goroutine, race_ignored),
    ORDERS = const offset_of!(Goroutine, check_tables),
    SITES = const offset_of!(Goroutine, check_tables) + 8,
    BYTES = const offset_of!(Check, bytes),
    DOES = const offset_of!(Check, does),
    READS = const READS,
    WRITES = const WRITES,
    LEAST = const (NOBODY + 1) << 8,
    HELD = const HELD as i32,
    NOBODY = const NOBODY,
    FIRST_COMPLEX = const FIRST_COMPLEX as i32,
    OPEN = const OPEN,
    NOTHING = const NOTHING,
    SHADOWED = const HEAP_BASE + HEAP_SIZE - IMAGE_BASE,
    IMAGE_BASE = const IMAGE_BASE,
    SHADOW_DISTANCE = const SHADOW_DISTANCE,
    PLACE_DISTANCE = const PLACE_DISTANCE,
    PLACES_BEHIND = const PLACE_DISTANCE - SHADOW_DISTANCE,
    ATOMIC = const gorace_detect::race::ATOMIC as u64 | (gorace_detect::race::ATOMIC as u64) << 32,
    SPLIT_BIT = const 32 + gorace_detect::race::SPLIT.trailing_zeros(),
    ORDER_FACTOR = const ORDER_FACTOR,
    LAST_ORDER = const ORDERS - 1,
    SITE_FACTOR = const SITE_FACTOR,
    SITE_SHIFT = const SITE_SHIFT,
    LAST_SITE = const SITES - 1,
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goroutine::Gi;
    use gorace_abi::shadow::{MASK_BITS, cell};
    use gorace_detect::Leaf;
    use gorace_detect::leaf;
    use gorace_detect::race::{ATOMIC, SPLIT};

    unsafe extern "C" {
        /// rdi = address, rsi = the activation's word, rdx = goroutine, rcx = check: calls as compiled code does. 0 if no register was changed.
        fn gorace_call_first_step(addr: u64, activation: *const u64, g: *mut libc::c_void, check: *const Check) -> u64;
        static gorace_called_from: u8;
    }

    std::arch::global_asm!(
        ".globl gorace_call_first_step",
        "gorace_call_first_step:",
        "push rbp; push rbx; push r12; push r13; push r14; push r15",
        "sub rsp, 8",
        "mov r15, rdx",
        "mov r11, rcx",
        "mov rax, 11; mov rcx, 12; mov rdx, 13; mov r8, 14; mov r9, 15; mov r10, 16; mov rbx, 17; mov r12, 18; mov rbp, rsp",
        "mov qword ptr [r15+{SCRATCH}], 19",
        "call gorace_first_step",
        ".globl gorace_called_from",
        "gorace_called_from:",
        "xor rax, 11; xor rcx, 12; xor rdx, 13; xor r8, 14; xor r9, 15; xor r10, 16; xor rbx, 17; xor r12, 18; xor r11, 19",
        "xor rbp, rsp",
        "or rax, rcx; or rax, rdx; or rax, r8; or rax, r9; or rax, r10; or rax, rbx; or rax, r12; or rax, r11; or rax, rbp",
        "add rsp, 8",
        "pop r15; pop r14; pop r13; pop r12; pop rbx; pop rbp",
        "ret",
        SCRATCH = const asm_offset::SCRATCH,
    );

    unsafe extern "C" fn not_decided(addr: u64, _: u64, _: u64, _: *const Goroutine, _: u64) -> bool {
        // SAFETY: the test's own memory.
        unsafe { *((addr & !7) as *mut u64) += 1 };
        true
    }

    extern "C" fn never(_: u64, _: u64, _: u64, _: u64) {
        unreachable!("the first step has decided");
    }

    struct Random(u64);

    impl Random {
        fn below(&mut self, n: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % n
        }
    }

    fn map(at: u64) {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
        // SAFETY: a new mapping where nothing is.
        let got = unsafe { libc::mmap(at as *mut libc::c_void, 4096, protection, flags, -1, 0) };
        assert_eq!(got as u64, at);
    }

    /// Random cells, places and tables: what the assembly decides is what `Leaf::access` decides, and all that this does. In a process of its own,
    /// since the heap's addresses are those of other tests' runs.
    #[test]
    fn it_decides_what_the_leaf_does() {
        // SAFETY: the child runs the trials and ends.
        match unsafe { libc::fork() } {
            0 => {
                let ended = std::panic::catch_unwind(trials);
                // SAFETY: ends the child.
                unsafe { libc::_exit(i32::from(ended.is_err())) }
            }
            child => {
                let mut status = 0;
                // SAFETY: waits for the child.
                assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
                assert_eq!(status, 0);
            }
        }
    }

    fn trials() {
        let page = HEAP_BASE + HEAP_SIZE - (1 << 30);
        [page, page + SHADOW_DISTANCE, page + PLACE_DISTANCE].into_iter().for_each(map);
        let at = |addr: u64| addr as *mut u64;
        let pc = &raw const gorace_called_from as u64;
        let mut random = Random(0x2545_f491_4f6c_dd1d);
        let (mut decided, mut splits, mut open) = ([0; 3], 0, 0);
        let mut leaf = Leaf::default();
        for _ in 0..3_000_000 {
            let goroutine = 1 + random.below(3);
            let mut g = Goroutine::new(Gi(0), goroutine, 0, 0);
            let own = 2 + random.below(3) as u32;
            g.header.epoch_word = match random.below(40) {
                0 => 0,
                1 => HELD,
                _ => own << MASK_BITS | 0xff,
            };
            g.race_ignored = u32::from(random.below(40) == 0);
            g.check_tables = leaf.tables();
            // 0 says that none is kept; the upper half of one that is says so.
            let context = random.below(3);
            let kept = if context == 0 { 0 } else { 0x67 << 32 | (context - 1) };
            let places = [0, 3, 5, 9];
            leaf.clear();
            leaf.note_site(context as u32, pc, places[1 + random.below(3) as usize]);
            (0..random.below(6)).for_each(|_| leaf.note_order(2 + random.below(6) as u32, 1 + random.below(3)));
            let half = |random: &mut Random| {
                let epoch = [0, 1, own, own, 2, 3, 4, 5, 6, 7, FIRST_COMPLEX + 3][random.below(11) as usize];
                let mask = if epoch <= NOBODY || epoch >= FIRST_COMPLEX { 0 } else { random.below(256) as u32 };
                let mut place = places[random.below(4) as usize];
                if random.below(20) == 0 {
                    place |= ATOMIC;
                }
                (epoch << MASK_BITS | mask, place)
            };
            let ((mut write, mut write_place), (mut read, mut read_place)) = (half(&mut random), half(&mut random));
            match random.below(4) {
                // Two writes.
                0 => (read, read_place) = (read & !(write & 0xff), read_place | SPLIT),
                1 => (read, read_place) = (write, write_place),
                // A word with a record, open to its last reader.
                2 => {
                    (write, write_place) = (FIRST_COMPLEX << MASK_BITS, OPEN);
                    read_place &= !ATOMIC;
                }
                _ => {}
            }
            let before = (cell(write, read), u64::from(write_place) | u64::from(read_place) << 32);
            let size = 1 << random.below(4);
            let offset = random.below(8) / size * size;
            let does = random.below(3) as u32;
            let check = Check { decides: not_decided, judges: never, bytes: ((1u64 << size) - 1) as u32, does };
            let word = page + 8 * random.below(500);
            // SAFETY: the three pages were mapped above.
            let (after, calls) = unsafe {
                *at(word) = 0;
                *at(word + SHADOW_DISTANCE) = before.0;
                *at(word + PLACE_DISTANCE) = before.1;
                let changed = gorace_call_first_step(word + offset, &kept, (&raw mut *g).cast(), &check);
                assert_eq!(changed, 0);
                ((*at(word + SHADOW_DISTANCE), *at(word + PLACE_DISTANCE)), *at(word))
            };
            let mask = (((1u64 << size) - 1) << offset) as u8;
            let access = |write: bool, state: (u64, u64)| {
                let check = leaf::Check {
                    word,
                    mask,
                    write,
                    goroutine,
                    epoch_word: g.header.epoch_word,
                    context: context as u32,
                    pc,
                };
                leaf.access(state.0, || state.1, &check, |epoch| leaf.knows(epoch, goroutine))
            };
            let wanted = match does {
                READS => access(false, before),
                WRITES => access(true, before),
                _ => access(false, before).and_then(|state| access(true, state)),
            };
            let wanted = wanted.filter(|_| g.race_ignored == 0);
            let what = || format!("{before:x?} {does} {mask:x} {:x} {after:x?} {wanted:x?}", g.header.epoch_word);
            let is_split = |(_, places): (u64, u64)| places >> 32 & u64::from(ATOMIC | SPLIT) == u64::from(SPLIT);
            if calls == 0 {
                assert_eq!(Some(after), wanted, "{}", what());
                decided[does as usize] += 1;
                splits += usize::from(is_split(after));
                open += usize::from(before.0 as u32 >> MASK_BITS >= FIRST_COMPLEX);
            } else {
                // A later write of another epoch is left to the leaf, and an update that begins one.
                let left = is_split(before) || does == UPDATES && wanted.is_some_and(is_split);
                assert!(wanted.is_none() || left, "{}", what());
                assert_eq!(after, before, "{}", what());
            }
        }
        assert!(decided.iter().all(|&n| n > 80_000) && splits > 20_000 && open > 10_000, "{decided:?} {splits} {open}");
    }
}
