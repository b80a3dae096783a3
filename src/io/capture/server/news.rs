//! What the server tells by itself: that devices have come or gone, or that another one is the default.

use std::thread::Builder;

use crossbeam_channel::Sender;
use pulseaudio::protocol::command::{Command, SubscriptionMask};

use super::Running;
use super::link::Link;
use crate::io::capture::CaptureError;

/// Rings `bell` at each piece of news, and when there will be no more because the server is gone.
pub(super) fn listen(bell: Sender<()>) -> Result<Running, CaptureError> {
    let mut link = Link::connect()?;
    // The answer is the first message that rings: looking once too often does no harm.
    link.send(&Command::Subscribe(SubscriptionMask::SOURCE | SubscriptionMask::SERVER))?;
    let refused = |error: std::io::Error| CaptureError::ServerRefused(error.to_string());
    let socket = link.wait_for_ever().map_err(refused)?;
    let thread = Builder::new()
        .name("news".to_owned())
        .spawn(move || {
            let mut message = Vec::new();
            loop {
                let goes_on = link.receive(&mut message).is_ok();
                // Full if it rings already.
                let _ = bell.try_send(());
                if !goes_on {
                    return;
                }
            }
        })
        .map_err(refused)?;
    Ok(Running::new(socket, thread))
}
