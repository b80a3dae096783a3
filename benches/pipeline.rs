//! How fast a recording becomes a record, beside the naive chain on the same file: `make bench`.
//!
//! The input is the bundled call repeated to 30 minutes of 48 kHz stereo WAV. Throughput is in items, and an item is a
//! second of the recording: "1.5 Kitem/s" is 1,500 times real time.

use std::fs::File;
use std::hint::black_box;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::thread;

use divan::counter::ItemsCount;
use divan::{Bencher, Divan};
use heard::audio::{HOP, Side};
use heard::config::Settings;
use heard::io::analyze::{Analysis, Channels, analyze};
use heard::io::file::Recording;
use heard::units::Dbfs;
use heard::voice::detector::Detector;

const SECONDS: usize = 30 * 60;
const RATE_HZ: usize = 48_000;

/// The two kinds of recording there are: with a room around each voice, and with the digital silence that noise suppression and
/// conferencing programs put between words.
const INPUTS: [&str; 2] = ["room_noise", "digital_silence"];

struct Inputs {
    /// Removed at the end of the run.
    folder: tempfile::TempDir,
}

static INPUT: LazyLock<Inputs> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in INPUTS {
        write_input(&folder.path().join(name), name == "digital_silence");
    }
    Inputs { folder }
});

fn input(name: &str) -> PathBuf {
    INPUT.folder.path().join(name)
}

/// The bundled call at 16 kHz, each moment three times with a straight line between, over and over.
fn write_input(path: &Path, silence_between: bool) {
    let mut call = bundled_call();
    if silence_between {
        keep_speech_alone(&mut call);
    }
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: RATE_HZ as u32,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let out = BufWriter::new(File::create(path).expect("a writable folder"));
    let mut wav = hound::WavWriter::new(out, spec).expect("a valid header");
    let moments = call.as_chunks::<2>().0;
    for frame in 0..SECONDS * RATE_HZ {
        let (here, next) = (moments[frame / 3 % moments.len()], moments[(frame / 3 + 1) % moments.len()]);
        let part = (frame % 3) as f32 / 3.0;
        for side in 0..2 {
            let sample = here[side] + (next[side] - here[side]) * part;
            wav.write_sample((sample * 32_767.0) as i16).expect("space on the disk");
        }
    }
    wav.finalize().expect("space on the disk");
}

/// Silences everything that is not within 100 ms of what the script says.
fn keep_speech_alone(call: &mut [f32]) {
    let truth: serde_json::Value =
        serde_json::from_str(include_str!("../demo/truth.json")).expect("truth is JSON");
    let mut spoken = [vec![false; call.len() / 2], vec![false; call.len() / 2]];
    for line in truth["lines"].as_array().expect("lines") {
        let side = usize::from(line["who"] != "rep");
        let index = |secs: f64| ((secs * 16_000.0).max(0.0) as usize).min(call.len() / 2);
        let (start, end) = (line["start"].as_f64().expect("seconds"), line["end"].as_f64().expect("seconds"));
        spoken[side][index(start - 0.1)..index(end + 0.1)].fill(true);
    }
    for (i, sample) in call.iter_mut().enumerate() {
        if !spoken[i % 2][i / 2] {
            *sample = 0.0;
        }
    }
}

fn bundled_call() -> Vec<f32> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/call.ogg");
    let mut recording = Recording::open(&path).expect("the bundled call");
    let mut samples = Vec::new();
    while let Some(block) = recording.next_block().expect("the bundled call") {
        samples.extend_from_slice(block);
    }
    samples
}

fn run(path: &Path) -> Analysis {
    let channels = Channels::Stereo { rep: Side::Left };
    analyze(path, channels, &Settings::default(), |_| {}, |_, _| {}).expect("a readable file")
}

/// From the file to the record, on one thread.
#[divan::bench(args = INPUTS, sample_count = 7, sample_size = 1)]
fn whole_pipeline(bencher: Bencher, name: &str) {
    let wav = input(name);
    bencher.counter(ItemsCount::new(SECONDS)).bench(|| run(black_box(&wav)));
}

/// What one would write first: hound, a 96-tap FIR to 16 kHz, earshot on everything, for both channels. It concludes nothing.
#[divan::bench(args = INPUTS, sample_count = 7, sample_size = 1)]
fn naive_chain(bencher: Bencher, name: &str) {
    let wav = input(name);
    bencher.counter(ItemsCount::new(SECONDS)).bench(|| naive(black_box(&wav)));
}

fn naive(path: &Path) -> f32 {
    const TAPS: usize = 96;
    let sinc =
        |x: f32| if x == 0.0 { 1.0 } else { (std::f32::consts::PI * x).sin() / (std::f32::consts::PI * x) };
    let filter: [f32; TAPS] = std::array::from_fn(|i| {
        let x = i as f32 - (TAPS as f32 - 1.0) / 2.0;
        let window = 0.5 - 0.5 * (2.0 * std::f32::consts::PI * i as f32 / (TAPS as f32 - 1.0)).cos();
        sinc(x * 0.3) * 0.3 * window
    });
    let mut reader = hound::WavReader::open(path).expect("a readable file");
    let mut sides = [Vec::new(), Vec::new()];
    let mut detectors = [earshot::Detector::default_boxed(), earshot::Detector::default_boxed()];
    let (mut low, mut voiced) = ([0.0f32; 256], 0.0);
    for (i, sample) in reader.samples::<i16>().enumerate() {
        let (side, detector) = (&mut sides[i % 2], &mut detectors[i % 2]);
        side.push(f32::from(sample.expect("a whole file")) / 32_768.0);
        if side.len() == TAPS + 3 * 256 {
            for (k, out) in low.iter_mut().enumerate() {
                let mut sums = [0.0f32; 8];
                for (x, h) in
                    side[3 * k..3 * k + TAPS].as_chunks::<8>().0.iter().zip(filter.as_chunks::<8>().0)
                {
                    sums = std::array::from_fn(|lane| sums[lane] + x[lane] * h[lane]);
                }
                *out = sums.iter().sum::<f32>().clamp(-1.0, 1.0);
            }
            voiced += detector.predict_f32(&low);
            side.drain(..3 * 256);
        }
    }
    voiced
}

/// Two files one after the other on one thread, and both at once on two.
#[divan::bench(args = [1, 2], sample_count = 5, sample_size = 1)]
fn two_files_on_threads(bencher: Bencher, threads: usize) {
    let wav = &input(INPUTS[0]);
    bencher.counter(ItemsCount::new(2 * SECONDS)).bench(|| match threads {
        1 => (0..2).for_each(|_| drop(run(black_box(wav)))),
        _ => thread::scope(|scope| {
            for i in 0..2 {
                let worker = thread::Builder::new().name(format!("analyze-{i}"));
                worker.spawn_scoped(scope, || run(black_box(wav))).expect("a thread");
            }
        }),
    });
}

/// The voice detector alone, on one channel of the bundled call, per second of sound.
#[divan::bench(args = ["rep", "client"], sample_count = 20, sample_size = 1)]
fn voice_detector(bencher: Bencher, party: &str) {
    let call = bundled_call();
    let side = usize::from(party == "client");
    let channel: Vec<f32> = call.as_chunks::<2>().0.iter().map(|moment| moment[side]).collect();
    bencher.counter(ItemsCount::new(channel.len() / 16_000)).bench(|| {
        let mut detector = Detector::new();
        channel.as_chunks::<HOP>().0.iter().map(|hop| detector.push(hop, Dbfs::of(hop))).sum::<f32>()
    });
}

fn main() {
    LazyLock::force(&INPUT);
    Divan::from_args().main();
}
