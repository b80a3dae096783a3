//! Whisper on this computer: one clip in, its words out. Runs in the recogniser's own process.
//!
//! The encoder's context is cut to the clip, which makes a clip of 5 s five times cheaper than the 30 s that the model was
//! trained on. Decoding is greedy and never tried again at a higher temperature: what is not understood the first time is
//! seldom understood the third, and invented more often. Token times are not asked for: without time tokens they are
//! garbage, so words are dated by the voice.

use whisper_rs::{
    FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperState,
    install_logging_hooks,
};

use crate::speech::{Clip, Recognised, Recogniser, RecogniserError};
use crate::units::{Span, TICKS_PER_SEC};

/// Positions of the encoder in a second, and how many it has.
const CONTEXT_PER_SEC: f64 = 50.0;
const WHOLE_CONTEXT: i32 = 1500;
/// Positions beyond the clip, and the fewest: with less the text gets worse, and nothing gets faster.
const CONTEXT_MORE: i32 = 64;
const LEAST_CONTEXT: i32 = 128;

/// A shorter clip is filled up with silence: below 100 ms nothing is recognised, below 1 s little.
const LEAST_SOUND: Span = Span::from_secs(1);

/// Fast speech has 5 words in a second, a word 1.3 tokens. More is a loop, which this ends.
const TOKENS_PER_SEC: f64 = 8.0;
const TOKENS_MORE: i32 = 12;

/// What was said before takes time to read: 50 words 90 ms.
const MOST_PROMPT_TOKENS: usize = 64;

/// Parts of the instruction set that ggml is built for; without one of them it would end in an illegal instruction.
#[cfg(target_arch = "x86_64")]
fn missing_instructions() -> Option<&'static str> {
    let has = [
        ("AVX2", is_x86_feature_detected!("avx2")),
        ("FMA", is_x86_feature_detected!("fma")),
        ("F16C", is_x86_feature_detected!("f16c")),
        ("BMI2", is_x86_feature_detected!("bmi2")),
    ];
    has.into_iter().find_map(|(name, there)| (!there).then_some(name))
}

#[cfg(not(target_arch = "x86_64"))]
fn missing_instructions() -> Option<&'static str> {
    None
}

/// A loaded model.
pub struct Whisper {
    context: WhisperContext,
    state: WhisperState,
    params: FullParams<'static, 'static>,
    full_context: bool,
    prompt: Vec<i32>,
}

impl Whisper {
    /// Loads a model from the bytes of its file. `language` is a code or "auto"; `full_context` encodes 30 s for every clip.
    ///
    /// # Errors
    /// If this processor or these bytes will not do; one sentence.
    pub fn load(bytes: &[u8], language: &str, full_context: bool) -> Result<Whisper, RecogniserError> {
        if let Some(name) = missing_instructions() {
            return Err(RecogniserError(format!(
                "this processor is too old for Whisper (it lacks {name}); use --model none, or the meeting's own transcript \
                 with --transcript"
            )));
        }
        install_logging_hooks();
        let refused = |what: &str| {
            RecogniserError(format!(
                "{what}; check the model with heard models verify, or choose a smaller one"
            ))
        };
        let context = WhisperContext::new_from_buffer_with_params(bytes, WhisperContextParameters::default())
            .map_err(|_| refused("Whisper cannot load this model"))?;
        let state =
            context.create_state().map_err(|_| refused("there is not enough memory for this model"))?;
        let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        // A model that knows only English must be asked for English.
        let language = if context.is_multilingual() { language } else { "en" };
        // The parameters keep it for as long as they live, which is as long as the process.
        params.set_language(Some(language.to_owned().leak()));
        params.set_n_threads(1);
        params.set_single_segment(true);
        params.set_no_context(true);
        params.set_no_timestamps(true);
        params.set_temperature(0.0);
        params.set_temperature_inc(0.0);
        params.set_suppress_blank(true);
        params.set_suppress_nst(true);
        params.set_print_special(false);
        params.set_print_progress(false);
        params.set_print_realtime(false);
        params.set_print_timestamps(false);
        Ok(Whisper { context, state, params, full_context, prompt: Vec::new() })
    }

    /// How many of the encoder's positions a clip needs.
    fn positions(&self, secs: f64) -> i32 {
        if self.full_context {
            return WHOLE_CONTEXT;
        }
        ((secs * CONTEXT_PER_SEC).ceil() as i32 + CONTEXT_MORE).clamp(LEAST_CONTEXT, WHOLE_CONTEXT)
    }
}

impl Recogniser for Whisper {
    fn recognise(&mut self, clip: &Clip) -> Result<Recognised, RecogniserError> {
        let secs = clip.len().as_secs_f64();
        let mut filled;
        let mut samples = clip.samples.as_slice();
        let least = LEAST_SOUND.ticks() as usize;
        if samples.len() < least {
            filled = samples.to_vec();
            filled.resize(least, 0.0);
            samples = &filled;
        }
        let mut params: FullParams<'_, '_> = self.params.clone();
        params.set_audio_ctx(self.positions(samples.len() as f64 / TICKS_PER_SEC as f64));
        params.set_max_tokens((secs * TOKENS_PER_SEC) as i32 + TOKENS_MORE);
        params.set_tokens(&self.prompt);
        self.state
            .full(params, samples)
            .map_err(|error| RecogniserError(format!("Whisper could not work on a clip ({error})")))?;
        let (mut text, mut no_speech) = (String::new(), 0.0f32);
        let (mut log_sum, mut count) = (0.0f64, 0u32);
        let first_special = self.context.token_eot();
        for segment in self.state.as_iter() {
            text.push_str(&segment.to_str_lossy().unwrap_or_default());
            no_speech = no_speech.max(segment.no_speech_probability());
            let tokens = (0..segment.n_tokens()).filter_map(|n| segment.get_token(n));
            for token in tokens.filter(|token| token.token_id() < first_special) {
                log_sum += f64::from(token.token_probability().max(1e-6)).ln();
                count += 1;
            }
        }
        let confidence = if count == 0 { 0.0 } else { (log_sum / f64::from(count)).exp() as f32 };
        Ok(Recognised { text, confidence, no_speech, ..Recognised::default() })
    }

    fn remember(&mut self, said: &str) {
        // A prompt that cannot be read is none: it is only a help.
        let mut tokens = match said.trim() {
            "" => Vec::new(),
            said => self.context.tokenize(said, said.len() + 8).unwrap_or_default(),
        };
        self.prompt = tokens.split_off(tokens.len().saturating_sub(MOST_PROMPT_TOKENS));
    }

    fn use_threads(&mut self, most: usize) {
        self.params.set_n_threads(i32::try_from(most).unwrap_or(1).max(1));
    }
}
