//! The sizes of small objects: those of Go's allocator, because programs see them in the capacities that append gives.
//!
//! A span of a class is as many pages as leave at most an eighth unused at its end.

use gorace_abi::memory::PAGE;

/// Objects up to this size come from classes; larger ones get pages of their own.
pub const MAX_SMALL: u64 = 32768;

/// Objects with pointers above this size have eight bytes less to use in Go (a header), which shows in capacities.
const HEADER_ABOVE: u64 = 512;

/// Sizes of the classes.
pub const SIZES: [u32; 67] = [
    8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480,
    512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200, 3456, 4096, 4864,
    5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072, 20480,
    21760, 24576, 27264, 28672, 32768,
];

/// Number of classes.
pub const COUNT: usize = SIZES.len();

/// Class of each size, by steps of 8 up to 1024 and of 128 above.
static SMALL: [u8; 129] = table(8, 0);
static LARGE: [u8; 249] = table(128, 1024);

const fn table<const N: usize>(step: u32, from: u32) -> [u8; N] {
    let mut out = [0; N];
    let mut class = 0;
    let mut at = 0;
    while at < N {
        let size = from + at as u32 * step;
        while class < COUNT && SIZES[class] < size {
            class += 1;
        }
        out[at] = class as u8;
        at += 1;
    }
    out
}

/// The class for a size, which is at most `MAX_SMALL`.
#[inline]
pub fn class_of(size: u64) -> usize {
    if size <= 1024 {
        SMALL[(size as usize).div_ceil(8)] as usize
    } else {
        LARGE[(size as usize - 1024).div_ceil(128)] as usize
    }
}

/// Pages of a span of this class.
pub fn span_pages(class: usize) -> u64 {
    let size = u64::from(SIZES[class]);
    let mut pages = 1;
    while pages * PAGE % size > pages * PAGE / 8 {
        pages += 1;
    }
    pages
}

/// What an allocation of `size` bytes can use.
pub fn round_up(size: u64, noscan: bool) -> u64 {
    let header = if !noscan && size > HEADER_ABOVE { 8 } else { 0 };
    let wanted = size + header;
    if size == 0 {
        return 0;
    }
    if size <= MAX_SMALL - 8 {
        return u64::from(SIZES[class_of(wanted)]) - header;
    }
    size.next_multiple_of(PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_size_gets_the_smallest_class_that_holds_it() {
        for size in 1..=MAX_SMALL {
            let class = class_of(size);
            assert!(u64::from(SIZES[class]) >= size);
            assert!(class == 0 || u64::from(SIZES[class - 1]) < size, "{size}");
        }
    }

    #[test]
    fn capacities_are_those_of_go() {
        // append growing a []int: 512 elements to 848, as Go's allocator rounds 832*8.
        assert_eq!(round_up(832 * 8, true), 848 * 8);
        assert_eq!(round_up(5 * 8, true), 48);
        assert_eq!(round_up(33000, true), 40960);
    }

    #[test]
    fn spans_waste_at_most_an_eighth() {
        for (class, &size) in SIZES.iter().enumerate() {
            let bytes = span_pages(class) * PAGE;
            assert!(bytes % u64::from(size) <= bytes / 8);
            assert!(span_pages(class) <= 16);
        }
    }
}
