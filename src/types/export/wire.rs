//! Bytes of export data: varints, strings by number, and a reader that never trusts what it reads.
//!
//! Integers are LEB128, signed ones zigzag. Every read is checked against the end, lists against what is left, nesting
//! against a limit: damaged data gives `None`, never a panic and never more memory than a few times the data's size.

use crate::hash::HashMap;

/// How deep syntax trees may nest; who reads bodies needs the stack that the parser needs.
pub(crate) const MAX_TREE_DEPTH: u32 = 20_000;
/// How deep types and the owners of entities may nest.
pub(crate) const MAX_TYPE_DEPTH: u32 = 1_000;

/// Text by number, each kept once.
#[derive(Debug, Default)]
pub(crate) struct Strings {
    numbers: HashMap<Box<[u8]>, u32>,
    list: Vec<Box<[u8]>>,
}

impl Strings {
    pub fn number(&mut self, text: &[u8]) -> u32 {
        if let Some(&known) = self.numbers.get(text) {
            return known;
        }
        let number = self.list.len() as u32;
        self.list.push(text.into());
        self.numbers.insert(text.into(), number);
        number
    }

    pub fn list(&self) -> &[Box<[u8]>] {
        &self.list
    }
}

/// Appends to a buffer.
#[derive(Debug, Default)]
pub(crate) struct Bytes(pub Vec<u8>);

impl Bytes {
    pub fn byte(&mut self, b: u8) {
        self.0.push(b);
    }

    pub fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.0.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.0.push(n as u8);
    }

    pub fn signed(&mut self, n: i64) {
        self.number(((n << 1) ^ (n >> 63)) as u64);
    }

    pub fn text(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }
}

/// Reads from a slice; a copy of it is a place to come back to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Cursor<'b> {
    pub fn new(bytes: &'b [u8], at: usize) -> Cursor<'b> {
        Cursor { bytes, at }
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn byte(&mut self) -> Option<u8> {
        let b = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(b)
    }

    pub fn number(&mut self) -> Option<u64> {
        let mut n = 0u64;
        for shift in (0..64).step_by(7) {
            let b = self.byte()?;
            n |= u64::from(b & 0x7f) << shift;
            if b < 0x80 {
                return Some(n);
            }
        }
        None
    }

    pub fn index(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    pub fn signed(&mut self) -> Option<i64> {
        let n = self.number()?;
        Some((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    pub fn flag(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    pub fn take(&mut self, len: usize) -> Option<&'b [u8]> {
        let end = self.at.checked_add(len)?;
        let part = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(part)
    }

    pub fn text(&mut self) -> Option<&'b [u8]> {
        let len = usize::try_from(self.number()?).ok()?;
        self.take(len)
    }

    /// The length of a list whose entries take at least one byte each.
    pub fn len(&mut self) -> Option<usize> {
        let len = usize::try_from(self.number()?).ok()?;
        (len <= self.bytes.len() - self.at.min(self.bytes.len())).then_some(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        let mut out = Bytes::default();
        let numbers = [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, u64::from(u32::MAX), u64::MAX];
        let signed = [0, -1, 1, i64::MIN, i64::MAX, -64, 64];
        numbers.iter().for_each(|&n| out.number(n));
        signed.iter().for_each(|&n| out.signed(n));
        let mut cursor = Cursor::new(&out.0, 0);
        assert!(numbers.iter().all(|&n| cursor.number() == Some(n)));
        assert!(signed.iter().all(|&n| cursor.signed() == Some(n)));
        assert_eq!(cursor.number(), None);
    }

    #[test]
    fn a_list_longer_than_the_data_is_refused() {
        let mut out = Bytes::default();
        out.number(1 << 40);
        assert_eq!(Cursor::new(&out.0, 0).len(), None);
    }
}
