//! The program `heard-fetch`: downloads a model, checks it, and only then gives it its name. Nothing else of Heard opens a
//! connection, and `heard` itself holds no code that could.
//!
//! `heard models fetch` starts it. Where this program is deleted, everything works but fetching.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "it talks to its user")]

mod download;

use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Parser;
use heard::io::models::{Digest, Manifest, ModelError, Places};
use indicatif::{ProgressBar, ProgressStyle};

use download::{Source, download};

/// A mirror in place of the publisher, as with `--from`.
const MIRROR_VARIABLE: &str = "HEARD_MIRROR";

/// Download a speech model and check it. The only program of Heard that uses the network.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct Args {
    /// Which model; `heard models list` shows them
    name: String,
    /// A mirror's folder with the published files, or the address of one file (ending in .bin)
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// The SHA-256 digest that the file must have, for a model that is not published
    #[arg(long, value_name = "DIGEST")]
    sha256: Option<Digest>,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("heard-fetch: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    let (places, name) = (Places::of_user(), args.name.as_str());
    let (source, expected) = what(args)?;
    let folder = places.own_folder()?.to_owned();
    let home = folder.join(format!("{name}.bin"));
    if places.load_verified(&home).is_ok_and(|model| model.digest == expected) {
        println!("{name} is here already, and is what it should be: {}", home.display());
        return Ok(());
    }
    // Hidden, and without a model's ending: nobody takes it for one.
    let part = folder.join(format!(".{name}.part"));
    let bar = bar();
    let mut started_anew = false;
    let file = loop {
        let resumed = download(&source, &part, |done, total| {
            bar.set_length(total.unwrap_or(0));
            bar.set_position(done);
        })?;
        match places.adopt(&part, expected, name) {
            // The rest may belong to another version than the beginning did.
            Err(ModelError::OtherDigest { .. } | ModelError::Header { .. }) if resumed && !started_anew => {
                started_anew = true;
            }
            Err(ModelError::OtherDigest { found, .. }) => bail!(
                "{} is not what it should be (digest {found}, not {expected}), and was deleted; try another source with --from URL",
                source.url
            ),
            Err(ModelError::Header { cause, .. }) => {
                bail!(
                    "{} is no model ({cause}), and was deleted; try another source with --from URL",
                    source.url
                )
            }
            other => break other?,
        }
    };
    bar.finish_and_clear();
    let bytes = fs::metadata(&file.path).map_or(0, |about| about.len());
    println!("{name} is ready ({} MB, checked): {}", bytes.div_ceil(1_000_000), file.path.display());
    Ok(())
}

/// Where to get it and what it must be.
fn what(args: &Args) -> Result<(Source, Digest)> {
    let (manifest, name) = (Manifest::bundled(), args.name.as_str());
    let mirror =
        args.from.clone().or_else(|| std::env::var(MIRROR_VARIABLE).ok().filter(|url| !url.is_empty()));
    let address = |mirror: Option<&str>| match mirror {
        Some(url) if Path::new(url).extension().is_some_and(|ending| ending == "bin") => url.to_owned(),
        mirror => manifest.address(name, mirror),
    };
    let known = manifest.named(name);
    match (known, args.sha256) {
        (Some(known), Some(given)) if given != known.sha256 => {
            bail!("{name} is published with another digest ({}); leave --sha256 out", known.sha256)
        }
        (Some(known), _) => {
            Ok((Source { url: address(mirror.as_deref()), bytes: known.bytes }, known.sha256))
        }
        (None, Some(digest)) if mirror.is_some() => {
            Ok((Source { url: address(mirror.as_deref()), bytes: None }, digest))
        }
        (None, _) => Err(ModelError::Unknown { wanted: name.to_owned(), near: manifest.near(name) })
            .context("a model that is not published needs --from URL and --sha256 DIGEST"),
    }
}

fn bar() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    match ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
