//! What is heard, kept and sent, and what the system enforces of it.

use eframe::egui::{RichText, ScrollArea, Ui};
use egui_material_icons::MaterialIcon;
use egui_material_icons::icons::{ICON_CLOUD_OFF, ICON_FOLDER, ICON_HEARING, ICON_LOCK, ICON_MEMORY};

use super::{Action, parts, with_icon};

/// What this computer knows about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AboutView {
    /// What the system enforces: one sentence.
    pub enforced: String,
    /// Files and folders, with what is in them.
    pub places: Vec<(String, String)>,
    /// How words are recognised, or why not.
    pub words: String,
}

/// Draws the page.
pub fn about(ui: &mut Ui, about: &AboutView) -> Vec<Action> {
    let point = |ui: &mut Ui, icon: MaterialIcon, words: &str| {
        ui.label(with_icon(icon, words));
    };
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        parts::card(ui, "What is heard", "", |ui| {
            point(ui, ICON_HEARING, "Your microphone and what this computer plays, from Begin to End call and for the level meters on the start page.");
            point(ui, ICON_MEMORY, "Worked out on this computer alone: who speaks when, and what is said. No feelings from voices, no voiceprints.");
            point(ui, ICON_MEMORY, &about.words);
        });
        parts::card(ui, "What is kept", "", |ui| {
            point(ui, ICON_FOLDER, "No sound and no words. What you prepare, your settings and the overlay's place:");
            for (place, what) in &about.places {
                ui.label(RichText::new(format!("{place}  {what}")).monospace().weak());
            }
        });
        parts::card(ui, "What is sent", "", |ui| {
            point(ui, ICON_CLOUD_OFF, "Nothing, ever. Speech models are fetched by another program, when you ask for it.");
            point(ui, ICON_LOCK, &about.enforced);
        });
        parts::card(ui, "Heard", concat!("version ", env!("CARGO_PKG_VERSION")), |ui| {
            ui.label("Free software under the MIT licence or the Apache licence 2.0. Recogniser: Whisper (MIT) or PocketSphinx (BSD). Icons: Material Symbols (Apache 2.0).");
        });
    });
    Vec::new()
}
