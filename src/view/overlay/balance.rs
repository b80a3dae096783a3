//! The balance of the last minutes: the rep's part thick, the client's thin, with the band that is aimed at.

use eframe::egui::{Align2, CornerRadius, FontId, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2};

use super::Brush;
use crate::view::call::{CallView, Light};
use crate::view::theme::text;

/// Between these shares of the rep's a talk is balanced: a selling call in which the client speaks at least as much as the rep,
/// give or take ten points.
const BAND: [f32; 2] = [0.4, 0.6];

pub(super) fn balance(ui: &mut Ui, brush: &Brush, place: Rect, call: &CallView) {
    let (thick, thin) = (brush.pt(9.0), brush.pt(5.0));
    let middle = place.bottom() - brush.pt(7.0);
    let track = Rect::from_min_max(
        pos2(place.left(), middle - thick / 2.0),
        pos2(place.right(), middle + thick / 2.0),
    );
    let painter = ui.painter();
    let palette = brush.palette;
    let round = |height: f32| CornerRadius::same((height / 2.0) as u8);
    let part = |from: f32, to: f32, height: f32| {
        Rect::from_min_max(pos2(from, middle - height / 2.0), pos2(to, middle + height / 2.0))
    };
    let one_sided = [call.channels.rep.light, call.channels.client.light].contains(&Light::Off);
    let label = match call.share {
        Some(share) if !one_sided => {
            let cut = track.left() + track.width() * (share.as_f64() as f32).clamp(0.03, 0.97);
            let gap = brush.pt(1.5);
            painter.rect_filled(part(track.left(), cut - gap, thick), round(thick), brush.ink(palette.rep));
            painter.rect_filled(part(cut + gap, track.right(), thin), round(thin), brush.ink(palette.client));
            for edge in BAND {
                let x = track.left() + track.width() * edge;
                let tick = [pos2(x, track.bottom() + brush.pt(1.5)), pos2(x, track.bottom() + brush.pt(5.0))];
                painter.line_segment(tick, Stroke::new(brush.pt(1.2), brush.ink(palette.dim)));
            }
            format!(
                "You spoke {} percent of the last minutes, the client {}",
                share.percent(),
                100 - share.percent()
            )
        }
        _ => {
            painter.rect_filled(
                part(track.left(), track.right(), thin),
                round(thin),
                brush.ink(palette.line),
            );
            let why = if one_sided { "one side only" } else { "listening" };
            let font = FontId::proportional(brush.pt(text::SMALL - 1.0));
            let above = pos2(track.center().x, place.top() + brush.pt(8.0));
            painter.text(above, Align2::CENTER_CENTER, why, font, brush.ink(palette.dim));
            if one_sided {
                "One side only: no balance".to_owned()
            } else {
                "Balance: not enough said yet".to_owned()
            }
        }
    };
    let response = ui.interact(track, ui.scope_id().with("balance"), Sense::hover());
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, &label);
        info.value = call.share.map(|share| share.as_f64());
        info
    });
}
