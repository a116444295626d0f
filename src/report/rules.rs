//! The rules: what the pages in `rules/` say, embedded. Ids and codes are never given to another rule.

use gorace_base::finding::Severity;

/// What findings of one kind have in common.
#[derive(Debug)]
pub struct Rule {
    /// What a finding names, such as `data-race`.
    pub id: &'static str,
    /// The short code, such as `GR001`.
    pub code: &'static str,
    pub severity: Severity,
    /// The page's first sentence, without its full stop.
    pub summary: &'static str,
    /// How to mend it, as an advice in lower case.
    pub mend: &'static str,
    /// Another rule that the same bug may show itself as; empty where there is none.
    pub also: &'static str,
    /// The page, as Markdown.
    pub page: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// The rule with an id or a code, in whatever capitals.
pub fn find(name: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.id.eq_ignore_ascii_case(name) || rule.code.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found_by_id_and_code() {
        let race = find("gr001").unwrap();
        assert_eq!((race.id, race.severity), ("data-race", Severity::Error));
        assert!(race.summary.starts_with("Two goroutines access the same memory") && !race.summary.ends_with('.'));
        assert!(std::ptr::eq(race, find("data-race").unwrap()));
        assert!(find("GR999").is_none());
    }
}
