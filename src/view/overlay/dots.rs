//! Who is who and who is speaking, with a dot a channel that says by its shape whether sound arrives.

use eframe::egui::{
    Align2, Color32, FontId, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::Brush;
use crate::units::Party;
use crate::view::call::{CallView, Light};
use crate::view::theme::text;

/// Half of a dot's size, in points.
const HALF: f32 = 4.0;

pub(super) fn dots(ui: &mut Ui, brush: &Brush, place: Rect, call: &CallView) {
    let line = place.top() + brush.pt(8.0);
    let share = call.share.map(|share| share.percent());
    for party in Party::BOTH {
        let light = call.channels[party].light;
        let (name, percent, colour) = match party {
            Party::Rep => ("You", share, brush.palette.rep),
            Party::Client => ("Client", share.map(|share| 100 - share), brush.palette.client),
        };
        let speaks = call.speaking[party];
        let said = match percent {
            Some(percent) if light != Light::Off => format!("{name} {percent} %"),
            _ => name.to_owned(),
        };
        let ink = if speaks { brush.palette.ink } else { brush.palette.dim };
        let (side, align, shift) = match party {
            Party::Rep => (place.left() + brush.pt(HALF), Align2::LEFT_CENTER, 1.0),
            Party::Client => (place.right() - brush.pt(HALF), Align2::RIGHT_CENTER, -1.0),
        };
        let centre = pos2(side, line);
        dot(ui, brush, centre, light, speaks, colour);
        let from = pos2(side + shift * brush.pt(12.0), line);
        let font = FontId::proportional(brush.pt(text::SMALL + 1.0));
        let drawn = ui.painter().text(from, align, said, font, brush.ink(ink));
        let label = format!("{}: {}{}", channel(party), state(light), if speaks { ", speaking" } else { "" });
        let area = drawn.union(Rect::from_center_size(centre, vec2(brush.pt(12.0), brush.pt(12.0))));
        let response = ui.interact(area, ui.scope_id().with(name), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &label));
    }
}

/// Filled: sound arrives. Triangle: something is wrong. Cross: gone. Bar: not listened to. A second ring: speaking.
fn dot(ui: &Ui, brush: &Brush, centre: Pos2, light: Light, speaks: bool, colour: Color32) {
    let (half, painter) = (brush.pt(HALF), ui.painter());
    let (colour, ink) = (brush.ink(colour), brush.ink(brush.palette.ink));
    let line = Stroke::new(brush.pt(1.6), ink);
    match light {
        Light::Fine => {
            painter.circle_filled(centre, half * if speaks { 1.0 } else { 0.8 }, colour);
            if speaks {
                painter.circle_stroke(centre, half * 1.6, Stroke::new(brush.pt(1.2), colour));
            }
        }
        Light::Doubtful => {
            let corners = [vec2(0.0, -1.2), vec2(1.3, 1.0), vec2(-1.3, 1.0)];
            let corners = corners.map(|corner| centre + corner * half).to_vec();
            painter.add(Shape::closed_line(corners, line));
        }
        Light::Lost => {
            for slope in [1.0, -1.0] {
                let arm = vec2(half, half * slope);
                painter.line_segment([centre - arm, centre + arm], line);
            }
        }
        Light::Off => {
            let arm = vec2(half, 0.0);
            painter.line_segment(
                [centre - arm, centre + arm],
                Stroke::new(brush.pt(1.6), brush.ink(brush.palette.dim)),
            );
        }
    }
}

fn channel(party: Party) -> &'static str {
    match party {
        Party::Rep => "Your microphone",
        Party::Client => "The client's sound",
    }
}

fn state(light: Light) -> &'static str {
    match light {
        Light::Fine => "sound arrives",
        Light::Doubtful => "something is wrong",
        Light::Lost => "the device is gone",
        Light::Off => "not listened to",
    }
}
