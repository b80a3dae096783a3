//! One file over HTTP, as far as it goes, and on from there: the next try asks for what is still missing.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ureq::http::{HeaderMap, Response, StatusCode, header};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

/// A server that says nothing for so long will not say more.
const PATIENCE: Duration = Duration::from_secs(30);
/// Tries in a row that bring nothing new before the user is told.
const TRIES: u32 = 3;
/// The largest published model has 3.1 GB; no server makes us write more.
const MOST_BYTES: u64 = 3_200_000_000;

/// What to download.
pub struct Source {
    pub url: String,
    /// Where known beforehand.
    pub bytes: Option<u64>,
}

/// Why a download ended. What has arrived stays for the next try only where that can help.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    #[error("{url} could not be reached ({cause}); check the connection, or use a mirror with --from URL")]
    NotReached { url: String, cause: String },
    #[error("the connection to {url} broke off ({cause}); run the same command again, it goes on from there")]
    BrokenOff { url: String, cause: String },
    #[error(
        "{url} answers with {status}; try another source with --from URL, or import a file with: heard models import FILE"
    )]
    Status { url: String, status: StatusCode },
    #[error("{url} has {found} bytes and should have {expected}; try another source with --from URL")]
    Size { url: String, found: u64, expected: u64 },
    #[error("{} could not be written ({cause}); free some disk space and try again", path.display())]
    Write { path: PathBuf, cause: io::Error },
}

/// How one try ended short.
enum Failure {
    /// Another try may bring more.
    Broken(String),
    Final(DownloadError),
}

/// Downloads into `part`, going on from what is there. True if the file was put together from several answers.
pub fn download(
    source: &Source,
    part: &Path,
    mut progress: impl FnMut(u64, Option<u64>),
) -> Result<bool, DownloadError> {
    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
    // The proxy comes from the environment.
    let config = Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .user_agent(concat!("heard/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .timeout_per_read(Some(PATIENCE));
    let agent: Agent = config.build().into();
    let mut tries = 0;
    let mut resumed = false;
    loop {
        let before = length(part);
        let told = one_try(&agent, source, part, &mut progress);
        let (now, url) = (length(part), source.url.clone());
        match told {
            Ok(()) => {
                let _ = fs::remove_file(tag_of(part));
                return Ok(resumed || before > 0);
            }
            Err(Failure::Final(error)) => {
                let _ = fs::remove_file(part);
                let _ = fs::remove_file(tag_of(part));
                return Err(error);
            }
            Err(Failure::Broken(cause)) => {
                resumed |= before > 0;
                tries = if now > before { 0 } else { tries + 1 };
                if tries == TRIES {
                    return Err(match now {
                        0 => {
                            let _ = fs::remove_file(part);
                            DownloadError::NotReached { url, cause }
                        }
                        _ => DownloadError::BrokenOff { url, cause },
                    });
                }
            }
        }
    }
}

fn length(part: &Path) -> u64 {
    part.metadata().map_or(0, |about| about.len())
}

/// The version of the file that the beginning belongs to lies beside it.
fn tag_of(part: &Path) -> PathBuf {
    part.with_extension("etag")
}

fn one_try(
    agent: &Agent,
    source: &Source,
    part: &Path,
    progress: &mut impl FnMut(u64, Option<u64>),
) -> Result<(), Failure> {
    let have = length(part);
    let mut request = agent.get(&source.url);
    if have > 0 {
        request = request.header(header::RANGE, format!("bytes={have}-"));
        if let Ok(tag) = fs::read_to_string(tag_of(part)) {
            request = request.header(header::IF_RANGE, tag);
        }
    }
    let mut answer = request.call().map_err(|error| Failure::Broken(error.to_string()))?;
    let (start, total) = match answer.status() {
        StatusCode::OK => (0, number(answer.headers(), header::CONTENT_LENGTH)),
        StatusCode::PARTIAL_CONTENT => match range(answer.headers()) {
            Some((start, total)) if start == have => (start, total),
            _ => return start_anew(part, "it sent another part than the one asked for"),
        },
        StatusCode::RANGE_NOT_SATISFIABLE if have > 0 => {
            return start_anew(part, "it has less than what is here already");
        }
        status => return Err(Failure::Final(DownloadError::Status { url: source.url.clone(), status })),
    };
    let limit = source.bytes.unwrap_or(MOST_BYTES);
    if let Some(found) =
        total.filter(|&total| total > limit || source.bytes.is_some_and(|bytes| bytes != total))
    {
        return Err(wrong_size(source, found));
    }
    let written = |cause| Failure::Final(DownloadError::Write { path: part.to_owned(), cause });
    let mut file = OpenOptions::new().create(true).append(true).open(part).map_err(written)?;
    if start == 0 {
        file.set_len(0).map_err(written)?;
        remember_tag(part, &answer);
    }
    receive(&mut answer, &mut file, source, (start, total, limit), progress, written)
}

fn receive(
    answer: &mut Response<Body>,
    file: &mut File,
    source: &Source,
    (start, total, limit): (u64, Option<u64>, u64),
    progress: &mut impl FnMut(u64, Option<u64>),
    written: impl Fn(io::Error) -> Failure,
) -> Result<(), Failure> {
    let mut reader = answer.body_mut().as_reader();
    let mut block = vec![0; 1 << 16];
    let mut done = start;
    loop {
        progress(done, total);
        let count = reader.read(&mut block).map_err(|error| Failure::Broken(error.to_string()))?;
        if count == 0 {
            break;
        }
        done += count as u64;
        if done > limit {
            return Err(wrong_size(source, done));
        }
        file.write_all(&block[..count]).map_err(&written)?;
    }
    match total.or(source.bytes) {
        Some(total) if done < total => Err(Failure::Broken("it ended early".into())),
        _ => Ok(()),
    }
}

fn wrong_size(source: &Source, found: u64) -> Failure {
    let (url, expected) = (source.url.clone(), source.bytes.unwrap_or(MOST_BYTES));
    Failure::Final(DownloadError::Size { url, found, expected })
}

fn start_anew(part: &Path, why: &str) -> Result<(), Failure> {
    let _ = fs::remove_file(part);
    let _ = fs::remove_file(tag_of(part));
    Err(Failure::Broken(why.into()))
}

/// Only a strong tag names bytes; a weak one (`W/…`) names a meaning.
fn remember_tag(part: &Path, answer: &Response<Body>) {
    let tag = answer.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok());
    let _ = match tag.filter(|tag| tag.starts_with('"')) {
        Some(tag) => fs::write(tag_of(part), tag),
        None => fs::remove_file(tag_of(part)),
    };
}

fn number(headers: &HeaderMap, name: header::HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

/// First byte and length of the whole, of `bytes 100-199/200`.
fn range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let text = headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    Some((range.split_once('-')?.0.parse().ok()?, total.parse().ok()))
}
