//! The call that goes on: what the overlay shows, larger, with what was prepared and what was said.

use eframe::egui::{RichText, ScrollArea, Ui};
use egui_material_icons::icons::{
    ICON_BOOKMARK_ADD, ICON_CALL_END, ICON_CHECK_BOX, ICON_CHECK_BOX_OUTLINE_BLANK, ICON_VISIBILITY,
    ICON_VISIBILITY_OFF,
};

use super::{Action, name, parts, with_icon};
use crate::session::summary::clock;
use crate::units::Party;
use crate::view::call::CallView;
use crate::view::overlay::{Ask, Look, SIZE, overlay};
use crate::view::theme::{Palette, space};

/// Draws the page.
pub fn live(ui: &mut Ui, call: &CallView, overlay_hidden: bool) -> Vec<Action> {
    let mut actions = Vec::new();
    ui.allocate_ui(SIZE * 1.4, |ui| {
        ui.set_min_size(SIZE * 1.4);
        for ask in overlay(ui, call, &Look { scale: 1.4, ..Look::default() }) {
            if ask == Ask::Dismiss {
                actions.push(Action::Dismiss);
            }
        }
    });
    ui.horizontal(|ui| {
        if parts::main_button(ui, ICON_CALL_END, "End call", true) {
            actions.push(Action::Stop);
        }
        let marked = if call.marks > 0 { format!("Mark ({})", call.marks) } else { "Mark".to_owned() };
        if parts::button(ui, ICON_BOOKMARK_ADD, &marked) {
            actions.push(Action::Mark);
        }
        let (icon, words) = if overlay_hidden {
            (ICON_VISIBILITY, "Show overlay")
        } else {
            (ICON_VISIBILITY_OFF, "Hide overlay")
        };
        if parts::button(ui, icon, words) {
            actions.push(Action::ToggleOverlay);
        }
        let minutes = call.elapsed.as_millis() / 60_000;
        ui.label(
            RichText::new(if minutes == 0 { "just begun".to_owned() } else { format!("{minutes} min") })
                .weak(),
        );
    });
    ui.add_space(space::TIGHT);
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        if !call.prepared.is_empty() {
            parts::card(ui, "Prepared", "", |ui| {
                for item in &call.prepared {
                    let (icon, done) = if item.said {
                        (ICON_CHECK_BOX, " (said)")
                    } else {
                        (ICON_CHECK_BOX_OUTLINE_BLANK, "")
                    };
                    let words = RichText::new(with_icon(icon, &format!("{}{done}", item.text)));
                    let words = if item.said { words.weak() } else { words };
                    ui.label(words);
                }
            });
        }
        parts::card(ui, "Words", &call.words, |ui| said(ui, call));
    });
    actions
}

fn said(ui: &mut Ui, call: &CallView) {
    let palette = Palette::current(ui.ctx());
    if call.lines.is_empty() {
        ui.label(RichText::new("Nothing was understood yet.").weak());
    }
    for line in call.lines.iter().rev() {
        let colour = match line.party {
            Party::Rep => palette.rep,
            Party::Client => palette.client,
        };
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(clock(line.at)).small().weak());
            ui.label(RichText::new(name(line.party)).color(colour));
            ui.label(&line.text);
        });
    }
}
