//! The ring that fills while the rep talks without a pause; when it is full, two bars in it say what to do.

use std::f32::consts::{FRAC_PI_2, TAU};

use eframe::egui::{Align2, CornerRadius, FontId, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, vec2};

use super::Brush;
use crate::units::Span;
use crate::view::call::CallView;
use crate::view::theme::text;

/// A run is told in numbers from here on: before, it is an answer.
const WORTH_TELLING: Span = Span::from_secs(10);

/// Points of a full circle.
const SMOOTH: usize = 60;

/// How full it is: 0 to 1.
fn fill(call: &CallView) -> f32 {
    if call.run_limit == Span::ZERO {
        return 0.0;
    }
    (call.run.as_secs_f64() / call.run_limit.as_secs_f64()).clamp(0.0, 1.0) as f32
}

pub(super) fn ring(ui: &mut Ui, brush: &Brush, place: Rect, call: &CallView) {
    let (centre, radius) = (place.center(), place.width() / 2.0 - brush.pt(2.0));
    let palette = brush.palette;
    let painter = ui.painter();
    painter.circle_stroke(centre, radius, Stroke::new(brush.pt(3.0), brush.ink(palette.line)));
    let full = fill(call);
    if full > 0.0 {
        let steps = (SMOOTH as f32 * full).ceil().max(1.0) as usize;
        let at = |step: usize| {
            let angle = TAU * full * step as f32 / steps as f32 - FRAC_PI_2;
            centre + vec2(angle.cos(), angle.sin()) * radius
        };
        let line = Stroke::new(brush.pt(3.0), brush.ink(palette.rep));
        painter.add(Shape::line((0..=steps).map(at).collect(), line));
    }
    if full >= 1.0 {
        for side in [-1.0, 1.0] {
            let bar = Rect::from_center_size(centre + vec2(side * brush.pt(4.0), 0.0), brush_bar(brush));
            painter.rect_filled(bar, CornerRadius::same(1), brush.ink(palette.rep));
        }
    } else if call.run >= WORTH_TELLING {
        let secs = format!("{:.0}", call.run.as_secs_f64().floor());
        let font = FontId::proportional(brush.pt(text::SMALL));
        painter.text(centre, Align2::CENTER_CENTER, secs, font, brush.ink(palette.ink));
    }
    let label = if call.run < WORTH_TELLING {
        "No long run".to_owned()
    } else {
        format!("You have spoken for {:.0} seconds without a pause", call.run.as_secs_f64().floor())
    };
    let response = ui.interact(place, ui.scope_id().with("ring"), Sense::hover());
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, &label);
        info.value = Some(f64::from(full));
        info
    });
}

fn brush_bar(brush: &Brush) -> eframe::egui::Vec2 {
    vec2(brush.pt(4.0), brush.pt(13.0))
}
