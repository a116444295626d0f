//! What is said of a finding besides its parts and how to mend it: how sure it is, and what it needs to show.

use gorace_base::finding::{Finding, Stall};

/// Microseconds; shorter stalls are as good as another order.
const SHORTEST: u64 = 100;

/// Sentences without full stops.
pub fn notes(f: &Finding) -> Vec<String> {
    let own = Some(f.note.clone()).filter(|note| !note.is_empty());
    own.into_iter().chain(stalls(f)).collect()
}

/// Who has to be late for it.
fn stalls(f: &Finding) -> Option<String> {
    let counts = |stall: &&Stall| stall.microseconds >= SHORTEST;
    let needs: Vec<String> = f
        .stalls
        .iter()
        .filter(counts)
        .map(|stall| {
            let who = match stall.goroutine {
                0 => "what comes from outside to be late by".to_string(),
                1 => "main to be held up for".to_string(),
                n => format!("goroutine {n} to be held up for"),
            };
            format!("{who} {}", stall.time())
        })
        .collect();
    if needs.is_empty() {
        return None;
    }
    let needs = needs.join(" and ");
    Some(format!("it needs {needs}, as on a machine that is busy: to sleep is not to wait for what others do"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_late_is_told() {
        let mut finding = Finding::new("panic", String::new(), Vec::new(), 1);
        assert!(notes(&finding).is_empty());
        finding.note = "perhaps".to_string();
        finding.stalls = [(5, 9000), (1, 200), (6, 20), (0, 1500)]
            .map(|(goroutine, microseconds)| Stall { goroutine, microseconds })
            .to_vec();
        let told = notes(&finding);
        assert_eq!(told[0], "perhaps");
        assert_eq!(
            told[1],
            "it needs goroutine 5 to be held up for 9 ms and main to be held up for 200 µs and what comes from outside to be late by \
             1.5 ms, as on a machine that is busy: to sleep is not to wait for what others do"
        );
    }
}
