//! Which network the schedules of an exploration have.
//!
//! Each has one of its own (`gorace_runtime`'s `natives::network`), so that two beside each other do not meet in a port. A program that
//! wants what is in the machine's network gets it: what a schedule has found without is thrown away, it is run once more, and so are all that
//! come after it, in the machine's. It wants it when it says so, by somebody that it missed; or when a schedule ends badly by itself and
//! well in the machine's network, which is tried for the first ones that end so (`Gathered::doubt` in `schedules`).

use gorace_runtime::News;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// See the module's text.
#[derive(Debug)]
pub struct Network {
    own: AtomicBool,
    why: Mutex<Option<String>>,
}

impl Network {
    /// `own`: schedules begin with networks of their own.
    pub fn new(own: bool) -> Network {
        Network { own: AtomicBool::new(own), why: Mutex::new(None) }
    }

    /// Whether schedules that begin now have their own.
    pub fn is_own(&self) -> bool {
        self.own.load(Ordering::Relaxed)
    }

    /// From now on all have the machine's.
    pub fn share(&self, why: &str) {
        let was_own = self.own.swap(false, Ordering::Relaxed);
        if was_own && !why.is_empty() {
            *self.why.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.to_string());
        }
    }

    /// What the program wanted of the machine's network.
    pub fn why(&self) -> Option<String> {
        self.why.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What a schedule leaves of its network (`Part::Network`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Word {
    Own,
    Broken,
    Wants(String, String),
    Answered(String),
}

impl From<News<'_>> for Word {
    fn from(news: News<'_>) -> Word {
        match news {
            News::Own => Word::Own,
            News::Broken => Word::Broken,
            News::Wants(name, why) => Word::Wants(name.to_string(), why.to_string()),
            News::Answered(name) => Word::Answered(name.to_string()),
        }
    }
}

/// What a schedule's words come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stay {
    /// It was in a network of its own.
    pub own: bool,
    /// What it wanted of the machine's to the end; no words where the fault is that its own was of no use.
    pub wanted: Option<String>,
}

impl Stay {
    pub fn of(words: &[Word]) -> Stay {
        let answered = |name: &str, rest: &[Word]| rest.iter().any(|w| matches!(w, Word::Answered(n) if n == name));
        let wanted = words.iter().enumerate().find_map(|(at, word)| match word {
            Word::Broken => Some(String::new()),
            Word::Wants(name, why) if !answered(name, &words[at..]) => Some(why.clone()),
            _ => None,
        });
        Stay { own: words.contains(&Word::Own), wanted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_lasts_until_it_is_answered() {
        let wants = |name: &str| Word::Wants(name.to_string(), format!("{name} is missed"));
        let answered = |name: &str| Word::Answered(name.to_string());
        let wanted = |words: &[Word]| Stay::of(words).wanted;
        assert_eq!(Stay::of(&[]), Stay::default());
        assert_eq!(Stay::of(&[Word::Own, wants("a"), answered("a")]), Stay { own: true, wanted: None });
        assert_eq!(wanted(&[Word::Own, wants("a"), answered("b"), wants("c")]), Some("a is missed".to_string()));
        assert_eq!(wanted(&[answered("a"), wants("a")]), Some("a is missed".to_string()));
        assert_eq!(wanted(&[Word::Broken]), Some(String::new()));
    }

    #[test]
    fn the_first_reason_is_told() {
        let network = Network::new(true);
        network.share("");
        network.share("late");
        assert!(!network.is_own() && network.why().is_none());
        let network = Network::new(true);
        network.share("first");
        network.share("second");
        assert_eq!(network.why().as_deref(), Some("first"));
    }
}
