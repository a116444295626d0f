//! What the gathering process adds to a finding: names as the source has them, and how it can be mended.
//!
//! A schedule's process knows addresses, types, allocations and locks; the words of the program stand in its source.

use crate::source::Sources;
use crate::{orders, predict};
use gorace_base::finding::{Event, Finding, Held, Object, user_frame};

/// Names what a finding is about, and says what would have helped.
pub fn enrich(finding: &mut Finding, sources: &mut Sources) {
    let is_race = finding.rule == "data-race";
    for event in &mut finding.events {
        for held in event.held.iter_mut().flatten().chain(&mut event.holders) {
            held.expression = user_frame(&held.stack).and_then(|f| sources.waited(f)).unwrap_or_default();
        }
        name_object(event, is_race, sources);
    }
    if is_race {
        name_memory(finding);
    }
    finding.advice = match finding.rule.as_str() {
        "data-race" => race_advice(finding),
        "lock-cycle" => lock_advice(&finding.events),
        orders::RULE => {
            finding.note = predict::note();
            String::new()
        }
        "goroutine-leak" => finding.events.first().map(leak_advice).unwrap_or_default(),
        _ => String::new(),
    };
}

fn name_object(event: &mut Event, is_race: bool, sources: &mut Sources) {
    let part = event.object.as_ref().map(|o| o.part.clone()).unwrap_or_default();
    let expression = match event.stack.first() {
        Some(frame) if is_race && !frame.is_std() && !event.atomic => {
            sources.accessed(frame, event.what.ends_with("write"), &part)
        }
        // Inside of a method of the standard library it may be on what the method was called on.
        Some(frame) if is_race && frame.is_std() && !event.atomic && !is_on_receiver(event) => None,
        _ => event.user_frame().and_then(|frame| sources.waited(frame)),
    };
    if expression.is_none() && event.object.is_none() {
        return;
    }
    let object = event.object.get_or_insert_with(Object::default);
    object.expression = expression.unwrap_or_default();
    // What the declaration's value allocates is not the variable's own memory.
    let is_reference = ["*", "[]", "map[", "chan ", "func("].iter().any(|start| object.whole.starts_with(start));
    if let Some(declared) = object.made.first().and_then(|frame| sources.declared(frame))
        && (is_reference || !declared.allocates)
    {
        object.variable = declared.name;
    }
}

/// Whether the method of the standard library that the program had called works on its receiver: `strings.(*Builder).Write` on a
/// `field buf of strings.Builder`.
fn is_on_receiver(event: &Event) -> bool {
    let Some(object) = &event.object else { return false };
    let own = event.stack.iter().position(|f| !f.is_std()).and_then(|own| event.stack.get(own.checked_sub(1)?));
    let receiver = own.and_then(|f| {
        let (package, rest) = f.function.split_once(".(*")?;
        let package = package.rsplit('/').next()?;
        Some(format!("{package}.{}", rest.split_once(')')?.0))
    });
    receiver.is_some_and(|receiver| object.description.split(' ').any(|word| word == receiver))
}

/// The headline of a race names what the source has.
fn name_memory(finding: &mut Finding) {
    let objects = || finding.events.iter().filter_map(|e| e.object.as_ref());
    let mut names = objects().map(|o| o.expression.as_str()).chain(objects().map(|o| o.variable.as_str()));
    let Some(name) = names.find(|name| !name.is_empty()) else { return };
    let known = finding.variable.as_deref();
    // A package's variable has a name of its own; a part of it is said as the source says it.
    if known.is_some_and(|v| v.rsplit('.').next() == Some(name) || v == name) {
        return;
    }
    let old = format!(" of {} by ", known.unwrap_or(UNNAMED));
    finding.headline = finding.headline.replacen(&old, &format!(" of {name} by "), 1);
}

/// What a headline calls memory without a name.
pub const UNNAMED: &str = "the same memory";

fn name(held: &Held) -> String {
    match held.expression.as_str() {
        "" => "a lock".to_string(),
        expression => expression.to_string(),
    }
}

fn names(held: &[Held]) -> String {
    held.iter().map(name).collect::<Vec<_>>().join(" and ")
}

/// What would have ordered two accesses.
fn race_advice(finding: &Finding) -> String {
    let [now, past] = finding.events.as_slice() else { return String::new() };
    let verb = |e: &Event| if e.what.ends_with("write") { "write" } else { "read" };
    let inside = |e: &Event, name: &str| e.stack.first().is_some_and(|f| f.function == name);
    let both = |a: &str, b: &str| inside(now, a) && inside(past, b) || inside(now, b) && inside(past, a);
    if both("sync.(*WaitGroup).Add", "sync.(*WaitGroup).Wait") {
        return "call Add in front of the go statement: then it comes before Wait".to_string();
    }
    if now.atomic != past.atomic {
        let plain = if now.atomic { past } else { now };
        return format!("the {} is plain and the other access atomic: make both atomic", verb(plain));
    }
    let (Some(a), Some(b)) = (&now.held, &past.held) else { return String::new() };
    if let Some(both) = a.iter().find(|a| b.iter().any(|b| a.address == b.address)) {
        let writer = if verb(now) == "write" { now } else { past };
        let shared = writer.held.iter().flatten().any(|h| h.address == both.address && h.shared);
        // Else the lock was taken after the access that stands for its epoch.
        return match shared {
            true => format!("both hold {} for reading only: lock it for writing in front of the write", name(both)),
            false => String::new(),
        };
    }
    match (a.as_slice(), b.as_slice()) {
        ([], []) if now.goroutine == 1 && past.finished => format!(
            "nothing makes main wait for goroutine {}: let it wait (sync.WaitGroup, a channel) in front of the {}",
            past.goroutine,
            verb(now)
        ),
        ([], []) => {
            "no lock is held at either: guard both with one mutex, or let a channel or a sync.WaitGroup order them"
                .to_string()
        }
        (held, []) => format!("hold {} at the previous {} too: nothing is held there", names(held), verb(past)),
        ([], held) => format!("hold {} at the {} too, as at the previous {}", names(held), verb(now), verb(past)),
        (a, b) => {
            format!("they hold different locks, {} and {}: the same one must be held at both", names(a), names(b))
        }
    }
}

fn lock_advice(events: &[Event]) -> String {
    if let [own] = events
        && own.holders.iter().any(|h| h.goroutine == own.goroutine)
    {
        return "a lock of package sync cannot be taken twice by one goroutine: unlock it first".to_string();
    }
    if events.len() < 2 {
        return String::new();
    }
    "take these locks in the same order everywhere".to_string()
}

fn leak_advice(event: &Event) -> String {
    let on = event.object.as_ref().map(|o| o.expression.as_str()).filter(|e| !e.is_empty());
    let what = event.what.as_str();
    if what.starts_with("waits in chan send") && !what.contains("nil") {
        let from = on.map_or_else(String::new, |on| format!(" from {on}"));
        return format!(
            "nobody receives{from} any more: give the channel room for every value, or let the sender stop too (select with a done channel)"
        );
    }
    if what.starts_with("waits in chan receive") && !what.contains("nil") {
        let on = on.map_or_else(String::new, |on| format!(" on {on}"));
        return format!("nobody sends{on} any more: close the channel behind its last value");
    }
    if what.starts_with("waits for a wait group") {
        let on = on.map_or_else(String::new, |on| format!(" for {on}"));
        return format!("a Done is missing{on}: call it in a defer, once for each Add");
    }
    match event.holders.first() {
        Some(held) => format!("{} is never unlocked: unlock it in a defer behind the lock", name(held)),
        None => String::new(),
    }
}
