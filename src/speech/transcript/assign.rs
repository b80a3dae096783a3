//! Whose words are whose: by the rep's name if it is given, else by whose voice was heard meanwhile.

use std::collections::BTreeMap;

use super::{Line, Transcript};
use crate::speech::{Source, Utterance};
use crate::units::{AudioTime, ByParty, Party, Span, Stretch};

/// Why nobody can say who the rep is. The names are the meeting's, as the platform wrote them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssignError {
    #[error("nobody in the transcript is called {wanted:?}; there are {}", .names.join(", "))]
    NoSuchName { wanted: String, names: Vec<String> },
    #[error("{wanted:?} could be {}; give more of the name", .names.join(" or "))]
    Ambiguous { wanted: String, names: Vec<String> },
    #[error("the transcript names nobody, so no name can be the rep's; leave the name out")]
    NoNames,
    #[error("nothing tells who is who: no voice was heard in the recording; name the rep with --rep-name")]
    NoVoice,
}

/// Gives every line to a party.
///
/// A party that the transcript itself tells stands. With `rep_name` (any part of the name, in any case) that speaker is the rep
/// and everybody else who is named is the client. Without it each speaker is the party in whose speech, `ipus`, most of
/// his lines lie, and lines without a name are judged one by one. `ipus` are in order and do not overlap within a party.
///
/// Words carry no times of their own: a transcript tells only when a line begins and ends.
///
/// # Errors
/// If the name fits nobody or several, or there is nothing to judge by.
pub fn assign(
    transcript: &Transcript,
    rep_name: Option<&str>,
    ipus: ByParty<&[Stretch]>,
) -> Result<Vec<Utterance>, AssignError> {
    let speakers = match rep_name {
        Some(wanted) => by_name(transcript, wanted)?,
        None => by_voice(transcript, ipus)?,
    };
    let mut utterances = Vec::with_capacity(transcript.lines.len());
    for line in &transcript.lines {
        let named = line.speaker.as_ref().and_then(|speaker| speakers.get(speaker.as_str()).copied());
        let party = match line.party.or(named) {
            Some(party) => party,
            None => heard([line], ipus).ok_or(AssignError::NoVoice)?,
        };
        utterances.push(Utterance {
            party,
            stretch: line.stretch,
            text: line.text.clone(),
            words: Vec::new(),
            // A platform does not say how sure it is.
            confidence: 1.0,
            source: Source::Transcript,
        });
    }
    Ok(utterances)
}

type Speakers<'a> = BTreeMap<&'a str, Party>;

fn by_name<'a>(transcript: &'a Transcript, wanted: &str) -> Result<Speakers<'a>, AssignError> {
    let names: Speakers<'_> =
        transcript.lines.iter().filter_map(|line| Some((line.speaker.as_deref()?, Party::Client))).collect();
    let lower = wanted.trim().to_lowercase();
    let exact: Vec<&str> = names.keys().copied().filter(|name| name.to_lowercase() == lower).collect();
    let partly = || names.keys().copied().filter(|name| name.to_lowercase().contains(&lower));
    let fitting = if exact.is_empty() { partly().collect() } else { exact };
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    match fitting[..] {
        _ if names.is_empty() => Err(AssignError::NoNames),
        [rep] => Ok(names.into_keys().map(|name| (name, party_of(name == rep))).collect()),
        [] => Err(AssignError::NoSuchName {
            wanted: wanted.to_owned(),
            names: owned(&names.into_keys().collect::<Vec<_>>()),
        }),
        _ => Err(AssignError::Ambiguous { wanted: wanted.to_owned(), names: owned(&fitting) }),
    }
}

fn party_of(is_rep: bool) -> Party {
    if is_rep { Party::Rep } else { Party::Client }
}

fn by_voice<'a>(transcript: &'a Transcript, ipus: ByParty<&[Stretch]>) -> Result<Speakers<'a>, AssignError> {
    let mut lines: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
    for line in transcript.lines.iter().filter(|line| line.party.is_none()) {
        if let Some(speaker) = line.speaker.as_deref() {
            lines.entry(speaker).or_default().push(line);
        }
    }
    let judged = lines.into_iter().map(|(speaker, lines)| Some((speaker, heard(lines, ipus)?)));
    judged.collect::<Option<_>>().ok_or(AssignError::NoVoice)
}

/// The party whose voice fills more of these lines; if neither's does, the one whose voice is nearest. `None` if nobody was
/// heard at all.
fn heard<'a>(lines: impl IntoIterator<Item = &'a Line>, ipus: ByParty<&[Stretch]>) -> Option<Party> {
    if ipus.rep.is_empty() && ipus.client.is_empty() {
        return None;
    }
    let mut shared = ByParty { rep: Span::ZERO, client: Span::ZERO };
    let mut apart = ByParty { rep: Span::ZERO, client: Span::ZERO };
    for line in lines {
        for party in Party::BOTH {
            shared[party] += overlap(line.stretch, ipus[party]);
            apart[party] += distance(line.stretch.start, ipus[party]);
        }
    }
    let more = shared.rep.cmp(&shared.client);
    Some(party_of(more.then(apart.client.cmp(&apart.rep)).is_gt()))
}

/// How much of `line` lies in `ipus`.
fn overlap(line: Stretch, ipus: &[Stretch]) -> Span {
    let first = ipus.partition_point(|ipu| ipu.end <= line.start);
    let meanwhile = ipus[first..].iter().take_while(|ipu| ipu.start < line.end);
    meanwhile.filter_map(|ipu| ipu.overlap(line)).map(Stretch::len).sum()
}

/// How far from the nearest of `ipus`; an hour where there are none.
fn distance(at: AudioTime, ipus: &[Stretch]) -> Span {
    let after = ipus.partition_point(|ipu| ipu.end <= at);
    let before = after.checked_sub(1).map(|before| at.since(ipus[before].end));
    let next = ipus.get(after).map(|ipu| ipu.start.since(at));
    before.into_iter().chain(next).min().unwrap_or(Span::from_secs(3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(start: u64, end: u64) -> Stretch {
        Stretch::new(AudioTime::from_millis(start * 1000), AudioTime::from_millis(end * 1000))
    }

    fn transcript(lines: &[(&str, u64, u64)]) -> Transcript {
        let line = |&(name, start, end): &(&str, u64, u64)| Line {
            speaker: (!name.is_empty()).then(|| name.to_owned()),
            party: None,
            stretch: secs(start, end),
            text: format!("{start}"),
        };
        Transcript { lines: lines.iter().map(line).collect(), notes: Default::default() }
    }

    /// The parties of the lines: `r` and `c`.
    fn parties(
        lines: &[(&str, u64, u64)],
        rep_name: Option<&str>,
        ipus: ByParty<&[Stretch]>,
    ) -> Result<String, String> {
        let assigned = assign(&transcript(lines), rep_name, ipus).map_err(|error| error.to_string())?;
        Ok(assigned.iter().map(|said| if said.party == Party::Rep { 'r' } else { 'c' }).collect())
    }

    const NOBODY: ByParty<&[Stretch]> = ByParty { rep: &[], client: &[] };

    #[test]
    fn a_name_or_a_part_of_it_is_enough() {
        let lines = [("Ann Lee", 0, 1), ("Bob Lee", 1, 2), ("Ann Lee", 2, 3), ("Cy", 3, 4)];
        for (name, expected) in [
            ("Ann Lee", Ok("rcrc")),
            ("ann", Ok("rcrc")),
            (" BOB ", Ok("crcc")),
            ("Lee", Err("\"Lee\" could be Ann Lee or Bob Lee; give more of the name")),
            ("Dan", Err("nobody in the transcript is called \"Dan\"; there are Ann Lee, Bob Lee, Cy")),
        ] {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(parties(&lines, Some(name), NOBODY), expected, "{name}");
        }
        // A whole name is meant, though it is also a part of another.
        assert_eq!(parties(&[("Ann", 0, 1), ("Anna", 1, 2)], Some("ann"), NOBODY), Ok("rc".into()));
        assert!(
            parties(&[("", 0, 1)], Some("ann"), NOBODY).is_err_and(|error| error.contains("names nobody"))
        );
    }

    #[test]
    fn without_a_name_the_voices_decide() {
        let rep = [secs(0, 5), secs(20, 25)];
        let client = [secs(4, 12), secs(30, 40)];
        let ipus = ByParty { rep: &rep[..], client: &client[..] };
        // Bob's second line lies in the rep's speech, most of his words do not.
        let named = [("Ann", 0, 5), ("Bob", 5, 12), ("Bob", 20, 22), ("Ann", 21, 25), ("Bob", 30, 35)];
        assert_eq!(parties(&named, None, ipus), Ok("rccrc".into()));
        let nameless = [("", 0, 5), ("", 5, 12), ("", 20, 22), ("", 26, 27), ("", 28, 29)];
        assert_eq!(parties(&nameless, None, ipus), Ok("rcrrc".into()), "silence goes to the nearest voice");
        assert!(parties(&named, None, NOBODY).is_err_and(|error| error.contains("--rep-name")));
    }

    #[test]
    fn two_people_at_one_microphone_are_one_party() {
        let (rep, client) = ([secs(0, 10)], [secs(10, 30)]);
        let ipus = ByParty { rep: &rep[..], client: &client[..] };
        assert_eq!(parties(&[("A", 0, 10), ("B", 10, 20), ("C", 20, 30)], None, ipus), Ok("rcc".into()));
    }

    #[test]
    fn what_the_transcript_says_itself_stands() {
        let mut said = transcript(&[("", 0, 1), ("", 1, 2)]);
        said.lines[0].party = Some(Party::Client);
        said.lines[1].party = Some(Party::Rep);
        let assigned = assign(&said, None, NOBODY).expect("nothing to judge");
        assert_eq!(assigned[0].party, Party::Client);
        assert_eq!(assigned[1].source, Source::Transcript);
    }
}
