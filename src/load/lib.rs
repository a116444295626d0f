//! From what a Go programmer types to parsed packages in dependency order.
//!
//! - `sdk`: finding, fetching and identifying an installed Go SDK.
//! - `constraint`: which files of a folder belong to the build.
//! - `packages`: patterns, modules, imports; the packages of a program, dependencies first.

pub mod constraint;
pub mod packages;
pub mod sdk;

pub use packages::{LoadError, Loaded, LoadedPackage, load};
pub use sdk::{Sdk, SdkError};
