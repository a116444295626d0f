//! Which findings are reported: not those that are suppressed, in `gorace.toml` or in the source, nor those that a baseline knows.

use crate::baseline::Baseline;
use crate::config::Config;
use crate::ignore::Ignores;
use gorace_base::finding::Finding;
use std::collections::BTreeSet;

/// See the module's text.
pub struct Filter {
    config: Config,
    /// Which of the configuration's suppressions were of use.
    used: Vec<bool>,
    ignores: Ignores,
    baseline: Option<Baseline>,
    pub suppressed: usize,
    pub known: usize,
}

impl Filter {
    pub fn new(config: Config, ignores: Ignores, baseline: Option<Baseline>) -> Filter {
        let used = vec![false; config.suppressions.len()];
        Filter { config, used, ignores, baseline, suppressed: 0, known: 0 }
    }

    /// The finding as it is to be reported, if it is to be.
    pub fn take(&mut self, finding: &Finding) -> Option<Finding> {
        let mut is_suppressed = self.ignores.is_for(finding);
        for (suppression, used) in self.config.suppressions.iter().zip(&mut self.used) {
            if suppression.is_for(finding) {
                *used = true;
                is_suppressed = true;
            }
        }
        if is_suppressed {
            self.suppressed += 1;
            return None;
        }
        if self.baseline.as_mut().is_some_and(|baseline| baseline.has(finding)) {
            self.known += 1;
            return None;
        }
        let mut finding = finding.clone();
        if let Some(severity) = self.config.severity(&finding.rule) {
            finding.severity = severity;
        }
        Some(finding)
    }

    /// What of all this was of no use, a line each.
    pub fn unused(&self, programs: &BTreeSet<String>) -> Vec<String> {
        let unused = self.config.suppressions.iter().zip(&self.used).filter(|(_, used)| !**used);
        let mut lines: Vec<String> =
            unused.map(|(s, _)| format!("{}:{}: this suppression met no finding", self.config.path, s.line)).collect();
        lines.extend(self.ignores.unused().into_iter().map(|place| format!("{place}: gorace:ignore met no finding")));
        match self.baseline.as_ref().map_or(0, |baseline| baseline.unseen(programs)) {
            0 => {}
            1 => lines.push("1 finding of the baseline did not come again".to_string()),
            n => lines.push(format!("{n} findings of the baseline did not come again")),
        }
        lines
    }
}
