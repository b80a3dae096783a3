//! The overlay: a small calm card beside the camera, and below it, now and then, four words.
//!
//! ```text
//! ╭──────────────────────────────────────╮
//! │  ◔   ● You 62 %        38 % Client ● │   ring, dots, shares
//! │  52  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇ ────────────    │   balance, with the band that is aimed at
//! ╰──────────────────────────────────────╯
//! ╭──────────────────────────────────────╮
//! │  ⏸   Pause. Ask one.                 │   the nudge, or what is wrong with a channel
//! │      "What does your board need?"    │
//! ╰──────────────────────────────────────╯
//! ```

mod balance;
mod below;
pub use below::icon;
mod dots;
mod ring;

use eframe::egui::{Color32, CornerRadius, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, pos2, vec2};

use crate::view::call::CallView;
use crate::view::theme::{Palette, space};

/// Size of the window at scale 1, in points: both cards, and room around them for their shadows.
pub const SIZE: Vec2 = vec2(320.0, 142.0);

/// How it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// 1 is the size that it was designed in.
    pub scale: f32,
    /// How much of the lower card is there: 0 to 1.
    pub fade: f32,
    /// The rep holds it: it can be moved and clicked.
    pub held: bool,
}

impl Default for Look {
    fn default() -> Look {
        Look { scale: 1.0, fade: 1.0, held: false }
    }
}

/// What the rep asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    /// Wave the nudge away.
    Dismiss,
    /// Note this moment.
    Mark,
    /// Hide the overlay; the call goes on.
    Hide,
    /// End the call.
    End,
    /// Move the window with the pointer.
    Drag,
}

/// A painter's measures at a scale, and its colours.
#[derive(Clone, Copy, Debug)]
struct Brush {
    palette: Palette,
    scale: f32,
    alpha: f32,
}

impl Brush {
    /// Points at the scale.
    fn pt(&self, points: f32) -> f32 {
        points * self.scale
    }

    /// A colour at the brush's opacity.
    fn ink(&self, colour: Color32) -> Color32 {
        colour.gamma_multiply(self.alpha)
    }

    /// The same, fainter.
    fn faded(self, alpha: f32) -> Brush {
        Brush { alpha: self.alpha * alpha, ..self }
    }

    fn card(&self, ui: &Ui, rect: Rect, outline: Color32) {
        let round = CornerRadius::same(self.pt(f32::from(space::ROUND)) as u8);
        // Nearly opaque: what shines through must not make the text harder to read.
        ui.painter().rect_filled(rect, round, self.ink(self.palette.surface.gamma_multiply(0.96)));
        let line = Stroke::new(self.pt(1.0), self.ink(outline));
        ui.painter().rect_stroke(rect, round, line, StrokeKind::Inside);
    }
}

/// Draws the overlay and tells what the rep asked for.
pub fn overlay(ui: &mut Ui, call: &CallView, look: &Look) -> Vec<Ask> {
    let brush = Brush { palette: Palette::current(ui.ctx()), scale: look.scale, alpha: 1.0 };
    let mut asks = Vec::new();
    let margin = brush.pt(4.0);
    let origin = ui.max_rect().min + Vec2::splat(margin);
    let width = brush.pt(SIZE.x) - 2.0 * margin;
    let upper = Rect::from_min_size(origin, vec2(width, brush.pt(58.0)));
    let outline = if look.held { brush.palette.rep } else { brush.palette.line };
    brush.card(ui, upper, outline);
    if look.held && ui.interact(upper, ui.scope_id().with("move"), Sense::drag()).drag_started() {
        asks.push(Ask::Drag);
    }
    let inner = upper.shrink2(vec2(brush.pt(12.0), brush.pt(9.0)));
    let ring = Rect::from_min_size(inner.min, vec2(inner.height(), inner.height()));
    ring::ring(ui, &brush, ring, call);
    let right = Rect::from_min_max(pos2(ring.right() + brush.pt(12.0), inner.top()), inner.max);
    dots::dots(ui, &brush, right, call);
    balance::balance(ui, &brush, right, call);

    let top = upper.bottom() + brush.pt(6.0);
    let lower = Rect::from_min_max(
        pos2(origin.x, top),
        pos2(upper.right(), ui.max_rect().top() + brush.pt(SIZE.y) - margin),
    );
    asks.extend(below::below(ui, &brush.faded(look.fade), lower, call, look.held));
    asks
}
