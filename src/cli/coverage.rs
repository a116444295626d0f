//! The statement at the end of a systematic exploration.

use gorace_explore::systematic::explore::Coverage;

/// What the systematic strategy covered, in a sentence.
pub fn covered(coverage: &Coverage, races: bool, preemptions: u32, timed: bool) -> String {
    let schedules = |n: usize| if n == 1 { "1 schedule".to_string() } else { format!("{n} schedules") };
    if let Some(step) = coverage.strayed {
        return format!(
            "nothing can be said of what was covered: at step {step} a schedule did not do again what it had done; \
             something besides the schedule decides"
        );
    }
    let mut but = Vec::new();
    if coverage.outside {
        but.push("timers and what comes from outside at their times");
    }
    if coverage.chance {
        but.push("random numbers as the seed has them");
    }
    if races {
        but.push("racing accesses as they came");
    }
    let but = if but.is_empty() { String::new() } else { format!(" ({})", but.join(", ")) };
    if coverage.all {
        let n = schedules(coverage.orders);
        return format!("covered: every order of the program's synchronisation{but}: {n}; nothing is left");
    }
    let cut = match coverage.too_long {
        true => "a schedule was too long to be gone through wholly",
        false if timed => "cut at --schedules or --time",
        false => "cut at --schedules",
    };
    let with = |most: u32| match most {
        0 => "without preemptions".to_string(),
        1 => "with at most 1 preemption".to_string(),
        n => format!("with at most {n} preemptions"),
    };
    match coverage.preemptions {
        Some(most) if most == preemptions => {
            format!("covered: every schedule {}{but}; others have more (--preemptions)", with(most))
        }
        Some(most) => format!("covered: every schedule {}{but}; {cut}", with(most)),
        None => {
            format!("covered: {} of the program, not all that have no preemptions; {cut}", schedules(coverage.orders))
        }
    }
}
