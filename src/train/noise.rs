//! What a recogniser does to a sentence: case and punctuation go, words are lost, swapped for others that sound alike, or lose
//! their endings. Seeded by the sentence, so that it is the same each time.

/// Word pairs that sound alike in running speech.
const ALIKE: [(&str, &str); 24] = [
    ("we", "he"),
    ("your", "you"),
    ("you", "to"),
    ("is", "it's"),
    ("the", "a"),
    ("and", "in"),
    ("that", "at"),
    ("if", "in"),
    ("can", "can't"),
    ("would", "were"),
    ("what", "but"),
    ("how", "now"),
    ("so", "the"),
    ("right", "write"),
    ("are", "our"),
    ("their", "there"),
    ("for", "four"),
    ("to", "two"),
    ("i", "a"),
    ("we'll", "will"),
    ("you're", "your"),
    ("it", "at"),
    ("have", "of"),
    ("our", "are"),
];

/// Random numbers that are the same on every machine (splitmix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// 0 up to 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.share() * end as f64) as usize
    }
}

/// The sentence without case and punctuation.
pub fn plain(text: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() || c == '\'' { c } else { ' ' };
    let lower = text.replace('\u{2019}', "'").to_lowercase();
    lower.chars().map(kept).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The sentence with a share of its words garbled.
pub fn garbled(text: &str, share: f64, dice: &mut Dice) -> String {
    let plain = plain(text);
    let mut words: Vec<String> = Vec::new();
    for word in plain.split(' ') {
        let roll = dice.share();
        if roll < share * 0.4 {
            continue;
        }
        if roll >= share {
            words.push(word.to_owned());
            continue;
        }
        let alike = ALIKE.iter().find(|(a, _)| *a == word).map(|(_, b)| (*b).to_owned());
        words.push(alike.unwrap_or_else(|| ending_lost(word)));
    }
    words.join(" ")
}

fn ending_lost(word: &str) -> String {
    let last = word.char_indices().last().map_or(0, |(at, _)| at);
    if word.chars().count() > 3 { word[..last].to_owned() } else { format!("{word}s") }
}
