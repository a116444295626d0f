//! What schedules have only hinted at: each prediction is handed to schedules that steer towards it. One that deadlocks makes it
//! an error like any other; without one it stays a warning, with the schedule that shows the order of the locks.
//!
//! An exploring schedule gives candidates (`orders`). The schedule is run once more with all that is known of what is ordered
//! anyway; what is left then is a prediction. Predictions come last, in the order of their first seeds: by then it is known which
//! of them have happened. All tries are made before one is told, so its report says the same every time.

use crate::orders;
use crate::process::Run;
use crate::schedules::Made;
use crate::strategy::steered::{Aim, aims};
use gorace_base::finding::Finding;
use std::collections::BTreeSet;

/// Schedules that are steered towards a prediction.
pub const TRIES: u64 = 8;

/// Candidates kept of a prediction: what one schedule rules out, another may not.
const CANDIDATES: usize = 3;
/// Predictions of a check, at most.
const MOST: usize = 100;

/// A schedule that showed a candidate.
pub struct Candidate {
    pub finding: Finding,
    pub made: Made,
}

/// The candidates of a check, by what they predict.
#[derive(Default)]
pub struct Predictions(Vec<(String, Vec<Candidate>)>);

/// What came of a prediction.
pub enum Verdict {
    /// A schedule that was steered towards it has shown it.
    Happened(Finding, Made),
    /// None has.
    Predicted(Finding, Made),
}

/// Who runs schedules for it.
pub trait Runner {
    /// The finding of this key in the candidate's own schedule, without what is ordered anyway.
    fn again(&self, candidate: &Candidate) -> Option<Finding>;
    /// The schedule of a seed that is steered towards a circle; none when the exploration was interrupted.
    fn steered(&self, seed: u64, aims: &[Aim]) -> Option<Run>;
}

impl Predictions {
    /// Keeps a candidate.
    pub fn keep(&mut self, finding: Finding, made: Made) {
        let key = finding.key();
        let candidate = Candidate { finding, made };
        let is_full = self.0.len() >= MOST;
        match self.0.iter_mut().find(|(known, _)| *known == key) {
            Some((_, candidates)) if candidates.len() < CANDIDATES => candidates.push(candidate),
            None if !is_full => self.0.push((key, vec![candidate])),
            _ => {}
        }
    }

    /// Judges each; `witnessed` are the circles that have happened, and `told` is given what comes of the others.
    pub fn judge(self, mut witnessed: Vec<BTreeSet<String>>, runner: &dyn Runner, told: &mut dyn FnMut(Verdict)) {
        for (_, candidates) in self.0 {
            for candidate in candidates {
                let places = candidate.finding.places();
                if has_happened(&places, &witnessed) {
                    break;
                }
                let Some(finding) = runner.again(&candidate) else { continue };
                match tried(&finding, &places, runner) {
                    None => return,
                    Some(Some((found, made))) => {
                        witnessed.push(found.places());
                        told(Verdict::Happened(found, made));
                    }
                    Some(None) => told(Verdict::Predicted(finding, candidate.made)),
                }
                break;
            }
        }
    }
}

/// Whether a circle that has happened is this one, a part of it, or has it as a part.
fn has_happened(places: &BTreeSet<String>, witnessed: &[BTreeSet<String>]) -> bool {
    witnessed.iter().any(|other| other.is_subset(places) || places.is_subset(other))
}

/// Steers towards a prediction; the first schedule that shows it. None when the exploration was interrupted.
fn tried(finding: &Finding, places: &BTreeSet<String>, runner: &dyn Runner) -> Option<Option<(Finding, Made)>> {
    let aims = aims(finding);
    for seed in finding.seed..finding.seed + TRIES {
        let run = runner.steered(seed, &aims)?;
        // All else that such a schedule shows may come from how long it holds goroutines back.
        let shows = |f: &Finding| f.rule == "lock-cycle" && f.events.len() > 1 && has_happened(places, &[f.places()]);
        if let Some(found) = run.findings.into_iter().find(shows) {
            return Some(Some((found, Made::Steered(aims))));
        }
    }
    Some(None)
}

/// What a report says of a prediction.
pub fn note() -> String {
    format!(
        "predicted: this schedule takes the locks in these orders and goes on; so did {TRIES} that were steered towards the deadlock"
    )
}

/// Whether a finding is a prediction.
pub fn is_predicted(finding: &Finding) -> bool {
    finding.rule == orders::RULE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::End;
    use gorace_base::finding::{Event, Frame, Held};
    use std::cell::RefCell;

    fn frame(line: u32) -> Frame {
        Frame { function: "main.f".to_string(), file: "main.go".to_string(), line, column: 1, offset: 0 }
    }

    fn circle(rule: &str, lines: &[u32], seed: u64) -> Finding {
        let held = |line| Held {
            expression: String::new(),
            address: 1,
            goroutine: 4,
            shared: false,
            stack: vec![frame(line)],
        };
        let event =
            |line: &u32| Event { stack: vec![frame(*line)], held: Some(vec![held(line - 1)]), ..Event::default() };
        Finding::new(rule, String::new(), lines.iter().map(event).collect(), seed)
    }

    /// Schedules in a table: seeds whose candidates are none, and what a seed's steered schedule shows.
    #[derive(Default)]
    struct Table {
        ordered: Vec<u64>,
        deadlocks: Vec<(u64, Finding)>,
        asked: RefCell<Vec<u64>>,
        until: Option<usize>,
    }

    impl Runner for Table {
        fn again(&self, candidate: &Candidate) -> Option<Finding> {
            (!self.ordered.contains(&candidate.finding.seed)).then(|| candidate.finding.clone())
        }

        fn steered(&self, seed: u64, aims: &[Aim]) -> Option<Run> {
            assert_eq!(aims.len(), 2);
            self.asked.borrow_mut().push(seed);
            if self.until.is_some_and(|until| self.asked.borrow().len() > until) {
                return None;
            }
            let findings = self.deadlocks.iter().filter(|(at, _)| *at == seed).map(|(_, f)| f.clone()).collect();
            Some(Run::new(findings, End::Exited(0)))
        }
    }

    /// The rules, seeds and lines of what is told.
    fn judged(candidates: &[Finding], witnessed: &[Finding], table: &Table) -> Vec<(String, u64)> {
        let mut predictions = Predictions::default();
        candidates.iter().for_each(|f| predictions.keep(f.clone(), Made::Strategy));
        let mut out = Vec::new();
        predictions.judge(witnessed.iter().map(Finding::places).collect(), table, &mut |verdict| match verdict {
            Verdict::Happened(f, Made::Steered(_)) | Verdict::Predicted(f, Made::Strategy) => {
                out.push((f.rule, f.seed))
            }
            _ => unreachable!(),
        });
        out
    }

    #[test]
    fn a_prediction_is_an_error_once_a_steered_schedule_shows_it() {
        let candidates =
            [circle(orders::RULE, &[5, 9], 3), circle(orders::RULE, &[9, 5], 4), circle(orders::RULE, &[20, 30], 4)];
        let table = Table { deadlocks: vec![(5, circle("lock-cycle", &[5, 9], 5))], ..Table::default() };
        let expected = [("lock-cycle".to_string(), 5), (orders::RULE.to_string(), 4)];
        assert_eq!(judged(&candidates, &[], &table), expected);
        let tries: Vec<u64> = (3..=5).chain(4..4 + TRIES).collect();
        assert_eq!(*table.asked.borrow(), tries);
        // What has happened is not predicted, nor what such a circle is a part of.
        let witnessed = [circle("lock-cycle", &[5, 9], 1), circle("lock-cycle", &[20, 30, 40], 2)];
        assert_eq!(judged(&candidates, &witnessed, &Table::default()), []);
    }

    #[test]
    fn what_one_schedule_rules_out_another_may_show() {
        let candidates = [circle(orders::RULE, &[5, 9], 3), circle(orders::RULE, &[5, 9], 7)];
        let table = Table { ordered: vec![3], ..Table::default() };
        assert_eq!(judged(&candidates, &[], &table), [(orders::RULE.to_string(), 7)]);
        let table = Table { ordered: vec![3, 7], ..Table::default() };
        assert_eq!(judged(&candidates, &[], &table), []);
        // Other deadlocks of a steered schedule are no proof of this one.
        let table = Table { deadlocks: vec![(3, circle("lock-cycle", &[50, 60], 3))], ..Table::default() };
        assert_eq!(judged(&candidates[..1], &[], &table), [(orders::RULE.to_string(), 3)]);
    }

    #[test]
    fn an_interruption_leaves_out_what_was_not_tried_to_the_end() {
        let candidates = [circle(orders::RULE, &[5, 9], 3), circle(orders::RULE, &[20, 30], 3)];
        let table = Table { until: Some(TRIES as usize + 2), ..Table::default() };
        assert_eq!(judged(&candidates, &[], &table), [(orders::RULE.to_string(), 3)]);
    }
}
