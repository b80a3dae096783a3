//! Five models, each scored on the conversations that it has not seen; and the thresholds that come of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::thread;

use heard::cues::model::{HEADS, Model, head};
use heard::cues::tokens::hash_of;
use heard::cues::{CueKind, Reader, Said};
use heard::units::Party;

use crate::fit::{Example, Known, train};
use crate::noise::plain;
use crate::sets::Line;

const FOLDS: u64 = 5;

fn fold(line: &Line) -> u64 {
    hash_of(&line.conversation) % FOLDS
}

/// The model that has not seen a line, for each fold.
pub struct Unseen {
    models: Vec<Model>,
}

/// Trains the five models and sets each kind's threshold where F1 is best on what they have not seen.
///
/// # Errors
/// If the phrase tables are broken.
pub fn thresholds(
    lines: &[Line],
    examples: &[Example],
    known: &Known,
) -> Result<(Unseen, [f32; HEADS]), String> {
    let models: Vec<Model> = thread::scope(|scope| {
        let without = |out| move || train(examples, known, |line| fold(&lines[line]) != out);
        let running: Vec<_> = (0..FOLDS).map(|out| scope.spawn(without(out))).collect();
        running
            .into_iter()
            .map(|fold| fold.join().map_err(|_| "a fold failed".to_owned()))
            .collect::<Result<_, _>>()
    })?;
    let mut assumed: [Vec<f32>; HEADS] = Default::default();
    let mut scored: [BTreeMap<&str, Vec<(f32, bool)>>; HEADS] = Default::default();
    for example in examples.iter().filter(|example| !example.joined) {
        let line = &lines[example.line];
        let model = &models[fold(line) as usize];
        let logits = model.logits(&example.places(known, model.owners()));
        for head in 0..HEADS {
            if line.judged[head] {
                scored[head].entry(line.set).or_default().push((logits[head], line.truth[head].0));
            } else if line.truth[head].1 > 0.0 && !line.truth[head].0 {
                assumed[head].push(logits[head]);
            }
        }
    }
    let mut threshold = [0.0; HEADS];
    for head in 0..HEADS {
        threshold[head] = best(&scored[head]);
    }
    for kind in CueKind::ALL {
        let Some(head) = head(kind) else { continue };
        threshold[head] = threshold[head].max(quiet(&mut assumed[head], false_alarms(kind)));
    }
    Ok((Unseen { models }, threshold))
}

/// The middle of the thresholds with as good as the best mean F1 over the sets, within [`NARROW`] of even odds: F1 is flat about its best,
/// where the very best one is chance. A mean over sets, because how often a kind occurs differs between them, and differs again in a
/// call.
fn best(sets: &BTreeMap<&str, Vec<(f32, bool)>>) -> f32 {
    let enough = |scored: &&Vec<(f32, bool)>| {
        let positives = scored.iter().filter(|(_, is)| *is).count();
        positives >= ENOUGH && scored.len() - positives >= ENOUGH
    };
    let sets: Vec<&Vec<(f32, bool)>> = sets.values().filter(enough).collect();
    let mean_f1 = |threshold: f32| {
        sets.iter().map(|scored| f1(scored, threshold)).sum::<f32>() / sets.len().max(1) as f32
    };
    let tried = (-STEPS..=STEPS).map(|step| NARROW * step as f32 / STEPS as f32);
    let scores: Vec<(f32, f32)> = tried.map(|threshold| (threshold, mean_f1(threshold))).collect();
    let best = scores.iter().map(|(_, mean)| *mean).fold(0.0, f32::max);
    let good: Vec<f32> =
        scores.iter().filter(|(_, mean)| *mean >= best - AS_GOOD).map(|(threshold, _)| *threshold).collect();
    if best > 0.0 { good.iter().sum::<f32>() / good.len() as f32 } else { 0.0 }
}

/// The threshold at which no more than a share of lines is told that are assumed to hold none.
fn quiet(assumed: &mut [f32], share: f32) -> f32 {
    assumed.sort_by(|a, b| b.total_cmp(a));
    let allowed = (assumed.len() as f32 * share) as usize;
    assumed.get(allowed).copied().unwrap_or(f32::MIN)
}

/// Share of ordinary talk that may be told falsely. A false word against somebody, or about what they gave away, costs more than a
/// missed one: two in a thousand are asked, and phrases add some.
fn false_alarms(kind: CueKind) -> f32 {
    match kind {
        CueKind::OwnMistake => 0.003,
        CueKind::Dismissive => 0.003,
        CueKind::UsVsThem => 0.005,
        CueKind::Concession => 0.008,
        CueKind::Trade | CueKind::SharedGoal | CueKind::Stalemate => 0.012,
        CueKind::Partnership | CueKind::Concern | CueKind::Promise | CueKind::Rapport => 0.02,
        _ => 0.06,
    }
}

fn f1(scored: &[(f32, bool)], threshold: f32) -> f32 {
    let (mut hits, mut told, mut there) = (0.0, 0.0, 0.0);
    for (logit, is) in scored {
        let (tell, is) = (f32::from(u8::from(*logit >= threshold)), f32::from(u8::from(*is)));
        hits += tell * is;
        told += tell;
        there += is;
    }
    2.0 * hits / (told + there).max(1.0)
}

/// Lines of either sort that a set needs to have a say in a threshold.
const ENOUGH: usize = 25;
/// So much less is as good.
const AS_GOOD: f32 = 0.005;
/// Thresholds tried on either side.
const STEPS: i32 = 60;

/// A threshold far from even odds would follow chance in a small set, as a logit.
const NARROW: f32 = 3.0;

/// F1 of the whole reader, phrases and weights, for each set and kind: as written, and without punctuation.
///
/// # Errors
/// If the phrase tables are broken.
pub fn table(lines: &[Line], unseen: &Unseen, threshold: [f32; HEADS]) -> Result<String, String> {
    let reader = crate::sets::reader()?;
    let mut readers: Vec<Reader> = unseen
        .models
        .iter()
        .map(|model| reader.clone().with_model(model.clone().with_threshold(threshold)))
        .collect();
    let concern = head(CueKind::Concern).unwrap_or(0);
    let wanted = std::env::args().nth(3).and_then(|name| CueKind::named(&name));
    let mut tally: BTreeMap<(&str, CueKind), [[u32; 4]; 2]> = BTreeMap::new();
    for line in lines {
        for (way, text) in [line.text.clone(), plain(&line.text)].iter().enumerate() {
            let party = if line.judged[concern] { Party::Client } else { Party::Rep };
            let said = Said { party, text, before: &line.before };
            let cues = readers[fold(line) as usize].read(said);
            for kind in CueKind::ALL {
                let Some(head) = head(kind).filter(|head| line.judged[*head]) else { continue };
                let found = cues.iter().any(|cue| cue.kind == kind);
                if way == 1 && wanted == Some(kind) && found != line.truth[head].0 {
                    println!(
                        "{} {}|{}|{}",
                        if found { "FALSE" } else { "MISSED" },
                        line.set,
                        line.before,
                        line.text
                    );
                }
                let cell = match (found, line.truth[head].0) {
                    (true, true) => 0,
                    (true, false) => 1,
                    (false, true) => 2,
                    (false, false) => 3,
                };
                tally.entry((line.set, kind)).or_default()[way][cell] += 1;
            }
        }
    }
    let mut text = String::from(
        "set/kind, each model on conversations it has not seen     F1  plain  positives negatives false\n",
    );
    for ((set, kind), [written, plain]) in tally {
        let f1 = |[tp, fp, lost, _]: [u32; 4]| 2.0 * tp as f32 / (2 * tp + fp + lost).max(1) as f32;
        let _ = writeln!(
            text,
            "{:48} {:.3} {:.3} {:6} {:6} {:6}",
            format!("{set}/{}", kind.name()),
            f1(written),
            f1(plain),
            written[0] + written[2],
            written[1] + written[3],
            written[1]
        );
    }
    Ok(text)
}
