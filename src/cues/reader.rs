//! Reads one utterance: takes it apart, finds phrases, weighs features, and lets each lens decide.

use std::ops::Range;

use crate::units::Party;

use super::CueKind;
use super::context::Context;
use super::features::{About, Feature, Seen, features};
use super::lexicon::Lexicon;
use super::model::{self, HEADS, Model, Places};
use super::phrases::{Found, Hit, Phrase, Phrases, Situation, Strength};
use super::tables::TableError;
use super::tokens::Text;
use super::{collaboration, concern, curiosity, listening, stability, trading};

/// Something said that matters.
#[derive(Clone, Debug, PartialEq)]
pub struct Cue {
    pub kind: CueKind,
    /// Bytes of the text that it stands in.
    pub words: Range<usize>,
    /// 0 to 1.
    pub confidence: f32,
    /// The rule that fired, or the words that weighed most.
    pub why: String,
}

/// An utterance and what came before it.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    pub party: Party,
    pub text: &'a str,
    /// The last turn of the other party; empty if there was none.
    pub before: &'a str,
}

/// Why a language's data cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReaderError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Weights(#[from] model::NoWeights),
}

/// Finds cues in utterances. Holds what it needs, so that reading does not allocate but for what it finds.
#[derive(Clone, Debug)]
pub struct Reader {
    lexicon: Lexicon,
    phrases: Phrases,
    model: Model,
    text: Text,
    context: Context,
    found: Found,
    places: Places,
    features: Vec<Feature>,
    taken_up: usize,
}

/// Phrase tables that come with the program, by file name.
pub const ENGLISH: [(&str, &str); 10] = [
    ("acknowledgement.toml", include_str!("../../models/phrases/en/acknowledgement.toml")),
    ("collaboration.toml", include_str!("../../models/phrases/en/collaboration.toml")),
    ("concern.toml", include_str!("../../models/phrases/en/concern.toml")),
    ("curiosity.toml", include_str!("../../models/phrases/en/curiosity.toml")),
    ("dismissive.toml", include_str!("../../models/phrases/en/dismissive.toml")),
    ("paraphrase.toml", include_str!("../../models/phrases/en/paraphrase.toml")),
    ("rapport.toml", include_str!("../../models/phrases/en/rapport.toml")),
    ("stability.toml", include_str!("../../models/phrases/en/stability.toml")),
    ("trading.toml", include_str!("../../models/phrases/en/trading.toml")),
    ("validation.toml", include_str!("../../models/phrases/en/validation.toml")),
];

/// Weights that come with the program.
pub const WEIGHTS: &[u8] = include_bytes!("../../models/cues.weights");

impl Reader {
    /// The English reader that comes with the program.
    ///
    /// # Errors
    /// If the tables or weights in the program were broken, which a test excludes.
    pub fn english() -> Result<Reader, ReaderError> {
        Reader::with_phrases([])
    }

    /// The English reader with phrase tables of the user's own beside its own.
    ///
    /// # Errors
    /// Names the file and the line of what is wrong in a table.
    pub fn with_phrases<'t>(
        own: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<Reader, ReaderError> {
        let words = ("words.toml", include_str!("../../models/phrases/en/words.toml"));
        Reader::of_language(words, ENGLISH.into_iter().chain(own), WEIGHTS)
    }

    /// A reader of any language: its `words.toml`, its phrase tables, its weights.
    ///
    /// # Errors
    /// Names the file and the line of what is wrong in a table, or says that the weights are of another version.
    pub fn of_language<'t>(
        words: (&'t str, &'t str),
        tables: impl IntoIterator<Item = (&'t str, &'t str)>,
        weights: &[u8],
    ) -> Result<Reader, ReaderError> {
        let mut lexicon = Lexicon::read(words.0, words.1)?;
        let phrases = Phrases::read(tables, &mut lexicon)?;
        lexicon.forgive_endings();
        let model = Model::from_bytes(weights)?;
        Ok(Reader {
            lexicon,
            phrases,
            model,
            text: Text::default(),
            context: Context::default(),
            found: Found::default(),
            places: Places::default(),
            features: Vec::new(),
            taken_up: 0,
        })
    }

    /// The words that it knows.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// The same reader with other weights.
    pub fn with_model(mut self, model: Model) -> Reader {
        self.model = model;
        self
    }

    /// The cues in an utterance, in the order of [`CueKind::ALL`], each kind at most once.
    pub fn read(&mut self, said: Said<'_>) -> Vec<Cue> {
        self.take_apart(said);
        if self.text.is_empty() {
            return Vec::new();
        }
        let (mut places, mut found) = (std::mem::take(&mut self.places), std::mem::take(&mut self.features));
        places.clear();
        found.clear();
        let seen = self.seen();
        features(&seen, |feature| {
            if places.push(feature.fine, feature.hash, self.model.owners()) {
                found.push(feature);
            }
        });
        let standings = Standing::all(&seen, &self.model.logits(&places));
        let reading =
            Reading { said, seen, model: &self.model, standings, features: &found, places: &places };
        let mut cues = Vec::new();
        for lens in LENSES {
            lens(&reading, &mut cues);
        }
        cues.retain(|cue| !reading.yields(cue.kind));
        cues.iter_mut().for_each(|cue| reading.show(cue));
        (self.places, self.features) = (places, found);
        cues
    }

    /// The cue was told by a phrase that its table marks as one that says itself what it does.
    pub fn says_so(&self, cue: &Cue) -> bool {
        let told = |phrase: &Phrase| phrase.explicit && phrase.kind == cue.kind && *phrase.why == *cue.why;
        self.phrases.list.iter().any(told)
    }

    /// Every feature of an utterance, as the trainer needs them.
    pub fn features(&mut self, said: Said<'_>, take: impl FnMut(Feature)) {
        self.take_apart(said);
        features(&self.seen(), take);
    }

    fn take_apart(&mut self, said: Said<'_>) {
        self.text.read(said.text, &self.lexicon);
        self.text.read_orders(said.text, &self.lexicon);
        self.context.read(said.before, &self.lexicon);
        let tokens = self.text.tokens.iter();
        self.taken_up = tokens.filter(|token| self.context.takes_up(token, &self.lexicon)).count();
        let situation = Situation { taken_up: self.taken_up > 0, reproached: self.context.reproached };
        self.phrases.find(&self.text, situation, &mut self.found);
    }

    fn seen(&self) -> Seen<'_> {
        Seen {
            text: &self.text,
            context: &self.context,
            hits: &self.found.hits,
            phrases: &self.phrases,
            lexicon: &self.lexicon,
            taken_up: self.taken_up,
        }
    }
}

/// Below this the weights outvote a phrase that would fire alone.
fn doubt(kind: CueKind) -> f32 {
    use CueKind::*;
    match kind {
        Paraphrase => 0.12,
        Validation => 0.2,
        Dismissive | UsVsThem | Concession | OwnMistake | Trade | SharedGoal | Stalemate => 0.4,
        _ => 0.25,
    }
}

/// What the weights must reach where no phrase fires. A statement that only might be meant as a question is not told as one.
fn alone(kind: CueKind) -> f32 {
    match kind {
        CueKind::ClosedQuestion => 0.65,
        // "So what we do is" stands at two in three, and tells.
        CueKind::OpenQuestion => 0.75,
        // Giving back has few words of its own; half of it would be missed.
        CueKind::Paraphrase => 0.28,
        CueKind::Validation => 0.3,
        _ => 0.5,
    }
}

/// A phrase as sure as this is not outvoted.
fn certain(kind: CueKind) -> f32 {
    use CueKind::*;
    match kind {
        // What is held against somebody, or given away, is never told against the weights: "my neighbour got stuck" is no standstill.
        Dismissive | UsVsThem | Concession | OwnMistake | Trade | SharedGoal | Stalemate => f32::INFINITY,
        _ => 0.9,
    }
}

/// Every lens looks at the utterance for itself; the order is that of the cues in a record.
const LENSES: [fn(&Reading<'_>, &mut Vec<Cue>); 6] =
    [curiosity::cues, listening::cues, collaboration::cues, trading::cues, stability::cues, concern::cues];

/// An utterance with all that is known about it, for the lenses.
pub struct Reading<'a> {
    pub said: Said<'a>,
    pub seen: Seen<'a>,
    model: &'a Model,
    standings: [Standing; CueKind::ALL.len()],
    /// Those that have a weight.
    features: &'a [Feature],
    /// Where it lies, for each of them.
    places: &'a Places,
}

/// What phrases and weights say about one kind.
#[derive(Clone, Copy, Debug, Default)]
struct Standing {
    /// The surest phrase that fires alone, with its confidence.
    surest: Option<(Hit, f32)>,
    hinted: bool,
    against: bool,
    /// What the weights make of it; `None` for a kind without weights.
    weighed: Option<f32>,
}

impl Standing {
    /// Of every kind, in the order of [`CueKind::ALL`].
    fn all(seen: &Seen<'_>, logits: &[f32; HEADS]) -> [Standing; CueKind::ALL.len()] {
        let mut all = CueKind::ALL.map(|kind| Standing {
            weighed: model::head(kind).map(|head| probability(logits[head])),
            ..Standing::default()
        });
        for hit in seen.hits {
            let phrase = &seen.phrases.list[usize::from(hit.phrase)];
            let standing = &mut all[phrase.kind as usize];
            standing.hinted = true;
            match phrase.strength {
                Strength::Sure(sure) if standing.surest.is_none_or(|(_, other)| sure > other) => {
                    standing.surest = Some((*hit, sure));
                }
                Strength::Against => standing.against = true,
                _ => {}
            }
        }
        all
    }
}

impl Reading<'_> {
    fn standing(&self, kind: CueKind) -> &Standing {
        &self.standings[kind as usize]
    }

    /// Any phrase of the kind was found, be it a hint.
    pub fn hinted(&self, kind: CueKind) -> bool {
        self.standing(kind).hinted
    }

    /// A phrase forbids the kind.
    pub fn against(&self, kind: CueKind) -> bool {
        self.standing(kind).against
    }

    /// A phrase that fires alone was found for the kind, and neither the weights nor another phrase is against it.
    pub fn by_phrase(&self, kind: CueKind) -> bool {
        let Standing { surest, against, weighed, .. } = self.standing(kind);
        let doubted = weighed.is_some_and(|weighed| weighed < doubt(kind));
        !against && surest.is_some_and(|(_, sure)| !doubted || sure >= certain(kind))
    }

    /// A phrase of a question was found, open or closed.
    pub fn asks(&self) -> bool {
        self.by_phrase(CueKind::OpenQuestion) || self.by_phrase(CueKind::ClosedQuestion)
    }

    /// A kind by weight alone gives way where a phrase says something that does not go with it.
    fn yields(&self, kind: CueKind) -> bool {
        use CueKind::*;
        let said = |kinds: &[CueKind]| kinds.iter().any(|other| *other != kind && self.by_phrase(*other));
        let contrary = match kind {
            // "Let's work out a plan together" and "if you sign, we drop the fee" ask for nothing.
            OpenQuestion => said(&[Partnership, SharedGoal, Trade, Concession, OwnMistake, Promise]),
            ClosedQuestion => said(&[OwnMistake, Partnership, SharedGoal, Promise]),
            Paraphrase | Promise => said(&[Partnership, SharedGoal]),
            Partnership => said(&[UsVsThem, Stalemate, Dismissive, Trade, Concession]),
            SharedGoal => said(&[UsVsThem, Stalemate, Dismissive]),
            UsVsThem => said(&[OwnMistake, Trade, Concession, Paraphrase, Validation]),
            Dismissive => said(&[OwnMistake, Trade, Concession, Validation, Partnership, SharedGoal]),
            OwnMistake => said(&[Promise]),
            Trade => said(&[Stalemate]),
            Stalemate => said(&[SharedGoal, Partnership, Dismissive]),
            // Who is worried honours nobody's worry.
            Validation if self.said.party == Party::Client && said(&[Concern]) => true,
            Validation => said(&[UsVsThem, OwnMistake, Stalemate, Dismissive, SharedGoal]),
            Concession => said(&[UsVsThem, OwnMistake, Stalemate, Dismissive, Paraphrase, OpenQuestion]),
            Rapport => said(&[UsVsThem, OwnMistake, Stalemate, Dismissive, Concession]),
            _ => false,
        };
        contrary && !self.by_phrase(kind)
    }

    /// How sure the surest phrase of a kind is; 0 without one.
    pub fn sureness(&self, kind: CueKind) -> f32 {
        self.standing(kind).surest.map_or(0.0, |(_, sure)| sure)
    }

    /// What phrases and weights say about a kind; see [`Reading::show`] for what the weights found.
    pub fn found(&self, kind: CueKind) -> Option<Cue> {
        let Standing { surest, against, weighed, .. } = *self.standing(kind);
        if against {
            return None;
        }
        if let Some((hit, sure)) = surest
            && self.by_phrase(kind)
        {
            return Some(self.told(kind, hit, weighed.map_or(sure, |weighed| sure.max(weighed))));
        }
        let confidence = weighed.filter(|confidence| *confidence >= alone(kind))?;
        Some(Cue { kind, words: 0..0, confidence, why: String::new() })
    }

    /// Fills in the words and the reason of a cue that the weights found: what is not told in the end need not be explained.
    pub fn show(&self, cue: &mut Cue) {
        if cue.why.is_empty()
            && let Some(head) = model::head(cue.kind)
        {
            (cue.words, cue.why) = self.strongest(head);
        }
    }

    /// The cue that a phrase tells.
    fn told(&self, kind: CueKind, hit: Hit, confidence: f32) -> Cue {
        let phrase = &self.seen.phrases.list[usize::from(hit.phrase)];
        let words = self.seen.text.bytes(hit.first..hit.end);
        Cue { kind, words, confidence, why: phrase.why.to_string() }
    }

    /// What a phrase says of a kind, however little the weights make of it.
    pub fn named(&self, kind: CueKind) -> Option<Cue> {
        let (hit, sure) = self.standing(kind).surest.filter(|_| !self.against(kind))?;
        Some(self.told(kind, hit, sure))
    }

    /// The words that weighed most for a kind, and their names.
    fn strongest(&self, head: usize) -> (Range<usize>, String) {
        let mut by_token = vec![0.0_f32; self.seen.text.tokens.len()];
        let mut best: [(f32, Option<Feature>); 3] = [(0.0, None); 3];
        let value = model::fine_value(self.places.fine.len() as u32);
        let (mut fine, mut strong) = (self.places.fine.iter(), self.places.strong.iter());
        for feature in self.features.iter().copied() {
            let place = if feature.fine { fine.next() } else { strong.next() };
            let share = place.map_or(0.0, |place| self.model.share_of(feature.fine, *place, head, value));
            if share == 0.0 {
                continue;
            }
            if feature.end > feature.first {
                let each = share / (feature.end - feature.first) as f32;
                for token in &mut by_token[feature.first..feature.end] {
                    *token += each;
                }
            }
            let told = feature.end > feature.first || !matches!(feature.about, About::Length);
            if told && share > best[2].0 {
                best[2] = (share, Some(feature));
                best.sort_by(|a, b| b.0.total_cmp(&a.0));
            }
        }
        let mut names: Vec<String> = Vec::new();
        for feature in best.iter().filter_map(|(_, feature)| *feature) {
            let name = self.name(feature);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        (self.seen.text.bytes(heaviest(&by_token)), names.join(", "))
    }

    /// A feature in plain words.
    fn name(&self, feature: Feature) -> String {
        let quoted = || {
            let bytes = self.seen.text.bytes(feature.first..feature.end);
            format!("\"{}\"", self.said.text.get(bytes).unwrap_or_default())
        };
        match feature.about {
            About::Words | About::Letters => quoted(),
            About::Phrase(index) => self.seen.phrases.list[usize::from(index)].why.to_string(),
            About::Length => "length".to_owned(),
            About::QuestionMark => "question mark".to_owned(),
            About::Persons => "who is spoken of".to_owned(),
            About::Uptake => "takes up the other's words".to_owned(),
            About::OthersTurn => "what the other said before".to_owned(),
        }
    }
}

/// The stretch of tokens with the largest sum; all of them if none is above zero.
fn heaviest(by_token: &[f32]) -> Range<usize> {
    let (mut best, mut best_sum) = (0..by_token.len(), 0.0);
    let (mut start, mut sum) = (0, 0.0);
    for (at, weight) in by_token.iter().enumerate() {
        if sum <= 0.0 {
            (start, sum) = (at, 0.0);
        }
        sum += weight;
        if sum > best_sum {
            (best, best_sum) = (start..at + 1, sum);
        }
    }
    best
}

fn probability(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}
