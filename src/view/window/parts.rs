//! What the pages are made of.

use eframe::egui::{
    Align, Button, Color32, CornerRadius, Frame, Layout, Margin, Rect, Response, RichText, Role, Sense,
    Stroke, Ui, WidgetInfo, pos2, vec2,
};
use egui_material_icons::MaterialIcon;
use egui_material_icons::icons::ICON_WARNING;

use super::with_icon;
use crate::units::Dbfs;
use crate::view::theme::{Palette, space, text};

/// The level at the left end of a meter; the right end is full scale. Below it nothing is heard.
const METER_FLOOR_DB: f32 = -60.0;

/// A card with a headline and a word on what it is for.
pub fn card<R>(ui: &mut Ui, title: &str, about: &str, inside: impl FnOnce(&mut Ui) -> R) -> R {
    let palette = Palette::current(ui.ctx());
    let frame = Frame::new()
        .fill(palette.surface)
        .stroke(Stroke::new(1.0, palette.line))
        .corner_radius(CornerRadius::same(space::ROUND))
        .inner_margin(Margin::same(space::GAP as i8));
    let shown = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(title).size(text::LEAD));
            if !about.is_empty() {
                ui.label(RichText::new(about).weak());
            }
        });
        ui.add_space(space::HAIR);
        inside(ui)
    });
    ui.add_space(space::TIGHT);
    shown.inner
}

/// A page in the rail. True if it was chosen.
pub fn tab(ui: &mut Ui, icon: MaterialIcon, name: &str, current: bool) -> bool {
    let palette = Palette::current(ui.ctx());
    let fill = if current { palette.raised } else { Color32::TRANSPARENT };
    let button = Button::new(RichText::new(with_icon(icon, name)))
        .fill(fill)
        .stroke(Stroke::NONE)
        .min_size(vec2(ui.available_width(), 34.0));
    let response = ui.with_layout(Layout::top_down_justified(Align::Min), |ui| ui.add(button)).inner;
    if current {
        let bar =
            Rect::from_min_size(response.rect.min + vec2(0.0, 8.0), vec2(3.0, response.rect.height() - 16.0));
        ui.painter().rect_filled(bar, CornerRadius::same(1), palette.rep);
    }
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, current, name));
    response.clicked()
}

/// The one button that a page is for.
pub fn main_button(ui: &mut Ui, icon: MaterialIcon, words: &str, enabled: bool) -> bool {
    let palette = Palette::current(ui.ctx());
    let ink = palette.ground;
    let label = RichText::new(with_icon(icon, words)).size(text::LEAD).color(ink);
    let button = Button::new(label).fill(palette.rep).min_size(vec2(180.0, 42.0));
    let response = ui.add_enabled(enabled, button);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, words));
    response.clicked()
}

/// A button with an icon and words.
pub fn button(ui: &mut Ui, icon: MaterialIcon, words: &str) -> bool {
    let response = ui.button(with_icon(icon, words));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, words));
    response.clicked()
}

/// What went wrong, and a button for having read it. True if it was pressed.
pub fn problem(ui: &mut Ui, sentence: &str) -> bool {
    let palette = Palette::current(ui.ctx());
    let frame = Frame::new()
        .fill(palette.raised)
        .stroke(Stroke::new(1.0, palette.ink))
        .corner_radius(CornerRadius::same(space::ROUND))
        .inner_margin(Margin::symmetric(space::GAP as i8, space::TIGHT as i8));
    let read = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.label(with_icon(ICON_WARNING, sentence));
        ui.button("All right").clicked()
    });
    ui.add_space(space::TIGHT);
    read.inner
}

/// A level, as a bar with a word for those who do not see it.
pub fn meter(ui: &mut Ui, level: Option<Dbfs>, colour: Color32, of: &str) -> Response {
    let palette = Palette::current(ui.ctx());
    let (place, response) =
        ui.allocate_exact_size(vec2(ui.available_width().min(240.0), 10.0), Sense::hover());
    let full = level.map_or(0.0, |level| (level.db() - METER_FLOOR_DB) / -METER_FLOOR_DB).clamp(0.0, 1.0);
    let round = CornerRadius::same(5);
    ui.painter().rect_filled(place, round, palette.line);
    let filled = Rect::from_min_max(place.min, pos2(place.left() + place.width() * full, place.bottom()));
    ui.painter().rect_filled(filled, round, colour);
    let label = format!("{of}: level {:.0} of 10", full * 10.0);
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, &label);
        info.value = Some(f64::from(full));
        info
    });
    response
}
