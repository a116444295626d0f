//! Functions of std in whose place natives stand (`natives::lock`), as Go's traces show them: natives have no frames.
//!
//! Files are relative to the SDK's sources, lines those of Go 1.27.

use crate::goroutine::Wait;
use crate::natives;

/// A frame that Go's function would have.
#[derive(Debug)]
pub struct Call {
    pub function: &'static str,
    pub file: &'static str,
    pub line: u32,
}

const fn call(function: &'static str, file: &'static str, line: u32) -> Call {
    Call { function, file, line }
}

const MUTEX: &str = "internal/sync/mutex.go";
const SYNC_MUTEX: &str = "sync/mutex.go";
const RW_MUTEX: &str = "sync/rwmutex.go";
const SEMAPHORE: &str = "runtime/sema.go";
const PANIC: &str = "runtime/panic.go";

static MUTEX_LOCK: [Call; 4] = [
    call("internal/sync.runtime_SemacquireMutex", SEMAPHORE, 95),
    call("internal/sync.(*Mutex).lockSlow", MUTEX, 149),
    call("internal/sync.(*Mutex).Lock", MUTEX, 70),
    call("sync.(*Mutex).Lock", SYNC_MUTEX, 46),
];
static READ_LOCK: [Call; 2] =
    [call("sync.runtime_SemacquireRWMutexR", SEMAPHORE, 100), call("sync.(*RWMutex).RLock", RW_MUTEX, 74)];
static WRITE_LOCK: [Call; 2] =
    [call("sync.runtime_SemacquireRWMutex", SEMAPHORE, 105), call("sync.(*RWMutex).Lock", RW_MUTEX, 155)];

static MUTEX_UNLOCK: [Call; 4] = [
    call("internal/sync.fatal", PANIC, 1205),
    call("internal/sync.(*Mutex).unlockSlow", MUTEX, 204),
    call("internal/sync.(*Mutex).Unlock", MUTEX, 198),
    call("sync.(*Mutex).Unlock", SYNC_MUTEX, 65),
];
static READ_UNLOCK: [Call; 3] = [
    call("sync.fatal", PANIC, 1198),
    call("sync.(*RWMutex).rUnlockSlow", RW_MUTEX, 132),
    call("sync.(*RWMutex).RUnlock", RW_MUTEX, 122),
];
static WRITE_UNLOCK: [Call; 2] = [call("sync.fatal", PANIC, 1198), call("sync.(*RWMutex).Unlock", RW_MUTEX, 208)];

/// What a goroutine that waits for a lock stands in.
pub fn waiting(wait: Wait) -> &'static [Call] {
    match wait {
        Wait::Mutex { .. } => &MUTEX_LOCK,
        Wait::ReadLock { .. } => &READ_LOCK,
        Wait::WriteLock { .. } => &WRITE_LOCK,
        _ => &[],
    }
}

/// What a goroutine stands in whose native faults, having been given a nil lock, or ends the program because of misuse.
pub fn inside(function: &str, misused: bool) -> &'static [Call] {
    let calls: &[Call] = match function {
        "sync.(*Mutex).Lock" => &MUTEX_LOCK,
        "sync.(*RWMutex).RLock" => &READ_LOCK,
        "sync.(*RWMutex).Lock" => &WRITE_LOCK,
        "sync.(*Mutex).Unlock" => &MUTEX_UNLOCK,
        "sync.(*RWMutex).RUnlock" => &READ_UNLOCK,
        "sync.(*RWMutex).Unlock" => &WRITE_UNLOCK,
        _ => &[],
    };
    if misused { calls } else { &calls[calls.len().saturating_sub(1)..] }
}

/// The function in whose place a native stands, by the native's address.
pub fn replaced(native: u64) -> Option<&'static str> {
    natives::table::entries().iter().find(|e| e.overrides && e.function == native).map(|e| e.name)
}
