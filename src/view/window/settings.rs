//! Every setting with what it does, what it may be, and its default beside it.

use eframe::egui::{RichText, ScrollArea, TextEdit, Ui};
use egui_material_icons::icons::{ICON_CHECK, ICON_RESTART_ALT};

use super::{Action, Form, parts, with_icon};
use crate::config::Row;
use crate::view::theme::space;

/// Draws the page.
pub fn settings(ui: &mut Ui, rows: &[Row], file: Option<&str>, form: &mut Form) -> Vec<Action> {
    let mut actions = Vec::new();
    ui.horizontal(|ui| {
        let label = ui.label("Search").id;
        ui.add(TextEdit::singleline(&mut form.search).desired_width(320.0)).labelled_by(label);
    });
    match file {
        Some(file) => ui.label(
            RichText::new(format!("Kept in {file}; they count from the next call on.")).small().weak(),
        ),
        None => ui.label(
            RichText::new("They count until Heard is closed: there is no folder to keep them in.")
                .small()
                .weak(),
        ),
    };
    ui.add_space(space::TIGHT);
    let wanted = form.search.to_lowercase();
    let mut found: Vec<&Row> = rows
        .iter()
        .filter(|row| {
            [row.key, row.section, &row.help].iter().any(|text| text.to_lowercase().contains(&wanted))
        })
        .collect();
    found.sort_by_key(|row| SECTIONS.iter().position(|(section, _)| *section == row.section));
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        if found.is_empty() {
            ui.label(format!("No setting is about \"{}\".", form.search));
        }
        for section in found.chunk_by(|a, b| a.section == b.section) {
            parts::card(ui, titled(section[0].section), "", |ui| {
                for row in section {
                    actions.extend(setting(ui, row, form));
                    ui.add_space(space::TIGHT);
                }
            });
        }
    });
    actions
}

fn setting(ui: &mut Ui, row: &Row, form: &mut Form) -> Vec<Action> {
    let mut actions = Vec::new();
    let place = (row.section, row.key);
    let set = |text: String| Action::Set { section: row.section, key: row.key, text };
    ui.label(&row.help);
    ui.horizontal_wrapped(|ui| {
        let label = ui.label(RichText::new(plain(row.key)).weak()).id;
        if let Ok(mut on) = row.value.parse::<bool>() {
            let words = if on { "on" } else { "off" };
            if ui.checkbox(&mut on, words).changed() {
                actions.push(set(on.to_string()));
            }
        } else {
            let mut text = form.edits.get(&place).unwrap_or(&row.value).trim_matches('"').to_owned();
            let field = ui.add(TextEdit::singleline(&mut text).desired_width(140.0)).labelled_by(label);
            if field.changed() {
                form.edits.insert(place, text.clone());
            }
            if field.lost_focus() && form.edits.contains_key(&place) {
                actions.push(set(text));
            }
        }
        if row.value == row.default {
            ui.label(RichText::new(format!("default; {}", row.allowed)).small().weak());
        } else {
            ui.label(
                RichText::new(with_icon(ICON_CHECK, &format!("changed; default {}", row.default))).small(),
            );
            if parts::button(ui, ICON_RESTART_ALT, &format!("Reset {}", plain(row.key))) {
                actions.push(set(row.default.clone()));
            }
        }
        if let Some(refused) = form.refused.get(&place) {
            ui.label(format!("Not taken: it {refused}."));
        }
    });
    actions
}

/// A key as words.
fn plain(key: &str) -> String {
    key.replace("_ms", " (ms)").replace("_s", " (s)").replace('_', " ")
}

/// Sections with their names, those first that people change.
const SECTIONS: [(&str, &str); 5] = [
    ("overlay", "Overlay"),
    ("coach", "Nudges"),
    ("speech", "Words"),
    ("metrics", "Figures"),
    ("turns", "Turns and overlaps"),
];

fn titled(section: &str) -> &str {
    SECTIONS.iter().find(|(named, _)| *named == section).map_or(section, |(_, title)| title)
}
