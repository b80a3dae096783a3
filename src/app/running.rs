//! A call that is followed on a thread of its own: its updates go to whoever shows it, the rep's wishes go to it.

use std::thread::{Builder, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded, never, select};

use super::call::Fold;
use super::screen::Screen;
use crate::io::live::{Heard, Live, Update};
use crate::view::overlay::Ask;

/// Wishes that wait to be granted.
const ASKS: usize = 16;

/// Where wishes are sent, and where they arrive.
pub fn wishes() -> (Sender<Ask>, Receiver<Ask>) {
    bounded(ASKS)
}

/// Follows a call until it ends: by itself, by `end`, or by a wish. `show` sees every update.
///
/// # Errors
/// The first that `show` gives; the call ends then.
pub fn follow<E>(
    live: Live,
    end: &Receiver<()>,
    asks: &Receiver<Ask>,
    mut show: impl FnMut(Update) -> Result<(), E>,
) -> Result<Heard, E> {
    loop {
        select! {
            recv(live.updates) -> update => match update {
                Ok(update) => show(update)?,
                Err(_) => break,
            },
            recv(asks) -> ask => match ask {
                Ok(Ask::End) | Err(_) => break,
                Ok(Ask::Dismiss) => live.dismiss(),
                Ok(Ask::Mark) => live.mark(),
                Ok(Ask::Hide | Ask::Drag) => {}
            },
            recv(end) -> _ => break,
        }
    }
    let updates = live.updates.clone();
    let heard = live.stop();
    updates.try_iter().try_for_each(&mut show)?;
    Ok(heard)
}

/// A call behind the main window.
pub struct Running {
    asked: Sender<Ask>,
    call: JoinHandle<Heard>,
}

impl Running {
    /// Follows a call and shows it on `screen`; `ended` is called when it is over.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn start(
        live: Live,
        mut fold: Fold,
        screen: Screen,
        ended: impl Fn() + Send + 'static,
    ) -> std::io::Result<Running> {
        let (asked, asks) = wishes();
        // What the call before left on the screen goes at once.
        screen.show(fold.view());
        let call = Builder::new().name("call".to_owned()).spawn(move || {
            let heard = follow(live, &never(), &asks, |update| {
                fold.take(&update);
                screen.show(fold.view());
                Ok::<(), std::convert::Infallible>(())
            });
            ended();
            match heard {
                Ok(heard) => heard,
                Err(never) => match never {},
            }
        })?;
        Ok(Running { asked, call })
    }

    /// Where wishes are sent.
    pub fn asked(&self) -> &Sender<Ask> {
        &self.asked
    }

    pub fn has_ended(&self) -> bool {
        self.call.is_finished()
    }

    /// What came of it; waits for its end.
    pub fn finish(self) -> Heard {
        // Gone if it has ended by itself.
        let _ = self.asked.send(Ask::End);
        self.call.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}
