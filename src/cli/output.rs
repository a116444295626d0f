//! Where reports go: standard output in one format, files in others, colours.

use crate::{read_source, say};
use clap::builder::{PossibleValuesParser, TypedValueParser, ValueParser};
use gorace_base::finding::Finding;
use gorace_report::{Format, render, render_with};
use std::path::PathBuf;

/// The flags of the commands that report findings.
#[derive(Debug, clap::Args)]
pub struct Output {
    /// The report's format.
    #[arg(long, value_parser = format_parser(), default_value = "text")]
    pub format: Format,
    /// Write the report to a file, too, in a format of its own; can be given several times.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = format_and_file)]
    output: Vec<(Format, PathBuf)>,
    /// Colours in the text: `auto` has them on a terminal, where NO_COLOR is not set.
    #[arg(long, value_enum, default_value = "auto")]
    color: Colour,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Colour {
    Auto,
    Always,
    Never,
}

fn names() -> Vec<&'static str> {
    Format::ALL.iter().map(|(name, _)| *name).collect()
}

fn format_parser() -> ValueParser {
    let known = |name: String| Format::named(&name).ok_or("no such format");
    PossibleValuesParser::new(names()).try_map(known).into()
}

fn format_and_file(text: &str) -> Result<(Format, PathBuf), String> {
    let Some((name, file)) = text.split_once('=').filter(|(_, file)| !file.is_empty()) else {
        return Err("not FORMAT=FILE, such as sarif=gorace.sarif".to_string());
    };
    let format = Format::named(name).ok_or_else(|| format!("no format {name}; there are {}", names().join(", ")))?;
    Ok((format, PathBuf::from(file)))
}

impl Output {
    /// To be called before anything is looked for: sets colours, and sees to it that the files can be written. A file that was not there is
    /// not there afterwards, either: who ends without a report leaves none that is empty.
    ///
    /// # Errors
    /// When one of them cannot.
    pub fn prepare(&self) -> Result<(), String> {
        match self.color {
            Colour::Auto => {}
            Colour::Always => gorace_report::set_colour(true),
            Colour::Never => gorace_report::set_colour(false),
        }
        for (_, path) in &self.output {
            let made = std::fs::OpenOptions::new().append(true).create_new(true).open(path);
            let tried = match made {
                Ok(_) => std::fs::remove_file(path),
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                    std::fs::OpenOptions::new().append(true).open(path).map(drop)
                }
                Err(e) => Err(e),
            };
            tried.map_err(|e| format!("{}: {e}", path.display()))?;
        }
        Ok(())
    }

    /// Prints a finding as soon as it is there, if the format has no document around it.
    pub fn stream(&self, finding: &Finding) -> Option<String> {
        // None where standard output is no terminal.
        if let (Format::Text, Some((width, _))) = (self.format, terminal_size::terminal_size_of(std::io::stdout())) {
            return Some(gorace_report::text_for_terminal(finding, &read_source, usize::from(width.0)));
        }
        self.format.streams().then(|| render(self.format, std::slice::from_ref(finding), &read_source))
    }

    /// Prints what `stream` did not, and writes the files; `unseen` are words about schedules that were not seen through.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn finish(&self, findings: &[Finding], unseen: &[String]) -> Result<(), String> {
        match self.format.streams() {
            // Who reads the others sees what is said on standard error.
            true if matches!(self.format, Format::Json | Format::Github) => {
                say(&gorace_report::remarks(self.format, unseen));
            }
            true => {}
            false => say(&render_with(self.format, findings, unseen, &read_source)),
        }
        gorace_report::set_colour(false);
        for (format, path) in &self.output {
            let text = render_with(*format, findings, unseen, &read_source);
            std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))?;
        }
        Ok(())
    }
}
