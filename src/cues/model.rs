//! The weights: a linear model for each kind over hashed features, one byte a weight.
//!
//! A file of weights is made by `make train` and read back byte for byte:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `HEARDCU` and the version |
//! | 16 × 4 | each kind's step of the fine weights (little-endian f32) |
//! | 16 × 4 | each kind's step of the strong weights |
//! | 16 × 4 | each kind's threshold, as a logit |
//! | [`STRONG`] × 16 | strong weights: phrases, lengths, context (i8) |
//! | [`FINE`] × 16 | fine weights: words and letters (i8) |

use super::CueKind;

/// Kinds that have weights. `follow_up` is a question and an uptake, and needs none.
pub const HEADS: usize = 16;
/// Places for strong features. A power of two.
pub const STRONG: usize = 1 << 12;
/// Places for fine features: 32,768 keep the file at 0.6 MB; twice as many gained nothing measurable. A power of two.
pub const FINE: usize = 1 << 15;

const MAGIC: &[u8; 8] = b"HEARDCU\x01";
const HEADER: usize = 8 + 3 * 4 * HEADS;

/// Weights of all kinds.
#[derive(Clone, Debug)]
pub struct Model {
    fine_step: [f32; HEADS],
    strong_step: [f32; HEADS],
    threshold: [f32; HEADS],
    strong: Vec<[i8; HEADS]>,
    fine: Vec<[i8; HEADS]>,
}

/// A file that holds no weights of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these are no cue weights of this version; make them with `make train`")]
pub struct NoWeights;

/// Sums of an utterance, before the steps are applied.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sums {
    fine: [i32; HEADS],
    strong: [i32; HEADS],
    count: u32,
}

impl Sums {
    /// Fine features so far.
    pub fn fine_count(&self) -> u32 {
        self.count
    }
}

impl Model {
    /// # Errors
    /// If the bytes are not what [`Model::to_bytes`] makes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Model, NoWeights> {
        if bytes.len() != HEADER + (STRONG + FINE) * HEADS || &bytes[..8] != MAGIC {
            return Err(NoWeights);
        }
        let numbers = |from: usize| -> [f32; HEADS] {
            std::array::from_fn(|head| {
                let at = 8 + from * 4 * HEADS + 4 * head;
                f32::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
            })
        };
        let rows = |bytes: &[u8]| -> Vec<[i8; HEADS]> {
            bytes.as_chunks::<HEADS>().0.iter().map(|row| row.map(u8::cast_signed)).collect()
        };
        let (strong, fine) = bytes[HEADER..].split_at(STRONG * HEADS);
        let model = Model {
            fine_step: numbers(0),
            strong_step: numbers(1),
            threshold: numbers(2),
            strong: rows(strong),
            fine: rows(fine),
        };
        let sane =
            [model.fine_step, model.strong_step, model.threshold].iter().flatten().all(|n| n.is_finite());
        if sane { Ok(model) } else { Err(NoWeights) }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for numbers in [self.fine_step, self.strong_step, self.threshold] {
            bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        }
        for row in self.strong.iter().chain(&self.fine) {
            bytes.extend(row.iter().map(|weight| weight.cast_unsigned()));
        }
        bytes
    }

    /// Rounds full weights, one row a feature, to bytes: the largest of each kind and table becomes 127.
    pub fn quantised(strong: &[[f32; HEADS]], fine: &[[f32; HEADS]], threshold: [f32; HEADS]) -> Model {
        let (strong_step, strong) = quantise(strong);
        let (fine_step, fine) = quantise(fine);
        Model { fine_step, strong_step, threshold, strong, fine }
    }

    pub fn with_threshold(mut self, threshold: [f32; HEADS]) -> Model {
        self.threshold = threshold;
        self
    }

    /// Adds one occurrence of a fine feature.
    pub fn add_fine(&self, sums: &mut Sums, place: u32) {
        let row = &self.fine[place as usize & (FINE - 1)];
        for (sum, weight) in sums.fine.iter_mut().zip(row) {
            *sum += i32::from(*weight);
        }
        sums.count += 1;
    }

    /// Adds a strong feature.
    pub fn add_strong(&self, sums: &mut Sums, place: u32) {
        let row = &self.strong[place as usize & (STRONG - 1)];
        for (sum, weight) in sums.strong.iter_mut().zip(row) {
            *sum += i32::from(*weight);
        }
    }

    /// Each kind's logit, 0 at its threshold.
    pub fn logits(&self, sums: &Sums) -> [f32; HEADS] {
        let scale = fine_value(sums.count);
        std::array::from_fn(|head| {
            sums.fine[head] as f32 * self.fine_step[head] * scale
                + sums.strong[head] as f32 * self.strong_step[head]
                - self.threshold[head]
        })
    }

    /// What one feature adds to a kind's logit in an utterance with `count` fine features.
    pub fn share_of(&self, fine: bool, place: u32, head: usize, count: u32) -> f32 {
        if fine {
            f32::from(self.fine[place as usize & (FINE - 1)][head]) * self.fine_step[head] * fine_value(count)
        } else {
            f32::from(self.strong[place as usize & (STRONG - 1)][head]) * self.strong_step[head]
        }
    }
}

/// The value of each fine feature: a long turn has many, and its sum should not grow with its length; but what is said in a turn of
/// several sentences should not drown in it either.
pub fn fine_value(count: u32) -> f32 {
    1.0 / (count.clamp(1, FULL) as f32).sqrt()
}

/// Fine features of some fifteen words, a long sentence.
const FULL: u32 = 100;

/// The place of a kind among the heads.
pub fn head(kind: CueKind) -> Option<usize> {
    let place = kind as usize;
    let without = CueKind::FollowUp as usize;
    match kind {
        CueKind::FollowUp => None,
        _ if place > without => Some(place - 1),
        _ => Some(place),
    }
}

fn quantise(full: &[[f32; HEADS]]) -> ([f32; HEADS], Vec<[i8; HEADS]>) {
    let step: [f32; HEADS] = std::array::from_fn(|head| {
        let most = full.iter().map(|row| row[head].abs()).fold(0.0, f32::max);
        if most > 0.0 { most / 127.0 } else { 1.0 }
    });
    let round = |row: &[f32; HEADS]| std::array::from_fn(|head| (row[head] / step[head]).round() as i8);
    (step, full.iter().map(round).collect())
}
