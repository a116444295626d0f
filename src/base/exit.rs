//! The exit codes of the command.

/// No finding.
pub const CLEAN: u8 = 0;
/// At least one finding of severity `error`.
pub const FINDINGS: u8 = 1;
/// The program can't be compiled, or the command was used wrongly.
pub const UNUSABLE: u8 = 2;
/// Nothing was found, but some schedules were not seen through: killed, out of time or memory, or what they found was lost.
pub const UNSEEN: u8 = 3;
/// From `gorace replay`: the schedule does not show what it was to show.
pub const NOT_SHOWN: u8 = 4;
/// What `go build -race` programs exit with when a race was found (`GORACE=exitcode`).
pub const RACE: u8 = 66;
/// Ended by Ctrl-C or SIGTERM before anything was found.
pub const INTERRUPTED: u8 = 130;
