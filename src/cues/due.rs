//! When something promised is due: "by Friday", "end of next week", "on the third", against the date of the call.
//!
//! A weekday is the next one to come; a week ends on Friday, because that is when a promise made in business is looked for.

use std::ops::Range;

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};

/// A due date, and the words it was said with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    pub date: Date,
    /// Bytes of the text.
    pub words: Range<usize>,
}

/// The first due date in what was said on the day `today`; `None` if there is none.
pub fn due(text: &str, today: Date) -> Option<Due> {
    let words = words(text);
    (0..words.len()).find_map(|at| {
        let names: Vec<&str> = words[at..].iter().map(|(word, _)| word.as_str()).collect();
        let (date, used) = date_at(&names, today)?;
        Some(Due { date, words: words[at].1.start..words[at + used - 1].1.end })
    })
}

/// Lower-case words with their bytes; "23rd" and "o'clock" stay whole.
fn words(text: &str) -> Vec<(String, Range<usize>)> {
    let mut words: Vec<(String, Range<usize>)> = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if c.is_alphanumeric() || c == '\'' || c == '\u{2019}' {
            start.get_or_insert(at);
        } else if let Some(from) = start.take() {
            words.push((text[from..at].to_lowercase(), from..at));
        }
    }
    words
}

/// A date that begins with the first of these words, and how many words it takes.
fn date_at(words: &[&str], today: Date) -> Option<(Date, usize)> {
    let rest = |n: usize| words.get(n..).unwrap_or_default();
    match words {
        ["day", "after", "tomorrow", ..] => Some((add_days(today, 2)?, 3)),
        ["tomorrow", ..] => Some((add_days(today, 1)?, 1)),
        ["today" | "tonight" | "eod", ..] => Some((today, 1)),
        ["this", "afternoon" | "evening" | "morning", ..] => Some((today, 2)),
        ["within", "the", "hour", ..] => Some((today, 3)),
        ["right", "after", "this" | "the" | "our", "call" | "meeting", ..] => Some((today, 4)),
        ["end" | "close", "of", "day" | "business" | "play", ..] => Some((today, 3)),
        ["end", "of", "the", "day", ..] => Some((today, 4)),
        ["first", "thing", "in", "the", "morning", ..] => Some((add_days(today, 1)?, 5)),
        ["end", "of", ..] => period(rest(2), today).map(|(_, end, used)| (end, used + 2)),
        ["beginning" | "start" | "early", "of", ..] => {
            period(rest(2), today).map(|(start, _, used)| (start, used + 2))
        }
        ["early", "next", "week", ..] => period(rest(1), today).map(|(start, _, used)| (start, used + 1)),
        ["next" | "this" | "coming", day, ..] if weekday(day).is_some() => {
            Some((named_day(words[0], weekday(day)?, today)?, 2))
        }
        ["next" | "this", "week" | "month" | "quarter" | "year", ..] => {
            period(words, today).map(|(_, end, used)| (end, used))
        }
        ["within" | "in", ..] => {
            length(rest(1)).and_then(|(span, used)| Some((span.after(today)?, used + 1)))
        }
        [_, unit @ ("day" | "days" | "week" | "weeks" | "month" | "months"), "from", ..] => {
            let (span, _) = length(&[words[0], unit])?;
            let (start, used) = date_at(rest(3), today).unwrap_or((today, 1));
            Some((span.after(start)?, 3 + used))
        }
        ["by" | "before" | "until", "the", "weekend", ..] => Some((next(Weekday::Friday, today)?, 3)),
        [day, ..] if weekday(day).is_some() => Some((next(weekday(day)?, today)?, 1)),
        _ => day_of_month(words, today),
    }
}

/// "the week", "this month", "next quarter", "march": first day, last day, words.
fn period(words: &[&str], today: Date) -> Option<(Date, Date, usize)> {
    let (shift, unit, used) = match words {
        ["next", unit, ..] => (1, *unit, 2),
        ["the" | "this", "coming", unit, ..] => (1, *unit, 3),
        ["the" | "this", unit, ..] => (0, *unit, 2),
        [unit, ..] => (0, *unit, 1),
        [] => return None,
    };
    if let Some(month) = month(unit) {
        let first = month_to_come(month, today)?;
        return Some((first, first.last_of_month(), used));
    }
    match unit {
        "week" => {
            let monday = add_days(today, -i64::from(today.weekday().to_monday_zero_offset()) + 7 * shift)?;
            let friday = add_days(monday, 4)?;
            // Said on a weekend, "the end of the week" is the coming one's.
            if friday < today {
                Some((add_days(monday, 7)?, add_days(friday, 7)?, used))
            } else {
                Some((monday, friday, used))
            }
        }
        "month" => {
            let first = today.first_of_month().checked_add(shift.months()).ok()?;
            Some((first, first.last_of_month(), used))
        }
        "quarter" => {
            let start =
                today.first_of_month().checked_sub(i64::from((today.month() - 1) % 3).months()).ok()?;
            let start = start.checked_add((3 * shift).months()).ok()?;
            Some((start, start.checked_add(2.months()).ok()?.last_of_month(), used))
        }
        "year" => {
            let start = today.first_of_year().checked_add(shift.years()).ok()?;
            Some((start, start.last_of_year(), used))
        }
        _ => None,
    }
}

/// A length of time that was said.
#[derive(Clone, Copy)]
enum Length {
    Days(i64),
    Months(i64),
}

impl Length {
    fn after(self, day: Date) -> Option<Date> {
        match self {
            Length::Days(days) => add_days(day, days),
            Length::Months(months) => day.checked_add(months.months()).ok(),
        }
    }
}

/// "two weeks", "a couple of days", "an hour".
fn length(words: &[&str]) -> Option<(Length, usize)> {
    let (count, used) = match words {
        ["a", "couple", "of", ..] => (2, 3),
        ["a", "few", ..] => (3, 2),
        ["the", "next", number, ..] if number_of(number).is_some() => (number_of(number)?, 3),
        ["the" | "a" | "an", ..] => (1, 1),
        [number, ..] => (number_of(number)?, 1),
        [] => return None,
    };
    let length = match *words.get(used)? {
        "minute" | "minutes" | "hour" | "hours" | "moment" => Length::Days(0),
        "day" | "days" => Length::Days(count),
        "week" | "weeks" => Length::Days(7 * count),
        "month" | "months" => Length::Months(count),
        _ => return None,
    };
    Some((length, used + 1))
}

/// "the third", "the 23rd of May", "May third", "3 May".
fn day_of_month(words: &[&str], today: Date) -> Option<(Date, usize)> {
    if let [name, ..] = words
        && let Some(month) = month(name)
    {
        let (day, used) = ordinal(&words[1..]).or_else(|| plain_day(&words[1..]))?;
        return Some((dated(month, day, today)?, used + 1));
    }
    if let ["the", ..] = words {
        let (day, used) = ordinal(&words[1..])?;
        if let Some(month) = words.get(used + 2).and_then(|name| month(name))
            && words.get(used + 1) == Some(&"of")
        {
            return Some((dated(month, day, today)?, used + 3));
        }
        // "the first thing", "the second option": an ordinal that counts something else is no date.
        let ends = words.get(used + 1).is_none_or(|next| AFTER_A_DATE.contains(next));
        return ends.then(|| Some((this_or_next_month(day, today)?, used + 1))).flatten();
    }
    let (day, used) = plain_day(words).or_else(|| ordinal(words))?;
    let month = month(words.get(used)?)?;
    Some((dated(month, day, today)?, used + 1))
}

/// What may follow "the third" where it is a date.
const AFTER_A_DATE: [&str; 14] =
    ["at", "and", "so", "or", "if", "then", "by", "to", "with", "for", "because", "latest", "in", "when"];

fn dated(month: i8, day: i8, today: Date) -> Option<Date> {
    let this_year = Date::new(today.year(), month, day).ok()?;
    if this_year >= today { Some(this_year) } else { Date::new(today.year() + 1, month, day).ok() }
}

fn month_to_come(month: i8, today: Date) -> Option<Date> {
    let first = Date::new(today.year(), month, 1).ok()?;
    if first.last_of_month() >= today { Some(first) } else { Date::new(today.year() + 1, month, 1).ok() }
}

fn this_or_next_month(day: i8, today: Date) -> Option<Date> {
    let this = Date::new(today.year(), today.month(), day).ok().filter(|date| *date > today);
    this.or_else(|| {
        let next = today.first_of_month().checked_add(1.month()).ok()?;
        Date::new(next.year(), next.month(), day).ok()
    })
}

fn add_days(day: Date, days: i64) -> Option<Date> {
    day.checked_add(days.days()).ok()
}

/// The next such day after today.
fn next(day: Weekday, today: Date) -> Option<Date> {
    today.nth_weekday(1, day).ok()
}

/// "this Friday" may be today; "next Friday" is next week's.
fn named_day(which: &str, day: Weekday, today: Date) -> Option<Date> {
    match which {
        "this" if today.weekday() == day => Some(today),
        "next" => {
            let (monday, ..) = period(&["next", "week"], today)?;
            add_days(monday, i64::from(day.to_monday_zero_offset()))
        }
        _ => next(day, today),
    }
}

fn weekday(word: &str) -> Option<Weekday> {
    const DAYS: [(&str, Weekday); 7] = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    DAYS.into_iter().find(|(name, _)| *name == word).map(|(_, day)| day)
}

fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    MONTHS.iter().position(|name| *name == word).map(|at| at as i8 + 1)
}

const NUMBERS: [&str; 20] = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

const ORDINALS: [&str; 20] = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
];

fn number_of(word: &str) -> Option<i64> {
    let spelt = || match word {
        "thirty" => Some(30),
        "sixty" => Some(60),
        "ninety" => Some(90),
        _ => NUMBERS.iter().position(|name| *name == word).map(|at| at as i64 + 1),
    };
    word.parse().ok().filter(|number| (1..=365).contains(number)).or_else(spelt)
}

/// "3", "twelve": a day of a month beside the month's name.
fn plain_day(words: &[&str]) -> Option<(i8, usize)> {
    let day = number_of(words.first()?)?;
    (day <= 31).then_some((day as i8, 1))
}

/// "third", "3rd", "twenty third".
fn ordinal(words: &[&str]) -> Option<(i8, usize)> {
    let single = |word: &str| -> Option<i8> {
        let digits =
            ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending)?.parse().ok());
        let spelt = || {
            if word == "thirtieth" {
                Some(30)
            } else {
                Some(ORDINALS.iter().position(|name| *name == word)? as i8 + 1)
            }
        };
        digits.or_else(spelt).filter(|day| (1..=31).contains(day))
    };
    match words {
        [tens @ ("twenty" | "thirty"), ones, ..] if single(ones).is_some_and(|day| day < 10) => {
            let tens = if *tens == "twenty" { 20 } else { 30 };
            Some((tens + single(ones)?, 2)).filter(|(day, _)| *day <= 31)
        }
        [word, ..] => Some((single(word)?, 1)),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// Said on Wednesday, 25 November 2026.
    const TODAY: Date = date(2026, 11, 25);

    #[test]
    fn due_words_and_their_dates() {
        for (text, due_on, words) in [
            ("I'll send it today", "2026-11-25", "today"),
            ("you'll have it by end of day", "2026-11-25", "end of day"),
            ("I'll call you tomorrow morning", "2026-11-26", "tomorrow"),
            ("the day after tomorrow at the latest", "2026-11-27", "day after tomorrow"),
            ("you get the draft by Friday", "2026-11-27", "Friday"),
            ("on Wednesday then", "2026-12-02", "Wednesday"),
            ("we ship next Tuesday", "2026-12-01", "next Tuesday"),
            ("by the end of next week", "2026-12-04", "end of next week"),
            ("by the end of the week", "2026-11-27", "end of the week"),
            ("sometime next week", "2026-12-04", "next week"),
            ("in two weeks", "2026-12-09", "in two weeks"),
            ("within a couple of days", "2026-11-27", "within a couple of days"),
            ("I'll be back within the hour", "2026-11-25", "within the hour"),
            ("a week from Friday", "2026-12-04", "a week from Friday"),
            ("on the third", "2026-12-03", "the third"),
            ("by the twenty eighth", "2026-11-28", "the twenty eighth"),
            ("by March 3rd", "2027-03-03", "March 3rd"),
            ("the third of december works", "2026-12-03", "the third of december"),
            ("end of the month", "2026-11-30", "end of the month"),
            ("by the end of January", "2027-01-31", "end of January"),
            ("before the end of the quarter", "2026-12-31", "end of the quarter"),
        ] {
            let found = due(text, TODAY).unwrap_or_else(|| panic!("nothing in {text:?}"));
            assert_eq!((found.date.to_string().as_str(), &text[found.words]), (due_on, words), "{text}");
        }
    }

    #[test]
    fn words_that_only_look_like_dates() {
        for text in [
            "I'll be honest",
            "the first thing I want to say",
            "the second option is cheaper",
            "you may call me",
            "we will march on",
            "in the end it works",
            "",
        ] {
            assert_eq!(due(text, TODAY), None, "{text}");
        }
    }
}
