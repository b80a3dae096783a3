//! Conversations as drawings: one row a party, one column a tenth of a second, `#` is voice.
//!
//! ```text
//! rep     ########......
//! client  ......####....
//! ```

use heard::config::{Settings, TurnSettings};
use heard::metrics::{Figures, Metrics};
use heard::turns::{TurnEvent, Turns};
use heard::units::{AudioTime, ByParty, Party, Span};
use heard::voice::{Edge, Ending, VoiceState};

/// Width of a column.
pub const COLUMN: Span = Span::from_millis(100);

/// Step at which the state machine sees time pass, as from frames.
const STEP: Span = Span::from_millis(10);

/// Quiet time after the end of a drawing, so that everything is decided.
const AFTER: Span = Span::from_secs(5);

/// What one party says: where it is voiced, and how each stretch ends (`#!` marks one that is broken off).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    pub voiced: Vec<(AudioTime, AudioTime, Ending)>,
}

impl Row {
    /// Reads a row; `#` is voice, `!` is voice that breaks off, everything else is silence.
    pub fn parse(text: &str) -> Row {
        let mut row = Row::default();
        let at = |column: usize| AudioTime::from_ticks(column as u64 * COLUMN.ticks());
        let mut from = None;
        let cells: Vec<char> = text.chars().chain(['.']).collect();
        for (column, cell) in cells.iter().enumerate() {
            let voiced = matches!(cell, '#' | '!');
            match (voiced, from) {
                (true, None) => from = Some(column),
                (false, Some(start)) => {
                    let ending = if cells[column - 1] == '!' { Ending::BrokenOff } else { Ending::Faded };
                    row.voiced.push((at(start), at(column), ending));
                    from = None;
                }
                _ => {}
            }
        }
        row
    }

    /// Joins what a voice detector would join: gaps shorter than the hangover.
    fn units(&self, hangover: Span) -> Vec<(AudioTime, AudioTime, Ending)> {
        let mut units: Vec<(AudioTime, AudioTime, Ending)> = Vec::new();
        for &(start, end, ending) in &self.voiced {
            match units.last_mut() {
                Some(last) if start.since(last.1) < hangover => (last.1, last.2) = (end, ending),
                _ => units.push((start, end, ending)),
            }
        }
        units
    }
}

/// The two rows of a drawing.
pub fn parse(drawing: &str) -> ByParty<Row> {
    let row = |name: &str| {
        let text: String = drawing
            .lines()
            .filter_map(|line| line.trim().strip_prefix(name))
            .map(|cells| cells.split('/').next().unwrap_or_default().trim())
            .collect();
        Row::parse(&text)
    };
    ByParty { rep: row("rep"), client: row("client") }
}

/// What came of a conversation.
pub struct Told {
    /// Each event with the moment it was told.
    pub events: Vec<(AudioTime, TurnEvent)>,
    pub figures: Figures,
    /// When the last step was taken.
    pub end: AudioTime,
}

/// Runs a conversation through turn-taking and metrics, with perfect edges.
pub fn converse(rows: &ByParty<Row>, settings: &Settings) -> Told {
    converse_before(rows, settings, |_, _, _, _| {})
}

/// The same before somebody who looks on: sees every step with how the voices stand, the figures, and what was concluded.
pub fn converse_before(
    rows: &ByParty<Row>,
    settings: &Settings,
    mut look: impl FnMut(AudioTime, &ByParty<VoiceState>, &Metrics, &[TurnEvent]),
) -> Told {
    let (mut turns, mut metrics) = (Turns::new(settings.turns), Metrics::new(settings.metrics));
    let units = rows.as_ref().map(|row| row.units(settings.turns.hangover));
    let end = Party::BOTH.map(|p| units[p].last().map_or(AudioTime::ZERO, |unit| unit.1));
    let end = end[0].max(end[1]) + AFTER;
    let mut speakers = ByParty::from_fn(|_| Speaker::default());
    let mut events = Vec::new();
    let mut out = Vec::new();
    let mut now = AudioTime::ZERO;
    while now < end {
        now += STEP;
        let state = ByParty::from_fn(|party| {
            let (state, edge) = speakers[party].step(&units[party], &rows[party], now, &settings.turns);
            if let Some(edge) = edge {
                turns.edge(party, &edge, &mut out);
            }
            state
        });
        turns.advance(&state, &mut out);
        out.iter().for_each(|event| metrics.turn(event));
        metrics.advance(now, &state, ByParty::from_fn(|party| turns.open(party)), None);
        look(now, &state, &metrics, &out);
        events.extend(out.drain(..).map(|event| (now, event)));
    }
    turns.finish(&mut out);
    out.iter().for_each(|event| metrics.turn(event));
    events.extend(out.drain(..).map(|event| (now, event)));
    Told { events, figures: metrics.figures(), end: now }
}

/// Where one party is in its row.
#[derive(Default)]
struct Speaker {
    next: usize,
    on: bool,
}

impl Speaker {
    fn step(
        &mut self,
        units: &[(AudioTime, AudioTime, Ending)],
        row: &Row,
        now: AudioTime,
        settings: &TurnSettings,
    ) -> (VoiceState, Option<Edge>) {
        let silent = |voiced_until| VoiceState { voiced_until, settled: now, speaking: false };
        let Some(&(start, stop, ending)) = units.get(self.next).filter(|(start, ..)| now > *start) else {
            return (silent(AudioTime::ZERO), None);
        };
        if now >= stop + settings.hangover {
            self.next += 1;
            self.on = false;
            let short = stop.since(start) < settings.min_burst;
            let edge = if short { Edge::Retracted { at: start } } else { Edge::Offset { at: stop, ending } };
            return (silent(stop), Some(edge));
        }
        let edge = (!self.on).then_some(Edge::Onset { at: start });
        self.on = true;
        let voiced_until = last_voiced(row, now);
        let burst = voiced_until.since(start) < settings.min_burst;
        (VoiceState { voiced_until, settled: if burst { start } else { voiced_until }, speaking: true }, edge)
    }
}

fn last_voiced(row: &Row, now: AudioTime) -> AudioTime {
    let started = row.voiced.iter().rfind(|(start, ..)| *start < now);
    started.map_or(AudioTime::ZERO, |(_, end, _)| (*end).min(now))
}
