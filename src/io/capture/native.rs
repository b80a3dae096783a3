//! Windows (WASAPI), macOS (CoreAudio) and Linux without a sound server (ALSA), by cpal.
//!
//! What the computer plays is an input stream on an output device: WASAPI and CoreAudio make a loopback of it, ALSA cannot.

use std::time::Duration;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, Device, ErrorKind, SampleFormat, StreamConfig, SupportedStreamConfig};

use super::{CaptureError, Clock, Format, Host, Kind, Opened, Source, Stream, ring};

/// Frames a block at 48 kHz: never the host's default, which is two seconds on some.
const FRAMES_AT_48_KHZ: u32 = 960;

/// How long a device may take to open.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether Linux has a sound card of its own.
#[cfg(target_os = "linux")]
pub fn has_cards() -> bool {
    std::fs::read_to_string("/proc/asound/cards").is_ok_and(|cards| cards.contains('['))
}

/// Of ALSA's devices only the cards: the rest are ways to convert, and to servers that do not answer.
fn is_a_device(id: &str) -> bool {
    !cfg!(target_os = "linux") || id.contains("CARD=") || id.contains("hw:")
}

/// The system's own sound.
pub struct Native {
    host: cpal::Host,
}

impl Native {
    /// # Errors
    /// If this system has no sound at all.
    pub fn new() -> Result<Native, CaptureError> {
        Ok(Native { host: cpal::default_host() })
    }

    fn device(&self, source: &Source) -> Option<Device> {
        self.host.devices().ok()?.find(|device| device.id().is_ok_and(|id| id.to_string() == source.id))
    }
}

impl Host for Native {
    fn sources(&mut self) -> Result<Vec<Source>, CaptureError> {
        let id = |device: Option<Device>| device.and_then(|device| device.id().ok()).map(|id| id.to_string());
        let (default_input, default_output) =
            (id(self.host.default_input_device()), id(self.host.default_output_device()));
        let devices = self.host.devices().map_err(|error| failure("This computer's sound", &error))?;
        let mut sources = Vec::new();
        for device in devices {
            let (Ok(id), name) = (device.id(), device.to_string()) else { continue };
            let id = id.to_string();
            if !is_a_device(&id) {
                continue;
            }
            if device.supports_input() {
                let default = default_input.as_ref() == Some(&id);
                sources.push(Source { id: id.clone(), name: name.clone(), kind: Kind::Microphone, default });
            }
            // A headset that is one device with its microphone would give the microphone instead of the playback.
            let loops_back = cfg!(windows) || (cfg!(target_os = "macos") && !device.supports_input());
            if loops_back && device.supports_output() {
                let default = default_output.as_ref() == Some(&id);
                sources.push(Source { id, name, kind: Kind::Playback, default });
            }
        }
        Ok(sources)
    }

    fn open(&mut self, source: &Source, clock: &Clock) -> Result<Opened, CaptureError> {
        let gone = || CaptureError::Device { device: source.name.clone(), cause: "it has gone".to_owned() };
        let device = self.device(source).ok_or_else(gone)?;
        let supported = match source.kind {
            Kind::Microphone => device.default_input_config(),
            Kind::Playback => device.default_output_config(),
        }
        .map_err(|error| failure(&source.name, &error))?;
        let format = Format { rate_hz: supported.sample_rate(), channels: supported.channels() };
        let (inlet, outlet) = ring(format);
        let pulse = inlet.pulse();
        let stream = build(&device, &supported, inlet).map_err(|error| failure(&source.name, &error))?;
        stream.play().map_err(|error| failure(&source.name, &error))?;
        let epoch_nanos = clock.now().as_nanos() as i128 - stream.now().as_nanos() as i128;
        Ok(Opened {
            stream: Box::new(Listening { _stream: stream }),
            outlet,
            pulse,
            epoch_nanos,
            real_time: None,
        })
    }

    fn is_always_sending(&self, kind: Kind) -> bool {
        // WASAPI's loopback sends nothing while nothing is played.
        !(cfg!(windows) && kind == Kind::Playback)
    }
}

fn build(
    device: &Device,
    supported: &SupportedStreamConfig,
    mut inlet: super::Inlet,
) -> Result<cpal::Stream, cpal::Error> {
    let rate_hz = supported.sample_rate();
    let config = StreamConfig {
        channels: supported.channels(),
        sample_rate: rate_hz,
        buffer_size: BufferSize::Fixed(FRAMES_AT_48_KHZ * rate_hz / 48_000),
    };
    let pulse = inlet.pulse();
    let failed = move |error: cpal::Error| {
        if matches!(
            error.kind(),
            ErrorKind::DeviceNotAvailable | ErrorKind::StreamInvalidated | ErrorKind::DeviceChanged
        ) {
            pulse.stop();
        }
    };
    let captured = |info: &cpal::InputCallbackInfo| {
        let capture = info.timestamp().capture;
        Duration::from_nanos(u64::try_from(capture.as_nanos()).unwrap_or_default())
    };
    if supported.sample_format() == SampleFormat::F32 {
        let copy = move |block: &[f32], info: &cpal::InputCallbackInfo| inlet.push(block, captured(info));
        return device.build_input_stream(config, copy, failed, Some(PATIENCE));
    }
    // Converted into a buffer that is made here, not in the callback.
    let mut converted = vec![0.0f32; 1 << 16];
    let copy = move |block: &[i16], info: &cpal::InputCallbackInfo| {
        let length = block.len().min(converted.len());
        for (to, from) in converted.iter_mut().zip(block) {
            *to = f32::from(*from) / 32_768.0;
        }
        inlet.push(&converted[..length], captured(info));
    };
    device.build_input_stream(config, copy, failed, Some(PATIENCE))
}

/// A running stream, stopped when dropped.
struct Listening {
    _stream: cpal::Stream,
}

impl Stream for Listening {}

fn failure(device: &str, error: &cpal::Error) -> CaptureError {
    let device = device.to_owned();
    match error.kind() {
        ErrorKind::PermissionDenied => CaptureError::Denied { device },
        ErrorKind::DeviceBusy => CaptureError::Busy { device },
        ErrorKind::HostUnavailable => CaptureError::NoServer,
        _ => CaptureError::Device { device, cause: error.to_string().trim_end_matches('.').to_lowercase() },
    }
}
