//! Who speaks in a piece of text, and the bare words: voice tags, dashes, `Name: text`, mark-up, entities.

/// A piece of a cue by one person; its lines as they stand, mark-up gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) speaker: Option<String>,
    pub(super) lines: Vec<String>,
}

impl Piece {
    /// The words in one line; `None` if there are none, or only a note such as "[music]".
    pub(super) fn words(&self) -> Option<String> {
        words(&self.lines.join(" "))
    }
}

/// The words in one line; `None` if there are none, or only a note such as "[music]" or "(laughs)".
pub(super) fn words(text: &str) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let noted = [('[', ']'), ('(', ')')].iter().any(|&(open, close)| {
        text.starts_with(open) && text.find(close) == text.len().checked_sub(close.len_utf8())
    });
    (text.chars().any(char::is_alphanumeric) && !noted).then_some(text)
}

/// Cuts a cue's text where a voice tag (`<v Name>`) or, on every line, a dash says that somebody else speaks.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut push = |speaker: Option<String>, text: &str| {
        let lines: Vec<String> = text.lines().map(bare).filter(|line| !line.is_empty()).collect();
        let dashed = lines.len() > 1 && lines.iter().all(|line| line.starts_with(DASHES));
        if dashed && speaker.is_none() {
            found.extend(lines.iter().map(|line| Piece { speaker: None, lines: vec![undashed(line)] }));
        } else if !lines.is_empty() {
            found.push(Piece { speaker, lines });
        }
    };
    let mut rest = text;
    let mut speaker = None;
    while let Some((before, name, after)) = voice_tag(rest) {
        push(speaker, before);
        speaker = name;
        rest = after;
    }
    push(speaker, rest);
    found
}

const DASHES: [char; 3] = ['-', '–', '—'];

fn undashed(line: &str) -> String {
    line.trim_start_matches(DASHES).trim_start().to_owned()
}

/// The next `<v Name>` or `</v>`: what is before it, whose it is, and what is after it.
fn voice_tag(text: &str) -> Option<(&str, Option<String>, &str)> {
    for (at, _) in text.match_indices('<') {
        let (before, tag) = (&text[..at], &text[at + 1..]);
        let Some(length) = until(tag, b'>') else { continue };
        let (inside, after) = (&tag[..length], &tag[length + 1..]);
        if inside == "/v" {
            return Some((before, None, after));
        }
        let (kind, name) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
        if kind == "v" || kind.starts_with("v.") {
            let name = bare(name);
            return Some((before, (!name.is_empty()).then_some(name), after));
        }
    }
    None
}

/// Without tags, positions and entities; one line, trimmed.
fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '{', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let skipped = match rest.as_bytes()[0] {
            b'<' => tag_length(rest),
            // SRT's `{\an8}`.
            b'{' => rest.starts_with("{\\").then(|| until(rest, b'}').map(|end| end + 1)).flatten(),
            _ => entity(rest).map(|(letter, length)| {
                out.push(letter);
                length
            }),
        };
        let kept = if skipped.is_none() { &rest[..1] } else { "" };
        out.push_str(kept);
        rest = &rest[skipped.unwrap_or(1)..];
    }
    out.push_str(rest);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where `mark` is, if it is near: a tag or an entity is short, and a text of nothing but beginnings must not take hours.
fn until(text: &str, mark: u8) -> Option<usize> {
    const LONGEST: usize = 256;
    text.bytes().take(LONGEST).position(|byte| byte == mark)
}

/// Length of a tag that begins here; "a < b" is none.
fn tag_length(text: &str) -> Option<usize> {
    let second = *text.as_bytes().get(1)?;
    let like_a_tag = second.is_ascii_alphanumeric() || second == b'/';
    like_a_tag.then(|| until(text, b'>').map(|end| end + 1)).flatten()
}

/// The letter that `&amp;` or `&#39;` stands for, and its length in the text.
fn entity(text: &str) -> Option<(char, usize)> {
    let name = &text[1..until(text, b';')?];
    let letter = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" | "lrm" | "rlm" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((letter, name.len() + 2))
}

/// `Ann Lee: hello` as name and text, if what stands before the colon can be a name.
pub(super) fn prefix(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start_matches(['>', '-', '–', '—', ' ']);
    let (name, text) = line.split_once(':')?;
    let name = name.trim().trim_start_matches('[').trim_end_matches(']');
    // "10:30" and "http://" are no names.
    let apart = text.is_empty() || text.starts_with(char::is_whitespace);
    (apart && may_be_name(name)).then(|| (name.trim(), text.trim()))
}

/// Few words, the first with a capital, a digit or a script without capitals; nothing that ends a sentence.
pub(super) fn may_be_name(name: &str) -> bool {
    let name = name.trim();
    let first = name.chars().next();
    let starts = first.is_some_and(|c| c.is_alphanumeric() && !c.is_lowercase());
    let sentence = name.contains(['?', '!', ';', '"', '<', '>']) || name.ends_with('.');
    starts
        && !sentence
        && name.chars().count() <= 48
        && name.split_whitespace().count() <= 6
        && name.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_what_only_looks_like_one() {
        for (line, expected) in [
            ("Ann Lee: hello", Some(("Ann Lee", "hello"))),
            (">> ANN: hello", Some(("ANN", "hello"))),
            ("[Dr. José Núñez]: sí", Some(("Dr. José Núñez", "sí"))),
            ("李雷: 你好", Some(("李雷", "你好"))),
            ("we meet at 10:30", None),
            ("at https://example.org", None),
            ("so this is the point: we wait", None),
            ("And do you know what I told them about it: nothing", None),
            ("Really? Well: no", None),
            (": hello", None),
        ] {
            assert_eq!(prefix(line), expected, "{line}");
        }
    }

    #[test]
    fn mark_up_goes_and_words_stay() {
        for (text, expected) in [
            ("<i>Hi</i> <c.yellow>there</c>", "Hi there"),
            ("{\\an8}up here", "up here"),
            ("5 < 6 &amp; 7 > 6", "5 < 6 & 7 > 6"),
            ("<00:00:01.000>word<00:00:02.000> by word", "word by word"),
            ("it&#39;s &#x41; &unknown; &", "it's A &unknown; &"),
            ("{brace} <", "{brace} <"),
            ("é<b>é</b>&é;", "éé&é;"),
        ] {
            assert_eq!(bare(text), expected, "{text}");
        }
    }

    #[test]
    fn notes_are_no_words() {
        for text in ["[Music]", "(laughs)", "...", " ", "♪♪"] {
            assert_eq!(words(text), None, "{text}");
        }
        assert_eq!(words("(laughs) no  really (sighs)").as_deref(), Some("(laughs) no really (sighs)"));
    }
}
