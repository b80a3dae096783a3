//! Every setting: key, default, allowed range, and what it does. The one source of all of these.

use std::fmt::Write as _;

use toml::de::DeValue;

use super::name::{KEY, is_key, is_language, is_model_name, is_theme};
use super::value::{Unit, Value};
use super::{HEADING, Name, Row};
use crate::units::Span;

const fn ms(millis: u64) -> Span {
    Span::from_millis(millis)
}

const fn secs(secs: u64) -> Span {
    Span::from_secs(secs)
}

// A number that names no source is part of a definition: it says what the word above it means in Heard.
settings! {
    /// Who holds the floor, and what an overlap is.
    [turns] turns: TurnSettings {
        /// Silence that ends a stretch of speech. Pauses inside one speaker's phrase are mostly shorter.
        hangover_ms => hangover: Span = ms(200), 50..1000;
        /// Lone sounds shorter than this are not speech: clicks, coughs, keys.
        min_burst_ms => min_burst: Span = ms(100), 20..500;
        /// Stretches of one speaker with gaps below this count as one.
        cluster_gap_ms => cluster_gap: Span = ms(500), 100..2000;
        /// So much speech with the other silent takes the floor.
        floor_ms => floor: Span = ms(1000), 300..5000;
        /// A shorter one takes the floor too if the other stays silent this long after it: a short answer.
        short_answer_ms => short_answer: Span = ms(500), 100..3000;
        /// Both begin within this time: a collision, and nobody is blamed.
        collision_ms => collision: Span = ms(300), 0..1000;
        /// Longest "mm-hm". In recorded meetings 95 of 100 are shorter than 1000 ms and 97 than 1300 ms; nobody is blamed for
        /// one that lasts a little longer.
        backchannel_max_ms => backchannel_max: Span = ms(1300), 200..3000;
        /// Silence around an "mm-hm" on its speaker's side.
        isolation_ms => isolation: Span = ms(1000), 0..3000;
        /// Coming in this close to the other's end is a jump-in, no interruption.
        terminal_overlap_ms => terminal_overlap: Span = ms(500), 0..2000;
        /// Overlap after which a bid for the floor is raised live: from 500 ms on it can be told from an "mm-hm" best.
        floor_bid_ms => floor_bid: Span = ms(500), 200..3000;
        /// Both stop within this time: a mutual stop, decided by who goes on.
        mutual_stop_ms => mutual_stop: Span = ms(200), 0..1000;
        /// A mutual stop after which nobody takes the floor for so long stays undecided.
        undecided_ms => undecided: Span = ms(2000), 500..10000;
        /// Overlap without a break that counts as talking over the other.
        talking_over_ms => talking_over: Span = ms(1000), 300..5000;
    }

    /// What is measured over a call.
    [metrics] metrics: MetricSettings {
        /// Silence of both that ends a monologue.
        monologue_pause_ms => monologue_pause: Span = ms(1500), 500..10000;
        /// The recent stretch that "the last minutes" means.
        window_s => window: Span = secs(300), 30..3600;
        /// Speech of both together before a talk share is shown: below it the share says nothing.
        share_after_s => share_after: Span = secs(60), 0..600;
        /// Answers that come faster than this are jump-ins: a considered answer takes longer.
        jump_in_ms => jump_in: Span = ms(200), 0..1000;
        /// A client turn this long deserves a pause before the answer.
        long_turn_s => long_turn: Span = secs(5), 1..120;
        /// Silences between these two, left standing after the client, are a credit.
        extended_silence_s => extended_silence: [Span; 2] = [secs(3), secs(9)], 1..60;
    }

    /// When the overlay speaks up.
    [coach] coach: CoachSettings {
        /// Whether there are nudges at all.
        enabled => enabled: bool = true, ();
        /// Talking so long without a pause asks for one.
        monologue_s => monologue: Span = secs(120), 20..900;
        /// Silence of the coach at the start of a call, so that people can arrive.
        quiet_start_s => quiet_start: Span = secs(60), 0..900;
        /// Least time between two nudges.
        min_gap_s => min_gap: Span = secs(30), 5..900;
        /// Least time between two nudges of the same kind.
        same_kind_gap_s => same_kind_gap: Span = secs(120), 5..3600;
        /// Most nudges in half an hour.
        max_per_30_min => max_per_30_min: u32 = 6, 1..60;
        /// A condition must hold so long before it is worth a nudge.
        sustain_ms => sustain: Span = ms(2500), 0..20000;
        /// The same for talking over the client, which cannot wait as long.
        talking_over_ms => talking_over: Span = ms(1000), 300..5000;
    }

    /// The small window beside the camera.
    [overlay] overlay: OverlaySettings {
        /// Its size, in percent of the size that it was designed in.
        scale => scale: u32 = 100, 60..250;
        /// Its colours: as the system has it, or always dark or light.
        theme => theme: Name = Name::fixed("system"), (is_theme, "\"system\", \"dark\" or \"light\"");
        /// Leave it out when the screen is shared or recorded. Windows can; macOS did until version 15; Linux cannot.
        hidden_from_capture => hidden_from_capture: bool = false, ();
        /// The key that hides it and shows it again, wherever you type. Not under Wayland.
        hide_key => hide_key: Name = Name::fixed("Ctrl+Alt+H"), (is_key, KEY);
        /// The key that marks a moment of the call, to look at again.
        mark_key => mark_key: Name = Name::fixed("Ctrl+Alt+M"), (is_key, KEY);
        /// The key that takes hold of it, to move or click it, and lets it go.
        hold_key => hold_key: Name = Name::fixed("Ctrl+Alt+O"), (is_key, KEY);
    }

    /// What is said, as words, worked out on this computer.
    [speech] speech: SpeechSettings {
        /// The recogniser's model: a name, "auto" for the best one installed that suits this computer, or "none" for no words.
        model => model: Name = Name::fixed("auto"), (is_model_name, "a model's name, \"auto\" or \"none\"");
        /// The language spoken; models whose name ends in .en know English only.
        language => language: Name = Name::fixed("en"), (is_language, "a language's code such as \"en\", or \"auto\"");
        /// Processor cores to use. Two are slower than one beside a video call: they wait for each other.
        threads => threads: u32 = 1, 1..16;
        /// Let Whisper hear 30 seconds whatever was said, as it was trained to: five times slower, and perhaps fewer errors.
        full_context => full_context: bool = false, ();
    }
}
