//! Flags of building that the go command has, too, and what they say to the compiler.

use crate::compile::{Request, Telling};
use crate::note;
use gorace_base::files::Overlay;
use gorace_load::environment::{ModuleMode, split_words};
use std::path::{Path, PathBuf};

/// What packages are made of.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct SourceFlags {
    /// Go to this folder before anything else; must be the first flag.
    #[arg(short = 'C', value_name = "FOLDER", help_heading = BUILDING)]
    chdir: Option<PathBuf>,
    /// Build tags, separated by commas.
    #[arg(long, value_delimiter = ',', help_heading = BUILDING)]
    pub tags: Vec<String>,
    /// Where packages come from: mod, readonly or vendor.
    #[arg(long = "mod", value_name = "MODE", help_heading = BUILDING)]
    module_mode: Option<String>,
    /// A file that stands for the module's go.mod.
    #[arg(long, value_name = "FILE", help_heading = BUILDING)]
    modfile: Option<PathBuf>,
    /// A JSON file that says which files stand for which.
    #[arg(long, value_name = "FILE", help_heading = BUILDING)]
    overlay: Option<PathBuf>,
    /// Of the linker's flags `-X PACKAGE.NAME=VALUE` gives a string variable its value.
    #[arg(long, value_name = "FLAGS", help_heading = BUILDING)]
    ldflags: Option<String>,
    /// Paths of files without the folders of this machine.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", help_heading = BUILDING)]
    trimpath: Option<bool>,
    /// Go's flags without a meaning here, with the reason.
    #[arg(long, hide = true, action = clap::ArgAction::Append)]
    idle: Vec<String>,
}

/// How packages are built.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct HowFlags {
    /// Look for races, as it is without this flag; -race=false leaves the checks out.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", help_heading = BUILDING)]
    race: Option<bool>,
    /// Leave race checks out.
    #[arg(long, help_heading = BUILDING)]
    no_race: bool,
    /// Print what is done.
    #[arg(short = 'x', num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", help_heading = BUILDING)]
    print: Option<bool>,
    /// Print what would be done; do nothing of it.
    #[arg(short = 'n', num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", help_heading = BUILDING)]
    dry: Option<bool>,
}

/// Where the help has what is `go build`'s.
const BUILDING: &str = "Building, as in Go";

impl HowFlags {
    /// Whether there are race checks.
    pub fn race(&self) -> bool {
        !self.no_race && self.race != Some(false)
    }

    /// What is said of the work; `verbose` is -v.
    pub fn tells(&self, verbose: Option<bool>) -> Option<Telling> {
        let packages = (verbose == Some(true)).then_some(Telling::Packages);
        self.prints().then_some(Telling::Steps).or(packages)
    }

    /// Whether nothing is to be done.
    pub fn dry(&self) -> bool {
        self.dry == Some(true)
    }

    /// Whether what is done is printed.
    pub fn prints(&self) -> bool {
        self.print == Some(true) || self.dry()
    }
}

impl SourceFlags {
    /// A request for packages.
    ///
    /// # Errors
    /// When a flag's value cannot be meant.
    pub fn request(&self, program: Vec<String>) -> Result<Request, String> {
        let module_mode = match self.module_mode.as_deref() {
            None | Some("") => None,
            Some("vendor") => Some(ModuleMode::Vendor),
            Some("mod" | "readonly") => Some(ModuleMode::Modules),
            Some(mode) => return Err(format!("-mod={mode} not supported (can be '', 'mod', 'readonly', or 'vendor')")),
        };
        let modfile = self.modfile.as_ref().map(|file| match file.extension().is_some_and(|e| e == "mod") {
            true => std::path::absolute(file).map_err(|e| format!("-modfile={}: {e}", file.display())),
            false => Err(format!("go: -modfile={}: file does not have .mod extension", file.display())),
        });
        if let Some(file) = self.overlay.as_ref().filter(|file| !file.as_os_str().is_empty()) {
            gorace_base::files::set_overlay(overlay(file)?);
        }
        let values = self.ldflags.as_deref().map(values).transpose()?.unwrap_or_default();
        let (tags, trimpath) = (self.tags.clone(), self.trimpath == Some(true));
        Ok(Request {
            program,
            tags,
            module_mode,
            modfile: modfile.transpose()?,
            values,
            trimpath,
            ..Request::default()
        })
    }

    /// The flags as words, so that somebody else makes the same of them.
    pub fn words(&self) -> Vec<String> {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let tags = (!self.tags.is_empty()).then(|| self.tags.join(","));
        let flags = [
            ("--tags", tags),
            ("--mod", self.module_mode.clone()),
            ("--modfile", path(&self.modfile)),
            ("--overlay", path(&self.overlay)),
            ("--ldflags", self.ldflags.clone()),
        ];
        let pairs = flags.into_iter().filter_map(|(name, value)| Some([name.to_string(), value?]));
        pairs.flatten().chain(self.trimpath.map(|on| format!("--trimpath={on}"))).collect()
    }

    /// Build tags alone.
    pub fn of_tags(tags: Vec<String>) -> SourceFlags {
        SourceFlags { tags, ..SourceFlags::default() }
    }

    /// The flags of such words.
    pub fn of_words(words: &[String]) -> Option<SourceFlags> {
        use clap::{Args, FromArgMatches};
        let command = SourceFlags::augment_args(clap::Command::new("flags").no_binary_name(true));
        // Each value is one, whatever it begins with.
        let mut joined: Vec<String> = Vec::new();
        for word in words {
            match joined.last_mut().filter(|last| !last.contains('=')) {
                Some(last) => *last = format!("{last}={word}"),
                None => joined.push(word.clone()),
            }
        }
        SourceFlags::from_arg_matches(&command.try_get_matches_from(joined).ok()?).ok()
    }

    /// Tells which flags mean nothing here, and why.
    pub fn tell_idle(&self) {
        for flag in &self.idle {
            note(&format!("gorace: without a meaning here: {flag}"));
        }
    }
}

/// What an overlay's file says: `{"Replace": {"FILE": "OTHER"}}`, paths relative to the current folder.
fn overlay(file: &Path) -> Result<Overlay, String> {
    let wrong = |why: &str| format!("go: parsing overlay JSON: {why}");
    let text = gorace_base::files::read_text(file)
        .map_err(|e| format!("go: reading overlay: open {}: {}", file.display(), gorace_load::error::plain(&e)))?;
    let json: serde_json::Value = serde_json::from_str(&text).map_err(|e| wrong(&e.to_string()))?;
    let mut overlay = Overlay::new();
    let whole = |path: &str| std::path::absolute(path).map_err(|e| wrong(&format!("{path}: {e}")));
    for (from, to) in json["Replace"].as_object().into_iter().flatten() {
        let to = to.as_str().ok_or_else(|| wrong(&format!("{from}: not a path")))?;
        let from = whole(from)?;
        // Folders are found by their real names.
        let real = from.parent().and_then(|folder| std::fs::canonicalize(folder).ok());
        let from = real.zip(from.file_name()).map_or(from.clone(), |(folder, name)| folder.join(name));
        overlay.insert(from, if to.is_empty() { None } else { Some(whole(to)?) });
    }
    Ok(overlay)
}

/// What `-X` gives to variables in the flags of Go's linker; the others say nothing to ours.
fn values(flags: &str) -> Result<Vec<(String, String, String)>, String> {
    // `pattern=flags` says whose they are; ours are the program's.
    let flags = match flags.split_once('=') {
        Some((pattern, rest)) if !flags.starts_with('-') && !pattern.contains(' ') => rest,
        _ => flags,
    };
    let mut values: Vec<(String, String, String)> = Vec::new();
    let words = split_words(flags);
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let name = word.trim_start_matches('-');
        if !word.starts_with('-') || !(name == "X" || name.starts_with("X=")) {
            continue;
        }
        let text = match name.strip_prefix("X=") {
            Some(text) => text,
            None => {
                at += 1;
                words.get(at - 1).map_or("", String::as_str)
            }
        };
        let parts = text.split_once('=').and_then(|(name, value)| Some((name.rsplit_once('.')?, value)));
        let Some(((package, name), value)) = parts else {
            return Err("-ldflags: -X flag requires argument of the form importpath.name=value".to_string());
        };
        values.retain(|(p, n, _)| (p.as_str(), n.as_str()) != (package, name));
        values.push((package.to_string(), name.to_string(), value.to_string()));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_the_same() {
        let words = ["--tags", "a,b", "--overlay", "o.json", "--ldflags", "-X main.v=1", "--trimpath=true"];
        let words = words.map(str::to_string);
        let flags = SourceFlags::of_words(&words).unwrap();
        assert_eq!((flags.tags.join(" ").as_str(), flags.trimpath), ("a b", Some(true)));
        assert_eq!(flags.words(), words);
        assert!(SourceFlags::default().words().is_empty() && SourceFlags::of_words(&[]).is_some());
    }

    #[test]
    fn variables_of_linker_flags() {
        let texts =
            |flags: &str| values(flags).map(|v| v.iter().map(|(p, n, v)| format!("{p}|{n}|{v}")).collect::<Vec<_>>());
        assert_eq!(texts("-s -w -X main.v=1 -X 'a.b/c.name=x y'").unwrap(), ["main|v|1", "a.b/c|name|x y"]);
        assert_eq!(texts("-X=main.v=1 -X=main.v=2 -extldflags=-static").unwrap(), ["main|v|2"]);
        assert_eq!(texts("all=-X main.v=a=b").unwrap(), ["main|v|a=b"]);
        assert!(texts("-X main").unwrap_err().contains("importpath.name=value"));
    }
}
