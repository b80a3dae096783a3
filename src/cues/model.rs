//! The weights: a linear model for each kind over hashed features, four bits for a word's weight and a byte for a phrase's.
//!
//! Of the fine features (words and letters) that share a place, one owns it, the one that the trainer found to matter most, and the
//! others weigh nothing: a feature that was never learned from must not borrow the weight of one that was.
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
//! | [`FINE`] × 8 | fine weights: words and letters, two kinds a byte, each 8 more than it weighs in steps |
//! | [`FINE`] × 2 | what tells the owner of each of their places from others (little-endian u16) |

use super::CueKind;

/// Kinds that have weights. `follow_up` is a question and an uptake, and needs none.
pub const HEADS: usize = 16;
/// Places for strong features. A power of two.
pub const STRONG: usize = 1 << 12;
/// Places for fine features: with so many the file stays below 1 MB.
pub const FINE: usize = 93_000;

const MAGIC: &[u8; 8] = b"HEARDCU\x03";
const HEADER: usize = 8 + 3 * 4 * HEADS;
/// Bytes of a row of fine weights.
const FINE_ROW: usize = HEADS / 2;

/// Weights of all kinds.
#[derive(Clone, Debug)]
pub struct Model {
    fine_step: [f32; HEADS],
    strong_step: [f32; HEADS],
    threshold: [f32; HEADS],
    strong: Vec<[i8; HEADS]>,
    fine: Vec<FineRow>,
    owners: Owners,
}

/// The fine weights of one place, four bits a kind: the even kinds in the low halves of its bytes, the odd ones in the high halves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FineRow(u64);

/// What a fine weight of nothing is stored as.
const NOTHING: i32 = 8;
/// The largest fine weight, in steps.
const MOST: f32 = 7.0;
/// The low half of every byte.
const LOW: u64 = 0x0f0f_0f0f_0f0f_0f0f;

impl FineRow {
    /// Weights in steps, [`MOST`] at most.
    fn of(steps: [i8; HEADS]) -> FineRow {
        FineRow(u64::from_le_bytes(std::array::from_fn(|pair| {
            let [low, high] = [steps[2 * pair], steps[2 * pair + 1]].map(|step| (step + NOTHING as i8) as u8);
            low | high << 4
        })))
    }

    /// The weight of a kind, in steps.
    fn of_head(self, head: usize) -> i32 {
        (self.0 >> (4 * head) & 0xf) as i32 - NOTHING
    }
}

/// Which fine feature owns each place.
#[derive(Clone, Debug)]
pub struct Owners(Vec<u16>);

impl Owners {
    /// Gives each place to the weightiest of its features.
    pub fn elect(weighed: impl IntoIterator<Item = (u64, f32)>) -> Owners {
        let mut best = vec![(0.0_f32, 0_u16); FINE];
        for (hash, weight) in weighed {
            let (place, mark) = seat(hash);
            // The mark decides between equals, so that their order does not matter.
            if (weight, mark) > best[place] {
                best[place] = (weight, mark);
            }
        }
        Owners(best.into_iter().map(|(_, mark)| mark).collect())
    }

    /// The place of a feature, if it owns it.
    pub fn place(&self, hash: u64) -> Option<u32> {
        let (place, mark) = seat(hash);
        (self.0[place] == mark).then_some(place as u32)
    }
}

/// The place of a fine feature, and a mark that tells it from others there.
fn seat(hash: u64) -> (usize, u16) {
    let mixed = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let place = ((mixed >> 32) * FINE as u64) >> 32;
    (place as usize, (mixed >> 16) as u16)
}

/// The place of a strong feature.
pub fn strong_place(hash: u64) -> u32 {
    (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as u32 & (STRONG as u32 - 1)
}

/// A file that holds no weights of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these are no cue weights of this version; make them with `make train`")]
pub struct NoWeights;

/// Places of the features of an utterance. Kept and filled again, so that reading does not allocate in the long run.
#[derive(Clone, Debug, Default)]
pub struct Places {
    pub fine: Vec<u32>,
    pub strong: Vec<u32>,
}

impl Places {
    pub fn clear(&mut self) {
        self.fine.clear();
        self.strong.clear();
    }

    /// Takes a feature in, unless it has no weight; gives whether it has.
    pub fn push(&mut self, fine: bool, hash: u64, owners: &Owners) -> bool {
        let place = if fine { owners.place(hash) } else { Some(strong_place(hash)) };
        if fine {
            self.fine.extend(place)
        } else {
            self.strong.extend(place)
        }
        place.is_some()
    }
}

impl Model {
    /// # Errors
    /// If the bytes are not what [`Model::to_bytes`] makes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Model, NoWeights> {
        if bytes.len() != HEADER + STRONG * HEADS + (FINE_ROW + 2) * FINE || &bytes[..8] != MAGIC {
            return Err(NoWeights);
        }
        let numbers = |from: usize| -> [f32; HEADS] {
            std::array::from_fn(|head| {
                let at = 8 + from * 4 * HEADS + 4 * head;
                f32::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
            })
        };
        let (strong, rest) = bytes[HEADER..].split_at(STRONG * HEADS);
        let (fine, owners) = rest.split_at(FINE * FINE_ROW);
        let fine = fine.as_chunks::<FINE_ROW>().0.iter().map(|row| FineRow(u64::from_le_bytes(*row)));
        let owners = owners.as_chunks::<2>().0.iter().map(|mark| u16::from_le_bytes(*mark)).collect();
        let model = Model {
            fine_step: numbers(0),
            strong_step: numbers(1),
            threshold: numbers(2),
            strong: strong.as_chunks::<HEADS>().0.iter().map(|row| row.map(u8::cast_signed)).collect(),
            fine: fine.collect(),
            owners: Owners(owners),
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
        bytes.extend(self.strong.iter().flatten().map(|weight| weight.cast_unsigned()));
        bytes.extend(self.fine.iter().flat_map(|row| row.0.to_le_bytes()));
        bytes.extend(self.owners.0.iter().flat_map(|mark| mark.to_le_bytes()));
        bytes
    }

    /// Rounds full weights, one row a feature: strong ones to bytes, of which the largest of each kind becomes 127, fine ones to four bits.
    pub fn quantised(strong: &[[f32; HEADS]], fine: &[[f32; HEADS]], owners: Owners) -> Model {
        let strong_step = std::array::from_fn(|head| largest(strong, head) / 127.0);
        let fine_step = std::array::from_fn(|head| best_step(fine, head));
        let steps = |row: &[f32; HEADS], step: &[f32; HEADS], most: f32| {
            std::array::from_fn(|head| (row[head] / step[head]).round().clamp(-most, most) as i8)
        };
        Model {
            fine_step,
            strong_step,
            threshold: [0.0; HEADS],
            strong: strong.iter().map(|row| steps(row, &strong_step, 127.0)).collect(),
            fine: fine.iter().map(|row| FineRow::of(steps(row, &fine_step, MOST))).collect(),
            owners,
        }
    }

    /// Which features have a weight.
    pub fn owners(&self) -> &Owners {
        &self.owners
    }

    pub fn with_threshold(mut self, threshold: [f32; HEADS]) -> Model {
        self.threshold = threshold;
        self
    }

    /// Each kind's logit, 0 at its threshold.
    pub fn logits(&self, places: &Places) -> [f32; HEADS] {
        let fine = fine_sums(&self.fine, &places.fine);
        let strong = strong_sums(&self.strong, &places.strong);
        let scale = fine_value(places.fine.len() as u32);
        std::array::from_fn(|head| {
            fine[head] as f32 * self.fine_step[head] * scale + strong[head] as f32 * self.strong_step[head]
                - self.threshold[head]
        })
    }

    /// What the feature at a place adds to a kind's logit, where each fine feature has this value, see [`fine_value`].
    pub fn share_of(&self, fine: bool, place: u32, head: usize, fine_value: f32) -> f32 {
        let place = place as usize;
        if fine {
            self.fine[place].of_head(head) as f32 * self.fine_step[head] * fine_value
        } else {
            f32::from(self.strong[place][head]) * self.strong_step[head]
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

/// The sums of the strong rows at these places.
fn strong_sums(rows: &[[i8; HEADS]], places: &[u32]) -> [i32; HEADS] {
    let mut sums = [0_i32; HEADS];
    for place in places {
        let row = &rows[*place as usize];
        for head in 0..HEADS {
            sums[head] += i32::from(row[head]);
        }
    }
    sums
}

/// So many weights of four bits can be summed in a byte.
const SAFE: usize = 16;

/// The sums of the fine rows at these places, all kinds of a row at once: each byte of `low` and `high` is the sum of one kind.
fn fine_sums(rows: &[FineRow], places: &[u32]) -> [i32; HEADS] {
    let mut sums = [-NOTHING * places.len() as i32; HEADS];
    for places in places.chunks(SAFE) {
        let (mut low, mut high) = (0_u64, 0_u64);
        for place in places {
            let FineRow(row) = rows[*place as usize];
            low += row & LOW;
            high += row >> 4 & LOW;
        }
        for (pair, (low, high)) in low.to_le_bytes().into_iter().zip(high.to_le_bytes()).enumerate() {
            sums[2 * pair] += i32::from(low);
            sums[2 * pair + 1] += i32::from(high);
        }
    }
    sums
}

/// The largest weight of a kind, whatever its sign; never nothing.
fn largest(rows: &[[f32; HEADS]], head: usize) -> f32 {
    let most = rows.iter().map(|row| row[head].abs()).fold(0.0, f32::max);
    if most > 0.0 { most } else { 1.0 }
}

/// The step with which rounding to four bits errs least, in squares: a few weights are far larger than the others, and are cut.
fn best_step(rows: &[[f32; HEADS]], head: usize) -> f32 {
    const TRIED: usize = 32;
    let most = largest(rows, head);
    let error = |step: f32| -> f64 {
        let off = |row: &[f32; HEADS]| row[head] - (row[head] / step).round().clamp(-MOST, MOST) * step;
        rows.iter().map(|row| f64::from(off(row)).powi(2)).sum()
    };
    let steps = (1..=TRIED).map(|part| most / MOST * part as f32 / TRIED as f32);
    steps.map(|step| (error(step), step)).min_by(|a, b| a.0.total_cmp(&b.0)).map_or(1.0, |(_, step)| step)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Summing all kinds of a row at once is summing each for itself.
        #[test]
        fn sums_of_packed_weights_are_those_of_the_weights(
            rows in prop::collection::vec(prop::array::uniform16(-7_i8..=7), 1..40),
            places in prop::collection::vec(any::<prop::sample::Index>(), 0..300),
        ) {
            let packed: Vec<FineRow> = rows.iter().map(|row| FineRow::of(*row)).collect();
            let places: Vec<u32> = places.iter().map(|place| place.index(rows.len()) as u32).collect();
            let expected: [i32; HEADS] = std::array::from_fn(|head| {
                places.iter().map(|place| i32::from(rows[*place as usize][head])).sum()
            });
            prop_assert_eq!(fine_sums(&packed, &places), expected);
            for (row, packed) in rows.iter().zip(&packed) {
                let steps: [i32; HEADS] = std::array::from_fn(|head| packed.of_head(head));
                prop_assert_eq!(steps, row.map(i32::from));
            }
        }
    }
}
