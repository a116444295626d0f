//! What lies at an offset of an allocation, told from the type that it was allocated with: which element, which field.
//!
//! Reads the descriptors of `internal/abi` (as reflect does) that lie in the image. Types that a program makes with reflect have
//! names elsewhere; of those nothing is told.
#![allow(unsafe_code, reason = "reads type descriptors")]

use crate::heap::bitmap::{field, head, kind};
use crate::image::Image;
use gorace_abi::memory::IMAGE_BASE;

/// A part of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Field(String),
    Element(u64),
}

/// What lies at an offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    /// The type that was allocated, as `main.Cache`.
    pub whole: String,
    /// How many of them there is room for.
    pub count: u64,
    /// The way to the innermost part.
    pub path: Vec<Part>,
    /// The type that directly holds the innermost part; `whole` where the path is empty.
    pub holder: String,
    /// The innermost part's descriptor, and where in it the offset lies.
    pub descriptor: u64,
    pub offset: u64,
}

/// `TFlagExtraStar`: the name in the descriptor has a star in front that is not the type's.
const EXTRA_STAR: u8 = 2;

/// The type as Go prints it; none where its name is not in the image.
pub fn type_name(image: &Image, descriptor: u64) -> Option<String> {
    let t = head(descriptor);
    let offset = u64::try_from(t.name).ok().filter(|&o| o != 0)?;
    let name = text(image, IMAGE_BASE + offset)?;
    Some(if t.flags & EXTRA_STAR != 0 { name.strip_prefix('*').unwrap_or(&name).to_string() } else { name })
}

/// An `abi.Name`: a byte of flags, the length as a varint, the bytes.
fn text(image: &Image, at: u64) -> Option<String> {
    let read_only = image.header.read_only;
    let inside = |at: u64, len: u64| {
        at.checked_sub(IMAGE_BASE + read_only.start).is_some_and(|o| o.saturating_add(len) <= read_only.len)
    };
    let (mut len, mut shift, mut next) = (0u64, 0, at + 1);
    loop {
        if shift > 21 || !inside(next, 1) {
            return None;
        }
        // SAFETY: inside the image's mapped read-only data.
        let byte = unsafe { *(next as *const u8) };
        len |= u64::from(byte & 0x7f) << shift;
        (shift, next) = (shift + 7, next + 1);
        if byte & 0x80 == 0 {
            break;
        }
    }
    if !inside(next, len) {
        return None;
    }
    // SAFETY: as above.
    let bytes = unsafe { std::slice::from_raw_parts(next as *const u8, len as usize) };
    std::str::from_utf8(bytes).ok().map(str::to_string)
}

/// A struct's field that covers an offset: name, descriptor, offset of the field.
fn field_at(image: &Image, descriptor: u64, offset: u64) -> Option<(String, u64, u64)> {
    let (fields, count) = (field(descriptor, 1), field(descriptor, 2));
    (0..count).rev().find_map(|i| {
        let entry = fields + i * 24;
        // SAFETY: a struct's descriptor holds `count` entries of a name, a type and an offset.
        let [name, ty, start] = unsafe { *(entry as *const [u64; 3]) };
        let covers = start <= offset && offset < start + head(ty).size.max(1);
        covers.then(|| Some((text(image, name)?, ty, start)))?
    })
}

/// What lies at `offset` of an allocation of `size` bytes for values of a type.
pub fn inside(image: &Image, descriptor: u64, size: u64, offset: u64) -> Option<Inside> {
    let whole = type_name(image, descriptor)?;
    let own = head(descriptor).size.max(1);
    let count = size / own;
    let mut found = Inside { whole: whole.clone(), count, path: Vec::new(), holder: whole, descriptor, offset };
    if count > 1 {
        found.path.push(Part::Element(offset / own));
        found.holder = format!("[]{}", found.whole);
        found.offset = offset % own;
    }
    loop {
        let t = head(found.descriptor);
        // What a lock or an atomic is made of is nobody's business.
        if type_name(image, found.descriptor).is_some_and(|n| n.starts_with("sync.") || n.starts_with("atomic.")) {
            break;
        }
        match t.kind & 31 {
            kind::STRUCT => {
                let Some((name, ty, start)) = field_at(image, found.descriptor, found.offset) else { break };
                found.holder = type_name(image, found.descriptor)?;
                found.path.push(Part::Field(name));
                (found.descriptor, found.offset) = (ty, found.offset - start);
            }
            kind::ARRAY => {
                let element = field(found.descriptor, 0);
                let size = head(element).size.max(1);
                found.holder = type_name(image, found.descriptor)?;
                found.path.push(Part::Element(found.offset / size));
                (found.descriptor, found.offset) = (element, found.offset % size);
            }
            _ => break,
        }
    }
    Some(found)
}

/// A value of a basic type as Go prints it; none for others.
pub fn value(descriptor: u64, address: u64) -> Option<String> {
    let t = head(descriptor);
    if t.size > 8 || t.size == 0 {
        return None;
    }
    let mut bytes = [0u8; 8];
    // SAFETY: the caller knows that a value of the type lies there; it is read byte by byte.
    unsafe { std::ptr::copy_nonoverlapping(address as *const u8, bytes.as_mut_ptr(), t.size as usize) };
    let unsigned = u64::from_le_bytes(bytes);
    let unused = 64 - 8 * t.size as u32;
    let signed = (unsigned << unused) as i64 >> unused;
    Some(match t.kind & 31 {
        kind::BOOL => (unsigned != 0).to_string(),
        kind::INT..=kind::INT64 => signed.to_string(),
        kind::UINT..=kind::UINTPTR => unsigned.to_string(),
        kind::FLOAT32 => f32::from_bits(unsigned as u32).to_string(),
        kind::FLOAT64 => f64::from_bits(unsigned).to_string(),
        kind::POINTER | kind::MAP | kind::CHAN | kind::FUNC if unsigned == 0 => "nil".to_string(),
        _ => return None,
    })
}
