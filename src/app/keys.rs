//! Keys that work wherever the user types: the overlay never has the keyboard itself.

use crossbeam_channel::{Sender, bounded, select};
use global_hotkey::hotkey::HotKey;
use global_hotkey::{GlobalHotKeyEvent, GlobalHotKeyManager, HotKeyState};

use super::screen::Screen;
use crate::config::OverlaySettings;
use crate::view::overlay::Ask;

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// Hides the overlay, or shows it again.
    Hide,
    /// Marks this moment.
    Mark,
    /// Takes hold of the overlay, to move or click it, or lets it go.
    Hold,
}

/// Why keys do not work. The overlay then takes clicks, since there is no other way to take hold of it.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error("{0:?} is no key; write it like Ctrl+Alt+H in the settings under [overlay]")]
    Unknown(String),
    #[error(
        "the key {key} is taken by another program ({cause}); choose another one in the settings under [overlay]"
    )]
    Taken { key: String, cause: String },
    #[error(
        "this system lets no program have keys of its own ({0}); take hold of the overlay with the pointer"
    )]
    Refused(String),
}

/// Keys that work until this is dropped.
pub struct Keys {
    manager: GlobalHotKeyManager,
    keys: Vec<HotKey>,
    /// Dropped to end the thread that waits for them.
    _ends: Sender<()>,
}

impl Keys {
    /// The keys of an overlay and its call.
    ///
    /// # Errors
    /// See [`Keys::register`].
    pub fn of_overlay(
        settings: &OverlaySettings,
        screen: &Screen,
        asked: &Sender<Ask>,
    ) -> Result<Keys, KeysError> {
        let (screen, asked) = (screen.clone(), asked.clone());
        Keys::register(settings, move |key| match key {
            Key::Hide => screen.toggle_hidden(),
            Key::Hold => screen.toggle_held(),
            // Full if nobody follows the call any more.
            Key::Mark => drop(asked.try_send(Ask::Mark)),
        })
    }

    /// Asks for the keys of the settings. On the main thread.
    ///
    /// # Errors
    /// If a key is written wrong or taken, or if the system has no such keys, as under Wayland.
    pub fn register(
        settings: &OverlaySettings,
        on: impl Fn(Key) + Send + 'static,
    ) -> Result<Keys, KeysError> {
        let manager = GlobalHotKeyManager::new().map_err(|error| KeysError::Refused(error.to_string()))?;
        let wanted =
            [(settings.hide_key, Key::Hide), (settings.mark_key, Key::Mark), (settings.hold_key, Key::Hold)];
        let mut known = Vec::new();
        for (name, does) in wanted {
            let name = name.as_str();
            let key: HotKey = name.parse().map_err(|_| KeysError::Unknown(name.to_owned()))?;
            manager
                .register(key)
                .map_err(|error| KeysError::Taken { key: name.to_owned(), cause: error.to_string() })?;
            known.push((key, does));
        }
        let keys = known.iter().map(|(key, _)| *key).collect();
        let (ends, ended) = bounded::<()>(0);
        let wait = move || {
            loop {
                select! {
                    recv(GlobalHotKeyEvent::receiver()) -> event => {
                        let Ok(event) = event else { return };
                        let pressed = event.state == HotKeyState::Pressed;
                        let does = known.iter().find(|(key, _)| key.id() == event.id);
                        if let (true, Some((_, does))) = (pressed, does) {
                            on(*does);
                        }
                    }
                    recv(ended) -> _ => return,
                }
            }
        };
        std::thread::Builder::new()
            .name("keys".to_owned())
            .spawn(wait)
            .map_err(|error| KeysError::Refused(error.to_string()))?;
        Ok(Keys { manager, keys, _ends: ends })
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        // A system that will not take them back does so when the program ends.
        let _ = self.manager.unregister_all(&self.keys);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    #[test]
    fn every_key_that_the_settings_take_is_one_that_systems_know() {
        let mut settings = Settings::default();
        let keys = ('A'..='Z').chain('0'..='9').map(String::from).chain((1..=24).map(|n| format!("F{n}")));
        for key in keys {
            for held in ["Ctrl", "Alt", "Shift", "Super", "Ctrl+Alt+Shift+Super"] {
                let text = format!("{held}+{key}");
                assert_eq!(settings.set_text("overlay", "hide_key", &text), Ok(()), "{text}");
                assert!(text.parse::<HotKey>().is_ok(), "{text}");
            }
        }
        for wrong in ["H", "Ctrl", "Ctrl+", "Ctrl+HH", "Strg+H", "Ctrl+F25", "Ctrl+é", ""] {
            assert!(settings.set_text("overlay", "hide_key", wrong).is_err(), "{wrong}");
        }
    }
}
