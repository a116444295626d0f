//! A progress line on standard error, where that is a terminal; elsewhere nothing.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// A line that goes away when it is dropped.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar of `total` steps.
    pub fn new(what: &str, total: u64) -> Progress {
        Progress::with(ProgressBar::new(total), what, "{prefix} [{bar:30}] {pos}/{len} {msg} {eta}")
    }

    /// A line of words, for what has no known end.
    pub fn spinner(what: &str) -> Progress {
        Progress::with(ProgressBar::new_spinner(), what, "{spinner} {prefix} {msg} {elapsed}")
    }

    fn with(bar: ProgressBar, what: &str, template: &str) -> Progress {
        // Standard error that is no terminal hides the bar by itself.
        bar.set_draw_target(ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(what.to_string());
        bar.enable_steady_tick(Duration::from_millis(200));
        Progress { bar }
    }

    /// So far.
    pub fn at(&self, position: u64, message: &str) {
        self.bar.set_position(position);
        if self.bar.message() != message {
            self.bar.set_message(message.to_string());
        }
    }

    /// Prints something without a torn line.
    pub fn aside(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
