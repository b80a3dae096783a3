//! Logistic regression of all kinds at once, by stochastic gradient descent with a step of its own for each weight (AdaGrad).
//!
//! One thread, a fixed order and fixed seeds: the same sentences give the same bytes.

use std::collections::HashMap;

use heard::cues::features::Feature;
use heard::cues::model::{FINE, HEADS, Model, Owners, Places, STRONG, fine_value, strong_place};
use heard::cues::tokens::hash_of;
use heard::cues::{Reader, Said};
use heard::units::Party;

use crate::noise::{Dice, garbled, plain};
use crate::sets::Line;

/// Passes over the examples: seven gain little.
const PASSES: usize = 4;
/// So many tell well enough which features matter.
const PASSES_TO_ELECT: usize = 2;
/// Orders of the examples that the weights are a mean of: what one order happens to end with is chance.
const ORDERS: u64 = 3;
/// Step of a weight that was never touched: of 0.04 to 0.3 the checked scores are best from 0.2 on, and what is carried over to sets that
/// are only measured with is best at 0.1.
const STEP: f32 = 0.15;
/// Pull of every weight towards zero at each touch, relative to the step.
const PULL: f32 = 1e-3;
/// Strong features count as one each; their step is smaller so that a handful of them does not outrun the words.
const STRONG_VALUE: f32 = 0.5;
/// Sentences written for the kinds count half as much again: they are few against the corpora, and the only ones for most kinds.
const WRITTEN_WEIGHT: f32 = 1.5;
/// Turns of two lines made for each written line, and the share of other lines that get one.
const JOINED_WRITTEN: usize = 2;
const JOINED_OTHERS: f64 = 0.25;
/// Share of the joined turns that keep their punctuation.
const JOINED_PUNCTUATED: f64 = 0.3;
/// Shares of garbled words that each line is also seen with.
const GARBLED: [f64; 3] = [0.1, 0.18, 0.28];

/// One way of saying a line.
#[derive(Clone, Debug)]
pub struct Example {
    /// Index of the line.
    pub line: usize,
    /// Numbers of its fine features, see [`Known`].
    fine: Vec<u32>,
    /// Places of its strong features.
    strong: Vec<u32>,
    pub truth: [(bool, f32); HEADS],
    /// Two lines in one turn.
    pub joined: bool,
}

impl Example {
    /// The places that it has in a model.
    pub fn places(&self, known: &Known, owners: &Owners) -> Places {
        let fine = self.fine.iter().filter_map(|feature| owners.place(known.hashes[*feature as usize]));
        Places { fine: fine.collect(), strong: self.strong.clone() }
    }
}

/// The fine features that are learned from, numbered.
pub struct Known {
    /// In ascending order.
    hashes: Vec<u64>,
    numbers: HashMap<u64, u32>,
    /// Lines that hold each of them, as they stand or without punctuation.
    lines: Vec<u32>,
}

/// A feature of fewer lines is chance.
const FEWEST_LINES: u32 = 2;

impl Known {
    /// The features of enough lines.
    ///
    /// # Errors
    /// If the phrase tables are broken.
    pub fn of(lines: &[Line]) -> Result<Known, String> {
        let mut reader = crate::sets::reader()?;
        // For each feature, the lines that hold it, and the last of them.
        let mut counted: HashMap<u64, (u32, usize)> = HashMap::new();
        for (index, line) in lines.iter().enumerate() {
            for text in [line.text.clone(), plain(&line.text)] {
                let said = Said { party: Party::Rep, text: &text, before: &line.before };
                reader.features(said, |feature| {
                    if !feature.fine {
                        return;
                    }
                    let (count, last) = counted.entry(feature.hash).or_insert((0, usize::MAX));
                    if *last != index {
                        (*count, *last) = (*count + 1, index);
                    }
                });
            }
        }
        let mut enough: Vec<(u64, u32)> = counted
            .into_iter()
            .map(|(hash, (count, _))| (hash, count))
            .filter(|(_, count)| *count >= FEWEST_LINES)
            .collect();
        enough.sort_unstable();
        let (hashes, lines): (Vec<u64>, Vec<u32>) = enough.into_iter().unzip();
        let numbers = hashes.iter().zip(0..).map(|(hash, number)| (*hash, number)).collect();
        Ok(Known { hashes, numbers, lines })
    }

    /// Gives every place to the feature whose weights add the most to what is said of all lines.
    fn elect(&self, fine: &[[f32; HEADS]]) -> Owners {
        let worth = |(weights, lines): (&[f32; HEADS], &u32)| {
            weights.iter().map(|weight| weight * weight).sum::<f32>() * *lines as f32
        };
        Owners::elect(self.hashes.iter().copied().zip(fine.iter().zip(&self.lines).map(worth)))
    }
}

/// Every line as it stands, without punctuation, and garbled.
///
/// # Errors
/// If the phrase tables are broken.
pub fn examples(lines: &[Line], known: &Known) -> Result<Vec<Example>, String> {
    let mut reader = crate::sets::reader()?;
    let mut examples = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let mut dice = Dice::new(hash_of(&line.text));
        let mut ways = vec![line.text.clone(), plain(&line.text)];
        ways.extend(GARBLED.map(|share| garbled(&line.text, share, &mut dice)));
        for (way, text) in ways.iter().enumerate() {
            if way == 1 && *text == ways[0] {
                continue;
            }
            examples.push(example(index, line, text, &mut reader, known));
        }
    }
    let mut dice = Dice::new(29);
    for (index, line) in lines.iter().enumerate() {
        let own = matches!(line.set, "own" | "written");
        let times = if own { JOINED_WRITTEN } else { usize::from(dice.share() < JOINED_OTHERS) };
        for _ in 0..times {
            let other = &lines[dice.below(lines.len())];
            let (first, second) = if dice.share() < 0.5 { (line, other) } else { (other, line) };
            let joined = Line {
                text: format!("{} {}", first.text, second.text),
                before: line.before.clone(),
                truth: both(&line.truth, &other.truth),
                ..line.clone()
            };
            let text =
                if dice.share() < JOINED_PUNCTUATED { joined.text.clone() } else { plain(&joined.text) };
            examples.push(Example { joined: true, ..example(index, &joined, &text, &mut reader, known) });
        }
    }
    Ok(examples)
}

/// What is known of two lines said in one turn: a kind is there if it is in either, and absent if it is in neither.
fn both(a: &[(bool, f32); HEADS], b: &[(bool, f32); HEADS]) -> [(bool, f32); HEADS] {
    std::array::from_fn(|head| match (a[head], b[head]) {
        ((true, weight), _) | (_, (true, weight)) if weight > 0.0 => (true, weight),
        ((_, one), (_, other)) => (false, one.min(other)),
    })
}

/// An example of one wording.
fn example(index: usize, line: &Line, text: &str, reader: &mut Reader, known: &Known) -> Example {
    let mut truth = line.truth;
    if matches!(line.set, "own" | "written") {
        truth.iter_mut().for_each(|(_, weight)| *weight *= WRITTEN_WEIGHT);
    }
    let (mut fine, mut strong) = (Vec::new(), Vec::new());
    let said = Said { party: Party::Rep, text, before: &line.before };
    reader.features(said, |Feature { fine: of_words, hash, .. }| {
        if of_words { fine.extend(known.numbers.get(&hash)) } else { strong.push(strong_place(hash)) }
    });
    Example { line: index, fine, strong, truth, joined: false }
}

/// Weights under training, and the squares of the gradients that each has seen.
struct Weights {
    fine: Vec<[f32; HEADS]>,
    strong: Vec<[f32; HEADS]>,
    fine_seen: Vec<[f32; HEADS]>,
    strong_seen: Vec<[f32; HEADS]>,
}

/// Learns from the examples whose line passes `with`: first with all features, to see which of them matter, then anew with those that
/// have a place.
pub fn train(examples: &[Example], known: &Known, with: impl Fn(usize) -> bool) -> Model {
    let order: Vec<usize> = (0..examples.len()).filter(|i| with(examples[*i].line)).collect();
    let all: Vec<Option<u32>> = (0..known.hashes.len() as u32).map(Some).collect();
    let owners = known.elect(&descend(examples, order.clone(), &all, all.len(), PASSES_TO_ELECT, 0).fine);
    let places: Vec<Option<u32>> = known.hashes.iter().map(|hash| owners.place(*hash)).collect();
    let (mut fine, mut strong) = (nothing(FINE), nothing(STRONG));
    for seed in 0..ORDERS {
        let weights = descend(examples, order.clone(), &places, FINE, PASSES, seed);
        add_share(&mut fine, &weights.fine);
        add_share(&mut strong, &weights.strong);
    }
    Model::quantised(&strong, &fine, owners)
}

/// Weights of no feature.
fn nothing(size: usize) -> Vec<[f32; HEADS]> {
    vec![[0.0; HEADS]; size]
}

/// Adds what one order of the examples gave to the mean over all.
fn add_share(mean: &mut [[f32; HEADS]], weights: &[[f32; HEADS]]) {
    for (mean, weight) in mean.iter_mut().flatten().zip(weights.iter().flatten()) {
        *mean += weight / ORDERS as f32;
    }
}

/// Weights of the fine features at their places, of which there are `size`, and of all strong ones.
fn descend(
    examples: &[Example],
    mut order: Vec<usize>,
    places: &[Option<u32>],
    size: usize,
    passes: usize,
    seed: u64,
) -> Weights {
    let mut weights = Weights {
        fine: nothing(size),
        strong: nothing(STRONG),
        fine_seen: nothing(size),
        strong_seen: nothing(STRONG),
    };
    let mut dice = Dice::new(seed);
    let mut fine = Vec::new();
    for _ in 0..passes {
        for i in (1..order.len()).rev() {
            order.swap(i, dice.below(i + 1));
        }
        for index in &order {
            let example = &examples[*index];
            fine.clear();
            fine.extend(example.fine.iter().filter_map(|feature| places[*feature as usize]));
            learn(&fine, example, &mut weights);
        }
    }
    weights
}

/// One step down for an example with fine features at these places.
fn learn(fine: &[u32], example: &Example, weights: &mut Weights) {
    let value = fine_value(fine.len() as u32);
    let mut logit = [0.0_f32; HEADS];
    for place in fine {
        for (sum, weight) in logit.iter_mut().zip(&weights.fine[*place as usize]) {
            *sum += weight * value;
        }
    }
    for place in &example.strong {
        for (sum, weight) in logit.iter_mut().zip(&weights.strong[*place as usize]) {
            *sum += weight;
        }
    }
    let mut error = [0.0_f32; HEADS];
    for head in 0..HEADS {
        let (is, weight) = example.truth[head];
        if weight > 0.0 {
            error[head] = weight * (1.0 / (1.0 + (-logit[head]).exp()) - f32::from(u8::from(is)));
        }
    }
    for place in fine {
        let place = *place as usize;
        step(&mut weights.fine[place], &mut weights.fine_seen[place], &error, value);
    }
    for place in &example.strong {
        let place = *place as usize;
        step(&mut weights.strong[place], &mut weights.strong_seen[place], &error, STRONG_VALUE);
    }
}

fn step(weights: &mut [f32; HEADS], seen: &mut [f32; HEADS], error: &[f32; HEADS], value: f32) {
    for head in 0..HEADS {
        let gradient = error[head] * value;
        if gradient == 0.0 {
            continue;
        }
        seen[head] += gradient * gradient;
        weights[head] -= STEP * (gradient / (seen[head].sqrt() + 1e-3) + PULL * weights[head]);
    }
}
