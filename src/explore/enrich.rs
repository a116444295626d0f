//! What the gathering process adds to a finding: names as the source has them, and how it can be mended.
//!
//! A schedule's process knows addresses, types, allocations and locks; the words of the program stand in its source.

use crate::source::Sources;
use crate::{orders, predict};
use gorace_base::finding::{Event, Finding, Frame, Held, Object, Part, user_frame};

/// Names what a finding is about, and says what would have helped.
pub fn enrich(finding: &mut Finding, sources: &mut Sources) {
    let is_race = finding.rule == "data-race";
    if is_race {
        name_operations(finding, sources);
    }
    for event in &mut finding.events {
        for held in event.held.iter_mut().flatten().chain(&mut event.holders) {
            // A lock inside of what the program called has no name here.
            let inner = held.stack.iter().position(|f| !f.is_std()).and_then(|own| held.stack.get(own.checked_sub(1)?));
            let is_own = inner.is_none_or(|f| f.function.starts_with("sync."));
            let frame = user_frame(&held.stack).filter(|_| is_own);
            held.expression = frame.and_then(|f| sources.waited(f)).unwrap_or_default();
        }
        name_object(event, is_race, sources);
    }
    if is_race {
        name_memory(finding);
        name_call(finding, sources);
    }
    finding.advice = match finding.rule.as_str() {
        "data-race" => race_advice(finding),
        "lock-cycle" => lock_advice(&finding.events),
        orders::RULE => {
            finding.note = predict::note();
            String::new()
        }
        "goroutine-leak" => finding.events.first().map(leak_advice).unwrap_or_default(),
        "deadlock" if finding.events.iter().any(|e| e.what.starts_with("waits for a condition")) => {
            COND_ADVICE.to_string()
        }
        _ => String::new(),
    };
}

fn name_object(event: &mut Event, is_race: bool, sources: &mut Sources) {
    let part = event.object.as_ref().map(|o| o.part.clone()).unwrap_or_default();
    let expression = match event.stack.first() {
        Some(frame) if is_race && channel_word(event).is_some() => sources.waited(frame),
        Some(frame) if is_race && !frame.is_std() && !event.atomic => {
            let is_map = event.object.as_ref().is_some_and(|o| o.description == A_MAP);
            let part = if is_map { Part::Map } else { part };
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
    if is_race && event.what.ends_with("close") | event.what.ends_with("send") {
        object.description = "a channel".to_string();
    }
    if object.description == A_MAP && object.expression.ends_with(']') {
        object.description = "an element of a map".to_string();
    }
    // What the declaration's value allocates is not the variable's own memory.
    let is_reference = ["*", "[]", "map[", "chan ", "func("].iter().any(|start| object.whole.starts_with(start));
    let is_inside_of_map = object.whole.starts_with("maps.");
    let own = object.made.first().filter(|frame| !frame.is_std());
    if let Some(declared) = own.and_then(|frame| sources.declared(frame))
        && (is_reference || !is_inside_of_map && declared.may_be(&object.whole, &object.expression))
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

/// What a map's insides are said to be.
const A_MAP: &str = "a map";

/// The operation on a channel that an access was named by.
fn channel_word(event: &Event) -> Option<&'static str> {
    ["close", "send"].into_iter().find(|word| event.what.ends_with(word))
}

/// What the runtime's function that made an access does: it may read what it is about to write.
fn operation(event: &Event) -> Option<&'static str> {
    let known = [
        ("mapassign", "write"),
        ("mapdelete", "write"),
        ("mapclear", "write"),
        ("mapaccess", "read"),
        ("mapiter", "read"),
    ];
    let inner = event.hidden.iter().filter(|h| h.before == 0);
    let names = inner.filter_map(|h| h.frame.function.strip_prefix("runtime."));
    names.flat_map(|name| known.iter().find(|(start, _)| name.starts_with(start))).map(|(_, word)| *word).next()
}

/// Gives accesses the names of the operations that they are a part of.
fn name_operations(finding: &mut Finding, sources: &mut Sources) {
    let article = |word: &str| format!(" races with a {word} by ");
    for (at, event) in finding.events.iter_mut().enumerate() {
        // A channel is memory without a type.
        let is_untyped = event.object.as_ref().is_some_and(|o| o.description.is_empty());
        let frame = event.stack.first().filter(|_| is_untyped);
        let Some(word) = operation(event).or_else(|| sources.channel_operation(frame?)) else { continue };
        let old = if event.what.ends_with("write") { "write" } else { "read" };
        if word == old {
            continue;
        }
        event.what = format!("{}{word}", event.what.strip_suffix(old).unwrap_or(""));
        let of = |word: &str| if word == "send" { "send on ".to_string() } else { format!("{word} of ") };
        finding.headline = match at {
            0 => match finding.headline.strip_prefix(&format!("{old} of ")) {
                Some(rest) => format!("{}{rest}", of(word)),
                None => continue,
            },
            _ => finding.headline.replacen(&article(old), &article(word), 1),
        };
    }
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
    for preposition in ["of", "on"] {
        let old = format!(" {preposition} {} by ", known.unwrap_or(UNNAMED));
        finding.headline = finding.headline.replacen(&old, &format!(" {preposition} {name} by "), 1);
    }
}

/// The headline of a race inside of the standard library, on memory that has no name here, names the program's call.
fn name_call(finding: &mut Finding, sources: &mut Sources) {
    let unnamed = format!(" of {UNNAMED} by ");
    if !finding.headline.contains(&unnamed) {
        return;
    }
    let event = finding.events.first().filter(|e| e.stack.first().is_some_and(Frame::is_std));
    if let Some(call) = event.and_then(|e| sources.called(e.user_frame()?)) {
        finding.headline = finding.headline.replacen(&unnamed, &format!(" inside {call}() by "), 1);
    }
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
    let verb = |e: &Event| ["write", "close", "send"].into_iter().find(|word| e.what.ends_with(word)).unwrap_or("read");
    if [now, past].iter().any(|e| e.stack.last().is_some_and(|f| f.function == FINALIZER)) {
        return "a finalizer runs in a goroutine of its own as soon as nothing refers to the object: guard what it touches, or \
                call runtime.KeepAlive behind the object's last use"
            .to_string();
    }
    if verb(now) == "close" || verb(past) == "close" {
        return "close a channel where all its sends are done: in its only sender, or behind a wait group of all senders"
            .to_string();
    }
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
    let locks = || events.iter().flat_map(|e| e.held.iter().flatten().chain(&e.holders)).map(|held| held.address);
    if locks().all(|address| Some(address) == locks().next()) {
        return "do not take a lock for reading again while it is held: a writer that comes in between waits for the first reader, \
                and the second reader behind the writer"
            .to_string();
    }
    "take these locks in the same order everywhere".to_string()
}

/// Of condition variables.
const COND_ADVICE: &str = "Signal and Broadcast wake only who waits already: change the condition under the lock, look at it in a loop \
                           around Wait, and signal behind each change";

/// The function of the goroutine that runs finalizers and cleanups.
const FINALIZER: &str = "runtime.finalizerproc";

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
    if what.starts_with("waits for a condition") {
        return COND_ADVICE.to_string();
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
