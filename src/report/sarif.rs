//! SARIF 2.1.0, for code scanning: one run, its rules, a result for each finding.
//!
//! A result's first place is that of its first event; the others and the places where goroutines were started are related
//! places. Its code flow has a thread flow for each goroutine: where it was started, what it did in the shortest schedule,
//! each with its number in the order of execution, and what it did in the end. No path of a machine stands in it: files are
//! relative to `%SRCROOT%`, the folder in which gorace was called, or to `GOROOT`.

use crate::fingerprint::fingerprint;
use crate::place::{Base, relative, uri, utf16_column, who};
use crate::{Read, rules};
use gorace_base::finding::{Event, Finding, Frame, Severity, user_frame};
use serde_sarif::sarif;
use std::collections::BTreeMap;

/// The version of the fingerprint's algorithm is part of its name.
pub const FINGERPRINT: &str = "gorace/v1";

pub fn document(findings: &[Finding], unseen: &[String], read: Read<'_>) -> String {
    let driver = sarif::ToolComponent::builder()
        .name("gorace")
        .version(env!("CARGO_PKG_VERSION"))
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .rules(rules::ALL.iter().map(rule).collect::<Vec<_>>())
        .build();
    let run = sarif::Run::builder()
        .tool(sarif::Tool::builder().driver(driver).build())
        .results(findings.iter().map(|f| result(f, read)).collect::<Vec<_>>())
        .column_kind(serde_json::json!("utf16CodeUnits"))
        .original_uri_base_ids(bases())
        .build();
    // What a reader takes for a whole result says so by having no such part.
    let invocations = (!unseen.is_empty()).then(|| vec![invocation(unseen)]);
    let run = sarif::Run { invocations, ..run };
    let document = sarif::Sarif::builder()
        .schema("https://json.schemastore.org/sarif-2.1.0.json")
        .version(serde_json::json!("2.1.0"))
        .runs(vec![run])
        .build();
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn bases() -> BTreeMap<String, sarif::ArtifactLocation> {
    let base = |name: &str, words: &str| {
        let described = sarif::ArtifactLocation::builder().description(message(words)).build();
        (name.to_string(), described)
    };
    BTreeMap::from([base("%SRCROOT%", "the folder in which gorace was called"), base("GOROOT", "the Go SDK")])
}

/// An invocation that was not all that it was to be.
fn invocation(unseen: &[String]) -> sarif::Invocation {
    let notification = |words: &String| {
        sarif::Notification::builder().level(serde_json::json!("warning")).message(message(words)).build()
    };
    sarif::Invocation::builder()
        .execution_successful(false)
        .tool_execution_notifications(unseen.iter().map(notification).collect::<Vec<_>>())
        .build()
}

fn message(text: &str) -> sarif::Message {
    sarif::Message::builder().text(text).build()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn rule(rule: &rules::Rule) -> sarif::ReportingDescriptor {
    let text = |text: &str| sarif::MultiformatMessageString::builder().text(text).build();
    let help = sarif::MultiformatMessageString::builder().text(rule.page).markdown(rule.page).build();
    let configuration = sarif::ReportingConfiguration::builder().level(serde_json::json!(level(rule.severity))).build();
    sarif::ReportingDescriptor::builder()
        .id(rule.id)
        .name(rule.code)
        .short_description(text(rule.summary))
        .full_description(text(&format!("{}. To mend it: {}.", rule.summary, rule.mend)))
        .help(help)
        .default_configuration(configuration)
        .build()
}

fn result(f: &Finding, read: Read<'_>) -> sarif::Result {
    let print = fingerprint(f, read);
    let prints =
        [(FINGERPRINT.to_string(), print.clone()), ("primaryLocationLineHash".to_string(), format!("{print}:1"))];
    let index = rules::ALL.iter().position(|rule| rule.id == f.rule).map_or(-1, |at| at as i64);
    let locations: Vec<sarif::Location> =
        f.events.first().and_then(|e| e.user_frame()).map(|frame| location(frame, None, read)).into_iter().collect();
    let words = if f.note.is_empty() { f.headline.clone() } else { format!("{}. {}", f.headline, f.note) };
    let mut properties = BTreeMap::from([("seed".to_string(), f.seed.into())]);
    let mut texts = vec![("replay", &f.replay), ("schedule", &f.schedule)];
    texts.extend(f.test.iter().flat_map(|test| [("test", &test.name), ("package", &test.package)]));
    properties.extend(texts.into_iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| (k.to_string(), v.clone().into())));
    sarif::Result::builder()
        .rule_id(&f.rule)
        .rule_index(index)
        .level(match f.severity {
            Severity::Error => sarif::ResultLevel::Error,
            Severity::Warning => sarif::ResultLevel::Warning,
        })
        .message(message(&words))
        .locations(locations)
        .related_locations(related(f, read))
        .stacks(f.events.iter().filter(|e| !e.stack.is_empty()).map(|e| stack(e, read)).collect::<Vec<_>>())
        .code_flows(flow(f, read).into_iter().collect::<Vec<_>>())
        .partial_fingerprints(BTreeMap::from(prints))
        .properties(sarif::PropertyBag::builder().additional_properties(properties).build())
        .build()
}

/// A place, with what happens there.
fn location(frame: &Frame, words: Option<&str>, read: Read<'_>) -> sarif::Location {
    let (base, path) = relative(frame);
    let file = match base {
        Base::Here => sarif::ArtifactLocation::builder().uri(uri(&path)).uri_base_id("%SRCROOT%").build(),
        Base::Sdk => sarif::ArtifactLocation::builder().uri(uri(&path)).uri_base_id("GOROOT").build(),
        Base::Root => sarif::ArtifactLocation::builder().uri(format!("file://{}", uri(&path))).build(),
    };
    let column = utf16_column(frame, read);
    let region = sarif::Region::builder().start_line(i64::from(frame.line.max(1))).start_column(i64::from(column));
    let place = sarif::PhysicalLocation::builder().artifact_location(file).region(region.build()).build();
    let function = sarif::LogicalLocation::builder().fully_qualified_name(&frame.function).kind("function").build();
    let builder = sarif::Location::builder().physical_location(place).logical_locations(vec![function]);
    match words {
        Some(words) => builder.message(message(words)).build(),
        None => builder.build(),
    }
}

fn related(f: &Finding, read: Read<'_>) -> Vec<sarif::Location> {
    let mut out = Vec::new();
    for event in f.events.iter().skip(1) {
        let words = format!("{}, {}", event.what, who(event.goroutine));
        out.extend(event.user_frame().map(|frame| location(frame, Some(&words), read)));
    }
    for event in first_of_each(f) {
        let words = format!("{} was started", who(event.goroutine));
        out.extend(user_frame(&event.created).map(|frame| location(frame, Some(&words), read)));
    }
    for (at, location) in out.iter_mut().enumerate() {
        location.id = Some(at as i64);
    }
    out
}

/// The first event of each goroutine.
fn first_of_each(f: &Finding) -> impl Iterator<Item = &Event> {
    let is_first = |at: usize| f.events[..at].iter().all(|e| e.goroutine != f.events[at].goroutine);
    f.events.iter().enumerate().filter(move |(at, _)| is_first(*at)).map(|(_, event)| event)
}

fn stack(event: &Event, read: Read<'_>) -> sarif::Stack {
    let frames = event.stack.iter().map(|f| sarif::StackFrame::builder().location(location(f, None, read)).build());
    let words = format!("{}, {}", event.what, who(event.goroutine));
    sarif::Stack::builder().message(message(&words)).frames(frames.collect::<Vec<_>>()).build()
}

/// None where no place is known.
fn flow(f: &Finding, read: Read<'_>) -> Option<sarif::CodeFlow> {
    let last = f.steps.len() as i64 + 1;
    let mut flows = Vec::new();
    for event in first_of_each(f) {
        let mut places = Vec::new();
        let mut add = |frame: Option<&Frame>, words: &str, order: i64| {
            let Some(frame) = frame else { return };
            let place = sarif::ThreadFlowLocation::builder()
                .location(location(frame, Some(words), read))
                .execution_order(order);
            places.push(place.build());
        };
        add(user_frame(&event.created), &format!("{} is started", who(event.goroutine)), 0);
        for (at, step) in f.steps.iter().enumerate().filter(|(_, s)| s.goroutine == event.goroutine) {
            add(step.place.as_ref(), &step.what, at as i64 + 1);
        }
        for own in f.events.iter().filter(|e| e.goroutine == event.goroutine) {
            add(own.user_frame(), &own.what, last);
        }
        if !places.is_empty() {
            let flow = sarif::ThreadFlow::builder().id(who(event.goroutine)).message(message(&who(event.goroutine)));
            flows.push(flow.locations(places).build());
        }
    }
    let is_known = !flows.is_empty();
    let flow = sarif::CodeFlow::builder().message(message("the shortest schedule found")).thread_flows(flows);
    is_known.then(|| flow.build())
}
