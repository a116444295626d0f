//! Durations as Go writes them: `10m`, `1h2m3.5s`, `0`; in flags of gorace's own and in gorace.toml plain numbers are seconds.

use std::time::Duration;

const UNITS: [(&str, f64); 7] =
    [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];

/// Reads a duration.
///
/// # Errors
/// When the text is none, or a negative one.
pub fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("invalid duration {text:?} (give one as in 30s, 10m or 1h30m)");
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let mut seconds = 0.0;
    let mut rest = text;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(wrong)?;
        let number: f64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = &rest[digits..];
        let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let unit = UNITS.iter().find(|(name, _)| *name == &rest[..end]).ok_or_else(wrong)?;
        seconds += number * unit.1;
        rest = &rest[end..];
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| wrong())
}

/// A duration in Go's words.
pub fn text(duration: Duration) -> String {
    let (seconds, below) = (duration.as_secs(), duration.subsec_nanos());
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let rest = f64::from((seconds % 60) as u32) + f64::from(below) / 1e9;
    match (hours, minutes) {
        (0, 0) => format!("{rest}s"),
        (0, _) => format!("{minutes}m{rest}s"),
        _ => format!("{hours}h{minutes}m{rest}s"),
    }
}

/// A limit of a flag or of gorace.toml: between a millisecond and a year.
///
/// # Errors
/// When the text is none.
pub fn limit(text: &str) -> Result<Duration, String> {
    let limits = Duration::from_millis(1)..=Duration::from_secs(31_536_000);
    seconds_or_go(text)
        .filter(|limit| limits.contains(limit))
        .ok_or_else(|| "not a time, such as 0.5, 10s or 2m".to_string())
}

/// The budget of stalls: at most an hour, perhaps none, in whole microseconds.
///
/// # Errors
/// When the text is none.
pub fn stall(text: &str) -> Result<Duration, String> {
    let budget = seconds_or_go(text).filter(|stall| *stall <= Duration::from_secs(3600));
    let budget = budget.ok_or_else(|| "not a time of at most an hour, such as 100ms, 2s or 0".to_string())?;
    Ok(Duration::from_micros(budget.as_micros() as u64))
}

fn seconds_or_go(text: &str) -> Option<Duration> {
    match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => parse(text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_numbers_are_seconds() {
        assert_eq!(limit("0.5"), Ok(Duration::from_millis(500)));
        assert_eq!(limit("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["0", "0s", "-1", "NaN", "inf", "1e99", "ten", "", "1x", "9000h"] {
            assert!(limit(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            [stall("0"), stall("100ms"), stall("1.5")].map(|stall| stall.map(|s| s.as_millis())),
            [Ok(0), Ok(100), Ok(1500)]
        );
        assert!(stall("2h").is_err() && stall("-1s").is_err());
    }

    #[test]
    fn as_go_reads_them() {
        assert_eq!(parse("0"), Ok(Duration::ZERO));
        assert_eq!(parse("1h2m3.5s"), Ok(Duration::from_millis(3_723_500)));
        assert_eq!(parse("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse(".5m"), Ok(Duration::from_secs(30)));
        for wrong in ["", "5", "s", "1x", "-1s", "1.2.3s", "9e99h"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn texts_as_go_has_them() {
        for (given, told) in [("10m", "10m0s"), ("0", "0s"), ("90s", "1m30s"), ("2h", "2h0m0s"), ("1500ms", "1.5s")] {
            assert_eq!(super::text(super::parse(given).unwrap()), told);
        }
    }
}
