//! The same ways from compiled Go to Rust as in `asm`, for runs with several threads: natives take the world's lock on their way in and
//! give it back on their way out, and the scheduler gives it back with the goroutine it chooses. Stack shapes are those of `asm`.
#![allow(unsafe_code, reason = "assembly and its entry points")]

use crate::asm_shapes as shapes;
use crate::goroutine::asm_offset;
use gorace_abi::goroutine::offset;

unsafe extern "C" {
    pub fn gorace_native_threads();
    pub fn gorace_preserving_threads();
    /// As `gorace_leaf`; while the collector marks as an ordinary native.
    pub fn gorace_leaf_threads();
    pub fn gorace_morestack_threads();
    /// A thread's first step: fills the words with the stack pointers of its natives, and runs goroutines. Never returns.
    pub fn gorace_enter_threads(stacks: *mut u64);
    pub static gorace_asm_threads_begin: u8;
    pub static gorace_asm_threads_end: u8;
}

std::arch::global_asm!(
    ".text",
    ".p2align 5",
    ".globl gorace_asm_threads_begin",
    "gorace_asm_threads_begin:",

    ".globl gorace_native_threads",
    "gorace_native_threads:",
    shapes::enter_native!(),
    "2:",
    "mov r12, rsp",
    "mov rbx, r11",
    "mov rsp, [r15+{SYSTEM_SP}]",
    "mov rdi, r15",
    "call {acquire}",
    "mov r9, [r12]", "mov r8, [r12+8]", "mov rcx, [r12+16]", "mov rdx, [r12+24]",
    "mov rsi, [r12+32]", "mov rdi, [r12+40]",
    "call rbx",
    "cmp qword ptr [r15+{PARK}], 0",
    "jne 3f",
    "mov rbx, rax",
    "mov r12, rdx",
    "mov rdi, r15",
    "call {release}",
    "mov rax, rbx",
    "mov rcx, r12",
    "mov rsp, [r15+{SAVED_SP}]",
    "4:",
    shapes::leave_native!(),
    "3:",
    "lea rax, [rip+5f]",
    "lea rdx, [rip+6f]",
    "cmp qword ptr [r15+{PARK}], 2",
    "cmove rax, rdx",
    "7:",
    shapes::note_resumption!(),
    "8:",
    "call {schedule}",
    shapes::switch_to!(),
    // resume_done
    "5:",
    shapes::load_wake_values!(),
    "jmp 4b",
    // resume_retry
    "6:",
    "mov r11, [rsp+48]",
    "lea rbp, [rsp+88]",
    "mov [r15+{SAVED_SP}], rsp",
    "mov [r15+{SAVED_FP}], rbp",
    "jmp 2b",

    ".globl gorace_enter_threads",
    "gorace_enter_threads:",
    "sub rsp, 128",
    "and rsp, -64",
    "mov [rdi], rsp",
    "mov [rdi+8], rsp",
    "jmp 8b",

    ".globl gorace_preserving_threads",
    "gorace_preserving_threads:",
    shapes::enter_preserving!(),
    "mov rbx, r11",
    "mov rsp, [r15+{SYSTEM_SP}]",
    "mov rdi, r15",
    "call {acquire}",
    "mov rdi, [rbp-40]",
    "mov rsi, [rbp-32]",
    "mov rdx, [rbp+8]",
    "mov rcx, [rbp]",
    "call rbx",
    "lea rax, [rip+21f]",
    "cmp qword ptr [r15+{PARK}], 0",
    "jne 7b",
    "mov rdi, r15",
    "call {release}",
    "mov rsp, [r15+{SAVED_SP}]",
    "21:",
    shapes::leave_preserving!(),

    // What a leaf native overwrites must be marked first while the collector marks, under the lock.
    ".globl gorace_leaf_threads",
    "gorace_leaf_threads:",
    "cmp qword ptr [r15+{BARRIER}], 0",
    "jne gorace_native_threads",
    shapes::call_leaf!(),

    // As gorace_morestack; a stack pointer of zero from the runtime says that the goroutine was only asked to stop.
    ".globl gorace_morestack_threads",
    "gorace_morestack_threads:",
    "push rbp",
    "mov rbp, rsp",
    "push rax", "push rdi", "push rsi", "push rdx", "push rcx", "push r8", "push r9", "push r10", "push r11",
    "push rbx", "push r12", "push r13", "push r14",
    shapes::save_vector_arguments!(),
    "mov [r15+{SAVED_SP}], rsp",
    "mov [r15+{SAVED_FP}], rbp",
    "mov rsp, [r15+{SYSTEM_SP}]",
    "mov rdi, r15",
    "call {acquire}",
    "lea rdi, [rbp+8]",
    "mov rsi, [rbp-64]",
    "mov rdx, [rbp-72]",
    "call {grow}",
    "mov rbx, rax",
    "mov rdi, r15",
    "call {release}",
    "mov [rbp-64], rbx",
    "mov rsp, [r15+{SAVED_SP}]",
    shapes::restore_vector_arguments!(),
    "pop r14", "pop r13", "pop r12", "pop rbx",
    "pop r11", "pop r10", "pop r9", "pop r8", "pop rcx", "pop rdx", "pop rsi", "pop rdi", "pop rax",
    "pop rbp",
    "test r10, r10",
    "cmovnz rsp, r10",
    "jmp rax",

    ".globl gorace_asm_threads_end",
    "gorace_asm_threads_end:",
    SAVED_SP = const offset::SAVED_SP,
    SAVED_FP = const offset::SAVED_FP,
    SYSTEM_SP = const offset::SYSTEM_SP,
    BARRIER = const offset::BARRIER,
    PARK = const offset::PARK,
    WAKE = const offset::WAKE_VALUES,
    SCRATCH = const asm_offset::SCRATCH,
    LEAF = const asm_offset::LEAF_FRAME,
    acquire = sym crate::threads::gorace_acquire,
    release = sym crate::threads::gorace_release,
    schedule = sym crate::threads::gorace_schedule_threads,
    grow = sym crate::stack::gorace_grow_threads,
);
