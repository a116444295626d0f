//! What every room shares: source positions, the source map, ids, the `Finding`, exit codes.

pub mod exit;
pub mod finding;
pub mod source;

pub use source::{FileId, Pos, Position, SourceFile, SourceMap};

/// Defines a dense `u32` id, used as an index into a table.
#[macro_export]
macro_rules! define_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);
        impl $name {
            /// The id as a table index.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}{}", stringify!($name), self.0)
            }
        }
    };
}
