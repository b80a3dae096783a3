//! What the last call came to.

use eframe::egui::{Label, RichText, ScrollArea, Ui};
use egui_material_icons::icons::{ICON_CONTENT_COPY, ICON_MIC};

use super::{Action, Page, parts};
use crate::view::theme::{space, text};

/// Draws the page.
pub fn summary(ui: &mut Ui, summary: Option<&str>) -> Vec<Action> {
    let mut actions = Vec::new();
    let Some(summary) = summary else {
        parts::card(ui, "No call yet", "When one has ended, it is summed up here.", |ui| {
            if parts::button(ui, ICON_MIC, "Start a call") {
                actions.push(Action::Go(Page::Call));
            }
        });
        return actions;
    };
    ui.horizontal(|ui| {
        if parts::button(ui, ICON_CONTENT_COPY, "Copy") {
            actions.push(Action::Copy(summary.to_owned()));
        }
        if parts::button(ui, ICON_MIC, "New call") {
            actions.push(Action::Go(Page::Call));
        }
        ui.label(RichText::new("Kept nowhere: copy it if you want it later.").weak());
    });
    ui.add_space(space::TIGHT);
    ScrollArea::both().auto_shrink([false, false]).show(ui, |ui| {
        parts::card(ui, "Your call", "", |ui| {
            // Its bars and columns stand below each other only in lines that are not broken.
            ui.add(Label::new(RichText::new(summary).monospace().size(text::SMALL)).extend());
        });
    });
    actions
}
