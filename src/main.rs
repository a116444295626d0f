//! The `gorace` command: hands its arguments to the `cli` room and exits with the code it returns.

fn main() -> std::process::ExitCode {
    gorace_cli::main()
}
