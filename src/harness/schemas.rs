//! The schemas that reports are held against: SARIF's official one, which the crate `serde-sarif` carries in its source, and our
//! own of the JSON lines.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A compiled schema.
pub struct Schema(jsonschema::Validator);

impl Schema {
    fn read(path: &Path) -> Result<Schema, String> {
        let wrong = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
        let text = std::fs::read_to_string(path).map_err(|e| wrong(&e))?;
        // The official pattern of a language's name closes a bracket that it never opened; JavaScript takes it literally.
        let text = text.replace("[a-zA-Z]{2}]?$", r"[a-zA-Z]{2}\\]?$");
        let value = serde_json::from_str(&text).map_err(|e| wrong(&e))?;
        jsonschema::validator_for(&value).map(Schema).map_err(|e| wrong(&e))
    }

    /// The official schema of SARIF 2.1.0.
    ///
    /// # Errors
    /// When cargo does not know where the crate's source lies.
    pub fn sarif() -> Result<Schema, String> {
        let output = Command::new("cargo")
            .args(["metadata", "--format-version", "1", "--offline", "--filter-platform", "x86_64-unknown-linux-gnu"])
            .current_dir(root())
            .output()
            .map_err(|e| format!("cargo metadata: {e}"))?;
        let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)
            .map_err(|_| format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr)))?;
        let packages = metadata["packages"].as_array().ok_or("cargo metadata: no packages")?;
        let package = packages.iter().find(|p| p["name"] == "serde-sarif").ok_or("cargo metadata: no serde-sarif")?;
        let manifest = package["manifest_path"].as_str().ok_or("cargo metadata: no path of serde-sarif")?;
        Schema::read(&Path::new(manifest).with_file_name("src").join("schema.json"))
    }

    /// The schema of a line of `--format json`.
    ///
    /// # Errors
    /// When it is not there, or no schema.
    pub fn findings() -> Result<Schema, String> {
        Schema::read(&root().join("docs/findings.schema.json"))
    }

    /// What is wrong with a document; empty when it is valid.
    pub fn complaints(&self, document: &str) -> Vec<String> {
        match serde_json::from_str(document) {
            Ok(value) => self.0.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect(),
            Err(e) => vec![format!("not JSON: {e}")],
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use gorace_base::finding::{Close, Edge, Event, Finding, Frame, Held, Hidden, Object, Part, Stall, Step, Test};
    use gorace_report::{Format, render};

    /// A finding in which nothing is left out.
    fn full() -> Finding {
        let frame = |file: &str, line| Frame {
            function: "main.main".to_string(),
            file: file.to_string(),
            line,
            column: 7,
            offset: 3,
        };
        let held = || Held {
            expression: "c.mu".to_string(),
            address: 64,
            goroutine: 4,
            shared: true,
            stack: vec![frame("c.go", 10)],
        };
        let object = Object {
            expression: "c.n".to_string(),
            part: Part::Field("n".to_string()),
            made: vec![frame("c.go", 8)],
            ..Object::default()
        };
        let event = |goroutine| Event {
            what: "write".to_string(),
            goroutine,
            stack: vec![frame("/sdk/src/sync/mutex.go", 5), frame("a b.go", 3)],
            created: vec![frame("c.go", 9)],
            finished: true,
            object: Some(object.clone()),
            value: Some("7".to_string()),
            hidden: vec![Hidden { before: 1, frame: frame("a b.go", 1) }],
            step: Some(1),
            held: Some(vec![held()]),
            holders: vec![held()],
            atomic: true,
            closed: Some(Close { goroutine: 6, stack: vec![frame("c.go", 11)] }),
        };
        let mut finding = Finding::new("data-race", "write of c.n".to_string(), vec![event(4), event(5)], 3);
        finding.steps = vec![
            Step { goroutine: 4, what: "runs to its end".to_string(), place: None },
            Step { goroutine: 5, what: "stops before it locks".to_string(), place: Some(frame("c.go", 10)) },
        ];
        finding.left_out = 2;
        finding.stalls = vec![Stall { goroutine: 4, microseconds: 9000 }];
        finding.edges = vec![Edge { from: 0, to: 1, what: "starts".to_string() }];
        finding.schedule = "2-1-d".to_string();
        finding.replay = "gorace replay 2-1-d c.go".to_string();
        finding.test = Some(Test { package: "example.com/m".to_string(), name: "TestX".to_string() });
        finding
    }

    #[test]
    fn reports_are_valid() {
        let bare = Finding::new("panic", "panic: boom".to_string(), Vec::new(), 1);
        for findings in [vec![], vec![bare.clone()], vec![full(), bare, full()]] {
            let document = render(Format::Sarif, &findings, &|_| None);
            let wrong = Schema::sarif().unwrap().complaints(&document);
            assert!(wrong.is_empty(), "{}\n{document}", wrong.join("\n"));
            let unseen = ["4 schedules did not end".to_string()];
            let document = gorace_report::render_with(Format::Sarif, &findings, &unseen, &|_| None);
            let wrong = Schema::sarif().unwrap().complaints(&document);
            assert!(wrong.is_empty() && document.contains("did not end"), "{}\n{document}", wrong.join("\n"));
            for line in gorace_report::render_with(Format::Json, &findings, &unseen, &|_| None).lines() {
                let wrong = Schema::findings().unwrap().complaints(line);
                assert!(wrong.is_empty(), "{}\n{line}", wrong.join("\n"));
            }
        }
    }

    #[test]
    fn wrong_documents_are_noticed() {
        let document = render(Format::Sarif, &[full()], &|_| None).replace("startLine", "beginLine");
        assert!(!Schema::sarif().unwrap().complaints(&document).is_empty());
        let line = render(Format::Json, &[full()], &|_| None).replace("\"version\":1", "\"version\":2");
        assert!(!Schema::findings().unwrap().complaints(&line).is_empty());
        assert!(!Schema::findings().unwrap().complaints("[").is_empty());
    }

    #[test]
    fn the_schema_describes_all_members_of_a_line() {
        let schema = std::fs::read_to_string(root().join("docs/findings.schema.json")).unwrap();
        let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
        let line: serde_json::Value = serde_json::from_str(&render(Format::Json, &[full()], &|_| None)).unwrap();
        let event = &line["events"][0];
        for (value, described) in [
            (&line, &schema["$defs"]["finding"]["properties"]),
            (event, &schema["$defs"]["event"]["properties"]),
            (&event["object"], &schema["$defs"]["object"]["properties"]),
            (&event["held"][0], &schema["$defs"]["held"]["properties"]),
            (&event["stack"][0], &schema["$defs"]["frame"]["properties"]),
            (&line["edges"][0], &schema["$defs"]["edge"]["properties"]),
            (&line["steps"][1], &schema["$defs"]["step"]["properties"]),
        ] {
            let members = |v: &serde_json::Value| v.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
            let mut described = members(described);
            described.sort();
            let mut found = members(value);
            found.sort();
            assert_eq!(found, described);
        }
    }
}
