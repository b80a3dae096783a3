//! The lower card: the nudge; else what is wrong with a channel; and, while the overlay is held, what can be done.

use eframe::egui::text::{LayoutJob, TextFormat, TextWrapping};
use eframe::egui::{
    Align2, Button, Color32, FontId, Key, Rect, RichText, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};
use egui_material_icons::MaterialIcon;
use egui_material_icons::icons::{
    ICON_ALT_ROUTE, ICON_BOOKMARK_ADD, ICON_CALL_END, ICON_FLAG, ICON_FORMAT_QUOTE, ICON_HANDSHAKE,
    ICON_HEARING, ICON_HELP, ICON_PAUSE, ICON_SELF_IMPROVEMENT, ICON_VISIBILITY_OFF, ICON_VOLUNTEER_ACTIVISM,
    ICON_WARNING, ICON_WAVING_HAND,
};

use super::{Ask, Brush};
use crate::coach::Kind;
use crate::units::Party;
use crate::view::call::{CallView, NudgeView};
use crate::view::theme::text;

/// The sign of a nudge.
pub fn icon(kind: Kind) -> MaterialIcon {
    match kind {
        Kind::PauseAndAsk => ICON_PAUSE,
        Kind::LetThemFinish => ICON_HEARING,
        Kind::SayItBack => ICON_FORMAT_QUOTE,
        Kind::AcknowledgeFirst => ICON_VOLUNTEER_ACTIVISM,
        Kind::TradeIt => ICON_HANDSHAKE,
        Kind::AskOne => ICON_HELP,
        Kind::OpenWarm => ICON_WAVING_HAND,
        Kind::NameTheGoal => ICON_FLAG,
        Kind::Unstick => ICON_ALT_ROUTE,
        Kind::GiveItThree => ICON_SELF_IMPROVEMENT,
    }
}

pub(super) fn below(ui: &mut Ui, brush: &Brush, place: Rect, call: &CallView, held: bool) -> Vec<Ask> {
    let advice = || Party::BOTH.into_iter().find_map(|party| call.channels[party].advice.as_deref());
    if held {
        return controls(ui, &Brush { alpha: 1.0, ..*brush }, place, call);
    }
    if let Some(nudge) = &call.nudge {
        return nudged(ui, brush, place, nudge);
    }
    if let Some(advice) = advice() {
        let place = Rect::from_min_size(place.min, vec2(place.width(), brush.pt(46.0)));
        told(ui, brush, place, advice);
    }
    Vec::new()
}

fn nudged(ui: &mut Ui, brush: &Brush, place: Rect, nudge: &NudgeView) -> Vec<Ask> {
    let height = if nudge.detail.is_some() { place.height() } else { brush.pt(50.0) };
    let place = Rect::from_min_size(place.min, vec2(place.width(), height));
    brush.card(ui, place, brush.palette.rep.gamma_multiply(0.7));
    sign(ui, brush, place, icon(nudge.kind), brush.palette.rep);
    let left = place.left() + brush.pt(56.0);
    let width = place.right() - brush.pt(12.0) - left;
    let headline = FontId::proportional(brush.pt(text::LEAD + 1.0));
    let mut top = place.center().y - brush.pt(11.0);
    if let Some(detail) = &nudge.detail {
        top = place.top() + brush.pt(7.0);
        let font = FontId::proportional(brush.pt(text::SMALL + 1.0));
        let job = lines(detail, font, brush.ink(brush.palette.ink), width, 2);
        let galley = ui.painter().layout_job(job);
        let below = pos2(left, top + brush.pt(25.0));
        ui.painter().galley(below, galley, brush.ink(brush.palette.ink));
    }
    let job = lines(&nudge.text, headline, brush.ink(brush.palette.ink), width, 1);
    let galley = ui.painter().layout_job(job);
    ui.painter().galley(pos2(left, top), galley, brush.ink(brush.palette.ink));
    let label = match &nudge.detail {
        Some(detail) => format!("{} {detail}", nudge.text),
        None => nudge.text.clone(),
    };
    let response = ui.interact(place, ui.scope_id().with("nudge"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
    let waved = response.clicked() || ui.input(|input| input.key_pressed(Key::Escape));
    if waved { vec![Ask::Dismiss] } else { Vec::new() }
}

fn told(ui: &mut Ui, brush: &Brush, place: Rect, advice: &str) {
    brush.card(ui, place, brush.palette.line);
    sign(ui, brush, place, ICON_WARNING, brush.palette.dim);
    let left = place.left() + brush.pt(56.0);
    let font = FontId::proportional(brush.pt(text::SMALL));
    let width = place.right() - brush.pt(12.0) - left;
    let galley = ui.painter().layout_job(lines(advice, font, brush.ink(brush.palette.ink), width, 2));
    let top = place.center().y - galley.size().y / 2.0;
    ui.painter().galley(pos2(left, top), galley, brush.ink(brush.palette.ink));
    let response = ui.interact(place, ui.scope_id().with("advice"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, advice));
}

fn controls(ui: &mut Ui, brush: &Brush, place: Rect, call: &CallView) -> Vec<Ask> {
    let place = Rect::from_min_size(place.min, vec2(place.width(), brush.pt(46.0)));
    brush.card(ui, place, brush.palette.rep);
    let mut asks = Vec::new();
    let marked = if call.marks > 0 { format!("Mark ({})", call.marks) } else { "Mark".to_owned() };
    let buttons = [
        (ICON_BOOKMARK_ADD, marked.as_str(), Ask::Mark),
        (ICON_VISIBILITY_OFF, "Hide", Ask::Hide),
        (ICON_CALL_END, "End call", Ask::End),
    ];
    let gap = brush.pt(6.0);
    let width = (place.width() - gap * 4.0) / 3.0;
    for (n, (icon, said, ask)) in buttons.into_iter().enumerate() {
        let left = place.left() + gap + (width + gap) * n as f32;
        let button =
            Rect::from_min_size(pos2(left, place.top() + gap), vec2(width, place.height() - 2.0 * gap));
        let text = RichText::new(format!("{} {said}", icon.codepoint)).size(brush.pt(text::SMALL + 1.0));
        let response = ui.put(button, Button::new(text));
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, said));
        if response.clicked() {
            asks.push(ask);
        }
    }
    asks
}

/// An icon in a ring at the left of a card.
fn sign(ui: &Ui, brush: &Brush, place: Rect, icon: MaterialIcon, colour: Color32) {
    let centre = pos2(place.left() + brush.pt(30.0), place.center().y);
    ui.painter().circle_stroke(centre, brush.pt(16.0), Stroke::new(brush.pt(1.5), brush.ink(colour)));
    let font = FontId::new(brush.pt(20.0), icon.font_family());
    ui.painter().text(centre, Align2::CENTER_CENTER, icon.codepoint, font, brush.ink(colour));
}

/// Text in at most so many rows; what does not fit ends in "…".
fn lines(said: &str, font: FontId, colour: Color32, width: f32, rows: usize) -> LayoutJob {
    let mut job = LayoutJob::single_section(said.to_owned(), TextFormat::simple(font, colour));
    job.wrap = TextWrapping { max_width: width, max_rows: rows, ..TextWrapping::default() };
    job
}
