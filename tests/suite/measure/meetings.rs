//! The turn logic alone, on the timed turns of real meetings: one speaker as rep, all others as client.

use heard::config::Settings;
use heard::turns::{Class, TurnEvent};
use heard::units::{AudioTime, ByParty, Party, Span};
use heard::voice::Ending;

use super::data;
use crate::drawn::{Row, converse};

/// Evidence on which a floor bid is told from a sign of listening.
const EVIDENCE: Span = Span::from_millis(600);

struct Act {
    speaker: String,
    start: AudioTime,
    end: AudioTime,
    backchannel: bool,
}

fn acts(path: &std::path::Path) -> Vec<Act> {
    let text = std::fs::read_to_string(path).expect("a readable file");
    let time = |value: &serde_json::Value| {
        AudioTime::from_millis((value.as_f64().expect("seconds") * 1000.0).round() as u64)
    };
    text.lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a line of JSON"))
        .map(|act| Act {
            speaker: act["speaker"].as_str().expect("a speaker").to_owned(),
            start: time(&act["start"]),
            end: time(&act["end"]),
            backchannel: act["backchannel"] == true,
        })
        .filter(|act| act.end > act.start)
        .collect()
}

fn row<'a>(acts: impl Iterator<Item = &'a Act>) -> Row {
    let mut row = Row::default();
    for act in acts {
        match row.voiced.last_mut() {
            Some(last) if act.start <= last.1 => last.1 = last.1.max(act.end),
            _ => row.voiced.push((act.start, act.end, Ending::Unknown)),
        }
    }
    row
}

#[derive(Default)]
struct Confusion {
    both: u32,
    said_only: u32,
    true_only: u32,
    neither: u32,
}

impl Confusion {
    fn count(&mut self, truth: bool, said: bool) {
        *match (truth, said) {
            (true, true) => &mut self.both,
            (false, true) => &mut self.said_only,
            (true, false) => &mut self.true_only,
            (false, false) => &mut self.neither,
        } += 1;
    }

    fn f1(&self) -> f64 {
        2.0 * f64::from(self.both) / f64::from(2 * self.both + self.said_only + self.true_only)
    }

    fn balanced_accuracy(&self) -> f64 {
        let part = |of: u32, rest: u32| f64::from(of) / f64::from(of + rest);
        (part(self.both, self.true_only) + part(self.neither, self.said_only)) / 2.0
    }
}

#[test]
#[ignore = "needs the measuring data; run make measure"]
fn listening_is_told_from_bidding_in_real_meetings() {
    let settings = Settings::default();
    let (mut listening, mut bidding) = (Confusion::default(), Confusion::default());
    let mut accused = 0u32;
    let mut hours = 0.0;
    for path in data::files(&data::folder("turns"), ".jsonl") {
        let acts = acts(&path);
        let mut speakers: Vec<&str> = acts.iter().map(|act| act.speaker.as_str()).collect();
        speakers.sort_unstable();
        speakers.dedup();
        for speaker in speakers {
            let rows = ByParty {
                rep: row(acts.iter().filter(|act| act.speaker == speaker)),
                client: row(acts.iter().filter(|act| act.speaker != speaker)),
            };
            hours += acts.iter().map(|act| act.end.as_secs_f64()).fold(0.0, f64::max) / 3600.0;
            let told = converse(&rows, &settings).events;
            let overlaps = || {
                told.iter().filter_map(|(_, event)| match event {
                    TurnEvent::Overlap(overlap) if overlap.by == Party::Rep => Some(overlap),
                    _ => None,
                })
            };
            accused += overlaps().filter(|o| o.class == Class::Interruption).count() as u32;
            for overlap in overlaps() {
                let onset = overlap.stretch.start;
                let spurt: Vec<&Act> = (acts.iter())
                    .filter(|act| act.speaker == speaker)
                    .filter(|act| act.start < overlap.said.end && act.end > onset)
                    .collect();
                let truth = !spurt.is_empty() && spurt.iter().all(|act| act.backchannel);
                listening.count(truth, overlap.class == Class::Backchannel);
                let seen = onset + EVIDENCE;
                let bid = told.iter().any(|(at, event)| {
                    *at <= seen
                        && matches!(event, TurnEvent::FloorBid { by: Party::Rep, onset: o } if *o == onset)
                });
                let speaks_on = rows.rep.voiced.iter().any(|(start, end, _)| *start < seen && *end > seen);
                bidding.count(!truth, bid || speaks_on);
            }
        }
    }
    println!(
        "{hours:.1} h of speaker's view, {} overlaps begun",
        listening.both + listening.said_only + listening.true_only + listening.neither
    );
    println!("back-channels against the human mark: F1 {:.3}", listening.f1());
    println!("floor bids at 600 ms: balanced accuracy {:.3}", bidding.balanced_accuracy());
    println!("interruptions told: {:.1} an hour of one speaker's view", f64::from(accused) / hours);
    assert!(bidding.balanced_accuracy() >= 0.755);
    assert!(listening.f1() >= 0.6);
}
