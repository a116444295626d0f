//! What every room shares: source positions, the source map, ids, the `Finding`, exit codes, how files are read and how
//! the texts of others are shown.

pub mod exit;
pub mod files;
pub mod finding;
pub mod source;
pub mod visible;

pub use source::{FileId, Pos, Position, SourceFile, SourceMap};

/// Defines a dense `u32` id, used as an index into a table.
#[macro_export]
macro_rules! define_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
        pub struct $name(pub u32);
        impl $name {
            /// The id as a table index.
            #[inline]
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

/// Defines an enum without data together with the list of its variants, whose places are their numbers.
#[macro_export]
macro_rules! define_listed {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident),* $(,)? }) => {
        $(#[$meta])*
        pub enum $name {
            $($(#[$variant_meta])* $variant),*
        }
        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// The one with this number.
            pub fn from_number(number: u8) -> Option<$name> {
                $name::ALL.get(usize::from(number)).copied()
            }
        }
    };
}
