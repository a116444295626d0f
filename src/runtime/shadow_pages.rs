//! Shadow of memory that the program got from the system by itself: by `brk`, at an address of its choice, below 4 GB.
//!
//! Compiled code with race checks reads the shadow of whatever it accesses. Of the runtime's regions all shadow is mapped at start; elsewhere the
//! read faults. If there is memory at the address that is accessed, the handler maps the shadow's page and the instruction is run again;
//! the detector does not judge such memory. If there is none, the fault is that of the access, and so is its address.
#![allow(unsafe_code, reason = "maps memory in a signal handler")]

use crate::world::world_if_any;
use gorace_abi::memory::SHADOW_DISTANCE;

const PAGE: u64 = 4096;

/// The address whose access has faulted at `pc`; none when the instruction is to be run again.
pub fn accessed(pc: u64, address: u64, code: i32) -> Option<u64> {
    const NOT_MAPPED: i32 = 1;
    let is_checked = world_if_any().is_some_and(|world| world.options.race && world.image.is_code(pc));
    let Some(accessed) = address.checked_sub(SHADOW_DISTANCE).filter(|_| is_checked && code == NOT_MAPPED) else {
        return Some(address);
    };
    // The check of a read looks at the second half of a cell.
    let accessed = accessed & !7;
    if is_mapped(accessed) && map(address & !(PAGE - 1)) {
        return None;
    }
    Some(accessed)
}

fn is_mapped(address: u64) -> bool {
    let mut resident = 0u8;
    let page = address & !(PAGE - 1);
    // SAFETY: asks about one page, and one byte is written.
    page != 0 && unsafe { libc::mincore(page as *mut libc::c_void, PAGE as usize, &mut resident) } == 0
}

fn map(page: u64) -> bool {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED_NOREPLACE;
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: `MAP_FIXED_NOREPLACE` never touches an existing mapping.
    let got = unsafe { libc::mmap(page as *mut libc::c_void, PAGE as usize, protection, flags, -1, 0) };
    got != libc::MAP_FAILED
}
