//! The natives by name: how each is entered and which function it is.

use super::{
    atomic, bubble, channel, dump, goroutine, lock, memory, os, poller, race, reflect, semaphore, testing, timer,
    tracing, vector,
};
use crate::asm;

/// How a native is entered; see `asm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Leaf,
    Ordinary,
    Preserving,
    /// As `Preserving`, behind a first step on the goroutine's stack: the function is a `race::Check`.
    Check,
    /// The function itself, in assembly.
    Direct,
}

/// One native.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub name: &'static str,
    pub kind: Kind,
    pub function: u64,
    /// It replaces a Go body.
    pub overrides: bool,
}

/// An ordinary native.
pub fn ordinary(name: &'static str, function: u64) -> Entry {
    Entry { name, kind: Kind::Ordinary, function, overrides: false }
}

macro_rules! list {
    ($kind:ident, $overrides:literal; $($name:literal => $function:path,)*) => {
        [$(Entry { name: $name, kind: Kind::$kind, function: $function as *const () as u64, overrides: $overrides },)*]
    };
}

macro_rules! checks {
    ($($name:ident),*) => {
        [$(Entry {
            name: concat!("race.", stringify!($name)),
            kind: Kind::Check,
            function: std::ptr::from_ref(&race::$name) as u64,
            overrides: false,
        },)*]
    };
}

/// All natives.
pub fn entries() -> Vec<Entry> {
    let mut all = Vec::new();
    all.extend(list! { Leaf, false;
        "runtime.memmove" => memory::memmove,
        "runtime.memmoveNoPointers" => memory::memmove,
        "runtime.memclrNoHeapPointers" => memory::memclr,
        "runtime.memequal" => memory::memequal,
        "runtime.memhash" => memory::memhash,
        "runtime.roundupsize" => memory::roundupsize,
        "runtime.chanlenNative" => channel::chanlen,
        "runtime.chancapNative" => channel::chancap,
        "math/big.addVectors" => vector::add,
        "math/big.subVectors" => vector::sub,
        "math/big.shiftVectorLeft" => vector::shift_left,
        "math/big.shiftVectorRight" => vector::shift_right,
        "math/big.mulAddVector" => vector::mul_add,
        "math/big.addMulVectors" => vector::add_mul,
    });
    all.extend(list! { Direct, false;
        "runtime.morestack" => asm::gorace_morestack,
        "runtime.setjump" => asm::gorace_setjump,
        "runtime.longjump" => asm::gorace_longjump,
        "runtime.callRegisters" => asm::gorace_call_registers,
        "reflect.makeFuncStub" => asm::gorace_make_func,
        "reflect.methodValueCall" => asm::gorace_method_value,
    });
    all.extend(
        checks! {read1, read2, read4, read8, write1, write2, write4, write8, update1, update2, update4, update8},
    );
    all.extend(list! { Preserving, false;
        "race.readrange" => race::read_range,
        "race.writerange" => race::write_range,
        "gc.shade" => memory::shade,
        "gc.shaderange" => memory::shade_range,
        "runtime.preempt" => goroutine::preempt,
    });
    all.extend(list! { Ordinary, false;
        "runtime.mallocgc" => memory::mallocgc,
        "runtime.newobject" => memory::newobject,
        "runtime.persistentalloc" => memory::persistentalloc,
        "runtime.leakGC" => memory::leak_gc,
        "runtime.leakCount" => memory::leak_count,
        "runtime.goroutineStack" => tracing::goroutine_stack,
        "runtime.gcNow" => memory::gc_now,
        "runtime.readRawMemStats" => memory::read_raw_mem_stats,
        "runtime.pauseLog" => memory::pause_log,
        "runtime.finalizersIdle" => memory::finalizers_idle,
        "runtime.goroutineCounts" => dump::goroutine_counts,
        "runtime.writeHeapDump" => dump::write_heap_dump,
        "runtime.setGCPercentNative" => memory::set_gc_percent,
        "runtime.freeMemoryNative" => memory::free_os_memory,
        "runtime.setMemoryLimitNative" => memory::set_memory_limit,
        "runtime.setMaxStackNative" => memory::set_max_stack,
        "runtime.setFinalizerNative" => memory::set_finalizer,
        "runtime.addCleanupNative" => memory::add_cleanup,
        "runtime.stopCleanupNative" => memory::stop_cleanup,
        "runtime.finalizerWait" => memory::finalizer_wait,
        "runtime.weakHandle" => memory::weak_handle,
        "runtime.weakStrong" => memory::weak_strong,
        "runtime.newproc" => goroutine::newproc,
        "runtime.newsystemproc" => goroutine::newsystemproc,
        "runtime.goexit1" => goroutine::goexit1,
        "runtime.gosched" => goroutine::gosched,
        "runtime.goparkForever" => goroutine::gopark_forever,
        "runtime.numgoroutine" => goroutine::numgoroutine,
        "runtime.gomaxprocs" => goroutine::gomaxprocs,
        "runtime.numcpu" => goroutine::numcpu,
        "runtime.threadsOn" => goroutine::threads_on,
        "runtime.pinNative" => goroutine::pin,
        "runtime.pinsTold" => goroutine::pins_told,
        "runtime.setHook" => goroutine::set_hook,
        "runtime.beforeEnd" => goroutine::before_end,
        "runtime.mainStarted" => goroutine::main_started,
        "runtime.missingSymbol" => goroutine::missing_symbol,
        "runtime.chanmake" => channel::chanmake,
        "runtime.chansendNative" => channel::chansend,
        "runtime.chanrecvNative" => channel::chanrecv,
        "runtime.chancloseNative" => channel::chanclose,
        "runtime.chandrain" => channel::chandrain,
        "runtime.selectNative" => channel::select,
        "runtime.semacquire" => semaphore::semacquire,
        "runtime.semrelease" => semaphore::semrelease,
        "runtime.notifyAdd" => semaphore::notify_add,
        "runtime.notifyWait" => semaphore::notify_wait,
        "runtime.notifyAll" => semaphore::notify_all,
        "runtime.notifyOne" => semaphore::notify_one,
        "runtime.nanotime" => timer::nanotime,
        "runtime.sleep" => timer::sleep,
        "runtime.timerStart" => timer::timer_start,
        "runtime.timerStop" => timer::timer_stop,
        "runtime.timerWait" => timer::timer_wait,
        "runtime.bubbleStart" => bubble::start,
        "runtime.bubbleIdle" => bubble::idle,
        "runtime.bubbleAdvance" => bubble::advance,
        "runtime.bubbleDue" => bubble::due,
        "runtime.bubbleEnd" => bubble::end,
        "runtime.bubbleWait" => bubble::wait,
        "runtime.bubbleHold" => bubble::hold,
        "runtime.isHeapObject" => bubble::is_heap_object,
        "runtime.bubbleNow" => bubble::now,
        "runtime.pollOpen" => poller::open,
        "runtime.pollClose" => poller::close,
        "runtime.pollReset" => poller::reset,
        "runtime.pollWait" => poller::wait,
        "runtime.pollSetDeadline" => poller::set_deadline,
        "runtime.pollUnblock" => poller::unblock,
        "runtime.walltime" => os::walltime,
        "runtime.exit" => os::exit,
        "runtime.write" => os::write,
        "runtime.syscallNative" => os::syscall,
        "syscall.rawVforkSyscall" => os::vfork,
        "runtime.argCount" => os::arg_count,
        "runtime.argAt" => os::arg_at,
        "runtime.rand64" => os::rand64,
        "runtime.seededRun" => os::seeded_run,
        "runtime.signalInfo" => os::signal_info,
        "runtime.faultForgotten" => os::fault_forgotten,
        "runtime.lastWords" => tracing::last_words,
        "runtime.setTracebackNative" => tracing::set_traceback,
        "runtime.signalEnable" => os::signal_enable,
        "runtime.signalDisable" => os::signal_disable,
        "runtime.signalIgnore" => os::signal_ignore,
        "runtime.signalIgnored" => os::signal_ignored,
        "runtime.dieFromSignal" => os::die_from_signal,
        "runtime.sigpipe" => os::sigpipe,
        "runtime.signalWait" => os::signal_wait,
        "runtime.callers" => tracing::callers,
        "runtime.calledOnce" => tracing::called_once,
        "runtime.stackDepth" => tracing::stack_depth,
        "runtime.pcInfo" => tracing::pc_info,
        "runtime.dumpGoroutines" => tracing::dump_goroutines,
        "runtime.formatStack" => tracing::format_stack,
        "runtime.imageItabs" => tracing::image_itabs,
        "runtime.imageTypeLinks" => tracing::image_type_links,
        "runtime.racereadfrom" => race::read_from,
        "runtime.racewritefrom" => race::write_from,
        "runtime.racereadrangefrom" => race::read_range_from,
        "runtime.racewriterangefrom" => race::write_range_from,
        "runtime.racereadrange" => race::read_range_here,
        "runtime.racewriterange" => race::write_range_here,
        "runtime.raceacquire" => race::acquire,
        "runtime.racerelease" => race::release,
        "runtime.racereleasemerge" => race::release_merge,
        "runtime.racedisable" => race::disable,
        "runtime.raceenable" => race::enable,
        "runtime.raceignore" => race::ignore,
        "runtime.raceerrors" => race::errors,
        "testing.goraceBegan" => testing::began,
        "testing.goraceIsBusy" => testing::is_busy,
        "testing.goraceStuck" => testing::stuck,
        "testing.goraceTell" => testing::tell,
        "runtime.marshalArguments" => reflect::marshal_arguments,
        "runtime.marshalResults" => reflect::marshal_results,
        "runtime.unmarshalArguments" => reflect::unmarshal_arguments,
        "runtime.unmarshalResults" => reflect::unmarshal_results,
    });
    all.extend(list! { Ordinary, true;
        "sync.(*Mutex).Lock" => lock::mutex_lock,
        "sync.(*Mutex).TryLock" => lock::mutex_try_lock,
        "sync.(*Mutex).Unlock" => lock::mutex_unlock,
        "internal/sync.(*Mutex).Lock" => lock::mutex_lock,
        "internal/sync.(*Mutex).TryLock" => lock::mutex_try_lock,
        "internal/sync.(*Mutex).Unlock" => lock::mutex_unlock,
        "sync.(*RWMutex).Lock" => lock::rw_lock,
        "sync.(*RWMutex).TryLock" => lock::rw_try_lock,
        "sync.(*RWMutex).Unlock" => lock::rw_unlock,
        "sync.(*RWMutex).RLock" => lock::rw_read_lock,
        "sync.(*RWMutex).TryRLock" => lock::rw_try_read_lock,
        "sync.(*RWMutex).RUnlock" => lock::rw_read_unlock,
    });
    all.extend(atomic::entries());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_overrides_are_known() {
        let mut names: Vec<_> = entries().iter().map(|e| e.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(super::super::is_override("sync.(*Mutex).Lock") && !super::super::is_override("runtime.mallocgc"));
    }
}
