//! Attacks on gorace, one after the other: `gorace_harness::attacks` has them and what must hold of each.

use clap::Parser;
use gorace_harness::attacks::{Harm, Place, all};
use gorace_harness::tool;
use std::process::ExitCode;

/// Attacks gorace, and prints what did not hold.
#[derive(Parser)]
struct Arguments {
    /// Only the attacks whose name or family contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Print each attack as it is begun.
    #[arg(long)]
    verbose: bool,
}

fn main() -> ExitCode {
    tool::finish(run(&Arguments::parse()))
}

fn run(a: &Arguments) -> Result<ExitCode, String> {
    let (gorace, sdk) = (tool::gorace()?, tool::sdk_root()?);
    let trials: Vec<_> = all().into_iter().filter(|t| t.name.contains(&a.only) || t.what.contains(&a.only)).collect();
    let mut broken: Vec<Harm> = Vec::new();
    let mut held = 0;
    for (number, trial) in trials.iter().enumerate() {
        if a.verbose {
            eprintln!("{}: {}", trial.name, trial.what);
        }
        let place = Place::new(&gorace, &sdk, number)?;
        let result = (trial.run)(&place);
        let left = place.left_behind();
        if let Err(why) = &result {
            println!("{} ({}): {why}", trial.name, trial.what);
            broken.push(trial.harm);
        }
        if !left.is_empty() {
            println!("{} ({}): left behind: {}", trial.name, trial.what, left.join("; "));
            broken.push(Harm::LeavesProcess);
        }
        held += usize::from(result.is_ok() && left.is_empty());
    }
    let count = |harm: Harm| broken.iter().filter(|b| **b == harm).count();
    println!(
        "{} attacks: {held} held, {} hide a finding, {} run foreign code, {} forge a line, {} leave a process behind, {} break something else",
        trials.len(),
        count(Harm::HidesFinding),
        count(Harm::RunsForeignCode),
        count(Harm::ForgesLine),
        count(Harm::LeavesProcess),
        count(Harm::Breaks)
    );
    Ok(ExitCode::from(u8::from(held != trials.len())))
}
