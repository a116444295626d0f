//! The bytes of string constants. A long concatenation keeps its parts, and joins them when somebody looks at the bytes:
//! `"a" + "b" + …` has a value at each `+`, of which only the last is needed (go/constant does the same).
//!
//! Invariant: of `bytes` and `parts` exactly one is there. Joining and dropping take no stack, however long the chain.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

/// Concatenations up to this length are joined at once.
const SHORT: usize = 64;

/// A string constant's bytes; a clone shares them.
#[derive(Clone)]
pub struct Text(Rc<Node>);

struct Node {
    len: usize,
    bytes: OnceCell<Rc<[u8]>>,
    parts: RefCell<Option<(Text, Text)>>,
}

impl Text {
    /// Its length, without joining its parts.
    pub fn length(&self) -> usize {
        self.0.len
    }

    /// Its bytes, shared.
    pub fn shared(&self) -> Rc<[u8]> {
        self.0.bytes.get_or_init(|| self.join().into()).clone()
    }

    /// This text and then another one; `None` when their length is no number.
    pub fn concat(&self, other: &Text) -> Option<Text> {
        let len = self.length().checked_add(other.length())?;
        if len <= SHORT {
            return Some(Text::from([&self[..], &other[..]].concat()));
        }
        let parts = RefCell::new(Some((self.clone(), other.clone())));
        Some(Text(Rc::new(Node { len, bytes: OnceCell::new(), parts })))
    }

    fn join(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.length());
        let mut pending = vec![self.clone()];
        while let Some(text) = pending.pop() {
            match (text.0.bytes.get(), &*text.0.parts.borrow()) {
                (Some(bytes), _) => out.extend_from_slice(bytes),
                (None, Some((left, right))) => pending.extend([right.clone(), left.clone()]),
                (None, None) => {}
            }
        }
        self.0.parts.take();
        out
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let mut pending = vec![self.parts.take()];
        while let Some(parts) = pending.pop() {
            for part in parts.into_iter().flat_map(|(left, right)| [left, right]) {
                // A part that nobody else holds gives its own parts up before it is dropped.
                pending.extend(Rc::into_inner(part.0).map(|node| node.parts.take()));
            }
        }
    }
}

impl std::ops::Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.bytes.get_or_init(|| self.join().into())
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Text {
        let len = bytes.len();
        Text(Rc::new(Node { len, bytes: OnceCell::from(Rc::from(bytes)), parts: RefCell::new(None) }))
    }
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Text {
        Text::from(bytes.to_vec())
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        self.length() == other.length() && self[..] == other[..]
    }
}

impl Eq for Text {}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        String::from_utf8_lossy(self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_chain_is_joined_once_and_dropped_without_recursion() {
        let part = Text::from(&b"0123456789"[..]);
        let (mut left, mut right) = (part.clone(), part.clone());
        for _ in 1..200_000 {
            left = left.concat(&part).unwrap();
            right = part.concat(&right).unwrap();
        }
        assert_eq!(left.length(), 2_000_000);
        assert!(left[..] == b"0123456789".repeat(200_000)[..]);
        assert!(left == right);
        // One that nobody has looked at.
        drop((0..200_000).fold(part.clone(), |chain, _| chain.concat(&part).unwrap()));
    }

    #[test]
    fn parts_may_be_looked_at_before_and_after() {
        let a = Text::from(vec![b'a'; 100]);
        let ab = a.concat(&Text::from(vec![b'b'; 100])).unwrap();
        let aba = ab.concat(&a).unwrap();
        assert_eq!(ab[99..101], *b"ab");
        assert_eq!(aba[199..201], *b"ba");
        assert_eq!(aba.len(), 300);
    }

    #[test]
    fn doubling_takes_no_memory_until_somebody_looks() {
        let mut text = Text::from(vec![b'x'; 100]);
        for _ in 0..40 {
            text = text.concat(&text).unwrap();
        }
        assert_eq!(text.length(), 100 << 40);
    }
}
