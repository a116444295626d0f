//! Whole runs without a compiler: goroutine bodies are Rust functions on goroutine stacks that call natives through the real
//! stubs. Each test runs in a forked child, because a run owns fixed addresses and ends with a status.
#![allow(unsafe_code, reason = "plays the part of compiled code")]

use crate::address_space;
use crate::image::Image;
use crate::natives::Stubs;
use crate::policy::{Live, Policy, Uniform};
use crate::world::{Mode, Options, make, world};
use std::sync::OnceLock;

static STUBS: OnceLock<Stubs> = OnceLock::new();

/// Calls a native as compiled code does; bodies stand in for it, so r15 is set here.
fn native(name: &str, args: &[u64]) -> (u64, u64) {
    enter(STUBS.get().unwrap().address(name), args)
}

#[inline(never)]
fn enter(stub: u64, args: &[u64]) -> (u64, u64) {
    let g = std::ptr::from_mut(world().current()) as u64;
    let mut a = [0u64; 6];
    a[..args.len()].copy_from_slice(args);
    let (first, second);
    // SAFETY: the stub keeps rbx, rbp, r12-r14 (and r15 as the goroutine, which is restored); all else is declared lost.
    unsafe {
        std::arch::asm!(
            "push r15", "push r15", "mov r15, rax", "call r11", "pop r15", "pop r15",
            inlateout("rax") g => first, inlateout("rcx") a[3] => second,
            inlateout("rdi") a[0] => _, inlateout("rsi") a[1] => _, inlateout("rdx") a[2] => _,
            inlateout("r8") a[4] => _, inlateout("r9") a[5] => _, inlateout("r11") stub => _,
            lateout("r10") _, clobber_abi("C"),
        );
    }
    (first, second)
}

fn say(text: &str) {
    native("runtime.write", &[1, text.as_ptr() as u64, text.len() as u64]);
}

fn go(body: extern "C" fn()) {
    native("runtime.newproc", &[func_value(body)]);
}

fn func_value(body: extern "C" fn()) -> u64 {
    Box::leak(Box::new(body as *const () as u64)) as *const u64 as u64
}

fn exit(status: i32) {
    native("runtime.exit", &[status as u64]);
}

/// A pointer-shaped type descriptor, one without pointers, and one of a two-word struct {pointer, integer}.
fn descriptor(size: u64, pointer_bytes: u64, kind: u8, mask: u8) -> u64 {
    let mask = Box::leak(Box::new([mask, 0, 0, 0, 0, 0, 0, 0]));
    let words: &'static mut [u64; 8] = Box::leak(Box::new([0; 8]));
    words[0] = size;
    words[1] = pointer_bytes;
    words[2] = u64::from(kind) << 56 | 8 << 48 | 8 << 40;
    words[4] = mask.as_ptr() as u64;
    words.as_ptr() as u64
}

fn run(seed: Option<u64>, env: &[&str], main: extern "C" fn()) -> (i32, String) {
    let env = env.iter().map(|e| std::ffi::CString::new(*e).unwrap()).collect();
    run_with(seed, Options { env, ..Options::default() }, main)
}

fn run_with(seed: Option<u64>, options: Options, main: extern "C" fn()) -> (i32, String) {
    let mut pipe = [0; 2];
    // SAFETY: two descriptors are written.
    assert_eq!(unsafe { libc::pipe(pipe.as_mut_ptr()) }, 0);
    // SAFETY: the child runs only what follows and ends by _exit.
    match unsafe { libc::fork() } {
        0 => {
            // SAFETY: plain descriptor calls.
            unsafe {
                libc::dup2(pipe[1], 1);
                libc::dup2(pipe[1], 2);
            }
            let status = child(seed, options, main);
            // SAFETY: ends the child without the test harness's exit handlers.
            unsafe { libc::_exit(status) }
        }
        child => {
            // SAFETY: our own descriptors and child.
            unsafe { libc::close(pipe[1]) };
            let mut out = String::new();
            use std::io::Read;
            use std::os::fd::FromRawFd;
            // SAFETY: the descriptor is ours and open.
            let mut file = unsafe { std::fs::File::from_raw_fd(pipe[0]) };
            file.read_to_string(&mut out).unwrap();
            let mut status = 0;
            // SAFETY: our own child.
            unsafe { libc::waitpid(child, &mut status, 0) };
            let status = if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -libc::WTERMSIG(status) };
            (status, out)
        }
    }
}

fn child(seed: Option<u64>, options: Options, main: extern "C" fn()) -> i32 {
    address_space::reserve().unwrap();
    STUBS.set(Stubs::new(false).unwrap()).ok();
    let policy: Box<dyn Policy> = match seed {
        Some(seed) => Box::new(Uniform::new(seed)),
        None => Box::new(Live::new(1)),
    };
    let options = Options { mode: seed.map_or(Mode::Run, |seed| Mode::Explore { seed }), ..options };
    let world = make(options, Image::empty(), policy, None);
    crate::signals::install();
    world.start(func_value(main), 0, false);
    world.enter()
}

fn channel(size: u64) -> u64 {
    native("runtime.chanmake", &[descriptor(8, 0, 2, 0), size]).0
}

fn send(c: u64, value: u64) -> u64 {
    native("runtime.chansendNative", &[c, &raw const value as u64, 1, 0]).0
}

fn receive(c: u64) -> (u64, bool) {
    let mut value = 77u64;
    let (bits, _) = native("runtime.chanrecvNative", &[c, &raw mut value as u64, 1, 0]);
    (unsafe { (&raw const value).read_volatile() }, bits & 2 != 0)
}

static mut SHARED: [u64; 8] = [0; 8];

fn shared(i: usize) -> u64 {
    // SAFETY: one thread in the child.
    unsafe { (&raw const SHARED[i]).read_volatile() }
}

fn set_shared(i: usize, value: u64) {
    // SAFETY: one thread in the child.
    unsafe { (&raw mut SHARED[i]).write_volatile(value) }
}

extern "C" fn producer() {
    for i in 0..100 {
        send(shared(0), i);
    }
    native("runtime.chancloseNative", &[shared(0), 0]);
}

fn consume(size: u64) {
    set_shared(0, channel(size));
    go(producer);
    let mut sum = 0;
    loop {
        match receive(shared(0)) {
            (value, true) => sum += value,
            (zero, false) => {
                assert_eq!(zero, 0);
                break;
            }
        }
    }
    say(&format!("sum {sum}\n"));
    exit(7);
}

extern "C" fn unbuffered() {
    consume(0);
}

extern "C" fn buffered() {
    consume(3);
}

#[test]
fn channels_carry_every_value_once_in_order_and_close() {
    for seed in [None, Some(1), Some(2), Some(3)] {
        assert_eq!(run(seed, &[], unbuffered), (7, "sum 4950\n".into()));
        assert_eq!(run(seed, &[], buffered), (7, "sum 4950\n".into()));
    }
}

extern "C" fn blocks_alone() {
    receive(channel(0));
}

#[test]
fn a_deadlock_is_told_in_the_words_of_go() {
    let (status, text) = run(None, &[], blocks_alone);
    assert_eq!(status, 2);
    assert!(
        text.starts_with(
            "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive, locked to thread]:\n"
        ),
        "{text}"
    );
}

extern "C" fn selector() {
    let (a, b) = (channel(0), channel(1));
    set_shared(0, a);
    set_shared(1, b);
    extern "C" fn sends() {
        send(shared(0), 5);
        native("runtime.sleep", &[1000, 0]);
        send(shared(1), 6);
    }
    go(sends);
    let mut seen = 0;
    for _ in 0..2 {
        let mut values = [0u64; 2];
        let cases = [[a, &raw mut values[0] as u64], [b, &raw mut values[1] as u64]];
        let (case, flags) = native("runtime.selectNative", &[cases.as_ptr() as u64, 0, 2, 1, 0]);
        assert_eq!(flags, 2);
        seen += unsafe { (&raw const values[case as usize]).read_volatile() } * 10u64.pow(case as u32);
    }
    let nothing = native("runtime.selectNative", &[[[a, 0]].as_ptr() as u64, 0, 1, 0, 0]);
    say(&format!("{seen} {}\n", nothing.0 as i64));
    exit(0);
}

#[test]
fn select_takes_what_is_ready_and_waits_for_all_its_cases() {
    for seed in [None, Some(1), Some(5)] {
        assert_eq!(run(seed, &[], selector), (0, "65 -1\n".into()));
    }
}

extern "C" fn lockers() {
    let lock = native("runtime.mallocgc", &[24, 0, 1]).0;
    set_shared(0, lock);
    set_shared(2, channel(0));
    extern "C" fn worker() {
        for _ in 0..50 {
            native("sync.(*Mutex).Lock", &[shared(0)]);
            let seen = shared(1);
            native("runtime.gosched", &[]);
            set_shared(1, seen + 1);
            native("sync.(*Mutex).Unlock", &[shared(0)]);
        }
        send(shared(2), 1);
    }
    for _ in 0..8 {
        go(worker);
    }
    for _ in 0..8 {
        receive(shared(2));
    }
    say(&format!("{}\n", shared(1)));
    native("sync.(*Mutex).Unlock", &[lock]);
}

#[test]
fn a_mutex_excludes_and_its_misuse_is_fatal() {
    for seed in [None, Some(1), Some(2)] {
        let (status, text) = run(seed, &[], lockers);
        assert_eq!(status, 2);
        assert!(
            text.starts_with(
                "400\nfatal error: sync: unlock of unlocked mutex\n\ngoroutine 1 [running, locked to thread]:\n"
            ),
            "{text}"
        );
    }
}

extern "C" fn readers_and_writers() {
    set_shared(0, native("runtime.mallocgc", &[24, 0, 1]).0);
    set_shared(2, channel(0));
    extern "C" fn reader() {
        for _ in 0..30 {
            native("sync.(*RWMutex).RLock", &[shared(0)]);
            let seen = shared(1);
            native("runtime.gosched", &[]);
            assert_eq!(seen, shared(1));
            native("sync.(*RWMutex).RUnlock", &[shared(0)]);
        }
        send(shared(2), 1);
    }
    extern "C" fn writer() {
        for _ in 0..30 {
            native("sync.(*RWMutex).Lock", &[shared(0)]);
            let seen = shared(1);
            native("runtime.gosched", &[]);
            set_shared(1, seen + 1);
            native("sync.(*RWMutex).Unlock", &[shared(0)]);
        }
        send(shared(2), 1);
    }
    for _ in 0..3 {
        go(reader);
        go(writer);
    }
    for _ in 0..6 {
        receive(shared(2));
    }
    say(&format!("{}\n", shared(1)));
    exit(0);
}

#[test]
fn readers_share_and_writers_exclude() {
    for seed in [None, Some(1), Some(2), Some(3)] {
        assert_eq!(run(seed, &[], readers_and_writers), (0, "90\n".into()));
    }
}

extern "C" fn list_builder() {
    // A list of {next, number} that survives collections, and garbage beside it.
    let node = descriptor(16, 8, 25, 1);
    let mut head = 0u64;
    for i in 0..2000u64 {
        let new = native("runtime.newobject", &[node]).0;
        // SAFETY: a fresh object of 16 bytes.
        unsafe {
            assert_eq!((*(new as *const u64), *((new + 8) as *const u64)), (0, 0));
            *(new as *mut u64) = head;
            *((new + 8) as *mut u64) = i;
        }
        head = new;
        for size in [24, 100, 5000, 40_000] {
            let garbage = native("runtime.mallocgc", &[size, 0, 1]).0;
            // SAFETY: a fresh object of that size.
            unsafe {
                assert!((0..size).all(|at| *((garbage + at) as *const u8) == 0));
                std::ptr::write_bytes(garbage as *mut u8, 0x55, size as usize);
            }
        }
    }
    let mut sum = 0;
    let mut at = head;
    while at != 0 {
        // SAFETY: a node of the list.
        unsafe {
            sum += *((at + 8) as *const u64);
            at = *(at as *const u64);
        }
    }
    let mut raw = [0u64; 16];
    native("runtime.readRawMemStats", &[raw.as_mut_ptr() as u64]);
    assert!(raw[13] > 1, "collections: {}", raw[13]);
    assert!(raw[0] < 16 << 20, "live bytes: {}", raw[0]);
    say(&format!("{sum}\n"));
    exit(0);
}

#[test]
fn the_collector_keeps_what_is_reached_and_frees_the_rest() {
    assert_eq!(run(None, &[], list_builder), (0, "1999000\n".into()));
}

extern "C" fn short_list() {
    let node = descriptor(16, 8, 25, 1);
    let mut head = 0u64;
    for i in 0..100u64 {
        let new = native("runtime.newobject", &[node]).0;
        // SAFETY: a fresh object of 16 bytes.
        unsafe {
            *(new as *mut u64) = head;
            *((new + 8) as *mut u64) = i;
        }
        head = new;
        set_shared(3, head);
    }
    let mut sum = 0;
    let mut at = head;
    while at != 0 {
        // SAFETY: a node of the list.
        unsafe {
            sum += *((at + 8) as *const u64);
            at = *(at as *const u64);
        }
    }
    say(&format!("{sum}\n"));
    exit(0);
}

#[test]
fn a_collection_at_every_allocation_loses_nothing() {
    assert_eq!(run(None, &["GORACE_GC=stress"], short_list), (0, "4950\n".into()));
}

extern "C" fn sleepers() {
    set_shared(0, channel(0));
    extern "C" fn late() {
        native("runtime.sleep", &[3_600_000_000_000, 0]);
        send(shared(0), 2);
    }
    extern "C" fn early() {
        native("runtime.sleep", &[1_000_000_000, 0]);
        send(shared(0), 1);
    }
    go(late);
    go(early);
    let first = receive(shared(0)).0;
    let second = receive(shared(0)).0;
    say(&format!("{first}{second}\n"));
    exit(0);
}

#[test]
fn virtual_time_jumps_over_an_hour() {
    let started = std::time::Instant::now();
    assert_eq!(run(Some(9), &[], sleepers), (0, "12\n".into()));
    assert!(started.elapsed().as_secs() < 30);
}

extern "C" fn sleeps_long() {
    native("runtime.sleep", &[3_600_000_000_000, 0]);
}

#[test]
fn a_run_ends_when_its_time_is_over() {
    let options = Options { timeout: Some(std::time::Duration::from_millis(30)), ..Options::default() };
    assert_eq!(run_with(None, options, sleeps_long).0, crate::world::TIMED_OUT);
}

extern "C" fn nil_lock() {
    extern "C" fn sigpanic() {
        let mut info = [0u64; 4];
        native("runtime.signalInfo", &[info.as_mut_ptr() as u64]);
        say(&format!("panic at {}\n", info[2]));
        exit(2);
    }
    native("runtime.setHook", &[0, func_value(sigpanic)]);
    native("sync.(*Mutex).Lock", &[0]);
}

#[test]
fn a_nil_lock_is_a_nil_dereference_of_the_caller() {
    assert_eq!(run(None, &[], nil_lock), (2, "panic at 0\n".into()));
}

extern "C" fn many() {
    set_shared(0, channel(0));
    set_shared(1, channel(0));
    extern "C" fn one() {
        receive(shared(0));
        send(shared(1), 1);
    }
    const COUNT: u64 = 20_000;
    for _ in 0..COUNT {
        go(one);
    }
    native("runtime.gosched", &[]);
    native("runtime.chancloseNative", &[shared(0), 0]);
    let mut sum = 0;
    for _ in 0..COUNT {
        sum += receive(shared(1)).0;
    }
    say(&format!("{sum} {}\n", native("runtime.numgoroutine", &[]).0));
    exit(0);
}

#[test]
fn many_goroutines_come_and_go() {
    let (status, text) = run(None, &[], many);
    assert_eq!(status, 0);
    assert!(text.starts_with("20000 "), "{text}");
}

extern "C" fn trace() {
    set_shared(0, channel(0));
    extern "C" fn letter() {
        let me = native("sync/atomic.AddUint64", &[&raw mut SHARED as u64 + 8, 1]).0;
        for _ in 0..5 {
            say(["a", "b", "c", "d"][me as usize % 4]);
            native("runtime.gosched", &[]);
        }
        send(shared(0), 0);
    }
    for _ in 0..3 {
        go(letter);
    }
    for _ in 0..3 {
        receive(shared(0));
    }
    exit(0);
}

#[test]
fn a_seed_gives_one_schedule_and_seeds_differ() {
    let texts: Vec<String> = (0..6).map(|seed| run(Some(seed), &[], trace).1).collect();
    for (seed, text) in texts.iter().enumerate() {
        assert_eq!(&run(Some(seed as u64), &[], trace).1, text);
    }
    let mut different = texts.clone();
    different.sort();
    different.dedup();
    assert!(different.len() > 2, "{texts:?}");
}

// Sums the numbers up to rdi by recursion, with an entry check like compiled code's; a copy of the number is passed on the stack
// too and popped by the callee.
std::arch::global_asm!(
    "gorace_test_recurse:",
    "cmp rsp, [r15]",
    "jb 3f",
    "2:",
    "push rbp",
    "mov rbp, rsp",
    "sub rsp, 1008",
    "cmp rdi, [rbp+16]",
    "jne 5f",
    "test rdi, rdi",
    "jz 4f",
    "push rdi",
    "push rdi",
    "dec rdi",
    "push rdi",
    "push rdi",
    "call gorace_test_recurse",
    "pop rdi",
    "add rax, rdi",
    "leave",
    "ret 16",
    "4:",
    "xor eax, eax",
    "leave",
    "ret 16",
    "5:",
    "ud2",
    "3:",
    "lea rax, [rip+2b]",
    "mov r10d, 1100",
    "mov r11d, 16",
    "jmp {morestack}",
    // The same without stack arguments in front.
    "gorace_test_sum:",
    "push rbp",
    "mov rbp, rsp",
    "push rdi",
    "push rdi",
    "call gorace_test_recurse",
    "pop rbp",
    "ret",
    morestack = sym crate::asm::gorace_morestack,
);

unsafe extern "C" {
    fn gorace_test_sum();
}

extern "C" fn recursion() {
    let code = gorace_test_sum as *const () as u64;
    let sums: Vec<u64> = [10, 200, 300, 5000, 100_000].iter().map(|&n| enter(code, &[n]).0).collect();
    say(&format!("{sums:?}\n"));
    enter(code, &[u64::MAX]);
}

#[test]
fn stacks_grow_and_overflow_as_in_go() {
    let (status, text) = run(None, &[], recursion);
    assert_eq!(status, 2);
    let (sums, rest) = text.split_once('\n').unwrap();
    assert_eq!(sums, "[55, 20100, 45150, 12502500, 5000050000]");
    assert!(rest.starts_with("runtime: goroutine stack exceeds 1000000000-byte limit\n"), "{rest}");
    assert!(rest.contains("fatal error: stack overflow\n"), "{rest}");
}

/// A struct of `n` integers, and the type of a function.
fn structure(n: u64) -> u64 {
    let int = descriptor(8, 0, 2, 0);
    let fields: Vec<u64> = (0..n).flat_map(|i| [0, int, i * 8]).collect();
    let words: &'static mut [u64; 10] = Box::leak(Box::new([0; 10]));
    words[0] = n * 8;
    words[2] = 25 << 56 | 8 << 48 | 8 << 40;
    words[7] = fields.leak().as_ptr() as u64;
    words[8] = n;
    words.as_ptr() as u64
}

fn function_type(ins: &[u64], outs: &[u64]) -> u64 {
    let mut words = vec![8, 8, 19 << 56 | 8 << 48 | 8 << 40, 0, 0, 0, ins.len() as u64 | (outs.len() as u64) << 16];
    words.extend(ins);
    words.extend(outs);
    words.leak().as_ptr() as u64
}

fn size_of_all(types: &[u64]) -> usize {
    types.iter().map(|&t| crate::heap::bitmap::head(t).size as usize / 8).sum()
}

/// What the function made by reflect does: its results are its arguments' words, each plus one.
extern "C" fn made(record: *mut crate::asm::RegisterCall) {
    let (ft, ins, outs) = (shared(0), shared(1) as usize, shared(2) as usize);
    let mut frame = vec![0u64; ins + outs];
    native("runtime.unmarshalArguments", &[record as u64, ft, frame.as_mut_ptr() as u64]);
    for i in 0..outs {
        frame[ins + i] = frame[i % ins] + 1;
    }
    native("runtime.unmarshalResults", &[record as u64, ft, frame.as_mut_ptr() as u64, ins as u64 * 8]);
}

extern "C" fn reflection() {
    let hook: &'static u64 = Box::leak(Box::new(made as *const () as u64));
    native("runtime.setHook", &[1, std::ptr::from_ref(hook) as u64]);
    let (int, float) = (descriptor(8, 0, 2, 0), descriptor(8, 0, 14, 0));
    let (three, five) = (structure(3), structure(5));
    let text = descriptor(16, 8, 24, 1);
    let signatures: &[(&[u64], &[u64])] = &[
        (&[int], &[int]),
        (&[int, float, text], &[float, int, text]),
        (&[five, int], &[int]),
        (&[int, int, int, int, int, int, int, float, three, text], &[int, three]),
        (&[float; 11], &[float, int]),
        (&[int, five], &[five, text]),
        (&[three, three, three], &[int; 8]),
        (&[int], &[int; 9]),
    ];
    for (at, (ins, outs)) in signatures.iter().enumerate() {
        let ft = function_type(ins, outs);
        let (n_in, n_out) = (size_of_all(ins), size_of_all(outs));
        set_shared(0, ft);
        set_shared(1, n_in as u64);
        set_shared(2, n_out as u64);
        let mut frame: Vec<u64> = (0..n_in as u64).map(|i| 100 + i).collect();
        frame.resize(n_in + n_out, 0);
        let mut stack = vec![0u64; 512];
        let mut call = crate::asm::RegisterCall {
            code: STUBS.get().unwrap().address("reflect.makeFuncStub"),
            context: 0,
            nstack: 512,
            stack: stack.as_mut_ptr(),
            ints: [0; 6],
            floats: [0; 8],
            rints: [0; 8],
            rfloats: [0; 8],
        };
        let (record, ret) = (&raw mut call as u64, n_in as u64 * 8);
        assert_eq!(native("runtime.marshalArguments", &[record, ft, frame.as_mut_ptr() as u64, ret, 0]).0 as u8, 1);
        native("runtime.callRegisters", &[record]);
        native("runtime.marshalResults", &[record, ft, frame.as_mut_ptr() as u64, ret]);
        let expected: Vec<u64> = (0..n_out as u64).map(|i| 101 + i % n_in as u64).collect();
        assert_eq!(frame[n_in..], expected, "signature {at}");
    }
    say("all\n");
    exit(0);
}

#[test]
fn reflect_calls_reach_functions_that_reflect_made() {
    assert_eq!(run(None, &[], reflection), (0, "all\n".into()));
}
