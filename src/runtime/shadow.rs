//! What natives ask of the shadow cells themselves (`gorace_abi::shadow`), before the detector is troubled with an access.
#![allow(unsafe_code, reason = "shadow memory lies at a constant distance from the program's")]

use gorace_abi::memory::SHADOW_DISTANCE;
use gorace_abi::shadow::{MASK_BITS, READ_HALF, WRITE_HALF};

/// The words of a range, and the bytes of each that lie in it.
fn words(addr: u64, size: u64) -> impl Iterator<Item = (u64, u32)> {
    let end = addr + size;
    (addr & !7..end).step_by(8).map(move |word| {
        let from = addr.max(word) - word;
        let to = end.min(word + 8) - word;
        (word, ((1u32 << (to - from)) - 1) << from)
    })
}

/// Whether each word of a shadowed range would pass the inline check.
#[inline]
pub fn passes(write: bool, addr: u64, size: u64, epoch_word: u32) -> bool {
    let half = u64::from(if write { WRITE_HALF } else { READ_HALF });
    let passes = |word: u64, mask: u32| {
        // SAFETY: the caller has seen that the range is shadowed; cells are aligned as their words are.
        let seen = unsafe { *((word + SHADOW_DISTANCE + half) as *const u32) };
        (seen ^ epoch_word) & (u32::MAX << MASK_BITS | mask) == 0
    };
    // Nearly always it is one word.
    let byte = addr & 7;
    if byte + size <= 8 {
        return passes(addr & !7, ((1u32 << size) - 1) << byte);
    }
    words(addr, size).all(|(word, mask)| passes(word, mask))
}

/// Notes that a goroutine was at a range of its own stack. Nobody else can be there, so nothing is judged: the cells only let
/// further checks in this epoch pass.
pub fn note_own(addr: u64, size: u64, epoch_word: u32) {
    for (word, _) in words(addr, size) {
        // SAFETY: stacks have writable shadow (`address_space`).
        unsafe { *((word + SHADOW_DISTANCE) as *mut u64) = u64::from(epoch_word) << 32 | u64::from(epoch_word) };
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn ranges_are_cut_into_words() {
        assert_eq!(words(8, 8).collect::<Vec<_>>(), [(8, 0xff)]);
        assert_eq!(words(14, 4).collect::<Vec<_>>(), [(8, 0xc0), (16, 3)]);
        assert_eq!(words(17, 1).collect::<Vec<_>>(), [(16, 2)]);
    }
}
