//! Why a program cannot be loaded: one error or several, in the go command's words where it has any.

/// The text is ready to be printed; several errors stand on lines of their own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// A file or folder that cannot be read, or holds nothing to build.
    #[error("{0}: {1}")]
    File(String, String),
    /// What go.mod, go.work or vendor/modules.txt get wrong.
    #[error("{0}")]
    Module(String),
    /// Patterns that name no package.
    #[error("{0}")]
    Pattern(String),
    /// Packages that cannot be imported, cycles, unreadable embedded files: one or more, in order.
    #[error("{}", .0.join("\n"))]
    Packages(Vec<String>),
}

/// An input error in Go's words.
pub fn plain(e: &std::io::Error) -> String {
    match e.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".to_string(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_string(),
        std::io::ErrorKind::IsADirectory => "is a directory".to_string(),
        _ => e.to_string(),
    }
}
