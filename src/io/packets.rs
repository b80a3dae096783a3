//! Symphonia's side of a recording: its packets, decoded and put in order.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use symphonia::core::audio::{Audio, GenericAudioBufferRef as Sound};
use symphonia::core::codecs::audio::{AudioCodecId, AudioDecoder, AudioDecoderOptions, well_known as codec};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::well_known::{
    FORMAT_ID_ADTS, FORMAT_ID_MP1, FORMAT_ID_MP2, FORMAT_ID_MP3, FORMAT_ID_WAVE,
};
use symphonia::core::formats::{FormatReader, Track, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, ReadOnlySource};
use symphonia::core::packet::Packet;

use super::Refusal;

/// A hole up to this long is filled with silence; a longer jump in time stamps is taken for an error in them.
const MAX_HOLE_SECS: i64 = 10;

/// Time stamps coarser than samples may be off by 1/500 s without anything missing.
const TOLERANCE_PER_SEC: i64 = 500;

/// After so many failures in a row to find a packet, the rest of the file is given up.
const MAX_UNREAD_IN_A_ROW: u32 = 2_000;

/// Of a WAV file this much is searched for its lengths; it usually needs 44 bytes.
const WAV_HEAD_BYTES: u64 = 4096;

pub(super) struct Packets {
    reader: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: Track,
    /// Sample rate and channels of the first sound: the decoder knows better than the container.
    pub shape: Option<(u32, usize)>,
    /// Where on the time stamps' clock, in frames, the sound so far ends.
    due: Option<i64>,
    unread_in_a_row: u32,
    /// The packet before is among the damaged.
    failed: bool,
    /// The file ended in the middle of something.
    pub cut: bool,
    pub damaged: u64,
    pub not_numbers: u64,
}

impl Packets {
    /// Finds out what the file is by its content alone.
    pub fn open(file: File) -> Result<Packets, Refusal> {
        let stream = MediaSourceStream::new(source(file)?, Default::default());
        let reader = symphonia::default::get_probe()
            .probe(&Hint::new(), stream, Default::default(), Default::default())
            .map_err(|error| match error {
                Error::IoError(error) if error.kind() != io::ErrorKind::UnexpectedEof => Refusal::Read(error),
                Error::IoError(_) => Refusal::CUT,
                Error::Unsupported(reason) if reason.starts_with("core (probe)") => Refusal::NotARecording,
                Error::DecodeError(reason) | Error::Unsupported(reason) => Refusal::Damaged(reason),
                _ => Refusal::NotARecording,
            })?;
        let (track, decoder) = choose(reader.as_ref())?;
        Ok(Packets {
            reader,
            decoder,
            track,
            shape: None,
            due: None,
            unread_in_a_row: 0,
            failed: false,
            cut: false,
            damaged: 0,
            not_numbers: 0,
        })
    }

    /// Length in frames where the container states it. An MP3 without a LAME tag and bare AAC only guess.
    pub fn frames(&self) -> Option<u64> {
        let format = self.reader.format_info().format;
        let guessed = format == FORMAT_ID_ADTS
            || matches!(format, FORMAT_ID_MP1 | FORMAT_ID_MP2 | FORMAT_ID_MP3) && self.track.delay.is_none();
        self.track.num_frames.filter(|_| !guessed)
    }

    /// Reads one packet and appends its samples, interleaved, to `out`; false at the end.
    pub fn append(&mut self, out: &mut Vec<f32>) -> Result<bool, Refusal> {
        let packet = match self.reader.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => return Ok(false),
            Err(Error::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                // A WAV file of unstated length has no other way to end.
                let wav = self.reader.format_info().format == FORMAT_ID_WAVE;
                self.cut = !wav || self.track.num_frames.is_some();
                return Ok(false);
            }
            Err(Error::IoError(error)) => return Err(error.into()),
            // A chained stream begins, and its clock anew.
            Err(Error::ResetRequired) => {
                (self.track, self.decoder) = choose(self.reader.as_ref())?;
                self.due = None;
                return Ok(true);
            }
            Err(_) => {
                self.damaged += 1;
                self.failed = true;
                self.unread_in_a_row += 1;
                self.cut = self.unread_in_a_row == MAX_UNREAD_IN_A_ROW;
                return Ok(!self.cut);
            }
        };
        self.unread_in_a_row = 0;
        if packet.track_id != self.track.id {
            return Ok(true);
        }
        let sound = match self.decoder.decode(&packet) {
            Ok(sound) => sound,
            Err(Error::Unsupported(_)) if self.shape.is_none() => {
                return Err(Refusal::Codec(codec_name(self.decoder.codec_params().codec)));
            }
            // The time stamp of the next packet shows how much silence belongs here.
            Err(_) => {
                self.damaged += 1;
                self.failed = true;
                return Ok(true);
            }
        };
        let shape @ (rate_hz, channels) = (sound.spec().rate(), sound.spec().channels().count());
        if *self.shape.get_or_insert(shape) != shape {
            return Err(Refusal::Changed);
        }
        let at = begin(&packet, &self.track, rate_hz);
        let (hole, rate) = (at - self.due.unwrap_or(at), i64::from(rate_hz));
        if (rate / TOLERANCE_PER_SEC..=rate * MAX_HOLE_SECS).contains(&hole) {
            out.resize(out.len() + hole as usize * channels, 0.0);
            self.damaged += u64::from(!self.failed);
        }
        self.failed = false;
        self.due = Some(at + sound.frames() as i64);
        let from = out.len();
        out.resize(from + sound.frames() * channels, 0.0);
        interleave(&sound, &mut out[from..]);
        if matches!(sound, Sound::F32(_) | Sound::F64(_)) {
            self.not_numbers += out[from..].iter().filter(|x| !x.is_finite()).count() as u64;
        }
        Ok(true)
    }
}

/// The file as Symphonia is to see it. The header of a WAV file may promise more than there is, and a recorder that was
/// killed leaves 0 for its lengths; Symphonia believes both. Here they say "to the end of the file" instead.
fn source(mut file: File) -> Result<Box<dyn MediaSource>, Refusal> {
    let mut head = Vec::new();
    (&mut file).take(WAV_HEAD_BYTES).read_to_end(&mut head)?;
    // WAV beyond 4 GB. Symphonia does not know it and would look for MP3 frames among its samples.
    if head.starts_with(b"RF64") || head.starts_with(b"BW64") {
        return Err(Refusal::Codec("RF64"));
    }
    if !head.starts_with(b"RIFF") || head.len() < 12 {
        file.rewind()?;
        return Ok(Box::new(file));
    }
    let whole = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]])) + 8;
    head[4..8].fill(0xff);
    if whole != file.metadata()?.len()
        && let Some(data) = head.windows(8).position(|chunk| chunk == b"data\0\0\0\0")
    {
        head[data + 4..data + 8].fill(0xff);
    }
    Ok(Box::new(ReadOnlySource::new(Cursor::new(head).chain(file))))
}

/// The track to listen to, and its decoder.
fn choose(reader: &dyn FormatReader) -> Result<(Track, Box<dyn AudioDecoder>), Refusal> {
    let track = reader.default_track(TrackType::Audio).ok_or(Refusal::NoSound)?;
    let params = track.codec_params.as_ref().and_then(|params| params.audio()).ok_or(Refusal::NoSound)?;
    // Without a tag the length of an MP3 is a guess, and cutting there would lose sound.
    let options = AudioDecoderOptions::default().gapless(params.codec != codec::CODEC_ID_MP3);
    match symphonia::default::get_codecs().make_audio_decoder(params, &options) {
        Ok(decoder) => Ok((track.clone(), decoder)),
        Err(Error::Unsupported(_)) => Err(Refusal::Codec(codec_name(params.codec))),
        Err(_) => Err(Refusal::Damaged("its decoder cannot be set up")),
    }
}

/// Where the sound of a packet begins, in frames.
fn begin(packet: &Packet, track: &Track, rate_hz: u32) -> i64 {
    let base = track.time_base.unwrap_or_default();
    let ticks = i128::from(packet.pts.get()) + i128::from(packet.trim_start.get());
    let frames = ticks * i128::from(base.numer.get()) * i128::from(rate_hz) / i128::from(base.denom.get());
    // So far from the ends of `i64` that they may be added and subtracted without a thought.
    frames.clamp(-(1 << 60), 1 << 60) as i64
}

fn interleave(sound: &Sound, out: &mut [f32]) {
    match sound {
        // What most recordings of calls are; Symphonia's general way takes twice as long.
        Sound::S16(pcm) if let Some((left, right)) = pcm.plane_pair(0, 1) => {
            for ((frame, &left), &right) in out.as_chunks_mut().0.iter_mut().zip(left).zip(right) {
                *frame = [f32::from(left) / 32768.0, f32::from(right) / 32768.0];
            }
        }
        _ => sound.copy_to_slice_interleaved(out),
    }
}

/// What people call a codec.
fn codec_name(id: AudioCodecId) -> &'static str {
    match id {
        codec::CODEC_ID_OPUS => "Opus",
        codec::CODEC_ID_SPEEX => "Speex",
        codec::CODEC_ID_ALAC => "Apple Lossless",
        codec::CODEC_ID_AC3 | codec::CODEC_ID_EAC3 => "Dolby Digital",
        codec::CODEC_ID_AAC => "HE-AAC or surround AAC",
        codec::CODEC_ID_MP1 | codec::CODEC_ID_MP2 => "MPEG layer 1 or 2",
        codec::CODEC_ID_ADPCM_MS | codec::CODEC_ID_ADPCM_IMA_WAV => "ADPCM",
        _ => "an unknown kind of",
    }
}

thread_local! {
    /// A panic on this thread is Symphonia's, and is about to be caught.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs Symphonia so that a panic inside it ends as a sentence too: 0.6.1 has assertions that some Vorbis codebooks break
/// (found by fuzzing: 147 of 200,000 damaged headers with right checksums). What it was reading is not touched again: a
/// failed `open` drops it, a failed `append` ends the recording. The hook keeps the panic's own report off the user's
/// screen and hands on every other panic.
pub(super) fn guarded<T>(read: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                report(info);
            }
        }));
    });
    GUARDED.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(false);
    result.unwrap_or(Err(Refusal::Damaged("its decoder gave up")))
}
