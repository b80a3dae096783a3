//! Conversations drawn at random, with words: what happens in them, and what the rep should be told when.
//!
//! A script is a row of scenes. Most are talk as it should be; some hold a need, which is written down with the time in which a
//! nudge is right. Voices follow the words at the pace of speech.

use heard::coach::Kind;
use heard::cues::Preparation;
use heard::speech::{Source, Utterance};
use heard::units::{AudioTime, ByParty, Party, Span, Stretch};
use heard::voice::Ending;

use crate::drawn::Row;

/// Something that the rep should be told.
#[derive(Clone, Debug)]
pub struct Need {
    /// Any of these is right.
    pub kinds: &'static [Kind],
    /// In this time.
    pub within: Stretch,
}

/// A conversation.
#[derive(Clone, Debug, Default)]
pub struct Talk {
    pub rows: ByParty<Row>,
    pub said: Vec<Utterance>,
    pub needs: Vec<Need>,
    pub prepared: Preparation,
    pub end: AudioTime,
}

/// A die that gives the same throws for the same seed (SplitMix64).
#[derive(Clone, Debug)]
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From `from` up to, without, `to`.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % (to - from)
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.between(0, 100) < percent
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.between(0, from.len() as u64) as usize]
    }
}

/// Milliseconds for a word: 165 words a minute.
const WORD_MS: u64 = 360;

const BUSINESS: [&str; 26] = [
    "The planning module takes every order from the web shop and puts it on one page.",
    "Each site gets its own calendar, and the night shift sees the same numbers as the office.",
    "The second part is the stock list, which counts what left the shelf during the day.",
    "The rollout takes three weeks for each site, and the first week is spent on the data.",
    "The import reads spreadsheets, and it marks each row that has no address.",
    "Every driver gets a small scanner, and the scanner works without a signal.",
    "The report shows hours by team, by route and by week.",
    "The licence is counted by site, and the support desk is open from seven to nine.",
    "The training takes half a day, and there is a film for people who join later.",
    "The contract has three parts, and the second part lists the service levels.",
    "The invoice goes out on the first of the month and lists every site by name.",
    "The warehouse in the north moved to it in spring, and the one in the west in June.",
    "The mobile version has the same four pages, only smaller.",
    "The server stands in Frankfurt, and the copies are kept for ninety days.",
    "The labels come from the same printer as before, and the paper is the same size.",
    "The board shows red for late, yellow for close and green for the rest.",
    "There is a connection to the payroll, and it runs at four in the morning.",
    "The search finds a customer by name, by street or by the number on the van.",
    "The archive holds seven years, and older papers go to the cellar.",
    "The pilot had nine users, and the next step has forty.",
    "The forecast uses the last two winters and the weather of the week.",
    "The route planner knows the bridges and the hours of the schools.",
    "The tablet is mounted beside the door, and the cable runs along the frame.",
    "The update comes on a Tuesday, and the old version stays for a month.",
    "The handover document has twelve pages, and the last two are phone numbers.",
    "The second shift starts at two, and its list is printed at noon.",
];

const ANSWERS: [&str; 14] = [
    "It begins with the morning list, and then the vans go out one after the other.",
    "Three people look after it, two in the office and one at the gate.",
    "Most of it comes by phone, and a small part comes through the portal.",
    "The team in Leeds does it by hand, and the team in York has a sheet for it.",
    "In a normal week it is about four hundred, and before the holidays it is six hundred.",
    "The budget round is in October, and the director signs it in November.",
    "The two sites share one account, and the third has its own.",
    "We changed the shift plan in May, and since then the evenings are covered.",
    "The numbers go to the head office, and they put them on a slide.",
    "There are twelve vans, and two of them are electric.",
    "Finance looks at the total, and the site managers look at the hours.",
    "The old system does the orders, and the rest is paper.",
    "The drivers come in at six, load for half an hour and leave.",
    "It went live in two places, and the third follows after the summer.",
];

const QUESTIONS: [&str; 8] = [
    "What does a normal morning look like at the gate?",
    "How do the two sites share that work today?",
    "What would you like to see on the first page?",
    "How does your director decide on something like this?",
    "What happens when a van comes back late?",
    "Which part of the day matters most to your team?",
    "What would have to be true for this to work for you?",
    "How would you know in a year that it was worth it?",
];

/// What worries the client, and an answer that gives it back.
const CONCERNS: [(&str, &str); 16] = [
    (
        "We're nervous about the training, half of my people have never used a tablet.",
        "So the tablets are what makes you nervous, because half of your people have never used one. That's understandable.",
    ),
    (
        "It's frustrating, I had to explain the same fault to four different people.",
        "That sounds really frustrating, having to explain it four times. I'm sorry you had to go through that.",
    ),
    (
        "My biggest concern is that the board will say no if the figure goes up again.",
        "So what I'm hearing is that another rise could cost you the board. I can see why that keeps you up.",
    ),
    (
        "We've been burned before by a supplier who left us in the middle of it.",
        "It makes sense that you're careful after being left in the middle of it. I'd feel the same.",
    ),
    (
        "I'm not happy with how the handover was done, nobody knew who was responsible.",
        "You're right to be unhappy about that. If I understand you correctly, nobody knew who was responsible for the handover.",
    ),
    (
        "The downtime is killing us, we lost a whole Saturday of sales.",
        "Losing a whole Saturday of sales must hurt. I understand why you're upset about the downtime.",
    ),
    (
        "I don't feel comfortable signing before I know who will look after us.",
        "So it's important to you to know who will look after you before you sign. That's completely reasonable.",
    ),
    (
        "The invoices have been wrong three months in a row, and it's embarrassing in front of my boss.",
        "I can see why that's embarrassing, three wrong invoices in a row in front of your boss. I'm sorry about that.",
    ),
    (
        "I'm worried that the go live will be late again, and my drivers will be the ones who suffer.",
        "So if I hear you right, the late go live is the worry, because your drivers suffer for it. I can see why that troubles you.",
    ),
    (
        "Honestly, we're frustrated with the support, nobody called us back for a week.",
        "I understand why you're frustrated. A week without a call back is hard when the line stands still.",
    ),
    (
        "The price is too expensive for us, my finance team was shocked by the increase.",
        "So it sounds like the increase came as a shock to your finance team. I can see why that puts you in a difficult spot.",
    ),
    (
        "I'm afraid that the data will be lost when we move it over.",
        "I hear that losing data in the move is your biggest fear. That makes sense after what you went through.",
    ),
    (
        "We are really disappointed with the last delivery, half of it was damaged.",
        "I can understand why you're disappointed. Half a delivery damaged is not what you paid for, and I'm sorry about that.",
    ),
    (
        "My problem is that the team doesn't trust the new system after what happened.",
        "So what you're saying is that the trust of the team is the real problem. I can see why after what happened.",
    ),
    (
        "I'm concerned about the two year term, because we could be sold next spring.",
        "So if I understand you right, the two years worry you because of the sale. I can see why that matters.",
    ),
    (
        "It upset my people that nobody told us about the outage.",
        "I can see why that upset your people. Finding out on your own is awful, and I'm sorry that we didn't call.",
    ),
];

/// What makes a concern smaller.
const DISMISSALS: [&str; 7] = [
    "It's not a big deal, everybody has that in the beginning.",
    "You're overreacting, it was only a few days.",
    "Calm down, these things happen all the time.",
    "That's not our fault, you should have read the terms.",
    "You worry too much, it's only a minor thing.",
    "None of our other customers complained about that.",
    "You're making a big fuss about nothing.",
];

const GIVEAWAYS: [&str; 6] = [
    "Okay, I'll give you ten percent off, no problem.",
    "Fine, I'll throw in the training for free.",
    "All right, we can drop the setup fee for you.",
    "I can knock another five percent off, that's fine.",
    "Okay, you can have the extra licences for free.",
    "Then I'll lower the price to nine thousand for you.",
];

const TRADES: [&str; 8] = [
    "If you take the smaller package first, we could hold the price for a year.",
    "Would you move the start to March if I put a second engineer on it?",
    "We can shorten the notice period if you pay by the quarter.",
    "If your team does the labels, I could take two days off the bill.",
    "If we reduce the price by five percent, would you extend the contract to three years?",
    "If you can sign for two years, I could take the setup fee off.",
    "We could add the training if you start with all four sites.",
    "If I give you the lower rate, could you pay for the year in advance?",
];

const STALEMATES: [&str; 5] = [
    "That's our final offer, we can't move on that.",
    "That's non-negotiable for us.",
    "We can't go any lower, and that's final.",
    "There's no way we can accept that, take it or leave it.",
    "We're not going to change our position on that.",
];

const WARM: [(&str, &str); 4] = [
    (
        "Hi Anna, it's good to see you again! How was your holiday?",
        "Oh, it was lovely, thank you. We went up to the lake with the kids.",
    ),
    (
        "Good morning Peter, thank you for making time. How are you?",
        "Good, thanks. A bit of rain here, but the coffee is hot.",
    ),
    (
        "Hello Sara, congratulations on the new office! How is everyone settling in?",
        "Thank you, that's kind. They love the light.",
    ),
    (
        "Hi Tom, great to hear your voice. How was the weekend?",
        "Very good, thanks. My daughter won her match.",
    ),
];

const GOAL: &str = "We both want every site live before the winter";

/// Lines of a bank in an order of their own, each once before any comes again: people seldom say the same thing twice.
struct Deck<T: 'static> {
    bank: &'static [T],
    left: Vec<usize>,
}

impl<T: Copy> Deck<T> {
    fn new(bank: &'static [T]) -> Deck<T> {
        Deck { bank, left: Vec::new() }
    }

    fn draw(&mut self, dice: &mut Dice) -> T {
        if self.left.is_empty() {
            self.left = (0..self.bank.len()).collect();
        }
        let index = self.left.swap_remove(dice.between(0, self.left.len() as u64) as usize);
        self.bank[index]
    }
}

/// Writes a script down, line by line.
struct Script {
    now: u64,
    talk: Talk,
    dice: Dice,
    business: Deck<&'static str>,
    answers: Deck<&'static str>,
    questions: Deck<&'static str>,
    concerns: Deck<(&'static str, &'static str)>,
    trades: Deck<&'static str>,
}

impl Script {
    fn at(&self) -> AudioTime {
        AudioTime::from_millis(self.now)
    }

    /// A party says a line and leaves a pause after it.
    fn say(&mut self, party: Party, text: &str) {
        self.say_until(party, text, 350, 900);
    }

    fn say_until(&mut self, party: Party, text: &str, least_pause: u64, most_pause: u64) {
        for sentence in text.split_inclusive(['.', '?', '!']) {
            let sentence = sentence.trim();
            let words = sentence.split_whitespace().count() as u64;
            if words == 0 {
                continue;
            }
            let (start, end) = (self.now, self.now + words * WORD_MS);
            self.voice(party, start, end);
            self.talk.said.push(Utterance {
                party,
                stretch: Stretch::new(AudioTime::from_millis(start), AudioTime::from_millis(end)),
                text: sentence.to_owned(),
                words: Vec::new(),
                confidence: 1.0,
                source: Source::Whisper,
            });
            self.now = end + self.dice.between(300, 600);
        }
        self.now += self.dice.between(least_pause, most_pause) - 300;
    }

    fn voice(&mut self, party: Party, start: u64, end: u64) {
        let at = AudioTime::from_millis;
        self.talk.rows[party].voiced.push((at(start), at(end), Ending::Faded));
    }

    fn listen(&mut self, party: Party, at: u64) {
        self.voice(party, at, at + 400);
        self.talk.said.push(Utterance {
            party,
            stretch: Stretch::new(AudioTime::from_millis(at), AudioTime::from_millis(at + 400)),
            text: "mm-hm".to_owned(),
            words: Vec::new(),
            confidence: 1.0,
            source: Source::Whisper,
        });
    }

    /// A nudge is right from now until `millis` later.
    fn need(&mut self, since: u64, kinds: &'static [Kind], until: u64) {
        let within = Stretch::new(AudioTime::from_millis(since), AudioTime::from_millis(until));
        self.talk.needs.push(Need { kinds, within });
    }

    fn ask(&mut self) {
        let question = self.questions.draw(&mut self.dice);
        self.say(Party::Rep, question);
    }

    /// Business as it should be: short statements of the rep's, long answers of the client's.
    fn good_talk(&mut self) {
        for _ in 0..self.dice.between(1, 4) {
            match self.dice.between(0, 8) {
                0 => {
                    let (concern, answer) = self.concerns.draw(&mut self.dice);
                    self.say(Party::Client, concern);
                    self.say_until(Party::Rep, answer, 500, 900);
                    self.answer(1);
                }
                1 => {
                    let trade = self.trades.draw(&mut self.dice);
                    self.say(Party::Rep, trade);
                    self.answer(1);
                }
                _ => {
                    let statement = self.business.draw(&mut self.dice);
                    self.say(Party::Rep, statement);
                    let before = self.now;
                    self.ask();
                    self.answer(2);
                    if self.dice.chance(50) && self.now > before + 12_000 {
                        self.listen(Party::Rep, self.now - 4000);
                    }
                }
            }
        }
    }

    fn answer(&mut self, sentences: usize) {
        for _ in 0..sentences {
            let answer = self.answers.draw(&mut self.dice);
            self.say(Party::Client, answer);
        }
    }

    fn statements(&mut self, party: Party, until: u64) {
        while self.now < until {
            let bank = if party == Party::Rep { &mut self.business } else { &mut self.answers };
            let line = bank.draw(&mut self.dice);
            self.say_until(party, line, 350, 700);
        }
    }

    /// One scene with a need.
    fn needy(&mut self, kind: Kind) {
        match kind {
            Kind::PauseAndAsk => {
                self.say(Party::Client, "Then tell me about the rest of it.");
                let since = self.now;
                self.statements(Party::Rep, since + 150_000);
                self.need(since + 120_000, &[Kind::PauseAndAsk], since + 130_000);
                self.answer(3);
            }
            Kind::LetThemFinish => {
                self.ask();
                let since = self.now;
                let (from, lasts) = (since + 6000, self.dice.between(2600, 4500));
                self.voice(Party::Client, since, from + lasts + 5000);
                self.voice(Party::Rep, from, from + lasts);
                self.need(from + 1000, &[Kind::LetThemFinish], from + lasts + 300);
                self.now = from + lasts + 5400;
                self.answer(1);
            }
            Kind::AcknowledgeFirst => {
                let (concern, _) = self.concerns.draw(&mut self.dice);
                self.say(Party::Client, concern);
                let since = self.now;
                let line = if self.dice.chance(60) {
                    *self.dice.pick(&DISMISSALS)
                } else {
                    self.business.draw(&mut self.dice)
                };
                self.say(Party::Rep, line);
                let until = self.now + 9000;
                self.need(since, &[Kind::AcknowledgeFirst, Kind::SayItBack], until);
                self.answer(2);
            }
            Kind::SayItBack => {
                self.ask();
                let since = self.now;
                self.statements(Party::Client, since + 26_000);
                let from = self.now;
                let line = self.business.draw(&mut self.dice);
                self.say(Party::Rep, line);
                let until = self.now + 9000;
                self.need(from, &[Kind::SayItBack], until);
                self.answer(2);
            }
            Kind::TradeIt => {
                self.say(Party::Client, "The board looks at the total, so the figure at the end matters.");
                let since = self.now;
                let line = *self.dice.pick(&GIVEAWAYS);
                self.say(Party::Rep, line);
                self.need(since, &[Kind::TradeIt], self.now + 9000);
                self.answer(2);
            }
            Kind::Unstick => {
                let line = *self.dice.pick(&STALEMATES);
                let since = self.now;
                self.say(Party::Client, line);
                let statement = self.business.draw(&mut self.dice);
                self.say(Party::Rep, statement);
                self.need(since, &[Kind::Unstick], self.now + 9000);
                self.answer(2);
            }
            Kind::GiveItThree => {
                self.ask();
                let answer = self.answers.draw(&mut self.dice);
                self.say_until(Party::Client, answer, 3600, 7000);
                let since = self.now;
                let line = self.business.draw(&mut self.dice);
                self.say(Party::Rep, line);
                self.need(since, &[Kind::GiveItThree], self.now + 9000);
                self.answer(1);
            }
            Kind::AskOne | Kind::OpenWarm | Kind::NameTheGoal => unreachable!("these belong to a whole talk"),
        }
    }
}

/// Scenes that can stand anywhere.
const SCENES: [Kind; 7] = [
    Kind::PauseAndAsk,
    Kind::LetThemFinish,
    Kind::AcknowledgeFirst,
    Kind::SayItBack,
    Kind::TradeIt,
    Kind::Unstick,
    Kind::GiveItThree,
];

/// A talk of some ten to twenty minutes with up to four needs, each kind once, at least a minute and a half apart.
pub fn draw(seed: u64) -> Talk {
    let mut script = Script {
        now: 800,
        talk: Talk::default(),
        dice: Dice(seed),
        business: Deck::new(&BUSINESS),
        answers: Deck::new(&ANSWERS),
        questions: Deck::new(&QUESTIONS),
        concerns: Deck::new(&CONCERNS),
        trades: Deck::new(&TRADES),
    };
    let mut scenes = SCENES.to_vec();
    let warm = script.dice.chance(80);
    if warm {
        let (hello, back) = *script.dice.pick(&WARM);
        script.say(Party::Rep, hello);
        script.say(Party::Client, back);
        script.good_talk();
    } else {
        script.say(Party::Client, "Then let's start.");
        script.statements(Party::Rep, 42_000);
        script.ask();
        script.answer(2);
        let until = 118_000;
        script.need(60_000, &[Kind::OpenWarm], until);
    }
    while script.now < 100_000 {
        script.good_talk();
    }
    if script.dice.chance(50) {
        script.talk.prepared.shared_goal = Some(GOAL.to_owned());
        if script.dice.chance(50) {
            script.say(
                Party::Rep,
                "We both want every site live before the winter, so let's work on that together.",
            );
        } else {
            script.need(300_000, &[Kind::NameTheGoal], 600_000);
        }
    }
    let needs = script.dice.between(0, 5);
    for _ in 0..needs {
        let index = script.dice.between(0, scenes.len() as u64) as usize;
        let kind = scenes.swap_remove(index);
        // Apart from each other, and from what belongs to a whole talk.
        let clear = script.now + 95_000;
        while script.now < clear || (270_000..380_000).contains(&script.now) {
            script.good_talk();
        }
        script.needy(kind);
    }
    let end = script.now + script.dice.between(60_000, 240_000);
    while script.now < end {
        script.good_talk();
    }
    script.talk.end = script.at();
    let end = script.talk.end;
    script.talk.needs.retain(|need| need.within.start + Span::from_secs(30) < end);
    for party in Party::BOTH {
        script.talk.rows[party].voiced.sort_by_key(|(start, ..)| *start);
    }
    script.talk.said.sort_by_key(|utterance| utterance.stretch.start);
    script.talk
}
