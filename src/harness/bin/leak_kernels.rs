//! The SDK's leak kernels.
fn main() {}
