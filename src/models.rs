//! `heard models`: what is installed, getting more, checking, taking in and giving away.

use std::env;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use heard::io::confine::confine;
use heard::io::models::{Candidate, Digest, Installed, Known, Manifest, ModelFile, Places, Trust, inspect};

use crate::args::{Import, Models};
use crate::print;

/// The sibling program that downloads: `heard` itself has no code for the network.
const FETCHER: &str = "heard-fetch";

pub fn run(command: &Models) -> Result<bool> {
    let places = Places::of_user();
    match command {
        Models::List => {
            confine(&[]);
            print(&list(&places))?;
            Ok(true)
        }
        Models::Fetch { name, from, sha256 } => fetch(name, from.as_deref(), *sha256),
        Models::Verify { name } => {
            confine(&[]);
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
        Some(speed) => format!("{:.0} times real time on this computer", 1.0 / speed),
        None => "speed not measured yet".into(),
    };
    let good_for = model.known.map_or("your own", |known| &known.good_for);
    format!("{good_for}; {speed}")
}

fn fetch(name: &str, from: Option<&str>, sha256: Option<Digest>) -> Result<bool> {
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
    Ok(status.success())
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
    for ModelFile { name, path } in files {
        match places.load_verified(&path) {
            Ok(model) => {
                let whose = match model.trust {
                    Trust::Published => format!("is {} as published", model.name),
                    Trust::Confirmed => "is the file that you confirmed".into(),
                };
                let empty = if model.header.empty { "; it holds no weights and gives no words" } else { "" };
                print(&format!("{name} {whose}{empty}: {}\n", path.display()))?;
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
    Ok(true)
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
