//! Attacks by memory: addresses, stacks and sizes that runtime and compiler may not expect.

use super::Harm::{Breaks, HidesFinding};
use super::{Place, Trial, must, racy};
use std::time::Duration;

pub const TRIALS: &[Trial] = &[
    Trial { name: "F15", what: "the program sends SIGSEGV to itself", harm: Breaks, run: own_fault },
    Trial { name: "F15 late", what: "it does so after the race", harm: HidesFinding, run: own_fault_late },
    Trial { name: "F16", what: "recursion without end", harm: Breaks, run: recursion },
    Trial { name: "F16 late", what: "recursion without end after the race", harm: HidesFinding, run: recursion_late },
    Trial { name: "F18", what: "memory that the program has from the system", harm: Breaks, run: system_memory },
    Trial { name: "F23", what: "arrays of length zero with variable indices", harm: Breaks, run: empty_arrays },
    Trial { name: "F24", what: "a value that no frame can hold", harm: Breaks, run: huge_value },
    Trial { name: "m interrupts", what: "Ctrl-C twice after a finding", harm: HidesFinding, run: interrupted_twice },
];

const OWN_FAULT: &str = "\tsyscall.Kill(syscall.Getpid(), syscall.SIGSEGV)\n\tfor {\n\t}";

fn own_fault(place: &Place) -> Result<(), String> {
    let ran = place.check(&format!("package main\n\nimport \"syscall\"\n\nfunc main() {{\n{OWN_FAULT}\n}}\n"), &[])?;
    ran.finds("panic")?;
    must(!ran.all().contains("of the runtime itself"), || ran.all())
}

fn own_fault_late(place: &Place) -> Result<(), String> {
    place.check(&racy(&["syscall"], "", OWN_FAULT), &[])?.finds("data-race")
}

const RECURSION: &str = "\tvar f func(int) int\n\tf = func(n int) int { return f(n+1) + 1 }\n\tprintln(f(0))";

fn recursion(place: &Place) -> Result<(), String> {
    let ran = place.check(&format!("package main\n\nfunc main() {{\n{RECURSION}\n}}\n"), &["--schedules", "2"])?;
    ran.finds("panic")?;
    ran.is(1, &["stack overflow"])?;
    ran.within(60.0)
}

fn recursion_late(place: &Place) -> Result<(), String> {
    place.check(&racy(&[], "", RECURSION), &["--schedules", "2"])?.finds("data-race")
}

/// Shared memory, mappings where the program wants them, below four gigabytes, and the data segment's end.
fn system_memory(place: &Place) -> Result<(), String> {
    let source = r#"package main

import (
	"fmt"
	"sync"
	"syscall"
	"unsafe"
)

func try(name string, address uintptr, failed bool) {
	if failed {
		return
	}
	p := (*int)(unsafe.Pointer(address))
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range 2 {
		wg.Go(func() {
			mu.Lock()
			*p++
			mu.Unlock()
		})
	}
	wg.Wait()
	fmt.Println(name, *p)
}

func main() {
	id, _, e := syscall.Syscall(syscall.SYS_SHMGET, 0, 4096, 0o1600)
	if e == 0 {
		at, _, e := syscall.Syscall(syscall.SYS_SHMAT, id, 0, 0)
		syscall.Syscall(syscall.SYS_SHMCTL, id, 0, 0)
		try("shm", at, e != 0)
	}
	const private, fixed, low = 0x22, 0x10, 0x40
	at, _, e := syscall.Syscall6(syscall.SYS_MMAP, 0, 4096, 3, private|low, ^uintptr(0), 0)
	try("low", at, e != 0)
	at, _, e = syscall.Syscall6(syscall.SYS_MMAP, 0x100000000000, 4096, 3, private|fixed, ^uintptr(0), 0)
	try("fixed", at, e != 0)
	end, _, _ := syscall.Syscall(syscall.SYS_BRK, 0, 0, 0)
	now, _, _ := syscall.Syscall(syscall.SYS_BRK, end+8192, 0, 0)
	try("brk", end, now != end+8192)
}
"#;
    place.check(source, &[])?.is(0, &["no findings"])?;
    place.run(place.gorace(&["run", "main.go"]))?.is(0, &["fixed 2", "brk 2"])
}

fn empty_arrays(place: &Place) -> Result<(), String> {
    let source = "package main\n\nimport \"fmt\"\n\nvar a [0]int\nvar s [0]struct{ x, y int }\n\nfunc try(f func()) {\n\tdefer func() { fmt.Println(recover()) }()\n\tf()\n}\n\nfunc main() {\n\ti := len(fmt.Sprint(1))\n\tvar local [0]string\n\ttry(func() { a[i]++ })\n\ttry(func() { s[i].y = i })\n\ttry(func() { fmt.Println(local[i]) })\n\ttry(func() { p := &a; fmt.Println(&p[i]) })\n}\n";
    place.write("main.go", source)?;
    let ran = place.run(place.gorace(&["run", "main.go"]))?;
    let words = "index out of range [1] with length 0";
    ran.is(0, &[words])?;
    must(ran.out.matches(words).count() == 4, || ran.all())
}

/// Go says that the frame is too large; the heap may hold it.
fn huge_value(place: &Place) -> Result<(), String> {
    let source = "package main\n\ntype big [1 << 31]byte\n\nfunc f(b big) byte { return b[len(b)-1] }\n\nfunc main() {\n\tvar b big\n\tb[0] = 1\n\tprintln(f(b))\n}\n";
    let ran = place.check(source, &[])?;
    ran.is(2, &["main.go", "stack frame too large"])?;
    must(!ran.all().contains("internal error"), || ran.all())
}

fn interrupted_twice(place: &Place) -> Result<(), String> {
    place.write("main.go", racy(&[], "", "\tfor {\n\t}"))?;
    let command = place.gorace(&["check", "--timeout", "30", "--no-shorten", "main.go"]);
    let moments = [8000, 8100].map(Duration::from_millis);
    let ran = place.run_signalled(command, rustix::process::Signal::INT, &moments)?;
    ran.finds("data-race")
}
