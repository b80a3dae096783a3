//! Logistic regression of all kinds at once, by stochastic gradient descent with a step of its own for each weight (AdaGrad).
//!
//! One thread, a fixed order and fixed seeds: the same sentences give the same bytes.

use std::collections::HashMap;

use heard::cues::model::{FINE, HEADS, Model, Owners, Places, STRONG, fine_value};
use heard::cues::tokens::hash_of;
use heard::cues::{Reader, Said};
use heard::units::Party;

use crate::noise::{Dice, garbled, plain};
use crate::sets::Line;

/// Passes over the examples: seven gain little.
const PASSES: usize = 4;
/// Step of a weight that was never touched: of 0.04 to 0.3 the checked scores are best from 0.2 on, and what is carried over to sets that
/// are only measured with is best at 0.1.
const STEP: f32 = 0.15;
/// Pull of every weight towards zero at each touch, relative to the step.
const PULL: f32 = 1e-3;
/// Strong features count as one each; their step is smaller so that a handful of them does not outrun the words.
const STRONG_VALUE: f32 = 0.5;
/// Sentences written for the kinds count double: they are few against the corpora, and the only ones for most kinds.
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
    pub places: Places,
    pub truth: [(bool, f32); HEADS],
    /// Two lines in one turn.
    pub joined: bool,
}

/// Gives every place to the fine feature that the most lines hold, as they stand or without punctuation.
///
/// # Errors
/// If the phrase tables are broken.
pub fn owners(lines: &[Line]) -> Result<Owners, String> {
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
    let enough = counted
        .into_iter()
        .map(|(hash, (count, _))| (hash, count))
        .filter(|(_, count)| *count >= FEWEST_LINES);
    Ok(Owners::elect(enough))
}

/// A feature of fewer lines is chance.
const FEWEST_LINES: u32 = 2;

/// Every line as it stands, without punctuation, and garbled.
///
/// # Errors
/// If the phrase tables are broken.
pub fn examples(lines: &[Line], owners: &Owners) -> Result<Vec<Example>, String> {
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
            examples.push(example(index, line, text, &mut reader, owners));
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
            examples.push(Example { joined: true, ..example(index, &joined, &text, &mut reader, owners) });
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
pub fn example(index: usize, line: &Line, text: &str, reader: &mut Reader, owners: &Owners) -> Example {
    let mut example = Example { line: index, places: Places::default(), truth: line.truth, joined: false };
    if matches!(line.set, "own" | "written") {
        example.truth.iter_mut().for_each(|(_, weight)| *weight *= WRITTEN_WEIGHT);
    }
    let said = Said { party: Party::Rep, text, before: &line.before };
    reader.features(said, |feature| {
        example.places.push(feature.fine, feature.hash, owners);
    });
    example
}

/// Weights under training.
struct Weights {
    fine: Vec<[f32; HEADS]>,
    strong: Vec<[f32; HEADS]>,
}

impl Weights {
    fn zero() -> Weights {
        Weights { fine: vec![[0.0; HEADS]; FINE], strong: vec![[0.0; HEADS]; STRONG] }
    }
}

/// Learns from the examples whose line passes `with`.
pub fn train(examples: &[Example], owners: &Owners, with: impl Fn(usize) -> bool) -> Model {
    let mut order: Vec<usize> = (0..examples.len()).filter(|i| with(examples[*i].line)).collect();
    let mut dice = Dice::new(17);
    let mut weights = Weights::zero();
    let mut seen = Weights::zero();
    for _ in 0..PASSES {
        for i in (1..order.len()).rev() {
            order.swap(i, dice.below(i + 1));
        }
        for index in &order {
            learn(&examples[*index], &mut weights, &mut seen);
        }
    }
    Model::quantised(&weights.strong, &weights.fine, owners.clone())
}

fn learn(example: &Example, weights: &mut Weights, seen: &mut Weights) {
    let value = fine_value(example.places.fine.len() as u32);
    let mut logit = [0.0_f32; HEADS];
    for place in &example.places.fine {
        for (sum, weight) in logit.iter_mut().zip(&weights.fine[*place as usize]) {
            *sum += weight * value;
        }
    }
    for place in &example.places.strong {
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
    for place in &example.places.fine {
        step(&mut weights.fine[*place as usize], &mut seen.fine[*place as usize], &error, value);
    }
    for place in &example.places.strong {
        step(&mut weights.strong[*place as usize], &mut seen.strong[*place as usize], &error, STRONG_VALUE);
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
