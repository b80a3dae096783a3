//! What a recogniser's text looks like: made one tidy line, taken apart into words, compared, and caught in a loop.

/// A phrase of up to so many words, said so often in a row, is a loop; a lone word ("no, no, no, no") more often.
const LOOP_WORDS: usize = 12;
const LOOP_TIMES: usize = 3;
const LOOP_TIMES_OF_ONE: usize = 6;

/// One trimmed line without marks of sounds, control characters, and the dashes that subtitles put before a speaker.
pub(super) fn tidy(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut inside: Option<char> = None;
    for c in text.chars() {
        match (inside, c) {
            (None, '[') => inside = Some(']'),
            (None, '(') => inside = Some(')'),
            (None, '♪' | '♫' | '\u{fffd}') => {}
            (None, c) if c.is_control() || c.is_whitespace() => kept.push(' '),
            (None, c) => kept.push(c),
            (Some(end), c) if c == end => {
                inside = None;
                kept.push(' ');
            }
            (Some(_), _) => {}
        }
    }
    let line: Vec<&str> = kept.split_whitespace().collect();
    line.join(" ").trim_start_matches(['-', '>', '*', ' ']).trim_end_matches(['*', ' ']).to_owned()
}

/// The words of a text without case and punctuation.
pub(super) fn plain(text: &str) -> Vec<String> {
    let word = |word: &str| -> String {
        word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    text.split([' ', '-', '–', '—']).map(word).filter(|word| !word.is_empty()).collect()
}

/// Whether a text mostly says the same over and over.
pub(super) fn loops(words: &[String]) -> bool {
    (1..=LOOP_WORDS.min(words.len() / 2)).any(|length| {
        let least = if length == 1 { LOOP_TIMES_OF_ONE } else { LOOP_TIMES };
        let (mut same, mut longest) = (0, 0);
        for at in length..words.len() {
            same = if words[at] == words[at - length] { same + 1 } else { 0 };
            longest = longest.max(same);
        }
        // `longest` words repeat those before them, which are the first time.
        let repeated = longest + length;
        repeated >= least * length && repeated * 2 > words.len()
    })
}

/// How many of `words` are in `theirs` in the same order: the longest common subsequence.
pub(super) fn in_order(words: &[String], theirs: &[String]) -> usize {
    let mut best = vec![0; theirs.len() + 1];
    for word in words {
        let mut diagonal = 0;
        for (at, other) in theirs.iter().enumerate() {
            let above = best[at + 1];
            best[at + 1] = if word == other { diagonal + 1 } else { above.max(best[at]) };
            diagonal = above;
        }
    }
    best[theirs.len()]
}
