//! What a program's GODEBUG settings are where the environment says nothing: defaults by the main module's Go version, then the module
//! file's `godebug` lines, then the main package's `//go:debug` lines, each over the ones before (cmd/go/internal/load/godebug.go).
//!
//! Which settings there are, and since when their defaults differ, the SDK's own table says (internal/godebugs).

use crate::modules::version;
use crate::sdk::Sdk;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A `//go:debug` line above a package clause.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DebugLine {
    /// What stands behind `//go:debug`.
    pub text: String,
    pub line: u32,
    pub column: u32,
}

/// The SDK's table.
#[derive(Debug, Default)]
pub struct Table {
    /// By name: N of the version 1.N that changed the default, and the value before; 0 where none did.
    known: BTreeMap<String, (u32, String)>,
    /// Settings that are gone: the version that took them away, and the values that nobody may ask for.
    removed: BTreeMap<String, (u32, Vec<String>)>,
    minor: u32,
    version: String,
}

impl Table {
    pub fn of(sdk: &Sdk) -> Table {
        let file = sdk.root.join("src/internal/godebugs/table.go");
        Table {
            minor: sdk.minor,
            version: sdk.version.clone(),
            ..Table::read(&std::fs::read_to_string(file).unwrap_or_default())
        }
    }

    fn read(text: &str) -> Table {
        let mut table = Table::default();
        for line in text.lines().map(str::trim).filter(|line| line.starts_with("{Name:")) {
            let Some(name) = quoted(line).next() else { continue };
            let number = |field: &str| {
                let rest = line.split_once(field)?.1.trim_start();
                let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                rest[..end].parse().ok()
            };
            let old =
                line.split_once("Old:").map_or("", |(_, rest)| rest.split("//").next().unwrap_or("").trim_start());
            if let Some(minor) = number("Removed:") {
                let values = match old {
                    _ if old.starts_with("zero") => vec!["0".to_string()],
                    _ if old.starts_with("one") => vec!["1".to_string()],
                    _ => quoted(old).map(str::to_string).collect(),
                };
                table.removed.insert(name.to_string(), (minor, values));
            } else {
                let old = quoted(old).next().unwrap_or("").to_string();
                table.known.insert(name.to_string(), (number("Changed:").unwrap_or(0), old));
            }
        }
        table
    }

    /// Whether a setting may be made, in Go's words; `what` names the kind of line.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, what: &str, key: &str, value: &str) -> Result<(), String> {
        for (part, text) in [("key", key), ("value", value)] {
            if text.contains([' ', '\t']) {
                return Err(format!("{part} contains space"));
            }
        }
        for (part, text) in [("key", key), ("value", value)] {
            if text.contains(',') {
                return Err(format!("{part} contains comma"));
            }
        }
        if key == "default" {
            let minor = value.strip_prefix("go").and_then(version::go_minor);
            return match minor {
                None => Err("value for default= must be goVERSION".to_string()),
                Some(minor) if minor > self.minor => {
                    Err(format!("default={value} too new (toolchain is go{})", self.version))
                }
                Some(_) => Ok(()),
            };
        }
        match self.removed.get(key) {
            _ if self.known.contains_key(key) => Ok(()),
            Some((minor, old)) if old.iter().any(|v| v == value) => Err(format!(
                "removed GODEBUG \"{key}\" set to old value \"{value}\" (https://go.dev/doc/godebug#go-1{minor})"
            )),
            Some(_) => Ok(()),
            None => Err(format!("unknown {what} \"{key}\"")),
        }
    }

    /// The settings in force, as GODEBUG has them.
    fn settings(&self, minor: u32, own: BTreeMap<String, String>) -> String {
        let old = self.known.iter().filter(|(_, (changed, _))| minor < *changed);
        let mut all: BTreeMap<String, String> = old.map(|(name, (_, value))| (name.clone(), value.clone())).collect();
        all.extend(own);
        let parts: Vec<String> = all.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
        parts.join(",")
    }
}

/// What stands in double quotes, one after the other.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1).step_by(2)
}

/// The settings of a main package, by the main module's Go version, its lines, and those of the package (with its tests').
///
/// # Errors
/// What is wrong with a line: which, and why.
pub fn of_program<'l>(
    sdk: &Sdk,
    minor: u32,
    module: &[(String, String)],
    lines: impl Iterator<Item = &'l DebugLine>,
) -> Result<String, (&'l DebugLine, String)> {
    let mut lines = lines.peekable();
    if minor >= sdk.minor && module.is_empty() && lines.peek().is_none() {
        return Ok(String::new());
    }
    let table = Table::of(sdk);
    let mut own: BTreeMap<String, String> = module.iter().cloned().collect();
    for line in lines {
        let wrong = |why: String| (line, format!("invalid //go:debug: {why}"));
        let (key, value) = line.text.trim().split_once('=').ok_or_else(|| wrong("missing key=value".to_string()))?;
        table.check("//go:debug setting", key, value).map_err(wrong)?;
        own.insert(key.to_string(), value.to_string());
    }
    let asked = own.remove("default").and_then(|v| version::go_minor(v.trim_start_matches("go")));
    Ok(table.settings(asked.unwrap_or(minor), own))
}

#[cfg(test)]
mod tests {
    use super::Table;
    use std::collections::BTreeMap;

    const TEXT: &str = r#"
var All = []Info{
	{Name: "allowmultiplevcs", Package: "cmd/go"},
	{Name: "httpmuxgo121", Package: "net/http", Changed: 22, Old: "1"},
	{Name: "panicnil", Package: "runtime", Changed: 21, Old: "1"},
	//{Name: "multipartfiles", Package: "mime/multipart"},
}
var Removed = []RemovedInfo{
	{Name: "tlskyber", Removed: 24, Old: zero}, // Old: "0"
	{Name: "asynctimerchan", Removed: 27, Old: func(s string) bool { return s == "1" || s == "2" }}, // Old: "1" or "2"
}
"#;

    #[test]
    fn defaults_are_those_of_a_version() {
        let table = Table { minor: 27, version: "1.27.3".to_string(), ..Table::read(TEXT) };
        let own = BTreeMap::from([("panicnil".to_string(), "0".to_string())]);
        assert_eq!(table.settings(20, BTreeMap::new()), "httpmuxgo121=1,panicnil=1");
        assert_eq!(table.settings(21, BTreeMap::new()), "httpmuxgo121=1");
        assert_eq!(table.settings(20, own), "httpmuxgo121=1,panicnil=0");
        assert_eq!(table.settings(24, BTreeMap::new()), "");
        let check = |key, value| table.check("godebug", key, value).err().unwrap_or_default();
        assert_eq!(check("allowmultiplevcs", "1"), "");
        assert_eq!(check("multipartfiles", "1"), "unknown godebug \"multipartfiles\"");
        assert_eq!(check("asynctimerchan", "0"), "");
        let removed = "removed GODEBUG \"asynctimerchan\" set to old value \"2\" (https://go.dev/doc/godebug#go-127)";
        assert_eq!(check("asynctimerchan", "2"), removed);
        assert_eq!(check("tlskyber", "1"), "");
        assert_eq!(check("default", "go1.20"), "");
        assert_eq!(check("default", "go1.99"), "default=go1.99 too new (toolchain is go1.27.3)");
        assert_eq!(check("default", "1.20"), "value for default= must be goVERSION");
        assert_eq!(check("panicnil", "1 x"), "value contains space");
    }
}
