//! Shortening: of a schedule's decisions the fewest that still show what was found.
//!
//! First what comes late is left out (decisions after the finding have no part in it), by halving; then delta debugging
//! (Zeller and Hildebrandt, IEEE TSE 2002): parts are left out, large ones first, as long as the rest still shows it. Each
//! try is a run of the program, so their number is bounded; when it is used up, what has been reached is the result.

/// The fewest of `all` that pass, as far as `tries` tries go; `all` itself is taken to pass.
pub fn fewest<T: Clone>(all: &[T], mut tries: u32, mut passes: impl FnMut(&[T]) -> bool) -> Vec<T> {
    let mut test = |part: &[T]| {
        if tries == 0 {
            return None;
        }
        tries -= 1;
        Some(passes(part))
    };
    // The shortest beginning. It need not be so that all longer ones pass too, so what is found is tested, nothing assumed.
    let (mut fails, mut kept) = (0, all.len());
    match test(&[]) {
        Some(true) => return Vec::new(),
        Some(false) => {}
        None => return all.to_vec(),
    }
    while kept - fails > 1 {
        let middle = fails + (kept - fails) / 2;
        match test(&all[..middle]) {
            Some(true) => kept = middle,
            Some(false) => fails = middle,
            None => return all[..kept].to_vec(),
        }
    }
    let mut rest = all[..kept].to_vec();
    let mut size = rest.len().div_ceil(2);
    while size >= 1 {
        let mut at = 0;
        let mut removed = false;
        while at < rest.len() {
            let end = (at + size).min(rest.len());
            let mut part = rest.clone();
            part.drain(at..end);
            match test(&part) {
                Some(true) => {
                    rest = part;
                    removed = true;
                }
                Some(false) => at = end,
                None => return rest,
            }
        }
        // With single ones gone, others may have become needless.
        if size == 1 && !removed {
            break;
        }
        size = if size == 1 { 1 } else { size.div_ceil(2).min(size - 1) };
    }
    rest
}

/// The least number up to `all` that passes, as far as `tries` tries go, as if all above it passed, too; of what is near to it one with few
/// digits. `all` itself is taken to pass, 0 not to.
pub fn least(all: u64, mut tries: u32, mut passes: impl FnMut(u64) -> bool) -> u64 {
    let (mut fails, mut kept) = (0, all);
    // What counts is how often it is doubled: a tenth more or less is the same to a reader.
    while kept - fails > kept / 16 && tries > 0 {
        tries -= 1;
        let middle = if fails == 0 { kept / 4 } else { fails + (kept - fails) / 2 };
        if middle == fails {
            break;
        }
        if passes(middle) {
            kept = middle;
        } else {
            fails = middle;
        }
    }
    let unit = 10u64.pow(kept.max(1).ilog10());
    let round = [unit, unit / 10].into_iter().filter(|&unit| unit > 0).map(|unit| kept.next_multiple_of(unit));
    let mut round = round.filter(|&n| n > kept && n <= kept + kept / 8 && n <= all);
    round.find(|&n| passes(n)).unwrap_or(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gorace_runtime::policy::Random;

    #[test]
    fn what_is_needed_is_kept_and_nothing_else() {
        let mut random = Random(5);
        for round in 0..200 {
            let all: Vec<usize> = (0..1 + random.below(200)).collect();
            let needed: Vec<usize> = (0..random.below(5)).map(|_| random.below(all.len())).collect();
            let mut calls = 0;
            let short = fewest(&all, u32::MAX, |part| {
                calls += 1;
                needed.iter().all(|n| part.contains(n))
            });
            let mut expected = needed.clone();
            expected.sort_unstable();
            expected.dedup();
            assert_eq!(short, expected, "{round}");
            assert!(calls < 150, "{calls}");
        }
    }

    #[test]
    fn the_least_that_passes_is_a_round_one_near_to_it() {
        for needed in [1, 7, 99, 1001, 8990, 48_700, 99_999, 100_000] {
            let mut calls = 0;
            let least = least(100_000, 24, |n| {
                calls += 1;
                n >= needed
            });
            let unit = 10u64.pow(least.ilog10().saturating_sub(1));
            assert!((needed..=needed + needed / 4).contains(&least) && least % unit == 0, "{needed} {least}");
            assert!(calls <= 20, "{calls}");
        }
        // Whatever happens, what is given passed.
        for tries in 0..10 {
            let passes = |n: u64| n == 100_000 || n % 7 == 3;
            assert!(passes(least(100_000, tries, passes)));
        }
    }

    #[test]
    fn one_of_two_is_enough() {
        let all: Vec<usize> = (0..60).collect();
        // Neither monotone nor unique.
        let short = fewest(&all, u32::MAX, |p| p.contains(&3) || (p.contains(&50) && p.len() % 2 == 0));
        assert_eq!(short, [3]);
    }

    #[test]
    fn the_result_passes_whenever_the_tries_end() {
        let all: Vec<usize> = (0..100).collect();
        let passes = |part: &[usize]| part.contains(&10) && part.contains(&70) && part.contains(&71);
        for tries in 0..80 {
            assert!(passes(&fewest(&all, tries, passes)), "{tries}");
        }
    }
}
