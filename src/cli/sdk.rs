//! `gorace sdk`: the Go SDKs that can be used, and fetching one.

use crate::fail;
use gorace_base::exit;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The SDKs found on this machine, best first.
    List,
    /// Fetch one into gorace's cache.
    Install {
        /// As `1.27.3`.
        #[arg(default_value = gorace_load::sdk::FETCHED_VERSION)]
        version: String,
    },
}

pub fn run(a: &Arguments) -> ExitCode {
    match &a.action {
        Action::List => {
            for sdk in gorace_load::sdk::list() {
                println!("{} {}", sdk.version, sdk.root.display());
            }
            ExitCode::from(exit::CLEAN)
        }
        Action::Install { version } => match gorace_load::sdk::install(version) {
            Ok(sdk) => {
                println!("{} {}", sdk.version, sdk.root.display());
                ExitCode::from(exit::CLEAN)
            }
            Err(e) => fail(&e),
        },
    }
}
