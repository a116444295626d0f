//! What an operation does, as far as the order of two of them can matter.
//!
//! Two operations are *dependent* when their order can make a difference, and *co-enabled* when both can stand in front of
//! their operation at the same time and either may go first. What waits only for a lock to be free is not enabled until then,
//! so the unlock and the lock that follows it are dependent but never exchanged.

use serde::{Deserialize, Serialize};

/// How an operation touches its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// Nothing that others see.
    Local,
    Read,
    Write,
    /// On a channel; the object is the channel.
    Channel,
    /// A select, on whichever channels.
    Select,
    /// Of a mutex, when it is free.
    Lock,
    Unlock,
    /// `WaitGroup.Add`, `Done`: they only count, in any order.
    Add,
    Done,
    /// `WaitGroup.Wait`, when the counter is zero.
    Join,
}

/// An operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Act {
    /// The address of its object; 0 where it has none.
    pub object: u64,
    pub kind: Kind,
}

impl Act {
    pub const LOCAL: Act = Act { object: 0, kind: Kind::Local };
}

/// Whether the order of two operations of different goroutines can matter.
pub fn dependent(a: Act, b: Act) -> bool {
    use Kind::{Add, Channel, Done, Join, Local, Read, Select};
    match (a.kind, b.kind) {
        (Local, _) | (_, Local) => false,
        (Select, Select | Channel) | (Channel, Select) => true,
        (Select, _) | (_, Select) => false,
        _ if a.object != b.object => false,
        (Read, Read) | (Join, Join | Read) | (Read, Join) => false,
        (Add | Done, Add | Done) => false,
        _ => true,
    }
}

/// Whether two dependent operations can both be about to happen.
pub fn co_enabled(a: Act, b: Act) -> bool {
    use Kind::{Done, Join, Lock, Unlock};
    !matches!((a.kind, b.kind), (Lock, Unlock) | (Unlock, Lock | Unlock) | (Done, Join) | (Join, Done))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependence_is_symmetric_and_on_one_object() {
        use Kind::*;
        let kinds = [Local, Read, Write, Channel, Select, Lock, Unlock, Add, Done, Join];
        for a in kinds {
            for b in kinds {
                let act = |kind, object| Act { object, kind };
                assert_eq!(dependent(act(a, 8), act(b, 8)), dependent(act(b, 8), act(a, 8)), "{a:?} {b:?}");
                assert_eq!(co_enabled(act(a, 8), act(b, 8)), co_enabled(act(b, 8), act(a, 8)), "{a:?} {b:?}");
                let apart = dependent(act(a, 8), act(b, 16));
                let selects = matches!((a, b), (Select, Select | Channel) | (Channel, Select));
                assert_eq!(apart, selects, "{a:?} {b:?}");
            }
        }
    }
}
