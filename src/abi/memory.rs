//! The fixed address map of a running program.
//!
//! ```text
//! 0xc0_0000_0000  image: code, read-only data, data, zeroed data   (at most 1 GiB, so 32-bit offsets reach all of it)
//! 0xc0_4000_0000  heap arena                                       (HEAP_SIZE reserved, committed by use)
//! 0x2c0_0002_4000 shadow of all of the above, 8 bytes for 8        (address + SHADOW_DISTANCE)
//! 0x4c0_0005_8000 place cells: pc of last write and read, same shape (address + PLACE_DISTANCE)
//! 0x600_0000_0000 goroutine stacks: slots of STACK_SLOT bytes
//! ```
//!
//! A word, its shadow and its places are used together. Processors guess by some bits of an address (12 to 27, on AMD's) in which way
//! of the first cache a line is: lines that differ only above those push each other out. So the distances are not powers of two;
//! with them an access that the inline check does not pass took some twenty nanoseconds longer.

/// Start of the image; also the base that 32-bit name, type and text offsets are relative to.
pub const IMAGE_BASE: u64 = 0xc0_0000_0000;
/// Room for the image, in bytes.
pub const IMAGE_LIMIT: u64 = 0x4000_0000;
/// Start of the heap arena.
pub const HEAP_BASE: u64 = IMAGE_BASE + IMAGE_LIMIT;
/// Bytes of address space reserved for the heap.
pub const HEAP_SIZE: u64 = 0x40_0000_0000;
/// `shadow cell of address a` stands at `(a & !7) + SHADOW_DISTANCE`.
pub const SHADOW_DISTANCE: u64 = 0x200_0002_4000;
/// The program counters of the last write and read of a word stand at `(a & !7) + PLACE_DISTANCE`.
pub const PLACE_DISTANCE: u64 = 0x400_0005_8000;
/// Start of the goroutine stack slots.
pub const STACK_BASE: u64 = 0x600_0000_0000;
/// Bytes of address space for one goroutine's first stack segment.
pub const STACK_SLOT: u64 = 256 << 10;
/// How many stack slots are reserved.
pub const STACK_SLOTS: u64 = 1 << 21;
/// A function may use this many bytes below the stack guard without a check (its own small frame, leaf helpers, signal-free stubs).
pub const STACK_RED: u64 = 4096;
/// Size of a page as the runtime counts them.
pub const PAGE: u64 = 8192;

// Pages of the heap and of the system are pages of the shadow, too.
const _: () = assert!(SHADOW_DISTANCE.is_multiple_of(PAGE) && PLACE_DISTANCE.is_multiple_of(PAGE));
