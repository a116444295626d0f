//! Attacks that want a process to stay behind, or a check to wait for one.

use super::Harm::{Breaks, LeavesProcess};
use super::{Place, Trial, must, send};
use std::time::Duration;

pub const TRIALS: &[Trial] = &[
    Trial { name: "F9", what: "the program starts children and ends", harm: LeavesProcess, run: children },
    Trial { name: "F9 panic", what: "it starts children and panics", harm: LeavesProcess, run: children_panic },
    Trial { name: "F9 killed", what: "it starts children and kills itself", harm: LeavesProcess, run: children_killed },
    Trial { name: "F9 endless", what: "it starts children and never ends", harm: LeavesProcess, run: children_endless },
    Trial {
        name: "F9 double",
        what: "children of children, orphans in sessions of their own",
        harm: LeavesProcess,
        run: orphans,
    },
    Trial {
        name: "F9 parent",
        what: "it starts children and kills its supervisor",
        harm: LeavesProcess,
        run: children_parent,
    },
    Trial {
        name: "F9 stopped",
        what: "it starts children and stops its supervisor",
        harm: LeavesProcess,
        run: children_stop,
    },
    Trial {
        name: "F10",
        what: "a child in a session of its own holds standard error",
        harm: Breaks,
        run: holds_stderr,
    },
    Trial { name: "F10 group", what: "a child of the same group holds standard error", harm: Breaks, run: holds_group },
    Trial { name: "F10 SIGINT", what: "Ctrl-C ends a check of that at once", harm: LeavesProcess, run: interrupted },
    Trial { name: "F10 test", what: "a test whose child holds its output", harm: Breaks, run: holds_test },
    Trial { name: "F10 chatter", what: "a child that writes to standard error for ever", harm: Breaks, run: chatters },
    Trial { name: "F17 traceme", what: "the program asks its parent to trace it", harm: Breaks, run: traceme },
    Trial { name: "F17 attach", what: "it attaches itself to its parent", harm: Breaks, run: attach },
    Trial {
        name: "kill -9",
        what: "gorace is killed while schedules with children run",
        harm: LeavesProcess,
        run: killed_gorace,
    },
    Trial {
        name: "SIGTERM",
        what: "gorace is asked to end while schedules with children run",
        harm: LeavesProcess,
        run: terminated,
    },
];

/// A program that starts `sh -c script` in a way of its own, and then does something.
fn starting(script: &str, way: &str, then: &str) -> String {
    format!(
        "package main\n\nimport (\n\t\"os\"\n\t\"os/exec\"\n\t\"syscall\"\n)\n\nfunc main() {{\n\tc := exec.Command(\"sh\", \"-c\", `{script}`)\n\
         \tc.Stderr = os.Stderr\n\tc.SysProcAttr = &syscall.SysProcAttr{{{way}}}\n\tif err := c.Start(); err != nil {{\n\t\tpanic(err)\n\t}}\n\
         \t{then}\n}}\n"
    )
}

fn children(place: &Place) -> Result<(), String> {
    let ran = place.check(&starting("sleep 300 & sleep 301", "", ""), &[])?;
    ran.is(0, &["no findings"])?;
    ran.within(30.0)
}

fn children_panic(place: &Place) -> Result<(), String> {
    place.check(&starting("sleep 300 & sleep 301", "", "panic(1)"), &[])?.finds("panic")
}

fn children_killed(place: &Place) -> Result<(), String> {
    place.check(&starting("sleep 300 & sleep 301", "", "syscall.Kill(os.Getpid(), syscall.SIGKILL)"), &[])?.is(3, &[])
}

fn children_endless(place: &Place) -> Result<(), String> {
    let ran = place.check(&starting("sleep 300 & sleep 301", "Setsid: true", "for {\n\t}"), &["--timeout", "1"])?;
    ran.is(3, &["did not end within 1 s"])?;
    ran.within(30.0)
}

fn orphans(place: &Place) -> Result<(), String> {
    let script = "trap \"\" TERM HUP INT; (setsid sh -c \"trap \\\"\\\" TERM; setsid sleep 300 & sleep 301\" &) ; setsid sleep 302 & exit";
    place.check(&starting(script, "Setsid: true", "c.Wait()"), &[])?.is(0, &[])
}

fn children_parent(place: &Place) -> Result<(), String> {
    let then = "syscall.Kill(os.Getppid(), syscall.SIGKILL)\n\tfor {\n\t}";
    place.check(&starting("sleep 300 & setsid sleep 301", "Setsid: true", then), &["--timeout", "3"])?.is(3, &[])
}

fn children_stop(place: &Place) -> Result<(), String> {
    let then = "syscall.Kill(os.Getppid(), syscall.SIGSTOP)\n\tfor {\n\t}";
    let ran = place.check(&starting("sleep 300 & setsid sleep 301", "Setsid: true", then), &["--timeout", "1"])?;
    ran.is(3, &[])?;
    ran.within(40.0)
}

fn holds_stderr(place: &Place) -> Result<(), String> {
    let ran = place.check(&starting("sleep 300", "Setsid: true", ""), &[])?;
    ran.is(0, &["no findings"])?;
    ran.within(30.0)
}

fn holds_group(place: &Place) -> Result<(), String> {
    let ran = place.check(&starting("sleep 300", "", ""), &["--timeout", "20"])?;
    ran.is(0, &["no findings"])?;
    ran.within(18.0)
}

fn chatters(place: &Place) -> Result<(), String> {
    let ran = place.check(&starting("exec yes >&2", "Setsid: true", ""), &[])?;
    ran.is(0, &["no findings"])?;
    ran.within(30.0)
}

/// Runs an endless check whose schedules have children, and sends gorace a signal.
fn signalled(place: &Place, signal: rustix::process::Signal) -> Result<super::Ran, String> {
    let source = starting("echo >>started; sleep 300 & setsid sleep 301", "Setsid: true", "for {\n\t}");
    place.write("main.go", source)?;
    let command = place.gorace(&["check", "--timeout", "60", "main.go"]);
    let mut sent = false;
    place.run_with(command, Duration::from_secs(50), &mut |pid| {
        let started = std::fs::read(place.path("started")).map_or(0, |bytes| bytes.len());
        if started >= 2 && !sent {
            sent = true;
            send(pid, signal);
        }
    })
}

fn interrupted(place: &Place) -> Result<(), String> {
    let ran = signalled(place, rustix::process::Signal::INT)?;
    ran.is(130, &["interrupted"])?;
    ran.within(40.0)
}

fn terminated(place: &Place) -> Result<(), String> {
    signalled(place, rustix::process::Signal::TERM)?.is(130, &["interrupted"])
}

fn killed_gorace(place: &Place) -> Result<(), String> {
    signalled(place, rustix::process::Signal::KILL)?.is(-9, &[])
}

fn holds_test(place: &Place) -> Result<(), String> {
    place.write("go.mod", "module example.com/m\n\ngo 1.26\n")?;
    let source = "package m\n\nimport (\n\t\"os\"\n\t\"os/exec\"\n\t\"testing\"\n)\n\nfunc TestX(t *testing.T) {\n\tc := exec.Command(\"sleep\", \"300\")\n\tc.Stdout, c.Stderr = os.Stdout, os.Stderr\n\tc.Start()\n}\n";
    place.write("m_test.go", source)?;
    let ran = place.run(place.gorace(&["test", "-timeout", "5s", "."]))?;
    ran.within(40.0)?;
    must(ran.status == 0 || ran.status == 1, || ran.all())
}

fn traceme(place: &Place) -> Result<(), String> {
    let source = "package main\n\nimport \"syscall\"\n\nfunc main() {\n\tsyscall.RawSyscall(syscall.SYS_PTRACE, 0, 0, 0)\n\tsyscall.Kill(syscall.Getpid(), syscall.SIGCONT)\n}\n";
    let ran = place.check(source, &["--timeout", "5"])?;
    ran.is(0, &["no findings"])?;
    ran.within(20.0)
}

fn attach(place: &Place) -> Result<(), String> {
    let source = "package main\n\nimport \"syscall\"\n\nfunc main() {\n\tsyscall.PtraceAttach(syscall.Getppid())\n\tfor {\n\t}\n}\n";
    let ran = place.check(source, &["--timeout", "1"])?;
    ran.is(3, &["were not seen through"])?;
    ran.within(40.0)
}
