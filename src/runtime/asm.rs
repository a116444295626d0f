//! The machine code between compiled Go and Rust. This file is one unit with `asm_shapes` and `asm_threads`: registers and stack
//! shapes of one routine are relied on by the others.
//!
//! Compiled code: arguments rdi rsi rdx rcx r8 r9 and xmm0-7, results rax rcx rdx rsi rdi r8 r9 r10 and xmm0-7, r15 the
//! goroutine, callee-saved rbx rbp r12 r13 r14, the callee pops stack arguments (`gorace_abi::calling`).
//!
//! **Native call** (`gorace_native`, r11 = Rust function). Stack of the goroutine while inside:
//! ```text
//! return address | rbp | rbx r12 r13 r14 | r11 rdi rsi rdx rcx r8 r9   <- saved_sp
//! ```
//! `park` 1: the goroutine is switched out with the address `resume_done` on top and returns `wake_values` when it goes on;
//! `park` 2: with `resume_retry`: the native is called again with its arguments.
//!
//! **Preserving call** (`gorace_preserving`): the same with every register saved; rdx = return address, rcx = frame pointer.
//!
//! **Check** (`gorace_check`): a preserving call whose first step stays on the goroutine's stack; nearly always it is the only one.
//!
//! **Switching in**: rsp = saved_sp, then jump to the address popped from the stack. A new goroutine's is `gorace_start`.
//!
//! **More stack** (`gorace_morestack`): copies the stack arguments to the large segment, puts `gorace_lessstack` as return address
//! above the body's frame, and jumps to the body. The frame-pointer chain is untouched: it crosses segments by itself.
#![allow(unsafe_code, reason = "assembly and its entry points")]

use crate::asm_shapes as shapes;
use crate::asm_threads::{gorace_asm_threads_begin, gorace_asm_threads_end};
use crate::first_step::is_first_step;
use crate::goroutine::{Goroutine, asm_offset};
use gorace_abi::deferframe::DeferFrame;
use gorace_abi::goroutine::{GoroutineHeader, offset};
use std::mem::offset_of;

unsafe extern "C" {
    /// Where stubs of ordinary natives go, r11 = Rust function.
    pub fn gorace_native();
    /// Where stubs of register-preserving natives go, r11 = Rust function, old r11 in the goroutine's scratch word.
    pub fn gorace_preserving();
    pub fn gorace_check();
    /// Where stubs of leaf natives go, r11 = Rust function.
    pub fn gorace_leaf();
    /// `runtime.morestack`.
    pub fn gorace_morestack();
    /// The return address of the first frame on a large segment.
    pub fn gorace_lessstack();
    /// `runtime.setjump`.
    pub fn gorace_setjump();
    /// `runtime.longjump`.
    pub fn gorace_longjump();
    /// First code of a goroutine.
    pub fn gorace_start();
    /// Where the signal handler sends a goroutine that faulted.
    pub fn gorace_sigpanic();
    /// Where a native returns to that ends the program in Go.
    pub fn gorace_fatal();
    /// `runtime.callRegisters`.
    pub fn gorace_call_registers();
    /// `reflect.makeFuncStub` and `reflect.methodValueCall`.
    pub fn gorace_make_func();
    pub fn gorace_method_value();
    /// Runs goroutines until the scheduler gives none; fills the two words with the stack pointers to use and to leave by.
    pub fn gorace_enter(stacks: *mut [u64; 2]);
    /// Leaves `gorace_enter` from anywhere on the system stack.
    pub fn gorace_leave(sp: u64) -> !;
    /// Calls a func value without arguments on this stack, as a goroutine.
    pub fn gorace_call_go(g: *mut GoroutineHeader, function: u64);
    /// Copies words from a range to a set (the collector's own registers need no saving: natives saved the goroutine's).
    pub static gorace_asm_begin: u8;
    pub static gorace_asm_end: u8;
}

/// Whether an address is in these routines.
pub fn is_asm(pc: u64) -> bool {
    let (begin, end) = (&raw const gorace_asm_begin as u64, &raw const gorace_asm_end as u64);
    let (begin_threads, end_threads) =
        (&raw const gorace_asm_threads_begin as u64, &raw const gorace_asm_threads_end as u64);
    (begin..end).contains(&pc) || (begin_threads..end_threads).contains(&pc) || is_first_step(pc)
}

/// Func values that Go registered by `setHook`; assembly reads them.
#[unsafe(no_mangle)]
pub static mut GORACE_HOOKS: [u64; 8] = [0; 8];

/// Where natives are entered that these routines call themselves: `gorace_native`, or its twin for several threads.
#[unsafe(no_mangle)]
pub static mut GORACE_NATIVE_ENTRY: unsafe extern "C" fn() = gorace_native;

/// Index of the hook that turns a fault into a panic.
pub const HOOK_SIGPANIC: usize = 0;
/// Index of the hook behind functions made by `reflect.MakeFunc`.
pub const HOOK_MAKE_FUNC: usize = 1;
/// Index of the hook behind method values made by reflect.
pub const HOOK_METHOD_VALUE: usize = 2;
/// Index of the hook that empties the pools of package sync.
pub const HOOK_POOL_CLEANUP: usize = 3;
/// Index of the hook that is never called: what goroutines' first functions return to.
pub const HOOK_GOEXIT: usize = 4;
/// Index of the hook that ends the program because of what a native was asked for.
pub const HOOK_FATAL: usize = 5;

/// The code of a hook; 0 when golib has set none.
pub fn hook(index: usize) -> u64 {
    // SAFETY: golib sets the words before the program's own code runs, to func values of the image.
    unsafe {
        match GORACE_HOOKS[index] {
            0 => 0,
            function => *(function as *const u64),
        }
    }
}

/// The state of a call between reflect's frames and registers (shared with golib's `registerCall`).
#[repr(C)]
#[derive(Debug)]
pub struct RegisterCall {
    pub code: u64,
    pub context: u64,
    pub nstack: u64,
    pub stack: *mut u64,
    pub ints: [u64; 6],
    pub floats: [u64; 8],
    pub rints: [u64; 8],
    pub rfloats: [u64; 8],
}

std::arch::global_asm!(
    ".text",
    ".p2align 5",
    ".globl gorace_asm_begin",
    "gorace_asm_begin:",

    ".globl gorace_native",
    "gorace_native:",
    shapes::enter_native!(),
    "2:",
    "mov rsp, [r15+{SYSTEM_SP}]",
    "call r11",
    "cmp qword ptr [r15+{PARK}], 0",
    "jne 3f",
    "mov rcx, rdx",
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
    "test rax, rax",
    "jz 9f",
    shapes::switch_to!(),
    // resume_done
    "5:",
    shapes::load_wake_values!(),
    "jmp 4b",
    // resume_retry
    "6:",
    "mov r9, [rsp]", "mov r8, [rsp+8]", "mov rcx, [rsp+16]", "mov rdx, [rsp+24]",
    "mov rsi, [rsp+32]", "mov rdi, [rsp+40]", "mov r11, [rsp+48]",
    "lea rbp, [rsp+88]",
    "mov [r15+{SAVED_SP}], rsp",
    "mov [r15+{SAVED_FP}], rbp",
    "jmp 2b",
    // no goroutine: the program is over; gorace_enter left its stack pointer right above system_sp
    "9:",
    "mov rsp, [rsp]",
    "jmp 20f",

    ".globl gorace_enter",
    "gorace_enter:",
    "push rbp", "push rbx", "push r12", "push r13", "push r14", "push r15",
    "mov rax, rsp",
    "sub rsp, 64",
    "and rsp, -64",
    "mov [rsp], rax",
    "mov [rdi], rsp",
    "mov [rdi+8], rax",
    "jmp 8b",
    "20:",
    "pop r15", "pop r14", "pop r13", "pop r12", "pop rbx", "pop rbp",
    "ret",

    ".globl gorace_leave",
    "gorace_leave:",
    "mov rsp, rdi",
    "jmp 20b",

    ".globl gorace_call_go",
    "gorace_call_go:",
    "push rbp", "push rbx", "push r12", "push r13", "push r14", "push r15",
    "sub rsp, 8",
    "mov r15, rdi",
    "mov [r15+{CONTEXT}], rsi",
    "call [rsi]",
    "add rsp, 8",
    "jmp 20b",

    ".globl gorace_preserving",
    "gorace_preserving:",
    shapes::enter_preserving!(),
    "mov rdx, [rbp+8]",
    "mov rcx, [rbp]",
    "mov rsp, [r15+{SYSTEM_SP}]",
    "call r11",
    "22:",
    "lea rax, [rip+21f]",
    "cmp qword ptr [r15+{PARK}], 0",
    "jne 7b",
    "mov rsp, [r15+{SAVED_SP}]",
    "21:",
    shapes::leave_preserving!(),

    // r11 = a `Check`. Its first step needs no switch of stacks.
    ".globl gorace_check",
    "gorace_check:",
    shapes::enter_preserving!(),
    "mov rbx, r11",
    "mov rdx, [rbp+8]",
    "mov rcx, r15",
    "mov r8, [rbp]",
    "sub rsp, 8",
    "call [rbx]",
    "add rsp, 8",
    "test al, al",
    "jnz 21b",
    "mov rdi, [rbp-40]",
    "mov rsi, [rbp-32]",
    "mov rdx, [rbp+8]",
    "mov rcx, [rbp]",
    "mov rsp, [r15+{SYSTEM_SP}]",
    "call [rbx+8]",
    "jmp 22b",

    ".globl gorace_leaf",
    "gorace_leaf:",
    shapes::call_leaf!(),

    // rax = body, r10 = frame, r11 = bytes of stack arguments, [rsp] = return address; arguments live. The runtime gives the stack pointer
    // to go on with, or that there is room (`ROOM`), and perhaps that others go first (`PREEMPTED`).
    ".globl gorace_morestack",
    "gorace_morestack:",
    "push rbp",
    "mov rbp, rsp",
    "push rax", "push rdi", "push rsi", "push rdx", "push rcx", "push r8", "push r9",
    shapes::save_vector_arguments!(),
    "mov [r15+{SAVED_SP}], rsp",
    "mov [r15+{SAVED_FP}], rbp",
    "lea rdi, [rbp+8]",
    "mov rsi, r10",
    "mov rdx, r11",
    "mov rcx, rax",
    "mov rsp, [r15+{SYSTEM_SP}]",
    "call {grow}",
    "mov r10, rax",
    "mov rsp, [r15+{SAVED_SP}]",
    shapes::restore_vector_arguments!(),
    "pop r9", "pop r8", "pop rcx", "pop rdx", "pop rsi", "pop rdi", "pop rax",
    "pop rbp",
    "cmp r10, {PREEMPTED}",
    "je 30f",
    "cmova rsp, r10",
    "jmp rax",
    "30:",
    "push rbp",
    "mov rbp, rsp",
    "lea r11, [rip+{preempt}]",
    "call gorace_preserving",
    "pop rbp",
    "jmp rax",

    ".globl gorace_lessstack",
    "gorace_lessstack:",
    "mov r11, [r15+{HOP_GUARD}]",
    "mov [r15+{GUARD}], r11",
    "mov rsp, [r15+{HOP_SP}]",
    "pop r11",
    "add rsp, [r15+{HOP_ARGUMENTS}]",
    "jmp r11",

    ".globl gorace_setjump",
    "gorace_setjump:",
    "mov rax, [rsp]",
    "mov [rdi+{JUMP_PC}], rax",
    "lea rax, [rsp+8]",
    "mov [rdi+{JUMP_SP}], rax",
    "mov [rdi+{JUMP_FP}], rbp",
    "mov [rdi+{JUMP_RBX}], rbx",
    "mov [rdi+{JUMP_R12}], r12",
    "mov [rdi+{JUMP_R13}], r13",
    "mov [rdi+{JUMP_R14}], r14",
    "mov rax, [r15+{GUARD}]",
    "mov [rdi+{JUMP_GUARD}], rax",
    "xor eax, eax",
    "ret",

    ".globl gorace_longjump",
    "gorace_longjump:",
    "mov rax, [rdi+{JUMP_GUARD}]",
    "mov [r15+{GUARD}], rax",
    "mov rbp, [rdi+{JUMP_FP}]",
    "mov rbx, [rdi+{JUMP_RBX}]",
    "mov r12, [rdi+{JUMP_R12}]",
    "mov r13, [rdi+{JUMP_R13}]",
    "mov r14, [rdi+{JUMP_R14}]",
    "mov rsp, [rdi+{JUMP_SP}]",
    "mov eax, 1",
    "jmp qword ptr [rdi+{JUMP_PC}]",

    ".globl gorace_start",
    "gorace_start:",
    // What another goroutine left in the registers would be saved in this one's frames, and keep garbage alive there.
    "xor eax, eax", "xor ebx, ebx", "xor ecx, ecx", "xor edx, edx", "xor esi, esi", "xor ebp, ebp",
    "xor r8d, r8d", "xor r9d, r9d", "xor r10d, r10d", "xor r12d, r12d", "xor r13d, r13d", "xor r14d, r14d",
    "mov rdi, [r15+{ENTRY}]",
    "mov [r15+{CONTEXT}], rdi",
    "call [rdi]",
    "lea r11, [rip+{goexit}]",
    "call [rip+{native_entry}]",
    "ud2",

    // The handler pushed the faulting address + 1 as return address.
    ".globl gorace_sigpanic",
    "gorace_sigpanic:",
    "push rbp",
    "mov rbp, rsp",
    "and rsp, -16",
    "mov rax, [rip+{hooks}]",
    "mov [r15+{CONTEXT}], rax",
    "call [rax]",
    "ud2",

    // A native has put itself in the place of its return address, which it has noted.
    ".globl gorace_fatal",
    "gorace_fatal:",
    "push qword ptr [r15+{RETURNS_TO}]",
    "push rbp",
    "mov rbp, rsp",
    "and rsp, -16",
    "mov rax, [rip+{hooks}+40]",
    "mov [r15+{CONTEXT}], rax",
    "call [rax]",
    "ud2",

    ".globl gorace_call_registers",
    "gorace_call_registers:",
    "push rbp",
    "mov rbp, rsp",
    "push rbx",
    "push r12",
    "mov rbx, rdi",
    "mov rcx, [rbx+{NSTACK}]",
    "mov rdx, [rbx+{STACK}]",
    "22:",
    "test rcx, rcx",
    "jz 13f",
    "push qword ptr [rdx+rcx*8-8]",
    "dec rcx",
    "jmp 22b",
    "13:",
    "movsd xmm0, [rbx+{FLOATS}]", "movsd xmm1, [rbx+{FLOATS}+8]", "movsd xmm2, [rbx+{FLOATS}+16]",
    "movsd xmm3, [rbx+{FLOATS}+24]", "movsd xmm4, [rbx+{FLOATS}+32]", "movsd xmm5, [rbx+{FLOATS}+40]",
    "movsd xmm6, [rbx+{FLOATS}+48]", "movsd xmm7, [rbx+{FLOATS}+56]",
    "mov rax, [rbx+{CTX}]",
    "mov [r15+{CONTEXT}], rax",
    "mov rdi, [rbx+{INTS}]", "mov rsi, [rbx+{INTS}+8]", "mov rdx, [rbx+{INTS}+16]",
    "mov rcx, [rbx+{INTS}+24]", "mov r8, [rbx+{INTS}+32]", "mov r9, [rbx+{INTS}+40]",
    "call [rbx+{CODE}]",
    "mov [rbx+{RINTS}], rax", "mov [rbx+{RINTS}+8], rcx", "mov [rbx+{RINTS}+16], rdx", "mov [rbx+{RINTS}+24], rsi",
    "mov [rbx+{RINTS}+32], rdi", "mov [rbx+{RINTS}+40], r8", "mov [rbx+{RINTS}+48], r9", "mov [rbx+{RINTS}+56], r10",
    "movsd [rbx+{RFLOATS}], xmm0", "movsd [rbx+{RFLOATS}+8], xmm1", "movsd [rbx+{RFLOATS}+16], xmm2",
    "movsd [rbx+{RFLOATS}+24], xmm3", "movsd [rbx+{RFLOATS}+32], xmm4", "movsd [rbx+{RFLOATS}+40], xmm5",
    "movsd [rbx+{RFLOATS}+48], xmm6", "movsd [rbx+{RFLOATS}+56], xmm7",
    "lea rsp, [rbp-16]",
    "pop r12", "pop rbx", "pop rbp",
    "ret",

    // A function made by reflect: its arguments go to a RegisterCall, a Go function does the rest. `nstack` comes back
    // as the bytes of stack arguments to pop.
    ".globl gorace_make_func",
    "gorace_make_func:",
    "mov r11, [rip+{hooks}+8]",
    "jmp 14f",
    ".globl gorace_method_value",
    "gorace_method_value:",
    "mov r11, [rip+{hooks}+16]",
    "14:",
    "push rbp",
    "mov rbp, rsp",
    "sub rsp, {RECORD}",
    "mov [rsp+{INTS}], rdi", "mov [rsp+{INTS}+8], rsi", "mov [rsp+{INTS}+16], rdx",
    "mov [rsp+{INTS}+24], rcx", "mov [rsp+{INTS}+32], r8", "mov [rsp+{INTS}+40], r9",
    "movsd [rsp+{FLOATS}], xmm0", "movsd [rsp+{FLOATS}+8], xmm1", "movsd [rsp+{FLOATS}+16], xmm2",
    "movsd [rsp+{FLOATS}+24], xmm3", "movsd [rsp+{FLOATS}+32], xmm4", "movsd [rsp+{FLOATS}+40], xmm5",
    "movsd [rsp+{FLOATS}+48], xmm6", "movsd [rsp+{FLOATS}+56], xmm7",
    "lea rax, [rbp+16]",
    "mov [rsp+{STACK}], rax",
    "mov rax, [r15+{CONTEXT}]",
    "mov [rsp+{CTX}], rax",
    "mov qword ptr [rsp+{NSTACK}], 0",
    "mov rdi, rsp",
    "mov [r15+{CONTEXT}], r11",
    "call [r11]",
    // The return address moves above the arguments that are popped.
    "mov r11, [rsp+{NSTACK}]",
    "mov rax, [rbp+8]",
    "lea r11, [rbp+r11+8]",
    "mov rcx, [rbp]",
    "mov [r11], rax",
    "mov rbp, rcx",
    "movsd xmm0, [rsp+{RFLOATS}]", "movsd xmm1, [rsp+{RFLOATS}+8]", "movsd xmm2, [rsp+{RFLOATS}+16]",
    "movsd xmm3, [rsp+{RFLOATS}+24]", "movsd xmm4, [rsp+{RFLOATS}+32]", "movsd xmm5, [rsp+{RFLOATS}+40]",
    "movsd xmm6, [rsp+{RFLOATS}+48]", "movsd xmm7, [rsp+{RFLOATS}+56]",
    "mov rax, [rsp+{RINTS}]", "mov rcx, [rsp+{RINTS}+8]", "mov rdx, [rsp+{RINTS}+16]", "mov rsi, [rsp+{RINTS}+24]",
    "mov rdi, [rsp+{RINTS}+32]", "mov r8, [rsp+{RINTS}+40]", "mov r9, [rsp+{RINTS}+48]", "mov r10, [rsp+{RINTS}+56]",
    "mov rsp, r11",
    "ret",

    ".globl gorace_asm_end",
    "gorace_asm_end:",
    SAVED_SP = const offset::SAVED_SP,
    SAVED_FP = const offset::SAVED_FP,
    SYSTEM_SP = const offset::SYSTEM_SP,
    PARK = const offset::PARK,
    WAKE = const offset::WAKE_VALUES,
    GUARD = const offset::STACK_GUARD,
    CONTEXT = const offset::CLOSURE_CONTEXT,
    SCRATCH = const asm_offset::SCRATCH,
    LEAF = const asm_offset::LEAF_FRAME,
    RETURNS_TO = const asm_offset::RETURNS_TO,
    HOP_SP = const asm_offset::HOP_SP,
    HOP_GUARD = const asm_offset::HOP_GUARD,
    HOP_ARGUMENTS = const asm_offset::HOP_ARGUMENTS,
    ENTRY = const asm_offset::ENTRY,
    JUMP_SP = const offset_of!(DeferFrame, sp),
    JUMP_PC = const offset_of!(DeferFrame, pc),
    JUMP_FP = const offset_of!(DeferFrame, fp),
    JUMP_RBX = const offset_of!(DeferFrame, rbx),
    JUMP_R12 = const offset_of!(DeferFrame, r12),
    JUMP_R13 = const offset_of!(DeferFrame, r13),
    JUMP_R14 = const offset_of!(DeferFrame, r14),
    JUMP_GUARD = const offset_of!(DeferFrame, stack_guard),
    CODE = const offset_of!(RegisterCall, code),
    CTX = const offset_of!(RegisterCall, context),
    NSTACK = const offset_of!(RegisterCall, nstack),
    STACK = const offset_of!(RegisterCall, stack),
    INTS = const offset_of!(RegisterCall, ints),
    FLOATS = const offset_of!(RegisterCall, floats),
    RINTS = const offset_of!(RegisterCall, rints),
    RFLOATS = const offset_of!(RegisterCall, rfloats),
    RECORD = const std::mem::size_of::<RegisterCall>().next_multiple_of(16),
    hooks = sym GORACE_HOOKS,
    native_entry = sym GORACE_NATIVE_ENTRY,
    schedule = sym crate::scheduler::gorace_schedule,
    grow = sym crate::stack::gorace_grow,
    preempt = sym crate::natives::goroutine::preempt,
    PREEMPTED = const crate::stack::PREEMPTED,
    goexit = sym crate::natives::goroutine::goexit1,
);

/// The stub that a native's slot points at: loads r11 and jumps to the trampoline.
pub fn stub(code: &mut Vec<u8>, trampoline: u64, function: u64, preserving: bool) {
    if preserving {
        // mov [r15+scratch], r11
        code.extend([0x4d, 0x89, 0x9f]);
        code.extend((asm_offset::SCRATCH as u32).to_le_bytes());
    }
    // mov r11, imm64; jmp [rip+0]; address
    code.extend([0x49, 0xbb]);
    code.extend(function.to_le_bytes());
    code.extend([0xff, 0x25, 0, 0, 0, 0]);
    code.extend(trampoline.to_le_bytes());
    while !code.len().is_multiple_of(16) {
        code.push(0xcc);
    }
}

const _: () = assert!(std::mem::offset_of!(Goroutine, header) == 0);
