//! One JSON object a line.

use gorace_base::finding::Finding;

pub fn finding(f: &Finding) -> String {
    let mut value = serde_json::to_value(f).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        object.insert("version".to_string(), 1.into());
    }
    format!("{value}\n")
}
