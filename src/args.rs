//! The command line: names and options of `heard`, which are a contract.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use heard::audio::Side;
use heard::io::analyze::Channels;
use heard::io::models::Digest;
use heard::io::worker::child::Engine;

/// Was the client heard? A private meeting monitor: everything stays on this computer. Without a command it opens its window.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
pub struct Args {
    /// Settings file; `heard config` prints one with every setting and its default
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// With the window: a recording in place of devices, you on the left
    #[arg(long, value_name = "FILE", hide = true)]
    pub recording: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Subcommand)]
pub enum Command {
    /// Sum up recordings of calls
    Analyze(Analyze),
    /// Sum up the call that comes with the program
    Demo(Demo),
    /// Say what is heard, saved and sent, and whether the system enforces it
    Privacy,
    /// Find cues in JSON lines {"speaker":"rep|client","prev","text"} on standard input
    Cues(Cues),
    /// Print a settings file with every setting, its meaning and its default
    Config,
    /// Listen to a call, on this computer alone, until Ctrl-C
    Live(LiveCall),
    /// List what can be listened to, and whether sound arrives
    Devices(Devices),
    /// Speech models: what is here, getting more, checking
    #[command(subcommand)]
    Models(Models),
    /// Recognise what comes from standard input; started by Heard itself
    #[command(hide = true)]
    RecogniseWorker(RecogniseWorker),
}

#[derive(Subcommand)]
pub enum Models {
    /// What is installed, and what can be had
    List,
    /// Download a model and check it; starts `heard-fetch`, the only program of Heard that uses the network
    Fetch {
        /// Which one, such as base.en
        name: String,
        /// A mirror's folder with the published files, or the address of one file (ending in .bin)
        #[arg(long, value_name = "URL")]
        from: Option<String>,
        /// The SHA-256 digest that the file must have, for a model that is not published
        #[arg(long, value_name = "DIGEST")]
        sha256: Option<Digest>,
    },
    /// Check that models are what they should be
    Verify {
        /// A name or a file [default: all that are installed]
        name: Option<String>,
    },
    /// Take in a model file that you have
    Import(Import),
    /// Delete a model
    Remove { name: String },
}

#[derive(clap::Args)]
pub struct Import {
    pub file: PathBuf,
    /// What to call it [default: its published name, or the file's]
    #[arg(long)]
    pub name: Option<String>,
    /// Trust it without a question, though it is not published
    #[arg(long)]
    pub yes: bool,
    /// The SHA-256 digest that its source tells; instead of a question
    #[arg(long, value_name = "DIGEST")]
    pub sha256: Option<Digest>,
}

#[derive(clap::Args)]
pub struct RecogniseWorker {
    /// A Whisper model's file [default: the basic recogniser]
    #[arg(long, value_name = "PATH")]
    model: Option<PathBuf>,
    /// The basic recogniser's language model, in place of the system's
    #[arg(long, value_name = "FILE", conflicts_with = "model")]
    grammar: Option<PathBuf>,
    #[arg(long, value_name = "CODE", default_value = "en")]
    language: String,
    /// Encode 30 s for every clip
    #[arg(long)]
    full_context: bool,
}

#[derive(Default, clap::Args)]
pub struct LiveCall {
    /// Your microphone: its name or a part of it [default: the system's]
    #[arg(long, value_name = "NAME")]
    pub mic: Option<String>,
    /// The output that the client is heard on: its name or a part of it [default: the system's]
    #[arg(long, value_name = "NAME", conflicts_with = "no_far")]
    pub far: Option<String>,
    /// Listen to your side only
    #[arg(long)]
    pub no_far: bool,
    /// Show the call in this terminal alone
    #[arg(long)]
    pub no_overlay: bool,
    /// Speech recogniser: a model's name or file, or none [default: what the settings say]
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// With --model basic: a language model of your own (ARPA, .lm); nothing else is heard then
    #[arg(long, value_name = "FILE", requires = "model")]
    pub grammar: Option<PathBuf>,
    /// What you prepared: TOML with shared_goal, questions and [[trades]] of give and get
    #[arg(long, value_name = "FILE")]
    pub prep: Option<PathBuf>,
    /// A recording in place of devices, you on the left: to see a call again as it went
    #[arg(long, value_name = "FILE", conflicts_with_all = ["mic", "far", "no_far"])]
    pub from: Option<PathBuf>,
    /// Also keep the sound: a new WAV file, you on the left and the client on the right
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Print the record as JSON when the call ends
    #[arg(long)]
    pub json: bool,
    /// Print one JSON line for each event as it happens
    #[arg(long)]
    pub events: bool,
}

#[derive(clap::Args)]
pub struct Cues {
    /// A folder with phrase tables (.toml) of your own, beside those that come with the program
    #[arg(long, value_name = "FOLDER")]
    pub phrases: Option<PathBuf>,
}

#[derive(clap::Args)]
pub struct Devices {
    /// Print one JSON object a device, each on a line
    #[arg(long)]
    pub json: bool,
}

#[derive(clap::Args)]
pub struct Demo {
    /// Let a recogniser hear it: a model's name or file, basic, or none [default: its transcript]
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Do not show the overlay, though there is a display
    #[arg(long)]
    pub no_overlay: bool,
    /// Print the record as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(clap::Args)]
pub struct Analyze {
    /// Recordings: WAV, FLAC, MP3, M4A or Ogg Vorbis, one party per channel
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Print one JSON object a file, each on a line
    #[arg(long)]
    pub json: bool,
    /// Print one JSON line for each event as it happens
    #[arg(long)]
    pub events: bool,
    /// What the channels hold: one party each, or everybody [default: what the file shows]
    #[arg(long, value_enum)]
    layout: Option<LayoutArg>,
    /// The channel with your microphone
    #[arg(long, value_enum, default_value = "left")]
    rep: SideArg,
    /// The meeting platform's transcript (WebVTT, SRT, text or our JSON), in place of a recogniser
    #[arg(long, value_name = "FILE")]
    pub transcript: Option<PathBuf>,
    /// Your name in the transcript, or a part of it [default: whose voice was heard]
    #[arg(long, value_name = "NAME", requires = "transcript")]
    pub rep_name: Option<String>,
    /// What you prepared: TOML with shared_goal, questions and [[trades]] of give and get
    #[arg(long, value_name = "FILE")]
    pub prep: Option<PathBuf>,
    /// The day of the call, which promises are dated from [default: the file's own]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<jiff::civil::Date>,
    /// Speech recogniser: a model's name or file, or none [default: what the settings say]
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// With --model basic: a language model of your own (ARPA, .lm); nothing else is heard then
    #[arg(long, value_name = "FILE", requires = "model", conflicts_with = "transcript")]
    pub grammar: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum LayoutArg {
    Stereo,
    Mono,
}

#[derive(Clone, Copy, ValueEnum)]
enum SideArg {
    Left,
    Right,
}

impl RecogniseWorker {
    pub fn engine(&self) -> Engine {
        match &self.model {
            Some(model) => Engine::Whisper {
                model: model.clone(),
                language: self.language.clone(),
                full_context: self.full_context,
            },
            None => Engine::Basic { grammar: self.grammar.clone() },
        }
    }
}

impl Analyze {
    pub fn channels(&self) -> Channels {
        let rep = match self.rep {
            SideArg::Left => Side::Left,
            SideArg::Right => Side::Right,
        };
        match self.layout {
            None => Channels::Detect { rep },
            Some(LayoutArg::Stereo) => Channels::Stereo { rep },
            Some(LayoutArg::Mono) => Channels::Mono,
        }
    }
}
