//! The weights: a linear model for each kind over hashed features, one byte a weight.
//!
//! Of the fine features (words and letters) that share a place, the one that the most sentences hold owns it, and the others weigh
//! nothing: a feature that was never learned from must not borrow the weight of one that was.
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
//! | [`FINE`] × 2 | what tells the owner of each of their places from others (little-endian u16) |

use super::CueKind;

/// Kinds that have weights. `follow_up` is a question and an uptake, and needs none.
pub const HEADS: usize = 16;
/// Places for strong features. A power of two.
pub const STRONG: usize = 1 << 12;
/// Places for fine features: with so many the file stays below 1 MB.
pub const FINE: usize = 50_000;

const MAGIC: &[u8; 8] = b"HEARDCU\x02";
const HEADER: usize = 8 + 3 * 4 * HEADS;

/// Weights of all kinds.
#[derive(Clone, Debug)]
pub struct Model {
    fine_step: [f32; HEADS],
    strong_step: [f32; HEADS],
    threshold: [f32; HEADS],
    strong: Vec<[i8; HEADS]>,
    fine: Vec<[i8; HEADS]>,
    owners: Owners,
}

/// Which fine feature owns each place.
#[derive(Clone, Debug)]
pub struct Owners(Vec<u16>);

impl Owners {
    /// Gives each place to the commonest of its features; `counted` are features with how often they are.
    pub fn elect(counted: impl IntoIterator<Item = (u64, u32)>) -> Owners {
        let mut best = vec![(0_u32, 0_u16); FINE];
        for (hash, count) in counted {
            let (place, mark) = seat(hash);
            best[place] = best[place].max((count, mark));
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
fn strong_place(hash: u64) -> u32 {
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

    /// Takes a feature in, unless it has no weight.
    pub fn push(&mut self, fine: bool, hash: u64, owners: &Owners) {
        if fine { self.fine.extend(owners.place(hash)) } else { self.strong.push(strong_place(hash)) }
    }
}

impl Model {
    /// # Errors
    /// If the bytes are not what [`Model::to_bytes`] makes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Model, NoWeights> {
        if bytes.len() != HEADER + (STRONG + FINE) * HEADS + 2 * FINE || &bytes[..8] != MAGIC {
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
        let (strong, rest) = bytes[HEADER..].split_at(STRONG * HEADS);
        let (fine, owners) = rest.split_at(FINE * HEADS);
        let owners = owners.as_chunks::<2>().0.iter().map(|mark| u16::from_le_bytes(*mark)).collect();
        let model = Model {
            fine_step: numbers(0),
            strong_step: numbers(1),
            threshold: numbers(2),
            strong: rows(strong),
            fine: rows(fine),
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
        for row in self.strong.iter().chain(&self.fine) {
            bytes.extend(row.iter().map(|weight| weight.cast_unsigned()));
        }
        bytes.extend(self.owners.0.iter().flat_map(|mark| mark.to_le_bytes()));
        bytes
    }

    /// Rounds full weights, one row a feature, to bytes: the largest of each kind and table becomes 127.
    pub fn quantised(strong: &[[f32; HEADS]], fine: &[[f32; HEADS]], owners: Owners) -> Model {
        let (strong_step, strong) = quantise(strong);
        let (fine_step, fine) = quantise(fine);
        Model { fine_step, strong_step, threshold: [0.0; HEADS], strong, fine, owners }
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
        let fine = sums(&self.fine, &places.fine);
        let strong = sums(&self.strong, &places.strong);
        let scale = fine_value(places.fine.len() as u32);
        std::array::from_fn(|head| {
            fine[head] as f32 * self.fine_step[head] * scale + strong[head] as f32 * self.strong_step[head]
                - self.threshold[head]
        })
    }

    /// What one feature adds to a kind's logit in an utterance with `count` fine features of weight.
    pub fn share_of(&self, fine: bool, hash: u64, head: usize, count: u32) -> f32 {
        if !fine {
            return f32::from(self.strong[strong_place(hash) as usize][head]) * self.strong_step[head];
        }
        self.owners.place(hash).map_or(0.0, |place| {
            f32::from(self.fine[place as usize][head]) * self.fine_step[head] * fine_value(count)
        })
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

/// So many weights of a byte can be summed in 16 bits.
const SAFE: usize = 256;

/// The sum of the rows at these places. The rows lie far apart: with the places known beforehand they are fetched side by side.
fn sums(rows: &[[i8; HEADS]], places: &[u32]) -> [i32; HEADS] {
    let mut all = [0_i32; HEADS];
    for places in places.chunks(SAFE) {
        let mut some = [0_i16; HEADS];
        for place in places {
            let row = &rows[*place as usize];
            for head in 0..HEADS {
                some[head] += i16::from(row[head]);
            }
        }
        for head in 0..HEADS {
            all[head] += i32::from(some[head]);
        }
    }
    all
}

fn quantise(full: &[[f32; HEADS]]) -> ([f32; HEADS], Vec<[i8; HEADS]>) {
    let step: [f32; HEADS] = std::array::from_fn(|head| {
        let most = full.iter().map(|row| row[head].abs()).fold(0.0, f32::max);
        if most > 0.0 { most / 127.0 } else { 1.0 }
    });
    let round = |row: &[f32; HEADS]| std::array::from_fn(|head| (row[head] / step[head]).round() as i8);
    (step, full.iter().map(round).collect())
}
