//! What an operation does, as far as the order of two of them can matter.
//!
//! Two operations are *dependent* when their order can make a difference, and *co-enabled* when both can stand in front of
//! their operation at the same time and either may go first. What waits only for a lock to be free is not enabled until then,
//! so the unlock and the lock that follows it are dependent but never exchanged.
//!
//! Both are asked of an earlier and a later operation: what a counter was when the earlier one was done says whether the two
//! commute there (conditional independence, Katz and Peled, TCS 1992). Two `Done` of a counter of two or more do; of a counter of one
//! the second is the one that panics.

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
    /// Of a mutex, or for writing, when no other has it.
    Lock,
    Unlock,
    /// `WaitGroup.Add`, and `Done` or an `Add` of -1: they only count, in any order.
    Add,
    Done,
    /// `Add` to a counter of zero, and `Done` that leaves zero or less: a `Done` that comes before, or behind, panics.
    FirstAdd,
    LastDone,
    /// `Done` that goes below zero and panics: it would not have, had it been in front of any other. What takes more than one at once
    /// counts as such, too: by itself the counter does not say what it may come in front of.
    OverDone,
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

/// Whether the order of two operations of different goroutines can matter, of which `earlier` was done, or is done first.
pub fn dependent(earlier: Act, later: Act) -> bool {
    use Kind::{Add, Channel, Done, FirstAdd, Join, LastDone, Local, OverDone, Read, Select};
    match (earlier.kind, later.kind) {
        (Local, _) | (_, Local) => false,
        (Select, Select | Channel) | (Channel, Select) => true,
        (Select, _) | (_, Select) => false,
        _ if earlier.object != later.object => false,
        (Read, Read) | (Join, Join | Read) | (Read, Join) => false,
        (FirstAdd | LastDone | OverDone, Done | LastDone | OverDone) => true,
        (Add, LastDone | OverDone) | (Done, OverDone) => true,
        (Add | Done | FirstAdd | LastDone | OverDone, Add | Done | FirstAdd | LastDone) => false,
        _ => true,
    }
}

/// Whether the later of two dependent operations could have been about to happen in front of the earlier one.
pub fn co_enabled(earlier: Act, later: Act) -> bool {
    use Kind::{Done, Join, LastDone, Lock, OverDone, Unlock};
    !matches!((earlier.kind, later.kind), (Unlock, Lock) | (Done | LastDone | OverDone, Join))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Kind; 13] = {
        use Kind::*;
        [Local, Read, Write, Channel, Select, Lock, Unlock, Add, Done, FirstAdd, LastDone, OverDone, Join]
    };

    #[test]
    fn dependence_is_symmetric_but_for_counts_and_on_one_object() {
        use Kind::*;
        let act = |kind, object| Act { object, kind };
        let counts = |kind| matches!(kind, Add | Done | FirstAdd | LastDone | OverDone);
        for a in KINDS {
            for b in KINDS {
                if !(counts(a) && counts(b)) {
                    assert_eq!(dependent(act(a, 8), act(b, 8)), dependent(act(b, 8), act(a, 8)), "{a:?} {b:?}");
                }
                let apart = dependent(act(a, 8), act(b, 16));
                let selects = matches!((a, b), (Select, Select | Channel) | (Channel, Select));
                assert_eq!(apart, selects, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn counts_commute_while_they_stay_above_zero() {
        use Kind::*;
        let act = |kind| Act { object: 8, kind };
        assert!(
            !dependent(act(Done), act(Done)) && !dependent(act(Done), act(LastDone)) && !dependent(act(Add), act(Done))
        );
        assert!(dependent(act(LastDone), act(LastDone)) && dependent(act(FirstAdd), act(LastDone)));
        assert!(dependent(act(Done), act(OverDone)) && dependent(act(Add), act(LastDone)));
        assert!(!dependent(act(FirstAdd), act(Add)) && !dependent(act(LastDone), act(FirstAdd)));
    }
}
