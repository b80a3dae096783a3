//! Times as transcripts write them: with or without hours, with a dot or a comma before the decimals.

/// Hours above this are no time of a call.
const MOST_HOURS: u64 = 99;

/// `1:02:03.5`, `02:03,500`, `0:0:2.52`, in milliseconds. The whole text must be a time.
pub(super) fn millis(text: &str) -> Option<u64> {
    let (whole, decimals) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let mut parts = [0; 3];
    let mut count = 0;
    for part in whole.split(':') {
        let slot = parts.get_mut(count)?;
        if part.is_empty() || part.len() > 4 || !digits(part) {
            return None;
        }
        *slot = part.parse().ok()?;
        count += 1;
    }
    let (hours, minutes, seconds) = match count {
        3 => (parts[0], parts[1], parts[2]),
        // Without hours, minutes may go on past sixty.
        2 => (0, parts[0], parts[1]),
        _ => return None,
    };
    if hours > MOST_HOURS || (count == 3 && minutes > 59) || seconds > 59 {
        return None;
    }
    Some(((hours * 60 + minutes) * 60 + seconds) * 1000 + fraction(decimals)?)
}

/// `5` is half a second, `052` fifty-two thousandths.
fn fraction(decimals: &str) -> Option<u64> {
    if !digits(decimals) || decimals.len() > 9 {
        return None;
    }
    let thousandths = decimals.bytes().chain([b'0'; 3]).take(3);
    Some(thousandths.fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')))
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A time at the beginning, bare or in brackets, and what follows it.
pub(super) fn leading(line: &str) -> Option<(u64, &str)> {
    let line = line.trim_start();
    for (open, close) in [('[', ']'), ('(', ')')] {
        if let Some((inside, rest)) = line.strip_prefix(open).and_then(|rest| rest.split_once(close)) {
            return Some((millis(inside.trim())?, rest.trim()));
        }
    }
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    Some((millis(first)?, rest.trim()))
}

/// A time at the end, bare or in brackets, and what stands before it.
pub(super) fn trailing(line: &str) -> Option<(&str, u64)> {
    let line = line.trim_end();
    for (open, close) in [('[', ']'), ('(', ')')] {
        if let Some((before, inside)) = line.strip_suffix(close).and_then(|rest| rest.rsplit_once(open)) {
            return Some((before.trim(), millis(inside.trim())?));
        }
    }
    let (before, last) = line.rsplit_once(char::is_whitespace)?;
    Some((before.trim(), millis(last)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_every_spelling() {
        for (text, expected) in [
            ("00:00:01.000", Some(1000)),
            ("01:02:03,5", Some(3_723_500)),
            ("0:0:2.52", Some(2520)),
            ("02:03", Some(123_000)),
            ("90:00", Some(5_400_000)),
            ("1:00:00", Some(3_600_000)),
            ("00:01.0019999", Some(1001)),
            ("", None),
            ("12", None),
            ("1:2:3:4", None),
            ("00:61:00", None),
            ("00:99", None),
            ("100:00:00", None),
            ("-1:00", None),
            ("a:00", None),
            ("99999999999999999999:00", None),
            ("٠١:٠٠", None),
        ] {
            assert_eq!(millis(text), expected, "{text}");
        }
    }

    #[test]
    fn times_before_and_after_a_name() {
        assert_eq!(leading("[00:03] Ann: hi"), Some((3000, "Ann: hi")));
        assert_eq!(leading("0:03"), Some((3000, "")));
        assert_eq!(leading("[Ann] 10:00:00"), None);
        assert_eq!(trailing("Ann Lee   0:03"), Some(("Ann Lee", 3000)));
        assert_eq!(trailing("Ann (0:03)"), Some(("Ann", 3000)));
        assert_eq!(trailing("we meet at ten"), None);
    }
}
