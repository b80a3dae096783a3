//! `heard models`: what is installed, getting more, checking, taking in and giving away.

use std::env;
use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use heard::config::SpeechSettings;
use heard::io::confine::confine;
use heard::io::file::Recording;
use heard::io::models::{Candidate, Digest, Installed, Known, Manifest, ModelFile, Places, Trust, inspect};
use heard::io::words::{Words, choose};
use heard::io::worker::pace;
use heard::speech::Clip;
use heard::units::{AudioTime, Party, Span};

use crate::args::{Import, Models};
use crate::print;
use crate::recordings::DEMO_CALL;

/// The sibling program that downloads: `heard` itself has no code for the network.
const FETCHER: &str = "heard-fetch";

/// What a model's speed is measured with: in the demo call the rep speaks through all of this, and a clip is rarely longer.
const SPEECH_FROM: Span = Span::from_secs(6);
const SPEECH: Span = Span::from_secs(10);

pub fn run(command: &Models) -> Result<bool> {
    let places = Places::of_user();
    match command {
        Models::List => {
            confine(&[]);
            print(&list(&places))?;
            Ok(true)
        }
        Models::Fetch { name, from, sha256 } => fetch(&places, name, from.as_deref(), *sha256),
        Models::Verify { name } => {
            confine(places.own_folder().ok().as_slice());
            verify(&places, name.as_deref())
        }
        Models::Import(command) => {
            confine(&[places.own_folder()?]);
            import(&places, command)
        }
        Models::Remove { name } => {
            confine(&[places.own_folder()?]);
            let path = places.remove(name)?;
            print(&format!("Removed {}\n", path.display()))?;
            Ok(true)
        }
    }
}

fn list(places: &Places) -> String {
    let installed = places.list();
    let mut text = String::from("Installed:\n");
    if installed.is_empty() {
        text.push_str("  none; calls are measured all the same, only without words\n");
    }
    for model in &installed {
        text.push_str(&row(&model.file.name, Some(model.bytes), &about(model)));
    }
    if let Some(best) = heard::io::models::best_installed() {
        text.push_str(&format!("Used unless you name another: {}\n", best.name));
    }
    text.push_str("\nTo be had, with heard models fetch NAME:\n");
    let here = |known: &&Known| installed.iter().all(|model| model.file.name != known.name);
    for known in Manifest::bundled().models().iter().filter(here) {
        text.push_str(&row(&known.name, known.bytes, &known.good_for));
    }
    text.push_str(&format!("Licence of all of these: {}.\n", Manifest::bundled().licence()));
    text
}

fn row(name: &str, bytes: Option<u64>, about: &str) -> String {
    let size = bytes.map_or_else(|| "?".into(), |bytes| bytes.div_ceil(1_000_000).to_string());
    format!("  {name:<14} {size:>4} MB  {about}\n")
}

fn about(model: &Installed) -> String {
    let speed = match model.speed {
        Some(speed) => fast(speed),
        None => "speed not measured yet (heard models verify)".into(),
    };
    let good_for = model.known.map_or("your own", |known| &known.good_for);
    format!("{good_for}; {speed}")
}

fn fast(speed: f64) -> String {
    let times = 1.0 / speed;
    format!("{times:.*} times real time on this computer", usize::from(times < 10.0))
}

fn fetch(places: &Places, name: &str, from: Option<&str>, sha256: Option<Digest>) -> Result<bool> {
    let own =
        env::current_exe().context("this program's own place cannot be found; start it by its full path")?;
    let fetcher = own.with_file_name(format!("{FETCHER}{}", env::consts::EXE_SUFFIX));
    if !fetcher.is_file() {
        bail!(
            "{} is missing, which does the downloading; install it beside this program, or download {} yourself \
             and run: heard models import FILE",
            fetcher.display(),
            Manifest::bundled().address(name, from)
        );
    }
    let mut command = Command::new(&fetcher);
    command.arg(name);
    if let Some(url) = from {
        command.args(["--from", url]);
    }
    if let Some(digest) = sha256 {
        command.args(["--sha256", &digest.to_string()]);
    }
    let status = command
        .status()
        .with_context(|| format!("{} cannot be started; install it again", fetcher.display()))?;
    if status.success() {
        confine(&[places.own_folder()?]);
        measure(places, &places.find(name)?)?;
    }
    Ok(status.success())
}

/// Lets the model recognise some speech, says how fast it was and notes it for the list. False if it could not.
fn measure(places: &Places, model: &ModelFile) -> Result<bool> {
    match speed(places, model) {
        Ok(speed) => {
            print(&format!("{} is {}\n", model.name, fast(speed)))?;
            if places.installed().contains(model) {
                places.note_speed(&model.name, speed)?;
            }
            Ok(true)
        }
        Err(error) => {
            crate::complain(error.as_ref());
            Ok(false)
        }
    }
}

fn speed(places: &Places, model: &ModelFile) -> Result<f64> {
    // The only folder that may be written to.
    let call = tempfile::NamedTempFile::new_in(places.own_folder()?)
        .and_then(|file| fs::write(&file, DEMO_CALL).map(|()| file))
        .context("the demo call could not be unpacked; free some disk space and try again")?;
    let mut recording = Recording::open(call.path())?;
    let mut samples = Vec::new();
    let (from, length) = (SPEECH_FROM.ticks() as usize, SPEECH.ticks() as usize);
    while samples.len() < from + length
        && let Some(block) = recording.next_block()?
    {
        samples.extend(block.iter().step_by(2));
    }
    let samples: Vec<f32> = samples.into_iter().skip(from).take(length).collect();
    let clip = Clip { party: Party::Rep, start: AudioTime::ZERO, voiced: SPEECH, samples };
    let path = model.path.to_str().context("the model's path is no text; rename its folder")?;
    match choose(Some(path), &SpeechSettings::default())? {
        Words::By(plan) => Ok(pace(&plan.program, plan.threads, clip)?),
        Words::None(why) => bail!("{}: {why}", model.name),
        Words::Written(_) => bail!("{} is no model; name another", model.name),
    }
}

fn verify(places: &Places, name: Option<&str>) -> Result<bool> {
    let files = match name {
        Some(name) => vec![places.find(name)?],
        None => places.installed(),
    };
    if files.is_empty() {
        print("No models are installed; get one with: heard models fetch base.en\n")?;
    }
    let mut all_well = true;
    for file in files {
        let ModelFile { name, path } = &file;
        match places.load_verified(path) {
            Ok(model) => {
                let whose = match model.trust {
                    Trust::Published => format!("is {} as published", model.name),
                    Trust::Confirmed => "is the file that you confirmed".into(),
                };
                let empty = if model.header.empty { "; it holds no weights and gives no words" } else { "" };
                print(&format!("{name} {whose}{empty}: {}\n", path.display()))?;
                let empty = model.header.empty;
                // The recogniser reads it again, in its own process.
                drop(model);
                all_well &= empty || measure(places, &file)?;
            }
            Err(error) => {
                crate::complain(&error);
                all_well = false;
            }
        }
    }
    Ok(all_well)
}

fn import(places: &Places, command: &Import) -> Result<bool> {
    let candidate = inspect(&command.file)?;
    if let Some(expected) = command.sha256.filter(|&expected| expected != candidate.digest) {
        bail!(
            "{} has the digest {}, not {expected}; do not use it",
            command.file.display(),
            candidate.digest
        );
    }
    let trusted = candidate.known().is_some() || command.yes || command.sha256.is_some();
    if !trusted && !confirmed(&candidate)? {
        return Ok(false);
    }
    let name = command.name.clone().unwrap_or_else(|| name_for(&candidate, &command.file));
    let file = places.import(&candidate, &name)?;
    let empty = if candidate.header.empty { "; it holds no weights and gives no words" } else { "" };
    print(&format!("{name} is ready{empty}: {}\n", file.path.display()))?;
    Ok(candidate.header.empty || measure(places, &file)?)
}

fn name_for(candidate: &Candidate, file: &Path) -> String {
    if let Some(known) = candidate.known() {
        return known.name.clone();
    }
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    stem.strip_prefix("ggml-").unwrap_or(&stem).to_owned()
}

/// Asks at the terminal; without one the answer must stand on the command line.
fn confirmed(candidate: &Candidate) -> Result<bool> {
    let question = format!(
        "{} is no published model. Its SHA-256 digest is\n{}",
        candidate.path.display(),
        candidate.digest
    );
    if !io::stdin().is_terminal() {
        bail!("{question}\nCompare it with its source, then import it with --sha256 DIGEST");
    }
    print(&format!("{question}\nDoes its source say the same, and do you trust it? [y/N] "))?;
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    let yes = matches!(answer.trim(), "y" | "Y" | "yes");
    if !yes {
        print("Nothing was imported.\n")?;
    }
    Ok(yes)
}
