//! Where the overlay stood, for each size of screen: a small file beside the settings.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use eframe::egui::{Pos2, Vec2, pos2};
use serde::Deserialize;

use crate::io::write_whole;

/// The file's name, beside the settings.
const FILE: &str = "overlay.toml";

/// Places by screen.
#[derive(Clone, Debug, Default)]
pub struct Places {
    file: Option<PathBuf>,
    kept: Kept,
}

/// `[screens]` with lines such as `"1920x1080" = [1576, 40]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    #[serde(default)]
    screens: BTreeMap<String, [f32; 2]>,
}

impl Places {
    /// What was kept beside the settings; nothing if there is no file, or one that cannot be read: a place is no loss.
    pub fn beside(settings: Option<&Path>) -> Places {
        let file = settings.map(|path| path.with_file_name(FILE));
        let text = file.as_deref().and_then(|file| fs::read_to_string(file).ok());
        let kept = text.and_then(|text| toml::from_str(&text).ok()).unwrap_or_default();
        Places { file, kept }
    }

    /// Where it stood on a screen of that size, if all of it would be seen there.
    pub fn of(&self, screen: Vec2, window: Vec2) -> Option<Pos2> {
        let [x, y] = *self.kept.screens.get(&name(screen))?;
        let fits = x >= 0.0 && y >= 0.0 && x + window.x <= screen.x && y + window.y <= screen.y;
        fits.then_some(pos2(x, y))
    }

    /// Keeps a place.
    ///
    /// # Errors
    /// If the file cannot be written; what was kept before is still there then.
    pub fn keep(&mut self, screen: Vec2, place: Pos2) -> io::Result<()> {
        if !place.is_finite() {
            return Ok(());
        }
        self.kept.screens.insert(name(screen), [place.x.round(), place.y.round()]);
        let Some(file) = &self.file else { return Ok(()) };
        let mut text = String::from("# Where the overlay stands, for each size of screen.\n[screens]\n");
        for (screen, [x, y]) in &self.kept.screens {
            text.push_str(&format!("{screen:?} = [{x:.1}, {y:.1}]\n"));
        }
        write_whole(file, &text)
    }
}

fn name(screen: Vec2) -> String {
    format!("{:.0}x{:.0}", screen.x, screen.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Vec2 = Vec2::new(1920.0, 1080.0);
    const WINDOW: Vec2 = Vec2::new(320.0, 142.0);

    #[test]
    fn a_place_is_found_again_on_the_same_screen_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = folder.path().join("inside/heard.toml");
        let mut places = Places::beside(Some(&settings));
        assert_eq!(places.of(SCREEN, WINDOW), None);
        places.keep(SCREEN, pos2(800.4, 41.0)).expect("kept");
        let again = Places::beside(Some(&settings));
        assert_eq!(again.of(SCREEN, WINDOW), Some(pos2(800.0, 41.0)));
        assert_eq!(again.of(Vec2::new(1280.0, 800.0), WINDOW), None);
    }

    #[test]
    fn what_would_not_be_seen_or_cannot_be_read_is_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = folder.path().join("heard.toml");
        let mut places = Places::beside(Some(&settings));
        for place in [pos2(1900.0, 40.0), pos2(-5.0, 40.0), pos2(800.0, 1000.0), pos2(f32::NAN, 0.0)] {
            places.keep(SCREEN, place).expect("kept");
            assert_eq!(places.of(SCREEN, WINDOW), None, "{place:?}");
            let other = Vec2::new(1280.0, 800.0);
            places.keep(other, pos2(10.0, 10.0)).expect("kept");
            let again = Places::beside(Some(&settings));
            assert_eq!(again.of(other, WINDOW), Some(pos2(10.0, 10.0)), "{place:?} took the others with it");
        }
        for broken in ["", "screens = 3", "[screens]\n\"1920x1080\" = \"here\"", "\u{0}"] {
            fs::write(folder.path().join(FILE), broken).expect("written");
            assert_eq!(Places::beside(Some(&settings)).of(SCREEN, WINDOW), None, "{broken:?}");
        }
    }
}
