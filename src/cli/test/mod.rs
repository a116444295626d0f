//! `gorace test`: compiles the tests of packages and runs them, printing what `go test -race` prints.
//!
//! Packages are compiled one after the other and run as they are ready, `-p` at once; what they print comes out in the
//! order of the packages. Flags are Go's own: single dashes, before or behind the packages, a `test.` before them if need
//! be; what stands behind `-args` goes to the test program as it is.

mod executable;
mod explore;
mod flags;
mod json;
mod keep;
mod results;

pub use explore::functions;
pub use flags::Arguments;

use crate::compile::{CompileError, Request, Telling, TestPlan, TestProgram, compile_tests};
use crate::executable::Settings;
use crate::{fail, note};
use executable::Launch;
use flags::Leaks;
use gorace_base::exit;
use gorace_load::environment::split_words;
pub use json::failed_build;
use keep::Keep;
use results::Results;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError, mpsc};

/// Status when a test failed or a package could not be built, as `go test` has it.
const FAILED: u8 = 1;

/// Runs the command.
pub fn run(a: &Arguments) -> ExitCode {
    let passed_on = match a.passed_on() {
        Ok(flags) => flags,
        Err(e) => return fail(&e),
    };
    if a.verbose() {
        a.sources.tell_idle();
    }
    let race = a.how.race();
    let launch = Launch {
        arguments: passed_on,
        race,
        seed: a.seed,
        threads: a.threads,
        kill_after: a.kill_after(),
        leaks: a.leaks.unwrap_or(Leaks::Warn),
        exec: a.exec.as_deref().map(split_words).unwrap_or_default(),
    };
    let plain = match a.sources.request(a.packages.clone()) {
        Ok(request) => request,
        Err(e) => return fail(&e),
    };
    let request = Request {
        tests: true,
        race,
        explored: a.explore,
        all_errors: a.all_errors,
        timings: a.timings,
        tells: a.how.prints().then_some(Telling::Steps),
        ..plain
    };
    if a.explore {
        return explore::run(a, &request);
    }
    if a.how.dry() {
        return match crate::compile::steps(&request) {
            Ok(steps) => {
                steps.iter().for_each(|step| note(step));
                ExitCode::from(exit::CLEAN)
            }
            Err(e) => fail(&e),
        };
    }
    gorace_runtime::supervisor::become_subreaper();
    let settings = Settings { race, seed: a.seed, threads: a.threads, ..Settings::default() };
    let (keep, refused) = (Keep::of(a, settings), keep::refused_of_several(a));
    let mut results = None;
    // Benchmarks are not to disturb each other.
    let runners = if a.bench.is_some() { 1 } else { a.parallel_packages.map_or_else(cores, |p| usize::from(p.get())) };
    let (to_run, waiting) = mpsc::channel::<(usize, TestProgram)>();
    let waiting = Mutex::new(waiting);
    let compiled = std::thread::scope(|scope| {
        let (plan_sender, plan) = mpsc::channel::<TestPlan>();
        let (request, waiting, launch, keep) = (&request, &waiting, &launch, keep.as_ref());
        let compiling = scope.spawn(move || {
            let mut at = 0;
            let mut each = |program: TestProgram| {
                let _ = to_run.send((at, program));
                at += 1;
            };
            let mut planned = |plan: TestPlan| {
                if let Some(why) = refused.clone().filter(|_| plan.packages > 1) {
                    return Err(why);
                }
                let _ = plan_sender.send(plan);
                Ok(())
            };
            compile_tests(request, &mut planned, &mut each)
        });
        if let Ok(plan) = plan.recv() {
            let results = &*results.insert(Results::new(a, plan.packages, keep));
            let goroot = &plan.goroot;
            std::thread::scope(|scope| {
                for _ in 0..runners {
                    scope.spawn(move || {
                        loop {
                            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                            let Ok((at, program)) = next else { break };
                            results.package(at, program, launch, goroot);
                        }
                    });
                }
            });
        }
        compiling.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    // What tests have started and left.
    gorace_explore::process::end_children();
    if let Err(error) = compiled {
        return fail(&error);
    }
    let failed = results.is_some_and(|results| results.finish());
    ExitCode::from(if failed { FAILED } else { exit::CLEAN })
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The first line of what a failed compilation says names the package, as in `# example.com/p`.
fn failed_package(error: &CompileError) -> Option<String> {
    let text = error.to_string();
    text.lines().next()?.strip_prefix("# ").map(str::to_string)
}

/// What did not go well before the tests of a package, in Go's words.
fn failed_step(error: &CompileError) -> &'static str {
    if matches!(error, CompileError::Setup(_)) { "setup failed" } else { "build failed" }
}
