//! What is attached to objects: finalizers, cleanups, weak handles.
//!
//! Before marking ends, everything an object with a finalizer points to is marked (so of two such objects where one points
//! to the other only the outer one is finalized), but not the object itself. What is then unmarked: weak handles are
//! cleared; with a finalizer the object is kept once more and the finalizer queued; otherwise its cleanups are queued.

use std::collections::{BTreeMap, VecDeque};

/// One attachment. Records and handles are heap addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Special {
    Finalizer { record: u64 },
    Cleanup { record: u64, id: u64 },
    Weak { handle: u64 },
}

/// All attachments, by the object's start, and what is due.
#[derive(Debug, Default)]
pub struct Specials {
    pub(super) by_object: BTreeMap<u64, Vec<Special>>,
    /// (record, object); object is 0 for cleanups.
    pub due: VecDeque<(u64, u64)>,
}

impl Specials {
    pub fn add(&mut self, object: u64, special: Special) {
        self.by_object.entry(object).or_default().push(special);
    }

    /// Whether an object has a finalizer.
    pub fn has_finalizer(&self, object: u64) -> bool {
        let list = self.by_object.get(&object);
        list.is_some_and(|list| list.iter().any(|s| matches!(s, Special::Finalizer { .. })))
    }

    /// Removes the attachments that `gone` says.
    pub fn remove(&mut self, object: u64, gone: impl Fn(&Special) -> bool) {
        if let Some(list) = self.by_object.get_mut(&object) {
            list.retain(|s| !gone(s));
            if list.is_empty() {
                self.by_object.remove(&object);
            }
        }
    }

    /// The weak handle of an object.
    pub fn weak(&self, object: u64) -> Option<u64> {
        self.by_object.get(&object)?.iter().find_map(|s| match s {
            Special::Weak { handle } => Some(*handle),
            _ => None,
        })
    }
}
