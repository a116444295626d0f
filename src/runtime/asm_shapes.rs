//! The stack shapes of the trampolines in `asm` and `asm_threads`, as pieces of assembly: what is pushed on the way in, and popped on the
//! way out. The pieces name the offsets that both files bind.

/// An ordinary native is entered: frame, callee-saved registers, function and arguments, noted in the goroutine.
macro_rules! enter_native {
    () => {
        "push rbp
        mov rbp, rsp
        push rbx; push r12; push r13; push r14
        push r11; push rdi; push rsi; push rdx; push rcx; push r8; push r9
        mov [r15+{SAVED_SP}], rsp
        mov [r15+{SAVED_FP}], rbp"
    };
}

/// It returns to compiled code; rsp is where `enter_native` left it.
macro_rules! leave_native {
    () => {
        "add rsp, 56
        pop r14; pop r13; pop r12; pop rbx; pop rbp
        ret"
    };
}

/// A parked goroutine is left: rax, the address where it goes on, becomes the top of its stack.
macro_rules! note_resumption {
    () => {
        "mov rsp, [r15+{SAVED_SP}]
        push rax
        mov [r15+{SAVED_SP}], rsp
        mov qword ptr [r15+{PARK}], 0
        mov rsp, [r15+{SYSTEM_SP}]"
    };
}

/// The goroutine in rax is switched to.
macro_rules! switch_to {
    () => {
        "mov r15, rax
        mov rsp, [r15+{SAVED_SP}]
        pop rax
        jmp rax"
    };
}

/// rax and rcx are what the goroutine was woken with.
macro_rules! load_wake_values {
    () => {
        "mov rax, [r15+{WAKE}]
        mov rcx, [r15+{WAKE}+8]"
    };
}

/// Room for the first eight vector registers, and they in it.
macro_rules! save_vector_arguments {
    () => {
        "sub rsp, 128
        movups [rsp], xmm0; movups [rsp+16], xmm1; movups [rsp+32], xmm2; movups [rsp+48], xmm3
        movups [rsp+64], xmm4; movups [rsp+80], xmm5; movups [rsp+96], xmm6; movups [rsp+112], xmm7"
    };
}

macro_rules! restore_vector_arguments {
    () => {
        "movups xmm0, [rsp]; movups xmm1, [rsp+16]; movups xmm2, [rsp+32]; movups xmm3, [rsp+48]
        movups xmm4, [rsp+64]; movups xmm5, [rsp+80]; movups xmm6, [rsp+96]; movups xmm7, [rsp+112]
        add rsp, 128"
    };
}

/// A register-preserving native is entered: every register, noted in the goroutine.
macro_rules! enter_preserving {
    () => {
        "push rbp
        mov rbp, rsp
        push rax; push rcx; push rdx; push rsi; push rdi; push r8; push r9; push r10
        push qword ptr [r15+{SCRATCH}]
        push rbx; push r12; push r13; push r14
        sub rsp, 256
        movups [rsp], xmm0; movups [rsp+16], xmm1; movups [rsp+32], xmm2; movups [rsp+48], xmm3
        movups [rsp+64], xmm4; movups [rsp+80], xmm5; movups [rsp+96], xmm6; movups [rsp+112], xmm7
        movups [rsp+128], xmm8; movups [rsp+144], xmm9; movups [rsp+160], xmm10; movups [rsp+176], xmm11
        movups [rsp+192], xmm12; movups [rsp+208], xmm13; movups [rsp+224], xmm14; movups [rsp+240], xmm15
        mov [r15+{SAVED_SP}], rsp
        mov [r15+{SAVED_FP}], rbp"
    };
}

/// It returns; rsp is where `enter_preserving` left it.
macro_rules! leave_preserving {
    () => {
        "movups xmm0, [rsp]; movups xmm1, [rsp+16]; movups xmm2, [rsp+32]; movups xmm3, [rsp+48]
        movups xmm4, [rsp+64]; movups xmm5, [rsp+80]; movups xmm6, [rsp+96]; movups xmm7, [rsp+112]
        movups xmm8, [rsp+128]; movups xmm9, [rsp+144]; movups xmm10, [rsp+160]; movups xmm11, [rsp+176]
        movups xmm12, [rsp+192]; movups xmm13, [rsp+208]; movups xmm14, [rsp+224]; movups xmm15, [rsp+240]
        add rsp, 256
        pop r14; pop r13; pop r12; pop rbx
        pop r11; pop r10; pop r9; pop r8; pop rdi; pop rsi; pop rdx; pop rcx; pop rax
        pop rbp
        ret"
    };
}

/// A leaf native runs on the goroutine's stack; its frame is noted so that a fault inside can be laid to the caller.
macro_rules! call_leaf {
    () => {
        "push rbp
        mov rbp, rsp
        mov [r15+{LEAF}], rbp
        call r11
        pop rbp
        ret"
    };
}

pub(crate) use {
    call_leaf, enter_native, enter_preserving, leave_native, leave_preserving, load_wake_values, note_resumption,
    restore_vector_arguments, save_vector_arguments, switch_to,
};
