//! One JSON object a line, described by docs/findings.schema.json.
//!
//! What a line has may grow within a version; whatever else changes makes another version.

use crate::fingerprint::fingerprint;
use crate::place::shown_path;
use crate::{Read, rules};
use gorace_base::finding::{Finding, Frame};

/// The version of the lines.
pub const VERSION: u32 = 1;

pub fn finding(f: &Finding, read: Read<'_>) -> String {
    let print = fingerprint(f, read);
    let mut f = f.clone();
    each_frame(&mut f, &mut |frame| frame.file = shown_path(&frame.file));
    let mut value = serde_json::to_value(&f).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        object.insert("version".to_string(), VERSION.into());
        object.insert("fingerprint".to_string(), print.into());
        object.insert("code".to_string(), rules::find(&f.rule).map_or("", |rule| rule.code).into());
    }
    format!("{value}\n")
}

/// A line that is no finding: some schedules were not seen through.
pub fn unseen(words: &str) -> String {
    format!("{}\n", serde_json::json!({ "version": VERSION, "unseen": words }))
}

fn each_frame(f: &mut Finding, with: &mut dyn FnMut(&mut Frame)) {
    for event in &mut f.events {
        let made = event.object.iter_mut().flat_map(|o| &mut o.made);
        let held = event.held.iter_mut().flatten().chain(&mut event.holders).flat_map(|h| &mut h.stack);
        let closed = event.closed.iter_mut().flat_map(|c| &mut c.stack);
        event.stack.iter_mut().chain(&mut event.created).chain(closed).chain(made).chain(held).for_each(&mut *with);
    }
    f.steps.iter_mut().filter_map(|s| s.place.as_mut()).for_each(with);
}
