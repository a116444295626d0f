//! From what a Go programmer types to parsed packages in dependency order.
//!
//! - `sdk`: finding, fetching and identifying an installed Go SDK. `environment`: the go command's settings.
//! - `patterns`: from words to folders. `modules`: go.mod, go.work, versions, vendor folders: from imports to folders.
//! - `folder`, `scan`, `constraint`, `embed`: which files belong to a build, what they import and embed.
//! - `godebug`: what a program's GODEBUG is by default.
//! - `import_path`: which paths may be imported at all.
//! - `graph`: the packages of a build in dependency order; `variants`, `test_main`: those of its tests;
//!   `std_index`: what is known of the standard library without reading it.
//! - `parse`: the trees, for those packages whose trees are wanted.

pub mod constraint;
pub mod embed;
pub mod environment;
pub mod error;
mod fetch;
pub mod folder;
pub mod godebug;
pub mod graph;
mod import_path;
pub mod modules;
pub mod parse;
pub mod patterns;
pub mod scan;
pub mod sdk;
mod sha256;
pub mod std_index;
pub mod test_main;
mod variants;

pub use embed::{Embedded, EmbeddedFile};
pub use error::LoadError;
pub use graph::{Graph, NAMED_FILES, Package, Request, TestSet, graph};
pub use parse::{Loaded, LoadedPackage, Sources, load, parse_all};
pub use sdk::{Sdk, SdkError};
